"""Profiles: every defect is found when it is planted and only then, on every engine."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from churnlab.spells.findings import FINDINGS
from tests import engines

FACTS = ["rows", "customers", "first_day", "last_day"]
COLUMNS = ["finding", "column", "unit", "n", "share", "example", "meaning"]
FIRST = pd.Timestamp("2026-01-01")


def clean() -> pd.DataFrame:
    """Sixty days, twenty customers, twice a day each of ten, at odd minutes: nothing to be found."""
    rows = [
        (f"c{(day + 2 * k) % 20 + 10}", FIRST + pd.Timedelta(days=day, minutes=61 * k + 7), 5.0 + k)
        for day in range(60) for k in range(10)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["customer", "time", "amount"]).astype(
        {"time": "datetime64[s]"}
    )


def contracts() -> pd.DataFrame:
    """Thirty contracts, one a customer, each of 90 days, all over: nothing to be found."""
    start = FIRST + pd.to_timedelta(np.arange(30), unit="D") + pd.Timedelta(minutes=5)
    return pd.DataFrame({
        "customer": [f"c{i + 10}" for i in range(30)], "start": start,
        "end": start + pd.Timedelta(days=90), "amount": 9.5,
    }).astype({"start": "datetime64[s]", "end": "datetime64[s]"})  # fmt: skip


def found(frame, **arguments) -> dict[str, tuple]:
    """What was found beside the facts: n, unit and example of each."""
    table = cl.spells.profile(frame, **arguments)
    assert table.columns.tolist() == COLUMNS
    assert table["finding"].is_unique and set(FACTS) <= set(table["finding"])
    return {
        row.finding: (row.n, row.unit, None if pd.isna(row.example) else row.example)
        for row in table.itertuples() if row.finding not in FACTS
    }  # fmt: skip


def planted(**cells) -> pd.DataFrame:
    """The clean log with other values in its first rows, or added to its end."""
    frame = clean()
    for column, values in cells.items():
        frame[column] = values + frame[column].tolist()[len(values) :]
    return frame.astype({"time": "datetime64[s]"})


def more(*rows) -> pd.DataFrame:
    extra = pd.DataFrame(rows, columns=["customer", "time", "amount"])
    extra["time"] = pd.to_datetime(extra["time"], format="ISO8601")
    both = pd.concat([clean(), extra.astype({"time": "datetime64[s]"})], ignore_index=True)
    return both.astype({"time": "datetime64[s]"})


def without(first: str, last: str) -> pd.DataFrame:
    frame = clean()
    inside = frame["time"].between(first, last + " 23:59:59")
    return frame[~inside].reset_index(drop=True)


NOON = [FIRST + pd.Timedelta(days=i // 10, hours=12) for i in range(60)]
PLANTED = {
    "missing_customer": (planted(customer=[None, "", "  "]), {}, (3, "rows", None)),
    "odd_customer": (planted(customer=["NULL ", "null", "NULL "]), {}, None),
    "look_alike_customers": (planted(customer=["C10", " c011.0"]), {}, (2, "customers", "'C10' | 'c10'")),
    "busiest_customer": (planted(customer=["busy"] * 300), {}, (300, "rows", "busy")),
    "one_event": (planted(customer=["x'y\" 区"]), {}, (1, "customers", None)),
    "one_day": (planted(customer=["new", "new"]), {}, (1, "customers", None)),
    "identical_rows": (pd.concat([clean(), clean().tail(3)]), {}, (3, "rows", None)),
    "missing_time": (planted(time=[pd.NaT] * 2), {}, (2, "rows", None)),
    "default_date": (more(("c11", "1970-01-01 00:07", 5.0)), {}, (1, "rows", "1970-01-01")),
    "early_date": (more(("c11", "2016-02-03 00:07", 5.0)), {}, (1, "rows", "2016-02-03")),
    "late_date": (more(("c11", "2062-02-03 00:07", 5.0)), {}, (1, "rows", "2062-02-03")),
    "after_as_of": (clean(), {"as_of": "2026-02-28"}, (20, "rows", "2026-02-28")),
    "only_dates": (clean().assign(time=clean()["time"].dt.normalize()), {}, (600, "rows", None)),
    "default_hour": (planted(time=NOON), {}, (60, "rows", "12:00:00")),
    "longest_hole": (without("2026-01-10", "2026-01-12"), {}, (3, "days", "2026-01-10 to 2026-01-12")),
    "last_day_low": (clean().drop(range(593, 597)).drop([598, 599]), {}, (4, "rows", "2026-03-01")),
    "missing_amount": (planted(amount=[None, None]), {}, (2, "rows", None)),
    "negative_amount": (planted(amount=[-2.5, -7.0]), {}, (2, "rows", "-7")),
    "zero_amount": (planted(amount=[0.0]), {}, (1, "rows", None)),
}  # fmt: skip
# what else follows of necessity from a planted defect
ALSO = {
    "odd_customer": {"look_alike_customers", "one_day", "one_event"},
    "look_alike_customers": {"one_day", "one_event"},
    "busiest_customer": set(),
    "one_event": {"one_day"},
}


def test_a_clean_log_has_its_facts_and_nothing_else():
    table = cl.spells.profile(clean()).set_index("finding")

    assert table.index.tolist() == FACTS
    assert table["n"].tolist() == [600, 20, 10, 10]
    assert table["share"].tolist() == [1.0, 1.0, 1 / 60, 1 / 60]
    assert table["example"].tolist()[2:] == ["2026-01-01", "2026-03-01"]
    assert found(contracts()) == {}


@pytest.mark.parametrize("name", PLANTED)
def test_each_defect_is_found_when_it_is_planted(name):
    frame, arguments, expected = PLANTED[name]
    seen = found(frame, **arguments)

    assert name in seen
    assert set(seen) - {name} <= ALSO.get(name, set())
    if expected:
        assert seen[name] == expected
    if name == "odd_customer":
        assert seen[name] == (3, "rows", "NULL ") and seen["look_alike_customers"][0] == 2


def contract(**cells) -> pd.DataFrame:
    frame = contracts()
    for column, value in cells.items():
        kind = frame[column].dtype
        frame[column] = pd.Series([value, *frame[column].tolist()[1:]])
        frame = frame.astype({column: kind if column != "customer" else "object"})
    return frame


AGAIN = contracts().iloc[[4]]
LATER = {
    "start": AGAIN["start"] + pd.Timedelta(days=93),
    "end": AGAIN["end"] + pd.Timedelta(days=93),
}
PLANTED_CONTRACTS = {
    "running": (contract(end=pd.NaT), (1, "rows", "2026-01-01")),
    "end_before_start": (contract(end=FIRST), (1, "rows", "2026-01-01")),
    "end_equals_start": (contract(end=FIRST + pd.Timedelta(minutes=5)), (1, "rows", "2026-01-01")),
    "far_end": (contract(end=pd.Timestamp("9999-12-31").as_unit("s")), (1, "rows", "2026-01-01")),
    "overlapping_contracts": (
        pd.concat([contracts(), AGAIN.assign(start=AGAIN["start"] + pd.Timedelta(days=9))]),
        (1, "rows", "c14"),
    ),
    "short_gap": (pd.concat([contracts(), AGAIN.assign(**LATER)]), (1, "rows", "c14")),
    "identical_rows": (pd.concat([contracts(), AGAIN]), (1, "rows", None)),
    "missing_time": (contract(start=pd.NaT), (1, "rows", None)),
    "missing_customer": (contract(customer=None), (1, "rows", None)),
}


@pytest.mark.parametrize("name", PLANTED_CONTRACTS)
def test_each_defect_of_contracts_is_found(name):
    frame, expected = PLANTED_CONTRACTS[name]
    seen = found(frame)
    if name == "short_gap":
        # its start lies far from the others' and leaves a hole in the starts, which is true as well
        assert seen.pop("longest_hole")[0] == 67
    assert seen == {name: expected}


def test_contracts_that_touch_and_a_week_between_are_fine():
    week = {k: v + pd.Timedelta(days=4) for k, v in LATER.items()}  # 93 + 4 − 90 = 7 days
    touch = {k: v - pd.Timedelta(days=3) for k, v in LATER.items()}
    for moved in (week, touch):
        seen = found(pd.concat([contracts(), AGAIN.assign(**moved)]))
        assert set(seen) == {"longest_hole"}


def test_every_finding_is_planted_somewhere():
    zone = clean().assign(time=clean()["time"].dt.tz_localize("Europe/Berlin"))
    assert found(zone) == {"zone": (600, "rows", "Europe/Berlin")}
    assert set(FINDINGS) == {*FACTS, *PLANTED, *PLANTED_CONTRACTS, "zone"}


def test_look_alikes_of_every_kind():
    ids = ["007", "7", "7.0", "Ada", "ada ", "AdA", "x", "y", "10", "100", "区 ", "区"]
    times = FIRST + pd.to_timedelta(np.arange(len(ids)), unit="D")
    seen = found(pd.DataFrame({"customer": ids, "time": times}))
    assert seen["look_alike_customers"] == (8, "customers", "'007' | '7.0'")


def test_numbers_as_customers():
    frame = clean()
    frame["customer"] = frame["customer"].str[1:].astype("int64") - 9
    assert found(frame) == {}
    assert found(frame.assign(customer=frame["customer"] - 1))["odd_customer"][::2] == (30, "0")


def test_limits_of_the_rules():
    """92 days are no slip and 93 are; five rows of ten are half a day, four are not."""
    assert "early_date" not in found(more(("c11", FIRST - pd.Timedelta(days=92), 5.0)))
    assert "early_date" in found(more(("c11", FIRST - pd.Timedelta(days=93), 5.0)))
    assert "last_day_low" not in found(clean().drop(range(595, 600)))
    assert "last_day_low" in found(clean().drop(range(594, 600)))
    assert "default_date" not in found(more(("c11", "2000-01-01", 1.0), ("c12", "2000-03-01", 1.0)))
    assert "busiest_customer" not in found(planted(customer=["busy"] * 280))


def test_empty_tables():
    for frame in (clean().head(0), contracts().head(0)):
        table = cl.spells.profile(frame)
        assert table["finding"].tolist() == FACTS and table["n"].tolist() == [0] * 4
        assert table["share"].isna().all()
    nothing = clean().assign(customer=None, time=pd.NaT).astype({"time": "datetime64[s]"})
    assert found(nothing) == {
        "missing_customer": (600, "rows", None), "missing_time": (600, "rows", None),
    }  # fmt: skip


def test_a_file_with_everything():
    frame = pd.concat([f for f, arguments, _ in PLANTED.values() if not arguments])
    seen = found(frame.reset_index(drop=True), as_of="2026-02-28")
    hidden = {"busiest_customer", "early_date", "longest_hole", "last_day_low", "only_dates"}
    assert set(PLANTED) - set(seen) <= hidden
    table = cl.spells.profile(frame)
    assert table.attrs["as_of"] is None and table.attrs["ledger"][0]["n"] == len(frame)


# --------------------------------------------------------------------------------- every engine
@pytest.fixture(params=engines.PARAMS)
def table(request, tmp_path):
    return engines.maker(request, tmp_path)


def assert_same(ours: pd.DataFrame, expected: pd.DataFrame) -> None:
    for frame in (ours, expected):
        frame["example"] = [None if pd.isna(v) else v for v in frame["example"]]
    pd.testing.assert_frame_equal(ours, expected, check_dtype=False)


def test_events_are_the_same_everywhere(table, request):
    frame = pd.concat([f for f, _, _ in PLANTED.values()], ignore_index=True)
    names = {"customer": "cust'omer", "time": "order", "amount": "n"}
    expected = cl.spells.profile(frame, as_of="2026-02-28 12:00")
    ours = cl.spells.profile(table(frame.rename(columns=names)), as_of="2026-02-28 12:00", **names)

    back = {v: k for k, v in names.items()}
    ours["column"] = ours["column"].replace(back)
    assert_same(ours, expected)
    assert len(expected) > 15


def test_contracts_are_the_same_everywhere(table):
    # the year 9999 needs seconds, which some kinds of table do not have
    parts = [f for name, (f, _) in PLANTED_CONTRACTS.items() if name != "far_end"]
    frame = pd.concat(parts, ignore_index=True)
    assert_same(cl.spells.profile(table(frame)), cl.spells.profile(frame))


# ------------------------------------------------------------------------------------ refusals
@pytest.mark.parametrize(
    ("frame", "arguments", "message"),
    [
        (clean().drop(columns="time"), {}, "no column 'time'.*start of contracts in start="),
        (clean().assign(start=FIRST), {}, "has 'time' and 'start': say start=None for events"),
        (clean().assign(time="today"), {}, "'time' holds String: times must be"),
        (clean().rename(columns={"time": "Time"}), {}, "has 'Time': say time='Time'"),
        (clean(), {"customer": "client"}, "no column 'client'"),
        (clean(), {"period": "month"}, "profile counts days"),
        (clean(), {"as_of": "soon"}, "as_of='soon' must be a date"),
    ],
)
def test_bad_calls_end_in_one_clear_message(frame, arguments, message):
    with pytest.raises(cl.InputError, match=message):
        cl.spells.profile(frame, **arguments)


def test_a_column_of_the_other_kind_can_be_left():
    frame = clean().assign(start=FIRST, end=FIRST)
    assert cl.spells.profile(frame, start=None)["column"].iloc[2] == "time"
    assert cl.spells.profile(frame, time=None)["column"].iloc[2] == "start"
