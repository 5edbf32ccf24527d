"""Reads the settings that come from the environment; a wrong value stops the start with a sentence."""

import datetime as dt
import inspect
import json
import os
import re
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import Storage
from django.core.management.utils import get_random_secret_key
from django.utils.module_loading import import_string

env = environ.Env()
DATABASES = {"postgres", "postgresql", "psql", "pgsql", "sqlite"}
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
SHORTEST_KEY = 12
# So many different characters; a key made at random has far more.
FEWEST_IN_A_KEY = 6


def flag(name: str, *, default: bool) -> bool:
    """1/true/yes/on or 0/false/no/off; anything else is refused."""
    value = env.str(name, default="").strip().lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    if value == "":
        return default
    raise ImproperlyConfigured(f"{name}={value!r} is not a yes or no; use 1 or 0.")


def number(name: str, *, default: int, least: int, most: int) -> int:
    """A whole number within bounds, both included."""
    value = env.str(name, default="").strip() or str(default)
    if not (value.isascii() and value.isdecimal() and least <= int(value) <= most):
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number from {least} to {most}.")
    return int(value)


def clock(name: str, *, default: str) -> dt.time:
    """A time of day in Asia/Shanghai, like 09:00."""
    text = env.str(name, default="").strip() or default
    try:
        return dt.time.fromisoformat(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={text!r} is no time of day; write it like {default}.") from None


def hours(name: str, *, default: str) -> tuple[dt.time, dt.time]:
    """From one time of day to a later one, like 08:30-18:00, both included."""
    text = env.str(name, default="").strip() or default
    first, _dash, last = (part.strip() for part in text.partition("-"))
    try:
        found = dt.time.fromisoformat(first), dt.time.fromisoformat(last)
    except ValueError:
        found = None
    if not found or found[0] >= found[1]:
        raise ImproperlyConfigured(f"{name}={text!r} is no span of hours; write it like {default}.")
    return found


def within(name: str, *, default: str, span: tuple[dt.time, dt.time], of: str) -> dt.time:
    """A time of day within the `span` that the variable `of` gives."""
    found = clock(name, default=default)
    if not span[0] <= found <= span[1]:
        first, last = (f"{time:%H:%M}" for time in span)
        raise ImproperlyConfigured(
            f"{name}={found:%H:%M} is not within {of} ({first}-{last}): nothing would ever go out. Move one of them."
        )
    return found


def storage(backend: str, options: str) -> dict[str, Any]:
    """An entry of STORAGES from two variables: the dotted path of a storage class, and its options as a JSON object."""
    path = env.str(backend, default="").strip() or "django.core.files.storage.FileSystemStorage"
    try:
        found = import_string(path)
    except ImportError as error:
        raise ImproperlyConfigured(
            f"{backend}={path} cannot be loaded ({error}); give the dotted path of a storage class that is installed."
        ) from None
    if not (isinstance(found, type) and issubclass(found, Storage)):
        raise ImproperlyConfigured(f"{backend}={path} is not a storage class of Django.")
    given = _json_object(options)
    try:
        inspect.signature(found.__init__).bind(None, **given)
    except TypeError as error:
        raise ImproperlyConfigured(f"{options} does not fit {path}: {error}.") from None
    return {"BACKEND": path, "OPTIONS": given}


def _json_object(name: str) -> dict[str, Any]:
    value = env.str(name, default="").strip() or "{}"
    try:
        found = json.loads(value)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        # The value itself may hold a password and is not repeated.
        raise ImproperlyConfigured(f'{name} is not a JSON object; write it like {{"bucket_name": "portal"}}.')
    return found


def business_date(name: str, *, demo: bool) -> dt.date | None:
    """The date the portal takes for today; allowed in the demonstration only."""
    value = env.str(name, default="").strip()
    if not value:
        return None
    if not demo:
        raise ImproperlyConfigured(f"{name} moves the portal's date and is refused unless DEMO=1.")
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r} is not a date; write it like 2022-06-15.") from None


def folder(name: str, *, default: Path) -> Path:
    """A folder that exists afterwards and can be written."""
    path = Path(env.str(name, default="").strip() or default).expanduser().resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name}={path} cannot be created ({error.strerror}); choose a folder this user may write."
        ) from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(f"{name}={path} cannot be written; choose a folder this user may write.")
    return path


