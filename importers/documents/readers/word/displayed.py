"""Reduce a row or a paragraph to what Word would show: changes accepted, hidden things gone.

Works in place on elements about to be read and thrown away, so that reading text stays one plain pass.
"""

from collections.abc import Callable
from typing import NamedTuple

from lxml import etree

from importers.documents.limits import LIMITS, Rejected
from importers.documents.readers.word.names import ALTERNATE, CHOICE, FALLBACK, Names

Element = etree._Element
_OFF = ("0", "false", "off")
# Choices that need the names of another vendor (WPS) are left for their fallback.
_KNOWN_VENDOR = "http://schemas.microsoft.com/office/"


class Displayed(NamedTuple):
    """Whether anything is left to show, and whether tracked changes were accepted on the way."""

    shown: bool
    changed: bool


class Reducer:
    """Knows one document's names and the styles that hide their text."""

    def __init__(self, names: Names, hiding_styles: frozenset[str] = frozenset()) -> None:
        self._names = names
        self._hiding_styles = hiding_styles
        styles = {names["rStyle"], names["pStyle"]}
        # Most paragraphs have a style; it is looked at only where some style hides its text.
        self._unusual = tuple(tag for tag in names.unusual if hiding_styles or tag not in styles)
        self._tracked = {
            names[local] for local in ("ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge")
        }
        self._handlers = self._handlers_by_tag()

    def _handlers_by_tag(self) -> dict[str, Callable[[Element], None]]:
        name = self._names
        old = ("rPrChange", "pPrChange", "tcPrChange", "trPrChange", "tblPrExChange", "numberingChange")
        return {
            **{name[local]: _remove for local in (*old, "txbxContent", "rt")},
            **{name[local]: self._deleted for local in ("del", "moveFrom")},
            **{name[local]: self._hidden for local in ("vanish", "specVanish")},
            **{name[local]: self._styled for local in ("rStyle", "pStyle")},
            name["cellDel"]: lambda element: _remove_ancestor(element, name["tc"]),
            name["showingPlcHdr"]: self._placeholder,
        }

    def finds_unusual(self, element: Element) -> bool:
        """Whether there is anything in it that is not displayed as it stands."""
        return next(element.iter(*self._unusual), None) is not None

    def reduce(self, element: Element) -> Displayed:
        """Take away what is not displayed. A row that is deleted as a whole is not shown."""
        unusual = list(element.iter(*self._unusual))
        if not unusual:
            return Displayed(shown=True, changed=False)
        changed = any(one.tag in self._tracked for one in unusual)
        if self._is_deleted_row(element):
            return Displayed(shown=False, changed=True)
        if self._is_hidden_row(element):
            return Displayed(shown=False, changed=False)
        # Branches before fields: each of them may hold the same marks.
        for one in unusual:
            if one.tag == ALTERNATE:
                _choose_branch(one)
        self._drop_field_codes(element, unusual)
        # Last first: a deleted paragraph mark joins its paragraph with a follower that is already settled.
        for one in reversed(unusual):
            handler = self._handlers.get(str(one.tag))
            if handler is not None and one.getparent() is not None:
                handler(one)
        return Displayed(shown=True, changed=changed)

    def _is_deleted_row(self, element: Element) -> bool:
        name = self._names
        return element.tag == name["tr"] and any(
            element.find(f"{name['trPr']}/{name[local]}") is not None for local in ("del", "moveFrom")
        )

    def _is_hidden_row(self, element: Element) -> bool:
        name = self._names
        hidden = element.find(f"{name['trPr']}/{name['hidden']}") if element.tag == name["tr"] else None
        return hidden is not None and hidden.get(name["val"]) not in _OFF

    def _deleted(self, element: Element) -> None:
        parent = element.getparent()
        if parent is not None and parent.tag == self._names["rPr"]:
            self._join_with_next(parent)
        else:
            _remove(element)

    def _hidden(self, element: Element) -> None:
        if element.get(self._names["val"]) in _OFF:
            return
        properties = element.getparent()
        owner = properties.getparent() if properties is not None else None
        if owner is None or properties is None:
            return
        if owner.tag == self._names["r"]:
            _remove(owner)
        elif owner.tag == self._names["pPr"]:
            self._join_with_next(properties)

    def _styled(self, element: Element) -> None:
        if element.get(self._names["val"]) not in self._hiding_styles:
            return
        properties = element.getparent()
        owner = properties.getparent() if properties is not None else None
        if owner is None:
            return
        runs = [owner] if owner.tag == self._names["r"] else list(owner.iter(self._names["r"]))
        for run in runs:
            vanish = run.find(f"{self._names['rPr']}/{self._names['vanish']}")
            if vanish is None or vanish.get(self._names["val"]) not in _OFF:
                _remove(run)

    def _join_with_next(self, mark_properties: Element) -> None:
        """Without its mark a paragraph runs on into the next one."""
        properties = mark_properties.getparent()
        paragraph = properties.getparent() if properties is not None else None
        follower = paragraph.getnext() if paragraph is not None else None
        if paragraph is None or follower is None or follower.tag != self._names["p"]:
            return
        paragraph.extend(child for child in list(follower) if child.tag != self._names["pPr"])
        _remove(follower)

    def _placeholder(self, element: Element) -> None:
        """A content control nobody has filled in shows a prompt, which is not content."""
        if element.get(self._names["val"]) in _OFF:
            return
        control = next(element.iterancestors(self._names["sdt"]), None)
        if control is not None:
            for run in list(control.iter(self._names["r"])):
                _remove(run)

    def _drop_field_codes(self, element: Element, unusual: list[Element]) -> None:
        """Remove runs inside the code part of a field, so that only its result is left."""
        if not any(one.tag == self._names["fldChar"] for one in unusual):
            return
        in_code: list[bool] = []
        for run in list(element.iter(self._names["r"])):
            for mark in run.iter(self._names["fldChar"]):
                _follow_field(in_code, mark.get(self._names["fldCharType"]))
            if any(in_code):
                for text in list(run.iter(self._names["t"])):
                    _remove(text)


def _follow_field(in_code: list[bool], kind: str | None) -> None:
    if kind == "begin":
        in_code.append(True)
    elif kind == "separate" and in_code:
        in_code[-1] = False
    elif kind == "end" and in_code:
        in_code.pop()


def _choose_branch(element: Element) -> None:
    """Keep one branch: the first known choice, else the fallback, else the first choice."""
    choices = element.findall(CHOICE)
    fallback = element.find(FALLBACK)
    kept = next(filter(_is_known, choices), fallback)
    if kept is None and choices:
        kept = choices[0]
    for branch in list(element):
        if branch is not kept:
            element.remove(branch)


def _is_known(choice: Element) -> bool:
    required = (choice.get("Requires") or "").split()
    return all((choice.nsmap.get(prefix) or "").startswith(_KNOWN_VENDOR) for prefix in required)


def _remove(element: Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _remove_ancestor(element: Element, tag: str) -> None:
    owner = next(element.iterancestors(tag), None)
    if owner is not None:
        _remove(owner)


def refuse_depth(element: Element, outside: int, where: str) -> None:
    """Reject nesting beyond the limit; `outside` is how deep the element itself lies."""
    # Level by level: going down by calls, a hostile file would exhaust the stack.
    deepest, level = outside, [element]
    while level:
        if deepest > LIMITS.nesting:
            raise Rejected("too_deep", where=where)
        level = [child for parent in level for child in parent]
        deepest += 1
