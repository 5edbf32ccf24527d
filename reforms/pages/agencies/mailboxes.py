"""邮箱 of all agencies, and of all persons: set in one table, on the page or in a workbook, and saved at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from agencies.access import Verb, access, acting
from agencies.lib.mailboxes import wrong_address
from agencies.lib.requests import is_number
from agencies.lib.sheets import CellProblem, Unreadable
from agencies.pages.signed import sign, signed_of
from reforms.lib.tables import XLSX, call_file
from reforms.organisation.mailbox_table import AGENCY_SHEET, PERSON_SHEET, MailboxSheet, MailboxStep, plan_of
from reforms.organisation.mailboxes import ChangedMeanwhile, Mailbox, Meanwhile, Setting, set_mailboxes

# Two fields a row; a form may bring a thousand (DATA_UPLOAD_MAX_NUMBER_FIELDS).
A_PAGE = 200
SALT = "reforms.pages.agencies.mailboxes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """One of the two pages: its table, its name among the addresses, and its words."""

    sheet: MailboxSheet
    page: str
    download: str
    heading: Any
    of_people: bool = False

    @property
    def salt(self) -> str:
        return f"{SALT}.{self.page}"


AGENCY_BOOK = Book(
    sheet=AGENCY_SHEET, page="agency-mailboxes", download="agency-mailboxes-table", heading=gettext_lazy("单位邮箱")
)
PEOPLE_BOOK = Book(
    sheet=PERSON_SHEET,
    page="people-mailboxes",
    download="people-mailboxes-table",
    heading=gettext_lazy("人员邮箱"),
    of_people=True,
)


@access(Verb.MANAGE_AGENCIES)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def of_agencies(request: HttpRequest) -> HttpResponse:
    """The mailbox of every agency that acts itself, those without any first."""
    return _book(request, AGENCY_BOOK)


@access(Verb.MANAGE_AGENCIES)
@never_cache
@require_safe
def table_of_agencies(request: HttpRequest) -> HttpResponse:
    """The same as a workbook to fill in."""
    return _download(request, AGENCY_BOOK)


@access(Verb.MANAGE_PEOPLE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def of_people(request: HttpRequest) -> HttpResponse:
    """The mailbox of everybody who can sign in, those without one first."""
    return _book(request, PEOPLE_BOOK)


@access(Verb.MANAGE_PEOPLE)
@never_cache
@require_safe
def table_of_people(request: HttpRequest) -> HttpResponse:
    """The same as a workbook to fill in."""
    return _download(request, PEOPLE_BOOK)


def _download(request: HttpRequest, book: Book) -> HttpResponse:
    response = HttpResponse(book.sheet.filled(**acting(request)), content_type=XLSX)
    call_file(response, f"{book.sheet.title}.xlsx")
    return response


def _book(request: HttpRequest, book: Book) -> HttpResponse:
    if request.method != "POST":
        return _page(request, book)
    if "plan" in request.POST:
        return _confirm(request, book)
    if "upload" in request.POST:
        return _upload(request, book)
    return _save(request, book)


# In the table on the page -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxRow:
    """A mailbox with what stands in its field; `wrong` says why it cannot be saved, `meanwhile` what others made of it
    since the page was opened."""

    box: Mailbox
    typed: str
    was: str
    wrong: str = ""
    meanwhile: Meanwhile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMailboxes:
    """What came back from the page, and what is wrong with it, by the id of the holder."""

    settings: Mapping[int, Setting] = field(default_factory=dict)
    wrong: Mapping[int, str] = field(default_factory=dict)
    meanwhile: Mapping[int, Meanwhile] = field(default_factory=dict)

    @property
    def filled_in(self) -> list[Setting]:
        return [one for one in self.settings.values() if one.after != one.before]


def _save(request: HttpRequest, book: Book) -> HttpResponse:
    settings = _settings(request)
    filled_in = SentMailboxes(settings=settings).filled_in
    wrong = {one.pk: said for one in filled_in if one.after and (said := wrong_address(one.after))}
    if wrong:
        return _page(request, book, SentMailboxes(settings=settings, wrong=wrong), status=422)
    try:
        saved = set_mailboxes(book.sheet.boxes, filled_in, **acting(request))
    except ChangedMeanwhile as changed:
        return _page(request, book, SentMailboxes(settings=settings, meanwhile=changed.changes), status=409)
    return _done(request, book, saved)


def _settings(request: HttpRequest) -> dict[int, Setting]:
    """What stands in the fields of the page, in its order."""
    pks = [int(pk) for key in request.POST if is_number(pk := key.removeprefix("email-"))]
    return {
        pk: Setting(pk=pk, before=request.POST.get(f"was-{pk}", ""), after=request.POST[f"email-{pk}"].strip())
        for pk in pks
    }


def _done(request: HttpRequest, book: Book, saved: int) -> HttpResponse:
    if saved:
        said = ngettext("已保存%(n)d个邮箱。", "已保存%(n)d个邮箱。", saved)
        messages.success(request, said % {"n": saved})
    else:
        messages.success(request, _("没有变化。"))
    query = "?missing=1" if request.GET.get("missing") == "1" else ""
    return redirect(f"{resolve_url(book.page)}{query}")


def _page(
    request: HttpRequest, book: Book, sent: SentMailboxes | None = None, *, status: int = 200, **more: Any
) -> HttpResponse:
    boxes = book.sheet.boxes.all(**acting(request))
    missing = [box for box in boxes if box.is_missing]
    only_missing = request.GET.get("missing") == "1"
    pages = Paginator(missing if only_missing else boxes, A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "book": book,
        # What was sent comes back as it was, also what another save moved to another page or out of the filter.
        "rows": _rows_sent(boxes, sent) if sent else [_row(box) for box in page],
        "gone": _gone(sent) if sent else [],
        "sent": sent,
        "page": page,
        "total": len(boxes),
        "missing": len(missing),
        "only_missing": only_missing,
    }
    return render(request, "agencies/mailboxes.html", context | more, status=status)


def _row(box: Mailbox) -> MailboxRow:
    return MailboxRow(box=box, typed=box.email, was=box.email)


def _rows_sent(boxes: Sequence[Mailbox], sent: SentMailboxes) -> list[MailboxRow]:
    known = {box.pk: box for box in boxes}
    return [_row_sent(known[pk], setting, sent) for pk, setting in sent.settings.items() if pk in known]


def _row_sent(box: Mailbox, setting: Setting, sent: SentMailboxes) -> MailboxRow:
    meanwhile = sent.meanwhile.get(box.pk)
    return MailboxRow(
        box=box,
        typed=setting.after,
        # Saved again, it is decided on what is shown now.
        was=box.email if meanwhile else setting.before,
        wrong=sent.wrong.get(box.pk, ""),
        meanwhile=meanwhile,
    )


def _gone(sent: SentMailboxes) -> list[str]:
    """What was filled in for those who can no longer have a mailbox."""
    return [sent.settings[pk].after for pk, changed in sent.meanwhile.items() if changed.email is None]


# As a workbook ------------------------------------------------------------------------------------


def _upload(request: HttpRequest, book: Book) -> HttpResponse:
    """Show what the table would change, or what is wrong with it; nothing is written."""
    upload = request.FILES.get("file")
    if upload is None:
        return _page(request, book, status=422, refused=_("请选择要上传的表格。"))
    try:
        table = book.sheet.layout.read(upload.read())
    except Unreadable as error:
        return _page(request, book, status=422, refused=str(error))
    plan, ignored = plan_of(book.sheet, table), book.sheet.others(table.ignored)
    if plan.problems:
        return _page(request, book, status=422, problems=plan.problems, ignored=ignored)
    return _preview(request, book, plan.steps, ignored=ignored)


def _preview(
    request: HttpRequest, book: Book, steps: Sequence[MailboxStep], *, status: int = 200, **more: Any
) -> HttpResponse:
    shown = {"steps": [[step.row, step.holder, *_values(step.setting)] for step in steps]}
    context = {"book": book, "steps": steps, "signed": sign(request, shown, salt=book.salt)} | more
    return render(request, "agencies/mailboxes_preview.html", context, status=status)


def _values(setting: Setting) -> tuple[int, str, str]:
    return setting.pk, setting.before, setting.after


def _confirm(request: HttpRequest, book: Book) -> HttpResponse:
    """Do what was shown; when others changed some of it, show that instead."""
    shown = signed_of(request, salt=book.salt)
    if shown is None:
        said = _("核对结果已过期或不完整，请重新上传。未写入任何数据。")
        return _page(request, book, status=422, refused=said)
    steps = [
        MailboxStep(row=row, holder=holder, setting=Setting(pk=pk, before=before, after=after))
        for row, holder, pk, before, after in shown["steps"]
    ]
    try:
        saved = set_mailboxes(book.sheet.boxes, [step.setting for step in steps], **acting(request))
    except ChangedMeanwhile as changed:
        return _changed(request, book, steps, changed.changes)
    return _done(request, book, saved)


def _changed(
    request: HttpRequest, book: Book, steps: Sequence[MailboxStep], changes: Mapping[int, Meanwhile]
) -> HttpResponse:
    gone = [step for step in steps if step.setting.pk in changes and changes[step.setting.pk].email is None]
    if gone:
        said = _("单位已撤销或合并，或账号已停用，请删去该行后重新上传。")
        problems = [CellProblem(one.row, _("第%(row)d行") % {"row": one.row}, said) for one in gone]
        return _page(request, book, status=409, problems=problems)
    again = [_on(step, changes.get(step.setting.pk)) for step in steps]
    return _preview(request, book, again, status=409, changed=True)


def _on(step: MailboxStep, meanwhile: Meanwhile | None) -> MailboxStep:
    """The same on what the mailbox is now."""
    if meanwhile is None or meanwhile.email is None:
        return step
    return replace(step, meanwhile=meanwhile, setting=replace(step.setting, before=meanwhile.email))
