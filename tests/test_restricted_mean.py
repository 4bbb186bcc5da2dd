"""Restricted means and the further stay: against R, by brute force, and their properties."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import churnlab as cl
from tests.reference import read
from tests.test_cluster import random_spells, weighted_curve
from tests.test_quantiles import close, roles_of

ERRORS = ["std_error", "conf_low", "conf_high"]


# -------------------------------------------------------------------------------------- against R
@pytest.mark.parametrize(
    ("data", "name", "roles", "until", "printed"),
    [
        (
            "lung",
            "lung_by_sex",
            {"duration": "time", "event": "status", "event_value": 2, "by": "sex"},
            965,
            [(324.0484, 22.29794), (455.9041, 32.91742)],
        ),
        (
            "waltons",
            "waltons",
            {"duration": "time", "event": "event", "by": "group"},
            10,
            [(9.9767, 0.02317), (9.7941, 0.12324)],
        ),
        (
            "leukaemia",
            "leukaemia",
            {"duration": "weeks", "event": "event", "by": "treatment"},
            20,
            None,
        ),
    ],
)
def test_published_means_and_their_errors(data, name, roles, until, printed):
    """lifelines says 0.7186 for the error of waltons: that is a lifetime's, not the mean's."""
    theirs = read("named_results").query("data == @name").set_index(["what", "group"])["value"]
    ours = cl.survival.restricted_mean(read(data), until=until, **roles)

    for group, (_, row) in zip(ours.iloc[:, 0].astype(str), ours.iterrows(), strict=True):
        close(row["estimate"], theirs[f"rmst_{until}", group])
        close(row["std_error"], theirs[f"rmst_{until}_std_err", group])
    for (mean, error), (_, row) in zip(printed or [], ours.iterrows(), strict=bool(printed)):
        assert row["estimate"] == pytest.approx(mean, abs=6e-5)
        assert row["std_error"] == pytest.approx(error, abs=6e-6)


def test_equals_r_on_two_hundred_random_sets():
    """At a duration of the curve, between two, and at the last; Greenwood's error or the robust."""
    theirs = read("random_rmst")
    weights = read("random_sets").set_index("set")["weight"]
    seen = robust = 0
    for number, rows in read("random_spells").groupby("set"):
        roles = roles_of(rows)
        for _, wanted in theirs[theirs["set"] == number].iterrows():
            row = cl.survival.restricted_mean(rows, until=wanted["until"], **roles).iloc[0]
            is_robust = roles["cluster"] is not None or weights[number] == "quarters"
            close(row["estimate"], wanted["rmean"])
            error = wanted["robust_se" if is_robust else "std_err"]
            close(row["std_error"], error, tolerance=1e-8)
            seen, robust = seen + 1, robust + is_robust
    assert (seen, robust) == (600, 117)


# ------------------------------------------------------------------------------------ brute force
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("by_customer", [True, False], ids=["customers", "spells"])
def test_the_robust_error_is_the_derivative_by_the_weights(seed, by_customer):
    rows = random_spells(seed)
    if not by_customer:
        rows["customer"] = range(len(rows))
    times = np.sort(rows["duration"].unique())
    until = 0.5 * (times[-2] + times[-3])
    edges = np.minimum(np.append(times, np.inf), until)
    weight, step = rows["w"].to_numpy(float), 1e-5

    def mean(weights):
        at_times = weighted_curve(rows, weights, times, product=True)
        return edges[0] + (at_times * np.diff(edges)).sum()

    slopes = []
    for customer in rows["customer"].unique():
        its = (rows["customer"] == customer).to_numpy()
        up, down = (mean(weight * np.where(its, 1 + e, 1.0)) for e in (step, -step))
        slopes.append((up - down) / (2 * step))
    cluster = {"cluster": "customer"} if by_customer else {}

    row = cl.survival.restricted_mean(rows, until=until, weight="w", **cluster).iloc[0]

    close(row["estimate"], mean(weight))
    close(row["std_error"], np.sqrt(np.square(slopes).sum()), tolerance=1e-6)


def test_a_customer_for_every_spell_is_the_jackknife_of_spells():
    rows = random_spells(3).assign(customer=range(60))

    by_customer = cl.survival.restricted_mean(rows, until=9, weight="w", cluster="customer")
    by_spell = cl.survival.restricted_mean(rows, until=9, weight="w")

    pd.testing.assert_frame_equal(by_spell, by_customer, rtol=1e-12)


def test_one_customer_alone_has_no_error():
    rows = random_spells(5).assign(customer="x")

    row = cl.survival.restricted_mean(rows, until=8, cluster="customer").iloc[0]

    assert row["estimate"] > 0
    assert row[ERRORS].isna().all()


