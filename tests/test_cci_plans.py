"""Break-evens, plans, agreement and concordance: held against ratings that were really changed."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.stats import friedmanchisquare, kendalltau

import churnlab as cl
from churnlab import InputError
from tests.engines import PARAMS, maker

FACTORS = ("price", "coverage", "service", "image")
EASE = {"price": 2, "coverage": 7, "service": 9, "image": 4}


def survey(seed: int, n: int = 60, missing: float = 0.1) -> pd.DataFrame:
    """Random ratings of four factors, weights, accounts of about three customers, two segments."""
    rng = np.random.default_rng(seed)
    customer = np.repeat(np.arange(n), len(FACTORS))
    factor = np.tile(FACTORS, n)
    top = np.tile([10, 6, 9, 10], n)
    frame = pd.DataFrame(
        {
            "customer": customer,
            "factor": factor,
            "satisfaction": rng.integers(1, top + 1),
            "importance": rng.integers(1, 11, n * len(FACTORS)),
            "weight": rng.choice([0.5, 1.0, 2.0], n)[customer],
            "account": (customer // 3).astype(str),
            "segment": np.where(customer % 2, "business", "low_end"),
        }
    )
    frame = frame[rng.random(len(frame)) >= missing].reset_index(drop=True)
    place = frame.groupby("customer")["importance"].rank(method="first")
    return frame.assign(place=place.astype("int64"))


def scores(ratings: pd.DataFrame, criterion: str, ease: dict[str, float]) -> pd.Series:
    table = cl.cci.matrix(ratings, improvability=ease, scale=(1, 10), weight="weight")
    return table.set_index("factor")[criterion]


def moved_all(ratings: pd.DataFrame, row: pd.Series) -> pd.DataFrame:
    """Everybody's rating moves the share of the way that takes the mean to the break-even."""
    at, now, then = ratings["factor"] == row["factor"], row["value"], row["break_even"]
    goal = 10 if then > now else 1
    share = (then - now) / (goal - now) if goal != now else 0.0
    values = ratings[row["moved"]].astype(float)
    return ratings.assign(**{row["moved"]: values.mask(at, values + share * (goal - values))})


# --- break-evens ----------------------------------------------------------------------------------
@pytest.mark.parametrize("seed", [0, 1])
def test_at_the_break_even_the_factor_is_level_with_its_rival(seed):
    ratings = survey(seed)
    found = cl.cci.stability(ratings, improvability=EASE, weight="weight")
    known = found.dropna(subset="break_even")
    assert len(known) > 6

    for _, row in known.iterrows():
        ease = dict(EASE)
        if row["moved"] == "improvability":
            ease[row["factor"]] = row["break_even"]
        changed = ratings if row["moved"] == "improvability" else moved_all(ratings, row)
        score = scores(changed, row["criterion"], ease)
        assert score[row["factor"]] == pytest.approx(score[row["rival"]], abs=1e-9)
        assert score.max() == pytest.approx(score[row["rival"]], abs=1e-9)


@pytest.mark.parametrize("seed", [2])
def test_without_a_break_even_no_rating_on_the_scale_changes_the_lead(seed):
    ratings = survey(seed)
    found = cl.cci.stability(ratings, improvability=EASE, weight="weight")
    unknown = found[found["break_even"].isna()]
    assert len(unknown) > 3

    for _, row in unknown.iterrows():
        now = scores(ratings, row["criterion"], EASE)
        for end in (1, 10):
            ease = EASE | ({row["factor"]: end} if row["moved"] == "improvability" else {})
            changed = ratings
            if row["moved"] != "improvability":
                changed = moved_all(ratings, row.to_dict() | {"break_even": end} | {"n": 0})
            score = scores(changed, row["criterion"], ease)
            leads = (
                score.idxmax() == row["factor"] and score.max() > score.drop(row["factor"]).max()
            )
            assert leads == (now.idxmax() == row["factor"])


