"""督办单: due at the end of the ladder, drafted, signed by another, told to heads too, and answered."""

import datetime as dt
import io
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from docx import Document

from agencies.models import Agency, Change, Membership, Role, User
from reforms.desk.agency import count_only_here
from reforms.desk.office import office_groups
from reforms.models import (
    Delivery,
    Duty,
    Extension,
    Letterhead,
    Measure,
    Notice,
    OrderedMeasure,
    ReformList,
    Stale,
    SupervisionOrder,
)
from reforms.office.chasing import chase
from reforms.office.letterheads import add_letterhead, put_away, use_letterhead
from reforms.office.orders import (
    Signature,
    answer_order,
    back_to_draft,
    draft_order,
    edit_order,
    issue_order,
    next_number,
    reply_until,
    submit_order,
    void_order,
)
from reforms.reminders.owed import create_owed, orders_due, to_draft
from reforms.reminders.sending.outbox import sweep
from tests.conftest import PersonMaker
from tests.reforms.bulletins.test_letterheads import NAME, red_head
from tests.reforms.people import Cast, acting
from tests.reforms.reminders.conftest import switch_on
from tests.reforms.reorganisations import merge_into, split

DAY = dt.timedelta(days=1)
# 2022-06-30 is the deadline; the first working day after it, the fifth, the tenth.
FIRST, SECOND, TENTH = dt.date(2022, 7, 1), dt.date(2022, 7, 7), dt.date(2022, 7, 14)
SAID = {"subject": "关于逾期举措的督办", "content": "请抓紧办理。", "contact": "张三", "contact_phone": "0755-8888"}
ANSWER = {
    "situation": "已形成初稿。",
    "cause": "上级方案未印发。",
    "next_step": "8月底前征求意见。",
    "expected_on": dt.date(2022, 9, 30),
    "responsible": "李主任",
}
Signed = Callable[..., SupervisionOrder]


@pytest.fixture
def chased(reform_list: ReformList, led: Measure) -> ReformList:
    """The list with its reminders on; everybody was told 首次催办 and 再次催办 of what was due on 2022-06-30."""
    switch_on(reform_list)
    for day in (FIRST, SECOND):
        create_owed(day)
    return reform_list


@pytest.fixture
def order(chased: ReformList, cast: Cast) -> SupervisionOrder:
    """A draft to 市交通运输局 about all that is due to it."""
    due = to_draft(TENTH, [cast.agency.pk])[0]
    measures = [duty.measure_id for duty in due.duties]
    return draft_order(cast.agency.pk, measures, SAID, who=acting(cast.supervisor), on=TENTH)


def signature(**changed: object) -> Signature:
    facts = {"number": "督〔2022〕1号", "signed_by": "王秘书长", "issued_on": TENTH, "reply_by": reply_until(TENTH)}
    return Signature(**(facts | changed))  # type: ignore[arg-type]  # of the types above


@pytest.fixture
def issued(order: SupervisionOrder, cast: Cast) -> SupervisionOrder:
    who = acting(cast.supervisor)
    submit_order(order.pk, seen=None, who=who, on=TENTH)
    return issue_order(order.pk, signature(), seen=None, who=who, on=TENTH)


def test_one_is_due_ten_working_days_after_the_deadline_to_those_who_lead_and_were_told_twice(
    chased: ReformList, transport: Agency
) -> None:
    assert not to_draft(TENTH - DAY)
    found = {one.agency.name: one for one in to_draft(TENTH)}
    late = Duty.objects.open().filter(measure__deadline_in_force__lte=dt.date(2022, 6, 30), part="lead")
    assert {(duty.agency_id, duty.measure_id) for one in found.values() for duty in one.duties} == set(
        late.filter(agency__outside_line=False).values_list("agency", "measure")
    )
    counted = {one.agency.name: one for one in orders_due(TENTH)}
    assert counted[transport.name].longest(TENTH) >= 14
    assert {name: one.count for name, one in counted.items()} == {name: len(one.duties) for name, one in found.items()}
    assert not orders_due(TENTH - DAY)
    # Courts and the like are asked, and never get one.
    assert late.filter(agency__outside_line=True).exists()


