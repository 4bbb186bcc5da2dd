"""Exercises that check themselves, with a hint, a solution and a word on known wrong roads."""

from churnlab.learn.exercise import Exercise, Feedback
from churnlab.learn.questions import QUESTIONS, exercise

__all__ = ["QUESTIONS", "Exercise", "Feedback", "exercise"]
