"""``scan``: any table in, one lazy frame out, its columns under the names of their roles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, cast

import narwhals.stable.v2 as nw

from churnlab.checks import IfPresent, InputError, Table, require_columns
from churnlab.engine import files, text
from churnlab.engine.session import connection
from churnlab.engine.zones import localize, resolve_zone

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Kind = Literal["id", "label", "time", "number", "flag", "amount"]

_ELSEWHERE = {
    "dask": "Dask: write Parquet (frame.to_parquet(...)) and pass the path",
    "modin": "Modin: write Parquet (frame.to_parquet(...)) and pass the path",
    "numpy": "a bare array: put it in a pandas DataFrame with named columns",
}


@dataclass(frozen=True)
class Role:
    """A column wanted from the table: under which name, and what it must hold."""

    column: str
    kind: Kind


@dataclass(frozen=True)
class Frame:
    """A table at the door: lazy, its columns named by role.

    ``arrays`` holds the columns that are in memory as plain numbers, for the numpy lane;
    ``tz`` the zone whose wall clock the times are on; ``home`` the kind of table it came from.
    """

    lazy: nw.LazyFrame[Any]
    roles: Mapping[str, Role]
    schema: Mapping[str, nw.dtypes.DType]
    arrays: Mapping[str, np.ndarray[Any, Any]]
    tz: str | None
    home: str

    def has(self, role: str) -> bool:
        return role in self.roles

    def then(self, step: Callable[[nw.LazyFrame[Any]], nw.LazyFrame[Any]]) -> Frame:
        """The frame after a lazy step; what was in memory no longer describes it."""
        return replace(self, lazy=step(self.lazy), arrays={})

    def column(self, role: str) -> str:
        """The user's own name of a role's column, for messages."""
        return self.roles[role].column

    def is_date(self, role: str) -> bool:
        return self.schema[role] == nw.Date


def scan(
    data: Any,
    wanted: Mapping[str, tuple[str | None, str]],
    *,
    tz: str | None = None,
) -> Frame:
    """Open any table and keep only the columns that are wanted, under the names of their roles.

    Parameters
    ----------
    data
        A pandas, polars or Arrow table, a DuckDB relation, a Spark or Ibis table, a Table of
        churnlab's, or paths of Parquet, CSV or JSON files (a pattern or folder too).
    wanted : mapping
        role -> (column name, kind). A name of None means the role is not played; an
        ``IfPresent`` name is dropped when the table has no such column.
    tz : str, optional
        The zone on whose wall clock zoned times are read.

    Returns
    -------
    Frame

    Raises
    ------
    InputError
        For a missing column, a column of the wrong kind, or times whose zone is unclear.
    """
    table, home, is_text = _open(data)
    have = _column_names(table)
    roles = {
        role: Role(str(name), cast(Kind, kind))
        for role, (name, kind) in wanted.items()
        if name is not None and (not isinstance(name, IfPresent) or name in have)
    }
    require_columns([role.column for role in roles.values()], have)
    if is_text:
        table = text.parse(table, {role.column: role.kind for role in roles.values()})
    native, zones, arrays = _enter(table, roles)
    frame = nw.from_native(native)
    lazy = frame.lazy() if isinstance(frame, nw.DataFrame) else frame
    lazy = lazy.select(*[nw.col(r.column).alias(role) for role, r in roles.items()])
    schema = dict(lazy.collect_schema())
    for role, r in roles.items():
        _check_kind(r, schema[role])
    lazy, resolved = _on_one_clock(lazy, roles, schema, zones, tz)
    lazy = _nan_to_null(lazy, schema)
    return Frame(lazy, roles, schema, arrays, resolved, home)


def _open(data: Any) -> tuple[Any, str, bool]:
    if isinstance(data, Table):
        data = data.frame
    if files.is_path(data):
        relation, is_text = files.read(data)
        return relation, "duckdb", is_text
    package = type(data).__module__.split(".")[0]
    if package in _ELSEWHERE:
        raise InputError(f"churnlab cannot read {_ELSEWHERE[package]}.")
    home = {"_duckdb": "duckdb"}.get(package, package)
    if home == "polars" and type(data).__name__ == "LazyFrame":
        home = "polars-lazy"
    if home not in {
        "pandas",
        "polars",
        "polars-lazy",
        "pyarrow",
        "duckdb",
        "pyspark",
        "ibis",
        "sqlframe",
    }:
        raise InputError(
            f"cannot read a {type(data).__name__}: pass a pandas, polars or Arrow table, a DuckDB "
            "relation, a Spark or Ibis table, or the path of a Parquet, CSV or JSON file."
        )
    return data, home, False


def _column_names(table: Any) -> list[str]:
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
    return [n for n in names if isinstance(n, str)]


def _enter(
    table: Any, roles: Mapping[str, Role]
) -> tuple[Any, dict[str, str], dict[str, np.ndarray[Any, Any]]]:
    """Hand in-memory tables to DuckDB (polars to its own lazy engine), keeping zones and arrays."""
    package = type(table).__module__.split(".")[0]
    columns = list(dict.fromkeys(role.column for role in roles.values()))
    zones: dict[str, str] = {}
    if package in {"pandas", "pyarrow"} or (
        type(table).__name__ == "DataFrame" and package == "polars"
    ):
        eager = nw.from_native(table, eager_only=True)
        zones = {n: z for n in columns if (z := getattr(eager.schema[n], "time_zone", None))}
        arrays = {
            role: a for role, r in roles.items() if (a := _plain_array(eager[r.column])) is not None
        }
        if package == "pandas":
            return connection().from_df(_for_duckdb(table, roles)), zones, arrays
        if package == "pyarrow":
            return connection().from_arrow(table.select(columns)), zones, arrays
        return table.select(columns), zones, arrays
    if package == "polars":
        schema = table.collect_schema()
        zones = {n: schema[n].time_zone for n in columns if getattr(schema[n], "time_zone", None)}
    return table, zones, {}


def _plain_array(series: nw.Series[Any]) -> np.ndarray[Any, Any] | None:
    """The column as numpy numbers without a copy where it can be; None if it is anything else."""
    kind = series.dtype
    if kind.is_float() or ((kind.is_integer() or kind == nw.Boolean) and series.null_count() == 0):
        array = series.to_numpy()
    else:
        return None
    return array if array.dtype.kind in "iubf" else None


def _for_duckdb(frame: pd.DataFrame, roles: Mapping[str, Role]) -> pd.DataFrame:
    """Columns DuckDB reads exactly: categories as their values, objects only if of one kind."""
    import pandas as pd

    columns: dict[str, Any] = {}
    for role in roles.values():
        column = frame[role.column]
        if isinstance(column.dtype, pd.CategoricalDtype):
            column = column.astype(column.cat.categories.dtype)
        if column.dtype == object:
            column = _one_kind(column, role.kind)
        columns[role.column] = column
    # not frame[names]: pandas would copy every column
    return pd.DataFrame(columns, copy=False)


def _one_kind(column: pd.Series[Any], kind: Kind) -> pd.Series[Any]:
    import pandas as pd

    inferred = pd.api.types.infer_dtype(column, skipna=True)
    if inferred in {"string", "empty", "boolean"}:
        return column.where(column.notna(), None)
    if inferred in {"integer", "floating"}:
        return column.astype("Int64" if inferred == "integer" else "Float64")
    if inferred in {"date", "datetime"} and kind == "time":
        return pd.to_datetime(column)
    if inferred == "decimal":
        return column.astype("float64")
    types = ", ".join(sorted({type(v).__name__ for v in column.dropna().head(10_000)}))
    raise InputError(
        f"column {column.name!r} mixes values of different kinds ({types or inferred}): give it one "
        "kind first, e.g. read the file with dtype=str for identifiers."
    )


_WRONG: Mapping[str, str] = {
    "id": "identifiers must be text or whole numbers (missing ids may have turned whole numbers "
    "into decimals): read the column as text (dtype=str) or convert it with .astype('Int64')",
    "time": "times must be dates or timestamps: convert them once, by one stated rule, e.g. "
    "pd.to_datetime(df[column], format='%d/%m/%Y')",
    "number": "numbers are needed here; for time spans give whole days (.dt.days), for text "
    "pd.to_numeric(df[column])",
    "amount": "amounts must be numbers: for text use pd.to_numeric(df[column])",
    "flag": "it must hold 0/1, True/False, or values one of which event_value= names",
    "label": "groups must be text, whole numbers, True/False or dates",
}


def _check_kind(role: Role, dtype: nw.dtypes.DType) -> None:
    wide = dtype.is_numeric() or dtype == nw.Boolean
    texts = dtype in (nw.String, nw.Categorical, nw.Enum)
    times = isinstance(dtype, nw.Datetime) or dtype == nw.Date
    fits = {
        "id": dtype.is_integer() or texts,
        "label": wide or texts or times,
        "time": times,
        "number": dtype.is_numeric(),
        "amount": dtype.is_numeric(),
        "flag": wide or texts,
    }[role.kind]
    # a column without a single value has no kind of its own in some engines
    if not fits and dtype not in (nw.Unknown,):
        raise InputError(f"column {role.column!r} holds {dtype}: {_WRONG[role.kind]}.")


def _on_one_clock(
    lazy: nw.LazyFrame[Any],
    roles: Mapping[str, Role],
    schema: Mapping[str, nw.dtypes.DType],
    zones: Mapping[str, str],
    tz: str | None,
) -> tuple[nw.LazyFrame[Any], str | None]:
    times = {role: r.column for role, r in roles.items() if r.kind == "time"}
    zoned = {r: c for r, c in times.items() if getattr(schema[r], "time_zone", None)}
    resolved = resolve_zone(times, zoned, zones, tz)
    if resolved:
        for role in zoned:
            lazy = localize(lazy, role, resolved)
    return lazy, resolved


def _nan_to_null(
    lazy: nw.LazyFrame[Any], schema: Mapping[str, nw.dtypes.DType]
) -> nw.LazyFrame[Any]:
    floats = [name for name, dtype in schema.items() if dtype.is_float()]
    return lazy.with_columns(*[nw.col(n).fill_nan(None) for n in floats]) if floats else lazy
