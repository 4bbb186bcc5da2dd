"""One row per customer with the shares of the index, and the sums from which all is estimated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from churnlab import checks, engine
from churnlab.cci import improvement, ratings as rated
from churnlab.cci.ratings import Columns, Scales
from churnlab.checks import Entry, InputError, entries
from churnlab.engine import Frame
from churnlab.spells import rows


def read(
    ratings: Any,
    columns: Columns,
    improvability: Any,
    scales: Scales,
    stage: str,
    *,
    owners: bool = False,
) -> Answers:
    """Open the ratings, check them in one pass over the table, and read the improvability."""
    is_column = isinstance(improvability, str)
    frame = rated.scan(ratings, columns, improvability if is_column else None)
    summary = rated.summarize(frame, list(columns.roles))
    rated.refuse(frame, summary, scales, stage)
    ease = None
    if not is_column and improvability is not None:
        ease = improvement.table(improvability, columns.factor, scales.improvability, owners)
        used = summary[summary["rule"] == rows.USED]
        improvement.refuse_strangers(ease, used["factor"].unique())
    return Answers(frame, columns, scales, summary, ease, stage)


@dataclass(frozen=True)
class Answers:
    """Checked ratings.

    ``summary`` has one row per (rule, group, factor): n, least and greatest values, and the sums
    of improvability; ``ease`` holds improvability and owner per factor where a table gave them.
    """

    frame: Frame
    columns: Columns
    scales: Scales
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
        used = rows.used(self.frame, rated.rules(self.frame)).lazy
        keys = [*self.columns.roles, "customer"]
        importance, satisfaction = (
            nw.col(name).cast(nw.Float64) for name in ("importance", "satisfaction")
        )
        points = importance - self.scales.importance[0]
        missed = self.scales.satisfaction[1] - satisfaction
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
        low, high = self.scales.satisfaction
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
        """One pass over the customers: weighted sums per group, with those of each factor."""
        columns, products = self._terms()
        parts: dict[str, nw.Expr] = {"n_seen": nw.len(), "n_rows": nw.col("n_rows").sum()}
        parts |= {name: nw.col(name).sum() for name in (*columns, *products)}
        one = self.shares.with_columns(**columns).with_columns(**products)
        by = list(self.columns.roles)
        found = engine.collect(one.group_by(*by).agg(**parts) if by else one.select(**parts))
        numbers = [name for name in found.columns if name not in by]
        found[numbers] = found[numbers].fillna(0).astype("float64")
        self._refuse(found)
        return engine.sort_missing_last(found, by)

    def _terms(self) -> tuple[dict[str, nw.Expr], dict[str, nw.Expr]]:
        """What is added up: flags and weights of a customer, and products with the weight."""
        valid, weight, omega = nw.col("valid"), nw.col("weight"), nw.col("omega")
        spread = weight - nw.col("least_weight")
        flags: dict[str, nw.Expr] = {
            "n_customers": valid.cast(nw.Int64),
            "n_partial": (valid & (nw.col("n_rows") < len(self.factors))).cast(nw.Int64),
            "omega": nw.when(valid).then(weight).otherwise(0.0),
            "differ": (spread > 1e-9 * weight).cast(nw.Int64),
        }
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
        return flags, products

    def _refuse(self, sums: pd.DataFrame) -> None:
        n_answers = sums[[f"rows_{k}" for k in range(len(self.factors))]].to_numpy().sum()
        rated.refuse_repeats(
            self.frame, self.columns.roles, int(sums["n_rows"].sum()), int(n_answers)
        )
        if self.frame.has("weight"):
            rated.refuse_several_weights(int(sums["differ"].sum()), self.frame.column("weight"))
        if not sums["n_customers"].sum():
            raise InputError(
                f"nothing matters to any of the {int(sums['n_seen'].sum()):,} customers: every "
                f"importance in column {self.frame.column('importance')!r} is at the floor of the "
                f"scale, {self.scales.importance[0]:g}, so no share of anything can be formed."
            )

    @cached_property
    def several(self) -> int:
        """How many customers are in more than one group (two waves, two segments)."""
        if not self.columns.by:
            return 0
        groups = self.customers.group_by("customer").agg(n=nw.len()).filter(nw.col("n") > 1)
        return int(engine.collect(groups.select(n=nw.len()))["n"].iloc[0])

    def lines(self) -> list[Entry]:
        """The ledger: rows, customers (once per group) and factors."""
        n_read, n_used, n_partial = (
            int(self.sums[c].sum()) for c in ("n_seen", "n_customers", "n_partial")
        )
        customers = {
            "read": n_read, "used": n_used, "no_importance": n_read - n_used,
            "not_all_factors": n_partial, "several_groups": self.several,
        }  # fmt: skip
        return [
            *rated.count_rows(self.frame, self.summary, self.stage),
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
        low, high = self.scales.improvability
        return pd.Series((mean - low) / (high - low), index=groups.index)


def added(names: Sequence[str]) -> nw.Expr:
    """The sum of columns without missing values, in their order: the same on every engine."""
    total = nw.col(names[0])
    for name in names[1:]:
        total = total + nw.col(name)
    return total
