"""Kaplan–Meier and Nelson–Aalen over the durations of a risk set, with their standard errors.

Arrays are worked through in blocks that stay in the cache: a curve of continuous durations has as
many rows as there are spells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from churnlab.survival import jackknife
from churnlab.survival.risk import RiskSet
from churnlab.survival.shares import RESIDUE

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Limits = tuple[Floats, Floats]

_BLOCK = 1 << 14


def product_limit(risk: RiskSet, *, robust: bool) -> tuple[Floats, Floats]:
    """S(t) = Π (1 − d/n) and its standard error, missing where S = 0."""
    survival, greenwood = np.empty(risk.duration.size), np.empty(risk.duration.size)
    last, added = 1.0, 0.0
    for at in _blocks(survival.size):
        n, d = _of(risk, at)
        hazard = d / n
        stay, left = 1 - hazard, np.subtract(n, d, out=d)
        if stay.min() <= RESIDUE:  # everyone left: the curve is 0, and there is no more to add
            gone = stay <= RESIDUE
            stay[gone], left[gone] = 0.0, np.inf
        steps = np.divide(hazard, left, out=hazard)
        # what went before goes into the first of the block, so that blocks change no digit
        stay[0] *= last
        steps[0] += added
        np.cumprod(stay, out=survival[at])
        np.cumsum(steps, out=greenwood[at])
        last, added = survival[at.stop - 1], greenwood[at.stop - 1]
    variance = _variance(risk, greenwood, robust=robust)
    for at in _blocks(survival.size):
        root = np.sqrt(variance[at])
        np.multiply(root, survival[at], out=variance[at])
    if last == 0:
        variance[survival == 0] = np.nan
    if not len(risk.cells):  # nobody there to stay
        survival[:] = variance[:] = np.nan
    return survival, variance


def sum_of_hazards(risk: RiskSet, *, robust: bool) -> tuple[Floats, Floats]:
    """H(t) = Σ d/n and its standard error by Aalen's Σ d/n²."""
    total, squares = np.empty(risk.duration.size), np.empty(risk.duration.size)
    added = added_squares = 0.0
    for at in _blocks(total.size):
        n, d = _of(risk, at)
        hazard = d / n
        steps = np.divide(hazard, n, out=n)
        hazard[0] += added
        steps[0] += added_squares
        np.cumsum(hazard, out=total[at])
        np.cumsum(steps, out=squares[at])
        added, added_squares = total[at.stop - 1], squares[at.stop - 1]
    variance = _variance(risk, squares, robust=robust, additive=True)
    return total, np.sqrt(variance, out=variance)


def limits(of: Callable[[Floats, Floats], Limits], estimate: Floats, std_error: Floats) -> Limits:
    """Limits by a function of estimates and errors, taken block by block."""
    low, high = np.empty(estimate.size), np.empty(estimate.size)
    for at in _blocks(estimate.size):
        low[at], high[at] = of(estimate[at], std_error[at])
    return low, high


def _blocks(size: int) -> Iterator[slice]:
    for start in range(0, size, _BLOCK):
        yield slice(start, min(start + _BLOCK, size))


def _of(risk: RiskSet, at: slice) -> tuple[Floats, Floats]:
    """Numbers at risk and churns as doubles of one's own; where nobody is, nobody leaves one."""
    n, d = risk.n_risk[at].astype(np.float64), risk.n_event[at].astype(np.float64)
    if n.min() <= 0:
        n[n <= 0] = 1.0
    return n, d


def _variance(risk: RiskSet, total: Floats, *, robust: bool, additive: bool = False) -> Floats:
    """Of log S (or of H): by cluster where there are any, else by spell or Greenwood's."""
    if "cluster" not in risk.cells and not robust:
        return total
    steps = np.diff(total, prepend=0.0)
    if "cluster" in risk.cells:
        return jackknife.by_cluster(risk, steps, additive=additive)
    return jackknife.by_spell(risk, steps, additive=additive)
