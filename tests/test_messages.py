"""Files and frames as people have them: the right answer or one clear message, never a traceback.

Each row is a story that once went wrong somewhere: in this library or in the hands of its users.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from tests.conftest import needs_module

AS_OF = "2026-04-01"


def days(*texts):
    return pd.to_datetime(list(texts))


def log(**columns) -> pd.DataFrame:
    return pd.DataFrame(
        {"customer": ["a", "b"], "time": days("2026-01-01", "2026-01-02")} | columns
    )


def contracts(**columns) -> pd.DataFrame:
    frame = {"customer": ["a", "b"], "start": days("2026-01-01", "2026-01-01")}
    return pd.DataFrame(frame | columns)


def curve(frame, **roles):
    return cl.survival.kaplan_meier(pd.DataFrame(frame), **roles)


REFUSED = {
    "an end by another name is not a table of running contracts": (
        lambda: cl.rates.churn_rate(
            contracts(end_date=days("2026-02-10", "2026-02-10")), as_of=AS_OF
        ),
        "no column 'end' .did you mean 'end_date'",
    ),
    "an amount in capitals is not ignored": (
        lambda: cl.cohorts.retention(log(Amount=[-5, 5]), as_of=AS_OF),
        "no column 'amount' but has 'Amount': say amount='Amount'",
    ),
    "the hint does not choose the event": (
        lambda: curve({"duration": [1, 2], "event": ["Yes", "No"]}),
        "holds 'Yes', 'No'. Say which of them means churn",
    ),
    "spellings of the event": (
        lambda: curve({"duration": [1, 2], "event": ["Yes", "YES "]}, event_value="Yes"),
        "holds 'Yes' and also 'YES '",
    ),
    "broken counts": (
        lambda: curve({"duration": [1, 2], "event": [1, 1], "n": [1, 2.5]}, count="n"),
        "'n' must hold whole numbers.*weight=",
    ),
    "an entry after the end": (
        lambda: curve({"duration": [2, 9], "event": [1, 0], "entry": [5, 0]}),
        "'entry' is later than the duration in 'duration' in 1 row",
    ),
    "mixed zones in one column": (
        lambda: cl.cohorts.retention(
            log(
                time=pd.Series(
                    [pd.Timestamp("2026-01-01", tz="UTC"), pd.Timestamp("2026-01-01")], dtype=object
                )
            )
        ),
        r"mixes times of different zones \(UTC, none\)",
    ),
    "columns named by numbers": (
        lambda: cl.cohorts.retention(pd.DataFrame([["a", pd.Timestamp("2026-01-01")]])),
        "named by int, not by text",
    ),
    "a column in the index": (
        lambda: cl.cohorts.retention(log().set_index("time")),
        r"'time' is in the index of the frame: pass df.reset_index\(\)",
    ),
    "a series": (lambda: cl.cohorts.retention(log()["time"]), "cannot read a Series"),
    "columns twice": (
        lambda: cl.cohorts.retention(pd.concat([log(), log()], axis=1)),
        "several columns named 'customer'",
    ),
    "keep is called keep": (
        lambda: cl.spells.to_spells(log(duration=1), inactivity=9, keep="duration"),
        "keep='duration' is also the name",
    ),
    "as_of is shown": (
        lambda: cl.spells.to_spells(log(), inactivity=9, as_of="01/04/2026"),
        "as_of='01/04/2026' must be a date",
    ),
    "columns of counts": (
        lambda: cl.rates.churn_rate_from_counts(pd.Series([10, 20]), 1),
        "must be a whole number",
    ),
    "a pivoted triangle": (
        lambda: cl.plot.retention(pd.DataFrame({0: [1.0], 1: [0.5]})),
        "Pass the result of cohorts.retention as it came",
    ),
    "a figure of spells": (
        lambda: cl.plot.survival(cl.spells.to_spells(log(), inactivity=9, as_of=AS_OF)),
        "drawn from a frame of survival.kaplan_meier .* not from a Table",
    ),
    "a figure of nothing": (
        lambda: cl.plot.retention(cl.cohorts.retention(log(), as_of=AS_OF).head(0)),
        "nothing to draw",
    ),
}


@pytest.mark.parametrize("story", REFUSED)
def test_refused_with_one_clear_message(story):
    call, message = REFUSED[story]

    with pytest.raises(cl.InputError, match=message):
        call()


@pytest.mark.parametrize(
    "table",
    [
        log(time=pd.PeriodIndex(["2026-01", "2026-02"], freq="M")),
        log(customer=pd.Series([10**20, 5], dtype=object)),
    ],
    ids=["periods", "numbers too large"],
)
def test_what_an_engine_cannot_hold_is_an_error_of_ours(table):
    with pytest.raises((cl.EngineError, cl.InputError)):
        cl.spells.to_spells(table, inactivity=9, as_of=AS_OF)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("customer,time\nMüller,2026-01-01\n".encode("latin1"), "not UTF-8 text.*cp1252"),
        (
            b"customer,time\na,2026-01-01\nb,2026-02-01,9\nc\n",
            "do not have the fields of its header",
        ),
    ],
)
def test_files_that_are_refused(tmp_path, content, message):
    path = tmp_path / "log.csv"
    path.write_bytes(content)

    with pytest.raises(cl.InputError, match=message):
        cl.cohorts.retention(path)


RUNNING = [
    pytest.param([None, None], id="none"),
    pytest.param([np.nan, np.nan], id="nan"),
    pytest.param(days(None, None), id="NaT"),
    pytest.param(pd.Categorical([None, None]), id="empty category"),
]


@pytest.mark.parametrize("end", RUNNING)
def test_ends_that_are_all_missing_are_running_contracts(end):
    spells = cl.spells.subscriptions_to_spells(contracts(end=end), as_of=AS_OF)

    assert spells.frame["event"].tolist() == [False, False]
    assert spells.frame["duration"].tolist() == [90, 90]


@needs_module("polars")
def test_ends_that_are_all_missing_elsewhere():
    import polars as pl
    import pyarrow as pa

    start = [dt.datetime(2026, 1, 1)]
    for table in (
        pl.DataFrame({"customer": ["a"], "start": start, "end": [None]}),
        pa.table({"customer": ["a"], "start": start, "end": pa.nulls(1)}),
    ):
        spells = cl.spells.subscriptions_to_spells(table, as_of=AS_OF)
        assert [bool(value) for value in spells.frame["event"].to_numpy()] == [False]


@pytest.mark.parametrize("unit", ["object", "datetime64[s]"])
def test_the_end_of_time_is_a_running_contract(unit):
    end = pd.Series([dt.date(2026, 2, 1), dt.date(9999, 12, 31)], dtype=object)

    table = cl.rates.churn_rate(contracts(end=end.astype(unit)), as_of=AS_OF)

    assert table[["opening", "lost"]].to_numpy().tolist() == [[0, 0], [1, 0], [1, 0]]


def test_no_rows_at_all():
    empty = pd.DataFrame(columns=["customer", "start", "end"])

    spells = cl.spells.subscriptions_to_spells(empty, as_of=AS_OF)

    assert len(spells.frame) == 0
    assert spells.ledger()["n"].tolist() == [0] * len(spells.ledger())
    with pytest.raises(cl.InputError, match="nothing to estimate"):
        cl.survival.kaplan_meier(spells)
    with pytest.raises(cl.InputError, match="nothing to count"):
        cl.rates.churn_rate(empty, as_of=AS_OF)
    with pytest.raises(cl.InputError, match="nothing to count|holds no time at all"):
        cl.cohorts.retention(pd.DataFrame(columns=["customer", "time"]))


def test_categories_of_numbers_with_a_gap():
    frame = log(customer=pd.Categorical([1, None]))

    spells = cl.spells.to_spells(frame, inactivity=9, as_of=AS_OF)

    assert [int(c) for c in spells.frame["customer"]] == [1]


@pytest.mark.parametrize(
    "group", [[1.0, np.nan, 2.0], days("2026-01-01", None, "2025-01-01"), [True, None, False]]
)
def test_groups_keep_their_type_and_missing_is_last(group):
    curves = curve({"duration": [1, 2, 3], "event": [1, 0, 1], "g": pd.Series(group)}, by="g")

    assert curves["g"].isna().tolist() == [False] * 4 + [True] * 2
    assert curves["n_risk"].tolist() == [1] * 6


@needs_module("pyarrow")
def test_zoned_nanoseconds_from_a_file(tmp_path):
    """pandas writes them; DuckDB reads them as instants whose zone is nobody's."""
    frame = pd.DataFrame({"customer": ["a"], "time": days("2026-01-31 23:30").tz_localize("UTC")})
    frame["time"] = frame["time"].astype("datetime64[ns, UTC]")
    frame.to_parquet(tmp_path / "log.parquet")

    with pytest.raises(cl.InputError, match="no stated zone"):
        cl.cohorts.retention(tmp_path / "log.parquet", as_of=AS_OF)
    berlin = cl.Period("month", tz="Europe/Berlin")
    triangle = cl.cohorts.retention(tmp_path / "log.parquet", as_of=AS_OF, period=berlin)
    assert triangle["cohort"].iloc[0] == pd.Timestamp("2026-02-01")


def test_the_ledger_of_counted_rows_speaks_of_rows():
    frame = {"duration": [1, 2, 2], "event": [1, 1, 0], "n": [1000, None, 0]}

    ledger = cl.ledger(curve(frame, count="n"))

    assert ledger["unit"].unique().tolist() == ["rows"]
    assert ledger.set_index("rule")["n"].to_dict() == {
        "read": 3,
        "used": 1,
        "missing_count": 1,
        "zero_count": 1,
    }


def test_a_table_says_what_it_is():
    spells = cl.spells.to_spells(log(), inactivity=9, as_of=AS_OF)

    assert repr(spells) == "Table(as_of='2026-04-01T00:00:00', 2 rows: see .frame and .ledger())"
