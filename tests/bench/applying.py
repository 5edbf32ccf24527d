"""Run as a program, with DATABASE_URL naming an empty database: how long it takes to write an import, prints tables.

The limit is what the database itself needs for the same rows: executemany (SQLite) or COPY (PostgreSQL) into tables
without any index or constraint, in one transaction. Beside it the same into tables with the portal's keys and indexes.
"""

import argparse
import contextlib
import datetime as dt
import json
import re
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import django
from django.core.management import call_command
from django.db import connection, models, transaction

from tests.bench.timing import Way, seconds_of, table

ON = dt.date(2022, 6, 15)
LIMIT = "limit: the same rows into bare tables"
KEYED = "the same rows into tables with keys and indexes"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.applying")
    parser.add_argument("--rows", type=int, nargs="+", default=[216])
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--what", nargs="+", default=["apply", "revert"])
    options = parser.parse_args()
    django.setup()
    with contextlib.redirect_stdout(sys.stderr):
        call_command("migrate", verbosity=0)
    for rows in options.rows:
        print(report(rows, options.times, options.what), flush=True)
    return 0


def report(rows: int, times: int, what: list[str]) -> str:
    """Each turn brings a list in, looks at the same file again, brings in a changed edition, and takes it back."""
    from importers.documents.read import read_document
    from tests.bench.documents import list_of

    old, new = (read_document(list_of(rows, changed=changed), "list.docx") for changed in (False, True))
    turns = [dict(turn(old, new, f"bench-{rows}-{number}")) for number in range(times + 1)][1:]
    ways = [Way(name, statistics.median(one[name] for one in turns)) for name in turns[0]]
    kept = [
        way
        for way in ways
        if ("revert" in what or "back" not in way.name)
        and ("apply" in what or "back" in way.name or way.name in (LIMIT, KEYED))
    ]
    return table(
        f"Applying {len(old.measures)} measures, {connection.vendor}", kept, rows=len(old.measures), limit=LIMIT
    )


def turn(old: Any, new: Any, slug: str) -> Iterator[tuple[str, float]]:
    from agencies.access import PORTAL
    from importers.editions.apply import Source, apply_plan, revert
    from importers.editions.known import plan_import
    from importers.editions.new_list import list_for
    from reforms.models import ListEdition

    source = Source(file_name="list.docx", file_sha256="0" * 64, who=PORTAL, on=ON)
    before = Mark()
    reform_list = list_for(old, slug=slug, year=2022, on=ON)
    plan = plan_import(old, reform_list)
    yield "ours: plan of the first edition", seconds_of(lambda: plan_import(old, reform_list))
    yield "ours: write the first edition", seconds_of(lambda: apply_plan(plan, reform_list, source))
    yield LIMIT, into_copies(before, bare_table)
    yield KEYED, into_copies(before, keyed_table)
    yield "ours: the same file again (nothing to write)", seconds_of(lambda: plan_import(old, reform_list))
    changed = plan_import(new, reform_list)
    yield "ours: plan of an edition with 1% changed", seconds_of(lambda: plan_import(new, reform_list))
    yield "ours: write the edition with 1% changed", seconds_of(lambda: apply_plan(changed, reform_list, source))
    in_force = ListEdition.objects.get(reform_list=reform_list, is_in_force=True)
    yield "ours: take that edition back", seconds_of(lambda: revert(in_force, who=PORTAL, on=ON))


class Mark:
    """How far each table had been filled at a moment."""

    def __init__(self) -> None:
        self.highest = {model: self._highest(model) for model in written()}

    def _highest(self, model: type[models.Model]) -> int:
        return int(model._base_manager.aggregate(highest=models.Max("pk"))["highest"] or 0)

    def rows_since(self, model: type[models.Model]) -> list[tuple[Any, ...]]:
        """As they are stored."""
        columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
        key = model._meta.pk.column  # type: ignore[union-attr]
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT {columns} FROM "{model._meta.db_table}" WHERE "{key}" > %s ORDER BY "{key}"',
                [self.highest[model]],
            )
            return [tuple(map(_plain, row)) for row in cursor.fetchall()]


def _plain(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def written() -> list[type[models.Model]]:
    from agencies.models import Agency, AgencyName, Change
    from importers.models import EditionReading
    from reforms.models import Assignment, Duty, Item, ListEdition, Measure, PrintedRow, Section

    return [
        Agency,
        AgencyName,
        ListEdition,
        EditionReading,
        Section,
        Item,
        Measure,
        Assignment,
        PrintedRow,
        Duty,
        Change,
    ]


def into_copies(before: Mark, make: Callable[[type[models.Model]], Iterable[str]]) -> float:
    """Seconds for all rows that have been written since, into empty tables of another name."""
    rows = {model: before.rows_since(model) for model in written()}
    with connection.cursor() as cursor:
        for model in rows:
            for command in make(model):
                cursor.execute(command)
    try:
        return seconds_of(lambda: _write(rows))
    finally:
        with connection.cursor() as cursor:
            for model in rows:
                cursor.execute(f"DROP TABLE copy_{model.__name__}")


def bare_table(model: type[models.Model]) -> Iterable[str]:
    return [f"CREATE TABLE copy_{model.__name__} ({_columns(model)})"]


def keyed_table(model: type[models.Model]) -> Iterable[str]:
    """With every index and check; on SQLite also with foreign keys."""
    table = model._meta.db_table
    if connection.vendor == "postgresql":
        return [f'CREATE TABLE copy_{model.__name__} (LIKE "{table}" INCLUDING ALL)']
    with connection.cursor() as cursor:
        kinds = "tbl_name = %s AND sql IS NOT NULL AND type IN ('table', 'index')"
        cursor.execute(f"SELECT sql FROM sqlite_master WHERE {kinds} ORDER BY type DESC", [table])
        found = [str(sql) for (sql,) in cursor.fetchall()]
    renamed = (
        sql.replace(f'"{table}"', f'"copy_{model.__name__}"', 1 if sql.startswith("CREATE TABLE") else -1)
        for sql in found
    )
    return [re.sub('INDEX "', 'INDEX "copy_', sql, count=1) for sql in renamed]


def _columns(model: type[models.Model]) -> str:
    types = (f'"{field.column}" {field.db_type(connection)}' for field in model._meta.concrete_fields)
    return ", ".join(one.replace("AUTOINCREMENT", "").replace("GENERATED BY DEFAULT AS IDENTITY", "") for one in types)


def _write(rows: dict[type[models.Model], list[tuple[Any, ...]]]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for model, values in rows.items():
            names = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
            place = f"copy_{model.__name__} ({names})"
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {place} FROM STDIN") as copy:
                    for row in values:
                        copy.write_row(row)
            elif values:
                marks = ", ".join("?" * len(values[0]))
                cursor.cursor.connection.executemany(f"INSERT INTO {place} VALUES ({marks})", values)


if __name__ == "__main__":
    sys.exit(main())
