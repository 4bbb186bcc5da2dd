"""The contract at the door: arguments, messages, the ledger of exclusions and the vocabulary."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

if TYPE_CHECKING:
    import pandas as pd


class InputError(ValueError):
    """The call or the data cannot give an honest answer; the message says what to do."""


class EngineError(RuntimeError):
    """The engine that holds the table (DuckDB, Spark, a warehouse) could not do its part."""


class IfPresent(str):
    """A default column name that is read when the table has it and is no error when it has not.

    A name the user writes out is a plain ``str`` and must exist.
    """

    __slots__ = ()


# --------------------------------------------------------------------------- the vocabulary
VOCABULARY: Mapping[str, str] = {
    # roles
    "customer": "identifier of a customer; text, or whole numbers as the file has them",
    "time": "timestamp or date of an event",
    "amount": "money of an event, or the monthly rate of a contract",
    "start": "date on which a spell or contract begins; intervals are [start, end)",
    "end": "date on which a contract ends, exclusive; missing while it runs",
    "spell": "number of the spell within its customer, from 1",
    "duration": "length of a spell in whole periods, and the axis of every curve",
    "event": "True where the churn was seen, False where the spell is censored",
    "entry": "duration at which observation began (left truncation); missing = from the origin",
    # curves
    "n_entry": "spells that came under observation (delayed entry) from this row to the next",
    "n_risk": "spells under observation just before this duration",
    "n_event": "churns seen at exactly this duration",
    "n_censor": "spells censored at exactly this duration",
    "estimate": "the estimate",
    "std_error": "standard error of the estimate itself",
    "conf_low": "lower confidence limit",
    "conf_high": "upper confidence limit",
    # triangles
    "cohort": "first day of the period in which the customer was first active",
    "age": "index of the period counted from the cohort's own, which is age 0",
    "n_start": "customers of the cohort",
    "n_eligible": "customers whose whole period at this age ended by as_of",
    "n_active": "eligible customers active in the period; missing where no one is eligible",
    "n_seen": "customers active in the period so far, eligible or not",
    "value": "the measure summed over the eligible: customers, events or money",
    "retention": "share kept; missing where no one is eligible yet",
    "mature": "True where every customer of the cohort is eligible",
    # rates
    "period_start": "first day of the calendar period",
    "opening": "customers present when the period opens",
    "lost": "customers of the opening cohort who left within the period",
    "new": "customers who came within the period",
    "new_lost": "customers who came and left within the same period",
    "exposure": "customer-periods at risk (one customer for one whole period is 1)",
    "rate": "the churn rate of the period by the method asked for",
    "method": "the method of a churn rate, by its denominator",
    # the ledger
    "stage": "the function that counted",
    "unit": "what is counted: rows, customers or spells",
    "rule": "the named rule under which it was used or excluded",
    "fate": "read, used, excluded, or noted (used, and worth knowing)",
    "n": "how many",
    "meaning": "the rule in words",
    # the catalogue of data sets
    "name": "name of the data set",
    "rows": "number of rows",
    "origin": "real, sample (made up by its publisher) or generated (made here)",
    "source": "where the data come from",
    "licence": "under which licence they are shared",
    "story": "what they are and what to beware of",
    "sha256": "fingerprint of the shipped file",
}


def vocabulary() -> pd.DataFrame:
    """Every column name churnlab puts in a result, with its one meaning.

    Returns
    -------
    DataFrame with ``name`` and ``meaning``.

    Examples
    --------
    >>> import churnlab as cl
    >>> words = cl.vocabulary().set_index("name")["meaning"]
    >>> words["n_censor"]
    'spells censored at exactly this duration'
    """
    import pandas as pd

    return pd.DataFrame(list(VOCABULARY.items()), columns=["name", "meaning"])


# ------------------------------------------------------------------------------- the ledger
class Rule(NamedTuple):
    fate: str
    meaning: str


RULES: Mapping[str, Rule] = {
    "read": Rule("read", "everything that came in"),
    "used": Rule("used", "counted in the result"),
    "missing_customer": Rule("excluded", "the customer is missing, empty or blank"),
    "missing_time": Rule("excluded", "the time is missing"),
    "missing_start": Rule("excluded", "the start is missing"),
    "after_as_of": Rule("excluded", "at or after as_of: not part of the period observed"),
    "refund": Rule("excluded", "a negative amount is money going back, never activity"),
    "end_before_start": Rule("excluded", "the contract ends before it starts"),
    "no_activity": Rule("excluded", "every row of the customer was excluded"),
    "after_cut": Rule("excluded", "began after as_of − inactivity: too new to be judged"),
    "later_spell": Rule("excluded", "a later spell of a customer whose first one is used"),
    "before_observed_from": Rule("excluded", "was over before observation began"),
    "missing_duration": Rule("excluded", "the duration is missing"),
    "missing_event": Rule("excluded", "it is missing whether the churn was seen"),
    "missing_weight": Rule("excluded", "the weight is missing"),
    "zero_weight": Rule("excluded", "the weight is zero"),
    "missing_count": Rule("excluded", "the count is missing"),
    "zero_count": Rule("excluded", "the count is zero"),
    "zero_length": Rule("excluded", "came under observation at or after its own end"),
    "identical_rows": Rule("noted", "repeats of an identical row: used, not dropped"),
    "by_changed": Rule("noted", "a carried column changed later: its first value is used"),
    "in_progress": Rule("noted", "left in the period in progress, which has no rate yet"),
}


class Entry(NamedTuple):
    """One line of a ledger: ``n`` units met ``rule`` at ``stage``."""

    stage: str
    unit: str
    rule: str
    n: int


def entries(stage: str, unit: str, counted: Mapping[str, int]) -> list[Entry]:
    """Ledger lines of one stage and unit; zero lines are left out, ``read`` and ``used`` stay."""
    keep = ("read", "used")
    return [Entry(stage, unit, r, int(n)) for r, n in counted.items() if n or r in keep]


def attrs(as_of: str | None, lines: Iterable[Entry]) -> dict[str, Any]:
    """What an estimate carries in ``.attrs``: plain JSON values only."""
    return {"as_of": as_of, "ledger": [dict(line._asdict()) for line in lines]}


def ledger(result: Any) -> pd.DataFrame:
    """What was read, used and excluded on the way to ``result``, and under which rule.

    Within each stage and unit, ``read`` equals ``used`` plus all that is ``excluded``;
    ``noted`` lines are part of ``used``.

    Parameters
    ----------
    result : Table or DataFrame
        What a churnlab function returned. pandas drops ``attrs`` in some operations, so ask
        the result itself rather than something made from it.

    Returns
    -------
    DataFrame with ``stage, unit, fate, rule, n, meaning``.

    Raises
    ------
    InputError
        If ``result`` carries no ledger.
    """
    import pandas as pd

    table = isinstance(result, Table)
    lines = [*result._lines(), *result._note()] if table else _carried(result)
    rows = [
        (e.stage, e.unit, RULES[e.rule].fate, e.rule, e.n, RULES[e.rule].meaning) for e in lines
    ]
    return pd.DataFrame(rows, columns=["stage", "unit", "fate", "rule", "n", "meaning"])


def _carried(result: Any) -> list[Entry]:
    lines = getattr(result, "attrs", {}).get("ledger")
    if lines is None:
        raise InputError(
            f"this {type(result).__name__} carries no ledger: pass the result of a churnlab "
            "function as it came (joins and group-bys in pandas may drop it)."
        )
    return [Entry(**line) for line in lines]


@dataclass(frozen=True, repr=False)
class Table:
    """A reshaped table with the date up to which it was read and the ledger of how it was made.

    Attributes
    ----------
    frame
        The rows, of the input's own kind: pandas in, pandas out; a path gives a lazy DuckDB
        relation; lazy polars, Spark and Ibis tables stay lazy.
    as_of : str or None
        The exclusive instant up to which the data was read, in ISO format.

    Notes
    -----
    A lazy frame is read again whenever it is used: it, and the ledger, follow a file that changes.
    """

    frame: Any = field(repr=False)
    as_of: str | None
    _count: Callable[[], list[Entry]] = field(repr=False, compare=False)
    _note: Callable[[], list[Entry]] = field(default=list, repr=False, compare=False)
    _counted: list[Entry] = field(default_factory=list, init=False, repr=False, compare=False)

    def ledger(self) -> pd.DataFrame:
        """The ledger as a frame (:func:`churnlab.ledger`), with repeats of identical rows noted.

        Repeats take a pass over every row, so estimates made from the Table do not carry them.
        """
        return ledger(self)

    def __repr__(self) -> str:
        rows = f"{len(self.frame):,} rows" if hasattr(self.frame, "__len__") else "lazy"
        return f"Table(as_of={self.as_of!r}, {rows}: see .frame and .ledger())"

    def _lines(self) -> list[Entry]:
        if not self._counted:
            self._counted.extend(self._count())
        return list(self._counted)


def history(data: Any) -> tuple[str | None, list[Entry]]:
    """``as_of`` and ledger so far of an estimator's input; a bare table starts a new ledger."""
    return (data.as_of, data._lines()) if isinstance(data, Table) else (None, [])


