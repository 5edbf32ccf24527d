"""The JSON of measures as it was last told, kept by this process for as long as the log names nothing it is made of:
making fifty measures anew takes two thirds of what a page of the API costs (docs/performance.md, “What is kept in
memory”)."""

import datetime as dt
from collections.abc import Collection, Sequence
from threading import Lock

import orjson
from cachetools import LRUCache

from reforms.api.http.rendering import to_json
from reforms.catalogue.rows import Viewpoint, measure_rows, of_measure
from reforms.columns.altered import LogHead, altered_between
from reforms.models import Measure


class KeptMeasures:
    """The measures that were asked for last, up to so many bytes together, as they are on one day."""

    def __init__(self, most: int) -> None:
        # By id, and whether status is seen of every list: what else somebody sees is decided by the measure's list.
        self._texts: LRUCache[tuple[int, bool], bytes] = LRUCache(most, len)
        self._head, self._on = LogHead(0, ""), dt.date.min
        self._lock = Lock()

    def of(self, ids: Sequence[int], view: Viewpoint, head: LogHead) -> dict[int, orjson.Fragment]:
        """Each measure in the shape of MeasureShape, as JSON; whoever asks has read `head` before the ids. Of a past
        day nothing is kept."""
        if view.past:
            return _fragments(_made(ids, view))
        with self._lock:
            self._follow(head, view.on)
            keys = {pk: (pk, view.sees_every_status) for pk in ids}
            kept = {pk: self._texts[key] for pk, key in keys.items() if key in self._texts}
        made = _made([pk for pk in ids if pk not in kept], view)
        with self._lock:
            # Where others have followed the log meanwhile, it may have named what was read before.
            if (self._head, self._on) == (head, view.on):
                self._texts.update({keys[pk]: text for pk, text in made.items()})
        return _fragments(kept | made)

    def forget(self) -> None:
        """Make all of them anew."""
        with self._lock:
            self._texts.clear()

    def _follow(self, head: LogHead, on: dt.date) -> None:
        if (self._head, self._on) == (head, on):
            return
        altered = altered_between(self._head, head) if self._on == on else None
        # Names of agencies and of lists stand in any number of measures, and seldom change.
        if altered is None or altered.agencies or altered.lists:
            self._texts.clear()
        else:
            for pk in altered.measures:
                self._texts.pop((pk, True), None)
                self._texts.pop((pk, False), None)
        self._head, self._on = head, on


def _made(ids: Collection[int], view: Viewpoint) -> dict[int, bytes]:
    rows = measure_rows(Measure.objects.filter(pk__in=ids), view) if ids else []
    return {row.id: to_json(of_measure(row)) for row in rows}


def _fragments(texts: dict[int, bytes]) -> dict[int, orjson.Fragment]:
    return {pk: orjson.Fragment(text) for pk, text in texts.items()}


MEASURES = KeptMeasures(16 * 2**20)
