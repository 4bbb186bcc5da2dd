"""The calendar view of a triangle: by hand, against stickiness and brute force, and what it refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from churnlab import Period
from churnlab.cohorts import Rule


def random_log(seed, n=250):
    rng = np.random.default_rng(seed)
    time = pd.Timestamp("2025-06-01") + pd.to_timedelta(rng.integers(0, 300, n), "D")
    amount = rng.choice([-2.5, 0.0, 3.1, 12.3456], n, p=[0.1, 0.1, 0.5, 0.3])
    frame = pd.DataFrame({"customer": rng.integers(0, 40, n), "time": time, "amount": amount})
    # nobody came in December, and a plan that nobody had before autumn
    frame = frame[frame["time"].dt.month != 12].reset_index(drop=True)
    plan = pd.Series(rng.choice(["basic", "extra", None], 40))
    first = frame.groupby("customer")["time"].transform("min")
    return frame.assign(plan=frame["customer"].map(plan).where(first < "2025-08-01", "late"))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("period", ["month", "week", Period("week", week_start=7), "quarter"])
@pytest.mark.parametrize("by", [None, "plan"])
def test_against_stickiness_and_brute_force(seed, period, by):
    log, as_of = random_log(seed), "2026-03-18"
    triangle = cl.cohorts.retention(log, as_of=as_of, period=period, by=by)

    found = cl.cohorts.by_period(triangle, period=period)

    whole = found[found["whole"]].reset_index(drop=True)
    expected = cl.rates.stickiness(log, as_of=as_of, period=period, by=by)
    keys = ["plan", "period_start"] if by else ["period_start"]
    pd.testing.assert_frame_equal(whole[keys], expected[keys])
    assert whole["active"].tolist() == expected["active"].tolist()
    assert (whole["active"] == whole["new"] + whole["returning"]).all()
    assert found.attrs["as_of"] == "2026-03-18T00:00:00"

    # newcomers and those seen so far, straight from the log
    unit = Period.of(period)
    rows = log[(log["amount"] >= 0) & (log["time"] < as_of)]
    at = pd.Series(unit.starts([unit.index_of(t) for t in rows["time"]]), index=rows.index)
    seen = rows.assign(at=at).drop_duplicates(["customer", "at"])
    firsts = seen.sort_values("at").drop_duplicates("customer")
    size = (
        {k: g.set_index("period_start") for k, g in found.groupby("plan", dropna=False)}
        if by
        else {}
    )
    for key, part in size.items() if by else [(None, found.set_index("period_start"))]:
        mine = (
            (lambda f, key=key: f[f["plan"].isna() if pd.isna(key) else f["plan"] == key])
            if by
            else (lambda f: f)
        )
        n_seen, n_new = mine(seen)["at"].value_counts(), mine(firsts)["at"].value_counts()
        assert part["n_seen"].tolist() == [n_seen.get(d, 0) for d in part.index]
        over = part[part["whole"]]
        assert over["new"].tolist() == [n_new.get(d, 0) for d in over.index]
    last = found[~found["whole"]]
    assert len(last) == found["plan"].nunique(dropna=False) if by else len(last) == 1
    assert last[["active", "new", "returning", "value"]].isna().all(axis=None)


@pytest.mark.parametrize("measure", ["events", "money"])
def test_events_and_money_add_up(measure):
    """Σ value of the whole months is what the log holds of them; money to the ten-thousandth."""
    log, as_of = random_log(7), "2026-03-01"
    found = cl.cohorts.by_period(cl.cohorts.retention(log, as_of=as_of, measure=measure))

    known = log[log["time"] >= log[log["amount"] >= 0]["time"].min()]
    first = log[log["amount"] >= 0].groupby("customer")["time"].min()
    month = log["time"].dt.to_period("M")
    began = log["customer"].map(first).dt.to_period("M")
    counted = log[(log["time"] < as_of) & (month >= began)]
    if measure == "events":
        counted = counted[counted["amount"] >= 0].assign(amount=1)
    by_month = counted.groupby(counted["time"].dt.to_period("M"))["amount"].sum()
    assert len(known) and found["whole"].all()
    months = found["period_start"].dt.to_period("M")
    assert found["value"].tolist() == [round(by_month.get(m, 0), 4) for m in months]
    assert (
        found.loc[months == "2025-12", ["active", "new", "returning", "value"]].eq(0).all(axis=None)
    )


def test_the_month_in_progress_is_no_fall():
    """15 March: three were active in February, one of them new; of March only what was seen."""
    table = cl.cohorts.retention(cl.datasets.load("four_customers"), as_of="2026-03-15")

    found = cl.cohorts.by_period(table)

    assert found["whole"].tolist() == [True, True, False]
    assert found["active"].tolist()[:2] == [2, 3] and found["returning"].tolist()[:2] == [0, 2]
    assert found.iloc[2][["active", "new", "returning", "value"]].isna().all()
    assert found["n_seen"].tolist() == [2, 3, 2]
    assert found.attrs == table.attrs and isinstance(found.index, pd.RangeIndex)


LOG = random_log(3)


@pytest.mark.parametrize(
    ("made", "period", "message"),
    [
        ({"period": Period("month", clock="elapsed")}, "month", "elapsed clock"),
        ({"rule": "mixpanel"}, "month", "elapsed clock|more customers"),
        ({"rule": "on_or_after"}, "month", "more customers"),
        ({"rule": "posthog"}, "month", "more customers"),
        ({"rule": Rule(brackets=(0, 1, 3, 20))}, "month", "in brackets"),
        ({"cohort": Period("week"), "period": "day"}, "week", "another unit"),
        ({"cohort": Period("month"), "period": "day"}, "month", "another unit"),
        ({"cohort": Period("month"), "period": "day"}, "day", "in another unit"),
        ({"period": "week"}, "month", "not the first day of a month"),
        ({"period": "quarter"}, "month", "in another unit"),
        ({"cohort": "plan"}, "month", "are labels"),
        ({}, Period(clock="elapsed"), "use a Period with clock='calendar'"),
    ],
)
def test_other_triangles_are_refused(made, period, message):
    triangle = cl.cohorts.retention(LOG, as_of="2026-03-18", **made)
    with pytest.raises(cl.InputError, match=message):
        cl.cohorts.by_period(triangle, period=period)


def test_starts_that_are_no_activity_and_cut_cells_are_refused():
    starts = pd.DataFrame({"customer": range(40), "time": pd.Timestamp("2025-05-15")})
    signed_up = cl.cohorts.retention(LOG, as_of="2026-03-18", cohort=starts)
    with pytest.raises(
        cl.InputError, match="of the 40 customers of cohort 2025-05-01, 0 were active"
    ):
        cl.cohorts.by_period(signed_up)
    triangle = cl.cohorts.retention(LOG, as_of="2026-03-18")
    with pytest.raises(cl.InputError, match="cells are left out"):
        cl.cohorts.by_period(triangle[triangle["age"] > 0])
    with pytest.raises(cl.InputError, match="nothing to add up"):
        cl.cohorts.by_period(triangle[:0])
    with pytest.raises(cl.InputError, match="pass the frame of cohorts.retention, not a list"):
        cl.cohorts.by_period([1])
    with pytest.raises(cl.InputError, match="n_eligible"):
        cl.cohorts.by_period(cl.cohorts.pooled(triangle))
    # without what is in progress all periods are whole, and nothing else changes
    over = cl.cohorts.by_period(triangle[triangle["mature"]])
    assert over["whole"].all()
    assert over["active"].tolist() == cl.cohorts.by_period(triangle)["active"].tolist()[:-1]
