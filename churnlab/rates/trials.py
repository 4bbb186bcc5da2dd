"""Retention of two or more arms of a trial: the read-out, and how many customers it needs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from churnlab import checks, engine, intervals
from churnlab.checks import Entry, InputError, reject
from churnlab.engine import Frame
from churnlab.rates import contrasts
from churnlab.rates.samples import detectable
from churnlab.spells import rows

_STAGE = "compare"
_COLUMNS = (
    "arm",
    "term",
    "n",
    "n_retained",
    "estimate",
    "conf_low",
    "conf_high",
    "p_value",
    "test",
)
_WORDS = {"true": True, "false": False, "1": True, "0": False}


def compare(
    data: Any,
    *,
    control: Any,
    customer: str = "customer",
    arm: str = "arm",
    retained: str = "retained",
    planned: Mapping[Any, float] | None = None,
    power: float = 0.8,
    level: float = 0.95,
) -> pd.DataFrame:
    """Whether an offer kept more customers than none did, in a trial with two or more arms.

    The trap: an arm whose customers came later looks worse if those not yet observed count as
    lost; they are missing here. And a trial looked at every day until p < 0.05 finds anything.

    Parameters
    ----------
    data : table or path
        One row per customer who was assigned to an arm.
    control : value
        The arm the others are compared with.
    customer, arm, retained : str
        Columns; ``retained`` is 1 or True, 0 or False, missing while not yet observed.
    planned : mapping, optional
        Arm to its planned share, in any unit; equal unless said.
    power : float
        Of the row ``detectable``.
    level : float
        Of the limits, and 1 − the error of the row ``detectable``.

    Returns
    -------
    DataFrame
        ``arm, term, n, n_retained, estimate, conf_low, conf_high, p_value, test``. Terms: split
        (share of the assigned; a small p is a broken assignment), retention, and but for the
        control difference, risk_ratio and detectable (least rise a trial of this size would find).

    Raises
    ------
    InputError
        If a customer is in the table twice, the control has no rows, or an arm no outcome.

    Notes
    -----
    Limits: Wilson; difference: Newcombe's hybrid score; ratio: Koopman's score. The p value, on the
    row of the difference, is the two-sided score test's (chi-squared, no continuity correction), or
    Fisher's exact test where an expected count is below 5. With several arms it is not corrected:
    see :func:`churnlab.intervals.holm`. Split: chi-squared over all arms.

    Examples
    --------
    >>> data = pd.DataFrame({"customer": range(400), "arm": ["none"] * 200 + ["letter"] * 200,
    ...     "retained": [1] * 160 + [0] * 40 + [1] * 140 + [0] * 60})
    >>> compare(data, control="none")[["arm", "term", "estimate"]].iloc[[1, 3, 4]].round(3)
          arm        term  estimate
    1    none   retention       0.8
    3  letter   retention       0.7
    4  letter  difference      -0.1
    """
    checks.confidence(level)
    frame = engine.scan(
        data,
        {"customer": (customer, "id"), "arm": (arm, "label"), "retained": (retained, "flag")},
    )
    lines, cells = _count(frame)
    _refuse_repeats(frame)
    arms = _arms(cells, control, frame.column("arm"))
    found = [_sizes(cells[cells["_arm"] == number]) for number in range(len(arms))]
    weights = _weights(planned, list(arms))
    table = _read_out(found, weights, checks.number("power", power, most=1), level)
    table["arm"] = arms.iloc[table["arm"]].array
    result = table[list(_COLUMNS)]
    result.attrs = checks.attrs(None, [*checks.history(data)[1], *lines])
    return result


def compare_from_counts(
    retained: Sequence[int],
    n: Sequence[int],
    *,
    arms: Sequence[str] | None = None,
    planned: Sequence[float] | None = None,
    power: float = 0.8,
    level: float = 0.95,
) -> pd.DataFrame:
    """The read-out of a trial from the counts of its arms, the control first.

    The trap is the one of :func:`compare`: leave out of ``n`` whom nobody has observed yet.

    Parameters
    ----------
    retained, n : sequence of int
        Customers who stayed, and customers observed, per arm.
    arms : sequence of str, optional
        Names of the arms; control, arm 1, arm 2, … unless said.
    planned : sequence of float, optional
        Planned shares, in any unit; equal unless said.
    power, level : float
        As for :func:`compare`.

    Returns
    -------
    DataFrame
        As of :func:`compare`.

    Raises
    ------
    InputError
        If the lists differ in length, or more stayed than there were.

    Examples
    --------
    >>> table = compare_from_counts([160, 140], [200, 200])
    >>> table.loc[4, ["estimate", "conf_low", "conf_high", "p_value"]].astype(float).round(3).tolist()
    [-0.1, -0.183, -0.015, 0.021]
    """
    checks.confidence(level)
    size = len(n)
    names = ["control", *(f"arm {i}" for i in range(1, size))] if arms is None else list(arms)
    given = {"retained": retained, "arms": names, "planned": n if planned is None else planned}
    for argument, values in given.items():
        if len(values) != size:
            raise InputError(f"{argument} has {len(values)} values and n has {size}: one per arm.")
    if size < 2:
        raise InputError("a comparison needs two arms or more, the control first.")
    if len(set(names)) < size:
        raise InputError(f"arms={names!r} names an arm twice.")
    found = []
    for name, k, of in zip(names, retained, n, strict=True):
        stayed, all_of = checks.whole("retained", k, least=0), checks.whole("n", of, least=1)
        if stayed > all_of:
            raise InputError(f"retained={stayed:,} is more than n={all_of:,} in arm {name!r}.")
        found.append((all_of, all_of, stayed))
    weights = None if planned is None else dict(zip(names, planned, strict=True))
    power = checks.number("power", power, most=1)
    table = _read_out(found, _weights(weights, names), power, level)
    table["arm"] = [names[number] for number in table["arm"]]
    table.attrs = checks.attrs(None, [])
    return table


def _count(frame: Frame) -> tuple[list[Entry], pd.DataFrame]:
    """The ledger, and customers per (arm, retained), a missing outcome left missing."""
    blank = nw.col("arm").is_null()
    if frame.schema["arm"] == nw.String:
        blank = engine.is_blank(nw.col("arm"))
    named = {"missing_customer": rows.missing_customer(frame), "missing_arm": blank}
    rules = named | {"not_yet_observed": nw.col("retained").is_null()}
    lines = rows.count_rows(frame, rules, _STAGE)
    cells = engine.counts(rows.used(frame, named), ["arm", "retained"])
    rows.require_some(int(cells["n"].sum()), "customer", lines)
    flags = _flags(cells["retained"], frame.column("retained"))
    number = cells["arm"].ne(cells["arm"].shift()).cumsum() - 1
    return lines, cells.assign(retained=flags, _arm=number)


def _flags(values: pd.Series[Any], column: str) -> list[bool | None]:
    flags: list[bool | None] = []
    for value in values:
        known = (
            None if pd.isna(value) else _WORDS.get(str(value).strip().lower().removesuffix(".0"))
        )
        if known is None and not pd.isna(value):
            raise reject(
                "must be 0/1 or True/False, missing while not yet observed, but it holds others",
                column=column, n=None, example=value, remedy="Say who stayed with 1.",
            )  # fmt: skip
        flags.append(known)
    return flags


def _refuse_repeats(frame: Frame) -> None:
    named = frame.lazy.filter(~rows.missing_customer(frame))
    again = named.group_by("customer").agg(n=nw.len()).filter(nw.col("n") > 1)
    repeats = engine.collect(again.select(n=nw.len(), first=nw.col("customer").min()))
    n = int(repeats["n"].iloc[0])
    if n:
        raise InputError(
            f"column {frame.column('customer')!r} names {n:,} customer{'s' if n > 1 else ''} in more "
            f"than one row (for example {checks.plain(repeats['first'].iloc[0])}): a trial has "
            "one row, one arm and one outcome per customer."
        )


def _arms(cells: pd.DataFrame, control: Any, column: str) -> pd.Series[Any]:
    """The arms, the control first; cells are numbered in the same order."""
    arms = cells.drop_duplicates("_arm")["arm"].reset_index(drop=True)
    is_control = np.array([v == control or str(v) == str(control) for v in arms], dtype=bool)
    shown = ", ".join(checks.plain(value) for value in arms[:6])
    if not is_control.any():
        raise InputError(f"control={control!r} does not occur in column {column!r}: {shown}.")
    if len(arms) < 2:
        raise InputError(f"column {column!r} holds one arm, {shown}: nothing to compare it with.")
    order = np.argsort(~is_control, kind="stable")
    cells["_arm"] = np.argsort(order)[cells["_arm"]]
    return arms.iloc[order].reset_index(drop=True)


def _sizes(cells: pd.DataFrame) -> tuple[int, int, int]:
    """Assigned, observed and retained of one arm."""
    seen, stayed = (
        int(cells.loc[[flag in kinds for flag in cells["retained"]], "n"].sum())
        for kinds in ((True, False), (True,))
    )
    if not seen:
        name = checks.plain(cells["arm"].iloc[0])
        raise InputError(f"nobody's outcome is observed yet in arm {name}: wait, or leave it out.")
    return int(cells["n"].sum()), seen, stayed


def _weights(planned: Any, arms: list[Any]) -> list[float]:
    if planned is None:
        return [1.0] * len(arms)
    names = [str(name) for name in arms]
    given = {str(k): v for k, v in planned.items()} if isinstance(planned, Mapping) else {}
    if set(given) != set(names):
        raise InputError(
            f"planned={planned!r} must give a share to each of the arms: {', '.join(names)}."
        )
    shares = [checks.number("planned", given[name]) for name in names]
    if min(shares) <= 0:
        raise InputError("planned shares must be above 0: an arm planned empty is no arm.")
    return shares


def _read_out(
    found: Sequence[tuple[int, int, int]], planned: list[float], power: float, level: float
) -> pd.DataFrame:
    """The rows of every arm, from (assigned, observed, retained), the control first."""
    total = sum(assigned for assigned, *_ in found)
    broken = contrasts.split([assigned for assigned, *_ in found], planned)
    _, n, y = found[0]
    nothing = (math.nan, math.nan)
    lines: list[tuple[Any, ...]] = []
    for number, (assigned, m, x) in enumerate(found):
        wide = intervals.wilson(assigned, total, level=level)
        lines += [
            (number, "split", assigned, None, assigned / total, *wide, broken, "chi-squared"),
            (number, "retention", m, x, x / m, *intervals.wilson(x, m, level=level), *nothing),
        ]
        if not number:
            continue
        p, test = contrasts.p_value(x, m, y, n)
        ratio = (x * n) / (y * m) if y else math.inf if x else math.nan
        least = detectable(y / n, n, m, power=power, level=level)
        lines += [
            (number, "difference", m, x, x / m - y / n,
             *intervals.newcombe(x, m, y, n, level=level), p, test),
            (number, "risk_ratio", m, x, ratio,
             *intervals.koopman(x, m, y, n, level=level), *nothing),
            (number, "detectable", m, x, least, *nothing, *nothing),
        ]  # fmt: skip
    table = pd.DataFrame(lines, columns=list(_COLUMNS))
    table["n_retained"] = pd.array(table["n_retained"], dtype="Int64")
    return table.assign(test=table["test"].astype(object).where(table["test"].notna(), None))
