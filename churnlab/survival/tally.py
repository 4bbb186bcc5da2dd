"""Spells to counts: cells of equal (group, duration, event, entry), checked, then risk sets.

Where spells belong together in clusters, the cluster is part of a cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from churnlab import checks, engine
from churnlab.checks import Entry, InputError, Table, entries, reject

if TYPE_CHECKING:
    import numpy.typing as npt

    from churnlab.engine import Frame

    Floats = npt.NDArray[np.float64]


class FromTable(str):
    """The default of ``cluster``: the column that the Table names, where it names one."""

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


@dataclass(frozen=True)
class Cells:
    """Distinct (group, duration, event, entry) with their number, weight and squared weight."""

    # sorted: by columns, duration, event, entry?, cluster? (a number), n, weight?, square?
    frame: pd.DataFrame
    lines: list[Entry]
    fractional: bool


@dataclass(frozen=True)
class RiskSet:
    """One group's curve in counts: arrays over the distinct durations, 0 first."""

    duration: npt.NDArray[Any]
    n_entry: Floats
    n_risk: Floats
    n_event: Floats
    n_censor: Floats
    cells: pd.DataFrame  # the group's cells
    at: npt.NDArray[np.intp]  # where on the axis each cell ends


def tally(spells: Any, roles: Roles, stage: str) -> Cells:
    """Count the spells, refuse what cannot be meant, exclude what cannot be used."""
    frame = engine.scan(
        spells,
        {
            "duration": (roles.duration, "number"),
            "event": (roles.event, "flag"),
            "entry": (roles.entry, "number"),
            "weight": (roles.weight, "number"),
            "count": (roles.count, "number"),
            "cluster": (_cluster(spells, roles.cluster), "id"),
        }
        | {f"by{i}": (name, "label") for i, name in enumerate(roles.by)},
    )
    cells = _cells(frame, [f"by{i}" for i in range(len(roles.by))])
    _check(cells, frame)
    _check_pairs(cells, frame)
    kept, counted = _usable(cells)
    unit = "rows" if roles.count else "spells"  # with counts a row is several spells
    counted["clustered"] = _clustered(kept)
    lines = entries(stage, unit, {"read": int(cells["n"].sum()), **counted})
    if not len(kept):
        lost = ", ".join(f"{rule} {n:,}" for rule, n in counted.items() if n)
        raise InputError(
            f"there is nothing to estimate from: no spell left{f' ({lost})' if lost else ''}."
        )
    kept = kept.assign(event=_event_flags(kept["event"], frame, roles.event_value))
    fractional = "each" in kept and bool((kept["each"] % 1 != 0).any())
    return Cells(kept, lines, fractional)


def _cluster(spells: Any, cluster: str | None) -> str | None:
    if isinstance(cluster, FromTable):
        return spells.cluster if isinstance(spells, Table) else None
    return cluster


def _clustered(cells: pd.DataFrame) -> int:
    """How many spells share their cluster with another one."""
    if "cluster" not in cells:
        return 0
    n = np.bincount(cells["cluster"], cells["n"])
    return int(n[n > 1].sum())


def _cells(frame: Frame, by: Sequence[str]) -> pd.DataFrame:
    """The distinct cells, counted where the table lives unless durations are continuous.

    ``weight`` is the sum of weight × count over a cell, ``square`` that of weight² × count; each
    distinct weight is a cell of its own, so both are exact.
    """
    given = [role for role in ("entry", "weight", "count") if frame.has(role)]
    keys = [*by, "duration", "event", *given]
    if frame.has("cluster"):
        return _weighed(_clustered_cells(frame, keys, given), given)
    if all(frame.schema[r].is_integer() for r in ("duration", *given)):
        cells = engine.counts(frame, keys)
    elif given or by:
        rows = engine.fetch(frame, keys)
        cells = rows.groupby(keys, dropna=False, sort=True).size().rename("n").reset_index()
        cells = engine.sort_missing_last(cells, keys)
    else:
        cells = _sorted_cells(engine.fetch(frame, keys))
    return _weighed(cells, given)


