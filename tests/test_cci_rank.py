"""Rank sets: other software, exact distributions, coverage by simulation, and properties.

Rank sets hold where the limits of all differences hold; so they are checked against what cuts them,
the critical value, as well as by themselves.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from scipy import optimize, stats

import churnlab as cl
from churnlab.cci import ranking, shrinkage
from tests import reference
from tests.test_cci_answers import EASE, survey

NORMAL = 1e9  # degrees of freedom


def sets_of(
    estimate, covariance, *, df=NORMAL, level=0.95, tolerance=0.0, draws=20_000, seed=0
) -> tuple[ranking.Sets, np.ndarray]:
    """The sets, and the draws from which their critical values come."""
    estimate, covariance = np.asarray(estimate, float), np.asarray(covariance, float)
    errors = ranking.Draws.of(draws, estimate.size, seed).errors(covariance, df)
    found = ranking.rank_sets(estimate, covariance, errors, level=level, tolerance=tolerance)
    return found, errors


def pair_errors(covariance: np.ndarray) -> np.ndarray:
    own = np.diag(covariance)
    return np.sqrt(own[:, None] + own - 2 * covariance)


def largest(errors: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """The largest |t| of each factor's pairs in every draw: (factors, draws)."""
    error = pair_errors(covariance) + np.eye(len(covariance))
    gaps = np.abs(errors[:, :, None] - errors[:, None, :]) / error
    return gaps.max(axis=2).T


# --- other software -----------------------------------------------------------------------------------
DRAWS = 100_000  # theirs, and ours
FROZEN = reference.read("rank_sets")


@pytest.mark.parametrize("number", range(24))
def test_rank_sets_agree_with_multiple_inference(number):
    """Sets may differ only by pairs whose |t| lies between the two critical values.

    Both are quantiles of 100,000 draws: ours, five standard errors of the level up or down, must
    enclose theirs.
    """
    rows = FROZEN[FROZEN["survey"] == number]
    p = len(rows)
    estimate = rows["estimate"].to_numpy()
    covariance = rows[[f"cov_{k}" for k in range(p)]].to_numpy()
    sets, errors = sets_of(estimate, covariance, draws=DRAWS, seed=number)
    most = largest(errors, covariance)
    margin = 5 * np.sqrt(0.95 * 0.05 * 2 / DRAWS)
    t = np.abs(estimate[:, None] - estimate) / (pair_errors(covariance) + np.eye(p))

    for kind, drawn in (("marginal", most), ("simultaneous", np.tile(most.max(axis=0), (p, 1)))):
        theirs = rows[f"{kind}_critical"].to_numpy()
        low, ours, high = np.quantile(drawn, [0.95 - margin, 0.95, 0.95 + margin], axis=1)
        assert ((low <= theirs) & (theirs <= high)).all()
        assert (high - low < 0.1).all()  # so that it says something
        got = {"marginal": (sets.low, sets.high)}.get(kind, (sets.low_together, sets.high_together))
        wanted = rows[[f"{kind}_low", f"{kind}_high"]].to_numpy()
        between = (t > np.minimum(ours, theirs)[:, None]) & (t < np.maximum(ours, theirs)[:, None])
        sure = ~between.any(axis=1)
        assert sure.sum() >= p - 2
        np.testing.assert_array_equal(np.column_stack(got)[sure], wanted[sure])


def test_the_frozen_surveys_are_neither_all_clear_nor_all_tied():
    size = FROZEN["simultaneous_high"] - FROZEN["simultaneous_low"] + 1
    p = FROZEN.groupby("survey")["estimate"].transform("size")

    assert FROZEN["survey"].nunique() == 24 and set(p) == set(range(3, 9))
    assert (size == 1).sum() > 20 and (size == p).sum() > 10
    assert ((size > 1) & (size < p)).sum() > 30
    narrower = FROZEN["marginal_high"] - FROZEN["marginal_low"] + 1 < size
    assert narrower.sum() >= 3  # the two kinds are not the same


