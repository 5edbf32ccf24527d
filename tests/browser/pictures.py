"""Pictures of pages for the documentation, taken by the tests that walk through them: `make pictures`.

What differs from one run to the next is made steady first: addresses, one-time links, and days, which are told as if
today were STORY_DAY. The picture is written in few colours, so that it stays small.
"""

import os
import struct
import zlib
from collections import Counter
from pathlib import Path

from playwright.sync_api import Page

from tests.tooling.processes import ROOT

WANTED = os.environ.get("PICTURES") == "1"
FOLDER = ROOT / "docs" / "first-hour"
STORY_DAY = "2026-01-05"
TALLEST = 900
COLOURS = 64
SIGNATURE = b"\x89PNG\r\n\x1a\n"

STEADY = r"""([today, story]) => {
  const day = 86400000, shift = Math.round((Date.parse(story) - Date.parse(today)) / day);
  const months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                  "November", "December"];
  const moved = (year, month, date) => new Date(Date.UTC(year, month - 1, date) + shift * day);
  const two = number => String(number).padStart(2, "0");
  const iso = at => `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`;
  const said = text => text
    .replace(/https?:\/\/127\.0\.0\.1:\d+/g, "http://127.0.0.1:8000")
    .replace(/\/welcome\/[\w-]+\/[\w-]+\//g, "/welcome/MQ/d2k8f1-5b0c6e9a4d/")
    .replace(/(\d{4})-(\d{2})-(\d{2})( \d{2}:\d{2}(:\d{2})?)?/g, (all, year, month, date, time, seconds) =>
      iso(moved(year, month, date)) + (time ? " 09:00" + (seconds ? ":00" : "") : ""))
    .replace(/(?<!年|\d)(\d{1,2})月(\d{1,2})日/g, (all, month, date) => {
      const at = moved(today.slice(0, 4), month, date);
      return `${at.getUTCMonth() + 1}月${at.getUTCDate()}日`;
    })
    .replace(/(\d{4})年(\d{1,2})月(\d{1,2})日/g, (all, year, month, date) => {
      const at = moved(year, month, date);
      return `${at.getUTCFullYear()}年${at.getUTCMonth() + 1}月${at.getUTCDate()}日`;
    })
    .replace(/(\d{1,2}) ([A-Z][a-z]+) (\d{4})/g, (all, date, month, year) => {
      if (!months.includes(month)) return all;
      const at = moved(year, months.indexOf(month) + 1, date);
      return `${at.getUTCDate()} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
    })
    .replace(/\d{4}年改革事项清单/g, story.slice(0, 4) + "年改革事项清单")
    .replace(/SHA-256 [0-9a-f]+/g, "SHA-256 5b0c6e9a4d17f3…");
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const fields = document.querySelectorAll("input[type=text], input[type=date], input[type=url], textarea");
  const kept = [...fields].map(field => [field, "value", field.value]);
  while (texts.nextNode()) kept.push([texts.currentNode, "data", texts.currentNode.data]);
  for (const [thing, name, text] of kept) thing[name] = said(text);
  document.activeElement.blur();
  window.asItWas = () => { for (const [thing, name, text] of kept) thing[name] = text; };
}"""


def picture(page: Page, name: str, *, today: str, english: bool) -> None:
    """Keep what the page shows, from its top to where its text ends, as that step of the first hour."""
    page.evaluate(STEADY, [today, STORY_DAY])
    end = page.evaluate(
        "[...document.querySelectorAll('main > *')].reduce((y, e) => Math.max(y, e.getBoundingClientRect().bottom), 0)"
        " + window.scrollY"
    )
    size = page.viewport_size
    assert size
    clip = {"x": 0, "y": 0, "width": size["width"], "height": min(TALLEST, round(end) + 24)}
    taken = page.screenshot(full_page=True, clip=clip, animations="disabled", caret="hide")  # type: ignore[arg-type]
    # What was written on the page for the picture must not be sent.
    page.evaluate("window.asItWas()")
    file = FOLDER / ("en" if english else "zh") / f"{name}.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(in_few_colours(taken))


def in_few_colours(png: bytes) -> bytes:
    """The same picture with a palette of its commonest colours; every other one becomes the nearest of these."""
    width, height, rows = _pixels(png)
    counted = Counter(pixel for row in rows for pixel in row)
    palette = [colour for colour, _count in counted.most_common(COLOURS)]
    index = {colour: palette.index(min(palette, key=lambda one: _distance(one, colour))) for colour in counted}
    body = b"".join(b"\0" + bytes(index[pixel] for pixel in row) for row in rows)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    colours = b"".join(bytes(colour) for colour in palette)
    parts = ((b"IHDR", head), (b"PLTE", colours), (b"IDAT", zlib.compress(body, 9)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in parts)


Colour = tuple[int, ...]


def _distance(one: Colour, other: Colour) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _pixels(png: bytes) -> tuple[int, int, list[list[Colour]]]:
    """Width, height and rows of a picture as Chromium writes it: eight bits, three colours, not interlaced."""
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (depth, kind) == (8, 2), "three colours of eight bits"
    data, at = b"", len(SIGNATURE)
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        if name == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += length + 12
    raw, stride = zlib.decompress(data), width * 3
    rows, above = [], bytearray(stride)
    for number in range(height):
        start = number * (stride + 1)
        above = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + stride]), above)
        rows.append([tuple(above[place : place + 3]) for place in range(0, stride, 3)])
    return width, height, rows


def _unfiltered(how: int, line: bytearray, above: bytearray) -> bytearray:
    """A row of bytes as they were before the filter of PNG (RFC 2083, 6)."""
    for place in range(len(line) if how else 0):
        left, corner = (line[place - 3], above[place - 3]) if place >= 3 else (0, 0)
        up = above[place]
        guess = (0, left, up, (left + up) // 2, _paeth(left, up, corner))[how]
        line[place] = (line[place] + guess) & 255
    return line


def _paeth(left: int, up: int, corner: int) -> int:
    estimate = left + up - corner
    return min((left, up, corner), key=lambda one: abs(estimate - one))


def pictures_of(folder: Path = FOLDER) -> list[Path]:
    """Every picture that the documentation has of the first hour."""
    return sorted(folder.glob("*/*.png"))
