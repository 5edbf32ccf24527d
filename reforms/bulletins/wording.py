"""How a 通报 is worded until the office changes it: after those that offices issue. Every number is of its figures."""

import datetime as dt
from collections.abc import Sequence

from django.utils import translation

from reforms.bulletins.figures import Figures, NamedMeasure
from reforms.lib.words import day_text
from reforms.models import Light, ReformList

# As the overview's sentence goes through them.
SAID = (
    Light.STANDING,
    Light.CLOSED,
    Light.UNDER_REVIEW,
    Light.ON_TRACK,
    Light.DUE_SOON,
    Light.AWAITING_REPORT,
    Light.OVERDUE,
)
NAMED = 10  # in a sentence; a table has them all
BRIEFLY = 3  # in a 督查专报
REPLY_IN = "请各牵头单位对照清单，紧盯时限，逐项抓好落实。"


def first_words(reform_list: ReformList, figures: Figures) -> dict[str, str]:
    """The texts of a draft of a 通报, by field."""
    day = _day(figures.on)
    with translation.override("zh-hans"):
        return {
            "title": f"关于{reform_list.short_title or reform_list.title}进展情况的通报",
            "to": "各有关单位：",
            "intro": f"现将《{reform_list.title}》截至{day}的进展情况通报如下。",
            "overall": _overall(figures),
            "results": _results(figures),
            "problems": _problems(figures),
            "demands": _demands(figures),
            "contact": reform_list.contact,
            "contact_phone": reform_list.contact_phone,
        }


def brief_words(reform_list: ReformList, figures: Figures) -> dict[str, str]:
    """The same of a 督查专报: it names only the first of each kind, so that it stays on a page or two."""
    with translation.override("zh-hans"):
        return first_words(reform_list, figures) | {
            "title": f"关于{reform_list.short_title or reform_list.title}进展情况的专报",
            "to": "",
            "intro": f"现将《{reform_list.title}》截至{_day(figures.on)}的进展情况报告如下。",
            "results": _results(figures, BRIEFLY),
            "problems": _problems(figures, BRIEFLY),
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
    return "；".join(f"{'一二三四'[place]}是{part}" for place, part in enumerate(parts)) + "。"


def _overall(figures: Figures) -> str:
    lights = "，".join(f"{light.label}{figures.light(light)}条" for light in SAID)
    share = f"{figures.settled / figures.measures * 100:.1f}%" if figures.measures else "0%"
    return (
        f"清单共{figures.items}项改革事项、{figures.measures}条具体举措。截至{_day(figures.on)}，{lights}。"
        f"持续巩固和已销号合计{figures.settled}条，占{share}。"
    )


def _results(figures: Figures, most: int = NAMED) -> str:
    if not figures.closed:
        return "上期以来没有新销号的举措。"
    return f"上期以来新销号{len(figures.closed)}条：{_named(figures.closed, most=most)}。"


def _problems(figures: Figures, most: int = NAMED) -> str:
    """（一）逾期（二）滞后（三）未按时报送, each naming whom it is about; left out where there is none."""
    parts = []
    if figures.overdue:
        longest = max(line.days for line in figures.overdue)
        late = _count(figures.overdue, figures.light(Light.OVERDUE))
        parts.append(f"逾期。{late}已超过完成时限，最长{longest}天：{_named(figures.overdue, '逾期', most=most)}。")
    if figures.behind:
        parts.append(f"滞后。{len(figures.behind)}条举措由牵头单位自报进度滞后：{_named(figures.behind, most=most)}。")
    if figures.unreported:
        named = "、".join(f"{one.agency}（{one.measures}条）" for one in figures.unreported[:most])
        named += "等" if len(figures.unreported) > most else ""
        parts.append(f"未按时报送。{len(figures.unreported)}个单位未按时报送进展：{named}。")
    numbers = "一二三"
    return (
        "\n".join(f"（{numbers[place]}）{part}" for place, part in enumerate(parts))
        or "未发现逾期、滞后和未按时报送的情况。"
    )


def _demands(figures: Figures) -> str:
    parts = [REPLY_IN]
    if figures.overdue:
        parts.append("逾期举措的牵头单位要查明原因，明确措施和完成时间，尽快报送销号申请。")
    if figures.soon:
        first, days = _day(figures.soon[0].deadline), figures.soon[0].days
        due = _count(figures.soon, figures.light(Light.DUE_SOON))
        parts.append(f"今后30天内到期的{due}（最近的{first}到期，还有{days}天，见附件）要倒排工期，按期完成。")
    if figures.unreported:
        parts.append("未按时报送的单位要尽快补报。")
    return "".join(parts)


def _count(named: Sequence[NamedMeasure], shown: int) -> str:
    """How many show a light; where some are led only by bodies outside the government's line, how many are meant."""
    whole = f"{shown}条举措"
    return whole if len(named) == shown else f"{whole}中政府序列单位牵头的{len(named)}条"


def _named(lines: Sequence[NamedMeasure], days: str = "", *, most: int = NAMED) -> str:
    """第8项“…”（市交通运输局，逾期3天）; of many the first ones."""
    said = "；".join(
        f"第{line.number}项“{_within(line.title)}”（{'、'.join(line.leads)}{f'，{days}{line.days}天' if days else ''}）"
        for line in lines[:most]
    )
    return said if len(lines) <= most else f"{said}等"


def _within(title: str) -> str:
    """A title between quotation marks has its own turned into single ones."""
    return title.replace("“", "‘").replace("”", "’")


def _day(iso: str) -> str:
    with translation.override("zh-hans"):
        return day_text(dt.date.fromisoformat(iso))
