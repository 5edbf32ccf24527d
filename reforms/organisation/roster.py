"""联络员名册: whom the office calls in each agency, as a workbook that prints on A4 across."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import override

from agencies.models import Agency, Membership, Role, User
from reforms.lib.printed_table import PrintedTable, write_table
from reforms.lib.words import day_text
from reforms.models import Duty

TITLE = "联络员名册"
# Headings, and widths in characters: together a page of A4 across.
COLUMNS = (
    *(("序号", 6.0), ("单位", 25.0), ("联络员", 12.0), ("职务", 15.0), ("办公电话", 16.0), ("手机", 15.0)),
    *(("邮箱", 25.0), ("审核人", 26.0)),
)


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
    with override(settings.LANGUAGE_CODE):
        said = f"截至{day_text(on)}　内部使用，请勿外传"
        write_table(PrintedTable(TITLE, said, COLUMNS, centred=frozenset({1})), roster(), file)
