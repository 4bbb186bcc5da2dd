"""Answers read once: their means and covariance against numpy, every engine, and reuse."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from churnlab import InputError, engine
from churnlab.cci import means
from tests.engines import PARAMS, maker

FACTORS = ["price", "coverage", "service", "image"]
EASE = {"price": 2.5, "coverage": 7, "service": 9, "image": 4}
OWNED = pd.DataFrame(
    {"factor": FACTORS, "improvability": [2, 7, 9, 4], "owner": ["sales", "net", "net", None]}
)


def survey(seed: int = 0, n: int = 60, *, gaps: bool = True, weighted: bool = True) -> pd.DataFrame:
    """Whole ratings of four factors, accounts of some customers each, three segments.

    With gaps, one answer in eight is missing and one customer in ten cares for nothing.
    """
    rng = np.random.default_rng(seed)
    shape = (n, len(FACTORS))
    satisfaction, importance = (rng.integers(1, 11, shape).astype(float) for _ in range(2))
    if gaps:
        satisfaction[rng.random(shape) < 0.12] = np.nan
        importance[rng.random(n) < 0.1] = 1
        importance[rng.random(shape) < 0.12] = np.nan
    frame = pd.DataFrame(
        {
            "customer": np.repeat([f"c{i:06}" for i in range(n)], len(FACTORS)),
            "factor": FACTORS * n,
            "satisfaction": satisfaction.ravel(),
            "importance": importance.ravel(),
        }
    )
    weight = rng.integers(2, 9, n) / 4 if weighted else np.ones(n)
    segment = np.array(["low", "high", None], dtype=object)[rng.integers(3, size=n)]
    account = [f"a{k}" for k in rng.integers(0, max(n // 3, 1), n)]
    return frame.assign(
        **{
            name: np.repeat(np.asarray(values), len(FACTORS))
            for name, values in (("weight", weight), ("segment", segment), ("account", account))
        }
    )


def pressures(ratings: pd.DataFrame) -> pd.DataFrame:
    """Customer by customer as the definition says: a column per factor, weight and account."""
    found = []
    for _, rows in ratings.dropna(subset=["satisfaction", "importance"]).groupby("customer"):
        above = rows["importance"] - 1
        if above.sum() == 0:
            continue
        pressure = above / above.sum() * (10 - rows["satisfaction"]) / 9
        own = dict.fromkeys(FACTORS, 0.0) | dict(zip(rows["factor"], pressure, strict=True))
        found.append(own | rows.iloc[0][["weight", "account"]].to_dict())
    return pd.DataFrame(found)


def expected(ratings: pd.DataFrame, cluster: bool) -> tuple[np.ndarray, np.ndarray, int]:
    """Mean, covariance of the mean, and how many customers or accounts, by numpy."""
    own = pressures(ratings)
    omega = own["weight"].to_numpy()[:, None]
    values = own[sorted(FACTORS)].to_numpy()
    mean = (omega * values).sum(axis=0) / omega.sum()
    score = pd.DataFrame(omega * (values - mean))
    if cluster:
        score = score.groupby(own["account"]).sum()
    n = len(score)
    product = score.to_numpy().T @ score.to_numpy() / omega.sum() ** 2
    return mean, product * (n / (n - 1) if n > 1 else np.nan), n


def close(got: np.ndarray, wanted: np.ndarray, tolerance: float = 1e-12) -> None:
    """As a fraction of the two standard errors, as a correlation would be read."""
    error = np.sqrt(np.diag(wanted))
    scale = np.where(error > 0, error, 1.0)
    distance = np.abs(got - wanted) / (scale[:, None] * scale)
    assert distance.max() <= tolerance, distance.max()


# --- the covariance of the means ------------------------------------------------------------------
@pytest.mark.parametrize("cluster", [False, True])
@pytest.mark.parametrize(("gaps", "weighted"), [(False, False), (True, False), (True, True)])
@pytest.mark.parametrize("seed", range(3))
def test_covariance_equals_numpy(seed, gaps, weighted, cluster):
    ratings = survey(seed, n=(12, 60, 250)[seed], gaps=gaps, weighted=weighted)
    mean, covariance, n = expected(ratings, cluster)
    roles = {"weight": "weight"} if weighted else {}
    answers = cl.cci.answers(ratings, cluster="account" if cluster else None, **roles)
    found = means.means(answers)

    assert answers.factors == sorted(FACTORS)
    np.testing.assert_allclose(found.pressure[0], mean, rtol=1e-13)
    close(found.covariance[0], covariance)
    assert found.df.tolist() == [n - 1] and found.n.tolist() == [len(pressures(ratings))]
    assert (found.covariance[0] == found.covariance[0].T).all()
    index, matrix = cl.cci.index(answers).loc[0], cl.cci.matrix(answers)
    assert index["cci"] == pytest.approx(100 * mean.sum(), rel=1e-13)
    assert index["cci"] == pytest.approx(100 * matrix["pressure"].sum(), rel=1e-13)
    assert index["std_error"] == pytest.approx(100 * np.sqrt(covariance.sum()), rel=1e-11)
    omega = pressures(ratings)["weight"]
    assert index["n_effective"] == pytest.approx(omega.sum() ** 2 / (omega**2).sum())


@pytest.mark.parametrize("cluster", [None, "account"])
def test_covariance_of_groups_is_that_of_their_own_customers(cluster):
    ratings = survey(7, n=90)
    found = means.means(
        cl.cci.answers(ratings, weight="weight", by="segment", cluster=cluster)
    )  # fmt: skip

    for g, segment in enumerate(("high", "low", None)):
        mine = ratings["segment"].isna() if segment is None else ratings["segment"] == segment
        mean, covariance, n = expected(ratings[mine], cluster is not None)
        np.testing.assert_allclose(found.pressure[g], mean, rtol=1e-13)
        close(found.covariance[g], covariance)
        assert found.df[g] == n - 1


def test_one_customer_and_one_account_have_no_error():
    ratings = survey(3, n=40, gaps=False)
    one = ratings[ratings["customer"] == "c000000"]
    together = ratings.assign(account="all")
    sets = {"one": [(1, 1), (2, 2), (3, 3), (4, 4)], "together": [(1, 4)] * 4}
    read = {"one": cl.cci.answers(one), "together": cl.cci.answers(together, cluster="account")}
    for name, answers in read.items():
        assert np.isnan(means.means(answers).covariance).all()
        table = cl.cci.rank(answers)
        assert table[["std_error", "conf_low", "conf_high"]].isna().all(axis=None)
        # one customer is all there is; one account is a sample of one
        assert list(zip(table["rank_low"], table["rank_high"], strict=True)) == sets[name]
        assert np.isnan(cl.cci.index(answers)["std_error"].item())


@pytest.mark.parametrize("n", [2, 7, 1000, 30_000])
@pytest.mark.parametrize("weighted", [False, True])
def test_identical_customers_have_exactly_no_variance(n, weighted):
    """Whatever the rounding of so many additions leaves."""
    table = cl.datasets.load("cci_variant_a")
    ratings = table.iloc[np.tile(np.arange(len(table)), n)].reset_index(drop=True)
    ratings["customer"] = np.repeat(np.arange(n), len(table))
    ratings["weight"] = np.repeat(np.random.default_rng(n).integers(1, 9, n) / 7, len(table))
    answers = cl.cci.answers(ratings, weight="weight" if weighted else None)

    assert (means.means(answers).covariance == 0).all()
    ranked = cl.cci.rank(answers)
    assert (ranked["std_error"] == 0).all()
    alone = cl.cci.rank(table)
    columns = ["criterion", "factor", "rank", "rank_low", "rank_high", "tied", "best", "p_top"]
    pd.testing.assert_frame_equal(ranked[columns], alone[columns])


def test_two_hundred_thousand_customers():
    """Against sums with more digits; the last factor's deviation is a hundredth of its mean, so
    that four digits of a product of sums are lost before anything is added up."""
    rng = np.random.default_rng(20)
    n = 200_000
    satisfaction = rng.integers(1, 11, (n, 4)).astype(float)
    satisfaction[:, 3] = np.where(rng.random(n) < 0.01, 2, 1)
    importance = rng.integers(2, 11, (n, 4)).astype(float)
    importance[:, 3] = importance[:, :3].sum(axis=1) - 2  # a share of nearly a half
    ratings = pd.DataFrame(
        {
            "customer": np.repeat(np.arange(n), 4), "factor": ["a", "b", "c", "d"] * n,
            "satisfaction": satisfaction.ravel(), "importance": importance.ravel(),
        }
    )  # fmt: skip
    found = means.means(cl.cci.answers(ratings, scale=(1, 10), importance_scale=(1, 30)))
    above = (importance - 1).astype(np.longdouble)
    values = above / above.sum(axis=1, keepdims=True) * (10 - satisfaction) / 9
    mean = values.mean(axis=0)
    covariance = (values - mean).T @ (values - mean) / n / (n - 1)

    np.testing.assert_allclose(found.pressure[0], mean.astype(float), rtol=1e-12)
    close(found.covariance[0, :3, :3], covariance[:3, :3].astype(float), 2e-12)
    close(found.covariance[0], covariance.astype(float), 2e-9)


# --- every engine -----------------------------------------------------------------------------------
@pytest.fixture(params=PARAMS)
def make(request, tmp_path):
    return maker(request, tmp_path)


ROLES = {"weight": "weight", "cluster": "account", "by": "segment"}


def same(got: pd.DataFrame, wanted: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(got, wanted, check_exact=False, rtol=1e-9, check_dtype=False)
    assert got.attrs == wanted.attrs


RANKED = {"draws": 2000, "top": 2, "tolerance": 0.01}


@cache
def of_pandas() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ranking and index of the survey that every engine gets, counted once."""
    wanted = cl.cci.answers(survey(11, n=80), improvability=EASE, **ROLES)
    return cl.cci.rank(wanted, **RANKED), cl.cci.index(wanted)


