"""Settings, addresses, the queue and what starts the portal."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
