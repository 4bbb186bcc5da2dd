"""Covariates that change: by hand, day by day, against R's tmerge, on every engine, refusals."""

from __future__ import annotations

import inspect
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import churnlab as cl
from tests import engines
from tests.conftest import needs_module
from tests.reference import read

ORIGIN = pd.Timestamp("2026-01-01")


def on(day: float) -> pd.Timestamp:
    return ORIGIN + pd.Timedelta(days=day)


def frames(spells, changes, columns=("plan",)) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(customer, entry, duration, event) and (customer, day, values…), all from one origin."""
    one = pd.DataFrame(spells, columns=["customer", "entry", "duration", "event"])
    one = one.assign(start=ORIGIN, entry=one["entry"].astype("float64"))
    moved = pd.DataFrame(changes, columns=["customer", "day", *columns])
    moved["time"] = pd.to_datetime([on(d) for d in moved.pop("day")])
    return one, moved


def pieces(frame: pd.DataFrame, *columns: str) -> list[tuple]:
    """Rows as plain tuples, None where missing, in order."""
    names = ["customer", "entry", "duration", "event", *columns]
    rows = frame.sort_values(["customer", "start", "duration"])[names].astype(object)
    return [tuple(None if pd.isna(v) else v for v in row) for row in rows.itertuples(index=False)]


# ----------------------------------------------------------------------------------- by hand
def test_every_place_a_change_can_have():
    """A spell of 30 days that ends in churn; changes before it, on its first day, within, at the
    end and after. Day 30's change is of the day of the churn: the churn has the old value."""
    one, moved = frames(
        [("Ada", None, 30, 1)],
        [("Ada", -9, "trial"), ("Ada", 0, "basic"), ("Ada", 10, "plus"), ("Ada", 30, "none")]
        + [("Ada", 40, "later"), ("Zoe", 5, "unknown")],
    )
    table = cl.spells.add_covariates(one, changes=moved, covariates="plan")

    assert pieces(table.frame, "plan") == [
        ("Ada", None, 10, False, "basic"),
        ("Ada", 10, 30, True, "plus"),
    ]
    ledger = table.ledger().set_index(["stage", "unit", "rule"])["n"].to_dict()
    assert ledger == {
        ("add_covariates", "rows", "read"): 1,
        ("add_covariates", "rows", "used"): 1,
        ("changes", "rows", "read"): 6,
        ("changes", "rows", "used"): 6,
        ("add_covariates", "customers", "read"): 1,
        ("add_covariates", "customers", "used"): 1,
        ("changes", "customers", "read"): 2,
        ("changes", "customers", "used"): 1,
        ("changes", "customers", "not_in_spells"): 1,
    }


def test_an_event_on_the_day_of_the_change_has_the_old_value():
    one, moved = frames([("Ada", None, 12, 1)], [("Ada", 0, "old"), ("Ada", 12, "new")])
    frame = cl.spells.add_covariates(one, changes=moved, covariates="plan").frame
    assert pieces(frame, "plan") == [("Ada", None, 12, True, "old")]

    one, moved = frames([("Ada", None, 12, 1)], [("Ada", 0, "old"), ("Ada", 11, "new")])
    frame = cl.spells.add_covariates(one, changes=moved, covariates="plan").frame
    assert pieces(frame, "plan") == [("Ada", None, 11, False, "old"), ("Ada", 11, 12, True, "new")]


def test_missing_is_no_change_and_a_restated_value_is_no_cut():
    one, moved = frames(
        [("Ada", None, 20, 0), ("Ben", None, 20, 0)],
        [("Ada", 4, "a", None), ("Ada", 7, None, 3.0), ("Ada", 9, "a", 3.0)],
        ("plan", "visits"),
    )
    table = cl.spells.add_covariates(one, changes=moved, covariates=["plan", "visits"])

    assert pieces(table.frame, "plan", "visits") == [
        ("Ada", None, 4, False, None, None),
        ("Ada", 4, 7, False, "a", None),
        ("Ada", 7, 20, False, "a", 3.0),
        ("Ben", None, 20, False, None, None),
    ]
    assert table.ledger().set_index("rule")["n"]["no_changes"] == 1


