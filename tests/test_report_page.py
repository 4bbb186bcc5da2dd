"""The page of a report: how values are written and withheld, and that data stays text."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings, strategies as st

import churnlab as cl
from churnlab.plot.picture import figure_of
from churnlab.report import page
from churnlab.report.numbers import is_small, withheld, write
from churnlab.report.parts import Picture, Section, Shown

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="2" height="1"/>'
MISSING = (None, float("nan"), pd.NaT, pd.NA, np.datetime64("NaT"), np.float64("nan"))


# ------------------------------------------------------------------ how a value is written


@pytest.mark.parametrize(
    ("value", "how", "text"),
    [
        (0, "whole", "0"),
        (1234567, "whole", "1,234,567"),
        (1234.0, "whole", "1,234"),
        (-1234, "whole", "-1,234"),
        (2**63 - 1, "whole", "9,223,372,036,854,775,807"),
        (np.int64(999), "whole", "999"),
        (12.5, "whole", "12.5"),  # a weighted count
        (0.1 + 0.2 + 0.7, "whole", "1"),
        (0.123, "percent", "12.3 %"),
        (0, "percent", "0.0 %"),
        (-0.0, "percent", "0.0 %"),
        (1, "percent", "100.0 %"),
        (1 - 1e-16, "percent", "100.0 %"),
        (0.0004, "percent", "0.04 %"),
        (0.00004, "percent", "0.004 %"),
        (0.000001, "percent", "< 0.001 %"),
        (-0.0004, "percent", "-0.04 %"),
        (-0.000001, "percent", "> -0.001 %"),
        (0.9996, "percent", "99.96 %"),
        (0.999999, "percent", "> 99.999 %"),
        (1.000001, "percent", "< 100.001 %"),
        (-0.999999, "percent", "< -99.999 %"),
        (-1.000001, "percent", "> -100.001 %"),
        (12.345, "percent", "1,234.5 %"),
        (1234.5, "money", "1,234.50"),
        (0, "money", "0.00"),
        (-0.00001, "money", "0.00"),
        (0.0012, "money", "0.0012"),
        (-0.0012, "money", "-0.0012"),
        (Decimal("1234567.89"), "money", "1,234,567.89"),
        (1.23456, "number", "1.235"),
        (12.3456, "number", "12.35"),
        (123.456, "number", "123.5"),
        (1234.56, "number", "1,235"),
        (999.96, "number", "1,000"),
        (3.0, "number", "3"),
        (0.0123456, "number", "0.0123"),
        (1e-13, "number", "1.00 × 10^-13"),
        (0.0, "number", "0"),
        (-12.3456, "number", "-12.35"),
        (float("inf"), "number", "∞"),
        (float("-inf"), "money", "-∞"),
        (pd.Timestamp("2026-03-15"), "day", "2026-03-15"),
        (pd.Timestamp("2026-03-15 23:30", tz="Asia/Shanghai"), "day", "2026-03-15"),
        (date(2026, 3, 1), "day", "2026-03-01"),
        (datetime(2026, 3, 1, 5), "day", "2026-03-01"),
        (np.datetime64("2026-03"), "day", "2026-03-01"),
        (pd.Period("2026-03", "M"), "day", "2026-03-01"),
        ("spring", "day", "spring"),
        ("=1+1", "text", "=1+1"),
        (7, "text", "7"),
        (7.0, "text", "7"),
        (0.5, "text", "0.5"),
        (np.float64(0.5), "text", "0.5"),
        (True, "text", "yes"),
        (np.False_, "text", "no"),
        (pd.Timestamp("2026-03-15"), "text", "2026-03-15"),
        (pd.Timestamp("2026-03-15 12:00"), "text", "2026-03-15 12:00:00"),
        ("n/a", "whole", "n/a"),
    ],
)
def test_values_are_written(value, how, text):
    assert write(value, how) == text


@pytest.mark.parametrize("how", ["whole", "percent", "money", "number", "day", "text"])
def test_missing_is_a_dash_and_never_zero(how):
    assert [write(value, how) for value in MISSING] == ["–"] * len(MISSING)


def read_percent(text: str) -> tuple[float, float]:
    """The least and the greatest share that a text may stand for."""
    number = float(re.sub("[<>% ,]", "", text)) / 100
    half = 0.5 * 10.0 ** -len(text.split(" %")[0].partition(".")[2]) / 100
    if text.startswith("<"):
        return number - 2 * half, number
    if text.startswith(">"):
        return number, number + 2 * half
    return number - half, number + half


@given(st.floats(-3, 3))
def test_percents_tell_the_share(value):
    text = write(value, "percent")
    low, high = read_percent(text)

    assert low - 1e-10 <= value <= high + 1e-10
    for text_of, whole in (("0.0 %", 0), ("100.0 %", 1), ("-100.0 %", -1)):
        assert text != text_of or abs(value - whole) <= 1e-11


@given(st.floats(-1e12, 1e12).filter(lambda v: v == 0 or abs(v) > 1e-300))
def test_numbers_keep_three_digits(value):
    text = write(value, "number").replace(",", "").replace(" × 10^", "e")

    assert float(text) == pytest.approx(value, rel=0.0051)


# ------------------------------------------------------------------ what is withheld


def counts(**more: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "n": [0, 1, 9, 10, None],
            "lost": [0, 1, 2, 9, 3],
            "rate": [0.5] * 5,
            "name": list("abcde"),
        }
        | more
    )


def test_small_counts_hide_themselves_and_what_stands_on_them():
    found = withheld(counts(), {"n": ("lost", "rate"), "lost": ("rate",)}, 10)

    assert found["n"].tolist() == [False, True, True, False, False]
    assert found["lost"].tolist() == [False, True, True, True, True]
    assert found["rate"].tolist() == [False, True, True, True, True]
    assert not found["name"].any()


@pytest.mark.parametrize("min_cell", [0, 1])
def test_nothing_is_withheld_where_nothing_is_small(min_cell):
    frame = counts(n=[0.2, 0.5, 1, 2, 3])

    assert not withheld(frame, {"n": ("lost", "rate")}, min_cell).to_numpy().any()


@pytest.mark.parametrize("kind", ["Int64", "float64", "object"])
def test_counts_of_any_type(kind):
    assert is_small(counts()["n"].astype(kind), 10).tolist() == [False, True, True, False, False]


def test_a_column_that_is_not_there_is_no_quiet_slip():
    for small in ({"m": ("rate",)}, {"n": ("rat",)}):
        with pytest.raises(KeyError):
            withheld(counts(), small, 10)


# ------------------------------------------------------------------ the page as elements


class Elements(HTMLParser):
    """The elements of a page with their attributes, and its text apart."""

    VOID = ("meta", "img", "br", "link", "input")

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, Any]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.append((tag, attrs))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self.found.append(("/" + tag, []))

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    @property
    def shape(self) -> list[tuple[str, Any]]:
        """Elements and attributes, with the values of those that hold no words."""
        spoken = ("alt", "aria-label")
        return [
            (t, [(k, None if k in spoken else (v or "").removesuffix(" wide")) for k, v in a])
            for t, a in self.found
        ]


def page_of(text: str, *, min_cell: int = 10, **more: Any) -> str:
    """A page with the same text in every place that could hold data."""
    frame = pd.DataFrame({"group": [text, None], text: [3, 40], "rate": [0.5, None]}, index=[4, 4])
    shown = Shown(
        "table", frame, {"group": text, text: text, "rate": text},
        {text: "whole", "rate": "percent"}, {text: ("rate",)}, text,
    )  # fmt: skip
    section = Section(
        text, text, (text,), (shown,), (Picture(SVG, text, text),), (text,), text, text
    )
    line = {"stage": text, "unit": text, "rule": text, "n": 3}
    given: dict[str, Any] = {"min_cell": min_cell, "told": {text: text, "columns": [text]}} | more
    return page.html(text, text, [section], [line], **given)


HARMLESS = Elements(page_of("Harmless!")).shape
HOSTILE = [
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "--><!--",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    "javascript:alert(1)",
    "]]><svg onload=alert(1)>",
    "<![CDATA[x]]>",
    "&lt;script&gt; &amp;amp; &#60;",
    '=HYPERLINK("http://example.org")',
    "{{7*7}} ${7*7} %s {0}",
    "\x00\x01\x1f\x7f\x85\ud800\udfff\ufffe",
    "\u202egnp.exe\u2066",
    "价格 ünïcode עברית 😀",
    "x" * 300,
    "a\nb\tc",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_data_never_becomes_an_element(text):
    found = Elements(page_of(text))

    assert found.shape == HARMLESS
    shown = page.visible(text)
    # title, h1, contents, h2, missing, says, two captions, three heads, a cell, note, calls,
    # stage, unit and rule of the ledger, a term and two values
    assert found.words.count(shown) == 20
    assert f"Data before {shown}; that moment itself is not read." in found.words


@given(st.text(min_size=1))
@settings(max_examples=150)
def test_any_text_stays_text(text):
    assume(text.strip() and text not in ("group", "rate"))
    found = Elements(page_of(text))
    name = f"section-{text}" if re.fullmatch("[a-z][a-z0-9_]{,40}", text) else "section-1"

    assert found.shape == Elements(page_of("Harmless!").replace("section-1", name)).shape
    assert found.words.count(page.visible(text)) >= 19


def test_what_html_cannot_hold_is_written_as_an_escape():
    assert page.visible("a\x00b\x1f\x7f\r\ud800\u202e") == r"a\x00b\x1f\x7f\x0d\ud800\u202e"
    assert page.visible("价格\t\n עברית 😀\u200f") == "价格\t\n עברית 😀\u200f"


def test_the_page_holds_nothing_that_runs_or_is_fetched():
    found = Elements(page_of("harmless"))
    tags = {tag for tag, _ in found.found}
    attributes = [(k, v) for _, attrs in found.found for k, v in attrs]

    assert not tags & {"script", "link", "iframe", "object", "embed", "base", "form", "svg"}
    assert not [k for k, _ in attributes if k.startswith("on")]
    assert all(v.startswith("#") for k, v in attributes if k == "href")
    assert all(v.startswith("data:image/svg+xml;base64,") for k, v in attributes if k == "src")
    assert "//" not in re.sub('base64,[^"]*', "", page_of("harmless"))
    policy = dict(found.found[3][1])["content"]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'")


def test_the_page_begins_as_pages_do_and_is_the_same_again():
    text = page_of("harmless")

    assert text.startswith('<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">')
    assert text == page_of("harmless")
    assert text.encode("utf-8").decode("utf-8") == text


# ------------------------------------------------------------------ what a reader finds


def words_of(text: str) -> str:
    return " | ".join(word.strip() for word in Elements(text).words if word.strip())


def rows_of(text: str) -> list[list[str]]:
    """The cells of every row of every table, as a reader sees them."""
    rows = re.findall("<tr>(.*?)</tr>", text, re.DOTALL)
    cells = [re.findall("<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [["".join(Elements(cell).words) for cell in row] for row in cells]


def test_a_table_by_hand():
    frame = pd.DataFrame(
        {
            "plan": ["basic", None, "pro", "new"],
            "n": [1200, 9, 0, 10],
            "rate": [0.1, 0.2, None, 1.0],
            "since": pd.to_datetime(["2026-01-05", None, "2026-02-01", "2026-03-01"]),
        }
    )
    headings = {"plan": "Plan", "rate": "Rate", "n": "Customers", "since": "Since"}
    formats: Any = {"n": "whole", "rate": "percent", "since": "day"}
    shown = Shown("t", frame, headings, formats, {"n": ("rate",)}, "By plan")
    text = page.section_html(Section("s", "Title", tables=(shown,)), 10)

    assert rows_of(text) == [
        ["Plan", "Rate", "Customers", "Since"],
        ["basic", "10.0 %", "1,200", "2026-01-05"],
        ["–", "withheld", "< 10", "–"],
        ["pro", "–", "0", "2026-02-01"],
        ["new", "100.0 %", "10", "2026-03-01"],
    ]
    assert "Withheld in 1 of 4 rows: counts below 10 customers, and what stands on them." in text
    assert text.count('scope="col"') == 4 and text.count('scope="row"') == 4
    assert text.count('title="missing"') == 1
    assert text.count('title="not yet observed, or not defined"') == 2


def test_nothing_is_said_of_withholding_where_nothing_is_withheld():
    text = page_of("harmless", min_cell=1)

    assert "ithheld" not in words_of(text) and "&lt; 1" not in text
    assert "withheld" in words_of(page_of("harmless"))


def test_a_count_that_stands_on_a_smaller_one_is_withheld_not_called_small():
    frame = pd.DataFrame({"n": [5], "orders": [500]})
    shown = Shown("t", frame, {"n": "n", "orders": "o"}, {"n": "whole", "orders": "whole"},
                  {"n": ("orders",), "orders": ()})  # fmt: skip
    text = page.section_html(Section("s", "Title", tables=(shown,)), 10)

    assert rows_of(text)[1] == ["< 10", "withheld"]


@pytest.mark.parametrize(("rows", "said"), [(100, False), (101, True)])
def test_a_very_long_table_scrolls_in_its_box_and_says_so(rows, said):
    shown = Shown("t", pd.DataFrame({"a": range(rows)}), {"a": "A"}, {"a": "whole"})
    text = page.section_html(Section("s", "T", tables=(shown,)), 10)

    assert text.count("<tr>") == rows + 1
    assert (f"All {rows} rows are here: scroll within the table." in text) == said


def test_the_ledger_is_last_with_every_rule_in_words():
    log = cl.datasets.load("six_customers")
    frame = cl.ledger(cl.spells.to_spells(log, inactivity=30))
    text = page.html("t", None, [Section("a", "A")], frame, min_cell=0, told={})
    names = re.findall('<section aria-labelledby="([^"]*)"', text)
    rows = rows_of(text)[1:]

    assert names == ["section-a-title", "section-ledger-title"]
    assert [row[:3] for row in rows] == frame[["stage", "unit", "rule"]].to_numpy().tolist()
    assert [int(row[3].replace(",", "")) for row in rows] == frame["n"].tolist()
    assert all(meaning in row[4] for meaning, row in zip(frame["meaning"], rows, strict=True))
    assert "No as_of was named" in text


def test_a_ledger_of_several_results_names_them():
    line = {"result": "visits", "stage": "s", "unit": "rows", "rule": "read", "n": 1234}
    text = page.html("t", None, [], [line], min_cell=10, told={})

    assert rows_of(text)[0] == ["Result", "Stage", "Unit", "Rule", "Number", "Meaning of the rule"]
    assert rows_of(text)[1][:5] == ["visits", "s", "rows", "read", "1,234"]


def test_few_customers_are_withheld_in_the_ledger_too():
    lines = [
        {"stage": "s", "unit": unit, "rule": rule, "n": n}
        for unit, rule, n in [
            ("rows", "missing_time", 3), ("customers", "no_start", 3), ("customers", "read", 10)
        ]
    ]  # fmt: skip
    text = page.html("t", "2026-01-01", [], lines, min_cell=10, told={})

    assert [row[3] for row in rows_of(text)[1:]] == ["3", "< 10", "10"]


@pytest.mark.parametrize(
    ("as_of", "words"),
    [
        ("2026-01-01", "Data before 2026-01-01 00:00; that"),
        ("2026-01-01T00:00:00", "Data before 2026-01-01 00:00; that"),
        ("2026-01-01T09:30:15", "Data before 2026-01-01 09:30:15; that"),
        ("2026-01-01T00:00:00+08:00", "Data before 2026-01-01 00:00+08:00; that"),
    ],
)
def test_the_moment_is_said_in_words(as_of, words):
    assert words in page.html("t", as_of, [], [], min_cell=10, told={})


def test_contents_lead_to_every_section():
    sections = [Section(name, f"Title of {name}") for name in ("growth", "growth", "Why?", "main")]
    found = Elements(page.html("t", "2026-01-01", sections, [], min_cell=10, told={})).found
    leads = [dict(a)["href"][1:] for t, a in found if t == "a"]
    ids = [dict(a)["id"] for _, a in found if "id" in dict(a)]

    assert set(leads) <= set(ids) and len(set(ids)) == len(ids)
    assert leads == ["main", "section-growth", "section-2", "section-3", "section-main", "section-ledger"]  # fmt: skip


def test_a_section_without_an_answer_says_what_to_bring():
    text = page.section_html(Section("s", "Reasons", missing="Name the column of reasons."), 10)

    assert '<p class="missing">Name the column of reasons.</p>' in text
    assert "<details" not in text and "<table" not in text


def test_calls_are_folded_and_kept_as_they_are():
    text = page.section_html(Section("s", "T", calls="\nfor x in y:\n\tprint(x < 3)\n"), 10)

    assert "<pre><code>for x in y:\n\tprint(x &lt; 3)</code></pre>" in text


def test_a_part_of_a_notebook_styles_itself_alone():
    style = (resources.files("churnlab.report") / "section.css").read_text("utf-8")
    selectors = [s for rule in re.findall(r"([^{}]+)\{", style) for s in rule.split(",")]

    assert all(s.strip().startswith(".churnlab-report") for s in selectors), selectors
    assert "prefers-color-scheme" not in style and "</" not in style
    text = page.section_html(Section("s", "T"), 10)
    assert text.startswith('<div class="churnlab-report"><style>') and " id=" not in text


# ------------------------------------------------------------------ colours


def schemes() -> dict[str, dict[str, str]]:
    folder = resources.files("churnlab.report")
    css = "".join((folder / name).read_text("utf-8") for name in ("section.css", "page.css"))
    light, dark, paper = re.findall(r"(--paper:.*?)color-scheme", css, re.DOTALL)
    read = {"light": light, "dark": dark, "print": paper}
    return {k: dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", v)) for k, v in read.items()}


def luminance(colour: str) -> float:
    """Of a colour of sRGB, as the Web Content Accessibility Guidelines define it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_contrast_by_hand():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_words_can_be_read_on_their_ground(scheme):
    colours = schemes()[scheme]
    assert set(colours) == {"paper", "card", "ink", "quiet", "line", "accent", "mark"}

    for words in ("ink", "quiet", "accent", "mark"):
        for ground in ("paper", "card"):
            assert contrast(colours[words], colours[ground]) >= 4.5, (words, ground)


