"""What an analyst types by mistake: one clear message each, and numbers of any size and kind."""

from __future__ import annotations

import datetime as dt
import warnings

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from churnlab import checks
from churnlab.survival import critical

SIX = pd.DataFrame(
    {"duration": [1, 2, 2, 3, 5, 5], "event": [1, 1, 0, 1, 0, 0], "plan": list("aaabbb")}
)
REASONS = SIX.assign(reason=["price", "moved", None, "price", None, None])
DAYS = pd.to_datetime(["2026-01-01", "2026-01-02", None, "2026-01-03", None, None])


def curve(frame=SIX, **arguments):
    return cl.survival.kaplan_meier(frame, **arguments)


REFUSED = {
    "a reason that nobody gave, by its number": (
        lambda: cl.survival.eliminate(REASONS, without=1),
        "without='1': nobody left for it.*'moved', 'price'",
    ),
    "yes is no reason": (
        lambda: cl.survival.eliminate(REASONS, without=True),
        "without=True must be a reason or a list of reasons",
    ),
    "nothing is no reason": (
        lambda: cl.survival.eliminate(REASONS, without=None),
        "without=None must be a reason.*'unknown'",
    ),
    "the column of the groups as the reference": (
        lambda: cl.compare.milestone(SIX, by="plan", at=2, reference=SIX["plan"]),
        "reference=a Series of 6 values must be one value of the column 'plan'",
    ),
    "a list of groups as the reference": (
        lambda: cl.compare.milestone(SIX, by="plan", at=2, reference=["a", "b"]),
        "must be one value of the column 'plan'",
    ),
    "one value as the reference in two columns": (
        lambda: cl.compare.milestone(
            SIX.assign(k=list("xyxyxy")), by=["plan", "k"], at=1, reference="a"
        ),
        "reference='a' must be a tuple with a value of each column of by=",
    ),
    "the values of the strata": (
        lambda: cl.compare.gray(REASONS, by="plan", strata=[1, 0, 1, 0, 1, 0]),
        "strata=.*strata= takes the name of a column, not its values",
    ),
    "the values of the groups": (
        lambda: curve(by=list(SIX["plan"])),
        "by= takes the name of a column, not its values",
    ),
    "the values of the groups, all different": (
        lambda: curve(by=list("uvwxyz")),
        "no columns 'u', .*by= takes the name of a column, not its values",
    ),
    "the groups as a Series": (
        lambda: curve(by=SIX["plan"]),
        "^by=a Series of 6 values must be a column name",
    ),
    "durations as a Series": (
        lambda: curve(duration=SIX["duration"]),
        "^duration=a Series of 6 values is no name: duration= takes the name of a column",
    ),
    "events as an array": (
        lambda: curve(event=SIX["event"].to_numpy()),
        "^event=an array of 6 values is no name",
    ),
    "a later column named by a number": (
        lambda: curve(SIX.rename(columns={"plan": 7})),
        r"named by int, not by text \(for example 7\)",
    ),
    "dates as durations": (
        lambda: curve(SIX.assign(duration=DAYS)),
        r"'duration' holds Datetime.*\(end - start\).dt.days",
    ),
    "dates as events": (
        lambda: curve(SIX.assign(event=DAYS)),
        r"'event' holds Datetime.*\.notna\(\) gives whether it was seen",
    ),
    "Python's dates as durations": (
        lambda: curve(SIX.assign(duration=[dt.date(2026, 1, 1)] * 6)),
        r"'duration' holds dates: .*\(end - start\).dt.days",
    ),
    "decimal commas": (
        lambda: curve(SIX.assign(duration=["1,5", "2", "2", "3", "5", "5"])),
        r"decimal comma \(for example '1,5'\).*decimal=','.*str.replace\(',', '.'\)",
    ),
    "words and decimal commas": (
        lambda: curve(SIX.assign(duration=["1,5", "none", "2", "3", "5", "5"])),
        "2 of its different values cannot be read as numbers",
    ),
    "an endless window": (
        lambda: cl.survival.restricted_mean(SIX, until=float("inf")),
        "until=inf must be a finite number of at least 0",
    ),
    "a share of nothing": (
        lambda: cl.survival.quantiles(SIX, q=0),
        "^q=0 must lie strictly between 0 and 1. The median is 0.5",
    ),
    "a share below nothing": (
        lambda: cl.survival.quantiles(SIX, q=-0.1),
        "^q=-0.1 must lie strictly between 0 and 1. The median is 0.5",
    ),
    "a percentage as a share": (
        lambda: cl.survival.quantiles(SIX, q=50),
        "^q=50 must lie strictly between 0 and 1. Did you mean 0.5",
    ),
    "no share at all": (lambda: cl.survival.quantiles(SIX, q=np.nan), "q=nan must be a number"),
    "no duration": (
        lambda: curve(SIX.drop(columns="duration")),
        "argument of the same role, e.g. duration='my_column'",
    ),
    "a curve of a curve": (
        lambda: curve(curve()),
        "no column 'event'.*This table is a result: pass the spells it was made from",
    ),
    "a band beyond the data": (
        lambda: cl.survival.bands(SIX, since=50),
        "since=50 lies beyond what is observed: the longest spell is 5",
    ),
    "a percentage as a hazard ratio": (
        lambda: cl.compare.sample_size(80),
        "hazard_ratio=80 must lie between 0.05 and 20.*Did you mean 0.8",
    ),
    "a hazard ratio of next to nothing": (
        lambda: cl.compare.sample_size([0.8, 0.05]),
        "hazard_ratio=0.05 must lie between 0.05 and 20",
    ),
}


