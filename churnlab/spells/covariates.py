"""Covariates that change: spells cut into counting-process rows, (entry, duration]."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import narwhals.stable.v2 as nw

from churnlab import checks, engine, periods
from churnlab.checks import Entry, IfPresent, InputError, Table, entries, reject
from churnlab.engine import Frame
from churnlab.periods import Period
from churnlab.spells import rows

_STAGE = "add_covariates"
_COLUMNS = ("customer", "spell", "start", "duration", "event", "entry")
_KEY = ("customer", "start", "begin")  # one row of the spells, since rows may not overlap
_EARLIEST = -(2**62)  # before every change
_WORDS = {"0": False, "1": True, "false": False, "true": True}


def add_covariates(
    spells: Any,
    *,
    changes: Any,
    covariates: str | Sequence[str],
    customer: str = "customer",
    time: str = "time",
    start: str = "start",
    duration: str = "duration",
    event: str = "event",
    entry: str | None = IfPresent("entry"),
    spell: str | None = IfPresent("spell"),
    period: str | Period = "day",
    keep: str | Sequence[str] = (),
) -> Table:
    """Spells cut where a covariate changes, so that each row has the values known when it begins.

    The trap: a value known only at the end of a spell, laid over the whole of it, predicts the
    churn it came with. Here it holds only on rows that begin when it was known or later.

    Parameters
    ----------
    spells : Table, table or path
        One row per spell, or several (entry, duration] that do not overlap.
    changes : table or path
        One row per change; a missing covariate did not change. In a CSV covariates are text.
    covariates : str or sequence of str
        Columns of ``changes``.
    customer, time : str
        Columns of ``changes``; ``customer`` of ``spells`` too.
    start, duration, event, entry, spell : str
        Columns of ``spells``; ``event`` is 0/1 or True/False.
    period : str or Period
        The unit of ``duration`` and ``entry``, as the spells were made with.
    keep : str or sequence of str
        Columns of ``spells`` to carry along.

    Returns
    -------
    Table
        ``customer, spell, start, duration, event, entry``, the kept columns and the covariates.

    Raises
    ------
    InputError
        For two values at one instant, rows that overlap, or mistyped columns.

    Notes
    -----
    The position of a change is the whole periods since ``start``, rounded down; it governs risk time
    (position, …], so an event of the same day has the old value. Changes up to the row's entry make
    its first value, later ones replace earlier ones, those at or beyond the end do nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> day = pd.to_datetime(["2026-01-01", "2026-01-11"])
    >>> one = pd.DataFrame({"customer": ["a"], "start": day[:1], "duration": [30], "event": [1]})
    >>> moves = pd.DataFrame({"customer": ["a", "a"], "time": day, "plan": ["basic", "plus"]})
    >>> add_covariates(one, changes=moves, covariates="plan").frame[["entry", "duration", "event", "plan"]]
       entry  duration  event   plan
    0   <NA>        10  False  basic
    1     10        30   True   plus
    """
    unit = Period.of(period)
    names = checks.group_columns(covariates, _COLUMNS, argument="covariates")
    if not names:
        raise InputError("covariates names no column: say which columns of changes to add.")
    kept = checks.group_columns(keep, (*_COLUMNS, *names), argument="keep")
    labels = {f"keep{i}": name for i, name in enumerate(kept)}
    values = {f"value{i}": name for i, name in enumerate(names)}
    wanted = {
        "customer": (customer, "id"), "start": (start, "time"), "duration": (duration, "number"),
        "event": (event, "flag"), "entry": (entry, "number"), "spell": (spell, "number"),
    } | {role: (name, "label") for role, name in labels.items()}  # fmt: skip
    moved = {"customer": (customer, "id"), "time": (time, "time")}
    moved |= {role: (name, "label") for role, name in values.items()}
    with engine.one_connection():
        frame, log = _open(spells, wanted, unit), engine.scan(changes, moved, tz=unit.tz)
        _refuse_unlike(frame, log, unit)
        rules, log_rules = _spell_rules(frame), _change_rules(log)
        pieces = _pieces(frame, rules)
        _refuse_broken(frame, pieces)
        known = rows.used(log, log_rules).then(lambda lazy: _at_instants(lazy, log, list(values)))
        _refuse_clashes(known, values, log)
        beside = engine.beside(frame, known)
    cut = _cut(_lined_up(pieces, beside, list(values), frame, log, unit), list(values), log)
    result = engine.hand_back(
        cut.select(*_COLUMNS, *labels, *values),
        frame.home,
        ["customer", "spell", "duration"],
        labels | values,
    )

    def count() -> list[Entry]:
        return [
            *checks.history(spells)[1],
            *rows.count_rows(frame, rules, _STAGE),
            *rows.count_rows(log, log_rules, "changes"),
            *_count_customers(pieces, beside),
        ]

    own = spells if isinstance(spells, Table) else None
    return Table(result, own.as_of if own else None, count, cluster=own.cluster if own else None)


def _open(data: Any, wanted: Mapping[str, tuple[str | None, str]], unit: Period) -> Frame:
    """The spells at the door; their starts are mostly plain dates, whatever zone the changes have."""
    try:
        frame = engine.scan(data, wanted)
    except InputError:
        if unit.tz is None:
            raise
        return engine.scan(data, wanted, tz=unit.tz)
    zoned = frame.tz is not None and unit.tz is not None
    return engine.scan(data, wanted, tz=unit.tz) if zoned else frame


def _refuse_unlike(frame: Frame, log: Frame, unit: Period) -> None:
    """Text and numbers never meet, nor do two wall clocks."""
    rows.refuse_elapsed_zones(log, unit)
    rows.refuse_unlike_ids(frame, "the spells", log, "the changes")
    if frame.tz and log.tz and frame.tz != log.tz:
        raise InputError(
            f"the starts are on the clock of {frame.tz!r} and the changes on that of {log.tz!r}: name "
            "one for both, e.g. period=cl.Period('day', tz='UTC')."
        )


def _spell_rules(frame: Frame) -> dict[str, nw.Expr]:
    rules = {
        "missing_customer": rows.missing_customer(frame),
        "missing_start": nw.col("start").is_null(),
        "missing_duration": nw.col("duration").is_null(),
        "missing_event": nw.col("event").is_null(),
    }
    if frame.has("entry"):
        rules["zero_length"] = (nw.col("entry") == nw.col("duration")).fill_null(False)
    return rules


def _change_rules(log: Frame) -> dict[str, nw.Expr]:
    return {
        "missing_customer": rows.missing_customer(log),
        "missing_time": nw.col("time").is_null(),
    }


def _pieces(frame: Frame, rules: Mapping[str, nw.Expr]) -> nw.LazyFrame[Any]:
    """The usable rows, with ``begin`` (0 where the entry is missing), ``number`` and a plain event."""
    given = [role for role in ("duration", "entry") if frame.has(role)]
    kinds = {r: nw.Int64 if frame.schema[r].is_integer() else nw.Float64 for r in given}
    casts = {role: nw.col(role).cast(kind) for role, kind in kinds.items()}
    origin = {"entry": nw.lit(None).cast(nw.Int64)}  # without entries, all are seen from theirs
    typed = rows.used(frame, rules).lazy.with_columns(code=_event_code(frame), **(origin | casts))
    wide = nw.Float64 if nw.Float64 in kinds.values() else nw.Int64
    begun = typed.with_columns(begin=nw.col("entry").cast(wide).fill_null(0))
    if frame.has("spell"):
        return begun.with_columns(spell=nw.col("spell").cast(nw.Int64))
    order = ["start", "begin"]
    past = begun.with_columns(past=nw.col("start").shift(1).over("customer", order_by=order))
    opens = (nw.col("past") != nw.col("start")).fill_null(True)
    flagged = past.with_columns(opens=nw.when(opens).then(nw.lit(1)).otherwise(nw.lit(0)))
    return flagged.with_columns(
        spell=nw.col("opens").cum_sum().over("customer", order_by=order).cast(nw.Int64)
    )


def _event_code(frame: Frame) -> nw.Expr:
    """1 for an event, 0 for none, 2 for what is neither."""
    event, dtype = nw.col("event"), frame.schema["event"]
    if dtype == nw.Boolean:
        yes, no = event, ~event
    elif dtype == nw.String:
        word = event.str.to_lowercase()
        yes, no = (
            word.is_in([w for w, v in _WORDS.items() if v is told]) for told in (True, False)
        )
    else:
        yes, no = event == 1, event == 0
    return nw.when(yes).then(nw.lit(1)).otherwise(nw.when(no).then(nw.lit(0)).otherwise(nw.lit(2)))


_REFUSED = {
    "code": ("event", "must be 0/1 or True/False, and is not", "Make it True where the churn was seen."),
    "negative": ("duration", "is negative or infinite", "A duration runs from the start of a spell."),
    "late": ("entry", "is negative or later than the duration", "Risk time is (entry, duration]."),
    "overlap": ("start", "begins several rows of one customer that overlap", "A customer's rows of "
                "one start must follow each other: (0, 10], (10, 25] …"),
}  # fmt: skip


def _refuse_broken(frame: Frame, pieces: nw.LazyFrame[Any]) -> None:
    """Refuse rows that no risk time can be made of, all looked for in one pass."""
    begin, end = nw.col("begin"), nw.col("duration")
    order = ["begin", "duration"]
    past = end.shift(1).over("customer", "start", order_by=order)
    tests = {
        "code": nw.col("code") == 2,
        "negative": (end < 0) | (end.cast(nw.Float64) == float("inf")),
        "late": (begin < 0) | (begin > end),
        "overlap": (nw.col("past_end") > begin).fill_null(False),
    }
    # two rows of no length at one place overlap too, though neither ends after the other begins
    twins = (nw.col("past_begin") == begin).fill_null(False)
    tests["overlap"] = tests["overlap"] | twins
    marked = pieces.with_columns(
        past_end=past, past_begin=begin.shift(1).over("customer", "start", order_by=order)
    )
    flags = {n: nw.when(t).then(nw.lit(1)).otherwise(nw.lit(0)) for n, t in tests.items()}
    total = engine.collect(
        marked.select(**flags).select(*[nw.col(name).sum() for name in flags])
    ).fillna(0)
    for name, (role, what, remedy) in _REFUSED.items():
        if n := int(total[name].iloc[0]):
            bad = marked.filter(tests[name]).select(role, "customer").sort(role, "customer").head(1)
            example = engine.collect(bad).iloc[0]
            shown = f"{checks.plain(example[role])} of customer {checks.plain(example['customer'])}"
            raise reject(what, column=frame.column(role), n=n, example=_Shown(shown), remedy=remedy)


class _Shown(str):
    """Words that are shown as they are."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _at_instants(lazy: nw.LazyFrame[Any], log: Frame, values: Sequence[str]) -> nw.LazyFrame[Any]:
    """One row per customer and instant: the greatest and the least value of each covariate."""
    flags = [v for v in values if log.schema[v] == nw.Boolean]
    plain = lazy.with_columns(*[nw.col(v).cast(nw.Int64) for v in flags]) if flags else lazy
    least = {f"least_{v}": nw.col(v).min() for v in values}
    return plain.group_by("customer", "time").agg(*[nw.col(v).max() for v in values], **least)


