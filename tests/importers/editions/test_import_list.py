"""The command `import_list`: it says what it would do, does all of it or nothing, and does nothing twice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client

import importers.editions.apply
import importers.editions.write
from agencies.access import COMMAND_LINE
from agencies.models import Agency, Change
from importers.editions.apply import BaseMoved, Source, apply_plan
from importers.editions.known import plan_import
from reforms.models import Assignment, ListEdition, Measure, PrintedRow, ReformList
from tests.conftest import FIXTURES, ON, REAL_LIST, SLUG
from tests.importers import samples
from tests.importers.text_editions import TEXT_LIST, TextEdition
from tests.importers.workbooks import HEADER, TITLE, SheetXml, row, workbook

Table = list[tuple[Any, ...]]
STEPS = (
    "_new_edition",
    "agencies_of",
    "_write_sections",
    "_write_items",
    "_write_measures",
    "_write_assignments",
    "write_printed_rows",
    "_withdraw",
    "derive_duties",
    "record",
)
SOURCE = Source(file_name="第二版.txt", file_sha256="0" * 64, who=COMMAND_LINE, on=ON)


class Crash(Exception):
    """Stands for whatever may stop an import halfway."""


def database() -> dict[str, Table]:
    """Every row of every table of the portal."""
    models = [*apps.get_app_config("agencies").get_models(), *apps.get_app_config("reforms").get_models()]
    return {model.__name__: list(model._base_manager.order_by("pk").values_list()) for model in models}


def import_list(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command("import_list", *arguments, stdout=out, **options)
    return out.getvalue()


@contextmanager
def nothing_written() -> Iterator[None]:
    before = database()
    yield
    assert database() == before


def second_edition() -> TextEdition:
    return (
        TextEdition.real()
        .with_text("6*", "争取司法部支持，在全国律师综合管理信息系统设立深圳账号，下放律师事务所名称核准。")
        .without("200")
        .with_row_after("199", ("200", "全新的事项", "一条从前没有的举措。", "市财政局", "", "2023年3月底"))
    )


def crash_after(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """Let one step of applying do its work, and die."""
    place = importers.editions.apply if hasattr(importers.editions.apply, step) else importers.editions.write
    carry_out: Callable[..., Any] = getattr(place, step)

    def die(*args: Any, **kwargs: Any) -> None:
        carry_out(*args, **kwargs)
        raise Crash(step)

    monkeypatch.setattr(place, step, die)


def test_the_same_file_again_changes_nothing_and_says_so(reform_list: ReformList) -> None:
    with nothing_written():
        said = import_list(str(REAL_LIST), slug=SLUG, yes=True)
    assert "与现行第1版内容相同，未作任何改动。" in said
    assert "新增0条，变更0条，调出0条，不变216条。" in said


def test_the_text_export_of_the_same_list_changes_nothing(reform_list: ReformList) -> None:
    with nothing_written():
        said = import_list(str(TEXT_LIST), slug=SLUG, yes=True)
    assert "与现行第1版内容相同，未作任何改动。" in said


def test_the_list_is_found_by_its_title(reform_list: ReformList) -> None:
    with nothing_written():
        assert "与现行第1版内容相同" in import_list(str(REAL_LIST), yes=True)


def test_a_dry_run_shows_the_plan_and_writes_nothing(reform_list: ReformList, tmp_path: Path) -> None:
    with nothing_written():
        said = import_list(second_edition().saved(tmp_path), slug=SLUG, dry_run=True)
    assert "新增1条，变更1条，调出1条，不变214条。" in said
    assert "仅预览，未写入任何数据。" in said


def test_a_dry_run_of_a_new_list_makes_no_list(reform_list: ReformList, tmp_path: Path) -> None:
    with nothing_written():
        import_list(str(REAL_LIST), slug="another", dry_run=True)


def test_a_changed_edition_comes_into_force(reform_list: ReformList, tmp_path: Path) -> None:
    said = import_list(second_edition().saved(tmp_path), slug=SLUG, yes=True)
    assert "第2版" in said
    assert "新增1条，变更1条，调出1条，不变214条。" in said
    assert list(reform_list.editions.values_list("number", "is_in_force")) == [(1, False), (2, True)]
    assert import_list(second_edition().saved(tmp_path), slug=SLUG, yes=True).rstrip().endswith("未作任何改动。")


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04 broken", "没有表格的文字。".encode()])
def test_a_rejected_file_exits_with_1_and_leaves_the_database_alone(
    reform_list: ReformList, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "坏文件.docx"
    file.write_bytes(content)
    with nothing_written(), pytest.raises(CommandError) as stopped:
        import_list(str(file), slug=SLUG, yes=True)
    assert stopped.value.returncode == 1
    assert "坏文件.docx" in str(stopped.value)


def test_a_missing_file_exits_with_2(reform_list: ReformList, tmp_path: Path) -> None:
    with pytest.raises(CommandError) as stopped:
        import_list(str(tmp_path / "没有.docx"), slug=SLUG, yes=True)
    assert stopped.value.returncode == 2


def test_an_unseen_agency_in_a_later_edition_needs_a_person(reform_list: ReformList, tmp_path: Path) -> None:
    file = second_edition().with_responsible("7*", "市从未见过局").saved(tmp_path)
    with nothing_written(), pytest.raises(CommandError, match="市从未见过局"):
        import_list(file, slug=SLUG, yes=True)


def test_it_says_what_an_unseen_name_may_be_another_name_of(reform_list: ReformList, tmp_path: Path) -> None:
    edition = TextEdition.real().with_lead("6*", "深圳市司法行政局").saved(tmp_path)
    assert "深圳市司法行政局（可能是市司法局" in import_list(edition, slug=SLUG, dry_run=True)


def test_a_person_may_confirm_an_unseen_agency(
    reform_list: ReformList, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda _question: "yes")
    file = second_edition().with_responsible("7*", "市从未见过局（市新局）").saved(tmp_path)
    assert "首次出现的单位（1个），确认后将作为新单位建立：\n  市从未见过局（市新局）\n" in import_list(file, slug=SLUG)
    assert Agency.objects.called(["市新局"])["市新局"].name == "市从未见过局（市新局）"


@pytest.mark.parametrize("answer", ["", "no", "y"])
def test_anything_but_yes_writes_nothing(
    reform_list: ReformList, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr("builtins.input", lambda _question: answer)
    with nothing_written(), pytest.raises(CommandError, match="已取消，未写入任何数据。"):
        import_list(second_edition().saved(tmp_path), slug=SLUG)


def test_nobody_at_the_keyboard_is_a_no(
    reform_list: ReformList, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(_question: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", closed)
    with nothing_written(), pytest.raises(CommandError, match="未写入任何数据"):
        import_list(second_edition().saved(tmp_path), slug=SLUG)


def test_a_row_that_no_number_covers_is_refused_before_anything_is_written(
    reform_list: ReformList, tmp_path: Path
) -> None:
    edition = TextEdition.real().edited("1*", lambda cells: ("", *cells[1:]))
    with nothing_written(), pytest.raises(CommandError, match="没有序号"):
        import_list(edition.saved(tmp_path), slug=SLUG, yes=True)


@pytest.mark.parametrize("step", STEPS)
def test_an_import_that_dies_halfway_leaves_nothing(
    reform_list: ReformList, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    plan = plan_import(second_edition().parsed(), reform_list)
    crash_after(monkeypatch, step)
    with nothing_written(), pytest.raises(Crash):
        apply_plan(plan, reform_list, SOURCE)


def test_without_the_transaction_an_import_that_dies_would_leave_something(
    reform_list: ReformList, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test above."""
    plan = plan_import(second_edition().parsed(), reform_list)
    monkeypatch.setattr(importers.editions.apply.transaction, "atomic", lambda *_args, **_kwargs: nullcontext())
    crash_after(monkeypatch, "_write_measures")
    before = database()
    with pytest.raises(Crash):
        apply_plan(plan, reform_list, SOURCE)
    assert database()["Measure"] != before["Measure"]


