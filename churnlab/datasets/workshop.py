"""Visits to a car workshop: regular customers, who are silent for months and not gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnlab.datasets import population
from churnlab.datasets.uniforms import Bits, draw_bits, erlang, exponential, stream, uniform

MEAN_BILL: Mapping[str, float] = MappingProxyType({"maintenance": 180.0, "repair": 420.0})
_START, _LIFE, _VISITS = 0, 1, 2
_BILL = 4  # bills are Erlang of this shape: half as wide as they are high


@dataclass(frozen=True)
class _Visiting:
    """The stated process of `generate_visits`, with its arguments checked."""

    seed: int
    first_day: np.datetime64
    window_days: int
    mean_gap: float
    regularity: int
    mean_life: float
    repair_share: float


def generate_visits(
    n_customers: int = 1000,
    *,
    seed: int = 1,
    first_day: str = "2015-01-01",
    window_days: int = 3653,
    visits_per_year: float = 2.5,
    regularity: int = 4,
    mean_life: float = 2190.0,
    repair_share: float = 0.4,
) -> pd.DataFrame:
    """Make visits to a workshop, whose customers come back every few months, and quite regularly.

    The trap: half a year of silence is ordinary here, and says most where visits are regular.

    Parameters
    ----------
    n_customers, seed : int
        About 8 rows per customer with the defaults.
    first_day, window_days
        The window: [first_day, first_day + window_days).
    visits_per_year : visits per 365 days of a customer's life
    regularity : int, 1 to 100
        1 is chance alone (Poisson); the gaps' coefficient of variation is 1 / sqrt(regularity).
    mean_life : days
    repair_share : share of visits, from 0 to 1

    Returns
    -------
    customer (text), time (day), amount (two decimals), kind (text); sorted by customer, time.

    Raises
    ------
    InputError
        If an argument is out of its range.

    Notes
    -----
    Starts are uniform over the window; the first visit is at the start. Gaps have mean
    m = 365 / visits_per_year days and are Erlang: sums of k = regularity exponentials. Lives are
    exponential; after its end, or the window's, a customer has no row. So of customers who came
    long ago and are still alive, the share silent for x days is the mean over j = 1..k of
    P(Poisson(k x / m) < j). Kinds are drawn for each visit; a bill is Erlang of shape 4 around
    `MEAN_BILL` of its kind, rounded up to a cent. Days are floored, as in `generate_events`.

    Examples
    --------
    >>> import churnlab as cl
    >>> visits = cl.datasets.generate_visits(100)
    >>> sorted(set(visits["kind"]))
    ['maintenance', 'repair']
    """
    process = _visiting(
        seed, first_day, window_days, visits_per_year, regularity, mean_life, repair_share
    )
    n = population.customers(n_customers)
    drawn = population.joined(_visits(n, process))
    labels = np.array(list(MEAN_BILL), dtype=object)
    columns = {
        "customer": population.text(population.names(n)[drawn["number"] - 1]),
        "time": population.dates(process.first_day, drawn["day"]),
        "amount": drawn["cents"] / 100.0,
        "kind": population.text(labels[drawn["kind"]]),
    }
    return pd.DataFrame(columns, copy=False)


def visits_to_parquet(
    path: str | Path,
    n_customers: int,
    *,
    seed: int = 1,
    first_day: str = "2015-01-01",
    window_days: int = 3653,
    visits_per_year: float = 2.5,
    regularity: int = 4,
    mean_life: float = 2190.0,
    repair_share: float = 0.4,
) -> Path:
    """Write the table of `generate_visits` to a Parquet file, without holding it in memory.

    Parameters are those of `generate_visits`; `time` is a DATE. An existing file is replaced once
    the new one is complete.

    Returns
    -------
    The path written.
    """
    process = _visiting(
        seed, first_day, window_days, visits_per_year, regularity, mean_life, repair_share
    )
    select = """format('c{:08d}', number) AS customer, $first_day::DATE + day AS time,
        cents / 100.0 AS amount, $labels[kind + 1] AS kind"""
    chunks = _visits(population.customers(n_customers), process)
    return population.stream_to_parquet(chunks, Path(path), select, process.first_day, MEAN_BILL)


def _visiting(
    seed: int,
    first_day: str,
    window_days: int,
    visits_per_year: float,
    regularity: int,
    mean_life: float,
    repair_share: float,
) -> _Visiting:
    population.positive("visits_per_year", visits_per_year)
    population.positive("mean_life", mean_life)
    population.share("repair_share", repair_share)
    return _Visiting(
        population.seed_of(seed),
        population.day("first_day", first_day),
        population.days("window_days", window_days),
        365.0 / visits_per_year,
        population.regularity(regularity),
        mean_life,
        repair_share,
    )


def _visits(n_customers: int, process: _Visiting) -> Iterator[dict[str, NDArray[Any]]]:
    for numbers in population.chunks(n_customers):
        yield _visits_of(numbers, process)


def _visits_of(numbers: Bits, process: _Visiting) -> dict[str, NDArray[Any]]:
    """All visits of these customers, in whole numbers: number, day, cents, kind."""
    bits = stream(process.seed, numbers)
    time = uniform(draw_bits(bits, _START)) * process.window_days
    life = exponential(draw_bits(bits, _LIFE)) * process.mean_life
    last = np.minimum(time + life, process.window_days)
    cents = 100.0 * np.array(list(MEAN_BILL.values()))
    alive = np.arange(len(numbers), dtype=np.int32)
    turns: list[dict[str, NDArray[Any]]] = []
    draw = _VISITS
    # Each turn is everybody's next visit; those who have left, or left the window, drop out.
    while len(alive) or not turns:
        own = bits[alive]
        kind = (uniform(draw_bits(own, draw)) < process.repair_share).astype(np.int8)
        bill = erlang(own, draw + 1, _BILL) * cents[kind]
        turn = {"row": alive, "day": time.astype(np.int32)}
        turns.append(turn | {"cents": np.ceil(bill).astype(np.int64), "kind": kind})
        time = time + erlang(own, draw + 1 + _BILL, process.regularity) * process.mean_gap
        stays = time < last[alive]
        alive, time = alive[stays], time[stays]
        draw += 1 + _BILL + process.regularity
    drawn = population.by_customer(turns)
    return {"number": numbers[drawn.pop("row")].astype(np.int32)} | drawn
