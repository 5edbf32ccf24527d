"""Telling people what happened: a notice is a row, written in the transaction of what it tells of."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from reforms.models import Measure, Notice


def tell(
    kind: Notice.Kind,
    *,
    on: dt.date,
    agencies: Iterable[int] = (),
    users: Iterable[int] = (),
    measure: Measure | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """One notice to each of these agencies and persons; `facts` (JSON values) fill its sentence."""
    now = timezone.now()
    shared = {"kind": kind, "measure": measure, "facts": dict(facts or {}), "on": on, "created_at": now}
    notices = [Notice(agency_id=pk, **shared) for pk in sorted(set(agencies))]
    notices += [Notice(user_id=pk, **shared) for pk in sorted(set(users))]
    Notice.objects.bulk_create(notices)
