"""Mail as files: each message whole, under its Message-ID, once."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail

from reforms.lib import mail

ID = "<0123abcd@reform-tracker.invalid>"


@pytest.fixture
def folder(settings: Any) -> Path:
    """Where the messages go, with the portal's own way of sending."""
    settings.EMAIL_BACKEND = "reforms.lib.mail.FolderBackend"
    return Path(settings.MAIL_DIR)


def send(subject: str = "【到期提醒】市交通运输局", message_id: str = ID) -> None:
    EmailMultiAlternatives(
        subject=subject,
        body="第101项“组合港”",
        to=["a@example.org", "b@example.org"],
        headers={"Message-ID": message_id},
    ).send()


def read(path: Path) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(path.read_bytes(), policy=default))


def test_a_message_becomes_a_file_any_mail_program_opens(folder: Path) -> None:
    send()
    [path] = folder.iterdir()
    message = read(path)
    assert path.name == "0123abcd@reform-tracker.invalid.eml"
    assert (message["Subject"], message["To"]) == ("【到期提醒】市交通运输局", "a@example.org, b@example.org")
    assert message.get_content().strip() == "第101项“组合港”"
    assert message["Message-ID"] == ID


def test_the_same_message_again_is_one_file(folder: Path) -> None:
    send()
    send("【逾期催办】市交通运输局")
    [path] = folder.iterdir()
    assert read(path)["Subject"] == "【逾期催办】市交通运输局"


def test_other_messages_are_other_files(folder: Path) -> None:
    send()
    send(message_id="<4567@reform-tracker.invalid>")
    send_mail("no id of its own", "text", None, ["a@example.org"])
    send_mail("no id of its own", "text", None, ["a@example.org"])
    assert len(list(folder.glob("*.eml"))) == 4


@pytest.mark.parametrize("message_id", ["<../../outside@example.org>", "</etc/outside@example.org>"])
def test_no_message_id_leads_out_of_the_folder(folder: Path, message_id: str) -> None:
    send(message_id=message_id)
    [path] = folder.rglob("*.eml")
    assert path.parent == folder
    assert path.name.endswith("outside@example.org.eml")


def test_a_message_cut_off_while_it_is_written_is_no_message(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def power_cut(_descriptor: int) -> None:
        raise OSError("no power")

    monkeypatch.setattr(mail.os, "fsync", power_cut)
    with pytest.raises(OSError, match="no power"):
        send()
    assert list(folder.glob("*.eml")) == []


def test_what_an_interrupted_try_left_is_no_hindrance(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", lambda _self, _target: None)
        send()
    assert list(folder.glob("*.eml")) == []
    send()
    assert [path.suffix for path in folder.iterdir()] == [".eml"]
