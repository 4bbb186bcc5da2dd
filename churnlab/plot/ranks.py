"""How sure a ranking of factors is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.transforms import Bbox

from churnlab.checks import InputError, plain
from churnlab.plot.look import (
    GREY,
    colours_of,
    groups_of,
    literal,
    names_of,
    require_frame,
    styled,
)
from churnlab.plot.words import ink, settle, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

LIMITS = ["estimate", "conf_low", "conf_high"]
NEED = ["criterion", "factor", *LIMITS, "rank", "rank_low", "rank_high", "tied", "best"]
_TALL = 16.0  # inches of the tallest figure
_REST = "#dcdcdc"
SIZE = 9.0  # points of letters
_LEADING = 1.25  # height of a line, in letters


@styled
def ranks(
    ranks: pd.DataFrame,
    *,
    criterion: str = "pressure",
    names: Mapping[Any, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """How sure the order of the factors is: what each counts for, and every rank it may have.

    The trap: limits of two factors that overlap do not make their order open; the ranks on the
    right compare the same customers' answers, and they decide.

    Parameters
    ----------
    ranks : DataFrame
        From ``cci.rank``, of one group.
    criterion : str
        The ranking to draw: pressure, fixable or stuck.
    names : mapping, optional
        What to write for a factor, for example its name in another language.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Returns
    -------
    Axes
        Of the estimates; the ranks are its child.

    Raises
    ------
    InputError
        If the frame is not one ranking, or has none by this criterion.

    Notes
    -----
    Estimates and limits are in points of 100. On the right stand the rank ("2=" is a tie), as a
    dot, and on a bar from ``rank_low`` to ``rank_high`` all ranks that the data leave. Filled dots
    are the factors that may be among the top places (``best``). Of one customer there are no
    limits, and bars are the places that a tie takes. A new figure grows with its factors, up to
    16 inches; then letters become smaller.
    """
    table = one_ranking(ranks, criterion)
    estimate = 100 * table["estimate"].to_numpy(float)
    place = table["rank"].to_numpy(float)
    order = np.lexsort((-estimate.round(10), place))
    table, estimate = table.iloc[order], estimate[order]
    n = len(table)
    if ax is None:
        size = (7.4, min(1.5 + 0.34 * n, _TALL))
        ax = plt.subplots(figsize=size, layout="constrained")[1]
    low, high = (100 * table[c].to_numpy(float) for c in LIMITS[1:])
    best = table["best"].to_numpy(bool)
    colours = [colours_of(1)[0] if is_best else GREY for is_best in best]
    rows, known = np.arange(n), ~np.isnan(low)
    ax.hlines(rows, low, high, colors=colours, linewidth=2)
    ax.scatter(estimate, rows, s=24, c=np.where(best, colours, "white"), edgecolors=colours,
               linewidths=1.5, zorder=3, clip_on=False)  # fmt: skip
    most = float(np.nanmax(np.append(high, estimate)))
    ax.set_xlim(0, max(1.06 * most, 1.0))
    ax.set_ylim(n - 0.4, -0.6)
    labels = written(table["factor"], names, width=26, lines=lines_for(ax, n))
    font = fitting(ax, labels)
    label_rows(ax, labels, colours, best, font)
    ax.set_xlabel(_of_estimates(ranks.attrs, criterion, bool(known.any())),
                  family=mpl.rcParams["font.family"])  # fmt: skip
    _draw_sets(ax, table, colours, best, font)
    _title_sets(ax, ranks.attrs, bool(known.any()) or _is_unknown(table))
    settle(ax, outside=True)
    return ax


def _is_unknown(table: pd.DataFrame) -> bool:
    """A sample of one customer or cluster: nothing is known of its ranks."""
    return "p_top" in table and bool(table["p_top"].isna().all())


def one_ranking(ranks: pd.DataFrame, criterion: str) -> pd.DataFrame:
    """The rows of a frame of ``cci.rank`` by one criterion, refused unless of one group."""
    require_frame(ranks, NEED, "cci.rank")
    part = by_criterion(ranks, criterion)
    if len(list(groups_of(part, "criterion"))) > 1 or part["factor"].duplicated().any():
        raise InputError(
            "this frame holds several groups: draw one of them at a time, or compare them with "
            "plot.waves."
        )
    return part


def set_of(low: Any, high: Any) -> str:
    """A set of ranks in words: "1", or "2–3"."""
    return f"{low:g}" if low == high else f"{low:g}–{high:g}"


def by_criterion(frame: pd.DataFrame, criterion: str) -> pd.DataFrame:
    known = [str(c) for c in frame["criterion"].drop_duplicates()]
    if not isinstance(criterion, str) or criterion not in known:
        raise InputError(
            f"criterion={plain(criterion)} is not in the frame, which has {', '.join(known)}; "
            "fixable and stuck are there where an improvability is known."
        )
    return frame[frame["criterion"].astype("str") == criterion]


def written(
    factors: pd.Series[Any], names: Mapping[Any, str] | None, *, width: int, lines: int
) -> list[str]:
    known = names_of(names)
    return [wrapped(literal(str(known.get(name, name))), width, lines) for name in factors]


def _points(ax: Axes) -> float:
    """The height of the axes, in points."""
    figure: Any = ax.figure
    return float(ax.get_window_extent().height * 72 / figure.dpi)


def lines_for(ax: Axes, n: int) -> int:
    """How many lines a label may have in each of so many rows."""
    return 2 if _points(ax) / n >= 2 * _LEADING * 6 else 1


def fitting(ax: Axes, labels: Sequence[str]) -> float:
    """The size of letters at which the labels of neighbouring rows stand clear of each other."""
    n_lines = max(label.count("\n") + 1 for label in labels)
    return float(np.clip(_points(ax) / len(labels) / (_LEADING * n_lines), 5.0, SIZE))


def label_rows(
    ax: Axes, labels: Sequence[str], colours: Sequence[str], strong: Any, font: float
) -> None:
    """A label at every row, in the colour of what is drawn there."""
    ax.set_yticks(range(len(labels)), labels, family=mpl.rcParams["font.family"], fontsize=font)
    for label, colour, is_strong in zip(ax.get_yticklabels(), colours, strong, strict=True):
        label.set_color(ink(colour) if is_strong else "#404040")
    ax.tick_params(axis="y", length=0, pad=8)
    ax.spines["left"].set_visible(False)


def _of_estimates(attrs: Mapping[Any, Any], criterion: str, sampled: bool) -> str:
    """What the axis counts, and which dots are filled."""
    top = attrs.get("top")
    first = {None: "among the top places", 1: "first"}.get(top, f"among the first {top}")
    limits = [f"with {level_of(attrs)}limits"] if sampled else []
    filled = f"filled: {'may be' if sampled else 'is'} {first}"
    return "\n".join([f"{criterion}, in points of 100", *limits, filled])


def level_of(attrs: Mapping[Any, Any]) -> str:
    return f"{100 * attrs['level']:.4g} % " if "level" in attrs else ""


def _draw_sets(
    ax: Axes, table: pd.DataFrame, colours: Sequence[str], best: Any, font: float
) -> None:
    """The strip of ranks, row by row beside the estimates."""
    figure: Any = ax.figure
    wide = 0.42 * ax.get_window_extent().width / figure.dpi
    strip = ax.inset_axes((1.12, 0.0, 0.5, 1.0))
    strip.set_axes_locator(_beside(ax, wide))
    rank, low, high = (table[c].to_numpy(float) for c in ("rank", "rank_low", "rank_high"))
    rows = np.arange(len(table))
    faces = [pale(c) if b else _REST for c, b in zip(colours, best, strict=True)]
    strip.barh(rows, high - low + 0.8, left=low - 0.4, height=0.56, color=faces)
    strip.scatter(rank, rows, s=20, c=np.where(best, colours, "white"), edgecolors=colours,
                  linewidths=1.2, zorder=3)  # fmt: skip
    last = max(len(table), int(high.max()))
    strip.set_xlim(0.4, last + 0.6)
    strip.set_ylim(ax.get_ylim())
    step = 1 if last <= 10 else 5 if last <= 30 else 10
    strip.set_xticks([1, *range(step if step > 1 else 2, last + 1, step)])
    strip.grid(axis="x", color="#ececec", linewidth=0.8)
    strip.set_axisbelow(True)
    words = [f"{r:g}{'=' if t else ''}" for r, t in zip(rank, table["tied"], strict=True)]
    label_rows(strip, words, colours, best, font)


def pale(colour: str) -> str:
    red, green, blue = (0.62 + 0.38 * c for c in mpl.colors.to_rgb(colour))
    return str(mpl.colors.to_hex((red, green, blue)))


def _title_sets(ax: Axes, attrs: Mapping[Any, Any], sampled: bool) -> None:
    (strip,) = ax.child_axes[-1:]
    if not sampled:
        words = "rank, and the places\nthat a tie takes"
    else:
        together = {"simultaneous": "all sets together", "marginal": "each set by itself"}
        how = level_of(attrs).strip(), together.get(str(attrs.get("kind")), "")
        note = ", ".join(word for word in how if word)
        words = "rank and rank set" + (f"\n({note})" if note else "")
    strip.set_xlabel(words, family=mpl.rcParams["font.family"])


def _beside(ax: Axes, wide: float) -> Callable[[Any, Any], Bbox]:
    """Where the ranks lie, so many inches wide: to the right, with room for their numbers."""

    def place(strip: Any, renderer: Any) -> Bbox:
        figure: Any = ax.figure
        frame = ax.get_window_extent()
        left = frame.x1 + 0.5 * figure.dpi
        box = Bbox.from_extents(left, frame.y0, left + wide * figure.dpi, frame.y1)
        return box.transformed(figure.transSubfigure.inverted())

    return place
