"""Gray's test: by hand, against R's cmprsk, by a plain loop in fractions, and where it matters."""

from __future__ import annotations

from fractions import Fraction as F
from functools import cache

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from churnlab.checks import Table
from tests import engines
from tests.reference import read

gray = cl.compare.gray
SETS = read("random_sets").set_index("set")


def close(ours, theirs, tolerance=1e-12):
    np.testing.assert_allclose(
        np.asarray(ours, float), np.asarray(theirs, float), rtol=tolerance, atol=tolerance
    )


# ------------------------------------------------------------------------------------ by hand
def test_one_leaver_of_four():
    """Two groups of two; one of the first leaves, the others run on: score 1 − 2/4 = 1/2.

    A churn moves the score by 2 (1 − 2/4) = 1 if it is in the first group and by −2 · 2/4 = −1 if in
    the second, each with the variance d / (Σ n · n) = 1/8; nothing comes later: 1/8 + 1/8.
    """
    rows = pd.DataFrame(
        {"duration": [1, 2, 2, 2], "event": [1, 0, 0, 0], "reason": "price", "plan": list("aabb")}
    )

    row = gray(rows, by="plan").iloc[0]

    assert row[["reason", "n", "n_event", "df"]].tolist() == ["price", 4, 1, 1]
    assert row["statistic"] == pytest.approx(float(F(1, 2) ** 2 / (F(1, 8) + F(1, 8))), abs=1e-14)
    assert row["p_value"] == pytest.approx(0.31731050786291415, abs=1e-12)


# ----------------------------------------------------------------------------- against cmprsk
@cache
def by_set(name: str) -> dict[int, pd.DataFrame]:
    return {int(number): rows for number, rows in read(name).groupby("set")}


@pytest.mark.parametrize("family", ["ties", "days", "continuous", "near", "whole", "tiny"])
def test_equals_cmprsk_on_random_sets(family):
    """With and without strata, rho 0 and 1 by turns; missing where its variance is singular."""
    tests = by_set("random_gray")
    compared = missing = 0
    for number, described in SETS[SETS["family"] == family].iterrows():
        rows = by_set("random_spells")[number].drop(columns="entry")
        rows["reason"] = rows["reason"].where(rows["reason"] != "", None)
        roles = {"count": "weight"} if described["weight"] == "whole" else {}
        chosen = tests[number][tests[number]["rho"] == number % 2]
        for (rho, stratified), theirs in chosen.groupby(["rho", "stratified"]):
            strata = "region" if stratified else None
            ours = gray(rows, by="plan", strata=strata, rho=rho, timefix=False, **roles)
            assert ours["reason"].tolist() == theirs["reason"].tolist()
            close(ours[["statistic", "df", "p_value"]], theirs[["statistic", "df", "p_value"]])
            compared, missing = compared + len(ours), missing + int(ours["statistic"].isna().sum())
    assert compared >= 50
    assert missing <= compared / 2


NAMED = {
    "all": lambda rows: rows,
    "other_time": lambda rows: rows.assign(time=rows["other_time"]),
    "other_time without rows 5 10 50": lambda rows: rows.assign(time=rows["other_time"]).drop(
        index=[4, 9, 49]
    ),
    "first 80 rows without rows 5 10 50": lambda rows: rows[:80].drop(index=[4, 9, 49]),
    "without group b": lambda rows: rows[rows["group"] != "b"],
}


@pytest.mark.parametrize("fit", NAMED)
def test_equals_the_published_output_of_cmprsks_own_test(fit):
    rows = NAMED[fit](read("gray_100"))
    theirs = read("gray_100_tests").query("fit == @fit")
    printed = 0
    for (stratified, rho), part in theirs.groupby(["stratified", "rho"]):
        ours = gray(
            rows.assign(churned=rows["cause"] > 0),
            **{"duration": "time", "event": "churned", "reason": "cause", "by": "group"},
            strata="stratum" if stratified else None,
            rho=rho,
        )
        close(ours[["statistic", "df", "p_value"]], part[["statistic", "df", "p_value"]])
        shown = part["printed"].notna().to_numpy()
        close(ours["statistic"][shown], part["printed"][shown], 6e-7)
        printed += shown.sum()
    assert printed == 2


