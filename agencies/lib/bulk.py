"""Many rows at once, without a model object and Django's bookkeeping for each.

An import writes ten rows for every measure. Through bulk_create writing a list took 13 to 19 times what the database
needs for the same rows in bare tables (SQLite); this way it takes 6 to 8 times, of which keys and indexes are two
(`make bench`). For rows that nobody needs as objects, in a transaction.
"""

from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

Values = Sequence[Any]


def insert(model: type[models.Model], names: Sequence[str], rows: Sequence[Values]) -> None:
    """Insert rows whose values stand in the order of `names`: every column, but an id that the database gives."""
    if not rows:
        return
    fields = _fields(model, names)
    table, columns = _quoted(model._meta.db_table), ", ".join(_quoted(field.column) for field in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # copy() is the driver's own: unwrapped, its errors would not be Django's (IntegrityError).
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in _prepared(fields, rows):
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", _prepared(fields, rows))  # noqa: S608


def update(model: type[models.Model], names: Sequence[str], rows: Sequence[Values]) -> None:
    """Set the columns `names` of rows that exist; each row of values begins with the id."""
    if not rows:
        return
    key, *fields = _fields(model, ["id", *names])
    table, columns = _quoted(model._meta.db_table), [_quoted(field.column) for field in fields]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # One array for each column: one statement, with as many parameters as columns, however many rows.
            places = [
                f"unnest(%s::{field.db_type(connection)}[]) AS {_quoted(field.column)}" for field in (key, *fields)
            ]
            setting = ", ".join(f"{column} = new.{column}" for column in columns)
            new = f"(SELECT {', '.join(places)}) AS new"
            values = [list(column) for column in zip(*rows, strict=True)]
            cursor.execute(f"UPDATE {table} SET {setting} FROM {new} WHERE {table}.id = new.id", values)  # noqa: S608
        else:
            setting = ", ".join(f"{column} = %s" for column in columns)
            values = [[*new, pk] for pk, *new in _prepared([key, *fields], rows)]
            cursor.executemany(f"UPDATE {table} SET {setting} WHERE id = %s", values)  # noqa: S608


def reserve_ids(model: type[models.Model], count: int) -> Sequence[int]:
    """Ids for rows that are about to be inserted and that others will point at."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
            cursor.execute(sequence, [_quoted(table), count])
            return [pk for (pk,) in cursor.fetchall()]
        # This transaction is the only writer, and inserting a row with an id moves the sequence on.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = cursor.fetchone()
        first = last[0] + 1 if last else 1
        return range(first, first + count)


def _fields(model: type[models.Model], names: Sequence[str]) -> "list[models.Field[Any, Any]]":
    by_name = {field.attname: field for field in model._meta.concrete_fields}
    return [by_name[name] for name in names]


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(str(name))


def _prepared(fields: "Sequence[models.Field[Any, Any]]", rows: Sequence[Values]) -> list[list[Any]]:
    """The values as the driver takes them; only some kinds of column need anything done."""
    database = connections[DEFAULT_DB_ALIAS]  # `connection` looks it up anew for every value
    # PostgreSQL's driver takes dates as they are; SQLite stores the text that Django makes of them.
    kinds = models.JSONField if database.vendor == "postgresql" else models.JSONField | models.DateField
    special = [(place, field) for place, field in enumerate(fields) if isinstance(field, kinds)]
    prepared = [list(row) for row in rows]
    for values in prepared:
        for place, field in special:
            if values[place] is not None:
                values[place] = field.get_db_prep_save(values[place], database)
    return prepared
