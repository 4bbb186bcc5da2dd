"""Groups of customers compared by how long they stay: tests, differences and sample sizes."""

from churnlab.compare.gray import gray
from churnlab.compare.points import milestone, restricted_mean
from churnlab.compare.ranks import logrank, observed_expected
from churnlab.compare.several import pairwise, trend
from churnlab.compare.sizes import sample_size

__all__ = [
    "gray",
    "logrank",
    "milestone",
    "observed_expected",
    "pairwise",
    "restricted_mean",
    "sample_size",
    "trend",
]
