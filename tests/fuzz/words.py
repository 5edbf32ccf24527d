"""Texts that cells may hold and nobody expects: odd characters, and what may drive a pattern to distraction."""

from collections.abc import Callable
from random import Random

NAMES = (
    "市财政局",
    "市发展改革委",
    "各区政府",
    "各有关单位",
    "市委军民融合办（市人防办）",
    "省发展改革、财政厅",
    "市卫生健康委",
)
DAYS = (
    "2022年12月底",
    "2022年第三季度",
    "2022年上半年",
    "6月30日前",
    "二〇二二年十二月",
    "持续推进",
    "2月30日",
    "2022.9",
)
HEADINGS = (
    "一、",
    "（一）",
    "第一部分",
    "1.",
    "注：",
    "合计",
    "牵头单位：",
    "（续）",
    "第",
    "十",
    "百",
    "（",
    "）",
    "3项",
)
PIECES = (
    *'、，,；;。.：:/（）()[]【】"“”*＊-—~至到和及与等由为的市区县省各局委办厅 \t\n　',
    *"年月日号季底前初中末内起上下半旬第项条一二三四五六七八九十百千零〇廿0123456789０１２",
    *(
        "牵头",
        "配合",
        "主办",
        "负责",
        "会同",
        "按职责分工负责",
        "责任单位：",
        "牵头单位：",
        "有关单位",
        "政府",
        "分别",
        "共同",
    ),
    *(
        "2022年",
        "12月",
        "31日",
        "每年",
        "持续",
        "长期",
        "完成",
        "季度",
        "半年",
        "年底",
        "今年",
        "明年",
        "20220630",
        "44926",
    ),
    *(
        "办公室",
        "管理局",
        "中心",
        "等部门",
        "1.",
        "（1）",
        "①",
        "第7项",
        "No.",
        "Q3",
        "12:30",
        "[bookmark: a]",
        "sep=,",
        "\r",
    ),
    *("#N/A", "_xD800_", "_x0000_", "General", "（续）", "共101项", "……", "注", "标*的"),
)
CHARACTERS = (
    *"\u200b\u200f\u202e\u2066\ufeff\u00ad\u034f\u3000\u00a0\u2028\u0085\v\f\u2fd4\u2e9f\u0301\u20e3\ufe0f",
    *"\ufdfa\u0660\u06f5\u0966\u09ea\u0e53\U0001d7d8\U00020000\U0002f800\U0001f468\u3400\ue000\ufffd①㊀㈠Ⅷ½㋿㍘㎡ﷺ",
    *"ѕс\u0130ıßﬁ√∞％‱〇○◯●★☆※",
)
# Not allowed in XML, so they come as references or as bytes.
FORBIDDEN = ("\0", "\x01", "\x08", "\x1b", "\x7f", "\ufffe", "\uffff")
LONGEST = 60_000


def length(random: Random, most: int = LONGEST) -> int:
    """Short ones often, long ones now and then."""
    return max(1, int(most ** random.random()))


def any_characters(random: Random) -> str:
    return "".join(chr(_code(random)) for _ in range(length(random, 400)))


def _code(random: Random) -> int:
    code = random.choice(
        (random.randrange(0x20, 0x80), random.randrange(0x4E00, 0xA000), random.randrange(0x20, 0x110000))
    )
    return 0x3007 if 0xD800 <= code < 0xE000 or code & 0xFFFF >= 0xFFFE or 0x7F <= code < 0xA0 else code


def odd_characters(random: Random) -> str:
    """A usual text with characters put into it."""
    text = list(random.choice((*NAMES, *DAYS, *HEADINGS)))
    for _ in range(length(random, 30)):
        text.insert(random.randrange(len(text) + 1), random.choice(CHARACTERS))
    return "".join(text)


def digits(random: Random) -> str:
    kind = random.choice(("0123456789", "９０", "٠١٢", "一二三四五六七八九十百千", "〇", "十百千廿", "𝟘𝟙", "9"))
    shape = random.choice(
        ("{}", "第{}项", "第{}部分 题", "（{}）题", "{}年12月", "2022年{}月", "{}、题", "{}.{}", "{}日", "共{}项")
    )
    return shape.replace("{}", "".join(random.choices(kind, k=length(random))))


def many_names(random: Random) -> str:
    separator = random.choice("、，；,; \n")
    return separator.join(random.choices(NAMES, k=length(random, 3000)))


def nested(random: Random) -> str:
    opening, closing = random.choice(("（）", "()", "[]", "【】", "〔〕", "“”", "((", "（（"))
    depth = length(random, 20_000)
    return (
        random.choice(("市", "", "各"))
        + opening * depth
        + random.choice((*NAMES, ""))
        + closing * random.choice((0, 1, depth))
    )


def repeated(random: Random) -> str:
    """A few pieces over and over, and something at the end that does not fit: what backtracking hates."""
    unit = "".join(random.choices(PIECES, k=random.randint(1, 3)))
    before, after = ("".join(random.choices(PIECES, k=random.randint(0, 2))) for _ in range(2))
    times = max(1, length(random) // len(unit))
    return before + unit * times + after + random.choice(("", "!", "甲", "\n"))


def jumbled(random: Random) -> str:
    return "".join(random.choices(PIECES, k=length(random, 200)))


def dates(random: Random) -> str:
    return random.choice("、，至—和,（").join(random.choices(DAYS, k=length(random, 300)))


def headings(random: Random) -> str:
    return "".join(random.choices(HEADINGS, k=random.randint(1, 6))) + random.choice(("", "准入", *NAMES))


WAYS: tuple[Callable[[Random], str], ...] = (
    any_characters,
    odd_characters,
    digits,
    many_names,
    nested,
    repeated,
    repeated,
    jumbled,
    dates,
    headings,
    lambda random: "",
)


def hostile(random: Random) -> str:
    """One such text."""
    return random.choice(WAYS)(random)
