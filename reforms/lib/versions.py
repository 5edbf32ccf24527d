"""Deciding on what one saw: whoever is late is told what it is now, and nothing of theirs is lost."""

from django.db import models


class Stale(Exception):
    """The object moved on since it was looked at; `current` is what it is now."""

    def __init__(self, current: models.Model) -> None:
        super().__init__(str(current))
        self.current = current


def check_version(current: models.Model, seen: int | None) -> None:
    """Raises Stale unless `current.version` is the one that was seen; None asks nothing."""
    if seen is not None and seen != current.version:  # type: ignore[attr-defined]  # every model that is decided on has one
        raise Stale(current)
