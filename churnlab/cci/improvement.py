"""Improvability: what the firm's own people say of each factor, in a table of its own."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from churnlab import checks, engine
from churnlab.checks import IfPresent, InputError

Scale = tuple[float, float]


def scale_of(argument: str, given: Any) -> Scale:
    """A rating scale as (lowest, highest)."""
    try:
        low, high = (float(end) for end in given)
    except (TypeError, ValueError):
        low = high = math.nan
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(f"{argument}={given!r} must be (lowest, highest), for example (1, 10).")
    return low, high


def table(given: Any, factor: str, scale: Scale) -> pd.DataFrame:
    """One row per factor: ``factor, improvability`` (a share, the mean over raters), ``owner``."""
    frame = engine.scan(
        given,
        {
            "factor": (factor, "id"),
            "improvability": ("improvability", "number"),
            "owner": (IfPresent("owner"), "label"),
        },
    )
    low, high = scale
    rows = engine.fetch(frame, list(frame.roles)).dropna(subset="factor")
    if frame.schema["factor"] == nw.String:
        rows = rows[rows["factor"].str.strip() != ""]
    rows = rows.assign(improvability=rows["improvability"].astype("float64"))
    off = rows[~rows["improvability"].between(low, high) & rows["improvability"].notna()]
    if len(off):
        raise checks.reject(
            f"of the improvability table holds ratings outside the scale from {low:g} to {high:g}",
            column="improvability", n=len(off), example=float(off["improvability"].iloc[0]),
            remedy="Say its scale with improvability_scale=(lowest, highest); shares are (0, 1).",
        )  # fmt: skip
    mean = rows.groupby("factor", sort=True)["improvability"].mean()
    found = pd.DataFrame({"improvability": (mean - low) / (high - low)})
    if frame.has("owner"):
        found["owner"] = _owners(rows)
    return found.reset_index()


def _owners(rows: pd.DataFrame) -> pd.Series[Any]:
    named = rows.dropna(subset="owner").drop_duplicates(["factor", "owner"])
    twice = named.loc[named["factor"].duplicated(), "factor"]
    if len(twice):
        raise InputError(
            f"factor {checks.plain(twice.iloc[0])} has more than one owner in the improvability "
            "table: a factor belongs to one, so that the owners' sums add up."
        )
    return named.set_index("factor")["owner"]


def refuse_strangers(ease: pd.DataFrame, rated: Iterable[Any]) -> None:
    """Two tables without a factor in common were not meant for each other."""
    names = sorted(map(str, rated))
    if not set(ease["factor"]) & set(rated):
        raise InputError(
            f"no factor of the improvability table ({_some(list(map(str, ease['factor'])))}) is "
            f"rated by anyone ({_some(names)}): write the factors the same way in both tables."
        )


def _some(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names[:6]) + (", …" if len(names) > 6 else "")
