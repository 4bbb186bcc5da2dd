"""Spells of activity as contracts, for counting customers who have none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from churnlab import checks, engine, periods
from churnlab.checks import Entry, InputError, Table, entries
from churnlab.engine import Frame
from churnlab.periods import Period
from churnlab.spells import rows

_STAGE = "to_subscriptions"
_COLUMNS = ("customer", "start", "end")


def to_subscriptions(
    spells: Any,
    *,
    inactivity: int,
    customer: str = "customer",
    start: str = "start",
    duration: str = "duration",
    event: str = "event",
    period: str | Period = "day",
    as_of: Any = None,
    keep: str | Sequence[str] = (),
) -> Table:
    """Spells of activity as rows [start, end), so that customers without contracts can be counted.

    The trap: who is there today is known only after ``inactivity`` periods. Count up to the
    ``as_of`` of the result, which is that much earlier, or the latest months seem to lose nobody.

    Parameters
    ----------
    spells : Table, table or path
        One row per spell, from :func:`to_spells` without pauses, on the calendar clock.
    inactivity : int
        The one that :func:`to_spells` was given.
    customer, start, duration, event : str
        Columns of the spells.
    period : str or Period
        The one that :func:`to_spells` was given: the unit of ``duration``.
    as_of : date, optional
        The one of :func:`to_spells`; a Table knows it, a bare table does not.
    keep : str or sequence of str
        Columns to carry along.

    Returns
    -------
    Table
        ``customer, start, end`` (exclusive; missing while the spell lasts) and the kept columns. Its
        ``as_of`` is the instant up to which it is known who was there.

    Raises
    ------
    InputError
        For pieces of spells, or an ``inactivity`` or ``period`` that the spells do not have.

    Notes
    -----
    The period of the last activity belongs to the spell: end = the first day after it. With c the
    period of ``as_of`` less ``inactivity`` (the cut), all last activities up to c are known, so the
    ``as_of`` of the result is the first day after c. A customer who was active once is new and lost
    within one period; one who comes back is new again, with a row for each spell under ``spells="all"``.

    Examples
    --------
    >>> log = pd.DataFrame({"customer": ["a", "a", "b"], "time": pd.to_datetime(
    ...     ["2026-01-01", "2026-01-11", "2026-03-01"])})
    >>> from churnlab.spells import to_spells
    >>> there = to_subscriptions(to_spells(log, inactivity=30, as_of="2026-03-31"), inactivity=30)
    >>> there.as_of, there.frame["end"].dt.strftime("%d %B").tolist()
    ('2026-03-02T00:00:00', ['12 January', '02 March'])
    """
    unit = Period.of(period)
    if unit.clock != "calendar":
        raise InputError(
            "to_subscriptions needs spells on the calendar clock: on the elapsed clock the hour of "
            "the start, which a spell does not carry, decides on which day it ended."
        )
    gap = checks.whole("inactivity", inactivity, least=2)
    kept = checks.group_columns(keep, (*_COLUMNS, "duration", "event"), argument="keep")
    labels = {f"keep{i}": name for i, name in enumerate(kept)}
    frame = _scan(spells, (customer, start, duration, event), labels, unit)
    rules = _rules(frame)
    cut = unit.index_of(_moment(spells, as_of, unit)) - gap
    known = rows.used(frame, rules).then(partial(_placed, frame, unit))
    ends = _ends(unit, _first_last(known, cut, gap, unit))
    found = known.lazy.join(engine.beside(known, ends), on="last", how="left")
    found = found.with_columns(nw.col("start", "end").cast(nw.Date))
    result = engine.hand_back(
        found.select("customer", "start", "end", *labels), frame.home, ["customer", "start"], labels
    )

    def count() -> list[Entry]:
        return [*checks.history(spells)[1], *_count(frame, rules)]

    known_until: datetime = unit.starts([cut + 1])[0].item()
    return Table(result, known_until.isoformat(), count)


def _scan(
    spells: Any, columns: tuple[str, str, str, str], labels: Mapping[str, str], unit: Period
) -> Frame:
    customer, start, duration, event = columns
    if "entry" in engine.column_names(spells):
        raise InputError(
            "the table has a column 'entry': these are pieces of spells (from suspend or "
            "add_covariates), or contracts to begin with. Pass the spells of to_spells as they came, "
            "or the contracts themselves."
        )
    frame = engine.scan(
        spells,
        {"customer": (customer, "id"), "start": (start, "time")}
        | {"duration": (duration, "number"), "event": (event, "flag")}
        | {role: (name, "label") for role, name in labels.items()},
        tz=unit.tz,
    )
    if not frame.schema["duration"].is_integer():
        raise InputError(
            f"column {frame.column('duration')!r} holds {frame.schema['duration']}: whole periods "
            "are needed here, as to_spells makes them."
        )
    return frame


def _rules(frame: Frame) -> dict[str, nw.Expr]:
    return {
        "missing_customer": rows.missing_customer(frame),
        "missing_start": nw.col("start").is_null(),
        "missing_duration": nw.col("duration").is_null(),
        "missing_event": nw.col("event").is_null(),
    }


def _moment(spells: Any, as_of: Any, unit: Period) -> datetime:
    """``as_of`` of the spells: the Table's own, or the one given with a bare table."""
    known = spells.as_of if isinstance(spells, Table) else None
    if known is None and as_of is None:
        raise InputError(
            "a bare table does not tell as_of: give the one of to_spells, or its Table."
        )
    moment = periods.instant(known if as_of is None else as_of, argument="as_of", tz=unit.tz)
    if known is not None and moment != datetime.fromisoformat(known):
        raise InputError(f"as_of={as_of} is not that of the spells, {known}: leave it out.")
    return moment


