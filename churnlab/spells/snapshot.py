"""Snapshots: what was known of a customer on a day, and whether they came back after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import narwhals.stable.v2 as nw

from churnlab import checks, engine, periods
from churnlab.checks import Entry, IfPresent, InputError, Table, entries
from churnlab.engine import Frame
from churnlab.periods import Period
from churnlab.spells import rows

_STAGE = "to_snapshot"
_UNIT = 10_000  # money is added in whole ten-thousandths
_FEATURES = ("n_events", "n_periods", "since_last", "tenure", "amount")
_COLUMNS = ("customer", "observed_at", *_FEATURES, "event")


def to_snapshot(
    events: Any,
    *,
    observed_at: Any,
    feature_window: int,
    label_window: int,
    customer: str = "customer",
    time: str = "time",
    amount: str | None = IfPresent("amount"),
    period: str | Period = "day",
    as_of: Any = None,
    keep: str | Sequence[str] = (),
) -> Table:
    """One row per customer and day of observation: what was known then, and who did not come back.

    The trap: a feature that saw anything after the day of observation knows the answer. Features
    end where the label begins, and a label that is not over is refused.

    Parameters
    ----------
    events : table or path
        One row per thing a customer did.
    observed_at : date or list of dates
        Days of observation, each the first of a period; nothing of the day itself is a feature.
    feature_window, label_window : int
        Whole periods looked back on, and looked ahead at.
    customer, time, amount : str
        Columns. Negative amounts are refunds: money, and no activity.
    period : str or Period
        Unit of the windows and of ``since_last`` and ``tenure``.
    as_of : date, optional
        Exclusive instant up to which the log is complete; default: the end of its last day.
    keep : str or sequence of str
        Columns to carry along, with the value on the customer's first row, which cannot leak.

    Returns
    -------
    Table
        ``customer, observed_at, n_events, n_periods, since_last, tenure, amount, event`` and the kept
        columns, for customers with activity in the feature window.

    Raises
    ------
    InputError
        Where a label window reaches beyond ``as_of``, or windows and days do not fit the period.

    Notes
    -----
    Features: t − feature_window ≤ time < t; ``tenure`` alone looks back without limit, to the first
    activity. ``event``: no activity in t ≤ time < t + label_window. ``amount`` is net of refunds, and
    missing where none is known.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame({"customer": ["a", "a", "b"], "time": pd.to_datetime(
    ...     ["2026-01-05", "2026-02-10", "2026-01-20"])})
    >>> table = to_snapshot(log, observed_at="2026-02-01", feature_window=30, label_window=28,
    ...     as_of="2026-03-01")
    >>> table.frame[["customer", "n_events", "since_last", "event"]]
      customer  n_events  since_last  event
    0        a         1          27  False
    1        b         1          12   True
    """
    unit = Period.of(period)
    back = checks.whole("feature_window", feature_window, least=1)
    ahead = checks.whole("label_window", label_window, least=1)
    kept = checks.group_columns(keep, _COLUMNS, argument="keep")
    labels = {f"keep{i}": name for i, name in enumerate(kept)}
    frame = engine.scan(
        events,
        {"customer": (customer, "id"), "time": (time, "time"), "amount": (amount, "amount")}
        | {role: (name, "label") for role, name in labels.items()},
        tz=unit.tz,
    )
    rows.refuse_elapsed_zones(frame, unit)
    days = _days(observed_at, unit, frame.tz)
    moment = rows.resolve_as_of(frame, as_of)
    _refuse_unseen(days, ahead, unit, moment)
    rules = _rules(frame, moment, days[-1], ahead, unit)
    seen = _seen(rows.used(frame, rules), unit)
    found = nw.concat([_snapshot(seen, day, back, ahead, unit) for day in days])
    if labels:
        first = rows.first_values(rows.used(frame, rules), list(labels), "time")
        found = found.join(first, on="customer", how="left")
    result = engine.hand_back(
        found.select(*_COLUMNS, *labels), frame.home, ["customer", "observed_at"], labels
    )

    def count() -> list[Entry]:
        return [
            *checks.history(events)[1],
            *rows.count_rows(frame, rules, _STAGE),
            *_count_unpriced(frame, rules),
            *_count_customers(frame, rules, found),
            *rows.count_changed(rows.used(frame, rules), list(labels), "time", _STAGE),
        ]

    return Table(
        result, moment.isoformat(), count, lambda: rows.count_identical(frame, rules, _STAGE)
    )


def _days(observed_at: Any, unit: Period, tz: str | None) -> list[datetime]:
    """The days of observation in order, each at 00:00 and, on the calendar, the first of a period."""
    given = observed_at if isinstance(observed_at, list | tuple) else None
    if given is None and hasattr(observed_at, "__iter__") and not isinstance(observed_at, str):
        given = list(observed_at)  # a pandas index or a numpy array
    moments = [
        periods.instant(day, argument="observed_at", tz=tz)
        for day in (given if given is not None else [observed_at])
    ]
    if not moments:
        raise InputError("observed_at is an empty list: name at least one day of observation.")
    for moment in moments:
        if moment != datetime(moment.year, moment.month, moment.day):
            raise InputError(f"observed_at={moment} is not a day: observe at 00:00, a date.")
        first = unit.starts([unit.index_of(moment)])[0].item()
        if unit.clock == "calendar" and moment != first:
            raise InputError(
                f"observed_at={moment:%Y-%m-%d} is not the first day of a {unit.unit} period: the "
                f"windows are whole periods. Use {first:%Y-%m-%d}, or period='day'."
            )
    if len(set(moments)) < len(moments):
        raise InputError(f"observed_at names {_twice(moments):%Y-%m-%d} twice.")
    return sorted(moments)


def _twice(moments: Sequence[datetime]) -> datetime:
    return next(m for i, m in enumerate(moments) if m in moments[:i])


def _refuse_unseen(days: Sequence[datetime], ahead: int, unit: Period, as_of: datetime) -> None:
    """Refuse a label that is not over by as_of, and name the latest day whose label is."""
    if unit.clock == "calendar":
        latest = unit.starts([unit.index_of(as_of) - ahead])[0].item()
    else:
        last = periods.micros_of(as_of) - ahead * unit.elapsed_us
        latest = datetime.fromordinal(719_163 + last // periods.DAY_US)
    late = [day for day in days if day > latest]
    if late:
        raise InputError(
            f"observed_at={late[-1]:%Y-%m-%d}: its label window of {ahead} {unit.unit} periods is not "
            f"over by as_of={as_of:%Y-%m-%d}, so who comes back is not yet known. The latest day of "
            f"observation is {latest:%Y-%m-%d}."
        )


def _rules(
    frame: Frame, as_of: datetime, last: datetime, ahead: int, unit: Period
) -> dict[str, nw.Expr]:
    """Refunds stay: they net the money of an activity, and are told apart later."""
    rules = rows.event_rules(frame, as_of)
    rules.pop("refund", None)
    rules["after_label"] = ~(_place(frame, unit) < _at(last, unit) + ahead * _length(unit))
    return rules


def _length(unit: Period) -> int:
    return 1 if unit.clock == "calendar" else unit.elapsed_us


def _place(frame: Frame, unit: Period) -> nw.Expr:
    """Where an event lies: the index of its period, or its instant on the elapsed clock."""
    time = nw.col("time")
    if unit.clock == "calendar":
        return unit.index(time)
    return periods.micros(time, is_date=frame.is_date("time"))


def _at(day: datetime, unit: Period) -> int:
    return unit.index_of(day) if unit.clock == "calendar" else periods.micros_of(day)


def _seen(used: Frame, unit: Period) -> nw.LazyFrame[Any]:
    """Every used row with its place, whether it is activity, and its money in ten-thousandths."""
    amount = nw.col("amount") if used.has("amount") else nw.lit(None).cast(nw.Float64)
    placed = used.lazy.with_columns(place=_place(used, unit), money=amount)
    money, place = nw.col("money"), nw.col("place")
    is_activity = ~(money.fill_null(0) < 0)
    marked = placed.with_columns(
        active=nw.when(is_activity).then(nw.lit(1)).otherwise(nw.lit(0)),
        priced=nw.when(money.is_null()).then(nw.lit(0)).otherwise(nw.lit(1)),
        money=(money.fill_null(0) * _UNIT).round(0).cast(nw.Int64),
        act=nw.when(is_activity).then(place),
    )
    return marked.with_columns(first=nw.col("act").min().over("customer"))


def _snapshot(
    seen: nw.LazyFrame[Any], day: datetime, back: int, ahead: int, unit: Period
) -> nw.LazyFrame[Any]:
    """The rows of one day of observation, counted period by period before customer by customer."""
    t, length = _at(day, unit), _length(unit)
    since = nw.col("place") - t
    near = seen.with_columns(rel=since if length == 1 else periods.floordiv(since, length))
    cells = (
        near.filter(nw.col("rel") >= -back, nw.col("rel") < ahead)
        .group_by("customer", "rel")
        .agg(
            nw.col("active").sum(), nw.col("money").sum(), nw.col("priced").sum(),
            nw.col("act").max(), nw.col("first").min(),
        )
    )  # fmt: skip
    before, some = nw.col("rel") < 0, nw.col("active") > 0
    zero = nw.lit(0)
    marked = cells.with_columns(
        n_events=nw.when(before).then(nw.col("active")).otherwise(zero),
        n_periods=nw.when(before & some).then(nw.lit(1)).otherwise(zero),
        money=nw.when(before).then(nw.col("money")).otherwise(zero),
        priced=nw.when(before).then(nw.col("priced")).otherwise(zero),
        last=nw.when(before).then(nw.col("act")),
        later=nw.when(~before & some).then(nw.lit(1)).otherwise(zero),
    )
    totals = ("n_events", "n_periods", "money", "priced", "later")
    each = marked.group_by("customer").agg(
        *[nw.col(name).sum().cast(nw.Int64) for name in totals],
        nw.col("last").max(),
        nw.col("first").min(),
    )
    # a divisor of its own per row: by a constant, polars multiplies with 1/10000, which is not exact
    known = each.filter(nw.col("n_events") > 0).with_columns(unit=nw.col("priced") * 0 + _UNIT)
    return known.select(
        "customer",
        "n_events",
        "n_periods",
        observed_at=nw.lit(day.date()).cast(nw.Date),
        since_last=_whole(t - nw.col("last"), length),
        tenure=_whole(t - nw.col("first"), length),
        amount=nw.when(nw.col("priced") > 0).then(nw.col("money") / nw.col("unit")),
        event=nw.col("later") == 0,
    )


def _whole(x: nw.Expr, length: int) -> nw.Expr:
    return x.cast(nw.Int64) if length == 1 else periods.floordiv(x, length)


def _count_unpriced(frame: Frame, rules: Mapping[str, nw.Expr]) -> list[Entry]:
    if not frame.has("amount"):
        return []
    bare = rows.used(frame, rules).lazy.filter(nw.col("amount").is_null())
    n = int(engine.collect(bare.select(n=nw.len()))["n"].iloc[0])
    return entries(_STAGE, "rows", {"amount_unknown": n})


def _count_customers(
    frame: Frame, rules: Mapping[str, nw.Expr], found: nw.LazyFrame[Any]
) -> list[Entry]:
    """Customers who are in the table on any day, and those who are on none."""
    named = frame.lazy.filter(~rows.missing_customer(frame))
    used = rows.used(frame, rules).lazy
    if frame.has("amount"):
        used = used.filter(~(nw.col("amount").fill_null(0) < 0))
    n, n_active, n_used = (
        int(engine.collect(each.select("customer").unique().select(n=nw.len()))["n"].iloc[0])
        for each in (named, used, found)
    )
    counted = {"read": n, "used": n_used, "no_activity": n - n_active}
    return entries(_STAGE, "customers", counted | {"outside_window": n_active - n_used})
