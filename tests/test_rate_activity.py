"""Stickiness: by hand on every engine, by brute force over days, and the pairs that do not nest."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from tests import engines

# the first week of February 2026 (it begins on Sunday the 1st), and one row in March
LOG = pd.DataFrame(
    [
        *[("a", d, 1.0, "x") for d in ("2026-02-01", "2026-02-01", "2026-02-02", "2026-02-28")],
        *[("b", d, 0.0, "y") for d in ("2026-02-02", "2026-02-03")],
        ("c", "2026-02-05", -5.0, "y"),
        ("c", "2026-03-05", 5.0, None),
        (None, "2026-03-05", 5.0, "x"),
    ],
    columns=["customer", "time", "amount", "plan"],
).astype({"time": "datetime64[s]"})


@pytest.fixture(params=engines.PARAMS)
def table_of(request, tmp_path):
    return engines.maker(request, tmp_path)


def test_february_by_hand(table_of):
    """a came on 3 of 28 days, b on 2: 5 / 28 on a mean day, of 2 customers. A refund is no visit.

    March has one customer on one of 31 days; April, over by May, has nobody.
    """
    table = cl.rates.stickiness(table_of(LOG), as_of="2026-05-02")

    assert [f"{d:%Y-%m-%d}" for d in table["period_start"]] == [
        "2026-02-01",
        "2026-03-01",
        "2026-04-01",
    ]
    assert table["active"].tolist() == [2, 1, 0]
    assert table["mean_active"].tolist() == pytest.approx([5 / 28, 1 / 31, 0])
    assert table["stickiness"].tolist()[:2] == pytest.approx([5 / 56, 1 / 31])
    assert np.isnan(table["stickiness"][2])
    ledger = cl.ledger(table).set_index("rule")["n"]
    assert ledger[["read", "used", "missing_customer", "refund"]].tolist() == [9, 7, 1, 1]


def test_groups_on_every_engine(table_of):
    """Missing is a group of its own, last; a group without activity has 0 and no stickiness."""
    table = cl.rates.stickiness(table_of(LOG), as_of="2026-04-01", by="plan")

    groups = [None if pd.isna(p) else p for p in table["plan"]]
    assert groups == ["x", "x", "y", "y", None, None]
    assert table["active"].tolist() == [1, 0, 1, 0, 0, 1]
    shares = [3 / 28, np.nan, 2 / 28, np.nan, np.nan, 1 / 31]
    assert table["stickiness"].tolist() == pytest.approx(shares, nan_ok=True)


def test_weeks_of_days_follow_the_start_of_the_week():
    sunday = cl.rates.stickiness(LOG, period=cl.Period("week", week_start=7), as_of="2026-02-08")
    monday = cl.rates.stickiness(LOG, period="week", as_of="2026-02-09")

    assert sunday[["active", "mean_active"]].to_numpy().tolist() == [[2, 4 / 7]]
    assert monday[["active", "mean_active"]].to_numpy().tolist() == [[1, 1 / 7], [2, 3 / 7]]


def test_a_month_in_progress_has_no_stickiness():
    table = cl.rates.stickiness(LOG, as_of="2026-03-31")

    assert table["period_start"].dt.month.tolist() == [2]
    assert table.attrs["as_of"] == "2026-03-31T00:00:00"


PAIRS = [("month", "day"), ("week", "day"), ("quarter", "month"), ("year", "quarter"),
         ("year", "day"), ("28D", "7D"), ("10D", "day"), ("year", "month")]  # fmt: skip


@pytest.mark.parametrize(("period", "of"), PAIRS)
def test_by_brute_force(period, of):
    """Unit by unit of the calendar, counted from sets of customers."""
    rng = np.random.default_rng(len(period) * 7 + len(of))
    days = rng.integers(0, 1000, 700)
    log = pd.DataFrame(
        {
            "customer": rng.integers(0, 40, 700),
            "time": pd.Timestamp("2023-03-05 13:00") + pd.to_timedelta(days, unit="D"),
        }
    )
    as_of = pd.Timestamp("2026-01-01")

    table = cl.rates.stickiness(log, period=period, of=of, as_of=as_of).set_index("period_start")

    assert len(table) > 1
    coarse, fine = cl.Period(period), cl.Period(of)
    calendar = pd.date_range(table.index[0], as_of, inclusive="left")
    seen: dict[int, dict[int, set[int]]] = {}
    for day in calendar:
        at, unit = coarse.index_of(day.to_pydatetime()), fine.index_of(day.to_pydatetime())
        who = set(log.loc[log["time"].dt.normalize() == day, "customer"])
        seen.setdefault(at, {}).setdefault(unit, set()).update(who)
    for start, row in table.iterrows():
        units = seen[coarse.index_of(start.to_pydatetime())]
        active = len(set().union(*units.values()))
        mean = sum(len(who) for who in units.values()) / len(units)
        assert (row["active"], row["mean_active"]) == (active, pytest.approx(mean))
        assert row["stickiness"] == pytest.approx(mean / active if active else np.nan, nan_ok=True)


def test_the_mean_of_the_days_with_rows_is_too_high():
    """What a group-by of a log gives: the days on which nobody came are not in it."""
    february = LOG[(LOG["time"] < "2026-03-01") & (LOG["amount"] >= 0)]
    mean_of_rows = february.groupby("time")["customer"].nunique().mean()

    assert mean_of_rows == 5 / 4
    assert cl.rates.stickiness(LOG, as_of="2026-03-01")["mean_active"].item() == 5 / 28


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"period": "month", "of": "week"}, "of='week' does not nest in period='month'"),
        ({"period": "year", "of": "week"}, "does not nest"),
        ({"period": "month", "of": "28D"}, "does not nest"),
        ({"period": "14D", "of": "week"}, "does not nest"),
        ({"period": "week", "of": "month"}, "does not nest"),
        ({"period": "28D", "of": "6D"}, "does not nest"),
        ({"period": "month", "of": "quarter"}, "does not nest"),
        ({"period": "month", "of": "month"}, "must be finer"),
        ({"period": "day", "of": "1D"}, "must be finer"),
        ({"of": 7}, "must be a unit's name"),
        ({"period": cl.Period("month", clock="elapsed")}, "stickiness counts calendar periods"),
        ({"by": "active"}, "also the name of a column"),
        ({"as_of": "2026-02-20"}, "no whole month"),
        ({"as_of": "2025-02-20"}, "nothing to count"),
    ],
)
def test_bad_calls_end_in_one_clear_message(arguments, message):
    with pytest.raises(cl.InputError, match=message):
        cl.rates.stickiness(LOG, **({"as_of": "2026-04-01"} | arguments))