def file(name: str, *, default: Path) -> Path:
    """Where a file is, or will be once it is written to."""
    path = Path(env.str(name, default="").strip() or default).expanduser().resolve()
    if path.is_dir():
        raise ImproperlyConfigured(f"{name}={path} is a folder; name a file in it.")
    if not (path.parent.is_dir() and os.access(path.parent, os.W_OK | os.X_OK)):
        raise ImproperlyConfigured(
            f"{name}={path} cannot be written: make the folder {path.parent}, writable for this user, "
            "or name a file elsewhere."
        )
    return path


def address(name: str, *, schemes: set[str], default: str = "") -> str:
    """A URL with one of `schemes`, or the default when the variable is not set."""
    value = env.str(name, default="").strip() or default
    if value:
        _check_address(name, value, schemes)
    return value


def _check_address(name: str, value: str, schemes: set[str]) -> None:
    try:
        parts = urlsplit(value)
        _port = parts.port  # reading it checks it
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={_shown(value)} is not an address: {error}.") from None
    if parts.scheme not in schemes or not value.startswith(f"{parts.scheme}://"):
        raise ImproperlyConfigured(
            f"{name}={_shown(value)} must start with one of {', '.join(sorted(schemes))} followed by ://"
        )


def _shown(value: str) -> str:
    """As it may be printed: without the password."""
    # postgres://user:password@host becomes postgres://user:…@host.
    return re.sub(r"(?<=:)[^:@/]+(?=@)", "…", value)


def site(name: str, *, default: str) -> str:
    """How addresses of this portal begin, without a slash at the end."""
    value = address(name, schemes={"http", "https"}, default=default)
    _check_site(name, value)
    return value.rstrip("/")


def _check_site(name: str, value: str) -> None:
    parts = urlsplit(value)
    if not parts.hostname:
        raise ImproperlyConfigured(f"{name}={_shown(value)} names no host; write it like https://portal.example.cn")
    if parts.query or parts.fragment or parts.username or re.search(r"\s", value):
        raise ImproperlyConfigured(
            f"{name}={_shown(value)} is more than the beginning of an address; write it like https://portal.example.cn"
        )


def sites(name: str) -> list[str]:
    """Several of those, separated by commas, each without a path: a browser names scheme, host and port alone."""
    found = _entries(name)
    for entry in found:
        _check_address(name, entry, {"http", "https"})
        _check_site(name, entry)
        if urlsplit(entry).path not in {"", "/"}:
            raise ImproperlyConfigured(f"{name}={entry} has a path; write it like https://portal.example.cn")
    return [entry.rstrip("/") for entry in found]


def queue(name: str) -> str:
    """The address of a Redis server, with the number of a database in it; empty when the variable is not set."""
    value = address(name, schemes={"redis", "rediss", "unix"})
    if value and not value.startswith("unix:") and not re.fullmatch(r"(/\d*)?", urlsplit(value).path):
        raise ImproperlyConfigured(
            f"{name}={_shown(value)} does not end in the number of a database; write it like redis://host:6379/0"
        )
    return value


def hosts(name: str, *, default: list[str]) -> list[str]:
    """Host names, separated by commas. One that fits every name is refused: links in mails would follow it anywhere."""
    found = _entries(name) or default
    for entry in found:
        # The pattern finds a port (portal.example.cn:8000); an IPv6 address stands in brackets.
        if re.search(r"[*/\s]", entry) or re.fullmatch(r"[^:\[\]]+:\d+", entry):
            raise ImproperlyConfigured(
                f"{name}={entry} is not the name of a host; "
                "write the names by which the portal is reached, without port: portal.example.cn,10.0.0.5"
            )
    return found


def _entries(name: str) -> list[str]:
    return [entry.strip() for entry in env.str(name, default="").split(",") if entry.strip()]


def database(name: str, *, default: str) -> dict[str, Any]:
    """An entry of DATABASES from an address."""
    value = address(name, schemes=DATABASES, default=default)
    found: dict[str, Any] = env.db_url_config(value)
    if found["NAME"] in {"", ":memory:"}:
        raise ImproperlyConfigured(
            f"{name}={_shown(value)} names no database; "
            "write it like postgres://user:password@host:5432/name or sqlite:////path/portal.sqlite3"
        )
    return found


