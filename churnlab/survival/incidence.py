"""Cumulative incidence: which share of the customers left for which reason by when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from churnlab import checks, intervals
from churnlab.checks import IfPresent, InputError
from churnlab.intervals import CurveConf
from churnlab.survival import johansen
from churnlab.survival.frames import assemble
from churnlab.survival.risk import RiskSet, risk_sets
from churnlab.survival.tally import FROM_TABLE, Cells, Roles, tally

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

Variance = Literal["jackknife", "aalen"]

_COLUMNS = (
    *("reason", "duration", "n_risk", "n_event"),
    *("estimate", "std_error", "conf_low", "conf_high", "naive"),
)


def incidence(
    spells: Any,
    *,
    duration: str = "duration",
    event: str = "event",
    reason: str = "reason",
    entry: str | None = IfPresent("entry"),
    weight: str | None = None,
    count: str | None = FROM_TABLE,
    event_value: Any = None,
    cluster: str | None = FROM_TABLE,
    conf: CurveConf = "log-log",
    variance: Variance = "jackknife",
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    timefix: bool = True,
) -> pd.DataFrame:
    """The share of customers lost for every reason by every duration; the reasons add up to all.

    The trap: one minus a Kaplan–Meier curve that censors the other reasons (column ``naive``) is
    always too high, and the reasons' curves together pass 1: who left for one cannot leave again.

    Parameters
    ----------
    spells, duration, event, entry, weight, count, event_value, cluster, by, level, timefix
        As in :func:`kaplan_meier`.
    reason : str
        Column: why the customer left. A churn without a reason counts as "unknown"; reasons of
        spells whose churn was not seen are not looked at.
    conf : {"log-log", "log", "plain", "logit"}
        Scale of the limits, with the incidence itself in place of S.
    variance : {"jackknife", "aalen"}
        As R's survfit has it, for spells of every kind; or as R's cmprsk has it, for independent
        spells that count equally.

    Returns
    -------
    DataFrame
        Groups, then ``reason, duration, n_risk, n_event`` (for this reason), ``estimate, std_error,
        conf_low, conf_high, naive``: for each reason row 0, then every distinct duration.

    Raises
    ------
    InputError
        As in :func:`life_table`; where no churn was seen.

    Notes
    -----
    Aalen–Johansen: F_r(t) = Σ S(u−) d_r(u) / n(u) over durations up to t, with ties as they stand,
    so Σ F_r = 1 − S. The jackknife's variance is Greenwood's where one reason is all there is and
    nobody enters late; at F = 1 it is missing. Limits are missing at F = 0, and with log-log and
    logit at F = 1.

    Examples
    --------
    >>> six = pd.DataFrame({"duration": [1, 2, 2, 3, 5, 5], "event": [1, 1, 0, 1, 1, 0]})
    >>> six["reason"] = ["price", "moved", None, "price", "moved", None]
    >>> found = incidence(six).query("duration == 5")
    >>> found[["reason", "estimate", "naive"]].round(3).to_numpy().tolist()
    [['moved', 0.389, 0.6], ['price', 0.389, 0.444]]
    """
    checks.choice("conf", conf, CurveConf)
    checks.choice("variance", variance, Variance)
    checks.confidence(level)
    names = checks.group_columns(by, _COLUMNS)
    roles = roles_of(
        Roles(duration, event, entry, weight, count, event_value, names, cluster, reason,
              timefix=timefix)
    )  # fmt: skip
    cells = tally(spells, roles, "incidence")
    if variance == "aalen":
        _refuse_unequal(cells)

    def part(risk: RiskSet) -> dict[str, Any]:
        curves = list(_curves(risk, cells, variance))
        for one in curves:
            one["conf_low"], one["conf_high"] = intervals.survival(
                one["estimate"], one["std_error"], conf=conf, level=level
            )
        return stacked(curves)

    return assemble(spells, cells, names, _COLUMNS, map(part, risk_sets(cells)))


def roles_of(roles: Roles) -> Roles:
    """The roles, once what the door does not look at has been."""
    if not isinstance(roles.reason, str):
        raise InputError(
            f"reason={roles.reason!r} must be the name of the column that says why a customer left."
        )
    return roles


def _refuse_unequal(cells: Cells) -> None:
    """The delta method of the published formula knows independent spells that count equally."""
    together = any(line.rule == "clustered" for line in cells.lines)
    if cells.fractional or together:
        what = "weights in fractions" if cells.fractional else "several spells in a cluster"
        raise InputError(
            f"variance='aalen' is not defined for {what}: use variance='jackknife'"
            f"{'' if cells.fractional else ', or cluster=None to take each spell for itself'}."
        )


class Curve(NamedTuple):
    """Churns, incidence and its error over the durations of a risk set, of some reasons together."""

    found: johansen.Incidence
    std_error: Floats


def curve(
    state: johansen.States, reasons: Sequence[int], by_reason: Floats, *, fractional: bool
) -> Curve:
    """What one reason took, or several together (numbers of ``Cells.reasons``)."""
    found = johansen.incidence(state, by_reason[list(reasons)].sum(axis=0))
    own = np.isin(state.risk.cells["reason"].to_numpy(), list(reasons))
    return Curve(found, johansen.jackknife(state, found, own, fractional=fractional))


def _curves(risk: RiskSet, cells: Cells, variance: Variance) -> Iterator[dict[str, Any]]:
    state, churns = johansen.states(risk), risk.by_reason(len(cells.reasons))
    for i, word in enumerate(cells.reasons):
        if variance == "jackknife":
            found, error = curve(state, [i], churns, fractional=cells.fractional)
        else:
            found = johansen.incidence(state, churns[i])
            error = johansen.aalen(state, found)
        yield {
            "reason": word,
            "duration": risk.duration,
            "n_risk": risk.n_risk,
            "n_event": found.n_event,
            "estimate": found.estimate,
            "std_error": error,
            "naive": found.naive,
        }


def stacked(curves: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The columns of several reasons' curves, one reason below the other."""
    size = len(curves[0]["duration"])
    columns = {
        key: np.concatenate([one[key] for one in curves]) for key in curves[0] if key != "reason"
    }
    words = pd.Series([one["reason"] for one in curves], dtype="str")
    return columns | {"reason": words.array.take(np.repeat(np.arange(len(curves)), size))}
