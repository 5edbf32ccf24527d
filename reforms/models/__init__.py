"""What: the lists and their editions, items, measures, what is printed of them and who must act."""

from reforms.models.evidence import Evidence, StoredFile
from reforms.models.extensions import DeadlineAdjustment, Extension
from reforms.models.idempotency import IdempotentRequest
from reforms.models.lists import Acknowledgement, ClaimedBy, Item, ListEdition, Period, PrintedRow, ReformList, Section
from reforms.models.matters import Matter
from reforms.models.measures import Assignment, Disposition, Duty, Measure, NamedMember, Part, Status, Takeover
from reforms.models.notices import Notice, Sighting
from reforms.models.past import PastRead, PastStanding
from reforms.models.reminders import Delivery, Reminder
from reforms.models.reports import ProgressReport
from reforms.models.review_requests import ReviewRequest

__all__ = [
    "Acknowledgement",
    "Assignment",
    "ClaimedBy",
    "DeadlineAdjustment",
    "Delivery",
    "Disposition",
    "Duty",
    "Evidence",
    "Extension",
    "IdempotentRequest",
    "Item",
    "ListEdition",
    "Matter",
    "Measure",
    "NamedMember",
    "Notice",
    "Part",
    "PastRead",
    "PastStanding",
    "Period",
    "PrintedRow",
    "ProgressReport",
    "ReformList",
    "Reminder",
    "ReviewRequest",
    "Section",
    "Sighting",
    "Status",
    "StoredFile",
    "Takeover",
]
