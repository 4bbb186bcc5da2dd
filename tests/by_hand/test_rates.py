"""Churn rates of a quarter, by the counts of article 002 and by contracts written out."""

from __future__ import annotations

from math import exp

import pandas as pd
import pytest

import churnlab as cl


def test_four_hundred_become_three_hundred_and_eighty():
    table = cl.rates.churn_rate_from_counts(400, 20).set_index("method")

    assert table.loc["opening_cohort", "rate"] == pytest.approx(0.05)
    low, high = table.loc["opening_cohort", ["conf_low", "conf_high"]]
    assert (round(low, 3), round(high, 3)) == (0.033, 0.076)


def test_the_quarter_with_three_hundred_newcomers():
    """1,000 at the opening, 150 of them lost; 300 came, 15 of them lost."""
    rates = cl.rates.churn_rate_from_counts(1000, 150, 300, 15).set_index("method")["rate"]

    assert rates["opening_cohort"] == pytest.approx(150 / 1000)
    assert rates["naive"] == pytest.approx(165 / 1000)
    assert rates["pooled"] == pytest.approx(165 / 1300)
    assert rates["average"] == pytest.approx(165 / ((1000 + 1135) / 2))
    assert rates["person_time"] == pytest.approx(1 - exp(-165 / (925 + 146.25)))
    assert [
        round(100 * rates[m], d)
        for m, d in (
            ("opening_cohort", 2),
            ("naive", 2),
            ("pooled", 2),
            ("average", 2),
            ("person_time", 3),
        )
    ] == [15.0, 16.5, 12.69, 15.46, 14.275]


CONTRACTS = pd.DataFrame(
    [
        ("stays", "2025-12-01", None),
        ("leaves mid-month", "2025-12-01", "2026-01-16"),
        ("leaves on the first", "2025-12-01", "2026-02-01"),
        ("came and went", "2026-01-11", "2026-01-21"),
        ("came on the first", "2026-02-01", None),
        ("renewed", "2025-12-01", "2026-01-01"),
        ("renewed", "2026-01-01", None),
    ],
    columns=["customer", "start", "end"],
).astype({"start": "datetime64[s]", "end": "datetime64[s]"})


def test_january_by_hand():
    """Four at the opening; an end on 1 February was January's loss; 1 February's newcomer is not."""
    table = cl.rates.churn_rate(CONTRACTS, as_of="2026-03-01").set_index("period_start")
    january = table.loc["2026-01-01"]

    assert january[["opening", "lost", "new", "new_lost"]].astype(int).tolist() == [4, 2, 1, 1]
    assert january["rate"] == pytest.approx(2 / 4)
    # stays, leaves on the first and renewed: 1 each; leaves mid-month 15/31; came and went 10/31
    assert january["exposure"] == pytest.approx(3 + 25 / 31)
    february = table.loc["2026-02-01"]
    assert february[["opening", "lost", "new", "new_lost"]].astype(int).tolist() == [2, 0, 1, 0]
    assert february["exposure"] == pytest.approx(3)


def test_opening_and_moves_make_the_next_opening():
    table = cl.rates.churn_rate(CONTRACTS, as_of="2026-03-01")

    closing = table["opening"] + table["new"] - table["lost"] - table["new_lost"]
    assert table["opening"].tolist()[1:] == closing.tolist()[:-1]


def test_the_month_in_progress_has_no_rate_and_is_noted():
    table = cl.rates.churn_rate(CONTRACTS, as_of="2026-01-20")

    assert [f"{d:%Y-%m-%d}" for d in table["period_start"]] == ["2025-12-01"]
    assert cl.ledger(table).set_index("rule")["n"]["in_progress"] == 1


def test_an_empty_opening_has_no_rate():
    first = cl.rates.churn_rate(CONTRACTS, as_of="2026-03-01").iloc[0]

    assert first["opening"] == 0
    assert pd.isna(first["rate"])


def test_five_percent_a_month_by_hand():
    """Of 1,000: 950, 902.5, 857.375 … after twelve months 540.36 are left; 46 %, not 60 %, went."""
    left = 1000.0
    for _ in range(12):
        left -= 0.05 * left

    year = cl.rates.convert(0.05, period="month", to="year")
    assert year["retention"].item() == pytest.approx(left / 1000)
    assert round(100 * year["churn"].item(), 1) == 46.0


def test_january_by_age():
    """Of the four present when January opens, all came in December: age 1, and two are lost."""
    table = cl.rates.churn_by_age(CONTRACTS, as_of="2026-03-01", bands=(1, 2))
    january = table[table["period_start"] == "2026-01-01"]

    assert january[["opening", "lost"]].to_numpy().tolist() == [[4, 2], [0, 0]]
    kept = cl.rates.retention_rate(CONTRACTS, as_of="2026-03-01").set_index("period_start")
    assert kept.loc["2026-01-01", "retention"] == 0.5
