"""Curves read at chosen durations: the last row at or before them, and nothing beyond the data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import churnlab as cl

SPELLS = pd.DataFrame(
    {
        "duration": [1, 3, 5, 2, 4, 9],
        "event": [1, 1, 0, 1, 0, 1],
        "plan": ["a", "a", "a", None, None, None],
        "reason": ["price", "moved", None, "price", None, "moved"],
    }
)


def test_a_curve_is_level_between_its_rows_and_unknown_beyond():
    curve = cl.survival.kaplan_meier(SPELLS, by="plan")

    found = cl.survival.at(curve, duration=[0, 2.5, 5, 9, 10])

    assert found.columns[:3].tolist() == ["plan", "duration", "estimate"]
    of_a, of_none = found["plan"].eq("a"), found["plan"].isna()
    np.testing.assert_allclose(found.loc[of_a, "estimate"], [1, 2 / 3, 1 / 3, np.nan, np.nan])
    np.testing.assert_allclose(found.loc[of_none, "estimate"], [1, 2 / 3, 2 / 3, 0, np.nan])
    assert found.attrs == curve.attrs


def test_incidence_is_read_by_reason():
    curves = cl.survival.incidence(SPELLS)

    found = cl.survival.at(curves, duration=4).set_index("reason")

    last = curves[curves["duration"] <= 4].groupby("reason").last()
    np.testing.assert_array_equal(found["estimate"], last["estimate"])
    np.testing.assert_array_equal(found["naive"], last["naive"])


def test_what_begins_later_says_nothing_of_before():
    curve = cl.survival.kaplan_meier(SPELLS, given=2)

    assert cl.survival.at(curve, duration=[1, 2])["estimate"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("frame", "duration", "message"),
    [
        (SPELLS.drop(columns="duration"), 1, "frame of curves"),
        (cl.survival.life_table(SPELLS), 1, "survival.at_risk"),
        (cl.survival.kaplan_meier(SPELLS), -1, "duration=-1 must be a number of at least 0"),
        (cl.survival.kaplan_meier(SPELLS), "year", "duration='year'"),
    ],
)
def test_what_cannot_be_read_is_refused(frame, duration, message):
    with pytest.raises(cl.InputError, match=message):
        cl.survival.at(frame, duration=duration)
