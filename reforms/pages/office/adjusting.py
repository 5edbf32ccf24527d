"""时限调整 as it is shown once more before it is done: what it changes, who is told, and what looks like a slip."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.access import Principal
from agencies.models import Agency
from reforms.duties import holders_of
from reforms.lib.words import day_text, days_text
from reforms.models import Dates, DeadlineAdjustment, Extension, Measure, light_of
from reforms.notices.notify import may_leave
from reforms.reminders.letters import recipients_of
from reforms.reminders.stages import TOLD_FIRST
from reforms.review.deadline_moves import moves_of, times_moved
from reforms.review.extensions import takes_back, to_correct

FAR = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusting:
    """An adjustment that was filled in and not yet made."""

    measure: Measure
    deadline: dt.date
    earlier: DeadlineAdjustment | None
    on: dt.date

    @classmethod
    def foreseen(cls, measure: Measure, deadline: dt.date, *, who: Principal, on: dt.date, again: bool) -> "Adjusting":
        """As things stand; `again` is no correction of what was adjusted before."""
        return cls(measure=measure, deadline=deadline, earlier=None if again else to_correct(measure, who), on=on)

    def consequences(self) -> list[str]:
        """What it will do, in sentences."""
        lines = [self._moved(), self._light(), self._counted(), *self._told(), self._asked()]
        return [line for line in lines if line]

    def warnings(self) -> list[str]:
        """What about the day may be a slip, in sentences."""
        past, apart = (self.on - self.deadline).days, abs((self.deadline - self._before).days)
        found = []
        if past > 0:
            found.append(
                ngettext("所填日期已过去%(n)d天，请核对。", "所填日期已过去%(n)d天，请核对。", past) % {"n": past}
            )
        if apart > FAR:
            said = _("所填日期与调整前的时限相差%(n)d天，超过一年，请核对年份。")
            found.append(said % {"n": apart})
        return found

    @property
    def _before(self) -> dt.date:
        """The deadline before the adjustment, or before the one that is corrected; today where there was none."""
        return (self.earlier.former if self.earlier else self.measure.deadline_in_force) or self.on

    def _moved(self) -> str:
        old = self.measure.deadline_in_force
        if old is None:
            return _("现行时限定为%(new)s，原先没有时限。") % {"new": day_text(self.deadline)}
        days = (self.deadline - old).days
        named = {"old": day_text(old), "new": day_text(self.deadline), "n": abs(days)}
        if days == 0:
            return _("现行时限仍为%(new)s，只更正批准文号或理由。") % named
        if days > 0:
            said = ngettext(
                "现行时限由%(old)s改为%(new)s，推后%(n)d天。", "现行时限由%(old)s改为%(new)s，推后%(n)d天。", days
            )
        else:
            said = ngettext(
                "现行时限由%(old)s改为%(new)s，提前%(n)d天。", "现行时限由%(old)s改为%(new)s，提前%(n)d天。", -days
            )
        return said % named

    def _light(self) -> str:
        measure = self.measure
        light = light_of(
            Dates(
                is_standing=measure.is_standing,
                deadline_in_force=self.deadline,
                first_report_on=measure.first_report_on,
                claimed_on=measure.claimed_on,
                closed_on=measure.closed_on,
            ),
            self.on,
        )
        named = {"light": light.label, "days": days_text((self.deadline - self.on).days)}
        return _("调整后为“%(light)s”，%(days)s。") % named

    def _counted(self) -> str:
        times = times_moved(moves_of(self.measure, everything=True))
        if self.earlier is None:
            return _("这将是第%(n)d次延期或调整。") % {"n": times + 1}
        named = {"made": self._made(self.earlier), "until": day_text(self.earlier.deadline)}
        if takes_back(self.earlier, self.deadline):
            said = _("您于%(made)s调整为%(until)s，现改回原时限：该次调整不再计数，延期或调整共%(n)d次。历史记录保留。")
            return said % (named | {"n": times - 1})
        said = _("更正您于%(made)s所作的调整（%(until)s）：不另计次数，延期或调整仍为%(n)d次。历史记录保留两次。")
        return said % (named | {"n": times})

    @staticmethod
    def _made(earlier: DeadlineAdjustment) -> str:
        return f"{day_text(earlier.on)} {timezone.localtime(earlier.recorded_at):%H:%M}"

    def _told(self) -> list[str]:
        agencies = list(Agency.objects.filter(pk__in=holders_of(self.measure)).order_by("pk"))
        if not agencies:
            return [_("目前没有单位承担这条举措，不告知任何单位。")]
        names = _("、").join(agency.name for agency in agencies)
        told = ngettext(
            "将以消息告知%(n)d个单位：%(names)s。", "将以消息告知%(n)d个单位：%(names)s。", len(agencies)
        ) % {"n": len(agencies), "names": names}
        return [told, *self._letters(agencies)]

    def _letters(self, agencies: list[Agency]) -> list[str]:
        if not may_leave(self.measure):
            return [_("不发邮件：该清单从未开启提醒。")]
        addresses = {agency.name: recipients_of(agency, TOLD_FIRST) for agency in agencies}
        count = sum(1 for found in addresses.values() if found)
        without = _("、").join(name for name, found in addresses.items() if not found)
        lines = [ngettext("将发邮件%(n)d封。", "将发邮件%(n)d封。", count) % {"n": count}] if count else []
        if without:
            said = _("没有收件邮箱，邮件暂不能发出（请系统管理员在“单位邮箱”中填写）：%(names)s。")
            lines.append(said % {"names": without})
        return lines

    def _asked(self) -> str:
        waiting = Extension.objects.filter(measure=self.measure, state=Extension.State.UNDER_REVIEW).first()
        if waiting is None:
            return ""
        return _("有一份延期申请待批复（申请延至%(day)s），本次调整不代替批复。") % {"day": day_text(waiting.proposed)}
