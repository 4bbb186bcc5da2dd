"""The roads from spells to cells give the same cells, and nearly equal times become one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import churnlab as cl
from churnlab.survival import lanes
from tests import engines

# ------------------------------------------------------------------------- sorted as one array
numbers = st.floats(0, allow_infinity=False, allow_nan=False) | st.sampled_from([0.0, -0.0, 0.5])
spell = st.tuples(numbers, st.booleans(), st.sampled_from(["a", "b", None]), st.integers(-3, 4))


@settings(max_examples=60, deadline=None)
@given(st.lists(spell, min_size=1, max_size=30))
def test_one_sort_finds_the_cells_that_grouping_finds(rows):
    frame = pd.DataFrame(rows, columns=["duration", "event", "by0", "by1"])
    labels = ["by0", "by1", "event"]

    packed = lanes._sorted_as_one(frame, labels)
    grouped = lanes._combined(lanes._distinct(frame), labels)

    if packed is None:  # no room beside the durations: a range of 10^±300 fills a double
        above = frame["duration"][frame["duration"] > 0]
        assert np.log10(above.max()) - np.log10(above.min()) > 10
        return
    assert packed.frame["duration"].is_monotonic_increasing
    keys = ["duration", *labels]
    found, wanted = (
        pd.concat([raw.frame, raw.combos.iloc[raw.frame["combo"]].reset_index(drop=True)], axis=1)
        .assign(by0=lambda f: [v if isinstance(v, str) else "none" for v in f["by0"]])[[*keys, "n"]]
        .astype({"event": bool, "by1": int})
        .sort_values(keys, ignore_index=True)
        for raw in (packed, grouped)
    )
    pd.testing.assert_frame_equal(wanted, found, check_dtype=False)
    assert not np.signbit(found["duration"]).any()


@pytest.fixture(params=engines.PARAMS)
def make(request, tmp_path):
    return engines.maker(request, tmp_path)


def continuous() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    n = 300
    return pd.DataFrame(
        {
            "duration": np.round(rng.exponential(9, n), 1),
            "event": rng.random(n) < 0.6,
            "plan": rng.choice(["b", 'a"b', "区域", None], n),
            "size": rng.integers(1, 3, n),
        }
    )


def test_labels_in_words_are_numbered_on_every_engine(make):
    rows = continuous()
    expected = cl.survival.kaplan_meier(rows, by=["plan", "size"])

    curve = cl.survival.kaplan_meier(make(rows), by=["plan", "size"])

    # the groups of a text file are text
    expected, curve = (
        f.assign(plan=f["plan"].fillna("none"), size=f["size"].astype(int))
        for f in (expected, curve)
    )
    pd.testing.assert_frame_equal(expected, curve, check_dtype=False)


def test_many_labels_take_the_long_road_to_the_same_curves():
    rows = continuous()
    rows["plan"] = [f"plan {i % 90:02}" for i in range(len(rows))]  # more than a table numbers

    whole = cl.survival.kaplan_meier(rows, by="plan")

    for plan, part in rows.groupby("plan"):
        alone = cl.survival.kaplan_meier(part)
        of_plan = whole[whole["plan"] == plan].drop(columns="plan").reset_index(drop=True)
        pd.testing.assert_frame_equal(alone, of_plan)


# ------------------------------------------------------------------------------- nearly equal
def test_times_equal_but_for_rounding_are_one_and_may_be_kept_apart():
    """0.1 + 0.2 is not 0.3 to a computer: of three at risk two leave at once."""
    frame = pd.DataFrame({"duration": [0.3, 0.1 + 0.2, 1.0], "event": [1, 1, 0]})

    one = cl.survival.kaplan_meier(frame)
    two = cl.survival.kaplan_meier(frame, timefix=False)

    assert one["duration"].tolist() == [0, 0.3, 1]
    assert one["n_event"].tolist() == [0, 2, 0]
    assert two["n_event"].tolist() == [0, 1, 1, 0]
    # a censoring that is nearly a churn's time comes after it, as at a tie
    tie = pd.DataFrame({"duration": [0.3, 0.1 + 0.2], "event": [0, 1]})
    assert cl.survival.kaplan_meier(tie)["estimate"].tolist() == [1, 0.5]
    assert cl.survival.kaplan_meier(tie, timefix=False)["estimate"].tolist() == [1, 1, 0]


def test_the_tolerance_is_that_of_r():
    """At most 1.49e-8 times the mean distinct time, which is 2 here; or 1.49e-8 where that is less."""
    step = 1.49e-8
    for apart, merged in ((1.9 * step, True), (2.1 * step, False)):
        frame = pd.DataFrame({"duration": [1.0, 1.0 + apart, 4.0], "event": 1})
        assert (len(cl.survival.life_table(frame)) == 3) is merged, apart
    small = pd.DataFrame({"duration": [0.0, 0.9 * step, 0.1], "event": 1})
    assert cl.survival.life_table(small)["duration"].tolist() == [0, 0.1]


def test_runs_of_near_ties_become_their_first_and_entries_with_them():
    near = 1 + np.array([0, 1, 2]) * 1e-9
    frame = pd.DataFrame({"duration": [*near, 2, 3], "event": 1, "entry": [0, 0, 0, near[2], 0]})

    table = cl.survival.life_table(frame)

    assert table["duration"].tolist() == [0, 1, 2, 3]
    assert table["n_risk"].tolist() == [4, 4, 2, 1]
    for whole in ([10**9, 10**9 + 1], [1e9, 1e9 + 1], [1e9, 1e9 + 1, None]):
        far = pd.DataFrame({"duration": whole, "event": 1})
        assert len(cl.survival.life_table(far)) == 3  # whole numbers are what they say
    # an entry nearly at the end of its spell leaves no time at risk
    gone = pd.DataFrame({"duration": [1.0, 2.0], "event": 1, "entry": [1 - 1e-12, 0]})
    assert cl.ledger(cl.survival.life_table(gone)).set_index("rule")["n"]["zero_length"] == 1


def test_timefix_is_a_switch():
    with pytest.raises(cl.InputError, match="timefix='yes' is not one of True, False"):
        cl.survival.life_table(pd.DataFrame({"duration": [1], "event": [1]}), timefix="yes")


# ------------------------------------------------------------------------------------- counted
def test_spells_are_counted_once_for_all_estimates():
    rows = continuous().assign(reason=lambda f: np.where(f["event"], "price", None))

    counted = cl.survival.spell_counts(rows, by=["plan", "size"], reason="reason")

    assert counted.frame["n"].sum() == len(rows)
    assert counted.frame.duplicated(["plan", "size", "duration", "event", "reason"]).sum() == 0

    def plain(curve: pd.DataFrame) -> pd.DataFrame:
        return curve.assign(plan=curve["plan"].fillna("none")) if "plan" in curve else curve

    for by in (None, "plan", ["plan", "size"], ["size"]):
        expected = plain(cl.survival.kaplan_meier(rows, by=by))
        again = cl.survival.kaplan_meier(counted, by=by)
        bare = cl.survival.kaplan_meier(counted.frame, by=by, count="n")
        pd.testing.assert_frame_equal(expected, plain(again))
        pd.testing.assert_frame_equal(expected, plain(bare))


def test_a_changed_frame_of_counts_changes_no_estimate():
    counted = cl.survival.spell_counts(continuous())
    before = cl.survival.kaplan_meier(counted)

    frame = counted.frame
    frame.loc[:, "duration"] *= 2
    frame["n"] = 99
    before_again = before.copy()
    with pytest.raises(ValueError, match="read-only"):
        before.loc[0, "n_risk"] = 99  # shared with other estimates of these counts
    before["duration"] = -1.0
    again = before_again.copy()
    again.loc[0, "n_risk"] = 99

    pd.testing.assert_frame_equal(before_again, cl.survival.kaplan_meier(counted))


def test_counts_kept_apart_are_merged_when_asked():
    frame = pd.DataFrame({"duration": [0.3, 0.1 + 0.2], "event": [0, 1]})

    counted = cl.survival.spell_counts(frame, timefix=False)

    assert len(counted.frame) == 2
    assert len(cl.survival.kaplan_meier(counted)) == 2
    assert len(cl.survival.kaplan_meier(counted, timefix=False)) == 3


def test_the_ledger_goes_on_from_the_count():
    frame = pd.DataFrame({"duration": [1, None, 2, 2], "event": [1, 1, 0, 0]})

    ledger = cl.ledger(cl.survival.kaplan_meier(cl.survival.spell_counts(frame)))

    shown = ledger[["stage", "unit", "rule", "n"]].to_records(index=False).tolist()
    assert shown == [
        ("spell_counts", "spells", "read", 4),
        ("spell_counts", "spells", "used", 3),
        ("spell_counts", "spells", "missing_duration", 1),
        ("kaplan_meier", "rows", "read", 2),
        ("kaplan_meier", "rows", "used", 2),
    ]


# --------------------------------------------------------------------------------------- given
def test_the_curve_of_those_still_there():
    """S(t | there at 3) = S(t) / S(3), by hand: 2 of 3 stay at 4, 1 of 2 at 6."""
    frame = pd.DataFrame({"duration": [1, 2, 3, 4, 6, 7], "event": [1, 1, 1, 1, 1, 0]})

    curve = cl.survival.kaplan_meier(frame, given=3)

    assert curve["duration"].tolist() == [3, 4, 6, 7]
    assert curve["n_risk"].tolist() == [3, 3, 2, 1]
    np.testing.assert_allclose(curve["estimate"], [1, 2 / 3, 1 / 3, 1 / 3])
    whole = cl.survival.kaplan_meier(frame).set_index("duration")["estimate"]
    np.testing.assert_allclose(curve["estimate"][1:], whole.loc[[4, 6, 7]] / whole[3])
    ledger = cl.ledger(curve).set_index("rule")["n"]
    assert ledger.to_dict() == {"read": 6, "used": 3, "over_by_given": 3}
    with pytest.raises(cl.InputError, match=r"given=7: no spell lasted longer \(the longest 7\)"):
        cl.survival.kaplan_meier(frame, given=7)


# -------------------------------------------------------------------------------------- labels
def test_ordered_categories_keep_their_order():
    """'low' < 'medium' < 'high' is what the table says, and no alphabet overrules it."""
    levels = ["low", "medium", "high"]
    rows = pd.DataFrame({"duration": [1, 2, 3, 4, 5, 6], "event": 1, "size": levels * 2})
    stated = rows.assign(size=pd.Categorical(rows["size"], levels, ordered=True))
    bands = rows.assign(size=pd.cut([3, 7, 20, 4, 8, 30], [0, 5, 10, 50]))

    for frame, wanted in (
        (rows, ["high", "low", "medium"]),
        (stated, levels),
        (bands, ["(0, 5]", "(5, 10]", "(10, 50]"]),
    ):
        table = cl.survival.life_table(frame, by="size")
        assert table["size"].drop_duplicates().astype(str).tolist() == wanted
        weights = dict(zip(wanted, (0, 1, 2), strict=True))
        by_default = cl.compare.trend(frame, by="size")["statistic"][0]
        scored = cl.compare.trend(frame, by="size", scores=weights)["statistic"][0]
        assert by_default == pytest.approx(scored)


def test_an_entry_of_0_is_from_the_origin_where_all_are_filled_in():
    frame = pd.DataFrame({"duration": [0, 0, 1, 2], "event": [1, 1, 1, 0], "entry": [0, 0, 0, 0]})

    pd.testing.assert_frame_equal(
        cl.survival.kaplan_meier(frame), cl.survival.kaplan_meier(frame, entry=None)
    )
    # of pieces of spells, (…, 0] and (0, 3], the second is seen from just after 0
    pieces = pd.DataFrame({"duration": [0, 3], "event": [0, 1], "entry": [None, 0]})
    assert cl.survival.life_table(pieces)["n_risk"].tolist() == [1, 1]


def test_broken_weights_leave_no_residue():
    """Tenths are not exact in a computer: the curve is that of the same weights in sixteenths."""
    rng = np.random.default_rng(8)
    for late in (False, True):
        n = 3000
        frame = pd.DataFrame({"duration": rng.exponential(9, n), "event": 1})
        frame["duration"] = np.round(frame["duration"], 2) + 0.01
        parts = rng.choice([1, 3, 7], n)
        if late:
            frame["entry"] = np.where(rng.random(n) < 0.5, np.nan, 0.9 * frame["duration"])
        tenths = cl.survival.kaplan_meier(frame.assign(w=parts / 10), weight="w")
        exact = cl.survival.kaplan_meier(frame.assign(w=parts / 16), weight="w")

        np.testing.assert_allclose(tenths["n_risk"], exact["n_risk"] * 1.6, rtol=1e-12)
        for column in ("estimate", "std_error", "conf_low", "conf_high"):
            np.testing.assert_allclose(tenths[column], exact[column], rtol=1e-9, atol=1e-12)
        assert tenths["estimate"].iloc[-1] == 0
        assert np.isnan(tenths["std_error"].iloc[-1])


def test_given_knows_that_0_3_is_0_1_and_0_2():
    frame = pd.DataFrame({"duration": [0.1 + 0.2, 0.5, 0.9], "event": 1})

    assert cl.survival.kaplan_meier(frame, given=0.3)["n_risk"].tolist() == [2, 2, 1]
    assert len(cl.survival.kaplan_meier(frame, given=0.3, timefix=False)) == 4


def test_saved_counts_say_what_a_row_stands_for(tmp_path):
    rows = pd.DataFrame({"duration": [1, 2, 2], "event": [1, 0, 0]})
    saved = cl.survival.spell_counts(rows).frame

    with pytest.raises(cl.InputError, match=r"column 'n'.*count='n'"):
        cl.survival.kaplan_meier(saved)
    assert cl.survival.kaplan_meier(saved, count="n")["n_risk"].tolist() == [3, 3, 2]
    assert cl.survival.kaplan_meier(saved, count=None)["n_risk"].tolist() == [2, 2, 1]


def test_a_reason_that_says_unknown_is_none():
    rows = pd.DataFrame(
        {"duration": [1, 2, 3, 4], "event": 1, "reason": ["Unknown ", "price", None, "UNKNOWN"]}
    )

    table = cl.survival.incidence(rows)

    assert table["reason"].drop_duplicates().tolist() == ["price", "unknown"]
    assert cl.ledger(table).set_index("rule")["n"]["reason_unknown"] == 3


def test_durations_beyond_all_sums_stay_apart():
    far = pd.DataFrame({"duration": [1e300, 2e300, 1.7e308, 1e308, 5], "event": 1})

    assert cl.survival.life_table(far)["duration"].tolist() == [0, 5, 1e300, 2e300, 1e308, 1.7e308]
