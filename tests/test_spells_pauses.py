"""Pauses: silence that does not count and exposure that is suspended, by hand and by force."""

from __future__ import annotations

from itertools import count
from math import exp

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import churnlab as cl
from churnlab.spells import pauses as closed
from tests import engines
from tests.test_spells import assert_adds_up
from tests.test_spells_all import as_pandas, contracts_of, dates, found, log_of, rules


@pytest.fixture(params=engines.PARAMS)
def table(request, tmp_path):
    """What makes tables of one kind, each in a folder of its own."""
    number = count()

    def make(frame):
        folder = tmp_path / str(next(number))
        folder.mkdir()
        return engines.maker(request, folder)(frame)

    return make


def pauses_of(rows) -> pd.DataFrame:
    """(from, to) for everyone, or (customer, from, to)."""
    with_customers = contracts_of([row if len(row) == 3 else (None, *row) for row in rows])
    whose = any(len(row) == 3 for row in rows)
    return with_customers if whose else with_customers[["start", "end"]]


def spells_of(log, pauses, **arguments):
    given = {"inactivity": 10, "as_of": dates([100])[0]} | arguments
    return cl.spells.to_spells(log, pauses=pauses, **given)


def pieces(table):
    return found(table, "entry")


# -------------------------------------------------------------------------------- events
def closed_for_works() -> pd.DataFrame:
    return log_of(
        [("waits too long", 0), ("waits too long", 15), ("waits too long", 65)]
        + [("comes back", 0), ("comes back", 9), ("comes back", 16), ("comes back", 65)]
        + [("buys inside", 0), ("buys inside", 9), ("buys inside", 18), ("buys inside", 30)]
        + [("last on the day", 12), ("last on the day", 18), ("last on the day", 60)]
        + [("begins inside", 40), ("begins inside", 70)]
        + [("still here", 85), ("still here", 94)]
    )


def test_a_closure_by_hand(table):
    """Closed on days 20 to 59; g = 10, as_of day 100, so the cut is day 90.

    waits too long: 0 to 15 is no less than 10 of open time: the first run ends on day 0.
    comes back: 16 to 65 is 49 days, 40 of them closed, leaves 9: the spell goes on to 65.
    buys inside: 18 to 30 leaves 2 open days; then silence from 60 on: last on day 30.
    begins inside: 40 to 70 leaves 10: it ends on day 40, where it began.
    """
    log = table(closed_for_works())
    works = pauses_of([(20, 45), (40, 60)])  # one closure, from two papers

    spells = spells_of(log, works)

    assert found(spells) == [
        ("begins inside", 1, 0, True),
        ("buys inside", 1, 30, True),
        ("comes back", 1, 65, True),
        ("last on the day", 1, 48, True),
        ("still here", 1, 5, False),
        ("waits too long", 1, 0, True),
    ]
    cut = cl.spells.suspend(spells, pauses=works)
    # a spell from day f has ages 21 − f to 59 − f suspended, 20 − f and 60 − f at risk
    assert pieces(cut) == [
        ("buys inside", 1, 20, True, None),  # dated where the pause began
        ("comes back", 1, 20, False, None),
        ("comes back", 1, 65, True, 59),
        ("last on the day", 1, 8, False, None),
        ("last on the day", 1, 48, True, 47),
        ("still here", 1, 5, False, None),
        ("waits too long", 1, 0, True, None),
    ]
    ledger = cut.ledger().query("stage == 'suspend'").set_index("rule")["n"].to_dict()
    assert ledger == {"read": 6, "used": 5, "no_exposure": 1, "in_pause": 1}
    assert_adds_up(cut.ledger())


