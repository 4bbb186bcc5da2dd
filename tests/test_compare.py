"""Comparisons: by hand in by_hand/, against R here, by brute force, and their properties."""

from __future__ import annotations

import itertools
from math import log, sqrt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import churnlab as cl
from churnlab.compare import counts
from tests import engines
from tests.reference import read

WEIGHTINGS = ("logrank", "gehan", "tarone-ware", "peto", "fleming-harrington")


@pytest.fixture(params=engines.PARAMS)
def table_of(request, tmp_path):
    return engines.maker(request, tmp_path)


def random_spells() -> dict[int, tuple[pd.DataFrame, pd.Series]]:
    sets = read("random_sets").set_index("set")
    return {i: (part, sets.loc[i]) for i, part in read("random_spells").groupby("set")}


def close(ours, theirs, tolerance=1e-8):
    np.testing.assert_allclose(
        np.asarray(ours, float), np.asarray(theirs, float), rtol=tolerance, atol=tolerance
    )


# ------------------------------------------------------------------ against R and published figures


def test_log_rank_equals_r_survdiff():
    """R's rho = 0 and 1, with and without strata; it stops where a group was never compared."""
    spells, n_stopped = random_spells(), 0
    for r in read("random_logrank").itertuples():
        if (r.set + r.rho + r.stratified) % 3:  # a third of them, each kind in turn
            continue
        frame, kind = spells[r.set]
        ours = cl.compare.logrank(
            frame, by="plan", strata="region" if r.stratified else None, entry=None,
            weighting="fleming-harrington", rho=r.rho,
            weight="weight" if kind["weight"] == "whole" else None,
        ).iloc[0]  # fmt: skip
        if np.isnan(r.statistic):
            n_stopped += 1
            assert np.isnan(ours["statistic"]) or ours["df"] < kind["groups"] - 1
            continue
        close(ours[["statistic", "df", "p_value"]], [r.statistic, r.df, r.p_value])
    assert n_stopped < 15


def test_observed_and_expected_equal_r_survdiff():
    spells = random_spells()
    theirs = read("random_logrank_groups")
    theirs = theirs[(theirs["rho"] == 0) & ((theirs["set"] + theirs["stratified"]) % 3 == 1)]
    for (number, stratified), group in theirs.groupby(["set", "stratified"]):
        frame, kind = spells[number]
        ours = cl.compare.observed_expected(
            frame, by="plan", strata="region" if stratified else None, entry=None,
            weight="weight" if kind["weight"] == "whole" else None,
        )  # fmt: skip

        assert ours["plan"].tolist() == group["plan"].tolist()
        close(
            ours[["n", "n_event", "expected", "score_variance"]],
            group[["n", "observed", "expected", "variance"]],
        )


def test_robust_tests_equal_r_coxph():
    """Lin and Wei's score test of R's coxph at 0, ties as Breslow's: weights, customers, entries."""
    spells, n_compared = random_spells(), 0
    for r in read("random_robust_score").itertuples():
        if (r.set + r.stratified) % 2:
            continue
        frame, kind = spells[r.set]
        roles = {
            "by": "plan",
            "strata": "region" if r.stratified else None,
            "weight": None if kind["weight"] == "none" else "weight",
            "entry": "entry" if kind["entry"] else None,
        }
        frame = frame.assign(row=[f"r{i}" for i in range(len(frame))])
        cluster = "customer" if kind["customer"] else "row"
        ours = cl.compare.logrank(frame, cluster=cluster, **roles).iloc[0]
        if np.isnan(ours["statistic"]):  # as many customers as comparisons: R gives their number
            assert np.isnan(r.robust) or r.robust == pytest.approx(ours["df"])
        elif not np.isnan(r.robust):
            close(ours[["statistic", "df"]], [r.robust, r.df])
            n_compared += 1
        if not np.isnan(r.exact):
            close(cl.compare.logrank(frame, **roles)["statistic"], [r.exact])
        if kind["weight"] == "quarters" and not kind["customer"] and n_compared % 4 == 0:
            alone = cl.compare.logrank(frame, **roles).iloc[0]
            assert alone["variance"] == "robust"
            close(alone["statistic"], ours["statistic"])
    assert n_compared > 60


