"""Text with separators: our own rule says how it is divided, and DuckDB then reads, guessing nothing."""

from __future__ import annotations

import csv
import glob
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from churnlab.checks import InputError
from churnlab.checks.messages import brief
from churnlab.engine import encodings
from churnlab.engine.encodings import Text
from churnlab.engine.given import File
from churnlab.engine.session import connection
from churnlab.engine.sqltext import literal, quote

if TYPE_CHECKING:
    import duckdb

_SEPARATORS = (",", ";", "\t", "|")
_SAID = {",": ",", ";": ";", "\t": "tab", "|": "|"}
_NEVER = "\x01never\x01"  # DuckDB forgives a row one field too many if that field is null
_ROWS = 1000  # looked at, within the sample


@dataclass(frozen=True)
class Shape:
    """How a text file is divided: files of one shape are read together."""

    names: tuple[str, ...]
    sep: str
    quote: str
    skip: int  # lines above the header, or above the first row where there is no header
    header: bool
    is_gzip: bool


@dataclass(frozen=True)
class _Rows:
    """The sampled rows as one separator divides them, and the line on which each ends."""

    rows: Sequence[tuple[int, list[str]]]

    def ragged(self) -> tuple[int, list[str]] | None:
        """The first row that has not as many fields as the header."""
        width = self.width
        return next(((line, row) for line, row in self.rows if len(row) != width), None)

    @property
    def width(self) -> int:
        return len(self.rows[0][1]) if self.rows else 0


def read(texts: Sequence[Text], told: File) -> duckdb.DuckDBPyRelation:
    """The relation of text files of the same columns, in any order; every column is text."""
    if told.sep == "space":
        texts = [_without_runs(text) for text in texts]
    shapes = {text: _shape(text, told) for text in texts}
    refuse_other_columns([t.source for t in texts], [s.names for s in shapes.values()])
    con = connection()
    together: dict[Shape, list[Text]] = {}
    for text, shape in shapes.items():
        together.setdefault(shape, []).append(text)
    first = next(iter(together)).names
    parts = [_scan(con, shape, files) for shape, files in together.items()]
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.union(part.project(", ".join(map(quote, first))))
    return whole


def _scan(
    con: duckdb.DuckDBPyConnection, shape: Shape, files: Sequence[Text]
) -> duckdb.DuckDBPyRelation:
    # a path that exists is never a pattern: its own *, ? and [ are escaped
    paths = ", ".join(literal(glob.escape(str(f.path))) for f in files)
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in shape.names)
    return con.sql(
        f"SELECT * FROM read_csv([{paths}], auto_detect = false, columns = {{{columns}}}, "
        f"delim = {literal(shape.sep)}, quote = {literal(shape.quote)}, "
        f"escape = {literal(shape.quote)}, header = {shape.header}, skip = {shape.skip}, "
        f"compression = '{'gzip' if shape.is_gzip else 'none'}', comment = '', "
        f"nullstr = {literal(_NEVER)}, strict_mode = true, null_padding = false, ignore_errors = false)"
    )


def refuse_other_columns(files: Sequence[Path], names: Sequence[Sequence[str]]) -> None:
    """Files of one table have the same columns, in any order."""
    for file, columns in zip(files, names, strict=True):
        if set(columns) != set(names[0]):
            odd = ", ".join(sorted(repr(n) for n in set(columns) ^ set(names[0])))
            raise InputError(f"{str(file)!r} and {str(files[0])!r} differ in the columns {odd}.")


