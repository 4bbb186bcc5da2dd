"""The questions on the Customer Churn Index: every answer recomputed, every wrong road walked."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F
from functools import cache
from typing import Any

import pandas as pd
import pytest

import churnlab as cl
from churnlab.learn.ratings import RATINGS

Answers = dict[str, tuple[int, int]]

LOW_END: Answers = {"price": (4, 9), "new_technology": (3, 1), "coverage": (6, 6)}
ANN: Answers = {"A": (1, 10), "B": (10, 10), "C": (10, 10)}
BO: Answers = {"A": (10, 10), "B": (2, 10), "C": (10, 1)}


def one(answers: Answers, customer: str = "1") -> pd.DataFrame:
    rows = [(customer, factor, s, i) for factor, (s, i) in answers.items()]
    return pd.DataFrame(rows, columns=["customer", "factor", "satisfaction", "importance"])


def pressure(ratings: pd.DataFrame, factor: str, column: str = "pressure") -> float:
    return float(cl.cci.matrix(ratings).set_index("factor").loc[factor, column])


def what_if(factor: str, column: str, rating: int, name: str = "cci_table_2") -> pd.DataFrame:
    table = cl.datasets.load(name)
    table.loc[table["factor"] == factor, column] = rating
    return table


def points(ratings: pd.DataFrame, column: str = "cci") -> float:
    return float(cl.cci.index(ratings)[column].iloc[0])


def opinions(holds: Callable[[pd.DataFrame], bool]) -> list[int]:
    """The improvabilities of new technology, in variant A, at which something holds."""
    found = []
    for m in range(1, 11):
        table = cl.cci.matrix(what_if("new_technology", "improvability", m, "cci_variant_a"))
        found += [m] * bool(holds(table.set_index("factor")))
    return found


def first_in(column: str, factor: str) -> Callable[[pd.DataFrame], bool]:
    return lambda table: table[column].idxmax() == factor


@cache
def fall(same_customers: bool, weight: str | None) -> float:
    made = cl.datasets.generate_ratings(5_000, seed=7)
    if same_customers:
        made = made[made["customer"].isin(made[made["wave"] == 2]["customer"])]
    waves = cl.cci.index(made, by="wave", weight=weight)["cci"]
    return float(waves[0] - waves[1])


def ann_and_bo(factors: str) -> pd.DataFrame:
    both = pd.concat([one(ANN, "Ann"), one(BO, "Bo")])
    return both[both["factor"].isin(list(factors))]


def averaged_first() -> pd.DataFrame:
    both = ann_and_bo("ABC")
    return both.groupby("factor", as_index=False)[["satisfaction", "importance"]].mean()


SLIPPED = {score: what_if("customer_service", "satisfaction", score) for score in (1, 4, 10)}

RECOMPUTED: dict[str, Callable[[], Any]] = {
    "21.1": lambda: pressure(one(LOW_END), "price"),
    "21.2": lambda: points(SLIPPED[4]),
    "21.3": lambda: max(opinions(first_in("stuck", "new_technology"))),
    "21.4": lambda: points(what_if("price", "importance", 10)),
    "21.5": lambda: pressure(ann_and_bo("ABC"), "A"),
    "21.6": lambda: fall(True, "weight"),
}

# The known wrong roads, walked: (question, part of its feedback, the wrong result).
WALKED: list[tuple[str, str, Callable[[], Any]]] = [
    ("21.1", "raw ratings", lambda: F(9, 9 + 1 + 6) * F(10 - 4, 9)),
    ("21.1", "nine steps", lambda: F(8, 8 + 0 + 5) * (1 - F(4, 10))),
    ("21.1", "took the satisfaction", lambda: F(8, 8 + 0 + 5) * F(4 - 1, 9)),
    ("21.1", "share alone", lambda: pressure(one(LOW_END), "price", "importance_share")),
    ("21.1", "deficit alone", lambda: pressure(one(LOW_END), "price", "deficit")),
    ("21.1", "in points", lambda: 100 * pressure(one(LOW_END), "price")),
    ("21.2", "unchanged", lambda: points(SLIPPED[10])),
    ("21.2", "what service adds", lambda: points(SLIPPED[4]) - points(SLIPPED[10])),
    ("21.2", "a share", lambda: points(SLIPPED[4]) / 100),
    ("21.2", "at the floor", lambda: points(SLIPPED[1])),
    ("21.2", "forgot the deficit", lambda: 100 * F(7 + 3, 23)),
    ("21.2", "fixable part", lambda: points(SLIPPED[4], "fixable")),
    ("21.3", "overtaken", lambda: min(opinions(first_in("stuck", "coverage")))),
    ("21.3", "variant A itself", lambda: cl.datasets.load("cci_variant_a")["improvability"].iloc[-1]),
    ("21.3", "'danger' ends", lambda: max(opinions(
        lambda table: table.loc["new_technology", "verdict"] == "danger"))),
    ("21.3", "that is fixable", lambda: max(opinions(first_in("fixable", "coverage")))),
    ("21.3", "something is stuck", lambda: max(opinions(
        lambda table: table.loc["new_technology", "stuck"] > 0))),
    ("21.4", "unchanged", lambda: points(cl.datasets.load("cci_table_2"))),
    ("21.4", "let price press", lambda: 100 * F(7 + 9, 30)),
    ("21.4", "one of them is the floor", lambda: 100 * F(7, 23 - 2 + 10)),
    ("21.4", "old 2 points", lambda: 100 * F(7, 23 + 9)),
    ("21.4", "a share", lambda: F(7, 23 - 2 + 9)),
    ("21.5", "without C", lambda: pressure(ann_and_bo("AB"), "A")),
    ("21.5", "Ann alone", lambda: pressure(one(ANN), "A")),
    ("21.5", "That is B", lambda: pressure(ann_and_bo("ABC"), "B")),
    ("21.5", "averaged the ratings", lambda: pressure(averaged_first(), "A")),
    ("21.6", "had left", lambda: fall(False, "weight")),
    ("21.6", "That is without", lambda: fall(True, None)),
    ("21.6", "That is everybody", lambda: fall(False, None)),
    ("21.6", "It fell", lambda: -fall(True, "weight")),
]  # fmt: skip


@pytest.mark.parametrize("name", RATINGS)
def test_every_known_wrong_road_is_walked(name: str) -> None:
    found = [RATINGS[name].check(walk()).text for n, _, walk in WALKED if n == name]
    assert sorted(set(found)) == sorted(why for _, why in RATINGS[name].mistakes)


def test_what_the_questions_say_on_their_way_is_so() -> None:
    at = {m: what_if("new_technology", "improvability", m, "cci_variant_a") for m in (6, 7)}
    stuck = {m: round(pressure(table, "new_technology", "stuck"), 4) for m, table in at.items()}
    assert stuck == {6: 0.1031, 7: 0.0773}
    assert round(pressure(at[6], "coverage", "stuck"), 4) == 0.1014
    before, after = (cl.cci.matrix(ann_and_bo(f))["factor"].iloc[0] for f in ("AB", "ABC"))
    assert (before, after) == ("A", "B")
    assert pressure(ann_and_bo("AB"), "B") == pytest.approx(2 / 9)
