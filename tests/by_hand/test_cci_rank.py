"""Ranks, their errors, and answers read in other ways, by hand in exact fractions.

Three customers rate price and service on 1 to 10, as (satisfaction, importance):

    a   price 1 10   service 10 10   shares 1/2 1/2   deficits 1   0     pressures 1/2   0
    b   price 4  4   service  7  7   shares 1/3 2/3   deficits 2/3 1/3   pressures 2/9   2/9
    c   price 10 7   service  1  4   shares 2/3 1/3   deficits 0   1     pressures 0     1/3

Means: price 13/54, service 10/54. Distances from them, in 54ths: price 14, -1, -13 and service
-10, 2, 8; squares 366 and 168, products -246. Over n (n - 1) = 6 and 54²: the variances of the means
are 61 and 28, their covariance is -41, and the variance of the difference 61 + 28 + 82 = 171.
"""

from fractions import Fraction as F
from math import sqrt, tan

import numpy as np
import pandas as pd
import pytest
from numpy import nan, pi

import churnlab as cl
from churnlab.cci import means, shrinkage

CASES = {"base": "cci_table_2", "a": "cci_variant_a", "b": "cci_variant_b"}
PRICE, SERVICE = F(13, 54), F(10, 54)
COLUMNS = ["customer", "factor", "satisfaction", "importance"]


def three(**columns) -> pd.DataFrame:
    rows = [
        ("a", "price", 1, 10), ("a", "service", 10, 10), ("b", "price", 4, 4),
        ("b", "service", 7, 7), ("c", "price", 10, 7), ("c", "service", 1, 4),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS).assign(**columns)


def t_two(q: float) -> float:
    """The quantile of Student's t with two degrees of freedom, in closed form."""
    return (2 * q - 1) / sqrt(2 * q * (1 - q))


def by_factor(table: pd.DataFrame, criterion: str = "pressure") -> pd.DataFrame:
    return table[table["criterion"] == criterion].set_index("factor")


# --- three customers ------------------------------------------------------------------------------
def test_means_and_their_covariance():
    found = means.means(cl.cci.answers(three()))
    exact = np.array([[61, -41], [-41, 28]]) / 54**2

    assert found.pressure[0] == pytest.approx([float(PRICE), float(SERVICE)], rel=1e-15)
    np.testing.assert_allclose(found.covariance[0], exact, rtol=1e-14)
    assert found.n.tolist() == [3] and found.df.tolist() == [2]
    index = cl.cci.index(three()).loc[0]
    assert index["cci"] == pytest.approx(100 * 23 / 54, rel=1e-15)
    assert index["std_error"] == pytest.approx(100 * sqrt(61 + 28 - 2 * 41) / 54, rel=1e-13)


def test_estimates_errors_and_limits_of_the_ranking():
    table = by_factor(cl.cci.rank(three()))

    assert table.index.tolist() == ["price", "service"] and table["n"].tolist() == [3, 3]
    assert table["estimate"].tolist() == pytest.approx([13 / 54, 10 / 54], rel=1e-15)
    error = np.array([sqrt(61), sqrt(28)]) / 54
    np.testing.assert_allclose(table["std_error"], error, rtol=1e-14)
    # two degrees of freedom: 4.30 errors on each side, cut at 0
    np.testing.assert_allclose(
        table["conf_high"], table["estimate"] + t_two(0.975) * error, rtol=1e-9
    )
    assert t_two(0.975) == pytest.approx(4.3027, abs=1e-4) and (table["conf_low"] == 0).all()
    assert table["rank"].tolist() == [1, 2] and not table["tied"].any()
    assert table["rank_low"].tolist() == [1, 1] and table["rank_high"].tolist() == [2, 2]
    # t = (3/54) / (√171/54) = 3/√171; P(T < t) = 1/2 + t / (2 √(2 + t²)) is the chance of the top
    t = 3 / sqrt(171)
    chance = 0.5 + t / (2 * sqrt(2 + t * t))
    assert chance == pytest.approx(0.5801, abs=1e-4)
    assert table["p_top"].tolist() == pytest.approx([chance, 1 - chance], abs=0.02)
    assert table["mean_rank"].tolist() == pytest.approx([2 - chance, 1 + chance], abs=0.02)