# ------------------------------------------------------------------ pictures


@pytest.fixture
def plt():
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    plt.close("all")
    yield plt
    plt.close("all")


@pytest.fixture(scope="module")
def triangle() -> pd.DataFrame:
    return cl.cohorts.retention(cl.datasets.load("six_customers"))


def test_a_picture_is_the_same_again_and_leaves_nothing_behind(plt, triangle):
    mine = plt.figure()
    before = dict(plt.rcParams)
    one = cl.plot.picture(lambda: cl.plot.retention(triangle))

    assert one.startswith(b"<?xml") and b"<text" not in one and b"<dc:date>" not in one
    assert plt.get_fignums() == [mine.number] and plt.gcf() is mine
    assert dict(plt.rcParams) == before
    with plt.rc_context({"savefig.bbox": "tight", "font.size": 30, "svg.fonttype": "none"}):
        assert cl.plot.picture(lambda: cl.plot.retention(triangle)) == one


def test_a_picture_of_a_size(plt, triangle):
    svg = cl.plot.picture(lambda: cl.plot.retention(triangle), width=5, height=2.5)

    assert b'width="360pt" height="180pt"' in svg


def test_a_drawing_that_fails_leaves_nothing_behind(plt):
    def fails():
        plt.subplots()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cl.plot.picture(fails)
    with pytest.raises(cl.InputError, match="not a list"):
        cl.plot.picture(lambda: list(plt.subplots()))
    assert plt.get_fignums() == []


