"""The portal without what holds guessing back, for the negative controls. gunicorn calls these for its application."""

import contextlib
from typing import Any

from config.wsgi import application

NO_LIMIT = 10_000


def without_limits() -> Any:
    """Every try is counted, none is refused."""
    from agencies.people import attempts

    attempts.TRIES = attempts.ADDRESS_TRIES = attempts.ADDRESS_FREE = NO_LIMIT
    return application


def counted_after() -> Any:
    """A look at the count, the password, and then one more to the count when it was wrong."""
    from django.utils import timezone

    from agencies.pages import forms
    from agencies.pages.account import SignIn
    from agencies.people import attempts

    attempts.ADDRESS_TRIES = attempts.ADDRESS_FREE = NO_LIMIT
    begin, refused = attempts.begin, SignIn.form_invalid

    def look(request: Any, username: str) -> None:
        attempts._refuse(attempts._limits(request, username), timezone.now())

    def count(view: Any, form: Any) -> Any:
        with contextlib.suppress(attempts.TooManyTries):
            begin(view.request, form.data["username"])
        return refused(view, form)

    forms.begin = look
    SignIn.form_invalid = count
    return application
