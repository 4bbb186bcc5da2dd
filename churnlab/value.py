"""Money: what lost customers cost, what keeping them is worth, and how bad news travels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from churnlab.checks import InputError, attrs, number, numbers

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["churn_cost", "implied_churn", "retention_lift", "word_of_mouth"]

_TIMINGS = ("start", "end")


def churn_cost(
    customers: float,
    churn: float,
    *,
    revenue: float,
    margin: float,
    retention: float | None = None,
    discount: float | None = None,
) -> pd.DataFrame:
    """What the customers lost in a year cost: in that year and, if asked, over their lifetimes.

    The trap: revenue is not profit, and the first year is not the whole loss; a lifetime has a
    timing, and the two in use differ by the first year's margin.

    Parameters
    ----------
    customers : float
        Customers at the start of the year.
    churn : float
        Share of them lost in the year, 0 to 1.
    revenue : float
        Revenue of a lost customer per year, in money.
    margin : float
        Profit per unit of revenue, 0 to 1.
    retention, discount : float, optional
        Both for the lifetime: yearly retention rate had they stayed, and yearly discount rate.

    Returns
    -------
    DataFrame
        ``horizon`` (year, lifetime), ``timing`` (undiscounted, start, end), ``lost`` customers,
        ``revenue`` and ``profit`` lost, in money. Lifetimes come in both timings.

    Raises
    ------
    InputError
        If a share lies outside 0 to 1, or only one of retention and discount is given.

    Notes
    -----
    With retention r and discount rate d, a yearly amount is worth, times the amount,
    start: (1 + d) / (1 + d − r), the first paid now; end: r / (1 + d − r), the first paid after a
    year by those who stayed. Everyone lost is taken for an average customer.

    Examples
    --------
    >>> cost = churn_cost(64_000, 0.05, revenue=40_000, margin=0.10, retention=0.95, discount=0.10)
    >>> (cost[["lost", "revenue", "profit"]] / [1, 1e6, 1e6]).round(1).head(2).to_numpy().tolist()
    [[3200.0, 128.0, 12.8], [3200.0, 938.7, 93.9]]
    """
    given = {"customers": customers, "churn": churn, "revenue": revenue, "margin": margin}
    at_most = {"churn": 1.0, "margin": 1.0}
    n = {k: number(k, v, most=at_most.get(k)) for k, v in given.items()}
    rows = [("year", "undiscounted", 1.0)]
    if retention is not None or discount is not None:
        rows += _lifetimes(retention, discount)
    lost = n["customers"] * n["churn"]
    table = pd.DataFrame(rows, columns=["horizon", "timing", "years"])
    table["lost"] = lost
    table["revenue"] = lost * n["revenue"] * table["years"]
    table["profit"] = table["revenue"] * n["margin"]
    table.attrs = attrs(None, [])
    return table.drop(columns="years")


def _lifetimes(retention: float | None, discount: float | None) -> list[tuple[str, str, float]]:
    if retention is None or discount is None:
        raise InputError(
            "a lifetime needs both retention= (share kept per year) and discount= (yearly rate, "
            "0 for none)."
        )
    r = number("retention", retention, most=1)
    worth = _worth(np.array([r]), number("discount", discount))
    if not np.isfinite(worth[0]).all():
        raise InputError(
            "with retention=1 and discount=0 a customer is worth an endless sum: give a retention "
            "below 1 or a discount rate above 0."
        )
    return [("lifetime", t, w.item()) for t, w in zip(_TIMINGS, worth, strict=True)]


def _worth(retention: Floats, discount: float) -> tuple[Floats, Floats]:
    """Worth of one unit a year for as long as the customer stays: first unit now, or in a year."""
    lasting = 1 + discount - retention
    endless = lasting <= 1e-12  # retention 1 without discounting
    lasting = np.where(endless, 1.0, lasting)
    start, end = (1 + discount) / lasting, retention / lasting
    return np.where(endless, np.inf, start), np.where(endless, np.inf, end)


def retention_lift(
    retention: float | Sequence[float], *, points: float = 0.05, discount: float
) -> pd.DataFrame:
    """How much a customer's lifetime value grows when retention rises by some points.

    The trap: the famous '5 points more retention, 25 to 95 % more profit' is no constant: it
    is what this formula gives for one base rate or another. And 5 points are not 5 %.

    Parameters
    ----------
    retention : float or sequence of float
        Retention rates per period before, 0 to 1.
    points : float
        Rise of the rate: 0.05 is five points.
    discount : float
        Discount rate per period, 0 for none.

    Returns
    -------
    DataFrame
        ``retention, discount, timing, retention_after, lift`` (0.25 is 25 % more), one row per
        rate and timing (see :func:`churn_cost`).

    Raises
    ------
    InputError
        If a rate would rise above 1.

    Notes
    -----
    start: points / (1 + d − r − points); end: ((r + points) / r) · (1 + d − r) /
    (1 + d − r − points) − 1, missing at r = 0. Costs of keeping customers are left out.

    Examples
    --------
    >>> retention_lift([0.75, 0.90], discount=0).query("timing == 'start'")["lift"].round(4).tolist()
    [0.25, 1.0]
    """
    before = np.atleast_1d(numbers("retention", retention, most=1))
    rise, d = number("points", points, most=1), number("discount", discount)
    after = before + rise
    if np.any(after > 1 + 1e-12):
        raise InputError(
            f"retention {float(before.max()):g} cannot rise by points={rise:g}: it would be above 1."
        )
    parts = []
    for timing, low, high in zip(_TIMINGS, _worth(before, d), _worth(after, d), strict=True):
        lift = np.divide(high, low, out=np.full(low.shape, np.nan), where=low > 0) - 1
        columns = {"retention": before, "discount": d, "timing": timing}
        parts.append(pd.DataFrame(columns | {"retention_after": after, "lift": lift}))
    table = pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
    table.attrs = attrs(None, [])
    return table


def implied_churn(
    lift: float | Sequence[float], *, points: float = 0.05, discount: float
) -> pd.DataFrame:
    """The base churn rate at which some points of retention raise lifetime value by a given lift.

    The trap: read a claimed lift backwards before believing it: it may be true of nobody's base.

    Parameters
    ----------
    lift : float or sequence of float
        Growth of lifetime value, 0.85 for 85 %.
    points : float
        Rise of the retention rate: 0.05 is five points.
    discount : float
        Discount rate per period, 0 for none.

    Returns
    -------
    DataFrame
        ``lift, discount, timing`` (start), ``churn``; missing where no churn rate from ``points``
        to 1 does it.

    Raises
    ------
    InputError
        If a lift or the points are not above 0.

    Notes
    -----
    The inverse of :func:`retention_lift` with the first margin now: churn = points + points / lift
    − discount.

    Examples
    --------
    >>> implied_churn([0.25, 0.85, 0.95], discount=0)["churn"].round(4).tolist()
    [0.25, 0.1088, 0.1026]
    """
    grown = np.atleast_1d(numbers("lift", lift))
    rise, d = number("points", points, most=1), number("discount", discount)
    if rise <= 0 or np.any(grown <= 0):
        raise InputError("lift and points must be above 0: without a rise nothing is implied.")
    churn = rise + rise / grown - d
    possible = (churn >= rise - 1e-12) & (churn <= 1 + 1e-12)
    churn = np.where(possible, np.clip(churn, rise, 1), np.nan)
    table = pd.DataFrame({"lift": grown, "discount": d, "timing": "start", "churn": churn})
    table.attrs = attrs(None, [])
    return table


def word_of_mouth(
    told: float | Sequence[float], leaving: float | Sequence[float], *, lost: float = 1
) -> pd.DataFrame:
    """How many customers go in all when those who leave talk, and some who hear it leave too.

    The trap: people told are not customers lost, and the same person hears it from several; this
    is a range to think with, not a forecast.

    Parameters
    ----------
    told : float or sequence of float
        Customers told by each one who left.
    leaving : float or sequence of float
        Share of those told who leave because of it, 0 to 1.
    lost : float
        Customers lost at first.

    Returns
    -------
    DataFrame
        ``told, leaving, reproduction, lost, total``: customers lost because of one who left, and
        lost in all; infinite from a reproduction of 1 on.

    Raises
    ------
    InputError
        If a number is negative, a share above 1, or the lists differ in length.

    Notes
    -----
    A branching process: reproduction R = told · leaving, total = lost · (1 + R + R² + …) =
    lost / (1 − R) for R < 1. At R = 1 it dies out, but has no finite mean.

    Examples
    --------
    >>> word_of_mouth(5, [0.05, 0.10, 0.20])["total"].round(2).tolist()
    [1.33, 2.0, inf]
    """
    heard, share = (np.atleast_1d(v) for v in (numbers("told", told),
                                               numbers("leaving", leaving, most=1)))  # fmt: skip
    first = number("lost", lost)
    if heard.shape != share.shape and 1 not in (heard.size, share.size):
        raise InputError(
            f"told has {heard.size} values and leaving {share.size}: give lists of one length."
        )
    heard, share = (np.array(v) for v in np.broadcast_arrays(heard, share))
    again = heard * share
    grows = again >= 1 - 1e-12
    total = np.where(grows, math.inf if first else 0.0, first / np.where(grows, 1.0, 1 - again))
    table = pd.DataFrame(
        {"told": heard, "leaving": share, "reproduction": again, "lost": first, "total": total}
    )
    table.attrs = attrs(None, [])
    return table
