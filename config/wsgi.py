"""The portal as a WSGI application."""

import os
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.template.loader import get_template
from django.urls import get_resolver

from config.start import in_one_sentence


def load_pages() -> None:
    """Import all views and read all templates. A server that loads the portal before it makes its processes does so
    once for all of them; else the first visitor of each process would wait for it, three quarters of a second."""
    _patterns = get_resolver().url_patterns
    folder = Path(settings.BASE_DIR) / "templates"
    for file in folder.rglob("*.html"):
        get_template(str(file.relative_to(folder)))


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
with in_one_sentence():
    application = get_wsgi_application()
    load_pages()
