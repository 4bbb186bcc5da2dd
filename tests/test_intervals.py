"""Limits and corrected p values against scipy, statsmodels' definitions and published numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats

import churnlab as cl
from churnlab import intervals

share = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
level = st.sampled_from([0.8, 0.9, 0.95, 0.99])


@given(share, level)
def test_shares_equal_scipy(k_of_n, level):
    k, n = k_of_n
    test = stats.binomtest(k, n)

    for ours, method in ((intervals.wilson, "wilson"), (intervals.exact, "exact")):
        low, high = ours(k, n, level=level)
        theirs = test.proportion_ci(level, method=method)
        assert float(low) == pytest.approx(theirs.low, abs=1e-9)
        assert float(high) == pytest.approx(theirs.high, abs=1e-9)


def test_published_shares():
    """20 of 400: 3.3–7.6 %; 150 of 1,000: 12.9–17.3 %; 1 of 4 and 1 of 16, exact."""
    low, high = intervals.wilson([20, 150], [400, 1000])
    assert (100 * low).round(1).tolist() == [3.3, 12.9]
    assert (100 * high).round(1).tolist() == [7.6, 17.3]
    low, high = intervals.exact([1, 1], [4, 16])
    assert (100 * low).round(1).tolist() == [0.6, 0.2]
    assert (100 * high).round(1).tolist() == [80.6, 30.2]


@given(st.integers(0, 200), st.floats(0.5, 1e4), level)
def test_poisson_limits_invert_the_tail(events, exposure, level):
    low, high = intervals.poisson(events, exposure, level=level)
    tail = (1 - level) / 2

    assert stats.poisson.cdf(events, high * exposure) == pytest.approx(tail, rel=1e-6)
    if events:
        assert stats.poisson.sf(events - 1, low * exposure) == pytest.approx(tail, rel=1e-6)
    else:
        assert low == 0


def test_nothing_of_nothing_has_no_limits():
    for limits in (intervals.wilson(0, 0), intervals.exact(0, 0), intervals.poisson(0, 0)):
        assert np.isnan(limits).all()


@pytest.mark.parametrize("conf", ["log-log", "log", "plain", "logit"])
def test_curve_limits_hold_the_estimate_and_stay_shares(conf):
    s = np.array([0.01, 0.3, 0.5, 0.99])
    low, high = intervals.survival(s, [0.01, 0.1, 0.2, 0.01], conf=conf)

    assert ((low >= 0) & (low < s) & (s < high) & (high <= 1)).all()


def test_where_curve_limits_are_missing():
    for conf, at_one in (("log-log", True), ("logit", True), ("log", False), ("plain", False)):
        low, high = intervals.survival([1.0, 0.0], [0.0, 0.0], conf=conf)
        assert np.isnan(low).tolist() == [at_one, True]
        assert np.isnan(high).tolist() == [at_one, True]


def test_holm_and_benjamini_hochberg():
    """BH against scipy; Holm by hand: 3·.01, 2·.02, then not below the one before."""
    p = [0.02, 0.01, 0.04, 0.04]
    np.testing.assert_allclose(intervals.benjamini_hochberg(p), stats.false_discovery_control(p))
    np.testing.assert_allclose(intervals.holm(p), [0.06, 0.04, 0.08, 0.08])
    assert intervals.holm([]).size == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: intervals.wilson(3, 2),
        lambda: intervals.exact(-1, 2),
        lambda: intervals.wilson(1, 2, level=95),
        lambda: intervals.holm([0.5, 1.2]),
        lambda: intervals.holm([0.5, np.nan]),
        lambda: intervals.survival(0.5, 0.1, conf="cloglog"),
    ],
)
def test_what_cannot_be_is_refused(call):
    with pytest.raises(cl.InputError):
        call()
