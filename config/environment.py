"""Reads the settings that come from the environment; a wrong value stops the start with a sentence."""

import datetime as dt
import json
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import Storage
from django.core.management.utils import get_random_secret_key
from django.utils.module_loading import import_string

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


def number(name: str, *, default: int, least: int, most: int) -> int:
    """A whole number within bounds, both included."""
    value = env.str(name, default="").strip() or str(default)
    if not (value.isascii() and value.isdecimal() and least <= int(value) <= most):
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number from {least} to {most}.")
    return int(value)


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
    return {"BACKEND": path, "OPTIONS": _json_object(options)}


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


def networks(name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Addresses and networks, separated by commas."""
    found = [entry.strip() for entry in env.str(name, default="").split(",")]
    try:
        return tuple(ip_network(entry) for entry in found if entry)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} is not a list of addresses and networks ({error}); write it like 127.0.0.1,10.0.0.0/8."
        ) from None


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
