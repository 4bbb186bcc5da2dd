"""How sure is a ranking: sets of ranks from estimates and their covariance.

After Mogstad, Romano, Shaikh and Wilhelm, Review of Economic Studies, doi 10.1093/restud/rdad006.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaincinv

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

_NONE = 1e-14  # of the variances of a pair: below it, their difference has no variance
_NORMAL = 1e5  # degrees of freedom from which Student's t is the normal distribution


@dataclass(frozen=True, eq=False)
class Draws:
    """Standard normals, one column per factor, and a uniform per draw for Student's t."""

    normal: Floats
    uniform: Floats
    _widths: dict[float, Floats] = field(default_factory=dict)

    @classmethod
    def of(cls, n: int, p: int, seed: int) -> Draws:
        rng = np.random.default_rng([seed])
        return cls(rng.standard_normal((n, p)), rng.random(n))

    def errors(self, covariance: Floats, df: float) -> Floats:
        """Draws with this covariance times Student's t over the normal: (draws, factors)."""
        values, vectors = np.linalg.eigh(covariance)
        root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
        drawn = self.normal[:, : len(root)] @ root
        if df >= _NORMAL:
            return np.asarray(drawn)
        if df not in self._widths:
            self._widths[df] = np.sqrt(df / (2 * gammaincinv(df / 2, self.uniform)))[:, None]
        return np.asarray(drawn * self._widths[df])


@dataclass(frozen=True, eq=False)
class Sets:
    """Of every factor: least and greatest rank, and the same when all sets hold together."""

    low: Ints
    high: Ints
    low_together: Ints
    high_together: Ints


def ranks(estimate: Floats, tolerance: float) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """1 + the number of factors above by more than the tolerance; whether any other is as near."""
    above = estimate[None, :] - estimate[:, None]
    near = np.abs(above) <= tolerance
    return 1 + (above > tolerance).sum(axis=1), near.sum(axis=1) > 1


def rank_sets(
    estimate: Floats, covariance: Floats, errors: Floats, *, level: float, tolerance: float
) -> Sets:
    """The ranks that the data leave to each factor.

    A factor k counts as above j where the confidence limits of their difference, simultaneous
    over the pairs of j (or over all pairs), lie above ``tolerance``. A pair without variance
    takes no part in the critical value: its difference is what it is.
    """
    p = estimate.size
    own = np.diag(covariance)
    variance = own[:, None] + own[None, :] - 2 * covariance
    fixed = variance <= _NONE * (own[:, None] + own[None, :])
    error = np.sqrt(np.where(fixed, 0.0, variance))
    largest = np.zeros((p, len(errors)))
    for j in range(p):
        for k in range(j + 1, p):
            if not fixed[j, k]:
                gap = np.abs(errors[:, k] - errors[:, j]) / error[j, k]
                np.maximum(largest[j], gap, out=largest[j])
                np.maximum(largest[k], gap, out=largest[k])
    above = estimate[None, :] - estimate[:, None]

    def between(critical: Floats) -> tuple[Ints, Ints]:
        half = critical[:, None] * error
        low = 1 + (above - half > tolerance).sum(axis=1)
        return low, p - (above + half < -tolerance).sum(axis=1)

    single = np.quantile(largest, level, axis=1, method="higher")
    together = np.quantile(largest.max(axis=0), level, method="higher")
    return Sets(*between(single), *between(np.full(p, together)))


def among_the_top(drawn: Floats, top: int) -> tuple[Floats, Floats]:
    """Share of draws in which each factor is among the top ones, and its mean rank.

    Equal values share their places; equal means to 12 decimals, so that factors with the same
    answers are.
    """
    drawn = np.round(drawn, 12)
    p = drawn.shape[1]
    chance, mean = np.zeros(p), np.zeros(p)
    for j in range(p):
        above = (drawn > drawn[:, j : j + 1]).sum(axis=1)
        equal = (drawn == drawn[:, j : j + 1]).sum(axis=1)
        chance[j] = np.clip((top - above) / equal, 0.0, 1.0).mean()
        mean[j] = (above + (equal + 1) / 2).mean()
    return chance, mean
