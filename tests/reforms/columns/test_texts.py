"""The index of what is searched finds what a plain reading finds, whatever was done, whatever became of its files."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from agencies.access import PORTAL
from importers.editions.apply import revert
from reforms.columns import kept, texts
from reforms.columns.altered import LogHead
from reforms.columns.facts import differing, read_all
from reforms.columns.kept import columns
from reforms.columns.texts import SearchedTexts
from reforms.models import Disposition, Measure, ReformList
from reforms.office.steer import dispose
from tests.conftest import ON, SLUG
from tests.importers.editions.test_import_list import second_edition
from tests.reforms.columns.test_kept import OFFICE

# Two languages, signs, a character of two units, one alone, and the edges of texts.
ODD = ("甲𠮷乙𠮷", "a\nab\nabc", "𠮷", "", "局\n局局\n局局局", "\U0002ffff甲")


@pytest.fixture(autouse=True)
def folder(reform_list: ReformList, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Iterator[Path]:
    """As in a portal of many measures: four blocks of 64 ids; where they lie."""
    monkeypatch.setattr("tests.conftest._forget_all", lambda: None)
    monkeypatch.setattr(kept, "WORTH_STORING", 1)
    first = Measure.objects.order_by("pk").values_list("pk", flat=True)[0]
    monkeypatch.setattr(texts, "SIZE", max(64, first // 2))
    settings.DATA_DIR = tmp_path
    kept.path.cache_clear()
    kept.forget()
    yield tmp_path / "columns"
    kept.path.cache_clear()


def made() -> SearchedTexts:
    """What the worker makes, as it is taken up."""
    kept.keep_ready()
    now = columns()
    assert now.texts.end > max(now.of["id"])
    return now.texts


def wrongly_found(words: list[str]) -> list[str]:
    """The words for which something else is found than by reading."""
    now, read = columns(), dict(Measure.objects.values_list("pk", "search_text"))
    now.holding.clear()
    return [
        word
        for word in words
        if set(now.of["id"][now.with_word(word)].tolist()) != {pk for pk, text in read.items() if word in text}
    ]


def pieces(seed: int, count: int = 300) -> list[str]:
    """Parts of texts as they are by now, from one character to forty, and parts put together."""
    chance = random.Random(seed)  # chosen by chance
    read = [text for text in Measure.objects.values_list("search_text", flat=True) if text]
    found = []
    for _ in range(count):
        cell = chance.choice(chance.choice(read).split("\n"))
        start = chance.randrange(max(1, len(cell)))
        piece = cell[start : start + chance.choice([1, 1, 2, 2, 3, 4, 7, 40])]
        found.append(piece if chance.random() < 0.8 else piece + chance.choice(chance.choice(read).split("\n"))[:3])
    return [piece for piece in found if piece]


def test_any_word_is_found_wherever_it_stands() -> None:
    ids = list(Measure.objects.order_by("pk").values_list("pk", flat=True))
    for pk, text in zip([*ids[:3], *ids[-3:]], ODD, strict=True):
        Measure.objects.filter(pk=pk).update(search_text=text)
    searched = made()
    assert len(searched.blocks) > 2
    odd = [text[start:end] for text in ODD for start in range(len(text)) for end in range(start + 1, len(text) + 1)]
    words = [word for word in odd if "\n" not in word]
    assert wrongly_found([*pieces(1), *words, "没有这个词", "\x00", "\uffff", "局局局局"]) == []


class Process:
    """One of several that answer: each keeps its own."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    @contextmanager
    def answers(self) -> Iterator[None]:
        before, kept._kept[:] = list(kept._kept), self.kept
        try:
            yield
        finally:
            self.kept, kept._kept[:] = list(kept._kept), before


def test_a_search_makes_nothing_and_takes_up_what_the_worker_made(folder: Path) -> None:
    web, other, worker = Process(), Process(), Process()
    for process in (web, other):
        with process.answers():
            assert wrongly_found(pieces(1, 20)) == []
            assert columns().texts.blocks == ()
    with worker.answers():
        assert kept.keep_ready() == len(made().blocks) > 2
        assert kept.keep_ready() == 0, "there is nothing left to do"
    for process in (web, other):
        with process.answers(), CaptureQueriesContext(connection) as queries:
            now = columns()
            now.holding.clear()
            now.with_word("企业")
            assert [query["sql"] for query in queries if "search_text" in query["sql"]] == []
            assert wrongly_found(pieces(2, 20)) == []
    assert {path.stem for path in folder.glob("*.npy")} == set(made().names)


def test_what_was_logged_between_making_and_taking_up_is_followed(tmp_path: Path) -> None:
    """The worker made them before an edition came, of which another process hears first."""
    web, worker = Process(), Process()
    with worker.answers():
        made()
    call_command("import_list", second_edition().saved(tmp_path), slug=SLUG, yes=True, verbosity=0)
    with web.answers():
        assert wrongly_found([*pieces(3, 50), "下放律师事务所"]) == []
        assert columns().texts.altered
    with worker.answers():
        assert wrongly_found([*pieces(4, 50), "下放律师事务所"]) == []


