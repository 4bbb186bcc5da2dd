"""The questions of notebook 03: every answer recomputed, and the wrong roads walked.

``tests/test_questions.py`` runs both lists with those of the other notebooks.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from churnlab.learn import QUESTIONS, Choice, exercise


def by_hand(alpha: float, beta: float, renewals: int) -> float:
    """The product of the retention rates."""
    t = np.arange(1, renewals + 1)
    return float(np.prod((beta + t - 1) / (alpha + beta + t - 1)))


def percent(segment: str) -> pd.Series:
    table = cl.datasets.load("shifted_beta_geometric")
    return table[table["segment"] == segment].set_index("year")["percent"]


@cache
def fitted(segment: str) -> cl.renewals.Renewals:
    seen = 10 * percent(segment)[:8]
    return cl.renewals.fit(pd.DataFrame({"age": seen.index, "customers": seen.to_numpy()}))


def projected(segment: str, year: int, column: str = "estimate") -> float:
    return float(fitted(segment).project(year)[column].iloc[-1])


def worth(convention: str, renewals: int = 4, discount: float = 0.15) -> float:
    table = fitted("High End").derl(renewals, discount=discount)
    return 20 * float(table.set_index("convention").loc[convention, "estimate"])


def case(number: int, age: int, column: str = "retention") -> float:
    rows = cl.datasets.load("contract_cohorts").query(f"case == {number}")
    parts = [rows[rows["year"] <= 4 - start].assign(cohort=start) for start in range(4)]
    return float(cl.renewals.fit(pd.concat(parts), age="year").project(age)[column].iloc[-1])


def true_options() -> str:
    """What holds of a generated cohort in which no customer ever changes, and is not treated."""
    rng = np.random.default_rng(5)
    theta = rng.beta(0.704, 1.182, 200_000)
    life = rng.geometric(theta)
    rate = [float((life > t).sum() / (life > t - 1).sum()) for t in range(1, 13)]
    newcomers = float((rng.geometric(rng.beta(0.704, 1.182, 200_000)) > 1).mean())
    young, old = ((1 - theta[life > t]).mean() for t in (0, 11))
    assert rate[-1] - rate[0] > 0.25  # the report's two figures, from customers who never change
    holds = {
        "a": old > young,
        "b": False,  # by construction
        "c": 1 - rate[0] > theta[life > 11].mean(),
        "d": newcomers > 0.9,
        "e": False,  # there is no programme
        "f": abs(rate[0] - rate[-1]) > 0.01,
    }
    return "".join(letter for letter, true in holds.items() if true)


RECOMPUTED: dict[str, Callable[[], Any]] = {
    "03.1": lambda: by_hand(1, 3, 2),
    "03.2": lambda: 1000 * projected("Regular", 12) / projected("Regular", 7),
    "03.3": lambda: worth("with_current"),
    "03.4": lambda: case(2, 5),
    "03.5": true_options,
}

WALKED: list[tuple[str, str, Callable[[], Any]]] = [
    ("03.1", "same retention rate twice", lambda: by_hand(1, 3, 1) ** 2),
    ("03.1", "share lost", lambda: 1 - by_hand(1, 3, 2)),
    ("03.1", "second retention", lambda: by_hand(1, 3, 2) / by_hand(1, 3, 1)),
    ("03.1", "β = 2", lambda: by_hand(1, 2, 2)),
    ("03.2", "who begin; these", lambda: 1000 * projected("Regular", 12)),
    ("03.2", "High End", lambda: 1000 * projected("High End", 12) / projected("High End", 7)),
    ("03.2", "what happened", lambda: 1000 * percent("Regular")[12] / percent("Regular")[7]),
    ("03.2", "37.3 %", lambda: 1000 * projected("Regular", 1) ** 5),
    ("03.2", "year 7", lambda: 1000 * projected("Regular", 7, "retention") ** 5),
    ("03.3", "next_now", lambda: worth("next_now")),
    ("03.3", "next_discounted", lambda: worth("next_discounted")),
    ("03.3", "10 %", lambda: worth("with_current", discount=0.10)),
    ("03.3", "seven", lambda: worth("with_current", renewals=7)),
    ("03.3", "not renewed", lambda: worth("with_current", renewals=0)),
    ("03.3", "In dollars", lambda: worth("with_current") / 20),
    ("03.4", "case 1", lambda: case(1, 5)),
    ("03.4", "S(5)", lambda: case(2, 5, "estimate")),
    ("03.4", "fourth", lambda: case(2, 4)),
    ("03.4", "first renewal", lambda: case(2, 1)),
    ("03.4", "churn rate", lambda: 1 - case(2, 5)),
]


def test_the_bank_is_merged_whole() -> None:
    names = {name for name in QUESTIONS if name.startswith("03.")}
    assert names == set(RECOMPUTED)
    assert {name for name, _, _ in WALKED} | {"03.5"} == names


def test_every_known_mistake_is_walked() -> None:
    for name in set(RECOMPUTED) - {"03.5"}:
        walked = [why for each, why, _ in WALKED if each == name]
        assert len(walked) == len(exercise(name).mistakes)


def test_the_report_of_the_last_question_is_that_of_the_regular_cohort() -> None:
    actual = percent("Regular")
    assert round(actual[1]) == 63 and round(100 * actual[12] / actual[11]) == 95


def test_the_wrong_options_are_those_that_have_a_word() -> None:
    question = exercise("03.5")
    assert isinstance(question, Choice) and len(question.options) == 6
    assert {letter for letter, _ in question.mistakes} == set("abcdef") - set(true_options())


def test_the_retention_formula_by_hand_is_that_of_the_library() -> None:
    alpha, beta = fitted("Regular").coefficients["estimate"]
    assert by_hand(alpha, beta, 12) == pytest.approx(projected("Regular", 12))
