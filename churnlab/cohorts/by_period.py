"""The calendar view of a triangle: who was active in each period, new or back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from churnlab import checks
from churnlab.checks import InputError
from churnlab.periods import Period

_NEED = ("cohort", "age", "n_start", "n_eligible", "n_active", "n_seen", "value", "mature")
_COLUMNS = ("period_start", "active", "new", "returning", "value", "n_seen", "whole")
_CENTS = 10_000  # money is added in whole ten-thousandths


def by_period(triangle: pd.DataFrame, *, period: str | Period = "month") -> pd.DataFrame:
    """How many customers were active in each period, and how many of them were new.

    The trap: the period in progress looks like a fall. It is missing here, and shows what was seen
    so far in ``n_seen``.

    Parameters
    ----------
    triangle : DataFrame
        From :func:`retention`, by rule "on" on the calendar clock, as it came.
    period : str or Period
        The period the triangle was made with.

    Returns
    -------
    DataFrame
        Groups, then ``period_start, active, new, returning`` (active − new), ``value`` (the measure
        of the triangle: customers, events or money), ``n_seen`` (active so far), ``whole`` (the
        period ended by ``as_of``): every period from that of the first cohort of all.

    Raises
    ------
    InputError
        If the frame is no such triangle: cohorts that are labels, ages in brackets, on the elapsed
        clock or in another unit, cells left out, starts that are no activity.

    Notes
    -----
    A period's cells are those with cohort + age = period: active = Σ n_active, value = Σ value, new
    = n_start of its own cohort; 0 where nobody was active. Whether a customer came back on or after
    an age is not written in a triangle: one that is seen to count so is refused, and "on" is what
    to give.

    Examples
    --------
    >>> import churnlab as cl
    >>> table = cl.cohorts.retention(cl.datasets.load("four_customers"), as_of="2026-03-15")
    >>> by_period(table)[["active", "new", "returning", "n_seen", "whole"]]
       active   new  returning  n_seen  whole
    0       2     2          0       2   True
    1       3     1          2       3   True
    2    <NA>  <NA>       <NA>       2  False
    """
    unit = Period.of(period)
    if unit.clock != "calendar":
        raise InputError("by_period counts calendar periods: use a Period with clock='calendar'.")
    if not isinstance(triangle, pd.DataFrame):
        raise InputError(f"pass the frame of cohorts.retention, not a {type(triangle).__name__}.")
    names = [str(name) for name in triangle.columns]
    checks.require_columns(
        _NEED, names, what="the frame", remedy="Pass the result of cohorts.retention as it came."
    )
    by = list(triangle.columns[: names.index("cohort")])
    checks.group_columns(by, _COLUMNS)
    if triangle.empty:
        raise InputError("the triangle has no cells: there is nothing to add up.")
    cells = triangle.reset_index(drop=True)
    start = _indices(cells["cohort"], unit)
    cells = cells.assign(_at=start + cells["age"].to_numpy(dtype=np.int64))
    _refuse_other_ages(cells, by, start, unit)
    _refuse_other_rules(cells)
    result = _added_up(cells, by, int(start.min()), unit)
    result.attrs = dict(triangle.attrs)
    return result


def _indices(cohort: pd.Series[Any], unit: Period) -> np.ndarray[Any, Any]:
    """The period index of every cohort, each of which must be the first day of a period."""
    if not pd.api.types.is_datetime64_any_dtype(cohort):
        raise InputError(
            f"the cohorts are labels (for example {cohort.iloc[0]!r}), which have no place on the "
            "calendar: make the triangle without cohort=."
        )
    firsts = pd.Series(pd.unique(cohort))
    index = [unit.index_of(day.to_pydatetime()) for day in firsts]
    odd = firsts[firsts.to_numpy("datetime64[s]") != unit.starts(index)]
    if len(odd):
        raise InputError(
            f"column 'cohort' holds {odd.iloc[0]:%Y-%m-%d}, which is not the first day of a "
            f"{unit.unit}: say the period that the triangle was made with (period=…)."
        )
    found: np.ndarray[Any, Any] = cohort.map(dict(zip(firsts, index, strict=True))).to_numpy()
    return found.astype(np.int64)


def _refuse_other_ages(
    cells: pd.DataFrame, by: list[Any], start: np.ndarray[Any, Any], unit: Period
) -> None:
    """Every cohort has each age from 0 to the last period, and a period is over for all or none."""
    keys = [cells[name] for name in by]
    ages = cells["age"].groupby([*keys, start], dropna=False, sort=False)
    found = ages.agg(["min", "max", "size", "nunique"])
    last = int(cells["_at"].max())
    reach = last - found.index.get_level_values(-1).to_numpy(dtype=np.int64)
    whole = (found["min"] == 0) & (found["max"] == reach)
    whole &= (found["size"] == reach + 1) & (found["nunique"] == reach + 1)
    if not whole.all():
        raise InputError(
            f"the ages of this triangle are not all those from 0 to the last {unit.unit}: cells are "
            "left out, or ages are in brackets, on the elapsed clock, or in another unit than "
            f"period={unit.unit!r}. Pass the result of cohorts.retention by rule 'on' as it came."
        )
    over = cells["mature"].astype(bool)
    partly = (cells["n_eligible"] != np.where(over, cells["n_start"], 0)).any()
    unlike = over.groupby(cells["_at"]).nunique().gt(1).any()
    if as_of := cells.attrs.get("as_of"):
        unlike |= (over != (cells["_at"] < unit.index_of(datetime.fromisoformat(as_of)))).any()
    if partly or unlike:
        raise InputError(
            "a period of this triangle is over for some of the customers only: its ages count on "
            "the elapsed clock, from each start. Make it with clock='calendar'."
        )


def _refuse_other_rules(cells: pd.DataFrame) -> None:
    """Refuse starts that are no activity, and what must have counted customers more than once."""
    first = cells[cells["age"] == 0]
    if (quiet := first["n_seen"] != first["n_start"]).any():
        row = first[quiet].iloc[0]
        raise InputError(
            f"of the {row['n_start']:,} customers of cohort {row['cohort']:%Y-%m-%d}, "
            f"{row['n_seen']:,} were active in their first period: where starts are no activity, "
            "who is new is not among the active. Make the triangle without cohort= and kinds."
        )
    ledger = cells.attrs.get("ledger") or []
    rows = [e["n"] for e in ledger if e["unit"] == "rows" and e["rule"] == "used"]
    if rows and int(cells["n_seen"].sum()) > rows[-1]:
        raise InputError(
            f"the cells hold more customers ({int(cells['n_seen'].sum()):,}) than the log has rows "
            f"({rows[-1]:,}): they count who came back later on, or customers in several cohorts. "
            "Make the triangle by rule 'on'."
        )


def _added_up(cells: pd.DataFrame, by: list[Any], first: int, unit: Period) -> pd.DataFrame:
    """Every group × every period, from the cells on its diagonal."""
    index = np.arange(first, int(cells["_at"].max()) + 1)
    order = cells[by].drop_duplicates() if by else cells[by].head(1)
    codes = cells.groupby(by, dropna=False, sort=False).ngroup().to_numpy() if by else 0
    place = codes * len(index) + cells["_at"].to_numpy() - first
    unfinished = cells.loc[~cells["mature"].astype(bool), "_at"]
    whole = index < unfinished.min() if len(unfinished) else np.full(len(index), True)

    def total(values: Any) -> np.ndarray[Any, Any]:
        added = np.zeros(len(order) * len(index), dtype=np.int64)
        np.add.at(added, place, pd.Series(values).fillna(0).to_numpy(dtype=np.int64))
        return added

    table = pd.DataFrame({"period_start": np.tile(unit.starts(index), len(order))})
    table["whole"] = np.tile(whole, len(order))
    table["active"] = total(cells["n_active"])
    table["new"] = total(np.where(cells["age"] == 0, cells["n_start"], 0))
    table["returning"] = table["active"] - table["new"]
    is_money = pd.api.types.is_float_dtype(cells["value"].dtype)
    table["value"] = total((cells["value"] * _CENTS).round() if is_money else cells["value"])
    for name in ("active", "new", "returning", "value"):
        table[name] = table[name].astype("Int64").where(table["whole"])
    if is_money:
        table["value"] = table["value"].astype("float64") / _CENTS
    table["n_seen"] = total(cells["n_seen"])
    of_row = np.repeat(np.arange(len(order)), len(index))
    for number, name in enumerate(by):
        table.insert(number, name, order[name].iloc[of_row].array)
    return table[[*by, *_COLUMNS]]
