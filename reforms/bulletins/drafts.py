"""通报: their way from draft to issue. What was issued is not changed any more."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, may
from agencies.log.write import advance_head, record
from agencies.models import Agency
from reforms.bulletins.counting import figures_of
from reforms.bulletins.figures import Figures
from reforms.bulletins.letters import check_asked_by, letter_words
from reforms.bulletins.sentences import sentences_of
from reforms.bulletins.wording import brief_words, first_words
from reforms.models import Bulletin, Notice, ReformList, signs_papers
from reforms.office.drafted import (
    hand_up,
    held,
    internal_entry,
    name_of_signer,
    save_next,
    send_back,
    tell_drafter,
    wrong_signature,
)
from reforms.office.letterheads import in_use

State, Kind = Bulletin.State, Bulletin.Kind
WORDS = ("intro", "overall", "results", "problems", "demands")
WRITTEN = ("issue", "title", "to", *WORDS, "contact", "contact_phone", "copies_to")


def draft_bulletin(
    reform_list: ReformList,
    day: dt.date,
    *,
    kind: str = Kind.BULLETIN,
    agency: Agency | None = None,
    who: Principal,
    on: dt.date,
) -> Bulletin:
    """A draft on the list as it is, or was, on a day; a 函 to that agency. Raises PermissionDenied; ValidationError for
    a day to come, and for an agency that is not asked by 函."""
    if not may(who, Verb.STEER, [agency.pk] if agency else None):
        raise PermissionDenied
    if day > on:
        raise ValidationError({"on": ValidationError(_("数据截至日期不能晚于今天。"), code="ahead")})
    with transaction.atomic():
        bulletin = Bulletin(reform_list=reform_list, on=day, drafted_on=on, drafted_by=who.label)
        bulletin.drafted_by_user_id, bulletin.kind, bulletin.agency = who.user_id, kind, agency
        bulletin.issue = next_issue(reform_list, kind)
        words = _read(bulletin, who=who, today=on)
        for name, text in words.items():
            setattr(bulletin, name, text)
        with _unless_taken(bulletin):
            bulletin.save()
        record([internal_entry("bulletin.drafted", bulletin, after={"on": day.isoformat()})], who=who, on=on)
    return bulletin


def next_issue(reform_list: ReformList, kind: str) -> int:
    """The number after the list's last one of its kind."""
    # Two who draft at once get the same number; the constraint refuses the second (`_unless_taken`).
    used = Bulletin.objects.filter(reform_list=reform_list, kind=kind).exclude(state=State.VOID)
    return int(used.aggregate(last=Max("issue"))["last"] or 0) + 1


def edit_bulletin(pk: int, said: Mapping[str, Any], *, seen: int | None, who: Principal, on: dt.date) -> Bulletin:
    """What a draft says. Raises PermissionDenied, Stale, ValidationError."""
    with transaction.atomic():
        bulletin = held(Bulletin, pk, who, seen, State.DRAFT)
        changed = [name for name in WRITTEN if getattr(bulletin, name) != said[name]]
        if changed:
            for name in changed:
                setattr(bulletin, name, said[name])
            with _unless_taken(bulletin):
                save_next(bulletin)
            record([internal_entry("bulletin.edited", bulletin, after={"fields": _names(changed)})], who=who, on=on)
    return bulletin


def reword_bulletin(pk: int, *, seen: int | None, who: Principal, on: dt.date) -> Bulletin:
    """The numbers read anew, and the five texts worded anew from them. Raises PermissionDenied, Stale,
    ValidationError."""
    with transaction.atomic():
        bulletin = held(Bulletin, pk, who, seen, State.DRAFT)
        words = _read(bulletin, who=who, today=on)
        for name in WORDS:
            setattr(bulletin, name, words.get(name, ""))
        save_next(bulletin)
        record([internal_entry("bulletin.edited", bulletin, after={"fields": _names(WORDS)})], who=who, on=on)
    return bulletin


def submit_bulletin(pk: int, *, seen: int | None, who: Principal, on: dt.date) -> Bulletin:
    """草稿 → 送审稿. Raises PermissionDenied, Stale, ValidationError."""
    with transaction.atomic():
        bulletin = held(Bulletin, pk, who, seen, State.DRAFT)
        check_asked_by(bulletin, on)
        hand_up(bulletin, "bulletin.moved", who=who, on=on)
    return bulletin


def back_to_draft(pk: int, *, reason: str, seen: int | None, who: Principal, on: dt.date) -> Bulletin:
    """送审稿 → 草稿, by the office or by its head; whoever drafted it is told why. Raises PermissionDenied, Stale,
    ValidationError."""
    with transaction.atomic():
        bulletin = held(Bulletin, pk, who, seen, State.SUBMITTED, by_head=True)
        send_back(bulletin, "bulletin.moved", reason=reason, who=who, on=on)
    return bulletin


