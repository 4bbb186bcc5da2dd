"""Comparisons on six customers of two plans, with every fraction written out."""

from __future__ import annotations

from fractions import Fraction as F
from math import exp, log, sqrt

import pandas as pd
import pytest
from scipy.special import ndtr

import churnlab as cl

# a leaves at 1, 2 and 3; b at 2, and is still there at 4 and 5
SIX = pd.DataFrame(
    {"duration": [1, 2, 3, 2, 4, 5], "event": [1, 1, 1, 1, 0, 0], "plan": list("aaabbb")}
)
Z = 1.959963984540054
# per duration with a churn: n, at risk of a, d, churns of a
TABLE = {1: (6, 3, 1, 1), 2: (5, 2, 2, 1), 3: (3, 1, 1, 1)}


def excess(n, n_a, d, d_a) -> F:
    return d_a - F(n_a * d, n)


def variance(n, n_a, d, d_a) -> F:
    return F(d * (n - d), n - 1) * F(n_a, n) * F(n - n_a, n)


def test_log_rank():
    """O − E of a: 1 − 1/2, 1 − 4/5, 1 − 1/3; V: 1/4, 9/25, 2/9."""
    assert [excess(*row) for row in TABLE.values()] == [F(1, 2), F(1, 5), F(2, 3)]
    assert [variance(*row) for row in TABLE.values()] == [F(1, 4), F(9, 25), F(2, 9)]

    row = cl.compare.logrank(SIX, by="plan").iloc[0]
    groups = cl.compare.observed_expected(SIX, by="plan").set_index("plan")

    score, total = F(41, 30), F(1, 4) + F(9, 25) + F(2, 9)
    assert row["statistic"] == pytest.approx(float(score**2 / total), abs=1e-14)
    assert row["p_value"] == pytest.approx(2 * ndtr(-float(score) / sqrt(total)), abs=1e-14)
    assert (row["n"], row["n_event"], row["df"]) == (6, 4, 1)
    assert groups["expected"].tolist() == pytest.approx([float(F(49, 30)), float(F(71, 30))])
    assert groups["score_variance"].tolist() == pytest.approx([float(total)] * 2)
    assert groups.loc["a", "ratio"] == pytest.approx(float(3 / F(49, 30)))


