"""Recurring revenue by the cohort of the first contract, and by tier."""

from __future__ import annotations

import pandas as pd
import pytest

import churnlab as cl

CONTRACTS = pd.DataFrame(
    [
        *[("a", "2026-01-10", "2026-04-01", 10.0, "key"), ("b", "2026-01-31", None, 30.0, "small")],
        # a comes back in May: still a customer of January
        *[("a", "2026-05-02", None, 12.0, "small"), ("c", "2026-02-03", "2026-03-15", 5.0, None)],
    ],
    columns=["customer", "start", "end", "amount", "tier"],
).astype({"start": "datetime64[s]", "end": "datetime64[s]"})


def test_a_customer_belongs_to_its_first_start():
    table = cl.revenue.movements(CONTRACTS, cohort="month", as_of="2026-06-01")

    january = table[table["cohort"] == "2026-01-01"]
    assert january["period_start"].dt.month.tolist() == [1, 2, 3, 4, 5]
    assert january["closing_mrr"].tolist() == [40, 40, 30, 30, 42]
    assert january["reactivation_mrr"].tolist() == [0, 0, 0, 0, 12]
    february = table[table["cohort"] == "2026-02-01"]
    assert february["period_start"].dt.month.tolist() == [2, 3, 4, 5]
    assert february["closing_mrr"].tolist() == [5, 0, 0, 0]
    shares = cl.revenue.retention(table)
    assert list(shares.columns[:2]) == ["cohort", "period_start"]
    assert shares[shares["cohort"] == "2026-01-01"]["net_retention"].tolist()[1:] == [1, 0.75, 1, 1]


def test_cohorts_add_up_to_the_whole():
    contracts = cl.datasets.generate_subscriptions(400, seed=6)
    contracts["amount"] = 10.0 + contracts.index % 7
    whole = cl.revenue.movements(contracts, as_of="2024-01-01").set_index("period_start")

    for cohort in ("month", "quarter", "year"):
        parts = cl.revenue.movements(contracts, cohort=cohort, as_of="2024-01-01")
        summed = parts.groupby("period_start").sum(numeric_only=True)
        pd.testing.assert_frame_equal(summed, whole, check_dtype=False)


def test_a_tier_and_a_cohort_together():
    table = cl.revenue.movements(CONTRACTS, by="tier", cohort="quarter", as_of="2026-06-01")

    assert list(table.columns[:3]) == ["tier", "cohort", "period_start"]
    last = table[table["period_start"] == "2026-05-01"]
    assert last["closing_mrr"].tolist() == [12.0, 30.0, 0.0]
    assert last["tier"].tolist()[:2] == ["key", "small"] and pd.isna(last["tier"].iloc[2])


def test_an_elapsed_cohort_is_refused():
    with pytest.raises(cl.InputError, match="cohort= groups by calendar periods"):
        cl.revenue.movements(
            CONTRACTS, cohort=cl.Period("month", clock="elapsed"), as_of="2026-06-01"
        )
