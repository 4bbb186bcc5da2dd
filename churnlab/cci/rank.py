"""Three rankings of the factors, and how sure each is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from churnlab import checks
from churnlab.cci import ranking, shrinkage
from churnlab.cci.answers import Answers, read
from churnlab.cci.asked import IN_CUSTOMER, IN_IMPROVABILITY, Asked, ImportanceAs, Missing
from churnlab.cci.means import Means, means

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

RankKind = Literal["simultaneous", "marginal"]
_COLUMNS = (
    *("criterion", "factor", "n", "estimate", "std_error", "conf_low", "conf_high"),
    *("rank", "rank_low", "rank_high", "tied", "best", "p_top", "mean_rank"),
    *("shrunk", "rank_shrunk"),
)
CRITERIA = ("pressure", "fixable", "stuck")
_EQUAL = 1e-12  # estimates this near are equal but for rounding


def rank(
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
    kind: RankKind = "simultaneous",
    top: int = 1,
    tolerance: float = 0.0,
    level: float = 0.95,
    draws: int = 10_000,
    seed: int = 0,
) -> pd.DataFrame:
    """What drives churn (pressure), what to mend first (fixable), what is dangerous (stuck).

    The trap: the first of six means is first by chance if the others are near; read the set of
    ranks that the data leave, ``rank_low`` to ``rank_high``, before the rank.

    Parameters
    ----------
    ratings, improvability, customer, factor, satisfaction, importance, weight, cluster, by
        As for :func:`matrix`.
    scale, importance_scale, improvability_scale, importance_as, missing
        As for :func:`matrix`; not "impute".
    kind : "simultaneous" or "marginal"
        All sets of a ranking hold together, or each for itself (a factor chosen beforehand).
    top, tolerance
        Places of ``best`` and ``p_top``; how much pressure (0.01: a point of 100) makes a tie.
    level, draws, seed
        Of the sets and limits; normal draws behind the critical values and ``p_top``; their seed.

    Returns
    -------
    DataFrame
        Groups, then ``criterion, factor, n, estimate, std_error, conf_low, conf_high, rank,
        rank_low, rank_high, tied, best, p_top, mean_rank, shrunk, rank_shrunk``; best first.

    Raises
    ------
    InputError
        As for :func:`matrix`.

    Notes
    -----
    rank = 1 + the number of factors above by more than ``tolerance``. k is surely above j if the
    limits of the difference, simultaneous over pairs (the largest absolute t of ``draws``, Student's t
    with customers or clusters − 1 degrees of freedom; a little short for fewer than some 20), lie
    above it; then rank_low = 1 + those surely above, rank_high = p − those surely below (Mogstad,
    Romano, Shaikh and Wilhelm, doi 10.1093/restud/rdad006). A pair without variance is decided by
    its difference; where every group is one customer, all are. ``best``: the simultaneous set
    reaches the ``top``. ``p_top`` and ``mean_rank`` describe draws, know no tolerance, test nothing.
    ``shrunk`` is the empirical-Bayes mean of three or more groups, the variance within them
    pooled; the sets are of the raw means. Improvability counts as known; where it is not, a
    factor is ranked by pressure alone.

    Examples
    --------
    >>> import churnlab as cl
    >>> rank(cl.datasets.load("cci_variant_a")).query("rank == 1")[["criterion", "factor"]]
       criterion          factor
    0   pressure        coverage
    6    fixable        coverage
    12     stuck  new_technology
    """
    asked = Asked(
        improvability, customer, factor, satisfaction, importance, weight, cluster, by,
        scale, importance_scale, improvability_scale, importance_as, missing,
    )  # fmt: skip
    checks.choice("kind", kind, RankKind)
    level, top = checks.confidence(level), checks.whole("top", top, least=1)
    near = checks.number("tolerance", tolerance, most=1.0) + _EQUAL
    n_draws = checks.whole("draws", draws, least=1000)
    seed = checks.whole("seed", seed, least=0)
    answers = read(ratings, asked, _COLUMNS, "cci.rank")
    answers.refuse_imputed("a ranking's error")
    found = means(answers)
    drawn = ranking.Draws.of(n_draws, len(answers.factors), seed)
    parts = []
    for criterion, share in criteria(answers, found).items():
        part = _ranked(answers, found, share, drawn, level=level, top=top, near=near, kind=kind)
        if part.empty:  # improvability is known of factors alone that this group did not rate
            continue
        parts.append(_shrunk(part, answers, found, share, near).assign(criterion=criterion))
    table = pd.concat(parts, ignore_index=True)
    roles = answers.asked.roles
    order = table["criterion"].map({name: i for i, name in enumerate(CRITERIA)})
    table = table.assign(order=order, name=table["factor"].astype("str"))
    table = table.sort_values(["group", "order", "rank", "name"], kind="stable", ignore_index=True)
    groups = answers.sums[answers.by].iloc[table["group"].to_numpy()].reset_index(drop=True)
    result = pd.concat([groups, table[list(_COLUMNS)]], axis=1).rename(columns=roles)
    result.attrs = answers.carried("cci.rank")
    result.attrs |= {"level": level, "tolerance": float(tolerance), "kind": kind, "top": top}
    return result


def criteria(answers: Answers, found: Means) -> Mapping[str, Floats]:
    """What each criterion counts of the pressure: (groups, factors); missing where unknown."""
    groups = answers.sums[answers.by].iloc[found.at]
    ease = np.column_stack(
        [answers.improvability(groups.assign(factor=name)).to_numpy() for name in answers.factors]
    )
    shares = {"pressure": np.ones_like(ease)}
    if not np.isnan(ease).all():
        shares |= {"fixable": ease, "stuck": 1 - ease}
    return shares


def _ranked(
    answers: Answers, found: Means, share: Floats, drawn: ranking.Draws, *,
    level: float, top: int, near: float, kind: RankKind,
) -> pd.DataFrame:  # fmt: skip
    """The ranking by one criterion in every group: one row per (group, known factor)."""
    parts = []
    rated = answers.sums[[f"n_{k}" for k in range(share.shape[1])]].to_numpy()[found.at]
    for g in range(len(found.at)):
        known = np.flatnonzero((rated[g] > 0) & ~np.isnan(share[g]))
        if not known.size:
            continue
        estimate = found.pressure[g, known] * share[g, known]
        scaled = share[g, known][:, None] * share[g, known]
        covariance = found.covariance[g][np.ix_(known, known)] * scaled
        ranks, tied = ranking.ranks(estimate, near)
        values: dict[str, Any] = {
            "group": found.at[g], "factor": [answers.factors[k] for k in known],
            "n": rated[g, known].astype("int64"), "estimate": estimate, "rank": ranks, "tied": tied,
        }  # fmt: skip
        df = float(found.df[g])
        if df > 0:
            errors = drawn.errors(covariance, df)
            errors[:, np.diag(covariance) == 0] = 0.0
            values |= _sure(
                estimate, covariance, errors, level=level, top=top, near=near, kind=kind
            )
            half = stdtrit(df, 0.5 + level / 2) * values["std_error"]
            ends = np.maximum(estimate - half, 0), np.minimum(estimate + half, 1)
            values |= dict(zip(("conf_low", "conf_high"), ends, strict=True))
        elif (answers.sums["n_seen"] == 1).all():
            values |= _of_one(ranks, estimate, near, top)
        else:  # one customer, or one cluster, stands for others
            values |= _unknown(estimate.size)
        parts.append(pd.DataFrame(values))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _sure(
    estimate: Floats, covariance: Floats, errors: Floats, *,
    level: float, top: int, near: float, kind: RankKind,
) -> dict[str, Any]:  # fmt: skip
    """What the data leave of a ranking: sets of ranks, and how often a factor is on top."""
    sets = ranking.rank_sets(estimate, covariance, errors, level=level, tolerance=near)
    together = kind == "simultaneous"
    chance, mean = ranking.among_the_top(estimate + errors, top)
    return {
        "std_error": np.sqrt(np.diag(covariance)),
        "rank_low": sets.low_together if together else sets.low,
        "rank_high": sets.high_together if together else sets.high,
        "best": sets.low_together <= top,
        "p_top": chance,
        "mean_rank": mean,
    }


def _unknown(p: int) -> dict[str, Any]:
    """One customer or cluster of a sample tells nothing of it: any factor may have any rank."""
    names = ("std_error", "conf_low", "conf_high", "p_top", "mean_rank")
    nothing = dict.fromkeys(names, np.full(p, np.nan))
    return {**nothing, "rank_low": np.ones(p, np.int64), "rank_high": np.full(p, p), "best": True}


def _of_one(ranks: Any, estimate: Floats, near: float, top: int) -> dict[str, Any]:
    """Nothing was sampled: one customer's ranking is what it is, ties apart."""
    last = estimate.size - (estimate[None, :] - estimate[:, None] < -near).sum(axis=1)
    chance, mean = ranking.among_the_top(estimate[None, :], top)
    nothing = np.full(estimate.size, np.nan)
    return {
        "std_error": nothing, "conf_low": nothing, "conf_high": nothing, "rank_low": ranks,
        "rank_high": last, "best": ranks <= top, "p_top": chance, "mean_rank": mean,
    }  # fmt: skip


def _shrunk(
    part: pd.DataFrame, answers: Answers, found: Means, share: Floats, near: float
) -> pd.DataFrame:
    """The empirical-Bayes mean of every factor over the groups, and its rank within the group."""
    own = np.einsum("gjj->gj", found.covariance)
    place = {group: g for g, group in enumerate(found.at)}
    value = np.full(len(part), np.nan)
    for k, name in enumerate(answers.factors):
        at = np.flatnonzero((part["factor"] == name).to_numpy())
        g = np.array([place[group] for group in part["group"].iloc[at]], dtype=np.intp)
        variance = shrinkage.pooled_variance(own[g, k], found.n_effective[g]) * share[g, k] ** 2
        value[at] = shrinkage.shrunk(part["estimate"].to_numpy()[at], variance)
    part = part.assign(shrunk=value)
    ranks = pd.Series(pd.NA, index=part.index, dtype="Int64")
    for _, rows in part.groupby("group", sort=False):
        if rows["shrunk"].notna().all():
            ranks[rows.index] = ranking.ranks(rows["shrunk"].to_numpy(), near)[0]
    return part.assign(rank_shrunk=ranks)
