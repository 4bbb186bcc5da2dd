"""More than two groups: a trend along them, and each of them against each."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import chdtrc

from churnlab import checks, intervals
from churnlab.checks import IfPresent, InputError
from churnlab.compare.counts import compared
from churnlab.compare.frames import paired, result, same, tested
from churnlab.compare.scores import Scorer, Scores, Weighting, chi_squared, weigher
from churnlab.survival.tally import FROM_TABLE, Cells, Roles

Adjust = Literal["holm", "bh", "none"]


def trend(
    spells: Any,
    *,
    by: str,
    scores: Mapping[Any, float] | None = None,
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
    """Whether customers leave ever sooner, or ever later, along groups that have an order.

    The trap: the order and its scores must be fixed before looking at the curves; and words are
    ordered by their letters (high, low, medium) unless ``scores`` say otherwise.

    Parameters
    ----------
    spells, duration, event, entry, weight, count, event_value, cluster, timefix
        As in :func:`churnlab.survival.kaplan_meier`.
    by : str
        Column of the groups.
    scores : mapping, optional
        Group to number, with None for the missing. Unless said, numbers are their own scores (text
        too, if all of it is numbers) and others score 0, 1, 2, … in their order.
    strata, weighting, rho, gamma
        As in :func:`logrank`.

    Returns
    -------
    DataFrame
        As of :func:`logrank`, with df 1.

    Raises
    ------
    InputError
        Where a group has no score, or all have the same; and as in :func:`logrank`.

    Notes
    -----
    With scores c: (c'U)² / c'Vc of the U and V of :func:`logrank`. Only distances between scores
    matter: c and a + b c give the same.

    Examples
    --------
    >>> six = pd.DataFrame({"duration": [1, 2, 3, 2, 4, 5], "event": [1, 1, 1, 1, 0, 0],
    ...     "plan": ["basic", "basic", "plus", "plus", "full", "full"]})
    >>> order = {"basic": 0, "plus": 1, "full": 2}
    >>> trend(six, by="plan", scores=order)[["statistic", "df", "p_value"]].round(4)
       statistic  df  p_value
    0     5.4396   1   0.0197
    """
    weigh, groups = weigher(weighting, rho, gamma), checks.group_columns(by, ())
    if len(groups) > 1:
        raise InputError(f"by={by!r}: a trend runs along one column.")
    roles = Roles(
        duration, event, entry, weight, count, event_value, groups, cluster,
        strata=checks.group_columns(strata, (), argument="strata"), timefix=timefix,
    )  # fmt: skip
    cells, names = compared(spells, roles, "trend")
    along = _scored(cells, names, scores, groups[0])
    scorer = Scorer(cells, weigh)
    return tested(spells, cells, weighting, scorer.formula, _along(scorer.scores(), along))


def pairwise(
    spells: Any,
    *,
    by: str | Sequence[str],
    strata: str | Sequence[str] | None = None,
    weighting: Weighting = "logrank",
    rho: float = 0,
    gamma: float = 0,
    adjust: Adjust = "holm",
    duration: str = "duration",
    event: str = "event",
    entry: str | None = IfPresent("entry"),
    weight: str | None = None,
    count: str | None = FROM_TABLE,
    event_value: Any = None,
    cluster: str | None = FROM_TABLE,
    timefix: bool = True,
) -> pd.DataFrame:
    """Which of several groups differ from which, with p values corrected for the number of pairs.

    The trap: ten groups make 45 pairs, and two or three of them have p < 0.05 where nothing differs
    at all; read ``p_adjusted``.

    Parameters
    ----------
    spells, by, strata, weighting, rho, gamma, duration, event, entry, weight, count
        As in :func:`logrank`.
    event_value, cluster, timefix
        As in :func:`logrank`.
    adjust : {"holm", "bh", "none"}
        Keeps down the chance of any false alarm (Holm), or the share of false alarms among the
        alarms (Benjamini–Hochberg).

    Returns
    -------
    DataFrame
        A row per pair: ``group, reference`` (several columns joined by ", "), ``statistic, df,
        p_value, p_adjusted``.

    Raises
    ------
    InputError
        As in :func:`logrank`.

    Notes
    -----
    Each pair uses the spells of its two groups alone, as if there were no others. A pair in which
    nothing could be compared has df 0, is missing, and is not among the tests corrected for.

    Examples
    --------
    >>> six = pd.DataFrame({"duration": [1, 2, 3, 2, 4, 5], "event": [1, 1, 1, 1, 0, 0],
    ...     "plan": ["basic", "basic", "plus", "plus", "full", "full"]})
    >>> pairwise(six, by="plan")[["group", "reference", "p_value", "p_adjusted"]].round(4)
      group reference  p_value  p_adjusted
    0  full     basic   0.0896      0.2687
    1  plus     basic   0.2253      0.2687
    2  plus      full   0.0896      0.2687
    """
    weigh = weigher(weighting, rho, gamma)
    checks.choice("adjust", adjust, Adjust)
    roles = Roles(
        duration, event, entry, weight, count, event_value, checks.group_columns(by, ()), cluster,
        strata=checks.group_columns(strata, (), argument="strata"), timefix=timefix,
    )  # fmt: skip
    cells, names = compared(spells, roles, "pairwise")
    scorer = Scorer(cells, weigh)
    pairs = list(itertools.combinations(range(len(names)), 2))
    tests = [chi_squared(scorer.scores(pair)) for pair in pairs]
    columns: dict[str, Any] = paired(cells, [(b, a) for a, b in pairs])
    columns |= {
        k: [test[i] for test in tests] for i, k in enumerate(("statistic", "df", "p_value"))
    }
    p = np.array(columns["p_value"], dtype=np.float64)
    return result(spells, cells, columns | {"p_adjusted": _adjusted(p, adjust)})


def _along(found: Scores, along: npt.NDArray[np.float64]) -> tuple[float, int, float]:
    variance = float(along @ found.variance @ along)
    least = 1e-12 * float(np.abs(along) @ np.abs(found.variance) @ np.abs(along))
    if not found.free.size or found.n_parts < 2 or variance <= least:
        return np.nan, 0, np.nan
    statistic = float(along @ found.score) ** 2 / variance
    return statistic, 1, float(chdtrc(1, statistic))


def _scored(
    cells: Cells, names: list[str], scores: Mapping[Any, float] | None, by: str
) -> npt.NDArray[np.float64]:
    """The score of every group, around their mean."""
    values = list(cells.groups.iloc[:, 0])
    if scores is not None:
        if not isinstance(scores, Mapping):
            raise InputError(f"scores={scores!r} must map each group to a number.")
        along = [_given(value, scores) for value in values]
    else:
        along = _own(values)
    lacking = [name for name, score in zip(names, along, strict=True) if score is None]
    if lacking:
        raise InputError(
            f"column {by!r} holds groups without a score ({', '.join(lacking[:6])}): give one to each "
            "in scores= (None is the missing), or leave those rows out."
        )
    line = np.array(along, dtype=np.float64)
    if not np.isfinite(line).all() or (line == line[0]).all():
        raise InputError("scores must be finite numbers that differ from group to group.")
    return np.asarray((line - line.mean()) / np.abs(line - line.mean()).max())


def _given(value: Any, scores: Mapping[Any, float]) -> float | None:
    return next((float(score) for key, score in scores.items() if same(value, key)), None)


def _own(values: list[Any]) -> list[float | None]:
    """Numbers for themselves, others in their order; nothing for the missing."""
    lacking = [bool(pd.isna(value)) for value in values]
    try:
        return [None if gone else float(v) for v, gone in zip(values, lacking, strict=True)]
    except (TypeError, ValueError):
        return [None if gone else float(place) for place, gone in enumerate(lacking)]


def _adjusted(p: npt.NDArray[np.float64], adjust: Adjust) -> npt.NDArray[np.float64]:
    done = ~np.isnan(p)
    correct = {"holm": intervals.holm, "bh": intervals.benjamini_hochberg}.get(adjust)
    adjusted = p.copy()
    if correct and done.any():
        adjusted[done] = correct(p[done])
    return adjusted
