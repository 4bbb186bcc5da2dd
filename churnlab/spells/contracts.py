"""Spells from contracts: overlapping and renewed contracts of a customer are one spell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import narwhals.stable.v2 as nw

from churnlab import checks, engine, periods
from churnlab.checks import Entry, InputError, Table, entries
from churnlab.engine import Frame
from churnlab.periods import Period
from churnlab.spells import rows
from churnlab.spells.events import Spells

_STAGE = "subscriptions_to_spells"
_OUT = ("before_observed_from", "after_cut")
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
    grace: int = 0,
    spells: Spells = "first",
    reason: str | None = None,
    keep: str | Sequence[str] = (),
) -> Table:
    """Spells from contracts, with renewals and overlaps of a customer joined.

    The trap: contracts that began before the records did are only there because they survived.
    With ``observed_from`` they enter late (``entry``) instead of flattering the early curve.

    Parameters
    ----------
    subscriptions : table or path
        One row per contract, [start, end); a missing end is a running contract.
    as_of : date
        Exclusive instant the records reach: an end up to it is churn, a later one is running.
    customer, start, end : str
        Columns; ``end=None`` says that every contract is running.
    period : str or Period
        Unit of ``duration`` and ``entry``, on the calendar or the elapsed clock.
    observed_from : date, optional
        Instant at which the records begin; spells over by then are excluded.
    grace, spells
        Whole periods within which a late renewal continues the spell (0: contracts must touch);
        "first", or "all", which gives a row to every spell, with errors by customer.
    reason, keep
        Columns: why the spell ended, as the contract that ends it says (the first in order of text
        of two); others to carry along, with their value on the customer's first contract.

    Returns
    -------
    Table
        ``customer, spell, start, duration, event, entry`` (missing: from the origin), reason, kept.

    Raises
    ------
    InputError
        For missing or mistyped columns, or dates that cannot be understood.

    Notes
    -----
    A contract that begins by the end of all earlier ones, or within ``grace``, continues the spell.
    With grace all is told as known before c = as_of − grace: an end before c is churn, others are
    censored at the last turn before c (ended since: ``in_grace``), later ones are ``after_cut``.

    Examples
    --------
    >>> import pandas as pd
    >>> contracts = pd.DataFrame({"customer": ["a", "b"], "start": pd.to_datetime(
    ...     ["2026-01-01", "2026-01-15"]), "end": pd.to_datetime(["2026-03-01", None])})
    >>> table = subscriptions_to_spells(contracts, as_of="2026-04-01")
    >>> table.frame[["customer", "duration", "event"]]
      customer  duration  event
    0        a        59   True
    1        b        76  False
    """
    unit = Period.of(period)
    checks.choice("spells", spells, Spells)
    late = checks.whole("grace", grace, least=0)
    told = ("reason",) if reason is not None else ()
    kept = checks.group_columns(keep, (*_COLUMNS, *told), argument="keep")
    labels = {f"keep{i}": name for i, name in enumerate(kept)}
    why = {"reason": reason} if reason is not None else {}
    frame = scan_contracts(subscriptions, customer, start, end, {**why, **labels}, unit.tz)
    rows.refuse_elapsed_zones(frame, unit)
    moment = periods.instant(as_of, argument="as_of", tz=frame.tz)
    cut = _Cut(unit, moment, late)
    opened = _opening(observed_from, cut, frame.tz)
    rules = contract_rules(frame, moment)
    running = rows.used(frame, rules)
    runs = joined_runs(running, moment, unit, late)
    if spells == "first":
        runs = _first_per_customer(runs)
    judged = _measure(runs, cut, opened)
    found = judged.filter(*[~nw.col(rule) for rule in _OUT])
    if labels:
        found = found.join(
            rows.first_values(running, list(labels), "start"), on="customer", how="left"
        )
    result = engine.hand_back(
        found.select(*_COLUMNS, *told, *labels), frame.home, ["customer", "spell"], labels
    )

    def count() -> list[Entry]:
        return [
            *checks.history(subscriptions)[1],
            *rows.count_rows(frame, rules, _STAGE),
            *rows.count_spells(frame, judged, out=_OUT, stage=_STAGE, every=spells == "all"),
            *(_count_in_grace(found) if late else []),
            *rows.count_changed(running, list(labels), "start", _STAGE),
        ]

    note = partial(rows.count_identical, frame, rules, _STAGE)
    whose = "customer" if spells == "all" else None
    return Table(result, moment.isoformat(), count, note, cluster=whose)


@dataclass(frozen=True)
class _Cut:
    """Up to when it is known who is still there: ``as_of``, less a grace that may be running."""

    unit: Period
    as_of: datetime
    grace: int

    @property
    def period(self) -> int:
        """The last period index whose ends are known to be final."""
        return self.unit.index_of(self.as_of) - (self.grace + 1 if self.grace else 0)

    @property
    def us(self) -> int:
        """The instant, exclusive with grace, up to which ends are final."""
        return periods.micros_of(self.as_of) - self.grace * self.unit.elapsed_us


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


def joined_runs(running: Frame, as_of: datetime, unit: Period, grace: int = 0) -> nw.LazyFrame[Any]:
    """Spells of every customer: contracts joined that overlap, touch or are within ``grace``.

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
    known = ("to_us", "to_p") if grace else ("to_us",)
    reach = {c: nw.col(c).cum_max().over("customer", order_by=order) for c in known}
    reached = contracts.with_columns(**{f"reach_{c}": reach[c] for c in known})
    past = {c: nw.col(f"reach_{c}").shift(1).over("customer", order_by=order) for c in known}
    followed = reached.with_columns(**{f"past_{c}": past[c] for c in known})
    is_new = nw.col("past_to_us").is_null() | _lapsed(unit, grace)
    opened = followed.with_columns(opens=nw.when(is_new).then(nw.lit(1)).otherwise(nw.lit(0)))
    numbered = opened.with_columns(
        spell=nw.col("opens").cum_sum().over("customer", order_by=order).cast(nw.Int64)
    )
    why = ["reason"] if running.has("reason") else []
    return (
        _ending(numbered, why)
        .group_by("customer", "spell")
        .agg(
            *[nw.col(name).min() for name in why],
            nw.col("start").min(),
            nw.col("from_us").min(),
            nw.col("from_p").min(),
            nw.col("to_us").max(),
            nw.col("to_p").max(),
            nw.col("to_q").max(),
        )
    )


