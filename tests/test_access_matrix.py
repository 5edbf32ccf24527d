"""Who may open what: every named address, by every method that it has, for everyone. One missing fails the suite.

The addresses come from the URL resolver; those of the API also from its OpenAPI document, which must foresee every
answer that is met here.
"""

import datetime as dt
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path, resolve, reverse
from django.utils import timezone
from docx import Document

from agencies.access import NOBODY, Principal, Verb, access
from agencies.models import Agency, ChatRobot, Membership, Role, Screen, Token, User
from importers.jobs.editions import look_later
from importers.jobs.editions import run as run_edition_job
from importers.jobs.run import Upload, run, start
from importers.models import EditionJob, ImportJob
from reforms.api.docs import document
from reforms.bulletins.drafts import draft_bulletin, issue_bulletin, submit_bulletin
from reforms.bulletins.sending import send_bulletin
from reforms.duties import claimants_of
from reforms.exports.makers import Order
from reforms.exports.orders import order
from reforms.exports.orders import run as make
from reforms.models import (
    Bulletin,
    ClockStop,
    Delivery,
    Duty,
    Evidence,
    Export,
    Extension,
    Item,
    Letterhead,
    ListEdition,
    Matter,
    Measure,
    Milestone,
    Notice,
    PersonalFeed,
    ProgressReport,
    ReformList,
    SavedView,
    SupervisionOrder,
    Watching,
)
from reforms.office.letterheads import add_letterhead
from reforms.reports.evidence import add_evidence
from reforms.reports.submit import ReportContent, submit_report
from reforms.review.extensions import ExtensionTerms, ask_extension
from tests.conftest import ON, SLUG
from tests.importers.text_editions import TextEdition
from tests.reforms.documents import PDF, upload
from tests.turns import shared_out

# Outcomes: what the one who asks gets to see.
OK, MADE, MOVED = "ok", "made", "moved"  # a page or an object; something new; sent on after it was done
SIGN_IN = "sign in"  # asked to sign in: the form for a page, 401 for the API
REFUSED, WRONG_METHOD = "refused", "wrong method"  # 403; 405
NOT_TAKEN = "not taken"  # 400 or 422: read, and found wanting
GONE = "nothing to show"  # 204
CHANGED = "changed meanwhile"  # 409, 412
NOT_THERE = "not there"  # 404: not for them to know of
OUTCOMES = {
    200: OK,
    201: MADE,
    204: GONE,
    400: NOT_TAKEN,
    401: SIGN_IN,
    403: REFUSED,
    404: NOT_THERE,
    405: WRONG_METHOD,
    409: CHANGED,
    412: CHANGED,
    422: NOT_TAKEN,
}

VISITORS = ("anonymous", "disabled")  # somebody shut out is a visitor again
PEOPLE = ("without a role", *Role.values)
LIVING_TOKENS = ("read token", "write token")
DEAD_TOKENS = ("expired token", "revoked token")
MEMBERS = tuple(Role.values)
REPORTERS = (Role.REPORTER, Role.APPROVER)
ADMINISTRATOR = (Role.ADMINISTRATOR,)
SUPERVISOR = (Role.SUPERVISOR,)
APPROVER = (Role.APPROVER,)
NAMERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)
AUDITOR = (Role.AUDITOR,)
REMINDERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)
STAFF = (Role.VIEWER, Role.HEAD, *REPORTERS)
NOT_STAFF = (Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR)
REPORT_READERS = (Role.VIEWER, Role.HEAD, *REPORTERS, Role.SUPERVISOR, Role.AUDITOR)

Outcome = dict[str, str]
NO_VERSION = '"none"'


def everyone(outcome: str) -> Outcome:
    return dict.fromkeys((*VISITORS, *PEOPLE, *LIVING_TOKENS), outcome)


def only(outcome: str, *who: str) -> Outcome:
    """`outcome` for those named; visitors are asked to sign in, everybody else is refused."""
    table = everyone(REFUSED) | dict.fromkeys(VISITORS, SIGN_IN)
    return table | {str(one): outcome for one in who}


def only_these(outcome: str, *who: str) -> Outcome:
    """`outcome` for those named, to be laid over another table."""
    return {str(one): outcome for one in who}


def signed_in_or_not(visitor: str, person: str) -> Outcome:
    return everyone(person) | dict.fromkeys(VISITORS, visitor)


@dataclass(frozen=True, slots=True)
class Row:
    """One address: what is sent to it, and what becomes of GET, of POST, and of what else it takes."""

    get: Outcome
    post: Outcome
    kwargs: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    multipart: bool = False
    patch: Outcome | None = None
    delete: Outcome | None = None

    @property
    def methods(self) -> dict[str, Outcome]:
        named = {"get": self.get, "post": self.post, "patch": self.patch, "delete": self.delete}
        return {method: outcome for method, outcome in named.items() if outcome is not None}