def test_every_engine_gives_the_same_ranking(make):
    got = cl.cci.answers(make(survey(11, n=80)), improvability=EASE, **ROLES)

    ranking, index = of_pandas()
    ranked = cl.cci.rank(got, **RANKED)
    same(ranked, ranking)
    assert len(ranked) == 3 * 3 * 4 and ranked["shrunk"].notna().all()
    same(cl.cci.index(got), index)


def placed() -> pd.DataFrame:
    """Ranks with ties among what each customer answered: 10 above 9 above 8."""
    ratings = survey(12, n=40)
    ratings["place"] = (-ratings["importance"]).groupby(ratings["customer"]).rank(method="min")
    return ratings


BY_RANK = {"importance": "place", "importance_as": "rank", "by": "segment"}
IMPUTED = {"missing": "impute", "weight": "weight", "by": "segment"}


@cache
def matrices_of_pandas() -> tuple[pd.DataFrame, pd.DataFrame]:
    return cl.cci.matrix(placed(), **BY_RANK), cl.cci.matrix(placed(), **IMPUTED)


def test_every_engine_orders_ranks_and_fills_gaps_alike(make):
    table = make(placed())
    by_rank, imputed = matrices_of_pandas()
    same(cl.cci.matrix(table, **BY_RANK), by_rank)
    same(cl.cci.matrix(table, **IMPUTED), imputed)


