"""What `manage.py check --deploy` and the start of the portal warn of; the page 巡检 says the same."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.utils import translation

MAIL = "mail"


@checks.register(MAIL, deploy=True)
def mail_reaches_somebody(app_configs: Any = None, **_kwargs: Any) -> list[checks.CheckMessage]:
    """In earnest, letters go to a mail server and their links lead back here."""
    if settings.DEMO:
        return []
    # Here and not above: models can be imported only once all apps are loaded.
    from reforms.reminders.sending.mail_check import faults

    with translation.override("en"):
        return [checks.Warning(said, id="reforms.W001") for said in faults()]
