"""群机器人: by which chat groups of agencies, and the office's own, are told; for administrators."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import OuterRef, Prefetch, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from agencies.access import Verb, access, acting
from agencies.lib.requests import is_number
from agencies.models import Agency, ChatRobot
from reforms.models import Delivery
from reforms.organisation.robots import RobotFacts, add_robot, change_robot, remove_robot
from reforms.pages.forms import CHINESE, AgencyField, add_errors
from reforms.reminders.sending.robot_check import try_robot

A_PAGE = 50
KEPT = gettext_lazy("不再显示；留空则不变。")


class AgencyOrOffice(AgencyField):
    """An agency by name; empty for the supervision office."""

    def clean(self, value: Any) -> Agency | None:  # type: ignore[override]  # nobody may be named
        return super().clean(value) if str(value or "").strip() else None


class RobotForm(forms.Form):
    """A robot as it is entered; of a known one address and secret are never shown."""

    product = forms.ChoiceField(label=gettext_lazy("类别"), choices=ChatRobot.Product.choices)
    name = forms.CharField(label=gettext_lazy("群名称"), max_length=60, widget=forms.TextInput(attrs=CHINESE))
    address = forms.CharField(
        label=gettext_lazy("机器人地址"),
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("从群里复制的完整网址，以https://开头；自建的企业微信填它自己的地址。"),
    )
    secret = forms.CharField(
        label=gettext_lazy("加签密钥"),
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("钉钉、飞书在机器人的安全设置里选“加签”（签名校验）后给出；企业微信没有。"),
    )

    def facts(self) -> RobotFacts:
        """What was filled in."""
        said = self.cleaned_data
        return RobotFacts(
            product=said["product"],
            name=said["name"],
            address=said["address"],
            secret=said["secret"],
            unsigned=said.get("unsigned", False),
        )


class NewRobotForm(RobotForm):
    agency = AgencyOrOffice(
        label=pgettext_lazy("one", "单位"), required=False, help_text=gettext_lazy("留空为督办办公室自己的群。")
    )
    field_order = ("agency", "product", "name", "address", "secret")


class KnownRobotForm(RobotForm):
    unsigned = forms.BooleanField(label=gettext_lazy("不再加签（删去密钥）"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("address", "secret"):
            self.fields[name].required, self.fields[name].help_text = False, KEPT


@access(Verb.MANAGE_AGENCIES)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def robots(request: HttpRequest) -> HttpResponse:
    """Those in use, of one agency or of all, with what became of their last message; the form adds one."""
    asked = request.GET.get("agency", "")
    agency = Agency.objects.filter(pk=asked).first() if is_number(asked) else None
    form = NewRobotForm(request.POST or None, initial={"agency": agency.name if agency else ""})
    if request.method == "POST" and form.is_valid():
        try:
            added = add_robot(form.cleaned_data["agency"], form.facts(), **acting(request))
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("已登记。请发一条测试消息，确认群里收到。"))
            return redirect("robot", added.pk)
    found = _with_last_message(ChatRobot.objects.in_use().filter(**({"agency": agency} if agency else {})))
    context = {
        "form": form,
        "agency": agency,
        "page": Paginator(found, A_PAGE).get_page(request.GET.get("page")),
        "names": Agency.objects.living().filter(kind=Agency.Kind.SINGLE).values_list("name", flat=True),
    }
    return render(request, "agencies/robots.html", context, status=422 if form.is_bound else 200)


def _with_last_message(found: Any) -> Any:
    newest = Delivery.objects.filter(robot=OuterRef("robot")).order_by("-pk").values("pk")[:1]
    last = Delivery.objects.filter(pk=Subquery(newest)).prefetch_related("copies")
    return found.select_related("agency").prefetch_related(Prefetch("deliveries", last, to_attr="last"))


@access(Verb.MANAGE_AGENCIES)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def robot(request: HttpRequest, pk: int) -> HttpResponse:
    """One robot: what may be shown of it, the form that changes it, and buttons to try and to remove it."""
    found = _in_use(pk)
    form = KnownRobotForm(request.POST or None, initial={"product": found.product, "name": found.name})
    if request.method == "POST" and form.is_valid():
        try:
            change_robot(_in_use(pk), form.facts(), **acting(request))
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("已保存。"))
            return redirect("robot", pk)
    return render(request, "agencies/robot.html", {"robot": found, "form": form}, status=422 if form.is_bound else 200)


@access(Verb.MANAGE_AGENCIES)
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """A message to its group now, and what is wrong where it was not taken."""
    found = _in_use(pk)
    if wrong := try_robot(found):
        messages.error(request, _("测试消息没有发出：%(why)s") % {"why": wrong})
    else:
        messages.success(request, _("机器人收下了测试消息，请到“%(group)s”群里查看。") % {"group": found.name})
    return redirect("robot", pk)


@access(Verb.MANAGE_AGENCIES)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing more is said by it; address and secret are deleted."""
    remove_robot(_in_use(pk), **acting(request))
    messages.success(request, _("已删除，其地址和密钥不再保存。"))
    return redirect("robots")


def _in_use(pk: int) -> ChatRobot:
    return get_object_or_404(ChatRobot.objects.in_use().select_related("agency"), pk=pk)
