"""Survivors of every cohort, period by period: expected, and in many draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Base:
    """Customers here now, by age: ``n[i]`` of them at ``ages[i]``."""

    ages: Ints
    n: Ints


def expected(base: Base, leave: Floats, ahead: int) -> Floats:
    """Expected survivors of each cohort 1 to ``ahead`` periods on: cohorts × periods.

    ``leave[t − 1]`` is the share that leaves between ages t − 1 and t.
    """
    steps = base.ages[:, None] + np.arange(ahead)
    kept: Floats = base.n[:, None].astype(np.float64) * np.cumprod(1 - leave[steps], axis=1)
    return kept


def expected_newcomers(inflow: Floats, leave: Floats) -> Floats:
    """Of the newcomers of each period, how many are expected at every period: periods × periods."""
    ahead = len(inflow)
    survival = np.concatenate([[1.0], np.cumprod(1 - leave[: ahead - 1])])
    gap = np.arange(ahead)[None, :] - np.arange(ahead)[:, None]
    kept: Floats = np.where(gap >= 0, inflow[:, None] * survival[np.maximum(gap, 0)], 0.0)
    return kept


def drawn(base: Base, leave: Floats, ahead: int, rng: np.random.Generator) -> Ints:
    """Survivors per draw, cohort and period; each period thins what the one before left."""
    n = np.broadcast_to(base.n, (len(leave), len(base.n)))
    out = np.empty((len(leave), len(base.n), ahead), dtype=np.int64)
    for h in range(ahead):
        n = rng.binomial(n, 1 - leave[:, base.ages + h])
        out[:, :, h] = n
    return out


def drawn_newcomers(
    inflow: Floats, spread: Floats, leave: Floats, rng: np.random.Generator
) -> Ints:
    """The same for the newcomers of each period, whose number may be uncertain itself."""
    ahead, draws = len(inflow), len(leave)
    out = np.zeros((draws, ahead, ahead), dtype=np.int64)
    came = arrivals(inflow, spread, draws, rng)
    for h in range(ahead):
        out[:, h, h] = came[:, h]
        if h:
            ages = np.arange(h, 0, -1) - 1  # who came j periods ago is about to turn j
            out[:, :h, h] = rng.binomial(out[:, :h, h - 1], 1 - leave[:, ages])
    return out


def arrivals(inflow: Floats, spread: Floats, draws: int, rng: np.random.Generator) -> Ints:
    """Whole newcomers per draw and period: gamma with the mean and spread stated, never below 0.

    A mean that is not whole is rounded up as often as its fraction says.
    """
    uncertain = (spread > 0) & (inflow > 0)
    shape = np.where(uncertain, (inflow / np.where(spread > 0, spread, 1)) ** 2, 1.0)
    came = np.where(
        uncertain, rng.gamma(shape, inflow / shape, (draws, len(inflow))), inflow[None, :]
    )
    return np.asarray(np.floor(came + rng.random(came.shape)), dtype=np.int64)


def limits(totals: Floats, level: float) -> tuple[Floats, Floats]:
    """The draws between which a share ``level`` of all draws lies, per period."""
    tail = (1 - level) / 2
    low = np.quantile(totals, tail, axis=0, method="lower")
    high = np.quantile(totals, 1 - tail, axis=0, method="higher")
    return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
