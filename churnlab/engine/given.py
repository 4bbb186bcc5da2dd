"""``File``: a path and what its bytes cannot tell."""

from __future__ import annotations

import codecs
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from churnlab.checks import InputError
from churnlab.checks.messages import brief

_SEPARATORS = {"tab": "\t", " ": "space"}


def is_path(data: object) -> bool:
    """True for a path, a pattern, or a list of paths."""
    if isinstance(data, str | os.PathLike):
        return True
    return isinstance(data, list | tuple) and bool(data) and all(map(is_path, data))


@dataclass(frozen=True)
class File:
    """A file, and what must be told about it because its bytes cannot say it.

    Every function that takes a path takes a File; a bare path is ``File(path)``. The trap: a
    program that guesses reads 03/04/2026 as April in one column and as March in the next.

    Parameters
    ----------
    path : path or list of paths
        A CSV, JSON, Excel (xlsx), Parquet or Arrow file, a pattern, or a folder. What a file is,
        its bytes decide.
    encoding : str, optional
        Of text that is neither UTF-8 nor marked, such as "gb18030", "cp1252" or "shift_jis".
    sep : str, optional
        What stands between two fields: "," ";" "|" "tab", or "space" for any run of blanks.
    decimal : {".", ","}, optional
        The decimal mark. The other mark, or a blank, may group thousands.
    dayfirst : bool, optional
        Whether 03/04/2026 is 3 April (True) or March 4 (False).
    names : sequence of str, optional
        The names of the columns of a file that has no header row.
    sheet : str, optional
        The sheet of a workbook that has several.

    Raises
    ------
    InputError
        If an option cannot be understood. What the file holds is checked when it is read.

    Notes
    -----
    Each column is read by one rule that fits all its values; where none or several fit, the
    message says which option decides. Identifiers are the text that stands in the file. Lines
    without any character are skipped; lines of separators alone are rows with missing values.

    Examples
    --------
    >>> import churnlab as cl
    >>> cl.File("export.csv", sep=";", decimal=",", dayfirst=True).decimal
    ','
    """

    path: Any
    encoding: str | None = None
    sep: str | None = None
    decimal: Literal[".", ","] | None = None
    dayfirst: bool | None = None
    names: Sequence[str] | None = None
    sheet: str | None = None

    def __post_init__(self) -> None:
        if not is_path(self.path):
            raise InputError(f"path={brief(self.path)}: give a path, or a list of paths.")
        if self.encoding is not None:
            object.__setattr__(self, "encoding", _encoding(self.encoding))
        if self.sep is not None:
            object.__setattr__(self, "sep", _separator(self.sep))
        if self.decimal not in (None, ".", ","):
            raise InputError(f"decimal={brief(self.decimal)}: say decimal='.' or decimal=','.")
        if self.decimal is not None and self.decimal == self.sep:
            raise InputError("sep=',' and decimal=',' cannot both be: which of them is the comma?")
        if self.dayfirst is not None and not isinstance(self.dayfirst, bool):
            raise InputError(f"dayfirst={brief(self.dayfirst)}: say True or False.")
        if self.names is not None:
            object.__setattr__(self, "names", _names(self.names))
        if self.sheet is not None and not isinstance(self.sheet, str):
            raise InputError(f"sheet={brief(self.sheet)}: give the name of the sheet.")

    def told(self) -> set[str]:
        """The options that are told."""
        options = ("encoding", "sep", "decimal", "dayfirst", "names", "sheet")
        return {name for name in options if getattr(self, name) is not None}


def _encoding(given: Any) -> str:
    try:
        found = codecs.lookup(given)
        if getattr(found, "_is_text_encoding", True):
            return found.name
    except (LookupError, TypeError, ValueError):
        pass
    raise InputError(
        f"encoding={brief(given)} is not known: the usual ones are 'utf-8', 'gb18030' (Chinese), "
        "'cp1252' (Western Europe), 'shift_jis' (Japanese), 'utf-16-le'."
    )


def _separator(given: Any) -> str:
    mark = _SEPARATORS.get(given, given) if isinstance(given, str) else None
    if mark not in {",", ";", "\t", "|", "space"}:
        raise InputError(
            f"sep={brief(given)}: say ',', ';', '|', 'tab', or 'space' for runs of blanks."
        )
    return mark


def _names(given: Any) -> tuple[str, ...]:
    names = None if isinstance(given, str) else tuple(given)
    if not names or not all(isinstance(n, str) and n.strip() for n in names):
        raise InputError(
            f"names={brief(given)}: give one name per column, e.g. names=['customer', 'time']."
        )
    seen: dict[str, str] = {}
    for name in names:
        if name.casefold() in seen:
            raise InputError(f"names= gives {seen[name.casefold()]!r} and {name!r}: one of a kind.")
        seen[name.casefold()] = name
    return names
