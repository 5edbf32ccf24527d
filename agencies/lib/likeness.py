"""Which known agency a printed name may be another name of. Pure functions; nothing here decides, people do.

A name is read as a level (市, 省, a district …), a stem (市场监管) and an ending (局). Lists abbreviate by leaving
characters out (发展改革委 for 发展和改革委员会), so that a short stem is found in order within the long one. A body of
another level is another body however alike the rest is: it ranks last.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

LEAST = 0.58
MOST = 3
ABBREVIATED, WITHIN, TYPO, SHORT_TYPO, PARTLY = 0.78, 0.62, 0.9, 0.62, 0.8
OTHER_ENDING, OTHER_BODY, UNSURE_LEVEL, OTHER_LEVEL = 0.93, 0.55, 0.97, 0.6
BLANKS = re.compile(r"[\s\u200b\ufeff]+")
# Two names in one, after NFKC: 市委军民融合办(市人防办).
INNER = re.compile(r"^(.+)\(([^()]+)\)$")
COMPANY = re.compile(r"(股份有限公司|有限责任公司|有限公司)$")
# Above the body that is meant: 国家税务总局 of 国家税务总局深圳市税务局, 中共 of 中共深圳市委.
PARENT = re.compile(r"^(国家[^深]*总局|中华人民共和国|中国共产党|中共)")
# Place names within a name: 国家统计局深圳调查队 is 统计局调查队.
ELSEWHERE = re.compile(r"^(国家|中国|广东省)|深圳市?")
# What stands between level and body: 市委组织部 is 组织部. 市委 itself keeps its 委.
ORGAN_OF = re.compile(r"^(委|(?:人民)?政府)(?=..)")
# 福田区, 大鹏新区, 深汕特别合作区; not 各区, 有关区 or 市辖区.
DISTRICT = re.compile(r"^(?:深圳市)?([^\W\d各全市省有]{2})(新区|特别合作区|区)")
LEVELS = (
    ("city", re.compile(r"^(广东省)?深圳市?")),
    ("province", re.compile(r"^(广东省|广东|省)")),
    ("nation", re.compile(r"^(国家|全国|中国|国务院)")),
    ("city", re.compile(r"^市(?!场|容)")),  # 市场监管局 and 市容管理处 name no level
    ("district", re.compile(r"^区")),
)
# Long forms and what remains of them; applied to both names, longest first.
SHORTER = (
    ("人民代表大会常务委员会", "人大常委会"),
    ("中国人民政治协商会议", "政协"),
    ("国际贸易促进委员会", "贸促委"),
    ("网络安全和信息化", "网信"),
    ("工商业联合会", "工商联"),
    ("纪律检查委员会", "纪委"),
    ("监察委员会", "监委"),
    ("人力资源和社会保障", "人社"),
    ("人力资源社会保障", "人社"),
    ("人力资源保障", "人社"),
    ("外事工作", "外"),
    ("外事", "外"),
    ("监督管理", "监管"),
    ("管理委员会", "管委会"),
    ("人民检察院", "检察院"),
    ("中级人民法院", "中院"),
    ("中级法院", "中院"),
    ("人民法院", "法院"),
    ("人民政府", "政府"),
    ("办公厅", "办"),
    ("办公室", "办"),
    ("委员会", "委"),
)
ORGANS = ("局", "委", "办", "厅", "署", "处")
ENDINGS = ("管委会", "政府", "集团", "中心", "法院", "检察院", "支队", "总站", *ORGANS, "院", "会", "站", "所")
JOINTS = re.compile(r"[和与及、·]")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An agency a name may mean: the known name that is like it, and how like (0 to 1, 1 for the same reading)."""

    agency_id: int
    name: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A name taken apart. `level` is empty where the name does not say; `place` names a district."""

    level: str
    place: str
    stem: str
    ending: str


def suggestions(name: str, known: Mapping[str, int], most: int = MOST) -> list[Suggestion]:
    """Up to `most` agencies among `known` (name → id) that `name` may mean, each by its likest name, best first."""
    best: dict[int, tuple[bool, float, str]] = {}
    for other, agency_id in known.items():
        same_level, degree = compare(name, other)
        if degree >= LEAST and (same_level, degree) > best.get(agency_id, (False, 0.0))[:2]:
            best[agency_id] = (same_level, degree, other)
    ranked = sorted(best.items(), key=lambda pair: (not pair[1][0], -pair[1][1], pair[0]))
    return [Suggestion(agency_id, other, round(degree, 3)) for agency_id, (_same, degree, other) in ranked[:most]]


def compare(one: str, other: str) -> tuple[bool, float]:
    """Whether two names may be of the same level, and how alike they are (0 to 1)."""
    pairs = ((a, b) for a in readings(one) for b in readings(other))
    return max(_alike(a, b) for a, b in pairs)


@lru_cache(maxsize=8192)
def readings(name: str) -> tuple[Reading, ...]:
    """How a name can be read: “市委军民融合办（市人防办）” is each of its two names, and a company has no brackets."""
    plain = BLANKS.sub("", unicodedata.normalize("NFKC", name))
    whole = plain.replace("(", "").replace(")", "")
    inner = INNER.match(plain)
    parts = (whole, *inner.groups()) if inner else (whole,)
    return tuple(dict.fromkeys(_read(part) for part in parts))


def _read(name: str) -> Reading:
    level, place, rest = _level(PARENT.sub("", COMPANY.sub("", name)) or name)
    rest = ORGAN_OF.sub("", rest)
    for long, short in SHORTER:
        rest = rest.replace(long, short)
    ending = next((ending for ending in ENDINGS if rest.endswith(ending)), "")
    stem = JOINTS.sub("", rest.removesuffix(ending))
    return Reading(level, place, stem or ending, ending if stem else "")


def _level(name: str) -> tuple[str, str, str]:
    """Level, district and what is left of a name."""
    district = DISTRICT.match(name)
    if district:
        return "district", district[1], name[district.end() :]
    # A national body's branch in the city, whatever its name begins with.
    if "深圳" in name[1:]:
        return "city", "", ELSEWHERE.sub("", name)
    for level, pattern in LEVELS:
        found = pattern.match(name)
        if found and found.end() < len(name):
            return level, "", name[found.end() :]
    return "", "", name


def _alike(a: Reading, b: Reading) -> tuple[bool, float]:
    degree = _stems(a.stem, b.stem, same_ending=a.ending == b.ending) * _endings(a.ending, b.ending)
    # The same bureau of two districts is alike in everything else.
    if a.place and b.place and a.place != b.place:
        return False, 0.0
    if a.level and b.level and a.level != b.level:
        return False, degree * OTHER_LEVEL
    return True, degree * (1 if a.level == b.level and a.place == b.place else UNSURE_LEVEL)


def _endings(a: str, b: str) -> float:
    """A 委 that became a 局 may be the same body; a 集团 is not."""
    if a == b or not a or not b:
        return 1.0
    return OTHER_ENDING if a in ORGANS and b in ORGANS else OTHER_BODY


def _stems(a: str, b: str, *, same_ending: bool) -> float:
    """How alike two stems are: the same, one an abbreviation of the other, a slip of one character, or partly."""
    if a == b:
        return 1.0
    short, long = sorted((a, b), key=len)
    if not set(short) & set(long):
        return 0.0
    if len(short) >= 2 and _is_within(short, long):
        return ABBREVIATED + 0.2 * len(short) / len(long) if short[0] == long[0] else WITHIN
    if len(short) >= 3 and _one_apart(short, long):
        return TYPO
    if len(long) == 2:
        return SHORT_TYPO if same_ending and short[0] == long[0] else 0.0
    return PARTLY * 2 * _in_common(short, long) / (len(short) + len(long))


def _is_within(short: str, long: str) -> bool:
    """Whether the characters of `short` are found in `long` in this order."""
    rest = iter(long)
    # `in` moves the iterator on: each is looked for behind the one before it.
    return all(character in rest for character in short)


def _one_apart(short: str, long: str) -> bool:
    """Whether one character put in, left out, changed or swapped with its neighbour makes one the other."""
    return any(variant == long for variant in _variants(short, long))


def _variants(short: str, long: str) -> Iterator[str]:
    if len(long) - len(short) > 1:
        return
    if len(long) > len(short):
        yield from (short[:place] + long[place] + short[place:] for place in range(len(long)))
        return
    for place in range(len(short)):
        yield short[:place] + long[place] + short[place + 1 :]
        yield short[:place] + short[place : place + 2][::-1] + short[place + 2 :]


def _in_common(a: str, b: str) -> int:
    """The length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for character in a:
        before = 0
        for place, other in enumerate(b, start=1):
            before, row[place] = row[place], before + 1 if character == other else max(row[place], row[place - 1])
    return row[-1]
