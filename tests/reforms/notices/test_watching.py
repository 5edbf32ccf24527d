"""通知我: told of what others did and one may read, once a day of a view's measures, until one asked or left."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.models import Agency, ChangeHead, Membership, Role, User
from reforms.desk.watching import APART, tell_watchers, watch_measure, watch_view
from reforms.models import Delivery, Duty, Measure, Notice, ReformList, SavedView, Watching
from reforms.notices.inbox import inbox
from reforms.notices.wording import sentence_of
from reforms.reminders.sending.outbox import sweep
from reforms.reports.submit import ReportContent, submit_report
from reforms.review.extensions import adjust_deadline
from tests.conftest import ON, PersonMaker
from tests.reforms.people import Cast, acting

SECRET = "已与三家银行签约"
TOMORROW = ON + dt.timedelta(days=1)


@pytest.fixture
def office(person: PersonMaker, transport: Agency) -> Cast:
    return Cast(person, transport)


@pytest.fixture
def colleague(person: PersonMaker, transport: Agency) -> User:
    return person(Role.VIEWER, agency=transport, username="colleague")


@pytest.fixture
def stranger(person: PersonMaker) -> User:
    """Of an agency that has nothing to do with the measure."""
    return person(Role.REPORTER, agency=Agency.objects.get(name="市统计局"), username="stranger")


def told(user: User) -> list[str]:
    found = inbox(acting(user)).filter(kind="watched").order_by("pk")
    return [str(sentence_of(notice)) for notice in found]


def report(measure: Measure, cast: Cast, text: str = SECRET) -> None:
    submit_report(measure.pk, cast.agency.pk, ReportContent(progress=text), who=acting(cast.reporter), on=ON)


def move(measure: Measure, cast: Cast, day: int = 1) -> None:
    measure.refresh_from_db()
    until = dt.date(2022, 9, day)
    adjust_deadline(measure.pk, until, reference="1", seen=None, who=acting(cast.supervisor), on=ON)


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    def signed(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="agencies.people.sign_in.PasswordBackend")
        return client

    return signed


class TestMeasure:
    def test_a_colleague_is_told_who_did_what_once(
        self, public: ReformList, led: Measure, office: Cast, colleague: User
    ) -> None:
        watch_measure(led, who=acting(colleague))
        report(led, office)
        assert tell_watchers(ON) == 1
        assert tell_watchers(ON) == 0
        (said,) = told(colleague)
        assert "报送进展" in said
        assert "状态由“尚未报送”变为“推进中”" in said
        assert SECRET not in said

    def test_what_was_before_is_not_told(self, public: ReformList, led: Measure, office: Cast, colleague: User) -> None:
        report(led, office)
        watch_measure(led, who=acting(colleague))
        tell_watchers(ON)
        assert told(colleague) == []

    def test_ones_own_acts_are_not_told(self, public: ReformList, led: Measure, office: Cast) -> None:
        watch_measure(led, who=acting(office.reporter))
        report(led, office)
        tell_watchers(ON)
        assert told(office.reporter) == []
        move(led, office)
        tell_watchers(ON)
        (said,) = told(office.reporter)
        assert "现行时限由2022年6月30日调整为2022年9月1日" in said

    def test_a_stranger_is_told_what_a_stranger_may_read(
        self, public: ReformList, led: Measure, office: Cast, stranger: User
    ) -> None:
        watch_measure(led, who=acting(stranger))
        report(led, office)
        tell_watchers(ON)
        (said,) = told(stranger)
        assert "状态由" in said
        assert "报送进展" not in said, "that an agency reported is internal"
        assert office.reporter.username not in said

    def test_rights_are_asked_when_it_is_told(
        self, public: ReformList, led: Measure, office: Cast, colleague: User
    ) -> None:
        watch_measure(led, who=acting(colleague))
        report(led, office)
        Membership.objects.filter(user=colleague).update(agency=Agency.objects.get(name="市统计局"))
        tell_watchers(ON)
        (said,) = told(colleague)
        assert "报送进展" not in said

    def test_who_left_is_told_nothing_and_watches_nothing(
        self, public: ReformList, led: Measure, office: Cast, colleague: User, stranger: User
    ) -> None:
        watch_measure(led, who=acting(colleague))
        watch_measure(led, who=acting(stranger))
        report(led, office)
        User.objects.filter(pk=colleague.pk).update(is_active=False)
        Membership.objects.filter(user=stranger).delete()
        tell_watchers(ON)
        assert not Watching.objects.exists()
        assert not Notice.objects.filter(kind="watched").exists()

    def test_an_agency_that_lost_the_measure_is_told_so_and_no_more(
        self, public: ReformList, led: Measure, office: Cast, colleague: User
    ) -> None:
        watch_measure(led, who=acting(colleague))
        Duty.objects.filter(measure=led, agency=office.agency).delete()
        move(led, office)
        tell_watchers(ON)
        assert told(colleague)[0].endswith("；本单位不再承担这条举措，不再通知。")
        assert not Watching.objects.exists()

    def test_a_list_closed_to_them_ends_it_without_a_word(
        self, public: ReformList, led: Measure, office: Cast, stranger: User
    ) -> None:
        watch_measure(led, who=acting(stranger))
        ReformList.objects.update(open_to="office")
        move(led, office)
        tell_watchers(ON)
        assert told(stranger) == []
        assert not Watching.objects.exists()

    def test_in_the_language_in_which_it_is_read(
        self, public: ReformList, led: Measure, office: Cast, colleague: User
    ) -> None:
        from django.utils import translation

        watch_measure(led, who=acting(colleague))
        report(led, office)
        tell_watchers(ON)
        with translation.override("en"):
            assert "Status" in told(colleague)[0]

    def test_one_reader_who_fails_does_not_hold_up_the_others(
        self, public: ReformList, led: Measure, office: Cast, colleague: User, monkeypatch: Any
    ) -> None:
        from reforms.desk import watching

        watch_measure(led, who=acting(office.supervisor))
        watch_measure(led, who=acting(colleague))
        report(led, office)
        right = watching._tell

        def failing(user: User, *rest: Any) -> int:
            if user == office.supervisor:
                raise RuntimeError
            return right(user, *rest)

        monkeypatch.setattr(watching, "_tell", failing)
        assert tell_watchers(ON) == 1
        assert told(colleague)
        monkeypatch.undo()
        assert tell_watchers(ON) == 1, "and is told the next time"


class TestView:
    def view(self, user: User, query: str) -> SavedView:
        found = SavedView.objects.create(user=user, name="常看", query=query)
        watch_view(found, who=acting(user))
        return found

    def test_of_each_measure_once_a_day(self, public: ReformList, led: Measure, office: Cast, colleague: User) -> None:
        self.view(colleague, "agency=me")
        report(led, office)
        tell_watchers(ON)
        move(led, office)
        tell_watchers(ON)
        assert len(told(colleague)) == 1
        move(led, office, day=2)
        tell_watchers(TOMORROW)
        assert len(told(colleague)) == 2

    def test_what_the_view_does_not_find_is_not_told(
        self, public: ReformList, led: Measure, office: Cast, colleague: User
    ) -> None:
        self.view(colleague, f"section={led.item.section.number % 12 + 1}")
        report(led, office)
        tell_watchers(ON)
        assert told(colleague) == []

    def test_what_it_found_yesterday_is(self, public: ReformList, led: Measure, office: Cast, colleague: User) -> None:
        self.view(colleague, "light=due_soon")
        move(led, office, day=30)
        tell_watchers(ON)
        assert len(told(colleague)) == 1, "no longer due soon since its deadline moved"

    def test_many_at_once_are_counted(self, demo: ReformList, office: Cast, colleague: User) -> None:
        self.view(colleague, "section=1")
        open_ones = Measure.objects.filter(item__section__number=1, disposition="active", deadline__gte=ON)
        found = list(open_ones.filter(status="in_progress")[: APART + 1])
        assert len(found) == APART + 1
        for measure in found:
            adjust_deadline(
                measure.pk, dt.date(2022, 12, 30), reference="1", seen=None, who=acting(office.supervisor), on=ON
            )
        tell_watchers(ON)
        assert told(colleague) == [f"视图“常看”中有{APART + 1}条举措有新动态。"]

    def test_a_measure_watched_by_itself_is_told_once(
        self, public: ReformList, led: Measure, office: Cast, colleague: User
    ) -> None:
        self.view(colleague, "agency=me")
        watch_measure(led, who=acting(colleague))
        report(led, office)
        tell_watchers(ON)
        assert len(told(colleague)) == 1

    def test_a_view_no_longer_shared_ends(
        self, public: ReformList, led: Measure, office: Cast, colleague: User
    ) -> None:
        shared = SavedView.objects.create(
            user=office.supervisor, name="全部", query="", shared_with=SavedView.Sharing.EVERYBODY
        )
        watch_view(shared, who=acting(colleague))
        SavedView.objects.update(shared_with="nobody")
        report(led, office)
        tell_watchers(ON)
        assert told(colleague) == []
        assert not Watching.objects.exists()


class TestLetter:
    def test_one_a_day_with_all_of_it(self, public: ReformList, led: Measure, office: Cast, colleague: User) -> None:
        ReformList.objects.update(reminders_on=True, reminders_from=ON)
        other = Measure.objects.exclude(pk=led.pk).filter(deadline__gte=ON)[0]
        for measure in (led, other):
            watch_measure(measure, who=acting(colleague))
            move(measure, office)
        tell_watchers(ON)
        sweep(ON)
        own = [one for one in mail.outbox if one.to == [colleague.email]]
        assert [one.subject for one in own] == ["【关注的动态】2条消息"]
        move(led, office, day=5)
        tell_watchers(ON)
        sweep(ON)
        assert Notice.objects.to_daily().count() == 1, "waits for the next day's"
        sweep(TOMORROW)
        assert not Notice.objects.to_daily().exists()

    def test_none_where_they_want_none_or_the_list_was_never_opened(
        self, public: ReformList, led: Measure, office: Cast, colleague: User
    ) -> None:
        watch_measure(led, who=acting(colleague))
        move(led, office)
        tell_watchers(ON)
        ReformList.objects.update(reminders_on=True, reminders_from=ON)
        Watching.objects.update(by_mail=False)
        move(led, office, day=5)
        tell_watchers(ON)
        assert len(told(colleague)) == 2
        assert not Notice.objects.to_daily().exists()

    def test_rights_lost_before_it_goes_out_it_says_nothing(
        self, public: ReformList, led: Measure, office: Cast, colleague: User
    ) -> None:
        ReformList.objects.update(reminders_on=True, reminders_from=ON)
        watch_measure(led, who=acting(colleague))
        move(led, office)
        tell_watchers(ON)
        Membership.objects.filter(user=colleague).delete()
        sweep(ON)
        assert not [one for one in mail.outbox if one.to == [colleague.email]]
        assert Delivery.objects.filter(user=colleague, state="dropped").exists()


class TestPages:
    def test_begun_and_ended_on_the_measure_and_on_the_account(
        self, public: ReformList, led: Measure, office: Cast, client_of: Callable[[User], Client]
    ) -> None:
        client = client_of(office.reporter)
        page = client.post(f"/measures/{led.pk}/watch/", follow=True).content.decode()
        assert "取消通知" in page
        watch = Watching.objects.get()
        assert watch.as_holder
        account = client.get("/account/").content.decode()
        assert led.title in account
        client.post(f"/account/watches/{watch.pk}/", {"mail": "off"})
        assert not Watching.objects.get().by_mail
        client.post(f"/account/watches/{watch.pk}/")
        assert not Watching.objects.exists()
        assert "通知我" not in Client().get(f"/measures/{led.pk}/").content.decode()

    def test_nobody_elses_can_be_ended(
        self, public: ReformList, led: Measure, office: Cast, client_of: Callable[[User], Client]
    ) -> None:
        watch_measure(led, who=acting(office.reporter))
        assert client_of(office.supervisor).post(f"/account/watches/{Watching.objects.get().pk}/").status_code == 404

    def test_the_notice_leads_to_the_measure_or_to_the_view(
        self, public: ReformList, led: Measure, office: Cast, colleague: User, client_of: Callable[[User], Client]
    ) -> None:
        client = client_of(colleague)
        view = SavedView.objects.create(user=colleague, name="常看", query="section=1")
        assert client.post(f"/measures/views/{view.pk}/watch/", follow=True).content.decode().count("取消通知") == 1
        Notice.objects.create(
            kind="watched",
            user=colleague,
            on=ON,
            created_at=dt.datetime.now(dt.UTC),
            facts={"view": "常看", "query": "section=1", "count": 9},
        )
        notice = Notice.objects.get(kind="watched")
        assert client.get(f"/notices/{notice.pk}/")["Location"] == "/measures/?section=1"


def test_whoever_watches_what_stands_still_costs_a_sweep_nothing(
    public: ReformList, led: Measure, office: Cast, person: PersonMaker
) -> None:
    still = Measure.objects.exclude(pk=led.pk).order_by("pk")[:3]
    asked = []
    for n in (1, 2):
        for place in range(n * 3):
            someone = person(Role.VIEWER, agency=office.agency, username=f"still.{n}.{place}")
            for measure in still:
                watch_measure(measure, who=acting(someone))
        move(led, office, n)
        with CaptureQueriesContext(connection) as queries:
            assert tell_watchers(ON) == 0
        asked.append(len(queries))
        assert not Watching.objects.filter(told_to__lt=ChangeHead.reached()[0]).exists()
    assert asked[0] == asked[1] < 5
