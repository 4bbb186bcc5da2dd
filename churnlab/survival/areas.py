"""Numbers made of a curve, such as the area under it, and how sure they are.

A number is described by its ``worth``: by how much it rises when log S rises by 1 from a duration on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from churnlab.survival.risk import RiskSet, first_at_risk, weight_of
from churnlab.survival.shares import RESIDUE

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


def area(duration: Floats, survival: Floats, until: float) -> tuple[float, Floats]:
    """The area under S up to a duration, and its worth: what is left of it from each duration on."""
    ends = np.append(duration[1:], np.inf).astype(np.float64)
    widths = np.maximum(np.minimum(ends, until) - duration, 0.0)
    worth = np.cumsum((survival * widths)[::-1])[::-1]
    return float(worth[0]), worth


def variance(risk: RiskSet, worth: Floats, *, robust: bool) -> float:
    """Of a number: Σ worth² d / (n (n − d)), or the squares of what spells or clusters add to it.

    Missing where there is one cluster only, whose influences cancel.
    """
    if "cluster" in risk.cells:
        cluster = risk.cells["cluster"].to_numpy()
        return float((by_cluster(risk, worth, int(cluster.max()) + 1) ** 2).sum())
    if robust:
        return float((influence(risk, worth) ** 2) @ risk.cells["square"].to_numpy())
    return float((worth**2) @ _steps(risk))


def by_cluster(risk: RiskSet, worth: Floats, size: int) -> Floats:
    """What all spells of each cluster add to a number."""
    cluster = risk.cells["cluster"].to_numpy()
    added = np.bincount(cluster, influence(risk, worth) * weight_of(risk.cells), size)
    return np.full(size, np.nan) if (cluster == cluster[0]).all() else np.asarray(added, np.float64)


def influence(risk: RiskSet, worth: Floats) -> Floats:
    """What one unit of weight of each cell adds to a number."""
    cells, at = risk.cells, risk.at
    steps = worth * _steps(risk)
    total = np.concatenate([[0.0], np.cumsum(steps)])
    added = total[at + 1] - total[first_at_risk(cells, risk.duration)]
    event = cells["event"].to_numpy(dtype=bool)
    own = at[event]
    added[event] -= steps[own] + worth[own] / risk.n_risk[own]
    return np.asarray(added)


def _steps(risk: RiskSet) -> Floats:
    """d / (n (n − d)), 0 where all leave: log S has no value from there on."""
    n, d = risk.n_risk.astype(np.float64), risk.n_event.astype(np.float64)
    some = (d > 0) & (n - d > RESIDUE * n)
    return np.asarray(d / np.where(some, n * (n - d), np.inf))
