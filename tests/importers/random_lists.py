"""Lists made at random: columns renamed, in another order, under merged labels, with others beside them; or in prose.

Every text in them is different from all others, so that it can be looked for in what was read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from random import Random

from tests.importers.samples import cell, document, package, para, row, table

NAMES = ("市财政局", "市司法局", "市教育局", "市水务局", "各县、区政府", "市气象局", "县住建局", "市直各部门", "办公室")
DAYS = (
    "2022年6月底",
    "年底前",
    "持续推进",
    "“十四五”期间",
    "2022年春节前",
    "2199年1月",
    "已完成",
    "6月完成",
    "同上",
    "〃",
)
LABELS = {
    "number": ("序号", "编号", "", "项次"),
    "title": ("改革事项", "任务名称", "重点工作", "民生实事", "问题", "工作任务", "实事内容"),
    "text": ("具体举措", "工作措施", "主要内容", "具体要求", "年度目标", "目标任务", "推进路径"),
    "lead": ("牵头单位", "主办单位", "牵头部门", "承办单位"),
    "responsible": ("责任单位", "配合单位", "协办单位", "责任科室", "责任分工", "责任单位及时限", "县级"),
    "deadline": ("完成时限", "时间节点", "进度安排", "整改时限", "牵头单位/时限"),
    "section": ("任务类别", "领域", ""),
    "other": ("备注", "责任领导", "整改目标", "督导单位", "验收销号单位", "联系电话", "", "完成情况", "二级指标"),
}
BOTH = ("责任单位及完成时限", "牵头单位（时限）", "责任分工和时限", "责任单位完成时限", "完成时限/责任单位")
_LEFT_OUT = ("section", "text", "deadline", "lead", "title")


@dataclass(frozen=True, slots=True)
class RandomList:
    """A document, and every text that it prints in a cell or a paragraph of the list."""

    data: bytes
    printed: tuple[str, ...]
    name: str


def random_list(seed: int) -> RandomList:
    random = Random(seed)
    return _prose(random, seed) if seed % 4 == 3 else _table(random, seed)


def random_joined_list(seed: int) -> RandomList:
    """One with agencies and deadline in one column, or with the names of agencies above their tasks."""
    random = Random(seed)
    return _under_agencies(random, seed) if seed % 3 == 2 else _table_with_both(random, seed)


def _table_with_both(random: Random, seed: int) -> RandomList:
    columns = ["number", "title", *random.choice((["text"], [])), "both", *random.choice(([], ["other"]))]
    if random.random() < 0.5:
        random.shuffle(columns)
    labels = [random.choice(BOTH if one == "both" else LABELS[one]) for one in columns]
    fresh = map(str, count(1))
    rows = [[_cell(random, one, number, next(fresh)) for one in columns] for number in range(1, random.randint(3, 7))]
    printed = [text for cells in rows for text in cells if text]
    body = table(row(*labels), *(row(*map(_in_paragraphs, cells)) for cells in rows))
    return RandomList(package(document(para("2022年任务清单"), body)), tuple(printed), f"{seed}：{labels}")


def _in_paragraphs(text: str) -> str:
    return cell("".join(map(para, text.split("\n"))))


def _who_and_when(random: Random, fresh: str) -> str:
    own = random.choice(("市甲{}乙局", "市甲{}乙局牵头", "市甲{}乙局、市财政局", "牵头单位：市甲{}乙局")).format(fresh)
    day = random.choice(("2022年6月底前", "9月", "2022年12月底前完成", "持续推进", "完成时限：6月底"))
    return random.choice(
        ("{own}（{day}）", "{own}；{day}", "{own}，{day}", "{own}\n{day}", "{day}，{own}", "{own}")
    ).format(own=own, day=day)


def _under_agencies(random: Random, seed: int) -> RandomList:
    fresh, numbers = map(str, count(1)), count(1)
    shape = random.choice(("{numeral}、{name}", "{name}", "{name}：", "（{numeral}）{name}（2项）"))
    lines = []
    for numeral, name in zip("一二三", random.sample(("市财政局", "市教育局", "市水务局", "县住建局"), 3), strict=True):
        lines.append(shape.format(numeral=numeral, name=name))
        for _ in range(random.randint(1, 3)):
            own = random.choice(("", "", "（市司法局配合，2022年6月底）", "；配合单位：市司法局"))
            lines.append(f"{next(numbers)}.推进某事甲{next(fresh)}乙。落到实处甲{next(fresh)}乙。{own}")
            lines += random.choice(([], [], [f"（1）细目甲{next(fresh)}乙"], [f"插话甲{next(fresh)}乙"]))
    return RandomList(package(document(*map(para, ("2022年任务分解", *lines)))), tuple(lines), f"{seed}：{shape}")


def _table(random: Random, seed: int) -> RandomList:
    left_out = random.sample(_LEFT_OUT, random.choice((0, 0, 1, 2)))
    columns = [
        one for one in ("number", "title", "text", "lead", "responsible", "deadline", "section") if one not in left_out
    ]
    columns += ["other"] * random.choice((0, 1, 2, 3))
    if random.random() < 0.5:
        random.shuffle(columns)
    labels = [random.choice(LABELS[one]) for one in columns]
    fresh = map(str, count(1))
    rows = [[_cell(random, one, number, next(fresh)) for one in columns] for number in range(1, random.randint(3, 7))]
    printed = [text for cells in rows for text in cells if text]
    body = table(_header(random, labels), *(row(*cells) for cells in rows))
    return RandomList(package(document(para("2022年任务清单"), body)), tuple(printed), f"{seed}：{labels}")


def _header(random: Random, labels: list[str]) -> str:
    """The labels, some two of them merged into one."""
    cells, place = [], 0
    while place < len(labels):
        wide = place + 1 < len(labels) and random.random() < 0.1
        cells.append(cell(labels[place], '<w:gridSpan w:val="2"/>' if wide else ""))
        place += 2 if wide else 1
    return row(*cells)


def _cell(random: Random, column: str, number: int, fresh: str) -> str:
    if column == "number":
        return str(number)
    if column == "both":
        return _who_and_when(random, fresh)
    if column in ("lead", "responsible"):
        own = random.choice(("市甲{}乙局", "市甲{}乙局", "市甲{}乙局牵头", "市甲{}乙局等部门", "甲{}乙", "")).format(
            fresh
        )
        others = random.sample(NAMES, random.choice((0, 0, 1, 2)))
        return random.choice(("、", "，", "、")).join(filter(None, (own, *others)))
    if column == "deadline":
        return random.choice(DAYS)
    if random.random() < 0.15 and column in ("other", "text"):
        return ""
    words = {"title": "某事", "text": "推进某项工作落到实处，按季度通报进展情况之", "section": "类", "other": "另记"}[
        column
    ]
    return f"{words}甲{fresh}乙"


def _prose(random: Random, seed: int) -> RandomList:
    lines = [*_paragraphs(random)]
    return RandomList(package(document(*map(para, ("2022年任务分工方案", *lines)))), tuple(lines), f"{seed}：段落")


def _paragraphs(random: Random) -> Iterator[str]:
    fresh = map(str, count(1))
    yield from random.choice(([], [f"各单位甲{next(fresh)}乙："]))
    numbers = count(1)
    for section in "一二三"[: random.randint(1, 3)]:
        yield f"{section}、类甲{next(fresh)}乙"
        if random.random() < 0.3:
            yield f"（一）小类甲{next(fresh)}乙"
        for _ in range(random.randint(1, 3)):
            yield from _task(random, next(numbers), fresh)
    yield from random.choice(([], ["某市人民政府办公室"], [f"附注甲{next(fresh)}乙"]))


def _task(random: Random, number: int, fresh: Iterator[str]) -> Iterator[str]:
    lead, helper = random.sample(NAMES[:4], 2)
    text = f"{number}.推进某事甲{next(fresh)}乙。落到实处甲{next(fresh)}乙。"
    if random.random() < 0.5:
        when = random.choice(("", "，2022年6月底完成", "；完成时限：持续推进"))
        opening, closing = random.choice(("（）", "〔〕", "()"))
        yield f"{text}{opening}{lead}牵头，{helper}配合{when}{closing}"
    else:
        yield text
        yield from random.choice(([], [f"续写甲{next(fresh)}乙"]))
        yield f"牵头单位：{lead}"
        yield f"责任单位：{helper}"
    yield from random.choice(([], [], [f"插话甲{next(fresh)}乙"], [f"（1）细目甲{next(fresh)}乙"]))
