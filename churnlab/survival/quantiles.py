"""Quantiles of the stay: by when a quarter, a half, three quarters of the customers have left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnlab import checks, intervals
from churnlab.checks import IfPresent, InputError
from churnlab.intervals import CurveConf
from churnlab.survival.estimates import product_limit
from churnlab.survival.frames import assemble
from churnlab.survival.risk import RiskSet, conditional, risk_sets
from churnlab.survival.tally import FROM_TABLE, Roles, tally
from churnlab.survival.ties import TOLERANCE

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_COLUMNS = ("quantile", "estimate", "conf_low", "conf_high")


def quantiles(
    spells: Any,
    *,
    q: float | Sequence[float] = (0.25, 0.5, 0.75),
    conf: CurveConf = "log-log",
    given: float = 0,
    duration: str = "duration",
    event: str = "event",
    entry: str | None = IfPresent("entry"),
    weight: str | None = None,
    count: str | None = FROM_TABLE,
    event_value: Any = None,
    cluster: str | None = FROM_TABLE,
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    timefix: bool = True,
) -> pd.DataFrame:
    """By what duration a quarter, a half and three quarters of the customers have left.

    The trap: the median of those who have left is far too short, for it leaves out everyone who
    stays; and a median that the curve has not reached is not the last duration, but unknown.

    Parameters
    ----------
    spells, duration, event, entry, weight, count, event_value, cluster, by, timefix
        As in :func:`kaplan_meier`.
    q : float or list
        Shares that have left, strictly between 0 and 1; the median is 0.5.
    conf : {"log-log", "log", "plain", "logit"}
        Scale of the curve's limits, which give those of the quantile. R's default is "log".
    given : float
        Only those still there at this duration; the answer still counts from the origin.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        Groups, then ``quantile, estimate, conf_low, conf_high``: a row per share, in the order
        given; missing where the curve, or its limit, does not come down so far.

    Raises
    ------
    InputError
        As in :func:`kaplan_meier`, and for shares that are not between 0 and 1.

    Notes
    -----
    The first duration with S ≤ 1 − q. Where S equals 1 − q (to 1.49e-8) it is the middle of the
    flat stretch up to the next event, or up to the last duration if no event follows: R's rule.
    The limits are the same of the curve's limits (Brookmeyer and Crowley 1982, Biometrics 38,
    29–41), the first duration also where they rise again later, as R prints the median. They are
    missing at S = 0, so there is no upper one where S falls to 0 before its limit has come down.
    A group without events has no quantile; one without anyone at ``given`` neither.

    Examples
    --------
    >>> import pandas as pd
    >>> six = pd.DataFrame({"duration": [1, 2, 2, 3, 5, 5], "event": [1, 1, 0, 1, 0, 0]})
    >>> quantiles(six)[["quantile", "estimate"]].to_numpy().tolist()
    [[0.25, 2.0], [0.5, 3.0], [0.75, nan]]
    """
    groups = checks.group_columns(by, _COLUMNS)
    checks.choice("conf", conf, CurveConf)
    checks.confidence(level)
    since, shares = checks.number("given", given), _shares(q)
    roles = Roles(
        duration, event, entry, weight, count, event_value, groups, cluster, timefix=timefix
    )
    cells = conditional(tally(spells, roles, "quantiles"), since, "quantiles")
    parts = [
        dict(zip(_COLUMNS, _of_group(risk, shares, conf, level, cells.fractional), strict=True))
        for risk in risk_sets(cells, since)
    ]
    return assemble(spells, cells, groups, _COLUMNS, parts)


def _shares(q: Any) -> Floats:
    shares = np.atleast_1d(checks.numbers("q", q, least=-np.inf))
    for share in shares[(shares <= 0) | (shares >= 1)].tolist():
        hint = f"Did you mean {share / 100:g}?" if 1 < share < 100 else "The median is 0.5."
        raise InputError(f"q={share:g} must lie strictly between 0 and 1. {hint}")
    return shares


def _of_group(
    risk: RiskSet, shares: Floats, conf: CurveConf, level: float, fractional: bool
) -> tuple[Floats, Floats, Floats, Floats]:
    if risk.cells.empty:  # nobody there at the duration given
        nothing = np.full(shares.size, np.nan)
        return shares, nothing, nothing, nothing
    survival, std_error = product_limit(risk, robust=fractional)
    low, high = intervals.survival(survival, std_error, conf=conf, level=level)

    def through(curve: Floats) -> Floats:
        return np.array([crossing(risk.duration, curve, share) for share in shares])

    return shares, through(survival), through(low), through(high)


def crossing(duration: npt.NDArray[Any], curve: Floats, share: float) -> float:
    """The duration at which a curve comes down to 1 − share; NaN if it does not.

    Both ends of a stretch at exactly 1 − share are looked for, and their middle is the answer.
    """
    level = 1 - share
    reached = np.flatnonzero(curve <= level + TOLERANCE)
    if not reached.size:
        return float("nan")
    begin = float(duration[reached[0]])
    passed = np.flatnonzero(curve <= level - TOLERANCE)
    if passed.size:
        return (begin + float(duration[passed[0]])) / 2
    ends_level = abs(curve[-1] - level) < TOLERANCE  # False where the curve ends in nothing
    return (begin + float(duration[-1])) / 2 if ends_level else float("nan")
