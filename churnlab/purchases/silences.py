"""Each customer's silence, held against the customer's own rhythm."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import narwhals.stable.v2 as nw

from churnlab import checks, engine
from churnlab.checks import Entry, IfPresent, Table, entries
from churnlab.periods import Period
from churnlab.purchases.gaps import Log, between, calendar, read
from churnlab.spells import rows

_STAGE = "silences"
_COLUMNS = ("customer", "n_gaps", "last", "since_last", "median_gap", "multiple")


def silences(
    events: Any,
    *,
    customer: str = "customer",
    time: str = "time",
    amount: str | None = IfPresent("amount"),
    period: str | Period = "day",
    as_of: Any = None,
    least_gaps: int = 2,
    keep: str | Sequence[str] = (),
) -> Table:
    """How long each customer has been silent, in the customer's own usual gaps.

    The trap: one limit for all calls the weekly customer active for too long, and the yearly one
    lost too early. A silence is long or short by the rhythm of who is silent.

    Parameters
    ----------
    events : table or path
        One row per thing a customer did.
    customer, time, amount : str
        Columns. Negative amounts are refunds and no activity; zero amounts are activity.
    period : str or Period
        Calendar unit of gaps and silences, a day unless said.
    as_of : date, optional
        Exclusive instant up to which the log is complete; default: the end of its last day.
    least_gaps : int
        Customers with fewer gaps have no rhythm yet: ``median_gap`` and ``multiple`` are missing.
    keep : str or sequence of str
        Columns to carry along, with the value on the customer's first row.

    Returns
    -------
    Table
        One row per customer: ``customer, n_gaps, last`` (day of the last activity), ``since_last,
        median_gap, multiple`` (since_last / median_gap) and the kept columns.

    Raises
    ------
    InputError
        For missing or mistyped columns, or a last day that looks like a slip.

    Notes
    -----
    ``since_last`` is the gap there would be if the customer came at ``as_of``: 1 for who was active
    in the last whole period, 0 for who was in the one in progress. Gaps are those of
    :func:`gap_quantiles`; the median of an even number of them is the mean of the two middle ones.
    A multiple is of a gap that is still running: it says how long at least, not that it has ended.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame({"customer": list("aaab"), "time": pd.to_datetime(
    ...     ["2026-01-01", "2026-01-11", "2026-01-31", "2026-02-20"])})
    >>> silences(log, as_of="2026-03-18").frame[["customer", "since_last", "median_gap", "multiple"]]
      customer  since_last  median_gap  multiple
    0        a          46        15.0  3.066667
    1        b          26         NaN       NaN
    """
    unit = calendar(period, _STAGE)
    least = checks.whole("least_gaps", least_gaps, least=1)
    kept = checks.group_columns(keep, _COLUMNS, argument="keep")
    labels = {f"keep{i}": name for i, name in enumerate(kept)}
    log = read(events, (customer, time, amount), labels, unit, as_of)
    found = _per_customer(log, unit, least)
    if labels:
        first = rows.first_values(log.used, list(labels), "time")
        found = found.join(first, on="customer", how="left")
    result = engine.hand_back(
        found.select(*_COLUMNS, *labels), log.frame.home, ["customer"], labels
    )

    def count() -> list[Entry]:
        return [
            *checks.history(events)[1],
            *rows.count_rows(log.frame, log.rules, _STAGE),
            *_count_customers(log),
            *rows.count_changed(log.used, list(labels), "time", _STAGE),
        ]

    note = partial(rows.count_identical, log.frame, log.rules, _STAGE)
    return Table(result, log.as_of.isoformat(), count, note)


def _per_customer(log: Log, unit: Period, least: int) -> nw.LazyFrame[Any]:
    """One row per customer with the median of the gaps and the silence since."""
    gap = nw.col("gap")
    # the first active period ends no gap; a median leaves out what is missing
    ended = between(log.used, unit).with_columns(gap=nw.when(gap > 0).then(gap))
    each = ended.group_by("customer").agg(
        nw.col("time").max(),
        nw.col("index").max(),
        n_gaps=(nw.len() - 1).cast(nw.Int64),
        middle=gap.median(),
    )
    since = nw.lit(unit.index_of(log.as_of)).cast(nw.Int64) - nw.col("index")
    median = nw.when(nw.col("n_gaps") >= least).then(nw.col("middle").cast(nw.Float64))
    told = each.with_columns(
        last=nw.col("time").cast(nw.Date),
        since_last=since.cast(nw.Int64),
        median_gap=median,
    )
    return told.with_columns(multiple=nw.col("since_last").cast(nw.Float64) / nw.col("median_gap"))


def _count_customers(log: Log) -> list[Entry]:
    """Customers with any activity, and those all of whose rows were excluded."""
    named = log.frame.lazy.filter(~rows.missing_customer(log.frame))
    n, n_used = (
        int(engine.collect(each.select("customer").unique().select(n=nw.len()))["n"].iloc[0])
        for each in (named, log.used.lazy)
    )
    return entries(_STAGE, "customers", {"read": n, "used": n_used, "no_activity": n - n_used})
