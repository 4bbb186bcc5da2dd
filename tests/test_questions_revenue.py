"""The questions of notebook 04: every answer recomputed, and the wrong roads walked.

``tests/test_questions.py`` runs both lists with those of the other notebooks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pandas as pd
import pytest

import churnlab as cl
from churnlab.learn import QUESTIONS, exercise

Row = tuple[str, str, str | None, float]


def contracts(rows: Sequence[Row]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["customer", "start", "end", "amount"])
    for column in ("start", "end"):
        frame[column] = pd.to_datetime(frame[column])
    return frame


def second_month(rows: Sequence[Row], column: str) -> float:
    """February of a firm whose contracts begin in January."""
    table = cl.revenue.movements(contracts(rows), as_of="2026-03-01")
    return float(table.merge(cl.revenue.retention(table), on="period_start")[column].iloc[1])


# 04.1: one customer for each movement; the one who returns came and went before January.
SOFTWARE: list[Row] = [
    ("stays", "2026-01-05", None, 50_000 - 1_500 - 500 - 3_500),
    ("stays", "2026-02-05", None, 4_000),
    ("shrinks", "2026-01-05", "2026-02-10", 1_500),
    ("shrinks", "2026-01-05", None, 500),
    ("leaves", "2026-01-05", "2026-02-10", 3_500),
    ("returns", "2025-11-05", "2025-12-10", 1_000),
    ("returns", "2026-02-05", None, 1_000),
    ("comes", "2026-02-05", None, 8_000),
]


def software(column: str) -> float:
    table = cl.revenue.movements(contracts(SOFTWARE), as_of="2026-03-01")
    return float(table.merge(cl.revenue.retention(table), on="period_start")[column].iloc[-1])


def firm(column: str, leave: int = 20) -> float:
    rows: list[Row] = []
    for i in range(200):
        price = 80 if i >= 170 else 150 if i >= 160 else 100
        if i < leave:
            rows.append((f"c{i}", "2026-01-05", "2026-02-10", 100))
        elif price == 100:
            rows.append((f"c{i}", "2026-01-05", None, 100))
        else:
            rows.append((f"c{i}", "2026-01-05", "2026-02-10", 100))
            rows.append((f"c{i}", "2026-02-10", None, price))
    return second_month(rows, column)


@cache
def seven(ada_again: str = "2026-03-01") -> pd.DataFrame:
    """The movements of the notebook's contracts."""
    rows: list[Row] = [
        ("Ada", "2026-01-10", "2026-03-01", 100), ("Ada", ada_again, None, 130),
        ("Ben", "2026-01-05", None, 80), ("Ben", "2026-02-10", "2026-04-11", 40),
        ("Chen", "2026-01-20", "2026-02-15", 50), ("Chen", "2026-04-10", None, 50),
        ("Dora", "2026-03-20", None, 60),
    ]  # fmt: skip
    return cl.revenue.movements(contracts(rows), as_of="2026-06-01")


def february(column: str, ada_again: str = "2026-03-02") -> float:
    return float(seven(ada_again)[column].iloc[1])


WON = ("new_mrr", "expansion_mrr", "reactivation_mrr")
LOST = ("contraction_mrr", "churned_mrr")


def ratio(won: Sequence[str] = WON, lost: Sequence[str] = LOST, first: int = 1) -> float:
    sums = seven().iloc[first:].sum(numeric_only=True)
    return float(sums[list(won)].sum() / -sums[list(lost)].sum())


@cache
def june(column: str, plan: str | None = None) -> float:
    made = cl.datasets.generate_subscriptions(10_000, seed=7, as_of="2025-01-01")
    made = made if plan is None else made[made["plan"] == plan]
    rates = cl.revenue.retention(cl.revenue.movements(made, as_of="2025-01-01"))
    return float(rates.set_index("period_start")[column]["2024-06-01"])


def two_ahead(inflow: float | None = None, ahead: int = 2) -> float:
    """The estimate after the last of some periods, from the counts of the question."""
    counts = pd.DataFrame({"age": [0, 1, 2], "customers": [1_000, 700, 560]})
    return float(cl.forecast.customers(counts, ahead=ahead, inflow=inflow)["estimate"].iloc[-1])


RECOMPUTED: dict[str, Callable[[], Any]] = {
    "04.1": lambda: software("net_retention"),
    "04.2": lambda: firm("gross_retention"),
    "04.3": lambda: february("churned_mrr"),
    "04.4": lambda: ratio(),
    "04.5": lambda: june("gross_retention"),
    "04.6": lambda: two_ahead(),
}

