"""Following the change log from row to row: whether anything in it was altered, left out, moved, added or cut off.

Three things hold each other: every row has the hash of the one before; the head row has the number and hash of the
last; and heads exported earlier (agencies.log.heads), kept out of the database's reach, must still be found in the
chain.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists
from django.utils.translation import gettext as _

from agencies.log.write import hash_of
from agencies.models import Change, ChangeHead

BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong, for a program (`code`) and for a person; `sequence` is the first row that cannot be trusted."""

    code: str
    sequence: int | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownHead:
    """How far the log had come at some moment, from a source outside it. `at` is real time, ISO 8601."""

    sequence: int
    hash: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How far the log was followed, the hash there, how many known heads were found in it, and what is wrong."""

    sequence: int
    hash: str
    heads: int
    fault: Fault | None


@dataclass(slots=True)
class Chain:
    """A place in the log: what the next row must follow from, and the last place where a known head agreed."""

    sequence: int = 0
    hash: str = ""
    known: deque[KnownHead] = field(default_factory=deque)
    heads: int = 0
    agreed: int = 0

    def follow(self, row: Change) -> Fault | None:
        """Step to `row`, or say why it does not follow."""
        wanted = self.sequence + 1
        if row.sequence != wanted:
            said = _("第%(n)d条缺失，其位置上是第%(found)s条：记录被删除，或编号被改动。")
            return _fault("missing", wanted, said, found=row.sequence)
        if row.previous_hash != self.hash:
            said = _("第%(n)d条与前一条不衔接：记录被插入、调换，或前面的记录被改写。")
            return _fault("unlinked", wanted, said)
        if row.hash != hash_of(row):
            return _fault("altered", wanted, _("第%(n)d条的内容与校验值不符：该条被改动。"))
        self.sequence, self.hash = wanted, row.hash
        return self.meet() if self.known and self.known[0].sequence <= wanted else None

    def meet(self) -> Fault | None:
        """Compare with what is known of this place."""
        while self.known and self.known[0].sequence == self.sequence:
            head = self.known.popleft()
            if head.hash != self.hash:
                said = _("第%(n)d条至第%(head)d条之间的记录被改写并重新计算了校验值：与%(at)s导出的链头不符。")
                return _fault("rewritten", self.agreed + 1, said, head=head.sequence, at=head.at)
            self.heads, self.agreed = self.heads + 1, self.sequence
        return None


def verify(*, after: int = 0, heads: Iterable[KnownHead] = ()) -> Verdict:
    """Follow the log from the row behind `after` (which is trusted as it stands) to its end. Memory does not grow with
    the log; writers may go on meanwhile. Known heads before `after` are not looked at."""
    # A head exported from an empty log has number 0: no row to be compared with.
    known = sorted((head for head in heads if head.sequence >= max(after, 1)), key=lambda head: head.sequence)
    chain = Chain(known=deque(known))
    fault = _start(chain, after) if after else None
    while fault is None:
        fault = _follow(chain)
        head = _head(chain)
        if fault is None and head and head.added and head.sequence > chain.sequence:
            continue  # somebody wrote meanwhile
        fault = fault or _against_head(chain, head) or _against_known(chain)
        break
    return Verdict(sequence=chain.sequence, hash=chain.hash, heads=chain.heads, fault=fault)


def first_broken(rows: Iterable[Change]) -> int | None:
    """The sequence of the first row that does not follow from the one before it; None when all do."""
    chain = Chain()
    for row in rows:
        fault = chain.follow(row)
        if fault:
            return fault.sequence
    return None


def _start(chain: Chain, after: int) -> Fault | None:
    chain.sequence = chain.agreed = after
    row = Change.objects.filter(pk=after).first()
    if row is None:
        return _fault("no_such_row", after, _("没有第%(n)d条，无法从其后开始核验。"))
    chain.hash = row.hash
    return chain.meet()


def _follow(chain: Chain) -> Fault | None:
    for batch in _batches(chain):
        if batch is None:
            return _fault("altered", chain.sequence + 1, _("第%(n)d条无法读取：其内容被改坏。"))
        for row in batch:
            fault = chain.follow(row)
            if fault:
                return fault
    return None


def _batches(chain: Chain) -> Iterator[list[Change] | None]:
    """The rows from where the chain stands, some at a time; None for one that cannot be read at all."""
    while True:
        rows = Change.objects.order_by("sequence")
        if chain.sequence:  # from the very beginning also what claims to stand before it
            rows = rows.filter(sequence__gt=chain.sequence)
        try:
            batch = list(rows[:BATCH])
        except (ValueError, TypeError):  # one of them holds no JSON, or no date: go up to it
            try:
                batch = list(rows[:1])
            except (ValueError, TypeError):
                yield None
                return
        if not batch:
            return
        yield batch


def _head(chain: Chain) -> Any:
    """The head row, read in one statement with whether there is a row behind the chain's place."""
    behind = Change.objects.filter(sequence__gt=chain.sequence)
    return ChangeHead.objects.filter(pk=1).annotate(added=Exists(behind)).first()


def _against_head(chain: Chain, head: Any) -> Fault | None:
    last = chain.sequence
    if head is None:
        return _fault("no_head", 1, _("链头不存在，而日志有%(last)d条。"), last=last) if last else None
    if head.sequence > last:
        said = _("日志止于第%(last)d条，而链头为第%(head)d条：末尾的记录被删除，或链头被改动。")
        return _fault("cut_off", last + 1, said, last=last, head=head.sequence)
    if head.sequence < last or head.added:
        said = _("链头为第%(head)d条，其后还有记录：这些记录不是平台写入的，或链头被改回。")
        return _fault("behind_head", head.sequence + 1, said, head=head.sequence)
    if head.hash != chain.hash:
        return _fault("other_head", last, _("末条（第%(n)d条）与链头不符：末条被替换，或链头被改动。"))
    return None


def _against_known(chain: Chain) -> Fault | None:
    """What was exported from behind the end of the chain."""
    if not chain.known:
        return None
    head = chain.known[0]
    said = _("日志止于第%(last)d条，而%(at)s导出的链头为第%(head)d条：其后的记录被删除，链头被改回。")
    return _fault("cut_off", chain.sequence + 1, said, last=chain.sequence, at=head.at, head=head.sequence)


def _fault(code: str, sequence: int, said: str, **facts: object) -> Fault:
    return Fault(code=code, sequence=sequence, message=said % {"n": sequence, **facts})
