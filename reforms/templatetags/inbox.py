"""What a page shows of the reader's own."""

from typing import Any

from django import template
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString

from agencies.access import principal_of
from reforms.desk.feeds import feeds_of
from reforms.desk.watching import watches_of
from reforms.models import PersonalFeed, Watching
from reforms.notices import inbox
from reforms.notices.wording import Sentence
from reforms.templatetags.portal import mark_chinese

register = template.Library()


@register.simple_tag(takes_context=True)
def latest_notices(context: dict[str, Any]) -> list[inbox.Told]:
    """The latest notices of the reader, unseen first."""
    return inbox.latest_notices(principal_of(context["request"]))


@register.filter
def with_links(sentence: Sentence) -> SafeString:
    """What happened: its numbers lead to their rows, and what it quotes in Chinese is marked as that."""
    if not sentence.pieces:
        return mark_chinese(sentence.what)
    pieces = (
        format_html('<a href="{}">{}</a>', piece.address, piece.text) if piece.address else mark_chinese(piece.text)
        for piece in sentence.pieces
    )
    return SafeString("".join(pieces))


@register.simple_tag(takes_context=True)
def own_feeds(context: dict[str, Any]) -> QuerySet[PersonalFeed]:
    """The reader's personal addresses."""
    return feeds_of(principal_of(context["request"]))


@register.simple_tag(takes_context=True)
def own_watches(context: dict[str, Any]) -> QuerySet[Watching]:
    """What the reader wants to be told of."""
    return watches_of(principal_of(context["request"]))
