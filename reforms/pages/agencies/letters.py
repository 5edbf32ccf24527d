"""收信设置: whether one's reminders by mail rest for a while, and who of the agency gets them meanwhile."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.access import Principal, Verb, access, acting
from agencies.lib.requests import is_number
from agencies.lib.selects import NamesSelect
from agencies.models import Agency, LetterPause, User
from agencies.people.pauses import LONGEST, can_stand_in, pause_letters, pauses_on, places_of, resume_letters
from reforms.pages.forms import Day, add_errors
from reforms.reminders.letters import people_of, rests_of


class PauseForm(forms.Form):
    """Until when one's letters about an agency rest, and who gets them."""

    until = Day(label=gettext_lazy("暂不收信至"))
    substitute = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("代收人"),
        required=False,
        empty_label=gettext_lazy("不指定"),
        widget=NamesSelect,
    )

    def __init__(self, agency: Agency, pause: LetterPause | None, *, who: Principal, on: dt.date, data: Any) -> None:
        first = {"until": pause.until, "substitute": pause.substitute} if pause else {}
        super().__init__(data, initial=first, prefix=f"agency-{agency.pk}")
        self.fields["until"].widget.attrs |= {"min": str(on), "max": str(on + LONGEST)}
        chosen = self.fields["substitute"]
        chosen.queryset = can_stand_in(agency, who.user_id or 0, on)  # type: ignore[attr-defined]  # a ModelChoiceField's


@access(Verb.USE_DESK)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def letters(request: HttpRequest) -> HttpResponse:
    """One's own pauses, by agency, and those of one's colleagues; the form sets one, or ends it."""
    who, on = acting(request)["who"], acting(request)["on"]
    agencies = {agency.pk: agency for agency in Agency.objects.filter(pk__in=places_of(who)).order_by("pk")}
    own = {one.agency_id: one for one in pauses_on(on, agencies) if one.user_id == who.user_id}
    forms_of = {pk: PauseForm(agency, own.get(pk), who=who, on=on, data=None) for pk, agency in agencies.items()}
    if request.method == "POST":
        sent = request.POST.get("agency", "")
        agency = agencies.get(int(sent) if is_number(sent) else 0)
        if agency is None:
            raise Http404
        forms_of[agency.pk] = PauseForm(agency, own.get(agency.pk), who=who, on=on, data=request.POST)
        if _carried_out(request, agency, forms_of[agency.pk]):
            return redirect("letters")
    people = people_of(agencies.values(), on)
    rows = [
        {"agency": agency, "own": own.get(pk), "form": forms_of[pk], "rests": rests_of(agency, people)}
        for pk, agency in agencies.items()
    ]
    return render(request, "people/letters.html", {"rows": rows}, status=422 if request.method == "POST" else 200)


def _carried_out(request: HttpRequest, agency: Agency, form: PauseForm) -> bool:
    """Whether what was asked for was done; else the form says why not."""
    if "resume" in request.POST:
        resume_letters(agency, **acting(request))
        messages.success(request, _("已恢复收信。"))
        return True
    if not form.is_valid():
        return False
    said = form.cleaned_data
    try:
        pause_letters(agency, said["until"], said["substitute"], **acting(request))
    except ValidationError as error:
        add_errors(form, error)
        return False
    messages.success(request, _("已保存。"))
    return True
