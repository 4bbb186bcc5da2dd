"""Periods of time: integer period indices that mean the same on every engine, and ``as_of``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from churnlab.checks import InputError, choice

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    import numpy.typing as npt

Clock = Literal["calendar", "elapsed"]
DAY_US = 86_400_000_000  # microseconds in a day of 24 hours
_LARGE = 1_000_000  # numbers divided by more than this are microseconds
_EPOCH = datetime(1970, 1, 1)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}
_ELAPSED_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 90, "year": 365}


@dataclass(frozen=True)
class Period:
    """A unit of time with the conventions that make it exact.

    Parameters
    ----------
    unit : str
        "day", "week", "month", "quarter", "year", or a number of days such as "28D"
        (counted from 1970-01-01).
    week_start : int
        ISO weekday on which weeks begin: 1 is Monday, 7 is Sunday.
    clock : {"calendar", "elapsed"}
        On the calendar clock an age is a difference of period indices: 31 January and
        1 February are one month apart. On the elapsed clock a day is 24 hours, a week 7 days,
        a month 30 days, a quarter 90 days and a year 365 days, counted from the customer's own
        start and rounded down.
    tz : str, optional
        Zone whose wall clock decides where a day begins, for columns of zoned instants.

    Examples
    --------
    >>> Period("week", week_start=7)
    Period(unit='week', week_start=7, clock='calendar', tz=None)
    """

    unit: str = "month"
    week_start: int = 1
    clock: Clock = "calendar"
    tz: str | None = None

    def __post_init__(self) -> None:
        if self.unit not in _MONTHS and self.unit not in _DAYS and not self._days_of_unit:
            raise InputError(
                f"period {self.unit!r} is not a unit: use 'day', 'week', 'month', 'quarter', "
                "'year' or a number of days such as '28D'."
            )
        if self.week_start not in range(1, 8) or isinstance(self.week_start, bool):
            raise InputError(
                f"week_start={self.week_start!r}: ISO weekdays run from 1 (Monday) to 7."
            )
        choice("clock", self.clock, Clock)
        if self.tz is not None:
            zone(self.tz)

    @classmethod
    def of(cls, period: str | Period) -> Period:
        """A Period from a unit's name; a Period passes through."""
        if isinstance(period, Period):
            return period
        if not isinstance(period, str):
            raise InputError(f"period={period!r} must be a unit's name or a Period.")
        return cls(period)

    @property
    def _days_of_unit(self) -> int:
        match = re.fullmatch(r"([1-9]\d{0,3})D", self.unit)
        return int(match[1]) if match else 0

    @cached_property
    def days(self) -> int:
        """Days in one period counted in days; 0 for months, quarters and years."""
        return _DAYS.get(self.unit) or self._days_of_unit

    @cached_property
    def _shift(self) -> int:
        # 1970-01-01 was a Thursday (ISO weekday 4)
        return 4 - self.week_start if self.unit == "week" else 0

    @property
    def elapsed_us(self) -> int:
        """Microseconds of one period on the elapsed clock."""
        return (_ELAPSED_DAYS.get(self.unit) or self.days) * DAY_US

    def index(self, time: nw.Expr) -> nw.Expr:
        """Integer index of the calendar period of each (unzoned) time, on any engine."""
        import narwhals.stable.v2 as nw

        if self.days == 1:
            return day_number(time)
        if self.days:
            return floordiv(day_number(time) + self._shift, self.days)
        year = time.dt.year().cast(nw.Int64)
        if self.unit == "year":
            return year
        month = year * 12 + time.dt.month().cast(nw.Int64) - 1
        return month if self.unit == "month" else floordiv(month, 3)

    def is_start(self, time: nw.Expr, *, is_date: bool) -> nw.Expr:
        """True where a period begins at exactly this time."""
        import narwhals.stable.v2 as nw

        if self.days:
            shifted = day_number(time) + self._shift
            first = shifted == floordiv(shifted, self.days) * self.days
        else:
            months, step = time.dt.month().cast(nw.Int64) - 1, _MONTHS[self.unit]
            first = (time.dt.day() == 1) & (months == floordiv(months, step) * step)
        return (
            first if is_date else first & (micros(time, is_date=False) == day_number(time) * DAY_US)
        )

    def index_of(self, time: datetime) -> int:
        """The same index for one instant, in Python."""
        if self.days:
            return ((time - _EPOCH).days + self._shift) // self.days
        return (time.year * 12 + time.month - 1) // _MONTHS[self.unit]

    def starts(self, index: npt.ArrayLike) -> npt.NDArray[np.datetime64]:
        """First day of each period, from its index."""
        number = np.asarray(index, dtype=np.int64)
        if self.days:
            days = number * self.days - self._shift
            return days.astype("datetime64[D]").astype("datetime64[s]")
        months = number * _MONTHS[self.unit] - 1970 * 12
        return months.astype("datetime64[M]").astype("datetime64[s]")

    def labels(self, index: npt.ArrayLike) -> list[str]:
        """Short labels for axes: 2026-03-02, 2026-03, 2026Q1, 2026."""
        firsts = self.starts(index)
        if self.days:
            return [str(d) for d in firsts.astype("datetime64[D]")]
        months = [str(m) for m in firsts.astype("datetime64[M]")]
        if self.unit == "quarter":
            return [f"{m[:4]}Q{(int(m[5:]) + 2) // 3}" for m in months]
        return [m[:4] for m in months] if self.unit == "year" else months