def test_pauses_of_customers_by_hand(table):
    """Only "frozen" is paused, on days 20 to 69 and from 95 on.

    frozen: 16 to 75 is 59 days less 50 leaves 9: it goes on. 10 open days before as_of = day 100
    reach back from day 95 to day 85, so its own cut is day 85: 75 is churn, 86 would be too new.
    """
    log = log_of(
        [("frozen", 10), ("frozen", 16), ("frozen", 75), ("free", 10), ("free", 16), ("free", 75)]
        + [("paused, not here", 30)]
    )
    frozen = pauses_of([("frozen", 20, 60), ("frozen", 60, 70), ("frozen", 95, None), ("x", 0, 99)])

    spells = spells_of(table(log), table(frozen), spells="all")
    cut = cl.spells.suspend(spells, pauses=table(frozen))

    assert found(spells) == [
        ("free", 1, 6, True),
        ("free", 2, 0, True),
        ("frozen", 1, 65, True),
        ("paused, not here", 1, 0, True),
    ]
    assert pieces(cut) == [
        ("free", 1, 6, True, None),
        ("free", 2, 0, True, None),
        ("frozen", 1, 10, False, None),
        ("frozen", 1, 65, True, 59),
        ("paused, not here", 1, 0, True, None),
    ]


@pytest.mark.parametrize(
    ("last", "expected"), [(84, (9, True)), (85, (10, True)), (86, (10, False))]
)
def test_every_side_of_the_cut_of_a_paused_customer(last, expected):
    log = log_of([("a", 75), ("a", 80), ("a", last), ("b", 0)])

    spells = spells_of(log, pauses_of([("a", 95, None)]))

    assert found(spells)[0] == ("a", 1, *expected)


def test_as_of_within_a_closure_looks_back_to_before_it():
    """Closed from day 20 on: ten open days before day 50 are those from day 10 on."""
    log = log_of([("gone", 0), ("gone", 10), ("silent", 3), ("silent", 11), ("new", 12)])

    spells = spells_of(log, pauses_of([(20, 60)]), inactivity=10, as_of=dates([50])[0])

    assert found(spells) == [("gone", 1, 0, True), ("silent", 1, 7, False)]
    assert rules(spells, "spells") == {"read": 4, "used": 2, "after_cut": 1, "later_spell": 1}


pause = st.tuples(st.integers(0, 60), st.integers(0, 25)).map(lambda p: (p[0], p[0] + p[1]))
events = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 60)), min_size=1, max_size=30)


def shut_days(rows, customer: str) -> set[int]:
    mine = [row[-2:] for row in rows if len(row) == 2 or row[0] == customer]
    return {day for begin, end in mine for day in range(begin, end)}


def by_definition(rows, pauses, gap: int, as_of: int):
    """A silence is as long as the open days in it; the cut has ``gap`` of them after it."""
    expected = []
    for customer in {c for c, _ in rows}:
        shut = shut_days(pauses, customer)

        def is_open(begin: int, end: int, shut: set[int] = shut) -> int:
            return sum(day not in shut for day in range(begin, end))

        days = sorted({d for c, d in rows if c == customer and d < as_of})
        cut = max((x for x in range(-200, as_of) if is_open(x, as_of) >= gap), default=None)
        runs: list[list[int]] = []
        for day in days:
            if runs and is_open(runs[-1][-1], day) < gap:
                runs[-1].append(day)
            else:
                runs.append([day])
        for number, run in enumerate(runs, start=1):
            if run[0] <= cut:
                churned = run[-1] <= cut
                until = run[-1] if churned else cut
                expected.append((customer, number, until - run[0], churned))
    return sorted(expected)


@settings(max_examples=25)
@given(events, st.lists(pause, max_size=4), st.integers(2, 12), st.booleans())
def test_silence_by_definition(rows, shut, gap, own):
    if own:
        shut = [("abz"[i % 3], *row) for i, row in enumerate(shut)]
    pauses = pauses_of(shut) if shut else pauses_of([(0, 1)])[:0]

    every = spells_of(log_of(rows), pauses, inactivity=gap, as_of=dates([50])[0], spells="all")
    first = spells_of(log_of(rows), pauses, inactivity=gap, as_of=dates([50])[0])

    assert found(every) == by_definition(rows, shut, gap, 50)
    assert found(first) == [row for row in found(every) if row[1] == 1]
    assert_adds_up(first.ledger())