def test_whoever_was_not_told_twice_or_is_excused_gets_none(chased: ReformList, led: Measure, cast: Cast) -> None:
    def due() -> set[int]:
        return {duty.measure_id for one in to_draft(TENTH, [cast.agency.pk]) for duty in one.duties}

    assert led.pk in due()
    told = cast.agency.reminders.get(measure=led, stage="second_chase")
    told.delete()
    assert led.pk not in due()
    told.save()
    # The step is told late: five working days are left after it.
    cast.agency.reminders.filter(pk=told.pk).update(due_on=TENTH - DAY)
    assert led.pk not in due()
    cast.agency.reminders.filter(pk=told.pk).update(due_on=SECOND)
    Extension.objects.create(
        measure=led,
        agency=cast.agency,
        state="under_review",
        former=led.deadline_in_force,
        proposed=dt.date(2022, 9, 30),
        reason="待批。",
        author="林",
        recorded_at=told.created_at,
        on=TENTH,
    )
    assert led.pk not in due()


def test_a_draft_names_each_measure_with_its_deadline_and_how_often_was_asked(
    order: SupervisionOrder, cast: Cast
) -> None:
    lines = list(order.lines.all())
    assert {line.deadline for line in lines} == {dt.date(2022, 6, 30)}
    assert {line.times_told for line in lines} == {2}
    # While it is under way there is no second one about the same.
    assert not to_draft(TENTH, [cast.agency.pk])
    with pytest.raises(ValidationError, match="重新核对"):
        draft_order(cast.agency.pk, [lines[0].measure_id], SAID, who=acting(cast.second_supervisor), on=TENTH)


def test_chases_by_hand_count_too(chased: ReformList, led: Measure, cast: Cast) -> None:
    chase(led.pk, who=acting(cast.supervisor), on=SECOND)
    made = draft_order(cast.agency.pk, [led.pk], SAID, who=acting(cast.supervisor), on=TENTH)
    assert made.lines.get().times_told == 3


def test_it_is_signed_by_another_than_its_drafter(order: SupervisionOrder, cast: Cast) -> None:
    who = acting(cast.supervisor)
    with pytest.raises(ValidationError, match="草稿"):
        issue_order(order.pk, signature(), seen=None, who=who, on=TENTH)
    submit_order(order.pk, seen=None, who=who, on=TENTH)
    wrong = signature(number="", signed_by=str(cast.supervisor), issued_on=TENTH + DAY, reply_by=TENTH)
    with pytest.raises(ValidationError) as refused:
        issue_order(order.pk, wrong, seen=None, who=who, on=TENTH)
    assert set(refused.value.message_dict) == {"number", "signed_by", "issued_on", "reply_by"}
    back_to_draft(order.pk, reason="", seen=None, who=who, on=TENTH)
    edited = edit_order(order.pk, SAID | {"leader": "赵副市长"}, seen=None, who=who, on=TENTH)
    assert (edited.state, edited.leader) == ("draft", "赵副市长")


def test_a_number_is_given_once_and_the_next_one_is_proposed(
    issued: SupervisionOrder, cast: Cast, market: Agency
) -> None:
    assert reply_until(TENTH) == dt.date(2022, 7, 21)
    assert next_number(TENTH) == "督〔2022〕2号"
    assert next_number(dt.date(2023, 1, 3)) == "督〔2023〕1号"
    who = acting(cast.supervisor)
    due = to_draft(TENTH, [market.pk])[0]
    other = draft_order(market.pk, [due.duties[0].measure_id], SAID, who=who, on=TENTH)
    submit_order(other.pk, seen=None, who=who, on=TENTH)
    with pytest.raises(ValidationError, match="文号"):
        issue_order(other.pk, signature(), seen=None, who=who, on=TENTH)


