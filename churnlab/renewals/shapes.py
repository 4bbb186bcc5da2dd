"""Survival of a cohort whose customers differ: beta-geometric, and beta discrete Weibull."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betaln, digamma

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

NAMES = {"sbg": ("alpha", "beta"), "bdw": ("alpha", "beta", "c")}


def log_survival(ages: Floats, theta: Floats) -> Floats:
    """ln S(t) = ln B(α, β + t^c) − ln B(α, β), with c = 1 for the shifted beta-geometric."""
    alpha, beta, c = _three(theta)
    result: Floats = betaln(alpha, beta + ages**c) - betaln(alpha, beta)
    return result


def gradient(ages: Floats, theta: Floats) -> Floats:
    """Derivatives of ln S(t) by the parameters, one row per age."""
    alpha, beta, c = _three(theta)
    x = ages**c
    whole = digamma(alpha + beta + x)
    by_alpha = digamma(alpha + beta) - whole
    by_beta = digamma(beta + x) - whole - digamma(beta) + digamma(alpha + beta)
    columns = [by_alpha, by_beta]
    if len(theta) == 3:
        log_age = np.log(np.where(ages > 0, ages, 1.0))
        columns.append((digamma(beta + x) - whole) * x * log_age)
    return np.stack(columns, axis=-1)


def _three(theta: Floats) -> tuple[float, float, float]:
    return float(theta[0]), float(theta[1]), float(theta[2]) if len(theta) == 3 else 1.0
