"""Small groups borrow from all: empirical-Bayes means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


def shrunk(mean: Floats, variance: Floats) -> Floats:
    """Means pulled towards their common mean, the less sure the more.

    B = v / (v + τ²) of the way, with τ² by Paule and Mandel: the variance between groups at which
    Σ (mean − common)² / (v + τ²) is the number of groups less one; 0 where it is less at τ² = 0.
    The common mean is weighted by 1 / (v + τ²). Of fewer than three groups nothing is known; a
    mean without variance stays where it is.
    """
    if mean.size < 3 or np.isnan(variance).any():
        return np.full(mean.shape, np.nan)
    if not (variance > 0).all():
        found, sure = mean.copy(), variance > 0
        if sure.sum() >= 3:
            found[sure] = shrunk(mean[sure], variance[sure])
        return found
    between = paule_mandel(mean, variance)
    weight = 1 / (variance + between)
    common = float((weight * mean).sum() / weight.sum())
    pull = variance / (variance + between)
    return np.asarray(pull * common + (1 - pull) * mean)


def paule_mandel(mean: Floats, variance: Floats) -> float:
    """The variance between groups: the root of a falling function, by Newton from the left."""
    between, wanted = 0.0, mean.size - 1
    for _ in range(200):
        weight = 1 / (variance + between)
        gap = mean - (weight * mean).sum() / weight.sum()
        excess = float((weight * gap**2).sum()) - wanted
        if excess <= 1e-12 * wanted:
            return between
        between += excess / float((weight**2 * gap**2).sum())
    return between


def pooled_variance(covariance: Floats, n: Floats) -> Floats:
    """Variances of the groups' means as if customers varied alike in all of them.

    A small group's own variance is 0 as soon as nobody in it is dissatisfied; the pooled one is
    s² / n with s² = Σ n² v / Σ n, over groups whose v is known.
    """
    known = np.isfinite(covariance)
    if not known.any():
        return np.full(covariance.shape, np.nan)
    spread = float((n[known] ** 2 * covariance[known]).sum() / n[known].sum())
    return np.asarray(spread / n)
