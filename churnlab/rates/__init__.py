"""Rates of customers per period: lost, kept, introduced, active; and two of them compared."""

from churnlab.rates.activity import stickiness
from churnlab.rates.ages import churn_by_age, standardise
from churnlab.rates.churn import churn_rate, churn_rate_from_counts
from churnlab.rates.indicators import kpis
from churnlab.rates.referrals import referral_rate, retention_rate
from churnlab.rates.samples import sample_size
from churnlab.rates.trials import compare, compare_from_counts
from churnlab.rates.units import convert

__all__ = [
    "churn_by_age",
    "churn_rate",
    "churn_rate_from_counts",
    "compare",
    "compare_from_counts",
    "convert",
    "kpis",
    "referral_rate",
    "retention_rate",
    "sample_size",
    "standardise",
    "stickiness",
]
