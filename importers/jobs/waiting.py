"""Imports that wait for a person, for the desk of administrators."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from importers.models import ImportJob
from reforms.desk.administrator import Chore


def imports_waiting() -> Iterator[Chore]:
    """Those that were read and not confirmed."""
    state = ImportJob.State.READY
    count = ImportJob.objects.filter(state=state).count()
    yield Chore(
        code="imports",
        title=_("待确认的导入"),
        count=count,
        unit=pgettext("imports", "件"),
        said=_("文件已读取，尚未写入。请核对后确认，或取消。"),
        address=f"{reverse('imports')}?state={state.value}",
    )