@settings(max_examples=10)
@given(events, st.lists(pause, min_size=1, max_size=3), st.integers(2, 12))
def test_days_on_the_elapsed_clock_are_those_of_the_calendar(rows, shut, gap):
    """All at midnight: 24 hours or one date are the same."""
    arguments = {"inactivity": gap, "as_of": dates([50])[0], "spells": "all"}
    calendar = spells_of(log_of(rows), pauses_of(shut), **arguments)
    elapsed = spells_of(
        log_of(rows), pauses_of(shut), **arguments, period=cl.Period("day", clock="elapsed")
    )

    assert found(elapsed) == found(calendar)


def test_only_periods_wholly_paused_count_on_the_calendar():
    """Months of 2026: closed from 10 March to 20 June, which is all of April and May."""
    log = pd.DataFrame(
        {
            "customer": list("aab"),
            "time": pd.to_datetime(["2026-02-03", "2026-07-03", "2026-02-03"]),
        }
    )
    works = pd.DataFrame(
        {"start": pd.to_datetime(["2026-03-10"]), "end": pd.to_datetime(["2026-06-20"])}
    )
    months = {"period": "month", "as_of": "2026-12-01"}

    # February to July is 5 months, 2 of them closed
    assert found(cl.spells.to_spells(log, inactivity=4, pauses=works, **months))[0][2:] == (5, True)
    three = cl.spells.to_spells(log, inactivity=3, pauses=works, **months)
    assert found(three)[0][2:] == (0, True)
    four = cl.spells.to_spells(log, inactivity=4, pauses=works, **months)
    # at risk in March (age 1), when it closed, and in June (age 4), when it opened
    cut = cl.spells.suspend(four, pauses=works, period="month")
    assert pieces(cut) == [("a", 1, 1, False, None), ("a", 1, 5, True, 3), ("b", 1, 0, True, None)]


# ------------------------------------------------------------------------------ exposure
spell = st.tuples(
    st.sampled_from("abc"),
    st.integers(0, 40),
    st.integers(0, 40),
    st.booleans(),
    st.one_of(st.none(), st.integers(0, 39)),
)


@settings(max_examples=40)
@given(
    st.lists(spell, min_size=1, max_size=8), st.lists(pause, min_size=1, max_size=5), st.booleans()
)
def test_the_ages_at_risk_by_definition(rows, shut, own):
    """Piece by piece: the ages at risk, each once, and one churn at an age that is."""
    rows = [r for r in rows if r[4] is None or r[4] < r[2]]
    if own:
        shut = [("abz"[i % 3], *row) for i, row in enumerate(shut)]
    frame = pd.DataFrame(rows, columns=["customer", "day", "duration", "event", "entry"])
    frame["spell"] = range(1, len(frame) + 1)
    frame["start"] = dates(frame["day"])
    frame = frame.astype(
        {"entry": "Int64", "duration": "int64", "event": "bool", "customer": "str"}
    )

    cut = cl.spells.suspend(frame, pauses=pauses_of(shut))

    got: dict[int, list] = {}
    for _, number, duration, event, entry in pieces(cut):
        got.setdefault(number, []).append((0 if entry is None else entry + 1, duration, event))
    lost = 0
    for number, (customer, day, duration, event, entry) in enumerate(rows, start=1):
        closed_to = shut_days(shut, customer)
        # a day strictly inside a pause: it and the day before it are shut
        at_risk = [
            age
            for age in range(0 if entry is None else entry + 1, duration + 1)
            if not (day + age in closed_to and day + age - 1 in closed_to)
        ]
        mine = got.get(number, [])
        ages = [age for first, last, _ in mine for age in range(first, last + 1)]
        assert sorted(ages) == at_risk
        lost += not at_risk
        churns = [last for _, last, churned in mine if churned]
        assert churns == ([at_risk[-1]] if event and at_risk else [])
    ledger = rules(cut, "spells")
    assert ledger.get("no_exposure", 0) == lost
    assert_adds_up(cut.ledger())


