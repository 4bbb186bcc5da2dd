"""Curves of 200 random data sets against R's survfit: ties, near-ties, weights, late entry, clusters."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from tests.reference import read

SPELLS = read("random_spells")
SETS = read("random_sets").set_index("set")
LIMITS = ("log-log", "log", "plain", "logit")


@cache
def of_r() -> dict[int, pd.DataFrame]:
    return dict(list(read("random_km").groupby("set")))


def roles(number: int) -> dict[str, Any]:
    """The arguments with which a set is meant to be read."""
    kind = SETS.loc[number]
    found: dict[str, Any] = {} if kind["weight"] == "none" else {"weight": "weight"}
    return found | ({"cluster": "customer"} if kind["customer"] else {})


def spells_of(number: int) -> pd.DataFrame:
    rows = SPELLS[SPELLS["set"] == number].reset_index(drop=True)
    return rows if SETS.loc[number, "entry"] else rows.drop(columns="entry")


def is_robust(number: int) -> bool:
    return SETS.loc[number, "weight"] == "quarters" or bool(SETS.loc[number, "customer"])


def same(ours: pd.Series, theirs: pd.Series, tolerance: float) -> None:
    np.testing.assert_allclose(
        ours.to_numpy(float), theirs.to_numpy(float), rtol=tolerance, atol=tolerance
    )


@pytest.mark.parametrize("number", SETS.index)
def test_curves_equal_r(number):
    frame, theirs = spells_of(number), of_r()[number]
    grouped = theirs["group"].nunique() > 1
    for by in [None, "plan"] if grouped else [None]:
        r = theirs[(theirs["group"] == "all") == (by is None)].reset_index(drop=True)
        for conf in LIMITS:
            km = cl.survival.kaplan_meier(frame, conf=conf, by=by, **roles(number))
            km = after_the_origin(km, r, by)
            same(km["duration"], r["time"], 1e-9)
            for ours, column in (
                ("n_risk", "n_risk"),
                ("n_event", "n_event"),
                ("estimate", "surv"),
            ):
                same(km[ours], r[column], 1e-9)
            # where everyone left and errors are robust R says 0: here errors and limits are missing
            there = (r["surv"] > 1e-12) & ~lonely(number, km, by)
            same(km["std_error"][there], r["std_err"][there], 1e-8)
            low, high = r[f"low_{conf}"], r[f"high_{conf}"]
            known = there & low.notna()
            assert (km["conf_low"].notna() == known).all()
            same(km["conf_low"][known], low[known], 1e-8)
            same(km["conf_high"][known], high[known].clip(upper=1), 1e-8)
            assert km.loc[~there, ["std_error", "conf_low", "conf_high"]].isna().all(axis=None)
        na = after_the_origin(cl.survival.nelson_aalen(frame, by=by, **roles(number)), r, by)
        same(na["estimate"], r["cumhaz"], 1e-9)
        alone = lonely(number, na, by)
        same(na["std_error"][~alone], r["std_chaz"][~alone], 1e-8)
        assert na.loc[alone, "std_error"].isna().all()


def lonely(number: int, curve: pd.DataFrame, by: str | None) -> pd.Series:
    """Rows of groups with one customer, whose spells say nothing of how customers differ."""
    if not SETS.loc[number, "customer"]:
        return pd.Series(False, index=curve.index)
    customers = spells_of(number).groupby(by or "set")["customer"].nunique()
    return curve[by].map(customers).eq(1) if by else pd.Series(customers.eq(1).all(), curve.index)


def after_the_origin(curve: pd.DataFrame, r: pd.DataFrame, by: str | None) -> pd.DataFrame:
    """R has no row at 0 unless a spell ends there, and none where late entries left nobody."""
    theirs = r if by is None else r[r["group"] != "all"]
    keys = [by, "duration"] if by else ["duration"]
    times = theirs["time"].round(9) if by is None else None
    if by is None:
        kept = curve[(curve["duration"] > 0) | (times == 0).any()]
    else:
        zero = set(theirs.loc[theirs["time"] == 0, "group"].astype(str))
        kept = curve[(curve["duration"] > 0) | curve[by].astype(str).isin(zero)]
    assert list(kept.columns[: len(keys)]) == keys
    return kept.reset_index(drop=True)


@pytest.mark.parametrize("number", SETS.index[::7])
def test_counted_spells_give_the_same_curves(number):
    """Clusters are not kept in counts; everything else is."""
    frame = spells_of(number)
    weight = {"weight": "weight"} if "weight" in roles(number) else {}
    counted = cl.survival.spell_counts(frame, by="plan", reason="reason", **weight)

    for function in (cl.survival.life_table, cl.survival.kaplan_meier, cl.survival.nelson_aalen):
        for by in (None, "plan"):
            pd.testing.assert_frame_equal(
                function(frame, by=by, **weight), function(counted, by=by, **weight)
            )
