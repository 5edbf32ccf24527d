"""红头模板: uploading one, looking at it with a text in it, using it, and going back to the portal's own form."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import Verb, access, acting, principal_of, today
from reforms.bulletins.document import save_into
from reforms.bulletins.letterheads import BODY, MARKS, MOST, add_letterhead, put_away, use_letterhead
from reforms.lib.tables import DOCX, download
from reforms.models import Bulletin, Letterhead, ReformList
from reforms.pages.forms import add_errors

Kind, State = Bulletin.Kind, Letterhead.State


class LetterheadForm(forms.Form):
    """For which kind of document, and the file."""

    kind = forms.ChoiceField(label=_("文种"), choices=Kind, initial=Kind.BULLETIN)
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
    kept = Letterhead.objects.exclude(state=State.PUT_AWAY).defer("data")
    rows = [(kind, [one for one in kept if one.kind == kind]) for kind in Kind]
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
    latest = Bulletin.objects.readable_by(principal_of(request)).filter(kind=found.kind).exclude(state="void").first()
    answer = download(f"预览-{found.name}", lambda file: save_into(found, latest or _sample(found.kind), file), DOCX)
    if request.method == "GET":
        Letterhead.objects.filter(pk=pk, looked_at=False).update(looked_at=True)
    return answer


def _sample(kind: str) -> Bulletin:
    words = {
        "title": f"关于××清单进展情况的{Kind(kind).label}",
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
