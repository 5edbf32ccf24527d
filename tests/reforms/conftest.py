import pytest

from agencies.models import Agency
from tests.conftest import PersonMaker
from tests.reforms.people import Cast


@pytest.fixture
def cast(person: PersonMaker, transport: Agency) -> Cast:
    return Cast(person, transport)
