"""Cohort counts and stated inflow at the door of a forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnlab import checks, engine
from churnlab.checks import InputError
from churnlab.forecast.parameters import TERMS, Evidence, evidence
from churnlab.forecast.paths import Base
from churnlab.periods import Period
from churnlab.renewals import cohorts as counted

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """Cohorts that share a model: ``by`` names the group, ``now`` the last period known."""

    by: pd.DataFrame
    rows: pd.DataFrame
    now: int | None


def read(
    data: Any, cohort: str | None, age: str, customers: str, by: Sequence[str], unit: Period
) -> list[Group]:
    """The cohorts of every group, checked: ``cohort, age, customers``, groups in order."""
    roles = {f"by{i}": name for i, name in enumerate(by)}
    wanted: dict[str, tuple[str | None, str]] = {
        "cohort": (cohort, "label"), "age": (age, "number"), "count": (customers, "number"),
    }  # fmt: skip
    frame = engine.scan(data, wanted | {role: (name, "label") for role, name in roles.items()})
    rows = engine.sort_missing_last(engine.fetch(frame, list(frame.roles)), list(roles))
    names = {"age": age, "count": customers}
    names |= {"cohort": frame.column("cohort")} if "cohort" in rows else {}
    parts = rows.groupby(list(roles), dropna=False, sort=False) if by else [((), rows)]
    return [_group(part, list(roles), names, unit) for _, part in parts]


def _group(part: pd.DataFrame, by: list[str], names: dict[str, str], unit: Period) -> Group:
    rows = _checked(part, names)
    last = rows.groupby("cohort", dropna=False, sort=False).tail(1)
    return Group(part[by].head(1).reset_index(drop=True), rows, _now(last, unit))


def _checked(part: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """As for a fit, but that the newest cohorts may be seen at age 0 only."""
    known = part["age"].notna() & part["count"].notna()
    whose = part["cohort"] if "cohort" in part else pd.Series("all", index=part.index)
    size = whose.groupby(whose, dropna=False).transform("size")
    fresh = (known & (size == 1) & (part["age"] == 0)).to_numpy(dtype=bool)
    older = part[~fresh] if not fresh.all() else part
    own = {role: name for role, name in names.items() if role != "cohort"}
    renamed = older[list(names)].rename(columns=own)
    rows = counted.read(renamed, "cohort" if "cohort" in names else None, own["age"], own["count"])
    if not fresh.all():
        new = pd.DataFrame({"cohort": whose[fresh].array, "age": 0.0})
        new["customers"] = part.loc[fresh, "count"].to_numpy(dtype="float64")
        rows = pd.concat([rows, new], ignore_index=True)
    n = rows["customers"].to_numpy()
    odd = (n != np.round(n)) | (n < 0)
    if odd.any():
        raise checks.reject(
            "must count customers", column=own["count"], n=int(odd.sum()), example=n[odd][0],
            remedy="A forecast needs whole numbers from 0 up: of shares or percentages it cannot "
            "know how many customers they stand for.",
        )  # fmt: skip
    return rows


def _now(last: pd.DataFrame, unit: Period) -> int | None:
    """Index of the last period known, where cohorts are dates."""
    if not all(isinstance(value, date) for value in last["cohort"]):
        return None
    starts = [unit.index_of(pd.Timestamp(value).to_pydatetime()) for value in last["cohort"]]
    ends = np.array(starts) + last["age"].to_numpy(dtype="int64")
    there = last["customers"].to_numpy() > 0
    short = there & (ends < ends.max())
    if short.any():
        behind = last["cohort"].to_numpy()[short][0]
        raise InputError(
            f"cohort {checks.plain(behind)} was last seen {ends.max() - ends[short][0]} periods "
            "before others: a forecast starts where all were seen. Complete it or leave it out."
        )
    return int(ends.max())


def known(rows: pd.DataFrame, model: str) -> tuple[Evidence, Base]:
    """What the cohorts tell of the past, and who is here now."""
    size = rows.groupby("cohort", dropna=False)["age"].transform("size")
    found = counted.counts(rows[size > 1])
    if len(found.ages) < TERMS[model]:
        raise InputError(
            f"model={model!r} has {TERMS[model]} parameters and the cohorts {len(found.ages)} "
            f"period{'s' if len(found.ages) > 1 else ''}: follow them longer."
        )
    last = rows.groupby("cohort", dropna=False).tail(1)
    here = last.groupby("age")["customers"].sum()
    return evidence(found), Base(here.index.to_numpy("int64"), here.to_numpy("int64"))


def newcomers(
    inflow: Any, ahead: int, groups: Sequence[Group], by: Sequence[str], unit: Period
) -> list[Floats]:
    """Expected newcomers of each period, for every group."""
    if inflow is None:
        return [np.zeros(ahead) for _ in groups]
    if not _is_table(inflow):
        if by:
            raise InputError("with by, give inflow as a table with the groups, period_start, new.")
        return [per_period("inflow", inflow, ahead)]
    roles = {f"by{i}": name for i, name in enumerate(by)}
    frame = engine.scan(
        inflow,
        {"period_start": ("period_start", "time"), "new": ("new", "number")}
        | {role: (name, "label") for role, name in roles.items()},
        tz=unit.tz,
    )
    rows = engine.fetch(frame, list(frame.roles))
    return [_of_group(rows, list(roles), group, ahead, unit) for group in groups]


def _is_table(inflow: Any) -> bool:
    return not isinstance(inflow, int | float | list | tuple | np.ndarray | np.number)


def per_period(argument: str, given: Any, ahead: int) -> Floats:
    """A number for all periods, or a list with one for each."""
    values = checks.numbers(argument, given)
    if values.ndim and len(values) != ahead:
        raise InputError(
            f"{argument} has {len(values)} numbers and ahead={ahead}: give one for each period."
        )
    return np.asarray(np.broadcast_to(values, (ahead,)), dtype=np.float64)


def equal(column: pd.Series[Any], value: Any) -> npt.NDArray[np.bool_]:
    """Where a column of groups has this value; missing is a group of its own."""
    same = column.isna() if pd.isna(value) else (column == value).fillna(False)
    return np.asarray(same, dtype=bool)


def _of_group(rows: pd.DataFrame, by: list[str], group: Group, ahead: int, unit: Period) -> Floats:
    if group.now is None:
        raise InputError("inflow has dates and the cohorts have none: give a number or a list.")
    for role in by:
        rows = rows[equal(rows[role], group.by[role].iloc[0])]
    index = [
        unit.index_of(pd.Timestamp(t).to_pydatetime()) - group.now for t in rows["period_start"]
    ]
    new = pd.Series(rows["new"].to_numpy(dtype="float64", na_value=np.nan), index=index)
    new = new[(new.index >= 1) & (new.index <= ahead)]
    if new.index.has_duplicates or len(new) < ahead or not (new >= 0).all():
        raise InputError(
            f"inflow must say a number new, from 0 up, once for each of the {ahead} periods from "
            f"{str(unit.starts([group.now + 1])[0])[:10]} on{' and every group' if by else ''}."
        )
    return np.asarray(new.sort_index(), dtype=np.float64)


def require_inflow(inflow: Any, given: dict[str, Any]) -> None:
    """Refuse what is said of newcomers where none are stated."""
    for name, value in given.items():
        if inflow is None and value is not None and np.any(np.asarray(value) != 0):
            raise InputError(f"{name}={value!r} tells of newcomers: state them with inflow=.")
