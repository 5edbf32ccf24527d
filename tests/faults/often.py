"""Run as a program: Celery's own command line on the portal, with a scheduler that hints twice a second and at nothing
but letters.

python -m tests.faults.often beat --schedule FILE
"""

import sys

from config.celery import app


def main() -> None:
    app.conf.beat_schedule = {"send-reminders": {"task": "reforms.tasks.send_reminders", "schedule": 0.5}}
    app.conf.beat_max_loop_interval = 0.5
    app.start(sys.argv[1:])


if __name__ == "__main__":
    main()
