"""What agencies say of their measures: drafts, progress reports, and claims that a measure is done."""

import datetime as dt
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.access import Principal
from agencies.models import Agency
from reforms.models.measures import LONGEST_RESULT, Duty, Measure
from reforms.models.readable import of_own_hand, reached
from reforms.models.review_requests import RequestKind, ReviewRequest

# Not the office's to read yet.
UNSENT = ("draft", "awaiting_signature")
# A claim that came back, or was undone, still tells how far things are.
COUNTED = ("submitted", "under_review", "returned", "verified", "reopened")
TEXTS = ("progress", "next_step", "problems")
DECLARED = ("behind", "awaiting_approval")
# The `source` of what the office filled in at the start (补录).
FILLED_IN = "补录"


class ProgressReportQuerySet(models.QuerySet["ProgressReport"]):
    """Reports by whether they left the agency, count, wait, and may be read."""

    def sent(self) -> Self:
        """Those that left the agency: no drafts, no claims that wait for its own signature."""
        return self.exclude(state__in=UNSENT)

    def spoken(self) -> Self:
        """Those that count: sent, and neither withdrawn nor replaced by a corrected one."""
        return self.filter(state__in=COUNTED)

    def readable_by(self, who: Principal) -> Self:
        """What was sent and reached them; drafts, and claims that wait for a signature, of an agency for which they
        write or sign, but for what the office drafts on its behalf."""
        drafts = of_own_hand(who) & models.Q(by_office=False, state__in=UNSENT)
        return self.filter((reached(who) & ~models.Q(state__in=UNSENT)) | drafts)

    def drafts(self) -> Self:
        """Those still being written."""
        return self.filter(state="draft")

    def in_queue(self, state: str) -> Self:
        """Claims that wait, for the office (under_review) or for their agency's signature (awaiting_signature): of
        duties that are held, on measures that are worked on: not suspended or cancelled, and of no archived list. The
        others rest until that is so again."""
        return self.filter(
            state=state,
            is_claim=True,
            duty__isnull=False,
            measure__disposition="active",
            measure__reform_list__archived_on=None,
        )

    def unanswered_returns(self) -> Self:
        """Claims that came back, of duties on open measures, after which nothing was said, or given to be signed, on
        the duty again."""
        same = ProgressReport.objects.filter(duty=models.OuterRef("duty"))
        came_back = Coalesce(models.OuterRef("updated_at"), models.OuterRef("recorded_at"))
        later = same.spoken().filter(recorded_at__gt=came_back)
        waiting = same.filter(state="awaiting_signature")
        open_ones = self.filter(state="returned", duty__isnull=False, measure__disposition="active")
        return open_ones.exclude(models.Exists(later) | models.Exists(waiting) | models.Q(measure__status="closed"))


