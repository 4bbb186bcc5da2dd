"""Excel workbooks: one sheet as a frame of what its cells hold, each column later by its role."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from churnlab.checks import InputError, reject
from churnlab.checks.messages import brief
from churnlab.engine import delimited
from churnlab.engine.given import File

if TYPE_CHECKING:
    import pandas as pd

_ERRORS = {"#N/A", "#DIV/0!", "#REF!", "#NAME?", "#NULL!", "#NUM!", "#VALUE!", "#SPILL!", "#CALC!"}
_EXACT = 10**15  # Excel keeps 15 digits of a number
_kept: dict[tuple[Any, ...], pd.DataFrame] = {}  # the last workbook read: calls ask more than once


def read(files: Sequence[Path], told: File) -> pd.DataFrame:
    """The rows of the workbooks as Python's own values, None where a cell is empty."""
    import pandas as pd

    key = (told.sheet, told.names, *((str(f.resolve()), *_version(f)) for f in files))
    if key not in _kept:
        frames = [_frame(file, told) for file in files]
        delimited.refuse_other_columns(files, [list(f.columns) for f in frames])
        whole = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
        _kept.clear()
        _kept[key] = whole
    return _kept[key]


def _version(file: Path) -> tuple[int, int]:
    stat = file.stat()
    return stat.st_size, stat.st_mtime_ns


def _frame(file: Path, told: File) -> pd.DataFrame:
    import pandas as pd

    rows = _rows(file, told.sheet)
    width = max((len(row) for row in rows), default=0)
    rows = [[*row, *[None] * (width - len(row))] for row in rows]
    if told.names is not None:
        if rows and len(told.names) != width:
            raise InputError(
                f"names= gives {len(told.names)} names, and the rows of {str(file)!r} have {width} "
                f"cells (the first: {brief(rows[0])})."
            )
        names, body = tuple(told.names), rows
    else:
        header = [_as_name(cell) for cell in rows[0]] if rows else []
        names, body = delimited.checked_header(header, file), rows[1:]
    columns = {
        name: pd.Series([row[i] for row in body], dtype=object) for i, name in enumerate(names)
    }
    return pd.DataFrame(columns, columns=list(names), dtype=object)


def _as_name(cell: Any) -> str:
    return "" if cell is None else cell.isoformat() if hasattr(cell, "isoformat") else str(cell)


def _rows(file: Path, sheet: str | None) -> list[list[Any]]:
    """The filled rows of the one sheet that holds data, or of the one that is named."""
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise InputError(
            f"{str(file)!r} is an Excel workbook, which openpyxl reads: pip install 'churnlab[excel]'."
        ) from None
    _refuse_unsaved_formulas(file)
    with file.open("rb") as stream:  # by its bytes, whatever its name
        try:
            book = load_workbook(stream, read_only=True, data_only=True)
        except Exception as error:
            raise InputError(
                f"{str(file)!r} is a workbook that cannot be opened: {error}."
            ) from error
        return [row for row in _cells(_chosen(book, file, sheet)) if row]


def _chosen(book: Any, file: Path, sheet: str | None) -> Any:
    sheets = {page.title: page for page in book.worksheets}
    if sheet is not None and sheet not in sheets:
        raise InputError(
            f"{str(file)!r} has no sheet {sheet!r}. Its sheets: {', '.join(map(repr, sheets))}."
        )
    chosen = [sheet] if sheet is not None else [n for n, page in sheets.items() if _filled(page)]
    if len(chosen) > 1:
        raise InputError(
            f"{str(file)!r} has several sheets with data ({', '.join(map(repr, chosen))}): say "
            f"sheet={chosen[0]!r} or another."
        )
    if not chosen:
        raise InputError(f"{str(file)!r} is a workbook without data.")
    return sheets[chosen[0]]


def _filled(page: Any) -> bool:
    return any(_cells(page))


def _cells(page: Any) -> Any:
    """Row by row, without the empty cells at its end; blank text is an empty cell."""
    page.reset_dimensions()  # programs write wrong ones
    for row in page.iter_rows(values_only=True):
        cells = [None if isinstance(v, str) and not v.strip() else v for v in row]
        while cells and cells[-1] is None:
            cells.pop()
        yield cells


def _refuse_unsaved_formulas(file: Path) -> None:
    """A formula that no program has calculated has no value, which would read as an empty cell."""
    bare = re.compile(rb"<c [^>]*?(?<!/)><f[^>]*>[^<]*</f>(<v */>|<v></v>)?</c>")
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                continue
            with archive.open(name) as stream:
                tail = b""
                while chunk := stream.read(1 << 20):
                    found = bare.search(tail + chunk)
                    if found:
                        raise InputError(
                            f"{str(file)!r} holds formulas without their values (for example in cell "
                            f"{_cell(found[0])}): open it in Excel or LibreOffice and save it."
                        )
                    tail = chunk[-4096:]


def _cell(tag: bytes) -> str:
    place = re.search(rb'r="([A-Z]+\d+)"', tag)
    return place[1].decode() if place else "unknown"


def typed(frame: pd.DataFrame, kinds: Mapping[str, str]) -> tuple[pd.DataFrame, set[str]]:
    """The wanted columns by the kind of their roles, and which of them are text to be parsed."""
    import pandas as pd

    columns, text = {}, set()
    for name, kind in kinds.items():
        values = [v for v in frame[name] if v is not None]
        _refuse_errors(name, values)
        column = frame[name]
        kinds_of_cells = {type(v) for v in values}
        if kind == "id" or (kind == "label" and len(kinds_of_cells) > 1):
            _refuse_rounded(name, values, kind)
            column = column.map(_as_text)
        elif kind == "time":
            _refuse_serials(name, values)
        elif kinds_of_cells == {int, float}:
            columns[name] = column.astype("float64")
            continue
        if values and all(isinstance(v, str) for v in values):
            text.add(name)
        columns[name] = column.astype(object).where(column.notna(), None)
    return pd.DataFrame(columns, dtype=object), text


def _as_text(cell: Any) -> Any:
    """Text as it is, numbers as they are written, without .0; dates stay what they are."""
    if cell is None or isinstance(cell, str | dt.date | dt.time | dt.timedelta):
        return cell
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _refuse_errors(name: str, values: Sequence[Any]) -> None:
    errors = [v for v in values if isinstance(v, str) and v in _ERRORS]
    if errors:
        remedy = "Mend the formulas, or empty the cells."
        raise reject(
            "holds errors of Excel", column=name, n=len(errors), example=errors[0], remedy=remedy
        )


def _refuse_rounded(name: str, values: Sequence[Any], kind: str) -> None:
    large = [v for v in values if isinstance(v, int | float) and abs(v) >= _EXACT]
    if large and kind == "id":
        raise reject(
            "holds identifiers as numbers of more than 15 digits, which Excel has rounded",
            column=name,
            n=len(large),
            example=large[0],
            remedy="Export them again as text: the lost digits cannot be found in this file.",
        )


def _refuse_serials(name: str, values: Sequence[Any]) -> None:
    numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    if numbers:
        raise reject(
            "holds numbers where times belong",
            column=name,
            n=len(numbers),
            example=numbers[0],
            remedy="If they are dates, format the column as a date in Excel and save it again; one "
            "column holds dates, or text of one style.",
        )
