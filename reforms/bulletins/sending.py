"""Sending what was issued, and taking it back: to whom a 通报, 专报 or 函 goes, in the inbox and by letter, and who has
read it.

A 通报 never goes to bodies outside the government's line (《政府督查工作条例》), a 函 to the body that it asks, a
督查专报 to leaders.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.access import Principal
from agencies.log.write import record
from agencies.models import Agency, Membership, Role, User
from reforms.bulletins.figures import Figures
from reforms.duties import acting_in
from reforms.models import Audience, Bulletin, BulletinAddressee, BulletinReading, Notice, heirs_today, offices
from reforms.notices.inbox import notices_for, see
from reforms.notices.notify import tell_each
from reforms.office.drafted import held, internal_entry, reason_given, save_next, waits_no_longer

State, Kind = Bulletin.State, Bulletin.Kind
OWNERS = {True: "user_id", False: "agency_id"}


@dataclass(frozen=True, slots=True)
class AddresseeChoice:
    """Who may still be sent it, by id, in the order of the directory: agencies, or of a 督查专报 persons. `usual` are
    those whom it goes to where nobody chooses otherwise, `named` those that it names as late, behind, silent or sent
    back."""

    of_people: bool
    whom: Mapping[int, Agency | User]
    usual: frozenset[int]
    named: frozenset[int] = frozenset()


def choice_of(bulletin: Bulletin) -> AddresseeChoice:
    """Whom one that is issued may be sent to."""
    of_people = bulletin.kind == Kind.BRIEF
    sent = set(bulletin.addressees.values_list(OWNERS[of_people], flat=True))
    found = leaders() if of_people else _agencies(bulletin)
    whom: dict[int, Agency | User] = {one.pk: one for one in found if one.pk not in sent}
    if of_people:
        usual = _of_the_office()
    elif bulletin.agency:
        usual = frozenset(whom)
    else:
        # All that have something to do in the list; the others of the directory can be chosen, but are not ticked.
        usual = frozenset(acting_in(bulletin.reform_list).values_list("pk", flat=True))
    named = _named_in(bulletin) if bulletin.kind == Kind.BULLETIN else frozenset()
    return AddresseeChoice(of_people, whom, usual & frozenset(whom), named & frozenset(whom))


def leaders() -> QuerySet[User]:
    """Whom a 督查专报 may be sent: heads of agencies, and whoever reads along in the office's own agency."""
    places = Membership.objects.filter(user=OuterRef("pk"))
    leading = places.filter(Q(role=Role.HEAD) | Q(role=Role.VIEWER, agency__in=offices()))
    return User.objects.filter(Exists(leading), is_active=True).order_by("pk")


def _of_the_office() -> frozenset[int]:
    places = Membership.objects.filter(role__in=(Role.HEAD, Role.VIEWER), agency__in=offices())
    return frozenset(places.values_list("user", flat=True))


def _agencies(bulletin: Bulletin) -> QuerySet[Agency]:
    if bulletin.agency:
        return Agency.objects.filter(pk=bulletin.agency.pk)
    # Whoever stands outside the government's line is written to by 函, and a group has no inbox of its own.
    return Agency.objects.living().filter(outside_line=False, kind=Agency.Kind.SINGLE).order_by("pk")


def _named_in(bulletin: Bulletin) -> frozenset[int]:
    """Those that it names as late, behind, silent or returned, by what they are called now."""
    figures = Figures.of_json(bulletin.figures)
    # Figures keep names and no ids: they are what was printed, and stay so when an agency is renamed.
    names = {name for line in (*figures.overdue, *figures.behind, *figures.returned) for name in line.leads}
    names |= {one.agency for one in figures.unreported}
    return frozenset(one.pk for one in Agency.objects.called(names).values())


def send_bulletin(pk: int, chosen: Collection[int], *, seen: int | None, who: Principal, on: dt.date) -> Bulletin:
    """Tell those who are chosen (agencies, or of a 督查专报 persons, by id), who read it from then on. Of two who send
    at once the second is told (Stale). Raises PermissionDenied, Stale, and ValidationError naming the field."""
    with transaction.atomic():
        bulletin = held(Bulletin, pk, who, seen, State.ISSUED)
        choice = choice_of(bulletin)
        _check(bulletin, choice, chosen)
        whom = {key: one for key, one in choice.whom.items() if key in set(chosen)}
        owner = OWNERS[choice.of_people]
        told = _told(bulletin, Notice.Kind.DOCUMENT, [{owner: key} for key in whom], {}, by=who.user_id, on=on)
        BulletinAddressee.objects.bulk_create(
            BulletinAddressee(bulletin=bulletin, on=on, by=who.label, notice=notice, **{owner: key})
            for key, notice in zip(whom, told, strict=True)
        )
        save_next(bulletin)
        after = {"addressees": [str(one) for one in whom.values()]}
        record([internal_entry("bulletin.sent", bulletin, after=after)], who=who, on=on)
    return bulletin


