"""What the explorer says beside its figures, as HTML in which nothing of the data is markup."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import pandas as pd

from churnlab.explorer.ratings import RANKED

_HEADS = {
    "pressure": "pressure<br><small>what drives churn</small>",
    "fixable": "fixable<br><small>what to mend first</small>",
    "stuck": "stuck<br><small>what is dangerous</small>",
}
_INKS = {"danger": "#a3001e", "fix now": "#8a4b00"}  # dark enough to read on white
_CELL = "padding: 2px 16px 2px 0; text-align: {}; vertical-align: top"
_NAME = "left; min-width: 10em; max-width: 20em; overflow-wrap: anywhere"
_LOUD = "white-space: nowrap; font-weight: bold; color: {}"


def written(name: Any) -> str:
    """A name of the data as text of a page."""
    return html.escape(str(name), quote=True)


def label(name: Any) -> str:
    """The factor beside its sliders."""
    text = written(name)
    return f'<div title="{text}" style="line-height: 1.25; overflow-wrap: anywhere">{text}</div>'


def head(column: str) -> str:
    """What a column of sliders is about, above where their lines begin."""
    return f'<b style="padding-left: 1em">{column}</b>'


def index_line(matrix: pd.DataFrame) -> str:
    """CCI, and what of it can be mended and what not."""
    cci, fixable, stuck = (100 * matrix[part].sum() for part in RANKED)
    return _line(
        f"<b>CCI {cci:.1f}</b> of 100 = {fixable:.1f} fixable + {stuck:.1f} stuck", "inherit"
    )


def trouble(error: Exception) -> str:
    """Why there is nothing to show."""
    return _line(html.escape(_sentence(str(error))), _INKS["danger"])


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _line(text: str, ink: str) -> str:
    return f'<div role="status" style="font-size: 115%; color: {ink}">{text}</div>'


def rankings(matrix: pd.DataFrame, name_of: Callable[[Any], str]) -> str:
    """Verdict of every factor, and its place and points by the three criteria."""
    heads = "".join(_cell("th", text, "center") for text in _HEADS.values())
    head = _cell("th", "factor", _NAME) + _cell("th", "verdict", "left") + heads
    places = {part: ranks(matrix[f"rank_{part}"]) for part in RANKED}
    rows = []
    for i, row in enumerate(matrix.to_dict("records")):
        cells = [_cell("td", written(name_of(row["factor"])), _NAME), _verdict(row["verdict"])]
        for part in RANKED:
            points = f"<small>({100 * row[part]:.1f})</small>"
            cells.append(_cell("td", f"{places[part][i]} {points}", "center"))
        rows.append(f"<tr>{''.join(cells)}</tr>")
    caption = "Places, 1 is the first and = a tie, and (points of 100)"
    return (
        '<table style="border-collapse: collapse; line-height: 1.35">'
        f'<caption style="caption-side: bottom; text-align: left; padding: 4px 0">'
        f"<small>{caption}</small></caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def ranks(places: pd.Series[int]) -> list[str]:
    """1, 2, 3= where a place is shared."""
    tied = places.duplicated(keep=False)
    return [f"{place}=" if tie else f"{place}" for place, tie in zip(places, tied, strict=True)]


def _verdict(verdict: str) -> str:
    ink = _INKS.get(verdict)
    word = f'<span style="{_LOUD.format(ink)}">{verdict}</span>' if ink else verdict
    return _cell("td", word, "left")


def _cell(tag: str, text: str, align: str) -> str:
    scope = ' scope="col"' if tag == "th" else ""
    return f'<{tag}{scope} style="{_CELL.format(align)}">{text}</{tag}>'
