"""manage.py send_test_mail: whether letters leave this portal, and what is wrong where they do not."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.utils import translation

from reforms.reminders.sending.mail_check import faults, send_test, unknown_site


class Command(BaseCommand):
    """Sends one letter to an address, and says in words what speaks against the settings."""

    help = "Send one letter to ADDRESS, and say what is wrong with EMAIL_URL, MAIL_FROM and SITE_URL."
    requires_system_checks: list[str] = []  # as Django has it; what they would say is said below

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", type=_mailbox, help="your own mailbox")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):
            wrong = [*faults(), *filter(None, [unknown_site()])]
            refused = send_test(options["address"])
        for said in wrong:
            self.stderr.write(said)
        if refused:
            raise CommandError(f"The letter was not taken: {refused}")
        if settings.MAIL_GOES_OUT:
            self.stdout.write(f"The mail server took the letter to {options['address']}. See whether it arrives.")


def _mailbox(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise ArgumentTypeError(f"{text!r} is not an e-mail address; write it like name@example.cn") from None
    return text
