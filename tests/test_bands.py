"""Simultaneous bands: critical values against tables, other numerics and simulation; coverage."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from scipy import integrate, linalg, optimize
from scipy.special import hyp1f1, kolmogi
from scipy.stats import norm

import churnlab as cl
from churnlab.survival import critical
from tests.reference import read
from tests.test_quantiles import close

LUNG = {"duration": "time", "event": "status", "event_value": 2}
LEVELS = (0.5, 0.9, 0.95, 0.99)


# -------------------------------------------------------------------------------- Hall and Wellner
def test_hall_wellner_equals_the_printed_tables():
    """To the four digits of the tables of Klein and Moeschberger (2003), appendix C."""
    table = read("km_ci_tables").query("band == 'hall_wellner'")
    table = table[table["a_low"] < table["a_high"]]

    gaps = [
        abs(critical.hall_wellner(low, high, level=level) - printed)
        for level, low, high, printed in table.drop(columns="band").to_numpy()
    ]

    assert len(gaps) == 183
    assert sorted(gaps)[-4] < 6e-5  # all but three cells, which are off by up to three in the last
    assert max(gaps) < 4e-4


def test_hall_wellner_over_the_whole_bridge_is_kolmogorovs():
    for level in LEVELS:
        assert critical.hall_wellner(0, 1, level=level) == pytest.approx(kolmogi(1 - level))


def test_hall_wellner_is_the_same_from_either_end():
    for level in LEVELS:
        ends = [critical.hall_wellner(*x, level=level) for x in ((0.1, 0.7), (0.3, 0.9))]
        assert ends[0] == pytest.approx(ends[1], abs=1e-9)


# --------------------------------------------------------------------------------- equal precision
def by_confluent_functions(c: float, length: float) -> float:
    """P by the eigenfunctions M(−λ, ½, x²/2) of the Ornstein–Uhlenbeck process between ±c."""
    grid = np.linspace(1e-9, 60, 4000)
    values = hyp1f1(-grid, 0.5, c * c / 2)
    total = 0.0
    for place in np.flatnonzero(np.sign(values[1:]) != np.sign(values[:-1])):
        root = optimize.brentq(
            lambda x: hyp1f1(-x, 0.5, c * c / 2), grid[place], grid[place + 1], xtol=1e-14
        )

        def f(x, root=root):
            return hyp1f1(-root, 0.5, x * x / 2)

        first = integrate.quad(lambda x, f=f: f(x) * norm.pdf(x), -c, c, epsabs=1e-13)[0]
        second = integrate.quad(lambda x, f=f: f(x) ** 2 * norm.pdf(x), -c, c, epsabs=1e-13)[0]
        total += exp(-root * length) * first**2 / second
    return total


@pytest.mark.parametrize("length", [0.6, 2.0, 7.8])
def test_equal_precision_equals_another_series(length):
    for level in (0.5, 0.9, 0.95, 0.99):
        c = critical.equal_precision(0.5, 1 / (1 + exp(-length)), level=level)
        assert by_confluent_functions(c, length) == pytest.approx(level, abs=1e-8)


def by_differences(c: float, length: float, points: int) -> float:
    """P with the generator ½ (f'' − x f') put on a grid, in its symmetric form."""
    h = 2 * c / (points + 1)
    x = -c + h * np.arange(1, points + 1)
    energies, vectors = linalg.eigh_tridiagonal(
        1 / h**2 + x**2 / 8 - 0.25, np.full(points - 1, -0.5 / h**2)
    )
    parts = vectors.T @ np.sqrt(norm.pdf(x) * h)
    return float((np.exp(-energies * length) * parts**2).sum())


@pytest.mark.parametrize("length", [0.0029, 0.0031, 0.05, 1.0])
def test_equal_precision_equals_differences_on_a_grid(length):
    """Both sides of the length at which the way to compute it changes; errors fall with h."""
    c = critical.equal_precision(0.5, 1 / (1 + exp(-length)), level=0.95)

    coarse, fine = (by_differences(c, length, points) for points in (600, 1201))

    assert 2 * fine - coarse == pytest.approx(0.95, abs=2e-5)


def test_equal_precision_where_nothing_happens_between_the_ends_is_the_normal_quantile():
    for level in LEVELS:
        z = norm.ppf(0.5 + level / 2)
        assert critical.equal_precision(0.3, 0.3, level=level) == pytest.approx(z)
        assert critical.hall_wellner(0.3, 0.3, level=level) == pytest.approx(z * 0.21**0.5)
        short = [critical.equal_precision(0.3, 0.3 + d, level=level) for d in (1e-9, 1e-6, 1e-3)]
        assert z < short[0] < short[1] < short[2] < z + 0.1


def test_equal_precision_is_close_to_the_printed_tables():
    """They are Miller and Siegmund's approximation, good for long ranges and small chances.

    φ(c) ((c − 1/c) L + 4/c) = 1 − level, with L the length in log-odds.
    """
    table = read("km_ci_tables").query("band == 'equal_precision' and a_low < a_high")
    found = []
    for level, low, high, printed in table.drop(columns="band").to_numpy():
        length = log(high / low) - log((1 - high) / (1 - low))
        formula = optimize.brentq(
            lambda c, length=length, level=level: (
                norm.pdf(c) * ((c - 1 / c) * length + 4 / c) - 1 + level
            ),
            1.5,
            9,
        )
        assert printed == pytest.approx(formula, abs=6e-5)
        found.append((length, level, printed - critical.equal_precision(low, high, level=level)))
    length, level, gap = np.array(found).T

    assert len(gap) == 98
    for least, most in ((0, 0.2), (0.5, 0.03), (1, 0.015), (3, 0.009)):
        assert np.abs(gap[length > least]).max() < most
    assert np.abs(gap[level == 0.95]).mean() < np.abs(gap[level == 0.9]).mean()


@pytest.mark.slow
def test_critical_values_equal_simulated_bridges():
    """Of 60,000 bridges at 4,001 places, between which they reach 0.583 √step further."""
    random = np.random.default_rng(3)
    low, high, steps, paths = 0.2, 0.8, 4000, 60_000
    step = (high - low) / steps
    further = 0.583 * step**0.5
    u = low
    bridge = random.normal(0, (u * (1 - u)) ** 0.5, paths)
    highest, precise = np.abs(bridge), np.abs(bridge) / (u * (1 - u)) ** 0.5  # exact at the ends
    for _ in range(steps):
        left, u = 1 - u, u + step
        bridge = bridge * (1 - u) / left
        bridge += random.normal(0, (step * (1 - u) / left) ** 0.5, paths)
        reach = np.abs(bridge) + further
        np.maximum(highest, reach, out=highest)
        np.maximum(precise, reach / (u * (1 - u)) ** 0.5, out=precise)

    for level in (0.9, 0.95):
        k, c = np.quantile(highest, level), np.quantile(precise, level)
        assert critical.hall_wellner(low, high, level=level) == pytest.approx(k, abs=8e-3)
        assert critical.equal_precision(low, high, level=level) == pytest.approx(c, abs=2e-2)


# ----------------------------------------------------------------------------------- against km.ci
METHODS = {
    "epband": ("equal_precision", "plain"),
    "logep": ("equal_precision", "log-log"),
    "hall-wellner": ("hall_wellner", "plain"),
    "loghall": ("hall_wellner", "log-log"),
}


@pytest.mark.parametrize("since", [5, 100])
@pytest.mark.parametrize("method", METHODS)
def test_equals_km_ci_with_its_critical_values(method, since, monkeypatch):
    """km.ci interpolates its tables; with what it makes of them its bands are ours."""
    kind, conf = METHODS[method]
    values = read("km_ci_lung_critical").query(
        "method == @method and since == @since and level == 0.95"
    )
    assert len(values) == 1
    theirs = read("km_ci_lung").query("method == @method and since == @since")
    theirs = theirs[(theirs["time"] >= since) & (theirs["time"] <= values["until"].iloc[0])]
    monkeypatch.setattr(critical, kind, lambda *_, **__: values["critical"].iloc[0])
    until = None if since == 5 else 500

    ours = cl.survival.bands(
        read("lung"), kind=kind, conf=conf, since=None if since == 5 else since, until=until, **LUNG
    ).set_index("duration")

    if since == 5:
        assert ours.index.tolist() == theirs["time"].tolist()
    rows = ours.loc[theirs["time"]]
    close(rows["estimate"], theirs["surv"])
    close(rows["conf_low"], theirs["lower"].clip(0, 1))
    close(rows["conf_high"], theirs["upper"].clip(0, 1))


def test_clocks_of_lung_equal_km_ci(monkeypatch):
    """a = N σ² / (1 + N σ²) at both ends."""
    seen = []
    monkeypatch.setattr(critical, "hall_wellner", lambda *ends, **_: seen.extend(ends) or 1.0)
    cl.survival.bands(read("lung"), kind="hall_wellner", **LUNG)
    cl.survival.bands(read("lung"), kind="hall_wellner", since=100, until=500, **LUNG)

    theirs = read("km_ci_lung_critical").query("method == 'hall-wellner' and level == 0.95")
    close(seen, theirs[["a_low", "a_high"]].to_numpy().ravel())


# --------------------------------------------------------------------------------------- the rules
def test_the_band_is_wider_than_the_limits_of_one_duration():
    limits = cl.survival.kaplan_meier(read("lung"), **LUNG).set_index("duration")

    for kind in ("equal_precision", "hall_wellner"):
        band = cl.survival.bands(read("lung"), kind=kind, **LUNG).set_index("duration")
        same = limits.loc[band.index]
        assert (band.index[0], band.index[-1]) == (5, 883)
        pd.testing.assert_series_equal(band["estimate"], same["estimate"])
        pd.testing.assert_series_equal(band["std_error"], same["std_error"])
        assert (band["conf_low"] < same["conf_low"]).all()
        assert (band["conf_high"] > same["conf_high"]).all()


def test_with_a_single_churn_it_is_the_limit_of_one_duration():
    rows = pd.DataFrame({"duration": [1, 2, 3, 4], "event": [0, 1, 0, 0]})

    for kind in ("equal_precision", "hall_wellner"):
        band = cl.survival.bands(rows, kind=kind)
        close(band, cl.survival.kaplan_meier(rows).loc[[2], band.columns], tolerance=1e-12)


def test_the_range_is_what_was_asked_for_as_far_as_there_is_something_to_say():
    rows = pd.DataFrame({"duration": [2, 4, 6, 8, 9, 9], "event": [1, 1, 0, 1, 0, 0]})

    def durations(**arguments):
        return cl.survival.bands(rows, **arguments)["duration"].tolist()

    assert durations() == [2, 4, 6, 8]
    assert durations(since=3, until=7) == [3, 4, 6]
    assert durations(since=2.5, until=4) == [2.5, 4]
    assert durations(since=0, until=99) == [2, 4, 6, 8, 9]
    assert durations(since=0, kind="hall_wellner", conf="plain") == [0, 2, 4, 6, 8]
    everyone = cl.survival.bands(rows.assign(event=1))
    assert everyone["duration"].tolist() == [2, 4, 6, 8]
    # at S = 1 the band of Hall and Wellner has a width, except where log(−log S) is not there
    start = cl.survival.bands(rows, since=0, kind="hall_wellner", conf="plain").iloc[0]
    assert start["conf_low"] < 1 == start["conf_high"]


def test_a_narrower_range_has_a_narrower_band():
    wide, narrow = (
        cl.survival.bands(read("lung"), since=s, until=u, **LUNG).set_index("duration")
        for s, u in ((None, None), (200, 400))
    )

    inner = narrow.index[1:]
    assert (narrow.loc[inner, "conf_low"] > wide.loc[inner, "conf_low"]).all()


def test_a_group_without_events_has_a_row_without_limits():
    rows = pd.DataFrame(
        {"duration": [1, 2, 3, 4, 1, 1], "event": [1, 1, 0, 0, 1, 1], "plan": list("aabbcc")}
    )

    found = cl.survival.bands(rows, by="plan").set_index("plan")

    assert found["duration"].to_dict() == {"a": 1, "b": 0, "c": 0}
    assert found.loc[["b", "c"], ["conf_low", "conf_high"]].isna().all(axis=None)
    assert found.loc["a", ["conf_low", "conf_high"]].notna().all()
    late = cl.survival.bands(rows, by="plan", since=2, until=3).set_index("plan")
    assert late["duration"].tolist() == [2, 2, 2]
    assert late["estimate"].tolist() == [0, 1, 0]
    assert late[["conf_low", "conf_high"]].isna().all(axis=None)


def test_late_entries_change_the_clock_alone():
    """Equal precision knows only the ratio of the variances at the ends: N cancels."""
    rows = read("truncated")
    found = cl.survival.bands(rows, duration="time", event="event")
    variance = (found["std_error"] / found["estimate"]) ** 2
    first, last = variance.iloc[0], variance.iloc[-1]
    c = critical.equal_precision(first / (1 + first), last / (1 + last), level=0.95)

    plain = cl.survival.bands(rows, duration="time", event="event", conf="plain")

    half = (found["estimate"] - plain["conf_low"]) / found["std_error"]
    close(half[plain["conf_low"] > 0], c)


MANY = pd.DataFrame({"duration": [1, 2, 3], "event": [1, 0, 1], "who": ["x", "x", "y"]})


def test_spells_that_belong_together_are_refused():
    with pytest.raises(cl.InputError, match="1 clusters have more than one.*cluster=None"):
        cl.survival.bands(MANY, cluster="who")
    with pytest.raises(cl.InputError, match="1 clusters have more than one"):
        cl.survival.bands(MANY.drop(index=0).assign(k=[1, 2]), cluster="who", count="k")
    with pytest.raises(cl.InputError, match="weights are fractions.*whole weights"):
        cl.survival.bands(MANY.assign(w=0.5), weight="w")

    # a customer for every spell is no reason to refuse
    alone = MANY.assign(who=list("xyz"))
    pd.testing.assert_frame_equal(
        cl.survival.bands(MANY), cl.survival.bands(alone, cluster="who"), check_like=True
    )
    pd.testing.assert_frame_equal(
        cl.survival.bands(MANY.loc[[0, 1, 1, 2]]),
        cl.survival.bands(MANY.assign(w=[1, 2, 1]), weight="w"),
    )


LIES = {
    "no such band": ({"kind": "nair"}, "not one of 'equal_precision', 'hall_wellner'"),
    "a range that ends before it begins": ({"since": 3, "until": 2}, "must not be earlier"),
    "a percentage": ({"level": 95}, "Did you mean 0.95"),
}


@pytest.mark.parametrize("story", LIES)
def test_misuse_ends_in_one_clear_message(story):
    arguments, message = LIES[story]

    with pytest.raises(cl.InputError, match=message):
        cl.survival.bands(MANY, **arguments)


spell = st.tuples(st.integers(0, 12), st.booleans(), st.integers(1, 3))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(spell, min_size=1, max_size=40), st.sampled_from(["equal_precision", "hall_wellner"])
)
def test_properties(spells, kind):
    frame = pd.DataFrame(spells, columns=["duration", "event", "k"])

    found = cl.survival.bands(frame, kind=kind)
    shuffled = cl.survival.bands(frame.sample(frac=1, random_state=1), kind=kind)
    counted = cl.survival.bands(frame, kind=kind, count="k")
    expanded = cl.survival.bands(frame.loc[frame.index.repeat(frame["k"])], kind=kind)
    quarters = cl.survival.bands(frame.assign(duration=frame["duration"] * 0.25), kind=kind)

    pd.testing.assert_frame_equal(found, shuffled)
    pd.testing.assert_frame_equal(expanded, counted)
    close(found.iloc[:, 1:], quarters.iloc[:, 1:])
    limits = found[["conf_low", "estimate", "conf_high"]].dropna().to_numpy()
    assert (np.diff(limits, axis=1) >= 0).all()


