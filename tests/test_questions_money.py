"""The questions of notebooks 31 and 91: every answer recomputed, and the wrong roads walked.

``tests/test_questions.py`` runs both lists with those of the other notebooks.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp
from typing import Any

import pandas as pd
import pytest

import churnlab as cl
from churnlab.learn import QUESTIONS, Choice, exercise

CLUB = {"revenue": 600, "margin": 0.25}


def club(column: str, churn: float = 0.12) -> float:
    return float(cl.value.churn_cost(8_000, churn, **CLUB).loc[0, column])


def member(timing: str, discount: float = 0.10, column: str = "profit") -> float:
    cost = cl.value.churn_cost(1, 1, **CLUB, retention=0.80, discount=discount)
    return float(cost.set_index("timing").loc[timing, column])


def promised(discount: float) -> float:
    return float(cl.value.implied_churn(0.50, discount=discount)["churn"].iloc[0])


def told(column: str) -> float:
    return float(cl.value.word_of_mouth(25, 0.03, lost=100)[column].iloc[0])


def dealer(**options: Any) -> float:
    return float(cl.purchases.silence(2, rate=1, **options)["silent"].iloc[0])


def calls(term: str, column: str) -> float:
    table = cl.winback.odds(6, 20, prospects_won=9, prospects_tried=90)
    return float(table.set_index("term").loc[term, column])


def rows(status: str | None = None, article: str | None = "000") -> int:
    book = cl.casebook.reproduce()
    kept = book[(book["article"] == article) | (article is None)]
    return int((kept["status"].eq(status) | (status is None)).sum())


def ours(row: str, column: str = "computed") -> float:
    return float(cl.casebook.extensions().set_index("id").loc[row, column])


# Which row of the casebook, or of the extensions, each option of 91.3 is about.
OPTIONS = {
    "a": "carrier-lost-profit",
    "b": "complaint-iceberg",
    "c": "dormancy-false-atrisk",
    "d": "dissatisfied-not-complaining",
    "e": "win-back-ratio",
    "f": "churn-exclude-new-rule",
}


def printed() -> str:
    book = set(cl.casebook.table()["id"])
    return "".join(letter for letter, row in OPTIONS.items() if row in book)


RECOMPUTED: dict[str, Callable[[], Any]] = {
    "31.1": lambda: club("profit"),
    "31.2": lambda: member("start"),
    "31.3": lambda: promised(0.05),
    "31.4": lambda: told("total"),
    "31.5": lambda: dealer(regularity=4),
    "31.6": lambda: calls("risk_ratio", "conf_low"),
    "91.1": lambda: rows("disagrees"),
    "91.2": lambda: ours("cadence-rate-from-4p5"),
    "91.3": printed,
}

WALKED: list[tuple[str, str, Callable[[], Any]]] = [
    ("31.1", "revenue", lambda: club("revenue")),
    ("31.1", "how many", lambda: club("lost")),
    ("31.1", "stayed", lambda: club("profit", churn=0.88)),
    ("31.1", "all members", lambda: club("profit", churn=1)),
    ("31.2", "in a year", lambda: member("end")),
    ("31.2", "forgot the factor", lambda: member("start") / (1 + 0.10)),
    ("31.2", "did not discount", lambda: member("start", discount=0)),
    ("31.2", "No discount", lambda: member("end", discount=0)),
    ("31.2", "revenue", lambda: member("start", column="revenue")),
    ("31.2", "first year", lambda: member("undiscounted")),
    ("31.3", "without discounting", lambda: promised(0)),
    ("31.3", "afterwards", lambda: promised(0.05) - 0.05),
    ("31.3", "retention", lambda: 1 - promised(0.05)),
    ("31.3", "As a share", lambda: 100 * promised(0.05)),
    ("31.4", "one round", lambda: 100 * (1 + told("reproduction"))),
    ("31.4", "followed", lambda: told("total") - told("lost")),
    ("31.4", "second round", lambda: 100 * told("reproduction")),
    ("31.4", "hear it", lambda: told("told") * told("lost")),
    ("31.5", "pure chance", lambda: dealer()),
    ("31.5", "pure chance", lambda: exp(-2)),
    ("31.5", "gaps so long", lambda: dealer(regularity=4, basis="gap")),
    ("31.5", "more recent", lambda: 1 - dealer(regularity=4)),
    ("31.6", "30 % over 10 %", lambda: calls("risk_ratio", "estimate")),
    ("31.6", "6 to 14", lambda: calls("odds_ratio", "estimate")),
    ("31.6", "lower limit of the odds", lambda: calls("odds_ratio", "conf_low")),
    ("31.6", "lower limit of the share", lambda: calls("lost", "conf_low")),
    ("31.6", "upper", lambda: calls("risk_ratio", "conf_high")),
    ("91.1", "agree", lambda: rows("agrees")),
    ("91.1", "quoted", lambda: rows("quoted")),
    ("91.1", "all five", lambda: rows("disagrees", article=None)),
    ("91.1", "state something", lambda: rows()),
    ("91.2", "wrong way round", lambda: 4.5 / 12),
    ("91.2", "at 2.5 visits", lambda: 12 / 2.5),
]


def test_the_bank_is_merged_whole() -> None:
    names = {name for name in QUESTIONS if name[:2] in ("31", "91")}
    assert names == set(RECOMPUTED)
    assert {name for name, _, _ in WALKED} | {"91.3"} == names


def test_the_answers_named_in_a_solution_are_those_of_the_formula() -> None:
    assert exercise("31.2").answer == pytest.approx(150 * 1.1 / (1.1 - 0.8))
    assert exercise("31.3").answer == pytest.approx(0.05 + 0.05 / 0.5 - 0.05)
    rounds = sum(100 * 0.75**k for k in range(200))
    assert exercise("31.4").answer == pytest.approx(rounds)


def test_the_value_of_a_member_is_the_sum_of_the_years() -> None:
    years = pd.Series(range(400))
    worth = (150 * 0.8**years / 1.1**years).sum()
    assert exercise("31.2").answer == pytest.approx(worth)


def test_every_option_of_the_casebook_stands_in_one_of_its_two_tables() -> None:
    question = exercise("91.3")
    assert isinstance(question, Choice)
    assert list(OPTIONS) == list("abcdef")[: len(question.options)]
    book, own = set(cl.casebook.table()["id"]), set(cl.casebook.extensions()["id"])
    for row in OPTIONS.values():
        assert (row in book) != (row in own), row
    assert {letter for letter, _ in question.mistakes} == set(OPTIONS) - set(printed())
