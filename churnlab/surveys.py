"""What customers say when asked, and what those who are not asked keep to themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnlab import intervals
from churnlab.checks import InputError, attrs, confidence, number, whole

__all__ = ["iceberg"]


def iceberg(
    complaints: float = 1,
    *,
    complaining: float,
    dissatisfied: float | None = None,
    asked: int | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """How many dissatisfied customers, and purchases, stand behind the complaints received.

    The trap: fewer complaints may mean fewer people who bother to tell; a new hotline raises
    them without anyone being less content.

    Parameters
    ----------
    complaints : float
        Complaints received.
    complaining : float
        Share of the dissatisfied who complain, above 0.
    dissatisfied : float, optional
        Share of purchases that dissatisfy, above 0.
    asked : int, optional
        Dissatisfied customers from whom ``complaining`` was estimated; gives the limits.
    level : float
        Of the limits.

    Returns
    -------
    DataFrame
        ``term`` (complaints, dissatisfied, silent and, if its share is given, purchases),
        ``estimate, conf_low, conf_high``; limits are missing without ``asked``.

    Raises
    ------
    InputError
        If a share is 0 or lies outside 0 to 1.

    Notes
    -----
    dissatisfied = complaints / complaining · silent = dissatisfied − complaints · purchases =
    dissatisfied / its share. The limits are those of ``complaining`` (Wilson) carried through; the
    other share is taken as known.

    Examples
    --------
    >>> iceberg(complaining=0.05, dissatisfied=0.25)["estimate"].tolist()
    [1.0, 20.0, 19.0, 80.0]
    """
    n = number("complaints", complaints)
    share = _share("complaining", complaining)
    low, high = float("nan"), float("nan")
    confidence(level)
    if asked is not None:
        people = whole("asked", asked, least=1)
        low, high = map(float, intervals.wilson(share * people, people, level=level))
    among = np.array([share, high, low])  # the more complain, the fewer stand behind each
    behind = n / among
    rows = {"complaints": np.full(3, n), "dissatisfied": behind, "silent": behind - n}
    if dissatisfied is not None:
        rows["purchases"] = behind / _share("dissatisfied", dissatisfied)
    table = pd.DataFrame(list(rows.values()), columns=["estimate", "conf_low", "conf_high"])
    table.insert(0, "term", list(rows))
    if asked is None:
        table[["conf_low", "conf_high"]] = np.nan
    table.attrs = attrs(None, [])
    return table


def _share(argument: str, value: float) -> float:
    share = number(argument, value, most=1)
    if share <= 0:
        raise InputError(f"{argument}={value!r} must be above 0: nothing can be divided by it.")
    return share
