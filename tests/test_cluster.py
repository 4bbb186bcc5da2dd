"""Errors robust by customer: by hand, against R, by brute force, and where they matter."""

from __future__ import annotations

from fractions import Fraction as F
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import churnlab as cl
from churnlab.checks import Table
from tests import engines
from tests.reference import read

CURVES = {
    "kaplan_meier": (cl.survival.kaplan_meier, "surv", "std_err"),
    "nelson_aalen": (cl.survival.nelson_aalen, "cumhaz", "std_chaz"),
}
BOTH = pytest.mark.parametrize("name", CURVES)


def close(ours, theirs, tolerance=1e-12):
    np.testing.assert_allclose(
        np.asarray(ours, float), np.asarray(theirs, float), rtol=tolerance, atol=tolerance
    )


# ------------------------------------------------------------------------------------ by hand
THREE = pd.DataFrame(
    [("a", 1, 1), ("a", 3, 1), ("b", 2, 1), ("b", 4, 0), ("c", 2, 0)],
    columns=["customer", "duration", "event"],
)


def test_three_customers_by_hand():
    """n = 5, 4, 2 at the churns at 1, 2, 3. On log S a churn weighs −1/n, being there d/(n (n − d)).

    At 1: a −1/5 + 1/20, b 2/20, c 1/20. At 2: a + 1/12, b − 1/4 + 1/12, c + 1/12 and is gone.
    At 3: a − 1/2, b + 1/2.
    """
    a = [F(-3, 20), F(-1, 15), F(-17, 30)]
    b = [F(1, 10), F(-1, 15), F(13, 30)]
    c = [F(1, 20), F(2, 15), F(2, 15)]
    share = [F(4, 5), F(3, 5), F(3, 10)]
    assert [sum(at) for at in zip(a, b, c, strict=True)] == [0, 0, 0]
    by_hand = [
        float(s) * sqrt(sum(u * u for u in at)) for s, *at in zip(share, a, b, c, strict=True)
    ]
    assert by_hand[2] == pytest.approx(0.3 * sqrt(79 / 150))

    curve = cl.survival.kaplan_meier(THREE, cluster="customer")

    close(curve["estimate"], [1, *map(float, share), 0.3])
    close(curve["std_error"], [0, *by_hand, by_hand[2]])


def test_three_customers_by_hand_hazards_added_up():
    """On H a churn weighs 1/n, being there −d/n²: 1/25, 1/16 and 1/4 at the three churns."""
    a = [F(1, 5) - F(2, 25), F(3, 25) - F(1, 16), F(3, 25) - F(1, 16) + F(1, 2) - F(1, 4)]
    b = [-F(2, 25), -F(2, 25) + F(1, 4) - F(2, 16), -F(2, 25) + F(1, 8) - F(1, 4)]
    c = [-F(1, 25), -F(1, 25) - F(1, 16), -F(1, 25) - F(1, 16)]
    by_hand = [sqrt(sum(u * u for u in at)) for at in zip(a, b, c, strict=True)]

    curve = cl.survival.nelson_aalen(THREE, cluster="customer")

    close(curve["std_error"], [0, *by_hand, by_hand[2]])


# ---------------------------------------------------------------------------------- against R
@BOTH
@pytest.mark.parametrize("grouped", [False, True], ids=["all", "by"])
@pytest.mark.parametrize("data", ["infections", "repeated", "late", "weighted", "whole"])
def test_equals_r_survfit_with_cluster(data, grouped, name):
    function, estimate, std_error = CURVES[name]
    frame, theirs = read(f"cluster_{data}"), read(f"survfit_cluster_{data}")
    theirs = theirs[(theirs["group"] != "all") == grouped].reset_index(drop=True)
    roles = {"weight": "weight"} if "weight" in frame else {}

    ours = function(
        frame, duration="time", cluster="customer", by="group" if grouped else None, **roles
    )
    ours = ours[ours["duration"] > 0].reset_index(drop=True)

    assert len(theirs) == len(ours)
    close(ours[["duration", "n_risk", "n_event"]], theirs[["time", "n_risk", "n_event"]])
    close(ours["estimate"], theirs[estimate])
    if name == "kaplan_meier":
        # where everyone left R says 0, and gives no limits: here the error is missing as well
        assert set(theirs.loc[theirs["surv"] == 0, std_error]) <= {0.0}
        theirs.loc[theirs["surv"] == 0, std_error] = np.nan
        close(ours["conf_low"], theirs["lower"])
        close(ours["conf_high"], theirs["upper"])
    close(ours["std_error"], theirs[std_error])


