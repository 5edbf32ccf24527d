"""What programs of strangers ask every site for: what they may read, and its picture."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from agencies.access import Verb, access

# Endless combinations of filters, files made on demand, and what is only for those who sign in.
NOT_FOR_ROBOTS = (
    "/measures/?",
    "/measures/export/",
    "/files/",
    "/feeds/",
    "/subscribe/",
    "/api/v1/",
    "/sign-in/",
    "/desk/",
    "/*?on=",
    "/*&on=",
)


@access(Verb.READ)
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """robots.txt: lists, measures and agencies may be found."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS)]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@access(Verb.READ)
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For browsers that ask for it without having read a page."""
    return HttpResponseRedirect(static("icon-32.png"))
