"""The churn rate, with its convention named."""

from __future__ import annotations

import pandas as pd

from churnlab import plot, rates, survival
from churnlab.report.asked import Asked
from churnlab.report.calls import Calls
from churnlab.report.numbers import write
from churnlab.report.parts import Format, Picture, Section, Shown
from churnlab.report.presence import limit, stays
from churnlab.report.time import DRAWN, LATEST, label, named, noun

TITLE = "Churn rate"
_RECENT = 12  # whole periods behind the mean in the sentence


def answer(asked: Asked, calls: Calls) -> Section:
    name, arguments, until = stays(asked, calls)
    arguments |= asked.of_unit() | asked.of_level()
    table = calls.make("churn", rates.churn_rate, name, **arguments)
    one = noun(asked.unit)
    rated = table[table["opening"] > 0]
    if not len(rated):
        return Section(
            "churn", TITLE, missing=f"No whole {one} with customers in it lies before {until}."
        )
    headings = {
        "shown_period": one, "opening": "there when it began", "lost": "lost of them",
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
        notes=_convention(asked, calls, one, until),
        calls=calls.code("churn"),
    )  # fmt: skip


def _says(rated: pd.DataFrame, asked: Asked, one: str) -> tuple[str, ...]:
    recent = rated.tail(_RECENT)
    opening, lost = int(recent["opening"].sum()), int(recent["lost"].sum())
    first, last = (label(recent["period_start"].iloc[i], asked.unit) for i in (0, -1))
    span = f"In {first}" if first == last else f"From {first} to {last}"
    if recent["opening"].max() < asked.min_cell:
        return (f"{span} there were never {asked.min_cell} customers at a time: no rate is shown.",)
    return (
        f"{span}, {write(lost / opening, 'percent')} of the customers there at the beginning of a "
        f"{one} were lost by its end, on average.",
    )


def _convention(asked: Asked, calls: Calls, one: str, until: str) -> tuple[str, ...]:
    rule = (
        f"Convention: opening cohort. Of those there on the first day of the {one}, the share no longer "
        "there on the first day of the next. Who came and left in between is in neither number. Limits: "
        "Wilson."
    )
    if asked.kind == "contracts":
        return (
            rule,
            "A contract that ends on the first day of a period was lost in the period before.",
        )
    days = limit(asked, calls)
    return (
        rule,
        f"Nobody tells that they leave, so {days.days} days without an event count as lost ({days.why}). "
        "A customer is there from the first event of a stay to the last; who comes back later begins a "
        f"new stay. Whether a silence lasts {days.days} days is known only up to {until}: the rates end there.",
        *_came_back(calls),
    )


def _came_back(calls: Calls) -> tuple[str, ...]:
    """How often the limit of silence has been wrong so far."""
    lives = calls.make("silences_over", survival.life_table, "visits")
    lines = calls.ledger_of("visits")
    n = lines[lines["rule"] == "read"].set_index("unit")["n"]
    lost, back = int(lives["n_event"].sum()), int(n["spells"] - n["customers"])
    if not lost:
        return ()
    return (
        f"So far {write(back / lost, 'percent')} of the stays that count as lost were followed by another: "
        "those customers came back. The longer the limit, the fewer.",
    )
