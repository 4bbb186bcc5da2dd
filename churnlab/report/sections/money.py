"""Revenue retention: what the customers of before spend now."""

from __future__ import annotations

from churnlab import cohorts, revenue
from churnlab.report.asked import Asked
from churnlab.report.calls import Calls
from churnlab.report.numbers import write
from churnlab.report.parts import Format, Section, Shown
from churnlab.report.sections import growth
from churnlab.report.time import LATEST, named, noun, said

TITLE = "Revenue retention"


def answer(asked: Asked, calls: Calls) -> Section:
    if not asked.has("amount"):
        return Section("money", TITLE, missing="There is no column of amounts: name one (amount=) to see what "
                       "the customers of before spend now.")  # fmt: skip
    return _of_events(asked, calls) if asked.kind == "events" else _of_contracts(asked, calls)


def _of_events(asked: Asked, calls: Calls) -> Section:
    growth.triangle(asked, calls)
    calls.make("money", cohorts.retention, "data", measure="money", **asked.log(),
                       **asked.of_unit(), **asked.of_level())  # fmt: skip
    moved = calls.make("turnover", cohorts.by_period, "money", **asked.of_unit())
    one = noun(asked.unit)
    pooled = calls.make("spend", cohorts.pooled, "money", mean="simple", **asked.of_level())
    shown = pooled[pooled["age"] > 0].head(LATEST)
    over = moved[moved["whole"]]
    says = []
    if len(over) and over["active"].iloc[-1] >= asked.min_cell:
        last = over.iloc[-1]
        says.append(
            f"In {said(last['period_start'], asked.unit)}, the last whole {one}, customers spent "
            f"{write(last['value'], 'money')}."
        )
    says.append(
        f"The table says what a cohort spends in a later {one} for every 1.00 it spent in its first: it may "
        "rise above 100 % if those who stay buy more."
    )
    headings = {
        "age": f"{noun(asked.unit, 2)} later", "n_cohorts": "cohorts", "n_eligible": "customers",
        "retention": "spent of what was spent at first",
    }  # fmt: skip
    formats: dict[str, Format] = {"age": "whole", "n_cohorts": "whole", "n_eligible": "whole"}
    return Section(
        "money", TITLE, tuple(says),
        tables=(
            Shown("spend", shown, headings, {**formats, "retention": "percent"},
                  {"n_eligible": ("retention",)},
                  caption="Mean of the cohorts seen through that age, each counting the same"),
        ),
        notes=("Amounts are added exactly, refunds taken off. Amounts are as the file has them: no inflation, "
               "no exchange rates.",),
        calls=calls.code("money", "spend", "turnover"),
    )  # fmt: skip


def _of_contracts(asked: Asked, calls: Calls) -> Section:
    calls.make("movements", revenue.movements, "data", **asked.contracts("customer", "start", "end", "amount"),
               **asked.of_unit())  # fmt: skip
    table = calls.make("kept", revenue.retention, "movements")
    moved = calls.get("movements")
    one = noun(asked.unit)
    shown = table.merge(moved, on="period_start")
    known = shown[(shown["opening"] >= max(asked.min_cell, 1)) & shown["net_retention"].notna()]
    if not len(known):
        return Section(
            "money",
            TITLE,
            missing=f"No whole {one} had {max(asked.min_cell, 1)} paying customers when it began.",
        )
    last = known.iloc[-1]
    says = (
        f"In {said(last['period_start'], asked.unit)}, of every 1.00 that customers paid when the {one} began, "
        f"{write(last['net_retention'], 'percent')} was still paid by the same customers at its end, "
        f"upgrades included, and {write(last['gross_retention'], 'percent')} without them.",
    )
    headings = {
        "shown_period": one, "opening_mrr": "paid when it began", "net_retention": "net",
        "gross_retention": "gross", "logo_retention": "customers kept",
    }  # fmt: skip
    formats: dict[str, Format] = {"opening_mrr": "money"}
    formats |= {
        "net_retention": "percent",
        "gross_retention": "percent",
        "logo_retention": "percent",
    }
    return Section(
        "money", TITLE, says,
        tables=(
            Shown("kept", named(shown.tail(LATEST), asked.unit), headings, formats,
                  {"opening": ("opening_mrr", "net_retention", "gross_retention", "logo_retention")},
                  caption=f"Revenue kept within each {one}"),
        ),
        notes=("Net: with upgrades, downgrades and losses. Gross: without upgrades. Newcomers are in neither. "
               "All from the turn at which it began to the next: who left and came back in between was "
               "kept. Amounts are rates per month, as the file has them.",),
        calls=calls.code("movements", "kept"),
    )  # fmt: skip
