"""Those who act in these tests, as the rules see them."""

from django.core.files.uploadedfile import SimpleUploadedFile

from agencies.access import Principal
from agencies.models import Agency, Role, User
from reforms.models import Evidence, Measure
from reforms.reports.drafts import save_draft
from reforms.reports.evidence import add_evidence
from tests.conftest import ON, PersonMaker


class Cast:
    """The people of one agency and of the office."""

    def __init__(self, person: PersonMaker, agency: Agency, *, prefix: str = "life") -> None:
        self.agency = agency
        self.reporter = person(Role.REPORTER, agency=agency, username=f"{prefix}.reporter")
        self.approver = person(Role.APPROVER, agency=agency, username=f"{prefix}.approver")
        self.supervisor = person(Role.SUPERVISOR, username=f"{prefix}.supervisor")
        self.second_supervisor = person(Role.SUPERVISOR, username=f"{prefix}.supervisor.2")


def acting(user: User) -> Principal:
    return Principal.of_user(user)


def attach(measure: Measure, agency: Agency, user: User, name: str = "验收报告.pdf") -> Evidence:
    """A piece of evidence on the agency's draft, which is begun where there is none."""
    draft = save_draft(measure.pk, agency.pk, {}, seen=None, who=acting(user), on=ON)
    found, _new = add_evidence(
        draft.pk, SimpleUploadedFile(name, b"%PDF-1.4\n" + name.encode()), who=acting(user), on=ON
    )
    return found
