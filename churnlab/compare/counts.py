"""Groups at risk and their churns at every duration with a churn, stratum by stratum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from churnlab import checks
from churnlab.checks import InputError
from churnlab.survival.risk import split, weight_of
from churnlab.survival.tally import Cells, Roles, tally

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Places = npt.NDArray[np.intp]


BLOCK = 1 << 14  # arrays as long as this stay in the cache
_MOST = 1 << 28  # groups × durations: two arrays of 2 GB


class Stratum(NamedTuple):
    """Arrays of groups × durations with a churn; nothing where the stratum has no churn."""

    n_risk: Floats
    n_event: Floats
    cells: pd.DataFrame
    starts: Places  # the first cell of each of the durations
    enters: Places | int  # how many durations had gone by when a cell came under observation


def compared(
    spells: Any, roles: Roles, stage: str, *, taken: Sequence[str] = ()
) -> tuple[Cells, list[str]]:
    """The cells of at least two groups and one churn, and what the groups are called."""
    by = checks.group_columns(roles.by, taken)
    if not by:
        raise InputError("by= must name the column of the groups that are compared.")
    for name in checks.group_columns(roles.strata, (), argument="strata"):
        if name in by:
            raise InputError(
                f"strata={name!r} is also in by: every stratum would hold one group, and nothing "
                "could be compared."
            )
    cells = tally(spells, roles, stage)
    names = called(cells)
    if len(names) < 2:
        raise InputError(
            f"column {', '.join(by)!r} holds one group, {names[0]}: nothing to compare it with."
        )
    if not cells.frame["event"].any():
        raise InputError("no churn was seen in any group: there is nothing to compare.")
    return cells, names


def called(cells: Cells) -> list[str]:
    """What each group is called in a message, and where several columns make a group."""
    rows = cells.groups.itertuples(index=False)
    single = len(cells.groups.columns) == 1
    return [", ".join(_word(v, quoted=single) for v in row) for row in rows]


def _word(value: Any, *, quoted: bool) -> str:
    if pd.isna(value):
        return "missing"
    return checks.plain(value) if quoted else str(value)


def strata_of(cells: Cells) -> list[Stratum]:
    """Every stratum in counts; one that holds all the cells where there are no strata."""
    frame, groups = cells.frame, len(cells.groups)
    parts = split(frame, "stratum", len(cells.strata)) if "stratum" in frame else [frame]
    return [_stratum(part, groups, fractional=cells.fractional) for part in parts]


def _stratum(frame: pd.DataFrame, groups: int, *, fractional: bool) -> Stratum:
    duration = frame["duration"].to_numpy()
    if duration.dtype.kind not in "iuf":
        duration = duration.astype(np.float64)
    churns = np.flatnonzero(frame["event"].to_numpy(dtype=bool))
    place, starts = _durations(duration, churns)
    if groups * starts.size > _MOST:
        raise InputError(
            f"{groups:,} groups at {starts.size:,} durations are too many to compare: is by= the "
            "column you mean? If so, take fewer groups, or durations in whole periods."
        )
    enters = _enters(frame, duration, starts)
    weight, group = weight_of(frame), frame["group"].to_numpy()
    n_risk, n_event = np.zeros((groups, starts.size)), np.zeros((groups, starts.size))
    if place is None and not fractional and isinstance(enters, int):
        _all_in_one_pass(n_risk, n_event, weight, group, starts)
        return Stratum(n_risk, n_event, frame, starts, enters)
    left, whose = weight[churns], group[churns]
    for g in range(groups) if starts.size else ():
        gone = left * (whose == g)
        n_event[g] = gone if place is None else np.bincount(place, gone, starts.size)
        n_risk[g] = _at_risk(weight, group, g, starts, enters)
        if fractional and not isinstance(enters, int):
            # differences of broken sums leave a residue where nobody is at risk
            present = _at_risk(frame["n"].to_numpy(), group, g, starts, enters)
            n_risk[g][present < 0.5] = 0.0
    return Stratum(n_risk, n_event, frame, starts, enters)


def _durations(duration: npt.NDArray[Any], churns: Places) -> tuple[Places | None, Places]:
    """Which of the durations with a churn each churn has (None: its own), and their first cells."""
    is_new = np.ones(duration.size, dtype=bool)
    np.not_equal(duration[1:], duration[:-1], out=is_new[1:])
    tied = np.flatnonzero(~is_new[churns])
    if not tied.size:
        return None, churns
    firsts = churns.copy()
    firsts[tied] = np.searchsorted(duration, duration[churns[tied]])
    is_first = np.append(True, firsts[1:] != firsts[:-1])
    return np.cumsum(is_first) - 1, firsts[is_first]


def _enters(frame: pd.DataFrame, duration: npt.NDArray[Any], starts: Places) -> Places | int:
    """Risk time is (entry, duration]: a churn at the very entry is not yet met."""
    if "entry" not in frame:
        return 0
    entry = frame["entry"].to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isnan(entry), 0, np.searchsorted(duration[starts], entry, side="right"))


def _all_in_one_pass(
    n_risk: Floats, n_event: Floats, weight: Floats, group: npt.NDArray[Any], starts: Places
) -> None:
    """Fills in the groups' counts where each churn has a duration of its own, from the end on."""
    after = np.zeros(len(n_risk))
    edges = np.append(np.arange(0, weight.size, BLOCK), weight.size)
    firsts = np.searchsorted(starts, edges)
    for k in range(edges.size - 2, -1, -1):
        cells, own = slice(edges[k], edges[k + 1]), slice(firsts[k], firsts[k + 1])
        each, whose, at = weight[cells], group[cells], starts[own] - edges[k]
        for g in range(len(n_risk)):
            of_group = each * (whose == g)
            left, there = np.cumsum(of_group), of_group[at]
            n_event[g, own] = there
            n_risk[g, own] = (after[g] + left[-1]) - left[at] + there
            after[g] += left[-1]


def _at_risk(
    weight: npt.NDArray[Any], group: npt.NDArray[Any], g: int, starts: Places, enters: Places | int
) -> Floats:
    """Weight of a group still there at each duration, less what is not yet under observation.

    Added up from the end, block by block: where nobody is left the sum is 0 to the last digit.
    """
    there, after = np.empty(starts.size), 0.0
    edges = np.append(np.arange(0, weight.size, BLOCK), weight.size)
    firsts = np.searchsorted(starts, edges)
    for k in range(edges.size - 2, -1, -1):
        cells, own = slice(edges[k], edges[k + 1]), slice(firsts[k], firsts[k + 1])
        sums = weight[cells] * (group[cells] == g).astype(np.float64)
        sums[-1] += after
        sums = np.cumsum(sums[::-1])[::-1]
        there[own] = sums[starts[own] - edges[k]]
        after = sums[0]
    if isinstance(enters, int):
        return there
    late = np.bincount(enters, weight * (group == g), starts.size + 1)
    return np.asarray(there - np.cumsum(late[::-1])[::-1][1:])
