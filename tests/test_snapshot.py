"""Snapshots: by hand, by brute force, what may not leak, every engine, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from tests import engines
from tests.test_covariates import as_pandas

ARGUMENTS = {"feature_window": 30, "label_window": 20, "as_of": "2026-06-01"}
COLUMNS = ["customer", "observed_at", "n_events", "n_periods", "since_last", "tenure", "amount"]
COLUMNS += ["event"]


def log(rows, columns=("customer", "time", "amount")) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns)).astype({"time": "datetime64[s]"})


def as_rows(frame) -> list[tuple]:
    frame = as_pandas(frame)
    frame = frame.assign(observed_at=pd.to_datetime(frame["observed_at"]).dt.strftime("%m-%d"))
    plain = [
        tuple(None if pd.isna(v) else v for v in row)
        for row in frame.astype(object).itertuples(index=False)
    ]
    return sorted(plain, key=str)


# ----------------------------------------------------------------------------------- by hand
def test_every_edge_of_both_windows():
    """Seen on 1 March, 30 days back (from 30 January), 20 days ahead (up to 21 March)."""
    rows = [
        ("on the first day", "2026-01-30", 1.0), ("a day too early", "2026-01-29 23:59", 1.0),
        ("on the day itself", "2026-02-28 23:59", 1.0), ("on the day itself", "2026-03-01", 1.0),
        ("back on the last", "2026-02-10", 1.0), ("back on the last", "2026-03-20 23:59", 1.0),
        ("back a day late", "2026-02-10", 1.0), ("back a day late", "2026-03-21", 1.0),
        ("only a refund back", "2026-02-10", 5.0), ("only a refund back", "2026-03-05", -5.0),
        ("new", "2026-03-01", 1.0),
    ]  # fmt: skip
    table = cl.spells.to_snapshot(log(rows), observed_at="2026-03-01", **ARGUMENTS)

    assert table.frame.columns.tolist() == COLUMNS
    found = table.frame.set_index("customer")
    assert found["event"].to_dict() == {
        "back a day late": True, "back on the last": False, "on the day itself": False,
        "on the first day": True, "only a refund back": True,
    }  # fmt: skip
    assert found["since_last"]["on the first day"] == 30
    assert found["since_last"]["on the day itself"] == 1
    customers = table.ledger().query("unit == 'customers'").set_index("rule")["n"].to_dict()
    assert customers == {"read": 7, "used": 5, "outside_window": 2}
    lines = table.ledger().query("unit == 'rows'").set_index("rule")["n"].to_dict()
    assert lines == {"read": 11, "used": 10, "after_label": 1}


def test_features_by_hand():
    """Ada in the 30 days before 1 March: three purchases on two days, 10 + 2.5 + 0, less 4 back;
    her first of all was on 5 January, 55 days before. Ben's one purchase has no amount."""
    rows = [
        ("Ada", "2026-01-05", 99.0), ("Ada", "2026-02-10 09:00", 10.0), ("Ada", "2026-02-10 18:00", 2.5),
        ("Ada", "2026-02-19", 0.0), ("Ada", "2026-02-27", -4.0), ("Ben", "2026-02-01", None),
        ("Chen", "2026-02-10", -7.0), ("Chen", "2026-01-02", 7.0),
    ]  # fmt: skip
    table = cl.spells.to_snapshot(log(rows), observed_at="2026-03-01", **ARGUMENTS)

    assert as_rows(table.frame) == [
        ("Ada", "03-01", 3, 2, 10, 55, 8.5, True),
        ("Ben", "03-01", 1, 1, 28, 28, None, True),
    ]
    assert table.ledger().set_index("rule")["n"]["amount_unknown"] == 1
    bare = cl.spells.to_snapshot(
        log(rows).drop(columns="amount"), observed_at="2026-03-01", **ARGUMENTS
    )
    assert bare.frame.columns.tolist() == COLUMNS and bare.frame["amount"].isna().all()


