"""Aalen–Johansen: the incidence of every reason from a risk set, with its variances.

By the infinitesimal jackknife, with h = d/n, G = Σ d / (n (n − d)) and F = Σ S(u−) h_r(u), one unit
of weight of a spell seen from e on moves F(t), while it is at risk, by

    A(t) − A(e) − G(e) (F(t) − F(e)),   A = Σ ΔF (G(u−) − 1/n(u)),

gains S(x−)/n(x) if it ends at x for this reason, and from x on moves by c (F(t) − F(x)), where c is
its influence on log S. So it is always a vector, which changes twice, times (1, A(t), F(t)), and the
squares of all spells or clusters together need six running sums: no table of spells × durations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from churnlab.survival.jackknife import running
from churnlab.survival.risk import RiskSet, first_at_risk, weight_of
from churnlab.survival.shares import RESIDUE, ratio, staying

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Places = npt.NDArray[np.intp]

_CERTAIN = 1 - RESIDUE


@dataclass(frozen=True)
class States:
    """What all reasons share: churn of any reason, over the durations of a risk set."""

    risk: RiskSet
    n_risk: Floats
    n_event: Floats
    before: Floats  # S(u−): still there just before; 0 for good once everyone left
    after: Floats  # S(u)
    total: Floats  # G = Σ d / (n (n − d))


class Incidence(NamedTuple):
    """Of one reason: churns at every duration, F, and 1 − KM with the other reasons censored."""

    n_event: Floats
    estimate: Floats
    naive: Floats


def states(risk: RiskSet) -> States:
    n, d = (np.asarray(x, dtype=np.float64) for x in (risk.n_risk, risk.n_event))
    after = staying(n, d)
    before = np.concatenate([[1.0], after[:-1]])
    with np.errstate(invalid="ignore", divide="ignore"):
        steps = np.where((d > 0) & (after > 0), d / (n * (n - d)), 0.0)
    return States(risk, n, d, before, after, np.cumsum(steps))


def incidence(state: States, n_event: Floats) -> Incidence:
    n = state.n_risk
    estimate = np.cumsum(state.before * ratio(n_event, n))
    # as long as no other reason was seen F is 1 − S, which is 1 to the last digit where all left
    others = np.cumsum(state.n_event - n_event) > RESIDUE * n[0:1].max(initial=1.0)
    estimate = np.where(others, estimate, 1 - state.after)
    return Incidence(n_event, estimate, 1 - staying(n, n_event))


def _error(variance: Floats, estimate: Floats) -> Floats:
    """Nothing is uncertain before the first churn: no residue of rounding there."""
    return np.where(estimate > 0, np.sqrt(np.maximum(variance, 0.0)), 0.0)


def _unless_certain(error: Floats, estimate: Floats) -> Floats:
    """Missing where all left for one reason: a variance of 0 would be a promise."""
    return np.where(estimate >= _CERTAIN, np.nan, error)


def aalen(state: States, found: Incidence) -> Floats:
    """Standard error by the delta method, as cmprsk has it: ties by the hypergeometric variance.

    A churn for the reason at u moves F(t) by S(u−) (1 − R/S(u)), another one by S(u−) R/S(u), with
    R = F(t) − F(u); d of n churns weigh d/n² (n − d)/(n − 1). Where S(u) = 0 the R are left out.
    """
    n, f, d = state.n_risk, found.estimate, found.n_event
    other = state.n_event - d
    with np.errstate(invalid="ignore", divide="ignore"):
        inverse = np.where(state.after > 0, 1 / state.after, 0.0)
    own, rest = (_tied(k, n) * state.before**2 for k in (d, other))
    # (own: 1 + (F(u) − F(t)) / S(u)), (rest: (F(u) − F(t)) / S(u)), squared: sums of three terms
    at = 1 + f * inverse
    constant = np.cumsum(own * at**2 + rest * (f * inverse) ** 2)
    linear = np.cumsum(own * at * inverse + rest * f * inverse**2)
    square = np.cumsum((own + rest) * inverse**2)
    return _error(constant - 2 * f * linear + f**2 * square, f)


def _tied(k: Floats, n: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(k > 0, k / n**2 * np.where(k > 1, 1 - (k - 1) / (n - 1), 1.0), 0.0)


def jackknife(
    state: States, found: Incidence, own: npt.NDArray[np.bool_], *, fractional: bool
) -> Floats:
    """Standard error by the infinitesimal jackknife; ``own`` are the cells that left for the reason.

    Missing where there is one cluster only: its influences cancel.
    """
    cells = state.risk.cells
    paths = _paths(state, found, own)
    if "cluster" in cells:
        cluster = cells["cluster"].to_numpy()
        if (cluster == cluster[0]).all():
            return np.full(found.estimate.size, np.nan)
        variance = _by_cluster(paths, cluster, weight_of(cells))
        return _unless_certain(_error(variance, found.estimate), found.estimate)
    # whole weights are so many spells, each for itself
    square = cells["square"].to_numpy(dtype=np.float64) if fractional else weight_of(cells)
    return _unless_certain(_error(_by_spell(paths, square), found.estimate), found.estimate)


class _Paths(NamedTuple):
    basis: tuple[Floats, Floats, Floats]  # 1, A(t), F(t)
    enters: Places
    at: Places
    running: tuple[Floats, Floats, Floats]  # of every cell, from where it is first at risk
    settled: tuple[Floats, Floats, Floats]  # and from its end on


def _paths(state: States, found: Incidence, own: npt.NDArray[np.bool_]) -> _Paths:
    risk, total = state.risk, state.total
    n, at = state.n_risk, risk.at
    # F counted from its end: late influences are large where little of F is left to move
    f = found.estimate - found.estimate[-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        each = np.where(n > 0, 1 / n, 0.0)
    earlier = np.concatenate([[0.0], total[:-1]])
    a = np.cumsum(np.diff(found.estimate, prepend=0.0) * (earlier - each))
    enters = first_at_risk(risk.cells, risk.duration)
    a_e, g_e, f_e = (
        np.concatenate([[first], x])[enters]
        for first, x in ((0.0, a), (0.0, total), (-found.estimate[-1], f))
    )
    begun = g_e * f_e - a_e
    event = risk.cells["event"].to_numpy(dtype=bool)
    c = np.where(event, earlier[at] - each[at], total[at]) - g_e
    moved = begun + a[at] - g_e * f[at] + np.where(own, state.before[at] * each[at], 0.0)
    one, zero = np.ones(at.size), np.zeros(at.size)
    basis = (np.ones(f.size), a, f)
    return _Paths(basis, enters, at, (begun, one, -g_e), (moved - c * f[at], zero, c))


_PAIRS = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))


def _by_spell(paths: _Paths, square: Floats) -> Floats:
    """Σ w² ψ² over spells: each is independent of the others."""
    size = paths.basis[0].size
    variance = np.zeros(size)
    for i, j in _PAIRS:
        first = square * paths.running[i] * paths.running[j]
        second = square * paths.settled[i] * paths.settled[j]
        change = np.bincount(paths.enters, first, size)
        change += np.bincount(paths.at, second - first, size)
        variance += (1 if i == j else 2) * paths.basis[i] * paths.basis[j] * np.cumsum(change)
    return variance


def _by_cluster(paths: _Paths, cluster: npt.NDArray[np.intp], weight: Floats) -> Floats:
    """Σ (Σ w ψ)² over clusters: a change of one of its cells changes a cluster's vector."""
    place, whose = np.concatenate([paths.enters, paths.at]), np.tile(cluster, 2)
    order = np.lexsort((place, whose))
    place, whose = place[order], whose[order]
    starts = np.flatnonzero(np.append(True, whose[1:] != whose[:-1]))
    vectors = [
        running(np.concatenate([weight * r, weight * (s - r)])[order], starts)
        for r, s in zip(paths.running, paths.settled, strict=True)
    ]
    size = paths.basis[0].size
    variance = np.zeros(size)
    for i, j in _PAIRS:
        (now_i, before_i), (now_j, before_j) = vectors[i], vectors[j]
        sums = np.cumsum(np.bincount(place, now_i * now_j - before_i * before_j, size))
        variance += (1 if i == j else 2) * paths.basis[i] * paths.basis[j] * sums
    return variance
