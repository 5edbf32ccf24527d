"""What somebody is owed to be told, and the letters that tell them."""

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency, ChatRobot


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Letters by whether they may be tried, and claiming one."""

    def claimable(self) -> Self:
        """Those that may be tried now: due ones, and ones whose holder died."""
        # The database's clock, the one that all workers share.
        waiting = Q(state="pending", next_try_at__lte=Now())
        abandoned = Q(state="sending", lease_until__lt=Now())
        return self.filter(waiting | abandoned)

    def claim(self, pk: int) -> bool:
        """Take one; False when somebody else has it. The update is conditional, so one caller wins."""
        taken = (
            self.filter(pk=pk)
            .claimable()
            .update(
                state="sending",
                lease_until=Now() + dt.timedelta(seconds=settings.DELIVERY_LEASE),
                attempts=F("attempts") + 1,
            )
        )
        return taken == 1


class Delivery(models.Model):
    """One letter: claimed by a conditional update, tried until it is out.

    A digest of reminders goes to an agency; a letter of notices to an agency, to a person (`user`), or, when neither is
    set, to the office; a message to the group of a `robot` on each day at most one.
    `message_id` stays the same over all tries. Each recipient has a copy of their own (DeliveryCopy).
    `next_try_at` and `lease_until` are in the database's time; `on` is the business date in Asia/Shanghai.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("待发送")
        SENDING = "sending", _("发送中")
        SENT = "sent", _("已发送")
        REFUSED = "refused", _("被拒收")
        DEAD = "dead", _("多次未成，已停止")
        DROPPED = "dropped", _("已无需发送")

    class Kind(models.TextChoices):
        REMINDERS = "reminders", _("提醒")
        NOTICES = "notices", _("消息")
        GROUP = "group", _("群消息")

    kind = models.CharField(_("类别"), max_length=10, choices=Kind, default=Kind.REMINDERS)
    # With neither agency nor user it goes to the office.
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="deliveries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    robot = models.ForeignKey(ChatRobot, models.PROTECT, null=True, blank=True, related_name="deliveries")
    on = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    message_id = models.CharField(max_length=120, unique=True)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    body = models.TextField(blank=True)
    last_error = models.TextField(blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=("state", "next_try_at"), name="delivery_to_try")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="sending") | models.Q(lease_until__isnull=False),
                name="sending_has_a_lease",
                violation_error_message=_("发送中的记录必须有租约时间。"),
            ),
            models.CheckConstraint(
                condition=models.Q(agency=None) | models.Q(user=None),
                name="delivery_has_one_addressee",
                violation_error_message=_("一封邮件只能发给一个单位或一个人。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="reminders") | models.Q(agency__isnull=False),
                name="reminders_go_to_an_agency",
                violation_error_message=_("提醒必须发给一个单位。"),
            ),
            models.CheckConstraint(
                condition=models.Q(kind="group", robot__isnull=False) | ~models.Q(kind="group") & models.Q(robot=None),
                name="group_messages_go_by_a_robot",
                violation_error_message=_("群消息必须经由一个群机器人。"),
            ),
            models.UniqueConstraint(
                fields=("robot", "on"),
                name="one_group_message_a_day",
                violation_error_message=_("一个群机器人一天至多发一条。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id or self.user_id or '-'} {self.on} {self.state}"

    @property
    def addressee(self) -> str:
        """The name of the agency, of the person, or of the office."""
        return str(self.agency or self.user or settings.OFFICE_NAME)

    @property
    def recipients(self) -> list[str]:
        """The addresses of those who were told so far."""
        return [copy.address for copy in self.copies.all() if copy.state == DeliveryCopy.State.SENT]

    @property
    def refused(self) -> dict[str, str]:
        """The addresses that the mail server will not take, with its words."""
        return {copy.address: copy.error for copy in self.copies.all() if copy.state == DeliveryCopy.State.REFUSED}

    @property
    def stopped(self) -> "list[DeliveryCopy]":
        """The copies that did not arrive and are not tried again unless somebody says so."""
        return [copy for copy in self.copies.all() if copy.state in STOPPED_STATES]

    @property
    def is_file_only(self) -> bool:
        """Whether what counts as sent became files alone, in earnest (there is no mail server)."""
        sent = [copy for copy in self.copies.all() if copy.state == DeliveryCopy.State.SENT]
        return bool(sent) and all(copy.is_file_only for copy in sent)


class DeliveryCopy(models.Model):
    """One letter for one recipient on one channel, as far as it came; `address` is a mailbox, or the name of a group.

    `transmitting` is written before the server is spoken to and ended after it answered: found later, the copy was
    cut off and may have arrived (`ambiguous`). `unknown_ends` counts that; from then on every copy is marked. Times are
    the database's; without a `next_try_at` nothing more is planned.
    """

    class Channel(models.TextChoices):
        MAIL = "mail", _("邮件")
        FILE = "file", _("文件")
        WECOM = ChatRobot.Product.WECOM.value, ChatRobot.Product.WECOM.label
        DINGTALK = ChatRobot.Product.DINGTALK.value, ChatRobot.Product.DINGTALK.label
        FEISHU = ChatRobot.Product.FEISHU.value, ChatRobot.Product.FEISHU.label

    class State(models.TextChoices):
        PENDING = "pending", _("待发送")
        TRANSMITTING = "transmitting", _("正在传送")
        SENT = "sent", _("已发送")
        REFUSED = "refused", _("被拒收")
        AMBIGUOUS = "ambiguous", _("不知是否送达")
        DEAD = "dead", _("多次未成，已停止")
        OBSOLETE = "obsolete", _("已无需发送")

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="copies")
    channel = models.CharField(_("渠道"), max_length=10, choices=Channel, default=Channel.MAIL)
    address = models.CharField(max_length=320)
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    unknown_ends = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ("id",)
        indexes = [
            # Few, and asked for on the office's desk.
            models.Index(fields=("address",), condition=models.Q(state__in=("refused", "dead")), name="copy_stopped"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("delivery", "channel", "address"),
                name="one_copy_each",
                violation_error_message=_("同一封信给同一地址只有一份。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.address} {self.state}"

    @property
    def may_be_second(self) -> bool:
        """Whether what goes out, or went out last, is marked 可能重复."""
        return self.unknown_ends > 0

    @property
    def is_to_a_group(self) -> bool:
        """Whether a robot says it in a chat group."""
        return self.channel in ChatRobot.Product.values

    @property
    def is_file_only(self) -> bool:
        """Whether it became a file and reached nobody, where that is not a demonstration."""
        return self.channel == self.Channel.FILE and not settings.DEMO

    @property
    def said(self) -> str:
        """Its state in words that promise no more than is known."""
        if self.state == self.State.SENT and self.is_file_only:
            return gettext("已写入文件，未发送")
        return str(self.get_state_display())


STOPPED_STATES = (DeliveryCopy.State.REFUSED, DeliveryCopy.State.DEAD)


class Reminder(models.Model):
    """One duty, one deadline, one stage: told once, on `due_on`. `stage` is one of reforms.reminders.stages."""

    measure = models.ForeignKey("Measure", models.CASCADE, related_name="reminders")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="reminders")
    deadline = models.DateField()
    stage = models.CharField(max_length=20)
    due_on = models.DateField()
    delivery = models.ForeignKey(Delivery, models.PROTECT, null=True, blank=True, related_name="reminders")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(fields=("agency",), condition=models.Q(delivery=None), name="reminder_to_gather"),
            # The ladder's last word (reforms.reminders.stages.AFTER), by which the office sees to whom an order is due:
            # few of all that are late.
            models.Index(fields=("measure",), condition=models.Q(stage="second_chase"), name="reminder_of_last_word"),
        ]
        constraints = [
            models.UniqueConstraint(
                # With the deadline: one that moved starts stages of its own.
                fields=("measure", "agency", "deadline", "stage"),
                name="told_once",
                violation_error_message=_("这一提醒已经存在。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id} {self.agency_id} {self.stage}"


class ReminderRule(models.Model):
    """One stage of a list's own reminder rules; a list without rows has the defaults (reforms.reminders.stages).

    `days` are those of the calendar before a deadline, else working days: after a deadline, before or after a day of
    report, since an edition was given. `words` is what the office adds to the letters, with placeholders.
    """

    class Kind(models.TextChoices):
        BEFORE = "before", _("到期前提醒")
        FIRST = "first_chase", _("首次催办")
        SECOND = "second_chase", _("再次催办")
        WEEKLY = "weekly", _("每周催办")
        ORDER = "order", _("拟督办单")
        REPORT_AHEAD = "report_ahead", _("报送截止前提醒")
        REPORT_DAY = "report_day", _("报送截止日提醒")
        REPORT_LATE = "report_late", _("未按时报送")
        ACKNOWLEDGE = "acknowledge_day", _("签收期满提醒")
        ACKNOWLEDGE_LATE = "acknowledge_late", _("再次提醒签收")

    reform_list = models.ForeignKey("reforms.ReformList", models.CASCADE, related_name="reminder_rules")
    kind = models.CharField(max_length=20, choices=Kind)
    days = models.PositiveSmallIntegerField(_("天数"))
    to_reporters = models.BooleanField(_("填报人"), default=True)
    to_approvers = models.BooleanField(_("审核人"), default=True)
    to_heads = models.BooleanField(_("单位负责人"), default=False)
    words = models.CharField(_("附言"), max_length=200, blank=True)

    class Meta:
        ordering = ("reform_list", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("reform_list", "kind", "days"),
                name="reminder_rule_once",
                violation_error_message=_("这一天数已有一条规则。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reform_list_id} {self.kind} {self.days}"


class CalendarDay(models.Model):
    """A day on which the office's calendar differs from the official one that is known (reforms.reminders.calendar):
    worked on (调休), or off."""

    day = models.DateField(_("日期"), unique=True)
    works = models.BooleanField(_("上班"))
    note = models.CharField(_("说明"), max_length=100, blank=True)

    class Meta:
        ordering = ("day",)

    def __str__(self) -> str:
        return f"{self.day} {self.works}"


class SweepRunQuerySet(models.QuerySet["SweepRun"]):
    """Sweeps by the database's clock."""

    def age_of_last(self) -> dt.timedelta | None:
        """How long ago the last sweep began; None where there was none."""
        age = ExpressionWrapper(Now() - F("began_at"), output_field=models.DurationField())
        found: dt.timedelta | None = self.order_by("-pk").values_list(age, flat=True).first()
        return found


class SweepRun(models.Model):
    """巡检: one look through the outbox.

    `began_at` is the database's time; `host_at` and `uptime` (seconds since the machine named by `boot` started) are
    what `host` had on its clocks. `sequence` is how far the change log went when what is owed on `on` had been
    written; None where that was not looked at. `held` says why nothing was sent, `trouble` what ended it early.
    """

    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    host = models.CharField(max_length=100)
    host_at = models.DateTimeField()
    boot = models.CharField(max_length=40, blank=True)
    uptime = models.FloatField(default=0)
    on = models.DateField()
    sequence = models.BigIntegerField(null=True, blank=True)
    looked = models.PositiveIntegerField(default=0)
    sent = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    held = models.CharField(max_length=20, blank=True)
    trouble = models.TextField(blank=True)

    objects = SweepRunQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(fields=("host", "-id"), name="sweep_by_host"),
            models.Index(fields=("on", "-id"), condition=~models.Q(sequence=None), name="sweep_of_what_is_owed"),
        ]

    def __str__(self) -> str:
        return f"{self.host} {self.host_at}"


class BounceMailbox(models.Model):
    """How far a mailbox of letters that came back was read: up to `last_uid` of the folder that was then `validity`;
    `read_at` in the database's time, `trouble` what ended the last reading early."""

    name = models.CharField(max_length=300, unique=True)
    validity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)
    trouble = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name


class ClockStop(models.Model):
    """A clock that cannot be right: nothing is sent until somebody has confirmed the time."""

    class Kind(models.TextChoices):
        BACK = "back", _("时钟倒退")
        APART = "apart", _("时钟与运行时长不符")

    kind = models.CharField(max_length=10, choices=Kind)
    host = models.CharField(max_length=100)
    # What the host's clock said at the sweep before, and then; `expected` is what it ought to have been at least.
    before = models.DateTimeField()
    expected = models.DateTimeField()
    after = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.host} {self.kind} {self.after}"
