"""What an agency has in front of it while it reports on a measure: its draft, what it said last, what the office said
of its claim, and what the others said."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.models import Agency
from reforms.duties import claimants
from reforms.lib.words import in_language
from reforms.models import LONGEST_RESULT, Duty, Measure, ProgressReport
from reforms.pages.forms import REPORT_ROWS
from reforms.reports.drafts import AGAIN, WRITTEN, Pen, draft_of
from reforms.reports.permissions import Readable
from reforms.reports.submit import ReportContent, last_sent

State = ProgressReport.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Worksheet:
    """`duties` are those of all who act on the measure, `replaced` is the own report to be corrected, `claim_refusal`
    why no completion can be claimed (empty when it can). `others` are the latest reports of the other agencies, for an
    agency that claims for all."""

    measure: Measure
    duty: Duty
    duties: tuple[Duty, ...]
    draft: ProgressReport | None
    last: ProgressReport | None
    last_seen: int
    waiting: ProgressReport | None
    returned: ProgressReport | None
    replaced: ProgressReport | None
    claim_refusal: str
    others: tuple[ProgressReport, ...]

    @property
    def agency(self) -> Agency:
        return self.duty.agency

    @property
    def objection(self) -> ProgressReport | None:
        """The claim with the reason for which it came back: from the office, or from the agency's own approver."""
        if self.draft and self.draft.reason:
            return self.draft
        return self.returned

    @property
    def text(self) -> ProgressReport | None:
        """What the form begins with."""
        return self.draft or self.replaced or self.last

    @property
    def draft_version(self) -> int:
        return self.draft.version if self.draft else 0

    @property
    def initial(self) -> dict[str, object]:
        """What the form shows before anything is typed."""
        start = {
            "division": self.duty.division,
            "officer": self.duty.officer,
            "last_seen": self.last_seen,
            "draft_seen": self.draft_version,
            "replaces": self.replaced.pk if self.replaced else None,
        }
        if self.text is None:
            return start
        kept = WRITTEN if self.draft or self.replaced else AGAIN
        said = {name: getattr(self.text, name) for name in kept}
        # Whoever mends a returned claim means to claim again.
        if self.returned and self.text.pk == self.returned.pk:
            said |= {"is_claim": True, "result": self.returned.result}
        return start | said


def worksheet(
    measure: Measure, duty: Duty, duties: Sequence[Duty], *, readable: Readable, replaces: int | None = None
) -> Worksheet:
    """The worksheet of the agency of `duty`, one of the measure's `duties`. A draft that corrects goes on doing so."""
    draft = draft_of(measure.pk, duty.agency_id)
    replaces = replaces or (draft.replaces_id if draft else None)
    own = list(ProgressReport.objects.exclude(state=State.DRAFT).filter(duty=duty))  # also who held it before
    spoken = ProgressReport.objects.spoken().filter(measure=measure).select_related("agency")
    replaced = next((report for report in own if report.pk == replaces), None)
    refusal = _claim_refusal(measure, duty, duties, [report for report in own if report is not replaced])
    latest = last_sent(measure.pk, duty.agency_id)
    return Worksheet(
        measure=measure,
        duty=duty,
        duties=tuple(duties),
        draft=draft,
        last=spoken.filter(duty=duty).first(),
        last_seen=latest.pk if latest else 0,
        waiting=next((report for report in own if report.state == State.AWAITING_SIGNATURE), None),
        returned=ProgressReport.objects.unanswered_returns().filter(duty=duty).first(),
        replaced=replaced,
        claim_refusal=refusal,
        others=_latest_of_each(spoken.exclude(agency=duty.agency_id)) if readable.everything and not refusal else (),
    )


