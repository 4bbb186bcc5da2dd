"""The matrix of the index: one row per factor, and the same summed by owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnlab import checks
from churnlab.cci.answers import Answers, read
from churnlab.cci.ratings import IN_CUSTOMER, IN_IMPROVABILITY, Columns, Scales
from churnlab.checks import InputError

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_SHARES = ("pressure", "fixable", "stuck", "secure", "share")
_MEANS = ("n", "satisfaction", "importance", "importance_share", "deficit", "improvability")
_COLUMNS = ("factor", *_MEANS, *_SHARES, "verdict")
_OWNER_COLUMNS = ("owner", "n_factors", "importance_share", *_SHARES)
_NEAR = 1e-9  # a mean that is a midpoint but for the last digits is the midpoint


def matrix(
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
) -> pd.DataFrame:
    """What pushes customers out (pressure), what of it can be mended (fixable), what not (stuck).

    The trap: averaging the ratings first and multiplying the averages can reverse the ranking;
    here every customer is worked out first.

    Parameters
    ----------
    ratings : table or path
        One row per customer and factor; without a column of customers, one customer's ratings.
    improvability : str, table or dict
        Its column in the ratings, or a table of ``factor, improvability`` (several rows of a
        factor are raters, and are averaged), or a dict; None for none.
    customer, factor, satisfaction, importance, weight : str
        Columns; ``weight`` is a survey weight, the same on all rows of a customer.
    by : str or list, optional
        Columns of groups: segments, waves.
    scale, importance_scale, improvability_scale : (lowest, highest)
        Of satisfaction, and of the others unless they have their own; (0, 1) for shares. Left
        out, 1 to 10 is assumed, and refused where no rating comes near 10.

    Returns
    -------
    DataFrame
        Groups, then ``factor, n, satisfaction, importance`` (means over those who answered),
        ``importance_share, deficit, improvability, pressure, fixable, stuck, secure, share``
        (from 0 to 1) and ``verdict``; most pressure first.

    Raises
    ------
    InputError
        For ratings off the scale, repeated ratings, or weights that change within a customer.

    Notes
    -----
    churnlab's own definition (CCI v1). With u(x) = (x − lowest) / (highest − lowest), per customer
    share w = u(I) / Σ u(I) over the factors answered, deficit d = 1 − u(S), pressure = w·d, and
    means over customers; fixable = m·pressure, stuck = (1 − m)·pressure, secure = w − pressure.
    A factor not answered adds 0 to its pressure, so one asked of some customers only sinks; the
    ledger notes it (``not_all_factors``). Improvability not known leaves missing values.
    The verdict is that of the mean ratings, each cut at the middle of its scale: fix now, danger,
    keep, guard, minor or low. ``deficit`` is that of the mean satisfaction.

    Examples
    --------
    >>> import churnlab as cl
    >>> table = matrix(cl.datasets.load("cci_table_2")).set_index("factor")
    >>> table.loc["coverage", ["pressure", "fixable", "stuck"]].astype(float).round(4).tolist()
    [0.3043, 0.2029, 0.1014]
    """
    columns = Columns.of(by, _COLUMNS, customer, factor, satisfaction, importance, weight)
    scales = Scales.of(scale, importance_scale, improvability_scale)
    answers = read(ratings, columns, improvability, scales, "cci.matrix")
    table = factors(answers)
    result = table[[*columns.roles, *_COLUMNS]].rename(columns=columns.roles)
    result.attrs = checks.attrs(None, [*checks.history(ratings)[1], *answers.lines()])
    result.attrs["scale"] = list(scales.importance)
    return result


def owners(
    ratings: Any,
    *,
    improvability: Any,
    customer: str | None = IN_CUSTOMER,
    factor: str = "factor",
    satisfaction: str = "satisfaction",
    importance: str = "importance",
    weight: str | None = None,
    by: str | Sequence[str] | None = None,
    scale: Sequence[float] | None = None,
    importance_scale: Sequence[float] | None = None,
    improvability_scale: Sequence[float] | None = None,
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
    customer, factor, satisfaction, importance, weight, by
        As for :func:`matrix`.
    scale, importance_scale, improvability_scale
        As for :func:`matrix`.

    Returns
    -------
    DataFrame
        Groups, then ``owner, n_factors, importance_share, pressure, fixable, stuck, secure,
        share``; most pressure first. Factors without an owner are a row of their own.

    Raises
    ------
    InputError
        As for :func:`matrix`, and if no owner is given.

    Notes
    -----
    Sums over the owner's factors of the columns of :func:`matrix`, which add up over owners to
    the whole; fixable and stuck are missing where one factor's improvability is.

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
    taken = (*_COLUMNS, *_OWNER_COLUMNS)
    columns = Columns.of(by, taken, customer, factor, satisfaction, importance, weight)
    scales = Scales.of(scale, importance_scale, improvability_scale)
    if improvability is None or isinstance(improvability, str | Mapping | pd.Series):
        raise InputError(
            "owners come from the improvability table: pass improvability= a table with the "
            "columns 'factor', 'improvability' and 'owner'."
        )
    answers = read(ratings, columns, improvability, scales, "cci.owners", owners=True)
    assert answers.ease is not None
    table = factors(answers)
    table["owner"] = table["factor"].map(answers.ease.set_index("factor")["owner"])
    keys = [*columns.roles, "owner"]
    grouped = table.groupby(keys, dropna=False, sort=False)
    sums = grouped[["importance_share", *_SHARES]].sum(min_count=1)
    unknown = grouped[["fixable", "stuck"]].agg(lambda column: column.isna().any())
    sums[["fixable", "stuck"]] = sums[["fixable", "stuck"]].mask(unknown.astype(bool))
    sums.insert(0, "n_factors", grouped.size())
    result = _by_pressure(sums.reset_index(), list(columns.roles), "owner")
    result = result[[*columns.roles, *_OWNER_COLUMNS]].rename(columns=columns.roles)
    result.attrs = checks.attrs(None, [*checks.history(ratings)[1], *answers.lines()])
    return result


def factors(answers: Answers) -> pd.DataFrame:
    """The matrix of every group under the names of roles, from the sums of one pass."""
    sums, by = answers.sums, list(answers.columns.roles)
    parts = [_one_factor(sums, by, k, name) for k, name in enumerate(answers.factors)]
    long = pd.concat(parts, ignore_index=True)
    long = long[long["n_valid"] > 0]  # a group nobody in which can be judged
    (low, high), (least, most) = answers.scales.satisfaction, answers.scales.importance
    with np.errstate(invalid="ignore", divide="ignore"):
        deficit = (long["lost"] / long["omega"]).to_numpy(float) / (high - low)
        importance = least + (long["points"] / long["omega"]).to_numpy(float)
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
    long["verdict"] = _verdicts(deficit, (importance - least) / (most - least), ease)
    return _by_pressure(long, by, "factor")


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


def _by_pressure(table: pd.DataFrame, by: Sequence[str], name: str) -> pd.DataFrame:
    """Groups as they come, within them most pressure first, ties by name."""
    # groups by several columns are numbered as a whole: sums per group are laid beside them later
    group = table.groupby(list(by), dropna=False, sort=False).ngroup() if by else 0
    pressure, names = -table["pressure"].round(12), table[name].astype("str")
    keys = pd.DataFrame({"group": group, "pressure": pressure, "name": names})
    keys = keys.sort_values(["group", "pressure", "name"], kind="stable")
    return table.loc[keys.index].reset_index(drop=True)


def _verdicts(deficit: Floats, importance: Floats, ease: Floats) -> npt.NDArray[Any]:
    """Fix now, danger, keep, guard, minor or low; missing where it hangs on what is not known."""
    poor, matters = deficit >= 0.5 - _NEAR, importance >= 0.5 - _NEAR
    easy, unknown = ease >= 0.5 - _NEAR, np.isnan(ease)
    of_care = np.where(poor, np.where(easy, "fix now", "danger"), np.where(easy, "keep", "guard"))
    words = np.where(matters, of_care, np.where(poor, "minor", "low")).astype(object)
    words[(matters & unknown) | np.isnan(deficit)] = None
    return words
