"""Cohort retention: the triangle of who came back, honest about what is not yet observed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from churnlab import checks, engine
from churnlab.checks import Entry, IfPresent, entries
from churnlab.cohorts.counting import Counts, by_joining, by_masks
from churnlab.cohorts.grid import triangle
from churnlab.cohorts.question import Columns, Log, Measure, Question
from churnlab.cohorts.rule import Rule, RuleName
from churnlab.cohorts.starts import STAGE, Starts, count_sides, open_log
from churnlab.periods import Period
from churnlab.spells import rows

COLUMNS = (
    *("cohort", "age", "n_start", "n_eligible", "n_active", "n_seen", "value"),
    *("retention", "conf_low", "conf_high", "mature"),
)


def retention(
    events: Any,
    *,
    customer: str = "customer",
    time: str = "time",
    amount: str | None = IfPresent("amount"),
    kind: str | None = IfPresent("kind"),
    by: str | Sequence[str] | None = None,
    period: str | Period = "month",
    as_of: Any = None,
    level: float = 0.95,
    rule: RuleName | Rule = "on",
    measure: Measure = "customers",
    cohort: Any = None,
) -> pd.DataFrame:
    """Of the customers who first came in a period, the share active 1, 2, 3, … periods later.

    The trap: a cell whose period is not over by ``as_of`` is not yet observed. It is missing
    here, never 0.0, and shows what was seen so far in ``n_seen``.

    Parameters
    ----------
    events : table or path
        One row per thing a customer did.
    customer, time, amount, kind : str
        Columns. Negative amounts are money, never activity; ``kind`` is read if the rule names any.
    by : str or list, optional
        Columns of groups, with the value on the customer's first row.
    period : str or Period
        Unit of cohorts and ages; on the elapsed clock ages count from each customer's own start.
    as_of : date, optional
        Exclusive instant of completeness; default: the end of the last day of the log.
    level : float
        Confidence level of the Wilson limits.
    rule : str or Rule
        "on" (in that very period), "on_or_after", "amplitude", "mixpanel", "posthog", or a Rule.
    measure : {"customers", "events", "money"}
        What ``value`` adds up; the last two are divided by their value at age 0.
    cohort : optional
        A Period that names cohorts (weeks, with ages in days); a column of the events (dates: the
        customer's start; else labels of cohorts); or a table of starts, customer and time.

    Returns
    -------
    DataFrame
        Groups, then ``cohort, age, n_start, n_eligible, n_active, n_seen, value, retention,
        conf_low, conf_high, mature``: every cohort × every age begun before ``as_of``.

    Raises
    ------
    InputError
        For missing or mistyped columns, or a log with nothing to count.

    Notes
    -----
    retention = n_active / n_eligible, the eligible being those whose whole period ended by
    ``as_of``; a finished period without activity is 0. At age 0 the start itself counts if it is an
    activity of the log. Named rules: docs/decisions/0017. Limits: Wilson 1927.

    Examples
    --------
    >>> import churnlab as cl
    >>> table = retention(cl.datasets.load("four_customers"), as_of="2026-03-15")
    >>> table[["n_start", "n_seen", "retention"]].head(3).to_numpy().tolist()
    [[2.0, 2.0, 1.0], [2.0, 2.0, 1.0], [2.0, 1.0, nan]]
    """
    checks.confidence(level)
    asked = Question.of(rule, period, measure, cohort)
    groups = checks.group_columns(by, COLUMNS)
    by = [f"by{i}" for i in range(len(groups))]
    columns = Columns(customer, time, amount, kind, groups)
    starts = open_log(events, columns, asked, as_of, by)
    counts, lines = _count(starts, asked, by)
    table = triangle(counts, asked, by, level)
    if not counts.of_label:
        table["cohort"] = asked.label.starts(table["cohort"])
    result = table[[*by, *COLUMNS]].rename(columns=dict(zip(by, groups, strict=True)))
    if all(starts.log.frame.has(role) for role in by):
        lines += rows.count_changed(starts.log.used, by, "time", STAGE)
    before = checks.history(events)[1]
    result.attrs = checks.attrs(starts.log.as_of.isoformat(), [*before, *lines])
    return result


def _count(starts: Starts, asked: Question, by: Sequence[str]) -> tuple[Counts, list[Entry]]:
    """Counts by the shortest road that serves, and the ledger."""
    log = starts.log
    counts = by_masks(log, asked, by) or by_joining(starts, asked, by)
    # a start of any kind in the log itself leaves nobody, and no row, without one
    own = (asked.starts_in_log or starts.of_label) and not asked.rule.start_kind
    unknown, refunds = _odd_amounts(log) if asked.measure == "money" else (0, 0)
    if refunds:  # one before the first activity, or of someone without any, is of no cohort
        own = False
    lines = _count_rows(log, counts.n_rows) if own else starts.lines + count_sides(starts, asked)
    if unknown:
        lines.append(Entry(STAGE, "rows", "amount_unknown", unknown))
    rows.require_some(len(counts.starts), "row", [line for line in lines if line.unit == "rows"])
    return counts, lines


def _odd_amounts(log: Log) -> tuple[int, int]:
    """Used rows without an amount, which are activity all the same, and refunds, which are none."""
    amount = nw.col("amount")
    kind = nw.when(amount.is_null()).then(nw.lit(1)).otherwise(
        nw.when(amount < 0).then(nw.lit(2)).otherwise(nw.lit(0))
    )  # fmt: skip
    n = engine.counts(log.used.then(lambda lazy: lazy.select(kind=kind)), ["kind"])
    n = n.set_index("kind")["n"]
    return int(n.get(1, 0)), int(n.get(2, 0))


def _count_rows(log: Log, n_used: int | None) -> list[Entry]:
    """The ledger of rows; where all are used, without another pass over them."""
    n_read = rows.count_all(log.frame)
    if n_read == n_used:
        return entries(STAGE, "rows", {"read": n_read, "used": n_used})
    return rows.count_rows(log.frame, log.rules, STAGE)
