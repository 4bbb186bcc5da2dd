"""The questions on one table under ten methods: answers recomputed, wrong roads walked."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F
from functools import cache
from itertools import combinations, permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from churnlab.learn import Choice, exercise
from churnlab.learn.methods import METHODS

BILLING = (9, 4, 10)


def shares(rating: tuple[int, int, int]) -> tuple[F, F, F]:
    satisfaction, importance, improvability = rating
    return F(10 - satisfaction, 9), F(importance - 1, 9), F(improvability - 1, 9)


@cache
def factors(name: str) -> dict[str, tuple[F, F, F]]:
    table = cl.datasets.load(name).set_index("factor")
    return {str(f): shares(tuple(int(x) for x in row)) for f, row in table.iterrows()}


# ------------------------------------------------------------------ 22.2: 200 customers


def customers() -> pd.DataFrame:
    """200 answers on 0 to 10, of which 150 and 60 are 9 or 10."""
    important = [9 + k % 2 for k in range(150)] + [k % 9 for k in range(50)]
    content = [k % 9 for k in range(140)] + [9 + k % 2 for k in range(60)]
    return pd.DataFrame({"importance": important, "satisfaction": content})


def top_two(column: str) -> float:
    return float(10 * (customers()[column] >= 9).mean())


def gap() -> float:
    return top_two("importance") - top_two("satisfaction")


def opportunity() -> float:
    return top_two("importance") + max(gap(), 0)


# ------------------------------------------------------------------ 22.3: orders


@cache
def disagreements(name: str) -> tuple[int, ...]:
    """Of every order, the pairs that a column puts strictly the other way round."""
    table = factors(name)
    return tuple(
        sum(table[a][c] < table[b][c] for a, b in combinations(order, 2) for c in range(3))
        for order in permutations(table)
    )


def best_orders(name: str) -> int:
    found = disagreements(name)
    return found.count(min(found))


# ------------------------------------------------------------------ 22.4: weights


def leads(c: F, on_d: F, on_i: F) -> bool:
    """Whether new technology leads coverage with the weight c on 1 − m, and these on d and i."""
    table = factors("cci_variant_a")
    score = {f: on_d * d + on_i * i + c * (1 - m) for f, (d, i, m) in table.items()}
    return score["new_technology"] > score["coverage"]


@cache
def threshold(of_i: int = 1) -> F:
    """The last of 900 steps at which it does not lead; it leads from there on."""
    steps = [F(k, 900) for k in range(901)]
    return max(c for c in steps if not leads(c, (1 - c) / 2, of_i * (1 - c) / 2))


# ------------------------------------------------------------------ 22.5: another form


def topsis(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    v = weights * (x - x.min(0)) / (x.max(0) - x.min(0))
    best, worst = (((v - end(0)) ** 2).sum(1) ** 0.5 for end in (v.max, v.min))
    return worst / (best + worst)


def entropy(x: np.ndarray) -> np.ndarray:
    p = x / x.sum(0)
    logs = np.log(np.where(p > 0, p, 1))
    uneven = 1 + (p * logs).sum(0) / np.log(len(x))
    return uneven / uneven.sum()


def borda(x: np.ndarray) -> np.ndarray:
    return -sum(pd.Series(c).rank(ascending=False).to_numpy() for c in x.T)


# columns: dissatisfaction, importance, improvability; satisfaction is the rest of the scale
RULES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "a": lambda x: x[:, 1] + x[:, 0],
    "b": lambda x: x.prod(1),
    "c": lambda x: topsis(x, np.ones(3)),
    "d": borda,
    "e": lambda x: topsis(x, entropy(x)),
}


def orders(x: np.ndarray, rule: str) -> np.ndarray:
    score = np.round(RULES[rule](x), 9)
    return np.sign(score[:, None] - score)


@cache
def unmoved() -> str:
    """The rules that never ranked 500 random tables otherwise on a form from 0 to 9."""
    draw = np.random.default_rng(5)
    tables = [draw.integers(1, 11, (6, 3)).astype(float) for _ in range(500)]
    tables = [x for x in tables if (x.max(0) > x.min(0)).all()]
    same = {r: all((orders(x, r) == orders(x - 1, r)).all() for x in tables) for r in RULES}
    return "".join(rule for rule, stays in same.items() if stays)


# ------------------------------------------------------------------ the bank

RECOMPUTED: dict[str, Callable[[], Any]] = {
    "22.1": lambda: sum(shares(BILLING)) / 3,
    "22.2": opportunity,
    "22.3": lambda: best_orders("cci_variant_a"),
    "22.4": threshold,
    "22.5": unmoved,
}

# The known wrong roads, walked: (question, part of its feedback, the wrong result).
WALKED: list[tuple[str, str, Callable[[], Any]]] = [
    ("22.1", "took the satisfaction", lambda: (F(9 - 1, 9) + F(3, 9) + F(9, 9)) / 3),
    ("22.1", "Nine steps", lambda: (F(10 - 8, 10) + F(4, 10) + F(10, 10)) / 3),
    ("22.1", "for danger", lambda: (F(1, 9) + F(3, 9) + (1 - F(9, 9))) / 3),
    ("22.1", "product of the three", lambda: np.prod([float(s) for s in shares(BILLING)])),
    ("22.1", "sum of the shares", lambda: sum(shares(BILLING))),
    ("22.1", "raw ratings", lambda: F(sum(BILLING), 3)),
    ("22.2", "gap alone", gap),
    ("22.2", "importance alone", lambda: top_two("importance")),
    ("22.2", "changed importance", lambda: top_two("satisfaction") + max(-gap(), 0)),
    ("22.2", "added the satisfaction", lambda: top_two("importance") + top_two("satisfaction")),
    ("22.2", "in per cent", lambda: 10 * opportunity()),
    ("22.3", "That is Table 2", lambda: best_orders("cci_table_2")),
    ("22.3", "how many disagreements", lambda: min(disagreements("cci_variant_a"))),
    ("22.3", "how many orders there are", lambda: len(disagreements("cci_variant_a"))),
    ("22.3", "what a program prints", lambda: 1),
    ("22.4", "over the other weights", lambda: threshold() / (1 - threshold())),
    ("22.4", "weight of d and i together", lambda: 1 - threshold()),
    ("22.4", "equal weights", lambda: F(1, 3)),
    ("22.4", "one of the columns", lambda: threshold(of_i=0)),
    ("22.5", "90 against 8", lambda: "abcd"),
    ("22.5", "a column's sum", lambda: "acde"),
]


@pytest.mark.parametrize("name", METHODS)
def test_every_known_wrong_road_is_walked(name: str) -> None:
    found = [METHODS[name].check(walk()).text for n, _, walk in WALKED if n == name]
    assert sorted(set(found)) == sorted(why for _, why in METHODS[name].mistakes)


def test_what_the_first_solution_says_of_billing_is_so() -> None:
    for name, place in {"cci_table_2": 2, "cci_variant_a": 3}.items():
        others = [sum(s) / 3 for s in factors(name).values()]
        assert 1 + sum(other > exercise("22.1").answer for other in others) == place


def test_the_best_orders_of_variant_a_begin_alike() -> None:
    cost = disagreements("cci_variant_a")
    every = list(permutations(factors("cci_variant_a")))
    best = [o for o, c in zip(every, cost, strict=True) if c == min(cost)]
    assert {o[:2] for o in best} == {("coverage", "new_technology")}
    assert len({o[2:] for o in best}) == 5


def test_with_equal_weights_new_technology_leads_already() -> None:
    assert leads(F(1, 3), F(1, 3), F(1, 3)) and not leads(F(1, 5), F(2, 5), F(2, 5))


def test_every_option_is_a_rule_and_the_wrong_ones_have_a_word() -> None:
    question = exercise("22.5")
    assert isinstance(question, Choice) and list(RULES) == list("abcde")[: len(question.options)]
    assert {letter for letter, _ in question.mistakes} == set(RULES) - set(unmoved())


def test_dissatisfaction_is_one_lower_on_the_other_form() -> None:
    """11 − S on 1 to 10, and 9 − S on 0 to 9, where S is one lower too."""
    for satisfaction in range(1, 11):
        assert 9 - (satisfaction - 1) == (11 - satisfaction) - 1