# ---------------------------------------------------------------------------------------- coverage
def holds(curve: pd.DataFrame, rate: float) -> bool:
    """Whether exp(−rate · t) is inside from the first row to the last, on every step."""
    low, high = curve["conf_low"].to_numpy(), curve["conf_high"].to_numpy()
    truth = np.exp(-rate * curve["duration"].to_numpy())
    begins = (low <= truth) & (truth <= high)
    ends = (low[:-1] <= truth[1:]) & (truth[1:] <= high[:-1])
    return bool(begins.all() and ends.all())


@pytest.mark.slow
def test_the_band_holds_the_whole_curve_as_often_as_it_says():
    """500 firms of 150 customers, a third censored; between the quartiles of what is seen."""
    random = np.random.default_rng(12)
    kept = {"equal_precision": [], "hall_wellner": [], "one at a time": []}
    for _ in range(500):
        life, cut = random.exponential(1.0, 150), random.exponential(2.0, 150)
        firm = pd.DataFrame({"duration": np.minimum(life, cut), "event": life <= cut})
        for kind in ("equal_precision", "hall_wellner"):
            band = cl.survival.bands(firm, kind=kind, since=0.1, until=1.5)
            kept[kind].append(holds(band, 1.0))
        limits = cl.survival.kaplan_meier(firm)
        limits = limits[(limits["duration"] >= 0.1) & (limits["duration"] <= 1.5)]
        kept["one at a time"].append(holds(limits, 1.0))

    assert 0.93 <= np.mean(kept["equal_precision"]) <= 0.975
    assert 0.93 <= np.mean(kept["hall_wellner"]) <= 0.975
    assert np.mean(kept["one at a time"]) < 0.75
