"""Events or contracts in, spells out: one row per customer from the start to churn or the cut."""

from churnlab.spells.contracts import subscriptions_to_spells
from churnlab.spells.events import to_spells

__all__ = ["subscriptions_to_spells", "to_spells"]