PAGE = {"get": everyone(OK), "post": everyone(WRONG_METHOD)}
WRONG = everyone(WRONG_METHOD)
# The supervisor of the matrix has an agency of their own on the measure, and so leaves it to another.
LED_STEER = {"get": only(REFUSED), "post": only(REFUSED)}
API = PAGE
UNNAMED = (*VISITORS, *LIVING_TOKENS)
ORDERED = everyone(NOT_THERE) | only_these(OK, *UNNAMED)
TABLE: dict[str, Row] = {
    "overview": Row(**PAGE),
    "search": Row(**PAGE),
    "measures": Row(**PAGE),
    "facet": Row(**PAGE, kwargs={"name": "lead"}),
    "chase-chosen": Row(only(OK, *SUPERVISOR), only(NOT_TAKEN, *SUPERVISOR)),
    "saved-views": Row(only(OK, *MEMBERS), only(WRONG_METHOD, *MEMBERS)),
    "save-view": Row(only(OK, *MEMBERS), only(NOT_TAKEN, *MEMBERS), data={"name": ""}),
    # A colleague's that is shared with the agency: to be starred, and not to be changed.
    "saved-view": Row(only(NOT_THERE, *MEMBERS), only(NOT_THERE, *MEMBERS), kwargs={"pk": "view"}),
    "star-view": Row(only(WRONG_METHOD, *MEMBERS), only(MOVED, *MEMBERS), kwargs={"pk": "view"}),
    "remove-view": Row(only(WRONG_METHOD, *MEMBERS), only(NOT_THERE, *MEMBERS), kwargs={"pk": "view"}),
    "watch-measure": Row(only(WRONG_METHOD, *MEMBERS), only(MOVED, *MEMBERS), kwargs={"pk": "measure"}),
    "watch-view": Row(only(WRONG_METHOD, *MEMBERS), only(MOVED, *MEMBERS), kwargs={"pk": "view"}),
    "change-watch": Row(only(WRONG_METHOD, *MEMBERS), only(NOT_THERE, *MEMBERS), kwargs={"pk": "watch"}),
    "export": Row(**PAGE, kwargs={"kind": "csv"}),
    "print-measures": Row(**PAGE),
    "measure": Row(**PAGE, kwargs={"pk": "measure"}),
    "report": Row(only(OK, *REPORTERS), only(NOT_TAKEN, *REPORTERS), kwargs={"pk": "measure"}, data={"progress": ""}),
    "evidence": Row(only(OK, *REPORT_READERS), only(WRONG_METHOD, *REPORT_READERS), kwargs={"pk": "evidence"}),
    "add-evidence": Row(only(WRONG_METHOD, *REPORTERS), only(MOVED, *REPORTERS), kwargs={"pk": "report"}),
    "remove-evidence": Row(only(WRONG_METHOD, *REPORTERS), only(MOVED, *REPORTERS), kwargs={"pk": "evidence"}),
    "save-draft": Row(
        only(WRONG_METHOD, *REPORTERS), only(NOT_TAKEN, *REPORTERS), kwargs={"pk": "measure"}, data={"outlook": "?"}
    ),
    "discard-draft": Row(only(MOVED, *REPORTERS), only(MOVED, *REPORTERS), kwargs={"pk": "measure"}),
    "report-unchanged": Row(only(WRONG_METHOD, *REPORTERS), only(MOVED, *REPORTERS), kwargs={"pk": "measure"}),
    "withdraw-report": Row(
        only(WRONG_METHOD, *REPORT_READERS), only(MOVED, *REPORTERS), kwargs={"pk": "report"}, data={"seen": 2}
    ),
    "ask-extension": Row(only(OK, *REPORTERS), only(NOT_TAKEN, *REPORTERS), kwargs={"pk": "measure"}),
    "withdraw-extension": Row(only(WRONG_METHOD, *REPORTERS), only(MOVED, *REPORTERS), kwargs={"pk": "extension"}),
    "milestones": Row(**PAGE),
    "plan-milestone": Row(
        only(OK, *REPORTERS, *SUPERVISOR), only(NOT_TAKEN, *REPORTERS, *SUPERVISOR), kwargs={"pk": "measure"}
    ),
    "milestone": Row(
        only(OK, *REPORTERS, *SUPERVISOR), only(NOT_TAKEN, *REPORTERS, *SUPERVISOR), kwargs={"pk": "milestone"}
    ),
    "reopen": Row(only(OK, *SUPERVISOR), only(NOT_TAKEN, *SUPERVISOR), kwargs={"pk": "elsewhere"}),
    "review": Row(only(OK, *SUPERVISOR), only(WRONG_METHOD, *SUPERVISOR)),
    "review-batch": Row(only(MOVED, *SUPERVISOR), only(MOVED, *SUPERVISOR)),
    "review-claim": Row(
        only(OK, *SUPERVISOR), only(NOT_TAKEN, *SUPERVISOR), kwargs={"pk": "claim"}, data={"decision": "refuse"}
    ),
    "review-extension": Row(
        only(OK, *SUPERVISOR), only(NOT_TAKEN, *SUPERVISOR), kwargs={"pk": "extension"}, data={"decision": "refuse"}
    ),
    "sign": Row(only(OK, *APPROVER), only(WRONG_METHOD, *APPROVER)),
    "sign-claim": Row(
        only(OK, *APPROVER), only(NOT_TAKEN, *APPROVER), kwargs={"pk": "claim"}, data={"decision": "refuse"}
    ),
    "sign-extension": Row(
        only(OK, *APPROVER), only(NOT_TAKEN, *APPROVER), kwargs={"pk": "extension"}, data={"decision": "refuse"}
    ),
    "lists": Row(**PAGE),
    "list": Row(**PAGE, kwargs={"slug": SLUG}),
    "section": Row(**PAGE, kwargs={"slug": SLUG, "number": 1}),
    "item": Row(**PAGE, kwargs={"slug": SLUG, "number": 68}),
    # Tables that compare agencies are internal unless a list publishes them.
    "list-leads": Row(everyone(NOT_THERE) | only_these(OK, *MEMBERS), WRONG, kwargs={"slug": SLUG}),
    "list-sheets": Row(only(OK, Role.SUPERVISOR), only(WRONG_METHOD, Role.SUPERVISOR), kwargs={"slug": SLUG}),
    "list-data": Row(**PAGE, kwargs={"slug": SLUG}),
    "list-data-json": Row(**PAGE, kwargs={"slug": SLUG}),
    "list-data-file": Row(**PAGE, kwargs={"slug": SLUG, "kind": "csv"}),
    "method": Row(**PAGE),
    "style": Row(everyone(NOT_THERE), WRONG),  # the tests run without the demonstration
    "robots-txt": Row(**PAGE),
    "favicon": Row(everyone(MOVED), WRONG),
    "reminder-settings": Row(
        only(OK, *REMINDERS), only(NOT_TAKEN, *REMINDERS), kwargs={"slug": SLUG}, data={"reminders_from": "soon"}
    ),
    "reminder-rules": Row(
        only(OK, *REMINDERS), only(NOT_TAKEN, *REMINDERS), kwargs={"slug": SLUG}, data={"weekly-0-days": "soon"}
    ),
    "reminder-year": Row(only(OK, *REMINDERS), only(WRONG_METHOD, *REMINDERS), kwargs={"slug": SLUG}),
    "imports": Row(only(OK, *ADMINISTRATOR), only(NOT_TAKEN, *ADMINISTRATOR)),
    "import-template": Row(only(OK, *ADMINISTRATOR), only(WRONG_METHOD, *ADMINISTRATOR), kwargs={"kind": "docx"}),
    "import": Row(only(OK, *ADMINISTRATOR), only(WRONG_METHOD, *ADMINISTRATOR), kwargs={"pk": "import"}),
    "import-progress": Row(only(GONE, *ADMINISTRATOR), only(WRONG_METHOD, *ADMINISTRATOR), kwargs={"pk": "import"}),
    **{
        name: Row(only(WRONG_METHOD, *ADMINISTRATOR), only(MOVED, *ADMINISTRATOR), kwargs={"pk": "import"})
        for name in ("import-rows", "import-agencies", "import-columns", "confirm-import", "cancel-import")
    },
    "import-count": Row(only(WRONG_METHOD, *ADMINISTRATOR), only(OK, *ADMINISTRATOR), kwargs={"pk": "import"}),
    "import-answer": Row(
        only(WRONG_METHOD, *ADMINISTRATOR),
        only(NOT_TAKEN, *ADMINISTRATOR),
        kwargs={"pk": "import"},
        data={"question": "deadline-3", "record": "deadline-3"},
    ),
    "edition": Row(**PAGE, kwargs={"slug": SLUG, "number": 1}),
    "edition-original": Row(only(OK, *MEMBERS), only(WRONG_METHOD, *MEMBERS), kwargs={"slug": SLUG, "number": 1}),
    "edition-file": Row(**PAGE, kwargs={"slug": SLUG, "number": 1, "kind": "csv"}),
    "revert-edition": Row(only(MOVED, *ADMINISTRATOR), only(MOVED, *ADMINISTRATOR), kwargs={"slug": SLUG, "number": 1}),
    "compare-editions": Row(everyone(OK), everyone(OK), kwargs={"slug": SLUG, "old": 1, "new": 1}),
    "comparison-progress": Row(everyone(GONE), WRONG, kwargs={"slug": SLUG, "old": 1, "new": 1}),
    "taking-back": Row(only(OK, *ADMINISTRATOR), only(MOVED, *ADMINISTRATOR), kwargs={"pk": "taking-back"}),
    "taking-back-progress": Row(
        only(GONE, *ADMINISTRATOR), only(WRONG_METHOD, *ADMINISTRATOR), kwargs={"pk": "taking-back"}
    ),
    "steer": Row(**LED_STEER, kwargs={"pk": "measure"}, data={"act": "?"}),
    "enter": Row(**LED_STEER, kwargs={"pk": "measure"}, data={"progress": ""}),
    "fill-in": Row(only(OK, *REMINDERS), only(NOT_TAKEN, Role.SUPERVISOR), kwargs={"slug": SLUG}, data={"pasted": ""}),
    "list-settings": Row(only(OK, *REMINDERS), only(NOT_TAKEN, *REMINDERS), kwargs={"slug": SLUG}, data={"title": ""}),
    "list-working": Row(
        only(OK, *REMINDERS), only(NOT_TAKEN, *REMINDERS), kwargs={"slug": SLUG}, data={"report_every": "?"}
    ),
    "unreported": Row(only(OK, *REPORT_READERS), only(REFUSED, *REPORT_READERS) | {Role.SUPERVISOR: MOVED}),
    "chases": Row(only(OK, *REPORT_READERS), only(WRONG_METHOD, *REPORT_READERS)),
    "unreported-csv": Row(only(OK, *REPORT_READERS), only(WRONG_METHOD, *REPORT_READERS)),
    "performance": Row(only(OK, *MEMBERS), only(WRONG_METHOD, *MEMBERS)),
    "performance-xlsx": Row(only(OK, *MEMBERS), only(WRONG_METHOD, *MEMBERS)),
    "performance-reports": Row(only(OK, *REPORT_READERS), only(WRONG_METHOD, *REPORT_READERS)),
    "bulletin-sentences": Row(
        only(OK, *REMINDERS), only(NOT_TAKEN, *REMINDERS), kwargs={"slug": SLUG}, data={"title": "{没有这个}"}
    ),
    "letterheads": Row(only(OK, *REMINDERS), only(NOT_TAKEN, *REMINDERS)),
    # Nobody has looked at it, and so it is not used: said on the page one is led back to.
    "letterhead": Row(
        only(WRONG_METHOD, *REMINDERS), only(MOVED, *REMINDERS), kwargs={"pk": "letterhead"}, data={"act": "use"}
    ),
    "letterhead-docx": Row(only(OK, *REMINDERS), only(WRONG_METHOD, *REMINDERS), kwargs={"pk": "letterhead"}),
    "compare-days": Row(only(OK, *MEMBERS), only(WRONG_METHOD, *MEMBERS)),
    "asked": Row(only(OK, *REPORT_READERS), only(WRONG_METHOD, *REPORT_READERS)),
    "asked-rows": Row(only(OK, *REPORT_READERS), only(WRONG_METHOD, *REPORT_READERS)),
    "performance-returned": Row(only(OK, *REPORT_READERS), only(WRONG_METHOD, *REPORT_READERS)),
    "matters": Row(only(OK, *REPORT_READERS), only(WRONG_METHOD, *REPORT_READERS)),
    "matters-csv": Row(only(OK, *REPORT_READERS), only(WRONG_METHOD, *REPORT_READERS)),
    # The supervisor of the matrix belongs to the leading agency, whose matters another supervisor handles.
    "matter": Row(only(OK, *REPORT_READERS), only(REFUSED), kwargs={"pk": "matter"}, data={"state": "taken"}),
    "agencies": Row(**PAGE),
    "agency": Row(**PAGE, kwargs={"pk": "agency"}),
    **{
        f"{holders}-mailboxes": Row(
            only(OK, *ADMINISTRATOR),
            only(NOT_TAKEN, *ADMINISTRATOR),
            data={"email-1": "nobody's", "was-1": ""},
        )
        for holders in ("agency", "people")
    },
    **{
        f"{holders}-mailboxes-table": Row(only(OK, *ADMINISTRATOR), only(WRONG_METHOD, *ADMINISTRATOR))
        for holders in ("agency", "people")
    },
    "roster": Row(only(OK, Role.SUPERVISOR, *ADMINISTRATOR), only(WRONG_METHOD, Role.SUPERVISOR, *ADMINISTRATOR)),
    "robots": Row(only(OK, *ADMINISTRATOR), only(NOT_TAKEN, *ADMINISTRATOR), data={"product": "?"}),
    "robot": Row(
        only(OK, *ADMINISTRATOR), only(NOT_TAKEN, *ADMINISTRATOR), kwargs={"pk": "robot"}, data={"product": "?"}
    ),
    "test-robot": Row(only(WRONG_METHOD, *ADMINISTRATOR), only(MOVED, *ADMINISTRATOR), kwargs={"pk": "robot"}),
    "remove-robot": Row(only(WRONG_METHOD, *ADMINISTRATOR), only(MOVED, *ADMINISTRATOR), kwargs={"pk": "robot"}),
    "orders": Row(only(OK, *REPORT_READERS), only(WRONG_METHOD, *REPORT_READERS)),
    # None is due yet.
    "new-order": Row(only(MOVED, *SUPERVISOR), only(NOT_TAKEN, *SUPERVISOR), kwargs={"pk": "elsewhere-agency"}),
    "order": Row(
        only(OK, *REPORT_READERS), only(NOT_TAKEN, *REPORTERS), kwargs={"pk": "order"}, data={"act": "answer"}
    ),
    "order-docx": Row(only(OK, *REPORT_READERS), only(WRONG_METHOD, *REPORT_READERS), kwargs={"pk": "order"}),
    "timeline": Row(**PAGE),
    "timeline-feed": Row(**PAGE),
    "timeline-news": Row(**PAGE),
    "subscribe": Row(**PAGE),
    "make-feed": Row(only(WRONG_METHOD, *MEMBERS), only(OK, *MEMBERS)),
    "personal-calendar": Row(everyone(NOT_THERE), WRONG, kwargs={"key": "no-such-key"}),
    "personal-news": Row(everyone(NOT_THERE), WRONG, kwargs={"key": "no-such-key"}),
    # A colleague's: of nobody else's business.
    "renew-feed": Row(only(WRONG_METHOD, *MEMBERS), only(NOT_THERE, *MEMBERS), kwargs={"pk": "feed"}),
    "end-feed": Row(only(WRONG_METHOD, *MEMBERS), only(NOT_THERE, *MEMBERS), kwargs={"pk": "feed"}),
    "bulletins": Row(only(OK, *MEMBERS), only(REFUSED) | only_these(NOT_TAKEN, *SUPERVISOR)),
    # One that was sent is for those it was sent to, and to be taken back by the office.
    "bulletin": Row(
        only(OK, *REPORT_READERS) | only_these(NOT_THERE, *ADMINISTRATOR),
        only(REFUSED) | only_these(NOT_TAKEN, *SUPERVISOR) | only_these(NOT_THERE, *ADMINISTRATOR),
        kwargs={"pk": "bulletin"},
        data={"act": "void"},
    ),
    "bulletin-docx": Row(
        only(OK, *REPORT_READERS) | only_these(NOT_THERE, *ADMINISTRATOR),
        only(WRONG_METHOD, *MEMBERS),
        kwargs={"pk": "bulletin"},
    ),
    "new-agency": Row(only(OK, *ADMINISTRATOR), only(NOT_TAKEN, *ADMINISTRATOR), data={"name": ""}),
    "edit-agency": Row(
        only(OK, *ADMINISTRATOR), only(NOT_TAKEN, *ADMINISTRATOR), kwargs={"pk": "agency"}, data={"kind": "?"}
    ),
    "group-members": Row(
        only(OK, *NAMERS), only(NOT_TAKEN, *NAMERS), kwargs={"pk": "group"}, data={"members": "nobody"}
    ),
    "measure-members": Row(
        only(OK, *REPORTERS, *NAMERS), only(MOVED, *REPORTERS, *NAMERS), kwargs={"pk": "measure"}, data={}
    ),
    "succession": Row(
        only(OK, *ADMINISTRATOR), only(NOT_TAKEN, *ADMINISTRATOR), kwargs={"pk": "agency"}, data={"on": ""}
    ),
    "merge-agency": Row(
        only(OK, *ADMINISTRATOR), only(NOT_TAKEN, *ADMINISTRATOR), kwargs={"pk": "agency"}, data={"duplicate": ""}
    ),
    "desk": Row(only(OK, *MEMBERS), only(WRONG_METHOD, *MEMBERS)),
    "notices": Row(only(OK, *MEMBERS), only(WRONG_METHOD, *MEMBERS)),
    "notice": Row(
        only(MOVED, *STAFF) | only_these(NOT_THERE, *NOT_STAFF), only(WRONG_METHOD, *MEMBERS), kwargs={"pk": "notice"}
    ),
    "see-notice": Row(
        only(WRONG_METHOD, *MEMBERS), only(MOVED, *STAFF) | only_these(NOT_THERE, *NOT_STAFF), kwargs={"pk": "notice"}
    ),
    "see-notices": Row(only(WRONG_METHOD, *MEMBERS), only(MOVED, *MEMBERS)),
    "audit": Row(only(OK, *AUDITOR), only(WRONG_METHOD, *AUDITOR)),
    "audit-export": Row(only(OK, *AUDITOR), only(WRONG_METHOD, *AUDITOR), kwargs={"kind": "csv"}),
    "order-file": Row(WRONG, everyone(MOVED), data={"kind": "measures"}),
    # A visitor ordered it: nobody who is signed in did.
    "made-file": Row(ORDERED, WRONG, kwargs={"token": "made"}),
    "made-file-progress": Row(ORDERED | only_these(GONE, *UNNAMED), WRONG, kwargs={"token": "made"}),
    "fetch-file": Row(ORDERED, WRONG, kwargs={"token": "made"}),
    # htmx asks for the form within a row; anybody else is sent to the page of the report.
    "desk-report": Row(only(MOVED, *REPORTERS), only(NOT_TAKEN, *REPORTERS), kwargs={"pk": "measure"}),
    "desk-unchanged": Row(only(WRONG_METHOD, *REPORTERS), only(MOVED, *REPORTERS)),
    "desk-officers": Row(only(WRONG_METHOD, *REPORTERS), only(MOVED, *REPORTERS)),
    "desk-table": Row(only(OK, *REPORTERS), only(MOVED, *REPORTERS)),
    "desk-sheet": Row(only(OK, *REPORTERS, Role.SUPERVISOR), only(NOT_TAKEN, *REPORTERS, Role.SUPERVISOR)),
    "desk-sheet-file": Row(only(OK, *REPORTERS), only(WRONG_METHOD, *MEMBERS)),
    "desk-sheet-confirm": Row(only(WRONG_METHOD, *MEMBERS), only(NOT_TAKEN, *REPORTERS, Role.SUPERVISOR)),
    "duty": Row(
        only(OK, *REPORTERS),
        only(NOT_TAKEN, *REPORTERS),
        kwargs={"pk": "measure"},
        data={"officer_user": "stranger"},
    ),
    "acknowledge": Row(
        only(WRONG_METHOD, *REPORTERS), only(MOVED, *REPORTERS), kwargs={"pk": "edition"}, data={"agency": "own"}
    ),
    "calendar": Row(only(OK, *REMINDERS), only(NOT_TAKEN, *REMINDERS), data={"first": "soon"}),
    "deliveries": Row(only(OK, *REMINDERS), only(WRONG_METHOD, *REMINDERS)),
    "delivery": Row(only(OK, *REMINDERS), only(WRONG_METHOD, *REMINDERS), kwargs={"pk": "delivery"}),
    "resend-delivery": Row(only(WRONG_METHOD, *REMINDERS), only(MOVED, *REMINDERS), kwargs={"pk": "delivery"}),
    "sweeps": Row(only(OK, *REMINDERS), only(WRONG_METHOD, *REMINDERS)),
    "confirm-clock": Row(only(WRONG_METHOD, *REMINDERS), only(MOVED, *REMINDERS), kwargs={"pk": "clock_stop"}),
    "channels": Row(only(OK, *ADMINISTRATOR), only(NOT_TAKEN, *ADMINISTRATOR)),
    "test-mail": Row(only(WRONG_METHOD, *REMINDERS), only(MOVED, *REMINDERS)),
    "healthz": Row(**PAGE),
    "readyz": Row(**PAGE),
    "sign-in": Row(
        signed_in_or_not(OK, MOVED), signed_in_or_not(NOT_TAKEN, MOVED), data={"username": "x", "password": "y"}
    ),
    "sign-out": Row(WRONG, everyone(MOVED)),
    "welcome": Row(everyone(OK), everyone(OK), kwargs={"uidb64": "MQ", "token": "used-up"}),
    "account": Row(only(OK, *MEMBERS), only(WRONG_METHOD, *MEMBERS)),
    "account-contact": Row(only(WRONG_METHOD, *MEMBERS), only(NOT_TAKEN, *MEMBERS)),
    "change-password": Row(only(WRONG_METHOD, *MEMBERS), only(NOT_TAKEN, *MEMBERS)),
    "end-sessions": Row(only(WRONG_METHOD, *MEMBERS), only(MOVED, *MEMBERS)),
    "people": Row(only(OK, *ADMINISTRATOR), only(NOT_TAKEN, *ADMINISTRATOR), data={"username": ""}),
    "invite": Row(only(WRONG_METHOD, *ADMINISTRATOR), only(OK, *ADMINISTRATOR), kwargs={"pk": "spare"}),
    "set-active": Row(only(OK, *ADMINISTRATOR), only(MOVED, *ADMINISTRATOR), kwargs={"pk": "spare"}),
    "hand-over": Row(only(OK, *ADMINISTRATOR), only(NOT_TAKEN, *ADMINISTRATOR), kwargs={"pk": "spare"}),
    "person": Row(only(OK, *ADMINISTRATOR), only(NOT_TAKEN, *ADMINISTRATOR), kwargs={"pk": "spare"}),
    "give-role": Row(only(WRONG_METHOD, *ADMINISTRATOR), only(NOT_TAKEN, *ADMINISTRATOR), kwargs={"pk": "spare"}),
    "take-role": Row(
        only(WRONG_METHOD, *ADMINISTRATOR), only(CHANGED, *ADMINISTRATOR), kwargs={"pk": "spare", "place_id": 1}
    ),
    "roles": Row(only(OK, *MEMBERS), only(WRONG_METHOD, *MEMBERS)),
    # Of an agency of their own those whom its letters reach.
    "letters": Row(
        only(OK, *MEMBERS),
        only(NOT_THERE, *MEMBERS) | only_these(NOT_TAKEN, Role.HEAD, *REPORTERS),
        data={"agency": "own"},
    ),
    "print-codes": Row(only(WRONG_METHOD, *ADMINISTRATOR), only(MOVED, *ADMINISTRATOR)),
    "import-people": Row(only(OK, *ADMINISTRATOR), only(NOT_TAKEN, *ADMINISTRATOR)),
    "people-template": Row(only(OK, *ADMINISTRATOR), only(WRONG_METHOD, *ADMINISTRATOR)),
    "confirm-people": Row(only(WRONG_METHOD, *ADMINISTRATOR), only(NOT_TAKEN, *ADMINISTRATOR)),
    "code": Row(everyone(OK), everyone(NOT_TAKEN), data={"username": ""}),
    "screens": Row(only(OK, *ADMINISTRATOR), only(NOT_TAKEN, *ADMINISTRATOR), data={"name": ""}),
    "end-screen": Row(only(WRONG_METHOD, *ADMINISTRATOR), only(MOVED, *ADMINISTRATOR), kwargs={"pk": "screen"}),
    "screen": Row(**PAGE),
    "screen-of-key": Row(everyone(NOT_THERE), WRONG, kwargs={"key": "no-such-key"}),
    "tokens": Row(only(OK, *ADMINISTRATOR), only(NOT_TAKEN, *ADMINISTRATOR), data={"name": ""}),
    "revoke-token": Row(only(WRONG_METHOD, *ADMINISTRATOR), only(MOVED, *ADMINISTRATOR), kwargs={"pk": "token"}),
    "set_language": Row(everyone(MOVED), everyone(MOVED), data={"language": "en"}),
    "api-docs": Row(**PAGE),
    "openapi": Row(**PAGE),
    "api-lists": Row(**API),
    "api-list": Row(**API, kwargs={"slug": SLUG}),
    "api-sections": Row(**API),
    "api-items": Row(**API),
    "api-item": Row(**API, kwargs={"pk": "item"}),
    "api-measures": Row(**API),
    "api-measure": Row(**API, kwargs={"pk": "measure"}),
    "api-reports": Row(
        only(OK, *REPORT_READERS, *LIVING_TOKENS),
        only(MADE, *REPORTERS, "write token"),
        kwargs={"pk": "measure"},
        data={"progress": "已完成。"},
    ),
    "api-report-evidence": Row(
        only(OK, *REPORT_READERS, *LIVING_TOKENS),
        only(NOT_TAKEN, *REPORTERS, "write token"),
        kwargs={"pk": "report"},
        multipart=True,
    ),
    "api-evidence": Row(
        only(OK, *REPORT_READERS, *LIVING_TOKENS),
        WRONG,
        kwargs={"pk": "evidence"},
        delete=only(GONE, *REPORTERS, "write token"),
    ),
    "api-all-reports": Row(only(OK, *REPORT_READERS, *LIVING_TOKENS), WRONG),
    "api-report": Row(
        only(OK, *REPORT_READERS, *LIVING_TOKENS),
        WRONG,
        kwargs={"pk": "report"},
        patch=only(CHANGED, *REPORTERS, "write token"),
        delete=only(CHANGED, *REPORTERS, "write token"),
    ),
    "api-report-submit": Row(WRONG, only(CHANGED, *REPORTERS, "write token"), kwargs={"pk": "report"}),
    "api-report-withdraw": Row(
        WRONG, only(CHANGED, *REPORTERS, Role.SUPERVISOR, "write token"), kwargs={"pk": "report"}
    ),
    "api-report-sign": Row(WRONG, only(CHANGED, Role.APPROVER), kwargs={"pk": "report"}),
    "api-report-send-back": Row(
        WRONG, only(CHANGED, Role.APPROVER), kwargs={"pk": "report"}, data={"reason": "请核实。"}
    ),
    # The supervisor of this table belongs to the agency, whose claims others review.
    "api-report-verify": Row(WRONG, only(REFUSED), kwargs={"pk": "report"}),
    "api-report-return": Row(WRONG, only(REFUSED), kwargs={"pk": "report"}, data={"reason": "请补充。"}),
    "api-measure-reopen": Row(
        WRONG, only(CHANGED, Role.SUPERVISOR), kwargs={"pk": "elsewhere"}, data={"reason": "复查。"}
    ),
    "api-measure-adjust-deadline": Row(
        WRONG,
        only(CHANGED, Role.SUPERVISOR),
        kwargs={"pk": "elsewhere"},
        data={"deadline": "2022-12-31", "reference": "深营商〔2022〕1号"},
    ),
    "api-measure-dispose": Row(
        WRONG,
        only(CHANGED, Role.SUPERVISOR),
        kwargs={"pk": "elsewhere"},
        data={"disposition": "suspended", "reason": "政策调整。"},
    ),
    "api-ask-extension": Row(
        WRONG,
        only(MADE, *REPORTERS, "write token"),
        kwargs={"pk": "asked"},
        data={"until": "2023-12-31", "reason": "待上级批复。"},
    ),
    "api-milestones": Row(**API),
    "api-extensions": Row(only(OK, *REPORT_READERS, *LIVING_TOKENS), WRONG),
    "api-extension": Row(only(OK, *REPORT_READERS, *LIVING_TOKENS), WRONG, kwargs={"pk": "extension"}),
    "api-extension-sign": Row(WRONG, only(CHANGED, Role.APPROVER), kwargs={"pk": "extension"}),
    "api-extension-send-back": Row(
        WRONG, only(CHANGED, Role.APPROVER), kwargs={"pk": "extension"}, data={"reason": "不妥。"}
    ),
    "api-extension-withdraw": Row(WRONG, only(CHANGED, *REPORTERS, "write token"), kwargs={"pk": "extension"}),
    "api-extension-grant": Row(WRONG, only(REFUSED), kwargs={"pk": "extension"}),
    "api-extension-refuse": Row(WRONG, only(REFUSED), kwargs={"pk": "extension"}, data={"reason": "不同意。"}),
    "api-acknowledge": Row(WRONG, only(OK, *REPORTERS, "write token"), kwargs={"slug": SLUG}),
    "api-tasks": Row(only(OK, *MEMBERS, *LIVING_TOKENS), WRONG),
    "api-changes": Row(**API),
    "api-agencies": Row(**API),
    "api-agency": Row(**API, kwargs={"pk": "agency"}),
    "api-me": Row(only(OK, *MEMBERS, *LIVING_TOKENS), WRONG),
    "api-stats": Row(**API),
}


