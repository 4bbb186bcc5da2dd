"""How many churns, and so how many customers, a comparison of curves needs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtri

from churnlab import checks, intervals
from churnlab.checks import InputError

_LEAST, _MOST = 0.05, 20  # beyond, percentages and slips are likelier than hazard ratios


def sample_size(
    hazard_ratio: float | Sequence[float],
    *,
    shares: Sequence[float] = (0.5, 0.5),
    event_share: float | None = None,
    power: float = 0.8,
    level: float = 0.95,
) -> pd.DataFrame:
    """How many churns a trial must wait for to find that an offer slows churn by a given factor.

    The trap: churns count, not customers. A thousand customers of whom ten leave tell as much as
    ten; and customers observed for too short a time do not make up for it.

    Parameters
    ----------
    hazard_ratio : float or sequence of float
        Hazard with the offer over hazard without it, to be found: 0.8 is a fifth less.
    shares : (float, float)
        Customers of the control and of the other arm, in any unit.
    event_share : float, optional
        Share of all customers whose churn will be seen by the end of the trial.
    power : float
        Chance of finding it if it is there.
    level : float
        1 − the two-sided error of finding it if it is not.

    Returns
    -------
    DataFrame
        ``hazard_ratio, n_event, n_control, n_arm, n_total``, rounded up; customers are missing
        without ``event_share``.

    Raises
    ------
    InputError
        For a hazard ratio of 1, or not between 0.05 and 20, and shares that are not two numbers above 0.

    Notes
    -----
    Schoenfeld: d = (a + b)² / (p q (log HR)²), with a and b the normal quantiles of error and power
    and p + q = 1 the shares; customers = d / event_share. It fits the log-rank test where hazards
    are proportional.

    References
    ----------
    Schoenfeld 1983, Biometrics 39(2), 499–503.

    Examples
    --------
    >>> sample_size(2, event_share=0.25)
       hazard_ratio  n_event  n_control  n_arm  n_total
    0           2.0       66        131    131      262
    """
    ratios = np.atleast_1d(checks.numbers("hazard_ratio", hazard_ratio)).tolist()
    control, arm = _shares(shares)
    checks.number("power", power, most=1)
    if not 0 < power < 1:
        raise InputError(f"power={power!r} must lie strictly between 0 and 1.")
    seen = None if event_share is None else checks.number("event_share", event_share, most=1)
    if seen == 0:
        raise InputError("event_share=0: where no churn is seen nothing can be compared.")
    reach = (intervals.normal_quantile(level) + float(ndtri(power))) ** 2
    lines = []
    for ratio in ratios:
        if ratio <= 0 or ratio == 1:
            raise InputError(f"hazard_ratio={ratio:g} must be above 0 and differ from 1.")
        if not _LEAST < ratio < _MOST:
            percent = ratio.is_integer() and ratio < 1000 and ratio != 100
            hint = f" Did you mean {ratio / 100:g}?" if percent else ""
            raise InputError(
                f"hazard_ratio={ratio:g} must lie between {_LEAST:g} and {_MOST:g}: a factor of "
                f"twenty is likelier a slip than the effect of an offer.{hint}"
            )
        needed = reach / (control * arm * math.log(ratio) ** 2)
        sizes = [None, None] if seen is None else [_up(needed * p / seen) for p in (control, arm)]
        total = None if seen is None else sum(n for n in sizes if n)
        lines.append((ratio, _up(needed), *sizes, total))
    table = pd.DataFrame(
        lines, columns=["hazard_ratio", "n_event", "n_control", "n_arm", "n_total"]
    )
    for column in ("n_control", "n_arm", "n_total"):
        table[column] = pd.array(table[column], dtype="Int64")
    table.attrs = checks.attrs(None, [])
    return table


def _up(size: float) -> int:
    return math.ceil(size - 1e-9)


def _shares(shares: Sequence[float]) -> tuple[float, float]:
    given = np.atleast_1d(checks.numbers("shares", shares))
    if given.size != 2 or not (given > 0).all():
        raise InputError(f"shares={shares!r} must be two numbers above 0: control and other arm.")
    return float(given[0] / given.sum()), float(given[1] / given.sum())
