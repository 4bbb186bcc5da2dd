"""Churn by age: by hand, by brute force, with the counts of churn_rate, and the ageing base."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from tests import engines

CONTRACTS = pd.DataFrame(
    [
        ("old", "2025-10-05", None),
        ("old leaver", "2025-10-01", "2026-01-16"),
        ("middle", "2025-12-31", None),
        ("leaves on the first", "2025-12-01", "2026-02-01"),
        ("came and went", "2026-01-11", "2026-01-21"),
        ("renewed", "2025-12-01", "2026-01-01"),
        ("renewed", "2026-01-01", None),
        ("came back", "2025-10-01", "2025-11-10"),
        ("came back", "2025-12-10", None),
    ],
    columns=["customer", "start", "end"],
).astype({"start": "datetime64[s]", "end": "datetime64[s]"})


@pytest.fixture(params=engines.PARAMS)
def table_of(request, tmp_path):
    return engines.maker(request, tmp_path)


def test_january_by_hand(table_of):
    """At the opening of January: two from October (age 3), four from December (age 1).

    Of the old, one leaves in January; of the young, the one whose contract ends on 1 February.
    Who came back begins again; the renewed is one customer; who came and went was at no opening.
    """
    table = cl.rates.churn_by_age(table_of(CONTRACTS), as_of="2026-03-01", bands=(1, 3))
    january = table[table["period_start"] == "2026-01-01"]

    assert january[["at_least", "opening", "lost"]].to_numpy().tolist() == [[1, 4, 1], [3, 2, 1]]
    assert january["below"].fillna(-1).tolist() == [3, -1]
    assert january["rate"].tolist() == [0.25, 0.5]
    february = table[table["period_start"] == "2026-02-01"]
    assert february[["opening", "lost"]].to_numpy().tolist() == [[3, 0], [1, 0]]
    assert len(table) == 5 * 2


def test_groups_on_every_engine(table_of):
    rows = CONTRACTS.assign(plan=["x", "y", "x", "y", "x", "x", "y", "x", "x"])
    rows.loc[2, "plan"] = None

    table = cl.rates.churn_by_age(table_of(rows), as_of="2026-03-01", bands=(1, 3), by="plan")

    firsts = table.drop_duplicates("plan")["plan"]
    assert [None if pd.isna(p) else p for p in firsts] == ["x", "y", None]
    january = table[table["period_start"] == "2026-01-01"]
    assert january["opening"].tolist() == [2, 1, 1, 1, 1, 0]
    assert january["lost"].tolist() == [0, 0, 1, 1, 0, 0]


@pytest.mark.parametrize("period", ["month", "week", "quarter"])
@pytest.mark.parametrize("seed", range(3))
def test_bands_add_up_to_the_churn_rate(period, seed):
    data = cl.datasets.generate_subscriptions(400, seed=seed)
    for as_of in ("2024-09-01", "2024-09-17"):
        whole = cl.rates.churn_rate(data, as_of=as_of, period=period, by="plan")
        bands = cl.rates.churn_by_age(
            data, as_of=as_of, period=period, by="plan", bands=(0, 1, 2, 5)
        )
        sums = bands.groupby(["plan", "period_start"], sort=False)[["opening", "lost"]].sum()
        expected = whole.set_index(["plan", "period_start"])[["opening", "lost"]]
        pd.testing.assert_frame_equal(sums, expected)
        assert expected["lost"].sum() > 20
        assert not bands.loc[bands["at_least"] == 0, ["opening", "lost"]].any(axis=None)


@pytest.mark.parametrize("seed", range(6))
def test_every_band_by_brute_force(seed):
    """Customer by customer and month by month, with contracts that do not overlap."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 500, 60), unit="D")
    length = pd.to_timedelta(rng.integers(1, 400, 60), unit="D")
    end = pd.Series(start + length).where(rng.random(60) < 0.7)
    data = pd.DataFrame({"customer": np.arange(60), "start": start, "end": end})
    as_of, bands = pd.Timestamp("2026-06-11"), [1, 2, 4, 9]

    table = cl.rates.churn_by_age(data, as_of=as_of, bands=bands)

    for row in table.itertuples():
        first, after = row.period_start, row.period_start + pd.DateOffset(months=1)
        opening = lost = 0
        for who in data[data["start"] < as_of].itertuples():
            age = (first.year - who.start.year) * 12 + first.month - who.start.month
            below = np.inf if pd.isna(row.below) else row.below
            gone = pd.notna(who.end) and who.end <= as_of
            if (
                who.start < first
                and not (gone and who.end <= first)
                and row.at_least <= age < below
            ):
                opening += 1
                lost += gone and who.end <= after
        assert (row.opening, row.lost) == (opening, lost)
        assert row.rate == pytest.approx(lost / opening if opening else np.nan, nan_ok=True)
    low, high = cl.intervals.wilson(table["lost"], table["opening"])
    np.testing.assert_array_equal(table["conf_low"], low)
    np.testing.assert_array_equal(table["conf_high"], high)


def ageing_base() -> pd.DataFrame:
    """40 % of the young and 10 % of the old leave every month; ever fewer newcomers come."""
    rows = []
    alive: list[list[int]] = []  # [month of start, customers]
    number = 0
    for month, newcomers in enumerate([100, 1000, 600, 500, 400, 300, 200]):
        for cohort in alive:
            share = 40 if month - cohort[0] < 2 else 10
            leaving = cohort[1] * share // 100
            for _ in range(leaving):
                rows.append((number, cohort[0], month))
                number += 1
            cohort[1] -= leaving
        alive.append([month, newcomers])
    for born, left in alive:
        rows += [(number + i, born, None) for i in range(left)]
        number += left
    first = pd.Timestamp("2025-01-01")
    return pd.DataFrame(
        {
            "customer": [f"{i} {c} {e}" for i, (_, c, e) in enumerate(rows)],
            "start": [first + pd.DateOffset(months=c, days=3) for _, c, _ in rows],
            "end": [
                pd.NaT if e is None else first + pd.DateOffset(months=e, days=9) for *_, e in rows
            ],
        }
    )


