"""Measures as plain objects for JSON: the API answers with them, and a file of JSON holds the same."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from agencies.models import Agency
from reforms.catalogue.rows import MeasureRow, Party
from reforms.lib.words import local_time


def of_measure(row: MeasureRow, via: Agency | None = None) -> dict[str, Any]:
    """A measure in the shape of reforms.api.shapes.lists.MeasureShape."""
    return {
        "id": row.id,
        "list": {"slug": row.list_slug, "title": row.list_title},
        "section": {"number": row.section_no, "title": row.section_title},
        "item": {"number": row.item_no, "title": row.item_title, "national": row.is_national},
        "seq_in_item": row.seq_in_item,
        "title": row.title,
        "text": row.text,
        "lead_note": row.lead_note,
        "lead": [of_party(party) for party in row.leads],
        "responsible": [of_party(party) for party in row.responsible],
        "via": {"id": via.pk, "name": via.name} if via else None,
        "deadline_text": row.deadline_text,
        "deadline": row.deadline,
        "deadline_in_force": row.deadline_in_force,
        "standing": row.is_standing,
        "status": row.status,
        "light": row.light,
        "disposition": row.disposition,
        "last_report_on": row.last_report_on,
        "closed_on": row.closed_on,
        "result": row.result,
        "updated_at": local_time(row.updated_at),
        "version": row.version,
        "source": {"edition": row.edition_no, "file": row.file_name, "row": row.row},
        "url": settings.SITE_URL + reverse("measure", args=[row.id]),
    }


def of_party(party: Party) -> dict[str, Any]:
    return {"id": party.id, "name": party.name, "full_name": party.full_name, "status": party.status}
