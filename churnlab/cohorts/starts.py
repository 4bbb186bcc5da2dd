"""Who starts when: the cohort, the origin of ages, and how many periods are over by ``as_of``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from churnlab import checks, engine, periods
from churnlab.checks import Entry, InputError, entries
from churnlab.cohorts.question import Columns, Log, Question, read
from churnlab.engine import Frame
from churnlab.spells import rows

STAGE = "retention"


@dataclass(frozen=True)
class Starts:
    """A log and its units: one row per customer and cohort.

    ``units`` has customer, the groups, ``cohort`` (a period index or a label), ``origin`` (where
    ages begin), ``full`` (periods over by as_of) and ``begun`` (periods begun before it).
    """

    log: Log
    _units: Callable[[], nw.LazyFrame[Any]]  # built when needed: the road by masks does without
    lines: list[Entry]  # of a table of starts
    of_label: bool = False  # cohorts are labels, not periods

    @cached_property
    def units(self) -> nw.LazyFrame[Any]:
        return self._units()


def open_log(
    events: Any, columns: Columns, asked: Question, as_of: Any, by: Sequence[str]
) -> Starts:
    """Read the log and, where it is given, the table or column of starts."""
    groups = {role: (name, "label") for role, name in zip(by, columns.groups, strict=True)}
    if asked.starts_in_log:
        log = read(events, columns, asked, as_of, groups)
        return Starts(log, lambda: _complete(_first_events(log, asked), log, asked, by), [])
    if isinstance(asked.cohort, str) and asked.cohort in engine.column_names(events):
        kind = "time" if _reads_as(events, asked.cohort, "time", asked) else "label"
        log = read(events, columns, asked, as_of, groups | {"cohort": (asked.cohort, kind)})
        found = _dates(log, asked) if kind == "time" else _labels(log, asked)
        return Starts(log, lambda: _complete(found, log, asked, by), [], kind == "label")
    return _open_both(events, columns, asked, as_of, groups)


def _open_both(
    events: Any,
    columns: Columns,
    asked: Question,
    as_of: Any,
    groups: Mapping[str, tuple[str, str]],
) -> Starts:
    """The log and a table of starts, on one engine; groups are of the table if it has them."""
    by = list(groups)
    with engine.one_connection():
        have = _columns_of_starts(asked.cohort)
        own = bool(by) and all(name in have for name, _ in groups.values())
        log = read(events, columns, asked, as_of, {} if own else groups)
        table = engine.scan(
            asked.cohort,
            {"customer": (columns.customer, "id"), "time": (columns.time, "time")}
            | (dict(groups) if own else {}),
            tz=asked.unit.tz,
        )
        _refuse_two_clocks(table, log.frame)
        found, lines = _signed_up(table, log, asked, by if own else [])
    return Starts(log, lambda: _complete(found, log, asked, [] if own else by), lines)


def _refuse_two_clocks(table: Frame, log: Frame) -> None:
    if table.tz != log.tz:
        told = [f"on the clock of {tz!r}" if tz else "without a zone" for tz in (table.tz, log.tz)]
        raise InputError(
            f"the times of the starts are {told[0]} and those of the events {told[1]}: put both on "
            "one clock first (in pandas tz_convert, then tz_localize(None))."
        )


def _columns_of_starts(table: Any) -> list[str]:
    if isinstance(table, str) and table in ("day", "week", "month", "quarter", "year"):
        raise InputError(
            f"cohort={table!r}: to name cohorts by it, say cohort=cl.Period({table!r})."
        )
    try:
        return engine.column_names(table)
    except InputError as error:
        raise InputError(
            f"cohort={table!r:.60} must be a column of the events, a Period that names cohorts, or a "
            f"table of starts (customer and time). As a table: {error}"
        ) from error


def _reads_as(events: Any, column: str, kind: str, asked: Question) -> bool:
    try:
        engine.scan(events, {"cohort": (column, kind)}, tz=asked.unit.tz)
    except InputError:
        return False
    return True


def _first_events(log: Log, asked: Question) -> nw.LazyFrame[Any]:
    """The first start of every customer, or the first within each period."""
    opens = log.used.lazy.filter(log.is_start).select(
        "customer", origin=asked.place(log.frame, "time"), cohort=asked.label.index(nw.col("time"))
    )
    if asked.rule.starts == "every":
        return opens.group_by("customer", "cohort").agg(nw.col("origin").min())
    return opens.group_by("customer").agg(nw.col("origin").min(), nw.col("cohort").min())


def _labels(log: Log, asked: Question) -> nw.LazyFrame[Any]:
    """Cohorts named by a column, ages from the customer's first start."""
    opens = log.used.lazy.filter(log.is_start)
    placed = opens.select("customer", origin=asked.place(log.frame, "time"))
    firsts = placed.group_by("customer").agg(nw.col("origin").min())
    labels = rows.first_values(log.used, ["cohort"], "time").select("customer", "cohort")
    return firsts.join(labels, on="customer", how="left")