def test_one_pair_is_told_apart_exactly_where_students_t_says_so():
    """|T| < 3/√171 has probability t / √(2 + t²) = 0.1602: told apart below that level only."""
    t = 3 / sqrt(171)
    assert t / sqrt(2 + t * t) == pytest.approx(0.1602, abs=1e-4)
    below, above = (
        cl.cci.rank(three(), level=level, draws=100_000, kind=kind)
        for level, kind in ((0.155, "marginal"), (0.165, "simultaneous"))
    )

    assert below["rank_low"].tolist() == below["rank_high"].tolist() == [1, 2]
    assert below["best"].tolist() == [True, False]
    assert above["rank_low"].tolist() == [1, 1] and above["rank_high"].tolist() == [2, 2]
    assert above["best"].all()
    normal = 0.1814  # P(|Z| < 3/√171), which a normal error would take instead
    assert cl.cci.rank(three(), level=normal - 0.005, draws=100_000)["rank_high"].iloc[0] == 2


def test_improvability_scales_means_errors_and_can_turn_the_order():
    """Price can be mended by half and service altogether: fixable 13/108 and 10/54."""
    table = cl.cci.rank(three(), improvability={"price": 5.5, "service": 10})

    assert table["criterion"].drop_duplicates().tolist() == ["pressure", "fixable", "stuck"]
    fixable, stuck = (by_factor(table, name) for name in ("fixable", "stuck"))
    assert fixable.index.tolist() == ["service", "price"]
    assert fixable["estimate"].tolist() == pytest.approx([10 / 54, 13 / 108], rel=1e-15)
    expected = [sqrt(28) / 54, sqrt(61) / 108]
    assert fixable["std_error"].tolist() == pytest.approx(expected, rel=1e-14)
    # P(T < t) of t = (10 − 6.5) / √(28 + 61/4 + 2·41/2) = 3.5 / √84.25
    t = 3.5 / sqrt(84.25)
    chance = 0.5 + t / (2 * sqrt(2 + t * t))
    assert fixable["p_top"].tolist() == pytest.approx([chance, 1 - chance], abs=0.02)
    assert stuck["estimate"].tolist() == pytest.approx([13 / 108, 0], rel=1e-15)
    assert stuck["std_error"].tolist() == pytest.approx([sqrt(61) / 108, 0], rel=1e-14)


def test_differences_too_small_to_matter_are_ties():
    """The difference is 3/54 = 0.0556."""
    apart, tied = (cl.cci.rank(three(), tolerance=tol) for tol in (0.055, 0.056))

    assert apart["rank"].tolist() == [1, 2] and not apart["tied"].any()
    assert tied["rank"].tolist() == [1, 1] and tied["tied"].all()
    assert tied.attrs["tolerance"] == 0.056
    # told apart at this level, but not by more than the tolerance
    arguments = {"level": 0.1, "draws": 100_000}
    assert cl.cci.rank(three(), **arguments)["rank_low"].tolist() == [1, 2]
    # the limits begin at (3 − t √171)/54 = 0.0211, with t = 0.1421 the median of |T| at 0.1
    edge = (3 - t_two(0.55) * sqrt(171)) / 54
    assert edge == pytest.approx(0.0211, abs=1e-4)
    for tolerance, second in ((edge - 0.002, 2), (edge + 0.002, 1)):
        sets = cl.cci.rank(three(), tolerance=tolerance, **arguments)
        assert sets["rank_low"].tolist() == [1, second]


def test_weights_count_by_kish():
    """Weights 1, 1, 2: (1 + 1 + 2)² / (1 + 1 + 4) = 8/3. Price (1/2 + 2/9)/4 = 13/72.

    Distances times weights, in 72nds: 36 − 13 = 23, 16 − 13 = 3, 2·(0 − 13) = −26;
    3/2 · (529 + 9 + 676) / (72² · 16) is the variance.
    """
    ratings = three(weight=[1, 1, 1, 1, 2, 2])
    assert cl.cci.index(ratings, weight="weight")["n_effective"].item() == pytest.approx(8 / 3)
    assert cl.cci.index(ratings)["n_effective"].item() == 3
    price = by_factor(cl.cci.rank(ratings, weight="weight")).loc["price"]
    assert price["estimate"] == pytest.approx(13 / 72, rel=1e-15)
    assert price["std_error"] == pytest.approx(sqrt(1.5 * 1214) / (72 * 4), rel=1e-14)


