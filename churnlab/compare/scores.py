"""Weighted sums of churns seen less churns expected, with their variance, for any of the groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from scipy.special import chdtrc

from churnlab import checks
from churnlab.checks import InputError
from churnlab.compare.counts import BLOCK, Stratum, strata_of
from churnlab.survival.risk import weight_of
from churnlab.survival.shares import ratio, staying
from churnlab.survival.tally import Cells

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Weigh = Callable[[Floats, Floats], Floats]

Weighting = Literal["logrank", "gehan", "tarone-ware", "peto", "fleming-harrington"]


class Scores(NamedTuple):
    """Of every group; ``free`` are the groups that may differ once the others are known."""

    observed: Floats
    expected: Floats
    score: Floats  # the sum of W (observed − expected)
    variance: Floats  # groups × groups
    free: npt.NDArray[np.intp]
    n_parts: int  # independent parts that the variance is made of; many for the hypergeometric


class _Counts(NamedTuple):
    """A stratum's counts of the groups that are compared, and of all of them together."""

    n_of: Floats
    d_of: Floats
    n: Floats
    d: Floats
    weight: Floats


class Scorer:
    """The counts of all groups, from which any of them are compared."""

    def __init__(self, cells: Cells, weigh: Weigh) -> None:
        self.cells, self.weigh, self.strata = cells, weigh, strata_of(cells)
        self.robust = cells.fractional or "cluster" in cells.frame
        self.formula = "robust" if self.robust else "hypergeometric"

    def scores(self, chosen: Sequence[int] | None = None) -> Scores:
        """Of the groups chosen, compared with each other alone."""
        groups = list(range(len(self.cells.groups))) if chosen is None else list(chosen)
        found = [self._counts(s, chosen) for s in self.strata]
        sums = [np.zeros(len(groups)) for _ in range(3)]
        met = np.zeros((len(groups), len(groups)))
        for counts in found:
            for start in range(0, counts.n.size, BLOCK):
                part = _Counts(*(a[..., start : start + BLOCK] for a in counts))
                met += _add(sums, part, broken=self.robust)
        variance, n_parts = _pairwise(met), 1 << 62
        if self.robust:
            variance, n_parts = self._robust(groups, found)
        return Scores(sums[0], sums[1], sums[2], variance, _free(met), n_parts)

    def _counts(self, stratum: Stratum, chosen: Sequence[int] | None) -> _Counts:
        n_of, d_of = stratum.n_risk, stratum.n_event
        if chosen is not None:
            n_of, d_of = n_of[list(chosen)], d_of[list(chosen)]
        n, d = n_of.sum(axis=0), d_of.sum(axis=0)
        return _Counts(n_of, d_of, n, d, self.weigh(n, d) if n.size else n)

    def _robust(self, groups: list[int], found: list[_Counts]) -> tuple[Floats, int]:
        """Sum of the squares of what each spell, or all spells of a cluster, add to the scores."""
        last = len(groups) - 1
        total, n_parts = np.zeros((last, last)), 0
        clustered = "cluster" in self.cells.frame
        size = int(self.cells.frame["cluster"].max()) + 1 if clustered else 0
        sums = np.zeros((last, size))
        for stratum, counts in zip(self.strata, found, strict=True):
            cells = stratum.cells
            influence = _influences(stratum, counts, groups)
            if clustered:
                weight, cluster = weight_of(cells), cells["cluster"].to_numpy()
                for k in range(last):
                    sums[k] += np.bincount(cluster, influence[k] * weight, size)
            else:
                total += (influence * cells["square"].to_numpy()) @ influence.T
                n_parts += int(cells["n"].to_numpy()[_differ(influence)].sum())
        if clustered:
            total, n_parts = sums @ sums.T, int(_differ(sums).sum())
        spread = np.vstack([np.eye(last), -np.ones(last)])  # the last group balances the others
        return spread @ total @ spread.T, n_parts


def _add(sums: list[Floats], counts: _Counts, *, broken: bool) -> Floats:
    """Adds churns seen, expected, and W times their difference; gives what pairs of groups met."""
    n_of, d_of, n, d, weight = counts
    hazard = ratio(d, n)
    sums[0] += d_of.sum(axis=1)
    sums[1] += n_of @ hazard
    sums[2] += d_of @ weight - n_of @ (weight * hazard)
    return np.asarray((n_of * _spread(n, d, weight, broken=broken)) @ n_of.T)


