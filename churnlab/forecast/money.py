"""Recurring revenue in the next periods: survivors and what they pay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from churnlab import checks, engine, periods
from churnlab.checks import InputError
from churnlab.engine import Frame
from churnlab.forecast import ahead as looking, inputs, parameters, paths
from churnlab.forecast.parameters import Model
from churnlab.periods import Period
from churnlab.renewals import contracts as cohort_counts
from churnlab.renewals.contracts import Which
from churnlab.revenue import paid_rules, scan_paid
from churnlab.spells import rows

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_STAGE = "forecast.revenue"
_UNIT = 10_000  # money is added in whole ten-thousandths


def revenue(
    subscriptions: Any,
    *,
    as_of: Any,
    ahead: int,
    inflow: Any = None,
    inflow_sd: float | Sequence[float] = 0,
    inflow_amount: float | None = None,
    growth: float = 0.0,
    customer: str = "customer",
    start: str = "start",
    end: str | None = "end",
    amount: str = "amount",
    period: str | Period = "month",
    by: str | Sequence[str] | None = None,
    total: bool = False,
    spells: Which = "first",
    model: Model = "sbg",
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Recurring revenue in the next periods, from who will still be there and what they pay now.

    The trap: money is lost in lumps. Ten customers who pay as much as a thousand leave one by one,
    and limits made for a thousand are far too narrow.

    Parameters
    ----------
    subscriptions : table or path
        One row per contract, as for ``revenue.movements``.
    as_of : date
        Exclusive instant up to which the records are complete.
    ahead, inflow, inflow_sd, period, by, total, model, level, draws, seed
        See :func:`customers`; ``inflow`` counts newcomers.
    inflow_amount : float, optional
        What a newcomer pays per period, on average; None: as all who are here now.
    growth : float
        Growth per period of what a customer who stays pays, in ``revenue.retention`` hidden in the
        net: 0.01 is 1 %. 0: amounts stay as they are.
    customer, start, end, amount, spells
        Columns; see ``renewals.cohort_counts``.

    Returns
    -------
    DataFrame
        Groups, then ``period_start, ahead, estimate, existing, conf_low, conf_high``, in money.

    Raises
    ------
    InputError
        As for ``renewals.cohort_counts`` and :func:`customers`.

    Notes
    -----
    Who leaves does not depend on the amount (``by`` lets tiers differ). Of a cohort with amounts a,
    K survivors of n pay ā K on average, with variance K (1 − K / n) Σ(a − ā)² / (n − 1): normal
    given K, between 0 and Σ a. Amounts are those at the last turn (``closing_mrr``).

    Examples
    --------
    >>> import churnlab as cl
    >>> made = cl.datasets.generate_subscriptions(2000)
    >>> revenue(made, as_of="2024-12-01", ahead=2)["estimate"].round().tolist()
    [35639.0, 34281.0]
    """
    unit, groups = Period.of(period), checks.group_columns(by, looking.COLUMNS)
    last = looking.check(ahead, model, level, draws)
    rise = checks.number("growth", growth, least=-1, most=1)
    inputs.require_inflow(inflow, {"inflow_sd": inflow_sd, "inflow_amount": inflow_amount})
    fixed = None if inflow_amount is None else checks.number("inflow_amount", inflow_amount)
    roles = {f"by{i}": name for i, name in enumerate(groups)}
    cohort_counts.refuse_elapsed(unit, _STAGE)
    frame = scan_paid(subscriptions, customer, start, end, amount, roles, unit)
    moment = periods.instant(as_of, argument="as_of", tz=frame.tz)
    rules = paid_rules(frame, moment)
    table, lines = cohort_counts.count(
        frame, rules, unit, moment, list(roles), spells, stage=_STAGE
    )
    paid = _paid(rows.used(frame, rules), unit, moment, list(roles), spells)
    table = table.assign(cohort=unit.starts(table["first"].to_numpy()))
    found = inputs.read(table, "cohort", "age", "customers", list(roles), unit)
    new = inputs.newcomers(inflow, last, found, groups, unit)
    spread = inputs.per_period("inflow_sd", inflow_sd, last)
    parts = []
    for place, (group, came) in enumerate(zip(found, new, strict=True)):
        rng = np.random.default_rng([checks.whole("seed", seed, least=0), place])
        here = _of_group(paid, group, list(roles), unit)
        prices = _Prices(here, fixed, rise)
        parts.append(_future(group, prices, came, spread, model, draws, rng))
    result = looking.assemble(parts, found, total, level, unit).rename(columns=roles)
    result.attrs = checks.attrs(moment.isoformat(), [*checks.history(subscriptions)[1], *lines])
    return result


