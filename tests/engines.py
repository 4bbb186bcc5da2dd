"""Every kind of table churnlab reads, made from one pandas frame; used by the engine tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.conftest import needs, needs_module

Make = Callable[[pd.DataFrame, Path], Any]


def pandas_numpy(frame: pd.DataFrame, folder: Path) -> Any:
    return frame


def pandas_nullable(frame: pd.DataFrame, folder: Path) -> Any:
    return frame.convert_dtypes(dtype_backend="numpy_nullable")


def pandas_arrow(frame: pd.DataFrame, folder: Path) -> Any:
    return frame.convert_dtypes(dtype_backend="pyarrow")


def pandas_categories(frame: pd.DataFrame, folder: Path) -> Any:
    texts = frame.select_dtypes(["object", "string"]).columns
    return frame.astype(dict.fromkeys(texts, "category"))


def arrow(frame: pd.DataFrame, folder: Path) -> Any:
    import pyarrow as pa

    return pa.Table.from_pandas(frame, preserve_index=False)


def polars_eager(frame: pd.DataFrame, folder: Path) -> Any:
    import polars as pl

    return pl.from_pandas(frame)


def polars_lazy(frame: pd.DataFrame, folder: Path) -> Any:
    return polars_eager(frame, folder).lazy()


def duckdb_relation(frame: pd.DataFrame, folder: Path) -> Any:
    import duckdb

    return duckdb.connect().from_df(frame)


def parquet(frame: pd.DataFrame, folder: Path) -> Any:
    path = folder / "table [1]*.parquet"  # a path that exists is never a pattern
    duckdb_relation(frame, folder).write_parquet(str(path))
    return path


def parquet_parts(frame: pd.DataFrame, folder: Path) -> Any:
    for part in range(2):
        rows = frame.iloc[part::2]
        duckdb_relation(rows, folder).write_parquet(str(folder / f"part-{part}.parquet"))
    return str(folder / "part-*.parquet")


def csv(frame: pd.DataFrame, folder: Path) -> Any:
    path = folder / "table.txt"  # what a file is, its bytes decide
    frame.to_csv(path, index=False)
    return str(path)


def ibis_duckdb(frame: pd.DataFrame, folder: Path) -> Any:
    import ibis

    path = folder / "for-ibis.parquet"
    duckdb_relation(frame, folder).write_parquet(str(path))
    return ibis.duckdb.connect().read_parquet(path)


def spark(frame: pd.DataFrame, folder: Path, session: Any) -> Any:
    """On Spark dates are dates and clocks are TIMESTAMP_NTZ, so that no session zone is met."""
    from pyspark.sql import types as T

    fields, columns = [], {}
    for name in frame.columns:
        column = frame[name]
        if pd.api.types.is_datetime64_any_dtype(column):
            kind, values = (
                T.TimestampNTZType(),
                [_none(v, pd.Timestamp.to_pydatetime) for v in column],
            )
        elif pd.api.types.is_bool_dtype(column):
            kind, values = T.BooleanType(), [_none(v, bool) for v in column]
        elif pd.api.types.is_integer_dtype(column):
            kind, values = T.LongType(), [_none(v, int) for v in column]
        elif pd.api.types.is_float_dtype(column):
            kind, values = T.DoubleType(), [float(v) for v in column]
        else:
            kind, values = T.StringType(), [_none(v, str) for v in column]
        fields.append(T.StructField(name, kind))
        columns[name] = values
    rows = list(zip(*columns.values(), strict=True))
    return session.createDataFrame(rows, T.StructType(fields))


def _none(value: Any, convert: Callable[[Any], Any]) -> Any:
    return None if pd.isna(value) else convert(value)


MAKERS: dict[str, Make] = {
    "pandas": pandas_numpy,
    "pandas-nullable": pandas_nullable,
    "pandas-arrow": pandas_arrow,
    "pandas-categories": pandas_categories,
    "arrow": arrow,
    "polars": polars_eager,
    "polars-lazy": polars_lazy,
    "duckdb": duckdb_relation,
    "parquet": parquet,
    "parquet-parts": parquet_parts,
    "csv": csv,
    "ibis": ibis_duckdb,
}
NEEDS = {
    "pandas-arrow": "pyarrow",
    "arrow": "pyarrow",
    "polars": "polars",
    "polars-lazy": "polars",
    "ibis": "ibis",
}
PARAMS = [
    *(pytest.param(n, marks=needs_module(NEEDS[n]) if n in NEEDS else ()) for n in MAKERS),
    pytest.param("spark", marks=[needs("java"), needs_module("pyspark"), pytest.mark.spark]),
]


def maker(request: pytest.FixtureRequest, folder: Path) -> Callable[[pd.DataFrame], Any]:
    """For a fixture with ``params=PARAMS``: what puts a pandas frame into one kind of table."""
    if request.param == "spark":
        session = request.getfixturevalue("spark")
        return lambda frame: spark(frame, folder, session)
    return lambda frame: MAKERS[request.param](frame, folder)
