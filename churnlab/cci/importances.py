"""Importance as points whose shares count: from ratings, ranks or shares, asked or given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from churnlab import checks
from churnlab.cci import improvement
from churnlab.cci.asked import Asked
from churnlab.checks import InputError

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


def of_row(asked: Asked, most: int) -> nw.Expr:
    """The importance of a row as a number that grows with it: a rating, a share, or of a rank.

    Ranks become rank-order centroids: with n factors, place r weighs Σ 1/i over i = r … n, the
    mean of all sets of weights in that order; equal ranks share the places they take.
    """
    if asked.importance_as != "rank":
        return nw.col("importance")
    own = [*asked.roles, "customer"]
    first, last = (nw.col("importance").rank(how).over(*own) for how in ("min", "max"))
    harmonic, below = _sums(most)
    n = _looked_up(nw.len().over(*own), harmonic)
    shared = _looked_up(last, below) - _looked_up(first - 1, below)
    return n - shared / (last - first + 1)


def given(asked: Asked, factors: Sequence[Any]) -> list[float]:
    """The points of every factor from a table that holds for all customers."""
    names = list(factors)
    scale = asked.scales.importance
    if asked.importance_as == "rating":
        found = improvement.table(asked.importance, asked.factor, "importance", scale)
        found["importance"] *= scale[1] - scale[0]
    else:
        rows = improvement.read(asked.importance, asked.factor, "importance")
        rows = rows.assign(importance=rows["importance"].astype("float64"))
        found = rows.groupby("factor", as_index=False)["importance"].mean()
    improvement.refuse_strangers(found, names, "importance")
    known = found.set_index("factor")["importance"].reindex(names)
    if known.isna().any():
        lacking = ", ".join(checks.plain(name) for name in known.index[known.isna()][:6])
        raise InputError(
            f"the importance table has no number for {lacking}, and customers rated it: give every "
            "factor an importance, or leave its rows out of the ratings."
        )
    values = known.to_numpy(float)
    least = 1.0 if asked.importance_as == "rank" else 0.0
    if (values < least).any() or np.isinf(values).any():
        raise InputError(
            f"importance {values.min():g} of the importance table is no {asked.importance_as}: "
            "rank 1 is what matters most, and shares are numbers from 0 up."
        )
    if asked.importance_as == "rank":
        values = _centroids(values)
    if not values.sum() > 0:
        raise InputError(
            "no factor of the importance table matters: all stand at the floor of the scale."
        )
    return [float(v) for v in values]


def of_factors(factors: Sequence[Any], values: Sequence[float]) -> nw.Expr:
    """The given points of the factor that a row is about."""
    found = nw.lit(0.0)
    for name, value in zip(factors, values, strict=True):
        found = nw.when(nw.col("factor") == name).then(nw.lit(value)).otherwise(found)
    return found


def _centroids(rank: Floats) -> Floats:
    """Rank-order centroids, unnormalised, with equal ranks sharing their places."""
    harmonic, below = _sums(rank.size)
    first = 1 + (rank[:, None] > rank).sum(axis=1)
    last = (rank[:, None] >= rank).sum(axis=1)
    shared = np.array(below)[last] - np.array(below)[first - 1]
    return np.asarray(harmonic[rank.size] - shared / (last - first + 1))


def _sums(most: int) -> tuple[list[float], list[float]]:
    """H(m) = Σ 1/i over i ≤ m, and Σ H(i − 1) over i ≤ m, for m from 0."""
    harmonic = [0.0]
    below = [0.0]
    for m in range(1, most + 1):
        below.append(below[-1] + harmonic[-1])
        harmonic.append(harmonic[-1] + 1 / m)
    return harmonic, below


def _looked_up(place: nw.Expr, values: Sequence[float]) -> nw.Expr:
    found = nw.lit(values[0])
    for m, value in enumerate(values[1:], start=1):
        found = nw.when(place == m).then(nw.lit(value)).otherwise(found)
    return found
