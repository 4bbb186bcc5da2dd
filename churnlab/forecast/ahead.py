"""How many customers will be there, from those who are here and a stated inflow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnlab import checks
from churnlab.checks import Entry, IfPresent, InputError, entries
from churnlab.forecast import inputs, parameters, paths
from churnlab.forecast.parameters import Model
from churnlab.periods import Period

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_COHORT = IfPresent("cohort")
COLUMNS = ("period_start", "ahead", "estimate", "existing", "conf_low", "conf_high")


def customers(
    cohorts: Any,
    *,
    ahead: int,
    inflow: Any = None,
    inflow_sd: float | Sequence[float] = 0,
    cohort: str | None = _COHORT,
    age: str = "age",
    customers: str = "customers",
    period: str | Period = "month",
    by: str | Sequence[str] | None = None,
    total: bool = False,
    model: Model = "sbg",
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """How many customers will be there in the next periods: those here now, aged, and newcomers.

    The trap: one churn rate for all. Those who stayed long leave more seldom than newcomers, so a
    base of old customers shrinks more slowly than the average says, and one of new ones faster.

    Parameters
    ----------
    cohorts : table or path
        One row per cohort and age: customers still there, as from ``renewals.cohort_counts``; all
        cohorts seen up to the same last period.
    ahead : int
        Periods to look ahead.
    inflow : number, list or table, optional
        Newcomers per period (age 0 at its close); a table has ``period_start, new`` and the groups.
        None: nobody comes, only those here now are followed.
    inflow_sd : number or list
        Standard deviation of the newcomers of a period; 0 says that they are certain.
    cohort, age, customers : str
        Columns; where cohorts are dates, future periods have dates too.
    period, by, total
        Calendar period; columns of groups, each with a model of its own; True adds the groups up.
    model : {"sbg", "bdw"}
        See :func:`churnlab.renewals.fit`.
    level, draws, seed
        Share of futures within the limits; number of futures drawn; seed of the draws.

    Returns
    -------
    DataFrame
        Groups, then ``period_start, ahead, estimate, existing, conf_low, conf_high``.

    Raises
    ------
    InputError
        As for ``renewals.fit``, for counts that are not whole, and an inflow with gaps.

    Notes
    -----
    Estimate: Σ n S(a + h) / S(a) + Σ inflow S(h − j) at the likeliest parameters. Limits: quantiles
    of paths of binomials, parameters drawn from their posterior (docs/decisions/0020).

    Examples
    --------
    >>> made = pd.DataFrame({"age": [0, 1, 2], "customers": [1000, 700, 560]})
    >>> customers(made, ahead=2, inflow=100)[["estimate", "existing"]].round(1).to_numpy().tolist()
    [[576.0, 476.0], [588.9, 418.9]]
    """
    unit, groups = Period.of(period), checks.group_columns(by, COLUMNS)
    last = check(ahead, model, level, draws)
    found = inputs.read(cohorts, cohort, age, customers, groups, unit)
    new = inputs.newcomers(inflow, last, found, groups, unit)
    inputs.require_inflow(inflow, {"inflow_sd": inflow_sd})
    spread = inputs.per_period("inflow_sd", inflow_sd, last)
    parts = []
    for place, (group, came) in enumerate(zip(found, new, strict=True)):
        seen, base = inputs.known(group.rows, model)
        rng = np.random.default_rng([checks.whole("seed", seed, least=0), place])
        parts.append(future(seen, base, came, spread, model, draws, rng))
    table = assemble(parts, found, total, level, unit)
    table = table.rename(columns={f"by{i}": name for i, name in enumerate(groups)})
    table.attrs = carried(cohorts, found)
    return table


def check(ahead: int, model: str, level: float, draws: int) -> int:
    """The arguments that all forecasts share; ``ahead`` as a whole number."""
    checks.choice("model", model, Model)
    checks.confidence(level)
    checks.whole("draws", draws, least=100)
    return checks.whole("ahead", ahead, least=1)


Part = tuple["Floats", "Floats", "Floats"]


def future(
    seen: parameters.Evidence, base: paths.Base, came: Floats, spread: Floats, model: Model,
    draws: int, rng: np.random.Generator,
) -> Part:  # fmt: skip
    """Expected survivors of those here, expected newcomers there, and drawn totals, by period."""
    ahead = len(came)
    until = int(base.ages.max()) + ahead
    best = parameters.churn(parameters.likeliest(seen, model)[None], until)[0]
    leave = parameters.churn(parameters.likely(seen, model, draws, rng), until)
    totals = paths.drawn(base, leave, ahead, rng).sum(axis=1)
    totals = totals + paths.drawn_newcomers(came, spread, leave, rng).sum(axis=1)
    existing = paths.expected(base, best, ahead).sum(axis=0)
    return existing, paths.expected_newcomers(came, best).sum(axis=0), totals.astype(np.float64)


def assemble(
    parts: Sequence[Part], found: Sequence[inputs.Group], total: bool, level: float, unit: Period
) -> pd.DataFrame:
    """The rows of every group, or of all of them added up draw by draw."""
    named = pd.concat([group.by for group in found], ignore_index=True)
    now = [group.now for group in found]
    if total:
        if len(set(now)) > 1:
            raise InputError("total=True: the groups were not all seen up to the same period.")
        existing, fresh, totals = (sum(column) for column in zip(*parts, strict=True))
        parts, named = [(existing, fresh, totals)], named.iloc[:1, :0]
    tables = []
    for k, (existing, fresh, totals) in enumerate(parts):
        ahead = np.arange(1, len(existing) + 1)
        low, high = paths.limits(totals, level)
        shown = pd.DataFrame({name: named[name].iloc[[k] * len(ahead)].array for name in named})
        tables.append(
            shown.assign(
                period_start=periods_of(now[k], ahead, unit), ahead=ahead,
                estimate=existing + fresh, existing=existing, conf_low=low, conf_high=high,
            )
        )  # fmt: skip
    return pd.concat(tables, ignore_index=True)


def periods_of(now: int | None, steps: npt.NDArray[np.int64], unit: Period) -> Any:
    """First days of the periods some steps from now; missing where now has no date."""
    if now is None:
        return np.full(len(steps), np.datetime64("NaT", "s"))
    return unit.starts(now + steps)


def carried(cohorts: Any, found: Sequence[inputs.Group]) -> dict[str, Any]:
    """The ledger of the counts, where they carry one, and how many customers were followed."""
    before = getattr(cohorts, "attrs", {}) if isinstance(cohorts, pd.DataFrame) else {}
    n = sum(int(g.rows.loc[g.rows["age"] == 0, "customers"].sum()) for g in found)
    lines = [Entry(**line) for line in before.get("ledger", [])]
    lines += entries("forecast", "customers", {"read": n, "used": n})
    return checks.attrs(before.get("as_of"), lines)
