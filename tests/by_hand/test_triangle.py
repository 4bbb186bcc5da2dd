"""The retention triangle of four customers, and the 0.0 that two popular tools print in it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from tests import engines

LOG = pd.DataFrame(
    [
        *[("1", d) for d in ("2026-01-05", "2026-02-10", "2026-03-02")],
        *[("2", d) for d in ("2026-01-20", "2026-02-03")],
        ("3", "2026-02-07"),
        ("4", "2026-03-04"),
    ],
    columns=["customer", "time"],
).astype({"time": "datetime64[s]"})


@pytest.fixture(params=engines.PARAMS)
def log(request, tmp_path):
    return engines.maker(request, tmp_path)(LOG)


def test_march_is_not_over(log):
    """as_of 15 March: January came back in February, 2 of 2; nothing is known of March yet."""
    triangle = cl.cohorts.retention(log, as_of="2026-03-15")

    cells = {
        (f"{r.cohort:%Y-%m}", r.age): (r.n_start, r.n_seen, r.retention)
        for r in triangle.itertuples()
    }
    assert {("2026-01", 0), ("2026-01", 1), ("2026-01", 2)} <= set(cells)
    assert cells["2026-01", 1] == (2, 2, 1.0)
    for cohort, age in (("2026-01", 2), ("2026-02", 1), ("2026-03", 0)):
        n_start, n_seen, retention = cells[cohort, age]
        assert np.isnan(retention), "a month in progress has no retention"
    assert cells["2026-01", 2][:2] == (2, 1)
    assert cells["2026-02", 1][:2] == (1, 0)
    assert len(cells) == 6
    unfinished = triangle[triangle["retention"].isna()]
    assert unfinished[["n_active", "value", "conf_low", "conf_high"]].isna().all(axis=None)
    assert unfinished["n_eligible"].tolist() == [0, 0, 0]
    assert not unfinished["mature"].any()


def test_the_idiom_of_the_tutorials_prints_zero():
    """What a pandas pivot with fillna(0) says of the same log: February's cohort lost everyone."""
    month = LOG["time"].dt.to_period("M")
    first = month.groupby(LOG["customer"]).transform("min")
    age = (month - first).map(lambda gap: gap.n)
    seen = LOG.groupby([first, age])["customer"].nunique().unstack().fillna(0)
    tutorial = seen.div(seen[0], axis=0)

    assert tutorial.loc["2026-02", 1] == 0.0
    assert tutorial.loc["2026-01", 2] == 0.5
    ours = cl.cohorts.retention(LOG, as_of="2026-03-15").set_index(["cohort", "age"])["retention"]
    assert np.isnan(ours[pd.Timestamp("2026-02-01"), 1])
    assert np.isnan(ours[pd.Timestamp("2026-01-01"), 2])


def test_a_finished_month_without_anyone_is_a_true_zero():
    triangle = cl.cohorts.retention(LOG, as_of="2026-05-01").set_index(["cohort", "age"])

    assert triangle.loc[(pd.Timestamp("2026-02-01"), 2), "retention"] == 0.0
    assert triangle.loc[(pd.Timestamp("2026-02-01"), 2), "n_active"] == 0
    assert triangle["mature"].all()


def test_wilson_limits_by_hand():
    """2 of 2 at 95 %: the lower limit is n / (n + z²) = 2 / (2 + 3.8415)."""
    row = cl.cohorts.retention(LOG, as_of="2026-04-01").iloc[1]

    assert row["conf_low"] == pytest.approx(2 / (2 + 1.959963984540054**2))
    assert row["conf_high"] == 1.0


def test_as_of_on_the_first_begins_no_month():
    """as_of 1 March is the end of February: March has not begun, so there is no cell for it."""
    triangle = cl.cohorts.retention(LOG, as_of="2026-03-01")

    assert triangle["age"].tolist() == [0, 1, 0]
    assert triangle["mature"].all()


MONEY = pd.DataFrame(
    [
        *[("a", "2026-01-05", 10.0), ("a", "2026-01-09", 20.0), ("a", "2026-02-10", 15.0)],
        *[("a", "2026-02-11", -5.0), ("b", "2026-01-20", 30.0), ("b", "2026-03-02", 12.5)],
        ("c", "2026-02-07", 8.0),
    ],
    columns=["customer", "time", "amount"],
).astype({"time": "datetime64[s]"})


@pytest.mark.parametrize(
    ("measure", "value", "share"),
    [
        # January's two customers: events 3, 1, 0 (the refund is none) then 1 in March
        ("events", [3, 1, 1, 1, 0], [1, 1 / 3, 1 / 3, 1, 0]),
        # money 60, 15 − 5, 12.5; February's 8 and nothing
        ("money", [60.0, 10.0, 12.5, 8.0, 0.0], [1, 10 / 60, 12.5 / 60, 1, 0]),
        ("customers", [2, 1, 1, 1, 0], [1, 0.5, 0.5, 1, 0]),
    ],
)
def test_events_and_money_of_a_cell(measure, value, share):
    triangle = cl.cohorts.retention(MONEY, measure=measure, as_of="2026-04-01")

    assert triangle["value"].tolist()[:3] == value[:3]
    february = triangle[triangle["cohort"] == "2026-02-01"]
    assert february["value"].tolist() == value[3:]
    assert triangle["retention"].tolist()[:3] == pytest.approx(share[:3])
    assert february["retention"].tolist() == pytest.approx(share[3:])
    assert triangle["conf_low"].notna().all() == (measure == "customers")


def test_the_elapsed_clock_counts_from_each_start():
    """a: day 0 is 5 Jan 23:00 to 6 Jan 23:00. Back 2 hours later: day 0. b: back after 25: day 1.

    as_of 7 Jan 12:00: a's day 1 (to 7 Jan 23:00) is not over; b's (5 Jan 10:00 to 7 Jan 10:00) is.
    """
    log = pd.DataFrame(
        [("a", "2026-01-05 23:00"), ("a", "2026-01-06 01:00"),
         ("b", "2026-01-05 10:00"), ("b", "2026-01-06 11:00")],
        columns=["customer", "time"],
    ).astype({"time": "datetime64[s]"})  # fmt: skip

    triangle = cl.cohorts.retention(
        log, period=cl.Period("day", clock="elapsed"), as_of="2026-01-07 12:00"
    )

    assert triangle[["age", "n_start", "n_eligible", "n_seen"]].to_numpy().tolist() == [
        [0, 2, 2, 2],
        [1, 2, 1, 1],
        [2, 2, 0, 0],
    ]
    assert triangle["retention"].tolist()[:2] == [1.0, 1.0]
    assert triangle["mature"].tolist() == [True, False, False]
    by_start = cl.cohorts.retention(
        log,
        rule=cl.cohorts.Rule(denominator="start"),
        period=cl.Period("day", clock="elapsed"),
        as_of="2026-01-07 12:00",
    )
    assert by_start["retention"].tolist()[:2] == [1.0, 0.5]
    assert np.isnan(by_start["retention"].iloc[2])
