"""What the office drafts, has signed and issues: 督办单 to an agency when reminding and chasing did not help, with what
comes back, and 通报 on a whole list, with whom they were sent to."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.access import Principal, Verb, agencies_for, may
from agencies.models import Agency, Membership, Role
from reforms.models.lists import ReformList, is_in_work, is_open_to
from reforms.models.measures import Measure
from reforms.models.readable import Successors, with_earlier_selves

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


class Drafted(models.Model):
    """What is a draft until a person signed it, another than whoever drafted it; from then on it is not changed.

    `drafted_on` and `issued_on` are business dates in Asia/Shanghai; `letterhead` is that in which it was issued.
    """

    log_kind: ClassVar[str]
    wrong_state: ClassVar["StrPromise"]

    version = models.PositiveIntegerField(default=1)
    drafted_on = models.DateField(_("拟稿日期"))
    drafted_by = models.CharField(_("拟稿人"), max_length=120)
    drafted_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    number = models.CharField(_("文号"), max_length=60, blank=True)
    signed_by = models.CharField(_("签发人"), max_length=60, blank=True)
    issued_on = models.DateField(_("签发日期"), null=True, blank=True)
    letterhead = models.ForeignKey("Letterhead", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True

    @property
    def drafter(self) -> str:
        """The name of whoever drafted it."""
        return str(self.drafted_by_user or self.drafted_by)


def signs_papers(who: Principal) -> bool:
    """Whether they are the head of the office, who reads its papers from 送审稿 on and signs them. One query, for heads
    alone."""
    heads = agencies_for(who, Verb.ISSUE)
    return bool(heads) and offices().filter(agency__in=heads).exists()


def offices() -> models.QuerySet[Membership, int]:
    """The ids of the agencies that have supervisors."""
    return Membership.objects.filter(role=Role.SUPERVISOR).order_by().values_list("agency", flat=True)


def _handed_up() -> models.Q:
    """Of papers: those that are no draft any more."""
    return models.Q(state="submitted") | models.Q(issued_on__isnull=False)


class SupervisionOrderQuerySet(models.QuerySet["SupervisionOrder"]):
    """Orders by how far they are and who may read them."""

    def under_way(self) -> Self:
        """Those that are written, or wait for an answer."""
        return self.filter(state__in=("draft", "submitted", "issued"))

    def readable_by(self, who: Principal) -> Self:
        """The office all, its head from 送审稿 on; an agency those that were issued to it, or to one it succeeded."""
        if may(who, Verb.READ_REPORTS, ()):
            return self
        if signs_papers(who):
            return self.filter(_handed_up())
        issued = self.exclude(issued_on=None)
        return issued.filter(pk__in=issued.held_by(agencies_for(who, Verb.READ_REPORTS)))

    def in_work(self) -> Self:
        """Those that do not rest."""
        return self.exclude(self._resting())

    def resting(self) -> Self:
        """Those under way that wait for nobody, because every list they are about is worked on no more."""
        return self.under_way().filter(self._resting())

    @staticmethod
    def _resting() -> models.Q:
        lines = OrderedMeasure.objects.filter(order=models.OuterRef("pk"))
        worked_on = lines.filter(is_in_work("measure__reform_list__"))
        return models.Q(models.Exists(lines)) & ~models.Q(models.Exists(worked_on))

    def held_by(self, agencies: frozenset[int]) -> frozenset[int]:
        """The ids of those that are theirs: sent to one of the agencies, or to one that was dissolved since, for which
        one of them acts today on a measure of the order. One query, and two where there are such."""
        place = ("pk", "agency_id", "agency__successor_id", "lines__measure_id")
        sent = self.filter(models.Q(agency__in=agencies) | models.Q(agency__successor__isnull=False))
        rows = list(sent.order_by().values_list(*place)) if agencies else []
        gone = [(pk, agency, measure or 0) for pk, agency, successor, measure in rows if successor]
        heirs = Successors.for_measures([measure for *_order, measure in gone]) if gone else None
        own = {pk for pk, agency, successor, _measure in rows if agency in agencies}
        inherited = {pk for pk, agency, measure in gone if heirs and heirs.of(agency, measure) in agencies}
        return frozenset(own | inherited)


class SupervisionOrder(Drafted):
    """督办单 to one agency about measures it leads.

    草稿, 送审稿, 已签发: what was drafted is a draft until a person signed it, another than whoever drafted it. It is
    numbered when it is issued, and not changed any more. The agency answers (回执), itself or entered by the office.

    `reply_by`, `issued_on`, `answered_on` and `drafted_on` are business dates in Asia/Shanghai.
    """

    log_kind = "order"
    wrong_state = _("该督办单现为“%(state)s”，不能这样办理。")

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        SUBMITTED = "submitted", _("送审稿")
        ISSUED = "issued", _("已签发")
        ANSWERED = "answered", _("已反馈")
        VOID = "void", _("已作废")

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="supervision_orders")
    measures = models.ManyToManyField(Measure, through="OrderedMeasure", related_name="supervision_orders")
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.DRAFT)
    subject = models.CharField(_("督办事项"), max_length=200)
    content = models.TextField(_("督办内容"), max_length=4000)
    leader = models.CharField(_("牵头领导"), max_length=60, blank=True)
    contact = models.CharField(_("督办联系人"), max_length=60, blank=True)
    contact_phone = models.CharField(_("联系电话"), max_length=60, blank=True)
    reply_by = models.DateField(_("反馈时限"), null=True, blank=True)
    # 回执: from here on what the agency answers.
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
                # Drafts have no number yet: only what was issued may not share one.
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

    @cached_property
    def holders(self) -> frozenset[int]:
        """Who answers for it today: its agency, or once that was dissolved whoever acts for it on a measure of it."""
        if self.agency.successor_id is None:
            return frozenset({self.agency_id})
        measures = list(self.lines.order_by().values_list("measure", flat=True)) or [0]
        heirs = Successors.for_measures(measures)
        return frozenset(heirs.of(self.agency_id, measure) for measure in measures)

    def rests(self) -> bool:
        """Whether it waits for nobody, because its lists are worked on no more."""
        return type(self).objects.resting().filter(pk=self.pk).exists()


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


class Letterhead(models.Model):
    """红头模板: a Word document of the office into which papers of a kind are written instead of the portal's own
    form. Of each kind one is `used`; those that were put away stay for what was issued in them."""

    class State(models.TextChoices):
        TRIED = "tried", _("待启用")
        USED = "used", _("使用中")
        PUT_AWAY = "put_away", _("已停用")

    kind = models.CharField(_("文种"), max_length=10)
    name = models.CharField(_("文件名"), max_length=200)
    # In the database, not among the files: a bulletin is made of it years later, and a backup of the one has the other.
    data = models.BinaryField()
    sha256 = models.CharField(_("文件校验值"), max_length=64)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.TRIED)
    looked_at = models.BooleanField(default=False)
    added_on = models.DateField(_("上传日期"))
    added_by = models.CharField(_("上传人"), max_length=120)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=("kind",),
                condition=models.Q(state="used"),
                name="one_letterhead_in_use",
                violation_error_message=_("每个文种只能有一个使用中的模板。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BulletinQuerySet(models.QuerySet["Bulletin"]):
    """通报 by who may read them."""

    def readable_by(self, who: Principal) -> Self:
        """Of lists that are open to them: the office and the auditor all, the office's head from 送审稿 on, everybody
        else what was sent to them."""
        found = self.filter(is_open_to(who, "reform_list__"))
        if may(who, Verb.READ_REPORTS, ()):
            return found
        if signs_papers(who):
            return found.filter(_handed_up())
        sent = BulletinAddressee.objects.reaching(who).filter(bulletin=models.OuterRef("pk"))
        return found.filter(models.Exists(sent))


class Bulletin(Drafted):
    """通报 on how far a list is on a day (`on`); 督查专报, the same on a page or two for leaders; or 函, by which a
    body outside the government's line (`agency`) is asked how far it is.

    草稿, 送审稿, 已签发, as an order. Its texts begin as the portal words them and are the office's to change. What its
    numbers and tables are (`figures`, as reforms.bulletins.counting reads them) is kept with it, and up to which
    `sequence` of the change log they were read, and in which `letterhead` it was issued: the document is made of what
    is kept here, so that it says the same a year later. `digest` is the SHA-256 of all that was issued.
    """

    log_kind = "bulletin"
    wrong_state = _("该通报现为“%(state)s”，不能这样办理。")

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        SUBMITTED = "submitted", _("送审稿")
        ISSUED = "issued", _("已签发")
        VOID = "void", _("已作废")

    class Kind(models.TextChoices):
        BULLETIN = "bulletin", pgettext_lazy("one", "通报")
        BRIEF = "brief", _("督查专报")
        LETTER = "letter", _("函")

    kind = models.CharField(_("文种"), max_length=10, choices=Kind, default=Kind.BULLETIN)
    reform_list = models.ForeignKey(ReformList, models.PROTECT, related_name="bulletins")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="letters")
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.DRAFT)
    on = models.DateField(_("数据截至"))
    issue = models.PositiveIntegerField(_("期号"))
    title = models.CharField(_("标题"), max_length=200)
    to = models.CharField(_("主送"), max_length=500, blank=True)
    intro = models.TextField(_("导语"), max_length=2000)
    overall = models.TextField(_("总体情况"), max_length=8000)
    results = models.TextField(_("主要成效"), max_length=20000, blank=True)
    problems = models.TextField(_("存在问题"), max_length=60000, blank=True)
    demands = models.TextField(_("下一步工作要求"), max_length=20000, blank=True)
    contact = models.CharField(_("联系人"), max_length=60, blank=True)
    contact_phone = models.CharField(_("联系电话"), max_length=60, blank=True)
    copies_to = models.CharField(_("抄送"), max_length=500, blank=True)
    # Kept and never read anew after issue: what the list says meanwhile must not alter a signed document.
    figures = models.JSONField(default=dict)
    sequence = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    objects = BulletinQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=("reform_list", "kind", "issue"),
                # A voided issue leaves its number to the one that takes its place.
                condition=~models.Q(state="void"),
                name="bulletin_issue_once",
                violation_error_message=_("这一期已有一份。"),
            ),
            models.CheckConstraint(
                condition=models.Q(kind="letter", agency__isnull=False)
                | ~models.Q(kind="letter") & models.Q(agency=None),
                name="letter_goes_to_an_agency",
                violation_error_message=_("函必须发给一个单位。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(state="issued")
                | (~models.Q(signed_by="") & ~models.Q(digest="") & models.Q(issued_on__isnull=False)),
                name="issued_bulletin_is_signed",
                violation_error_message=_("签发须填写签发人和签发日期。"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("bulletin", args=[self.pk])


class BulletinAddresseeQuerySet(models.QuerySet["BulletinAddressee"]):
    """Addressees by who they are."""

    def reaching(self, who: Principal) -> Self:
        """Those that are the person, or an agency of theirs whose papers they read, or that it succeeded."""
        agencies = with_earlier_selves(agencies_for(who, Verb.READ_REPORTS))
        # Visitors and tokens have no user id: without the first half they would equal the rows of agencies.
        return self.filter(models.Q(agency__in=agencies) | models.Q(user__isnull=False, user=who.user_id))


class BulletinAddressee(models.Model):
    """收件方: an agency, or a person (leaders, of a 督查专报), to whom an issued 通报, 专报 or 函 was sent on the
    business date `on`. They alone read it, beside the office and the auditor. `notice` told them; its letter is its
    delivery."""

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="addressees")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="bulletins_received")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    on = models.DateField(_("发送日期"))
    by = models.CharField(_("发送人"), max_length=120)
    notice = models.ForeignKey("Notice", models.SET_NULL, null=True, blank=True, related_name="+")

    objects = BulletinAddresseeQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                # Agencies get 通报 and 函, persons 督查专报; a row of both would be one reader counted as two.
                condition=models.Q(agency=None, user__isnull=False) | models.Q(agency__isnull=False, user=None),
                name="bulletin_goes_to_agency_or_person",
                violation_error_message=_("收件方是一个单位或一个人。"),
            ),
            models.UniqueConstraint(
                fields=("bulletin", "agency"),
                name="bulletin_once_to_an_agency",
                violation_error_message=_("已发送过该单位。"),
            ),
            models.UniqueConstraint(
                fields=("bulletin", "user"),
                name="bulletin_once_to_a_person",
                violation_error_message=_("已发送过此人。"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.agency or self.user)


class BulletinReading(models.Model):
    """已阅: a person of an addressee has opened or downloaded it, first at `at` (aware, the portal's clock)."""

    addressee = models.ForeignKey(BulletinAddressee, models.CASCADE, related_name="readings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=("addressee", "user"), name="bulletin_read_once")]

    def __str__(self) -> str:
        return f"{self.addressee_id} {self.user_id}"


class BulletinSentence(models.Model):
    """How the office of a list words a sentence of its 通报, otherwise than the portal does; `name` is one of
    reforms.bulletins.sentences."""

    reform_list = models.ForeignKey(ReformList, models.CASCADE, related_name="bulletin_sentences")
    name = models.CharField(max_length=30)
    text = models.TextField(max_length=1000)

    class Meta:
        ordering = ("reform_list", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("reform_list", "name"),
                name="sentence_once_a_list",
                violation_error_message=_("这一句已有一份。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reform_list_id} {self.name}"
