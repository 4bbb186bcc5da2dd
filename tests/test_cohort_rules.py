"""Every rule against a plain count in Python, on random logs and on every kind of table."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import churnlab as cl
from churnlab.cohorts import Rule

ORIGIN = pd.Timestamp("2025-12-20")
HOURS = {"day": 24, "week": 168, "month": 720}


# --- the plain count ------------------------------------------------------------------------------
def index_of(moment: pd.Timestamp, unit: str) -> int:
    days = (moment.normalize() - pd.Timestamp(1970, 1, 1)).days
    return {"day": days, "week": (days + 3) // 7, "month": moment.year * 12 + moment.month - 1}[
        unit
    ]


def start_of(index: int, unit: str) -> pd.Timestamp:
    if unit == "month":
        return pd.Timestamp(index // 12, index % 12 + 1, 1)
    days = index if unit == "day" else 7 * index - 3
    return pd.Timestamp(1970, 1, 1) + pd.Timedelta(days=days)


def age_of(moment, origin, unit, clock) -> int:
    if clock == "calendar":
        return index_of(moment, unit) - index_of(origin, unit)
    return math.floor((moment - origin) / pd.Timedelta(hours=HOURS[unit]))


def edge_of(origin, age, unit, clock) -> pd.Timestamp:
    """Where the period of that age begins."""
    if clock == "calendar":
        return start_of(index_of(origin, unit) + age, unit)
    return origin + age * pd.Timedelta(hours=HOURS[unit])


def plain(log, rule, unit, clock, as_of, measure="customers", signups=None):
    """(cohort, age) -> n_start, n_eligible, n_active, n_seen, value, retention, by plain loops."""
    rows = [r for r in log.itertuples() if r.time < as_of]
    starts, returns = (
        [r for r in rows if not r.amount < 0 and (not kinds or r.kind in kinds)]
        for kinds in (rule.start_kind, rule.return_kind)
    )
    units = {}
    for r in starts if signups is None else signups.itertuples():
        if r.time >= as_of:
            continue
        key = (r.customer, index_of(r.time, unit) if rule.starts == "every" else 0)
        units[key] = min(units.get(key, r.time), r.time)
    last = max(
        (a for o in units.values() for a in range(2000) if edge_of(o, a, unit, clock) < as_of),
        default=-1,
    )
    edges = rule.brackets or tuple(range(last + 2))
    money = [r for r in rows if not rule.return_kind or r.kind in rule.return_kind]
    cells = {}
    for (customer, _), origin in units.items():
        cohort = start_of(index_of(origin, unit), unit)
        own = [r for r in returns if r.customer == customer]
        # on the calendar clock the whole period of the start is age 0
        mine = [age_of(r.time, origin, unit, clock) for r in own
                if r.time >= origin
                or (clock == "calendar" and age_of(r.time, origin, unit, clock) == 0)]  # fmt: skip
        paid = [r for r in money if r.customer == customer and not pd.isna(r.amount)]
        cents = [(age_of(r.time, origin, unit, clock), round(r.amount * 10_000)) for r in paid]
        values = {
            "customers": lambda a, b, m=mine: int(any(a <= x < b for x in m)),
            "events": lambda a, b, m=mine: sum(a <= x < b for x in m),
            "money": lambda a, b, c=cents: sum(v for x, v in c if a <= x < b),
        }
        for j, (low, high) in enumerate(pairwise(edges)):
            if edge_of(origin, low, unit, clock) >= as_of:
                continue
            end = 10**6 if rule.returned == "on_or_after" else high
            seen = values["customers"](low, end) or int(low == 0 and rule.age_zero == "all")
            before = edges[j - 1] if j else 0
            cell = cells.setdefault((cohort, low), [])
            cell.append(
                {
                    "eligible": edge_of(origin, high, unit, clock) <= as_of,
                    "seen": seen,
                    "value": seen if measure == "customers" else values[measure](low, high),
                    "first": 1 if measure == "customers" else values[measure](0, edges[1]),
                    "before": (
                        values["customers"](before, end if rule.returned == "on_or_after" else low)
                        or int(before == 0 and rule.age_zero == "all")
                        if measure == "customers"
                        else values[measure](before, low)
                    ),
                }
            )
    sizes = {}
    for (_, _), origin in units.items():
        cohort = start_of(index_of(origin, unit), unit)
        sizes[cohort] = sizes.get(cohort, 0) + 1
    return {key: _cell(cell, sizes[key[0]], rule, key[1]) for key, cell in cells.items()}


def _cell(cell, n_start, rule, age):
    eligible = [u for u in cell if u["eligible"]]
    counted = eligible if rule.denominator == "eligible" else cell
    value = sum(u["value"] for u in counted)
    below = sum(u["first"] for u in counted)
    if rule.denominator == "start" and all(u["first"] == 1 for u in cell):
        below = n_start if sum(u["first"] for u in cell) == len(cell) else below
    if rule.reference == "previous":
        below = value if age == 0 else sum(u["before"] for u in counted)
    share = value / below if eligible and below > 0 else None
    return {
        "n_start": n_start,
        "n_eligible": len(eligible),
        "n_active": sum(u["seen"] for u in eligible) if eligible else None,
        "n_seen": sum(u["seen"] for u in cell),
        "value": value if eligible else None,
        "retention": share,
    }


def shown(triangle, measure="customers"):
    scale = 10_000 if measure == "money" else 1
    return {
        (r.cohort, r.age): {
            "n_start": r.n_start,
            "n_eligible": r.n_eligible,
            "n_active": None if pd.isna(r.n_active) else int(r.n_active),
            "n_seen": r.n_seen,
            "value": None if pd.isna(r.value) else round(r.value * scale),
            "retention": None if np.isnan(r.retention) else pytest.approx(r.retention, abs=1e-12),
        }
        for r in triangle.itertuples()
    }


# --- random logs ----------------------------------------------------------------------------------
@st.composite
def questions(draw):
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from("abcd"), st.integers(0, 2400), st.sampled_from("xyz"),
                st.sampled_from([5, 0, 12.5, -3, None]),
            ),
            min_size=1, max_size=30,
        )
    )  # fmt: skip
    log = pd.DataFrame(rows, columns=["customer", "hour", "kind", "amount"])
    log["amount"] = log["amount"].astype(float)
    log["time"] = ORIGIN + pd.to_timedelta(log.pop("hour"), unit="h")
    measure = draw(st.sampled_from(["customers", "customers", "events", "money"]))
    returned = "on" if measure != "customers" else draw(st.sampled_from(["on", "on_or_after"]))
    rule = Rule(
        returned,
        brackets=draw(st.sampled_from([(), (), (0, 1, 3), (0, 2, 4, 9)])),
        reference=draw(st.sampled_from(["first", "previous"])),
        starts=draw(st.sampled_from(["first", "every"])),
        start_kind=draw(st.sampled_from([None, "x", ("x", "y")])),
        return_kind=draw(st.sampled_from([None, "y", ("y", "z")])),
        denominator=draw(st.sampled_from(["eligible", "start"])) if measure == "customers" else "eligible",
        age_zero=draw(st.sampled_from(["returned", "all"])),
    )  # fmt: skip
    unit = draw(st.sampled_from(["day", "week", "month"]))
    clock = draw(st.sampled_from(["calendar", "elapsed"]))
    as_of = ORIGIN + pd.Timedelta(hours=draw(st.integers(1, 2600)))
    return log, rule, unit, clock, as_of, measure


@settings(max_examples=60, deadline=None)
@given(questions())
def test_every_rule_counts_what_a_plain_loop_counts(question):
    log, rule, unit, clock, as_of, measure = question
    period = cl.Period(unit, clock=clock)
    expected = plain(log, rule, unit, clock, as_of, measure)

    if (
        not {*(rule.start_kind or ()), *(rule.return_kind or ())} <= set(log["kind"])
        or not expected
    ):
        with pytest.raises(cl.InputError):
            cl.cohorts.retention(log, period=period, rule=rule, measure=measure, as_of=as_of)
        return
    triangle = cl.cohorts.retention(log, period=period, rule=rule, measure=measure, as_of=as_of)

    assert shown(triangle, measure) == expected
    ledger = cl.ledger(triangle)
    for _, part in ledger.groupby(["stage", "unit"]):
        n = part.set_index("fate")["n"].groupby(level=0).sum()
        assert n["read"] == n["used"] + n.get("excluded", 0)
