"""Imports on their way: the job, what its plan says of every row, and what was understood of each edition."""

import datetime as dt
import gzip
import json
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.lib.jobs.leased import Leased, LeasedQuerySet
from importers.documents.sandbox import wire
from importers.documents.values import ParsedList
from reforms.models import ListEdition, Measure, ReformList


def packed(parsed: ParsedList) -> bytes:
    """A parsed list as it is stored."""
    # Without a time in it, the same list is stored as the same bytes.
    return gzip.compress(wire.dumps(parsed), compresslevel=1, mtime=0)


def unpacked(content: bytes | memoryview) -> ParsedList:
    """A parsed list as it was stored."""
    return wire.loads(gzip.decompress(content))


class EditionReading(models.Model):
    """What was understood of an edition's document, whole: for comparing, writing it out again and going back."""

    edition = models.OneToOneField(ListEdition, models.CASCADE, related_name="reading", primary_key=True)
    content = models.BinaryField()

    def __str__(self) -> str:
        return str(self.edition)

    @classmethod
    def keep(cls, edition: ListEdition, parsed: ParsedList) -> Self:
        """Store what was understood of an edition that has just been written."""
        kept = cls(edition=edition, content=packed(parsed))
        kept.save(force_insert=True)
        return kept

    @property
    def parsed(self) -> ParsedList:
        """The list as it was understood, read from what is stored at each call."""
        return unpacked(self.content)


class JobQuerySet(LeasedQuerySet["ImportJob"]):
    """Imports, and which of them somebody has to work on."""

    def claimable(self) -> Self:
        """Those with work to do that nobody is doing: new ones, and ones whose worker died."""
        return self.free().filter(state__in=ImportJob.UNDER_WAY)


class ImportJob(Leased):
    """One document on its way into a list. Leased, so that what a killed worker left is picked up again.

    `reading` is the parsed list as the document has it; `answers` and `agencies` are what persons settled since:
    meanings of cells (importers.plans.plan), and for each unseen agency name `new` or the id of the agency it is
    another name of. `about` is what is said of a new list beside its title, by the names in ABOUT of
    importers.editions.new_list, days as 2022-01-28. `base_edition` is the number of the edition the plan was made
    against (None: a new list).
    """

    class State(models.TextChoices):
        READING = "reading", _("读取中")
        READY = "ready", _("待确认")
        APPLYING = "applying", _("写入中")
        APPLIED = "applied", _("已导入")
        REJECTED = "rejected", _("无法读取")
        FAILED = "failed", _("导入失败")
        CANCELLED = "cancelled", _("已取消")

    UNDER_WAY = (State.READING, State.APPLYING)

    reform_list = models.ForeignKey(ReformList, models.CASCADE, null=True, blank=True, related_name="imports")
    slug = models.SlugField(_("网址标识"), max_length=80, blank=True)
    year = models.PositiveSmallIntegerField(_("清单年份"), null=True, blank=True)
    title = models.CharField(_("新清单的名称"), max_length=200, blank=True)
    about = models.JSONField(default=dict, blank=True)
    columns = models.CharField(_("各列含义"), max_length=300, blank=True)
    file_name = models.CharField(_("文件名"), max_length=255)
    file_sha256 = models.CharField(max_length=64)
    original = models.FileField(_("原文件"), max_length=200)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.READING)
    reading = models.BinaryField(null=True)
    error = models.JSONField(null=True, blank=True)
    base_edition = models.PositiveIntegerField(null=True, blank=True)
    # What the plan would do (`Plan.digest`): a plan made again has to match what a person confirmed.
    plan_digest = models.CharField(max_length=64, blank=True)
    totals = models.JSONField(default=dict, blank=True)
    answers = models.JSONField(default=list, blank=True)
    agencies = models.JSONField(default=dict, blank=True)
    edition = models.ForeignKey(ListEdition, models.SET_NULL, null=True, blank=True, related_name="imports")
    created_at = models.DateTimeField(_("上传时间"))
    created_by = models.CharField(_("上传人"), max_length=120)
    created_by_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    confirmed_by = models.CharField(_("确认人"), max_length=120, blank=True)
    confirmed_by_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    cancelled_by = models.CharField(_("取消人"), max_length=120, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=("state", "lease_until"), name="import_job_to_do")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="applied") | Q(edition__isnull=False),
                name="applied_import_has_an_edition",
                violation_error_message=_("已导入的任务必须对应一个版本。"),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("import", args=[self.pk])

    @property
    def is_under_way(self) -> bool:
        """Whether there is something to do that waits for no person."""
        return self.state in self.UNDER_WAY

    @property
    def unseen_names(self) -> list[str]:
        """The agency names that nobody has seen before, always in the same order."""
        return sorted(self.agencies)

    @property
    def parsed(self) -> ParsedList:
        """The document as it was read. Raises ValueError before that."""
        if self.reading is None:
            raise ValueError("the document has not been read yet")
        return unpacked(self.reading)


