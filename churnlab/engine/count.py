"""Counting: the one primitive that collects, in two lanes proven equal by the engine tests."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from churnlab.checks import EngineError, InputError
from churnlab.engine import delimited
from churnlab.engine.door import Frame
from churnlab.engine.progress import shown
from churnlab.engine.session import connection, percent_done, record, recording, spill_folder

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.integer[Any] | np.bool_]

_CHUNK = 1 << 16  # rows packed at a time: the packed keys stay in the cache


def collect(lazy: nw.LazyFrame[Any]) -> pd.DataFrame:
    """The rows of a lazy frame as pandas; another library's exception never gets through."""
    native = nw.to_native(lazy)
    if recording() and hasattr(native, "sql_query"):
        record(native.sql_query)
    return _guarded(lazy, lambda: lazy.collect(backend="pandas").to_native())


def _guarded(lazy: nw.LazyFrame[Any], run: Callable[[], Any]) -> Any:
    try:
        with shown(percent_done) if lazy.implementation.is_duckdb() else nullcontext():
            return run()
    except Exception as error:
        # DuckDB's words for Ctrl-C, which is nobody's mistake
        if type(error) is RuntimeError and str(error) == "Query interrupted":
            raise KeyboardInterrupt from None
        raise delimited.explained(error) or _explained(error, lazy.implementation) from error


def _explained(error: Exception, engine: Any) -> EngineError | InputError:
    if isinstance(error, UnicodeEncodeError):
        return InputError(
            f"a text holds half a character (for example {error.object[:40]!r}): it was read with the "
            "wrong encoding. Read the file again, naming its encoding."
        )
    first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if type(error).__name__ == "ResourceInUseException":
        return EngineError(
            "the DuckDB connection of this relation still holds an unread result: fetch it, or make "
            "the relation on a cursor of its own (connection.cursor())."
        )
    return EngineError(f"{engine.name.lower()} could not count: {first}")


def counts(frame: Frame, keys: Sequence[str], sums: Sequence[str] = ()) -> pd.DataFrame:
    """Rows per distinct combination of keys: the one collecting primitive.

    Parameters
    ----------
    frame : Frame
        A table at the door.
    keys : sequence of str
        Roles to group by; missing is a group of its own.
    sums : sequence of str
        Roles to add up; whole numbers exactly.

    Returns
    -------
    DataFrame with the keys, ``n`` (int64) and the sums, sorted by the keys, missing last.

    Notes
    -----
    Whole-number keys in memory are counted by ``np.bincount`` of the packed keys when their range
    is at most max(4 n, 2**24); everything else is grouped by the engine that holds it.
    """
    if not sums and not recording() and all(_is_whole(frame.arrays.get(k)) for k in keys):
        counted = _bincount({k: frame.arrays[k] for k in keys})
        if counted is not None:
            return counted
    return _grouped(frame.lazy, keys, sums)


def _grouped(lazy: nw.LazyFrame[Any], keys: Sequence[str], sums: Sequence[str]) -> pd.DataFrame:
    schema = lazy.collect_schema()
    exact = {s: nw.Int64 if schema[s].is_integer() else nw.Float64 for s in sums}
    added = [nw.col(s).cast(kind).sum().alias(s) for s, kind in exact.items()]
    if keys:
        counted = lazy.group_by(*keys).agg(nw.len().alias("n"), *added)
    else:
        counted = lazy.select(nw.len().alias("n"), *added)
    frame = collect(counted)
    types = {"n": "int64"} | {s: "int64" if k == nw.Int64 else "float64" for s, k in exact.items()}
    frame = frame.fillna(dict.fromkeys(sums, 0)).astype(types)
    return sort_missing_last(frame, keys)


