"""Who is silent for longer than their own habit."""

from __future__ import annotations

from churnlab import plot, purchases
from churnlab.report.asked import Asked
from churnlab.report.calls import Calls
from churnlab.report.numbers import write
from churnlab.report.parts import Picture, Section, Shown

TITLE = "Who is silent for longer than usual"


def answer(asked: Asked, calls: Calls) -> Section:
    if asked.kind == "contracts":
        return Section("silent", TITLE, missing="Contracts hold no visits. With a log of events, each customer's "
                       "silence is held against the customer's own habit.")  # fmt: skip
    calls.make("silences", purchases.silences, "data", **asked.log(), **asked.of_day())
    bands = calls.make("bands", purchases.silence_bands, "silences")
    known = bands.dropna(subset="multiple_from")
    late = known[known["multiple_from"] >= 2]
    n_late, n_known = int(late["n"].sum()), int(known["n"].sum())
    says = [
        "A month of silence is nothing for someone who comes twice a year, and alarming for someone who comes "
        "every week. So each customer's present silence is held against the median of that customer's own gaps.",
    ]
    if n_known >= max(asked.min_cell, 1) and (n_late == 0 or n_late >= asked.min_cell):
        says.append(
            f"{write(n_late, 'whole')} of the {write(n_known, 'whole')} customers with a habit "
            f"({write(n_late / n_known, 'percent')}) have been silent for more than twice their own median gap."
        )
    ends = zip(bands["multiple_from"], bands["multiple_to"], strict=True)
    shown = bands.assign(band=[_words(low, high) for low, high in ends])
    headings = {"band": "silent for", "n": "customers", "share": "share"}
    return Section(
        "silent", TITLE, tuple(says),
        tables=(
            Shown("bands", shown, headings, {"n": "whole", "share": "percent"}, {"n": ("share",)},
                  caption="Customers by their present silence, in multiples of their own median gap"),
        ),
        pictures=(
            Picture(
                plot.picture(lambda: plot.silence(bands, suppress_below=asked.min_cell)),
                alt="Bars: customers by the length of their present silence in multiples of their own gap.",
            ),
        ),
        notes=(
            "A silence is the gap there would be if the customer came at the date of the page. Customers "
            "with fewer than two gaps have no habit yet. The list of customers: the call silences below.",
        ),
        calls=calls.code("silences", "bands"),
    )  # fmt: skip


def _words(low: float, high: float) -> str:
    if low != low:
        return "no habit known yet"
    if low == 0:
        return f"up to {high:g} × the own gap"
    return f"{low:g} to {high:g} ×" if high < float("inf") else f"more than {low:g} ×"
