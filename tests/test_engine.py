"""One test body, every engine, hostile column names: the same numbers whatever holds the table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from churnlab import engine
from tests import engines
from tests.conftest import needs, needs_module
from tests.reference import read

CUSTOMER, TIME, AMOUNT, PLAN = 'cust"omer id', "time out", "order", "区域"
START, END = "from 'here'", "select"


@pytest.fixture(params=engines.PARAMS)
def table(request, tmp_path):
    """A function that puts a pandas frame into one kind of table."""
    period = getattr(request.node, "callspec", None) and request.node.callspec.params.get("period")
    if request.param == "spark" and period not in (None, "day", "month"):
        pytest.skip(
            "on Spark, where each query takes seconds, days and months stand for all periods"
        )
    return engines.maker(request, tmp_path)


def log() -> pd.DataFrame:
    """Twelve customers' purchases with everything a log may hold, in no order."""
    rng = np.random.default_rng(5)
    n = 160
    days = pd.Timestamp("2024-11-20") + pd.to_timedelta(rng.integers(0, 500, n), unit="D")
    frame = pd.DataFrame(
        {
            CUSTOMER: rng.choice([f"c{i:02d}" for i in range(12)], n),
            TIME: days + pd.to_timedelta(rng.integers(0, 86_400, n), unit="s"),
            AMOUNT: rng.choice([-5.0, 0.0, 10.25, np.nan], n, p=[0.1, 0.1, 0.7, 0.1]),
            PLAN: rng.choice(["north", "south", "西"], n),
        }
    )
    frame.loc[rng.choice(n, 4, replace=False), CUSTOMER] = None
    frame.loc[rng.choice(n, 3, replace=False), TIME] = pd.NaT
    frame.loc[rng.choice(n, 5, replace=False), PLAN] = None
    return pd.concat([frame, frame.head(3)], ignore_index=True)


def contracts() -> pd.DataFrame:
    rng = np.random.default_rng(6)
    n = 90
    start = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 400, n), unit="D")
    end = start + pd.to_timedelta(rng.integers(0, 200, n), unit="D")
    return pd.DataFrame(
        {
            CUSTOMER: rng.choice([f"c{i:02d}" for i in range(40)], n),
            START: start,
            END: end.where(rng.random(n) < 0.7),
            PLAN: rng.choice(["basic", "plus"], n),
        }
    )


def as_pandas(frame: Any) -> pd.DataFrame:
    """Whatever a Table holds, as plain pandas in a fixed order."""
    if isinstance(frame, pd.DataFrame):
        rows = frame
    elif hasattr(frame, "df"):
        rows = frame.df()
    elif hasattr(frame, "toPandas"):
        rows = frame.toPandas()
    elif hasattr(frame, "collect"):
        rows = frame.collect().to_pandas()
    elif hasattr(frame, "execute"):
        rows = frame.execute()
    else:
        rows = frame.to_pandas()
    rows = rows.sort_values(CUSTOMER if CUSTOMER in rows else "customer", ignore_index=True)
    rows["start"] = pd.to_datetime(rows["start"]).astype("datetime64[s]")
    return same_types(rows)


def same_types(frame: pd.DataFrame) -> pd.DataFrame:
    """Engines differ in how they spell a missing text; the values must not."""
    frame = frame.copy()
    for name in frame.columns:
        column = frame[name]
        if str(column.dtype) in ("object", "string", "str", "category") or "string" in str(
            column.dtype
        ):
            frame[name] = [None if pd.isna(v) else str(v) for v in column]
        elif str(column.dtype) in (
            "Int64",
            "int64[pyarrow]",
            "Int32",
            "int32",
            "float64",
            "double[pyarrow]",
        ):
            frame[name] = column.astype("float64")
    return frame


