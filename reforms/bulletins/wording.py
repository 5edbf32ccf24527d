"""How a 通报 is worded until the office changes it: after those that offices issue. Every number is of its figures."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import translation

from reforms.bulletins.figures import SAID, Figures, NamedMeasure
from reforms.lib.placeholders import fill
from reforms.lib.words import day_text, place_text, within_quotes
from reforms.models import DUE_SOON_DAYS, Light, ReformList

NAMED = 10  # in a sentence; a table has them all
BRIEFLY = 3  # in a 督查专报


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of a list, filled from figures; `most` are named in a sentence."""

    reform_list: ReformList
    figures: Figures
    sentences: Mapping[str, str]
    most: int = NAMED

    def say(self, name: str, **own: object) -> str:
        """One sentence, with what stands for its own placeholders and for those that all may have."""
        facts = {
            "清单": self.reform_list.title,
            "清单简称": self.reform_list.short_title or self.reform_list.title,
            "截至日": _day(self.figures.on),
        }
        return fill(self.sentences[name], facts | own)

    def overall(self) -> str:
        """How many there are, and how far."""
        figures = self.figures
        return self.say(
            "overall",
            事项数=figures.items,
            举措数=figures.measures,
            各灯条数="，".join(f"{light.label}{figures.light(light)}条" for light in SAID),
            办结条数=figures.settled,
            办结率=f"{figures.settled / figures.measures * 100:.1f}%" if figures.measures else "0%",
        )

    def results(self) -> str:
        """What was closed since the last one."""
        closed = self.figures.closed
        span = f"近{DUE_SOON_DAYS}天" if self.figures.first else "上期以来"
        if not closed:
            return self.say("no_results", 新销号期间=span)
        return self.say("results", 新销号期间=span, 新销号条数=len(closed), 新销号举措=self._named(closed))

    def problems(self) -> str:
        """（一）逾期（二）滞后（三）未按时报送（四）退回修改, each naming whom it is about; left out where none."""
        figures, parts = self.figures, []
        if figures.overdue:
            longest = max(line.days for line in figures.overdue)
            late = _count(figures.overdue, figures.light(Light.OVERDUE))
            named = self._named(figures.overdue, "逾期")
            facts = {"最长逾期天数": longest, "新增逾期条数": figures.newly_overdue}
            parts.append(self.say("overdue", 逾期条数=late, 逾期举措=named, **facts))
        if figures.behind:
            named = self._named(figures.behind)
            parts.append(self.say("behind", 滞后条数=len(figures.behind), 滞后举措=named))
        if figures.unreported:
            silent = "、".join(f"{one.agency}（{one.measures}条）" for one in figures.unreported[: self.most])
            silent += "等" if len(figures.unreported) > self.most else ""
            parts.append(self.say("unreported", 未报单位数=len(figures.unreported), 未报单位=silent))
        if figures.returned:
            named = self._named(figures.returned)
            parts.append(self.say("returned", 退回条数=len(figures.returned), 退回举措=named))
        numbered = [f"（{'一二三四'[place]}）{part}" for place, part in enumerate(parts)]
        return "\n".join(numbered) or self.say("no_problems")

    def demands(self) -> str:
        """What the agencies are to do."""
        figures, parts = self.figures, [self.say("demands")]
        if figures.overdue:
            parts.append(self.say("demands_overdue"))
        if figures.soon:
            first, days = _day(figures.soon[0].deadline), figures.soon[0].days
            due = _count(figures.soon, figures.light(Light.DUE_SOON))
            parts.append(self.say("demands_soon", 临近条数=due, 最近到期日=first, 剩余天数=days))
        if figures.unreported:
            parts.append(self.say("demands_unreported"))
        if figures.returned:
            parts.append(self.say("demands_returned"))
        return "".join(parts)

    def _named(self, lines: Sequence[NamedMeasure], days: str = "") -> str:
        return _named(lines, days, most=self.most)


LONGEST_TITLE = 200


def first_words(reform_list: ReformList, figures: Figures, sentences: Mapping[str, str]) -> dict[str, str]:
    """The texts of a draft of a 通报, by field."""
    with translation.override("zh-hans"):
        return _words(Wording(reform_list, figures, sentences))


def _words(said: Wording) -> dict[str, str]:
    return {
        "title": said.say("title")[:LONGEST_TITLE],
        "to": "各有关单位：",
        "intro": said.say("intro"),
        "overall": said.overall(),
        "results": said.results(),
        "problems": said.problems(),
        "demands": said.demands(),
        "contact": said.reform_list.contact,
        "contact_phone": said.reform_list.contact_phone,
    }


def brief_words(reform_list: ReformList, figures: Figures, sentences: Mapping[str, str]) -> dict[str, str]:
    """The same of a 督查专报: it names only the first of each kind, so that it stays on a page or two."""
    with translation.override("zh-hans"):
        return _words(Wording(reform_list, figures, sentences, BRIEFLY)) | {
            "title": f"关于{reform_list.short_title or reform_list.title}进展情况的专报"[:LONGEST_TITLE],
            "to": "",
            "intro": f"现将《{reform_list.title}》截至{_day(figures.on)}的进展情况报告如下。",
            "demands": _advice(figures),
        }


def _advice(figures: Figures) -> str:
    """What the leaders are advised to have done."""
    parts = ["督促各牵头单位对照清单，紧盯时限，逐项抓好落实"]
    if figures.overdue:
        parts.append("对逾期举措逐项查明原因，明确措施和完成时间，必要时协调解决")
    if figures.soon:
        parts.append(f"对今后30天内到期的{_count(figures.soon, figures.light(Light.DUE_SOON))}提前调度，防止新增逾期")
    if figures.unreported:
        parts.append("督促未按时报送的单位尽快补报")
    if figures.returned:
        parts.append("督促被退回的单位按核验意见补充佐证材料，重新报送")
    return "；".join(f"{'一二三四五'[place]}是{part}" for place, part in enumerate(parts)) + "。"


def _count(named: Sequence[NamedMeasure], shown: int) -> str:
    """How many show a light; where some are led only by bodies outside the government's line, how many are meant."""
    whole = f"{shown}条举措"
    return whole if len(named) == shown else f"{whole}中政府序列单位牵头的{len(named)}条"


def _named(lines: Sequence[NamedMeasure], days: str = "", *, most: int = NAMED) -> str:
    """第8项“…”（市交通运输局，逾期3天）; of many the first ones."""
    said = "；".join(
        f"{_place(line.number)}“{within_quotes(line.title)}”"
        f"（{'、'.join(line.leads)}{f'，{days}{line.days}天' if days else ''}）"
        for line in lines[:most]
    )
    return said if len(lines) <= most else f"{said}等"


def _place(number: str) -> str:
    """第8项, 第7项第2条 of a measure numbered 7-2."""
    item, _dash, place = number.partition("-")
    with translation.override("zh-hans"):
        return place_text(int(item), int(place or 1), several=bool(place))


def _day(iso: str) -> str:
    with translation.override("zh-hans"):
        return day_text(dt.date.fromisoformat(iso))
