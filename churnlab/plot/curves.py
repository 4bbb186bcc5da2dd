"""Survival curves with their bands and the numbers at risk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import PercentFormatter

from churnlab.plot.look import colours_of, groups_of, literal, require_frame, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@styled
def survival(
    curves: pd.DataFrame,
    *,
    ax: Axes | None = None,
    risk_table: bool = True,
    xlabel: str = "duration",
    ylabel: str | None = None,
) -> Axes:
    """Curves with their confidence bands and, beneath, how many were still at risk.

    Parameters
    ----------
    curves : DataFrame
        From ``survival.kaplan_meier`` or ``survival.nelson_aalen``; the columns before
        ``duration`` are the groups.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    risk_table : bool
        Draw the table of numbers at risk.
    xlabel, ylabel : str, optional
        Axis titles; name the unit of the durations in ``xlabel``.

    Returns
    -------
    Axes
        Of the curves.

    Raises
    ------
    InputError
        If the frame is not one of curves.

    Notes
    -----
    Ticks on a curve are censored spells. The table counts spells under observation just before
    each time; with late entries these are not known between the rows, and the table is left out.
    """
    need = ["duration", "n_risk", "n_event", "n_censor", "estimate", "conf_low", "conf_high"]
    require_frame(curves, need, "survival.kaplan_meier or survival.nelson_aalen")
    groups = list(groups_of(curves, "duration"))
    if ax is not None and risk_table:
        figure: Any = ax.figure
        if figure.get_layout_engine() is None:
            figure.set_layout_engine("constrained")  # makes room for the table
    if ax is None:
        extra = 0.22 * len(groups) + 0.6 if risk_table else 0.0
        ax = plt.subplots(figsize=(7.0, 4.0 + extra), layout="constrained")[1]
    # a hazard that stays at 0 falls nowhere either, but begins where no share of customers does
    falling = all(part["estimate"].is_monotonic_decreasing for _, part in groups)
    is_share = falling and any(part["estimate"].iloc[0] > 0 for _, part in groups)
    is_share |= falling and any(part["n_event"].iloc[0] > 0 for _, part in groups)
    origin = 1.0 if is_share else 0.0
    colours = colours_of(len(groups))
    for (label, curve), colour in zip(groups, colours, strict=True):
        _draw_curve(ax, curve, label, colour, origin)
    ax.set_xlim(left=0)
    ax.set_ylim(bottom=0)
    if is_share:
        ax.set_ylim(0, 1.02)
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    # the labels of given axes are older than the style: their font is set here
    family = mpl.rcParams["font.family"]
    ax.set_ylabel(ylabel or ("still customers" if is_share else "cumulative hazard"), family=family)
    ax.set_xlabel(xlabel, family=family)
    if len(groups) > 1:
        names = list(curves.columns[: curves.columns.get_loc("duration")])
        ax.legend(title=literal(", ".join(names)))
    if risk_table and not any(_enters_late(part) for _, part in groups):
        _draw_risk_table(ax, groups, colours)
    return ax


def _enters_late(curve: pd.DataFrame) -> bool:
    """True where more are at risk than were left over: numbers between rows are not known then."""
    n = curve[["n_risk", "n_event", "n_censor"]].to_numpy(float)
    left_over = n[:-1, 0] - n[:-1, 1] - n[:-1, 2]
    return bool((n[1:, 0] > left_over + 1e-9).any())


def _draw_curve(ax: Axes, curve: pd.DataFrame, label: str, colour: str, origin: float) -> None:
    x, y = curve["duration"].to_numpy(float), curve["estimate"].to_numpy(float)
    # from the origin, so that losses at duration 0 are seen as the drop they are
    ax.step(np.append(0.0, x), np.append(origin, y), where="post", color=colour, label=label)
    low, high = (curve[c].to_numpy(float) for c in ("conf_low", "conf_high"))
    ax.fill_between(x, low, high, step="post", color=colour, alpha=0.18, linewidth=0)
    censored = curve["n_censor"].to_numpy() > 0
    if censored.sum() <= 120:  # more ticks than that are a second line, not information
        ax.plot(x[censored], y[censored], "|", color=colour, markersize=6, markeredgewidth=0.9)


def _draw_risk_table(
    ax: Axes, groups: Sequence[tuple[str, pd.DataFrame]], colours: Sequence[str]
) -> None:
    """Numbers at risk under the curve's own ticks, one line per group."""
    figure: Any = ax.figure
    figure.draw_without_rendering()
    tall = ax.get_window_extent().height / figure.dpi  # inches
    height = 0.22 * len(groups)
    table = ax.inset_axes((0.0, -(height + 0.75) / tall, 1.0, height / tall))
    table.set_xlim(ax.get_xlim())
    right = ax.get_xlim()[1]
    times = [t for t in ax.get_xticks() if 0 <= t <= right]
    for row, (_, curve) in enumerate(groups):
        durations, at_risk = curve["duration"].to_numpy(float), curve["n_risk"].to_numpy(float)
        for time in times:
            following = int(np.searchsorted(durations, time))
            n = at_risk[following] if following < len(durations) else 0
            table.text(
                time, row, f"{n:,.0f}", ha="center", va="center", fontsize=8.5, clip_on=False
            )
    table.set_ylim(len(groups) - 0.5, -0.5)
    table.set_yticks(range(len(groups)), [label for label, _ in groups], fontsize=8.5)
    for place, label in enumerate(table.get_yticklabels()):
        label.set_color(colours[place] if len(groups) > 1 else "black")
    table.set_title("at risk", fontsize=8.5, loc="left", pad=4, x=-0.02, ha="right")
    table.set_xticks([])
    widest = max(len(f"{curve['n_risk'].max():,.0f}") for _, curve in groups)
    table.tick_params(length=0, pad=8 + 3 * widest)
    for spine in table.spines.values():
        spine.set_visible(False)
