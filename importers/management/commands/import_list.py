"""manage.py import_list: check a document, show what it would change, and apply it on confirmation."""

import datetime as dt
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse

from agencies.access import COMMAND_LINE, today
from agencies.lib.arguments import day
from agencies.names import suggest
from importers.documents.layout.given import NOT_GIVEN, GivenColumns
from importers.documents.layout.legend import MarkRole
from importers.documents.sandbox.process import check_in_sandbox
from importers.documents.stated_totals import checks, counted
from importers.documents.values import ParsedList
from importers.editions.apply import BaseMoved, Source, apply_plan
from importers.editions.known import plan_import
from importers.editions.new_list import list_for
from importers.editions.originals import keep_original, sha256_of
from importers.management.files import FIRST_LEADS, given_columns, read_bytes, year
from importers.plans.doubts import by_kind, marks_asked, question_marks, question_who_leads, share_read
from importers.plans.plan import Plan
from importers.plans.summary import plan_lines
from reforms.models import ReformList

# Doubts for which `--yes` does not do: part of the document was not read, or what was read may have been taken back.
TO_BE_LOOKED_AT = ("hidden_columns", "hidden_rows", "table_not_read", "struck_text")


class Command(BaseCommand):
    """Exit code 0: imported, only shown, or nothing to change; 1: refused; 2: wrong usage or no such file."""

    help = "Import a reform list: check, plan against the edition in force, and apply in one transaction."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--list", dest="slug", help="slug of the list (default: by its title)")
        parser.add_argument("--title", default="", help="name of a new list whose document has no title")
        parser.add_argument("--year", type=year, help="year of deadlines printed without one")
        parser.add_argument("--issued", type=day, help="day of issue of a new list: 2022-01-31")
        parser.add_argument("--on", type=day, help="business date of the edition (default: today)")
        parser.add_argument(
            "--columns", default="", help="what columns hold: 序号=1,事项=2,举措=4,牵头=5; kept with the list"
        )
        parser.add_argument(
            "--first-leads",
            choices=FIRST_LEADS,
            help="who leads where no word says so: the agency named first (yes), all, or none (no); kept with the list",
        )
        parser.add_argument(
            "--marks",
            default="",
            help="what marks below the names of agencies mean: ●=牵头,○=配合 (also 责任, 不导入); kept with the list",
        )
        parser.add_argument("--dry-run", action="store_true", help="show the plan and write nothing")
        parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        _check_slug(options["slug"])
        data = read_bytes(path)
        given, printed, reform_list = self._read(path, data, options)
        if reform_list is None and not (printed.title or options["title"]):
            raise CommandError("文件没有标题，清单没有名称。请用 --title 给出名称。未写入任何数据。")
        plan = plan_import(printed, reform_list)
        self._show(plan)
        if plan.same_content and plan.changes_nothing:
            self.stdout.write(f"与现行第{plan.edition_in_force}版内容相同，未作任何改动。")
            return
        if options["dry_run"]:
            self.stdout.write("仅预览，未写入任何数据。")
            return
        for ask in () if options["yes"] else (_ask_marks, _ask_who_leads):
            # The answer to the first may raise the second.
            answer = ask(plan.printed)
            if answer:
                given = answer.or_as_said(given)
                plan = plan_import(_checked(path, data, options, given), reform_list)
                self._show(plan)
        _confirm(plan, yes=options["yes"])
        # A new list comes with its edition or not at all.
        with transaction.atomic():
            on = options["on"] or today()
            reform_list = reform_list or _create(printed, options, on)
            if given and reform_list.columns != given.text:
                ReformList.objects.filter(pk=reform_list.pk).update(columns=given.text)
            self._apply(plan, reform_list, path, data, on)

    def _read(
        self, path: Path, data: bytes, options: dict[str, Any]
    ) -> tuple[GivenColumns, ParsedList, ReformList | None]:
        """The document, read as said now, else as was said for the list when it was imported last."""
        said = given_columns(options["columns"], options["first_leads"], options["marks"])
        known = ReformList.objects.filter(slug=options["slug"]).first() if options["slug"] else None
        given = self._as_kept(said, known)
        printed = _checked(path, data, options, given)
        if known is None and not options["slug"]:
            # Which list it is only its title says.
            known = _called(printed)
            again = self._as_kept(said, known)
            printed, given = (printed if again == given else _checked(path, data, options, again)), again
        return given, printed, known

    def _as_kept(self, said: GivenColumns, known: ReformList | None) -> GivenColumns:
        if known is None or not known.columns:
            return said
        given = said.or_as_kept(known.columns)
        if given != said:
            self.stdout.write(
                f"按上次指定的各列含义读取：{given.text}（如有不同，请用 --columns、--first-leads、--marks 重新指定）。"
            )
        return given

    def _show(self, plan: Plan) -> None:
        printed = plan.printed
        counts = counted(printed)
        self.stdout.write(
            f"{printed.title or printed.file_name}：{counts['sections']}个任务类别，"
            f"{counts['items']}项改革事项，{counts['measures']}条具体举措。"
        )
        for check in (one for one in checks(printed) if one.passed is not None):
            self.stdout.write(f"  {'✔' if check.passed else '▲'} {check.sentence}")
        self.stdout.write("\n".join((f"{share_read(printed)}。", *(f"  {line}" for line in by_kind(printed)))))
        self.stdout.write(
            f"新增{len(plan.added)}条，变更{len(plan.changed)}条，调出{len(plan.withdrawn)}条，不变{plan.unchanged}条。"
        )
        if plan.edition_in_force is not None:
            self.stdout.write("\n".join(plan_lines(plan)))
        if plan.new_agencies and plan.edition_in_force is not None:
            self._suggest(plan)
        elif plan.new_agencies:
            self.stdout.write(f"首次出现的单位（{len(plan.new_agencies)}个）：{'、'.join(plan.new_agencies)}")

    def _suggest(self, plan: Plan) -> None:
        """What each unseen name may be another name of; giving it that name is done on the import pages."""
        self.stdout.write(f"首次出现的单位（{len(plan.new_agencies)}个），确认后将作为新单位建立：")
        for name, suggested in suggest(plan.new_agencies).items():
            known = "、".join(one.name for one in suggested)
            self.stdout.write(f"  {name}" + (f"（可能是{known}？如是，请改在“导入”页面上认定）" if known else ""))

    def _apply(self, plan: Plan, reform_list: ReformList, path: Path, data: bytes, on: dt.date) -> None:
        source = Source(
            file_name=path.name,
            file_sha256=sha256_of(data),
            original=keep_original(data),
            who=COMMAND_LINE,
            on=on,
        )
        try:
            receipt = apply_plan(plan, reform_list, source)
        except BaseMoved:
            raise CommandError("导入期间该清单已有新版本生效。未写入任何数据，请重新运行本命令。") from None
        self.stdout.write(
            f"已导入为“{reform_list.title}”第{receipt.edition.number}版（{reform_list.slug}）："
            f"新增{receipt.added}条，变更{receipt.changed}条，调出{receipt.withdrawn}条，不变{receipt.unchanged}条。"
        )
        if not reform_list.is_in_work:
            address = reverse("list-settings", args=[reform_list.slug])
            self.stdout.write(f"各单位和公众尚看不到这份清单：核对后在 {address} 下达和公开。")


