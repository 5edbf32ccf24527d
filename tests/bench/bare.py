"""Addresses for measuring: those of the portal, and one that hands out given bytes through the same middleware."""

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.urls import path

from agencies.access import Verb, access
from config import urls

KEPT: dict[str, tuple[str, bytes]] = {}


def keep(address: str, content_type: str, content: bytes) -> str:
    """Keep what an address answered, its query included; the address that hands it out."""
    KEPT[address] = (content_type, content)
    return f"/bare/{quote(address, safe='')}"


@access(Verb.READ)
def bare(request: HttpRequest, key: str) -> HttpResponse:
    """What was kept under that key: its type and its bytes."""
    content_type, content = KEPT[key]
    return HttpResponse(content, content_type=content_type)


urlpatterns = [*urls.urlpatterns, path("bare/<path:key>", bare, name="bare")]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500