# --- exact distributions ------------------------------------------------------------------------------
@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize(("p", "df"), [(3, 4), (4, 9), (6, 30), (5, np.inf)])
def test_equal_independent_errors_are_cut_at_the_studentized_range(p, df, level):
    """Of all pairs the largest |t| is the range over √2 times the error: Tukey's distribution.

    Factors a little less than that apart are not told apart, a little more they are.
    """
    critical = stats.studentized_range.ppf(level, p, df) / np.sqrt(2)
    density = stats.studentized_range.pdf(critical * np.sqrt(2), p, df) * np.sqrt(2)
    margin = 5 * np.sqrt(level * (1 - level) / 40_000) / density
    assert margin < 0.15
    for distance, apart in ((critical - margin, False), (critical + margin, True)):
        estimate = -np.sqrt(2) * distance * np.arange(p)
        sets, _ = sets_of(estimate, np.eye(p), df=min(df, NORMAL), level=level, draws=40_000)
        places = np.arange(1, p + 1)
        wanted = places if apart else np.maximum(places - 1, 1)
        assert sets.low_together.tolist() == wanted.tolist()
        wanted = places if apart else np.minimum(places + 1, p)
        assert sets.high_together.tolist() == wanted.tolist()


@pytest.mark.parametrize("df", [2, 7, np.inf])
def test_one_pair_is_cut_at_students_t(df):
    critical = stats.t.ppf(0.975, df)
    margin = 5 * np.sqrt(0.95 * 0.05 / 40_000) / (2 * stats.t.pdf(critical, df))
    covariance = np.array([[4.0, 1.5], [1.5, 1.0]])  # of the difference: 2
    for distance, apart in ((critical - margin, False), (critical + margin, True)):
        estimate = [np.sqrt(2) * distance, 0.0]
        sets, _ = sets_of(estimate, covariance, df=min(df, NORMAL), draws=40_000)
        for low, high in ((sets.low, sets.high), (sets.low_together, sets.high_together)):
            assert low.tolist() == [1, 1 + apart] and high.tolist() == [2 - apart, 2]


def test_draws_have_the_covariance_and_the_tails_they_should():
    covariance = np.array([[2.0, 0.6, 0.0], [0.6, 1.0, -0.3], [0.0, -0.3, 0.5]])
    draws = ranking.Draws.of(100_000, 3, 5)
    normal, heavy = draws.errors(covariance, NORMAL), draws.errors(covariance, 5.0)

    np.testing.assert_allclose(np.cov(normal.T), covariance, atol=0.03)
    for k in range(3):
        error = np.sqrt(covariance[k, k])
        assert stats.kstest(normal[:, k] / error, "norm").pvalue > 1e-3
        assert stats.kstest(heavy[:, k] / error, stats.t(5).cdf).pvalue > 1e-3


def test_p_top_of_two_is_the_distribution_of_the_difference():
    ratings = survey(3, n=40, gaps=False)
    two = ratings[ratings["factor"].isin(["price", "service"])]
    table = cl.cci.rank(two, draws=50_000)
    covariance = cl.cci.means.means(cl.cci.answers(two)).covariance[0]
    estimate = table["estimate"].to_numpy()
    t = (estimate[0] - estimate[1]) / pair_errors(covariance)[0, 1]
    chance = stats.t.cdf(t, 39)

    assert 0.5 < chance < 0.999
    assert table["p_top"].tolist() == pytest.approx([chance, 1 - chance], abs=0.012)
    assert table["mean_rank"].tolist() == pytest.approx([2 - chance, 1 + chance], abs=0.012)


# --- coverage -------------------------------------------------------------------------------------------
N, P, TIMES = 200, 6, 1500


def simulated(rng: np.random.Generator, leader: bool) -> np.ndarray:
    """Pressures of 200 customers on six factors whose order is chance, but for a leader."""
    mood = rng.normal(0, 1, (N, 1))
    satisfaction = np.clip(np.round(7 + mood + rng.normal(0, 2, (N, P))), 1, 10)
    if leader:
        satisfaction[:, 0] = np.clip(satisfaction[:, 0] - 3, 1, 10)
    above = rng.integers(1, 11, (N, P)) - 1
    above[above.sum(axis=1) == 0] = 1
    return above / above.sum(axis=1, keepdims=True) * (10 - satisfaction) / 9


