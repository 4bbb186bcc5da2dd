"""What is in the file: the profile, in plain words."""

from __future__ import annotations

import pandas as pd

from churnlab import spells
from churnlab.report.asked import Asked
from churnlab.report.calls import Calls
from churnlab.report.numbers import write
from churnlab.report.parts import Section, Shown

TITLE = "What is in the file"
# an example of these is a customer of flesh and blood
_PERSONAL = {"look_alike_customers", "busiest_customer", "overlapping_contracts", "short_gap"}
_HEADINGS = {
    "words": "finding", "column": "column", "unit": "counted in", "n": "number",
    "share": "share", "shown": "example", "meaning": "what it means",
}  # fmt: skip


def answer(asked: Asked, calls: Calls) -> Section:
    named = asked.roles("customer", "time", "start", "end", "amount")
    arguments = {**named, "as_of": asked.as_of, **asked.of_day()}
    table = calls.make("found", spells.profile, "data", **arguments)
    facts = table.set_index("finding")
    shown = table.assign(shown=table["example"].where(~table["finding"].isin(_PERSONAL)))
    shown["people"] = table["n"].where(table["unit"] == "customers")
    shown["words"] = shown["finding"].str.replace("_", " ")
    n_rows, n_customers = int(facts.at["rows", "n"]), int(facts.at["customers", "n"])
    return Section(
        "found", TITLE,
        says=(
            f"{write(n_rows, 'whole')} row{'s' if n_rows != 1 else ''} of {_people(n_customers, asked)}, from "
            f"{_day(facts, 'first_day')} to {_day(facts, 'last_day')}.",
            "Nothing has been changed or dropped yet. Whatever is left out later is counted in the "
            "ledger at the end of this page, under the rule that left it out.",
        ),
        tables=(
            Shown(
                "found", shown, _HEADINGS,
                formats={"n": "whole", "share": "percent"},
                small={"people": ("n", "share")},
                caption="Findings, each with what it means for the figures below",
            ),
        ),
        notes=("Examples that are customers' own identifiers are left out of this page; "
               "the command churnlab profile shows them.",),
        calls=calls.code("found"),
    )  # fmt: skip


def _people(n: int, asked: Asked) -> str:
    if 0 < n < asked.min_cell:
        return f"fewer than {asked.min_cell} customers"
    return f"{write(n, 'whole')} customer{'s' if n != 1 else ''}"


def _day(facts: pd.DataFrame, finding: str) -> str:
    day = facts.at[finding, "example"]
    return "no day" if pd.isna(day) else str(day)