def test_suspended_contracts_on_every_engine(table):
    """A membership frozen on days 10 to 29, seen from day 5 on."""
    contracts = contracts_of([("a", 0, 50), ("b", 12, 20), ("c", 20, 40), ("d", 0, 30)])
    spells = cl.spells.subscriptions_to_spells(
        table(contracts), as_of=dates([100])[0], observed_from=dates([5])[0]
    )

    cut = cl.spells.suspend(spells, pauses=table(pauses_of([(10, 30)])))

    assert pieces(cut) == [
        ("a", 1, 10, False, 5),
        ("a", 1, 50, True, 29),
        ("c", 1, 20, True, 9),  # began inside; at risk from day 30 on
        ("d", 1, 10, False, 5),
        ("d", 1, 30, True, 29),  # ended as the pause did
    ]
    frame = as_pandas(cut.frame)
    assert list(frame.columns) == ["customer", "spell", "start", "duration", "event", "entry"]


def test_suspending_twice_is_suspending_once():
    log = closed_for_works().assign(plan="p")
    spells = spells_of(log, pauses_of([(20, 60)]), keep="plan")
    once = cl.spells.suspend(spells, pauses=pauses_of([(20, 60)]), keep="plan")

    twice = cl.spells.suspend(once, pauses=pauses_of([(20, 60)]), keep="plan")

    pd.testing.assert_frame_equal(twice.frame, once.frame)
    assert set(once.frame["plan"]) == {"p"}
    without = cl.spells.suspend(spells, pauses=pauses_of([(20, 60)])[:0])
    assert found(without) == found(spells)


def test_on_the_elapsed_clock_only_what_is_sure_is_suspended():
    """A start at some hour of 1 January; closed from 11 January 00:00 to 21 January 00:00.

    Age 9 ends on 11 January at that hour, age 10 lies inside, age 19 ends on 21 January.
    """
    spells = pd.DataFrame({"customer": ["a"], "start": dates([0]), "duration": [40], "event": [1]})

    cut = cl.spells.suspend(
        spells, pauses=pauses_of([(10, 20)]), period=cl.Period("day", clock="elapsed")
    )

    assert pieces(cut) == [("a", 1, 10, False, None), ("a", 1, 40, True, 18)]


# --------------------------------------------------------------------------- simulation
def a_shop_that_closes(n: int, seed: int) -> pd.DataFrame:
    """Purchases every 2 days, lives of 100 open days, starts over 400 days, closed on 200 to 259."""
    random = np.random.default_rng(seed)
    begin, life = random.uniform(0, 340, n), random.exponential(100, n)
    rows = []
    for i in range(n):
        gaps = random.exponential(2, 400)
        at = begin[i] + np.concatenate([[0.0], np.cumsum(gaps)])
        days = np.unique(at[at < begin[i] + life[i]].astype(int))
        days = np.where(days < 200, days, days + 60)
        rows += [(i, int(day)) for day in days if day < 500]
    return log_of(rows).astype({"customer": "int64"})


def test_a_closure_makes_everybody_look_lost_unless_it_is_told():
    """P(last purchase later than 100 open days) = e⁻¹·100/102 = .361.

    Untold, the closure ends every spell that meets it. Told to the silence alone, 60 days without
    a chance of churn are still time at risk, and the curve is too high.
    """
    log, works = a_shop_that_closes(4_000, seed=3), pauses_of([(200, 260)])
    arguments = {"inactivity": 25, "as_of": dates([480])[0]}
    truth = exp(-1) * 100 / 102

    untold = cl.spells.to_spells(log, **arguments)
    silence = cl.spells.to_spells(log, **arguments, pauses=works)
    told = cl.spells.suspend(silence, pauses=works)

    curves = [cl.survival.kaplan_meier(s) for s in (told, silence, untold)]
    at, flattered, lost = (c[c["duration"] <= 100].iloc[-1] for c in curves)
    assert at["estimate"] == pytest.approx(truth, abs=3 * at["std_error"])
    assert flattered["estimate"] > truth + 5 * flattered["std_error"]
    assert lost["estimate"] < truth - 5 * lost["std_error"]


