"""Ratings at the door: which columns, which scales, which rows, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from churnlab import checks, engine
from churnlab.checks import Entry, IfPresent, InputError, entries
from churnlab.engine import Frame
from churnlab.spells import rows

Scale = tuple[float, float]

_MOST_FACTORS = 100
_USUAL: Scale = (1.0, 10.0)
_MANY = 50  # ratings of which one at least would reach the top of its scale
ENDS = ("min", "max")
IN_CUSTOMER, IN_IMPROVABILITY = IfPresent("customer"), IfPresent("improvability")


@dataclass(frozen=True)
class Columns:
    """Which column plays which role, as the caller named them."""

    customer: str | None
    factor: str
    satisfaction: str
    importance: str
    weight: str | None
    by: tuple[str, ...]

    @classmethod
    def of(
        cls,
        by: str | Sequence[str] | None,
        taken: Sequence[str],
        customer: str | None,
        factor: str,
        satisfaction: str,
        importance: str,
        weight: str | None,
    ) -> Columns:
        """The columns, with groups and weight that clash with no other name."""
        played = [str(c) for c in (customer, factor, satisfaction, importance) if c is not None]
        groups = checks.group_columns(by, (*taken, *played, "customer", "factor"))
        if weight in groups:
            raise InputError(f"weight={weight!r} is also a column of groups: name one of them.")
        return cls(customer, factor, satisfaction, importance, weight, groups)

    @property
    def roles(self) -> dict[str, str]:
        return {f"by{i}": name for i, name in enumerate(self.by)}


@dataclass(frozen=True)
class Scales:
    """Lowest and highest of each rating; ``said`` is False where the usual 1 to 10 is assumed."""

    satisfaction: Scale
    importance: Scale
    improvability: Scale
    said: bool

    @classmethod
    def of(cls, scale: Any, importance_scale: Any, improvability_scale: Any) -> Scales:
        base = _USUAL if scale is None else checks.ends("scale", scale)
        rest = {"importance_scale": importance_scale, "improvability_scale": improvability_scale}
        importance, ease = (base if v is None else checks.ends(k, v) for k, v in rest.items())
        return cls(base, importance, ease, scale is not None)


def scan(ratings: Any, columns: Columns, improvability: str | None) -> Frame:
    """The ratings under the names of roles; without customers, all rows are one customer's."""
    wanted: dict[str, tuple[str | None, str]] = {
        "factor": (columns.factor, "id"),
        "satisfaction": (columns.satisfaction, "number"),
        "importance": (columns.importance, "number"),
        "weight": (columns.weight, "number"),
        "improvability": (improvability, "number"),
        **{role: (name, "label") for role, name in columns.roles.items()},
    }
    if columns.customer is not None:
        wanted["customer"] = (columns.customer, "id")
    try:
        frame = engine.scan(ratings, wanted)
    except InputError as error:
        missing = str(error).partition("Its columns:")[0]
        if f"{columns.factor!r}" in missing and f"{columns.satisfaction!r}" in missing:
            raise InputError(
                f"{error} Ratings have one row per customer and factor; a table with a column "
                "per factor becomes one with pandas.melt or pandas.wide_to_long."
            ) from error
        raise
    if frame.has("customer"):
        return frame
    return frame.then(lambda table: table.with_columns(customer=nw.lit("the one customer")))


def rules(frame: Frame) -> dict[str, nw.Expr]:
    """Rules that exclude a row of ratings, in order of precedence."""
    factor = nw.col("factor")
    is_text = frame.schema["factor"] == nw.String
    found: dict[str, nw.Expr] = {}
    if frame.has("customer"):
        found["missing_customer"] = rows.missing_customer(frame)
    found["missing_factor"] = engine.is_blank(factor) if is_text else factor.is_null()
    found["missing_rating"] = nw.col("satisfaction").is_null() | nw.col("importance").is_null()
    if frame.has("weight"):
        found["missing_weight"] = nw.col("weight").is_null()
        found["zero_weight"] = (nw.col("weight") == 0).fill_null(False)
    return found


def summarize(frame: Frame, by: Sequence[str]) -> pd.DataFrame:
    """One pass: rows, extremes and sums of improvability per (rule, group, factor)."""
    names = ["satisfaction", "importance"]
    names += [name for name in ("weight", "improvability") if frame.has(name)]
    parts = {f"{name}_{end}": getattr(nw.col(name), end)() for name in names for end in ENDS}
    if frame.has("improvability"):
        ease = nw.col("improvability")
        parts |= {"ease": ease.sum(), "n_ease": ease.count()}
    ruled = frame.lazy.with_columns(rule=rows.first_rule(rules(frame)))
    grouped = ruled.group_by("rule", *by, "factor").agg(n=nw.len(), **parts)
    return engine.collect(grouped).astype({"rule": "int64", "n": "int64"})


def count_rows(frame: Frame, summary: pd.DataFrame, stage: str) -> list[Entry]:
    """The ledger of rows, from their summary."""
    n = summary.groupby("rule")["n"].sum()
    counted = {"read": int(n.sum()), "used": int(n.get(rows.USED, 0))}
    counted |= {rule: int(n.get(i, 0)) for i, rule in enumerate(rules(frame), start=1)}
    return entries(stage, "rows", counted)


