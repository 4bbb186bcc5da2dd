"""Forecasts by hand: two cohorts, known parameters, five contracts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

import churnlab as cl
from churnlab.forecast import money, parameters, paths
from tests import engines

BASE = paths.Base(np.array([0, 2]), np.array([300, 100]))


def point(alpha: float, beta: float, c: float | None = None) -> np.ndarray:
    """Parameters as forecasts hold them."""
    two = [logit(alpha / (alpha + beta)), logit(1 / (alpha + beta + 1))]
    return np.array([two + ([] if c is None else [np.log(c)])])


def test_churn_by_age_by_hand():
    """α = 1, β = 2: (1/3, 1/4, 1/5, 1/6), since 1 − r(t) = α / (α + β + t − 1); with c = 2 the
    survival is B(1, 2 + t²) / B(1, 2) = 2 / (2 + t²): 1, 2/3, 1/3, 2/11."""
    assert parameters.churn(point(1, 2), 4)[0].tolist() == pytest.approx(
        [1 / 3, 1 / 4, 1 / 5, 1 / 6]
    )
    kept = np.cumprod(1 - parameters.churn(point(1, 2, 2), 3)[0])
    assert kept.tolist() == pytest.approx([2 / 3, 1 / 3, 2 / 11])


def test_two_cohorts_by_hand():
    """300 at age 0 and 100 at age 2, α = 1, β = 2: S = 1, 2/3, 1/2, 2/5, 1/3. One period on
    300 · 2/3 + 100 · 4/5 = 200 + 80; two on 300 · 1/2 + 100 · 2/3 = 150 + 66.7 = 216.7. One rate of
    churn, the first period's 30 % again, would say 400 · 0.7² = 196."""
    leave = parameters.churn(point(1, 2), 4)[0]
    found = paths.expected(BASE, leave, 2)

    assert found[:, 0].tolist() == pytest.approx([200, 80])
    assert found[:, 1].tolist() == pytest.approx([150, 200 / 3])
    assert found[:, 1].sum() > 400 * (found[:, 0].sum() / 400) ** 2 + 20


def test_newcomers_by_hand():
    """90 come in each period, S = 1, 2/3, 1/2: 90, then 90 + 60, then 90 + 60 + 45."""
    leave = parameters.churn(point(1, 2), 3)[0]
    found = paths.expected_newcomers(np.full(3, 90.0), leave)

    assert found.sum(axis=0).tolist() == pytest.approx([90, 150, 195])


def test_draws_have_the_mean_and_variance_of_binomials():
    """Σ n p and Σ n p (1 − p), p = S(a + h) / S(a): after two periods 1/2 and 2/3."""
    leave = np.repeat(parameters.churn(point(1, 2), 4), 40_000, axis=0)
    totals = paths.drawn(BASE, leave, 2, np.random.default_rng(1))
    last = totals[:, :, 1].sum(axis=1)

    assert last.mean() == pytest.approx(150 + 200 / 3, abs=4 * np.sqrt(97.2 / 40_000))
    assert last.var() == pytest.approx(300 / 4 + 100 * 2 / 9, rel=0.03)
    assert (totals[:, :, 1] <= totals[:, :, 0]).all(), "nobody comes back on a path"


def test_what_survivors_pay_has_the_variance_of_thinned_amounts():
    """Amounts 1, 1, 1, 7 (Σ a = 10, Σ a² = 52), each kept with 1/2: mean 5, variance 52 / 4 = 13,
    the number of survivors included; and four equal amounts pay whole survivors, nothing between."""
    rng = np.random.default_rng(2)
    kept = rng.binomial(4, 0.5, (60_000, 1, 1))
    here = money._Here(paths.Base(np.array([0]), np.array([4])), np.array([10.0]), np.array([52.0]))
    n, k = 4.0, kept.astype(float)
    within = (k * (1 - k / n) * (52 - 25) / 3).mean() + kept.var() * 2.5**2
    assert within == pytest.approx(13, rel=0.02)
    paid = money._thinned(here, kept, rng)
    assert paid.mean() == pytest.approx(5, rel=0.02) and paid.min() >= 0 and paid.max() <= 10
    same = money._Here(here.base, np.array([12.0]), np.array([36.0]))
    np.testing.assert_allclose(money._thinned(same, kept, rng), 3.0 * kept)


CONTRACTS = pd.DataFrame(
    [
        ("Ada", "2026-01-05", None, 10.0),
        ("Ben", "2026-01-20", "2026-03-01", 20.0),  # there on 1 February, gone on 1 March
        ("Chen", "2026-01-31", "2026-02-10", 5.0),
        ("Chen", "2026-02-10", "2026-04-01", 7.5),  # touches: one spell, gone on 1 April
        ("Dora", "2026-02-03", "2026-02-20", 9.0),  # at no turn
        ("Emma", "2026-02-27", None, 30.0),
        ("Ben", "2026-03-15", None, 20.0),  # came back: a later spell
    ],
    columns=["customer", "start", "end", "amount"],
).astype({"start": "datetime64[s]", "end": "datetime64[s]"})


@pytest.fixture(params=engines.PARAMS)
def contracts(request, tmp_path):
    return engines.maker(request, tmp_path)(CONTRACTS)


def test_cohorts_of_contracts_by_hand(contracts):
    """January: Ada, Ben, Chen at the turn to February, Ada and Chen to March, Ada to April.
    February: Emma at the turns to March and to April; Ben's second spell joins only with "all"."""
    table = cl.renewals.cohort_counts(contracts, as_of="2026-04-15")
    both = cl.renewals.cohort_counts(contracts, as_of="2026-04-15", spells="all")

    rows = list(zip(table["cohort"].dt.month, table["age"], table["customers"], strict=True))
    assert rows == [(1, 0, 3), (1, 1, 2), (1, 2, 1), (2, 0, 1), (2, 1, 1)]
    assert both["customers"].tolist() == [3, 2, 1, 1, 1, 1]
    spells = cl.ledger(table).query("unit == 'spells'").set_index("rule")["n"].to_dict()
    assert spells == {"read": 6, "used": 4, "no_turn": 1, "later_spell": 1}


def test_what_they_pay_at_the_last_turn(contracts):
    """On 1 April: Ada 10 (January) and Emma 30 (February), with "all" Ben 20 (March) too."""
    amounts = {}
    for spells in ("first", "all"):
        table = cl.forecast.revenue(
            contracts, as_of="2026-04-15", ahead=1, spells=spells, draws=200, seed=3
        )
        amounts[spells] = float(table["conf_high"].iloc[0])
    assert amounts == {"first": 40.0, "all": 60.0}
    assert table["period_start"].dt.month.tolist() == [4]