def _refuse_clashes(known: Frame, values: Mapping[str, str], log: Frame) -> None:
    """Two values of a covariate at one instant: nobody can say which of them held."""
    for role, name in values.items():
        clash = known.lazy.filter(nw.col(role) != nw.col(f"least_{role}"))
        n = int(engine.collect(clash.select(n=nw.len()))["n"].iloc[0])
        if n:
            row = engine.collect(clash.sort("customer", "time").head(1)).iloc[0]
            two = f"{checks.plain(row[f'least_{role}'])} and {checks.plain(row[role])}"
            raise InputError(
                f"column {name!r} has two values at one instant, {n:,} times (for example {two} for "
                f"customer {checks.plain(row['customer'])} at {row['time']}): keep one of them, or "
                "give the times their hours."
            )


def _lined_up(
    pieces: nw.LazyFrame[Any], known: nw.LazyFrame[Any], values: Sequence[str],
    frame: Frame, log: Frame, unit: Period,
) -> nw.LazyFrame[Any]:  # fmt: skip
    """Each row of the spells once for its beginning and once for every change before its end.

    ``at`` is the position from which a change governs, ``order`` the instant it was made.
    """
    instant = periods.micros(nw.col("time"), is_date=log.is_date("time"))
    origin = periods.micros(nw.col("start"), is_date=frame.is_date("start"))
    if unit.clock == "calendar":
        moved = known.with_columns(order=instant, moved=unit.index(nw.col("time")))
        begun = pieces.with_columns(origin=unit.index(nw.col("start")))
        position = nw.col("moved") - nw.col("origin")
    else:
        moved, begun = known.with_columns(order=instant), pieces.with_columns(origin=origin)
        position = periods.floordiv(nw.col("order") - nw.col("origin"), unit.elapsed_us)
    near = begun.join(moved.select("customer", "order", *values, *(
        ["moved"] if unit.clock == "calendar" else [])), on="customer", how="inner")  # fmt: skip
    kind = pieces.collect_schema()["begin"]
    begin = nw.col("begin")
    governs = (nw.col("at") < nw.col("duration")) | (nw.col("at") <= begin)
    placed = near.with_columns(at=position.cast(kind)).filter(governs)
    placed = placed.with_columns(
        at=nw.when(nw.col("at") > begin).then(nw.col("at")).otherwise(begin)
    )
    schema = placed.collect_schema()
    first = begun.with_columns(
        at=begin,
        order=nw.lit(_EARLIEST).cast(nw.Int64),
        **{v: nw.lit(None).cast(schema[v]) for v in values},
    )
    columns = [*pieces.collect_schema().names(), "at", "order", *values]
    return nw.concat([first.select(*columns), placed.select(*columns)])