# ----------------------------------------------------------------------------- the messages
def reject(what: str, *, column: str, n: int | None, example: Any, remedy: str) -> InputError:
    """One clear message: what is wrong, in which column, how many rows, an example, a remedy."""
    rows = "" if n is None else f" in {n:,} row{'s' if n != 1 else ''}"
    shown = plain(example)
    shown = shown if len(shown) <= 60 else shown[:57] + "…"
    return InputError(f"column {column!r} {what}{rows} (for example {shown}). {remedy}")


def plain(value: Any) -> str:
    """A value as a person would write it: no ``np.float64(…)``, text in quotes."""
    item = value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value
    return str(item) if hasattr(item, "isoformat") else repr(item)


_OWN_NAMES = "Name your own column in the argument of the same role, e.g. customer='client_no'."


def require_columns(
    want: Iterable[str],
    have: Sequence[str],
    *,
    what: str = "the table",
    remedy: str = _OWN_NAMES,
) -> None:
    """Refuse, in one message, every wanted column that is not there, with the likely meant one."""
    missing = [name for name in want if name not in have]
    if not missing:
        return
    lines = []
    for name in missing:
        near = look_alikes(name, have)
        near = near or [h for h in have if h.casefold().startswith(name.casefold())]
        near = near or difflib.get_close_matches(name, have, n=1)
        lines.append(f"{name!r}" + (f" (did you mean {near[0]!r}?)" if near else ""))
    shown = ", ".join(repr(h) for h in have[:12]) + (", …" if len(have) > 12 else "")
    plural = "s" if len(missing) > 1 else ""
    raise InputError(
        f"{what} has no column{plural} {', '.join(lines)}. Its columns: {shown or 'none'}. {remedy}"
    )