def test_pieces_that_are_there_already_are_cut_again():
    """Two covariates added one after the other make what both make at once."""
    one, plans = frames([("Ada", 2, 30, 1)], [("Ada", 1, "basic"), ("Ada", 10, "plus")])
    _, visits = frames([], [("Ada", 5, 1.0), ("Ada", 20, 4.0)], ("visits",))
    first = cl.spells.add_covariates(one, changes=plans, covariates="plan")
    both = cl.spells.add_covariates(first, changes=visits, covariates="visits", keep="plan")

    assert pieces(both.frame, "plan", "visits") == [
        ("Ada", 2, 5, False, "basic", None),
        ("Ada", 5, 10, False, "basic", 1.0),
        ("Ada", 10, 20, False, "plus", 1.0),
        ("Ada", 20, 30, True, "plus", 4.0),
    ]
    assert both.frame["spell"].tolist() == [1, 1, 1, 1]


def test_spells_of_a_customer_are_numbered_by_their_start():
    one = pd.DataFrame({
        "customer": ["a", "a", "a"], "start": [on(100), on(0), on(0)], "event": [True, False, True],
        "entry": [np.nan, 5, np.nan], "duration": [10, 9, 5],
    })  # fmt: skip
    moved = pd.DataFrame({"customer": ["a"], "time": [on(103)], "risk": [0.5]})
    frame = cl.spells.add_covariates(one, changes=moved, covariates="risk").frame

    assert frame["spell"].tolist() == [1, 1, 2, 2]
    assert pieces(frame, "risk") == [
        ("a", None, 5, True, None), ("a", 5, 9, False, None),
        ("a", None, 3, False, None), ("a", 3, 10, True, 0.5),
    ]  # fmt: skip


def test_a_spell_of_no_length_has_the_value_of_its_start():
    one, moved = frames([("Ada", None, 0, 1)], [("Ada", 0, "basic")])
    frame = cl.spells.add_covariates(one, changes=moved, covariates="plan").frame
    assert pieces(frame, "plan") == [("Ada", None, 0, True, "basic")]


def test_months_and_elapsed_time():
    """Started 31 January 2026, changed 1 February: month 1 by the calendar, month 0 of 30 days."""
    one = pd.DataFrame(
        {"customer": ["a"], "start": pd.to_datetime(["2026-01-31"]), "duration": [3], "event": [1]}
    )
    day = pd.to_datetime(["2026-02-01", "2026-03-30", "2026-03-31"])
    moved = pd.DataFrame({"customer": "a", "time": day, "n": [1, 2, 3]})
    calendar = cl.spells.add_covariates(one, changes=moved, covariates="n", period="month").frame
    elapsed = cl.Period("month", clock="elapsed")
    steady = cl.spells.add_covariates(one, changes=moved, covariates="n", period=elapsed).frame

    # two changes in March: the later one is what was known from then on
    assert pieces(calendar, "n") == [
        ("a", None, 1, False, None), ("a", 1, 2, False, 1), ("a", 2, 3, True, 3),
    ]  # fmt: skip
    assert pieces(steady, "n") == [("a", None, 1, False, 1), ("a", 1, 3, True, 3)]


def test_flags_times_and_names_keep_their_kind():
    one, moved = frames(
        [("Ada", None, 9, 1)],
        [("Ada", 0, False, on(3)), ("Ada", 4, True, on(5))],
        ("order", "by 区"),
    )
    frame = cl.spells.add_covariates(one, changes=moved, covariates=["order", "by 区"]).frame

    assert [bool(v) for v in frame["order"]] == [False, True]
    assert pd.to_datetime(frame["by 区"]).tolist() == [on(3), on(5)]


