"""How many customers a trial of retention needs, and what a trial of given size can find."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import optimize
from scipy.special import ndtri

from churnlab import checks
from churnlab.checks import InputError

_VARIANCES = ("pooled", "unpooled", "corrected")


def sample_size(
    retention: float,
    *,
    lift: float | Sequence[float],
    power: float = 0.8,
    level: float = 0.95,
    arms: int = 2,
    ratio: float = 1.0,
) -> pd.DataFrame:
    """How many customers each arm of a trial needs to find a given rise of the retention rate.

    The trap: one answer in four against one in sixteen looks like a fact, and takes 58 customers
    per arm to be found four times in five. Half the rise takes about four times the customers.

    Parameters
    ----------
    retention : float
        Retention rate of the control, 0 to 1.
    lift : float or sequence of float
        Rise to be found, in points: 0.05 is five points; below 0 for a fall.
    power : float
        Chance of finding it if it is there.
    level : float
        1 − the two-sided error of finding it if it is not.
    arms : int
        Arms with the control; with more than two, the error is shared among the arms − 1
        comparisons (Bonferroni).
    ratio : float
        Customers of each other arm per customer of the control.

    Returns
    -------
    DataFrame
        ``retention, retention_after, variance`` (pooled, unpooled, corrected), ``n_control, n_arm``
        (whole customers, rounded up) and ``n_total`` of all arms; three rows per rise.

    Raises
    ------
    InputError
        If a rate would leave 0 to 1, or the rise is 0.

    Notes
    -----
    With rates p and q, mean rate c (weighted by the sizes), k the ratio, a and b the normal
    quantiles of error and power, d = q − p: unpooled n = (a + b)²·(p(1 − p) + q(1 − q)/k) / d²;
    pooled n = (a·√(c(1 − c)(1 + 1/k)) + b·√(p(1 − p) + q(1 − q)/k))² / d², which fits the score
    test of :func:`compare`; corrected n = n/4·(1 + √(1 + 2(1 + k)/(n·k·``abs(d)``)))² of the pooled n,
    which fits Fisher's test. Customers who will not be observed in time come on top.

    Examples
    --------
    >>> sample_size(1 / 16, lift=1 / 4 - 1 / 16)[["variance", "n_control"]].to_numpy().tolist()
    [['pooled', 58], ['unpooled', 55], ['corrected', 68]]
    """
    p = checks.number("retention", retention, most=1)
    steps = np.atleast_1d(checks.numbers("lift", lift, least=-1, most=1))
    for name, share in (("power", power), ("ratio", ratio)):
        checks.number(name, share, most=1 if name == "power" else None)
    if not 0 < power < 1 or ratio <= 0:
        raise InputError("power must lie strictly between 0 and 1, and ratio above 0.")
    several = checks.whole("arms", arms, least=2)
    a, b = _quantiles(power, level, several)
    lines = []
    for step in steps.tolist():
        q = p + step
        if abs(step) < 1e-12 or not -1e-12 <= q <= 1 + 1e-12:
            raise InputError(
                f"lift={step:g}: from retention={p:g} the rate must change, within 0 to 1; "
                "lift is in points, 0.05 for five."
            )
        q = min(max(q, 0.0), 1.0)
        for variance in _VARIANCES:
            n = _needed(p, q, a, b, ratio, variance)
            control, each = (math.ceil(size - 1e-9) for size in (n, n * ratio))
            lines.append((p, q, variance, control, each, control + (several - 1) * each))
    columns = ["retention", "retention_after", "variance", "n_control", "n_arm", "n_total"]
    table = pd.DataFrame(lines, columns=columns)
    table.attrs = checks.attrs(None, [])
    return table


def detectable(
    retention: float, n_control: int, n_arm: int, *, power: float, level: float
) -> float:
    """The least rise a trial of this size finds, by the pooled formula; missing if none does."""
    if not 0 < power < 1:
        raise InputError(f"power={power!r} must lie strictly between 0 and 1.")
    a, b = _quantiles(power, level, 2)
    ratio = n_arm / n_control

    def excess(step: float) -> float:
        return _needed(retention, retention + step, a, b, ratio, "pooled") - n_control

    most = 1 - retention
    if most < 1e-9 or excess(most) > 0:
        return math.nan
    # a rise so small that nobody would wait for it; needs more than any trial has
    return float(optimize.brentq(excess, min(1e-9, most / 2), most, xtol=1e-12))


def _quantiles(power: float, level: float, arms: int) -> tuple[float, float]:
    error = (1 - checks.confidence(level)) / (arms - 1)
    return float(ndtri(1 - error / 2)), float(ndtri(power))


def _needed(p: float, q: float, a: float, b: float, ratio: float, variance: str) -> float:
    """Customers of the control, not rounded."""
    apart = p * (1 - p) + q * (1 - q) / ratio
    if variance == "unpooled":
        return (a + b) ** 2 * apart / (q - p) ** 2
    mean = (p + ratio * q) / (1 + ratio)
    together = mean * (1 - mean) * (1 + 1 / ratio)
    n = (a * math.sqrt(together) + b * math.sqrt(apart)) ** 2 / (q - p) ** 2
    if variance == "pooled":
        return n
    return n / 4 * (1 + math.sqrt(1 + 2 * (1 + ratio) / (n * ratio * abs(q - p)))) ** 2
