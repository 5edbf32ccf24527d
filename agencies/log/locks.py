"""The lock on the change log: triggers by which the database itself refuses to alter what is written.

A row of `agencies_change` can be added and nothing else; the one row of `agencies_changehead` can only advance. On
SQLite a migration that rebuilds one of these tables drops its triggers with it: such a migration ends with
`RunPython(lock_log, RunPython.noop)`, and `manage.py verify_log` says when a trigger is missing.
"""

from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

APPEND_ONLY = (
    "The change log is append-only: rows of agencies_change are never changed or deleted. 变更日志只能追加，不得改删。"
)
ONLY_FORWARD = (
    "The head of the change log only advances: agencies_changehead is one row whose sequence grows. 日志链头只能前进。"
)
# ruff: noqa: S608  # every name in these statements stands in this file
# `INSERT OR REPLACE` deletes without asking a DELETE trigger, so SQLite looks before it inserts.
SQLITE = {
    "change_is_not_updated": f"""BEFORE UPDATE ON agencies_change BEGIN
        SELECT RAISE(ABORT, '{APPEND_ONLY}'); END""",
    "change_is_not_deleted": f"""BEFORE DELETE ON agencies_change BEGIN
        SELECT RAISE(ABORT, '{APPEND_ONLY}'); END""",
    "change_is_not_replaced": f"""BEFORE INSERT ON agencies_change
        WHEN EXISTS (SELECT 1 FROM agencies_change WHERE sequence = NEW.sequence) BEGIN
        SELECT RAISE(ABORT, '{APPEND_ONLY}'); END""",
    "head_advances": f"""BEFORE UPDATE ON agencies_changehead
        WHEN NEW.sequence <= OLD.sequence OR NEW.id <> OLD.id BEGIN
        SELECT RAISE(ABORT, '{ONLY_FORWARD}'); END""",
    "head_is_not_deleted": f"""BEFORE DELETE ON agencies_changehead BEGIN
        SELECT RAISE(ABORT, '{ONLY_FORWARD}'); END""",
    "head_is_one_row": f"""BEFORE INSERT ON agencies_changehead
        WHEN EXISTS (SELECT 1 FROM agencies_changehead) BEGIN
        SELECT RAISE(ABORT, '{ONLY_FORWARD}'); END""",
}
POSTGRES_FUNCTIONS = f"""
    CREATE OR REPLACE FUNCTION change_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{APPEND_ONLY}' USING ERRCODE = 'restrict_violation'; END $$;
    CREATE OR REPLACE FUNCTION change_head_only_advances() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{ONLY_FORWARD}' USING ERRCODE = 'restrict_violation'; END $$;
"""
# TRUNCATE asks no trigger FOR EACH ROW and needs one of its own. WHEN may hold no subquery, so that one head row at
# most is a matter of its key: no other id than 1 is let in.
POSTGRES = {
    "change_is_not_updated": """BEFORE UPDATE OR DELETE ON agencies_change
        FOR EACH ROW EXECUTE FUNCTION change_log_is_append_only()""",
    "change_is_not_truncated": """BEFORE TRUNCATE ON agencies_change
        FOR EACH STATEMENT EXECUTE FUNCTION change_log_is_append_only()""",
    "head_advances": """BEFORE UPDATE ON agencies_changehead
        FOR EACH ROW WHEN (NEW.sequence <= OLD.sequence OR NEW.id <> OLD.id)
        EXECUTE FUNCTION change_head_only_advances()""",
    "head_is_not_deleted": """BEFORE DELETE ON agencies_changehead
        FOR EACH ROW EXECUTE FUNCTION change_head_only_advances()""",
    "head_is_not_truncated": """BEFORE TRUNCATE ON agencies_changehead
        FOR EACH STATEMENT EXECUTE FUNCTION change_head_only_advances()""",
    "head_is_one_row": """BEFORE INSERT ON agencies_changehead
        FOR EACH ROW WHEN (NEW.id <> 1) EXECUTE FUNCTION change_head_only_advances()""",
}
TABLES = ("agencies_change", "agencies_changehead")


def lock_log(_apps: Any, schema_editor: Any) -> None:
    """For migrations: put every trigger in place. May be done again."""
    lock(schema_editor.connection)


def lock(database: BaseDatabaseWrapper) -> None:
    """Put every trigger in place, those that are missing and those that are there."""
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            cursor.execute(POSTGRES_FUNCTIONS)
            for name, rule in POSTGRES.items():
                cursor.execute(f"CREATE OR REPLACE TRIGGER {name} {rule}")
            return
        for name, rule in SQLITE.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(f"CREATE TRIGGER {name} {rule}")


def missing_locks() -> list[str]:
    """The triggers that ought to guard the log and do not (dropped, or on PostgreSQL disabled), by name."""
    if connection.vendor == "postgresql":
        # O and A fire on ordinary writes; D is switched off, R fires on replicas only.
        wanted, query = (
            POSTGRES,
            """SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
            WHERE relname = ANY(%s) AND tgenabled IN ('O', 'A') AND pg_table_is_visible(pg_class.oid)""",
        )
        values: list[Any] = [list(TABLES)]
    else:
        wanted, query = SQLITE, "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN (%s, %s)"
        values = list(TABLES)
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found = {name for (name,) in cursor.fetchall()}
    return sorted(set(wanted) - found)
