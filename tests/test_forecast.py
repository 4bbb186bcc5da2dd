"""Forecasts: limits that hold at their rate, agreement with fits and turns, properties, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from churnlab import InputError
from churnlab.forecast import parameters, paths
from churnlab.renewals import cohorts as counted
from tests.by_hand.test_forecast import point

SIZES, AGES = (2000, 500, 1000, 300, 5000, 200, 800, 1500), (14, 12, 9, 8, 6, 4, 3, 1)
SMALL, YOUNG = (30, 20, 40, 50, 20, 30), (6, 5, 4, 3, 2, 1)
SHOWN = [0, 2, 5, 11]  # steps ahead, less one


def simulated(truth, sizes, ages, ahead, rng):
    """Counts by cohort and age of customers who leave as ``truth`` says, and the totals to come."""
    leave = parameters.churn(truth, max(ages) + ahead)[0]
    rows, future = [], np.zeros(ahead, dtype=int)
    for cohort, (n, until) in enumerate(zip(sizes, ages, strict=True)):
        line = [n]
        for t in range(until + ahead):
            line.append(line[-1] - rng.binomial(line[-1], leave[t]))
        rows += [(cohort, age, line[age]) for age in range(until + 1)]
        future += np.array(line[until + 1 :])
    return pd.DataFrame(rows, columns=["cohort", "age", "customers"]), future


def coverage(truth, model, n, *, sizes=SIZES, ages=AGES, draws=1000, seed=1):
    """How often the 80 % and the 95 % limits hold what came, and those of the estimate alone."""
    rng = np.random.default_rng(seed)
    hits = np.zeros((3, len(SHOWN)))
    for _ in range(n):
        data, came = simulated(truth, sizes, ages, 12, rng)
        rows = counted.read(data, "cohort", "age", "customers")
        seen = parameters.evidence(counted.counts(rows))
        here = rows.groupby("cohort").tail(1)
        base = paths.Base(here["age"].to_numpy(int), here["customers"].to_numpy(int))
        until = max(ages) + 12
        leave = parameters.churn(parameters.likely(seen, model, draws, rng), until)
        totals = paths.drawn(base, leave, 12, rng).sum(axis=1).astype(float)
        best = parameters.churn(parameters.likeliest(seen, model)[None], until).repeat(200, axis=0)
        plain = paths.drawn(base, best, 12, rng).sum(axis=1).astype(float)
        for place, (drawn, level) in enumerate([(totals, 0.8), (totals, 0.95), (plain, 0.95)]):
            low, high = paths.limits(drawn, level)
            hits[place] += ((low <= came) & (came <= high))[SHOWN]
    return hits / n


# --- limits hold at their rate --------------------------------------------------------------------
def test_limits_hold_about_as_often_as_they_say():
    """80 forecasts: 95 % are 76 ± 1.95, 80 % are 64 ± 3.6; four standard errors are allowed."""
    eighty, most, alone = coverage(point(0.8, 9.2), "sbg", 80, draws=500)

    assert (abs(eighty - 0.8) <= 0.18).all() and (most >= 0.85).all()
    assert alone[-1] < 0.8, "the estimate's own binomials know nothing of its parameters"


@pytest.mark.slow
def test_limits_hold_at_their_rate():
    """400 forecasts: three standard errors are 0.033 at 95 % and 0.06 at 80 %."""
    eighty, most, alone = coverage(point(0.8, 9.2), "sbg", 400, seed=2)

    assert (abs(most - 0.95) <= 0.033).all(), most
    assert (abs(eighty - 0.8) <= 0.06).all(), eighty
    assert alone[-1] < 0.75


@pytest.mark.slow
@pytest.mark.parametrize(
    ("truth", "model", "shape"),
    [
        (point(1e4, 9e4), "sbg", {}),  # customers who do not differ
        (point(2, 98), "sbg", {}),
        (point(0.8, 9.2), "sbg", {"sizes": SMALL, "ages": YOUNG}),
        (point(100, 900), "sbg", {"sizes": SMALL, "ages": YOUNG}),
        (point(0.8, 6, 1.5), "bdw", {}),
        (point(0.5, 2, 0.7), "bdw", {}),
    ],
)
def test_limits_hold_at_the_edges(truth, model, shape):
    """150 forecasts each: two and a half standard errors below; above, small cohorts may be wide."""
    eighty, most, _ = coverage(truth, model, 150, seed=3, draws=600, **shape)

    assert (most >= 0.905).all() and (eighty >= 0.715).all(), (most, eighty)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"inflow_sd": 3}, "inflow_sd=3 tells of newcomers: state them with inflow="),
        ({"customers": [10**8, 9 * 10**7, 8 * 10**7]}, "too many, or too far from the model"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments, message):
    counts = {"age": [0, 1, 2], "customers": arguments.pop("customers", [100, 70, 60])}

    with pytest.raises(InputError, match=message):
        cl.forecast.customers(pd.DataFrame(counts), ahead=2, **arguments)


MONTHS = pd.date_range("2024-01-01", periods=60, freq="MS")


def lives(rng, months, ahead):
    """Customers of ``months`` + ``ahead`` months: month of the start, life in turns, what they pay."""
    month = np.repeat(np.arange(months + ahead), rng.poisson(80, months + ahead))
    life = rng.geometric(rng.beta(0.8, 9.2, month.size))
    return month, life, np.round(np.exp(rng.normal(3, 0.7, month.size)), 2)


@pytest.mark.slow
def test_limits_of_the_calls_themselves():
    """From contracts, an inflow known but for its chance, and amounts: 40 forecasts of a year.

    95 % of 40 are 38 ± 1.4, 80 % are 32 ± 2.5: four standard errors and a count are allowed.
    """
    rng, months, ahead = np.random.default_rng(9), 18, 12
    hits = {(what, level): 0 for what in ("customers", "revenue") for level in (0.8, 0.95)}
    for seed in range(40):
        month, life, amount = lives(rng, months, ahead)
        known, turn = month < months, months + ahead - 1
        there = (month <= turn) & (life > turn - month)
        ends = month + life
        gone = pd.Series(MONTHS[np.minimum(ends, 59)]).where(ends < months) + pd.Timedelta(days=14)
        contracts = pd.DataFrame(
            {"customer": np.arange(month.size), "start": MONTHS[month] + pd.Timedelta(days=9),
             "end": gone, "amount": amount}
        )[known]  # fmt: skip
        counts = cl.renewals.cohort_counts(contracts, as_of=MONTHS[months])
        came = {"customers": there.sum(), "revenue": amount[there & known].sum()}
        for what, level in hits:
            asked = {"ahead": ahead, "level": level, "draws": 400, "seed": seed}
            if what == "customers":
                found = cl.forecast.customers(counts, inflow=80, inflow_sd=np.sqrt(80), **asked)
            else:
                found = cl.forecast.revenue(contracts, as_of=MONTHS[months], **asked)
            last = found.iloc[-1]
            hits[what, level] += last["conf_low"] <= came[what] <= last["conf_high"]

    for (what, level), n in hits.items():
        least = 40 * level - 4 * np.sqrt(40 * level * (1 - level)) - 1
        assert n >= least, (what, level, n)
    assert hits["customers", 0.8] < 40 and hits["revenue", 0.8] < 40, "limits that always hold"


# --- agreement -------------------------------------------------------------------------------------
CASE = cl.datasets.load("contract_cohorts").query("case == 1").rename(columns={"year": "age"})


@pytest.mark.parametrize("model", ["sbg", "bdw"])
def test_the_estimate_is_the_projection_of_the_fit(model):
    data, _ = simulated(point(0.8, 6, 1.4), SIZES, AGES, 1, np.random.default_rng(4))
    found = cl.renewals.fit(data[data["cohort"] < 8], model=model).project(30)["estimate"]
    table = cl.forecast.customers(data, ahead=9, model=model, inflow=50, draws=200)
    last = data.groupby("cohort").tail(1)
    existing = [
        sum(
            n * found[a + h] / found[a] for a, n in zip(last["age"], last["customers"], strict=True)
        )
        for h in range(1, 10)
    ]
    fresh = [50 * found[:h].sum() for h in range(1, 10)]

    assert table["existing"].tolist() == pytest.approx(existing, rel=1e-5)
    assert (table["estimate"] - table["existing"]).tolist() == pytest.approx(fresh, rel=1e-5)


CONTRACTS = cl.datasets.generate_subscriptions(3000, seed=5)
COUNTS = cl.renewals.cohort_counts(CONTRACTS, as_of="2024-12-01")


def test_cohort_counts_add_up_to_the_opening_customers():
    rates = cl.rates.churn_rate(CONTRACTS, as_of="2024-12-01")
    turn = COUNTS["cohort"].dt.to_period("M").astype("int64") + COUNTS["age"]
    there = COUNTS.groupby(turn)["customers"].sum()

    assert there.tolist()[:-1] == rates["opening"].tolist()[1:]


def test_cohort_counts_are_the_product_limit_of_their_spells():
    """Told just before a turn: those lost by it, of those there a turn before."""
    odd = CONTRACTS.assign(end=CONTRACTS["end"] + pd.to_timedelta(12, unit="h"))
    counts = cl.renewals.cohort_counts(odd, as_of="2024-12-01")
    before = counts.groupby("cohort")["customers"].shift()
    pairs = counts.assign(before=before).dropna(subset="before").groupby("age")
    kept = (pairs["customers"].sum() / pairs["before"].sum()).cumprod()
    spells = cl.spells.subscriptions_to_spells(
        odd, as_of="2024-11-30T23:59:59.999999", period="month"
    )
    curve = cl.survival.kaplan_meier(spells).set_index("duration")["estimate"]
    at = curve.reindex(range(len(kept) + 1)).ffill()

    assert kept.tolist() == pytest.approx((at[1:] / at[0]).tolist(), rel=1e-12)


def test_a_cohort_table_of_contracts_can_be_fitted():
    seen = COUNTS[COUNTS["cohort"] < COUNTS["cohort"].max()]
    assert cl.renewals.fit(seen).n == seen.loc[seen["age"] == 0, "customers"].sum()


def test_revenue_starts_from_the_closing_revenue():
    """With equal amounts, money is customers times the amount, draw by draw."""
    rows = CONTRACTS.assign(amount=12.5)
    money = cl.forecast.revenue(rows, as_of="2024-12-01", ahead=4, inflow=30, draws=500)
    people = cl.forecast.customers(COUNTS, ahead=4, inflow=30, draws=500)
    grown = cl.forecast.revenue(rows, as_of="2024-12-01", ahead=4, growth=0.02, draws=500)

    for column in ("estimate", "existing", "conf_low", "conf_high"):
        assert money[column].tolist() == pytest.approx((12.5 * people[column]).tolist())
    assert (grown["estimate"] / money["existing"]).tolist() == pytest.approx(
        [1.02, 1.02**2, 1.02**3, 1.02**4]
    )
    assert money["period_start"].tolist() == people["period_start"].tolist()


def test_a_few_who_pay_most_widen_the_limits():
    rows = CONTRACTS.assign(amount=10.0)
    lumps = rows.assign(amount=np.where(np.arange(len(rows)) % 300 == 0, 1505.0, 5.0))
    even, lumpy = (
        cl.forecast.revenue(data, as_of="2024-12-01", ahead=3, draws=500).iloc[-1]
        for data in (rows, lumps)
    )
    width = [(r["conf_high"] - r["conf_low"]) / r["estimate"] for r in (even, lumpy)]
    assert width[1] > 2 * width[0]


# --- backtest -----------------------------------------------------------------------------------------
def test_a_backtest_knows_nothing_of_what_came_after():
    table = cl.forecast.backtest(COUNTS, ahead=3, origins=2, draws=300)
    turn = COUNTS["cohort"].dt.to_period("M").astype("int64") + COUNTS["age"]
    early = COUNTS[turn <= turn.max() - 4]
    new = COUNTS[(COUNTS["age"] == 0) & (turn > turn.max() - 4)].sort_values("cohort")
    ahead = cl.forecast.customers(early, ahead=3, inflow=new["customers"].tolist()[:3])
    first = table[(table["model"] == "sbg") & (table["back"] == 4)]

    assert first["estimate"].tolist() == pytest.approx(ahead["estimate"].tolist(), rel=1e-9)
    assert first["period_start"].tolist() == ahead["period_start"].tolist()
    there = COUNTS.groupby(turn)["customers"].sum()
    assert first["actual"].tolist() == there.iloc[-4:-1].tolist()
    inside = (table["conf_low"] <= table["actual"]) & (table["actual"] <= table["conf_high"])
    own = table["model"] == "sbg"
    assert (table["covered"][own] == inside[own]).all() and table["covered"][~own].isna().all()


def test_rules_of_thumb_by_hand():
    """One cohort 100, 60, 48, 42: known at 48, last churn 12/60 = 20 %, pooled 52/160 = 32.5 %."""
    data = pd.DataFrame({"age": range(4), "customers": [100, 60, 48, 42]})
    table = cl.forecast.backtest(data, ahead=1, origins=1, draws=200).set_index("model")

    assert table.loc["last_churn", "estimate"] == pytest.approx(48 * 0.8)
    assert table.loc["pooled_churn", "estimate"] == pytest.approx(48 * (1 - 52 / 160))
    assert table["actual"].tolist() == [42, 42, 42]
    assert abs(table.loc["sbg", "error"]) < 0.02 < abs(table.loc["last_churn", "error"])


# --- properties ----------------------------------------------------------------------------------------
def test_seeds_reproduce_and_rows_may_be_shuffled():
    a, b, other = (
        cl.forecast.customers(data, ahead=5, seed=seed, draws=300)
        for data, seed in ((COUNTS, 7), (COUNTS.sample(frac=1, random_state=1), 7), (COUNTS, 8))
    )
    pd.testing.assert_frame_equal(a, b)
    assert not a.equals(other) and a["estimate"].equals(other["estimate"])


def test_limits_are_nested_and_the_base_only_shrinks():
    wide, narrow = (
        cl.forecast.customers(COUNTS, ahead=8, level=level, draws=500) for level in (0.95, 0.8)
    )
    assert (wide["conf_low"] < narrow["conf_low"]).all()
    assert (wide["conf_high"] > narrow["conf_high"]).all()
    assert (np.diff(wide["estimate"]) < 0).all() and wide["estimate"].equals(wide["existing"])


def test_many_customers_are_known_better():
    width = []
    for factor in (1, 100):
        data = COUNTS.assign(customers=COUNTS["customers"] * factor)
        row = cl.forecast.customers(data, ahead=6, draws=500).iloc[-1]
        width.append((row["conf_high"] - row["conf_low"]) / row["estimate"])
    assert width[1] == pytest.approx(width[0] / 10, rel=0.25)


def test_groups_have_models_of_their_own_and_add_up_draw_by_draw():
    counts = cl.renewals.cohort_counts(CONTRACTS, as_of="2024-12-01", by="plan")
    plans = pd.DataFrame(
        [("basic", "2024-12-01", 10), ("plus", "2024-12-01", 40)],
        columns=["plan", "period_start", "new"],
    ).astype({"period_start": "datetime64[s]"})
    arguments = {"ahead": 1, "by": "plan", "inflow": plans, "draws": 1000}
    each = cl.forecast.customers(counts, **arguments)
    whole = cl.forecast.customers(counts, total=True, **arguments)
    alone = cl.forecast.customers(counts[counts["plan"] == "plus"], ahead=1, inflow=40)

    assert each["plan"].tolist() == ["basic", "plus"]
    assert each["estimate"].iloc[1] == pytest.approx(alone["estimate"].iloc[0])
    assert whole["estimate"].iloc[0] == pytest.approx(each["estimate"].sum())
    width, parts = (t["conf_high"] - t["conf_low"] for t in (whole, each))
    assert width.iloc[0] < 0.95 * parts.sum()


def test_uncertain_newcomers_widen_the_limits_and_keep_the_mean():
    came = paths.arrivals(
        np.array([20.0, 7.3]), np.array([10.0, 0.0]), 40_000, np.random.default_rng(1)
    )
    assert came.mean(axis=0) == pytest.approx([20, 7.3], abs=0.25)
    assert came[:, 0].std() == pytest.approx(10, rel=0.05) and (came >= 0).all()


# --- refusals --------------------------------------------------------------------------------------------
LINE = pd.DataFrame({"age": [0, 1, 2], "customers": [100, 70, 56]})


@pytest.mark.parametrize(
    ("data", "arguments", "words"),
    [
        (LINE, {"ahead": 0}, "ahead=0 must be at least 1"),
        (LINE, {"model": "weibull"}, "'sbg', 'bdw'"),
        (LINE, {"model": "bdw"}, "3 parameters and the cohorts 2 periods"),
        (LINE, {"draws": 10}, "at least 100"),
        (LINE, {"level": 95}, "Did you mean 0.95"),
        (LINE, {"inflow": [1, 2, 3]}, "3 numbers and ahead=2"),
        (LINE, {"inflow": -1}, "at least 0"),
        (LINE.assign(customers=[100, 70.5, 56]), {}, "must count customers"),
        (LINE.assign(customers=[100, 100, 100]), {}, "nobody was lost"),
        (LINE.assign(age=[0, 2, 3]), {}, "without gaps"),
        (LINE[:1], {}, "age 0 only"),
        (LINE.assign(customers=[100, None, 56]), {}, "is missing in 1 row"),
        (COUNTS[(COUNTS["age"] < 5)], {}, "before others"),
        (COUNTS, {"inflow": pd.DataFrame({"period_start": [pd.Timestamp("2024-12-01")], "new": 5})},
         "once for each of the 2 periods from 2024-12-01"),
    ],
)  # fmt: skip
def test_what_is_no_ground_for_a_forecast_is_refused(data, arguments, words):
    with pytest.raises(InputError, match=words):
        cl.forecast.customers(data, **{"ahead": 2, "draws": 200, **arguments})


def test_backtests_that_reach_too_far_back_are_refused():
    with pytest.raises(InputError, match="fewer origins"):
        cl.forecast.backtest(COUNTS, ahead=20, origins=6, draws=200)
