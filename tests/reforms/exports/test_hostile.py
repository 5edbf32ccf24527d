"""A thousand hostile texts through what is made for Word and WPS: nothing is calculated, no file breaks, and each text
comes back as far as XML can hold it."""

import io
import zipfile
from functools import partial
from typing import Any

from docx import Document
from lxml import etree
from openpyxl import load_workbook

from agencies.models import Agency, User
from reforms.bulletins.document import write_bulletin
from reforms.bulletins.drafts import draft_bulletin
from reforms.duties import acting_in
from reforms.exports.makers import write_zip
from reforms.lib.official import official, tabulated
from reforms.models import Duty, Measure, ReformList, SupervisionOrder
from reforms.office.order_document import write_order
from reforms.organisation.roster import write_roster
from tests.conftest import ON
from tests.reforms.hostile import HOSTILE, as_lines, in_a_cell
from tests.reforms.ledger.test_document import cells_of, docx_of
from tests.reforms.people import Cast, acting

# A database holds no NUL and no half of a pair, and a name no line of its own.
NAMES = [text[:50] for text in HOSTILE]


def said_by(data: bytes) -> str:
    """All that a Word document says; every part of it is XML."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        for name in parts.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(parts.read(name))
    document = Document(io.BytesIO(data))
    said = [paragraph.text for paragraph in document.paragraphs]
    return "\n".join(said + [cell.text for table in document.tables for row in table.rows for cell in row.cells])


def test_a_table_for_word_says_each_of_them() -> None:
    document, rows = official(), [HOSTILE[at : at + 5] for at in range(0, 1000, 5)]
    tabulated(document, HOSTILE[:5], [30] * 5, rows)
    held = io.BytesIO()
    document.save(held)
    assert len(HOSTILE) == len(set(HOSTILE)) == 1000
    assert cells_of(held.getvalue())[1:] == [list(map(as_lines, row)) for row in rows]


def test_a_list_for_word_says_what_measures_say(demo: ReformList, cast: Cast, signed_in: Any) -> None:
    measures = list(Measure.objects.order_by("row"))
    for measure, text, title in zip(measures, HOSTILE[::4], HOSTILE[1::4], strict=False):
        measure.text, measure.title = text, title[:200]
    Measure.objects.bulk_update(measures, ["text", "title"])
    heading, *rows = cells_of(docx_of(signed_in(cast.supervisor), ""))
    place = heading.index("具体举措")
    assert [row[place] for row in rows] == [as_lines(measure.text) for measure in measures]
    assert [row[place - 1] for row in rows] == [as_lines(measure.title) for measure in measures]


def test_a_bulletin_and_an_order_say_what_was_typed(demo: ReformList, cast: Cast, transport: Agency) -> None:
    bulletin = draft_bulletin(demo, ON, who=acting(cast.supervisor), on=ON)
    parts = ("title", "to", "intro", "overall", "results", "problems", "demands", "copies_to")
    for place, name in enumerate(parts):
        setattr(bulletin, name, "\n".join(HOSTILE[place::8]))
    order = SupervisionOrder.objects.create(agency=transport, drafted_on=ON)
    order.subject, order.content = "\n".join(HOSTILE[::2]), "\n".join(HOSTILE[1::2])
    documents: list[tuple[Any, list[str]]] = [
        (partial(write_bulletin, bulletin), HOSTILE),
        (partial(write_order, order, ON), HOSTILE),
    ]
    for write, texts in documents:
        held = io.BytesIO()
        write(file=held)
        # Where a line ends is the document's affair; that nothing of it is lost is ours.
        said = "".join(said_by(held.getvalue()).split())
        assert [text[:30] for text in texts if "".join(as_lines(text).split()) not in said] == []


def test_a_roster_holds_them_and_calculates_nothing(public: ReformList, cast: Cast, transport: Agency) -> None:
    User.objects.bulk_create(
        User(username=f"h{n}", full_name=f"{n}", position=text, phone=text[:40]) for n, text in enumerate(NAMES)
    )
    people = User.objects.filter(username__startswith="h").exclude(full_name="")
    transport.memberships.bulk_create(
        transport.memberships.model(user=user, agency=transport, role="reporter") for user in people.order_by("pk")
    )
    held = io.BytesIO()
    write_roster(held, ON)
    sheet = load_workbook(held).worksheets[0]
    rows = {row[2].value: row for row in sheet.iter_rows(min_row=4)}
    assert [rows[f"{n}"][3].value or "" for n in range(1000)] == [in_a_cell(text) for text in NAMES]
    assert not [cell for row in rows.values() for cell in row if cell.data_type == "f"]


def test_a_zip_of_agencies_with_such_names_can_be_unpacked(demo: ReformList, cast: Cast) -> None:
    named = list(Agency.objects.filter(pk__in=acting_in(demo)).order_by("pk")[:4])
    for agency, name in zip(named, ('=cmd|"x"!A0', "..\\..\\甲/乙", "\u202egnp.exe\x1f", "CON"), strict=True):
        agency.name = name
    Agency.objects.bulk_update(named, ["name"])
    Duty.objects.exclude(agency__in=named).delete()
    held = io.BytesIO()
    write_zip(demo, acting(cast.supervisor), ON, held)
    with zipfile.ZipFile(held) as package:
        assert package.testzip() is None
        names = package.namelist()
        for name in names:
            assert not set('\\/:*?"<>|\u202e\x1f').intersection(name)
            if name.endswith("docx"):
                said_by(package.read(name))
            else:
                cells = [cell for row in load_workbook(io.BytesIO(package.read(name)))["填报"].rows for cell in row]
                assert not [cell for cell in cells if cell.data_type == "f"]
    assert len(names) == len(set(names)) == 8
