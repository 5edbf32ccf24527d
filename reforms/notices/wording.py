"""What a notice says: one sentence by kind, filled with its facts. The measure it is about stands beside it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from reforms.lib.words import day_text, in_language, period_text
from reforms.models import Disposition, Light, Notice

Facts = Mapping[str, Any]
Kind = Notice.Kind


@dataclass(frozen=True, slots=True)
class SentencePart:
    """A part of a sentence, and where its rows are if it is a number that has some."""

    text: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What happened in the page's language, and after it `words`, what somebody wrote, as they wrote it. `pieces` are
    the same as `what` where numbers in it lead to their rows."""

    what: str
    words: str = ""
    pieces: Sequence[SentencePart] = ()

    def __str__(self) -> str:
        return f"{self.what}{self.words}"


def sentence_of(notice: Notice) -> Sentence:
    """The notice in words."""
    said = SENTENCES[Kind(notice.kind)](notice.facts)
    return said if isinstance(said, Sentence) else Sentence(said)


def _said(what: str, words: Any) -> Sentence:
    """With a full stop, or with a colon and what somebody wrote where they did."""
    written = str(words or "").strip()
    return Sentence(what + _("："), written) if written else Sentence(what + _("。"))


def _day(facts: Facts) -> str:
    return day_text(parse_date(str(facts.get("until", ""))))


def _assigned(facts: Facts) -> Sentence | str:
    """By how it came: 改派, 机构变更, a new edition, a group's members, or named for one measure."""
    if "old" in facts:
        return _said(_("由%(old)s改派本单位承担") % {"old": facts["old"]}, facts.get("reason"))
    if "predecessors" in facts:
        return _succeeded(facts)
    if "edition" in facts:
        return _printed(facts)
    return _joined(facts) if "group" in facts else _("已明确由本单位承担。")


def _succeeded(facts: Facts) -> str:
    n = int(facts["count"])
    sentence = ngettext("因机构变更，承接%(names)s的%(n)s条举措。", "因机构变更，承接%(names)s的%(n)s条举措。", n)
    return sentence % {"names": _("、").join(facts["predecessors"]), "n": n}


def _printed(facts: Facts) -> str:
    n = int(facts["count"])
    sentence = ngettext(
        "%(list)s（第%(edition)s版）已印发，本单位新承担%(n)s条举措，请签收。",
        "%(list)s（第%(edition)s版）已印发，本单位新承担%(n)s条举措，请签收。",
        n,
    )
    return sentence % {"list": facts["list"], "edition": facts["edition"], "n": n}


def _joined(facts: Facts) -> str:
    n = int(facts["count"])
    sentence = ngettext("列入“%(group)s”，新承担%(n)s条举措。", "列入“%(group)s”，新承担%(n)s条举措。", n)
    return sentence % {"group": facts["group"], "n": n}


def _returned(facts: Facts) -> Sentence:
    return _said(_("销号申请退回修改"), facts.get("reason"))


def _verified(facts: Facts) -> str:
    return _("经核验，已销号。") if facts.get("closed") else _("本单位的销号申请核验通过；其他牵头单位通过后销号。")


def _reopened(facts: Facts) -> Sentence:
    return _said(_("恢复督办，请继续推进并报送"), facts.get("reason"))


def _granted(facts: Facts) -> Sentence:
    return _said(_("同意延期，现行时限为%(day)s") % {"day": _day(facts)}, facts.get("remark"))


def _refused(facts: Facts) -> Sentence:
    return _said(_("不同意延期，时限不变"), facts.get("reason"))


def _adjusted(facts: Facts) -> str:
    named = {"day": _day(facts), "reference": facts.get("reference") or "—"}
    if facts.get("corrects"):
        return _("时限调整有误，现更正：完成时限为%(day)s（%(reference)s）。") % named
    return _("完成时限调整为%(day)s（%(reference)s）。") % named


def _chased(facts: Facts) -> Sentence:
    n = int(facts.get("count") or 1)
    if facts.get("outside_line"):
        # Bodies that the city does not command are asked.
        what = ngettext("商请提供%(n)s条举措的进展情况", "商请提供%(n)s条举措的进展情况", n)
    elif n == 1:
        what = _("请尽快报送进展")
    else:
        what = ngettext("请尽快报送%(n)s条举措的进展", "请尽快报送%(n)s条举措的进展", n)
    return _said(what % {"n": n}, facts.get("words"))


def _to_sign(facts: Facts) -> Sentence | str:
    if "paper" in facts:
        return _said(_("有一份%(paper)s待您签发") % {"paper": _paper(facts)}, facts["title"])
    if facts.get("until"):
        return _("有一份延期申请待审签，申请延至%(day)s。") % {"day": _day(facts)}
    return _("有一份销号申请待审签。")


def _sent_back(facts: Facts) -> Sentence:
    if "paper" in facts:
        what = _("您拟稿的%(paper)s未予签发，已退回修改") % {"paper": _paper(facts)}
        return _said(what, _because(facts))
    what = _("您填写的延期申请未予审签，已退回") if "until" in facts else _("您填写的销号申请未予审签，已退回")
    return _said(what, facts.get("reason"))


