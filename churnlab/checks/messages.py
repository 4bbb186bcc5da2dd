"""The two errors, and the one form in which a bad column is refused."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any


class InputError(ValueError):
    """The call or the data cannot give an honest answer; the message says what to do."""


class EngineError(RuntimeError):
    """The engine that holds the table (DuckDB, Spark, a warehouse) could not do its part."""


class IfPresent(str):
    """A default column name that is read when the table has it and is no error when it has not.

    A name the user writes out is a plain ``str`` and must exist.
    """

    __slots__ = ()


def reject(what: str, *, column: str, n: int | None, example: Any, remedy: str) -> InputError:
    """One clear message: what is wrong, in which column, how many rows, an example, a remedy."""
    rows = "" if n is None else f" in {n:,} row{'s' if n != 1 else ''}"
    shown = plain(example)
    shown = shown if len(shown) <= 60 else shown[:57] + "…"
    return InputError(f"column {column!r} {what}{rows} (for example {shown}). {remedy}")


def plain(value: Any) -> str:
    """A value as a person would write it: no ``np.float64(…)``, text in quotes."""
    item = value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value
    return str(item) if hasattr(item, "isoformat") else repr(item)


def is_many(value: Any) -> bool:
    """True for a list, a Series, an array or the like: values where one is wanted, perhaps."""
    is_scalar = isinstance(value, str | bytes) or getattr(value, "ndim", None) == 0
    return hasattr(value, "__len__") and not is_scalar


def brief(value: Any) -> str:
    """An argument in a message: as it was written, but a Series, an array or a table by its type."""
    if isinstance(value, str | bytes | list | tuple | dict | set) or not is_many(value):
        shown = plain(value)
        return shown if len(shown) <= 60 else shown[:57] + "…"
    kind = type(value).__name__
    return f"{'an array' if kind == 'ndarray' else f'a {kind}'} of {len(value):,} values"


OWN_NAMES = "Name your own column in the argument of the same role."


def require_columns(
    want: Iterable[str],
    have: Sequence[str],
    *,
    what: str = "the table",
    remedy: str = OWN_NAMES,
) -> None:
    """Refuse, in one message, every wanted column that is not there, with the likely meant one."""
    missing = [name for name in want if name not in have]
    if not missing:
        return
    lines = []
    for name in missing:
        near = look_alikes(name, have)
        near = near or [h for h in have if h.casefold().startswith(name.casefold())]
        near = near or difflib.get_close_matches(name, have, n=1)
        lines.append(f"{name!r}" + (f" (did you mean {near[0]!r}?)" if near else ""))
    shown = ", ".join(repr(h) for h in have[:12]) + (", …" if len(have) > 12 else "")
    plural = "s" if len(missing) > 1 else ""
    raise InputError(
        f"{what} has no column{plural} {', '.join(lines)}. Its columns: {shown or 'none'}. {remedy}"
    )


def look_alikes(name: str, have: Iterable[str]) -> list[str]:
    """The names that differ from ``name`` in case, blanks or the width of letters only."""
    same = _plainest(name)
    return [h for h in have if h != name and _plainest(h) == same]


def _plainest(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()
