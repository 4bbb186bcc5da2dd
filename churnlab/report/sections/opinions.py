"""What customers say: the Customer Churn Index of a table of ratings."""

from __future__ import annotations

from typing import Any

import pandas as pd

from churnlab import cci, plot
from churnlab.checks import InputError
from churnlab.report.asked import Asked
from churnlab.report.calls import Calls
from churnlab.report.numbers import is_small, write
from churnlab.report.parts import Format, Picture, Section, Shown

TITLE = "What customers say"


def answer(asked: Asked, calls: Calls) -> Section:
    if asked.ratings is None:
        return Section("opinions", TITLE, missing="There is no table of ratings (customer, factor, satisfaction, "
                       "importance): pass one (ratings=) to see what pushes customers out.")  # fmt: skip
    matrix = calls.make("matrix", cci.matrix, "ratings")
    index = calls.make("index", cci.index, "ratings")
    ranks = _ranks(calls)
    n, points = int(index["n"].iloc[0]), float(index["cci"].iloc[0])
    if 0 < n < asked.min_cell:
        raise InputError(f"fewer than {asked.min_cell} customers rated: nothing is shown.")
    told = matrix[~is_small(matrix["n"], asked.min_cell)]
    if not len(told):
        raise InputError(f"no factor was rated by {asked.min_cell} customers: nothing is shown.")
    first = told.sort_values(["pressure", "factor"], ascending=[False, True]).iloc[0]
    says = (
        f"Customer Churn Index: {points:.1f} of 100 points ({index['conf_low'].iloc[0]:.1f} to "
        f"{index['conf_high'].iloc[0]:.1f}), from the ratings of {write(n, 'whole')} customers. 0: everyone is wholly "
        "satisfied with all that matters to them.",
        f"Most of the pressure comes from {first['factor']}: it makes up {write(float(first['share']), 'percent')} "
        "of the index.",
        *_sure(ranks if len(told) == len(matrix) else None, str(first["factor"])),
    )
    headings = {
        "factor": "factor", "n": "customers", "satisfaction": "satisfaction", "importance": "importance",
        "pressure": "pressure", "share": "share of the index",
    }  # fmt: skip
    formats: dict[str, Format] = {"n": "whole", "satisfaction": "number", "importance": "number"}
    formats |= {"pressure": "number", "share": "percent"}
    behind = ("satisfaction", "importance", "pressure", "share")
    whole = len(told) == len(matrix)
    kept: dict[str, Any] = {"ranks": ranks} if ranks is not None and whole else {}
    return Section(
        "opinions", TITLE, says,
        tables=(Shown("matrix", matrix, headings, formats, {"n": behind}, caption="The factors"),),
        pictures=(
            Picture(
                plot.picture(lambda: plot.cci_map(told, **kept)),
                alt="Map: how much each factor matters against how satisfied customers are with it.",
            ),
        ),
        notes=("Pressure: importance share times what is missing to full satisfaction, on average over customers.",),
        calls=calls.code("matrix", "index", *(["ranks"] if ranks is not None else [])),
    )  # fmt: skip


def _ranks(calls: Calls) -> pd.DataFrame | None:
    try:
        found: pd.DataFrame = calls.make("ranks", cci.rank, "ratings")
    except InputError:  # too few customers to say how sure the order is
        return None
    return found


def _sure(ranks: pd.DataFrame | None, factor: str) -> tuple[str, ...]:
    if ranks is None:
        return ()
    row = ranks[(ranks["criterion"] == "pressure") & (ranks["factor"].astype(str) == factor)]
    if not len(row):
        return ()
    low, high = int(row["rank_low"].iloc[0]), int(row["rank_high"].iloc[0])
    if low == high:
        return ("With all the chance that is in a sample, its first place is sure.",)
    return (f"With the chance that is in a sample, its place may be any from {low} to {high}.",)
