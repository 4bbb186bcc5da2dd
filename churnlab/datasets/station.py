"""A petrol station closed for works: where its card customers fill up, and who comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnlab.checks import InputError
from churnlab.datasets import population
from churnlab.datasets.uniforms import (
    Bits,
    Reals,
    draw_bits,
    erlang,
    erlang_wait,
    exponential,
    stream,
    uniform,
)

STATIONS = ("ours", "sister")
_OURS, _SISTER, _UNSEEN = 0, 1, 2
_GROUP, _FATE, _DELAY, _FILLS = 0, 1, 2, 3
_AMOUNT = 4  # amounts are Erlang of this shape: half as wide as they are high


@dataclass(frozen=True)
class _Filling:
    """The stated process of `generate_fuel`, with its arguments checked."""

    seed: int
    first_day: np.datetime64
    window_days: int
    closes: int
    reopens: int
    to_sister: float
    back_from_sister: float
    stay_at_sister: float
    back_from_elsewhere: float
    mean_delay: float
    mean_gap: float
    regularity: int
    mean_amount: float


def generate_fuel(
    n_customers: int = 1000,
    *,
    seed: int = 1,
    first_day: str = "2024-01-01",
    window_days: int = 731,
    closed_from: str = "2024-09-01",
    closed_until: str = "2024-12-01",
    to_sister: float = 0.6,
    back_from_sister: float = 0.7,
    stay_at_sister: float = 0.2,
    back_from_elsewhere: float = 0.5,
    mean_delay: float = 21.0,
    mean_gap: float = 10.0,
    regularity: int = 4,
    mean_amount: float = 60.0,
) -> pd.DataFrame:
    """Make fills of card customers before, during and after the works at their petrol station.

    The trap: a customer lost to the station may be kept by the chain, at its sister station.

    Parameters
    ----------
    n_customers, seed : int
        About 60 rows per customer with the defaults.
    first_day, window_days
        The window: [first_day, first_day + window_days).
    closed_from, closed_until : dates inside the window
        The station is closed on [closed_from, closed_until).
    to_sister : share who fill at the sister meanwhile; the others fill elsewhere, unseen
    back_from_sister, stay_at_sister : shares of those at the sister; the rest are lost
    back_from_elsewhere : share of the others; the rest are lost
    mean_delay : days from the reopening to a customer's change
    mean_gap : days
    regularity : int, 1 to 100
        The gaps' coefficient of variation is 1 / sqrt(regularity).
    mean_amount : currency units

    Returns
    -------
    customer (text), time (day), amount (two decimals), station ('ours', 'sister'); sorted by
    customer, time. Fills elsewhere are no rows.

    Raises
    ------
    InputError
        If an argument is out of its range.

    Notes
    -----
    All shares are ours, not measured ones. All customers are there from the first day on, midway
    between fills, and go on filling at Erlang gaps wherever they are; nobody leaves but over the
    closure. After the reopening each waits, exponentially, and then changes to where they end:
    ours, or elsewhere; those who stay at the sister stay. The station gets back
    to_sister * back_from_sister + (1 - to_sister) * back_from_elsewhere, 62 %; the chain keeps
    to_sister * stay_at_sister more, 74 %. Amounts are Erlang of shape 4, rounded up to a cent.

    Examples
    --------
    >>> import churnlab as cl
    >>> fills = cl.datasets.generate_fuel(100)
    >>> sorted(set(fills["station"]))
    ['ours', 'sister']
    """
    process = _filling(
        (seed, first_day, window_days, closed_from, closed_until),
        (to_sister, back_from_sister, stay_at_sister, back_from_elsewhere),
        (mean_delay, mean_gap, regularity, mean_amount),
    )
    n = population.customers(n_customers)
    drawn = population.joined(_fills(n, process))
    labels = np.array(STATIONS, dtype=object)
    columns = {
        "customer": population.text(population.names(n)[drawn["number"] - 1]),
        "time": population.dates(process.first_day, drawn["day"]),
        "amount": drawn["cents"] / 100.0,
        "station": population.text(labels[drawn["station"]]),
    }
    return pd.DataFrame(columns, copy=False)


def fuel_to_parquet(
    path: str | Path,
    n_customers: int,
    *,
    seed: int = 1,
    first_day: str = "2024-01-01",
    window_days: int = 731,
    closed_from: str = "2024-09-01",
    closed_until: str = "2024-12-01",
    to_sister: float = 0.6,
    back_from_sister: float = 0.7,
    stay_at_sister: float = 0.2,
    back_from_elsewhere: float = 0.5,
    mean_delay: float = 21.0,
    mean_gap: float = 10.0,
    regularity: int = 4,
    mean_amount: float = 60.0,
) -> Path:
    """Write the table of `generate_fuel` to a Parquet file, without holding it in memory.

    Parameters are those of `generate_fuel`; `time` is a DATE. An existing file is replaced once
    the new one is complete.

    Returns
    -------
    The path written.
    """
    process = _filling(
        (seed, first_day, window_days, closed_from, closed_until),
        (to_sister, back_from_sister, stay_at_sister, back_from_elsewhere),
        (mean_delay, mean_gap, regularity, mean_amount),
    )
    select = """format('c{:08d}', number) AS customer, $first_day::DATE + day AS time,
        cents / 100.0 AS amount, $labels[station + 1] AS station"""
    chunks = _fills(population.customers(n_customers), process)
    return population.stream_to_parquet(chunks, Path(path), select, process.first_day, STATIONS)


def _filling(
    calendar: tuple[int, str, int, str, str],
    shares: tuple[float, float, float, float],
    cadence: tuple[float, float, int, float],
) -> _Filling:
    seed, first_day, window_days, closed_from, closed_until = calendar
    mean_delay, mean_gap, regularity, mean_amount = cadence
    first, window = (
        population.day("first_day", first_day),
        population.days("window_days", window_days),
    )
    closes = int((population.day("closed_from", closed_from) - first).astype(int))
    reopens = int((population.day("closed_until", closed_until) - first).astype(int))
    if not 0 < closes < reopens < window:
        raise InputError(
            f"closed_from={closed_from!r} must come after first_day={first_day!r}, "
            f"closed_until={closed_until!r} after that, and window_days={window_days!r} go beyond."
        )
    names = ("to_sister", "back_from_sister", "stay_at_sister", "back_from_elsewhere")
    for name, value in zip(names, shares, strict=True):
        population.share(name, value)
    if shares[1] + shares[2] > 1 + 1e-9:
        raise InputError(
            f"back_from_sister={shares[1]!r} and stay_at_sister={shares[2]!r} exceed 1 together."
        )
    for name, value in {"mean_delay": mean_delay, "mean_gap": mean_gap}.items():
        population.positive(name, value)
    population.positive("mean_amount", mean_amount)
    shape = population.regularity(regularity)
    when = (population.seed_of(seed), first, window, closes, reopens)
    return _Filling(*when, *shares, mean_delay, mean_gap, shape, mean_amount)


def _fills(n_customers: int, process: _Filling) -> Iterator[dict[str, NDArray[Any]]]:
    for numbers in population.chunks(n_customers):
        yield _fills_of(numbers, process)


def _fills_of(numbers: Bits, process: _Filling) -> dict[str, NDArray[Any]]:
    """All fills the chain sees of these customers: number, day, cents, station."""
    bits = stream(process.seed, numbers)
    meanwhile, later, changes = _places(bits, process)
    time = erlang_wait(bits, _FILLS, process.regularity) * process.mean_gap
    present = np.arange(len(numbers), dtype=np.int32)
    turns: list[dict[str, NDArray[Any]]] = []
    draw = _FILLS + 1 + process.regularity
    # Each turn is everybody's next fill, seen or not; those beyond the window drop out.
    while len(present) or not turns:
        stays = time < process.window_days
        present, time = present[stays], time[stays]
        place = np.where(time < changes[present], meanwhile[present], later[present])
        place[time < process.closes] = _OURS
        seen = place != _UNSEEN
        row = present[seen]
        amount = erlang(bits[row], draw, _AMOUNT) * (100.0 * process.mean_amount)
        turn = {"row": row, "day": time[seen].astype(np.int32), "station": place[seen]}
        turns.append(turn | {"cents": np.ceil(amount).astype(np.int64)})
        gap = erlang(bits[present], draw + _AMOUNT, process.regularity)
        time = time + gap * process.mean_gap
        draw += _AMOUNT + process.regularity
    drawn = population.by_customer(turns)
    return {"number": numbers[drawn.pop("row")].astype(np.int32)} | drawn


def _places(bits: Bits, process: _Filling) -> tuple[NDArray[np.int8], NDArray[np.int8], Reals]:
    """Where each customer fills while we are closed, where in the end, and when that changes."""
    diverted = uniform(draw_bits(bits, _GROUP)) < process.to_sister
    fate = uniform(draw_bits(bits, _FATE))
    back = np.where(diverted, process.back_from_sister, process.back_from_elsewhere)
    remains = diverted & (fate < process.back_from_sister + process.stay_at_sister)
    meanwhile = np.where(diverted, _SISTER, _UNSEEN).astype(np.int8)
    later = np.where(fate < back, _OURS, np.where(remains, _SISTER, _UNSEEN)).astype(np.int8)
    delay = exponential(draw_bits(bits, _DELAY)) * process.mean_delay
    return meanwhile, later, process.reopens + delay