@pytest.mark.slow
@pytest.mark.parametrize("leader", [False, True])
def test_rank_sets_cover_and_the_bootstrap_of_ranks_does_not(leader):
    """1500 surveys, seed 20240608, of this process.

    200 customers, six factors; satisfaction is 7 + the customer's mood (normal, 1) + noise of each
    cell (normal, 2), rounded and cut to 1 to 10; importance is uniform on 1 to 10. The factors are
    exchangeable, so all six are tied in truth, or, with 3 taken off the first one's satisfaction
    (not below 1), it leads and five are tied. True rank = 1 + the number of factors with a
    greater expectation: 1 for all, or 1 and 2 five times.

    Sets at 95 % from 4,000 draws of Student's t with 199 degrees of freedom. The percentile
    bootstrap draws customers 499 times and takes the 2.5 % and 97.5 % quantiles of each rank.
    """
    rng = np.random.default_rng(20240608)
    truth = np.array([1] + [2] * 5 if leader else [1] * 6)
    draws = ranking.Draws.of(4000, P, 0)
    resampled = rng.multinomial(N, np.full(N, 1 / N), size=499).astype(float)
    marginal, together, boot = (np.zeros((TIMES, P), bool) for _ in range(3))
    size = np.zeros((TIMES, P))
    for i in range(TIMES):
        pressure = simulated(rng, leader)
        mean, covariance = pressure.mean(axis=0), np.cov(pressure.T) / N
        sets = ranking.rank_sets(
            mean, covariance, draws.errors(covariance, N - 1), level=0.95, tolerance=0.0
        )
        marginal[i] = (sets.low <= truth) & (truth <= sets.high)
        together[i] = (sets.low_together <= truth) & (truth <= sets.high_together)
        size[i] = sets.high_together - sets.low_together + 1
        again = resampled @ pressure
        ranks = 1 + (again[:, None, :] > again[:, :, None]).sum(axis=2)
        low, high = np.quantile(ranks, [0.025, 0.975], axis=0, method="nearest")
        boot[i] = (low <= truth) & (truth <= high)

    assert (marginal.mean(axis=0) >= 0.93).all(), marginal.mean(axis=0)
    assert together.all(axis=1).mean() >= 0.93, together.all(axis=1).mean()
    tied = slice(1, None) if leader else slice(None)
    assert (boot.mean(axis=0)[tied] < 0.88).all(), boot.mean(axis=0)
    if leader:  # covered, and by small sets: the leader is found, the others are not put first
        assert (size[:, 0] == 1).mean() > 0.95 and size[:, 1:].mean() < 5.2
    else:  # not by sets that say nothing of anything: they err in about one survey in twenty
        assert together.all(axis=1).mean() < 0.985


@pytest.mark.slow
def test_few_customers_need_students_t():
    """1500 samples of 8 customers, seed 11, four independent normal pressures with equal means.

    At 95 % all sets hold together in about 92 of 100 with Student's t (every pair's variance is
    estimated for itself, and the draws share one), and in 83 if errors are taken for normal.
    """
    rng = np.random.default_rng(11)
    draws = ranking.Draws.of(2000, 4, 1)
    held = {7.0: 0, NORMAL: 0}
    for _ in range(1500):
        pressure = rng.normal(0.2, 0.05, (8, 4))
        mean, covariance = pressure.mean(axis=0), np.cov(pressure.T) / 8
        for df in held:
            errors = draws.errors(covariance, df)
            sets = ranking.rank_sets(mean, covariance, errors, level=0.95, tolerance=0.0)
            held[df] += bool((sets.low_together == 1).all())

    assert 0.90 < held[7.0] / 1500 < 0.97, held
    assert held[NORMAL] / 1500 < 0.87, held


# --- properties of the sets ---------------------------------------------------------------------------
SEEDS = st.integers(0, 10**6)


def random_case(seed: int, p: int) -> tuple[np.ndarray, np.ndarray]:
    """Means of 30 customers' pressures, some factors close and all correlated."""
    rng = np.random.default_rng(seed)
    own = rng.gamma(1.5, 0.05, (30, p)) + rng.gamma(1, 0.03, (30, 1))
    values = own + rng.choice([0, 0.01, 0.05, 0.1], p)
    return values.mean(axis=0), np.cov(values.T).reshape(p, p) / 30


