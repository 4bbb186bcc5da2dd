"""Ratings at the door: which rows count, and what is refused."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import and_, or_
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from churnlab import checks, engine
from churnlab.cci.asked import Asked, Scales
from churnlab.checks import Entry, InputError, entries
from churnlab.engine import Frame
from churnlab.spells import rows

_MOST_FACTORS = 50
_MANY = 50  # ratings of which one at least would reach the top of its scale
_SOME = 20  # ratings of which one at least would reach its upper quarter
ENDS = ("min", "max")


def scan(ratings: Any, asked: Asked) -> Frame:
    """The ratings under the names of roles; without customers, all rows are one customer's."""
    ease = asked.improvability
    wanted: dict[str, tuple[str | None, str]] = {
        "factor": (asked.factor, "id"),
        "satisfaction": (asked.satisfaction, "number"),
        "importance": (None if asked.importance_given else asked.importance, "number"),
        "weight": (asked.weight, "number"),
        "cluster": (asked.cluster, "id"),
        "improvability": (ease if isinstance(ease, str) else None, "number"),
        **{role: (name, "label") for role, name in asked.roles.items()},
    }
    if asked.customer is not None:
        wanted["customer"] = (asked.customer, "id")
    try:
        frame = engine.scan(ratings, wanted)
    except InputError as error:
        missing = str(error).partition("Its columns:")[0]
        if f"{asked.factor!r}" in missing and f"{asked.satisfaction!r}" in missing:
            raise InputError(
                f"{error} Ratings have one row per customer and factor; a table with a column "
                "per factor becomes one with pandas.melt or pandas.wide_to_long."
            ) from error
        raise
    if frame.has("customer"):
        return frame
    return frame.then(lambda table: table.with_columns(customer=nw.lit("the one customer")))


def rules(frame: Frame, *, impute: bool = False) -> dict[str, nw.Expr]:
    """Rules that exclude a row of ratings, in order of precedence.

    To be imputed, half an answer is enough.
    """
    missing = [nw.col(name).is_null() for name in asked_of(frame)]
    found: dict[str, nw.Expr] = {}
    if frame.has("customer"):
        found["missing_customer"] = rows.missing_customer(frame)
    found["missing_factor"] = _is_blank(frame, "factor")
    together = and_ if impute else or_
    found["missing_rating"] = reduce(together, missing)
    if frame.has("cluster"):
        found["missing_cluster"] = _is_blank(frame, "cluster")
    if frame.has("weight"):
        found["missing_weight"] = nw.col("weight").is_null()
        found["zero_weight"] = (nw.col("weight") == 0).fill_null(False)
    return found


def _is_blank(frame: Frame, role: str) -> nw.Expr:
    is_text = frame.schema[role] == nw.String
    return engine.is_blank(nw.col(role)) if is_text else nw.col(role).is_null()


def asked_of(frame: Frame) -> list[str]:
    """What customers were asked: importance is theirs unless a table gives it."""
    return [name for name in ("satisfaction", "importance") if frame.has(name)]


def summarize(frame: Frame, by: Sequence[str], *, impute: bool) -> pd.DataFrame:
    """One pass: rows, extremes and sums of improvability per (rule, group, factor)."""
    names = asked_of(frame)
    names += [name for name in ("weight", "improvability") if frame.has(name)]
    parts = {f"{name}_{end}": getattr(nw.col(name), end)() for name in names for end in ENDS}
    if frame.has("improvability"):
        ease = nw.col("improvability")
        parts |= {"ease": ease.sum(), "n_ease": ease.count()}
    ruled = frame.lazy.with_columns(rule=rows.first_rule(rules(frame, impute=impute)))
    grouped = ruled.group_by("rule", *by, "factor").agg(n=nw.len(), **parts)
    return engine.collect(grouped).astype({"rule": "int64", "n": "int64"})


def count_rows(frame: Frame, summary: pd.DataFrame, stage: str) -> list[Entry]:
    """The ledger of rows, from their summary."""
    n = summary.groupby("rule")["n"].sum()
    counted = {"read": int(n.sum()), "used": int(n.get(rows.USED, 0))}
    counted |= {rule: int(n.get(i, 0)) for i, rule in enumerate(rules(frame), start=1)}
    return entries(stage, "rows", counted)


def refuse(frame: Frame, summary: pd.DataFrame, asked: Asked, stage: str) -> None:
    """Refuse what no honest index can be made of."""
    used = summary[summary["rule"] == rows.USED]
    rows.require_some(int(used["n"].sum()), "rating", count_rows(frame, summary, stage))
    rated = [r for r in asked_of(frame) if r != "importance" or asked.importance_as == "rating"]
    for role in (*rated, "improvability"):
        if frame.has(role):
            _refuse_off_scale(frame, used, role, asked)
    _refuse_unsaid_scale(used, asked.scales, rated)
    if frame.has("importance") and asked.importance_as != "rating":
        _refuse_no_share(frame, used, asked.importance_as)
    _refuse_weights(frame, used, summary)
    _refuse_half_clusters(frame, summary)
    _refuse_many_factors(frame, used)


