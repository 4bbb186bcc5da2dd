"""The page: sections as a tree of HTML elements, in which whatever the data holds is only text."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

import pandas as pd

from churnlab.checks import RULES
from churnlab.report.numbers import NONE, WITHHELD, below, is_small, withheld, write
from churnlab.report.parts import Format, Picture, Section, Shown

_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)
# what HTML cannot hold, and what turns the direction of the text after it
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_NUMBERS = ("whole", "percent", "money", "number")
_LONG = 100  # rows of a table that scrolls within its own box
_WIDE = 24  # letters of a cell that a narrow screen gives more room
_PEOPLE = ("customers", "spells")  # units of a ledger that are withheld where they are few
_LEDGER = {
    "result": "Result",
    "stage": "Stage",
    "unit": "Unit",
    "rule": "Rule",
    "n": "Number",
    "meaning": "Meaning of the rule",
}
_READING = (
    f"{NONE} stands for a value that is not there: not yet observed, or not defined. It is never 0."
)


def html(
    title: str,
    as_of: str | None,
    sections: Sequence[Section],
    ledger: pd.DataFrame | Iterable[Any],
    *,
    min_cell: int,
    told: Mapping[str, object],
) -> str:
    """A whole page that needs nothing but itself: no script, no link that leads elsewhere.

    Parameters
    ----------
    title : str
    as_of : str or None
        The exclusive instant up to which the data was read, in ISO format.
    sections : sequence of Section
    ledger : DataFrame or iterable of mappings
        Lines with ``stage, unit, rule, n``, and ``result`` where there are several; the last
        section of the page.
    min_cell : int
        Counts of customers from 1 to below it are withheld, with what stands on them.
    told : mapping
        What was asked, in words: shown at the foot of the page.

    Returns
    -------
    str
        An HTML document, the same for the same arguments.
    """
    page = Element("html", {"lang": "en"})
    _head(page, title)
    sheet = _add(_add(page, "body", {"class": "churnlab-report"}), "div", {"class": "sheet"})
    _add(sheet, "a", {"class": "skip", "href": "#main"}, "Skip the contents")
    header = _add(sheet, "header")
    _data(_add(header, "h1"), title)
    _add(header, "p", {"class": "as-of"}, _until(as_of))
    shown = [*sections, Section("ledger", "The ledger: what was read, used and left out")]
    names = _anchors(shown)
    listed = _add(_add(sheet, "nav", {"aria-label": "Contents"}), "ol")
    for name, section in zip(names, shown, strict=True):
        _data(_add(_add(listed, "li"), "a", {"href": f"#{name}"}), section.title)
    main = _add(sheet, "main", {"id": "main"})
    for name, section in zip(names, sections, strict=False):
        _section(main, section, min_cell, name)
    _ledger(_titled(main, shown[-1].title, names[-1]), ledger, min_cell)
    _foot(sheet, told, min_cell)
    return "<!DOCTYPE html>\n" + tostring(page, encoding="unicode", method="html") + "\n"


def section_html(section: Section, min_cell: int) -> str:
    """One section as a part of another page, such as a notebook, with its own small style.

    Parameters
    ----------
    section : Section
    min_cell : int
        Counts of customers from 1 to below it are withheld, with what stands on them.

    Returns
    -------
    str
        An HTML element.
    """
    part = Element("div", {"class": "churnlab-report"})
    _add(part, "style").text = _style("section.css")
    _section(part, section, min_cell)
    return tostring(part, encoding="unicode", method="html")


# ------------------------------------------------------------------ text


def visible(text: str) -> str:
    """A text with what HTML cannot hold, and what would turn its direction, written as escapes."""
    return _UNSEEN.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def _add(
    parent: Element, tag: str, attributes: Mapping[str, str] | None = None, text: str = ""
) -> Element:
    """A new element at the end of another; the tree writes its text so that it stays text."""
    kept = {name: visible(value) for name, value in (attributes or {}).items()}
    element = SubElement(parent, tag, kept)
    element.text = visible(text) or None
    return element


def _data(parent: Element, text: str) -> Element:
    """Words out of the data, which may run from right to left, in a box of their own."""
    return _add(parent, "bdi", text=text)


# ------------------------------------------------------------------ the frame of the page


@cache
def _style(*names: str) -> str:
    folder = resources.files("churnlab.report")
    return "\n" + "\n".join((folder / name).read_text("utf-8") for name in names)


def _head(page: Element, title: str) -> None:
    head = _add(page, "head")
    _add(head, "meta", {"charset": "utf-8"})
    _add(head, "meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY})
    _add(head, "meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"})
    _add(head, "meta", {"name": "referrer", "content": "no-referrer"})
    _add(head, "meta", {"name": "color-scheme", "content": "light dark"})
    _add(head, "title", text=title)
    _add(head, "style").text = _style("section.css", "page.css")


def _until(as_of: str | None) -> str:
    if as_of is None:
        return "No as_of was named: everything in the data was read."
    try:
        moment = datetime.fromisoformat(as_of)
    except ValueError:
        return f"Data before {as_of}; that moment itself is not read."
    exact = "auto" if moment.second or moment.microsecond else "minutes"
    return f"Data before {moment.isoformat(' ', exact)}; that moment itself is not read."


def _anchors(sections: Sequence[Section]) -> list[str]:
    """An id for each section: of its name where that is a plain word, and never one twice."""
    names: list[str] = []
    for number, section in enumerate(sections, start=1):
        plain = re.fullmatch(r"[a-z][a-z0-9_]{,40}", section.name)
        name = f"section-{section.name if plain else number}"
        names.append(name if name not in names else f"section-{number}")
    return names


def _foot(sheet: Element, told: Mapping[str, object], min_cell: int) -> None:
    foot = _add(sheet, "footer")
    _add(foot, "h2", text="How to read this page")
    _add(foot, "p", text=_READING)
    if min_cell > 1:
        words = (
            f"What rests on fewer than {min_cell:,} customers is withheld: their number is written "
            f"“{below(min_cell)}”, and the figures that stand on it “{WITHHELD}”. That guards against "
            "reading too much into few; it is no anonymisation, for a total less its other parts may "
            "tell what was withheld."
        )
        _add(foot, "p", text=words)
    if told:
        _add(foot, "h2", text="What was asked")
        terms = _add(foot, "dl")
        for term, value in told.items():
            _add(terms, "dt", text=str(term))
            many = isinstance(value, list | tuple)
            values = value if isinstance(value, list | tuple) else [value]
            texts = [write(item, "text") for item in values]
            _data(_add(terms, "dd"), ", ".join(texts) if many else texts[0])


# ------------------------------------------------------------------ sections


def _titled(parent: Element, title: str, name: str | None) -> Element:
    ids = ({}, {}) if name is None else ({"aria-labelledby": f"{name}-title", "id": name},
                                         {"id": f"{name}-title"})  # fmt: skip
    part = _add(parent, "section", ids[0])
    _data(_add(part, "h2", ids[1]), title)
    return part


def _section(parent: Element, section: Section, min_cell: int, name: str | None = None) -> None:
    part = _titled(parent, section.title, name)
    if section.missing:
        _add(part, "p", {"class": "missing"}, section.missing)
    for sentence in section.says:
        _add(part, "p", text=sentence)
    for picture in section.pictures:
        _picture(part, picture)
    for shown in section.tables:
        hidden = withheld(shown.frame, shown.small, min_cell)
        few = {column: is_small(shown.frame[column], min_cell) for column in shown.small}
        _table(part, shown, hidden, few, min_cell)
    for note in section.notes:
        _add(part, "p", {"class": "note"}, note)
    if section.calls.strip():
        fold = _add(part, "details")
        _add(fold, "summary", text="The same numbers in Python")
        _add(_add(fold, "pre"), "code", text=section.calls.strip("\n"))


def _picture(parent: Element, picture: Picture) -> None:
    """As an image: whatever an SVG holds, within an image nothing of it runs or is fetched."""
    figure = _add(parent, "figure")
    data = base64.b64encode(picture.svg).decode("ascii")
    _add(figure, "img", {"src": f"data:image/svg+xml;base64,{data}", "alt": picture.alt})
    if picture.caption:
        _add(figure, "figcaption", text=picture.caption)


# ------------------------------------------------------------------ tables


def _table(
    parent: Element,
    shown: Shown,
    hidden: pd.DataFrame,
    few: Mapping[str, pd.Series[Any]],
    min_cell: int,
) -> None:
    columns = list(shown.headings)
    formats = {column: shown.formats.get(column, "text") for column in columns}
    box = _add(parent, "div", {"class": "shown"})
    long = " long" if len(shown.frame) > _LONG else ""
    label = shown.caption or "Table"
    region = {"role": "region", "tabindex": "0", "aria-label": label}
    table = _add(_add(box, "div", {"class": f"scroll{long}", **region}), "table")
    if shown.caption:
        _add(_add(table, "caption"), "span", text=shown.caption)
    head = _add(_add(table, "thead"), "tr")
    for column in columns:
        kind = {"scope": "col", **_class(formats[column], heading=True)}
        _data(_add(head, "th", kind), shown.headings[column])
    body = _add(table, "tbody")
    values = {column: shown.frame[column].tolist() for column in columns}
    held = {column: hidden[column].tolist() for column in columns}
    small = {column: few[column].tolist() for column in columns if column in few}
    for place in range(len(shown.frame)):
        row = _add(body, "tr")
        for column in columns:
            cell = _cell(row, formats[column], first=column == columns[0])
            if not held[column][place]:
                _write(cell, values[column][place], formats[column])
            else:
                is_count = column in small and small[column][place]
                _add(cell, "span", {"class": "held"}, below(min_cell) if is_count else WITHHELD)
    if long:
        words = f"All {len(shown.frame):,} rows are here: scroll within the table."
        _add(box, "p", {"class": "scroll-note"}, words)
    _say_withheld(box, int(hidden[columns].any(axis=1).sum()), len(shown.frame), min_cell)


def _class(how: Format, *, heading: bool = False) -> dict[str, str]:
    if how in _NUMBERS:
        return {"class": "n"}
    return {} if heading else {"class": "day" if how == "day" else "words"}


def _cell(row: Element, how: Format, *, first: bool) -> Element:
    return _add(row, *(("th", {"scope": "row"} | _class(how)) if first else ("td", _class(how))))


def _write(cell: Element, value: Any, how: Format) -> None:
    text = write(value, how)
    if pd.api.types.is_scalar(value) and pd.isna(value):
        words = "missing" if how == "text" else "not yet observed, or not defined"
        _add(cell, "span", {"class": "none", "title": words}, text)
    elif how == "text":
        _data(cell, text)
        if len(text) > _WIDE:
            cell.set("class", "words wide")
    else:
        cell.text = visible(text)


def _say_withheld(box: Element, rows: int, of: int, min_cell: int) -> None:
    if rows:
        words = (
            f"Withheld in {rows:,} of {of:,} {'row' if of == 1 else 'rows'}: counts below "
            f"{min_cell:,} customers, and what stands on them."
        )
        _add(box, "p", {"class": "withheld-note"}, words)


def _ledger(part: Element, ledger: pd.DataFrame | Iterable[Any], min_cell: int) -> None:
    rows = ledger.to_dict("records") if isinstance(ledger, pd.DataFrame) else map(_line, ledger)
    lines = [{**row, "meaning": _meaning(str(row["rule"]))} for row in rows]
    named = {c: w for c, w in _LEDGER.items() if c != "result" or any(c in row for row in lines)}
    frame = pd.DataFrame(lines, columns=list(named))
    few = is_small(frame["n"], min_cell) & frame["unit"].isin(_PEOPLE)
    hidden = pd.DataFrame({c: few & (c == "n") for c in named}, columns=list(named))
    words = "Within each stage and unit, what was read is used or excluded under a named rule."
    _add(part, "p", text=words)
    _table(part, Shown("ledger", frame, named, {"n": "whole"}), hidden, {"n": few}, min_cell)


def _line(line: Any) -> dict[str, Any]:
    return dict(line) if isinstance(line, Mapping) else dict(line._asdict())


def _meaning(rule: str) -> str:
    known = RULES.get(rule)
    if known is None:
        return ""
    return known.meaning if known.fate in ("read", "used") else f"{known.fate}: {known.meaning}"
