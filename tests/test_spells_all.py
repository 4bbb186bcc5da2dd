"""All spells of a customer, kinds of events, late renewals: by hand, by force and by simulation."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import churnlab as cl
from tests import engines
from tests.test_spells import assert_adds_up

ORIGIN = pd.Timestamp("2026-01-01")


@pytest.fixture(params=engines.PARAMS)
def table(request, tmp_path):
    return engines.maker(request, tmp_path)


def dates(days) -> pd.Series:
    return ORIGIN + pd.to_timedelta(pd.Series(days, dtype="float64"), unit="D")


def log_of(rows) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer", "day"])
    return frame.assign(time=dates(frame["day"]))[["customer", "time"]]


def contracts_of(rows) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer", "from", "to"])
    return pd.DataFrame(
        {"customer": frame["customer"], "start": dates(frame["from"]), "end": dates(frame["to"])}
    )


def as_pandas(frame) -> pd.DataFrame:
    if hasattr(frame, "df"):  # DuckDB
        frame = frame.df()
    for convert in ("toPandas", "to_pandas", "collect"):
        if not isinstance(frame, pd.DataFrame) and hasattr(frame, convert):
            frame = getattr(frame, convert)()
    return frame if isinstance(frame, pd.DataFrame) else frame.to_pandas()


def found(spells, *columns):
    frame = as_pandas(spells.frame)
    rows = frame[["customer", "spell", "duration", "event", *columns]]
    return sorted(
        (str(c), int(s), int(d), bool(e), *(None if pd.isna(v) else int(v) for v in rest))
        for c, s, d, e, *rest in rows.itertuples(index=False)
    )


def rules(spells, unit):
    return spells.ledger().query("unit == @unit").set_index("rule")["n"].to_dict()


# ------------------------------------------------------------------------------- events
def test_a_win_back_is_a_new_spell(table):
    """g = 10, as_of day 100: the cut c is day 90."""
    log = log_of(
        [("twice", 0), ("twice", 5), ("twice", 20), ("twice", 29), ("twice", 60)]
        + [("back late", 0), ("back late", 85), ("back late", 95)]
        + [("back too late", 3), ("back too late", 91)]
        + [("new", 92)]
    )

    spells = cl.spells.to_spells(table(log), inactivity=10, as_of=dates([100])[0], spells="all")

    assert found(spells) == [
        ("back late", 1, 0, True),
        ("back late", 2, 0, True),  # 85 and 95 are exactly g apart
        ("back too late", 1, 0, True),
        ("twice", 1, 5, True),
        ("twice", 2, 9, True),
        ("twice", 3, 0, True),
    ]
    assert rules(spells, "spells") == {"read": 9, "used": 6, "after_cut": 3}
    assert rules(spells, "customers") == {"read": 4, "used": 3, "after_cut": 1}
    assert spells.cluster == "customer"


def test_the_last_spell_is_censored_at_the_cut():
    log = log_of([("a", 0), ("a", 50), ("a", 85), ("a", 92)])

    spells = cl.spells.to_spells(log, inactivity=30, as_of=dates([100])[0], spells="all")

    # c = day 70: 50 to 85 is a gap of 35, so 85 begins a third spell, after the cut
    assert found(spells) == [("a", 1, 0, True), ("a", 2, 0, True)]
    wider = cl.spells.to_spells(log, inactivity=40, as_of=dates([100])[0], spells="all")
    assert found(wider) == [("a", 1, 0, True), ("a", 2, 10, False)]  # c = day 60


events = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", "d"]), st.integers(0, 60)), min_size=1, max_size=40
)


@settings(max_examples=25)
@given(events, st.integers(2, 15))
def test_every_spell_by_definition(rows, gap):
    as_of = 50
    spells = cl.spells.to_spells(
        log_of(rows), inactivity=gap, as_of=dates([as_of])[0], spells="all"
    )

    expected, read = [], 0
    for customer in {c for c, _ in rows}:
        days = sorted({d for c, d in rows if c == customer and d < as_of})
        runs = [[d] for d in days[:1]]
        for past, day in pairwise(days):
            runs = [*runs, [day]] if day - past >= gap else [*runs[:-1], [*runs[-1], day]]
        read += len(runs)
        for number, run in enumerate(runs, start=1):
            if run[0] <= as_of - gap:
                churned = run[-1] <= as_of - gap
                until = run[-1] if churned else as_of - gap
                expected.append((customer, number, until - run[0], churned))
    assert found(spells) == sorted(expected)
    assert rules(spells, "spells")["read"] == read
    assert_adds_up(spells.ledger())


@settings(max_examples=10)
@given(events, st.integers(2, 15), st.booleans())
def test_first_is_the_first_of_all_and_nothing_hangs_on_order_or_names(rows, gap, backwards):
    log, as_of = log_of(rows), dates([50])[0]
    every = cl.spells.to_spells(log, inactivity=gap, as_of=as_of, spells="all")
    first = cl.spells.to_spells(log, inactivity=gap, as_of=as_of)

    shuffled = log.sample(frac=1, random_state=1)
    names = dict(zip("abcd", "zyxw" if backwards else "1234", strict=True))
    renamed = log.assign(customer=log["customer"].map(names))

    head = every.frame[every.frame["spell"] == 1].reset_index(drop=True)
    pd.testing.assert_frame_equal(head, first.frame)
    again = cl.spells.to_spells(shuffled, inactivity=gap, as_of=as_of, spells="all")
    pd.testing.assert_frame_equal(again.frame, every.frame)
    other = cl.spells.to_spells(renamed, inactivity=gap, as_of=as_of, spells="all")
    back = {new: old for old, new in names.items()}
    assert sorted((back[c], *rest) for c, *rest in found(other)) == found(every)
    one, all_ = rules(first, "spells"), rules(every, "spells")
    assert one["read"] == all_["read"]
    assert one["used"] + one.get("later_spell", 0) + one.get("after_cut", 0) == one["read"]
    assert all_["used"] + all_.get("after_cut", 0) == all_["read"]


def test_kept_columns_are_those_of_the_first_row_on_every_spell():
    log = log_of([("a", 0), ("a", 50)]).assign(plan=["early", "late"])

    spells = cl.spells.to_spells(
        log, inactivity=10, as_of=dates([100])[0], spells="all", keep="plan"
    )

    assert spells.frame["plan"].tolist() == ["early", "early"]
    assert spells.ledger().set_index("rule")["n"]["by_changed"] == 1


# -------------------------------------------------------------------------------- kinds
def kinds() -> pd.DataFrame:
    rows = [
        ("asked first", 0, "visit"),
        ("asked first", 10, "order"),
        ("asked first", 15, "visit"),
        ("asked first", 18, "order"),
        ("only looks", 2, "visit"),
        ("only looks", 4, None),
        ("orders once", 5, "order"),
        ("orders once", 9, "visit"),
        ("same moment", 5, "order"),
        ("same moment", 5, "visit"),
    ]
    frame = pd.DataFrame(rows, columns=["customer", "day", "kind"])
    return frame.assign(time=dates(frame["day"]))[["customer", "time", "kind"]]


def of_kinds(data, **arguments):
    return cl.spells.to_spells(data, inactivity=20, as_of=dates([100])[0], **arguments)


def test_a_history_begins_with_a_start_and_goes_on_with_any_activity(table):
    spells = of_kinds(table(kinds()), start_kind="order")

    assert found(spells) == [
        ("asked first", 1, 8, True),  # from day 10 to day 18
        ("orders once", 1, 4, True),  # the visit on day 9 is activity
        ("same moment", 1, 0, True),
    ]
    assert rules(spells, "rows") == {"read": 10, "used": 7, "no_start": 2, "before_start": 1}
    assert rules(spells, "customers") == {"read": 4, "used": 3, "no_start": 1}


def test_the_start_is_activity_whatever_counts_as_coming_back(table):
    spells = of_kinds(table(kinds()), start_kind="order", return_kind=["visit"])

    assert found(spells) == [
        ("asked first", 1, 5, True),  # day 10 started it, day 15 came back, the order of 18 is not
        ("orders once", 1, 4, True),
        ("same moment", 1, 0, True),
    ]
    assert rules(spells, "rows") == {
        "read": 10, "used": 6, "no_start": 2, "before_start": 1, "other_kind": 1,
    }  # fmt: skip
    assert_adds_up(spells.ledger())


def test_activity_of_some_kinds_only(table):
    spells = of_kinds(table(kinds()), return_kind="order")

    assert found(spells) == [
        ("asked first", 1, 8, True),
        ("orders once", 1, 0, True),
        ("same moment", 1, 0, True),
    ]
    assert rules(spells, "rows") == {"read": 10, "used": 4, "other_kind": 6}
    assert rules(spells, "customers") == {"read": 4, "used": 3, "no_activity": 1}


def test_kinds_that_are_not_there_and_calls_that_mean_nothing():
    log = kinds()
    with pytest.raises(cl.InputError, match=r"start_kind='buy' does not occur .* 'order', 'visit'"):
        of_kinds(log, start_kind=["order", "buy"])
    with pytest.raises(cl.InputError, match=r"return_kind=1 does not occur"):
        of_kinds(log, return_kind=1)
    with pytest.raises(cl.InputError, match="no column 'kind'"):
        of_kinds(log.drop(columns="kind"), start_kind="order")
    with pytest.raises(cl.InputError, match="of no use alone"):
        of_kinds(log, kind="kind")
    with pytest.raises(cl.InputError, match="names no kind"):
        of_kinds(log, start_kind=[])
    with pytest.raises(cl.InputError, match="must be a kind of event"):
        of_kinds(log, start_kind=2.5)
    many = log.assign(kind=[f"k{i:02}" for i in range(10)])
    many = pd.concat([many, many.assign(kind="k99")])
    with pytest.raises(cl.InputError, match=r"'k08', 'k09', …\.$"):
        of_kinds(many, start_kind="order")


def test_numbered_kinds_and_no_kinds_at_all():
    numbered = kinds().assign(kind=[1, 2, 1, 2, 1, 1, 2, 1, 2, 1])
    assert found(of_kinds(numbered, start_kind=2)) == found(of_kinds(kinds(), start_kind="order"))
    broken = kinds().assign(kind=1.5)  # never read where no kind is named
    assert len(found(of_kinds(broken))) == 4
    with pytest.raises(cl.InputError, match="must be text or whole numbers"):
        of_kinds(broken, start_kind=1)


# ---------------------------------------------------------------------------- contracts
def test_every_spell_of_contracts_with_a_late_beginning_of_the_records(table):
    """Records from day 40: spells over by then were never seen, but the others keep their number."""
    contracts = contracts_of(
        [("a", 0, 30), ("a", 50, 60), ("a", 80, None), ("b", 10, 20), ("c", 20, 45), ("c", 70, 75)]
    )

    spells = cl.spells.subscriptions_to_spells(
        table(contracts), as_of=dates([100])[0], observed_from=dates([40])[0], spells="all"
    )

    assert found(spells, "entry") == [
        ("a", 2, 10, True, None),
        ("a", 3, 20, False, None),
        ("c", 1, 25, True, 20),
        ("c", 2, 5, True, None),
    ]
    assert rules(spells, "spells") == {"read": 6, "used": 4, "before_observed_from": 2}
    assert rules(spells, "customers") == {"read": 3, "used": 2, "before_observed_from": 1}


def test_grace_by_hand(table):
    """grace = 5 days and as_of day 100, so that the cut c is day 95.

    An end on day 94 could be renewed up to day 99, which is seen; one on day 95 up to day 100.
    """
    contracts = contracts_of(
        [("in time", 0, 30), ("in time", 35, 60)]  # 5 days late: within grace
        + [("too late", 0, 30), ("too late", 36, 60)]
        + [("known", 0, 94), ("not known", 0, 95), ("not known either", 0, 100)]
        + [("back since", 0, 93), ("back since", 98, None)]
        + [("running", 10, None), ("until later", 10, 120)]
        + [("on the eve", 94, None), ("at the cut", 95, None)]
    )

    spells = cl.spells.subscriptions_to_spells(
        table(contracts), as_of=dates([100])[0], grace=5, spells="all"
    )

    assert found(spells) == [
        ("back since", 1, 94, False),
        ("in time", 1, 60, True),
        ("known", 1, 94, True),
        ("not known", 1, 94, False),
        ("not known either", 1, 94, False),
        ("on the eve", 1, 0, False),
        ("running", 1, 84, False),
        ("too late", 1, 30, True),
        ("too late", 2, 24, True),
        ("until later", 1, 84, False),
    ]
    assert rules(spells, "spells") == {"read": 11, "used": 10, "after_cut": 1, "in_grace": 2}
    assert_adds_up(spells.ledger())


def test_grace_on_the_elapsed_clock():
    """Hours count: an end at 13:00 is renewed within a day until 13:00 of the next one."""
    day = pd.Period("2026-01-05", "D").start_time
    contracts = pd.DataFrame(
        {
            "customer": ["in", "in", "out", "out", "edge"],
            "start": day + pd.to_timedelta([0, 37, 0, 38, 0], unit="h"),
            "end": day + pd.to_timedelta([13, 60, 13, 60, 96], unit="h"),
        }
    )
    unit = cl.Period("day", clock="elapsed")

    spells = cl.spells.subscriptions_to_spells(
        contracts, as_of=day + pd.Timedelta(hours=120), period=unit, grace=1, spells="all"
    )

    # c is 96 hours after the first start: an end there may still be renewed at as_of
    assert found(spells) == [
        ("edge", 1, 4, False), ("in", 1, 2, True), ("out", 1, 0, True), ("out", 2, 0, True),
    ]  # fmt: skip


contract = st.tuples(
    st.sampled_from("abc"), st.integers(0, 60), st.one_of(st.none(), st.integers(0, 25))
)


@settings(max_examples=30)
@given(st.lists(contract, min_size=1, max_size=15), st.integers(0, 6))
def test_contracts_with_grace_by_definition(rows, grace):
    as_of = 50
    frame = contracts_of([(c, d, None if n is None else d + n) for c, d, n in rows])

    spells = cl.spells.subscriptions_to_spells(
        frame, as_of=dates([as_of])[0], grace=grace, spells="all"
    )

    expected = []
    for customer in {c for c, *_ in rows}:
        mine = sorted((d, 10**6 if n is None else d + n) for c, d, n in rows if c == customer)
        runs: list[list[int]] = []
        for begin, end in ((b, e) for b, e in mine if b < as_of):
            if runs and begin - runs[-1][1] <= grace:
                runs[-1][1] = max(runs[-1][1], end)
            else:
                runs.append([begin, end])
        for number, (begin, end) in enumerate(runs, start=1):
            last = as_of - 1 - grace if grace else as_of  # the last day an end on which is final
            if begin <= last:
                churned = end <= last
                expected.append((customer, number, min(end, last) - begin, churned))
    assert found(spells) == sorted(expected)
    assert_adds_up(spells.ledger())


@settings(max_examples=15)
@given(
    st.lists(contract, min_size=1, max_size=10),
    st.integers(0, 5),
    st.integers(0, 9),
    st.integers(1, 24),
)
def test_cutting_a_contract_in_two_changes_nothing(rows, grace, which, at):
    frame = contracts_of([(c, d, None if n is None else d + n) for c, d, n in rows])
    row = frame.iloc[which % len(frame)]
    middle = row["start"] + pd.Timedelta(days=at)
    arguments = {"as_of": dates([50])[0], "grace": grace, "spells": "all"}
    whole = cl.spells.subscriptions_to_spells(frame, **arguments)
    if pd.isna(row["end"]) or middle < row["end"]:
        first, second = row.copy(), row.copy()
        first["end"], second["start"] = middle, middle
        halves = pd.DataFrame([first, second]).astype(dict(frame.dtypes))
        frame = pd.concat([frame.drop(index=row.name), halves], ignore_index=True)

    cut = cl.spells.subscriptions_to_spells(frame, **arguments)

    assert found(cut) == found(whole)


def test_grace_cannot_be_negative_and_records_must_begin_before_the_cut():
    contracts = contracts_of([("a", 0, 30)])
    with pytest.raises(cl.InputError, match="grace=-1 must be at least 0"):
        cl.spells.subscriptions_to_spells(contracts, as_of="2026-04-01", grace=-1)
    with pytest.raises(cl.InputError, match="less the grace of 20"):
        cl.spells.subscriptions_to_spells(
            contracts, as_of="2026-04-01", grace=20, observed_from="2026-03-12"
        )


def late_renewals(n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Contracts of 30 days; at each end 20 % leave, half of the others renew up to 20 days late.

    Returns the contracts (days from 0) and every customer's true lifetime.
    """
    random = np.random.default_rng(seed)
    begin = random.integers(0, 400, n)
    rows, life = [], np.zeros(n, dtype=int)
    at, left = begin.copy(), np.ones(n, dtype=bool)
    while left.any():
        who = np.flatnonzero(left)
        rows.append(pd.DataFrame({"customer": who, "from": at[who], "to": at[who] + 30}))
        life[who] = at[who] + 30 - begin[who]
        leaves = random.random(who.size) < 0.2
        late = np.where(random.random(who.size) < 0.5, random.integers(1, 21, who.size), 0)
        at[who] += 30 + late
        left[who[leaves]] = False
    found = pd.concat(rows, ignore_index=True)
    return contracts_of(found[["customer", "from", "to"]].to_numpy().tolist()), life


