"""The data sets that come with churnlab, found through their registry."""

from __future__ import annotations

import functools
import json
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pandas as pd

from churnlab.checks import InputError

CATALOGUE_COLUMNS = ("name", "rows", "unit", "origin", "source", "licence", "story", "sha256")
# In the registry a column is of one of these kinds; " or missing" after it allows empty cells.
_DTYPES = {"text": "str", "date": "datetime64[ns]", "integer": "int64", "number": "float64"}
_OR_MISSING = " or missing"


def catalogue() -> pd.DataFrame:
    """List the data sets that come with churnlab, one row each.

    The trap: read `origin` before quoting a number; only `real` data were observed.

    Returns
    -------
    name, rows, unit (what one row is), origin (real, sample or generated), source, licence,
    story (what it is good for and its traps), sha256 (of the shipped file).

    Examples
    --------
    >>> catalogue().set_index("name").loc["cdnow_transactions", "rows"].item()
    69659
    """
    rows = [[entry[column] for column in CATALOGUE_COLUMNS] for entry in _registry().values()]
    return pd.DataFrame(rows, columns=list(CATALOGUE_COLUMNS))


def load(name: str) -> pd.DataFrame:
    """Load one shipped data set by its name in the catalogue.

    The trap: nothing is repaired; duplicates, zeros and empty cells are as in the source.

    Parameters
    ----------
    name : str
        A name listed by `catalogue`.

    Returns
    -------
    A new frame, columns as the registry lists them: ids are text, dates datetime64[ns]. Where a
    kind ends in "or missing", an empty cell is missing; elsewhere empty text is empty text.

    Raises
    ------
    InputError
        If no data set has this name; the message lists those that exist.

    Examples
    --------
    >>> load("four_customers")["customer"].nunique()
    4
    """
    registry = _registry()
    if name not in registry:
        raise InputError(f"No data set is called {name!r}; load one of: {', '.join(registry)}.")
    entry = registry[name]
    kinds: dict[str, str] = entry["columns"]
    with as_file(files("churnlab.data") / entry["file"]) as path:
        frame = _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path, kinds)
    return pd.DataFrame({column: _typed(frame[column], kinds[column]) for column in frame.columns})


@functools.cache
def _registry() -> dict[str, dict[str, Any]]:
    text = (files("churnlab.data") / "registry.json").read_text(encoding="utf-8")
    return {entry["name"]: entry for entry in json.loads(text)}


def _read_csv(path: Path, kinds: dict[str, str]) -> pd.DataFrame:
    # Everything is text first, so that no id passes through a number on its way.
    empty = {column: [""] for column, kind in kinds.items() if kind.endswith(_OR_MISSING)}
    frame: pd.DataFrame = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=empty)
    return frame


def _typed(column: pd.Series, kind: str) -> pd.Series:
    typed = column.astype(_DTYPES[kind.removesuffix(_OR_MISSING)])
    # pandas 2 spells a missing value "nan" when it makes text of it.
    return typed.where(column.notna()) if kind.endswith(_OR_MISSING) else typed


def _read_parquet(path: Path) -> pd.DataFrame:
    import duckdb

    with duckdb.connect() as connection:
        frame: pd.DataFrame = connection.read_parquet(str(path)).df()
    return frame
