"""The matrix summed by the owner of each factor: whose desk the churn is on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from churnlab import checks
from churnlab.cci.answers import Answers, read
from churnlab.cci.asked import IN_CUSTOMER, Asked, ImportanceAs, Missing
from churnlab.cci.matrix import SHARES, by_pressure, factors
from churnlab.cci.means import means
from churnlab.checks import InputError

_COLUMNS = (
    *("owner", "n_factors", "importance_share", "pressure", "std_error", "conf_low", "conf_high"),
    *("fixable", "stuck", "secure", "share"),
)


def owners(
    ratings: Any,
    *,
    improvability: Any,
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
    """The matrix summed by the owner of each factor: whose desk the churn is on.

    The trap: an owner with many factors has much pressure because of their number; look at
    ``n_factors`` too.

    Parameters
    ----------
    ratings : table or path
        As for :func:`matrix`.
    improvability : table
        With columns ``factor, improvability, owner``; a factor has one owner.
    customer, factor, satisfaction, importance, weight, cluster, by
        As for :func:`matrix`.
    scale, importance_scale, improvability_scale, importance_as, missing
        As for :func:`matrix`.
    level : float
        Of the confidence limits.

    Returns
    -------
    DataFrame
        Groups, then ``owner, n_factors, importance_share, pressure, std_error, conf_low,
        conf_high`` (of the pressure), ``fixable, stuck, secure, share``; most pressure first.
        Factors without an owner are a row of their own.

    Raises
    ------
    InputError
        As for :func:`matrix`, and if no owner is given.

    Notes
    -----
    Sums over the owner's factors of the columns of :func:`matrix`, which add up over owners to
    the whole; fixable and stuck are missing where one factor's improvability is. The error comes
    from the covariance of the factors' pressures, with limits of Student's t cut at 0.

    Examples
    --------
    >>> import churnlab as cl
    >>> table = cl.datasets.load("cci_table_2")
    >>> ours = table[["factor", "improvability"]].assign(owner=["sales"] + ["network"] * 5)
    >>> ratings = table.drop(columns="improvability")
    >>> owners(ratings, improvability=ours)[["owner", "n_factors", "pressure"]].round(4)
         owner  n_factors  pressure
    0  network          5    0.3043
    1    sales          1    0.0000
    """
    asked = Asked(
        improvability, customer, factor, satisfaction, importance, weight, cluster, by,
        scale, importance_scale, improvability_scale, importance_as, missing,
    )  # fmt: skip
    level = checks.confidence(level)
    if improvability is None or isinstance(improvability, str | Mapping | pd.Series):
        raise InputError(
            "owners come from the improvability table: pass improvability= a table with the "
            "columns 'factor', 'improvability' and 'owner'."
        )
    answers = read(ratings, asked, ("factor", *_COLUMNS), "cci.owners", owners=True)
    assert answers.ease is not None
    owner = answers.ease.set_index("factor")["owner"].reindex(answers.factors)
    table = factors(answers)
    table["owner"] = table["factor"].map(owner)
    keys = [*answers.by, "owner"]
    grouped = table.groupby(keys, dropna=False, sort=False)
    sums = grouped[["importance_share", *SHARES]].sum(min_count=1)
    unknown = grouped[["fixable", "stuck"]].agg(lambda column: column.isna().any())
    sums[["fixable", "stuck"]] = sums[["fixable", "stuck"]].mask(unknown.astype(bool))
    sums.insert(0, "n_factors", grouped.size())
    sums = sums.reset_index().merge(_errors(answers, owner, level), on=keys, how="left")
    result = by_pressure(sums, answers.by, "owner")
    result = result[[*answers.by, *_COLUMNS]].rename(columns=answers.asked.roles)
    result.attrs = answers.carried("cci.owners")
    return result


def _errors(answers: Answers, owner: pd.Series[Any], level: float) -> pd.DataFrame:
    """Standard error and limits of every (group, owner)'s pressure."""
    found = means(answers)
    names = owner.drop_duplicates()
    mine = (owner.to_numpy() == names.to_numpy()[:, None]) | (
        owner.isna().to_numpy() & names.isna().to_numpy()[:, None]
    )
    pressure = found.pressure @ mine.T
    variance = found.variance_of(mine.astype(float))
    if answers.asked.missing == "impute":
        variance = np.full_like(variance, np.nan)
    error = np.sqrt(variance)
    half = stdtrit(np.where(found.df > 0, found.df, np.nan), 0.5 + level / 2)[:, None] * error
    groups = answers.sums[answers.by].iloc[np.repeat(found.at, len(names))].reset_index(drop=True)
    return groups.assign(
        owner=np.tile(names.to_numpy(), len(found.at)),
        std_error=error.ravel(),
        conf_low=np.maximum(pressure - half, 0).ravel(),
        conf_high=np.minimum(pressure + half, 1).ravel(),
    )
