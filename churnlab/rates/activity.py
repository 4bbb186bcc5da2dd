"""Stickiness: how much of a period's active customers is active on a day of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from churnlab import checks, engine
from churnlab.checks import IfPresent, InputError
from churnlab.engine import Frame
from churnlab.periods import Period
from churnlab.rates.churn import grouped, name_groups
from churnlab.spells import rows

_STAGE = "stickiness"
_COLUMNS = ("period_start", "active", "mean_active", "stickiness")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def stickiness(
    events: Any,
    *,
    customer: str = "customer",
    time: str = "time",
    amount: str | None = IfPresent("amount"),
    by: str | Sequence[str] | None = None,
    period: str | Period = "month",
    of: str = "day",
    as_of: Any = None,
) -> pd.DataFrame:
    """Customers active on a mean day, as a share of those active in the month.

    The trap: a mean over the days that have rows leaves out the days on which nobody came, and a
    month in progress always looks sticky. Days without activity count as 0, whole periods only.

    Parameters
    ----------
    events : table or path
        One row per thing a customer did.
    customer, time, amount : str
        Columns. Negative amounts are refunds and no activity; zero amounts are activity.
    by : str or list, optional
        Columns of groups, with the value on the customer's first row.
    period : str or Period
        Calendar period, a month unless said.
    of : str
        The finer period of the mean, which must nest: days in any period, months in quarters and
        years, quarters in years, "7D" in "28D".
    as_of : date, optional
        Exclusive instant up to which the log is complete; default: the end of its last day.

    Returns
    -------
    DataFrame
        Groups, then ``period_start, active`` (customers active in the period), ``mean_active`` (on
        a mean day, or other finer period), ``stickiness``: every whole period from that of the
        first row; missing where nobody was active.

    Raises
    ------
    InputError
        For missing or mistyped columns, or periods that do not nest.

    Notes
    -----
    mean_active = Σ customers active per day / days of the period; stickiness = mean_active /
    active (DAU/MAU): the share of its days on which a customer of the month came, from 1 / days to
    1. If the log began within the first period, that period is low: leave it out.

    Examples
    --------
    >>> import churnlab as cl
    >>> log = cl.datasets.load("four_customers")
    >>> stickiness(log, of="month", period="quarter", as_of="2026-04-01").round(4)
      period_start  active  mean_active  stickiness
    0   2026-01-01       4       2.3333      0.5833
    """
    unit = Period.of(period)
    if unit.clock != "calendar":
        raise InputError("stickiness counts calendar periods: use a Period with clock='calendar'.")
    fine = _finer(of, unit)
    groups = checks.group_columns(by, _COLUMNS)
    roles = {f"by{i}": name for i, name in enumerate(groups)}
    frame = engine.scan(
        events,
        {"customer": (customer, "id"), "time": (time, "time"), "amount": (amount, "amount")}
        | {role: (name, "label") for role, name in roles.items()},
        tz=unit.tz,
    )
    moment = rows.resolve_as_of(frame, as_of)
    rules = rows.event_rules(frame, moment)
    lines = rows.count_rows(frame, rules, _STAGE)
    rows.require_some(next(e.n for e in lines if e.rule == "used"), "row", lines)
    used = rows.used(frame, rules)
    table = _per_period(_active(used, list(roles), unit, fine), list(roles), unit, fine, moment)
    lines += rows.count_changed(used, list(roles), "time", _STAGE)
    result = table[[*roles, *_COLUMNS]].rename(columns=roles)
    result.attrs = checks.attrs(moment.isoformat(), [*checks.history(events)[1], *lines])
    return result


def _finer(of: str, unit: Period) -> Period:
    """The finer period, on the same clock, if it nests in the other."""
    if not isinstance(of, str):
        raise InputError(f"of={of!r} must be a unit's name, such as 'day'.")
    fine = Period(of, week_start=unit.week_start, tz=unit.tz)
    if fine.unit == unit.unit or (fine.days == unit.days and fine.days == 1):
        raise InputError(f"of={of!r} must be finer than period={unit.unit!r}.")
    months = _MONTHS.get(unit.unit, 0), _MONTHS.get(fine.unit, 0)
    numbered = unit.days and fine.days and "week" not in (unit.unit, fine.unit)
    nests = fine.days == 1 or (all(months) and months[0] > months[1])
    if not nests and not (numbered and unit.days > fine.days and unit.days % fine.days == 0):
        raise InputError(
            f"of={of!r} does not nest in period={unit.unit!r}: one of them would be cut by the edge "
            "of the other, and its customers counted in both or in neither. Days nest in every "
            "period, months in quarters and years, quarters in years, '7D' in '28D'."
        )
    return fine


def _active(used: Frame, by: Sequence[str], unit: Period, fine: Period) -> pd.DataFrame:
    """Per (group, period): customers active, and the finer periods in which each was, added up."""
    time = nw.col("time")
    seen = used.lazy.select("customer", at=unit.index(time), fine=fine.index(time))
    units = seen.group_by("customer", "at", "fine").agg(n=nw.len())
    customers = units.group_by("customer", "at").agg(units=nw.len())
    if by:
        firsts = rows.first_values(used, by, "time")
        customers = customers.join(firsts, on="customer", how="left")
    counted = engine.counts(used.then(lambda _: customers), [*by, "at"], ["units"])
    return counted.astype({"at": "int64"})


def _per_period(
    cells: pd.DataFrame, by: Sequence[str], unit: Period, fine: Period, as_of: datetime
) -> pd.DataFrame:
    """Every whole period of every group, with the finer periods that it holds."""
    first, now = int(cells["at"].min()), unit.index_of(as_of)
    if first >= now:
        raise InputError(
            f"no whole {unit.unit} lies between the first row and as_of={as_of:%Y-%m-%d}."
        )
    edges = unit.starts(np.arange(first, now + 1)).astype("datetime64[us]")
    held = np.diff([fine.index_of(edge) for edge in edges.tolist()])
    parts = []
    for part in grouped(cells, by):
        whole = part[part["at"] < now]
        active, units = np.zeros((2, now - first), dtype=np.int64)
        active[whole["at"] - first], units[whole["at"] - first] = whole["n"], whole["units"]
        mean = units / held
        share = np.divide(mean, active, out=np.full(mean.shape, np.nan), where=active > 0)
        parts.append(pd.DataFrame({"active": active, "mean_active": mean, "stickiness": share}))
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "period_start", np.tile(edges[:-1].astype("datetime64[s]"), len(parts)))
    return name_groups(table, cells, by, now - first)