def test_months_of_the_calendar_and_of_thirty_days():
    rows = [("Ada", "2026-01-31", 1.0), ("Ada", "2026-03-02", 1.0), ("Ada", "2026-04-30", 1.0)]
    arguments = {"feature_window": 3, "label_window": 1, "as_of": "2026-06-01"}
    months = cl.spells.to_snapshot(
        log(rows), observed_at="2026-04-01", period="month", **arguments
    ).frame
    steady = cl.Period("month", clock="elapsed")  # 90 days back, 30 ahead: up to 1 May
    elapsed = cl.spells.to_snapshot(
        log(rows), observed_at="2026-04-01", period=steady, **arguments
    ).frame

    # March is one month before April; 30 days to 1 April are one month, of 60 to 31 January two
    assert as_rows(months) == [("Ada", "04-01", 2, 2, 1, 3, 2.0, False)]
    assert as_rows(elapsed) == [("Ada", "04-01", 2, 2, 1, 2, 2.0, False)]


def test_kept_columns_have_the_first_value_of_all():
    rows = [
        ("Ada", "2025-12-01", "web"),
        ("Ada", "2026-02-10", "shop"),
        ("Ada", "2026-03-05", "app"),
    ]
    table = cl.spells.to_snapshot(
        log(rows, ("customer", "time", "by 区")),
        observed_at="2026-03-01",
        keep="by 区",
        **ARGUMENTS,
    )
    assert table.frame["by 区"].tolist() == ["web"]
    assert table.ledger().set_index("rule")["n"]["by_changed"] == 1


# --------------------------------------------------------------------------- brute force, leaks
DAYS = ["2026-02-01", "2026-03-01", "2026-03-15"]


