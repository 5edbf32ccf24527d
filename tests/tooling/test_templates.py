"""Templates are read by people: what the linter does not say of them."""

import re

from tests.tooling.processes import ROOT

LONGEST_LINE = 120


def test_no_line_of_a_template_is_too_long_to_read() -> None:
    """djLint formats by its limit, but passes a longer line. Where white space is content, a line ends inside a tag."""
    templates = sorted((ROOT / "templates").rglob("*.html"))
    assert len(templates) > 100
    long = [
        f"{template.relative_to(ROOT)}:{number} ({len(line)} characters)"
        for template in templates
        for number, line in enumerate(template.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > LONGEST_LINE
    ]
    assert not long, f"longer than {LONGEST_LINE}:\n" + "\n".join(long)


NAMED = re.compile(r'\{\{ (\S+?)\|measure_text \}\}\s*<span lang="zh-CN">\{\{ \1\.title')
# They have the text itself below, or are a piece of what has.
SHORT = {
    *("review/batch.html", "workbook/preview_row.html"),
    *("desk/notice_subject.html", "desk/duty.html", "reports/report.html", "reports/extension.html"),
    *("measures/members.html", "review/reopen.html", "office/matter.html", "office/steer_heading.html"),
}


def test_wherever_a_measure_is_named_its_text_begins_below() -> None:
    """Number and title are the same of all measures of an item but for the place."""
    silent, seen = set(), 0
    for template in sorted((ROOT / "templates").rglob("*.html")):
        text = template.read_text(encoding="utf-8")
        for named in NAMED.finditer(text):
            seen += 1
            if "{% opening" not in text[named.end() : named.end() + 900]:
                silent.add(str(template.relative_to(ROOT / "templates")))
    assert seen > 25
    assert silent == SHORT
