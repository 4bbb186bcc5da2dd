"""Numbers at risk at chosen times, by hand and by brute force, with late entries and any table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from tests import engines

SPELLS = pd.DataFrame(
    {
        "duration": [2.0, 3, 3, 5, 5, 8],
        "event": [1, 0, 1, 1, 0, 1],
        "entry": [None, 0, None, 3, 4.5, 2],
        "p lan": ["价格", "价格", "b", "b", None, None],
    }
)


@pytest.fixture(params=engines.PARAMS)
def spells(request, tmp_path):
    return engines.maker(request, tmp_path)(SPELLS)


def test_late_entries_count_from_their_entry(spells):
    """At 3: the spells to 3 and (2, 8], while (3, 5] only begins; at 3.5 (3, 5] and (2, 8]."""
    table = cl.survival.at_risk(spells, times=[9, 0, 2, 3, 3.5, 5])

    assert table["duration"].tolist() == [0, 2, 3, 3.5, 5, 9]
    assert table["n_risk"].tolist() == [2, 3, 3, 2, 3, 0]
    assert table["n_event_cum"].tolist() == [0, 1, 2, 2, 3, 4]
    assert table["n_censor_cum"].tolist() == [0, 0, 1, 1, 2, 2]


def test_groups_in_their_order_missing_last(spells):
    table = cl.survival.at_risk(spells, times=(2, 5), by="p lan")

    assert list(table.columns) == ["p lan", "duration", "n_risk", "n_event_cum", "n_censor_cum"]
    assert table["p lan"].tolist()[:4] == ["b", "b", "价格", "价格"]
    assert table["p lan"].isna().tolist() == [False] * 4 + [True] * 2
    assert table["n_risk"].tolist() == [1, 1, 2, 0, 0, 2]


def test_equal_to_the_life_table_at_its_own_durations():
    life = cl.survival.life_table(SPELLS)

    table = cl.survival.at_risk(SPELLS, times=life["duration"].tolist())

    assert table["n_risk"].tolist() == life["n_risk"].tolist()
    assert table["n_event_cum"].tolist() == life["n_event"].cumsum().tolist()
    assert table["n_censor_cum"].tolist() == life["n_censor"].cumsum().tolist()


@pytest.mark.parametrize("seed", range(5))
def test_equal_to_counting_one_by_one(seed):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame({"duration": random.integers(1, 30, 200) / 4})
    frame["event"] = random.random(200) < 0.5
    frame["entry"] = np.where(random.random(200) < 0.5, np.nan, frame["duration"] * 0.5)
    frame["w"] = random.integers(1, 8, 200) / 2
    times = [0, 0.25, 1, 2.125, 5, 7.25, 90]

    table = cl.survival.at_risk(frame, times=times, weight="w")

    for row, time in zip(table.itertuples(), times, strict=True):
        there = (frame["entry"].fillna(-1) < time) & (frame["duration"] >= time)
        over = frame["duration"] <= time
        assert row.n_risk == pytest.approx(frame["w"][there].sum(), abs=1e-9)
        assert row.n_event_cum == pytest.approx(frame["w"][over & frame["event"]].sum())
        assert row.n_censor_cum == pytest.approx(frame["w"][over & ~frame["event"]].sum())
    assert table["n_risk"].iloc[-1] == 0


@pytest.mark.parametrize(
    ("last", "times"),
    [
        (0.0, [0]),
        (3, [0, 1, 2, 3]),
        (6, [0, 1, 2, 3, 4, 5, 6]),
        (36, [0, 10, 20, 30]),
        (0.29, [0, 0.05, 0.1, 0.15, 0.2, 0.25]),
        (1000, [0, 200, 400, 600, 800, 1000]),
    ],
)
def test_round_times_where_none_are_given(last, times):
    table = cl.survival.at_risk(pd.DataFrame({"duration": [last], "event": [1]}))

    assert table["duration"].tolist() == times


def test_times_that_differ_by_rounding_alone_are_one():
    frame = pd.DataFrame({"duration": [0.1 + 0.2, 0.3, 0.7], "event": [1, 0, 1]})

    table = cl.survival.at_risk(frame, times=[0.3, 0.1 + 0.2 + 1e-16])
    exact = cl.survival.at_risk(frame, times=0.3, timefix=False)

    assert table[["n_risk", "n_event_cum", "n_censor_cum"]].values.tolist() == [[3, 1, 1]] * 2
    assert exact[["n_risk", "n_event_cum", "n_censor_cum"]].values.tolist() == [[3, 0, 1]]
    seconds = pd.DataFrame({"duration": [100_000_000, 100_000_001], "event": [1, 1]})
    at = cl.survival.at_risk(seconds, times=[100_000_000, 100_000_001])
    assert at["n_event_cum"].tolist() == [1, 2] and at["n_risk"].tolist() == [2, 1]


def test_times_that_cannot_be_meant():
    for times in (-1, "3", [1, None], []):
        with pytest.raises(cl.InputError, match="times="):
            cl.survival.at_risk(SPELLS, times=times)


def test_the_ledger_and_the_counts():
    counted = cl.survival.spell_counts(SPELLS, by="p lan")

    table = cl.survival.at_risk(counted, times=[2, 5], by="p lan")
    twice = cl.survival.at_risk(SPELLS.assign(n=2), times=[2, 5], by="p lan", count="n")

    plain = cl.survival.at_risk(SPELLS, times=[2, 5], by="p lan")
    assert table.equals(plain)
    assert twice["n_risk"].tolist() == (2 * plain["n_risk"]).tolist()
    lines = cl.ledger(plain)
    assert lines.query("stage == 'at_risk' and rule == 'used'")["n"].tolist() == [6]
