"""Spells: the inactivity bias, ledgers that add up, refusals, and memory on ten million rows."""

from __future__ import annotations

from math import exp

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import brentq

import churnlab as cl
from tests import measured

G, GAP, LIFE, WINDOW = 180, 30, 365, 730


def share_after(spells, days: int) -> float:
    curve = cl.survival.kaplan_meier(spells)
    return float(curve.loc[curve["duration"] <= days, "estimate"].iloc[-1])


def tempting(log: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The rule of thumb: silent for g days is churned at the last purchase, others live at as_of."""
    ends = log.groupby("customer")["time"].agg(["min", "max"])
    churned = ends["max"] <= as_of - pd.Timedelta(days=G)
    until = ends["max"].where(churned, as_of)
    return pd.DataFrame({"duration": (until - ends["min"]).dt.days, "event": churned})


def expected_first_run(days: float) -> float:
    """P(first run longer than ``days``): purchases at rate λ until death at rate μ, gaps below g.

    The run is a renewal process whose next purchase comes after s < g with density λe^−(λ+μ)s, so
    its length has mass 1 − p at 0 and a tail close to C e^−κt, with κ from ∫ λe^−(λ+μ−κ)s ds = 1.
    """
    rate, death = 1 / GAP, 1 / LIFE

    def mass(kappa: float) -> float:
        decay = rate + death - kappa
        return rate / decay * (1 - exp(-decay * G))

    kappa = brentq(lambda k: mass(k) - 1, 0.0, rate / 2)
    decay = rate + death - kappa
    mean_step = rate * (1 - exp(-decay * G) * (1 + decay * G)) / decay**2
    return (1 - mass(0.0)) / (kappa * mean_step) * exp(-kappa * days)


def test_following_the_living_to_as_of_flatters_the_curve():
    """Starts spread over two years: truth .368, tempting about .51, the cut about .33.

    The cut is not at .368 for two reasons that are no bias of censoring: the last purchase comes
    before the death (e⁻¹·365/395 = .340), and a gap of g by chance ends a first run (.330).
    """
    log = cl.datasets.generate_events(60_000, mean_gap=GAP, mean_life=LIFE, window_days=WINDOW)
    as_of = pd.Timestamp("2023-01-01") + pd.Timedelta(days=WINDOW)

    cut = share_after(cl.spells.to_spells(log, inactivity=G, as_of=as_of), 365)
    flattered = share_after(tempting(log, as_of), 365)

    assert exp(-1) == pytest.approx(0.368, abs=0.0005)
    assert exp(-1) * 365 / 395 == pytest.approx(0.340, abs=0.0005)
    assert flattered == pytest.approx(0.514, abs=0.01)
    assert cut == pytest.approx(expected_first_run(365), abs=0.01)
    assert cut == pytest.approx(0.338, abs=0.015)


def test_with_all_starts_on_one_day_there_is_no_bias():
    """The same customers begun together: both rules agree with what the spells say."""
    n = 30_000
    log = cl.datasets.generate_events(
        n, seed=2, mean_gap=GAP, mean_life=LIFE, window_days=2 * WINDOW
    )
    first = log.groupby("customer")["time"].transform("min")
    origin = log["time"].min()
    early = first < origin + pd.Timedelta(days=WINDOW)
    day = (log["time"] - first).dt.days
    together = log.assign(time=origin + pd.to_timedelta(day, unit="D"))[early & (day < WINDOW)]
    as_of = origin + pd.Timedelta(days=WINDOW)

    cut = share_after(cl.spells.to_spells(together, inactivity=G, as_of=as_of), 365)
    followed = share_after(tempting(together, as_of), 365)

    assert cut == pytest.approx(expected_first_run(365), abs=0.012)
    assert followed == pytest.approx(0.340, abs=0.012)


# ------------------------------------------------------------------------------ the ledger
def messy() -> pd.DataFrame:
    """A file with missing ids, duplicates, future rows, refunds and lost times."""
    rows = [
        ("a", "2026-01-01", 5.0),
        ("a", "2026-01-01", 5.0),  # identical: used, and noted
        ("a", "2026-02-01", -5.0),  # a refund
        ("b", "2026-01-10", 0.0),  # free is still activity
        ("b", "2027-01-01", 5.0),  # in the future
        (None, "2026-01-03", 5.0),
        ("  ", "2026-01-03", 5.0),
        ("c", None, 5.0),
        ("d", "2026-03-30", 5.0),  # too new
        ("e", "2026-02-02", -1.0),  # nothing but a refund
    ]
    frame = pd.DataFrame(rows, columns=["customer", "time", "amount"])
    return frame.astype({"time": "datetime64[s]"})


def test_the_ledger_of_a_messy_file_adds_up():
    table = cl.spells.to_spells(messy(), inactivity=30, as_of="2026-04-01")

    ledger = table.ledger().set_index(["unit", "rule"])["n"].to_dict()
    assert ledger == {
        ("rows", "read"): 10,
        ("rows", "used"): 4,
        ("rows", "missing_customer"): 2,
        ("rows", "missing_time"): 1,
        ("rows", "after_as_of"): 1,
        ("rows", "refund"): 2,
        ("rows", "identical_rows"): 1,
        ("customers", "read"): 5,
        ("customers", "used"): 2,
        ("customers", "no_activity"): 2,
        ("customers", "after_cut"): 1,
        ("spells", "read"): 3,
        ("spells", "used"): 2,
        ("spells", "after_cut"): 1,
    }
    assert_adds_up(table.ledger())


def assert_adds_up(ledger: pd.DataFrame) -> None:
    for _, part in ledger.groupby(["stage", "unit"]):
        total = part.groupby("fate")["n"].sum()
        assert total.get("read", 0) == total.get("used", 0) + total.get("excluded", 0)


event = st.tuples(
    st.sampled_from(["a", "b", "c", None, " "]),
    st.one_of(
        st.none(), st.dates(pd.Timestamp("2025-12-20").date(), pd.Timestamp("2026-02-20").date())
    ),
    st.sampled_from([-1.0, 0.0, 2.5, None]),
)


@settings(max_examples=25)
@given(st.lists(event, min_size=1, max_size=30), st.integers(2, 20))
def test_every_ledger_adds_up_and_every_rule_of_the_cut_holds(rows, gap):
    log = pd.DataFrame(rows, columns=["customer", "time", "amount"])
    log["time"] = pd.to_datetime(log["time"]).astype("datetime64[s]")
    log["customer"] = log["customer"].astype("str").where(log["customer"].notna(), None)
    log["amount"] = log["amount"].astype("float64")
    as_of = pd.Timestamp("2026-02-10")

    table = cl.spells.to_spells(log, inactivity=gap, as_of=as_of)

    assert_adds_up(table.ledger())
    expected = by_definition(log, gap, as_of)
    got = {r.customer: (r.duration, r.event) for r in table.frame.itertuples()}
    assert expected == got


def by_definition(log: pd.DataFrame, gap: int, as_of: pd.Timestamp) -> dict[str, tuple[int, bool]]:
    """contract.md's sentences, customer by customer in plain Python."""
    cut = as_of - pd.Timedelta(days=gap)
    found = {}
    used = log[
        log["customer"].fillna("").str.strip().ne("") & (log["time"] < as_of) & ~(log["amount"] < 0)
    ]
    for customer, part in used.groupby("customer"):
        days = sorted(set(part["time"]))
        last = days[0]
        for day in days[1:]:
            if (day - last).days >= gap:
                break
            last = day
        if days[0] > cut:
            continue
        churned = last <= cut
        found[customer] = (((last if churned else cut) - days[0]).days, churned)
    return found


def test_carried_columns_take_their_first_value():
    log = pd.DataFrame(
        {
            "customer": list("aabb"),
            "time": pd.to_datetime(["2026-01-02", "2026-01-01", "2026-01-01", "2026-01-01"]),
            "plan": ["late", "early", "y", "x"],  # b's two rows tie: the smallest value
        }
    )

    table = cl.spells.to_spells(log, inactivity=10, as_of="2026-03-01", keep="plan")

    assert table.frame["plan"].tolist() == ["early", "x"]
    assert table.ledger().set_index("rule")["n"]["by_changed"] == 2


def test_default_as_of_and_a_last_day_that_stands_alone():
    log = messy().drop(columns="amount")

    with pytest.raises(
        cl.InputError, match=r"the last day, 2027-01-01, stands alone, 277 days after"
    ):
        cl.spells.to_spells(log, inactivity=30)
    log = log[~(log["time"] > "2026-12-01")]
    assert cl.spells.to_spells(log, inactivity=30).as_of == "2026-03-31T00:00:00"


def test_ninety_two_days_are_allowed_and_ninety_three_are_not():
    def log(days):
        time = pd.to_datetime(["2026-01-01", "2026-01-01"]) + pd.to_timedelta([0, days], unit="D")
        return pd.DataFrame({"customer": ["a", "b"], "time": time})

    assert cl.spells.to_spells(log(92), inactivity=5).as_of == "2026-04-04T00:00:00"
    with pytest.raises(cl.InputError, match="93 days after"):
        cl.spells.to_spells(log(93), inactivity=5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"inactivity": 0}, "inactivity=0 must be at least 1"),
        ({"inactivity": 2.5}, "must be a whole number"),
        ({"inactivity": 30, "period": "fortnight"}, "'fortnight' is not a unit"),
        ({"inactivity": 30, "as_of": "15/03/2026"}, "must be a date"),
        ({"inactivity": 30, "customer": "client"}, "no column 'client'"),
        ({"inactivity": 30, "time": "amount"}, "'amount' holds Float64: times must be dates"),
        ({"inactivity": 30, "amount": "value"}, "no column 'value'"),
        ({"inactivity": 30, "keep": "customer"}, "also the name of a column of the result"),
        ({"inactivity": 30, "spells": "every"}, "spells='every' is not one of 'first'"),
    ],
)
def test_bad_calls_end_in_one_clear_message(arguments, message):
    with pytest.raises(cl.InputError, match=message):
        cl.spells.to_spells(messy(), **({"as_of": "2026-04-01"} | arguments))


