"""Contracts that end for a reason, made from a stated process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnlab.checks import InputError
from churnlab.datasets import population
from churnlab.datasets.uniforms import (
    Bits,
    Reals,
    choose,
    draw_bits,
    exponential,
    stream,
    uniform,
)


class LeaverSegment(NamedTuple):
    """A segment of `generate_leavers`: its share of customers, monthly rate, reasons' shares."""

    share: float
    amount: float
    reasons: Mapping[str, float]


# Invented here: the reasons are those operators name, the shares are nobody's measurement.
_PRIVATE = {
    "high_price": 0.30,
    "competitor_offer": 0.15,
    "poor_service": 0.12,
    "unresolved_complaint": 0.08,
    "relocation": 0.12,
    "need_changed": 0.10,
    "payment_failure": 0.10,
    "customer_failure": 0.03,
}
_BUSINESS = {
    "high_price": 0.10,
    "competitor_offer": 0.25,
    "poor_service": 0.25,
    "unresolved_complaint": 0.12,
    "relocation": 0.05,
    "need_changed": 0.08,
    "payment_failure": 0.05,
    "customer_failure": 0.10,
}
LEAVER_SEGMENTS: Mapping[str, LeaverSegment] = MappingProxyType(
    {
        "private": LeaverSegment(0.8, 24.99, MappingProxyType(_PRIVATE)),
        "business": LeaverSegment(0.2, 59.99, MappingProxyType(_BUSINESS)),
    }
)
REASONS: Mapping[str, float] = MappingProxyType(
    {reason: round(0.8 * share + 0.2 * _BUSINESS[reason], 6) for reason, share in _PRIVATE.items()}
)
CONTROLLABLE = frozenset({"poor_service", "high_price", "competitor_offer", "unresolved_complaint"})
_START, _LIFE, _SEGMENT, _REASON, _ASKED = 0, 1, 2, 3, 4
_RUNNING = -1


@dataclass(frozen=True)
class _Leaving:
    """The stated process of `generate_leavers`, with its arguments checked."""

    seed: int
    first_day: np.datetime64
    window_days: int
    observed_days: int
    hazard: float
    not_asked: float
    segments: Mapping[str, LeaverSegment]
    reasons: tuple[str, ...]


def generate_leavers(
    n_customers: int = 1000,
    *,
    seed: int = 1,
    first_day: str = "2023-01-01",
    window_days: int = 730,
    as_of: str | None = None,
    yearly_churn: float = 0.25,
    not_asked: float = 0.10,
    segments: Mapping[str, LeaverSegment] = LEAVER_SEGMENTS,
) -> pd.DataFrame:
    """Make contracts that end for a reason, at the churn of a cellular operator: 25 % a year.

    The trap: a missing reason is not a reason; some who left were never asked.

    Parameters
    ----------
    n_customers, seed : int
        Text ids are the most of it in memory: `leavers_to_parquet` for 10,000,000.
    first_day, window_days
        Starts are uniform over [first_day, first_day + window_days).
    as_of : date, default the window's end
        The data cut: later ends are missing, contracts that start later are not in the table.
    yearly_churn : share between 0 and 1
        Of the customers present on any day, the share that has left 365 days later.
    not_asked : share from 0 to 1
        Of those who left, the share whose reason is missing, at random.
    segments : mapping
        From a segment's name to `LeaverSegment(share, amount, {reason: share})`.

    Returns
    -------
    customer (text), start (day), end (day or missing), amount (monthly rate), segment (text),
    reason (text or missing); sorted by customer, one row each. The data is generated.

    Raises
    ------
    InputError
        If an argument is out of its range, or shares do not add up to 1.

    Notes
    -----
    Each reason r competes with a constant hazard, h_r = share_r * h a day, and the first to
    strike is the reason; h = -log(1 - yearly_churn) / 365 is the same in every segment, so a
    segment changes why customers leave and not how many. Lives are whole days, at least one:
    P(life > t) = exp(-h * t). Of the figures only the 25 % is the industry's; the shares of
    reasons (`REASONS` over all, `LEAVER_SEGMENTS` by segment) and rates are invented. Those in
    `CONTROLLABLE` are the company's to mend.

    Examples
    --------
    >>> generate_leavers(2000)["reason"].value_counts().index[0]
    'high_price'
    """
    process = _leaving(seed, first_day, window_days, as_of, yearly_churn, not_asked, segments)
    n = population.customers(n_customers)
    drawn = population.joined(_contracts(n, process))
    names = population.names(n)
    rates = np.array([segment.amount for segment in process.segments.values()], dtype=np.float64)
    end = population.dates(process.first_day, drawn["end"])
    end[drawn["end"] < 0] = np.datetime64("NaT")
    # No reason is -1, which is the last one.
    reasons = np.array([*process.reasons, None], dtype=object)
    columns = {
        "customer": population.text(names[drawn["number"] - 1]),
        "start": population.dates(process.first_day, drawn["start"]),
        "end": end,
        "amount": rates[drawn["segment"]],
        "segment": population.text(np.array(list(process.segments), object)[drawn["segment"]]),
        "reason": population.text(reasons[drawn["reason"]]),
    }
    return pd.DataFrame(columns, copy=False)