def test_the_first_import_of_a_list_that_dies_leaves_no_empty_list(
    reform_list: ReformList, monkeypatch: pytest.MonkeyPatch
) -> None:
    crash_after(monkeypatch, "derive_duties")
    with nothing_written(), pytest.raises(Crash):
        import_list(str(TEXT_LIST), slug="another", yes=True)


def test_a_plan_made_against_an_older_edition_is_not_applied(reform_list: ReformList) -> None:
    late = plan_import(TextEdition.real().with_deadline("3*", "2022年9月底").parsed(), reform_list)
    apply_plan(plan_import(second_edition().parsed(), reform_list), reform_list, SOURCE)
    with nothing_written(), pytest.raises(BaseMoved):
        apply_plan(late, reform_list, SOURCE)


def test_an_import_is_logged_once_with_what_it_did(reform_list: ReformList) -> None:
    last = Change.objects.order_by("-sequence").values_list("sequence", flat=True)[0]
    apply_plan(plan_import(second_edition().parsed(), reform_list), reform_list, SOURCE)
    actions = list(Change.objects.filter(sequence__gt=last).order_by("sequence").values_list("action", flat=True))
    assert actions == ["edition.applied", "measure.added", "measure.reprinted", "measure.withdrawn"]


def test_a_second_list_of_the_same_document_stands_beside_the_first(reform_list: ReformList) -> None:
    import_list(str(REAL_LIST), slug="another", yes=True)
    assert Measure.objects.filter(reform_list=reform_list).count() == 216
    assert Measure.objects.filter(reform_list__slug="another").count() == 216
    assert ListEdition.objects.filter(is_in_force=True).count() == 2
    assert PrintedRow.objects.filter(edition__reform_list__slug="another").count() == 216
    assert Agency.objects.filter(name="市市场监管局").count() == 1