# --- importance and gaps, by brute force --------------------------------------------------------------
def centroids(ranks: list[float]) -> list[float]:
    """The mean of the place weights over all ways to break the ties."""
    n = len(ranks)
    weight = [sum(1 / i for i in range(place, n + 1)) / n for place in range(1, n + 1)]
    ordered = sorted(ranks)
    taken = [[k for k, v in enumerate(ordered) if v == rank] for rank in ranks]
    return [sum(weight[k] for k in places) / len(places) for places in taken]


@pytest.mark.parametrize("seed", range(3))
def test_ranks_and_shares_equal_the_brute_force(seed):
    ratings = survey(seed, n=50)
    given = ratings.groupby("customer")["importance"]
    ratings["importance"] = given.rank(method="min", ascending=False)  # with ties and gaps
    used = ratings.dropna(subset=["satisfaction", "importance"])
    for kind in ("rank", "share"):
        total = dict.fromkeys(FACTORS, 0.0)
        for _, rows in used.groupby("customer"):
            points = list(rows["importance"])
            if kind == "rank":
                points = centroids(points)
            for factor, value, s in zip(rows["factor"], points, rows["satisfaction"], strict=True):
                total[factor] += value / sum(points) * (10 - s) / 9
        n = used["customer"].nunique()
        got = cl.cci.matrix(ratings, importance_as=kind).set_index("factor")["pressure"]
        assert got.to_dict() == pytest.approx({f: v / n for f, v in total.items()}, rel=1e-12)


@pytest.mark.parametrize("by", [None, "segment"])
def test_imputed_equals_a_table_filled_by_hand(by):
    """Every cell of everyone who answered anything gets the weighted mean of the group's answers."""
    ratings = survey(4, n=70)
    some = (
        ratings.groupby("customer")[["satisfaction", "importance"]].transform("count").sum(axis=1)
    )
    filled = ratings[some > 0].copy()
    groups = filled["segment"].fillna("none") if by else pd.Series("all", index=filled.index)
    for column in ("satisfaction", "importance"):
        known = filled[column].notna()
        weight = filled["weight"].where(known)
        keys = [groups, filled["factor"]]
        mean = (filled[column] * weight).groupby(keys).transform("sum")
        filled[column] = filled[column].fillna(mean / weight.groupby(keys).transform("sum"))
    roles = {"weight": "weight", "by": by, "improvability": EASE}
    got = cl.cci.matrix(ratings, missing="impute", **roles)
    wanted = cl.cci.matrix(filled, **roles)

    columns = ["factor", "importance_share", "pressure", "fixable", "satisfaction", "importance"]
    assert ratings["satisfaction"].isna().sum() > 20
    pd.testing.assert_frame_equal(got[columns], wanted[columns], rtol=1e-12)


