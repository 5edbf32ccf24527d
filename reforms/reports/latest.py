"""The latest report of each duty, and its texts as forms and workbooks begin with them."""

import hashlib
from collections.abc import Collection

from django.db.models import QuerySet

from reforms.models import TEXTS, Duty, ProgressReport

Outlook = ProgressReport.Outlook
WRITTEN = (*TEXTS, "outlook")
LONGEST = 5000


def plain(text: str) -> str:
    """A text as it is compared and kept: one line feed for each end of a line, nothing around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def fingerprint(*texts: str) -> str:
    """Tells whether texts are still what they were."""
    return hashlib.sha256("\0".join(map(plain, texts)).encode()).hexdigest()[:12]


def last_reports(duties: Collection[Duty]) -> dict[int, ProgressReport]:
    """The last report that counts, by duty: two queries."""
    return _latest(duties, ProgressReport.objects.spoken())


def last_ids(duties: Collection[Duty]) -> dict[int, int]:
    """The id of the last report of any state but a draft, by duty; what `submit_report` compares `last_seen` with."""
    return _latest_ids(duties, ProgressReport.objects.exclude(state="draft"))


def _latest(duties: Collection[Duty], reports: "QuerySet[ProgressReport]") -> dict[int, ProgressReport]:
    ids = _latest_ids(duties, reports)
    found = ProgressReport.objects.in_bulk(ids.values())
    return {duty: found[pk] for duty, pk in ids.items()}


def _latest_ids(duties: Collection[Duty], reports: "QuerySet[ProgressReport]") -> dict[int, int]:
    places = {(duty.measure_id, duty.agency_id): duty.pk for duty in duties}
    agencies = {agency_id for _measure, agency_id in places}
    found = reports.filter(measure__in=[measure for measure, _agency in places], agency__in=agencies)
    in_order = found.order_by("recorded_at", "pk").values_list("measure", "agency", "pk")
    return {places[measure, agency]: pk for measure, agency, pk in in_order if (measure, agency) in places}


def texts_of(report: ProgressReport | None) -> dict[str, str]:
    """What a row begins with."""
    if report is None:
        return dict.fromkeys(TEXTS, "") | {"outlook": str(Outlook.ON_SCHEDULE)}
    return {name: str(getattr(report, name)) for name in WRITTEN}
