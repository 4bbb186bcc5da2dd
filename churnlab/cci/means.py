"""Mean pressures and their covariance, from the sums of one pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from churnlab.cci.answers import Answers

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_RESIDUE = 1e-15  # of the mean square and per customer: what rounding leaves of no variance


@dataclass(frozen=True, eq=False)
class Means:
    """Per group with customers: mean pressure of each factor and the covariance of these means.

    ``pressure`` is (groups, factors), ``covariance`` (groups, factors, factors), missing where
    there is one customer (or cluster); ``n`` customers, ``n_effective`` after weighting (Kish),
    ``df`` customers or clusters less one; ``at`` the rows of ``answers.sums``.
    """

    pressure: Floats
    covariance: Floats
    n: Floats
    n_effective: Floats
    df: Floats
    at: npt.NDArray[np.intp]

    def variance_of(self, parts: Floats) -> Floats:
        """The variance of sums of pressures, (sums, factors) of 0 and 1: (groups, sums)."""
        found = np.einsum("sj,gjk,sk->gs", parts, self.covariance, parts)
        size = np.einsum("sj,gjk,sk->gs", parts, np.abs(self.covariance), parts)
        # parts that cancel leave rounding, even below 0
        none = found <= _RESIDUE * np.maximum(self.n, 16.0)[:, None] * size
        return np.where(none & np.isfinite(found), 0.0, found)


def means(answers: Answers) -> Means:
    """Σ z zᵀ / (Σω)² · G / (G − 1), with z = Σ ω (c − mean) over the customers of each cluster."""
    sums, p = answers.sums, len(answers.factors)
    at = np.flatnonzero(sums["n_customers"].to_numpy() > 0)
    rows = sums.iloc[at]
    omega = rows["omega"].to_numpy()[:, None]
    mean = rows[[f"p_{k}" for k in range(p)]].to_numpy() / omega
    cross = rows[[f"cross_{k}" for k in range(p)]].to_numpy() / omega**2
    square = np.empty((len(rows), p, p))
    for j in range(p):
        for k in range(j, p):
            square[:, j, k] = square[:, k, j] = rows[f"cross_{j}_{k}"].to_numpy()
    square /= omega[:, :, None] ** 2
    own = (rows["omega2"].to_numpy() / omega[:, 0] ** 2)[:, None, None]
    both = mean[:, :, None] * cross[:, None, :]
    covariance = square - both - both.transpose(0, 2, 1)
    covariance += mean[:, :, None] * mean[:, None, :] * own
    covariance[_is_none(covariance, square, rows["n_seen"].to_numpy())] = 0.0
    units = rows["n_clusters"].to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance *= np.where(units > 1, units / (units - 1), np.nan)[:, None, None]
    effective = omega[:, 0] ** 2 / rows["weight2"].to_numpy()
    return Means(mean, covariance, rows["n_customers"].to_numpy(), effective, units - 1, at)


def _is_none(covariance: Floats, square: Floats, n: Floats) -> npt.NDArray[np.bool_]:
    """True for factors whose variance is nothing but rounding, in their rows and columns."""
    own, size = (np.einsum("gjj->gj", each) for each in (covariance, square))
    none = own <= _RESIDUE * np.maximum(n, 16.0)[:, None] * size
    return np.asarray(none[:, :, None] | none[:, None, :])
