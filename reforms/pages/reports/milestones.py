"""阶段节点 of a measure: a page to plan one, and one on which what is planned is changed, withdrawn and reported."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.access import Acting, Verb, access, acting, principal_of, require
from reforms.catalogue.rows import MeasureRow, measure_rows, viewpoint
from reforms.duties import leads_of
from reforms.history.measure import HistoryEntry, last_acts_on
from reforms.models import Measure, Milestone, Stale, takes_part
from reforms.pages.forms import CHINESE, Day, SeenForm, Words, add_errors
from reforms.reports.milestones import (
    PlannedStep,
    change_milestone,
    doubts,
    milestones_of,
    plan_milestone,
    report_milestone,
    take_report_back,
    withdraw_milestone,
)

UNREADABLE = {"invalid": gettext_lazy("日期无法识别，请写成2022-06-30这样。"), "required": gettext_lazy("请填写日期。")}


class StepForm(forms.Form):
    """What a step says."""

    title = forms.CharField(
        label=gettext_lazy("节点"),
        max_length=120,
        widget=forms.TextInput(attrs={**CHINESE, "autocomplete": "off"}),
        help_text=gettext_lazy("如：形成征求意见稿、系统上线试运行。"),
        error_messages={"required": gettext_lazy("请填写节点。")},
    )
    due_on = Day(label=gettext_lazy("计划日期"), error_messages=UNREADABLE)
    note = Words(
        label=gettext_lazy("说明"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("可不填。只有承担这条举措的单位和督办部门能看到。"),
    )

    @property
    def step(self) -> PlannedStep:
        return PlannedStep(**{name: self.cleaned_data[name] for name in ("title", "due_on", "note")})


class ActForm(SeenForm):
    """Something done to a milestone as it was seen."""

    act: ClassVar[str]
    does: ClassVar[Any]
    done: ClassVar[Any]

    def __init__(self, *args: Any, milestone: Milestone, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Several of these forms stand on one page.
        self.auto_id = f"{self.act}-%s"
        self.milestone = milestone

    def carry_out(self, by: Acting) -> Milestone:
        """Do it. Raises Stale, ValidationError, PermissionDenied."""
        raise NotImplementedError


class DoneForm(ActForm):
    done_on = Day(label=gettext_lazy("完成日期"), error_messages=UNREADABLE)
    done_words = Words(
        label=gettext_lazy("完成情况"),
        max_length=1000,
        help_text=gettext_lazy("只有承担这条举措的单位和督办部门能看到。"),
        error_messages={"required": gettext_lazy("请填写完成情况。")},
    )
    act, does = "done", pgettext_lazy("do", "报告完成")
    done = gettext_lazy("已报告该节点完成。")

    def carry_out(self, by: Acting) -> Milestone:
        said = self.cleaned_data
        words = {"done_on": said["done_on"], "words": said["done_words"]}
        return report_milestone(self.milestone.pk, **words, seen=said["seen"], **by)


class ChangeForm(ActForm, StepForm):
    act, does = "change", pgettext_lazy("do", "修改节点")
    done = gettext_lazy("已修改阶段节点。")

    def carry_out(self, by: Acting) -> Milestone:
        return change_milestone(self.milestone.pk, self.step, seen=self.cleaned_data["seen"], **by)


class WithdrawForm(ActForm):
    reason = Words(
        label=gettext_lazy("理由"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("可不填，记入历史。撤销的节点不再显示和提醒，历史中仍可查到。"),
    )
    act, does = "withdraw", pgettext_lazy("do", "撤销节点")
    done = gettext_lazy("已撤销阶段节点。")

    def carry_out(self, by: Acting) -> Milestone:
        said = self.cleaned_data
        return withdraw_milestone(self.milestone.pk, reason=said["reason"], seen=said["seen"], **by)


class TakeBackForm(ActForm):
    act, does = "reopen", pgettext_lazy("do", "撤回完成报告")
    done = gettext_lazy("已撤回完成报告，该节点恢复为未完成。")

    def carry_out(self, by: Acting) -> Milestone:
        return take_report_back(self.milestone.pk, seen=self.cleaned_data["seen"], **by)


FORMS: tuple[type[ActForm], ...] = (DoneForm, ChangeForm, WithdrawForm, TakeBackForm)


def _acts_on(milestone: Milestone) -> list[type[ActForm]]:
    if milestone.withdrawn_on or not takes_part(milestone.measure):
        return []
    if milestone.done_on:
        return [TakeBackForm]
    return [DoneForm] if milestone.is_printed else [DoneForm, ChangeForm, WithdrawForm]


@access(Verb.PLAN)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """A new step, beside those that are planned."""
    measure = get_object_or_404(Measure.objects.readable_by(principal_of(request)).select_related("reform_list"), pk=pk)
    require(request, Verb.PLAN, leads_of(measure))
    form = StepForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            milestone = plan_milestone(pk, form.step, **acting(request))
        except ValidationError as error:
            add_errors(form, error)
        else:
            _say(request, _("已安排阶段节点。"), milestone)
            return redirect("plan-milestone", pk=pk) if "again" in request.POST else _back(milestone)
    context = _about(request, measure) | {"form": form, "can_be": takes_part(measure)}
    return render(request, "reports/milestone_new.html", context, status=422 if form.is_bound else 200)


@access(Verb.PLAN)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def milestone(request: HttpRequest, pk: int) -> HttpResponse:
    """A form for each thing that may be done to one step; 409 where it changed since it was looked at."""
    of_readable = Measure.objects.readable_by(principal_of(request))
    rows = Milestone.objects.filter(measure__in=of_readable).select_related("measure__reform_list", "agency")
    found = get_object_or_404(rows, pk=pk)
    require(request, Verb.PLAN, leads_of(found.measure))
    form = _sent(request, found)
    if form is None or not form.is_valid():
        return _page(request, found, form, status=422 if request.method == "POST" else 200)
    try:
        changed = form.carry_out(acting(request))
    except Stale as stale:
        return _stale(request, form, stale)
    except ValidationError as error:
        add_errors(form, error)
        return _page(request, found, form, status=422)
    _say(request, form.done, changed if isinstance(form, ChangeForm) else None)
    return _back(changed)


def _sent(request: HttpRequest, found: Milestone) -> ActForm | None:
    kind = next((form for form in FORMS if form.act == request.POST.get("act")), None)
    return kind(request.POST, milestone=found) if kind else None


def _stale(request: HttpRequest, form: ActForm, stale: Stale) -> HttpResponse:
    """What became of it meanwhile, with what was filled in ready to be sent again."""
    now: Any = stale.current
    data = request.POST.copy()
    data["seen"] = str(now.version)
    since = now.version - form.cleaned_data["seen"]
    meanwhile = last_acts_on(now, principal_of(request), max(since, 1))
    return _page(request, now, type(form)(data, milestone=now), status=409, meanwhile=meanwhile)


def _page(
    request: HttpRequest,
    found: Milestone,
    sent: ActForm | None,
    *,
    status: int,
    meanwhile: list[HistoryEntry] | None = None,
) -> HttpResponse:
    kinds = _acts_on(found)
    # What was sent is shown with its words, also where it can no longer be done.
    if sent and type(sent) not in kinds:
        kinds = [type(sent), *kinds]
    by = acting(request)
    asked = {"seen": found.version, "done_on": by["on"]}
    asked |= {name: getattr(found, name) for name in ("title", "due_on", "note")}
    forms_of = [sent if sent and type(sent) is kind else kind(milestone=found, initial=asked) for kind in kinds]
    context = _about(request, found.measure) | {"milestone": found, "forms": forms_of, "sent": sent}
    context |= {"meanwhile": meanwhile, "is_missed": found.is_missed(by["on"])}
    return render(request, "reports/milestone.html", context, status=status)


def _about(request: HttpRequest, measure: Measure) -> dict[str, Any]:
    view = viewpoint(**acting(request))
    row = measure_rows(Measure.objects.filter(pk=measure.pk), view)[0]
    return {"view": view, "row": row, "measure": measure, "milestones": shown_milestones(measure, row)}


def shown_milestones(measure: Measure, row: MeasureRow, *, past: bool = False) -> list[Any]:
    """The steps of a measure as they stood on the day of `row`."""
    # What is claimed or closed as a whole is not asked for step by step.
    ended = row.disposition != "active" or row.is_done
    return milestones_of(measure, row.on, past=past, deadline=row.deadline_in_force, ended=ended)


def _say(request: HttpRequest, said: Any, planned: Milestone | None) -> None:
    messages.success(request, said)
    if planned:
        for doubt in doubts(planned.measure, planned.due_on, acting(request)["on"]):
            messages.warning(request, doubt)


def _back(found: Milestone) -> HttpResponse:
    return redirect(found.measure.get_absolute_url() + "#milestones")
