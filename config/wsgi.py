"""The portal as a WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

from config.start import in_one_sentence

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
with in_one_sentence():
    application = get_wsgi_application()