# ------------------------------------------------------------------------------ by brute force
def loop(rows: pd.DataFrame, reason: str, groups: list[str]) -> tuple[list, list[list]]:
    """Score and variance of one stratum, duration by duration, in fractions."""
    size = range(len(groups))
    s, f, fm = [F(1) for _ in size], [F(0) for _ in size], F(0)
    score = [F(0) for _ in size]
    c = [[F(0) for _ in size] for _ in size]
    own_moves: list[tuple] = []  # per churn: group, coefficients of every score, later move, spread
    for t in sorted(rows.loc[rows["event"], "duration"].unique()):
        at, there = rows[(rows["duration"] == t) & rows["event"]], rows[rows["duration"] >= t]
        n = [int((there["plan"] == g).sum()) for g in groups]
        d = [int(((at["plan"] == g) & (at["reason"] == reason)).sum()) for g in groups]
        o = [int(((at["plan"] == g) & (at["reason"] != reason)).sum()) for g in groups]
        h = [F(n[i]) / s[i] if n[i] else F(0) for i in size]
        r = [h[i] * (1 - f[i]) for i in size]
        total = F(sum(d)) / sum(h)
        after = [s[i] * (1 - F(d[i] + o[i], n[i])) if n[i] else s[i] for i in size]
        left = 1 - fm - total
        for k in size:
            if not n[k]:
                continue
            a = [h[i] * (int(i == k) - h[k] / sum(h)) for i in size]
            score[k] += d[k] - sum(d) * r[k] / sum(r)
            c[k] = [c[k][i] + a[i] * total / (1 - fm) for i in size]
            if sum(d):
                tied = 1 - F(sum(d) - 1) / (sum(h) * s[k] - 1) if sum(d) > 1 else F(1)
                later = 1 - left / after[k] if after[k] else F(1)
                spread = tied * s[k] * sum(d) / (sum(h) * n[k])
                own_moves.append((k, [a[i] - later * c[k][i] for i in size], later, spread))
            if o[k] and after[k]:
                tied = 1 - F(o[k] - 1, n[k] - 1) if o[k] > 1 else F(1)
                later, spread = left / after[k], tied * s[k] ** 2 * o[k] / n[k] ** 2
                own_moves.append((k, [-later * c[k][i] for i in size], later, spread))
        f = [f[i] + (s[i] * F(d[i], n[i]) if n[i] else 0) for i in size]
        s, fm = after, fm + total
    # a churn moves a score at once, and by c at the end through the later curve of its group
    variance = [[F(0) for _ in size] for _ in size]
    for k, now, later, spread in own_moves:
        whole = [now[i] + later * c[k][i] for i in size]
        for i in size:
            for j in size:
                variance[i][j] += whole[i] * whole[j] * spread
    return score, variance


