"""The portal's own settings for the tests in a browser; only what would make them slow or meet others is changed."""

import os

from config.settings import *  # noqa: F403
from config.settings import DATA_DIR

# `make run` may be serving the usual folder at this moment.
STATIC_ROOT = DATA_DIR / "static"
# So that the log of the demonstration is a long one.
ROWS_EXPORTED_AT_ONCE = 300
# And its editions too, unless a test wants them short.
MEASURES_OF_AN_EDITION_AT_ONCE = int(os.environ.get("LONG_EDITION", "200"))
# Signing in is not what is tested, and one hash of the real kind takes half a second.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
