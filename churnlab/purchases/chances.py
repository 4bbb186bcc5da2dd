"""What a silence says of customers who buy at random and have not changed: calculators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy import special

from churnlab.checks import InputError, attrs, choice, number, numbers, whole

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

Basis = Literal["date", "gap"]


def silence(
    duration: float | Sequence[float],
    *,
    rate: float,
    regularity: int = 1,
    r: float | None = None,
    basis: Basis = "date",
) -> pd.DataFrame:
    """The chance that a customer who has not changed at all is silent for so long.

    The trap: half a year without a visit is common among those who come 2.5 times a year; a
    limit must be held against the customer's own rhythm.

    Parameters
    ----------
    duration : float or sequence of float
        Lengths of silence, in the unit of time of ``rate``.
    rate : float
        Purchases per unit of time of a customer (their mean, if they differ).
    regularity : int
        1: purchases at random (Poisson); k: gaps are Erlang-k, the more regular the larger k.
    r : float, optional
        Shape of the gamma distribution of rates between customers, as in the NBD model: the
        smaller, the more they differ. Left out, all have the same rate.
    basis : {"date", "gap"}
        Silent when looked up on a random date, or share of the gaps that are so long.

    Returns
    -------
    DataFrame
        ``duration, mean_gap`` (1 / rate), ``multiple`` (duration in mean gaps), ``silent`` (the
        chance).

    Raises
    ------
    InputError
        If a number is out of its range.

    Notes
    -----
    With N ~ Poisson(k·rate·duration), k the regularity: gap: P(N ≤ k − 1); date: the mean of
    P(N ≤ i) over i = 0 … k − 1 (the time since the last event of a renewal process in equilibrium).
    With r, N is negative binomial of shape r; for gaps of shape r + 1, since those who buy more
    have more gaps.

    Examples
    --------
    >>> silence([0.5, 1], rate=2.5).round(4).to_numpy().tolist()
    [[0.5, 0.4, 1.25, 0.2865], [1.0, 0.4, 2.5, 0.0821]]
    """
    choice("basis", basis, Basis)
    times = np.atleast_1d(numbers("duration", duration))
    pace, k = _above("rate", rate), whole("regularity", regularity, least=1)
    shape = None if r is None else _above("r", r)
    table = pd.DataFrame({"duration": times, "mean_gap": 1 / pace, "multiple": times * pace})
    table["silent"] = _silent(times, pace, k, shape, basis)
    table.attrs = attrs(None, [])
    return table


def false_alarm(
    at_risk: float,
    lost: float,
    *,
    rate: float,
    regularity: int = 1,
    r: float | None = None,
) -> pd.DataFrame:
    """Where a rule by silence puts customers of whom not one has left.

    The trap: every customer it calls at risk or lost here is a false alarm.

    Parameters
    ----------
    at_risk, lost : float
        From which silence on a customer is called at risk, and lost; in the unit of ``rate``.
    rate, regularity, r
        As for :func:`silence`.

    Returns
    -------
    DataFrame
        ``state`` (active, at_risk, lost), ``at_least``, ``below`` (the silence, half-open) and
        ``share`` of the customers, looked up on a random date.

    Raises
    ------
    InputError
        If ``lost`` is not longer than ``at_risk``.

    Notes
    -----
    Differences of :func:`silence` on the basis of dates; the shares add up to 1.

    Examples
    --------
    >>> false_alarm(6, 12, rate=2.5 / 12).round(4)["share"].tolist()
    [0.7135, 0.2044, 0.0821]
    """
    first, second = _above("at_risk", at_risk), _above("lost", lost)
    if second <= first:
        raise InputError(f"lost={second:g} must be longer than at_risk={first:g}.")
    chance = silence([first, second], rate=rate, regularity=regularity, r=r)["silent"].to_numpy()
    edges = [0.0, first, second, np.inf]
    table = pd.DataFrame({"state": ["active", "at_risk", "lost"], "at_least": edges[:-1]})
    table["below"] = edges[1:]
    table["share"] = -np.diff([1.0, *chance, 0.0])
    table.attrs = attrs(None, [])
    return table


def _above(argument: str, value: float) -> float:
    found = number(argument, value)
    if found <= 0:
        raise InputError(f"{argument}={value!r} must be a number above 0.")
    return found


def _silent(times: Floats, rate: float, k: int, r: float | None, basis: Basis) -> Floats:
    below = range(k) if basis == "date" else [k - 1]
    mean = k * rate * times
    if r is None:
        chances = [special.pdtr(i, mean) for i in below]
    else:
        shape = r if basis == "date" else r + 1
        chances = [special.betainc(shape, i + 1, r / (r + mean)) for i in below]
    average: Floats = np.mean(chances, axis=0)
    return average
