"""What a triangle is asked for, and the event log read for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import narwhals.stable.v2 as nw

from churnlab import checks, engine, periods
from churnlab.checks import InputError
from churnlab.cohorts.rule import Rule, RuleName
from churnlab.engine import Frame
from churnlab.periods import Period
from churnlab.spells import rows

Measure = Literal["customers", "events", "money"]
CENTS = 10_000  # money is added in whole ten-thousandths
_HOUR_US = 3_600_000_000


@dataclass(frozen=True)
class Columns:
    """The user's names of the columns of an event log."""

    customer: str
    time: str
    amount: str | None
    kind: str | None
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """Rule, clock, measure and cohorts, checked."""

    rule: Rule
    unit: Period
    measure: Measure
    cohort: Any  # None, a Period, the name of a column, or a table of starts

    @classmethod
    def of(
        cls, rule: RuleName | Rule, period: str | Period, measure: Measure, cohort: Any
    ) -> Question:
        found = Rule.of(rule)
        if rule == "posthog" and period == "week":
            period = Period("week", week_start=7)  # its weeks begin on Sunday
        checks.choice("measure", measure, Measure)
        if found.returned == "on_or_after" and measure != "customers":
            raise InputError(
                f"measure={measure!r} has no 'on or after': it would count the same {measure} at "
                "every age. Use rule='on', or measure='customers'."
            )
        asked = cls(found, found.on_clock(period), measure, cohort)
        if found.starts == "every" and not asked.starts_in_log:
            raise InputError(
                "starts='every' makes a cohort of every period with a start: leave cohort= out."
            )
        if isinstance(cohort, Period) and cohort.clock != "calendar":
            raise InputError("cohort= needs a calendar Period: cohorts are calendar periods.")
        return asked

    @property
    def starts_in_log(self) -> bool:
        """True where starts are events of the log."""
        return self.cohort is None or isinstance(self.cohort, Period)

    @property
    def is_plain(self) -> bool:
        """True where a start is the first activity and every activity counts alike."""
        rule = self.rule
        of_kind = rule.start_kind or rule.return_kind
        return self.cohort is None and rule.starts == "first" and not of_kind

    @property
    def label(self) -> Period:
        """The calendar periods that cohorts are named by."""
        unit = self.cohort if isinstance(self.cohort, Period) else self.unit
        return Period(unit.unit, unit.week_start)

    def place(self, frame: Frame, role: str) -> nw.Expr:
        """Where a time lies on the clock: a period index, or microseconds."""
        time = nw.col(role)
        if self.unit.clock == "calendar":
            return self.unit.index(time)
        place = periods.micros(time, is_date=frame.is_date(role))
        if self.rule.round_to:
            step = _HOUR_US if self.unit.days == 1 else periods.DAY_US
            place = periods.floordiv(place, step) * step
        return place

    def age(self) -> nw.Expr:
        """Whole periods from ``origin`` to ``at``."""
        passed = nw.col("at") - nw.col("origin")
        return (
            passed
            if self.unit.clock == "calendar"
            else periods.floordiv(passed, self.unit.elapsed_us)
        )


@dataclass(frozen=True)
class Log:
    """An event log at the door, and its rows that count."""

    frame: Frame
    as_of: datetime
    rules: Mapping[str, nw.Expr]  # which exclude a row
    used: Frame

    @property
    def is_return(self) -> nw.Expr:
        """True where a used row is an activity that counts as coming back."""
        return _is_activity(self.frame) & self._of_kind("is_return")

    @property
    def is_money(self) -> nw.Expr:
        """True where the amount of a used row counts: refunds too."""
        return self._of_kind("is_return")

    @property
    def is_start(self) -> nw.Expr:
        return _is_activity(self.frame) & self._of_kind("is_start")

    def _of_kind(self, flag: str) -> nw.Expr:
        return nw.col(flag) if self.frame.has("kind") else always()


def read(
    events: Any,
    columns: Columns,
    asked: Question,
    as_of: Any,
    extra: Mapping[str, tuple[str, str]],
) -> Log:
    """The log with the rules that exclude a row; ``extra`` are further columns, by role."""
    kind = rows.kind_column(columns.kind, asked.rule.start_kind, asked.rule.return_kind)
    frame = engine.scan(
        events,
        {"customer": (columns.customer, "id"), "time": (columns.time, "time"),
         "amount": (columns.amount, "amount"),
         "kind": (kind, "label")}
        | dict(extra),
        tz=asked.unit.tz,
    )  # fmt: skip
    rows.refuse_elapsed_zones(frame, asked.unit)
    moment = rows.resolve_as_of(frame, as_of)
    rules = rows.event_rules(frame, moment)
    if asked.measure == "money":
        if not frame.has("amount"):
            raise InputError("measure='money' needs a column of amounts: name it with amount=.")
        rules.pop("refund", None)  # it is money, though no activity
        rows.refuse_amounts(frame, rows.used(frame, rules))
    used = rows.used(frame, rules)
    if kind:
        rules, used = _with_kinds(frame, rules, asked.rule)
    return Log(frame, moment, rules, used)


def _is_activity(frame: Frame) -> nw.Expr:
    return nw.col("amount").fill_null(0) >= 0 if frame.has("amount") else always()


def _with_kinds(
    frame: Frame, rules: dict[str, nw.Expr], rule: Rule
) -> tuple[dict[str, nw.Expr], Frame]:
    """The rules and used rows where kinds are told apart, with flags ``is_start, is_return``."""
    flags = {}
    for flag, argument in (("is_start", "start_kind"), ("is_return", "return_kind")):
        kinds = getattr(rule, argument)
        rows.require_kinds(frame, argument, kinds)
        flags[flag] = rows.is_kind(kinds) if kinds else always()
    rules = rules | {"other_kind": ~(flags["is_start"] | flags["is_return"])}
    used = rows.used(frame, rules)
    return rules, used.then(lambda lazy: lazy.with_columns(**flags))


def always() -> nw.Expr:
    """True on every used row; a bare literal is no condition in a filter."""
    return ~nw.col("customer").is_null()
