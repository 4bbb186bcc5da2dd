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
