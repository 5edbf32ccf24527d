"""Everything that is ever done and logged, in words. What the code records and this does not know fails a test."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.models import Change
from reforms.history.facts import FACT_NAMES, Words, said
from reforms.lib.words import day_text


@dataclass(frozen=True, slots=True)
class Action:
    """`label` names the action, and tells of it where there is nothing more to say; else `say` does."""

    label: Words
    say: Callable[[Change], str] | None = None


def sentence_of(change: Change) -> str:
    """What was done, as a reader of a history or of the log is told."""
    action = ACTIONS.get(change.action)
    if action is None:
        return change.action
    return action.say(change) if action.say else str(action.label)


def _status(change: Change) -> str:
    old, new = (said("status", facts.get("status")) for facts in (change.before, change.after))
    return gettext("状态由“%(old)s”变为“%(new)s”") % {"old": old, "new": new}


def _reprinted(change: Change) -> str:
    facts = gettext("、").join(str(FACT_NAMES[name]) for name in change.after if name in FACT_NAMES)
    return gettext("新版清单调整了%(facts)s") % {"facts": facts}


def _moved(change: Change) -> str:
    names = {"old": change.before.get("agency", ""), "new": change.after.get("agency", "")}
    return gettext("因机构变更，任务分工由“%(old)s”转至“%(new)s”") % names


def _members_named(change: Change) -> str:
    group, members = change.after.get("group", ""), gettext("、").join(change.after.get("members", []))
    if not members:
        return gettext("“%(group)s”不再指定成员") % {"group": group}
    return gettext("“%(group)s”的成员指定为：%(members)s") % {"group": group, "members": members}


def _renamed(change: Change) -> str:
    if "name" not in change.after:
        return gettext("更名")
    return gettext("由“%(old)s”更名为“%(new)s”") % {
        "old": change.before.get("name", ""),
        "new": change.after["name"],
    }


def _dissolved(change: Change) -> str:
    heirs = gettext("、").join(str(heir.get("name", "")) for heir in change.after.get("successors", []))
    return gettext("撤销，由“%(heirs)s”承接") % {"heirs": heirs}


def _succeeded(change: Change) -> str:
    old = gettext("、").join(str(agency.get("name", "")) for agency in change.after.get("predecessors", []))
    return gettext("承接“%(old)s”") % {"old": old}


def _applied(change: Change) -> str:
    facts = {name: change.after.get(name, "") for name in ("edition", "added", "changed", "withdrawn")}
    return gettext("第%(edition)s版生效：新增%(added)s条，调整%(changed)s条，调出%(withdrawn)s条") % facts


def _reverted(change: Change) -> str:
    return gettext("撤回第%(old)s版，恢复第%(new)s版") % {
        "old": change.before.get("edition", ""),
        "new": change.after.get("edition", ""),
    }


def _switched(change: Change) -> str:
    return gettext("开启提醒") if change.after.get("on") else gettext("关闭提醒")


def _calendar(change: Change) -> str:
    """10月1日至7日休息; what was entered and taken back again is the official arrangement."""
    facts = change.after or change.before
    days = [_day(day) for day in facts.get("days", ())]
    span = gettext("至").join(dict.fromkeys(days[:1] + days[-1:]))
    if not change.after:
        return gettext("工作日历：%(span)s恢复官方安排") % {"span": span}
    said = gettext("工作日历：%(span)s上班") if facts.get("works") else gettext("工作日历：%(span)s休息")
    return said % {"span": span}


def _day(iso: str | None) -> str:
    return day_text(dt.date.fromisoformat(iso)) if iso else "—"


def _deadline_moved(change: Change) -> str:
    old, new = (_day(facts.get("deadline_in_force")) for facts in (change.before, change.after))
    return gettext("现行时限由%(old)s调整为%(new)s") % {"old": old, "new": new}


def _deadline_corrected(change: Change) -> str:
    if "deadline_in_force" not in change.after:
        return gettext("更正时限调整的批准文号或理由，时限不变")
    old, new = (_day(facts.get("deadline_in_force")) for facts in (change.before, change.after))
    return gettext("更正时限调整：现行时限由%(old)s改为%(new)s") % {"old": old, "new": new}


def _standing_changed(change: Change) -> str:
    if not change.after:
        return gettext("进展要素变化")
    facts = gettext("、").join(str(FACT_NAMES.get(name, name)) for name in change.after)
    return gettext("%(facts)s随之调整") % {"facts": facts}


def _reassigned(change: Change) -> str:
    names = {"old": change.before.get("agency", ""), "new": change.after.get("agency", "")}
    return gettext("改派：任务分工由“%(old)s”转至“%(new)s”") % names


def _asked(change: Change) -> str:
    return gettext("申请延期至%(day)s") % {"day": _day(change.after.get("proposed"))}


def _granted(change: Change) -> str:
    return gettext("同意延期至%(day)s") % {"day": _day(change.after.get("granted"))}


def _handled(change: Change) -> str:
    facts = {"state": said("matter_state", change.after.get("state")), "answer": change.after.get("answer") or "—"}
    return gettext("需协调事项转为“%(state)s”：%(answer)s") % facts


def _officer_named(change: Change) -> str:
    named = gettext("、").join(change.after[name] for name in ("division", "officer") if change.after.get(name))
    return gettext("责任处室、经办人设为：%(named)s") % {"named": named} if named else gettext("调整责任处室、经办人")


def _entered(change: Change) -> str:
    return gettext("督办人员代录进展（依据：%(source)s）") % {"source": change.after.get("source", "")}


def _filled_in(change: Change) -> str:
    return gettext("补录为已完成") if change.after.get("done") else gettext("补录进展")


def _ordered(change: Change) -> str:
    facts = {name: str(change.after.get(name, "")) for name in ("agency", "order_number", "reply_by")}
    facts["reply_by"] = _day(change.after.get("reply_by"))
    return gettext("印发督办单%(order_number)s，请%(agency)s于%(reply_by)s前反馈") % facts


def _step(change: Change) -> dict[str, str]:
    """A milestone as its entry says it: its title, its day, the day on which it was reached."""
    facts = change.after
    days = {name: _day(facts.get(name)) for name in ("due_on", "done_on")}
    return {"step": str(facts.get("step", "")), **days}


def _step_planned(change: Change) -> str:
    return gettext("安排阶段节点“%(step)s”（%(due_on)s）") % _step(change)


def _step_printed(change: Change) -> str:
    return gettext("清单印发阶段节点“%(step)s”（%(due_on)s）") % _step(change)


def _step_changed(change: Change) -> str:
    if not change.before:
        return gettext("修改阶段节点“%(step)s”的说明") % _step(change)
    old = {"old": change.before.get("step", change.after.get("step", "")), "day": change.before.get("due_on")}
    facts = _step(change) | {"old": str(old["old"]), "day": _day(old["day"] or change.after.get("due_on"))}
    return gettext("阶段节点“%(old)s”（%(day)s）改为“%(step)s”（%(due_on)s）") % facts


def _step_done(change: Change) -> str:
    return gettext("报告阶段节点“%(step)s”于%(done_on)s完成") % _step(change)


def _step_reopened(change: Change) -> str:
    return gettext("撤回阶段节点“%(step)s”的完成报告") % _step(change)


def _step_withdrawn(change: Change) -> str:
    return gettext("撤销阶段节点“%(step)s”（%(due_on)s）") % _step(change)


# The codes stand in logs that are in use and are not renamed (docs/adr/0010-rooms-by-the-job.md).
ACTIONS: dict[str, Action] = {
    "measure.filled_in": Action(_("补录"), _filled_in),
    "list.settings_changed": Action(_("修改清单设置")),
    "list.undone": Action(_("撤销首次导入")),
    "list.sections_named": Action(_("载入任务类别的英文名称")),
    "duty.officer_named": Action(_("调整责任处室、经办人"), _officer_named),
    "claim.written": Action(_("填写销号申请，待本单位审签")),
    "claim.signed": Action(_("本单位审签同意")),
    "claim.sent_back": Action(_("本单位审签退回")),
    "claim.submitted": Action(_("申请销号")),
    "claim.verified": Action(_("核验通过")),
    "claim.returned": Action(_("退回修改")),
    "extension.asked": Action(_("申请延期"), _asked),
    "extension.signed": Action(_("延期申请经本单位审签同意")),
    "extension.sent_back": Action(_("本单位未同意延期申请")),
    "extension.withdrawn": Action(_("撤回延期申请")),
    "extension.granted": Action(_("同意延期"), _granted),
    "extension.refused": Action(_("不同意延期")),
    "milestone.planned": Action(_("安排阶段节点"), _step_planned),
    "milestone.printed": Action(_("清单印发阶段节点"), _step_printed),
    "milestone.changed": Action(_("修改阶段节点"), _step_changed),
    "milestone.done": Action(_("报告阶段节点完成"), _step_done),
    "milestone.reopened": Action(_("撤回阶段节点的完成报告"), _step_reopened),
    "milestone.withdrawn": Action(_("撤销阶段节点"), _step_withdrawn),
    "matter.handled": Action(_("办理需协调事项"), _handled),
    "measure.deadline_moved": Action(_("调整现行时限"), _deadline_moved),
    "measure.deadline_corrected": Action(_("更正时限调整"), _deadline_corrected),
    "measure.standing_changed": Action(_("进展要素变化"), _standing_changed),
    "measure.reopened": Action(_("恢复督办")),
    "measure.result_told": Action(_("公开结果摘要")),
    "measure.suspended": Action(_("中止")),
    "measure.cancelled": Action(_("终止")),
    "measure.resumed": Action(_("恢复")),
    "measure.reassigned": Action(_("改派"), _reassigned),
    "measure.chased": Action(_("催办")),
    "measure.ordered": Action(_("印发督办单"), _ordered),
    "order.drafted": Action(_("拟制督办单")),
    "order.edited": Action(_("修改督办单")),
    "order.moved": Action(_("督办单送审或退回")),
    "order.issued": Action(_("签发督办单")),
    "order.voided": Action(_("作废督办单")),
    "order.answered": Action(_("反馈督办单")),
    "bulletin.drafted": Action(_("拟制通报")),
    "bulletin.edited": Action(_("修改通报")),
    "bulletin.moved": Action(_("通报送审或退回")),
    "bulletin.issued": Action(_("签发通报")),
    "letterhead.added": Action(_("上传红头模板")),
    "letterhead.used": Action(_("启用红头模板")),
    "letterhead.put_away": Action(_("停用红头模板")),
    "bulletin.sent": Action(_("发送通报")),
    "bulletin.voided": Action(_("作废通报")),
    "report.entered": Action(_("督办人员代录进展"), _entered),
    "report.withdrawn": Action(_("撤回填报")),
    "evidence.added": Action(_("附上佐证材料")),
    "evidence.removed": Action(_("删除佐证材料")),
    "edition.acknowledged": Action(_("签收清单")),
    "person.code_issued": Action(_("签发一次性口令")),
    "person.code_used": Action(_("使用一次性口令")),
    "person.edited": Action(_("修改人员信息")),
    "person.feed_made": Action(_("生成个人订阅地址")),
    "person.feed_renewed": Action(_("更换个人订阅地址")),
    "person.feed_ended": Action(_("停用个人订阅地址")),
    "person.handed_over": Action(_("移交工作")),
    "person.invited": Action(_("签发一次性链接")),
    "person.letters_paused": Action(_("暂不收信")),
    "person.letters_resumed": Action(_("恢复收信")),
    "person.password_changed": Action(_("修改密码")),
    "person.sessions_ended": Action(_("退出其他登录")),
    "person.role_given": Action(_("授予角色")),
    "person.role_taken": Action(_("收回角色")),
    "measure.added": Action(_("列入清单")),
    "measure.reprinted": Action(_("新版清单调整"), _reprinted),
    "measure.reinstated": Action(_("重新列入清单")),
    "measure.withdrawn": Action(_("调出清单")),
    "measure.status_changed": Action(_("状态变化"), _status),
    "measure.duty_moved": Action(_("任务分工转移"), _moved),
    "measure.members_named": Action(_("指定成员"), _members_named),
    "report.submitted": Action(_("报送进展")),
    "edition.applied": Action(_("版本生效"), _applied),
    "edition.reverted": Action(_("撤回版本"), _reverted),
    "calendar.changed": Action(_("修改工作日历"), _calendar),
    "reminders.switched": Action(_("开关提醒"), _switched),
    "reminders.ruled": Action(_("修改提醒规则")),
    "bulletins.worded": Action(_("修改通报语句")),
    "clock.confirmed": Action(_("确认时钟，恢复发送")),
    "robot.added": Action(_("登记群机器人")),
    "robot.changed": Action(_("修改群机器人")),
    "robot.removed": Action(_("删除群机器人")),
    "agency.added": Action(_("新增单位")),
    "agency.removed": Action(_("随撤销的首次导入删去单位")),
    "agency.changed": Action(_("修改单位信息")),
    "agency.named": Action(_("增加别名")),
    "agency.members_changed": Action(_("修改统称的成员")),
    "agency.renamed": Action(_("更名"), _renamed),
    "agency.dissolved": Action(_("撤销单位"), _dissolved),
    "agency.succeeded": Action(_("承接单位"), _succeeded),
    "agency.merged": Action(_("并入重复单位")),
    "agency.merged_into": Action(_("作为重复单位并入另一单位")),
    "agency.merged_rows": Action(_("转移重复单位的数据")),
    "person.added": Action(_("添加人员")),
    "person.activated": Action(_("恢复登录")),
    "person.deactivated": Action(_("停用登录")),
    "person.moved": Action(_("人员随机构变更转移")),
    "screen.made": Action(_("生成大屏地址")),
    "screen.ended": Action(_("停用大屏地址")),
    "token.issued": Action(_("签发令牌")),
    "token.revoked": Action(_("停用令牌")),
}
