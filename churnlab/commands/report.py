"""``churnlab report``: one page about your customers, from a file."""

from __future__ import annotations

import glob
import os
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd

import churnlab as cl
from churnlab import checks
from churnlab.commands import files
from churnlab.commands.printing import visible, wrapped
from churnlab.engine import progress

_COLUMNS = ("customer", "time", "start", "end", "amount", "reason")
_SETTINGS = ("title", "as_of", "inactivity", "min_cell", "ratings")
_WIDTH = 79


def run(options: Namespace) -> int:
    """Write the page (and the notebook), and print where it is and what it holds; 0."""
    read = [*options.files, *([options.ratings] if options.ratings else [])]
    shown = options.output or _name(options.files[0])
    page = files.target(shown, read)
    notebook = str(Path(shown).with_suffix(".ipynb")) if options.save_notebook else None
    beside = None if notebook is None else files.target(notebook, read)
    table = files.table(options)
    _look(table, options)
    with _steps() as step:
        report = cl.report.build(table, **arguments(options), _step=step)
    report.save(page)
    print(visible(shown))
    if beside is not None:
        report.save_notebook(beside)
        print(visible(str(notebook)))
    for line in _summary(report):
        print(*wrapped(line, _WIDTH, "  "), sep="\n")
    return 0


def _look(table: Any, options: Namespace) -> None:
    """The file and the columns that were named, before the figures' libraries are imported."""
    have = cl.engine.column_names(table)
    named = [getattr(options, name) for name in _COLUMNS if name != "customer"]
    checks.require_columns([name for name in named if name is not None], have)


def arguments(options: Namespace) -> dict[str, Any]:
    """What ``churnlab.report.build`` is called with, beside the table."""
    given = {
        name: getattr(options, name) for name in _SETTINGS if getattr(options, name) is not None
    }
    if options.by:
        given["by"] = options.by[0] if len(options.by) == 1 else options.by
    unit = options.period if options.tz is None else cl.Period(options.period, tz=options.tz)
    return {**files.columns(options, _COLUMNS), **given, "period": unit}


def _name(first: str) -> str:
    """The page's name where none is given: the file's own, in the current folder."""
    if not os.path.exists(first) and glob.has_magic(first):
        return "churnlab_report.html"
    name = Path(os.path.realpath(first)).name
    return f"{Path(name.removesuffix('.gz')).stem or 'churnlab'}_report.html"


@contextmanager
def _steps() -> Iterator[Callable[[str, int, int], None] | None]:
    """A bar over the sections on stderr, where someone watches; None where nobody does."""
    if not progress.wanted():
        yield None
        return
    tqdm = import_module("tqdm.std").tqdm
    with tqdm(
        total=1, desc="report", leave=False, bar_format="{desc:<24} |{bar}| {n}/{total}"
    ) as bar:

        def step(name: str, done: int, total: int) -> None:
            bar.total, bar.n = total, min(done, total)
            bar.set_description(name)

        yield step


def _summary(report: cl.report.Report) -> list[str]:
    """What the page answers, what it does not, what was left out of the file."""
    answered = [s.name for s in report.sections if not s.missing]
    unanswered = [s.name for s in report.sections if s.missing]
    lines = [f"data before {report.as_of}; sections: {', '.join(answered)}"]
    if unanswered:
        lines.append(f"without an answer, the page says why: {', '.join(unanswered)}")
    lines.append(f"rows excluded: {'; '.join(_excluded(report.ledger)) or 'none'}")
    if report.min_cell:
        lines.append(f"figures that rest on fewer than {report.min_cell} customers are withheld")
    return lines


def _excluded(ledger: pd.DataFrame) -> list[str]:
    """Rows by the rule that excluded them, the most of any table, the largest first."""
    rows = ledger[(ledger["fate"] == "excluded") & (ledger["unit"] == "rows") & (ledger["n"] > 0)]
    most = rows.groupby("rule")["n"].max().sort_index().sort_values(ascending=False, kind="stable")
    return [f"{int(n):,} {rule}" for rule, n in most.items()]
