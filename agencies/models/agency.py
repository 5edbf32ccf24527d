"""Agencies as the lists print them and as people write them, the groups some names stand for, and who followed whom."""

from collections.abc import Iterable
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# 统一社会信用代码, the code that every Chinese organisation has (GB 32100-2015): digits and capitals without I, O, S, V
# and Z.
CODE_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODE_LENGTH = 18
# By place from the left: 1, 3, 9, 27, 19 and so on, the powers of 3 modulo 31.
CODE_WEIGHTS = tuple(pow(3, place, 31) for place in range(CODE_LENGTH - 1))


def check_character(first: str) -> str:
    """The last character that belongs to the first seventeen (GB 32100-2015, 4.3)."""
    total = sum(
        CODE_CHARACTERS.index(character) * weight for character, weight in zip(first, CODE_WEIGHTS, strict=True)
    )
    return CODE_CHARACTERS[-total % 31]


def is_credit_code(code: str) -> bool:
    """Whether a code has the right length and characters, and ends in the character that belongs to the others."""
    if len(code) != CODE_LENGTH or not set(code) <= set(CODE_CHARACTERS):
        return False
    return code[-1] == check_character(code[:-1])


def validate_credit_code(code: str) -> None:
    """Raises ValidationError with what is wrong and what to do."""
    if len(code) != CODE_LENGTH:
        raise ValidationError(
            _("统一社会信用代码应为18位，现为%(n)d位，请核对。"), code="length", params={"n": len(code)}
        )
    if not is_credit_code(code):
        raise ValidationError(_("统一社会信用代码的校验位不符，请对照登记证书逐位核对。"), code="check_digit")


class AgencyQuerySet(models.QuerySet["Agency"]):
    def known(self) -> Self:
        """All but those that turned out to be another one under a second spelling."""
        return self.filter(merged_into=None)

    def living(self) -> Self:
        """Those that still exist: neither dissolved nor a second spelling."""
        return self.known().filter(dissolved_on=None)

    def called(self, names: Iterable[str]) -> "dict[str, Agency]":
        """The agencies known by any of `names` (their own name, full name or another one), by that name."""
        wanted = set(names)
        # Most addresses name agencies by their ids; three queries that find nothing still cost two milliseconds.
        if not wanted:
            return {}
        # From the weakest to the strongest: a name of its own wins over a full name, that over another name.
        others = AgencyName.objects.filter(name__in=wanted).select_related("agency__merged_into")
        found = {name.name: name.agency for name in others}
        named = self.select_related("merged_into")
        found |= {agency.full_name: agency for agency in named.filter(full_name__in=wanted - {""})}
        found |= {agency.name: agency for agency in named.filter(name__in=wanted)}
        return {name: agency.merged_into or agency for name, agency in found.items()}


class Agency(models.Model):
    """A body that a list names: one agency, a group with members, or an open group (各有关单位).

    One that was dissolved keeps its place beside what was printed; `successor` takes over what it had to do (unless
    another was chosen for a measure). One that was a second spelling of another keeps its row, `merged_into` that one.
    """

    class Kind(models.TextChoices):
        SINGLE = "single", pgettext_lazy("one", "单位")
        GROUP = "group", _("统称（成员已定）")
        OPEN = "open", _("统称（成员待指定）")

    name = models.CharField(_("名称"), max_length=120, unique=True, error_messages={"unique": _("已有同名单位。")})
    full_name = models.CharField(_("全称"), max_length=200, blank=True)
    name_en = models.CharField(_("英文名称"), max_length=200, blank=True)
    kind = models.CharField(_("类别"), max_length=10, choices=Kind, default=Kind.SINGLE)
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, blank=True, validators=[validate_credit_code])
    email = models.EmailField(_("提醒邮箱"), blank=True)
    signs_claims = models.BooleanField(_("销号和延期申请须经本单位审签"), default=False)
    outside_line = models.BooleanField(_("不属政府序列（发商请函）"), default=False)
    members = models.ManyToManyField("self", through="GroupMember", symmetrical=False, related_name="groups")
    dissolved_on = models.DateField(_("撤销日期"), null=True, blank=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="heir_of")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="spellings")

    objects = AgencyQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(name=""),
                name="agency_has_a_name",
                violation_error_message=_("单位名称不能为空。"),
            ),
            models.UniqueConstraint(
                # A second spelling keeps its row, and with it the code.
                fields=("credit_code",),
                condition=~models.Q(credit_code="") & models.Q(merged_into=None),
                name="one_agency_per_credit_code",
                violation_error_message=_("该统一社会信用代码已属于另一单位。"),
            ),
            models.CheckConstraint(
                condition=models.Q(dissolved_on=None, successor=None)
                | models.Q(dissolved_on__isnull=False, successor__isnull=False),
                name="dissolved_has_a_successor",
                violation_error_message=_("已撤销的单位必须有撤销日期和承接单位。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(successor=models.F("id")) & ~models.Q(merged_into=models.F("id")),
                name="no_agency_follows_itself",
                violation_error_message=_("单位不能承接或并入自己。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("agency", args=[self.pk])

    @property
    def is_collective(self) -> bool:
        return self.kind != self.Kind.SINGLE

    @property
    def acting_members(self) -> int:
        """How many agencies really act for a group: the successor of several dissolved members is one."""
        return len({member.successor_id or member.pk for member in self.members.all()})

    @property
    def is_living(self) -> bool:
        return self.merged_into_id is None and self.dissolved_on is None


class AgencyName(models.Model):
    """Another name of an agency: 市人防办 for 市委军民融合办（市人防办）."""

    agency = models.ForeignKey(Agency, models.CASCADE, related_name="other_names")
    name = models.CharField(
        _("别名"), max_length=120, unique=True, error_messages={"unique": _("该别名已属于另一单位。")}
    )

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    """One agency's place in a group."""

    group = models.ForeignKey(Agency, models.CASCADE, related_name="member_places")
    member = models.ForeignKey(Agency, models.CASCADE, related_name="group_places")

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("group", "member"),
                name="one_place_in_a_group",
                violation_error_message=_("该单位已是成员。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(group=models.F("member")),
                name="no_group_in_itself",
                violation_error_message=_("统称不能是自己的成员。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} ∈ {self.group}"


class Succession(models.Model):
    """A reorganisation (机构变更) that has taken effect. `on` is the business date, `reference` its document.

    A renamed agency stays the same one: it precedes and succeeds itself, and the names tell what changed.
    """

    class Kind(models.TextChoices):
        RENAMED = "renamed", _("更名")
        MERGED = "merged", _("合并（撤销后由另一单位承接）")
        SPLIT = "split", _("拆分（由多个单位分别承接）")

    kind = models.CharField(_("变更方式"), max_length=10, choices=Kind)
    predecessors = models.ManyToManyField(Agency, related_name="endings")
    successors = models.ManyToManyField(Agency, related_name="beginnings")
    on = models.DateField(_("变更日期"))
    reference = models.CharField(_("依据文号"), max_length=120, blank=True)
    old_name = models.CharField(_("原名称"), max_length=120, blank=True)
    new_name = models.CharField(_("新名称"), max_length=120, blank=True)

    class Meta:
        ordering = ("on", "id")
        constraints = [
            models.CheckConstraint(
                condition=(models.Q(kind="renamed") & ~models.Q(old_name="") & ~models.Q(new_name=""))
                | (~models.Q(kind="renamed") & models.Q(old_name="", new_name="")),
                name="only_renaming_has_names",
                violation_error_message=_("更名须有原名称和新名称，其他变更不填。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.kind} {self.reference}"
