"""The questions from one customer to a million: answers recomputed, wrong roads walked."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F
from statistics import mean, pvariance, variance
from typing import Any

import pandas as pd
import pytest

import churnlab as cl
from churnlab.learn.populations import POPULATIONS

W, D = [F(3, 4), F(1, 2), F(1, 4)], [F(0), F(1, 3), F(2, 3)]
RAW, ERROR = [0.12, 0.18, 0.30], 0.0021
ASKED = {4.0: 100, 0.5: 200}


# ------------------------------------------------------------------ 23.1: covariance


def apart() -> F:
    """Σ (w − mean)(d − mean): the covariance before anything is divided."""
    return sum(((w - mean(W)) * (d - mean(D)) for w, d in zip(W, D, strict=True)), F(0))


def mean_pressure() -> F:
    return F(sum(w * d for w, d in zip(W, D, strict=True)), 3)


# ------------------------------------------------------------------ 23.2: Bo


def three(coverage: int = 10) -> pd.DataFrame:
    rows = [("Ann", "price", 1), ("Ann", "coverage", 7), ("Bo", "price", None),
            ("Bo", "coverage", coverage), ("Cai", "price", 4), ("Cai", "coverage", 7)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["customer", "factor", "satisfaction"])
    return table.assign(importance=10)


def points(ratings: pd.DataFrame, missing: Any = "impute") -> float:
    return float(cl.cci.index(ratings, missing=missing)["cci"].iloc[0])


def bo_alone() -> float:
    filled = three().fillna({"satisfaction": (1 + 4) / 2})
    own = cl.cci.per_customer(filled).frame.set_index("customer")["cci"]
    return float(own["Bo"])


# ------------------------------------------------------------------ 23.3: ranks


def ranked(place: int, n: int) -> float:
    """The share of a place, as the library reads ranks."""
    table = pd.DataFrame({"factor": list("abcdef")[:n], "satisfaction": 9})
    table["importance"] = range(1, n + 1)
    found = cl.cci.matrix(table, importance_as="rank").set_index("factor")
    return float(found["importance_share"].iloc[place - 1])


# ------------------------------------------------------------------ 23.4: weights


def respondents() -> pd.DataFrame:
    weights = [weight for weight, n in ASKED.items() for _ in range(n)]
    table = pd.DataFrame({"customer": range(len(weights)), "weight": weights})
    return table.assign(
        factor="price", satisfaction=[1 + i % 10 for i in table.index], importance=9
    )


def weighted(column: str) -> float:
    return float(cl.cci.index(respondents(), weight="weight")[column].iloc[0])


def total(power: int) -> float:
    return sum(n * weight**power for weight, n in ASKED.items())


# ------------------------------------------------------------------ 23.5: towns


def towns() -> pd.DataFrame:
    """Three towns with these pressures and this error variance: one factor, two customers each."""
    half = ERROR**0.5  # two values m ± h have the variance 2h², and their mean h²
    rows = [
        (town, 1 - m - sign * half) for town, m in zip("ABC", RAW, strict=True) for sign in (1, -1)
    ]
    table = pd.DataFrame(rows, columns=["town", "satisfaction"])
    return table.assign(customer=table.index, factor="price", importance=1)


def in_the_library(column: str) -> float:
    found = cl.cci.rank(towns(), by="town", scale=(0, 1))
    return float(found.set_index("town")[column]["A"])


def pulled(by: float) -> float:
    return RAW[0] + by * (mean(RAW) - RAW[0])


RECOMPUTED: dict[str, Callable[[], Any]] = {
    "23.1": lambda: apart() / 3,
    "23.2": lambda: points(three()),
    "23.3": lambda: ranked(2, 4),
    "23.4": lambda: weighted("n_effective"),
    "23.5": lambda: in_the_library("shrunk"),
}

# The known wrong roads, walked: (question, part of its feedback, the wrong result).
WALKED: list[tuple[str, str, Callable[[], Any]]] = [
    ("23.1", "The sign", lambda: -apart() / 3),
    ("23.1", "mean pressure: take", lambda: mean_pressure()),
    ("23.1", "product of the means: take", lambda: mean(W) * mean(D)),
    ("23.1", "did not divide", lambda: apart()),
    ("23.1", "n − 1", lambda: apart() / 2),
    ("23.2", "excellent", lambda: points(three().fillna({"satisfaction": 10}))),
    ("23.2", "excellent", lambda: points(three(), "renormalise")),
    ("23.2", "leaves Bo out", lambda: points(three(), "complete")),
    ("23.2", "old 4", lambda: points(three(4))),
    ("23.2", "Bo alone", bo_alone),
    ("23.2", "a share", lambda: points(three()) / 100),
    ("23.3", "the first place", lambda: ranked(1, 4)),
    ("23.3", "the third place", lambda: ranked(3, 4)),
    ("23.3", "second of three", lambda: ranked(2, 3)),
    ("23.3", "Divide by the four", lambda: 4 * ranked(2, 4)),
    ("23.3", "weights 4, 3, 2, 1", lambda: F(3, 4 + 3 + 2 + 1)),
    ("23.3", "weights 1, 1/2", lambda: F(1, 2) / sum(F(1, i) for i in range(1, 5))),
    ("23.4", "how many were asked", lambda: weighted("n")),
    ("23.4", "sum of the weights: how", lambda: total(1)),
    ("23.4", "Σω²/Σω", lambda: total(2) / total(1)),
    ("23.4", "wrong way round", lambda: total(2) / total(1) ** 2),
    ("23.4", "number of customers", lambda: total(0) ** 2 / total(2)),
    ("23.5", "raw value", lambda: in_the_library("estimate")),
    ("23.5", "mean of the three", lambda: mean(RAW)),
    ("23.5", "1 − B", lambda: pulled(1 - ERROR / variance(RAW))),
    ("23.5", "by 3", lambda: pulled(ERROR / pvariance(RAW))),
    ("23.5", "true variance", lambda: pulled(ERROR / (ERROR + variance(RAW)))),
]  # fmt: skip


@pytest.mark.parametrize("name", POPULATIONS)
def test_every_known_wrong_road_is_walked(name: str) -> None:
    found = {POPULATIONS[name].check(float(walk())).text for n, _, walk in WALKED if n == name}
    assert found == {why for _, why in POPULATIONS[name].mistakes}


def test_the_towns_have_the_error_variance_of_the_question() -> None:
    assert in_the_library("std_error") ** 2 == pytest.approx(ERROR)
