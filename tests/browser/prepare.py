"""Run as a program: makes the demonstration as `make run` does, and prints the addresses the tests go to, in JSON."""

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from tests.browser.pages import REPORTER


def prepare() -> dict[str, Any]:
    from agencies.models import Agency, User
    from config.serve import collect_static
    from reforms.models import Measure, Status

    call_command("migrate", verbosity=0, stdout=sys.stderr)
    collect_static(Path(settings.STATIC_ROOT))
    call_command("first_start", stdout=sys.stderr)
    call_command("send_reminders", stdout=sys.stderr)
    unclear = second_edition().replace("2023年3月底", "力争年内见效", 1).replace("\t市商务局\n", "\t市低空经济局\n", 1)
    transport = Agency.objects.get(name="市交通运输局")
    reported = Measure.objects.filter(duties__agency=transport, status=Status.IN_PROGRESS).order_by("row")
    with_evidence(reported[0])
    chased(reported[0])
    clock_set_back()
    return {
        "agency": transport.get_absolute_url(),
        "group": Agency.objects.get(name="各区政府").get_absolute_url(),
        "delivery": reverse("delivery", args=[refused_by_one()]),
        "review": imported("第二版.txt", unclear.encode()),
        "refused": imported("坏.docx", b"PK\3\4 broken"),
        "taking_back": taking_back(),
        "measure": reported[0].get_absolute_url(),
        "another_measure": reported[1].get_absolute_url(),
        "drafted": drafted(reported[2].pk, transport.pk),
        "typed_on": reported[3].get_absolute_url(),
        "suspended": suspended().get_absolute_url(),
        "matter": reverse("matter", args=[matter_on(reported[4].pk, transport.pk)]),
        "milestone": milestone_of(transport),
        **orders(transport),
        "robot": reverse("robot", args=[robot()]),
        "view": reverse("saved-view", args=[saved_views()]),
        "person": reverse("person", args=[User.objects.get(username="jtj.reporter").pk]),
        **cases(),
        **for_journeys(),
    }


def robot() -> int:
    """Of the office's group; at its address nobody listens."""
    from agencies.models import ChatRobot

    address = "http://127.0.0.1:9/robot/send?access_token=1"
    return ChatRobot.objects.create(product="dingtalk", name="督办群", address=address).pk


def saved_views() -> int:
    """One of the reporter's own, starred, beside one that the office shares with everybody."""
    from agencies.models import User
    from reforms.models import SavedView

    office = User.objects.get(username="supervisor")
    shared = SavedView.objects.create(user=office, name="逾期举措", query="light=overdue", shared_with="everybody")
    reporter = User.objects.get(username=REPORTER)
    own = SavedView.objects.create(user=reporter, name="本单位临近到期", query="agency=me&light=due_soon")
    for view in (shared, own):
        view.starred_by.add(reporter)
    return own.pk


def for_journeys() -> dict[str, list[str]]:
    """Measures that 市市场监管局 claims, one for each journey of the tests."""
    from agencies.access import today
    from reforms.models import Assignment, Measure, Part

    first = Assignment.objects.filter(agency__name="市市场监管局", part=Part.LEAD, order=1)
    measures = Measure.objects.filter(
        assignments__in=first, lead_note="", status="in_progress", deadline__gte=today()
    ).order_by("row")
    addresses = [measure.get_absolute_url() for measure in measures[:8]]
    return {"to_claim": addresses[:4], "to_extend": addresses[4:]}


