"""How a list comes in: upload, say what the columns hold where that was not understood, look at what was understood and
what would change, confirm, receipt."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import Verb, access, principal_of, today
from agencies.lib.requests import load_anew
from importers.documents.layout.given import NOT_READ, ROLES, GivenColumns, NotColumns, names_of
from importers.editions.files import WRITERS
from importers.editions.template import template
from importers.jobs import decide
from importers.jobs import run as jobs
from importers.jobs.decide import Entered, LookAgain, NotReady, PlanNotAsShown, Undecided
from importers.jobs.run import Upload
from importers.jobs.watch import watch_of
from importers.models import ImportJob, PlannedRow
from importers.pages import work
from importers.pages.forms import UploadForm
from importers.pages.on_page import OnPage, ticks
from importers.pages.problems import in_words, kinds_of, of_stored, share_of
from importers.pages.review import ShownRows, decision, review
from reforms.lib.tables import call_file

PAGE_SIZE = 50


@access(Verb.MANAGE_IMPORTS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Every import so far, with `?state=` those in it; the form takes a document in."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        return redirect(_start(request, form))
    # Without the parsed lists, which are large and not shown here.
    found = ImportJob.objects.select_related("reform_list", "edition__reform_list").defer("reading")
    state = request.GET.get("state", "")
    chosen = ImportJob.State(state) if state in ImportJob.State.values else None
    pages = Paginator(found.filter(state=chosen) if chosen else found, PAGE_SIZE)
    context = {"form": form, "page": pages.get_page(request.GET.get("page")), "state": chosen}
    return render(request, "imports/imports.html", context, status=422 if form.is_bound else 200)


def _start(request: HttpRequest, form: UploadForm) -> ImportJob:
    facts = form.cleaned_data
    file = facts["file"]
    upload = Upload(
        name=file.name,
        data=file.read(),
        reform_list=form.reform_list,
        slug=facts["slug"],
        year=facts["year"],
        title=facts["title"],
        about=form.about,
    )
    job = jobs.start(upload, principal_of(request))
    work.read(job)
    return job


@access(Verb.MANAGE_IMPORTS)
@require_safe
def fill_in_template(_request: HttpRequest, kind: str) -> HttpResponse:
    """A list to fill in, with examples of this year."""
    if kind not in ("docx", "xlsx"):
        raise Http404
    writer, content_type = WRITERS[kind]
    response = HttpResponse(writer(template(today().year)), content_type=content_type)
    call_file(response, f"清单模板.{kind}")
    return response


@access(Verb.MANAGE_IMPORTS)
@never_cache
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Where an import is: under way, waiting for a decision, or done with its receipt."""
    job = get_object_or_404(ImportJob.objects.select_related("reform_list", "edition"), pk=pk)
    if job.is_under_way:
        return render(request, "imports/under_way.html", _progress(job))
    if job.state == ImportJob.State.READY:
        return _ready(request, job)
    context = {
        "job": job,
        "declined": _declined(job),
        "columns": choices_for(job),
        "share": share_of(job.totals),
        "doubts": kinds_of(job.totals),
        "error": _error_of(job),
        "where": _where_of(job),
    }
    return render(request, "imports/ended.html", context)


