"""Numbers in text: the decimal mark is stated, or beyond doubt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from churnlab.checks import InputError, reject
from churnlab.engine.sqltext import literal
from churnlab.engine.styles import for_missing

if TYPE_CHECKING:
    import duckdb

WHOLE = r"[+-]?\d{1,18}"
PLAIN = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"
MAYBE_GROUPED = r"[+-]?[1-9]\d{0,2}\.\d{3}"
_BLANKS = " \u00a0\u202f"  # the blanks that group thousands
_SAY = "say decimal=',' or decimal='.'"


def rule(bare: str, decimal: str | None) -> tuple[str, str]:
    """The SQL of what a value is and of its plain form.

    1 is a whole number, 2 a number with a fraction, 3 one such as 1.234, whose point may also
    group thousands, and 0 no number.
    """
    if decimal is None:
        return (
            f"CASE WHEN {bare} IS NULL THEN NULL WHEN regexp_full_match({bare}, '{WHOLE}') THEN 1 "
            f"WHEN regexp_full_match({bare}, '{PLAIN}') THEN CASE WHEN substr({bare}, -4, 1) = '.' "
            f"AND regexp_full_match({bare}, '{MAYBE_GROUPED}') THEN 3 ELSE 2 END ELSE 0 END",
            bare,
        )
    mark, group = (r"\.", ",") if decimal == "." else (",", r"\.")
    grouped = rf"[1-9]\d{{0,2}}({group}\d{{3}})+|[1-9]\d{{0,2}}([{_BLANKS}]\d{{3}})+"
    whole = rf"[+-]?(\d{{1,18}}|{grouped})"
    number = rf"[+-]?((\d+|{grouped})({mark}\d*)?|{mark}\d+)([eE][+-]?\d+)?"
    plain = f"regexp_replace({bare}, {literal(f'[{group}{_BLANKS}]')}, '', 'g')"
    plain = plain if decimal == "." else f"replace({plain}, ',', '.')"
    kind = (
        f"CASE WHEN {bare} IS NULL THEN NULL WHEN regexp_full_match({bare}, {literal(whole)}) AND "
        f"length({plain}) < 19 THEN 1 WHEN regexp_full_match({bare}, {literal(number)}) THEN 2 "
        "ELSE 0 END"
    )
    return kind, plain


def refuse_doubtful(relation: duckdb.DuckDBPyRelation, name: str, bare: str, n_three: int) -> None:
    """Every number with a point has three digits after it: it may be a thousand or a thousandth."""
    example = relation.filter(f"regexp_full_match({bare}, '{MAYBE_GROUPED}')").aggregate(
        f"min({bare})"
    )
    shown = example.fetchall()[0][0]
    raise InputError(
        f"column {name!r} holds numbers whose point may be a decimal mark or may group thousands (for "
        f"example {shown!r} in {n_three:,} row{'s' if n_three != 1 else ''}): say decimal='.' if "
        "it is the decimal mark, decimal=',' if it groups thousands."
    )


def refuse_unread(
    relation: duckdb.DuckDBPyRelation, name: str, bare: str, kind: str, decimal: str | None
) -> InputError:
    """Say what the values that are no numbers look like, and what to do about the first kind."""
    odd = relation.project(f"{bare} AS v, {kind} AS k").filter("k = 0")
    numeric = literal(rf"[+-]?[\d.,'{_BLANKS}]*\d[\d.,'{_BLANKS}]*")
    n, example, n_marks, marked = odd.aggregate(
        f"count(*), min(v), count(*) FILTER (regexp_full_match(v, {numeric})), "
        f"min(v) FILTER (regexp_full_match(v, {numeric}))"
    ).fetchall()[0]
    if n_marks and decimal is None:
        return reject(
            "holds numbers with a comma or with grouped thousands",
            column=name,
            n=n_marks,
            example=marked,
            remedy=f"The comma may be the decimal mark or may group thousands: {_SAY}.",
        )
    if n_marks:
        return reject(
            "cannot be read",
            column=name,
            n=n_marks,
            example=marked,
            remedy=f"decimal={decimal!r} is told, and the other mark or a blank may only group digits "
            "by three.",
        )
    return reject("cannot be read", column=name, n=n, example=example, remedy=_remedy(example))


def _remedy(example: str) -> str:
    if for_missing(example):
        return for_missing(example)
    plain = "In a file, numbers are read as 1234.5 or -1234.5"
    for pattern, what in _ODD.items():
        if re.search(pattern, example):
            return f"{plain}: {what}."
    return (
        f"{plain}, with decimal=',' as 1.234,5: decide what the others mean, and leave a field empty "
        "where a value is missing."
    )


_CURRENCY = r"[$€£¥￥₹₽₩]|\d\s*[A-Za-z]{2,3}$|^[A-Za-z]{2,3}\s*[\d+-]"
_ODD = {
    "%": "take the percent signs away (and divide by 100 where a share is needed)",
    _CURRENCY: "take signs and names of currencies away, once all are in one currency",
    r"^\(.*\)$": "write negative numbers with a minus, not in parentheses",
    "-$": "write the minus in front",
    "[−–]": "write the minus as a hyphen, -",
}