@pytest.mark.parametrize("story", REFUSED)
def test_a_slip_ends_in_one_clear_message(story):
    call, message = REFUSED[story]

    with pytest.raises(cl.InputError, match=message) as caught:
        call()

    assert "\n" not in str(caught.value)


def test_only_what_helps_is_said():
    with pytest.raises(cl.InputError) as missing:
        curve(SIX.drop(columns="event"))
    with pytest.raises(cl.InputError) as ratio:
        cl.compare.sample_size(20.5)

    assert "customer=" not in str(missing.value)
    assert "Did you mean" not in str(ratio.value)


def test_reasons_may_be_numbers():
    codes = SIX.assign(reason=[1, 2, None, 1, None, None])

    by_text = cl.survival.eliminate(codes, without="1")

    for without in (1, 1.0, np.int64(1), [1], np.array([1]), pd.Series([1.0])):
        pd.testing.assert_frame_equal(cl.survival.eliminate(codes, without=without), by_text)


def test_a_reference_may_be_any_single_value():
    numbers = SIX.assign(plan=[1, 1, 1, 2, 2, 2], k=1)

    for reference in (2, np.int64(2), "2"):
        found = cl.compare.milestone(numbers, by="plan", at=2, reference=reference)
        assert set(found["reference"]) == {2}
    two = cl.compare.milestone(numbers, by=["plan", "k"], at=2, reference=(2, 1))
    assert set(two["reference"]) == {"2, 1"}


def test_levels_may_be_numbers_of_numpy():
    for level in (np.float32(0.5), np.float64(0.5), np.array(0.5)):
        assert checks.confidence(level) == 0.5
        pd.testing.assert_frame_equal(curve(level=level), curve(level=0.5))
        pd.testing.assert_frame_equal(
            cl.survival.bands(SIX, level=level), cl.survival.bands(SIX, level=0.5)
        )
    for level in (np.float32(95), np.True_, np.array([0.5])):
        with pytest.raises(cl.InputError, match="strictly between 0 and 1"):
            checks.confidence(level)


def test_gray_with_whole_weights_is_that_of_the_rows_repeated():
    weights = [2, 1, 1, 2, 1, 1]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        weighted = cl.compare.gray(REASONS.assign(w=weights), by="plan", weight="w")
        counted = cl.compare.gray(REASONS.assign(w=weights), by="plan", count="w")
        repeated = cl.compare.gray(REASONS.loc[REASONS.index.repeat(weights)], by="plan")

    assert repeated["statistic"].notna().all()
    pd.testing.assert_frame_equal(weighted, repeated)
    pd.testing.assert_frame_equal(counted, repeated)


@pytest.mark.parametrize("unit", [1e200, 1e-200])
def test_the_mean_stay_does_not_depend_on_the_unit(unit):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = cl.survival.restricted_mean(
            SIX.assign(duration=SIX["duration"] * unit), until=5 * unit, timefix=unit > 1
        )

    usual = cl.survival.restricted_mean(SIX, until=5)
    np.testing.assert_allclose(found.to_numpy() / unit, usual.to_numpy(), rtol=1e-12)


def test_a_band_of_a_group_that_is_not_observed_so_long_is_missing():
    frame = pd.DataFrame(
        {"duration": [1, 2, 3, 4, 6, 7], "event": [1, 0, 0, 1, 1, 0], "plan": list("aaabbb")}
    )

    found = cl.survival.bands(frame, by="plan", since=5).set_index("plan")

    assert found.loc["a", ["estimate", "std_error", "conf_low", "conf_high"]].isna().all()
    assert found.loc[["b"], "estimate"].notna().all()
    # down at 0 the curve is known for ever
    gone = cl.survival.bands(frame.assign(event=1), since=50)
    assert gone["estimate"].tolist() == [0.0]


@pytest.mark.parametrize("level", [0.3, 0.5, 0.9, 0.95, 0.999])
def test_critical_values_by_secants_are_those_of_a_bracketed_root(level):
    least = critical.normal_quantile(level)

    for length in (1e-7, 0.004, 0.25, 0.35, 2.0, 7.8, 40.0):
        found = critical._equal_precision(length, level)
        assert found == pytest.approx(critical._bracketed(least, length, level), abs=1e-8)


def test_an_error_passed_as_the_level_is_asked_about():
    with pytest.raises(cl.InputError, match=r"level=0.05 is the confidence.*did you mean 0.95\?"):
        cl.survival.kaplan_meier(pd.DataFrame({"duration": [1], "event": [1]}), level=0.05)
