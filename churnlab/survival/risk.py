"""Risk sets: a group's curve in counts, over the distinct durations of its cells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnlab import checks
from churnlab.checks import Entry, InputError
from churnlab.survival.tally import Cells

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RiskSet:
    """One group's curve in counts: arrays over the distinct durations, 0 first."""

    duration: npt.NDArray[Any]
    n_entry: Floats
    n_risk: Floats
    n_event: Floats
    n_censor: Floats
    cells: pd.DataFrame  # the group's cells
    at: npt.NDArray[np.intp]  # where on the axis each cell ends

    def by_reason(self, n_reasons: int) -> Floats:
        """Churns of every reason at every duration: an array of reasons × durations."""
        reason = self.cells["reason"].to_numpy()
        churned = reason >= 0
        place = reason[churned] * self.duration.size + self.at[churned]
        weight = weight_of(self.cells)[churned]
        found = _sums(place, weight, n_reasons * self.duration.size)
        return found.reshape(n_reasons, self.duration.size)


def risk_sets(cells: Cells, since: float = 0) -> list[RiskSet]:
    """The curve in counts of every group, in the order of ``cells.groups``."""
    if "group" not in cells.frame:
        return [risk_set(cells.frame, since)]
    return [risk_set(part, since) for part in split(cells.frame, "group", len(cells.groups))]


def conditional(cells: Cells, given: float, stage: str) -> Cells:
    """The cells of those still there at a duration, under observation from it on at the earliest."""
    if given == 0:
        return cells
    beyond = (cells.frame["duration"] > given).to_numpy(dtype=bool)
    frame = cells.frame[beyond].reset_index(drop=True)
    if frame.empty:
        last = checks.plain(cells.frame["duration"].iloc[-1])
        raise InputError(f"given={given:g}: no spell lasted longer (the longest {last}).")
    if "entry" in frame:
        frame = frame.assign(entry=frame["entry"].where(frame["entry"] > given))
    over = int(cells.frame["n"].sum() - frame["n"].sum())
    lines = [
        line._replace(n=line.n - over) if line.rule == "used" and line.stage == stage else line
        for line in cells.lines
    ]
    unit = cells.lines[0].unit
    return replace(cells, frame=frame, lines=[*lines, Entry(stage, unit, "over_by_given", over)])


def split(frame: pd.DataFrame, column: str, parts: int) -> list[pd.DataFrame]:
    """The rows of every number of a column, in their order."""
    number = frame[column].to_numpy()
    if parts == 1:
        return [frame]
    order = np.argsort(number, kind="stable")
    ends = np.cumsum(np.bincount(number, minlength=parts))[:-1]
    return [frame.take(rows).reset_index(drop=True) for rows in np.split(order, ends)]


def risk_set(cells: pd.DataFrame, since: float = 0) -> RiskSet:
    """The counts of cells (sorted by duration) over their distinct durations, ``since`` first."""
    axis, at = _axis(cells["duration"], since)
    weight = weight_of(cells)
    event = cells["event"].to_numpy(dtype=bool)
    n_event = _sums(at, weight * event, axis.size)
    n_censor = _sums(at, weight * ~event, axis.size)
    left = np.cumsum(n_event + n_censor)
    opened = _openings(cells, axis, weight)
    n_risk = np.cumsum(opened) - np.concatenate([[0.0], left[:-1]])
    n_entry = np.append(opened[1:], 0.0)
    return RiskSet(axis, n_entry, n_risk, n_event, n_censor, cells, at)


def weight_of(cells: pd.DataFrame) -> Floats:
    """What each cell counts for: its spells, or their weights added up."""
    return np.asarray(cells["weight" if "weight" in cells else "n"], dtype=np.float64)


def _axis(duration: pd.Series[Any], since: float) -> tuple[npt.NDArray[Any], npt.NDArray[np.intp]]:
    """The distinct durations, ``since`` first, and where on them each (sorted) cell ends."""
    values = duration.to_numpy()
    if values.dtype.kind not in "iuf":
        values = values.astype("float64")
    is_new = np.append(True, values[1:] != values[:-1])
    axis, at = values[is_new], np.cumsum(is_new) - 1
    if not axis.size or axis[0] > since:
        first = since if axis.dtype.kind == "f" or since % 1 else int(since)
        axis, at = np.insert(axis.astype(float) if since % 1 else axis, 0, first), at + 1
    return axis, at


def _openings(cells: pd.DataFrame, axis: npt.NDArray[Any], weight: Floats) -> Floats:
    """Weight that comes under observation before each duration of the axis."""
    if "entry" not in cells:
        opened = np.zeros(axis.size)
        opened[0] = weight.sum()
        return opened
    return _sums(first_at_risk(cells, axis), weight, axis.size)


def _sums(at: npt.NDArray[np.intp], weight: Floats, size: int) -> Floats:
    return np.bincount(at, weight, size).astype(np.float64, copy=False)


def first_at_risk(cells: pd.DataFrame, axis: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """Where on the axis each cell is first at risk: risk time is (entry, duration]."""
    if "entry" not in cells:
        return np.zeros(len(cells), dtype=np.intp)
    entry = cells["entry"].to_numpy(dtype="float64", na_value=np.nan)
    return np.where(np.isnan(entry), 0, np.searchsorted(axis, entry, side="right"))
