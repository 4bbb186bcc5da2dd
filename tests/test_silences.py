"""Silences and gaps against brute force, their ledgers, and what they refuse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from churnlab import Period


def random_log(seed, n=300, days=200):
    rng = np.random.default_rng(seed)
    customer = [None if c == 0 else f"c{c}" for c in rng.integers(0, 25, n)]
    time = pd.Timestamp("2025-11-01") + pd.to_timedelta(rng.integers(0, days * 24, n), "h")
    amount = rng.choice([-3.0, 0.0, 5.0, np.nan], n, p=[0.15, 0.15, 0.6, 0.1])
    return pd.DataFrame({"customer": customer, "time": time, "amount": amount}).assign(
        plan=rng.choice(["basic", "extra", None], n)
    )


def brute(log, as_of, period):
    """Per customer: the gaps between different active periods, and the whole periods since."""
    rows = log.dropna(subset=["customer"])
    rows = rows[(rows["time"] < as_of) & ~(rows["amount"] < 0)]
    freq = {"day": "D", "week": "W", "month": "M"}[period]
    now = pd.Timestamp(as_of).to_period(freq).ordinal
    found = {}
    for customer, own in rows.groupby("customer"):
        index = sorted({p.ordinal for p in own["time"].dt.to_period(freq)})
        gaps = np.diff(index)
        plan = own.sort_values(["time", "plan"], na_position="last")["plan"].iloc[0]
        found[customer] = (gaps, now - index[-1], own["time"].max().normalize(), plan)
    return found


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("period", ["day", "week", "month"])
def test_against_brute_force(seed, period):
    log, as_of = random_log(seed), "2026-05-03"
    expected = brute(log, as_of, period)

    table = cl.purchases.silences(log, period=period, as_of=as_of, keep="plan", least_gaps=3)

    frame = table.frame
    assert frame["customer"].tolist() == sorted(expected)
    for row in frame.itertuples():
        gaps, since, last, plan = expected[row.customer]
        assert (row.n_gaps, row.since_last, row.last) == (len(gaps), since, last)
        assert row.plan == plan or (pd.isna(row.plan) and pd.isna(plan))
        if len(gaps) < 3:
            assert np.isnan(row.median_gap) and np.isnan(row.multiple)
        else:
            assert row.median_gap == np.median(gaps)
            assert row.multiple == since / np.median(gaps)

    quantiles = cl.purchases.gap_quantiles(log, period=period, as_of=as_of, by="plan")
    for plan, part in quantiles.groupby("plan", dropna=False):
        same = [
            g for g, _, _, p in expected.values() if p == plan or (pd.isna(p) and pd.isna(plan))
        ]
        gaps = np.concatenate(same)
        assert part["n"].tolist() == [len(gaps)] * 3
        expected_gaps = np.quantile(gaps, [0.5, 0.9, 0.95], method="inverted_cdf")
        assert part["gap"].tolist() == expected_gaps.tolist()


@pytest.mark.parametrize("seed", range(3))
def test_bands_against_pandas_cut(seed):
    table = cl.purchases.silences(random_log(seed), as_of="2026-06-20", keep="plan")
    multiple = table.frame["multiple"]

    found = cl.purchases.silence_bands(table)

    cut = pd.cut(multiple, [-1, 1, 2, 3, 5, np.inf]).value_counts(sort=False).tolist()
    assert found["n"].tolist() == [*cut, int(multiple.isna().sum())]
    assert found["n"].sum() == len(table.frame) and found["share"].sum() == pytest.approx(1)
    grouped = cl.purchases.silence_bands(table, by="plan")
    assert grouped.groupby("multiple_from", dropna=False)["n"].sum().tolist() == found["n"].tolist()
    assert grouped.groupby("plan", dropna=False)["share"].sum().tolist() == pytest.approx([1, 1, 1])
    assert found.attrs["as_of"] == "2026-06-20T00:00:00"


def test_the_ledgers_add_up():
    log = random_log(5)
    log.loc[0, "time"] = pd.NaT
    log.loc[len(log)] = ["only a refund", pd.Timestamp("2026-01-01"), -1.0, None]
    table = cl.purchases.silences(log, as_of="2026-04-01")
    bands = cl.purchases.silence_bands(table)

    for ledger in (table.ledger(), cl.ledger(bands), cl.ledger(cl.purchases.gap_quantiles(log))):
        for _, part in ledger.groupby(["stage", "unit"]):
            n = part.groupby("fate")["n"].sum()
            assert n["read"] == n["used"] + n.get("excluded", 0)
    people = table.ledger().query("unit == 'customers'").set_index("rule")["n"]
    assert people["no_activity"] == people["read"] - len(table.frame) >= 1
    assert set(cl.ledger(bands)["stage"]) == {"silences", "silence_bands"}


def test_nothing_to_measure():
    """Customers who came once have no gap: none is made up, and nobody has a rhythm."""
    log = pd.DataFrame(
        {"customer": ["a", "b"], "time": pd.to_datetime(["2026-01-01", "2026-01-05"])}
    )

    gaps = cl.purchases.gap_quantiles(log)
    bands = cl.purchases.silence_bands(cl.purchases.silences(log))

    assert gaps["gap"].isna().all() and gaps["n"].tolist() == [0, 0, 0]
    assert bands["n"].tolist() == [0, 0, 0, 0, 0, 2]
    assert len(cl.purchases.silences(log[:0], as_of="2026-02-01").frame) == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda log: cl.purchases.gap_quantiles(log, q=50), "Did you mean 0.5"),
        (lambda log: cl.purchases.gap_quantiles(log, q=0), "q=0 must be a number above 0"),
        (lambda log: cl.purchases.gap_quantiles(log, by="q"), "also the name of a column"),
        (lambda log: cl.purchases.gap_quantiles(log, as_of="2020-01-01"), "nothing to count"),
        (lambda log: cl.purchases.silences(log, least_gaps=0), "at least 1"),
        (lambda log: cl.purchases.silences(log, customer="who"), "'who'"),
        (
            lambda log: cl.purchases.silences(log, period=Period(clock="elapsed")),
            "silences counts calendar periods",
        ),
        (lambda log: cl.purchases.silence_bands(log), "'multiple'"),
        (
            lambda log: cl.purchases.silence_bands(cl.purchases.silences(log), multiples=(2, 1)),
            "must rise",
        ),
        (
            lambda log: cl.purchases.silence_bands(
                cl.purchases.silences(log[:0], as_of="2026-01-01")
            ),
            "no customer left",
        ),
    ],
)
def test_refusals(call, message):
    with pytest.raises(cl.InputError, match=message):
        call(random_log(1))
