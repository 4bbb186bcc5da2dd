"""Calendar periods along an axis: a place for each, and as many labels as there is room for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter, Locator

from churnlab.checks import InputError

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes

    Floats = npt.NDArray[np.float64]

_DAY = 86_400
_MONTHS = (1, 2, 3, 6, 12, 24, 36, 60, 120, 240, 600, 1200)
_DAYS = (1, 2, 7, 14, 28, 56, 91, 182, 364, 728, 1820, 3640)


class Calendar(NamedTuple):
    """Periods at equal distances: months counted from year 0, or seconds from 1970."""

    origin: int
    step: int
    months: bool
    last: int

    def places(self, starts: pd.Series[Any]) -> Floats:
        index = _months(_clean(starts)) if self.months else _seconds(_clean(starts))
        return (index - self.origin) / self.step

    def label(self, place: float) -> str:
        """A date as figures, the same in every language."""
        index = self.origin + round(place) * self.step
        if self.months:
            return f"{index // 12:04d}-{index % 12 + 1:02d}"
        day = str(np.datetime64(index, "s")).replace("T", " ")
        return day[:10] if self.step % _DAY == 0 and self.origin % _DAY == 0 else day[:16]

    def title(self) -> str:
        """What a label is: of a month, a quarter or a week its first day or month."""
        one = {(True, 1): "month", (False, _DAY): "day"}.get((self.months, self.step))
        return (self.last and one) or f"first {'month' if self.months else 'day'} of the period"

    def every(self, least: float) -> int:
        """The smallest usual number of periods from label to label that is not below ``least``."""
        unit, usual = (1, _MONTHS) if self.months else (_DAY, _DAYS)
        whole = [n * unit // self.step for n in usual if n * unit % self.step == 0]
        fitting = [n for n in (1, *whole) if n >= least]
        return fitting[0] if fitting else math.ceil(least)

    def ticks(self, every: int) -> list[int]:
        """Places of labels; those of months on January where the periods have one."""
        on_january = (p for p in range(every) if (self.origin + p * self.step) % (every * self.step)
                      == 0)  # fmt: skip
        first = next(on_january, 0) if self.months else 0
        return list(range(first if first <= self.last else 0, self.last + 1, every))


def calendar_of(*columns: pd.Series[Any]) -> Calendar:
    """The calendar on which all these first days of periods lie."""
    starts = pd.concat([_clean(column) for column in columns], ignore_index=True)
    days = starts.drop_duplicates().sort_values()
    # of one period alone nobody knows whether it is a month
    months = len(days) > 1 and bool(((days.dt.day == 1) & (days == days.dt.normalize())).all())
    index = _months(days) if months else _seconds(days)
    step = int(np.gcd.reduce(np.diff(index))) if len(index) > 1 else _DAY
    return Calendar(int(index[0]), step, months, int((index[-1] - index[0]) // step))


def _clean(column: pd.Series[Any]) -> pd.Series[Any]:
    if not (pd.api.types.is_numeric_dtype(column) or column.isna().any()):
        try:
            is_date = pd.api.types.is_datetime64_any_dtype(column)
            dates = column if is_date else pd.to_datetime(column, format="ISO8601")
        except (ValueError, TypeError, OverflowError):
            dates = None
        if dates is not None and pd.api.types.is_datetime64_any_dtype(dates):
            return dates.dt.tz_localize(None).astype("datetime64[s]")
    example = next((value for value in column if not isinstance(value, pd.Timestamp)), None)
    raise InputError(
        f"column {column.name!r} of the frame holds the first day of each period, and "
        f"{example!s} is none: pass the frame as it came."
    )


def _months(days: pd.Series[Any]) -> npt.NDArray[np.int64]:
    index: npt.NDArray[np.int64] = (12 * days.dt.year + days.dt.month - 1).to_numpy(np.int64)
    return index


def _seconds(days: pd.Series[Any]) -> npt.NDArray[np.int64]:
    index: npt.NDArray[np.int64] = days.to_numpy("datetime64[s]").astype(np.int64)
    return index


class _Room(Locator):
    """Labels that do not overlap, however wide the axes are when the figure is drawn."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        size = mpl.font_manager.FontProperties(size=mpl.rcParams["xtick.labelsize"])
        # a figure is 0.64 of the letters' size wide in DejaVu Sans
        self.letter = 0.64 * size.get_size_in_points()
        self.wide = len(calendar.label(0)) * self.letter

    def __call__(self) -> Any:
        axis: Any = self.axis
        low, high = axis.get_view_interval()
        points = axis.axes.bbox.width * 72 / axis.axes.figure.figure.dpi
        period = max(points, 1.0) / (high - low)
        every = self.calendar.every((self.wide + 1.2 * self.letter) / period)
        inside = [place for place in self.calendar.ticks(every) if low <= place <= high]
        # at the right there may be no room beside the axes
        whole = [p for p in inside if self.wide / 2 <= (high - p) * period + 3]
        return whole or inside[:1]


def date_axis(ax: Axes, calendar: Calendar, *, aside: float) -> None:
    """The periods along the axis, with room of ``aside`` periods at both ends."""
    ax.set_xlim(-aside, calendar.last + aside)
    ax.xaxis.set_major_locator(_Room(calendar))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda place, _: calendar.label(place)))
    ax.set_xlabel(calendar.title(), family=mpl.rcParams["font.family"])
