"""What was seen so far and what may come, on one axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from churnlab.checks import InputError
from churnlab.plot.dates import Calendar, calendar_of, date_axis
from churnlab.plot.lines import bare, dark_colours, draw_line, floats, gapped, lines_of, name_lines
from churnlab.plot.look import require_frame, styled
from churnlab.plot.over_time import SO_FAR, hollow

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes

    Floats = npt.NDArray[np.float64]

_NEED = ["period_start", "ahead", "estimate", "existing", "conf_low", "conf_high"]
_PEOPLE = {"customers": "customers", "active": "active customers", "closing": "customers"}
_MONEY = {"closing_mrr": "recurring revenue", "value": "value"}


@styled
def forecast(
    forecast: pd.DataFrame,
    *,
    before: pd.DataFrame | None = None,
    ylabel: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """What is to come, dashed and with its limits, after what was seen so far.

    The trap: the limits are for a future like the past; a new price or rival is not in them.

    Parameters
    ----------
    forecast : DataFrame
        From ``forecast.customers`` or ``forecast.revenue``, one line per group (columns in front,
        10 at most). Without dates, periods are counted from the last one known.
    before : DataFrame, optional
        The same quantity so far: ``period_start``, the groups of the forecast, and the first found
        of ``customers``, ``active``, ``closing`` (of money: ``closing_mrr``, ``value``). Where
        ``whole`` is False the period is not over: a hollow dot, at ``n_seen`` for ``active``.
        Without dates, its rows are in order and end with the last period known.
    ylabel : str, optional
        Axis title; name the currency of money there.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a frame is empty or another one, ``before`` has not the groups of the forecast, or
        a period is there twice in a group.

    Notes
    -----
    Of one group, a dotted line is the part of those here now (``existing``), where newcomers make
    a difference. A forecast is joined to the period just before it, if ``before`` knows it.

    Examples
    --------
    >>> import churnlab as cl
    >>> seen = pd.DataFrame({"age": [0, 1, 2], "customers": [1000, 700, 560]})
    >>> ahead = cl.forecast.customers(seen, ahead=2)
    >>> cl.plot.forecast(ahead, before=seen).lines[-1].get_ydata().round(1).tolist()
    [560.0, 476.0, 418.9]
    """
    require_frame(forecast, _NEED, "forecast.customers or forecast.revenue")
    names = list(forecast.columns[: forecast.columns.get_loc("period_start")])
    dated = bool(forecast["period_start"].notna().all())
    column, quantity = _quantity(forecast, before)
    groups = lines_of(forecast.drop(columns="period_start"), "ahead")
    calendar, past = None, _past(before, names, column, dated, [label for label, _ in groups])
    if dated:
        seen = [part["period_start"] for part in past.values()]
        calendar = calendar_of(forecast["period_start"], *seen)
    if ax is None:
        ax = plt.subplots(layout="constrained")[1]
    colours, ends = dark_colours(len(groups)), []
    key: dict[str, Any] = {}
    for (label, part), colour in zip(groups, colours, strict=True):
        starts = forecast.loc[part.index, "period_start"]
        x = floats(part, "ahead") if calendar is None else calendar.places(starts)
        known = _draw_past(ax, past.get(label), column, calendar, colour, key)
        tie = _draw_ahead(ax, part, x, known, colour, key, alone=len(groups) == 1)
        ends.append(bare(label, x, tie))
    _frame(ax, calendar, ylabel or quantity)
    name_lines(ax, ends, colours, [(shape, words) for words, shape in key.items()])
    return ax


def _quantity(forecast: pd.DataFrame, before: Any) -> tuple[str, str]:
    """The column of ``before`` that the forecast goes on with, and what it counts."""
    lines = forecast.attrs.get("ledger") or [{}]
    stage = str(lines[-1].get("stage", ""))
    known = {"forecast": _PEOPLE, "forecast.revenue": _MONEY}.get(stage)
    if before is None:
        return "", {"forecast": "customers", "forecast.revenue": "recurring revenue"}.get(
            stage, "estimate"
        )
    wanted = known or (_PEOPLE | _MONEY)
    require_frame(before, [], "what was seen before the forecast")
    found = [name for name in wanted if name in before.columns]
    if not found:
        raise InputError(
            f"before= holds none of the columns {', '.join(wanted)}: it is what was seen of the "
            "forecast's quantity so far, one row per period."
        )
    if known is None and {found[0], found[-1]} & set(_PEOPLE) and found[-1] in _MONEY:
        raise InputError(
            f"before= holds customers ({found[0]}) and money ({found[-1]}), and this forecast has "
            "lost its attrs, which say what it is of: keep one of the two columns."
        )
    return found[0], wanted[found[0]]


def _past(
    before: pd.DataFrame | None, names: list[Any], column: str, dated: bool, labels: list[str]
) -> dict[str, pd.DataFrame]:
    """The rows of ``before`` by the label of their group."""
    if before is None:
        return {}
    lacking = [str(name) for name in names if name not in before.columns]
    if lacking and len(labels) > 1:
        raise InputError(
            f"the forecast has groups by {', '.join(lacking)}, and before= has no such column: "
            "give it the by= of the forecast."
        )
    if dated:
        require_frame(before, ["period_start"], "what was seen before the forecast")
        key = before["period_start"]
    else:
        key = pd.Series(np.arange(len(before)), before.index)
    own = [] if lacking else names
    table = before[[*own, column]].assign(over=True)
    if "whole" in before.columns:
        table["over"] = before["whole"].to_numpy(bool)
        if column == "active" and "n_seen" in before.columns:
            table[column] = before["active"].where(table["over"], before["n_seen"])
    table.insert(len(own), "period_start", key)
    groups = lines_of(table, "period_start")
    if lacking or not names:
        return {labels[0]: groups[0][1]}
    unknown = [label for label, _ in groups if label not in labels]
    if unknown:
        raise InputError(
            f"before= holds {len(unknown):,} groups that the forecast has not, for example "
            f"{unknown[0]}: leave them out, or forecast them too."
        )
    return dict(groups)


def _draw_past(
    ax: Axes, part: pd.DataFrame | None, column: str, calendar: Calendar | None, colour: str,
    key: dict[str, Any],
) -> tuple[Floats, Floats]:  # fmt: skip
    """The solid line; the places and values of the periods that are over."""
    if part is None:
        return np.empty(0), np.empty(0)
    starts = part["period_start"]
    x = np.arange(1.0 - len(part), 1.0) if calendar is None else calendar.places(starts)
    y, over = floats(part, column), part["over"].to_numpy(bool)
    draw_line(ax, bare("", x, y, over), colour)
    key.setdefault("seen", Line2D([], [], color="#404040", linewidth=1.8))
    if not over.all():
        key.setdefault(SO_FAR, hollow("#404040"))
    return x[over], y[over]


def _draw_ahead(
    ax: Axes, part: pd.DataFrame, x: Floats, known: tuple[Floats, Floats], colour: str,
    key: dict[str, Any], *, alone: bool,
) -> Floats:  # fmt: skip
    """The dashed line, its band and the dotted part of those here now; the estimates."""
    estimate, existing, low, high = (floats(part, c) for c in _NEED[2:])
    just_before = known[0] == x[0] - 1
    tip_x, tip_y = known[0][just_before], known[1][just_before]
    at, band_low, band_high = gapped(x, low, high)
    ax.fill_between(at, band_low, band_high, color=colour, alpha=0.18, linewidth=0)
    look: Any = {"color": colour, "linewidth": 1.8}
    if alone and not np.allclose(existing, estimate, equal_nan=True):
        ax.plot(*_joined(x, existing, tip_x, tip_y), **look, linestyle=":")
        here = Line2D([], [], color="#404040", linewidth=1.8, linestyle=":")
    else:
        here = None
    ax.plot(*_joined(x, estimate, tip_x, tip_y), **look, linestyle="--")
    key.setdefault("forecast", Line2D([], [], color="#404040", linewidth=1.8, linestyle="--"))
    key.setdefault("limits", Patch(facecolor="#404040", alpha=0.18))
    if here is not None:
        key.setdefault("without newcomers", here)
    return estimate


def _joined(x: Floats, y: Floats, tip_x: Floats, tip_y: Floats) -> list[Floats]:
    return gapped(np.append(tip_x, x), np.append(tip_y, y))


def _frame(ax: Axes, calendar: Calendar | None, ylabel: str) -> None:
    family = mpl.rcParams["font.family"]
    ax.autoscale_view()
    ax.set_ylim(0, 1.04 * max(ax.dataLim.y1, 0.0) or 1.0)
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
    ax.set_ylabel(ylabel, family=family)
    if calendar is None:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set_xlabel("periods ahead", family=family)
    else:
        date_axis(ax, calendar, aside=0.4)