def sort_missing_last(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Sorted by keys, missing last, with a plain index."""
    if not keys:
        return frame.reset_index(drop=True)
    return frame.sort_values(list(keys), na_position="last", kind="stable", ignore_index=True)


def _is_whole(array: npt.NDArray[Any] | None) -> bool:
    # numpy adds unsigned 64 bits to signed ones as doubles: left to the engine
    return array is not None and array.dtype.kind in "iub" and array.dtype != np.uint64


def _bincount(arrays: dict[str, Ints]) -> pd.DataFrame | None:
    """Counts of packed whole-number keys, or None where their range is too wide.

    The first key is taken to begin at 0, and its end is found on the way, so that memory is read
    once; only where that fails is its range looked up. The other keys (an event, a group) give
    their range beforehand.
    """
    first, *rest = arrays.values()
    if not len(first):
        return None
    ranges = [_range(a) for a in rest]
    lows, sizes = [low for low, _ in ranges], [high - low + 1 for low, high in ranges]
    # each key has whole bits of its own: a shift is quicker than a product
    limit = max(4 * len(first), 1 << 24) >> sum((size - 1).bit_length() for size in sizes)
    low = 0
    table = _count_packed(list(arrays.values()), [low, *lows], sizes, limit)
    if table is None:
        low, high = _range(first)
        if high - low >= limit:
            return None
        table = _count_packed(list(arrays.values()), [low, *lows], sizes, limit)
    return None if table is None else _unpack(table, arrays, [low, *lows], sizes)


def _count_packed(
    arrays: Sequence[Ints], lows: Sequence[int], sizes: Sequence[int], limit: int
) -> npt.NDArray[np.int64] | None:
    """The table of counts, grown chunk by chunk; None where the first key leaves [low, limit)."""
    table, packed = np.zeros(0, dtype=np.int64), np.empty(_CHUNK, dtype=np.int64)
    at = 0
    while at < len(arrays[0]):
        # a table wider than a chunk wants longer chunks: each is counted into one as wide
        step = max(_CHUNK, 2 * table.size)
        if step > packed.size:
            packed = np.empty(step, dtype=np.int64)
        rows = [a[at : at + step] for a in arrays]
        top = rows[0].view(np.uint64) if not lows[0] and rows[0].dtype == np.int64 else rows[0]
        # a negative number is a very large one when read without its sign
        if int(top.max()) - lows[0] >= limit or (top is rows[0] and int(top.min()) < lows[0]):
            return None
        counted = np.bincount(_pack(rows, lows, sizes, packed[: len(rows[0])]))
        if counted.size > table.size:
            table = np.pad(table, (0, counted.size - table.size))
        table[: counted.size] += counted
        at += step
    return table


def _range(array: Ints) -> tuple[int, int]:
    """A range that holds all values: from 0 to a power of two less 1, or the very ends."""
    if array.dtype == bool:
        return 0, 1
    if array.dtype == np.int64:  # a negative number sets the highest bit
        bits = int(np.bitwise_or.reduce(array))
        if 0 <= bits < _CHUNK:
            return 0, (1 << bits.bit_length()) - 1
    chunks = [array[at : at + _CHUNK] for at in range(0, len(array), _CHUNK)]
    ends = [(int(c.min()), int(c.max())) for c in chunks]
    return min(low for low, _ in ends), max(high for _, high in ends)


def _pack(
    rows: Sequence[Ints], lows: Sequence[int], sizes: Sequence[int], out: npt.NDArray[np.int64]
) -> Ints:
    """The keys of a chunk as one whole number each, from 0 up."""
    source = rows[0]
    if lows[0] or source.dtype != np.int64:
        np.subtract(source, lows[0], out=out, dtype=np.int64, casting="unsafe")
        source = out
    for column, low, size in zip(rows[1:], lows[1:], sizes, strict=True):
        np.left_shift(source, (size - 1).bit_length(), out=out)
        np.add(out, column, out=out, casting="unsafe")
        if low:
            out -= low
        source = out
    return source


def _unpack(
    table: npt.NDArray[np.int64], arrays: dict[str, Ints], lows: Sequence[int], sizes: Sequence[int]
) -> pd.DataFrame:
    at = np.flatnonzero(table)
    frame, rest = {"n": table[at]}, at
    last = list(zip(arrays.items(), lows, [0, *sizes], strict=True))
    for (key, array), low, size in reversed(last):  # the first key is what the others leave
        bits = (size - 1).bit_length() if size else 0
        values = (rest & ((1 << bits) - 1) if size else rest) + low
        frame[key] = values.astype(bool) if array.dtype == bool else values
        rest = rest >> bits
    return pd.DataFrame({key: frame[key] for key in [*arrays, "n"]})


def fetch(frame: Frame, roles: Sequence[str]) -> pd.DataFrame:
    """Whole columns as pandas, for estimates that need every value (continuous durations)."""
    if all(role in frame.arrays for role in roles) and not recording():
        return pd.DataFrame({role: frame.arrays[role] for role in roles}, copy=False)
    return collect(frame.lazy.select(*roles))


def hand_back(
    lazy: nw.LazyFrame[Any], home: str, order: Sequence[str], kept: Mapping[str, str]
) -> Any:
    """A reshaped table in the kind of table it came from, kept columns under the user's names.

    Tables in memory come back in memory, sorted; lazy kinds stay lazy and promise no order.
    """
    names = lazy.collect_schema().names()
    final = [kept.get(name, name) for name in names]
    if home == "pandas":
        return sort_missing_last(collect(lazy), order).set_axis(final, axis=1)
    if home == "pyarrow":
        return _guarded(
            lazy, lambda: lazy.sort(*order).collect(backend="pyarrow").to_native()
        ).rename_columns(final)
    if home == "polars":
        rows = _guarded(lazy, lambda: lazy.sort(*order).collect(backend="polars").to_native())
        return rows.rename(dict(zip(names, final, strict=True)))
    folded = [name.casefold() for name in final]
    for name in final:
        if folded.count(name.casefold()) > 1 and home == "duckdb":
            raise InputError(
                f"keep={name!r}: DuckDB takes names for the same that differ in case only; rename it."
            )
    return nw.to_native(
        lazy.select(*[nw.col(n).alias(f) for n, f in zip(names, final, strict=True)])
    )


def held(table: Any) -> Any:
    """A lazy table made once and kept, for those who count from it several times.

    A DuckDB relation is written to the folder that is removed when Python ends, and read from
    there; other lazy kinds are collected in their own kind; tables in memory pass through.
    """
    frame: nw.LazyFrame[Any] | nw.DataFrame[Any] = nw.from_native(table)
    if isinstance(frame, nw.DataFrame):
        return table
    if not frame.implementation.is_duckdb():
        return _guarded(frame, lambda: collect(frame))
    path = os.path.join(spill_folder(), f"{uuid.uuid4().hex}.parquet")
    _guarded(frame, lambda: table.write_parquet(path))
    return connection().read_parquet(path)


def has_masks(frame: Frame) -> bool:
    """Whether :func:`masks` can count here: engines without ``bit_or`` group by customer and bit."""
    return bool(frame.lazy.implementation.is_duckdb())


def masks(
    lazy: nw.LazyFrame[Any], *, customer: str, bit: str, by: Sequence[str] = ()
) -> nw.LazyFrame[Any]:
    """One row per customer with the bits it was seen in, a whole number from 0 to 61 each.

    The engine tests hold this road and that of other engines equal.
    """
    keys = ", ".join(f'"{key}"' for key in [customer, *by])
    relation = nw.to_native(lazy.select(customer, bit, *by))
    found: nw.LazyFrame[Any] = nw.from_native(
        relation.aggregate(f'{keys}, bit_or(1::BIGINT << "{bit}") AS mask, count(*) AS n', keys)
    )
    return found


def bits_by_first(
    lazy: nw.LazyFrame[Any], *, spans: Sequence[tuple[int, int]], by: Sequence[str] = ()
) -> pd.DataFrame:
    """From masks: per lowest bit, how many customers have any bit so many places above it.

    ``spans`` are half-open ranges of places; ``span_0, span_1, …`` come back, with ``first``,
    ``n_start`` (customers) and ``n_rows``. Expanded inside DuckDB, so that at most one row per
    cohort (and group) comes back.
    """
    if not spans or max(end for _, end in spans) > 62:
        raise InputError("a mask holds 62 periods.")
    keys = ", ".join(['"first"', *(f'"{key}"' for key in by)])
    lowest = "bit_count((mask & -mask) - 1)"
    relation = nw.to_native(lazy)
    shifted = relation.project(
        ", ".join(
            [*(f'"{key}"' for key in by), f"{lowest} AS first", f"mask >> {lowest} AS seen", "n"]
        )
    )
    sums = ", ".join(f"sum({_any_bit(*span)})::BIGINT AS span_{i}" for i, span in enumerate(spans))
    totals = "count(*)::BIGINT AS n_start, sum(n)::BIGINT AS n_rows"
    return collect(nw.from_native(shifted.aggregate(f"{keys}, {totals}, {sums}", keys)))


def _any_bit(start: int, end: int) -> str:
    if end == start + 1:
        return f"(seen >> {start}) & 1"
    return f"CASE WHEN (seen >> {start}) & {(1 << (end - start)) - 1} <> 0 THEN 1 ELSE 0 END"
