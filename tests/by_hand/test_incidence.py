"""Reasons that compete for six customers, with every fraction written out."""

from __future__ import annotations

from fractions import Fraction as F
from math import exp, log, sqrt

import pandas as pd
import pytest

import churnlab as cl

SIX = pd.DataFrame(
    {
        "duration": [1, 2, 2, 3, 4, 5],
        "event": [1, 1, 1, 0, 1, 0],
        "reason": ["price", "price", "moved", None, "moved", None],
    }
)
Z = 1.959963984540054


def at(frame: pd.DataFrame, reason: str) -> pd.DataFrame:
    return frame[frame["reason"] == reason].set_index("duration")


def test_incidence():
    """At risk 6, 5, 3, 2, 1; still there before 1, 5/6, 1/2, 1/2, 1/4.

    At 2 one leaves for either reason: 5/6 · 1/5 for each, as the tie stands.
    """
    found = cl.survival.incidence(SIX)

    price, moved = at(found, "price"), at(found, "moved")
    assert found["reason"].unique().tolist() == ["moved", "price"]
    assert price["n_risk"].tolist() == moved["n_risk"].tolist() == [6, 6, 5, 3, 2, 1]
    assert price["n_event"].tolist() == [0, 1, 1, 0, 0, 0]
    assert moved["n_event"].tolist() == [0, 0, 1, 0, 1, 0]
    shares = {
        "price": [F(0), F(1, 6), F(1, 3), F(1, 3), F(1, 3), F(1, 3)],
        "moved": [F(0), F(0), F(1, 6), F(1, 6), F(5, 12), F(5, 12)],
    }
    for reason, by_hand in shares.items():
        assert at(found, reason)["estimate"].tolist() == pytest.approx([float(s) for s in by_hand])
    assert F(1, 3) + F(5, 12) == 1 - F(1, 4)  # all that was lost


def test_naive():
    """Those who moved at 2 and 4, the others censored: 1 − 4/5 · 1/2; it is 5/12 in truth."""
    found = at(cl.survival.incidence(SIX), "moved")

    assert found.loc[4, "naive"] == pytest.approx(3 / 5)
    assert found.loc[4, "estimate"] == pytest.approx(5 / 12)


def test_variance():
    """Each duration is a draw: (1/n) (a² p_r + 2 a b p_r + b² p − (a p_r + b p)²).

    a = S(u−) is what one leaver for the reason adds; b = −(F(4) − F(u)) / (1 − p) is what any leaver
    takes away later. At 1: b = −1/2. At 2: a = 5/6, b = −5/12. At 4: a = 1/2, b = 0.
    """
    first = F(1, 6) * F(1, 4) * (F(1, 6) - F(1, 36))
    a, b, own, all_ = F(5, 6), -F(5, 12), F(1, 5), F(2, 5)
    second = (a * a * own + 2 * a * b * own + b * b * all_ - (a * own + b * all_) ** 2) / 5
    last = F(1, 2) * F(1, 4) * F(1, 4)
    assert first + second + last == F(11, 216)

    row = at(cl.survival.incidence(SIX), "moved").loc[4]

    assert row["std_error"] == pytest.approx(sqrt(11 / 216), abs=1e-15)


def test_influences():
    """The jackknife is what F(4) of moved does if one of the six counts for a little more.

    F = (1 − w₁/n₁) (w₃/n₂ + (1 − (w₂ + w₃)/n₂) w₅/n₄): six slopes, whose squares add up to 11/216.
    """

    def share(w: list[F]) -> F:
        n1, n2, n4 = sum(w), sum(w[1:]), w[4] + w[5]
        s1 = 1 - w[0] / n1
        s2 = s1 * (1 - (w[1] + w[2]) / n2)
        return s1 * w[2] / n2 + s2 * w[4] / n4

    one, tiny = [F(1)] * 6, F(1, 10**9)
    assert share(one) == F(5, 12)
    slopes = [(share([*one[:i], 1 + tiny, *one[i + 1 :]]) - F(5, 12)) / tiny for i in range(6)]
    squares = float(sum(s * s for s in slopes))
    assert squares == pytest.approx(11 / 216, rel=1e-7)


def test_variance_of_cmprsk():
    """Σ (1 + (F(u) − F(t))/S(u))² S(u−)² d/n² for the reason, (…)² without the 1 for others.

    At 1 another: (1/2)² · 1/36. At 2 one of each: (1/2)² · 1/36 twice. At 4: (1/2)² · 1/4.
    """
    row = at(cl.survival.incidence(SIX, variance="aalen"), "moved").loc[4]

    by_hand = 3 * F(1, 4) * F(1, 36) + F(1, 4) * F(1, 4)
    assert by_hand == F(1, 12)
    assert row["std_error"] == pytest.approx(sqrt(1 / 12), abs=1e-15)


def test_log_log_limits():
    """F ** exp(∓ z · se / (F log F)), on F itself."""
    row = at(cl.survival.incidence(SIX), "moved").loc[4]

    share, width = 5 / 12, Z * sqrt(11 / 216) / (5 / 12 * log(5 / 12))
    assert row["conf_low"] == pytest.approx(share ** exp(-width), abs=1e-12)
    assert row["conf_high"] == pytest.approx(share ** exp(width), abs=1e-12)
    assert row["conf_low"] < share < row["conf_high"]


def test_without_a_reason():
    """Without price: 4/5 · 1/2 still there at 4, 3/5 lost instead of 3/4. Not 1/3 is saved, but 3/20.

    Whatever is assumed, from 5/12 (who was kept stays) to 3/4 (would have left at once) are lost.
    Greenwood: (2/5)² (1/(5·4) + 1/(2·1)) = 11/125.
    """
    row = cl.survival.eliminate(SIX, without="price").set_index("duration").loc[4]

    assert row["total_churn"] == pytest.approx(3 / 4)
    assert row["estimate"] == pytest.approx(3 / 5)
    assert row["std_error"] == pytest.approx(sqrt(F(4, 25) * (F(1, 20) + F(1, 2))), abs=1e-15)
    assert row["saved"] == pytest.approx(3 / 20)
    assert row["incidence"] == pytest.approx(1 / 3)
    assert row["estimate_low"] == pytest.approx(5 / 12)
    assert row["estimate_high"] == pytest.approx(3 / 4)


def test_unknown_reasons():
    """The first leaver did not say why: price took 1/6 to 1/3, moved 5/12 to 5/12 + 1/6."""
    rows = SIX.assign(reason=[None, *SIX["reason"][1:]])

    found = cl.survival.reason_bounds(rows)

    price, moved = (at(found, reason).loc[4] for reason in ("price", "moved"))
    assert (price["estimate_low"], price["estimate_high"]) == pytest.approx((1 / 6, 1 / 3))
    assert (moved["estimate_low"], moved["estimate_high"]) == pytest.approx((5 / 12, 7 / 12))
    # all who left at 1 and 2 for price: the high end is the whole incidence of price
    known = at(cl.survival.incidence(SIX), "price").loc[4]
    assert price["conf_high"] == pytest.approx(known["conf_high"])
