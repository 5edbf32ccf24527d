"""Endings that several names share: 各县、区政府; 石门县委、县政府; 市发展改革委、财政局.

Read alone they are agencies that do not exist.
"""

import re
from collections.abc import Iterable

# Kinds of places, and the bodies that each place of a kind has.
_KIND = (
    "(?:省|自治区|直辖市|自治州|地级以上市|设区的?市|[市州盟县旗区乡镇村]|街道|社区|镇街|街镇|(?:经济技术|高新技术产业|高新|经济|产业)?(?:开发|功能|园|新|度假|管理|示范|合作|保税|经济|高新|工业)区"
    "|经开区|管理区|园区|农场|林场)"
)
_BODY = "(?:党委|党工委|工委|委|人民政府|政府|行政公署|行署|管委会?|管理委员会|办事处|办)"
# What can only go on with a group before it: kinds of places, their bodies, or both, without the name of any.
_GOES_ON = re.compile(rf"^(?:(?:和|及|以及)?(?:{_KIND}(?:（[^（）]*）)?){{1,4}}{_BODY}?|{_BODY})$")
# 各县（市、区）, 全省各市州党委, 各乡镇人民政府.
_GROUP_OF_PLACES = re.compile(
    rf"^(?:全[省市州区县])?各(?:有关|相关)?(?:{_KIND}|（[^（）]*）|[、和及]){{1,6}}(?:（[^（）]*）)?{_BODY}?(?:（[^（）]*）)?$"
)
# A city has one of these: behind 各县（市、区）人民政府 the 高新区管委会 is an agency of its own.
_ONE_OF_ITS_KIND = re.compile(
    "^(?:经济技术开发|高新技术产业开发|高新|经开|综合保税|保税|度假|示范|合作)区(?:党工委|管委会|管理委员会)$"
)
# 市直各委、办、局.
_OFFICES_OF_ALL = re.compile("^.{0,6}各[部委办局厅]+$")
_WITH_BODY = re.compile(rf"{_BODY}(?:（[^（）]*）)?$")
# 各县（市）、区委组织部: of each county and each district, not of one.
_OF_COUNTIES = re.compile("^(?:全[省市州])?各(?:县|市县|县市|县（市）|市（州）|旗县|县（旗）)$")
_OFFICE_OF_A_DISTRICT = re.compile("^区(?!域|块).{1,12}(?:部|局|委|办|院|会|队|中心|组|办公室)$")
# A body without its place: 县委, 区政府.
_ALONE = re.compile(rf"^(?:[市县区州旗镇乡](?:人民政府|政府|管委会?|委)|{_BODY}|开发区|街道)$")
# A body with its place: 石门县委, 深圳市人民政府.
_NAMED_PLACE = re.compile(r"^(?!各).{1,20}(?:[省市州盟县旗区乡镇]委|党工委|工委|党委|[市县区]政府|人民政府)$")
_LEVEL_OF_ANY = re.compile("^(?:省|市(?!场监|容)|县|区|州|旗|国家)")
# An office that lacks the level in front: 财政局, 发展改革委.
_OFFICE = re.compile(
    "^(?:财政|税务|发展改革|发展和改革|发改|教育|科技|科学技术|经信|工信|工业和信息化|经济和信息化|民政|司法|人社|人力资源|社会保障|社保"
    "|自然资源|规划|生态环境|环保|住建|住房|城乡建设|建设|交通运输|交通|水利|水务|农业农村|农业|农村|商务|文旅|文化|广电|旅游|体育"
    "|卫健|卫生健康|卫生|退役军人|事务|应急管理|应急|审计|国资|监管|市场|统计|医保|医疗保障|信访|林业|园林|绿化|金融|公安|城管|综合执法|城市管理|行政审批"
    "|政务服务|数据|大数据|融媒体|疾控|疾病预防控制|公共资源交易|不动产登记|人防|民族|宗教|机关|扶贫|乡村振兴|投资促进|和|与|管理|服务|工作){1,6}(?:局|厅|委|委员会|中心)$"
)
# A place without a body: 和平区, 滨海新区; and one with it: 河西区人民政府, 经开区管委会.
_BARE_PLACE = re.compile(r"^(?!各|其他|其它).{1,12}(?:[省市州盟县旗区乡镇]|街道)$")
_PLACE_WITH_BODY = re.compile(
    r"^(?!各|其他|其它).{1,12}(?:[省市州盟县旗区乡镇]|街道)(?:党委|党工委|人民政府|政府|管委会|管理委员会|办事处)$"
)
# Bodies beside the government that lack the level in front: 市委组织部、宣传部; 市中级人民法院、检察院.
_BODY_OF_A_LEVEL = re.compile(
    "^(?:组织部|宣传部|统战部|政法委|编办|编委办|网信办|台办|侨办|外办|(?:中级)?(?:人民)?法院|(?:人民)?检察院|贸促会|残联)$"
)
# The level in front: 市发展改革委, 县委宣传部; not the 市 of 市场监管局.
_OF_A_LEVEL = re.compile("^(?:省|市(?!场监|容)|县|区|州|旗)")
# 县水务局县住建局: the same level again behind an ending; not the 市 of 市场 or the 区 of 区域.
_TWICE = re.compile(
    "(?:^|(?<=[一-鿿]))(?P<level>[省市州县区])(?!委).{2,12}?(?:[局厅办院会部处署队]|中心)(?=(?P=level)(?!场|容|中|政|民|级|直|域|长)[一-鿿]{2,}(?:[局厅办院会部委署队]|中心)$|(?P=level)[一-鿿]{2,12}[局厅办会部](?P=level))"
)


