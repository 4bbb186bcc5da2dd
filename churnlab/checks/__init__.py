"""The contract at the door: arguments, messages, the ledger of exclusions and the vocabulary."""

from churnlab.checks.arguments import (
    choice,
    confidence,
    ends,
    group_columns,
    number,
    numbers,
    whole,
)
from churnlab.checks.flags import event_flags
from churnlab.checks.ledgers import (
    RULES,
    Entry,
    Rule,
    Table,
    attrs,
    entries,
    history,
    ledger,
)
from churnlab.checks.messages import (
    OWN_NAMES,
    EngineError,
    IfPresent,
    InputError,
    look_alikes,
    plain,
    reject,
    require_columns,
)
from churnlab.checks.words import (
    VOCABULARY,
    vocabulary,
)

__all__ = [
    "OWN_NAMES",
    "RULES",
    "VOCABULARY",
    "EngineError",
    "Entry",
    "IfPresent",
    "InputError",
    "Rule",
    "Table",
    "attrs",
    "choice",
    "confidence",
    "ends",
    "entries",
    "event_flags",
    "group_columns",
    "history",
    "ledger",
    "look_alikes",
    "number",
    "numbers",
    "plain",
    "reject",
    "require_columns",
    "vocabulary",
    "whole",
]
