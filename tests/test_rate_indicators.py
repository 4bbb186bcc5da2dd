"""The indicators by hand on every engine; what is not given is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from tests import engines

CONTRACTS = pd.DataFrame(
    [
        ("a", "2026-01-05", None, 10.0),
        ("b", "2026-01-05", "2026-02-10", 20.0),
        ("c", "2026-02-01", None, 30.0),
        ("d", "2026-02-03", "2026-03-01", 40.0),
    ],
    columns=["customer", "start", "end", "amount"],
).astype({"start": "datetime64[s]", "end": "datetime64[s]"})
PEOPLE = CONTRACTS[["customer", "start"]].assign(referrer=[None, None, "a", "a"])
MARKET = pd.DataFrame(
    {"period_start": pd.to_datetime(["2026-01-01", "2026-02-01"]), "size": [10, 16]}
)
ACCOUNTS = pd.DataFrame(
    {
        "period_start": pd.to_datetime(["2026-02-01", "2026-03-01"]),
        "profit": [-5.0, 8.0],
        "investment": [50.0, 0.0],
    }
)
NINE = ["churn", "retention", "referral", "share", "growth", "size", "revenue", "profit"]
NINE += ["return_on_investment"]


@pytest.fixture(params=engines.PARAMS)
def table_of(request, tmp_path):
    def make(frame: pd.DataFrame, name: str):
        folder = tmp_path / name
        folder.mkdir()
        return engines.maker(request, folder)(frame)

    return make


def wide(table: pd.DataFrame) -> pd.DataFrame:
    return table.pivot(index="indicator", columns="period_start", values="estimate").loc[NINE]


def test_all_nine_by_hand(table_of):
    """January closes with a and b, February with a and c, March with the same.

    February opens with two and loses b; d came and went. In February a brought c and d.
    """
    table = cl.rates.kpis(
        table_of(CONTRACTS, "contracts"),
        as_of="2026-04-01",
        customers=table_of(PEOPLE, "people"),
        market=table_of(MARKET, "market"),
        accounts=table_of(ACCOUNTS, "accounts"),
    )

    nan = np.nan
    expected = [
        [nan, 1 / 2, 0.0],
        [nan, 1 / 2, 1.0],
        [0.0, 1 / 4, 0.0],
        [2 / 10, 2 / 16, nan],
        [nan, 0.6, nan],
        [10.0, 16.0, nan],
        [30.0, 40.0, 40.0],
        [nan, -5.0, 8.0],
        [nan, -0.1, nan],
    ]
    np.testing.assert_allclose(wide(table).to_numpy(), expected)
    assert len(table) == 27
    families = table.drop_duplicates("indicator")["family"].tolist()
    assert families == ["customer"] * 3 + ["market"] * 3 + ["revenue_profit"] * 3
    limits = table.set_index(["indicator", "period_start"])[["conf_low", "conf_high"]]
    february = pd.Timestamp("2026-02-01")
    for name, k, n in (("churn", 1, 2), ("retention", 1, 2), ("referral", 1, 4)):
        assert limits.loc[(name, february)].tolist() == pytest.approx(cl.intervals.wilson(k, n))
    assert limits.loc["revenue"].isna().all(axis=None)
    stages = cl.ledger(table)["stage"].unique().tolist()
    assert stages == ["churn_rate", "referral_rate", "kpis: market", "kpis: accounts"]


def test_a_market_in_money():
    market = MARKET.assign(size=[300.0, 800.0])
    table = wide(cl.rates.kpis(CONTRACTS, as_of="2026-04-01", market=market, market_unit="money"))

    assert table.loc["share"].tolist()[:2] == [30 / 300, 40 / 800]


def test_what_is_not_given_is_missing():
    bare = CONTRACTS.drop(columns="amount")
    table = wide(cl.rates.kpis(bare, as_of="2026-04-01", market=MARKET, market_unit="money"))

    given = table.notna().any(axis=1)
    assert given[given].index.tolist() == ["churn", "retention", "growth", "size"]
    assert not (table.loc[["revenue", "profit", "share"]] == 0).any(axis=None)


@pytest.mark.parametrize("period", ["month", "quarter"])
def test_the_same_as_the_rooms_say(period):
    data = cl.datasets.generate_subscriptions(600, seed=5)

    table = wide(cl.rates.kpis(data, as_of="2024-11-11", period=period))

    churn = cl.rates.churn_rate(data, as_of="2024-11-11", period=period)
    money = cl.revenue.movements(data, as_of="2024-11-11", period=period)
    np.testing.assert_allclose(table.loc["churn"], churn["rate"])
    np.testing.assert_allclose(table.loc["retention"], 1 - churn["rate"])
    np.testing.assert_allclose(table.loc["revenue"], money["closing_mrr"])


@pytest.mark.parametrize(
    ("market", "message"),
    [
        (MARKET.rename(columns={"size": "Size"}), "has no column 'size' .did you mean 'Size'"),
        (pd.concat([MARKET, MARKET]), "of market comes twice in 2 rows .for example 2026-01-01"),
        (
            MARKET.assign(period_start=pd.Timestamp("2026-01-31")),
            "of market is not the first day of a month in 2 rows",
        ),
        (MARKET.assign(size=-1.0), "'size' of market is below 0"),
    ],
)
def test_a_bad_market_ends_in_one_clear_message(market, message):
    with pytest.raises(cl.InputError, match=message):
        cl.rates.kpis(CONTRACTS, as_of="2026-04-01", market=market)


def test_a_unit_that_is_none():
    with pytest.raises(cl.InputError, match="market_unit='euro' is not one of"):
        cl.rates.kpis(CONTRACTS, as_of="2026-04-01", market=MARKET, market_unit="euro")
