"""Exercises: three outcomes, known wrong roads, hints, and text that stays text."""

from __future__ import annotations

import numpy as np
import pytest

import churnlab as cl
from churnlab.learn import Exercise

HALF = Exercise(
    "Share?",
    0.5,
    "1 / 2",
    ("Divide.", "Divide 1 by 2."),
    ((2.0, "The wrong way round."),),
)


@pytest.mark.parametrize("nothing", [..., None])
def test_not_attempted(nothing):
    assert HALF.check(nothing).outcome == "not attempted"
    assert HALF.check().outcome == "not attempted"


@pytest.mark.parametrize("right", [0.5, np.float64(0.5), 0.5000001, np.array(0.5)])
def test_correct(right):
    assert HALF.check(right).outcome == "correct"


def test_known_and_unknown_mistakes():
    assert HALF.check(2).text == "The wrong way round."
    assert HALF.check(7).text == "Not yet. Divide."
    assert HALF.check("half").text == "The answer is a number."
    assert HALF.check(True).outcome == "not yet"


def share(right: float, *mistakes: tuple[float, str]) -> Exercise:
    return Exercise("Share?", right, "", ("Divide.",), mistakes, tolerance=1e-4)


@pytest.mark.parametrize(
    ("right", "given"),
    [(16 / 39, 0.41), (16 / 39, 0.410), (16 / 39, np.float64(0.41)), (8.6249, 8.62),
     (8.6249, 8.6), (1.1948, 1.19), (0.0149, 0.015), (70 / 3, 23), (-8.6249, -8.6)],
)  # fmt: skip
def test_the_right_number_rounded_is_right(right, given):
    assert share(right).check(given).outcome == "correct"


@pytest.mark.parametrize(
    ("right", "given"),
    [(16 / 39, 0.42), (16 / 39, 0.411), (8.6249, 9), (8.6249, 8.5), (0.0149, 0), (144_000, 140_000),
     (400, 401), (0.7087, 1), (0.5, 0), (2.4, float("inf")), (2.4, float("nan"))],
)  # fmt: skip
def test_a_number_rounded_wrongly_or_too_far_is_not_right(right, given):
    assert share(right).check(given).text == "Not yet. Divide."


def test_a_number_too_rounded_to_tell_asks_for_a_digit():
    near = share(0.1548, (0.15, "January."))
    assert near.check(0.15).text == "January."
    near = share(0.1524, (0.1545, "January."))
    for given in (0.15, 0.2):
        assert near.check(given).text == "Too rounded to tell: give one more digit, please."
    assert near.check(0.152).outcome == "correct"
    assert [near.check(x).text for x in (0.1545, 0.155, 0.154)] == ["January."] * 3


@pytest.mark.parametrize(
    ("right", "given", "said"),
    [(16 / 39, 41, "0.41, not 41"), (16 / 39, 41.03, "0.4103, not 41.03"),
     (0.05, 5, "0.05, not 5"), (0.0149, 1.49, "0.0149, not 1.49")],
)  # fmt: skip
def test_a_percentage_is_asked_for_as_a_share(right, given, said):
    assert share(right).check(given).text == f"As a share, please: {said}."


def test_a_known_mistake_comes_before_the_share_and_only_shares_are_asked_for():
    assert share(16 / 39, (1600 / 39, "In points.")).check(41).text == "In points."
    assert share(2.4).check(240).text == "Not yet. Divide."
    assert share(16 / 39).check(42).text == "Not yet. Divide."


def test_words_and_lists():
    word = Exercise("Which?", "opening_cohort", "")
    assert word.check("Opening cohort").outcome == "correct"
    assert word.check(3).outcome == "not yet"
    several = Exercise("Which three?", [1.0, 0.8, 0.6], "")
    assert several.check(np.array([1, 0.8, 0.6])).outcome == "correct"
    assert several.check([1, 0.8]).outcome == "not yet"
    assert several.check(5).outcome == "not yet"
    yes = Exercise("Is it?", True, "")
    assert yes.check(True).outcome == "correct"
    assert yes.check(np.bool_(True)).outcome == "correct"
    assert yes.check(False).outcome == "not yet"


def test_hints_and_solution():
    assert HALF.hint().text == "Divide. (1 of 2)"
    assert HALF.hint(9).text == "Divide 1 by 2. (2 of 2)"
    assert HALF.solution().text == "1 / 2"
    assert Exercise("?", 1, "").hint().text.startswith("There is no hint")


def test_feedback_escapes_html():
    sly = Exercise("?", 1, "<script>alert(1)</script>")

    assert "<script>" not in sly.solution()._repr_html_()
    assert repr(sly.solution()) == "= <script>alert(1)</script>"


def test_questions_by_number():
    assert cl.learn.exercise("01.1").check(0.15).outcome == "correct"
    with pytest.raises(cl.InputError, match=r"no exercise '99\.1'"):
        cl.learn.exercise("99.1")