def test_text_times_are_refused_with_what_to_do():
    log = messy().assign(time="2026-01-01")

    with pytest.raises(
        cl.InputError, match=r"'time' holds String: times must be .* pd.to_datetime"
    ):
        cl.spells.to_spells(log, inactivity=30)


def test_contracts_need_as_of():
    with pytest.raises(TypeError, match="as_of"):
        cl.spells.subscriptions_to_spells(pd.DataFrame())


def test_a_late_observation_must_lie_before_as_of():
    contracts = cl.datasets.generate_subscriptions(10)

    with pytest.raises(cl.InputError, match="must be before as_of"):
        cl.spells.subscriptions_to_spells(contracts, as_of="2024-01-01", observed_from="2024-01-01")


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"), st.integers(0, 30), st.one_of(st.none(), st.integers(-2, 20))
        ),
        min_size=1,
        max_size=12,
    )
)
def test_contracts_join_as_sets_of_days(rows):
    """The first spell is the first block of days of the union of all contracts."""
    origin = pd.Timestamp("2026-01-01")
    frame = pd.DataFrame(rows, columns=["customer", "from", "length"])
    frame["start"] = origin + pd.to_timedelta(frame["from"], unit="D")
    frame["length"] = frame["length"].astype("float64")
    frame["end"] = frame["start"] + pd.to_timedelta(frame["length"], unit="D")
    as_of = origin + pd.Timedelta(days=25)

    table = cl.spells.subscriptions_to_spells(frame, as_of=as_of)

    assert_adds_up(table.ledger())
    got = {r.customer: (r.duration, r.event) for r in table.frame.itertuples()}
    assert union_by_days(frame, 25) == got


