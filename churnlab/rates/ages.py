"""Churn by the age of the customers, and the trend at a fixed mix of ages."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnlab import checks, intervals
from churnlab.checks import InputError
from churnlab.periods import Period
from churnlab.rates import churn

if TYPE_CHECKING:
    import numpy.typing as npt

_COLUMNS = (
    *("period_start", "at_least", "below", "opening", "lost"),
    *("rate", "conf_low", "conf_high"),
)
_TAKEN = (*_COLUMNS, "standardised")


def churn_by_age(
    subscriptions: Any,
    *,
    as_of: Any,
    customer: str = "customer",
    start: str = "start",
    end: str | None = "end",
    period: str | Period = "month",
    bands: Sequence[int] = (1, 3, 6, 12, 24),
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """The share of customers lost per calendar period, apart for young and old customers.

    The trap: young customers leave more. A base that merely grows older shows a falling churn
    rate though no customer of any age has become more loyal (see :func:`standardise`).

    Parameters
    ----------
    subscriptions : table or path
        One row per contract, [start, end); a missing end is a running contract.
    as_of : date
        Exclusive instant up to which the records are complete.
    customer, start, end : str
        Columns; ``end=None`` says that every contract is running.
    period : str or Period
        Calendar period of the rates and unit of the ages, a month unless said.
    bands : sequence of int
        Lower edges of the bands of age in periods, from 1 (or 0); the last band is open.
    by : str or list, optional
        Columns of groups, with the value on the customer's first contract.
    level : float
        Of the Wilson limits.

    Returns
    -------
    DataFrame
        Groups, then ``period_start, at_least, below`` (the ages; ``below`` is missing for the last
        band), ``opening, lost, rate, conf_low, conf_high``: every whole period × every band.

    Raises
    ------
    InputError
        For missing or mistyped columns, or bands that do not rise from 0 or 1.

    Notes
    -----
    rate = lost / opening, the opening cohort of :func:`churn_rate`, whose counts the bands add up
    to. Age is a difference of periods: who came in January is 1 when February opens. Nobody of age
    0 is there at an opening, and who comes back after a gap begins again.

    Examples
    --------
    >>> import churnlab as cl
    >>> contracts = cl.datasets.generate_subscriptions(500)
    >>> table = churn_by_age(contracts, as_of="2024-01-01", bands=(1, 6))
    >>> table[["at_least", "below", "opening", "lost"]].tail(2).to_numpy().tolist()
    [[1, 6, 97, 2], [6, <NA>, 76, 2]]
    """
    unit = Period.of(period)
    checks.confidence(level)
    edges = _edges(bands)
    columns = (customer, start, end)
    found = churn.read(subscriptions, as_of, columns, by, unit, "churn_by_age", _TAKEN)
    first, now = churn.whole_periods(found.cells, unit, found.as_of)
    parts = [
        _flows(part, first, now, edges) for part in churn.grouped(found.cells, list(found.roles))
    ]
    table = pd.concat(parts, ignore_index=True)
    size = now - first
    starts = np.repeat(unit.starts(np.arange(first, now)), len(edges))
    table.insert(0, "period_start", np.tile(starts, len(parts)))
    table = churn.name_groups(table, found.cells, list(found.roles), size * len(edges))
    table["rate"] = _share(table["lost"], table["opening"])
    low, high = intervals.wilson(table["lost"], table["opening"], level=level)
    result = table.assign(conf_low=low, conf_high=high).rename(columns=found.roles)
    result.attrs = checks.attrs(found.as_of.isoformat(), found.lines)
    return result


def standardise(table: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """The churn rate every period would have had with one and the same mix of ages.

    The trap: a crude rate moves with the age of the base as much as with what the firm does; only
    the rate at a fixed mix shows the second alone.

    Parameters
    ----------
    table : DataFrame
        From :func:`churn_by_age`; keep the periods that are to be compared.
    level : float
        Of the limits.

    Returns
    -------
    DataFrame
        Groups, then ``period_start, opening, lost, rate`` (crude), ``standardised, conf_low,
        conf_high`` (of the standardised rate); missing where a band that counts is empty.

    Raises
    ------
    InputError
        If the frame is not one of churn_by_age, or has nobody in it.

    Notes
    -----
    Direct standardisation to the pooled openings: weight w = the band's share of all openings in
    the table, over all periods and groups; standardised = Σ w·p, with p the rate of the band.
    Limits: normal with variance Σ w²·p(1 − p)/n, cut at 0 and 1, missing where that is 0 (with no
    loss in any band, it says nothing of what is possible); the mix is taken as given. An empty
    band is not left out and the others raised: that would be another mix.

    Examples
    --------
    >>> import churnlab as cl
    >>> contracts = cl.datasets.generate_subscriptions(500)
    >>> table = churn_by_age(contracts, as_of="2025-01-01", bands=(1, 6))
    >>> standardise(table)[["rate", "standardised"]].tail(2).round(4).to_numpy().tolist()
    [[0.0455, 0.0513], [0.0631, 0.0601]]
    """
    checks.confidence(level)
    if not isinstance(table, pd.DataFrame):
        raise InputError(f"pass the frame of rates.churn_by_age, not a {type(table).__name__}.")
    checks.require_columns(
        _COLUMNS,
        [str(name) for name in table.columns],
        what="the frame",
        remedy="Pass the result of rates.churn_by_age.",
    )
    groups = list(table.columns[: table.columns.get_loc("period_start")])
    weights = table.groupby("at_least")["opening"].sum()
    if not weights.sum():
        raise InputError("there is no mix of ages: nobody was there at any opening.")
    share = (weights / weights.sum()).reindex(table["at_least"]).to_numpy()
    keys = [*groups, "period_start"]
    cell = table.groupby(keys, dropna=False, sort=False, observed=True).ngroup().to_numpy()
    result = table.loc[~pd.Series(cell, table.index).duplicated(), keys].reset_index(drop=True)
    parts = {name: table[name].to_numpy() for name in ("opening", "lost")} | _parts(table, share)
    sums = {name: np.bincount(cell, part).astype(np.float64) for name, part in parts.items()}
    for name in ("opening", "lost"):
        result[name] = sums[name].astype(np.int64)
    result["rate"] = _share(result["lost"], result["opening"])
    result["standardised"] = sums["standardised"]
    result["conf_low"], result["conf_high"] = _limits(sums["standardised"], sums["variance"], level)
    result.attrs = dict(table.attrs) or checks.attrs(None, [])
    return result


def _edges(bands: Any) -> npt.NDArray[np.int64]:
    if isinstance(bands, str) or not hasattr(bands, "__iter__"):
        raise InputError(f"bands={bands!r} must be a list of ages, for example (1, 3, 6, 12).")
    edges = [checks.whole("bands", edge, least=0) for edge in bands]
    if not edges or edges[0] > 1 or any(b <= a for a, b in pairwise(edges)):
        raise InputError(
            f"bands={tuple(edges)!r} must rise from 0 or 1, for example (1, 3, 6, 12): every "
            "customer belongs to one band."
        )
    return np.array(edges, dtype=np.int64)


def _flows(cells: pd.DataFrame, first: int, now: int, edges: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Openings and losses of every period × band; a spell is in a band for a stretch of periods."""
    size = now - first
    n, ended = cells["n"].to_numpy(), cells["ended"].to_numpy()
    came, went = cells["from_p"].to_numpy() - first, cells["to_q"].to_numpy() - first
    opening = np.zeros((size, len(edges)), dtype=np.int64)
    lost = np.zeros_like(opening)
    ends = np.append(edges[1:], size + 1)
    for band, (low, high) in enumerate(zip(edges, ends, strict=True)):
        begins = np.minimum(came + max(int(low), 1), size)
        until = np.minimum(np.minimum(came + high - 1, went), size - 1)
        inside = until >= begins
        moved = np.zeros(size + 1, dtype=np.int64)
        np.add.at(moved, begins[inside], n[inside])
        np.add.at(moved, until[inside] + 1, -n[inside])
        opening[:, band] = np.cumsum(moved)[:size]
        age = went - came
        gone = ended & (went < size) & (age >= max(int(low), 1)) & (age < high)
        np.add.at(lost[:, band], went[gone], n[gone])
    at_least, below = np.tile(edges, size), np.tile(np.append(edges[1:], -1), size)
    return pd.DataFrame(
        {
            "at_least": at_least,
            "below": pd.array(below, dtype="Int64"),
            "opening": opening.ravel(),
            "lost": lost.ravel(),
        }
    ).assign(below=lambda frame: frame["below"].where(frame["below"] >= 0))


def _share(above: pd.Series[Any], below: pd.Series[Any]) -> npt.NDArray[np.float64]:
    over, under = above.to_numpy(dtype="float64"), below.to_numpy(dtype="float64")
    share = np.full(over.shape, np.nan)
    np.divide(over, under, out=share, where=under > 0)
    return share


def _parts(
    table: pd.DataFrame, weight: npt.NDArray[np.float64]
) -> dict[str, npt.NDArray[np.float64]]:
    """What every band adds; a band without weight adds nothing, an empty one with weight NaN."""
    p = _share(table["lost"], table["opening"])
    n = np.maximum(table["opening"].to_numpy(dtype="float64"), 1)
    counts = weight > 0
    return {
        "standardised": np.where(counts, weight * p, 0.0),
        "variance": np.where(counts, weight**2 * p * (1 - p) / n, 0.0),
    }


def _limits(
    rate: npt.NDArray[np.float64], variance: npt.NDArray[np.float64], level: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    width = intervals.normal_quantile(level) * np.sqrt(np.where(variance > 0, variance, np.nan))
    return np.clip(rate - width, 0, 1), np.clip(rate + width, 0, 1)
