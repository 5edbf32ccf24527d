"""通报语句: worded by the office, filled from the figures, a wrong placeholder named."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from agencies.log.since import ChangedSince
from agencies.models import Change, Role
from reforms.bulletins.drafts import draft_bulletin, reword_bulletin
from reforms.bulletins.sentences import SENTENCES, sentences_of, set_sentences
from reforms.models import Bulletin, BulletinSentence, Measure, ReformList
from reforms.review.extensions import adjust_deadline
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting
from tests.reforms.shown import get, words

OVERDUE = "已超期{逾期条数}，最久的{最长逾期天数}天。"


@pytest.fixture
def office(cast: Cast) -> Any:
    return {"who": acting(cast.supervisor), "on": ON}


@pytest.fixture
def signed_in(cast: Cast, client: Client) -> Client:
    client.force_login(cast.supervisor, backend="agencies.people.sign_in.PasswordBackend")
    return client


def test_what_the_office_words_is_what_drafts_say(demo: ReformList, office: Any) -> None:
    before = draft_bulletin(demo, ON, **office)
    set_sentences(demo, {"overdue": OVERDUE, "title": "{清单简称}通报"}, **office)
    after = draft_bulletin(demo, ON, **office)
    assert after.title == f"{demo.short_title or demo.title}通报"
    assert after.problems == "（一）已超期3条举措，最久的76天。"
    assert (after.overall, after.results, after.demands) == (before.overall, before.results, before.demands)
    # A draft that was there keeps its words until it is worded anew; a brief has them too.
    assert "已超期" not in Bulletin.objects.get(pk=before.pk).problems
    assert "已超期" in reword_bulletin(before.pk, seen=None, **office).problems
    assert "已超期" in draft_bulletin(demo, ON, kind="brief", **office).problems


def test_only_what_differs_is_kept_and_the_defaults_come_back(demo: ReformList, office: Any) -> None:
    default = {one.name: one.text for one in SENTENCES}
    set_sentences(demo, default | {"overdue": OVERDUE, "intro": " "}, **office)
    assert list(BulletinSentence.objects.values_list("name", "text")) == [("overdue", OVERDUE)]
    set_sentences(demo, {}, **office)
    assert sentences_of(demo) == default
    logged = Change.objects.filter(action="bulletins.worded").order_by("sequence")
    assert [set(one.after["sentences"]) for one in logged] == [{"overdue"}, {"overdue"}]
    set_sentences(demo, {}, **office)
    assert logged.count() == 2, "nothing was changed"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("overdue", "共{逾期数}条。", "没有“{逾期数}”这个占位符，可用的有：{逾期条数}、{最长逾期天数}"),
        ("intro", "{办结率}", "没有“{办结率}”"),
        ("intro", "截至{截至日", "花括号没有成对"),
        ("intro", "截至截至日｝", "花括号没有成对"),
    ],
)
def test_a_wrong_placeholder_is_named(demo: ReformList, office: Any, name: str, text: str, said: str) -> None:
    with pytest.raises(ValidationError) as told:
        set_sentences(demo, {name: text}, **office)
    assert told.value.message_dict[name][0].startswith(said)


def test_how_many_are_newly_overdue_can_be_said(demo: ReformList, office: Any) -> None:
    """Three are overdue since March; one more since its deadline was moved to yesterday."""
    set_sentences(demo, {"overdue": "逾期。{逾期条数}，其中新增{新增逾期条数}条。"}, **office)
    measure = Measure.objects.filter(status="in_progress", deadline_in_force__gt=ON).order_by("pk")[0]
    adjust_deadline(measure.pk, ON - dt.timedelta(days=1), reference="〔2022〕9号", seen=None, **office)
    assert draft_bulletin(demo, ON, **office).problems.startswith("（一）逾期。4条举措，其中新增1条。")


def test_every_placeholder_is_filled(demo: ReformList, office: Any) -> None:
    texts = {one.name: "".join(f"{{{name}}}" for name in one.placeholders) for one in SENTENCES}
    set_sentences(demo, texts, **office)
    draft = draft_bulletin(demo, ON, **office)
    for text in (draft.title, draft.intro, draft.overall, draft.results, draft.problems, draft.demands):
        assert text
        assert "{" not in text


def test_the_page_previews_without_keeping_and_loses_nothing(demo: ReformList, signed_in: Client) -> None:
    address = f"/lists/{demo.slug}/sentences/"
    response = signed_in.post(address, {"overdue": OVERDUE, "preview": "1"})
    assert "（一）已超期3条举措，最久的76天。" in response.content.decode()
    assert not BulletinSentence.objects.exists()
    response = signed_in.post(address, {"overdue": "{没有}", "intro": "请看{截至日}。"})
    assert response.status_code == 422
    assert "没有“{没有}”这个占位符" in response.content.decode()
    assert "请看{截至日}。" in response.content.decode()
    signed_in.post(address, {"overdue": OVERDUE})
    page = get(signed_in, address)
    assert [words(one) for one in page.tree.xpath('//textarea[@name="overdue"]')] == [OVERDUE]
    signed_in.post(address, {"defaults": "1", "intro": "{没有}"})
    assert not BulletinSentence.objects.exists()


def test_who_comes_second_is_told(demo: ReformList, office: Any) -> None:
    set_sentences(demo, {"overdue": OVERDUE}, as_of=0, **office)
    with pytest.raises(ChangedSince):
        set_sentences(demo, {"intro": "请看。"}, as_of=0, **office)


def test_administrators_word_them_too_and_agencies_do_not(demo: ReformList, cast: Cast, person: PersonMaker) -> None:
    set_sentences(demo, {"intro": "请看。"}, who=acting(person(Role.ADMINISTRATOR)), on=ON)
    with pytest.raises(PermissionDenied):
        set_sentences(demo, {}, who=acting(cast.reporter), on=ON)
