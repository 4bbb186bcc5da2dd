"""Quantiles, restricted means, further stay and bands of six customers, written out."""

from __future__ import annotations

from fractions import Fraction as F
from math import exp, log, sqrt

import pandas as pd
import pytest

import churnlab as cl
from churnlab.survival import critical

SIX = pd.DataFrame({"duration": [1, 2, 2, 3, 5, 5], "event": [1, 1, 0, 1, 0, 0]})
Z = 1.959963984540054


def test_quantiles_are_where_the_curve_comes_down():
    """S is 5/6 from 1, 2/3 from 2, 4/9 from 3 on, and stays there."""
    found = cl.survival.quantiles(SIX, q=[0.1, 0.25, 0.5, 0.75])

    assert found["estimate"].tolist()[:3] == [1, 2, 3]
    assert pd.isna(found["estimate"].iloc[3])


def test_on_a_flat_stretch_it_is_the_middle():
    """S = 2/3 from 2 to the churn at 3; S = 4/9 from 3 to the end of the follow-up, 5."""
    found = cl.survival.quantiles(SIX, q=[1 / 3, 5 / 9])

    assert found["estimate"].tolist() == [2.5, 4.0]


def test_limits_of_the_median_are_where_the_curves_limits_come_down():
    """Plain, with Greenwood's 1/30, 1/12, 1/4. Lower: 0.535 at 1, 0.289 at 2. Upper: never."""
    lower = [float(s) * (1 - Z * sqrt(v)) for s, v in ((F(5, 6), F(1, 30)), (F(2, 3), F(1, 12)))]
    assert lower[0] > 0.5 > lower[1]
    assert 4 / 9 * (1 + Z * 0.5) > 0.5

    row = cl.survival.quantiles(SIX, q=0.5, conf="plain").iloc[0]

    assert (row["estimate"], row["conf_low"]) == (3, 2)
    assert pd.isna(row["conf_high"])


def test_the_median_of_those_who_left_is_another_thing():
    """The tempting way: the three who left did so at 1, 2 and 3."""
    tempting = SIX.loc[SIX["event"] == 1, "duration"].median()

    assert tempting == 2
    assert cl.survival.quantiles(SIX, q=0.5)["estimate"].tolist() == [3]


def test_restricted_mean():
    """Areas 1, 5/6, 2/3 and 2 · 4/9: 61/18. What is left from 1, 2 and 3 on: 43/18, 14/9, 8/9."""
    assert 1 + F(5, 6) + F(2, 3) + F(8, 9) == F(61, 18)
    variance = F(43, 18) ** 2 / 30 + F(14, 9) ** 2 / 20 + F(8, 9) ** 2 / 6

    row = cl.survival.restricted_mean(SIX, until=5).iloc[0]

    assert row["estimate"] == pytest.approx(float(F(61, 18)), abs=1e-15)
    assert row["std_error"] == pytest.approx(sqrt(variance), abs=1e-15)
    assert row["conf_low"] == pytest.approx(61 / 18 - Z * sqrt(variance))
    assert row["conf_high"] == pytest.approx(61 / 18 + Z * sqrt(variance))


def test_a_churn_at_the_end_of_the_window_changes_nothing():
    """Until 3: 1 + 5/6 + 2/3 = 5/2, whether the fourth customer leaves at 3 or stays."""
    variance = F(3, 2) ** 2 / 30 + F(2, 3) ** 2 / 20
    stays = SIX.assign(event=[1, 1, 0, 0, 0, 0])

    for frame in (SIX, stays):
        row = cl.survival.restricted_mean(frame, until=3).iloc[0]
        assert row["estimate"] == pytest.approx(2.5, abs=1e-15)
        assert row["std_error"] == pytest.approx(sqrt(variance), abs=1e-15)


def test_the_mean_of_the_durations_counts_the_running_as_over():
    assert SIX["duration"].mean() == 3 < 61 / 18


