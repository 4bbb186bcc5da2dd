"""Curves: by hand in by_hand/, against R here, and their properties on random data."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import churnlab as cl
from tests.reference import read

DATA = {
    "lung": {"duration": "time", "event": "status", "event_value": 2, "by": "sex"},
    "leukaemia": {"duration": "weeks", "event": "event", "by": "treatment"},
    "truncated": {"duration": "time", "event": "event", "entry": "entry", "by": "group"},
    "weighted_whole": {"duration": "time", "event": "event", "weight": "weight", "by": "group"},
    "weighted_fractional": {
        "duration": "time",
        "event": "event",
        "weight": "weight",
        "by": "group",
    },
}


def reference(name: str, conf: str, grouped: bool) -> pd.DataFrame:
    frame = read(f"survfit_{name}_{conf}")
    return frame[(frame["group"] != "all") == grouped].reset_index(drop=True)


def estimate(function, name: str, grouped: bool, **arguments) -> pd.DataFrame:
    roles = dict(DATA[name])
    by = roles.pop("by")
    result = function(read(name), **roles, by=by if grouped else None, **arguments)
    return result[result["duration"] > 0].reset_index(drop=True)


def assert_close(ours, theirs, tolerance=1e-10):
    np.testing.assert_allclose(
        np.asarray(ours, float), np.asarray(theirs, float), rtol=tolerance, atol=tolerance
    )


@pytest.mark.parametrize("grouped", [False, True], ids=["all", "by"])
@pytest.mark.parametrize("conf", ["log-log", "log", "plain"])
@pytest.mark.parametrize("name", DATA)
def test_kaplan_meier_equals_r_survfit(name, conf, grouped):
    ours = estimate(cl.survival.kaplan_meier, name, grouped, conf=conf)
    theirs = reference(name, conf, grouped)

    assert len(theirs) == len(ours)
    if grouped:
        assert theirs["group"].astype(str).tolist() == ours.iloc[:, 0].astype(str).tolist()
    for column, r in {
        "duration": "time",
        "n_risk": "n_risk",
        "n_event": "n_event",
        "n_censor": "n_censor",
        "estimate": "surv",
        "std_error": "std_err",
    }.items():
        assert_close(ours[column], theirs[r])
    # R leaves the limits empty where we do: log-log at 1 and 0, the others at 0
    assert_close(ours["conf_low"], theirs["lower"])
    assert_close(ours["conf_high"], theirs["upper"])


@pytest.mark.parametrize("grouped", [False, True], ids=["all", "by"])
@pytest.mark.parametrize("name", DATA)
def test_nelson_aalen_equals_r_survfit(name, grouped):
    ours = estimate(cl.survival.nelson_aalen, name, grouped)
    theirs = reference(name, "log", grouped)

    assert_close(ours["estimate"], theirs["cumhaz"])
    assert_close(ours["std_error"], theirs["std_chaz"])


def test_published_leukaemia_curve():
    """Freireich's 6-MP arm: estimates and Greenwood errors as printed."""
    curves = cl.survival.kaplan_meier(
        read("leukaemia"), duration="weeks", event="event", by="treatment"
    )
    arm = curves[curves["treatment"] == "6-MP"].set_index("duration")
    weeks = [6, 7, 10, 13, 16, 22, 23]

    printed = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert printed == arm.loc[weeks, "estimate"].round(4).tolist()
    errors = [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    assert errors == arm.loc[weeks, "std_error"].round(4).tolist()


def test_published_lung_median_limits_depend_on_the_scale():
    """Median 310 with [285, 363] on R's log scale and [284, 361] on the log-log scale."""
    for conf, limits in (("log", (285, 363)), ("log-log", (284, 361))):
        curve = cl.survival.kaplan_meier(
            read("lung"), duration="time", event="status", event_value=2, conf=conf
        )
        crossed = [
            int(curve.loc[curve[column] <= 0.5, "duration"].iloc[0])
            for column in ("conf_low", "estimate", "conf_high")
        ]

        assert [limits[0], 310, limits[1]] == crossed


def test_one_row_per_distinct_duration_with_row_zero_always():
    frame = pd.DataFrame({"duration": [0, 3, 3], "event": [True, True, False]})

    curve = cl.survival.kaplan_meier(frame)

    assert curve["duration"].tolist() == [0, 3]
    assert curve["n_risk"].tolist() == [3, 2]
    assert [Fraction(2, 3), Fraction(1, 3)] == [
        Fraction(s).limit_denominator(9) for s in curve["estimate"]
    ]


def test_where_everyone_left_the_error_and_the_limits_are_missing():
    frame = pd.DataFrame({"duration": [1, 2], "event": [1, 1]})

    for conf in ("log-log", "log", "plain", "logit"):
        last = cl.survival.kaplan_meier(frame, conf=conf).iloc[-1]

        assert last["estimate"] == 0.0
        assert last[["std_error", "conf_low", "conf_high"]].isna().all()


def test_a_group_without_events_stays_at_one():
    frame = pd.DataFrame({"duration": [1, 4, 5], "event": [1, 0, 0], "plan": ["a", "b", "b"]})

    curve = cl.survival.kaplan_meier(frame, by="plan")

    assert curve.loc[curve["plan"] == "b", "estimate"].tolist() == [1.0, 1.0, 1.0]


def test_missing_groups_come_last():
    frame = pd.DataFrame({"duration": [1, 2, 3], "event": [1, 1, 1], "plan": ["b", None, "a"]})

    groups = cl.survival.kaplan_meier(frame, by="plan")["plan"].drop_duplicates().tolist()

    assert [None if pd.isna(g) else g for g in groups] == ["a", "b", None]


def test_count_stands_for_identical_rows():
    rows = pd.DataFrame(
        {"duration": [1, 2, 2, 3, 5], "event": [1, 0, 1, 1, 0], "k": [3, 1, 4, 2, 5]}
    )
    expanded = rows.loc[rows.index.repeat(rows["k"])]

    by_count = cl.survival.kaplan_meier(rows, count="k")
    by_rows = cl.survival.kaplan_meier(expanded)

    pd.testing.assert_frame_equal(by_rows, by_count)


def test_whole_weights_are_greenwood_and_fractional_ones_robust():
    frame = pd.DataFrame(
        {"duration": [1, 2, 3, 4], "event": [1, 0, 1, 0], "w": [2.0, 1.0, 3.0, 1.0]}
    )

    whole = cl.survival.kaplan_meier(frame, weight="w")
    halves = cl.survival.kaplan_meier(frame.assign(w=frame["w"] * 0.5), weight="w")

    np.testing.assert_allclose(whole["estimate"], halves["estimate"])
    assert whole["n_risk"].dtype == np.int64
    assert halves["n_risk"].dtype == np.float64
    # the robust error does not know the scale of the weights, Greenwood's does
    again = cl.survival.kaplan_meier(frame.assign(w=frame["w"] * 0.25), weight="w")
    np.testing.assert_allclose(halves["std_error"], again["std_error"])
    assert not np.allclose(whole["std_error"], halves["std_error"], equal_nan=True)


def test_late_entries_are_not_at_risk_before_they_are_seen():
    """By hand: entries at 2 and 3; risk time is (entry, duration]."""
    frame = pd.DataFrame({"duration": [2, 4, 5], "event": [1, 1, 1], "entry": [None, 2.0, 3.0]})

    table = cl.survival.life_table(frame)

    assert table["duration"].tolist() == [0, 2, 4, 5]
    assert table["n_risk"].tolist() == [1, 1, 2, 1]
    assert table["n_entry"].tolist() == [0, 2, 0, 0]


def test_the_ledger_of_spells_adds_up():
    frame = pd.DataFrame(
        {
            "duration": [1, None, 3, 4, 5],
            "event": pd.array([1, 1, None, 0, 1], dtype="Int64"),
            "entry": [None, None, None, 4, 1],
        }
    )

    ledger = cl.ledger(cl.survival.kaplan_meier(frame)).set_index("rule")["n"]

    assert ledger.to_dict() == {
        "read": 5,
        "used": 2,
        "missing_duration": 1,
        "missing_event": 1,
        "zero_length": 1,
    }


def test_attrs_are_plain_json_and_survive_concat():
    import json

    frame = pd.DataFrame({"duration": [1, 2], "event": [1, 0]})
    curve = cl.survival.kaplan_meier(frame)

    assert json.loads(json.dumps(curve.attrs)) == curve.attrs
    assert len(pd.concat([curve, curve])) == 6


LIES = {
    "durations passed as events": (
        {
            "duration": [5.0, 7.5, 9.25, 1.0, 2.0, 3.0, 4.0],
            "event": [5.0, 7.5, 9.25, 1.0, 2.0, 3.0, 4.0],
        },
        {},
        "durations or dates, not events",
    ),
    "events coded 1 and 2": (
        {"duration": [1, 2], "event": [1, 2]},
        {},
        "holds 1, 2. Say which of them",
    ),
    "events in words": ({"duration": [1, 2], "event": ["Yes", "No"]}, {}, "event_value="),
    "a value that is not there": (
        {"duration": [1, 2], "event": ["Yes", "No"]},
        {"event_value": "yes"},
        "does not occur.*'No'",
    ),
    "negative durations": (
        {"duration": [1, -2], "event": [1, 0]},
        {},
        "'duration' is negative in 1 row",
    ),
    "infinite durations": ({"duration": [1, np.inf], "event": [1, 0]}, {}, "is infinite in 1 row"),
    "durations in words": (
        {"duration": ["1", "2"], "event": [1, 0]},
        {},
        "numbers written as text",
    ),
    "time spans": (
        {"duration": pd.to_timedelta([1, 2], unit="D"), "event": [1, 0]},
        {},
        r"whole days \(.dt.days\)",
    ),
    "a negative weight": (
        {"duration": [1, 2], "event": [1, 0], "w": [1.0, -1.0]},
        {"weight": "w"},
        "'w' is negative",
    ),
    "nothing left": (
        {"duration": [np.nan], "event": [1]},
        {},
        "nothing to estimate.*missing_duration 1",
    ),
    "an unknown column": ({"Duration": [1], "event": [1]}, {}, "did you mean 'Duration'"),
    "a group called like a result": (
        {"duration": [1], "event": [1], "estimate": ["a"]},
        {"by": "estimate"},
        "also the name of a column of the result",
    ),
}


@pytest.mark.parametrize("story", LIES)
def test_misuse_ends_in_one_clear_message(story):
    data, arguments, message = LIES[story]

    with pytest.raises(cl.InputError, match=message):
        cl.survival.kaplan_meier(pd.DataFrame(data), **arguments)


spell = st.tuples(st.integers(0, 12), st.booleans(), st.sampled_from("ab"))


@settings(max_examples=60, deadline=None)
@given(st.lists(spell, min_size=1, max_size=40))
def test_properties_of_the_product_limit(spells):
    frame = pd.DataFrame(spells, columns=["duration", "event", "plan"])

    curve = cl.survival.kaplan_meier(frame)
    shuffled = cl.survival.kaplan_meier(frame.sample(frac=1, random_state=1))
    doubled = cl.survival.kaplan_meier(pd.concat([frame, frame]))
    as_floats = cl.survival.kaplan_meier(frame.astype({"duration": float}))

    pd.testing.assert_frame_equal(curve, shuffled)
    np.testing.assert_allclose(curve["estimate"], doubled["estimate"], atol=1e-12)
    np.testing.assert_allclose(curve["estimate"], as_floats["estimate"], atol=0)
    assert curve["estimate"].is_monotonic_decreasing
    assert len(frame) == curve["n_event"].sum() + curve["n_censor"].sum()
    limits = curve[["conf_low", "estimate", "conf_high"]].dropna().to_numpy()
    assert (np.diff(limits, axis=1) >= 0).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(spell, min_size=1, max_size=40))
def test_without_censoring_the_curve_is_the_share_still_there(spells):
    frame = pd.DataFrame(spells, columns=["duration", "event", "plan"]).assign(event=True)

    curve = cl.survival.kaplan_meier(frame)

    for duration, estimate in zip(curve["duration"], curve["estimate"], strict=True):
        assert estimate == pytest.approx((frame["duration"] > duration).mean())