def test_a_directory_that_is_none_changes_nothing(reform_list: ReformList, tmp_path: Path) -> None:
    file = tmp_path / "单位.json"
    file.write_text("[]", encoding="utf-8")
    with nothing_written(), pytest.raises(CommandError):
        call_command("load_agencies", str(file))


def test_the_directory_again_changes_nothing(reform_list: ReformList) -> None:
    with nothing_written():
        call_command("load_agencies", str(FIXTURES / "agencies-shenzhen.json"), verbosity=0, stdout=StringIO())


LONG = "长" * 600


@pytest.mark.parametrize(
    ("what", "cells"),
    [
        ("title", ("1*", LONG, "举措", "市财政局", "", "2022年6月底")),
        ("deadline_text", ("1*", "事项", "举措", "市财政局", "", f"2022年6月底，{LONG[:300]}")),
    ],
)
def test_what_is_printed_is_kept_whole_however_long_it_is(
    reform_list: ReformList, what: str, cells: tuple[str, str, str, str, str, str]
) -> None:
    plan = plan_import(TextEdition.real().edited("1*", lambda _cells: cells).parsed(), reform_list)
    apply_plan(plan, reform_list, SOURCE)
    printed = cells[1] if what == "title" else cells[5]
    assert Measure.objects.filter(reform_list=reform_list, **{what: printed}).count() == 1


def test_a_heading_is_kept_whole_however_long_it_is(reform_list: ReformList) -> None:
    first = TextEdition.real()
    place = next(at for at, block in enumerate(first.blocks) if block.strip().startswith("一、"))
    blocks = (*first.blocks[:place], first.blocks[place] + LONG, *first.blocks[place + 1 :])
    apply_plan(plan_import(TextEdition(blocks).parsed(), reform_list), reform_list, SOURCE)
    assert reform_list.sections.get(number=1).title.endswith(LONG)


