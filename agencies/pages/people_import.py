"""People from a workbook: upload, look at what would change, confirm just that."""

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import Verb, access, acting
from agencies.lib.sheets import CellProblem, SheetTable, Unreadable
from agencies.pages.account import where_to_go
from agencies.pages.forms import PeopleFileForm
from agencies.pages.signed import Shown, sign, signed_of
from agencies.people.bulk_import import PeoplePlan, PlanChanged, apply_plan, make_plan
from agencies.people.rows import WantedPerson, check
from agencies.people.workbook import PEOPLE
from agencies.people.workbook import template as empty_table

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SALT = "agencies.people.bulk_import"


@access(Verb.MANAGE_PEOPLE)
@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """The table to fill in."""
    response = HttpResponse(empty_table(), content_type=XLSX)
    # people.xlsx for browsers that do not read the second name, 人员.xlsx (RFC 6266).
    response["Content-Disposition"] = "attachment; filename=\"people.xlsx\"; filename*=UTF-8''%E4%BA%BA%E5%91%98.xlsx"
    return response


@access(Verb.MANAGE_PEOPLE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Read a workbook and show what it would do; nothing is written."""
    if request.method != "POST":
        return render(request, "people/import.html", {"form": PeopleFileForm()})
    form = PeopleFileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            sheet = PEOPLE.read(form.cleaned_data["file"].read())
        except Unreadable as error:
            form.add_error("file", str(error))
        else:
            return _checked(request, sheet)
    return render(request, "people/import.html", {"form": form}, status=422)


def _checked(request: HttpRequest, sheet: SheetTable) -> HttpResponse:
    wanted, problems = check(sheet)
    plan = make_plan(wanted, cell_of=sheet.cell)
    problems = sorted([*problems, *plan.problems])
    if problems:
        context = {"form": PeopleFileForm(), "problems": problems, "ignored": sheet.ignored, "plan": plan}
        return render(request, "people/import.html", context, status=422)
    return _preview(request, wanted, plan, ignored=sheet.ignored)


def _preview(request: HttpRequest, wanted: list[WantedPerson], plan: PeoplePlan, **more: Any) -> HttpResponse:
    shown = {"key": plan.key, "rows": [asdict(one) for one in wanted]}
    context = {"plan": plan, "signed": sign(request, shown, salt=SALT)} | more
    return render(request, "people/import_preview.html", context)


def _wanted(shown: Shown) -> list[WantedPerson]:
    # JSON makes lists of tuples, and the key of the plan would be another.
    return [WantedPerson(**row | {"roles": tuple(row["roles"])}) for row in shown["rows"]]


@access(Verb.MANAGE_PEOPLE)
@never_cache
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Do what was shown, and give the slips of the new people; when things have changed, show that instead."""
    shown = signed_of(request, salt=SALT)
    if shown is None:
        form = PeopleFileForm()
        context = {"form": form, "said": _("核对结果已过期或不完整，请重新上传。未写入任何数据。")}
        return render(request, "people/import.html", context, status=422)
    wanted = _wanted(shown)
    try:
        plan, slips = apply_plan(wanted, key=shown["key"], **acting(request))
    except PlanChanged as changed:
        return _changed(request, wanted, changed.plan)
    context = {"plan": plan, "slips": slips, "is_import": True} | where_to_go()
    return render(request, "people/codes.html", context)


def _changed(request: HttpRequest, wanted: list[WantedPerson], plan: PeoplePlan) -> HttpResponse:
    """Something was changed between looking and confirming."""
    if plan.problems:
        problems = [CellProblem(one.row, _("第%(row)d行") % {"row": one.row}, one.message) for one in plan.problems]
        context = {"form": PeopleFileForm(), "problems": problems, "plan": plan}
        return render(request, "people/import.html", context, status=409)
    response = _preview(request, wanted, plan, changed=True)
    response.status_code = 409
    return response