def test_customers_of_one_account_are_added_before_they_are_squared():
    """Four customers, one factor, deficits 1, 2/3 | 1/3, 0 in two accounts; the mean is 1/2.

    Accounts: 1/2 + 1/6 = 2/3 and -2/3, so 2/(2 − 1) · (4/9 + 4/9) / 16 = 1/9: error 1/3. As four
    customers: 4/3 · (1/4 + 1/36 + 1/36 + 1/4) / 16 = 5/108. One degree of freedom: tan(0.475 π).
    """
    ratings = pd.DataFrame(
        {
            "customer": list("abcd"), "factor": "price", "importance": 5,
            "satisfaction": [1, 4, 7, 10], "account": list("xxyy"),
        }
    )  # fmt: skip
    alone, together = cl.cci.rank(ratings), cl.cci.rank(ratings, cluster="account")

    assert alone["std_error"].item() == pytest.approx(sqrt(5 / 108), rel=1e-14)
    assert together["std_error"].item() == pytest.approx(1 / 3, rel=1e-14)
    assert together["n"].item() == 4 and cl.cci.index(ratings, cluster="account")["n"].item() == 4
    limit = 0.5 + tan(0.475 * pi) / 3
    assert limit > 1 and together["conf_high"].item() == 1  # a share is cut at 1
    # each customer an account of their own is no cluster at all
    own = cl.cci.rank(ratings, cluster="customer")
    np.testing.assert_allclose(own["std_error"], alone["std_error"], rtol=1e-15)


# --- one customer: Table 2 and its variants ---------------------------------------------------------
OTHERS = ["call_quality", "customer_service", "image", "new_technology", "price"]
FOUR = ["call_quality", "customer_service", "image", "price"]
FIRST_TWO = {
    "a": {
        "pressure": [("coverage", F(7, 23)), ("new_technology", F(16, 69))],
        "fixable": [("coverage", F(14, 69)), ("new_technology", F(32, 621))],
        "stuck": [("new_technology", F(112, 621)), ("coverage", F(7, 69))],
    },
    "base": {
        "pressure": [("coverage", F(7, 23))],
        "fixable": [("coverage", F(14, 69))],
        "stuck": [("coverage", F(7, 69))],
    },
    "b": {
        "pressure": [("new_technology", F(16, 69))],
        "fixable": [("new_technology", F(32, 621))],
        "stuck": [("new_technology", F(112, 621))],
    },
}


@pytest.mark.parametrize("criterion", ["pressure", "fixable", "stuck"])
@pytest.mark.parametrize("case", CASES)
def test_the_rankings_of_table_2(case, criterion):
    table = cl.cci.rank(cl.datasets.load(CASES[case]))
    table = table[table["criterion"] == criterion]
    leaders = FIRST_TWO[case][criterion]
    names = [name for name, _ in leaders]
    last = sorted({*OTHERS, "coverage"} - set(names))
    first, places = len(names), list(range(1, len(names) + 1))

    assert table["factor"].tolist() == names + last
    assert table["estimate"].tolist()[:first] == pytest.approx([float(v) for _, v in leaders])
    assert (table["estimate"].iloc[first:] == 0).all()
    assert table["rank"].tolist() == places + [first + 1] * len(last)
    # the ties at 0 share the places from the next one to the sixth
    assert table["rank_low"].tolist() == table["rank"].tolist()
    assert table["rank_high"].tolist() == places + [6] * len(last)
    assert table["tied"].tolist() == [False] * first + [True] * len(last)
    assert table["best"].tolist() == [True] + [False] * 5
    assert table["p_top"].tolist() == [1.0] + [0.0] * 5
    assert table["mean_rank"].tolist() == places + [(first + 1 + 6) / 2] * len(last)
    unknown = ["std_error", "conf_low", "conf_high", "shrunk", "rank_shrunk"]
    assert table[unknown].isna().all(axis=None) and (table["n"] == 1).all()


