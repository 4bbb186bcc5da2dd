"""Incidence by reason: against R, by brute force, its properties, and churn without a reason."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import churnlab as cl
from churnlab.checks import Table
from tests import engines
from tests.reference import read

incidence = cl.survival.incidence
SETS = read("random_sets").set_index("set")


def close(ours, theirs, tolerance=1e-12):
    np.testing.assert_allclose(
        np.asarray(ours, float), np.asarray(theirs, float), rtol=tolerance, atol=tolerance
    )


# ---------------------------------------------------------------------------------- against R
@cache
def by_set(name: str) -> dict[int, pd.DataFrame]:
    return {int(number): rows for number, rows in read(name).groupby("set")}


def spells_of(number: int) -> pd.DataFrame:
    rows = by_set("random_spells")[number].reset_index(drop=True)
    return rows.assign(reason=rows["reason"].where(rows["reason"] != "", None))


FAMILIES = SETS["family"].unique()


@pytest.mark.parametrize("family", FAMILIES)
def test_equals_r_survfit_of_many_states(family):
    """Estimates and jackknife errors of two hundred sets: ties, late entries, weights, clusters."""
    reference, compared = by_set("random_incidence"), 0
    for number, described in SETS[SETS["family"] == family].iterrows():
        rows = spells_of(number)
        roles = {"weight": "weight"} if described["weight"] != "none" else {}
        roles |= {"cluster": "customer"} if described["customer"] else {}
        ours = incidence(rows, **roles)
        for kind, theirs in reference[number].groupby("weights"):
            # whole weights are counts here, unless clusters make the two the same
            if kind == "weight" and described["weight"] == "whole" and not described["customer"]:
                continue
            mine = ours[ours["duration"].isin(theirs["time"])]
            assert mine["reason"].tolist() == theirs["reason"].tolist()
            close(mine["estimate"], theirs["estimate"], 1e-12)
            # where all left for one reason R says 0: here the error is missing
            sure = (theirs["estimate"] > 1 - 1e-12).to_numpy()
            assert mine["std_error"].isna().tolist() == sure.tolist()
            close(mine["std_error"][~sure], theirs["std_err"][~sure], 1e-12)
            compared += len(mine)
    assert compared > 60


@pytest.mark.parametrize("family", ["ties", "days", "continuous", "near", "whole", "tiny"])
def test_equals_r_cmprsk_cuminc(family):
    """cmprsk takes times as they stand."""
    reference, compared = by_set("random_cuminc"), 0
    for number, described in SETS[SETS["family"] == family].iterrows():
        roles = {"count": "weight"} if described["weight"] == "whole" else {}
        ours = incidence(
            spells_of(number).drop(columns="entry"), timefix=False, variance="aalen", **roles
        )
        theirs = reference[number]
        mine = theirs.merge(ours, left_on=["reason", "time"], right_on=["reason", "duration"])
        assert len(mine) == len(theirs)
        close(mine["estimate_y"], mine["estimate_x"], 1e-12)
        close(mine["std_error"] ** 2, mine["variance"], 1e-12)
        compared += len(mine)
    assert compared > 30


@pytest.mark.parametrize("by", [None, "group"])
def test_equals_the_cuminc_of_cmprsks_own_test(by):
    rows = read("gray_100")
    theirs = read("gray_100_cuminc").query("group == 'all'" if by is None else "group != 'all'")
    ours = incidence(
        rows.assign(churned=rows["cause"] > 0),
        **{"duration": "time", "event": "churned", "reason": "cause", "by": by},
        variance="aalen",
    )
    if by is None:
        ours["group"] = "all"

    compared = 0
    for (group, cause), part in theirs.groupby(["group", "cause"]):
        mine = ours[(ours["group"] == group) & (ours["reason"] == str(cause))]
        at = np.searchsorted(mine["duration"], part["time"], side="right") - 1
        close(mine["estimate"].iloc[at], part["estimate"])
        close(mine["std_error"].iloc[at] ** 2, part["variance"])
        compared += len(part)
    assert compared == len(theirs) > 90


# survfit(Surv(time, state) ~ 1, id = id, conf.type = …) of R 4.2.2, survival 3.5-3, type1 at 4 and 10
LIMITS = {
    "log-log": [(0.02398124491142, 0.379390528186), (0.10973425623678, 0.784211699124)],
    "log": [(0.0414659455880, 0.537926149884), (0.2140138400106, 1.0)],
    "plain": [(0.0, 0.340732214146), (0.0918623103360, 0.869176650703)],
    "logit": [(0.03746690623089, 0.441939148774), (0.16315288657521, 0.814426113160)],
}


def fourteen() -> pd.DataFrame:
    rows = read("finegray_14")
    return rows.assign(
        churned=rows["status"] > 0, reason=rows["status"].map({0: None, 1: "type1", 2: "type2"})
    )


@pytest.mark.parametrize("conf", LIMITS)
def test_fourteen_rows_of_survivals_own_test(conf):
    theirs = read("finegray_14_incidence")

    ours = incidence(fourteen(), duration="time", event="churned", conf=conf)

    risen = ours[ours["duration"] > 0].reset_index(drop=True)
    assert risen["reason"].tolist() == theirs["reason"].tolist()
    close(risen[["duration", "n_risk", "n_event"]], theirs[["time", "n_risk", "n_event"]])
    close(risen["estimate"], theirs["estimate"])
    close(risen["std_error"], theirs["std_err"])
    first = risen[risen["reason"] == "type1"].set_index("duration")
    close(first.loc[[4, 10], ["conf_low", "conf_high"]], LIMITS[conf], 1e-10)
    nobody = ours[ours["estimate"] == 0]
    assert len(nobody) > 2 and (nobody["std_error"] == 0).all()
    assert nobody[["conf_low", "conf_high"]].isna().all(axis=None)


# ------------------------------------------------------------------------------ by brute force
def random_spells(seed: int, *, n: int = 60, customers: int = 15) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    entry = np.where(random.random(n) < 0.4, random.integers(0, 6, n), np.nan)
    event = random.integers(0, 3, n) > 0
    return pd.DataFrame(
        {
            "customer": random.integers(0, customers, n),
            "entry": entry,
            "duration": np.nan_to_num(entry, nan=-1) + random.integers(1, 9, n),
            "event": event,
            "reason": np.where(event, random.choice(["price", "moved", "other"], n), None),
            "w": random.choice([0.25, 0.5, 1.0, 3.0], n),
        }
    )


def weighted_incidence(rows: pd.DataFrame, weight: np.ndarray, times, reason: str) -> np.ndarray:
    """Incidence of weighted spells, from its definition."""
    entry, end = rows["entry"].fillna(-1).to_numpy(), rows["duration"].to_numpy()
    event, own = rows["event"].to_numpy(), (rows["reason"] == reason).to_numpy()
    still, lost, curve = 1.0, 0.0, []
    for t in times:
        n = weight[(entry < t) & (end >= t)].sum()
        leave = weight[(end == t) & event].sum()
        lost += still * weight[(end == t) & event & own].sum() / n if n else 0.0
        still *= 1 - leave / n if n else 1.0
        curve.append(lost)
    return np.array(curve)


def numerical_jackknife(rows: pd.DataFrame, times, reason: str, whose: str) -> np.ndarray:
    """Root of the sum of squared derivatives by what the weights of each are multiplied with."""
    weight, step, slopes = rows["w"].to_numpy(float), 1e-5, []
    for one in rows[whose].unique():
        its = (rows[whose] == one).to_numpy()
        up, down = (
            weighted_incidence(rows, weight * np.where(its, 1 + e, 1.0), times, reason)
            for e in (step, -step)
        )
        slopes.append((up - down) / (2 * step))
    return np.sqrt((np.array(slopes) ** 2).sum(axis=0))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("cluster", [None, "customer"])
def test_equals_the_derivative_by_the_weights(seed, cluster):
    rows = random_spells(seed).assign(row=range(60))

    found = incidence(rows, weight="w", cluster=cluster)

    for reason in ("price", "moved", "other"):
        curve = found[found["reason"] == reason]
        times = curve["duration"]
        assert (curve["std_error"] > 0).any()
        close(curve["estimate"], weighted_incidence(rows, rows["w"].to_numpy(), times, reason))
        expected = numerical_jackknife(rows, times, reason, cluster or "row")
        close(curve["std_error"], expected, tolerance=1e-6)


def greenwood(n, d_all, d_own, share) -> np.ndarray:
    """Σ (1/n) var of what a draw of the duration u moves F(t) by, for every t."""
    still = np.concatenate([[1.0], np.cumprod(1 - d_all / n)[:-1]])
    p, own = d_all / n, d_own / n
    total = []
    for t in range(len(n)):
        a, u = still[: t + 1], slice(t + 1)
        b = np.where(p[u] < 1, -(share[t] - share[u]) / np.where(p[u] < 1, 1 - p[u], 1), 0.0)
        spread = a**2 * own[u] + 2 * a * b * own[u] + b**2 * p[u] - (a * own[u] + b * p[u]) ** 2
        total.append((spread / n[u]).sum())
    return np.array(total)


@pytest.mark.parametrize("seed", range(5))
def test_without_late_entry_the_jackknife_is_greenwoods(seed):
    rows = random_spells(seed).drop(columns="entry")
    rows["duration"] = np.maximum(rows["duration"], 1)
    curve = cl.survival.kaplan_meier(rows)

    for reason, part in incidence(rows).groupby("reason"):
        assert part["n_risk"].tolist() == curve["n_risk"].tolist()
        expected = greenwood(
            *(
                x.to_numpy(float)
                for x in (curve["n_risk"], curve["n_event"], part["n_event"], part["estimate"])
            )
        )
        close(part["std_error"] ** 2, expected), reason


def test_one_reason_alone_is_the_curve_of_everyone():
    """F = 1 − S; its error is Greenwood's, also by cluster and with weights in fractions."""
    rows = random_spells(4).drop(columns="entry").assign(reason="price")

    for roles in ({}, {"cluster": "customer"}, {"weight": "w"}, {"count": "k"}):
        rows["k"] = np.arange(60) % 3 + 1
        found = incidence(rows, **roles)
        curve = cl.survival.kaplan_meier(rows, **roles)
        close(found["estimate"], 1 - curve["estimate"])
        close(found["naive"], 1 - curve["estimate"])
        close(found["std_error"], curve["std_error"])


