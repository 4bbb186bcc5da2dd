"""``churnlab profile``: what is in a file, before any analysis."""

from __future__ import annotations

import shutil
from argparse import Namespace
from typing import Any

import pandas as pd

import churnlab as cl
from churnlab.commands import files
from churnlab.commands.printing import padded, visible, wrapped


def run(options: Namespace) -> int:
    """Print the findings, each with what it means; 0."""
    path = None if options.csv is None else files.target(options.csv, options.files)
    named = files.columns(options, ("customer", "time", "start", "end", "amount", "as_of"))
    found = cl.spells.profile(files.table(options), period=cl.Period("day", tz=options.tz), **named)
    if path is not None:
        files.save_csv(found, path)
    width = max(40, min(shutil.get_terminal_size().columns, 100))
    for line in found.itertuples():
        print(*_lines(line, width), sep="\n")
    if options.as_of is not None:
        print(f"\ndata before {options.as_of}; the day itself is not read")
    return 0


def _lines(line: Any, width: int) -> list[str]:
    """The finding with its number, an example as it stands, and what it means."""
    share = "" if pd.isna(line.share) else f"  {_percent(line.share)}"
    where = "" if line.column is None else f"  in column {visible(str(line.column))}"
    number = f"{line.n:,} {line.unit.removesuffix('s') if line.n == 1 else line.unit}"
    head = f"{padded(line.finding, 21)} {padded(number, 18)}{share}{where}".rstrip()
    example = [] if line.example is None else wrapped(f"for example {line.example}", width, "    ")
    return [*wrapped(head, width), *example, *wrapped(line.meaning, width, "    ")]


def _percent(share: float) -> str:
    if share in (0, 1) or 0.0005 <= share < 0.9995:
        return f"{100 * share:.1f} %"
    return "under 0.1 %" if share < 0.5 else "over 99.9 %"
