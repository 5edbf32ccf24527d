"""Days and moments in sentences: as an office writes them, in Chinese and English."""

import datetime as dt
import re
from pathlib import Path

from django.conf import settings
from django.test import Client
from django.utils import translation

from reforms.lib.words import moment_text, month_of_year_text
from reforms.models import ReformList
from tests.reforms.shown import get, words

MOMENT = dt.datetime(2022, 6, 15, 1, 5, tzinfo=dt.UTC)
ISO_DAY = re.compile(r'blocktranslate[^%]*\|date:"Y-m-d')


def test_a_moment_is_told_by_the_clock_on_the_wall() -> None:
    assert moment_text(MOMENT) == "2022年6月15日 09:05"
    assert moment_text(None) == ""
    with translation.override("en"):
        assert moment_text(MOMENT) == "15 June 2022 09:05"
        assert month_of_year_text(dt.date(2022, 6, 1)) == "June 2022"


def test_no_sentence_holds_a_day_as_programs_write_it() -> None:
    templates = (path for folder in settings.TEMPLATES[0]["DIRS"] for path in Path(folder).rglob("*.html"))
    found = {path.name: ISO_DAY.findall(path.read_text(encoding="utf-8")) for path in templates}
    assert {name: tags for name, tags in found.items() if tags} == {}


def test_the_year_names_its_months(client: Client, reform_list: ReformList) -> None:
    months = [words(one) for one in get(client, "/timeline/").tree.xpath('//th[@scope="rowgroup"]')]
    assert months == ["2022年3月", "2022年6月", "2022年12月"]
