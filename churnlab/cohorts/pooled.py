"""One curve over all cohorts: the mature cells of a triangle, pooled by age."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from churnlab import checks, intervals
from churnlab.checks import InputError

Mean = Literal["weighted", "simple"]
_NEED = ("cohort", "age", "n_eligible", "n_active", "value", "retention", "mature")
_COLUMNS = ("age", "n_cohorts", "n_eligible", "n_active", "retention", "conf_low", "conf_high")


def pooled(triangle: pd.DataFrame, *, mean: Mean = "weighted", level: float = 0.95) -> pd.DataFrame:
    """The retention curve over all cohorts, from the cells that are mature.

    The trap: an average over all cells of an age takes in cohorts that have not got there yet, as
    zeros, and the curve seems to fall at its end.

    Parameters
    ----------
    triangle : DataFrame
        From :func:`retention`.
    mean : {"weighted", "simple"}
        Every customer counts alike, or every cohort does.
    level : float
        Confidence level of the pointwise limits; the simple mean has none.

    Returns
    -------
    DataFrame
        Groups, then ``age, n_cohorts, n_eligible, n_active, retention, conf_low, conf_high``: the
        ages at which any cohort is mature.

    Raises
    ------
    InputError
        If the frame is no triangle, or its cells are no shares of those eligible (events, money,
        reference "previous"): these have a simple mean only.

    Notes
    -----
    weighted = Σ n_active / Σ n_eligible, with Wilson limits; simple = mean of the cells'
    retention. Later ages rest on fewer and older cohorts (``n_cohorts``), so the curve may rise
    where the cohorts change: it compares ages, not the same customers.

    Examples
    --------
    >>> import churnlab as cl
    >>> table = cl.cohorts.retention(cl.datasets.load("cdnow_transactions"))
    >>> pooled(table)[["age", "n_cohorts", "n_active", "retention"]].round(3).head(2)
       age  n_cohorts  n_active  retention
    0    0          3     23570      1.000
    1    1          3      3501      0.149
    """
    checks.choice("mean", mean, Mean)
    checks.confidence(level)
    if not isinstance(triangle, pd.DataFrame):
        raise InputError(f"pass the frame of cohorts.retention, not a {type(triangle).__name__}.")
    names = [str(name) for name in triangle.columns]
    checks.require_columns(
        _NEED, names, what="the frame", remedy="Pass the result of cohorts.retention as it came."
    )
    by = list(triangle.columns[: names.index("cohort")])
    mature = triangle[triangle["mature"].astype(bool)]
    if mature.empty:
        raise InputError("no cell of the triangle is mature yet: there is nothing to pool.")
    if mean == "weighted":
        _require_shares(mature)
    cells = mature.astype({"n_active": "int64"})
    curve = cells.groupby([*by, "age"], dropna=False, sort=False).agg(
        n_cohorts=("cohort", "size"),
        n_eligible=("n_eligible", "sum"),
        n_active=("n_active", "sum"),
        simple=("retention", "mean"),
    )
    curve = curve.reset_index()
    low = high = np.full(len(curve), np.nan)
    share = curve["simple"]
    if mean == "weighted":
        share = curve["n_active"] / curve["n_eligible"]
        low, high = intervals.wilson(curve["n_active"], curve["n_eligible"], level=level)
    curve = curve.assign(retention=share, conf_low=low, conf_high=high)
    result = _in_order(curve, triangle, by)[[*by, *_COLUMNS]]
    result.attrs = dict(triangle.attrs)
    return result


def _require_shares(mature: pd.DataFrame) -> None:
    share = mature["n_active"].astype("float64") / mature["n_eligible"]
    if not np.allclose(share, mature["retention"], equal_nan=True):
        raise InputError(
            "the cells of this triangle are no shares of the customers who are eligible (it "
            "measures events or money, or refers to the previous age): use mean='simple'."
        )


def _in_order(curve: pd.DataFrame, triangle: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Groups in the order of the triangle, ages rising."""
    if not by:
        return curve.sort_values("age", ignore_index=True)
    order = triangle[by].drop_duplicates(ignore_index=True)
    order = order.assign(_order=np.arange(len(order)))
    return curve.merge(order, on=by, how="left").sort_values(["_order", "age"], ignore_index=True)