WALKED: list[tuple[str, str, Callable[[], Any]]] = [
    ("04.1", "closing over opening", lambda: software("closing_mrr") / 50_000),
    ("04.1", "new customers", lambda: software("net_retention") + software("new_mrr") / 50_000),
    (
        "04.1",
        "the reactivated",
        lambda: software("net_retention") + software("reactivation_mrr") / 50_000,
    ),
    ("04.1", "gross", lambda: software("gross_retention")),
    ("04.1", "quick ratio", lambda: software("quick_ratio")),
    ("04.1", "1 − net", lambda: 1 - software("net_retention")),
    ("04.2", "net revenue", lambda: firm("net_retention")),
    ("04.2", "logo", lambda: firm("logo_retention")),
    ("04.2", "have gone", lambda: firm("gross_retention", leave=0)),
    ("04.2", "what leaked", lambda: 1 - firm("gross_retention")),
    ("04.2", "money", lambda: firm("gross_retention") * firm("opening_mrr")),
    ("04.3", "Chen alone", lambda: february("churned_mrr", "2026-03-01")),
    ("04.3", "Ada alone", lambda: february("churned_mrr") + 50),
    ("04.3", "sign", lambda: -february("churned_mrr")),
    ("04.3", "Two customers", lambda: february("contraction_mrr")),
    ("04.3", "130", lambda: -50.0 - seven("2026-03-02")["reactivation_mrr"].iloc[2]),
    ("04.4", "mean", lambda: cl.revenue.retention(seven())["quick_ratio"].mean()),
    ("04.4", "January", lambda: ratio(first=0)),
    ("04.4", "Reactivation", lambda: ratio(won=WON[:2])),
    ("04.4", "Churned revenue", lambda: ratio(lost=LOST[:1])),
    ("04.4", "Contraction", lambda: ratio(lost=LOST[1:])),
    ("04.4", "wrong way round", lambda: 1 / ratio()),
    ("04.5", "logo", lambda: june("logo_retention")),
    ("04.5", "basic", lambda: june("gross_retention", "basic")),
    ("04.5", "plus", lambda: june("gross_retention", "plus")),
    ("04.5", "share lost", lambda: 1 - june("gross_retention")),
    ("04.5", "quick ratio", lambda: june("quick_ratio")),
    ("04.6", "after one", lambda: two_ahead(ahead=1)),
    ("04.6", "last churn", lambda: 560 * (560 / 700) ** 2),
    ("04.6", "pooled", lambda: 560 * ((700 + 560) / (1_000 + 700)) ** 2),
    ("04.6", "first renewal", lambda: 560 * (700 / 1_000) ** 2),
    ("04.6", "newcomers", lambda: two_ahead(inflow=100)),
    ("04.6", "lost of the 560", lambda: 560 - two_ahead()),
]


def test_the_bank_is_merged_whole() -> None:
    names = {name for name in QUESTIONS if name.startswith("04.")}
    assert names == set(RECOMPUTED) == {name for name, _, _ in WALKED}


def test_every_mistake_of_the_bank_is_walked() -> None:
    for name in RECOMPUTED:
        walked = [why for n, why, _ in WALKED if n == name]
        assert len(walked) == len(exercise(name).mistakes), name


def test_the_software_firm_is_the_one_of_the_question() -> None:
    moved = [software(f"{kind}_mrr") for kind in ("opening", "new", "expansion", "reactivation")]
    assert moved == [50_000, 8_000, 4_000, 1_000]
    assert [software("contraction_mrr"), software("churned_mrr")] == [-1_500, -3_500]


def test_june_is_the_same_net_and_gross_since_nobody_has_two_contracts() -> None:
    assert june("net_retention") == pytest.approx(june("gross_retention"))


def test_two_renewals_ahead_by_hand() -> None:
    """With n = α + β: β = 0.7 n and 0.7 n + 1 = 0.8 (n + 1), so n = 2 and β = 1.4."""
    total = (1 - 0.8) / (0.8 - 0.7)
    beta = 0.7 * total
    by_hand = 560 * (beta + 2) / (total + 2) * (beta + 3) / (total + 3)
    assert by_hand == pytest.approx(418.88)
    assert two_ahead() == pytest.approx(by_hand, rel=1e-6)