def _check_slug(slug: str | None) -> None:
    try:
        ReformList(slug=slug or "list").clean_fields(exclude=["title", "year"])
    except ValidationError as error:
        raise CommandError(f"--list={slug}：{''.join(error.messages)}") from None


def _checked(path: Path, data: bytes, options: dict[str, Any], given: GivenColumns) -> ParsedList:
    printed = check_in_sandbox(data, path.name, options["year"], given=given)
    if printed.error:
        raise CommandError(f"{path.name}：{printed.error.message} [{printed.error.kind}]", returncode=1)
    return printed


def _called(printed: ParsedList) -> ReformList | None:
    return ReformList.objects.filter(title=printed.title).first() if printed.title else None


def _create(printed: ParsedList, options: dict[str, Any], on: dt.date) -> ReformList:
    slug, title = options["slug"] or "", options["title"]
    made = list_for(printed, slug=slug, title=title, year=options["year"], on=on)
    made.issued_on = options["issued"]
    made.save(update_fields=["issued_on"])
    return made


def _confirm(plan: Plan, *, yes: bool) -> None:
    """Ask; a later edition's unseen agencies always need a person, so `--yes` does not do for them."""
    if plan.unnumbered:
        rows = "、".join(str(measure.row) for measure in plan.unnumbered)
        raise CommandError(f"第{rows}行没有序号，无法归入任何改革事项。请在文件中补上序号后重新导入。未写入任何数据。")
    if plan.new_agencies and plan.edition_in_force is not None and yes:
        raise CommandError(
            f"有首次出现的单位：{'、'.join(plan.new_agencies)}。请去掉 --yes，逐一确认后再导入。未写入任何数据。"
        )
    question = question_marks(plan.printed)
    if question and yes:
        raise CommandError(f"{question.message}请用 --marks 回答（如 ●=牵头,○=配合）。未写入任何数据。")
    question = question_who_leads(plan.printed)
    if question and yes:
        raise CommandError(f"{question.message}请用 --first-leads 回答（yes、all 或 no）。未写入任何数据。")
    doubts = [warning.message for warning in plan.printed.warnings if warning.kind in TO_BE_LOOKED_AT]
    if doubts and yes:
        raise CommandError(f"{''.join(doubts)}请去掉 --yes，确认后再导入。未写入任何数据。")
    if not yes and not _agreed():
        raise CommandError("已取消，未写入任何数据。")


def _ask_marks(printed: ParsedList) -> GivenColumns:
    """The answers to what marks mean; nothing where that is not asked."""
    signs = marks_asked(printed)
    try:
        said = {sign: input(f"“{sign}”表示什么？输入 {'、'.join(MarkRole)}：").strip() for sign in signs}
    except EOFError:
        said = {}
    if any(said.get(sign) not in set(MarkRole) for sign in signs):
        raise CommandError("没有得到每种符号的含义，已取消，未写入任何数据。")
    return NOT_GIVEN.with_marks({sign: MarkRole(answer) for sign, answer in said.items()})


def _ask_who_leads(printed: ParsedList) -> GivenColumns:
    """The answer to who leads where no word says so; nothing where that is not asked."""
    question = question_who_leads(printed)
    if question is None:
        return NOT_GIVEN
    try:
        said = input("列第一位的为牵头单位？输入 yes（是）、all（所列单位共同牵头）或 no（均为责任单位）：")
    except EOFError:
        said = ""
    answer = FIRST_LEADS.get(said.strip().lower())
    if answer is None:
        raise CommandError(f"{question.message}没有得到回答，已取消，未写入任何数据。")
    return NOT_GIVEN.with_leads(answer)


def _agreed() -> bool:
    """Whether the answer is yes; where nobody can answer (no terminal) it is not."""
    try:
        return input("确认导入？输入 yes 继续：").strip().lower() == "yes"
    except EOFError:
        return False
