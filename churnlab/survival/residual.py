"""The further stay of customers who have stayed so long already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from churnlab import checks, intervals
from churnlab.checks import IfPresent, InputError
from churnlab.intervals import CurveConf
from churnlab.survival.estimates import product_limit
from churnlab.survival.frames import assemble
from churnlab.survival.quantiles import crossing
from churnlab.survival.restricted import area, limits, observed
from churnlab.survival.risk import RiskSet, conditional, risk_sets
from churnlab.survival.tally import FROM_TABLE, Cells, Roles, tally
from churnlab.survival.ties import TOLERANCE

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_COLUMNS = ("given", "term", "n_risk", "estimate", "std_error", "conf_low", "conf_high")
_TERMS = ("survival", "restricted_mean", "median")
_MISSING = (float("nan"),) * 4
_Row = tuple[float, float, float, float]  # estimate, error, limits


def residual(
    spells: Any,
    *,
    given: float | Sequence[float],
    ahead: float,
    conf: CurveConf = "log-log",
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
    """What customers who have stayed so long already will do next: stay on, and how long.

    The trap: the curve from the origin is that of newcomers. Where churn falls with tenure, those
    who have come through the first months will stay far longer than it says.

    Parameters
    ----------
    spells, duration, event, entry, weight, count, event_value, cluster, by, timefix
        As in :func:`kaplan_meier`.
    given : float or list
        Durations reached already.
    ahead : float
        How far to look from there, in the unit of ``duration``.
    conf : {"log-log", "log", "plain", "logit"}
        Scale of the limits of the chance to stay, and so of those of the median.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        Groups, then ``given, term, n_risk, estimate, std_error, conf_low, conf_high``. Terms:
        survival, the chance to stay ``ahead`` longer; restricted_mean, the mean stay within it;
        median, the further stay that half of them reach, however long (no ``std_error``).

    Raises
    ------
    InputError
        As in :func:`kaplan_meier`, and where no spell of any group lasted longer than ``given``.

    Notes
    -----
    :func:`kaplan_meier`, :func:`restricted_mean` and :func:`quantiles` of those at risk in
    (given, given + ahead]; ``n_risk`` are those under observation as it opens, and where it is 0
    everything is missing. Survival and restricted mean are also missing where a group with
    customers left is not observed so far, and the median where it is not reached. Where S = 0 the
    chance is 0, without error and limits; without events it is 1, with error 0.

    Examples
    --------
    >>> six = pd.DataFrame({"duration": [1, 2, 2, 3, 5, 5], "event": [1, 1, 0, 1, 0, 0]})
    >>> residual(six, given=[0, 2], ahead=2)[["given", "term", "n_risk", "estimate"]].round(3)
       given             term  n_risk  estimate
    0    0.0         survival       6     0.667
    1    0.0  restricted_mean       6     1.833
    2    0.0           median       6     3.000
    3    2.0         survival       3     0.667
    4    2.0  restricted_mean       3     1.667
    5    2.0           median       3       NaN
    """
    groups = checks.group_columns(by, _COLUMNS)
    checks.choice("conf", conf, CurveConf)
    checks.confidence(level)
    tenures = [float(t) for t in np.atleast_1d(checks.numbers("given", given))]
    span = checks.number("ahead", ahead)
    if span == 0:
        raise InputError("ahead=0: nothing can come within no time. Look further ahead.")
    roles = Roles(
        duration, event, entry, weight, count, event_value, groups, cluster, timefix=timefix
    )
    cells = tally(spells, roles, "residual")
    asked = _Asked(span, conf, level, cells.fractional)
    parts = _parts(cells, tenures, asked)
    return assemble(spells, cells, groups, _COLUMNS, parts)


class _Asked(NamedTuple):
    ahead: float
    conf: CurveConf
    level: float
    robust: bool


def _parts(cells: Cells, tenures: list[float], asked: _Asked) -> list[dict[str, list[Any]]]:
    """The columns of every group: its tenures one below the other."""
    parts: list[dict[str, list[Any]]] = [
        {c: [] for c in _COLUMNS} for _ in range(len(cells.groups))
    ]
    for tenure in tenures:
        there = conditional(cells, tenure, "residual")
        for part, risk in zip(parts, risk_sets(there, tenure), strict=True):
            n_risk = risk.n_risk[0]
            found = _further(risk, tenure, asked) if n_risk > 0 else [_MISSING] * len(_TERMS)
            for term, row in zip(_TERMS, found, strict=True):
                for column, value in zip(_COLUMNS, (tenure, term, n_risk, *row), strict=True):
                    part[column].append(value)
    return parts


def _further(risk: RiskSet, tenure: float, asked: _Asked) -> list[_Row]:
    """Estimate, error and limits of every term, for those at risk from a tenure on."""
    survival, std_error = product_limit(risk, robust=asked.robust)
    low, high = intervals.survival(survival, std_error, conf=asked.conf, level=asked.level)
    median, *ends = (crossing(risk.duration, s, 0.5) - tenure for s in (survival, low, high))
    last: _Row = (median, float("nan"), ends[0], ends[1])
    until = tenure + asked.ahead
    if not observed(risk, until):
        return [_MISSING, _MISSING, last]
    # 0.1 + 0.2 is the duration 0.3
    upto = until + TOLERANCE * max(1.0, until)
    at = int(np.searchsorted(risk.duration, upto, side="right")) - 1
    mean, error = area(risk, until, robust=asked.robust)
    ends = list(limits(mean, error, most=asked.ahead, level=asked.level))
    share: _Row = (float(survival[at]), float(std_error[at]), float(low[at]), float(high[at]))
    return [share, (mean, error, ends[0], ends[1]), last]
