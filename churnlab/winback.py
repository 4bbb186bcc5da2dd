"""Winning back who left: how much likelier than winning someone new."""

from __future__ import annotations

import math

import pandas as pd
from scipy import stats

from churnlab import intervals
from churnlab.checks import InputError, attrs, confidence, whole

__all__ = ["odds"]

_MOST = 10**8


def odds(
    won: int,
    tried: int,
    *,
    prospects_won: int,
    prospects_tried: int,
    level: float = 0.95,
) -> pd.DataFrame:
    """Success with lost customers against success with prospects, with what is not known of it.

    The trap: 'one in four against one in sixteen' sounds like a law; from four and sixteen
    attempts it is compatible with no difference at all.

    Parameters
    ----------
    won, tried : int
        Lost customers won back, and tried.
    prospects_won, prospects_tried : int
        Prospects won, and tried.
    level : float
        Of the limits.

    Returns
    -------
    DataFrame
        ``term`` (lost, prospects: shares won; risk_ratio, odds_ratio: the first over the second),
        ``estimate, conf_low, conf_high, p_value`` (Fisher's exact test, on the row of odds_ratio).

    Raises
    ------
    InputError
        If more were won than tried, or nobody was tried.

    Notes
    -----
    Limits: exact (Clopper–Pearson) for the shares, Koopman's score limits for the ratio of shares,
    exact conditional ones for the odds ratio, whose estimate is that of the sample, ad/bc. A ratio
    over 0 is infinite; 0 over 0 is missing, and any ratio lies within its limits. Who was contacted
    was chosen: this compares the lists that were tried, not all who are lost with all who are new.

    References
    ----------
    Koopman (1984), Biometrics 40(2), 513–517; Fisher's exact test and its limits as in R.

    Examples
    --------
    >>> odds(25, 100, prospects_won=25, prospects_tried=400)["estimate"].tolist()
    [0.25, 0.0625, 4.0, 5.0]
    """
    confidence(level)
    given = {"won": won, "tried": tried}
    given |= {"prospects_won": prospects_won, "prospects_tried": prospects_tried}
    x, m, y, n = (whole(k, v, least=int("tried" in k)) for k, v in given.items())
    if max(m, n) > _MOST:
        raise InputError(f"tried={max(m, n):,} is too many to work out: at most {_MOST:,}.")
    for part, base, a, b in (("won", "tried", x, m), ("prospects_won", "prospects_tried", y, n)):
        if a > b:
            raise InputError(f"{part}={a:,} is more than {base}={b:,}: check the counts.")
    grid = [[x, m - x], [y, n - y]]
    exact = stats.contingency.odds_ratio(grid, kind="conditional").confidence_interval(level)
    rows = [
        ("lost", x / m, *intervals.exact(x, m, level=level), math.nan),
        ("prospects", y / n, *intervals.exact(y, n, level=level), math.nan),
        ("risk_ratio", _over(x * n, y * m), *intervals.koopman(x, m, y, n, level=level), math.nan),
        ("odds_ratio", _over(x * (n - y), y * (m - x)), float(exact.low), float(exact.high),
         float(stats.fisher_exact(grid).pvalue)),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["term", "estimate", "conf_low", "conf_high", "p_value"])
    table.attrs = attrs(None, [])
    return table


def _over(above: int, below: int) -> float:
    if below:
        return above / below
    return math.inf if above else math.nan
