"""Times that are equal but for the rounding of their arithmetic: 0.1 + 0.2 and 0.3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    Floats = npt.NDArray[np.float64]

TOLERANCE = float(np.sqrt(np.finfo(np.float64).eps))  # 1.49e-8, as in R's survival


def merged(cells: pd.DataFrame) -> pd.DataFrame:
    """Cells (sorted by duration) whose nearly equal durations and entries are made equal.

    R's rule (``timefix``): of all distinct times in order, one that follows its predecessor by at
    most 1.49e-8, or by at most so much of the mean distinct time, becomes the first of its run.
    Whole numbers never do, whatever they are stored as.
    """
    if cells["duration"].dtype.kind in "iu" and "entry" not in cells:
        return cells
    ends = cells["duration"].to_numpy(dtype=np.float64, na_value=np.nan)
    known = int(np.searchsorted(ends, np.inf, side="right"))  # NaN sorts after infinity
    if "entry" not in cells:
        fixed = _merged_in_order(ends[:known])
        if fixed is None:
            return cells
        return _with(cells, duration=np.append(fixed, ends[known:]) if known < ends.size else fixed)
    begins = cells["entry"].to_numpy(dtype=np.float64)
    times = np.unique(np.concatenate([ends[:known], begins[~np.isnan(begins)]]))
    fixed = _merged_in_order(times)
    if fixed is None:
        return cells
    fixed_ends, fixed_begins = (_looked_up(values, times, fixed) for values in (ends, begins))
    return _with(cells, duration=fixed_ends, entry=fixed_begins)


def _with(cells: pd.DataFrame, **columns: Floats) -> pd.DataFrame:
    """Not ``assign``, which would copy the other columns."""
    return type(cells)({c: columns.get(c, cells[c]) for c in cells.columns}, copy=False)


def _merged_in_order(times: Floats) -> Floats | None:
    """Each of these times in order as the first of its run; None where nothing is merged."""
    if times.size < 2:
        return None
    gaps = np.diff(times)
    n_repeats = gaps.size - int(np.count_nonzero(gaps))
    with np.errstate(over="ignore", invalid="ignore"):
        total = times.sum()
        if n_repeats:  # the mean is that of the distinct times
            total -= times[1:][gaps == 0].sum()
    mean = float(total) / (times.size - n_repeats)
    if not np.isfinite(mean):  # the sum is beyond what a double holds
        mean = float((np.unique(times) / (times.size - n_repeats)).sum())
    close = gaps <= TOLERANCE * max(1.0, mean)
    if np.count_nonzero(close) == n_repeats or not (times % 1).any():
        return None
    starts = np.flatnonzero(np.append(True, ~close))
    return np.repeat(times[starts], np.diff(starts, append=times.size))


def _looked_up(values: Floats, times: Floats, fixed: Floats) -> Floats:
    place = np.searchsorted(times, values)
    return np.where(np.isnan(values), np.nan, fixed[np.minimum(place, times.size - 1)])
