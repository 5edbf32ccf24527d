"""督办单: what the office sends an agency when reminding and chasing did not help, and what comes back."""

from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies.access import Principal, Verb, agencies_for, may
from agencies.models import Agency
from reforms.models.measures import Measure


class SupervisionOrderQuerySet(models.QuerySet["SupervisionOrder"]):
    """Orders by how far they are and who may read them."""

    def under_way(self) -> Self:
        """Those that are written, or wait for an answer."""
        return self.filter(state__in=("draft", "submitted", "issued"))

    def readable_by(self, who: Principal) -> Self:
        """The office all; an agency those that were issued to it."""
        if may(who, Verb.READ_REPORTS, ()):
            return self
        return self.filter(agency__in=agencies_for(who, Verb.READ_REPORTS)).exclude(issued_on=None)


class SupervisionOrder(models.Model):
    """督办单 to one agency about measures it leads.

    草稿, 送审稿, 已签发: what was drafted is a draft until a person signed it, another than whoever drafted it. It is
    numbered when it is issued, and not changed any more. The agency answers (回执), itself or entered by the office.

    `reply_by`, `issued_on`, `answered_on` and `drafted_on` are business dates in Asia/Shanghai.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        SUBMITTED = "submitted", _("送审稿")
        ISSUED = "issued", _("已签发")
        ANSWERED = "answered", _("已反馈")
        VOID = "void", _("已作废")

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="supervision_orders")
    measures = models.ManyToManyField(Measure, through="OrderedMeasure", related_name="supervision_orders")
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    subject = models.CharField(_("督办事项"), max_length=200)
    content = models.TextField(_("督办内容"), max_length=4000)
    leader = models.CharField(_("牵头领导"), max_length=60, blank=True)
    contact = models.CharField(_("督办联系人"), max_length=60, blank=True)
    contact_phone = models.CharField(_("联系电话"), max_length=60, blank=True)
    drafted_on = models.DateField(_("拟稿日期"))
    drafted_by = models.CharField(_("拟稿人"), max_length=120)
    drafted_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    number = models.CharField(_("文号"), max_length=60, blank=True)
    signed_by = models.CharField(_("签发人"), max_length=60, blank=True)
    issued_on = models.DateField(_("签发日期"), null=True, blank=True)
    reply_by = models.DateField(_("反馈时限"), null=True, blank=True)
    situation = models.TextField(_("办理情况"), max_length=4000, blank=True)
    cause = models.TextField(_("未完成原因"), max_length=2000, blank=True)
    next_step = models.TextField(_("下一步措施"), max_length=2000, blank=True)
    expected_on = models.DateField(_("预计完成时间"), null=True, blank=True)
    responsible = models.CharField(_("负责人"), max_length=60, blank=True)
    answered_on = models.DateField(_("反馈日期"), null=True, blank=True)
    answered_by = models.CharField(_("填写人"), max_length=120, blank=True)

    objects = SupervisionOrderQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=("state", "reply_by"), name="order_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=("number",),
                condition=~models.Q(number=""),
                name="order_number_once",
                violation_error_message=_("该文号已被另一份督办单使用。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=("issued", "answered"))
                | (
                    ~models.Q(number="")
                    & ~models.Q(signed_by="")
                    & models.Q(issued_on__isnull=False, reply_by__isnull=False)
                ),
                name="issued_order_is_signed",
                violation_error_message=_("签发须填写文号、签发人、签发日期和反馈时限。"),
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.get_state_display()} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("order", args=[self.pk])


class OrderedMeasure(models.Model):
    """One measure of an order, with the deadline that had passed, and how often the agency was told of it by then."""

    order = models.ForeignKey(SupervisionOrder, models.CASCADE, related_name="lines")
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="+")
    deadline = models.DateField(_("完成时限"))
    times_told = models.PositiveSmallIntegerField(_("已催办次数"), default=0)

    class Meta:
        ordering = ("deadline", "measure__reform_list", "measure__row")
        constraints = [
            models.UniqueConstraint(
                fields=("order", "measure"),
                name="measure_once_an_order",
                violation_error_message=_("这条举措已在该督办单中。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.measure_id}"
