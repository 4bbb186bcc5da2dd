"""Churn rates: by brute force over days, by groups, and the refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import churnlab as cl
from tests.test_spells import union_by_days

ORIGIN = pd.Timestamp("2025-12-20")


def contracts(rows) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer", "from", "length"])
    frame["length"] = frame["length"].astype("float64")
    frame["start"] = ORIGIN + pd.to_timedelta(frame["from"], unit="D")
    frame["end"] = frame["start"] + pd.to_timedelta(frame["length"], unit="D")
    return frame


contract = st.tuples(
    st.sampled_from("abcd"), st.integers(0, 90), st.one_of(st.none(), st.integers(1, 80))
)


@settings(max_examples=25)
@given(st.lists(contract, min_size=1, max_size=12))
def test_every_count_by_brute_force_over_days(rows):
    """A customer is there on the days of the union of the contracts; count days and crossings."""
    frame = contracts(rows)
    as_of = pd.Timestamp("2026-03-20")

    try:
        table = cl.rates.churn_rate(frame, as_of=as_of, method="person_time")
    except cl.InputError as error:
        assert "nothing to count" in str(error) or "no whole month" in str(error)
        return

    there = {}
    for customer, part in frame[frame["start"] < as_of].groupby("customer"):
        days: set[pd.Timestamp] = set()
        for row in part.itertuples():
            end = as_of if pd.isna(row.end) else min(row.end, as_of)
            days |= set(pd.date_range(row.start, end, inclusive="left"))
        there[customer] = days
    day = pd.Timedelta(days=1)
    for row in table.itertuples():
        first, after = row.period_start, row.period_start + pd.DateOffset(months=1)
        counted = {"opening": 0, "lost": 0, "new": 0, "new_lost": 0}
        exposure = 0.0
        for days in there.values():
            # runs of days: a run that ends on the last day of the month was lost in the month
            starts = sorted(d for d in days if d - day not in days)
            ends = sorted(d + day for d in days if d + day not in days)
            for start, end in zip(starts, ends, strict=True):
                left = first < end <= after and end <= as_of and (end < as_of or ended(frame, end))
                counted["opening"] += start < first < end
                counted["lost"] += start < first and left
                counted["new"] += first <= start < after
                counted["new_lost"] += first <= start < after and left
                inside = (min(end, after) - max(start, first)) / (after - first)
                exposure += max(inside, 0.0)
        assert {name: getattr(row, name) for name in counted} == counted
        assert row.exposure == pytest.approx(exposure)
        expected = 1 - np.exp(-(row.lost + row.new_lost) / exposure) if exposure else np.nan
        assert row.rate == pytest.approx(expected, nan_ok=True)


def ended(frame: pd.DataFrame, end: pd.Timestamp) -> bool:
    return bool((frame["end"] == end).any())


def test_the_first_period_of_every_group_is_the_same():
    frame = contracts([("a", 0, 20), ("b", 45, None)]).assign(plan=["x", "y"])

    table = cl.rates.churn_rate(frame, as_of="2026-03-01", by="plan")

    assert table.groupby("plan")["period_start"].min().nunique() == 1
    assert table.loc[table["plan"] == "y", "new"].tolist() == [0, 0, 1]


def test_groups_partition_the_counts():
    frame = cl.datasets.generate_subscriptions(3_000, seed=7)

    whole = cl.rates.churn_rate(frame, as_of="2024-12-01").set_index("period_start")
    parts = cl.rates.churn_rate(frame, as_of="2024-12-01", by="plan")
    parts = parts.groupby("period_start")[["opening", "lost", "new", "new_lost", "exposure"]].sum()

    np.testing.assert_allclose(parts, whole[parts.columns])


def test_events_are_sent_to_the_right_room():
    with pytest.raises(cl.InputError, match=r"event log .* use cohorts.retention"):
        cl.rates.churn_rate(cl.datasets.load("four_customers"), as_of="2026-03-15")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "gross"}, "method='gross' is not one of 'opening_cohort'"),
        ({"as_of": "2025-12-25"}, "no whole month"),
        ({"as_of": "2025-01-01"}, "nothing to count"),
        ({"by": "rate"}, "also the name of a column"),
        ({"as_of": None}, "as_of=None must be a date"),
    ],
)
def test_bad_calls_end_in_one_clear_message(arguments, message):
    frame = contracts([("a", 0, 20)]).assign(rate=1)

    with pytest.raises(cl.InputError, match=message):
        cl.rates.churn_rate(frame, **({"as_of": "2026-03-01"} | arguments))


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ((100, 101), "lost=101 is more than opening=100"),
        ((100, 10, 5, 6), "new_lost=6 is more than new=5"),
        ((100, -1), "must be at least 0"),
        ((100, 2.5), "whole number"),
    ],
)
def test_counts_that_cannot_be_are_refused(counts, message):
    with pytest.raises(cl.InputError, match=message):
        cl.rates.churn_rate_from_counts(*counts)


def test_no_customers_no_rate():
    table = cl.rates.churn_rate_from_counts(0, 0)

    assert table["rate"].isna().all()


def test_union_of_contracts_is_what_the_spells_say():
    """The same joining of contracts serves spells and rates."""
    frame = contracts([("a", 0, 20), ("a", 20, 10), ("a", 40, 5)])

    assert union_by_days(frame, 100) == {"a": (30, True)}
    table = cl.rates.churn_rate(frame, as_of="2026-03-01", period="day")
    assert table["lost"].sum() + table["new_lost"].sum() == 2
