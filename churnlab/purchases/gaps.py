"""The gaps between the periods in which a customer is active, and how long they usually are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from churnlab import checks, engine
from churnlab.checks import IfPresent, InputError
from churnlab.engine import Frame
from churnlab.periods import Period
from churnlab.spells import rows

_STAGE = "gap_quantiles"
_COLUMNS = ("q", "gap", "n")


def gap_quantiles(
    events: Any,
    *,
    customer: str = "customer",
    time: str = "time",
    amount: str | None = IfPresent("amount"),
    by: str | Sequence[str] | None = None,
    period: str | Period = "day",
    as_of: Any = None,
    q: float | Sequence[float] = (0.5, 0.9, 0.95),
) -> pd.DataFrame:
    """How long customers usually stay away: half of all gaps, nine in ten, are at most so long.

    The trap: only gaps that have ended are in it. Those still running are longer, and customers who
    come often have most of the gaps, so that a limit taken from here is too strict for the others.

    Parameters
    ----------
    events : table or path
        One row per thing a customer did.
    customer, time, amount : str
        Columns. Negative amounts are refunds and no activity; zero amounts are activity.
    by : str or list, optional
        Columns of groups, with the value on the customer's first row.
    period : str or Period
        Calendar unit of the gaps, a day unless said.
    as_of : date, optional
        Exclusive instant up to which the log is complete; default: the end of its last day.
    q : float or sequence of float
        Shares of the gaps, above 0 and at most 1.

    Returns
    -------
    DataFrame
        Groups, then ``q, gap`` (in whole periods; missing without any gap), ``n`` (gaps).

    Raises
    ------
    InputError
        For missing or mistyped columns, or a share out of its range.

    Notes
    -----
    A gap is the difference of the indices of a customer's successive active periods: 1 from one day
    to the next; several activities of one period are one. ``gap`` is the smallest length with at
    least a share q of the ``n`` gaps at or below it. Choose ``inactivity`` of
    :func:`churnlab.spells.to_spells` well above it.

    Examples
    --------
    >>> log = pd.DataFrame({"customer": list("aaaab"), "time": pd.to_datetime(
    ...     ["2026-01-01", "2026-01-02", "2026-01-04", "2026-01-14", "2026-01-09"])})
    >>> gap_quantiles(log, q=[0.5, 0.9])
         q  gap  n
    0  0.5    2  3
    1  0.9   10  3
    """
    unit = calendar(period, _STAGE)
    shares = np.unique(checks.numbers("q", q, least=0, most=1))
    if shares[0] == 0:
        raise InputError("q=0 must be a number above 0: no gap is so short that none is shorter.")
    groups = checks.group_columns(by, _COLUMNS)
    roles = {f"by{i}": name for i, name in enumerate(groups)}
    log = read(events, (customer, time, amount), roles, unit, as_of)
    lines = rows.count_rows(log.frame, log.rules, _STAGE)
    rows.require_some(next(e.n for e in lines if e.rule == "used"), "row", lines)
    gaps = between(log.used, unit)
    if roles:
        firsts = rows.first_values(log.used, list(roles), "time")
        gaps = gaps.join(firsts, on="customer", how="left")
    # a customer's first active period ends no gap: it is counted as 0, and names the group
    counted = engine.counts(log.used.then(lambda _: gaps), [*roles, "gap"])
    table = _quantiles(counted, list(roles), shares)
    lines += rows.count_changed(log.used, list(roles), "time", _STAGE)
    result = table[[*roles, *_COLUMNS]].rename(columns=roles)
    result.attrs = checks.attrs(log.as_of.isoformat(), [*checks.history(events)[1], *lines])
    return result


@dataclass(frozen=True)
class Log:
    """An event log at the door, and its rows that are activity."""

    frame: Frame
    used: Frame
    rules: dict[str, nw.Expr]
    as_of: datetime


def calendar(period: str | Period, stage: str) -> Period:
    """The period, on the calendar clock alone."""
    unit = Period.of(period)
    if unit.clock != "calendar":
        raise InputError(f"{stage} counts calendar periods: use a Period with clock='calendar'.")
    return unit


def read(
    events: Any,
    columns: tuple[str, str, str | None],
    labels: dict[str, str],
    unit: Period,
    as_of: Any,
) -> Log:
    """The log and the rules that exclude a row; ``labels`` are columns carried along, by role."""
    customer, time, amount = columns
    frame = engine.scan(
        events,
        {"customer": (customer, "id"), "time": (time, "time"), "amount": (amount, "amount")}
        | {role: (name, "label") for role, name in labels.items()},
        tz=unit.tz,
    )
    moment = rows.resolve_as_of(frame, as_of)
    rules = rows.event_rules(frame, moment)
    return Log(frame, rows.used(frame, rules), rules, moment)


def between(used: Frame, unit: Period) -> nw.LazyFrame[Any]:
    """One row per customer and active period: its ``index``, last ``time``, and ``gap``.

    ``gap`` is what lies between it and the active period before it, 0 for the customer's first.
    """
    time = nw.col("time")
    active = used.lazy.with_columns(index=unit.index(time)).group_by("customer", "index")
    past = nw.col("index").shift(1).over("customer", order_by="index")
    return (
        active.agg(time.max())
        .with_columns(past=past)
        .with_columns(gap=(nw.col("index") - nw.col("past")).fill_null(0).cast(nw.Int64))
    )


def _quantiles(
    counted: pd.DataFrame, by: Sequence[str], shares: np.ndarray[Any, Any]
) -> pd.DataFrame:
    """For every group, the smallest gap with a share at or below it; groups in order."""
    parts = []
    groups = counted.groupby(list(by), dropna=False, sort=False) if by else [((), counted)]
    for _, part in groups:
        ended = part[part["gap"] > 0]
        n = int(ended["n"].sum())
        # the lengths are in order, and a share is the nearest double on both sides
        reached = np.cumsum(ended["n"].to_numpy()) / max(n, 1)
        at = np.searchsorted(reached, shares, "left")
        found = ended["gap"].to_numpy(dtype="float64")[at] if n else np.full(len(shares), np.nan)
        table = pd.DataFrame({"q": shares, "gap": pd.array(found, dtype="Int64"), "n": n})
        for place, role in enumerate(by):
            table.insert(place, role, part[role].iloc[np.zeros(len(shares), dtype=int)].array)
        parts.append(table)
    return pd.concat(parts, ignore_index=True)
