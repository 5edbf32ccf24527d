"""What a page leaves out of its address: parameters it does not know (links are forwarded with some), and values it
cannot use. It shows the rest and says what it left out; only the API refuses."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django import forms
from django.http import QueryDict

MOST_NAMED = 5
LONGEST_NAME = 30
MOST_STRUCK = 10
Form = TypeVar("Form", bound=forms.Form)


@dataclass(frozen=True, slots=True)
class StruckValue:
    """A value that is not used, with name and label of its parameter, and why. `sign_in` says that signing in may
    help."""

    name: str
    label: str
    value: str
    why: str
    sign_in: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The names of unknown parameters, and the values that are not used."""

    unknown: tuple[str, ...] = ()
    struck: tuple[StruckValue, ...] = ()

    def __add__(self, other: "LeftOut") -> "LeftOut":
        return LeftOut(self.unknown + other.unknown, self.struck + other.struck)

    @property
    def names(self) -> str:
        """The unknown parameters, as many of them as are named."""
        named = [name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…" for name in self.unknown[:MOST_NAMED]]
        return ", ".join([*named, "…"] if len(self.unknown) > MOST_NAMED else named)

    @property
    def shown(self) -> tuple[StruckValue, ...]:
        """As many of the values as are shown."""
        return self.struck[:MOST_STRUCK]

    @property
    def asks_to_sign_in(self) -> bool:
        """Whether some of it may be used by whoever signs in."""
        return any(one.sign_in for one in self.struck)


def harmless(value: str) -> str:
    """A value as it can be shown."""
    return value.replace("\x00", "\ufffd")


def usable_form(make: Callable[[QueryDict], Form], data: QueryDict) -> tuple[Form, LeftOut]:
    """The form of a page's address, made by `make` of what can be used of it, and what was left out."""
    form = make(data)
    unknown = tuple(sorted(set(data) - {*form.fields, "page"}))
    wrong = {name: str(errors[0]) for name, errors in form.errors.items() if name in data}
    if not wrong:
        return form, LeftOut(unknown)
    rest = data.copy()
    for name in wrong:
        del rest[name]
    struck = (
        StruckValue(name, str(form[name].label), harmless(str(data.get(name))), why) for name, why in wrong.items()
    )
    form = make(rest)
    form.full_clean()
    return form, LeftOut(unknown, tuple(struck))
