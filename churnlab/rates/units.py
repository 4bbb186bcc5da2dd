"""A churn rate of one period as that of another."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

import numpy as np
import pandas as pd

from churnlab import checks
from churnlab.periods import Period

RateKind = Literal["probability", "hazard"]

_PER_YEAR = {"month": Fraction(12), "quarter": Fraction(4), "year": Fraction(1)}
_DAYS_OF_YEAR = 365


def convert(
    rate: float | Sequence[float],
    *,
    period: str,
    to: str,
    kind: RateKind = "probability",
) -> pd.DataFrame:
    """What a churn rate per month is per year, or between any two periods.

    The trap: 5 % a month is 46 % a year, not 60 %: every month takes its share of those left.

    Parameters
    ----------
    rate : float or sequence of float
        Rates per ``period``: shares lost, 0 to 1, or hazards of at least 0.
    period, to : str
        "day", "week", "month", "quarter", "year", or days such as "28D": what the rates are per,
        and what they are wanted per. A year is 12 months, 4 quarters or 365 days, a week 7 days.
    kind : {"probability", "hazard"}
        A share of those present at the opening, or a number lost per customer-period at risk.

    Returns
    -------
    DataFrame
        ``rate`` as given, ``period, to``, and per ``to``: ``churn`` (share lost), ``retention``
        (share kept) and ``hazard``; one row per rate.

    Raises
    ------
    InputError
        If a rate is out of its range, or a period unknown.

    Notes
    -----
    With k the length of ``to`` in ``period``: hazard = −k·ln(1 − rate), or k·rate for a hazard;
    retention = exp(−hazard), that is (1 − rate)^k; churn = 1 − retention. It holds if the rate is
    the same throughout; where customers differ, the rate falls with age and the year loses fewer.
    The hazard is what may be multiplied and added; above 1 it is still a rate, never a share.

    Examples
    --------
    >>> convert(0.05, period="month", to="year")[["churn", "retention", "hazard"]].round(4)
        churn  retention  hazard
    0  0.4596     0.5404  0.6155
    """
    checks.choice("kind", kind, RateKind)
    most = 1.0 if kind == "probability" else None
    given = np.atleast_1d(checks.numbers("rate", rate, most=most))
    steps = float(_length(to) / _length(period))
    with np.errstate(divide="ignore"):
        each = -np.log1p(-given) if kind == "probability" else given
    hazard = steps * each
    named = {"rate": given, "period": Period.of(period).unit, "to": Period.of(to).unit}
    shares = {"churn": -np.expm1(-hazard), "retention": np.exp(-hazard), "hazard": hazard}
    table = pd.DataFrame(named | shares)
    table.attrs = checks.attrs(None, [])
    return table


def _length(unit: str) -> Fraction:
    """The length of a period in years."""
    of = Period.of(unit)
    if of.unit in _PER_YEAR:
        return 1 / _PER_YEAR[of.unit]
    return Fraction(of.days, _DAYS_OF_YEAR)
