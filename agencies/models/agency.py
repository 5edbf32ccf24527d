"""Agencies as the lists print them, and the groups some of the printed names stand for."""

from collections.abc import Iterable

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class AgencyQuerySet(models.QuerySet["Agency"]):
    def called(self, names: Iterable[str]) -> "dict[str, Agency]":
        """The agencies known by any of `names` (their own name, full name or another one), by that name."""
        wanted = set(names)
        found = {name.name: name.agency for name in AgencyName.objects.filter(name__in=wanted).select_related("agency")}
        found |= {agency.full_name: agency for agency in self.filter(full_name__in=wanted - {""})}
        return found | {agency.name: agency for agency in self.filter(name__in=wanted)}


class Agency(models.Model):
    """A body that a list names: one agency, a group with members, or an open group (各有关单位)."""

    class Kind(models.TextChoices):
        SINGLE = "single", pgettext_lazy("one", "单位")
        GROUP = "group", _("统称（成员已定）")
        OPEN = "open", _("统称（成员待指定）")

    name = models.CharField(_("名称"), max_length=120, unique=True, error_messages={"unique": _("已有同名单位。")})
    full_name = models.CharField(_("全称"), max_length=200, blank=True)
    name_en = models.CharField(_("英文名称"), max_length=200, blank=True)
    kind = models.CharField(_("类别"), max_length=10, choices=Kind, default=Kind.SINGLE)
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, blank=True)
    email = models.EmailField(_("提醒邮箱"), blank=True)
    outside_line = models.BooleanField(_("不属政府序列（发商请函）"), default=False)
    members = models.ManyToManyField("self", through="GroupMember", symmetrical=False, related_name="groups")

    objects = AgencyQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(name=""),
                name="agency_has_a_name",
                violation_error_message=_("单位名称不能为空。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("agency", args=[self.pk])

    @property
    def is_collective(self) -> bool:
        return self.kind != self.Kind.SINGLE


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
