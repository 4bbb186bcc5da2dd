"""Groups compared in one number: the share still there at a duration, or the mean stay up to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnlab import checks
from churnlab.checks import IfPresent, InputError
from churnlab.compare import contrasts
from churnlab.compare.counts import compared
from churnlab.compare.frames import found, paired, result
from churnlab.survival.areas import area
from churnlab.survival.risk import RiskSet, risk_sets
from churnlab.survival.shares import staying
from churnlab.survival.tally import FROM_TABLE, Roles
from churnlab.survival.ties import TOLERANCE

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


def milestone(
    spells: Any,
    *,
    by: str | Sequence[str],
    at: float,
    reference: Any = None,
    duration: str = "duration",
    event: str = "event",
    entry: str | None = IfPresent("entry"),
    weight: str | None = None,
    count: str | None = FROM_TABLE,
    event_value: Any = None,
    cluster: str | None = FROM_TABLE,
    level: float = 0.95,
    timefix: bool = True,
) -> pd.DataFrame:
    """By how much groups differ in the share of customers still there after a given time.

    The trap: a duration picked after looking at the curves, where they are furthest apart, always
    looks significant. Fix ``at`` beforehand, and which term is to be tested.

    Parameters
    ----------
    spells, duration, event, entry, weight, count, event_value, cluster, level, timefix
        As in :func:`churnlab.survival.kaplan_meier`.
    by : str or list
        Columns of the groups; missing is a group of its own.
    at : float
        Duration, in the unit of ``duration``.
    reference : value, optional
        The group the others are compared with (a tuple for several columns); the first unless said.

    Returns
    -------
    DataFrame
        ``group, reference, term, estimate, std_error, conf_low, conf_high, p_value``. Terms:
        difference and ratio of S(at), and hazard_ratio: the ratio of the cumulative hazards −log S.

    Raises
    ------
    InputError
        If a group with customers still there is not observed up to ``at``; for one group, no churn,
        and as in :func:`churnlab.survival.life_table`.

    Notes
    -----
    Kaplan–Meier with the errors of :func:`churnlab.survival.kaplan_meier`; spells of a cluster in
    both groups are allowed for. Limits and p value (normal) of each term are on its own scale: S,
    log S, log(−log S); ``std_error`` of the ratios by the delta method. For a test take the p value
    of hazard_ratio, whose scale keeps its level best in small groups. Errors are missing where an
    S is 0 or 1.

    References
    ----------
    Klein, Logan, Harhoff and Andersen 2007, Statistics in Medicine 26(24), 4505–4519.

    Examples
    --------
    >>> six = pd.DataFrame({"duration": [1, 2, 3, 2, 4, 5], "event": [1, 1, 1, 1, 0, 0],
    ...     "plan": ["a", "a", "a", "b", "b", "b"]})
    >>> milestone(six, by="plan", at=2)[["group", "reference", "term", "estimate"]].round(4)
      group reference          term  estimate
    0     b         a    difference    0.3333
    1     b         a         ratio    2.0000
    2     b         a  hazard_ratio    0.3691
    """
    roles = Roles(
        duration, event, entry, weight, count, event_value, checks.group_columns(by, ()), cluster,
        timefix=timefix,
    )  # fmt: skip
    time = checks.number("at", at)
    scales = {
        "difference": contrasts.DIFFERENCE,
        "ratio": contrasts.RATIO,
        "hazard_ratio": contrasts.HAZARD_RATIO,
    }
    return _compared(spells, roles, "milestone", time, reference, scales, level)


def restricted_mean(
    spells: Any,
    *,
    by: str | Sequence[str],
    until: float,
    reference: Any = None,
    duration: str = "duration",
    event: str = "event",
    entry: str | None = IfPresent("entry"),
    weight: str | None = None,
    count: str | None = FROM_TABLE,
    event_value: Any = None,
    cluster: str | None = FROM_TABLE,
    level: float = 0.95,
    timefix: bool = True,
) -> pd.DataFrame:
    """By how much longer customers of one group stay than those of another, within a given time.

    The trap: a mean stay of customers who are still there can be had only up to a time; a longer
    ``until`` is another question with another answer. Fix it before looking.

    Parameters
    ----------
    spells, by, reference, duration, event, entry, weight, count, event_value, cluster, timefix
        As in :func:`milestone`.
    until : float
        Duration up to which the stay counts, in the unit of ``duration``.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        ``group, reference, term, estimate, std_error, conf_low, conf_high, p_value``. Terms:
        difference (in the unit of ``duration``) and ratio of the mean stays.

    Raises
    ------
    InputError
        As in :func:`milestone`.

    Notes
    -----
    The mean stay is the area under Kaplan–Meier from 0 to ``until``. Variance: Σ A(t)² d / (n (n − d))
    with A(t) the area from t on; with fractional weights or ``cluster`` the squares of the summed
    influences, and spells of a cluster in both groups are allowed for. The ratio's limits and p
    value (normal) are on the log scale, its ``std_error`` by the delta method. No assumption about
    hazards is made. Errors are missing where a group has no churn before ``until``.

    Examples
    --------
    >>> six = pd.DataFrame({"duration": [1, 2, 3, 2, 4, 5], "event": [1, 1, 1, 1, 0, 0],
    ...     "plan": ["a", "a", "a", "b", "b", "b"]})
    >>> restricted_mean(six, by="plan", until=4)[["group", "reference", "term", "estimate"]].round(4)
      group reference        term  estimate
    0     b         a  difference    1.3333
    1     b         a       ratio    1.6667
    """
    roles = Roles(
        duration, event, entry, weight, count, event_value, checks.group_columns(by, ()), cluster,
        timefix=timefix,
    )  # fmt: skip
    time = checks.number("until", until)
    if time == 0:
        raise InputError("until=0: nobody stays for any time within none.")
    scales = {"difference": contrasts.DIFFERENCE, "ratio": contrasts.RATIO}
    return _compared(spells, roles, "restricted_mean", time, reference, scales, level)


def _compared(
    spells: Any,
    roles: Roles,
    stage: str,
    time: float,
    reference: Any,
    scales: dict[str, contrasts.Scale],
    level: float,
) -> pd.DataFrame:
    checks.confidence(level)
    cells, names = compared(spells, roles, stage)
    number = found(cells, reference, roles.by)
    risks = risk_sets(cells)
    values, worth = [], []
    for risk, name in zip(risks, names, strict=True):
        survival = staying(risk.n_risk, risk.n_event)
        argument = "at" if stage == "milestone" else "until"
        _refuse_beyond(risk, survival, time, f"{argument}={time:g}: group {name}")
        if stage == "milestone":
            value, each = _share(risk, survival, time, slack=TOLERANCE * roles.timefix)
        else:
            value, each = area(risk.duration, survival, time)
        values.append(value)
        worth.append(each)
    variance = contrasts.covariance(cells, risks, worth)
    pairs, columns = contrasts.contrasts(np.array(values), variance, number, scales, level)
    return result(spells, cells, paired(cells, pairs) | columns)


def _refuse_beyond(risk: RiskSet, survival: Floats, time: float, whose: str) -> None:
    last = risk.duration[-1]
    if time > last + TOLERANCE * max(1.0, last) and survival[-1] > 0:
        raise InputError(
            f"{whose} is observed up to {checks.plain(last)} only, with customers still there: what "
            "becomes of them later is not known. Take an earlier time."
        )


def _share(risk: RiskSet, survival: Floats, time: float, *, slack: float) -> tuple[float, Floats]:
    """S at a duration, and what log S from each duration on is worth of it."""
    place = int(np.searchsorted(risk.duration, time + slack * max(1.0, time), side="right")) - 1
    worth = np.zeros(survival.size)
    worth[: place + 1] = survival[place]
    return float(survival[place]), worth
