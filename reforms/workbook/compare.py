"""What a workbook that came back proposes: exactly the cells that were edited, against what is known now."""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from reforms.lib.words import named_text
from reforms.reports.periods import fingerprint
from reforms.workbook.layout import EDITABLE, LONGEST, OUTLOOKS, REPORTED, Stamp, WorkbookRow
from reforms.workbook.read import FilledCell, FilledRow, Returned


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One edited cell: what it says now on the portal, and what the workbook says."""

    name: str
    heading: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The edits of one row. `is_outdated` says that the agency reported again after the download; cells that were not
    edited then keep what was said meanwhile. `key` makes the confirmation, sent twice, one report."""

    line: WorkbookRow
    row: int
    edits: tuple[Edit, ...]
    is_outdated: bool
    key: str

    @property
    def reports(self) -> bool:
        """Whether it is a report, and not only a matter of who is in charge."""
        return any(edit.name in REPORTED for edit in self.edits)


@dataclass(frozen=True, slots=True)
class Findings:
    """What a workbook proposes, which cells and rows cannot be taken, and what is only noted."""

    proposals: list[Proposal] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def propose(returned: Returned, lines: Sequence[WorkbookRow]) -> Findings:
    """Compare a workbook with the agency's duties as they are now."""
    known = {line.measure_id: line for line in lines}
    times = Counter(filled.measure_id for filled in returned.rows)
    findings = Findings(notes=_left_out(returned, known))
    for filled in returned.rows:
        _look_at(filled, returned, known, times, findings)
    return findings


def _look_at(
    filled: FilledRow,
    returned: Returned,
    known: Mapping[int, WorkbookRow],
    times: Mapping[int | None, int],
    findings: Findings,
) -> None:
    pk = filled.measure_id
    stamp = returned.version.stamps.get(pk) if pk else None
    # Taken is only what was handed out, which the signed stamps say.
    if pk is None or stamp is None:
        findings.problems.append(_("第%(row)d行：编号不是本表下载时的举措，未采用。") % {"row": filled.row})
        return
    # Nobody can tell which of them is meant.
    if times[pk] > 1:
        findings.problems.append(_("第%(row)d行：编号%(pk)d出现多次，未采用。") % {"row": filled.row, "pk": pk})
        return
    edited = _edited(filled, stamp)
    line = known.get(pk)
    if line is None:
        if edited:
            findings.problems.append(_("第%(row)d行：本单位已不承担这条举措，或已销号，未采用。") % {"row": filled.row})
        return
    if fingerprint(*(cell.text for cell in filled.locked.values())) != stamp.locked:
        findings.notes.append(_("第%(row)d行：灰色单元格被改动，已忽略该改动。") % {"row": filled.row})
    _propose(filled, line, stamp, edited, findings)


def _edited(filled: FilledRow, stamp: Stamp) -> dict[str, FilledCell]:
    return {
        name: cell
        for name, cell in filled.editable.items()
        if cell.wrong or fingerprint(cell.text) != stamp.cells[name]
    }


def _propose(
    filled: FilledRow, line: WorkbookRow, stamp: Stamp, edited: Mapping[str, FilledCell], findings: Findings
) -> None:
    problems = [problem for name, cell in edited.items() if (problem := _problem(name, cell))]
    edits = [
        Edit(name=name, heading=EDITABLE[name], before=line.editable[name], after=cell.text)
        for name, cell in edited.items()
        # An edit that says what the portal says by now changes nothing.
        if not cell.wrong and cell.text != line.editable[name]
    ]
    progress = edited.get("progress") or filled.editable["progress"]
    if not problems and any(edit.name in REPORTED for edit in edits) and not _says_something(edited, line):
        problems = [_("%(at)s：请填写工作进展。") % {"at": progress.at}]
    # A cell alone says nothing to whoever has no file before them.
    named = named_text(line.duty.measure.item.number, line.duty.measure.seq_in_item)
    findings.problems.extend(_("%(measure)s，%(problem)s") % {"measure": named, "problem": one} for one in problems)
    if edits and not problems:
        outdated = line.last_id != stamp.last_id
        proposal = Proposal(
            line=line, row=filled.row, edits=tuple(edits), is_outdated=outdated, key=secrets.token_hex(16)
        )
        findings.proposals.append(proposal)


def _says_something(edited: Mapping[str, FilledCell], line: WorkbookRow) -> bool:
    return bool(edited["progress"].text if "progress" in edited else line.editable["progress"])


def _problem(name: str, cell: FilledCell) -> str:
    if cell.wrong:
        return cell.wrong
    longest = LONGEST.get(name)
    if longest and len(cell.text) > longest:
        said = {"at": cell.at, "n": len(cell.text), "most": longest}
        return _("%(at)s：%(n)d字，超过%(most)d字的上限。") % said
    if name == "outlook" and cell.text not in ("", *OUTLOOKS.values()):
        return _("%(at)s：推进情况只能是%(choices)s。") % {"at": cell.at, "choices": "、".join(OUTLOOKS.values())}
    return ""


def _left_out(returned: Returned, known: Mapping[int, WorkbookRow]) -> list[str]:
    """Rows that were handed out and are not in the file: nothing is said of them."""
    there = {filled.measure_id for filled in returned.rows}
    missing = sum(1 for pk in returned.version.stamps if pk not in there and pk in known)
    return [_("下载时的行有%(n)d行不在文件中，视为没有改动。") % {"n": missing}] if missing else []