@access(Verb.MANAGE_IMPORTS)
@never_cache
@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress bar alone, asked for every second; when there is nothing to wait for, the page is loaded anew."""
    job = get_object_or_404(ImportJob.objects.defer("reading"), pk=pk)
    if job.is_under_way:
        return render(request, "imports/progress.html", _progress(job))
    return load_anew()


def _progress(job: ImportJob) -> dict[str, Any]:
    return {"job": job, "reached": watch_of(job.pk).reached()}


def _error_of(job: ImportJob) -> str:
    """Why the document was refused, also of imports whose sentences were not kept apart yet."""
    error = job.error or {}
    return of_stored(error.get("said") or error.get("message", ""))


def _where_of(job: ImportJob) -> str:
    """In which part of the file that was; a table the sentence names itself, in the language of the page."""
    error = job.error or {}
    return "" if error.get("kind") == "columns_not_recognised" else str(error.get("where") or "")


def _declined(job: ImportJob) -> QuerySet[PlannedRow]:
    return job.rows.filter(is_declined=True)


def _ready(request: HttpRequest, job: ImportJob, refused: OnPage | None = None) -> HttpResponse:
    """The review; of a page that was refused as it was left."""
    query = QueryDict(request.POST.get("back", "")) if refused else request.GET
    shown = ShownRows.of(query, job)
    page = Paginator(shown.rows(job), PAGE_SIZE).get_page(query.get("page"))
    context = review(job, page, refused or OnPage()) | {"job": job, "shown": shown, "page": page}
    context["columns"] = choices_for(job)
    if job.error and job.reform_list:
        # Who was quicker, and when.
        context["in_force"] = job.reform_list.editions.filter(is_in_force=True).first()
    if refused:
        context["key"] = request.POST.get("key", "")  # what is confirmed is still what was shown
    return render(request, "imports/review.html", context, status=422 if refused else 200)


def _back(request: HttpRequest, job: ImportJob, anchor: str = "") -> HttpResponse:
    """To the tab and page that was asked for, else to the same again."""
    query = request.POST.get("to") or request.POST.get("back", "")
    return redirect(f"{job.get_absolute_url()}?{query}{anchor}" if query else f"{job.get_absolute_url()}{anchor}")


def _gone(request: HttpRequest, job: ImportJob) -> HttpResponse:
    messages.error(request, _("该导入已被确认、取消或正在处理，未作改动。"))
    return redirect(job)


@access(Verb.MANAGE_IMPORTS)
@require_POST
def choose_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """Which of the changes shown are made: those that are ticked. Also by which one goes to another page or tab."""
    return _take_in(request, pk, () if "to" in request.POST else ("ticks",))


@access(Verb.MANAGE_IMPORTS)
@require_POST
def choose_agencies(request: HttpRequest, pk: int) -> HttpResponse:
    """What each unseen name is."""
    return _take_in(request, pk, ("agencies",), "#agencies")


@access(Verb.MANAGE_IMPORTS)
@require_POST
def answer_row(request: HttpRequest, pk: int) -> HttpResponse:
    """What one unclear cell means."""
    return _take_in(request, pk, ("answers",))


def _take_in(request: HttpRequest, pk: int, asked: Collection[str], anchor: str = "") -> HttpResponse:
    """Keep everything that was entered on the page, whichever button was pressed, and say so of what was `asked`."""
    job = get_object_or_404(ImportJob, pk=pk)
    if job.state != ImportJob.State.READY:
        return _gone(request, job)
    on_page = OnPage.of(request.POST, job)
    # Refused as a whole: nothing is kept, and the page is shown as it was left.
    if on_page.is_wrong:
        return _ready(request, job, on_page)
    try:
        is_as_shown = decide.take_in(job, on_page.entered, request.POST.get("key", ""))
    except NotReady:
        return _gone(request, job)
    _say_kept(request, on_page.entered, asked)
    if not is_as_shown:
        messages.warning(request, _("您查看期间，有人改动了取舍、单位认定或识别结果；本页显示的是最新情况。"))
    _read_again(job, on_page.entered)
    return _back(request, job, anchor)


def _say_kept(request: HttpRequest, entered: Entered, asked: Collection[str] = ()) -> None:
    for what, sentence in WHAT_IS_KEPT.items():
        if what in asked or getattr(entered, what):
            messages.success(request, str(sentence))


def _read_again(job: ImportJob, entered: Entered) -> None:
    """After answers the document means something else; after one to who leads it is read from its beginning."""
    if entered.is_read_anew:
        work.read(job)
    elif entered.answers:
        work.go_on(job)


WHAT_IS_KEPT = {
    "ticks": gettext_lazy("已保存取舍。"),
    "agencies": gettext_lazy("已保存单位的认定。"),
    "answers": gettext_lazy("已记录，原文保留不变。"),
    "who_leads": gettext_lazy("已记录谁牵头，文件已按此重新读取；该选择随清单保留。"),
    "marks": gettext_lazy("已记录符号的含义，文件已按此重新读取；该选择随清单保留。"),
}


@access(Verb.MANAGE_IMPORTS)
@require_POST
def count(request: HttpRequest, pk: int) -> HttpResponse:
    """What confirming would write with the ticks as they stand on the page; nothing is kept."""
    job = get_object_or_404(ImportJob.objects.defer("reading"), pk=pk, state=ImportJob.State.READY)
    return render(request, "imports/decision.html", decision(job, Entered(ticks=ticks(request.POST))) | {"job": job})


@access(Verb.MANAGE_IMPORTS)
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what is shown, without what is not ticked; only now."""
    job = get_object_or_404(ImportJob, pk=pk)
    # For the answer only: whether it still waits is asked again under its lock (NotReady).
    if job.state != ImportJob.State.READY:
        return _gone(request, job)
    on_page = OnPage.of(request.POST, job)
    if on_page.is_wrong:
        return _ready(request, job, on_page)
    try:
        decide.confirm(job, principal_of(request), request.POST.get("key", ""), on_page.entered)
    except NotReady:
        return _gone(request, job)
    except (PlanNotAsShown, LookAgain, Undecided) as hindrance:
        _say_kept(request, on_page.entered)
        messages.error(request, _why_not(hindrance))
        _read_again(job, on_page.entered)
        return _back(request, job)
    work.go_on(job)
    return redirect(job)


