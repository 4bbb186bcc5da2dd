"""Recurring revenue: what came, grew, shrank and left between two turns of a period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from churnlab import checks, engine, periods
from churnlab.checks import Entry, InputError, entries
from churnlab.engine import Frame
from churnlab.periods import Period
from churnlab.spells import contracts, rows

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["movements", "retention"]

_STAGE = "revenue.movements"
_UNIT = 10_000  # money is added in whole ten-thousandths
_KINDS = ("new", "expansion", "contraction", "churned", "reactivation")
_MONEY = ("opening_mrr", *(f"{kind}_mrr" for kind in _KINDS), "closing_mrr")
_CUSTOMERS = ("opening", "new", "lost", "returned", "closing")
_COLUMNS = ("period_start", *_MONEY, *_CUSTOMERS)
_RATES = ("net_retention", "gross_retention", "logo_retention", "quick_ratio")


def movements(
    subscriptions: Any,
    *,
    as_of: Any,
    customer: str = "customer",
    start: str = "start",
    end: str | None = "end",
    amount: str = "amount",
    period: str | Period = "month",
    by: str | Sequence[str] | None = None,
    cohort: str | Period | None = None,
) -> pd.DataFrame:
    """How recurring revenue moved per period: new, expansion, contraction, churned, reactivation.

    The trap: a sum of invoices is not recurring revenue, and a month without churn is a 0 that
    must be written; the sums of a query that joins churn have holes there.

    Parameters
    ----------
    subscriptions : table or path
        One row per contract, [start, end); a missing end is a running contract. Several contracts
        of a customer at once are added up.
    as_of : date
        Exclusive instant up to which the records are complete.
    customer, start, end, amount : str
        Columns; ``amount`` is the rate per period of the contract (a monthly rate for months), in
        money; ``end=None`` says that every contract is running.
    period : str or Period
        Calendar period.
    by : str or list, optional
        Columns of groups (segment, tier), with the value on the customer's first contract.
    cohort : str or Period, optional
        Calendar period of the first start, to group by too.

    Returns
    -------
    DataFrame
        Groups, ``cohort`` if asked for, then ``period_start, opening_mrr, new_mrr, expansion_mrr,
        contraction_mrr, churned_mrr, reactivation_mrr, closing_mrr`` in money, what is lost below
        0, and customers who pay: ``opening, new, lost, returned, closing``. Every whole period.

    Raises
    ------
    InputError
        For missing or mistyped columns, or an elapsed clock.

    Notes
    -----
    A customer's revenue is looked up at the turn of each period and compared with the turn before:
    opening + new + expansion + contraction + churned + reactivation = closing, exactly, in whole
    ten-thousandths. A contract that ends at a turn was lost before it, one that starts there came
    after it; one that follows another at a turn goes on. Who came and went between two turns is
    noted (``between_turns``). Negative amounts (refunds) are no contracts.

    Examples
    --------
    >>> contracts = pd.DataFrame({"customer": ["a", "b"], "amount": [10.0, 20.0],
    ...     "start": pd.to_datetime(["2026-01-10", "2026-01-20"]),
    ...     "end": pd.to_datetime([None, "2026-03-01"])})
    >>> table = movements(contracts, as_of="2026-04-01")
    >>> table[["opening_mrr", "new_mrr", "churned_mrr", "closing_mrr"]].to_numpy().tolist()
    [[0.0, 30.0, 0.0, 30.0], [30.0, 0.0, -20.0, 10.0], [10.0, 0.0, 0.0, 10.0]]
    """
    unit = Period.of(period)
    if unit.clock != "calendar":
        raise InputError("movements counts calendar periods: use a Period with clock='calendar'.")
    groups = checks.group_columns(by, ("cohort", *_COLUMNS))
    roles = {f"by{i}": name for i, name in enumerate(groups)}
    frame = scan_paid(subscriptions, customer, start, end, amount, roles, unit)
    named = None if cohort is None else Period.of(cohort)
    if named and named.clock != "calendar":
        raise InputError("cohort= groups by calendar periods: use a Period with clock='calendar'.")
    moment = periods.instant(as_of, argument="as_of", tz=frame.tz)
    rules = paid_rules(frame, moment)
    lines = rows.count_rows(frame, rules, _STAGE)
    rows.require_some(next(e.n for e in lines if e.rule == "used"), "contract", lines)
    used = rows.used(frame, rules)
    by = list(roles)
    if named:
        by.append("cohort")
        used = used.then(lambda rows: rows.with_columns(cohort=named.index(nw.col("start"))))
    turns = _at_turns(used, unit, moment)
    moves = _moves(turns, used, by)
    table = _per_period(moves, _groups(used, by), unit, moment, _first_period(used, unit))
    if named:
        table = _from_their_start(table, named, unit)
    result = table[[*by, *_COLUMNS]].rename(columns=roles)
    lines += _count_customers(turns, used)
    result.attrs = checks.attrs(moment.isoformat(), [*checks.history(subscriptions)[1], *lines])
    return result


def retention(movements: pd.DataFrame) -> pd.DataFrame:
    """Net and gross revenue retention, logo retention and the quick ratio of every period.

    The trap: net retention above 100 % hides any loss of customers behind the growth of a few.

    Parameters
    ----------
    movements : DataFrame
        From :func:`movements`.

    Returns
    -------
    DataFrame
        Groups, then ``period_start, net_retention, gross_retention, logo_retention, quick_ratio``;
        missing where there is nothing to divide by.

    Raises
    ------
    InputError
        If the frame is not one of movements.

    Notes
    -----
    net = (opening + expansion + contraction + churned) / opening; gross = (opening + contraction +
    churned) / opening; logo = (opening customers − lost) / opening customers; quick ratio = (new +
    expansion + reactivation) / −(contraction + churned). New and reactivated revenue is in neither
    retention: it was not there at the opening.

    Examples
    --------
    >>> contracts = pd.DataFrame({"customer": ["a", "b"], "amount": [10.0, 30.0],
    ...     "start": pd.to_datetime(["2026-01-10", "2026-01-20"]),
    ...     "end": pd.to_datetime([None, "2026-03-01"])})
    >>> retention(movements(contracts, as_of="2026-04-01"))["net_retention"].tolist()
    [nan, 0.25, 1.0]
    """
    if not isinstance(movements, pd.DataFrame):
        raise InputError(f"pass the frame of revenue.movements, not a {type(movements).__name__}.")
    names = [str(name) for name in movements.columns]
    checks.require_columns(
        _COLUMNS, names, what="the frame", remedy="Pass the result of revenue.movements as it came."
    )
    m = {name: movements[name].to_numpy(float) for name in (*_MONEY, *_CUSTOMERS)}
    opening, lost = m["opening_mrr"], m["contraction_mrr"] + m["churned_mrr"]
    won = m["new_mrr"] + m["expansion_mrr"] + m["reactivation_mrr"]
    groups = list(movements.columns[: movements.columns.get_loc("period_start")])
    table = movements[[*groups, "period_start"]].assign(
        net_retention=_ratio(opening + m["expansion_mrr"] + lost, opening),
        gross_retention=_ratio(opening + lost, opening),
        logo_retention=_ratio(m["opening"] - m["lost"], m["opening"]),
        quick_ratio=_ratio(won, -lost),
    )
    table.attrs = dict(movements.attrs)
    return table


def _ratio(above: npt.NDArray[Any], below: npt.NDArray[Any]) -> npt.NDArray[Any]:
    ratio: npt.NDArray[Any] = np.full(above.shape, np.nan)
    np.divide(above, below, out=ratio, where=below > 0)
    return ratio


def scan_paid(
    subscriptions: Any, customer: str, start: str, end: str | None, amount: str,
    roles: dict[str, str], unit: Period,
) -> Frame:  # fmt: skip
    """Contracts with what they pay, at the door."""
    return engine.scan(
        subscriptions,
        {"customer": (customer, "id"), "start": (start, "time"), "end": (end, "time"),
         "amount": (amount, "amount")}
        | {role: (name, "label") for role, name in roles.items()},
        tz=unit.tz,
    )  # fmt: skip


def paid_rules(frame: Frame, as_of: datetime) -> dict[str, nw.Expr]:
    """Rules that exclude a contract that pays nothing that is known."""
    amount = nw.col("amount")
    return contracts.contract_rules(frame, as_of) | {
        "missing_amount": amount.is_null(),
        "refund": (amount < 0).fill_null(False),
    }


def _from_their_start(table: pd.DataFrame, named: Period, unit: Period) -> pd.DataFrame:
    """Cohorts by their first day, and of each the periods from its own on."""
    index = table["cohort"].astype("int64")
    first_day = {i: pd.Timestamp(named.starts([i])[0]) for i in index.unique()}
    opens = {
        i: unit.starts([unit.index_of(day.to_pydatetime())])[0] for i, day in first_day.items()
    }
    there = table["period_start"] >= index.map(opens)
    table = table.assign(cohort=named.starts(index))
    return table[there].reset_index(drop=True)


def _groups(used: Frame, by: Sequence[str]) -> pd.DataFrame:
    """The groups there are, also those in which nothing moved; without groups, one empty row."""
    if not by:
        return pd.DataFrame(index=range(1))
    found = used.then(lambda _: rows.first_values(used, by, "start"))
    return engine.counts(found, by)[list(by)]


def _first_period(used: Frame, unit: Period) -> int:
    first = engine.collect(used.lazy.select(first=unit.index(nw.col("start")).min()))
    return int(first["first"].iloc[0])


def _at_turns(used: Frame, unit: Period, as_of: datetime) -> nw.LazyFrame[Any]:
    """Per customer and turn at which anything changed: revenue before and after, ``prev, now``.

    ``at`` is the index of the period that begins at the turn. Just before a turn, the contracts
    with start < turn ≤ end count, if the customer has any with start ≤ turn < end.
    """
    start, is_date = nw.col("start"), used.is_date("start")
    money = (nw.col("amount") * _UNIT).round(0).cast(nw.Int64)
    begun = nw.when(unit.is_start(start, is_date=is_date)).then(nw.lit(0)).otherwise(nw.lit(1))
    index = unit.index(start)
    held = used.lazy.with_columns(money=money, paid_from=index + 1, there_from=index + begun)
    steps = [(held, "paid_from", 1, 0), (held, "there_from", 0, 1)]
    if used.has("end"):
        end, is_date = nw.col("end"), used.is_date("end")
        edge = nw.when(unit.is_start(end, is_date=is_date)).then(nw.lit(0)).otherwise(nw.lit(1))
        seen = periods.micros(end, is_date=is_date) <= periods.micros_of(as_of)
        over = held.filter(seen.fill_null(False)).with_columns(
            paid_to=unit.index(end) + 1, there_to=unit.index(end) + edge
        )
        steps += [(over, "paid_to", -1, 0), (over, "there_to", 0, -1)]
    parts = [
        frame.select(
            "customer",
            at=nw.col(column).cast(nw.Int64),
            money=(nw.col("money") * sign).cast(nw.Int64),
            there=nw.lit(there).cast(nw.Int64),
        )
        for frame, column, sign, there in steps
    ]
    changes = (
        nw.concat(parts)
        .group_by("customer", "at")
        .agg(nw.col("money").sum(), nw.col("there").sum())
    )
    last = unit.index_of(as_of)
    sums = changes.filter(nw.col("at") <= last).with_columns(
        money=nw.col("money").cum_sum().over("customer", order_by="at"),
        there=nw.col("there").cum_sum().over("customer", order_by="at"),
    )
    now = sums.with_columns(
        now=nw.when(nw.col("there") > 0).then(nw.col("money")).otherwise(nw.lit(0))
    )
    return now.with_columns(
        prev=nw.col("now").shift(1).over("customer", order_by="at").fill_null(0),
        most=nw.col("now").cum_max().over("customer", order_by="at"),
    ).with_columns(before=nw.col("most").shift(1).over("customer", order_by="at").fill_null(0))


def _moves(turns: nw.LazyFrame[Any], used: Frame, by: Sequence[str]) -> pd.DataFrame:
    """Money moved and customers moving per (group, turn, kind)."""
    prev, now = nw.col("prev"), nw.col("now")
    moved = turns.filter(now != prev).with_columns(kind=_kind(prev, now), moved=now - prev)
    if by:
        moved = moved.join(rows.first_values(used, by, "start"), on="customer", how="left")
    counted = engine.counts(used.then(lambda _: moved), [*by, "at", "kind"], ["moved"])
    return counted.astype({"at": "int64", "kind": "int64"})


def _kind(prev: nw.Expr, now: nw.Expr) -> nw.Expr:
    """The place of a movement in ``_KINDS``."""
    came = nw.when(nw.col("before") == 0).then(nw.lit(0)).otherwise(nw.lit(4))
    grew = nw.when(now > prev).then(nw.lit(1)).otherwise(nw.lit(2))
    stayed = nw.when(now == 0).then(nw.lit(3)).otherwise(grew)
    return nw.when(prev == 0).then(came).otherwise(stayed)


def _count_customers(turns: nw.LazyFrame[Any], used: Frame) -> list[Entry]:
    n = engine.collect(used.lazy.select(n=nw.col("customer").n_unique()))["n"].iloc[0]
    paid = turns.filter(nw.col("now") > 0).select(n=nw.col("customer").n_unique())
    at_turn = engine.collect(paid)["n"].fillna(0).iloc[0]
    counted = {"read": int(n), "used": int(n), "between_turns": int(n) - int(at_turn)}
    return entries(_STAGE, "customers", counted)


def _per_period(
    moves: pd.DataFrame, named: pd.DataFrame, unit: Period, as_of: datetime, first: int
) -> pd.DataFrame:
    """Every whole period of every group, with openings and closings from running sums."""
    by = list(named.columns)
    last = unit.index_of(as_of)
    if first >= last:
        raise InputError(
            f"no whole {unit.unit} lies between the first start and as_of={as_of:%Y-%m-%d}."
        )
    size = last - first
    numbered = named.assign(_group=np.arange(len(named)))
    group = moves.merge(numbered, on=list(by), how="left")["_group"] if by else 0
    moves = moves.assign(_group=group)
    parts = [_flows(moves[moves["_group"] == k], first, size) for k in range(len(named))]
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "period_start", np.tile(unit.starts(np.arange(first, last)), len(parts)))
    of_row = np.repeat(np.arange(len(parts)), size)
    for place, role in enumerate(by):
        table.insert(place, role, named[role].iloc[of_row].array)
    return table


def _flows(moves: pd.DataFrame, first: int, size: int) -> pd.DataFrame:
    """Movements of one group, in money and in customers; the turn at index p + 1 closes period p."""
    place = moves["at"].to_numpy() - first - 1
    kind = moves["kind"].to_numpy()
    money, customers = np.zeros((2, 5, size), dtype=np.int64)
    np.add.at(money, (kind, place), moves["moved"].to_numpy(dtype="int64"))
    np.add.at(customers, (kind, place), moves["n"].to_numpy(dtype="int64"))
    closing = np.cumsum(money.sum(axis=0))
    net = customers[0] + customers[4] - customers[3]
    there = np.cumsum(net)
    whole = {f"{name}_mrr": money[k] for k, name in enumerate(_KINDS)}
    whole |= {"opening_mrr": closing - money.sum(axis=0), "closing_mrr": closing}
    return pd.DataFrame(
        {name: values / _UNIT for name, values in whole.items()}
        | {"opening": there - net, "new": customers[0], "lost": customers[3],
           "returned": customers[4], "closing": there}
    )  # fmt: skip
