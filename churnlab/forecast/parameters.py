"""What cohort counts say about churn by age: the likeliest parameters, and all that are likely."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import special

from churnlab.checks import InputError
from churnlab.renewals.cohorts import Counts

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Height = Callable[[Floats], Floats]

Model = Literal["sbg", "bdw"]
TERMS = {"sbg": 2, "bdw": 3}
_LOW, _HIGH = np.array([-20.0, -13.8, -3.0]), np.array([20.0, 13.8, 3.0])
_N_PROPOSED = 4000  # points tried per round
_ROUNDS = 2
_FREEDOM = 5  # of the t distribution they are tried from, wider than the likelihood
_STEPS = 100  # at most, to a summit
_SHAPE = 0.25  # of the prior Beta(shape, 1) of the polarization
_SPREAD_LOG_C = 0.5  # prior standard deviation of ln c


@dataclass(frozen=True)
class Evidence:
    """Losses at ages 1, 2, …, and those at risk there who stayed."""

    lost: Floats
    kept: Floats


def evidence(counts: Counts) -> Evidence:
    """Losses and survivals by age: all that the likelihood needs."""
    lost = np.zeros(int(counts.ages.max()))
    lost[counts.ages.astype(int) - 1] = counts.lost
    gone_or_seen_last = lost.copy()
    np.add.at(gone_or_seen_last, counts.last.astype(int) - 1, counts.kept)
    at_risk = np.cumsum(gone_or_seen_last[::-1])[::-1]
    return Evidence(lost, at_risk - lost)


def churn(points: Floats, until: int) -> Floats:
    """The share that leaves at ages 1 to ``until`` of those there at the age before, per point.

    A point is (logit of the mean churn rate α / (α + β), logit of the polarization
    1 / (α + β + 1), and ln c): where customers do not differ, the polarization is 0 and nothing
    runs away.
    """
    points = np.clip(points, _LOW[: points.shape[1]], _HIGH[: points.shape[1]])
    mean, polar = special.expit(points[:, :1]), special.expit(points[:, 1:2])
    before = np.arange(until, dtype=float)
    if points.shape[1] == TERMS["sbg"]:
        leave: Floats = mean * (1 - polar) / (1 - polar + polar * before)
        return leave
    size = (1 - polar) / polar
    alpha, beta = mean * size, (1 - mean) * size
    x = np.arange(until + 1, dtype=float) ** np.exp(points[:, 2:3])
    log_survival = special.betaln(alpha, beta + x)
    shares: Floats = -np.expm1(np.minimum(np.diff(log_survival, axis=1), 0.0))
    return shares


def log_likelihood(points: Floats, seen: Evidence) -> Floats:
    """Σ lost(t) ln q(t) + kept(t) ln(1 − q(t)), per point."""
    leave = np.clip(churn(points, len(seen.lost)), 1e-300, 1 - 1e-16)
    total: Floats = np.log(leave) @ seen.lost + np.log1p(-leave) @ seen.kept
    return total


def log_prior(points: Floats) -> Floats:
    """Uniform in the mean churn rate; Beta(1/4, 1) in the polarization; ln c normal around 0.

    The polarization leans to 0, so that customers who hardly differ are not thought to.
    """
    u = points[:, :2]
    total: Floats = (u - 2 * np.logaddexp(0, u)).sum(axis=1)
    total += (_SHAPE - 1) * (u[:, 1] - np.logaddexp(0, u[:, 1]))
    total -= (points[:, 2:] ** 2).sum(axis=1) / (2 * _SPREAD_LOG_C**2)
    return total


def likeliest(seen: Evidence, model: Model) -> Floats:
    """The point of maximum likelihood."""
    return _summit(lambda points: log_likelihood(points, seen), TERMS[model])


def likely(seen: Evidence, model: Model, draws: int, rng: np.random.Generator) -> Floats:
    """Draws from the posterior, by importance resampling from a t distribution around its mode."""

    def log_posterior(points: Floats) -> Floats:
        inside = ((points >= _LOW[:n_terms]) & (points <= _HIGH[:n_terms])).all(axis=1)
        value = log_likelihood(points, seen) + log_prior(points)
        return np.where(inside, value, -np.inf)

    n_terms = TERMS[model]
    with np.errstate(all="ignore"):  # what is not finite in the end is refused below
        return _resampled(log_posterior, n_terms, draws, rng)


def _resampled(log_posterior: Height, n_terms: int, draws: int, rng: np.random.Generator) -> Floats:
    centre = _summit(log_posterior, n_terms)
    spread = _inverse(_curvature(log_posterior, centre), least=0.05)
    for _ in range(_ROUNDS):
        points, log_proposed = _propose(centre, spread, rng)
        log_weight = log_posterior(points) - log_proposed
        weight = np.exp(log_weight - log_weight.max())
        if not np.isfinite(weight).all() or not np.isfinite(points).all():
            raise InputError(
                "these counts are too many, or too far from the model, to say how sure its "
                "parameters are (churn that rises with age needs model='bdw')."
            )
        weight /= weight.sum()
        centre = weight @ points
        away = points - centre
        spread = (weight[:, None] * away).T @ away + 1e-12 * np.eye(n_terms)
    edges = (np.arange(draws) + rng.random()) / draws
    chosen = np.searchsorted(np.cumsum(weight)[:-1], edges)
    return np.asarray(points[rng.permutation(chosen)], dtype=np.float64)


def _propose(centre: Floats, spread: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Points from a t distribution, and the logarithm of its density but for a constant."""
    n = len(centre)
    root = np.linalg.cholesky(spread)
    scale = np.sqrt(rng.chisquare(_FREEDOM, _N_PROPOSED) / _FREEDOM)
    standard = rng.standard_normal((_N_PROPOSED, n)) / scale[:, None]
    log_density = -(_FREEDOM + n) / 2 * np.log1p((standard**2).sum(axis=1) / _FREEDOM)
    return centre + standard @ root.T, log_density