def assert_same(ours: pd.DataFrame, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(
        same_types(expected), same_types(ours), check_dtype=False, rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("name", ["lung", "leukaemia"])
def test_kaplan_meier_equals_r_on_every_engine(table, name):
    """Grouped and not, both intervals, to 1e-10, whatever holds the table."""
    frame = read(name)
    roles = {
        "lung": {"duration": "time", "event": "status", "event_value": 2},
        "leukaemia": {"duration": "weeks", "event": "event"},
    }[name]
    by = {"lung": "sex", "leukaemia": "treatment"}[name]
    frame = frame[[roles["duration"], roles["event"], by]]
    data = table(frame)
    for conf in ("log-log", "log"):
        theirs = read(f"survfit_{name}_{conf}")
        for grouped in (False, True):
            ours = cl.survival.kaplan_meier(data, **roles, by=by if grouped else None, conf=conf)
            ours = ours[ours["duration"] > 0]
            r = theirs[(theirs["group"] != "all") == grouped]
            for column, name_in_r in {
                "duration": "time",
                "n_risk": "n_risk",
                "estimate": "surv",
                "std_error": "std_err",
                "conf_low": "lower",
                "conf_high": "upper",
            }.items():
                np.testing.assert_allclose(
                    ours[column].to_numpy(float),
                    r[name_in_r].to_numpy(float),
                    rtol=1e-10,
                    atol=1e-10,
                )


@pytest.mark.parametrize(
    "period", ["day", "month", "28D", "week", cl.Period("month", clock="elapsed")]
)
def test_to_spells_is_the_same_everywhere(table, period):
    arguments = {
        "customer": CUSTOMER,
        "time": TIME,
        "amount": AMOUNT,
        "inactivity": 40 if period == "day" else 2,
        "period": period,
        "as_of": "2026-03-15",
        "keep": PLAN,
    }
    expected = cl.spells.to_spells(log(), **arguments)

    ours = cl.spells.to_spells(table(log()), **arguments)

    assert_same(as_pandas(ours.frame), as_pandas(expected.frame))
    pd.testing.assert_frame_equal(expected.ledger(), ours.ledger())


def test_subscriptions_to_spells_is_the_same_everywhere(table):
    arguments = {
        "customer": CUSTOMER,
        "start": START,
        "end": END,
        "as_of": "2025-02-10",
        "observed_from": "2024-03-01",
        "keep": [PLAN],
    }
    expected = cl.spells.subscriptions_to_spells(contracts(), **arguments)

    ours = cl.spells.subscriptions_to_spells(table(contracts()), **arguments)

    assert_same(as_pandas(ours.frame), as_pandas(expected.frame))
    pd.testing.assert_frame_equal(expected.ledger(), ours.ledger())


def test_spells_flow_on_into_curves_everywhere(table):
    roles = {"customer": CUSTOMER, "time": TIME, "amount": AMOUNT}
    expected = cl.spells.to_spells(log(), **roles, inactivity=60, as_of="2026-03-15", keep=PLAN)
    spells = cl.spells.to_spells(
        table(log()), **roles, inactivity=60, as_of="2026-03-15", keep=PLAN
    )

    curve = cl.survival.kaplan_meier(spells, by=PLAN)

    assert_same(curve, cl.survival.kaplan_meier(expected, by=PLAN))
    assert curve.attrs["as_of"] == "2026-03-15T00:00:00"
    assert list(cl.ledger(curve)["stage"].unique()) == ["to_spells", "kaplan_meier"]


@pytest.mark.parametrize("period", ["month", "week", "quarter", "year", "10D", "day"])
def test_retention_is_the_same_everywhere(table, period):
    """Days run past the 62 periods of a mask: the other road, and the same numbers."""
    arguments = {"customer": CUSTOMER, "time": TIME, "amount": AMOUNT, "period": period}
    expected = by_pandas(log(), period, pd.Timestamp("2026-03-15"))

    ours = cl.cohorts.retention(table(log()), **arguments, as_of="2026-03-15")

    got = ours.set_index(["cohort", "age"])["n_seen"]
    assert expected == {(c.date(), int(a)): int(n) for (c, a), n in got.items() if n}


def by_pandas(frame: pd.DataFrame, period: str, as_of: pd.Timestamp) -> dict[Any, int]:
    """The triangle by another road: pandas, row by row definitions."""
    frame = frame.dropna(subset=[CUSTOMER, TIME])
    frame = frame[(frame[TIME] < as_of) & ~(frame[AMOUNT] < 0)]
    day = frame[TIME].dt.normalize()
    since = (day - pd.Timestamp(0)).dt.days
    index = {
        "month": frame[TIME].dt.year * 12 + frame[TIME].dt.month,
        "quarter": frame[TIME].dt.year * 4 + frame[TIME].dt.quarter,
        "year": frame[TIME].dt.year,
        "week": (since + 3) // 7,
        "10D": since // 10,
        "day": since,
    }[period]
    start = {
        "month": day - pd.to_timedelta(day.dt.day - 1, unit="D"),
        "quarter": day.dt.to_period("Q").dt.start_time,
        "year": day.dt.to_period("Y").dt.start_time,
        "week": day - pd.to_timedelta(day.dt.day_of_week, unit="D"),
        "10D": day - pd.to_timedelta(since % 10, unit="D"),
        "day": day,
    }[period]
    rows = pd.DataFrame({"c": frame[CUSTOMER], "i": index, "s": start})
    first = rows.groupby("c")[["i", "s"]].transform("min")
    rows = rows.assign(cohort=first["s"].dt.date, age=rows["i"] - first["i"])
    n = rows.groupby(["cohort", "age"])["c"].nunique()
    return {(c, int(a)): int(k) for (c, a), k in n.items()}


def test_retention_by_group_is_the_same_everywhere(table):
    arguments = {"customer": CUSTOMER, "time": TIME, "amount": AMOUNT, "by": PLAN}
    expected = cl.cohorts.retention(log(), **arguments, as_of="2026-03-15")

    ours = cl.cohorts.retention(table(log()), **arguments, as_of="2026-03-15")

    assert_same(ours, expected)
    assert expected.attrs == ours.attrs


def test_default_as_of_is_the_end_of_the_last_day_everywhere(table):
    triangle = cl.cohorts.retention(table(log()), customer=CUSTOMER, time=TIME, amount=AMOUNT)

    last = log()[TIME].max()
    assert (last.normalize() + pd.Timedelta(days=1)).isoformat() == triangle.attrs["as_of"]


@pytest.mark.parametrize("method", ["opening_cohort", "person_time"])
@pytest.mark.parametrize("period", ["month", "quarter", "week"])
def test_churn_rate_is_the_same_everywhere(table, period, method):
    arguments = {
        "customer": CUSTOMER,
        "start": START,
        "end": END,
        "as_of": "2025-02-10",
        "by": PLAN,
        "period": period,
        "method": method,
    }
    expected = cl.rates.churn_rate(contracts(), **arguments)

    ours = cl.rates.churn_rate(table(contracts()), **arguments)

    assert_same(ours, expected)


# ------------------------------------------------------------------- the two lanes of counts
@pytest.mark.parametrize(
    "columns",
    [
        {"a": [3, 1, 3, 0], "b": [True, False, True, True]},
        {"a": [-7, -7, 5], "b": [2, 2, -1]},
        {"a": np.array([250, 3, 250], dtype="uint8"), "b": np.array([1, 1, 1], dtype="int8")},
        {"a": [10**12, 10**12 + 1], "b": [0, 1]},
        {"a": [0, 10**15], "b": [0, 1]},
    ],
    ids=["bool", "negative", "small types", "far from zero", "too wide for the lane"],
)
def test_both_lanes_count_alike(columns):
    data = pd.DataFrame(columns)
    frame = engine.scan(data, {"a": ("a", "number"), "b": ("b", "flag")})
    without_memory = frame.then(lambda rows: rows)

    fast, engine_lane = (engine.counts(f, ["a", "b"]) for f in (frame, without_memory))

    pd.testing.assert_frame_equal(engine_lane, fast, check_dtype=False)
    assert len(data) == fast["n"].sum()


def test_sums_of_whole_numbers_are_exact():
    big = 2**53 + 1  # not a double
    frame = engine.scan(
        pd.DataFrame({"k": [1, 1], "v": [big, 1]}), {"k": ("k", "label"), "v": ("v", "number")}
    )

    assert big + 1 == engine.counts(frame, ["k"], ["v"])["v"].iloc[0]


# ------------------------------------------------------------------------------ at the door
@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([1, 2, 3], "cannot read a list"),
        ({"customer": ["a"]}, "cannot read a dict"),
        (np.zeros((2, 2)), "a bare array"),
        ("no/such/file.parquet", "no file found at 'no/such/file.parquet'"),
        (None, "cannot read a NoneType"),
    ],
)
def test_what_is_no_table_is_refused(data, message):
    with pytest.raises(cl.InputError, match=message):
        cl.cohorts.retention(data)


