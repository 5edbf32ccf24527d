"""Reads the settings that come from the environment; a wrong value stops the start with a sentence."""

import datetime as dt
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

env = environ.Env()


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
    path = Path(env.str(name, default=str(default))).expanduser().resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name}={path} cannot be created ({error.strerror}); choose a folder this user may write."
        ) from None
    return path


def address(name: str, *, schemes: set[str]) -> str:
    """A URL with one of `schemes`, or an empty string when the variable is not set."""
    value = env.str(name, default="").strip()
    if value and urlsplit(value).scheme not in schemes:
        raise ImproperlyConfigured(f"{name} must start with one of {', '.join(sorted(schemes))} followed by ://")
    return str(value)


def secret_key(data_dir: Path) -> str:
    """SECRET_KEY, or on a machine of one's own a key made once and kept in DATA_DIR."""
    value = env.str("SECRET_KEY", default="")
    if value:
        return str(value)
    kept = data_dir / "secret_key"
    try:
        if not kept.exists():
            kept.touch(mode=0o600)
            kept.write_text(get_random_secret_key(), encoding="utf-8")
        return kept.read_text(encoding="utf-8")
    except OSError as error:
        raise ImproperlyConfigured(
            f"{kept} cannot be read ({error.strerror}); run as the user who made it, set SECRET_KEY, "
            "or choose another DATA_DIR."
        ) from None
