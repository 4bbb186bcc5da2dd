"""Stated beside computed, with a status for every row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from churnlab import checks, datasets
from churnlab.casebook import derived, figures
from churnlab.casebook.inputs import Inputs, items, parse, written
from churnlab.checks import InputError

_COLUMNS = ("id", "article", "theme", "kind", "stated", "unit", "computed", "status", "note")
_LISTS = ("taxonomy", "process", "rule", "questionnaire")


def table() -> pd.DataFrame:
    """The casebook itself: every figure, rule, list and questionnaire of the five articles.

    The trap: most of its figures are statistics without a source; see :func:`reproduce`.

    Returns
    -------
    DataFrame
        ``id, article, theme, kind, inputs, formula, stated, unit, note, english, chinese``, all
        text as printed or, where it is prose, in our words.

    Examples
    --------
    >>> table().set_index("id").loc["carrier-lost-customers", "stated"]
    '3200'
    """
    return datasets.load("casebook")


def reproduce() -> pd.DataFrame:
    """Every figure, count and conclusion the articles state, beside what churnlab computes.

    The trap: 'agrees' says that the arithmetic holds, not that the figure is true of customers.

    Returns
    -------
    DataFrame
        ``id, article, theme, kind, stated, unit, computed`` (missing where there is nothing to
        compute), ``status, note``, in the casebook's order.

    Notes
    -----
    The rows of :func:`table` whose ``stated`` is not empty. agrees: computed and stated are the
    same to the digits printed; a row of the articles' matrix comes back from ``cci.matrix`` as it
    went in; a conclusion in words is the one churnlab's verdict gives; a list whose length is
    announced has all its items. disagrees: they differ, or the articles contradict one another.
    quoted: a statement with nothing to compute. pending: it could be computed, by a room the note
    names. What follows but is printed nowhere is in :func:`extensions`.

    Examples
    --------
    >>> table = reproduce().set_index("id")
    >>> table.loc["cadence-interval", ["stated", "computed", "status"]].tolist()
    ['4.5', '4.8', 'disagrees']
    """
    book = table()
    return _beside(book[book["stated"] != ""].reset_index(drop=True), compute_stated)


def extensions() -> pd.DataFrame:
    """Figures that follow from the articles' and are ours: none of them is printed there.

    The trap: never quote one as an article's.

    Returns
    -------
    DataFrame
        The columns of :func:`reproduce`; ``stated`` is empty and ``status`` is ours.

    Examples
    --------
    >>> extensions().set_index("id").loc["complaint-iceberg", "computed"]
    '20'
    """
    return _beside(datasets.load("casebook_extensions"), compute_derived)


def compute_stated(row: Mapping[str, Any]) -> tuple[str | None, str, str]:
    """What is computed for a row of the casebook, its status, and what the note must add."""
    inputs, known = parse(row["inputs"]), row["id"]
    if known in figures.FIGURES:
        text = written(_call(figures.FIGURES[known], inputs, known))
        says = figures.SAYS.get(known)
        agrees = _same(text, row["stated"]) if says is None else says(text)
        return text, "agrees" if agrees else "disagrees", ""
    if known in figures.CONFLICTS:
        return None, "disagrees", ""
    n_items = len(items(inputs))
    if n_items and row["kind"] in _LISTS and row["stated"].isdigit():
        return str(n_items), "agrees" if n_items == int(row["stated"]) else "disagrees", ""
    if known in figures.PENDING:
        return None, "pending", f" Not built yet: planned for churnlab.{figures.PENDING[known]}."
    return None, "quoted", ""


def compute_derived(row: Mapping[str, Any]) -> tuple[str | None, str, str]:
    """What is computed for a row of the extensions; a rule of ours has nothing to compute."""
    function = derived.DERIVED.get(row["id"])
    if function is None:
        return None, "ours", ""
    return written(_call(function, parse(row["inputs"]), row["id"])), "ours", ""


def _call(function: Callable[[Inputs], Any], inputs: Inputs, known: str) -> Any:
    try:
        return function(inputs)
    except KeyError as error:
        raise InputError(f"row {known!r} of the casebook lacks the input {error}.") from error


def _same(computed: str, stated: str) -> bool:
    """Equal as text, or as numbers to the digits printed."""
    if computed == stated:
        return True
    try:
        printed = parse(f"x={stated}")["x"]
        digits = len(stated.partition(".")[2]) if "/" not in stated else 9
        return round(float(computed), digits) == round(float(printed), digits)
    except ValueError:
        return False


def _beside(
    book: pd.DataFrame, compute: Callable[[Mapping[str, Any]], tuple[str | None, str, str]]
) -> pd.DataFrame:
    found = [compute(row) for row in book.to_dict("records")]
    computed, status, more = zip(*found, strict=True)
    result = book.assign(
        computed=pd.Series(computed, dtype="object"),
        status=pd.Series(status, dtype="str"),
        note=book["note"] + pd.Series(more, dtype="str"),
    )[list(_COLUMNS)]
    result.attrs = checks.attrs(None, [])
    return result
