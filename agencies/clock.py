"""The business date. Lights, deadlines and reminders count in days of Asia/Shanghai."""

import datetime as dt

from django.conf import settings
from django.utils import timezone


def today() -> dt.date:
    """Today in Asia/Shanghai; PORTAL_TODAY moves it in the demonstration. Callers pass the date down."""
    moved: dt.date | None = settings.PORTAL_TODAY
    return moved or timezone.localdate()
