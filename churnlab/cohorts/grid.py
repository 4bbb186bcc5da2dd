"""From counts to the triangle: every cohort × every age begun, with rates where observed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnlab import engine, intervals
from churnlab.checks import InputError
from churnlab.cohorts.counting import Counts
from churnlab.cohorts.question import CENTS, Question

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

_MOST_CELLS = 10_000_000


def triangle(counts: Counts, asked: Question, by: Sequence[str], level: float) -> pd.DataFrame:
    """The groups, cohort (a period index or a label), age and the columns of a triangle."""
    keys = [*by, "cohort"]
    rows = engine.sort_missing_last(counts.starts[keys].drop_duplicates(), keys)
    starts, seen = _numbered(counts.starts, rows, keys), _numbered(counts.seen, rows, keys)
    low, high = _edges(asked, starts)
    n_places = np.zeros(len(rows), dtype=np.int64)
    np.maximum.at(n_places, starts["row"], np.searchsorted(low, starts["begun"], "left"))
    shape = (len(rows), len(low))
    if shape[0] * shape[1] > _MOST_CELLS:
        raise InputError(
            f"{shape[0]:,} cohorts × {shape[1]:,} ages is more than a table can show: choose a "
            "longer period or fewer groups."
        )
    if asked.rule.age_zero == "all":
        seen = _with_starts(seen, starts, asked)
    tables = _tables(starts, seen, high, shape, asked)
    there = np.arange(len(low)) < n_places[:, None]
    at, place = np.nonzero(there)
    flat = pd.DataFrame({name: table[at, place] for name, table in tables.items()})
    frame = rows.iloc[at].reset_index(drop=True).assign(age=low[place])
    return pd.concat([frame, _rates(flat, asked, level)], axis=1)


def _numbered(frame: pd.DataFrame, rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The frame with ``row``, the place of its group and cohort among the rows."""
    return frame.merge(rows.assign(row=np.arange(len(rows))), on=keys, how="left")


def _edges(asked: Question, starts: pd.DataFrame) -> tuple[Ints, Ints]:
    """First age of every bracket, and the first age after it."""
    edges = np.asarray(asked.rule.brackets, dtype=np.int64)
    if not edges.size:
        edges = np.arange(int(starts["begun"].max()) + 1, dtype=np.int64)
    return edges[:-1], edges[1:]


def _with_starts(seen: pd.DataFrame, starts: pd.DataFrame, asked: Question) -> pd.DataFrame:
    """Everyone active at age 0, by definition."""
    cells = starts[["row", "full", "n_start"]]
    if asked.rule.returned == "on_or_after":
        known = seen.groupby(["row", "full"])["n_seen"].sum().rename("known").reset_index()
        cells = cells.merge(known, on=["row", "full"], how="left")
        cells["n_start"] -= cells.pop("known").fillna(0).astype("int64")
    else:
        seen = seen.assign(n_seen=seen["n_seen"].where(seen["place"] > 0, 0))
    first = cells.rename(columns={"n_start": "n_seen"}).assign(place=0, n_events=0, cents=0)
    return pd.concat([seen[list(first.columns)], first], ignore_index=True)


def _tables(
    starts: pd.DataFrame, seen: pd.DataFrame, high: Ints, shape: tuple[int, int], asked: Question
) -> dict[str, Ints]:
    """Cohort × bracket: who started, is eligible, was seen, and the values over and under."""
    n_over = np.searchsorted(high, starts["full"], "right")  # brackets that are over
    row, n_start = starts["row"].to_numpy(), starts["n_start"].to_numpy()
    whole = np.zeros(shape, dtype=np.int64)
    np.add.at(whole, (row[n_over > 0], n_over[n_over > 0] - 1), n_start[n_over > 0])
    total = np.bincount(row, n_start, shape[0]).astype(np.int64)
    tables = {"n_start": np.repeat(total[:, None], shape[1], axis=1), "n_eligible": _later(whole)}
    kept = seen[seen["place"] < shape[1]]
    add = _Adder(kept, np.searchsorted(high, kept["full"], "right"), shape, asked)
    tables["n_active"], tables["n_seen"] = add("n_seen", True), add("n_seen", False)
    column = {"customers": "n_seen", "events": "n_events", "money": "cents"}[asked.measure]
    eligible = asked.rule.denominator == "eligible"
    tables["above"] = add(column, eligible)
    if asked.rule.reference == "previous":
        tables["below"] = add(column, eligible, shift=1)
        tables["below"][:, 0] = tables["above"][:, 0]
    elif asked.measure != "customers":
        tables["below"] = add.first(column, eligible)
    else:
        tables["below"] = tables["n_eligible" if eligible else "n_start"]
    return tables


