"""The churn rate, with its convention named."""

from __future__ import annotations

import pandas as pd

from churnlab import checks, plot, survival
from churnlab.report import presence
from churnlab.report.asked import Asked
from churnlab.report.calls import Calls
from churnlab.report.numbers import write
from churnlab.report.parts import Format, Picture, Section, Shown
from churnlab.report.presence import limit
from churnlab.report.time import DRAWN, LATEST, named, noun, said

TITLE = "Churn rate"
_RECENT = 12  # whole periods behind the mean in the sentence


def answer(asked: Asked, calls: Calls) -> Section:
    table, one = presence.churn(asked, calls), noun(asked.unit)
    rated = table[table["opening"] > 0]
    if not len(rated):
        return Section(
            "churn", TITLE, missing=f"No whole {one} began with customers from before it."
        )
    headings = {
        "shown_period": one, "opening": "there before it began", "lost": "lost of them",
        "rate": "churn rate", "conf_low": "from", "conf_high": "to",
    }  # fmt: skip
    formats: dict[str, Format] = {"opening": "whole", "lost": "whole"}
    formats |= {"rate": "percent", "conf_low": "percent", "conf_high": "percent"}
    return Section(
        "churn", TITLE, _says(rated, asked, one),
        tables=(
            Shown(
                "churn", named(rated.tail(LATEST), asked.unit), headings, formats,
                {"opening": ("lost", "rate", "conf_low", "conf_high")},
                caption=f"Churn by {one}, with the limits of chance ({100 * asked.level:g} %)",
            ),
        ),
        pictures=(
            Picture(
                plot.picture(lambda: plot.churn_rate(rated.tail(DRAWN), suppress_below=asked.min_cell)),
                alt=f"Line: the churn rate of each {one}, with its limits.",
            ),
        ),
        notes=_convention(asked, calls, one),
        calls=calls.code("churn"),
    )  # fmt: skip


def _says(rated: pd.DataFrame, asked: Asked, one: str) -> tuple[str, ...]:
    recent = rated.tail(_RECENT)
    opening, lost = int(recent["opening"].sum()), int(recent["lost"].sum())
    first, last = (said(recent["period_start"].iloc[i], asked.unit) for i in (0, -1))
    span, mean = (
        (f"In {first}", "") if first == last else (f"From {first} to {last}", ", on average")
    )
    if recent["opening"].max() < asked.min_cell:
        return (f"{span} no {one} began with {asked.min_cell} customers: no rate is shown.",)
    return (
        f"{span}, {write(lost / opening, 'percent')} of the customers there before a {one} began were "
        f"lost by its end{mean}.",
    )


def _convention(asked: Asked, calls: Calls, one: str) -> tuple[str, ...]:
    rule = (
        f"Convention: opening cohort. Of those there before the {one} began, the share whose stay ended "
        f"by the first day of the next. Who begins on the first day is new in that {one}; who came and "
        "left within it is in neither number; who left and came back within it is lost, and new again. "
        "Limits: Wilson."
    )
    if asked.kind == "contracts":
        return (
            rule,
            "A contract that ends on the first day of a period was lost in the period before.",
        )
    days, until = limit(asked, calls), presence.stays(asked, calls)[1]["as_of"]
    return (
        rule,
        f"Nobody tells that they leave, so {days.days} days without an event count as lost ({days.why}). "
        "A customer is there from the first event of a stay to the last; who comes back later begins a "
        f"new stay. Whether a silence lasts {days.days} days is known only up to {until}: the rates end there.",
        *_came_back(asked, calls),
    )


def _came_back(asked: Asked, calls: Calls) -> tuple[str, ...]:
    """How often the limit of silence has been wrong so far."""
    lives = survival.life_table(calls.get("visits"))
    n = checks.ledger(lives).query("stage == 'to_spells' and rule == 'read'").set_index("unit")["n"]
    lost, back = int(lives["n_event"].sum()), int(n["spells"] - n["customers"])
    if lost < max(asked.min_cell, 1):
        return ()
    return (
        f"So far {write(back / lost, 'percent')} of the stays that count as lost were followed by another "
        "of the same customer. The longer the limit, the fewer.",
    )