def many(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = 400
    minutes = rng.integers(0, 150 * 1440, n)
    frame = pd.DataFrame({
        "customer": rng.choice([f"c{i:02d}" for i in range(60)], n),
        "time": pd.Timestamp("2025-12-10") + pd.to_timedelta(minutes, unit="min"),
        "amount": rng.choice([-3.3, 0.0, 9.99, np.nan], n, p=[0.15, 0.1, 0.65, 0.1]),
        "plan": rng.choice(["x", "y"], n),
    })  # fmt: skip
    frame.loc[rng.choice(n, 6, replace=False), "customer"] = None
    frame.loc[rng.choice(n, 4, replace=False), "time"] = pd.NaT
    return frame.astype({"time": "datetime64[s]"})


def brute(frame: pd.DataFrame, days: list[str], back: int, ahead: int) -> list[tuple]:
    """Customer by customer and day by day, in the words of the docstring."""
    found = []
    frame = frame.dropna(subset=["customer", "time"])
    for day in map(pd.Timestamp, days):
        for customer, own in frame.groupby("customer"):
            active = own[~(own["amount"] < 0)]
            span, after = (pd.Timedelta(days=d) for d in (back, ahead))
            near = active[(active["time"] >= day - span) & (active["time"] < day)]
            if near.empty:
                continue
            money = own.loc[(own["time"] >= day - span) & (own["time"] < day), "amount"].dropna()
            later = active[(active["time"] >= day) & (active["time"] < day + after)]
            dates = near["time"].dt.normalize()
            first = active.loc[active["time"] < day, "time"].min().normalize()
            found.append((
                customer, f"{day:%m-%d}", len(near), dates.nunique(), (day - dates.max()).days,
                (day - first).days, round(money.sum(), 4) if len(money) else None, later.empty,
            ))  # fmt: skip
    return sorted(found, key=str)


@pytest.mark.parametrize("seed", range(4))
def test_brute_force(seed):
    frame = many(seed)
    table = cl.spells.to_snapshot(frame, observed_at=DAYS, **ARGUMENTS)

    assert as_rows(table.frame) == brute(frame, DAYS, 30, 20)
    assert len(table.frame) > 60 and 0 < table.frame["event"].mean() < 1
    for _, part in table.ledger().groupby(["stage", "unit"]):
        total = part.groupby("fate")["n"].sum()
        assert total["read"] == total["used"] + total.get("excluded", 0)


def test_nothing_leaks():
    """What happens from the day on changes the label alone; what happens after the label, nothing."""
    frame, day = many(7), pd.Timestamp("2026-03-01")
    end = day + pd.Timedelta(days=20)
    arguments = {"observed_at": day, "keep": "plan", **ARGUMENTS}
    base = cl.spells.to_snapshot(frame, **arguments).frame
    rng = np.random.default_rng(0)

    def changed(low, high):
        inside = (frame["time"] >= low) & (frame["time"] < high)
        other = frame[~inside | (rng.random(len(frame)) < 0.5)].copy()
        other.loc[inside, ["amount", "plan"]] = (1000.0, "z")
        n, hours = 50, int((high - low).total_seconds() // 3600)
        more = pd.DataFrame({
            "customer": rng.choice(base["customer"].tolist(), n), "amount": 77.0, "plan": "z",
            "time": low + pd.to_timedelta(rng.integers(0, hours, n), unit="h"),
        }).astype({"time": "datetime64[s]"})  # fmt: skip
        return cl.spells.to_snapshot(pd.concat([other, more]), **arguments).frame

    pd.testing.assert_frame_equal(changed(end, pd.Timestamp("2026-06-01")), base)
    moved = changed(day, end)
    assert not moved["event"].equals(base["event"])
    pd.testing.assert_frame_equal(moved.drop(columns="event"), base.drop(columns="event"))
    assert not changed(day - pd.Timedelta(days=10), day).equals(base)  # and this can fail


# --------------------------------------------------------------------------------- every engine
@pytest.fixture(params=engines.PARAMS)
def table(request, tmp_path):
    return engines.maker(request, tmp_path)


@pytest.mark.parametrize("clock", ["calendar", "elapsed"])
def test_it_is_the_same_everywhere(table, clock, request):
    names = {"customer": "cust'omer", "time": "order", "amount": "money", "plan": "区"}
    frame = many(5).rename(columns=names)
    roles = {k: v for k, v in names.items() if k != "plan"} | {"keep": "区"}
    roles["period"] = cl.Period("7D" if clock == "elapsed" else "day", clock=clock)
    windows = {"feature_window": 4, "label_window": 2, "as_of": "2026-06-01"}
    days = DAYS[:2] if "spark" in request.node.name else DAYS
    expected = cl.spells.to_snapshot(frame, observed_at=days, **windows, **roles)
    ours = cl.spells.to_snapshot(table(frame), observed_at=days, **windows, **roles)

    assert as_rows(ours.frame) == as_rows(expected.frame)
    pd.testing.assert_frame_equal(expected.ledger(), ours.ledger())


# ------------------------------------------------------------------------------------ refusals
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"observed_at": "2026-05-13"}, "20 day periods is not over by as_of=2026-06-01.*2026-05-12"),
        ({"observed_at": ["2026-03-01", "2026-05-30"]}, "observed_at=2026-05-30: its label window"),
        ({"observed_at": "2026-03-15", "period": "month"}, "not the first day of a month.*2026-03-01"),
        ({"observed_at": "2026-03-15 10:00"}, "is not a day: observe at 00:00"),
        ({"observed_at": []}, "observed_at is an empty list"),
        ({"observed_at": ["2026-03-01", "2026-03-01"]}, "names 2026-03-01 twice"),
        ({"observed_at": "soon"}, "observed_at='soon' must be a date"),
        ({"observed_at": "2026-03-01", "feature_window": 0}, "feature_window=0 must be at least 1"),
        ({"observed_at": "2026-03-01", "label_window": 1.5}, "must be a whole number"),
        ({"observed_at": "2026-03-01", "keep": "tenure"}, "also the name of a column of the result"),
    ],
)  # fmt: skip
def test_bad_calls_end_in_one_clear_message(arguments, message):
    frame = log([("Ada", "2026-02-10", 1.0)])
    with pytest.raises(cl.InputError, match=message):
        cl.spells.to_snapshot(frame, **(ARGUMENTS | arguments))


def test_the_latest_day_is_accepted_and_months_say_theirs():
    frame = log([("Ada", "2026-02-10", 1.0)])
    last = cl.spells.to_snapshot(frame, observed_at="2026-05-12", **ARGUMENTS)
    assert len(last.frame) == 0
    months = {"feature_window": 3, "label_window": 2, "period": "month", "as_of": "2026-05-20"}
    with pytest.raises(cl.InputError, match="latest day of observation is 2026-03-01"):
        cl.spells.to_snapshot(frame, observed_at="2026-04-01", **months)
    assert len(cl.spells.to_snapshot(frame, observed_at="2026-03-01", **months).frame) == 1


def test_days_come_in_any_kind_of_list():
    frame = log([("Ada", "2026-02-10", 1.0)])
    expected = cl.spells.to_snapshot(frame, observed_at=DAYS, **ARGUMENTS).frame
    for days in (pd.to_datetime(DAYS[::-1]), np.array(DAYS, dtype="datetime64[D]"), tuple(DAYS)):
        found = cl.spells.to_snapshot(frame, observed_at=days, **ARGUMENTS).frame
        pd.testing.assert_frame_equal(found, expected)
