"""时限调整, and correcting one: by the same person within a day it counts once, else it is another."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import F
from django.test import Client

from agencies.models import Change, User
from reforms.models import DeadlineAdjustment, Measure, Notice
from reforms.notices.wording import sentence_of
from reforms.review.deadline_moves import moves_of, times_moved
from reforms.review.extensions import ExtensionTerms, adjust_deadline, ask_extension, grant_extension
from tests.conftest import ON
from tests.reforms.people import Cast, acting

JUNE, SEPTEMBER, DECEMBER = dt.date(2022, 6, 30), dt.date(2022, 9, 30), dt.date(2022, 12, 31)
SLIP = dt.date(2023, 9, 30)
REFERENCE = "深府办〔2022〕9号"


def adjust(led: Measure, user: User, day: dt.date, reference: str = REFERENCE, reason: str = "") -> bool:
    return adjust_deadline(led.pk, day, reference=reference, reason=reason, seen=None, who=acting(user), on=ON)


def times(led: Measure) -> int:
    return times_moved(moves_of(led, everything=True))


def standing(led: Measure) -> tuple[dt.date | None, bool, int]:
    """The deadline in force, whether it counts as moved, and how often it was."""
    led.refresh_from_db()
    return led.deadline_in_force, led.is_deadline_moved, times(led)


def test_a_correction_takes_the_place_of_the_slip_and_the_log_keeps_both(led: Measure, cast: Cast) -> None:
    assert adjust(led, cast.supervisor, SLIP) is False
    assert adjust(led, cast.supervisor, SEPTEMBER) is True
    assert standing(led) == (SEPTEMBER, True, 1)
    kept = DeadlineAdjustment.objects.get()
    assert (kept.former, kept.deadline) == (JUNE, SEPTEMBER)
    logged = Change.objects.filter(action__startswith="measure.deadline_").order_by("sequence")
    assert [(change.action, change.after["deadline_in_force"]) for change in logged] == [
        ("measure.deadline_moved", "2023-09-30"),
        ("measure.deadline_corrected", "2022-09-30"),
    ]


def test_two_in_one_day_are_two_where_the_form_says_so(
    led: Measure, cast: Cast, signed_in: Callable[[User], Client]
) -> None:
    client, address = signed_in(cast.supervisor), f"/measures/{led.pk}/steer/"
    assert "又一次调整" not in client.get(address).content.decode(), "there is nothing to correct"
    adjust(led, cast.supervisor, SEPTEMBER)
    assert "又一次调整" in client.get(address).content.decode()
    led.refresh_from_db()
    sent = {"act": "adjust", "deadline": "2022-12-31", "reference": REFERENCE, "seen": led.version, "counted": "again"}
    shown = client.post(address, sent).content.decode()
    assert "这将是第2次延期或调整" in shown
    assert client.post(address, sent | {"confirmed": "1"}).status_code == 302
    assert standing(led) == (DECEMBER, True, 2)
    logged = Change.objects.filter(action__startswith="measure.deadline_").order_by("sequence")
    assert [change.action for change in logged] == ["measure.deadline_moved"] * 2


def test_those_who_were_told_of_the_slip_are_told_of_the_correction(led: Measure, cast: Cast) -> None:
    adjust(led, cast.supervisor, SLIP)
    adjust(led, cast.supervisor, SEPTEMBER)
    told = Notice.objects.filter(kind="deadline_adjusted", agency=cast.agency).order_by("pk")
    assert [str(sentence_of(notice)) for notice in told] == [
        "完成时限调整为2023年9月30日（深府办〔2022〕9号）。",
        "时限调整有误，现更正：完成时限为2022年9月30日（深府办〔2022〕9号）。",
    ]


def test_by_somebody_else_it_is_another_adjustment(led: Measure, cast: Cast) -> None:
    adjust(led, cast.supervisor, SLIP)
    assert adjust(led, cast.second_supervisor, SEPTEMBER) is False
    assert standing(led) == (SEPTEMBER, True, 2)


@pytest.mark.parametrize(("hours", "counted"), [(23, 1), (25, 2)])
def test_after_a_day_it_is_another_adjustment(led: Measure, cast: Cast, hours: int, counted: int) -> None:
    adjust(led, cast.supervisor, SLIP)
    DeadlineAdjustment.objects.update(recorded_at=F("recorded_at") - dt.timedelta(hours=hours))
    adjust(led, cast.supervisor, SEPTEMBER)
    assert standing(led) == (SEPTEMBER, True, counted)


def test_the_day_is_counted_from_the_adjustment_and_not_from_its_last_correction(led: Measure, cast: Cast) -> None:
    adjust(led, cast.supervisor, SLIP)
    adjust(led, cast.supervisor, DECEMBER)
    DeadlineAdjustment.objects.update(recorded_at=F("recorded_at") - dt.timedelta(hours=25))
    adjust(led, cast.supervisor, SEPTEMBER)
    assert standing(led) == (SEPTEMBER, True, 2)


def test_what_is_taken_back_was_none(led: Measure, cast: Cast) -> None:
    adjust(led, cast.supervisor, SLIP)
    adjust(led, cast.supervisor, JUNE)
    assert standing(led) == (JUNE, False, 0)


def test_what_was_extended_before_stays_extended_when_an_adjustment_is_taken_back(led: Measure, cast: Cast) -> None:
    extend(led, cast, SEPTEMBER)
    adjust(led, cast.supervisor, SLIP)
    assert standing(led) == (SLIP, True, 2)
    adjust(led, cast.supervisor, SEPTEMBER)
    assert standing(led) == (SEPTEMBER, True, 1)


def test_an_adjustment_on_which_an_extension_was_granted_is_no_longer_corrected(led: Measure, cast: Cast) -> None:
    adjust(led, cast.supervisor, SEPTEMBER)
    extend(led, cast, DECEMBER)
    assert adjust(led, cast.supervisor, SLIP) is False
    assert standing(led) == (SLIP, True, 3)


def extend(led: Measure, cast: Cast, until: dt.date) -> None:
    wanted = ExtensionTerms(until=until, reason="上级文件尚未印发。")
    asked = ask_extension(led.pk, cast.agency.pk, wanted, who=acting(cast.reporter), on=ON)
    grant_extension(asked.pk, until=until, seen=None, who=acting(cast.supervisor), on=ON)


def test_where_a_new_edition_printed_another_deadline_going_back_still_counts(led: Measure, cast: Cast) -> None:
    adjust(led, cast.supervisor, SLIP)
    Measure.objects.filter(pk=led.pk).update(deadline=DECEMBER)
    adjust(led, cast.supervisor, JUNE)
    assert standing(led) == (JUNE, True, 1)


def test_a_mistyped_document_number_is_corrected_too(led: Measure, cast: Cast) -> None:
    adjust(led, cast.supervisor, SEPTEMBER, "深府办〔2202〕9号")
    adjust(led, cast.supervisor, SEPTEMBER)
    assert DeadlineAdjustment.objects.get().reference == REFERENCE
    logged = Change.objects.get(action="measure.deadline_corrected")
    assert (logged.before, logged.after) == ({"reference": "深府办〔2202〕9号"}, {"reference": REFERENCE})
    with pytest.raises(ValidationError, match="与现行时限相同"):
        adjust(led, cast.supervisor, SEPTEMBER)


def test_nobody_else_corrects_a_document_number(led: Measure, cast: Cast) -> None:
    adjust(led, cast.supervisor, SEPTEMBER)
    with pytest.raises(ValidationError, match="与现行时限相同"):
        adjust(led, cast.second_supervisor, SEPTEMBER, "另一文号")


def test_a_day_decades_away_is_a_slip_of_the_keyboard(led: Measure, cast: Cast) -> None:
    for day in (dt.date(9999, 12, 31), dt.date(202, 9, 30)):
        with pytest.raises(ValidationError, match="超过20年"):
            adjust(led, cast.supervisor, day)
    wanted = ExtensionTerms(until=dt.date(9999, 12, 31), reason="上级文件尚未印发。")
    with pytest.raises(ValidationError, match="超过20年"):
        ask_extension(led.pk, cast.agency.pk, wanted, who=acting(cast.reporter), on=ON)


def test_by_api_it_is_the_same(led: Measure, cast: Cast, signed_in: Callable[[User], Client]) -> None:
    client = signed_in(cast.supervisor)
    for day in ("2023-09-30", "2022-09-30"):
        sent = deliver(client, led, day)
        assert sent.status_code == 200, sent.content
    assert standing(led) == (SEPTEMBER, True, 1)


def deliver(client: Client, led: Measure, day: str) -> Any:
    address = f"/api/v1/measures/{led.pk}"
    etag = client.get(address)["ETag"]
    body = {"deadline": day, "reference": REFERENCE}
    return client.post(f"{address}/adjust-deadline", body, content_type="application/json", headers={"If-Match": etag})
