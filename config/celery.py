"""The queue. Messages are only hints: every job is a row that the next beat picks up again."""

import os
import sys
from pathlib import Path

from celery import Celery
from celery.schedules import crontab
from django.conf import settings

from config.start import in_one_sentence

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# celery's own program would tell of a wrong setting in a traceback; others read the settings when they need them.
if "celery" in Path(sys.argv[0]).parts[-2:]:  # …/bin/celery, or …/celery/__main__.py
    with in_one_sentence():
        bool(settings.DEBUG)

app = Celery("reform-tracker")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["agencies", "reforms", "importers"])
# No message expires: the scheduler would write the moment by its own clock, and a worker whose clock differs by minutes
# would throw every one away. What has piled up while a worker was away finds nothing left to do.
app.conf.beat_schedule = {
    # At night, Asia/Shanghai: the whole log is read.
    "export-log-head": {"task": "agencies.tasks.export_log_head", "schedule": crontab(hour=2, minute=30)},
    "forget-ended-sessions": {"task": "agencies.tasks.forget_ended_sessions", "schedule": crontab(hour=3, minute=20)},
    "forget-old-tries": {"task": "agencies.tasks.forget_old_tries", "schedule": crontab(minute=10)},
    "keep-columns-ready": {"task": "reforms.tasks.keep_columns_ready", "schedule": 60.0},
    "run-exports": {"task": "reforms.tasks.run_exports", "schedule": 30.0},
    "run-imports": {"task": "importers.tasks.run_imports", "schedule": 30.0},
    "read-bounces": {"task": "reforms.tasks.read_bounces", "schedule": 300.0},
    "send-reminders": {"task": "reforms.tasks.send_reminders", "schedule": 60.0},
}
