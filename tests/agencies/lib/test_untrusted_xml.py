"""XML from strangers declares nothing: no doctype, in whatever encoding it hides."""

from collections.abc import Iterator

import pytest

from agencies.lib.untrusted.limits import FileRefused
from agencies.lib.untrusted.xml import first_element, parse

DOCTYPE = '<!DOCTYPE a [<!ENTITY b "bbbb">]>'
IN_UTF_7 = "+ADwAIQ-DOCTYPE a+AD4-"
HIDDEN = {
    "plain": f"{DOCTYPE}<a>&b;</a>".encode(),
    "UTF-16": f"{DOCTYPE}<a/>".encode("utf-16"),
    "UTF-16 without a mark": f'<?xml version="1.0" encoding="utf-16"?>{DOCTYPE}<a/>'.encode("utf-16-be"),
    "UTF-32": f"{DOCTYPE}<a/>".encode("utf-32-be"),
    "UTF-7": f'<?xml version="1.0" encoding="utf-7"?>{IN_UTF_7}<a/>'.encode(),
    "behind a long comment": f"<!--{'x' * 200_000}-->{DOCTYPE}<a/>".encode(),
    "an outer one": b'<!DOCTYPE a SYSTEM "http://example.org/a.dtd"><a/>',
}


@pytest.mark.parametrize("data", HIDDEN.values(), ids=HIDDEN)
def test_a_doctype_is_found_wherever_it_hides(data: bytes) -> None:
    for work in (lambda: parse(data, "a.xml"), lambda: first_element([data], "a.xml")):
        with pytest.raises(FileRefused) as refused:
            work()
        assert (refused.value.code, refused.value.where) == ("doctype", "a.xml")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_another_encoding_is_no_fault(encoding: str) -> None:
    data = f'<?xml version="1.0" encoding="{encoding}"?><a>文字</a>'.encode(encoding)
    assert parse(data, "a.xml").text == "文字"
    element = first_element([data], "a.xml")
    assert element is not None
    assert element.tag == "a"


@pytest.mark.parametrize(
    ("data", "code"), [(b"<a>", "malformed"), (b"", "malformed"), (b"\0\0", "malformed"), (b"<a>" * 5000, "depth")]
)
def test_what_is_no_xml_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        parse(data, "a.xml")
    assert refused.value.code == code


def test_of_a_long_part_only_the_beginning_is_taken() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"<!-- 1 -->"
        yield b"<a><b>" + b"x" * 100_000
        pytest.fail("the outermost element was there already")

    element = first_element(chunks(), "a.xml")
    assert element is not None
    assert element.tag == "a"
    assert first_element([b"", b"<!-- nothing -->"], "a.xml") is None