def _check(bulletin: Bulletin, choice: AddresseeChoice, chosen: Collection[int]) -> None:
    if not chosen:
        raise ValidationError({"addressees": ValidationError(_("请选择收件方。"), code="required")})
    # Also whom it was sent to meanwhile: the page that offered them is older than that.
    if not set(chosen) <= set(choice.whom):
        raise ValidationError(
            {"addressees": ValidationError(_("所选的收件方中有的不能发送，请重新选择。"), code="other")}
        )
    if bulletin.reform_list.open_to == Audience.OFFICE:
        shut = ValidationError(_("清单尚未向单位开放，收件方打不开文件。请先在“清单信息与公开”中开放。"), code="shut")
        raise ValidationError({"addressees": shut})


def _told(
    bulletin: Bulletin,
    kind: Notice.Kind,
    owners: Sequence[Mapping[str, int]],
    facts: Mapping[str, Any],
    *,
    by: int | None,
    on: dt.date,
) -> list[Notice]:
    known = {
        "bulletin": bulletin.pk,
        "document": str(bulletin.kind),
        "issue": bulletin.issue,
        "title": bulletin.title,
        "number": bulletin.number,
        # Said only where it holds: the words of notices that were written before there were 函 do not ask for it.
        **({"outside_line": True} if bulletin.agency and bulletin.agency.outside_line else {}),
        **facts,
    }
    return tell_each(kind, [(owner, known) for owner in owners], on=on, by=by, lists={bulletin.reform_list_id})


def void_bulletin(pk: int, *, reason: str, seen: int | None, who: Principal, on: dt.date) -> Bulletin:
    """Not sent after all, or taken back: whoever was sent it is told. Raises PermissionDenied, Stale,
    ValidationError."""
    reason = reason_given(reason)
    with transaction.atomic():
        bulletin = held(Bulletin, pk, who, seen, State.DRAFT, State.SUBMITTED, State.ISSUED)
        before = {"order_state": str(bulletin.state)}
        bulletin.state = State.VOID
        save_next(bulletin)
        waits_no_longer(bulletin)
        sent = list(bulletin.addressees.all())
        people = [{"user_id": one.user_id} for one in sent if one.user_id]
        heirs = heirs_today()
        agencies = {heir for one in sent if one.agency_id for heir in heirs.get(one.agency_id, (one.agency_id,))}
        owners = [*({"agency_id": pk} for pk in sorted(agencies)), *people]
        _told(bulletin, Notice.Kind.DOCUMENT_VOID, owners, {"reason": reason}, by=who.user_id, on=on)
        record([internal_entry("bulletin.voided", bulletin, before, reason=reason)], who=who, on=on)
    return bulletin


def read_by(bulletin: Bulletin, who: Principal) -> None:
    """已阅: whoever it was sent to has opened it, and with that seen the notice of it. Twice is once."""
    own = list(bulletin.addressees.reaching(who))
    if not own or who.user_id is None:
        return
    now = timezone.now()
    # The first reading stays: opening it again conflicts with it and is left out.
    read = [BulletinReading(addressee=one, user_id=who.user_id, at=now) for one in own]
    BulletinReading.objects.bulk_create(read, ignore_conflicts=True)
    see(who, notices_for(who).filter(pk__in=[one.notice_id for one in own if one.notice_id]))


def sent_to(bulletin: Bulletin) -> QuerySet[BulletinAddressee]:
    """Its addressees with what told them, and who has read it."""
    beside = ("agency", "user", "notice__delivery")
    return bulletin.addressees.select_related(*beside).prefetch_related("readings__user").order_by("pk")


def counts_of(bulletins: Collection[int]) -> dict[int, tuple[int, int]]:
    """To how many each of these was sent, and how many of them have read it: two queries."""
    found = BulletinAddressee.objects.filter(bulletin__in=bulletins).order_by()
    sent = Counter(dict(found.values_list("bulletin").annotate(n=Count("pk"))))
    read = found.filter(Exists(BulletinReading.objects.filter(addressee=OuterRef("pk"))))
    opened = Counter(dict(read.values_list("bulletin").annotate(n=Count("pk"))))
    return {pk: (sent[pk], opened[pk]) for pk in bulletins}
