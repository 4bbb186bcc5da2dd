"""Recurring revenue: an identity exact to the last digit, a brute force, every engine, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import churnlab as cl
from churnlab import InputError
from tests.engines import PARAMS, maker

MONEY = ["opening_mrr", "new_mrr", "expansion_mrr", "contraction_mrr", "churned_mrr"]
MONEY += ["reactivation_mrr", "closing_mrr"]
DAY = pd.Timestamp("2024-01-01")


def contracts(rows) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer", "start", "end", "amount"])
    return frame.astype({"start": "datetime64[s]", "end": "datetime64[s]"})


def exact(table: pd.DataFrame) -> None:
    """The identity in whole ten-thousandths, and each opening the closing before."""
    whole = (table[MONEY] * 10_000).round().astype("int64")
    assert (whole[MONEY[:-1]].sum(axis=1) == whole["closing_mrr"]).all()
    assert whole["opening_mrr"].iloc[1:].tolist() == whole["closing_mrr"].iloc[:-1].tolist()
    customers = table["opening"] + table["new"] + table["returned"] - table["lost"]
    assert (customers == table["closing"]).all()


# --- by hand ---------------------------------------------------------------------------------------
def test_every_kind_of_movement_by_hand():
    """Ada pays 10 from January and 15 from March (expansion 5), Ben 20 and 12 from March
    (contraction 8), Chen 7 until the end of February (churn) and 9 again in April (reactivation),
    Dora 30 from March (new); Emma comes and goes within February."""
    table = cl.revenue.movements(
        contracts(
            [
                ("Ada", "2026-01-05", "2026-03-01", 10),
                ("Ada", "2026-03-01", None, 15),
                ("Ben", "2026-01-01", "2026-03-10", 20),
                ("Ben", "2026-03-10", None, 12),
                ("Chen", "2026-01-31", "2026-03-01", 7),
                ("Chen", "2026-04-02", None, 9),
                ("Dora", "2026-03-31", None, 30),
                ("Emma", "2026-02-02", "2026-02-20", 99),
            ]
        ),
        as_of="2026-05-01",
    ).set_index("period_start")

    assert table["opening_mrr"].tolist() == [0, 37, 30, 57]
    assert table["new_mrr"].tolist() == [37, 0, 30, 0]
    assert table["expansion_mrr"].tolist() == [0, 0, 5, 0]
    assert table["contraction_mrr"].tolist() == [0, 0, -8, 0]
    assert table["churned_mrr"].tolist() == [0, -7, 0, 0]
    assert table["reactivation_mrr"].tolist() == [0, 0, 0, 9]
    assert table["closing_mrr"].tolist() == [37, 30, 57, 66]
    assert table["lost"].tolist() == [0, 1, 0, 0] and table["returned"].tolist() == [0, 0, 0, 1]
    notes = cl.ledger(table).set_index("rule")["n"]
    assert notes["between_turns"] == 1  # Emma


def test_rates_of_a_period_by_hand():
    """March above: opened with 30 (Ada 10, Ben 20), grew 5, shrank 8, and won 30."""
    table = cl.revenue.movements(
        contracts(
            [
                ("Ada", "2026-01-05", "2026-02-15", 10), ("Ada", "2026-02-15", None, 15),
                ("Ben", "2026-01-05", "2026-02-15", 20), ("Ben", "2026-02-15", None, 12),
                ("Dora", "2026-02-15", None, 30),
            ]
        ),
        as_of="2026-03-01",
    )  # fmt: skip
    rates = cl.revenue.retention(table).iloc[1]

    assert rates["net_retention"] == pytest.approx((30 + 5 - 8) / 30)
    assert rates["gross_retention"] == pytest.approx((30 - 8) / 30)
    assert rates["logo_retention"] == 1 and rates["quick_ratio"] == pytest.approx((30 + 5) / 8)


def test_a_month_without_churn_is_zero_and_one_not_over_is_not_there():
    table = cl.revenue.movements(contracts([("Ada", "2026-01-05", None, 10)]), as_of="2026-03-20")

    assert table["churned_mrr"].tolist() == [0.0, 0.0] and table["closing_mrr"].tolist() == [10, 10]


def test_customers_moving_agree_with_the_churn_rate():
    rows = cl.datasets.generate_subscriptions(3000, seed=4)
    rows["start"] += pd.to_timedelta(np.arange(3000) % 7, unit="D")
    table = cl.revenue.movements(rows, as_of="2024-06-01").set_index("period_start")
    rates = cl.rates.churn_rate(rows, as_of="2024-06-01").set_index("period_start")

    assert (table["opening"] == rates["opening"]).all()
    assert (table["lost"] == rates["lost"]).all()
    # who comes and goes within a month is new and lost there, and at no turn here
    assert (table["new"] == rates["new"] - rates["new_lost"]).all()


# --- a brute force ------------------------------------------------------------------------------------
def brute(frame: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Each customer's revenue at every turn, looked up contract by contract."""
    first = frame["start"].min().to_period("M").to_timestamp()
    turns = pd.date_range(first, pd.Timestamp(as_of), freq="MS")
    end = (
        frame["end"]
        .where(frame["end"] <= pd.Timestamp(as_of))
        .fillna(pd.Timestamp("2100-01-01").as_unit("s"))
    )
    rows = {t: dict.fromkeys(MONEY, 0.0) for t in turns[:-1]}
    for _, own in frame.assign(end=end).groupby("customer"):
        paid = []
        for turn in turns:
            there = ((own["start"] <= turn) & (turn < own["end"])).any()
            before = own[(own["start"] < turn) & (turn <= own["end"])]
            paid.append(before["amount"].sum() if there else 0.0)
        ever = False
        for turn, was, now in zip(turns[:-1], paid[:-1], paid[1:], strict=True):
            kind = (
                None if was == now
                else ("reactivation" if ever else "new") if was == 0
                else "churned" if now == 0 else "expansion" if now > was else "contraction"
            )  # fmt: skip
            ever |= was > 0 or now > 0
            rows[turn]["opening_mrr"] += was
            rows[turn]["closing_mrr"] += now
            if kind:
                rows[turn][f"{kind}_mrr"] += now - was
    return pd.DataFrame(rows).T


