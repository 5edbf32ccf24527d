"""A session lasts SESSION_COOKIE_AGE from the last request, not from signing in: nobody is shut out while they work."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

MOVED_ON = "moved_on"
EVERY = 10 * 60  # seconds; so that not every page writes the session


class LivingSessionMiddleware:
    """Moves the end of a signed-in person's session on, at most every EVERY seconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        now = int(time.time())
        if request.user.is_authenticated and now - request.session.get(MOVED_ON, 0) >= EVERY:
            request.session[MOVED_ON] = now
        return self.get_response(request)
