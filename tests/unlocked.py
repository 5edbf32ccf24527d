"""Taking the lock off the change log for as long as a test needs: to empty the database, or to tamper with the log.

The portal never does this. What needs no Django is kept apart, for programs that reach a database past the portal.
"""

from collections.abc import Iterator
from contextlib import contextmanager

TABLES = ("agencies_change", "agencies_changehead")
TAKE_OFF_POSTGRES = tuple(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in TABLES)
PUT_ON_POSTGRES = tuple(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in TABLES)


@contextmanager
def log_unlocked() -> Iterator[None]:
    """Within the block rows of the log can be changed and deleted; afterwards it is locked as before."""
    take_off()
    try:
        yield
    finally:
        put_on()


def take_off() -> None:
    from django.db import connection

    from agencies.log.locks import SQLITE

    if connection.vendor == "postgresql":
        _orders(*TAKE_OFF_POSTGRES)
    else:
        _orders(*(f"DROP TRIGGER {name}" for name in SQLITE))


def put_on() -> None:
    from django.db import connection

    from agencies.log.locks import lock

    if connection.vendor == "postgresql":
        _orders(*PUT_ON_POSTGRES)
    else:
        lock(connection)


def _orders(*commands: str) -> None:
    """PostgreSQL alters no table for which a foreign key is still to be looked at."""
    from django.db import connection

    deferred = connection.vendor == "postgresql" and connection.in_atomic_block
    with connection.cursor() as cursor:
        for command in (
            ("SET CONSTRAINTS ALL IMMEDIATE", *commands, "SET CONSTRAINTS ALL DEFERRED") if deferred else commands
        ):
            cursor.execute(command)
