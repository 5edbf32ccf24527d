"""需协调事项: what reports ask the office to coordinate."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from agencies.access import Principal, Verb, agencies_for, may
from agencies.models import Agency
from reforms.models.measures import Measure
from reforms.models.readable import led_by


class MatterQuerySet(models.QuerySet["Matter"]):
    """Matters by whether they live and who may read them."""

    def living(self) -> Self:
        """Those that the office has not finished with."""
        return self.filter(state__in=("open", "taken"))

    def waiting(self) -> Self:
        """The living ones of lists that are not archived."""
        return self.living().filter(measure__reform_list__archived_on=None)

    def readable_by(self, who: Principal) -> Self:
        """As reports: the office all, an agency those of measures it leads, and those it raised, or took over, on
        measures it acts on."""
        if may(who, Verb.READ_REPORTS, ()):
            return self
        own = agencies_for(who, Verb.READ_REPORTS)
        return self.filter(led_by(own) | models.Q(report__duty__agency__in=own))


class Matter(models.Model):
    """需协调事项: a problem that an agency reported and the office works on. One living per measure and agency.

    `text` is what the latest report says of it; when a report no longer raises it, it is dropped.
    """

    class State(models.TextChoices):
        OPEN = "open", _("待协调")
        TAKEN = "taken", _("协调中")
        SETTLED = "settled", _("已协调")
        DROPPED = "dropped", _("不再提出")

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="matters")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="matters")
    report = models.ForeignKey("ProgressReport", models.PROTECT, related_name="matters")
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.OPEN)
    text = models.TextField(_("需协调事项"))
    answer = models.TextField(_("协调情况"), max_length=2000, blank=True)
    raised_on = models.DateField(_("提出日期"))
    handled_on = models.DateField(_("处理日期"), null=True, blank=True)
    handled_by = models.CharField(_("处理人"), max_length=120, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = MatterQuerySet.as_manager()

    class Meta:
        ordering = ("raised_on", "id")
        indexes = [models.Index(fields=("state", "raised_on"), name="matter_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=("measure", "agency"),
                # Those that are finished with may be many.
                condition=models.Q(state__in=("open", "taken")),
                name="one_living_matter",
                violation_error_message=_("该单位在这条举措上已有一件需协调事项。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(state="settled") | ~models.Q(answer=""),
                name="settled_matter_has_an_answer",
                violation_error_message=_("请填写协调情况。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id} {self.agency_id} {self.text[:20]}"
