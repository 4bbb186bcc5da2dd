"""What it would take to turn the first place of a ranking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from churnlab.checks import InputError, ends
from churnlab.plot.look import colours_of, groups_of, literal, names_of, require_frame, styled
from churnlab.plot.ranks import by_criterion, fitting, label_rows, lines_for, pale
from churnlab.plot.words import ink, settle, wrapped

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes

    Floats = npt.NDArray[np.float64]

_NEED = ["criterion", "factor", "rank", "moved", "value", "break_even", "rival"]
_BARS = 30


@styled
def breakeven(
    stability: pd.DataFrame,
    *,
    criterion: str = "stuck",
    names: Mapping[Any, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """How far a rating would have to move until another factor is in the first place.

    The trap: a short bar is a first place that hangs on one opinion; ask for that opinion again.

    Parameters
    ----------
    stability : DataFrame
        From ``cci.stability``, of one group.
    criterion : str
        The ranking whose first place is meant: pressure, fixable or stuck.
    names : mapping, optional
        What to write for a factor, for example its name in another language.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the frame is not one of ``cci.stability`` of one group, or lacks this criterion.

    Notes
    -----
    A bar leads from today's mean rating (dot) to the one at which the first place changes hands,
    written beside it with the rival; the smallest move is on top, and 30 are drawn at most. Moves
    that change it nowhere on the scale have no bar; the axis title says how many they are.
    The axis is the rating scale that the frame carries (``attrs``), or 1 to 10; where satisfaction,
    importance and improvability have different ones, it is the share of each.
    """
    require_frame(stability, _NEED, "cci.stability")
    part = by_criterion(stability, criterion)
    several = len(list(groups_of(part, "criterion"))) > 1
    if several or part.duplicated(["factor", "moved"]).any():
        raise InputError("this frame holds several groups: draw one of them at a time.")
    known = part.dropna(subset=["break_even"])
    scales = _scales(stability.attrs, part)
    shares = _on_axis(known, scales)
    order = np.argsort(np.abs(shares[:, 1] - shares[:, 0]).round(10), kind="stable")[:_BARS]
    never, more = len(part) - len(known), len(known) - len(order)
    table, x = known.iloc[order], shares[order]
    if ax is None:
        size = (7.4, 1.5 + 0.34 * max(len(table), 1))
        ax = plt.subplots(figsize=size, layout="constrained")[1]
    low, high = next(iter(scales.values())) if len(set(scales.values())) == 1 else (0.0, 1.0)
    low, high = np.append(x, low).min(), np.append(x, high).max()
    ax.set_xlim(low - 0.03 * (high - low), high + 0.03 * (high - low))
    if 2 < high - low <= 12:
        ax.set_xticks(np.arange(np.ceil(low), high + 1e-9))
    family = mpl.rcParams["font.family"]
    title = _title(criterion, scales, never if len(known) else 0, more)
    ax.set_xlabel("\n".join(title), family=family)
    if table.empty:
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.text(0.5, 0.5, "no single rating changes the first place", ha="center", va="center",
                transform=ax.transAxes, family=family)  # fmt: skip
        return ax
    _draw_bars(ax, table, x)
    _write_moves(ax, table, names)
    settle(ax, outside=True)
    return ax


def _scales(attrs: Mapping[Any, Any], part: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """The scale of every rating that moves."""
    told, one = attrs.get("scales") or {}, attrs.get("scale", (1, 10))
    return {str(name): ends("scale", told.get(name, one)) for name in part["moved"].unique()}


def _on_axis(table: pd.DataFrame, scales: Mapping[str, tuple[float, float]]) -> Floats:
    """Ratings of today and at the break-even; as shares of their scales where these differ."""
    values: Floats = table[["value", "break_even"]].to_numpy(float)
    if len(set(scales.values())) == 1:
        return values
    edges = np.array([scales[str(name)] for name in table["moved"]]).reshape(-1, 2)
    return np.asarray((values - edges[:, :1]) / np.diff(edges, axis=1))


def _title(
    criterion: str, scales: Mapping[str, tuple[float, float]], never: int, more: int
) -> list[str]:
    edges = set(scales.values())
    low, high = next(iter(edges))
    what = f"rating ({low:g} to {high:g})" if len(edges) == 1 else "share of each rating's scale"
    lines = [
        f"{what}, from today's (dot) to where",
        f"the first place by {criterion} changes hands",
    ]
    if never:
        lines.append(f"{never:,} other move{'s' if never > 1 else ''} would not change it")
    if more:
        lines.append(f"{more:,} longer move{'s are' if more > 1 else ' is'} not shown")
    return lines


def _draw_bars(ax: Axes, table: pd.DataFrame, x: Floats) -> None:
    """From the rating of today, a dot, to the break-even one, a line across."""
    rows, colours = np.arange(len(table)), _colours(table)
    ax.barh(rows, x[:, 1] - x[:, 0], left=x[:, 0], height=0.5, color=[pale(c) for c in colours])
    ax.vlines(x[:, 1], rows - 0.32, rows + 0.32, colors=colours, linewidth=2.2)
    ax.scatter(x[:, 0], rows, s=30, c="#303030", zorder=3)
    ax.set_ylim(len(table) - 0.4, -0.6)


def _colours(table: pd.DataFrame) -> list[str]:
    """One for those who lose the first place, one for those who take it."""
    palette = colours_of(4)
    return [palette[3] if rank == 1 else palette[0] for rank in table["rank"]]


def _write_moves(ax: Axes, table: pd.DataFrame, names: Mapping[Any, str] | None) -> None:
    """What moves at the left, what happens there at the right."""
    known = names_of(names)
    lines = lines_for(ax, len(table))
    labels = [
        wrapped(literal(f"{known.get(factor, factor)}: {moved}"), 34, lines)
        for factor, moved in zip(table["factor"], table["moved"], strict=True)
    ]
    words = [
        f"{_short(number)} {'behind' if rank == 1 else 'ahead of'} {known.get(rival, rival)}"
        for number, rank, rival in zip(
            table["break_even"], table["rank"], table["rival"], strict=True
        )
    ]
    words = [wrapped(literal(text), 34, lines) for text in words]
    font = min(fitting(ax, labels), fitting(ax, words))
    colours = _colours(table)
    label_rows(ax, labels, colours, np.zeros(len(labels), dtype=bool), font)
    for row, (text, colour) in enumerate(zip(words, colours, strict=True)):
        ax.annotate(text, (1.0, row), xycoords=("axes fraction", "data"), xytext=(8, 0),
                    textcoords="offset points", va="center", fontsize=font, color=ink(colour),
                    family=mpl.rcParams["font.family"], annotation_clip=False)  # fmt: skip


def _short(number: float) -> str:
    return f"{number:.3g}" if abs(number) < 1000 else f"{number:,.0f}"