class ProgressReport(ReviewRequest):
    """One report of one agency on one measure. Self-reported; what was sent is never altered.

    A draft is written on until it is sent; an agency has one per measure, the office one of its own for what it enters
    on the agency's behalf (代录, `source` says how the agency told it). A claim (申请销号) goes from the agency's own
    signature, where it wants one, to the office, which verifies or returns it. `claimed_on` is the day it reached the
    office, `updated_at` the real time of the last change. `result` is what the agency would have the public told of a
    claim; it is told when the office releases it (`Measure.result`).
    """

    kind: ClassVar = RequestKind.CLAIM
    noun: ClassVar = "report"
    own_code: ClassVar = "own_claim"
    own_review: ClassVar = _("不能核验本人填写或审签的申请，请由另一位督办人员核验。")

    class Outlook(models.TextChoices):
        ON_SCHEDULE = "on_schedule", _("按计划推进")
        BEHIND = "behind", _("进度滞后")
        AWAITING_APPROVAL = "awaiting_approval", _("待上级批复")

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        AWAITING_SIGNATURE = "awaiting_signature", _("待本单位审签")
        SUBMITTED = "submitted", _("已报送")
        UNDER_REVIEW = "under_review", _("待核验")
        RETURNED = "returned", _("退回修改")
        VERIFIED = "verified", _("核验通过")
        REOPENED = "reopened", _("已恢复督办")
        WITHDRAWN = "withdrawn", _("已撤回")
        REPLACED = "replaced", _("已更正")

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="reports")
    duty = models.ForeignKey(Duty, models.SET_NULL, null=True, related_name="reports")
    agency = models.ForeignKey(Agency, models.PROTECT, db_index=False, related_name="reports")
    state = models.CharField(_("状态"), max_length=20, choices=State, default=State.SUBMITTED)
    is_claim = models.BooleanField(_("申请销号"), default=False)
    is_unchanged = models.BooleanField(_("本期无变化"), default=False)
    progress = models.TextField(_("工作进展"), max_length=5000, blank=True)
    next_step = models.TextField(_("下一步工作安排"), max_length=5000, blank=True)
    problems = models.TextField(_("存在问题、需协调事项"), max_length=5000, blank=True)
    outlook = models.CharField(_("推进情况"), max_length=20, choices=Outlook, default=Outlook.ON_SCHEDULE)
    result = models.CharField(_("结果摘要"), max_length=LONGEST_RESULT, blank=True)
    on = models.DateField(_("填报日期"))
    updated_at = models.DateTimeField(null=True)
    author = models.CharField(_("填报人"), max_length=120)
    author_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    by_office = models.BooleanField(_("督办人员代录"), default=False)
    source = models.CharField(_("代录依据"), max_length=200, blank=True)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="corrections")
    claimed_on = models.DateField(_("申请销号日期"), null=True, blank=True)
    reason = models.TextField(_("处理意见"), max_length=2000, blank=True)
    external_ref = models.CharField(_("外部编号"), max_length=80, blank=True)
    is_demo = models.BooleanField(default=False)

    objects = ProgressReportQuerySet.as_manager()

    class Meta:
        ordering = ("-recorded_at", "-id")
        indexes = [
            models.Index(fields=("agency", "-id"), name="report_by_agency"),
            models.Index(
                fields=("state", "id"),
                condition=models.Q(state__in=("draft", "awaiting_signature", "under_review", "returned")),
                name="report_that_waits",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("agency", "external_ref"),
                # Only what an agency's own system numbered.
                condition=~models.Q(external_ref=""),
                name="external_ref_once_per_agency",
                violation_error_message=_("该单位已用此外部编号报送过一次。"),
            ),
            models.UniqueConstraint(
                fields=("agency", "measure", "form_key"),
                condition=~models.Q(form_key=""),
                name="one_report_per_form",
                violation_error_message=_("这份填报已经提交过。"),
            ),
            models.UniqueConstraint(
                # `by_office`: what the office drafts on an agency's behalf does not stand in the way of its own draft.
                fields=("agency", "measure", "by_office"),
                condition=models.Q(state__in=UNSENT),
                name="one_draft_per_agency_and_measure",
                violation_error_message=_("本单位在这条举措上已有一份草稿或待审签的申请。"),
            ),
            models.UniqueConstraint(
                fields=("agency", "measure"),
                condition=models.Q(state="under_review"),
                name="one_claim_under_review",
                violation_error_message=_("本单位的销号申请正在核验。"),
            ),
            models.CheckConstraint(
                # A draft may still be empty.
                condition=~models.Q(progress="") | models.Q(state="draft"),
                name="report_says_something",
                violation_error_message=_("请填写工作进展。"),
            ),
            models.CheckConstraint(
                condition=models.Q(is_claim=True)
                | ~models.Q(state__in=("awaiting_signature", "under_review", "returned", "verified", "reopened")),
                name="only_claims_are_reviewed",
                violation_error_message=_("只有销号申请才需要审签和核验。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=("under_review", "returned", "verified", "reopened"))
                | models.Q(claimed_on__isnull=False),
                name="reviewed_claim_has_a_date",
                violation_error_message=_("提交核验的申请必须有申请销号日期。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.on} {self.progress[:20]}"

    @property
    def holder_id(self) -> int:
        """The agency that answers for it now: whoever holds the duty, which may have been taken over since."""
        return self.duty.agency_id if self.duty else self.agency_id

    @property
    def asked_on(self) -> dt.date:
        """Of a claim that reached the office the day it did, otherwise that of its writing."""
        return self.claimed_on or self.on

    def keep_remark(self, remark: str) -> None:
        self.reason = remark

    def mark_changed(self) -> None:
        super().mark_changed()
        self.updated_at = timezone.now()


def label_of(name: str) -> str:
    """What a page calls a field of a report."""
    return str(getattr(ProgressReport._meta.get_field(name), "verbose_name", name))


class StoredFile(models.Model):
    """The bytes of one file, known by their SHA-256 (hexadecimal). `size` in bytes; `content_type` was found by looking
    into the file. Where it lies says nothing of who brought it or what they called it."""

    sha256 = models.CharField(max_length=64, unique=True, error_messages={"unique": _("该文件已经保存过。")})
    size = models.BigIntegerField(_("大小"))
    content_type = models.CharField(_("类型"), max_length=100)
    file = models.FileField(_("文件"), max_length=200)
    stored_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(size__gt=0),
                name="stored_file_is_not_empty",
                violation_error_message=_("空文件不能保存。"),
            ),
        ]

    def __str__(self) -> str:
        return self.sha256


class Evidence(models.Model):
    """A file handed in with a report, under its owner's name for it. `form_key` is that of the request it came by."""

    report = models.ForeignKey(ProgressReport, models.PROTECT, db_index=False, related_name="evidence")
    stored = models.ForeignKey(StoredFile, models.PROTECT, related_name="evidence")
    name = models.CharField(_("文件名"), max_length=200)
    added_at = models.DateTimeField()
    added_by = models.CharField(_("上传人"), max_length=120)
    added_by_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    form_key = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("id",)
        verbose_name = _("佐证材料")
        constraints = [
            models.UniqueConstraint(
                fields=("report", "stored"),
                name="evidence_once_per_report",
                violation_error_message=_("这份填报已有同一个文件。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("evidence", args=[self.pk])


def carry_evidence(report: ProgressReport, to: ProgressReport) -> None:
    """Attach the files of one report to another too; those it has already stay once."""
    there = set(Evidence.objects.filter(report=to).values_list("stored_id", flat=True))
    for evidence in Evidence.objects.filter(report=report).exclude(stored__in=there):
        # Without its id it is written as a new row; the form's key belongs to the one it came by.
        evidence.pk, evidence.report, evidence.form_key = None, to, ""
        evidence._state.adding = True
        evidence.save()
