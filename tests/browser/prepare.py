"""Run as a program: makes the demonstration as `make run` does, and prints the addresses the tests go to, in JSON."""

import json
import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse

from tests.browser.pages import REPORTER


def prepare() -> dict[str, str]:
    from agencies.models import Agency, User
    from config.serve import collect_static
    from reforms.models import Delivery, Measure, Status

    call_command("migrate", verbosity=0, stdout=sys.stderr)
    collect_static(Path(settings.STATIC_ROOT))
    call_command("first_start", stdout=sys.stderr)
    call_command("send_reminders", stdout=sys.stderr)
    unclear = second_edition().replace("2023年3月底", "力争年内见效", 1).replace("\t市商务局\n", "\t市低空经济局\n", 1)
    transport = Agency.objects.get(name="市交通运输局")
    reported = Measure.objects.filter(duties__agency=transport, status=Status.IN_PROGRESS).order_by("row")
    with_evidence(reported[0])
    chased(reported[0])
    return {
        "agency": transport.get_absolute_url(),
        "group": Agency.objects.get(name="各区政府").get_absolute_url(),
        "delivery": reverse("delivery", args=[Delivery.objects.order_by("pk")[0].pk]),
        "review": imported("第二版.txt", unclear.encode()),
        "refused": imported("坏.docx", b"PK\3\4 broken"),
        "measure": reported[0].get_absolute_url(),
        "another_measure": reported[1].get_absolute_url(),
        "person": reverse("person", args=[User.objects.get(username="jtj.reporter").pk]),
    }


def with_evidence(measure: Any) -> None:
    """A file with the reporter's last report on a measure."""
    from agencies.clock import today
    from agencies.models import User
    from agencies.principal import Principal
    from reforms.evidence import add_evidence
    from tests.reforms.documents import PDF, upload

    who = Principal.of_user(User.objects.get(username=REPORTER))
    report = measure.reports.filter(agency__in=who.agencies())[0]
    add_evidence(report.pk, upload("关于联调测试的说明.pdf", PDF), who=who, on=today())


def chased(measure: Any) -> None:
    """The office has chased a measure: its agencies have a notice."""
    from agencies.clock import today
    from agencies.models import User
    from agencies.principal import Principal
    from reforms.life.steering import chase

    who = Principal.of_user(User.objects.get(username="supervisor"))
    chase([measure.pk], words="请于本周五前报送进展。", who=who, on=today())


def second_edition() -> str:
    fixtures = Path(settings.BASE_DIR) / "fixtures"
    return (fixtures / "shenzhen-2022-second-edition.txt").read_text(encoding="utf-8")


def imported(name: str, data: bytes) -> str:
    """An import that was read; its address."""
    from agencies.principal import PORTAL
    from importers.jobs import Upload, run, start

    job = start(Upload(name=name, data=data), PORTAL)
    run(job.pk)
    return job.get_absolute_url()


if __name__ == "__main__":
    django.setup()
    print(json.dumps(prepare()))
