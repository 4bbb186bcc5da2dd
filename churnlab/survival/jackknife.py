"""Variances by the infinitesimal jackknife, of single spells or of all spells of a customer.

The influence φ of one unit of weight on log S (or on −H) needs nothing but sums over durations.
With G = Σ steps, a spell adds G over its risk time; an event at u takes 1/n(u) instead of the step
at u (for H the step at u stays as well, for only n is changed by it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from churnlab.survival.risk import RiskSet, first_at_risk, weight_of

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


class _Influence(NamedTuple):
    total: Floats  # G at every duration of the axis
    enters: npt.NDArray[np.intp]  # where on the axis a cell is first at risk
    missed: Floats  # G up to there
    settled: Floats  # φ from the end of the cell on; until then it is G − missed


def influence(risk: RiskSet, steps: Floats, *, additive: bool) -> _Influence:
    cells, at = risk.cells, risk.at
    event, total = cells["event"].to_numpy(dtype=bool), np.cumsum(steps)
    enters = first_at_risk(cells, risk.duration)
    missed = np.concatenate([[0.0], total])[enters]
    with np.errstate(divide="ignore"):
        jump = 1 / risk.n_risk[at]
    upto = total[at] if additive else np.where(event, total[at] - steps[at], total[at])
    return _Influence(total, enters, missed, upto - missed - np.where(event, jump, 0.0))


def by_spell(risk: RiskSet, steps: Floats, *, additive: bool = False) -> Floats:
    """Σ w² φ² over spells at every duration: each spell is independent of the others."""
    at, size = risk.at, risk.duration.size
    square = risk.cells["square"].to_numpy()
    total, enters, missed, settled = influence(risk, steps, additive=additive)
    done = np.cumsum(np.bincount(at, square * settled**2, size))
    # spells still under observation: square × (G(t) − missed)², expanded so that sums suffice
    moments = [
        np.cumsum(
            np.bincount(enters, square * missed**k, size)
            - np.bincount(at, square * missed**k, size)
        )
        for k in range(3)
    ]
    running = total**2 * moments[0] - 2 * total * moments[1] + moments[2]
    return np.asarray(done + np.maximum(running, 0.0), dtype=np.float64)


def by_cluster(risk: RiskSet, steps: Floats, *, additive: bool = False) -> Floats:
    """Σ (Σ w φ)² over clusters at every duration; missing where there is one cluster only.

    Between its own changes the sum of a cluster is u + y G(t), with y its weight under
    observation. So three running sums, of u², u y and y², tell it for all clusters at once, and
    a change of one cluster changes them by a difference: no table of clusters × durations.
    """
    cells, size = risk.cells, risk.duration.size
    cluster = cells["cluster"].to_numpy()
    if (
        not cluster.size or (cluster == cluster[0]).all()
    ):  # its influences cancel: 0 would not be an error but a lack
        return np.full(size, np.nan)
    weight = weight_of(cells)
    total, enters, missed, settled = influence(risk, steps, additive=additive)
    # a cell comes under observation with φ = G − missed, and leaves it with φ = settled
    place = np.concatenate([enters, risk.at])
    order = np.lexsort((place, np.tile(cluster, 2)))
    place, whose = place[order], np.tile(cluster, 2)[order]
    starts = np.flatnonzero(np.append(True, whose[1:] != whose[:-1]))
    fixed = np.concatenate([-weight * missed, weight * (settled + missed)])[order]
    watched = np.concatenate([weight, -weight])[order]
    (u, u_before), (y, y_before) = running(fixed, starts), running(watched, starts)
    squares, products, weights = (
        np.cumsum(np.bincount(place, now - before, size))
        for now, before in (
            (u**2, u_before**2),
            (u * y, u_before * y_before),
            (y**2, y_before**2),
        )
    )
    variance = squares + 2 * total * products + total**2 * weights
    # before the first churn nothing is uncertain: no residue of rounding there
    return np.where(total > 0, np.maximum(variance, 0.0), 0.0)


def running(change: Floats, starts: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Running sums that begin anew at every start, after each change and before it."""
    anew = change.copy()
    # what a cluster added up to is taken off where the next one starts
    anew[starts[1:]] -= np.add.reduceat(change, starts)[:-1]
    after = np.cumsum(anew)
    before = np.concatenate([[0.0], after[:-1]])
    before[starts] = 0.0
    return after, before
