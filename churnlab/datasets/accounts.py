"""Business accounts and the sales representatives who serve them, and leave."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnlab.checks import InputError, whole
from churnlab.datasets import population
from churnlab.datasets.uniforms import (
    Bits,
    Reals,
    draw_bits,
    erlang,
    exponential,
    pareto,
    stream,
    uniform,
)

LARGEST_ACCOUNT = 1000.0
"""The largest possible account, in sizes of the smallest."""
SIZE_EXPONENT = 0.91243670128
"""The exponent at which the largest 20 % of accounts bring 80 % of sales, with that largest."""
GOING_DAYS = 90
"""An account that goes with its representative goes within so many days."""
# A representative and a customer may have the same number, but never share a draw.
_REP, _SIZE, _LIFE, _GOING, _ORDERS = 0, 1, 2, 3, 4
_ORDER = 4  # orders are Erlang of this shape around the account's size


@dataclass(frozen=True)
class _Serving:
    """The stated process of `generate_accounts`, with its arguments checked."""

    seed: int
    first_day: np.datetime64
    months: NDArray[np.int64]
    accounts_per_rep: int
    mean_stay: float
    goes_along: float
    mean_life: float
    mean_amount: float


def generate_accounts(
    n_customers: int = 1000,
    *,
    seed: int = 1,
    first_day: str = "2022-01-01",
    months: int = 36,
    accounts_per_rep: int = 40,
    mean_stay: float = 1825.0,
    goes_along: float = 0.175,
    mean_life: float = 2920.0,
    mean_amount: float = 1000.0,
) -> pd.DataFrame:
    """Make monthly orders of business accounts, some of which leave with their representative.

    The trap: `rep_left` was known from that day on; a model of the months before must not see it.

    Parameters
    ----------
    n_customers, seed : int
        About 30 rows per account with the defaults.
    first_day, months
        First of a month, and 1 to 120 calendar months.
    accounts_per_rep : int
    mean_stay, mean_life : days
        Of a representative; of an account, which may end for reasons of its own.
    goes_along : share of the accounts then served, 0 to below 1
    mean_amount : currency units per order, over all accounts

    Returns
    -------
    customer (text), time (day), amount (two decimals), rep (text: who serves the account that
    day), rep_left (day the account's first rep left, missing if still there at the window's
    end; the same on all rows of an account); sorted by customer, time.

    Raises
    ------
    InputError
        If an argument is out of its range.

    Notes
    -----
    All accounts are there on the first day. Sizes are Pareto(`SIZE_EXPONENT`) from 1 to
    `LARGEST_ACCOUNT`: the largest 20 % bring 80 % of sales, as the exponent log 5 / log 4 would
    without a largest one. Each account orders once a month, on a day drawn evenly; orders are
    Erlang of shape 4 around the size. Stays of reps and lives of accounts are exponential. When a
    rep leaves, each account goes along at a constant hazard h for 90 days, exp(-90 h) =
    1 - goes_along; the rest get a successor, who stays. The following year then loses
    s - (s / h - 90 (1 - s)) / 365 of what it would have sold, s = goes_along: 15.4 %, amid the
    published 13.2-17.6 %. Rep r0000001a serves the first accounts_per_rep customers, and
    r0000001b succeeds.

    References
    ----------
    Shi, Sridhar, Grewal and Lilien (2017), J. Marketing 81(2), 25-44.

    Examples
    --------
    >>> import churnlab as cl
    >>> orders = cl.datasets.generate_accounts(40)
    >>> set(orders["rep"]) <= {"r0000001a", "r0000001b"}
    True
    """
    process = _serving(
        seed, first_day, months, accounts_per_rep, mean_stay, goes_along, mean_life, mean_amount
    )
    n = population.customers(n_customers)
    drawn = population.joined(_orders(n, process))
    reps = -(-n // process.accounts_per_rep)
    # Both names of a representative stand side by side, once each: rows share them.
    rep_names = np.array([f"r{r:07d}{x}" for r in range(1, reps + 1) for x in "ab"], dtype=object)
    left = population.dates(process.first_day, drawn["left"])
    left[drawn["left"] < 0] = np.datetime64("NaT")
    columns = {
        "customer": population.text(population.names(n)[drawn["number"] - 1]),
        "time": population.dates(process.first_day, drawn["day"]),
        "amount": drawn["cents"] / 100.0,
        "rep": population.text(rep_names[2 * (drawn["rep"] - 1) + drawn["succeeded"]]),
        "rep_left": left,
    }
    return pd.DataFrame(columns, copy=False)


def accounts_to_parquet(
    path: str | Path,
    n_customers: int,
    *,
    seed: int = 1,
    first_day: str = "2022-01-01",
    months: int = 36,
    accounts_per_rep: int = 40,
    mean_stay: float = 1825.0,
    goes_along: float = 0.175,
    mean_life: float = 2920.0,
    mean_amount: float = 1000.0,
) -> Path:
    """Write the table of `generate_accounts` to a Parquet file, without holding it in memory.

    Parameters are those of `generate_accounts`; `time` and `rep_left` are DATEs. An existing file
    is replaced once the new one is complete.

    Returns
    -------
    The path written.
    """
    process = _serving(
        seed, first_day, months, accounts_per_rep, mean_stay, goes_along, mean_life, mean_amount
    )
    select = """format('c{:08d}', number) AS customer, $first_day::DATE + day AS time,
        cents / 100.0 AS amount, format('r{:07d}', rep) || $labels[succeeded + 1] AS rep,
        CASE WHEN "left" >= 0 THEN $first_day::DATE + "left" END AS rep_left"""
    chunks = _orders(population.customers(n_customers), process)
    return population.stream_to_parquet(chunks, Path(path), select, process.first_day, "ab")


def _serving(
    seed: int,
    first_day: str,
    months: int,
    accounts_per_rep: int,
    mean_stay: float,
    goes_along: float,
    mean_life: float,
    mean_amount: float,
) -> _Serving:
    first = population.day("first_day", first_day)
    if first != first.astype("datetime64[M]"):
        raise InputError(f"first_day={first_day!r} must be the first day of a month.")
    number = whole("months", months, least=1)
    if number > 120:
        raise InputError(f"months={months!r} must be at most 120.")
    for name, value in {"mean_stay": mean_stay, "mean_life": mean_life}.items():
        population.positive(name, value)
    population.positive("mean_amount", mean_amount)
    population.share("goes_along", goes_along)
    if goes_along == 1:
        raise InputError("goes_along=1 must be below 1: a constant hazard never takes everyone.")
    firsts = first.astype("datetime64[M]") + np.arange(number + 1)
    return _Serving(
        population.seed_of(seed),
        first,
        (firsts.astype("datetime64[D]") - first).astype(np.int64),
        whole("accounts_per_rep", accounts_per_rep, least=1),
        mean_stay,
        goes_along,
        mean_life,
        mean_amount,
    )


def _orders(n_customers: int, process: _Serving) -> Iterator[dict[str, NDArray[Any]]]:
    for numbers in population.chunks(n_customers):
        yield _orders_of(numbers, process)


def _orders_of(numbers: Bits, process: _Serving) -> dict[str, NDArray[Any]]:
    """All orders of these accounts, in whole numbers: number, day, cents, rep, succeeded, left."""
    bits = stream(process.seed, numbers)
    rep = (numbers - np.uint64(1)) // np.uint64(process.accounts_per_rep) + np.uint64(1)
    rep_leaves = _rep_leaves(rep, process)
    last = np.minimum(_own_end(bits, process), rep_leaves + _goes_after(bits, process))
    cents = _sizes(bits, process) * 100.0
    alive = np.arange(len(numbers), dtype=np.int32)
    turns: list[dict[str, NDArray[Any]]] = []
    # Each turn is a month. Ends only come nearer: who has no order this month has none later.
    for month in range(len(process.months) - 1):
        draw = _ORDERS + month * (1 + _ORDER)
        begins, ends = process.months[month : month + 2]
        time = begins + uniform(draw_bits(bits[alive], draw)) * (ends - begins)
        stays = time < last[alive]
        alive, time = alive[stays], time[stays]
        order = erlang(bits[alive], draw + 1, _ORDER) * cents[alive]
        turn = {"row": alive, "day": time.astype(np.int32)}
        turns.append(turn | {"cents": np.ceil(order).astype(np.int64)})
    drawn = population.by_customer(turns)
    row = drawn.pop("row")
    known = np.where(rep_leaves < process.months[-1], rep_leaves, -1).astype(np.int32)
    return drawn | {
        "number": numbers[row].astype(np.int32),
        "rep": rep[row].astype(np.int32),
        "succeeded": (drawn["day"] >= rep_leaves[row]).astype(np.int8),
        "left": known[row],
    }


def _rep_leaves(rep: Bits, process: _Serving) -> Reals:
    """The day, from 1 on, from whose morning the first representative is gone."""
    stay = exponential(draw_bits(stream(process.seed, rep), _REP)) * process.mean_stay
    return np.ceil(stay)


def _own_end(bits: Bits, process: _Serving) -> Reals:
    """Days after which an account ends for reasons of its own."""
    return exponential(draw_bits(bits, _LIFE)) * process.mean_life


def _goes_after(bits: Bits, process: _Serving) -> Reals:
    """Days from the representative's leaving to the account's; infinite for those who stay."""
    # In units of 90 days: the first event at the rate -log(1 - share), if it comes in time.
    rate = -math.log(1.0 - process.goes_along)
    wait = exponential(draw_bits(bits, _GOING))
    return np.where(wait < rate, wait * GOING_DAYS / (rate or 1.0), np.inf)


def _sizes(bits: Bits, process: _Serving) -> Reals:
    """Sizes of accounts: mean `mean_amount`, and the stated Pareto."""
    largest = math.log(LARGEST_ACCOUNT)
    sizes = pareto(draw_bits(bits, _SIZE), SIZE_EXPONENT, largest)
    return sizes * (process.mean_amount / _mean_size(SIZE_EXPONENT, LARGEST_ACCOUNT))


def _mean_size(alpha: float, largest: float) -> float:
    """The mean of a Pareto from 1 to `largest`: the integral of its quantiles."""
    tail = largest**-alpha
    return float((1.0 - tail ** (1.0 - 1.0 / alpha)) / (1.0 - 1.0 / alpha) / (1.0 - tail))
