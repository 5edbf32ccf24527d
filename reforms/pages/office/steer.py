"""督办 of one measure: 时限调整, 催办, 改派, 中止, 终止, 恢复推进; and 代录 on an agency's behalf."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agencies.access import Verb, access, acting, principal_of, require
from agencies.models import Agency, Change
from reforms.catalogue.rows import measure_rows, viewpoint
from reforms.duties import holders, holders_of
from reforms.history.measure import history_of
from reforms.models import TEXTS, Measure, ProgressReport, Stale, check_version
from reforms.pages.forms import add_errors, answered
from reforms.pages.office.forms import FORMS, EnterForm, SteeringForm, acts_on
from reforms.reports.submit import ReportContent, submit_report


@access(Verb.STEER)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def steer(request: HttpRequest, pk: int) -> HttpResponse:
    """A form for each thing that may be done to the measure; what is grave is shown once more first."""
    measure = get_object_or_404(Measure, pk=pk)
    require(request, Verb.STEER, frozenset(holders_of(measure)))
    if request.method != "POST":
        return _page(request, measure)
    form = _sent(request, measure)
    if form is None or not form.is_valid():
        return _page(request, measure, form, status=422)
    if "amend" in request.POST:
        return _page(request, measure, form)
    return _confirm_or_do(request, measure, form)


def _confirm_or_do(request: HttpRequest, measure: Measure, form: SteeringForm) -> HttpResponse:
    try:
        if form.grave and "confirmed" not in request.POST:
            return _confirm(request, measure, form)
        form.carry_out(**acting(request))
    except Stale:
        return _stale(request, form)
    except ValidationError as error:
        add_errors(form, error)
        return _page(request, measure, form, status=422)
    messages.success(request, answered(measure, form.done))
    return redirect(measure)


def _sent(request: HttpRequest, measure: Measure) -> SteeringForm | None:
    kind = next((form for form in FORMS if form.act == request.POST.get("act")), None)
    return kind(request.POST, measure=measure, who=principal_of(request)) if kind else None


def _confirm(request: HttpRequest, measure: Measure, form: SteeringForm) -> HttpResponse:
    # What is shown once more is what is decided on: nobody confirms on what has changed already.
    check_version(measure, form.cleaned_data["seen"])
    form.check(**acting(request))
    foreseen = {"consequences": form.consequences(**acting(request)), "warnings": form.warnings(**acting(request))}
    context = _about(request, measure) | {"form": form} | foreseen
    return render(request, "office/steer_confirm.html", context)


def _stale(request: HttpRequest, form: SteeringForm) -> HttpResponse:
    """What became of the measure meanwhile, with what was filled in ready to be sent again."""
    measure = Measure.objects.get(pk=form.measure.pk)
    since = form.cleaned_data["since"] or 0
    data = request.POST.copy()
    # Sent again, it is decided on the measure as it is shown now.
    data.update(_looked_at(measure))
    again = type(form)(data, measure=measure, who=principal_of(request))
    return _page(request, measure, again, status=409, since=since)


def _looked_at(measure: Measure) -> dict[str, str]:
    last = Change.objects.filter(kind="measure", object_id=measure.pk).aggregate(last=Max("sequence"))["last"]
    return {"seen": str(measure.version), "since": str(last or 0)}


def _about(request: HttpRequest, measure: Measure) -> dict[str, Any]:
    view = viewpoint(**acting(request))
    return {"view": view, "row": measure_rows(Measure.objects.filter(pk=measure.pk), view)[0]}


def _page(
    request: HttpRequest, measure: Measure, sent: SteeringForm | None = None, *, status: int = 200, since: int = 0
) -> HttpResponse:
    about = _about(request, measure)
    looked_at = _looked_at(measure)
    kinds = acts_on(measure)
    # What was sent is shown with its words, also where it can no longer be done.
    if sent and type(sent) not in kinds:
        kinds = [type(sent), *kinds]
    asked: dict[str, Any] = {"measure": measure, "who": about["view"].who, "initial": looked_at}
    forms = [sent if sent and type(sent) is kind else kind(**asked) for kind in kinds]
    context = about | {"forms": forms, "sent": sent, "names": _names()}
    if status == 409:
        context["meanwhile"] = history_of(measure, about["view"].who, after=since)
    return render(request, "office/steer.html", context, status=status)


def _names() -> list[str]:
    singles = Agency.objects.living().filter(kind=Agency.Kind.SINGLE)
    return list(singles.order_by("pk").values_list("name", flat=True))


@access(Verb.ENTER_FOR)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, pk: int) -> HttpResponse:
    """代录: the office enters what an agency said by letter or telephone."""
    measure = get_object_or_404(Measure.objects.select_related("reform_list"), pk=pk)
    duties = holders(measure)
    require(request, Verb.ENTER_FOR, frozenset(duty.agency_id for duty in duties))
    if not duties:
        raise Http404
    agencies = [(duty.agency_id, duty.agency.name) for duty in duties]
    chosen = _chosen(request, [agency_id for agency_id, _name in agencies])
    form = EnterForm(request.POST or None, agencies=agencies, initial=_prefilled(measure, chosen))
    if request.method == "POST" and form.is_valid() and _enter(request, form, measure):
        messages.success(request, answered(measure, _("已代录，并注明依据。")))
        return redirect(measure)
    context = _about(request, measure) | {"form": form, "agencies": agencies, "chosen": chosen}
    return render(request, "office/enter.html", context, status=422 if form.is_bound else 200)


def _chosen(request: HttpRequest, holding: list[int]) -> int | None:
    """The agency of the address, where it acts on the measure, else the first."""
    asked = request.POST.get("agency") or request.GET.get("agency", "")
    wanted = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else None
    return wanted if wanted in holding else next(iter(holding), None)


def _prefilled(measure: Measure, agency_id: int | None) -> dict[str, Any]:
    if agency_id is None:
        return {}
    last = ProgressReport.objects.spoken().filter(measure=measure, agency=agency_id).first()
    said = {name: getattr(last, name) for name in (*TEXTS, "outlook")} if last else {}
    return {"agency": agency_id, **said}


def _enter(request: HttpRequest, form: EnterForm, measure: Measure) -> bool:
    said = ReportContent(**{name: value for name, value in form.cleaned_data.items() if name != "agency"})
    try:
        submit_report(measure.pk, form.cleaned_data["agency"], said, **acting(request))
    except ValidationError as error:
        add_errors(form, error)
        return False
    return True
