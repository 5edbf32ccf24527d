"""A wrong setting stops the start with a sentence that names it."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from tests.run import clean_environment
from tests.tooling.processes import ROOT


def start_with(
    tmp_path: Path, *, program: str = "print(settings.DATA_DIR)", **settings: str
) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of its own, with nothing of this one's."""
    return subprocess.run(
        [sys.executable, "-c", f"from django.conf import settings; {program}"],
        cwd=ROOT,
        env=clean_environment() | {"DJANGO_SETTINGS_MODULE": "config.settings", "DATA_DIR": str(tmp_path)} | settings,
        capture_output=True,
        text=True,
        check=False,
        umask=0o022,
    )


def settings_with(tmp_path: Path, **given: str) -> dict[str, Any]:
    """What the settings are in an environment with these, and with nothing of this process's own."""
    environment = clean_environment() | {"DATA_DIR": str(tmp_path)} | given
    before = os.umask(0o022)
    try:
        with patch.dict(os.environ, environment, clear=True):
            return runpy.run_path(str(ROOT / "config" / "settings.py"))
    finally:
        os.umask(before)  # which the settings narrow


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
        ({"DATABASE_URL": "mysql://root@localhost/portal"}, "must start with one of pgsql, postgres,"),
        ({"DATABASE_URL": "postgres"}, "DATABASE_URL=postgres must start with one of"),
        ({"DATABASE_URL": "postgres://me:word@host:99999/portal"}, "DATABASE_URL=postgres://me:…@host:99999/portal is"),
        ({"DATABASE_URL": "postgres://host"}, "DATABASE_URL=postgres://host names no database"),
        ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL=sqlite:// names no database"),
        ({"REDIS_URL": "redis://host:port"}, "REDIS_URL=redis://host:port is not an address: Port"),
        ({"EMAIL_URL": "smtp://host:smtp"}, "EMAIL_URL=smtp://host:smtp is not an address: Port"),
        ({"EMAIL_URL": "smtp://"}, "EMAIL_URL=smtp:// names no host"),
        ({"DELIVERY_LEASE": "abc"}, "DELIVERY_LEASE='abc' is not a whole number from 1 to 86400"),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL=LOUD is not one of DEBUG, INFO, WARNING, ERROR, CRITICAL."),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS=* is not the name of a host"),
        ({"ALLOWED_HOSTS": "https://portal.example"}, "ALLOWED_HOSTS=https://portal.example is not the name of a host"),
        ({"ALLOWED_HOSTS": "localhost,portal:8000"}, "ALLOWED_HOSTS=portal:8000 is not the name of a host"),
        ({"SECRET_KEY": "a"}, "SECRET_KEY has 1 characters and could be guessed"),
        ({"SITE_URL": "portal.example"}, "SITE_URL=portal.example must start with one of http, https followed by ://"),
        ({"SITE_URL": "https://"}, "SITE_URL=https:// names no host"),
        ({"CSRF_TRUSTED_ORIGINS": "portal.example"}, "CSRF_TRUSTED_ORIGINS=portal.example must start with"),
        ({"MAIL_FROM": "督办"}, "MAIL_FROM=督办 is not an e-mail address"),
        ({"OFFICE_NAME": "办" * 121}, "OFFICE_NAME has 121 characters; 120 are the most."),
        ({"LOG_HEADS_FILE": "/"}, "LOG_HEADS_FILE=/ is a folder"),
        ({"REDIS_URL": "http://localhost"}, "REDIS_URL=http://localhost must start with"),
        ({"EMAIL_URL": "localhost:25"}, "EMAIL_URL=localhost:25 must start with"),
        ({"EVIDENCE_MAX_MB": "twenty"}, "EVIDENCE_MAX_MB='twenty' is not a whole number from 1 to 1000"),
        ({"EVIDENCE_MAX_FILES": "0"}, "EVIDENCE_MAX_FILES='0' is not a whole number from 1 to 100"),
        ({"TRUSTED_PROXIES": "10.0.0.1, nginx"}, "TRUSTED_PROXIES is not a list of addresses and networks ('nginx'"),
        ({"TRUSTED_PROXIES": "10.0.0.1/8"}, "TRUSTED_PROXIES is not a list of addresses and networks (10.0.0.1/8 has"),
        ({"UPLOADS_BACKEND": "nowhere.Storage"}, "UPLOADS_BACKEND=nowhere.Storage cannot be loaded"),
        ({"UPLOADS_BACKEND": "S3"}, "UPLOADS_BACKEND=S3 cannot be loaded"),
        ({"UPLOADS_BACKEND": "pathlib.Path"}, "UPLOADS_BACKEND=pathlib.Path is not a storage class"),
        ({"UPLOADS_OPTIONS": "bucket=portal"}, "UPLOADS_OPTIONS is not a JSON object"),
        ({"UPLOADS_OPTIONS": "[]"}, "UPLOADS_OPTIONS is not a JSON object"),
        ({"UPLOADS_OPTIONS": '{"bucket": "a"}'}, "UPLOADS_OPTIONS does not fit django.core.files.storage.FileSystem"),
        (
            {"LOG_HEADS_FILE": "/none/heads.jsonl"},
            "LOG_HEADS_FILE=/none/heads.jsonl cannot be written: make the folder",
        ),
        ({"REDIS_URL": "redis://me:word@host/first"}, "REDIS_URL=redis://me:…@host/first does not end in the number"),
        ({"CSRF_TRUSTED_ORIGINS": "https://"}, "CSRF_TRUSTED_ORIGINS=https:// names no host"),
        ({"CSRF_TRUSTED_ORIGINS": "https://a.example/b"}, "CSRF_TRUSTED_ORIGINS=https://a.example/b has a path"),
        ({"SITE_URL": "https://a.example?b"}, "SITE_URL=https://a.example?b is more than the beginning of an address"),
        ({"SITE_URL": "https://a example"}, "SITE_URL=https://a example is more than the beginning of an address"),
        ({"ALLOWED_HOSTS": "a.example b.example"}, "ALLOWED_HOSTS=a.example b.example is not the name of a host"),
        ({"SECRET_KEY": " " * 50}, "SECRET_KEY repeats a few characters"),
        ({"SECRET_KEY": "abcabcabcabcabc"}, "SECRET_KEY repeats a few characters"),
        ({"DIGESTS_FROM": "9h"}, "DIGESTS_FROM='9h' is no time of day"),
        ({"DIGESTS_FROM": "19:00"}, "DIGESTS_FROM=19:00 is not within LETTER_HOURS (08:30-18:00)"),
        ({"LETTER_HOURS": "10:00-12:00"}, "DIGESTS_FROM=09:00 is not within LETTER_HOURS (10:00-12:00)"),
        ({"LETTER_HOURS": "18:00-08:00"}, "LETTER_HOURS='18:00-08:00' is no span of hours"),
    ],
)
def test_it_refuses_a_wrong_value(tmp_path: Path, given: dict[str, str], sentence: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=re.escape(sentence)):
        settings_with(tmp_path, **given)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_it_refuses_a_folder_it_may_not_make() -> None:
    with pytest.raises(ImproperlyConfigured, match="cannot be created"):
        settings_with(Path("/proc/portal"))


