"""What is in the file: the profile, in plain words."""

from __future__ import annotations

import pandas as pd

from churnlab import spells
from churnlab.report.asked import Asked
from churnlab.report.calls import Calls
from churnlab.report.numbers import people, write
from churnlab.report.parts import Section, Shown
from churnlab.report.time import days_between

TITLE = "What is in the file"
_QUIET = 31  # days without a row, at the end of a file, that are worth a word
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
            f"{write(n_rows, 'whole')} row{'s' if n_rows != 1 else ''} of {people(n_customers, asked.min_cell)}, from "
            f"{_day(facts, 'first_day')} to {_day(facts, 'last_day')}.",
            *_stale(facts, asked),
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


def _stale(facts: pd.DataFrame, asked: Asked) -> tuple[str, ...]:
    """A word where the date of the page lies long after all that the file holds."""
    last = facts.at["last_day", "example"]
    if pd.isna(last) or not "0001" <= str(last) < str(asked.as_of):
        return ()
    days = days_between(last, asked.as_of) - 1
    if days <= _QUIET:
        return ()
    what = "row is" if asked.kind == "events" else "contract began"
    return (
        f"The last {what} of {last}, {days:,} days before the date of this page, {asked.as_of}. If the "
        "file was made then, all that follows takes days that nobody has seen for days without customers "
        "or without losses: give the date up to which the file is complete (as_of).",
    )


def _day(facts: pd.DataFrame, finding: str) -> str:
    day = facts.at[finding, "example"]
    return "no day" if pd.isna(day) else str(day)
