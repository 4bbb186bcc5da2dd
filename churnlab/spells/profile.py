"""What is in a file, before any analysis: one line per finding."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from churnlab import checks, engine, periods
from churnlab.checks import IfPresent, InputError, entries
from churnlab.engine import Frame
from churnlab.periods import Period
from churnlab.spells import rows
from churnlab.spells.findings import Found, as_frame, of_days, of_hours, of_rows

_ODD = (
    *("nan", "null", "none", "na", "n/a", "#n/a", "<na>", "nat", "nil", "undefined", "unknown"),
    *("0", "0.0", "-1", "-", "--", ".", "?", "test", "dummy", "guest", "anonymous"),
)
_BLANKS = "[ \t\r\n\u00a0\u3000]+"
_RUNNING = 2**62  # an end later than every end
_WEEK_US = 7 * periods.DAY_US


def profile(
    data: Any,
    *,
    customer: str = "customer",
    time: str | None = IfPresent("time"),
    start: str | None = IfPresent("start"),
    end: str | None = IfPresent("end"),
    amount: str | None = IfPresent("amount"),
    as_of: Any = None,
    period: str | Period = "day",
) -> pd.DataFrame:
    """What is in a file of events or contracts, before any analysis: one line per finding.

    The trap: a file that can be read is not yet right. Ids that stand for nobody, holes in the log
    and dates that mean 'unknown' give plausible curves.

    Parameters
    ----------
    data : table or path
        Events (``time``) or contracts (``start``, ``end``), one row each.
    customer, time, start, end, amount : str
        Columns; ``time=None`` where a table of contracts has a column ``time`` too.
    as_of : date, optional
        Exclusive instant up to which the data is complete; only rows at or after it are told by it.
    period : str or Period
        "day", or a Period of days with the zone on whose wall clock days begin.

    Returns
    -------
    DataFrame
        ``finding, column, unit, n, share, example, meaning``: how many rows, customers or days
        (``unit``), as a share of all of them, an example as it stands, and what it means. The facts
        ``rows, customers, first_day, last_day`` are always there, a finding only where it is found.

    Raises
    ------
    InputError
        For a table with neither ``time`` nor ``start``, or with both, and mistyped columns.

    Notes
    -----
    Nothing is excluded or changed. A day stands alone when it is more than 92 days from the others.
    The data is read twice (contracts three times), and once more for an example of some findings.

    Examples
    --------
    >>> log = pd.DataFrame({"customer": ["A1", "a1 ", None], "time": pd.to_datetime(
    ...     ["2026-01-05 10:30", "2026-01-06 11:20", "2026-01-06 12:10"])})
    >>> found = profile(log)
    >>> found.loc[found["finding"].str.contains("customer"), ["finding", "n", "example"]]
                    finding  n       example
    1             customers  2          None
    4      missing_customer  1          None
    5  look_alike_customers  2  'A1' | 'a1 '
    """
    unit = Period.of(period)
    if unit.days != 1 or unit.clock != "calendar":
        raise InputError(
            f"period={unit.unit!r}: profile counts days; use 'day', or a Period of days."
        )
    columns = {"customer": customer, "time": time, "start": start, "end": end, "amount": amount}
    frame = _open(data, columns, unit)
    role = "time" if frame.has("time") else "start"
    moment = None if as_of is None else periods.instant(as_of, argument="as_of", tz=frame.tz)
    daily = _daily(frame, role, moment)
    found = [
        *of_rows(daily, frame, role),
        *of_days(daily, frame, role),
        *of_hours(daily, frame, role),
        *_of_customers(frame, role, int(daily["n"].sum())),
        *(_of_contracts(frame, int(daily["n"].sum())) if role == "start" else []),
    ]
    table = as_frame(found)
    n = int(daily["n"].sum())
    lines = [*checks.history(data)[1], *entries("profile", "rows", {"read": n, "used": n})]
    table.attrs = checks.attrs(None if moment is None else moment.isoformat(), lines)
    return table


def _open(data: Any, columns: Mapping[str, str | None], unit: Period) -> Frame:
    """Events if there is a time, contracts if there is a start; never both."""
    have = engine.column_names(data)
    there = [r for r in ("time", "start") if columns[r] is not None and _plays(columns[r], have)]
    if len(there) == 2:
        raise InputError(
            f"the table has {str(columns['time'])!r} and {str(columns['start'])!r}: say start=None for "
            "events, or time=None for contracts."
        )
    kinds = {"customer": "id", "time": "time", "start": "time", "end": "time", "amount": "amount"}
    if not there:
        checks.require_columns(["time"], have, remedy="Name the time of events in time=, or the "
                               "start of contracts in start=.")  # fmt: skip
    wanted = ["customer", "amount", *there] + (["end"] if there == ["start"] else [])
    return engine.scan(
        data,
        {r: (columns[r], kinds[r]) for r in wanted if columns[r] is not None or r == "customer"},
        tz=unit.tz,
    )


def _plays(name: str | None, have: list[str]) -> bool:
    """Whether a role is to be read: what was named must exist, a default may be missing."""
    near = checks.look_alikes(str(name), have)
    return not isinstance(name, IfPresent) or name in have or bool(near)


def _flag(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0))


# ----------------------------------------------------------------- the first reading: day by day
def _daily(frame: Frame, role: str, as_of: datetime | None) -> pd.DataFrame:
    """Rows per day and whole hour (-1 where it is none), with the number of each kind of row."""
    time, amount = nw.col(role), nw.col("amount")
    hour = nw.lit(0).cast(nw.Int64)
    if not frame.is_date(role):
        odd = (time.dt.minute() != 0) | (time.dt.second() != 0) | (time.dt.microsecond() != 0)
        hour = nw.when(odd).then(nw.lit(-1)).otherwise(time.dt.hour().cast(nw.Int64))
    tests = {"missing_customer": rows.missing_customer(frame)}
    if as_of is not None:
        tests["after_as_of"] = ~rows.before(frame, role, as_of)
    if frame.has("amount"):
        tests |= {"missing_amount": amount.is_null(), "negative_amount": amount < 0}
        tests["zero_amount"] = amount == 0
    if frame.has("end"):
        end = nw.col("end")
        tests |= {"running": end.is_null(), "end_before_start": end < time}
        tests |= {"end_equals_start": end == time, "far_end": end.dt.year() == 9999}
    least = amount.cast(nw.Float64) if frame.has("amount") else nw.lit(None).cast(nw.Float64)
    flags = {name: _flag(test.fill_null(False)) for name, test in tests.items()}
    # by the fields of the calendar, and the number of the day only once for all rows of a day
    fields = {"year": time.dt.year(), "ordinal": time.dt.ordinal_day(), "hour": hour}
    marked = frame.lazy.with_columns(**fields, least=least, **flags)
    counted = marked.group_by(*fields).agg(
        nw.len().alias("n"),
        nw.col("least").min(),
        *[nw.col(name).sum() for name in flags],
        at=time.min(),
    )
    counted = counted.with_columns(day=periods.day_number(nw.col("at")))
    counted = counted.select("day", "hour", "n", "least", *flags)
    found = engine.collect(counted).astype(dict.fromkeys(["n", *flags], "int64"))
    found["day"] = found["day"].astype("float64")  # missing where there is no time
    return found.sort_values(["day", "hour"], ignore_index=True)


# ------------------------------------------------------- the second reading: customer by customer
def _of_customers(frame: Frame, role: str, n_rows: int) -> list[Found]:
    """Customers in all, ids that are odd or look alike, customers with one row, the busiest."""
    each = _each_customer(frame, role)
    total = _totals(each, frame)
    n, column = total["customers"], frame.column("customer")
    found = [Found("customers", column, "customers", n, n)]
    if total["extra"]:
        found.append(Found("identical_rows", None, "rows", total["extra"], n_rows))
    if role == "time":
        found += [
            Found(name, column, "customers", total[name], n)
            for name in ("one_event", "one_day") if total[name]
        ]  # fmt: skip
    if total["odd"]:
        odd = _best(each.filter(_is_odd(frame)))
        found.append(Found("odd_customer", column, "rows", total["odd"], n_rows, odd))
    if total["alike"]:
        pairs = _forms(each).filter(nw.col("ids") > 1).sort("form").head(1)
        two = engine.collect(pairs).iloc[0]
        shown = f"{two['low']!r} | {two['high']!r}"
        found.append(Found("look_alike_customers", column, "customers", total["alike"], n, shown))
    most = total["most"]
    if n and most > 0.01 * n_rows and most > 10 * total["named"] / n:
        busy = _best(each)
        found.append(Found("busiest_customer", column, "rows", most, n_rows, busy))
    return found


def _each_customer(frame: Frame, role: str) -> nw.LazyFrame[Any]:
    """One row per customer: rows, repeats among them, first and last day, flags."""
    named = frame.lazy.filter(~rows.missing_customer(frame))
    cells = named.group_by(*frame.roles).agg(n=nw.len())
    marked = cells.with_columns(extra=nw.col("n") - 1)
    each = marked.group_by("customer").agg(
        nw.col("n").sum(), nw.col("extra").sum(), low=nw.col(role).min(), high=nw.col(role).max()
    )
    low, high = (periods.day_number(nw.col(name)) for name in ("low", "high"))
    return each.with_columns(
        one_event=_flag(nw.col("n") == 1),
        one_day=_flag((low == high).fill_null(False)),
        odd=nw.when(_is_odd(frame)).then(nw.col("n")).otherwise(nw.lit(0)),
    )


def _plain_id() -> nw.Expr:
    """An id without outer blanks, in small letters."""
    outer = f"^{_BLANKS}|{_BLANKS}$"
    return nw.col("customer").str.replace_all(outer, "").str.to_lowercase()


def _is_odd(frame: Frame) -> nw.Expr:
    if frame.schema["customer"] == nw.String:
        return _plain_id().is_in(list(_ODD))
    return nw.col("customer").is_in([0, -1])


def _forms(each: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Ids by what is left of them without case, outer blanks, leading zeros and a trailing .0."""
    form = _plain_id().str.replace_all("[.]0$", "").str.replace_all("^0+", "")
    sums = ("n", "extra", "one_event", "one_day", "odd")
    return (
        each.with_columns(form=form)
        .group_by("form")
        .agg(
            *[nw.col(name).sum() for name in sums],
            ids=nw.len(), most=nw.col("n").max(),
            low=nw.col("customer").min(), high=nw.col("customer").max(),
        )
    )  # fmt: skip