def cases() -> dict[str, str]:
    """What waits for a decision: a claim and an extension for the office, a claim for its agency's approver; and a
    closed measure."""
    from agencies.access import Principal, today
    from agencies.models import Agency, User
    from reforms.models import Assignment, Measure, Part, ProgressReport
    from reforms.reports.submit import ReportContent, submit_report
    from reforms.review.extensions import ExtensionTerms, ask_extension
    from tests.reforms.people import attach

    def leads(agency: Agency) -> Measure:
        first = Assignment.objects.filter(agency=agency, part=Part.LEAD, order=1, measure__lead_note="")
        return Measure.objects.filter(assignments__in=first, status="in_progress", deadline__gte=today()).order_by(
            "-row"
        )[0]

    transport, market = (Agency.objects.get(name=name) for name in ("市交通运输局", "市市场监管局"))
    asking, claiming = (Principal.of_user(User.objects.get(username=f"{who}.reporter")) for who in ("jtj", "scjg"))
    wanted = ExtensionTerms(until=dt.date(2023, 3, 31), reason="上级配套文件尚未印发，系统接口无法联调。")
    extension = ask_extension(leads(transport).pk, transport.pk, wanted, who=asking, on=today())
    done = ReportContent(progress="制度文件已印发，系统已上线运行。", is_claim=True)
    attach(leads(market), market, User.objects.get(username="scjg.reporter"))
    to_sign = submit_report(leads(market).pk, market.pk, done, who=claiming, on=today())
    return {
        "claim": reverse(
            "review-claim", args=[ProgressReport.objects.filter(state="under_review").order_by("pk")[0].pk]
        ),
        "extension": reverse("review-extension", args=[extension.pk]),
        "to_sign": reverse("sign-claim", args=[to_sign.pk]),
        "closed": Measure.objects.filter(status="closed").order_by("row")[0].get_absolute_url(),
    }


def with_evidence(measure: Any) -> None:
    """A file with the reporter's last report on a measure."""
    from agencies.access import Principal, today
    from agencies.models import User
    from reforms.reports.evidence import add_evidence
    from tests.reforms.documents import PDF, upload

    who = Principal.of_user(User.objects.get(username=REPORTER))
    report = measure.reports.filter(agency__in=who.agencies())[0]
    add_evidence(report.pk, upload("关于联调测试的说明.pdf", PDF), who=who, on=today())


def drafted(measure_id: int, agency_id: int) -> str:
    """A measure on which an agency has begun a draft; its address."""
    from agencies.access import Principal, today
    from agencies.models import User
    from reforms.models import Measure
    from reforms.reports.drafts import save_draft

    reporter = Principal.of_user(User.objects.get(username="jtj.reporter"))
    save_draft(measure_id, agency_id, {"progress": "正在起草。"}, seen=0, who=reporter, on=today())
    return Measure.objects.get(pk=measure_id).get_absolute_url()


def matter_on(measure_id: int, agency_id: int) -> int:
    """The id of a matter that the reporter of the agency raises."""
    from reforms.models import Matter
    from reforms.reports.submit import ReportContent, submit_report

    said = ReportContent(progress="正在联调。", problems="数据接口尚待上级部门开放。")
    submit_report(measure_id, agency_id, said, who=signed_in("jtj.reporter"), on=settings.PORTAL_TODAY)
    return Matter.objects.get(measure=measure_id, agency=agency_id).pk


def milestone_of(agency: Any) -> str:
    """A step that an agency of the demonstration has not reached; its address."""
    from reforms.models import Milestone

    return reverse("milestone", args=[Milestone.objects.open().filter(agency=agency).order_by("-due_on")[0].pk])


def signed_in(username: str) -> Any:
    from agencies.access import Principal
    from agencies.models import User

    return Principal.of_user(User.objects.get(username=username))


def suspended() -> Any:
    """A measure that the office has suspended; its reason is told."""
    from reforms.models import Disposition, Measure
    from reforms.office.steer import dispose

    measure = Measure.objects.counted().filter(status="in_progress").order_by("-row")[0]
    who, on = signed_in("supervisor"), settings.PORTAL_TODAY
    return dispose(measure.pk, Disposition.SUSPENDED, reason="等待上级方案。", seen=None, who=who, on=on)


