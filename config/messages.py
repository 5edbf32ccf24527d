"""Message catalogues without GNU gettext: Chinese is the source language, English one catalogue.

python -m config.messages compile   .po → .mo where the .mo is missing or older (`make setup`)
python -m config.messages extract   bring the English .po up to date with code and templates (`make messages`)
python -m config.messages check     fail and name each message without an English translation (`make lint`)
"""

import os
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract as extract_messages
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "config" / "locale"
ENGLISH = LOCALE / "en" / "LC_MESSAGES" / "django.po"
PACKAGES = ("agencies", "config", "importers", "reforms")
# No dates, hosts or names in the header: a catalogue changes only when its messages do.
HEADER = """\
msgid ""
msgstr ""
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
# In the notation of Babel: which argument is the context ("c"), which the message.
CONTEXT = ((1, "c"), 2)
CONTEXT_PLURAL = ((1, "c"), 2, 3)
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": CONTEXT,
    "pgettext_lazy": CONTEXT,
    "npgettext": CONTEXT_PLURAL,
    "npgettext_lazy": CONTEXT_PLURAL,
}


def compile_catalogues(locale: Path = LOCALE) -> None:
    """Write the .mo beside every .po that has none or an older one."""
    for po in filter(is_stale, sorted(locale.glob("*/LC_MESSAGES/django.po"))):
        mo = po.with_suffix(".mo")
        # Renamed once it is whole: no portal that starts meanwhile reads half of it.
        unfinished = mo.with_suffix(f".{os.getpid()}.tmp")
        with unfinished.open("wb") as output:
            write_mo(output, read_catalogue(po))
        unfinished.replace(mo)
        print(f"Compiled {mo.relative_to(locale)}")


def is_stale(po: Path) -> bool:
    """Whether the compiled catalogue is missing or older than its text."""
    mo = po.with_suffix(".mo")
    return not mo.exists() or mo.stat().st_mtime_ns < po.stat().st_mtime_ns


def extract() -> None:
    """Write the English catalogue again with every message of today, keeping what is translated."""
    catalogue = read_catalogue(ENGLISH)
    # Babel does not look here when a message comes back, and its English would be lost.
    for message in list(catalogue.obsolete.values()):
        catalogue[message.id] = message
    catalogue.obsolete.clear()
    catalogue.update(messages_in_use(), no_fuzzy_matching=True)
    text = BytesIO()
    write_po(text, catalogue, omit_header=True, include_lineno=False, sort_by_file=True, width=110)
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    ENGLISH.write_text(HEADER + text.getvalue().decode().lstrip("\n"), encoding="utf-8")
    print(f"{ENGLISH.relative_to(ROOT)}: {len(catalogue)} messages, {len(untranslated())} without English")


def check() -> int:
    """0 when every message has a good English translation, else 1 after naming those that have none."""
    problems = untranslated()
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} to translate in {ENGLISH.relative_to(ROOT)}; make messages adds the missing.")
    return 1 if problems else 0


def untranslated() -> list[str]:
    """A line for each message in use whose English is missing, unsure (fuzzy) or has other placeholders."""
    english = read_catalogue(ENGLISH)
    problems = []
    for message in messages_in_use():
        if not message.id:
            continue
        name = f"{message.locations[0][0]}: {message.id!r}"
        translated = english.get(message.id, message.context)
        if translated is None or not translated.string or not all(as_tuple(translated.string)):
            problems.append(f"{name} has no English translation")
        elif translated.fuzzy:
            problems.append(f"{name} is marked fuzzy")
        else:
            problems += [f"{name}: {error}" for error in translated.check(english)]
    return problems


def as_tuple(text: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """One text or the texts of a plural, as a tuple."""
    return (text,) if isinstance(text, str) else tuple(text)


def read_catalogue(po: Path) -> Catalog:
    """The catalogue in a file, or an empty English one when there is no file yet."""
    text = po.read_text(encoding="utf-8") if po.exists() else HEADER
    return read_po(BytesIO(text.encode()), locale=po.parent.parent.name, abort_invalid=True)


def messages_in_use() -> Catalog:
    """Every message of our packages and templates, with the files it appears in."""
    catalogue = Catalog(locale="en", fuzzy=False)
    for path, source in sources():
        code = BytesIO(source.encode())
        for _line, message, comments, context in extract_messages("python", code, KEYWORDS, ["Translators:"]):
            catalogue.add(message, locations=[(path, 0)], auto_comments=comments, context=context)
    return catalogue


def sources() -> Iterator[tuple[str, str]]:
    """Path and Python text of every source file; templates in the form Django gives them for this purpose."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            name = path.relative_to(ROOT).as_posix()
            python = templatize(path.read_text(encoding="utf-8"), origin=name)
            # Babel reads this as Python; the indentation of a template means nothing.
            yield name, "\n".join(line.strip() for line in python.split("\n"))


def main(arguments: list[str]) -> int:
    """Run the command named on the command line."""
    match arguments:
        case ["compile"]:
            compile_catalogues()
        case ["extract"]:
            extract()
        case ["check"]:
            return check()
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
