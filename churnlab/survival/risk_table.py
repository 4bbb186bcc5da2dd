"""The risk table: how many were under observation at chosen times, and how many were lost by then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnlab import checks
from churnlab.checks import IfPresent
from churnlab.survival.frames import assemble
from churnlab.survival.risk import split, weight_of
from churnlab.survival.tally import FROM_TABLE, Cells, Roles, tally
from churnlab.survival.ties import TOLERANCE

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_COLUMNS = ("duration", "n_risk", "n_event_cum", "n_censor_cum")
_STEPS = 6  # at most so many between the round times taken where none are given


def at_risk(
    spells: Any,
    *,
    times: float | Sequence[float] | None = None,
    duration: str = "duration",
    event: str = "event",
    entry: str | None = IfPresent("entry"),
    weight: str | None = None,
    count: str | None = FROM_TABLE,
    event_value: Any = None,
    by: str | Sequence[str] | None = None,
    timefix: bool = True,
) -> pd.DataFrame:
    """How many customers a curve still speaks of at chosen times, and how many were lost by then.

    The trap: the far end of a curve may rest on a handful of customers; this table says on how many.

    Parameters
    ----------
    spells, duration, event, entry, weight, count, event_value, by, timefix
        As in :func:`life_table`.
    times : float or list, optional
        In the unit of the durations. Not given: round times up to the longest duration.

    Returns
    -------
    DataFrame
        Groups, then ``duration`` (the times, in order), ``n_risk, n_event_cum, n_censor_cum``;
        ``plot.survival(curves, risk_table=...)`` draws it.

    Raises
    ------
    InputError
        For times that are no numbers from 0 up, and as in :func:`life_table`.

    Notes
    -----
    At risk at t are the spells with entry < t ≤ duration, just before t; at 0 those observed from
    the origin. Churns and censorings are counted up to t, t included. Exact with late entries at
    any time: spells entered before t less spells ended before t.

    Examples
    --------
    >>> import pandas as pd
    >>> six = pd.DataFrame({"duration": [1, 2, 2, 3, 5, 5], "event": [1, 1, 0, 1, 0, 0]})
    >>> at_risk(six, times=[0, 2, 4, 6])
       duration  n_risk  n_event_cum  n_censor_cum
    0         0       6            0             0
    1         2       5            2             1
    2         4       2            3             1
    3         6       0            3             3
    """
    groups = checks.group_columns(by, _COLUMNS)
    wanted = None if times is None else np.unique(checks.numbers("times", times))
    roles = Roles(duration, event, entry, weight, count, event_value, groups, timefix=timefix)
    cells = tally(spells, roles, "at_risk")
    if wanted is None:
        wanted = _round_times(cells.frame["duration"].to_numpy(dtype=np.float64))
    parts = [_numbers(part, wanted, fixed=timefix) for part in _groups(cells)]
    return assemble(spells, cells, groups, _COLUMNS, parts)


def _round_times(durations: Floats) -> Floats:
    """From 0 to the longest duration in steps of 1, 2 or 5 times a power of ten, at most six;
    whole ones for whole durations."""
    last = durations[-1]
    if last <= 0:
        return np.zeros(1)
    power = 10.0 ** np.floor(np.log10(last / _STEPS))
    step = next(s * power for s in (1, 2, 5, 10) if last / (s * power) <= _STEPS)
    step = max(step, 1.0) if (durations % 1 == 0).all() else step
    times: Floats = np.round(np.arange(np.floor(last / step) + 1) * step, 12)
    return times


def _groups(cells: Cells) -> list[pd.DataFrame]:
    if "group" not in cells.frame:
        return [cells.frame]
    return split(cells.frame, "group", len(cells.groups))


def _numbers(cells: pd.DataFrame, times: Floats, *, fixed: bool) -> dict[str, npt.NDArray[Any]]:
    """One group's numbers at the times; ``cells`` are sorted by duration."""
    ends = cells["duration"].to_numpy(dtype=np.float64)
    event = cells["event"].to_numpy(dtype=bool)
    weight = weight_of(cells)
    # a time that differs from a duration by rounding alone is that duration; whole ones never do
    broken = fixed and bool((ends % 1 != 0).any())
    slack = TOLERANCE * np.maximum(1.0, times) * broken
    ended = _summed(ends, weight, times - slack, "left")
    events, censored = (
        _summed(ends, weight * kind, times + slack, "right") for kind in (event, ~event)
    )
    if "entry" in cells:
        begins = cells["entry"].to_numpy(dtype=np.float64, na_value=np.nan)
        begins = np.where(np.isnan(begins), -1.0, begins)
        order = np.argsort(begins, kind="stable")
        entered = _summed(begins[order], weight[order], times - slack, "left")
    else:
        entered = np.full(times.size, weight.sum())
    # weights in fractions may leave a residue where nobody is left
    left = np.where(times - slack > ends[-1], 0.0, np.maximum(entered - ended, 0.0))
    whole = bool((times % 1 == 0).all())
    return {
        "duration": times.astype(np.int64) if whole else times,
        "n_risk": left,
        "n_event_cum": events,
        "n_censor_cum": censored,
    }


def _summed(sorted_at: Floats, weight: Floats, times: Floats, side: Any) -> Floats:
    """The weight before each time (``side="left"``), or up to it ("right")."""
    sums = np.concatenate([[0.0], np.cumsum(weight)])
    return np.asarray(sums[np.searchsorted(sorted_at, times, side=side)])
