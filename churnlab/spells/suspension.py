"""Pauses taken out of the exposure: a spell becomes the pieces in which it could have ended."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import narwhals.stable.v2 as nw

from churnlab import checks, engine, periods
from churnlab.checks import Entry, IfPresent, InputError, Table, entries
from churnlab.engine import Frame
from churnlab.periods import Period
from churnlab.spells import pauses as closed, rows
from churnlab.spells.pauses import Pauses

_STAGE = "suspend"
_COLUMNS = ("customer", "spell", "start", "duration", "event", "entry")
_KEYS = ["customer", "spell", "start", "duration"]


def suspend(
    spells: Any,
    *,
    pauses: Any,
    customer: str = "customer",
    spell: str | None = IfPresent("spell"),
    start: str = "start",
    duration: str = "duration",
    event: str = "event",
    entry: str | None = IfPresent("entry"),
    period: str | Period = "day",
    keep: str | Sequence[str] = (),
) -> Table:
    """Take pauses, in which nobody could leave, out of the time at risk.

    The trap: a month of closed doors counts as a month of perfect loyalty, and flatters the curve.
    The spell and its age go on, but risk time is cut into the pieces (``entry``, ``duration``].

    Parameters
    ----------
    spells : table or path
        One row per spell, as :func:`to_spells` and :func:`subscriptions_to_spells` make them.
    pauses : table or path
        One row per pause: ``start, end`` (exclusive; missing while it lasts), and ``customer``
        unless they hold for everyone. Those that overlap or touch are one.
    customer, spell, start, duration, event, entry : str
        Columns of the spells; ``start`` is a date, ``event`` True where the churn was seen.
    period : str or Period
        Unit of ``duration`` and ``entry``: the one the spells were made with.
    keep : str or sequence of str
        Columns to carry along.

    Returns
    -------
    Table
        ``customer, spell, start, duration, event, entry`` and the kept columns, one row per piece;
        ``entry`` is missing where the spell was observed from its origin.

    Raises
    ------
    InputError
        For missing or mistyped columns, or a pause that ends before it starts.

    Notes
    -----
    An age strictly between those at which a pause begins and ends is suspended; the two edges stay
    at risk. Churn at a suspended age is dated at the pause's beginning (``in_pause``), and a spell
    without any age at risk is excluded (``no_exposure``). On the elapsed clock an age is suspended
    if it is so whatever the hour of the start.

    Examples
    --------
    >>> import pandas as pd
    >>> spells = pd.DataFrame({"customer": ["a"], "start": pd.to_datetime(["2026-01-01"]),
    ...     "duration": [40], "event": [True]})
    >>> works = pd.DataFrame({"start": ["2026-01-11"], "end": ["2026-01-21"]})
    >>> works = works.astype("datetime64[s]")
    >>> suspend(spells, pauses=works).frame[["duration", "event", "entry"]]
       duration  event  entry
    0        10  False   <NA>
    1        40   True     19
    """
    unit = Period.of(period)
    kept = checks.group_columns(keep, _COLUMNS, argument="keep")
    labels = {f"keep{i}": name for i, name in enumerate(kept)}
    frame = engine.scan(
        spells,
        {"customer": (customer, "id"), "spell": (spell, "number"), "start": (start, "time")}
        | {"duration": (duration, "number"), "event": (event, "flag"), "entry": (entry, "number")}
        | {role: (name, "label") for role, name in labels.items()},
    )
    rules = _rules(frame)
    whole = rows.used(frame, rules).then(partial(_plain, frame, list(labels)))
    shut = closed.read(pauses, customer, frame, unit.tz)
    if shut is None:
        judged = whole.lazy.with_columns(no_exposure=nw.lit(False))
        pieces = judged
    else:
        judged, pieces = _cut(whole, shut, unit, list(labels))
    result = engine.hand_back(
        pieces.select(*_COLUMNS, *labels), frame.home, ["customer", "spell", "duration"], labels
    )

    def count() -> list[Entry]:
        return [*checks.history(spells)[1], *_count(frame, rules, judged, pieces, shut)]

    given = isinstance(spells, Table)
    return Table(
        result,
        spells.as_of if given else None,
        count,
        cluster="customer" if given and spells.cluster == customer else None,
    )


def _rules(frame: Frame) -> dict[str, nw.Expr]:
    return {
        "missing_customer": rows.missing_customer(frame),
        "missing_start": nw.col("start").is_null(),
        "missing_duration": nw.col("duration").is_null(),
        "missing_event": nw.col("event").is_null(),
    }


def _plain(frame: Frame, labels: Sequence[str], lazy: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The spells with whole numbers and a plain flag, and with every column there is to be."""
    for role in ("duration", "spell"):
        if frame.has(role) and not frame.schema[role].is_integer():
            raise InputError(
                f"column {frame.column(role)!r} holds {frame.schema[role]}: whole numbers are "
                "needed here, as to_spells and subscriptions_to_spells make them."
            )
    flag = frame.schema["event"]
    if not (flag == nw.Boolean or flag.is_integer()):
        raise InputError(
            f"column {frame.column('event')!r} holds {flag}: it must hold True/False or 0/1, e.g. "
            "df[column] == the_value_that_means_churn."
        )
    event, one, none = nw.col("event"), nw.lit(1), nw.lit(None)
    return lazy.select(
        "customer",
        *labels,
        spell=(nw.col("spell") if frame.has("spell") else one).cast(nw.Int64),
        start=nw.col("start").cast(nw.Date),
        duration=nw.col("duration").cast(nw.Int64),
        event=event if flag == nw.Boolean else event == 1,
        entry=(nw.col("entry") if frame.has("entry") else none).cast(nw.Int64),
    )


