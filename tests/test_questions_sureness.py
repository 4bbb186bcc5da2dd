"""The questions on how sure a ranking is: answers recomputed, every wrong road walked."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F
from functools import cache
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, t

import churnlab as cl
from churnlab.learn import exercise
from churnlab.learn.sureness import SURENESS

# ------------------------------------------------------------------ 24.1: a difference

PRICE, COVERAGE = np.array([5, 20, 35]), np.array([8, 27, 37])
GAP = COVERAGE - PRICE
COV = np.cov(PRICE, COVERAGE)


def error_of(variance: float, n: int = 3) -> float:
    return sqrt(variance / n)


# ------------------------------------------------------------------ 24.2: places by brute force


def places(above: int = 2, below: int = 1, n: int = 6) -> list[int]:
    """Try every value of a factor among others that are surely above it, below it, or open."""
    found = set()
    for open_above in range(n - above - below):
        found.add(above + open_above + 1)
    return [min(found), max(found)]


# ------------------------------------------------------------------ 24.3: who may be among three


@cache
def ranked(weight: str | None = "weight", top: int = 3, ease: bool = False) -> pd.DataFrame:
    table = cl.datasets.load("cci_table_2")[["factor", "improvability"]]
    asked = cl.datasets.generate_ratings(400, seed=7, waves=1)
    return cl.cci.rank(asked, weight=weight, top=top, improvability=table if ease else None)


def may_be(**how: Any) -> int:
    return int(ranked(**how)["best"].sum())


# ------------------------------------------------------------------ 24.4: a break-even


def moved(criterion: str, rating: str, column: str = "break_even") -> float:
    found = cl.cci.stability(cl.datasets.load("cci_variant_a"))
    row = (found["criterion"] == criterion) & (found["factor"] == "coverage")
    return float(found.loc[row & (found["moved"] == rating), column].iloc[0])


# ------------------------------------------------------------------ 24.5: how many to ask


def needed(in_errors: float, error: float = 0.6, delta: float = 1.0, n: int = 200) -> float:
    """n at which delta is so many standard errors."""
    return n * (in_errors / (delta / error)) ** 2


RECOMPUTED: dict[str, Callable[[], Any]] = {
    "24.1": lambda: GAP.std(ddof=1) / sqrt(3),
    "24.2": places,
    "24.3": may_be,
    "24.4": lambda: moved("pressure", "satisfaction"),
    "24.5": lambda: needed(2.9 + 0.84),
}

# The known wrong roads, walked: (question, part of its feedback, the wrong result).
WALKED: list[tuple[str, str, Callable[[], Any]]] = [
    ("24.1", "left out the covariance", lambda: error_of(COV[0, 0] + COV[1, 1])),
    ("24.1", "not added", lambda: error_of(COV[0, 0] + COV[1, 1] + 2 * COV[0, 1])),
    ("24.1", "standard deviation", lambda: GAP.std(ddof=1)),
    ("24.1", "take its root", lambda: GAP.var(ddof=1) / 3),
    ("24.1", "n − 1", lambda: error_of(GAP.var())),
    ("24.1", "That is t", lambda: GAP.mean() / error_of(GAP.var(ddof=1))),
    ("24.1", "half the width", lambda: t.ppf(0.975, 2) * error_of(GAP.var(ddof=1))),
    ("24.2", "1 + 2", lambda: [2, 6 - 1]),
    ("24.2", "cannot be last", lambda: places(below=0)),
    ("24.2", "counts", lambda: [2, 1]),
    ("24.2", "other end", lambda: places(above=1, below=2)),
    ("24.2", "least rank first", lambda: places()[::-1]),
    ("24.2", "neither above nor below", lambda: [1 + 2, 1 + 2]),
    ("24.3", "without the weights", lambda: may_be(weight=None)),
    ("24.3", "are ranked", lambda: int((ranked()["rank"] <= 3).sum())),
    ("24.3", "for sure", lambda: int((ranked()["rank_high"] <= 3).sum())),
    ("24.3", "top=1", lambda: may_be(top=1)),
    ("24.3", "three rankings", lambda: may_be(ease=True)),
    ("24.3", "Image is surely", lambda: len(ranked())),
    ("24.4", "lacking", lambda: 10 - moved("pressure", "satisfaction")),
    ("24.4", "for importance", lambda: moved("pressure", "importance")),
    ("24.4", "by fixable", lambda: moved("fixable", "satisfaction")),
    ("24.4", "with new technology", lambda: F(10) - 9 * F(8, 9)),
    ("24.4", "today", lambda: moved("pressure", "satisfaction", "value")),
    ("24.4", "by how much", lambda: moved("pressure", "satisfaction")
        - moved("pressure", "satisfaction", "value")),
    ("24.5", "half of the surveys", lambda: needed(2.9)),
    ("24.5", "a single pair", lambda: needed(1.96 + 0.84)),
    ("24.5", "square the ratio", lambda: 200 * sqrt(needed(2.9 + 0.84) / 200)),
    ("24.5", "it is 0.6", lambda: needed(2.9 + 0.84, error=1)),
    ("24.5", "on top of", lambda: needed(2.9 - 0.84)),
    ("24.5", "not fewer", lambda: 200**2 / needed(2.9 + 0.84)),
]  # fmt: skip


@pytest.mark.parametrize("name", SURENESS)
def test_every_known_wrong_road_is_walked(name: str) -> None:
    found = [SURENESS[name].check(walk()).text for n, _, walk in WALKED if n == name]
    assert sorted(set(found)) == sorted(why for _, why in SURENESS[name].mistakes)


def test_the_difference_by_both_ways() -> None:
    assert (GAP.tolist(), GAP.mean()) == ([3, 7, 2], 4)
    assert COV.round(9).tolist() == [[225, 217.5], [217.5, 217]]
    assert COV[0, 0] + COV[1, 1] - 2 * COV[0, 1] == pytest.approx(GAP.var(ddof=1)) == 7


def test_image_alone_is_not_among_the_first_three() -> None:
    table = ranked()
    assert table.loc[~table["best"], "factor"].tolist() == ["image"]
    assert table["criterion"].unique().tolist() == ["pressure"]


def test_the_break_even_solves_the_equation_of_the_solution() -> None:
    s = F(22, 7)
    assert F(7, 23) * (10 - s) / 9 == F(16, 69)
    assert exercise("24.4").answer == pytest.approx(float(s))


def test_so_many_customers_find_the_difference_in_80_of_100_surveys() -> None:
    """Beyond 2.9 errors, of a true difference of one point, by the normal distribution."""
    for n, power in {exercise("24.5").answer: 0.8, needed(2.9): 0.5}.items():
        error = 0.6 * sqrt(200 / n)
        assert norm.sf(2.9 - 1 / error) == pytest.approx(power, abs=0.001)
