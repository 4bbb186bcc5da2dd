"""Restricted means: how long customers stay on average within a window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnlab import checks
from churnlab.checks import IfPresent, InputError
from churnlab.intervals import normal_quantile
from churnlab.survival import areas
from churnlab.survival.frames import assemble
from churnlab.survival.risk import RiskSet, conditional, risk_sets
from churnlab.survival.shares import staying
from churnlab.survival.tally import FROM_TABLE, Cells, Roles, tally
from churnlab.survival.ties import TOLERANCE

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_COLUMNS = ("until", "estimate", "std_error", "conf_low", "conf_high")
_STAGE = "restricted_mean"


def restricted_mean(
    spells: Any,
    *,
    until: float,
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
    """How long customers stay on average within a window: the area under the survival curve.

    The trap: the plain mean of the durations counts running spells as over. And some tools print
    the variance of the lifetimes where the error of their mean belongs: 0.72 instead of 0.023.

    Parameters
    ----------
    spells, duration, event, entry, weight, count, event_value, cluster, by, timefix
        As in :func:`kaplan_meier`.
    until : float
        End of the window, in durations from the origin.
    given : float
        Its beginning: the mean stay in (given, until] of those still there at ``given``.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        Groups, then ``until, estimate, std_error, conf_low, conf_high``.

    Raises
    ------
    InputError
        As in :func:`kaplan_meier`, and where a group is not observed up to ``until``.

    Notes
    -----
    ∫ S(t) dt from ``given`` to ``until``; an event at exactly ``until`` changes nothing. With A(u)
    the area from u on, var = Σ A(u)² d / (n (n − d)); with fractional weights or ``cluster`` the
    infinitesimal jackknife: squares of ∫ S φ, with φ the influence on log S. Limits are normal,
    cut to [0, until − given]; missing where the error is 0, as in a group without events. After
    S = 0 the area grows no more, so ``until`` may be later. Nobody at ``given``: all missing.

    Examples
    --------
    >>> six = pd.DataFrame({"duration": [1, 2, 2, 3, 5, 5], "event": [1, 1, 0, 1, 0, 0]})
    >>> restricted_mean(six, until=5).round(4).to_numpy().tolist()
    [[5.0, 3.3889, 0.6655, 2.0845, 4.6933]]
    """
    groups = checks.group_columns(by, _COLUMNS)
    checks.confidence(level)
    since, end = checks.number("given", given), checks.number("until", until)
    if end <= since:
        raise InputError(f"until={end:g} must be later than given={since:g}.")
    roles = Roles(
        duration, event, entry, weight, count, event_value, groups, cluster, timefix=timefix
    )
    cells = conditional(tally(spells, roles, _STAGE), since, _STAGE)
    found = risk_sets(cells, since)
    _require_observed(found, end, cells, groups)

    def mean(risk: RiskSet) -> dict[str, list[float]]:
        estimate, std_error = area(risk, end, robust=cells.fractional)
        low, high = limits(estimate, std_error, most=end - since, level=level)
        row = (end, estimate, std_error, low, high)
        return {c: [v] for c, v in zip(_COLUMNS, row, strict=True)}

    return assemble(spells, cells, groups, _COLUMNS, map(mean, found))


def area(risk: RiskSet, until: float, *, robust: bool) -> tuple[float, float]:
    """The area under a group's curve up to a duration, and its standard error."""
    if risk.cells.empty:
        return float("nan"), float("nan")
    # in a unit near the window (a power of 2: exact), so that squares stay within range
    unit = float(np.ldexp(1.0, int(np.frexp(until)[1]) - 1))
    survival = staying(risk.n_risk, risk.n_event)
    value, worth = areas.area(risk.duration / unit, survival, until / unit)
    return value * unit, float(np.sqrt(areas.variance(risk, worth, robust=robust))) * unit


def limits(estimate: float, std_error: float, *, most: float, level: float) -> tuple[float, float]:
    """Normal limits within [0, most]; missing where nothing is uncertain."""
    if not std_error > 0:
        return float("nan"), float("nan")
    half = normal_quantile(level) * std_error
    return max(estimate - half, 0.0), min(estimate + half, most)


def observed(risk: RiskSet, until: float) -> bool:
    """Whether a group's curve is known up to a duration: followed so far, or down to 0."""
    last = float(risk.duration[-1])
    if until <= last + TOLERANCE * max(1.0, last):
        return True
    return bool(staying(risk.n_risk, risk.n_event)[-1] == 0)


def _require_observed(
    found: list[RiskSet], until: float, cells: Cells, by: tuple[str, ...]
) -> None:
    short = [
        (place, risk)
        for place, risk in enumerate(found)
        if not risk.cells.empty and not observed(risk, until)
    ]
    if not short:
        return
    place, risk = short[0]
    label = cells.groups.iloc[place].tolist()
    pairs = zip(by, label, strict=True)
    of = "".join(f" of {n}={'missing' if pd.isna(v) else checks.plain(v)}" for n, v in pairs)
    others = f" (and {len(short) - 1} more groups)" if len(short) > 1 else ""
    most = min(float(risk.duration[-1]) for _, risk in short)
    there = staying(risk.n_risk, risk.n_event)[-1]
    raise InputError(
        f"until={until:g} lies beyond what is observed: the longest spell{of} is "
        f"{risk.duration[-1]:g}{others}, and {there:.1%} are still there then. "
        f"Choose until={most:g} or less."
    )
