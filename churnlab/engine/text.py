"""Columns of bare text (CSV, JSON): one stated parsing rule per column, and no guessing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from churnlab.checks import InputError, reject

if TYPE_CHECKING:
    import duckdb

_ISO_DAY = r"\d{4}-\d{2}-\d{2}"
_ISO_CLOCK = r"([ T]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?)?"
_ISO_ZONE = r"\s?(Z|[+-]\d{2}(:?\d{2})?)"
_NUMBER = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"
_WHOLE = r"[+-]?\d{1,18}"

_REMEDY = {
    "time": "In a file, times are read as 2026-03-15 or 2026-03-15 14:30:00 (ISO 8601): read other "
    "styles with pandas, pd.to_datetime(column, format=...), and pass the frame.",
    "number": "In a file, numbers are read with a decimal point and no thousands separator: read "
    "other styles with pandas (decimal=',') and pass the frame.",
}


def quote(name: str) -> str:
    """An SQL identifier, whatever the name holds."""
    return '"' + name.replace('"', '""') + '"'


def refuse_ragged(names: Sequence[str]) -> None:
    """A header of several fields that came out as one: the rows below it do not match it."""
    if len(names) == 1 and any(mark in names[0] for mark in ",;\t|"):
        raise InputError(
            f"the rows of the file do not have the fields of its header ({names[0]!r}): some have "
            "more or fewer. Mend the file, or read it with pandas and pass the frame."
        )


def parse(relation: duckdb.DuckDBPyRelation, kinds: Mapping[str, str]) -> duckdb.DuckDBPyRelation:
    """The relation with its text columns parsed by the rule of their kind.

    Identifiers, labels and flags stay text from the first byte, blanks become missing. A value
    that its rule cannot read is refused with its row count, never dropped.
    """
    columns = []
    for name, kind in kinds.items():
        column = quote(name)
        bare = f"nullif(trim({column}), '')"
        if kind in {"time", "number", "amount"}:
            rule = "time" if kind == "time" else "number"
            target = _target(relation, name, bare, rule)
            columns.append(f"CAST({bare} AS {target}) AS {column}")
        elif kind in {"label", "flag"}:
            columns.append(f"{bare} AS {column}")
        else:
            columns.append(column)
    return relation.project(", ".join(columns))


def _target(relation: duckdb.DuckDBPyRelation, name: str, bare: str, rule: str) -> str:
    """The SQL type that every value of the column fits, found in one pass."""
    if rule == "time":
        unzoned, zoned = f"{_ISO_DAY}{_ISO_CLOCK}", f"{_ISO_DAY}{_ISO_CLOCK}{_ISO_ZONE}"
        first = (
            f"regexp_full_match({bare}, '{unzoned}') AND try_cast({bare} AS TIMESTAMP) IS NOT NULL"
        )
        second = (
            f"regexp_full_match({bare}, '{zoned}') AND try_cast({bare} AS TIMESTAMPTZ) IS NOT NULL"
        )
        types = ("TIMESTAMP", "TIMESTAMPTZ")
    else:
        first = f"regexp_full_match({bare}, '{_WHOLE}')"
        second = f"regexp_full_match({bare}, '{_NUMBER}')"
        types = ("BIGINT", "DOUBLE")
    found = _summary(relation, bare, first, second)
    filled, n_first, n_second, example = found
    if example is not None:
        seen = n_first + n_second if rule == "time" else n_second
        raise reject(
            "cannot be read", column=name, n=filled - seen, example=example, remedy=_REMEDY[rule]
        )
    if rule == "time" and n_first and n_second:
        raise InputError(
            f"column {name!r} mixes times with a zone ({n_second:,} rows) and without one "
            f"({n_first:,} rows): put all on one clock first."
        )
    return types[0] if n_first == filled else types[1]


def _summary(relation: duckdb.DuckDBPyRelation, bare: str, first: str, second: str) -> Any:
    """Values that are filled, fit the first type, fit the second, and one that fits neither."""
    return relation.aggregate(
        f"count({bare}), count(*) FILTER ({first}), count(*) FILTER ({second}), "
        f"any_value({bare}) FILTER (NOT (({first}) OR ({second})))"
    ).fetchall()[0]
