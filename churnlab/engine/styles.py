"""Times in text: the styles that are known, and the one style that a column is written in.

Values are counted by their shape (05/06/2026 has the shape 99/99/9999), and the few shapes of a
column say which style it is in; the database then reads every value by that style, or none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from churnlab.checks import InputError, reject
from churnlab.engine.sqltext import literal

if TYPE_CHECKING:
    import duckdb

READ_AS = (
    "In a file, times are read as 2026-03-15 or 2026-03-15 14:30:00 (ISO 8601), 2026/03/15, 20260315, "
    "15/03/2026, 15.03.2026, 15-Mar-2026 or 2026年3月15日, all values of a column in one style"
)
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_LONG = "uary|ruary|ch|il||e|y|ust|t?(?:ember)?|ober|ember|ember"
_NAMED = "|".join(
    f"{m}(?:{rest})?" for m, rest in zip(_MONTHS.split("|"), _LONG.split("|"), strict=False)
)
_CLOCK = r"(?:(?: |T|, ?)([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:[.,](\d{1,9}))?)?(?: ?([AaPp])[Mm])?)?"
_CLOCK_SHAPE = r"(?:(?: |A|, ?)9{1,2}:99(?::99(?:[.,]9{1,9})?)?(?: ?A)?)?"


@dataclass(frozen=True)
class Style:
    """A way to write a day: its shape, and the parts of its pattern, in order."""

    shape: str
    pattern: str
    parts: str  # such as "ymd"

    def reads(self, bare: str, parts: str = "") -> str:
        """The SQL of the timestamp that a value stands for; null where it stands for none."""
        names = "', '".join((*(parts or self.parts), "h", "i", "s", "f", "p"))
        found = f"regexp_extract({bare}, {literal(f'(?i)^{self.pattern}{_CLOCK}$')}, ['{names}'])"
        # 12 am is hour 0; hours beyond 12 have no am or pm
        hour = (
            "CASE WHEN t.p = '' THEN t.h WHEN CAST(t.h AS INTEGER) BETWEEN 1 AND 12 THEN "
            "CAST(CAST(t.h AS INTEGER) % 12 + CASE WHEN lower(t.p) = 'p' THEN 12 ELSE 0 END AS VARCHAR) "
            "END"
        )
        month = "t.m"
        if "A" in self.shape:
            known = literal(_MONTHS.replace("|", ""))
            month = f"CAST((strpos({known}, lower(substr(t.m, 1, 3))) + 2) // 3 AS VARCHAR)"
        clock = (
            f"CASE WHEN t.h = '' THEN '' ELSE ' ' || {hour} || ':' || t.i || ':' || "
            "CASE WHEN t.s = '' THEN '00' ELSE t.s END || "
            "CASE WHEN t.f = '' THEN '' ELSE '.' || t.f END END"
        )
        text = f"nullif(t.y, '0000') || '-' || {month} || '-' || t.d || {clock}"
        return f"try_cast(list_transform([{found}], lambda t: {text})[1] AS TIMESTAMP)"


def _all_marks(name: str, shape: str, pattern: str, parts: str) -> dict[str, Style]:
    """A style with each of the three marks that stand between the parts of a day."""
    return {
        name.replace("/", mark): Style(
            shape.replace("/", re.escape(mark)), pattern.replace("/", re.escape(mark)), parts
        )
        for mark in "/.-"
    }


_ISO = r"9999-99-99(?:[ A]99:99(?::99(?:[.,]9{1,9})?)?)?(?: ?(?:A|[+-]99(?::?99)?))?"
STYLES: dict[str, Style] = {
    **_all_marks("2026/3/5", "9999/9{1,2}/9{1,2}", r"(\d{4})/(\d{1,2})/(\d{1,2})", "ymd"),
    "20260315": Style("9{8}", r"((?:19|20)\d\d)(\d\d)(\d\d)", "ymd"),
    "2026年3月15日": Style("9999年9{1,2}月9{1,2}日", r"(\d{4})年(\d{1,2})月(\d{1,2})日", "ymd"),
    **_all_marks("15/3/2026", "9{1,2}/9{1,2}/9999", r"(\d{1,2})/(\d{1,2})/(\d{4})", "dmy"),
    "15-Mar-2026": Style("9{1,2}-A-9999", rf"(\d{{1,2}})-({_NAMED})-(\d{{4}})", "dmy"),
    "15 March 2026": Style("9{1,2} A 9999", rf"(\d{{1,2}}) ({_NAMED}) (\d{{4}})", "dmy"),
}
_EITHER = {"15/3/2026", "15.3.2026", "15-3-2026"}  # may be day first or month first
_KNOWN_BAD: dict[str, tuple[str, str]] = {
    "years of two digits": (
        r"9{1,2}[/.-]9{1,2}[/.-]99" + _CLOCK_SHAPE + r"|9{1,2}[ -]A[ -]99" + _CLOCK_SHAPE,
        "Write the years with four digits.",
    ),
    "seconds since 1970": (
        r"9{10}(?:\.9+)?",
        "Turn them into timestamps first: pd.to_datetime(column, unit='s').",
    ),
    "milliseconds since 1970": (
        r"9{13}",
        "Turn them into timestamps first: pd.to_datetime(column, unit='ms').",
    ),
    "day numbers of a spreadsheet": (
        r"9{5}(?:\.9+)?",
        "Format the column as a date (yyyy-mm-dd) in the spreadsheet and save it again.",
    ),
}
_SHAPES = 200  # of one column, before it is taken for words


@dataclass(frozen=True)
class _Group:
    """The values of a column that are written in one style, or in none that is known."""

    name: str
    n: int
    example: str


def settle(relation: duckdb.DuckDBPyRelation, name: str, bare: str, dayfirst: bool | None) -> str:
    """The SQL that reads every value of the column by one style; refused where there is none."""
    groups = _groups(relation, bare)
    known = [g for g in groups if g.name in STYLES or g.name == "2026-03-15"]
    unknown = sorted((g for g in groups if g not in known), key=lambda g: (-g.n, g.example))
    if {g.name for g in known} == {"2026-03-15", "2026-3-5"} and not unknown:
        known = [g for g in known if g.name == "2026-3-5"]  # 9:05 beside 10:05
    if len(known) > 1:
        shown = ", ".join(f"{g.example!r} in {n_rows(g.n)}" for g in known)
        raise InputError(
            f"column {name!r} holds times in several styles ({shown}): write all in one."
        )
    if unknown:
        worst = unknown[0]
        n = sum(g.n for g in unknown if g.name == worst.name)
        if worst.name in _KNOWN_BAD:
            what, remedy = f"holds {worst.name}", _KNOWN_BAD[worst.name][1]
        else:
            what, remedy = "cannot be read", _for_words(worst.example)
        raise reject(what, column=name, n=n, example=worst.example, remedy=remedy)
    style = known[0].name
    if style == "2026-03-15":  # its shape, but no real day or hour
        return ""
    if style in _EITHER:
        return _by_day_or_month(relation, name, bare, STYLES[style], dayfirst)
    sql = STYLES[style].reads(bare)
    _refuse_unread(relation, name, bare, sql, f"The column is read as {style}.")
    return sql


def _groups(relation: duckdb.DuckDBPyRelation, bare: str) -> list[_Group]:
    """The values by style, those of no known style together."""
    shape = f"regexp_replace(regexp_replace({bare}, '[0-9]', '9', 'g'), '[A-Za-z]+', 'A', 'g')"
    shapes = (
        relation.project(f"{bare} AS v, left({shape}, 80) AS s")
        .filter("v IS NOT NULL")
        .aggregate("s, count(*) AS n, min(v) AS v")
        .order("n DESC, v")
        .limit(_SHAPES)
        .fetchall()
    )
    found: dict[str, _Group] = {}
    for text, n, example in shapes:
        style = _style_of(text)
        before = found.get(style)
        first = before.example if before else example
        found[style] = _Group(style, n + (before.n if before else 0), first)
    return list(found.values())


def _style_of(shape: str) -> str:
    if re.fullmatch(_ISO, shape):
        return "2026-03-15"
    for name, style in STYLES.items():
        if re.fullmatch(style.shape + _CLOCK_SHAPE, shape):
            return name
    return next(
        (name for name, (bad, _) in _KNOWN_BAD.items() if re.fullmatch(bad, shape)), "other"
    )


def _by_day_or_month(
    relation: duckdb.DuckDBPyRelation, name: str, bare: str, style: Style, dayfirst: bool | None
) -> str:
    """Day first or month first, whichever all values fit; refused where both do and it matters."""
    day, month = style.reads(bare, "dmy"), style.reads(bare, "mdy")
    if dayfirst is not None:
        sql, order = (day, "day first") if dayfirst else (month, "month first")
        told = f"dayfirst={dayfirst} is told, by which they are read {order}."
        _refuse_unread(relation, name, bare, sql, told)
        return sql
    read = relation.project(f"{bare} AS v, {day} AS d, {month} AS m").filter("v IS NOT NULL")
    n, n_day, n_month, n_differ, example, no_day, no_month = read.aggregate(
        "count(*), count(d), count(m), count(*) FILTER (d <> m), min(v) FILTER (d <> m), "
        "min(v) FILTER (d IS NULL), min(v) FILTER (m IS NULL)"
    ).fetchall()[0]
    if n_day == n and n_month == n and n_differ:
        raise InputError(
            f"column {name!r} holds dates that may be day first or month first (for example "
            f"{example!r} in {n_rows(n_differ)}). Say dayfirst=True or dayfirst=False."
        )
    if n_day == n:
        return day
    if n_month == n:
        return month
    raise InputError(
        f"column {name!r} cannot be read: {n_rows(n - n_day)} cannot be day first (for example "
        f"{no_day!r}) and {n_rows(n - n_month)} cannot be month first (for example {no_month!r}). "
        "Mend them, or say dayfirst=True or dayfirst=False to see what is left."
    )


def _refuse_unread(
    relation: duckdb.DuckDBPyRelation, name: str, bare: str, sql: str, rule: str
) -> None:
    n, example = (
        relation.project(f"{bare} AS v, {sql} AS t")
        .filter("v IS NOT NULL AND t IS NULL")
        .aggregate("count(*), min(v)")
        .fetchall()[0]
    )
    if n:
        raise reject(
            "cannot be read",
            column=name,
            n=n,
            example=example,
            remedy=f"{rule} Such days or hours do not exist: mend them.",
        )


MISSING_MARKS = {"null", "nan", "n/a", "na", "#n/a", "none", "nat", "nil", "-", "--", "?", "."}


def for_missing(example: str) -> str:
    """What to do about a value that is a word for missing."""
    if example.casefold() in MISSING_MARKS:
        return (
            f"If {example!r} means missing, leave those fields empty: no word is taken for missing."
        )
    return ""


def _for_words(example: str) -> str:
    return for_missing(example) or f"{READ_AS}: mend the others, or leave their fields empty."


def n_rows(n: int) -> str:
    return f"{n:,} row{'s' if n != 1 else ''}"
