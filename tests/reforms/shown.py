"""What a reader sees of a page: the rows, the numbers on links, the chips; and the list's own facts to hold them to."""

import datetime as dt
import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.test import Client
from lxml import html

from agencies.access import NOBODY, Principal
from reforms.catalogue.filters import MeasureFilter
from tests.conftest import FIXTURES, ON

FACTS: dict[str, Any] = json.loads((FIXTURES / "shenzhen-2022-first-batch.expected.json").read_text(encoding="utf-8"))
PRINTED: list[dict[str, Any]] = FACTS["measures"]
LEADS = Counter(name for measure in PRINTED for name in measure["lead"])
RESPONSIBLE = Counter(name for measure in PRINTED for name in measure["responsible"])
NAMES = sorted(LEADS.keys() | RESPONSIBLE.keys())


@dataclass(frozen=True, slots=True)
class FacetLink:
    """One value of a facet as the page shows it."""

    facet: str
    label: str
    count: int
    chosen: bool
    address: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of measures as it arrived."""

    status: int
    text: str
    tree: Any

    @property
    def measure_ids(self) -> list[int]:
        links = self.tree.xpath('//table[@class="measures"]/tbody/tr/td[@class="what"]/a/@href')
        return [int(link.strip("/").split("/")[-1]) for link in links]

    @property
    def numbers(self) -> list[str]:
        """The item numbers of the rows, star included."""
        cells = self.tree.xpath('//table[@class="measures"]/tbody/tr/td[1]')
        return ["".join(cell.itertext()).strip() for cell in cells]

    @property
    def headings(self) -> list[str]:
        return [words(cell) for cell in self.tree.xpath('//table[@class="measures"]/thead//th')]

    @property
    def total(self) -> int:
        """The number in 共…条举措."""
        return int(self.tree.xpath('//p[@class="said"]//strong/text()')[0])

    @property
    def chips(self) -> list[str]:
        return [words(link).rstrip("×") for link in self.tree.xpath('//ul[@class="chips"]//a[not(@class)]')]

    @property
    def struck(self) -> list[str]:
        """The conditions that were not used, as they are struck out."""
        return [words(one) for one in self.tree.xpath('//ul[@class="chips struck"]//s')]

    @property
    def unknown(self) -> list[str]:
        """The parameters of the address that the page says it does not know."""
        return [name for one in self.tree.xpath('//p[@class="note unknown"]//code') for name in words(one).split(", ")]

    @property
    def chip_addresses(self) -> list[str]:
        return [str(link) for link in self.tree.xpath('//ul[@class="chips"]//a[not(@class)]/@href')]

    @property
    def facet_links(self) -> list[FacetLink]:
        return [
            facet_link(words(facet.xpath("./summary")[0]), link)
            for facet in self.tree.xpath('//details[@class="facet"]')
            for link in facet.xpath(".//li/a")
        ]

    @property
    def whole_facet(self) -> list[FacetLink]:
        """The values on the page of one facet."""
        name = words(self.tree.xpath("//h1")[0])
        return [facet_link(name, link) for link in self.tree.xpath('//ul[contains(@class, "whole-facet")]/li/a')]

    @property
    def facet_names(self) -> list[str]:
        return [words(summary) for summary in self.tree.xpath('//details[@class="facet"]/summary')]


def facet_link(facet: str, link: Any) -> FacetLink:
    """One value of a facet."""
    label = words(link.xpath('./span[contains(@class, "label")]')[0])
    count = int(words(link.xpath('./span[@class="count"]')[0]))
    return FacetLink(facet, label, count, link.get("aria-current") == "true", link.get("href"))


def words(element: Any) -> str:
    """The text of an element as it reads: white space collapsed."""
    return " ".join("".join(element.itertext()).split())


def get(client: Client, address: str, **headers: str) -> Page:
    """Load a page."""
    response = client.get(address, headers=headers)
    text = response.content.decode()
    return Page(response.status_code, text, html.fromstring(text))


def asked(address: str, *, who: Principal = NOBODY, on: dt.date = ON) -> MeasureFilter:
    """The filters of an address, which must all be usable."""
    filters = MeasureFilter.read(QueryDict(address.partition("?")[2]), who=who, today=on)
    assert filters.problems() == []
    return filters


def plain(text: str) -> str:
    """The text of a page without its tags and extra white space."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))
