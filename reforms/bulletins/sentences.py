"""The sentences of a 通报: how the portal words them, and how the office of a list would rather have them.

Numbers stand in them as placeholders, which are filled from the figures (reforms.bulletins.wording).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from agencies.access import Principal, Verb, may
from agencies.log.since import check_unchanged
from agencies.log.write import Entry, record
from agencies.models import Change
from reforms.lib.placeholders import check_placeholders
from reforms.models import BulletinSentence, ReformList

if TYPE_CHECKING:
    import datetime as dt

    from django.utils.functional import _StrPromise as StrPromise

WORDED = "bulletins.worded"
EVERYWHERE = ("清单", "清单简称", "截至日")


@dataclass(frozen=True, slots=True)
class SentenceTemplate:
    """One of them: what it is for, how the portal words it, and its own placeholders beside EVERYWHERE."""

    name: str
    label: "StrPromise"
    text: str
    own: tuple[str, ...] = ()

    @property
    def placeholders(self) -> tuple[str, ...]:
        """All that it may have."""
        return (*self.own, *EVERYWHERE)


SENTENCES = (
    SentenceTemplate("title", _("标题"), "关于{清单简称}进展情况的通报"),
    SentenceTemplate("intro", _("导语"), "现将《{清单}》截至{截至日}的进展情况通报如下。"),
    SentenceTemplate(
        "overall",
        _("总体情况"),
        "清单共{事项数}项改革事项、{举措数}条具体举措。截至{截至日}，{各灯条数}。"
        "持续巩固和已销号合计{办结条数}条，占{办结率}。",
        ("事项数", "举措数", "各灯条数", "办结条数", "办结率"),
    ),
    SentenceTemplate(
        "results",
        _("主要成效"),
        "{新销号期间}新销号{新销号条数}条：{新销号举措}。",
        ("新销号期间", "新销号条数", "新销号举措"),
    ),
    SentenceTemplate("no_results", _("主要成效（没有新销号的）"), "{新销号期间}没有新销号的举措。", ("新销号期间",)),
    SentenceTemplate(
        "overdue",
        _("存在问题：逾期"),
        "逾期。{逾期条数}已超过完成时限，最长{最长逾期天数}天：{逾期举措}。",
        ("逾期条数", "最长逾期天数", "逾期举措", "新增逾期条数"),
    ),
    SentenceTemplate(
        "behind",
        _("存在问题：滞后"),
        "滞后。{滞后条数}条举措由牵头单位自报进度滞后：{滞后举措}。",
        ("滞后条数", "滞后举措"),
    ),
    SentenceTemplate(
        "unreported",
        _("存在问题：未按时报送"),
        "未按时报送。{未报单位数}个单位未按时报送进展：{未报单位}。",
        ("未报单位数", "未报单位"),
    ),
    SentenceTemplate(
        "returned",
        _("存在问题：退回修改"),
        "退回修改。{退回条数}条举措的销号申请经核验退回，尚未重新报送：{退回举措}。",
        ("退回条数", "退回举措"),
    ),
    SentenceTemplate("no_problems", _("存在问题（没有的）"), "未发现逾期、滞后、未按时报送和退回修改的情况。"),
    SentenceTemplate("demands", _("下一步工作要求"), "请各牵头单位对照清单，紧盯时限，逐项抓好落实。"),
    SentenceTemplate(
        "demands_overdue",
        _("工作要求：有逾期的"),
        "逾期举措的牵头单位要查明原因，明确措施和完成时间，尽快报送销号申请。",
    ),
    SentenceTemplate(
        "demands_soon",
        _("工作要求：有临近到期的"),
        "今后30天内到期的{临近条数}（最近的{最近到期日}到期，还有{剩余天数}天，见附件）要倒排工期，按期完成。",
        ("临近条数", "最近到期日", "剩余天数"),
    ),
    SentenceTemplate("demands_unreported", _("工作要求：有未报送的"), "未按时报送的单位要尽快补报。"),
    SentenceTemplate(
        "demands_returned", _("工作要求：有退回修改的"), "被退回的要按核验意见补充佐证材料，尽快重新报送。"
    ),
)
BY_NAME = {one.name: one for one in SENTENCES}
Texts = dict[str, str]


def sentences_of(reform_list: ReformList) -> Texts:
    """All sentences of a list, by name: its own, else the portal's. One query."""
    own = dict(BulletinSentence.objects.filter(reform_list=reform_list).values_list("name", "text"))
    return {one.name: own.get(one.name, one.text) for one in SENTENCES}


def has_own(reform_list: ReformList) -> bool:
    """Whether any of a list is worded otherwise than by the portal."""
    return BulletinSentence.objects.filter(reform_list=reform_list).exists()


def checked(texts: Mapping[str, str]) -> Texts:
    """All of them; what is empty is the portal's. Raises ValidationError by sentence."""
    found, wrong = {}, {}
    for one in SENTENCES:
        # Emptied in the form means worded by the portal, so that the way back needs no button of its own.
        found[one.name] = texts.get(one.name, "").strip() or one.text
        try:
            check_placeholders(found[one.name], one.placeholders)
        except ValidationError as error:
            wrong[one.name] = error
    if wrong:
        raise ValidationError(wrong)
    return found


def set_sentences(
    reform_list: ReformList, texts: Mapping[str, str], *, as_of: int | None = None, who: Principal, on: "dt.date"
) -> None:
    """Word the sentences of a list; drafts from then on are made of them. Raises PermissionDenied, ValidationError by
    sentence, and ChangedSince where others set them after the entry `as_of` of the log."""
    if not may(who, Verb.MANAGE_LISTS):
        raise PermissionDenied
    after = checked(texts)
    with transaction.atomic():
        locked = ReformList.objects.select_for_update(no_key=True).get(pk=reform_list.pk)
        check_unchanged("list", [locked.pk], [WORDED], seen=as_of)
        before = sentences_of(locked)
        changed = [name for name in after if after[name] != before[name]]
        if not changed:
            return
        # Only what differs is kept: a sentence that the portal words better later reaches the lists that never touched
        # it.
        BulletinSentence.objects.filter(reform_list=locked).delete()
        BulletinSentence.objects.bulk_create(
            BulletinSentence(reform_list=locked, name=name, text=text)
            for name, text in after.items()
            if text != BY_NAME[name].text
        )
        old, new = ({name: side[name] for name in changed} for side in (before, after))
        record([_entry(locked, old, new)], who=who, on=on)


def _entry(reform_list: ReformList, before: Texts, after: Texts) -> Entry:
    return Entry(
        action=WORDED,
        kind="list",
        object_id=reform_list.pk,
        visibility=Change.Visibility.INTERNAL,
        before={"sentences": before},
        after={"sentences": after},
    )
