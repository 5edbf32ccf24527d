"""People and what they are to an agency."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Language(models.TextChoices):
    """In which language letters come; Chinese unless somebody chose."""

    CHINESE = "zh-hans", _("中文")
    ENGLISH = "en", "English"


class User(AbstractUser):
    """A person who signs in by username. What they may do comes from memberships alone (agencies.access)."""

    full_name = models.CharField(_("姓名"), max_length=60, blank=True)
    position = models.CharField(_("职务"), max_length=60, blank=True)
    phone = models.CharField(_("办公电话"), max_length=40, blank=True)
    mobile = models.CharField(_("手机"), max_length=40, blank=True)
    language = models.CharField(_("信件语言"), max_length=10, choices=Language, default=Language.CHINESE)
    is_demo = models.BooleanField(default=False)
    links_made = models.PositiveIntegerField(default=0)  # goes into every one-time link: a new one ends those before

    def __str__(self) -> str:
        return self.full_name or self.username


class Role(models.TextChoices):
    """What somebody is to an agency; what each may do is in agencies.access.RULES."""

    VIEWER = "viewer", _("查看")
    HEAD = "head", _("单位负责人")
    REPORTER = "reporter", _("填报人")
    APPROVER = "approver", _("单位审核人")
    SUPERVISOR = "supervisor", _("督办人员")
    ADMINISTRATOR = "administrator", _("系统管理员")
    AUDITOR = "auditor", _("安全审计员")


class Membership(models.Model):
    """One role of one person in one agency."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    agency = models.ForeignKey("Agency", models.PROTECT, related_name="memberships")
    role = models.CharField(_("角色"), max_length=20, choices=Role)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("user", "agency", "role"),
                name="one_role_once_per_agency",
                violation_error_message=_("此人在该单位已有这一角色。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.agency} · {self.get_role_display()}"


class LetterPause(models.Model):
    """暂不收信: up to and including `until` no reminder by mail reaches this person about this agency; `substitute`, of
    the same agency, gets them meanwhile. Whether that leaves anybody is for whoever writes letters to see."""

    user = models.ForeignKey(User, models.CASCADE, related_name="letter_pauses")
    agency = models.ForeignKey("Agency", models.CASCADE, related_name="letter_pauses")
    until = models.DateField(_("暂不收信至"))
    substitute = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("代收人")
    )

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("user", "agency"),
                name="one_pause_in_an_agency",
                violation_error_message=_("此人在该单位已设置暂不收信。"),
            ),
            models.CheckConstraint(
                condition=models.Q(substitute=None) | ~models.Q(substitute=models.F("user")),
                name="nobody_is_their_own_substitute",
                violation_error_message=_("代收人不能是本人。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.agency_id} → {self.until}"


class AccessCode(models.Model):
    """The code on somebody's slip of paper, by which they choose a password once. Only a keyed hash is kept.

    One for each person: a new one takes its place, and choosing a password or being shut out ends it.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="access_code")
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("有效期至"))

    def __str__(self) -> str:
        return f"{self.user} → {self.expires_at:%Y-%m-%d}"

    @property
    def has_expired(self) -> bool:
        """Whether it opens nothing any more."""
        return self.expires_at <= timezone.now()
