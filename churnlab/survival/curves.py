"""Life table, Kaplan–Meier and Nelson–Aalen: small frames from the counts of a risk set."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from churnlab import checks, intervals
from churnlab.checks import IfPresent
from churnlab.intervals import CurveConf
from churnlab.survival.estimates import limits, product_limit, sum_of_hazards
from churnlab.survival.frames import assemble
from churnlab.survival.risk import RiskSet, conditional, risk_sets
from churnlab.survival.tally import FROM_TABLE, Roles, tally

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_COUNTS = ("duration", "n_risk", "n_event", "n_censor")
_CURVE = (*_COUNTS, "estimate", "std_error", "conf_low", "conf_high")
_LIFE_TABLE = ("duration", "n_entry", "n_risk", "n_event", "n_censor")


def life_table(
    spells: Any,
    *,
    duration: str = "duration",
    event: str = "event",
    entry: str | None = IfPresent("entry"),
    weight: str | None = None,
    count: str | None = FROM_TABLE,
    event_value: Any = None,
    by: str | Sequence[str] | None = None,
    timefix: bool = True,
) -> pd.DataFrame:
    """How many spells were at risk, churned and were censored at every duration.

    The trap: a spell that is still running is censored, not dropped and not "survived"; it
    counts as at risk up to its censoring and says nothing after it.

    Parameters
    ----------
    spells : Table, table or path
        One row per spell, as :func:`churnlab.spells.to_spells` makes them.
    duration, event : str
        Columns: length of the spell; whether the churn was seen (0/1 or True/False).
    entry : str, optional
        Column: duration at which observation began; missing = observed from the origin.
    weight : str, optional
        Column of case or survey weights.
    count : str, optional
        Column: how many identical spells a row stands for.
    event_value : optional
        The value of ``event`` that means churn, where it is not 0/1 or True/False.
    by : str or list, optional
        Columns of groups; missing is a group of its own, last.
    timefix : bool
        Treat durations that differ by rounding alone (0.1 + 0.2 and 0.3) as one, as R does.

    Returns
    -------
    DataFrame
        Groups, then ``duration, n_entry, n_risk, n_event, n_censor``; row 0, then each duration.

    Raises
    ------
    InputError
        For durations that are negative, infinite or no numbers, and events that are no events.

    Notes
    -----
    Risk time is (entry, duration]; n_risk' = n_risk − n_event − n_censor + n_entry. ``timefix``
    merges distinct times that follow each other by at most 1.49e-8, or that share of their mean.

    Examples
    --------
    >>> import pandas as pd
    >>> six = pd.DataFrame({"duration": [1, 2, 2, 3, 5, 5], "event": [1, 1, 0, 1, 0, 0]})
    >>> life_table(six)
       duration  n_entry  n_risk  n_event  n_censor
    0         0        0       6        0         0
    1         1        0       6        1         0
    2         2        0       5        1         1
    3         3        0       3        1         0
    4         5        0       2        0         2
    """
    groups = checks.group_columns(by, _LIFE_TABLE)
    roles = Roles(duration, event, entry, weight, count, event_value, groups, timefix=timefix)
    cells = tally(spells, roles, "life_table")
    parts = [_counts(risk) | {"n_entry": risk.n_entry} for risk in risk_sets(cells)]
    return assemble(spells, cells, groups, _LIFE_TABLE, parts)


def kaplan_meier(
    spells: Any,
    *,
    duration: str = "duration",
    event: str = "event",
    entry: str | None = IfPresent("entry"),
    weight: str | None = None,
    count: str | None = FROM_TABLE,
    event_value: Any = None,
    cluster: str | None = FROM_TABLE,
    conf: CurveConf = "log-log",
    given: float = 0,
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    timefix: bool = True,
) -> pd.DataFrame:
    """The share of customers still there after every duration, with running spells censored.

    The trap: dropping the customers who are still there, or calling them "survived", bends the
    curve; they belong in the risk set up to the day they were last known to be customers. And
    several spells of a customer are not independent: without ``cluster`` the limits are too narrow.

    Parameters
    ----------
    spells, duration, event, entry, weight, count, event_value, by, timefix
        As in :func:`life_table`.
    cluster : str, optional
        Column whose equal values belong together, such as the customer. Not given: that of the
        Table, if it names one; None: every spell is independent.
    conf : {"log-log", "log", "plain", "logit"}
        Scale of the limits. R's default is "log"; limits differ visibly in small samples.
    given : float
        Only those still there at this duration, from it on: the curve of their further stay.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        Groups, then ``duration, n_risk, n_event, n_censor, estimate, std_error, conf_low,
        conf_high``; row 0 (or ``given``) always, then each distinct duration.

    Raises
    ------
    InputError
        As in :func:`life_table`.

    Notes
    -----
    S(t) = Π (1 − d/n) over the durations up to t; events come before censorings at a tie.
    Greenwood: var S = S² Σ d / (n (n − d)); with fractional weights or ``cluster`` the
    infinitesimal jackknife, as R has it: the squares of the clusters' summed influences. Where
    S = 0 or there is one cluster, error and limits are missing; log-log limits also at S = 1.

    Examples
    --------
    >>> import pandas as pd
    >>> six = pd.DataFrame({"duration": [1, 2, 2, 3, 5, 5], "event": [1, 1, 0, 1, 0, 0]})
    >>> kaplan_meier(six)[["duration", "n_risk", "estimate"]].round(4)
       duration  n_risk  estimate
    0         0       6    1.0000
    1         1       6    0.8333
    2         2       5    0.6667
    3         3       3    0.4444
    4         5       2    0.4444
    """
    groups = checks.group_columns(by, _CURVE)
    checks.choice("conf", conf, CurveConf)
    checks.confidence(level)
    since = checks.number("given", given)
    roles = Roles(
        duration, event, entry, weight, count, event_value, groups, cluster,
        timefix=timefix,
    )  # fmt: skip
    cells = conditional(tally(spells, roles, "kaplan_meier"), since, "kaplan_meier")

    transform = partial(intervals.survival, conf=conf, level=level)

    def curve(risk: RiskSet) -> dict[str, Floats]:
        survival, std_error = product_limit(risk, robust=cells.fractional)
        low, high = limits(transform, survival, std_error)
        return _counts(risk) | _columns(survival, std_error, low, high)

    return assemble(spells, cells, groups, _CURVE, map(curve, risk_sets(cells, since)))


def nelson_aalen(
    spells: Any,
    *,
    duration: str = "duration",
    event: str = "event",
    entry: str | None = IfPresent("entry"),
    weight: str | None = None,
    count: str | None = FROM_TABLE,
    event_value: Any = None,
    cluster: str | None = FROM_TABLE,
    conf: Literal["log", "plain"] = "log",
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    timefix: bool = True,
) -> pd.DataFrame:
    """The churn hazard added up over durations: straight where customers do not change.

    The trap: the cumulative hazard is no probability and passes 1 in long histories; its slope,
    not its height, is what to read.

    Parameters
    ----------
    spells, duration, event, entry, weight, count, event_value, cluster, by, level, timefix
        As in :func:`kaplan_meier`.
    conf : {"log", "plain"}
        Scale of the limits.

    Returns
    -------
    DataFrame
        The columns of :func:`kaplan_meier`; ``estimate`` is the cumulative hazard.

    Raises
    ------
    InputError
        As in :func:`life_table`.

    Notes
    -----
    H(t) = Σ d/n, var H = Σ d/n² (Aalen's; ties are taken as they stand). With fractional weights
    or ``cluster`` the variance is that of the infinitesimal jackknife.

    Examples
    --------
    >>> import pandas as pd
    >>> six = pd.DataFrame({"duration": [1, 2, 2, 3, 5, 5], "event": [1, 1, 0, 1, 0, 0]})
    >>> nelson_aalen(six)["estimate"].round(4).tolist()
    [0.0, 0.1667, 0.3667, 0.7, 0.7]
    """
    groups = checks.group_columns(by, _CURVE)
    checks.choice("conf", conf, Literal["log", "plain"])
    checks.confidence(level)
    roles = Roles(
        duration, event, entry, weight, count, event_value, groups, cluster,
        timefix=timefix,
    )  # fmt: skip
    cells = tally(spells, roles, "nelson_aalen")

    transform = partial(intervals.cumulative_hazard, conf=conf, level=level)

    def curve(risk: RiskSet) -> dict[str, Floats]:
        hazard, std_error = sum_of_hazards(risk, robust=cells.fractional)
        low, high = limits(transform, hazard, std_error)
        return _counts(risk) | _columns(hazard, std_error, low, high)

    return assemble(spells, cells, groups, _CURVE, map(curve, risk_sets(cells)))


def _counts(risk: RiskSet) -> dict[str, npt.NDArray[Any]]:
    return {
        "duration": risk.duration,
        "n_risk": risk.n_risk,
        "n_event": risk.n_event,
        "n_censor": risk.n_censor,
    }


def _columns(estimate: Floats, std_error: Floats, low: Floats, high: Floats) -> dict[str, Floats]:
    return {"estimate": estimate, "std_error": std_error, "conf_low": low, "conf_high": high}