def _paid(
    used: Frame, unit: Period, as_of: datetime, by: Sequence[str], spells: str
) -> pd.DataFrame:
    """What those there at the last turn pay: ``by…, from_p, n, money, square`` per cohort.

    Contracts with start < turn ≤ end count, as in ``revenue.movements``.
    """
    now = unit.index_of(as_of)
    turn = int(unit.starts([now]).astype("datetime64[us]").astype(np.int64)[0])
    begun = periods.micros(nw.col("start"), is_date=used.is_date("start")) < turn
    if used.has("end"):
        ended = periods.micros(nw.col("end"), is_date=used.is_date("end")) < turn
        begun = begun & ~ended.fill_null(False)
    money = (nw.col("amount") * _UNIT).round(0).cast(nw.Int64)
    held = used.lazy.filter(begun).with_columns(money=money)
    per_customer = held.group_by("customer").agg(nw.col("money").sum())
    whole = cohort_counts.runs(used, unit, as_of, by)
    there = whole.filter((nw.col("from_p") < now) & (~nw.col("ended") | (nw.col("to_q") >= now)))
    if spells == "first":
        there = there.filter(~nw.col("later"))
    pays = nw.col("money").cast(nw.Float64) / _UNIT
    joined = there.join(per_customer, on="customer", how="inner").with_columns(square=pays * pays)
    sums = engine.counts(used.then(lambda _: joined), [*by, "from_p"], ["money", "square"])
    return sums.astype({"from_p": "int64"})


@dataclass(frozen=True)
class _Here:
    """Cohorts there at the last turn: age, customers, and the sums of amounts and squares."""

    base: paths.Base
    money: Floats
    square: Floats


@dataclass(frozen=True)
class _Prices:
    here: _Here
    fixed: float | None
    rise: float

    def newcomer(self) -> tuple[float, float]:
        """Mean and standard deviation of what a newcomer pays; the spread is that of all here."""
        n = self.here.base.n.sum()
        if not n:
            return (self.fixed or 0.0), 0.0
        mean = float(self.here.money.sum() / n)
        spread = float(np.sqrt(max(self.here.square.sum() / n - mean**2, 0.0)))
        if self.fixed is None or not mean:
            return (mean if self.fixed is None else self.fixed), spread
        return self.fixed, spread * self.fixed / mean


def _of_group(paid: pd.DataFrame, group: inputs.Group, by: Sequence[str], unit: Period) -> _Here:
    for role in by:
        paid = paid[inputs.equal(paid[role], group.by[role].iloc[0])]
    assert group.now is not None
    paid = paid.sort_values("from_p", ascending=False)
    ages = group.now - paid["from_p"].to_numpy()
    n = paid["n"].to_numpy(dtype="int64")
    money = paid["money"].to_numpy(dtype="int64") / _UNIT
    return _Here(paths.Base(ages, n), money, paid["square"].to_numpy(dtype="float64"))


def _future(
    group: inputs.Group, prices: _Prices, came: Floats, spread: Floats, model: Model,
    draws: int, rng: np.random.Generator,
) -> looking.Part:  # fmt: skip
    """Expected revenue of those here, expected revenue of newcomers, and drawn totals."""
    seen, _ = inputs.known(group.rows, model)
    here, last = prices.here, len(came)
    base = here.base
    if not base.n.sum() and not came.any():
        raise InputError("nobody is there at the last turn, and nobody is to come.")
    until = int(base.ages.max(initial=0)) + last
    best = parameters.churn(parameters.likeliest(seen, model)[None], until)[0]
    leave = parameters.churn(parameters.likely(seen, model, draws, rng), until)
    steps = np.arange(1, last + 1)
    kept = paths.expected(base, best, last)
    grown = (1 + prices.rise) ** steps
    existing = (here.money / base.n) @ kept * grown
    mean, sd = prices.newcomer()
    # what a newcomer pays grows from their own first turn on
    since = np.maximum(steps[None, :] - steps[:, None], 0)
    rise = (1 + prices.rise) ** since
    fresh = (paths.expected_newcomers(came, best) * rise).sum(axis=0) * mean
    # customers first, so that the same seed gives the same customers as in `customers`
    old = paths.drawn(base, leave, last, rng)
    new = paths.drawn_newcomers(came, spread, leave, rng)
    totals = (_thinned(here, old, rng) * grown).sum(axis=1)
    pay = mean * new + sd * np.sqrt(new) * rng.standard_normal(new.shape)
    return existing, fresh, totals + (np.maximum(pay, 0) * rise).sum(axis=1)


def _thinned(here: _Here, kept: npt.NDArray[np.int64], rng: np.random.Generator) -> Floats:
    """What the survivors pay: a sum over some of a finite number of amounts, drawn at random."""
    n = here.base.n.astype(np.float64)[:, None]
    mean = here.money[:, None] / n
    variance = np.maximum(here.square[:, None] - n * mean**2, 0) / np.maximum(n - 1, 1)
    spread = np.sqrt(kept * (1 - kept / n) * variance)
    drawn = mean * kept + spread * rng.standard_normal(kept.shape)
    return np.asarray(np.clip(drawn, 0, here.money[:, None]), dtype=np.float64)
