"""What the columns of a list's files mean: the dictionary on its data page. A test holds it to the files."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class Field:
    """A column of csv and xlsx by its heading, a field of json by its name (empty where a file has none)."""

    heading: "StrPromise | str"
    name: str
    meaning: "StrPromise"
    is_status: bool = False


FIELDS = (
    Field("", "id", _("举措的编号，版本更替后不变；举措页地址由它构成。")),
    Field("", "list", _("所属清单的网址标识和名称。")),
    Field(_("序号"), "item", _("改革事项的序号、名称，以及是否国家改革任务（csv 和 xlsx 中标*）。")),
    Field("", "seq_in_item", _("在本事项各举措中的次序，自1起。")),
    Field(_("任务类别"), "section", _("任务类别的序号和名称。")),
    Field(_("改革事项"), "title", _("举措所属改革事项的名称，按印发文本。")),
    Field(_("具体举措"), "text", _("举措全文，按印发文本。")),
    Field(
        _("牵头单位"), "lead", _("按印发文本列出，含“各有关单位”等统称；json 另有单位编号、全称和该单位自己的状态。")
    ),
    Field("", "lead_note", _("牵头单位之后印有的说明，如“按职责分工负责”。")),
    Field(_("责任单位"), "responsible", _("同牵头单位。")),
    Field("", "via", _("仅接口按单位查询时使用，文件中为空。")),
    Field(_("完成时限"), "deadline_text", _("印发的完成时限原文。")),
    Field(_("印发时限"), "deadline", _("由原文得出的最后一日；没有印发日期的为空。")),
    Field(_("现行时限"), "deadline_in_force", _("经批准延期或调整后的时限，未调整的同印发时限。"), is_status=True),
    Field("", "standing", _("印发时是否已落地、持续巩固提升；这类举措不计逾期。")),
    Field(
        _("状态"),
        "status",
        _("not_reported 尚未报送、in_progress 推进中、under_review 待核验、closed 已销号、standing 持续巩固。"),
        is_status=True,
    ),
    Field(
        _("亮灯"),
        "light",
        _(
            "由时限和状态得出：overdue 逾期、due_soon 临近到期、on_track 正常推进、awaiting_report 待报送、"
            "under_review 待核验、closed 已销号、standing 持续巩固。"
        ),
        is_status=True,
    ),
    Field("", "disposition", _("active 在册；其他为已调出、中止或终止，不计入统计，文件中不列。")),
    Field(_("最近填报"), "last_report_on", _("有关单位最近一次填报的日期。"), is_status=True),
    Field(_("销号日期"), "closed_on", _("最后一次通过核验的完成申请的日期，不是核验的日期。"), is_status=True),
    Field(_("结果摘要"), "result", _("销号后由督办部门公开的一句话结果，不超过200字；没有的为空。"), is_status=True),
    Field("", "updated_at", _("举措最近改动的时间。"), is_status=True),
    Field("", "version", _("举措的改动次数，供程序判断是否有新改动。"), is_status=True),
    Field("", "source", _("印在第几版、哪个文件、第几行。")),
    Field("", "url", _("举措页的地址。")),
)
