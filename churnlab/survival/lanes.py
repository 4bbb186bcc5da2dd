"""Spells to distinct cells, in three lanes: counted by the engine, sorted as one array, or by rows.

A cell is a duration, an entry, a weight, a count, a cluster and a combination of labels (event,
groups, strata, reason); combinations are few, and everything about labels is decided on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from churnlab import engine

if TYPE_CHECKING:
    import numpy.typing as npt

    from churnlab.engine import Frame

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.integer[Any]]

_NUMBERS = ("entry", "weight", "count")
_FEW = 64  # combinations of labels that a table is asked to number itself
_DENSE = 1 << 16  # whole-number labels of a smaller range are their own codes


@dataclass(frozen=True)
class Raw:
    """Cells as they were found, sorted by duration, with the number of their combination."""

    frame: pd.DataFrame  # duration, entry?, count?, cluster?, combo, n, weight?, square?, each?
    combos: pd.DataFrame  # a row per combination of labels


def count(frame: Frame, labels: Sequence[str]) -> Raw:
    """The distinct cells, counted where the table lives unless durations are continuous.

    ``weight`` is the sum of weight × count over a cell, ``square`` that of weight² × count; each
    distinct weight is a cell of its own, so both are exact.
    """
    given = [role for role in _NUMBERS if frame.has(role)]
    whole = all(frame.schema[r].is_integer() for r in ("duration", *given))
    if frame.has("cluster"):
        raw = _by_cluster(frame, labels, given, whole=whole)
    elif whole:
        raw = _combined(engine.counts(frame, ["duration", *labels, *given]), labels)
    else:
        packed = None if given else _continuous(frame, labels)
        raw = packed or _combined(
            _distinct(engine.fetch(frame, ["duration", *labels, *given])), labels
        )
    return Raw(_weighed(raw.frame, given), raw.combos)


def _by_cluster(frame: Frame, labels: Sequence[str], given: Sequence[str], *, whole: bool) -> Raw:
    """Cells of which the cluster is a part, as a number from 0 up, below 0 where it is missing."""
    if frame.schema["cluster"] == nw.String:
        named = nw.when(~engine.is_blank(nw.col("cluster"))).then(nw.col("cluster"))
        frame = frame.then(lambda rows: rows.with_columns(cluster=named))
    keys = ["duration", *labels, *given, "cluster"]
    if whole:
        cells = engine.counts(frame, keys)
    else:  # hardly two spells of a cluster are alike: each row is a cell
        cells = engine.sort_missing_last(engine.fetch(frame, keys).assign(n=1), keys[:-1])
    return _combined(cells.assign(cluster=pd.factorize(cells["cluster"])[0]), labels)


def _distinct(rows: pd.DataFrame) -> pd.DataFrame:
    keys = list(rows.columns)
    cells = rows.groupby(keys, dropna=False, sort=False).size().rename("n").reset_index()
    return engine.sort_missing_last(cells, ["duration"])


def _combined(cells: pd.DataFrame, labels: Sequence[str]) -> Raw:
    """Labels of cells as the number of their combination."""
    plain = all(isinstance(d, np.dtype) and d.kind in "iub" for d in cells[list(labels)].dtypes)
    combined = _numbered(cells, labels) if plain and len(cells) else None
    if combined is not None:
        number, combos = combined
        # not drop: pandas would copy
        rest = {c: cells[c] for c in cells.columns if c not in labels}
        rest["combo"] = number.astype(np.int64)
        return Raw(pd.DataFrame(rest, copy=False), combos)
    number = cells.groupby(list(labels), dropna=False, sort=False).ngroup().to_numpy()
    combos = cells[list(labels)].drop_duplicates(ignore_index=True)
    return Raw(cells.drop(columns=list(labels)).assign(combo=number), combos)


def _weighed(cells: pd.DataFrame, given: Sequence[str]) -> pd.DataFrame:
    """Cells with ``weight`` and ``square`` summed over a cell, and ``each`` row's own weight."""
    if "entry" in given:
        cells["entry"] = cells["entry"].astype("float64")
    if not {"weight", "count"} & set(given):
        return cells
    each = cells["weight"].astype("float64") if "weight" in given else 1.0
    copies = cells["n"] * (cells["count"].astype("float64") if "count" in given else 1.0)
    return cells.assign(weight=copies * each, square=copies * each**2, each=each)


def _continuous(frame: Frame, labels: Sequence[str]) -> Raw | None:
    """Cells of continuous durations, fetched with few columns and sorted as one array."""
    combos = None if set(labels) <= set(frame.arrays) else _few(engine.counts(frame, labels))
    if combos is None:
        return _sorted_as_one(engine.fetch(frame, ["duration", *labels]), labels)
    numbered = frame.then(lambda rows: rows.with_columns(combo=_number(combos)))
    raw = _sorted_as_one(engine.fetch(numbered, ["duration", "combo"]), ["combo"])
    # the number of a number: those of the combos that occur, in order
    return raw and Raw(raw.frame, combos.iloc[raw.combos["combo"]].reset_index(drop=True))


