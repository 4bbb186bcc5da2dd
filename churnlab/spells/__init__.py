"""Events or contracts in, spells out: one row per customer from the start to churn or the cut."""

from churnlab.spells.contracts import subscriptions_to_spells
from churnlab.spells.covariates import add_covariates
from churnlab.spells.durations import durations_to_spells
from churnlab.spells.events import to_spells
from churnlab.spells.profile import profile
from churnlab.spells.snapshot import to_snapshot
from churnlab.spells.suspension import suspend
from churnlab.spells.there import to_subscriptions

__all__ = [
    "add_covariates",
    "durations_to_spells",
    "profile",
    "subscriptions_to_spells",
    "suspend",
    "to_snapshot",
    "to_spells",
    "to_subscriptions",
]