# ------------------------------------------------------------------ how the file is divided
def _shape(text: Text, told: File) -> Shape:
    sample, is_whole = text.sample()
    body, skip, named = _after_sep_line(sample)
    if told.sep == "space":
        rows = _rows(body, "\t", is_whole, "")
        sep, mark = "\t", ""
    else:
        if told.sep and named and told.sep != named:
            raise InputError(
                f"the first line of {str(text.source)!r} says sep={named} and sep={told.sep!r} is "
                "told: leave sep= out."
            )
        sep, rows = _divide(text, body, is_whole, skip, told.sep or named)
        mark = '"'
    skip += _blank_lines(body)
    header = tuple(rows.rows[0][1]) if rows.rows else ()
    if told.names is not None:
        if header and len(told.names) != len(header):
            raise InputError(
                f"names= gives {len(told.names)} names, and the rows of {str(text.source)!r} have "
                f"{len(header)} fields (the first: {brief(list(header))})."
            )
        return Shape(tuple(told.names), sep, mark, skip, False, text.is_gzip)
    return Shape(checked_header(header, text.source), sep, mark, skip, True, text.is_gzip)


def _after_sep_line(sample: str) -> tuple[str, int, str | None]:
    """Excel's first line sep=; says how the file is divided, and is no row."""
    line = re.match(r"sep=(.)(\r\n|\r|\n|$)", sample)
    return (sample[line.end() :], 1, line[1]) if line else (sample, 0, None)


def _blank_lines(body: str) -> int:
    begin = body[: len(body) - len(body.lstrip("\r\n"))]
    return len(begin.splitlines())


def _rows(body: str, sep: str, is_whole: bool, mark: str = '"') -> _Rows:
    quoting: Any = csv.QUOTE_MINIMAL if mark else csv.QUOTE_NONE

    def reader(*, blanks: bool) -> Any:
        stream = io.StringIO(body, newline="")
        return csv.reader(stream, delimiter=sep, quoting=quoting, skipinitialspace=blanks)

    divided = reader(blanks=bool(mark))  # a blank before a quote belongs to neither
    rows: list[tuple[int, list[str]]] = []
    line = 1
    for row in islice(divided, _ROWS):
        if row:
            rows.append((line, row))
        line = divided.line_num + 1
    if rows:
        as_written = next(row for row in reader(blanks=False) if row)
        if len(as_written) == len(rows[0][1]):  # names keep their blanks
            rows[0] = (rows[0][0], as_written)
    if not is_whole and len(rows) > 1 and next(divided, None) is None:
        rows.pop()  # the sample ends within it
    return _Rows(rows)


def _divide(
    text: Text, body: str, is_whole: bool, skip: int, told: str | None
) -> tuple[str, _Rows]:
    """The one separator that gives the header and all sampled rows the same number of fields."""
    found: dict[str, _Rows] = {}
    is_open = False
    for sep in (told,) if told else _SEPARATORS:
        try:
            found[sep] = _rows(body, sep, is_whole)
        except csv.Error:  # a field beyond csv's limit: a quote that is never closed
            is_open = True
    fits = {sep: rows for sep, rows in found.items() if rows.width > 1 and rows.ragged() is None}
    if len(fits) > 1:
        shown = "; or ".join(f"sep={_SAID[s]!r}: {brief(r.rows[0][1])}" for s, r in fits.items())
        raise InputError(
            f"{str(text.source)!r} can be divided in several ways ({shown}): say which, with sep=."
        )
    if fits:
        return next(iter(fits.items()))
    if is_open:
        raise InputError(
            f'{str(text.source)!r} has a field of more than 100,000 characters: a quote (") is '
            "opened and not closed. Mend that line."
        )
    sep = max(found, key=lambda s: (found[s].width, _steady(found[s])))
    odd = found[sep].ragged()
    if odd is not None:
        raise _ragged(text.source, odd[0] + skip, len(odd[1]), found[sep].width)
    return sep, found[sep]  # one column


def _steady(rows: _Rows) -> int:
    """Where no header is divided, the separator that divides a row makes the better message."""
    return max((len(row) for _, row in rows.rows), default=0)


def _ragged(file: Path | str, line: int, fields: int, width: int) -> InputError:
    def said(n: int) -> str:
        return f"{n:,} field{'s' if n != 1 else ''}"

    return InputError(
        f"the rows of {str(file)!r} do not have the fields of its header: line {line:,} has "
        f"{said(fields)} and the first row {said(width)}. Mend the line (a text that holds the "
        "separator stands in quotes), or name the separator with sep=."
    )


