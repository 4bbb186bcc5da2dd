"""How long customers stay: survival curves, by segment with a test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from churnlab import compare, plot, survival
from churnlab.checks import InputError, Table
from churnlab.report.asked import Asked
from churnlab.report.calls import Calls
from churnlab.report.numbers import is_small, people
from churnlab.report.parts import Format, Picture, Section, Shown
from churnlab.report.presence import lifetimes, limit

TITLE = "How long customers stay"
_MARKS = (30, 90, 180, 365, 730, 1095)  # days at which the curve is read
_MOST = 10  # groups whose curves can be told apart


def answer(asked: Asked, calls: Calls) -> Section:
    spells = lifetimes(asked, calls)
    by, too_many = _groups(asked, calls)
    groups: dict[str, Any] = {"by": list(by)} if by else {}
    curve = calls.make("curve", survival.kaplan_meier, "lifetimes", **groups, **asked.of_level())
    test = _test(asked, calls, curve, by)
    longest = float(curve["duration"].max())
    marks = [float(m) for m in _MARKS if m <= longest] or [longest]
    read = calls.make("read", survival.at, "curve", duration=marks)
    shown = read.merge(_still(curve, marks, by), how="left")
    headings = {name: name for name in by} | {
        "duration": "days", "estimate": "still there", "conf_low": "from", "conf_high": "to",
        "n_risk": "watched so long",
    }  # fmt: skip
    formats: dict[str, Format] = {"duration": "whole", "n_risk": "whole"}
    formats |= {"estimate": "percent", "conf_low": "percent", "conf_high": "percent"}
    return Section(
        "curves", TITLE, (*_says(spells, asked), *too_many, *_tested(test, asked)),
        tables=(
            Shown("read", shown, headings, formats, {"n_risk": ("estimate", "conf_low", "conf_high")},
                  caption="Share still there after so many days, and how many were watched so long"),
        ),
        pictures=(
            Picture(
                plot.picture(lambda: plot.survival(
                    curve, test=test, xlabel="days since the customer came", ylabel="still there",
                    suppress_below=asked.min_cell or None,
                )),
                alt="Kaplan-Meier curves: the share of customers still there by days since they came.",
            ),
        ),
        notes=_notes(asked, calls),
        calls=calls.code("curve", "read", *(["test"] if test is not None else [])),
    )  # fmt: skip


def _groups(asked: Asked, calls: Calls) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns of the groups, or a word why there is one curve for all."""
    if not asked.by:
        return (), ()
    counts = survival.spell_counts(calls.get("lifetimes"), by=list(asked.by)).frame
    n = len(counts[list(asked.by)].drop_duplicates())
    if n <= _MOST:
        return asked.by, ()
    named = ", ".join(map(repr, asked.by))
    return (), (
        f"{named} makes {n:,} groups, and no more than {_MOST} curves can be told apart: this is the curve of "
        "all. Name a column with fewer values, or group them first.",
    )


def _test(
    asked: Asked, calls: Calls, curve: pd.DataFrame, by: Sequence[str]
) -> pd.DataFrame | None:
    """The test between the groups, unless one of them is too small to be shown."""
    if not by:
        return None
    sizes = curve.groupby(list(by), dropna=False)["n_risk"].max()
    if len(sizes) < 2 or is_small(sizes, asked.min_cell).any():
        return None
    try:
        found: pd.DataFrame = calls.make("test", compare.logrank, "lifetimes", by=list(by))
    except InputError:  # nobody was lost: there is nothing to compare
        return None
    return found


def _still(curve: pd.DataFrame, marks: list[float], by: Sequence[str]) -> pd.DataFrame:
    """How many were still under observation at each mark."""
    parts = []
    for _, rows in curve.groupby(list(by), dropna=False, sort=False) if by else [((), curve)]:
        at = np.searchsorted(rows["duration"].to_numpy(float), marks, side="left")
        n = np.append(rows["n_risk"].to_numpy(float), 0.0)[at]
        named = pd.DataFrame({name: [rows[name].iloc[0]] * len(marks) for name in by})
        parts.append(named.assign(duration=np.asarray(marks, float), n_risk=n))
    return pd.concat(parts, ignore_index=True)


def _says(spells: Table, asked: Asked) -> tuple[str, ...]:
    lines = spells.ledger()
    used = lines[(lines["unit"] == "spells") & (lines["rule"] == "used")]["n"].iloc[-1]
    return (
        f"The stays of {people(used, asked.min_cell)}. Who is still there is followed as far as the data "
        "go and counts as not lost so far: neither dropped nor taken for a customer for ever.",
    )


def _tested(test: pd.DataFrame | None, asked: Asked) -> tuple[str, ...]:
    if test is None:
        return ()
    p = float(test["p_value"].iloc[0])
    named = " and ".join(asked.by)
    if not np.isfinite(p):
        return (f"Whether the curves by {named} differ cannot be tested.",)
    told = "below 0.001" if p < 0.001 else f"{p:.3f}"
    verdict = (
        "more than chance would make of equal groups" if p < 1 - asked.level
        else "no more than chance may make of equal groups; that does not prove them equal"
    )  # fmt: skip
    return (
        f"By {named} the curves differ {verdict} (log-rank test, p {'' if p < 0.001 else '= '}{told}).",
    )


def _notes(asked: Asked, calls: Calls) -> tuple[str, ...]:
    estimate = "Kaplan–Meier estimate; the limits are on the log-log scale."
    if asked.kind == "contracts":
        return (
            estimate,
            "A customer's first stay is followed; contracts that overlap or touch are one.",
        )
    days = limit(asked, calls)
    return (
        estimate,
        f"A stay runs from the first event to the last one before {days.days} days of silence; customers who "
        "came once have a stay of 0 days, so the curve begins below 100 %. All are followed up to the same "
        f"day, {days.days} days before the end of the log: following only the others to its end flatters the curve.",
    )
