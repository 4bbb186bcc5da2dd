"""Zoned instants to one wall clock; the zone is stated, never the machine's or the session's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw

from churnlab.checks import InputError


def resolve_zone(
    times: Mapping[str, str], zoned: Mapping[str, str], zones: Mapping[str, str], tz: str | None
) -> str | None:
    """The zone to read times in: ``tz``, else the column's own, else an error; None if unzoned.

    ``times`` and ``zoned`` map roles to column names; ``zones`` holds the zones that the table
    itself states for a column (a session's setting is not a statement).
    """
    plain = [column for role, column in times.items() if role not in zoned]
    if zoned and plain:
        raise InputError(
            f"column {min(zoned.values())!r} has a time zone and column {min(plain)!r} has none: "
            "put both on one clock first (tz_localize or tz_convert in pandas)."
        )
    if not zoned:
        if tz is not None and plain:
            raise InputError(
                f"tz={tz!r} was asked for, but column {min(plain)!r} holds times without a zone, "
                "which are read as they stand: leave tz out, or give the column its zone first."
            )
        return None
    if tz is not None:
        return tz
    stated = {zones[column] for column in zoned.values() if column in zones}
    if len(stated) == 1 and all(column in zones for column in zoned.values()):
        return stated.pop()
    seen = f"several zones ({', '.join(sorted(stated))})" if len(stated) > 1 else "no stated zone"
    raise InputError(
        f"column {min(zoned.values())!r} holds instants with {seen}: say on which wall clock days "
        "begin, e.g. period=cl.Period('month', tz='Europe/Berlin')."
    )


def localize(lazy: nw.LazyFrame[Any], column: str, tz: str) -> Any:
    """Zoned instants of ``column`` as unzoned wall-clock times of ``tz``."""
    native, engine = nw.to_native(lazy), lazy.implementation
    if engine.is_duckdb():
        import duckdb

        wall = duckdb.FunctionExpression(
            "timezone", duckdb.ConstantExpression(tz), duckdb.ColumnExpression(column)
        ).alias(column)
        columns = [wall if c == column else duckdb.ColumnExpression(c) for c in native.columns]
        return nw.from_native(native.select(*columns))
    if engine.is_spark_like():
        from pyspark.sql import functions as F

        local = F.convert_timezone(None, F.lit(tz), F.col(column).cast("timestamp_ntz"))
        return nw.from_native(native.withColumn(column, local))
    if engine.is_ibis():
        return _localize_ibis(native, column, tz)
    return lazy.with_columns(nw.col(column).dt.convert_time_zone(tz).dt.replace_time_zone(None))


def _localize_ibis(native: Any, column: str, tz: str) -> Any:
    import ibis

    backend = native.get_backend().name
    if backend not in {"duckdb", "postgres"}:
        raise InputError(
            f"churnlab cannot move {column!r} to the wall clock of {tz!r} on {backend}: convert it "
            "in the query, to a timestamp without zone."
        )

    @ibis.udf.scalar.builtin(  # type: ignore[untyped-decorator]
        name="timezone", signature=(("string", "timestamp('UTC')"), "timestamp")
    )
    def timezone(zone: str, moment: Any) -> Any: ...

    return nw.from_native(native.mutate(**{column: timezone(tz, native[column])}))
