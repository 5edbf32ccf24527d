"""What is sent to the API: bodies of requests. Each refuses fields that it does not know."""

from typing import Any

from rest_framework import serializers as s

from reforms.api.shapes.lists import refuse_unknown
from reforms.models import LONGEST_RESULT, Disposition, ProgressReport

LONG, SHORT = 5000, 2000


class Body(s.Serializer[Any]):
    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return refuse_unknown(self, attrs)


def _text(longest: int, text: str = "", **more: Any) -> s.CharField:
    return s.CharField(max_length=longest, required=False, allow_blank=True, help_text=text or None, **more)


def _agency() -> s.CharField:
    text = "Id or name; needed only when you act for several agencies of the measure."
    return s.CharField(required=False, help_text=text)


class SignedBody(Body):
    """An approval given in the agency's own office system."""

    signed_by = _text(120, "Who approved it inside the agency, where that was done elsewhere.")
    signed_on = s.DateField(required=False, allow_null=True, help_text="When; needed with signed_by.")


class Written(Body):
    """What a draft says; fields that are left out stay as they are."""

    progress = _text(LONG)
    next_step = _text(LONG)
    problems = _text(LONG)
    outlook = s.ChoiceField(choices=ProgressReport.Outlook.choices, required=False)
    claim = s.BooleanField(required=False, help_text="It claims that the agency's part is done (申请销号).")
    result = _text(LONGEST_RESULT, "With a claim: what the public may be told of it, once the office releases it.")


class Sent(SignedBody):
    """What goes with a draft when it is submitted."""

    division = _text(80, "Replaces the division named for the duty.")
    officer = _text(80, "Replaces the officer named for the duty.")
    external_ref = _text(80, "Your own number; sent again it makes no second report.")


class NewReport(Written, Sent):
    """A progress report, a claim, or a draft to be made."""

    agency = _agency()
    progress = s.CharField(max_length=LONG)
    draft = s.BooleanField(required=False, help_text="Keep it as the agency's draft instead of sending it.")
    source = _text(200, "The office on an agency's behalf: how it came to know it.")  # type: ignore[assignment]  # a Field has an attribute of this name
    replaces = s.IntegerField(required=False, allow_null=True, help_text="Id of your own report that it corrects.")


class NewEvidence(Body):
    """A file to be handed in."""

    file = s.FileField(max_length=255, allow_empty_file=True, help_text="One file, under its own name.")


class Nothing(Body):
    """An empty object, or no body at all."""


class Reason(Body):
    reason = s.CharField(max_length=SHORT, help_text="The other side reads it.")


class Remark(Body):
    remark = _text(SHORT, "The other side reads it.")


class Verified(Remark):
    result = _text(LONGEST_RESULT, "What the public is told of the result: left out, nothing new; empty, nothing.")


class NewExtension(SignedBody):
    agency = _agency()
    until = s.DateField(help_text="The last day on time that is asked for.")
    reason = s.CharField(max_length=SHORT)


class Grant(Remark):
    until = s.DateField(required=False, help_text="What is given; what was asked for when left out.")


class Adjustment(Body):
    deadline = s.DateField()
    reference = s.CharField(max_length=120, help_text="批准文号: the document on which it rests.")
    reason = _text(SHORT)
    again = s.BooleanField(
        default=False, help_text="Within 24 hours of your own adjustment: another one, and no correction of it."
    )


class NewDisposition(Reason):
    disposition = s.ChoiceField(
        choices=[(one.value, one.label) for one in Disposition if one != Disposition.WITHDRAWN],
        help_text="suspended, cancelled, or active again.",
    )


class ForAgency(Body):
    agency = _agency()
