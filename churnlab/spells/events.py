"""Churn by inactivity: spells from an event log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import narwhals.stable.v2 as nw

from churnlab import checks, engine, periods
from churnlab.checks import Entry, IfPresent, InputError, Table
from churnlab.engine import Frame
from churnlab.periods import Period
from churnlab.spells import rows

Spells = Literal["first"]
_COLUMNS = ("customer", "spell", "start", "duration", "event")


def to_spells(
    events: Any,
    *,
    inactivity: int,
    customer: str = "customer",
    time: str = "time",
    amount: str | None = IfPresent("amount"),
    period: str | Period = "day",
    as_of: Any = None,
    spells: Spells = "first",
    keep: str | Sequence[str] = (),
) -> Table:
    """One spell per customer, from the first activity to the last before a long silence.

    The trap: a customer is known to have left only after ``inactivity`` whole periods of silence,
    so everyone is followed only up to the cut c = as_of − inactivity. Following the others up to
    ``as_of`` counts them as alive while their silence is still running, and flatters the curve.

    Parameters
    ----------
    events : table or path
        One row per thing a customer did.
    inactivity : int
        Silence that ends a spell: a gap of this many periods or more. On the calendar clock
        neighbouring months are 1 apart, so there it is at least 2.
    customer, time, amount : str
        Columns. Negative amounts are refunds and no activity; zero amounts are activity.
    period : str or Period
        Unit of ``inactivity`` and of ``duration``, on the calendar or the elapsed clock.
    as_of : date, optional
        Exclusive instant up to which the log is complete; default: the end of its last day.
    spells : {"first"}
        Which spells; later ones are counted in the ledger.
    keep : str or sequence of str
        Columns to carry along, with the value on the customer's first row.

    Returns
    -------
    Table
        ``customer, spell, start, duration, event`` and the kept columns.

    Raises
    ------
    InputError
        For missing or mistyped columns, or a last day that looks like a slip.

    Notes
    -----
    With L the last activity before the first gap ≥ g and c = as_of − g: start > c is excluded
    (``after_cut``); L ≤ c is churn at L − start; otherwise the spell is censored at c − start.
    A single purchase that is not followed up is churn at duration 0.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame({"customer": ["a", "a", "b", "b"], "time": pd.to_datetime(
    ...     ["2026-01-01", "2026-01-11", "2026-02-20", "2026-03-10"])})
    >>> to_spells(log, inactivity=30, as_of="2026-04-01").frame[["customer", "duration", "event"]]
      customer  duration  event
    0        a        10   True
    1        b        10  False
    """
    unit = Period.of(period)
    gap = _gap(inactivity, unit)
    checks.choice("spells", spells, Spells)
    kept = checks.group_columns(keep, _COLUMNS, argument="keep")
    frame = engine.scan(
        events,
        {"customer": (customer, "id"), "time": (time, "time"), "amount": (amount, "amount")}
        | {f"keep{i}": (name, "label") for i, name in enumerate(kept)},
        tz=unit.tz,
    )
    rows.refuse_elapsed_zones(frame, unit)
    moment = rows.resolve_as_of(frame, as_of)
    rules = rows.event_rules(frame, moment)
    active = rows.used(frame, rules)
    judged = _judge(_first_runs(active, unit, gap), unit, gap, moment)
    carried = [f"keep{i}" for i in range(len(kept))]
    found = judged.filter(~nw.col("after_cut"))
    if carried:
        first = rows.first_values(active, carried, "time")
        found = found.join(first, on="customer", how="left")
    result = engine.hand_back(
        found.select(*_COLUMNS, *carried),
        frame.home,
        ["customer"],
        dict(zip(carried, kept, strict=True)),
    )

    def count() -> list[Entry]:
        return [
            *checks.history(events)[1],
            *rows.count_rows(frame, rules, "to_spells"),
            *rows.count_spells(frame, judged, out="after_cut", stage="to_spells"),
            *rows.count_changed(active, carried, "time", "to_spells"),
        ]

    return Table(
        result, moment.isoformat(), count, lambda: rows.count_identical(frame, rules, "to_spells")
    )


def _gap(inactivity: int, unit: Period) -> int:
    gap = checks.whole("inactivity", inactivity, least=1)
    if gap == 1 and unit.clock == "calendar":
        raise InputError(
            f"inactivity=1 would end a spell between one {unit.unit} and the next, since "
            f"neighbouring periods are 1 apart: use 2 or more, or a finer period such as 'day'."
        )
    return gap


def _first_runs(active: Frame, unit: Period, gap: int) -> nw.LazyFrame[Any]:
    """Per customer: start, first and last index of the first run, and the number of runs.

    Two activities in one block of g indices are less than g apart, so a gap of g lies between
    the last of one block and the first of the next that is not empty. The window then works on
    customer × block, far fewer rows than activities.
    """
    time, index = nw.col("time"), nw.col("index")
    if unit.clock == "calendar":
        seen = active.lazy.with_columns(index=unit.index(time))
    else:
        gap *= unit.elapsed_us
        seen = active.lazy.with_columns(index=periods.micros(time, is_date=active.is_date("time")))
    blocks = (
        seen.with_columns(block=periods.floordiv(index, gap))
        .group_by("customer", "block")
        .agg(nw.col("time").min(), first=index.min(), last=index.max())
        .with_columns(next=nw.col("first").shift(-1).over("customer", order_by="block"))
    )
    ends = nw.col("next").is_null() | (nw.col("next") - nw.col("last") >= gap)
    # a condition first, then bare sums: aggregates of conditions differ between engines
    marked = blocks.with_columns(
        run_end=nw.when(ends).then(nw.col("last")),
        is_end=nw.when(ends).then(nw.lit(1)).otherwise(nw.lit(0)),
    )
    return marked.group_by("customer").agg(
        nw.col("time").min(),
        nw.col("first").min(),
        last=nw.col("run_end").min(),
        n_spells=nw.col("is_end").sum().cast(nw.Int64),
    )


def _judge(runs: nw.LazyFrame[Any], unit: Period, gap: int, as_of: datetime) -> nw.LazyFrame[Any]:
    """Churned, censored or too new, by the cut c = as_of − gap."""
    first, last = nw.col("first"), nw.col("last")
    if unit.clock == "calendar":
        cut, length = unit.index_of(as_of) - gap, 1
    else:
        cut, length = periods.micros_of(as_of) - gap * unit.elapsed_us, unit.elapsed_us
    until = nw.when(last <= cut).then(last).otherwise(nw.lit(cut))
    return runs.with_columns(
        after_cut=first > cut,
        event=last <= cut,
        start=nw.col("time").cast(nw.Date),
        spell=nw.lit(1).cast(nw.Int64),
        duration=(until - first) if length == 1 else periods.floordiv(until - first, length),
    )
