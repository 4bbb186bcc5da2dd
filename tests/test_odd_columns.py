"""Columns of every odd kind a review came up with: the same answer on every road, or a plain no."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from churnlab import engine
from tests.conftest import needs_module

AS_OF = "2026-04-01"


def days(*texts):
    return pd.to_datetime(list(texts))


def log(**columns) -> pd.DataFrame:
    n = len(next(iter(columns.values()))) if columns else 2
    frame = {"customer": list("abcdefgh"[:n]), "time": days(*["2026-01-01"] * n)}
    return pd.DataFrame(frame | columns)


def spells(**columns) -> pd.DataFrame:
    return pd.DataFrame({"duration": [1, 2, 3], "event": [1, 0, 1]} | columns)


def groups(curves: pd.DataFrame, name: str) -> list:
    return [None if pd.isna(g) else g for g in curves[name].drop_duplicates()]


def test_narrow_and_unsigned_numbers_are_groups_like_any():
    small = cl.survival.kaplan_meier(spells(code=np.array([-1, 0, 1], dtype="int8")), by="code")
    assert groups(small, "code") == [-1, 0, 1]
    large = np.array([2**63 - 1, 2**63 + 10, 5], dtype="uint64")
    huge = cl.survival.kaplan_meier(spells(code=large), by="code")
    assert [int(g) for g in groups(huge, "code")] == [5, 2**63 - 1, 2**63 + 10]
    with pytest.raises(cl.InputError, match="is negative in 1 row"):
        cl.survival.kaplan_meier(spells(duration=np.array([5, -2, 1], dtype="int16")))


KINDS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "bool"]


@pytest.mark.parametrize("seed", range(30))
def test_lanes_agree_on_random_kinds(seed):
    rng = np.random.default_rng(seed)
    columns = {}
    for name in ("a", "b", "c")[: rng.integers(1, 4)]:
        kind = str(rng.choice(KINDS))
        low = 0 if kind == "bool" else max(np.iinfo(kind).min, -(10 ** int(rng.integers(0, 7))))
        high = 2 if kind == "bool" else min(np.iinfo(kind).max, 10 ** int(rng.integers(1, 7)))
        columns[name] = rng.integers(min(low, high - 1), high, 500).astype(kind)
    frame = engine.scan(pd.DataFrame(columns), {n: (n, "label") for n in columns})

    fast, slow = (engine.counts(f, list(columns)) for f in (frame, frame.then(lambda rows: rows)))

    pd.testing.assert_frame_equal(slow, fast, check_dtype=False)


def test_wide_ranges_are_counted_in_long_chunks():
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"a": rng.integers(0, 2**21, 300_000)})
    frame = engine.scan(data, {"a": ("a", "label")})

    counted = engine.counts(frame, ["a"])

    expected = data["a"].value_counts().sort_index()
    assert counted["a"].tolist() == expected.index.tolist()
    assert counted["n"].tolist() == expected.tolist()


def test_files_join_by_name_not_by_place(tmp_path):
    (tmp_path / "a.csv").write_text("customer,time,amount\n1,2026-01-01,5\n")
    (tmp_path / "b.csv").write_text("amount,time,customer\n7,2026-01-01,1\n")

    assert cl.cohorts.retention(tmp_path, as_of="2026-02-01")["n_start"].tolist() == [1]
    (tmp_path / "c.csv").write_text("time,customer\n2026-01-01,1\n")
    with pytest.raises(cl.InputError, match="differ in the columns 'amount'"):
        cl.cohorts.retention(tmp_path, as_of="2026-02-01")


def test_identifiers_in_json_are_text(tmp_path):
    low = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
    rows = [{"customer": c, "time": "2026-01-01"} for c in (low, low.upper(), "2026-01-01")]
    (tmp_path / "log.json").write_text(json.dumps(rows))

    assert cl.cohorts.retention(tmp_path / "log.json", as_of=AS_OF)["n_start"].iloc[0] == 3


@needs_module("polars")
def test_categories_and_enums_are_their_text():
    import duckdb
    import polars as pl

    frame = pl.DataFrame({"duration": [1, 2, 3], "event": [1, 0, 1], "seg": ["z", "a", "z"]})
    expected = cl.survival.kaplan_meier(frame.to_pandas(), by="seg")
    enum = duckdb.sql(
        "SELECT * REPLACE (seg::ENUM('z', 'a', 'unused') AS seg) FROM (VALUES (1, 1, 'z'), (2, 0, 'a'), "
        "(3, 1, 'z')) AS t(duration, event, seg)"
    )
    for table in (
        frame.with_columns(pl.col("seg").cast(pl.Enum(["z", "a", "unused"]))),
        frame.with_columns(pl.col("seg").cast(pl.Categorical)),
        enum,
    ):
        pd.testing.assert_frame_equal(
            cl.survival.kaplan_meier(table, by="seg"), expected, check_dtype=False
        )
    ids = pl.DataFrame({"customer": ["a", "", " ", None], "time": [dt.date(2026, 1, 1)] * 4})
    ids = ids.with_columns(pl.col("customer").cast(pl.Categorical))
    assert cl.cohorts.retention(ids, as_of=AS_OF)["n_start"].iloc[0] == 1


@needs_module("polars")
def test_blank_is_missing_for_everyone(tmp_path):
    import polars as pl

    frame = spells(g=["a", " ", ""])
    frame.to_csv(tmp_path / "s.csv", index=False)
    for table in (frame, pl.from_pandas(frame), tmp_path / "s.csv"):
        assert groups(cl.survival.kaplan_meier(table, by="g"), "g") == ["a", None]
    wide = log(customer=["a", "\u3000", "\u00a0"])
    for table in (wide, pl.from_pandas(wide)):
        ledger = cl.ledger(cl.cohorts.retention(table, as_of=AS_OF)).set_index("rule")["n"]
        assert ledger.to_dict() == {"read": 3, "used": 1, "missing_customer": 2}


@pytest.mark.parametrize("name", ["Duration", "self", "Event", "n", "by0", "time"])
def test_groups_of_any_name(name):
    curves = cl.survival.kaplan_meier(spells(**{name: list("aab")}), by=name)

    assert groups(curves, name) == ["a", "b"]


@pytest.mark.parametrize("keep", [["Start"], ["self"], ["Plan", "plan"], ["index", "first", "n"]])
def test_kept_columns_of_any_name(keep):
    frame = log().assign(**{})
    for i, name in enumerate(keep):
        frame[name] = [f"x{i}", f"y{i}"]

    table = cl.spells.to_spells(frame, inactivity=9, as_of=AS_OF, keep=keep)

    assert list(table.frame.columns) == ["customer", "spell", "start", "duration", "event", *keep]
    assert table.frame.iloc[0][keep].tolist() == [f"x{i}" for i in range(len(keep))]


@pytest.mark.parametrize(
    "group",
    [
        pd.cut([1, 5, 1], [0, 2, 9]),
        pd.PeriodIndex(["2026-01", "2026-02", "2026-01"], freq="M"),
        pd.Series([dt.date(2026, 1, 1), dt.date(2026, 2, 1), dt.date(2026, 1, 1)], dtype=object),
    ],
    ids=["intervals", "periods", "dates"],
)
def test_group_columns_that_pandas_makes(group):
    curves = cl.survival.kaplan_meier(spells(g=group), by="g")

    assert len(groups(curves, "g")) == 2


def test_groups_keep_their_type_in_rates():
    frame = pd.DataFrame(
        {
            "customer": list("abc"),
            "start": days(*["2026-01-05"] * 3),
            "end": days("2026-02-10", None, None),
            "g": [1.0, np.nan, 2.0],
        }
    )

    table = cl.rates.churn_rate(frame, as_of=AS_OF, by="g")

    assert table["g"].dtype == np.float64
    assert groups(table, "g") == [1.0, 2.0, None]


def test_an_instant_within_the_first_second_of_a_month_begins_it():
    frame = log(time=days("2026-01-05 00:00:00.0", "2026-03-01 00:00:00.2"))

    triangle = cl.cohorts.retention(frame, as_of="2026-03-01T00:00:00.500")

    assert triangle["cohort"].dt.month.tolist() == [1, 1, 1, 3]


def test_elapsed_time_needs_a_steady_clock():
    times = (
        days("2026-03-28 11:00", "2026-03-29 10:00").tz_localize("UTC").tz_convert("Europe/Berlin")
    )
    frame = pd.DataFrame({"customer": ["a", "a"], "time": times})
    elapsed = cl.Period("day", clock="elapsed")

    with pytest.raises(cl.InputError, match="tz='UTC'"):
        cl.spells.to_spells(frame, inactivity=5, period=elapsed, as_of=AS_OF)
    steady = cl.Period("day", clock="elapsed", tz="UTC")
    spell = cl.spells.to_spells(frame, inactivity=5, period=steady, as_of="2026-05-01").frame
    assert spell["duration"].tolist() == [0]  # 23 hours, though the clock on the wall says a day


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"customer": None}, "customer=None: name the column"),
        ({"by": 5}, "by=5 must be a column name"),
    ],
)
def test_arguments_that_are_no_names(arguments, message):
    with pytest.raises(cl.InputError, match=message):
        cl.cohorts.retention(log(), **arguments)


def test_a_flat_hazard_is_no_share():
    import matplotlib as mpl

    mpl.use("agg")
    flat = pd.DataFrame({"duration": [1, 2], "event": [0, 0]})

    assert cl.plot.survival(cl.survival.nelson_aalen(flat)).get_ylabel() == "cumulative hazard"
    assert cl.plot.survival(cl.survival.kaplan_meier(flat)).get_ylabel() == "still customers"


def test_no_risk_table_where_late_entries_leave_it_unknown():
    import matplotlib as mpl

    mpl.use("agg")
    late = pd.DataFrame({"duration": [10, 10, 20], "event": [1, 1, 1], "entry": [None, 8, 15]})

    assert not cl.plot.survival(cl.survival.kaplan_meier(late)).child_axes
