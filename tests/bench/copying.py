"""Lists that are in the database, copied within it as further lists: a million measures in minutes, where bringing them
in takes an hour.

What hangs on a list is copied with new ids, and so is what was logged about it, chained on: `verify_log` and
`check_derived` have nothing to say against a copy. Agencies are not copied, so that each has its share of every copy.
"""

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.models import Max

CHUNK = 10_000
# What log entries are about, by their kind. Others, which are about agencies, are not copied.
ABOUT = {"edition": "ListEdition", "measure": "Measure"}
# How a copied list is told from the one it is copied from. %s is its place among the copies.
OWN_WORDS = {"slug": "-%s", "title": "（%s）", "short_title": "（%s）"}
Kind = type[models.Model]


def copy_lists(times: int) -> None:
    """Have every list `times` times: as it is, and in copies. For a database that nobody writes to meanwhile."""
    with transaction.atomic():
        last = {kind: kind._default_manager.aggregate(last=Max("pk"))["last"] or 0 for kind in _of_lists()}
        for at in range(1, times):
            for kind in last:
                _copy_rows(kind, at, last)
        _copy_log(times, last)
        _count_on(list(last))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _of_lists() -> list[Kind]:
    """The models whose rows hang on a list, and that of lists first."""
    found: list[Kind] = [apps.get_model("reforms", "ReformList")]
    kinds = [kind for app in ("reforms", "importers") for kind in apps.get_app_config(app).get_models()]
    while more := [kind for kind in kinds if kind not in found and _pointed_at(kind) & set(found)]:
        found += more
    return found


def _pointed_at(kind: Kind) -> set[Kind]:
    return {field.related_model for field in kind._meta.concrete_fields if isinstance(field.related_model, type)}


def _copy_rows(kind: Kind, at: int, last: Mapping[Kind, int]) -> None:
    fields = kind._meta.concrete_fields
    copied = ", ".join(_copied(kind, field, at, last) for field in fields)
    quoted = connection.ops.quote_name
    table, key = quoted(kind._meta.db_table), quoted(kind._meta.pk.column)
    columns = ", ".join(quoted(field.column) for field in fields)
    with connection.cursor() as cursor:
        rows = f"SELECT {copied} FROM {table} WHERE {key} <= {last[kind]}"
        cursor.execute(f"INSERT INTO {table} ({columns}) {rows}")


def _copied(kind: Kind, field: "models.Field[Any, Any]", at: int, last: Mapping[Kind, int]) -> str:
    """What stands in a column of the copy of that number."""
    column = connection.ops.quote_name(field.column)
    of = field.related_model or (kind if field.primary_key else None)
    if of in last:
        return f"{column} + {at * last[of]}"
    own = OWN_WORDS.get(field.name) if kind._meta.object_name == "ReformList" else None
    return f"{column} || '{own % (at + 1)}'" if own else column


def _copy_log(times: int, last: Mapping[Kind, int]) -> None:
    from agencies.lib.bulk import insert
    from agencies.log.write import COLUMNS, advance_head
    from agencies.models import Change
    from reforms.models import PastRead

    head = advance_head()
    there = head.sequence
    by_name = {kind._meta.object_name: highest for kind, highest in last.items()}
    for at in range(1, times):
        for rows in _told(there):
            chained = [_chained(row, at, by_name, head) for row in rows if row.kind in ABOUT]
            insert(Change, COLUMNS, list(map(attrgetter(*COLUMNS), chained)))
    head.save()
    # Where measures stood is copied with them: there is nothing to read in the copies.
    PastRead.objects.update(sequence=head.sequence)


def _told(there: int) -> Iterator[Sequence[Any]]:
    from agencies.models import Change

    for start in range(0, there, CHUNK):
        yield Change.objects.filter(sequence__gt=start, sequence__lte=min(start + CHUNK, there)).order_by("sequence")


def _chained(row: Any, at: int, last: Mapping[str | None, int], head: Any) -> Any:
    """A log entry about the copy, behind the last one."""
    from agencies.log.write import hash_of

    head.sequence += 1
    row.sequence, row.previous_hash = head.sequence, head.hash
    row.object_id += at * last[ABOUT[row.kind]]
    if "report" in row.after:
        row.after["report"] += at * last["ProgressReport"]
    if "list" in row.after:
        row.after["list"] += OWN_WORDS["slug"] % (at + 1)
    head.hash = row.hash = hash_of(row)
    return row


def _count_on(kinds: Sequence[Kind]) -> None:
    """The next row of each table gets an id behind the copies; SQLite sees to that itself."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), kinds):
            cursor.execute(statement)
