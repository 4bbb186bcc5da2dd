"""Confidence limits for shares, rates and curves, and p values corrected for many tests.

Functions take numbers or arrays and broadcast; what is not defined is NaN.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import optimize
from scipy.special import betaincinv, chdtri, gammaincinv, ndtri

from churnlab.checks import InputError, choice, confidence

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Limits = tuple[Floats, Floats]

_FAR = 60.0  # exp(±60): beyond every ratio of two shares of whole customers

CurveConf = Literal["log-log", "log", "plain", "logit"]


def normal_quantile(level: float) -> float:
    """Half-width of a two-sided normal interval in standard errors: 1.959964 at 0.95."""
    return float(ndtri(0.5 + confidence(level) / 2))


def wilson(k: npt.ArrayLike, n: npt.ArrayLike, *, level: float = 0.95) -> Limits:
    """Score limits for a share of ``k`` in ``n``.

    Parameters
    ----------
    k, n : array-like
        Successes and trials; NaN where ``n`` is 0.
    level : float

    Returns
    -------
    low, high : arrays of float, or floats for a single share

    Notes
    -----
    Both ends solve (p̂ − p)² = z² p (1 − p) / n in p. The limits stay within [0, 1] and are not
    empty at 0 or n, as the textbook p̂ ± z·se are.

    References
    ----------
    Wilson 1927, Journal of the American Statistical Association 22, 209–212.

    Examples
    --------
    >>> low, high = wilson(20, 400)
    >>> round(low, 3), round(high, 3)
    (0.033, 0.076)
    """
    k, n = _counts(k, n)
    z2 = normal_quantile(level) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = (k + z2 / 2) / (n + z2)
        half = np.sqrt(z2 * (k * (n - k) / n + z2 / 4)) / (n + z2)
        low = np.where(k == 0, 0.0, centre - half)
        high = np.where(k == n, 1.0, centre + half)
    return _limits(low, high, n > 0)


def exact(k: npt.ArrayLike, n: npt.ArrayLike, *, level: float = 0.95) -> Limits:
    """Clopper–Pearson limits for a share of ``k`` in ``n``: never too narrow, often too wide.

    Examples
    --------
    >>> low, high = exact(1, 4)
    >>> round(low, 3), round(high, 3)
    (0.006, 0.806)
    """
    k, n = _counts(k, n)
    tail = (1 - confidence(level)) / 2
    with np.errstate(invalid="ignore"):
        low = np.where(k == 0, 0.0, betaincinv(np.maximum(k, 0.5), n - k + 1, tail))
        high = np.where(k == n, 1.0, betaincinv(k + 1, np.maximum(n - k, 0.5), 1 - tail))
    return _limits(low, high, n > 0)


def newcombe(x: int, m: int, y: int, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Limits for the difference x/m − y/n, from the Wilson limits of both (hybrid score).

    Examples
    --------
    >>> low, high = newcombe(56, 70, 48, 80)
    >>> round(low, 4), round(high, 4)
    (0.0524, 0.3339)
    """
    p, q = x / m, y / n
    (p_low, p_high), (q_low, q_high) = wilson(x, m, level=level), wilson(y, n, level=level)
    low = p - q - math.hypot(p - p_low, q_high - q)
    return float(low), float(p - q + math.hypot(p_high - p, q - q_low))