def test_many_spells_lose_no_digits():
    """The whole table of spells × durations, which the estimator never makes."""
    random = np.random.default_rng(7)
    n = 4000
    rows = pd.DataFrame(
        {
            "duration": random.exponential(50.0, n),
            "event": random.random(n) < 0.6,
            "reason": random.choice(["a", "b"], n),
        }
    ).sort_values("duration", ignore_index=True)
    at_risk = n - np.arange(n)
    event, own = rows["event"].to_numpy(), rows["event"] & (rows["reason"] == "a").to_numpy()
    found = incidence(rows).query("reason == 'a' and duration > 0")
    expected = greenwood(at_risk, event * 1.0, own.to_numpy() * 1.0, found["estimate"].to_numpy())

    seen = expected > 0
    ratio = found["std_error"][seen].to_numpy() / np.sqrt(expected[seen])
    close(ratio, np.ones(seen.sum()), tolerance=1e-9)


# ---------------------------------------------------------------------------------- properties
spell = st.tuples(
    st.integers(1, 6), st.booleans(), st.sampled_from(["a", "b", None]), st.integers(0, 4)
)


@st.composite
def tables(draw):
    rows = draw(st.lists(spell, min_size=2, max_size=20))
    frame = pd.DataFrame(rows, columns=["duration", "event", "reason", "customer"])
    frame["entry"] = (frame["customer"] % 3).clip(upper=frame["duration"] - 1).astype(float)
    frame.loc[0, "event"] = True
    return frame.astype({"reason": object})