def _totals(each: nw.LazyFrame[Any], frame: Frame) -> dict[str, int]:
    """All of it added up where the data lives; ids that are numbers cannot look alike."""
    if frame.schema["customer"] == nw.String:
        forms = _forms(each)
    else:
        forms = each.with_columns(ids=nw.lit(1), most=nw.col("n"))
    alike = nw.when(nw.col("ids") > 1).then(nw.col("ids")).otherwise(nw.lit(0))
    sums = {"named": "n", "customers": "ids"}
    sums |= {name: name for name in ("extra", "one_event", "one_day", "odd", "alike")}
    total = forms.with_columns(alike=alike).select(
        most=nw.col("most").max(), **{name: nw.col(column).sum() for name, column in sums.items()}
    )
    row = engine.collect(total).fillna(0).iloc[0]
    return {str(name): int(value) for name, value in row.items()}


def _best(each: nw.LazyFrame[Any]) -> Any:
    """The customer with the most rows."""
    top = each.select("customer", "n").sort("n", "customer", descending=[True, False]).head(1)
    return engine.collect(top)["customer"].iloc[0]


# ------------------------------------------------------------- contracts: how they follow each other
def _of_contracts(frame: Frame, n_rows: int) -> list[Found]:
    """Contracts that overlap an earlier one of the customer, or follow it within a week."""
    if not frame.has("end"):
        return []
    start, end = nw.col("start"), nw.col("end")
    from_us = periods.micros(start, is_date=frame.is_date("start"))
    to_us = periods.micros(end, is_date=frame.is_date("end"))
    placed = frame.lazy.filter(~rows.missing_customer(frame), ~start.is_null())
    placed = placed.select(
        "customer", from_us=from_us,
        to_us=nw.when(end.is_null()).then(nw.lit(_RUNNING)).otherwise(to_us).cast(nw.Int64),
    ).filter(nw.col("to_us") >= nw.col("from_us"))  # fmt: skip
    order = ["from_us", "to_us"]
    single = placed.unique()  # a contract that is there twice does not overlap itself
    reach = single.with_columns(reach=nw.col("to_us").cum_max().over("customer", order_by=order))
    past = reach.with_columns(past=nw.col("reach").shift(1).over("customer", order_by=order))
    gap = nw.col("from_us") - nw.col("past")
    tests = {"overlapping_contracts": gap < 0, "short_gap": (gap > 0) & (gap < _WEEK_US)}
    marked = past.with_columns(
        **{name: _flag(test.fill_null(False)) for name, test in tests.items()},
        **{f"who_{name}": nw.when(test).then(nw.col("customer")) for name, test in tests.items()},
    )
    row = engine.collect(
        marked.select(
            *[nw.col(name).sum() for name in tests],
            *[nw.col(f"who_{name}").min() for name in tests],
        )
    ).iloc[0]
    return [
        Found(name, frame.column("start"), "rows", int(row[name]), n_rows, row[f"who_{name}"])
        for name in tests if not pd.isna(row[name]) and row[name]
    ]  # fmt: skip
