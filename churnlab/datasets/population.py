"""What the generators share: customers in chunks, their ids and dates, and the way to Parquet."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnlab.checks import InputError, whole
from churnlab.datasets.uniforms import Bits, Reals

CHUNK = 1 << 16


def customers(n_customers: int) -> int:
    """The number of customers asked for: ids have room for 99,999,999."""
    number = whole("n_customers", n_customers, least=0)
    if number >= 10**8:
        raise InputError(f"n_customers={n_customers!r} must be at most 99,999,999.")
    return number


def seed_of(seed: int) -> int:
    """A seed is what the hash can hold."""
    number = whole("seed", seed, least=0)
    if number >= 2**64:
        raise InputError(f"seed={seed!r} must be below 2**64.")
    return number


def chunks(n_customers: int) -> Iterator[Bits]:
    """Customer numbers from 1, in chunks; no customers are one empty chunk."""
    for first in range(1, max(n_customers, 1) + 1, CHUNK):
        yield np.arange(first, min(first + CHUNK, n_customers + 1), dtype=np.uint64)


def joined(parts: Iterable[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """The columns of all parts, one under the other."""
    parts = list(parts)
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def by_customer(turns: Iterable[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """Turns in which everybody acts once, sorted by customer; `row` says whose turn it is."""
    drawn = joined(turns)
    order = np.argsort(drawn["row"], kind="stable")
    return {key: values[order] for key, values in drawn.items()}


def names(n_customers: int) -> NDArray[np.object_]:
    """Text ids: of one width, so that they sort as the numbers do."""
    return np.array([f"c{number:08d}" for number in range(1, n_customers + 1)], dtype=object)


def text(values: NDArray[np.object_]) -> pd.Series[str]:
    """A text column: said outright, for pandas 3 cannot guess it from an empty one."""
    return pd.Series(values, dtype="str", copy=False)


def known(ratings: NDArray[Any]) -> Reals:
    """Ratings as numbers, where 0 says that there is none."""
    return np.where(ratings == 0, np.nan, ratings.astype(np.float64))


def dates(first_day: np.datetime64, days: NDArray[Any]) -> NDArray[np.datetime64]:
    """Days after the first day, as the dates pandas likes best."""
    return (first_day + days.astype("timedelta64[D]")).astype("datetime64[ns]")


def stream_to_parquet(
    chunks: Iterable[dict[str, NDArray[Any]]],
    path: Path,
    select: str,
    first_day: np.datetime64 | None,
    labels: Iterable[str],
) -> Path:
    """Write SELECT `select` over all chunks to a Parquet file, in the order they come."""
    import duckdb

    # Parquet files cannot be appended to, so the chunks wait in a database on disk, not in memory.
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        done = Path(folder) / "done.parquet"
        with duckdb.connect(str(Path(folder) / "chunks.duckdb")) as connection:
            connection.execute("SET memory_limit = '400MB'; SET enable_progress_bar = false")
            for chunk in chunks:
                connection.register("chunk", pd.DataFrame(chunk, copy=False))
                connection.execute("CREATE TABLE IF NOT EXISTS drawn AS FROM chunk LIMIT 0")
                connection.execute("INSERT INTO drawn FROM chunk")
                connection.unregister("chunk")
            values: dict[str, Any] = {"labels": list(labels)}
            if first_day is not None:
                values["first_day"] = str(first_day)
            target = str(done).replace("'", "''")
            connection.execute(
                f"COPY (SELECT {select} FROM drawn) TO '{target}' (FORMAT parquet, CODEC zstd)",
                values,
            )
        os.replace(done, path)
    return path


def positive(name: str, value: float) -> None:
    """Refuse what is not a number above 0 and at most a million."""
    number: object = getattr(value, "item", lambda: value)()
    real = isinstance(number, int | float) and not isinstance(number, bool)
    if not real or not 0 < value <= 1e6:
        raise InputError(f"{name}={value!r} must be a number above 0 and at most 1,000,000.")


def share(name: str, value: float) -> float:
    """A share is a number from 0 to 1."""
    number: object = getattr(value, "item", lambda: value)()
    real = isinstance(number, int | float) and not isinstance(number, bool)
    if not real or not 0 <= value <= 1:
        raise InputError(f"{name}={value!r} must be a share: a number from 0 to 1.")
    return float(value)


def shares(name: str, values: Mapping[str, float]) -> None:
    """Refuse shares that do not add up to 1; they may miss it by a billionth, which is rounding."""
    if not isinstance(values, Mapping):
        raise InputError(f"{name} must be a mapping to shares, not {values!r}.")
    total = math.fsum(share(f"{name} of {key!r}", value) for key, value in values.items())
    if abs(total - 1.0) > 1e-9:
        raise InputError(f"{name} add up to {total:g}; they must add up to 1.")


def regularity(value: int) -> int:
    """How many exponentials a gap is the sum of: 1 is chance, and 100 about a clock."""
    number = whole("regularity", value, least=1)
    if number > 100:
        raise InputError(f"regularity={value!r} must be at most 100.")
    return number


def days(name: str, value: int) -> int:
    """A whole number of days, a century at most, so that all dates fit."""
    number = whole(name, value, least=1)
    if number > 36525:
        raise InputError(f"{name}={value!r} must be at most 36,525 days.")
    return number


def day(name: str, value: str) -> np.datetime64:
    """A date argument as a day."""
    try:
        return np.datetime64(date.fromisoformat(value), "D")
    except (TypeError, ValueError):
        raise InputError(f"{name}={value!r} must be a date such as '2023-01-01'.") from None
