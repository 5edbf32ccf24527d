"""The browser to hold to is Chromium 90 (2021). A newer one runs the other tests and proves nothing about it.

Each name below came to Chromium after 90, with the version it came in.
"""

import re
from pathlib import Path

import pytest

from tests.conftest import FIXTURES

STATIC = FIXTURES.parent / "static"
STYLES, SCRIPTS = sorted(STATIC.glob("**/*.css")), sorted(STATIC.glob("**/*.js"))

NEWER_CSS = {
    "accent-color (93)": r"\baccent-color\s*:",
    "lh, rlh (109)": r"\d(?:rlh|lh)\b",
    "color-scheme with only (98)": r"\bcolor-scheme\s*:\s*only\b",
    "@layer (99)": r"@layer\b",
    "@container (105)": r"@container\b|\bcontainer(?:-type|-name)?\s*:|\d(?:cqw|cqh|cqi|cqb|cqmin|cqmax)\b",
    ":has (105)": r":has\(",
    ":user-valid, :user-invalid (119)": r":user-(?:in)?valid\b",
    ":modal (105), :popover-open (114), :open (133)": r":(?:modal|popover-open|open)\b",
    "svh, lvh, dvh (108)": r"\d[sld]v(?:h|w|i|b|min|max)\b",
    "range media queries (104)": r"@media[^{]*[<>]",
    "@scope (118), @starting-style (117)": r"@(?:scope|starting-style)\b",
    "@position-try, anchor positioning (125)": r"@position-try\b|\banchor-name\s*:|\banchor\(",
    "@view-transition (126)": r"@view-transition\b",
    "@font-palette-values (101)": r"@font-palette-values\b",
    "@import with layer or supports (99)": r"@import[^;]*(?:layer|supports)",
    "@supports font-tech, font-format (108)": r"font-(?:tech|format)\(",
    "individual transforms (104)": r"(?:^|[;{\s])(?:translate|rotate|scale)\s*:",
    "subgrid (117)": r"\bsubgrid\b",
    "masonry": r"\bmasonry\b",
    "text-wrap (114)": r"\btext-wrap(?:-style|-mode)?\s*:",
    "white-space-collapse (114)": r"\bwhite-space-collapse\s*:",
    "text-box-trim (133)": r"\btext-box(?:-trim|-edge)?\s*:",
    "text-spacing-trim, text-autospace": r"\btext-(?:spacing-trim|autospace)\s*:",
    "hyphenate-character (106)": r"\bhyphenate-(?:character|limit-chars)\s*:",
    "line-clamp without prefix": r"(?<!-webkit-)\bline-clamp\s*:",
    "mask without prefix (120)": r"(?<!-webkit-)\bmask(?:-image|-size|-position|-repeat)?\s*:",
    "print-color-adjust without prefix (136)": r"(?<!-webkit-)\bprint-color-adjust\s*:",
    "user-select: contain": r"\buser-select\s*:\s*contain\b",
    "lab, lch, oklab, oklch, color, color-mix (111)": r"\b(?:lab|lch|oklab|oklch|color|color-mix|light-dark)\(",
    "relative colours (119)": r"\b(?:rgb|rgba|hsl|hsla|hwb)\(\s*from\b",
    "hwb (101)": r"\bhwb\(",
    "trigonometry (111), exponents (120), round (125), abs, sign (138)": (
        r"\b(?:sin|cos|tan|asin|acos|atan2?|pow|sqrt|hypot|log|exp|round|mod|rem|abs|sign)\("
    ),
    "linear() easing (113)": r"\blinear\(",
    "overflow-clip-margin with a box (123)": r"\boverflow-clip-margin\s*:",
    "scrollbar-gutter (94), scrollbar-width and -color (121)": r"\bscrollbar-(?:gutter|width|color)\s*:",
    "scroll-driven animation (115)": r"\b(?:animation|scroll|view)-timeline\s*:",
    "view-transition-name (111)": r"\bview-transition-name\s*:",
    "contain-intrinsic-width and -height (95)": r"\bcontain-intrinsic-(?:width|height|block-size|inline-size)\s*:",
    "size-adjust and its like (92)": r"(?<!text-)\bsize-adjust\s*:",
    "font-synthesis (97)": r"\bfont-synthesis",
    "object-view-box (104)": r"\bobject-view-box\s*:",
    "field-sizing (123), interpolate-size (129)": r"\b(?:field-sizing|interpolate-size)\s*:",
    "math-style (109)": r"\bmath-(?:style|depth)\s*:",
    "prefers-contrast (96)": r"\bprefers-contrast\b",
    "nth-child of (111)": r":nth-(?:last-)?child\([^)]*\bof\b",
    ":dir (120)": r":dir\(",
    ":autofill without prefix (110)": r"(?<!-webkit-):autofill\b",
    ":picture-in-picture (110)": r":picture-in-picture\b",
    "::details-content (131)": r"::details-content\b",
    "::highlight (105)": r"::highlight\(",
    "::spelling-error, ::grammar-error (121)": r"::(?:spelling|grammar)-error\b",
    "attr() with a type (133), if() (137)": r"\battr\([^)]*\btype\(|:\s*if\(",
}
NEWER_JS = {
    "Object.hasOwn (93)": r"\bObject\.hasOwn\b",
    "Object.groupBy, Map.groupBy (117)": r"\b(?:Object|Map)\.groupBy\b",
    "Error cause (93)": r"\bcause\s*:",
    ".at() (92)": r"\.at\(",
    "findLast, findLastIndex (97)": r"\.findLast(?:Index)?\b",
    "toSorted, toReversed, toSpliced, with (110)": r"\.(?:toSorted|toReversed|toSpliced|with)\(",
    "isWellFormed, toWellFormed (111)": r"\.(?:isWellFormed|toWellFormed)\b",
    "Array.fromAsync (121)": r"\bArray\.fromAsync\b",
    "Promise.withResolvers (119), Promise.try (128)": r"\bPromise\.(?:withResolvers|try)\b",
    "methods of iterators (122)": r"\bIterator\.|\.values\(\)\.(?:map|filter|take|drop|reduce|toArray)\(",
    "methods of sets (122)": (
        r"\.(?:union|intersection|difference|symmetricDifference|isSubsetOf|isSupersetOf|isDisjointFrom)\("
    ),
    "structuredClone (98)": r"\bstructuredClone\b",
    "reportError (95)": r"\breportError\b",
    "await outside a function: ours are no modules": r"^await\b",
    "class static blocks (94)": r"\bstatic\s*\{",
    "private methods in (91)": r"#\w+\s+in\s",
    "regular expressions with d (90) and v (112)": r"/[gimsuy]*[dv][gimsuydv]*(?=[\s,;).])",
    "regular expressions with modifiers (125)": r"\(\?[ims]+(?:-[ims]+)?:|\(\?-[ims]+:",
    "using (134)": r"^\s*(?:await\s+)?using\s+\w+\s*=",
    "import attributes (123), import JSON (91)": r"\bimport\b[^;]*\b(?:assert|with)\s*\{",
    "checkVisibility (105)": r"\.checkVisibility\b",
    "popovers (114)": r"\.(?:show|hide|toggle)Popover\b",
    "requestClose (134)": r"\.requestClose\b",
    "inert (102)": r"\.inert\b",
    "View Transitions (111)": r"\bstartViewTransition\b",
    "setHTML, Sanitizer": r"\.setHTML(?:Unsafe)?\b|\bSanitizer\b",
    "Navigation API (102)": r"\bnavigation\.(?:navigate|addEventListener)\b",
    "scheduler (94)": r"\bscheduler\.(?:postTask|yield)\b",
    "AbortSignal.timeout (103), any (116)": r"\bAbortSignal\.(?:timeout|any|abort)\b",
    "throwIfAborted (100)": r"\.throwIfAborted\b",
    "URL.canParse (120), URL.parse (126)": r"\bURL\.(?:canParse|parse)\b",
    "crypto.randomUUID (92)": r"\.randomUUID\b",
    "Intl.supportedValuesOf (99), Intl.DurationFormat (129)": r"\bIntl\.(?:supportedValuesOf|DurationFormat)\b",
    "CSSStyleSheet by adoption (99)": r"\badoptedStyleSheets\.push\b",
    "Temporal": r"\bTemporal\.",
}
# One feature a line: each must be noticed by itself.
SAMPLE_CSS = """
.a { accent-color: red }
@layer base { b { c: d } }
.a:has(b) { c: d }
.a { height: 100dvh }
.a { height: 100svh }
@container (min-width: 3rem) { .a { b: c } }
.a { width: 50cqw }
.a { color: oklch(50% 0 0) }
.a { color: color-mix(in srgb, red, blue) }
.a { color: rgb(from red r g b) }
@media (width >= 40rem) { .a { b: c } }
.a { grid-template-columns: subgrid }
.a { text-wrap: balance }
.a { rotate: 3deg }
.a { mask: none }
.a { line-clamp: 2 }
.a { scrollbar-gutter: stable }
.a { width: round(3px, 2px) }
@scope (.a) { b { c: d } }
"""
SAMPLE_JS = """
Object.hasOwn(a, "b");
list.at(-1);
structuredClone(a);
list.findLast(f);
list.toSorted();
class A { static { b(); } }
text.match(/a/v);
text.match(/a/dg);
await ready;
#a in b;
new Error("a", { cause: b });
element.checkVisibility();
"""
STRINGS_AND_COMMENTS = re.compile(r"/\*.*?\*/|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", re.DOTALL)
OLD_ENOUGH_CSS = """
.a:focus-visible, .a:is(b) { inset: 0; gap: 1rem; aspect-ratio: 1; width: min(3rem, clamp(1px, 2vw, 3px)) }
.b { -webkit-line-clamp: 2; -webkit-mask: none; color: rgba(0, 0, 0, .5); content: ":has("; clip: rect(0 0 0 0) }
/* :has( in a comment */ @media (max-width: 44rem) { .c { grid-template-columns: repeat(2, minmax(0, 1fr)) } }
"""
OLD_ENOUGH_JS = """
var a = text.replaceAll("a", "b"); a ??= b?.c; list.flatMap(f); Promise.any(list); // .at( in a comment
element.closest("a").matches(/^(input|select)$/i.test(text)); element.showModal(); /x/gi.exec(text);
"""


