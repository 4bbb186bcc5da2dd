"""More spells for the benchmarks: in three plans, and continuous ones in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.data import SEED

PLANS = ("basic", "plus", "pro")


def days_by_plan(rows: int, folder: Path) -> None:
    """Whole days from 0 to 999 in three plans that leave at slightly different rates."""
    _save(_spells(rows, whole=True), folder)


def continuous_by_plan(rows: int, folder: Path) -> None:
    """Exponential durations in three plans whose means differ by up to 2 %."""
    _save(_spells(rows, whole=False), folder)


def days_by_plan_parquet(rows: int, folder: Path) -> None:
    """The spells of :func:`days_by_plan` in one Parquet file, the plans in words."""
    _write(_spells(rows, whole=True), folder)


def continuous_by_plan_parquet(rows: int, folder: Path) -> None:
    """The spells of :func:`continuous_by_plan` in one Parquet file, the plans in words."""
    _write(_spells(rows, whole=False), folder)


def continuous_parquet(rows: int, folder: Path) -> None:
    """Exponential durations with a mean of 365 days in one Parquet file."""
    rng = np.random.default_rng(SEED)
    spells = {"duration": rng.exponential(365.0, rows), "event": rng.random(rows) < 0.5}
    _write(spells, folder)


def _spells(rows: int, *, whole: bool) -> dict[str, Any]:
    rng = np.random.default_rng(SEED)
    plan = rng.integers(0, len(PLANS), rows)
    longer = 1 + 0.01 * plan
    duration = rng.integers(0, 990 + 5 * plan) if whole else rng.exponential(365.0, rows) * longer
    return {"duration": duration, "event": rng.random(rows) < 0.5, "plan": plan}


def _save(spells: dict[str, Any], folder: Path) -> None:
    for name, values in spells.items():
        np.save(folder / f"{name}.npy", values)


def _write(spells: dict[str, Any], folder: Path) -> None:
    import duckdb
    import pandas as pd

    frame = pd.DataFrame(spells)
    words = " ".join(f"WHEN {i} THEN '{word}'" for i, word in enumerate(PLANS))
    with duckdb.connect() as con:
        rows = con.from_df(frame)
        if "plan" in frame:
            rows = rows.project(f"duration, event, CASE plan {words} END AS plan")
        rows.write_parquet(str(folder / "spells.parquet"))
