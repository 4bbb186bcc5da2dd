"""The one door to data: any table in, a lazy frame to count on, small counts out.

This package alone knows DuckDB, Spark and Ibis. Everything else speaks narwhals' lazy
expressions before counting and numpy or pandas after it.
"""

from churnlab.engine.count import (
    bits_by_first,
    collect,
    counts,
    fetch,
    hand_back,
    has_masks,
    held,
    masks,
    sort_missing_last,
)
from churnlab.engine.door import Frame, Role, column_names, is_blank, scan, typed
from churnlab.engine.given import File, is_path
from churnlab.engine.session import limits, one_connection, sql
from churnlab.engine.together import beside

__all__ = [
    "File",
    "Frame",
    "Role",
    "beside",
    "bits_by_first",
    "collect",
    "column_names",
    "counts",
    "fetch",
    "hand_back",
    "has_masks",
    "held",
    "is_blank",
    "is_path",
    "limits",
    "masks",
    "one_connection",
    "scan",
    "sort_missing_last",
    "sql",
    "typed",
]
