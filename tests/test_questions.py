"""The question bank: starters, solutions and known wrong roads, with every answer recomputed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from statistics import NormalDist
from typing import Any

import pandas as pd
import pytest

import churnlab as cl
from churnlab.learn import QUESTIONS, Exercise, exercise
from tests import (
    test_questions_cohorts as cohorts,
    test_questions_curves as curves,
    test_questions_methods as methods,
    test_questions_money as money,
    test_questions_populations as populations,
    test_questions_ratings as ratings,
    test_questions_reasons as reasons,
    test_questions_renewals as renewals,
    test_questions_revenue as revenue,
    test_questions_sureness as sureness,
)
from tests.test_concepts import RECOMPUTED, WALKED

NOTEBOOKS = Path(__file__).parents[1] / "notebooks" / "src"
QUARTER = (1000, 150, 300, 15)


# ------------------------------------------------------------------ every question


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_starter_is_not_attempted(name: str) -> None:
    assert exercise(name).check(...).outcome == "not attempted"
    assert exercise(name).check().outcome == "not attempted"


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_answer_is_correct_and_the_question_has_hints(name: str) -> None:
    q = exercise(name)
    assert q.check(q.answer).outcome == "correct"
    assert q.hints and q.explained and q.question.rstrip().endswith(("?", "."))
    assert q.hint(len(q.hints)).outcome == "hint"
    assert q.solution().text == q.explained


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_mistake_has_its_own_feedback(name: str) -> None:
    q = exercise(name)
    assert q.mistakes
    said = [q.check(wrong) for wrong, _ in q.mistakes]
    assert {f.outcome for f in said} == {"not yet"}
    assert [f.text for f in said] == [why for _, why in q.mistakes]
    assert len({f.text for f in said}) == len(said)


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_unknown_wrong_answer_gets_the_first_hint(name: str) -> None:
    q = exercise(name)
    assert q.hints[0] in q.check(-987654).text


def test_an_unknown_number_lists_those_that_exist() -> None:
    with pytest.raises(cl.InputError, match=r"01\.1"):
        exercise("77.1")


def test_questions_are_numbered_without_gaps_and_asked_in_their_notebook() -> None:
    for lesson in {name.split(".")[0] for name in QUESTIONS}:
        names = [n for n in QUESTIONS if n.startswith(lesson + ".")]
        assert names == [f"{lesson}.{i}" for i in range(1, len(names) + 1)]
        (source,) = NOTEBOOKS.glob(f"{lesson}_*.py")
        text = source.read_text("utf-8")
        assert all(f'cl.learn.exercise("{name}")' in text for name in names)


# ------------------------------------------------------------------ answers recomputed


@cache
def cdnow(inactivity: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    purchases = cl.datasets.load("cdnow_transactions")
    spells = cl.spells.to_spells(purchases, inactivity=inactivity, as_of="1998-07-01")
    return cl.survival.kaplan_meier(spells), cl.ledger(spells)


def lost_at_once(inactivity: int) -> float:
    return 1 - cdnow(inactivity)[0]["estimate"].iloc[0]


def ledger_n(inactivity: int, unit: str, rule: str) -> int:
    lines = cdnow(inactivity)[1]
    return int(lines[(lines["unit"] == unit) & (lines["rule"] == rule)]["n"].iloc[0])


@cache
def cdnow_cell(month: str, column: str = "retention") -> float:
    triangle = cl.cohorts.retention(cl.datasets.load("cdnow_transactions"), as_of="1998-07-01")
    cell = triangle[(triangle["cohort"] == pd.Timestamp(month)) & (triangle["age"] == 1)]
    return float(cell[column].iloc[0])


def by_method(counts: tuple[int, ...], method: str, column: str = "rate") -> float:
    table = cl.rates.churn_rate_from_counts(*counts).set_index("method")
    return float(table.loc[method, column])


def six_contracts(chen_ends: str | None) -> float:
    six = pd.DataFrame(
        {
            "customer": ["Ada", "Ben", "Chen", "Dora", "Emma", "Fang"],
            "start": pd.to_datetime(
                ["2026-01-10", "2026-02-01", "2026-03-15", "2025-11-02", "2026-04-10", "2026-05-05"]
            ),
            "end": pd.to_datetime([None, "2026-05-20", chen_ends, None, "2026-06-01", None]),
        }
    )
    return cl.rates.churn_rate(six, as_of="2026-07-01", period="quarter")["rate"].iloc[-1]


def generated_quarter(method: Any, column: str = "rate") -> float:
    made = cl.datasets.generate_subscriptions(10_000, seed=7, as_of="2025-01-01")
    table = cl.rates.churn_rate(made, as_of="2025-01-01", period="quarter", method=method)
    return float(table[table["period_start"] == pd.Timestamp("2024-04-01")][column].iloc[0])


ANSWERS: dict[str, Callable[[], Any]] = {
    "00.1": lambda: lost_at_once(180),
    "00.2": lambda: cdnow_cell("1997-02-01"),
    "00.3": lambda: ledger_n(180, "spells", "later_spell"),
    "00.4": lambda: lost_at_once(90),
    "01.1": lambda: by_method(QUARTER, "opening_cohort"),
    "01.2": lambda: by_method((400, 50, 30, 0), "opening_cohort"),
    "01.3": lambda: six_contracts("2026-07-01"),
    "01.4": lambda: by_method((400, 20), "opening_cohort", "conf_low"),
    "01.5": lambda: by_method((0, 0, 300, 15), "person_time"),
    "01.6": lambda: generated_quarter("opening_cohort"),
    **ratings.RECOMPUTED,
    **reasons.RECOMPUTED,
    **RECOMPUTED,
    **cohorts.RECOMPUTED,
    **curves.RECOMPUTED,
    **methods.RECOMPUTED,
    **populations.RECOMPUTED,
    **money.RECOMPUTED,
    **renewals.RECOMPUTED,
    **revenue.RECOMPUTED,
    **sureness.RECOMPUTED,
}

# The known wrong roads, walked: (question, part of its feedback, the wrong result).
WRONG: list[tuple[str, str, Callable[[], Any]]] = [
    ("00.1", "still there", lambda: 1 - lost_at_once(180)),
    ("00.1", "how many", lambda: float(cdnow(180)[0]["n_event"].iloc[0])),
    ("00.2", "January", lambda: cdnow_cell("1997-01-01")),
    ("00.2", "March", lambda: cdnow_cell("1997-03-01")),
    ("00.2", "how many", lambda: cdnow_cell("1997-02-01", "n_active")),
    ("00.3", "number of customers", lambda: ledger_n(180, "customers", "used")),
    ("00.3", "all spells", lambda: ledger_n(180, "spells", "read")),
    ("00.3", "identical", lambda: ledger_n(180, "rows", "identical_rows")),
    ("00.3", "90 days", lambda: ledger_n(90, "spells", "later_spell")),
    ("00.4", "180 days", lambda: lost_at_once(180)),
    ("00.4", "60 days", lambda: lost_at_once(60)),
    ("01.1", "15 newcomers", lambda: by_method(QUARTER, "naive")),
    ("01.1", "pooled", lambda: by_method(QUARTER, "pooled")),
    ("01.1", "average", lambda: by_method(QUARTER, "average")),
    ("01.2", "pooled", lambda: by_method((400, 50, 30, 0), "pooled")),
    ("01.2", "average", lambda: by_method((400, 50, 30, 0), "average")),
    ("01.3", "third quarter", lambda: six_contracts(None)),
    ("01.4", "symmetric", lambda: 0.05 - NormalDist().inv_cdf(0.975) * (0.05 * 0.95 / 400) ** 0.5),
    ("01.4", "upper", lambda: by_method((400, 20), "opening_cohort", "conf_high")),
    ("01.4", "Poisson", lambda: by_method((400, 20), "person_time", "conf_low")),
    ("01.5", "old and new", lambda: by_method(QUARTER, "person_time")),
    ("01.6", "'naive'", lambda: generated_quarter("naive")),
    ("01.6", "'pooled'", lambda: generated_quarter("pooled")),
    ("01.6", "'average'", lambda: generated_quarter("average")),
    ("01.6", "how many", lambda: generated_quarter("naive", "lost")),
    *ratings.WALKED,
    *reasons.WALKED,
    *WALKED,
    *cohorts.WALKED,
    *curves.WALKED,
    *methods.WALKED,
    *populations.WALKED,
    *money.WALKED,
    *renewals.WALKED,
    *revenue.WALKED,
    *sureness.WALKED,
]


def test_every_question_is_recomputed() -> None:
    assert set(ANSWERS) == set(QUESTIONS)


@pytest.mark.parametrize("name", ANSWERS)
def test_churnlab_gives_the_answer(name: str) -> None:
    assert exercise(name).check(ANSWERS[name]()).outcome == "correct"


@pytest.mark.parametrize(("name", "why", "walk"), WRONG, ids=[f"{n} {w}" for n, w, _ in WRONG])
def test_a_wrong_road_walked_is_recognised(name: str, why: str, walk: Callable[[], float]) -> None:
    feedback = exercise(name).check(walk())
    assert feedback.outcome == "not yet" and why in feedback.text


def test_a_word_where_a_number_is_asked_is_told() -> None:
    q: Exercise = exercise("01.1")
    assert q.check("fifteen").text == "The answer is a number."