def test_a_key_that_was_half_made_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()
    said = start_with(tmp_path, program="print(len(settings.SECRET_KEY))", SECRET_KEY="")
    assert int(said.stdout) >= 50


WRITES = """
import django
django.setup()
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import EmailMessage
from django.db import connection
from config.celery import app
default_storage.save("evidence/ab/abcd", ContentFile(b"secret"))
connection.cursor().execute("create table kept (secret)")
EmailMessage("secret", "secret", to=["a@example.org"], headers={"Message-ID": "<1@portal>"}).send()
caches["shared"].set("secret", 1)
app.send_task("secret")
"""


def test_what_it_writes_only_its_own_user_may_read(tmp_path: Path) -> None:
    data = tmp_path / "data"
    done = start_with(data, program=f"exec({WRITES!r})", SECRET_KEY="")
    assert (done.returncode, done.stderr) == (0, "")
    written = [data, *data.rglob("*")]
    assert {path.name for path in written} >= {"secret_key", "portal.sqlite3", "abcd", "1@portal.eml", "messages"}
    assert [path for path in written if path.stat().st_mode & 0o077] == []


def test_static_files_are_for_everybody(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "config.static.PublicStaticFiles"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    written = [settings.STATIC_ROOT, *settings.STATIC_ROOT.rglob("*")]
    assert any(path.suffix == ".gz" for path in written)
    assert [path for path in written if not path.stat().st_mode & 0o004] == []
