"""Simultaneous confidence bands: limits that hold for the whole curve at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from churnlab import checks, intervals
from churnlab.checks import IfPresent, InputError
from churnlab.intervals import CurveConf
from churnlab.survival import critical
from churnlab.survival.estimates import product_limit
from churnlab.survival.frames import assemble
from churnlab.survival.risk import RiskSet, risk_sets, weight_of
from churnlab.survival.tally import FROM_TABLE, Cells, Roles, tally
from churnlab.survival.ties import TOLERANCE

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

BandKind = Literal["equal_precision", "hall_wellner"]
_COLUMNS = ("duration", "estimate", "std_error", "conf_low", "conf_high")


def bands(
    spells: Any,
    *,
    kind: BandKind = "equal_precision",
    conf: CurveConf = "log-log",
    since: float | None = None,
    until: float | None = None,
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
    """Limits between which the whole survival curve lies, not only the curve at one duration.

    The trap: the limits of :func:`kaplan_meier` hold for one duration at a time. Read along the
    whole curve they miss it somewhere far more often than once in twenty.

    Parameters
    ----------
    spells, duration, event, entry, weight, count, event_value, cluster, by, timefix
        As in :func:`kaplan_meier`; every spell must be independent of the others.
    kind : {"equal_precision", "hall_wellner"}
        Nair's band, everywhere as many errors wide, or Hall and Wellner's, tighter in the middle.
    conf : {"log-log", "log", "plain", "logit"}
        Scale of the limits; "log-log" and "logit" keep the level best in small samples.
    since, until : float, optional
        Durations between which the band holds: from the first to the last event with 0 < S < 1.
    level : float
        Chance that the curve lies inside everywhere between them.

    Returns
    -------
    DataFrame
        Groups, then ``duration, estimate, std_error, conf_low, conf_high`` within the range;
        ``std_error`` is that of one duration.

    Raises
    ------
    InputError
        As in :func:`kaplan_meier`; with weights in fractions, several spells of a ``cluster``, or
        where no group is observed at ``since``.

    Notes
    -----
    With σ² = Σ d / (n (n − d)) and a = Nσ² / (1 + Nσ²), N the number of spells, the error of log S
    is Brownian with clock σ². The limits are those of :func:`kaplan_meier` with cσ (equal
    precision) or k (1 + Nσ²) / √N instead of zσ; c and k are the exact quantiles of
    the greatest sizes of B°(a) / √(a (1 − a)) and of B°(a), the Brownian bridge, between the a of
    the ends.
    Late entries change σ² alone. A group's range is the part of [since, until] where 0 < S < 1
    and it is observed; without any, as for a group without events, a row with missing limits, and
    beyond its longest spell with a missing estimate.

    References
    ----------
    Nair 1984, Technometrics 26, 265–275; Hall and Wellner 1980, Biometrika 67, 133–143.

    Examples
    --------
    >>> six = pd.DataFrame({"duration": [1, 2, 2, 3, 5, 5], "event": [1, 1, 0, 1, 0, 0]})
    >>> bands(six).round(3)[["duration", "estimate", "conf_low", "conf_high"]].to_numpy().tolist()
    [[1.0, 0.833, 0.048, 0.989], [2.0, 0.667, 0.05, 0.947], [3.0, 0.444, 0.01, 0.866]]
    """
    groups = checks.group_columns(by, _COLUMNS)
    checks.choice("kind", kind, BandKind)
    checks.choice("conf", conf, CurveConf)
    level = checks.confidence(level)
    window = _window(since, until)
    roles = Roles(
        duration, event, entry, weight, count, event_value, groups, cluster, timefix=timefix
    )
    cells = tally(spells, roles, "bands")
    cells = _independent(cells)
    risks = risk_sets(cells)
    _require_observed(risks, window[0])
    parts = [_band(risk, window, kind, conf, level) for risk in risks]
    return assemble(spells, cells, groups, _COLUMNS, parts)


class _Curve(NamedTuple):
    duration: npt.NDArray[Any]
    survival: Floats
    std_error: Floats
    clock: Floats  # N σ²


def _window(since: float | None, until: float | None) -> tuple[float | None, float | None]:
    begin = None if since is None else checks.number("since", since)
    end = None if until is None else checks.number("until", until)
    if begin is not None and end is not None and end < begin:
        raise InputError(f"until={end:g} must not be earlier than since={begin:g}.")
    return begin, end


def _independent(cells: Cells) -> Cells:
    """The cells, of which no two belong together; refuses others, and weights in fractions."""
    if cells.fractional:
        raise InputError(
            "a band needs counts, and these weights are fractions. Pass whole weights or count=; "
            "limits for one duration at a time that allow for weights are those of kaplan_meier."
        )
    if "cluster" not in cells.frame:
        return cells
    stands_for = cells.frame.get("count", 1)
    size = np.bincount(cells.frame["cluster"], cells.frame["n"] * stands_for)
    if size.max() > 1:
        raise InputError(
            f"a band needs spells that are independent of each other: {int((size > 1).sum()):,} "
            "clusters have more than one. Keep one spell of each (to_spells with spells='first'), or "
            "say cluster=None if they are independent all the same; kaplan_meier has limits for "
            "clusters, for one duration at a time."
        )
    return replace(cells, frame=cells.frame.drop(columns="cluster"))


def _band(
    risk: RiskSet,
    window: tuple[float | None, float | None],
    kind: BandKind,
    conf: CurveConf,
    level: float,
) -> dict[str, Any]:
    survival, std_error = product_limit(risk, robust=False)
    n = float(weight_of(risk.cells).sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        clock = n * (std_error / survival) ** 2
    curve = _Curve(risk.duration, survival, std_error, clock)
    range_ = _range(risk, curve, window, kind)
    if range_ is None:
        first = curve.duration[:1] if window[0] is None else np.array([window[0]])
        rows, at = first, _places(curve, first)
        low = high = np.full(1, np.nan)
        if _is_beyond(curve.duration, survival, float(first[0])):  # S is not known there
            survival, std_error = np.full((2, survival.size), np.nan)
    else:
        rows = _rows(curve, *range_)
        at = _places(curve, rows)
        width = _width(curve.clock[at], n, kind, level) / intervals.normal_quantile(level)
        low, high = intervals.survival(survival[at], survival[at] * width, conf=conf, level=level)
    values = (rows, survival[at], std_error[at], low, high)
    return dict(zip(_COLUMNS, values, strict=True))


def _is_beyond(duration: npt.NDArray[Any], survival: Floats, time: float) -> bool:
    """True where a curve is not known: later than its last duration, and not down at 0."""
    last = float(duration[-1])
    return time > last + TOLERANCE * max(1.0, last) and bool(survival[-1] > 0)


def _require_observed(risks: Sequence[RiskSet], since: float | None) -> None:
    if since is None:
        return
    curves = [(risk.duration, product_limit(risk, robust=False)[0]) for risk in risks]
    if all(_is_beyond(*curve, since) for curve in curves):
        most = max(float(duration[-1]) for duration, _ in curves)
        raise InputError(
            f"since={since:g} lies beyond what is observed: the longest spell is {most:g}. Choose "
            "an earlier one."
        )


def _range(
    risk: RiskSet, curve: _Curve, window: tuple[float | None, float | None], kind: BandKind
) -> tuple[float, float] | None:
    """Where a group's band begins and ends; None where it has none."""
    uncertain = (curve.survival > 0) & (curve.survival < 1)
    events = curve.duration[(risk.n_event > 0) & uncertain]
    if not events.size:
        return None
    first, last = float(events[0]), float(events[-1])
    begin = first if window[0] is None else window[0]
    if kind == "equal_precision":  # no error before the first event, so no share of it
        begin = max(begin, first)
    end = last if window[1] is None else window[1]
    end = min(end, float(curve.duration[curve.survival > 0][-1]))
    return (begin, end) if begin <= end and end >= first else None


def _rows(curve: _Curve, begin: float, end: float) -> npt.NDArray[Any]:
    """The durations of a range, its beginning always."""
    rows = curve.duration[(curve.duration >= begin) & (curve.duration <= end)]
    if rows.size and rows[0] == begin:
        return rows
    whole = rows.dtype.kind in "iu" and begin.is_integer()
    return np.concatenate([np.array([int(begin) if whole else begin]), rows])


def _places(curve: _Curve, rows: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    return np.maximum(np.searchsorted(curve.duration, rows, side="right") - 1, 0)


def _width(clock: Floats, n: float, kind: BandKind, level: float) -> Floats:
    """Half-width of the band on the scale of log S."""
    ends = clock[[0, -1]] / (1 + clock[[0, -1]])
    low, high = float(ends[0]), float(ends[1])
    if kind == "equal_precision":
        errors = critical.equal_precision(low, high, level=level)
        return np.asarray(errors * np.sqrt(clock / n))
    return np.asarray(critical.hall_wellner(low, high, level=level) * (1 + clock) / np.sqrt(n))
