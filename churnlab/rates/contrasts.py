"""Two shares compared by a test, and the sizes of arms by another."""

from __future__ import annotations

from scipy import special, stats

_LEAST_EXPECTED = 5  # below it the score test's chi-squared is too rough


def p_value(x: int, m: int, y: int, n: int) -> tuple[float, str]:
    """Two-sided p value of equal shares, and the name of the test that gave it."""
    pooled = (x + y) / (m + n)
    if min(m, n) * min(pooled, 1 - pooled) < _LEAST_EXPECTED:
        return float(stats.fisher_exact([[x, m - x], [y, n - y]]).pvalue), "fisher"
    z2 = (x / m - y / n) ** 2 / (pooled * (1 - pooled) * (1 / m + 1 / n))
    return float(special.chdtrc(1, z2)), "score"


def split(assigned: list[int], planned: list[float]) -> float:
    """p value of the sizes of the arms against the planned split (chi-squared)."""
    total = sum(assigned)
    expected = [total * share / sum(planned) for share in planned]
    chi2 = sum((n - e) ** 2 / e for n, e in zip(assigned, expected, strict=True))
    return float(special.chdtrc(len(assigned) - 1, chi2))