def _cut(
    frame: Frame, pauses: Pauses, unit: Period, labels: Sequence[str]
) -> tuple[nw.LazyFrame[Any], nw.LazyFrame[Any]]:
    """The spells with what the pauses do to them, and the pieces that are left."""
    met = _met(frame, pauses, unit)
    ends_inside = nw.col("until") >= nw.col("duration")
    order = {"order_by": "since"}
    before = nw.col("until").shift(1).over(*_KEYS, **order)
    met = met.with_columns(
        behind=nw.when(~ends_inside).then(nw.col("until")),
        inside=nw.when(ends_inside).then(nw.lit(1)).otherwise(nw.lit(0)),
        before=before,
    )
    entry, since = nw.col("entry"), nw.col("since")
    seen = (since >= 0) & (entry.is_null() | (since > entry).fill_null(True))
    met = met.with_columns(seen=nw.when(seen).then(nw.lit(1)).otherwise(nw.lit(0)))
    found = met.group_by(*_KEYS).agg(
        nw.col("behind").max(), nw.col("inside").max(), nw.col("seen").sum()
    )
    judged = frame.lazy.join(found, on=_KEYS, how="left").with_columns(
        *[nw.col(name).cast(nw.Int64).fill_null(0) for name in ("inside", "seen")]
    )
    over = nw.col("inside") == 1
    judged = judged.with_columns(
        no_exposure=over & (nw.col("seen") == 0),
        in_pause=over & (nw.col("seen") > 0) & nw.col("event"),
    )
    columns = [*_COLUMNS, *labels]
    behind, before = nw.col("behind"), nw.col("before")
    last = judged.filter(nw.col("inside") == 0).with_columns(
        entry=nw.when(behind.is_null()).then(entry).otherwise(behind)
    )
    earlier = met.filter(nw.col("seen") == 1).with_columns(
        entry=nw.when(before.is_null()).then(entry).otherwise(before),
        duration=since,
        event=nw.col("event") & (nw.col("inside") == 1),
    )
    return judged, nw.concat([last.select(*columns), earlier.select(*columns)], how="vertical")


def _met(frame: Frame, pauses: Pauses, unit: Period) -> nw.LazyFrame[Any]:
    """Spell × pause that suspends ages (``since``, ``until``] of it while it was observed."""
    day = periods.DAY_US
    if unit.clock == "calendar":
        origin = unit.index(nw.col("start"))
        edges = {name: closed.indices(unit, pauses.table[f"{name}_us"]) for name in ("from", "to")}
        since, until = nw.col("from") - nw.col("origin"), nw.col("to") - nw.col("origin") - 1
    else:
        origin = periods.micros(nw.col("start"), is_date=True)
        edges = {name: pauses.table[f"{name}_us"] for name in ("from", "to")}
        since = periods.floordiv(nw.col("from") - nw.col("origin"), unit.elapsed_us)
        latest = nw.col("to") - nw.col("origin") - (day - 1)  # a start at the end of its day
        until = periods.floordiv(latest, unit.elapsed_us) - 1
    table = pauses.table[["key"]].assign(**edges)
    keyed = frame.lazy.with_columns(key=pauses.key(frame), origin=origin)
    met = keyed.join(pauses.carried(frame, table), on="key", how="inner")
    met = met.with_columns(since=since, until=until)
    since, until, entry = nw.col("since"), nw.col("until"), nw.col("entry")
    return met.filter(
        since < until,
        until >= 0,
        since < nw.col("duration"),
        entry.is_null() | (until > entry).fill_null(True),
    )


def _count(
    frame: Frame,
    rules: dict[str, nw.Expr],
    judged: nw.LazyFrame[Any],
    pieces: nw.LazyFrame[Any],
    pauses: Pauses | None,
) -> list[Entry]:
    """The ledger of spells."""
    ruled = frame.then(lambda lazy: lazy.select(rule=rows.first_rule(rules)))
    n = engine.counts(ruled, ["rule"]).set_index("rule")["n"]
    counted = {rule: int(n.get(i, 0)) for i, rule in enumerate(rules, start=1)}
    used, noted = int(n.get(rows.USED, 0)), 0
    if pauses is not None:
        fates = judged.group_by("no_exposure", "in_pause").agg(n=nw.len())
        found = engine.collect(fates)
        counted["no_exposure"] = int(found.loc[found["no_exposure"].astype(bool), "n"].sum())
        noted = int(found.loc[found["in_pause"].astype(bool), "n"].sum())
    used -= counted.get("no_exposure", 0)
    lines = {"read": int(n.sum()), "used": used, **counted, "in_pause": noted}
    return entries(_STAGE, "spells", lines)
