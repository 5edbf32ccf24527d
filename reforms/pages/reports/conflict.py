"""Two versions of a report side by side: what somebody wrote, and what their agency wrote meanwhile."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from reforms.lib.textdiff import Piece, marked
from reforms.models import TEXTS, ProgressReport, label_of


@dataclass(frozen=True, slots=True)
class Beside:
    """One field in both versions."""

    label: str
    theirs: str
    mine: str

    @property
    def differs(self) -> bool:
        return self.theirs != self.mine

    @property
    def in_theirs(self) -> list[Piece]:
        """Their version; what only they say is `deleted`."""
        return self._without("inserted")

    @property
    def in_mine(self) -> list[Piece]:
        """My version; what only I say is `inserted`."""
        return self._without("deleted")

    def _without(self, other: str) -> list[Piece]:
        """What both say is `equal`. Two different texts without a common word are marked as a whole."""
        return [piece for piece in marked(self.theirs, self.mine) if piece.kind not in {other, "separator"}]


@dataclass(frozen=True, slots=True)
class Conflict:
    """`theirs` is a draft that somebody went on writing, or a report that was sent meanwhile, `files` its evidence."""

    theirs: ProgressReport
    fields: tuple[Beside, ...]
    files: tuple[str, ...]

    @property
    def is_draft(self) -> bool:
        return self.theirs.state == ProgressReport.State.DRAFT

    @property
    def seen(self) -> dict[str, int]:
        """What whoever reads this has seen, as the form says it."""
        return {"draft_seen": self.theirs.version} if self.is_draft else {"last_seen": self.theirs.pk}


def conflict(theirs: ProgressReport, mine: QueryDict) -> Conflict:
    """`mine` is the form as it was sent."""
    fields = [Beside(label_of(name), _even(getattr(theirs, name)), _even(mine.get(name, ""))) for name in TEXTS]
    outlook = dict(ProgressReport.Outlook.choices).get(mine.get("outlook", ""), "")
    fields.append(Beside(label_of("outlook"), str(theirs.get_outlook_display()), str(outlook)))
    if theirs.is_claim or "is_claim" in mine:
        fields.append(Beside(label_of("is_claim"), _yes(theirs.is_claim), _yes("is_claim" in mine)))
    files = theirs.evidence.order_by("pk").values_list("name", flat=True)
    return Conflict(theirs, tuple(fields), tuple(files))


def _even(text: str) -> str:
    """Forms send line ends of their own."""
    return text.replace("\r\n", "\n").strip()


def _yes(said: bool) -> str:  # noqa: FBT001  # one word for it
    return _("是") if said else _("否")
