"""What was done to an object since somebody looked at it: who comes second is told who did what when."""

from collections.abc import Collection, Iterable

from agencies.models import Change

Actions = Collection[str]


class ChangedSince(Exception):
    """Nothing was written: others changed the object since it was looked at. `changes`, oldest first."""

    def __init__(self, changes: list[Change]) -> None:
        super().__init__()
        self.changes = changes


def last_change(kind: str, object_ids: Collection[int], actions: Actions) -> int:
    """The sequence up to which a form knows these objects; 0 where nothing of the kind was done to them."""
    done = Change.objects.filter(kind=kind, object_id__in=object_ids, action__in=actions)
    return done.order_by("-sequence").values_list("sequence", flat=True).first() or 0


def check_unchanged(kind: str, object_ids: Collection[int], actions: Actions, *, seen: int | None) -> None:
    """Asked while the object is held. Raises ChangedSince where one of these acts was done after `seen`; None asks
    nothing."""
    if seen is None:
        return
    since = Change.objects.filter(kind=kind, object_id__in=object_ids, action__in=actions, sequence__gt=seen)
    refuse_after(since.order_by("sequence"))


def refuse_after(changes: Iterable[Change]) -> None:
    """Raises ChangedSince where there are any."""
    found = list(changes)
    if found:
        raise ChangedSince(found)
