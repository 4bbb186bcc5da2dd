"""Published results, to the digits that were printed; the sources stand in tests/reference/README.md."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import churnlab as cl
from tests.reference import read

LEUKAEMIA: dict[str, Any] = {"duration": "weeks", "by": "treatment"}
DIED: dict[str, Any] = {"duration": "time", "event": "status", "event_value": 2}


def rounded(values: Any, digits: int) -> list[float]:
    return [round(float(v), digits) for v in np.ravel(np.asarray(values, dtype=float))]


def test_leukaemia():
    frame = read("leukaemia")
    drug = cl.survival.kaplan_meier(frame, **LEUKAEMIA).query("treatment == '6-MP' and n_event > 0")

    assert drug["duration"].tolist() == [6, 7, 10, 13, 16, 22, 23]
    printed = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert rounded(drug["estimate"], 4) == printed
    assert rounded(drug["std_error"], 4) == [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    assert cl.survival.quantiles(frame, q=0.5, **LEUKAEMIA)["estimate"].tolist() == [23, 8]
    groups = cl.compare.observed_expected(frame, **LEUKAEMIA)
    assert groups["n_event"].tolist() == [9, 21]
    assert rounded(groups["expected"], 1) == [19.3, 10.7]
    test = cl.compare.logrank(frame, **LEUKAEMIA).iloc[0]
    assert (round(test["statistic"], 5), test["df"]) == (16.79294, 1)
    assert f"{test['p_value']:.5e}" == "4.16881e-05"


@pytest.mark.parametrize(
    ("weighting", "rho", "printed"),
    [
        ("gehan", 0, 13.4579),
        ("tarone-ware", 0, 15.1236),
        ("peto", 0, 14.0841),
        ("fleming-harrington", 1, 14.4572),
    ],
)
def test_leukaemia_weighted(weighting, rho, printed):
    test = cl.compare.logrank(read("leukaemia"), weighting=weighting, rho=rho, **LEUKAEMIA)

    assert round(test["statistic"][0], 4) == printed


def test_acute_myelogenous_leukaemia():
    frame, roles = read("aml"), {"duration": "time", "event": "status", "by": "x"}

    groups = cl.compare.observed_expected(frame, **roles)
    assert groups["n_event"].tolist() == [7, 11]
    assert rounded(groups["expected"], 2) == [10.69, 7.31]
    assert rounded(cl.compare.logrank(frame, **roles)["statistic"], 1) == [3.4]


def test_lung_by_sex():
    frame = read("lung")
    test = cl.compare.logrank(frame, by="sex", **DIED).iloc[0]
    assert (round(test["statistic"], 5), round(test["p_value"], 7)) == (10.32674, 0.0013112)
    groups = cl.compare.observed_expected(frame, by="sex", **DIED)
    assert groups["n_event"].tolist() == [112, 53]
    assert rounded(groups["expected"], 1) == [91.6, 73.4]

    until = {"until": 965, "by": "sex", **DIED}
    means = cl.survival.restricted_mean(frame, **until)
    assert rounded(means["estimate"], 4) == [324.0484, 455.9041]
    assert rounded(means["std_error"], 5) == [22.29794, 32.91742]
    apart = cl.compare.restricted_mean(frame, **until).set_index("term").loc["difference"]
    assert rounded(apart[["estimate"]], 4) == [131.8557]
    assert rounded(apart[["conf_low", "conf_high"]], 2) == [53.93, 209.78]
    assert round(apart["p_value"], 8) == 0.00091186


@pytest.mark.parametrize(("conf", "limits"), [("log", [285, 363]), ("log-log", [284, 361])])
def test_lung_median(conf, limits):
    median = cl.survival.quantiles(read("lung"), q=0.5, conf=conf, **DIED)

    assert median[["estimate", "conf_low", "conf_high"]].to_numpy().tolist() == [[310, *limits]]


def test_lung_quartiles_by_performance():
    printed = {0: [285, 394, 655], 1: [181, 306, 550], 2: [105, 199, 351]}
    theirs = read("named_results").query("data == 'lung_by_ph.ecog'")
    limits = theirs.set_index(["what", "group"])["value"]

    for conf in ("log", "log-log", "plain"):
        quartiles = cl.survival.quantiles(read("lung"), by="ph.ecog", conf=conf, **DIED)
        for group, of_group in quartiles.groupby("ph.ecog"):
            if group in printed:
                assert of_group["estimate"].tolist() == printed[group]
            for row in of_group.itertuples():
                name = f"quantile_{row.quantile:g}"
                both = [limits[f"{name}_{end}_{conf}", f"{group:g}"] for end in ("low", "high")]
                np.testing.assert_array_equal([row.conf_low, row.conf_high], both)


def test_lung_stratified_and_weighted():
    frame = read("lung")
    eight = cl.compare.logrank(
        frame.dropna(subset="pat.karno"), by="pat.karno", strata="inst", **DIED
    )
    assert (round(eight["statistic"][0], 3), eight["df"][0]) != (np.nan, 0)
    known = frame.dropna(subset=["pat.karno", "inst"])
    eight = cl.compare.logrank(known, by="pat.karno", strata="inst", **DIED)
    assert (round(eight["statistic"][0], 3), eight["df"][0]) == (21.368, 7)

    by_place = frame.dropna(subset="inst")
    half = cl.compare.logrank(
        by_place, by="inst", weighting="fleming-harrington", rho=0.5, **DIED
    ).iloc[0]
    assert (round(half["statistic"], 1), half["df"]) == (15.1, 17)
    assert round(half["p_value"], 4) == 0.5904


def test_waltons():
    frame, roles = read("waltons"), {"duration": "time", "by": "group"}

    means = cl.survival.restricted_mean(frame, until=10, **roles).set_index("group")

    assert rounded(means.loc["miR-137", ["estimate"]], 4) == [9.7941]
    assert rounded(means.loc["miR-137", ["std_error"]], 5) == [0.12324]
    assert rounded(means.loc["control", ["estimate"]], 4) == [9.9767]
    assert rounded(means.loc["control", ["std_error"]], 5) == [0.02317]
    apart = cl.compare.restricted_mean(frame, until=10, **roles).set_index("term")
    assert round(apart.loc["difference", "p_value"], 3) == 0.145


def test_gray():
    frame = read("gray_100").assign(churned=lambda f: f["cause"] > 0)
    roles = {"duration": "time", "event": "churned", "reason": "cause", "timefix": False}
    printed = read("gray_100_tests")
    assert {3.393977, 1.989511} <= set(printed["printed"])

    for (stratified, rho), expected in printed[printed["fit"] == "all"].groupby(
        ["stratified", "rho"]
    ):
        found = cl.compare.gray(
            frame, by="group", strata="stratum" if stratified else None, rho=rho, **roles
        )
        np.testing.assert_allclose(found["statistic"], expected["statistic"], rtol=1e-8)
        np.testing.assert_allclose(found["p_value"], expected["p_value"], rtol=1e-8)
        shown = expected["printed"].to_numpy(float)
        there = ~np.isnan(shown)
        np.testing.assert_allclose(
            found["statistic"].to_numpy()[there], shown[there], rtol=0, atol=1e-6
        )


def test_fourteen_rows():
    """Therneau's set: its weights are S just before, in fractions: 11/12, 11/15, 11/36; 5/12; 1/2."""
    frame = read("finegray_14").assign(churned=lambda f: f["status"] > 0)
    found = cl.survival.incidence(frame, duration="time", event="churned", reason="status")

    theirs = read("finegray_14_incidence")
    for code, of_reason in theirs.groupby("reason"):
        ours = found[found["reason"] == code.removeprefix("type")].set_index("duration")
        ours = ours.loc[of_reason["time"].tolist()]
        np.testing.assert_allclose(ours["estimate"], of_reason["estimate"], rtol=1e-12)
        np.testing.assert_allclose(ours["std_error"], of_reason["std_err"], rtol=1e-10)
    # the weights are censoring curves: at a tie those who leave are gone before the censored ones
    running = frame.assign(time=frame["time"] - 0.5 * frame["churned"], event=~frame["churned"])
    curve = cl.survival.kaplan_meier(running, duration="time").set_index("duration")["estimate"]
    weights = read("finegray_14_weights").query("reason == 'type1'").sort_values(["id", "start"])
    for number, fractions in (
        (2, [1, 11 / 12, 11 / 15, 11 / 36]),
        (7, [1, 5 / 12]),
        (11, [1, 1 / 2]),
    ):
        pieces = weights[weights["id"] == number]
        np.testing.assert_allclose(pieces["weight"], fractions, rtol=1e-12)
        since = curve[curve.index < frame.loc[frame["id"] == number, "time"].item()].iloc[-1]
        for weight, end in zip(pieces["weight"], pieces["stop"], strict=True):
            before = curve[curve.index < end - 0.5].iloc[-1]
            assert min(before / since, 1) == pytest.approx(weight, rel=1e-12)
