"""Complaint calls beside a survey of the same customers, made from a stated process."""

from __future__ import annotations

import math
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
from churnlab.datasets.ratings import FACTORS, IMPORTANCE, QUOTAS, shares_of
from churnlab.datasets.uniforms import Bits, Reals, choose, draw_bits, stream, uniform

# Of all purchases, the share that dissatisfies by each factor: together one in four.
DISSATISFIED: Mapping[str, float] = MappingProxyType(
    {
        "price": 0.0375,
        "call_quality": 0.0500,
        "coverage": 0.1000,
        "customer_service": 0.0300,
        "image": 0.0125,
        "new_technology": 0.0200,
    }
)
# Of those dissatisfied by each factor, the share that calls: over all of them one in twenty.
CALLING: Mapping[str, float] = MappingProxyType(
    {
        "price": 0.12,
        "call_quality": 0.03,
        "coverage": 0.02,
        "customer_service": 0.125,
        "image": 0.02,
        "new_technology": 0.025,
    }
)
# How many of 100 answer 1, 2, ..., 10: about what dissatisfied them, and about all else.
SORRY = (40, 30, 20, 10, 0, 0, 0, 0, 0, 0)
CONTENT = (0, 0, 0, 0, 5, 8, 12, 20, 25, 30)
SOURCES = ("calls", "survey")
_TROUBLE, _CALLS, _SURVEYED, _SATISFACTION, _IMPORTANCE = 0, 1, 2, 8, 16
_NONE = len(FACTORS)


@dataclass(frozen=True)
class _Complaining:
    """The stated process of `generate_calls`, with its arguments checked."""

    seed: int
    reached: float
    trouble: Reals
    calling: Reals


def generate_calls(
    n_customers: int = 10_000,
    *,
    seed: int = 1,
    reached: float = 0.1,
    dissatisfied: Mapping[str, float] = DISSATISFIED,
    calling: Mapping[str, float] = CALLING,
) -> pd.DataFrame:
    """Make complaint calls and a survey of the same customers: two answers to what is wrong.

    The trap: the calls count those who call, and rank what people call about, not what is wrong.

    Parameters
    ----------
    n_customers, seed : int
        Customers with one purchase each; with the defaults about 0.6 rows per customer.
    reached : share from 0 to 1
        Of all customers, the share the survey reaches, at random; they answer the truth.
    dissatisfied : mapping
        From each of the six `FACTORS` to the share of purchases that dissatisfy by it.
    calling : mapping
        From each of the six `FACTORS` to the share of those dissatisfied by it who call.

    Returns
    -------
    customer (text), source ('calls' or 'survey'), factor (text), satisfaction (1 to 10),
    importance (1 to 10; missing for calls); sorted by customer and source, factors in the order
    of `FACTORS`. A call is one row, an answered survey is six. The data is generated.

    Raises
    ------
    InputError
        If an argument is out of its range.

    Notes
    -----
    A purchase dissatisfies by one factor, or by none. With the defaults 25 % of purchases
    dissatisfy, 5 % of the dissatisfied call, so 1.25 % of customers call and a call stands for
    20 dissatisfied; these three figures are the literature's, how they fall on the factors is
    invented (`DISSATISFIED`, `CALLING`): coverage leads the survey, price leads the calls.
    Satisfaction is 1 to 4 with what dissatisfied (shares `SORRY`), 5 to 10 with all else
    (`CONTENT`), and the same in both sources. Importance follows the tables of
    `generate_ratings`, their segments mixed as they are among customers. Answers are independent.

    Examples
    --------
    >>> said = generate_calls(100_000)
    >>> said.loc[said["source"] == "calls", "factor"].value_counts().index[0]
    'price'
    """
    process = _complaining(seed, reached, dissatisfied, calling)
    n = population.customers(n_customers)
    drawn = population.joined(_said(n, process))
    columns = {
        "customer": population.text(population.names(n)[drawn["number"] - 1]),
        "source": population.text(np.array(SOURCES, dtype=object)[drawn["source"]]),
        "factor": population.text(np.array(FACTORS, dtype=object)[drawn["factor"]]),
        "satisfaction": drawn["satisfaction"].astype(np.int64),
        "importance": population.known(drawn["importance"]),
    }
    return pd.DataFrame(columns, copy=False)