class PlannedRow(models.Model):
    """What an import would do to one measure: a row of the document, or a measure it no longer prints.

    `printed` holds the six cells, `understood` what they mean, `differences` and `problems` lists of JSON values in
    the words of `reform-list-diff/1` and `reform-list/1`.
    """

    class Kind(models.TextChoices):
        ADDED = "added", pgettext_lazy("kind", "新增")
        CHANGED = "changed", _("变更")
        REORDERED = "reordered", _("仅调整顺序")
        WITHDRAWN = "withdrawn", _("调出")
        UNCHANGED = "unchanged", _("不变")

    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="rows")
    place = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    row = models.PositiveIntegerField(_("行"), null=True)
    measure = models.ForeignKey(Measure, models.CASCADE, null=True, related_name="+")
    item_no = models.PositiveIntegerField(_("序号"), null=True)
    seq_in_item = models.PositiveIntegerField(_("项内序号"))
    title = models.TextField(_("改革事项"))
    printed = models.JSONField(default=dict)
    understood = models.JSONField(default=dict)
    differences = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    is_declined = models.BooleanField(_("不采纳"), default=False)

    class Meta:
        ordering = ("job", "place")
        constraints = [
            models.UniqueConstraint(
                fields=("job", "place"),
                name="planned_row_once",
                violation_error_message=_("同一导入中，每行只能出现一次。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}:{self.place} {self.kind}"

    @property
    def is_a_change(self) -> bool:
        """Whether it can be declined."""
        return self.kind != self.Kind.UNCHANGED

    @property
    def deadline(self) -> dt.date | None:
        """What was understood of it."""
        day = self.understood.get("deadline")
        return dt.date.fromisoformat(day) if day else None


class EditionJobQuerySet(LeasedQuerySet["EditionJob"]):
    """Work on whole editions, and which of it somebody has to do."""

    KEPT = dt.timedelta(days=30)

    def claimable(self) -> Self:
        """Those with work to do that nobody is doing."""
        return self.free().filter(state__in=EditionJob.UNDER_WAY)

    def taking_back(self) -> Self:
        """Those that take an edition back and are not over."""
        return self.exclude(kind=EditionJob.Kind.COMPARISON).filter(state__in=EditionJob.OPEN)

    def expired(self) -> Self:
        """Those that are kept no longer; by the clock of the database."""
        return self.exclude(state__in=EditionJob.UNDER_WAY).filter(created_at__lt=Now() - self.KEPT)


class EditionJob(Leased):
    """Work on whole editions that takes longer than a request may: comparing two, or taking one back.

    Comparing `before` with the later `edition` is over once it is ready. Taking back looks what would change, is then
    ready for a person to confirm what is shown under `key`, and writes. `content` is what came of it last, in JSON and
    packed; `refusal` a code (importers.jobs.editions) of why nothing was written, `names` the agencies it is about.
    """

    class Kind(models.TextChoices):
        COMPARISON = "comparison", _("版本比较")
        REVERT = "revert", _("撤回该版本")
        UNDO = "undo", _("撤销导入")

    class State(models.TextChoices):
        LOOKING = "looking", _("核对中")
        READY = "ready", _("待确认")
        APPLYING = "applying", _("写入中")
        APPLIED = "applied", _("已撤回")
        REFUSED = "refused", _("未能撤回")
        FAILED = "failed", _("处理失败")
        CANCELLED = "cancelled", _("已取消")

    UNDER_WAY = (State.LOOKING, State.APPLYING)
    OPEN = (*UNDER_WAY, State.READY)

    kind = models.CharField(max_length=10, choices=Kind)
    # Without one once it was taken back with its list.
    edition = models.ForeignKey(ListEdition, models.SET_NULL, null=True, related_name="jobs")
    before = models.ForeignKey(ListEdition, models.CASCADE, null=True, related_name="+")
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.LOOKING)
    content = models.BinaryField(null=True)
    key = models.CharField(max_length=64, blank=True)
    refusal = models.CharField(max_length=20, blank=True)
    names = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(_("提交时间"))
    confirmed_by = models.CharField(_("确认人"), max_length=120, blank=True)
    confirmed_by_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = EditionJobQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=("edition", "before"),
                condition=Q(kind="comparison"),
                name="two_editions_compared_once",
                violation_error_message=_("同样两版的比较只做一次。"),
            ),
            models.UniqueConstraint(
                fields=("edition",),
                condition=Q(kind__in=("revert", "undo"), state__in=("looking", "ready", "applying")),
                name="edition_taken_back_once",
                violation_error_message=_("该版本已在撤回。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    def get_absolute_url(self) -> str:
        return reverse("taking-back", args=[self.pk])

    @property
    def is_under_way(self) -> bool:
        """Whether there is something to do that waits for no person."""
        return self.state in self.UNDER_WAY

    @property
    def found(self) -> dict[str, Any]:
        """What came of it, unpacked at each call; empty before that."""
        return dict(json.loads(gzip.decompress(self.content))) if self.content else {}


def packed_json(value: dict[str, Any]) -> bytes:
    """What came of a job, as it is stored."""
    return gzip.compress(json.dumps(value).encode(), compresslevel=1)
