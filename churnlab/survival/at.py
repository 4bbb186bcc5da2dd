"""A curve read at chosen durations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from churnlab import checks
from churnlab.checks import InputError

_STEPS = (
    *("estimate", "std_error", "conf_low", "conf_high", "naive"),
    *("total_churn", "saved", "incidence", "estimate_low", "estimate_high"),
)


def at(curves: pd.DataFrame, *, duration: Any) -> pd.DataFrame:
    """What curves say at chosen durations, such as the share still there after a year.

    The trap: a curve has rows only where something happened; a filter on ``duration == 365`` finds
    nothing where nobody left or was censored that very day.

    Parameters
    ----------
    curves : DataFrame
        From ``kaplan_meier``, ``nelson_aalen``, ``incidence``, ``eliminate``, ``reason_bounds`` or
        ``bands``; the columns before ``duration`` are its groups.
    duration : float or list
        Durations, in the unit of the curves.

    Returns
    -------
    DataFrame
        Groups, ``duration``, and of the curve its estimates, errors and limits, which hold from
        the last row at or before the duration. Counts are those of rows and are left out: see
        :func:`at_risk`.

    Raises
    ------
    InputError
        If the frame is not one of curves, or a duration is negative.

    Notes
    -----
    Later than a group's last row, and earlier than its first, nothing was observed: missing.

    Examples
    --------
    >>> import churnlab as cl
    >>> six = pd.DataFrame({"duration": [1, 2, 2, 3, 5, 5], "event": [1, 1, 0, 1, 0, 0]})
    >>> at(cl.survival.kaplan_meier(six), duration=[4, 6])[["duration", "estimate"]].round(4)
       duration  estimate
    0       4.0    0.4444
    1       6.0       NaN
    """
    if not isinstance(curves, pd.DataFrame) or "duration" not in curves or curves.empty:
        raise InputError("curves must be a frame of curves as it came, with a column 'duration'.")
    wanted = np.atleast_1d(checks.numbers("duration", duration))
    names = list(curves.columns[: curves.columns.get_loc("duration")])
    steps = [c for c in _STEPS if c in curves]
    if not steps:
        raise InputError(
            "the frame holds counts and no estimates: a life table is read by survival.at_risk."
        )
    if names:
        number = curves.groupby(names, dropna=False, sort=False).ngroup().to_numpy()
    else:
        number = np.zeros(len(curves), dtype=np.intp)
    parts = [_read(curves[number == g], names, wanted, steps) for g in range(number.max() + 1)]
    found = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    found.attrs = dict(curves.attrs)
    return found


def _read(
    curve: pd.DataFrame, names: list[str], wanted: np.ndarray[Any, Any], steps: list[str]
) -> pd.DataFrame:
    axis = curve["duration"].to_numpy(dtype=np.float64)
    place = np.searchsorted(axis, wanted, side="right") - 1
    known = (place >= 0) & (wanted <= axis[-1])
    groups = curve[names].iloc[np.zeros(wanted.size, dtype=np.intp)].reset_index(drop=True)
    values = curve[steps].to_numpy(dtype=np.float64)[np.maximum(place, 0)]
    values[~known] = np.nan
    return groups.assign(duration=wanted, **dict(zip(steps, values.T, strict=True)))