@pytest.mark.parametrize(
    ("weighting", "published"),
    [
        ({"weighting": "logrank"}, 16.7929),
        ({"weighting": "gehan"}, 13.4579),
        ({"weighting": "tarone-ware"}, 15.1236),
        ({"weighting": "peto"}, 14.0841),
        ({"weighting": "fleming-harrington", "rho": 1}, 14.4572),
    ],
    ids=lambda value: value["weighting"] if isinstance(value, dict) else "",
)
def test_published_leukaemia_tests(weighting, published):
    row = cl.compare.logrank(read("leukaemia"), duration="weeks", by="treatment", **weighting)

    assert row["statistic"].iloc[0] == pytest.approx(published, abs=5e-5)


LUNG = {"duration": "time", "event": "status", "event_value": 2, "by": "sex"}


def test_published_lung_figures():
    """Log-rank 10.32674, p 0.0013112; 112 churns against 91.6, 53 against 73.4."""
    row = cl.compare.logrank(read("lung"), **LUNG).iloc[0]
    groups = cl.compare.observed_expected(read("lung"), **LUNG)

    assert row["statistic"] == pytest.approx(10.32674, abs=5e-6)
    assert row["p_value"] == pytest.approx(0.0013112, abs=5e-8)
    assert groups["n_event"].tolist() == [112, 53]
    assert groups["expected"].round(1).tolist() == [91.6, 73.4]


def test_published_lung_restricted_means():
    """Difference 131.8557 [53.93, 209.78], p 0.00091186; errors 22.29794 and 32.91742."""
    row = cl.compare.restricted_mean(read("lung"), until=965, **LUNG).iloc[0]

    assert row["estimate"] == pytest.approx(455.9041 - 324.0484, abs=1e-4)
    assert row["std_error"] == pytest.approx(sqrt(22.29794**2 + 32.91742**2), abs=1e-4)
    assert [row["conf_low"], row["conf_high"]] == pytest.approx([53.93, 209.78], abs=5e-3)
    assert row["p_value"] == pytest.approx(0.00091186, abs=5e-9)


def test_restricted_mean_errors_equal_r():
    """Each set beside two spells that churn at half the time and at the end: mean 3/4, A²/2."""
    spells = random_spells()
    theirs = read("random_rmst")
    for r in theirs[theirs["set"] % 5 == 1].itertuples():
        frame, kind = spells[r.set]
        frame = frame if r.group == "all" else frame[frame["plan"] == r.group]
        known = pd.DataFrame({
            "duration": [r.until / 2, r.until], "event": 1, "customer": ["x1", "x2"],
            "weight": 1.0, "group": "known",
        })  # fmt: skip
        both = pd.concat([known, frame.assign(group="r")], ignore_index=True)
        row = cl.compare.restricted_mean(
            both, by="group", until=r.until, reference="known",
            weight=None if kind["weight"] == "none" else "weight",
            cluster="customer" if kind["customer"] else None,
        ).iloc[0]  # fmt: skip

        close(row["estimate"], r.rmean - 0.75 * r.until)
        error = r.robust_se if np.isnan(r.std_err) else r.std_err
        if error > 0 and not (kind["customer"] and frame["customer"].nunique() == 1):
            close(row["std_error"] ** 2, error**2 + (r.until / 4) ** 2 / 2)
        else:
            assert np.isnan(row["std_error"])