def _claim_refusal(measure: Measure, duty: Duty, duties: Sequence[Duty], own: Collection[ProgressReport]) -> str:
    if measure.is_standing:
        return _("持续巩固的举措不需申请销号，请按期报送。")
    claiming = claimants([measure], {measure.pk: duties})[measure.pk]
    if duty.agency_id not in claiming:
        names = [in_language(one.agency.name, one.agency.name_en) for one in duties if one.agency_id in claiming]
        return _("该举措由%(agencies)s申请销号；请填报进展，由其汇总。") % {"agencies": _("、").join(names) or "—"}
    if any(report.state in (State.UNDER_REVIEW, State.VERIFIED) for report in own):
        return _("本单位的销号申请已提交或已核验通过。")
    return ""


def _latest_of_each(reports: Iterable[ProgressReport]) -> tuple[ProgressReport, ...]:
    latest: dict[int, ProgressReport] = {}
    for report in reports:
        latest.setdefault(report.agency_id, report)
    return tuple(latest.values())


HAND = ("form_key", "last_seen", "draft_seen", "replaces")
SIGNED = ("signed_by", "signed_on")
CLAIM = ("is_claim", "result", *SIGNED)


class ReportForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A progress report, or its draft, of one agency.

    `form_key` tells a form sent twice from a second report; `last_seen` and `draft_seen` say what of the agency's own
    it was written on, `replaces` which report it corrects. What an agency cannot claim it is not asked.
    """

    division = forms.CharField(label=gettext_lazy("责任处室"), max_length=80, required=False)
    officer = forms.CharField(label=gettext_lazy("经办人"), max_length=80, required=False)
    form_key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    last_seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    draft_seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    replaces = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = ProgressReport
        fields = ("progress", "next_step", "problems", "outlook", "is_claim", "result", "signed_by", "signed_on")

    def __init__(self, data: QueryDict | None, *, sheet: Worksheet) -> None:
        self.sent = data if data is not None else QueryDict()
        super().__init__(data, initial=sheet.initial | {"form_key": secrets.token_hex(16)})
        for name, rows in REPORT_ROWS.items():
            self.fields[name].widget = forms.Textarea(attrs={"rows": rows, "maxlength": 5000, "lang": "zh-CN"})
        for name in ("division", "officer", "signed_by"):
            self.fields[name].widget.attrs["lang"] = "zh-CN"
        self.fields["result"].widget = forms.Textarea(attrs={"rows": 2, "maxlength": LONGEST_RESULT, "lang": "zh-CN"})
        self.fields["result"].help_text = _("申请销号时填写，不超过200字，面向公众。核验通过时由督办人员审定后公开。")
        self.fields["signed_on"].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        for name in self._not_asked(sheet):
            del self.fields[name]

    def _not_asked(self, sheet: Worksheet) -> tuple[str, ...]:
        """A claim that is sent all the same is left for the rules to refuse."""
        if sheet.claim_refusal and "is_claim" not in self.sent:
            return CLAIM
        return () if sheet.agency.signs_claims else SIGNED

    def said(self) -> ReportContent:
        """What the form says, once it is valid."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in HAND}
        if not given.get("is_claim"):  # only a claim is signed
            given |= {"signed_by": "", "signed_on": None}
        return ReportContent(**given, form_key=self.cleaned_data["form_key"])

    def written(self) -> Mapping[str, object]:
        """What a draft keeps of it."""
        return {name: self.cleaned_data[name] for name in WRITTEN if name in self.cleaned_data}

    def pen(self) -> Pen:
        given = self.cleaned_data
        named = {name: given[name] for name in ("form_key", "last_seen", "replaces", "division", "officer")}
        return Pen(**named)

    def again(self, sheet: Worksheet, **seen: object) -> Self:
        """The same text under a key of its own, for whoever has now seen what it was not written on."""
        data = self.sent.copy()
        data["form_key"] = secrets.token_hex(16)
        for name, value in seen.items():
            data[name] = "" if value is None else str(value)
        return type(self)(data, sheet=sheet)

    def complaints(self) -> Iterable[str]:
        """Every error with the name of its field."""
        for name, errors in self.errors.items():
            label: Any = self.fields[name].label if name in self.fields else ""
            yield from (f"{label}：{error}" if label else str(error) for error in errors)