@settings(max_examples=40, deadline=None)
@given(tables())
def test_the_reasons_add_up_to_all_that_was_lost(rows):
    found = incidence(rows)
    curve = cl.survival.kaplan_meier(rows)

    total = found.groupby("duration")["estimate"].sum()
    close(total, 1 - curve["estimate"])
    assert (found["naive"] >= found["estimate"] - 1e-12).all()
    assert found.groupby("reason")["estimate"].apply(lambda f: f.is_monotonic_increasing).all()
    assert found.groupby("reason").size().nunique() == 1


@settings(max_examples=40, deadline=None)
@given(tables(), st.data())
def test_bounds_hold_for_whatever_the_unknown_reasons_were(rows, data):
    """Any reason for each of the unknown: the incidence lies between the ends."""
    rows.loc[1, ["event", "reason"]] = [True, "a"]
    bounds = cl.survival.reason_bounds(rows).set_index(["reason", "duration"])
    silent = rows["event"] & rows["reason"].isna()
    n = int(silent.sum())
    told = data.draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=n, max_size=n))
    rows.loc[silent, "reason"] = told

    found = incidence(rows).set_index(["reason", "duration"])["estimate"]

    truth = found.reindex(bounds.index).fillna(0.0)
    assert (bounds["estimate_low"] <= truth + 1e-12).all()
    assert (bounds["estimate_high"] >= truth - 1e-12).all()
    if not silent.any():
        close(bounds["estimate_low"], bounds["estimate_high"])


