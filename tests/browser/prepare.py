"""Run as a program: makes the demonstration as `make run` does, and prints the addresses the tests go to, in JSON."""

import json
import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse


def prepare() -> dict[str, str]:
    from agencies.models import Agency
    from config.serve import collect_static
    from reforms.models import Delivery, Measure, Status

    call_command("migrate", verbosity=0, stdout=sys.stderr)
    collect_static(Path(settings.STATIC_ROOT))
    call_command("first_start", stdout=sys.stderr)
    call_command("send_reminders", stdout=sys.stderr)
    unclear = second_edition().replace("2023年3月底", "力争年内见效", 1).replace("\t市商务局\n", "\t市低空经济局\n", 1)
    transport = Agency.objects.get(name="市交通运输局")
    reported = Measure.objects.filter(duties__agency=transport, status=Status.IN_PROGRESS).order_by("row")
    return {
        "agency": transport.get_absolute_url(),
        "group": Agency.objects.get(name="各区政府").get_absolute_url(),
        "delivery": reverse("delivery", args=[Delivery.objects.order_by("pk")[0].pk]),
        "review": imported("第二版.txt", unclear.encode()),
        "refused": imported("坏.docx", b"PK\3\4 broken"),
        "measure": reported[0].get_absolute_url(),
        "another_measure": reported[1].get_absolute_url(),
        "suspended": suspended().get_absolute_url(),
        "matter": reverse("matter", args=[matter_on(reported[2].pk, transport.pk)]),
    }


def matter_on(measure_id: int, agency_id: int) -> int:
    """The id of a matter that the reporter of the agency raises."""
    from reforms.life.reporting import Said, submit_report
    from reforms.models import Matter

    said = Said(progress="正在联调。", problems="数据接口尚待上级部门开放。")
    submit_report(measure_id, agency_id, said, who=signed_in("jtj.reporter"), on=settings.PORTAL_TODAY)
    return Matter.objects.get(measure=measure_id, agency=agency_id).pk


def signed_in(username: str) -> Any:
    from agencies.models import User
    from agencies.principal import Principal

    return Principal.of_user(User.objects.get(username=username))


def suspended() -> Any:
    """A measure that the office has suspended; its reason is told."""
    from reforms.life.steering import dispose
    from reforms.models import Disposition, Measure

    measure = Measure.objects.counted().filter(status="in_progress").order_by("-row")[0]
    who, on = signed_in("supervisor"), settings.PORTAL_TODAY
    return dispose(measure.pk, Disposition.SUSPENDED, reason="等待上级方案。", seen=None, who=who, on=on)


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