def test_what_was_made_of_another_log_is_not_taken_up() -> None:
    with transaction.atomic():
        something_done()
        made()
        transaction.set_rollback(True)
    Measure.objects.filter(item__number=7).update(search_text="别的")
    something_done()
    something_done()
    kept.forget()
    assert wrongly_found(["别的"]) == []
    assert columns().texts.blocks == ()
    assert made().blocks
    assert wrongly_found(["别的"]) == []


def test_two_that_make_them_at_once_do_not_make_them_twice() -> None:
    with kept.alone():
        assert kept.keep_ready() == 0
    assert kept.keep_ready() > 0


def test_it_follows_what_is_done(reform_list: ReformList, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = made().blocks
    call_command("import_list", second_edition().saved(tmp_path), slug=SLUG, yes=True, verbosity=0)
    assert wrongly_found([*pieces(2), "下放律师事务所"]) == []
    assert columns().texts.altered
    assert columns().texts.blocks[: len(before)] == before
    assert not columns().texts.differ()
    revert(reform_list.editions.get(is_in_force=True), who=PORTAL, on=ON)
    assert wrongly_found([*pieces(3), "下放律师事务所"]) == []
    assert not columns().texts.differ()


def test_a_report_alters_no_text() -> None:
    made()
    something_done()
    assert columns().texts.altered == {}
    with CaptureQueriesContext(connection) as queries:
        columns().with_word("企业")
    assert all("changehead" in query["sql"] for query in queries)


def test_where_much_was_altered_a_block_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = made().names
    monkeypatch.setattr(texts, "MOST_ALTERED", 1)
    call_command("import_list", second_edition().saved(tmp_path), slug=SLUG, yes=True, verbosity=0)
    assert wrongly_found(pieces(8)) == []
    # What is new may have an id beyond the blocks, which are made first.
    assert made().altered == {}
    assert columns().texts.names != before
    assert wrongly_found(pieces(9)) == []


def something_done() -> None:
    measure = Measure.objects.filter(disposition=Disposition.ACTIVE).order_by("-pk")[0]
    dispose(measure.pk, Disposition.SUSPENDED, reason="缓。", seen=None, who=OFFICE, on=ON)


def started_again() -> list[str]:
    """As a process that starts; what it asks the database of texts to search a word."""
    kept.forget()
    with CaptureQueriesContext(connection) as queries:
        columns().with_word("企业")
    assert wrongly_found(pieces(4)) == []
    assert differing(columns(), read_all()) == []
    return [query["sql"] for query in queries if "search_text" in query["sql"]]


def test_a_process_that_starts_has_it_at_once(folder: Path, tmp_path: Path) -> None:
    made()
    assert {path.stem for path in folder.glob("*.npy")} == set(columns().texts.names)
    assert started_again() == []
    call_command("import_list", second_edition().saved(tmp_path), slug=SLUG, yes=True, verbosity=0)
    assert started_again() != []
    assert columns().texts.altered


def test_what_was_altered_is_known_to_a_process_that_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made()
    monkeypatch.setattr(kept, "STALE_AFTER", 1)
    call_command("import_list", second_edition().saved(tmp_path), slug=SLUG, yes=True, verbosity=0)
    made()
    assert kept.stored_up_to("texts") == kept.stored_up_to() == LogHead.now().sequence
    assert columns().texts.altered
    assert all("IN" in sql for sql in started_again())
    assert columns().texts.altered


def test_blocks_that_are_no_longer_named_are_tidied_away(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "MOST_ALTERED", 1)
    made()
    call_command("import_list", second_edition().saved(tmp_path), slug=SLUG, yes=True, verbosity=0)
    made()
    assert {path.stem for path in folder.glob("*.npy")} == set(columns().texts.names)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        lambda path: path.unlink(),
    ],
    ids=["empty", "cut", "gone"],
)
def test_a_block_that_cannot_be_read_costs_time_alone(folder: Path, damage: Callable[[Path], Any]) -> None:
    made()
    kept.forget()
    damage(min(folder.glob("*.npy")))
    assert started_again() != []
    made()
    assert started_again() == []


def test_a_disk_that_takes_nothing_leaves_it_to_the_database(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder.write_text("no folder")
    assert kept.keep_ready() == 0
    assert wrongly_found(pieces(5)) == []
    assert columns().texts.blocks == ()
    assert "could not be stored" in caplog.text


def test_the_check_finds_what_is_written_without_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    """The control: what is indexed is what is found."""
    measure = Measure.objects.get(item__number=3)
    right = measure.search_text
    Measure.objects.filter(pk=measure.pk).update(search_text="别的")
    made()
    assert wrongly_found(["别的"]) == []
    Measure.objects.filter(pk=measure.pk).update(search_text=right)
    assert wrongly_found(["别的"]) == ["别的"]
    with pytest.raises(SystemExit, match="1"):
        call_command("check_derived", "--english")
    assert "search_text" in capsys.readouterr().out
    call_command("check_derived", "--rebuild", "--english")
    call_command("check_derived", "--english")
    assert started_again() == []


def test_the_check_finds_an_index_that_is_not_that_of_its_texts(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made()
    path = min(folder.glob("*.npy"))
    held = np.load(path)
    held["row"][0][7] += 1
    path.unlink()
    np.save(path, held)
    with pytest.raises(SystemExit, match="1"):
        call_command("check_derived", "--english")
    assert "search_text" in capsys.readouterr().out
    call_command("check_derived", "--rebuild", "--english")
    assert started_again() == []
