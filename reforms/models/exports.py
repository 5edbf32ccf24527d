"""Files that take longer than a request may: ordered, made by the worker, fetched by whoever ordered them."""

import datetime as dt
import secrets
from functools import partial

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies.lib.jobs.leased import Leased, LeasedQuerySet

KEPT = dt.timedelta(hours=24)


class ExportQuerySet(LeasedQuerySet["Export"]):
    """Orders, and which of them somebody has to work on."""

    def claimable(self) -> "ExportQuerySet":
        """Those with work to do that nobody is doing."""
        return self.free().filter(state=Export.State.WAITING)

    def expired(self) -> "ExportQuerySet":
        """Those that are kept no longer; by the clock of the database."""
        return self.filter(created_at__lt=Now() - KEPT)


class Export(Leased):
    """One file to be made: what of (`kind`, one of reforms.exports.makers.MAKERS), and which of it (`query`, as in the
    address of the page), as its owner may see it on the business date `on`.

    Without `user` somebody ordered it who was not signed in. Whoever has the `token` then knows where it lies.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("生成中")
        READY = "ready", _("已生成")
        FAILED = "failed", _("未能生成")

    token = models.CharField(max_length=43, unique=True, default=partial(secrets.token_urlsafe, 32))
    kind = models.CharField(max_length=20)
    query = models.TextField(blank=True)
    language = models.CharField(max_length=10)
    on = models.DateField(_("业务日期"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.WAITING)
    file = models.FileField(_("文件"), max_length=200, blank=True)
    file_name = models.CharField(_("文件名"), max_length=255, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(_("提交时间"), db_index=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    def get_absolute_url(self) -> str:
        return reverse("made-file", args=[self.token])

    @property
    def expires_at(self) -> dt.datetime:
        """Until when it can be fetched."""
        return self.created_at + KEPT
