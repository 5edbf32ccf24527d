"""Every address of the portal. Pages name their verb with @access; a page that names none is shut."""

from django.urls import include, path
from django.views.i18n import set_language

from agencies.access import Verb, access
from reforms import errors

urlpatterns = [
    path("", include("reforms.urls")),
    path("", include("agencies.urls")),
    path("", include("importers.urls")),
    path("api/", include("reforms.api.urls")),
    path("language/", access(Verb.READ)(set_language), name="set_language"),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
