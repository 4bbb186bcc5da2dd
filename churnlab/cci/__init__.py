"""The Customer Churn Index: what pushes customers out, what can be mended, and what cannot."""

from churnlab.cci.index import index, per_customer
from churnlab.cci.matrix import matrix, owners

__all__ = ["index", "matrix", "owners", "per_customer"]
