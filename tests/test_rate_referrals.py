"""Retention and referral rates: by hand on every engine, and by brute force."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from tests import engines

# a brought b (January) and c, d (February); b brought e; f names itself, g a stranger,
# h someone who came later, and i nobody; j is after as_of, and one row has no customer
CUSTOMERS = pd.DataFrame(
    [
        ("a", None, "2026-01-05"),
        ("b", "a", "2026-01-20"),
        ("c", "a", "2026-02-01"),
        ("d", "a", "2026-02-11"),
        ("e", "b", "2026-02-28"),
        ("f", "f", "2026-02-03"),
        ("g", "stranger", "2026-02-03"),
        ("h", "c", "2026-01-31"),
        ("i", " ", "2026-03-01"),
        ("j", "a", "2026-04-01"),
        (None, "a", "2026-01-01"),
    ],
    columns=["customer", "referrer", "start"],
).astype({"start": "datetime64[s]"})


@pytest.fixture(params=engines.PARAMS)
def table_of(request, tmp_path):
    return engines.maker(request, tmp_path)


def test_referrals_by_hand(table_of):
    """January: 3 customers, a brought b. February: 8 customers; a brought 2, b brought 1."""
    table = cl.rates.referral_rate(table_of(CUSTOMERS), as_of="2026-04-01", period="month")

    assert [f"{d:%Y-%m}" for d in table["period_start"]] == ["2026-01", "2026-02", "2026-03"]
    counts = table[["n_customers", "n_referrers", "n_referred"]].to_numpy().tolist()
    assert counts == [[3, 1, 1], [8, 2, 3], [9, 0, 0]]
    assert table["estimate"].tolist() == [1 / 3, 2 / 8, 0.0]
    assert table["introductions"].tolist() == [1 / 3, 3 / 8, 0.0]
    low, high = cl.intervals.wilson(2, 8)
    assert table.loc[1, ["conf_low", "conf_high"]].tolist() == [low, high]
    ledger = cl.ledger(table)
    people = ledger[ledger["unit"] == "rows"].set_index("rule")["n"].to_dict()
    assert people == {"read": 11, "used": 9, "missing_customer": 1, "after_as_of": 1}
    brought = ledger[ledger["unit"] == "introductions"].set_index("rule")["n"].to_dict()
    assert brought == {
        "read": 7, "used": 4, "self_referral": 1, "before_buying": 1, "unknown_referrer": 1,
    }  # fmt: skip


def test_all_together(table_of):
    """Two of nine brought four; who brought others in two months counts once."""
    table = cl.rates.referral_rate(table_of(CUSTOMERS), as_of="2026-04-01")

    assert table["period_start"].isna().all() and len(table) == 1
    assert table[["n_customers", "n_referrers", "n_referred"]].to_numpy().tolist() == [[9, 2, 4]]
    assert table["estimate"].item() == 2 / 9


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("period", ["month", "week", None])
def test_referrals_by_brute_force(seed, period):
    rng = np.random.default_rng(seed)
    n, as_of = 80, pd.Timestamp("2026-05-10")
    start = pd.Timestamp("2026-01-03") + pd.to_timedelta(rng.integers(0, 140, n), unit="D")
    referrer = pd.Series(rng.integers(0, n + 5, n)).where(rng.random(n) < 0.6)
    data = pd.DataFrame({"customer": np.arange(n), "referrer": referrer, "start": start})

    table = cl.rates.referral_rate(data.astype({"referrer": "Int64"}), as_of=as_of, period=period)

    known = data[data["start"] < as_of].set_index("customer")["start"]
    for row in table.itertuples():
        first = known.min() if period is None else row.period_start
        after = as_of if period is None else first + pd.DateOffset(**{f"{period}s": 1})
        brought: dict[int, int] = {}
        for customer, who in data.set_index("customer")["referrer"].items():
            if customer in known.index and who in known.index and who != customer:
                when = known[customer]
                if first <= when < after and known[who] <= when:
                    brought[who] = brought.get(who, 0) + 1
        base = int((known < after).sum())
        assert (row.n_customers, row.n_referrers) == (base, len(brought))
        assert row.n_referred == sum(brought.values())
        assert row.estimate == pytest.approx(len(brought) / base)
    assert table["n_referrers"].sum() > 5


@pytest.mark.parametrize("by", [None, "plan"])
def test_retention_is_what_churn_leaves(by):
    data = cl.datasets.generate_subscriptions(800, seed=2)

    kept = cl.rates.retention_rate(data, as_of="2024-06-01", by=by)

    lost = cl.rates.churn_rate(data, as_of="2024-06-01", by=by)
    share = 1 - lost["lost"] / lost["opening"].where(lost["opening"] > 0)
    np.testing.assert_allclose(kept["retention"], share)
    low, high = cl.intervals.wilson(lost["opening"] - lost["lost"], lost["opening"])
    np.testing.assert_allclose(kept["conf_low"], low, atol=1e-12)
    np.testing.assert_allclose(kept["conf_high"], high, atol=1e-12)
    assert kept.attrs == lost.attrs


def test_customers_at_the_end_over_customers_at_the_start():
    """Ten at the opening, four leave, six come: the naive 120 % is 60 % kept."""
    rows = [("2025-12-05", "2026-01-10")] * 4 + [("2025-12-05", None)] * 6
    rows += [("2026-01-05", None)] * 6
    data = pd.DataFrame(rows, columns=["start", "end"]).astype("datetime64[s]")

    kept = cl.rates.retention_rate(data.assign(customer=range(16)), as_of="2026-02-01")

    assert kept["retention"].tolist()[1:] == [0.6]
    assert (10 + 6 - 4) / 10 == 1.2


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        ({"customer": "a"}, {}, "names 1 customer in more than one row .for example 'a'"),
        ({"referrer": range(11)}, {}, "make both text, or both whole numbers"),
        ({"referrer": [1.5] * 11}, {}, "identifiers must be text or whole numbers"),
        ({}, {"referrer": "by"}, "has no column 'by'"),
        ({}, {"period": cl.Period("month", clock="elapsed")}, "counts calendar periods"),
        ({}, {"period": "month", "as_of": "2026-01-30"}, "no whole month"),
        ({}, {"as_of": "2025-01-30"}, "nothing to count"),
        ({}, {"as_of": None}, "as_of=None must be a date"),
    ],
)
def test_bad_calls_end_in_one_clear_message(change, arguments, message):
    with pytest.raises(cl.InputError, match=message):
        cl.rates.referral_rate(CUSTOMERS.assign(**change), **({"as_of": "2026-04-01"} | arguments))