def _answered(facts: Facts) -> Sentence | str:
    if facts.get("text"):
        return _said(_("需协调事项的答复"), facts["text"])
    return _("所提需协调事项已在协调。")


def _disposed(facts: Facts) -> Sentence:
    said = {Disposition.SUSPENDED: _("举措中止"), Disposition.CANCELLED: _("举措终止")}
    what = said.get(facts.get("disposition", ""), _("举措恢复，请继续推进并报送"))
    return _said(what, facts.get("reason"))


def _handed_over(facts: Facts) -> str:
    return _("%(name)s的工作已移交给您：经办举措%(duties)s条，未报送的草稿%(drafts)s份。") % {
        "name": facts.get("from", ""),
        "duties": facts.get("duties", 0),
        "drafts": facts.get("drafts", 0),
    }


def _ordered(facts: Facts) -> str:
    n = int(facts["count"])
    day = day_text(parse_date(str(facts["reply_by"])))
    sentence = ngettext(
        "%(number)s：请抓紧办理%(n)s条举措，于%(day)s前反馈办理情况。",
        "%(number)s：请抓紧办理%(n)s条举措，于%(day)s前反馈办理情况。",
        n,
    )
    return sentence % {"number": facts["order_number"], "n": n, "day": day}


def _order_void(facts: Facts) -> Sentence:
    return _said(_("%(number)s作废") % {"number": facts["order_number"]}, facts.get("reason"))


def _order_answered(facts: Facts) -> str:
    return _("%(name)s已反馈%(number)s的办理情况。") % {
        "name": facts["agency_name"],
        "number": facts["order_number"],
    }


def _document(facts: Facts) -> Sentence:
    """督查通报 第3期已送达，请查阅：关于…的通报（督〔2022〕3号）"""
    if facts.get("outside_line"):
        what = _("函已送达，请予支持")
    elif facts["document"] == "letter":
        what = _("函已送达，请查阅")
    elif facts["document"] == "brief":
        what = _("第%(n)s期督查专报已送达，请查阅") % {"n": facts["issue"]}
    else:
        what = _("第%(n)s期督查通报已送达，请查阅") % {"n": facts["issue"]}
    return _said(what, _titled(facts))


def _document_void(facts: Facts) -> Sentence:
    """Which one, and why, as the office wrote them."""
    return _said(_("已送达的下列文件作废"), _because(facts))


def _paper_signed(facts: Facts) -> Sentence:
    """您拟稿的通报已由王秘书长签发：关于…的通报（督〔2022〕3号）"""
    what = _("您拟稿的%(paper)s已由%(name)s签发") % {"paper": _paper(facts), "name": facts["signed_by"]}
    return _said(what, _titled(facts))


def _paper(facts: Facts) -> str:
    """What kind of paper it is, within a sentence."""
    return {
        "order": pgettext("in a sentence", "督办单"),
        "bulletin": pgettext("in a sentence", "通报"),
        "brief": pgettext("in a sentence", "督查专报"),
        "letter": pgettext("in a sentence", "函"),
    }[facts["paper"]]


def _because(facts: Facts) -> str:
    return _("%(title)s。理由：%(reason)s") % {**facts, "title": _titled(facts)}


def _titled(facts: Facts) -> str:
    return _("%(title)s（%(number)s）") % facts if facts.get("number") else str(facts["title"])


def _reminded(facts: Facts) -> Sentence | str:
    late, near = int(facts.get("late", 0)), int(facts.get("near", 0))
    if facts.get("outside_line"):
        return _chased({"outside_line": True, "count": late + near})
    if not late:
        return ngettext("%(n)s条举措临近到期。", "%(n)s条举措临近到期。", near) % {"n": near}
    said = ngettext("%(n)s条举措已逾期，最长%(days)s", "%(n)s条举措已逾期，最长%(days)s", late)
    more = ngettext("，另有%(n)s条临近到期", "，另有%(n)s条临近到期", near) if near else ""
    return said % {"n": late, "days": _longest(facts)} + (more % {"n": near} if more else "") + _("。")


def _report_due(facts: Facts) -> str:
    n, day = int(facts["count"]), day_text(parse_date(facts["due"]))
    first, last = (parse_date(facts[name]) for name in ("first", "last"))
    named = {
        "list": facts["title"],
        "period": period_text(first, last) if first and last else "",
        "day": day,
        "n": n,
    }
    if facts.get("outside_line"):
        return (
            ngettext(
                "商请于%(day)s前提供《%(list)s》%(n)s条举措的%(period)s进展情况。",
                "商请于%(day)s前提供《%(list)s》%(n)s条举措的%(period)s进展情况。",
                n,
            )
            % named
        )
    if facts.get("late"):
        return (
            ngettext(
                "《%(list)s》%(period)s进展未按时报送：%(n)s条举措，应于%(day)s前报送。",
                "《%(list)s》%(period)s进展未按时报送：%(n)s条举措，应于%(day)s前报送。",
                n,
            )
            % named
        )
    return (
        ngettext(
            "《%(list)s》%(period)s进展请于%(day)s前报送，尚有%(n)s条举措未报送。",
            "《%(list)s》%(period)s进展请于%(day)s前报送，尚有%(n)s条举措未报送。",
            n,
        )
        % named
    )


