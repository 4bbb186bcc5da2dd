"""Contracts whose churn falls with tenure, made from a stated process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnlab.checks import InputError
from churnlab.datasets import population
from churnlab.datasets.uniforms import Bits, Reals, draw_bits, pick, stream, uniform


class Plan(NamedTuple):
    """A plan of `generate_subscriptions`: its monthly rate, and its beta of churn per month."""

    amount: float
    alpha: float
    beta: float


PLANS: Mapping[str, Plan] = MappingProxyType(
    {"basic": Plan(19.99, 0.8, 9.2), "plus": Plan(39.99, 0.8, 15.2)}
)
_START, _LIFE, _PLAN = 0, 1, 2


@dataclass(frozen=True)
class _Subscribing:
    """The stated process of `generate_subscriptions`, with its arguments checked."""

    seed: int
    first_day: np.datetime64
    window_days: int
    observed_days: int
    plans: Mapping[str, Plan]


def generate_subscriptions(
    n_customers: int = 1000,
    *,
    seed: int = 1,
    first_day: str = "2023-01-01",
    window_days: int = 730,
    as_of: str | None = None,
    plans: Mapping[str, Plan] = PLANS,
) -> pd.DataFrame:
    """Make contracts whose churn falls with tenure, because the loyal are the ones who remain.

    The trap: no single customer becomes more loyal; the mixture does.

    Parameters
    ----------
    n_customers, seed : int
        Text ids are the most of it in memory: `subscriptions_to_parquet` for 10,000,000.
    first_day, window_days
        Starts are uniform over [first_day, first_day + window_days).
    as_of : date, default the window's end
        The data cut: later ends are missing, contracts that start later are not in the table.
    plans : mapping
        From a plan's name to `Plan(amount, alpha, beta)`; plans have equal shares.

    Returns
    -------
    customer (text), start (day), end (day or missing), amount (monthly rate), plan (text);
    sorted by customer, one row each.

    Raises
    ------
    InputError
        If an argument is out of its range.

    Notes
    -----
    Every customer has their own monthly churn probability p, from Beta(alpha, beta), and stays
    a geometric number of months of 30 days. Drawn without p: S(t) is the product over
    i = 0..t-1 of (beta + i) / (alpha + beta + i), so churn in month t is
    alpha / (alpha + beta + t - 1).

    References
    ----------
    Fader and Hardie (2007), How to project customer retention, J. Interactive Marketing 21(1).
    """
    process = _subscribing(seed, first_day, window_days, as_of, plans)
    n = population.customers(n_customers)
    chunks = list(_contracts(n, process))
    drawn = {key: np.concatenate([chunk[key] for chunk in chunks]) for key in chunks[0]}
    names = population.names(n)
    labels = np.array(list(process.plans), dtype=object)
    rates = np.array([plan.amount for plan in process.plans.values()], dtype=np.float64)
    end = population.dates(process.first_day, drawn["end"])
    end[drawn["end"] < 0] = np.datetime64("NaT")
    columns = {
        "customer": population.text(names[drawn["number"] - 1]),
        "start": population.dates(process.first_day, drawn["start"]),
        "end": end,
        "amount": rates[drawn["plan"]],
        "plan": population.text(labels[drawn["plan"]]),
    }
    return pd.DataFrame(columns, copy=False)


def subscriptions_to_parquet(
    path: str | Path,
    n_customers: int,
    *,
    seed: int = 1,
    first_day: str = "2023-01-01",
    window_days: int = 730,
    as_of: str | None = None,
    plans: Mapping[str, Plan] = PLANS,
) -> Path:
    """Write the table of `generate_subscriptions` to Parquet, without holding it in memory.

    Parameters are those of `generate_subscriptions`; `start` and `end` are DATEs. An existing file
    is replaced once the new one is complete.

    Returns
    -------
    The path written.
    """
    process = _subscribing(seed, first_day, window_days, as_of, plans)
    rates = ", ".join(repr(float(plan.amount)) for plan in process.plans.values())
    select = f"""format('c{{:08d}}', number) AS customer, $first_day::DATE + start AS start,
        CASE WHEN "end" >= 0 THEN $first_day::DATE + "end" END AS "end",
        list_extract([{rates}]::DOUBLE[], plan + 1) AS amount, $labels[plan + 1] AS plan"""
    chunks = _contracts(population.customers(n_customers), process)
    return population.stream_to_parquet(
        chunks, Path(path), select, process.first_day, process.plans
    )


def _subscribing(
    seed: int,
    first_day: str,
    window_days: int,
    as_of: str | None,
    plans: Mapping[str, Plan],
) -> _Subscribing:
    window = population.days("window_days", window_days)
    first = population.day("first_day", first_day)
    cut = first + window if as_of is None else population.day("as_of", as_of)
    observed_days = int((cut - first).astype(int))
    if observed_days < 1:
        raise InputError(f"as_of={as_of!r} must be after first_day={first_day!r}.")
    if not plans:
        raise InputError("plans names no plan; give {name: Plan(amount, alpha, beta)}.")
    for name, plan in plans.items():
        for part, value in zip(Plan._fields, plan, strict=True):
            population.positive(f"{part} of plan {name!r}", value)
    return _Subscribing(population.seed_of(seed), first, window, observed_days, plans)


def _contracts(n_customers: int, process: _Subscribing) -> Iterator[dict[str, NDArray[Any]]]:
    months = process.observed_days // 30 + 1
    remaining = np.array([_remaining(plan, months) for plan in process.plans.values()])
    for numbers in population.chunks(n_customers):
        yield _contracts_of(numbers, process, remaining)


def _contracts_of(
    numbers: Bits, process: _Subscribing, remaining: Reals
) -> dict[str, NDArray[Any]]:
    """One contract per customer, in whole numbers: number, start, end (-1 = running), plan."""
    bits = stream(process.seed, numbers)
    plan = pick(draw_bits(bits, _PLAN), len(process.plans))
    start = (uniform(draw_bits(bits, _START)) * process.window_days).astype(np.int32)
    u = uniform(draw_bits(bits, _LIFE))
    months = np.ones(len(numbers), dtype=np.int32)
    for t in range(remaining.shape[1]):
        months += u < remaining[plan, t]
    end = start + 30 * months
    end = np.where(end <= process.observed_days, end, -1).astype(np.int32)
    begun = start < process.observed_days
    drawn = {"number": numbers.astype(np.int32), "start": start, "end": end}
    drawn["plan"] = plan.astype(np.int8)
    return {key: values[begun] for key, values in drawn.items()}


def _remaining(plan: Plan, months: int) -> Reals:
    """S(1), ..., S(months) of the beta-geometric, by products alone."""
    shares, s = [], 1.0
    for i in range(months):
        s = s * ((plan.beta + i) / (plan.alpha + plan.beta + i))
        shares.append(s)
    return np.array(shares, dtype=np.float64)