def mail_server(name: str) -> dict[str, Any]:
    """What Django wants to know of the mail server; empty when the variable is not set."""
    value = address(name, schemes={"smtp", "smtp+tls", "smtp+ssl", "consolemail"})
    if not value:
        return {}
    found: dict[str, Any] = env.email_url_config(value)
    if not found["EMAIL_HOST"] and not value.startswith("consolemail:"):
        raise ImproperlyConfigured(
            f"{name}={_shown(value)} names no host; write it like smtp+tls://user:password@mail.example.cn:587"
        )
    return found


def mailbox_to_read(name: str) -> dict[str, Any]:
    """Host, port, user, password and folder of a mailbox that is read over IMAP; empty when the variable is not set."""
    value = address(name, schemes={"imaps", "imap"})
    if not value:
        return {}
    parts = urlsplit(value)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    if not (parts.hostname and user and password):
        raise ImproperlyConfigured(
            f"{name}={_shown(value)} names no host, user or password; "
            "write it like imaps://bounces%40example.cn:password@imap.example.cn/INBOX"
        )
    if not (user + password).isascii() or not (user + password + folder).isprintable():
        raise ImproperlyConfigured(
            f"{name} has a user, password or folder that IMAP cannot take: user and password are ASCII, "
            "and nothing is a control character."
        )
    secure = parts.scheme == "imaps"
    port = parts.port or (993 if secure else 143)
    return {
        "host": parts.hostname,
        "port": port,
        "user": user,
        "password": password,
        "folder": folder,
        "secure": secure,
    }


def phrase(name: str, *, default: str, most: int) -> str:
    """A few words, which are not left out and not too long to be kept."""
    value = env.str(name, default="").strip() or default
    if len(value) > most:
        raise ImproperlyConfigured(f"{name} has {len(value)} characters; {most} are the most.")
    return value


def mailbox(name: str, *, default: str) -> str:
    """Whom mail comes from, or goes to; empty only where that is the default."""
    value = env.str(name, default="").strip() or default
    _name, mail = parseaddr(value)
    if value and "@" not in mail:
        raise ImproperlyConfigured(f"{name}={value} is not an e-mail address; write it like 督办 <portal@example.cn>")
    return value


def log_level(name: str, *, default: str) -> str:
    """One of the levels of Python's logging."""
    value = (env.str(name, default="").strip() or default).upper()
    if value not in LOG_LEVELS:
        raise ImproperlyConfigured(f"{name}={value} is not one of {', '.join(LOG_LEVELS)}.")
    return value


def networks(name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Addresses and networks, separated by commas."""
    try:
        return tuple(ip_network(entry) for entry in _entries(name))
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} is not a list of addresses and networks ({error}); write it like 127.0.0.1,10.0.0.0/8."
        ) from None


def secret_key(data_dir: Path) -> str:
    """SECRET_KEY, or on a machine of one's own a key made once and kept in DATA_DIR."""
    value = env.str("SECRET_KEY", default="")
    if value:
        return _long_enough(value)
    kept = data_dir / "secret_key"
    try:
        if not kept.exists() or not kept.read_text(encoding="utf-8"):
            # Nobody else may read the file before anything is in it.
            kept.touch(mode=0o600)
            kept.write_text(get_random_secret_key(), encoding="utf-8")
        return kept.read_text(encoding="utf-8")
    except OSError as error:
        raise ImproperlyConfigured(
            f"{kept} cannot be read ({error.strerror}); run as the user who made it, set SECRET_KEY, "
            "or choose another DATA_DIR."
        ) from None


def _long_enough(key: str) -> str:
    """The key itself is not repeated."""
    advice = (
        f"and could be guessed; give it {SHORTEST_KEY} or more, better 50, "
        "or leave it out: then one is made and kept in DATA_DIR."
    )
    if len(key) < SHORTEST_KEY:
        raise ImproperlyConfigured(f"SECRET_KEY has {len(key)} characters {advice}")
    if len(set(key.strip())) < FEWEST_IN_A_KEY:
        raise ImproperlyConfigured(f"SECRET_KEY repeats a few characters {advice}")
    return key