def test_five_ties_share_the_second_place():
    table = cl.cci.rank(cl.datasets.load("cci_table_2"), top=2).iloc[:6]

    assert table["p_top"].tolist() == pytest.approx([1.0] + [1 / 5] * 5)
    assert table["best"].all() and table.attrs["top"] == 2


@pytest.mark.parametrize(
    ("factor", "column", "at", "criterion"),
    [
        ("new_technology", "satisfaction", F(11, 2), "stuck"),
        ("new_technology", "importance", F(35, 8), "stuck"),
        ("new_technology", "improvability", F(97, 16), "stuck"),
        ("coverage", "improvability", F(14, 3), "stuck"),
        ("new_technology", "improvability", F(71, 8), "fixable"),
        ("coverage", "satisfaction", F(54, 7), "fixable"),
        ("coverage", "importance", F(25, 9), "fixable"),
        ("coverage", "improvability", F(53, 21), "fixable"),
    ],
)
def test_where_the_two_conclusions_turn(factor, column, at, criterion):
    """Stuck: new technology over coverage is 112/621 : 7/69 = 16/9. Fixable: coverage over new
    technology is 14/69 : 32/621 = 63/16. A factor loses where its own part falls by that ratio:

    stuck, new technology: 9/16 · 8/9 = 1/2 of a deficit, S = 10 − 9/2; 9/16 · 6 = 27/8 of
    importance above the floor; 9/16 · 7/9 = 7/16 not mended, M = 1 + 9 · 9/16; or coverage not
    mended at 16/9 · 1/3 = 16/27, M = 1 + 9 · 11/27. Fixable: m = 63/16 · 2/9 = 7/8, M = 1 + 63/8;
    coverage's deficit 16/63, S = 10 − 16/7; importance 7 · 16/63 = 16/9; M = 1 + 6 · 16/63.
    """
    table = cl.datasets.load("cci_variant_a").astype({column: "float64"})
    mine = table["factor"] == factor
    now = table.loc[mine, column].item()
    ranks = {}
    step = 1e-6 if float(at) > now else -1e-6
    for name, value in (
        ("before", float(at) - step),
        ("at", float(at)),
        ("after", float(at) + step),
    ):
        table.loc[mine, column] = value
        found = by_factor(cl.cci.rank(table), criterion)
        ranks[name] = found.loc[["coverage", "new_technology"], "rank"].tolist()
        assert found.loc["coverage", "tied"] == (name == "at")
    leads = [2, 1] if criterion == "stuck" else [1, 2]
    assert ranks == {"before": leads, "at": [1, 1], "after": leads[::-1]}


def test_raw_importances_as_shares_of_table_2():
    """I / ΣI of 3 6 8 4 1 7, 29 in all: coverage 8/29, new technology 7/29 · 8/9 = 56/261."""
    cci = {
        name: cl.cci.index(cl.datasets.load(case), importance_as="share")["cci"].item()
        for name, case in CASES.items()
    }

    exact = {"base": F(8, 29), "a": F(8, 29) + F(56, 261), "b": F(56, 261)}
    assert cci == pytest.approx({name: 100 * float(v) for name, v in exact.items()}, rel=1e-14)
    assert [round(v, 3) for v in cci.values()] == [27.586, 49.042, 21.456]


def test_what_is_satisfied_and_could_not_be_mended_leads_to_new_technology():
    """secure · (1 − m): 6/23 · 7/9 = 14/69, call quality 5/23 · 7/9 = 35/207."""
    table = cl.cci.matrix(cl.datasets.load("cci_table_2")).set_index("factor")
    watch = (table["secure"] * (1 - table["improvability"])).sort_values(ascending=False)

    assert watch.index[:2].tolist() == ["new_technology", "call_quality"]
    assert watch.tolist()[:2] == pytest.approx([14 / 69, 35 / 207], rel=1e-14)
    a = cl.cci.matrix(cl.datasets.load("cci_variant_a")).set_index("factor")["share"]
    assert a["coverage"] == pytest.approx(21 / 37, rel=1e-14)  # 56.8 % of 7/23 + 16/69