def test_complete_is_the_survey_of_those_who_rated_everything():
    ratings = survey(5, n=90)
    whole = ratings.dropna(subset=["satisfaction", "importance"])
    whole = whole[whole.groupby("customer")["factor"].transform("size") == len(FACTORS)]
    for function in (cl.cci.matrix, cl.cci.index, cl.cci.rank):
        got = function(ratings, missing="complete", weight="weight")
        wanted = function(whole, weight="weight")
        pd.testing.assert_frame_equal(got, wanted, rtol=1e-11)
    assert 10 < whole["customer"].nunique() < ratings["customer"].nunique()


def test_nobody_who_rated_everything_is_refused():
    ratings = survey(5, n=20, gaps=False)
    first = ratings["customer"] < "c000010"
    ratings.loc[first & (ratings["factor"] == "price"), "satisfaction"] = np.nan
    ratings.loc[~first & (ratings["factor"] == "image"), "importance"] = np.nan
    with pytest.raises(InputError, match="none of the 20 customers rated every factor"):
        cl.cci.index(ratings, missing="complete")


# --- read once, asked often -------------------------------------------------------------------------
FUNCTIONS = {
    "matrix": (cl.cci.matrix, {}),
    "index": (cl.cci.index, {"level": 0.9}),
    "rank": (cl.cci.rank, {"kind": "marginal", "draws": 1000, "seed": 3}),
    "owners": (cl.cci.owners, {"improvability": OWNED}),
}


