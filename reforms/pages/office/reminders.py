"""Reminders, for the office: switching them on safely, what was sent to whom, and 巡检: when the outbox was looked
through, a clock to confirm, and a letter to oneself to try the settings of mail."""

import datetime as dt
from collections.abc import Mapping
from itertools import groupby

from django import forms
from django.conf import settings as portal
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import Verb, access, acting, today
from agencies.lib.jobs.wake import wake
from agencies.log.write import Entry, record
from agencies.models import Agency, Change, ChatRobot, User
from reforms.lib.words import one_after_another
from reforms.models import ClockStop, Delivery, DeliveryCopy, ReformList, SweepRun
from reforms.pages.office.reminder_rules import in_sentences
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.digest import Digest
from reforms.reminders.preview import next_letters, preview, year_ahead
from reforms.reminders.sending.bounces import last_reading
from reforms.reminders.sending.copies import send_again, stopped_letters
from reforms.reminders.sending.heartbeat import confirm_clock, heartbeat
from reforms.reminders.sending.mail_check import faults, send_test
from reforms.reminders.sending.outbox import WITHOUT_MAILBOX
from reforms.reminders.sending.transport import copy_id
from reforms.reminders.stages import rules_of, stage_of
from reforms.reminders.start import safe_starts
from reforms.tasks import send_reminders


class SwitchForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """`looked` says that somebody has looked at who would receive what."""

    looked = forms.BooleanField(label=gettext_lazy("已核对下方“谁将收到什么”"), required=False)

    class Meta:
        model = ReformList
        fields = ("reminders_from", "reminders_on")
        widgets = {"reminders_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def clean(self) -> dict[str, object]:
        facts = super().clean() or self.cleaned_data
        if facts.get("reminders_on") and not facts.get("looked"):
            self.add_error("looked", _("开启前请先核对谁将收到什么。"))
        return facts


STOPPED, SECOND = "stopped", "second"
STATES = [
    (STOPPED, gettext_lazy("未送达，需处理")),
    (SECOND, gettext_lazy("可能重复")),
    *Delivery.State.choices,
    (DeliveryCopy.State.AMBIGUOUS.value, DeliveryCopy.State.AMBIGUOUS.label),
]


class LogFilter(forms.Form):
    """What of 发送记录 is shown; a value that is none of those offered is left out."""

    kind = forms.ChoiceField(label=gettext_lazy("类别"), required=False)
    agency = forms.ModelChoiceField(
        Agency.objects.filter(Exists(Delivery.objects.filter(agency=OuterRef("pk")))),
        label=pgettext_lazy("one", "单位"),
        required=False,
    )
    state = forms.ChoiceField(label=gettext_lazy("状态"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("渠道"), required=False)
    on = forms.DateField(
        label=gettext_lazy("日期"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, data: Mapping[str, str]) -> None:
        super().__init__(data, label_suffix="")
        every = ("", gettext_lazy("全部"))
        for name, choices in (
            ("kind", Delivery.Kind.choices),
            ("state", STATES),
            ("channel", DeliveryCopy.Channel.choices),
        ):
            self.fields[name].choices = [every, *choices]  # type: ignore[attr-defined]  # a ChoiceField's
        self.full_clean()
        self.cleaned_data = {name: self.cleaned_data.get(name) for name in self.fields}

    def letters(self, on: dt.date) -> QuerySet[Delivery]:
        """Those that are asked for; `on` is today."""
        said = self.cleaned_data
        found = stopped_letters(on) if said["state"] == STOPPED else Delivery.objects.all()
        copies = DeliveryCopy.objects.filter(delivery=OuterRef("pk"))
        if said["state"] in Delivery.State.values:
            found = found.filter(state=said["state"])
        elif said["state"] == SECOND:
            found = found.filter(Exists(copies.filter(unknown_ends__gt=0)))
        elif said["state"] == DeliveryCopy.State.AMBIGUOUS:
            found = found.filter(Exists(copies.filter(state=DeliveryCopy.State.AMBIGUOUS)))
        if said["channel"]:
            found = found.filter(Exists(copies.filter(channel=said["channel"])))
        plain = {name: said[name] for name in ("kind", "agency", "on") if said[name]}
        return found.filter(**plain)


# Letters on a page of the preview: some are as long as an agency has measures.
LETTERS_SHOWN = 25


class DayChoice(forms.Form):
    """The day whose letters are shown."""

    on = forms.DateField(required=False)


@access(Verb.MANAGE_REMINDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    """Safe start: the first day that counts, who would receive what, and the switch."""
    reform_list = get_object_or_404(ReformList, slug=slug)
    before = {"on": reform_list.reminders_on, "from": str(reform_list.reminders_from or "")}
    initial = {"reminders_from": reform_list.reminders_from or today()}
    form = SwitchForm(request.POST or None, instance=reform_list, initial=initial)
    if request.method == "POST" and form.is_valid():
        _switch(request, form, before)
        messages.success(request, _("已保存。"))
        return redirect("reminder-settings", slug=slug)
    lists = [(reform_list.pk, form.instance.reminders_from or today())]
    # An address with a day that is none shows the next letters, as one without does.
    chosen = DayChoice(request.GET)
    asked = chosen.cleaned_data["on"] if chosen.is_valid() else None
    day = asked or next_letters(today(), lists)
    digests = preview(day, lists) if day else []
    page = Paginator(digests, LETTERS_SHOWN).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "reform_list": reform_list,
        "rules_in_words": _rules_in_words(reform_list),
        "start": safe_starts([reform_list])[0],
        "day": day,
        "is_day_off": asked is not None and not WorkingDays.stored().works(asked),
        "page": page,
        "digests": _with_groups(list(page)),
        "without_mailbox": sum(1 for digest in digests if not digest.recipients),
    }
    return render(request, "office/reminder_settings.html", context, status=422 if form.is_bound else 200)


def _rules_in_words(reform_list: ReformList) -> str:
    rules = in_sentences(rules_of([reform_list.pk])[reform_list.pk])
    first, last = _("工作日发送，每个单位一天至多一封。"), _("起算日期之前已逾期的，从下一周起催办。")
    return one_after_another([first, *rules, last])


def _with_groups(digests: list[Digest]) -> list[tuple[Digest, list[str]]]:
    """Each with the chat groups of its agency, which are told besides."""
    groups: dict[int | None, list[str]] = {}
    for robot in ChatRobot.objects.in_use().filter(agency__in=[digest.agency.pk for digest in digests]):
        groups.setdefault(robot.agency_id, []).append(str(robot))
    return [(digest, groups.get(digest.agency.pk, [])) for digest in digests]


@access(Verb.MANAGE_REMINDERS)
@require_safe
def year(request: HttpRequest, slug: str) -> HttpResponse:
    """今后十二个月: on which days how many letters would go out, and about what."""
    reform_list = get_object_or_404(ReformList, slug=slug)
    days = year_ahead(reform_list, today(), reform_list.reminders_from or today())
    context = {
        "reform_list": reform_list,
        "months": [(first, list(found)) for first, found in groupby(days, key=lambda day: day.on.replace(day=1))],
        "letters": sum(len(day.agencies) for day in days),
        "without_mailbox": sum(day.without_mailbox for day in days),
    }
    return render(request, "office/reminder_year.html", context)


def _switch(request: HttpRequest, form: SwitchForm, before: dict[str, object]) -> None:
    with transaction.atomic():
        saved = form.save()
        entry = Entry(
            action="reminders.switched",
            kind="list",
            object_id=saved.pk,
            visibility=Change.Visibility.INTERNAL,
            before=before,
            after={"on": saved.reminders_on, "from": str(saved.reminders_from or "")},
        )
        record([entry], **acting(request))
        if saved.reminders_on:
            wake(send_reminders)


@access(Verb.MANAGE_REMINDERS)
@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    """发送记录, the latest first."""
    chosen = LogFilter(request.GET)
    found = chosen.letters(today()).select_related("agency", "user").prefetch_related("copies")
    context = {
        "page": Paginator(found, 50).get_page(request.GET.get("page")),
        "lists": ReformList.objects.all(),
        "missing_year": WorkingDays.stored().missing_year(today()),
        "filter": chosen,
        "agencies": chosen.fields["agency"].queryset,  # type: ignore[attr-defined]  # a ModelChoiceField's
        "is_filtered": any(chosen.cleaned_data.values()),
        "stopped": stopped_letters(today()).count(),
        "only_stopped": chosen.cleaned_data["state"] == STOPPED,
        "files_only": not (portal.MAIL_GOES_OUT or portal.DEMO),
        "beat": heartbeat(),
        "without_mailbox": WITHOUT_MAILBOX,
    }
    return render(request, "office/deliveries.html", context)


@access(Verb.MANAGE_REMINDERS)
@require_safe
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """One letter as it was sent, and what is in it."""
    letters = Delivery.objects.select_related("agency", "user").prefetch_related("copies")
    found = get_object_or_404(letters, pk=pk)
    reminders = found.reminders.select_related("measure__item")
    context = {
        "delivery": found,
        "copies": [(copy, copy_id(found.message_id, [copy.address])) for copy in found.copies.all()],
        "stopped": found.stopped,
        "reminders": [(one, stage_of(one.stage).label) for one in reminders.order_by("deadline", "measure__row")],
        "notices": found.notices.select_related("measure__item").order_by("pk"),
    }
    return render(request, "office/delivery.html", context)


@access(Verb.MANAGE_REMINDERS)
@require_POST
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Once more to those whom the mail server refused, or who were given up, after what was wrong was put right."""
    get_object_or_404(Delivery, pk=pk)
    if send_again(pk):
        wake(send_reminders)
        messages.success(request, _("已列入发送，只发给未送达的地址。"))
    else:
        messages.warning(request, _("没有未送达的地址，或正在发送。"))
    return redirect("delivery", pk=pk)


SHOWN = 50


@access(Verb.MANAGE_REMINDERS)
@never_cache
@require_safe
def sweeps(request: HttpRequest) -> HttpResponse:
    """The sweeps, the latest first; what is wrong with clock, scheduler and mail above them."""
    context = {
        "page": Paginator(SweepRun.objects.all(), SHOWN).get_page(request.GET.get("page")),
        "beat": heartbeat(),
        "now": timezone.now(),
        "stops": ClockStop.objects.exclude(confirmed_at=None)[:5],
        "faults": faults(),
        "bounces": last_reading(),
    }
    return render(request, "office/sweeps.html", context)


@access(Verb.MANAGE_REMINDERS)
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The clock is right now: letters go out again."""
    get_object_or_404(ClockStop, pk=pk)
    if confirm_clock(pk, **acting(request)):
        wake(send_reminders)
        messages.success(request, _("时钟已确认，恢复发送。"))
    else:
        messages.warning(request, _("已有人确认过。"))
    return redirect("sweeps")


@access(Verb.MANAGE_REMINDERS)
@require_POST
def test_mail(request: HttpRequest) -> HttpResponse:
    """One letter to whoever asks."""
    user = request.user
    if not (isinstance(user, User) and user.email):
        messages.warning(request, _("您还没有填写邮箱，无处可发。"))
    elif refused := send_test(user.email):
        messages.error(request, _("测试信没有发出：%(why)s") % {"why": refused})
    else:
        messages.success(request, _("测试信已发往%(address)s，请查收。") % {"address": user.email})
    return redirect("sweeps")
