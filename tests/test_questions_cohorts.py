"""The questions of notebook 02: every answer recomputed, and the wrong roads walked.

``tests/test_questions.py`` runs both lists with those of the other notebooks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd

import churnlab as cl
from churnlab.cohorts import Rule
from churnlab.learn import QUESTIONS, Choice, exercise

# ------------------------------------------------------------------ 02.1, three cohorts by hand


@cache
def three(as_of: str = "2026-04-01") -> pd.DataFrame:
    """40, 60 and 100 newcomers; of January's 16 are back in February and 10 in March, and so on."""
    rows = []
    for month, n, back in ((1, 40, {2: 16, 3: 10}), (2, 60, {3: 12}), (3, 100, {})):
        for later, k in {month: n, **back}.items():
            rows += [(f"{month}-{i}", f"2026-{later:02}-10") for i in range(k)]
    log = pd.DataFrame(rows, columns=["customer", "time"]).astype({"time": "datetime64[s]"})
    return cl.cohorts.retention(log, as_of=as_of)


def at_one(mean: Any = "weighted", column: str = "retention") -> float:
    return float(cl.cohorts.pooled(three(), mean=mean).set_index("age").loc[1, column])


def filled(weighted: bool) -> float:
    """April read on its first days, as if it were over: zeros for the cohort of March."""
    started = three(as_of="2026-04-02")
    first, cells = started[started["age"] == 0], started[started["age"] == 1]
    if weighted:
        return float(cells["n_seen"].sum() / first["n_start"].sum())
    return float((cells["n_seen"] / cells["n_start"]).mean())


def in_march(of_all: bool) -> float:
    """Those who came back in March: age 2 of January, age 1 of February."""
    table = three().set_index(["cohort", "age"])
    january, february = pd.Timestamp("2026-01-01"), pd.Timestamp("2026-02-01")
    back = int(table.loc[(january, 2), "n_active"] + table.loc[(february, 1), "n_active"])
    return back / (200 if of_all else 100)


# ------------------------------------------------------------------ 02.2, one visit, three clocks


def age_of(second: str, rule: Rule) -> int:
    times = pd.to_datetime(["2026-01-05 17:40", second])
    log = pd.DataFrame({"customer": ["x", "x"], "time": times})
    triangle = cl.cohorts.retention(log, rule=rule, period="day", as_of="2026-02-01")
    return int(triangle[triangle["n_seen"] == 1]["age"].max())


ROLLING = Rule(clock="elapsed")
ROLLING_AFTER = replace(ROLLING, returned="on_or_after")
CLOCKS = [Rule(), ROLLING, replace(ROLLING, round_to="hour")]


def three_clocks(order: Sequence[int] = (0, 1, 2)) -> list[int]:
    return [age_of("2026-01-06 17:10", CLOCKS[i]) for i in order]


def in_hours() -> list[float]:
    """The whole day, then the hours gone by, and those of times rounded down."""
    times = pd.to_datetime(pd.Series(["2026-01-05 17:40", "2026-01-06 17:10"]))
    exact, rounded = times.diff()[1], times.dt.floor("h").diff()[1]
    return [three_clocks()[0], exact / pd.Timedelta("1h"), rounded / pd.Timedelta("1h")]


# ------------------------------------------------------------------ 02.3 to 02.5, CDNOW


@cache
def cdnow(rule: str | Rule = "on", as_of: str = "1998-07-01") -> pd.DataFrame:
    return cl.cohorts.retention(cl.datasets.load("cdnow_transactions"), rule=rule, as_of=as_of)


def curve(rule: str | Rule = "on", as_of: str = "1998-07-01") -> pd.Series:
    return cl.cohorts.pooled(cdnow(rule, as_of)).set_index("age")["retention"]


def bracket(*edges: int, clock: Any = None) -> float:
    """The share that came in the second bracket."""
    return float(curve(Rule(brackets=edges, clock=clock))[edges[1]])


def cell(
    month: str, age: int, rule: str | Rule, as_of: str = "1998-07-01", column: str = "retention"
):
    table = cdnow(rule, as_of).set_index(["cohort", "age"])
    return float(table.loc[(pd.Timestamp(month), age), column])


def january(as_of: str) -> float:
    return cell("1997-01-01", 6, "on_or_after", as_of)


def rise(rule: str | Rule) -> float:
    return cell("1997-01-01", 6, rule) - cell("1997-01-01", 6, rule, "1998-01-01")


def unseen(month: str, rule: str | Rule, age: int = 12) -> int:
    found = cl.cohorts.customers(
        cl.datasets.load("cdnow_transactions"),
        cell={"cohort": month, "age": age},
        rule=rule,
        as_of="1998-07-01",
    ).frame
    return int((found["is_eligible"] & ~found["is_active"]).sum())


# ------------------------------------------------------------------ 02.6, which reason could it be


def monday(log: pd.DataFrame, **asked: Any) -> pd.Series:
    """Day 7 of the newcomers of Monday 5 January."""
    asked = {"period": "day", "as_of": "2026-03-01", **asked}
    table = cl.cohorts.retention(log, **asked).set_index(["cohort", "age"])
    return table.loc[(pd.Timestamp("2026-01-05"), 7)]


