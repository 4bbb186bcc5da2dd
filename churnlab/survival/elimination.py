"""What churn becomes without a reason, and what it may be where reasons are not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnlab import checks, intervals
from churnlab.checks import IfPresent, InputError
from churnlab.checks.messages import brief, is_many
from churnlab.intervals import CurveConf
from churnlab.survival import johansen
from churnlab.survival.estimates import product_limit
from churnlab.survival.frames import assemble
from churnlab.survival.incidence import curve, roles_of, stacked
from churnlab.survival.labels import UNKNOWN
from churnlab.survival.risk import RiskSet, risk_sets
from churnlab.survival.tally import FROM_TABLE, Roles, tally

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_WITHOUT = (
    *("duration", "total_churn", "estimate", "std_error", "conf_low", "conf_high"),
    *("saved", "incidence", "estimate_low", "estimate_high"),
)
_BOUNDS = ("reason", "duration", "estimate_low", "estimate_high", "conf_low", "conf_high")


def eliminate(
    spells: Any,
    *,
    without: str | Sequence[str],
    duration: str = "duration",
    event: str = "event",
    reason: str = "reason",
    entry: str | None = IfPresent("entry"),
    weight: str | None = None,
    count: str | None = FROM_TABLE,
    event_value: Any = None,
    cluster: str | None = FROM_TABLE,
    conf: CurveConf = "log-log",
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    timefix: bool = True,
) -> pd.DataFrame:
    """What total churn becomes if a reason is done away with and the other reasons stay as they are.

    The trap: it does not fall by the customers lost for that reason (column ``incidence``), for
    those who are kept can still leave for another one.

    Parameters
    ----------
    spells, duration, event, entry, weight, count, event_value, cluster, by, level, timefix
        As in :func:`kaplan_meier`.
    without : str or list of str
        The reasons taken away, as they stand in the data; "unknown" is the missing one.
    reason : str
        Column: why the customer left, as in :func:`incidence`.
    conf : {"log-log", "log", "plain", "logit"}
        Scale of the limits of the share still there, 1 − estimate.

    Returns
    -------
    DataFrame
        Groups, then ``duration, total_churn, estimate`` (churn without the reasons), ``std_error,
        conf_low, conf_high`` (of the estimate), ``saved`` (total − estimate), ``incidence`` (lost for
        the reasons), ``estimate_low, estimate_high`` (what the data allow, whatever is assumed).

    Raises
    ------
    InputError
        As in :func:`incidence`; where nobody left for a reason of ``without``.

    Notes
    -----
    The estimate is 1 − KM with these reasons censored. It holds if the reasons act independently:
    those lost for one would have left for the others like everyone else. No data can show that;
    without it, churn lies between total − incidence (all who are kept stay) and the total (all
    would have left at the same moment). At a tie who left for the reason was at risk for the others.

    References
    ----------
    Peterson 1976, Proceedings of the National Academy of Sciences 73(1), 11–13 (the bounds).

    Examples
    --------
    >>> four = pd.DataFrame({"duration": [1, 2, 3, 4], "event": [1, 1, 1, 0]})
    >>> four["reason"] = ["price", "moved", "price", None]
    >>> found = eliminate(four, without="price").query("duration == 4").round(3)
    >>> found[["total_churn", "estimate", "saved", "incidence"]].to_numpy().tolist()
    [[0.75, 0.333, 0.417, 0.5]]
    """
    checks.choice("conf", conf, CurveConf)
    checks.confidence(level)
    names = checks.group_columns(by, _WITHOUT)
    roles = roles_of(
        Roles(duration, event, entry, weight, count, event_value, names, cluster, reason,
              timefix=timefix)
    )  # fmt: skip
    cells = tally(spells, roles, "eliminate")
    gone = _numbers(without, cells.reasons)

    def part(risk: RiskSet) -> dict[str, Any]:
        churns = risk.by_reason(len(cells.reasons))
        found = _without(risk, churns[gone].sum(axis=0), gone)
        survival, error = product_limit(found.pop("risk"), robust=cells.fractional)
        low, high = intervals.survival(survival, error, conf=conf, level=level)
        estimate = 1 - survival
        saved = np.maximum(found["total_churn"] - estimate, 0.0)
        limits = {"std_error": error, "conf_low": 1 - high, "conf_high": 1 - low}
        return {"duration": risk.duration, "estimate": estimate, "saved": saved, **limits, **found}

    return assemble(spells, cells, names, _WITHOUT, map(part, risk_sets(cells)))


def _numbers(without: str | Sequence[str], reasons: Sequence[str]) -> list[int]:
    """Which reasons are meant, none of them silently without effect."""
    words = _words(without)
    listed = ", ".join(repr(word) for word in reasons)
    if not words:
        raise InputError(f"without={without!r} names no reason. The reasons are {listed}.")
    for word in words:
        if word not in reasons:
            near = checks.look_alikes(str(word), reasons)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise InputError(
                f"without={word!r}: nobody left for it.{hint} The reasons are {listed}."
            )
    return sorted({reasons.index(word) for word in words})


def _words(without: Any) -> list[str]:
    """Reasons as their text, as results have them: 1 and 1.0 are the reason "1"."""
    single = isinstance(without, str) or not is_many(without)
    words = []
    for value in [without] if single else list(without):
        item = value.item() if getattr(value, "ndim", None) == 0 else value  # numpy's numbers
        if isinstance(item, float) and item.is_integer():
            item = int(item)
        if isinstance(item, bool) or not isinstance(item, str | int):
            raise InputError(
                f"without={brief(without)} must be a reason or a list of reasons, as they stand in "
                "the data; 'unknown' is the missing one."
            )
        words.append(str(item))
    return words


def _without(risk: RiskSet, taken: Floats, gone: Sequence[int]) -> dict[str, Any]:
    """The counts with some reasons censored, and what holds whatever is assumed."""
    state = johansen.states(risk)
    rest = state.n_event - taken
    stays = risk.cells["event"] & ~risk.cells["reason"].isin(gone)
    return {
        "risk": replace(
            risk,
            n_event=rest.astype(risk.n_event.dtype),
            n_censor=(risk.n_censor + taken).astype(risk.n_censor.dtype),
            cells=risk.cells.assign(event=stays),
        ),
        "total_churn": 1 - state.after,
        "incidence": johansen.incidence(state, taken).estimate,
        "estimate_low": johansen.incidence(state, rest).estimate,
        "estimate_high": 1 - state.after,
    }


def reason_bounds(
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
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    timefix: bool = True,
) -> pd.DataFrame:
    """Between which ends the incidence of every known reason lies where some reasons are missing.

    The trap: leaving out those who did not say why, or sharing them out like those who did, takes
    it for granted that the silent left for the same reasons.

    Parameters
    ----------
    spells, duration, event, entry, weight, count, event_value, cluster, by, level, timefix
        As in :func:`kaplan_meier`.
    reason : str
        Column: why the customer left; missing, or "unknown", where nobody knows.
    conf : {"log-log", "log", "plain", "logit"}
        Scale of the limits, as in :func:`incidence`.

    Returns
    -------
    DataFrame
        Groups, then ``reason, duration, estimate_low`` (none of the unknown left for it),
        ``estimate_high`` (all of them did), ``conf_low`` (lower limit of the low end),
        ``conf_high`` (upper limit of the high end).

    Raises
    ------
    InputError
        As in :func:`incidence`; where no reason is known.

    Notes
    -----
    The ends are F_r and F_r + F_unknown, each Aalen–Johansen with the limits of :func:`incidence`.
    A limit is missed on its side with a chance of (1 − level)/2, so both ends, and with them the
    truth, are covered with a chance of at least ``level``. Without unknown reasons the ends are
    one. A limit is missing where its end is 0, with log-log and logit also where it is 1.

    Examples
    --------
    >>> four = pd.DataFrame({"duration": [1, 2, 3, 4], "event": [1, 1, 1, 0]})
    >>> four["reason"] = ["price", None, "moved", None]
    >>> found = reason_bounds(four).query("duration == 4")
    >>> found[["reason", "estimate_low", "estimate_high"]].to_numpy().tolist()
    [['moved', 0.25, 0.5], ['price', 0.25, 0.5]]
    """
    checks.choice("conf", conf, CurveConf)
    checks.confidence(level)
    names = checks.group_columns(by, _BOUNDS)
    roles = roles_of(
        Roles(duration, event, entry, weight, count, event_value, names, cluster, reason,
              timefix=timefix)
    )  # fmt: skip
    cells = tally(spells, roles, "reason_bounds")
    known = [i for i, word in enumerate(cells.reasons) if word != UNKNOWN]
    unknown = [i for i, word in enumerate(cells.reasons) if word == UNKNOWN]
    if not known:
        raise InputError(
            f"every reason in column {reason!r} is unknown: there is nothing to bound."
        )

    def ends(risk: RiskSet, state: johansen.States, churns: Floats, i: int) -> dict[str, Any]:
        low, high = (
            curve(state, which, churns, fractional=cells.fractional)
            for which in ([i], [i, *unknown])
        )
        limits = [
            intervals.survival(end.found.estimate, end.std_error, conf=conf, level=level)
            for end in (low, high)
        ]
        return {
            "reason": cells.reasons[i],
            "duration": risk.duration,
            "estimate_low": low.found.estimate,
            "estimate_high": high.found.estimate,
            "conf_low": limits[0][0],
            "conf_high": limits[1][1],
        }

    def part(risk: RiskSet) -> dict[str, Any]:
        state, churns = johansen.states(risk), risk.by_reason(len(cells.reasons))
        return stacked([ends(risk, state, churns, i) for i in known])

    return assemble(spells, cells, names, _BOUNDS, map(part, risk_sets(cells)))