# ------------------------------------------------------------------------------ by brute force
def weighted_curve(rows: pd.DataFrame, weight: np.ndarray, times, *, product: bool) -> np.ndarray:
    """The curve of weighted spells, from its definition."""
    entry = rows["entry"].fillna(-1).to_numpy()
    end, event = rows["duration"].to_numpy(), rows["event"].to_numpy()
    value, curve = 1.0 if product else 0.0, []
    for t in times:
        n = weight[(entry < t) & (end >= t)].sum()
        d = weight[(end == t) & (event == 1)].sum()
        value = value * (1 - d / n) if product else value + d / n
        curve.append(value)
    return np.array(curve)


def numerical_jackknife(rows: pd.DataFrame, times, *, product: bool) -> np.ndarray:
    """Root of the sum of squared derivatives by what each customer's weights are multiplied with."""
    weight, step = rows["w"].to_numpy(float), 1e-5
    slopes = []
    for customer in rows["customer"].unique():
        its = (rows["customer"] == customer).to_numpy()
        up, down = (
            weighted_curve(rows, weight * np.where(its, 1 + e, 1.0), times, product=product)
            for e in (step, -step)
        )
        slopes.append((up - down) / (2 * step))
    return np.sqrt((np.array(slopes) ** 2).sum(axis=0))


def random_spells(seed: int, *, n: int = 60, customers: int = 15) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    entry = np.where(random.random(n) < 0.4, random.integers(0, 6, n), np.nan)
    return pd.DataFrame(
        {
            "customer": random.integers(0, customers, n),
            "entry": entry,
            "duration": np.nan_to_num(entry, nan=-1) + random.integers(1, 9, n),
            "event": random.integers(0, 2, n),
            "w": random.choice([0.25, 0.5, 1.0, 3.0], n),
        }
    )


@BOTH
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("scale", [1.0, 0.37], ids=["whole durations", "broken durations"])
def test_equals_the_derivative_by_the_weights(seed, name, scale):
    rows = random_spells(seed)
    rows[["entry", "duration"]] *= scale
    function = CURVES[name][0]

    curve = function(rows, weight="w", cluster="customer")
    there = curve[(curve["n_risk"] > 0) & curve["std_error"].notna()]
    expected = numerical_jackknife(rows, there["duration"], product=name == "kaplan_meier")

    assert len(there) > 5 and (there["std_error"] > 0).any()
    close(there["std_error"], expected, tolerance=1e-6)


