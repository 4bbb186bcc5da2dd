"""Cohort retention: the triangle of who came back, honest about what is not yet observed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from churnlab import checks, engine, intervals
from churnlab.checks import Entry, IfPresent, InputError, entries
from churnlab.engine import Frame
from churnlab.periods import Period
from churnlab.spells import rows

RuleName = Literal["on"]
Measure = Literal["customers"]

_COLUMNS = (
    *("cohort", "age", "n_start", "n_eligible", "n_active", "n_seen", "value"),
    *("retention", "conf_low", "conf_high", "mature"),
)
_MASK_PERIODS = 62  # bits of a whole number that can be shifted without its sign


def retention(
    events: Any,
    *,
    customer: str = "customer",
    time: str = "time",
    amount: str | None = IfPresent("amount"),
    by: str | Sequence[str] | None = None,
    period: str | Period = "month",
    as_of: Any = None,
    level: float = 0.95,
    rule: RuleName = "on",
    measure: Measure = "customers",
) -> pd.DataFrame:
    """Of the customers who first came in a period, the share active 1, 2, 3, … periods later.

    The trap: a cell whose period is not over by ``as_of`` is not yet observed. It is missing
    here, never 0.0, and shows what was seen so far in ``n_seen``.

    Parameters
    ----------
    events : table or path
        One row per thing a customer did.
    customer, time, amount : str
        Columns. Negative amounts are refunds and no activity; zero amounts are activity.
    by : str or list, optional
        Columns of groups, with the value on the customer's first row.
    period : str or Period
        Calendar unit of cohorts and ages, a month unless said.
    as_of : date, optional
        Exclusive instant up to which the log is complete; default: the end of its last day.
    level : float
        Confidence level of the Wilson limits.
    rule : {"on"}
        A customer is retained at an age if active in that very period.
    measure : {"customers"}
        What is counted.

    Returns
    -------
    DataFrame
        Groups, then ``cohort, age, n_start, n_eligible, n_active, n_seen, value, retention,
        conf_low, conf_high, mature``: every non-empty cohort × every age begun before ``as_of``.

    Raises
    ------
    InputError
        For missing or mistyped columns, or a log with nothing to count.

    Notes
    -----
    retention = n_active / n_eligible, the eligible being those whose whole period ended by
    ``as_of``; a finished period without activity is 0. Limits: Wilson 1927.

    Examples
    --------
    >>> import churnlab as cl
    >>> triangle = retention(cl.datasets.load("four_customers"), as_of="2026-03-15")
    >>> triangle[["cohort", "age", "n_start", "n_seen", "retention"]].head(3)
          cohort  age  n_start  n_seen  retention
    0 2026-01-01    0        2       2        1.0
    1 2026-01-01    1        2       2        1.0
    2 2026-01-01    2        2       1        NaN
    """
    unit = Period.of(period)
    checks.choice("rule", rule, RuleName)
    checks.choice("measure", measure, Measure)
    checks.confidence(level)
    if unit.clock != "calendar":
        raise InputError("retention counts calendar periods: use a Period with clock='calendar'.")
    groups = checks.group_columns(by, _COLUMNS)
    roles = [f"by{i}" for i in range(len(groups))]
    frame = engine.scan(
        events,
        {"customer": (customer, "id"), "time": (time, "time"), "amount": (amount, "amount")}
        | {role: (name, "label") for role, name in zip(roles, groups, strict=True)},
        tz=unit.tz,
    )
    moment = rows.resolve_as_of(frame, as_of)
    rules = rows.event_rules(frame, moment)
    active = rows.used(frame, rules)
    seen, n_used = _seen(active, roles, unit)
    lines = _count_rows(frame, rules, n_used)
    rows.require_some(n_used, "row", lines)
    triangle = _triangle(seen, roles, unit, moment, level)
    result = triangle[[*roles, *_COLUMNS]].rename(columns=dict(zip(roles, groups, strict=True)))
    lines += rows.count_changed(active, roles, "time", "retention")
    before = checks.history(events)[1]
    result.attrs = checks.attrs(moment.isoformat(), [*before, *lines])
    return result


def _count_rows(frame: Frame, rules: Mapping[str, nw.Expr], n_used: int) -> list[Entry]:
    """The ledger of rows; where all are used, without another pass over them."""
    n_read = rows.count_all(frame)
    if n_read == n_used:
        return entries("retention", "rows", {"read": n_read, "used": n_used})
    return rows.count_rows(frame, rules, "retention")


def _seen(active: Frame, by: Sequence[str], unit: Period) -> tuple[pd.DataFrame, int]:
    """Customers seen per (group, cohort index, age), ``by…, first, age, n_seen``, and rows used."""
    span = _span(active, unit)
    if span is None:
        return pd.DataFrame(columns=[*by, "first", "age", "n_seen"]), 0
    first, last = span
    rows_of = active.lazy.with_columns(index=unit.index(nw.col("time")) - first)
    if by:
        rows_of = rows_of.select("customer", "index").join(
            rows.first_values(active, by, "time"), on="customer", how="left"
        )
    masks = None
    if last - first < _MASK_PERIODS:
        masks = engine.masks(rows_of, customer="customer", bit="index", by=by)
    seen = (
        _from_activity(rows_of, by) if masks is None else _from_masks(masks, by, last - first + 1)
    )
    n_used = int(seen["n_rows"].sum())
    return seen.assign(first=seen["first"] + first).drop(columns="n_rows"), n_used


def _span(active: Frame, unit: Period) -> tuple[int, int] | None:
    """First and last period index with activity, None without any."""
    ends = engine.collect(active.lazy.select(a=nw.col("time").min(), z=nw.col("time").max()))
    if ends.isna().any(axis=None):
        return None
    first, last = (pd.Timestamp(ends[c].iloc[0]).to_pydatetime() for c in "az")
    return unit.index_of(first), unit.index_of(last)


def _from_masks(masks: nw.LazyFrame[Any], by: Sequence[str], n_periods: int) -> pd.DataFrame:
    wide = engine.bits_by_first(masks, n_bits=n_periods, by=by)
    n_seen = wide[[f"age_{age}" for age in range(n_periods)]].to_numpy(dtype="int64")
    at, age = np.nonzero(n_seen)
    long = wide.loc[at, [*by, "first"]].reset_index(drop=True).astype({"first": "int64"})
    # the rows of a cohort stand once, at age 0, where no cohort is empty
    n_rows = np.where(age == 0, wide["n_rows"].to_numpy(dtype="int64")[at], 0)
    return long.assign(age=age, n_seen=n_seen[at, age], n_rows=n_rows)


def _from_activity(rows_of: nw.LazyFrame[Any], by: Sequence[str]) -> pd.DataFrame:
    """One row per customer and period, then counts: the road of every engine."""
    activity = rows_of.group_by("customer", "index", *by).agg(n=nw.len())
    aged = activity.with_columns(first=nw.col("index").min().over("customer"))
    aged = aged.with_columns(age=nw.col("index") - nw.col("first"))
    counted = aged.group_by(*by, "first", "age").agg(n_seen=nw.len(), n_rows=nw.col("n").sum())
    return engine.collect(counted).astype(
        {"first": "int64", "age": "int64", "n_seen": "int64", "n_rows": "int64"}
    )


def _triangle(
    seen: pd.DataFrame, by: Sequence[str], unit: Period, as_of: datetime, level: float
) -> pd.DataFrame:
    """Every non-empty cohort × every age begun before as_of, with rates where observed."""
    starts = seen[seen["age"] == 0].rename(columns={"n_seen": "n_start"}).drop(columns="age")
    starts = engine.sort_missing_last(starts, [*by, "first"])
    newest = _last_begun(unit, as_of)
    n_ages = newest - starts["first"].to_numpy() + 1
    grid = starts.loc[np.repeat(starts.index, n_ages)].reset_index(drop=True)
    grid["age"] = grid.groupby([*by, "first"], dropna=False, sort=False).cumcount()
    grid = grid.merge(seen, on=[*by, "first", "age"], how="left")
    # a period that has begun and shows no one is a true 0 of what was seen so far
    grid["n_seen"] = grid["n_seen"].fillna(0).astype("int64")
    whole = (grid["first"] + grid["age"] < unit.index_of(as_of)).to_numpy()
    active = np.where(whole, grid["n_seen"], np.nan)
    eligible = np.where(whole, grid["n_start"], 0)
    low, high = intervals.wilson(np.where(whole, active, 0), eligible, level=level)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = active / eligible
    return grid.assign(
        cohort=unit.starts(grid["first"]),
        n_eligible=eligible,
        n_active=pd.array(active, dtype="Int64"),
        value=pd.array(active, dtype="Int64"),
        retention=share,
        conf_low=low,
        conf_high=high,
        mature=whole,
    )


def _last_begun(unit: Period, as_of: datetime) -> int:
    """Index of the last period that began before as_of."""
    index = unit.index_of(as_of)
    start = unit.starts([index])[0]
    return index - 1 if start == np.datetime64(as_of, "us") else index