def test_heads_hear_of_it_when_it_is_issued_and_the_history_tells(
    issued: SupervisionOrder, cast: Cast, head: User, led: Measure
) -> None:
    notice = Notice.objects.get(kind="ordered", agency=cast.agency)
    assert notice.facts["count"] == issued.lines.count()
    sweep(TENTH)
    letter = Delivery.objects.get(notices=notice)
    assert head.email in letter.recipients
    assert "督〔2022〕1号" in letter.body
    assert Change.objects.filter(action="measure.ordered", object_id=led.pk, agency=cast.agency).count() == 1


@pytest.fixture
def head(cast: Cast) -> User:
    user = User.objects.create_user("life.head", email="head@example.org")
    Membership.objects.create(user=user, agency=cast.agency, role=Role.HEAD)
    return user


def test_the_agency_answers_and_a_new_one_is_due_when_its_day_passes(issued: SupervisionOrder, cast: Cast) -> None:
    with pytest.raises(ValidationError):
        answer_order(issued.pk, ANSWER | {"cause": ""}, seen=None, who=acting(cast.reporter), on=TENTH)
    with pytest.raises(Stale):
        answer_order(issued.pk, ANSWER, seen=issued.version - 1, who=acting(cast.reporter), on=TENTH)
    done = answer_order(issued.pk, ANSWER, seen=issued.version, who=acting(cast.reporter), on=TENTH)
    assert (done.state, done.answered_on) == ("answered", TENTH)
    assert Notice.objects.get(kind="order_answered").agency is None
    assert not to_draft(TENTH, [cast.agency.pk])
    after = ANSWER["expected_on"] + DAY  # type: ignore[operator]  # a day
    assert to_draft(after, [cast.agency.pk])


def test_no_answer_expects_what_was_before_the_order(issued: SupervisionOrder, cast: Cast, client: Client) -> None:
    client.force_login(cast.reporter, backend="agencies.people.sign_in.PasswordBackend")
    said = ANSWER | {"expected_on": str(TENTH - DAY), "act": "answer", "seen": issued.version}
    page = client.post(issued.get_absolute_url(), said)
    assert page.status_code == 422
    assert "预计完成时间不能早于督办单的签发日期。" in page.content.decode()
    issued.refresh_from_db()
    assert issued.state == "issued"
    answer_order(issued.pk, ANSWER | {"expected_on": TENTH}, seen=None, who=acting(cast.reporter), on=TENTH)


def test_the_next_number_is_of_the_series_that_the_office_writes(order: SupervisionOrder, cast: Cast) -> None:
    who = acting(cast.supervisor)
    submit_order(order.pk, seen=None, who=who, on=TENTH)
    issue_order(order.pk, signature(number="深营商督〔2022〕7号"), seen=None, who=who, on=TENTH)
    assert next_number(TENTH) == "深营商督〔2022〕8号"
    assert next_number(dt.date(2023, 1, 3)) == "深营商督〔2023〕1号"


def test_what_is_asked_stands_before_the_answer(issued: SupervisionOrder, cast: Cast, client: Client) -> None:
    client.force_login(cast.reporter, backend="agencies.people.sign_in.PasswordBackend")
    page = client.get(issued.get_absolute_url()).content.decode()
    assert page.index(issued.content) < page.index("督办举措") < page.index('id="answer"')
    issued.lines.all().delete()
    assert "没有列入举措。" in client.get(issued.get_absolute_url()).content.decode()


def test_who_may_do_what(issued: SupervisionOrder, cast: Cast, market: Agency) -> None:
    stranger = User.objects.create_user("stranger")
    Membership.objects.create(user=stranger, agency=market, role=Role.REPORTER)
    with pytest.raises(PermissionDenied):
        answer_order(issued.pk, ANSWER, seen=None, who=acting(stranger), on=TENTH)
    with pytest.raises(PermissionDenied):
        void_order(issued.pk, reason="有误。", seen=None, who=acting(cast.approver), on=TENTH)
    Membership.objects.create(user=cast.supervisor, agency=cast.agency, role=Role.VIEWER)
    with pytest.raises(PermissionDenied):
        void_order(issued.pk, reason="有误。", seen=None, who=acting(cast.supervisor), on=TENTH)
    assert not SupervisionOrder.objects.readable_by(acting(stranger)).exists()
    assert SupervisionOrder.objects.readable_by(acting(cast.reporter)).get() == issued


