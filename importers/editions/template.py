"""A list to fill in: the columns, headings, deadlines and roles as they are read without a doubt, with examples."""

from importers.documents.read import read_document
from importers.documents.values import ParsedList

# As text with tabs, which is read like any other list.
_EXAMPLES = (
    "{year}年改革任务清单",
    "序号\t改革事项\t具体举措\t牵头单位\t责任单位\t完成时限",
    "一、任务类别甲（示例）",
    "1*\t改革事项甲（示例）\t举措一（示例）。\t市发展改革委\t市财政局、各区政府\t{year}年6月底",
    "\t\t举措二，与上一条同属一项（示例）。\t市发展改革委\t\t{year}年12月底",
    "2\t改革事项乙（示例）\t举措三，由几个单位分工（示例）。\t市市场监管局、市税务局按职责分工负责\t\t{year}年12月31日",
    "二、任务类别乙（示例）",
    "3\t改革事项丙（示例）\t举措四，没有期限（示例）。\t市司法局\t市财政局\t持续推进",
    "注：序号标*的为国家改革任务。",
)


def template(year: int) -> ParsedList:
    """The list to fill in, with deadlines of a year."""
    text = "\n".join(line.format(year=year) for line in _EXAMPLES)
    return read_document(text.encode(), "template.txt")