def bare(code: str) -> str:
    """The code without comments and without what stands between quotes."""
    return re.sub(r"(?m)(?<![:\\])//.*$", "", STRINGS_AND_COMMENTS.sub('""', code))


def newer(code: str, features: dict[str, str]) -> list[str]:
    """The features that the code uses."""
    text = bare(code)
    return [name for name, pattern in features.items() if re.search(pattern, text, re.MULTILINE)]


def nested(css: str) -> list[str]:
    """Rules written inside a rule (nesting, Chromium 112); those inside an at-rule are fine."""
    found, open_rules = [], []
    for prelude, mark in re.findall(r"([^{};]*)([{};])", bare(css)):
        if mark == "{":
            selector = prelude.strip()
            if open_rules and not open_rules[-1].startswith("@"):
                found.append(f"{open_rules[-1]} {{ {selector}")
            open_rules.append(selector)
        elif mark == "}":
            open_rules.pop()
    return found


@pytest.mark.parametrize("file", STYLES, ids=lambda file: file.name)
def test_the_style_sheets_hold_to_chromium_90(file: object) -> None:
    code = file.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    assert not newer(code, NEWER_CSS)
    assert not nested(code)


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.name)
def test_the_scripts_hold_to_chromium_90(file: object) -> None:
    assert not newer(file.read_text(encoding="utf-8"), NEWER_JS)  # type: ignore[attr-defined]