def test_a_zone_of_the_changes_is_read_on_its_own_wall_clock():
    """23:30 UTC on the 10th is the 11th in Berlin; the starts are plain dates."""
    one = pd.DataFrame({"customer": ["a"], "start": [ORIGIN], "duration": [30], "event": [0]})
    late = pd.to_datetime(["2026-01-10 23:30"]).tz_localize("UTC")
    moved = pd.DataFrame({"customer": ["a"], "time": late, "n": [1]})
    for period, cut in (("day", 9), (cl.Period("day", tz="Europe/Berlin"), 10)):
        frame = cl.spells.add_covariates(one, changes=moved, covariates="n", period=period).frame
        assert frame["duration"].tolist() == [cut, 30]


# -------------------------------------------------------------------------- day by day, in Python
def by_days(one: pd.DataFrame, moved: pd.DataFrame, columns: list[str]) -> list[tuple]:
    """Every day at risk with the values known before it began: the definition, without a cut."""
    found = []
    for row in one.itertuples():
        first = 0 if pd.isna(row.entry) else int(row.entry)
        own = moved[moved["customer"] == row.customer].sort_values("time")
        for day in range(first, int(row.duration)):
            known = own[(own["time"] - row.start).dt.days <= day]
            values = []
            for name in columns:
                given = known[name].dropna()
                values.append(given.iloc[-1] if len(given) else None)
            is_event = bool(row.event) and day == int(row.duration) - 1
            found.append((row.customer, row.start, day, is_event, *values))
    return sorted(found, key=str)


def as_days(frame: pd.DataFrame, columns: list[str]) -> list[tuple]:
    found = []
    for row in frame.itertuples():
        first = 0 if pd.isna(row.entry) else int(row.entry)
        values = [None if pd.isna(getattr(row, c)) else getattr(row, c) for c in columns]
        for day in range(first, int(row.duration)):
            is_event = bool(row.event) and day == int(row.duration) - 1
            found.append((row.customer, pd.Timestamp(row.start), day, is_event, *values))
    return sorted(found, key=str)


def exposure(frame: pd.DataFrame) -> float:
    return float((frame["duration"].astype(float) - frame["entry"].astype(float).fillna(0)).sum())


spell = st.tuples(
    st.sampled_from("abc"), st.integers(0, 2), st.integers(0, 9), st.integers(1, 15), st.booleans()
)
change = st.tuples(
    st.sampled_from("abcd"), st.integers(-5, 70), st.sampled_from([None, 1.0, 2.0]),
    st.sampled_from([None, "x", "y"]),
)  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(
    st.lists(spell, min_size=1, max_size=8, unique_by=lambda s: s[:2]),
    st.lists(change, min_size=1, max_size=12, unique_by=lambda c: c[:2]),
)
def test_any_rows_day_by_day(spells, changes):
    """Every day has the values that were known; exposure, events and the curve stay as they were."""
    one = pd.DataFrame(spells, columns=["customer", "nth", "entry", "length", "event"])
    one["start"] = ORIGIN + pd.to_timedelta(one["nth"] * 20, unit="D")
    one["duration"] = one["entry"] + one["length"]
    one["entry"] = one["entry"].astype("float64").where(one["entry"] > 0)
    moved = pd.DataFrame(changes, columns=["customer", "day", "n", "plan"])
    moved["time"] = ORIGIN + pd.to_timedelta(moved.pop("day"), unit="D")
    moved["n"], moved["plan"] = moved["n"].astype("float64"), moved["plan"].astype("str")
    moved["plan"] = moved["plan"].where(moved["plan"] != "None", None)

    frame = cl.spells.add_covariates(one, changes=moved, covariates=["n", "plan"]).frame

    assert as_days(frame, ["n", "plan"]) == by_days(one, moved, ["n", "plan"])
    assert exposure(frame) == exposure(one)
    assert int(frame["event"].sum()) == int(one["event"].sum())
    rows = pieces(frame, "start", "n", "plan")
    for before, after in pairwise(rows):
        follows = (before[0], before[2], before[4]) == (after[0], after[1], after[4])
        assert not (follows and before[5:] == after[5:]), "a cut where nothing changed"
    # the curve of the rows is the curve of the spells
    columns = ["duration", "n_risk", "n_event", "estimate"]
    before = cl.survival.kaplan_meier(one[["duration", "event", "entry"]])
    after = cl.survival.kaplan_meier(frame[["duration", "event", "entry"]])
    shown = after["duration"].isin(before["duration"])
    pd.testing.assert_frame_equal(
        before[columns], after.loc[shown, columns].reset_index(drop=True), check_dtype=False
    )