class _Adder:
    """Adds a column of what was seen into cohort × bracket."""

    def __init__(
        self, seen: pd.DataFrame, n_over: Ints, shape: tuple[int, int], asked: Question
    ) -> None:
        self.seen, self.n_over, self.shape = seen, n_over, shape
        self.later = asked.rule.returned == "on_or_after"

    def __call__(self, column: str, eligible: bool, *, shift: int = 0) -> Ints:
        """Sums per cell, of the eligible or of all; ``shift=1`` of the bracket before."""
        place = self.seen["place"].to_numpy() + shift
        last = self.n_over - 1 if eligible else np.full(len(place), self.shape[1] - 1)
        # on or after: seen last at a bracket counts in all up to it, as far as they are over
        place, keep = (np.minimum(place, last), last >= 0) if self.later else (place, place <= last)
        table = np.zeros(self.shape, dtype=np.int64)
        rows, values = self.seen["row"].to_numpy(), self.seen[column].to_numpy()
        np.add.at(table, (rows[keep], place[keep]), values[keep])
        return _later(table) if self.later else table

    def first(self, column: str, eligible: bool) -> Ints:
        """The sums of the first bracket, over the eligible of every bracket."""
        start = self.seen["place"].to_numpy() == 0
        last = self.n_over - 1 if eligible else np.full(len(start), self.shape[1] - 1)
        keep = start & (last >= 0)
        table = np.zeros(self.shape, dtype=np.int64)
        rows, values = self.seen["row"].to_numpy(), self.seen[column].to_numpy()
        np.add.at(table, (rows[keep], last[keep]), values[keep])
        return _later(table)


def _later(table: Ints) -> Ints:
    """Sums over this bracket and all that follow."""
    return table[:, ::-1].cumsum(axis=1)[:, ::-1]


def _rates(flat: pd.DataFrame, asked: Question, level: float) -> pd.DataFrame:
    """Counts as they are reported, and the share with its limits where anyone is eligible."""
    known = (flat["n_eligible"] > 0).to_numpy()
    above, below = (flat[c].to_numpy() for c in ("above", "below"))
    share: Any = np.full(len(flat), np.nan)
    np.divide(above, below, out=share, where=known & (below > 0))
    low = high = np.full(len(flat), np.nan)
    nested = asked.rule.reference == "first" or asked.rule.returned == "on_or_after"
    if asked.measure == "customers" and nested:
        some = known & (below > 0)
        if asked.rule.denominator == "start":  # who is not yet observed is no failure
            some &= (flat["n_eligible"] == flat["n_start"]).to_numpy()
        low, high = intervals.wilson(
            np.where(some, above, 0), np.where(some, below, 0), level=level
        )
    value = above / CENTS if asked.measure == "money" else above
    active = np.where(known, flat["n_active"], np.nan)
    shown = np.where(known, value, np.nan)
    return flat[["n_start", "n_eligible"]].assign(
        n_active=pd.array(active, dtype="Int64"),
        n_seen=flat["n_seen"],
        value=shown if asked.measure == "money" else pd.array(shown, dtype="Int64"),
        retention=share,
        conf_low=low,
        conf_high=high,
        mature=(flat["n_eligible"] == flat["n_start"]).to_numpy(),
    )
