"""Cohorts from a table of starts, a column, a coarser period; the pooled curve; members of a cell."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from churnlab import engine
from churnlab.cohorts import Rule
from tests import engines


def table(rows, columns=("customer", "time")) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns)).astype({"time": "datetime64[s]"})


# a and b signed up in January, c and d in February; d never did anything, e never signed up
SIGNUPS = table(
    [("a", "2026-01-10"), ("b", "2026-01-31"), ("c", "2026-02-03"), ("d", "2026-02-20")]
).assign(**{"区域": ["n", "s", "n", None]})
EVENTS = table(
    [
        *[("a", "2026-01-05"), ("a", "2026-01-12"), ("a", "2026-03-02")],
        *[("b", "2026-02-01"), ("b", "2026-02-02"), ("c", "2026-02-03"), ("e", "2026-02-01")],
    ]
)


@pytest.fixture(params=engines.PARAMS)
def make(request, tmp_path):
    folders = iter([tmp_path / "one", tmp_path / "two"])

    def put(frame):
        folder = next(folders)
        folder.mkdir()
        return engines.maker(request, folder)(frame)

    return put


def test_cohorts_of_a_signup_table(make):
    """Of January's two, one was active in January (both of a's visits: on the calendar clock the
    5th is in the month of the start), one in February, one in March; of February's two one was active."""
    triangle = cl.cohorts.retention(make(EVENTS), cohort=make(SIGNUPS), as_of="2026-03-15")

    assert triangle[["age", "n_start", "n_eligible", "n_seen"]].to_numpy().tolist() == [
        *([0, 2, 2, 1], [1, 2, 2, 1], [2, 2, 0, 1]),
        *([0, 2, 2, 1], [1, 2, 0, 0]),
    ]
    lines = cl.ledger(triangle).set_index(["stage", "unit", "rule"])["n"].to_dict()
    assert lines["cohort", "rows", "used"] == 4
    assert lines["retention", "rows", "no_start"] == 1
    assert lines["retention", "rows", "used"] == 6
    assert lines["retention", "customers", "read"] == 5
    assert lines["retention", "customers", "no_start"] == 1
    assert lines["retention", "customers", "no_events"] == 1


def test_groups_are_those_of_the_table_of_starts():
    triangle = cl.cohorts.retention(EVENTS, cohort=SIGNUPS, by="区域", as_of="2026-03-01")

    sizes = triangle[triangle["age"] == 0].set_index(["区域", "cohort"])["n_start"]
    assert sizes.tolist() == [1, 1, 1, 1]
    assert triangle["区域"].isna().iloc[-1]


def test_two_engines_meet():
    """Starts in pandas; events in the user's own DuckDB, which only a query of its own enters."""
    wanted = cl.cohorts.retention(EVENTS, cohort=SIGNUPS, as_of="2026-03-15")
    relation = duckdb.connect().from_df(EVENTS)

    met = cl.cohorts.retention(relation, cohort=SIGNUPS, as_of="2026-03-15")

    pd.testing.assert_frame_equal(met, wanted)


def test_ids_of_two_kinds_are_refused():
    starts = SIGNUPS.assign(customer=[1, 2, 3, 4])

    with pytest.raises(cl.InputError, match="numbers in the table of starts and text in the event"):
        cl.cohorts.retention(EVENTS, cohort=starts, as_of="2026-03-15")


def test_a_column_of_dates_is_the_start():
    joined = EVENTS.merge(
        SIGNUPS[["customer", "time"]].rename(columns={"time": "joined on"}),
        on="customer",
        how="left",
    )

    by_column = cl.cohorts.retention(joined, cohort="joined on", as_of="2026-03-15")

    # d did nothing, so the events do not know of it
    assert by_column[["age", "n_start", "n_seen"]].to_numpy().tolist() == [
        *([0, 2, 1], [1, 2, 1], [2, 2, 1]),
        *([0, 1, 1], [1, 1, 0]),
    ]
    assert cl.ledger(by_column).set_index("rule")["n"]["no_start"].tolist() == [1, 1]


def test_a_column_of_labels_pools_ages_from_each_start():
    log = table(
        [("a", "2026-01-05"), ("a", "2026-02-07"), ("b", "2026-02-05"), ("b", "2026-04-01"),
         ("c", "2026-03-03")]
    ).assign(plan=["x", "x", "x", "x", None])  # fmt: skip

    triangle = cl.cohorts.retention(log, cohort="plan", as_of="2026-04-15")

    # a is over at ages 0–2, b at 0–1, c (no plan, last) at 0
    assert triangle["cohort"].tolist()[:4] == ["x"] * 4 and triangle["cohort"].isna().sum() == 2
    assert triangle[["age", "n_start", "n_eligible", "n_seen"]].to_numpy().tolist() == [
        *([0, 2, 2, 2], [1, 2, 2, 1], [2, 2, 1, 1], [3, 2, 0, 0]),
        *([0, 1, 1, 1], [1, 1, 0, 0]),
    ]
    assert triangle["n_active"].tolist()[:3] == [2, 1, 0]
    assert triangle["mature"].tolist() == [True, True, False, False, True, False]


