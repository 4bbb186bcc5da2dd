"""The concept review: words in two languages, options, a key of its own, and the glossary."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import permutations
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

import churnlab as cl
from churnlab.learn import QUESTIONS, Blanks, Choice, exercise

ROOT = Path(__file__).parents[1]
CONCEPTS = {name: q for name, q in QUESTIONS.items() if name.startswith("36.")}
BLANKS = {name: q for name, q in CONCEPTS.items() if isinstance(q, Blanks)}
CHOICES = {name: q for name, q in CONCEPTS.items() if isinstance(q, Choice)}

# ------------------------------------------------------------------ the key

ARROWS = {
    "potential": "first",
    "target": "first",
    "first": "repeat lost",
    "repeat": "loyal lost",
    "loyal": "lost",
    "lost": "repeat loyal",
}
Z = cl.intervals.normal_quantile(0.95)


def half_width(n: int) -> float:
    return Z * sqrt(0.25 / n)


def rising(scores: tuple[int, ...]) -> float:
    orders = list(permutations(scores))
    return sum(list(order) == sorted(order) for order in orders) / len(orders)


def kept_and_returned(kept: float, earns: float, returned: float, costs: float) -> float:
    return kept * earns - returned * costs


# Words in Chinese where the bank has them in English, letters, and numbers from their parts.
KEY: dict[str, Any] = {
    "36.1": ["潜在客户", "目标客户", "重复购买客户", "忠诚客户", "流失客户"],
    "36.2": ["建立", "维护", "恢复"],
    "36.3": ["最近一次消费", "消费频率", "消费金额"],
    "36.4": ["关键客户", "普通客户", "小客户"],
    "36.5": ["人员", "形象", "时间", "体力"],
    "36.6": ["垄断忠诚", "惰性忠诚", "信赖忠诚"],
    "36.7": "流失成本",
    "36.8": ["运营型", "分析型", "协作型"],
    "36.9": "c a d b",
    "36.10": ["a", "b", "d", "e"],
    "36.12": "c, b",
    "36.14": "C",
    "36.16": "b",
    "36.18": "(b)",
    "36.19": {"b", "c", "f"},
    "36.20": "c",
    "36.23": ["d", "b", "c", "a"],
    "36.24": "f b a",
    "36.27": "c",
    "36.28": "b",
    "36.31": "d",
    "36.34": "d",
    "36.35": "c",
    "36.37": "b",
    "36.38": "d",
    "36.40": "a",
}
NUMBERS: dict[str, Callable[[], float]] = {
    "36.11": lambda: float(sum(len(after.split()) for after in ARROWS.values())),
    "36.13": lambda: 4 * 300 - 400 - 4 * 150,
    "36.15": lambda: 60 / (180 / (7 - 1)),
    "36.17": lambda: sum([40, 25, 10, 15]) - sum([50, 10, 5, 5]),
    "36.21": lambda: 1000 * 0.25 * 0.05,
    "36.22": lambda: (1 / 4) / (1 / 16),
    "36.25": lambda: rising((83, 85, 88)),
    "36.26": lambda: 30 / 0.01,
    "36.29": lambda: half_width(5),
    "36.30": lambda: cl.intervals.wilson(5, 5)[0],
    "36.32": lambda: kept_and_returned(0.68, 40, 0.32, 15),
    "36.33": lambda: 200_000 / 10 / 365,
    "36.36": lambda: 1 - 0.9 / 2,
    "36.39": lambda: 3 * 150 * 0.3 - 12 * 50 * 0.1,
}
RECOMPUTED: dict[str, Callable[[], Any]] = {
    **{name: lambda answer=answer: answer for name, answer in KEY.items()},
    **NUMBERS,
}

# The known wrong roads, walked: (question, part of its feedback, the wrong result).
WALKED: list[tuple[str, str, Callable[[], Any]]] = [
    ("36.1", "Repeating comes before", lambda: ["潜在客户", "目标客户", "忠诚", "重复", "流失"]),
    ("36.9", "before you have listened", lambda: "dcab"),
    ("36.11", "states from which", lambda: float(len(ARROWS))),
    ("36.13", "win the customer", lambda: 4 * (300 - 150)),
    ("36.13", "each of the four", lambda: 4 * 300 - 400 - 150),
    ("36.15", "not seven", lambda: 60 / (180 / 7)),
    ("36.15", "finished gap", lambda: 60 / ((180 + 60) / 6)),
    ("36.17", "only the money", lambda: sum([40, 25, 10, 15]) - 50),
    ("36.21", "keep silent", lambda: 1000 * 0.25 * 0.95),
    ("36.22", "odds", lambda: (1 / 3) / (1 / 15)),
    ("36.22", "difference", lambda: 1 / 4 - 1 / 16),
    ("36.25", "highest comes last", lambda: 2 / 6),
    ("36.29", "standard error", lambda: sqrt(0.25 / 5)),
    ("36.29", "60 calls", lambda: half_width(60)),
    ("36.29", "under it", lambda: Z * sqrt(0.25) / 5),
    ("36.30", "Clopper", lambda: cl.intervals.exact(5, 5)[0]),
    ("36.30", "60 of 60", lambda: cl.intervals.wilson(60, 60)[0]),
    ("36.32", "returned order", lambda: kept_and_returned(0.68, 40, 0.32, 0)),
    ("36.32", "every order", lambda: kept_and_returned(1, 40, 0.32, 15)),
    ("36.32", "exchanged", lambda: kept_and_returned(0.32, 40, 0.68, 15)),
    ("36.33", "per month", lambda: 200_000 / 10 / 12),
    ("36.36", "inverse", lambda: 0.1 / 0.5),
    ("36.39", "revenue", lambda: 3 * 150 - 12 * 50),
]


# ------------------------------------------------------------------ every question


@pytest.mark.parametrize("name", CONCEPTS)
def test_a_concept_is_named_in_english_and_chinese(name: str) -> None:
    english, chinese = CONCEPTS[name].term
    assert english.isascii() and re.search(r"[一-鿿]", chinese)
    q = exercise(name)
    assert f"{english} · {chinese}" in q._repr_html_()
    assert q.check(q.answer).text == f"Correct. {q.explained}"


@pytest.mark.parametrize("name", BLANKS)
def test_each_gap_takes_english_and_chinese(name: str) -> None:
    q = BLANKS[name]
    assert re.findall(r"\((\d)\)", q.question) == [str(i + 1) for i in range(len(q.answer))]
    assert len(q.also) == len(q.answer)
    for spellings in zip(q.answer, *zip(*[a[:2] for a in q.also], strict=True), strict=True):
        assert re.search(r"[一-鿿]", spellings[1])
    shouted = [f" {word.upper().replace(' ', '  ')} " for word in q.answer]
    assert q.check(shouted).outcome == "correct"
    assert q.check([a[0] for a in q.also]).outcome == "correct"


@pytest.mark.parametrize("name", BLANKS)
def test_no_word_fits_two_gaps(name: str) -> None:
    """Otherwise a reader who exchanged two words would be told that they are right."""
    q = BLANKS[name]
    spelled = [w for word, also in zip(q.answer, q.also, strict=True) for w in (word, *also)]
    assert len(set(map(str.casefold, spelled))) == len(spelled)
    for place, also in enumerate(q.also):
        for word in (q.answer[place], *also):
            assert [gap for gap in range(len(q.answer)) if taken(q, gap, word)] == [place], word


def taken(q: Blanks, gap: int, word: str) -> bool:
    """Whether a word is right at this gap, all others being right."""
    return q.check([*q.answer[:gap], word, *q.answer[gap + 1 :]]).outcome == "correct"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("36.1", ["a potential customer", "目標客戶", "回头客", "忠实客户", "lapsed customers"]),
        ("36.1", ["潛在顧客", "target customer(s)", "重復購買", "Loyal clients", "流失的客户"]),
        ("36.2", ["building", "maintaining", "win-back"]),
        ("36.2", ["Building", "維護", "挽回"]),
        ("36.3", ["最近一次消費", "购买频率", "monetary value"]),
        ("36.3", ["Recency", "消费频次", "购买金额"]),
        ("36.3", ["recency", "frequency", "spending"]),
        ("36.4", ["大客户", "normal", "small customers"]),
        ("36.4", ["VIP customers", "regular customers", "小顾客"]),
        ("36.4", ["重要客户", "Ordinary", "small"]),
        ("36.4", ["major", "普通顾客", "minor"]),
        ("36.5", ["personnel value", "形象", "時間", "體力"]),
        ("36.6", ["captive", "habitual", "emotional"]),
        ("36.6", ["壟斷忠誠", "慣性忠誠", "情感忠诚"]),
        ("36.7", ["switching costs"]),
        ("36.7", ["轉換成本"]),
        ("36.8", ["operating", "analysis", "协同"]),
        ("36.8", ["operational CRM", "分析", "協同型"]),
    ],
)
def test_ordinary_right_words_are_taken(name: str, words: list[str]) -> None:
    assert CONCEPTS[name].check(words).outcome == "correct"


@pytest.mark.parametrize("name", BLANKS)
def test_each_gap_has_its_hint_and_the_solution_its_words(name: str) -> None:
    q = BLANKS[name]
    assert len(q.hints) == len(q.answer)
    for gap, hint in enumerate(q.hints):
        assert hint.startswith(f"({gap + 1}): ")
        assert q.check([*q.answer[:gap], "x", *q.answer[gap + 1 :]]).text.endswith(hint)
        assert q.answer[gap].casefold() not in hint.casefold()
    assert all(word in q.explained.casefold() for word in q.answer)


@pytest.mark.parametrize("name", CHOICES)
def test_the_solution_names_the_letters_first(name: str) -> None:
    q = CHOICES[name]
    assert q.solution().text.startswith(f"{q.answer}: ")


def test_the_articles_word_for_switching_cost_is_taken_with_a_remark() -> None:
    said = CONCEPTS["36.7"].check("流失成本")
    assert said.outcome == "correct" and "the cost of churn" in said.text


@pytest.mark.parametrize(
    ("name", "given"), [("36.21", 12), ("36.21", 13), ("36.33", 55), ("36.33", 54.8)]
)
def test_a_whole_number_of_people_is_right(name: str, given: float) -> None:
    assert CONCEPTS[name].check(given).outcome == "correct"


def test_numbers_beside_are_not_right() -> None:
    assert "six gaps" in CONCEPTS["36.15"].check(2.33).text
    assert CONCEPTS["36.21"].check(14).outcome == CONCEPTS["36.33"].check(56).outcome == "not yet"


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("36.9", "cadbcadb", "Each letter only once, please."),
        ("36.9", "cadbb", "Each letter only once, please."),
        ("36.9", "cad", "One letter is missing."),
        ("36.9", "ca", "2 letters are missing."),
        ("36.9", "cdab", "Not yet: c comes first, but what then?"),
        ("36.9", "bdca", "Not yet. An angry customer hears no proposals: what has to come first?"),
        ("36.10", "a, b, d and e", 'Write letters only, such as "abd".'),
        ("36.18", "b) latent loyalty", "Write the letter only."),
        ("36.18", "bb", "Each letter only once, please."),
    ],
)
def test_letters_are_written_once_each_and_alone(name: str, given: str, said: str) -> None:
    assert CONCEPTS[name].check(given).text == said


@pytest.mark.parametrize("name", CHOICES)
def test_every_wrong_option_has_its_word(name: str) -> None:
    q = CHOICES[name]
    letters = "abcdefghij"[: len(q.options)]
    assert len(set(q.options)) == len(q.options)
    if q.ordered:
        assert sorted(q.answer) == list(letters)
    else:
        assert {wrong for wrong, _ in q.mistakes} == set(letters) - set(q.answer)


@pytest.mark.parametrize("name", CHOICES)
def test_the_question_shows_its_options(name: str) -> None:
    q = CHOICES[name]
    assert all(option in repr(q) for option in q.options)


def test_a_right_letter_is_not_always_the_same() -> None:
    """Answers that are all b could be given without reading."""
    single = [q.answer for q in CHOICES.values() if len(q.answer) == 1]
    assert set(single) == set("abcd")
    assert max(map(single.count, "abcd")) <= len(single) / 2


# ------------------------------------------------------------------ the glossary


def glossary() -> dict[str, str]:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$", read("docs/glossary.md"), re.M)
    return dict(rows[1:])


def read(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def test_the_glossary_is_sorted_and_names_nothing_twice() -> None:
    terms = [row.split(" | ")[0][2:] for row in read("docs/glossary.md").splitlines()[6:]]
    assert terms == sorted(terms, key=str.casefold)
    assert len(set(terms)) == len(terms) == len(glossary()) > 90


@pytest.mark.parametrize("name", CONCEPTS)
def test_the_glossary_holds_every_concept(name: str) -> None:
    english, chinese = CONCEPTS[name].term
    assert glossary()[english] == chinese


def test_the_glossary_holds_the_words_that_the_notebooks_list() -> None:
    for source in sorted((ROOT / "notebooks" / "src").glob("36_*.py")):
        table = re.findall(
            r"^# \| ([^|]+) \| ([^|]+) \| [^|]+ \|$", source.read_text("utf-8"), re.M
        )
        assert table[1:]
        assert {t: c for t, c in table[1:] if glossary().get(t) != c} == {}


# ------------------------------------------------------------------ the two kinds

TWO = Blanks(
    "Who stays is (1), who leaves is (2).",
    ["loyal", "switching cost"],
    "Staying counts.",
    ("Think of staying.", "Think of leaving."),
    ((["lost", ...], "Lost is who left."),),
    also=(("忠诚客户",), ("转换成本",)),
    term=("loyalty", "忠诚"),
)
ONE = Blanks(
    "Who leaves is (1).", ["lost"], "", (), (("loyal", "They stay."),), also=(("流失客户",),)
)
EVEN = Choice(
    "Even?", "ac", "2 and 4.", ("Halve.",), (("b", "3 is odd."),), options=("2", "3", "4")
)
STEPS = Choice("Order?", "ba", "", (), (("ab", "Reversed."),), options=("x", "y"), ordered=True)
LARGE = Choice("Largest?", "b", "", ("Count.",), (("a", "1 is small."),), options=("1", "2", "<b>"))


@pytest.mark.parametrize("nothing", [..., None, [..., ...], (None, ...)])
def test_open_gaps_are_not_attempted(nothing: Any) -> None:
    assert TWO.check(nothing).outcome == "not attempted"


@pytest.mark.parametrize("word", ["lost", " LOST ", "流失客户", "流失 客户", ["lost"], "ｌｏｓｔ"])
def test_one_gap_takes_a_word(word: Any) -> None:
    assert ONE.check(word).outcome == "correct"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["loyal", "Switching-Cost"], "Correct. Staying counts."),
        (["loyal", ...], "Right: (1). Still open: (2)."),
        (["lost", ...], "Lost is who left."),
        (["lost", "switching_cost"], "Right: (2). Lost is who left."),
        (["lost", "money"], "Not yet: (1), (2). Lost is who left."),
        (["rich", "poor"], "Not yet: (1), (2). Think of staying."),
        ([1, "转换成本"], "Right: (2). Not yet: (1). Think of staying."),
        (["loyal", "poor"], "Right: (1). Not yet: (2). Think of leaving."),
        ([..., "poor"], "Not yet: (2). Think of leaving."),
        ("loyal", "The answer to 2 gaps is a list of 2 words."),
        (["loyal", ..., "lost"], "The answer to 2 gaps is a list of 2 words."),
        (7, "Each gap takes a word. Think of staying."),
    ],
)
def test_each_gap_is_answered(given: Any, said: str) -> None:
    assert TWO.check(given).text == said


@pytest.mark.parametrize(
    ("question", "given", "said"),
    [
        (EVEN, "ac", "Correct."),
        (EVEN, ["C", "a"], "Correct."),
        (EVEN, {"a", "c"}, "Correct."),
        (EVEN, "ａ，ｃ", "Correct."),
        (EVEN, "abc", "3 is odd."),
        (EVEN, "c", "True as far as it goes, but 1 more is to be found."),
        (EVEN, "ad", "The answer is all letters that apply. Halve."),
        (EVEN, 7, "The answer is all letters that apply. Halve."),
        (STEPS, "b a", "Correct."),
        (STEPS, "ab", "Reversed."),
        (STEPS, "b", "One letter is missing."),
        (LARGE, "b", "Correct."),
        (LARGE, "a", "1 is small."),
        (LARGE, "c", "Not yet. Count."),
        (LARGE, "ab", "The answer is one letter. Count."),
        (LARGE, "", "The answer is one letter. Count."),
        (LARGE, ..., "Replace the ... with your answer."),
    ],
)
def test_letters_are_answered(question: Choice, given: Any, said: str) -> None:
    assert question.check(given).text == said


def test_text_stays_text_and_gaps_stand_out() -> None:
    assert "<b>b</b>" in LARGE._repr_html_() and "&lt;b&gt;" in LARGE._repr_html_()
    assert "(1)&nbsp;____" in ONE._repr_html_()
    assert repr(LARGE).splitlines() == ["Largest? (one letter)", "  a  1", "  b  2", "  c  <b>"]
    assert repr(CONCEPTS["36.7"]).startswith("[loyalty drivers 客户忠诚因素] Time, effort")