def test_an_agency_reads_no_drafts(order: SupervisionOrder, cast: Cast) -> None:
    assert not SupervisionOrder.objects.readable_by(acting(cast.reporter)).exists()


def test_what_is_void_is_told_and_the_measures_are_due_again(issued: SupervisionOrder, cast: Cast) -> None:
    void_order(issued.pk, reason="举措已移交。", seen=None, who=acting(cast.supervisor), on=TENTH)
    assert Notice.objects.get(kind="order_void").agency == cast.agency
    assert to_draft(TENTH, [cast.agency.pk])


def test_the_desk_counts_what_waits(issued: SupervisionOrder, cast: Cast) -> None:
    desk = office_groups(acting(cast.supervisor), TENTH)
    assert desk is not None
    assert desk.to_order == sum(len(one.duties) for one in to_draft(TENTH))
    assert (desk.orders.issued, desk.orders.late) == (1, 0)
    later = office_groups(acting(cast.supervisor), dt.date(2022, 7, 22))
    assert later is not None
    assert later.orders.late == 1


def test_the_document_holds_every_word(issued: SupervisionOrder, cast: Cast, client: Client) -> None:
    client.force_login(cast.reporter)
    answer = client.get(f"/orders/{issued.pk}/docx/")
    document = Document(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]  # a file
    text = "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    assert "送审稿" not in "".join(paragraph.text for paragraph in document.paragraphs)
    for line in issued.lines.select_related("measure"):
        assert line.measure.text.strip()[:40] in text
    for words in ("关于逾期举措的督办", "张三　0755-8888", "2022年7月21日", "14天", "2次", "办理情况", "盖章"):
        assert words in text


def test_a_draft_is_chinese_whatever_the_language_of_its_reader(order: SupervisionOrder, cast: Cast) -> None:
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(cast.supervisor)
    assert "Draft" in client.get(f"/orders/{order.pk}/").content.decode()
    answer = client.get(f"/orders/{order.pk}/docx/")
    document = Document(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]  # a file
    assert "（草稿）" in [paragraph.text for paragraph in document.paragraphs]
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert "2022年6月30日" in cells


# In the letterhead of the office ------------------------------------------------------------------


def in_letterhead(cast: Cast, **changed: bool) -> Letterhead:
    office = {"who": acting(cast.supervisor), "on": TENTH}
    made = add_letterhead("order", red_head(**changed), NAME, **office)  # type: ignore[arg-type]  # of these types
    Letterhead.objects.filter(pk=made.pk).update(looked_at=True)
    return use_letterhead(made.pk, **office)  # type: ignore[arg-type]  # of these types


def said_in(order: SupervisionOrder, client: Client) -> tuple[list[str], list[str]]:
    """Its paragraphs, and the cells of its tables."""
    answer = client.get(f"/orders/{order.pk}/docx/")
    document = Document(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]  # a file
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [one.text for one in document.paragraphs], cells


def test_it_is_written_into_the_letterhead_of_the_office_with_its_reply(
    order: SupervisionOrder, cast: Cast, client: Client
) -> None:
    in_letterhead(cast, foot=True)
    client.force_login(cast.supervisor)
    assert "（草稿）" in said_in(order, client)[0]
    who = acting(cast.supervisor)
    submit_order(order.pk, seen=None, who=who, on=TENTH)
    issue_order(order.pk, signature(), seen=None, who=who, on=TENTH)
    paragraphs, cells = said_in(order, client)
    assert paragraphs[:3] == ["某某市督查通报", "文号：督〔2022〕1号　签发人：王秘书长", "关于逾期举措的督办"]
    assert "督办单" not in paragraphs, "the head of the office stands for ours"
    assert "督办单回执" in paragraphs
    assert paragraphs.count("督〔2022〕1号") == 1, "on the sheet of the reply alone"
    assert not {"督办事项", "签发人"} & set(cells), "what has a mark is not said again"
    assert {"督办内容", "2022年7月21日", "办理情况", "单位（盖章）"} <= set(cells)
    foot = next(place for place, text in enumerate(cells) if text.endswith("印发"))
    assert foot < cells.index("反馈单位"), "the reply is the last sheet, below the foot of the letterhead"


