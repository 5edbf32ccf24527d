"""Each small spreadsheet and separated file is read as the file beside it says."""

import json

import pytest

from fixtures.build_samples_sheets import FILES
from importers.documents.read import check_file
from importers.documents.schema import as_dict
from tests.conftest import FIXTURES

SAMPLES = FIXTURES / "samples"


@pytest.mark.parametrize("name", FILES)
def test_a_sample_is_read_exactly(name):
    file = SAMPLES / name
    expected = json.loads(file.with_suffix(".expected.json").read_text(encoding="utf-8"))
    assert as_dict(check_file(file)) == expected


@pytest.mark.parametrize("name", FILES)
def test_a_sample_is_what_its_script_writes(name):
    assert (SAMPLES / name).read_bytes() == FILES[name]()


def test_every_encoding_and_separator_says_the_same():
    said = {check_file(file).content_hash for file in SAMPLES.glob("separated-*.csv")}
    assert len(said) == 1