def test_weeks_of_starts_with_ages_in_days():
    """The pooling of daily cohorts by week: each customer's days count from its own first day."""
    log = table(
        [("a", "2026-01-05"), ("a", "2026-01-06"), ("b", "2026-01-08"), ("b", "2026-01-09")]
    )

    weekly = cl.cohorts.retention(log, period="day", cohort=cl.Period("week"), as_of="2026-01-10")

    assert weekly["cohort"].unique().tolist() == [pd.Timestamp("2026-01-05")]
    assert weekly[["n_start", "n_eligible", "n_seen"]].to_numpy().tolist() == [
        *([2, 2, 2], [2, 2, 2], [2, 1, 0], [2, 1, 0], [2, 1, 0])
    ]


@pytest.mark.parametrize("rule", ["on", "on_or_after", Rule(brackets=(0, 1, 3, 7)), "posthog"])
@pytest.mark.parametrize("clock", ["calendar", "elapsed"])
def test_the_customers_behind_every_cell(rule, clock):
    log = cl.datasets.generate_events(300, seed=7).assign(kind="visit")
    period = cl.Period("month", clock=clock)
    if rule == "posthog" and clock == "elapsed":
        return
    asked = {"rule": rule, "period": period, "by": "segment", "as_of": "2024-09-10"}
    triangle = cl.cohorts.retention(log, **asked)

    for _, cell in triangle.sample(5, random_state=1).iterrows():
        members = cl.cohorts.customers(log, cell=cell, **asked).frame
        active, eligible = members["is_active"], members["is_eligible"]
        assert len(members) == cell["n_start"]
        assert members["customer"].is_unique
        assert active.sum() == cell["n_seen"]
        assert eligible.sum() == cell["n_eligible"]
        assert pd.isna(cell["n_active"]) or (active & eligible).sum() == cell["n_active"]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ({"cohort": "2026-01-02", "age": 1}, "no cohort begins on 2026-01-02; the month it is in"),
        ({"age": 1}, "has no 'cohort'"),
        ({"cohort": "soon", "age": 1}, "is no date"),
        ({"cohort": "2026-01-01", "age": -1}, "age=-1 must be at least 0"),
    ],
)
def test_cells_that_are_none(cell, message):
    with pytest.raises(cl.InputError, match=message):
        cl.cohorts.customers(EVENTS, cell=cell, as_of="2026-03-15")


def test_both_roads_agree_on_every_rule(monkeypatch):
    log = cl.datasets.generate_events(2_000, seed=3)
    rules = [Rule("on_or_after"), Rule(brackets=(0, 1, 4, 9)), Rule(reference="previous"),
             Rule("on_or_after", brackets=(0, 2, 5)), Rule("on_or_after", reference="previous")]  # fmt: skip
    fast = [cl.cohorts.retention(log, by="segment", rule=rule) for rule in rules]
    monkeypatch.setattr(engine, "has_masks", lambda frame: False)

    for rule, wanted in zip(rules, fast, strict=True):
        slow = cl.cohorts.retention(log, by="segment", rule=rule)
        pd.testing.assert_frame_equal(slow, wanted)


def test_the_pooled_curve_leaves_out_who_is_not_there_yet():
    """Three cohorts of 100, 50, 10 with 30, 20 and 1 back at age 1; the last is not over."""
    rows = [(f"j{i}", "2026-01-01") for i in range(100)] + [
        (f"j{i}", "2026-02-01") for i in range(30)
    ]
    rows += [(f"f{i}", "2026-02-01") for i in range(50)] + [
        (f"f{i}", "2026-03-01") for i in range(20)
    ]
    rows += [(f"m{i}", "2026-03-01") for i in range(10)] + [("m1", "2026-04-01")]
    triangle = cl.cohorts.retention(table(rows), as_of="2026-04-15")

    curve = cl.cohorts.pooled(triangle)
    simple = cl.cohorts.pooled(triangle, mean="simple")

    assert curve["age"].tolist() == [0, 1, 2]
    assert curve["n_cohorts"].tolist() == [3, 2, 1]
    assert curve["retention"].tolist() == [1.0, 50 / 150, 0.0]
    assert simple["retention"].tolist() == [1.0, (0.3 + 0.4) / 2, 0.0]
    assert curve.loc[1, ["conf_low", "conf_high"]].tolist() == pytest.approx(
        list(cl.intervals.wilson(50, 150))
    )
    assert simple["conf_low"].isna().all()


