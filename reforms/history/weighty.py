"""Acts that somebody besides those who do them should look at, in the order of their weight."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from reforms.history.facts import Words


@dataclass(frozen=True, slots=True)
class Weighty:
    """`label` names such acts, `why` says what to look for; `actions` are some of reforms.history.actions."""

    label: Words
    why: Words
    actions: tuple[str, ...]


WEIGHTY: dict[str, Weighty] = {
    "powers": Weighty(
        _("账号、角色与令牌"),
        _("谁得到或失去了权限，是否有据可查。"),
        (
            "person.added",
            "person.role_given",
            "person.role_taken",
            "person.activated",
            "person.deactivated",
            "person.handed_over",
            "person.invited",
            "person.code_issued",
            "person.feed_made",
            "person.feed_renewed",
            "screen.made",
            "token.issued",
            "token.revoked",
        ),
    ),
    "on_behalf": Weighty(
        _("代录与补录"),
        _("由督办部门代为填写，未经单位提交；核对所依据的来文。"),
        ("report.entered", "measure.filled_in"),
    ),
    "steering": Weighty(
        _("中止、终止、改派与恢复"),
        _("使举措停止、转交或重新督办；核对批准依据和理由。"),
        (
            "measure.suspended",
            "measure.cancelled",
            "measure.resumed",
            "measure.reassigned",
            "measure.reopened",
        ),
    ),
    "deadlines": Weighty(
        _("时限的改动"),
        _("影响逾期的认定；核对批准文号。"),
        ("measure.deadline_moved", "measure.deadline_corrected", "extension.granted"),
    ),
    "undone": Weighty(
        _("撤回、作废与删除"),
        _("已报送、已生效或已附上的内容被收回。"),
        (
            "report.withdrawn",
            "evidence.removed",
            "milestone.reopened",
            "milestone.withdrawn",
            "edition.reverted",
            "list.undone",
            "measure.withdrawn",
            "agency.removed",
            "order.voided",
            "bulletin.voided",
        ),
    ),
    "settings": Weighty(
        _("公开、提醒与日历的设置"),
        _("谁能看到什么，平台何时发信。"),
        (
            "list.settings_changed",
            "letterhead.used",
            "letterhead.put_away",
            "reminders.switched",
            "calendar.changed",
            "clock.confirmed",
            "robot.added",
            "robot.changed",
            "robot.removed",
        ),
    ),
}


def actions_of(codes: Iterable[str]) -> list[str]:
    """The actions of these kinds of weighty acts."""
    return [action for code in codes for action in WEIGHTY[code].actions]
