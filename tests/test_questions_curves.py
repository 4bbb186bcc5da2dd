"""The questions of notebook 11: every answer recomputed, and the wrong roads walked.

``tests/test_questions.py`` runs both lists with those of the other notebooks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import churnlab as cl

FIVE = pd.DataFrame({"duration": [2, 3, 5, 5, 8], "event": [True, False, True, True, False]})
PLANS = pd.DataFrame(
    {"plan": list("aaabbb"), "duration": [1, 2, 4, 3, 2, 5], "event": [1, 1, 1, 1, 0, 0]}
)
NINE = pd.DataFrame({"duration": [1, 3, 2, 4, 4, 4, 6, 8, 9], "event": [1, 1, 0, 0, 0, 1, 1, 0, 0]})
NINE["entry"] = [0, 0, 0, 0, 0, 2, 3, 4, 5]


def at(spells: Any, when: float, **options: Any) -> float:
    curve = cl.survival.kaplan_meier(spells, **options)
    return float(curve[curve["duration"] <= when]["estimate"].iloc[-1])


def six_customers(inactivity: int) -> float:
    six = cl.datasets.load("six_customers")
    return at(cl.spells.to_spells(six, inactivity=inactivity, as_of="2026-05-05"), 14)


def c6_unseen() -> float:
    """With 31 days, and C6 out of sight after the second purchase, on day 5."""
    six = cl.datasets.load("six_customers")
    spells = cl.spells.to_spells(six, inactivity=31, as_of="2026-05-05").frame
    return at(spells.assign(duration=spells["duration"].mask(spells["customer"] == "C6", 5)), 14)


def treated(treatment: str = "6-MP") -> pd.DataFrame:
    patients = cl.datasets.load("leukaemia")
    return patients[patients["treatment"] == treatment]


def quantile(patients: pd.DataFrame, column: str, q: float = 0.5, conf: Any = "log") -> float:
    return float(cl.survival.quantiles(patients, q=q, conf=conf)[column].iloc[0])


def area(patients: pd.DataFrame, until: float) -> float:
    """The area under the curve, rectangle by rectangle."""
    curve = cl.survival.kaplan_meier(patients)
    curve = curve[curve["duration"] < until]
    widths = np.diff([*curve["duration"], until])
    return float((curve["estimate"] * widths).sum())


def longer(until: float = 15) -> float:
    return area(treated(), until) - area(treated("placebo"), until)


def expected(spells: pd.DataFrame, plan: str = "a") -> float:
    """Over the losses: the share of those at risk who are in the plan."""
    shares = [
        (spells[spells["duration"] >= when]["plan"] == plan).mean()
        for when in spells.loc[spells["event"] == 1, "duration"]
    ]
    return float(sum(shares))


def stayed(when: int, *, at_entry: bool = False) -> float:
    """Of the nine at risk at a duration, entered before it (or at it), the share that stays."""
    entered = NINE["entry"] <= when if at_entry else NINE["entry"] < when
    there = NINE[entered & (NINE["duration"] >= when)]
    return 1 - float(((there["duration"] == when) & (there["event"] == 1)).mean())


def product(**how: Any) -> float:
    return float(np.prod([stayed(when, **how) for when in (1, 3, 4, 6)]))


def since_the_records() -> pd.DataFrame:
    return NINE.assign(duration=NINE["duration"] - NINE["entry"], entry=0)


RECOMPUTED: dict[str, Callable[[], Any]] = {
    "11.1": lambda: at(FIVE, 5),
    "11.2": lambda: six_customers(31),
    "11.3": lambda: quantile(treated(), "conf_low"),
    "11.4": longer,
    "11.5": lambda: expected(PLANS),
    "11.6": product,
}

WALKED: list[tuple[str, str, Callable[[], Any]]] = [
    ("11.1", "dropped", lambda: at(FIVE[FIVE["event"]], 5)),
    ("11.1", "survived", lambda: float((~FIVE["event"]).mean())),
    ("11.1", "1 − S", lambda: 1 - at(FIVE, 5)),
    ("11.1", "counted the customer", lambda: at(FIVE.assign(event=[1, 1, 1, 1, 0]), 5)),
    ("11.2", "with 30 days", lambda: six_customers(30)),
    ("11.2", "1 − S", lambda: 1 - six_customers(31)),
    ("11.2", "Who is at risk at 14", c6_unseen),
    ("11.2", "day 14 alone", lambda: six_customers(31) / 0.8),
    ("11.3", "log-log", lambda: quantile(treated(), "conf_low", conf="log-log")),
    ("11.3", "itself", lambda: quantile(treated(), "estimate")),
    ("11.3", "first quartile", lambda: quantile(treated(), "conf_low", q=0.25)),
    ("11.3", "placebo", lambda: quantile(treated("placebo"), "conf_low")),
    ("11.4", "turn the reference", lambda: -longer()),
    ("11.4", "35 weeks", lambda: longer(35)),
    ("11.4", "medians", lambda: quantile(treated(), "estimate") - 8),
    ("11.4", "plain means", lambda: means(treated()) - means(treated("placebo"))),
    ("11.4", "dropped", lambda: means(treated().query("event == 1")) - means(treated("placebo"))),
    ("11.4", "ratio", lambda: area(treated(), 15) / area(treated("placebo"), 15)),
    ("11.4", "alone", lambda: area(treated(), 15)),
    ("11.5", "expected in B", lambda: expected(PLANS, "b")),
    ("11.5", "Half of four", lambda: PLANS["event"].sum() / 2),
    ("11.5", "seen in A", lambda: PLANS[PLANS["plan"] == "a"]["event"].sum()),
    ("11.5", "losses come first", lambda: expected(PLANS.assign(duration=[1, 2, 4, 3, 1.5, 5]))),
    ("11.5", "dropped", lambda: expected(PLANS[PLANS["event"] == 1])),
    ("11.6", "without the entries", lambda: at(NINE, 6, entry=None)),
    ("11.6", "dropped", lambda: at(NINE[NINE["entry"] == 0], 6)),
    ("11.6", "began the older", lambda: at(since_the_records(), 6)),
    ("11.6", "only after that", lambda: product(at_entry=True)),
    ("11.6", "1 − S", lambda: 1 - product()),
    ("11.6", "alone", lambda: stayed(6)),
]


def means(patients: pd.DataFrame) -> float:
    return float(patients["duration"].mean())


def test_the_library_agrees_with_the_answers_worked_out_here() -> None:
    patients = cl.datasets.load("leukaemia")
    within = cl.compare.restricted_mean(patients, by="treatment", until=15, reference="placebo")
    assert np.isclose(within["estimate"].iloc[0], longer())
    table = cl.compare.observed_expected(PLANS, by="plan")
    assert np.allclose(table["expected"], [expected(PLANS), expected(PLANS, "b")])
    assert np.isclose(at(NINE, 6, entry="entry"), product())
    assert NINE.eval("duration - entry").max() == 4  # months from 1 January to 1 May