def as_array(sets: ranking.Sets) -> np.ndarray:
    return np.array([sets.low, sets.high, sets.low_together, sets.high_together])


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(1, 8), st.sampled_from([0.0, 0.01, 0.05]))
def test_sets_hold_their_rank_and_one_another(seed, p, tolerance):
    estimate, covariance = random_case(seed, p)
    sets, errors = sets_of(estimate, covariance, df=29, draws=2000, tolerance=tolerance)
    ranks, tied = ranking.ranks(estimate, tolerance)

    assert (sets.low_together <= sets.low).all() and (sets.low <= ranks).all()
    assert (ranks <= sets.high).all() and (sets.high <= sets.high_together).all()
    assert (sets.low_together >= 1).all() and (sets.high_together <= p).all()
    for j in range(p):  # as the definition counts
        others = np.delete(estimate, j) - estimate[j]
        assert ranks[j] == 1 + sum(d > tolerance for d in others)
        assert tied[j] == any(abs(d) <= tolerance for d in others)
    wide = ranking.rank_sets(estimate, covariance, errors, level=0.99, tolerance=tolerance)
    far = ranking.rank_sets(estimate, covariance, errors, level=0.95, tolerance=tolerance + 0.02)
    for other in (wide, far):  # surer of all, or of less: never narrower
        assert (as_array(other)[::2] <= as_array(sets)[::2]).all()
        assert (as_array(other)[1::2] >= as_array(sets)[1::2]).all()


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(2, 7), st.sampled_from([0.5, 3.7, 1e-3, 1e4]))
def test_the_unit_of_pressure_changes_no_set(seed, p, unit):
    estimate, covariance = random_case(seed, p)
    plain, _ = sets_of(estimate, covariance, df=29, draws=2000, tolerance=0.01)
    scaled, _ = sets_of(
        unit * estimate, unit**2 * covariance, df=29, draws=2000, tolerance=0.01 * unit
    )

    np.testing.assert_array_equal(as_array(scaled), as_array(plain))


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(2, 7))
def test_sets_by_brute_force(seed, p):
    """Pair by pair and draw by draw in plain Python, as the definition says."""
    estimate, covariance = random_case(seed, p)
    sets, errors = sets_of(estimate, covariance, df=29, draws=1000, level=0.9)
    pairs = list(combinations(range(p), 2))
    error = {
        (j, k): (covariance[j, j] + covariance[k, k] - 2 * covariance[j, k]) ** 0.5
        for j, k in pairs
    }
    t = {(j, k): [abs(e[j] - e[k]) / error[j, k] for e in errors] for j, k in pairs}

    def bounds(j: int, among: list[tuple[int, int]]) -> tuple[int, int]:
        most = sorted(max(t[pair][i] for pair in among) for i in range(1000))
        critical = most[900]  # at least 0.9 of the 1000 are at or below
        low, high = 1, p
        for k in set(range(p)) - {j}:
            half = critical * error[min(j, k), max(j, k)]
            low += estimate[k] - estimate[j] - half > 0
            high -= estimate[k] - estimate[j] + half < 0
        return low, high

    for j in range(p):
        assert (sets.low[j], sets.high[j]) == bounds(j, [pair for pair in pairs if j in pair])
        assert (sets.low_together[j], sets.high_together[j]) == bounds(j, pairs)


def test_pairs_without_variance_are_decided_by_their_difference():
    """Two factors nobody varies on and one that all do, then two that differ by a constant."""
    rng = np.random.default_rng(4)
    x = rng.normal(0.2, 0.05, 50)
    fixed = np.zeros(50)
    values = np.column_stack([x, fixed + 0.1, fixed + 0.1, fixed + 0.1 - 1e-9, x + 1e-7, x])
    estimate, covariance = values.mean(axis=0), np.cov(values.T) / 50
    estimate[5] = estimate[0]
    covariance[1:4] = covariance[:, 1:4] = 0.0
    covariance[np.ix_([0, 4, 5], [0, 4, 5])] = covariance[0, 0]
    sets, errors = sets_of(estimate, covariance, df=49, tolerance=1e-12)

    assert sets.low.tolist() == sets.low_together.tolist() == [2, 4, 4, 6, 1, 2]
    assert sets.high.tolist() == sets.high_together.tolist() == [3, 5, 5, 6, 1, 3]
    # the one uncertain kind of pair is cut at Student's t, as if it stood alone
    alone = np.array([estimate[0], 0.1])
    own = np.diag([covariance[0, 0], 0.0])
    critical = np.quantile(np.abs(errors[:, 0]) / np.sqrt(own[0, 0]), 0.95)
    assert critical == pytest.approx(stats.t.ppf(0.975, 49), abs=0.06)
    for factor, apart in ((0.99, False), (1.01, True)):
        alone[1] = estimate[0] - factor * critical * np.sqrt(own[0, 0])
        both = np.array([*alone, alone[1]])
        spread = np.zeros((3, 3))
        spread[0, 0] = own[0, 0]
        got = ranking.rank_sets(both, spread, errors[:, [0, 1, 2]] * [1, 0, 0], level=0.95,
                                tolerance=0.0)  # fmt: skip
        assert got.high.tolist() == got.high_together.tolist() == [1 if apart else 3, 3, 3]
        assert got.low.tolist() == [1, 1 + apart, 1 + apart]


