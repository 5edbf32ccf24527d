"""提醒规则 as the office fills it in."""

from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from agencies.models import Role, User
from reforms.models import ReformList, ReminderRule
from reforms.reminders.stages import default_rows, rows_of
from tests.conftest import SLUG, PersonMaker

ADDRESS = f"/lists/{SLUG}/reminders/rules/"


@pytest.fixture
def supervisor(signed_in: Callable[[User], Client], person: PersonMaker) -> Client:
    return signed_in(person(Role.SUPERVISOR))


def filled(**changes: str) -> dict[str, str]:
    """The form as it stands when it is opened, with some fields changed; an empty one is left out."""
    sent, before = {"as_of": "0"}, 0
    for row in default_rows():
        before += row.kind == "before"
        prefix = f"{row.kind}-{before if row.kind == 'before' else 0}"
        sent |= {f"{prefix}-used": "on", f"{prefix}-days": str(row.days), f"{prefix}-words": row.words}
        sent |= {
            f"{prefix}-{name}": "on" for name in ("to_reporters", "to_approvers", "to_heads") if getattr(row, name)
        }
    sent |= changes
    return {name: value for name, value in sent.items() if value != ""}


def test_sent_as_it_is_it_changes_nothing(supervisor: Client, reform_list: ReformList) -> None:
    assert "按默认规则提醒" in supervisor.get(ADDRESS).content.decode()
    assert supervisor.post(ADDRESS, filled()).status_code == 302
    assert not ReminderRule.objects.exists()


def test_what_is_set_stands_in_the_form_and_in_words_on_the_settings(
    supervisor: Client, reform_list: ReformList
) -> None:
    sent = {"before-1-used": "", "before-5-used": "on", "before-5-days": "3", "before-5-to_reporters": "on"}
    sent |= {"second_chase-0-days": "6", "report_late-0-used": "", "first_chase-0-words": "请{单位}抓紧。"}
    assert supervisor.post(ADDRESS, filled(**sent)).status_code == 302
    page = unescape(supervisor.get(ADDRESS).content.decode())
    assert "这份清单有自己的规则" in page
    assert "请{单位}抓紧。" in page
    assert [row.days for row in rows_of(reform_list.pk) if row.kind == "before"] == [15, 7, 0, 3]
    settings = supervisor.get(f"/lists/{SLUG}/reminders/").content.decode()
    assert "到期前15天、前7天、前3天、当天各提醒一次" in settings
    assert "第6个工作日再次催办" in settings
    assert "未按时报送" not in settings
    assert supervisor.post(ADDRESS, {"as_of": "", "defaults": "1"}).status_code == 302
    assert not ReminderRule.objects.exists()


def test_a_wrong_value_is_named_beside_its_field_and_nothing_is_lost(
    supervisor: Client, reform_list: ReformList
) -> None:
    answer = supervisor.post(ADDRESS, filled(**{"weekly-0-days": "99", "first_chase-0-words": "{谁}"}))
    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "应为3至60天" in page
    assert "没有“{谁}”这个占位符" in page
    assert 'value="99"' in page
    assert not ReminderRule.objects.exists()


def test_of_two_who_have_it_open_the_second_is_told_who_did_what(supervisor: Client, reform_list: ReformList) -> None:
    supervisor.post(ADDRESS, filled(**{"weekly-0-days": "12"}))
    answer = supervisor.post(ADDRESS, filled(**{"weekly-0-days": "15"}))
    assert answer.status_code == 409
    assert "修改提醒规则" in answer.content.decode()
    assert ReminderRule.objects.get(kind="weekly").days == 12
