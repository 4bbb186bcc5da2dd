"""Survival curves of customers, estimated from counts."""

from churnlab.survival.counted import spell_counts
from churnlab.survival.curves import kaplan_meier, life_table, nelson_aalen
from churnlab.survival.elimination import eliminate, reason_bounds
from churnlab.survival.incidence import incidence
from churnlab.survival.risk_table import at_risk

__all__ = [
    "at_risk",
    "eliminate",
    "incidence",
    "kaplan_meier",
    "life_table",
    "nelson_aalen",
    "reason_bounds",
    "spell_counts",
]
