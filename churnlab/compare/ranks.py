"""Tests of whole curves: whether customers of some groups leave sooner than those of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from churnlab import checks
from churnlab.checks import IfPresent
from churnlab.compare.counts import compared
from churnlab.compare.frames import tested
from churnlab.compare.scores import Scorer, Weighting, chi_squared, weigher
from churnlab.survival.frames import assemble
from churnlab.survival.risk import weight_of
from churnlab.survival.tally import FROM_TABLE, Roles

_EXPECTED = ("n", "n_event", "expected", "ratio", "score_variance")


def logrank(
    spells: Any,
    *,
    by: str | Sequence[str],
    strata: str | Sequence[str] | None = None,
    weighting: Weighting = "logrank",
    rho: float = 0,
    gamma: float = 0,
    duration: str = "duration",
    event: str = "event",
    entry: str | None = IfPresent("entry"),
    weight: str | None = None,
    count: str | None = FROM_TABLE,
    event_value: Any = None,
    cluster: str | None = FROM_TABLE,
    timefix: bool = True,
) -> pd.DataFrame:
    """Whether groups of customers leave at different speeds, judged over the whole of their curves.

    The trap: of curves that cross it may see nothing, and of five weightings one always looks
    best: choose one before looking. It says whether groups differ, never by how much.

    Parameters
    ----------
    spells, duration, event, entry, weight, count, event_value, cluster, timefix
        As in :func:`churnlab.survival.kaplan_meier`.
    by : str or list
        Columns of the groups; missing is a group of its own.
    strata : str or list, optional
        Columns: customers are compared within a stratum only, such as their year of start.
    weighting : {"logrank", "gehan", "tarone-ware", "peto", "fleming-harrington"}
        W below: which durations count for more.
    rho, gamma : float
        Of "fleming-harrington": rho counts early churn for more, gamma late churn.

    Returns
    -------
    DataFrame
        ``weighting, n, n_event, statistic, df, p_value, variance``.

    Raises
    ------
    InputError
        For one group, no churn, and as in :func:`churnlab.survival.life_table`.

    Notes
    -----
    U = Σ W (d_g − n_g d/n), statistic U'V⁻U, over durations with a churn; all sums, and W, within
    strata. W: 1; n; √n; S̃(t) = Π (1 − d/(n + 1)) up to t itself (peto); S(t−)^rho (1 − S(t−))^gamma,
    Kaplan–Meier of all groups just before t (R's rho). V is hypergeometric; with fractional weights
    or ``cluster`` robust (Lin and Wei): squares of the summed influences, ties as Breslow's.
    df is the number of groups compared less 1. Missing: nobody to compare with, too few clusters.

    Examples
    --------
    >>> six = pd.DataFrame({"duration": [1, 2, 3, 2, 4, 5], "event": [1, 1, 1, 1, 0, 0],
    ...     "plan": ["a", "a", "a", "b", "b", "b"]})
    >>> logrank(six, by="plan")[["n", "n_event", "statistic", "df", "p_value"]].round(4)
       n  n_event  statistic  df  p_value
    0  6        4     2.2443   1   0.1341
    """
    weigh = weigher(weighting, rho, gamma)
    roles = Roles(
        duration, event, entry, weight, count, event_value, checks.group_columns(by, ()), cluster,
        strata=checks.group_columns(strata, (), argument="strata"), timefix=timefix,
    )  # fmt: skip
    cells, _ = compared(spells, roles, "logrank")
    scorer = Scorer(cells, weigh)
    return tested(spells, cells, weighting, scorer.formula, chi_squared(scorer.scores()))


def observed_expected(
    spells: Any,
    *,
    by: str | Sequence[str],
    strata: str | Sequence[str] | None = None,
    duration: str = "duration",
    event: str = "event",
    entry: str | None = IfPresent("entry"),
    weight: str | None = None,
    count: str | None = FROM_TABLE,
    event_value: Any = None,
    cluster: str | None = FROM_TABLE,
    timefix: bool = True,
) -> pd.DataFrame:
    """How many churns each group has, beside how many it would have if all left at one speed.

    The trap: the ratio of a group is against all customers, itself among them; the ratio of two
    groups' ratios lies nearer to 1 than their hazard ratio.

    Parameters
    ----------
    spells, by, strata, duration, event, entry, weight, count, event_value, cluster, timefix
        As in :func:`logrank`.

    Returns
    -------
    DataFrame
        A row per group: groups, ``n, n_event, expected, ratio`` (missing where nothing is
        expected), ``score_variance``.

    Raises
    ------
    InputError
        As in :func:`logrank`.

    Notes
    -----
    expected = Σ n_g d/n over durations with a churn, within strata; expected and seen have the same
    sum. Of two groups, (n_event − expected)² / score_variance is the log-rank statistic.

    Examples
    --------
    >>> six = pd.DataFrame({"duration": [1, 2, 3, 2, 4, 5], "event": [1, 1, 1, 1, 0, 0],
    ...     "plan": ["a", "a", "a", "b", "b", "b"]})
    >>> observed_expected(six, by="plan").round(4)
      plan  n  n_event  expected   ratio  score_variance
    0    a  3        3    1.6333  1.8367          0.8322
    1    b  3        1    2.3667  0.4225          0.8322
    """
    groups = checks.group_columns(by, _EXPECTED)
    roles = Roles(
        duration, event, entry, weight, count, event_value, groups, cluster,
        strata=checks.group_columns(strata, (), argument="strata"), timefix=timefix,
    )  # fmt: skip
    cells, names = compared(spells, roles, "observed_expected", taken=_EXPECTED)
    found = Scorer(cells, weigher("logrank", 0, 0)).scores()
    sizes = np.bincount(cells.frame["group"], weight_of(cells.frame), len(names))
    columns = {
        "n": sizes if cells.fractional else sizes.astype(np.int64),
        "n_event": found.observed,
        "expected": found.expected,
        "ratio": np.divide(
            found.observed, found.expected, out=np.full(len(names), np.nan),
            where=found.expected > 0,
        ),
        "score_variance": np.diag(found.variance),
    }  # fmt: skip
    parts = [{c: values[[g]] for c, values in columns.items()} for g in range(len(names))]
    return assemble(spells, cells, groups, _EXPECTED, parts)
