"""Words that pages and documents share."""

from reforms.lib.words import quoted_text


def test_a_title_between_quotation_marks_has_its_own_as_single_ones() -> None:
    said = quoted_text("第101项", "探索开展“组合港”区域通关便利化改革")
    assert said == "第101项“探索开展‘组合港’区域通关便利化改革”"
