"""Paths in, DuckDB relations out. What a file is, its first bytes decide, not its name."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from churnlab.checks import InputError
from churnlab.engine.session import connection

if TYPE_CHECKING:
    import duckdb

_MAGIC = {
    b"PAR1": "parquet",
    b"ARRO": "arrow",
    b"PK\x03\x04": "xlsx",
    b"\x1f\x8b": "gzip",
    b"SQLi": "sqlite",
}


def is_path(data: object) -> bool:
    """True for a path, a pattern, or a list of paths."""
    if isinstance(data, str | os.PathLike):
        return True
    return isinstance(data, list | tuple) and bool(data) and all(map(is_path, data))


def read(data: Any) -> tuple[duckdb.DuckDBPyRelation, bool]:
    """The relation of one or more files of one kind, and whether its columns are bare text."""
    files = _existing(data)
    kinds = {kind_of(f) for f in files}
    if len(kinds) > 1:
        raise InputError(
            f"the files are of different kinds ({', '.join(sorted(kinds))}): pass one kind."
        )
    kind = kinds.pop()
    con = connection()
    # a path that exists is never a pattern: its own *, ? and [ are escaped
    names: Any = [glob.escape(str(f)) for f in files]
    if kind == "parquet":
        return con.read_parquet(names, hive_partitioning=_is_hive(files)), False
    if kind == "json":  # read twice: first its names, then every value as the text it is
        columns = dict.fromkeys(con.read_json(names).columns, "VARCHAR")
        return con.read_json(names, columns=columns), True
    if len(names) > 1:
        _refuse_other_columns(con, files)
    return con.read_csv(
        names, header=True, all_varchar=True, sample_size=2048, union_by_name=True
    ), True


def _refuse_other_columns(con: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> None:
    """Files of one table have the same columns, in any order."""
    headers = {
        f: set(con.read_csv(glob.escape(str(f)), header=True, all_varchar=True).columns)
        for f in files
    }
    first = headers[files[0]]
    for file, header in headers.items():
        if header != first:
            odd = ", ".join(sorted(repr(n) for n in header ^ first))
            raise InputError(f"{str(file)!r} and {str(files[0])!r} differ in the columns {odd}.")


def _existing(data: Any) -> list[Path]:
    parts = data if isinstance(data, list | tuple) else [data]
    found: list[Path] = []
    for part in parts:
        path = Path(os.fspath(part))
        if path.is_dir():
            found += sorted(f for f in path.rglob("*") if f.is_file() and _is_data(f))
        elif path.exists():
            found.append(path)
        else:
            found += [
                f for f in sorted(map(Path, glob.glob(str(path), recursive=True))) if f.is_file()
            ]
    if not found:
        shown = ", ".join(repr(os.fspath(p)) for p in parts[:3])
        raise InputError(
            f"no file found at {shown} (looked in {os.getcwd()!r} for relative paths)."
        )
    return found


def _is_data(file: Path) -> bool:
    return not file.name.startswith((".", "_"))


def _is_hive(files: Sequence[Path]) -> bool:
    return any("=" in part for part in files[0].parts[:-1])


def kind_of(file: Path) -> str:
    """parquet, csv or json by the first bytes of the file; other kinds are refused by name."""
    with file.open("rb") as stream:
        head = stream.read(512)
    kind = next((k for magic, k in _MAGIC.items() if head.startswith(magic)), "text")
    if kind == "arrow":
        raise InputError(
            f"{str(file)!r} is an Arrow file: read it with pyarrow and pass the table."
        )
    if kind in {"xlsx", "sqlite"}:
        raise InputError(
            f"{str(file)!r} is a {'spreadsheet or zip archive' if kind == 'xlsx' else 'SQLite file'}"
            ": read it with pandas (dtype=str for the customer column) and pass the frame."
        )
    if kind == "parquet":
        return kind
    if kind == "gzip":
        return "json" if ".json" in file.name.lower() else "csv"
    if not head.strip(b"\xef\xbb\xbf \r\n\t"):
        raise InputError(f"{str(file)!r} is empty.")
    if b"\x00" in head or head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(
            f"{str(file)!r} is not UTF-8 text (UTF-16, or a binary format): read it with pandas, "
            "naming its encoding, and pass the frame."
        )
    return "json" if head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"[") else "csv"
