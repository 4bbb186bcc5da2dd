"""Retention of the opening cohort, and customers who bring others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from churnlab import checks, engine, intervals, periods
from churnlab.checks import Entry, InputError, entries
from churnlab.engine import Frame
from churnlab.periods import Period
from churnlab.rates.churn import churn_rate
from churnlab.spells import rows

_STAGE = "referral_rate"
_COUNTS = ("n_customers", "n_referrers", "n_referred")
_COLUMNS = ("period_start", *_COUNTS, "estimate", "conf_low", "conf_high", "introductions")


def retention_rate(
    subscriptions: Any,
    *,
    as_of: Any,
    customer: str = "customer",
    start: str = "start",
    end: str | None = "end",
    period: str | Period = "month",
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """The share of the customers present when a period opens who are still there when it closes.

    The trap: customers at the end over customers at the start counts the newcomers as kept; it
    can exceed 100 % while the old ones leave.

    Parameters
    ----------
    subscriptions : table or path
        One row per contract, [start, end); a missing end is a running contract.
    as_of : date
        Exclusive instant up to which the records are complete.
    customer, start, end : str
        Columns; ``end=None`` says that every contract is running.
    period : str or Period
        Calendar period, a month unless said.
    by : str or list, optional
        Columns of groups, with the value on the customer's first contract.
    level : float
        Of the Wilson limits.

    Returns
    -------
    DataFrame
        Groups, then ``period_start, opening, lost, retention, conf_low, conf_high``: every whole
        period from the first start to ``as_of``; missing where nobody was there at the opening.

    Raises
    ------
    InputError
        For missing or mistyped columns, or an event log in place of contracts.

    Notes
    -----
    retention = 1 − lost / opening: 1 − the rate of :func:`churn_rate` by its opening cohort.

    Examples
    --------
    >>> import churnlab as cl
    >>> contracts = cl.datasets.generate_subscriptions(500)
    >>> retention_rate(contracts, as_of="2024-01-01")["retention"].head(3).round(4).tolist()
    [nan, 0.9048, 0.8421]
    """
    table = churn_rate(
        subscriptions, as_of=as_of, customer=customer, start=start, end=end, period=period, by=by,
        level=level,
    )  # fmt: skip
    groups = list(table.columns[: table.columns.get_loc("period_start")])
    result = table[[*groups, "period_start", "opening", "lost"]].assign(
        retention=1 - table["rate"],
        conf_low=1 - table["conf_high"],
        conf_high=1 - table["conf_low"],
    )
    result.attrs = dict(table.attrs)
    return result


def referral_rate(
    customers: Any,
    *,
    as_of: Any,
    customer: str = "customer",
    referrer: str = "referrer",
    start: str = "start",
    period: str | Period | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """The share of customers who introduced others after buying.

    The trap: this counts introductions that happened; the answer to 'would you recommend us' (the
    Net Promoter Score) is another thing. And customers of last month had a month to introduce.

    Parameters
    ----------
    customers : table or path
        One row per customer.
    as_of : date
        Exclusive instant up to which the records are complete.
    customer, referrer, start : str
        Columns; ``referrer`` is the customer who introduced this one, missing if none, and
        ``start`` the first purchase.
    period : str or Period, optional
        Calendar period of the introductions; unless said, all of them together.
    level : float
        Of the Wilson limits.

    Returns
    -------
    DataFrame
        ``period_start`` (missing without ``period``), ``n_customers`` who came before the end of
        the period, ``n_referrers`` among them who introduced someone who came in it, ``n_referred``
        (newcomers introduced by one of them), ``estimate, conf_low, conf_high`` (the rate), and
        ``introductions`` per customer.

    Raises
    ------
    InputError
        For missing or mistyped columns, or a customer in more than one row.

    Notes
    -----
    rate = n_referrers / n_customers; introductions = n_referred / n_customers. An introduction is
    dated by the start of the newcomer. It does not count if the referrer is the customer
    (``self_referral``), came later (``before_buying``) or is not in the table (``unknown_referrer``).
    Who left is a customer still: the table knows no ends.

    Examples
    --------
    >>> table = pd.DataFrame({"customer": ["a", "b", "c", "d"],
    ...     "referrer": [None, "a", "a", None], "start": pd.to_datetime(["2026-01-05"] * 4)})
    >>> found = referral_rate(table, as_of="2026-02-01")
    >>> found[["n_customers", "n_referrers", "n_referred", "estimate"]].to_numpy().tolist()
    [[4.0, 1.0, 2.0, 0.25]]
    """
    checks.confidence(level)
    unit = None if period is None else Period.of(period)
    if unit is not None and unit.clock != "calendar":
        raise InputError("referral_rate counts calendar periods: use one with clock='calendar'.")
    frame = engine.scan(
        customers,
        {"customer": (customer, "id"), "referrer": (referrer, "id"), "start": (start, "time")},
        tz=None if unit is None else unit.tz,
    )
    _refuse_two_kinds(frame)
    moment = periods.instant(as_of, argument="as_of", tz=frame.tz)
    rules = {
        "missing_customer": rows.missing_customer(frame),
        "missing_start": nw.col("start").is_null(),
        "after_as_of": ~rows.before(frame, "start", moment),
    }
    lines = rows.count_rows(frame, rules, _STAGE)
    rows.require_some(next(e.n for e in lines if e.rule == "used"), "customer", lines)
    used = rows.used(frame, rules)
    _refuse_repeats(used)
    came = _per_index(used, unit)
    judged = _introductions(used, unit)
    lines += _count_introductions(used, judged)
    brought = _brought(used, judged)
    table = _per_period(came, brought, unit, moment, level)
    table.attrs = checks.attrs(moment.isoformat(), [*checks.history(customers)[1], *lines])
    return table


def _refuse_two_kinds(frame: Frame) -> None:
    """Text never equals a number: no referrer would be found, and the rate be 0."""
    kinds = [frame.schema[role] for role in ("customer", "referrer")]
    if nw.Unknown not in kinds and len({kind.is_integer() for kind in kinds}) > 1:
        raise InputError(
            f"column {frame.column('referrer')!r} holds {kinds[1]} and {frame.column('customer')!r} "
            f"{kinds[0]}: make both text, or both whole numbers."
        )


def _refuse_repeats(used: Frame) -> None:
    again = used.lazy.group_by("customer").agg(n=nw.len()).filter(nw.col("n") > 1)
    found = engine.collect(again.select(n=nw.len(), first=nw.col("customer").min()))
    n = int(found["n"].iloc[0])
    if n:
        raise InputError(
            f"column {used.column('customer')!r} names {n:,} customer{'s' if n > 1 else ''} in more "
            f"than one row (for example {checks.plain(found['first'].iloc[0])}): keep one row per "
            "customer, with the first purchase."
        )


def _index(unit: Period | None) -> nw.Expr:
    """The period of the start; without periods, one for all."""
    return nw.lit(0).cast(nw.Int64) if unit is None else unit.index(nw.col("start"))


def _per_index(used: Frame, unit: Period | None) -> pd.DataFrame:
    dated = used.then(lambda lazy: lazy.select("customer", at=_index(unit)))
    return engine.counts(dated, ["at"]).astype({"at": "int64"})


def _introductions(used: Frame, unit: Period | None) -> nw.LazyFrame[Any]:
    """One row per customer with a referrer: ``referrer, at`` and what is to be said of it."""
    from_us = periods.micros(nw.col("start"), is_date=used.is_date("start"))
    dated = used.lazy.with_columns(from_us=from_us, at=_index(unit))
    known = dated.select(nw.col("customer").alias("known"), since_us=nw.col("from_us"))
    named = dated.filter(~_no_referrer(used)).select("customer", "referrer", "at", "from_us")
    joined = named.join(known, left_on="referrer", right_on="known", how="left")
    earlier = (nw.col("since_us") > nw.col("from_us")).fill_null(False)
    fate = nw.when(nw.col("since_us").is_null()).then(nw.lit(1)).otherwise(nw.lit(0))
    fate = nw.when(earlier).then(nw.lit(2)).otherwise(fate)
    fate = nw.when(nw.col("customer") == nw.col("referrer")).then(nw.lit(3)).otherwise(fate)
    return joined.select("referrer", "at", fate=fate.cast(nw.Int64))


def _no_referrer(used: Frame) -> nw.Expr:
    referrer = nw.col("referrer")
    is_text = used.schema["referrer"] == nw.String
    return engine.is_blank(referrer) if is_text else referrer.is_null()


def _count_introductions(used: Frame, judged: nw.LazyFrame[Any]) -> list[Entry]:
    n = engine.counts(used.then(lambda _: judged), ["fate"]).set_index("fate")["n"]
    of = {fate: int(n.get(fate, 0)) for fate in range(4)}
    counted = {"read": sum(of.values()), "used": of[0], "self_referral": of[3]}
    counted |= {"before_buying": of[2], "unknown_referrer": of[1]}
    return entries(_STAGE, "introductions", counted)


def _brought(used: Frame, judged: nw.LazyFrame[Any]) -> pd.DataFrame:
    """Per period, customers who introduced someone (``n``), and whom they introduced."""
    counts = judged.filter(nw.col("fate") == 0).group_by("at", "referrer").agg(brought=nw.len())
    return engine.counts(used.then(lambda _: counts), ["at"], ["brought"]).astype({"at": "int64"})


def _per_period(
    came: pd.DataFrame, brought: pd.DataFrame, unit: Period | None, as_of: datetime, level: float
) -> pd.DataFrame:
    first, now = int(came["at"].min()), 1 if unit is None else unit.index_of(as_of)
    if unit is not None and first >= now:
        raise InputError(
            f"no whole {unit.unit} lies between the first start and as_of={as_of:%Y-%m-%d}."
        )
    size = now - first
    counts = np.zeros((3, size), dtype=np.int64)
    for line, cells, name in ((0, came, "n"), (1, brought, "n"), (2, brought, "brought")):
        inside = cells[cells["at"] < now]
        counts[line, inside["at"] - first] = inside[name]
    table = pd.DataFrame(dict(zip(_COUNTS, (np.cumsum(counts[0]), *counts[1:]), strict=True)))
    starts = [np.datetime64("NaT", "s")] if unit is None else unit.starts(np.arange(first, now))
    table.insert(0, "period_start", np.array(starts, dtype="datetime64[s]"))
    low, high = intervals.wilson(table["n_referrers"], table["n_customers"], level=level)
    return table.assign(
        estimate=table["n_referrers"] / table["n_customers"],
        conf_low=low,
        conf_high=high,
        introductions=table["n_referred"] / table["n_customers"],
    )[list(_COLUMNS)]
