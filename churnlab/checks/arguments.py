"""Arguments: closed sets, levels, whole numbers, names of groups."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

from churnlab.checks.messages import InputError, brief, is_many

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


def choice(argument: str, value: object, allowed: Any) -> None:
    """Refuse a value outside a ``Literal`` type, listing what may be said."""
    options = get_args(allowed) or tuple(allowed)
    if value not in options:
        listed = ", ".join(repr(o) for o in options)
        raise InputError(f"{argument}={value!r} is not one of {listed}.")


_ALPHA = 0.05  # what lifelines asks for; nobody wants limits that are wrong 19 times in 20


def confidence(level: float) -> float:
    """A confidence level strictly between 0 and 1."""
    given: Any = level
    level = given.item() if getattr(given, "ndim", None) == 0 else given  # numpy's numbers
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
        hint = f" Did you mean {level / 100:g}?" if _is_percent(level) else ""
        raise InputError(f"level={level!r} must lie strictly between 0 and 1.{hint}")
    if level == _ALPHA:
        raise InputError(
            f"level={level:g} is the confidence, not the error that remains: did you mean "
            f"{1 - level:g}?"
        )
    return float(level)


def _is_percent(level: Any) -> bool:
    return isinstance(level, int | float) and not isinstance(level, bool) and 1 < level < 100


def whole(argument: str, value: object, *, least: int) -> int:
    """A whole number of at least ``least``."""
    scalar: Any = value  # numpy's numbers have an item()
    number = scalar.item() if getattr(value, "ndim", None) == 0 else value
    if isinstance(number, bool) or not isinstance(number, int | float) or not _is_whole(number):
        raise InputError(f"{argument}={value!r} must be a whole number of at least {least}.")
    if number < least:
        raise InputError(f"{argument}={value!r} must be at least {least}.")
    return int(number)


def _is_whole(number: float) -> bool:
    return math.isfinite(number) and float(number).is_integer()


def numbers(
    argument: str, value: Any, *, least: float = 0.0, most: float | None = None
) -> npt.NDArray[np.float64]:
    """One number or a list of them, none missing, from ``least`` to ``most``, as doubles."""
    import numpy as np

    bad = isinstance(value, str | bytes | bool)
    try:
        found = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        found, bad = np.empty(0), True
    within = f" from {least:g} to {most:g}" if most is not None else f" of at least {least:g}"
    within = within if least > -math.inf else ""
    if bad or found.ndim > 1 or not found.size or not np.isfinite(found).all():
        infinite = not bad and bool(np.isinf(found).any())
        what = "a finite number" if infinite else "a number"
        raise InputError(f"{argument}={brief(value)} must be {what}{within}.")
    off = (found < least) | (found > (np.inf if most is None else most))
    if off.any():
        first = float(np.atleast_1d(found)[np.atleast_1d(off)][0])
        hint = f" Did you mean {first / 100:g}?" if most == 1 and 1 < first <= 100 else ""
        raise InputError(f"{argument}={first:g} must be a number{within}.{hint}")
    return found


def number(argument: str, value: Any, *, least: float = 0.0, most: float | None = None) -> float:
    """One number from ``least`` to ``most``."""
    found = numbers(argument, value, least=least, most=most)
    if found.ndim:
        raise InputError(f"{argument}={brief(value)} must be one number, not a list.")
    return float(found)


def ends(argument: str, given: Any) -> tuple[float, float]:
    """A scale as (lowest, highest)."""
    bad = isinstance(given, str | set | Mapping)
    try:
        low, high = (float("nan") if isinstance(end, bool) else float(end) for end in given)
    except (TypeError, ValueError):
        low = high = math.nan
    if bad or not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(f"{argument}={given!r} must be (lowest, highest), for example (1, 10).")
    return low, high


def group_columns(
    by: str | Sequence[str] | None, taken: Iterable[str], *, argument: str = "by"
) -> tuple[str, ...]:
    """``by`` (or ``keep``) as a tuple of names, none of them the name of a result column."""
    if not isinstance(by, str | list | tuple | None):
        if is_many(by):
            raise _values(argument, by)
        raise InputError(f"{argument}={by!r} must be a column name or a list of names.")
    names = () if by is None else (by,) if isinstance(by, str) else tuple(by)
    for name in names:
        if not isinstance(name, str):
            raise _values(argument, by)
    if len(names) - len(set(names)) > 1:  # one name written twice is a slip, more are data
        raise _values(argument, by)
    if len(set(names)) != len(names):
        raise InputError(f"{argument}={by!r} names a column twice.")
    for name in names:
        if name in set(taken):
            raise InputError(
                f"{argument}={name!r} is also the name of a column of the result: rename the column "
                f"in your table first, e.g. to {name + '_group'!r}."
            )
    return names


def _values(argument: str, given: Any) -> InputError:
    """The values of a column were given where its name is wanted."""
    return InputError(
        f"{argument}={brief(given)} must be a column name or a list of names: {argument}= takes the "
        "name of a column, not its values."
    )
