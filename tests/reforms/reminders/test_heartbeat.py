"""Each sweep is kept, and a clock that cannot be right stops all sending until somebody has confirmed it."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.models import Agency, Change, Role
from config.celery import app
from reforms.models import ClockStop, DeliveryCopy, Measure, ReformList, Reminder, SweepRun
from reforms.reminders.sending.clock import ClockReading
from reforms.reminders.sending.heartbeat import heartbeat, watched_sweep
from reforms.reminders.sending.outbox import Sweep
from reforms.tasks import send_reminders
from tests.conftest import ON, PersonMaker
from tests.reforms.large import repeated

Mailbox = list[EmailMultiAlternatives]
SECOND = dt.timedelta(seconds=1)
MORNING = ClockReading("one", dt.datetime(2022, 6, 15, 2, tzinfo=dt.UTC), "boot-1", 1000.0)
SERVICE = "agencies.people.sign_in.PasswordBackend"


@pytest.fixture(autouse=True)
def _in_earnest(settings: Any) -> None:
    settings.PORTAL_TODAY = None


def later(reading: ClockReading, seconds: float, *, wall: float | None = None) -> ClockReading:
    """So many seconds later; `wall` is how far the clock on the wall moved, where that differs."""
    moved = seconds if wall is None else wall
    return replace(reading, at=reading.at + moved * SECOND, uptime=reading.uptime + seconds)


def swept(*readings: ClockReading) -> list[Sweep | None]:
    return [watched_sweep(ON, clocks=reading) for reading in readings]


# What is kept ---------------------------------------------------------------------------------------


def test_a_sweep_is_kept_with_when_how_many_and_by_which_clock(few: ReformList, mailoutbox: Mailbox) -> None:
    swept(MORNING)
    run = SweepRun.objects.get()
    assert (run.host, run.host_at, run.on, run.looked, run.sent, run.failed) == ("one", MORNING.at, ON, 3, 3, 0)
    assert run.ended_at
    assert abs(timezone.now() - run.began_at) < dt.timedelta(minutes=1), "by the database's clock"


def test_one_that_the_mail_server_ended_says_why(few: ReformList) -> None:
    def hang(*_args: object) -> None:
        raise TimeoutError("timed out")

    watched_sweep(ON, send=hang, clocks=MORNING)
    run = SweepRun.objects.get()
    assert (run.looked, run.sent, run.failed, run.trouble) == (1, 0, 1, "TimeoutError: timed out")
    assert heartbeat().trouble == "TimeoutError: timed out"


def test_old_ones_are_forgotten(few: ReformList) -> None:
    swept(MORNING)
    SweepRun.objects.update(began_at=timezone.now() - dt.timedelta(days=40))
    swept(later(MORNING, 24 * 3600))
    assert SweepRun.objects.count() == 1


# The clock ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("then", "kind"),
    [
        pytest.param(later(MORNING, 60, wall=-7200), "back", id="two hours back"),
        pytest.param(later(MORNING, 60, wall=-120), "back", id="two minutes back"),
        pytest.param(replace(later(MORNING, 5, wall=-86_400), boot="boot-2", uptime=5.0), "back", id="over a restart"),
        pytest.param(later(MORNING, 60, wall=31 * 86_400), "apart", id="a month ahead while running"),
        pytest.param(later(MORNING, 86_400, wall=60), "apart", id="stood still for a day"),
    ],
)
def test_a_clock_that_cannot_be_right_stops_all_sending(
    few: ReformList, mailoutbox: Mailbox, then: ClockReading, kind: str
) -> None:
    swept(MORNING)
    before = len(mailoutbox)
    Reminder.objects.all().delete()
    assert swept(then, later(then, 60)) == [None, None]
    assert (len(mailoutbox), ClockStop.objects.get().kind) == (before, kind), "told once, and nothing goes out"


@pytest.mark.parametrize(
    "then",
    [
        pytest.param(later(MORNING, 60), id="a minute later"),
        pytest.param(later(MORNING, 60, wall=10), id="set right by less than a minute"),
        pytest.param(later(MORNING, 90 * 86_400), id="asleep for three months"),
        pytest.param(replace(MORNING, at=MORNING.at + 90 * 86_400 * SECOND, boot="boot-2", uptime=30.0), id="off"),
        pytest.param(replace(later(MORNING, 60, wall=-1200), host="two"), id="another machine ten minutes behind"),
    ],
)
def test_an_outage_and_another_machine_s_clock_stop_nothing(few: ReformList, then: ClockReading) -> None:
    assert None not in swept(MORNING, then, replace(MORNING, at=max(MORNING.at, then.at), uptime=then.uptime))
    assert not ClockStop.objects.exists()


def test_somebody_confirms_the_clock_and_letters_go_out_again(
    few: ReformList, mailoutbox: Mailbox, client: Client, person: PersonMaker
) -> None:
    back = later(MORNING, 60, wall=-7200)
    swept(MORNING, back)
    Reminder.objects.all().delete()
    DeliveryCopy.objects.all().delete()
    supervisor = person(Role.SUPERVISOR)
    client.force_login(supervisor, backend=SERVICE)
    text = client.get("/reminders/sweeps/").content.decode()
    assert "主机时钟异常，已停止发送。" in text
    assert "时钟倒退" not in text, "what it is stands in words"
    stop = ClockStop.objects.get()
    answer = client.post(f"/reminders/sweeps/{stop.pk}/confirm/", follow=True)
    assert "时钟已确认，恢复发送。" in answer.content.decode()
    stop.refresh_from_db()
    assert stop.confirmed_by.startswith("supervisor-0")
    assert Change.objects.get(action="clock.confirmed").actor == stop.confirmed_by
    assert None not in swept(later(back, 60))
    again = client.post(f"/reminders/sweeps/{stop.pk}/confirm/", follow=True)
    assert "已有人确认过。" in again.content.decode()


def test_the_command_says_that_a_clock_is_to_be_confirmed(few: ReformList, settings: Any) -> None:
    settings.PORTAL_TODAY = ON
    ClockStop.objects.create(kind="back", host="one", before=MORNING.at, expected=MORNING.at, after=MORNING.at)
    with pytest.raises(CommandError, match="confirm the time"):
        call_command("send_reminders")


def test_no_message_to_the_worker_expires() -> None:
    """The moment would be written by the scheduler's clock, and thrown away by a worker whose clock differs."""
    assert [name for name, entry in app.conf.beat_schedule.items() if "expires" in entry.get("options", {})] == []


