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
    Whole numbers never do.
    """
    duration = cells["duration"].to_numpy()
    if duration.dtype.kind in "iu" and "entry" not in cells:
        return cells
    ends = cells["duration"].to_numpy(dtype=np.float64, na_value=np.nan)
    begins = cells["entry"].to_numpy(dtype=np.float64) if "entry" in cells else None
    times = _distinct(ends, begins)
    tied = _follows(times)
    if tied is None:
        return cells
    firsts = times[~tied]
    changed = {"duration": _first_of_run(ends, firsts)}
    if begins is not None:
        changed["entry"] = _first_of_run(begins, firsts)
    return cells.assign(**changed)


def _distinct(ends: Floats, begins: Floats | None) -> Floats:
    """Distinct times in order; ``ends`` are sorted, with missing ones last."""
    known = ends[: int(np.searchsorted(ends, np.inf, side="right"))]  # NaN sorts after infinity
    if begins is not None:
        return np.unique(np.concatenate([known, begins[~np.isnan(begins)]]))
    if not known.size:
        return known
    is_new = np.append(True, known[1:] != known[:-1])
    return known if is_new.all() else known[is_new]


def _follows(times: Floats) -> npt.NDArray[np.bool_] | None:
    """True where a time is nearly the one before; None where no time is."""
    if times.size < 2:
        return None
    tolerance = TOLERANCE * max(1.0, float(np.abs(times).mean()))
    gaps = np.diff(times)
    if gaps.min() > tolerance:
        return None
    return np.append(False, gaps <= tolerance)


def _first_of_run(values: Floats, firsts: Floats) -> Floats:
    place = np.searchsorted(firsts, values, side="right") - 1
    return np.where(np.isnan(values), np.nan, firsts[np.maximum(place, 0)])