def test_ids_keep_their_bytes_through_a_csv(tmp_path):
    """Leading zeros, 12 and 12.0 and case stay apart: nothing is guessed."""
    path = tmp_path / "log.csv"
    path.write_text(
        "customer,time\n007,2026-01-01\n7,2026-01-01\n7.0,2026-01-02\nA,2026-01-02\na,2026-01-02\n"
    )

    spells = cl.spells.to_spells(path, inactivity=10, as_of="2026-03-01")

    assert sorted(spells.frame.df()["customer"]) == ["007", "7", "7.0", "A", "a"]


def test_decimal_ids_are_refused():
    frame = pd.DataFrame({"customer": [1.0, None], "time": pd.to_datetime(["2026-01-01"] * 2)})

    with pytest.raises(cl.InputError, match=r"'customer' holds Float64: identifiers must be text"):
        cl.cohorts.retention(frame)


def test_mixed_ids_are_refused():
    frame = pd.DataFrame({"customer": [1, "1"], "time": pd.to_datetime(["2026-01-01"] * 2)})

    with pytest.raises(cl.InputError, match="'customer' mixes values of different kinds"):
        cl.cohorts.retention(frame)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("a,05/06/2026\n", r"day first or month first \(for example '05/06/2026' in 1 row\)"),
        ("a,2026-01-01\nb,2026-01-02T10:00:00Z\n", "mixes times with a zone"),
        ("a,2026-02-30\n", "cannot be read in 1 row"),
        ("a,2026-01-01T10:00:00+02:00\n", "no stated zone"),
    ],
)
def test_times_in_a_csv_follow_one_stated_rule(tmp_path, rows, message):
    path = tmp_path / "log.csv"
    path.write_text("customer,time\n" + rows)

    with pytest.raises(cl.InputError, match=message):
        cl.cohorts.retention(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04rest", "spreadsheet or zip"),
        (b"c\x00u\x00", "not UTF-8"),
    ],
)
def test_a_file_is_what_its_bytes_say(tmp_path, content, message):
    path = tmp_path / "log.csv"
    path.write_bytes(content)

    with pytest.raises(cl.InputError, match=message):
        cl.cohorts.retention(path)


