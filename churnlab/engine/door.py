"""``scan``: any table in, one lazy frame out, its columns under the names of their roles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import narwhals.stable.v2 as nw

from churnlab.checks import (
    OWN_NAMES,
    EngineError,
    IfPresent,
    InputError,
    look_alikes,
    require_columns,
)
from churnlab.checks.messages import brief, is_many
from churnlab.engine import delimited, tables, text, workbook
from churnlab.engine.given import File, is_path
from churnlab.engine.tables import Kind
from churnlab.engine.zones import localize, resolve_zone

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Role:
    """A column wanted from the table: under which name, and what it must hold."""

    column: str
    kind: Kind


@dataclass(frozen=True)
class Frame:
    """A table at the door: lazy, its columns named by role.

    ``arrays`` holds the columns that are in memory as plain numbers, for the numpy lane, which
    never opens ``lazy``; ``tz`` is the zone whose wall clock the times are on; ``home`` the kind
    of table it came from.
    """

    roles: Mapping[str, Role]
    schema: Mapping[str, nw.dtypes.DType]
    arrays: Mapping[str, np.ndarray[Any, Any]]
    tz: str | None
    home: str
    _enter: Callable[[], nw.LazyFrame[Any]] = field(repr=False)

    @cached_property
    def lazy(self) -> nw.LazyFrame[Any]:
        """The frame in the engine that counts it."""
        return self._enter()

    def has(self, role: str) -> bool:
        return role in self.roles

    def then(self, step: Callable[[nw.LazyFrame[Any]], nw.LazyFrame[Any]]) -> Frame:
        """The frame after a lazy step; what was in memory no longer describes it."""
        return Frame(self.roles, self.schema, {}, self.tz, self.home, lambda: step(self.lazy))

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
        churnlab's, or a File: paths of Parquet, CSV, Excel or JSON files (a pattern or folder
        too), and what must be told about them.
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
    try:
        return _scan(data, wanted, tz)
    except (InputError, EngineError):
        raise
    except Exception as error:  # another library's exception never reaches the user
        raise _explained(error) from error


def column_names(data: Any) -> list[str]:
    """The names of the columns of any table or file."""
    try:
        return tables.column_names(tables.identify(data)[0])
    except (InputError, EngineError):
        raise
    except Exception as error:
        raise _explained(error) from error


def typed(data: Any, kinds: Mapping[str, str]) -> Any:
    """A file of text with these columns read by the rules of their kinds; other tables pass.

    For those who count from a file many times: it is read as text only once.
    """
    if not isinstance(data, File) and not is_path(data):
        return data
    try:
        table, home, told = tables.identify(data)
        if told is None:
            return data
        require_columns(list(kinds), tables.column_names(table))
        return _parsed(table, home, kinds, told)[0]
    except (InputError, EngineError):
        raise
    except Exception as error:
        raise _explained(error) from error


def _explained(error: Exception) -> InputError | EngineError:
    told = delimited.explained(error)
    if told is not None:
        return told
    words = str(error).strip() or type(error).__name__
    return EngineError(f"the table cannot be opened: {words.splitlines()[0]}")


def _scan(data: Any, wanted: Mapping[str, tuple[str | None, str]], tz: str | None) -> Frame:
    table, home, told = tables.identify(data)
    have = tables.column_names(table)
    roles = {
        role: Role(str(name), cast(Kind, kind))
        for role, (name, kind) in wanted.items()
        if name is not None and (not isinstance(name, IfPresent) or name in have)
    }
    for role in sorted(role for role in _MUST & set(wanted) if wanted[role][0] is None):
        raise InputError(f"{role}=None: name the column, this role must be played.")
    _refuse_values(wanted)
    _refuse_look_alikes(wanted, have)
    tables.explain_index(table, home, [role.column for role in roles.values()], have)
    require_columns([r.column for r in roles.values()], have, remedy=_remedy(roles, have))
    kinds = _kind_of_columns(roles.values())
    if told is not None:  # after the columns are known to be there
        table, home = _parsed(table, home, kinds, told)
    held = tables.hold(table, home, list(kinds))
    if roles and all(r.column in held.arrays for r in roles.values()):
        schema = {role: held.dtypes[r.column] for role, r in roles.items()}
        _check_kinds(roles, schema)
        arrays = {role: held.arrays[r.column] for role, r in roles.items()}
        return Frame(
            roles, schema, arrays, None, home, lambda: _nan_to_null(_named(table, home, roles))
        )
    lazy = _plain_text(_named(table, home, roles), roles)
    schema = dict(lazy.collect_schema())
    _refuse_text_for_numbers(lazy, roles, schema)
    _check_kinds(roles, schema)
    lazy, resolved = _on_one_clock(lazy, roles, schema, held.zones, tz)
    lazy = _nan_to_null(_microseconds(lazy, roles, schema))
    return Frame(roles, schema, {}, resolved, home, lambda: lazy)


def _kind_of_columns(roles: Iterable[Role]) -> dict[str, Kind]:
    """What each column must hold; a column that is a group too is read as what it must be."""
    kinds: dict[str, Kind] = {}
    for role in roles:
        if kinds.get(role.column, "label") == "label":
            kinds[role.column] = role.kind
    return kinds


def _parsed(table: Any, home: str, kinds: Mapping[str, str], told: File) -> tuple[Any, str]:
    """A table of text, or of the cells of a workbook, with its columns read by their rules."""
    if home != "pandas":
        return text.parse(table, kinds, told), home
    frame, texts = workbook.typed(table, kinds)
    columns = {name: (name, cast(Kind, kind)) for name, kind in kinds.items()}
    return text.parse(tables.in_duckdb(frame, home, columns), kinds, told, texts), "duckdb"


_MUST = {"customer", "time", "start", "duration", "event"}


def _refuse_values(wanted: Mapping[str, tuple[str | None, str]]) -> None:
    """Say so where a column itself stands where its name is wanted."""
    for role, (name, _) in wanted.items():
        given: Any = name
        if is_many(given):
            raise InputError(
                f"{role}={brief(given)} is no name: {role}= takes the name of a column, not its "
                "values. Put the values in the table and name their column."
            )


def _remedy(roles: Mapping[str, Role], have: Sequence[str]) -> str:
    """What to do where columns are not there."""
    missing = [role for role, r in roles.items() if r.column not in have]
    if "event" in missing and "duration" in roles and {"estimate", "conf_low"} <= set(have):
        return "This table is a result: pass the spells it was made from."
    if len(missing) > 1 and all(re.fullmatch(r"(by|strata)\d+", role) for role in missing):
        argument = missing[0].rstrip("0123456789")
        return f"If these are values: {argument}= takes the name of a column, not its values."
    example = next((role for role in missing if role in _MUST), None)
    return f"{OWN_NAMES[:-1]}, e.g. {example}='my_column'." if example else OWN_NAMES


def _refuse_look_alikes(wanted: Mapping[str, tuple[str | None, str]], have: Sequence[str]) -> None:
    """A default column that is not there is no error, unless it is there by another spelling."""
    for role, (name, _) in wanted.items():
        if isinstance(name, IfPresent) and name not in have and look_alikes(name, have):
            near = look_alikes(name, have)[0]
            raise InputError(
                f"the table has no column {str(name)!r} but has {near!r}: say {role}={near!r} to "
                f"use it, or {role}=None to leave it."
            )


def _named(table: Any, home: str, roles: Mapping[str, Role]) -> nw.LazyFrame[Any]:
    """The columns under the names of their roles, in the engine that counts them."""
    columns = {role: (r.column, r.kind) for role, r in roles.items()}
    if home in tables.IN_DUCKDB:
        relation: nw.LazyFrame[Any] = nw.from_native(tables.in_duckdb(table, home, columns))
        return relation
    frame = nw.from_native(table)
    lazy = frame.lazy() if isinstance(frame, nw.DataFrame) else frame
    return lazy.select(*[nw.col(column).alias(role) for role, (column, _) in columns.items()])


def _plain_text(lazy: nw.LazyFrame[Any], roles: Mapping[str, Role]) -> nw.LazyFrame[Any]:
    """Categories as their text, and blank groups and flags as missing (ids: ``spells.rows``)."""
    schema = lazy.collect_schema()
    kinds = (nw.Categorical, nw.Enum)
    texts = {r: nw.col(r).cast(nw.String) for r in roles if schema[r] in kinds}
    for role, r in roles.items():
        if r.kind in {"label", "flag"} and (role in texts or schema[role] == nw.String):
            column = texts.get(role, nw.col(role))
            texts[role] = nw.when(~is_blank(column)).then(column)
    return lazy.with_columns(**texts) if texts else lazy


def is_blank(text: nw.Expr) -> nw.Expr:
    """True where text is missing, empty or blank, whatever the engine takes for a blank."""
    # most text begins with a plain letter or digit, and a comparison is far quicker than a pattern
    plain = (text >= "!") & (text < "\x7f")
    return nw.when(plain).then(nw.lit(False)).otherwise(~text.fill_null("").str.contains(_INK))


# anything but a blank, two of which are the hard space and the blank of Chinese text
_INK = "[^ \t\r\n\u00a0\u3000]"
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


_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+")
_LOOKED_AT = 10_000  # different values of a text column that are tried as numbers


def _refuse_text_for_numbers(
    lazy: nw.LazyFrame[Any], roles: Mapping[str, Role], schema: Mapping[str, nw.dtypes.DType]
) -> None:
    """Text where numbers belong: say which values are none, for these must be decided on."""
    for name, role in roles.items():
        if role.kind not in {"number", "amount"} or schema[name] != nw.String:
            continue
        values = lazy.select(name).unique().head(_LOOKED_AT).collect(backend="pandas")
        texts = [str(v) for v in values.to_native()[name].dropna() if str(v).strip()]
        odd = sorted(text for text in texts if not _reads_as_number(text))
        if odd and all(_DECIMAL_COMMA.fullmatch(text.strip()) for text in odd):
            raise InputError(
                f"column {role.column!r} holds text, numbers with a decimal comma (for example "
                f"{odd[0]!r}): read the file with pandas (decimal=','), or convert the column with "
                f"pd.to_numeric(df[{role.column!r}].str.replace(',', '.'))."
            )
        if odd:
            raise InputError(
                f"column {role.column!r} holds text, and {len(odd):,} of its different values "
                f"cannot be read as numbers (for example {odd[0]!r}). Decide what they mean: make "
                "'no answer' missing and write the others plainly (7.5), then convert the column "
                "with pd.to_numeric."
            )
        raise InputError(
            f"column {role.column!r} holds numbers written as text (for example "
            f"{(texts or [''])[0]!r}): convert it with pd.to_numeric(df[{role.column!r}])."
        )


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _check_kinds(roles: Mapping[str, Role], schema: Mapping[str, nw.dtypes.DType]) -> None:
    for name, role in roles.items():
        _check_kind(role, schema[name])


def _check_kind(role: Role, dtype: nw.dtypes.DType) -> None:
    wide = dtype.is_numeric() or dtype == nw.Boolean
    texts = dtype in (nw.String, nw.Categorical, nw.Enum)
    times = isinstance(dtype, nw.Datetime) or dtype == nw.Date
    if role.kind == "label" and getattr(dtype, "time_zone", None):
        raise InputError(
            f"column {role.column!r} holds moments with a zone, whose day depends on the zone: "
            "make groups of dates, e.g. df[column].dt.date, or of text."
        )
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
        wrong = tables.OF_DATES.get(role.kind, _WRONG[role.kind]) if times else _WRONG[role.kind]
        raise InputError(f"column {role.column!r} holds {dtype}: {wrong}.")


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


def _microseconds(
    lazy: nw.LazyFrame[Any], roles: Mapping[str, Role], schema: Mapping[str, nw.dtypes.DType]
) -> nw.LazyFrame[Any]:
    """Timestamps of one unit: engines raise the coarser one where two meet, and it may overflow.

    A column without any value has no type in some engines: it gets the one that is wanted.
    """
    empty = {"time": nw.Datetime("us"), "number": nw.Float64(), "amount": nw.Float64()}
    casts: dict[str, nw.dtypes.DType] = {}
    for role, r in roles.items():
        if schema[role] == nw.Unknown and r.kind in empty:
            casts[role] = empty[r.kind]
        elif r.kind == "time" and getattr(schema[role], "time_unit", "us") != "us":
            casts[role] = nw.Datetime("us")
    changed = [nw.col(role).cast(dtype) for role, dtype in casts.items()]
    return lazy.with_columns(*changed) if changed else lazy


def _nan_to_null(lazy: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    floats = [name for name, dtype in lazy.collect_schema().items() if dtype.is_float()]
    return lazy.with_columns(*[nw.col(n).fill_nan(None) for n in floats]) if floats else lazy