@pytest.mark.parametrize("by", [None, "segment"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_answers_give_what_the_ratings_give(name, by):
    function, own = FUNCTIONS[name]
    ratings = survey(6)
    roles = {"weight": "weight", "cluster": "account", "missing": "complete", "by": by}
    ease = {} if name == "owners" else {"improvability": EASE}
    answers = cl.cci.answers(ratings, **roles, **ease)
    direct = function(ratings, **roles, **ease, **own)

    got = function(answers, **own)
    # groups of a parallel engine add their customers in any order: the last digit may differ
    pd.testing.assert_frame_equal(got, direct, check_exact=False, rtol=1e-11, atol=1e-13)
    assert got.attrs == direct.attrs
    pd.testing.assert_frame_equal(function(answers, **own), got, check_exact=True)
    assert {line["stage"] for line in got.attrs["ledger"]} == {f"cci.{name}"}


def test_customers_own_indices_come_from_answers_too():
    ratings = survey(6)
    answers = cl.cci.answers(ratings, weight="weight", improvability=EASE)
    direct = cl.cci.per_customer(ratings, weight="weight", improvability=EASE)
    got = cl.cci.per_customer(answers)

    order = ["customer"]
    pd.testing.assert_frame_equal(
        got.frame.sort_values(order, ignore_index=True),
        direct.frame.sort_values(order, ignore_index=True),
    )
    pd.testing.assert_frame_equal(cl.ledger(got), cl.ledger(direct))
    assert list(got.frame.columns) == ["customer", "n", "cci", "fixable", "stuck", "weight"]


def test_answers_are_counted_once(monkeypatch):
    calls = []
    collect = engine.collect
    monkeypatch.setattr(engine, "collect", lambda table: calls.append(1) or collect(table))
    answers = cl.cci.answers(survey(8), improvability=EASE, weight="weight", by="segment")
    read = len(calls)
    cl.cci.matrix(answers)
    counted = len(calls)
    cl.cci.index(answers)
    cl.cci.rank(answers, draws=1000)
    assert 1 <= read < counted == len(calls)
    cl.cci.owners(answers, improvability=OWNED)  # a table of its own, read for itself
    assert len(calls) == counted + 1


def test_answers_carry_their_ledger():
    answers = cl.cci.answers(survey(9), weight="weight")
    direct = cl.ledger(cl.cci.matrix(survey(9), weight="weight"))
    got = cl.ledger(answers)

    assert set(got["stage"]) == {"cci.answers"}
    pd.testing.assert_frame_equal(got.drop(columns="stage"), direct.drop(columns="stage"))


OTHER = {
    "improvability": EASE, "customer": "client", "factor": "item", "satisfaction": "score",
    "importance": "matters", "weight": "weight", "cluster": "account", "by": "segment",
    "scale": (0, 10), "importance_scale": (0, 10), "improvability_scale": (0, 1),
    "importance_as": "share", "missing": "complete",
}  # fmt: skip


@pytest.mark.parametrize("argument", OTHER)
@pytest.mark.parametrize("name", ["matrix", "index", "rank", "per_customer", "owners"])
def test_roles_beside_answers_are_refused(name, argument):
    if name == "owners" and argument == "improvability":
        return
    answers = cl.cci.answers(survey(1, n=10))
    arguments = {argument: OTHER[argument]}
    if name == "owners":
        arguments["improvability"] = OWNED
    with pytest.raises(InputError, match=f"{argument}= was settled when the answers were read"):
        getattr(cl.cci, name)(answers, **arguments)


def test_answers_of_other_answers_are_refused_or_the_same():
    answers = cl.cci.answers(survey(1, n=10))
    again = cl.cci.answers(answers)
    pd.testing.assert_frame_equal(cl.cci.matrix(again), cl.cci.matrix(answers))
    with pytest.raises(InputError, match="by= was settled"):
        cl.cci.answers(answers, by="segment")


# --- refusals -----------------------------------------------------------------------------------------
def changed(column: str, value, at: int = 1) -> pd.DataFrame:
    ratings = survey(2, gaps=False)
    ratings[column] = ratings[column].astype(object)
    ratings.loc[at, column] = value
    return ratings


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"cluster": "segment", "by": "segment"}, "cluster='segment' is also a column of groups"),
        ({"cluster": "acount"}, "no column 'acount'"),
        ({"missing": "drop"}, "missing='drop' is not one of"),
        ({"importance_as": "points"}, "importance_as='points' is not one of"),
        ({"importance_as": "rank", "importance_scale": (1, 5)}, "importance_scale=.* none"),
        ({"importance": {"price": 5}}, "no number for 'coverage', 'image', 'service'"),
        ({"importance": {"sky": 5}}, "no factor of the importance table .* is rated"),
        ({"importance": dict.fromkeys(FACTORS, 1)}, "no factor of the importance table matters"),
        ({"importance": dict.fromkeys(FACTORS, 11)}, "importance table holds ratings outside"),
        ({"importance": dict.fromkeys(FACTORS, 0), "importance_as": "rank"}, "is no rank"),
        ({"importance": dict.fromkeys(FACTORS, -1), "importance_as": "share"}, "is no share"),
        ({"importance": 5}, "importance=5 is no table"),
    ],
)
def test_what_cannot_be_read_is_refused(arguments, words):
    with pytest.raises(InputError, match=words):
        cl.cci.matrix(survey(2, gaps=False), **arguments)


@pytest.mark.parametrize(
    "function", [cl.cci.matrix, cl.cci.index, cl.cci.rank, cl.cci.per_customer]
)
def test_an_account_that_changes_within_a_customer_is_refused(function):
    with pytest.raises(InputError, match="'account' changes within 1 customer: a cluster belongs"):
        function(changed("account", "another"), cluster="account")


def test_an_account_that_is_missing_on_some_ratings_is_refused():
    with pytest.raises(InputError, match="'account' changes within 1 customer"):
        cl.cci.index(changed("account", None), cluster="account")


def test_customers_without_an_account_are_left_out_and_counted():
    ratings = survey(2, gaps=False)
    ratings.loc[ratings["customer"] == "c000003", "account"] = None
    ratings.loc[ratings["customer"] == "c000004", "account"] = " "
    table = cl.cci.index(ratings, cluster="account")

    assert table["n"].item() == 58
    lines = cl.ledger(table)
    assert lines[lines["unit"] == "rows"].set_index("rule")["n"].to_dict() == {
        "read": 240, "used": 232, "missing_cluster": 8,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("importance_as", "value", "words"),
    [("rank", 0.5, "a rank that is none"), ("share", -1.0, "a share that is none"),
     ("share", np.inf, "a share that is none")],
)  # fmt: skip
def test_what_is_no_rank_and_no_share_is_refused(importance_as, value, words):
    ratings = survey(2, gaps=False)
    ratings.loc[5, "importance"] = value
    with pytest.raises(InputError, match=words):
        cl.cci.matrix(ratings, importance_as=importance_as)
