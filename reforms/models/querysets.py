"""The questions that pages, API, exports and reminders ask. Dates are business dates in Asia/Shanghai."""

import datetime as dt
import re
import unicodedata
from collections.abc import Collection
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q, Value
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from reforms.models.lights import Light, light_case

if TYPE_CHECKING:
    from reforms.models.measures import Duty, Measure  # noqa: F401  # the generic bases below name them
    from reforms.models.reminders import Delivery  # noqa: F401


# What the office decided about measures that stay in the list.
STOPPED = ("suspended", "cancelled")


class MeasureQuerySet(models.QuerySet["Measure"]):
    def counted(self, then: dt.date | None = None, *, sees_status: bool = True) -> Self:
        """Those that count (`that_count`); now, or on a past day."""
        if then:
            return self.as_of(then).filter(that_count(facts="past__", sees_status=sees_status))
        return self.filter(that_count(sees_status=sees_status))

    def known(self, then: dt.date | None = None) -> Self:
        """Those that are there, whether they count or not; now, or on a past day."""
        return self.as_of(then).filter(past__isnull=False) if then else self

    def as_of(self, day: dt.date) -> Self:
        """Adds `past`, where each stood on a past day (reforms.status.past); those that were not there yet have none."""
        ended = Q(standings__until=None) | Q(standings__until__gt=day)
        return self.annotate(past=FilteredRelation("standings", condition=Q(standings__since__lte=day) & ended))

    def with_light(self, on: dt.date, *, facts: str = "") -> Self:
        """Adds `light` as of `on`, from the facts as they are now, or from those of `past__`."""
        return self.annotate(light=light_case(on, prefix=facts))

    def light_counts(self, on: dt.date, *, facts: str = "") -> dict[Light, int]:
        """How many show each light; every light is there, so that the counts add up to the whole."""
        rows = self.order_by().with_light(on, facts=facts).values_list("light").annotate(n=Count("pk"))
        return dict.fromkeys(Light, 0) | {Light(light): n for light, n in rows}

    def with_shown_deadline(self, field: str) -> Self:
        """Adds `shown_deadline`, the named one, and two to sort by that put measures without one at the end."""
        first, last = (Value(day, output_field=models.DateField()) for day in (dt.date.min, dt.date.max))
        return self.annotate(
            shown_deadline=F(field),
            deadline_or_first=Coalesce(F(field), first),
            deadline_or_last=Coalesce(F(field), last),
        )

    def printed_for(self, agencies: Collection[int], *parts: str) -> Self:
        """Those beside which one of the agencies is printed (as one of `parts` when given)."""
        return self.filter(beside("assignments", agencies, parts))

    def held_by(self, agencies: Collection[int], *parts: str) -> Self:
        """Those for which one of the agencies must act, also through a group."""
        return self.filter(beside("duties", agencies, parts))

    def extended(self) -> Self:
        """Those whose deadline was moved: by an extension that was granted, or by the office itself."""
        return self.filter(deadline_was_moved())

    def touch(self) -> int:
        """Mark them as changed now, for whoever asks what changed since; how many there are."""
        return self.order_by().update(version=F("version") + 1, updated_at=timezone.now())

    def holding(self, words: str) -> Self:
        """Those whose titles, text, numbers or agencies contain every word; any substring is found."""
        found = self
        for word in searchable(words).split():
            found = found.filter(search_text__contains=word)
        return found


def that_count(measure: str = "", *, facts: str = "", sees_status: bool = True) -> Q:
    """Whether a measure counts: it is neither withdrawn nor suspended nor cancelled. The latter two are status: for
    those who may not see it they count, in the lists that do not publish it, like any other.

    `measure` leads from the rows that are filtered to the measure, `facts` from there to those of a past day.
    """
    disposition = f"{measure}{facts}disposition"
    active = Q(**{disposition: "active"})
    if sees_status:
        return active
    return active | Q(**{f"{disposition}__in": STOPPED, f"{measure}reform_list__public_status": False})


def deadline_was_moved() -> Q:
    """Whether a measure has an extension that was granted, or an adjustment."""
    granted = apps.get_model("reforms", "Extension")._default_manager.filter(measure=OuterRef("pk"), state="granted")
    adjusted = apps.get_model("reforms", "DeadlineAdjustment")._default_manager.filter(measure=OuterRef("pk"))
    return Q(Exists(granted)) | Q(Exists(adjusted))


def beside(relation: str, agencies: Collection[int], parts: Collection[str]) -> Exists:
    """Whether a measure has one of the agencies among its `assignments` or its `duties`."""
    related = apps.get_model("reforms", {"assignments": "Assignment", "duties": "Duty"}[relation])
    condition = Q(measure=OuterRef("pk"), agency_id__in=list(agencies))
    return Exists(related._default_manager.filter(condition & (Q(part__in=list(parts)) if parts else Q())))


def searchable(text: str) -> str:
    """Text as it is stored for searching and as queries are read: full-width forms folded, lower case."""
    return _MAY_FOLD.sub(_folded, text).casefold()


# Chinese characters are what they are and join with nothing: leaving them out takes a third of the time.
_MAY_FOLD = re.compile("[^\n、\u4e00-\u9fff]+")


def _folded(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match[0])


class DutyQuerySet(models.QuerySet["Duty"]):
    def of(self, agencies: Collection[int]) -> Self:
        return self.filter(agency_id__in=agencies)

    def measures_of(self, agency_id: int) -> list[int]:
        """The ids of the measures on which an agency must act."""
        return list(self.of([agency_id]).order_by("measure").values_list("measure_id", flat=True))

    def open(self) -> Self:
        """Those somebody still has to act on: the measure counts, is dated, and is neither closed nor claimed."""
        return self.filter(
            measure__disposition="active",
            measure__status__in=("not_reported", "in_progress"),
            measure__deadline_in_force__isnull=False,
        ).exclude(status="closed")


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def claimable(self) -> Self:
        """Those that may be tried now: due ones, and ones whose holder died."""
        waiting = Q(state="pending", next_try_at__lte=Now())
        abandoned = Q(state="sending", lease_until__lt=Now())
        return self.filter(waiting | abandoned)

    def claim(self, pk: int) -> bool:
        """Take one; False when somebody else has it. The update is conditional, so one caller wins."""
        taken = (
            self.filter(pk=pk)
            .claimable()
            .update(
                state="sending",
                lease_until=Now() + dt.timedelta(seconds=settings.DELIVERY_LEASE),
                attempts=F("attempts") + 1,
            )
        )
        return taken == 1
