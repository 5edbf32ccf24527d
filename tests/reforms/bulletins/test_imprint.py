"""版记 on paper: at the foot of the last page, whatever stands above it."""

import re
import subprocess
from pathlib import Path

import pytest

from reforms.bulletins.imprint import at_the_foot
from reforms.lib.official import line, official
from tests.reforms.printing import OFFICE, READER, needs_a_printer

pytestmark = needs_a_printer
LENGTHS = (1, 19, 20, 21, 22, 23, 43)
EDGE = 841.9 - 1984 / 20  # points from the top: the lower edge of the text
SHORT, LONG = "抄送：市委办公厅。", f"抄送：{'、'.join(['市委办公厅'] * 40)}。"
ISSUED = "改革专班办公室　2022年6月15日印发"
WORD = re.compile(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">([^<]*)<')
Words = list[tuple[float, float, str]]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, str], list[Words]]:
    """By how many lines stand above and by what is said: for each page its words with upper and lower edge."""
    folder, names = tmp_path_factory.mktemp("printed"), []
    cases = [(length, said) for said in (SHORT, LONG) for length in LENGTHS]
    for number, (length, said) in enumerate(cases):
        document = official()
        for _place in range(length):
            line(document, "正文", indent=2)
        at_the_foot(document, [said, ISSUED])
        names.append(str(folder / f"{number}.docx"))
        document.save(names[-1])
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [OFFICE, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *names]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return {case: pages(folder / f"{number}.pdf") for number, case in enumerate(cases)}


def pages(file: Path) -> list[Words]:
    read = subprocess.run([READER, "-bbox", str(file), "-"], check=True, capture_output=True, timeout=60)
    found = read.stdout.decode().split("<page ")[1:]
    return [[(float(above), float(below), text) for above, below, text in WORD.findall(page)] for page in found]


@pytest.mark.parametrize("said", [SHORT, LONG], ids=["short", "long"])
@pytest.mark.parametrize("length", LENGTHS)
def test_it_stands_at_the_foot_of_the_last_page(
    printed: dict[tuple[int, str], list[Words]], length: int, said: str
) -> None:
    *before, last = printed[length, said]
    own = [word for word in last if word[2] not in ("正文", "—") and not word[2].isdecimal()]
    assert "抄送" in own[0][2], own
    assert own[-1][2].endswith("印发")
    assert 0 <= EDGE - own[-1][1] < 12, "its last line is the page's"
    assert not [word for page in before for word in page if "抄送" in word[2]], "whole on one page"
    text = [word for word in last if word[2] == "正文"]
    assert not text or text[-1][1] < own[0][0], "nothing is covered"
    assert sum(word[2] == "正文" for page in (*before, last) for word in page) == length


def test_it_takes_a_page_more_only_where_there_is_no_room(printed: dict[tuple[int, str], list[Words]]) -> None:
    assert [len(printed[length, SHORT]) for length in LENGTHS] == [1, 1, 1, 2, 2, 2, 3]