def _clustered_cells(frame: Frame, keys: Sequence[str], given: Sequence[str]) -> pd.DataFrame:
    """Cells of which the cluster is a part, as a number from 0 up, below 0 where it is missing."""
    if frame.schema["cluster"] == nw.String:
        named = nw.when(~engine.is_blank(nw.col("cluster"))).then(nw.col("cluster"))
        frame = frame.then(lambda rows: rows.with_columns(cluster=named))
    whole = all(frame.schema[r].is_integer() for r in ("duration", *given))
    if whole:
        cells = engine.counts(frame, [*keys, "cluster"])
    else:  # hardly two spells of a cluster are alike: each row is a cell
        rows = engine.fetch(frame, [*keys, "cluster"])
        cells = engine.sort_missing_last(rows.assign(n=1), keys)
    return cells.assign(cluster=pd.factorize(cells["cluster"])[0])


def _weighed(cells: pd.DataFrame, given: Sequence[str]) -> pd.DataFrame:
    """Cells with ``weight`` and ``square`` summed over a cell, and ``each`` row's own weight."""
    if "entry" in given:
        cells["entry"] = cells["entry"].astype("float64")
    if not {"weight", "count"} & set(given):
        return cells
    each = cells["weight"].astype("float64") if "weight" in given else 1.0
    copies = cells["n"] * (cells["count"].astype("float64") if "count" in given else 1.0)
    return cells.assign(weight=copies * each, square=copies * each**2, each=each)


def _sorted_cells(rows: pd.DataFrame) -> pd.DataFrame:
    """Cells of continuous durations by one sort of one array.

    A non-negative double orders like its bits, and its sign bit is free to carry the event flag.
    """
    duration = rows["duration"].to_numpy()
    event = rows["event"].to_numpy()
    plain = event.dtype.kind in "iub" and duration.dtype == np.float64
    if not plain or not len(duration) or not _packable(duration, event):
        cells = rows.groupby(["duration", "event"], dropna=False, sort=True).size()
        return cells.rename("n").reset_index()
    packed = (duration + 0.0).view(np.uint64)
    packed <<= np.uint64(1)
    packed |= event.astype(np.uint64)
    packed.sort()
    last = np.flatnonzero(np.append(packed[1:] != packed[:-1], True))
    found = packed[last]
    return pd.DataFrame(
        {
            "duration": (found >> np.uint64(1)).view(np.float64),
            "event": (found & np.uint64(1)).astype(np.int64),
            "n": np.diff(last, prepend=-1),
        }
    )


def _packable(duration: Floats, event: npt.NDArray[Any]) -> bool:
    # NaN fails both comparisons; infinity is left to the check that names it
    in_order = bool(duration.min() >= 0 and duration.max() < np.inf)
    return in_order and bool(event.min() >= 0 and event.max() <= 1)


def _check(cells: pd.DataFrame, frame: Frame) -> None:
    """Refuse numbers that cannot be durations, entries, weights or counts."""
    for role in ("duration", "entry", "weight", "count"):
        if not frame.has(role):
            continue
        values = cells["each" if role == "weight" else role]
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


_REMEDY = {
    "duration": "A duration runs from the start of a spell to churn or censoring: check the order "
    "of the two dates.",
    "entry": "An entry is the duration at which observation began, from 0 up.",
    "weight": "A weight is a number from 0 up.",
    "count": "A count says how many identical spells a row stands for, from 0 up.",
}


