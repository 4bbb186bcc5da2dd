"""Size and growth: how many customers were there, and how many of them were new."""

from __future__ import annotations

import pandas as pd

from churnlab import cohorts, plot
from churnlab.report.asked import Asked
from churnlab.report.calls import Calls
from churnlab.report.numbers import people, write
from churnlab.report.parts import Format, Picture, Section, Shown
from churnlab.report.presence import at_the_end, churn
from churnlab.report.time import DRAWN, LATEST, named, noun, said

TITLE = "Size and growth"


def answer(asked: Asked, calls: Calls) -> Section:
    return _of_events(asked, calls) if asked.kind == "events" else _of_contracts(asked, calls)


def triangle(asked: Asked, calls: Calls) -> pd.DataFrame:
    """The triangle of customers, which several sections read."""
    return calls.make("triangle", cohorts.retention, "data", **asked.log(), **asked.of_unit(),
                      **asked.of_level())  # fmt: skip


def _of_events(asked: Asked, calls: Calls) -> Section:
    triangle(asked, calls)
    table = calls.make("growth", cohorts.by_period, "triangle", **asked.of_unit())
    over, one = table[table["whole"]], noun(asked.unit)
    says = [f"No {one} was over by {asked.as_of}: the figures are those so far."]
    if len(over):
        last = over.iloc[-1]
        few = 0 < last["active"] < asked.min_cell
        parts = (
            f": {write(last['new'], 'whole')} for the first time and "
            f"{write(last['returning'], 'whole')} who had come before"
        )
        says = [
            f"In the last whole {one}, {said(last['period_start'], asked.unit)}, "
            f"{people(last['active'], asked.min_cell)} {'was' if last['active'] == 1 and not few else 'were'} active"
            f"{'' if few or not last['active'] else parts}."
        ]
    says.append(
        f"Active means at least one event in the {one}; a refund is none. Customers are counted once "
        f"a {one}, however often they came."
    )
    headings = {
        "shown_period": one, "active": "active", "new": "new", "returning": "came back",
    } | ({} if table["whole"].all() else {"so_far": "seen so far"})  # fmt: skip
    formats: dict[str, Format] = dict.fromkeys(("active", "new", "returning", "so_far"), "whole")
    shown = named(table.tail(LATEST), asked.unit)
    shown["so_far"] = shown["n_seen"].where(~shown["whole"])
    return Section(
        "growth", TITLE, tuple(says),
        tables=(
            Shown(
                "growth", shown, headings, formats,
                {"active": ("new", "returning"), "so_far": ()},
                caption=f"Customers active, the latest {LATEST} {noun(asked.unit, 2)} at most",
            ),
        ),
        pictures=(
            Picture(
                plot.picture(lambda: plot.activity(table.tail(DRAWN), suppress_below=asked.min_cell)),
                alt=f"Bars: customers active in each {one}, new ones and those who came back.",
            ),
        ),
        calls=calls.code("growth"),
    )  # fmt: skip


def _of_contracts(asked: Asked, calls: Calls) -> Section:
    table, one = churn(asked, calls), noun(asked.unit)
    if not len(table):
        return Section("growth", TITLE, missing=f"No whole {one} lies before {asked.as_of}.")
    last, here = table.iloc[-1], at_the_end(table)["customers"].iloc[-1]
    says = (
        f"At the end of {said(last['period_start'], asked.unit)}, the last whole {one}, "
        f"{people(here, asked.min_cell)} had a running contract; "
        f"{people(last['opening'], asked.min_cell)} had one before the {one} began.",
        "A customer with several contracts is one customer; contracts that overlap or touch are one "
        f"stay. Who begins on the first day of a {one} came within it.",
    )
    headings = {
        "shown_period": one, "opening": "there before it began", "new": "came",
        "lost": "left", "new_lost": "came and left within it",
    }  # fmt: skip
    formats: dict[str, Format] = dict.fromkeys(("opening", "new", "lost", "new_lost"), "whole")
    return Section(
        "growth", TITLE, says,
        tables=(
            Shown(
                "churn", named(table.tail(LATEST), asked.unit), headings, formats,
                {"opening": ("new", "lost", "new_lost")},
                caption=f"Customers under contract, the latest {LATEST} {noun(asked.unit, 2)} at most",
            ),
        ),
        calls=calls.code("churn"),
    )  # fmt: skip