@settings(max_examples=40, deadline=None)
@given(tables())
def test_without_a_reason_something_between_nothing_and_all_of_it_is_saved(rows):
    rows.loc[0, ["event", "reason"]] = [True, "a"]
    found = cl.survival.eliminate(rows, without="a")

    curve, taken = cl.survival.kaplan_meier(rows), incidence(rows).query("reason == 'a'")
    close(found["total_churn"], 1 - curve["estimate"])
    close(found["incidence"], taken["estimate"])
    close(found["estimate"] + found["saved"], found["total_churn"])
    assert (found["saved"] >= 0).all()
    assert (found["saved"] <= found["incidence"] + 1e-12).all()
    close(found["estimate_high"], found["total_churn"])
    close(found["estimate_low"], found["total_churn"] - found["incidence"])
    censored = rows.assign(event=rows["event"] & (rows["reason"] != "a"))
    if censored["event"].any():
        alone = cl.survival.kaplan_meier(censored)
        close(found["estimate"], 1 - alone["estimate"])
        close(found["std_error"], alone["std_error"])
        close(found["conf_low"], 1 - alone["conf_high"])
        close(found["conf_high"], 1 - alone["conf_low"])


@pytest.mark.parametrize("roles", [{"cluster": "customer"}, {"weight": "w"}, {"count": "k"}])
def test_without_reasons_it_is_the_curve_with_them_censored(roles):
    """Robust errors too: who left for the reasons is one of those still there."""
    rows = random_spells(6).assign(k=np.arange(60) % 3 + 1)
    censored = rows.assign(event=rows["event"] & (rows["reason"] == "other"))

    found = cl.survival.eliminate(rows, without=["price", "moved"], **roles)
    curve = cl.survival.kaplan_meier(censored, **roles)

    close(found["estimate"], 1 - curve["estimate"])
    close(found["std_error"], curve["std_error"])
    close(found["conf_low"], 1 - curve["conf_high"])
    assert (found["std_error"] > 0).any()


