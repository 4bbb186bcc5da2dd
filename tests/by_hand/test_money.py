"""Money and small calculations by hand: the algebra beside each number."""

import math

import pytest

import churnlab as cl


def test_the_carrier_case():
    """64,000 · 5 % = 3,200 customers; · 40,000 = 128 m; · 10 % = 12.8 m. Lifetime at r = .95 and
    d = .10, first margin now: 12.8 m · 1.1 / (1.1 − .95) = 12.8 m · 7.3333 = 93.8667 m; at the
    year's end 12.8 m · .95 / .15 = 81.0667 m."""
    cost = cl.value.churn_cost(
        64_000, 0.05, revenue=40_000, margin=0.10, retention=0.95, discount=0.10
    )

    assert cost["horizon"].tolist() == ["year", "lifetime", "lifetime"]
    assert cost["timing"].tolist() == ["undiscounted", "start", "end"]
    assert cost["lost"].tolist() == [3200, 3200, 3200]
    assert cost.loc[0, ["revenue", "profit"]].tolist() == [128e6, 12.8e6]
    assert cost["profit"].tolist()[1:] == pytest.approx([12.8e6 * 1.1 / 0.15, 12.8e6 * 0.95 / 0.15])
    assert round(cost.loc[1, "profit"] / 1e6, 1) == 93.9


def test_a_lifetime_is_the_sum_of_its_years():
    """start: Σ r^t / (1 + d)^t over t = 0, 1, …; end: over t = 1, 2, …"""
    cost = cl.value.churn_cost(1, 1, revenue=1, margin=1, retention=0.8, discount=0.25)
    years = [(0.8 / 1.25) ** t for t in range(400)]

    assert cost["profit"].tolist() == pytest.approx([1, sum(years), sum(years[1:])])


@pytest.mark.parametrize(
    ("r", "d", "start", "end"),
    [
        (0.90, 0.0, 1.0, 1.1111),  # life 10 years against 20; at year's end (.95/.05)/(.9/.1) − 1
        (0.90, 0.1, 0.3333, 0.4074),
        (0.80, 0.1, 0.2, 0.275),
        (0.75, 0.0, 0.25, 0.3333),
    ],
)
def test_five_points_of_retention(r, d, start, end):
    """(1 + d)/(1 + d − r): the ratio after to before, less 1, is .05 / (1 + d − r − .05)."""
    lift = cl.value.retention_lift(r, discount=d)["lift"]

    assert lift.round(4).tolist() == [start, end]


def test_five_per_cent_of_ten_per_cent_is_half_a_point():
    lift = cl.value.retention_lift(0.9, points=0.005, discount=0.1)["lift"]

    assert (100 * lift).round(1).tolist() == [2.6, 3.1]


def test_the_famous_lifts_are_statements_about_the_base():
    """.05/(c − .05) = L, so c = .05 + .05/L: .25 at 25 %, .1088 at 85 %, .1026 at 95 %."""
    churn = cl.value.implied_churn([0.25, 0.85, 0.95, 1.0], discount=0)["churn"]

    assert churn.round(4).tolist() == [0.25, 0.1088, 0.1026, 0.1]
    again = cl.value.retention_lift((1 - churn).tolist(), discount=0).query("timing == 'start'")
    assert again["lift"].tolist() == pytest.approx([0.25, 0.85, 0.95, 1.0])


def test_bad_news_travels():
    """1 + R + R² + … = 1/(1 − R): 5 told, 5 % leave: R = .25, 1.3333; 25 told, 2 %: R = .5, 2."""
    table = cl.value.word_of_mouth([5, 5, 5, 25], [0.05, 0.10, 0.20, 0.02])

    assert table["reproduction"].tolist() == [0.25, 0.5, 1.0, 0.5]
    assert table["total"].tolist() == pytest.approx([4 / 3, 2, math.inf, 2])


def test_one_complaint_in_eighty_purchases():
    """1 / .05 = 20 dissatisfied, 19 of them silent; 20 / .25 = 80 purchases."""
    table = cl.surveys.iceberg(10, complaining=0.05, dissatisfied=0.25).set_index("term")

    assert table["estimate"].to_dict() == {
        "complaints": 10, "dissatisfied": 200, "silent": 190, "purchases": 800,
    }  # fmt: skip
    assert table[["conf_low", "conf_high"]].isna().all(axis=None)