# Who looks ------------------------------------------------------------------------------------------


def test_readyz_tells_how_long_ago_the_last_sweep_was(few: ReformList, client: Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["sweeps"]) == (200, "old"), "pages are served all the same"
    assert client.get("/readyz?strict=1").status_code == 503
    swept(MORNING)
    facts = client.get("/readyz").json()
    assert (facts["status"], facts["sweeps"], facts["clock"], facts["mail_server"]) == ("ok", "ok", "ok", "ok")
    assert 0 <= facts["seconds_since"] < 60
    assert client.get("/readyz?strict=1").status_code == 200
    SweepRun.objects.update(began_at=timezone.now() - dt.timedelta(minutes=11))
    assert client.get("/readyz").json()["status"] == "degraded"


def test_the_office_s_desk_says_when_the_last_sweep_was(few: ReformList, client: Client, person: PersonMaker) -> None:
    client.force_login(person(Role.SUPERVISOR), backend=SERVICE)
    assert "还没有巡检" in client.get("/desk/").content.decode()
    swept(MORNING)
    SweepRun.objects.update(began_at=timezone.now() - dt.timedelta(minutes=2, seconds=5))
    assert "上次巡检2分钟前" in client.get("/desk/").content.decode()
    SweepRun.objects.update(began_at=timezone.now() - dt.timedelta(minutes=30))
    assert "上次巡检30分钟前：定时任务或后台进程没有运行" in client.get("/desk/").content.decode()


# Idle -----------------------------------------------------------------------------------------------


def test_a_sweep_after_which_nothing_changed_looks_at_no_duty(few: ReformList, led: Measure) -> None:
    swept(MORNING)
    repeated(led, 300)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        swept(later(MORNING, 60))
    assert not [one["sql"] for one in queries if "reforms_duty" in one["sql"].lower()]
    assert len(queries) < 30


def test_whatever_is_logged_has_it_look_again(
    few: ReformList, transport: Agency, led: Measure, client: Client, person: PersonMaker
) -> None:
    swept(MORNING)
    before = Reminder.objects.count()
    repeated(led, 3)
    assert swept(later(MORNING, 60)) == [Sweep()], "nothing said that anything changed"
    client.force_login(person(Role.SUPERVISOR), backend=SERVICE)
    client.post("/calendar/", {"first": "2022-10-08", "works": "1", "note": ""})
    swept(later(MORNING, 120))
    assert Reminder.objects.count() > before


def test_a_new_day_looks_again(few: ReformList, settings: Any) -> None:
    swept(MORNING)
    watched_sweep(dt.date(2022, 6, 23), clocks=later(MORNING, 8 * 86_400))
    assert Reminder.objects.filter(stage="before_7").exists()


def test_the_worker_s_task_keeps_its_sweep(few: ReformList, settings: Any) -> None:
    settings.PORTAL_TODAY = ON
    send_reminders()
    assert SweepRun.objects.get().sent == 3