# ------------------------------------------------------------------------------- other software
@pytest.mark.parametrize("number", range(1, 11))
def test_tmerge_of_r(number):
    """R cuts where a value is restated too; its rows are the same once equal neighbours are one."""
    tables = (read(f"tmerge_{name}") for name in ("spells", "changes", "rows"))
    one, moved, theirs = (frame[frame["set"] == number] for frame in tables)
    one = one.rename(columns={"id": "customer", "time": "duration"}).assign(start=ORIGIN)
    moved = moved.rename(columns={"id": "customer"})
    moved["time"] = ORIGIN + pd.to_timedelta(moved.pop("day"), unit="D")

    frame = cl.spells.add_covariates(one, changes=moved, covariates=["visits", "score"]).frame

    expected: list[list] = []
    for row in theirs.sort_values(["id", "tstart"]).fillna(-1).itertuples(index=False):
        last = expected[-1] if expected else None
        if last and last[0] == row.id and last[2] == row.tstart and last[4:] == list(row[5:]):
            last[2], last[3] = row.tstop, row.churn
        else:
            expected.append([row.id, row.tstart, row.tstop, row.churn, *row[5:]])
    columns = ["customer", "entry", "duration", "event", "visits", "score"]
    ours = frame.sort_values(["customer", "duration"])[columns].astype("float64").fillna(-1)
    assert ours.to_numpy().tolist() == [[float(v) for v in row] for row in expected]
    assert len(expected) > 12


@needs_module("lifelines")
def test_lifelines_on_spells_observed_from_their_start():
    """Without late entries and ties, add_covariate_to_timeline makes the same rows."""
    from lifelines.utils import add_covariate_to_timeline, to_long_format

    one, moved = frames(
        [("a", None, 20, 1), ("b", None, 15, 0)],
        [("a", 0, 1.0), ("a", 6, 2.0), ("b", 0, 1.0), ("b", 3, 5.0), ("b", 9, 7.0)], ("n",),
    )  # fmt: skip
    frame = cl.spells.add_covariates(one, changes=moved, covariates="n").frame
    base = to_long_format(one[["customer", "duration", "event"]], duration_col="duration")
    times = moved.assign(day=(moved["time"] - ORIGIN).dt.days).drop(columns="time")
    long = add_covariate_to_timeline(base, times, "customer", "day", "event").sort_values(
        ["customer", "start"]
    )

    assert frame["duration"].tolist() == long["stop"].tolist()
    assert frame["entry"].fillna(0).tolist() == long["start"].tolist()
    assert frame["n"].tolist() == long["n"].tolist()
    assert frame["event"].tolist() == long["event"].astype(bool).tolist()


# --------------------------------------------------------------------------------- every engine
@pytest.fixture(params=engines.PARAMS)
def table(request, tmp_path):
    """What puts frames into one kind of table; those of Ibis share a connection, as a user's do."""
    if request.param == "ibis":
        import ibis

        backend = ibis.duckdb.connect()
        for name, frame in zip(("one", "moved"), many(), strict=True):
            engines.duckdb_relation(frame, tmp_path).write_parquet(str(tmp_path / name))
        return lambda frame, name: backend.read_parquet(tmp_path / name)

    def make(frame, name):
        folder = tmp_path / name
        folder.mkdir()
        return engines.maker(request, folder)(frame)

    return make