def survival(spells, day: int) -> float:
    curve = cl.survival.kaplan_meier(spells)
    return float(curve.loc[curve["duration"] <= day, "estimate"].iloc[-1])


def test_a_common_cut_is_unbiased_where_renewals_come_late():
    """Against the true lifetimes; the two tempting ways are off by many standard errors.

    Censoring at as_of the spells that run and at their end those in grace follows the renewed
    longer than the others; calling every end up to as_of a churn takes late renewals for losses.
    """
    n, day, grace, as_of = 20_000, 200, 20, 420
    contracts, life = late_renewals(n, seed=7)
    truth = float((life > day).mean())
    moment = dates([as_of])[0]

    cut = cl.spells.subscriptions_to_spells(contracts, as_of=moment, grace=grace)
    # the tempting ways are made from spells that are joined by hindsight alone
    later = cl.spells.subscriptions_to_spells(
        contracts[contracts["start"] < moment], as_of=dates([5_000])[0], grace=grace
    )
    rows = later.frame.assign(from_=(later.frame["start"] - ORIGIN).dt.days)
    end = rows["from_"] + rows["duration"]
    running, final = end > as_of, end + grace < as_of
    until = end.where(~running, as_of) - rows["from_"]
    followed = pd.DataFrame({"duration": until, "event": final})
    hasty = pd.DataFrame({"duration": until, "event": ~running})

    curve = cl.survival.kaplan_meier(cut)
    error = float(curve.loc[curve["duration"] <= day, "std_error"].iloc[-1])
    assert survival(cut, day) == pytest.approx(truth, abs=3 * error)
    assert survival(followed, day) > truth + 5 * error
    assert survival(hasty, day) < truth - 5 * error
