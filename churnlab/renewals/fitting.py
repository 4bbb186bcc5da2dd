"""Maximum likelihood on cohort counts."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from scipy import optimize, special

from churnlab import checks
from churnlab.checks import IfPresent, InputError
from churnlab.renewals import cohorts as counted, shapes
from churnlab.renewals.cohorts import Counts
from churnlab.renewals.model import Renewals

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

Model = Literal["sbg", "bdw"]
_COHORT = IfPresent("cohort")
_ENDLESS = 1e4  # parameters beyond this are those of customers who do not differ
_BOUNDS = ((-14.0, 14.0), (-14.0, 14.0), (-3.0, 3.0))  # of the logarithms


def fit(
    cohorts: Any,
    *,
    cohort: str | None = _COHORT,
    age: str = "age",
    customers: str = "customers",
    model: Model = "sbg",
    level: float = 0.95,
) -> Renewals:
    """How fast the customers of contractual cohorts leave, when each has a churn rate of their own.

    The trap: retention rises with age because those who leave easily leave first; a curve drawn
    through the survivors misses that, and no customer need have become more loyal.

    Parameters
    ----------
    cohorts : table or path
        One row per cohort and age: how many customers are left. Ages are whole renewal periods
        0, 1, 2, …; cohorts may be followed for different lengths.
    cohort, age, customers : str
        Columns; without a column of cohorts the table is one cohort. Counts need not be whole.
    model : {"sbg", "bdw"}
        Shifted beta-geometric, or beta discrete Weibull, whose customers may also get more
        loyal (c < 1) or tired (c > 1) themselves.
    level : float
        Of the limits.

    Returns
    -------
    Renewals
        ``coefficients`` (``term, estimate, std_error, conf_low, conf_high``: profile likelihood),
        ``loglik``, and ``project``, ``tenure``, ``derl`` to look ahead.

    Raises
    ------
    InputError
        For ages with gaps, growing cohorts, or cohorts that lose nobody.

    Notes
    -----
    S(t) = B(α, β + t^c) / B(α, β), c = 1 for sBG; log-likelihood Σ lost(t) ln(S(t − 1) − S(t)) +
    Σ kept(T) ln S(T) over cohorts. Standard errors from the observed information.

    References
    ----------
    Fader & Hardie (2007), How to project customer retention, Journal of Interactive Marketing
    21(1), 76–90; Fader, Hardie, Liu, Davin & Steenburgh (2018) for the Weibull form.

    Examples
    --------
    >>> import churnlab as cl
    >>> case = cl.datasets.load("contract_cohorts").query("case == 2")
    >>> found = fit(case, age="year")
    >>> found.coefficients["estimate"].round(3).tolist()
    [0.067, 0.267]
    """
    checks.choice("model", model, Model)
    checks.confidence(level)
    rows = counted.read(cohorts, cohort, age, customers)
    return fit_counts(counted.counts(rows), model, level)


def fit_counts(counts: Counts, model: Model, level: float) -> Renewals:
    """The model of pooled counts."""
    names = shapes.NAMES[model]
    if len(counts.ages) < len(names):
        raise InputError(
            f"model={model!r} has {len(names)} parameters and the cohorts {len(counts.ages)} "
            f"renewal{'s' if len(counts.ages) > 1 else ''}: follow them longer."
        )
    log_theta, loglik = _best(counts, len(names))
    theta = np.exp(log_theta)
    if theta[:2].max() > _ENDLESS:
        warnings.warn(
            "the customers of these cohorts do not differ in their churn rate: the parameters "
            "run away together, and only their ratio, the common churn rate, means anything.",
            stacklevel=3,
        )
    covariance = _covariance(counts, theta)
    error = np.sqrt(np.diag(covariance))
    limits = [_profile(counts, log_theta, loglik, k, level) for k in range(len(names))]
    low, high = zip(*limits, strict=True)
    coefficients = pd.DataFrame(
        {"term": list(names), "estimate": theta, "std_error": error,
         "conf_low": low, "conf_high": high}
    )  # fmt: skip
    return Renewals(model, coefficients, float(loglik), counts.n, counts.n_cohorts,
                    tuple(map(tuple, covariance.tolist())), level)  # fmt: skip


def log_likelihood(counts: Counts, theta: Floats) -> tuple[float, Floats]:
    """The log-likelihood and its gradient."""
    with np.errstate(all="ignore"):  # far from the estimate, numbers leave what doubles can hold
        return _log_likelihood(counts, theta)


def _log_likelihood(counts: Counts, theta: Floats) -> tuple[float, Floats]:
    before, after = (shapes.log_survival(counts.ages - k, theta) for k in (1, 0))
    died = before + np.log(-np.expm1(after - before))
    end = shapes.log_survival(counts.last, theta)
    value = counts.lost @ died + counts.kept @ end
    s0, s1 = np.exp(before)[:, None], np.exp(after)[:, None]
    slope = s0 * shapes.gradient(counts.ages - 1, theta) - s1 * shapes.gradient(counts.ages, theta)
    slope = slope / (s0 - s1)
    gradient = counts.lost @ slope + counts.kept @ shapes.gradient(counts.last, theta)
    return float(value), gradient


def _negative(log_theta: Floats, counts: Counts) -> tuple[float, Floats]:
    theta = np.exp(log_theta)
    value, slope = log_likelihood(counts, theta)
    if not (np.isfinite(value) and np.isfinite(slope).all()):
        return 1e300, np.zeros_like(log_theta)
    scale = max(counts.n, 1.0)
    return -value / scale, -slope * theta / scale


def _best(counts: Counts, n_terms: int) -> tuple[Floats, float]:
    """From several starts, since the surface is flat where customers hardly differ."""
    best: tuple[float, Floats] | None = None
    for start in ((0.0, 0.7, 0.0), (-1.5, -0.5, 0.3), (1.5, 2.5, -0.3)):
        found = optimize.minimize(
            _negative, np.array(start[:n_terms]), args=(counts,), jac=True, method="L-BFGS-B",
            bounds=_BOUNDS[:n_terms], options={"ftol": 1e-15, "gtol": 1e-12, "maxiter": 2000},
        )  # fmt: skip
        if best is None or found.fun < best[0]:
            best = (float(found.fun), found.x)
    assert best is not None
    log_theta = _polished(best[1], counts)
    return log_theta, log_likelihood(counts, np.exp(log_theta))[0]


def _polished(log_theta: Floats, counts: Counts) -> Floats:
    """Newton steps on the gradient, as long as they help."""
    for _ in range(20):
        value, slope = _negative(log_theta, counts)
        hessian = _jacobian(lambda x: _negative(x, counts)[1], log_theta)
        try:
            step = np.linalg.solve(hessian, slope)
        except np.linalg.LinAlgError:
            break
        moved = log_theta - step
        if np.abs(step).max() > 1 or _negative(moved, counts)[0] > value + 1e-15:
            break
        log_theta = moved
        if np.abs(step).max() < 1e-12:
            break
    return log_theta


def _jacobian(function: Any, at: Floats) -> Floats:
    """Central differences of a gradient, made symmetric."""
    rows = []
    for k in range(len(at)):
        h = 1e-5 * max(1.0, abs(at[k]))
        up, down = at.copy(), at.copy()
        up[k] += h
        down[k] -= h
        rows.append((function(up) - function(down)) / (2 * h))
    matrix: Floats = np.array(rows, dtype=np.float64)
    symmetric: Floats = np.asarray((matrix + matrix.T) / 2, dtype=np.float64)
    return symmetric


def _covariance(counts: Counts, theta: Floats) -> Floats:
    information = -_jacobian(lambda x: log_likelihood(counts, x)[1], theta)
    try:
        covariance: Floats = np.asarray(np.linalg.inv(information), dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.full((len(theta), len(theta)), np.nan)
    if (np.diag(covariance) <= 0).any():
        return np.full((len(theta), len(theta)), np.nan)
    return covariance


def _profile(
    counts: Counts, log_theta: Floats, loglik: float, k: int, level: float
) -> tuple[float, float]:
    """Values of one parameter that a likelihood-ratio test does not reject; 0 or infinity where
    the likelihood never falls far enough."""
    drop = special.chdtri(1, 1 - level) / 2
    others = [j for j in range(len(log_theta)) if j != k]

    def excess(log_value: float) -> float:
        def rest(x: Floats) -> tuple[float, Floats]:
            value, slope = _negative(np.insert(x, k, log_value), counts)
            return value, slope[others]

        # the parameters move together along a ridge, or not at all: both are tried
        low, high = np.array([_BOUNDS[j] for j in others]).T
        moved = np.clip(log_theta[others] + log_value - log_theta[k], low, high)
        found = [
            optimize.minimize(rest, start, jac=True, method="L-BFGS-B",
                              bounds=[_BOUNDS[j] for j in others],
                              options={"ftol": 1e-13, "gtol": 1e-10}).fun
            for start in (log_theta[others], moved)
        ]  # fmt: skip
        return float(loglik + min(found) * max(counts.n, 1.0) - drop)

    ends = []
    for side, far in ((-1, 0.0), (1, np.inf)):
        near, step = log_theta[k], 0.1
        while abs(near - log_theta[k]) < 8 and excess(near + side * step) < 0:
            near, step = near + side * step, step * 1.5
        if abs(near - log_theta[k]) >= 8:
            ends.append(far)
            continue
        edge = optimize.brentq(excess, near, near + side * step, xtol=1e-7)
        ends.append(float(np.exp(edge)))
    return ends[0], ends[1]
