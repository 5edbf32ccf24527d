"""Everything that stands on the review page of an import when one of its buttons is pressed: the page is one form."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from django import forms
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from agencies.models import Agency
from importers.documents.grammar.roles import Unmarked
from importers.documents.layout.legend import MarkRole, is_sign, levelled_mark
from importers.documents.values import ParsedMeasure
from importers.jobs.decide import Entered, named
from importers.models import ImportJob
from importers.pages.forms import AgencyChoice, DeadlineForm, NamesForm
from importers.plans.plan import ANSWERABLE, Answer, Decline

AGENCY = "agency-"


def answer_form(cell: str, row: int, data: QueryDict | None = None) -> forms.Form:
    """The form for what one unclear cell of a row means; several stand on a page."""
    kind = DeadlineForm if cell == "deadline" else NamesForm
    return kind(data, prefix=f"{cell}-{row}")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAgency:
    """A known agency typed in for an unseen name, and what is wrong with it."""

    typed: str = ""
    for_name: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPage:
    """What was entered, and the forms it was typed into, so that a page that is refused still shows it all."""

    entered: Entered = field(default_factory=Entered)
    answers: Mapping[tuple[str, int], forms.Form] = field(default_factory=dict)
    agency_errors: Mapping[str, str] = field(default_factory=dict)
    known: KnownAgency = field(default_factory=KnownAgency)

    @property
    def is_wrong(self) -> bool:
        """Whether anything entered cannot be right, so that the page has to be shown again."""
        return bool(self.agency_errors or self.known.error) or not all(one.is_valid() for one in self.answers.values())

    @classmethod
    def of(cls, data: QueryDict, job: ImportJob) -> Self:
        """Read what was posted. Raises Http404 when an answer is about a cell that the document does not have."""
        answers = _answers(data)
        agencies, errors = _agencies(data)
        known, by_hand = _typed(data, job)
        entered = Entered(
            ticks=ticks(data),
            # Neither button: the ticks alone count.
            whole={"accept": False, "decline": True}.get(data.get("whole", "")),
            agencies=agencies | by_hand,
            answers=tuple(_settled(answers, job)),
            who_leads=_who_leads(data),
            marks=dict(_marks(data)),
        )
        return cls(entered=entered, answers=answers, agency_errors=errors, known=known)


def _who_leads(data: QueryDict) -> Unmarked | None:
    """Who leads where no word says so; only what is another answer than was shown."""
    answer = data.get("who-leads", "")
    known = answer in set(Unmarked) and answer != data.get("who-leads-shown", "")
    return Unmarked(answer) if known else None


def _marks(data: QueryDict) -> Iterator[tuple[str, MarkRole]]:
    """What marks mean; only what is another answer than was shown."""
    for sign in data.getlist("mark"):
        answer = data.get(f"mark-{sign}", "")
        if is_sign(sign) and answer in set(MarkRole) and answer != data.get(f"mark-shown-{sign}", ""):
            yield levelled_mark(sign), MarkRole(answer)


def ticks(data: QueryDict) -> dict[Decline, bool]:
    """The changes whose tick is another than it was when the page was shown."""
    ticked, was_ticked = (set(data.getlist(name)) for name in ("accept", "was"))
    # Only ticks that this person turned, so that nothing a colleague entered meanwhile is taken back.
    turned = {name: name not in ticked for name in data.getlist("change") if (name in ticked) != (name in was_ticked)}
    return {change: declined for name, declined in turned.items() if (change := named(name))}


def _agencies(data: QueryDict) -> tuple[dict[str, str | int], dict[str, str]]:
    """What was decided anew about unseen names, and what is wrong with it."""
    shown = _shown_agencies(data)
    decided: dict[str, str | int] = {}
    errors = {}
    for key, value in data.items():
        name = key.removeprefix(AGENCY)
        # What is as it was shown was not decided here, but by somebody else or by nobody.
        if name == key or str(value) == str(shown.get(name, "")):
            continue
        form = AgencyChoice({"decision": value})
        if form.is_valid():
            decided[name] = form.cleaned_data["decision"]
        else:
            errors[name] = str(form.errors["decision"][0])
    return decided, errors


def _shown_agencies(data: QueryDict) -> dict[str, Any]:
    try:
        # From a hidden field, so it may hold anything.
        shown = json.loads(data.get("agencies-shown", "{}"))
    except ValueError:
        return {}
    return shown if isinstance(shown, dict) else {}


def _typed(data: QueryDict, job: ImportJob) -> tuple[KnownAgency, dict[str, str | int]]:
    """One unseen name for which a known agency was typed in."""
    # PostgreSQL takes no zero character in a text.
    typed, name = (data.get(field, "").replace("\x00", "").strip() for field in ("known", "known-for"))
    if not typed and not name:
        return KnownAgency(), {}
    found = Agency.objects.called([typed]).get(typed) if typed else None
    if found is None:
        error = (
            _("没有名为“%(name)s”的单位，请从提示中选择。") % {"name": typed} if typed else _("请填写已有单位的名称。")
        )
    elif name not in job.agencies:
        error = _("请选择它对应的印发名称。")
    else:
        return KnownAgency(), {name: found.pk}
    return KnownAgency(typed=typed, for_name=name, error=error), {}


def _answers(data: QueryDict) -> dict[tuple[str, int], forms.Form]:
    """The forms of the unclear cells in which something was typed, or whose button was pressed."""
    answers = {}
    for question in data.getlist("question"):
        cell, _dash, number = question.partition("-")
        row = named(f"row-{number}")
        # The page only asks of such cells: this form was not made by it.
        if cell not in ANSWERABLE or row is None:
            raise Http404
        form = answer_form(cell, row.number, data)
        if data.get("record") == question or any(data.get(form.add_prefix(name), "").strip() for name in form.fields):
            answers[cell, row.number] = form
    return answers


def _settled(answers: Mapping[tuple[str, int], forms.Form], job: ImportJob) -> Iterator[Answer]:
    # Reading the parsed list takes its time; most forms hold no answer.
    measures = _measures(job) if answers else {}
    for (cell, row), form in answers.items():
        if row not in measures:
            raise Http404
        if form.is_valid():
            yield Answer.about(measures[row], cell, **form.cleaned_data)


def _measures(job: ImportJob) -> dict[int, ParsedMeasure]:
    return {measure.row: measure for measure in job.parsed.measures}
