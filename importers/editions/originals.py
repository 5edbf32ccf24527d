"""The files that were brought in, as they were: stored under their hash, once."""

import hashlib

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def sha256_of(data: bytes) -> str:
    """The SHA-256 of a file in hexadecimal, by which it is known."""
    return hashlib.sha256(data).hexdigest()


def keep_original(data: bytes) -> str:
    """Store a file; the name it is stored under. One that was cut off when the machine stopped is stored anew."""
    sha256 = sha256_of(data)
    name = f"originals/{sha256[:2]}/{sha256}"
    whole = default_storage.exists(name) and default_storage.size(name) == len(data)
    return name if whole else default_storage.save(name, ContentFile(data))
