"""Periods: indices against pandas' calendar, labels, zones and instants."""

from __future__ import annotations

from datetime import date, datetime

import duckdb
import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

import churnlab as cl
from churnlab import engine, periods
from tests.conftest import needs_module

UNITS = ["day", "week", "month", "quarter", "year", "28D", "1D", "10D"]
DAYS = pd.date_range("1899-12-25", "2105-01-10", freq="11D")


def indices(times: pd.DatetimeIndex, period: cl.Period) -> list[int]:
    frame = engine.scan(pd.DataFrame({"t": times}), {"t": ("t", "time")})
    rows = frame.then(lambda lazy: lazy.with_columns(i=period.index(nw.col("t"))))
    return engine.collect(rows.lazy).sort_values("t")["i"].tolist()


@pytest.mark.parametrize("unit", UNITS)
def test_engine_and_python_agree_and_starts_invert(unit):
    period = cl.Period(unit)

    by_engine = indices(DAYS, period)

    assert by_engine == [period.index_of(t.to_pydatetime()) for t in DAYS]
    starts = period.starts(by_engine)
    assert (starts <= DAYS.to_numpy()).all()
    assert (period.starts(np.array(by_engine) + 1) > DAYS.to_numpy()).all()
    assert [period.index_of(pd.Timestamp(s).to_pydatetime()) for s in starts] == by_engine


@pytest.mark.parametrize("week_start", range(1, 8))
def test_weeks_begin_on_their_weekday(week_start):
    period = cl.Period("week", week_start=week_start)

    starts = pd.DatetimeIndex(period.starts(indices(DAYS, period)))

    assert set(starts.day_of_week) == {week_start - 1}
    assert ((DAYS - starts).days < 7).all()


@pytest.mark.parametrize("unit", UNITS)
def test_a_period_starts_where_it_starts(unit):
    period = cl.Period(unit)
    edges = pd.DatetimeIndex(period.starts(np.arange(20) + period.index_of(datetime(2023, 12, 1))))
    times = edges.append(edges + pd.Timedelta(seconds=1)).append(edges - pd.Timedelta(seconds=1))
    frame = engine.scan(pd.DataFrame({"t": times}), {"t": ("t", "time")})

    rows = frame.then(lambda lazy: lazy.with_columns(s=period.is_start(nw.col("t"), is_date=False)))
    found = engine.collect(rows.lazy)

    assert set(found.loc[found["s"], "t"]) == set(edges)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)))
def test_microseconds_are_exact(moment):
    whole = pd.Timestamp(moment)

    assert periods.micros_of(moment) == (whole - pd.Timestamp(0)) // pd.Timedelta(microseconds=1)


def test_microseconds_on_the_engine():
    times = pd.to_datetime(["1969-12-31 23:59:59.999999", "2024-02-29 12:30:15.000001"])
    frame = engine.scan(pd.DataFrame({"t": times}), {"t": ("t", "time")})

    rows = frame.then(lambda f: f.with_columns(us=periods.micros(nw.col("t"), is_date=False)))

    found = sorted(engine.collect(rows.lazy)["us"].tolist())
    assert found == [periods.micros_of(t.to_pydatetime()) for t in times]


def test_labels():
    assert cl.Period("month").labels([2026 * 12]) == ["2026-01"]
    assert cl.Period("quarter").labels([2026 * 4 + 1]) == ["2026Q2"]
    assert cl.Period("year").labels([2026]) == ["2026"]
    assert cl.Period("week").labels([0]) == ["1969-12-29"]


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-15",
        date(2026, 3, 15),
        datetime(2026, 3, 15),
        pd.Timestamp("2026-03-15"),
        np.datetime64("2026-03-15"),
        " 2026-03-15T00:00:00 ",
    ],
)
def test_a_date_is_its_midnight(value):
    assert periods.instant(value, argument="as_of", tz=None) == datetime(2026, 3, 15)


def test_a_zoned_instant_goes_to_the_wall_clock():
    moment = pd.Timestamp("2026-03-15 23:30", tz="UTC")

    assert periods.instant(moment, argument="as_of", tz="Europe/Berlin") == datetime(
        2026, 3, 16, 0, 30
    )


@pytest.mark.parametrize("value", ["15/03/2026", "soon", 20260315, None, pd.NaT, True])
def test_what_is_no_instant_is_refused(value):
    with pytest.raises(cl.InputError, match="as_of=.* must be a date or a timestamp"):
        periods.instant(value, argument="as_of", tz=None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"unit": "fortnight"}, "is not a unit"),
        ({"unit": "0D"}, "is not a unit"),
        ({"unit": "D"}, "is not a unit"),
        ({"unit": "week", "week_start": 0}, "ISO weekdays"),
        ({"clock": "wall"}, "clock='wall' is not one of"),
        ({"tz": "Mars/Olympus"}, "not a known time zone"),
        ({"tz": "../etc/passwd"}, "not a known time zone"),
    ],
)
def test_periods_that_mean_nothing_are_refused(arguments, message):
    with pytest.raises(cl.InputError, match=message):
        cl.Period(**arguments)


def test_period_of_takes_a_name_or_a_period():
    assert cl.Period.of("week") == cl.Period("week")
    with pytest.raises(cl.InputError, match="must be a unit's name or a Period"):
        cl.Period.of(7)


@pytest.mark.parametrize(
    "backend", ["duckdb", pytest.param("polars", marks=needs_module("polars"))]
)
@pytest.mark.parametrize("n", [7, 28, 100, 3_600_000_000, 365 * 86_400_000_000])
def test_floor_division_is_exact_at_whole_quotients(backend, n):
    """Many engines multiply by the reciprocal, and 49 · (1/49) may be less than 1."""
    reach = 2**40 if n < 10**6 else 2**53
    most = reach // n
    quotients = np.unique(np.concatenate([np.arange(min(most, 3000)), most - np.arange(1, 40)]))
    x = np.concatenate([k * n + d for k in [quotients, -quotients] for d in (-1, 0, 1)])
    x = x[np.abs(x) < reach]
    frame = nw.from_dict({"x": x}, backend="pandas").to_native()
    table = duckdb.connect().from_df(frame) if backend == "duckdb" else nw.from_native(
        nw.from_dict({"x": x}, backend="polars").to_native()
    ).lazy().to_native()  # fmt: skip

    found = nw.from_native(table).select("x", q=periods.floordiv(nw.col("x"), n))
    rows = found.collect(backend="pandas").to_native()

    assert (rows["q"].to_numpy() == rows["x"].to_numpy() // n).all()