_NUMBER_OR_DATE = re.compile(
    r"[+-]?\d[\d.,\s]*|\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?([ T]\d{1,2}:\d{2}.*)?"
)


def checked_header(header: Sequence[str], file: Path | str) -> tuple[str, ...]:
    """The names of the columns; a column without a name gets one, for it may go unused."""
    filled = [name for name in header if name.strip()]
    if filled and all(_NUMBER_OR_DATE.fullmatch(name.strip()) for name in filled):
        raise InputError(
            f"{str(file)!r} seems to have no header: its first row is {brief(list(header))}. Give "
            "names=[...], one name per column."
        )
    if len(filled) < 2 < len(header) or not filled:
        raise InputError(
            f"the first row of {str(file)!r} is no header, it holds {brief(filled)} alone: delete "
            "what stands above the names of the columns."
        )
    seen: dict[str, str] = {}
    for name in filled:
        twin = seen.get(name.lower())
        if twin is not None:
            how = "two columns named" if twin == name else "columns that differ only in case,"
            pair = repr(name) if twin == name else f"{twin!r} and {name!r}"
            raise InputError(f"{str(file)!r} has {how} {pair}: rename one.")
        seen[name.lower()] = name
    names = []
    for place, name in enumerate(header):
        own = name if name.strip() else f"column{place}"
        while not name.strip() and own.lower() in seen:
            own += "_"
        names.append(own)
    return tuple(names)


# ----------------------------------------------------------------------- runs of blanks
def _without_runs(text: Text) -> Text:
    """Fields between runs of blanks, copied with a tab between two: DuckDB divides at one mark."""

    def lines() -> Iterator[str]:
        width = None
        source = io.TextIOWrapper(encodings.opened(text), encoding="utf-8-sig")
        with source:
            for number, line in enumerate(source, 1):
                fields = re.split("[ \t]+", line.strip(" \t\r\n"))
                if fields == [""]:
                    continue
                width = width or len(fields)
                if len(fields) != width:
                    raise _ragged(text.source, number, len(fields), width)
                yield "\t".join(fields) + "\n"

    try:
        made = encodings.copy(text.path, ("space",), lines, source=text.source)
    except UnicodeDecodeError:
        raise encodings.not_utf8(text.source, encodings.first_bad_line(text.path)) from None
    return Text(made, text.source, False)


# ------------------------------------------------------------------------ DuckDB's errors
def explained(error: Exception) -> InputError | None:
    """DuckDB's words about a line of a text file, in ours; None if they are about something else."""
    words = str(error)
    place = re.search(r"CSV Error on Line: (\d+)", words)
    named = re.search(r"^  file = (.*)$", words, re.M)
    path = named[1] if named else ""
    file = encodings.source_of(path) if named else "the file"
    line = int(place[1]) if place else None
    where = "" if line is None else f"line {line:,} of "
    fields = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", words)
    if fields and line is not None:
        return _ragged(file, line, int(fields[2]), int(fields[1]))
    if re.search("invalid unicode|not utf-8 encoded", words, re.I):
        known = Path(path) if named and Path(path).exists() else None
        return encodings.not_utf8(file, encodings.first_bad_line(known) if known else line)
    if "unterminated quote" in words.lower():
        return InputError(
            f'{where}{file!r} opens a quote (") that is not closed, or has text after the closing '
            "one: mend the line."
        )
    if "Maximum line size" in words:
        return InputError(
            f'{where}{file!r} is longer than 2 million bytes: a quote (") that is not closed?'
        )
    if "state machine" in words:
        return InputError(
            f"{file!r} ends some of its lines in another way than the others (\\n, \\r\\n), or has a "
            'stray quote ("): save it again as CSV.'
        )
    return None
