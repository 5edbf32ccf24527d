"""Sending what was issued: the form with its ticks, and to whom it was sent as the office and the auditor see it."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from agencies.access import Principal, Verb, acting, may
from agencies.lib.requests import is_number
from reforms.bulletins.sending import AddresseeChoice, choice_of, send_bulletin, sent_to
from reforms.models import Bulletin, BulletinAddressee
from reforms.pages.forms import SeenForm


class Ids(forms.TypedMultipleChoiceField):
    """Ticked numbers; whether they may be chosen is asked where it is done."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, required=False, **kwargs)

    def valid_value(self, value: Any) -> bool:
        return is_number(str(value))


class SendForm(SeenForm):
    addressees = Ids(label=_("收件方"))


@dataclass(frozen=True, slots=True)
class Tick:
    """One that may be chosen."""

    pk: int
    whom: Any
    ticked: bool
    named: bool


@dataclass(frozen=True, slots=True)
class Ticks:
    """Those whom it usually goes to, and the others (`opened` where one of them is ticked)."""

    of_people: bool
    usual: list[Tick]
    others: list[Tick]
    named: int

    @property
    def opened(self) -> bool:
        return not self.usual or any(one.ticked for one in self.others)


def ticks_of(request: HttpRequest, bulletin: Bulletin, form: Any) -> Ticks:
    """As they were sent; at first those whom it usually goes to, with `to=named` only those it names, with `to=none`
    nobody."""
    choice = choice_of(bulletin)
    if form.is_bound:
        ticked = {int(one) for one in form["addressees"].value() or () if is_number(str(one))}
    else:
        ticked = _first(choice, request.GET.get("to", ""))
    ticks = [Tick(pk, whom, pk in ticked, pk in choice.named) for pk, whom in choice.whom.items()]
    return Ticks(
        of_people=choice.of_people,
        usual=[one for one in ticks if one.pk in choice.usual],
        others=[one for one in ticks if one.pk not in choice.usual],
        named=len(choice.named),
    )


def _first(choice: AddresseeChoice, to: str) -> set[int]:
    if to == "none":
        return set()
    return set(choice.named if to == "named" else choice.usual)


def sent_context(request: HttpRequest, bulletin: Bulletin, forms_of_acts: Any, who: Principal) -> dict[str, Any]:
    """To whom it was sent and may still be, for the office and the auditor; to others since when they have it."""
    if not may(who, Verb.READ_REPORTS, ()):
        own = bulletin.addressees.reaching(who)
        return {"received_on": own.order_by("on").values_list("on", flat=True).first()}
    sent = list(sent_to(bulletin))
    form = forms_of_acts.get("send")
    return {
        "sent": sent,
        "read": sum(bool(_readings(one)) for one in sent),
        "ticks": ticks_of(request, bulletin, form) if form else None,
        "letters_read": may(who, Verb.MANAGE_REMINDERS),
    }


def _readings(one: BulletinAddressee) -> list[Any]:
    return list(one.readings.all())


def send(request: HttpRequest, pk: int, said: dict[str, Any]) -> object:
    """What the form asks for."""
    return send_bulletin(pk, said["addressees"], seen=said["seen"], **acting(request))