def koopman(x: int, m: int, y: int, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Limits for the ratio of x/m to y/n: the ratios that the score test does not reject.

    References
    ----------
    Koopman 1984, Biometrics 40(2), 513–517.

    Examples
    --------
    >>> low, high = koopman(1, 4, 1, 16)
    >>> low < 1 < high
    True
    """
    if x == y == 0:
        return 0.0, math.inf
    limit = float(chdtri(1, 1 - confidence(level)))

    def excess(log_ratio: float) -> float:
        return _score(math.exp(log_ratio), x, m, y, n) - limit

    # where nobody stayed on one side the best ratio is at the far end, and that limit is open
    best = -_FAR if x == 0 else _FAR if y == 0 else math.log(x / m) - math.log(y / n)
    low = 0.0 if x == 0 else math.exp(optimize.brentq(excess, -_FAR, best, xtol=1e-13))
    high = math.inf if y == 0 else math.exp(optimize.brentq(excess, best, _FAR, xtol=1e-13))
    return low, high


def _score(ratio: float, x: int, m: int, y: int, n: int) -> float:
    """Squared distance of the counts from the likeliest shares with p = ratio · q."""
    b = ratio * (m + y) + x + n
    q = 2 * (x + y) / (b + math.sqrt(max(b * b - 4 * ratio * (m + n) * (x + y), 0.0)))
    return _distance(x, m, min(ratio * q, 1.0)) + _distance(y, n, min(q, 1.0))


def _distance(k: int, n: int, p: float) -> float:
    variance, missed = n * p * (1 - p), (k - n * p) ** 2
    if variance > 0:
        return missed / variance
    return 0.0 if missed < 1e-12 else math.inf


def poisson(events: npt.ArrayLike, exposure: npt.ArrayLike, *, level: float = 0.95) -> Limits:
    """Exact limits for a rate of ``events`` per unit of ``exposure`` (chi-squared quantiles).

    Examples
    --------
    >>> low, high = poisson(0, 10)
    >>> round(low, 3), round(high, 3)
    (0.0, 0.369)
    """
    events, exposure = np.asarray(events, float), np.asarray(exposure, float)
    tail = (1 - confidence(level)) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        low = np.where(events == 0, 0.0, gammaincinv(np.maximum(events, 0.5), tail)) / exposure
        high = gammaincinv(events + 1, 1 - tail) / exposure
    return _limits(low, high, exposure > 0)


def survival(
    estimate: npt.ArrayLike,
    std_error: npt.ArrayLike,
    *,
    conf: CurveConf = "log-log",
    level: float = 0.95,
) -> Limits:
    """Limits for a survival probability S with standard error se, on a transformed scale.

    Notes
    -----
    ========  ==================  ==========================================
    conf      normal on           where it is missing
    ========  ==================  ==========================================
    log-log   log(−log S)         at S = 1 and S = 0
    log       log S               at S = 0; cut at 1 (R's default)
    plain     S                   nowhere but S = 0; cut at 0 and 1
    logit     log(S / (1 − S))    at S = 1 and S = 0
    ========  ==================  ==========================================
    """
    choice("conf", conf, CurveConf)
    s, se = np.asarray(estimate, float), np.asarray(std_error, float)
    z = normal_quantile(level)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        if conf == "log-log":  # at S = 1 and S = 0 it comes out as missing by itself
            log_s = np.log(s)
            # log s < 0: the sign turns low and high round; exp of a product is quicker than a power
            factor = np.exp(z * se / (s * log_s))
            return np.exp(log_s / factor), np.exp(log_s * factor)
        if conf == "plain":
            low, high = s - z * se, s + z * se
        elif conf == "log":
            low, high = s * np.exp(-z * se / s), s * np.exp(z * se / s)
        else:
            odds, width = np.log(s / (1 - s)), z * se / (s * (1 - s))
            low, high = 1 / (1 + np.exp(width - odds)), 1 / (1 + np.exp(-width - odds))
    defined = (s > 0) & ((s < 1) | (conf != "logit"))
    low, high = np.where(defined, low, np.nan), np.where(defined, high, np.nan)
    return np.clip(low, 0, 1), np.clip(high, 0, 1)


def cumulative_hazard(
    estimate: npt.ArrayLike,
    std_error: npt.ArrayLike,
    *,
    conf: Literal["log", "plain"] = "log",
    level: float = 0.95,
) -> Limits:
    """Limits for a cumulative hazard; on the log scale they are missing at 0."""
    choice("conf", conf, Literal["log", "plain"])
    h, se = np.asarray(estimate, float), np.asarray(std_error, float)
    z = normal_quantile(level)
    if conf == "plain":
        return np.maximum(h - z * se, 0.0), h + z * se
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        factor = np.exp(z * se / h)
        # at 0 it comes out as missing by itself
        return np.asarray(h / factor), np.asarray(h * factor)


def holm(p: npt.ArrayLike) -> Floats:
    """Holm's step-down p values: the chance of even one false alarm stays below the level.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    p, order = _p_values(p)
    m = p.size
    stepped = np.maximum.accumulate((m - np.arange(m)) * p[order])
    return _unsorted(np.minimum(stepped, 1.0), order)


def benjamini_hochberg(p: npt.ArrayLike) -> Floats:
    """Benjamini–Hochberg p values: the expected share of false alarms among the alarms.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.04, 0.04]
    """
    p, order = _p_values(p)
    m = p.size
    raised = p[order] * m / np.arange(1, m + 1)
    stepped = np.minimum.accumulate(raised[::-1])[::-1]
    return _unsorted(np.minimum(stepped, 1.0), order)


def _limits(low: Floats, high: Floats, defined: npt.NDArray[np.bool_]) -> Limits:
    """NaN where not defined; plain floats for a single share, arrays otherwise."""
    ends = np.where(defined, low, np.nan), np.where(defined, high, np.nan)
    return ends if np.ndim(low) else (ends[0].item(), ends[1].item())


def _counts(k: npt.ArrayLike, n: npt.ArrayLike) -> Limits:
    k, n = np.asarray(k, float), np.asarray(n, float)
    if np.any((k < 0) | (k > n)):
        raise InputError("a share needs 0 ≤ k ≤ n.")
    return k, n


def _p_values(p: npt.ArrayLike) -> tuple[Floats, npt.NDArray[np.intp]]:
    p = np.asarray(p, float)
    if p.ndim != 1 or np.any(~((p >= 0) & (p <= 1))):
        raise InputError("p values must be a list of numbers from 0 to 1, none missing.")
    return p, np.argsort(p, kind="stable")


def _unsorted(values: Floats, order: npt.NDArray[np.intp]) -> Floats:
    out = np.empty_like(values)
    out[order] = values
    return out
