"""Build a page about one's own data: every question asked, every section answered or explained."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import churnlab
from churnlab import engine
from churnlab.checks import IfPresent, InputError
from churnlab.periods import Period
from churnlab.report.asked import ROLES, Asked, ask, once
from churnlab.report.calls import Calls, written
from churnlab.report.made import Report
from churnlab.report.parts import Section
from churnlab.report.sections import (
    ahead as year_ahead,
    churn,
    curves,
    found,
    growth,
    money,
    opinions,
    reasons as why,
    silent,
    triangle,
)  # fmt: skip

_SECTIONS: Mapping[str, ModuleType] = {
    "found": found, "growth": growth, "churn": churn, "triangle": triangle, "curves": curves,
    "ahead": year_ahead, "money": money, "silent": silent, "reasons": why, "opinions": opinions,
}  # fmt: skip
_FILE = ("encoding", "sep", "decimal", "dayfirst", "names", "sheet")
Step = Callable[[str, int, int], None]


def build(
    data: Any,
    *,
    customer: str = "customer",
    time: str | None = IfPresent("time"),
    start: str | None = IfPresent("start"),
    end: str | None = IfPresent("end"),
    amount: str | None = IfPresent("amount"),
    reason: str | None = IfPresent("reason"),
    by: str | Sequence[str] | None = None,
    period: str | Period = "month",
    as_of: Any = None,
    level: float = 0.95,
    inactivity: int | None = None,
    ahead: int = 12,
    ratings: Any = None,
    min_cell: int = 10,
    title: str | None = None,
    _step: Step | None = None,
) -> Report:
    """One page about one's own customers: how many, how long they stay, what they spend, who is silent.

    The trap: a page is read by people who did not see the file. So each figure names its convention,
    what cannot be answered says why, and what was left out is counted.

    Parameters
    ----------
    data : table, path or File
        A log of events (``time``) or a table of contracts (``start, end``), one row each.
    customer, time, start, end, amount, reason, by
        Columns; those with a default name are read if they are there, None leaves one out. ``by``:
        segments, for the curves and their test.
    period : str or Period
        Calendar weeks, months, quarters or years; a Period names the zone of zoned times.
    as_of : date, optional
        Data before this date is read, the day itself is not; contracts need it.
    level, title
        Confidence level of all limits; heading of the page.
    inactivity : int, optional
        Days of silence that count as churn, where there are no contracts; unless said, from the
        customers' own gaps.
    ahead : int
        Periods to look ahead.
    ratings : table or path, optional
        What customers say: ``customer, factor, satisfaction, importance``.
    min_cell : int
        Figures that rest on fewer customers are withheld; 0 shows all.

    Returns
    -------
    Report
        ``.sections``, ``.ledger``, ``.html()``, ``.save(path)``, ``.save_notebook(path)``.

    Raises
    ------
    InputError
        For a file or column that cannot be read as asked. A question without an answer is no error:
        its section says why.

    Notes
    -----
    Every table of the page is the frame of the call printed beneath it. Conventions:
    docs/decisions/0028.

    Examples
    --------
    >>> import churnlab as cl
    >>> page = build(cl.datasets.load("six_customers"), as_of="2026-07-01", min_cell=0)
    >>> page["growth"].tables[0].frame["active"].tolist()
    [3, 4, 5, 1, 0]
    """
    names = dict(zip(ROLES, (customer, time, start, end, amount, reason), strict=True))
    asked = ask(data, names, by, period=period, as_of=as_of, level=level, inactivity=inactivity,
                ahead=ahead, ratings=ratings, min_cell=min_cell)  # fmt: skip
    calls = Calls(data=once(data, asked), ratings=ratings)
    sections = []
    for place, (name, room) in enumerate(_SECTIONS.items()):
        if _step is not None:
            _step(room.TITLE, place, len(_SECTIONS))
        sections.append(_answer(name, room, asked, calls))
    assert asked.as_of is not None
    return Report(
        title if title is not None else f"Customers: {_name(data)}",
        asked.as_of, tuple(sections), calls.ledger(), _told(asked, data), asked.min_cell,
        _opened(data, ratings),
    )  # fmt: skip


def _answer(name: str, room: ModuleType, asked: Asked, calls: Calls) -> Section:
    """The section, or why there is none; the file itself was accepted before."""
    try:
        section: Section = room.answer(asked, calls)
        return section
    except InputError as error:
        if name in ("found", "growth"):  # without these there is no page
            raise
        return Section(name, room.TITLE, missing=f"No answer: {error}")


def _name(data: Any) -> str:
    path = getattr(data, "path", data)
    if isinstance(path, list | tuple) and path:
        return f"{os.path.basename(os.fspath(path[0]))} and {len(path) - 1} more"
    return (
        os.path.basename(os.fspath(path)) if isinstance(path, str | os.PathLike) else "your table"
    )


def _told(asked: Asked, data: Any) -> dict[str, str]:
    """What was asked, for the foot of the page."""
    told = {"data": _name(data), "rows are": asked.kind}
    told |= asked.columns
    if asked.by:
        told["by"] = ", ".join(asked.by)
    told["period"] = asked.unit.unit
    if asked.unit.tz:
        told["zone"] = asked.unit.tz
    told["limits"] = f"{asked.level:g}"
    told["smallest cell"] = str(asked.min_cell)
    told["churnlab"] = churnlab.__version__
    return told


def _opened(data: Any, ratings: Any) -> str:
    lines = [f"data = {_source(data)}"]
    if ratings is not None:
        lines.append(f"ratings = {_source(ratings)}")
    return "\n".join(lines)


def _source(data: Any) -> str:
    """What opens the data, from whatever folder it is run."""
    if isinstance(data, engine.File):
        told = [f"{name}={written(getattr(data, name))}" for name in _FILE if name in data.told()]
        return f"cl.File({', '.join([_place(data.path), *told])})"
    return _place(data) if engine.is_path(data) else "...  # your table"


def _place(path: Any) -> str:
    if isinstance(path, list | tuple):
        return f"[{', '.join(_place(part) for part in path)}]"
    return repr(os.path.abspath(os.fspath(path)))
