"""Customers, events and money per cohort and age: counted where the log lives, in two roads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from churnlab import engine
from churnlab.cohorts.question import CENTS, Log, Question
from churnlab.cohorts.starts import Starts, last_begun
from churnlab.engine import Frame
from churnlab.spells.rows import as_datetime, first_values

_MASK_PERIODS = 62  # bits of a whole number that can be shifted without its sign


@dataclass(frozen=True)
class Counts:
    """What the engine gives back.

    ``starts``: the groups, cohort, full, begun, n_start. ``seen``: the groups, cohort, full,
    place (the bracket), n_seen, n_events, cents; under "on or after" every customer once, at the
    last bracket seen.
    """

    starts: pd.DataFrame
    seen: pd.DataFrame
    of_label: bool = False  # cohorts are labels, not period indices
    n_rows: int | None = None  # used, where the counting tells


_STARTS = ("cohort", "full", "begun", "n_start")
_SEEN = ("cohort", "full", "place", "n_seen", "n_events", "cents")


def by_joining(starts: Starts, asked: Question, by: Sequence[str]) -> Counts:
    """Activity joined to its unit: the road of every rule and engine."""
    cells = unit_cells(starts, asked, by)
    if asked.rule.returned == "on_or_after":
        last = cells.filter(nw.col("n_events") > 0)
        last = last.group_by(*by, "customer", "cohort", "full").agg(nw.col("place").max())
        seen = last.with_columns(n_events=nw.lit(0), cents=nw.lit(0), there=nw.lit(1))
    else:
        there = nw.when(nw.col("n_events") > 0).then(nw.lit(1)).otherwise(nw.lit(0))
        seen = cells.with_columns(there=there)
    seen = seen.group_by(*by, "cohort", "full", "place").agg(
        n_seen=nw.col("there").sum(), n_events=nw.col("n_events").sum(), cents=nw.col("cents").sum()
    )
    counted = _whole(seen, by, _SEEN, starts)
    return Counts(_opened(starts, counted, asked, by), counted, starts.of_label)


def _opened(starts: Starts, seen: pd.DataFrame, asked: Question, by: Sequence[str]) -> pd.DataFrame:
    """Who started, per cohort and number of periods over."""
    everyone_seen = asked.is_plain and asked.rule.returned == "on" and not asked.rule.brackets
    if everyone_seen and asked.unit.clock == "calendar":
        first = seen[seen["place"] == 0].rename(columns={"n_seen": "n_start"})
        late = last_begun(asked.unit, starts.log.as_of) - asked.unit.index_of(starts.log.as_of)
        return first.assign(begun=first["full"] + late + 1)[[*by, *_STARTS]]
    begun = starts.units.filter(nw.col("begun") > 0)
    # the most of begun: on the elapsed clock it is full or one more
    opened = begun.group_by(*by, "cohort", "full").agg(
        begun=nw.col("begun").max(), n_start=nw.len()
    )
    return _whole(opened, by, _STARTS, starts)


def unit_cells(starts: Starts, asked: Question, by: Sequence[str]) -> nw.LazyFrame[Any]:
    """One row per unit and bracket with anything in it: activities and ten-thousandths."""
    log = starts.log
    activity = _activity(log, asked)
    keys = ["customer", *by, "cohort", "full"]
    joined = activity.join(starts.units, on="customer", how="inner")
    aged = joined.filter(nw.col("at") >= nw.col("origin")).with_columns(place=asked.age())
    if asked.unit.clock == "calendar" and not asked.rule.brackets:
        return aged.select(*keys, "place", "n_events", "cents")  # one row each already
    if asked.rule.brackets:
        if asked.rule.returned == "on":
            aged = aged.filter(nw.col("place") < asked.rule.brackets[-1])
        aged = aged.with_columns(place=_bracket(asked.rule.brackets))
    return aged.group_by(*keys, "place").agg(*_sums())


def _activity(log: Log, asked: Question) -> nw.LazyFrame[Any]:
    """Per customer and place on the clock: activities that count, and money."""
    cents = nw.lit(0)
    if asked.measure == "money":
        counted = nw.when(log.is_money).then(nw.col("amount").fill_null(0)).otherwise(nw.lit(0))
        cents = (counted * CENTS).round(0).cast(nw.Int64)
    rows = log.used.lazy.select(
        "customer",
        at=asked.place(log.frame, "time"),
        n_events=nw.when(log.is_return).then(nw.lit(1)).otherwise(nw.lit(0)),
        cents=cents,
    )
    if asked.unit.clock == "elapsed":  # nearly every time is a place of its own
        return rows
    return rows.group_by("customer", "at").agg(*_sums())


def _sums() -> list[nw.Expr]:
    """Whole numbers stay so: DuckDB adds them up in 128 bits, which slows what follows."""
    return [nw.col(name).sum().cast(nw.Int64) for name in ("n_events", "cents")]


def _bracket(edges: Sequence[int]) -> nw.Expr:
    """The number of the bracket an age is in; ages beyond are in the last."""
    number = nw.lit(len(edges) - 2)
    for place in reversed(range(len(edges) - 2)):
        number = nw.when(nw.col("place") < edges[place + 1]).then(nw.lit(place)).otherwise(number)
    return number


def _whole(
    lazy: nw.LazyFrame[Any], by: Sequence[str], columns: Sequence[str], starts: Starts
) -> pd.DataFrame:
    frame = engine.collect(lazy)[[*by, *columns]]
    numbers = [c for c in columns if c != "cohort" or not starts.of_label]
    return frame.astype(dict.fromkeys(numbers, "int64"))


# --- the short road --------------------------------------------------------------------------------
def by_masks(log: Log, asked: Question, by: Sequence[str]) -> Counts | None:
    """One mask of periods per customer, its bits added up in DuckDB; None where it cannot serve.

    Serves customers on the calendar clock who start with their first activity, up to 62 periods.
    """
    serves = asked.is_plain and asked.measure == "customers" and asked.unit.clock == "calendar"
    span = _span(log.used, asked) if serves and engine.has_masks(log.used) else None
    if span is None or span[1] - span[0] >= _MASK_PERIODS:
        return None
    first, last = span
    rows = log.used.lazy.with_columns(bit=asked.unit.index(nw.col("time")) - first)
    if by:
        groups = first_values(log.used, by, "time")
        rows = rows.select("customer", "bit").join(groups, on="customer", how="left")
    masks = engine.masks(rows, customer="customer", bit="bit", by=by)
    wide = engine.bits_by_first(masks, spans=_spans(asked, last - first + 1), by=by)
    return _from_bits(wide, asked, by, first, log)


def _span(active: Frame, asked: Question) -> tuple[int, int] | None:
    """First and last period index with activity, None without any."""
    ends = engine.collect(active.lazy.select(a=nw.col("time").min(), z=nw.col("time").max()))
    if ends.isna().any(axis=None):
        return None
    first, last = (as_datetime(ends[c].iloc[0], active, "time") for c in "az")
    return asked.unit.index_of(first), asked.unit.index_of(last)


def _spans(asked: Question, n_bits: int) -> list[tuple[int, int]]:
    """The bits of every bracket; "on or after" it, all that follow too."""
    edges = asked.rule.brackets or range(n_bits + 1)
    later = asked.rule.returned == "on_or_after"
    pairs = pairwise(edges)
    return [
        (start, n_bits if later else min(end, n_bits)) for start, end in pairs if start < n_bits
    ]


def _from_bits(
    wide: pd.DataFrame, asked: Question, by: Sequence[str], first: int, log: Log
) -> Counts:
    spans = [c for c in wide.columns if str(c).startswith("span_")]
    n_seen = wide[spans].to_numpy(dtype="int64")
    start = wide["first"].astype("int64") + first
    now, newest = asked.unit.index_of(log.as_of), last_begun(asked.unit, log.as_of)
    units = wide[list(by)].assign(cohort=start, full=now - start, begun=newest + 1 - start)
    if asked.rule.returned == "on_or_after":
        after = np.column_stack([n_seen[:, 1:], np.zeros(len(wide), dtype="int64")])
        n_seen = n_seen - after  # whoever is seen last in this bracket
    at, place = np.nonzero(n_seen)
    seen = units.iloc[at].reset_index(drop=True)
    seen = seen.assign(place=place, n_seen=n_seen[at, place], n_events=0, cents=0)
    opened = units.assign(n_start=wide["n_start"].to_numpy(dtype="int64"))
    n_rows = int(wide["n_rows"].sum())
    return Counts(opened[[*by, *_STARTS]], seen[[*by, *_SEEN]], n_rows=n_rows)