def refuse(frame: Frame, summary: pd.DataFrame, scales: Scales, stage: str) -> None:
    """Refuse what no honest index can be made of."""
    used = summary[summary["rule"] == rows.USED]
    rows.require_some(int(used["n"].sum()), "rating", count_rows(frame, summary, stage))
    for role in ("satisfaction", "importance", "improvability"):
        if frame.has(role):
            _refuse_off_scale(frame, used, role, getattr(scales, role))
    _refuse_unsaid_scale(used, scales)
    _refuse_weights(frame, used, summary)
    _refuse_many_factors(frame, used)


def _refuse_off_scale(frame: Frame, used: pd.DataFrame, role: str, scale: Scale) -> None:
    low, high = scale
    least, most = (used[f"{role}_{end}"].astype("float64") for end in ENDS)
    if least.isna().all() or (least.min() >= low and most.max() <= high):
        return
    value = nw.col(role)
    off = rows.used(frame, rules(frame)).lazy.filter((value < low) | (value > high))
    n = int(engine.collect(off.select(n=nw.len()))["n"].iloc[0])
    example = most.max() if most.max() > high else least.min()
    argument = {"satisfaction": "scale", "importance": "importance_scale"}.get(
        role, "improvability_scale"
    )
    raise checks.reject(
        f"holds ratings outside the scale from {low:g} to {high:g}",
        column=frame.column(role), n=n, example=float(example),
        remedy=f"Say the scale with {argument}=(lowest, highest), or make codes such as 0 or 99 "
        "for 'no answer' missing first; ratings are never clipped.",
    )  # fmt: skip


def _refuse_unsaid_scale(used: pd.DataFrame, scales: Scales) -> None:
    """Ratings from 1 to 5 fit a scale from 1 to 10, and would all be taken for poor ones."""
    if scales.said:
        return
    top = max(used[f"{role}_max"].max() for role in ("satisfaction", "importance"))
    n = int(used["n"].sum())
    low, high = scales.satisfaction
    if top <= (low + high) / 2 or (top < high and n >= _MANY):
        raise InputError(
            f"the highest of {n:,} ratings is {top:g}, and the scale is taken to be {low:g} to "
            f"{high:g} unless it is said: say scale=({low:g}, {top:g}), or "
            f"scale=({low:g}, {high:g}) if it was asked so."
        )


def _refuse_weights(frame: Frame, used: pd.DataFrame, summary: pd.DataFrame) -> None:
    if not frame.has("weight"):
        return
    least, most = float(used["weight_min"].min()), float(used["weight_max"].max())
    if least < 0 or most == float("inf"):
        raise checks.reject(
            "holds a weight that is none", column=frame.column("weight"), n=None,
            example=least if least < 0 else most, remedy="Survey weights are finite and above 0.",
        )  # fmt: skip
    names = list(rules(frame))
    left_out = [names.index(rule) + 1 for rule in ("missing_weight", "zero_weight")]
    if not summary["rule"].isin(left_out).any():
        return
    # a customer some of whose ratings have a weight and some none has no weight of their own
    answered = rows.used(frame, {k: v for k, v in rules(frame).items() if "_weight" not in k})
    weight = nw.col("weight").cast(nw.Float64).fill_null(-1.0)
    own = answered.lazy.with_columns(own=weight).group_by("customer")
    differ = own.agg(a=nw.col("own").min(), z=nw.col("own").max()).filter(
        (nw.col("a") <= 0) & (nw.col("z") > 0)
    )
    refuse_several_weights(
        int(engine.collect(differ.select(n=nw.len()))["n"].iloc[0]), frame.column("weight")
    )


def refuse_several_weights(n: int, column: str) -> None:
    """A weight belongs to the customer."""
    if n:
        raise InputError(
            f"column {column!r} changes within {n:,} customer{'s' if n != 1 else ''}: a survey "
            "weight belongs to the customer, so it must be the same on all their ratings."
        )


def _refuse_many_factors(frame: Frame, used: pd.DataFrame) -> None:
    names = used["factor"].unique()
    if len(names) > _MOST_FACTORS:
        raise checks.reject(
            f"names {len(names):,} different factors, and an index has a handful",
            column=frame.column("factor"), n=None, example=names[0],
            remedy=f"Name the column of factors in factor=; up to {_MOST_FACTORS} are read.",
        )  # fmt: skip


def refuse_repeats(frame: Frame, by: Mapping[str, str], n_rows: int, n_answers: int) -> None:
    """One rating per customer and factor (and group): more are two waves, or one row twice."""
    if n_rows == n_answers:
        return
    used = rows.used(frame, rules(frame)).lazy
    twice = used.group_by(*by, "customer", "factor").agg(n=nw.len()).filter(nw.col("n") > 1)
    first = engine.collect(twice.sort("customer", "factor").head(1)).iloc[0]
    factor, n = checks.plain(first["factor"]), int(first["n"])
    if not frame.has("customer"):
        raise InputError(
            f"factor {factor} is rated {n:,} times and the table names no customer: say which "
            "column holds the customers with customer=…"
        )
    within = "".join(f", {name} {checks.plain(first[role])}" for role, name in by.items())
    remedy = (
        "Rows that were entered twice must go first."
        if by
        else "Two waves of a survey need by='wave' (the name of their column); rows that were "
        "entered twice must go first."
    )
    raise InputError(
        f"customer {checks.plain(first['customer'])}{within} rated factor {factor} {n:,} times, "
        f"and {n_rows - n_answers:,} ratings in all are such repeats. {remedy}"
    )
