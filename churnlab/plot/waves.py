"""How a ranking moved from wave to wave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.text import Text
from matplotlib.transforms import Bbox, ScaledTranslation

from churnlab.checks import InputError
from churnlab.plot.look import colours_of, groups_of, literal, require_frame, styled
from churnlab.plot.ranks import LIMITS, NEED, SIZE, by_criterion, level_of, written
from churnlab.plot.words import apart, ink, settle, wrapped

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes

    Floats = npt.NDArray[np.float64]

_FACTORS, _WAVES = 10, 12  # lines and groups of a comparison
_LINE = {"arrowstyle": "-", "linewidth": 0.6, "alpha": 0.6, "relpos": (0, 0.5), "shrinkA": 1,
         "shrinkB": 4}  # fmt: skip
_GROUND = {"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 1}
_MARKERS = ("o", "s", "D", "^", "v", "P", "X", "<", ">", "*")


@styled
def waves(
    ranks: pd.DataFrame,
    *,
    criterion: str = "pressure",
    names: Mapping[Any, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """How what drives churn moved from wave to wave, one line per factor with its limits.

    The trap: who left before the second wave is not in it, and those were not the happy ones; draw
    the customers who are in both.

    Parameters
    ----------
    ranks : DataFrame
        From ``cci.rank`` with ``by="wave"`` or another column of 2 to 12 groups; at most 10
        factors.
    criterion : str
        What to draw: pressure, fixable or stuck.
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
        If the frame has one group, groups by several columns, or too many groups or factors.

    Notes
    -----
    Estimates are in points of 100, thin bars their limits. Groups stand in the order of the frame
    at equal distances, and factors a little aside, so that their limits can be told apart; a line
    stops where a group did not rate the factor. Names stand at the right; a thin line leads to
    those that were moved to be readable.
    """
    require_frame(ranks, NEED, "cci.rank")
    column, groups = _waves_of(by_criterion(ranks, criterion))
    factors = list(pd.concat([part["factor"] for _, part in groups]).drop_duplicates())
    if len(factors) > _FACTORS:
        raise InputError(
            f"the frame holds {len(factors)} factors, and lines of {_FACTORS} at most can be told "
            "apart: keep some of them with ranks[ranks['factor'].isin([...])]."
        )
    if ax is None:
        size = (min(4.6 + 0.9 * len(groups), 12.0), 4.6)
        ax = plt.subplots(figsize=size, layout="constrained")[1]
    parts = [part.set_index("factor")[LIMITS].reindex(factors) for _, part in groups]
    values = 100 * np.stack([part.to_numpy(float) for part in parts], axis=1)
    colours = [ink(colour) for colour in colours_of(len(factors))]
    aside = min(0.03, 0.24 / len(factors)) * (np.arange(len(factors)) - (len(factors) - 1) / 2)
    for i, (own, colour) in enumerate(zip(values, colours, strict=True)):
        x, known = np.arange(len(groups)) + aside[i], ~np.isnan(own[:, 1])
        ax.plot(x, own[:, 0], color=colour, marker=_MARKERS[i], markersize=5, linewidth=1.6,
                clip_on=False)  # fmt: skip
        ax.vlines(x[known], own[known, 1], own[known, 2], colors=colour, linewidth=1, zorder=1.9)
    family = mpl.rcParams["font.family"]
    ax.set_xlim(-0.25, len(groups) - 0.85)
    ax.set_ylim(0, max(1.05 * float(np.nanmax(values)), 1.0))
    labels = [wrapped(label, 14, 2) for label, _ in groups]
    ax.set_xticks(range(len(groups)), labels, family=family)
    ax.set_xlabel(wrapped(literal(column), 40, 1), family=family)
    limits = f"\nwith {level_of(ranks.attrs)}limits" if not np.isnan(values[:, :, 1]).all() else ""
    ax.set_ylabel(f"{criterion}, in points of 100{limits}", family=family)
    _name_lines(ax, values[:, :, 0], aside, written(pd.Series(factors), names, width=24, lines=2),
                colours)  # fmt: skip
    return ax


def _waves_of(part: pd.DataFrame) -> tuple[str, list[tuple[str, pd.DataFrame]]]:
    """The column whose values are compared, and (label, rows) of each of them."""
    columns = list(part.columns[: part.columns.get_loc("criterion")])
    differing = [name for name in columns if part[name].nunique(dropna=False) > 1]
    if not differing:
        raise InputError(
            "there is one group, and a comparison needs two: give cci.rank a column of groups, "
            "such as by='wave'."
        )
    if len(differing) > 1:
        raise InputError(
            f"the groups are made of {len(differing)} columns ({', '.join(map(str, differing))}): "
            "keep one value of all but one of them, for example one segment, and compare its waves."
        )
    own = part[[*differing, *part.columns[len(columns) :]]]
    if own.duplicated([*differing, "factor"]).any():
        raise InputError("this frame holds several rankings of a group: draw one of each.")
    groups = list(groups_of(own, "criterion"))
    if len(groups) > _WAVES:
        raise InputError(
            f"the frame holds {len(groups):,} groups, and a figure shows {_WAVES} at most: choose "
            "some of them."
        )
    return str(differing[0]), groups


def _name_lines(
    ax: Axes, estimates: Floats, aside: Any, labels: Sequence[str], colours: Sequence[str]
) -> None:
    """Names at the right of the axes, at the heights where the lines end, or as near as fits; the
    name of a line that ends earlier stands at its end."""
    settle(ax, outside=True)
    figure: Any = ax.figure
    look: Any = {"fontsize": SIZE, "family": mpl.rcParams["font.family"], "annotation_clip": False}
    beside = ax.transAxes + ScaledTranslation(1 / 6, 0, figure.dpi_scale_trans)
    texts, tips = [], []
    for own, x, label, colour in zip(estimates, aside, labels, colours, strict=True):
        last = int(np.flatnonzero(~np.isnan(own))[-1])
        tip = (last + x, float(own[last]))
        if last < len(own) - 1:
            ax.annotate(label, tip, xytext=(5, 3), textcoords="offset points", color=colour,
                        bbox=_GROUND, **look)  # fmt: skip
            continue
        line = _LINE | {"color": colour}
        texts.append(ax.annotate(label, tip, xytext=(1.0, 0.5), textcoords=beside, va="center",
                                 color=colour, arrowprops=line, **look))  # fmt: skip
        tips.append(tip)
    if not texts:
        return
    # of the words alone: the extent of an annotation contains its line
    heights = np.array([Text.get_window_extent(text).height for text in texts]) + 2
    frame = ax.get_window_extent()
    # of lines that end together, the first name is the upper one
    at = ax.transData.transform(tips)[:, 1] - 1e-6 * np.arange(len(tips))
    for text, place in zip(texts, _within(at, heights, frame), strict=True):
        text.set_y((place - frame.y0) / frame.height)
    settle(ax, outside=True)


def _within(at: Floats, heights: Floats, frame: Bbox) -> Floats:
    """Heights of texts that overlap neither each other nor, while there is room, the edges."""
    order = np.argsort(at, kind="stable")
    half = heights[order] / 2
    places = apart(at, heights)[order]
    low, high = frame.y0, frame.y1
    for i in range(len(places)):
        places[i] = max(places[i], low + half[i])
        low = places[i] + half[i]
    for i in reversed(range(len(places))):
        places[i] = min(places[i], high - half[i])
        high = places[i] - half[i]
    found = np.empty_like(places)
    found[order] = places
    return found
