"""Cohort retention: triangles, the curve over all cohorts, and the customers behind a cell."""

from churnlab.cohorts.by_period import by_period
from churnlab.cohorts.members import customers
from churnlab.cohorts.pooled import pooled
from churnlab.cohorts.rule import Rule
from churnlab.cohorts.tables import retention

__all__ = ["Rule", "by_period", "customers", "pooled", "retention"]
