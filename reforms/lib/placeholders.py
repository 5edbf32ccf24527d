"""Texts of the office in which {单位} and the like stand for what the portal knows."""

import re
from collections.abc import Collection, Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_PLACEHOLDER = re.compile(r"[{｛]([^{}｛｝]*)[}｝]")
_BRACE = re.compile(r"[{｛}｝]")


def check_placeholders(text: str, known: Collection[str]) -> None:
    """Raises ValidationError naming the first that is none of those known, or a brace that is alone."""
    unknown = [name for name in _PLACEHOLDER.findall(text) if name not in known]
    named = _("、").join(f"{{{name}}}" for name in known)
    if unknown:
        said = _("没有“{%(name)s}”这个占位符，可用的有：%(named)s。") % {"name": unknown[0], "named": named}
        raise ValidationError(said, code="unknown_placeholder")
    if _BRACE.search(_PLACEHOLDER.sub("", text)):
        raise ValidationError(_("花括号没有成对。可用的占位符：%(named)s。") % {"named": named}, code="brace")


def fill(text: str, facts: Mapping[str, object]) -> str:
    """The text with what stands for the placeholders; one that is unknown stays as it is."""
    return _PLACEHOLDER.sub(lambda found: str(facts.get(found[1], found[0])), text)