def test_a_pattern_without_files_and_a_folder(tmp_path):
    engines.parquet(log(), tmp_path)

    by_folder = cl.cohorts.retention(tmp_path, customer=CUSTOMER, time=TIME)

    assert_same(by_folder, cl.cohorts.retention(log(), customer=CUSTOMER, time=TIME))
    with pytest.raises(cl.InputError, match="no file found"):
        cl.cohorts.retention(tmp_path / "*.csv")


# ------------------------------------------------------------------------------------ zones
INSTANTS = pd.to_datetime(["2026-01-31 23:30:00", "2026-02-28 23:30:00"]).tz_localize("UTC")


def zoned() -> pd.DataFrame:
    return pd.DataFrame({"customer": ["a", "a"], "time": INSTANTS})


def test_a_month_begins_on_the_wall_clock_that_is_named():
    """23:30 in London is the next day, and the next month, in Berlin."""
    berlin = cl.Period("month", tz="Europe/Berlin")

    there = cl.cohorts.retention(zoned(), period=berlin, as_of="2026-04-01")
    here = cl.cohorts.retention(zoned(), as_of="2026-04-01")

    assert first_and_second(there) == ["2026-02-01", "2026-03-01"]
    assert first_and_second(here) == ["2026-01-01", "2026-02-01"]


def first_and_second(triangle: pd.DataFrame) -> list[str]:
    seen = triangle[triangle["n_seen"] > 0]
    months = [
        c + pd.DateOffset(months=int(a)) for c, a in zip(seen["cohort"], seen["age"], strict=True)
    ]
    return [f"{m:%Y-%m-%d}" for m in months]


@needs_module("polars")
def test_zones_on_every_engine_that_has_them(tmp_path):
    import duckdb
    import polars as pl

    berlin = cl.Period("month", tz="Europe/Berlin")
    relation = duckdb.connect().from_df(zoned())
    relation.write_parquet(str(tmp_path / "zoned.parquet"))
    expected = cl.cohorts.retention(zoned(), period=berlin, as_of="2026-04-01")

    for data in (
        pl.from_pandas(zoned()),
        pl.from_pandas(zoned()).lazy(),
        relation,
        tmp_path / "zoned.parquet",
    ):
        assert_same(cl.cohorts.retention(data, period=berlin, as_of="2026-04-01"), expected)
    for data in (
        relation,
        tmp_path / "zoned.parquet",
    ):  # their zone is the session's, not the data's
        with pytest.raises(cl.InputError, match="no stated zone"):
            cl.cohorts.retention(data, as_of="2026-04-01")


@pytest.mark.spark
@needs("java")
@needs_module("pyspark")
def test_spark_instants_need_a_zone_and_keep_it(spark):
    rows = spark.createDataFrame(
        [("a", "2026-01-31 23:30:00"), ("a", "2026-02-28 23:30:00")], ["customer", "t"]
    )
    rows = rows.selectExpr("customer", "to_timestamp(t) as time")  # the test session's zone is UTC
    berlin = cl.Period("month", tz="Europe/Berlin")

    with pytest.raises(cl.InputError, match="no stated zone"):
        cl.cohorts.retention(rows, as_of="2026-04-01")
    assert first_and_second(cl.cohorts.retention(rows, period=berlin, as_of="2026-04-01")) == [
        "2026-02-01",
        "2026-03-01",
    ]


