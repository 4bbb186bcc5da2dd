"""The customers behind a cell of a triangle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from churnlab import checks, engine
from churnlab.checks import IfPresent, InputError, Table
from churnlab.cohorts.counting import unit_cells
from churnlab.cohorts.question import Columns, Question
from churnlab.cohorts.rule import Rule, RuleName
from churnlab.cohorts.starts import Starts, count_sides, open_log
from churnlab.cohorts.tables import COLUMNS
from churnlab.periods import Period

_MEMBERS = ("customer", "is_active", "is_eligible")


def customers(
    events: Any,
    *,
    cell: Mapping[str, Any],
    customer: str = "customer",
    time: str = "time",
    amount: str | None = IfPresent("amount"),
    kind: str | None = IfPresent("kind"),
    by: str | Sequence[str] | None = None,
    period: str | Period = "month",
    as_of: Any = None,
    rule: RuleName | Rule = "on",
    cohort: Any = None,
) -> Table:
    """The customers behind one cell: who was active at that age, who was not, who may yet be.

    The trap: who is not active in a cell still in progress has not stayed away yet; only those
    with ``is_eligible`` have had their whole period.

    Parameters
    ----------
    events : table or path
        The log from which the triangle was made.
    cell : mapping
        A row of the triangle (``triangle.iloc[7]``), or at least its cohort, age and groups:
        ``{"cohort": "2026-01-01", "age": 3}``.
    customer, time, amount, kind, by, period, as_of, rule, cohort
        As in :func:`retention`, and the same as they were there.

    Returns
    -------
    Table
        ``customer, is_active, is_eligible``, one row per customer of the cohort.

    Raises
    ------
    InputError
        If the cell is not one of the triangle.

    Notes
    -----
    Rows with is_active and is_eligible are the cell's ``n_active``, all active ones its
    ``n_seen``, all eligible ones ``n_eligible``, all rows ``n_start``.

    Examples
    --------
    >>> import churnlab as cl
    >>> log = cl.datasets.load("four_customers")
    >>> cell = {"cohort": "2026-01-01", "age": 1}
    >>> customers(log, cell=cell, as_of="2026-03-15").frame
      customer  is_active  is_eligible
    0        1       True         True
    1        2       True         True
    """
    asked = Question.of(rule, period, "customers", cohort)
    groups = checks.group_columns(by, COLUMNS)
    roles = [f"by{i}" for i in range(len(groups))]
    columns = Columns(customer, time, amount, kind, groups)
    starts = open_log(events, columns, asked, as_of, roles)
    wanted = _wanted(cell, groups, asked, starts)
    place = _place(cell, asked)
    members = starts.units.filter(nw.col("begun") > 0)
    for role, value in zip([*roles, "cohort"], wanted, strict=True):
        at = nw.col(role)
        members = members.filter(at.is_null() if value is None else at == nw.lit(value))
    _require_cell(members, asked, place, cell)
    found = _flagged(members, starts, asked, roles, place)
    result = engine.hand_back(found.select(*_MEMBERS), starts.log.frame.home, ["customer"], {})
    lines = [*checks.history(events)[1], *starts.lines]
    return Table(
        result, starts.log.as_of.isoformat(), lambda: [*lines, *count_sides(starts, asked)]
    )


def _require_cell(
    members: nw.LazyFrame[Any], asked: Question, place: int, cell: Mapping[str, Any]
) -> None:
    """Refuse a cohort without customers, and an age that had not begun for any."""
    begun = engine.collect(members.select(n=nw.len(), most=nw.col("begun").max()))
    n, most = int(begun["n"].iloc[0]), begun["most"].iloc[0]
    first = asked.rule.brackets[place] if asked.rule.brackets else place
    if not n or first >= most:
        what = f"had not begun by as_of at age {first}" if n else "has no customers"
        raise InputError(f"cell: the cohort {checks.plain(cell['cohort'])} {what}.")


def _flagged(
    members: nw.LazyFrame[Any], starts: Starts, asked: Question, by: Sequence[str], place: int
) -> nw.LazyFrame[Any]:
    """Members with their flags at the bracket."""
    edges = asked.rule.brackets
    end = edges[place + 1] if edges else place + 1
    cells = unit_cells(starts, asked, by).filter(nw.col("n_events") > 0)
    later = asked.rule.returned == "on_or_after"
    here = cells.filter(nw.col("place") >= place if later else nw.col("place") == place)
    # a unit is a customer in a cohort
    seen = here.group_by("customer", "cohort").agg(hits=nw.len())
    joined = members.join(
        seen.select("customer", "hits", seen_in="cohort"), on="customer", how="left"
    )
    same = (nw.col("seen_in") == nw.col("cohort")) | nw.col("cohort").is_null()
    active = (same & ~nw.col("hits").is_null()).fill_null(False)
    if place == 0 and asked.rule.age_zero == "all":
        active = nw.lit(True)
    flagged = joined.with_columns(
        is_active=nw.when(active).then(nw.lit(1)).otherwise(nw.lit(0)),
        is_eligible=nw.when(nw.col("full") >= end).then(nw.lit(1)).otherwise(nw.lit(0)),
    )
    one = flagged.group_by("customer").agg(nw.col("is_active").max(), nw.col("is_eligible").max())
    return one.with_columns(
        is_active=nw.col("is_active") == 1, is_eligible=nw.col("is_eligible") == 1
    )


def _wanted(
    cell: Mapping[str, Any], groups: Sequence[str], asked: Question, starts: Starts
) -> list[Any]:
    """The values of the groups and of the cohort, missing as None."""
    known = set(cell.keys()) if hasattr(cell, "keys") else set()
    for name in (*groups, "cohort", "age"):
        if name not in known:
            raise InputError(
                f"cell={cell!r:.80} has no {name!r}: pass a row of the triangle, or a mapping such "
                "as {'cohort': '2026-01-01', 'age': 3}."
            )
    values = [_python(cell[name]) for name in groups]
    label = cell["cohort"]
    if starts.of_label:
        return [*values, _python(label)]
    try:
        moment = pd.Timestamp(label)
    except (ValueError, TypeError):
        moment = pd.NaT
    if moment is pd.NaT:
        raise InputError(f"cell: cohort={label!r} is no date such as '2026-01-01'.")
    index = asked.label.index_of(moment.to_pydatetime())
    first = pd.Timestamp(asked.label.starts([index])[0])
    if first != moment:
        raise InputError(
            f"cell: no cohort begins on {moment:%Y-%m-%d}; the {asked.label.unit} it is in begins "
            f"on {first:%Y-%m-%d}."
        )
    return [*values, index]


def _python(value: Any) -> Any:
    """A plain value for a query, None where missing."""
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    return value.item() if isinstance(value, np.generic) else value


def _place(cell: Mapping[str, Any], asked: Question) -> int:
    age = checks.whole("age", cell["age"], least=0)
    edges = asked.rule.brackets
    if not edges:
        return age
    if age not in edges[:-1]:
        raise InputError(f"cell: age={age} begins no bracket; they begin at {edges[:-1]}.")
    return edges.index(age)
