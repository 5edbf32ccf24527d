"""manage.py send_reminders: the scheduler's work by hand."""

import datetime as dt
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.core.management import CommandError, call_command

from agencies.models import Agency
from reforms.models import Delivery, ReformList, Reminder

Printed = pytest.CaptureFixture[str]


def test_it_sends_what_is_owed_and_says_so(
    few: ReformList, mailoutbox: list[EmailMultiAlternatives], capsys: Printed
) -> None:
    call_command("send_reminders", on=dt.date(2022, 6, 15))
    said = "2022-06-15：新增提醒4条，发出3封，推迟0封，被拒收0封，多次未成已停止0封，已无需发送0封。"
    assert capsys.readouterr().out.strip() == said
    assert len(mailoutbox) == 3


def test_without_a_date_it_is_today(few: ReformList, mailoutbox: list[EmailMultiAlternatives], capsys: Printed) -> None:
    call_command("send_reminders")
    assert capsys.readouterr().out.startswith("2022-06-15：")


def test_a_dry_run_shows_who_would_get_what_and_writes_and_sends_nothing(
    switched_on: ReformList, transport: Agency, mailoutbox: list[EmailMultiAlternatives], capsys: Printed
) -> None:
    transport.refresh_from_db()
    call_command("send_reminders", "--on", "2022-06-15", "--dry-run")
    said = capsys.readouterr().out
    assert f"【到期提醒】市交通运输局：5条举措6月30日到期（牵头3条、责任2条）\n  → {transport.email}\n" in said
    assert "  第101项 探索开展“组合港”区域通关便利化改革（2022-06-30）\n" in said
    assert "2022-06-15：共54封。仅预览，未写入、未发送。" in said
    assert mailoutbox == []
    assert not Reminder.objects.exists()
    assert not Delivery.objects.exists()


def test_a_dry_run_shows_where_nobody_can_be_written_to(
    switched_on: ReformList, transport: Agency, capsys: Printed
) -> None:
    Agency.objects.filter(pk=transport.pk).update(email="")
    call_command("send_reminders", "--on", "2022-06-15", "--dry-run")
    assert (
        "【到期提醒】市交通运输局：5条举措6月30日到期（牵头3条、责任2条）\n  → （没有收件邮箱）\n"
        in capsys.readouterr().out
    )


@pytest.mark.parametrize("text", ["2022-13-01", "15.6.2022", "tomorrow", "", "2022-06-31"])
def test_a_date_that_is_none_is_refused(db: None, text: str) -> None:
    with pytest.raises(CommandError, match="is not a date; write it like 2022-06-15"):
        call_command("send_reminders", "--on", text)
    assert not Delivery.objects.exists()


def test_with_nothing_owed_it_says_so(reform_list: ReformList, capsys: Printed) -> None:
    call_command("send_reminders", "--on", "2022-06-15")
    assert "新增提醒0条，发出0封" in capsys.readouterr().out
    call_command("send_reminders", "--on", "2022-06-15", "--dry-run")
    assert "共0封" in capsys.readouterr().out


def test_on_a_day_off_it_says_so_and_when_instead(switched_on: ReformList, settings: Any, capsys: Printed) -> None:
    call_command("send_reminders", "--on", "2022-06-18", "--dry-run")
    said = "2022-06-18：休息日，不发送；下一个工作日是2022-06-20。"
    assert capsys.readouterr().out.strip() == f"{said}仅预览，未写入、未发送。"
    settings.PORTAL_TODAY = dt.date(2022, 6, 18)
    call_command("send_reminders")
    assert capsys.readouterr().out.strip() == said
    assert not Reminder.objects.exists()


def test_letters_of_another_day_go_out_in_the_demonstration_alone(few: ReformList, settings: Any) -> None:
    with pytest.raises(CommandError, match="2022-06-16 is not today"):
        call_command("send_reminders", "--on", "2022-06-16")
    assert not Delivery.objects.exists()
    settings.DEMO = True
    call_command("send_reminders", "--on", "2022-06-16")
    assert Delivery.objects.exists()
