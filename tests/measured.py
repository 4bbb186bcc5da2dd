"""A piece of code run in a process of its own, with the peak of its memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

# not ru_maxrss where there is a choice: it remembers the process this one was forked from
_PEAK = """
import pathlib, re, resource, sys
_status = pathlib.Path("/proc/self/status")
if _status.exists():
    _peak = 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", _status.read_text())[1])
else:
    _unit = 1 if sys.platform == "darwin" else 1024
    _peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _unit
print(_peak)
"""


def run(code: str, *arguments: str | Path) -> tuple[list[float], int]:
    """What the code prints as numbers, and its peak memory in bytes."""
    done = subprocess.run(
        [sys.executable, "-c", code + _PEAK, *map(str, arguments)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    *printed, peak = map(float, done.stdout.split())
    return printed, int(peak)


def rows_of(path: Path) -> int:
    """How many rows a Parquet file has."""
    import duckdb

    with duckdb.connect() as connection:
        query = connection.execute("SELECT count(*) FROM read_parquet(?)", [str(path)])
        ((rows,),) = query.fetchall()
    return int(rows)
