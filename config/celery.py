"""The queue. Messages are only hints: every job is a row that the next beat picks up again."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("reform-tracker")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["agencies", "reforms", "importers"])
# A message expires before the next one is sent: a worker that was away does the work once.
app.conf.beat_schedule = {
    # At night, Asia/Shanghai: the whole log is read.
    "export-log-head": {
        "task": "agencies.tasks.export_log_head",
        "schedule": crontab(hour=2, minute=30),
        "options": {"expires": 3600},
    },
    "forget-old-tries": {
        "task": "agencies.tasks.forget_old_tries",
        "schedule": crontab(minute=10),
        "options": {"expires": 3600},
    },
    "run-exports": {"task": "reforms.tasks.run_exports", "schedule": 30.0, "options": {"expires": 25}},
    "run-imports": {"task": "importers.tasks.run_imports", "schedule": 30.0, "options": {"expires": 25}},
    "send-reminders": {"task": "reforms.tasks.send_reminders", "schedule": 60.0, "options": {"expires": 55}},
}