def _refuse_off_scale(frame: Frame, used: pd.DataFrame, role: str, asked: Asked) -> None:
    low, high = getattr(asked.scales, role)
    least, most = (used[f"{role}_{end}"].astype("float64") for end in ENDS)
    if least.isna().all() or (least.min() >= low and most.max() <= high):
        return
    value = nw.col(role)
    counted = rows.used(frame, rules(frame, impute=asked.missing == "impute")).lazy
    off = counted.filter((value < low) | (value > high))
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


def _refuse_no_share(frame: Frame, used: pd.DataFrame, importance_as: str) -> None:
    """Ranks begin at 1, and shares at 0."""
    least, most = float(used["importance_min"].min()), float(used["importance_max"].max())
    first, last, what = 0.0, sys.float_info.max, "share"
    if importance_as == "rank":
        first, last, what = 1.0, float(used["factor"].nunique()), "rank"
    if least < first or most > last:
        raise checks.reject(
            f"holds a {what} that is none", column=frame.column("importance"), n=None,
            example=least if least < first else most,
            remedy=f"Rank 1 matters most and {last:g} least; make codes for 'no answer' missing."
            if what == "rank"
            else "Shares are numbers from 0 up, in any unit: they are divided by their sum.",
        )  # fmt: skip


def _refuse_unsaid_scale(used: pd.DataFrame, scales: Scales, rated: Sequence[str]) -> None:
    """Ratings from 1 to 5 fit a scale from 1 to 10, and would all be taken for poor ones."""
    unsaid = [role for role in rated if role not in scales.said]
    if not unsaid:
        return
    n, (low, high) = int(used["n"].sum()), getattr(scales, unsaid[0])
    tops = {role: float(used[f"{role}_max"].max()) for role in unsaid}
    top = max(tops.values())
    if top <= (low + high) / 2 or (top < high and n >= _MANY):
        raise InputError(
            f"the highest of {n:,} ratings is {top:g}, and the scale is taken to be {low:g} to "
            f"{high:g} unless it is said: say scale=({low:g}, {top:g}), or "
            f"scale=({low:g}, {high:g}) if it was asked so."
        )
    for role, most in tops.items():
        if n >= _SOME and most <= low + 0.75 * (high - low):
            argument = "scale" if role == "satisfaction" else "importance_scale"
            raise InputError(
                f"the highest {role} of {n:,} is {most:g}, and its scale is taken to be {low:g} to "
                f"{high:g} unless it is said: say {argument}=({low:g}, {most:g}), or "
                f"{argument}=({low:g}, {high:g}) if it was asked so."
                + (" Ranks are importance_as='rank'." if role == "importance" else "")
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
    # a customer some of whose ratings have a weight and some none has no weight of their own
    if _left_out(frame, summary, "missing_weight", "zero_weight"):
        weight = nw.col("weight").cast(nw.Float64).fill_null(-1.0) > 0
        refuse_several(_half(frame, weight, "_weight"), "weight", frame.column("weight"))


def _refuse_half_clusters(frame: Frame, summary: pd.DataFrame) -> None:
    if frame.has("cluster") and _left_out(frame, summary, "missing_cluster"):
        n = _half(frame, ~_is_blank(frame, "cluster"), "_cluster")
        refuse_several(n, "cluster", frame.column("cluster"))


def _left_out(frame: Frame, summary: pd.DataFrame, *of_rules: str) -> bool:
    names = list(rules(frame))
    return bool(summary["rule"].isin([names.index(rule) + 1 for rule in of_rules]).any())


def _half(frame: Frame, known: nw.Expr, role: str) -> int:
    """How many customers have it on some of their ratings only."""
    answered = rows.used(frame, {k: v for k, v in rules(frame).items() if role not in k})
    groups = [role for role in frame.roles if role.startswith("by")]
    own = answered.lazy.with_columns(own=known.cast(nw.Int64)).group_by(*groups, "customer")
    differ = own.agg(a=nw.col("own").min(), z=nw.col("own").max()).filter(nw.col("a") < nw.col("z"))
    return int(engine.collect(differ.select(n=nw.len()))["n"].iloc[0])


def refuse_several(n: int, role: str, column: str) -> None:
    """A weight and a cluster belong to the customer."""
    if n:
        raise InputError(
            f"column {column!r} changes within {n:,} customer{'s' if n != 1 else ''}: a "
            f"{'survey weight' if role == 'weight' else role} belongs to the customer, so it must "
            "be the same on all their ratings."
        )


def _refuse_many_factors(frame: Frame, used: pd.DataFrame) -> None:
    names = used["factor"].unique()
    if len(names) > _MOST_FACTORS:
        raise checks.reject(
            f"names {len(names):,} different factors, and an index has a handful",
            column=frame.column("factor"), n=None, example=names[0],
            remedy=f"Name the column of factors in factor=; up to {_MOST_FACTORS} are read.",
        )  # fmt: skip


def refuse_repeats(
    frame: Frame, counted: nw.LazyFrame[Any], by: Mapping[str, str], n_rows: int, n_answers: int
) -> None:
    """One rating per customer and factor (and group): more are two waves, or one row twice."""
    if n_rows == n_answers:
        return
    twice = counted.group_by(*by, "customer", "factor").agg(n=nw.len()).filter(nw.col("n") > 1)
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
