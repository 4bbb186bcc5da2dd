"""Files that already hold durations: every slip a message, every row in the ledger."""

from __future__ import annotations

import pandas as pd
import pytest

import churnlab as cl
from tests import engines


def file(**columns) -> pd.DataFrame:
    data = {
        "customer": ["a", "b", "b", "c"],
        "start": pd.to_datetime(["2026-01-01", "2026-01-11", "2026-03-01", "2026-02-01"]),
        "duration": [90, 20, 31, 59],
        "event": [0, 1, 0, 1],
        "plan": ["x", "y", "y", None],
    }
    return pd.DataFrame(data | columns)


AS_OF = "2026-04-01"  # 90, 80, 31 and 59 days after the starts


@pytest.fixture(params=engines.PARAMS)
def make(request, tmp_path):
    return engines.maker(request, tmp_path)


def test_the_same_spells_on_every_engine(make):
    table = cl.spells.durations_to_spells(make(file()), as_of=AS_OF, keep="plan")
    curve = cl.survival.kaplan_meier(table)

    assert table.as_of == "2026-04-01T00:00:00"
    assert table.cluster == "customer"
    assert curve["duration"].tolist() == [0, 20, 31, 59, 90]
    assert curve["n_event"].tolist() == [0, 1, 0, 1, 0]


def test_spells_are_numbered_and_the_ledger_adds_up():
    odd = pd.DataFrame(
        {
            "customer": ["", "d", "e", "f", "g"],
            "start": pd.to_datetime(["2026-01-01", None, "2026-04-01", "2026-01-01", "2026-01-01"]),
            "duration": [1, 1, 1, None, 1],
            "event": [1, 1, 1, 1, None],
        }
    )
    table = cl.spells.durations_to_spells(pd.concat([file(), odd]), as_of=AS_OF)

    assert table.frame[["customer", "spell", "event"]].to_numpy().tolist() == [
        ["a", 1, False], ["b", 1, True], ["b", 2, False], ["c", 1, True],
    ]  # fmt: skip
    ledger = table.ledger().set_index("rule")["n"].to_dict()
    assert ledger == {
        "read": 9, "used": 4, "missing_customer": 1, "missing_start": 1, "after_as_of": 1,
        "missing_duration": 1, "missing_event": 1,
    }  # fmt: skip


def test_one_spell_each_needs_no_clusters():
    assert cl.spells.durations_to_spells(file()[:2], as_of=AS_OF).cluster is None


LIES = {
    "longer than there was time": (
        {"duration": [91, 20, 31, 59]},
        "is longer than from 'start' to as_of in 1 row (for example 91).*taken to be in days",
    ),
    "months passed as days": ({"duration": [3000, 20, 31, 59]}, "for example 3000"),
    "negative": ({"duration": [1, -20, 31, 59]}, "'duration' is negative in 1 row"),
    "events in words": ({"event": ["stay", "left", "stay", "left"]}, "'left', 'stay'.*event_value="),
    "durations as events": ({"event": [90, 20, 31, 59]}, "must be 0/1"),
}  # fmt: skip


@pytest.mark.parametrize("story", LIES)
def test_misuse_ends_in_one_clear_message(story):
    columns, message = LIES[story]
    pattern = message.replace("(", r"\(").replace(")", r"\)")

    with pytest.raises(cl.InputError, match=pattern):
        cl.spells.durations_to_spells(file(**columns), as_of=AS_OF)


def test_the_limit_is_the_periods_touched():
    """30 January to 2 March touches January, February and March."""
    one = pd.DataFrame(
        {"customer": ["a"], "start": pd.to_datetime(["2026-01-30"]), "duration": [3], "event": [0]}
    )

    cl.spells.durations_to_spells(one, as_of="2026-03-02", period="month")
    with pytest.raises(cl.InputError, match="taken to be in months"):
        cl.spells.durations_to_spells(one.assign(duration=4), as_of="2026-03-02", period="month")
    month = cl.periods.Period("month", clock="elapsed")
    cl.spells.durations_to_spells(one.assign(duration=1.03), as_of="2026-03-02", period=month)
    with pytest.raises(cl.InputError, match="is longer than"):
        cl.spells.durations_to_spells(one.assign(duration=2.1), as_of="2026-03-02", period=month)


def test_codes_of_a_file_mean_what_event_value_says():
    words = file(event=["stay", "left", "stay", "left"])

    table = cl.spells.durations_to_spells(words, as_of=AS_OF, event_value="left")

    assert table.frame["event"].tolist() == [False, True, False, True]
