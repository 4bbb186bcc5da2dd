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

    Floats = npt.NDArray[np.float64]

SEED = 1
MONTHS = 24
YEAR = 2024  # of the first month
EVENTS_PER_CUSTOMER = 10


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
    """Exactly so many events: active months, topped up with repeats of them or cut, shuffled."""
    import duckdb
    import pandas as pd

    rng = np.random.default_rng(SEED)
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
    events = pd.DataFrame(
        {"customer": customer[chosen].astype("int64"), "time": starts[month[chosen]] + second}
    )
    with duckdb.connect() as con:
        con.from_df(events).write_parquet(str(folder / "events.parquet"))
