"""Text for a terminal: columns that stay in line with Chinese in them, and no codes from data."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import accumulate

_WIDE = ("W", "F")
_CJK = "⺀-鿿가-힣豈-﫿︰-﹏\uff00-\uffef"
_PIECES = re.compile(rf"\s+|[{_CJK}]|[^\s{_CJK}-]*-+|[^\s{_CJK}-]+")  # lines end after a hyphen


def visible(text: str) -> str:
    """The text with every character that a terminal would obey, not show, written as its code."""
    return "".join(c if c.isprintable() or c == "\n" else _code(c) for c in text)


def _code(character: str) -> str:
    return ascii(character)[1:-1]


def width_of(text: str) -> int:
    """The cells of a terminal that a line takes: two for a Chinese character, none for an accent."""
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in _WIDE else 1


def terminal_width(least: int = 80, most: int = 120) -> int:
    """The columns of the terminal, within what a table needs and an eye can follow."""
    return max(least, min(shutil.get_terminal_size().columns, most))


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Lines of at most ``width`` cells; broken at blanks and between Chinese characters."""
    lines, line = [], ""
    for piece in _PIECES.findall(visible(text)):
        for part in _cut(piece, width - len(indent)):
            if line.strip() and width_of(indent + line + part.rstrip()) > width:
                lines.append(indent + line.rstrip())
                line = ""
            line += part if line or part.strip() else ""
    return [*lines, indent + line.rstrip()] if line.strip() or not lines else lines


def _cut(piece: str, width: int) -> list[str]:
    """A word that is longer than a line, cut where the line ends."""
    parts = [""]
    for character in piece:
        if width_of(parts[-1]) + _cells(character) > width:
            parts.append("")
        parts[-1] += character
    return parts


def padded(text: str, width: int) -> str:
    """The text with blanks behind it, up to a width in cells."""
    return text + " " * (width - width_of(text))


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], width: int) -> list[str]:
    """A table in lines; the widest columns give way, and their cells go on in the next line."""
    cells = [[visible(cell) for cell in row] for row in rows]
    widths = _widths([list(headings), *cells], width - 2 * (len(headings) - 1))
    rule = ["-" * w for w in widths]
    lines = []
    for row in [list(headings), rule, *cells]:
        blocks = [wrapped(cell, w) for cell, w in zip(row, widths, strict=True)]
        for k in range(max(map(len, blocks))):
            parts = [b[k] if k < len(b) else "" for b in blocks]
            lines.append("  ".join(map(padded, parts, widths)).rstrip())
    return lines


def _widths(rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """As wide as the widest cell, unless all of them do not fit: then the same cap for the widest."""
    widest = [max(map(width_of, column)) for column in zip(*rows, strict=True)]
    ordered = sorted(widest)
    for k, taken in enumerate(accumulate([0, *ordered[:-1]])):
        cap = (room - taken) // (len(ordered) - k)
        if ordered[k] > cap:
            return [min(w, max(cap, 2)) for w in widest]
    return widest
