"""Cumulative incidence by reason: as curves, or stacked up to everyone who left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, PercentFormatter

from churnlab.checks import InputError, choice
from churnlab.plot.look import (
    GREY,
    colours_of,
    literal,
    names_of,
    require_frame,
    require_shares,
    sorted_groups,
    styled,
)
from churnlab.plot.steps import Steps, draw_steps, thinned
from churnlab.plot.words import place_legend, settle, style_of, wrapped, write_at_ends

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Kind = Literal["curves", "stacked"]
_NEED = ["reason", "duration", "estimate", "conf_low", "conf_high"]
_UNKNOWN = "unknown"  # the reason of a churn whose reason is missing
_STAYED, _STAYED_INK = "#eef1f4", "#6b6b6b"  # who is still there, on top of the stack
_MOST = 12  # panels of a figure
_LABEL = (24, 2)  # letters and lines of a reason
_NAIVE = "1 − Kaplan–Meier"


@styled
def incidence(
    incidence: pd.DataFrame,
    *,
    ax: Axes | None = None,
    kind: Kind = "curves",
    naive: bool = False,
    names: Mapping[Any, str] | None = None,
    xlabel: str = "duration",
    ylabel: str | None = None,
) -> Axes:
    """Which share of customers was lost to which reason by every duration.

    The trap: one minus the Kaplan–Meier curve of a single reason treats those who left for another
    as if they could still leave for this one; it is too high, and the reasons add up to too much.

    Parameters
    ----------
    incidence : DataFrame
        From ``survival.incidence``; the columns before ``reason`` are the groups, at most 12.
    ax : Axes, optional
        Where to draw, of one group; a new figure if left out, with a panel for every group.
    kind : {"curves", "stacked"}
        A curve with its confidence band per reason, or areas that add up to all who left, with
        those still there on top.
    naive : bool
        Add one minus Kaplan–Meier, dashed, to see by how much it is too high; curves only.
    names : mapping, optional
        What to write for a reason, for example its name in another language.
    xlabel, ylabel : str, optional
        Axis titles; name the unit of the durations in ``xlabel``.

    Returns
    -------
    Axes
        Of the first group; those of the others follow in ``.figure.axes``.

    Raises
    ------
    InputError
        If the frame is not one of incidences, has a duration twice for a reason, estimates that
        are no shares or too many groups, or ``ax`` is given for several groups.

    Notes
    -----
    Reasons are written at the end of their curves where there is room, else in a legend. A churn
    whose reason is not known is grey.
    """
    choice("kind", kind, Kind)
    require_frame(incidence, _NEED + ["naive"] * bool(naive), "survival.incidence")
    if naive and kind == "stacked":
        raise InputError("naive=True adds curves that do not add up: draw it with kind='curves'.")
    require_shares(incidence["estimate"])
    written = {str(reason): word for reason, word in names_of(names).items()}
    groups = sorted_groups(incidence, "reason", most=_MOST, row=("reason", "duration"))
    panels = _panels(ax, len(groups))
    reasons = list(dict.fromkeys(str(reason) for reason in incidence["reason"]))
    looks = _looks(reasons, written)
    drawn = []
    for panel, (label, part) in zip(panels, groups, strict=True):
        draw = _stack if kind == "stacked" else _curves
        drawn.append(draw(panel, part, looks, naive=naive))
        family = mpl.rcParams["font.family"]
        panel.set_xlabel(xlabel, family=family)
        if len(groups) > 1:
            panel.set_title(wrapped(label, 40, 2), fontsize=10.5, loc="left", family=family)
    ylabel = ylabel or ("share of customers" if kind == "stacked" else "lost, by reason")
    panels[0].set_ylabel(ylabel, family=mpl.rcParams["font.family"])
    _limit(panels, drawn, stacked=kind == "stacked")
    _name(panels, drawn, looks, stacked=kind == "stacked", naive=naive)
    return panels[0]


def _panels(ax: Axes | None, n: int) -> list[Axes]:
    if ax is not None:
        if n > 1:
            raise InputError(
                f"one Axes holds one group, and this frame has {n}: draw one of them at a time, or "
                "leave ax out."
            )
        return [ax]
    across = min(n, 3)
    down = -(-n // across)
    size = (7.0, 4.3) if n == 1 else (3.6 * across + 1.4, 3.2 * down + 0.3)
    figure, grid = plt.subplots(
        down, across, figsize=size, layout="constrained", sharey=True, squeeze=False
    )
    panels = list(grid.ravel())
    for unused in panels[n:]:
        figure.delaxes(unused)
    return panels[:n]


class _Look(NamedTuple):
    """How a reason is drawn and written."""

    reason: str
    label: str
    colour: str
    style: Any


def _looks(reasons: Sequence[str], names: Mapping[str, str]) -> list[_Look]:
    # the grey of the palette is kept for what is not known
    palette = [c for c in colours_of(10) if c != "#949494"]
    looks: list[_Look] = []
    for i, reason in enumerate(reasons):
        colour = GREY if reason == _UNKNOWN else palette[i % len(palette)]
        label = wrapped(literal(str(names.get(reason, reason))), *_LABEL)
        looks.append(_Look(reason, label, colour, style_of(i, len(palette))))
    return looks


def _columns(part: pd.DataFrame, look: _Look, names: Sequence[str]) -> list[Any]:
    rows = part[part["reason"].astype(str) == look.reason]
    return [rows[name].to_numpy(float) for name in names]


def _curves(ax: Axes, part: pd.DataFrame, looks: Sequence[_Look], *, naive: bool) -> list[Steps]:
    drawn = []
    for look in looks:
        steps = Steps(*_columns(part, look, ("duration", "estimate", "conf_low", "conf_high")))
        kept = draw_steps(ax, steps, look.colour, alpha=0.15, linestyle=look.style)
        drawn.append(kept)
        if naive:
            x, y = _columns(part, look, ("duration", "naive"))
            at = thinned(x)
            ax.step(x[at], y[at], where="post", color=look.colour, linestyle=(0, (4, 2)),
                    linewidth=1.1)  # fmt: skip
            drawn.append(Steps(x[at], y[at], y[at], y[at]))
    return drawn


def _stack(ax: Axes, part: pd.DataFrame, looks: Sequence[_Look], *, naive: bool) -> list[Steps]:
    """Areas from below: every reason upon the one before it."""
    drawn: list[Steps] = []
    for look in looks:
        x, share = _columns(part, look, ("duration", "estimate"))
        at = thinned(x)
        below = drawn[-1].high if drawn else np.zeros(at.size)
        if below.size != at.size:
            raise InputError("not every reason has the same durations: give the frame as it came.")
        above = below + share[at]
        hatch = None if look.style == "-" else "///"
        ax.fill_between(x[at], below, above, step="post", facecolor=look.colour, hatch=hatch,
                        edgecolor="white", linewidth=0.6)  # fmt: skip
        drawn.append(Steps(x[at], (below + above) / 2, below, above))
    top = drawn[-1]
    ax.fill_between(top.x, top.high, 1.0, step="post", facecolor=_STAYED, linewidth=0)
    ones = np.ones_like(top.x)
    return [*drawn, Steps(top.x, (top.high + 1) / 2, top.high, ones)]


def _limit(panels: Sequence[Axes], drawn: Sequence[Sequence[Steps]], *, stacked: bool) -> None:
    """One scale for all panels, up to the highest limit."""
    last = max(steps.x[-1] for panel in drawn for steps in panel if steps.x.size)
    highest = [np.nanmax([0.0, *steps.y, *steps.high]) for panel in drawn for steps in panel]
    top = 1.0 if stacked else min(1.02, 1.06 * max(highest) or 1.0)
    for panel in panels:
        panel.set_ylim(0, top)
        panel.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        panel.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0 if top > 0.1 else None))
        if stacked:  # areas end where the durations do
            panel.set_xlim(0, last or 1.0)
        else:
            panel.set_xlim(0, 1.02 * last or 1.0)


def _name(
    panels: Sequence[Axes],
    drawn: Sequence[Sequence[Steps]],
    looks: Sequence[_Look],
    *,
    stacked: bool,
    naive: bool,
) -> None:
    """The reasons at the ends of their curves where there is room, else in a legend."""
    labels = [(look.label, look.colour) for look in looks] + [
        ("still customers", _STAYED_INK)
    ] * stacked
    settle(panels[-1])
    at_ends = len(panels) == 1 and not naive
    if at_ends and write_at_ends(panels[0], _ends(drawn[0], stacked=stacked), labels):
        return
    labels += [(_NAIVE, GREY)] * naive
    handles = [_handle(label, colour, looks, stacked=stacked) for label, colour in labels]
    if stacked:
        handles = handles[::-1]  # as they lie upon each other
    ax = panels[min(len(panels), 3) - 1]  # the last of the first row
    legend = ax.legend(handles=handles, loc="upper left")
    within = [] if stacked else drawn[min(len(panels), 3) - 1]
    place_legend(ax, legend, within, inside=not stacked and len(panels) == 1)


def _ends(drawn: Sequence[Steps], *, stacked: bool) -> list[float]:
    """The heights at which curves leave the figure; an area has no width after its last step."""
    return [float(steps.y[-2 if stacked and steps.y.size > 1 else -1]) for steps in drawn]


def _handle(label: str, colour: str, looks: Sequence[_Look], *, stacked: bool) -> Any:
    if stacked:
        styles = {look.label: look.style for look in looks}
        face = colour if label in styles else _STAYED
        hatch = None if styles.get(label, "-") == "-" else "///"
        return Patch(facecolor=face, hatch=hatch, edgecolor="white", label=label)
    if label == _NAIVE:
        return Line2D([], [], color=colour, linestyle=(0, (4, 2)), linewidth=1.1, label=label)
    style = next(look.style for look in looks if look.label == label)
    return Line2D([], [], color=colour, linestyle=style, label=label)
