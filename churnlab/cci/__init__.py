"""The Customer Churn Index: what pushes customers out, what can be mended, and what cannot."""

from churnlab.cci.agreement import agreement, concordance
from churnlab.cci.answers import Answers, answers
from churnlab.cci.index import index, per_customer
from churnlab.cci.matrix import matrix
from churnlab.cci.owners import owners
from churnlab.cci.rank import rank
from churnlab.cci.stability import stability
from churnlab.cci.whatif import whatif

__all__ = [
    "Answers",
    "agreement",
    "answers",
    "concordance",
    "index",
    "matrix",
    "owners",
    "per_customer",
    "rank",
    "stability",
    "whatif",
]
