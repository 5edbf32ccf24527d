"""One-time links: each ends when it is used, after PASSWORD_RESET_TIMEOUT, or when a newer one is made."""

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db.models import F
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from agencies.models import User


class NewestLinkOnly(PasswordResetTokenGenerator):
    """What a link holds changes with the number of links made for its person."""

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.links_made}"


link_tokens = NewestLinkOnly()


def one_time_link(user: User) -> str:
    """The address at which this person chooses a password, once; links made for them before are dead."""
    User.objects.filter(pk=user.pk).update(links_made=F("links_made") + 1)
    user.refresh_from_db(fields=["links_made"])
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("welcome", args=[uid, link_tokens.make_token(user)])
    return f"{settings.SITE_URL}{path}"
