"""Do they agree on the order? Customers among themselves, and one group with another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from scipy.special import chdtrc

from churnlab import engine
from churnlab.cci import importances
from churnlab.cci.answers import Answers, read
from churnlab.cci.asked import IN_CUSTOMER, IN_IMPROVABILITY, Asked, ImportanceAs, Missing
from churnlab.cci.means import means
from churnlab.cci.rank import criteria
from churnlab.checks import InputError

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_COLUMNS = ("criterion", "group", "reference", "n_factors", "tau", "overlap")
_CONCORDANCE = ("criterion", "n", "n_factors", "concordance", "statistic", "df", "p_value")
_ORDERS = ("pressure", "satisfaction", "importance")


def agreement(
    ratings: Any,
    *,
    by: str | Sequence[str] | None = None,
    improvability: Any = IN_IMPROVABILITY,
    customer: str | None = IN_CUSTOMER,
    factor: str = "factor",
    satisfaction: str = "satisfaction",
    importance: Any = "importance",
    weight: str | None = None,
    scale: Sequence[float] | None = None,
    importance_scale: Sequence[float] | None = None,
    improvability_scale: Sequence[float] | None = None,
    importance_as: ImportanceAs = "rating",
    missing: Missing = "renormalise",
) -> pd.DataFrame:
    """Whether two segments, waves or sources put the factors in the same order.

    The trap: six factors are few; orders that differ may be the same ranking seen twice through
    noise. Read the rank sets of :func:`rank` beside it.

    Parameters
    ----------
    ratings, improvability, customer, factor, satisfaction, importance, weight
        As for :func:`matrix`.
    by : str
        The column of groups that are compared, all pairs of them.
    scale, importance_scale, improvability_scale, importance_as, missing
        As for :func:`matrix`.

    Returns
    -------
    DataFrame
        ``criterion, group, reference, n_factors`` (rated in both), ``tau``, ``overlap``.

    Raises
    ------
    InputError
        As for :func:`matrix`, and where there are not two groups.

    Notes
    -----
    ``tau`` is Kendall's τ_b of the two rankings, from −1 (reversed) over 0 to 1; missing where one
    of them is all ties. ``overlap`` looks at the top first: the mean over k = 1, 2, … of the share
    of the first k factors that both have, from 0 to 1; factors with equal values share places.

    Examples
    --------
    >>> import pandas as pd
    >>> import churnlab as cl
    >>> tables = {c: cl.datasets.load(f"cci_variant_{c}") for c in ("a", "b")}
    >>> both = pd.concat(tables, names=["variant"]).reset_index("variant").assign(customer=1)
    >>> found = agreement(both, by="variant")
    >>> found.loc[found["criterion"] != "pressure", ["criterion", "tau", "overlap"]].round(3)
      criterion    tau  overlap
    1   fixable  0.447    0.710
    2     stuck  0.745    0.877
    """
    asked = Asked(
        improvability, customer, factor, satisfaction, importance, weight, None, by,
        scale, importance_scale, improvability_scale, importance_as, missing,
    )  # fmt: skip
    answers = read(ratings, asked, _COLUMNS, "cci.agreement")
    if len(answers.asked.groups) != 1:
        raise InputError(
            "agreement is between groups: name their one column, such as by='segment'."
        )
    found = means(answers)
    if len(found.at) < 2:
        raise InputError(f"by={answers.asked.groups[0]!r} has one group only: there is no other.")
    names = answers.sums[answers.by[0]].iloc[found.at].tolist()
    p = len(answers.factors)
    nobody = answers.sums[[f"n_{k}" for k in range(p)]].to_numpy()[found.at] == 0
    parts = []
    for criterion, counted in criteria(answers, found).items():
        score = np.where(nobody, np.nan, found.pressure * counted).round(12)
        tau = _taus(score)
        for g, h in combinations(range(len(names)), 2):
            both = ~np.isnan(score[g]) & ~np.isnan(score[h])
            overlap = _overlap(score[g, both], score[h, both])
            parts.append((criterion, names[h], names[g], int(both.sum()), tau[g, h], overlap))
    table = pd.DataFrame(parts, columns=list(_COLUMNS))
    table.attrs = answers.carried("cci.agreement")
    return table


def _taus(score: Floats) -> Floats:
    """Kendall's τ_b of every pair of groups, over the pairs of factors that both have."""
    gaps = score[:, :, None] - score[:, None, :]
    order = np.sign(np.nan_to_num(gaps)).reshape(len(score), -1)
    known = (~np.isnan(gaps)).reshape(len(score), -1).astype(float)
    untied = order**2 @ known.T
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((order @ order.T) / np.sqrt(untied * untied.T))


def _overlap(one: Floats, other: Floats) -> float:
    """The mean over depths of what the first places have in common, ties in part."""
    if not one.size:
        return float("nan")
    depths = np.arange(1, one.size + 1)
    common = np.minimum(_among(one, depths), _among(other, depths)).sum(axis=1)
    return float((common / depths).mean())


def _among(values: Floats, depths: npt.NDArray[np.int_]) -> Floats:
    """How much of every factor is among the first so many: (depths, factors)."""
    above = (values[None, :] > values[:, None]).sum(axis=1)
    equal = (values[None, :] == values[:, None]).sum(axis=1)
    return np.asarray(np.clip((depths[:, None] - above) / equal, 0.0, 1.0))


