"""The retention triangle of 24 months from raw events in one Parquet file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import data
from benchmarks.cases import THREADS, Case, Contender
from benchmarks.data import MONTHS, YEAR

if TYPE_CHECKING:
    import duckdb

    from benchmarks.cases import Answer


# --- churnlab -------------------------------------------------------------------------------------
def churnlab(folder: Path) -> Callable[[], Any]:
    return _churnlab(folder, as_of=f"{YEAR + MONTHS // 12}-01-01")


def churnlab_last_day(folder: Path) -> Callable[[], Any]:
    """Without as_of: churnlab finds the last day of the log itself."""
    return _churnlab(folder)


def churnlab_money(folder: Path) -> Callable[[], Any]:
    """The road of every other rule and measure: activity per customer and month, joined."""
    return _churnlab(folder, as_of=f"{YEAR + MONTHS // 12}-01-01", measure="money", amount="paid")


def churnlab_on_or_after(folder: Path) -> Callable[[], Any]:
    return _churnlab(folder, as_of=f"{YEAR + MONTHS // 12}-01-01", rule="on_or_after")


def _churnlab(folder: Path, **arguments: Any) -> Callable[[], Any]:
    import churnlab as cl

    retention, file = cl.cohorts.retention, folder / "events.parquet"
    return lambda: retention(file, **arguments)


def _of_frame(triangle: Any) -> Answer:
    cohort = (triangle["cohort"].dt.year - YEAR) * 12 + triangle["cohort"].dt.month - 1
    return _square(cohort, triangle["age"], triangle["n_seen"])


# --- SQL written for the question -----------------------------------------------------------------
_MONTH = f"(year(time) - {YEAR}) * 12 + month(time) - 1"
_BITS = ", ".join(f"sum((mask >> {month}) & 1)" for month in range(MONTHS))
# one mask of months per customer; its lowest bit is the cohort
_MASKS = f"""
    WITH masks AS (
        SELECT customer, bit_or(1::BIGINT << ({_MONTH})) AS mask FROM events GROUP BY customer
    )
    SELECT bit_count((mask & -mask) - 1) AS cohort, {_BITS} FROM masks GROUP BY cohort
"""
_AFTER = ", ".join(f"sum(((mask >> {month}) > 0)::INT)" for month in range(MONTHS))
_ON_OR_AFTER = _MASKS.replace(_BITS, _AFTER)
_COUNT_DISTINCT = f"""
    WITH firsts AS (SELECT customer, min({_MONTH}) AS cohort FROM events GROUP BY customer)
    SELECT cohort, {_MONTH} - cohort AS age, count(DISTINCT customer) AS n
    FROM events JOIN firsts USING (customer) GROUP BY ALL
"""
_DISTINCT_FIRST = f"""
    WITH active AS (SELECT DISTINCT customer, {_MONTH} AS month FROM events),
    firsts AS (SELECT customer, min(month) AS cohort FROM active GROUP BY customer)
    SELECT cohort, month - cohort AS age, count(*) AS n
    FROM active JOIN firsts USING (customer) GROUP BY ALL
"""
_SCAN = "SELECT count(*), sum(customer), max(time) FROM events"


def _sql(query: str) -> Callable[[Path], Callable[[], Any]]:
    def prepare(folder: Path) -> Callable[[], Any]:
        con = _connect(folder)
        return lambda: con.sql(query).fetchnumpy()

    return prepare


def _connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """The settings of churnlab's own DuckDB."""
    import duckdb

    con = duckdb.connect(config={"threads": THREADS, "preserve_insertion_order": "false"})
    con.read_parquet(str(folder / "events.parquet")).create_view("events")
    return con


def _of_masks(columns: Any) -> Answer:
    cohort, *active = (np.asarray(values) for values in columns.values())
    cohort, month = np.broadcast_arrays(cohort[:, None], np.arange(MONTHS))
    there = month >= cohort
    counts = np.column_stack(active)
    return _square(cohort[there], (month - cohort)[there], counts[there])


def _of_rows(columns: Any) -> Answer:
    return _square(columns["cohort"], columns["age"], columns["n"])


# --- the idiom of tutorials -----------------------------------------------------------------------
def pandas_idiom(folder: Path) -> Callable[[], Any]:
    """Period columns, transform('min'), nunique: the events are read inside the clock, as above."""
    con = _connect(folder)

    def call() -> Any:
        events = con.sql("SELECT customer, time FROM events").df()
        events["month"] = events["time"].dt.to_period("M")
        events["cohort"] = events.groupby("customer")["month"].transform("min")
        later = events["month"].dt.year - events["cohort"].dt.year
        events["age"] = later * 12 + events["month"].dt.month - events["cohort"].dt.month
        return events.groupby(["cohort", "age"])["customer"].nunique().reset_index(name="n")

    return call


def _of_periods(triangle: Any) -> Answer:
    cohort = (triangle["cohort"].dt.year - YEAR) * 12 + triangle["cohort"].dt.month - 1
    return _square(cohort, triangle["age"], triangle["n"])


def _square(cohort: Any, age: Any, n: Any) -> Answer:
    """Customers seen, as cohort × age; cells without any are 0."""
    seen = np.zeros((MONTHS, MONTHS))
    seen[np.asarray(cohort, dtype=int), np.asarray(age, dtype=int)] = np.asarray(n, dtype=float)
    return {"seen": seen}


_LONG = 10**8
_SHORT = 10**7  # what would make a long run a very long one is left out of it
_CONTENDERS = (
    Contender("churnlab", churnlab, _of_frame, ("churnlab", "duckdb")),
    Contender(
        "churnlab, as_of left out", churnlab_last_day, _of_frame, ("churnlab", "duckdb"), _SHORT
    ),
    Contender("churnlab, money", churnlab_money, _of_frame, ("churnlab", "duckdb"), _SHORT),
    Contender("SQL with bit_or", _sql(_MASKS), _of_masks, ("duckdb",)),
    Contender("SQL, distinct first", _sql(_DISTINCT_FIRST), _of_rows, ("duckdb",), _SHORT),
    Contender("SQL, count(distinct)", _sql(_COUNT_DISTINCT), _of_rows, ("duckdb",), _SHORT),
    Contender("pandas idiom", pandas_idiom, _of_periods, ("pandas", "duckdb")),
    Contender("scan alone", _sql(_SCAN), None, ("duckdb",)),
)
_LATER = (
    Contender("churnlab", churnlab_on_or_after, _of_frame, ("churnlab", "duckdb")),
    Contender("SQL with bit_or", _sql(_ON_OR_AFTER), _of_masks, ("duckdb",)),
)
_ROWS = (10**5, 10**6, _SHORT, _LONG)
CASES = (
    Case("even", data.even, _CONTENDERS, _ROWS, long_from=_LONG),
    Case("decaying", data.decaying, _CONTENDERS, _ROWS, long_from=_LONG),
    Case("decaying, on or after", data.decaying, _LATER, _ROWS[1:3]),
)
