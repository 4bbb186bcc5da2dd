"""Two tables that are to be joined: the second one in the engine that counts the first."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import narwhals.stable.v2 as nw

from churnlab.checks import EngineError
from churnlab.engine import session
from churnlab.engine.count import collect
from churnlab.engine.door import Frame

if TYPE_CHECKING:
    import pandas as pd

Schema = dict[str, nw.dtypes.DType]


def beside(frame: Frame, other: Frame) -> nw.LazyFrame[Any]:
    """The rows of ``other`` where those of ``frame`` are, ready to be joined.

    Tables of one engine (and one DuckDB connection: see :func:`one_connection`) stay as they are.
    Otherwise ``other``, which should be the small one, is carried over.
    """
    here, there = frame.lazy, other.lazy
    if here.implementation == there.implementation and _can_meet(here, there):
        return there
    if here.implementation.is_duckdb():
        return _through_a_file(here, there)
    rows, schema = collect(there), dict(there.collect_schema())
    carry = {"polars": _into_polars, "pyspark": _into_spark, "ibis": _into_ibis}
    name = here.implementation.name.lower()
    if name not in carry:
        raise EngineError(f"churnlab cannot carry a second table into {name}: pass both from it.")
    moved: nw.LazyFrame[Any] = carry[name](here, rows, schema)
    return moved


def _can_meet(here: nw.LazyFrame[Any], there: nw.LazyFrame[Any]) -> bool:
    if here.implementation.is_ibis():
        return bool(nw.to_native(here).get_backend() is nw.to_native(there).get_backend())
    if not here.implementation.is_duckdb():
        return True
    try:
        nw.to_native(here).cross(nw.to_native(there))
    except Exception:  # relations of two connections, in DuckDB's own words
        return False
    return True


def _through_a_file(here: nw.LazyFrame[Any], there: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Into the connection of a user's relation, which only a query of its own can enter."""
    in_duckdb = there.implementation.is_duckdb()
    rows = nw.to_native(there) if in_duckdb else session.connection().from_df(collect(there))
    path = Path(tempfile.mkdtemp(dir=session.spill_folder())) / "beside.parquet"
    rows.write_parquet(str(path))
    quoted = str(path).replace("'", "''")
    name = f"churnlab_{uuid4().hex}"
    moved: nw.LazyFrame[Any] = nw.from_native(
        nw.to_native(here).query(name, f"FROM read_parquet('{quoted}')")
    )
    return moved


def _values(rows: pd.DataFrame) -> dict[str, list[Any]]:
    """Columns as plain Python values, None where missing."""
    return {
        str(name): [None if v is None or v != v else _plain(v) for v in rows[name].tolist()]
        for name in rows.columns
    }


def _plain(value: Any) -> Any:
    return value.to_pydatetime() if hasattr(value, "to_pydatetime") else value


def _into_polars(here: nw.LazyFrame[Any], rows: pd.DataFrame, schema: Schema) -> nw.LazyFrame[Any]:
    eager: nw.DataFrame[Any] = nw.from_dict(_values(rows), schema, backend=here.implementation)
    return eager.lazy()


def _into_ibis(here: nw.LazyFrame[Any], rows: pd.DataFrame, schema: Schema) -> nw.LazyFrame[Any]:
    import ibis

    moved: nw.LazyFrame[Any] = nw.from_native(ibis.memtable(rows))
    return moved.select(*[nw.col(name).cast(dtype) for name, dtype in schema.items()])


def _into_spark(here: nw.LazyFrame[Any], rows: pd.DataFrame, schema: Schema) -> nw.LazyFrame[Any]:
    from pyspark.sql import types

    kinds: dict[Any, Any] = {
        nw.Int64: types.LongType(), nw.Float64: types.DoubleType(), nw.String: types.StringType(),
        nw.Boolean: types.BooleanType(), nw.Date: types.DateType(),
    }  # fmt: skip
    fields, columns = [], []
    for name, values in _values(rows).items():
        dtype = schema[name]
        kind = next((k for wanted, k in kinds.items() if dtype == wanted), None)
        if dtype.is_integer():
            kind = types.LongType()
        elif isinstance(dtype, nw.Datetime):
            kind = types.TimestampNTZType()
        elif kind is None:
            kind, values = types.StringType(), [None if v is None else str(v) for v in values]
        if dtype == nw.Date:
            values = [v.date() if hasattr(v, "date") else v for v in values]
        fields.append(types.StructField(name, kind))
        columns.append(values)
    spark = nw.to_native(here).sparkSession
    table = spark.createDataFrame(list(zip(*columns, strict=True)), types.StructType(fields))
    moved: nw.LazyFrame[Any] = nw.from_native(table)
    return moved
