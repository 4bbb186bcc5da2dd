"""The data of the benchmarks: generated with a seed, the same on every run.

A change of this file gives its data new folders; nothing else decides what is in them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    Floats = npt.NDArray[np.float64]

SEED = 1
MONTHS = 24
YEAR = 2024  # of the first month
EVENTS_PER_CUSTOMER = 10
_BLOCK = 2_500_000  # events made at a time


# --- spells ---------------------------------------------------------------------------------------
def days(rows: int, folder: Path) -> None:
    """Whole days from 0 to 999, half of the spells ended by churn."""
    rng = np.random.default_rng(SEED)
    duration = rng.integers(0, 1000, rows)
    _save(duration, rng.random(rows) < 0.5, folder)


def continuous(rows: int, folder: Path) -> None:
    """Exponential durations with a mean of 365 days, half of the spells ended by churn."""
    rng = np.random.default_rng(SEED)
    duration = rng.exponential(365.0, rows)
    _save(duration, rng.random(rows) < 0.5, folder)


def days_parquet(rows: int, folder: Path) -> None:
    """The spells of :func:`days` in one Parquet file."""
    import duckdb
    import pandas as pd

    days(rows, folder)
    frame = pd.DataFrame({c: np.load(folder / f"{c}.npy") for c in ("duration", "event")})
    with duckdb.connect() as con:
        con.from_df(frame).write_parquet(str(folder / "spells.parquet"))
    for column in frame:
        (folder / f"{column}.npy").unlink()


def _save(duration: Any, event: Any, folder: Path) -> None:
    np.save(folder / "duration.npy", duration)
    np.save(folder / "event.npy", event)


# --- events ---------------------------------------------------------------------------------------
def even(rows: int, folder: Path) -> None:
    """Every month after the first is active with probability 0.4."""
    _write(rows, folder, lambda age: np.full(age.shape, 0.4))


def decaying(rows: int, folder: Path) -> None:
    """A month of that age is active with probability 0.6 × 0.85 ** age."""
    _write(rows, folder, lambda age: 0.6 * 0.85**age)


def _write(rows: int, folder: Path, active: Callable[[Floats], Floats]) -> None:
    """Exactly so many events in one file, in an order without any order, in little memory.

    Customers are made block by block; DuckDB sorts all events by a random number, on disk where
    memory is short, so that the events of a customer lie anywhere in the file. What was paid is
    read by those alone who are asked for money.
    """
    import duckdb

    store = folder / "events.duckdb"
    config = {"memory_limit": "2GB", "temp_directory": str(folder / "spill")}
    with duckdb.connect(str(store), config=config) as con:
        con.execute(
            "CREATE TABLE events (customer BIGINT, time TIMESTAMP, paid DOUBLE, place BIGINT)"
        )
        for block, first in enumerate(range(0, rows, _BLOCK)):
            made = _block(block, first, min(_BLOCK, rows - first), active)
            con.from_df(made).insert_into("events")
        file = str(folder / "events.parquet").replace("'", "''")
        con.execute(
            f"COPY (SELECT customer, time, paid FROM events ORDER BY place) TO '{file}' (FORMAT parquet)"
        )
    store.unlink()


def _block(
    block: int, first_event: int, rows: int, active: Callable[[Floats], Floats]
) -> pd.DataFrame:
    """Events of some customers: active months, topped up with repeats of them or cut."""
    import pandas as pd

    rng = np.random.default_rng([SEED, block])
    customers = rows // EVENTS_PER_CUSTOMER
    first = rng.integers(0, MONTHS, customers)
    present = [
        (month == first)
        | ((month > first) & (rng.random(customers) < active(np.maximum(month - first, 0.0))))
        for month in range(MONTHS)
    ]
    month, customer = np.nonzero(present)
    again = rng.integers(0, customer.size, max(0, rows - customer.size))
    chosen = rng.permutation(np.append(np.arange(customer.size), again))[:rows]
    second = rng.integers(0, 28 * 86400, rows).astype("timedelta64[s]")
    starts = (np.datetime64(str(YEAR), "M") + np.arange(MONTHS)).astype("datetime64[us]")
    return pd.DataFrame(
        {
            "customer": customer[chosen].astype("int64") + first_event // EVENTS_PER_CUSTOMER,
            "time": starts[month[chosen]] + second,
            "paid": rng.integers(1, 10_001, rows) / 100,
            "place": rng.integers(0, 2**62, rows),
        }
    )
