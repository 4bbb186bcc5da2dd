"""Risk sets: a group's curve in counts, over the distinct durations of its cells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnlab import checks
from churnlab.checks import Entry, InputError
from churnlab.survival.tally import Cells
from churnlab.survival.ties import TOLERANCE

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RiskSet:
    """One group's curve in counts: arrays over the distinct durations, 0 first."""

    duration: npt.NDArray[Any]
    opened: npt.NDArray[Any] | None  # came under observation before each; None: all at the origin
    n_risk: npt.NDArray[Any]  # whole numbers unless there are weights
    n_event: npt.NDArray[Any]
    n_censor: npt.NDArray[Any]
    cells: pd.DataFrame  # the group's cells

    @property
    def n_entry(self) -> npt.NDArray[Any]:
        """Spells that come under observation from each duration to the next."""
        if self.opened is None:
            return np.zeros_like(self.n_risk)
        return np.append(self.opened[1:], self.opened.dtype.type(0))

    @cached_property
    def at(self) -> npt.NDArray[np.intp]:
        """Where on the axis each cell ends."""
        values = _plain(self.cells["duration"])
        ahead = int(self.duration.size > 0 and (not values.size or self.duration[0] < values[0]))
        return np.asarray(np.cumsum(_is_new(values)) + (ahead - 1))

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
    if cells.shared is None or since:
        return _risk_sets(cells, since)
    if "risk_sets" not in cells.shared:
        cells.shared["risk_sets"] = _risk_sets(cells, since)
    return list(cells.shared["risk_sets"])


def _risk_sets(cells: Cells, since: float) -> list[RiskSet]:
    if "group" not in cells.frame:
        return [risk_set(cells.frame, since)]
    return [risk_set(part, since) for part in split(cells.frame, "group", len(cells.groups))]


def conditional(cells: Cells, given: float, stage: str) -> Cells:
    """The cells of those still there at a duration, under observation from it on at the earliest."""
    if given == 0:
        return cells
    duration = cells.frame["duration"]
    whole = duration.dtype.kind in "iu" or not cells.timefix
    over = given if whole else given + TOLERANCE * max(1.0, given)  # nearly given is given
    beyond = (duration > over).to_numpy(dtype=bool)
    frame = cells.frame[beyond].reset_index(drop=True)
    if frame.empty:
        last = checks.plain(cells.frame["duration"].iloc[-1])
        raise InputError(f"given={given:g}: no spell lasted longer (the longest {last}).")
    if "entry" in frame:
        frame = frame.assign(entry=frame["entry"].where(frame["entry"] > over))
    n_over = int(cells.frame["n"].sum() - frame["n"].sum())
    lines = [
        line._replace(n=line.n - n_over) if line.rule == "used" and line.stage == stage else line
        for line in cells.lines
    ]
    unit = cells.lines[0].unit
    lines.append(Entry(stage, unit, "over_by_given", n_over))
    return replace(cells, frame=frame, lines=lines, shared=None)


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
    axis, starts = _axis(cells["duration"], since)
    weight, event = _counted(cells), cells["event"].to_numpy(dtype=bool)
    left, churned = weight, weight * event
    if starts is not None:  # cells of equal durations
        left, churned = _added(left, starts), _added(churned, starts)
    ahead = axis.size - left.size  # 1 where nobody ends at the first duration
    n_event, n_censor, n_risk = (np.zeros(axis.size, dtype=weight.dtype) for _ in range(3))
    n_event[ahead:] = churned
    np.subtract(left, churned, out=n_censor[ahead:])
    # added up from the end, so that broken weights leave no residue where nobody is left
    n_risk[ahead:] = np.cumsum(left[::-1])[::-1]
    if ahead:
        n_risk[0] = n_risk[1] if axis.size > 1 else 0
    if "entry" not in cells:
        return RiskSet(axis, None, n_risk, n_event, n_censor, cells)
    opened = _sums(first_at_risk(cells, axis), weight, axis.size).astype(weight.dtype, copy=False)
    n_risk[:-1] -= np.cumsum(opened[:0:-1])[::-1]  # less those who come later
    if weight.dtype.kind == "f":
        n_risk[_empty(cells, axis)] = 0.0
    return RiskSet(axis, opened, n_risk, n_event, n_censor, cells)


def _empty(cells: pd.DataFrame, axis: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Where nobody is at risk, told by whole numbers: a difference of weights is never quite 0."""
    alone = risk_set(cells.drop(columns="weight"), float(axis[0]))
    return np.asarray(alone.n_risk == 0)


def _added(values: npt.NDArray[Any], starts: npt.NDArray[np.intp]) -> npt.NDArray[Any]:
    """Sums over the cells from each start to the next."""
    if values.dtype.kind == "f":  # a difference of running sums would leave a residue
        return np.asarray(np.add.reduceat(values, starts))
    ends = np.append(starts[1:], values.size) - 1
    return np.diff(np.cumsum(values)[ends], prepend=0)


def _counted(cells: pd.DataFrame) -> npt.NDArray[Any]:
    """What each cell counts for, in whole numbers where there are no weights."""
    return weight_of(cells) if "weight" in cells else cells["n"].to_numpy(dtype=np.int64)


def weight_of(cells: pd.DataFrame) -> Floats:
    """What each cell counts for: its spells, or their weights added up."""
    return np.asarray(cells["weight" if "weight" in cells else "n"], dtype=np.float64)


def _axis(
    duration: pd.Series[Any], since: float
) -> tuple[npt.NDArray[Any], npt.NDArray[np.intp] | None]:
    """The distinct durations, ``since`` first, and at which cell each begins.

    No beginnings where every cell has a duration of its own.
    """
    values = _plain(duration)
    is_new = _is_new(values)
    starts = None if is_new.all() else np.flatnonzero(is_new)
    axis = values if starts is None else values[starts]
    if axis.size and axis[0] <= since:
        return axis.copy() if starts is None else axis, starts
    kind = np.float64 if since % 1 else axis.dtype
    return np.concatenate([np.array([since]).astype(kind), axis.astype(kind, copy=False)]), starts


def _plain(duration: pd.Series[Any]) -> npt.NDArray[Any]:
    values: npt.NDArray[Any] = duration.to_numpy()
    return values if values.dtype.kind in "iuf" else values.astype("float64")


def _is_new(ordered: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    is_new = np.ones(ordered.size, dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    return is_new


def _sums(at: npt.NDArray[np.intp], weight: Floats, size: int) -> Floats:
    return np.bincount(at, weight, size).astype(np.float64, copy=False)


def first_at_risk(cells: pd.DataFrame, axis: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """Where on the axis each cell is first at risk: risk time is (entry, duration]."""
    if "entry" not in cells:
        return np.zeros(len(cells), dtype=np.intp)
    entry = cells["entry"].to_numpy(dtype="float64", na_value=np.nan)
    return np.where(np.isnan(entry), 0, np.searchsorted(axis, entry, side="right"))