def look_alikes(name: str, have: Iterable[str]) -> list[str]:
    """The names that differ from ``name`` in case or blanks only."""
    return [h for h in have if h != name and h.strip().casefold() == name.strip().casefold()]


def choice(argument: str, value: object, allowed: Any) -> None:
    """Refuse a value outside a ``Literal`` type, listing what may be said."""
    options = get_args(allowed) or tuple(allowed)
    if value not in options:
        listed = ", ".join(repr(o) for o in options)
        raise InputError(f"{argument}={value!r} is not one of {listed}.")


def confidence(level: float) -> float:
    """A confidence level strictly between 0 and 1."""
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
        hint = f" Did you mean {level / 100:g}?" if _is_percent(level) else ""
        raise InputError(f"level={level!r} must lie strictly between 0 and 1.{hint}")
    return float(level)


def _is_percent(level: Any) -> bool:
    return isinstance(level, int | float) and not isinstance(level, bool) and 1 < level < 100


def whole(argument: str, value: object, *, least: int) -> int:
    """A whole number of at least ``least``."""
    scalar: Any = value  # numpy's numbers have an item()
    number = scalar.item() if getattr(value, "ndim", None) == 0 else value
    if isinstance(number, bool) or not isinstance(number, int | float) or not _is_whole(number):
        raise InputError(f"{argument}={value!r} must be a whole number of at least {least}.")
    if number < least:
        raise InputError(f"{argument}={value!r} must be at least {least}.")
    return int(number)


def _is_whole(number: float) -> bool:
    return math.isfinite(number) and float(number).is_integer()


def group_columns(
    by: str | Sequence[str] | None, taken: Iterable[str], *, argument: str = "by"
) -> tuple[str, ...]:
    """``by`` (or ``keep``) as a tuple of names, none of them the name of a result column."""
    if not isinstance(by, str | list | tuple | None):
        raise InputError(f"{argument}={by!r} must be a column name or a list of names.")
    names = () if by is None else (by,) if isinstance(by, str) else tuple(by)
    for name in names:
        if not isinstance(name, str):
            raise InputError(f"{argument}={by!r} must be a column name or a list of names.")
    if len(set(names)) != len(names):
        raise InputError(f"{argument}={by!r} names a column twice.")
    for name in names:
        if name in set(taken):
            raise InputError(
                f"{argument}={name!r} is also the name of a column of the result: rename the column "
                f"in your table first, e.g. to {name + '_group'!r}."
            )
    return names
