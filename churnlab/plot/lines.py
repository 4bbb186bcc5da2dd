"""Lines over time: gaps where nothing is known, hollow dots where a period is not over, names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib as mpl
import numpy as np

from churnlab.checks import InputError
from churnlab.plot.look import colours_of, groups_of, literal
from churnlab.plot.words import place_legend, settle, wrapped, write_at_ends

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd
    from matplotlib.axes import Axes

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

MOST = 10  # lines that colours can tell apart
_DOTTED = 40  # points above which dots run into each other
_LIGHT = 0.29  # luminance of a line that stands three times off from white
_NAME = (24, 2)  # letters and lines of a group's name


class Line(NamedTuple):
    """One group: values by place, and which of them are of periods that are over."""

    label: str
    x: Floats
    y: Floats
    over: Bools
    low: Floats
    high: Floats


def bare(label: str, x: Floats, y: Floats, over: Bools | None = None) -> Line:
    """A line without limits."""
    none = np.full(x.size, np.nan)
    return Line(label, x, y, np.ones(x.size, dtype=bool) if over is None else over, none, none)


def floats(part: pd.DataFrame, column: str) -> Floats:
    values: Floats = part[column].to_numpy(dtype=float, na_value=np.nan)
    return values


def dark_colours(n: int) -> list[str]:
    """Colours of the style, darkened until a thin line can be seen on white."""
    return [_darkened(colour) for colour in colours_of(n)]


def _darkened(colour: str) -> str:
    red, green, blue = (c**2.2 for c in mpl.colors.to_rgb(colour))
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    share = min(_LIGHT / light, 1.0) ** (1 / 2.2) if light else 1.0
    red, green, blue = (share * c for c in mpl.colors.to_rgb(colour))
    return str(mpl.colors.to_hex((red, green, blue)))


def lines_of(frame: pd.DataFrame, first: str) -> list[tuple[str, pd.DataFrame]]:
    """The groups as they first appear, each sorted by ``first``, in which no value is twice."""
    names = list(frame.columns[: frame.columns.get_loc(first)])
    n = len(frame[names].drop_duplicates()) if names else 1
    if n > MOST:
        raise InputError(
            f"the frame holds {n:,} groups, and a figure shows {MOST} at most: choose fewer groups, "
            "for example the largest, or draw some of them at a time."
        )
    repeats = int(frame.duplicated([*names, first]).sum())
    if repeats:
        raise InputError(
            f"the frame holds rows of several groups as if they were one: {repeats:,} of its "
            f"{len(frame):,} rows repeat the {first} of a row before them. Give each group a column "
            "of its own, in front: frame.insert(0, 'plan', 'basic') before pd.concat."
        )
    return [(label, part.sort_values(first)) for label, part in groups_of(frame, first)]


def draw_line(
    ax: Axes, line: Line, colour: str, *, linestyle: Any = "-", alpha: float = 0.18
) -> None:
    """The line, its band and its hollow dots; a value alone is a dot with its limits."""
    closed = [np.where(line.over, values, np.nan) for values in (line.y, line.low, line.high)]
    x, y, low, high = gapped(line.x, *closed)
    ax.plot(x, y, color=colour, linestyle=linestyle, linewidth=1.8)
    if np.isfinite(low).any():
        ax.fill_between(x, low, high, color=colour, alpha=alpha, linewidth=0)
    known = np.isfinite(np.concatenate([[np.nan], y, [np.nan]]))
    alone = known[1:-1] & ~known[:-2] & ~known[2:]
    dots = np.isfinite(y) if len(line.x) <= _DOTTED else alone
    ax.plot(x[dots], y[dots], "o", color=colour, markersize=4)
    limited = alone & np.isfinite(low)
    if limited.any():
        ax.vlines(x[limited], low[limited], high[limited], colors=colour, linewidth=1.2)
    so_far = ~line.over & np.isfinite(line.y)
    if so_far.any():
        ax.plot(line.x[so_far], line.y[so_far], "o", color=colour, markerfacecolor="white",
                markersize=5.5)  # fmt: skip


def gapped(x: Floats, *columns: Floats) -> list[Floats]:
    """A missing value wherever periods are left out, so that no line leads across."""
    at = np.flatnonzero(np.diff(x) > 1) + 1
    return [np.insert(x, at, x[at] - 1), *(np.insert(c, at, np.nan) for c in columns)]


def name_lines(
    ax: Axes, lines: Sequence[Line], colours: Sequence[str], key: Sequence[tuple[Any, str]]
) -> None:
    """Names at the ends of several lines, else in a legend beside them; the key above the axes."""
    key_above(ax, key)
    if len(lines) < 2:
        return
    labels = [wrapped(line.label, *_NAME) for line in lines]
    known = [np.flatnonzero(np.isfinite(line.y)) for line in lines]
    last = {
        float(line.x[at[-1]]) if at.size else None for line, at in zip(lines, known, strict=True)
    }
    settle(ax)
    if len(last) == 1 and None not in last:
        ends = [float(line.y[at[-1]]) for line, at in zip(lines, known, strict=True)]
        if write_at_ends(ax, ends, list(zip(labels, colours, strict=True))):
            return
    above = ax.get_legend()
    shapes = [mpl.lines.Line2D([], [], color=c, linewidth=1.8) for c in colours]
    legend = _legend(ax, list(zip(shapes, labels, strict=True)), loc="upper right")
    place_legend(ax, legend, [], inside=False)
    if above is not None:
        ax.add_artist(above)


def _legend(ax: Axes, key: Sequence[tuple[Any, str]], **look: Any) -> Any:
    # a name that begins with an underscore would be left out: it is written afterwards
    legend = ax.legend([shape for shape, _ in key], ["-"] * len(key), fontsize=9, **look)
    for text, (_, words) in zip(legend.get_texts(), key, strict=True):
        text.set_text(words)
    return legend


def key_above(ax: Axes, key: Sequence[tuple[Any, str]]) -> None:
    """What the looks mean, above the axes where it covers nothing, in as few rows as fit."""
    settle(ax)
    for n in range(len(key), 0, -1):
        legend = _legend(ax, key, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=n,
                         borderaxespad=0.2, columnspacing=1.4)  # fmt: skip
        # letters are up to 6 % wider where the figure is saved with fewer dots per inch
        if legend.get_window_extent().width <= 0.94 * ax.get_window_extent().width:
            return


def say_empty(ax: Axes, words: str) -> None:
    """A sentence in the middle of axes on which there is nothing."""
    ax.text(0.5, 0.5, literal(words), ha="center", va="center", transform=ax.transAxes,
            color="#404040", family=mpl.rcParams["font.family"])  # fmt: skip
