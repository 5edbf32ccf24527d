"""Static files: the only files that are for everybody."""

import os
from collections.abc import Iterator
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class PublicStaticFiles(CompressedManifestStaticFilesStorage):
    """Readable for whoever serves them, whoever collected them; what is compressed is written past the storage."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755} | options)

    def post_process(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """As its parent does, with files that others may read."""
        before = os.umask(0o022)
        try:
            yield from super().post_process(*args, **kwargs)
        finally:
            os.umask(before)
