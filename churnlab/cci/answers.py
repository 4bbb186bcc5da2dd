"""Ratings read, checked and counted once, for every estimate of the index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from churnlab import checks
from churnlab.cci import importances, improvement, ratings as rated, shares
from churnlab.cci.asked import (
    IN_CUSTOMER,
    IN_IMPROVABILITY,
    Asked,
    ImportanceAs,
    Missing,
)
from churnlab.checks import Entry, InputError, entries
from churnlab.engine import Frame
from churnlab.spells import rows


def answers(
    ratings: Any,
    *,
    improvability: Any = IN_IMPROVABILITY,
    customer: str | None = IN_CUSTOMER,
    factor: str = "factor",
    satisfaction: str = "satisfaction",
    importance: Any = "importance",
    weight: str | None = None,
    cluster: str | None = None,
    by: str | Sequence[str] | None = None,
    scale: Sequence[float] | None = None,
    importance_scale: Sequence[float] | None = None,
    improvability_scale: Sequence[float] | None = None,
    importance_as: ImportanceAs = "rating",
    missing: Missing = "renormalise",
) -> Answers:
    """Read and count a survey once, and ask it for matrix, index, ranks and the rest.

    The trap: sums are kept, not the ratings: ``stability``, ``whatif`` and ``per_customer`` look at
    the table again, so a file must not change in between.

    Parameters
    ----------
    ratings, improvability, customer, factor, satisfaction, importance, weight, cluster, by
        As for :func:`matrix`.
    scale, importance_scale, improvability_scale, importance_as, missing
        As for :func:`matrix`.

    Returns
    -------
    Answers
        To be passed in place of ``ratings``, without any of the arguments above.

    Raises
    ------
    InputError
        As for :func:`matrix`.

    Notes
    -----
    One pass over the table checks it, a second makes a row per customer and adds up what every
    estimate needs: means of all shares and their products, per group.

    Examples
    --------
    >>> import churnlab as cl
    >>> counted = cl.cci.answers(cl.datasets.load("cci_table_2"))
    >>> float(cl.cci.index(counted)["cci"].round(4).iloc[0])
    30.4348
    >>> cl.cci.rank(counted)["factor"].iloc[0]
    'coverage'
    """
    asked = Asked(
        improvability, customer, factor, satisfaction, importance, weight, cluster, by,
        scale, importance_scale, improvability_scale, importance_as, missing,
    )  # fmt: skip
    return read(ratings, asked, (), "cci.answers")


def read(
    ratings: Any, asked: Asked, taken: Sequence[str], stage: str, *, owners: bool = False
) -> Answers:
    """Open the ratings, check them in one pass over the table, and read the firm's own tables."""
    if isinstance(ratings, Answers):
        return _again(ratings, asked, taken, owners)
    asked = asked.check(taken)
    frame = rated.scan(ratings, asked)
    impute = asked.missing == "impute"
    summary = rated.summarize(frame, list(asked.roles), impute=impute)
    rated.refuse(frame, summary, asked, stage)
    used = summary[summary["rule"] == rows.USED]
    factors = sorted(used["factor"].unique())
    table = _improvability(asked.improvability, asked, factors, owners=owners)
    given = importances.given(asked, factors) if asked.importance_given else None
    before = checks.history(ratings)[1]
    return Answers(frame, asked, factors, summary, table, given, stage, before)


def _again(found: Answers, asked: Asked, taken: Sequence[str], owners: bool) -> Answers:
    """Answers that were read before; only an improvability table with owners may be new."""
    settled = [name for name in asked.changed() if not (owners and name == "improvability")]
    if settled:
        raise InputError(
            f"{settled[0]}= was settled when the answers were read: pass it to cci.answers, or "
            "pass the ratings themselves here."
        )
    found.asked.check_groups(taken)
    if not owners:
        return found
    table = _improvability(asked.improvability, found.asked, found.factors, owners=True)
    again = replace(found, ease=table)
    again.__dict__["sums"] = found.sums
    return again


def _improvability(
    given: Any, asked: Asked, factors: Sequence[Any], *, owners: bool
) -> pd.DataFrame | None:
    """The firm's own table, or None where a column of the ratings has it or nothing does."""
    if given is None or isinstance(given, str):
        return None
    scale = asked.scales.improvability
    table = improvement.table(given, asked.factor, "improvability", scale, owners=owners)
    improvement.refuse_strangers(table, factors, "improvability")
    return table