def test_zones_are_never_mixed():
    frame = pd.DataFrame(
        {"customer": ["a"], "start": INSTANTS[:1], "end": [pd.Timestamp("2026-03-01")]}
    )

    with pytest.raises(cl.InputError, match="'start' has a time zone and column 'end' has none"):
        cl.spells.subscriptions_to_spells(frame, as_of="2026-04-01")
    with pytest.raises(cl.InputError, match="has a time zone but the times in the table have none"):
        cl.spells.to_spells(log(), customer=CUSTOMER, time=TIME, inactivity=3, as_of=INSTANTS[0])
    with pytest.raises(cl.InputError, match="times without a zone"):
        cl.cohorts.retention(log(), customer=CUSTOMER, time=TIME, period=cl.Period(tz="UTC"))


def test_the_machines_zone_does_not_matter(monkeypatch):
    import time

    expected = cl.cohorts.retention(zoned(), as_of="2026-04-01")
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    try:
        assert_same(cl.cohorts.retention(zoned(), as_of="2026-04-01"), expected)
    finally:
        monkeypatch.undo()
        time.tzset()


# --------------------------------------------------------------------- limits, SQL, failures
def setting(name: str) -> Any:
    return engine.session.connection().execute(f"SELECT current_setting('{name}')").fetchone()[0]


def test_limits_hold_inside_the_block_and_not_after():
    before = setting("memory_limit"), setting("threads")

    with cl.limits(memory="300MB", threads=1):
        with cl.limits(memory="200MB"):
            assert setting("memory_limit") == "190.7 MiB"
        assert setting("threads") == 1
        assert setting("memory_limit") == "286.1 MiB"
    assert before == (setting("memory_limit"), setting("threads"))


@pytest.mark.parametrize(
    "wrong", [{"memory": "lots"}, {"memory": "5"}, {"threads": 0}, {"threads": 1.5}]
)
def test_limits_that_mean_nothing_are_refused(wrong):
    with pytest.raises(cl.InputError), cl.limits(**wrong):
        pass


def test_sql_shows_what_runs_and_no_addresses():
    text = cl.engine.sql(
        cl.cohorts.retention, log(), customer=CUSTOMER, time=TIME, as_of="2026-03-15"
    )

    assert "bit_or" in text
    assert '"your_table"' in text
    assert "0x" not in text
    assert text.rstrip().endswith(";")


@needs_module("polars")
def test_sql_says_when_nothing_runs_on_duckdb():
    import polars as pl

    with pytest.raises(cl.InputError, match="no query ran on DuckDB"):
        cl.engine.sql(cl.cohorts.retention, pl.from_pandas(log()), customer=CUSTOMER, time=TIME)


def test_an_unread_result_on_the_users_connection_is_explained():
    import duckdb

    connection = duckdb.connect()
    relation = connection.sql("SELECT 'a' AS customer, DATE '2026-01-05' AS time")
    connection.execute("SELECT 1")  # never fetched

    with pytest.raises(cl.EngineError, match="unread result"):
        cl.cohorts.retention(relation, as_of="2026-03-01")


def test_larger_than_memory_spills_and_cleans_up(tmp_path):
    """A group-by that needs more than its limit goes to disk, and nothing stays behind."""
    import subprocess
    import sys

    script = f"""
import os, threading, time
import churnlab as cl
from churnlab.engine import session
path = {str(tmp_path / "log.parquet")!r}
cl.datasets.events_to_parquet(path, 250_000)
folder = session.connection().execute("SELECT current_setting('temp_directory')").fetchone()[0]
spilled, done = set(), threading.Event()
def watch():
    while not done.is_set():
        spilled.update(name for name in os.listdir(folder) if name.endswith(".tmp"))
        time.sleep(0.005)
watcher = threading.Thread(target=watch)
watcher.start()
with cl.limits(memory="40MB", threads=1):
    curve = cl.survival.kaplan_meier(cl.spells.to_spells(path, inactivity=60))
done.set()
watcher.join()
assert curve.equals(cl.survival.kaplan_meier(cl.spells.to_spells(path, inactivity=60)))
print(len(curve), len(spilled), folder)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    rows, spilled, folder = done.stdout.split()
    assert int(rows) > 100
    assert int(spilled) > 0
    assert not Path(folder).exists()
