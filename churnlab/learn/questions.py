"""The questions of the course, by notebook: ``exercise("01.2")`` is the second of notebook 01."""

from __future__ import annotations

from collections.abc import Mapping

from churnlab.checks import InputError
from churnlab.learn.exercise import Exercise

QUESTIONS: Mapping[str, Exercise] = {
    "01.1": Exercise(
        "1,000 customers open the quarter and 150 of them leave; 300 come, 15 of whom leave too. "
        "What is the churn rate of the quarter by the opening cohort (a share)?",
        0.15,
        "150 / 1000 = 0.15: only those who were there at the opening can be lost from it.",
        ("Which customers could have left at the start of the quarter?",),
        (
            (0.165, "You counted the 15 newcomers who left: they were not among the 1,000."),
            (165 / 1300, "The 300 newcomers are in your denominator: that is the pooled rate."),
            (165 / 1067.5, "That divides by the average of opening and closing."),
            (0.85, "That is the retention rate: 1 − churn."),
            (15.0, "As a share, please: 15 % is 0.15."),
        ),
        tolerance=1e-4,
    ),
}


def exercise(name: str) -> Exercise:
    """The question of that number, such as "01.2" for the second of notebook 01.

    Raises
    ------
    InputError
        If there is none of that number.
    """
    if name not in QUESTIONS:
        raise InputError(f"there is no exercise {name!r}: there are {', '.join(QUESTIONS)}.")
    return QUESTIONS[name]