BOOK = st.lists(
    st.tuples(
        st.sampled_from("abcde"), st.integers(0, 150), st.one_of(st.none(), st.integers(0, 90)),
        st.sampled_from([0, 5, 10, 12.5, 100.0001]),
    ),
    min_size=1, max_size=14,
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(BOOK)
def test_movements_equal_the_brute_force(book):
    frame = contracts(
        [
            (
                c,
                DAY + pd.Timedelta(days=s),
                None if n is None else DAY + pd.Timedelta(days=s + n),
                a,
            )
            for c, s, n, a in book
        ]
    )
    table = cl.revenue.movements(frame, as_of="2024-07-01").set_index("period_start")
    expected = brute(frame, "2024-07-01")

    exact(table)
    np.testing.assert_allclose(table[MONEY], expected.loc[table.index, MONEY], atol=1e-9)


def test_the_order_of_rows_and_the_names_of_customers_do_not_matter():
    rows = big(500)
    one = cl.revenue.movements(rows, as_of="2025-01-01")
    renamed = rows.sample(frac=1, random_state=1).assign(customer=lambda d: "x" + d["customer"])

    pd.testing.assert_frame_equal(one, cl.revenue.movements(renamed, as_of="2025-01-01"))


def big(n: int) -> pd.DataFrame:
    """Restarts, refunds and concurrent contracts: three contracts a customer on average."""
    rng = np.random.default_rng(2)
    start = DAY + pd.to_timedelta(rng.integers(0, 330, n), unit="D")
    length = pd.to_timedelta(rng.integers(1, 200, n), unit="D")
    amount = np.round(rng.gamma(2, 20, n), 2) * np.where(rng.random(n) < 0.03, -1, 1)
    end = pd.Series(start + length).where(rng.random(n) < 0.8)
    customer = pd.Series(rng.integers(0, max(n // 3, 1), n)).astype("str")
    segment = np.array(["s", "m", "l"], dtype=object)[customer.astype(int) % 3]
    return pd.DataFrame(
        {"customer": customer, "start": start, "end": end, "amount": amount, "segment": segment}
    )


def test_groups_add_up_to_the_whole():
    rows = big(4000)
    whole = cl.revenue.movements(rows, as_of="2025-01-01")
    parts = cl.revenue.movements(rows, as_of="2025-01-01", by="segment")

    exact(whole)
    for _, part in parts.groupby("segment"):
        exact(part)
    sums = parts.groupby("period_start")[MONEY].sum()
    np.testing.assert_allclose(sums, whole.set_index("period_start")[MONEY], rtol=1e-12, atol=1e-9)
    lines = cl.ledger(whole)
    rows_of = lines[lines["unit"] == "rows"].set_index("rule")["n"]
    assert rows_of["read"] == 4000 == rows_of["used"] + rows_of["refund"]
    assert rows_of["refund"] == (rows["amount"] < 0).sum()


@pytest.mark.slow
def test_the_identity_is_exact_on_a_million_contracts():
    table = cl.revenue.movements(big(1_000_000), as_of="2025-01-01")

    exact(table)
    # the first contracts begin in January, the last in November
    for kind in ("new", "expansion", "contraction", "churned", "reactivation"):
        assert (table[f"{kind}_mrr"].iloc[2:-1] != 0).all(), kind


# --- any table ------------------------------------------------------------------------------------------
@pytest.fixture(params=PARAMS)
def make(request, tmp_path):
    return maker(request, tmp_path)


def test_every_engine_gives_the_same(make):
    rows = big(300)
    expected = cl.revenue.movements(rows, as_of="2025-01-01", by="segment")
    got = cl.revenue.movements(make(rows), as_of="2025-01-01", by="segment")

    pd.testing.assert_frame_equal(got, expected, check_dtype=False)
    assert got.attrs == expected.attrs


@pytest.mark.parametrize(
    ("change", "arguments", "words"),
    [
        ({}, {"period": cl.Period("month", clock="elapsed")}, "calendar"),
        ({"amount": -5.0}, {}, "no contract left .*refund 5"),
        ({"amount": "5 EUR"}, {}, "cannot be read as numbers"),
        ({}, {"amount": "mrr"}, "no column 'mrr'"),
        ({}, {"as_of": "2023-06-01"}, "no contract left"),
        ({}, {"as_of": "2024-01-20"}, "no whole month"),
        ({}, {"by": "closing"}, "also the name of a column"),
    ],
)
def test_what_is_no_recurring_revenue_is_refused(change, arguments, words):
    rows = contracts([(c, "2024-01-05", None, 10.0) for c in "abcde"]).assign(**change)
    with pytest.raises(InputError, match=words):
        cl.revenue.movements(rows, **{"as_of": "2025-01-01", **arguments})


def test_retention_is_made_of_movements():
    with pytest.raises(InputError, match=r"revenue\.movements"):
        cl.revenue.retention(pd.DataFrame({"a": [1]}))
    with pytest.raises(InputError, match=r"revenue\.movements"):
        cl.revenue.retention([1, 2])
