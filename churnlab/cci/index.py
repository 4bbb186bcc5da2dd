"""The index itself: of groups with its error, and of every customer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from scipy.special import stdtrit

from churnlab import checks, engine
from churnlab.cci import shares
from churnlab.cci.answers import Answers, read
from churnlab.cci.asked import IN_CUSTOMER, IN_IMPROVABILITY, Asked, ImportanceAs, Missing
from churnlab.cci.matrix import factors
from churnlab.cci.means import means
from churnlab.checks import Entry, InputError, Table

_COLUMNS = ("n", "n_effective", "cci", "fixable", "stuck", "std_error", "conf_low", "conf_high")
_CUSTOMER_COLUMNS = ("customer", "n", "cci", "fixable", "stuck")


def index(
    ratings: Any,
    *,
    improvability: Any = IN_IMPROVABILITY,
    customer: str | None = IN_CUSTOMER,
    factor: str = "factor",
    satisfaction: str = "satisfaction",
    importance: Any = "importance",
    weight: str | None = None,
    cluster: str | None = None,
    by: str | Sequence[str] | None = None,
    scale: Sequence[float] | None = None,
    importance_scale: Sequence[float] | None = None,
    improvability_scale: Sequence[float] | None = None,
    importance_as: ImportanceAs = "rating",
    missing: Missing = "renormalise",
    level: float = 0.95,
) -> pd.DataFrame:
    """The Customer Churn Index, 0 to 100: 0 nothing pushes customers out, 100 everything does.

    The trap: a lower index is not always the safer one; look at what of it is stuck.

    Parameters
    ----------
    ratings, improvability, customer, factor, satisfaction, importance, weight, cluster, by
        As for :func:`matrix`.
    scale, importance_scale, improvability_scale, importance_as, missing
        As for :func:`matrix`.
    level : float
        Of the confidence limits.

    Returns
    -------
    DataFrame
        Groups, then ``n`` (customers), ``n_effective``, ``cci, fixable, stuck`` in points,
        ``std_error`` and limits of the index.

    Raises
    ------
    InputError
        As for :func:`matrix`.

    Notes
    -----
    CCI = 100 · Σ pressure over factors = fixable + stuck, the weighted mean of the customers' own
    indices c. Its variance is linearised, n/(n − 1) · Σ ω²(c − mean)² / (Σ ω)², with sums over
    clusters in place of customers where there are some; limits are those of Student's t with n − 1
    degrees of freedom, cut at 0 and 100, and missing for one customer and for imputed answers.
    ``n_effective`` = (Σ ω)² / Σ ω² is how many customers with equal weights tell as much (Kish).

    Examples
    --------
    >>> import churnlab as cl
    >>> index(cl.datasets.load("cci_table_2"))[["n", "cci", "fixable", "stuck"]].round(4)
       n      cci  fixable    stuck
    0  1  30.4348  20.2899  10.1449
    """
    checks.confidence(level)
    asked = Asked(
        improvability, customer, factor, satisfaction, importance, weight, cluster, by,
        scale, importance_scale, improvability_scale, importance_as, missing,
    )  # fmt: skip
    answers = read(ratings, asked, _COLUMNS, "cci.index")
    roles = answers.asked.roles
    result = _totals(answers, level)[[*roles, *_COLUMNS]].rename(columns=roles)
    result.attrs = answers.carried("cci.index")
    return result


def _totals(answers: Answers, level: float) -> pd.DataFrame:
    found = means(answers)
    table = answers.sums[answers.by].iloc[found.at].reset_index(drop=True)
    cci = 100 * found.pressure.sum(axis=1)
    every = np.ones((1, len(answers.factors)))
    error = 100 * np.sqrt(found.variance_of(every)[:, 0])
    if answers.asked.missing == "impute":
        error = np.full_like(error, np.nan)
    half = stdtrit(np.where(found.df > 0, found.df, np.nan), 0.5 + level / 2) * error
    by, parts = answers.by, factors(answers)
    known = parts.groupby(by, dropna=False, sort=False) if by else parts.assign(_=0).groupby("_")
    fixable, stuck = (
        known[part].agg(lambda column: column.sum(skipna=False)).to_numpy()
        for part in ("fixable", "stuck")
    )
    return table.assign(
        n=found.n.astype("int64"),
        n_effective=found.n_effective,
        cci=cci,
        fixable=100 * fixable,
        stuck=100 * stuck,
        std_error=error,
        conf_low=np.maximum(cci - half, 0),
        conf_high=np.minimum(cci + half, 100),
    )


def per_customer(
    ratings: Any,
    *,
    improvability: Any = IN_IMPROVABILITY,
    customer: str = "customer",
    factor: str = "factor",
    satisfaction: str = "satisfaction",
    importance: Any = "importance",
    weight: str | None = None,
    cluster: str | None = None,
    by: str | Sequence[str] | None = None,
    scale: Sequence[float] | None = None,
    importance_scale: Sequence[float] | None = None,
    improvability_scale: Sequence[float] | None = None,
    importance_as: ImportanceAs = "rating",
    missing: Missing = "renormalise",
) -> Table:
    """Every customer's own index, to be joined to what they did afterwards.

    The trap: an index from three answers is not one from six; ``n`` says how many there were.

    Parameters
    ----------
    ratings, customer, factor, satisfaction, importance, weight, cluster, by
        As for :func:`matrix`.
    improvability, scale, importance_scale, improvability_scale, importance_as, missing
        As for :func:`matrix`; the improvability of a factor is the same for all customers.

    Returns
    -------
    Table
        ``customer``, the groups, ``n`` (factors answered), ``cci, fixable, stuck`` in points,
        and the weight if one is named; of the input's own kind.

    Raises
    ------
    InputError
        As for :func:`matrix`.

    Notes
    -----
    CCI of a customer = 100 · Σ w·d over the factors answered; the weighted mean over customers is
    :func:`index`. Customers whose importances are all at the floor are left out
    (``no_importance``). ``fixable`` is missing where a factor that presses has no improvability.

    Examples
    --------
    >>> import churnlab as cl
    >>> ratings = cl.datasets.load("cci_table_2").assign(customer="anna")
    >>> per_customer(ratings).frame.round(4)
      customer  n      cci  fixable    stuck
    0     anna  6  30.4348  20.2899  10.1449
    """
    if customer is None:
        raise InputError("customer=None: name the column, this role must be played.")
    asked = Asked(
        improvability, customer, factor, satisfaction, importance, weight, cluster, by,
        scale, importance_scale, improvability_scale, importance_as, missing,
    )  # fmt: skip
    answers = read(ratings, asked, _CUSTOMER_COLUMNS, "cci.per_customer")
    roles, weight = answers.asked.roles, answers.asked.weight
    if weight is not None and weight in _CUSTOMER_COLUMNS:
        raise InputError(
            f"weight={weight!r} is also the name of a column of the result: rename the column in "
            f"your table first, e.g. to {weight + '_weight'!r}."
        )
    own = [] if weight is None else ["weight"]
    lazy = _own_indices(answers).select("customer", *roles, *_CUSTOMER_COLUMNS[1:], *own)
    kept = {**roles, **({"weight": weight} if weight else {})}
    frame = engine.hand_back(lazy, answers.frame.home, ["customer", *roles], kept)

    def lines() -> list[Entry]:
        return [*answers.before, *answers.lines("cci.per_customer")]

    return Table(frame, None, lines)


def _own_indices(answers: Answers) -> nw.LazyFrame[Any]:
    names = range(len(answers.factors))
    ease = answers.ease_of_all()
    parts: dict[str, nw.Expr] = {}
    for k in names:
        pressure = nw.col(f"pressure_{k}")
        none = nw.when(pressure == 0).then(nw.lit(0.0))  # missing where there is pressure
        for part, share in (("fixable", ease[k]), ("stuck", 1 - ease[k])):
            parts[f"{part}_{k}"] = none if np.isnan(share) else pressure * share
    one = answers.customers.filter(nw.col("valid")).with_columns(**parts)
    points = {
        part: 100 * shares.added([nw.col(f"{part}_{k}") for k in names])
        for part in ("fixable", "stuck")
    }
    return one.with_columns(cci=100 * nw.col("pressure"), **points)
