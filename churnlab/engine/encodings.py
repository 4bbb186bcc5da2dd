"""The bytes of text files: a mark or valid UTF-8 decides; the rest must be told, and is checked."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from churnlab.checks import InputError
from churnlab.engine.session import spill_folder

SAMPLE = 1 << 20  # bytes from which a file's separator and header are read
_MARKS = {  # the longer first: the mark of UTF-32 begins as that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
TELL = (
    "say encoding='gb18030' (Chinese), 'cp1252' (Western Europe), 'shift_jis' (Japanese), or "
    "whatever the program that wrote the file calls it"
)
_copies: dict[tuple[Any, ...], Path] = {}  # what was copied as UTF-8, in this process
_sources: dict[str, Path] = {}  # of each copy, the user's own file


@dataclass(frozen=True)
class Text:
    """A text file that DuckDB can read: the user's own, or a copy of it in UTF-8."""

    path: Path
    source: Path
    is_gzip: bool

    def sample(self) -> tuple[str, bool]:
        """The beginning of the text, without its mark, and whether that is all of it."""
        data = _head(self.path, self.is_gzip, SAMPLE + 1)
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(data[:SAMPLE])
        return text, len(data) <= SAMPLE


def source_of(path: str) -> str:
    """The user's own file behind a path that DuckDB was given."""
    return str(_sources.get(path, path))


def _has_long_first_name(text: str) -> bool:
    """A mark, and behind it a quoted name of several lines, whose quote DuckDB does not see."""
    name = text[2:].split('"', 1)[0] if text.startswith('\ufeff"') else ""
    return "\n" in name or "\r" in name


def is_gzip(file: Path) -> bool:
    return _head(file, False, 2) == b"\x1f\x8b"


def opened(text: Text) -> IO[bytes]:
    return _open(text.path, text.is_gzip)


def _open(file: Path, gzipped: bool) -> IO[bytes]:
    return gzip.open(file, "rb") if gzipped else file.open("rb")  # type: ignore[return-value]


def _head(file: Path, gzipped: bool, size: int) -> bytes:
    try:
        with _open(file, gzipped) as stream:
            return stream.read(size)
    except (OSError, EOFError) as error:
        if isinstance(error, PermissionError) or not gzipped:
            raise
        raise InputError(
            f"{str(file)!r} begins as gzip but cannot be unpacked: {error}."
        ) from error


def head(file: Path) -> bytes:
    """The first bytes of the file, unpacked if it is gzip."""
    return _head(file, is_gzip(file), 4096)


def readable(file: Path, told: str | None) -> Text:
    """The file as UTF-8 text, as it is or copied; refused where its bytes do not fit."""
    gzipped = is_gzip(file)
    begins = _head(file, gzipped, SAMPLE)
    encoding = _settle(file, begins, told)
    if encoding != "utf-8":
        return Text(_copied(file, gzipped, encoding), file, False)
    if b"\x00" in begins:
        raise InputError(
            f"{str(file)!r} is not UTF-8 text, it holds zero bytes. If it is UTF-16, say "
            "encoding='utf-16-le' (or 'utf-16-be'); if it is a binary file, export it as CSV."
        )
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(begins)
    except UnicodeDecodeError as error:
        raise not_utf8(file, 1 + _lines(begins[: error.start].decode())) from None
    mixed = _has_mixed_line_ends(text)
    if mixed or _has_long_first_name(text):  # which DuckDB does not read
        return Text(_copied(file, gzipped, encoding, one_line_end=mixed), file, False)
    return Text(file, file, gzipped)


def _settle(file: Path, begins: bytes, told: str | None) -> str:
    """The mark decides, else what is told, else UTF-8."""
    marked = next((name for mark, name in _MARKS.items() if begins.startswith(mark)), None)
    if marked is None:
        if told in {"utf-16", "utf-32"}:
            raise InputError(
                f"{str(file)!r} does not begin with the mark of {told}: say encoding='{told}-le' or "
                f"'{told}-be'."
            )
        return {None: "utf-8", "utf-8-sig": "utf-8", "ascii": "utf-8"}.get(told, told or "utf-8")
    if told not in {None, marked, marked.removesuffix("-le").removesuffix("-be"), f"{marked}-sig"}:
        raise InputError(
            f"{str(file)!r} begins with the mark of {marked}, and encoding={told!r} is told: leave "
            "encoding= out."
        )
    return marked


