"""The report as one object: its sections, its page, its notebook."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from churnlab.checks import InputError
from churnlab.report import page
from churnlab.report.parts import Section


@dataclass(frozen=True, repr=False)
class Display:
    """A section for a notebook; where no HTML is shown, its words."""

    html: str
    words: str

    def __repr__(self) -> str:
        return self.words

    def _repr_html_(self) -> str:
        return self.html


@dataclass(frozen=True, repr=False)
class Report:
    """A page about a table of customers, section by section.

    Attributes
    ----------
    title, as_of : str
        The heading, and the exclusive instant up to which the data was read, in ISO format.
    sections : tuple of Section
        The answers, in order; ``report["churn"]`` finds one by its name.
    ledger : DataFrame
        What was read, used and excluded on the way to all of them.
    told : mapping
        What was asked: file, columns, conventions.
    min_cell : int
        Figures that rest on fewer customers are withheld.
    opened : str
        Python that opens the data.
    """

    title: str
    as_of: str
    sections: tuple[Section, ...]
    ledger: pd.DataFrame = field(compare=False)
    told: Mapping[str, str]
    min_cell: int
    opened: str

    def __getitem__(self, name: str) -> Section:
        for section in self.sections:
            if section.name == name:
                return section
        known = ", ".join(repr(s.name) for s in self.sections)
        raise InputError(f"the report has no section {name!r}: its sections are {known}.")

    def show(self, name: str, *, pictures: bool = True) -> Display:
        """One section as a notebook shows it, small cells withheld as on the page."""
        section = self[name] if pictures else replace(self[name], pictures=())
        words = "\n".join([section.title, *section.says, *filter(None, [section.missing])])
        return Display(page.section_html(section, self.min_cell), words)

    def __repr__(self) -> str:
        answered = [s.name for s in self.sections if not s.missing]
        return f"Report({self.title!r}, as_of={self.as_of!r}, answered: {', '.join(answered)})"

    def html(self) -> str:
        """The page: one self-contained document without any script."""
        return page.html(
            self.title, self.as_of, self.sections, self.ledger,
            min_cell=self.min_cell, told=self.told,
        )  # fmt: skip

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page; an interrupted call leaves what was there before."""
        return _write(path, self.html())

    def save_notebook(self, path: str | os.PathLike[str]) -> Path:
        """Write a notebook that makes the same tables, call by call."""
        return _write(path, _notebook(self))


def _write(path: str | os.PathLike[str], text: str) -> Path:
    """Write beside the file, then put it in its place."""
    target = Path(path)
    beside = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}")
    try:
        beside.write_text(text, "utf-8", newline="\n")
        beside.replace(target)
    except OSError as error:
        raise InputError(f"cannot write {os.fspath(path)!r}: {error.strerror or error}.") from None
    finally:
        beside.unlink(missing_ok=True)
    return target


def _notebook(report: Report) -> str:
    """Sections as cells; what a section shares with an earlier one is not run twice."""
    cells = [
        _cell("markdown", "# The figures of a report, call by call"),
        _cell("code", f"import churnlab as cl\n\n{report.opened}"),
    ]
    ran: set[str] = set()
    for section in report.sections:
        if not section.calls:
            continue
        fresh = [call for call in _calls(section.calls) if call not in ran]
        ran.update(fresh)
        shown = [section.tables[0].name] if section.tables else []
        cells.append(_cell("markdown", f"## {section.title}"))
        cells.append(_cell("code", "\n".join([*fresh, *shown])))
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    book = {"cells": [dict(c, id=f"cell-{i:02d}") for i, c in enumerate(cells)],
            "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}  # fmt: skip
    return json.dumps(book, ensure_ascii=False, indent=1) + "\n"


def _calls(code: str) -> list[str]:
    """The statements of a section: a line that is indented, or closes, belongs to the one before."""
    found: list[str] = []
    for line in code.splitlines():
        if found and line[:1] in (" ", ")"):
            found[-1] += "\n" + line
        else:
            found.append(line)
    return found


def _cell(kind: str, text: str) -> dict[str, Any]:
    source = text.splitlines(keepends=True)
    more: dict[str, Any] = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **more}