def _dates(log: Log, asked: Question) -> nw.LazyFrame[Any]:
    """Starts from a column of dates that is repeated on the customer's rows: the earliest."""
    dated = log.used.lazy.filter(~nw.col("cohort").is_null())
    known = dated.filter(rows.before(log.frame, "cohort", log.as_of))
    return _earliest(known, log.frame, "cohort", asked)


def _signed_up(
    table: Frame, log: Log, asked: Question, by: Sequence[str]
) -> tuple[nw.LazyFrame[Any], list[Entry]]:
    """Starts from a table of its own, carried beside the log, and the ledger of its rows."""
    rows.refuse_unlike_ids(table, "the table of starts", log.frame, "the events")
    rules = rows.event_rules(table, log.as_of)
    lines = rows.count_rows(table, rules, "cohort")
    rows.require_some(next(e.n for e in lines if e.rule == "used"), "start", lines)
    used = rows.used(table, rules)
    found = _earliest(used.lazy, table, "time", asked)
    if by:
        named = rows.first_values(used, by, "time").select("customer", *by)
        found = found.join(named, on="customer", how="left")
    return engine.beside(log.frame, table.then(lambda _: found)), lines


def _earliest(
    dated: nw.LazyFrame[Any], frame: Frame, role: str, asked: Question
) -> nw.LazyFrame[Any]:
    placed = dated.select(
        "customer", origin=asked.place(frame, role), cohort=asked.label.index(nw.col(role))
    )
    return placed.group_by("customer").agg(nw.col("origin").min(), nw.col("cohort").min())


def _complete(
    found: nw.LazyFrame[Any], log: Log, asked: Question, by: Sequence[str]
) -> nw.LazyFrame[Any]:
    """With the groups of the log, and how much of every customer's time is over by as_of."""
    if by:
        named = rows.first_values(log.used, by, "time").select("customer", *by)
        found = found.join(named, on="customer", how="left")
    origin = nw.col("origin")
    if asked.unit.clock == "calendar":
        now, newest = asked.unit.index_of(log.as_of), last_begun(asked.unit, log.as_of)
        return found.with_columns(full=nw.lit(now) - origin, begun=nw.lit(newest + 1) - origin)
    now, length = periods.micros_of(log.as_of), asked.unit.elapsed_us
    return found.with_columns(
        full=periods.floordiv(nw.lit(now) - origin, length),
        begun=periods.floordiv(nw.lit(now - 1) - origin, length) + 1,
    )


def last_begun(unit: periods.Period, as_of: Any) -> int:
    """Index of the last period that began before as_of."""
    index = unit.index_of(as_of)
    return index - 1 if unit.starts([index])[0] == np.datetime64(as_of, "us") else index


def count_sides(starts: Starts, asked: Question) -> list[Entry]:
    """The ledgers where starts and activity are told apart: of rows and of customers."""
    log, origin = starts.log, nw.col("origin")
    firsts = starts.units.group_by("customer").agg(origin.min())
    placed = log.used.lazy.select("customer", at=asked.place(log.frame, "time"))
    early = nw.when(nw.col("at") < origin).then(nw.lit("before_start")).otherwise(nw.lit("used"))
    sided = placed.join(firsts, on="customer", how="left").select(
        "customer", side=nw.when(origin.is_null()).then(nw.lit("no_start")).otherwise(early)
    )
    per_customer = sided.group_by("customer", "side").agg(n=nw.len())
    counted = engine.collect(
        per_customer.group_by("side").agg(customers=nw.len(), n=nw.col("n").sum())
    ).set_index("side")
    n = {str(side): int(k) for side, k in counted["n"].items()}
    lines = [
        line._replace(n=n.get("used", 0)) if line.rule == "used" else line
        for line in rows.count_rows(log.frame, log.rules, STAGE)
    ]
    lines += [
        Entry(STAGE, "rows", rule, n[rule]) for rule in ("no_start", "before_start") if rule in n
    ]
    unknown = int(counted["customers"].get("no_start", 0))
    return lines + _count_customers(starts, unknown)


def _count_customers(starts: Starts, unknown: int) -> list[Entry]:
    started = starts.units.select("customer").unique()
    active = starts.log.used.lazy.select("customer").unique()
    met = started.join(active, on="customer", how="inner")
    n, n_met = (
        int(engine.collect(found.select(n=nw.len()))["n"].iloc[0]) for found in (started, met)
    )
    if unknown and n and not n_met:
        known, seen = (
            engine.collect(found.select(nw.col("customer").min()))["customer"].iloc[0]
            for found in (started, active)
        )
        raise InputError(
            "no customer of the events is among those who started: ids are written in two ways? The "
            f"first are {checks.plain(seen)} in the events and {checks.plain(known)} in the starts."
        )
    counted = {"read": n + unknown, "used": n, "no_start": unknown, "no_events": n - n_met}
    return entries(STAGE, "customers", counted)
