"""Tables of every kind: what they are, what they hold in memory, and their way to an engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import narwhals.stable.v2 as nw
import numpy as np

from churnlab.checks import InputError, Table
from churnlab.engine import files
from churnlab.engine.given import File
from churnlab.engine.session import connection
from churnlab.engine.sqltext import quote

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["id", "label", "time", "number", "flag", "amount"]

_HOMES = {"pandas", "polars", "polars-lazy", "pyarrow", "duckdb", "pyspark", "ibis", "sqlframe"}
IN_DUCKDB = {"pandas", "pyarrow", "duckdb"}  # counted by DuckDB; the others where they are
_CLASSES = {"DataFrame", "LazyFrame", "Table", "RecordBatch", "DuckDBPyRelation"}
_ELSEWHERE = {
    "dask": "Dask: write Parquet (frame.to_parquet(...)) and pass the path",
    "modin": "Modin: write Parquet (frame.to_parquet(...)) and pass the path",
    "numpy": "a bare array: put it in a pandas DataFrame with named columns",
}


@dataclass(frozen=True)
class Held:
    """What a table in memory tells without an engine: plain numbers, their types, and zones."""

    arrays: Mapping[str, np.ndarray[Any, Any]] = field(default_factory=dict)
    dtypes: Mapping[str, nw.dtypes.DType] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)


def identify(data: Any) -> tuple[Any, str, File | None]:
    """The table itself, the kind of table it is, and how its text is read, if it is bare text."""
    if isinstance(data, Table):
        data = data.frame
    if isinstance(data, File) or files.is_path(data):
        return files.read(data)
    package = type(data).__module__.split(".")[0]
    if package in _ELSEWHERE:
        raise InputError(f"churnlab cannot read {_ELSEWHERE[package]}.")
    home = {"_duckdb": "duckdb"}.get(package, package)
    if home == "polars" and type(data).__name__ == "LazyFrame":
        home = "polars-lazy"
    if home not in _HOMES or type(data).__name__ not in _CLASSES:
        raise InputError(
            f"cannot read a {type(data).__name__}: pass a pandas, polars or Arrow table, a DuckDB "
            "relation, a Spark or Ibis table, or the path of a Parquet, CSV, Excel or JSON file."
        )
    return data, home, None


def column_names(table: Any) -> list[str]:
    """The names of the columns, each of which must be one of a kind."""
    if hasattr(table, "collect_schema"):  # lazy polars warns when asked for its columns
        columns = table.collect_schema().names()
    elif type(table).__module__.startswith("pyarrow"):
        columns = table.schema.names
    else:
        columns = getattr(table, "columns", None)
    names = list(columns if columns is not None else ())
    twice = {n for n in names if names.count(n) > 1} if len(set(names)) < len(names) else set()
    if twice:
        raise InputError(
            f"the table has several columns named {min(map(str, twice))!r}: rename them."
        )
    odd = next((n for n in names if not isinstance(n, str)), "")
    if odd != "":
        raise InputError(
            f"the columns of the table are named by {type(odd).__name__}, not by text "
            f"(for example {odd!r}): name them, e.g. df.columns = ['customer', 'time']."
        )
    return names


def explain_index(table: Any, home: str, want: Sequence[str], have: Sequence[str]) -> None:
    """Say so where a wanted column of a pandas frame is in its index."""
    kept = set(getattr(getattr(table, "index", None), "names", ())) if home == "pandas" else set()
    for name in want:
        if name not in have and name in kept:
            raise InputError(f"{name!r} is in the index of the frame: pass df.reset_index().")


def hold(table: Any, home: str, columns: Sequence[str]) -> Held:
    """The columns of a table in memory that are plain numbers, and the zones that it states."""
    if home == "polars-lazy":
        schema = table.collect_schema()
        zones = {n: z for n in columns if (z := getattr(schema[n], "time_zone", None))}
        return Held(zones=zones)
    if home not in {"pandas", "polars", "pyarrow"}:
        return Held()
    eager = nw.from_native(table, eager_only=True)
    series = {name: eager[name] for name in columns}
    dtypes = {name: column.dtype for name, column in series.items()}
    return Held(
        arrays={n: a for n, s in series.items() if (a := _plain_array(s, dtypes[n])) is not None},
        dtypes=dtypes,
        zones={n: z for n, d in dtypes.items() if (z := getattr(d, "time_zone", None))},
    )


def _plain_array(series: nw.Series[Any], kind: nw.dtypes.DType) -> np.ndarray[Any, Any] | None:
    """The column as numpy numbers, without a copy where it can be; None if it is anything else."""
    native_type = getattr(nw.to_native(series), "dtype", None)
    if isinstance(native_type, np.dtype):  # plain numpy: nothing can be missing but NaN
        return series.to_numpy() if native_type.kind in "iubf" else None
    is_whole = kind.is_integer() or kind == nw.Boolean
    if (kind.is_float() or is_whole) and series.null_count() == 0:
        array = series.to_numpy()
        return array if array.dtype.kind in "iubf" else None
    return None


def in_duckdb(table: Any, home: str, columns: Mapping[str, tuple[str, Kind]]) -> Any:
    """The table as a DuckDB relation, its columns named by role: DuckDB is blind to case.

    Zoned nanoseconds become microseconds, and a column without any value what is wanted of it.
    """
    if home == "pandas":
        relation = connection().from_df(_for_duckdb(table, columns))
    elif home == "pyarrow":
        arrays = [table[name] for name, _ in columns.values()]
        relation = connection().from_arrow(type(table).from_arrays(arrays, names=list(columns)))
    else:
        chosen = [f"{quote(name)} AS {quote(role)}" for role, (name, _) in columns.items()]
        relation = table.project(", ".join(chosen))
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    casts = {r: t for r, (_, kind) in columns.items() if (t := _cast_to(types[r], kind))}
    if not casts:
        return relation
    plain = [
        f"CAST({quote(r)} AS {casts[r]}) AS {quote(r)}" if r in casts else quote(r) for r in types
    ]
    return relation.project(", ".join(plain))


def _cast_to(dtype: str, kind: Kind) -> str | None:
    if "TIMESTAMP" in dtype and ("ZONE" in dtype or "TZ" in dtype):
        return "TIMESTAMPTZ"
    if dtype in {"NULL", '"NULL"'}:
        return {"time": "TIMESTAMP", "number": "DOUBLE", "amount": "DOUBLE"}.get(kind, "VARCHAR")
    return None


def _for_duckdb(frame: pd.DataFrame, wanted: Mapping[str, tuple[str, Kind]]) -> pd.DataFrame:
    """Columns DuckDB reads exactly: categories as their values, objects only if of one kind."""
    import pandas as pd

    columns: dict[str, Any] = {}
    for role, (name, kind) in wanted.items():
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            missing = bool(column.isna().any())
            column = column.astype(object if missing else column.cat.categories.dtype)
        if kind == "label" and isinstance(column.dtype, pd.IntervalDtype | pd.PeriodDtype):
            column = column.astype(str).where(column.notna(), None)
        if kind == "time" and column.dtype != "datetime64[ns]" and column.isna().all():
            column = pd.Series(pd.NaT, index=column.index, dtype="datetime64[s]")
        if column.dtype == object:
            column = _one_kind(column, kind)
        columns[role] = column
    # not frame[names]: pandas would copy every column
    return pd.DataFrame(columns, copy=False)


def _one_kind(column: pd.Series[Any], kind: Kind) -> pd.Series[Any]:
    import pandas as pd

    inferred = pd.api.types.infer_dtype(column, skipna=True)
    if inferred in {"string", "empty", "boolean"}:
        return column.where(column.notna(), None)
    if inferred == "floating":
        return column.astype("Float64")
    if inferred == "integer" and column.dropna().abs().max() < 2**63:
        return column.astype("Int64")
    if inferred in {"interval", "period"} and kind == "label":
        return column.astype(str).where(column.notna(), None)
    if inferred in {"date", "datetime", "datetime64"} and kind in {"time", "label"}:
        return _one_clock(column)
    if inferred == "decimal":
        return column.astype("float64")
    if inferred in {"date", "datetime", "datetime64"} and kind in OF_DATES:
        raise InputError(f"column {column.name!r} holds dates: {OF_DATES[kind]}.")
    examples = {type(v).__name__: v for v in column.dropna().head(10_000)}
    shown = ", ".join(f"{name} such as {value!r:.40}" for name, value in sorted(examples.items()))
    what = "mixes values of different kinds" if len(examples) > 1 else "holds values of a kind"
    raise InputError(
        f"column {column.name!r} {what} that churnlab does not read ({shown}). {_ONE_KIND[kind]}"
    )


OF_DATES: Mapping[str, str] = {
    "number": "numbers are needed here: for a duration subtract the start from the end, "
    "(end - start).dt.days in pandas",
    "flag": "it must hold 0/1 or True/False: where a date is there if and only if churn was seen, "
    "df[column].notna() gives whether it was seen",
}
_ONE_KIND: Mapping[Kind, str] = {
    "id": "Make identifiers text: read the file with dtype=str, or df[column].astype(str).",
    "label": "Make groups text: df[column].astype(str).",
    "time": "Make them timestamps by one stated rule: pd.to_datetime(df[column], format=...).",
    "number": "Make them numbers: pd.to_numeric(df[column], errors='coerce') makes words missing, once "
    "you know what they mean.",
    "amount": "Make them numbers: pd.to_numeric(df[column], errors='coerce') makes words missing, once "
    "you know what they mean.",
    "flag": "Make them True and False: df[column] == the_value_that_means_churn.",
}


def _one_clock(column: pd.Series[Any]) -> pd.Series[Any]:
    """Python dates and datetimes as seconds, which reach far enough for 9999-12-31."""
    zones = {getattr(v, "tzinfo", None) for v in column.dropna()}
    if len(zones) > 1:
        named = ", ".join(sorted(str(z) if z else "none" for z in zones))
        raise InputError(
            f"column {column.name!r} mixes times of different zones ({named}): put all on one clock "
            "first (tz_localize and tz_convert in pandas)."
        )
    unit = "datetime64[us]" if zones in (set(), {None}) else f"datetime64[us, {zones.pop()}]"
    return column.astype(unit)
