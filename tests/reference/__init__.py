"""Results of other software, frozen beside the script that made them."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).parent


def read(name: str) -> pd.DataFrame:
    """A frozen table with exactly the doubles that were written; empty cells are missing."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    return pd.DataFrame(
        {h: _column(v) for h, v in zip(header, zip(*rows, strict=True), strict=True)}
    )


def _column(cells: tuple[str, ...]) -> list[object]:
    for kind in (int, float):
        try:
            return [kind(c) if c not in ("", "NA") else float("nan") for c in cells]
        except ValueError:
            continue
    return list(cells)