def test_the_two_conclusions_of_variant_a_and_what_they_bear():
    found = cl.cci.stability(cl.datasets.load("cci_variant_a"))
    at = found.set_index(["criterion", "factor", "moved"])["break_even"]

    # stuck: coverage 7/69 = u(I) d (1 − m) / 23 · 1, new technology 112/621
    assert at["stuck", "new_technology", "satisfaction"] == pytest.approx(5.5)
    assert at["stuck", "new_technology", "importance"] == pytest.approx(4.375)
    assert at["stuck", "new_technology", "improvability"] == pytest.approx(6.0625)
    assert at["stuck", "coverage", "improvability"] == pytest.approx(4 + 2 / 3)
    # fixable: new technology overtakes at its own M of 8.875, or where coverage gives way
    assert at["fixable", "new_technology", "improvability"] == pytest.approx(8.875)
    assert 2 <= at["fixable", "coverage", "improvability"] < 3
    assert 2 <= at["fixable", "coverage", "importance"] < 3
    assert 7 < at["fixable", "coverage", "satisfaction"] <= 8
    assert np.isnan(at["fixable", "new_technology", "satisfaction"])


def test_nobody_else_presses_so_nothing_takes_the_lead_away():
    found = cl.cci.stability(cl.datasets.load("cci_table_2")).set_index("factor")
    assert found.loc["coverage", "break_even"].isna().all()
    assert found.loc["coverage", "rival"].isna().all()


def test_ranks_of_importance_do_not_move():
    ratings = survey(1).assign(importance=lambda f: f.groupby("customer").cumcount() + 1)
    found = cl.cci.stability(ratings, improvability=EASE, importance_as="rank")
    assert set(found["moved"]) == {"satisfaction", "improvability"}
    unknown = cl.cci.stability(ratings, improvability=None, importance_as="rank")
    assert set(unknown["criterion"]) == {"pressure"}


def test_groups_have_break_evens_of_their_own():
    ratings = survey(2)
    options = {"improvability": EASE, "weight": "weight"}
    both = cl.cci.stability(ratings, by="segment", **options)
    for segment, part in both.groupby("segment"):
        alone = cl.cci.stability(ratings[ratings["segment"] == segment], **options)
        own = part.drop(columns="segment").reset_index(drop=True)
        pd.testing.assert_frame_equal(own, alone, check_exact=False, rtol=1e-9)


# --- plans ----------------------------------------------------------------------------------------
def after(ratings: pd.DataFrame, factor: str, change: str, value: float) -> pd.DataFrame:
    at, s = ratings["factor"] == factor, ratings["satisfaction"].astype(float)
    new = {
        "close": 10 - (10 - s) * (1 - value),
        "add": (s + value).clip(1, 10),
        "at_least": s.clip(lower=value),
        "set": s * 0 + value,
    }[change]
    return ratings.assign(satisfaction=s.mask(at, new))


PLANS = [
    {"coverage": ("close", 0.4)},
    {"coverage": ("at_least", 6), "price": ("add", 2)},
    {"service": ("add", -3), "coverage": ("set", 9), "image": ("close", 1)},
]


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("cluster", [None, "account"])
def test_a_plan_equals_ratings_that_were_really_changed(plan, cluster):
    ratings = survey(3)
    options = {"improvability": EASE, "weight": "weight"}
    found = cl.cci.whatif(ratings, changes=plan, cluster=cluster, **options)
    today = cl.cci.per_customer(ratings, **options).frame.set_index("customer")
    changed = ratings

    assert found.loc[0, "cci"] == pytest.approx(cl.cci.index(ratings, **options).loc[0, "cci"])
    for step, (factor, (change, value)) in enumerate(plan.items(), start=1):
        changed = after(changed, factor, change, value)
        row = found.loc[step]
        then = cl.cci.per_customer(changed, scale=(1, 10), **options).frame.set_index("customer")
        fall = (today["cci"] - then["cci"]).reindex(today.index)
        weight = today["weight"]
        mean = (fall * weight).sum() / weight.sum()
        z = weight * (fall - mean)
        if cluster:
            z = z.groupby(ratings.groupby("customer")["account"].first()).sum()
        error = np.sqrt((z**2).sum() * len(z) / (len(z) - 1)) / weight.sum()
        assert row["fall"] == pytest.approx(mean, abs=1e-10)
        assert row["std_error"] == pytest.approx(error, rel=1e-9)
        assert row["cci"] == pytest.approx(found.loc[0, "cci"] - mean)
        pressure = scores(changed, "pressure", EASE)
        assert row["pressure_after"] == pytest.approx(pressure[factor], abs=1e-12)