def test_there_is_a_style_sheet_and_a_script_to_look_at() -> None:
    assert STYLES
    assert SCRIPTS


def test_a_newer_feature_of_css_does_not_go_unnoticed() -> None:
    unnoticed = [line for line in SAMPLE_CSS.strip().splitlines() if not newer(line, NEWER_CSS)]
    assert not unnoticed


def test_a_newer_feature_of_javascript_does_not_go_unnoticed() -> None:
    unnoticed = [line for line in SAMPLE_JS.strip().splitlines() if not newer(line, NEWER_JS)]
    assert not unnoticed


def test_a_nested_rule_does_not_go_unnoticed() -> None:
    assert nested(".a { color: red; &:hover { color: blue } }")
    assert nested("@media print { .a { b { color: red } } }")
    assert not nested("@media print { .a { color: red } } .b { c: d }")


def test_what_chromium_90_knows_is_allowed() -> None:
    assert not newer(OLD_ENOUGH_CSS, NEWER_CSS)
    assert not newer(OLD_ENOUGH_JS, NEWER_JS)


@pytest.mark.parametrize("style", STYLES, ids=lambda file: file.name)
def test_every_block_of_a_style_sheet_is_closed(style: Path) -> None:
    """A brace that is missing shuts off, without a word, everything that follows it."""
    depth = 0
    for number, line in enumerate(style.read_text(encoding="utf-8").splitlines(), start=1):
        assert not (line.startswith("/* ") and depth), f"line {number}: a heading within a block"
        depth += line.count("{") - line.count("}")
        assert depth >= 0, f"line {number}"
    assert depth == 0