@dataclass(frozen=True, eq=False)
class Answers:
    """Checked ratings, to be passed to the estimates of the index in place of the table.

    ``summary`` has one row per (rule, group, factor): n, least and greatest values, and the sums
    of improvability; ``ease`` holds improvability and owner per factor where a table gave them,
    ``given`` the importance of every factor where a table gave it.
    """

    frame: Frame = field(repr=False)
    asked: Asked = field(repr=False)
    factors: list[Any]
    summary: pd.DataFrame = field(repr=False)
    ease: pd.DataFrame | None = field(repr=False)
    given: list[float] | None = field(repr=False)
    stage: str = field(repr=False)
    before: list[Entry] = field(repr=False)

    @property
    def by(self) -> list[str]:
        """The roles of the groups."""
        return list(self.asked.roles)

    @property
    def attrs(self) -> dict[str, Any]:
        """The ledger, where ``churnlab.ledger`` looks for it."""
        return self.carried(self.stage)

    def carried(self, stage: str) -> dict[str, Any]:
        """What an estimate carries: the ledger of what came before and of this."""
        return checks.attrs(None, [*self.before, *self.lines(stage)])

    @cached_property
    def counted(self) -> nw.LazyFrame[Any]:
        """The rows that count; rules that the first pass saw excluding none are not asked again."""
        every = rated.rules(self.frame, impute=self.asked.missing == "impute")
        met = set(self.summary["rule"])
        some = {rule: at for i, (rule, at) in enumerate(every.items(), start=1) if i in met}
        return rows.used(self.frame, some).lazy if some else self.frame.lazy

    @cached_property
    def customers(self) -> nw.LazyFrame[Any]:
        """One row per (group, customer) with the customer's shares; see `shares.of_customers`."""
        return shares.of_customers(self)

    @cached_property
    def sums(self) -> pd.DataFrame:
        """One pass over the customers: weighted sums per group, of each factor and each pair."""
        found = shares.sums(self)
        self._refuse(found)
        return found

    def _refuse(self, sums: pd.DataFrame) -> None:
        n_answers = sums[[f"rows_{k}" for k in range(len(self.factors))]].to_numpy().sum()
        n_rows = int(sums["n_rows"].sum())
        rated.refuse_repeats(self.frame, self.counted, self.asked.roles, n_rows, int(n_answers))
        for role in ("weight", "cluster"):
            if self.frame.has(role):
                n = int(sums[f"{role}_differs"].sum())
                rated.refuse_several(n, role, self.frame.column(role))
        n_seen, n_valid = int(sums["n_seen"].sum()), int(sums["n_customers"].sum())
        if n_valid == 0 and int(sums["n_incomplete"].sum()):
            raise InputError(
                f"none of the {n_seen:,} customers rated every factor, and missing='complete' "
                "counts those alone: leave it out, or leave rarely asked factors out."
            )
        if n_valid == 0:
            name = repr(self.frame.column("importance")) if self.frame.has("importance") else ""
            raise InputError(
                f"nothing matters to any of the {n_seen:,} customers: every importance in column "
                f"{name} is at the floor of the scale, {self.asked.floor:g}, so no share of "
                "anything can be formed."
            )

    @cached_property
    def several(self) -> int:
        """How many customers are in more than one group (two waves, two segments)."""
        return shares.in_several_groups(self) if self.by else 0

    def lines(self, stage: str) -> list[Entry]:
        """The ledger: rows, customers (once per group) and factors."""
        names = ("n_seen", "n_customers", "n_partial", "n_straight", "n_incomplete")
        n_read, n_used, n_partial, n_straight, n_left = (int(self.sums[c].sum()) for c in names)
        customers = {
            "read": n_read, "used": n_used, "incomplete": n_left,
            "no_importance": n_read - n_used - n_left, "not_all_factors": n_partial,
            "straight_line": n_straight, "several_groups": self.several,
        }  # fmt: skip
        return [
            *rated.count_rows(self.frame, self.summary, stage),
            *entries(stage, "customers", customers),
            *entries(stage, "factors", self._factor_lines()),
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
        keys = [*self.by, "factor"]
        used = self.summary[self.summary["rule"] == rows.USED]
        sums = groups[keys].merge(used, on=keys, how="left")
        with np.errstate(invalid="ignore"):
            mean = sums["ease"].to_numpy(float) / sums["n_ease"].to_numpy(float)
        low, high = self.asked.scales.improvability
        return pd.Series((mean - low) / (high - low), index=groups.index)

    def ease_of_all(self) -> list[float]:
        """Improvability per factor; refused where a column of the ratings gives groups their own."""
        keys = self.sums[self.by]
        found = []
        for k, name in enumerate(self.factors):
            of_groups = self.improvability(keys.assign(factor=name))
            rated = of_groups[self.sums[f"n_{k}"].to_numpy() > 0]
            some = rated.isna().any() and not rated.isna().all()
            if some or rated.max() - rated.min() > 1e-9:
                raise InputError(
                    f"factor {checks.plain(name)} has another improvability in another group: pass "
                    "it as a table (improvability=), or one group at a time."
                )
            found.append(float(rated.iloc[0]) if len(rated) else float("nan"))
        return found

    def refuse_changed(self, omega: float) -> None:
        """A second look at a table must find the customers of the first."""
        before = float(self.sums["omega"].sum())
        if not abs(omega - before) <= 1e-9 * before:
            raise InputError(
                "the ratings changed after they were counted: read them again with cci.answers."
            )

    def refuse_imputed(self, what: str) -> None:
        """An imputed answer is no observation: what counts observations cannot use it."""
        if self.asked.missing == "impute":
            raise InputError(
                f"missing='impute' fills cells with means, and {what} would take them for answers: "
                "use missing='renormalise' or 'complete'."
            )