def _influences(stratum: Stratum, counts: _Counts, groups: list[int]) -> Floats:
    """What one unit of weight of each cell adds to the score of every group but the last.

    Over its risk time W (1(own) − n_g/n) (dN − d/n): sums up to its end less those up to its entry.
    """
    group = stratum.cells["group"].to_numpy()
    among, event = np.isin(group, groups), stratum.cells["event"].to_numpy(dtype=bool)
    ends = np.zeros(group.size, dtype=np.intp)
    ends[stratum.starts] = 1
    ends = np.cumsum(ends)
    enters, at = stratum.enters, ends[event] - 1
    slope = counts.weight * ratio(counts.d, counts.n)
    steps = np.concatenate([[0.0], np.cumsum(slope)])
    lived = steps[ends] - steps[enters]
    influence = np.empty((len(groups) - 1, group.size))
    for k, row in enumerate(influence):
        own, share = (group == groups[k]).astype(np.float64), ratio(counts.n_of[k], counts.n)
        shared = np.concatenate([[0.0], np.cumsum(slope * share)])
        row[:] = (shared[ends] - shared[enters]) - own * lived
        row[event] += counts.weight[at] * (own[event] - share[at])
        row[~among] = 0.0
    return influence


def _differ(influence: Floats) -> npt.NDArray[np.bool_]:
    """True where an influence is more than rounding."""
    size = np.abs(influence).max(axis=0, initial=0.0)
    return np.asarray(size > 1e-12 * size.max(initial=0.0))


def _spread(n: Floats, d: Floats, weight: Floats, *, broken: bool) -> Floats:
    """W² d (n − d) / (n² (n − 1)); 0 where all leave or one is left, for nothing is compared there.

    Weights that are no counts know no n − 1; there it only tells which groups were compared.
    """
    left = n - d
    compared = (d > 0) & (left > 1e-12 * n)
    parts = n * n * (n if broken else n - 1)
    parts[~compared] = np.inf
    return np.asarray(weight * weight * d * left / parts)


def _pairwise(met: Floats) -> Floats:
    """The variance of the scores: every pair of groups takes from each what it gives the other."""
    apart = met - np.diag(np.diag(met))
    return np.diag(apart.sum(axis=1)) - apart


def _free(met: Floats) -> npt.NDArray[np.intp]:
    """All groups but the first of each set that was compared: as many as there are comparisons."""
    reach = (met > 0) | np.eye(len(met), dtype=bool)
    for _ in range(len(met)):
        further = (reach.astype(float) @ reach.astype(float)) > 0
        if (further == reach).all():
            break
        reach = further
    return np.flatnonzero(reach.argmax(axis=1) != np.arange(len(met)))


def chi_squared(found: Scores) -> tuple[float, int, float]:
    """Statistic, degrees of freedom and p value; missing where nothing could be compared."""
    free = found.free
    variance = found.variance[np.ix_(free, free)]
    scale = np.sqrt(np.diag(variance))
    if not free.size or found.n_parts <= free.size or not (scale > 0).all():
        return np.nan, int(free.size), np.nan
    unit = variance / np.outer(scale, scale)
    if np.linalg.eigvalsh(unit)[0] < 1e-10:  # fewer clusters than comparisons
        return np.nan, int(free.size), np.nan
    score = found.score[free] / scale
    statistic = float(score @ np.linalg.solve(unit, score))
    return statistic, int(free.size), float(chdtrc(free.size, statistic))


def weigher(weighting: Weighting, rho: float, gamma: float) -> Weigh:
    """W of a duration, from all at risk and all churns at the durations of a stratum."""
    checks.choice("weighting", weighting, Weighting)
    before, after = checks.number("rho", rho), checks.number("gamma", gamma)
    if weighting != "fleming-harrington" and (before or after):
        raise InputError(
            f"rho and gamma belong to weighting='fleming-harrington', not to {weighting!r}."
        )
    if weighting == "gehan":
        return lambda n, d: n
    if weighting == "tarone-ware":
        return lambda n, d: np.sqrt(n)
    if weighting == "peto":
        return lambda n, d: np.asarray(np.cumprod(1 - d / (n + 1)), dtype=np.float64)
    if before or after:
        return lambda n, d: _just_before(n, d) ** before * (1 - _just_before(n, d)) ** after
    return lambda n, d: np.ones_like(n)


def _just_before(n: Floats, d: Floats) -> Floats:
    """Kaplan–Meier of all groups together, just before each duration."""
    return np.concatenate([[1.0], staying(n, d)[:-1]])