def test_every_group_has_every_reason_on_its_own_durations():
    rows = pd.DataFrame(
        {
            "plan": ["x", "x", "x", None, None],
            "duration": [1, 2, 4, 3, 5],
            "event": [1, 1, 0, 1, 1],
            "reason": ["10", "9", "lost", None, "9"],
        }
    )

    found = incidence(rows, by="plan")

    assert found["reason"].drop_duplicates().tolist() == ["9", "10", "unknown"]
    x, missing = found[found["plan"] == "x"], found[found["plan"].isna()]
    assert x["duration"].tolist() == [0, 1, 2, 4] * 3
    assert missing["duration"].tolist() == [0, 3, 5] * 3
    never = missing[missing["reason"] == "10"]
    assert never["estimate"].tolist() == never["std_error"].tolist() == [0.0, 0.0, 0.0]
    for plan, part in (("x", x), (None, missing)):
        alone = incidence(rows[rows["plan"].isna() if plan is None else rows["plan"] == plan])
        shared = part[part["reason"].isin(alone["reason"])].drop(columns="plan")
        pd.testing.assert_frame_equal(alone, shared.reset_index(drop=True))


def test_counts_and_whole_weights_are_so_many_spells():
    rows = random_spells(5).assign(k=np.arange(60) % 3 + 1)
    expanded = rows.loc[rows.index.repeat(rows["k"])]

    for variance in ("jackknife", "aalen"):
        whole = incidence(expanded, variance=variance)
        for roles in ({"count": "k"}, {"weight": "k"}):
            pd.testing.assert_frame_equal(whole, incidence(rows, variance=variance, **roles))
    by_customer = incidence(rows, count="k", cluster="customer")
    pd.testing.assert_frame_equal(by_customer, incidence(expanded, cluster="customer"), rtol=1e-9)
    counted = cl.survival.spell_counts(rows, reason="reason")
    pd.testing.assert_frame_equal(incidence(rows), incidence(counted))


def test_a_spell_cut_in_pieces_is_the_same_spell():
    rows = random_spells(8).drop(columns="entry").assign(entry=0.0)
    rows["duration"] = rows["duration"].clip(lower=2)
    middle = (rows["duration"] / 2).astype(int)
    first = rows.assign(duration=middle, event=False, reason=None)
    cut = pd.concat([first, rows.assign(entry=middle.astype(float))])

    key = ["reason", "duration"]
    whole = incidence(rows, cluster="customer").set_index(key)
    pieces = incidence(cut, cluster="customer").set_index(key).loc[whole.index]

    for column in ("estimate", "naive", "std_error"):
        close(pieces[column], whole[column], tolerance=1e-9)


# --------------------------------------------------------------------------- where it matters
def two_constant_hazards(first: float, second: float, until: float) -> pd.DataFrame:
    """All that leaves in thin slices of time at two constant hazards, and what is still there."""
    slices = 5000
    end = np.arange(1, slices + 1) * until / slices
    both = first + second
    left = np.exp(-both * (end - until / slices)) - np.exp(-both * end)
    parts = [
        pd.DataFrame({"duration": end, "event": 1, "reason": name, "w": left * hazard / both})
        for name, hazard in (("first", first), ("second", second))
    ]
    rest = {"duration": [until], "event": [0], "reason": [None], "w": [np.exp(-both * until)]}
    return pd.concat([*parts, pd.DataFrame(rest)], ignore_index=True)


def test_two_constant_hazards_over_five_years():
    """0.10 and 0.15 per year: 39.3 % and 52.8 % by the naive curves, together 92 % of a true 71.3 %.

    The incidences are 28.5 % and 42.8 %; without the first reason 18.6 points are saved, not 28.5.
    """
    rows = two_constant_hazards(0.10, 0.15, 5.0)

    last = incidence(rows, weight="w").query("duration == 5").set_index("reason")
    without = cl.survival.eliminate(rows, without="first", weight="w").iloc[-1]

    total = 1 - np.exp(-1.25)
    close(last["naive"], [1 - np.exp(-0.5), 1 - np.exp(-0.75)], 2e-4)
    close(last["estimate"], [0.4 * total, 0.6 * total], 2e-4)
    assert last["naive"].round(3).tolist() == [0.393, 0.528]
    assert last["estimate"].round(3).tolist() == [0.285, 0.428]
    assert round(without["total_churn"], 3) == 0.713
    assert round(without["saved"], 3) == 0.186
    assert round(without["incidence"], 3) == 0.285


