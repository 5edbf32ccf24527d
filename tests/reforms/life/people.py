"""Those who act in these tests, as the rules see them."""

from agencies.models import Agency, Role, User
from agencies.principal import Principal
from tests.conftest import PersonMaker


class Cast:
    """The people of one agency and of the office."""

    def __init__(self, person: PersonMaker, agency: Agency) -> None:
        self.agency = agency
        self.reporter = person(Role.REPORTER, agency=agency, username="life.reporter")
        self.approver = person(Role.APPROVER, agency=agency, username="life.approver")
        self.supervisor = person(Role.SUPERVISOR, username="life.supervisor")
        self.second_supervisor = person(Role.SUPERVISOR, username="life.supervisor.2")


def acting(user: User) -> Principal:
    return Principal.of_user(user)
