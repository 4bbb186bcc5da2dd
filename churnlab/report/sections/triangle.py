"""Cohort retention: the triangle, honest about what is not yet observed."""

from __future__ import annotations

import pandas as pd

from churnlab import cohorts, plot
from churnlab.report.asked import Asked
from churnlab.report.calls import Calls
from churnlab.report.numbers import write
from churnlab.report.parts import Format, Picture, Section, Shown
from churnlab.report.sections import growth
from churnlab.report.time import LATEST, noun

TITLE = "Who comes back: the triangle of cohorts"
_DRAWN = 36  # the latest cohorts in the picture, and the ages at which they are drawn


def answer(asked: Asked, calls: Calls) -> Section:
    one = noun(asked.unit)
    if asked.kind == "contracts":
        return Section("triangle", TITLE, missing="A triangle counts who comes back. Contracts say who "
                       "stays: see the curve and the churn rate.")  # fmt: skip
    table = growth.triangle(asked, calls)
    pooled = calls.make("pooled", cohorts.pooled, "triangle", **asked.of_level())
    drawn = table[table["cohort"].isin(sorted(table["cohort"].unique())[-_DRAWN:])]
    drawn = drawn[drawn["age"] <= _DRAWN]
    headings = {
        "age": f"{noun(asked.unit, 2)} later", "n_eligible": "customers", "retention": "came back",
        "conf_low": "from", "conf_high": "to",
    }  # fmt: skip
    formats: dict[str, Format] = {"age": "whole", "n_eligible": "whole"}
    formats |= {"retention": "percent", "conf_low": "percent", "conf_high": "percent"}
    return Section(
        "triangle", TITLE, _says(pooled, asked, one),
        tables=(
            Shown(
                "pooled", pooled[pooled["age"] > 0].head(LATEST), headings, formats,
                {"n_eligible": ("retention", "conf_low", "conf_high")},
                caption="All cohorts together, at each age those that were seen through it",
            ),
        ),
        pictures=(
            Picture(
                plot.picture(lambda: plot.retention(drawn, suppress_below=asked.min_cell)),
                alt=f"Heat map: of the customers who first came in a {one}, the share active in the "
                "periods after it.",
            ),
        ),
        notes=(
            f"A row is the customers who first came in that {one}; the share active in the very period "
            "counts (“on”), not later ones. Hatched: the period is not over; what was seen so far "
            "is no share yet.",
        ),
        calls=calls.code("triangle", "pooled"),
    )  # fmt: skip


def _says(pooled: pd.DataFrame, asked: Asked, one: str) -> tuple[str, ...]:
    seen = pooled[pooled["age"] > 0].dropna(subset="retention")
    if not len(seen):
        return (f"No {one} after the first one is over for any cohort yet.",)
    later = seen[seen["n_eligible"] >= asked.min_cell].set_index("age")["retention"]
    if not len(later):
        return (f"No {asked.min_cell} customers have been seen through a later {one} yet.",)
    ages = [age for age in (1, 3, 6, 12) if age in later.index] or [int(later.index[0])]
    told = [f"{write(later[age], 'percent')} after {age} {noun(asked.unit, age)}" for age in ages]
    listed = told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"
    return (
        f"Of the customers who came for the first time, {listed} were active again in that very {one}.",
    )
