"""Forecasts made in the past, beside what happened since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnlab import checks
from churnlab.checks import IfPresent, InputError
from churnlab.forecast import ahead as looking, inputs, paths
from churnlab.forecast.parameters import Evidence, Model
from churnlab.periods import Period

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_COHORT = IfPresent("cohort")
RULES_OF_THUMB = ("last_churn", "pooled_churn")


def backtest(
    cohorts: Any,
    *,
    ahead: int,
    origins: int = 6,
    cohort: str | None = _COHORT,
    age: str = "age",
    customers: str = "customers",
    period: str | Period = "month",
    model: Model = "sbg",
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Forecasts as they would have been made in the past, beside what happened since.

    The trap: a forecast is judged by what was known when it was made. One fitted on all of the
    past knows the answer already.

    Parameters
    ----------
    cohorts, cohort, age, customers, period, model, level, draws, seed
        See :func:`customers`; all cohorts seen up to the same last period.
    ahead : int
        Periods to look ahead.
    origins : int
        How many past periods to forecast from, one after the other; the latest lies ``ahead``
        periods back, so that all its periods have been seen.

    Returns
    -------
    DataFrame
        ``model`` (the one asked for, then last_churn and pooled_churn), ``back, ahead,
        period_start, estimate, conf_low, conf_high, actual, error`` (estimate / actual − 1),
        ``covered`` (missing for the rules of thumb, which have no limits).

    Raises
    ------
    InputError
        As for :func:`customers`, and where the cohorts are too short for so many origins.

    Notes
    -----
    The newcomers who came since are taken as known: what is tested is who stays. The rules of
    thumb lose everyone alike: last_churn by the churn rate of the last period known, pooled_churn
    by that of all periods. Forecasts of neighbouring origins share most of what happened.

    Examples
    --------
    >>> import churnlab as cl
    >>> made = cl.datasets.generate_subscriptions(20_000)
    >>> counts = cl.renewals.cohort_counts(made, as_of="2024-12-01")
    >>> past = backtest(counts, ahead=6, origins=1).query("ahead == 6")
    >>> past.set_index("model")["error"].round(3).to_dict()
    {'sbg': 0.003, 'last_churn': -0.024, 'pooled_churn': -0.034}
    """
    unit, last = Period.of(period), looking.check(ahead, model, level, draws)
    group = inputs.read(cohorts, cohort, age, customers, (), unit)[0]
    n = checks.whole("origins", origins, least=1)
    rows = group.rows
    length = rows.groupby("cohort", dropna=False)["age"].transform("max")
    rows = rows.assign(back=(length - rows["age"]).astype("int64"), length=length)
    parts = []
    for back in range(last + n - 1, last - 1, -1):
        then = rows[rows["back"] >= back]
        if then.empty or then["age"].max() < 1:
            raise InputError(
                f"{back} periods ago there was no cohort to learn from: ask for fewer origins "
                f"than {n}, or look less far ahead than {last}."
            )
        rng = np.random.default_rng([checks.whole("seed", seed, least=0), back])
        table = _from_origin(rows, then, back, last, model, draws, level, rng)
        when = None if group.now is None else group.now - back
        table["period_start"] = looking.periods_of(when, table["ahead"].to_numpy(), unit)
        parts.append(table)
    table = pd.concat(parts, ignore_index=True)
    order = [model, *RULES_OF_THUMB]
    place = table["model"].map({name: k for k, name in enumerate(order)})
    table = table.assign(_place=place).sort_values(
        ["_place", "back", "ahead"], ascending=[True, False, True], ignore_index=True
    )
    columns = ["model", "back", "ahead", "period_start", "estimate", "conf_low", "conf_high"]
    result = table[[*columns, "actual", "error", "covered"]]
    result.attrs = looking.carried(cohorts, [group])
    return result


def _from_origin(
    rows: pd.DataFrame, then: pd.DataFrame, back: int, ahead: int, model: Model, draws: int,
    level: float, rng: np.random.Generator,
) -> pd.DataFrame:  # fmt: skip
    """One origin's forecasts, by the model and by the rules of thumb, and what happened."""
    seen, base = inputs.known(then, model)
    at = back - np.arange(1, ahead + 1)
    sums = rows.groupby("back")["customers"].sum()
    starts = rows[rows["age"] == 0].groupby("back")["customers"].sum()
    came = starts.reindex(at, fill_value=0).to_numpy(dtype="float64")
    actual = sums.reindex(at, fill_value=0).to_numpy(dtype="float64")
    existing, fresh, totals = looking.future(seen, base, came, np.zeros(ahead), model, draws, rng)
    low, high = paths.limits(totals, level)
    covered = pd.array((low <= actual) & (actual <= high), dtype="boolean")
    shared = {"back": back, "ahead": np.arange(1, ahead + 1), "actual": actual}
    first = pd.DataFrame(shared | {"model": model, "estimate": existing + fresh})
    parts = [first.assign(conf_low=low, conf_high=high, covered=covered)]
    rates = (_last_churn(then, back), _pooled_churn(seen))
    for name, rate in zip(RULES_OF_THUMB, rates, strict=True):
        simple = _shrunk(float(base.n.sum()), rate, came)
        parts.append(
            pd.DataFrame(shared | {"model": name, "estimate": simple}).assign(
                conf_low=np.nan, conf_high=np.nan,
                covered=pd.array([pd.NA] * ahead, dtype="boolean"),
            )
        )  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    error = table["estimate"] / table["actual"].where(table["actual"] > 0) - 1
    return table.assign(error=error)


def _last_churn(then: pd.DataFrame, back: int) -> float:
    """The share lost in the last period known, of all who were there before it."""
    opening = then.loc[then["back"] == back + 1, "customers"].sum()
    stayed = then.loc[(then["back"] == back) & (then["age"] > 0), "customers"].sum()
    return float(1 - stayed / opening) if opening else 0.0


def _pooled_churn(seen: Evidence) -> float:
    return float(seen.lost.sum() / (seen.lost.sum() + seen.kept.sum()))


def _shrunk(base: float, rate: float, came: Floats) -> Floats:
    """Customers of each period when all lose the same share."""
    out = np.empty(len(came))
    for step, new in enumerate(came):
        base = base * (1 - rate) + new
        out[step] = base
    return out