# -------------------------------------------------------------------------------------- the rules
PLANS = pd.DataFrame(
    {
        "duration": [1, 2, 4, 1, 3, 2, 6],
        "event": [1, 1, 1, 1, 0, 0, 0],
        "plan": ["gone", "gone", "gone", "short", "short", "none", "none"],
    }
)


def test_after_everyone_left_the_area_grows_no_more():
    gone = PLANS[PLANS["plan"] == "gone"]

    until = [cl.survival.restricted_mean(gone, until=u).iloc[0] for u in (4, 40)]

    assert until[0]["estimate"] == until[1]["estimate"] == pytest.approx(7 / 3)
    assert until[0]["std_error"] == until[1]["std_error"]


def test_a_group_that_is_not_observed_so_far_is_named():
    message = "until=5 lies beyond.*plan='short' is 3, and 50.0% are still there.*until=3 or less"
    with pytest.raises(cl.InputError, match=message):
        cl.survival.restricted_mean(PLANS, until=5, by="plan")

    assert len(cl.survival.restricted_mean(PLANS, until=3, by="plan")) == 3


def test_a_group_without_events_stays_for_the_whole_window():
    """Its error is 0 by the formula; that nothing was seen is no promise, so there are no limits."""
    found = cl.survival.restricted_mean(PLANS, until=3, by="plan").set_index("plan")

    assert found.loc["none", "estimate"] == 3
    assert found.loc["none", "std_error"] == 0
    assert found.loc["none", ["conf_low", "conf_high"]].isna().all()


def test_from_a_tenure_on():
    """Of those there after 1: "gone" leaves at 2 and 4, "short" is one who stays."""
    found = cl.survival.restricted_mean(PLANS, given=1, until=3, by="plan").set_index("plan")

    assert found["estimate"].to_dict() == {"gone": 1.5, "none": 2, "short": 2}
    late = cl.survival.restricted_mean(PLANS, given=4, until=6, by="plan").set_index("plan")
    assert late["estimate"].isna().to_dict() == {"gone": True, "none": False, "short": True}


LIES = {
    "no window": ({"until": 0}, "until=0 must be later than given=0"),
    "a window that ends before it begins": ({"until": 2, "given": 2}, "later than given=2"),
    "no number": ({"until": "year"}, "must be a number"),
    "nobody so long": ({"until": 9, "given": 7}, "no spell lasted longer"),
}


@pytest.mark.parametrize("story", LIES)
def test_misuse_ends_in_one_clear_message(story):
    arguments, message = LIES[story]

    with pytest.raises(cl.InputError, match=message):
        cl.survival.restricted_mean(PLANS, **arguments)


# -------------------------------------------------------------------------------- the further stay
def test_the_further_stay_is_made_of_the_curve_the_mean_and_the_median():
    lung = {"duration": "time", "event": "status", "event_value": 2, "by": "sex"}
    frame = read("lung")

    found = cl.survival.residual(frame, given=[0, 200], ahead=180, **lung)

    assert found[["sex", "given", "term"]].to_numpy().tolist() == [
        [sex, tenure, term]
        for sex in (1, 2)
        for tenure in (0, 200)
        for term in ("survival", "restricted_mean", "median")
    ]
    for tenure in (0, 200):
        part = found[found["given"] == tenure].set_index(["term", "sex"])
        curve = cl.survival.kaplan_meier(frame, given=tenure, **lung)
        until = curve[curve["duration"] <= tenure + 180].groupby("sex").last()
        columns = ["estimate", *ERRORS]
        close(part.loc["survival", columns], until[columns])
        assert part.loc["survival", "n_risk"].tolist() == (
            curve.groupby("sex")["n_risk"].first().tolist()
        )
        mean = cl.survival.restricted_mean(frame, given=tenure, until=tenure + 180, **lung)
        close(part.loc["restricted_mean", columns], mean[columns])
        median = cl.survival.quantiles(frame, q=0.5, given=tenure, **lung)
        limits = ["estimate", "conf_low", "conf_high"]
        close(part.loc["median", limits], median[limits] - tenure)
        assert part.loc["median", "std_error"].isna().all()


