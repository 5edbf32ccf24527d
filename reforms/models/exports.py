"""What is asked for by the query of an address and kept: files that take longer than a request may, which are ordered,
made by the worker and fetched by whoever ordered them; views of the measures that people save under a name; and feeds
of measures, read by programs that do not sign in."""

import datetime as dt
import secrets
from functools import partial

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from agencies.access import Principal
from agencies.lib.jobs.leased import Leased, LeasedQuerySet
from agencies.models import Membership, Role

KEPT = dt.timedelta(hours=24)


class ExportQuerySet(LeasedQuerySet["Export"]):
    """Orders, and which of them somebody has to work on."""

    def claimable(self) -> "ExportQuerySet":
        """Those with work to do that nobody is doing."""
        return self.free().filter(state=Export.State.WAITING)

    def expired(self) -> "ExportQuerySet":
        """Those that are kept no longer; by the clock of the database."""
        return self.filter(created_at__lt=Now() - KEPT)


class Export(Leased):
    """One file to be made: what of (`kind`, one of reforms.exports.makers.MAKERS), and which of it (`query`, as in the
    address of the page), as its owner may see it on the business date `on`.

    Without `user` somebody ordered it who was not signed in. Whoever has the `token` then knows where it lies.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("生成中")
        READY = "ready", _("已生成")
        FAILED = "failed", _("未能生成")

    # Not the id: whoever is not signed in fetches by it, and ids can be counted through.
    token = models.CharField(max_length=43, unique=True, default=partial(secrets.token_urlsafe, 32))
    kind = models.CharField(max_length=20)
    query = models.TextField(blank=True)
    # The worker has no request: it writes in the language in which the file was ordered.
    language = models.CharField(max_length=10)
    on = models.DateField(_("业务日期"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.WAITING)
    file = models.FileField(_("文件"), max_length=200, blank=True)
    file_name = models.CharField(_("文件名"), max_length=255, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(_("提交时间"), db_index=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    def get_absolute_url(self) -> str:
        return reverse("made-file", args=[self.token])

    @property
    def expires_at(self) -> dt.datetime:
        """Until when it can be fetched."""
        return self.created_at + KEPT


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Saved views, and who may know of which."""

    def readable_by(self, who: Principal) -> "SavedViewQuerySet":
        """Their own, and what others share with them as long as those are still what they shared it as."""
        if who.user_id is None or not who.roles:
            return self.none()
        places = Membership.objects.filter(user=OuterRef("user"))
        of_agency = Q(shared_with=SavedView.Sharing.AGENCY, agency__in=who.agencies())
        # Whoever left the agency, or the office, shares with it no longer, although the row still says so.
        of_agency &= Q(Exists(places.filter(agency=OuterRef("agency"))))
        of_all = Q(shared_with=SavedView.Sharing.EVERYBODY) & Q(Exists(places.filter(role=Role.SUPERVISOR)))
        return self.filter(Q(user=who.user_id) | (Q(user__is_active=True) & (of_agency | of_all)))


class SavedView(models.Model):
    """The query of the page of measures (filters, order, layout) that a person keeps under a name, and may share.

    It is a query and no more: whoever opens it sees what they may see. Without `agency` it is not shared with one.
    """

    class Sharing(models.TextChoices):
        NOBODY = "nobody", _("仅自己")
        AGENCY = "agency", _("本单位")
        EVERYBODY = "everybody", _("所有登录人员")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    name = models.CharField(_("名称"), max_length=40)
    query = models.TextField(blank=True)
    shared_with = models.CharField(_("共享给"), max_length=10, choices=Sharing, default=Sharing.NOBODY)
    agency = models.ForeignKey("agencies.Agency", models.CASCADE, null=True, blank=True, related_name="+")
    starred_by = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="starred_views")

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(fields=("user", "name"), name="one_saved_view_of_a_name"),
            models.CheckConstraint(
                condition=Q(shared_with="agency", agency__isnull=False) | (~Q(shared_with="agency") & Q(agency=None)),
                name="a_saved_view_is_shared_with_an_agency_or_not",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('measures')}?{self.query}"


class PersonalFeed(models.Model):
    """个人订阅地址: an address at which a calendar or a reader of news asks without signing in for the measures of a
    query, or of a saved view as it is then. It shows what `user` may read at that moment.

    Of the address a keyed hash is kept. `name` says what it shows, in the words of when it was made.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="personal_feeds")
    name = models.CharField(max_length=120)
    query = models.TextField(blank=True)
    view = models.ForeignKey(SavedView, models.CASCADE, null=True, blank=True, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    last_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


def digest_of_feed(key: str) -> str:
    """HMAC-SHA256 of a feed's key under SECRET_KEY, in hexadecimal."""
    return salted_hmac("reforms.feed", key, algorithm="sha256").hexdigest()
