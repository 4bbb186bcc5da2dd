"""Gray's test: whether groups lose the same share of their customers for a reason."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from churnlab import checks
from churnlab.checks import IfPresent, InputError
from churnlab.compare.counts import compared
from churnlab.compare.frames import result
from churnlab.survival.risk import split, weight_of
from churnlab.survival.shares import ratio
from churnlab.survival.tally import FROM_TABLE, Cells, Roles

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


def gray(
    spells: Any,
    *,
    by: str | Sequence[str],
    reason: str = "reason",
    strata: str | Sequence[str] | None = None,
    rho: float = 0,
    duration: str = "duration",
    event: str = "event",
    entry: str | None = IfPresent("entry"),
    weight: str | None = None,
    count: str | None = FROM_TABLE,
    event_value: Any = None,
    cluster: str | None = FROM_TABLE,
    timefix: bool = True,
) -> pd.DataFrame:
    """Whether the share of customers lost for a reason differs between groups, for every reason.

    The trap: a group that loses more for one reason has fewer left to lose for another, so a
    difference need not mean that this reason acts more strongly. For that compare the hazards:
    :func:`logrank` with only this reason as the event.

    Parameters
    ----------
    spells, by, strata, duration, event, entry, weight, count, event_value, cluster, timefix
        As in :func:`logrank`; weights must be whole numbers, and are counts.
    reason : str
        Column: why the customer left, as in :func:`churnlab.survival.incidence`.
    rho : float
        Above 0 early churn counts for more: a duration has the weight (1 − F(t−))^rho.

    Returns
    -------
    DataFrame
        A row per reason: ``reason, n, n_event, statistic, df, p_value``.

    Raises
    ------
    InputError
        As in :func:`logrank`; for late entries, weights in fractions and several spells of a
        cluster, for which the test is not defined.

    Notes
    -----
    The score of a group is Σ W (d_g − d R_g / Σ R), with R = n (1 − F(t−)) / S(t−): who left for
    another reason stays in R, less those who would have been censored. Groups are compared within
    strata. The variance has the hypergeometric factor at ties; where it is singular, as with a
    group in which nothing can be seen, the test is missing. df is the number of groups less 1.

    References
    ----------
    Gray 1988, Annals of Statistics 16(3), 1141–1154.

    Examples
    --------
    >>> eight = pd.DataFrame({"duration": [1, 2, 3, 4, 2, 3, 5, 5], "plan": list("aaaabbbb"),
    ...     "event": [1, 1, 1, 0, 1, 1, 1, 0]})
    >>> eight["reason"] = ["price", "price", "moved", None, "moved", "moved", "price", None]
    >>> gray(eight, by="plan").round(4)
      reason  n  n_event  statistic  df  p_value
    0  moved  8        3     0.5949   1   0.4405
    1  price  8        3     2.3023   1   0.1292
    """
    power = checks.number("rho", rho)
    if not isinstance(reason, str):
        raise InputError(
            f"reason={reason!r} must be the name of the column that says why a customer left."
        )
    roles = Roles(
        duration, event, entry, weight, count, event_value, checks.group_columns(by, ()), cluster,
        reason, checks.group_columns(strata, (), argument="strata"), timefix,
    )  # fmt: skip
    cells, _ = compared(spells, roles, "gray")
    _refuse(cells, roles)
    counts = _counts(cells)
    tests = [_test(counts, number, power) for number in range(len(cells.reasons))]
    columns: dict[str, Any] = {
        "reason": pd.Series(cells.reasons, dtype="str"),
        "n": [weight_of(cells.frame).sum()] * len(tests),
        "n_event": [sum(part.n_event[i].sum() for part in counts) for i in range(len(tests))],
    }
    columns |= {
        k: [test[i] for test in tests] for i, k in enumerate(("statistic", "df", "p_value"))
    }
    return result(spells, cells, columns)


def _refuse(cells: Cells, roles: Roles) -> None:
    """What Gray's test does not know."""
    what = None
    if "entry" in cells.frame and bool((cells.frame["entry"] > 0).any()):
        what = f"late entries (column {roles.entry!r}): pass entry=None if they may be passed over"
    elif cells.fractional:
        what = f"weights in fractions (column {roles.weight!r}): use whole numbers or count="
    elif any(line.rule == "clustered" for line in cells.lines):
        what = "several spells in a cluster: pass cluster=None to take each spell for itself"
    if what:
        raise InputError(
            f"Gray's test is not defined for {what}. Or compare hazards: logrank with the churns "
            "of one reason as the event."
        )


class _Counts(NamedTuple):
    """Of a stratum, at its durations with a churn."""

    n_risk: Floats  # groups × durations
    n_event: Floats  # reasons × groups × durations


def _counts(cells: Cells) -> list[_Counts]:
    """Every stratum in which there was a churn."""
    frame, groups, reasons = cells.frame, len(cells.groups), len(cells.reasons)
    parts = split(frame, "stratum", len(cells.strata)) if "stratum" in frame else [frame]
    return [_counted(part, groups, reasons) for part in parts if part["event"].any()]


