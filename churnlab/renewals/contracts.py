"""Cohort counts from contracts: who is still there at every turn of a period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from churnlab import checks, engine, periods
from churnlab.checks import Entry, InputError, entries
from churnlab.engine import Frame
from churnlab.periods import Period
from churnlab.spells import contracts, rows

_STAGE = "cohort_counts"
_COLUMNS = ("cohort", "age", "customers")
Which = Literal["first", "all"]


def cohort_counts(
    subscriptions: Any,
    *,
    as_of: Any,
    customer: str = "customer",
    start: str = "start",
    end: str | None = "end",
    period: str | Period = "month",
    by: str | Sequence[str] | None = None,
    spells: Which = "first",
) -> pd.DataFrame:
    """Of the customers who came in a period, how many are still there at every turn since.

    The trap: a turn that is not yet reached has no row, so the newest cohorts are short, not lost.

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
    spells : {"first", "all"}
        A customer who comes back is left out (first), or joins the cohort of the period in which
        they came back (all; the counts then add up to all customers there).

    Returns
    -------
    DataFrame
        Groups, then ``cohort`` (first day of its period), ``age, customers``: at age 0 the turn
        that closes the period, at age 1 the turn after, up to the last one by ``as_of``.

    Raises
    ------
    InputError
        For missing or mistyped columns, an elapsed clock, or if no turn lies between.

    Notes
    -----
    Contracts of a customer that overlap or touch are one spell. There at a turn: start < turn <
    end, as in ``rates.churn_rate``; spells that meet no turn are excluded (``no_turn``). The newest
    cohort has age 0 only; ``renewals.fit``, which learns nothing from it, leaves it out.

    Examples
    --------
    >>> made = pd.DataFrame({"customer": ["a", "b", "c"], "start": pd.to_datetime(
    ...     ["2026-01-05", "2026-01-20", "2026-02-03"]), "end": pd.to_datetime(
    ...     [None, "2026-03-01", None])})
    >>> cohort_counts(made, as_of="2026-04-01")["customers"].tolist()
    [2, 1, 1, 1, 1]
    """
    unit = Period.of(period)
    groups = checks.group_columns(by, _COLUMNS)
    roles = {f"by{i}": name for i, name in enumerate(groups)}
    refuse_elapsed(unit, _STAGE)
    frame = contracts.scan_contracts(subscriptions, customer, start, end, roles, unit.tz)
    moment = periods.instant(as_of, argument="as_of", tz=frame.tz)
    rules = contracts.contract_rules(frame, moment)
    table, lines = count(frame, rules, unit, moment, list(roles), spells, stage=_STAGE)
    result = table.assign(cohort=unit.starts(table["first"].to_numpy()))
    result = result[[*roles, *_COLUMNS]].rename(columns=roles)
    result.attrs = checks.attrs(moment.isoformat(), [*checks.history(subscriptions)[1], *lines])
    return result


def refuse_elapsed(unit: Period, stage: str) -> None:
    """Turns are those of the calendar."""
    if unit.clock != "calendar":
        raise InputError(f"{stage} counts at calendar turns: use a Period with clock='calendar'.")


def count(
    frame: Frame, rules: Mapping[str, nw.Expr], unit: Period, as_of: datetime, by: Sequence[str],
    spells: str, *, stage: str,
) -> tuple[pd.DataFrame, list[Entry]]:  # fmt: skip
    """``by…, first`` (index of the cohort's period), ``age, customers``, sorted; and the ledger."""
    checks.choice("spells", spells, Which)
    lines = rows.count_rows(frame, rules, stage)
    rows.require_some(next(e.n for e in lines if e.rule == "used"), "contract", lines)
    used = rows.used(frame, rules)
    cells = engine.counts(
        used.then(lambda _: runs(used, unit, as_of, by)), [*by, "from_p", "to_q", "ended", "later"]
    )
    cells = cells.astype({"from_p": "int64", "to_q": "int64", "ended": bool, "later": bool})
    now = unit.index_of(as_of)
    last = np.where(cells["ended"], cells["to_q"], now) - cells["from_p"] - 1
    later = cells["later"].to_numpy() & (spells == "first")
    met = (last >= 0) & ~later
    n = cells["n"].to_numpy()
    counted = {"read": int(n.sum()), "used": int(n[met].sum())}
    counted |= {"no_turn": int(n[(last < 0) & ~later].sum()), "later_spell": int(n[later].sum())}
    lines += entries(stage, "spells", counted)
    if not met.any():
        raise InputError(
            f"nobody was there at a turn of a {unit.unit} by as_of={as_of:%Y-%m-%d}: there is no cohort."
        )
    return _by_age(cells.assign(last=last)[met], list(by), now), lines + rows.count_changed(
        used, by, "start", stage
    )


def runs(used: Frame, unit: Period, as_of: datetime, by: Sequence[str]) -> nw.LazyFrame[Any]:
    """Spells with ``ended`` and ``later`` (not the customer's first), and their groups."""
    spells = contracts.joined_runs(used, as_of, unit).with_columns(
        ended=nw.col("to_us") < contracts.RUNNING, later=nw.col("spell") > 1
    )
    if by:
        spells = spells.join(rows.first_values(used, by, "start"), on="customer", how="left")
    return spells


def _by_age(cells: pd.DataFrame, by: list[str], now: int) -> pd.DataFrame:
    """Still there at every age up to the last turn, per cohort."""
    cells = engine.sort_missing_last(cells, [*by, "from_p"])
    cohort = cells.groupby([*by, "from_p"], dropna=False, sort=False).ngroup().to_numpy()
    heads = cells.iloc[np.unique(cohort, return_index=True)[1]]
    first = heads["from_p"].to_numpy()
    ends = np.zeros((len(heads), int((now - first).max())), dtype=np.int64)
    np.add.at(ends, (cohort, cells["last"].to_numpy()), cells["n"].to_numpy())
    there = np.cumsum(ends[:, ::-1], axis=1)[:, ::-1]
    row, age = np.nonzero(np.arange(ends.shape[1]) < (now - first)[:, None])
    table = pd.DataFrame({role: heads[role].iloc[row].array for role in by})
    return table.assign(first=first[row], age=age, customers=there[row, age])