def test_what_is_not_yet_observed_is_missing():
    found = cl.survival.residual(PLANS, given=[0, 3], ahead=3, by="plan")
    found = found.set_index(["plan", "given", "term"])

    assert found.loc[("short", 0, "survival"), "estimate"] == 0.5
    # nobody of "short" lasted longer than 3, and "gone" is known to be gone
    assert found.loc[("short", 3), "n_risk"].tolist() == [0, 0, 0]
    assert found.loc[("short", 3), ["estimate", *ERRORS]].isna().all(axis=None)
    assert found.loc[("gone", 3, "survival"), "estimate"] == 0
    assert found.loc[("gone", 3, "survival"), ERRORS].isna().all()
    assert found.loc[("gone", 3, "median"), "estimate"] == 1
    # without events the chance to stay is 1, as far as it is observed
    assert found.loc[("none", 3, "survival"), "estimate"] == 1
    assert found.loc[("none", 3, "restricted_mean"), "estimate"] == 3
    further = cl.survival.residual(PLANS, given=3, ahead=4, by="plan").set_index(["plan", "term"])
    assert pd.isna(further.loc[("none", "survival"), "estimate"])
    assert further.loc[("none", "survival"), "n_risk"] == 1


def test_nobody_under_observation_at_the_tenure():
    """Everyone came under observation at 2: nothing is known of those who are new."""
    rows = pd.DataFrame({"duration": [3, 5, 6], "event": [1, 1, 0], "entry": 2})

    found = cl.survival.residual(rows, given=[0, 2], ahead=2).set_index(["given", "term"])

    assert found.loc[0.0, "n_risk"].tolist() == [0, 0, 0]
    assert found.loc[0.0, "estimate"].isna().all()
    assert found.loc[(2.0, "survival"), "estimate"] == pytest.approx(2 / 3)


def test_the_ledger_of_several_tenures_counts_every_spell_once():
    found = cl.survival.residual(PLANS, given=[0, 1, 3], ahead=1)

    assert cl.ledger(found).set_index("rule")["n"].to_dict() == {"read": 7, "used": 7}
    with pytest.raises(cl.InputError, match="given=6: no spell lasted longer"):
        cl.survival.residual(PLANS, given=[0, 6], ahead=1)
    with pytest.raises(cl.InputError, match="nothing can come within no time"):
        cl.survival.residual(PLANS, given=0, ahead=0)


# ------------------------------------------------------------------------------------- properties
spell = st.tuples(st.integers(0, 12), st.booleans(), st.integers(1, 3))


@settings(max_examples=60, deadline=None)
@given(st.lists(spell, min_size=1, max_size=40), st.integers(1, 14))
def test_properties(spells, until):
    frame = pd.DataFrame([*spells, (14, True, 1)], columns=["duration", "event", "k"])

    found = cl.survival.restricted_mean(frame, until=until)
    shuffled = cl.survival.restricted_mean(frame.sample(frac=1, random_state=1), until=until)
    counted = cl.survival.restricted_mean(frame, until=until, count="k")
    expanded = cl.survival.restricted_mean(frame.loc[frame.index.repeat(frame["k"])], until=until)
    quarters = cl.survival.restricted_mean(
        frame.assign(duration=frame["duration"] * 0.25), until=until * 0.25
    )

    pd.testing.assert_frame_equal(found, shuffled)
    pd.testing.assert_frame_equal(expanded, counted)
    close(found * 0.25, quarters, tolerance=1e-12)
    curve = cl.survival.kaplan_meier(frame)
    grid = np.arange(0.5, until)  # the curve is level from one whole number to the next
    at = np.searchsorted(curve["duration"], grid, side="right") - 1
    close(found["estimate"], [curve["estimate"].to_numpy()[at].sum()], tolerance=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=40), st.integers(1, 14))
def test_without_censoring_it_is_the_mean_of_what_falls_into_the_window(durations, until):
    frame = pd.DataFrame({"duration": durations, "event": True})
    inside = np.minimum(durations, until)

    row = cl.survival.restricted_mean(frame, until=until).iloc[0]

    close(row["estimate"], inside.mean(), tolerance=1e-12)
    close(row["std_error"], inside.std() / np.sqrt(inside.size), tolerance=1e-9)


@pytest.mark.slow
def test_the_error_is_what_the_mean_varies_by():
    """Of 2,000 samples of 80 customers with constant churn and censoring: 95 % limits hold."""
    random = np.random.default_rng(9)
    truth = 1 - np.exp(-1)
    life, cut = random.exponential(1.0, (2000, 80)), random.uniform(0.5, 4.0, (2000, 80))
    cut[:, 0] = 4.0
    firms = pd.DataFrame(
        {
            "duration": np.minimum(life, cut).ravel(),
            "event": (life <= cut).ravel(),
            "firm": np.repeat(np.arange(2000), 80),
        }
    )
    means = cl.survival.restricted_mean(firms, until=1, by="firm")
    columns = ("estimate", "std_error", "conf_low", "conf_high")
    estimate, error, low, high = (means[c] for c in columns)

    assert estimate.mean() == pytest.approx(truth, abs=0.003)
    assert error.mean() == pytest.approx(estimate.std(), rel=0.04)
    assert 0.93 <= ((low <= truth) & (truth <= high)).mean() <= 0.965