def _acknowledge_due(facts: Facts) -> str:
    named = {"list": facts["title"], "edition": facts["number"], "day": day_text(parse_date(facts["due"]))}
    if facts.get("outside_line") and facts.get("late"):
        return _("《%(list)s》（第%(edition)s版）尚未签收，商请予以签收（原商请%(day)s前签收）。") % named
    if facts.get("outside_line"):
        return _("商请于%(day)s前签收《%(list)s》（第%(edition)s版）。") % named
    if facts.get("late"):
        return _("《%(list)s》（第%(edition)s版）尚未签收，应于%(day)s前签收。") % named
    return _("《%(list)s》（第%(edition)s版）尚未签收，请于%(day)s前签收。") % named


# A number in the words of a sentence, by its name, while they are taken apart.
_NAMED = re.compile("\x02(\\w+)\x03")


def _week(facts: Facts) -> Sentence:
    """Each part that is there: 逾期3条（2家单位，最长15天），临近到期52条，待办理5件。"""
    late = _("逾期%(late)s条（%(agencies)s家单位，最长%(longest)s）")
    parts = [
        (late, "late"),
        (_("临近到期%(near)s条"), "near"),
        (_("未按时报送%(not_on_time)s家单位"), "not_on_time"),
        (_("应拟督办单%(orders)s家单位"), "orders"),
        (_("未签收%(unsigned)s家次"), "unsigned"),
        (_("待审核%(waiting)s件"), "waiting"),
    ]
    said = {**facts, "longest": _longest(facts)}
    marked = {name: f"\x02{name}\x03" for name in said}
    words = _("，").join(words % marked for words, name in parts if facts.get(name)) + _("。")
    pieces = tuple(_pieces(words, said, _rows_of_the_week(facts)))
    return Sentence("".join(piece.text for piece in pieces), pieces=pieces)


def _pieces(words: str, said: Facts, addresses: Mapping[str, str]) -> Iterator[SentencePart]:
    for place, piece in enumerate(_NAMED.split(words)):
        yield SentencePart(str(said[piece]), addresses.get(piece, "")) if place % 2 else SentencePart(piece)


def _rows_of_the_week(facts: Facts) -> Mapping[str, str]:
    """Where the rows of its numbers are, on that day and in its lists; of those that were not kept with their day,
    nowhere."""
    if "lists" not in facts:
        return {}
    scope = urlencode([*(("list", slug) for slug in facts["lists"]), ("on", facts["day"])])
    measures, agencies = reverse("measures"), reverse("agencies")
    return {
        "late": f"{measures}?{scope}&light={Light.OVERDUE.value}",
        "agencies": f"{agencies}?{scope}&light={Light.OVERDUE.value}",
        "near": f"{measures}?{scope}&light={Light.DUE_SOON.value}",
    }


def _longest(facts: Facts) -> str:
    n = int(facts.get("longest", 0))
    return ngettext("%(n)s天", "%(n)s天", n) % {"n": n}


def _watched(facts: Facts) -> str:
    """What happened to a measure, as it was said when it was told; or how many of a view something happened to."""
    if "view" in facts:
        n = int(facts["count"])
        return ngettext("视图“%(view)s”中有%(n)s条举措有新动态。", "视图“%(view)s”中有%(n)s条举措有新动态。", n) % {
            "view": facts["view"],
            "n": n,
        }
    return _("；").join(facts["said"][in_language("zh", "en")]) + _("。")


def _file_made(facts: Facts) -> Sentence:
    return Sentence(_("文件已生成，24小时内可以下载："), str(facts.get("file", "")))


SENTENCES: dict[Notice.Kind, Callable[[Facts], Sentence | str]] = {
    Kind.ASSIGNED: _assigned,
    Kind.RETURNED: _returned,
    Kind.VERIFIED: _verified,
    Kind.REOPENED: _reopened,
    Kind.EXTENSION_GRANTED: _granted,
    Kind.EXTENSION_REFUSED: _refused,
    Kind.DEADLINE_ADJUSTED: _adjusted,
    Kind.CHASED: _chased,
    Kind.TO_SIGN: _to_sign,
    Kind.SENT_BACK: _sent_back,
    Kind.MATTER_ANSWERED: _answered,
    Kind.DISPOSED: _disposed,
    Kind.HANDED_OVER: _handed_over,
    Kind.ORDERED: _ordered,
    Kind.ORDER_VOID: _order_void,
    Kind.ORDER_ANSWERED: _order_answered,
    Kind.DOCUMENT: _document,
    Kind.DOCUMENT_VOID: _document_void,
    Kind.PAPER_SIGNED: _paper_signed,
    Kind.REMINDED: _reminded,
    Kind.REPORT_DUE: _report_due,
    Kind.WEEK: _week,
    Kind.FILE_MADE: _file_made,
    Kind.WATCHED: _watched,
    Kind.ACKNOWLEDGE_DUE: _acknowledge_due,
}
