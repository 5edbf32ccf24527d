"""签收: which agencies have taken note of an edition."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from reforms.models.lists import ListEdition


class Acknowledgement(models.Model):
    """签收: an agency has taken note of its duties in an edition. Once per agency and edition."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="acknowledgements")
    edition = models.ForeignKey(ListEdition, models.PROTECT, related_name="acknowledgements")
    on = models.DateField(_("签收日期"))
    recorded_at = models.DateTimeField()
    author = models.CharField(_("签收人"), max_length=120)
    author_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=("agency", "edition"),
                name="acknowledged_once_per_edition",
                violation_error_message=_("本单位已签收这一版清单。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.edition_id} {self.on}"
