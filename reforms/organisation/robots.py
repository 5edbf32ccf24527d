"""Robots of chat groups (群机器人): entered, changed and removed by administrators, each logged without what opens the
group."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agencies.access import Principal, Verb, may
from agencies.log.write import Entry, record
from agencies.models import Agency, Change, ChatRobot
from reforms.reminders.sending.robots import Product, wrong_robot_address


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotFacts:
    """What is entered. An empty `address` or `secret` leaves a known robot's as it is; `unsigned` takes the secret
    away."""

    product: str
    name: str
    address: str = ""
    secret: str = ""
    unsigned: bool = False


def add_robot(agency: Agency | None, facts: RobotFacts, *, who: Principal, on: dt.date) -> ChatRobot:
    """Of an agency that acts itself, or of the office. Raises ValidationError, PermissionDenied."""
    return _write(ChatRobot(agency=agency), facts, "robot.added", who=who, on=on)


def change_robot(robot: ChatRobot, facts: RobotFacts, *, who: Principal, on: dt.date) -> ChatRobot:
    """Raises ValidationError, PermissionDenied."""
    return _write(robot, facts, "robot.changed", who=who, on=on)


def _write(robot: ChatRobot, facts: RobotFacts, action: str, *, who: Principal, on: dt.date) -> ChatRobot:
    if not may(who, Verb.MANAGE_AGENCIES):
        raise PermissionDenied
    before = _facts(robot) if robot.pk else {}
    kept = (robot.address, robot.secret)
    robot.product, robot.name = facts.product, facts.name
    robot.address = facts.address or robot.address
    robot.secret = "" if facts.unsigned else facts.secret or robot.secret
    _check(robot)
    with transaction.atomic():
        robot.full_clean()
        robot.save()
        after = _facts(robot) | ({"renewed": True} if before and kept != (robot.address, robot.secret) else {})
        different = {name: value for name, value in after.items() if before.get(name) != value}
        if different:
            was = {name: value for name, value in before.items() if name in different}
            record([_entry(robot, action, was, different)], who=who, on=on)
    return robot


def _check(robot: ChatRobot) -> None:
    if robot.agency and (robot.agency.is_collective or not robot.agency.is_living):
        raise ValidationError({"agency": _("统称和已撤销的单位不收信，不能有群机器人。")})
    if wrong := wrong_robot_address(robot.product, robot.address):
        raise ValidationError({"address": wrong})
    if robot.secret and robot.product == Product.WECOM:
        raise ValidationError({"secret": _("企业微信的群机器人没有加签密钥，请留空。")})
    same = ChatRobot.objects.in_use().filter(agency=robot.agency, address=robot.address).exclude(pk=robot.pk).first()
    if same:
        raise ValidationError({"address": _("这个机器人已登记为“%(name)s”。") % {"name": same.name}})


def remove_robot(robot: ChatRobot, *, who: Principal, on: dt.date) -> None:
    """Its address and secret are deleted; what waits to be sent by it is let go by the next sweep."""
    if not may(who, Verb.MANAGE_AGENCIES):
        raise PermissionDenied
    with transaction.atomic():
        before = _facts(robot)
        robot.address, robot.secret, robot.removed = "", "", True
        robot.save()
        record([_entry(robot, "robot.removed", before, {})], who=who, on=on)


def _facts(robot: ChatRobot) -> dict[str, Any]:
    """What the log may tell of it."""
    return {"product": robot.product, "name": robot.name, "host": robot.host, "signed": bool(robot.secret)}


def _entry(robot: ChatRobot, action: str, before: dict[str, Any], after: dict[str, Any]) -> Entry:
    return Entry(
        action=action,
        kind="robot",
        object_id=robot.pk,
        agency_id=robot.agency_id,
        visibility=Change.Visibility.INTERNAL,
        before=before,
        after=after,
    )