def competing(random: np.random.Generator, n: int) -> pd.DataFrame:
    """Hazards 0.10 and 0.15, customers censored between 2 and 8."""
    first, second = random.exponential(10, n), random.exponential(1 / 0.15, n)
    cut = random.uniform(2, 8, n)
    end = np.minimum(np.minimum(first, second), cut)
    reason = np.where(end == cut, None, np.where(first < second, "first", "second"))
    return pd.DataFrame({"duration": end, "event": end < cut, "reason": reason})


@pytest.mark.slow
@pytest.mark.parametrize("variance", ["jackknife", "aalen"])
def test_limits_hold_the_truth(variance):
    """Over 400 firms of 80 customers, at 4 years: F = 0.4 (1 − exp(−1)) and churn without it."""
    random, truth = np.random.default_rng(31), 0.4 * (1 - np.exp(-1.0))
    firms = pd.concat([competing(random, 80).assign(firm=i) for i in range(400)])
    curves = incidence(firms, variance=variance, by="firm").query("reason == 'first'")
    row = curves[curves["duration"] <= 4].groupby("firm").last()
    rest, without = 1 - np.exp(-0.6), cl.survival.eliminate(firms, without="first", by="firm")
    without = without[without["duration"] <= 4].groupby("firm").last()
    estimate, error, naive = row["estimate"], row["std_error"], row["naive"]
    holds = (row["conf_low"] <= truth) & (truth <= row["conf_high"])
    holds_without = (without["conf_low"] <= rest) & (rest <= without["conf_high"])

    assert estimate.mean() == pytest.approx(truth, abs=0.008)
    assert error.mean() == pytest.approx(estimate.std(ddof=1), rel=0.1)
    assert 0.92 <= holds.mean() <= 0.98
    assert 0.92 <= holds_without.mean() <= 0.98
    assert naive.mean() > truth + 0.06  # 1 − exp(−0.4), not 0.4 (1 − exp(−1))


# ------------------------------------------------------------------------------------ the door
FOUR = pd.DataFrame(
    {
        "duration": [1, 2, 3, 4],
        "event": [1, 1, 1, 0],
        "reason": ["price", None, "moved", "price"],
        "customer": ["a", "a", "b", "c"],
        "w": [0.5, 1.0, 1.5, 1.0],
    }
)


def test_the_ledger_tells_of_reasons():
    found = incidence(FOUR)

    lines = cl.ledger(found).set_index("rule")["n"].to_dict()
    assert lines == {"read": 4, "used": 4, "reason_unknown": 1, "reason_of_running": 1}
    assert found["reason"].drop_duplicates().tolist() == ["moved", "price", "unknown"]


def test_a_table_says_which_spells_belong_together():
    table = Table(FOUR, None, list, cluster="customer")

    robust = incidence(FOUR, cluster="customer")

    pd.testing.assert_frame_equal(robust, incidence(table))
    pd.testing.assert_frame_equal(incidence(FOUR), incidence(table, cluster=None))
    assert not np.allclose(robust["std_error"], incidence(FOUR)["std_error"])


def test_one_customer_alone_has_no_error():
    found = incidence(FOUR.assign(customer="a"), cluster="customer")

    assert found[["std_error", "conf_low", "conf_high"]].isna().all(axis=None)
    assert found["estimate"].notna().all()


def test_where_all_left_for_one_reason_nothing_is_said_of_its_error():
    rows = pd.DataFrame({"duration": [1, 2, 3], "event": 1, "reason": "price"})

    last = incidence(rows).iloc[-1]
    two = incidence(rows.assign(reason=["price", "moved", "price"])).set_index("reason")

    assert last["estimate"] == 1.0
    assert np.isnan(last[["std_error", "conf_low", "conf_high"]].astype(float)).all()
    assert (two["std_error"][two["duration"] == 3] > 0).all()  # 2/3 is uncertain


