"""What the review of an import shows: tabs, each row beside its reading, doubts with what may settle them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.core.paginator import Page
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.forms import Form
from django.http import QueryDict
from django.utils.translation import gettext as _

from agencies.lib.likeness import Suggestion
from agencies.models import Agency
from agencies.names import suggest
from importers.documents.grammar.roles import Unmarked
from importers.documents.layout.legend import MarkRole
from importers.jobs.decide import NEW, Entered, columns_of, decline_of, declines_of, key_of, name_of, open_questions
from importers.models import ImportJob, PlannedRow
from importers.pages.on_page import OnPage, answer_form
from importers.pages.problems import kinds_of, of_stored, share_of
from importers.plans.doubts import NAMES
from importers.plans.plan import ANSWERABLE
from reforms.lib.textdiff import Piece, listed, marked, replaced

Kind = PlannedRow.Kind
CELLS = {
    "number": "序号",
    "title": "改革事项",
    "text": "具体举措",
    "lead": "牵头单位",
    "responsible": "责任单位",
    "deadline": "完成时限",
}


@dataclass(frozen=True, slots=True)
class ShownRows:
    """Which rows are shown: `changes` (also of one kind), `problems` or `all`."""

    tab: str
    kind: str = ""
    doubt: str = ""

    @classmethod
    def of(cls, query: QueryDict, job: ImportJob) -> Self:
        """What an address asks for; anything unknown in it falls back to what is shown first."""
        tab, kind = query.get("show", ""), query.get("kind", "")
        # In a first edition every row is a change; there the list itself is what one looks at.
        default = "changes" if job.base_edition is not None else "all"
        kinds = {str(one) for one in Kind} - {str(Kind.UNCHANGED)}
        doubt = query.get("doubt", "")
        shown = tab if tab in ("changes", "problems", "all") else default
        return cls(shown, kind if kind in kinds else "", doubt if shown == "problems" and doubt in NAMES else "")

    def rows(self, job: ImportJob) -> QuerySet[PlannedRow]:
        """The rows of the job under this tab, in printed order."""
        if self.tab == "problems":
            found = job.rows.exclude(problems=[])
            return _with_doubt(found, self.doubt) if self.doubt else found
        if self.tab == "all":
            return job.rows.all()
        changes = job.rows.exclude(kind=Kind.UNCHANGED)
        return changes.filter(kind=self.kind) if self.kind else changes

    @property
    def query(self) -> str:
        """The part of the address that leads here again."""
        chosen = {"show": self.tab, "kind": self.kind, "doubt": self.doubt}
        return "&".join(f"{name}={value}" for name, value in chosen.items() if value)


def _with_doubt(rows: QuerySet[PlannedRow], kind: str) -> QuerySet[PlannedRow]:
    # SQLite cannot ask what a list of JSON objects contains; both databases write it down in the same way.
    written = rows.annotate(written=Cast("problems", TextField()))
    return written.filter(written__contains=f'"kind": "{kind}"')


@dataclass(frozen=True, slots=True)
class Changed:
    """One difference of a row: what it is about, and the words with their marks (or plain old and new)."""

    kind: str
    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A doubt about one cell that a person may settle here: a date, or names."""

    cell: str
    label: str
    form: Form

    @property
    def name(self) -> str:
        """What its fields are called, as the page posts it under `question`."""
        return str(self.form.prefix)


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One planned row, ready to be shown; `name` is what its fields are called, `accepted` whether its tick stands."""

    row: PlannedRow
    name: str
    accepted: bool
    cells: tuple[tuple[str, str, bool], ...]
    changes: tuple[Changed, ...]
    questions: tuple[Question, ...]
    problems: tuple[tuple[str, str], ...] = ()


def review(job: ImportJob, page: Page[PlannedRow], on_page: OnPage) -> dict[str, Any]:
    """The context of the review page, with what already stands on it."""
    kinds = job.totals.get("kinds", {})
    return decision(job, on_page.entered) | {
        "rows": [_row(row, on_page) for row in page],
        "totals": job.totals,
        "share": share_of(job.totals),
        "doubts": kinds_of(job.totals),
        "checks": [(passed, of_stored(said)) for passed, said in job.totals.get("checks", ())],
        "of_the_file": [of_stored(one) for one in job.totals.get("of_the_file", ())],
        "marks": _marks(job, on_page),
        "who_leads": _who_leads(job, on_page),
        "kinds": [(kind, kinds[kind]) for kind in Kind if kinds.get(kind) and kind != Kind.UNCHANGED],
        "unchanged": kinds.get(Kind.UNCHANGED, 0),
        "problem_rows": job.rows.exclude(problems=[]).count(),
        "agencies": _agencies(job, on_page),
        "agencies_open": sum(not decision for decision in job.agencies.values()),
        "key": key_of(job),
        "error": job.error,
    }


def decision(job: ImportJob, entered: Entered) -> dict[str, Any]:
    """What would be written if it were confirmed with what was entered."""
    declined = set(declines_of(job))
    for change, is_so in entered.ticks.items():
        (declined.add if is_so else declined.discard)(change)
    changes = sum(count for kind, count in job.totals.get("kinds", {}).items() if kind != Kind.UNCHANGED)
    return {
        "changes": changes,
        "declined": len(declined),
        "accepted": changes - len(declined),
        "open": [one for one in open_questions(job) if one != "nothing"],
    }


def _row(row: PlannedRow, on_page: OnPage) -> ReviewRow:
    merged = row.printed.get("merged", ())
    cells = tuple((label, row.printed.get(cell, ""), cell in merged) for cell, label in CELLS.items())
    beside = tuple((label, text, False) for label, text in row.printed.get("other", {}).items())
    return ReviewRow(
        row=row,
        name=name_of(decline_of(row)),
        # A page that was refused shows the ticks as they were left, not as they are kept.
        accepted=not on_page.entered.ticks.get(decline_of(row), row.is_declined),
        cells=(*cells, *beside) if row.printed else (),
        changes=tuple(map(changed, row.differences)),
        questions=tuple(_questions(row, on_page)),
        problems=tuple((of_stored(problem), problem["kind"]) for problem in row.problems),
    )


def _questions(row: PlannedRow, on_page: OnPage) -> list[Question]:
    """Each cell once, in the order of the columns."""
    if row.row is None:
        return []
    doubtful = {
        problem["cell"] for problem in row.problems if problem["kind"] in ANSWERABLE.get(problem["cell"] or "", ())
    }
    forms = {cell: on_page.answers.get((cell, row.row)) or answer_form(cell, row.row) for cell in ANSWERABLE}
    return [Question(cell, CELLS[cell], form) for cell, form in forms.items() if cell in doubtful]


def changed(difference: Mapping[str, Any]) -> Changed:
    """A difference with its words marked; agencies by what came and went."""
    kind = difference["kind"]
    return Changed(kind, LABELS[kind](), tuple(_pieces(difference, difference["old"], difference["new"])))


def _pieces(difference: Mapping[str, Any], old: Any, new: Any) -> list[Piece]:
    if isinstance(old, list):
        return _names(difference)
    if isinstance(old, str) and isinstance(new, str):
        return marked(old, new)
    if old is not None and new is not None:
        return replaced(_said(old), _said(new))
    return [Piece(kind, _said(side)) for kind, side in (("deleted", old), ("inserted", new)) if side is not None]


def _names(difference: Mapping[str, Any]) -> list[Piece]:
    """Names in their new order, those that went at the end; of another order both are shown."""
    added, removed = difference.get("added") or [], difference.get("removed") or []
    if not added and not removed:
        return replaced("、".join(difference["old"]), "、".join(difference["new"]))
    pieces = [Piece("inserted" if name in added else "equal", name) for name in difference["new"]]
    return listed([*pieces, *(Piece("deleted", name) for name in removed)])


def _said(value: object) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return str(value)


def _ways_to_lead() -> list[tuple[Unmarked, str]]:
    return [
        (Unmarked.FIRST, _("是，列第一位的牵头，其余为责任单位")),
        (Unmarked.ALL, _("否，所列单位共同牵头")),
        (Unmarked.NONE, _("否，所列均为责任单位（牵头单位逐条指定）")),
    ]


def _who_leads(job: ImportJob, on_page: OnPage) -> dict[str, Any] | None:
    """The question who leads where no word says so, while it is open or was answered for this list."""
    open_for, answer = job.totals.get("who_leads", 0), columns_of(job).unmarked
    if not open_for and answer is None:
        return None
    return {
        "rows": open_for,
        "answer": on_page.entered.who_leads or answer or "",
        "shown": answer or "",
        "choices": _ways_to_lead(),
    }


def _meanings() -> list[tuple[MarkRole, str]]:
    return [
        (MarkRole.LEADS, _("牵头单位")),
        (MarkRole.ACTS, _("责任单位（没有符号表示牵头时，单独一个的牵头，几个的另问）")),
        (MarkRole.HELPS, _("配合单位（列为责任单位）")),
        (MarkRole.NOTHING, _("不表示分工，只保留原文")),
    ]


def _marks(job: ImportJob, on_page: OnPage) -> dict[str, Any] | None:
    """The question what marks below the names of agencies mean, while it is open or was answered for this list."""
    is_open, known = job.totals.get("marks", []), dict(columns_of(job).marks)
    signs = dict.fromkeys((*is_open, *known))
    if not signs:
        return None
    answers = {**known, **on_page.entered.marks}
    signs_shown = [(sign, known.get(sign, ""), answers.get(sign, "")) for sign in signs]
    return {"open": is_open, "signs": signs_shown, "choices": _meanings()}


# Functions, since the language is that of whoever looks.
LABELS = {
    "item_added": lambda: _("新增事项"),
    "item_removed": lambda: _("删去事项"),
    "measure_added": lambda: _("新增举措"),
    "measure_removed": lambda: _("删去举措"),
    "item_renumbered": lambda: _("序号"),
    "section_changed": lambda: _("任务类别"),
    "national_changed": lambda: _("国家改革任务"),
    "title_changed": lambda: _("改革事项"),
    "text_changed": lambda: _("具体举措"),
    "lead_changed": lambda: _("牵头单位"),
    "lead_reordered": lambda: _("牵头单位排序"),
    "responsible_changed": lambda: _("责任单位"),
    "responsible_reordered": lambda: _("责任单位排序"),
    "deadline_changed": lambda: _("完成时限"),
    "reinstated": lambda: _("重新列入清单"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """A name nobody has seen before, with what was decided and what it may be another name of."""

    at: int
    name: str
    decision: str | int
    suggestions: tuple[Suggestion, ...]
    chosen: Agency | None
    error: str


def _agencies(job: ImportJob, on_page: OnPage) -> dict[str, Any]:
    if not job.agencies:
        return {"unseen": (), "known": (), "new": NEW}
    decisions = {name: on_page.entered.agencies.get(name, job.agencies[name]) for name in job.unseen_names}
    suggested = suggest(decisions)
    chosen = Agency.objects.in_bulk([pk for pk in decisions.values() if isinstance(pk, int)])
    unseen = [
        Unseen(
            at=at,
            name=name,
            decision=decision,
            suggestions=tuple(suggested.get(name, ())),
            chosen=_other(decision, suggested.get(name, ()), chosen),
            error=on_page.agency_errors.get(name, ""),
        )
        for at, (name, decision) in enumerate(decisions.items())
    ]
    known = Agency.objects.known().order_by("name")
    return {"unseen": unseen, "shown": json.dumps(job.agencies), "typed": on_page.known, "known": known, "new": NEW}


def _other(decision: str | int, suggested: Sequence[Suggestion], chosen: Mapping[int, Agency]) -> Agency | None:
    """The agency that was chosen, where it is not among the suggestions."""
    among = {suggestion.agency_id for suggestion in suggested}
    return chosen.get(decision) if isinstance(decision, int) and decision not in among else None