def test_nothing_varies_at_all():
    sets, _ = sets_of([0.3, 0.1, 0.1, 0.0], np.zeros((4, 4)), df=9, draws=1000)

    assert sets.low.tolist() == sets.low_together.tolist() == [1, 2, 2, 4]
    assert sets.high.tolist() == sets.high_together.tolist() == [1, 3, 3, 4]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(0, 4), min_size=5, max_size=5), min_size=1, max_size=30))
def test_the_places_at_the_top_are_shared_out(rows):
    drawn = np.array(rows, dtype=float)
    for top in range(1, 7):
        chance, mean = ranking.among_the_top(drawn, top)
        assert chance.sum() == pytest.approx(min(top, 5), rel=1e-12)
        assert mean.sum() == pytest.approx(15, rel=1e-12)
        # each order of the ties as likely as any other
        share = np.zeros(5)
        for row in drawn:
            places = stats.rankdata(-row, "average"), stats.rankdata(-row, "min")
            n = (row[:, None] == row).sum(axis=1)
            share += np.clip(top + 1 - places[1], 0, n) / n
        np.testing.assert_allclose(chance, share / len(drawn), rtol=1e-12)
        np.testing.assert_allclose(
            mean, np.mean([stats.rankdata(-row, "average") for row in drawn], axis=0)
        )


# --- properties of the ranking ---------------------------------------------------------------------
PLAIN = [
    "criterion",
    "factor",
    "n",
    "estimate",
    "std_error",
    "conf_low",
    "conf_high",
    "rank",
    "tied",
]
SETS = ["rank_low", "rank_high", "best"]


@settings(max_examples=4, deadline=None)
@given(SEEDS, st.integers(1, 4))
def test_what_a_ranking_promises(seed, top):
    ratings = survey(seed, n=25)
    arguments = {"weight": "weight", "improvability": EASE, "draws": 1000, "top": top}
    wide = cl.cci.rank(ratings, **arguments)
    narrow = cl.cci.rank(ratings, kind="marginal", **arguments)
    sure = cl.cci.rank(ratings, level=0.999, **arguments)

    pd.testing.assert_frame_equal(narrow.drop(columns=SETS), wide.drop(columns=SETS))
    assert (wide["rank_low"] <= narrow["rank_low"]).all()
    assert (narrow["rank_low"] <= narrow["rank"]).all()
    assert (narrow["rank"] <= narrow["rank_high"]).all()
    assert (narrow["rank_high"] <= wide["rank_high"]).all()
    assert (sure["rank_low"] <= wide["rank_low"]).all()
    assert (sure["rank_high"] >= wide["rank_high"]).all()
    assert (sure["conf_low"] <= wide["conf_low"]).all()
    # of both kinds, who may be among the top is a matter of the sets that hold together
    assert (wide["best"] == (wide["rank_low"] <= top)).all()
    for _, rows in wide.groupby("criterion"):
        assert rows["p_top"].sum() == pytest.approx(min(top, 4), rel=1e-12)
        assert rows["mean_rank"].sum() == pytest.approx(10, rel=1e-12)
        assert rows["rank"].is_monotonic_increasing
    parts = wide.pivot(index="factor", columns="criterion", values="estimate")
    np.testing.assert_allclose(parts["fixable"] + parts["stuck"], parts["pressure"], rtol=1e-12)