def test_all_reasons_taken_away_leave_no_churn():
    found = cl.survival.eliminate(FOUR, without=["price", "moved", "unknown"])

    assert (found["estimate"] == 0).all()
    close(found["saved"], found["total_churn"])
    close(found["estimate_low"], np.zeros(5))


LIES = {
    "no column": (incidence, {"reason": "why"}, "no column 'why'"),
    "no reason": (incidence, {"reason": None}, "must be the name of the column"),
    "a scale": (incidence, {"conf": "arcsin"}, "conf='arcsin' is not one of"),
    "a variance": (incidence, {"variance": "gray"}, "variance='gray' is not one of"),
    "clusters": (
        incidence,
        {"variance": "aalen", "cluster": "customer"},
        "several spells in a cluster: use variance='jackknife', or cluster=None",
    ),
    "fractions": (
        incidence,
        {"variance": "aalen", "weight": "w"},
        "weights in fractions: use variance='jackknife'",
    ),
    "a group of the result's name": (incidence, {"by": "reason"}, "rename the column"),
    "nobody left for it": (
        cl.survival.eliminate,
        {"without": "pirce"},
        "nobody left for it. The reasons are 'moved', 'price', 'unknown'",
    ),
    "another spelling": (
        cl.survival.eliminate,
        {"without": ["moved", "Price"]},
        "without='Price': nobody left for it. Did you mean 'price'",
    ),
    "nothing taken away": (cl.survival.eliminate, {"without": []}, "names no reason"),
}


@pytest.mark.parametrize("story", LIES)
def test_misuse_ends_in_one_clear_message(story):
    function, arguments, message = LIES[story]

    with pytest.raises(cl.InputError, match=message):
        function(FOUR, **arguments)


def test_without_any_churn_or_any_reason_there_is_nothing_to_say():
    running = FOUR.assign(event=0)
    for function, roles in (
        (incidence, {}),
        (cl.survival.eliminate, {"without": "price"}),
        (cl.survival.reason_bounds, {}),
    ):
        with pytest.raises(cl.InputError, match="no churn was seen"):
            function(running, **roles)
    with pytest.raises(cl.InputError, match="every reason in column 'reason' is unknown"):
        cl.survival.reason_bounds(FOUR.assign(reason=[None, None, None, "price"]))


@pytest.fixture(params=engines.PARAMS)
def table(request, tmp_path):
    return engines.maker(request, tmp_path)


NAMES = {"duration": "estimate", "event": "reason", "reason": "客 户", "entry": 'n "x"', "w": "w w"}


def test_the_same_on_every_engine(table):
    """Odd names, late entries, weights in fractions, reasons of those still there, groups."""
    rows = random_spells(2, n=80).astype({"customer": str})
    rows.loc[3:9, "reason"] = None
    rows["plan"] = np.where(rows.index % 4 == 0, None, np.where(rows.index % 3, "b", "a"))
    expected = incidence(rows, weight="w", by="plan")
    without = cl.survival.eliminate(rows, without="price", by="plan", cluster="customer")
    bounds = cl.survival.reason_bounds(rows)
    data = table(rows.rename(columns=NAMES))
    roles = {role: NAMES[role] for role in ("duration", "event", "reason", "entry")}

    for ours, theirs in (
        (incidence(data, **roles, weight="w w", by="plan"), expected),
        (
            cl.survival.eliminate(data, without="price", by="plan", cluster="customer", **roles),
            without,
        ),
        (cl.survival.reason_bounds(data, **roles), bounds),
    ):
        labels = [c for c in ("plan", "reason") if c in ours]
        for label in labels:
            assert ours[label].fillna("-").tolist() == theirs[label].fillna("-").tolist()
        close(ours.drop(columns=labels), theirs.drop(columns=labels))
