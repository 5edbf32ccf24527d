"""红头模板: uploading one, looking at it with a text in it, using it, and going back to the portal's own form."""

from functools import partial
from typing import Any, BinaryIO

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import Principal, Verb, access, acting, principal_of, today
from agencies.models import Agency
from reforms.bulletins.document import save_into
from reforms.lib.tables import DOCX, download
from reforms.models import Bulletin, Letterhead, ReformList, SupervisionOrder
from reforms.office.letterheads import BODY, KINDS, MARKS, MOST, add_letterhead, put_away, use_letterhead
from reforms.office.order_document import write_order_into
from reforms.office.orders import measures_of
from reforms.pages.forms import add_errors

Kind, State = Bulletin.Kind, Bulletin.State


class LetterheadForm(forms.Form):
    """For which kind of document, and the file."""

    kind = forms.ChoiceField(label=_("文种"), choices=list(KINDS.items()), initial=Kind.BULLETIN)
    file = forms.FileField(label=_("红头模板（.docx）"), widget=forms.FileInput(attrs={"accept": ".docx"}))


@access(Verb.MANAGE_LISTS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def letterheads(request: HttpRequest) -> HttpResponse:
    """Those in use and those that wait to be used, by kind; and the form to upload one."""
    sent = request.method == "POST"
    form = LetterheadForm(request.POST, request.FILES) if sent else LetterheadForm()
    if sent and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            # One byte more than it may have says that it is too large.
            add_letterhead(form.cleaned_data["kind"], file.read(MOST + 1), file.name, **acting(request))
        except ValidationError as error:
            add_errors(form, ValidationError({"file": error}))
        else:
            messages.success(request, gettext("已上传。请下载预览，核对后启用。"))
            return redirect("letterheads")
    kept = Letterhead.objects.exclude(state=Letterhead.State.PUT_AWAY).defer("data")
    rows = [(label, [one for one in kept if one.kind == kind]) for kind, label in KINDS.items()]
    context = {"form": form, "rows": rows, "marks": MARKS, "body": BODY}
    return render(request, "bulletins/letterheads.html", context, status=422 if sent else 200)


@access(Verb.MANAGE_LISTS)
@require_POST
def letterhead(request: HttpRequest, pk: int) -> HttpResponse:
    """Use it, or put it away."""
    get_object_or_404(Letterhead.objects.defer("data"), pk=pk)
    deed = DEEDS.get(request.POST.get("act", ""))
    if deed is None:
        raise Http404
    carry_out, said = deed
    try:
        carry_out(pk, **acting(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, str(said))
    return redirect("letterheads")


DEEDS: dict[str, tuple[Any, Any]] = {
    "use": (use_letterhead, _("已启用。此后拟制和签发的文件用这个模板；已签发的不变。")),
    "put-away": (put_away, _("已停用，改用系统版式；已签发的不变。")),
}


@access(Verb.MANAGE_LISTS)
@never_cache
@require_safe
def preview(request: HttpRequest, pk: int) -> HttpResponseBase:
    """As a Word document with a text in it: the latest of its kind that one may read, else a made-up one."""
    found = get_object_or_404(Letterhead, pk=pk)
    written = _order_in if found.kind == SupervisionOrder.log_kind else _bulletin_in
    answer = download(f"预览-{found.name}", partial(written, found, principal_of(request)), DOCX)
    if request.method == "GET":
        Letterhead.objects.filter(pk=pk, looked_at=False).update(looked_at=True)
    return answer


def _bulletin_in(letterhead: Letterhead, who: Principal, file: BinaryIO) -> None:
    readable = Bulletin.objects.readable_by(who).filter(kind=letterhead.kind)
    save_into(letterhead, readable.exclude(state=State.VOID).first() or _sample(letterhead.kind), file)


def _order_in(letterhead: Letterhead, who: Principal, file: BinaryIO) -> None:
    latest = SupervisionOrder.objects.readable_by(who).exclude(state=SupervisionOrder.State.VOID).first()
    lines = measures_of(latest) if latest else []
    write_order_into(letterhead, latest or _sample_order(), lines, today(), file)


def _sample_order() -> SupervisionOrder:
    words = {
        "subject": "关于××单位牵头的×条举措逾期未完成的督办",
        "content": "请抓紧办理，明确下一步措施和完成时间，并按反馈时限填报回执。（样例）",
        "number": "督〔2022〕×号",
        "signed_by": "×××",
    }
    return SupervisionOrder(agency=Agency(name="××单位"), drafted_on=today(), **words)


def _sample(kind: str) -> Bulletin:
    words = {
        "title": f"关于××清单进展情况的{KINDS[kind]}",
        "to": "各有关单位：",
        "intro": "现将××清单的进展情况通报如下。（样例）",
        "overall": "清单共×项改革事项、×条具体举措。（样例）",
        "demands": "请各牵头单位对照清单，逐项抓好落实。（样例）",
        "number": "×督〔2022〕×号",
        "signed_by": "×××",
        "copies_to": "××办公厅",
    }
    figures: dict[str, Any] = {"on": today().isoformat(), "items": 0, "measures": 0, "lights": {}, "sections": []}
    figures |= {name: [] for name in ("agencies", "overdue", "behind", "soon", "closed", "unreported", "moved")}
    sample = Bulletin(kind=kind, reform_list=ReformList(), on=today(), drafted_on=today(), issue=1, **words)
    sample.figures = figures
    return sample
