"""Kaplan–Meier with log-log limits and Nelson–Aalen, for one group of customers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import data, grouped
from benchmarks.cases import THREADS, Case, Contender
from benchmarks.r import R

if TYPE_CHECKING:
    import pandas as pd

    from benchmarks.cases import Answer


def _frame(folder: Path) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({c: np.load(folder / f"{c}.npy") for c in ("duration", "event")})


# --- churnlab -------------------------------------------------------------------------------------
def _churnlab(spells: Any, *, timefix: bool) -> Callable[[], Any]:
    import churnlab as cl

    def call() -> Any:
        counted = cl.survival.spell_counts(spells, timefix=timefix)
        return (
            cl.survival.kaplan_meier(counted, timefix=timefix),
            cl.survival.nelson_aalen(counted, timefix=timefix),
        )

    return call


def churnlab_memory(folder: Path) -> Callable[[], Any]:
    return _churnlab(_frame(folder), timefix=False)


def churnlab_merging(folder: Path) -> Callable[[], Any]:
    return _churnlab(_frame(folder), timefix=True)


def churnlab_parquet(folder: Path) -> Callable[[], Any]:
    return _churnlab(folder / "spells.parquet", timefix=False)


def _of_frames(result: Any) -> Answer:
    km, na = result
    limits = km[["conf_low", "conf_high"]].to_numpy().T
    return {**_answer(km["duration"], km["estimate"], limits, na["estimate"]), **_events(result)}


def _events(result: Any) -> Answer:
    """What remains comparable where nearly equal durations were merged."""
    return {"events": np.array([km["n_event"].sum() for km in result], dtype=float)}


# --- lifelines ------------------------------------------------------------------------------------
def _lifelines(read: Callable[[], Any]) -> Callable[[], Any]:
    from lifelines import KaplanMeierFitter, NelsonAalenFitter

    def call() -> Any:
        spells = read()
        # smoothing would spread tied events: another estimate
        return (
            KaplanMeierFitter().fit(spells["duration"], spells["event"]),
            NelsonAalenFitter(nelson_aalen_smoothing=False).fit(
                spells["duration"], spells["event"]
            ),
        )

    return call


def lifelines_memory(folder: Path) -> Callable[[], Any]:
    spells = _frame(folder)
    return _lifelines(lambda: spells)


def lifelines_parquet(folder: Path) -> Callable[[], Any]:
    import duckdb

    con = duckdb.connect(config={"threads": THREADS})
    file = str(folder / "spells.parquet")
    return _lifelines(lambda: con.read_parquet(file).df())


def _of_fitters(result: Any) -> Answer:
    km, na = result
    survival, hazard = km.survival_function_.iloc[:, 0], na.cumulative_hazard_.iloc[:, 0]
    limits = km.confidence_interval_.to_numpy().T
    return _answer(survival.index, survival, limits, hazard)


# --- scikit-survival ------------------------------------------------------------------------------
def scikit_survival(folder: Path) -> Callable[[], Any]:
    from sksurv.nonparametric import (  # type: ignore[import-not-found, unused-ignore]
        kaplan_meier_estimator,
        nelson_aalen_estimator,
    )

    spells = _frame(folder)
    event, duration = spells["event"].to_numpy(), spells["duration"].to_numpy()
    return lambda: (
        kaplan_meier_estimator(event, duration, conf_type="log-log"),
        nelson_aalen_estimator(event, duration),
    )


def _of_estimators(result: Any) -> Answer:
    (time, survival, limits), (_, hazard) = result
    if time[0] > 0:  # the curve begins at 0 for all
        time, survival, hazard = (
            np.append(v, a) for v, a in ((0, time), (1, survival), (0, hazard))
        )
        limits = np.column_stack([[1, 1], limits])
    return _answer(time, survival, limits, hazard)


# --- R --------------------------------------------------------------------------------------------
_SURVFIT = """
event <- load("event", "integer", 1)
duration <- load("duration", what, 8)
call <- function() survfit(Surv(duration, event) ~ 1, conf.type = "log-log", timefix = FALSE)
keep <- function(fit) {
  for (part in c("time", "surv", "lower", "upper", "cumhaz")) save(part, fit[[part]])
}
"""


def r_days(folder: Path) -> Callable[[], Any]:
    return R(folder, 'what <- "integer"' + _SURVFIT)


def r_continuous(folder: Path) -> Callable[[], Any]:
    return R(folder, 'what <- "double"' + _SURVFIT)


def _of_survfit(result: R) -> Answer:
    with TemporaryDirectory() as folder:
        found = result.arrays(Path(folder))
    if found["time"][0] > 0:  # the curve begins at 0 for all
        first = {"time": 0, "surv": 1, "lower": 1, "upper": 1, "cumhaz": 0}
        found = {name: np.append(first[name], values) for name, values in found.items()}
    limits = np.array([found["lower"], found["upper"]])
    return _answer(found["time"], found["surv"], limits, found["cumhaz"])


def _answer(duration: Any, survival: Any, limits: Any, hazard: Any) -> Answer:
    """The curves over the distinct durations; log-log limits where 0 < S < 1, as they are defined.

    The limits of the cumulative hazard are computed by some and left out here: churnlab's variance
    is Aalen's, Σ d/n², that of lifelines Σ d (n − d)/n³, and scikit-survival has none.
    """
    survival = np.asarray(survival, dtype=float)
    inside = (survival > 0) & (survival < 1)
    return {
        "duration": np.asarray(duration, dtype=float),
        "survival": survival,
        "limits": np.where(inside, limits, np.nan),
        "hazard": np.asarray(hazard, dtype=float),
    }


_FITTERS = ("lifelines", "pandas", "numpy")
_OURS = ("churnlab", "numpy", "pandas")
_R = ("R", "R survival")


def _in_memory(r: Contender, *more: Contender) -> tuple[Contender, ...]:
    peers = (
        Contender("lifelines", lifelines_memory, _of_fitters, _FITTERS),
        Contender(
            "scikit-survival", scikit_survival, _of_estimators, ("scikit-survival", "numpy"), 10**6
        ),
        r,
    )
    return (Contender("churnlab", churnlab_memory, _of_frames, _OURS), *more, *peers)


_IN_PARQUET = (
    Contender("churnlab", churnlab_parquet, _of_frames, ("churnlab", "duckdb")),
    Contender("DuckDB + lifelines", lifelines_parquet, _of_fitters, ("duckdb", *_FITTERS)),
)
_R_DAYS = Contender("R survfit", r_days, _of_survfit, _R)
_R_CONTINUOUS = Contender("R survfit", r_continuous, _of_survfit, _R, 10**6)
_MERGING = Contender("churnlab, timefix", churnlab_merging, _events, _OURS)
CASES = (
    Case("whole days, in memory", data.days, _in_memory(_R_DAYS), tolerance=1e-8),
    Case(
        "continuous, in memory",
        data.continuous,
        _in_memory(_R_CONTINUOUS, _MERGING),
        tolerance=1e-8,
        long_from=10**7,
    ),
    Case("whole days, from Parquet", data.days_parquet, _IN_PARQUET, tolerance=1e-8),
    Case(
        "continuous, from Parquet",
        grouped.continuous_parquet,
        _IN_PARQUET,
        tolerance=1e-8,
        long_from=10**7,
    ),
)
