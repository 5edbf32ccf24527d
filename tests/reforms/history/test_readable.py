"""What the API's feed tells somebody, the pages tell them too: nothing of drafts, names and reasons beyond that."""

from typing import Any

import pytest
from django.test import Client

from agencies.models import Agency, Change, Role, User
from reforms.models import Disposition, Duty, Measure, Part, ReformList
from reforms.office.steer import dispose, reassign
from reforms.reports.drafts import save_draft
from reforms.reports.evidence import add_evidence, remove_evidence
from reforms.reports.submit import ReportContent, submit_report
from tests.conftest import ON, PersonMaker
from tests.reforms.documents import PDF, upload
from tests.reforms.people import Cast, acting
from tests.reforms.shown import plain

UNSENT, REMOVED, SENT = "未报送的材料.pdf", "删去的材料.pdf", "已报送的材料.pdf"


@pytest.fixture
def shared(db: None) -> Measure:
    """A measure with a lead and another agency that acts on it."""
    duties = Duty.objects.filter(part=Part.RESPONSIBLE, via=None, measure__duties__part=Part.LEAD)
    return duties.exclude(measure__duties__via__isnull=False).order_by("pk")[0].measure


@pytest.fixture
def people(shared: Measure, person: PersonMaker) -> dict[str, User | None]:
    """Everybody who may look at it: of the lead, of the other agency, of neither, of the office; and a visitor."""
    lead, other = (shared.duties.filter(part=part)[0].agency for part in (Part.LEAD, Part.RESPONSIBLE))
    stranger = Agency.objects.exclude(duties__measure=shared).filter(kind="single")[0]
    found: dict[str, User | None] = {"visitor": None}
    for side, agency in (("lead", lead), ("other", other), ("stranger", stranger)):
        for role in (Role.REPORTER, Role.APPROVER, Role.VIEWER, Role.HEAD):
            found[f"{side} {role}"] = person(role, agency=agency, username=f"{side}.{role}")
    for role in (Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR):
        found[str(role)] = person(role, username=str(role))
    return found


@pytest.fixture
def worked_on(shared: Measure, people: dict[str, User | None], person: PersonMaker) -> Measure:
    """Drafts with files, a file taken off again, sent reports with files, a suspension with its reason."""
    office = acting(people["supervisor"])  # type: ignore[arg-type]
    for side in ("lead", "other"):
        writer = acting(people[f"{side} reporter"])  # type: ignore[arg-type]
        agency = next(iter(writer.agencies()))
        report = submit_report(shared.pk, agency, ReportContent(progress=f"{side}推进中。"), who=writer, on=ON)
        add_evidence(report.pk, upload(f"{side}{SENT}", PDF), who=writer, on=ON)
        draft = save_draft(shared.pk, agency, {"progress": f"{side}草稿。"}, seen=None, who=writer, on=ON)
        add_evidence(draft.pk, upload(f"{side}{UNSENT}", PDF + b"1"), who=writer, on=ON)
        gone, _new = add_evidence(draft.pk, upload(f"{side}{REMOVED}", PDF + b"2"), who=writer, on=ON)
        remove_evidence(gone.pk, who=writer, on=ON)
    dispose(shared.pk, Disposition.SUSPENDED, reason="等待上级方案", seen=None, who=office, on=ON)
    dispose(shared.pk, Disposition.ACTIVE, reason="方案已到", seen=None, who=office, on=ON)
    return shared


def client_of(user: User | None) -> Client:
    client = Client()
    if user:
        client.force_login(user, backend="agencies.people.sign_in.PasswordBackend")
    return client


def feed(client: Client, measure: Measure) -> list[dict[str, Any]]:
    found, after, more = [], 0, True
    while more:
        answer = client.get(f"/api/v1/changes?after={after}&limit=1000").json()
        found += [one for one in answer["results"] if (one["kind"], one["object_id"]) == ("measure", measure.pk)]
        after, more = answer["next_after"], answer["more"]
    return found


def is_wordless(one: dict[str, Any]) -> bool:
    """Whether an entry says of its object only that it is another one now."""
    said = [one[name] for name in ("before", "after", "reason", "actor", "agency")]
    return one["action"] == "measure.standing_changed" and not any(said)


def test_the_feed_tells_nobody_more_than_the_page_of_the_measure(
    worked_on: Measure, people: dict[str, User | None]
) -> None:
    for name, user in people.items():
        client = client_of(user)
        page = plain(client.get(worked_on.get_absolute_url()).content.decode())
        told = feed(client, worked_on)
        assert told, name
        for one in told:
            if is_wordless(one):
                # No more than the version and the day of the last report, which the measure shows them.
                assert client.get(f"/api/v1/measures/{worked_on.pk}").json()["updated_at"] >= one["recorded_at"], name
                continue
            words = [one["actor"], one["reason"], {**one["before"], **one["after"]}.get("name", "")]
            beyond = [word for word in (plain(one["text"]), *words) if word not in page]
            assert beyond == [], (name, one)


@pytest.mark.parametrize("side", ["lead", "other"])
def test_files_of_drafts_are_told_to_those_who_write_and_sign_them_alone(
    worked_on: Measure, people: dict[str, User | None], side: str
) -> None:
    insiders = {f"{side} reporter", f"{side} approver"}
    for file in (UNSENT, REMOVED):
        told = {
            name
            for name, user in people.items()
            if any(one["after"].get("name") == f"{side}{file}" for one in feed(client_of(user), worked_on))
        }
        assert told == insiders, file


def test_files_that_were_sent_are_told_to_the_office_the_lead_and_their_agency(
    worked_on: Measure, people: dict[str, User | None]
) -> None:
    told = {
        name
        for name, user in people.items()
        if any(one["after"].get("name") == f"other{SENT}" for one in feed(client_of(user), worked_on))
    }
    staff = {f"{side} {role}" for side in ("lead", "other") for role in ("reporter", "approver", "viewer", "head")}
    assert told == staff | {"supervisor", "auditor"}


def test_a_reason_is_internal_also_where_the_status_is_public(
    worked_on: Measure, people: dict[str, User | None], public: ReformList
) -> None:
    (suspended,) = [one for one in feed(client_of(None), worked_on) if one["action"] == "measure.suspended"]
    assert (suspended["reason"], suspended["actor"]) == ("", "")
    (known,) = [one for one in feed(client_of(people["supervisor"]), worked_on) if one["action"] == "measure.suspended"]
    assert known["reason"] == "等待上级方案"


def test_who_gave_a_measure_away_is_no_longer_told_what_is_internal(
    led: Measure, transport: Agency, market: Agency, person: PersonMaker
) -> None:
    cast = Cast(person, transport)
    submit_report(led.pk, transport.pk, ReportContent(progress="推进中。"), who=acting(cast.reporter), on=ON)
    client = client_of(cast.reporter)
    assert "report.submitted" in [one["action"] for one in feed(client, led)]
    assert not led.duties.filter(agency=market).exists()
    reassign(led.pk, transport.pk, market.pk, reason="职能划转", seen=None, who=acting(cast.supervisor), on=ON)
    assert "推进中。" not in client.get(led.get_absolute_url()).content.decode()
    assert "report.submitted" not in [one["action"] for one in feed(client, led)]
    assert Change.objects.filter(object_id=led.pk, action="report.submitted").exists()
