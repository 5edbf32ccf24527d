"""The forms with which extensions are asked for, and claims and extensions signed and decided."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from agencies.lib.requests import is_number
from agencies.models import Agency
from reforms.models import LONGEST_RESULT, Extension, ReformList, RequestKind, ReviewRequest
from reforms.pages.forms import Day, SeenForm, Words
from reforms.review.extensions import ExtensionTerms
from reforms.review.queue import Waiting

CHECKS = {
    "evidence": gettext_lazy("佐证材料齐全"),
    "matches": gettext_lazy("内容与举措原文相符"),
    "agreed": gettext_lazy("责任单位意见一致"),
    "signed": gettext_lazy("已经申请单位审签"),
}
LONGEST = 2000
# The checks that were ticked are put in front of the remark, and both together are no longer than LONGEST.
LONGEST_REMARK = 1800


def is_signed(asked: ReviewRequest) -> bool:
    """Whether its agency signs what it asks for, here or on paper."""
    return asked.agency.signs_claims or bool(asked.signed_by)


class ChecksForm(forms.Form):
    """形式要件: all of them are ticked, or the remark says why not. A signature is one where the agency signs."""

    checks = forms.MultipleChoiceField(
        label=gettext_lazy("形式要件"),
        choices=list(CHECKS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    remark = Words(label=gettext_lazy("备注"), max_length=LONGEST_REMARK, required=False)

    def __init__(self, *args: Any, signs: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.required_checks = [(name, label) for name, label in CHECKS.items() if signs or name != "signed"]
        self.fields["checks"].choices = self.required_checks  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        if len(facts.get("checks", [])) < len(self.required_checks) and not facts.get("remark", "").strip():
            self.add_error("remark", _("有形式要件未勾选，请逐项核对后勾选，或在备注中写明原因。"))
        return facts

    @property
    def said(self) -> str:
        """What the log keeps: what was checked, and the remark."""
        # The log is Chinese, whatever language the page was read in.
        with override("zh-hans"):
            checked = "、".join(str(CHECKS[name]) for name in CHECKS if name in self.cleaned_data["checks"])
        parts = [f"已核对：{checked}。" if checked else "", self.cleaned_data["remark"].strip()]
        return "".join(part for part in parts if part)


class AnswerForm(SeenForm):
    """An answer to a request."""

    @classmethod
    def initial_for(cls, asked: Any, written: Mapping[str, Any]) -> dict[str, Any]:
        """What stands in it at first: what was `written` of an answer that came too late, for what is there now."""
        return {**written, "seen": asked.version}

    @classmethod
    def options_for(cls, _asked: Any) -> dict[str, Any]:
        """What the form wants to know of the request that it answers."""
        return {}

    @property
    def answer(self) -> dict[str, Any]:
        """What it says, as the function that does it is called."""
        return self.cleaned_data


class VerifyForm(ChecksForm, AnswerForm):
    """核验通过, with what the public is told of the result: what the agency proposes, edited, or nothing."""

    result = Words(
        label=gettext_lazy("结果摘要（销号后公开，可以修改；清空则不公开）"),
        max_length=LONGEST_RESULT,
        required=False,
    )

    @classmethod
    def initial_for(cls, asked: Any, written: Mapping[str, Any]) -> dict[str, Any]:
        return {"result": asked.result or asked.measure.result, **super().initial_for(asked, written)}

    @classmethod
    def options_for(cls, asked: Any) -> dict[str, Any]:
        return {"signs": is_signed(asked)}

    @property
    def answer(self) -> dict[str, Any]:
        return {"seen": self.cleaned_data["seen"], "remark": self.said, "result": self.cleaned_data["result"]}


class ReturnForm(AnswerForm):
    """退回, with a reason."""

    reason = Words(label=gettext_lazy("退回理由"), max_length=LONGEST)


class SignForm(AnswerForm):
    """审签同意."""


class GrantForm(AnswerForm):
    """同意延期, to the day asked for or another one."""

    until = Day(label=gettext_lazy("同意延期至"))
    remark = Words(label=gettext_lazy("备注"), max_length=LONGEST, required=False)

    @classmethod
    def initial_for(cls, asked: Extension, written: Mapping[str, Any]) -> dict[str, Any]:
        return {"until": asked.proposed, **super().initial_for(asked, written)}


class RefuseForm(AnswerForm):
    """不同意延期, with a reason."""

    reason = Words(label=gettext_lazy("不同意的理由"), max_length=LONGEST)


class ReopenForm(SeenForm):
    """恢复督办, with a reason."""

    reason = Words(label=gettext_lazy("恢复督办的理由"), max_length=LONGEST)


class AskForm(forms.Form):
    """延期申请 of one of `agencies` (id and name). `signs` asks for the agency's own approval given elsewhere."""

    until = Day(label=gettext_lazy("申请延期至"))
    reason = Words(label=gettext_lazy("延期理由"), max_length=LONGEST)
    signed_by = forms.CharField(
        label=gettext_lazy("已经本单位审签：审签人"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"lang": "zh-CN"}),
        help_text=gettext_lazy("本单位已在线下审签的，填写审签人和日期；不填则提交后由本单位审核人在平台审签。"),
    )
    signed_on = Day(label=gettext_lazy("审签日期"), required=False)
    form_key = forms.CharField(max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, agencies: list[tuple[int, str]], signs: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form_key"].initial = secrets.token_hex(16)
        self.fields["agency"] = forms.TypedChoiceField(
            label=_("申请单位"), coerce=int, choices=agencies, initial=agencies[0][0]
        )
        if len(agencies) == 1:
            self.fields["agency"].widget = forms.HiddenInput()
        if not signs:
            del self.fields["signed_by"], self.fields["signed_on"]

    @property
    def wanted(self) -> ExtensionTerms:
        return ExtensionTerms(**{name: value for name, value in self.cleaned_data.items() if name != "agency"})


class QueueForm(forms.Form):
    """What of the queue is shown; values that nothing waiting has cannot be used."""

    list = forms.ChoiceField(label=gettext_lazy("清单"), required=False)
    agency = forms.ChoiceField(label=gettext_lazy("申请单位"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("类别"), required=False)
    late = forms.ChoiceField(label=gettext_lazy("是否逾期申请"), required=False)

    def __init__(self, data: Any, *, queue: Sequence[Waiting]) -> None:
        super().__init__(data)
        self.queue = queue
        lists = {one.slug: str(one) for one in ReformList.objects.all()}
        agencies = {str(waiting.request.agency_id): waiting.request.agency.name for waiting in queue}
        # An agency whose last request was just decided is still a value that can be used.
        if is_number(asked := data.get("agency", "")):
            agencies |= {str(one.pk): one.name for one in Agency.objects.filter(pk=asked)}
        anything = ("", _("全部"))
        answers = [("true", _("逾期申请")), ("false", _("按期申请"))]
        for name, choices in (
            ("list", lists.items()),
            ("agency", agencies.items()),
            ("kind", RequestKind.choices),
            ("late", answers),
        ):
            self.fields[name].choices = [anything, *choices]  # type: ignore[attr-defined]

    def shown(self) -> Sequence[Waiting]:
        """The queue under the filters, which can all be used."""
        said = self.cleaned_data if self.is_valid() else {}
        return [waiting for waiting in self.queue if _fits(waiting, said)]


def _fits(waiting: Waiting, said: dict[str, str]) -> bool:
    facts = {
        "list": waiting.request.measure.reform_list.slug,
        "agency": str(waiting.request.agency_id),
        "kind": waiting.request.kind.value,
        "late": "true" if waiting.request.days_late else "false",
    }
    return all(facts[name] == value for name, value in said.items() if value)
