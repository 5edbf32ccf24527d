"""Lines that say who acts for several tasks: an agency as a heading, 牵头单位： above them, a bracket behind them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from importers.documents.grammar.agencies import is_collective, parse_agencies
from importers.documents.layout.headings import HeadingLevel, leader_in
from importers.documents.layout.labels import Column
from importers.documents.layout.paragraphs import Text, is_signature
from importers.documents.layout.tails import who_behind_labels

_SAYING = {Column.LEAD, Column.RESPONSIBLE, Column.DEADLINE}
_FEWEST_PLAIN = _FEWEST_SHARING = 2
# So many lines below a heading may say who leads; each is told from its neighbours.
_MOST_LINES = 20


def with_leaders(texts: Sequence[Text]) -> list[Text]:
    """The lines, with `leads` where one says who leads the tasks below it."""
    texts = [_headed(one, below) for one, below in zip_longest(texts, texts[1:])]
    plain = [
        place
        for place, (one, below) in enumerate(zip_longest(texts, texts[1:]))
        if _is_plain(one) and _has_tasks_below(below)
    ]
    # One alone may be who issues the document, or whom it is sent to.
    for place in plain if len({texts[one].text for one in plain}) >= _FEWEST_PLAIN else ():
        texts[place] = replace(texts[place], leads=_named(texts[place]))
    return _with_shared([_above_tasks(texts, place) for place in range(len(texts))])


def below_leaders(texts: Sequence[Text]) -> Iterator[Text]:
    """The numbered lines below those that say who leads, as far as they are not divided further."""
    level: HeadingLevel | None = None
    for place, one in enumerate(texts):
        if one.leads:
            level = one.leads_from
        elif one.heading and level is not None:
            if one.level <= level and level is not HeadingLevel.NONE:
                level = None
            elif not _is_divided(texts, place, level):
                yield one


def _is_divided(texts: Sequence[Text], place: int, level: HeadingLevel) -> bool:
    """Whether the line at a place only heads numbered ones below it; （1） and ① are points of a task."""
    own = texts[place].level
    if own is HeadingLevel.NONE and level is not HeadingLevel.DIGITS:
        return True
    below = next((one for one in _from(texts, place + 1) if one.heading), None)
    return below is not None and own < below.level < HeadingLevel.NONE


def _from(texts: Sequence[Text], place: int) -> Iterator[Text]:
    """The lines from a place on; a slice would copy all of a long document for each of its lines."""
    return (texts[one] for one in range(place, len(texts)))


def _named(one: Text) -> str:
    """The agencies a line consists of."""
    return leader_in(one.text.rstrip("：: ")) if not one.labelled and one.tail is None else ""


def _headed(one: Text, below: Text | None) -> Text:
    """A numbered heading that is the name of an agency, with lines below it: 一、市教育局（3项）."""
    is_head = one.heading is not None and one.level < HeadingLevel.NONE
    names = _named(one) if is_head and below else ""
    goes_on = below is not None and (below.heading is None or below.level > one.level)
    return replace(one, leads=names, leads_from=one.level) if names and goes_on else one


def _is_plain(one: Text) -> bool:
    """市教育局 on a line of its own; 各区人民政府： is whom a document is sent to."""
    names = _named(one) if one.heading is None and not one.leads else ""
    return bool(names) and not all(map(is_collective, parse_agencies(names).names))


def _has_tasks_below(below: Text | None) -> bool:
    return below is not None and not _is_plain(below) and not is_signature(below.text)


def _above_tasks(texts: Sequence[Text], place: int) -> Text:
    """A heading, or lines right below one, that say who acts where none of the numbered lines below does."""
    one = texts[place]
    if one.leads or not one.says_who_or_when:
        return one
    first, last = place, place + 1
    while first and place - first < _MOST_LINES and _only_says_who(texts[first]):
        first -= 1
    heading = texts[first].heading
    # Of several such lines the last has the tasks right below it; the others hold for the same.
    while last < len(texts) and last - place < _MOST_LINES and _only_says_who(texts[last]):
        last += 1
    if heading is None or not _all_silent_below(texts, last, texts[first].level):
        return one
    if one.heading is None:
        return _of_block(one, texts[first + 1 : last], texts[first].level)
    if one.tail is None or last > place + 1:
        return one
    heading = replace(heading, title=heading.title.removesuffix(one.tail.printed).rstrip())
    below = replace(one, leads=one.tail.agencies, leads_from=one.level, due=one.tail.deadline)
    return replace(below, heading=heading, tail=None)


def _of_block(one: Text, block: Sequence[Text], level: HeadingLevel) -> Text:
    """One of the lines below a heading that say together who acts on its tasks, and by when."""
    said = "；".join(filter(None, (who_behind_labels(line.text) for line in block)))
    if not said:
        return one
    due = "；".join(value for line in block for role, value in line.labelled if role is Column.DEADLINE)
    return replace(one, labelled=(), leads=said, leads_from=level, due=due)


def _only_says_who(one: Text) -> bool:
    """Whether it says nothing but who acts, or by when, behind labels."""
    return bool(one.labelled) and {role for role, _ in one.labelled} <= _SAYING


def _all_silent_below(texts: Sequence[Text], place: int, level: HeadingLevel) -> bool:
    """Whether numbered lines of a deeper level follow at once, none of which says who acts."""
    first = texts[place] if place < len(texts) else None
    if first is None or first.heading is None or not level < first.level < HeadingLevel.NONE:
        return False
    for one in _from(texts, place):
        if one.heading and one.level <= level:
            return True
        if one.says_who:
            return False
    return True


def _with_shared(texts: Sequence[Text]) -> list[Text]:
    """The lines, with a bracket that stands alone behind the last task of a section given to each of them: none of
    them says who acts, or when, and the next number is one of an upper level."""
    found = list(texts)
    following = _levels_following(texts)
    for place, run in _closed_runs(texts):
        if following[place] < texts[run[0]].level:
            found[place] = replace(texts[place], shares=True)
            for task in run:
                found[task] = replace(texts[task], shared=found[place])
    return found


def _is_numbered(one: Text) -> bool:
    return one.heading is not None and not one.is_point and one.level < HeadingLevel.NONE


def _levels_following(texts: Sequence[Text]) -> list[int]:
    """For each line the level of the next number below it, 0 where there is none."""
    levels, level = [0] * len(texts), 0
    for place in range(len(texts) - 1, -1, -1):
        levels[place] = level
        level = texts[place].level if _is_numbered(texts[place]) else level
    return levels


def _closed_runs(texts: Sequence[Text]) -> Iterator[tuple[int, list[int]]]:
    """Each bracket that stands alone, with the numbered lines of one level above it that are silent of who and when
    and stand below a heading."""
    run: list[int] = []
    is_silent, top = True, HeadingLevel.NONE
    for place, one in enumerate(texts):
        if _is_numbered(one):
            if not run or one.level != texts[run[0]].level:
                run, is_silent = [], True
            run.append(place)
            top = min(top, one.level)
            is_silent = is_silent and one.tail is None and not one.leads
        elif one.is_bracket and is_silent and len(run) >= _FEWEST_SHARING and top < texts[run[0]].level:
            yield place, run
            run, is_silent = [], False
        elif one.leads or one.heading or one.tail or one.says_who_or_when:
            is_silent = False
