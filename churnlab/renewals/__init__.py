"""Customers under contract who renew or not: fitted cohorts, and what they promise."""

from churnlab.renewals.fitting import fit
from churnlab.renewals.lessons import holdout, naive_curves
from churnlab.renewals.model import Renewals

__all__ = ["Renewals", "fit", "holdout", "naive_curves"]
