"""Kaplan–Meier and Nelson–Aalen on six customers, with every fraction written out."""

from __future__ import annotations

from fractions import Fraction as F
from math import exp, log, sqrt

import pandas as pd
import pytest

import churnlab as cl

SIX = pd.DataFrame({"duration": [1, 2, 2, 3, 5, 5], "event": [1, 1, 0, 1, 0, 0]})
Z = 1.959963984540054


def test_product_limit():
    """At 1: 6 at risk, 1 leaves. At 2: 5 at risk, 1 leaves, 1 censored. At 3: 3 at risk, 1 leaves."""
    curve = cl.survival.kaplan_meier(SIX).set_index("duration")

    by_hand = {0: F(1), 1: F(5, 6), 2: F(5, 6) * F(4, 5), 3: F(2, 3) * F(2, 3), 5: F(4, 9)}
    for duration, share in by_hand.items():
        assert curve.loc[duration, "estimate"] == pytest.approx(float(share), abs=1e-15)


def test_greenwood():
    """var S = S² Σ d / (n (n − d)): 1/30, then + 1/20, then + 1/6."""
    curve = cl.survival.kaplan_meier(SIX).set_index("duration")

    sums = {1: F(1, 30), 2: F(1, 30) + F(1, 20), 3: F(1, 30) + F(1, 20) + F(1, 6)}
    assert sums[3] == F(1, 4)
    for duration, total in sums.items():
        share = curve.loc[duration, "estimate"]
        assert curve.loc[duration, "std_error"] == pytest.approx(share * sqrt(total), abs=1e-15)


def test_log_log_limits():
    """S ** exp(∓ z · se(log S) / log S), with se(log S) = 1/2 at duration 3."""
    row = cl.survival.kaplan_meier(SIX).set_index("duration").loc[3]

    share = 4 / 9
    width = Z * 0.5 / log(share)
    assert row["conf_low"] == pytest.approx(share ** exp(-width), abs=1e-12)
    assert row["conf_high"] == pytest.approx(share ** exp(width), abs=1e-12)
    assert row["conf_low"] < share < row["conf_high"]


def test_log_limits_stop_at_one():
    row = cl.survival.kaplan_meier(SIX, conf="log").set_index("duration").loc[1]

    assert row["conf_low"] == pytest.approx(5 / 6 * exp(-Z * sqrt(1 / 30)), abs=1e-12)
    assert row["conf_high"] == 1.0


def test_sum_of_hazards():
    """1/6, + 1/5, + 1/3; Aalen's variance 1/36 + 1/25 + 1/9."""
    curve = cl.survival.nelson_aalen(SIX).set_index("duration")

    assert curve.loc[5, "estimate"] == pytest.approx(float(F(1, 6) + F(1, 5) + F(1, 3)), abs=1e-15)
    assert curve.loc[5, "std_error"] ** 2 == pytest.approx(
        float(F(1, 36) + F(1, 25) + F(1, 9)), abs=1e-15
    )


def test_dropping_the_running_customers_halves_the_curve():
    """The tempting way: without the three still there, everyone has left by 3."""
    tempting = cl.survival.kaplan_meier(SIX[SIX["event"] == 1])

    assert tempting["estimate"].iloc[-1] == 0.0
    assert cl.survival.kaplan_meier(SIX)["estimate"].iloc[-1] == pytest.approx(4 / 9)


def test_weighted_jackknife():
    """Two spells, weights 1/2 and 3/2: influence on log S of the one that left and the other.

    At 1: n = 2, d = 1/2, S = 3/4, G = d / (n (n − d)) = 1/6. The leaver's φ is −1/n = −1/2, the
    other's is +G = 1/6: var log S = (1/2)²(1/2)² + (3/2)²(1/6)² = 1/16 + 1/16.
    """
    frame = pd.DataFrame({"duration": [1, 2], "event": [1, 0], "w": [0.5, 1.5]})

    row = cl.survival.kaplan_meier(frame, weight="w").set_index("duration").loc[1]

    assert row["estimate"] == pytest.approx(3 / 4)
    assert row["std_error"] == pytest.approx(3 / 4 * sqrt(1 / 8), abs=1e-15)
