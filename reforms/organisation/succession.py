"""Reorganisations (机构变更) that have taken effect: an agency renamed, merged into another, or split.

What is printed stays with the printed name. Duties go on with whoever succeeded: `agencies.Agency.successor` and
`Takeover` say who that is, here and in every later derivation.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.access import Principal
from agencies.directory import changes, entry_of, facts_of, own_names, set_other_names, spellings_kept, strangers_called
from agencies.log.write import Entry, record
from agencies.models import Agency, Change, Membership, Succession, Token
from agencies.people.tokens import revoke_all
from reforms.duties import derive_duties, measures_beside, move_duties
from reforms.lib.words import day_text
from reforms.models import Duty, Measure, Takeover, lock_measures
from reforms.notices.assignments import duties_held, tell_heirs
from reforms.review.decisions import return_half_claims
from reforms.status.settle import measure_entry, settle_reported

Kind = Succession.Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Reorganisation:
    """What the office says happened: `predecessors` were dissolved on `on`, the first successor takes what `choices`
    (successor by measure, for a split) does not give to another. `people` are the memberships that go along."""

    kind: Succession.Kind
    predecessors: tuple[Agency, ...]
    successors: tuple[Agency, ...]
    on: dt.date
    reference: str = ""
    choices: Mapping[int, int] = field(default_factory=dict)
    people: frozenset[int] = frozenset()

    @property
    def heir(self) -> Agency:
        """Who takes what was not given to another."""
        return self.successors[0]


def check_day(day: dt.date, today: dt.date) -> None:
    """A reorganisation is recorded when its day has come; raises ValidationError before."""
    if day > today:
        said = _("机构变更自生效之日起登记：请在%(day)s当天或之后再登记。") % {"day": day_text(day)}
        raise ValidationError(said, code="future")


def check(asked: Reorganisation, today: dt.date) -> None:
    """Raises ValidationError with the sentence for whoever asks."""
    check_day(asked.on, today)
    _check_agencies(asked)
    if asked.kind == Kind.MERGED and len(asked.successors) != 1:
        raise ValidationError(_("合并须有且只有一个承接单位。"), code="one_successor")
    if asked.kind == Kind.SPLIT and (len(asked.successors) < 2 or len(asked.predecessors) != 1):
        raise ValidationError(_("拆分须有一个原单位和两个以上承接单位。"), code="several_successors")


def _check_agencies(asked: Reorganisation) -> None:
    for agency in (*asked.predecessors, *asked.successors):
        if agency.is_collective:
            raise ValidationError(
                _("“%(name)s”是统称，不能合并、拆分或承接。") % {"name": agency.name}, code="collective"
            )
        if not agency.is_living:
            raise ValidationError(
                _("“%(name)s”已撤销或已并入其他单位，请改填现在的单位。") % {"name": agency.name}, code="dissolved"
            )
    both = set(asked.predecessors) & set(asked.successors)
    if both:
        raise ValidationError(
            _("“%(name)s”不能承接自己；如只是改名，请选择“更名”。") % {"name": min(both, key=str).name}, code="itself"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SuccessionPlan:
    """What a reorganisation would do. `moving` duties change hands, `joining` of them meet one the heir has already;
    `measures` are theirs in list order."""

    moving: int
    joining: int
    tokens: int
    people: tuple[Membership, ...]
    measures: tuple[Measure, ...]
    groups: tuple[Agency, ...]


def plan(asked: Reorganisation) -> SuccessionPlan:
    """What would follow. Writes nothing."""
    duties = Duty.objects.filter(agency__in=asked.predecessors)
    measures = Measure.objects.filter(duties__in=duties).select_related("item").distinct()
    held = set(Duty.objects.filter(agency__in=asked.successors).values_list("measure_id", "agency_id"))
    taken = [(pk, asked.choices.get(pk, asked.heir.pk)) for pk in duties.values_list("measure_id", flat=True)]
    return SuccessionPlan(
        moving=len(taken),
        # Those that meet a duty the heir has, and those of several predecessors that meet at one heir.
        joining=sum(1 for place in taken if place in held) + len(taken) - len(set(taken)),
        tokens=Token.objects.living(timezone.now()).filter(agency__in=asked.predecessors).count(),
        people=tuple(people_of(asked.predecessors)),
        measures=tuple(measures.order_by("reform_list", "row")),
        groups=tuple(Agency.objects.filter(member_places__member__in=asked.predecessors).distinct()),
    )


def people_of(agencies: Sequence[Agency]) -> list[Membership]:
    """The roles that people have in these agencies."""
    return list(Membership.objects.filter(agency__in=agencies).select_related("user", "agency"))


def reorganise(asked: Reorganisation, *, who: Principal, today: dt.date) -> Succession:
    """Carry a reorganisation out, whole or not at all. Raises ValidationError as `check` does."""
    with transaction.atomic():
        asked = _locked(asked)
        # Asked of the rows that are held: what the page showed may be out of date.
        check(asked, today)
        succession = _write_succession(asked)
        heirs = [agency.pk for agency in asked.successors]
        before = duties_held(heirs)
        entries = _move_duties(asked, who, today)
        tell_heirs(heirs, before, facts={"predecessors": [agency.name for agency in asked.predecessors]}, on=today)
        entries += _move_people(asked)
        for agency in asked.predecessors:
            entries += revoke_all(agency)
        record([*_agency_entries(asked), *entries], who=who, on=today)
    return succession


def _locked(asked: Reorganisation) -> Reorganisation:
    """The same with its agencies read again and held."""
    ids = [agency.pk for agency in (*asked.predecessors, *asked.successors)]
    locked = {
        agency.pk: agency for agency in Agency.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    }
    return Reorganisation(
        kind=asked.kind,
        predecessors=tuple(locked[agency.pk] for agency in asked.predecessors),
        successors=tuple(locked[agency.pk] for agency in asked.successors),
        on=asked.on,
        reference=asked.reference,
        choices=asked.choices,
        people=asked.people,
    )


def _write_succession(asked: Reorganisation) -> Succession:
    succession = Succession.objects.create(kind=asked.kind, on=asked.on, reference=asked.reference)
    succession.predecessors.set(asked.predecessors)
    succession.successors.set(asked.successors)
    for agency in asked.predecessors:
        agency.dissolved_on, agency.successor = asked.on, asked.heir
        agency.save(update_fields=["dissolved_on", "successor"])
    return succession


def _move_duties(asked: Reorganisation, who: Principal, on: dt.date) -> list[Entry]:
    """Duties with status and reports to their heirs; what was chosen for a measure holds for later derivations too."""
    touched = lock_measures(
        pk for agency in asked.predecessors for pk in (*Duty.objects.measures_of(agency.pk), *measures_beside(agency))
    )
    entries = [entry for agency in asked.predecessors for entry in _move_duties_of(agency, asked, who, on)]
    derive_duties(touched)
    Measure.objects.filter(pk__in=touched).touch()
    return entries + settle_reported(touched)


def _move_duties_of(agency: Agency, asked: Reorganisation, who: Principal, on: dt.date) -> list[Entry]:
    names = {heir.pk: heir.name for heir in asked.successors}
    held = Duty.objects.measures_of(agency.pk)
    heirs = {pk: heir if (heir := asked.choices.get(pk)) in names else asked.heir.pk for pk in held}
    # Only for who is not the first successor, whom `Agency.successor` names for all the rest.
    Takeover.objects.bulk_create(
        Takeover(measure_id=pk, predecessor=agency, successor_id=heir)
        for pk, heir in heirs.items()
        if heir != asked.heir.pk
    )
    # While duties that will be joined are still two.
    returned = return_half_claims(agency.pk, heirs, who=who, on=on)
    move_duties(agency.pk, heirs)
    return [*(_moved(pk, agency.name, names[heir], asked) for pk, heir in heirs.items()), *returned]


def _moved(measure_id: int, old: str, new: str, asked: Reorganisation) -> Entry:
    return measure_entry(
        "measure.duty_moved",
        measure_id,
        visibility=Change.Visibility.PUBLIC,
        before={"agency": old},
        after={"agency": new},
        reason=asked.reference,
        on=asked.on,
    )


def _move_people(asked: Reorganisation) -> list[Entry]:
    """Those who go along get the same role with the heir; the others stay with the dissolved agency, where they can
    do nothing, until an administrator decides."""
    going = [place for place in people_of(asked.predecessors) if place.pk in asked.people]
    # A person has a role in an agency once.
    there = set(Membership.objects.filter(agency=asked.heir).values_list("user_id", "role"))
    entries = []
    for place in going:
        before = {"agency": place.agency.name, "role": place.role}
        if (place.user_id, place.role) in there:
            place.delete()
        else:
            place.agency = asked.heir
            place.save(update_fields=["agency"])
            there.add((place.user_id, place.role))
        entries.append(
            Entry(
                action="person.moved",
                kind="user",
                object_id=place.user_id,
                agency_id=asked.heir.pk,
                visibility=Change.Visibility.INTERNAL,
                before=before,
                after={"agency": asked.heir.name, "role": place.role},
            )
        )
    return entries


def _agency_entries(asked: Reorganisation) -> list[Entry]:
    told = {"kind": str(asked.kind), "on": asked.on.isoformat()}
    old = [{"id": agency.pk, "name": agency.name} for agency in asked.predecessors]
    new = [{"id": agency.pk, "name": agency.name} for agency in asked.successors]
    dissolved = [
        entry_of(agency, "agency.dissolved", after=told | {"successors": new}, reason=asked.reference)
        for agency in asked.predecessors
    ]
    return dissolved + [
        entry_of(agency, "agency.succeeded", after=told | {"predecessors": old}, reason=asked.reference)
        for agency in asked.successors
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewName:
    """What an agency is called from `on`; an empty `full_name` or `name_en` leaves the one it has."""

    name: str
    on: dt.date
    full_name: str = ""
    name_en: str = ""
    reference: str = ""


def check_name(agency: Agency, new: NewName, today: dt.date) -> None:
    """Raises ValidationError where the agency cannot be called so."""
    check_day(new.on, today)
    if not agency.is_living:
        raise ValidationError(_("已撤销的单位不能更名。"), code="dissolved")
    if new.name == agency.name:
        raise ValidationError(_("新名称与现名称相同。"), code="same_name")
    taken = strangers_called([name for name in (new.name, new.full_name) if name], agency)
    if taken:
        name, other = next(iter(taken.items()))
        said = _("“%(name)s”已是“%(other)s”的名称；如为同一单位，请用“合并重复单位”。")
        raise ValidationError(said % {"name": name, "other": other.name}, code="taken")


def rename(agency: Agency, new: NewName, *, who: Principal, today: dt.date) -> Succession:
    """The agency stays the same one; its old names become other names, so that older documents find it.
    Raises ValidationError as `check_name` does."""
    with transaction.atomic():
        locked = Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
        check_name(locked, new, today)
        before = facts_of(locked)
        succession = Succession.objects.create(
            kind=Kind.RENAMED, on=new.on, reference=new.reference, old_name=locked.name, new_name=new.name
        )
        succession.predecessors.add(locked)
        succession.successors.add(locked)
        _take_names(locked, new, old=before["other_names"])
        record(changes(locked, before, action="agency.renamed", reason=new.reference), who=who, on=today)
    return succession


def _take_names(agency: Agency, new: NewName, *, old: Sequence[str]) -> None:
    others = {*old, agency.name, *spellings_kept(agency)}
    if new.full_name:
        others.add(agency.full_name)
    agency.name = new.name
    agency.full_name = new.full_name or agency.full_name
    agency.name_en = new.name_en or agency.name_en
    agency.save(update_fields=["name", "full_name", "name_en"])
    set_other_names(agency, own_names(agency, others))
