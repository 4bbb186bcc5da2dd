"""The matrix of the index: one row per factor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnlab.cci.answers import Answers, read
from churnlab.cci.asked import IN_CUSTOMER, IN_IMPROVABILITY, Asked, ImportanceAs, Missing

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

SHARES = ("pressure", "fixable", "stuck", "secure", "share")
_MEANS = ("n", "satisfaction", "importance", "importance_share", "deficit", "improvability")
_COLUMNS = ("factor", *_MEANS, *SHARES, "verdict")
_NEAR = 1e-9  # a mean that is a midpoint but for the last digits is the midpoint


def matrix(
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
) -> pd.DataFrame:
    """What pushes customers out (pressure), what of it can be mended (fixable), what not (stuck).

    The trap: averaging the ratings first and multiplying the averages can reverse the ranking;
    here every customer is worked out first.

    Parameters
    ----------
    ratings : table or path
        One row per customer and factor; without a column of customers, one customer's ratings.
    improvability, importance : str, table or dict
        A column of the ratings, or a table by factor for all customers (its several rows are
        raters, and are averaged), or a dict; improvability also None.
    customer, factor, satisfaction, weight, cluster, by
        Columns: ``weight`` of the survey, ``cluster`` of customers who belong together (an
        account), ``by`` (one or a list) of groups such as segments and waves.
    scale, importance_scale, improvability_scale : (lowest, highest)
        Of satisfaction, and of the others unless they have their own. Left out, 1 to 10 is
        assumed, and refused where no rating comes near 10.
    importance_as : "rating", "rank" (1 matters most) or "share" (of any sum)
    missing : "renormalise", "complete" or "impute"
        Shares over the factors answered; only customers who rated all; or the group's means.

    Returns
    -------
    DataFrame
        Groups, then ``factor, n, satisfaction, importance`` (means over those who answered),
        ``importance_share, deficit, improvability, pressure, fixable, stuck, secure, share``
        (from 0 to 1), ``verdict``; most pressure first.

    Raises
    ------
    InputError
        For ratings off the scale, repeated ratings, or weights that change within a customer.

    Notes
    -----
    churnlab's own definition (CCI v1). With u(x) = (x − lowest) / (highest − lowest), per customer
    share w = u(I) / Σ u(I) over the factors answered, deficit d = 1 − u(S), pressure = w·d, and
    means over customers; fixable = m·pressure, stuck = (1 − m)·pressure, secure = w − pressure.
    Ranks weigh as rank-order centroids, Σ 1/i from the rank to the number of factors ranked.
    A factor not answered adds 0 to its pressure, so one asked of some only sinks; the ledger notes
    it (``not_all_factors``). Improvability not known leaves missing values. Verdicts (fix now, danger,
    keep, guard, minor, low) cut means at the middle of scales, or at an equal part of ranks.

    Examples
    --------
    >>> import churnlab as cl
    >>> table = matrix(cl.datasets.load("cci_table_2")).set_index("factor")
    >>> table.loc["coverage", ["pressure", "fixable", "stuck"]].astype(float).round(4).tolist()
    [0.3043, 0.2029, 0.1014]
    """
    asked = Asked(
        improvability, customer, factor, satisfaction, importance, weight, cluster, by,
        scale, importance_scale, improvability_scale, importance_as, missing,
    )  # fmt: skip
    answers = read(ratings, asked, _COLUMNS, "cci.matrix")
    roles = answers.asked.roles
    result = factors(answers)[[*roles, *_COLUMNS]].rename(columns=roles)
    result.attrs = answers.carried("cci.matrix")
    result.attrs["importance_as"] = answers.asked.importance_as
    if answers.asked.importance_as == "rating":
        result.attrs["scale"] = list(answers.asked.scales.importance)
    return result


def factors(answers: Answers) -> pd.DataFrame:
    """The matrix of every group under the names of roles, from the sums of one pass."""
    sums, by = answers.sums, answers.by
    parts = [_one_factor(sums, by, k, name) for k, name in enumerate(answers.factors)]
    long = pd.concat(parts, ignore_index=True)
    long = long[long["n_valid"] > 0]  # a group nobody in which can be judged
    low, high = answers.asked.scales.satisfaction
    with np.errstate(invalid="ignore", divide="ignore"):
        deficit = (long["lost"] / long["omega"]).to_numpy(float) / (high - low)
        importance = answers.asked.floor + (long["points"] / long["omega"]).to_numpy(float)
    long["n"] = long["n"].astype("int64")
    long["deficit"] = deficit
    long["satisfaction"] = high - deficit * (high - low)
    long["importance"] = importance
    long["improvability"] = answers.improvability(long).to_numpy()
    ease = long["improvability"].to_numpy(float)
    pressure = long["pressure"].to_numpy(float)
    # nothing to mend is nothing to mend, however hard it would be
    long["fixable"] = np.where(pressure == 0, 0.0, pressure * ease)
    long["stuck"] = np.where(pressure == 0, 0.0, pressure * (1 - ease))
    long["secure"] = long["importance_share"] - long["pressure"]
    whole = long.groupby(by, dropna=False)["pressure"].transform("sum") if by else pressure.sum()
    whole = np.broadcast_to(np.asarray(whole, float), pressure.shape)
    long["share"] = np.divide(pressure, whole, out=np.full(pressure.shape, np.nan), where=whole > 0)
    long["verdict"] = _verdicts(deficit, _matters(answers, long), ease)
    return by_pressure(long, by, "factor")


def _one_factor(sums: pd.DataFrame, by: Sequence[str], k: int, name: Any) -> pd.DataFrame:
    omega = sums["omega"].where(sums["omega"] > 0)
    part = sums[list(by)].copy()
    return part.assign(
        factor=name,
        n=sums[f"n_{k}"],
        n_valid=sums["n_customers"],
        omega=sums[f"omega_{k}"],
        points=sums[f"points_{k}"],
        lost=sums[f"lost_{k}"],
        importance_share=sums[f"w_{k}"] / omega,
        pressure=sums[f"p_{k}"] / omega,
    )


def by_pressure(table: pd.DataFrame, by: Sequence[str], name: str) -> pd.DataFrame:
    """Groups as they come, within them most pressure first, ties by name."""
    # groups by several columns are numbered as a whole: sums per group are laid beside them later
    group = table.groupby(list(by), dropna=False, sort=False).ngroup() if by else 0
    pressure, names = -table["pressure"].round(12), table[name].astype("str")
    keys = pd.DataFrame({"group": group, "pressure": pressure, "name": names})
    keys = keys.sort_values(["group", "pressure", "name"], kind="stable")
    return table.loc[keys.index].reset_index(drop=True)


def _matters(answers: Answers, long: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """The mean rating is in the upper half; of ranks and shares, the share is an equal part."""
    if answers.asked.importance_as == "rating":
        low, high = answers.asked.scales.importance
        return np.asarray((long["importance"] - low) / (high - low) >= 0.5 - _NEAR)
    return np.asarray(long["importance_share"] * len(answers.factors) >= 1 - _NEAR)


def _verdicts(deficit: Floats, matters: npt.NDArray[np.bool_], ease: Floats) -> npt.NDArray[Any]:
    """Fix now, danger, keep, guard, minor or low; missing where it hangs on what is not known."""
    poor = deficit >= 0.5 - _NEAR
    easy, unknown = ease >= 0.5 - _NEAR, np.isnan(ease)
    of_care = np.where(poor, np.where(easy, "fix now", "danger"), np.where(easy, "keep", "guard"))
    words = np.where(matters, of_care, np.where(poor, "minor", "low")).astype(object)
    words[(matters & unknown) | np.isnan(deficit)] = None
    return words
