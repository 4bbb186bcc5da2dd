"""Spells from contracts: overlapping and renewed contracts of a customer are one spell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import narwhals.stable.v2 as nw

from churnlab import checks, engine, periods
from churnlab.checks import Entry, InputError, Table
from churnlab.engine import Frame
from churnlab.periods import Period
from churnlab.spells import rows
from churnlab.spells.events import Spells

_STAGE = "subscriptions_to_spells"
_COLUMNS = ("customer", "spell", "start", "duration", "event", "entry")
RUNNING = 2**62  # an end later than every end


def subscriptions_to_spells(
    subscriptions: Any,
    *,
    as_of: Any,
    customer: str = "customer",
    start: str = "start",
    end: str | None = "end",
    period: str | Period = "day",
    observed_from: Any = None,
    spells: Spells = "first",
    keep: str | Sequence[str] = (),
) -> Table:
    """One spell per customer from contracts, with renewals and overlaps joined.

    The trap: contracts that began before the records did are only there because they survived.
    With ``observed_from`` they enter late (``entry``) instead of flattering the early curve.

    Parameters
    ----------
    subscriptions : table or path
        One row per contract, [start, end); a missing end is a running contract.
    as_of : date
        Exclusive instant up to which the records are complete. A start at or after it is
        excluded, an end up to it is churn, a later end is still running.
    customer, start, end : str
        Columns; ``end=None`` says that every contract is running.
    period : str or Period
        Unit of ``duration`` and ``entry``, on the calendar or the elapsed clock.
    observed_from : date, optional
        Instant at which the records begin; spells over by then are excluded.
    spells : {"first"}
        Which spells; later ones are counted in the ledger.
    keep : str or sequence of str
        Columns to carry along, with the value on the customer's first contract.

    Returns
    -------
    Table
        ``customer, spell, start, duration, event, entry`` and the kept columns; ``entry`` is
        missing where the spell was observed from its origin.

    Raises
    ------
    InputError
        For missing or mistyped columns, or dates that cannot be understood.

    Notes
    -----
    A contract that begins no later than all earlier ones of the customer have ended continues
    the spell (union); a gap of any length ends it.

    Examples
    --------
    >>> import pandas as pd
    >>> contracts = pd.DataFrame({"customer": ["a", "a", "b"], "start": pd.to_datetime(
    ...     ["2026-01-01", "2026-02-01", "2026-01-15"]), "end": pd.to_datetime(
    ...     ["2026-02-01", "2026-03-01", None])})
    >>> table = subscriptions_to_spells(contracts, as_of="2026-04-01")
    >>> table.frame[["customer", "duration", "event"]]
      customer  duration  event
    0        a        59   True
    1        b        76  False
    """
    unit = Period.of(period)
    checks.choice("spells", spells, Spells)
    kept = checks.group_columns(keep, _COLUMNS, argument="keep")
    labels = {f"keep{i}": name for i, name in enumerate(kept)}
    frame = scan_contracts(subscriptions, customer, start, end, labels, unit.tz)
    rows.refuse_elapsed_zones(frame, unit)
    moment = periods.instant(as_of, argument="as_of", tz=frame.tz)
    opened = _opening(observed_from, moment, frame.tz)
    rules = contract_rules(frame, moment)
    running = rows.used(frame, rules)
    first = _first_per_customer(joined_runs(running, moment, unit))
    judged = _measure(first, unit, moment, opened)
    found = judged.filter(~nw.col("before_observed_from"))
    if labels:
        found = found.join(
            rows.first_values(running, list(labels), "start"), on="customer", how="left"
        )
    result = engine.hand_back(found.select(*_COLUMNS, *labels), frame.home, ["customer"], labels)

    def count() -> list[Entry]:
        return [
            *checks.history(subscriptions)[1],
            *rows.count_rows(frame, rules, _STAGE),
            *rows.count_spells(frame, judged, out="before_observed_from", stage=_STAGE),
            *rows.count_changed(running, list(labels), "start", _STAGE),
        ]

    return Table(
        result, moment.isoformat(), count, lambda: rows.count_identical(frame, rules, _STAGE)
    )


def scan_contracts(
    subscriptions: Any,
    customer: str,
    start: str,
    end: str | None,
    labels: dict[str, str],
    tz: str | None,
) -> Frame:
    """Contracts at the door; a table without ends is one of running contracts."""
    return engine.scan(
        subscriptions,
        {"customer": (customer, "id"), "start": (start, "time"), "end": (end, "time")}
        | {role: (name, "label") for role, name in labels.items()},
        tz=tz,
    )


def contract_rules(frame: Frame, as_of: datetime) -> dict[str, nw.Expr]:
    """Rules that exclude a contract, in order of precedence."""
    start = nw.col("start")
    rules = {
        "missing_customer": rows.missing_customer(frame),
        "missing_start": start.is_null(),
        "after_as_of": ~rows.before(frame, "start", as_of),
    }
    if frame.has("end"):
        rules["end_before_start"] = (nw.col("end") < start).fill_null(False)
    return rules


def joined_runs(running: Frame, as_of: datetime, unit: Period) -> nw.LazyFrame[Any]:
    """Spells of every customer: overlapping and touching contracts joined.

    Columns: customer, spell (1, 2, …), start, and in whole numbers ``from_us, to_us`` (to_us is
    ``RUNNING`` where nothing ended by as_of) and the period indices of the start (``from_p``), of
    the end or as_of (``to_p``) and of the last moment before it (``to_q``).
    """
    start, limit = nw.col("start"), periods.micros_of(as_of)
    from_us = periods.micros(start, is_date=running.is_date("start"))
    contracts = running.lazy.with_columns(from_us=from_us, from_p=unit.index(start))
    until_p = unit.index_of(as_of)
    until_q = unit.index_of(as_of - timedelta(microseconds=1))
    to_us, to_p, to_q = (nw.lit(value).cast(nw.Int64) for value in (RUNNING, until_p, until_q))
    if running.has("end"):
        end, is_date = nw.col("end"), running.is_date("end")
        ended = periods.micros(end, is_date=is_date)
        seen = (ended <= limit).fill_null(False)
        edge = nw.when(unit.is_start(end, is_date=is_date)).then(nw.lit(1)).otherwise(nw.lit(0))
        to_us = nw.when(seen).then(ended).otherwise(to_us)
        to_q = nw.when(seen).then(unit.index(end) - edge).otherwise(to_q)
        to_p = nw.when(seen).then(unit.index(end)).otherwise(to_p)
    contracts = contracts.with_columns(to_us=to_us, to_p=to_p, to_q=to_q)
    order = ["from_us", "to_us"]
    reach = contracts.with_columns(reach=nw.col("to_us").cum_max().over("customer", order_by=order))
    past = reach.with_columns(past=nw.col("reach").shift(1).over("customer", order_by=order))
    is_new = nw.col("past").is_null() | (nw.col("from_us") > nw.col("past"))
    opened = past.with_columns(opens=nw.when(is_new).then(nw.lit(1)).otherwise(nw.lit(0)))
    numbered = opened.with_columns(
        spell=nw.col("opens").cum_sum().over("customer", order_by=order).cast(nw.Int64)
    )
    return numbered.group_by("customer", "spell").agg(
        nw.col("start").min(),
        nw.col("from_us").min(),
        nw.col("from_p").min(),
        nw.col("to_us").max(),
        nw.col("to_p").max(),
        nw.col("to_q").max(),
    )


def _opening(observed_from: Any, as_of: datetime, tz: str | None) -> datetime | None:
    if observed_from is None:
        return None
    opened = periods.instant(observed_from, argument="observed_from", tz=tz)
    if opened >= as_of:
        raise InputError(f"observed_from={observed_from} must be before as_of={as_of:%Y-%m-%d}.")
    return opened


def _first_per_customer(runs: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    counted = runs.with_columns(n_spells=nw.col("spell").max().over("customer"))
    return counted.filter(nw.col("spell") == 1)


def _measure(
    runs: nw.LazyFrame[Any], unit: Period, as_of: datetime, opened: datetime | None
) -> nw.LazyFrame[Any]:
    """Durations in whole periods, late entries, and the spells that were over before we looked."""
    limit = periods.micros_of(as_of)
    from_us, to_us = nw.col("from_us"), nw.col("to_us")
    ended = nw.when(to_us < RUNNING).then(to_us).otherwise(nw.lit(limit))
    calendar = unit.clock == "calendar"
    length = nw.col("to_p") - nw.col("from_p")
    if not calendar:
        length = periods.floordiv(ended - from_us, unit.elapsed_us)
    if opened is None:
        entry, over = nw.lit(None).cast(nw.Int64), nw.lit(False)
    else:
        begin = periods.micros_of(opened)
        late = nw.lit(unit.index_of(opened)) - nw.col("from_p")
        if not calendar:
            late = periods.floordiv(nw.lit(begin) - from_us, unit.elapsed_us)
        entry, over = nw.when(from_us < begin).then(late), to_us <= begin
    return runs.with_columns(
        start=nw.col("start").cast(nw.Date),
        duration=length,
        event=to_us < RUNNING,
        entry=entry,
        before_observed_from=over,
    )