def _summit(function: Height, n_terms: int) -> Floats:
    """The highest point: the best of a coarse grid, then Newton steps, shortened where needed."""
    axes = [np.linspace(-8, 4, 25), np.linspace(-10, 6, 17), np.linspace(-1.5, 1.5, 7)][:n_terms]
    grid = np.stack([a.ravel() for a in np.meshgrid(*axes, indexing="ij")], axis=1)
    heights = function(grid)
    at, height = grid[np.argmax(heights)], float(heights.max())
    damping = 1.0
    for _ in range(_STEPS):
        slope, bend = _slope(function, at), _curvature(function, at)
        damped = bend + damping * np.diag(np.abs(np.diag(bend)) + 1e-3)
        step = _inverse(damped, least=1e-9) @ slope
        moved = np.clip(at + np.clip(step, -1, 1), _LOW[:n_terms], _HIGH[:n_terms])
        higher = float(function(moved[None])[0])
        if not higher >= height:
            damping = damping * 8 + 1e-6
            if damping > 1e8:
                break
            continue
        far = float(np.abs(moved - at).max())
        at, height, damping = moved, higher, damping / 8
        if far < 1e-8:
            break
    return np.asarray(at, dtype=np.float64)


def _slope(function: Height, at: Floats) -> Floats:
    n = len(at)
    h = 1e-4 * np.eye(n)
    values = function(np.vstack([at + h, at - h]))
    slope: Floats = (values[:n] - values[n:]) / 2e-4
    return slope


def _curvature(function: Height, at: Floats) -> Floats:
    """Minus the second derivatives, by central differences."""
    n = len(at)
    h = 1e-3 * np.eye(n)
    pairs = [(i, j) for i in range(n) for j in range(i + 1)]
    corners = [at + a * h[i] + b * h[j] for i, j in pairs for a in (1, -1) for b in (1, -1)]
    values = function(np.array(corners)).reshape(-1, 4) @ [1, -1, -1, 1]
    matrix = np.empty((n, n))
    for (i, j), value in zip(pairs, values, strict=True):
        matrix[i, j] = matrix[j, i] = -value / 4e-6
    return matrix


def _inverse(matrix: Floats, *, least: float) -> Floats:
    """The inverse, with no direction taken to bend less than ``least``."""
    values, vectors = np.linalg.eigh(matrix)
    inverse: Floats = (vectors / np.maximum(values, least)) @ vectors.T
    return inverse
