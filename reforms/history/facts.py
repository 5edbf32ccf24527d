"""What a log entry says was and is, in words: each fact by its name, each value as a page would say it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency, Change, ChatRobot, Language, Role, Succession
from reforms.models import (
    Audience,
    ClaimedBy,
    Disposition,
    Extension,
    Matter,
    Part,
    Period,
    ProgressReport,
    ReformList,
    Status,
    SupervisionOrder,
)

Words = Promise | str

# In the order in which an entry tells them: a database need not keep the order in which they were written.
FACT_NAMES: dict[str, Words] = {
    "days": _("日期"),
    "works": _("上班"),
    "list": _("清单"),
    "edition": _("版本"),
    "section": _("任务类别"),
    "sections": _("任务类别"),
    "number": _("序号"),
    "seq": _("举措序号"),
    "title": _("改革事项"),
    "text": _("具体举措"),
    "national": _("国家改革任务"),
    "measure": _("具体举措"),
    "withdrawn": _("调出"),
    "status": _("状态"),
    "state": _("状态"),
    "disposition": _("在册情况"),
    "is_standing": _("持续巩固"),
    "outlook": _("进度"),
    "division": _("责任处室"),
    "officer": _("经办人"),
    "officer_user": _("经办人账号编号"),
    "deadline": _("完成时限"),
    "deadline_in_force": _("现行时限"),
    "former": _("原现行时限"),
    "reference": _("批准文号"),
    "first_report_on": _("首次填报"),
    "last_report_on": _("最近填报"),
    "claimed_on": _("申请销号日期"),
    "closed_on": _("销号日期"),
    "report": _("填报"),
    "reports": _("填报"),
    "replaces": _("更正的填报"),
    "progress": _("进展"),
    "result": _("结果摘要"),
    "next_step": _("下一步工作安排"),
    "problems": _("存在问题"),
    "unchanged": _("本期无变化"),
    "source": _("代录依据"),
    "claims": _("销号申请"),
    "signed_by": _("审签人"),
    "signed_on": _("审签日期"),
    "matter": _("需协调事项"),
    "answer": _("协调情况"),
    "milestone": _("阶段节点编号"),
    "step": _("阶段节点"),
    "due_on": _("计划日期"),
    "done_on": _("完成日期"),
    "extension": _("延期申请"),
    "proposed": _("申请延期至"),
    "granted": _("同意延期至"),
    "assignments": _("牵头和责任"),
    "lead": _("牵头单位"),
    "responsible": _("责任单位"),
    "agency": pgettext_lazy("one", "单位"),
    "agencies": pgettext_lazy("several", "单位"),
    "part": _("分工"),
    "duties": _("任务分工"),
    "lead_order": _("牵头单位排序"),
    "responsible_order": _("责任单位排序"),
    "printed_name": _("印发名称"),
    "printed_twice": _("同格重复"),
    "name": _("名称"),
    "full_name": _("全称"),
    "name_en": _("英文名称"),
    "kind": _("类别"),
    "other_name": _("别名"),
    "other_names": _("别名"),
    "credit_code": _("统一社会信用代码"),
    "outside_line": _("不属政府序列"),
    "group": _("统称"),
    "groups": _("统称"),
    "members": _("成员"),
    "named": _("指定成员"),
    "duplicate": _("重复单位"),
    "kept": _("保留"),
    "predecessors": _("原单位"),
    "successors": _("承接单位"),
    "new_agencies": _("新单位"),
    "username": _("用户名"),
    "user.full_name": _("姓名"),
    "position": _("职务"),
    "phone": _("办公电话"),
    "mobile": _("手机"),
    "role": _("角色"),
    "active": _("可登录"),
    "email": _("邮箱"),
    "language": _("信件语言"),
    "people": _("人员"),
    "tokens": _("令牌"),
    "networks": _("允许打开的地址"),
    "prefix": _("令牌"),
    "read_only": _("只读"),
    "to": _("移交给"),
    "to_id": _("移交对象编号"),
    "expires_at": _("有效期至"),
    "drafts": _("草稿"),
    "deactivated": _("停用"),
    "from": _("起算日期"),
    "on": _("日期"),
    "list.on": _("开启"),
    "file": _("文件"),
    "size": _("大小"),
    "sha256": _("文件校验值"),
    "added": _("新增"),
    "changed": _("调整"),
    "declined": _("未采纳"),
    "deliveries": _("发送记录"),
    "order_state": _("状态"),
    "addressees": _("收件方"),
    "order_number": _("文号"),
    "reply_by": _("反馈时限"),
    "fields": _("改动的栏目"),
    "digest": _("校验值"),
    "issued_on": _("签发日期"),
    "expected_on": _("预计完成时间"),
    "measures": _("举措"),
    "subject": _("督办事项"),
    "content": _("督办内容"),
    "leader": _("牵头领导"),
    "contact": _("督办联系人"),
    "contact_phone": _("联系电话"),
    "host": _("主机"),
    "product": _("类别"),
    "signed": _("加签"),
    "until": _("暂不收信至"),
    "substitute": _("代收人"),
    "renewed": _("更换地址或密钥"),
    "clock_before": _("上次巡检时的时钟"),
    "clock_after": _("当时的时钟"),
    "reminders": _("提醒"),
    "id": _("编号"),
}
# The settings of a list are logged by the names of its columns, and shown as their fields are called.
FACT_NAMES |= {f"list.{field.name}": field.verbose_name for field in ReformList._meta.concrete_fields}
PLACES = {key: place for place, key in enumerate(FACT_NAMES)}
VALUE_NAMES: dict[str, Mapping[str, Words]] = {
    "open_to": dict(Audience.choices),
    "report_every": dict(Period.choices),
    "standing_every": dict(Period.choices),
    "claimed_by": dict(ClaimedBy.choices),
    "kind": {**dict(Agency.Kind.choices), **dict(Succession.Kind.choices)},
    "outlook": dict(ProgressReport.Outlook.choices),
    "language": dict(Language.choices),
    "part": dict(Part.choices),
    "product": dict(ChatRobot.Product.choices),
    "role": dict(Role.choices),
    "status": dict(Status.choices),
    "disposition": dict(Disposition.choices),
    # A matter's states alone, for its sentence; `state` below is of whichever object.
    "matter_state": dict(Matter.State.choices),
    "order_state": dict(SupervisionOrder.State.choices),
    "state": {
        **dict(Matter.State.choices),
        **dict(Extension.State.choices),
        **dict(ProgressReport.State.choices),
    },
}


@dataclass(frozen=True, slots=True)
class FactChange:
    """One fact: its name, what it was and what it is; empty where the entry does not say."""

    name: str
    before: str
    after: str


def differences(change: Change) -> list[FactChange]:
    """What an entry says of each fact, in the order of FACT_NAMES."""
    return list(_differences(change))


def _differences(change: Change) -> Iterator[FactChange]:
    before, after = change.before, change.after
    # An edition and a list are named by the entry itself; their address would say less.
    told = {*before, *after} - ({"list"} if change.kind in ("edition", "list") else set())
    for key in in_order(told):
        old = said(key, before[key]) if key in before else ""
        new = said(key, after[key]) if key in after else ""
        yield FactChange(name_of(key, change.kind), old, new)


def in_order(keys: Iterable[str]) -> list[str]:
    """As they are told; those without a name last."""
    return sorted(keys, key=lambda key: (PLACES.get(key, len(PLACES)), key))


def name_of(key: str, kind: str = "") -> str:
    """The name of a fact, which may be another one for some kind of object; the key where it has none."""
    return str(FACT_NAMES.get(f"{kind}.{key}") or FACT_NAMES.get(key, key))


def said(key: str, value: Any) -> str:
    """A value as a page would say it: 是, 市甲局、市乙局, 进行中; a dash for nothing."""
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if value is None or value in ("", [], {}):
        return "—"
    if isinstance(value, list):
        return gettext("、").join(said(key, one) for one in value)
    if isinstance(value, dict):
        return gettext("，").join(f"{name_of(name)} {said(name, value[name])}" for name in in_order(value))
    return str(VALUE_NAMES.get(key, {}).get(str(value), value))