def many() -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(8)
    n, m = 40, 150
    names = [f"c{i:02d}" for i in range(30)]
    one = pd.DataFrame({
        "cust'omer": rng.choice(names, n, replace=True), "order": ORIGIN,
        "select": rng.integers(5, 60, n), "group": rng.random(n) < 0.5, "区": rng.choice(["x", "y"], n),
    }).drop_duplicates("cust'omer")  # fmt: skip
    one["from"] = np.where(rng.random(len(one)) < 0.3, 2.0, np.nan)
    one.loc[one.index[3], "cust'omer"] = None
    moved = pd.DataFrame({
        "cust'omer": rng.choice(names, m), "time": ORIGIN + pd.to_timedelta(rng.integers(-9, 70, m), "D"),
        "value0": rng.choice(["p", "q", None], m), "begin": rng.choice([1.5, 2.5, np.nan], m),
    }).drop_duplicates(["cust'omer", "time"])  # fmt: skip
    return one.reset_index(drop=True), moved.reset_index(drop=True)


ROLES = {"customer": "cust'omer", "start": "order", "duration": "select", "event": "group"}


def test_it_is_the_same_everywhere(table, request):
    one, moved = many()
    arguments = {**ROLES, "entry": "from", "keep": "区"}
    numbers = ["value0"] if "csv" in request.node.name else ["value0", "begin"]
    expected = cl.spells.add_covariates(one, changes=moved, covariates=numbers, **arguments)

    ours = cl.spells.add_covariates(
        table(one, "one"), changes=table(moved, "moved"), covariates=numbers, **arguments
    )

    columns = ("区", *numbers)
    assert pieces(as_pandas(ours.frame), *columns) == pieces(expected.frame, *columns)
    pd.testing.assert_frame_equal(expected.ledger(), ours.ledger())
    assert len(expected.frame) > len(one)


def as_pandas(frame) -> pd.DataFrame:
    """Whatever a Table holds, as pandas."""
    for way in ("df", "toPandas", "collect", "execute"):
        if not isinstance(frame, pd.DataFrame) and hasattr(frame, way):
            frame = getattr(frame, way)()
            break
    return frame if isinstance(frame, pd.DataFrame) else frame.to_pandas()


def test_spells_and_changes_of_two_kinds_meet(table):
    one, moved = many()
    expected = cl.spells.add_covariates(one, changes=moved, covariates="value0", **ROLES)
    ours = cl.spells.add_covariates(
        one, changes=table(moved, "moved"), covariates="value0", **ROLES
    )

    assert pieces(ours.frame, "value0") == pieces(expected.frame, "value0")


def test_spells_from_a_file_go_on_lazily(tmp_path):
    """A log in Parquet, spells of it, changes in CSV: a lazy relation that a curve can read."""
    log = cl.datasets.load("six_customers")
    plans = log[["customer", "time"]].drop_duplicates().assign(plan="x")
    engines.duckdb_relation(log, tmp_path).write_parquet(str(tmp_path / "log.parquet"))
    plans.to_csv(tmp_path / "plans.csv", index=False)
    arguments = {"inactivity": 30, "as_of": "2026-05-05"}
    expected = cl.spells.add_covariates(
        cl.spells.to_spells(log, **arguments), changes=plans, covariates="plan"
    )
    spells = cl.spells.to_spells(tmp_path / "log.parquet", **arguments)
    table = cl.spells.add_covariates(spells, changes=tmp_path / "plans.csv", covariates="plan")

    assert pieces(as_pandas(table.frame), "plan") == pieces(expected.frame, "plan")
    assert table.as_of == "2026-05-05T00:00:00"
    assert list(table.ledger()["stage"].unique()) == ["to_spells", "add_covariates", "changes"]
    curve = cl.survival.kaplan_meier(table, by="plan")
    assert curve["n_risk"].max() == 5


def test_empty_tables():
    one, moved = frames([("Ada", None, 9, 1)], [("Ada", 4, "a")])
    none = cl.spells.add_covariates(one.head(0), changes=moved, covariates="plan").frame
    assert none.columns.tolist() == [
        "customer",
        "spell",
        "start",
        "duration",
        "event",
        "entry",
        "plan",
    ]
    assert len(none) == 0
    same = cl.spells.add_covariates(one, changes=moved.head(0), covariates="plan").frame
    assert pieces(same, "plan") == [("Ada", None, 9, True, None)]