def table_of_influences(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The whole table of customers × durations, which the estimator never makes."""
    times = np.sort(rows["duration"].unique())
    end, event = rows["duration"].to_numpy()[:, None], rows["event"].to_numpy()[:, None]
    at_risk, churn = end >= times, (end == times) & (event == 1)
    n, d = at_risk.sum(axis=0), churn.sum(axis=0)
    influence = np.cumsum(churn / n - at_risk * d / n**2, axis=1)
    summed = pd.DataFrame(influence).groupby(rows["customer"].to_numpy()).sum().to_numpy()
    return times, np.sqrt((summed**2).sum(axis=0))


def test_many_customers_lose_no_digits():
    random = np.random.default_rng(7)
    rows = pd.DataFrame(
        {
            "customer": random.integers(0, 900, 4000),
            "duration": random.exponential(50.0, 4000),
            "event": random.integers(0, 2, 4000),
        }
    )
    rows.loc[:999, "customer"] = 17  # one customer with a quarter of all spells
    times, expected = table_of_influences(rows)

    curve = cl.survival.nelson_aalen(rows, cluster="customer").set_index("duration")

    before = expected == 0
    assert (curve.loc[times[before], "std_error"] == 0).all()
    ratio = curve.loc[times[~before], "std_error"] / expected[~before]
    close(ratio, np.ones(len(ratio)), tolerance=1e-9)


# ---------------------------------------------------------------------------------- properties
@BOTH
def test_spells_of_different_customers_are_the_jackknife_of_spells(name):
    """With one spell per customer nothing is summed: the errors of fractional weights."""
    rows = random_spells(3).assign(customer=range(60))
    function = CURVES[name][0]

    by_customer = function(rows, weight="w", cluster="customer")
    by_spell = function(rows, weight="w")

    pd.testing.assert_frame_equal(by_spell, by_customer, rtol=1e-12)


piece = st.tuples(st.integers(1, 9), st.booleans(), st.integers(0, 5))


@BOTH
@settings(max_examples=50, deadline=None)
@given(st.lists(piece, min_size=2, max_size=25))
def test_a_spell_cut_in_pieces_is_the_same_spell(name, spells):
    """(0, t] as (0, t/2] and (t/2, t] of the same customer: no estimate and no error moves."""
    function = CURVES[name][0]
    rows = pd.DataFrame(spells, columns=["duration", "event", "customer"]).assign(entry=0.0)
    middle = (rows["duration"] / 2).astype(int)
    first = rows.assign(duration=middle, event=False)[middle > 0]
    cut = pd.concat([first, rows.assign(entry=middle.astype(float))])

    whole = function(rows, cluster="customer").set_index("duration")
    pieces = function(cut, cluster="customer").set_index("duration").loc[whole.index]

    for column in ("estimate", "std_error"):
        np.testing.assert_allclose(pieces[column], whole[column], rtol=1e-7, atol=1e-9)


@BOTH
def test_count_stands_for_identical_spells_of_the_customer(name):
    function = CURVES[name][0]
    rows = random_spells(5).assign(k=np.arange(60) % 3 + 1)
    expanded = rows.loc[rows.index.repeat(rows["k"])]

    by_count = function(rows, count="k", cluster="customer")
    by_rows = function(expanded, cluster="customer")

    pd.testing.assert_frame_equal(by_rows, by_count, rtol=1e-12)
    # a second copy of every spell of the same customers is no news
    again = function(pd.concat([rows, rows]), cluster="customer")
    close(again["std_error"], function(rows, cluster="customer")["std_error"], tolerance=1e-9)


@BOTH
def test_only_the_errors_change(name):
    function = CURVES[name][0]
    rows = random_spells(11)

    alone, together = function(rows), function(rows, cluster="customer")

    same = ["duration", "n_risk", "n_event", "n_censor", "estimate"]
    pd.testing.assert_frame_equal(alone[same], together[same])
    assert not np.allclose(alone["std_error"], together["std_error"], equal_nan=True, rtol=0.01)


@BOTH
def test_one_customer_alone_has_no_error(name):
    """The influences of a single customer cancel: 0 would be a promise, so it is missing."""
    rows = pd.DataFrame(
        {
            "customer": ["x", "x", "x", "y", "z"],
            "duration": [1, 2, 4, 1, 2],
            "event": [1, 1, 0, 1, 0],
            "plan": ["one", "one", "one", "two", "two"],
        }
    )

    curve = CURVES[name][0](rows, cluster="customer", by="plan").set_index("plan")

    errors = ["std_error", "conf_low", "conf_high"]
    assert curve.loc["one", errors].isna().all(axis=None)
    assert curve.loc["two", "std_error"].notna().all()


# ------------------------------------------------------------------------------------ the door
def test_a_table_says_which_spells_belong_together():
    """Its cluster is the default; a name given goes before it, and None asks for Greenwood's."""
    rows = THREE.assign(household=["h", "h", "h", "i", "i"])
    table = Table(rows, None, list, cluster="customer")
    curve = cl.survival.kaplan_meier

    robust, plain = curve(rows, cluster="customer"), curve(rows)

    pd.testing.assert_frame_equal(robust, curve(table))
    pd.testing.assert_frame_equal(plain, curve(table, cluster=None))
    pd.testing.assert_frame_equal(
        curve(rows, cluster="household"), curve(table, cluster="household")
    )
    assert plain["std_error"].tolist() != robust["std_error"].tolist()
    assert Table(rows, None, list).cluster is None
    assert "cluster" not in repr(table)
    pd.testing.assert_frame_equal(plain, curve(Table(rows, None, list)))


def test_the_ledger_counts_what_belongs_together_and_what_belongs_nowhere():
    rows = pd.concat([THREE, THREE.iloc[:3].assign(customer=[None, "", " \u3000"])])

    curve = cl.survival.kaplan_meier(rows, cluster="customer")

    lines = cl.ledger(curve).set_index("rule")["n"].to_dict()
    assert lines == {"read": 8, "used": 5, "missing_cluster": 3, "clustered": 4}
    pd.testing.assert_frame_equal(cl.survival.kaplan_meier(THREE, cluster="customer"), curve)


LIES = {
    "no such column": ({"cluster": "Customer"}, "did you mean 'customer'"),
    "customers that have become decimals": ({"cluster": "decimal"}, "identifiers must be text"),
    "nobody": ({"cluster": "blank"}, "nothing to estimate.*missing_cluster 5"),
}


@pytest.mark.parametrize("story", LIES)
def test_misuse_ends_in_one_clear_message(story):
    arguments, message = LIES[story]
    rows = THREE.assign(decimal=[1.0, 2.0, np.nan, 3.0, 3.0], blank=" ")

    with pytest.raises(cl.InputError, match=message):
        cl.survival.kaplan_meier(rows, **arguments)


NAMES = {"customer": "by0", "duration": "cluster", "event": "客 户", "entry": 'n "x"', "w": "Entry"}


@pytest.fixture(params=engines.PARAMS)
def table(request, tmp_path):
    return engines.maker(request, tmp_path)


@pytest.mark.parametrize("ids", ["text", "numbers"])
def test_the_same_on_every_engine(table, ids):
    """Customers as text or numbers, some missing, two columns of groups, columns of odd names."""
    rows = random_spells(2, n=80).drop(columns="entry").astype({"duration": "int64"})
    customer = rows["customer"] + 10**12
    odd = rows.index % 9 == 4
    if ids == "text":
        rows["customer"] = [f"顾客 {c}" for c in customer]
        rows.loc[odd, "customer"] = None
    else:
        rows["customer"] = customer
    rows["plan"] = np.where(rows.index % 4 == 0, None, np.where(rows.index % 3, "b", "a"))
    rows["late"] = rows.index % 5 == 0
    seen = rows[~odd] if ids == "text" else rows
    data = table(rows.rename(columns=NAMES))
    roles = {role: NAMES[role] for role in ("duration", "event")}

    for weight in (None, "Entry"):
        ours = cl.survival.kaplan_meier(
            data, **roles, entry=None, weight=weight, cluster="by0", by=["plan", "late"]
        )
        expected = [
            cl.survival.kaplan_meier(part, weight=weight and "w", cluster="customer")
            for plan in ("a", "b", None)
            for late in (False, True)
            for part in [
                seen[
                    (seen["plan"].isna() if plan is None else seen["plan"] == plan)
                    & (seen["late"] == late)
                ]
            ]
        ]
        close(ours.iloc[:, 2:], pd.concat(expected), tolerance=1e-9)


# --------------------------------------------------------------------------- where it matters
def test_naive_errors_are_too_small_where_customers_differ():
    """Rates from a gamma law, twenty spells each: S(1) = E exp(−λ) = (1 + θ)^−k.

    Over 300 firms of 60 customers the naive 95 % limits hold the truth far too seldom; the errors
    by customer have the size that the estimates really vary by.
    """
    random = np.random.default_rng(20)
    shape, scale = 0.5, 2.0
    truth = (1 + scale) ** -shape
    customers = np.repeat(np.arange(60), 20)
    found = []
    for _ in range(300):
        rate = random.gamma(shape, scale, 60)[customers]
        life = random.exponential(1.0, customers.size) / np.maximum(rate, 1e-12)
        cut = random.uniform(0.8, 4.0, customers.size)
        firm = pd.DataFrame(
            {"customer": customers, "duration": np.minimum(life, cut), "event": life <= cut}
        )
        ends = [
            curve[curve["duration"] <= 1].iloc[-1]
            for curve in (
                cl.survival.kaplan_meier(firm),
                cl.survival.kaplan_meier(firm, cluster="customer"),
            )
        ]
        found.append(
            [ends[0]["estimate"]]
            + [e["std_error"] for e in ends]
            + [e["conf_low"] <= truth <= e["conf_high"] for e in ends]
        )
    estimate, naive, robust, naive_holds, robust_holds = np.array(found, dtype=float).T

    spread = estimate.std(ddof=1)
    assert estimate.mean() == pytest.approx(truth, abs=0.01)
    assert naive.mean() < 0.45 * spread
    assert robust.mean() == pytest.approx(spread, rel=0.1)
    assert naive_holds.mean() < 0.65
    assert 0.90 <= robust_holds.mean() <= 0.98
