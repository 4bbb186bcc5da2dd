"""How many of today's customers will still be there, with limits and a look back."""

from __future__ import annotations

from churnlab import forecast, plot, renewals
from churnlab.checks import InputError
from churnlab.report.asked import Asked
from churnlab.report.calls import Calls
from churnlab.report.numbers import is_small, people, write
from churnlab.report.parts import Format, Picture, Section, Shown
from churnlab.report.presence import at_the_end, churn, limit, stays
from churnlab.report.time import DRAWN, named, noun, said

TITLE = "What lies ahead, for those who are here"
_ORIGINS = 4  # earlier dates from which the same forecast is made and held against what came
_SHORT = 0.15  # share of past cases outside the limits, beyond what they say, that is worth a word


def answer(asked: Asked, calls: Calls) -> Section:
    name, arguments = stays(asked, calls)
    calls.make("counts", renewals.cohort_counts, name, **arguments, spells="all")
    table = calls.make("ahead", forecast.customers, "counts", ahead=asked.ahead, **asked.of_dates(),
                       **asked.of_level())  # fmt: skip
    before = at_the_end(churn(asked, calls))
    one, last, here = noun(asked.unit), table.iloc[-1], before.iloc[-1]
    if here["customers"] < max(asked.min_cell, 1):
        raise InputError(
            f"{people(here['customers'], asked.min_cell)} at the end of the last whole {one}: no forecast "
            "is shown."
        )
    away = "" if asked.kind == "contracts" else ", those who fall silent and return not counted"
    says = (
        f"Of the {people(here['customers'], asked.min_cell)} here at the end of "
        f"{said(here['period_start'], asked.unit)}, {write(round(last['estimate']), 'whole')} "
        f"{'is' if round(last['estimate']) == 1 else 'are'} expected to be there without a break "
        f"{asked.ahead} {noun(asked.unit, asked.ahead)} later{away}; "
        f"{100 * asked.level:g} % of the futures the model draws lie between "
        f"{write(last['conf_low'], 'whole')} and {write(last['conf_high'], 'whole')}. "
        "Newcomers are not counted: how many come is another question.",
        *_looked_back(asked, calls),
    )
    headings = {
        "shown_period": one, "expected": "still there", "conf_low": "from", "conf_high": "to",
    }  # fmt: skip
    formats: dict[str, Format] = dict.fromkeys(("expected", "conf_low", "conf_high"), "whole")
    shown = named(table, asked.unit).assign(expected=table["estimate"].round())
    drawn = before.assign(
        customers=before["customers"].mask(is_small(before["customers"], asked.min_cell))
    )
    drawn = drawn.tail(DRAWN)
    return Section(
        "ahead", TITLE, says,
        tables=(
            Shown("ahead", shown, headings, formats,
                  caption=f"Expected at the end of each {one}, with limits"),
        ),
        pictures=(
            Picture(
                plot.picture(lambda: plot.forecast(table, before=drawn)),
                alt="Line: customers so far, and those of today who are expected to stay, with limits.",
            ),
        ),
        notes=_notes(asked, calls),
        calls=calls.code("ahead", "churn"),
    )  # fmt: skip


def _looked_back(asked: Asked, calls: Calls) -> tuple[str, ...]:
    """How far the same forecast would have been off before."""
    steps = max(1, min(asked.ahead, 6))
    try:
        back = calls.make("back", forecast.backtest, "counts", ahead=steps, origins=_ORIGINS,
                          **asked.of_dates(), **asked.of_level())  # fmt: skip
    except InputError:
        back = None
    if back is not None:
        back = back[(back["model"] == "sbg") & (back["actual"] >= max(asked.min_cell, 1))]
    if back is None or not len(back):
        return ("The past is too short to see how good such a forecast would have been.",)
    far = back[back["ahead"] == back["ahead"].max()]
    ahead = int(far["ahead"].iloc[0])
    off = float(far["error"].abs().mean())
    covered = int(back["covered"].sum())
    care = ""
    if covered < (asked.level - _SHORT) * len(back):
        care = " So the limits are narrower than the past bears out: read them with care."
    return (
        f"Made {len(far)} time{'' if len(far) == 1 else 's'} before, from earlier dates, the same forecast was off by "
        f"{write(off, 'percent')} on average {ahead} {noun(asked.unit, ahead)} ahead, and what came lay within the "
        f"limits in {covered} of {len(back)} cases.{care}",
    )


def _notes(asked: Asked, calls: Calls) -> tuple[str, ...]:
    model = (
        "Model: shifted beta-geometric, fitted to all cohorts. It lets customers differ in how readily they "
        "leave, so those who stayed long leave more seldom. It knows nothing of prices, rivals or seasons."
    )
    if asked.kind == "contracts":
        return (model,)
    days = limit(asked, calls)
    known = (
        f"Who is here is known only once {days.days} days of silence could have passed, so the forecast "
        "begins that long before the end of the log. Customers who come back later are not in it."
    )
    return (model, known)