# ------------------------------------------------------------------------------------ refusals
def test_two_values_at_one_instant_are_refused():
    one, moved = frames([("Ada", None, 9, 1)], [("Ada", 4, "a"), ("Ada", 4, "b"), ("Ada", 4, None)])
    with pytest.raises(cl.InputError, match="'plan' has two values at one instant, 1 times"
                                            ".*'a' and 'b' for customer 'Ada' at 2026-01-05"):  # fmt: skip
        cl.spells.add_covariates(one, changes=moved, covariates="plan")
    again = moved[moved["plan"] != "b"]  # a repeat is no conflict
    frame = cl.spells.add_covariates(
        one, changes=pd.concat([again, again]), covariates="plan"
    ).frame
    assert pieces(frame, "plan") == [("Ada", None, 4, False, None), ("Ada", 4, 9, True, "a")]


BROKEN = {
    "rows that overlap": ([("a", None, 9, 0), ("a", 8, 12, 1)], "'start' begins several rows.*overlap"),
    "a row twice": ([("a", None, 9, 0), ("a", None, 9, 0)], "overlap in 1 row .*customer 'a'"),
    "a negative duration": ([("a", None, -1, 0)], "'duration' is negative or infinite in 1 row"),
    "an entry after the end": ([("a", 10, 9, 0)], "'entry' is negative or later .* 10.0 of customer 'a'"),
    "an event that is none": ([("a", None, 9, 7)], "'event' must be 0/1 or True/False.* 7 of"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_broken_spells_are_refused(name):
    rows, message = BROKEN[name]
    one, moved = frames(rows, [("a", 4, "x")])
    with pytest.raises(cl.InputError, match=message):
        cl.spells.add_covariates(one, changes=moved, covariates="plan")


def test_bad_calls_are_refused():
    one, moved = frames([("a", None, 9, 1)], [("a", 4, "x")])
    with pytest.raises(cl.InputError, match="covariates names no column"):
        cl.spells.add_covariates(one, changes=moved, covariates=[])
    with pytest.raises(cl.InputError, match="no column 'plam' .did you mean 'plan'"):
        cl.spells.add_covariates(one, changes=moved, covariates="plam")
    with pytest.raises(cl.InputError, match="'entry' is also the name of a column of the result"):
        cl.spells.add_covariates(one, changes=moved.assign(entry=1), covariates="entry")
    with pytest.raises(cl.InputError, match="are text in the spells and numbers in the changes"):
        cl.spells.add_covariates(one, changes=moved.assign(customer=1), covariates="plan")


def test_what_is_left_out_is_counted():
    one, moved = frames(
        [("a", None, 9, 1), (None, None, 9, 1), ("b", 5, 5, 1), ("c", None, None, 1)],
        [("a", 4, "x"), (None, 4, "x")],
    )
    table = cl.spells.add_covariates(one, changes=moved, covariates="plan")
    n = table.ledger().query("unit == 'rows'").set_index(["stage", "rule"])["n"]

    assert n["add_covariates"].to_dict() == {
        "read": 4, "used": 1, "missing_customer": 1, "missing_duration": 1, "zero_length": 1
    }  # fmt: skip
    assert n["changes"].to_dict() == {"read": 2, "used": 1, "missing_customer": 1}


def test_two_tables_and_the_rest_by_name():
    """Spells and changes first; every role by name, and said in the docstring."""
    parameters = list(inspect.signature(cl.spells.add_covariates).parameters.values())
    assert [p.name for p in parameters[:2]] == ["spells", "changes"]
    assert {p.kind for p in parameters[2:]} == {inspect.Parameter.KEYWORD_ONLY}
    for parameter in parameters:
        assert parameter.name in inspect.getdoc(cl.spells.add_covariates)
