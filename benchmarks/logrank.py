"""The log-rank test of three plans: its statistic, degrees of freedom and p value."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import grouped
from benchmarks.cases import THREADS, Case, Contender
from benchmarks.r import R

if TYPE_CHECKING:
    import pandas as pd

    from benchmarks.cases import Answer

_ROLES = ("duration", "event", "plan")


def _frame(folder: Path) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({c: np.load(folder / f"{c}.npy") for c in _ROLES})


# --- churnlab -------------------------------------------------------------------------------------
def _churnlab(spells: Any, *, timefix: bool = False) -> Callable[[], Any]:
    import churnlab as cl

    return lambda: cl.compare.logrank(spells, by="plan", timefix=timefix)


def churnlab_memory(folder: Path) -> Callable[[], Any]:
    return _churnlab(_frame(folder))


def churnlab_merging(folder: Path) -> Callable[[], Any]:
    return _churnlab(_frame(folder), timefix=True)


def churnlab_parquet(folder: Path) -> Callable[[], Any]:
    return _churnlab(folder / "spells.parquet")


def _of_frame(result: Any) -> Answer:
    row = result.iloc[0]
    return _answer(row["statistic"], row["df"], row["p_value"])


def _of_merged(result: Any) -> Answer:
    """The statistic of slightly other durations is slightly another one."""
    return {"df": np.array([float(result["df"].iloc[0])])}


# --- peers ----------------------------------------------------------------------------------------
def _lifelines(read: Callable[[], Any]) -> Callable[[], Any]:
    from lifelines.statistics import multivariate_logrank_test

    def call() -> Any:
        spells = read()
        try:
            return multivariate_logrank_test(spells["duration"], spells["plan"], spells["event"])
        except AssertionError:  # with ten million continuous durations: "Sum is not zero."
            return None

    return call


def lifelines_memory(folder: Path) -> Callable[[], Any]:
    spells = _frame(folder)
    return _lifelines(lambda: spells)


def lifelines_parquet(folder: Path) -> Callable[[], Any]:
    import duckdb

    con = duckdb.connect(config={"threads": THREADS})
    file = str(folder / "spells.parquet")
    return _lifelines(lambda: con.read_parquet(file).df())


def _of_test(result: Any) -> Answer:
    if result is None:  # timed up to where it stops; there is no answer to compare
        return {"df": np.array([len(grouped.PLANS) - 1.0])}
    return _answer(result.test_statistic, result.degrees_of_freedom, result.p_value)


def scikit_survival(folder: Path) -> Callable[[], Any]:
    from sksurv.compare import (  # type: ignore[import-not-found, unused-ignore]
        compare_survival,
    )
    from sksurv.util import Surv  # type: ignore[import-not-found, unused-ignore]

    spells = _frame(folder)
    outcome = Surv.from_arrays(spells["event"], spells["duration"])
    plan = spells["plan"].to_numpy()
    return lambda: compare_survival(outcome, plan)


def _of_pair(result: Any) -> Answer:
    statistic, p_value = result
    return _answer(statistic, len(grouped.PLANS) - 1, p_value)


_SURVDIFF = """
event <- load("event", "integer", 1)
plan <- load("plan", "integer", 8)
duration <- load("duration", what, 8)
call <- function() survdiff(Surv(duration, event) ~ plan)
keep <- function(found) {
  df <- length(found$n) - 1
  save("answer", c(found$chisq, df, pchisq(found$chisq, df, lower.tail = FALSE)))
}
"""


def r_days(folder: Path) -> Callable[[], Any]:
    return R(folder, 'what <- "integer"' + _SURVDIFF)


def r_continuous(folder: Path) -> Callable[[], Any]:
    return R(folder, 'what <- "double"' + _SURVDIFF)


def _of_survdiff(result: R) -> Answer:
    with TemporaryDirectory() as folder:
        return _answer(*result.arrays(Path(folder))["answer"])


def _of_merging_survdiff(result: R) -> Answer:
    """R merges nearly equal times in this test, and offers no way not to."""
    return {"df": _of_survdiff(result)["df"]}


def _answer(statistic: Any, df: Any, p_value: Any) -> Answer:
    # a statistic in the hundreds is compared by its relative size
    found = {"log_statistic": np.log(statistic), "df": df, "p_value": p_value}
    return {name: np.array([float(value)]) for name, value in found.items()}


_OURS = ("churnlab", "numpy", "pandas")
_PEER = ("lifelines", "pandas", "numpy")


def _in_memory(r: Contender, *more: Contender) -> tuple[Contender, ...]:
    peers = (
        Contender("lifelines", lifelines_memory, _of_test, _PEER),
        Contender(
            "scikit-survival", scikit_survival, _of_pair, ("scikit-survival", "numpy"), 10**5
        ),
        r,
    )
    return (Contender("churnlab", churnlab_memory, _of_frame, _OURS), *more, *peers)


_IN_PARQUET = (
    Contender("churnlab", churnlab_parquet, _of_frame, ("churnlab", "duckdb")),
    Contender("DuckDB + lifelines", lifelines_parquet, _of_test, ("duckdb", *_PEER)),
)
_MERGING = Contender("churnlab, timefix", churnlab_merging, _of_merged, _OURS)
_R_DAYS = Contender("R survdiff", r_days, _of_survdiff, ("R", "R survival"))
_R_CONTINUOUS = Contender(
    "R survdiff", r_continuous, _of_merging_survdiff, ("R", "R survival"), 10**6
)
_TOLERANCE = 1e-7  # sums of millions of terms in another order
CASES = (
    Case("whole days, in memory", grouped.days_by_plan, _in_memory(_R_DAYS), tolerance=_TOLERANCE),
    Case(
        "continuous, in memory",
        grouped.continuous_by_plan,
        _in_memory(_R_CONTINUOUS, _MERGING),
        tolerance=_TOLERANCE,
        long_from=10**7,
    ),
    Case(
        "whole days, from Parquet", grouped.days_by_plan_parquet, _IN_PARQUET, tolerance=_TOLERANCE
    ),
    Case(
        "continuous, from Parquet",
        grouped.continuous_by_plan_parquet,
        _IN_PARQUET,
        tolerance=_TOLERANCE,
        long_from=10**7,
    ),
)
