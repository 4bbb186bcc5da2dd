"""Calls of the library, each made once and written down as one would type it.

The page and the reader use the same calls: what a section shows is what its code returns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from churnlab import checks, engine
from churnlab.checks import InputError, Table
from churnlab.periods import Period

_WIDTH = 96
_LEDGER = ["stage", "unit", "fate", "rule", "n", "meaning"]


class Calls:
    """Results by name, the code that made each, and the ledgers that came with them."""

    def __init__(self, **given: Any) -> None:
        self._values: dict[str, Any] = given
        self._codes: dict[str, str] = {}
        self._needs: dict[str, str] = {}
        self._refused: dict[str, InputError] = {}

    def make(self, name: str, function: Callable[..., Any], first: str, **arguments: Any) -> Any:
        """The result of ``function(first, ...)``; a second wish for the same name costs nothing."""
        if name in self._refused:
            raise self._refused[name]
        if name not in self._values:
            try:
                result = function(self._values[first], **arguments)
            except InputError as error:
                self._refused[name] = error
                raise
            self._values[name] = _kept(result)
            self._codes[name] = _code(name, function, first, arguments)
            self._needs[name] = first
        return self._values[name]

    def get(self, name: str) -> Any:
        """What an earlier call made."""
        return self._values[name]

    def code(self, *names: str) -> str:
        """The code of these results and of all that they need, in the order in which it ran."""
        wanted = set[str]()
        for name in names:
            while name in self._codes:
                wanted.add(name)
                name = self._needs[name]
        return "\n".join(code for name, code in self._codes.items() if name in wanted)

    def ledger(self) -> pd.DataFrame:
        """What each call read, used and excluded, beside what its own input had told already."""
        parts = []
        for name in self._codes:
            lines = self.ledger_of(name)
            told = self.ledger_of(self._needs[name]).drop_duplicates()
            own = lines.merge(told, how="left", indicator="from")
            own = own[own.pop("from") == "left_only"]
            parts.append(own.assign(result=name))
        table = pd.concat(parts, ignore_index=True)
        return table[["result", *table.columns.drop("result")]]

    def ledger_of(self, name: str) -> pd.DataFrame:
        """The whole ledger that a result carries, its history included."""
        result = self._values.get(name)
        told = isinstance(result, Table) or "ledger" in getattr(result, "attrs", {})
        if not told:
            return pd.DataFrame(columns=_LEDGER)
        # the ledger without the repeats of rows, which take a pass of their own
        return checks.ledger(_carrier(result) if isinstance(result, Table) else result)


def _kept(result: Any) -> Any:
    """A Table whose rows stay: what is counted from it several times is not made several times."""
    if not isinstance(result, Table) or isinstance(result.frame, pd.DataFrame):
        return result
    return replace(result, frame=engine.held(result.frame))


def _carrier(table: Table) -> pd.DataFrame:
    """An empty frame that carries a Table's ledger, as an estimate made from it would."""
    frame = pd.DataFrame()
    as_of, lines = checks.history(table)
    frame.attrs = checks.attrs(as_of, lines)
    return frame


def _code(name: str, function: Callable[..., Any], first: str, arguments: Mapping[str, Any]) -> str:
    room = function.__module__.split(".")[1]
    given = [first, *(f"{key}={written(value)}" for key, value in arguments.items())]
    line = f"{name} = cl.{room}.{function.__name__}({', '.join(given)})"
    if len(line) <= _WIDTH:
        return line
    inner = "\n".join(f"    {part}," for part in given)
    return f"{name} = cl.{room}.{function.__name__}(\n{inner}\n)"


def written(value: Any) -> str:
    """A value as code."""
    if isinstance(value, Period):
        told = {"week_start": 1, "clock": "calendar", "tz": None}
        parts = [f"{k}={getattr(value, k)!r}" for k, v in told.items() if getattr(value, k) != v]
        return f"cl.Period({', '.join([repr(value.unit), *parts])})" if parts else repr(value.unit)
    if isinstance(value, str):
        return repr(str(value))
    if isinstance(value, list | tuple) and len(value) == 1 and isinstance(value[0], str):
        return repr(value[0])
    return repr(value)