def issue_bulletin(
    pk: int, *, number: str, signed_by: str, issued_on: dt.date, seen: int | None, who: Principal, on: dt.date
) -> Bulletin:
    """送审稿 → 已签发: signed by another than whoever drafted it, and never changed any more. Raises PermissionDenied,
    Stale, and ValidationError naming the field."""
    with transaction.atomic():
        bulletin = held(Bulletin, pk, who, seen, State.SUBMITTED)
        _issue(bulletin, number, signed_by, issued_on, who=who, on=on)
    return bulletin


def sign_bulletin(pk: int, *, number: str, seen: int | None, who: Principal, on: dt.date) -> Bulletin:
    """The same by the office's head, in their own name and as of today. Raises PermissionDenied, Stale,
    ValidationError."""
    if not signs_papers(who):
        raise PermissionDenied
    with transaction.atomic():
        bulletin = held(Bulletin, pk, who, seen, State.SUBMITTED, by_head=True)
        _issue(bulletin, number, name_of_signer(who), on, who=who, on=on)
    return bulletin


def _issue(bulletin: Bulletin, number: str, signed_by: str, issued_on: dt.date, *, who: Principal, on: dt.date) -> None:
    if wrong := dict(wrong_signature(bulletin, signed_by, issued_on, on=on)):
        raise ValidationError(wrong)
    check_asked_by(bulletin, issued_on)
    bulletin.number, bulletin.signed_by, bulletin.issued_on = number, signed_by, issued_on
    bulletin.state = State.ISSUED
    # Before the digest, which covers the letterhead as well.
    bulletin.letterhead = in_use(bulletin)
    bulletin.digest = digest_of(bulletin)
    save_next(bulletin)
    tell_drafter(Notice.Kind.PAPER_SIGNED, bulletin, {"signed_by": signed_by}, who=who, on=on)
    after = {"signed_by": signed_by, "issued_on": issued_on.isoformat(), "digest": bulletin.digest}
    record([internal_entry("bulletin.issued", bulletin, after=after)], who=who, on=on)


def digest_of(bulletin: Bulletin) -> str:
    """SHA-256 of all that the document says."""
    said = {name: getattr(bulletin, name) for name in (*WRITTEN, "number", "signed_by", "figures")}
    if bulletin.kind != Kind.BULLETIN:  # those that were issued before there were others keep their digest
        said |= {"kind": bulletin.kind, "agency": bulletin.agency_id}
    if bulletin.letterhead:
        said |= {"letterhead": bulletin.letterhead.sha256}
    said |= {"list": bulletin.reform_list_id, "on": str(bulletin.on), "issued_on": str(bulletin.issued_on)}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _read(bulletin: Bulletin, *, who: Principal, today: dt.date) -> dict[str, str]:
    """Put the figures of its day into it, and say how they are worded. The log is held meanwhile, so that they are
    those of one sequence."""
    bulletin.sequence = advance_head().sequence
    if bulletin.agency:
        return letter_words(bulletin.reform_list, bulletin.agency, today)
    figures = figures_since(bulletin.reform_list, bulletin.on, who=who, today=today)
    bulletin.figures = figures.as_json()
    said = brief_words if bulletin.kind == Kind.BRIEF else first_words
    return said(bulletin.reform_list, figures, sentences_of(bulletin.reform_list))


def figures_since(reform_list: ReformList, day: dt.date, *, who: Principal, today: dt.date) -> Figures:
    """Of the list on that day, with what was closed since its last issued 通报 of an earlier one."""
    # By the day they tell of: one on an earlier day that is issued late still begins where the one before it ended.
    issued = Bulletin.objects.filter(reform_list=reform_list, state=State.ISSUED, kind=Kind.BULLETIN, on__lt=day)
    since = issued.order_by("-on").values_list("on", flat=True).first()
    return figures_of(reform_list, day, since=since, who=who, today=today)


def _names(fields: Sequence[str]) -> str:
    """As the log keeps them."""
    # The log is Chinese, whatever the language of whoever writes it.
    with translation.override("zh-hans"):
        known = {field.name: field.verbose_name for field in Bulletin._meta.concrete_fields}
        return "、".join(str(known[name]) for name in fields)


@contextmanager
def _unless_taken(bulletin: Bulletin) -> Iterator[None]:
    """Around what saves it. Raises ValidationError where its issue is taken."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        facts = {"n": bulletin.issue, "kind": bulletin.get_kind_display()}
        taken = ValidationError(_("这份清单的第%(n)d期%(kind)s已有一份。") % facts, code="taken")
        raise ValidationError({"issue": taken}) from None
