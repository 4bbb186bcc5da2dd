"""Periods in the sentences of the page, and what the sections share about time."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from churnlab import periods
from churnlab.periods import Period

LATEST = 13  # rows of a table by period: a year and the same period of the year before
DRAWN = 120  # periods in a picture: one date of the year 1 would otherwise make it 24,000 wide
_MANY = {"week": "weeks", "month": "months", "quarter": "quarters", "year": "years"}


def noun(unit: Period, n: int = 1) -> str:
    """The unit in words."""
    if unit.unit in _MANY:
        return unit.unit if n == 1 else _MANY[unit.unit]
    return f"period of {unit.days} days" if n == 1 else f"periods of {unit.days} days"


def label(start: Any, unit: Period) -> str:
    """The period that begins on this day."""
    moment = pd.Timestamp(start).to_pydatetime()
    return unit.labels([unit.index_of(moment)])[0]


def said(start: Any, unit: Period) -> str:
    """The same in a sentence: a week or a number of days is not its first day."""
    if not unit.days:
        return label(start, unit)
    return f"the {'week' if unit.unit == 'week' else f'{unit.days} days'} of {label(start, unit)}"


def named(frame: pd.DataFrame, unit: Period) -> pd.DataFrame:
    """The frame with its periods in words beside their first days."""
    return frame.assign(shown_period=[label(day, unit) for day in frame["period_start"]])


def short(moment: str) -> str:
    """An instant in ISO format, without the clock where it is midnight."""
    return moment.removesuffix("T00:00:00")


def days_between(first: Any, last: Any) -> int:
    """Whole days from one instant to another, rounded up."""
    early = periods.instant(first, argument="first", tz=None)
    late = periods.instant(last, argument="last", tz=None)
    return math.ceil((late - early).total_seconds() / 86_400)
