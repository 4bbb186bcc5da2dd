"""What may be found in a file, each finding with the sentence that says what it means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from churnlab.engine import Frame

_ALONE = 92  # a day further than this from its neighbour may be a slip
_DEFAULTS = (
    *("0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31"),
    *("1900-01-01", "1970-01-01", "2000-01-01", "9999-12-31"),
)
_USUAL = 28  # days before the last one that say what is usual
COLUMNS = ("finding", "column", "unit", "n", "share", "example", "meaning")
FINDINGS: Mapping[str, str] = {
    # facts, always there
    "rows": "all that the file holds; everything below is a part of it",
    "customers": "different customers as they are written; blank ones are none",
    "first_day": "the first day there is, with its rows",
    "last_day": "the last day there is, with its rows; without as_of a log is read to its end",
    # customers
    "missing_customer": "no customer: missing, empty or blank; such rows are excluded and counted",
    "odd_customer": "an id that may stand for nobody; it is read as a customer like any other, "
    "so make it missing first if it is none",
    "look_alike_customers": "ids that differ only in case, outer blanks, leading zeros or a trailing "
    ".0; they are kept apart, so make them one first if they are",
    "busiest_customer": "more than 1 % of all rows and 10 times the average: perhaps a shared or test "
    "account; it is used like any other",
    "one_event": "customers with one row only: a spell of theirs has duration 0",
    "one_day": "customers whose rows all fall on one day, those with one row included",
    # rows
    "identical_rows": "repeats of a row in every column read; they are used and noted, never dropped",
    # times
    "missing_time": "no time; such rows are excluded and counted",
    "default_date": "a date that programs write for 'unknown', more than 92 days from all others; it "
    "is read as it stands, so make it missing first",
    "early_date": "the first day stands alone, more than 92 days before the next: perhaps a slip; it "
    "is read as it stands",
    "late_date": "the last day stands alone, more than 92 days after the one before: perhaps a slip; "
    "functions ask for as_of then",
    "after_as_of": "at or after as_of; such rows are excluded and counted",
    "only_dates": "every time is 00:00: days can be told apart, hours cannot",
    "default_hour": "many times are this whole hour to the second, few are another: where the hour "
    "is unknown it was filled in; days are not touched",
    "zone": "the times have a zone; days begin on its wall clock",
    "longest_hole": "the longest run of days without any row: closed, or lost from the log; it looks "
    "like a pause of every customer",
    "last_day_low": "the last day has less than half the rows of a usual day (median of the 28 before): "
    "perhaps not over; as_of on that day leaves it out",
    # money
    "missing_amount": "no amount: activity in a log, and excluded where money is counted",
    "negative_amount": "money going back: never activity, and netted where money is added",
    "zero_amount": "an amount of 0 is activity like any other",
    # contracts
    "running": "contracts without an end: running at as_of, their customers censored",
    "end_before_start": "the contract ends before it starts; it is excluded and counted",
    "end_equals_start": "the contract ends as it starts: a spell of duration 0 that was lost",
    "far_end": "ends in the year 9999: read as still running, as a missing end is",
    "overlapping_contracts": "contracts that begin before an earlier one of the customer ends; they "
    "are one spell",
    "short_gap": "contracts that begin less than 7 days after the last one of the customer ended: "
    "perhaps renewals, but a gap of any length ends a spell",
}  # fmt: skip


class Found(NamedTuple):
    """One finding: ``n`` units out of ``of``, where a share of them makes sense."""

    finding: str
    column: str | None
    unit: str
    n: int
    of: int | None = None
    example: Any = None


def as_frame(found: Iterable[Found]) -> pd.DataFrame:
    """Findings in their fixed order, each with its share, an example as it stands, and its meaning."""
    order = {name: place for place, name in enumerate(FINDINGS)}
    lines = sorted(found, key=lambda line: order[line.finding])
    table = [
        (line.finding, line.column, line.unit, line.n,
         line.n / line.of if line.of else float("nan"),
         None if line.example is None else str(line.example), FINDINGS[line.finding])
        for line in lines
    ]  # fmt: skip
    # of any kind first: a column without a single example would become one of numbers
    frame = pd.DataFrame(table, columns=list(COLUMNS), dtype=object)
    return frame.astype({"n": "int64", "share": "float64"})


def of_rows(daily: pd.DataFrame, frame: Frame, role: str) -> list[Found]:
    """How many rows of each kind there are; the example is the first day of one, or its amount."""
    n = int(daily["n"].sum())
    found = [Found("rows", None, "rows", n, n)]
    no_time = int(daily.loc[daily["day"].isna(), "n"].sum())
    counted = {"missing_time": no_time} | {
        name: int(daily[name].sum()) for name in daily.columns[4:]
    }
    owner = {"missing_customer": "customer", "missing_time": role, "after_as_of": role}
    for name, k in counted.items():
        if not k:
            continue
        column = owner.get(name) or ("amount" if name.endswith("_amount") else "end")
        example = None
        if name == "negative_amount":
            example = f"{daily['least'].min():g}"
        elif column in (role, "end") and name != "missing_time":
            example = _date(daily.loc[daily[name] > 0, "day"].min())
        found.append(Found(name, frame.column(column), "rows", k, n, example))
    return found


def _date(day: float) -> str | None:
    return None if np.isnan(day) else str(np.datetime64(int(day), "D"))


def of_days(daily: pd.DataFrame, frame: Frame, role: str) -> list[Found]:
    """The first and last day, days that stand alone, the longest hole, a last day that is not over."""
    n = int(daily["n"].sum())
    per_day = daily.dropna(subset=["day"]).groupby("day")["n"].sum()
    day, size = per_day.index.to_numpy("int64"), per_day.to_numpy("int64")
    column = frame.column(role)

    def line(name: str, at: int) -> Found:
        return Found(name, column, "rows", int(size[at]), n, _date(day[at]))

    if not len(day):
        return [Found(name, column, "rows", 0, n) for name in ("first_day", "last_day")]
    found = [line("first_day", 0), line("last_day", -1)]
    usual = np.ones(len(day), dtype=bool)
    default = np.isin(day, np.array(_DEFAULTS, dtype="datetime64[D]").astype("int64"))
    for at in np.flatnonzero(default):
        if (np.abs(day[~default] - day[at]) > _ALONE).all():
            usual[at] = False
            found.append(line("default_date", int(at)))
    left = np.flatnonzero(usual)
    if len(left) > 2 and day[left[1]] - day[left[0]] > _ALONE:
        found.append(line("early_date", int(left[0])))
        left = left[1:]
    if len(left) > 1 and day[left[-1]] - day[left[-2]] > _ALONE:
        found.append(line("late_date", int(left[-1])))
        left = left[:-1]
    found += _hole(day[left], column)
    return found + (_last_day(day[left], size[left], column, n) if role == "time" else [])


def _hole(day: Any, column: str) -> list[Found]:
    gaps = np.diff(day) - 1
    if not len(gaps) or not gaps.max():
        return []
    at = int(gaps.argmax())
    shown = f"{_date(day[at] + 1)} to {_date(day[at + 1] - 1)}"
    span = int(day[-1] - day[0]) + 1
    return [Found("longest_hole", column, "days", int(gaps[at]), span, shown)]


def _last_day(day: Any, size: Any, column: str, n: int) -> list[Found]:
    """A last day with less than half the rows of a usual one; days without rows count as 0."""
    if not len(day) or day[-1] - day[0] < _USUAL:
        return []
    back = day[-1] - day  # the days before the last one are 1 to 28 days back
    before = np.zeros(_USUAL)
    inside = (back > 0) & (back <= _USUAL)
    before[back[inside] - 1] = size[inside]
    if size[-1] >= np.median(before) / 2:
        return []
    return [Found("last_day_low", column, "rows", int(size[-1]), n, _date(day[-1]))]


def of_hours(daily: pd.DataFrame, frame: Frame, role: str) -> list[Found]:
    """Times that are dates only, an hour that was filled in, and a zone."""
    timed = daily.dropna(subset=["day"])
    n, column = int(timed["n"].sum()), frame.column(role)
    if not n:
        return []
    found = [Found("zone", column, "rows", n, n, frame.tz)] if frame.tz else []
    whole = timed[timed["hour"] >= 0].groupby("hour")["n"].sum()
    if int(whole.get(0, 0)) == n:
        return [*found, Found("only_dates", column, "rows", n, n)]
    most = int(whole.max()) if len(whole) else 0
    if most >= 10 and most >= 0.05 * n and 2 * most >= int(whole.sum()):
        shown = f"{int(whole.idxmax()):02d}:00:00"
        found.append(Found("default_hour", column, "rows", most, n, shown))
    return found
