"""Every address of the portal. Pages name their verb with @access; a page that names none is shut."""

from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language

from agencies.access import Verb, access
from reforms import errors

urlpatterns = [
    path("", include("reforms.urls")),
    path("", include("agencies.urls")),
    path("", include("importers.urls")),
    path("api/", include("reforms.api.urls")),
    # Without a token, so that a visitor's pages need no cookie and can be kept by whoever stands between: another site
    # could make somebody read in another language, and no more.
    path("language/", csrf_exempt(access(Verb.READ)(set_language)), name="set_language"),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
