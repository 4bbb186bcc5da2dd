"""Cohort counts at the door: customers left at each age, checked, and what was lost between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnlab import checks, engine
from churnlab.checks import InputError

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Counts:
    """Losses and survivors pooled over cohorts.

    ``lost[i]`` customers left between ``ages[i]`` − 1 and ``ages[i]``; ``kept[j]`` were still there
    when their cohort was last seen, at ``last[j]``.
    """

    ages: Floats
    lost: Floats
    last: Floats
    kept: Floats
    n: float
    n_cohorts: int


def read(data: Any, cohort: str | None, age: str, customers: str) -> pd.DataFrame:
    """The rows of every cohort in order of age, checked: ``cohort, age, customers, lost``.

    A cohort seen at age 0 only has met no renewal: beside older ones it is left out.
    """
    frame = engine.scan(
        data,
        {"cohort": (cohort, "label"), "age": (age, "number"), "count": (customers, "number")},
    )
    rows = engine.fetch(frame, list(frame.roles))
    if "cohort" not in rows:
        rows = rows.assign(cohort="all")
    rows = rows.rename(columns={"count": "customers"}).astype(
        {"age": "float64", "customers": "float64"}
    )
    _refuse_missing(rows, {"age": age, "customers": customers})
    rows = rows.sort_values(["cohort", "age"], kind="stable", ignore_index=True)
    oldest = rows.groupby("cohort", dropna=False)["age"].transform("max")
    if (oldest > 0).any():
        rows = rows[oldest > 0].reset_index(drop=True)
    names = {"age": age, "customers": customers}
    for name, part in rows.groupby("cohort", dropna=False, sort=False):
        _check_cohort(name, part, names)
    return _with_losses(rows)


def _refuse_missing(rows: pd.DataFrame, names: dict[str, str]) -> None:
    if rows.empty:
        raise InputError("there is nothing to fit: the table has no rows.")
    for role, name in names.items():
        missing = int(rows[role].isna().sum())
        if missing:
            raise checks.reject(
                "is missing", column=name, n=missing, example=None,
                remedy="Leave out the ages that are not over yet; what is unknown is no count.",
            )  # fmt: skip


def _check_cohort(name: Any, part: pd.DataFrame, names: dict[str, str]) -> None:
    ages, n = part["age"].to_numpy(), part["customers"].to_numpy()
    of = f"cohort {checks.plain(name)}"
    if ages[0] != 0 or not np.array_equal(ages, np.arange(len(ages))):
        raise InputError(
            f"{of} has the ages {', '.join(f'{a:g}' for a in ages[:6])}…: column "
            f"{names['age']!r} must count whole periods 0, 1, 2, … without gaps, once each."
        )
    if len(ages) < 2:
        raise InputError(
            f"{of} was seen at age 0 only: a renewal is seen at age 1 at the earliest."
        )
    if (n < 0).any() or not np.isfinite(n).all():
        raise InputError(f"{of} has a count below 0 in column {names['customers']!r}.")
    rises = np.flatnonzero(np.diff(n) > 1e-9 * n[0])
    if len(rises):
        at = int(rises[0])
        raise InputError(
            f"{of} grows from {n[at]:g} at age {at} to {n[at + 1]:g} at age {at + 1}: a cohort "
            "under contract only shrinks; customers won back or newly won do not belong to it."
        )


def _with_losses(rows: pd.DataFrame) -> pd.DataFrame:
    before = rows.groupby("cohort", dropna=False)["customers"].shift()
    lost = (before - rows["customers"]).clip(lower=0)
    return rows.assign(lost=lost)


def counts(rows: pd.DataFrame) -> Counts:
    """Sufficient counts: losses by age over all cohorts, and survivors by last age."""
    lost = rows.dropna(subset="lost").groupby("age")["lost"].sum()
    ends = rows.groupby("cohort", dropna=False).tail(1).groupby("age")["customers"].sum()
    starts = rows.loc[rows["age"] == 0, "customers"]
    if not lost.sum() > 0:
        raise InputError("nobody was lost in any cohort: how fast they leave cannot be fitted.")
    return Counts(
        lost.index.to_numpy(float), lost.to_numpy(float),
        ends.index.to_numpy(float), ends.to_numpy(float),
        float(starts.sum()), len(starts),
    )  # fmt: skip