def with_other_columns(folder: Path) -> Path:
    """A list with a column that has no role, and a hidden one."""
    rows = (
        row(1, TITLE)
        + row(2, *HEADER, "督导单位", "内部意见")
        + row(3, "1", "甲事", "举措一", "市财政局", None, "2022年6月底", "市政府督查室", "暂缓")
        + row(4, "2", "乙事", "举措二", "市财政局", None, "2022年9月底", None, "同意")
    )
    hiding = '<col min="8" max="8" width="9" hidden="1"/>'
    path = folder / "清单.xlsx"
    path.write_bytes(workbook(SheetXml("清单", rows, ("A1:H1",), columns=hiding)))
    return path


@pytest.mark.django_db
def test_yes_does_not_do_for_hidden_columns(tmp_path: Path) -> None:
    path = with_other_columns(tmp_path)
    with nothing_written(), pytest.raises(CommandError, match=r"“内部意见（H列）”.*去掉 --yes"):
        import_list(str(path), yes=True)


STRUCK = samples.row("2", "乙", samples.para(samples.run("推进乙。", "<w:strike/>")), "市财政局", "", "9月")
CONTACTS = samples.table(samples.row("联系人", "电话"), samples.row("张三", "0755-12345678"))


@pytest.mark.django_db
@pytest.mark.parametrize(("row_too", "behind", "said"), [(STRUCK, "", "删除线"), ("", CONTACTS, "第2张表")])
def test_yes_does_not_do_for_what_is_struck_out_or_in_a_table_that_is_not_read(
    tmp_path: Path, row_too: str, behind: str, said: str
) -> None:
    table = samples.table(samples.header(), samples.wide("一、准入"), samples.duty("1"), row_too)
    blocks = (samples.para("二〇二二年改革清单"), table, samples.para("附：联系人"), behind)
    path = tmp_path / "清单.docx"
    path.write_bytes(samples.package(samples.document(*blocks)))
    with nothing_written(), pytest.raises(CommandError, match=rf"{said}.*去掉 --yes"):
        import_list(str(path), yes=True)


@pytest.mark.django_db
def test_a_column_without_a_role_is_kept_with_its_row_and_shown(
    tmp_path: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda _prompt: "yes")
    said = import_list(str(with_other_columns(tmp_path)))
    assert "“督导单位”列没有对应的栏目，1个有内容的单元格按原文保留" in said
    first, second = PrintedRow.objects.filter(edition__file_name="清单.xlsx").order_by("row")
    assert (first.other, second.other) == ({"督导单位": "市政府督查室"}, {})
    ReformList.objects.update(public_status=True, open_to="public")
    page = client.get(f"/measures/{first.measure_id}/").content.decode()
    assert "<dt>督导单位</dt><dd>市政府督查室</dd>" in page
    assert "督导单位：市政府督查室" in client.get(first.edition.get_absolute_url()).content.decode()


@pytest.mark.django_db
def test_a_list_without_a_name_is_asked_for_one(tmp_path: Path) -> None:
    path = tmp_path / "清单.csv"
    path.write_text(
        "序号,改革事项,具体举措,牵头单位,责任单位,完成时限\n1,某事,某举措,市财政局,,2022年6月底\n", encoding="utf-8"
    )
    with nothing_written(), pytest.raises(CommandError, match="--title"):
        import_list(str(path), yes=True)
    import_list(str(path), yes=True, title="二〇二二年小清单")
    assert ReformList.objects.filter(title="二〇二二年小清单").exists()


