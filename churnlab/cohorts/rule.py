"""What counts as coming back: one frozen ``Rule``, and the rules of well-known tools by name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal, get_args

from churnlab import checks
from churnlab.checks import InputError
from churnlab.periods import Clock, Period
from churnlab.spells import rows

RuleName = Literal["on", "on_or_after", "amplitude", "mixpanel", "posthog"]
Returned = Literal["on", "on_or_after"]
Reference = Literal["first", "previous"]
Starts = Literal["first", "every"]
Denominator = Literal["eligible", "start"]
AgeZero = Literal["returned", "all"]


@dataclass(frozen=True)
class Rule:
    """What counts as coming back.

    Parameters
    ----------
    returned : {"on", "on_or_after"}
        Active in that very period, or in that or any later one. The second is still growing at
        the right edge: who is away now may yet return.
    brackets : tuple of int
        Edges of ranges of ages: (0, 1, 8, 31) is age 0, ages 1–7 and ages 8–30; () is every age
        by itself. A cell then stands at the first age of its range.
    reference : {"first", "previous"}
        Over those who started, or over the count at the age (range) before: a ratio of counts, not
        of the same customers, and above 1 where more come than before.
    starts : {"first", "every"}
        A customer belongs to the cohort of the first start only, or to that of every period with
        a start (at its first start within the period).
    start_kind, return_kind : str or tuple of str, optional
        Values of the column ``kind`` that start, and that count as coming back, in events and in
        money; any unless said.
    denominator : {"eligible", "start"}
        n_active over those whose whole period ended by ``as_of``; or n_seen over all who started,
        which is too low, and without limits, until the cell is mature. They differ on the elapsed
        clock only.
    age_zero : {"returned", "all"}
        Who is active at age 0: those with an activity that counts, the start itself included if
        it is one; or everyone by definition. On the calendar clock age 0 is the whole period of the
        start, what came before it in the period included.
    round_to : {"hour"}, optional
        On the elapsed clock, round times down to the hour first (to the day, where a period is
        longer than a day).
    clock : {"calendar", "elapsed"}, optional
        The clock the rule is defined on; None is either.

    Examples
    --------
    >>> from dataclasses import replace
    >>> first_time = replace(Rule.of("amplitude"), starts="first", start_kind="sign-up")
    >>> first_time.round_to
    'hour'
    """

    returned: Returned = "on"
    brackets: tuple[int, ...] = ()
    reference: Reference = "first"
    starts: Starts = "first"
    start_kind: Any = ()
    return_kind: Any = ()
    denominator: Denominator = "eligible"
    age_zero: AgeZero = "returned"
    round_to: Literal["hour"] | None = None
    clock: Clock | None = None

    def __post_init__(self) -> None:
        checks.choice("returned", self.returned, Returned)
        checks.choice("reference", self.reference, Reference)
        checks.choice("starts", self.starts, Starts)
        checks.choice("denominator", self.denominator, Denominator)
        checks.choice("age_zero", self.age_zero, AgeZero)
        checks.choice("round_to", self.round_to, (None, "hour"))
        checks.choice("clock", self.clock, (None, *get_args(Clock)))
        object.__setattr__(self, "brackets", _edges(self.brackets))
        for name in ("start_kind", "return_kind"):
            object.__setattr__(self, name, rows.kind_names(name, getattr(self, name) or None))

    @classmethod
    def of(cls, rule: RuleName | Rule) -> Rule:
        """A Rule from its name; a Rule passes through."""
        if isinstance(rule, Rule):
            return rule
        checks.choice("rule", rule, RuleName)
        return NAMED[rule]

    def on_clock(self, period: str | Period) -> Period:
        """The period on the clock of the rule; a Period that says another clock is refused."""
        unit = Period.of(period)
        if self.clock and self.clock != unit.clock:
            if isinstance(period, Period):
                raise InputError(
                    f"this rule is defined on the {self.clock} clock and the Period says "
                    f"clock={unit.clock!r}: use Period({unit.unit!r}, clock={self.clock!r})."
                )
            unit = replace(unit, clock=self.clock)
        if self.round_to and unit.clock != "elapsed":
            raise InputError("round_to='hour' needs a Period with clock='elapsed'.")
        return unit


def _edges(brackets: Any) -> tuple[int, ...]:
    if isinstance(brackets, str) or not hasattr(brackets, "__iter__"):
        raise InputError(f"brackets={brackets!r} must be edges of ages, such as (0, 1, 8, 31).")
    edges = tuple(checks.whole("brackets", edge, least=0) for edge in brackets)
    rising = all(a < b for a, b in pairwise(edges))
    if edges and (edges[0] != 0 or len(edges) < 2 or not rising):
        raise InputError(
            f"brackets={edges} must rise from 0, such as (0, 1, 8, 31): age 0, ages 1–7, 8–30."
        )
    return edges


# as the tools document their defaults; decision record 17 says where, and what is left open
NAMED: dict[str, Rule] = {
    "on": Rule(),
    "on_or_after": Rule("on_or_after"),
    "amplitude": Rule(
        "on_or_after", starts="every", denominator="start", round_to="hour", clock="elapsed"
    ),
    "mixpanel": Rule("on_or_after", starts="every", denominator="start", clock="elapsed"),
    "posthog": Rule(starts="every", denominator="start", age_zero="all", clock="calendar"),
}
