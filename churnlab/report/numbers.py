"""How a value is written for a reader, and which values are withheld."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from numbers import Integral, Number
from typing import Any

import numpy as np
import pandas as pd

from churnlab.report.parts import Format

NONE = "–"
WITHHELD = "withheld"
_SLACK = 1e-9


def write(value: Any, how: Format) -> str:
    """A value as text: the same on every machine, whatever its locale.

    Parameters
    ----------
    value : object
        A cell of a frame; missing is written as a dash.
    how : {"whole", "percent", "money", "number", "day", "text"}
        "percent" takes a share (0.123 is 12.3 %) and gives more digits where one decimal would say
        0 or 100 of what is neither; "number" gives three or four significant digits.

    Returns
    -------
    str

    Examples
    --------
    >>> from churnlab.report.numbers import write
    >>> write(1234.0, "whole"), write(0.99996, "percent"), write(None, "money")
    ('1,234', '99.996 %', '–')
    """
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return NONE
    if how == "text":
        return _text(value)
    if how == "day":
        return _day(value)
    if isinstance(value, bool) or not isinstance(value, Number):
        return _text(value)
    if how == "whole" and isinstance(value, Integral):
        return f"{int(value):,}"
    number = float(value)  # type: ignore[arg-type]
    if math.isinf(number):
        return "∞" if number > 0 else "-∞"
    return _WAYS[how](number)


def withheld(
    frame: pd.DataFrame, small: Mapping[str, Sequence[str]], min_cell: int
) -> pd.DataFrame:
    """Which cells are withheld: counts from 1 to below ``min_cell``, and what stands on them.

    Parameters
    ----------
    frame : DataFrame
    small : mapping
        From a column that counts customers to the columns of its row that stand on it.
    min_cell : int
        The smallest count that is shown; 0 and 1 withhold nothing.

    Returns
    -------
    DataFrame
        True where a cell is withheld; rows and columns are those of ``frame``.
    """
    hidden = pd.DataFrame(False, index=frame.index, columns=frame.columns)
    for count, behind in small.items():
        few = is_small(frame[count], min_cell)
        for column in (count, *behind):
            hidden[column] = hidden[column].to_numpy() | few.to_numpy()
    return hidden


def is_small(counts: pd.Series[Any], min_cell: int) -> pd.Series[Any]:
    """True where a count is above 0 and below the smallest that is shown."""
    known = pd.to_numeric(counts, errors="raise").astype("Float64").fillna(0).astype(float)
    return (known > 0) & (known < min_cell) & (min_cell > 1)


def below(min_cell: int) -> str:
    """What is written for a count that is withheld."""
    return f"< {min_cell:,}"


def _whole(value: float) -> str:
    """Counts as they are; weighted ones may have a fraction."""
    near = round(value)
    return f"{near:,}" if abs(value - near) < _SLACK * max(1, abs(value)) else f"{value:,.1f}"


def _percent(value: float) -> str:
    share = 100 * value
    size, sign = abs(share), "-" if share < 0 else ""
    for digits in (1, 2, 3):
        text = f"{size:,.{digits}f}"
        if not (_says(text, 0, size) or _says(text, 100, size)):
            return f"{'' if float(text.replace(',', '')) == 0 else sign}{text} %"
    if size < 1:
        return f"{'> -' if sign else '< '}0.001 %"
    edge, less = ("99.999", bool(sign)) if size < 100 else ("100.001", not sign)
    return f"{'<' if less else '>'} {sign}{edge} %"


def _says(text: str, whole: int, value: float) -> bool:
    """Whether a text says 0 or 100 of a value that is not (but for the dust of arithmetic)."""
    return float(text.replace(",", "")) == whole and abs(value - whole) > _SLACK


def _money(value: float) -> str:
    """Two decimals, or the four that money is counted in where two would say nothing."""
    if round(value, 4) == 0:
        return "0.00"
    return f"{value:,.2f}" if abs(value) >= 0.005 else f"{value:,.4f}"


def _number(value: float) -> str:
    near = round(value)
    exact = near == value or (near and abs(value - near) < _SLACK * abs(value))
    return f"{near:,}" if exact else _few(value)


def _few(value: float) -> str:
    """Four significant digits from 1 on, three below; no fraction from 1,000 on."""
    size = abs(value)
    if size >= 1:
        text = f"{value:,.{max(0, 3 - math.floor(math.log10(size)))}f}"
        return text if size < 999.95 else f"{value:,.0f}"
    if size >= 1e-4:
        return f"{value:.{2 - math.floor(math.log10(size))}f}"
    digits, power = f"{value:.2e}".split("e")
    return f"{digits} × 10^{int(power)}"


_WAYS: Mapping[str, Callable[[float], str]] = {
    "whole": _whole,
    "percent": _percent,
    "money": _money,
    "number": _number,
}


def _day(value: Any) -> str:
    if isinstance(value, pd.Period):
        value = value.start_time
    if isinstance(value, date | np.datetime64):
        return str(pd.Timestamp(value).date())
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, datetime | np.datetime64):
        moment = pd.Timestamp(value)
        return str(moment.date() if moment == moment.normalize() else moment)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def people(n: float, min_cell: int, one: str = "customer") -> str:
    """A number of customers in a sentence, withheld where it is small."""
    if 0 < n < min_cell:
        return f"fewer than {min_cell} {one}s"
    return f"{write(round(n), 'whole')} {one}{'' if n == 1 else 's'}"
