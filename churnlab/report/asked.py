"""What a report is asked: which columns play which role, up to when, and by which conventions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from churnlab import checks, engine, periods
from churnlab.checks import IfPresent, InputError
from churnlab.periods import Period
from churnlab.report.time import short
from churnlab.spells import rows

Kind = Literal["events", "contracts"]
ROLES = ("customer", "time", "start", "end", "amount", "reason")
_KINDS = {
    "customer": "id", "time": "time", "start": "time", "end": "time", "amount": "amount",
    "reason": "label",
}  # fmt: skip
_EVENTS, _CONTRACTS = ("customer", "time", "amount"), ("customer", "start", "end", "amount")


@dataclass(frozen=True)
class Asked:
    """The question, checked: ``columns`` holds the roles that are played, by the file's names."""

    kind: Kind
    columns: Mapping[str, str]
    have: tuple[str, ...]
    by: tuple[str, ...]
    unit: Period
    as_of: Any
    level: float
    inactivity: int | None
    ahead: int
    min_cell: int
    ratings: Any = field(repr=False)

    def has(self, role: str) -> bool:
        return role in self.columns

    @property
    def day(self) -> Period:
        return Period("day", tz=self.unit.tz)

    def roles(self, *names: str) -> dict[str, Any]:
        """The arguments that name these columns, those left out that are their own defaults."""
        given: dict[str, Any] = {}
        for role in names:
            column = self.columns.get(role)
            if column is None and role in self.have:
                given[role] = None  # there is such a column, and it is not to be read
            elif column is not None and column != role:
                given[role] = column
        return given

    def log(self) -> dict[str, Any]:
        """The arguments of every call on the log of events."""
        return {**self.roles(*_EVENTS), "as_of": self.as_of}

    def contracts(self, *names: str) -> dict[str, Any]:
        """The arguments of every call on the table of contracts."""
        return {**self.roles(*(names or _CONTRACTS[:3])), "as_of": self.as_of}

    def of_unit(self) -> dict[str, Any]:
        """``period=``, where it is not a month on the clock of the table."""
        return {} if self.unit == Period("month") else {"period": self.unit}

    def of_dates(self) -> dict[str, Any]:
        """``period=`` for tables of dates, which have no zone any more."""
        unit = replace(self.unit, tz=None)
        return {} if unit == Period("month") else {"period": unit}

    def of_day(self) -> dict[str, Any]:
        return {} if self.unit.tz is None else {"period": self.day}

    def of_level(self) -> dict[str, Any]:
        return {} if self.level == 0.95 else {"level": self.level}


def ask(
    data: Any, named: Mapping[str, str | None], by: str | Sequence[str] | None, **rest: Any
) -> Asked:
    """The question, with every column looked at once, so that a bad one is refused before all."""
    have = tuple(engine.column_names(data))
    columns = {
        role: str(name) for role, name in named.items()
        if name is not None and _plays(role, name, have)
    }  # fmt: skip
    if "customer" not in columns:
        raise InputError("customer=None: name the column, this role must be played.")
    kind = _kind(columns, have)
    unused = {"start", "end", "reason"} if kind == "events" else {"time"}
    wrong = [role for role in unused if role in columns and not _default(named[role])]
    if wrong:
        raise InputError(
            f"{wrong[0]}={columns[wrong[0]]!r}: a report is made of events (time) or of contracts "
            "(start, end): name the columns of one of them."
        )
    columns = {role: name for role, name in columns.items() if role not in unused}
    groups = checks.group_columns(by, ())
    unit = _unit(rest.pop("period"))
    asked = Asked(
        kind, columns, have, groups, unit, rest.pop("as_of"),
        checks.confidence(rest.pop("level")), _days(rest.pop("inactivity"), kind),
        checks.whole("ahead", rest.pop("ahead"), least=1),
        checks.whole("min_cell", rest.pop("min_cell"), least=0), rest.pop("ratings"),
    )  # fmt: skip
    return replace(asked, as_of=_until(data, asked))


def _plays(role: str, name: str, have: Sequence[str]) -> bool:
    """A name that was given must be there; a default may be missing, but not by another spelling."""
    return not _default(name) or name in have or bool(checks.look_alikes(str(name), have))


def _default(name: str | None) -> bool:
    return isinstance(name, IfPresent)


def _kind(columns: Mapping[str, str], have: Sequence[str]) -> Kind:
    times, starts = "time" in columns, "start" in columns
    if times and starts:
        raise InputError(
            f"the table has {columns['time']!r} and {columns['start']!r}: say start=None for a log "
            "of events, or time=None for contracts."
        )
    if not times and not starts:
        checks.require_columns(
            ["time"], have, remedy="Name the time of events in time=, or the start of contracts in "
            "start= (and their end in end=).",
        )  # fmt: skip
    if starts and "end" not in columns:
        checks.require_columns(["end"], have, remedy="Name the end of contracts in end=: the first day "
                               "without it, empty while it runs.")  # fmt: skip
    return "events" if times else "contracts"


def _unit(period: str | Period) -> Period:
    unit = Period.of(period)
    if unit.clock != "calendar" or unit.days == 1:
        raise InputError(
            f"period={unit.unit!r}: a report goes by calendar weeks, months, quarters or years "
            "(or a number of days, such as '28D')."
        )
    return unit


def _days(inactivity: int | None, kind: Kind) -> int | None:
    if inactivity is None:
        return None
    if kind == "contracts":
        raise InputError(
            f"inactivity={inactivity!r}: contracts say themselves when they end; it is for events."
        )
    return checks.whole("inactivity", inactivity, least=2)


def once(data: Any, asked: Asked) -> Any:
    """The table to count from: a file of text is read by its rules once, not for every call."""
    table = engine.typed(data, _kinds(asked))
    return data if table is data else engine.held(table)


def _kinds(asked: Asked) -> dict[str, str]:
    """The columns that are named, and what each must hold."""
    kinds = dict.fromkeys(asked.by, "label")
    return kinds | {name: _KINDS[role] for role, name in asked.columns.items()}


def _until(data: Any, asked: Asked) -> str:
    """The exclusive instant of the report, after a look at every column that is named."""
    wanted: dict[str, tuple[str | None, str]] = {
        role: (name, _KINDS[role]) for role, name in asked.columns.items()
    }
    wanted |= {f"by{i}": (name, "label") for i, name in enumerate(asked.by)}
    frame = engine.scan(data, wanted, tz=asked.unit.tz)
    if asked.kind == "events":
        return short(rows.resolve_as_of(frame, asked.as_of).isoformat())
    if asked.as_of is None:
        raise InputError(
            "contracts need as_of=, the date up to which they are known: a contract without an end "
            "is running then, and nothing at or after that date is read."
        )
    return short(periods.instant(asked.as_of, argument="as_of", tz=frame.tz).isoformat())