def concordance(
    ratings: Any,
    *,
    customer: str | None = IN_CUSTOMER,
    factor: str = "factor",
    satisfaction: str = "satisfaction",
    importance: Any = "importance",
    by: str | Sequence[str] | None = None,
    scale: Sequence[float] | None = None,
    importance_scale: Sequence[float] | None = None,
    importance_as: ImportanceAs = "rating",
) -> pd.DataFrame:
    """Whether customers agree on what presses, what is good and what matters: Kendall's W.

    The trap: with many customers a tiny agreement is significant; look at the coefficient.

    Parameters
    ----------
    ratings, customer, factor, satisfaction, importance, by
        As for :func:`matrix`; weights play no part.
    scale, importance_scale, importance_as
        As for :func:`matrix`.

    Returns
    -------
    DataFrame
        Groups, then ``criterion`` (pressure, satisfaction, importance), ``n`` (customers who rated
        every factor), ``n_factors, concordance`` (0 none, 1 all the same order), ``statistic, df,
        p_value``.

    Raises
    ------
    InputError
        As for :func:`matrix`.

    Notes
    -----
    Within each customer the factors are ranked, ties at mean ranks; with rank sums R over n
    customers and k factors, W = 12 Σ (R − mean)² / (n²(k³ − k) − n ΣT), T = Σ (t³ − t) over ties
    of t factors. The test is Friedman's: n (k − 1) W, chi-squared with k − 1 degrees of freedom;
    rough for few customers.

    Examples
    --------
    >>> import pandas as pd
    >>> ratings = pd.DataFrame({"customer": [1, 1, 1, 2, 2, 2], "factor": [*"abc"] * 2,
    ...     "satisfaction": [1, 5, 10, 2, 5, 9], "importance": [9, 8, 2, 2, 8, 9]})
    >>> concordance(ratings)[["criterion", "n", "concordance"]]
          criterion  n  concordance
    0      pressure  2          0.5
    1  satisfaction  2          1.0
    2    importance  2          0.0
    """
    asked = Asked(
        IN_IMPROVABILITY, customer, factor, satisfaction, importance, None, None, by, scale,
        importance_scale, None, importance_as,
    )  # fmt: skip
    answers = read(ratings, asked, _CONCORDANCE, "cci.concordance")
    parts = [_concordance(answers, criterion) for criterion in _orders(answers)]
    table = pd.concat(parts, ignore_index=True)
    if table.empty:
        raise InputError(
            "no customer rated every factor, and orders are compared of those who did: leave "
            "rarely asked factors out."
        )
    table = table.sort_values([*answers.by, "order"], na_position="last", ignore_index=True)
    result = table[[*answers.by, *_CONCORDANCE]].rename(columns=answers.asked.roles)
    result.attrs = answers.carried("cci.concordance")
    return result


def _orders(answers: Answers) -> Sequence[str]:
    """What customers can order; importance from a table is the same for all."""
    return _ORDERS[:2] if answers.asked.importance_given else _ORDERS


def _asked(answers: Answers) -> Sequence[str]:
    return () if answers.asked.importance_given else ("importance",)


def _concordance(answers: Answers, criterion: str) -> pd.DataFrame:
    """W of every group by one criterion: ranks within customers are added up in the engine."""
    by, k = answers.by, len(answers.factors)
    ranked = _ranked(answers, criterion)
    squares = {"ties": (nw.col("last") - nw.col("first") + 1) ** 2 - 1}
    one = ranked.with_columns(place=(nw.col("first") + nw.col("last")) / 2, **squares)
    found = engine.collect(
        one.group_by(*by, "factor").agg(
            n=nw.len(), places=nw.col("place").sum(), ties=nw.col("ties").sum()
        )
    )
    grouped = found.assign(all=0).groupby([*by, "all"], dropna=False, sort=False)
    n = grouped["n"].max().to_numpy(float)
    spread = grouped["places"].agg(lambda r: float(((r - r.mean()) ** 2).sum())).to_numpy(float)
    ties = grouped["ties"].sum().to_numpy(float)
    table = grouped["n"].max().reset_index()[by]
    left = np.where(n > 1, n**2 * (k**3 - k) - n * ties, 0.0)  # one customer agrees with nobody
    with np.errstate(invalid="ignore", divide="ignore"):
        w = np.where(left > 0, 12 * spread / left, np.nan)
    statistic = n * (k - 1) * w
    return table.assign(
        criterion=criterion, order=_ORDERS.index(criterion), n=n.astype("int64"), n_factors=k,
        concordance=w, statistic=statistic, df=k - 1, p_value=chdtrc(k - 1, statistic),
    )  # fmt: skip


def _ranked(answers: Answers, criterion: str) -> nw.LazyFrame[Any]:
    """Rows of customers who rated every factor, with the places they give to each."""
    asked, names = answers.asked, answers.factors
    missed = asked.scales.satisfaction[1] - nw.col("satisfaction").cast(nw.Float64)
    if answers.given is None:
        points = importances.of_row(asked, len(names)).cast(nw.Float64)
        points = points - asked.floor
    else:
        points = importances.of_factors(names, answers.given)
    own = [*answers.by, "customer"]
    rated = [~nw.col(ask).is_null() for ask in ("satisfaction", *_asked(answers))]
    long = answers.counted.filter(*rated).with_columns(missed=missed, points=points)
    long = long.with_columns(
        answered=nw.len().over(*own), total=nw.col("points").sum().over(*own)
    ).filter((nw.col("answered") == len(names)) & (nw.col("total") > 0))
    low, high = asked.scales.satisfaction
    share, deficit = nw.col("points") / nw.col("total"), nw.col("missed") / (high - low)
    value = {"pressure": share * deficit, "satisfaction": deficit, "importance": share}[criterion]
    long = long.with_columns(value=value.round(12))  # from 0 to 1; equal ones differ by rounding
    first, last = (nw.col("value").rank(how).over(*own) for how in ("min", "max"))
    return long.with_columns(first=first.cast(nw.Float64), last=last.cast(nw.Float64))
