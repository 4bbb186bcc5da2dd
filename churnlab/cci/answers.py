"""Ratings read: one row per customer with the index's shares, and the ledger of what was left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from churnlab import checks, engine
from churnlab.cci import improvement
from churnlab.cci.improvement import Scale
from churnlab.checks import Entry, IfPresent, InputError, entries
from churnlab.engine import Frame
from churnlab.spells import rows

_MOST_FACTORS = 100
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

    @property
    def roles(self) -> dict[str, str]:
        return {f"by{i}": name for i, name in enumerate(self.by)}


@dataclass(frozen=True)
class Answers:
    """Ratings at the door, with what their summary by factor says.

    ``summary`` has one row per (rule, group, factor): n, least and greatest values, and the sums
    of improvability; ``ease`` holds improvability and owner per factor where a table gave them.
    """

    frame: Frame
    columns: Columns
    scale: Scale
    ease_scale: Scale
    summary: pd.DataFrame
    ease: pd.DataFrame | None
    stage: str

    @cached_property
    def factors(self) -> list[Any]:
        """The factors somebody rated, sorted."""
        return sorted(self.summary.loc[self.summary["rule"] == rows.USED, "factor"].unique())

    @cached_property
    def customers(self) -> nw.LazyFrame[Any]:
        """One row per (group, customer): rows, weight, total importance and, per factor, answers.

        ``importance_0`` counts points above the floor, so that shares of whole ratings are exact.
        """
        low, high = self.scale
        used = rows.used(self.frame, rules(self.frame)).lazy
        keys = [*self.columns.roles, "customer"]
        importance, satisfaction = (
            nw.col(name).cast(nw.Float64) for name in ("importance", "satisfaction")
        )
        points, missed = importance - low, high - satisfaction
        parts: dict[str, nw.Expr] = {}
        for k, name in enumerate(self.factors):
            here = nw.col("factor") == name
            parts[f"importance_{k}"] = nw.when(here).then(points)
            parts[f"missed_{k}"] = nw.when(here).then(missed)
        weight = nw.col("weight") if self.frame.has("weight") else nw.lit(1.0)
        wide = used.with_columns(points=points, weight=weight.cast(nw.Float64), **parts)
        return wide.group_by(*keys).agg(
            n_rows=nw.len(),
            total=nw.col("points").sum(),
            weight=nw.col("weight").max(),
            least_weight=nw.col("weight").min(),
            **{part: nw.col(part).max() for part in parts},
        )

    @cached_property
    def shares(self) -> nw.LazyFrame[Any]:
        """Every customer with ``share_k`` and ``pressure_k`` per factor (0 where not answered),
        their sum ``pressure``, and ``valid``: not all importances are at the floor."""
        low, high = self.scale
        names = range(len(self.factors))
        valid = nw.col("total") > 0
        total = nw.when(valid).then(nw.col("total"))
        share = {f"share_{k}": (nw.col(f"importance_{k}") / total).fill_null(0.0) for k in names}
        pressure = {
            f"pressure_{k}": nw.col(f"share_{k}")
            * (nw.col(f"missed_{k}") / (high - low)).fill_null(0.0)
            for k in names
        }
        one = self.customers.with_columns(valid=valid, **share).with_columns(**pressure)
        return one.with_columns(pressure=added([f"pressure_{k}" for k in names]))

    @cached_property
    def sums(self) -> pd.DataFrame:
        """One pass over the customers: the weighted sums per group from which all is estimated."""
        valid, weight = nw.col("valid"), nw.col("weight")
        columns: dict[str, nw.Expr] = {
            "n_customers": valid.cast(nw.Int64),
            "omega": nw.when(valid).then(weight).otherwise(0.0),
            "differ": (weight != nw.col("least_weight")).cast(nw.Int64),
        }
        omega = nw.col("omega")
        parts: dict[str, nw.Expr] = {
            "n_seen": nw.len(), "n_rows": nw.col("n_rows").sum(),
            **{name: nw.col(name).sum() for name in columns},
        }  # fmt: skip
        products = {
            "omega2": omega * omega,
            "total_pressure": omega * nw.col("pressure"),
            "cross": omega * omega * nw.col("pressure"),
            "square": omega * omega * nw.col("pressure") * nw.col("pressure"),
        }
        for k in range(len(self.factors)):
            answered = ~nw.col(f"importance_{k}").is_null()
            products |= {
                f"rows_{k}": answered.cast(nw.Int64),
                f"n_{k}": (answered & valid).cast(nw.Int64),
                f"omega_{k}": nw.when(answered).then(omega).otherwise(0.0),
                f"points_{k}": omega * nw.col(f"importance_{k}"),
                f"lost_{k}": omega * nw.col(f"missed_{k}"),
                f"w_{k}": omega * nw.col(f"share_{k}"),
                f"p_{k}": omega * nw.col(f"pressure_{k}"),
            }
        parts |= {name: nw.col(name).sum() for name in products}
        one = self.shares.with_columns(**columns).with_columns(**products)
        by = list(self.columns.roles)
        found = engine.collect(one.group_by(*by).agg(**parts) if by else one.select(**parts))
        numbers = [name for name in found.columns if name not in by]
        found[numbers] = found[numbers].fillna(0).astype("float64")
        self._refuse(found)
        return engine.sort_missing_last(found, by)

    def _refuse(self, sums: pd.DataFrame) -> None:
        n_answers = sums[[f"rows_{k}" for k in range(len(self.factors))]].to_numpy().sum()
        refuse_repeats(self, int(sums["n_rows"].sum()), int(n_answers))
        if self.frame.has("weight"):
            refuse_several_weights(int(sums["differ"].sum()), self.frame.column("weight"))

    @cached_property
    def several(self) -> int:
        """How many customers are in more than one group (two waves, two segments)."""
        if not self.columns.by:
            return 0
        groups = self.customers.group_by("customer").agg(n=nw.len()).filter(nw.col("n") > 1)
        return int(engine.collect(groups.select(n=nw.len()))["n"].iloc[0])

    def lines(self) -> list[Entry]:
        """The ledger: rows, customers (once per group) and factors."""
        n_read, n_used = (int(self.sums[c].sum()) for c in ("n_seen", "n_customers"))
        n = self.summary.groupby("rule")["n"].sum()
        counted = {"read": int(n.sum()), "used": int(n.get(rows.USED, 0))}
        names = enumerate(rules(self.frame), start=1)
        counted |= {rule: int(n.get(i, 0)) for i, rule in names}
        customers = {
            "read": n_read, "used": n_used, "no_importance": n_read - n_used,
            "several_groups": self.several,
        }  # fmt: skip
        return [
            *entries(self.stage, "rows", counted),
            *entries(self.stage, "customers", customers),
            *entries(self.stage, "factors", self._factor_lines()),
        ]

    def _factor_lines(self) -> dict[str, int]:
        counted = {"read": len(self.factors), "used": len(self.factors)}
        alike = [f for f in self.factors if checks.look_alikes(str(f), map(str, self.factors))]
        counted["look_alike"] = len(alike)
        if self.ease is not None:
            known = self.ease.dropna(subset="improvability")["factor"]
            counted["no_improvability"] = len(set(self.factors) - set(known))
            counted["not_rated"] = len(set(self.ease["factor"]) - set(self.factors))
        return counted

    def improvability(self, groups: pd.DataFrame) -> pd.Series[float]:
        """The improvability, as a share, of every (group, factor) in ``groups``."""
        if self.ease is not None:
            known = self.ease.set_index("factor")["improvability"]
            return groups["factor"].map(known).astype("float64")
        if not self.frame.has("improvability"):
            return pd.Series(np.nan, index=groups.index)
        keys = [*self.columns.roles, "factor"]
        used = self.summary[self.summary["rule"] == rows.USED]
        sums = groups[keys].merge(used, on=keys, how="left")
        with np.errstate(invalid="ignore"):
            mean = sums["ease"].to_numpy(float) / sums["n_ease"].to_numpy(float)
        low, high = self.ease_scale
        return pd.Series((mean - low) / (high - low), index=groups.index)


def read(
    ratings: Any,
    columns: Columns,
    improvability: Any,
    scale: Sequence[float],
    improvability_scale: Sequence[float] | None,
    stage: str,
) -> Answers:
    """Open the ratings, check them in one pass over the table, and read the improvability."""
    limits = improvement.scale_of("scale", scale)
    ease_limits = improvement.scale_of(
        "improvability_scale", scale if improvability_scale is None else improvability_scale
    )
    is_column = isinstance(improvability, str)
    frame = _scan(ratings, columns, improvability if is_column else None)
    summary = _summary(frame, list(columns.roles))
    used = summary[summary["rule"] == rows.USED]
    names = {"satisfaction": limits, "importance": limits}
    if frame.has("improvability"):
        names["improvability"] = ease_limits
    _refuse_off_scale(frame, used, names)
    _refuse_odd_factors(frame, used)
    ease = None
    if not is_column and improvability is not None:
        ease = improvement.table(improvability, columns.factor, ease_limits)
        improvement.refuse_strangers(ease, used["factor"].unique())
    return Answers(frame, columns, limits, ease_limits, summary, ease, stage)


def rules(frame: Frame) -> dict[str, nw.Expr]:
    """Rules that exclude a row of ratings, in order of precedence."""
    factor = nw.col("factor")
    is_text = frame.schema["factor"] == nw.String
    unnamed = engine.is_blank(factor) if is_text else factor.is_null()
    found: dict[str, nw.Expr] = {}
    if frame.has("customer"):
        found["missing_customer"] = rows.missing_customer(frame)
    found["missing_factor"] = unnamed
    found["missing_rating"] = nw.col("satisfaction").is_null() | nw.col("importance").is_null()
    if frame.has("weight"):
        found["missing_weight"] = nw.col("weight").is_null()
        found["zero_weight"] = (nw.col("weight") == 0).fill_null(False)
    return found


def added(names: Sequence[str]) -> nw.Expr:
    """The sum of columns without missing values, in their order: the same on every engine."""
    total = nw.col(names[0])
    for name in names[1:]:
        total = total + nw.col(name)
    return total


def _scan(ratings: Any, columns: Columns, improvability: str | None) -> Frame:
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
    frame = engine.scan(ratings, wanted)
    if frame.has("customer"):
        return frame
    return frame.then(lambda table: table.with_columns(customer=nw.lit("the one customer")))


def _summary(frame: Frame, by: Sequence[str]) -> pd.DataFrame:
    """One pass: rows, extremes and sums of improvability per (rule, group, factor)."""
    numbers = ["satisfaction", "importance", *(["weight"] if frame.has("weight") else [])]
    has_ease = frame.has("improvability")
    ends = {f"{name}_{end}": getattr(nw.col(name), end)() for name in numbers for end in ENDS}
    if has_ease:
        ease = nw.col("improvability")
        ends |= {f"improvability_{end}": getattr(ease, end)() for end in ENDS}
        ends |= {"ease": ease.sum(), "n_ease": ease.count()}
    ruled = frame.lazy.with_columns(rule=rows.first_rule(rules(frame)))
    grouped = ruled.group_by("rule", *by, "factor").agg(n=nw.len(), **ends)
    return engine.collect(grouped).astype({"rule": "int64", "n": "int64"})


ENDS = ("min", "max")


def _refuse_off_scale(frame: Frame, used: pd.DataFrame, names: Mapping[str, Scale]) -> None:
    rows.require_some(int(used["n"].sum()), "rating", [])
    for role, (low, high) in names.items():
        least, most = (used[f"{role}_{end}"].astype("float64") for end in ENDS)
        if (least.min() >= low and most.max() <= high) or least.isna().all():
            continue
        value = nw.col(role)
        off = rows.used(frame, rules(frame)).lazy.filter((value < low) | (value > high))
        n = int(engine.collect(off.select(n=nw.len()))["n"].iloc[0])
        example = most.max() if most.max() > high else least.min()
        raise checks.reject(
            f"holds ratings outside the scale from {low:g} to {high:g}",
            column=frame.column(role), n=n, example=float(example),
            remedy="Say the scale with scale=(lowest, highest), or make codes such as 0 or 99 for "
            "'no answer' missing first; ratings are never clipped.",
        )  # fmt: skip
    if frame.has("weight") and used["weight_min"].min() < 0:
        raise checks.reject(
            "holds a negative weight", column=frame.column("weight"), n=None,
            example=float(used["weight_min"].min()), remedy="Survey weights are above 0.",
        )  # fmt: skip


def _refuse_odd_factors(frame: Frame, used: pd.DataFrame) -> None:
    names = used["factor"].unique()
    if len(names) > _MOST_FACTORS:
        raise checks.reject(
            f"names {len(names):,} different factors, and an index has a handful",
            column=frame.column("factor"), n=None, example=names[0],
            remedy=f"Name the column of factors in factor=; up to {_MOST_FACTORS} are read.",
        )  # fmt: skip


def refuse_repeats(answers: Answers, n_rows: int, n_answers: int) -> None:
    """One rating per customer and factor (and group): more are two waves, or one row twice."""
    if n_rows == n_answers:
        return
    keys = [*answers.columns.roles, "customer", "factor"]
    used = rows.used(answers.frame, rules(answers.frame)).lazy
    twice = used.group_by(*keys).agg(n=nw.len()).filter(nw.col("n") > 1)
    first = engine.collect(twice.sort("customer", "factor").head(1)).iloc[0]
    if not answers.frame.has("customer"):
        raise InputError(
            f"factor {checks.plain(first['factor'])} is rated {int(first['n']):,} times and the "
            "table names no customer: say which column holds the customers with customer=…"
        )
    raise InputError(
        f"customer {checks.plain(first['customer'])} rated factor "
        f"{checks.plain(first['factor'])} {int(first['n']):,} times, and {n_rows - n_answers:,} "
        "ratings in all are such repeats. Two waves of a survey need by='wave' (the name of their "
        "column); rows that were entered twice must go first."
    )


def refuse_several_weights(n: int, column: str) -> None:
    if n:
        raise InputError(
            f"column {column!r} changes within {n:,} customer{'s' if n != 1 else ''}: a survey "
            "weight belongs to the customer, so it must be the same on all their ratings."
        )
