"""Restricted means: how long customers stay on average within a window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnlab import checks
from churnlab.checks import IfPresent, InputError
from churnlab.intervals import normal_quantile
from churnlab.survival import jackknife
from churnlab.survival.frames import assemble
from churnlab.survival.risk import RiskSet, conditional, risk_sets, weight_of
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
    checks.choice("timefix", timefix, (True, False))
    since, end = checks.number("given", given), checks.number("until", until)
    if end <= since:
        raise InputError(f"until={end:g} must be later than given={since:g}.")
    roles = Roles(
        duration, event, entry, weight, count, event_value, groups, cluster, timefix=bool(timefix)
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
    survival, steps = curve(risk)
    # in a unit near the window (a power of 2: exact), so that squares stay within range
    unit = float(np.ldexp(1.0, int(np.frexp(until)[1]) - 1))
    edges = np.minimum(np.append(risk.duration, np.inf), until) / unit
    pieces = survival * np.where(survival > 0, np.diff(edges), 0.0)
    rest = _from_each(pieces)
    if "cluster" in risk.cells or robust:
        variance = _jackknife(risk, steps, pieces)
    else:
        variance = float((rest[:-1] ** 2 * steps).sum())
    return float(rest[0]) * unit, float(np.sqrt(variance)) * unit


def curve(risk: RiskSet) -> tuple[Floats, Floats]:
    """S, and the steps d / (n (n − d)) of Greenwood's sum; 0 where everyone left."""
    n, d = risk.n_risk.astype(np.float64), risk.n_event.astype(np.float64)
    survival = staying(n, d)
    with np.errstate(invalid="ignore", divide="ignore"):
        return survival, np.where((d > 0) & (survival > 0), d / (n * (n - d)), 0.0)


def _from_each(pieces: Floats) -> Floats:
    """Sums from every place to the end; 0 after the last."""
    return np.append(np.cumsum(pieces[::-1])[::-1], 0.0)


def _jackknife(risk: RiskSet, steps: Floats, pieces: Floats) -> float:
    """Σ (Σ w U)² with U = ∫ S φ, over clusters, or over spells where there are none.

    φ is G − missed while a spell is at risk and stays at ``settled`` after its end.
    """
    total, enters, missed, settled = jackknife.influence(risk, steps, additive=False)
    rest, rest_of_sums = _from_each(pieces), _from_each(pieces * total)
    influence = rest_of_sums[enters] - rest_of_sums[risk.at] + settled * rest[risk.at]
    influence -= missed * (rest[enters] - rest[risk.at])
    if "cluster" not in risk.cells:
        return float((risk.cells["square"].to_numpy() * influence**2).sum())
    cluster = risk.cells["cluster"].to_numpy()
    if (cluster == cluster[0]).all():  # its influences cancel: 0 would not be an error but a lack
        return float("nan")
    summed = np.bincount(cluster, weight_of(risk.cells) * influence)
    return float((summed**2).sum())


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
    return bool(curve(risk)[0][-1] == 0)


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
    raise InputError(
        f"until={until:g} lies beyond what is observed: the longest spell{of} is "
        f"{risk.duration[-1]:g}{others}, and {curve(risk)[0][-1]:.1%} are still there then. "
        f"Choose until={most:g} or less."
    )
