"""A wrong setting stops the start with a sentence that names it."""

import os
import re
import runpy
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.run import clean_environment
from tests.tooling.processes import ROOT


def settings_with(tmp_path: Path, **given: str) -> dict[str, Any]:
    """What the settings are in an environment with these, and with nothing of this process's own."""
    environment = clean_environment() | {"DATA_DIR": str(tmp_path)} | given
    with patch.dict(os.environ, environment, clear=True):
        return runpy.run_path(str(ROOT / "config" / "settings.py"))


def test_it_starts_without_any(tmp_path: Path) -> None:
    assert settings_with(tmp_path)["DATA_DIR"] == tmp_path


def test_files_lie_where_the_environment_says(tmp_path: Path) -> None:
    backend = "django.core.files.storage.FileSystemStorage"
    found = settings_with(tmp_path, UPLOADS_BACKEND=backend, UPLOADS_OPTIONS='{"location": "/srv/portal"}')
    assert found["STORAGES"]["default"] == {"BACKEND": backend, "OPTIONS": {"location": "/srv/portal"}}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"DEMO": "0", "PORTAL_TODAY": "2022-06-15"}, "PORTAL_TODAY moves the portal's date and is refused"),
        ({"DEMO": "1", "PORTAL_TODAY": "yesterday"}, "PORTAL_TODAY='yesterday' is not a date"),
        ({"DEMO": "perhaps"}, "DEMO='perhaps' is not a yes or no"),
        ({"DATABASE_URL": "mysql://root@localhost/portal"}, "DATABASE_URL must start with sqlite"),
        ({"REDIS_URL": "http://localhost"}, "REDIS_URL must start with"),
        ({"EMAIL_URL": "localhost:25"}, "EMAIL_URL must start with"),
        ({"EVIDENCE_MAX_MB": "twenty"}, "EVIDENCE_MAX_MB='twenty' is not a whole number from 1 to 1000"),
        ({"EVIDENCE_MAX_FILES": "0"}, "EVIDENCE_MAX_FILES='0' is not a whole number from 1 to 100"),
        ({"TRUSTED_PROXIES": "10.0.0.1, nginx"}, "TRUSTED_PROXIES is not a list of addresses and networks ('nginx'"),
        ({"TRUSTED_PROXIES": "10.0.0.1/8"}, "TRUSTED_PROXIES is not a list of addresses and networks (10.0.0.1/8 has"),
        ({"UPLOADS_BACKEND": "nowhere.Storage"}, "UPLOADS_BACKEND=nowhere.Storage cannot be loaded"),
        ({"UPLOADS_BACKEND": "S3"}, "UPLOADS_BACKEND=S3 cannot be loaded"),
        ({"UPLOADS_BACKEND": "pathlib.Path"}, "UPLOADS_BACKEND=pathlib.Path is not a storage class"),
        ({"UPLOADS_OPTIONS": "bucket=portal"}, "UPLOADS_OPTIONS is not a JSON object"),
        ({"UPLOADS_OPTIONS": "[]"}, "UPLOADS_OPTIONS is not a JSON object"),
    ],
)
def test_it_refuses_a_wrong_value(tmp_path: Path, given: dict[str, str], sentence: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=re.escape(sentence)):
        settings_with(tmp_path, **given)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_it_refuses_a_folder_it_may_not_make() -> None:
    with pytest.raises(ImproperlyConfigured, match="cannot be created"):
        settings_with(Path("/proc/portal"))