# --- populations ------------------------------------------------------------------------------------
def population() -> pd.DataFrame:
    """60 % low-end customers and 40 % business customers, as one of each with a weight."""
    kinds = {
        ("low", 0.6): {"price": (4, 9), "new_technology": (3, 1), "coverage": (6, 6)},
        ("business", 0.4): {"price": (8, 2), "new_technology": (8, 9), "coverage": (4, 8)},
    }
    rows = [(k, w, f, *v) for (k, w), kind in kinds.items() for f, v in kind.items()]
    return pd.DataFrame(rows, columns=["customer", "weight", *COLUMNS[1:]])


def test_what_averages_lose_is_the_covariance_of_caring_and_lacking():
    """mean(w d) = mean(w) mean(d) + cov(w, d), with .6 · .4 · (w − w')(d − d') for two kinds.

    w: price 8/13 and 1/16, technology 0 and 8/16, coverage 5/13 and 7/16;
    d: price 6/9 and 2/9, technology 7/9 and 2/9, coverage 4/9 and 6/9.
    """
    ratings = population()
    table = cl.cci.matrix(ratings, weight="weight").set_index("factor")
    of_means = table["importance_share"] * table["deficit"]
    lost = table["pressure"] - of_means
    exact = {
        "price": F(6, 25) * (F(8, 13) - F(1, 16)) * F(4, 9),
        "coverage": F(6, 25) * (F(5, 13) - F(7, 16)) * F(-2, 9),
        "new_technology": F(6, 25) * F(-1, 2) * F(5, 9),
    }

    assert lost.to_dict() == pytest.approx({k: float(v) for k, v in exact.items()}, rel=1e-13)
    assert lost.round(4).to_dict() == {
        "price": 0.0590,
        "coverage": 0.0028,
        "new_technology": -0.0667,
    }
    assert of_means.round(4).tolist() == [0.1927, 0.2164, 0.1111]
    ranked = by_factor(cl.cci.rank(ratings, weight="weight"))["rank"]
    assert ranked.to_dict() == {"price": 1, "coverage": 2, "new_technology": 3}
    means_first = of_means.rank(ascending=False).to_dict()
    assert means_first == {"price": 2, "coverage": 1, "new_technology": 3}


def test_a_ranking_of_a_population_that_a_new_factor_reverses():
    """Pressures of A 1/2, 0 and of B 0, 4/9; with C, A's are 1/3, 0.

    Two customers: errors are half of the distances, 1/4 and 2/9, then 1/6 and 2/9.
    """
    ratings = pd.DataFrame(
        {
            "customer": ["1", "2"] * 3, "factor": ["A", "A", "B", "B", "C", "C"],
            "satisfaction": [1, 10, 10, 2, 10, 10], "importance": [10, 10, 10, 10, 10, 1],
        }
    )  # fmt: skip
    two = by_factor(cl.cci.rank(ratings[ratings["factor"] != "C"]))
    three_factors = by_factor(cl.cci.rank(ratings))

    assert two["rank"].to_dict() == {"A": 1, "B": 2}
    assert three_factors["rank"].to_dict() == {"B": 1, "A": 2, "C": 3}
    assert two["std_error"].tolist() == pytest.approx([1 / 4, 2 / 9], rel=1e-13)
    assert three_factors["std_error"].tolist() == pytest.approx([2 / 9, 1 / 6, 0], rel=1e-13)
    assert (two["rank_high"] == 2).all() and (three_factors["rank_high"] == 3).all()
    found = means.means(cl.cci.answers(ratings)).covariance[0]
    exact = [[1 / 36, -1 / 27, 0], [-1 / 27, 4 / 81, 0], [0, 0, 0]]
    np.testing.assert_allclose(found, exact, rtol=1e-13)


# --- importance as ranks, shares, a table -------------------------------------------------------------
def shares_of(importance, kind: str, factors: str = "abcdef") -> dict[str, float]:
    names = list(factors[: len(importance)])
    ratings = pd.DataFrame({"factor": names, "satisfaction": 10, "importance": importance})
    table = cl.cci.matrix(ratings, importance_as=kind)
    return table.set_index("factor")["importance_share"].to_dict()


