"""Purchases of customers without a contract, made from a stated process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnlab.checks import InputError
from churnlab.datasets import population
from churnlab.datasets.uniforms import Bits, Reals, draw_bits, exponential, pick, stream, uniform

SEGMENT_LIFE: Mapping[str, float] = MappingProxyType({"app": 240.0, "shop": 365.0, "web": 540.0})
_START, _LIFE, _SEGMENT, _PURCHASES = 0, 1, 2, 3


@dataclass(frozen=True)
class _Purchasing:
    """The stated process of `generate_events`, with its arguments checked."""

    seed: int
    first_day: np.datetime64
    window_days: int
    mean_gap: float
    segments: tuple[str, ...]
    mean_lives: Reals
    mean_amount: float


def generate_events(
    n_customers: int = 1000,
    *,
    seed: int = 1,
    first_day: str = "2023-01-01",
    window_days: int = 730,
    mean_gap: float = 30.0,
    mean_life: float | Mapping[str, float] = SEGMENT_LIFE,
    mean_amount: float = 35.0,
) -> pd.DataFrame:
    """Make purchases of customers who never say goodbye: the truth is known, and is not shown.

    The trap: a customer's last purchase is not the day they left.

    Parameters
    ----------
    n_customers, seed : int
        About 8 rows per customer with the defaults; 10,000,000 rows need 0.8 GB.
    first_day, window_days
        The window: [first_day, first_day + window_days).
    mean_gap, mean_life : days
        `mean_life` is one number for all, or a mapping from segment to days.
    mean_amount : currency units

    Returns
    -------
    customer (text), time (day), amount (two decimals), segment (text); sorted by customer, time.

    Raises
    ------
    InputError
        If an argument is out of its range.

    Notes
    -----
    Starts are uniform over the window, and the first purchase is at the start. Lives are
    exponential; while alive, further purchases are Poisson. Amounts are exponential, rounded up
    to a cent. Segments have equal shares. Nothing at or after the window's end is in the table.
    Time runs continuously and is then floored to days, so one day may hold two purchases.
    """
    process = _purchasing(seed, first_day, window_days, mean_gap, mean_life, mean_amount)
    n = population.customers(n_customers)
    chunks = list(_purchases(n, process))
    drawn = {key: np.concatenate([chunk[key] for chunk in chunks]) for key in chunks[0]}
    chunks.clear()
    labels = np.array(process.segments, dtype=object)
    per_customer = np.bincount(drawn["number"])[1:]
    # One string per customer, shared by its rows: this is what keeps ten million rows small.
    columns = {
        "customer": population.text(np.repeat(population.names(n), per_customer)),
        "time": population.dates(process.first_day, drawn["day"]),
        "amount": drawn["cents"] / 100.0,
        "segment": population.text(labels[drawn["segment"]]),
    }
    return pd.DataFrame(columns, copy=False)


def events_to_parquet(
    path: str | Path,
    n_customers: int,
    *,
    seed: int = 1,
    first_day: str = "2023-01-01",
    window_days: int = 730,
    mean_gap: float = 30.0,
    mean_life: float | Mapping[str, float] = SEGMENT_LIFE,
    mean_amount: float = 35.0,
) -> Path:
    """Write the table of `generate_events` to a Parquet file, without holding it in memory.

    Parameters are those of `generate_events`; `time` is a DATE. An existing file is replaced once
    the new one is complete.

    Returns
    -------
    The path written.
    """
    process = _purchasing(seed, first_day, window_days, mean_gap, mean_life, mean_amount)
    select = """format('c{:08d}', number) AS customer, $first_day::DATE + day AS time,
        cents / 100.0 AS amount, $labels[segment + 1] AS segment"""
    chunks = _purchases(population.customers(n_customers), process)
    return population.stream_to_parquet(
        chunks, Path(path), select, process.first_day, process.segments
    )


def _purchasing(
    seed: int,
    first_day: str,
    window_days: int,
    mean_gap: float,
    mean_life: float | Mapping[str, float],
    mean_amount: float,
) -> _Purchasing:
    lives = mean_life if isinstance(mean_life, Mapping) else dict.fromkeys(SEGMENT_LIFE, mean_life)
    if not lives:
        raise InputError("mean_life names no segment; give a number, or {segment: days}.")
    for name, value in {"mean_gap": mean_gap, "mean_amount": mean_amount, **lives}.items():
        population.positive(name, value)
    return _Purchasing(
        population.seed_of(seed),
        population.day("first_day", first_day),
        population.days("window_days", window_days),
        mean_gap,
        tuple(lives),
        np.array(list(lives.values()), dtype=np.float64),
        mean_amount,
    )


def _purchases(n_customers: int, process: _Purchasing) -> Iterator[dict[str, NDArray[Any]]]:
    for numbers in population.chunks(n_customers):
        yield _purchases_of(numbers, process)


def _purchases_of(numbers: Bits, process: _Purchasing) -> dict[str, NDArray[Any]]:
    """All purchases of these customers, in whole numbers: number, day, cents, segment."""
    bits = stream(process.seed, numbers)
    segment = pick(draw_bits(bits, _SEGMENT), len(process.segments))
    time = uniform(draw_bits(bits, _START)) * process.window_days
    life = exponential(draw_bits(bits, _LIFE)) * process.mean_lives[segment]
    last = np.minimum(time + life, process.window_days)
    alive = np.arange(len(numbers))
    who, days, cents = [], [], []
    draw = _PURCHASES
    # Each turn is everybody's next purchase; those who have left, or left the window, drop out.
    while len(alive):
        who.append(alive)
        days.append(time.astype(np.int32))
        spent = exponential(draw_bits(bits[alive], draw)) * (100.0 * process.mean_amount)
        cents.append(np.ceil(spent).astype(np.int64))
        time = time + exponential(draw_bits(bits[alive], draw + 1)) * process.mean_gap
        stays = time < last[alive]
        alive, time = alive[stays], time[stays]
        draw += 2
    rows = np.concatenate([*who, alive])
    order = np.argsort(rows, kind="stable")
    rows = rows[order]
    return {
        "number": numbers[rows].astype(np.int32),
        "day": np.concatenate([*days, np.empty(0, np.int32)])[order],
        "cents": np.concatenate([*cents, np.empty(0, np.int64)])[order],
        "segment": segment[rows].astype(np.int8),
    }