def _placed(frame: Frame, unit: Period, lazy: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Spells with the index of their first period, of their last one or the cut, and ``last``.

    ``last`` is missing while a spell lasts.
    """
    flag, event = frame.schema["event"], nw.col("event")
    if not (flag == nw.Boolean or flag.is_integer()):
        raise InputError(
            f"column {frame.column('event')!r} holds {flag}: it must hold True/False or 0/1, e.g. "
            "df[column] == the_value_that_means_churn."
        )
    first = unit.index(nw.col("start"))
    until = (first + nw.col("duration")).cast(nw.Int64)
    over = event if flag == nw.Boolean else event == 1
    placed = lazy.with_columns(first=first, until=until, over=over)
    return placed.with_columns(last=nw.when(nw.col("over")).then(nw.col("until")))


def _first_last(known: Frame, cut: int, gap: int, unit: Period) -> tuple[int, int]:
    """First and last index at which a spell ended; refuses spells of another cut."""
    until, length = nw.col("until"), nw.col("duration")
    ends = engine.collect(
        known.lazy.group_by("over").agg(low=until.min(), high=until.max(), least=length.min())
    )
    over = ends["over"].astype(bool)
    lasting = ends[~over]
    bad = (ends["high"] > cut).any() or (lasting["low"] < cut).any() or (ends["least"] < 0).any()
    if bad:
        raise InputError(
            f"column {known.column('duration')!r}: these spells are not those of inactivity={gap}, "
            f"period={unit.unit!r} and this as_of, by which all that last have lasted to the cut, "
            f"{unit.labels([cut])[0]}, and none is longer. Give what to_spells was given; spells "
            "with pauses have no one cut."
        )
    ended = ends[over]
    return (int(ended["low"].min()), int(ended["high"].max())) if len(ended) else (cut, cut)


def _ends(unit: Period, span: tuple[int, int]) -> Frame:
    """The end of every period in which a spell ended: the first day after it."""
    last = np.arange(span[0], span[1] + 1)
    table = pd.DataFrame({"last": last, "end": unit.starts(last + 1)})
    return engine.scan(table, {"last": ("last", "number"), "end": ("end", "time")})


def _count(frame: Frame, rules: Mapping[str, nw.Expr]) -> list[Entry]:
    """The ledger of spells."""
    ruled = frame.then(lambda lazy: lazy.select(rule=rows.first_rule(rules)))
    n = engine.counts(ruled, ["rule"]).set_index("rule")["n"]
    counted = {rule: int(n.get(i, 0)) for i, rule in enumerate(rules, start=1)}
    lines = {"read": int(n.sum()), "used": int(n.get(rows.USED, 0))}
    return entries(_STAGE, "spells", lines | counted)
