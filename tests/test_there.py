"""Spells as contracts: who was there, who is lost in which month, by hand and by brute force."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from churnlab import Period
from tests import engines

# g = 30 days, as_of 30 June: the cut is 31 May, so all is known up to 1 June
LOG = pd.DataFrame(
    [
        *[("stays", d) for d in ("2026-01-10", "2026-02-05", "2026-03-01", "2026-03-30")],
        *[("stays", d) for d in ("2026-04-25", "2026-05-20", "2026-06-15")],
        *[("leaves", d) for d in ("2026-01-20", "2026-02-10", "2026-02-28")],
        ("once", "2026-03-15"),
        *[("returns", d) for d in ("2026-01-05", "2026-01-25", "2026-04-10", "2026-05-01")],
        ("on the cut", "2026-05-31"),
        *[("too new", d) for d in ("2026-06-01", "2026-06-20")],
    ],
    columns=["customer", "time"],
).astype({"time": "datetime64[s]"})
LOG["plan a"] = LOG["customer"].map({"stays": "x", "leaves": "x"})
CUT = {"inactivity": 30, "as_of": "2026-06-30"}


@pytest.fixture(params=engines.PARAMS)
def table_of(request, tmp_path):
    return engines.maker(request, tmp_path)


def test_six_customers_by_hand(table_of):
    """The last activity's day belongs to the spell, and an end on the first of a month to the month before.

    "leaves" was last there on 28 February: [20 January, 1 March), lost in February. "returns" went
    on 25 January and from 10 April to 1 May; it is new twice. "once" and "on the cut" are there for
    a day. "too new" began after the cut and is not judged.
    """
    spells = cl.spells.to_spells(table_of(LOG), **CUT, spells="all", keep="plan a")

    there = cl.spells.to_subscriptions(spells, inactivity=30, keep="plan a")

    assert there.as_of == "2026-06-01T00:00:00"
    frame = engine_rows(there)
    assert {(r.customer, f"{r.start:%m-%d}", "" if pd.isna(r.end) else f"{r.end:%m-%d}") for r in
            frame.itertuples()} == {
        ("stays", "01-10", ""), ("leaves", "01-20", "03-01"), ("once", "03-15", "03-16"),
        ("returns", "01-05", "01-26"), ("returns", "04-10", "05-02"), ("on the cut", "05-31", "06-01"),
    }  # fmt: skip
    assert frame.groupby("customer")["plan"].nunique().to_dict() == {
        "stays": 1, "leaves": 1, "once": 0, "returns": 0, "on the cut": 0,
    }  # fmt: skip

    rate = cl.rates.churn_rate(there, as_of=there.as_of).set_index("period_start")

    months = pd.to_datetime(["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01", "2026-05-01"])
    assert rate.index.tolist() == months.tolist()
    assert rate["opening"].tolist() == [0, 2, 1, 1, 2]  # stays; leaves in February; returns in May
    assert rate["lost"].tolist() == [0, 1, 0, 0, 1]
    assert rate["new"].tolist() == [3, 0, 1, 1, 1]
    assert rate["new_lost"].tolist() == [1, 0, 1, 0, 1]


def engine_rows(there):
    roles = {"customer": "id", "start": "time", "end": "time"}
    wanted = {name: (name, kind) for name, kind in roles.items()} | {"plan": ("plan a", "label")}
    frame = cl.engine.collect(cl.engine.scan(there, wanted).lazy)
    return frame.assign(start=pd.to_datetime(frame["start"]), end=pd.to_datetime(frame["end"]))


def random_log(seed, n=400):
    rng = np.random.default_rng(seed)
    customer = rng.integers(0, 60, n)
    # each customer has a span of its own, so that gaps of every length occur
    first = rng.integers(0, 500, 60)
    days = np.minimum(first[customer] + rng.integers(0, 200, n), 599)
    time = pd.Timestamp("2024-01-01") + pd.to_timedelta(days * 24 + rng.integers(0, 24, n), "h")
    return pd.DataFrame({"customer": customer, "time": time})


def runs(log, gap, cut, freq):
    """(first, last index, ended) of every spell that began by the cut."""
    found = []
    for customer, own in log.groupby("customer"):
        index = sorted({p.ordinal for p in own["time"].dt.to_period(freq)})
        breaks = [i for i in range(1, len(index)) if index[i] - index[i - 1] >= gap]
        for a, b in zip([0, *breaks], [*breaks, len(index)], strict=True):
            first, last = index[a], index[b - 1]
            if first <= cut:
                found.append((customer, first, last, last <= cut))
    return found


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("unit", "freq", "gap"), [("day", "D", 40), ("week", "W", 5), ("month", "M", 2)]
)
def test_against_brute_force(seed, unit, freq, gap):
    """Newcomers of a month are the spells that begin in it, the lost those last active in it."""
    log, as_of = random_log(seed), pd.Timestamp("2025-08-20")
    cut = as_of.to_period(freq).ordinal - gap
    expected = runs(log, gap, cut, freq)
    spells = cl.spells.to_spells(log, inactivity=gap, as_of=as_of, period=unit, spells="all")

    there = cl.spells.to_subscriptions(spells, inactivity=gap, period=unit)

    known = pd.Period(ordinal=cut + 1, freq=freq).start_time
    assert pd.Timestamp(there.as_of) == known
    frame = there.frame.sort_values(["customer", "start"], ignore_index=True)
    ends = [
        pd.Period(ordinal=z + 1, freq=freq).start_time if over else None for *_, z, over in expected
    ]
    assert frame["customer"].tolist() == [c for c, *_ in expected]
    assert frame["end"].tolist() == pd.Series(ends, dtype="datetime64[s]").tolist()
    assert (frame["start"] < known).all() and (frame["end"].dropna() <= known).all()

    rate = cl.rates.churn_rate(there, as_of=there.as_of).set_index("period_start")
    lost = [
        pd.Period(ordinal=z, freq=freq).end_time.to_period("M") for *_, z, over in expected if over
    ]
    lost = pd.Series(lost).value_counts()
    came = frame["start"].dt.to_period("M").value_counts()
    for month, row in rate.iterrows():
        p = month.to_period("M")
        assert row["lost"] + row["new_lost"] == lost.get(p, 0)
        assert row["new"] == came.get(p, 0)
    closing = rate["opening"] + rate["new"] - rate["lost"] - rate["new_lost"]
    assert closing.tolist()[:-1] == rate["opening"].tolist()[1:]


def test_the_first_spell_alone_loses_who_returns():
    """By the first spells "returns" left in January for good; the ledger counts the later one."""
    spells = cl.spells.to_spells(LOG, **CUT)
    there = cl.spells.to_subscriptions(spells, inactivity=30)

    assert there.frame["customer"].is_unique and len(there.frame) == 5
    ledger = there.ledger().query("unit == 'spells'").set_index(["stage", "rule"])["n"]
    assert ledger["to_spells", "later_spell"] == 1
    assert ledger["to_subscriptions", "used"] == ledger["to_subscriptions", "read"] == 5


def test_forecasts_count_customers_without_contracts():
    log = cl.datasets.generate_events(400, window_days=500)
    spells = cl.spells.to_spells(log, inactivity=90, spells="all")
    there = cl.spells.to_subscriptions(spells, inactivity=90)

    counts = cl.renewals.cohort_counts(there, as_of=there.as_of)

    assert counts.loc[counts["age"] == 0, "customers"].sum() <= log["customer"].nunique()
    assert len(cl.forecast.customers(counts, ahead=2))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inactivity": 31}, "not those of inactivity=31"),
        ({"inactivity": 29}, "not those of inactivity=29"),
        ({"period": "week", "inactivity": 5}, "not those of inactivity=5"),
        ({"period": Period(clock="elapsed")}, "needs spells on the calendar clock"),
        ({"inactivity": 1}, "at least 2"),
        ({"as_of": "2026-07-01"}, "is not that of the spells"),
        ({"keep": "end"}, "also the name of a column"),
    ],
)
def test_what_the_spells_do_not_have_is_refused(change, message):
    spells = cl.spells.to_spells(LOG, **CUT)
    with pytest.raises(cl.InputError, match=message):
        cl.spells.to_subscriptions(spells, **{"inactivity": 30, **change})


def test_bare_tables_pieces_and_pauses():
    spells = cl.spells.to_spells(LOG, **CUT)
    bare = cl.spells.to_subscriptions(spells.frame, **CUT)

    assert bare.as_of == "2026-06-01T00:00:00"
    with pytest.raises(cl.InputError, match="a bare table does not tell as_of"):
        cl.spells.to_subscriptions(spells.frame, inactivity=30)
    shut = pd.DataFrame({"start": ["2026-06-05"], "end": ["2026-06-10"]}).astype("datetime64[s]")
    with pytest.raises(cl.InputError, match="these are pieces of spells"):
        cl.spells.to_subscriptions(cl.spells.suspend(spells, pauses=shut), inactivity=30)
    paused = cl.spells.to_spells(LOG, **CUT, pauses=shut)
    with pytest.raises(cl.InputError, match="spells with pauses have no one cut"):
        cl.spells.to_subscriptions(paused, inactivity=30)
    with pytest.raises(cl.InputError, match="holds .*: it must hold True/False or 0/1"):
        cl.spells.to_subscriptions(spells.frame.assign(event="yes"), **CUT)
    none = cl.spells.to_subscriptions(spells.frame[:0], **CUT)
    assert list(none.frame) == ["customer", "start", "end"] and not len(none.frame)
