"""The ledger of what was read, used and excluded, and the Table that carries it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from churnlab.checks.messages import InputError

if TYPE_CHECKING:
    import pandas as pd


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
    "missing_amount": Rule("excluded", "the amount is missing: what the customer pays is unknown"),
    "end_before_start": Rule("excluded", "the contract ends before it starts"),
    "other_kind": Rule("excluded", "of a kind that neither starts nor counts as coming back"),
    "no_start": Rule("excluded", "of a customer who never started"),
    "before_start": Rule("excluded", "before the customer's start"),
    "no_activity": Rule("excluded", "every row of the customer was excluded"),
    "after_cut": Rule(
        "excluded", "began after as_of − inactivity (or grace): too new to be judged"
    ),
    "no_exposure": Rule("excluded", "the spell lies inside a pause: never under observation"),
    "later_spell": Rule("excluded", "a later spell of a customer whose first one is used"),
    "no_turn": Rule("excluded", "was there at no turn of a period"),
    "before_observed_from": Rule("excluded", "was over before observation began"),
    "missing_duration": Rule("excluded", "the duration is missing"),
    "missing_event": Rule("excluded", "it is missing whether the churn was seen"),
    "missing_weight": Rule("excluded", "the weight is missing"),
    "zero_weight": Rule("excluded", "the weight is zero"),
    "missing_count": Rule("excluded", "the count is missing"),
    "zero_count": Rule("excluded", "the count is zero"),
    "zero_length": Rule("excluded", "came under observation at or after its own end"),
    "over_by_given": Rule("excluded", "was over by the duration given"),
    "missing_cluster": Rule("excluded", "the cluster is missing, empty or blank"),
    "missing_factor": Rule("excluded", "the factor is missing, empty or blank"),
    "missing_rating": Rule("excluded", "satisfaction or importance is missing: not answered"),
    "no_importance": Rule("excluded", "nothing the customer rated matters to them"),
    "incomplete": Rule("excluded", "the customer did not rate every factor: missing='complete'"),
    "not_in_spells": Rule("excluded", "of a customer who has no spell in the table"),
    "after_label": Rule("excluded", "after the last label window: not looked at"),
    "outside_window": Rule("excluded", "no activity in the feature window of any observation date"),
    "no_changes": Rule("noted", "customers without any change: their covariates are missing"),
    "amount_unknown": Rule("noted", "without an amount: activity that adds no money"),
    "no_events": Rule("noted", "customers who started and did nothing since"),
    "between_turns": Rule("noted", "customers who paid at no turn of a period"),
    "not_all_factors": Rule("noted", "customers who did not rate every factor"),
    "straight_line": Rule("noted", "customers to whom everything matters alike: equal shares"),
    "several_groups": Rule("noted", "customers in more than one group: they count in each"),
    "look_alike": Rule("noted", "factors whose names differ only in case or blanks"),
    "no_improvability": Rule("noted", "rated factors whose improvability nobody gave"),
    "not_rated": Rule("noted", "factors of the improvability table that nobody rated"),
    "identical_rows": Rule("noted", "repeats of an identical row: used, not dropped"),
    "by_changed": Rule("noted", "a carried column changed later: its first value is used"),
    "clustered": Rule("noted", "share their cluster with others: one error for all of them"),
    "reason_unknown": Rule("noted", "churn whose reason is missing or says unknown"),
    "reason_of_running": Rule("noted", "a reason where no churn was seen: not looked at"),
    "in_grace": Rule("noted", "ended, but may still be renewed within grace: censored at the cut"),
    "in_pause": Rule("noted", "churn dated inside a pause: counted at the pause's beginning"),
    "missing_arm": Rule("excluded", "the arm of the trial is missing, empty or blank"),
    "not_yet_observed": Rule("excluded", "whether the customer stays is not yet observed"),
    "self_referral": Rule("excluded", "the customer is named as their own referrer"),
    "before_buying": Rule("excluded", "the referrer came later than the customer referred"),
    "unknown_referrer": Rule("excluded", "referred by someone who is not among the customers"),
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
    cluster : str or None
        The column whose equal values belong together, where rows are not independent.
    count : str or None
        The column that says how many identical spells a row stands for.

    Notes
    -----
    A lazy frame is read again whenever it is used: it, and the ledger, follow a file that changes.
    """

    frame: Any = field(repr=False)
    as_of: str | None
    _count: Callable[[], list[Entry]] = field(repr=False, compare=False)
    _note: Callable[[], list[Entry]] = field(default=list, repr=False, compare=False)
    _counted: list[Entry] = field(default_factory=list, init=False, repr=False, compare=False)
    cluster: str | None = None
    count: str | None = None

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