def _ending(numbered: nw.LazyFrame[Any], why: Sequence[str]) -> nw.LazyFrame[Any]:
    """The reason kept only on contracts with which their spell ends."""
    if not why:
        return numbered
    last = numbered.with_columns(last_us=nw.col("to_us").max().over("customer", "spell"))
    ends = (nw.col("to_us") == nw.col("last_us")) & (nw.col("to_us") < RUNNING)
    return last.with_columns(**{name: nw.when(ends).then(nw.col(name)) for name in why})


def _lapsed(unit: Period, grace: int) -> nw.Expr:
    """True where a contract begins too late to continue the earlier ones."""
    late_us = nw.col("from_us") - nw.col("past_to_us")
    if unit.clock == "elapsed":
        return late_us > grace * unit.elapsed_us
    late_p = nw.col("from_p") - nw.col("past_to_p")
    return (late_us > 0) & (late_p > grace) if grace else late_us > 0


def _opening(observed_from: Any, cut: _Cut, tz: str | None) -> datetime | None:
    if observed_from is None:
        return None
    opened = periods.instant(observed_from, argument="observed_from", tz=tz)
    known = f"as_of={cut.as_of:%Y-%m-%d}"
    if cut.unit.clock == "calendar":
        late = cut.unit.index_of(opened) > cut.period
    else:
        late = periods.micros_of(opened) >= cut.us
    if opened >= cut.as_of or late:
        known += f" less the grace of {cut.grace}" if cut.grace else ""
        raise InputError(f"observed_from={observed_from} must be before {known}.")
    return opened


def _first_per_customer(runs: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    counted = runs.with_columns(n_spells=nw.col("spell").max().over("customer"))
    return counted.filter(nw.col("spell") == 1)


def _measure(runs: nw.LazyFrame[Any], cut: _Cut, opened: datetime | None) -> nw.LazyFrame[Any]:
    """Durations in whole periods, late entries, and the rules that exclude or note a spell."""
    unit, limit = cut.unit, cut.us
    from_us, to_us, from_p, to_p = (nw.col(c) for c in ("from_us", "to_us", "from_p", "to_p"))
    calendar, ended = unit.clock == "calendar", to_us < RUNNING
    event, too_new = ended, nw.lit(False)
    if cut.grace and calendar:
        event, too_new = ended & (to_p <= cut.period), from_p > cut.period
    elif cut.grace:
        event, too_new = to_us < limit, from_us >= limit
    if calendar:
        length = nw.when(event).then(to_p).otherwise(nw.lit(cut.period)) - from_p
    else:
        until = nw.when(event).then(to_us).otherwise(nw.lit(limit))
        length = periods.floordiv(until - from_us, unit.elapsed_us)
    if opened is None:
        entry, over = nw.lit(None).cast(nw.Int64), nw.lit(False)
    else:
        begin = periods.micros_of(opened)
        late = nw.lit(unit.index_of(opened)) - from_p
        if not calendar:
            late = periods.floordiv(nw.lit(begin) - from_us, unit.elapsed_us)
        entry, over = nw.when(from_us < begin).then(late), to_us <= begin
    return runs.with_columns(
        start=nw.col("start").cast(nw.Date),
        duration=length,
        event=event,
        entry=entry,
        before_observed_from=over,
        after_cut=too_new,
        in_grace=ended & ~event,
    )


def _count_in_grace(found: nw.LazyFrame[Any]) -> list[Entry]:
    """How many used spells have ended and may still be renewed in time."""
    n = engine.collect(found.filter(nw.col("in_grace")).select(n=nw.len()))["n"].iloc[0]
    return entries(_STAGE, "spells", {"in_grace": int(n)})
