"""What a document says when LibreOffice prints it; where that is missing it is said aloud that nobody looked."""

import shutil
import subprocess
from pathlib import Path

import pytest

OFFICE, READER = shutil.which("soffice") or "", shutil.which("pdftotext") or ""
needs_a_printer = pytest.mark.skipif(
    not (OFFICE and READER), reason="LibreOffice or pdftotext is missing: what is printed was NOT looked at"
)


def pages_of(data: bytes, ending: str, folder: Path, *, layout: bool = False) -> list[str]:
    """The text of each page."""
    source, target = folder / f"a.{ending}", folder / "a.pdf"
    source.write_bytes(data)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [OFFICE, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    read = [READER, *(["-layout"] if layout else []), str(target), "-"]
    text = subprocess.run(read, check=True, capture_output=True, timeout=60).stdout.decode()
    return text.rstrip("\f").split("\f")
