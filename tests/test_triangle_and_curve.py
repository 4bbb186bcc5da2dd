"""How a triangle and Kaplan–Meier on the same events relate, and where "on or after" is biased."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import churnlab as cl

AS_OF = pd.Timestamp("2026-01-01")
FIRST = 2024 * 12  # January 2024


def visits(customer: str, months: list[int]) -> list[tuple[str, pd.Timestamp]]:
    return [(customer, pd.Timestamp((FIRST + m) // 12, (FIRST + m) % 12 + 1, 15)) for m in months]


def monthly(lives: list[tuple[int, int]]) -> pd.DataFrame:
    """Customers active in every month from the first to the last, as far as as_of lets us see."""
    rows = [
        row
        for i, (first, length) in enumerate(lives)
        for row in visits(f"c{i}", [m for m in range(first, first + length + 1) if m < 24])
    ]
    return pd.DataFrame(rows, columns=["customer", "time"])


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 23)), min_size=2, max_size=40))
def test_without_gaps_the_triangle_holds_the_survival_curve(lives):
    """S(k) = Π over j ≤ k of Σ n_active(j + 1) / Σ n_active(j), over cohorts mature at j + 1.

    Who is last active at age j churned at duration j: it is at risk there if its month j + 1 is
    over, which is just when its cohort is mature at j + 1.
    """
    log = monthly(lives)
    triangle = cl.cohorts.retention(log, as_of=AS_OF)
    spells = cl.spells.to_spells(log, inactivity=2, period="month", as_of=AS_OF)
    curve = cl.survival.kaplan_meier(spells).set_index("duration")["estimate"]

    active = triangle.pivot(index="cohort", columns="age", values="n_active").astype("float64")
    product, ladder = 1.0, {}
    for j in range(active.shape[1] - 1):
        mature = active[j + 1].notna()
        if active.loc[mature, j].sum() > 0:
            product *= active.loc[mature, j + 1].sum() / active.loc[mature, j].sum()
            ladder[j] = product

    for duration, estimate in curve.items():
        if duration in ladder:
            assert estimate == pytest.approx(ladder[duration], abs=1e-12)
    assert set(curve.index) - {0} <= set(ladder), "every churn lies at an age someone can fill"


def pausing(n: int, seed: int) -> pd.DataFrame:
    """Who stays a geometric time (5 % leave after a month) and is active in 4 months of 10."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        first, length = int(rng.integers(0, 24)), int(rng.geometric(0.05))
        later = [m for m in range(first + 1, first + length) if rng.random() < 0.4 and m < 36]
        rows += visits(f"c{i}", [first, *later])
    return pd.DataFrame(rows, columns=["customer", "time"])


def test_on_or_after_is_biased_at_its_right_edge():
    """The same customers at the same age: known a year later, the share had been far higher.

    Only those whose return is already in the log count, so the youngest cell of every cohort lacks
    all who are merely pausing; "on" is final when its month is over.
    """
    log = pausing(4000, seed=5)
    then, later = pd.Timestamp("2025-07-01"), pd.Timestamp("2026-12-01")

    def edge(rule: str) -> tuple[float, float]:
        before = cl.cohorts.retention(log, rule=rule, as_of=then)
        newest = before[before["mature"]].groupby("cohort").tail(1)[["cohort", "age", "n_active"]]
        newest = newest[newest["age"] > 0]
        after = cl.cohorts.retention(log, rule=rule, as_of=later)
        both = newest.merge(after, on=["cohort", "age"], suffixes=("", "_later"))
        n = both["n_start"].sum()
        return both["n_active"].sum() / n, both["n_active_later"].sum() / n

    on_then, on_later = edge("on")
    after_then, after_later = edge("on_or_after")

    assert on_then == on_later
    assert after_then < 0.6 * after_later, "most of those pausing at the edge were not lost"


def test_the_mean_over_all_cells_mixes_cohorts_of_different_maturity():
    """Filled with zeros, as tutorials do, the average falls to nothing at its end; pooled it does
    not, and lies at the true 5 % a month."""
    rng = np.random.default_rng(2)
    log = monthly([(int(rng.integers(0, 23)), int(rng.geometric(0.05)) - 1) for _ in range(6000)])
    triangle = cl.cohorts.retention(log, as_of=AS_OF)

    seen = triangle.pivot(index="cohort", columns="age", values="n_seen")
    filled = (seen.div(seen[0], axis=0)).fillna(0).mean()
    pooled = cl.cohorts.pooled(triangle).set_index("age")["retention"]

    truth = 0.95**pooled.index
    assert (abs(pooled - truth) < 0.04)[pooled.index <= 18].all()
    assert filled[20] < 0.25 * truth[20]
