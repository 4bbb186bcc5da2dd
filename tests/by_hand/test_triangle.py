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
