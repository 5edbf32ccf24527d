"""Robots of chat groups (群机器人), by which an agency's group, or the office's own, is told how things stand."""

from urllib.parse import urlsplit

from django.db import models
from django.utils.translation import gettext_lazy as _


class ChatRobotQuerySet(models.QuerySet["ChatRobot"]):
    def in_use(self) -> "ChatRobotQuerySet":
        """Those that were not removed."""
        return self.filter(removed=False)


class ChatRobot(models.Model):
    """A robot of a group of `agency`; without one, of the supervision office.

    `address` opens the group to whoever knows it, and `secret` signs what is sent there: neither is shown again or
    logged. One that was removed keeps its row, for what was sent by it, and loses both.
    """

    class Product(models.TextChoices):
        WECOM = "wecom", _("企业微信")
        DINGTALK = "dingtalk", _("钉钉")
        FEISHU = "feishu", _("飞书")

    agency = models.ForeignKey("Agency", models.PROTECT, null=True, blank=True, related_name="robots")
    product = models.CharField(_("类别"), max_length=10, choices=Product)
    name = models.CharField(_("群名称"), max_length=60)
    address = models.CharField(_("机器人地址"), max_length=500, blank=True)
    secret = models.CharField(_("加签密钥"), max_length=200, blank=True)
    removed = models.BooleanField(default=False)

    objects = ChatRobotQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("agency", "name"),
                condition=models.Q(removed=False),
                name="one_robot_of_a_name",
                violation_error_message=_("该单位已有同名的群机器人。"),
            ),
            models.UniqueConstraint(
                # An agency that is none is like no other to the database.
                fields=("name",),
                condition=models.Q(removed=False, agency=None),
                name="one_robot_of_a_name_in_the_office",
                violation_error_message=_("本办已有同名的群机器人。"),
            ),
            models.CheckConstraint(
                condition=models.Q(removed=False) & ~models.Q(address="")
                | models.Q(removed=True, address="", secret=""),
                name="robot_has_an_address_until_removed",
                violation_error_message=_("群机器人须有地址；已删除的不留地址和密钥。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_product_display()} {self.name}"

    @property
    def host(self) -> str:
        """As much of the address as may be shown."""
        return urlsplit(self.address).hostname or ""