def test_ranks_weigh_as_centroids():
    """Six factors: the first (1 + 1/2 + … + 1/6)/6 = 147/360, each next one without its first term."""
    exact = [F(147, 360), F(87, 360), F(57, 360), F(37, 360), F(22, 360), F(10, 360)]
    assert sum(exact) == 1
    assert exact[0] == sum(F(1, i) for i in range(1, 7)) / 6 and exact[4] == (F(1, 5) + F(1, 6)) / 6

    got = shares_of([1, 2, 3, 4, 5, 6], "rank")
    assert list(got.values()) == pytest.approx([float(v) for v in exact], rel=1e-14)
    assert shares_of([6, 1, 3, 2, 4, 5], "rank")["b"] == pytest.approx(147 / 360, rel=1e-14)


@pytest.mark.parametrize("ranks", [[1, 1, 3], [1, 1, 2], [1.5, 1.5, 3]])
def test_equal_ranks_share_the_places_they_take(ranks):
    """Of three, 11/18 5/18 2/18: the first two share 16/18, however the ties were written."""
    assert shares_of(ranks, "rank") == pytest.approx({"a": 8 / 18, "b": 8 / 18, "c": 2 / 18})
    every = shares_of([2, 2, 2, 2], "rank")
    assert list(every.values()) == pytest.approx([0.25] * 4, rel=1e-14)


def test_a_rank_is_among_the_factors_that_a_customer_answered():
    """a ranks three: 11/18 5/18 2/18. b ranks two of them: 3/4 1/4."""
    ratings = pd.DataFrame(
        {
            "customer": list("aaabbb"), "factor": list("xyz") * 2, "satisfaction": 1,
            "importance": [1, 2, 3, 2, nan, 1],
        }
    )  # fmt: skip
    table = cl.cci.matrix(ratings, importance_as="rank", scale=(1, 10)).set_index("factor")

    exact = {"x": (F(11, 18) + F(1, 4)) / 2, "y": F(5, 36), "z": (F(2, 18) + F(3, 4)) / 2}
    assert table["pressure"].to_dict() == pytest.approx({k: float(v) for k, v in exact.items()})
    assert table["n"].to_dict() == {"x": 2, "y": 1, "z": 2}


@pytest.mark.parametrize("points", [[60, 30, 10], [0.6, 0.3, 0.1], [6, 3, 1]])
def test_shares_are_points_of_any_sum(points):
    assert shares_of(points, "share") == pytest.approx({"a": 0.6, "b": 0.3, "c": 0.1})


def test_a_table_of_importance_holds_for_everyone():
    """Price 10 and service 4 are 9 and 3 above the floor: shares 3/4 and 1/4 for all.

    Pressures of price 3/4 · (1, 2/3, 0) and service 1/4 · (0, 1/3, 1).
    """
    given = {"price": 10, "service": 4}
    expected = [float(F(3, 4) * F(5, 9)), float(F(1, 4) * F(4, 9))]
    frame = pd.DataFrame({"factor": ["price", "service", "sky"], "importance": [10, 4, 1]})
    for importance in (given, pd.Series(given), frame):
        table = cl.cci.matrix(three().drop(columns="importance"), importance=importance)
        assert table["pressure"].tolist() == pytest.approx(expected, rel=1e-14)
        assert table["importance"].tolist() == [10.0, 4.0]
    # price: deficit 5/9, importance 10; service: deficit 4/9, importance 4, below the middle
    ease = {"price": 9, "service": 9}
    words = cl.cci.matrix(three(), importance=given, improvability=ease)["verdict"]
    assert words.tolist() == ["fix now", "low"]
    by_rank = cl.cci.matrix(three(), importance={"price": 2, "service": 1}, importance_as="rank")
    assert by_rank.set_index("factor")["importance_share"].to_dict() == pytest.approx(
        {"price": 1 / 4, "service": 3 / 4}
    )
    by_share = cl.cci.matrix(three(), importance={"price": 1, "service": 9}, importance_as="share")
    assert by_share.set_index("factor")["importance_share"]["service"] == pytest.approx(0.9)
    # c did not rate price: all of c's importance is service's
    part = cl.cci.matrix(three().drop(index=4), importance=given).set_index("factor")
    service = (F(1, 4) * 0 + F(1, 4) * F(1, 3) + 1) / 3
    assert part.loc["service", "pressure"] == pytest.approx(float(service), rel=1e-14)


