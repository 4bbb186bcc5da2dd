"""One number of each group's curve, and how far the groups are apart in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from churnlab import intervals
from churnlab.survival import areas
from churnlab.survival.risk import RiskSet
from churnlab.survival.tally import Cells

Floats = npt.NDArray[np.float64]
# a scale on which two groups are compared, and its slope
Scale = tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]
DIFFERENCE: Scale = (lambda x: x, np.ones_like)
RATIO: Scale = (np.log, lambda x: 1 / x)
HAZARD_RATIO: Scale = (lambda x: np.log(-np.log(x)), lambda x: 1 / (x * np.log(x)))


def covariance(cells: Cells, risks: Sequence[RiskSet], worth: Sequence[Floats]) -> Floats:
    """Of the groups' numbers, where log S rising by 1 from a duration on adds ``worth`` of it.

    Groups are independent but for clusters with spells in several of them. Missing where a group
    has no variance: nothing is known about its error.
    """
    variance = np.zeros((len(risks), len(risks)))
    if "cluster" in cells.frame:
        size = int(cells.frame["cluster"].max()) + 1
        sums = np.zeros((len(risks), size))
        for g, (risk, each) in enumerate(zip(risks, worth, strict=True)):
            sums[g] = areas.by_cluster(risk, each, size)
        variance = sums @ sums.T
    else:
        for g, (risk, each) in enumerate(zip(risks, worth, strict=True)):
            variance[g, g] = areas.variance(risk, each, robust=cells.fractional)
    alone = np.diag(variance)
    return np.where(np.diag(~(alone > 0)), np.nan, variance)


def contrasts(
    values: Floats, variance: Floats, reference: int, scales: Mapping[str, Scale], level: float
) -> tuple[list[tuple[int, int]], dict[str, Any]]:
    """Rows of each group but the reference: which two, and the columns of the comparison."""
    z, pairs = intervals.normal_quantile(level), []
    names = ("term", "estimate", "std_error", "conf_low", "conf_high", "p_value")
    columns: dict[str, Any] = {name: [] for name in names}
    for g in range(values.size):
        for term, scale in scales.items() if g != reference else ():
            pairs.append((g, reference))
            row = (term, *_contrast(values, variance, (g, reference), scale, z))
            for name, value in zip(names, row, strict=True):
                columns[name].append(value)
    return pairs, columns


def _contrast(
    values: Floats, variance: Floats, pair: tuple[int, int], scale: Scale, z: float
) -> tuple[float, ...]:
    """Estimate, error, limits and p value; on a scale of logs they are brought back from it."""
    two = values[list(pair)]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        apart = float(np.subtract(*scale[0](two)))
        slopes = scale[1](two) * [1, -1]
        error = float(np.sqrt(slopes @ variance[np.ix_(pair, pair)] @ slopes))
        # covariances of customers in both groups may leave no variance at all
        error = error if np.isfinite(error) and error > 0 else np.nan
        found = np.array([apart, error, apart - z * error, apart + z * error])
        if scale is not DIFFERENCE:
            found[[0, 2, 3]] = np.exp(found[[0, 2, 3]])
            found[1] *= found[0]
    found[~np.isfinite(found)] = np.nan
    return (*found.tolist(), float(2 * ndtr(-abs(apart / error))))