@settings(max_examples=3, deadline=None)
@given(SEEDS)
def test_the_order_of_rows_does_not_matter(seed):
    ratings = survey(seed, n=30)
    mixed = ratings.sample(frac=1, random_state=seed % 1000)
    arguments = {"weight": "weight", "cluster": "account", "by": "segment", "draws": 1000}

    pd.testing.assert_frame_equal(
        cl.cci.rank(mixed, **arguments), cl.cci.rank(ratings, **arguments), rtol=1e-9
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_names_of_factors_do_not_matter(seed):
    """Other names, another order of columns: other draws, but the same in all that draws do not
    touch, and within their error in all that they do."""
    ratings = survey(seed, n=120)
    names = {"price": "α", "coverage": 'p"1', "service": "a b", "image": "estimate"}
    other = ratings.assign(factor=ratings["factor"].map(names))
    arguments = {"weight": "weight", "draws": 20_000}
    plain = cl.cci.rank(ratings, improvability=EASE, **arguments)
    ease = {names[k]: v for k, v in EASE.items()}
    renamed = cl.cci.rank(other, improvability=ease, **arguments)
    renamed["factor"] = renamed["factor"].map({v: k for k, v in names.items()})
    keys = ["criterion", "rank", "factor"]
    plain, renamed = (
        t.sort_values(keys, ignore_index=True, key=lambda c: c.astype("str"))
        for t in (plain, renamed)
    )

    pd.testing.assert_frame_equal(renamed[PLAIN], plain[PLAIN], rtol=1e-9)
    np.testing.assert_allclose(renamed["p_top"], plain["p_top"], atol=0.025)
    np.testing.assert_allclose(renamed["mean_rank"], plain["mean_rank"], atol=0.05)
    pd.testing.assert_frame_equal(renamed[SETS], plain[SETS])


@settings(max_examples=3, deadline=None)
@given(SEEDS)
def test_a_factor_that_matters_to_nobody_changes_nobodys_order(seed):
    ratings = survey(seed, n=30)
    nothing = ratings[ratings["factor"] == "price"].assign(factor="a weather", importance=1)
    nothing["satisfaction"] = np.random.default_rng(seed).integers(1, 11, len(nothing))
    more = cl.cci.rank(pd.concat([ratings, nothing], ignore_index=True), draws=1000)
    plain = cl.cci.rank(ratings, draws=1000)

    without = more[more["factor"] != "a weather"].reset_index(drop=True)
    columns = ["criterion", "factor", "estimate", "std_error", "rank"]
    pd.testing.assert_frame_equal(without[columns], plain[columns], rtol=1e-9)
    added = more[more["factor"] == "a weather"]
    assert added["estimate"].tolist() == [0.0] and added["std_error"].tolist() == [0.0]
    assert added["rank"].item() == 5 and not added["tied"].item()


def test_draws_and_their_seed():
    ratings = survey(1, n=40)
    a, again, b = (cl.cci.rank(ratings, draws=1000, seed=seed) for seed in (1, 1, 2))

    pd.testing.assert_frame_equal(a, again, rtol=1e-12)
    assert (a["p_top"] != b["p_top"]).any()
    pd.testing.assert_frame_equal(a[PLAIN], b[PLAIN], rtol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"kind": "joint"}, "kind='joint' is not one of"),
        ({"top": 0}, "top=0 must be at least 1"),
        ({"top": 1.5}, "whole number"),
        ({"tolerance": -0.1}, "tolerance=-0.1 must be a number from 0 to 1"),
        ({"tolerance": 5}, "tolerance=5 must be a number from 0 to 1"),
        ({"level": 95}, "Did you mean 0.95"),
        ({"draws": 10}, "draws=10 must be at least 1000"),
        ({"seed": -1}, "seed=-1"),
        ({"by": "rank"}, "also the name of a column of the result"),
    ],
)
def test_what_cannot_be_a_ranking_is_refused(arguments, words):
    with pytest.raises(cl.InputError, match=words):
        cl.cci.rank(survey(1, n=10).assign(rank=1), **arguments)


# --- empirical Bayes -----------------------------------------------------------------------------------
MANDEL = reference.read("paule_mandel")


@pytest.mark.parametrize("number", range(30))
def test_variance_between_groups_equals_statsmodels(number):
    rows = MANDEL[MANDEL["set"] == number]
    mean, variance = rows["mean"].to_numpy(), rows["variance"].to_numpy()
    between, common = rows["between"].iloc[0], rows["common"].iloc[0]

    assert shrinkage.paule_mandel(mean, variance) == pytest.approx(between, rel=1e-6)
    pull = variance / (variance + between)
    expected = pull * common + (1 - pull) * mean
    np.testing.assert_allclose(shrinkage.shrunk(mean, variance), expected, rtol=1e-6)


