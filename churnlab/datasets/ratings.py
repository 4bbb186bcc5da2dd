"""Ratings of a telecom survey in two waves, made from a stated process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnlab.checks import InputError, whole
from churnlab.datasets import population
from churnlab.datasets.uniforms import Bits, Reals, blend, choose, draw_bits, stream, uniform


class Quota(NamedTuple):
    """A segment of `generate_ratings`: its share of all customers, and of those surveyed."""

    population: float
    sampled: float


QUOTAS: Mapping[str, Quota] = MappingProxyType(
    {"low_end": Quota(2 / 3, 1 / 3), "business": Quota(1 / 3, 2 / 3)}
)
FACTORS = ("price", "call_quality", "coverage", "customer_service", "image", "new_technology")
Percents = Mapping[str, tuple[tuple[int, ...], ...]]
# Per segment and factor (in the order of FACTORS), how many of 100 answer 1, 2, ..., 10.
SATISFACTION: Percents = MappingProxyType(
    {
        "low_end": (
            (2, 2, 3, 3, 5, 6, 8, 9, 8, 54),
            (1, 1, 2, 2, 4, 5, 7, 9, 11, 58),
            (56, 14, 8, 5, 4, 4, 3, 3, 2, 1),
            (2, 2, 2, 3, 4, 6, 7, 8, 10, 56),
            (1, 1, 1, 2, 3, 5, 6, 9, 12, 60),
            (1, 1, 2, 2, 4, 5, 7, 9, 11, 58),
        ),
        "business": (
            (1, 1, 1, 2, 3, 4, 6, 9, 11, 62),
            (1, 2, 2, 3, 4, 6, 7, 10, 11, 54),
            (66, 12, 7, 4, 3, 3, 2, 1, 1, 1),
            (2, 2, 3, 3, 5, 6, 7, 9, 10, 53),
            (1, 1, 2, 2, 4, 5, 7, 10, 12, 56),
            (2, 2, 3, 3, 5, 6, 8, 9, 10, 52),
        ),
    }
)
# Satisfaction with coverage in wave 2, after it was widened.
COVERAGE_AFTER: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "low_end": (8, 7, 8, 10, 11, 18, 14, 10, 8, 6),
        "business": (10, 8, 9, 10, 11, 17, 13, 10, 7, 5),
    }
)
IMPORTANCE: Percents = MappingProxyType(
    {
        "low_end": (
            (8, 12, 16, 1, 2, 3, 5, 10, 18, 25),
            (5, 7, 10, 13, 14, 18, 14, 9, 6, 4),
            (8, 7, 8, 8, 9, 12, 14, 20, 9, 5),
            (12, 14, 16, 20, 14, 9, 6, 4, 3, 2),
            (58, 14, 9, 6, 4, 3, 2, 2, 1, 1),
            (8, 7, 8, 10, 14, 17, 18, 10, 5, 3),
        ),
        "business": (
            (24, 30, 35, 5, 2, 1, 1, 1, 1, 0),
            (3, 5, 8, 11, 15, 20, 16, 11, 7, 4),
            (0, 0, 1, 1, 1, 1, 2, 10, 24, 60),
            (8, 11, 15, 19, 17, 12, 8, 5, 3, 2),
            (52, 16, 11, 7, 5, 4, 2, 1, 1, 1),
            (0, 0, 1, 1, 1, 1, 2, 8, 22, 64),
        ),
    }
)
HALO, STABLE = 0.4, 0.6
_SEGMENT, _MOOD, _STYLE, _GONE = 0, 1, 2, 3
_SATISFACTION, _IMPORTANCE = 16, 64
# Draws of one answer: its own part, whether wave 2 renews it, the new part, and from 3: missing.
_OWN, _RENEW, _NEW, _MISSING = 0, 1, 2, 3


@dataclass(frozen=True)
class _Surveying:
    """The stated process of `generate_ratings`, with its arguments checked."""

    seed: int
    waves: int
    gone: float
    missing: float


def generate_ratings(
    n_customers: int = 1000,
    *,
    seed: int = 1,
    waves: int = 2,
    gone: float = 0.25,
    missing: float = 0.03,
) -> pd.DataFrame:
    """Make a telecom survey for the Customer Churn Index, before and after coverage was widened.

    The trap: the unhappy leave and do not answer again, so wave 2 looks better than it is.

    Parameters
    ----------
    n_customers, seed : int
        Customers asked; 12 rows each, fewer where wave 2 was not answered.
    waves : 1 or 2
        Whether the second wave is in the table.
    gone : share from 0 to 0.5
        Of the customers, the share that has left before wave 2.
    missing : share from 0 to 1
        Of the answers to each question, the share that is missing, at random.

    Returns
    -------
    customer (text), segment (text), wave (1 or 2), factor (text), satisfaction and importance
    (1 to 10, or missing), weight (2 for low_end, 0.5 for business: `QUOTAS`); sorted by customer
    and wave, factors in the order of `FACTORS`. The data is generated.

    Raises
    ------
    InputError
        If an argument is out of its range.

    Notes
    -----
    Answers follow the tables of shares `SATISFACTION` and `IMPORTANCE`; their weighted medians
    over both segments are those of one customer's published table, 10|3, 10|6, 1|8, 10|4, 10|1,
    10|7 (without weights two importances are 9). In wave 2 only satisfaction with coverage has
    its own table, `COVERAGE_AFTER`: its median is 6. All else is invented. Each customer has a
    mood m and a style s, uniform. An answer is the table's quantile at u, where u is uniform,
    made from .4 m + .6 e (importance: s for m), e uniform; wave 2 keeps e with probability .6.
    A customer is gone with probability 2 * gone * (1 - m); weights know nothing of that.

    Examples
    --------
    >>> table = generate_ratings(2000)
    >>> table[table["factor"] == "coverage"].groupby("wave")["satisfaction"].median().tolist()
    [1.0, 6.0]
    """
    process = _surveying(seed, waves, gone, missing)
    n = population.customers(n_customers)
    drawn = population.joined(_answers(n, process))
    columns = {
        "customer": population.text(population.names(n)[drawn["number"] - 1]),
        "segment": population.text(np.array(list(QUOTAS), dtype=object)[drawn["segment"]]),
        "wave": drawn["wave"].astype(np.int64),
        "factor": population.text(np.array(FACTORS, dtype=object)[drawn["factor"]]),
        "satisfaction": population.known(drawn["satisfaction"]),
        "importance": population.known(drawn["importance"]),
        "weight": np.array(_weights())[drawn["segment"]],
    }
    return pd.DataFrame(columns, copy=False)


def ratings_to_parquet(
    path: str | Path,
    n_customers: int,
    *,
    seed: int = 1,
    waves: int = 2,
    gone: float = 0.25,
    missing: float = 0.03,
) -> Path:
    """Write the table of `generate_ratings` to Parquet, without holding it in memory.

    Parameters are those of `generate_ratings`; ratings are small whole numbers. An existing file
    is replaced once the new one is complete.

    Returns
    -------
    The path written.
    """
    process = _surveying(seed, waves, gone, missing)
    # One list of labels serves both text columns: segments first, then factors.
    select = f"""format('c{{:08d}}', number) AS customer, $labels[segment + 1] AS segment, wave,
        $labels[factor + {len(QUOTAS) + 1}] AS factor, nullif(satisfaction, 0) AS satisfaction,
        nullif(importance, 0) AS importance,
        list_extract({_weights()}::DOUBLE[], segment + 1) AS weight"""
    chunks = _answers(population.customers(n_customers), process)
    return population.stream_to_parquet(chunks, Path(path), select, None, [*QUOTAS, *FACTORS])


def shares_of(table: Percents) -> Reals:
    """A table of percents as shares: segment by factor by answer."""
    return np.array([table[segment] for segment in QUOTAS], dtype=np.float64) / 100.0


def _weights() -> list[float]:
    return [quota.population / quota.sampled for quota in QUOTAS.values()]


def _surveying(seed: int, waves: int, gone: float, missing: float) -> _Surveying:
    number = whole("waves", waves, least=1)
    if number > 2:
        raise InputError(f"waves={waves!r} must be 1 or 2.")
    if population.share("gone", gone) > 0.5:
        raise InputError(f"gone={gone!r} must be at most 0.5: then the unhappiest all leave.")
    return _Surveying(
        population.seed_of(seed), number, float(gone), population.share("missing", missing)
    )


def _answers(n_customers: int, process: _Surveying) -> Iterator[dict[str, NDArray[Any]]]:
    for numbers in population.chunks(n_customers):
        yield _answers_of(numbers, process)


def _answers_of(numbers: Bits, process: _Surveying) -> dict[str, NDArray[Any]]:
    """All answers of these customers, in whole numbers: a rating of 0 is missing."""
    bits = stream(process.seed, numbers)
    sampled = np.array([quota.sampled for quota in QUOTAS.values()])
    segment = choose(uniform(draw_bits(bits, _SEGMENT)), sampled)
    mood, style = uniform(draw_bits(bits, _MOOD)), uniform(draw_bits(bits, _STYLE))
    stays = uniform(draw_bits(bits, _GONE)) >= 2.0 * process.gone * (1.0 - mood)
    answered = np.stack([np.ones_like(stays), stays], axis=1)[:, : process.waves]
    before, after, importance = _tables()
    who, wave = np.nonzero(answered)
    drawn: dict[str, NDArray[Any]] = {
        "number": np.repeat(numbers[who].astype(np.int32), len(FACTORS)),
        "segment": np.repeat(segment[who].astype(np.int8), len(FACTORS)),
        "wave": np.repeat((wave + 1).astype(np.int8), len(FACTORS)),
        "factor": np.tile(np.arange(len(FACTORS), dtype=np.int8), len(who)),
    }
    questions = {
        "satisfaction": (mood, _SATISFACTION, (before, after)),
        "importance": (style, _IMPORTANCE, (importance, importance)),
    }
    for question, (shared, base, tables) in questions.items():
        ratings = np.empty((*answered.shape, len(FACTORS)), dtype=np.int8)
        for k in range(process.waves):
            u = blend(shared[:, None], _own(bits, base, k), HALO)
            silent = _draw(bits, base + _MISSING + k) < process.missing
            ratings[:, k] = np.where(silent, 0, choose(u, tables[k], segment) + 1)
        drawn[question] = ratings[answered].ravel()
    return drawn


def _tables() -> tuple[Reals, Reals, Reals]:
    """Shares of satisfaction in wave 1 and in wave 2, and of importance in both."""
    before, importance = shares_of(SATISFACTION), shares_of(IMPORTANCE)
    after = before.copy()
    after[:, FACTORS.index("coverage")] = [
        [percent / 100.0 for percent in COVERAGE_AFTER[segment]] for segment in QUOTAS
    ]
    return before, after, importance


def _own(bits: Bits, base: int, wave: int) -> Reals:
    """What is the customer's own in the answer on each factor; some of it lasts to wave 2."""
    own = _draw(bits, base + _OWN)
    if wave == 0:
        return own
    return np.where(_draw(bits, base + _RENEW) < STABLE, own, _draw(bits, base + _NEW))


def _draw(bits: Bits, draw: int) -> Reals:
    """One uniform for each customer and factor: factors have eight draws each."""
    draws = np.arange(draw, draw + 8 * len(FACTORS), 8, dtype=np.uint64)
    return uniform(draw_bits(bits[:, None], draws))
