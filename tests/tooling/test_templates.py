"""Templates are read by people: what the linter does not say of them."""

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