def not_utf8(file: Path | str, line: int | None) -> InputError:
    where = "" if line is None else f" (the first bytes that are not stand in line {line:,})"
    return InputError(f"{str(file)!r} is not UTF-8 text{where}: {TELL}.")


def _lines(text: str) -> int:
    return max(text.count("\n"), text.count("\r"))


def _has_mixed_line_ends(text: str) -> bool:
    if "\r" not in text:
        return False
    bare = "".join(text.split('"')[::2])  # what stands between quotes is no line end
    pairs = bare.count("\r\n")
    return sum((pairs > 0, bare.count("\n") > pairs, bare.count("\r") > pairs)) > 1


def first_bad_line(file: Path) -> int | None:
    """The line of the first bytes that are not UTF-8."""
    try:
        for _ in _pieces(file, is_gzip(file), "utf-8"):
            pass
    except _BadBytes as bad:
        return bad.line
    return None


class _BadBytes(Exception):
    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line


def _pieces(
    file: Path, gzipped: bool, encoding: str, seen: Callable[[bytes], None] = lambda chunk: None
) -> Iterator[str]:
    """The text of the file piece by piece, whatever its size."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    with _open(file, gzipped) as stream:
        while True:
            chunk = stream.read(SAMPLE)
            seen(chunk)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                before = error.object[: error.start].decode(encoding, errors="ignore")
                raise _BadBytes(lines + _lines(before)) from None
            lines += _lines(text)
            yield text
            if not chunk:
                return


def _copied(file: Path, gzipped: bool, encoding: str, *, one_line_end: bool = False) -> Path:
    """A copy in UTF-8, made once as long as the file stays the same."""

    def pieces() -> Iterator[str]:
        proof = _Utf8(encoding)
        line_ends = io.IncrementalNewlineDecoder(None, translate=True) if one_line_end else None
        for piece in _pieces(file, gzipped, encoding, proof.see):
            if "\x00" in piece:
                raise InputError(
                    f"{str(file)!r} holds zero bytes: encoding={encoding!r} is not its."
                )
            yield line_ends.decode(piece) if line_ends else piece
        if proof.holds():
            raise InputError(
                f"{str(file)!r} is valid UTF-8, and encoding={encoding!r} is told, which would turn "
                "its letters into others: leave encoding= out."
            )

    try:
        return copy(file, (encoding, one_line_end), pieces)
    except _BadBytes as bad:
        if encoding == "utf-8":
            raise not_utf8(file, bad.line) from None
        raise InputError(
            f"{str(file)!r} is not text in {encoding}: line {bad.line:,} has bytes that do not fit. "
            f"Leave encoding= out, or {TELL}."
        ) from None


class _Utf8:
    """Whether bytes that were told to be of one byte per letter are UTF-8 beyond doubt."""

    def __init__(self, encoding: str) -> None:
        upper = bytes(range(128, 256)).decode(encoding, errors="replace")
        is_single = len(upper) == 128 and upper.count("\ufffd") < 64
        self._decoder = codecs.getincrementaldecoder("utf-8")() if is_single else None
        self._beyond_ascii = False

    def see(self, chunk: bytes) -> None:
        if self._decoder is not None:
            try:
                self._beyond_ascii |= not self._decoder.decode(chunk, final=not chunk).isascii()
            except UnicodeDecodeError:
                self._decoder = None

    def holds(self) -> bool:
        return self._decoder is not None and self._beyond_ascii


def copy(
    file: Path,
    how: tuple[Any, ...],
    pieces: Callable[[], Iterator[str]],
    source: Path | None = None,
) -> Path:
    """The pieces as a UTF-8 file that is removed when Python ends, written once."""
    stat = file.stat()
    key = (str(file.resolve()), stat.st_size, stat.st_mtime_ns, *how)
    made = _copies.get(key)
    if made is not None and made.exists():
        return made
    handle, name = tempfile.mkstemp(prefix="text-", suffix=".csv", dir=spill_folder())
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            for number, piece in enumerate(pieces()):
                out.write(piece.removeprefix("\ufeff") if number == 0 else piece)
    except BaseException:
        os.unlink(name)
        raise
    _sources[name] = source or file
    return _copies.setdefault(key, Path(name))