def test_restricted_means_equal_those_of_the_groups():
    frame = read("lung").assign(w=lambda x: 1 + 0.25 * (x["time"] % 3), who=np.arange(228) // 3)
    frame["who"] = frame["who"] * 2 + frame["sex"]  # no customer in both groups
    for roles in ({}, {"weight": "w"}, {"cluster": "who"}):
        means = cl.survival.restricted_mean(frame, until=500, **LUNG, **roles)
        row = cl.compare.restricted_mean(frame, until=500, **LUNG, **roles).iloc[0]

        assert row["estimate"] == pytest.approx(means["estimate"].diff().iloc[1])
        assert row["std_error"] == pytest.approx(sqrt((means["std_error"] ** 2).sum()))


def test_milestones_equal_the_curves():
    frame = read("lung").assign(half=np.arange(228) % 2)
    for roles in ({}, {"weight": "w"}, {"cluster": "half"}):
        frame = frame.assign(w=1 + 0.25 * (frame["time"] % 3))
        curves = cl.survival.kaplan_meier(frame, **LUNG, **roles)
        at = curves[curves["duration"] <= 500].groupby("sex").last()
        row = cl.compare.milestone(frame.assign(half=frame["half"] * 2 + frame["sex"]), at=500.5,
                                   **LUNG, **roles).iloc[0]  # fmt: skip
        assert row["estimate"] == pytest.approx(at.loc[2, "estimate"] - at.loc[1, "estimate"])
        if not roles.get("cluster"):
            assert row["std_error"] == pytest.approx(sqrt((at["std_error"] ** 2).sum()))


def test_a_milestone_shared_by_clusters_is_the_jackknife_of_the_difference():
    """Lowering the weights of one cluster a little changes the difference by its influence."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({
        "duration": rng.integers(1, 9, 60), "event": rng.random(60) < 0.7,
        "plan": rng.integers(0, 2, 60), "who": rng.integers(0, 12, 60),
    })  # fmt: skip
    step, sums = 1e-6, {"milestone": 0.0, "restricted_mean": 0.0}
    ask = {"milestone": {"at": 4}, "restricted_mean": {"until": 6}}
    for who in range(12):
        for name, argument in ask.items():
            up, down = (
                getattr(cl.compare, name)(
                    frame.assign(w=np.where(frame["who"] == who, 1 + sign * step, 1.0)),
                    by="plan", weight="w", **argument,
                )["estimate"].iloc[0]
                for sign in (1, -1)
            )  # fmt: skip
            sums[name] += ((up - down) / (2 * step)) ** 2
    for name, argument in ask.items():
        row = getattr(cl.compare, name)(frame, by="plan", cluster="who", **argument).iloc[0]
        assert row["std_error"] == pytest.approx(sqrt(sums[name]), rel=1e-5)


# ------------------------------------------------------------------ by brute force


def brute(frame: pd.DataFrame, weighting: str, rho: float, gamma: float) -> tuple[float, int]:
    """The statistic row by row: loops over strata, durations and groups."""
    groups = sorted(frame["plan"].unique())
    score, variance = np.zeros(len(groups)), np.zeros((len(groups), len(groups)))
    for _, part in frame.groupby("city"):
        stay = peto = 1.0
        for t in sorted(part.loc[part["event"] == 1, "duration"].unique()):
            at_risk = part[(part["entry"] < t) & (part["duration"] >= t)]
            gone = at_risk[(at_risk["duration"] == t) & (at_risk["event"] == 1)]
            n, d = len(at_risk), len(gone)
            peto *= 1 - d / (n + 1)
            w = {
                "logrank": 1.0,
                "gehan": n,
                "tarone-ware": sqrt(n),
                "peto": peto,
                "fleming-harrington": stay**rho * (1 - stay) ** gamma,
            }[weighting]
            share = np.array([(at_risk["plan"] == g).mean() for g in groups])
            seen = np.array([(gone["plan"] == g).sum() for g in groups])
            score += w * (seen - d * share)
            if n > 1:
                spread = np.diag(share) - np.outer(share, share)
                variance += w * w * d * (n - d) / (n - 1) * spread
            stay *= 1 - d / n
    rank = np.linalg.matrix_rank(variance, tol=1e-9) if variance.any() else 0
    return float(score @ np.linalg.pinv(variance, rcond=1e-9) @ score), int(rank)


@st.composite
def some_spells(draw, entries=True):
    n = draw(st.integers(4, 30))
    columns = {
        "duration": draw(st.lists(st.integers(1, 9), min_size=n, max_size=n)),
        "event": [1, *draw(st.lists(st.integers(0, 1), min_size=n - 1, max_size=n - 1))],
        "plan": [0, 1, *draw(st.lists(st.integers(0, 3), min_size=n - 2, max_size=n - 2))],
        "city": draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)),
    }
    frame = pd.DataFrame(columns)
    late = draw(st.lists(st.integers(0, 8), min_size=n, max_size=n)) if entries else [0] * n
    return frame.assign(entry=np.minimum(late, frame["duration"] - 1))


@settings(deadline=None, max_examples=60)
@given(some_spells(), st.sampled_from(WEIGHTINGS), st.sampled_from([0, 0.5, 1]), st.booleans())
def test_every_weighting_by_brute_force(frame, weighting, rho, late):
    gamma = 1 - rho if late else 0
    own = {"rho": rho, "gamma": gamma} if weighting == "fleming-harrington" else {}
    row = cl.compare.logrank(frame, by="plan", strata="city", weighting=weighting, **own).iloc[0]
    statistic, rank = brute(frame, weighting, rho, gamma)

    assert row["df"] == rank
    if rank:
        assert row["statistic"] == pytest.approx(statistic, rel=1e-7, abs=1e-9)
    else:
        assert np.isnan(row["statistic"]) and np.isnan(row["p_value"])


@settings(deadline=None, max_examples=12)
@given(some_spells())
def test_pairs_are_tests_of_their_two_groups(frame):
    pairs = cl.compare.pairwise(frame, by="plan", strata="city", weighting="peto")

    assert len(pairs) == len(list(itertools.combinations(frame["plan"].unique(), 2)))
    for row in pairs.itertuples():
        two = frame[frame["plan"].isin([row.group, row.reference])]
        if two["event"].any():
            alone = cl.compare.logrank(two, by="plan", strata="city", weighting="peto").iloc[0]
            assert row.df == alone["df"]
            close(row.statistic, alone["statistic"])
        else:
            assert row.df == 0 and np.isnan(row.statistic) and np.isnan(row.p_adjusted)
    known = pairs.dropna()
    assert (known["p_adjusted"] >= known["p_value"]).all()


@settings(deadline=None, max_examples=8)
@given(some_spells())
def test_robust_pairs_are_tests_of_their_two_groups(frame):
    frame = frame.assign(who=np.arange(len(frame)) % 7, w=1 + frame["duration"] % 3 / 4)
    for roles in ({"cluster": "who"}, {"weight": "w"}):
        for row in cl.compare.pairwise(frame, by="plan", **roles).itertuples():
            two = frame[frame["plan"].isin([row.group, row.reference])]
            if two["event"].any() and (two["w"] % 1).any():
                alone = cl.compare.logrank(two, by="plan", **roles).iloc[0]
                close([row.statistic, row.df], alone[["statistic", "df"]])


# ------------------------------------------------------------------ properties


@settings(deadline=None, max_examples=15)
@given(some_spells(), st.sampled_from(WEIGHTINGS))
def test_what_may_not_matter(frame, weighting):
    ask = {"by": "plan", "strata": "city", "weighting": weighting}
    row = cl.compare.logrank(frame, **ask).iloc[0][["n_event", "statistic", "df", "p_value"]]

    shuffled = frame.sample(frac=1, random_state=1)
    renamed = frame.assign(plan=3 - frame["plan"])
    slower = frame.assign(duration=2 * frame["duration"], entry=2 * frame["entry"])
    broken = frame.assign(duration=frame["duration"] / 4, entry=frame["entry"] / 4)
    for other in (shuffled, renamed, slower, broken):
        close(cl.compare.logrank(other, **ask).iloc[0][row.index], row)


@settings(deadline=None, max_examples=8)
@given(some_spells())
def test_counts_stand_for_rows(frame):
    twice = pd.concat([frame, frame])
    ask = {"by": "plan", "strata": "city"}
    for function in (cl.compare.logrank, cl.compare.observed_expected, cl.compare.pairwise):
        rows = function(twice, **ask)
        for same in (
            function(frame.assign(k=2), count="k", **ask),
            function(frame.assign(k=2.0), weight="k", **ask),
            function(cl.survival.spell_counts(twice, by=["plan", "city"]), **ask),
        ):
            pd.testing.assert_frame_equal(same, rows, check_dtype=False, rtol=1e-9)


@settings(deadline=None, max_examples=15)
@given(some_spells())
def test_one_thing_said_in_two_ways(frame):
    two = frame.assign(plan=frame["plan"] % 2, one="all")
    row = cl.compare.logrank(two, by="plan")
    groups = cl.compare.observed_expected(two, by="plan")

    assert groups["expected"].sum() == pytest.approx(groups["n_event"].sum())
    excess, variance = groups["n_event"] - groups["expected"], groups["score_variance"]
    if row["df"].iloc[0]:
        close(row["statistic"], excess[:1] ** 2 / variance[:1])
        close(cl.compare.trend(two, by="plan")["statistic"], row["statistic"])
    plain = cl.compare.logrank(two, by="plan", weighting="fleming-harrington")
    close(plain["statistic"], row["statistic"])
    one = cl.compare.logrank(two, by="plan", strata="one")
    close(one["statistic"], row["statistic"])


@settings(deadline=None, max_examples=15)
@given(some_spells(), st.integers(1, 5), st.integers(-3, 3))
def test_a_trend_depends_on_distances_between_scores_alone(frame, slope, start):
    ask = {"by": "plan", "strata": "city"}
    own = cl.compare.trend(frame, **ask)
    moved = cl.compare.trend(frame, scores={g: start + slope * g for g in range(4)}, **ask)
    text = cl.compare.trend(frame.assign(plan=frame["plan"].astype(str)), **ask)

    close(moved["statistic"], own["statistic"])
    close(text["statistic"], own["statistic"])


def test_the_error_of_the_first_kind():
    """Of 120 tests where nothing differs about one in twenty has p < 0.05."""
    rng = np.random.default_rng(11)
    n, low, robust = 120, 0, 0
    for _ in range(120):
        customer = rng.integers(0, 60, n)
        duration = rng.exponential(1 + customer % 3, n)
        frame = pd.DataFrame({
            "duration": np.minimum(duration, 2), "event": duration < 2,
            "plan": customer % 2, "customer": customer,
        })  # fmt: skip
        low += (
            cl.compare.logrank(frame.assign(plan=rng.integers(0, 2, n)), by="plan")["p_value"].iloc[
                0
            ]
            < 0.05
        )
        robust += cl.compare.logrank(frame, by="plan", cluster="customer")["p_value"].iloc[0] < 0.05
    assert 1 <= low <= 13  # binomial: 6, give or take 2.4
    assert 1 <= robust <= 13


# ------------------------------------------------------------------ hostile tables


def test_the_same_on_every_engine(table_of):
    frame = pd.DataFrame({
        "lasting\"'": [1, 2, 3, 2, 4, 5, 5, 7, 2, 6],
        "gone": [1, 1, 1, 1, 0, 0, 1, 1, 0, 1],
        "group": ["by0", "by0", "套餐 b", "套餐 b", "", "by0", "套餐 b", "", "by0", ""],
        "n_event": ["x", "y", "x", "y", "x", "y", "x", "y", "x", "y"],
        "level": [1, 10, 2, 2, 10, 1, 1, 2, 10, 1],
        "who": ["1", "2", "3", "4", "5", "1", "2", "3", "4", "5"],
    })  # fmt: skip
    frame["group"] = frame["group"].replace("", "c d")
    roles = {"duration": "lasting\"'", "event": "gone"}
    table = table_of(frame)

    for ask in (
        {"by": "group", "strata": "n_event"},
        {"by": ["group", "n_event"]},
        {"by": "group", "cluster": "who"},
    ):
        for name in ("logrank", "pairwise"):
            ours = getattr(cl.compare, name)(table, **ask, **roles)
            theirs = getattr(cl.compare, name)(frame, **ask, **roles)
            pd.testing.assert_frame_equal(
                ours.astype({c: object for c in ("group", "reference") if c in ours}),
                theirs.astype({c: object for c in ("group", "reference") if c in theirs}),
                rtol=1e-9,
            )
            assert ours.attrs["ledger"]
    close(
        cl.compare.trend(table, by="level", **roles)["statistic"],
        cl.compare.trend(frame, by="level", **roles)["statistic"],
    )
    mean = cl.compare.restricted_mean(table, by="n_event", until=5, reference="y", **roles)
    assert mean["group"].tolist() == ["x", "x"]
    share = cl.compare.milestone(table, by="level", at=3, reference=2, **roles)
    assert share["group"].astype(int).unique().tolist() == [1, 10]


SIX = pd.DataFrame(
    {"duration": [1, 2, 3, 2, 4, 5], "event": [1, 1, 1, 1, 0, 0], "plan": list("aaabbb")}
)


@pytest.mark.parametrize(
    ("labels", "dtype"),
    [
        (["x"] * 3 + [None] * 3, "object"),
        ([True] * 3 + [False] * 3, "bool"),
        ([True] * 3 + [None] * 3, "object"),
        (["b"] * 3 + ["a"] * 3, pd.CategoricalDtype(["b", "z", "a"])),
        ([2.5] * 3 + [np.nan] * 3, "float64"),
        (["'; drop"] * 3 + ['a "b"'] * 3, "str"),
    ],
    ids=["missing", "booleans", "flags", "categories", "numbers", "hostile"],
)
def test_labels_of_any_kind(labels, dtype):
    frame = SIX.assign(plan=pd.Series(labels).astype(dtype))
    plain = cl.compare.logrank(SIX, by="plan")

    close(cl.compare.logrank(frame, by="plan")["statistic"], plain["statistic"])
    pair = cl.compare.pairwise(frame, by="plan")
    close(pair["statistic"], plain["statistic"])
    assert len(pair) == 1 and len(cl.compare.observed_expected(frame, by="plan")) == 2
    if pd.isna(labels[-1]):
        assert pd.isna(pair["group"].iloc[0])  # missing is a group of its own, last
        with pytest.raises(cl.InputError, match="without a score .missing"):
            cl.compare.trend(frame, by="plan")
        given_score = cl.compare.trend(frame, by="plan", scores={labels[0]: 0, None: 1})
        close(given_score["statistic"], plain["statistic"])
        rows = cl.compare.milestone(frame, by="plan", at=2, reference=float("nan"))
        assert rows["group"].tolist() == [labels[0]] * 3


def test_several_columns_make_a_group():
    frame = SIX.assign(city=["x", "x", "y", "y", None, "x"])

    pairs = cl.compare.pairwise(frame, by=["plan", "city"])
    rows = cl.compare.milestone(frame, by=["plan", "city"], at=1, reference=("b", "y"))

    assert pairs["group"].iloc[-1] == "b, missing"
    assert rows["reference"].unique().tolist() == ["b, y"]
    assert cl.compare.observed_expected(frame, by=["plan", "city"]).shape == (5, 7)


def test_a_group_without_churn_and_a_group_that_ends_early():
    frame = pd.DataFrame(
        {"duration": [1, 1, 4, 5, 6, 6], "event": [0, 0, 1, 1, 1, 0], "plan": list("aabbbb")}
    )
    three = pd.concat([frame, pd.DataFrame({"duration": [4, 9], "event": [0, 1], "plan": "c"})])

    row = cl.compare.logrank(three, by="plan").iloc[0]
    groups = cl.compare.observed_expected(three, by="plan").set_index("plan")

    assert row["df"] == 1  # a was over before the first churn, and is compared with nobody
    assert groups.loc["a", ["n_event", "expected"]].tolist() == [0, 0]
    assert np.isnan(groups.loc["a", "ratio"])
    assert row["statistic"] == pytest.approx(
        cl.compare.logrank(three[three["plan"] != "a"], by="plan")["statistic"].iloc[0]
    )
    alone = cl.compare.logrank(frame, by="plan").iloc[0]
    assert alone["df"] == 0 and np.isnan(alone["p_value"])


def test_groups_compared_in_separate_strata():
    """a with b in one city, c with d in the other: two comparisons, not three."""
    frame = pd.concat([SIX.assign(city="x"), SIX.replace({"a": "c", "b": "d"}).assign(city="y")])

    row = cl.compare.logrank(frame, by="plan", strata="city").iloc[0]

    assert row["df"] == 2
    single = cl.compare.logrank(SIX, by="plan")["statistic"].iloc[0]
    assert row["statistic"] == pytest.approx(2 * single)
    assert cl.compare.logrank(frame, by="plan")["df"].iloc[0] == 3


def test_one_churn():
    frame = SIX.assign(event=[0, 1, 0, 0, 0, 0])

    row = cl.compare.logrank(frame, by="plan").iloc[0]

    # five at risk, two of them a: O − E = 3/5, V = 6/25
    assert row["statistic"] == pytest.approx((3 / 5) ** 2 / (6 / 25))


def test_too_few_clusters_are_missing():
    """With as many customers as comparisons the statistic is their number whatever the data say."""
    frame = SIX.assign(who="one")

    row = cl.compare.logrank(frame, by="plan", cluster="who").iloc[0]
    rows = cl.compare.milestone(frame, by="plan", at=2, cluster="who")

    assert row["df"] == 1 and np.isnan(row["statistic"])
    assert rows[["std_error", "conf_low", "p_value"]].isna().all(axis=None)


def test_near_durations_are_one():
    frame = SIX.assign(duration=[0.1, 0.3, 0.5, 0.1 + 0.2, 0.6, 0.7])

    tied = cl.compare.logrank(frame, by="plan")["statistic"]
    whole = cl.compare.logrank(frame.assign(duration=[1, 3, 5, 3, 6, 7]), by="plan")["statistic"]
    apart = cl.compare.logrank(frame, by="plan", timefix=False)["statistic"]

    close(tied, whole)
    assert abs(apart.iloc[0] - whole.iloc[0]) > 0.01
    share = cl.compare.milestone(SIX.assign(duration=frame["duration"] + 1e-17), by="plan", at=0.3)
    assert share["estimate"].iloc[0] == pytest.approx(2 / 3 - 1 / 3)


def test_blocks_change_nothing(monkeypatch):
    """Sums are made in blocks of cells and of durations; three at a time give the same."""
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({
        "duration": rng.integers(1, 40, 200) / 4, "event": rng.random(200) < 0.6,
        "plan": rng.integers(0, 3, 200), "w": rng.integers(1, 6, 200) / 4,
    })  # fmt: skip
    whole = [cl.compare.logrank(frame, by="plan", weight=w)["statistic"] for w in (None, "w")]
    monkeypatch.setattr(counts, "BLOCK", 3)
    monkeypatch.setattr("churnlab.compare.scores.BLOCK", 3)

    small = [cl.compare.logrank(frame, by="plan", weight=w)["statistic"] for w in (None, "w")]

    close(small, whole, 1e-12)


def test_too_many_groups_are_refused(monkeypatch):
    monkeypatch.setattr(counts, "_MOST", 5)  # two groups at three durations are six
    with pytest.raises(cl.InputError, match="2 groups at 3 durations are too many to compare"):
        cl.compare.logrank(SIX, by="plan")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"by": None}, "by= must name the column"),
        ({"by": []}, "by= must name the column"),
        ({"by": "one"}, "holds one group, 'x': nothing to compare"),
        ({"event": "none"}, "no churn was seen in any group"),
        ({"strata": "plan"}, "strata='plan' is also in by"),
        ({"weighting": "wilcoxon"}, "weighting='wilcoxon' is not one of"),
        ({"rho": 1}, "rho and gamma belong to weighting='fleming-harrington'"),
        ({"weighting": "fleming-harrington", "gamma": -1}, "gamma=-1 must be a number of at least"),
    ],
    ids=lambda value: "" if isinstance(value, str) else "-".join(value),
)
def test_refusals(change, message):
    frame = SIX.assign(one="x", none=0)
    with pytest.raises(cl.InputError, match=message):
        cl.compare.logrank(frame, **{"by": "plan"} | change)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cl.compare.observed_expected(SIX.rename(columns={"plan": "n"}), by="n"),
         "by='n' is also the name of a column of the result"),
        (lambda: cl.compare.trend(SIX, by="plan", scores={"a": 1}), "without a score .'b'"),
        (lambda: cl.compare.trend(SIX, by="plan", scores={"a": 1, "b": 1}), "scores must be finite"),
        (lambda: cl.compare.trend(SIX, by="plan", scores=[1, 2]), "must map each group"),
        (lambda: cl.compare.trend(SIX, by=["plan", "event"]), "a trend runs along one column"),
        (lambda: cl.compare.pairwise(SIX, by="plan", adjust="bonferroni"), "adjust='bonferroni'"),
        (lambda: cl.compare.milestone(SIX, by="plan", at=6),
         "at=6: group 'b' is observed up to 5 only, with customers still there"),
        (lambda: cl.compare.milestone(SIX, by="plan", at=2, reference="z"),
         "reference='z' does not occur in 'plan': 'a'; 'b'"),
        (lambda: cl.compare.restricted_mean(SIX, by="plan", until=0), "until=0: nobody stays"),
        (lambda: cl.compare.restricted_mean(SIX, by="plan", until=5.5),
         "until=5.5: group 'b' is observed up to 5 only"),
        (lambda: cl.compare.sample_size(1), "hazard_ratio=1 must be above 0 and differ from 1"),
        (lambda: cl.compare.sample_size(2, shares=(1, 0)), "must be two numbers above 0"),
        (lambda: cl.compare.sample_size(2, shares=0.5), "must be two numbers above 0"),
        (lambda: cl.compare.sample_size(2, event_share=0), "event_share=0: where no churn"),
        (lambda: cl.compare.sample_size(2, power=1), "power=1 must lie strictly"),
    ],
    ids=[*("name", "score", "same-scores", "scores", "trend", "adjust", "at", "reference"),
         *("zero", "until", "ratio", "shares", "share", "event-share", "power")],
)  # fmt: skip
def test_more_refusals(call, message):
    with pytest.raises(cl.InputError, match=message):
        call()


def test_beyond_the_last_churn_of_everyone_nothing_is_left():
    """All of a have left by 3: its share at 4 is 0, with no error known."""
    rows = cl.compare.milestone(SIX, by="plan", at=4).set_index("term")
    mean = cl.compare.restricted_mean(SIX[:5], by="plan", until=4)

    assert rows.loc["difference", "estimate"] == pytest.approx(2 / 3)
    assert rows.loc[["ratio", "hazard_ratio"], "conf_low"].isna().all()
    assert rows["p_value"].isna().all()
    assert mean["std_error"].notna().all()


def test_the_ledger_goes_on():
    spells = cl.spells.to_spells(cl.datasets.load("six_customers"), inactivity=30)
    frame = spells.frame.assign(plan=np.arange(len(spells.frame)) % 2)
    table = cl.Table(frame, spells.as_of, lambda: cl.checks.history(spells)[1])

    result = cl.compare.logrank(table, by="plan")

    stages = {line["stage"] for line in result.attrs["ledger"]}
    assert {"to_spells", "logrank"} <= stages
    assert result.attrs["as_of"] == spells.as_of


def test_samples_of_the_size_said_find_the_difference():
    """Exponential stays with a hazard ratio of 2, all seen to churn: about four in five are found."""
    size = cl.compare.sample_size(2, event_share=1).iloc[0]
    rng, found = np.random.default_rng(5), 0
    for _ in range(100):
        control = rng.exponential(1, int(size["n_control"]))
        arm = rng.exponential(1 / 2, int(size["n_arm"]))
        frame = pd.DataFrame({
            "duration": [*control, *arm], "event": 1,
            "plan": ["c"] * len(control) + ["t"] * len(arm),
        })  # fmt: skip
        found += cl.compare.logrank(frame, by="plan")["p_value"].iloc[0] < 0.05
    assert 0.7 < found / 100 < 0.9


def test_the_ratio_of_cumulative_hazards():
    row = cl.compare.milestone(read("lung"), at=365, **LUNG).set_index("term")
    curve = cl.survival.kaplan_meier(read("lung"), **LUNG)
    share = curve[curve["duration"] <= 365].groupby("sex")["estimate"].last()

    assert row.loc["hazard_ratio", "estimate"] == pytest.approx(log(share[2]) / log(share[1]))
