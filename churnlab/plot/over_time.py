"""Customers and their churn rate from one calendar period to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, StrMethodFormatter

from churnlab.checks import InputError, number
from churnlab.plot.dates import Calendar, calendar_of, date_axis
from churnlab.plot.lines import (
    Line,
    bare,
    dark_colours,
    draw_line,
    floats,
    key_above,
    lines_of,
    name_lines,
    say_empty,
)
from churnlab.plot.look import GREY, require_frame, styled
from churnlab.plot.words import style_of

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

STEPS = [1, 2, 5, 10]  # between round numbers
SO_FAR = "so far: period not over"
_BAR = 0.8  # of a period
_TOP = 1.06  # of the highest value
_HATCHED: dict[str, Any] = {"facecolor": "#ededed", "edgecolor": "#707070", "hatch": "////",
                            "linewidth": 0}  # fmt: skip


@styled
def activity(
    by_period: pd.DataFrame, *, suppress_below: float | None = None, ax: Axes | None = None
) -> Axes:
    """Active customers of every period: those who are new and those who came before.

    The trap: a period that is not over looks like a fall; its bar is hatched, and shows those seen
    so far.

    Parameters
    ----------
    by_period : DataFrame
        From ``cohorts.by_period``: ``period_start, active, new, returning, n_seen, whole``. Of
        several groups (columns in front, 10 at most) the active customers are drawn, one line each.
    suppress_below : float, optional
        Hide small cells: fewer active customers than this have no bar but a mark, and a bar of
        which fewer are new or returning is not divided. No customers at all are no small cell.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the frame is empty or another one, a period is there twice in a group, or new and
        returning customers do not add up to the active ones.

    Notes
    -----
    A bar is as high as ``active``, or as ``n_seen`` where the period is not over (``whole``); on a
    line, that is a hollow dot. A period that is missing, or has no number, is a gap.

    Examples
    --------
    >>> import churnlab as cl
    >>> log = cl.datasets.load("four_customers")
    >>> table = cl.cohorts.by_period(cl.cohorts.retention(log, as_of="2026-03-15"))
    >>> table["active"].tolist(), table["new"].tolist(), table["n_seen"].tolist()
    ([2, 3, <NA>], [2, 1, <NA>], [2, 3, 2])
    >>> [int(bar.get_height()) for bar in cl.plot.activity(table).patches]  # returning, new, so far
    [0, 2, 2, 1, 2]
    """
    need = ["period_start", "active", "new", "returning", "n_seen", "whole"]
    require_frame(by_period, need, "cohorts.by_period")
    least = None if suppress_below is None else number("suppress_below", suppress_below)
    calendar = calendar_of(by_period["period_start"])
    groups = lines_of(by_period, "period_start")
    for _, part in groups:
        _require_sums(part)
    if ax is None:
        ax = plt.subplots(layout="constrained")[1]
    date_axis(ax, calendar, aside=0.6)
    ax.yaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=STEPS))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.set_ylabel("active customers", family=mpl.rcParams["font.family"])
    if len(groups) > 1:
        _active_lines(ax, groups, calendar, least)
    else:
        _active_bars(ax, groups[0][1], calendar, least)
    return ax


def _require_sums(part: pd.DataFrame) -> None:
    active, new, returning = (floats(part, c) for c in ("active", "new", "returning"))
    wrong = np.flatnonzero(np.abs(new + returning - active) > 1e-9)
    if wrong.size:
        i = wrong[0]
        raise InputError(
            f"new and returning customers are the active ones, and in {wrong.size:,} rows they do "
            f"not add up (for example {new[i]:g} + {returning[i]:g} is not {active[i]:g}): pass the "
            "result of cohorts.by_period as it came."
        )


def is_few(n: Floats, least: float | None) -> Bools:
    """Small cells; nobody at all is none of them."""
    return np.zeros(n.shape, dtype=bool) if least is None else (n > 0) & (n < least)


def _present(part: pd.DataFrame) -> tuple[Floats, Bools]:
    """Active customers, and of a period that is not over those seen so far."""
    over = part["whole"].to_numpy(bool)
    return np.where(over, floats(part, "active"), floats(part, "n_seen")), over


def _active_bars(ax: Axes, part: pd.DataFrame, calendar: Calendar, least: float | None) -> None:
    """Returning customers, and upon them the new ones; undivided where a part is small."""
    x, (active, over) = calendar.places(part["period_start"]), _present(part)
    new, returning = floats(part, "new"), floats(part, "returning")
    few = is_few(active, least)
    shown = np.isfinite(active) & ~few
    whole = is_few(new, least) | is_few(returning, least) | np.isnan(new + returning)
    blue, orange = dark_colours(2)
    looks: list[tuple[str, Floats, Floats, Bools, dict[str, Any]]] = [
        ("returning", returning, 0 * active, shown & over & ~whole, {"facecolor": blue}),
        ("new", new, returning, shown & over & ~whole, {"facecolor": orange}),
        ("active, not divided", active, 0 * active, shown & over & whole, {"facecolor": GREY}),
        (SO_FAR, active, 0 * active, shown & ~over, _HATCHED),
    ]
    key: list[tuple[Any, str]] = []
    for name, y, below, where, look in looks:
        ax.bar(x[where], y[where], _BAR, bottom=below[where], **look)
        if where.any():
            # from top to bottom as they are stacked
            key.insert(0 if name == "new" else len(key), (Patch(**look), name))
    ax.set_ylim(0, _TOP * float(np.max(active[shown], initial=0.0)) or 1.0)
    if few.any():
        key.append((_mark_few(ax, x[few]), f"fewer than {least:g}"))
    if not np.isfinite(active).any():
        say_empty(ax, "no period has a number")
    key_above(ax, key)


def _mark_few(ax: Axes, x: Floats) -> Any:
    """Marks upon the axis where a bar is withheld."""
    return ax.plot(x, np.full(x.size, 0.02), "x", color="#606060", markersize=4.5,
                   transform=ax.get_xaxis_transform())[0]  # fmt: skip


def _active_lines(
    ax: Axes, groups: list[tuple[str, pd.DataFrame]], calendar: Calendar, least: float | None
) -> None:
    lines, any_few, any_open = [], False, False
    for label, part in groups:
        x, (active, over) = calendar.places(part["period_start"]), _present(part)
        few = is_few(active, least)
        lines.append(bare(label, x, np.where(few, np.nan, active), over))
        any_few |= bool(few.any())
        any_open |= bool((~over & ~few & ~np.isnan(active)).any())
    colours = dark_colours(len(lines))
    for i, (line, colour) in enumerate(zip(lines, colours, strict=True)):
        draw_line(ax, line, colour, linestyle=style_of(i, len(colours)))
    tops = [np.nanmax(line.y, initial=0.0) for line in lines]
    ax.set_ylim(0, _TOP * max(tops) or 1.0)
    key: list[tuple[Any, str]] = []
    if any_open:
        key.append((hollow("#404040"), SO_FAR))
    if any_few:
        key.append((Line2D([], [], linestyle=""), f"gap: fewer than {least:g}"))
    name_lines(ax, lines, colours, key)


def hollow(colour: str) -> Line2D:
    """How a period that is not over looks in a key."""
    return Line2D([], [], linestyle="", marker="o", markerfacecolor="white", color=colour)


def percent_axis(axis: Axis) -> None:
    """Shares as round per cents."""
    axis.set_major_locator(MaxNLocator("auto", steps=STEPS))
    axis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.6g}%"))


@styled
def churn_rate(
    rates: pd.DataFrame, *, suppress_below: float | None = None, ax: Axes | None = None
) -> Axes:
    """The churn rate of every period, with the limits within which chance alone may move it.

    The trap: a rise within the limits is no rise; look for periods whose bands stand apart.

    Parameters
    ----------
    rates : DataFrame
        From ``rates.churn_rate``: ``period_start, opening, rate, conf_low, conf_high``, one line
        per group (columns in front, 10 at most); or from ``rates.retention_rate``, whose
        ``retention`` is drawn.
    suppress_below : float, optional
        Hide small cells: a period that opened with fewer customers than this is a gap.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the frame is empty or another one, or a period is there twice in a group.

    Notes
    -----
    A gap, never 0, is a period without a rate, and one that nobody was there to open. A rate
    between two gaps is a dot with a bar from limit to limit.

    Examples
    --------
    >>> import churnlab as cl
    >>> contracts = cl.datasets.generate_subscriptions(500)
    >>> rates = cl.rates.churn_rate(contracts, as_of="2023-05-01")
    >>> cl.plot.churn_rate(rates).lines[0].get_ydata().round(3).tolist()
    [nan, 0.095, 0.158, 0.04]
    """
    is_kept = "retention" in getattr(rates, "columns", ()) and "rate" not in rates.columns
    column = "retention" if is_kept else "rate"
    need = ["period_start", "opening", column, "conf_low", "conf_high"]
    require_frame(rates, need, "rates.churn_rate")
    least = None if suppress_below is None else number("suppress_below", suppress_below)
    calendar = calendar_of(rates["period_start"])
    lines, hidden = [], False
    for label, part in lines_of(rates, "period_start"):
        opening = floats(part, "opening")
        few = is_few(opening, least)
        shown = (opening > 0) & ~few
        y, low, high = (np.where(shown, floats(part, c), np.nan) for c in (column, *need[-2:]))
        x = calendar.places(part["period_start"])
        lines.append(Line(label, x, y, np.ones(x.size, dtype=bool), low, high))
        hidden |= bool(few.any())
    if ax is None:
        ax = plt.subplots(layout="constrained")[1]
    date_axis(ax, calendar, aside=0.4)
    colours = dark_colours(len(lines))
    for line, colour in zip(lines, colours, strict=True):
        draw_line(ax, line, colour, alpha=0.18 if len(lines) <= 3 else 0.08)
    tops = np.concatenate([values for line in lines for values in (line.y, line.high)])
    ax.set_ylim(0, _TOP * float(np.nanmax(tops, initial=0.0)) or 1.0)
    percent_axis(ax.yaxis)
    name = "retention rate" if is_kept else "churn rate"
    ax.set_ylabel(f"{name}, with limits", family=mpl.rcParams["font.family"])
    if not any(np.isfinite(line.y).any() for line in lines):
        say_empty(ax, "no period has a rate to show")
    gap = (
        [(Line2D([], [], linestyle=""), f"gap: opened with fewer than {least:g}")] if hidden else []
    )
    name_lines(ax, lines, colours, gap)
    return ax