def _few(counted: pd.DataFrame) -> pd.DataFrame | None:
    """The combinations, where they are few and of kinds that every engine compares alike."""
    combos = counted.drop(columns="n")
    plain = (str, bool, np.bool_, int, np.integer, float)
    values = [v for c in combos for v in combos[c] if not pd.isna(v)]
    few = 0 < len(combos) <= _FEW
    return combos if few and all(isinstance(v, plain) for v in values) else None


def _number(combos: pd.DataFrame) -> nw.Expr:
    """The number of a row's combination, told where the table lives."""
    number = nw.lit(0)
    for i, combo in enumerate(combos.itertuples(index=False)):
        found = [
            nw.col(label).is_null() if pd.isna(v) else nw.col(label) == _python(v)
            for label, v in zip(combos.columns, combo, strict=True)
        ]
        number = nw.when(*found).then(nw.lit(i)).otherwise(number)
    return number.cast(nw.Int64)


def _python(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _sorted_as_one(rows: pd.DataFrame, labels: Sequence[str]) -> Raw | None:
    """Cells of continuous durations by one sort of one array; None where they do not fit into it.

    A non-negative double orders like its bits. Counted from the least duration the bits of all
    leave room for the number of the combination, which takes the lowest places.
    """
    duration = rows["duration"].to_numpy()
    if duration.dtype != np.float64 or not duration.size:
        return None
    low, high = float(duration.min()), float(duration.max()) + 0.0
    if not (low >= 0 and high < np.inf):  # NaN is neither; the checks name them
        return None
    combined = _numbered(rows, labels)
    if combined is None:
        return None
    number, combos = combined
    room = (len(combos) - 1).bit_length()
    least = _least_above_zero(duration, low)
    base = np.uint64(0 if least is None else int(np.float64(least).view(np.uint64)) - 1)
    span = int(np.float64(high).view(np.uint64)) - int(base)
    if span.bit_length() + room > 64:
        return None
    packed = (duration + 0.0).view(np.uint64)  # −0 becomes 0
    if low == 0:
        packed[packed == 0] = base
    packed -= base
    packed <<= np.uint64(room)
    packed |= number
    packed.sort()
    found, n = _runs(packed)
    small = np.uint8 if len(combos) <= 1 << 8 else np.int64
    number = (found & np.uint64((1 << room) - 1)).astype(small)
    found >>= np.uint64(room)
    zeros = int(np.searchsorted(found, 0, side="right")) if low == 0 else 0
    found += base
    found[:zeros] = 0
    frame = pd.DataFrame({"duration": found.view(np.float64), "n": n, "combo": number}, copy=False)
    return Raw(frame, combos)


def _runs(ordered: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.uint64], Ints]:
    """The distinct values of a sorted array, and how often each occurs."""
    is_last = np.ones(ordered.size, dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_last[:-1])
    if is_last.all():
        return ordered, np.ones(ordered.size, dtype=np.int64)
    last = np.flatnonzero(is_last)
    return ordered[last], np.diff(last, prepend=-1)


def _least_above_zero(duration: Floats, low: float) -> float | None:
    if low > 0:
        return low
    above = duration[duration > 0]
    return float(above.min()) if above.size else None


def _numbered(rows: pd.DataFrame, labels: Sequence[str]) -> tuple[Ints, pd.DataFrame] | None:
    """The number of every row's combination of labels, and the combinations that occur."""
    coded = [_codes(rows[label]) for label in labels]
    size = int(np.prod([len(values) for _, values in coded], dtype=np.float64))
    if size > _DENSE:
        return None
    number: Ints | None = None
    for codes, values in coded:
        number = codes if number is None else number.astype(np.uint32) * len(values) + codes
    assert number is not None  # an event is always there
    places = np.unravel_index(np.arange(size), [len(values) for _, values in coded])
    combos = pd.DataFrame(
        {
            label: values.take(place).array
            for label, (_, values), place in zip(labels, coded, places, strict=True)
        }
    )
    return number, combos


def _codes(column: pd.Series[Any]) -> tuple[Ints, pd.Series[Any]]:
    """Codes from 0 of a column's values, and the value of each code."""
    values = column.to_numpy() if isinstance(column.dtype, np.dtype) else None
    if values is not None and values.dtype == bool:
        return values.view(np.uint8), pd.Series([False, True])
    if values is not None and values.dtype.kind in "iu" and values.size:
        low, high = int(values.min()), int(values.max())
        if high - low < _DENSE:
            codes = (values - low if low else values).astype(np.uint32)
            return codes, pd.Series(np.arange(low, high + 1).astype(values.dtype))
    found, distinct = pd.factorize(column, use_na_sentinel=False)
    return found.astype(np.uint32), pd.Series(distinct)