def test_the_trap_of_the_ageing_base():
    """The crude rate falls from month to month; at a fixed mix of ages nothing has changed."""
    table = cl.rates.churn_by_age(ageing_base(), as_of="2025-08-01", bands=(1, 2))

    trend = cl.rates.standardise(table[table["period_start"] >= "2025-03-01"])

    assert trend["rate"].diff().dropna().lt(-0.01).all()
    assert trend["standardised"].max() - trend["standardised"].min() < 0.001
    young = table[table["at_least"] == 1].set_index("period_start")
    assert young.loc["2025-03-01", ["opening", "lost"]].tolist() == [1000, 400]


def test_standardised_by_hand():
    """Two bands, two months. Openings 30 + 10 and 10 + 30: the pooled mix is one half each.

    Rates 6/30 and 1/10, then 2/10 and 3/30: at the fixed mix (0.2 + 0.1) / 2 both times.
    """
    table = pd.DataFrame(
        {
            "period_start": pd.to_datetime(["2026-01-01"] * 2 + ["2026-02-01"] * 2),
            "at_least": [1, 3, 1, 3],
            "below": pd.array([3, None, 3, None], dtype="Int64"),
            "opening": [30, 10, 10, 30],
            "lost": [6, 1, 2, 3],
        }
    ).assign(rate=0.0, conf_low=0.0, conf_high=0.0)

    trend = cl.rates.standardise(table)

    assert trend["rate"].tolist() == [7 / 40, 5 / 40]
    assert trend["standardised"].tolist() == pytest.approx([0.15, 0.15])
    half = 1.959963984540054 * np.sqrt(0.25 * 0.2 * 0.8 / 30 + 0.25 * 0.1 * 0.9 / 10)
    assert trend["conf_low"][0] == pytest.approx(0.15 - half)
    assert trend["conf_high"][0] == pytest.approx(0.15 + half)


def test_an_empty_band_is_missing_and_no_loss_has_no_limits():
    data = cl.datasets.generate_subscriptions(300, seed=3)
    table = cl.rates.churn_by_age(data, as_of="2024-06-01", bands=(1, 12), by="plan")

    trend = cl.rates.standardise(table)

    before = trend["period_start"] < "2024-01-01"
    assert trend.loc[before, "standardised"].isna().all()
    assert trend.loc[~before, "standardised"].notna().any()
    recent = cl.rates.standardise(table[table["period_start"] >= "2024-02-01"].assign(lost=0))
    full = recent.dropna(subset="standardised")
    assert (full["standardised"] == 0).all() and len(full) > 3
    assert full[["conf_low", "conf_high"]].isna().all(axis=None)
    assert cl.ledger(trend)["stage"].iloc[0] == "churn_by_age"


def test_weights_pool_groups_and_keep_hostile_names():
    data = cl.datasets.generate_subscriptions(300, seed=4).rename(columns={"plan": "variance"})
    table = cl.rates.churn_by_age(data, as_of="2024-12-01", bands=(1, 4), by="variance")
    late = table[table["period_start"] >= "2024-01-01"]

    trend = cl.rates.standardise(late)

    share = late.groupby("at_least")["opening"].sum() / late["opening"].sum()
    row = late[(late["variance"] == "plus") & (late["period_start"] == "2024-03-01")]
    wanted = float((share.to_numpy() * (row["lost"] / row["opening"]).to_numpy()).sum())
    found = trend[(trend["variance"] == "plus") & (trend["period_start"] == "2024-03-01")]
    assert found["standardised"].item() == pytest.approx(wanted)
    assert isinstance(trend.index, pd.RangeIndex)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"bands": (2, 5)}, "must rise from 0 or 1"),
        ({"bands": (1, 5, 5)}, "must rise from 0 or 1"),
        ({"bands": ()}, "must rise from 0 or 1"),
        ({"bands": 3}, "must be a list of ages"),
        ({"bands": (1, 2.5)}, "whole number"),
        ({"period": cl.Period("month", clock="elapsed")}, "churn_by_age counts calendar periods"),
        ({"by": "standardised"}, "also the name of a column"),
        ({"level": 95}, "Did you mean 0.95"),
        ({"as_of": "2025-10-20"}, "no whole month"),
    ],
)
def test_bad_calls_end_in_one_clear_message(arguments, message):
    with pytest.raises(cl.InputError, match=message):
        cl.rates.churn_by_age(CONTRACTS, **({"as_of": "2026-03-01"} | arguments))


def test_standardise_wants_its_own_frame():
    with pytest.raises(cl.InputError, match="pass the frame of rates.churn_by_age"):
        cl.rates.standardise("table")
    with pytest.raises(cl.InputError, match="has no columns 'at_least'"):
        cl.rates.standardise(cl.rates.churn_rate(CONTRACTS, as_of="2026-03-01"))
    table = cl.rates.churn_by_age(CONTRACTS, as_of="2026-03-01")
    with pytest.raises(cl.InputError, match="nobody was there at any opening"):
        cl.rates.standardise(table[table["period_start"] < "2025-11-01"])
