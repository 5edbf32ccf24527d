"""What a list holds now, in the parser's terms, and what a document would change about it. Writes nothing."""

from collections.abc import Iterable

from agencies.models import Agency
from importers.documents.values import ParsedList
from importers.plans.plan import Answer, KnownMeasure, Plan, agency_names, make_plan, settle
from reforms.models import Assignment, Disposition, ListEdition, Measure, Part, ReformList

NO_SECTION = 0


def plan_import(printed: ParsedList, reform_list: ReformList | None, answers: tuple[Answer, ...] = ()) -> Plan:
    """What importing `printed` into `reform_list` (None: a list not yet known) would change.

    What persons settled for the edition in force still holds; `answers` are what they settle now.
    """
    edition = edition_in_force(reform_list) if reform_list else None
    # The new ones last, since the last answer to a question holds.
    answers = (*answers_of(edition), *answers)
    settled = settle(printed, answers)
    return make_plan(
        settled,
        known_measures(reform_list) if reform_list and edition else [],
        agency_ids={name: agency.pk for name, agency in Agency.objects.called(agency_names(settled)).items()},
        edition_in_force=edition.number if edition else None,
        same_content=edition is not None and edition.content_sha256 == settled.content_hash,
        answers=_once(answers),
    )


def _once(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """The last answer to each question."""
    return tuple({answer.key: answer for answer in answers}.values())


def edition_in_force(reform_list: ReformList) -> ListEdition | None:
    """The edition of a list that is in force, None for a list without one."""
    return reform_list.editions.filter(is_in_force=True).first()


def answers_of(edition: ListEdition | None) -> tuple[Answer, ...]:
    """What was settled for an edition."""
    return tuple(map(Answer.of_json, edition.answers)) if edition else ()


def known_measures(reform_list: ReformList) -> list[KnownMeasure]:
    """Every measure the list has or had, in printed order."""
    measures = Measure.objects.filter(reform_list=reform_list)
    names: dict[tuple[int, str], list[str]] = {}
    # In printed order: agencies in another order are told as a change.
    beside = Assignment.objects.filter(measure__in=measures).order_by("measure", "part", "order")
    for measure_id, part, name in beside.values_list("measure_id", "part", "printed_name"):
        names.setdefault((measure_id, part), []).append(name)
    return [_known(measure, names) for measure in measures.select_related("item", "section").order_by("row", "pk")]


def _known(measure: Measure, names: dict[tuple[int, str], list[str]]) -> KnownMeasure:
    section = measure.section
    return KnownMeasure(
        id=measure.pk,
        item_id=measure.item_id,
        section_no=section.number,
        section=section.title if section.number != NO_SECTION else "",
        item_no=measure.item.number,
        seq_in_item=measure.seq_in_item,
        national=measure.item.is_national,
        item_title=measure.title,
        text=measure.text,
        lead=tuple(names.get((measure.pk, Part.LEAD), ())),
        lead_note=measure.lead_note,
        responsible=tuple(names.get((measure.pk, Part.RESPONSIBLE), ())),
        deadline_text=measure.deadline_text,
        deadline=measure.deadline,
        ongoing=measure.is_standing,
        withdrawn=measure.disposition == Disposition.WITHDRAWN,
    )
