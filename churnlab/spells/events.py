"""Churn by inactivity: spells from an event log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Literal

import narwhals.stable.v2 as nw

from churnlab import checks, engine, periods
from churnlab.checks import Entry, IfPresent, InputError, Table
from churnlab.engine import Frame
from churnlab.periods import Period
from churnlab.spells import pauses as closed, rows
from churnlab.spells.pauses import Pauses

Spells = Literal["first", "all"]
Kinds = str | Sequence[str] | None
_STAGE = "to_spells"
_COLUMNS = ("customer", "spell", "start", "duration", "event")


def to_spells(
    events: Any,
    *,
    inactivity: int,
    customer: str = "customer",
    time: str = "time",
    amount: str | None = IfPresent("amount"),
    kind: str | None = IfPresent("kind"),
    period: str | Period = "day",
    as_of: Any = None,
    spells: Spells = "first",
    start_kind: Kinds = None,
    return_kind: Kinds = None,
    pauses: Any = None,
    keep: str | Sequence[str] = (),
) -> Table:
    """Spells of activity, each from its first event to the last one before a long silence.

    The trap: who left is known only after ``inactivity`` periods of silence, so all are followed up
    to the cut c = as_of − inactivity; following the others further flatters the curve.

    Parameters
    ----------
    events : table or path
        One row per thing a customer did.
    inactivity : int
        Silence that ends a spell: a gap of this many periods or more (calendar clock: at least 2).
    customer, time, amount, kind : str
        Columns. Negative amounts are refunds and no activity; zero amounts are activity.
    period : str or Period
        Unit of ``inactivity`` and of ``duration``, on the calendar or the elapsed clock.
    as_of : date, optional
        Exclusive instant up to which the log is complete; default: the end of its last day.
    spells : {"first", "all"}
        "all" gives a row to every spell, with errors by customer; "first" counts the later ones.
    start_kind, return_kind : str or list of str, optional
        Kinds that begin a customer's history (later spells begin with any activity), and that count
        as activity besides that beginning.
    pauses : table or path, optional
        ``start, end`` (and ``customer``) of times in which silence does not count; :func:`suspend`
        takes them out of the exposure.
    keep : str or sequence of str
        Columns to carry along, with the value on the customer's first row, on every spell.

    Returns
    -------
    Table
        ``customer, spell, start, duration, event`` and the kept columns.

    Raises
    ------
    InputError
        For missing or mistyped columns, unknown kinds, or a last day that looks like a slip.

    Notes
    -----
    With L a spell's last activity, before a gap ≥ g, and c = as_of − g: start > c is excluded
    (``after_cut``); L ≤ c is churn at L − start; otherwise it is censored at c − start.

    Examples
    --------
    >>> log = {"customer": ["a", "a", "b"], "time": ["2026-01-01", "2026-01-11", "2026-02-20"]}
    >>> import pandas as pd
    >>> log = pd.DataFrame(log).astype({"time": "datetime64[s]"})
    >>> to_spells(log, inactivity=30, as_of="2026-04-01").frame["duration"].tolist()
    [10, 0]
    """
    unit = Period.of(period)
    gap = _gap(inactivity, unit)
    checks.choice("spells", spells, Spells)
    kept = checks.group_columns(keep, _COLUMNS, argument="keep")
    starts = rows.kind_names("start_kind", start_kind)
    returns = rows.kind_names("return_kind", return_kind)
    told = rows.kind_column(kind, starts, returns)
    frame = engine.scan(
        events,
        {"customer": (customer, "id"), "time": (time, "time"), "amount": (amount, "amount")}
        | ({"kind": (told, "label")} if told else {})
        | {f"keep{i}": (name, "label") for i, name in enumerate(kept)},
        tz=unit.tz,
    )
    rows.refuse_elapsed_zones(frame, unit)
    moment = rows.resolve_as_of(frame, as_of)
    rules = rows.event_rules(frame, moment)
    if told:
        frame, rules = rows.kind_rules(frame, rules, starts, returns)
    active = rows.used(frame, rules)
    shut = None if pauses is None else closed.read(pauses, customer, frame, frame.tz)
    judged = _spells(active, _Rule(unit, gap, moment, spells == "all", shut))
    carried = [f"keep{i}" for i in range(len(kept))]
    found = judged.filter(~nw.col("after_cut"))
    if carried:
        first = rows.first_values(active, carried, "time")
        found = found.join(first, on="customer", how="left")
    result = engine.hand_back(
        found.select(*_COLUMNS, *carried),
        frame.home,
        ["customer", "spell"],
        dict(zip(carried, kept, strict=True)),
    )

    def count() -> list[Entry]:
        gone, every = rows.count_no_start(frame, rules), spells == "all"
        return [
            *checks.history(events)[1],
            *rows.count_rows(frame, rules, _STAGE),
            *rows.count_spells(
                frame, judged, out="after_cut", stage=_STAGE, no_start=gone, every=every
            ),
            *rows.count_changed(active, carried, "time", _STAGE),
        ]

    note = partial(rows.count_identical, frame, rules, _STAGE)
    whose = "customer" if spells == "all" else None
    return Table(result, moment.isoformat(), count, note, cluster=whose)


@dataclass(frozen=True)
class _Rule:
    """What ends a spell, and which spells are wanted."""

    unit: Period
    gap: int
    as_of: datetime
    every: bool
    pauses: Pauses | None

    @property
    def step(self) -> int:
        """The gap in what silence is measured in: period indices, or microseconds."""
        return self.gap * (1 if self.unit.clock == "calendar" else self.unit.elapsed_us)


def _gap(inactivity: int, unit: Period) -> int:
    gap = checks.whole("inactivity", inactivity, least=1)
    if gap == 1 and unit.clock == "calendar":
        raise InputError(
            f"inactivity=1 would end a spell between one {unit.unit} and the next, since "
            f"neighbouring periods are 1 apart: use 2 or more, or a finer period such as 'day'."
        )
    return gap


def _spells(active: Frame, rule: _Rule) -> nw.LazyFrame[Any]:
    """Spells judged by the cut: one row per spell, or per customer with ``n_spells``."""
    blocks = _blocks(active, rule)
    if rule.every or rule.pauses is not None:
        runs = _all_runs(closed.steady(blocks, active, rule.pauses, rule.unit), rule.step)
        if not rule.every:
            counted = runs.with_columns(n_spells=nw.col("spell").max().over("customer"))
            runs = counted.filter(nw.col("spell") == 1)
    else:
        runs = _first_runs(blocks, rule.step)
    unit = rule.unit
    calendar = unit.clock == "calendar"
    now = unit.index_of(rule.as_of) if calendar else periods.micros_of(rule.as_of)
    return _judge(closed.cuts(runs, active, rule.pauses, unit, now, rule.step), unit)


def _blocks(active: Frame, rule: _Rule) -> nw.LazyFrame[Any]:
    """Per customer and block of g indices: the first time, and the first and last index.

    Two activities in one block are less than g apart, so a gap of g lies between the last of one
    block and the first of the next that is not empty. The windows then work on customer × block,
    far fewer rows than activities.
    """
    time, index = nw.col("time"), nw.col("index")
    if rule.unit.clock == "calendar":
        seen = active.lazy.with_columns(index=rule.unit.index(time))
    else:
        seen = active.lazy.with_columns(index=periods.micros(time, is_date=active.is_date("time")))
    return (
        seen.with_columns(block=periods.floordiv(index, rule.step))
        .group_by("customer", "block")
        .agg(nw.col("time").min(), first=index.min(), last=index.max())
    )


def _first_runs(blocks: nw.LazyFrame[Any], gap: int) -> nw.LazyFrame[Any]:
    """Per customer: start, first and last index of the first run, and the number of runs."""
    followed = blocks.with_columns(
        next=nw.col("first").shift(-1).over("customer", order_by="block")
    )
    ends = nw.col("next").is_null() | (nw.col("next") - nw.col("last") >= gap)
    # a condition first, then bare sums: aggregates of conditions differ between engines
    marked = followed.with_columns(
        run_end=nw.when(ends).then(nw.col("last")),
        is_end=nw.when(ends).then(nw.lit(1)).otherwise(nw.lit(0)),
    )
    runs = marked.group_by("customer").agg(
        nw.col("time").min(),
        nw.col("first").min(),
        last=nw.col("run_end").min(),
        n_spells=nw.col("is_end").sum().cast(nw.Int64),
    )
    return runs.with_columns(
        spell=nw.lit(1).cast(nw.Int64), enter=nw.col("first"), leave=nw.col("last")
    )


def _all_runs(blocks: nw.LazyFrame[Any], gap: int) -> nw.LazyFrame[Any]:
    """Per customer and spell (1, 2, …): start, first and last index, on both clocks."""
    past = blocks.with_columns(past=nw.col("leave").shift(1).over("customer", order_by="block"))
    is_new = nw.col("past").is_null() | (nw.col("enter") - nw.col("past") >= gap)
    opened = past.with_columns(opens=nw.when(is_new).then(nw.lit(1)).otherwise(nw.lit(0)))
    numbered = opened.with_columns(
        spell=nw.col("opens").cum_sum().over("customer", order_by="block").cast(nw.Int64)
    )
    return numbered.group_by("customer", "spell").agg(
        nw.col("time").min(),
        nw.col("first").min(),
        nw.col("last").max(),
        nw.col("enter").min(),
        nw.col("leave").max(),
    )


def _judge(runs: nw.LazyFrame[Any], unit: Period) -> nw.LazyFrame[Any]:
    """Churned, censored or too new, by the cut."""
    churned = nw.col("leave") <= nw.col("steady_cut")
    until = nw.when(churned).then(nw.col("last")).otherwise(nw.col("cut"))
    length = until - nw.col("first")
    if unit.clock == "elapsed":
        length = periods.floordiv(length, unit.elapsed_us)
    return runs.with_columns(
        after_cut=nw.col("enter") > nw.col("steady_cut"),
        event=churned,
        start=nw.col("time").cast(nw.Date),
        duration=length,
    )
