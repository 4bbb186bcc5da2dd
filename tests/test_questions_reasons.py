"""The questions of notebook 12: every answer recomputed, and the wrong roads walked.

``tests/test_questions.py`` runs both lists with those of the other notebooks.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import exp
from typing import Any

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from churnlab.learn import QUESTIONS, Choice, exercise

SIX = pd.DataFrame({"duration": [1, 2, 3, 4, 5, 6]})
SIX["reason"] = ["price", "moved", None, "price", "price", None]
SIX["event"] = SIX["reason"].notna()
SHEET = pd.Series([1, 3, 3, 4, 2, 6, 5, 1, 4, 3])


def six(column: str = "estimate", reason: str = "price", rows: pd.DataFrame = SIX) -> float:
    curve = cl.survival.incidence(rows).set_index(["reason", "duration"])
    return float(curve.loc[(reason, 5), column])


def lost(*hazards: float, years: float = 3) -> float:
    """Of customers who leave at constant hazards, the share that has."""
    return 1 - exp(-sum(hazards) * years)


def sheet(column: str) -> pd.Series:
    items = cl.reasons.crosswalk().merge(cl.reasons.taxonomy(), on="reason")
    codes = items[items["scheme"] == "lost_customer_call"].set_index("code")[column]
    return SHEET.map(codes)


@cache
def contracts() -> pd.DataFrame:
    made = cl.datasets.generate_leavers(10_000, seed=7, as_of="2025-01-01")
    return cl.spells.subscriptions_to_spells(made, as_of="2025-01-01", keep="reason").frame


def at_365(curve: pd.DataFrame, column: str, reason: str = "high_price") -> float:
    part = curve[(curve["reason"] == reason) & (curve["duration"] <= 365)]
    return float(part[column].iloc[-1])


def bound(column: str) -> float:
    return at_365(cl.survival.reason_bounds(contracts()), column)


def told(reason: str = "high_price") -> float:
    return at_365(cl.survival.incidence(contracts()), "estimate", reason)


def everyone() -> float:
    curve = cl.survival.kaplan_meier(contracts())
    return 1 - float(curve[curve["duration"] <= 365]["estimate"].iloc[-1])


def dropped() -> float:
    known = contracts()[~contracts()["event"] | contracts()["reason"].notna()]
    return at_365(cl.survival.incidence(known), "estimate")


def tariffs(*, seed: int = 11, n: int = 4_000) -> pd.DataFrame:
    """Competitors act alike on both tariffs; the price drives people off the new one faster."""
    rng = np.random.default_rng(seed)
    new = np.repeat([False, True], n)
    price, competitor = rng.exponential(1 / np.where(new, 0.4, 0.1)), rng.exponential(5, 2 * n)
    first = np.minimum(price, competitor)
    return pd.DataFrame(
        {
            "tariff": np.where(new, "new", "old"),
            "duration": np.minimum(first, 5),
            "event": first < 5,
            "reason": np.where(price < competitor, "price", "competitor"),
        }
    )


RECOMPUTED: dict[str, Callable[[], Any]] = {
    "12.1": six,
    "12.2": lambda: 0.20 / 0.25 * lost(0.20, 0.05),
    "12.3": lambda: lost(0.20, 0.05) - lost(0.05),
    "12.4": lambda: sheet("controllable").fillna(False).mean(),
    "12.5": lambda: bound("estimate_high"),
    "12.6": lambda: true_options(),
}

WALKED: list[tuple[str, str, Callable[[], Any]]] = [
    ("12.1", "1 − Kaplan–Meier", lambda: six("naive")),
    ("12.1", "everyone who left", lambda: six() + six(reason="moved")),
    ("12.1", "for moving away", lambda: six(reason="moved")),
    ("12.1", "of those who left", lambda: (SIX["reason"].dropna() == "price").mean()),
    ("12.1", "Three of six", lambda: (SIX["reason"] == "price").mean()),
    ("12.1", "left out", lambda: six(rows=SIX[SIX["reason"] != "moved"])),
    ("12.2", "as if nobody moved", lambda: lost(0.20)),
    ("12.2", "everyone who left", lambda: lost(0.20, 0.05)),
    ("12.2", "lost to moving", lambda: 0.05 / 0.25 * lost(0.20, 0.05)),
    ("12.2", "Three years of", lambda: 3 * 0.20),
    ("12.2", "not 1 − 0.25", lambda: 0.20 / 0.25 * (1 - 0.75**3)),
    ("12.3", "lost to service", lambda: 0.20 / 0.25 * lost(0.20, 0.05)),
    ("12.3", "remains", lambda: lost(0.05)),
    ("12.3", "the only reason", lambda: lost(0.20)),
    ("12.3", "not 1 − 0.25", lambda: 0.95**3 - 0.75**3),
    ("12.3", "lost to moving", lambda: 0.05 / 0.25 * lost(0.20, 0.05)),
    ("12.4", "voluntary", lambda: sheet("voluntary").fillna(False).mean()),
    ("12.4", "dropped", lambda: sheet("controllable").dropna().mean()),
    ("12.4", "how many", lambda: int(sheet("controllable").sum())),
    ("12.4", "open", lambda: sheet("controllable").isna().mean()),
    ("12.5", "lower end", lambda: bound("estimate_low")),
    ("12.5", "spread", lambda: told() * everyone() / (everyone() - told("unknown"))),
    ("12.5", "dropped", dropped),
    ("12.5", "chance", lambda: bound("conf_high")),
    ("12.5", "alone", lambda: told("unknown")),
    ("12.5", "everyone", everyone),
]


def true_options() -> str:
    """What holds on tariffs that give the two p values of the report, and of every such pair."""
    rows = tariffs()
    end = cl.survival.incidence(rows, by="tariff").groupby(["reason", "tariff"])["estimate"].last()
    stayed = 1 - end.groupby("tariff").sum()
    holds = {
        "a": end["competitor", "new"] < end["competitor", "old"],
        "b": False,  # by construction
        "c": False,  # both were computed, and both are right
        "d": end["price", "new"] > end["price", "old"],
        "e": stayed["new"] > stayed["old"],
    }
    return "".join(letter for letter, true in holds.items() if true)


def test_the_bank_is_merged_whole() -> None:
    names = {name for name in QUESTIONS if name.startswith("12.")}
    assert names == set(RECOMPUTED)
    assert {name for name, _, _ in WALKED} | {"12.6"} == names


def test_every_known_mistake_is_walked() -> None:
    for name in set(RECOMPUTED) - {"12.6"}:
        walked = [why for each, why, _ in WALKED if each == name]
        assert len(walked) == len(exercise(name).mistakes)


def test_tariffs_like_those_of_the_last_question_exist() -> None:
    rows = tariffs()
    shares = cl.compare.gray(rows, by="tariff").set_index("reason")["p_value"]
    competitor = rows.assign(event=rows["event"] & (rows["reason"] == "competitor"))
    assert shares["competitor"] < 0.001
    assert cl.compare.logrank(competitor, by="tariff")["p_value"].iloc[0] > 0.1


def test_the_wrong_options_are_those_that_have_a_word() -> None:
    question = exercise("12.6")
    assert isinstance(question, Choice) and len(question.options) == 5
    assert {letter for letter, _ in question.mistakes} == set("abcde") - set(true_options())


def test_the_six_by_hand_are_eleven_eighteenths() -> None:
    assert six() == pytest.approx(1 / 6 + 4 / 6 / 3 + 4 / 9 / 2) == pytest.approx(11 / 18)
