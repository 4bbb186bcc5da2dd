"""Churn rates of calendar periods, with their denominators named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from churnlab import checks, engine, intervals, periods
from churnlab.checks import Entry, InputError, entries
from churnlab.engine import Frame
from churnlab.periods import Period
from churnlab.spells import contracts, rows

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

Method = Literal["opening_cohort", "naive", "average", "pooled", "person_time"]

_COUNTS = ("opening", "lost", "new", "new_lost", "exposure")
_RATE = ("rate", "conf_low", "conf_high")
_COLUMNS = ("period_start", *_COUNTS, *_RATE)


def churn_rate(
    subscriptions: Any,
    *,
    as_of: Any,
    customer: str = "customer",
    start: str = "start",
    end: str | None = "end",
    period: str | Period = "month",
    method: Method = "opening_cohort",
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """The share of customers lost per calendar period, by a method whose denominator is named.

    The trap: newcomers who leave within the period were not there when it opened. Adding them to
    the losses and not to the base mixes two populations (``method="naive"``).

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
    method : {"opening_cohort", "naive", "average", "pooled", "person_time"}
        See Notes.
    by : str or list, optional
        Columns of groups, with the value on the customer's first contract.
    level : float
        Of the limits: Wilson, for person_time exact Poisson, missing where the rate is no share.

    Returns
    -------
    DataFrame
        Groups, then ``period_start, opening, lost, new, new_lost, exposure, rate, conf_low,
        conf_high``: every whole period from the first start to ``as_of``.

    Raises
    ------
    InputError
        For missing or mistyped columns, or an event log in place of contracts.

    Notes
    -----
    opening_cohort: lost / opening · naive: (lost + new_lost) / opening · pooled: (lost + new_lost)
    / (opening + new) · average: (lost + new_lost) / mean of opening and closing · person_time:
    1 − exp(−(lost + new_lost) / exposure). A start belongs to [first day, next first day), an end
    to (first day, next first day]: a contract that ends on 1 February was lost in January.
    Contracts of a customer that overlap or touch are one.

    Examples
    --------
    >>> import churnlab as cl
    >>> contracts = cl.datasets.generate_subscriptions(500)
    >>> churn_rate(contracts, as_of="2024-01-01")[["opening", "lost", "new"]].head(3).to_numpy()
    array([[ 0,  0, 21],
           [21,  2, 19],
           [38,  6, 18]])
    """
    unit = Period.of(period)
    checks.choice("method", method, Method)
    checks.confidence(level)
    found = read(subscriptions, as_of, (customer, start, end), by, unit, "churn_rate", _COLUMNS)
    table = _per_period(found.cells, list(found.roles), unit, found.as_of)
    result = table.assign(**_rates(table, method, level))
    result = result[[*found.roles, *_COLUMNS]].rename(columns=found.roles)
    result.attrs = checks.attrs(found.as_of.isoformat(), found.lines)
    return result


def churn_rate_from_counts(
    opening: int, lost: int, new: int = 0, new_lost: int = 0, *, level: float = 0.95
) -> pd.DataFrame:
    """The churn rate of one period from four counts, by every method side by side.

    The trap is the one of :func:`churn_rate`: 150 of 1,000 lost and 15 of 300 newcomers gone
    is 15 %, not 16.5 %.

    Parameters
    ----------
    opening, lost, new, new_lost : int
        Customers when the period opened; those of them lost; newcomers; newcomers lost.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        ``method, opening, lost, new, new_lost, exposure, rate, conf_low, conf_high``.

    Raises
    ------
    InputError
        If a count is negative or more are lost than there were.

    Notes
    -----
    ``exposure`` needs dates, so the middle of the period is assumed for every move: one period
    for who stayed throughout, a half for who left or came, a quarter for who did both.

    Examples
    --------
    >>> churn_rate_from_counts(400, 20)["rate"].round(4).tolist()
    [0.05, 0.05, 0.0513, 0.05, 0.05]
    >>> table = churn_rate_from_counts(1000, 150, 300, 15)
    >>> (100 * table["rate"]).round(3).tolist()
    [15.0, 16.5, 15.457, 12.692, 14.275]
    """
    given = {"opening": opening, "lost": lost, "new": new, "new_lost": new_lost}
    n = {name: checks.whole(name, value, least=0) for name, value in given.items()}
    for part, base in (("lost", "opening"), ("new_lost", "new")):
        if n[part] > n[base]:
            raise InputError(
                f"{part}={n[part]:,} is more than {base}={n[base]:,}: check the counts."
            )
    stayed, kept = n["opening"] - n["lost"], n["new"] - n["new_lost"]
    exposure = stayed + (n["lost"] + kept) / 2 + n["new_lost"] / 4
    row = pd.DataFrame([{**n, "exposure": exposure}])
    methods: tuple[Method, ...] = ("opening_cohort", "naive", "average", "pooled", "person_time")
    parts = [row.assign(method=m, **_rates(row, m, level)) for m in methods]
    result = pd.concat(parts, ignore_index=True)[["method", *_COUNTS, *_RATE]]
    result.attrs = checks.attrs(None, [])
    return result


class Read(NamedTuple):
    """Spells counted per (group, period of start, period of end, ended), and how they were read."""

    cells: pd.DataFrame
    roles: dict[str, str]  # by0, by1, … and the user's names
    as_of: datetime
    lines: list[Entry]


def read(
    subscriptions: Any,
    as_of: Any,
    columns: tuple[str, str, str | None],
    by: str | Sequence[str] | None,
    unit: Period,
    stage: str,
    taken: Sequence[str],
) -> Read:
    """Contracts to counted spells; ``taken`` are the columns of the result."""
    if unit.clock != "calendar":
        raise InputError(f"{stage} counts calendar periods: use a Period with clock='calendar'.")
    groups = checks.group_columns(by, taken)
    roles = {f"by{i}": name for i, name in enumerate(groups)}
    frame = _scan(subscriptions, *columns, roles, unit)
    moment = periods.instant(as_of, argument="as_of", tz=frame.tz)
    rules = contracts.contract_rules(frame, moment)
    lines = rows.count_rows(frame, rules, stage)
    rows.require_some(next(e.n for e in lines if e.rule == "used"), "row", lines)
    cells = _moves(rows.used(frame, rules), list(roles), unit, moment)
    lines += _count_spells(cells, unit.index_of(moment), stage)
    return Read(cells, roles, moment, [*checks.history(subscriptions)[1], *lines])


def _scan(
    subscriptions: Any,
    customer: str,
    start: str,
    end: str | None,
    roles: dict[str, str],
    unit: Period,
) -> Frame:
    try:
        return contracts.scan_contracts(subscriptions, customer, start, end, roles, unit.tz)
    except InputError as error:
        missing, _, present = str(error).partition("Its columns:")
        if repr(start) not in missing or "'time'" not in present:
            raise
        raise InputError(
            "this looks like an event log (it has a column 'time' and no start): a churn rate "
            "needs contracts with a start and an end. For events use cohorts.retention, or make "
            "spells by inactivity with spells.to_spells."
        ) from error


def _moves(used: Frame, by: Sequence[str], unit: Period, as_of: datetime) -> pd.DataFrame:
    """Spells per (group, period of start, period of end, ended), with sums of both in seconds."""
    runs = contracts.joined_runs(used, as_of, unit)
    ended = nw.col("to_us") < contracts.RUNNING
    limit = periods.micros_of(as_of)
    until = nw.when(ended).then(nw.col("to_us")).otherwise(nw.lit(limit))
    spells = runs.with_columns(
        ended=ended,
        from_s=periods.floordiv(nw.col("from_us"), 1_000_000),
        to_s=periods.floordiv(until, 1_000_000),
    )
    if by:
        spells = spells.join(rows.first_values(used, by, "start"), on="customer", how="left")
    keys = [*by, "from_p", "to_q", "ended"]
    cells = engine.counts(used.then(lambda _: spells), keys, ["from_s", "to_s"])
    cells = cells.astype({"from_p": "int64", "to_q": "int64", "ended": bool})
    # a contract that ends the moment it starts, on the first of a period, ends where it starts
    return cells.assign(to_q=np.maximum(cells["to_q"], cells["from_p"]))


def _count_spells(cells: pd.DataFrame, now: int, stage: str) -> list[Entry]:
    n = int(cells["n"].sum())
    late = int(cells.loc[cells["ended"] & (cells["to_q"] >= now), "n"].sum())
    return entries(stage, "spells", {"read": n, "used": n, "in_progress": late})


def whole_periods(cells: pd.DataFrame, unit: Period, as_of: datetime) -> tuple[int, int]:
    """Index of the first period with a start, and of the one in progress at as_of."""
    first, now = int(cells["from_p"].min()), unit.index_of(as_of)
    if first >= now:
        raise InputError(
            f"no whole {unit.unit} lies between the first start and as_of={as_of:%Y-%m-%d}."
        )
    return first, now


def grouped(cells: pd.DataFrame, by: Sequence[str]) -> list[pd.DataFrame]:
    """The cells of every group, in order; all of them without groups."""
    if not by:
        return [cells]
    return [part for _, part in cells.groupby(list(by), dropna=False, sort=False)]


def name_groups(
    table: pd.DataFrame, cells: pd.DataFrame, by: Sequence[str], each: int
) -> pd.DataFrame:
    """Group columns in front, ``each`` rows per group, in the type their column has."""
    named = cells.drop_duplicates(list(by)) if by else cells
    of_row = np.repeat(np.arange(len(table) // each), each)
    for place, role in enumerate(by):
        table.insert(place, role, named[role].iloc[of_row].array)
    return table


def _per_period(
    cells: pd.DataFrame, by: Sequence[str], unit: Period, as_of: datetime
) -> pd.DataFrame:
    """Counts of every whole period, per group, from the first start of all to as_of."""
    first, now = whole_periods(cells, unit, as_of)
    index = np.arange(first, now)
    edges = unit.starts(np.arange(first, now + 1)).astype("datetime64[s]").astype(np.int64)
    parts = [pd.DataFrame(_flows(part, first, edges)) for part in grouped(cells, by)]
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "period_start", np.tile(unit.starts(index), len(parts)))
    return name_groups(table, cells, by, len(index))


def _flows(
    cells: pd.DataFrame, first: int, edges: npt.NDArray[np.int64]
) -> dict[str, npt.NDArray[Any]]:
    """Opening, losses, newcomers and exposure of consecutive periods with the given edges."""
    size = len(edges) - 1
    n, ended = cells["n"].to_numpy(), cells["ended"].to_numpy()
    came, went = cells["from_p"].to_numpy() - first, cells["to_q"].to_numpy() - first
    same = came == went

    def per_period(at: npt.NDArray[np.int64], of: npt.NDArray[Any]) -> npt.NDArray[Any]:
        inside = at < size  # the period in progress is not reported
        return np.bincount(at[inside], of[inside], size)

    new = per_period(came, n)
    lost, new_lost = per_period(went, n * (ended & ~same)), per_period(went, n * (ended & same))
    gone = np.concatenate([[0.0], (new - lost - new_lost)[:-1]])
    opening = np.cumsum(gone)
    begins, length = edges, np.diff(edges)
    at_start, at_end = np.minimum(came, size), np.minimum(went, size)
    since_start = cells["from_s"].to_numpy() - n * begins[at_start]
    until_end = cells["to_s"].to_numpy() - n * begins[at_end]
    # everyone present at the opening or new counts one whole period, less what was missed of it
    missed_before = per_period(came, since_start.astype(float))
    missed_after = per_period(went, np.append(length, 1)[at_end] * n - until_end.astype(float))
    exposure = opening + new - (missed_before + missed_after) / length
    whole = {"opening": opening, "lost": lost, "new": new, "new_lost": new_lost}
    return {name: v.round().astype(np.int64) for name, v in whole.items()} | {"exposure": exposure}


def _rates(table: pd.DataFrame, method: Method, level: float) -> dict[str, Floats]:
    """The rate and its limits by one method; missing where the denominator is 0."""
    n = {name: table[name].to_numpy(dtype="float64") for name in _COUNTS}
    left = n["lost"] + n["new_lost"]
    none = np.full(len(table), np.nan)
    if method == "person_time":
        with np.errstate(invalid="ignore", divide="ignore"):
            hazard = np.where(n["exposure"] > 0, left / n["exposure"], np.nan)
        low, high = intervals.poisson(left, n["exposure"], level=level)
        return dict(
            zip(_RATE, (-np.expm1(-hazard), -np.expm1(-low), -np.expm1(-high)), strict=True)
        )
    closing = n["opening"] + n["new"] - left
    over, under = {
        "opening_cohort": (n["lost"], n["opening"]),
        "naive": (left, n["opening"]),
        "average": (left, (n["opening"] + closing) / 2),
        "pooled": (left, n["opening"] + n["new"]),
    }[method]
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.where(under > 0, over / under, np.nan)
    is_share = method in ("opening_cohort", "pooled")
    low, high = intervals.wilson(over, under, level=level) if is_share else (none, none)
    return dict(zip(_RATE, (rate, low, high), strict=True))
