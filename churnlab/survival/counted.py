"""Spells counted once, for all the estimates to be made from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from churnlab import checks
from churnlab.checks import IfPresent
from churnlab.survival.tally import FROM_TABLE, Counted, Roles, tally

_COLUMNS = ("duration", "event", "reason", "entry", "weight", "n")


def spell_counts(
    spells: Any,
    *,
    duration: str = "duration",
    event: str = "event",
    reason: str | None = None,
    entry: str | None = IfPresent("entry"),
    weight: str | None = None,
    count: str | None = FROM_TABLE,
    event_value: Any = None,
    by: str | Sequence[str] | None = None,
    timefix: bool = True,
) -> checks.Table:
    """How often every kind of spell occurs: count a large table once, estimate from it many times.

    The trap: spells that share a customer are no longer told apart; for errors by ``cluster``
    pass the spells themselves.

    Parameters
    ----------
    spells, duration, event, entry, weight, count, event_value, by, timefix
        As in :func:`life_table`.
    reason : str, optional
        Column: why the customer left; a missing reason of a churn is "unknown".

    Returns
    -------
    Table
        Its ``.frame``: groups, ``duration, event, reason?, entry?, weight?, n``. Every estimator
        takes it as it comes and knows that a row stands for ``n`` spells; pass ``weight="weight"``
        where there are weights.

    Raises
    ------
    InputError
        As in :func:`life_table`.

    Notes
    -----
    Estimates equal those from the spells themselves. Whole durations leave few rows. Estimates from
    one Table share the columns of their counts: to write into those, ``.copy()`` the frame first.

    Examples
    --------
    >>> six = pd.DataFrame({"duration": [1, 2, 2, 2, 5, 5], "event": [1, 1, 0, 1, 0, 0]})
    >>> spell_counts(six).frame
       duration  event  n
    0         1   True  1
    1         2  False  1
    2         2   True  2
    3         5  False  2
    """
    groups = checks.group_columns(by, _COLUMNS)
    roles = Roles(
        duration, event, entry, weight, count, event_value, groups, None, reason, (), timefix
    )
    cells = tally(spells, roles, "spell_counts")
    cells = replace(cells, frame=_distinct(cells.frame))
    own = Roles(
        *("duration", "event", "entry", "weight" if weight else None, "n", None, groups),
        reason="reason" if reason else None,
        timefix=timefix,
    )
    return Counted(spells, cells, own)


def _distinct(frame: pd.DataFrame) -> pd.DataFrame:
    """Cells that differ in nothing that is kept, as one: rows of counts, reasons of the running."""
    if not {"count", "reason"} & set(frame.columns):
        return frame
    if "count" in frame:  # rows stood for several spells: their sum is the number
        frame = frame.assign(n=(frame["n"] * frame["count"]).astype("int64")).drop(columns="count")
    sums = [c for c in ("n", "weight", "square") if c in frame]
    keys = [c for c in frame.columns if c not in sums]
    added = frame.groupby(keys, dropna=False, sort=False, as_index=False)[sums].sum()
    return added.sort_values("duration", kind="stable", ignore_index=True)
