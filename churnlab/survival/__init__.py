"""Survival curves of customers, estimated from counts."""

from churnlab.survival.counted import spell_counts
from churnlab.survival.curves import kaplan_meier, life_table, nelson_aalen

__all__ = ["kaplan_meier", "life_table", "nelson_aalen", "spell_counts"]
