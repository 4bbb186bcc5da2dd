"""Why they left, where the file says so."""

from __future__ import annotations

import pandas as pd

from churnlab import plot, spells, survival
from churnlab.checks import InputError
from churnlab.report.asked import Asked
from churnlab.report.calls import Calls
from churnlab.report.numbers import is_small, write
from churnlab.report.parts import Format, Picture, Section, Shown

TITLE = "Why they left"
_MOST = 30  # reasons in a table that is still read
_DRAWN = 10  # reasons whose areas can be told apart
_HEADINGS = {
    "reason": "reason", "left": "customers", "estimate": "share of all who came",
    "conf_low": "from", "conf_high": "to",
}  # fmt: skip
_FORMATS: dict[str, Format] = {
    "left": "whole", "estimate": "percent", "conf_low": "percent", "conf_high": "percent",
}  # fmt: skip


def answer(asked: Asked, calls: Calls) -> Section:
    if asked.kind == "events":
        return Section(
            "reasons", TITLE, missing="Reasons belong to contracts, which say when they end."
        )
    if not asked.has("reason"):
        return Section("reasons", TITLE, missing="There is no column of reasons: name one (reason=) to see which "
                       "share of the customers left for which.")  # fmt: skip
    calls.make("departures", spells.subscriptions_to_spells, "data",
               **asked.contracts("customer", "start", "end"), reason=asked.columns["reason"],
               **asked.of_day())  # fmt: skip
    try:
        table = calls.make("incidence", survival.incidence, "departures", **asked.of_level())
    except InputError as error:  # the reader knows the column by its own name
        own = f"column {asked.columns['reason']!r}"
        raise InputError(str(error).replace("column 'reason'", own)) from error
    n = table["reason"].nunique()
    if n > _MOST:
        raise InputError(
            f"reason={asked.columns['reason']!r} holds {n} different reasons, more than a page can tell "
            f"apart ({_MOST}). Bring them into fewer first (reasons.taxonomy)."
        )
    counted = table.groupby("reason", dropna=False)["n_event"].sum()
    last = table.groupby("reason", dropna=False).tail(1)
    last = last.assign(left=last["reason"].map(counted)).sort_values(
        ["left", "reason"], ascending=[False, True]
    )
    first = last.iloc[0]
    says = [
        f"By {write(float(first['duration']), 'whole')} days after they came, the last day that was "
        "watched, the reasons share out all who left; the parts add up to the whole.",
    ]
    if first["left"] >= asked.min_cell:
        says.insert(
            0,
            f"Most often named: {first['reason']}, by {write(int(first['left']), 'whole')} customers.",
        )
    return Section(
        "reasons", TITLE, tuple(says),
        tables=(
            Shown("incidence", last, _HEADINGS, _FORMATS, {"left": ("estimate", "conf_low", "conf_high")},
                  caption="Share of all customers lost for each reason in the end"),
        ),
        pictures=() if n > _DRAWN or is_small(last["left"], asked.min_cell).any() else (_picture(table),),
        notes=("Aalen–Johansen estimate: who left for one reason cannot leave for another, so the curves are not one "
               "minus a Kaplan–Meier curve each. A reason is what somebody wrote down, not a proven cause.",),
        calls=calls.code("incidence"),
    )  # fmt: skip


def _picture(incidence: pd.DataFrame) -> Picture:
    drawn = plot.picture(
        lambda: plot.incidence(incidence, kind="stacked", xlabel="days since the customer came")
    )
    return Picture(
        drawn, alt="Areas: the share of customers lost for each reason, by days since they came."
    )
