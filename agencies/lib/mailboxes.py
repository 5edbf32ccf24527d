"""What can be the address of a mailbox."""

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

LONGEST = 254  # what the columns of addresses hold


def wrong_address(text: str) -> str:
    """Why `text` is no e-mail address; empty when it is one."""
    try:
        validate_email(text)
    except ValidationError:
        pass
    else:
        # A full-width letter in the name of a host looks like another address than the one it is sent to.
        if len(text) <= LONGEST and unicodedata.normalize("NFKC", text) == text:
            return ""
    return _("“%(email)s”不是邮箱地址。") % {"email": text[:60]}
