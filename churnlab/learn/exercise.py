"""One exercise: a frozen object with ``check``, ``hint`` and ``solution``.

Three kinds look alike: a number or word to find (:class:`Exercise`), gaps to fill
(:class:`Blanks`), and options to choose from or to put in order (:class:`Choice`).
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import isclose, isfinite
from types import EllipsisType
from typing import Any, Literal

from churnlab.learn.spelling import bare_word, letters

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
        Largest absolute difference at which a number is right. The right number rounded to two
        significant digits or more is right too, unless a known mistake rounds to the same.
    term : pair of str
        What the question is about, in English and in Chinese. A question with a term explains
        its answer as soon as it is given; one without says that it is correct.

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
    term: tuple[str, str] = ("", "")

    def check(self, answer: Any = ...) -> Feedback:
        """Right, not yet (with the misconception where it is known), or not attempted."""
        if _is_open(answer):
            return _NOT_ATTEMPTED
        if self._same(answer, self.answer):
            return self._correct()
        for wrong, why in self.mistakes:
            if self._same(answer, wrong):
                return Feedback("not yet", why)
        if _is_number(self.answer):
            return self._rounded(answer)
        return self._not_yet("Not yet.")

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
        return f"[{' '.join(self.term)}] {self.question}" if any(self.term) else self.question

    def _repr_html_(self) -> str:
        term = html.escape(" · ".join(self.term)) if any(self.term) else ""
        above = f'<div style="color:#0550ae;font-weight:600">{term}</div>' if term else ""
        return f"<div>{above}<b>?</b> {self._question_html()}</div>"

    def _question_html(self) -> str:
        return html.escape(self.question)

    def _not_yet(self, text: str) -> Feedback:
        return Feedback("not yet", text + (f" {self.hints[0]}" if self.hints else ""))

    def _rounded(self, given: Any) -> Feedback:
        """A number that is not within the tolerance may still be a rounded one, or in per cent."""
        if not _is_number(given):
            return Feedback("not yet", "The answer is a number.")
        value, right = float(given), float(self.answer)
        digits = _digits_given(value) if _rounds_to(right, value) else 0
        known = [why for wrong, why in self.mistakes if _rounds_to(wrong, value)]
        if (digits > 1 and known) or (digits == 1 and value % 1):
            return Feedback("not yet", "Too rounded to tell: give one more digit, please.")
        if digits > 1:
            return self._correct()
        if known and _digits_given(value) > 1:
            return Feedback("not yet", known[0])
        percent = _rounds_to(100 * right, value) and _digits_given(value) > 1
        if 0 < right < 1 and (percent or self._same(value / 100, right)):
            share = f"As a share, please: {value / 100:.12g}, not {value:.12g}."
            return Feedback("not yet", share)
        return self._not_yet("Not yet.")

    def _correct(self) -> Feedback:
        why = f" {self.explained}" if any(self.term) else ""
        return Feedback("correct", f"Correct.{why}")

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


@dataclass(frozen=True, repr=False)
class Blanks(Exercise):
    """A text with numbered gaps, each of which takes a word in English or in Chinese.

    Case, blanks, hyphens and a plural s do not matter, nor does the word customer or value; a gap
    whose answer is ``...`` is left open.

    Parameters
    ----------
    question : str
        The text, with its gaps as (1), (2) and so on.
    answer : list of str
        The English word of each gap.
    hints : tuple of str
        One for each gap: a wrong answer is told that of its first wrong gap.
    mistakes : tuple of (list, str)
        Known wrong words at their gaps, ``...`` at the others.
    also : tuple of tuple of str
        What else is accepted at each gap, the Chinese term first.

    Examples
    --------
    >>> two = Blanks("Who stays is (1), who leaves is (2).", ["loyal", "lost"], "Staying counts.",
    ...              ("They stay.", "They left."), also=(("忠诚客户",), ("流失客户",)))
    >>> two.check(["loyal", "流失客户"])
    ✔ Correct.
    >>> two.check(["Loyal", ...])
    ✘ Right: (1). Still open: (2).
    """

    also: tuple[tuple[str, ...], ...] = ()

    def check(self, answer: Any = ...) -> Feedback:
        """Which gaps are right, which not yet, and which are open."""
        if _is_open(answer):
            return _NOT_ATTEMPTED
        if not hasattr(answer, "__iter__"):
            return self._not_yet("Each gap takes a word.")
        given = [answer] if isinstance(answer, str) else list(answer)
        if all(map(_is_open, given)):
            return _NOT_ATTEMPTED
        if len(given) != (n := len(self.answer)):
            words = "one word" if n == 1 else f"a list of {n} words"
            return Feedback("not yet", f"The answer to {n} gap{'s' * (n > 1)} is {words}.")
        right = [self._fits(gap, word) for gap, word in enumerate(given)]
        if all(right):
            return self._correct()
        said = [f"Right: {_gaps(right)}."] if any(right) else []
        return Feedback("not yet", " ".join([*said, *self._left(right, given)]).rstrip())

    def _question_html(self) -> str:
        gap = r"<b>(\1)&nbsp;____</b>"
        return re.sub(r"\((\d)\)", gap, html.escape(self.question))

    def _fits(self, gap: int, word: Any) -> bool:
        accepted = (self.answer[gap], *(self.also[gap] if self.also else ()))
        return isinstance(word, str) and bare_word(word) in map(bare_word, accepted)

    def _means(self, given: Any, word: str) -> bool:
        """Whether a given word is this one, in whichever language it was given."""
        twins = (gap for gap in range(len(self.answer)) if self._fits(gap, word))
        same = bare_word(str(given)) == bare_word(word)
        return same or any(self._fits(gap, given) for gap in twins)

    def _left(self, right: list[bool], given: list[Any]) -> list[str]:
        """What to say of the gaps that are wrong; of those still open where none is."""
        wrong = [not fits and not _is_open(word) for fits, word in zip(right, given, strict=True)]
        if not any(wrong):
            return [f"Still open: {_gaps([not fits for fits in right])}."]
        for known, why in self.mistakes:
            words = [known] if isinstance(known, str) else known
            named = [not _is_open(word) for word in words]
            pairs = zip(words, given, strict=True)
            if all(_is_open(w) or self._means(g, w) for w, g in pairs):
                return [why] if named == wrong else [f"Not yet: {_gaps(wrong)}.", why]
        first = wrong.index(True)
        return [f"Not yet: {_gaps(wrong)}.", *self.hints[first : first + 1]]


@dataclass(frozen=True, repr=False)
class Choice(Exercise):
    """A question with lettered options: one is right, or several are, or their order is asked for.

    Where several are right, all of them have to be named and none beside them.

    Parameters
    ----------
    answer : str
        The letters of the right options, such as "b" or "acd".
    mistakes : tuple of (str, str)
        Letters, and what is wrong with them. Where several options are right, a single letter is
        a wrong option, and its word is said whatever else was chosen.
    options : tuple of str
        What can be chosen; the first is a.
    ordered : bool
        Whether the letters are asked for in their order.

    Examples
    --------
    >>> even = Choice("Which are even?", "ac", "2 and 4.", ("Halve them.",), (("b", "3 is odd."),),
    ...               options=("2", "3", "4"))
    >>> even.check("c, a")
    ✔ Correct.
    >>> even.check("ab")
    ✘ 3 is odd.
    >>> even.check("a")
    ✘ True as far as it goes, but 1 more is to be found.
    """

    options: tuple[str, ...] = ()
    ordered: bool = False

    def check(self, answer: Any = ...) -> Feedback:
        """Right, or the word on a wrong option, or how many are still to be found."""
        if _is_open(answer):
            return _NOT_ATTEMPTED
        parts = answer if isinstance(answer, list | tuple | set) else [answer]
        given = "".join(letters(str(part)) for part in parts)
        if any(sign.isalpha() and sign not in _OPTIONS for sign in given):
            such = "the letter only" if len(self.answer) == 1 else 'letters only, such as "abd"'
            return Feedback("not yet", f"Write {such}.")
        chosen = self._chosen(given)
        if not chosen or (len(self.answer) == 1 < len(chosen)):
            return self._not_yet(f"The answer is {self._how()}.")
        if len(chosen) < len(given):
            return Feedback("not yet", "Each letter only once, please.")
        return self._judged(chosen)

    def _judged(self, chosen: list[str]) -> Feedback:
        if chosen == self._chosen(self.answer):
            return self._correct()
        left = len(set(self.answer) - set(chosen))
        if self.ordered and left:
            missing = "One letter is" if left == 1 else f"{left} letters are"
            return Feedback("not yet", f"{missing} missing.")
        for wrong, why in self.mistakes:
            if chosen == self._chosen(wrong):
                return Feedback("not yet", why)
        if self.ordered and chosen[0] == self.answer[0]:
            return Feedback("not yet", f"Not yet: {chosen[0]} comes first, but what then?")
        if self.ordered or len(self.answer) == 1:
            return self._not_yet("Not yet.")
        for wrong, why in self.mistakes:
            if len(wrong) == 1 and wrong in chosen:
                return Feedback("not yet", why)
        if set(chosen) <= set(self.answer):
            more = f"{left} more {'is' if left == 1 else 'are'} to be found."
            return Feedback("not yet", f"True as far as it goes, but {more}")
        return self._not_yet("Not yet.")

    def __repr__(self) -> str:
        lines = [f"  {letter}  {text}" for letter, text in self._lettered()]
        return "\n".join([f"{super().__repr__()} ({self._how()})", *lines])

    def _question_html(self) -> str:
        how = f' <span style="color:#57606a;white-space:nowrap">({self._how()})</span>'
        lines = [
            f'<div style="padding-left:1.4em;text-indent:-1.1em;margin-left:1em">'
            f"<b>{letter}</b>&ensp;{html.escape(text)}</div>"
            for letter, text in self._lettered()
        ]
        return html.escape(self.question) + how + "".join(lines)

    def _how(self) -> str:
        if self.ordered:
            return "the letters in their order"
        return "one letter" if len(self.answer) == 1 else "all letters that apply"

    def _lettered(self) -> list[tuple[str, str]]:
        return list(zip(_OPTIONS, self.options, strict=False))

    def _chosen(self, given: str) -> list[str]:
        """The letters of an answer, sorted where order does not matter; none if one is unknown."""
        chosen = list(dict.fromkeys(given))
        if not set(chosen) <= {letter for letter, _ in self._lettered()}:
            return []
        return chosen if self.ordered else sorted(chosen)


_OPTIONS = "abcdefghij"
_NOT_ATTEMPTED = Feedback("not attempted", "Replace the ... with your answer.")


def _is_open(answer: Any) -> bool:
    return answer is None or isinstance(answer, EllipsisType)


def _gaps(chosen: list[bool]) -> str:
    return ", ".join(f"({number})" for number, yes in enumerate(chosen, 1) if yes)


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, str | bool)


def _decimals(value: float) -> int:
    """How many digits a number shows after its point: 2 for 0.41, none for 41.0."""
    exponent = Decimal(repr(value)).as_tuple().exponent
    return 0 if value % 1 == 0 else -int(exponent)


def _digits_given(value: float) -> int:
    """How many significant digits it shows: 2 for 0.041, 3 for 400, none for 0."""
    return Decimal(repr(value)).adjusted() + 1 + _decimals(value) if value else 0


def _rounds_to(exact: Any, value: float) -> bool:
    """Whether a value is the exact number, rounded to the digits that it shows."""
    if not (_is_number(exact) and isfinite(value)):
        return False
    half = 0.5 * 10.0 ** -_decimals(value)
    return abs(float(exact) - value) <= half * (1 + 1e-9)


def _bare(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").split())