# ----------------------------------------------------------------------------- refusals
def test_bad_pauses_end_in_one_clear_message(monkeypatch):
    log = closed_for_works()
    with pytest.raises(cl.InputError, match=r"'end' of the pauses lies before the start .* 1 row"):
        spells_of(log, pauses_of([(30, 20), (1, 2)]))
    with pytest.raises(cl.InputError, match="'start' of the pauses is missing in 1 row"):
        spells_of(log, pauses_of([(None, 20), (1, 2)]))
    with pytest.raises(cl.InputError, match="'customer' of the pauses is missing"):
        spells_of(log, pauses_of([("a", 1, 20), (None, 1, 2)]))
    with pytest.raises(
        cl.InputError,
        match="customers are .* in the pauses and .* in the other table .*make both text",
    ):
        spells_of(log, pauses_of([(1, 1, 20)]).astype({"customer": "int64"}))
    with pytest.raises(cl.InputError, match="no columns 'start', 'end'"):
        spells_of(log, log)
    zoned = pauses_of([(20, 60)]).apply(lambda c: c.dt.tz_localize("Europe/Berlin"))
    with pytest.raises(cl.InputError, match="of the pauses has a time zone"):
        spells_of(log, zoned)
    monkeypatch.setattr(closed, "MOST", 1)
    with pytest.raises(cl.InputError, match="more than 1 pauses"):
        spells_of(log, pauses_of([(1, 2), (3, 4)]))


def test_pauses_under_the_name_of_the_log():
    """The customers of the log are called "Kunde": those of the pauses may be so, or "customer"."""
    log = log_of([("a", 0), ("a", 50)]).rename(columns={"customer": "Kunde"})
    frozen = pauses_of([("a", 5, 45)])

    for name in ("customer", "Kunde"):
        pauses = frozen.rename(columns={"customer": name})
        spells = spells_of(log, pauses, inactivity=20, customer="Kunde")
        assert found(spells) == [("a", 1, 50, True)]


def test_zoned_pauses_are_put_on_the_clock_of_the_log():
    """Closed in Berlin for exactly 10 March, in UTC from 23:00 to 23:00."""
    zone = "Europe/Berlin"
    log = pd.DataFrame(
        {"customer": ["a", "a"], "time": pd.to_datetime(["2026-03-09 12:00", "2026-03-12 12:00"])}
    )
    log["time"] = log["time"].dt.tz_localize(zone)
    works = pd.DataFrame(
        {"start": pd.to_datetime(["2026-03-09 23:00"]), "end": pd.to_datetime(["2026-03-10 23:00"])}
    ).apply(lambda c: c.dt.tz_localize("UTC"))
    plain = pd.DataFrame({"start": ["2026-03-10"], "end": ["2026-03-11"]}).astype("datetime64[s]")

    for pauses in (works, plain):
        spells = cl.spells.to_spells(log, inactivity=3, as_of="2026-05-01", pauses=pauses)
        assert found(spells) == [("a", 1, 3, True)]  # 3 days less one
    assert found(cl.spells.to_spells(log, inactivity=3, as_of="2026-05-01"))[0][2] == 0


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("duration", [1.5], "whole numbers are needed"),
        ("event", ["yes"], "it must hold True/False or 0/1"),
        ("start", ["2026-01-01"], "times must be dates"),
    ],
)
def test_spells_that_cannot_be_suspended(column, values, message):
    spells = pd.DataFrame({"customer": ["a"], "start": dates([0]), "duration": [4], "event": [1]})
    with pytest.raises(cl.InputError, match=message):
        cl.spells.suspend(spells.assign(**{column: values}), pauses=pauses_of([(1, 3)]))