def test_what_was_removed_is_not_fixable_any_more():
    table = cl.datasets.load("cci_table_2")
    found = cl.cci.whatif(table, changes={"coverage": ("close", 2 / 3)})
    assert found["stuck"].tolist() == pytest.approx([10.144928, 10.144928])  # all of m is used up
    assert found["fixable"].tolist() == pytest.approx([20.289855, 0], abs=1e-6)

    half = cl.cci.whatif(table, changes={"coverage": ("close", 1 / 3)})
    assert half["fixable"].tolist() == pytest.approx([20.289855, 10.144928])
    beyond = cl.cci.whatif(table, changes={"coverage": ("close", 1)})
    assert beyond[["fixable", "stuck"]].iloc[-1].tolist() == [0, 0]


def test_variants_a_and_b_are_changes_of_table_2():
    plan = pd.DataFrame(
        {"factor": ["new_technology", "coverage"], "change": ["set", "set"], "value": [2, 10]}
    )
    found = cl.cci.whatif(cl.datasets.load("cci_table_2"), changes=plan)
    assert found["cci"].round(4).tolist() == [30.4348, 53.6232, 23.1884]
    assert found["stuck"].round(4).tolist() == [10.1449, 28.1804, 18.0354]
    assert found["std_error"].isna().all()


def test_improvability_that_nobody_gave_leaves_what_hangs_on_it_missing():
    found = cl.cci.whatif(survey(1), improvability=None, changes={"coverage": ("close", 0.5)})
    assert found[["fixable", "stuck"]].isna().all(axis=None)
    assert found["fall"].gt(0).tolist() == [False, True]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "no change"),
        (["coverage"], "no plan"),
        ({"coverage": 0.5}, "is no change"),
        ({"coverage": ("close", 1.5)}, "from 0 to 1"),
        ({"coverage": ("set", 11)}, "from 1 to 10"),
        ({"coverage": ("set", "ten")}, "from 1 to 10"),
        ({"coverage": ("raise", 1)}, "'close', 'add', 'at_least', 'set'"),
        ({"Coverage": ("set", 5)}, "which nobody rated"),
        (pd.DataFrame({"factor": ["price"] * 2, "change": ["set"] * 2, "value": [5, 6]}), "twice"),
        (pd.DataFrame({"factor": ["price"], "value": [5]}), "'change'"),
    ],
)
def test_a_change_that_is_none_is_refused(changes, words):
    with pytest.raises(InputError, match=words):
        cl.cci.whatif(survey(1), improvability=EASE, changes=changes)


# --- agreement ------------------------------------------------------------------------------------
def test_agreement_is_kendalls_tau_of_the_two_matrices():
    ratings = survey(4)
    found = cl.cci.agreement(ratings, by="segment", improvability=EASE, weight="weight")
    table = cl.cci.matrix(ratings, by="segment", improvability=EASE, weight="weight")
    assert found["criterion"].tolist() == ["pressure", "fixable", "stuck"]
    for _, row in found.iterrows():
        one, other = (
            table[table["segment"] == row[side]].set_index("factor")[row["criterion"]].sort_index()
            for side in ("group", "reference")
        )
        assert row["tau"] == pytest.approx(kendalltau(one, other).statistic)


