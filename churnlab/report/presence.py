"""Who is there: stays by contract, or by events and a limit of silence, for the other sections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from churnlab import purchases, rates, spells
from churnlab.checks import InputError, Table
from churnlab.report.asked import Asked
from churnlab.report.calls import Calls
from churnlab.report.time import days_between, short

USUAL = 0.95  # share of the gaps that ended within the limit of silence, where none is given
_WEEK = 7


@dataclass(frozen=True)
class Limit:
    """Days of silence that count as churn, and why so many."""

    days: int
    why: str


def limit(asked: Asked, calls: Calls) -> Limit:
    """The limit of silence that was given, or the one that the customers' own gaps suggest."""
    if asked.inactivity is not None:
        return Limit(asked.inactivity, "as was asked for")
    gaps = calls.make("gaps", purchases.gap_quantiles, "data", q=(0.5, 0.9, USUAL), **asked.log(),
                      **asked.of_day())  # fmt: skip
    if not len(gaps) or not int(gaps["n"].iloc[-1]):
        raise InputError(
            "no customer was active on two different days: without a second visit nobody can be said "
            "to have stayed. Name a limit yourself (inactivity=) if the log should say so all the same."
        )
    longest = int(gaps["gap"].iloc[-1])
    weeks = max(_WEEK, -(-longest // _WEEK) * _WEEK)
    seen = _window(asked, calls)
    if weeks <= seen // 3:
        return Limit(
            weeks,
            f"{100 * USUAL:g} % of the silences between two visits that ended had ended within "
            f"{longest} days, rounded up to whole weeks",
        )
    if seen < 6:
        raise InputError(
            f"the log covers {seen} days: too few to tell a silence from a customer lost."
        )
    return Limit(
        seen // 3,
        f"a third of the {seen} days of the log; {100 * USUAL:g} % of the silences that ended had "
        f"ended within {longest} days, but so long a limit would leave too little to look at, so some "
        "of those counted as lost will come back",
    )


def _window(asked: Asked, calls: Calls) -> int:
    """Days from the first day of the log to ``as_of``."""
    found = calls.get("found").set_index("finding")
    assert asked.as_of is not None
    return days_between(found.at["first_day", "example"], asked.as_of)


def lifetimes(asked: Asked, calls: Calls) -> Table:
    """First spells, for curves."""
    keep: dict[str, Any] = {"keep": list(asked.by)} if asked.by else {}
    try:
        if asked.kind == "contracts":
            columns = asked.contracts("customer", "start", "end")
            return _table(calls.make("lifetimes", spells.subscriptions_to_spells, "data", **columns,
                                     **asked.of_day(), **keep))  # fmt: skip
        days = limit(asked, calls).days
        return _table(calls.make("lifetimes", spells.to_spells, "data", inactivity=days, **asked.log(),
                                 **asked.of_day(), **keep))  # fmt: skip
    except InputError as error:  # the reader has named by=
        raise InputError(str(error).replace("keep=", "by=")) from error


def stays(asked: Asked, calls: Calls) -> tuple[str, dict[str, Any]]:
    """Contracts, or all stays between long silences: their name, and how to call them by period."""
    if asked.kind == "contracts":
        return "data", {**asked.contracts("customer", "start", "end"), **asked.of_unit()}
    days = limit(asked, calls).days
    calls.make("visits", spells.to_spells, "data", inactivity=days, spells="all", **asked.log(),
               **asked.of_day())  # fmt: skip
    there = _table(calls.make("stays", spells.to_subscriptions, "visits", inactivity=days))
    assert there.as_of is not None
    return "stays", {"as_of": short(there.as_of), **asked.of_dates()}


def churn(asked: Asked, calls: Calls) -> pd.DataFrame:
    """Churn rates by period: size and growth of contracts, the rates, and the base of the forecast."""
    name, arguments = stays(asked, calls)
    found: pd.DataFrame = calls.make(
        "churn", rates.churn_rate, name, **arguments, **asked.of_level()
    )
    return found


def at_the_end(churn: pd.DataFrame) -> pd.DataFrame:
    """Customers at the end of each period."""
    closing = churn["opening"] - churn["lost"] + churn["new"] - churn["new_lost"]
    return pd.DataFrame({"period_start": churn["period_start"], "customers": closing.astype(float)})


def _table(result: Any) -> Table:
    assert isinstance(result, Table)
    return result