def _counted(frame: pd.DataFrame, groups: int, reasons: int) -> _Counts:
    duration = frame["duration"].to_numpy(dtype=np.float64)
    event, weight = frame["event"].to_numpy(dtype=bool), weight_of(frame)
    times = np.unique(duration[event])
    reached = np.searchsorted(times, duration, side="right")
    group, reason = frame["group"].to_numpy(), frame["reason"].to_numpy()
    left = _sums(weight, (groups, times.size + 1), group, reached)
    there = np.cumsum(left[:, ::-1], axis=1)[:, ::-1]
    by_reason = (reasons, groups, times.size)
    return _Counts(
        there[:, 1:],
        _sums(weight[event], by_reason, reason[event], group[event], reached[event] - 1),
    )


def _sums(weight: Floats, shape: tuple[int, ...], *place: npt.NDArray[np.intp]) -> Floats:
    found = np.bincount(np.ravel_multi_index(place, shape), weight, math.prod(shape))
    return found.astype(np.float64, copy=False).reshape(shape)


def _test(strata: Sequence[_Counts], reason: int, rho: float) -> tuple[float, int, float]:
    """Statistic, degrees of freedom and p value; missing where the variance is singular."""
    free = strata[0].n_risk.shape[0] - 1
    score, variance = np.zeros(free), np.zeros((free, free))
    for counts in strata:
        moved, spread = _Curves(counts, reason).score(rho)
        score, variance = score + moved, variance + spread
    scale = np.sqrt(np.maximum(np.diag(variance), 0.0))
    if not np.isfinite(variance).all() or not (scale > 0).all():
        return np.nan, free, np.nan
    unit = variance / np.outer(scale, scale)
    if np.linalg.eigvalsh(unit)[0] < 1e-10:
        return np.nan, free, np.nan
    statistic = float(score / scale @ np.linalg.solve(unit, score / scale))
    return statistic, free, float(chdtrc(free, statistic))


class _Curves:
    """Of every group, just before (−) and after each duration: who is left, and who left."""

    def __init__(self, counts: _Counts, reason: int) -> None:
        self.n, self.own = counts.n_risk, counts.n_event[reason]
        churns = counts.n_event.sum(axis=0)
        self.other = churns - self.own
        self.survival = np.cumprod(1 - ratio(churns, self.n), axis=1)
        self.before = _just_before(self.survival, 1.0)
        incidence = _just_before(np.cumsum(self.before * ratio(self.own, self.n), axis=1), 0.0)
        self.d = self.own.sum(axis=0)
        self.h = ratio(self.n, self.before)
        self.all_h = self.h.sum(axis=0)
        self.r = self.h * (1 - incidence)
        pooled = np.cumsum(ratio(self.d, self.all_h))
        self.left, self.left_before = 1 - pooled, 1 - _just_before(pooled, 0.0)

    def score(self, rho: float) -> tuple[Floats, Floats]:
        """Of all groups but the last: the score and its variance.

        A churn moves the score by a where it happens, and by all expectations that follow, through
        the curve of its group: c adds up what these weigh, and its end less c is still to come.
        """
        weight = self.left_before**rho
        free = len(self.n) - 1
        score = (self.own - self.r * ratio(self.d, self.r.sum(axis=0)))[:free] @ weight
        variance = np.zeros((free, free))
        step = ratio(self.d, self.all_h * self.left_before)
        for k in range(len(self.n)):
            share = ratio(self.h[k], self.all_h)
            a = weight * self.h[:free] * ((np.arange(free) == k)[:, None] - share)
            c = np.cumsum(a * step, axis=1)
            later = c[:, -1:] - c
            (own, own_spread), (other, other_spread) = self._steps_own(k), self._steps_other(k)
            moved, moved_by_others = a + own * later, other * later
            variance += (moved * own_spread) @ moved.T
            variance += (moved_by_others * other_spread) @ moved_by_others.T
        return score, variance

    def _steps_own(self, k: int) -> tuple[Floats, Floats]:
        """Of churns for the reason: how each moves the later curve of group k, and its variance."""
        after, before = self.survival[k], self.before[k]
        moves = 1 - ratio(self.left, after)  # 1 where nobody is left
        there = self.n[k] > 0
        with np.errstate(invalid="ignore", divide="ignore"):
            tied = np.where(there & (self.d > 1), 1 - (self.d - 1) / (self.all_h * before - 1), 1.0)
        spread = tied * before * ratio(self.d, self.all_h * self.n[k])
        return moves, np.where(there & (self.d > 0), spread, 0.0)

    def _steps_other(self, k: int) -> tuple[Floats, Floats]:
        """Of churns for other reasons; where nobody is left they move nothing."""
        after, before, n, d = self.survival[k], self.before[k], self.n[k], self.other[k]
        with np.errstate(invalid="ignore", divide="ignore"):
            tied = np.where(d > 1, 1 - (d - 1) / (n - 1), 1.0)
        return ratio(self.left, after), tied * before**2 * ratio(d, n**2)


def _just_before(values: npt.NDArray[np.floating[Any]], first: float) -> Floats:
    shape = (*values.shape[:-1], 1)
    return np.concatenate([np.full(shape, first), values[..., :-1]], axis=-1)
