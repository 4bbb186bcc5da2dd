"""Spells from a file that already holds durations, held against the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import narwhals.stable.v2 as nw

from churnlab import checks, engine, periods
from churnlab.checks import Entry, InputError, Table, reject
from churnlab.engine import Frame
from churnlab.periods import Period
from churnlab.spells import rows

_STAGE = "durations_to_spells"
_COLUMNS = ("customer", "spell", "start", "duration", "event")


def durations_to_spells(
    data: Any,
    *,
    as_of: Any,
    customer: str = "customer",
    start: str = "start",
    duration: str = "duration",
    event: str = "event",
    event_value: Any = None,
    period: str | Period = "day",
    keep: str | Sequence[str] = (),
) -> Table:
    """Spells from a table that already says how long each one lasted, checked against its dates.

    The trap: nobody can have been a customer for longer than from the start to the day the file
    was made. A duration that says so is in another unit, or belongs to another start.

    Parameters
    ----------
    data : table or path
        One row per spell.
    as_of : date
        Exclusive instant the records reach.
    customer, start, duration, event : str
        Columns; ``duration`` in whole or broken ``period``.
    event_value : optional
        The value of ``event`` that means churn, where it is not 0/1 or True/False.
    period : str or Period
        Unit of the durations.
    keep : str or sequence of str
        Columns to carry along.

    Returns
    -------
    Table
        ``customer, spell, start, duration, event`` and the kept. Spells of a customer are numbered
        by their start; where there are several, errors are by customer.

    Raises
    ------
    InputError
        For a duration that is negative, infinite, or longer than as_of − start, and events that are
        no events.

    Notes
    -----
    The most that a spell can last is the number of periods it touches: a customer since 30 January
    has been there for at most three months on 2 March.

    Examples
    --------
    >>> import pandas as pd
    >>> file = pd.DataFrame({"customer": ["a", "b"], "start": pd.to_datetime(
    ...     ["2026-01-01", "2026-02-15"]), "duration": [2, 1], "event": ["left", "active"]})
    >>> table = durations_to_spells(file, as_of="2026-03-31", event_value="left", period="month")
    >>> table.frame[["customer", "duration", "event"]]
      customer  duration  event
    0        a         2   True
    1        b         1  False
    """
    unit = Period.of(period)
    kept = checks.group_columns(keep, _COLUMNS, argument="keep")
    labels = {f"keep{i}": name for i, name in enumerate(kept)}
    wanted: dict[str, tuple[str | None, str]] = {
        "customer": (customer, "id"),
        "start": (start, "time"),
        "duration": (duration, "number"),
        "event": (event, "flag"),
    }
    frame = engine.scan(
        data, wanted | {role: (name, "label") for role, name in labels.items()}, tz=unit.tz
    )
    rows.refuse_elapsed_zones(frame, unit)
    moment = periods.instant(as_of, argument="as_of", tz=frame.tz)
    rules = {
        "missing_customer": rows.missing_customer(frame),
        "missing_start": nw.col("start").is_null(),
        "after_as_of": ~rows.before(frame, "start", moment),
        "missing_duration": nw.col("duration").is_null(),
        "missing_event": nw.col("event").is_null(),
    }
    running = rows.used(frame, rules)
    _check(running, unit, moment)
    flags = _flags(running, event_value)
    counted = running.lazy.with_columns(event=flags, one=nw.lit(1).cast(nw.Int64))
    number = nw.col("one").cum_sum().over("customer", order_by=["start", "duration"])
    spells = counted.with_columns(spell=number, start=nw.col("start").cast(nw.Date))
    found = spells.select(*_COLUMNS, *labels)
    result = engine.hand_back(found, frame.home, ["customer", "spell"], labels)

    def count() -> list[Entry]:
        return [*checks.history(data)[1], *rows.count_rows(frame, rules, _STAGE)]

    whose = "customer" if _repeats(found) else None
    return Table(result, moment.isoformat(), count, cluster=whose)


def _check(frame: Frame, unit: Period, moment: Any) -> None:
    """Refuse durations that are none, and those longer than the time there was."""
    last = unit.index_of(moment - timedelta(microseconds=1)) + 1
    most = nw.lit(last) - unit.index(nw.col("start"))
    if unit.clock == "elapsed":
        since = periods.micros(nw.col("start"), is_date=frame.is_date("start"))
        most = periods.floordiv(nw.lit(periods.micros_of(moment)) - since, unit.elapsed_us) + 1
    told = frame.lazy.with_columns(most=most)
    length = nw.col("duration")
    for wrong, what, remedy in (
        (length < 0, "is negative", "Check the order of the two dates."),
        (
            length > nw.col("most"),
            f"is longer than from {frame.column('start')!r} to as_of",
            f"Durations are taken to be in {unit.unit}s: name their unit with period=, or check "
            "the starts and as_of.",
        ),
    ):
        odd = engine.collect(
            told.filter(wrong).select(n=nw.len(), example=nw.col("duration").max())
        )
        if int(odd["n"].iloc[0]):
            raise reject(
                what,
                column=frame.column("duration"),
                n=int(odd["n"].iloc[0]),
                example=odd["example"].iloc[0],
                remedy=remedy,
            )


def _flags(frame: Frame, event_value: Any) -> nw.Expr:
    values = engine.counts(frame, ["event"])["event"]
    if not len(values):
        raise InputError(
            "no row has a customer, a start before as_of, a duration and an event: there is no spell."
        )
    churned = checks.event_flags(values, frame.column("event"), event_value)
    flag = nw.lit(False)
    for value in values[churned]:
        same = nw.col("event") == (value.item() if hasattr(value, "item") else value)
        flag = nw.when(same).then(nw.lit(True)).otherwise(flag)
    return flag


def _repeats(spells: nw.LazyFrame[Any]) -> bool:
    most = engine.collect(spells.select(n=nw.col("spell").max()))["n"].iloc[0]
    return bool(most > 1)