def calls_to_parquet(
    path: str | Path,
    n_customers: int,
    *,
    seed: int = 1,
    reached: float = 0.1,
    dissatisfied: Mapping[str, float] = DISSATISFIED,
    calling: Mapping[str, float] = CALLING,
) -> Path:
    """Write the table of `generate_calls` to Parquet, without holding it in memory.

    Parameters are those of `generate_calls`; ratings are small whole numbers. An existing file is
    replaced once the new one is complete.

    Returns
    -------
    The path written.
    """
    process = _complaining(seed, reached, dissatisfied, calling)
    # One list of labels serves both text columns: sources first, then factors.
    select = f"""format('c{{:08d}}', number) AS customer, $labels[source + 1] AS source,
        $labels[factor + {len(SOURCES) + 1}] AS factor, satisfaction,
        nullif(importance, 0) AS importance"""
    chunks = _said(population.customers(n_customers), process)
    return population.stream_to_parquet(chunks, Path(path), select, None, [*SOURCES, *FACTORS])


def _complaining(
    seed: int, reached: float, dissatisfied: Mapping[str, float], calling: Mapping[str, float]
) -> _Complaining:
    trouble = _by_factor("dissatisfied", dissatisfied)
    if math.fsum(trouble) > 1 + 1e-9:
        raise InputError(
            f"dissatisfied adds up to {math.fsum(trouble):g}; a purchase dissatisfies by one "
            "factor at most, so the shares add up to at most 1."
        )
    return _Complaining(
        population.seed_of(seed),
        population.share("reached", reached),
        np.array([*trouble, 1.0 - math.fsum(trouble)], dtype=np.float64),
        np.array([*_by_factor("calling", calling), 0.0], dtype=np.float64),
    )


def _by_factor(name: str, shares: Mapping[str, float]) -> list[float]:
    if not isinstance(shares, Mapping) or set(shares) != set(FACTORS):
        raise InputError(f"{name} must give a share to each of: {', '.join(FACTORS)}.")
    return [population.share(f"{name} of {factor!r}", shares[factor]) for factor in FACTORS]


def _said(n_customers: int, process: _Complaining) -> Iterator[dict[str, NDArray[Any]]]:
    mixed = np.array([quota.population for quota in QUOTAS.values()])[:, None, None]
    importance = (mixed * shares_of(IMPORTANCE)).sum(axis=0)
    for numbers in population.chunks(n_customers):
        yield _said_of(numbers, process, importance)


def _said_of(numbers: Bits, process: _Complaining, importance: Reals) -> dict[str, NDArray[Any]]:
    """All calls and answers of these customers, in whole numbers: importance 0 is missing."""
    bits = stream(process.seed, numbers)
    # The last choice is no trouble at all, and nobody calls about that.
    trouble = choose(uniform(draw_bits(bits, _TROUBLE)), process.trouble)
    calls = np.nonzero(uniform(draw_bits(bits, _CALLS)) < process.calling[trouble])[0]
    surveyed = np.nonzero(uniform(draw_bits(bits, _SURVEYED)) < process.reached)[0]
    who = np.concatenate([calls, np.repeat(surveyed, len(FACTORS))])
    every = np.tile(np.arange(len(FACTORS)), len(surveyed))
    factor = np.concatenate([trouble[calls], every])
    asked = np.arange(len(who)) >= len(calls)
    shares = np.array([CONTENT, SORRY], dtype=np.float64) / 100.0
    rated = {
        "satisfaction": choose(
            _draw(bits[who], _SATISFACTION, factor), shares, (trouble[who] == factor).astype(int)
        ),
        "importance": choose(_draw(bits[who], _IMPORTANCE, factor), importance, factor),
    }
    # Calls stand first, so a stable order puts a customer's call before the same one's answers.
    order = np.argsort(who, kind="stable")
    return {
        "number": numbers[who][order].astype(np.int32),
        "source": asked[order].astype(np.int8),
        "factor": factor[order].astype(np.int8),
        "satisfaction": (rated["satisfaction"] + 1)[order].astype(np.int8),
        "importance": np.where(asked, rated["importance"] + 1, 0)[order].astype(np.int8),
    }


def _draw(bits: Bits, draw: int, factor: NDArray[np.int64]) -> Reals:
    """One uniform for each row: every factor has its own draw."""
    return uniform(draw_bits(bits, (draw + factor).astype(np.uint64)))
