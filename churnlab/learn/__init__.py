"""Exercises that check themselves, with a hint, a solution and a word on known wrong roads."""

from churnlab.learn.exercise import Blanks, Choice, Exercise, Feedback
from churnlab.learn.questions import QUESTIONS, exercise

__all__ = ["QUESTIONS", "Blanks", "Choice", "Exercise", "Feedback", "exercise"]
