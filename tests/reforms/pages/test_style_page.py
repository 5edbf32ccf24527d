"""样式: what pages are made of, for whoever works on them."""

import pytest
from django.conf import LazySettings
from django.test import Client

from reforms.models import ReformList
from tests.reforms.shown import get


def test_there_is_none_where_the_portal_is_used(client: Client, demo: ReformList) -> None:
    assert client.get("/style/").status_code == 404


@pytest.mark.parametrize("name", ["DEBUG", "DEMO"])
def test_it_shows_every_light_and_what_is_wrong_where_fields_say_it(
    client: Client, demo: ReformList, settings: LazySettings, name: str
) -> None:
    setattr(settings, name, True)
    page = get(client, "/style/")
    assert len(page.tree.xpath('//p[contains(@class, "spaced")]/span/span[contains(@class, "light")]')) == 7
    assert len(page.measure_ids) == 3
    described = page.tree.xpath("//*[@aria-invalid]/@aria-describedby")
    ids = {one for ids in described for one in ids.split()}
    assert len(described) == 5
    assert ids <= set(page.tree.xpath("//@id"))


def test_it_opens_without_any_list(client: Client, db: None, settings: LazySettings) -> None:
    settings.DEMO = True
    assert client.get("/style/").status_code == 200