def union_by_days(frame: pd.DataFrame, as_of: int) -> dict[str, tuple[int, bool]]:
    found = {}
    usable = frame[(frame["from"] < as_of) & ~(frame["length"] < 0)]
    for customer, part in usable.groupby("customer"):
        lengths = part["length"].fillna(10_000).to_numpy(dtype=int)
        intervals = sorted(zip(part["from"], part["from"] + lengths, strict=True))
        start, reach = intervals[0]
        for begin, end in intervals[1:]:
            if begin > reach:
                break
            reach = max(reach, end)
        churned = reach <= as_of
        found[customer] = (int(min(reach, as_of) - start), bool(churned))
    return found


@pytest.mark.slow
def test_ten_million_rows_from_parquet_in_a_gigabyte(tmp_path):
    """to_spells → kaplan_meier, and retention, in a process of their own: peak below 1 GB."""
    path = tmp_path / "log.parquet"
    cl.datasets.events_to_parquet(path, 1_260_000)
    for call in (
        "cl.survival.kaplan_meier(cl.spells.to_spells(path, inactivity=90), by=None)",
        "cl.cohorts.retention(path)",
    ):
        script = f"import churnlab as cl\npath = {str(path)!r}\nresult = {call}\n"
        script += "print(int(cl.ledger(result)['n'].iloc[0]))\n"
        (rows,), peak = measured.run(script)
        print(call, f"{rows:,.0f} rows, peak {peak / 2**20:.0f} MiB")
        assert rows > 9_500_000
        assert peak < 1e9
