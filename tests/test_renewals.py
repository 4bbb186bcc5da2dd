"""Renewals: published fits to the printed digits, the likelihood by hand, and refusals."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from scipy import special

import churnlab as cl
from churnlab import InputError
from churnlab.renewals import cohorts as counted, shapes
from churnlab.renewals.fitting import log_likelihood

TABLE = cl.datasets.load("shifted_beta_geometric")
CASES = cl.datasets.load("contract_cohorts")


def segment(name: str, until: int = 7) -> pd.DataFrame:
    """One of the published cohorts as 1,000 customers, followed up to a year."""
    rows = TABLE[(TABLE["segment"] == name) & (TABLE["year"] <= until)]
    return pd.DataFrame({"age": rows["year"], "customers": 10 * rows["percent"]})


def staggered(case: int) -> pd.DataFrame:
    """Cohorts that began in years 0 to 3 and were followed to year 4."""
    rows = CASES[CASES["case"] == case].rename(columns={"year": "age"})
    return pd.concat([rows[rows["age"] <= 4 - start].assign(cohort=start) for start in range(4)])


# --- published -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "model", "printed", "loglik"),
    [
        ("Regular", "sbg", [0.704, 1.182], -1680.265),
        ("High End", "sbg", [0.668, 3.806], -1611.158),
        ("Regular", "bdw", [0.46, 0.78, 1.28], -1679.603),
        ("High End", "bdw", [0.21, 1.43, 1.72], -1605.314),
    ],
)
def test_published_parameters(name, model, printed, loglik):
    found = cl.renewals.fit(segment(name), model=model)

    digits = 3 if model == "sbg" else 2
    assert found.coefficients["estimate"].round(digits).tolist() == printed
    assert round(found.loglik, 3) == loglik
    assert found.n == pytest.approx(1000) and found.n_cohorts == 1


def test_published_projection_of_the_high_end_cohort():
    found = cl.renewals.fit(segment("High End"))
    ahead = found.project(12).set_index("age")

    assert ahead["estimate"].round(4).tolist()[8:] == [0.4604, 0.4358, 0.4142, 0.3951, 0.378]
    assert ahead["retention"].round(3).tolist()[1:8] == [
        0.851, 0.878, 0.897, 0.911, 0.921, 0.929, 0.936,
    ]  # fmt: skip
    regular = cl.renewals.fit(segment("Regular")).project(12).set_index("age")
    assert round(regular.loc[12, "estimate"], 3) == 0.17
    assert regular["retention"].round(3).tolist()[1:8] == [
        0.627, 0.756, 0.819, 0.856, 0.88, 0.898, 0.911,
    ]  # fmt: skip
    since_seven = (ahead["estimate"] / ahead.loc[7, "estimate"]).round(3)
    assert since_seven.tolist()[8:] == [0.942, 0.891, 0.847, 0.808, 0.773]


def test_published_mean_churn():
    for name, mean in (("Regular", 0.373), ("High End", 0.149)):
        alpha, beta = cl.renewals.fit(segment(name)).coefficients["estimate"]
        assert round(alpha / (alpha + beta), 3) == mean


def test_published_residual_lifetime_in_its_three_conventions():
    table = cl.renewals.fit(segment("High End")).derl(7, discount=0.10)

    assert table.set_index("convention")["estimate"].round(3).to_dict() == {
        "next_now": 7.530, "next_discounted": 6.845, "with_current": 7.845,
    }  # fmt: skip
    assert round(table["estimate"][0], 5) == 7.52963


def test_published_staggered_cohorts():
    one, two = (cl.renewals.fit(staggered(case)) for case in (1, 2))

    assert one.coefficients["estimate"].round(3).tolist() == [3.798, 15.192]
    assert round(one.loglik, 3) == -40255.837
    assert two.coefficients["estimate"].round(4).tolist() == [0.0667, 0.2667]
    assert round(two.loglik, 3) == -27476.660
    assert one.n_cohorts == 4 and one.n == 40_000


def test_published_weibull_on_five_points():
    found = cl.renewals.fit(segment("High End", until=4), model="bdw").coefficients["estimate"]

    assert found.tolist() == pytest.approx([0.2594, 1.7226, 1.5844], abs=2e-4)


def test_published_failure_of_the_naive_curves():
    curves = cl.renewals.naive_curves(segment("High End"), until=12)
    ends = curves[curves["age"] == 12].set_index("curve")
    actual = 0.394

    assert (100 * (ends["estimate"] / actual - 1)).round().to_dict() == {
        "linear": -81, "exponential": -30, "quadratic": 92,
    }  # fmt: skip
    assert ends["r_squared"].round(3).to_dict() == {
        "linear": 0.922, "exponential": 0.964, "quadratic": 0.998,
    }  # fmt: skip
    regular = cl.renewals.naive_curves(segment("Regular"), until=12)
    ends = regular[regular["age"] == 12].set_index("curve")["estimate"]
    assert (100 * (ends / 0.173 - 1)).round().tolist() == [-293, -54, 576]


def test_the_model_holds_where_the_curves_fail():
    table = cl.renewals.holdout(segment("High End", until=12), fit_until=7)

    assert table["age"].tolist() == [8, 9, 10, 11, 12]
    assert table["error"].abs().max() < 0.05
    assert table["actual"].iloc[-1] == pytest.approx(0.394)


# --- by hand ---------------------------------------------------------------------------------------
def test_the_likelihood_by_hand():
    """10 customers, 6 after one period, 5 after two, with α = 1, β = 2: θ has density 2(1 − θ).
    P(T = 1) = 1/3, P(T = 2) = 1/3 · 2/4 = 1/6, S(2) = 1/2: 4 ln(1/3) + ln(1/6) + 5 ln(1/2)."""
    data = pd.DataFrame({"age": [0, 1, 2], "customers": [10, 6, 5]})
    counts = counted.counts(counted.read(data, None, "age", "customers"))
    value, _ = log_likelihood(counts, np.array([1.0, 2.0]))

    assert value == pytest.approx(4 * math.log(1 / 3) + math.log(1 / 6) + 5 * math.log(1 / 2))


def test_retention_of_the_model_by_hand():
    """r(t) = (β + t − 1) / (α + β + t − 1), and S is their product."""
    found = cl.renewals.fit(segment("Regular"))
    alpha, beta = found.coefficients["estimate"]
    ahead = found.project(30)
    t = np.arange(1, 31)

    np.testing.assert_allclose(ahead["retention"][1:], (beta + t - 1) / (alpha + beta + t - 1))
    np.testing.assert_allclose(ahead["estimate"][1:], np.cumprod(ahead["retention"][1:]))


def test_two_periods_are_fitted_exactly():
    """Two losses, two parameters: α/(α + β) and (β)/(α + β)… solve S(1) = .7, S(2) = .56 exactly:
    r(1) = β/(α+β) = .7, r(2) = (β+1)/(α+β+1) = .8: with s = α + β, .7 s + 1 = .8 s + .8, s = 2."""
    data = pd.DataFrame({"age": [0, 1, 2], "customers": [1000, 700, 560]})
    alpha, beta = cl.renewals.fit(data).coefficients["estimate"]

    assert (alpha, beta) == (pytest.approx(0.6, rel=1e-6), pytest.approx(1.4, rel=1e-6))


def test_tenure_is_the_sum_of_the_curve():
    one = cl.renewals.fit(staggered(1))
    alpha, beta = one.coefficients["estimate"]

    assert one.tenure(5) == pytest.approx(one.project(4)["estimate"].sum())
    assert one.tenure() == pytest.approx((alpha + beta - 1) / (alpha - 1))
    # Euler's sum of a beta-geometric: E(1/θ) for θ ~ Beta(α, β)
    assert one.tenure() == pytest.approx(special.beta(alpha - 1, beta) / special.beta(alpha, beta))
    assert cl.renewals.fit(segment("Regular")).tenure() == math.inf


def test_residual_lifetime_is_a_hypergeometric_sum():
    """(β + n) / (α + β + n) · ₂F₁(1, β + n + 1; α + β + n + 1; 1/(1 + d)), after n renewals."""
    found = cl.renewals.fit(segment("High End"))
    alpha, beta = found.coefficients["estimate"]
    for n, d in ((0, 0.1), (3, 0.02), (7, 0.5)):
        top, bottom = beta + n, alpha + beta + n
        exact = top / bottom * special.hyp2f1(1, top + 1, bottom + 1, 1 / (1 + d))
        assert found.derl(n, discount=d)["estimate"][0] == pytest.approx(exact, rel=1e-9)


# --- properties -------------------------------------------------------------------------------------
@settings(max_examples=30, deadline=None)
@given(st.floats(0.1, 20), st.floats(0.1, 50), st.floats(0.3, 3))
def test_gradients_are_those_of_the_curve(alpha, beta, c):
    theta = np.array([alpha, beta, c])
    ages = np.array([0.0, 1.0, 2.0, 7.0])
    step = 1e-6 * theta
    for k in range(3):
        move = np.eye(3)[k] * step
        numeric = (
            shapes.log_survival(ages, theta + move) - shapes.log_survival(ages, theta - move)
        ) / (2 * step[k])
        np.testing.assert_allclose(
            shapes.gradient(ages, theta)[:, k], numeric, rtol=1e-4, atol=1e-6
        )


def simulated(alpha, beta, c, n, until, seed) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    theta, u = rng.beta(alpha, beta, n), rng.random(n)
    # S(t | θ) = (1 − θ)^(t^c)
    life = (np.log(u) / np.log1p(-theta)) ** (1 / c)
    return pd.DataFrame(
        {"age": range(until + 1), "customers": [(life > t).sum() for t in range(until + 1)]}
    )


@pytest.mark.slow
def test_limits_cover_the_truth_of_simulated_cohorts():
    hits = np.zeros(2)
    for seed in range(60):
        found = cl.renewals.fit(simulated(1.5, 4, 1, 3000, 8, seed), level=0.90).coefficients
        hits += (found["conf_low"] <= [1.5, 4]) & (found["conf_high"] >= [1.5, 4])
    # 90 % of 60 are 54; four standard errors are 9.3
    assert (hits >= 44).all()


def test_the_weibull_form_is_found_again():
    found = cl.renewals.fit(simulated(0.8, 2, 1.6, 400_000, 10, 5), model="bdw").coefficients

    assert (found["conf_low"] < [0.8, 2, 1.6]).all() and (found["conf_high"] > [0.8, 2, 1.6]).all()
    assert found["estimate"].tolist() == pytest.approx([0.8, 2, 1.6], rel=0.05)


def test_profile_limits_are_where_the_likelihood_has_fallen():
    data = segment("High End")
    found = cl.renewals.fit(data).coefficients
    counts = counted.counts(counted.read(data, None, "age", "customers"))
    for edge in ("conf_low", "conf_high"):
        fixed = found.loc[0, edge]
        best = max(
            log_likelihood(counts, np.array([fixed, beta]))[0] for beta in np.linspace(1, 12, 4001)
        )
        drop = cl.renewals.fit(data).loglik - best
        assert drop == pytest.approx(3.841459 / 2, abs=2e-3)


def test_cohorts_add_up_and_their_order_does_not_matter():
    rows = staggered(1)
    shuffled = rows.sample(frac=1, random_state=3)
    a, b = (cl.renewals.fit(data) for data in (rows, shuffled))

    pd.testing.assert_frame_equal(a.coefficients, b.coefficients)
    one = cl.renewals.fit(segment("Regular"))
    doubled = cl.renewals.fit(segment("Regular").assign(customers=lambda d: 2 * d["customers"]))
    assert doubled.coefficients["estimate"].tolist() == pytest.approx(
        one.coefficients["estimate"].tolist(), rel=1e-7
    )
    ratio = one.coefficients["std_error"] / doubled.coefficients["std_error"]
    assert ratio.tolist() == pytest.approx([math.sqrt(2)] * 2, rel=1e-4)


def test_customers_who_do_not_differ_are_said_not_to():
    data = pd.DataFrame({"age": range(6), "customers": [1e6 * 0.8**t for t in range(6)]})
    with pytest.warns(UserWarning, match="do not differ"):
        found = cl.renewals.fit(data)
    alpha, beta = found.coefficients["estimate"]
    assert alpha / (alpha + beta) == pytest.approx(0.2, rel=1e-3)


# --- refusals ----------------------------------------------------------------------------------------
def line(ages, customers) -> pd.DataFrame:
    return pd.DataFrame({"age": ages, "customers": customers})


@pytest.mark.parametrize(
    ("data", "arguments", "words"),
    [
        (line([0, 2, 3], [9, 8, 7]), {}, "without gaps"),
        (line([1, 2, 3], [9, 8, 7]), {}, "without gaps"),
        (line([0, 1, 1], [9, 8, 7]), {}, "once each"),
        (line([0, 1, 2], [9, 8, 8.5]), {}, "grows from 8 at age 1 to 8.5"),
        (line([0], [9]), {}, "age 0 only"),
        (line([0, 1, 2], [9, 9, 9]), {}, "nobody was lost"),
        (line([0, 1, 2], [9, np.nan, 8]), {}, "is missing in 1 row"),
        (line([0, 1, 2], [9, 8, -1]), {}, "below 0"),
        (line([0, 1], [9, 8]), {}, "2 parameters"),
        (line([0, 1, 2], [9, 8, 7]), {"model": "bdw"}, "3 parameters"),
        (line([0, 1, 2], [9, 8, 7]), {"model": "weibull"}, "'sbg', 'bdw'"),
        (line([0, 1, 2], [9, 8, 7]), {"age": "year"}, "no column 'year'"),
        (line([], []), {}, "no rows"),
    ],
)
def test_what_is_no_cohort_is_refused(data, arguments, words):
    with pytest.raises(InputError, match=words):
        cl.renewals.fit(data, **arguments)


def test_questions_without_an_answer():
    found = cl.renewals.fit(segment("Regular"))

    for call, words in (
        (lambda: found.derl(3, discount=0), "above 0"),
        (lambda: found.project(0), "at least 1"),
        (lambda: found.derl(-1, discount=0.1), "at least 0"),
        (lambda: cl.renewals.holdout(segment("Regular"), fit_until=7), "holds nothing back"),
        (lambda: cl.renewals.naive_curves(line([0, 1], [9, 8]), until=3), "three ages"),
    ):
        with pytest.raises(InputError, match=words):
            call()


def test_a_cohort_that_has_met_no_renewal_is_left_out_beside_older_ones():
    old = pd.DataFrame({"cohort": "old", "age": [0, 1, 2], "customers": [100, 70, 60]})
    new = pd.DataFrame({"cohort": "new", "age": [0], "customers": [500]})

    alone, both = cl.renewals.fit(old), cl.renewals.fit(pd.concat([old, new], ignore_index=True))

    pd.testing.assert_frame_equal(alone.coefficients, both.coefficients)
    assert (both.n_cohorts, both.n) == (1, 100)