def named_addresses(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from named_addresses(pattern.url_patterns)
        else:
            yield pattern.name or str(pattern.pattern)


def names_that_take_forms() -> set[str]:
    """The addresses, those of the API apart, to which somebody may post."""
    names = {name for name in named_addresses(get_resolver().url_patterns) if not name.startswith("api-")}
    return {name for name in names if WRONG_METHOD not in TABLE[name].post.values()}


def test_the_table_holds_every_address_once() -> None:
    names = list(named_addresses(get_resolver().url_patterns))
    assert len(names) == len(set(names))
    assert set(names) == set(TABLE)


@pytest.fixture
def objects(led: Measure, transport: Agency) -> dict[str, int | str]:
    """What the addresses of the table point to."""
    now = timezone.now()
    delivery = Delivery.objects.create(
        agency=transport, on=dt.date(2022, 6, 15), message_id="<one@test>", next_try_at=now, created_at=now
    )
    job = import_of_the_second_edition()
    evidence = evidence_of_a_report(led, transport)
    claimed = Measure.objects.printed_for([transport.pk], "lead").exclude(pk=led.pk).order_by("row")[0]
    told = Notice.objects.create(kind=Notice.Kind.CHASED, agency=transport, measure=led, on=ON, created_at=now)
    token, _secret = Token.issue(agency_id=transport.pk, name="旧系统", read_only=True, days=1, by_id=None)
    screen = Screen.objects.create(agency=transport, name="三楼大厅", networks="10.20.3.15", digest="0" * 64)
    return {
        "made": made_for_a_visitor().token,
        "measure": led.pk,
        "agency": transport.pk,
        "group": Agency.objects.get(name="各区政府").pk,
        "edition": led.edition_id,
        "own": transport.pk,
        "matter": Matter.objects.create(
            measure=led, agency=transport, report=evidence.report, text="接口未开放", raised_on=delivery.on
        ).pk,
        "milestone": Milestone.objects.create(
            measure=led, agency=transport, title="形成征求意见稿", due_on=ON, planned_on=ON
        ).pk,
        "order": order_to(transport).pk,
        "bulletin": sent_bulletin(led.reform_list, transport).pk,
        "letterhead": letterhead().pk,
        "elsewhere-agency": Agency.objects.get(name="市市场监管局").pk,
        "item": Item.objects.filter(measures=led).get().pk,
        "delivery": delivery.pk,
        "clock_stop": ClockStop.objects.create(kind="back", host="one", before=now, expected=now, after=now).pk,
        "notice": told.pk,
        "robot": robot_of(transport).pk,
        "view": view_shared_in(transport).pk,
        "watch": Watching.objects.create(user=User.objects.create_user("watcher"), measure=led, told_to=0).pk,
        "feed": PersonalFeed.objects.create(
            user=User.objects.create_user("subscriber"), name="第五类", query="section=5", digest="0" * 64, made_at=now
        ).pk,
        "import": job.pk,
        "taking-back": looked_at().pk,
        "spare": User.objects.create_user("spare").pk,
        "token": token.pk,
        "screen": screen.pk,
        "report": evidence.report_id,
        "extension": extension_on(led, transport).pk,
        "asked": next(pk for pk in claimed_by(transport) if pk != led.pk),
        "elsewhere": Measure.objects.exclude(duties__agency=transport).order_by("row")[0].pk,
        "evidence": evidence.pk,
        "claim": claim_on(claimed, transport).pk,
    }


def evidence_of_a_report(measure: Measure, agency: Agency) -> Evidence:
    who = Principal(label="林填报", roles=frozenset({(Role.REPORTER, agency.pk)}))
    report = submit_report(measure.pk, agency.pk, ReportContent(progress="已印发方案。"), who=who, on=ON)
    return add_evidence(report.pk, upload("批复.pdf", PDF), who=who, on=ON)[0]


def view_shared_in(agency: Agency) -> SavedView:
    owner = User.objects.create_user("keeper")
    Membership.objects.create(user=owner, agency=agency, role=Role.VIEWER)
    return SavedView.objects.create(user=owner, name="逾期", query="light=overdue", shared_with="agency", agency=agency)


def robot_of(agency: Agency) -> ChatRobot:
    """One that nothing is said to: no robot is spoken to on the machine itself."""
    address = "https://127.0.0.1/robot/send?access_token=1"
    return ChatRobot.objects.create(agency=agency, product="dingtalk", name="工作群", address=address)


def order_to(agency: Agency) -> SupervisionOrder:
    """One that was issued."""
    return SupervisionOrder.objects.create(
        agency=agency,
        state="issued",
        subject="督办",
        content="请办理。",
        drafted_on=ON,
        drafted_by="何督办",
        number="督〔2022〕1号",
        signed_by="王秘书长",
        issued_on=ON,
        reply_by=ON + dt.timedelta(days=7),
    )


OFFICE = Principal(label="何督办", roles=frozenset({(Role.SUPERVISOR, 0)}))


def letterhead() -> Letterhead:
    """One that was just uploaded."""
    file = BytesIO()
    document = Document()
    document.add_paragraph("【正文】")
    document.save(file)
    return add_letterhead("bulletin", file.getvalue(), "红头.docx", who=OFFICE, on=ON)


def sent_bulletin(reform_list: ReformList, agency: Agency) -> Bulletin:
    office: Any = {"who": OFFICE, "on": ON}
    drafted = draft_bulletin(reform_list, ON, **office)
    sent = submit_bulletin(drafted.pk, seen=None, **office)
    issue_bulletin(sent.pk, number="", signed_by="王秘书长", issued_on=ON, seen=None, **office)
    return send_bulletin(sent.pk, [agency.pk], seen=None, **office)


def claim_on(measure: Measure, agency: Agency) -> ProgressReport:
    """One that waits for the office; an agency of one's own is reviewed by others."""
    return ProgressReport.objects.create(
        measure=measure,
        duty=Duty.objects.get(measure=measure, agency=agency),
        agency=agency,
        state="under_review",
        is_claim=True,
        progress="已完成。",
        on=ON,
        claimed_on=ON,
        recorded_at=timezone.now(),
        author="林填报",
    )


def claimed_by(agency: Agency) -> list[int]:
    """The measures with a deadline ahead that this agency claims."""
    led = Measure.objects.printed_for([agency.pk], "lead").filter(deadline__gte=ON).order_by("row")
    return [measure.pk for measure in led if agency.pk in claimants_of(measure)]


def extension_on(measure: Measure, agency: Agency) -> Extension:
    who = Principal(label="林填报", roles=frozenset({(Role.REPORTER, agency.pk)}))
    return ask_extension(
        measure.pk, agency.pk, ExtensionTerms(until=dt.date(2022, 9, 30), reason="待批复。"), who=who, on=ON
    )


def import_of_the_second_edition() -> ImportJob:
    """One that waits for an administrator."""
    job = start(Upload(name="第二版.txt", data=TextEdition.real().without("200").content), Principal(label="张管理"))
    assert run(job.pk)
    return job


def looked_at() -> EditionJob:
    """What taking the only edition back would change, as far as that may be done."""
    looking = look_later(ListEdition.objects.get(), EditionJob.Kind.UNDO)
    assert run_edition_job(looking.pk)
    return looking


def made_for_a_visitor() -> Export:
    query = QueryDict("section=1")
    export = order("measures", Order(query=query, who=NOBODY, on=ON))
    make(export.pk)
    return export


def cookie_of(user: User) -> str:
    client = Client()
    client.force_login(user, backend="agencies.people.sign_in.PasswordBackend")
    return client.cookies["sessionid"].value


def user_called(name: str, agency: Agency) -> User:
    """A person of the leading agency with the role of that name, or with none."""
    user = User.objects.create_user(f"matrix.{name}")
    if name in Role.values:
        Membership.objects.create(user=user, agency=agency, role=name)
    return user


def secret_of(name: str, agency: Agency) -> str:
    token, secret = Token.issue(agency_id=agency.pk, name=name, read_only=name == "read token", days=1, by_id=None)
    if name == "expired token":
        token.expires_at = timezone.now() - dt.timedelta(seconds=1)
    if name == "revoked token":
        token.revoked_at = timezone.now()
    token.save()
    return secret


@functools.cache
def documented() -> dict[tuple[str, str], frozenset[str]]:
    """The API's own document: by name of the address and method, the status codes that it foresees."""
    return {
        (resolve(re.sub(r"{\w+}", "1", path)).url_name, method): frozenset(operation["responses"])
        for path, operations in document()["paths"].items()
        for method, operation in operations.items()
    }


def test_the_document_of_the_api_holds_the_operations_of_the_table() -> None:
    rows = {name: TABLE[name] for name in API_NAMES}
    taken = {
        (name, method) for name, row in rows.items() for method, outcome in row.methods.items() if outcome != WRONG
    }
    assert set(documented()) == taken


def outcome_of(response: Any) -> str:
    if response.status_code == 302:
        return SIGN_IN if response["Location"].startswith(reverse("sign-in")) else MOVED
    return OUTCOMES.get(response.status_code, str(response.status_code))


def outcomes(client_options: dict[str, Any], names: list[str], objects: dict[str, int]) -> dict[tuple[str, str], str]:
    """What becomes of GET and POST to each named address; whatever a request writes is undone."""
    found = {}
    for name in names:
        row = TABLE[name]
        address = reverse(name, kwargs={key: objects.get(value, value) for key, value in row.kwargs.items()})
        in_json = name.startswith("api-") and name != "api-docs" and not row.multipart
        kind = {"content_type": "application/json"} if in_json else {}
        sent = {key: objects.get(value, value) if isinstance(value, str) else value for key, value in row.data.items()}
        for method in row.methods:
            # Whoever may decide names a version that is none, and is told so.
            told = {**client_options.get("headers", {}), **({} if method == "get" else {"If-Match": NO_VERSION})}
            client = Client(headers=told, raise_request_exception=False)
            if "cookie" in client_options:
                client.cookies["sessionid"] = client_options["cookie"]
            with transaction.atomic():
                told = {} if method == "get" else sent
                response = getattr(client, method)(address, told, **({} if method == "get" else kind))
                found[name, method] = outcome_of(response)
                foreseen = documented().get((name, method))
                if foreseen is not None and str(response.status_code) not in foreseen:
                    found[name, method] += f" ({response.status_code}, not documented)"
                transaction.set_rollback(True)
    return found


def expected(who: str, names: list[str]) -> dict[tuple[str, str], str]:
    rows = {name: TABLE[name] for name in names}
    return {(name, method): outcome[who] for name, row in rows.items() for method, outcome in row.methods.items()}


@pytest.mark.parametrize("who", shared_out([*VISITORS, *PEOPLE], days=3))
def test_every_address_answers_everyone_as_the_table_says(who: str, objects: dict[str, int], transport: Agency) -> None:
    options: dict[str, Any] = {}
    if who == "disabled":
        user = user_called(Role.REPORTER, transport)
        options = {"cookie": cookie_of(user)}
        User.objects.filter(pk=user.pk).update(is_active=False)
    elif who != "anonymous":
        options = {"cookie": cookie_of(user_called(who, transport))}
    assert outcomes(options, list(TABLE), objects) == expected(who, list(TABLE))


API_NAMES = [name for name in TABLE if name.startswith("api-") and name != "api-docs"]


@pytest.mark.parametrize("who", LIVING_TOKENS)
def test_every_address_of_the_api_answers_a_token_as_the_table_says(
    who: str, objects: dict[str, int], transport: Agency
) -> None:
    options = {"headers": {"Authorization": f"Bearer {secret_of(who, transport)}"}}
    assert outcomes(options, API_NAMES, objects) == expected(who, API_NAMES)


@pytest.mark.parametrize("who", DEAD_TOKENS)
def test_no_address_of_the_api_answers_a_dead_token(who: str, objects: dict[str, int], transport: Agency) -> None:
    options = {"headers": {"Authorization": f"Bearer {secret_of(who, transport)}"}}
    found = outcomes(options, API_NAMES, objects)
    assert set(found.values()) == {SIGN_IN}


def test_a_token_opens_no_page(client: Client, transport: Agency) -> None:
    headers = {"Authorization": f"Bearer {secret_of('write token', transport)}"}
    assert outcome_of(client.get(reverse("desk"), headers=headers)) == SIGN_IN


def forgotten(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open to all")


@access(Verb.READ)
def remembered(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open to all")


# A throw-away set of addresses for the tests below: one view names its verb and one does not.
urlpatterns = [
    path("forgotten/", forgotten),
    path("remembered/", remembered),
    path("", access(Verb.READ)(lambda request: HttpResponse()), name="overview"),
]


@pytest.mark.urls("tests.test_access_matrix")
def test_a_view_that_names_no_verb_is_shut_even_to_administrators(
    settings: Any, objects: dict[str, int], transport: Agency
) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = cookie_of(user_called(Role.ADMINISTRATOR, transport))
    assert client.get("/remembered/").content == b"open to all"
    assert b"open to all" not in client.get("/forgotten/").content
    assert client.get("/forgotten/").status_code >= 400
