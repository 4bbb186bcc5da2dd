"""Retention: maturity, groups, refusals, and equality with a plain count of sets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import churnlab as cl
from churnlab import engine


def log(rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["customer", "time"]).astype({"time": "datetime64[s]"})


def test_columns_and_order_are_fixed():
    triangle = cl.cohorts.retention(cl.datasets.load("four_customers"), as_of="2026-03-15")

    assert list(triangle.columns) == [
        *("cohort", "age", "n_start", "n_eligible", "n_active", "n_seen"),
        *("value", "retention", "conf_low", "conf_high", "mature"),
    ]
    assert isinstance(triangle.index, pd.RangeIndex)
    assert triangle.equals(triangle.sort_values(["cohort", "age"], ignore_index=True))


def test_cdnow_by_another_road():
    """The published first-quarter buyers: cohorts of 7,846, 8,476 and 7,248."""
    purchases = cl.datasets.load("cdnow_transactions")

    triangle = cl.cohorts.retention(purchases)

    sizes = triangle.groupby("cohort")["n_start"].first()
    assert sizes.tolist() == [7846, 8476, 7248]
    assert sizes.sum() == purchases["customer"].nunique()
    month = purchases["time"].dt.to_period("M")
    first = month.groupby(purchases["customer"]).transform("min")
    february = purchases[(first == "1997-01") & (month == "1997-02")]["customer"].nunique()
    assert triangle.loc[1, "n_active"] == february
    assert triangle["mature"].all()


def test_refunds_are_no_activity_and_free_things_are():
    frame = log(
        [("a", "2026-01-05"), ("a", "2026-02-05"), ("b", "2026-01-06"), ("b", "2026-02-06")]
    )
    frame["amount"] = [10.0, -10.0, 10.0, 0.0]

    triangle = cl.cohorts.retention(frame, as_of="2026-03-01")

    assert triangle["n_active"].tolist() == [2, 1]
    assert cl.ledger(triangle).set_index("rule")["n"].to_dict() == {
        "read": 4,
        "used": 3,
        "refund": 1,
    }
    assert cl.cohorts.retention(frame, amount=None, as_of="2026-03-01")["n_active"].tolist() == [
        2,
        2,
    ]


def test_a_named_amount_must_exist_and_a_default_one_need_not():
    frame = log([("a", "2026-01-05")])

    assert len(cl.cohorts.retention(frame, as_of="2026-02-01")) == 1
    with pytest.raises(cl.InputError, match="no column 'amount'"):
        cl.cohorts.retention(frame, amount="amount", as_of="2026-02-01")


def test_groups_partition_the_customers():
    frame = log([(c, d) for c in "abcdef" for d in ("2026-01-05", "2026-02-07")])
    frame["plan"] = ["x", "y"] * 5 + [None, None]

    whole = cl.cohorts.retention(frame, as_of="2026-03-01")
    parts = cl.cohorts.retention(frame, by="plan", as_of="2026-03-01")

    assert list(parts.columns[:2]) == ["plan", "cohort"]
    assert parts.groupby("age")["n_start"].sum().tolist() == whole["n_start"].tolist()
    assert parts["plan"].iloc[-1] is None or pd.isna(parts["plan"].iloc[-1])
    assert cl.ledger(parts).set_index("rule")["n"]["by_changed"] == 5


def test_weeks_begin_on_the_day_that_is_said():
    """Sunday 4 January 2026 belongs to the week of Monday 29 December, or begins a week itself."""
    frame = log([("a", "2026-01-04")])

    monday = cl.cohorts.retention(frame, period="week", as_of="2026-01-12")
    sunday = cl.cohorts.retention(frame, period=cl.Period("week", week_start=7), as_of="2026-01-11")

    assert monday["cohort"].iloc[0] == pd.Timestamp("2025-12-29")
    assert sunday["cohort"].iloc[0] == pd.Timestamp("2026-01-04")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rule": "unbounded"}, "rule='unbounded' is not one of 'on', 'on_or_after'"),
        ({"measure": "revenue"}, "measure='revenue' is not one of 'customers', 'events', 'money'"),
        ({"measure": "money"}, "needs a column of amounts: name it with amount="),
        ({"measure": "events", "rule": "on_or_after"}, "has no 'on or after'"),
        ({"rule": "amplitude", "period": cl.Period("day")}, "clock='elapsed'"),
        ({"rule": "posthog", "period": cl.Period("day", clock="elapsed")}, "clock='calendar'"),
        ({"rule": cl.cohorts.Rule(round_to="hour")}, "round_to='hour' needs a Period"),
        ({"rule": cl.cohorts.Rule(start_kind="open")}, "no column 'kind'"),
        ({"rule": cl.cohorts.Rule(start_kind="open"), "kind": None}, "kind=None: name the column"),
        ({"cohort": "plan"}, "must be a column of the events, a Period that names cohorts"),
        ({"cohort": cl.Period("week", clock="elapsed")}, "cohorts are calendar periods"),
        ({"cohort": "time", "rule": "posthog"}, "leave cohort= out"),
        ({"by": "cohort"}, "has no column|also the name"),
        ({"level": 1}, "strictly between 0 and 1"),
        ({"as_of": "2020-01-01"}, "nothing to count: no row left .after_as_of 7."),
    ],
)
def test_bad_calls_end_in_one_clear_message(arguments, message):
    with pytest.raises(cl.InputError, match=message):
        cl.cohorts.retention(
            cl.datasets.load("four_customers"), **({"as_of": "2026-03-15"} | arguments)
        )


event = st.tuples(st.sampled_from("abcde"), st.integers(0, 500))


@settings(max_examples=25)
@given(st.lists(event, min_size=1, max_size=40), st.integers(1, 600))
def test_the_triangle_counts_sets_of_customers(rows, length):
    origin = pd.Timestamp("2024-12-15")
    frame = log([(c, origin + pd.Timedelta(days=d)) for c, d in rows])
    as_of = origin + pd.Timedelta(days=length)
    used = frame[frame["time"] < as_of]
    if used.empty:
        return

    triangle = cl.cohorts.retention(frame, as_of=as_of)

    months = {
        c: {12 * t.year + t.month for t in part} for c, part in used.groupby("customer")["time"]
    }
    now = 12 * as_of.year + as_of.month
    for row in triangle.itertuples():
        first = 12 * row.cohort.year + row.cohort.month
        cohort = {c for c, m in months.items() if min(m) == first}
        seen = {c for c in cohort if first + row.age in months[c]}
        whole = first + row.age < now
        assert (row.n_start, row.n_seen, row.mature) == (len(cohort), len(seen), whole)
        assert row.n_eligible == (len(cohort) if whole else 0)
        assert np.isnan(row.retention) != whole
        assert not whole or row.retention == len(seen) / len(cohort)
    shuffled = cl.cohorts.retention(frame.sample(frac=1, random_state=3), as_of=as_of)
    renamed = cl.cohorts.retention(frame.replace({"a": "zz", "b": "é 'x'"}), as_of=as_of)
    pd.testing.assert_frame_equal(triangle, shuffled)
    pd.testing.assert_frame_equal(triangle, renamed)


def test_masks_and_activity_agree(monkeypatch):
    """DuckDB's road by bit_or and every engine's road by customer and period."""
    frame = cl.datasets.generate_events(3_000, seed=4)

    fast = cl.cohorts.retention(frame, by="segment")
    monkeypatch.setattr(engine, "has_masks", lambda frame: False)
    slow = cl.cohorts.retention(frame, by="segment")

    pd.testing.assert_frame_equal(slow, fast)
