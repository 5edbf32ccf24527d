"""What the workbook looks like: a document, Chinese in every language, so that anybody's copy can come back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.core import signing

from reforms.models import Duty, ProgressReport, Status
from reforms.reports.periods import fingerprint, plain, texts_of

SHEET, VERSION_SHEET = "填报", "版本"
TITLE = "改革举措进展填报表"
ADVICE = (
    "只填写黄色单元格，填好后在“我的工作台”上传；未改动的行不会报送。"
    "本系统为非涉密系统，严禁存储、处理、传输国家秘密和工作秘密。"
)
HEADING_ROW = 3
ID = "编号"
LOCKED = {
    "item_no": "序号",
    "title": "改革事项",
    "text": "具体举措",
    "deadline": "完成时限",
    "part": "我方分工",
    "status": "状态",
    "last_on": "上次填报",
}
EDITABLE = {
    "progress": "工作进展",
    "next_step": "下一步工作安排",
    "problems": "存在问题",
    "outlook": "推进情况",
    "division": "责任处室",
    "officer": "经办人",
}
REPORTED = ("progress", "next_step", "problems", "outlook")
# In characters: the id, then LOCKED, then EDITABLE.
WIDTHS = (7, 7, 20, 40, 14, 10, 10, 12, 44, 32, 28, 13, 14, 10)
LONGEST = {"progress": 5000, "next_step": 5000, "problems": 5000, "division": 80, "officer": 80}
OUTLOOKS = {"on_schedule": "按计划推进", "behind": "进度滞后", "awaiting_approval": "待上级批复"}
PARTS = {"lead": "牵头", "responsible": "责任"}
STATUSES = {
    Status.NOT_REPORTED: "尚未报送",
    Status.IN_PROGRESS: "推进中",
    Status.UNDER_REVIEW: "待核验",
    Status.CLOSED: "已销号",
    Status.STANDING: "持续巩固",
}
MOST_ROWS = 2_000
# Workbooks that are out were signed with it.
SALT = "reforms.sheet"
PIECE = 30_000  # a cell holds 32,767 characters
# What XML has no place for (control characters, halves of pairs, non-characters), and _x000D_, which is how a
# carriage return comes back from Excel.
NO_CELL_HOLDS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|_x000[Dd]_")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookRow:
    """One duty as the workbook shows it; `last_id` is the last report of any state but a draft, 0 for none. A report
    would take the place of `draft`."""

    duty: Duty
    locked: dict[str, str]
    editable: dict[str, str]
    last_id: int
    draft: ProgressReport | None = None

    @property
    def measure_id(self) -> int:
        """By which a row that comes back is known."""
        return self.duty.measure_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What was given out for one measure: the last report then, and the fingerprints of its cells."""

    last_id: int
    locked: str
    cells: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a workbook was when it was downloaded, by measure; `editions` are those in force then."""

    agency_id: int
    editions: tuple[int, ...]
    stamps: dict[int, Stamp]


def cell_text(text: str) -> str:
    """A text as a cell can hold it and gives it back."""
    return plain(NO_CELL_HOLDS.sub("", text))


def line_of(duty: Duty, last: ProgressReport | None, last_id: int, draft: ProgressReport | None = None) -> WorkbookRow:
    """The cells of one duty (with its measure and item)."""
    measure = duty.measure
    locked = {
        "item_no": f"{measure.item.number}{'*' if measure.item.is_national else ''}",
        "title": measure.title,
        "text": measure.text,
        "deadline": measure.deadline_in_force.isoformat() if measure.deadline_in_force else measure.deadline_text,
        "part": PARTS[duty.part] + (f"（{duty.via.name}）" if duty.via else ""),
        "status": STATUSES[Status(duty.status)],
        "last_on": duty.last_report_on.isoformat() if duty.last_report_on else "",
    }
    locked = {name: cell_text(text) for name, text in locked.items()}
    return WorkbookRow(duty=duty, locked=locked, editable=_editable(duty, last), last_id=last_id, draft=draft)


def _editable(duty: Duty, last: ProgressReport | None) -> dict[str, str]:
    said = texts_of(last)
    said["outlook"] = OUTLOOKS[said["outlook"]] if last else ""
    shown = {**said, "division": duty.division, "officer": duty.officer}
    return {name: cell_text(text) for name, text in shown.items()}


def sign(agency_id: int, editions: Sequence[int], lines: Sequence[WorkbookRow]) -> list[str]:
    """The version as signed text, in pieces that fit a cell."""
    rows = [
        [line.measure_id, line.last_id, fingerprint(*line.locked.values()), *map(fingerprint, line.editable.values())]
        for line in lines
    ]
    text = signing.dumps({"agency": agency_id, "editions": list(editions), "rows": rows}, salt=SALT, compress=True)
    return [text[at : at + PIECE] for at in range(0, len(text), PIECE)]


def read_version(pieces: Sequence[str]) -> Version:
    """What was signed. Raises signing.BadSignature for anything else."""
    said = signing.loads("".join(pieces), salt=SALT)
    stamps = {
        measure: Stamp(last_id=last, locked=locked, cells=dict(zip(EDITABLE, cells, strict=True)))
        for measure, last, locked, *cells in said["rows"]
    }
    return Version(agency_id=said["agency"], editions=tuple(said["editions"]), stamps=stamps)
