"""Spells at the door of every estimator: counted, refused where they cannot be meant, excluded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnlab import checks, engine
from churnlab.checks import Entry, InputError, Table, entries, reject
from churnlab.survival import labels, lanes
from churnlab.survival.ties import merged

if TYPE_CHECKING:
    import numpy.typing as npt

    from churnlab.engine import Frame

    Floats = npt.NDArray[np.float64]


class FromTable(str):
    """The default of ``cluster`` and ``count``: the column that the Table names, if it does."""

    __slots__ = ()


FROM_TABLE = FromTable("the Table's own")


@dataclass(frozen=True)
class Roles:
    """The columns of a table of spells, as an estimator was given them."""

    duration: str
    event: str
    entry: str | None
    weight: str | None
    count: str | None
    event_value: Any
    by: tuple[str, ...]
    cluster: str | None = None
    reason: str | None = None
    strata: tuple[str, ...] = ()
    timefix: bool = True

    def on(self, spells: Any) -> Roles:
        """With the columns that the Table itself names."""
        table = spells if isinstance(spells, Table) else Table(None, None, list)
        cluster = table.cluster if isinstance(self.cluster, FromTable) else self.cluster
        count = table.count if isinstance(self.count, FromTable) else self.count
        return replace(self, cluster=cluster, count=count)


@dataclass(frozen=True)
class Cells:
    """Distinct spells with their number: what every estimator starts from.

    ``frame`` is sorted by duration: duration, event (True or False), group?, stratum?, reason?
    (numbers from 0; a reason below 0 is none), entry?, cluster? (a number), n, weight?, square?
    (sums of the weights and of their squares over a cell), each? (the weight of one spell).
    """

    frame: pd.DataFrame
    groups: pd.DataFrame  # a row per group, columns by0, by1, …; one row and no column if ungrouped
    strata: pd.DataFrame
    reasons: tuple[str, ...]
    lines: list[Entry]
    fractional: bool
    timefix: bool = True
    shared: dict[str, Any] | None = None  # what estimates from the same counts need not repeat


class Counted(Table):
    """A Table of distinct spells that keeps its cells, so that they are not counted again."""

    cells: Cells
    roles: Roles

    def __init__(self, spells: Any, cells: Cells, roles: Roles) -> None:
        as_of, before = checks.history(spells)
        own = {
            "cells": replace(cells, shared={}),
            "roles": roles,
            "as_of": as_of,
            "cluster": None,
            "count": "n",
        }
        own |= {"_count": lambda: [*before, *cells.lines], "_note": list, "_counted": []}
        for name, value in own.items():
            object.__setattr__(self, name, value)

    @property
    def frame(self) -> pd.DataFrame:
        """The cells with their labels in words, made anew: a change of it changes no estimate."""
        found, frame = self.cells.frame, {}
        for key, name in zip(self.cells.groups.columns, self.roles.by, strict=True):
            frame[name] = self.cells.groups[key].array.take(found["group"].to_numpy())
        frame |= {"duration": found["duration"], "event": found["event"]}
        if "reason" in found:
            words = pd.Series([*self.cells.reasons, None], dtype="str")  # below 0: the last, none
            frame["reason"] = words.array.take(found["reason"].to_numpy() % len(words))
        if "entry" in found:
            frame["entry"] = found["entry"]
        if self.roles.weight:
            frame["weight"] = found["each"]
        return pd.DataFrame(frame | {"n": found["n"]})

    def fit(self, roles: Roles) -> bool:
        """True where the cells are those that these roles would be counted into."""
        reason = self.roles.reason if roles.reason is None else roles.reason
        fixed = self.roles.timefix or roles.timefix
        return replace(roles, reason=reason, timefix=fixed) == self.roles


def tally(spells: Any, roles: Roles, stage: str) -> Cells:
    """Count the spells, refuse what cannot be meant, exclude what cannot be used."""
    checks.choice("timefix", roles.timefix, (True, False))
    asked, roles = roles, roles.on(spells)
    if isinstance(spells, Counted) and spells.fit(roles):
        n = len(spells.cells.frame)
        return replace(
            spells.cells, lines=entries(stage, "rows", {"read": n, "used": n, "clustered": 0})
        )
    frame = engine.scan(spells, _wanted(roles))
    _refuse_uncounted(spells, asked, roles)
    by = [f"by{i}" for i in range(len(roles.by))]
    strata = [f"strata{i}" for i in range(len(roles.strata))]
    raw = lanes.count(frame, [*by, *strata, *(["reason"] if roles.reason else []), "event"])
    _check(raw.frame, frame)
    _check_pairs(raw.frame, frame)
    found = _from_the_origin(raw.frame)
    raw = replace(raw, frame=merged(found) if roles.timefix else found)
    kept, counted = _usable(raw)
    unit = "rows" if roles.count else "spells"  # with counts a row is several spells
    counted["clustered"] = _clustered(kept)
    if not len(kept):
        lost = ", ".join(f"{rule} {n:,}" for rule, n in counted.items() if n)
        raise InputError(
            f"there is nothing to estimate from: no spell left{f' ({lost})' if lost else ''}."
        )
    levels = labels.stated_orders(spells, dict(zip(by, roles.by, strict=True)))
    names = labels.Names(by, strata, roles.event_value, levels)
    labelled, groups, strata_frame, reasons, noted = labels.decode(raw.combos, kept, frame, names)
    lines = entries(stage, unit, {"read": int(raw.frame["n"].sum()), **counted, **noted})
    fractional = "each" in kept and bool((kept["each"] % 1 != 0).any())
    return Cells(labelled, groups, strata_frame, reasons, lines, fractional, roles.timefix)


def _wanted(roles: Roles) -> dict[str, tuple[str | None, str]]:
    return {
        "duration": (roles.duration, "number"),
        "event": (roles.event, "flag"),
        "reason": (roles.reason, "label"),
        "entry": (roles.entry, "number"),
        "weight": (roles.weight, "number"),
        "count": (roles.count, "number"),
        "cluster": (roles.cluster, "id"),
        **{f"by{i}": (name, "label") for i, name in enumerate(roles.by)},
        **{f"strata{i}": (name, "label") for i, name in enumerate(roles.strata)},
    }


def _refuse_uncounted(spells: Any, asked: Roles, roles: Roles) -> None:
    """The frame of :func:`spell_counts`, saved and read again, no longer says what a row is."""
    if not isinstance(asked.count, FromTable) or roles.count is not None:
        return
    names = set(engine.column_names(spells))
    own = {"duration", "event", "reason", "entry", "weight", "n", *roles.by, *roles.strata}
    if {"duration", "event", "n"} <= names <= own and "n" not in roles.by:
        raise InputError(
            "the table has a column 'n', as counted spells have: say count='n' if a row stands for "
            "n spells, or count=None if it is one spell."
        )


def _clustered(cells: pd.DataFrame) -> int:
    """How many spells share their cluster with another one."""
    if "cluster" not in cells:
        return 0
    n = np.bincount(cells["cluster"], cells["n"])
    return int(n[n > 1].sum())


def _check(cells: pd.DataFrame, frame: Frame) -> None:
    """Refuse numbers that cannot be durations, entries, weights or counts."""
    for role in ("duration", "entry", "weight", "count"):
        if not frame.has(role):
            continue
        values = cells["each" if role == "weight" else role]
        if role == "duration" and _in_bounds(values):
            continue  # they are in order, and none is missing
        for bad, what in ((values < 0, "is negative"), (values == np.inf, "is infinite")):
            wrong = bad.to_numpy(dtype=bool, na_value=False)
            if wrong.any():
                raise reject(
                    what,
                    column=frame.column(role),
                    n=int(cells.loc[wrong, "n"].sum()),
                    example=values[wrong].iloc[0],
                    remedy=_REMEDY[role],
                )


def _in_bounds(ordered: pd.Series[Any]) -> bool:
    """Where neither end of durations in order is odd; a missing one is last."""
    if not len(ordered) or pd.isna(ordered.iloc[-1]):
        return not len(ordered)
    return bool(ordered.iloc[0] >= 0 and ordered.iloc[-1] < np.inf)


def _check_pairs(cells: pd.DataFrame, frame: Frame) -> None:
    """Refuse a broken count, and an entry later than the end of its spell."""
    if frame.has("count"):
        broken = cells["count"].notna() & (cells["count"] % 1 != 0)
        if broken.any():
            raise reject(
                "must hold whole numbers: broken ones are",
                column=frame.column("count"),
                n=int(cells.loc[broken, "n"].sum()),
                example=cells.loc[broken, "count"].iloc[0],
                remedy="For shares and survey weights use weight=.",
            )
    if frame.has("entry"):
        late = (cells["entry"] > cells["duration"]).to_numpy(dtype=bool, na_value=False)
        if late.any():
            raise reject(
                f"is later than the duration in {frame.column('duration')!r}",
                column=frame.column("entry"),
                n=int(cells.loc[late, "n"].sum()),
                example=cells.loc[late, "entry"].iloc[0],
                remedy="An entry is counted from the start of the spell, in the unit of the "
                "duration, and lies before it.",
            )


def _from_the_origin(cells: pd.DataFrame) -> pd.DataFrame:
    """Where every entry is filled in, 0 says that nothing went by unseen: none, as if missing.

    Where some are missing it is a piece of a spell after another one: seen from just after 0.
    """
    if "entry" not in cells or cells["entry"].isna().any() or not (cells["entry"] == 0).any():
        return cells
    return cells.assign(entry=cells["entry"].mask(cells["entry"] == 0))


_REMEDY = {
    "duration": "A duration runs from the start of a spell to churn or censoring: check the order "
    "of the two dates.",
    "entry": "An entry is the duration at which observation began, from 0 up.",
    "weight": "A weight is a number from 0 up.",
    "count": "A count says how many identical spells a row stands for, from 0 up.",
}


def _usable(raw: lanes.Raw) -> tuple[pd.DataFrame, dict[str, int]]:
    """The cells that can be used, and how many spells each rule excluded."""
    cells, lacking = raw.frame, raw.combos["event"].isna().to_numpy(dtype=bool)
    rules: dict[str, Callable[[], Any]] = {}
    if len(cells) and pd.isna(cells["duration"].iloc[-1]):  # in order, missing last
        rules["missing_duration"] = lambda: cells["duration"].isna()
    if lacking.any():
        rules["missing_event"] = lambda: pd.Series(lacking[cells["combo"]])
    if "count" in cells:
        rules["missing_count"] = lambda: cells["count"].isna()
        rules["zero_count"] = lambda: cells["count"] == 0
    if "each" in cells:
        rules["missing_weight"] = lambda: cells["each"].isna()
        rules["zero_weight"] = lambda: cells["each"] == 0
    if "entry" in cells:  # a missing entry compares as False: observed from the origin
        rules["zero_length"] = lambda: cells["entry"] >= cells["duration"]
    if "cluster" in cells:
        rules["missing_cluster"] = lambda: cells["cluster"] < 0
    n_read = int(cells["n"].sum())
    met = {rule: wrong().to_numpy(dtype=bool, na_value=False) for rule, wrong in rules.items()}
    if not any(wrong.any() for wrong in met.values()):
        return cells, {"used": n_read}
    left = np.ones(len(cells), dtype=bool)
    counted = {"used": 0}
    for rule, wrong in met.items():
        counted[rule] = int(cells.loc[left & wrong, "n"].sum())
        left &= ~wrong
    counted["used"] = n_read - sum(counted.values())
    return cells[left].reset_index(drop=True), counted
