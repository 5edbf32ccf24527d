"""Reporting on many duties at once, a row each: what a row begins with, which rows were edited, and sending them.

Every row is a transaction of its own: what is right is reported, what is not keeps its text and says why.
"""

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.access import Principal
from reforms.desk.agency import DeskRow
from reforms.models import TEXTS, ProgressReport, Stale
from reforms.reports.drafts import save_draft
from reforms.reports.periods import LONGEST, WRITTEN, fingerprint, last_ids, last_reports, plain, texts_of
from reforms.reports.submit import ReportContent, report_unchanged, submit_report

Outlook = ProgressReport.Outlook


class EntryForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """One row. `was` tells what it began with, `last_seen` and `draft_seen` which report and draft the writer knew."""

    unchanged = forms.BooleanField(label=gettext_lazy("本期无变化"), required=False)
    as_is = forms.BooleanField(label=gettext_lazy("报送这份草稿"), required=False)
    was = forms.CharField(max_length=12, required=False, widget=forms.HiddenInput)
    form_key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    last_seen = forms.IntegerField(min_value=0, max_value=2**31, widget=forms.HiddenInput)
    draft_seen = forms.IntegerField(min_value=0, max_value=2**31, widget=forms.HiddenInput)

    class Meta:
        model = ProgressReport
        fields = WRITTEN

    def __init__(self, *args: Any, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in TEXTS:
            self.fields[name].widget = forms.Textarea(attrs={"rows": rows, "maxlength": LONGEST, "lang": "zh-CN"})
        self.fields["outlook"].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or self.cleaned_data)
        said = {name: plain(cleaned[name]) for name in TEXTS if name in cleaned}
        return cleaned | said | {"outlook": cleaned.get("outlook") or Outlook.ON_SCHEDULE}

    def _post_clean(self) -> None:
        """The report is made, and checked, by the function that submits it."""

    @property
    def edited(self) -> bool:
        """Whether anything was written since the page was made, or the draft is to be sent as it is."""
        data = [str(self.data.get(self.add_prefix(name), "")) for name in WRITTEN]
        ticked = any(self.data.get(self.add_prefix(name)) for name in ("unchanged", "as_is"))
        return ticked or fingerprint(*data) != str(self.data.get(self.add_prefix("was"), ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One duty with its form. After sending: `sent`, or the form's errors, and `current` where somebody reported, or
    wrote on the draft, in the meantime."""

    row: DeskRow
    form: EntryForm
    last: ProgressReport | None = None
    sent: ProgressReport | None = None
    current: ProgressReport | None = None

    @property
    def withdraw_address(self) -> str:
        """Where what was just sent is taken back."""
        return f"/reports/{self.sent.pk}/withdraw/" if self.sent else ""


def fresh_entries(rows: Sequence[DeskRow]) -> list[EntryRow]:
    """The rows as a page first shows them: the draft, else the last report. A draft is sent when it is written on or
    ticked."""
    duties = [row.duty for row in rows]
    last, ids = last_reports(duties), last_ids(duties)
    return [_fresh(row, last.get(row.duty.pk), ids.get(row.duty.pk, 0)) for row in rows]


def _fresh(row: DeskRow, last: ProgressReport | None, last_seen: int) -> EntryRow:
    draft = row.draft
    began_with = texts_of(draft or last)
    hidden = {
        "was": fingerprint(*(began_with[name] for name in WRITTEN)),
        "form_key": secrets.token_hex(16),
        "last_seen": last_seen,
        "draft_seen": draft.version if draft else 0,
    }
    form = EntryForm(initial=texts_of(draft or last) | hidden, prefix=prefix_of(row.duty.pk))
    return EntryRow(row=row, form=form, last=last)


def prefix_of(duty_id: int) -> str:
    return f"r{duty_id}"


def posted_entries(rows: Sequence[DeskRow], data: Mapping[str, Any]) -> list[EntryRow]:
    """The rows as they came back."""
    last = last_reports([row.duty for row in rows])
    return [
        EntryRow(row=row, form=EntryForm(data, prefix=prefix_of(row.duty.pk)), last=last.get(row.duty.pk))
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class EntryOutcome:
    """What became of the edited rows."""

    sent: list[EntryRow] = field(default_factory=list)
    kept: list[EntryRow] = field(default_factory=list)


def send(entries: Sequence[EntryRow], *, who: Principal, on: dt.date) -> EntryOutcome:
    """Report the edited rows, each for itself. What was not taken is kept as a draft where that can be."""
    done = [send_one(entry, who=who, on=on) for entry in entries if entry.form.edited]
    kept = [keep(entry, who=who, on=on, quietly=True) for entry in done if not entry.sent]
    return EntryOutcome([entry for entry in done if entry.sent], kept)


def keep(entry: EntryRow, *, who: Principal, on: dt.date, quietly: bool = False) -> EntryRow:
    """Keep what was written as the agency's draft. What the draft was written to meanwhile is shown beside it;
    `quietly` leaves what cannot be kept on the page without a word."""
    # A draft needs these two; that other fields are refused as a report does not keep it from being kept.
    if not entry.form.is_valid() and set(entry.form.errors) & {"outlook", "draft_seen"}:
        return entry
    duty, form = entry.row.duty, entry.form
    # As it was sent, since a refused text is not among the cleaned ones. PostgreSQL takes no zero character.
    written = {name: plain(str(form.data.get(form.add_prefix(name), "")).replace("\x00", "")) for name in TEXTS}
    if any(len(text) > LONGEST for text in written.values()):
        return entry
    seen = form.cleaned_data["draft_seen"]
    kept = written | {"outlook": form.cleaned_data["outlook"]}
    try:
        draft = save_draft(duty.measure_id, duty.agency_id, kept, seen=seen, who=who, on=on)
    except Stale as stale:
        return entry if quietly else _moved_on(entry, stale, "draft_seen", "version")
    except (ValidationError, PermissionDenied) as error:
        return entry if quietly else _refused(entry, error)
    return _knowing(entry, "draft_seen", draft.version)


def send_one(entry: EntryRow, *, who: Principal, on: dt.date) -> EntryRow:
    """Report one row, edited or not."""
    if not entry.form.is_valid():
        return entry
    duty, data = entry.row.duty, entry.form.cleaned_data
    asked = {"who": who, "on": on, "last_seen": data["last_seen"]}
    try:
        if data["unchanged"]:
            _check_unchanged(entry)
            report = report_unchanged(duty.measure_id, duty.agency_id, form_key=data["form_key"], **asked)
        else:
            said = ReportContent(form_key=data["form_key"], **{name: data[name] for name in WRITTEN})
            report = submit_report(duty.measure_id, duty.agency_id, said, draft_seen=data["draft_seen"], **asked)
    except Stale as stale:
        return _written_meanwhile(entry, stale)
    except (ValidationError, PermissionDenied) as error:
        return _refused(entry, error)
    return replace(entry, sent=report)


def _written_meanwhile(entry: EntryRow, stale: Stale) -> EntryRow:
    """A report was sent, or the draft was written on."""
    is_draft = isinstance(stale.current, ProgressReport) and stale.current.state == ProgressReport.State.DRAFT
    return _moved_on(entry, stale, *(("draft_seen", "version") if is_draft else ("last_seen", "pk")))


def _check_unchanged(entry: EntryRow) -> None:
    if not entry.row.may_be_unchanged:
        raise ValidationError(_("这条举措还没有可沿用的填报，或有一份草稿，不能报“本期无变化”。"), code="nothing_said")
    data = [entry.form.cleaned_data[name] for name in WRITTEN]
    if fingerprint(*data) != entry.form.cleaned_data["was"]:
        raise ValidationError(_("已勾选“本期无变化”，又修改了内容。请取消勾选，或改回原内容。"), code="both")


def _refused(entry: EntryRow, error: ValidationError | PermissionDenied) -> EntryRow:
    if isinstance(error, PermissionDenied):
        error = ValidationError(_("您不能为该单位填报这条举措。"), code="not_yours")
    known = not hasattr(error, "error_dict") or set(error.error_dict) <= set(entry.form.fields)
    entry.form.add_error(None, error if known else error.messages)
    return entry


def _moved_on(entry: EntryRow, stale: Stale, name: str, attribute: str) -> EntryRow:
    """Both texts side by side; sent again, the writer has seen the other one."""
    current = stale.current if isinstance(stale.current, ProgressReport) else None
    entry.form.add_error(None, _("在您填写期间，本单位已有新的内容（见下）。请核对后再提交。"))
    return _knowing(replace(entry, current=current), name, getattr(current, attribute))


def _knowing(entry: EntryRow, name: str, value: int) -> EntryRow:
    """The same row with a hidden field moved on, its errors kept."""
    # What was sent cannot be altered: a new form, with this row's fields only.
    sent = {entry.form.add_prefix(one) for one in entry.form.fields}
    data = {one: entry.form.data[one] for one in sent if one in entry.form.data}
    form = EntryForm(data | {entry.form.add_prefix(name): str(value)}, prefix=entry.form.prefix)
    form.full_clean()
    for error in entry.form.non_field_errors():
        form.add_error(None, error)
    for place in set(entry.form.errors) - set(form.errors):
        form.add_error(place, list(entry.form.errors[place]))
    return replace(entry, form=form)