def zone(name: str) -> ZoneInfo:
    """The zone of that name, or one clear message."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError) as error:
        raise InputError(
            f"tz={name!r} is not a known time zone: use a name such as 'Europe/Berlin' or 'UTC'."
        ) from error


def floordiv(x: nw.Expr, n: int) -> nw.Expr:
    """Floor division by a whole n > 0 of whole numbers within ±2**53 (±2**40 where n < 10**6).

    Engines disagree on the whole division of negatives, and what makes them agree is a page of SQL
    each time; a quotient of doubles, rounded down, is one function everywhere. Some multiply by the
    reciprocal, which can fall short of a whole quotient: half a unit keeps clear of it, and
    microseconds, too large for that, are put right by what remains.
    """
    import narwhals.stable.v2 as nw

    quotient = ((x + 0.5) / n).floor().cast(nw.Int64)
    if n < _LARGE:
        return quotient
    rest = x - quotient * n
    over = nw.when(rest >= n).then(nw.lit(1)).otherwise(nw.lit(0))
    return quotient + over - nw.when(rest < 0).then(nw.lit(1)).otherwise(nw.lit(0))


def day_number(time: nw.Expr) -> nw.Expr:
    """Days since 1970-01-01 from calendar fields alone, which every engine has alike."""
    import narwhals.stable.v2 as nw

    y = time.dt.year().cast(nw.Int64) - 1
    ordinal = time.dt.ordinal_day().cast(nw.Int64)
    leaps = floordiv(y, 4) - floordiv(y, 100) + floordiv(y, 400)
    return 365 * y + leaps + ordinal - 719163


def micros(time: nw.Expr, *, is_date: bool) -> nw.Expr:
    """Microseconds since 1970-01-01 of an unzoned timestamp or date."""
    day = day_number(time) * DAY_US
    if is_date:
        return day
    import narwhals.stable.v2 as nw

    hour, minute, second = (
        part.cast(nw.Int64) for part in (time.dt.hour(), time.dt.minute(), time.dt.second())
    )
    return (
        day
        + ((hour * 60 + minute) * 60 + second) * 1_000_000
        + time.dt.microsecond().cast(nw.Int64)
    )


def micros_of(time: datetime) -> int:
    """Microseconds since 1970-01-01 of one unzoned instant."""
    return (time - _EPOCH) // timedelta(microseconds=1)


def instant(value: Any, *, argument: str, tz: str | None) -> datetime:
    """An exclusive instant as the wall-clock time of ``tz``.

    A date, or text such as "2026-03-15", means 00:00 of that day. A zoned timestamp is moved to
    the wall clock of ``tz``; it is refused where the data has no zone.
    """
    moment = _parse(value, argument)
    if moment.tzinfo is None:
        return moment
    if tz is None:
        raise InputError(
            f"{argument}={value} has a time zone but the times in the table have none: give "
            f"{argument} without a zone, on the clock of the table."
        )
    return moment.astimezone(zone(tz)).replace(tzinfo=None)


def _parse(value: Any, argument: str) -> datetime:
    given = value
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]").item()
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            value = None
    if hasattr(value, "to_pydatetime"):  # pandas' Timestamp, without importing pandas
        value = value.to_pydatetime()
    if isinstance(value, datetime):  # NaT is an instance too, and is not a date
        if value == value:
            return value
        value = None
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    raise InputError(
        f"{argument}={given!r} must be a date or a timestamp such as '2026-03-15' (which means 00:00 of that "
        "day; nothing of that day is read)."
    )
