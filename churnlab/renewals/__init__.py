"""Customers under contract who renew or not: fitted cohorts, and what they promise."""

from churnlab.renewals.contracts import cohort_counts
from churnlab.renewals.fitting import fit
from churnlab.renewals.lessons import holdout, naive_curves
from churnlab.renewals.model import Renewals

__all__ = ["Renewals", "cohort_counts", "fit", "holdout", "naive_curves"]
