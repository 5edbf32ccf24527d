"""A published list, its imported editions, what each of them prints, and the identities behind it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies.access import Principal, Verb, may, today
from agencies.models import Agency


class Period(models.TextChoices):
    """How often the holders of a duty report (报送期): calendar periods in Asia/Shanghai."""

    MONTH = "month", _("每月")
    QUARTER = "quarter", _("每季度")
    HALF_YEAR = "half_year", _("每半年")
    NEVER = "never", _("不要求")


class ClaimedBy(models.TextChoices):
    """Who must claim that a measure is done."""

    AS_PRINTED = "as_printed", _("注明按职责分工负责的由各牵头单位申请，其余由首位牵头单位申请")
    FIRST_LEAD = "first_lead", _("均由首位牵头单位申请")
    EVERY_LEAD = "every_lead", _("均由各牵头单位分别申请")


class Audience(models.TextChoices):
    """Whom a list is open to; each includes those before it."""

    OFFICE = "office", _("督办部门和管理员")
    AGENCIES = "agencies", _("各单位（须登录）")
    PUBLIC = "public", _("所有人")


class ReformListQuerySet(models.QuerySet["ReformList"]):
    """Lists by whom they are open to and whether they are in work."""

    def readable_by(self, who: Principal) -> Self:
        """Those that are open to them; for visitors within the days on which they are public."""
        return self.filter(is_open_to(who))

    def in_work(self) -> Self:
        """Those that agencies work on: given to them, and not archived."""
        return self.filter(is_in_work())


def is_open_to(who: Principal, prefix: str = "") -> models.Q:
    """Whether a list is open to somebody; `prefix` leads to it ("measure__reform_list__")."""
    if may(who, Verb.READ_UNPUBLISHED):
        return models.Q()
    public = models.Q(**{f"{prefix}open_to": Audience.PUBLIC})
    if who.signed_in:
        return public | models.Q(**{f"{prefix}open_to": Audience.AGENCIES})
    on = today()
    begun = models.Q(**{f"{prefix}public_from": None}) | models.Q(**{f"{prefix}public_from__lte": on})
    running = models.Q(**{f"{prefix}public_until": None}) | models.Q(**{f"{prefix}public_until__gte": on})
    return public & begun & running


def was_open_to(who: Principal, facts: Mapping[str, Any], on: dt.date) -> bool:
    """The same of a list as it once was, on that day: its `open_to`, `public_from` and `public_until`."""
    if may(who, Verb.READ_UNPUBLISHED):
        return True
    if who.signed_in:
        return facts["open_to"] in {Audience.PUBLIC, Audience.AGENCIES}
    begun, running = facts["public_from"] or on, facts["public_until"] or on
    return facts["open_to"] == Audience.PUBLIC and begun <= on <= running


def is_in_work(prefix: str = "") -> models.Q:
    """Whether agencies work on a list; `prefix` leads to it."""
    # A list that came in just now is the office's alone until it is given to the agencies.
    return models.Q(**{f"{prefix}archived_on": None}) & ~models.Q(**{f"{prefix}open_to": Audience.OFFICE})


def has_begun(day: dt.date, path: str = "") -> models.Q:
    """Whether a list counts on a day: from its issue, or where that is not given from the day of its first edition.

    `path` leads from the rows that are filtered to the list.
    """
    issued, first = models.Q(**{f"{path}issued_on__lte": day}), models.Q(**{f"{path}first_on__lte": day})
    unknown = models.Q(**{f"{path}first_on": None})
    return issued | (models.Q(**{f"{path}issued_on": None}) & (first | unknown))


class ReformList(models.Model):
    """One list, whatever its edition: what it is called, whom it is open to, and how its measures are worked on.

    `issued_on`, `issuer` and `document_number` are those of the document by which it was issued, `link` where that is
    published. `public_from` and `public_until` bound the days on which visitors read it, both inclusive; signed-in
    people of agencies read it beyond them. `public_agencies` shows visitors tables that compare agencies as well. An
    archived list is readable at its address and no longer worked on.
    `report_day` is the day of a period's last month by which its report is due (reforms.reminders.report_days);
    `contact` is the person of the office whom agencies ask, `public_contact` what everybody is told. `first_on` is the
    business day of its first edition. `columns` is what a person said the columns of its document hold, for the next
    edition.
    """

    slug = models.SlugField(
        _("网址标识"), max_length=80, unique=True, error_messages={"unique": _("该网址标识已被使用。")}
    )
    title = models.CharField(_("名称"), max_length=200)
    short_title = models.CharField(_("简称"), max_length=60, blank=True)
    year = models.PositiveSmallIntegerField(_("年份"))
    issuer = models.CharField(_("印发机关"), max_length=120, blank=True)
    document_number = models.CharField(_("文号"), max_length=60, blank=True)
    issued_on = models.DateField(_("印发日期"), null=True, blank=True)
    first_on = models.DateField(null=True, blank=True)
    link = models.URLField(_("原文链接"), max_length=500, blank=True)
    licence = models.CharField(_("使用许可"), max_length=120, blank=True)
    open_to = models.CharField(_("谁可以看"), max_length=8, choices=Audience, default=Audience.OFFICE)
    public_from = models.DateField(_("对外公开自"), null=True, blank=True)
    public_until = models.DateField(_("对外公开至"), null=True, blank=True)
    archived_on = models.DateField(_("归档日期"), null=True, blank=True)
    public_status = models.BooleanField(_("公开进展状态"), default=False)
    public_agencies = models.BooleanField(_("公开各单位情况表"), default=False)
    is_demo = models.BooleanField(_("含演示进展"), default=False)
    reminders_on = models.BooleanField(_("发送提醒"), default=False)
    reminders_from = models.DateField(_("提醒自此日起算"), null=True, blank=True)
    report_every = models.CharField(_("报送期"), max_length=10, choices=Period, default=Period.MONTH)
    standing_every = models.CharField(
        _("持续巩固举措的报送期"), max_length=10, choices=Period, default=Period.HALF_YEAR
    )
    report_day = models.PositiveSmallIntegerField(
        _("报送截止日"),
        default=25,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text=_("每期最后一个月的几日；该月没有这一天的为月末，遇休息日提前到上一个工作日。"),
    )
    contact = models.CharField(
        _("督办联系人"), max_length=60, blank=True, help_text=_("与电话一并写入每封邮件，供各单位咨询。")
    )
    contact_phone = models.CharField(_("联系电话"), max_length=60, blank=True)
    public_contact = models.CharField(_("公众咨询方式"), max_length=200, blank=True)
    columns = models.CharField(_("各列含义"), max_length=300, blank=True)
    claimed_by = models.CharField(_("销号申请"), max_length=12, choices=ClaimedBy, default=ClaimedBy.AS_PRINTED)

    objects = ReformListQuerySet.as_manager()

    class Meta:
        ordering = ("-year", "id")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(public_from=None)
                | models.Q(public_until=None)
                | models.Q(public_from__lte=models.F("public_until")),
                name="public_days_in_order",
                violation_error_message=_("公开的最后一天不能早于第一天。"),
            ),
            models.CheckConstraint(
                condition=models.Q(public_agencies=False) | models.Q(public_status=True),
                name="agencies_public_with_status",
                violation_error_message=_("公开各单位情况表，须同时公开进展状态。"),
            ),
            models.CheckConstraint(
                condition=models.Q(reminders_on=False) | models.Q(reminders_from__isnull=False),
                name="reminders_have_a_first_day",
                violation_error_message=_("开启提醒前，请先填写提醒起算日期。"),
            ),
            models.CheckConstraint(
                condition=models.Q(report_day__range=(1, 31)),
                name="report_day_is_of_a_month",
                violation_error_message=_("报送截止日须为1至31日。"),
            ),
        ]

    def __str__(self) -> str:
        return self.short_title or self.title

    def get_absolute_url(self) -> str:
        return reverse("list", args=[self.slug])

    @property
    def has_provenance(self) -> bool:
        """Whether anything is known of where it comes from, on whose terms it may be used, and whom to ask."""
        told = (self.issuer, self.document_number, self.issued_on, self.link, self.licence, self.public_contact)
        return any(told)

    @property
    def is_in_work(self) -> bool:
        """Whether agencies work on it."""
        return self.archived_on is None and self.open_to != Audience.OFFICE

    def has_begun(self, day: dt.date) -> bool:
        """The rule of the function of that name for one that is loaded."""
        began = self.issued_on or self.first_on
        return began is None or began <= day


class ListEdition(models.Model):
    """One imported version of a list: who imported which file when, and the hash of what was understood.

    `answers` is what persons settled where the document was unclear (importers.plans.plan), `kept` the ids of
    measures that stayed in force although it no longer prints them. A reverted edition was in force once and is kept.
    """

    reform_list = models.ForeignKey(ReformList, models.PROTECT, db_index=False, related_name="editions")
    number = models.PositiveIntegerField(_("版本"))
    title = models.TextField(_("文件标题"))
    notes = models.JSONField(_("表末注"), default=list)
    file_name = models.CharField(_("文件名"), max_length=255)
    file_sha256 = models.CharField(max_length=64)
    # Of what was understood: a Word file and its text export are one edition.
    content_sha256 = models.CharField(max_length=64)
    imported_at = models.DateTimeField(_("导入时间"))
    imported_by = models.CharField(_("导入人"), max_length=120)
    imported_by_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    is_in_force = models.BooleanField(default=True)
    original = models.FileField(_("原文件"), blank=True, max_length=200)
    answers = models.JSONField(default=list, blank=True)
    kept = models.JSONField(default=list, blank=True)
    reverted_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)
    reverted_by = models.CharField(_("撤回人"), max_length=120, blank=True)

    class Meta:
        ordering = ("reform_list", "number")
        constraints = [
            models.UniqueConstraint(
                fields=("reform_list", "number"),
                name="edition_number_once",
                violation_error_message=_("该清单已有这一版本号。"),
            ),
            models.UniqueConstraint(
                fields=("reform_list",),
                condition=models.Q(is_in_force=True),
                name="one_edition_in_force",
                violation_error_message=_("一份清单同时只能有一个现行版本。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reform_list} · {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("edition", args=[self.reform_list.slug, self.number])

    @property
    def is_reverted(self) -> bool:
        """Whether it was in force once and was taken back."""
        return self.reverted_at is not None

    def before(self) -> "ListEdition | None":
        """The edition that comes back into force when this one is reverted."""
        earlier = ListEdition.objects.filter(reform_list=self.reform_list_id, number__lt=self.number)
        # Editions that were taken back themselves are passed over.
        return earlier.filter(reverted_at=None).order_by("-number").first()


class Section(models.Model):
    """One heading (任务类别) of a list, as numbered in the edition in force."""

    reform_list = models.ForeignKey(ReformList, models.PROTECT, db_index=False, related_name="sections")
    number = models.PositiveIntegerField(_("序号"))
    title = models.TextField(_("任务类别"))
    title_en = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("reform_list", "number")
        constraints = [
            models.UniqueConstraint(
                fields=("reform_list", "number"),
                name="section_number_once",
                violation_error_message=_("该清单已有这一任务类别序号。"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("section", args=[self.reform_list.slug, self.number])


class Item(models.Model):
    """A titled reform (改革事项). An identity: its number is that of the edition in force and may move."""

    reform_list = models.ForeignKey(ReformList, models.PROTECT, db_index=False, related_name="items")
    section = models.ForeignKey(Section, models.PROTECT, related_name="items")
    number = models.PositiveIntegerField(_("序号"))
    title = models.TextField(_("改革事项"))
    is_national = models.BooleanField(_("国家改革任务"), default=False)

    class Meta:
        ordering = ("reform_list", "number", "id")
        # Not unique: a document may print two titles under one number, and the two stay two.
        indexes = [models.Index(fields=("reform_list", "number"), name="item_by_number")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("item", args=[self.reform_list.slug, self.number])


class PrintedRow(models.Model):
    """What one row of one edition prints, to the character. Never changed.

    A declined row was not applied when the edition came into force; one that would have been a new measure has none.
    `merged` names the cells that are joined to the one above; `other` has by their labels what stands in columns that
    are not read, and whole what is divided among the six.
    """

    edition = models.ForeignKey(ListEdition, models.PROTECT, db_index=False, related_name="rows")
    row = models.PositiveIntegerField(_("行"))
    measure = models.ForeignKey("Measure", models.PROTECT, null=True, related_name="printed_rows")
    is_declined = models.BooleanField(_("未采纳"), default=False)
    section_no = models.PositiveIntegerField()
    section = models.TextField()
    item_no = models.PositiveIntegerField()
    seq_in_item = models.PositiveIntegerField()
    number = models.TextField(_("序号"), blank=True)
    title = models.TextField(_("改革事项"), blank=True)
    text = models.TextField(_("具体举措"), blank=True)
    lead = models.TextField(_("牵头单位"), blank=True)
    responsible = models.TextField(_("责任单位"), blank=True)
    deadline = models.TextField(_("完成时限"), blank=True)
    merged = models.JSONField(default=list, blank=True)
    other = models.JSONField(_("其他栏目"), default=dict, blank=True)

    class Meta:
        ordering = ("edition", "row")
        constraints = [
            models.UniqueConstraint(
                fields=("edition", "row"),
                name="printed_row_once",
                violation_error_message=_("该版本这一行已经入库。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id}:{self.row}"


class Acknowledgement(models.Model):
    """签收: an agency has taken note of its duties in an edition. Once per agency and edition."""

    agency = models.ForeignKey(Agency, models.PROTECT, db_index=False, related_name="acknowledgements")
    edition = models.ForeignKey(ListEdition, models.PROTECT, related_name="acknowledgements")
    on = models.DateField(_("签收日期"))
    recorded_at = models.DateTimeField()
    author = models.CharField(_("签收人"), max_length=120)
    author_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=("agency", "edition"),
                name="acknowledged_once_per_edition",
                violation_error_message=_("本单位已签收这一版清单。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.edition_id} {self.on}"
