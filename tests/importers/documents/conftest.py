import pytest


@pytest.fixture(autouse=True)
def _documents_read_here() -> None:
    """Nothing in the place of the processes: here they are what is tested."""