def test_the_frozen_sets_have_some_and_no_variance_between():
    between = MANDEL.groupby("set")["between"].first()
    assert (between == 0).sum() >= 3 and (between > 0).sum() >= 15


GROUPS = st.lists(
    st.tuples(st.floats(-5, 5), st.floats(0.05, 4)), min_size=3, max_size=10
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(GROUPS)
def test_shrunk_means_lie_between_their_own_and_the_common_one(groups):
    mean, variance = (np.array(v) for v in zip(*groups, strict=True))
    between = shrinkage.paule_mandel(mean, variance)
    weight = 1 / (variance + between)
    common = (weight * mean).sum() / weight.sum()
    shrunk = shrinkage.shrunk(mean, variance)

    def excess(tau: float) -> float:
        w = 1 / (variance + tau)
        return float((w * (mean - (w * mean).sum() / w.sum()) ** 2).sum()) - (mean.size - 1)

    if excess(0) <= 0:
        assert between == 0
        np.testing.assert_allclose(shrunk, common, rtol=1e-12, atol=1e-12)
    else:  # the only root
        root = optimize.brentq(excess, 0, 1000, xtol=1e-12)
        assert between == pytest.approx(root, rel=1e-6, abs=1e-9)
    assert (np.abs(shrunk - common) <= np.abs(mean - common) + 1e-12).all()
    assert ((shrunk - common) * (mean - common) >= -1e-12).all()
    # nearer by v / (v + τ²), so the less sure the nearer
    np.testing.assert_allclose(
        (shrunk - common) * (variance + between), (mean - common) * between, atol=1e-9
    )
    moved = shrinkage.shrunk(10 - 3 * mean, 9 * variance)
    np.testing.assert_allclose(moved, 10 - 3 * shrunk, rtol=1e-6, atol=1e-6)
    order = np.argsort(variance)
    np.testing.assert_allclose(
        shrinkage.shrunk(mean[order], variance[order]), shrunk[order], rtol=1e-7, atol=1e-9
    )


@pytest.mark.parametrize("n", [1, 2])
def test_of_fewer_than_three_groups_nothing_is_known(n):
    assert np.isnan(shrinkage.shrunk(np.arange(n, dtype=float), np.ones(n))).all()


def test_a_factor_without_variance_is_its_own_mean_and_spoils_no_ranking():
    """Nobody is dissatisfied with price: 0 in all groups, before and after."""
    ratings = survey(2, n=90, gaps=False)
    ratings.loc[ratings["factor"] == "price", "satisfaction"] = 10
    table = cl.cci.rank(ratings, by="segment", draws=1000, improvability=EASE | {"image": 10})

    price = table[table["factor"] == "price"]
    assert (price["estimate"] == 0).all() and (price["shrunk"] == 0).all()
    stuck = table[(table["factor"] == "image") & (table["criterion"] == "stuck")]
    assert (stuck["shrunk"] == 0).all()
    assert table["rank_shrunk"].notna().all()
    last = table[(table["criterion"] == "pressure") & (table["factor"] == "price")]
    assert last["rank_shrunk"].tolist() == [4, 4, 4]


def test_the_ranking_shrinks_with_the_pooled_variance():
    ratings = survey(9, n=80)
    table = cl.cci.rank(ratings, weight="weight", by="segment", improvability=EASE, draws=1000)
    size = cl.cci.index(ratings, weight="weight", by="segment")["n_effective"].to_numpy()

    assert table["shrunk"].notna().all()
    for _, rows in table.groupby(["criterion", "factor"]):
        rows = rows.sort_values("segment", na_position="last")
        variance = rows["std_error"].to_numpy() ** 2
        pooled = (size**2 * variance).sum() / size.sum() / size
        expected = shrinkage.shrunk(rows["estimate"].to_numpy(), pooled)
        np.testing.assert_allclose(rows["shrunk"], expected, rtol=1e-9)
    for _, rows in table.groupby(["segment", "criterion"], dropna=False):
        order = (-rows["shrunk"]).rank(method="min").astype(int).tolist()
        assert rows["rank_shrunk"].tolist() == order
