"""Whoever keeps a copy of the portal by its API, following docs/api.md to the letter and knowing nothing else."""

from collections.abc import Callable
from typing import Any

from tests.reforms.api.contract import API

Row = dict[str, Any]
Caller = Callable[..., Any]
COLLECTIONS = ("measures", "lists", "sections", "items", "agencies")
# With agency=me: what is counted over everybody's measures is not followed.
OWN = ("measures", "lists", "agencies")
COUNTS = ("lead", "responsible")


def key_of(what: str, row: Row) -> Any:
    """What tells a row of a collection from the others."""
    if what == "sections":
        return row["list"], row["number"]
    return row["slug" if what == "lists" else "id"]


class Copy:
    """A copy as one caller sees the portal; with `own` it keeps the caller's own measures (agency=me)."""

    def __init__(self, call: Caller, *, own: bool = False) -> None:
        self.call, self.own = call, own
        # Nobody tells a visitor who they are.
        self.named = call("get", "/me").status_code == 200
        self.collections = OWN if own else COLLECTIONS
        self.held: dict[str, tuple[str, Row]] = {}  # by address: ETag and answer
        self.spared = 0  # answers that were not sent again
        self.begin()

    def begin(self) -> None:
        """Everything, and up to where the log had been read before it."""
        first = self.get(self.address("measures"))
        self.after, self.on, self.reach = first["sequence"], first["on"], self.get("/me")["reach"] if self.named else ""
        self.rows = self.everything()
        self.told: list[Row] = []

    def everything(self) -> dict[str, dict[Any, Row]]:
        return {what: self.read(what, self.address(what)) for what in self.collections}

    def address(self, what: str) -> str:
        return f"/{what}{'?agency=me' if self.own and what == 'measures' else ''}"

    def get(self, address: str) -> Any:
        """The answer, or the one held from before where the portal says that it is the same; which is looked at."""
        path = address.partition(API)[2] or address
        etag, kept = self.held.get(path, ("", {}))
        answer = self.call("get", path, **({"If-None-Match": etag} if etag else {}))
        if answer.status_code == 304:
            self.spared += 1
            assert _unnumbered(kept) == _unnumbered(self.call("get", path).json()), path
            return kept
        assert answer.status_code == 200, (path, answer.content.decode())
        self.held[path] = answer.get("ETag", ""), answer.json()
        return self.held[path][1]

    def read(self, what: str, address: str) -> dict[Any, Row]:
        """All pages of an address."""
        found: dict[Any, Row] = {}
        page = f"{address}{'&' if '?' in address else '?'}page_size=500"
        while page:
            answer = self.get(page)
            for row in answer["results"]:
                counted = COUNTS if self.own and what == "agencies" else ()
                found[key_of(what, row)] = {name: value for name, value in row.items() if name not in counted}
            page = answer["next"]
        return found

    def follow(self) -> None:
        """What was done since, page by page; then everything once more where the day is another one."""
        more = True
        while more:
            answer = self.get(f"/changes?after={self.after}&limit=40{'&agency=me' if self.own else ''}")
            if self.named and answer["reach"] != self.reach:
                self.begin()
                return
            self.told += answer["results"]
            self.obey(answer["results"])
            self.after, more = answer["next_after"], answer["more"]
        if answer["on"] != self.on:
            self.rows, self.on = self.everything(), answer["on"]

    def obey(self, changes: list[Row]) -> None:
        """Each rule once, however many changes state it."""
        rules = {tuple(rule.values()): rule for change in changes for rule in change["reread"]}
        for rule in rules.values():
            kept = self.rows[rule["what"]]
            left = {key: row for key, row in kept.items() if not covers(rule, row)}
            self.rows[rule["what"]] = left | (self.read(rule["what"], rule["url"]) if rule["url"] else {})

    def departures(self) -> dict[str, Any]:
        """Where the copy is not what the portal gives now: (kept, given) of each row that differs, by collection."""
        there = self.everything()
        found = {}
        for what in self.collections:
            keys = sorted(self.rows[what].keys() | there[what].keys(), key=str)
            pairs = {key: (self.rows[what].get(key), there[what].get(key)) for key in keys}
            different = {key: _difference(*pair) for key, pair in pairs.items() if pair[0] != pair[1]}
            if different:
                found[what] = different
        return found


def covers(rule: Row, row: Row) -> bool:
    """Whether a row is of the part that a rule names."""
    if rule["list"] is not None:
        of = row["list"]["slug"] if rule["what"] == "measures" else row["list"]
        if of != rule["list"]:
            return False
    if rule["agency"] is not None and rule["agency"] not in [one["id"] for one in (*row["lead"], *row["responsible"])]:
        return False
    return rule["measure"] in (None, row.get("id"))


def _unnumbered(answer: Row) -> Row:
    """Without the sequence it was read at: from an earlier one on nothing is missed either."""
    return {name: value for name, value in answer.items() if name != "sequence"}


def _difference(kept: Row | None, given: Row | None) -> Any:
    if kept is None or given is None:
        return "not kept" if kept is None else "kept, and gone"
    return {name: (kept[name], given[name]) for name in given if kept[name] != given[name]}


class NamedObjectsOnly(Copy):
    """Somebody who ignores `reread` and fetches the measures and agencies that changes name."""

    def obey(self, changes: list[Row]) -> None:
        for what, kind in (("measures", "measure"), ("agencies", "agency")):
            for pk in {change["object_id"] for change in changes if change["kind"] == kind}:
                answer = self.call("get", f"/{what}/{pk}")
                if answer.status_code == 200:
                    self.rows[what][pk] = answer.json()
                else:
                    self.rows[what].pop(pk, None)