def orders(agency: Any) -> dict[str, str]:
    """督办单: one that was issued to an agency, and another agency to which one is due."""
    from agencies.access import today
    from reforms.models import Duty, Reminder, SupervisionOrder

    issued = SupervisionOrder.objects.create(
        agency=agency,
        state="issued",
        subject="关于逾期举措的督办",
        content="请抓紧办理，按时反馈。",
        drafted_on=today(),
        drafted_by="何督办",
        number="督〔2022〕1号",
        signed_by="王秘书长",
        issued_on=today(),
        reply_by=today() + dt.timedelta(days=7),
    )
    late = Duty.objects.open().filter(part="lead", measure__deadline_in_force__lt=today(), agency__outside_line=False)
    duty = late.exclude(agency=agency).order_by("pk")[0]
    Reminder.objects.update_or_create(
        measure=duty.measure,
        agency=duty.agency,
        deadline=duty.measure.deadline_in_force,
        stage="second_chase",
        defaults={"due_on": dt.date(2022, 5, 16), "created_at": timezone.now()},
    )
    return bulletins() | {
        "order": issued.get_absolute_url(),
        "order_to_draft": reverse("new-order", args=[duty.agency_id]),
    }


def bulletins() -> dict[str, str]:
    """通报: one that was sent, and a draft."""
    from agencies.access import Principal, today
    from agencies.models import Agency, Role
    from reforms.bulletins.drafts import draft_bulletin, issue_bulletin, submit_bulletin
    from reforms.bulletins.sending import send_bulletin
    from reforms.models import ReformList

    office: Any = {"who": Principal(label="何督办", roles=frozenset({(Role.SUPERVISOR, 0)})), "on": today()}
    reform_list = ReformList.objects.order_by("pk")[0]
    issued = draft_bulletin(reform_list, today(), **office)
    submit_bulletin(issued.pk, seen=None, **office)
    issue_bulletin(issued.pk, number="", signed_by="王秘书长", issued_on=today(), seen=None, **office)
    named = Agency.objects.filter(name__in=("市交通运输局", "市市场监管局", "福田区政府"))
    send_bulletin(issued.pk, named.values_list("pk", flat=True), seen=None, **office)
    draft = draft_bulletin(reform_list, today(), **office)
    court = Agency.objects.get(name="市中级法院")
    letter = draft_bulletin(reform_list, today(), kind="letter", agency=court, **office)
    drafts = {"bulletin_draft": draft.get_absolute_url(), "letter": letter.get_absolute_url()}
    return {"bulletin": issued.get_absolute_url(), **drafts}


def chased(measure: Any) -> None:
    """The office has chased a measure: its agencies have a notice."""
    from agencies.access import Principal, today
    from agencies.models import User
    from reforms.office.chasing import chase

    who = Principal.of_user(User.objects.get(username="supervisor"))
    chase(measure.pk, words="请于本周五前报送进展。", who=who, on=today())


def clock_set_back() -> None:
    """The clock of a machine went an hour back between two sweeps; nobody has confirmed it."""
    from reforms.models import ClockStop

    then, now = dt.datetime(2022, 6, 15, 2, tzinfo=dt.UTC), dt.datetime(2022, 6, 15, 1, tzinfo=dt.UTC)
    ClockStop.objects.create(kind="back", host="portal-1", before=then, expected=then, after=now)


def refused_by_one() -> int:
    """A letter that one of its recipients' mail server would not take."""
    from reforms.models import Delivery

    letter = Delivery.objects.order_by("pk")[0]
    unknown = letter.copies.latest("pk")
    letter.copies.filter(pk=unknown.pk).update(state="refused", sent_at=None, error="550 no such user")
    return letter.pk


def second_edition() -> str:
    fixtures = Path(settings.BASE_DIR) / "fixtures"
    return (fixtures / "shenzhen-2022-second-edition.txt").read_text(encoding="utf-8")


def imported(name: str, data: bytes) -> str:
    """An import that was read; its address."""
    from agencies.access import PORTAL
    from importers.jobs.run import Upload, run, start

    job = start(Upload(name=name, data=data), PORTAL)
    run(job.pk)
    return job.get_absolute_url()


def taking_back() -> str:
    """A long edition of which it is not yet known what taking it back would change; the address of that work."""
    from importers.jobs.editions import look_later
    from importers.models import EditionJob
    from reforms.models import ListEdition

    return look_later(ListEdition.objects.get(), EditionJob.Kind.UNDO).get_absolute_url()


if __name__ == "__main__":
    django.setup()
    print(json.dumps(prepare()))
