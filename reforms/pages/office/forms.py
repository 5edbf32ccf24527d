"""What the office fills in to steer a measure; each form carries itself out."""

import datetime as dt
import secrets
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from agencies.access import Principal, today
from agencies.lib.selects import NamesSelect
from agencies.models import Agency, Change
from reforms.duties import holders
from reforms.lib.words import day_text, in_language
from reforms.models import Disposition, Measure, ProgressReport, Status, takes_part
from reforms.office.chasing import chase, chases_of
from reforms.office.steer import dispose, reassign
from reforms.pages.forms import REPORT_ROWS, AgencyField
from reforms.pages.office.adjusting import Adjusting
from reforms.reports.periods import asked_of, span_on
from reforms.review.decisions import half_claimed, joined
from reforms.review.extensions import adjust_deadline, check_may_adjust, to_correct

CHINESE = {"lang": "zh-CN"}
REASON = gettext_lazy("承担这条举措的单位会看到，不对社会公开。")


class SteeringForm(forms.Form):
    """`seen` is the measure's version the form was shown with, `since` the last change in its history then. What is
    `grave` is shown once more before it is done."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    since = forms.IntegerField(widget=forms.HiddenInput, required=False)

    act: ClassVar[str]
    title: ClassVar[Any]
    done: Any
    grave: ClassVar[bool] = False

    def __init__(self, *args: Any, measure: Measure, who: Principal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Several of these forms stand on one page.
        self.auto_id = f"{self.act}-%s"
        self.measure, self.who = measure, who

    def carry_out(self, *, who: Principal, on: dt.date) -> None:
        """Do it. Raises Stale, ValidationError, PermissionDenied."""
        raise NotImplementedError

    def check(self, *, who: Principal, on: dt.date) -> None:
        """Raises ValidationError for what a grave form could not do, before it is shown once more."""

    def consequences(self, *, who: Principal, on: dt.date) -> list[str]:
        """What a grave form will do, in sentences."""
        return []

    def warnings(self, *, who: Principal, on: dt.date) -> list[str]:
        """What of it looks like a slip, in sentences."""
        return []


def reason_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("理由"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, **CHINESE}),
        help_text=REASON,
    )


class AdjustForm(SteeringForm):
    deadline = forms.DateField(
        label=gettext_lazy("调整后的时限"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reference = forms.CharField(
        label=gettext_lazy("批准文号"), max_length=120, widget=forms.TextInput(attrs={**CHINESE, "autocomplete": "off"})
    )
    reason = forms.CharField(
        label=gettext_lazy("调整理由"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, **CHINESE}),
        help_text=REASON,
    )

    counted = forms.ChoiceField(
        label=gettext_lazy("这次是"),
        choices=[
            ("correction", gettext_lazy("更正刚才的调整（不另计次数）")),
            ("again", gettext_lazy("又一次调整（另计一次）")),
        ],
        initial="correction",
        required=False,
        widget=forms.RadioSelect,
    )
    field_order = ("seen", "since", "counted")

    act, grave = "adjust", True
    title = pgettext_lazy("do", "时限调整")
    done = gettext_lazy("已调整现行时限，印发时限不变；承担单位会收到消息。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Only who adjusted it within a day can mean one or the other.
        if to_correct(self.measure, self.who) is None:
            del self.fields["counted"]

    @property
    def again(self) -> bool:
        return self.cleaned_data.get("counted") == "again"

    def carry_out(self, *, who: Principal, on: dt.date) -> None:
        said = self.cleaned_data
        corrected = adjust_deadline(
            self.measure.pk,
            said["deadline"],
            reference=said["reference"],
            reason=said["reason"],
            seen=said["seen"],
            who=who,
            on=on,
            again=self.again,
        )
        if corrected:
            self.done = gettext_lazy("已更正，不另计次数；承担单位会收到消息。")

    def check(self, *, who: Principal, on: dt.date) -> None:
        said = self.cleaned_data
        check_may_adjust(
            self.measure,
            said["deadline"],
            reference=said["reference"],
            reason=said["reason"],
            who=who,
            on=on,
            again=self.again,
        )

    def consequences(self, *, who: Principal, on: dt.date) -> list[str]:
        return self._foreseen(who, on).consequences()

    def warnings(self, *, who: Principal, on: dt.date) -> list[str]:
        return self._foreseen(who, on).warnings()

    def _foreseen(self, who: Principal, on: dt.date) -> Adjusting:
        return Adjusting.foreseen(self.measure, self.cleaned_data["deadline"], who=who, on=on, again=self.again)


class DisposeForm(SteeringForm):
    reason = reason_field()
    disposition: ClassVar[Disposition]

    def carry_out(self, *, who: Principal, on: dt.date) -> None:
        said = self.cleaned_data
        dispose(self.measure.pk, self.disposition, reason=said["reason"], seen=said["seen"], who=who, on=on)


class SuspendForm(DisposeForm):
    act, disposition, grave = "suspend", Disposition.SUSPENDED, True
    title = pgettext_lazy("do", "中止")
    done = gettext_lazy("已中止；承担单位会收到消息。")

    def consequences(self, *, who: Principal, on: dt.date) -> list[str]:
        return [_("该举措不再计入统计，不再催报、不再提醒；以后可以恢复推进。")]


class CancelForm(DisposeForm):
    act, disposition, grave = "cancel", Disposition.CANCELLED, True
    title = pgettext_lazy("do", "终止")
    done = gettext_lazy("已终止；承担单位会收到消息。")

    def consequences(self, *, who: Principal, on: dt.date) -> list[str]:
        return [_("该举措不再计入统计，不再催报、不再提醒，视为不再实施。填报和历史保留。")]


class ResumeForm(DisposeForm):
    act, disposition = "resume", Disposition.ACTIVE
    title = gettext_lazy("恢复推进")
    done = gettext_lazy("已恢复推进，重新计入统计；承担单位会收到消息。")


def _name_of(agency: Agency) -> str:
    return in_language(agency.name, agency.name_en)


class ReassignForm(SteeringForm):
    holder = forms.TypedChoiceField(label=gettext_lazy("现承担单位"), coerce=int, widget=NamesSelect)
    heir = AgencyField(label=gettext_lazy("改派给"), help_text=gettext_lazy("填写单位名称。"))
    reason = reason_field()

    act, grave = "reassign", True
    title = gettext_lazy("改派")
    done = gettext_lazy("已改派；承接单位会收到消息。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = {duty.agency_id: _name_of(duty.agency) for duty in holders(self.measure)}
        self.fields["holder"].choices = list(self.names.items())  # type: ignore[attr-defined]  # a choice field

    def carry_out(self, *, who: Principal, on: dt.date) -> None:
        said = self.cleaned_data
        reassign(
            self.measure.pk, said["holder"], said["heir"].pk, reason=said["reason"], seen=said["seen"], who=who, on=on
        )

    def consequences(self, *, who: Principal, on: dt.date) -> list[str]:
        names = {"holder": self.names[self.cleaned_data["holder"]], "heir": _name_of(self.cleaned_data["heir"])}
        pairs = joined(self.cleaned_data["holder"], {self.measure.pk: self.cleaned_data["heir"].pk})
        half = [_("两个单位的任务合并，其中只有一个已申请或核验；该申请将退回“%(heir)s”，就全部任务重新申请。") % names]
        return [
            *(half if half_claimed(pairs) else []),
            _("“%(holder)s”不再承担这条举措，由“%(heir)s”承担；已报送的进展和状态一并转交。") % names,
            _("清单原文仍印“%(holder)s”，新版清单导入后改派仍然有效。") % names,
        ]


class ChaseForm(SteeringForm):
    words = forms.CharField(
        label=gettext_lazy("催办内容"), max_length=500, required=False, widget=forms.TextInput(attrs=CHINESE)
    )

    act = "chase"
    title = pgettext_lazy("do", "催办")
    done = gettext_lazy("已催办。")

    def __init__(self, *args: Any, measure: Measure, **kwargs: Any) -> None:
        super().__init__(*args, measure=measure, **kwargs)
        self.chases = chases_of(measure)
        if self.chases:
            self.fields["words"].help_text = last_chased(self.chases)

    @property
    def grave(self) -> bool:  # type: ignore[override]  # of this form only the second time in one period
        """Twice in one period is asked about; what somebody did meanwhile is told first (`Stale`)."""
        span = span_on(today(), asked_of(self.measure))
        if not self.chases or self.chases[0].on < (span.first if span else today()):
            return False
        since = getattr(self, "cleaned_data", {}).get("since")
        return since is None or self.chases[0].sequence <= since

    def consequences(self, *, who: Principal, on: dt.date) -> list[str]:
        return [_("本期已要求报送。") + last_chased(self.chases), _("各单位将再收到一次催办。")]

    def carry_out(self, *, who: Principal, on: dt.date) -> None:
        said = self.cleaned_data
        told = chase(self.measure.pk, words=said["words"], seen=said["seen"], since=said["since"], who=who, on=on)
        if not told:
            raise ValidationError(_("各单位都已申请销号或已销号，没有可催办的单位。"), code="nobody")


def last_chased(chases: Sequence[Change]) -> str:
    """Of a measure, the latest first: how often, and the last time when and by whom."""
    last, n = chases[0], len(chases)
    said = ngettext("已催办%(n)d次，最近一次%(day)s（%(who)s）。", "已催办%(n)d次，最近一次%(day)s（%(who)s）。", n)
    return said % {"n": n, "day": day_text(last.on), "who": last.actor}


FORMS: tuple[type[SteeringForm], ...] = (AdjustForm, ChaseForm, ReassignForm, SuspendForm, CancelForm, ResumeForm)


def acts_on(measure: Measure) -> list[type[SteeringForm]]:
    """What may be done to a measure as it stands."""
    if measure.disposition == Disposition.WITHDRAWN:
        return []
    if measure.disposition == Disposition.CANCELLED:
        return [ResumeForm]
    if measure.disposition == Disposition.SUSPENDED:
        return [ResumeForm, CancelForm]
    if not takes_part(measure):
        return []
    # Under review it is the office that must act; what is standing cannot be overdue.
    chasing = [ChaseForm] if measure.status != Status.UNDER_REVIEW else []
    adjusting = [] if measure.is_standing else [AdjustForm]
    return [*adjusting, *chasing, ReassignForm, SuspendForm, CancelForm]


class EnterForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """What an agency told the office by letter or telephone, and how (代录)."""

    form_key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    progress = forms.CharField(label=gettext_lazy("工作进展"), max_length=5000)
    source = forms.CharField(
        label=gettext_lazy("代录依据"),
        max_length=200,
        widget=forms.TextInput(attrs={"lang": "zh-CN", "autocomplete": "off"}),
        help_text=gettext_lazy("来函文号，或来电人、日期。"),
    )
    is_claim = forms.BooleanField(
        label=gettext_lazy("单位申请销号"),
        required=False,
        help_text=gettext_lazy("须由另一位督办人员核验。持续巩固的举措不需申请。"),
    )
    field_order = ("agency", "source", "progress", "next_step", "problems", "outlook", "is_claim")

    class Meta:
        model = ProgressReport
        fields = ("progress", "next_step", "problems", "outlook")

    def __init__(self, *args: Any, agencies: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Which agency it is is chosen before: the texts that the form begins with are that agency's.
        self.fields["agency"] = forms.TypedChoiceField(
            label=_("填报单位"), coerce=int, choices=agencies, initial=agencies[0][0], widget=forms.HiddenInput
        )
        self.fields["form_key"].initial = secrets.token_hex(16)
        for name, rows in REPORT_ROWS.items():
            self.fields[name].widget = forms.Textarea(attrs={"rows": rows, "maxlength": 5000, "lang": "zh-CN"})
        self.order_fields(self.field_order)


def ticked(value: str) -> tuple[int, int | None]:
    """12:345 as (12, 345): an agency, and the latest chase of it that was looked at. Raises ValueError."""
    agency, _colon, last = value.partition(":")
    return int(agency), int(last) if last else None


class TickField(forms.TypedMultipleChoiceField):
    """Agencies with what was looked at (`ticked`)."""

    def valid_value(self, value: str) -> bool:
        return super().valid_value(value.partition(":")[0])


class TickAgencies(forms.Form):
    """Agencies that were ticked, and what to tell them."""

    agency = TickField(
        coerce=ticked,
        error_messages={
            "required": gettext_lazy("请先勾选要催办的单位。"),
            "invalid_choice": gettext_lazy("没有这个单位。"),
        },
    )
    words = forms.CharField(label=gettext_lazy("催办内容"), max_length=500, required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        known = Agency.objects.known().values_list("pk", "name")
        self.fields["agency"].choices = list(known)  # type: ignore[attr-defined]  # a choice field