def random_spells(seed: int, n: int = 40) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    event = random.random(n) < 0.7
    return pd.DataFrame(
        {
            "duration": random.integers(1, 7, n),
            "event": event,
            "reason": np.where(event, random.choice(["price", "moved", "other"], n), None),
            "plan": random.choice(["a", "b", "c"], n),
            "year": random.choice([1, 2], n),
        }
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("strata", [None, "year"])
def test_equals_a_plain_loop_in_fractions(seed, strata):
    rows, groups = random_spells(seed), ["a", "b", "c"]
    parts = [part for _, part in rows.groupby(strata)] if strata else [rows]

    found = gray(rows, by="plan", strata=strata).set_index("reason")

    for reason in ("moved", "other", "price"):
        pieces = [loop(part, reason, groups) for part in parts]
        u = np.sum([np.array(score, float) for score, _ in pieces], axis=0)
        v = np.sum([np.array(spread, float) for _, spread in pieces], axis=0)
        assert abs(u.sum()) < 1e-12  # what one group has too many another has too few
        statistic = u[:2] @ np.linalg.solve(v[:2, :2], u[:2])
        close(found.loc[reason, "statistic"], statistic, 1e-10)
        close(found.loc[reason, "n_event"], (rows["reason"] == reason).sum())


# ---------------------------------------------------------------------------------- properties
def test_no_group_is_special():
    """The last one in order is left out of the algebra: whichever it is, the test is the same."""
    rows = random_spells(5)
    expected = gray(rows, by="plan", strata="year")

    for names in ({"a": "z"}, {"b": "z"}, {"a": None}):
        renamed = rows.assign(plan=rows["plan"].replace(names).astype(object))
        if None in names.values():
            renamed["plan"] = rows["plan"].where(rows["plan"] != "a", None)
        ours = gray(renamed, by="plan", strata="year")
        pd.testing.assert_frame_equal(ours, expected, rtol=1e-9)


def test_counts_whole_weights_and_counted_spells_are_so_many_spells():
    rows = random_spells(6).assign(k=np.arange(40) % 3 + 1)
    expected = gray(rows.loc[rows.index.repeat(rows["k"])], by="plan")

    pd.testing.assert_frame_equal(gray(rows, by="plan", count="k"), expected)
    pd.testing.assert_frame_equal(gray(rows, by="plan", weight="k"), expected)
    counted = cl.survival.spell_counts(rows, reason="reason", count="k", by="plan")
    pd.testing.assert_frame_equal(gray(counted, by="plan"), expected)
    late = rows.assign(entry=np.nan)  # observed from the origin
    pd.testing.assert_frame_equal(gray(late, by="plan", count="k"), expected)


def test_groups_of_several_columns():
    rows = random_spells(7, n=80)

    two = gray(rows, by=["plan", "year"])
    one = gray(rows.assign(both=rows["plan"] + rows["year"].astype(str)), by="both")

    pd.testing.assert_frame_equal(two, one)
    assert two["df"].tolist() == [5, 5, 5]


def test_where_nothing_can_be_compared_the_test_is_missing():
    """Nobody of plan b is left when the first customer leaves."""
    rows = pd.DataFrame(
        {
            "duration": [3, 4, 5, 1, 1],
            "event": [1, 1, 0, 0, 0],
            "reason": ["price", "moved", None, None, None],
            "plan": list("aaabb"),
        }
    )

    found = gray(rows, by="plan")

    assert found[["statistic", "p_value"]].isna().all(axis=None)
    assert found["df"].tolist() == [1, 1]
    assert found["n_event"].tolist() == [1, 1]


# --------------------------------------------------------------------------- where it matters
def competing(random: np.random.Generator, n: int, price: float, moved: float) -> pd.DataFrame:
    first, second = random.exponential(1 / price, n), random.exponential(1 / moved, n)
    cut = random.uniform(2, 8, n)
    end = np.minimum(np.minimum(first, second), cut)
    reason = np.where(end == cut, None, np.where(first < second, "price", "moved"))
    return pd.DataFrame({"duration": end, "event": end < cut, "reason": reason})


def test_a_stronger_other_reason_lowers_the_incidence_not_the_hazard():
    """Price drives out both plans alike; in the second so many move that fewer are left to go."""
    random = np.random.default_rng(9)
    rows = pd.concat(
        [
            competing(random, 3000, 0.2, 0.05).assign(plan="stable"),
            competing(random, 3000, 0.2, 0.6).assign(plan="mobile"),
        ]
    )

    incidence = gray(rows, by="plan").set_index("reason")["p_value"]
    by_price = rows.assign(event=rows["reason"] == "price")
    hazard = cl.compare.logrank(by_price, by="plan")["p_value"].iloc[0]

    assert incidence["price"] < 1e-10
    assert hazard > 0.05


@pytest.mark.slow
@pytest.mark.parametrize("rho", [0, 1])
def test_false_alarms_are_as_many_as_promised(rho):
    """Five hundred firms whose three plans do not differ: 5 % below 0.05, 20 % below 0.2."""
    random = np.random.default_rng(12)
    found = []
    for _ in range(500):
        firm = competing(random, 150, 0.10, 0.15).assign(plan=random.integers(0, 3, 150))
        firm["reason"] = firm["reason"].map({"price": 1, "moved": 2}).fillna(0).astype(int)
        found.append(gray(firm, by="plan", rho=rho)["p_value"].to_numpy())
    p = np.array(found).T

    for reason in p:
        assert 0.025 < (reason < 0.05).mean() < 0.075
        assert 0.15 < (reason < 0.20).mean() < 0.25


# ------------------------------------------------------------------------------------ the door
def test_the_ledger_tells_what_was_read():
    rows = random_spells(8)
    rows.loc[0, ["event", "reason"]] = [True, None]

    found = gray(rows, by="plan")

    lines = cl.ledger(found).set_index("rule")["n"].to_dict()
    assert lines == {"read": 40, "used": 40, "reason_unknown": 1}
    assert found["reason"].tolist() == ["moved", "other", "price", "unknown"]


LIES = {
    "late entries": ({"entry": "late"}, "late entries (column 'late'): pass entry=None"),
    "fractions": ({"weight": "w"}, "weights in fractions (column 'w'): use whole numbers"),
    "clusters": ({"cluster": "year"}, "several spells in a cluster: pass cluster=None"),
    "one group": ({"by": "one"}, "holds one group"),
    "no reason": ({"reason": None}, "must be the name of the column"),
    "no such reason": ({"reason": "why"}, "no column 'why'"),
    "a stratum that is a group": ({"strata": "plan"}, "is also in by"),
    "rho": ({"rho": -1}, "rho=-1 must be a number of at least 0"),
}


@pytest.mark.parametrize("story", LIES)
def test_misuse_ends_in_one_clear_message(story):
    arguments, message = LIES[story]
    rows = random_spells(1).assign(late=0.5, w=0.5, one="x")

    with pytest.raises(cl.InputError) as caught:
        gray(rows, **{"by": "plan", **arguments})

    assert message in str(caught.value)


def test_a_table_whose_customers_have_one_spell_each_needs_nothing_said():
    rows = random_spells(2).assign(customer=range(40))
    again = rows.assign(customer=np.arange(40) // 2)
    expected = gray(rows, by="plan")

    pd.testing.assert_frame_equal(
        gray(Table(rows, None, list, cluster="customer"), by="plan"), expected
    )
    table = Table(again, None, list, cluster="customer")
    pd.testing.assert_frame_equal(gray(table, by="plan", cluster=None), expected)
    with pytest.raises(cl.InputError, match="cluster=None"):
        gray(table, by="plan")


@pytest.fixture(params=engines.PARAMS)
def table(request, tmp_path):
    return engines.maker(request, tmp_path)


NAMES = {"duration": "reason", "event": "by0", "reason": "客 户", "plan": "n_event", "year": "a b"}


def test_the_same_on_every_engine(table):
    rows = random_spells(3, n=60)
    rows["plan"] = rows["plan"].where(rows["plan"] != "a", None)
    rows.loc[4:8, "reason"] = None
    expected = gray(rows, by="plan", strata="year")
    roles = {role: NAMES[role] for role in ("duration", "event", "reason")}

    ours = gray(table(rows.rename(columns=NAMES)), by="n_event", strata="a b", **roles)

    assert ours["reason"].tolist() == expected["reason"].tolist()
    close(ours.drop(columns="reason"), expected.drop(columns="reason"))
