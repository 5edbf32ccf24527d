"""What: the lists and their editions, items, measures, what is printed of them and who must act."""

from reforms.models.evidence import Evidence, StoredFile
from reforms.models.lists import Item, ListEdition, PrintedRow, ReformList, Section
from reforms.models.measures import (
    Assignment,
    Disposition,
    Duty,
    Measure,
    NamedMember,
    Part,
    Status,
    Takeover,
)
from reforms.models.reminders import Delivery, Reminder
from reforms.models.reports import ProgressReport

__all__ = [
    "Assignment",
    "Delivery",
    "Disposition",
    "Duty",
    "Evidence",
    "Item",
    "ListEdition",
    "Measure",
    "NamedMember",
    "Part",
    "PrintedRow",
    "ProgressReport",
    "ReformList",
    "Reminder",
    "Section",
    "Status",
    "StoredFile",
    "Takeover",
]
