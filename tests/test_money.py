"""value, winback, surveys, purchases: other software, properties, simulation, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import churnlab as cl
from churnlab import InputError
from tests.reference import read

SHARE = st.floats(0.01, 0.99)
FISHER = list(read("winback_fisher").itertuples())
KOOPMAN = list(read("winback_koopman").itertuples())


# --- winback against R and statsmodels -----------------------------------------------------------
def odds_of(row):
    return cl.winback.odds(
        row.won, row.tried, prospects_won=row.prospects_won,
        prospects_tried=row.prospects_tried, level=row.level,
    ).set_index("term")  # fmt: skip


@pytest.mark.parametrize("row", FISHER, ids=lambda r: str(r.Index))
def test_exact_limits_and_fishers_test_as_in_r(row):
    table = odds_of(row)

    assert table.loc["odds_ratio", "p_value"] == pytest.approx(row.p_value, rel=1e-9)
    for term, low, high in (
        ("lost", row.lost_low, row.lost_high),
        ("prospects", row.new_low, row.new_high),
    ):
        assert table.loc[term, ["conf_low", "conf_high"]].tolist() == pytest.approx(
            [low, high], rel=1e-9, abs=1e-12
        )
    # R searches these limits to four digits only
    assert table.loc["odds_ratio", ["conf_low", "conf_high"]].tolist() == pytest.approx(
        [row.odds_low, row.odds_high], rel=1e-2
    )


@pytest.mark.parametrize("row", KOOPMAN, ids=lambda r: str(r.Index))
def test_limits_of_the_ratio_as_in_statsmodels(row):
    table = odds_of(row)

    assert table.loc["risk_ratio", ["conf_low", "conf_high"]].tolist() == pytest.approx(
        [row.low, row.high], rel=1e-8
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 30), st.integers(1, 30), st.data())
def test_turning_the_two_lists_round_turns_the_ratios_over(m, n, data):
    x, y = data.draw(st.integers(0, m)), data.draw(st.integers(0, n))
    one = cl.winback.odds(x, m, prospects_won=y, prospects_tried=n).set_index("term")
    two = cl.winback.odds(y, n, prospects_won=x, prospects_tried=m).set_index("term")

    for term in ("risk_ratio", "odds_ratio"):
        a, b = one.loc[term], two.loc[term]
        for up, down in (("estimate", "estimate"), ("conf_low", "conf_high")):
            if math.isnan(a[up]):
                assert math.isnan(b[down])
            else:
                expected = math.inf if b[down] == 0 else 1 / b[down]
                assert a[up] == pytest.approx(expected, rel=1e-5)
        if not math.isnan(a["estimate"]):
            assert a["conf_low"] <= a["estimate"] <= a["conf_high"]
    assert one.loc["odds_ratio", "p_value"] == pytest.approx(two.loc["odds_ratio", "p_value"])


def test_score_limits_are_where_the_score_test_stops_to_reject():
    """At a limit, the statistic is the quantile: checked by a search over a grid of p2."""
    table = cl.winback.odds(3, 17, prospects_won=9, prospects_tried=21).set_index("term")
    for ratio in table.loc["risk_ratio", ["conf_low", "conf_high"]]:
        p2 = np.linspace(1e-6, min(1, 1 / ratio) - 1e-6, 400_001)
        p1 = ratio * p2
        loglik = 3 * np.log(p1) + 14 * np.log1p(-p1) + 9 * np.log(p2) + 12 * np.log1p(-p2)
        a, b = p1[loglik.argmax()], p2[loglik.argmax()]
        score = (3 - 17 * a) ** 2 / (17 * a * (1 - a)) + (9 - 21 * b) ** 2 / (21 * b * (1 - b))
        assert score == pytest.approx(3.841458820694124, rel=1e-4)


# --- silence --------------------------------------------------------------------------------------
@pytest.mark.parametrize("regularity", [1, 3])
@pytest.mark.parametrize("r", [None, 1.5])
def test_silence_as_it_is_simulated(regularity, r):
    """Renewal histories of 4,000 customers, looked up on a late date, and all their gaps."""
    rng = np.random.default_rng(11)
    n, rate = 4000, 2.5
    own = np.full(n, rate) if r is None else rng.gamma(r, rate / r, n)
    silent_on_date, long_gaps, gaps = 0, 0, 0
    for pace in own:
        # enough gaps to pass the date 40 for all but the slowest
        steps = rng.gamma(regularity, 1 / (regularity * pace), max(60, int(pace * 80)))
        times = np.cumsum(steps)
        last = times[times <= 40]
        silent_on_date += 40 - (last[-1] if len(last) else 0) >= 0.5
        inside = steps[: len(last)]
        long_gaps += (inside >= 0.5).sum()
        gaps += len(inside)
    arguments = {"rate": rate, "regularity": regularity, "r": r}
    dated = cl.purchases.silence(0.5, **arguments).loc[0, "silent"]
    per_gap = cl.purchases.silence(0.5, **arguments, basis="gap").loc[0, "silent"]

    assert silent_on_date / n == pytest.approx(dated, abs=4 * math.sqrt(dated * (1 - dated) / n))
    assert long_gaps / gaps == pytest.approx(per_gap, abs=0.02)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.01, 50), st.integers(1, 8), st.one_of(st.none(), st.floats(0.1, 20)))
def test_silence_falls_from_one(rate, regularity, r):
    times = [0, 0.1, 0.5, 1, 3, 10]
    for basis in ("date", "gap"):
        table = cl.purchases.silence(times, rate=rate, regularity=regularity, r=r, basis=basis)
        chance = table["silent"].to_numpy()
        assert chance[0] == pytest.approx(1) and (np.diff(chance) <= 1e-12).all()
        assert (chance >= 0).all()


def test_many_alike_customers_are_the_limit_of_those_who_differ():
    alike = cl.purchases.silence([0.3, 1], rate=2, regularity=3)["silent"]
    nearly = cl.purchases.silence([0.3, 1], rate=2, regularity=3, r=1e7)["silent"]

    assert nearly.tolist() == pytest.approx(alike.tolist(), rel=1e-5)


# --- value ------------------------------------------------------------------------------------------
@settings(max_examples=40, deadline=None)
@given(SHARE, st.floats(0, 0.5), st.floats(0.001, 0.2))
def test_a_lift_is_the_ratio_of_two_lifetimes(r, d, points):
    if r + points > 1 or 1 + d - r - points < 1e-3:
        return
    lift = cl.value.retention_lift(r, points=points, discount=d)["lift"]
    money = {"revenue": 1.0, "margin": 1.0, "discount": d}
    one, two = (
        cl.value.churn_cost(1, 1, retention=rate, **money)["profit"][1:].to_numpy()
        for rate in (r, r + points)
    )
    assert lift.to_numpy() == pytest.approx(two / one - 1, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.051, 1), st.floats(0, 0.5))
def test_implied_churn_undoes_the_lift(churn, discount):
    table = cl.value.retention_lift(1 - churn, discount=discount).query("timing == 'start'")
    back = cl.value.implied_churn(table["lift"].tolist(), discount=discount)["churn"]

    assert back.tolist() == pytest.approx([churn])


def test_word_of_mouth_as_it_is_simulated():
    rng = np.random.default_rng(3)
    total = 0
    for _ in range(20_000):
        current = 1
        while current:
            total += current
            current = rng.binomial(5 * current, 0.1)
    expected = cl.value.word_of_mouth(5, 0.1)["total"].item()
    assert total / 20_000 == pytest.approx(expected, abs=4 * math.sqrt(0.45 * 8 / 20_000))


def test_no_lift_can_be_claimed_for_a_base_that_does_not_exist():
    churn = cl.value.implied_churn([0.02, 0.85], discount=0.2)["churn"]

    assert churn.isna().tolist() == [True, True]  # 255 % churn; less churn than is to be saved


def test_a_customer_who_never_leaves_is_worth_an_endless_sum():
    lift = cl.value.retention_lift([0.75, 0.95], discount=0)["lift"]

    assert lift.tolist() == pytest.approx([0.25, 1 / 3, math.inf, math.inf])


@pytest.mark.parametrize(
    ("counts", "level"),
    [((0, 10, 5, 10), 0.1), ((5, 10, 0, 10), 0.01), ((0, 2, 1, 1), 0.5), ((0, 100, 3, 100), 0.5)],
)
def test_ratios_with_nobody_won_have_limits_at_any_level(counts, level):
    x, m, y, n = counts
    table = cl.winback.odds(x, m, prospects_won=y, prospects_tried=n, level=level)
    ratio = table.set_index("term").loc["risk_ratio"]

    assert (ratio["conf_low"] == 0) == (x == 0) and (ratio["conf_high"] == math.inf) == (y == 0)
    neither = cl.winback.odds(0, 4, prospects_won=0, prospects_tried=9).set_index("term")
    for term in ("risk_ratio", "odds_ratio"):
        limits = neither.loc[term, ["estimate", "conf_low", "conf_high"]].tolist()
        assert math.isnan(limits[0]) and limits[1:] == [0, math.inf]


# --- refusals ---------------------------------------------------------------------------------------
COST = {"revenue": 40_000, "margin": 0.1}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: cl.value.churn_cost(100, 5, **COST), r"churn=5 .*from 0 to 1. Did you mean 0.05"),
        (lambda: cl.value.churn_cost(-1, 0.1, **COST), "customers=-1"),
        (lambda: cl.value.churn_cost("many", 0.1, **COST), "customers='many'"),
        (lambda: cl.value.churn_cost(100, None, **COST), "churn=None"),
        (lambda: cl.value.churn_cost(100, math.nan, **COST), "churn=nan"),
        (lambda: cl.value.churn_cost([1, 2], 0.1, **COST), "one number"),
        (lambda: cl.value.churn_cost(100, 0.1, **COST, retention=0.9), "both retention="),
        (lambda: cl.value.churn_cost(9, 0.1, **COST, retention=1, discount=0), "endless"),
        (lambda: cl.value.retention_lift(0.97, discount=0), "above 1"),
        (lambda: cl.winback.odds(1, 2, prospects_won=1, prospects_tried=10**9), "too many"),
        (lambda: cl.surveys.iceberg(complaining=0.1, level=95), "Did you mean 0.95"),
        (lambda: cl.value.retention_lift(95, discount=0), "Did you mean 0.95"),
        (lambda: cl.value.retention_lift([], discount=0), "retention="),
        (lambda: cl.value.implied_churn(0, discount=0), "above 0"),
        (lambda: cl.value.word_of_mouth([5, 6], [0.1, 0.2, 0.3]), "one length"),
        (lambda: cl.value.word_of_mouth(5, 20), "leaving=20"),
        (lambda: cl.surveys.iceberg(complaining=0), "above 0"),
        (lambda: cl.surveys.iceberg(complaining=5), "Did you mean 0.05"),
        (lambda: cl.surveys.iceberg(complaining=0.1, asked=2.5), "whole number"),
        (lambda: cl.surveys.iceberg(complaining=0.1, dissatisfied=0), "above 0"),
        (lambda: cl.purchases.silence(6, rate=0), "rate=0"),
        (lambda: cl.purchases.silence(-1, rate=1), "duration=-1"),
        (lambda: cl.purchases.silence(6, rate=1, regularity=0), "at least 1"),
        (lambda: cl.purchases.silence(6, rate=1, r=-1), "r=-1"),
        (lambda: cl.purchases.silence(6, rate=1, basis="interval"), "'date', 'gap'"),
        (lambda: cl.purchases.false_alarm(12, 6, rate=1), "longer than at_risk"),
        (lambda: cl.winback.odds(5, 4, prospects_won=1, prospects_tried=16), "won=5 is more"),
        (lambda: cl.winback.odds(1, 0, prospects_won=1, prospects_tried=16), "tried=0"),
        (lambda: cl.winback.odds(1, 4, prospects_won=17, prospects_tried=16), "prospects_won=17"),
        (lambda: cl.winback.odds(0.25, 1, prospects_won=1, prospects_tried=16), "whole number"),
    ],
)
def test_what_makes_no_sense_is_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()


# --- reasons ----------------------------------------------------------------------------------------
def test_every_item_of_every_list_has_its_reason():
    taxonomy, crosswalk = cl.reasons.taxonomy(), cl.reasons.crosswalk()

    assert taxonomy["reason"].is_unique and taxonomy["english"].is_unique
    assert taxonomy["chinese"].is_unique
    assert set(crosswalk["reason"]) <= set(taxonomy["reason"])
    assert crosswalk.groupby("scheme").size().to_dict() == {
        "eight_reasons": 8, "firm_side": 9, "customer_side": 7, "controllable": 3,
        "uncontrollable": 3, "key_accounts": 6, "workshop": 6, "lost_customer_call": 6,
        "after_closure": 2,
    }  # fmt: skip
    assert crosswalk.groupby("scheme")["code"].apply(
        lambda codes: codes.tolist() == list(range(1, len(codes) + 1))
    ).all()  # fmt: skip
    # what no list names: the field's involuntary churn, a detail of reason 8, and two leftovers
    unnamed = set(taxonomy["reason"]) - set(crosswalk["reason"])
    assert unnamed == {"payment_failure", "site_closure", "no_contact", "changed_trade", "unknown"}


def test_the_crosswalk_keeps_to_what_the_articles_say_of_control():
    taxonomy = cl.reasons.taxonomy().set_index("reason")
    crosswalk = cl.reasons.crosswalk()
    flags = {
        s: crosswalk.query("scheme == @s")["reason"] for s in ("controllable", "uncontrollable")
    }

    assert taxonomy.loc[flags["controllable"], "controllable"].eq(True).all()
    assert taxonomy.loc[flags["uncontrollable"], "controllable"].eq(False).all()
    customer = crosswalk.query("scheme == 'customer_side'")["reason"]
    assert taxonomy.loc[customer, "controllable"].eq(False).all()
    assert taxonomy.loc[customer, "family"].eq("customer").all()
    assert taxonomy.loc["natural_loss", ["controllable", "voluntary"]].isna().all()


def test_lists_say_the_same_as_the_casebook():
    """The numbers of items of the lists, counted in the casebook's own rows."""
    book = cl.casebook.table().set_index("id")["inputs"]
    n = {
        known: sum(p.split("=")[0].isdigit() for p in book[known].split(";"))
        for known in book.index
    }
    sizes = cl.reasons.crosswalk().groupby("scheme").size()
    rows = {
        "eight_reasons": "reasons-eight", "firm_side": "loss-causes-company",
        "customer_side": "loss-causes-customer", "controllable": "causes-controllable",
        "uncontrollable": "causes-uncontrollable", "key_accounts": "key-account-defection-causes",
        "workshop": "car-survey-reason-codes", "lost_customer_call": "survey-haima-q4",
        "after_closure": "closure-nonreturn-reasons",
    }  # fmt: skip
    assert {scheme: n[known] for scheme, known in rows.items()} == sizes.to_dict()


def test_the_generators_know_the_same_reasons():
    taxonomy = cl.reasons.taxonomy().set_index("reason")["controllable"]
    drawn = set(cl.datasets.REASONS)

    assert drawn <= set(taxonomy.index)
    assert {r for r in drawn if taxonomy.fillna(False)[r]} == cl.datasets.CONTROLLABLE
