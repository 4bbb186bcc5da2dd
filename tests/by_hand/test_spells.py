"""Spells worked by hand: inactivity, the cut, contracts that touch, late entries."""

from __future__ import annotations

import pandas as pd
import pytest

import churnlab as cl


def rules(table, unit):
    return table.ledger().query("unit == @unit").set_index("rule")["n"].to_dict()


def spells(rows, **arguments):
    log = pd.DataFrame(rows, columns=["customer", "time"]).astype({"time": "datetime64[s]"})
    table = cl.spells.to_spells(log, **arguments)
    return {r.customer: (r.duration, r.event) for r in table.frame.itertuples()}, table


def test_the_six_customers():
    """g = 30 days, as_of 5 May 2026, so the cut is 5 April."""
    log = cl.datasets.load("six_customers")

    table = cl.spells.to_spells(log, inactivity=30, as_of="2026-05-05")

    frame = table.frame.set_index("customer")
    assert {c: (int(r["duration"]), bool(r["event"])) for c, r in frame.iterrows()} == {
        "C1": (11, False),
        "C2": (54, False),
        "C3": (14, True),
        "C4": (0, True),
        "C6": (5, True),
    }
    assert rules(table, "customers") == {"read": 6, "used": 5, "after_cut": 1}


def test_every_side_of_the_cut():
    """g = 10 days, as_of 1 February: the cut c is 22 January."""
    seen, table = spells(
        [
            ("last on the cut", "2026-01-05"),
            ("last on the cut", "2026-01-12"),
            ("last on the cut", "2026-01-22"),
            ("last a day before", "2026-01-15"),
            ("last a day before", "2026-01-21"),
            ("silence still running", "2026-01-15"),
            ("silence still running", "2026-01-23"),
            ("starts on the cut", "2026-01-22"),
            ("starts after the cut", "2026-01-23"),
            ("once, long ago", "2026-01-02"),
        ],
        inactivity=10,
        as_of="2026-02-01",
    )

    assert seen == {
        "last on the cut": (7, True),  # a gap of exactly g ends the spell on 12 January
        "last a day before": (6, True),
        "silence still running": (7, False),  # censored at the cut, not at the 23rd, not at as_of
        "starts on the cut": (0, True),
        "once, long ago": (0, True),
    }
    assert table.as_of == "2026-02-01T00:00:00"


def test_later_activity_only_proves_life():
    """Two customers alike up to the cut; what one does after it changes nothing."""
    seen, _ = spells(
        [("a", "2026-01-01"), ("a", "2026-01-20"), ("a", "2026-01-28")]
        + [("b", "2026-01-01"), ("b", "2026-01-20"), ("b", "2026-01-25")],
        inactivity=20,
        as_of="2026-02-05",
    )

    assert seen == {"a": (15, False), "b": (15, False)}


def test_months_on_the_calendar_and_on_the_clock():
    """31 January to 1 March: two calendar months apart, one elapsed month of 30 days."""
    rows = [("a", "2026-01-31"), ("a", "2026-03-01")]

    calendar, _ = spells(rows, inactivity=3, period="month", as_of="2026-12-01")
    elapsed, _ = spells(
        rows, inactivity=3, period=cl.Period("month", clock="elapsed"), as_of="2026-12-01"
    )

    assert calendar == {"a": (2, True)}
    assert elapsed == {"a": (0, True)}  # 29 days


def test_within_the_period_of_as_of():
    """as_of in mid-month: March is not over, so silence in it is not yet a month of silence.

    g = 2 and index(as_of) = March, so c = January: February's purchase may be followed in March.
    """
    seen, table = spells(
        [
            ("january", "2026-01-10"),
            ("both", "2026-01-10"),
            ("both", "2026-02-20"),
            ("february", "2026-02-10"),
        ],
        inactivity=2,
        period="month",
        as_of="2026-03-15",
    )

    assert seen == {"january": (0, True), "both": (0, False)}
    assert rules(table, "customers")["after_cut"] == 1


def test_a_gap_of_one_calendar_period_is_no_gap():
    with pytest.raises(cl.InputError, match="neighbouring periods are 1 apart"):
        spells([("a", "2026-01-10")], inactivity=1, period="month")


def contracts(rows, **arguments):
    frame = pd.DataFrame(rows, columns=["customer", "start", "end"])
    frame = frame.astype({"start": "datetime64[s]", "end": "datetime64[s]"})
    table = cl.spells.subscriptions_to_spells(frame, **arguments)
    return {r.customer: (r.duration, r.event) for r in table.frame.itertuples()}, table


def test_contracts_that_touch_or_overlap_are_one_spell():
    seen, table = contracts(
        [
            ("renewed", "2026-01-01", "2026-02-01"),
            ("renewed", "2026-02-01", "2026-03-01"),
            ("two at once", "2026-01-01", "2026-03-01"),
            ("two at once", "2026-01-15", "2026-02-01"),
            ("came back", "2026-01-01", "2026-02-01"),
            ("came back", "2026-02-02", None),
            ("still here", "2026-01-11", None),
            ("ends later", "2026-03-01", "2026-12-31"),
            ("too late", "2026-04-01", None),
            ("same day", "2026-02-02", "2026-02-02"),
            ("turned round", "2026-02-02", "2026-02-01"),
        ],
        as_of="2026-04-01",
    )

    assert seen == {
        "renewed": (59, True),
        "two at once": (59, True),
        "came back": (31, True),
        "still here": (80, False),
        "ends later": (31, False),
        "same day": (0, True),
    }
    ledger = table.ledger().set_index(["unit", "rule"])["n"].to_dict()
    assert ledger == {
        ("rows", "read"): 11,
        ("rows", "used"): 9,
        ("rows", "after_as_of"): 1,
        ("rows", "end_before_start"): 1,
        ("customers", "read"): 8,
        ("customers", "used"): 6,
        ("customers", "no_activity"): 2,
        ("spells", "read"): 7,
        ("spells", "used"): 6,
        ("spells", "later_spell"): 1,
    }


def test_an_end_on_as_of_is_churn():
    seen, _ = contracts([("a", "2026-01-01", "2026-02-01")], as_of="2026-02-01")

    assert seen == {"a": (31, True)}


def test_late_entry_from_the_day_records_begin():
    """Records begin on 1 March: older contracts enter late, those over by then were never seen."""
    seen, table = contracts(
        [
            ("old", "2026-01-01", "2026-04-01"),
            ("over", "2026-01-01", "2026-03-01"),
            ("new", "2026-03-11", None),
        ],
        as_of="2026-05-01",
        observed_from="2026-03-01",
    )

    assert seen == {"old": (90, True), "new": (51, False)}
    entry = table.frame.set_index("customer")["entry"]
    assert entry["old"] == 59
    assert pd.isna(entry["new"])
    assert rules(table, "customers") == {"read": 3, "used": 2, "before_observed_from": 1}