def _why_not(hindrance: PlanNotAsShown | LookAgain | Undecided) -> str:
    if isinstance(hindrance, Undecided):
        return str(WHAT_IS_OPEN[hindrance.what[0]])
    if isinstance(hindrance, LookAgain):
        return _("您刚填写的内容改变了识别结果或单位的认定，请核对后再次确认。未写入任何数据。")
    return _("清单、识别结果或取舍在您查看之后有变化，请重新核对后再确认。未写入任何数据。")


WHAT_IS_OPEN = {
    "marks": gettext_lazy("请先回答每种符号表示什么。未写入任何数据。"),
    "who_leads": gettext_lazy("请先回答：列第一位的为牵头单位？未写入任何数据。"),
    "unnumbered": gettext_lazy("有的行没有序号，无法归入任何改革事项。请在文件中补上序号后重新上传。未写入任何数据。"),
    "agencies": gettext_lazy("有首次出现的单位尚未认定。请逐一认定后再确认。未写入任何数据。"),
    "nothing": gettext_lazy("没有任何采纳的变化，无需写入。"),
}


@access(Verb.MANAGE_IMPORTS)
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop an import, and say whether it stopped, will stop, or cannot be told."""
    job = get_object_or_404(ImportJob.objects.defer("reading"), pk=pk)
    heard = decide.cancel(job, principal_of(request))
    job.refresh_from_db(fields=["state"])
    if job.state == ImportJob.State.CANCELLED:
        messages.success(request, _("已取消。未写入任何数据。"))
    elif job.is_under_way and not heard:
        messages.error(request, _("正在处理，暂时无法取消：共享缓存没有应答。请稍后再试，或待处理完后再取消。"))
    elif job.is_under_way:
        messages.success(request, _("正在取消，结果以本页显示的为准。"))
    else:
        messages.error(request, _("该导入已经结束或刚刚处理完，取消没有生效，请以本页显示的为准。"))
    return redirect(job)


# As many columns as are shown of a table (`first_rows`).
_MOST = 20
_ABOUT_COLUMNS = ("columns_not_recognised", "no_table")


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """One column with its first cells, and what it is taken for."""

    place: int
    role: str
    cells: tuple[str, ...]

    @property
    def label(self) -> str:
        """What the choice is called."""
        return _("第%(place)d列") % {"place": self.place}


@dataclass(frozen=True, slots=True)
class ColumnChoices:
    """A choice for each column of a table, and how many of its first rows are shown."""

    choices: list[ColumnChoice]
    shown: int

    @property
    def roles(self) -> list[tuple[str, str]]:
        """What a column may be said to hold, and how that is shown."""
        return [(name, _(name)) for name in ROLES]


def choices_for(job: ImportJob) -> ColumnChoices | None:
    """What may be chosen for a document that was refused or read with doubts; None where there is nothing to ask."""
    error = job.error or {}
    rows = error.get("first_rows") or job.totals.get("first_rows") or []
    doubtful = error.get("kind") in _ABOUT_COLUMNS or bool(job.totals.get("of_the_file"))
    if not rows or not doubtful or job.state not in (ImportJob.State.REJECTED, ImportJob.State.READY):
        return None
    # What was said before, else what the labels seem to say.
    names = decide.columns_of(job).names or names_of(rows)
    width = max(map(len, rows))
    whole = [[*row, *[""] * (width - len(row))] for row in rows]
    columns = enumerate(zip(*whole, strict=True), start=1)
    return ColumnChoices(
        [ColumnChoice(place, names.get(place, NOT_READ), cells) for place, cells in columns], len(rows)
    )


@access(Verb.MANAGE_IMPORTS)
@require_POST
def choose_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the document again, as another import, with the columns as chosen."""
    job = get_object_or_404(ImportJob.objects.defer("reading"), pk=pk)
    if job.state not in (ImportJob.State.REJECTED, ImportJob.State.READY):
        return redirect(job)
    try:
        said = decide.columns_of(job)
        given = replace(GivenColumns.of_text(_typed(request.POST)), unmarked=said.unmarked, marks=said.marks)
    except NotColumns as error:
        messages.error(request, in_words(error.problem))
        return redirect(job)
    again = jobs.start_again(job, given, principal_of(request))
    decide.cancel(job, principal_of(request))
    work.read(again)
    return redirect(again)


def _typed(posted: QueryDict) -> str:
    chosen = ((place, posted.get(f"column-{place}", "")) for place in range(1, _MOST + 1))
    return ",".join(f"{role}={place}" for place, role in chosen if role)