@pytest.mark.django_db
def test_what_the_columns_hold_is_kept_with_the_list_for_its_next_edition(tmp_path: Path) -> None:
    path = tmp_path / "清单.txt"
    text = "2022年小清单\n甲\t乙\t丙\t丁\t戊\n1\t某事\t某举措\t市财政局\t2022年6月底\n"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match="指定各列含义"):
        import_list(str(path), slug="small", yes=True)
    import_list(str(path), slug="small", yes=True, columns="序号=1,事项=2,举措=3,牵头=4,时限=5")
    assert Measure.objects.get(reform_list__slug="small").text == "某举措"
    path.write_text(text.replace("某举措", "另一举措"), encoding="utf-8")
    said = import_list(str(path), slug="small", yes=True)
    assert "按上次指定的各列含义读取：序号=1,事项=2,举措=3,牵头=4,时限=5" in said
    assert Measure.objects.get(reform_list__slug="small").text == "另一举措"


ONE_COLUMN = (
    "2022年小清单\n序号\t改革事项\t具体举措\t责任单位\t完成时限\n1\t某事\t某举措\t市财政局、市司法局\t2022年6月底\n"
)


@pytest.mark.django_db
def test_who_leads_is_asked_once_where_no_word_says_so_and_kept_with_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "清单.txt"
    path.write_text(ONE_COLUMN, encoding="utf-8")
    with nothing_written(), pytest.raises(CommandError, match="请用 --first-leads 回答"):
        import_list(str(path), yes=True)
    answers = iter(("all", "yes"))
    monkeypatch.setattr("builtins.input", lambda _prompt: next(answers))
    import_list(str(path))
    made = ReformList.objects.get(title="2022年小清单")
    leads = Assignment.objects.filter(measure__reform_list=made, part="lead")
    assert (made.columns, leads.count()) == ("首位=共同", 2)
    path.write_text(ONE_COLUMN.replace("某举措", "另一举措"), encoding="utf-8")
    # The list is found by its title, and is not asked about again.
    assert "按上次指定的各列含义读取：首位=共同" in import_list(str(path), yes=True)
    assert leads.filter(measure__text="另一举措").count() == 2


MATRIX = "2022年矩阵清单\n序号\t任务\t市财政局\t市司法局\t完成时限\n1\t某事\t√\t○\t2022年6月底\n"


@pytest.mark.django_db
def test_what_marks_mean_is_asked_and_kept_with_the_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "清单.txt"
    path.write_text(MATRIX, encoding="utf-8")
    with nothing_written(), pytest.raises(CommandError, match="请用 --marks 回答"):
        import_list(str(path), yes=True)
    with nothing_written(), pytest.raises(CommandError, match="“√=主持”无法识别"):
        import_list(str(path), yes=True, marks="√=主持")
    monkeypatch.setattr("builtins.input", lambda _prompt: "也许")
    with nothing_written(), pytest.raises(CommandError, match="没有得到每种符号的含义"):
        import_list(str(path))
    answers = iter(("牵头", "配合", "yes"))
    monkeypatch.setattr("builtins.input", lambda _prompt: next(answers))
    import_list(str(path))
    made = ReformList.objects.get(title="2022年矩阵清单")
    assert made.columns == "√=牵头,○=配合"
    path.write_text(MATRIX.replace("某事", "另一事"), encoding="utf-8")
    assert "按上次指定的各列含义读取：√=牵头,○=配合" in import_list(str(path), yes=True)
    assert [one.agency.name for one in Assignment.objects.filter(measure__text="另一事", part="lead")] == ["市财政局"]


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["", "也许"])
def test_without_an_answer_to_who_leads_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    path = tmp_path / "清单.txt"
    path.write_text(ONE_COLUMN, encoding="utf-8")
    monkeypatch.setattr("builtins.input", lambda _prompt: typed)
    with nothing_written(), pytest.raises(CommandError, match="没有得到回答"):
        import_list(str(path))
    assert "列第一位的为牵头单位" in import_list(str(path), dry_run=True)
    import_list(str(path), yes=True, first_leads="yes")
    assert ReformList.objects.get(title="2022年小清单").columns == "首位=牵头"
