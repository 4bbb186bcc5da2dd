"""Rates from one period to another: by hand, there and back, and what is no rate."""

from __future__ import annotations

import math

import numpy as np
import pytest

import churnlab as cl

UNITS = ("day", "week", "month", "quarter", "year", "28D")


def test_five_percent_a_month_is_not_sixty_a_year():
    table = cl.rates.convert([0.05, 0.0], period="month", to="year")

    assert table["retention"].tolist() == pytest.approx([0.95**12, 1.0])
    assert table["churn"].round(4).tolist() == [0.4596, 0.0]
    assert table["hazard"].tolist() == pytest.approx([-12 * math.log(0.95), 0.0])
    assert "-0.0" not in table.to_string()
    assert table["period"].tolist() == ["month"] * 2 and table["to"].tolist() == ["year"] * 2


def test_a_quarter_and_back():
    year = cl.rates.convert(0.05, period="quarter", to="year")["churn"].item()
    assert year == pytest.approx(1 - 0.95**4)
    assert round(year, 4) == 0.1855
    assert cl.rates.convert(year, period="year", to="quarter")["churn"].item() == pytest.approx(
        0.05
    )


@pytest.mark.parametrize(
    ("period", "to", "steps"),
    [
        ("day", "year", 365), ("week", "year", 365 / 7), ("month", "year", 12),
        ("quarter", "year", 4), ("month", "quarter", 3), ("day", "month", 365 / 12),
        ("day", "week", 7), ("week", "month", 365 / 12 / 7), ("28D", "year", 365 / 28),
        ("year", "day", 1 / 365), ("month", "month", 1),
    ],
)  # fmt: skip
def test_the_stated_lengths(period, to, steps):
    table = cl.rates.convert(0.1, period=period, to=to, kind="hazard")

    assert table["hazard"].item() == pytest.approx(0.1 * steps)
    assert table["churn"].item() == pytest.approx(1 - math.exp(-0.1 * steps))
    assert table["churn"].item() + table["retention"].item() == pytest.approx(1)


@pytest.mark.parametrize("period", UNITS)
@pytest.mark.parametrize("to", UNITS)
def test_there_and_back(period, to):
    given = np.array([0.0, 1e-9, 0.003, 0.02])

    there = cl.rates.convert(given, period=period, to=to)
    back = cl.rates.convert(there["hazard"], period=to, to=period, kind="hazard")

    np.testing.assert_allclose(back["churn"], given, rtol=1e-12)


def test_everyone_lost_is_an_endless_hazard():
    table = cl.rates.convert(1.0, period="month", to="week")

    assert table[["churn", "retention", "hazard"]].to_numpy().tolist() == [[1.0, 0.0, math.inf]]


@pytest.mark.parametrize(
    ("rate", "arguments", "message"),
    [
        (5, {}, "rate=5 must be a number from 0 to 1. Did you mean 0.05"),
        (-0.1, {"kind": "hazard"}, "rate=-0.1 must be a number of at least 0"),
        ([0.1, math.nan], {}, "must be a number from 0 to 1"),
        (0.1, {"kind": "odds"}, "kind='odds' is not one of 'probability', 'hazard'"),
        (0.1, {"to": "fortnight"}, "period 'fortnight' is not a unit"),
    ],
)
def test_what_is_no_rate_is_refused(rate, arguments, message):
    with pytest.raises(cl.InputError, match=message):
        cl.rates.convert(rate, **({"period": "month", "to": "year"} | arguments))