def test_the_pooled_curve_of_groups_and_what_it_refuses():
    log = cl.datasets.generate_events(500, seed=2)
    triangle = cl.cohorts.retention(log, by="segment")

    curve = cl.cohorts.pooled(triangle)

    assert list(curve["segment"].unique()) == list(triangle["segment"].unique())
    for segment, part in triangle[triangle["mature"]].groupby("segment"):
        at_two = part[part["age"] == 2]
        mine = curve[(curve["segment"] == segment) & (curve["age"] == 2)]
        assert mine["retention"].item() == at_two["n_active"].sum() / at_two["n_eligible"].sum()
    with pytest.raises(cl.InputError, match="mean='simple'"):
        cl.cohorts.pooled(cl.cohorts.retention(log, measure="events"))
    with pytest.raises(cl.InputError, match="no cell of the triangle is mature"):
        cl.cohorts.pooled(cl.cohorts.retention(EVENTS, as_of="2026-01-06"))


def test_mature_cells_of_on_never_change_and_those_of_on_or_after_only_rise():
    """More of the log is read, month by month: the share "on" stays, "on or after" grows."""
    log = cl.datasets.generate_events(800, seed=11)
    ends = pd.date_range("2024-03-01", "2024-12-01", freq="MS")
    moved = 0
    for rule in ("on", "on_or_after"):
        known: dict = {}
        for as_of in ends:
            triangle = cl.cohorts.retention(log, rule=rule, as_of=as_of)
            for row in triangle[triangle["mature"]].itertuples():
                key = (row.cohort, row.age)
                if rule == "on":
                    assert known.setdefault(key, row.retention) == row.retention
                else:
                    assert row.retention >= known.get(key, 0)
                    moved += row.retention > known.get(key, np.inf)
                    known[key] = row.retention
    assert moved > 20, "the right edge of 'on or after' must be seen to move"


def test_a_table_of_starts_that_knows_nobody_is_refused():
    log = table([("1", "2024-01-05"), ("2", "2024-02-05")])
    starts = table([("001", "2024-01-01"), ("002", "2024-01-01")])

    with pytest.raises(cl.InputError, match="ids are written in two ways.*'1' in the ev.*'001' in"):
        cl.cohorts.retention(log, cohort=starts, as_of="2024-04-01")


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_starts_on_another_clock_are_refused(zone):
    starts = SIGNUPS.assign(time=SIGNUPS["time"].dt.tz_localize(zone))

    with pytest.raises(cl.InputError, match="starts are on the clock of .* events without a zone"):
        cl.cohorts.retention(EVENTS, cohort=starts, as_of="2026-03-15")


def test_a_unit_that_is_no_column_is_taken_for_a_period():
    with pytest.raises(cl.InputError, match=r"say cohort=cl.Period\('week'\)"):
        cl.cohorts.retention(EVENTS, cohort="week", as_of="2026-03-15")


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ({"cohort": "2030-01-01", "age": 0}, "has no customers"),
        ({"cohort": "2026-01-01", "age": 99}, "had not begun by as_of at age 99"),
    ],
)
def test_cells_outside_the_triangle(cell, message):
    with pytest.raises(cl.InputError, match=message):
        cl.cohorts.customers(EVENTS, cell=cell, as_of="2026-03-15")


def test_the_measure_does_not_move_a_customer():
    """A first visit without an amount starts all the same; its money is not known, and noted."""
    log = table([("a", "2026-01-05"), ("a", "2026-02-05"), ("b", "2026-01-05")])
    log["amount"] = [None, 10.0, 5.0]

    money = cl.cohorts.retention(log, measure="money", as_of="2026-03-01")

    assert money["n_start"].tolist() == [2, 2]
    assert money["value"].tolist() == [5.0, 10.0]
    assert cl.ledger(money).set_index("rule")["n"]["amount_unknown"] == 1


@pytest.mark.parametrize("amount", [np.inf, -np.inf, 1e17])
def test_money_that_cannot_be_added_is_refused(amount):
    log = table([("a", "2026-01-05"), ("b", "2026-01-05")]).assign(amount=[1.0, amount])

    with pytest.raises(cl.InputError, match="'amount' holds amounts beyond .1,000,000,000,000"):
        cl.cohorts.retention(log, measure="money", as_of="2026-03-01")