# --- cells without an answer --------------------------------------------------------------------------
def lacking(satisfaction=nan, importance=nan, **columns) -> pd.DataFrame:
    """The three customers, but c answers nothing, or half of it, on service."""
    ratings = three(**columns)
    ratings.loc[5, ["satisfaction", "importance"]] = [satisfaction, importance]
    return ratings


def pressures(ratings: pd.DataFrame, **arguments) -> dict[str, float]:
    return cl.cci.matrix(ratings, **arguments).set_index("factor")["pressure"].to_dict()


def test_renormalised_complete_and_imputed():
    """c's price has no deficit. Renormalised: service (0 + 2/9 + 0)/3; complete: of a and b alone.

    Imputed: service is 3/2 of 9 points below the top, d = 1/6, and 15/2 above the floor of
    importance, so c's shares are 6 and 15/2 of 27/2: w = 5/9 and pressure 5/54.
    """
    assert pressures(lacking()) == pytest.approx({"price": 13 / 54, "service": 2 / 27})
    assert pressures(lacking(), missing="complete") == pytest.approx(
        {"price": 13 / 36, "service": 1 / 9}
    )
    service = (F(2, 9) + F(5, 54)) / 3
    assert pressures(lacking(), missing="impute") == pytest.approx(
        {"price": 13 / 54, "service": float(service)}, rel=1e-14
    )
    # with weights 1, 3, 2: d = 9/4 of 9 = 1/4; points 27/4, shares 6 and 27/4 of 51/4: w = 9/17
    weighted = pressures(
        lacking(weight=[1, 1, 3, 3, 2, 2]), missing="impute", weight="weight"
    )  # fmt: skip
    exact = (3 * F(2, 9) + 2 * F(9, 17) * F(1, 4)) / 6
    assert weighted["service"] == pytest.approx(float(exact), rel=1e-14)


def test_half_an_answer_is_kept_where_the_other_half_is_imputed():
    """c says service is at 1 (d = 1), not how much it matters: w = 5/9 as before. Or that it
    matters 4 (3 points of 9), not how it is: w = 1/3, d = 1/6."""
    how = pressures(lacking(satisfaction=1), missing="impute")
    assert how["service"] == pytest.approx(float((F(2, 9) + F(5, 9)) / 3), rel=1e-14)
    much = pressures(lacking(importance=4), missing="impute")
    assert much["service"] == pytest.approx(float((F(2, 9) + F(1, 18)) / 3), rel=1e-14)
    for half in (lacking(satisfaction=1), lacking(importance=4)):
        assert pressures(half)["service"] == pytest.approx(2 / 27, rel=1e-14)
        table = cl.cci.matrix(half, missing="impute")
        # half an answer is used, and is not counted as one
        assert table.set_index("factor")["n"].to_dict() == {"price": 3, "service": 2}
        lines = cl.ledger(table)
        assert lines[lines["unit"] == "rows"].set_index("rule")["n"].to_dict() == {
            "read": 6, "used": 6,
        }  # fmt: skip


def test_a_group_imputes_its_own_means():
    """Two copies of the survey, the second with all importances of service at 1 of 10."""
    second = lacking().assign(wave=2)
    second.loc[second["factor"] == "service", "importance"] = [1, 1, nan]
    both = pd.concat([lacking().assign(wave=1), second], ignore_index=True)
    table = cl.cci.matrix(both, missing="impute", by="wave").set_index(["wave", "factor"])

    service = float((F(2, 9) + F(5, 54)) / 3)
    assert table.loc[(1, "service"), "pressure"] == pytest.approx(service, rel=1e-14)
    assert table.loc[(2, "service"), "pressure"] == 0
    assert table.loc[(2, "price"), "pressure"] == pytest.approx((1 + 2 / 3) / 3, rel=1e-14)


