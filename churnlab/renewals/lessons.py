"""The tempting curves beside the model, and how both fare on what was held back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from churnlab import checks
from churnlab.checks import IfPresent, InputError
from churnlab.renewals import cohorts as counted
from churnlab.renewals.fitting import Model, fit_counts

_COHORT = IfPresent("cohort")
CURVES = ("linear", "exponential", "quadratic")


def naive_curves(
    cohorts: Any, *, until: int, age: str = "age", customers: str = "customers"
) -> pd.DataFrame:
    """Least-squares curves through the survivors of one cohort: what not to project with.

    The trap: a quadratic fits the past at R² .998 and has the dead return in the future.

    Parameters
    ----------
    cohorts : table or path
        One cohort: age and customers left (see :func:`fit`).
    until : int
        Last age of the curves.
    age, customers : str
        Columns.

    Returns
    -------
    DataFrame
        ``curve`` (linear, exponential, quadratic), ``age, estimate`` (share), ``r_squared`` on the
        ages given.

    Raises
    ------
    InputError
        As for :func:`fit`, and for several cohorts.

    Notes
    -----
    Ordinary least squares of the share on age; the exponential on the logarithm of the share, its
    R² on that scale.

    Examples
    --------
    >>> import pandas as pd
    >>> line = pd.DataFrame({"age": [0, 1, 2], "customers": [100, 50, 25]})
    >>> naive_curves(line, until=3).query("curve == 'exponential'")["estimate"].round(3).tolist()
    [1.0, 0.5, 0.25, 0.125]
    """
    rows = counted.read(cohorts, None, age, customers)
    last = checks.whole("until", until, least=1)
    x = rows["age"].to_numpy(float)
    y = rows["customers"].to_numpy(float) / rows["customers"].iloc[0]
    if len(x) < 3:
        raise InputError("a quadratic needs three ages at least.")
    if (y <= 0).any():
        raise InputError("an exponential needs customers left at every age.")
    ahead = np.arange(last + 1)
    parts = []
    for curve, degree, log in zip(CURVES, (1, 1, 2), (False, True, False), strict=True):
        target = np.log(y) if log else y
        terms = np.polynomial.polynomial.polyfit(x, target, degree)
        fitted, beyond = (np.polynomial.polynomial.polyval(at, terms) for at in (x, ahead))
        missed = ((target - fitted) ** 2).sum() / ((target - target.mean()) ** 2).sum()
        estimate = np.exp(beyond) if log else beyond
        parts.append(
            pd.DataFrame(
                {"curve": curve, "age": ahead, "estimate": estimate, "r_squared": 1 - missed}
            )
        )
    table = pd.concat(parts, ignore_index=True)
    table.attrs = checks.attrs(None, [])
    return table


def holdout(
    cohorts: Any,
    *,
    fit_until: int,
    cohort: str | None = _COHORT,
    age: str = "age",
    customers: str = "customers",
    model: Model = "sbg",
) -> pd.DataFrame:
    """What a fit on the first ages says of the later ones, beside what happened.

    The trap: a projection that was never held against a later year is a drawing.

    Parameters
    ----------
    cohorts : table or path
        As for :func:`fit`.
    fit_until : int
        Last age used for the fit; later ages are held back.
    cohort, age, customers, model
        As for :func:`fit`.

    Returns
    -------
    DataFrame
        ``cohort, age, actual, estimate`` (shares still customers), ``error`` (estimate / actual −
        1), for the ages held back.

    Raises
    ------
    InputError
        As for :func:`fit`, and if nothing is held back.

    Notes
    -----
    The projection of a cohort is S(t) of the pooled fit, from age 0.

    Examples
    --------
    >>> import churnlab as cl
    >>> case = cl.datasets.load("contract_cohorts").query("case == 1")
    >>> holdout(case, age="year", fit_until=3)[["age", "actual", "estimate"]].round(4)
       age  actual  estimate
    0    4  0.4391     0.439
    """
    checks.choice("model", model, Model)
    rows = counted.read(cohorts, cohort, age, customers)
    seen = checks.whole("fit_until", fit_until, least=1)
    later = rows[rows["age"] > seen]
    if later.empty:
        raise InputError(f"fit_until={seen} holds nothing back: no cohort was followed longer.")
    found = fit_counts(counted.counts(rows[rows["age"] <= seen]), model, 0.95)
    curve = found.project(int(rows["age"].max())).set_index("age")["estimate"]
    start = rows[rows["age"] == 0].set_index("cohort")["customers"]
    table = pd.DataFrame(
        {
            "cohort": later["cohort"].to_numpy(),
            "age": later["age"].astype("int64").to_numpy(),
            "actual": later["customers"].to_numpy() / later["cohort"].map(start).to_numpy(),
        }
    )
    table["estimate"] = table["age"].map(curve)
    table["error"] = table["estimate"] / table["actual"] - 1
    table.attrs = checks.attrs(None, [])
    return table
