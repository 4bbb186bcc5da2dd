"""The index itself: of groups with its error, and of every customer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from scipy.special import stdtrit

from churnlab import checks, engine
from churnlab.cci.answers import Answers, added, read
from churnlab.cci.matrix import factors
from churnlab.cci.ratings import IN_CUSTOMER, IN_IMPROVABILITY, Columns, Scales
from churnlab.checks import Entry, InputError, Table

_COLUMNS = ("n", "cci", "fixable", "stuck", "std_error", "conf_low", "conf_high")
_CUSTOMER_COLUMNS = ("customer", "n", "cci", "fixable", "stuck")


def index(
    ratings: Any,
    *,
    improvability: Any = IN_IMPROVABILITY,
    customer: str | None = IN_CUSTOMER,
    factor: str = "factor",
    satisfaction: str = "satisfaction",
    importance: str = "importance",
    weight: str | None = None,
    by: str | Sequence[str] | None = None,
    scale: Sequence[float] | None = None,
    importance_scale: Sequence[float] | None = None,
    improvability_scale: Sequence[float] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """The Customer Churn Index, 0 to 100: 0 nothing pushes customers out, 100 everything does.

    The trap: a lower index is not always the safer one; look at what of it is stuck.

    Parameters
    ----------
    ratings, customer, factor, satisfaction, importance, weight, by
        As for :func:`matrix`.
    improvability, scale, importance_scale, improvability_scale
        As for :func:`matrix`.
    level : float
        Of the confidence limits.

    Returns
    -------
    DataFrame
        Groups, then ``n`` (customers), ``cci, fixable, stuck`` in points, ``std_error`` and
        limits of the index.

    Raises
    ------
    InputError
        As for :func:`matrix`.

    Notes
    -----
    CCI = 100 · Σ pressure over factors = fixable + stuck, the weighted mean of the customers' own
    indices c. Its variance is linearised, n/(n − 1) · Σ ω²(c − mean)² / (Σ ω)²; limits are those
    of Student's t with n − 1 degrees of freedom, cut at 0 and 100, and missing for one customer.

    Examples
    --------
    >>> import churnlab as cl
    >>> index(cl.datasets.load("cci_table_2"))[["n", "cci", "fixable", "stuck"]].round(4)
       n      cci  fixable    stuck
    0  1  30.4348  20.2899  10.1449
    """
    checks.confidence(level)
    columns = Columns.of(by, _COLUMNS, customer, factor, satisfaction, importance, weight)
    scales = Scales.of(scale, importance_scale, improvability_scale)
    answers = read(ratings, columns, improvability, scales, "cci.index")
    table = _totals(answers, level)
    result = table[[*columns.roles, *_COLUMNS]].rename(columns=columns.roles)
    result.attrs = checks.attrs(None, [*checks.history(ratings)[1], *answers.lines()])
    return result


def _totals(answers: Answers, level: float) -> pd.DataFrame:
    by, sums = list(answers.columns.roles), answers.sums
    table = sums[sums["n_customers"] > 0].reset_index(drop=True)
    n, omega = table["n_customers"].to_numpy(), table["omega"].to_numpy()
    mean = table["total_pressure"].to_numpy() / omega
    spread = table["square"] - 2 * mean * table["cross"] + mean**2 * table["omega2"]
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.maximum(spread.to_numpy(), 0) * n / (n - 1) / omega**2
    error = 100 * np.sqrt(np.where(n > 1, variance, np.nan))
    half = stdtrit(np.where(n > 1, n - 1, np.nan), 0.5 + level / 2) * error
    parts = factors(answers)
    known = parts.groupby(by, dropna=False, sort=False) if by else parts.assign(_=0).groupby("_")
    fixable, stuck = (
        known[part].agg(lambda column: column.sum(skipna=False)).to_numpy()
        for part in ("fixable", "stuck")
    )
    cci = 100 * mean
    return table.assign(
        n=n.astype("int64"),
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
    importance: str = "importance",
    weight: str | None = None,
    by: str | Sequence[str] | None = None,
    scale: Sequence[float] | None = None,
    importance_scale: Sequence[float] | None = None,
    improvability_scale: Sequence[float] | None = None,
) -> Table:
    """Every customer's own index, to be joined to what they did afterwards.

    The trap: an index from three answers is not one from six; ``n`` says how many there were.

    Parameters
    ----------
    ratings, customer, factor, satisfaction, importance, weight, by
        As for :func:`matrix`.
    improvability, scale, importance_scale, improvability_scale
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
    columns = Columns.of(by, _CUSTOMER_COLUMNS, customer, factor, satisfaction, importance, weight)
    if weight is not None and weight in _CUSTOMER_COLUMNS:
        raise InputError(
            f"weight={weight!r} is also the name of a column of the result: rename the column in "
            f"your table first, e.g. to {weight + '_weight'!r}."
        )
    scales = Scales.of(scale, importance_scale, improvability_scale)
    answers = read(ratings, columns, improvability, scales, "cci.per_customer")
    own = [] if weight is None else ["weight"]
    lazy = _own_indices(answers).select("customer", *columns.roles, *_CUSTOMER_COLUMNS[1:], *own)
    kept = {**columns.roles, **({"weight": weight} if weight else {})}
    frame = engine.hand_back(lazy, answers.frame.home, ["customer", *columns.roles], kept)
    before = checks.history(ratings)[1]

    def lines() -> list[Entry]:
        return [*before, *answers.lines()]

    return Table(frame, None, lines)


def _own_indices(answers: Answers) -> nw.LazyFrame[Any]:
    names = range(len(answers.factors))
    ease = _ease(answers)
    parts: dict[str, nw.Expr] = {}
    for k in names:
        pressure = nw.col(f"pressure_{k}")
        none = nw.when(pressure == 0).then(nw.lit(0.0))  # missing where there is pressure
        for part, share in (("fixable", ease[k]), ("stuck", 1 - ease[k])):
            parts[f"{part}_{k}"] = none if np.isnan(share) else pressure * share
        parts[f"answered_{k}"] = (~nw.col(f"importance_{k}").is_null()).cast(nw.Int64)
    one = answers.shares.filter(nw.col("valid")).with_columns(**parts)
    return one.with_columns(
        n=added([f"answered_{k}" for k in names]),
        cci=100 * nw.col("pressure"),
        fixable=100 * added([f"fixable_{k}" for k in names]),
        stuck=100 * added([f"stuck_{k}" for k in names]),
    )


def _ease(answers: Answers) -> list[float]:
    """Improvability per factor; refused where a column of the ratings gives groups their own."""
    keys = answers.sums[list(answers.columns.roles)]
    found = []
    for name in answers.factors:
        of_groups = answers.improvability(keys.assign(factor=name))
        rated = of_groups[answers.sums[f"n_{answers.factors.index(name)}"].to_numpy() > 0]
        some = rated.isna().any() and not rated.isna().all()
        if some or rated.max() - rated.min() > 1e-9:
            raise InputError(
                f"factor {checks.plain(name)} has another improvability in another group: pass it "
                "as a table (improvability=), or one group at a time."
            )
        found.append(float(rated.iloc[0]) if len(rated) else float("nan"))
    return found