def test_the_limits_of_an_iceberg_are_those_of_its_share():
    """12 of 240 complained: the Wilson limits by their formula, turned over."""
    z = 1.959963984540054
    centre = (12 + z * z / 2) / (240 + z * z)
    half = z / (240 + z * z) * math.sqrt(12 * 228 / 240 + z * z / 4)
    table = cl.surveys.iceberg(complaining=0.05, asked=240).set_index("term")

    assert table.loc["dissatisfied", "conf_low"] == pytest.approx(1 / (centre + half))
    assert table.loc["dissatisfied", "conf_high"] == pytest.approx(1 / (centre - half))
    assert table.loc["silent", "conf_high"] == pytest.approx(1 / (centre - half) - 1)


def test_silence_of_a_customer_who_comes_at_random():
    """2.5 visits a year: exp(−1.25) = .2865 for half a year, exp(−2.5) = .0821 for a year."""
    table = cl.purchases.silence([6, 12], rate=2.5 / 12)

    assert table["silent"].tolist() == pytest.approx([math.exp(-1.25), math.exp(-2.5)])
    assert table["mean_gap"].tolist() == pytest.approx([4.8, 4.8])  # months, not 4.5
    assert table["multiple"].tolist() == pytest.approx([1.25, 2.5])


def test_silence_of_a_regular_customer():
    """Erlang-2 at rate 1, gap 1, N ~ Poisson(2): per gap P(N ≤ 1) = 3 e⁻²; on a random date the
    mean of P(N ≤ 0) and P(N ≤ 1), (1 + 3)/2 · e⁻² = 2 e⁻²."""
    by = {b: cl.purchases.silence(1, rate=1, regularity=2, basis=b) for b in ("gap", "date")}

    assert by["gap"].loc[0, "silent"] == pytest.approx(3 * math.exp(-2))
    assert by["date"].loc[0, "silent"] == pytest.approx(2 * math.exp(-2))


def test_silence_of_customers_who_differ():
    """Gamma rates of shape 1, mean 2.5: P = 1/(1 + 1.25) = .4444 on a date; per gap, rates weigh
    themselves, (1/2.25)² = .1975."""
    dated = cl.purchases.silence(0.5, rate=2.5, r=1).loc[0, "silent"]
    per_gap = cl.purchases.silence(0.5, rate=2.5, r=1, basis="gap").loc[0, "silent"]

    assert (dated, per_gap) == (pytest.approx(1 / 2.25), pytest.approx(1 / 2.25**2))


@pytest.mark.parametrize(
    ("arguments", "half", "year"),
    [({}, 28.65, 8.21), ({"r": 1}, 44.44, 28.57), ({"regularity": 4}, 10.92, 0.34)],
)
def test_false_alarms_of_the_workshop(arguments, half, year):
    table = cl.purchases.false_alarm(6, 12, rate=2.5 / 12, **arguments).set_index("state")["share"]

    assert round(100 * (table["at_risk"] + table["lost"]), 2) == half
    assert round(100 * table["lost"], 2) == year
    assert table.sum() == pytest.approx(1)


def test_win_back_one_in_four_against_one_in_sixteen():
    """Shares 1/4 and 1/16: ratio 4; odds 1/3 and 1/15: ratio 5. Exact limits of 1 in 4 from
    1 − .975^(1/4) = .0063."""
    table = cl.winback.odds(1, 4, prospects_won=1, prospects_tried=16).set_index("term")

    assert table["estimate"].tolist() == [0.25, 0.0625, 4.0, 5.0]
    assert table.loc["lost", "conf_low"] == pytest.approx(1 - 0.975**0.25)
    limits = (100 * table[["conf_low", "conf_high"]]).round(1)
    assert limits.loc["lost"].tolist() == [0.6, 80.6]
    assert limits.loc["prospects"].tolist() == [0.2, 30.2]
    # of the 2 successes among 20, at least 1 in the 4: 1 − C(16,2)/C(20,2) = 1 − 120/190
    assert table.loc["odds_ratio", "p_value"] == pytest.approx(1 - 120 / 190)
