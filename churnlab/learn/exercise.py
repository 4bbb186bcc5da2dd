"""One exercise: a frozen object with ``check``, ``hint`` and ``solution``."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isclose
from numbers import Real
from types import EllipsisType
from typing import Any, Literal

Outcome = Literal["correct", "not yet", "not attempted", "hint", "solution"]

_LOOK: Mapping[Outcome, tuple[str, str]] = {
    "correct": ("#1a7f37", "✔"),
    "not yet": ("#b35900", "✘"),
    "not attempted": ("#57606a", "…"),
    "hint": ("#0550ae", "?"),
    "solution": ("#57606a", "="),
}


@dataclass(frozen=True)
class Feedback:
    """What an exercise says: an outcome and one or two sentences, shown well in a notebook."""

    outcome: Outcome
    text: str

    def __repr__(self) -> str:
        return f"{_LOOK[self.outcome][1]} {self.text}"

    def _repr_html_(self) -> str:
        colour, sign = _LOOK[self.outcome]
        return (
            f'<div style="border-left:4px solid {colour};padding:.4em .8em">'
            f'<b style="color:{colour}">{sign}</b> {html.escape(self.text)}</div>'
        )


@dataclass(frozen=True)
class Exercise:
    """A question whose answer is a number, a word, or a short list of them.

    Parameters
    ----------
    question : str
        What to find, with its unit.
    answer : number, str, bool or list
        The right answer.
    explained : str
        The way to the answer, for :meth:`solution`.
    hints : tuple of str
        From a nudge to nearly the answer.
    mistakes : tuple of (answer, str)
        Answers of known wrong roads, each with the misconception behind it.
    tolerance : float
        Largest absolute difference at which a number is right.

    Examples
    --------
    >>> half = Exercise("10 of 20 stayed: which share?", 0.5, "10 / 20", ("Divide.",),
    ...                 ((2.0, "You divided the wrong way round."),))
    >>> half.check(0.5)
    ✔ Correct.
    >>> half.check(2)
    ✘ You divided the wrong way round.
    >>> half.check(...)
    … Replace the ... with your answer.
    """

    question: str
    answer: Any
    explained: str
    hints: tuple[str, ...] = ()
    mistakes: tuple[tuple[Any, str], ...] = field(default=())
    tolerance: float = 1e-6

    def check(self, answer: Any = ...) -> Feedback:
        """Right, not yet (with the misconception where it is known), or not attempted."""
        if isinstance(answer, EllipsisType) or answer is None:
            return Feedback("not attempted", "Replace the ... with your answer.")
        if self._same(answer, self.answer):
            return Feedback("correct", "Correct.")
        for wrong, why in self.mistakes:
            if self._same(answer, wrong):
                return Feedback("not yet", why)
        if isinstance(self.answer, Real) and not _is_number(answer):
            return Feedback("not yet", "The answer is a number.")
        return Feedback("not yet", "Not yet." + (f" {self.hints[0]}" if self.hints else ""))

    def hint(self, number: int = 1) -> Feedback:
        """The first hint, or a later, plainer one."""
        if not self.hints:
            return Feedback("hint", "There is no hint to this one: look at the question again.")
        at = min(max(number, 1), len(self.hints))
        more = f" ({at} of {len(self.hints)})" if len(self.hints) > 1 else ""
        return Feedback("hint", self.hints[at - 1] + more)

    def solution(self) -> Feedback:
        """The way to the answer."""
        return Feedback("solution", self.explained)

    def __repr__(self) -> str:
        return self.question

    def _repr_html_(self) -> str:
        return f"<div><b>?</b> {html.escape(self.question)}</div>"

    def _same(self, given: Any, wanted: Any) -> bool:
        if isinstance(wanted, list | tuple):
            items = list(given) if hasattr(given, "__iter__") and not isinstance(given, str) else []
            return len(items) == len(wanted) and all(map(self._same, items, wanted))
        if isinstance(wanted, str):
            return isinstance(given, str) and _bare(given) == _bare(wanted)
        if isinstance(wanted, bool):
            return not isinstance(given, str) and str(given) == str(wanted)
        return _is_number(given) and isclose(
            float(given), float(wanted), abs_tol=self.tolerance, rel_tol=0
        )


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, str | bool)


def _bare(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").split())