def test_restricted_mean_by_customer():
    """φ on log S from 1, 2 and 3 on; S = 4/5, 3/5, 3/10; every step lasts 1: U = Σ S φ."""
    three = pd.DataFrame(
        [("a", 1, 1), ("a", 3, 1), ("b", 2, 1), ("b", 4, 0), ("c", 2, 0)],
        columns=["customer", "duration", "event"],
    )
    share = [F(4, 5), F(3, 5), F(3, 10)]
    influence = {
        "a": [F(-3, 20), F(-1, 15), F(-17, 30)],
        "b": [F(1, 10), F(-1, 15), F(13, 30)],
        "c": [F(1, 20), F(2, 15), F(2, 15)],
    }
    sums = [sum(s * u for s, u in zip(share, of, strict=True)) for of in influence.values()]
    assert sum(sums) == 0

    row = cl.survival.restricted_mean(three, until=4, cluster="customer").iloc[0]

    assert row["estimate"] == pytest.approx(float(1 + sum(share)))
    assert row["std_error"] == pytest.approx(sqrt(sum(u * u for u in sums)), abs=1e-15)


def test_restricted_mean_with_weights_in_fractions():
    """Weights 1/2 and 3/2; from 1 to 2 S is 3/4 and φ is −1/2 for the leaver, 1/6 for the other."""
    frame = pd.DataFrame({"duration": [1, 2], "event": [1, 0], "w": [0.5, 1.5]})
    variance = (F(1, 2) * F(3, 4) * F(-1, 2)) ** 2 + (F(3, 2) * F(3, 4) * F(1, 6)) ** 2

    row = cl.survival.restricted_mean(frame, until=2, weight="w").iloc[0]

    assert row["estimate"] == pytest.approx(1.75)
    assert row["std_error"] == pytest.approx(sqrt(variance), abs=1e-15)


def test_further_stay_of_those_who_stayed_for_two():
    """Three are there after 2, one leaves at 3: 2/3 stay until 4, and 1 + 2/3 is the mean stay."""
    found = cl.survival.residual(SIX, given=2, ahead=2).set_index("term")

    assert found["given"].tolist() == [2, 2, 2]
    assert found["n_risk"].tolist() == [3, 3, 3]
    assert found.loc["survival", "estimate"] == pytest.approx(2 / 3)
    assert found.loc["survival", "std_error"] == pytest.approx(2 / 3 * sqrt(1 / 6))
    assert found.loc["restricted_mean", "estimate"] == pytest.approx(5 / 3)
    assert found.loc["restricted_mean", "std_error"] == pytest.approx(2 / 3 * sqrt(1 / 6))
    assert pd.isna(found.loc["median", "estimate"])


def test_the_further_median_counts_from_the_tenure():
    """Of three there after 2, they leave at 3, 4 and 7: half by 4, which is 2 more."""
    frame = pd.DataFrame({"duration": [1, 2, 3, 4, 7], "event": [1, 1, 1, 1, 1]})

    found = cl.survival.residual(frame, given=2, ahead=3).set_index("term")

    assert found.loc["median", "estimate"] == 2
    assert found.loc["survival", "estimate"] == pytest.approx(1 / 3)


def test_equal_precision_band():
    """N σ² = 1/5, 1/2, 3/2 at 1, 2, 3: the bridge is looked at from a = 1/6 to a = 3/5."""
    clocks = [6 * F(1, 30), 6 * F(1, 12), 6 * F(1, 4)]
    ends = [c / (1 + c) for c in (clocks[0], clocks[-1])]
    assert ends == [F(1, 6), F(3, 5)]
    errors = critical.equal_precision(*map(float, ends), level=0.95)
    width = errors * 0.5 / log(4 / 9)

    found = cl.survival.bands(SIX)

    assert found["duration"].tolist() == [1, 2, 3]
    assert errors > Z
    assert found["conf_low"].iloc[2] == pytest.approx((4 / 9) ** exp(-width))
    assert found["conf_high"].iloc[2] == pytest.approx((4 / 9) ** exp(width))


def test_hall_wellner_band():
    """On the plain scale: S ± k S (1 + N σ²) / √N."""
    k = critical.hall_wellner(1 / 6, 3 / 5, level=0.9)
    half = [k * s * (1 + c) / sqrt(6) for s, c in ((5 / 6, 0.2), (2 / 3, 0.5), (4 / 9, 1.5))]

    found = cl.survival.bands(SIX, kind="hall_wellner", conf="plain", level=0.9)

    for s, h, low, high in zip(
        found["estimate"], half, found["conf_low"], found["conf_high"], strict=True
    ):
        assert low == pytest.approx(max(s - h, 0))
        assert high == pytest.approx(min(s + h, 1))