def _cut(lined: nw.LazyFrame[Any], values: Sequence[str], log: Frame) -> nw.LazyFrame[Any]:
    """Values carried forward, one row per position at which any of them changed."""
    filled = lined
    for value in values:
        is_known = nw.when(nw.col(value).is_null()).then(nw.lit(0)).otherwise(nw.lit(1))
        filled = filled.with_columns(is_known=is_known)
        filled = filled.with_columns(nth=nw.col("is_known").cum_sum().over(*_KEY, order_by="order"))
        filled = filled.with_columns(nw.col(value).max().over(*_KEY, "nth"))
    latest = filled.with_columns(latest=nw.col("order").max().over(*_KEY, "at"))
    latest = latest.filter(nw.col("order") == nw.col("latest"))
    past = latest.with_columns(
        **{f"past_{v}": nw.col(v).shift(1).over(*_KEY, order_by="at") for v in values}
    )
    moved = [
        (nw.col(v) != nw.col(f"past_{v}")).fill_null(False)
        | (nw.col(f"past_{v}").is_null() & ~nw.col(v).is_null())
        for v in values
    ]
    is_first = nw.col("at") == nw.col("begin")
    kept = past.filter(reduce(lambda a, b: a | b, moved, is_first))
    ends = kept.with_columns(until=nw.col("at").shift(-1).over(*_KEY, order_by="at"))
    schema, is_last = ends.collect_schema(), nw.col("until").is_null()
    until, flags = (
        nw.col("until").cast(schema["duration"]),
        [v for v in values if log.schema[v] == nw.Boolean],
    )
    return ends.with_columns(
        duration=nw.when(is_last).then(nw.col("duration")).otherwise(until),
        event=is_last & (nw.col("code") == 1),
        entry=nw.when(is_first).then(nw.col("entry")).otherwise(nw.col("at").cast(schema["entry"])),
        start=nw.col("start").cast(nw.Date),
        **{v: nw.col(v) == 1 for v in flags},
    )


def _count_customers(pieces: nw.LazyFrame[Any], known: nw.LazyFrame[Any]) -> list[Entry]:
    """Customers of the spells and of the changes, and how many of them are in both."""
    here = pieces.select("customer").unique()
    there = known.select("customer").unique()
    both = here.join(there, on="customer", how="inner")
    n, n_changed, n_both = (
        int(engine.collect(each.select(n=nw.len()))["n"].iloc[0]) for each in (here, there, both)
    )
    spells = {"read": n, "used": n, "no_changes": n - n_both}
    changes = {"read": n_changed, "used": n_both, "not_in_spells": n_changed - n_both}
    return entries(_STAGE, "customers", spells) + entries("changes", "customers", changes)