@pytest.mark.parametrize(
    ("arguments", "weights"),
    [
        ({"weighting": "gehan"}, (6, 5, 3)),
        ({"weighting": "tarone-ware"}, (sqrt(6), sqrt(5), sqrt(3))),
        # Π (1 − d/(n + 1)), the duration itself among them: 6/7, 6/7 · 4/6, 4/7 · 3/4
        ({"weighting": "peto"}, (F(6, 7), F(4, 7), F(3, 7))),
        # Kaplan–Meier of all before the duration: 1, 5/6, 5/6 · 3/5
        ({"weighting": "fleming-harrington", "rho": 1}, (1, F(5, 6), F(1, 2))),
        ({"weighting": "fleming-harrington", "gamma": 1}, (0, F(1, 6), F(1, 2))),
        (
            {"weighting": "fleming-harrington", "rho": 2, "gamma": 1},
            (0, F(25, 36) * F(1, 6), F(1, 4) * F(1, 2)),
        ),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_weightings(arguments, weights):
    found = cl.compare.logrank(SIX, by="plan", **arguments)["statistic"].iloc[0]

    pairs = list(zip(weights, TABLE.values(), strict=True))
    score = sum(w * excess(*row) for w, row in pairs)
    assert found == pytest.approx(float(score**2 / sum(w**2 * variance(*row) for w, row in pairs)))


def test_robust_variance():
    """Influences on the score of a, W = 1: w Σ (own − n_a/n) (dN − d/n) over the risk time.

    d/n: 1/6, 2/5, 1/3; n_a/n: 1/2, 2/5, 1/3. An a loses (1/2)/6 = 1/12 by 1, then (3/5)(2/5) =
    6/25 by 2, then (2/3)/3 = 2/9 by 3; a b gains 1/12, then 4/25, then 1/9. A churn adds 1/2, 3/5
    and 2/3 for an a, −2/5 for the b at 2.
    """
    a = [
        F(1, 2) - F(1, 12),
        F(3, 5) - F(1, 12) - F(6, 25),
        F(2, 3) - F(1, 12) - F(6, 25) - F(2, 9),
    ]
    b = [F(1, 12) + F(4, 25) - F(2, 5), *[F(1, 12) + F(4, 25) + F(1, 9)] * 2]
    score = F(41, 30)
    assert sum(a) + sum(b) == score

    alone = cl.compare.logrank(SIX.assign(who=range(6)), by="plan", cluster="who").iloc[0]
    pairs = SIX.assign(who=[1, 2, 3, 1, 2, 3])
    together = cl.compare.logrank(pairs, by="plan", cluster="who").iloc[0]

    assert alone["variance"] == together["variance"] == "robust"
    assert alone["statistic"] == pytest.approx(float(score**2 / sum(x**2 for x in a + b)))
    sums = [x + y for x, y in zip(a, b, strict=True)]
    assert together["statistic"] == pytest.approx(float(score**2 / sum(x**2 for x in sums)))


def test_fractional_weights():
    """Half a spell that churns beside one and a half that do not: U = 1/2 − 1/2 · 1/4 = 3/8.

    At 1: n = 2, d = 1/2, share of a 1/4. φ of a: (3/4)(1 − 1/4) = 9/16; of b: (1/4)(1/4) = 1/16.
    """
    frame = pd.DataFrame({"duration": [1, 2], "event": [1, 0], "plan": ["a", "b"], "w": [0.5, 1.5]})

    row = cl.compare.logrank(frame, by="plan", weight="w").iloc[0]

    variance = (F(1, 2) * F(9, 16)) ** 2 + (F(3, 2) * F(1, 16)) ** 2
    assert row["statistic"] == pytest.approx(float(F(3, 8) ** 2 / variance))
    assert (row["n"], row["n_event"]) == (2.0, 0.5)


def test_late_entry():
    """Who comes under observation at 1 is not at risk at 1: without the second b n is 5 there."""
    late = SIX.assign(entry=[None, None, None, None, 1, None])

    groups = cl.compare.observed_expected(late, by="plan").set_index("plan")

    assert groups.loc["a", "expected"] == pytest.approx(float(F(3, 5) + F(4, 5) + F(1, 3)))


def test_strata():
    """Each stratum for itself: the second holds one plan, so it expects what it sees."""
    frame = pd.concat([SIX.assign(city="x"), SIX[:3].assign(city="y")])

    groups = cl.compare.observed_expected(frame, by="plan", strata="city").set_index("plan")

    assert groups.loc["a", "expected"] == pytest.approx(float(F(49, 30) + 3))
    assert groups.loc["a", "score_variance"] == pytest.approx(
        float(F(1, 4) + F(9, 25) + F(2, 9)), abs=1e-15
    )


THREE = SIX.assign(plan=["basic", "basic", "plus", "plus", "full", "full"])


def test_trend():
    """Scores 0, 1, 2. At 1: all six, mean 1, variance 2/3. At 2: mean 6/5, 14/25 · 6/4. At 3: 5/3, 2/9."""
    order = {"basic": 0, "plus": 1, "full": 2}

    row = cl.compare.trend(THREE, by="plan", scores=order).iloc[0]

    score = (0 - F(1)) + (1 - 2 * F(6, 5)) + (1 - F(5, 3))
    variance = F(2, 3) + F(14, 25) * F(6, 4) + F(2, 9)
    assert row["statistic"] == pytest.approx(float(score**2 / variance))
    assert row["df"] == 1


def test_pairs_use_their_own_spells_alone():
    """basic and plus: at 1 four at risk, at 2 three, of whom two leave, at 3 nobody to compare."""
    pairs = cl.compare.pairwise(THREE, by="plan").set_index(["group", "reference"])

    score = 2 - F(1, 2) - F(2, 3)
    variance = F(1, 4) + 2 * F(1, 2) * F(2, 9)
    found = pairs.loc[("plus", "basic")]
    assert found["statistic"] == pytest.approx(float(score**2 / variance))
    p = pairs["p_value"]  # Holm: the least times 3 is more than the others times 2 and 1
    assert p.tolist() == pytest.approx([p.min(), 2 * ndtr(-float(score) / sqrt(variance)), p.min()])
    assert pairs["p_adjusted"].tolist() == pytest.approx([3 * p.min()] * 3)
    bh = cl.compare.pairwise(THREE, by="plan", adjust="bh")["p_adjusted"]
    assert bh.tolist() == pytest.approx([3 * p.min() / 2, p.max(), 3 * p.min() / 2])


def test_milestone():
    """S(2): a 1/3 (var log S = 1/6 + 1/2), b 2/3 (var log S = 1/6)."""
    rows = cl.compare.milestone(SIX, by="plan", at=2).set_index("term")

    a, b, var_a, var_b = 1 / 3, 2 / 3, 1 / 6 + 1 / 2, 1 / 6
    plain = sqrt(a**2 * var_a + b**2 * var_b)
    assert rows.loc["difference", "estimate"] == pytest.approx(b - a)
    assert rows.loc["difference", "std_error"] == pytest.approx(plain)
    assert rows.loc["difference", "conf_low"] == pytest.approx(b - a - Z * plain)
    assert rows.loc["difference", "p_value"] == pytest.approx(2 * ndtr(-(b - a) / plain))
    logs = sqrt(var_a + var_b)
    assert rows.loc["ratio", "estimate"] == pytest.approx(2)
    assert rows.loc["ratio", "std_error"] == pytest.approx(2 * logs)
    assert rows.loc["ratio", "conf_high"] == pytest.approx(2 * exp(Z * logs))
    twice = sqrt(var_a / log(a) ** 2 + var_b / log(b) ** 2)
    hazards = log(b) / log(a)
    assert rows.loc["hazard_ratio", "estimate"] == pytest.approx(hazards)
    assert rows.loc["hazard_ratio", "conf_low"] == pytest.approx(hazards * exp(-Z * twice))
    assert rows.loc["hazard_ratio", "p_value"] == pytest.approx(2 * ndtr(log(hazards) / twice))


def test_restricted_mean():
    """Until 4: a 1 + 2/3 + 1/3 = 2 of S 1, 2/3, 1/3, 0; b 2 + 2 · 2/3 = 10/3.

    Areas left after each churn: a 1 after 1, 1/3 after 2, 0 after 3; b 4/3 after 2.
    """
    rows = cl.compare.restricted_mean(SIX, by="plan", until=4).set_index("term")

    var_a = 1**2 * F(1, 3 * 2) + F(1, 3) ** 2 * F(1, 2 * 1)
    var_b = F(4, 3) ** 2 * F(1, 3 * 2)
    error = sqrt(var_a + var_b)
    assert rows.loc["difference", "estimate"] == pytest.approx(4 / 3)
    assert rows.loc["difference", "std_error"] == pytest.approx(error)
    assert rows.loc["difference", "p_value"] == pytest.approx(2 * ndtr(-4 / 3 / error))
    logs = sqrt(var_a / 2**2 + var_b / F(10, 3) ** 2)
    assert rows.loc["ratio", "estimate"] == pytest.approx(5 / 3)
    assert rows.loc["ratio", "std_error"] == pytest.approx(5 / 3 * logs)
    assert rows.loc["ratio", "conf_low"] == pytest.approx(5 / 3 * exp(-Z * logs))


def test_the_same_customers_in_both_groups_leave_no_difference_to_chance():
    """Each customer has the same spell under both plans: the difference is 0 without any error."""
    twice = pd.concat([SIX.assign(plan=plan, who=range(6)) for plan in "ab"])

    alone = cl.compare.milestone(twice, by="plan", at=2, cluster=None)
    together = cl.compare.milestone(twice, by="plan", at=2, cluster="who")

    assert alone["std_error"].gt(0.2).all()
    assert together["estimate"].tolist() == pytest.approx([0, 1, 1])
    assert (together["std_error"].isna() | (together["std_error"] < 1e-7)).all()


def test_customers_in_both_groups():
    """Two clusters, a churn each, at 1 or 2: S(1) = 1/2 in both plans; influences on S(1) ±1/4.

    log S at 1: the leaver −1/2, the other + 1/(2 · 1) = 1/2; times S = 1/2. In plan a customer 1
    leaves at 1, in b customer 2: the sums are −1/4 and 1/4 of a, 1/4 and −1/4 of b, so the
    difference has the influences ±1/2 and the variance 1/2; taken apart it is 1/8 + 1/8 = 1/4.
    """
    frame = pd.DataFrame(
        {"duration": [1, 2, 1, 2], "event": 1, "plan": list("aabb"), "who": [1, 2, 2, 1]}
    )

    rows = cl.compare.milestone(frame, by="plan", at=1, cluster="who").set_index("term")
    apart = cl.compare.milestone(frame, by="plan", at=1).set_index("term")

    assert rows.loc["difference", "std_error"] == pytest.approx(sqrt(1 / 2))
    assert apart.loc["difference", "std_error"] == pytest.approx(sqrt(1 / 4))


def test_sample_size():
    """(1.959964 + 0.841621)² / (1/4 · (log 2)²) = 65.3: 66 churns; a quarter churn: 261.4 customers."""
    row = cl.compare.sample_size(2, event_share=0.25).iloc[0]
    needed = (Z + 0.8416212335729143) ** 2 / (0.25 * log(2) ** 2)

    assert needed == pytest.approx(65.346, abs=1e-3)
    assert row.tolist() == [2, 66, 131, 131, 262]
    assert cl.compare.sample_size(0.5)["n_event"].tolist() == [66]
    uneven = cl.compare.sample_size(2, shares=(3, 1))["n_event"].iloc[0]
    assert uneven == -(-(needed * 0.25 / (0.75 * 0.25)) // 1)
