"""Paths in, tables out. What a file is, its first bytes decide, not its name."""

from __future__ import annotations

import glob
import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from churnlab.checks import InputError
from churnlab.engine import delimited, encodings, workbook
from churnlab.engine.given import File, is_path
from churnlab.engine.session import connection

__all__ = ["File", "is_path", "kind_of", "read"]

_MAGIC = {
    b"PAR1": "parquet",
    b"ARROW1": "arrow",
    b"\xff\xff\xff\xff": "arrow",  # a stream of Arrow messages
    b"PK\x03\x04": "zip",
    b"FEA1": "old feather",
    b"\xd0\xcf\x11\xe0": "xls",
    b"SQLite format 3": "sqlite",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"%PDF": "pdf",
    b"\x80\x02": "pickle",
    b"\x80\x03": "pickle",
    b"\x80\x04": "pickle",
    b"\x80\x05": "pickle",
}
_PAGES = (b"<html", b"<table", b"<!doctype", b"<?xml", b"<head", b"<meta", b"<style")
_REFUSED: Mapping[str, str] = {
    "old feather": "a Feather file of the first version: write it again as Parquet",
    "xls": "an old Excel workbook (.xls), or one with a password: save it as .xlsx without one",
    "xlsb": "a binary Excel workbook (.xlsb): save it as .xlsx",
    "ods": "an OpenDocument spreadsheet: save it as .xlsx or CSV",
    "zip": "a spreadsheet or zip archive without a workbook in it: unpack it and pass the file inside",
    "sqlite": "an SQLite database: export the table as CSV, or read it with pandas and pass the frame",
    "bz2": "packed with bzip2: unpack it first (gzip is read as it is)",
    "xz": "packed with xz: unpack it first (gzip is read as it is)",
    "zstd": "packed with zstd: unpack it first (gzip is read as it is)",
    "pdf": "a PDF: export the table as CSV",
    "pickle": "a pickle, which may run code when it is opened: write it as Parquet or CSV",
    "page": "a web page or XML, whatever its name says: open it and save it as .xlsx or CSV",
}
_OPTIONS: Mapping[str, set[str]] = {
    "parquet": set(),
    "arrow": set(),
    "json": {"encoding", "decimal", "dayfirst"},
    "csv": {"encoding", "sep", "decimal", "dayfirst", "names"},
    "xlsx": {"decimal", "dayfirst", "names", "sheet"},
}
_CALLED = {"parquet": "Parquet", "arrow": "an Arrow file", "json": "JSON", "csv": "a text file"}


def read(data: Any) -> tuple[Any, str, File | None]:
    """The table of one or more files of one kind, its home, and how to read its text, if it is text."""
    told = data if isinstance(data, File) else File(data)
    files = _existing(told.path)
    kinds = {kind_of(f, told) for f in files}
    if len(kinds) > 1:
        raise InputError(
            f"the files are of different kinds ({', '.join(sorted(kinds))}): pass one kind."
        )
    kind = kinds.pop()
    _refuse_options(told, kind, files)
    if kind == "parquet":
        names = [glob.escape(str(f)) for f in files]
        return connection().read_parquet(names, hive_partitioning=_is_hive(files)), "duckdb", None
    if kind == "arrow":
        return _arrow(files), "pyarrow", None
    if kind == "xlsx":
        return workbook.read(files, told), "pandas", told
    texts = [encodings.readable(f, told.encoding) for f in files]
    if kind == "csv":
        return delimited.read(texts, told), "duckdb", told
    return _json(texts), "duckdb", told


def _refuse_options(told: File, kind: str, files: Sequence[Path]) -> None:
    for option in sorted(told.told() - _OPTIONS[kind]):
        what = _CALLED.get(kind, "a workbook")
        raise InputError(
            f"{str(files[0])!r} is {what}, for which {option}= says nothing: leave it out."
        )


def _json(texts: Sequence[encodings.Text]) -> Any:
    """Read twice: first the names, then every value as the text it is."""
    names: Any = [glob.escape(str(t.path)) for t in texts]  # a path that exists is no pattern
    if len({t.is_gzip for t in texts}) > 1:
        raise InputError("some of the JSON files are packed with gzip: unpack them, or pack all.")
    packed: Any = "gzip" if texts[0].is_gzip else "uncompressed"
    con = connection()
    columns = dict.fromkeys(con.read_json(names, compression=packed).columns, "VARCHAR")
    return con.read_json(names, columns=columns, compression=packed)


def _arrow(files: Sequence[Path]) -> Any:
    try:
        import pyarrow as pa
    except ImportError:
        raise InputError(
            f"{str(files[0])!r} is an Arrow file, which pyarrow reads: "
            "pip install 'churnlab[arrow]'."
        ) from None
    tables = []
    for file in files:
        is_stream = encodings.head(file).startswith(b"\xff\xff\xff\xff")
        source = pa.memory_map(str(file))
        try:
            opened = (pa.ipc.open_stream if is_stream else pa.ipc.open_file)(source)
            tables.append(opened.read_all())
        except pa.ArrowInvalid as error:
            raise InputError(
                f"{str(file)!r} begins as an Arrow file but is broken: {error}."
            ) from error
    delimited.refuse_other_columns(files, [t.column_names for t in tables])
    first = tables[0].column_names
    return pa.concat_tables([t.select(first) for t in tables]) if len(tables) > 1 else tables[0]


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
    return not file.name.startswith((".", "_", "~$"))


def _is_hive(files: Sequence[Path]) -> bool:
    return any("=" in part for part in files[0].parts[:-1])


def kind_of(file: Path, told: File | None = None) -> str:
    """parquet, arrow, xlsx, csv or json by the file's first bytes; others are refused by name."""
    try:
        head = encodings.head(file)
    except PermissionError:
        raise InputError(f"{str(file)!r} may not be read: its permissions forbid it.") from None
    kind = next((k for magic, k in _MAGIC.items() if head.startswith(magic)), "text")
    if kind == "zip":
        kind = _kind_of_zip(file)
    plain = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if kind == "text" and plain.startswith(_PAGES):
        kind = "page"
    if kind in _REFUSED:
        raise InputError(f"{str(file)!r} is {_REFUSED[kind]}.")
    if kind != "text":
        if encodings.is_gzip(file):
            raise InputError(f"{str(file)!r} is gzip with {kind} inside: unpack it first.")
        return kind
    bare = head.replace(b"\x00", b"").strip(b"\xef\xbb\xbf\xff\xfe \r\n\t")
    if not bare:
        raise InputError(f"{str(file)!r} is empty.")
    is_table = told is not None and bool(told.told() & {"sep", "names"})
    return "json" if bare[:1] in (b"{", b"[") and not is_table else "csv"


def _kind_of_zip(file: Path) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            inside = set(archive.namelist())
            if "xl/workbook.xml" in inside:
                return "xlsx"
            if "xl/workbook.bin" in inside:
                return "xlsb"
            if "mimetype" in inside and b"opendocument" in archive.read("mimetype"):
                return "ods"
    except zipfile.BadZipFile:
        pass
    return "zip"
