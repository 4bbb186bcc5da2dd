"""Size and growth: how many customers were there, and how many of them were new."""

from __future__ import annotations

import pandas as pd

from churnlab import cohorts, plot, rates
from churnlab.report.asked import Asked
from churnlab.report.calls import Calls
from churnlab.report.numbers import write
from churnlab.report.parts import Format, Picture, Section, Shown
from churnlab.report.time import DRAWN, LATEST, label, named, noun

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
        says = [
            f"In the last whole {one}, {label(last['period_start'], asked.unit)}, "
            f"{_told(last['active'], asked)} customers were active: "
            f"{_told(last['new'], asked)} for the first time and "
            f"{_told(last['returning'], asked)} who had come before."
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


def churn(asked: Asked, calls: Calls) -> pd.DataFrame:
    """The churn rates of contracts, which two sections read."""
    return calls.make("churn", rates.churn_rate, "data", **asked.contracts("customer", "start", "end"),
                      **asked.of_unit(), **asked.of_level())  # fmt: skip


def _of_contracts(asked: Asked, calls: Calls) -> Section:
    table, one = churn(asked, calls), noun(asked.unit)
    if not len(table):
        return Section("growth", TITLE, missing=f"No whole {one} lies before {asked.as_of}.")
    last = table.iloc[-1]
    closing = last["opening"] - last["lost"] + last["new"] - last["new_lost"]
    says = (
        f"At the end of {label(last['period_start'], asked.unit)}, the last whole {one}, "
        f"{_told(closing, asked)} customers had a running contract; "
        f"{_told(last['opening'], asked)} had one when the {one} began.",
        "A customer with several contracts is one customer; contracts that overlap or touch are one "
        "stay.",
    )
    headings = {
        "shown_period": one, "opening": "there when it began", "new": "came",
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


def _told(n: float, asked: Asked) -> str:
    small = 0 < n < asked.min_cell
    return f"fewer than {asked.min_cell}" if small else write(int(n), "whole")
