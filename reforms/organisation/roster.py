"""联络员名册: whom the office calls in each agency, as a workbook that prints on A4 across."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.conf import settings
from django.utils import timezone
from django.utils.translation import override
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from agencies.lib.long_sheets import LAST, write_rows
from agencies.models import Agency, Membership, Role, User
from reforms.lib.tables import put
from reforms.lib.words import day_text
from reforms.models import Duty

TITLE = "联络员名册"
# Headings, and widths in characters: together a page of A4 across.
COLUMNS = (
    *(("序号", 6.0), ("单位", 25.0), ("联络员", 12.0), ("职务", 15.0), ("办公电话", 16.0), ("手机", 15.0)),
    *(("邮箱", 25.0), ("审核人", 26.0)),
)
HEADING_ROW, A4 = 3, 9
MM_PER_INCH = 25.4


def roster() -> Iterator[list[str | int | None]]:
    """A row for each 联络员 (a reporter) of every agency that has something to do, in the order of the directory; one
    where an agency has none. Agency and approvers stand in its first row."""
    held = Duty.objects.in_work().order_by().values("agency")
    agencies = list(Agency.objects.living().filter(pk__in=held).order_by("pk"))
    people = _people(agencies)
    for number, agency in enumerate(agencies, 1):
        approvers = "\n".join(_with_number(user) for user in people[agency.pk, Role.APPROVER])
        for place, user in enumerate(people[agency.pk, Role.REPORTER] or [None]):
            yield [
                *((number, agency.name) if place == 0 else (None, None)),
                *(_contact(user) if user else ("",) * 5),
                approvers if place == 0 else None,
            ]


def _people(agencies: list[Agency]) -> dict[tuple[int, str], list[User]]:
    """Who can sign in, by agency and role, in the order in which they came."""
    found: dict[tuple[int, str], list[User]] = defaultdict(list)
    places = Membership.objects.filter(
        agency__in=agencies, role__in=(Role.REPORTER, Role.APPROVER), user__is_active=True
    )
    for place in places.select_related("user").order_by("pk"):
        found[place.agency_id, place.role].append(place.user)
    return found


def _contact(user: User) -> tuple[str, ...]:
    return str(user), user.position, user.phone, user.mobile, user.email


def _with_number(user: User) -> str:
    number = user.phone or user.mobile
    return f"{user}（{number}）" if number else str(user)


def write_roster(file: BinaryIO, on: dt.date) -> None:
    """The xlsx; in Chinese, as it is passed on."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = TITLE
    _top(sheet, on)
    for place in range(1, len(COLUMNS) + 1):
        cell = put(sheet, HEADING_ROW + 1, place, None, boxed=True)
        cell.font = Font(name="仿宋", size=11)
        cell.alignment = Alignment(horizontal="center" if place == 1 else "left", vertical="center", wrap_text=True)
    _page(sheet)
    with override(settings.LANGUAGE_CODE):
        write_rows(book, roster(), file)


def _top(sheet: Any, on: dt.date) -> None:
    put(sheet, 1, 1, TITLE).font = Font(name="方正小标宋简体", size=20)
    with override(settings.LANGUAGE_CODE):
        put(sheet, 2, 1, f"截至{day_text(on)}　内部使用，请勿外传").font = Font(name="楷体", size=10)
    sheet.row_dimensions[1].height, sheet.row_dimensions[HEADING_ROW].height = 34, 24
    for place, (heading, width) in enumerate(COLUMNS, 1):
        sheet.cell(1, place).alignment = Alignment(horizontal="centerContinuous", vertical="center")
        cell = put(sheet, HEADING_ROW, place, heading, boxed=True)
        cell.font = Font(name="黑体", size=11)
        cell.alignment = Alignment(horizontal="center", vertical="center")
        sheet.column_dimensions[get_column_letter(place)].width = width


def _page(sheet: Any) -> None:
    """As wide as a page, as many pages as it takes (0)."""
    sheet.freeze_panes = f"A{HEADING_ROW + 1}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = "landscape", A4, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins.left = sheet.page_margins.right = sheet.page_margins.top = 12 / MM_PER_INCH
    sheet.print_options.horizontalCentered = True
    sheet.print_title_rows = f"{HEADING_ROW}:{HEADING_ROW}"
    last = get_column_letter(len(COLUMNS))
    sheet.print_area, sheet.auto_filter.ref = f"A1:{last}{LAST}", f"A{HEADING_ROW}:{last}{LAST}"
    sheet.oddFooter.center.text = "第&P页　共&N页"
    sheet.oddFooter.right.text = f"制表时间：{timezone.localtime():%Y-%m-%d %H:%M}"