def test_overlap_by_hand():
    rows = [
        ("x", "a", 1),
        ("x", "b", 4),
        ("x", "c", 8),
        ("y", "a", 4),
        ("y", "b", 1),
        ("y", "c", 8),
    ]
    frame = pd.DataFrame(rows, columns=["wave", "factor", "satisfaction"]).assign(importance=10)
    found = cl.cci.agreement(frame, by="wave", improvability=None, scale=(1, 10))
    # x: a, b, c; y: b, a, c: nothing of the first 1, both of the first 2, all of 3
    assert found.loc[0, "overlap"] == pytest.approx((0 + 1 + 1) / 3)
    assert found.loc[0, "tau"] == pytest.approx(1 / 3)  # (2 − 1) / 3 pairs


@pytest.mark.parametrize(("by", "words"), [(None, "name their one column"), ("one", "one group")])
def test_agreement_needs_two_groups(by, words):
    with pytest.raises(InputError, match=words):
        cl.cci.agreement(survey(1).assign(one=1), by=by, improvability=EASE)


@pytest.mark.parametrize("criterion", ["satisfaction", "importance", "pressure"])
def test_concordance_is_friedmans_test(criterion):
    ratings = survey(5, missing=0.02)
    found = cl.cci.concordance(ratings).set_index("criterion").loc[criterion]
    wide = ratings.pivot(index="customer", columns="factor").dropna()
    i, d = wide["importance"] - 1, 10 - wide["satisfaction"]
    value = {"satisfaction": wide["satisfaction"], "importance": i, "pressure": i * d}[criterion]
    value = value[i.sum(axis=1) > 0]
    expected = friedmanchisquare(*(value[f] for f in FACTORS))
    assert found["n"] == len(value) < ratings["customer"].nunique()
    assert found["statistic"] == pytest.approx(expected.statistic)
    assert found["p_value"] == pytest.approx(expected.pvalue)
    assert found["concordance"] == pytest.approx(expected.statistic / (len(value) * 3))


def test_concordance_where_everything_ties_is_missing():
    frame = survey(1).assign(satisfaction=10, importance=5)
    found = cl.cci.concordance(frame, scale=(1, 10)).set_index("criterion")
    assert found.loc["pressure", ["concordance", "p_value"]].isna().all()


def test_one_order_is_full_concordance_and_groups_stand_alone():
    frame = survey(1, missing=0).assign(
        importance=lambda f: f["factor"].map({"price": 9, "coverage": 7, "service": 5, "image": 2})
    )
    found = cl.cci.concordance(frame, by="segment").set_index(["segment", "criterion"]).sort_index()
    assert found.xs("importance", level=1)["concordance"].tolist() == pytest.approx([1, 1])
    assert found.xs("importance", level=1)["n"].sum() == frame["customer"].nunique()


# --- every engine ---------------------------------------------------------------------------------
@pytest.fixture(params=PARAMS)
def make(request, tmp_path):
    return maker(request, tmp_path)


def calls(ratings) -> list[pd.DataFrame]:
    """Everything that is asked of every engine."""
    options = {"improvability": EASE, "weight": "weight"}
    plan = {"coverage": ("at_least", 6), "price": ("add", 2)}
    return [
        cl.cci.stability(ratings, **options),
        cl.cci.whatif(ratings, changes=plan, cluster="account", by="segment", **options),
        cl.cci.agreement(ratings, by="segment", **options),
        cl.cci.concordance(ratings, by="segment"),
        cl.cci.matrix(ratings, missing="impute", **options),
        cl.cci.matrix(ratings, importance="place", importance_as="rank", **options),
    ]


@cache
def of_pandas() -> list[pd.DataFrame]:
    return calls(survey(7))


def test_every_engine_gives_the_same(make):
    for expected, found in zip(of_pandas(), calls(make(survey(7))), strict=True):
        pd.testing.assert_frame_equal(found, expected, check_exact=False, rtol=1e-9)
