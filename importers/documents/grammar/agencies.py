"""Who: an agency cell split into names (rule 5 of reading the table)."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from importers.documents.grammar.endings import (
    has_elided_place,
    is_of_a_level,
    is_run_together,
    joined_groups,
    leaves_body_open,
)
from importers.documents.grammar.text import NOTHING_PRINTED, clean
from importers.documents.values import Problem

BY_DUTY = "按职责分工负责"
# As long as the column that keeps names.
LONGEST_NAME = 120

# 按职责分工负责, 根据各自职责分别落实, （按职责分工负责） at the end of a cell.
BY_DUTY_AT_END = re.compile(
    r"[、，,；;]?（?(?:(?:依|按)照?|根据|依据|在)(?:各自|部门|工作)*(?:职责|职能)(?:职责|分工|范围)*内?(?:分别|共同|分头|抓好|做好)*"
    r"(?:负责|落实|牵头|推进|实施|抓落实)?(?:相关工作)?）?[。.]?$|[、，,；;]?（?(?:各司其职|各负其责|(?:按照?)?分工(?:负责|协作))）?[。.]?$"
)
# A group, not one agency: 各区政府, 全市各有关部门, 市级有关单位, 区县…, 成员单位.
_COLLECTIVE = re.compile(
    r"^(?:全市|全省|全区|全县|[省市州区县]直|[省市州区县]级|市|省|区|县|驻深|中央驻深)?(?:各|其他|其它|其余|有关|相关|全体)"
    r"|^(?:区县|县区|市县|县（市、区）|区（县、市）|区（县）|区（市）县)"
    r"|(?:各|有关|相关|所属|市属|省属|区属)(?:单位|部门|企业|国企|机构|区|方面|职能部门)$|成员单位$|^属地"
)
# 市财政局等各有关单位: who is named, and what 等 leaves open.
_OPEN = re.compile(r"^(?P<named>.+?)等(?P<group>.*)$")
# What behind 等 is a group: 各有关单位, 市直各单位; a bare 部门 is none.
_GROUP_OF_OPEN = re.compile(
    r"^(?:各|[省市州区县][直级](?!部门|单位)|[省市州区县]?政府各|其他|其它).*(?:单位|部门|企业|机构|政府|区)$"
)
# 各镇（街道）, 全市各街道; 市直有关部门.
_NAMED_GROUP = re.compile(
    r"^(?:全[省市州区县]|[省市州区县][直级])?(?:各|其他|其它|属地).{0,20}(?:[省市州盟县区旗乡镇街村]|街道|社区|委|办|局|科室|处室|组|片|大队|学院|团体)(?:（[^（）]*）)?$"
    r"|^(?:[省市州区县][直级])(?:各|有关|相关)*(?:部门|单位|机关|企业|平台)$"
)
# What agencies are said to do, behind a name of three characters or more: …负责落实, …按职责分别负责.
_ACTING = re.compile(
    r"(?<=.{3})(?:（?(?:依|按)照?(?:各自)?(?:职责|职能)(?:分工)?(?:分别|共同|抓好)?(?:负责|落实)?）?"
    r"|(?:分别|共同|具体){0,3}(?:负责|组织|抓好)?(?:落实|实施)|(?:分别|共同|具体){0,3}负责)$"
)
# 市财政局, 税务部门, 市妇联, 深圳供电公司, 各地 end like this.
_ENDS_LIKE_AN_AGENCY = re.compile(
    r"(?:(?<=[^、，,；;])[局委署院府办联站队所社关会厅司处室校馆台部组团行省市州盟旗区县镇乡企庭]|单位|部门|中心|机构|街道|企业|大学|小组|专班|电网|平台"
    r"|基地|银行|联盟|[学商协]会|[律科消作文侨]协|园|公司|基金|总工会|党校|政协|人大|学校|法庭|电视台|港|方面|各地|中国(?:电信|移动|联通|铁塔|邮政))$"
)
_SURNAME = (
    "[赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏苏潘葛范彭鲁韦马苗方俞任袁柳唐费薛雷贺倪汤殷罗"
    "毕郝安常于傅齐康伍余顾孟黄萧尹姚邵汪毛米明戴宋庞熊纪舒屈项祝董梁杜阮蓝席麻贾江童颜郭梅林刁钟徐邱骆高夏蔡田胡凌霍万卢莫房"
    "解丁邓洪包左石崔龚程邢裴陆翁荀惠曲封储靳段侯全班秋仲宫宁仇甘武刘景龙叶黎白蒲卓池乔闻党翟谭申向古易廖耿匡寇关简饶曾肖游岳"
    "燕冉覃]"
)
# 局长, 副主任, 同志: in front of a person's name or behind it.
_POST = "(?:副?(?:局长|处长|科长|股长|主任|部长|书记|主席|[市县区镇乡]长|总?经理|校长|院长|主管|队长)|同志)"
# 市财政局（张三，13800000000）, 市财政局张三, 市教育局（李四处长）: the agency, and a person who works there.
_PERSON = re.compile(
    rf"^(?P<name>.+?)(?:（(?P<beside>(?:{_POST}[：:]?)?{_SURNAME}(?:{_POST}|\s?[一-鿿]{{1,2}}(?<![局委办厅]){_POST}?)"
    rf"(?:[、，,：:]?\d{{7,12}})?)）|(?<=[局委办厅院部])(?P<after>{_SURNAME}(?:[一-鿿]{{1,2}}{_POST}?|{_POST})))$"
)
# 市财政局（联系人：张三，电话）, （6月底前）, （含市国资委）: whatever it is, the bracket is not part of the name.
_BESIDE = re.compile(
    r"^(?P<name>.+?)（(?P<beside>[^（）]*(?:联系|负责人|责任人|电话|手机|\d[年月日]|季度|[年月]底|年内|长期)[^（）]*|(?:含|包括)[^（）]+)）$"
)
# 市财政局（资金）: what is neither another name nor an office, nor kinds of places, says something else.
_ANY_BRACKET = re.compile(r"^(?P<name>.+?)（(?P<beside>[^（）]+)）$")
_OF_A_NAME = re.compile(
    "[科处股室组所站队办局委部厅院会府校司片支行区县市州旗镇乡街道园村中心公集团联平台分]$|^(?:筹|筹备|代|原.*|挂牌)$"
)
# （王刚）市财政局.
_AHEAD = re.compile(rf"^（(?P<beside>{_SURNAME}[一-鿿]{{1,2}})）(?P<name>.+)$")
# 各区政府（含前海管理局）: of a group it says who else belongs to it.
_MEMBERS = re.compile("含|包括")
# 市、县两级政府, 省市两级发改部门: bodies of several levels under one name.
_LEVELS = re.compile("[两二三四]级(?!学院|单位|公司|企业|机构|中心)")
_ONLY_A_PERSON = re.compile(rf"^{_SURNAME}[一-鿿]{{1,2}}$")
# No name but the end of one that a line break or a list of names has cut off: 办公室, 监管局, 中心支行.
_BARE_ENDING = re.compile(
    "^(?:办公[厅室]|委员会|管委会|管理局|监管局|服务局|局|委|办|厅|署|院|处|中心|有限公司|人民政府"
    "|(?:[^行局]{2,4}[省市区县])?(?:支行|分行|分局)|[^行局]{0,5}中心支行)$"
)
# Whole names, however short: 妇联, 科协, 团委.
_SHORT_NAME = re.compile("[妇残侨文工记]联|科协|团委|工会|法院|编办")
_HEAD = re.compile("[、，,；;（]")
_PLACES = ("省", "市", "州", "盟", "旗")
_BRACKETED = re.compile(r"（[^（）]*）")
_BRACKETS = str.maketrans("()[]【】〔〕［］", "（）（）（）（）（）")
_DIGIT, _BLANK = re.compile("[0-9①-⑳]"), re.compile(r"\s")
_TO_LEVEL = re.compile(r"[\s0-9①-⑳()\[\]【】〔〕［］]")
_SEPARATOR = re.compile("[、，,；;]")
# （市财政局、市教育局） behind 责任单位：.
_ONLY_A_BRACKET = re.compile(r"^[（(〔【［\[]([^（()）〔〕【】［］\[\]]+)[）)〕】］\]][。；]?$")
# 1. （2） ③ in front of the names of a cell.
_ENUMERATED = re.compile(r"(^|[；;，,。\s])(?:\d{1,2}[.．、)）]|（\d{1,2}）|[①-⑳])")
# 市财政局②市教育局, 市财政局（2）市教育局: the numbers alone stand between the names.
_NUMBERED_ON = re.compile(
    r"(?<=[^、，,；;。\s])[①-⑳]|(?<=[局委办厅署院府部门位会心司])(?:（\d{1,2}）|\d{1,2}[.．、])(?=[市省县区州各国])"
)
# 市财政局（2项）: how many tasks it has.
_COUNT = re.compile(r"（(?:共|计)?\d+[项条件个家](?:任务|事项|工作|举措|单位|部门)?）")
# 牵头单位： in front of the names.
_LABEL = re.compile(r"^(?:牵头|主办|责任|配合|协办|参与|参加)(?:责任)?(?:单位|部门)[：:]")
# （牵头）, （配合单位）, （主）. Atomic, so that many open brackets do not multiply the work.
_ROLE_IN_BRACKETS = re.compile("（(?>[^（）]*?(?:牵头|主办|配合|协办|参与|责任)[^（）]*+|[主牵配协]|[^\\w（）]{1,3})）")
# What a role says is no part of a name: 市财政局为牵头单位; but 各牵头单位 is a group. ★ marks who leads.
_SAYS_ROLE = re.compile("^(?!各|其他|其它|有关|相关).*(?:牵头|配合|(?<![政科残作侨])协办|主办|主责)|^[^\\w“《（〈]")
# 牵头领导：王刚 and 发改等 leave nothing open for the name that follows.
_SAYS_SOMETHING_ELSE = re.compile("[等：:]")
# Half a sentence that ends like an agency: 视上级部署, 按省委统一部署, 待机构改革后确定部门.
_HALF_A_SENTENCE = re.compile(
    "^(?:视(?![听障频觉])|待|按|依据|依照|根据|结合(?!部)|由|需(?!求)|拟|正在"
    "|(?:推进|完成|加强|落实|开展|推行|制定|压缩|健全|完善|强化|深化|优化|实施)"
    "(?!办|中心|委|.*(?:小组|办公室|专班|指挥部|委员会|局|中心)$)|参照|其中|以上|上述|暂定|暂由|初定|原(?=[市省区县州]))|部署$|安排的?部门$|[督承领]办$|^\\d{1,2}[市省区县州]"
)
# 市财政局和市税务局, 甲局/乙局. 和 inside a name (人力资源和社会保障局) has no ending before it.
_TWO_IN_ONE = re.compile(
    "(?:[局委办厅署院]|委员会|政府|中心|部门|单位|公司)(?:和|及|与|以及|会同|会商|商|联合|协同)(?:[市省区县州各]|有关|相关|其他|其它|国家|中央)|[局委办厅署院][-—–－―─]+[市省区县州各]|[省市区县州旗]委[省市区县州旗](?:人民)?政府$|^(?!.*各).*党委政府$|[/\\\\|。：:+＋&*＊·•・→⇒➔>＞~～＝=＼｜﹨∕⁄]"
)


@dataclass(frozen=True, slots=True)
class Agencies:
    """The names in a cell in order, `note` 按职责分工负责 or '', and what a person has to settle.

    The problems carry the code and the value; the caller adds the place.
    """

    names: tuple[str, ...] = ()
    note: str = ""
    problems: tuple[Problem, ...] = ()


NOBODY = Agencies()


def is_collective(name: str) -> bool:
    """Whether the name stands for a group (各区政府, 市直有关单位 …) rather than one agency."""
    return bool(_COLLECTIVE.search(name))


@lru_cache(maxsize=8192)
def parse_agencies(text: str, before: tuple[str, ...] = (), after: tuple[str, ...] = ()) -> Agencies:
    """Split at 、，,；; outside brackets, never at 和 or 及; a trailing 按职责分工负责 becomes the note.

    `before` are names from the same cell, after which one may leave out its place; one may leave its body to those
    `after`.
    """
    line = levelled(text)
    # Characters are asked for before patterns are run: most cells have none of them.
    line = _LABEL.sub("", line) if "：" in line or ":" in line else line
    if line in NOTHING_PRINTED:
        return NOBODY
    remark = ""
    if "。" in line:
        line, remark = _without_remark(line)
    named = BY_DUTY_AT_END.sub("", line) if "职" in line or "责" in line or "分工" in line else line
    note = BY_DUTY if named != line else ""
    pieces = split_outside_brackets(named.rstrip("。."))
    if "负责" in named or "实" in named:
        note = note or (BY_DUTY if any(map(BY_DUTY_AT_END.search, pieces)) else "")
        pieces = [_ACTING.sub("", piece) for piece in pieces]
    found = _resolve(joined_groups(pieces), note, before, after)
    if not remark:
        return found
    return replace(found, problems=(*found.problems, Problem("agency_review", "", value=remark)))


def _without_remark(line: str) -> tuple[str, str]:
    """The names, and the sentence that follows them."""
    named, _, remark = line.partition("。")
    return (named, remark.strip()) if len(named) > 2 else (line, "")


def levelled(text: str) -> str:
    """The cell in one line with one kind of brackets, without the numbers of an enumeration."""
    line = clean(text)
    if (whole := _ONLY_A_BRACKET.match(line)) is not None:
        line = whole[1]
    if not _TO_LEVEL.search(line):
        return line
    line = line.translate(_BRACKETS)
    if _DIGIT.search(line):
        line = _COUNT.sub("", _NUMBERED_ON.sub("、", _ENUMERATED.sub(r"\1", line)))
    return _join_or_separate(line) if _BLANK.search(line) else line


def _join_or_separate(line: str) -> str:
    """White space separates two whole names (one to a line); inside a name it only breaks the line."""
    joined: list[str] = []
    name, depth = "", 0
    for part in re.split(r"\s+", line):
        before = _BRACKETED.sub("", name)
        head = _HEAD.split(part, 1)[0]
        whole = depth == 0 and _ENDS_LIKE_AN_AGENCY.search(before) and not _BARE_ENDING.match(head)
        if before.endswith(_PLACES):
            whole = whole and part.endswith(_PLACES)  # 深圳市 / 税务局 is one name, 杭州市 / 宁波市 are two
        # One or two characters are the rest of a name, unless they are a short name or a person.
        starts_new = (
            (whole or (depth == 0 and _ONLY_A_PERSON.match(before) and is_of_a_level(part)))
            and not part.startswith(("（", "、", "，", "；", "按", "等", "牵头", "配合"))
            and (len(head) > 2 or part.startswith("各") or _SHORT_NAME.match(head) or _ONLY_A_PERSON.match(head))
        )
        joined.append("、" + part if starts_new else part)
        # Only its end is looked at; a cell of very many lines costs no more for it.
        name = (part if starts_new else name + part)[-LONGEST_NAME:]
        depth += part.count("（") - part.count("）")
    return "".join(joined)


def _balanced(text: str) -> bool:
    return text.count("（") == text.count("）")


def split_outside_brackets(line: str, separators: re.Pattern[str] = _SEPARATOR) -> list[str]:
    """The pieces between separators; a separator inside brackets does not separate."""
    if "（" not in line:
        return [piece for piece in separators.split(line) if piece]
    cuts, depth = [-1], 0
    for place, char in enumerate(line):
        depth += (char == "（") - (char == "）")
        if depth <= 0 and separators.match(char):
            cuts.append(place)
    return [piece for before, cut in pairwise((*cuts, len(line))) if (piece := line[before + 1 : cut])]


def _resolve(pieces: list[str], note: str, before: tuple[str, ...], after: tuple[str, ...]) -> Agencies:
    names: dict[str, None] = {}
    problems: list[Problem] = []
    elided, above = False, ""
    without_body = leaves_body_open((*pieces, *after))
    for piece in pieces:
        found, open_rest = ((), piece) if piece in without_body else _names_in(piece)
        if found and not elided and any(has_elided_place(name, (*before, *names)) for name in found):
            found, open_rest = (), piece
        # What follows an elided name belongs to the same doubt: in 省发展改革、财政厅 and 市、县教育局 neither stands
        # alone. A name with its own level behind one that lacks its ending does: 市发改、市财政局.
        doubted = elided and not (found and is_of_a_level(piece) and len(above) > 1)
        if open_rest or doubted:
            problems.append(Problem("agency_review", "", value=open_rest or piece))
            elided, above = not found and piece not in without_body and _is_elided(piece), piece
            if elided or not open_rest:
                continue
        elided = False
        for name in found:
            if name in names:
                problems.append(Problem("duplicate_agency", "", value=name))
            names[name] = None
    return Agencies(tuple(names), note, tuple(problems))


def _is_elided(piece: str) -> bool:
    """省发展改革、财政厅: the ending of the next name holds for this one too."""
    return (
        not _SAYS_SOMETHING_ELSE.search(piece)
        and "\u4e00" <= piece[-1] <= "\u9fff"
        and not _ENDS_LIKE_AN_AGENCY.search(piece)
    )


@lru_cache(maxsize=8192)
def _names_in(piece: str) -> tuple[tuple[str, ...], str]:
    """The names a piece stands for, and what a person has to say about it ('' where all is clear)."""
    if len(piece) > LONGEST_NAME:
        return (), piece
    open_form = _OPEN.match(piece) if "等" in piece else None
    if open_form and _is_whole(open_form["named"]):
        group = open_form["group"]
        return ((open_form["named"], group), "") if _GROUP_OF_OPEN.match(group) else ((open_form["named"],), piece)
    noted = _noted(piece) if "（" in piece else None
    if noted:
        return (noted["name"],), noted["beside"]
    # Brackets at the end may hold a person, which is tried first.
    if _is_whole(piece) and not piece.endswith("）"):
        return (piece,), ""
    person = _PERSON.match(piece)
    if person and _is_whole(person["name"]):
        return (person["name"],), person["beside"] or person["after"]
    return ((piece,), "") if _is_whole(piece) else ((), piece)


def _noted(piece: str) -> re.Match[str] | None:
    """A name with a bracket in front of it or behind that is no part of it; of a group it may say who belongs to it."""
    found = _AHEAD.match(piece) or _BESIDE.match(piece) or _says_something_else(piece)
    if found is None or not _is_whole(found["name"]):
        return None
    return None if is_collective(found["name"]) and _MEMBERS.match(found["beside"]) else found


def _says_something_else(piece: str) -> re.Match[str] | None:
    """A bracket at the end of a name that is neither another name nor an office, nor speaks of roles."""
    found = _ANY_BRACKET.match(piece)
    if found is None or is_collective(found["name"]) or _ROLE_IN_BRACKETS.search(piece):
        return None
    return None if _OF_A_NAME.search(found["beside"]) else found


def _is_whole(piece: str) -> bool:
    """Whether a piece is one name from beginning to end."""
    bare = _BRACKETED.sub("", piece) if "（" in piece else piece
    if _LEVELS.search(bare) or _TWO_IN_ONE.search(bare) or _ROLE_IN_BRACKETS.search(piece) or is_run_together(bare):
        return False
    if not _balanced(piece) or _BARE_ENDING.match(bare) or _SAYS_ROLE.match(bare):
        return False
    if _HALF_A_SENTENCE.search(bare):
        return False
    return bool(_ENDS_LIKE_AN_AGENCY.search(bare) or _NAMED_GROUP.match(piece))
