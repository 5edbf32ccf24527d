"""Many short lists beside the real one, made as rows: what grows with the number of lists shows."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import models
from django.utils import timezone

from reforms.duties import derive_duties
from reforms.models import Audience, Item, ListEdition, Measure, PrintedRow, ReformList, Section
from reforms.status.past import rebuild

Row = TypeVar("Row", bound=models.Model)
EACH = 2


def many_lists(original: ReformList, count: int, *, begin: int = 0) -> list[ReformList]:
    """So many lists, each with the first measures of `original` in a section and an item of its own; every second one
    tells its status. No list is like another in name, year or days."""
    measures = list(Measure.objects.filter(reform_list=original).order_by("row")[:EACH])
    lists = _made(ReformList(**_like(original, number)) for number in range(begin, begin + count))
    editions = _made(_edition(one) for one in lists)
    sections = _made(Section(reform_list=one, number=1, title=f"{one}任务类别") for one in lists)
    items = _made(
        Item(reform_list=one, section=section, number=1, title=f"{one}改革事项")
        for one, section in zip(lists, sections, strict=True)
    )
    made = _made(
        _copy(measure, reform_list=one, edition=edition, section=section, item=item, seq_in_item=seq, row=seq)
        for one, edition, section, item in zip(lists, editions, sections, items, strict=True)
        for seq, measure in enumerate(measures, start=1)
    )
    beside = {measure.pk: list(measure.assignments.all()) for measure in measures}
    copied_from = [measure.pk for _one in lists for measure in measures]
    _made(
        _copy(assignment, measure=one)
        for one, origin in zip(made, copied_from, strict=True)
        for assignment in beside[origin]
    )
    _made(_printed(one) for one in made)
    derive_duties([one.pk for one in made])
    rebuild([one.pk for one in made])
    return lists


def _like(original: ReformList, number: int) -> dict[str, Any]:
    year = 2002 + number % 20
    return {
        "slug": f"many-{number}",
        "title": f"第{number}份改革事项清单（{year}年）",
        "short_title": f"第{number}份",
        "year": year,
        "issued_on": dt.date(year, 1, 1) + dt.timedelta(days=number % 300),
        "first_on": dt.date(year, 3, 1),
        "open_to": Audience.PUBLIC,
        "public_status": number % 2 == 0,
        "contact": f"张{number}",
        "report_day": number % 28 + 1,
    }


def _edition(reform_list: ReformList) -> ListEdition:
    return ListEdition(
        reform_list=reform_list,
        number=1,
        title=reform_list.title,
        file_name="list.docx",
        file_sha256="0" * 64,
        content_sha256="0" * 64,
        imported_at=timezone.now(),
        imported_by="张管理",
    )


def _printed(measure: Measure) -> PrintedRow:
    places = {"section_no": 1, "item_no": 1, "seq_in_item": measure.seq_in_item}
    return PrintedRow(edition_id=measure.edition_id, row=measure.row, measure=measure, text=measure.text, **places)


def _made(rows: Iterable[Row]) -> list[Row]:
    made = list(rows)
    return list(type(made[0])._default_manager.bulk_create(made, batch_size=500))


def _copy(original: Row, **changed: Any) -> Row:
    names = [field.attname for field in original._meta.concrete_fields if not field.primary_key]
    return type(original)(**{name: getattr(original, name) for name in names} | _by_attribute(original, changed))


def _by_attribute(original: models.Model, changed: dict[str, Any]) -> dict[str, Any]:
    return {
        original._meta.get_field(name).attname if isinstance(value, models.Model) else name: (  # type: ignore[union-attr]
            value.pk if isinstance(value, models.Model) else value
        )
        for name, value in changed.items()
    }