def test_one_issued_in_our_form_stays_in_it(issued: SupervisionOrder, cast: Cast, client: Client) -> None:
    client.force_login(cast.supervisor)
    ours = said_in(issued, client)
    assert "督办单" in ours[0]
    in_letterhead(cast)
    assert said_in(issued, client) == ours


def test_what_was_issued_stays_in_the_letterhead_of_its_day(
    order: SupervisionOrder, cast: Cast, client: Client
) -> None:
    client.force_login(cast.supervisor)
    who = acting(cast.supervisor)
    in_letterhead(cast)
    submit_order(order.pk, seen=None, who=who, on=TENTH)
    issue_order(order.pk, signature(), seen=None, who=who, on=TENTH)
    paragraphs, _cells = said_in(order, client)
    put_away(in_letterhead(cast, title=False).pk, who=who, on=TENTH)
    assert said_in(order, client)[0] == paragraphs
    answer_order(order.pk, ANSWER, seen=None, who=acting(cast.reporter), on=TENTH + DAY)
    answered, cells = said_in(order, client)
    assert answered == paragraphs
    assert "已形成初稿。" in cells, "and the reply with it"


def test_a_letterhead_for_orders_is_looked_at_before_it_is_used(cast: Cast, client: Client) -> None:
    """There is none to show it with: a made-up one stands in it."""
    made = add_letterhead("order", red_head(), NAME, who=acting(cast.supervisor), on=TENTH)
    client.force_login(cast.supervisor)
    assert "督办单" in client.get("/letterheads/").content.decode()
    answer = client.get(f"/letterheads/{made.pk}/docx/")
    document = Document(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]  # a file
    assert "督办单回执" in [one.text for one in document.paragraphs]
    assert Letterhead.objects.get().looked_at


# What a list that was archived, and an agency that was dissolved, leave behind -------------------


@pytest.fixture
def heirs(person: PersonMaker, market: Agency) -> User:
    """The reporter of an agency that will succeed another."""
    return person(Role.REPORTER, agency=market, username="heir.reporter")


def archive(reform_list: ReformList, on: dt.date | None) -> None:
    ReformList.objects.filter(pk=reform_list.pk).update(archived_on=on)


def test_an_order_rests_with_its_list(issued: SupervisionOrder, chased: ReformList, cast: Cast, client: Client) -> None:
    late = dt.date(2022, 7, 22)

    def waiting() -> tuple[int, int]:
        desk = office_groups(acting(cast.supervisor), late)
        return count_only_here(acting(cast.reporter)), desk.orders.late if desk else -1

    assert waiting() == (1, 1)
    client.force_login(cast.reporter)
    assert 'id="answer"' in client.get(f"/orders/{issued.pk}/").content.decode()
    archive(chased, late)
    assert waiting() == (0, 0)
    page = client.get(f"/orders/{issued.pk}/").content.decode()
    assert 'id="answer"' not in page
    assert "随清单停止办理" in page
    with pytest.raises(ValidationError, match="归档"):
        answer_order(issued.pk, ANSWER, seen=None, who=acting(cast.reporter), on=late)
    client.force_login(cast.supervisor)
    numbers = {state: issued.number in client.get(f"/orders/?state={state}").content.decode() for state in STATES}
    assert numbers == {"": False, "issued": False, "resting": True}
    archive(chased, None)
    assert waiting() == (1, 1)
    assert answer_order(issued.pk, ANSWER, seen=None, who=acting(cast.reporter), on=late).state == "answered"


STATES = ("", "issued", "resting")


def test_one_that_waits_for_a_signature_is_not_issued_for_an_archived_list(
    order: SupervisionOrder, chased: ReformList, cast: Cast
) -> None:
    who = acting(cast.supervisor)
    submit_order(order.pk, seen=None, who=who, on=TENTH)
    archive(chased, TENTH)
    with pytest.raises(ValidationError, match="归档"):
        issue_order(order.pk, signature(), seen=None, who=who, on=TENTH)


