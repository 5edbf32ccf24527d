"""Reminders, for the office: switching them on safely, and what was sent to whom."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import Verb, access, acting, today
from agencies.log.write import Entry, record
from agencies.models import Change
from reforms.models import Delivery, ReformList
from reforms.reminders.calendar import WorkingDays
from reforms.reminders.outbox import WITHOUT_MAILBOX, copy_id, next_letters, preview, send_again
from reforms.reminders.stages import stage_of
from reforms.reminders.start import safe_starts
from reforms.tasks import wake


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
    context = {
        "form": form,
        "reform_list": reform_list,
        "start": safe_starts([reform_list])[0],
        "day": day,
        "is_day_off": asked is not None and not WorkingDays.stored().works(asked),
        "digests": (digests := preview(day, lists) if day else []),
        "without_mailbox": sum(1 for digest in digests if not digest.recipients),
    }
    return render(request, "office/reminder_settings.html", context, status=422 if form.is_bound else 200)


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
            wake()


@access(Verb.MANAGE_REMINDERS)
@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    """发送记录, the latest first."""
    kind, only_refused = request.GET.get("kind", ""), request.GET.get("refused") == "1"
    refused = Delivery.objects.exclude(refused={})
    found = (refused if only_refused else Delivery.objects.all()).select_related("agency", "user")
    chosen = kind if kind in Delivery.Kind.values else ""
    pages = Paginator(found.filter(kind=chosen) if chosen else found, 50)
    context = {
        "page": pages.get_page(request.GET.get("page")),
        "lists": ReformList.objects.all(),
        "kinds": Delivery.Kind.choices,
        "missing_year": WorkingDays.stored().missing_year(today()),
        "kind": chosen,
        "refused": refused.count(),
        "only_refused": only_refused,
        "without_mailbox": WITHOUT_MAILBOX,
    }
    return render(request, "office/deliveries.html", context)


@access(Verb.MANAGE_REMINDERS)
@require_safe
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """One letter as it was sent, and what is in it."""
    found = get_object_or_404(Delivery.objects.select_related("agency", "user"), pk=pk)
    reminders = found.reminders.select_related("measure__item")
    context = {
        "delivery": found,
        "copies": [(address, copy_id(found.message_id, [address])) for address in found.recipients],
        "reminders": [(one, stage_of(one.stage).label) for one in reminders.order_by("deadline", "measure__row")],
        "notices": found.notices.select_related("measure__item").order_by("pk"),
    }
    return render(request, "office/delivery.html", context)


@access(Verb.MANAGE_REMINDERS)
@require_POST
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Once more to those whom the mail server refused, after their addresses were put right."""
    get_object_or_404(Delivery, pk=pk)
    if send_again(pk):
        wake()
        messages.success(request, _("已列入发送，只发给被拒收的地址。"))
    else:
        messages.warning(request, _("没有被拒收的地址，或正在发送。"))
    return redirect("delivery", pk=pk)
