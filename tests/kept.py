"""Rows that take long to make, made once and put in again as they were by every later test that asks.

They fit only into the database that they were made in, as it was then: they are put in before a test writes anything.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Model

Row = tuple[Any, ...]
Rows = dict[object, Row]


@dataclass(frozen=True, slots=True)
class Difference:
    """What was done to one table; a row begins with its key."""

    model: type[Model]
    added: list[Row]
    changed: list[Row]
    removed: list[Row]

    def put(self) -> None:
        table, columns = self.model._meta.db_table, columns_of(self.model)
        key, *others = columns
        places = ", ".join(["%s"] * len(columns))
        run(f"DELETE FROM {table} WHERE {key} = %s", self.removed)
        run(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", self.added)
        new = ", ".join(f"{column} = %s" for column in others)
        run(f"UPDATE {table} SET {new} WHERE {key} = %s", [(*row[1:], row[0]) for row in self.changed])


@dataclass(slots=True)
class Kept:
    """What somebody who makes something does to the database."""

    differences: list[Difference] = field(default_factory=list)

    def put(self, make: Callable[[], None]) -> None:
        if self.differences:
            for difference in self.differences:
                difference.put()
            return
        before = everything()
        make()
        after = everything()
        self.differences = [difference_of(model, before[model], after[model]) for model in after]


def difference_of(model: type[Model], before: Rows, after: Rows) -> Difference:
    added = [row for key, row in after.items() if key not in before]
    changed = [row for key, row in after.items() if key in before and row != before[key]]
    removed = [(key,) for key in before if key not in after]
    return Difference(model, added, changed, removed)


def everything() -> dict[type[Model], Rows]:
    """Every row of every table, as the database gives it."""
    return {model: rows_of(model) for model in apps.get_models(include_auto_created=True)}


def rows_of(model: type[Model]) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns_of(model))} FROM {model._meta.db_table}")
        return {row[0]: row for row in cursor.fetchall()}


def columns_of(model: type[Model]) -> list[str]:
    """The columns that can be written, the key first."""
    fields = sorted(model._meta.concrete_fields, key=lambda column: not column.primary_key)
    return [connection.ops.quote_name(column.column) for column in fields if not column.generated]


def run(statement: str, rows: list[Row]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # in one message to the server instead of one for each row
            cursor.execute(";".join(cursor.mogrify(statement, row) for row in rows))
        else:
            cursor.executemany(statement, rows)