def test_whoever_succeeds_an_agency_sees_and_answers_what_it_was_sent(
    issued: SupervisionOrder, cast: Cast, market: Agency, heirs: User, client: Client
) -> None:
    client.force_login(heirs)
    assert client.get(f"/orders/{issued.pk}/").status_code == 404
    assert count_only_here(acting(heirs)) == 0
    merge_into(market, cast.agency)
    assert count_only_here(acting(heirs)) == 1
    assert issued.number in client.get("/desk/").content.decode()
    page = client.get(f"/orders/{issued.pk}/").content.decode()
    assert 'id="answer"' in page
    assert market.name in page, "and who answers for it now"
    # No second one about the same is due to the heir.
    market.reminders.all().delete()
    cast.agency.reminders.update(agency=market)
    about = set(issued.lines.values_list("measure", flat=True))
    assert not about & {duty.measure_id for one in to_draft(TENTH, [market.pk]) for duty in one.duties}
    answered = answer_order(issued.pk, ANSWER, seen=None, who=acting(heirs), on=TENTH)
    assert (answered.state, answered.agency) == ("answered", cast.agency)


def test_its_page_asks_once_who_answers_for_it(
    issued: SupervisionOrder, cast: Cast, market: Agency, heirs: User, client: Client
) -> None:
    merge_into(market, cast.agency)
    client.force_login(heirs)
    with CaptureQueriesContext(connection) as asked:
        client.get(f"/orders/{issued.pk}/")
    succession = [one["sql"] for one in asked if '"reforms_takeover"' in one["sql"]]
    # Of all orders, for the badge of the desk and for whether this one may be read; of this one, who holds it.
    assert len(succession) == 3, succession


def test_what_the_heir_must_answer_is_void_is_told_to_the_heir(
    issued: SupervisionOrder, cast: Cast, market: Agency
) -> None:
    merge_into(market, cast.agency)
    void_order(issued.pk, reason="机构已撤销。", seen=None, who=acting(cast.supervisor), on=TENTH)
    assert Notice.objects.get(kind="order_void").agency == market


def test_after_a_split_each_answers_about_its_own_measures(chased: ReformList, cast: Cast, market: Agency) -> None:
    """The second successor got one measure, and the order about it."""
    water = Agency.objects.get(name="市水务局")
    measures = [duty.measure_id for duty in to_draft(TENTH, [cast.agency.pk])[0].duties]
    about = {pk: issued_about(cast, [pk], n) for n, pk in enumerate(measures[:2], start=1)}
    kept, given = about
    split(cast.agency, market, water, choices={given: water.pk})
    orders = SupervisionOrder.objects.all()
    assert orders.held_by(frozenset({market.pk})) == {about[kept].pk}
    assert orders.held_by(frozenset({water.pk})) == {about[given].pk}
    assert SupervisionOrder.objects.get(pk=about[given].pk).holders == {water.pk}


def issued_about(cast: Cast, measures: list[int], n: int) -> SupervisionOrder:
    who = acting(cast.supervisor)
    made = draft_order(cast.agency.pk, measures, SAID, who=who, on=TENTH)
    submit_order(made.pk, seen=None, who=who, on=TENTH)
    return issue_order(made.pk, signature(number=f"督〔2022〕{n}号"), seen=None, who=who, on=TENTH)


def test_however_much_a_dissolved_agency_was_sent_the_desk_answers(
    chased: ReformList, cast: Cast, market: Agency
) -> None:
    """As many lines as SQLite takes no conditions in one query."""
    merge_into(market, cast.agency)
    measures = list(Measure.objects.values_list("pk", flat=True))[:200]
    orders = [SupervisionOrder.objects.create(agency=cast.agency, drafted_on=TENTH) for _ in range(6)]
    lines = [OrderedMeasure(order=one, measure_id=pk, deadline=TENTH) for one in orders for pk in measures]
    OrderedMeasure.objects.bulk_create(lines)
    desk = office_groups(acting(cast.supervisor), TENTH)
    assert desk
    assert desk.orders.drafts == 6
