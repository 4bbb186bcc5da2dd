"""Survival curves of customers, estimated from counts."""

from churnlab.survival.at import at
from churnlab.survival.bands import bands
from churnlab.survival.counted import spell_counts
from churnlab.survival.curves import kaplan_meier, life_table, nelson_aalen
from churnlab.survival.elimination import eliminate, reason_bounds
from churnlab.survival.incidence import incidence
from churnlab.survival.quantiles import quantiles
from churnlab.survival.residual import residual
from churnlab.survival.restricted import restricted_mean
from churnlab.survival.risk_table import at_risk

__all__ = [
    "at",
    "at_risk",
    "bands",
    "eliminate",
    "incidence",
    "kaplan_meier",
    "life_table",
    "nelson_aalen",
    "quantiles",
    "reason_bounds",
    "residual",
    "restricted_mean",
    "spell_counts",
]
