"""Columns of bare text (CSV, JSON): one stated parsing rule per column, and no guessing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from churnlab.checks import InputError, reject
from churnlab.engine import decimals, styles
from churnlab.engine.given import File
from churnlab.engine.sqltext import quote

if TYPE_CHECKING:
    import duckdb

__all__ = ["parse", "quote"]

_ISO_DAY = r"(?:[1-9]\d{3}|0[1-9]\d\d|00[1-9]\d|000[1-9])-\d{2}-\d{2}"  # no year 0
_ISO_CLOCK = r"([ T]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?)?"
_ISO_ZONE = r"\s?(Z|[+-]\d{2}(:?\d{2})?)"
_BLANKS = " \t\r\n\u00a0\u202f\u3000"  # around a value, they are not part of it


@dataclass(frozen=True)
class _Column:
    """A column to be parsed, its values without blanks around, and the SQL of what each is."""

    name: str
    role: str
    bare: str
    kind: str
    plain: str


def parse(
    relation: duckdb.DuckDBPyRelation,
    kinds: Mapping[str, str],
    told: File,
    text: Collection[str] | None = None,
) -> duckdb.DuckDBPyRelation:
    """The relation with its text columns parsed by the rule of their kind.

    Identifiers, labels and flags stay text from the first byte, blanks become missing. A value
    that its rule cannot read is refused with its row count, never dropped. ``text`` names the
    columns that are text, where not all are.
    """
    text = kinds if text is None else text
    parsed = [
        _column(name, kind, told)
        for name, kind in kinds.items()
        if name in text and kind in {"time", "number", "amount"}
    ]
    rules = _rules(relation, parsed, told) if parsed else {}
    columns = []
    for name, kind in kinds.items():
        column = quote(name)
        if name in rules:
            columns.append(f"{rules[name]} AS {column}")
        elif name in text and kind in {"label", "flag"}:
            columns.append(f"nullif(trim({column}), '') AS {column}")
        elif name in text:
            columns.append(f"nullif({column}, '') AS {column}")
        else:
            columns.append(column)
    return relation.project(", ".join(columns))


def _column(name: str, kind: str, told: File, blanks: str = " ") -> _Column:
    bare = f"nullif(trim({quote(name)}, '{blanks}'), '')"
    if blanks == " ":  # DuckDB is much quicker without the second argument
        bare = f"nullif(trim({quote(name)}), '')"
    if kind == "time":
        return _Column(name, kind, bare, _iso(bare), bare)
    return _Column(name, kind, bare, *decimals.rule(bare, told.decimal))


def _iso(bare: str) -> str:
    """1 is a time without a zone, 2 one with its zone, 0 neither."""
    unzoned, zoned = f"{_ISO_DAY}{_ISO_CLOCK}", f"{_ISO_DAY}{_ISO_CLOCK}{_ISO_ZONE}"
    return (
        f"CASE WHEN {bare} IS NULL THEN NULL "
        f"WHEN regexp_full_match({bare}, '{unzoned}') AND try_cast({bare} AS TIMESTAMP) IS NOT NULL "
        f"THEN 1 WHEN regexp_full_match({bare}, '{zoned}') AND "
        f"try_cast({bare} AS TIMESTAMPTZ) IS NOT NULL THEN 2 ELSE 0 END"
    )


def _rules(relation: duckdb.DuckDBPyRelation, columns: list[_Column], told: File) -> dict[str, str]:
    """Of each column the SQL that reads all its values; one pass finds it where they are plain."""
    rules = {}
    for column, n in zip(columns, _counts(relation, columns), strict=True):
        if n[0]:  # not read: perhaps blanks of other kinds stand around the values
            column = _column(column.name, column.role, told, _BLANKS)
            n = _counts(relation, [column])[0]
        read = _time if column.role == "time" else _number
        rules[column.name] = read(relation, column, n, told)
    return rules


def _counts(
    relation: duckdb.DuckDBPyRelation, columns: Sequence[_Column]
) -> list[tuple[int, int, int, int]]:
    """Of each column the number of values of kinds 0 to 3, in one pass for all."""
    kinds = ", ".join(f"CAST({c.kind} AS TINYINT) AS k{i}" for i, c in enumerate(columns))
    seen = ", ".join(
        f"count(*) FILTER (k{i} = {k})" for i in range(len(columns)) for k in (0, 1, 2, 3)
    )
    found = relation.project(kinds).aggregate(seen).fetchall()[0]
    return [found[i : i + 4] for i in range(0, len(found), 4)]


def _time(
    relation: duckdb.DuckDBPyRelation, column: _Column, n: tuple[int, int, int, int], told: File
) -> str:
    unread, unzoned, zoned, _ = n
    if unread:
        style = styles.settle(relation, column.name, column.bare, told.dayfirst)
        if style:
            return style
        example = relation.filter(f"{column.kind} = 0").aggregate(f"min({column.bare})")
        raise reject(
            "cannot be read",
            column=column.name,
            n=unread,
            example=example.fetchall()[0][0],
            remedy=f"{styles.READ_AS}; no such day or hour exists: mend it.",
        )
    if unzoned and zoned:
        raise InputError(
            f"column {column.name!r} mixes times with a zone ({styles.n_rows(zoned)}) and without one "
            f"({styles.n_rows(unzoned)}): put all on one clock first."
        )
    return f"CAST({column.bare} AS {'TIMESTAMPTZ' if zoned else 'TIMESTAMP'})"


def _number(
    relation: duckdb.DuckDBPyRelation, column: _Column, n: tuple[int, int, int, int], told: File
) -> str:
    unread, _, fractions, doubtful = n
    if unread:
        raise decimals.refuse_unread(relation, column.name, column.bare, column.kind, told.decimal)
    if doubtful and not fractions:
        decimals.refuse_doubtful(relation, column.name, column.bare, doubtful)
    return f"CAST({column.plain} AS {'DOUBLE' if fractions or doubtful else 'BIGINT'})"
