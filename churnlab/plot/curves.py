"""Survival curves with their bands and the numbers at risk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import PercentFormatter

from churnlab.checks import InputError, number
from churnlab.plot.look import (
    GREY,
    colours_of,
    literal,
    require_frame,
    require_shares,
    sorted_groups,
    styled,
)
from churnlab.plot.risk_table import (
    RiskTable,
    add_risk_table,
    planned,
    room_for,
    write_numbers,
)
from churnlab.plot.steps import Steps, draw_steps, shown
from churnlab.plot.words import place_legend, place_text, settle, style_of, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.legend import Legend

_NEED = ["duration", "n_risk", "n_event", "n_censor", "estimate", "conf_low", "conf_high"]
_PALETTE = 10  # colours of the style
_MOST = 40  # groups: as many looks as colours and dashes give
_MARKS = 120  # ticks on a curve above which they are a second line, not information
_HALF = 1.49e-8  # a share this near to one half is one half
_LEGEND = (30, 3)  # letters and lines of a label
_LINES = 14  # labels of a legend beside a figure without a table
_TESTS = {
    "logrank": "log-rank",
    "gehan": "Gehan",
    "tarone-ware": "Tarone–Ware",
    "peto": "Peto",
    "fleming-harrington": "Fleming–Harrington",
}


@styled
def survival(
    curves: pd.DataFrame,
    *,
    ax: Axes | None = None,
    risk_table: RiskTable | pd.DataFrame = True,
    median: bool = False,
    test: pd.DataFrame | None = None,
    suppress_below: float | None = None,
    xlabel: str = "duration",
    ylabel: str | None = None,
) -> Axes:
    """Curves with their confidence bands and, beneath, how many were still at risk.

    The trap: two curves that part only where a handful are at risk have not parted; read the table.

    Parameters
    ----------
    curves : DataFrame
        From ``survival.kaplan_meier`` or ``survival.nelson_aalen``; the columns before
        ``duration`` are the groups, at most 40.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    risk_table : bool, "events" or DataFrame
        Draw the numbers at risk; "events" adds how many were lost by then. A frame of
        ``survival.at_risk`` chooses the times, and knows the numbers with late entries too; drop
        its ``n_event_cum`` to show those at risk alone.
    median : bool
        Dashed lines to the durations by which half were lost, where a curve gets there.
    test : DataFrame, optional
        One row of ``compare.logrank`` or ``compare.trend`` of the same spells and groups; its p
        value is written on the figure.
    suppress_below : float, optional
        Hide small cells: numbers below it are written "<10" (for 10), a curve is drawn only where
        so many are at risk, and censored spells are not marked. A step still shows a loss.
    xlabel, ylabel : str, optional
        Axis titles; name the unit of the durations in ``xlabel``.

    Returns
    -------
    Axes
        Of the curves; the table is its child.

    Raises
    ------
    InputError
        If the frame is not one of curves, has a duration twice in a group, estimates that are no
        shares or too many groups, or the table or the test do not belong to it.

    Notes
    -----
    Ticks on a curve are censored spells. The table counts spells under observation just before
    each time, and losses up to it. Late entries may leave a number between the rows of ``curves``
    unknown; the table is left out then, unless a frame is given.
    """
    require_frame(curves, _NEED, "survival.kaplan_meier or survival.nelson_aalen")
    least = None if suppress_below is None else number("suppress_below", suppress_below)
    groups = sorted_groups(curves, "duration", most=_MOST)
    words = None if test is None else p_value_of(test, groups)
    is_share = _is_share(groups)
    if is_share:
        require_shares(curves["estimate"])
    if median and not is_share:
        raise InputError("median=True reads survival curves; a cumulative hazard has no median.")
    colours = colours_of(len(groups))
    plan = planned(risk_table, groups, colours, least)
    if ax is None:
        wider, taller = room_for(plan)
        ax = plt.subplots(figsize=(7.0 + wider, 4.0 + taller), layout="constrained")[1]
    drawn = _draw_curves(ax, groups, colours, least, origin=1.0 if is_share else 0.0)
    _frame(ax, curves, is_share=is_share, xlabel=xlabel, ylabel=ylabel)
    if plan is not None and plan.times is not None:
        ax.set_xlim(right=max(ax.get_xlim()[1], plan.times[-1]))
    medians = _draw_medians(ax, drawn, colours) if median else []
    table = None if plan is None else add_risk_table(ax, plan)
    # a new figure grows with its table, and has room for a long legend only then
    columns = 1 if plan is not None else -(-len(groups) // _LINES)
    legend = _legend(ax, curves, columns) if len(groups) > 1 else None
    settle(ax, outside=plan is not None)
    taken = [] if legend is None else place_legend(ax, legend, drawn + medians)
    if plan is not None and table is not None:
        write_numbers(ax, table, plan, whole=_all_whole(curves["duration"]))
    if words is not None:
        place_text(ax, words, drawn + medians, taken)
    return ax


def _legend(ax: Axes, curves: pd.DataFrame, columns: int) -> Legend:
    names = [str(name) for name in curves.columns[: curves.columns.get_loc("duration")]]
    title = wrapped(literal(", ".join(names)), *_LEGEND)
    return ax.legend(loc="upper right", title=title, ncols=columns)


def _is_share(groups: Sequence[tuple[str, pd.DataFrame]]) -> bool:
    # a hazard that stays at 0 falls nowhere either, but begins where no share of customers does
    falling = all(part["estimate"].is_monotonic_decreasing for _, part in groups)
    above = any(part["estimate"].iloc[0] > 0 for _, part in groups)
    return falling and (above or any(part["n_event"].iloc[0] > 0 for _, part in groups))


def _draw_curves(
    ax: Axes,
    groups: Sequence[tuple[str, pd.DataFrame]],
    colours: Sequence[str],
    least: float | None,
    *,
    origin: float,
) -> list[Steps]:
    drawn = []
    for i, ((label, curve), colour) in enumerate(zip(groups, colours, strict=True)):
        steps, n_risk = _steps(curve, origin)
        steps = shown(steps, n_risk, least)
        look = {"label": wrapped(label, *_LEGEND), "linestyle": style_of(i, _PALETTE)}
        alpha = 0.18 if len(groups) <= 4 else 0.08
        drawn.append(draw_steps(ax, steps, colour, alpha=alpha, **look))
        censored = curve["n_censor"].to_numpy(float) > 0
        if least is None and 0 < censored.sum() <= _MARKS:
            x, y = (curve[c].to_numpy(float)[censored] for c in ("duration", "estimate"))
            ax.plot(x, y, "|", color=colour, markersize=6, markeredgewidth=0.9)
    return drawn


def _steps(curve: pd.DataFrame, origin: float) -> tuple[Steps, Any]:
    """The curve from its origin, so that losses at once are seen as the drop they are."""
    columns = ("duration", "estimate", "conf_low", "conf_high", "n_risk")
    x, y, low, high, n_risk = (curve[c].to_numpy(float) for c in columns)
    first = [x[0], origin, np.nan, np.nan, n_risk[0]]
    x, y, low, high, n_risk = (
        np.append(a, b) for a, b in zip(first, (x, y, low, high, n_risk), strict=True)
    )
    return Steps(x, y, low, high), n_risk


def _frame(
    ax: Axes, curves: pd.DataFrame, *, is_share: bool, xlabel: str, ylabel: str | None
) -> None:
    """Axes and their titles."""
    ax.set_xlim(left=float(curves["duration"].min()))
    ax.set_ylim(bottom=0)
    if is_share:
        ax.set_ylim(0, 1.02)
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    # the labels of given axes are older than the style: their font is set here
    family = mpl.rcParams["font.family"]
    ax.set_ylabel(ylabel or ("still customers" if is_share else "cumulative hazard"), family=family)
    ax.set_xlabel(xlabel, family=family)


def _draw_medians(ax: Axes, drawn: Sequence[Steps], colours: Sequence[str]) -> list[Steps]:
    """From one half down to the duration by which every curve is there; what was drawn."""
    look: Any = {"linestyle": "--", "linewidth": 1.0, "zorder": 1.5}
    left = ax.get_xlim()[0]
    found = [(median_of(steps), colour) for steps, colour in zip(drawn, colours, strict=True)]
    reached = [(x, colour) for x, colour in found if x is not None]
    for x, colour in reached:
        ax.plot([x, x], [0.0, 0.5], color=colour, **look)
    if not reached:
        return []
    furthest = max(x for x, _ in reached)
    ax.plot([left, furthest], [0.5, 0.5], color=GREY, **look)
    half = np.array([0.5, 0.5])
    lines = [(np.array([x, x]), np.array([0.0, 0.5])) for x, _ in reached]
    lines.append((np.array([left, furthest]), half))
    return [Steps(x, y, y, y) for x, y in lines]


def median_of(steps: Steps) -> float | None:
    """The duration by which half were lost, as ``survival.quantiles`` has it: where exactly half
    stay for a while, the middle of it."""
    reached = np.flatnonzero(steps.y <= 0.5 + _HALF)
    if not reached.size:
        return None
    first = int(reached[0])
    if steps.y[first] < 0.5 - _HALF:
        return float(steps.x[first])
    further = np.flatnonzero(steps.y < 0.5 - _HALF)
    until = int(further[0]) if further.size else -1
    return float(steps.x[first] + steps.x[until]) / 2


def p_value_of(test: pd.DataFrame, groups: Sequence[tuple[str, pd.DataFrame]]) -> str:
    """A test of these curves in words: "log-rank p = 0.0013"."""
    require_frame(test, ["weighting", "p_value"], "compare.logrank")
    if len(test) != 1:
        raise InputError(f"test= is one row of compare.logrank, not {len(test)} rows.")
    _require_same(test, groups)
    weighting, p = str(test["weighting"].iloc[0]), float(test["p_value"].iloc[0])
    lines = test.attrs.get("ledger") or [{}]
    is_trend = lines[-1].get("stage") == "trend"
    name = "trend" if is_trend else literal(_TESTS.get(weighting, weighting))
    if np.isnan(p):
        compared = test["df"].iloc[0] if "df" in test.columns else None
        return f"{name}: {'nothing to compare' if compared == 0 else 'no p value'}"
    if p < 0.001:
        return f"{name} p < 0.001"
    return f"{name} p > 0.99" if p > 0.99 else f"{name} p = {p:.2g}"


def _require_same(test: pd.DataFrame, groups: Sequence[tuple[str, pd.DataFrame]]) -> None:
    """Refuse a test whose churns or groups cannot be those of the curves."""
    remedy = "Give compare.logrank the spells and the by= of the curves."
    if "n_event" in test.columns:
        tested = float(test["n_event"].iloc[0])
        drawn = float(sum(part["n_event"].to_numpy(float).sum() for _, part in groups))
        if not np.isclose(tested, drawn, rtol=1e-9, atol=1e-9):
            raise InputError(
                f"test= is of other spells: it counts {tested:,.10g} churns, and the curves "
                f"{drawn:,.10g}. {remedy}"
            )
    if "df" in test.columns and test["df"].iloc[0] > len(groups) - 1:
        raise InputError(
            f"test= is of other groups: it compares {test['df'].iloc[0] + 1}, and the curves have "
            f"{len(groups)}. {remedy}"
        )


def _all_whole(duration: pd.Series[Any]) -> bool:
    return bool((duration.to_numpy(float) % 1 == 0).all())