def visits(rows: list[tuple[str, str, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer", "time", "kind"])
    return frame.astype({"time": "datetime64[s]"})


def twenty() -> pd.DataFrame:
    """20 sign up on a Monday, 15 buy at once: 6 of them come on day 7, 3 on the day after."""
    rows = [(f"c{i}", "2026-01-05 12:00", "sign-up") for i in range(20)]
    rows += [(f"c{i}", "2026-01-05 12:30", "purchase") for i in range(15)]
    rows += [(f"c{i}", "2026-01-12 13:00", "purchase") for i in range(6)]
    rows += [(f"c{i}", "2026-01-13 11:00", "purchase") for i in range(6, 9)]
    return visits(rows)


def true_options() -> str:
    log = twenty()
    on = monday(log)
    holds = {
        "a": (on["retention"], monday(log, rule="on_or_after")["retention"]) == (0.30, 0.45),
        "b": False,  # a scale of colours is no argument of the count
        # a visit on the next calendar day, less than 8 × 24 hours from the start
        "c": monday(log, rule=ROLLING)["retention"] == 0.45,
        "d": monday(log, rule=Rule(start_kind="purchase"))["retention"] > on["retention"],
        "e": monday(log, level=0.99)["retention"] != on["retention"],
    }
    return "".join(letter for letter, true in holds.items() if true)


RECOMPUTED: dict[str, Callable[[], Any]] = {
    "02.1": at_one,
    "02.2": three_clocks,
    "02.3": lambda: bracket(0, 4, 7),
    "02.4": lambda: rise("on_or_after"),
    "02.5": lambda: unseen("1997-02-01", "on_or_after"),
    "02.6": true_options,
}

WALKED: list[tuple[str, str, Callable[[], Any]]] = [
    ("02.1", "simple", lambda: at_one("simple")),
    ("02.1", "as lost", lambda: filled(weighted=True)),
    ("02.1", "filled March", lambda: filled(weighted=False)),
    ("02.1", "active in March", lambda: in_march(of_all=False)),
    ("02.1", "of all 200", lambda: in_march(of_all=True)),
    ("02.1", "how many", lambda: at_one(column="n_active")),
    ("02.2", "after 24 hours", lambda: [age_of("2026-01-06 17:10", CLOCKS[0])] * 3),
    ("02.2", "Round both", lambda: three_clocks((0, 1, 1))),
    ("02.2", "is another", lambda: three_clocks((1, 1, 2))),
    ("02.2", "helps too", lambda: three_clocks((1, 1, 1))),
    ("02.2", "swapped", lambda: three_clocks((0, 2, 1))),
    ("02.2", "Each the wrong way", lambda: [1 - age for age in three_clocks()]),
    ("02.2", "hours. An age", in_hours),
    ("02.3", "counted twice", lambda: float(curve().loc[4:6].sum())),
    ("02.3", "independent", lambda: 1 - float((1 - curve().loc[4:6]).prod())),
    ("02.3", "rolling", lambda: bracket(0, 4, 7, clock="elapsed")),
    ("02.3", "did not buy", lambda: 1 - bracket(0, 4, 7)),
    ("02.3", "month 4 alone", lambda: float(curve()[4])),
    ("02.3", "months 4 and 5", lambda: bracket(0, 4, 6)),
    ("02.3", "months 1 to 3", lambda: bracket(0, 1, 4)),
    ("02.3", "on or after", lambda: float(curve("on_or_after")[4])),
    ("02.3", "mean share", lambda: float(curve().loc[4:6].mean())),
    ("02.4", "'on'", lambda: rise("on")),
    ("02.4", "earlier reading itself", lambda: january("1998-01-01")),
    ("02.4", "later reading itself", lambda: january("1998-07-01")),
    (
        "02.4",
        "over all",
        lambda: float(curve("on_or_after")[6] - curve("on_or_after", "1998-01-01")[6]),
    ),
    ("02.4", "rolling", lambda: rise(ROLLING_AFTER)),
    ("02.4", "it rises", lambda: -rise("on_or_after")),
    ("02.4", "in relation", lambda: rise("on_or_after") / january("1998-01-01")),
    ("02.5", "month 12 itself", lambda: unseen("1997-02-01", "on")),
    ("02.5", "were seen", lambda: cell("1997-02-01", 12, "on_or_after", column="n_active")),
    ("02.5", "January", lambda: unseen("1997-01-01", "on_or_after")),
    ("02.5", "list of the lesson", lambda: unseen("1997-03-01", "on_or_after", age=6)),
    ("02.5", "rolling", lambda: unseen("1997-02-01", ROLLING_AFTER)),
    ("02.5", "whole cohort", lambda: cell("1997-02-01", 12, "on", column="n_start")),
    ("02.5", "share", lambda: 1 - cell("1997-02-01", 12, "on_or_after")),
]


def test_the_bank_is_merged_whole() -> None:
    names = {name for name in QUESTIONS if name.startswith("02.")}
    assert names == set(RECOMPUTED)
    assert {name for name, _, _ in WALKED} | {"02.6"} == names


def test_every_known_mistake_is_walked() -> None:
    for name in set(RECOMPUTED) - {"02.6"}:
        walked = [why for each, why, _ in WALKED if each == name]
        assert len(walked) == len(exercise(name).mistakes), name


def test_the_three_cohorts_are_those_of_the_question() -> None:
    counts = three().groupby("cohort")["n_seen"].agg(list).tolist()
    assert counts == [[40, 16, 10], [60, 12], [100]]


def test_the_two_reports_of_the_last_question_differ_as_it_says() -> None:
    """30 % and 45 %; and 6 of the 15 who bought, where 6 of 20 signed up."""
    assert monday(twenty())["retention"] == 0.30
    assert monday(twenty(), rule=Rule(start_kind="purchase"))["retention"] == 0.40


def test_the_wrong_options_are_those_that_have_a_word() -> None:
    question = exercise("02.6")
    assert isinstance(question, Choice) and len(question.options) == 5
    assert {letter for letter, _ in question.mistakes} == set("abcde") - set(true_options())