def leavers_to_parquet(
    path: str | Path,
    n_customers: int,
    *,
    seed: int = 1,
    first_day: str = "2023-01-01",
    window_days: int = 730,
    as_of: str | None = None,
    yearly_churn: float = 0.25,
    not_asked: float = 0.10,
    segments: Mapping[str, LeaverSegment] = LEAVER_SEGMENTS,
) -> Path:
    """Write the table of `generate_leavers` to Parquet, without holding it in memory.

    Parameters are those of `generate_leavers`; `start` and `end` are DATEs. An existing file is
    replaced once the new one is complete.

    Returns
    -------
    The path written.
    """
    process = _leaving(seed, first_day, window_days, as_of, yearly_churn, not_asked, segments)
    rates = ", ".join(repr(float(segment.amount)) for segment in process.segments.values())
    # One list of labels serves both text columns: segments first, then reasons.
    select = f"""format('c{{:08d}}', number) AS customer, $first_day::DATE + start AS start,
        CASE WHEN "end" >= 0 THEN $first_day::DATE + "end" END AS "end",
        list_extract([{rates}]::DOUBLE[], segment + 1) AS amount, $labels[segment + 1] AS segment,
        CASE WHEN reason >= 0 THEN $labels[reason + {len(process.segments) + 1}] END AS reason"""
    chunks = _contracts(population.customers(n_customers), process)
    labels = [*process.segments, *process.reasons]
    return population.stream_to_parquet(chunks, Path(path), select, process.first_day, labels)


def _leaving(
    seed: int,
    first_day: str,
    window_days: int,
    as_of: str | None,
    yearly_churn: float,
    not_asked: float,
    segments: Mapping[str, LeaverSegment],
) -> _Leaving:
    window = population.days("window_days", window_days)
    first = population.day("first_day", first_day)
    cut = first + window if as_of is None else population.day("as_of", as_of)
    observed_days = int((cut - first).astype(int))
    if not 1 <= observed_days <= 36525:
        raise InputError(
            f"as_of={as_of!r} must be after first_day={first_day!r}, and at most 36,525 days."
        )
    if not 0 < population.share("yearly_churn", yearly_churn) < 1:
        raise InputError(f"yearly_churn={yearly_churn!r} must lie strictly between 0 and 1.")
    return _Leaving(
        population.seed_of(seed),
        first,
        window,
        observed_days,
        _hazard(yearly_churn),
        population.share("not_asked", not_asked),
        segments,
        _reasons(segments),
    )


def _hazard(yearly_churn: float) -> float:
    """Churn a day; decimal logarithms are the same on every machine, binary ones nearly so."""
    return float(-(1 - Decimal(float(yearly_churn))).ln() / 365)


def _reasons(segments: Mapping[str, LeaverSegment]) -> tuple[str, ...]:
    """All reasons of all segments, in the order they are named."""
    told = isinstance(segments, Mapping) and len(segments) > 0
    if not told or not all(isinstance(part, LeaverSegment) for part in segments.values()):
        raise InputError("segments must be {name: LeaverSegment(share, amount, reasons)}.")
    population.shares("shares of segments", {name: part.share for name, part in segments.items()})
    for name, part in segments.items():
        population.positive(f"amount of segment {name!r}", part.amount)
        population.shares(f"reasons of segment {name!r}", part.reasons)
    return tuple(dict.fromkeys(reason for part in segments.values() for reason in part.reasons))


def _contracts(n_customers: int, process: _Leaving) -> Iterator[dict[str, NDArray[Any]]]:
    parts = process.segments.values()
    mixture = [[part.reasons.get(reason, 0.0) for reason in process.reasons] for part in parts]
    for numbers in population.chunks(n_customers):
        yield _contracts_of(numbers, process, np.array(mixture, dtype=np.float64))


def _contracts_of(numbers: Bits, process: _Leaving, mixture: Reals) -> dict[str, NDArray[Any]]:
    """One contract per customer: number, start, end (-1 running), segment, reason (-1 missing)."""
    bits = stream(process.seed, numbers)
    shares = np.array([part.share for part in process.segments.values()], dtype=np.float64)
    segment = choose(uniform(draw_bits(bits, _SEGMENT)), shares)
    start = (uniform(draw_bits(bits, _START)) * process.window_days).astype(np.int32)
    # An exponential floored to days is geometric: every day is as dangerous as the next.
    life = np.minimum(exponential(draw_bits(bits, _LIFE)) / process.hazard, 1e9).astype(np.int32)
    left = start + 1 + life <= process.observed_days
    reason = choose(uniform(draw_bits(bits, _REASON)), mixture, segment)
    known = left & (uniform(draw_bits(bits, _ASKED)) >= process.not_asked)
    drawn: dict[str, NDArray[Any]] = {
        "number": numbers.astype(np.int32),
        "start": start,
        "end": np.where(left, start + 1 + life, _RUNNING).astype(np.int32),
        "segment": segment.astype(np.int16),
        "reason": np.where(known, reason, -1).astype(np.int16),
    }
    begun = start < process.observed_days
    return {key: values[begun] for key, values in drawn.items()}