def test_imputed_answers_have_no_error_and_no_ranking():
    index = cl.cci.index(lacking(), missing="impute").loc[0]
    assert index[["std_error", "conf_low", "conf_high"]].isna().all() and index["cci"] > 0
    with pytest.raises(cl.InputError, match="missing='impute' fills cells with means"):
        cl.cci.rank(lacking(), missing="impute")
    with pytest.raises(cl.InputError, match="missing='impute' fills cells with means"):
        cl.cci.rank(cl.cci.answers(lacking(), missing="impute"))


def test_the_ledger_counts_who_answered_in_which_way():
    """a finds both equally important: a straight line. c is incomplete; d cares for nothing."""
    d = pd.DataFrame([("d", "price", 5, 1), ("d", "service", 5, 1)], columns=COLUMNS)
    ratings = pd.concat([lacking(), d], ignore_index=True)

    def customers(missing: str) -> dict[str, int]:
        lines = cl.ledger(cl.cci.index(ratings, missing=missing))
        return lines[lines["unit"] == "customers"].set_index("rule")["n"].to_dict()

    renormalised = customers("renormalise")
    assert renormalised["read"] == 4 and renormalised["used"] == 3
    assert renormalised["no_importance"] == 1 and renormalised["not_all_factors"] == 1
    assert renormalised["straight_line"] == 1 and renormalised.get("incomplete", 0) == 0
    complete = customers("complete")
    assert complete["used"] == 2 and complete["incomplete"] == 1
    assert complete["no_importance"] == 1 and complete["straight_line"] == 1
    assert cl.cci.index(ratings, missing="complete")["n"].item() == 2


# --- small groups borrow from all ---------------------------------------------------------------------
def test_shrinkage_in_closed_form():
    """Equal variances v: τ² = s² − v, B = v / s². Of 1, 2, 6 the mean is 3 and s² = 14/2 = 7."""
    mean = np.array([1.0, 2.0, 6.0])

    assert shrinkage.paule_mandel(mean, np.ones(3)) == pytest.approx(6, rel=1e-12)
    assert shrinkage.shrunk(mean, np.ones(3)) == pytest.approx([9 / 7, 15 / 7, 39 / 7], rel=1e-12)
    assert shrinkage.paule_mandel(mean, np.full(3, 7.0)) == 0
    assert shrinkage.shrunk(mean, np.full(3, 10.0)).tolist() == [3, 3, 3]
    # τ² = 0 and unequal: the common mean is weighted by 1/v, (1/14 + 2/28 + 6/28) / (1/14 + 2/28)
    v = np.array([14.0, 28.0, 28.0])
    assert shrinkage.shrunk(mean, v) == pytest.approx([2.5] * 3, rel=1e-15)
    assert np.isnan(shrinkage.shrunk(mean[:2], np.ones(2))).all()


def test_variances_of_groups_are_pooled():
    """s² = Σ n² v / Σ n over known groups = (4·3 + 16·1)/6 = 14/3; then s²/n for all of them."""
    pooled = shrinkage.pooled_variance(np.array([3.0, 1.0, nan]), np.array([2.0, 4.0, 1.0]))

    assert pooled == pytest.approx([7 / 3, 7 / 6, 14 / 3], rel=1e-15)


def test_a_ranking_shrinks_the_means_of_segments():
    """One factor, two customers a segment, deficits in ninths 0 2, 1 3, 5 7: means 1, 2, 6, each
    with variance 2/(2·1) = 1 in 81sts. So B = 1/7 and the shrunk means are 9/7, 15/7, 39/7 ninths.
    """
    ratings = pd.DataFrame(
        {
            "customer": list("abcdef"), "segment": list("xxyyzz"), "factor": "price",
            "satisfaction": [10, 8, 9, 7, 5, 3], "importance": 9,
        }
    )  # fmt: skip
    table = cl.cci.rank(ratings, by="segment")

    assert table["estimate"].tolist() == pytest.approx([1 / 9, 2 / 9, 6 / 9], rel=1e-14)
    assert table["shrunk"].tolist() == pytest.approx([1 / 7, 15 / 63, 39 / 63], rel=1e-12)
    assert table["rank_shrunk"].tolist() == [1, 1, 1]
    two = cl.cci.rank(ratings[ratings["segment"] != "z"], by="segment")
    assert two[["shrunk", "rank_shrunk"]].isna().all(axis=None)
