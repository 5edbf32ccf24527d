"""What every decision on a claim or a request asks first: what is decided on still waits, and a reason is written."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from reforms.lib.versions import check_version
from reforms.models import Extension, ProgressReport


def check_waits(thing: ProgressReport | Extension, state: str, seen: int | None) -> None:
    """Raises Stale where it moved on since it was seen, ValidationError where it is not in the state that is left."""
    check_version(thing, seen)
    if thing.state != state:
        said = {"state": thing.get_state_display()}
        raise ValidationError(_("该申请现为“%(state)s”，不能再这样处理。") % said, code="not_waiting")


def required_reason(reason: str) -> str:
    """The reason as it is kept; raises ValidationError where none is given."""
    if not reason.strip():
        raise ValidationError({"reason": ValidationError(_("请写明理由，对方会看到。"), code="required")})
    return reason.strip()