def joined_groups(pieces: list[str]) -> list[str]:
    """The pieces with what goes on with a group of places joined to it again: 各县、区政府 is one group."""
    if not any("各" in piece for piece in pieces[:-1]):
        return pieces
    joined: list[str] = []
    for piece in pieces:
        if joined and goes_on_with_group(joined[-1], piece):
            joined[-1] = f"{joined[-1]}、{piece}"
        else:
            joined.append(piece)
    return joined


def goes_on_with_group(group: str, piece: str) -> bool:
    """Whether a piece only names further kinds of places, or their bodies, of the group before it."""
    if _OF_COUNTIES.match(group) and _OFFICE_OF_A_DISTRICT.match(piece):
        return True
    if _ONE_OF_ITS_KIND.match(piece) and _WITH_BODY.search(group):
        return False
    if len(piece) == 1 and _OFFICES_OF_ALL.match(group.replace("、", "")):
        return piece in "部委办局厅院"
    return bool(_GOES_ON.match(piece) and _GROUP_OF_PLACES.match(group.replace("、", "")))


def has_elided_place(piece: str, before: Iterable[str]) -> bool:
    """Whether a name leaves out the place that one before it gives: 石门县委、县政府; 市发展改革委、财政局."""
    if _BODY_OF_A_LEVEL.match(piece):
        return any(_OF_A_LEVEL.match(name) for name in before)
    if not (_ALONE.match(piece) or _OFFICE.match(piece)):
        return False
    if _OFFICE.match(piece) and not _LEVEL_OF_ANY.match(piece):
        return any(_OF_A_LEVEL.match(name) for name in before)
    return any(_NAMED_PLACE.match(name) for name in before)


def is_of_a_level(name: str) -> bool:
    """Whether a name says its own level: 市财政局, not 财政局 or 市场监管局."""
    return len(name) > 2 and bool(_OF_A_LEVEL.match(name))


# 市委、市政府办公室: the offices of both, and not the committee itself.
_COMMITTEE = re.compile("^(?:.{1,8})?[省市县区州旗]委$")
_LONGEST_WITHOUT_PLACE = 9  # 县人民政府办公室 has eight
_OFFICE_OF_GOVERNMENT = re.compile("^(?:.{1,8})?[省市县区州旗]?(?:人民)?政府办(?:公[室厅])?$")


def leaves_body_open(pieces: Iterable[str]) -> set[str]:
    """The places whose body stands only behind a later one: 东城区、西城区政府 does not name an agency 东城区."""
    found: set[str] = set()
    waiting: list[str] = []
    for piece in pieces:
        if _BARE_PLACE.match(piece) or _COMMITTEE.match(piece):
            waiting.append(piece)
            continue
        names_body = _PLACE_WITH_BODY.match(piece)
        names_office = _OFFICE_OF_GOVERNMENT.match(piece)
        open_bodies = [one for one in waiting if (names_office if _COMMITTEE.match(one) else names_body)]
        found.update(open_bodies)
        # 石门县委、县政府办公室: whose government is left out as well.
        if names_office and len(piece) < _LONGEST_WITHOUT_PLACE and any(map(_NAMED_PLACE.match, open_bodies)):
            found.add(piece)
        waiting = []
    return found


def is_run_together(name: str) -> bool:
    """Two agencies without anything between them: 县水务局县住建局."""
    return bool(_TWICE.search(name))
