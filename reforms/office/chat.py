"""复制催办文字: what the office pastes into a chat (WeCom, WeChat) to those who owe reports. Always
Chinese, as letters."""

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse

from reforms.lib.words import opening_text
from reforms.models import Measure
from reforms.reports.periods import Owing

NAMED = 30
OPENING_SAID = 24  # characters of a text


def chat_line(owing: Owing, late: int, *, overdue: bool, measures: Sequence[Measure] = ()) -> str:
    """One agency's: how much it owes, `late` of it past the day of report, only of what is `overdue` or of everything;
    `measures`, the first NAMED of them at least or none, are named below.

    Bodies outside the government's line are asked, and never told that anything is late.
    """
    agency, address = owing.agency, settings.SITE_URL + reverse("unreported")
    if agency.outside_line:
        line = f"【商请】{agency.name}：商请提供{owing.count}条举措本期进展情况：{address}"
    else:
        what = f"{owing.count}条已逾期举措本期未报送" if overdue else f"本期还有{owing.count}条举措未报送"
        rest = f"（{late}条已过报送截止日）" if late else ""
        line = f"【催办】{agency.name}：{what}{rest}，请尽快登录填报：{address}"
    return "\n".join([line, *_named(measures, owing.count)])


def _named(measures: Sequence[Measure], count: int) -> list[str]:
    named = [_name(measure) for measure in measures[:NAMED]]
    return [*named, f"另有{count - NAMED}条"] if named and count > NAMED else named


def _name(measure: Measure) -> str:
    """第51项第2条 its title：how it begins."""
    place = f"第{measure.item.number}项" + (f"第{measure.seq_in_item}条" if measure.seq_in_item > 1 else "")
    return f"{place} {' '.join(measure.title.split())}：{opening_text(measure.text, OPENING_SAID)}"