def test_a_part_of_a_figure_gives_the_figure(plt):
    figure = plt.figure()
    inner = figure.subfigures(1, 2)[0].subplots()

    assert figure_of(inner) is figure
    assert plt.get_fignums() == []


@pytest.mark.parametrize("text", ["a\x01\x00b", "-->", "<script>", "😀", "\u202eabc", "x" * 300])
def test_a_picture_of_any_names_can_be_parsed(plt, text):
    import xml.etree.ElementTree as ET

    frame = pd.DataFrame({"duration": [1, 2, 3], "event": [1, 1, 0], "plan": [text, text, "ok"]})
    curves = cl.survival.kaplan_meier(frame, by="plan")
    svg = cl.plot.picture(lambda: cl.plot.survival(curves))

    tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(svg).iter()}
    assert "path" in tags and not tags & {"script", "text", "a", "foreignObject"}


def test_a_large_triangle_stays_small(plt):
    ages = [(c, a) for c in range(60) for a in range(60 - c)]
    frame = pd.DataFrame(ages, columns=["cohort", "age"]).assign(
        n_start=100, n_eligible=100, n_seen=50, n_active=50, mature=True
    )
    frame["retention"] = 1 / (1 + frame["age"])
    svg = cl.plot.picture(lambda: cl.plot.retention(frame))

    assert len(svg) < 300_000 and b"<image" in svg


def test_a_picture_needs_no_display():
    code = (
        "import os; os.environ.pop('DISPLAY', None); os.environ.pop('MPLBACKEND', None)\n"
        "import churnlab as cl\n"
        "frame = cl.cohorts.retention(cl.datasets.load('six_customers'))\n"
        "print(len(cl.plot.picture(lambda: cl.plot.retention(frame))) > 1000)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "True"