def _usable(cells: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """The cells that can be used, and how many spells each rule excluded."""
    rules = {"missing_duration": cells["duration"].isna(), "missing_event": cells["event"].isna()}
    if "count" in cells:
        rules |= {"missing_count": cells["count"].isna(), "zero_count": cells["count"] == 0}
    if "each" in cells:
        rules |= {"missing_weight": cells["each"].isna(), "zero_weight": cells["each"] == 0}
    if "entry" in cells:  # a missing entry compares as False: observed from the origin
        rules["zero_length"] = cells["entry"] >= cells["duration"]
    if "cluster" in cells:
        rules["missing_cluster"] = cells["cluster"] < 0
    n_read = int(cells["n"].sum())
    if not any(wrong.any() for wrong in rules.values()):
        return cells, {"used": n_read}
    left = np.ones(len(cells), dtype=bool)
    counted = {"used": 0}
    for rule, wrong in rules.items():
        met = left & wrong.to_numpy(dtype=bool, na_value=False)
        counted[rule] = int(cells.loc[met, "n"].sum())
        left &= ~met
    counted["used"] = n_read - sum(counted.values())
    return cells[left].reset_index(drop=True), counted


_WORDS = {"0": False, "1": True, "false": False, "true": True}


def _event_flags(event: pd.Series[Any], frame: Frame, event_value: Any) -> Any:
    """True where the churn was seen; codes other than 0/1 and True/False need ``event_value``."""
    name = frame.column("event")
    values = list(pd.unique(event))
    texts = all(isinstance(v, str) for v in values)
    shown = ", ".join(checks.plain(v) for v in values[:6]) + (", …" if len(values) > 6 else "")
    if event_value is not None:
        _refuse_spellings(values, event_value, name)
        # the columns of a text file are text: 2 is written "2" there
        wanted = str(event_value) if texts else event_value
        flags = (event == wanted).to_numpy(dtype=bool)
        if not flags.any():
            raise InputError(
                f"event_value={event_value!r} does not occur in column {name!r}, which holds {shown}."
            )
        return flags
    if texts and all(v.lower() in _WORDS for v in values):
        return event.str.lower().map(_WORDS).to_numpy(dtype=bool)
    if not all(isinstance(v, bool | np.bool_) or v in (0, 1) for v in values):
        hint = "Say which of them means churn: event_value=…"
        slip = (
            "These look like durations or dates, not events: name the column that says whether "
            "the churn was seen."
        )
        raise InputError(
            f"column {name!r} must be 0/1 or True/False but holds {shown}. "
            f"{hint if len(values) <= 6 else slip}"
        )
    return event.astype(bool).to_numpy()


def _refuse_spellings(values: Sequence[Any], event_value: Any, name: str) -> None:
    """Values that are the event's but for case or blanks would pass for customers still there."""
    near = checks.look_alikes(str(event_value), [v for v in values if isinstance(v, str)])
    if near and event_value in values:
        raise InputError(
            f"column {name!r} holds {event_value!r} and also {near[0]!r}: make them one, e.g. "
            "df[column].str.strip().str.lower()."
        )


def risk_sets(cells: Cells, by: int) -> list[RiskSet]:
    """The curve in counts of every group, in order, missing groups last."""
    keys = [f"by{i}" for i in range(by)]
    if not keys:
        return [_risk_set(cells.frame)]
    parts = cells.frame.groupby(keys, dropna=False, sort=False)
    return [_risk_set(part.reset_index(drop=True)) for _, part in parts]


def _risk_set(cells: pd.DataFrame) -> RiskSet:
    axis, at = _axis(cells["duration"])
    weight = cells["weight" if "weight" in cells else "n"].to_numpy(dtype="float64")
    event = cells["event"].to_numpy(dtype=bool)
    n_event = _sums(at, weight * event, axis.size)
    n_censor = _sums(at, weight * ~event, axis.size)
    left = np.cumsum(n_event + n_censor)
    opened = _openings(cells, axis, weight)
    n_risk = np.cumsum(opened) - np.concatenate([[0.0], left[:-1]])
    n_entry = np.append(opened[1:], 0.0)
    return RiskSet(axis, n_entry, n_risk, n_event, n_censor, cells, at)


def _axis(duration: pd.Series[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.intp]]:
    """The distinct durations, 0 first, and where on them each (sorted) cell ends."""
    values = duration.to_numpy()
    if values.dtype.kind not in "iuf":
        values = values.astype("float64")
    is_new = np.append(True, values[1:] != values[:-1])
    axis, at = values[is_new], np.cumsum(is_new) - 1
    if axis[0] > 0:
        axis, at = np.insert(axis, 0, 0), at + 1
    return axis, at


def _openings(cells: pd.DataFrame, axis: npt.NDArray[Any], weight: Floats) -> Floats:
    """Weight that comes under observation before each duration of the axis."""
    if "entry" not in cells:
        opened = np.zeros(axis.size)
        opened[0] = weight.sum()
        return opened
    return _sums(first_at_risk(cells, axis), weight, axis.size)


def _sums(at: npt.NDArray[np.intp], weight: Floats, size: int) -> Floats:
    return np.bincount(at, weight, size).astype(np.float64, copy=False)


def first_at_risk(cells: pd.DataFrame, axis: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """Where on the axis each cell is first at risk: risk time is (entry, duration]."""
    if "entry" not in cells:
        return np.zeros(len(cells), dtype=np.intp)
    entry = cells["entry"].to_numpy(dtype="float64", na_value=np.nan)
    return np.where(np.isnan(entry), 0, np.searchsorted(axis, entry, side="right"))
