"""One contender in a process of its own: loads, warms up, then makes one timed call per request.

Spoken to by :mod:`benchmarks.harness` in lines of JSON: it sends a request, the worker answers.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.cases import cases_of

if TYPE_CHECKING:
    from collections.abc import Callable

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def main(module: str, case: str, contender: str, tiny: str, data: str, answer: str) -> None:
    """Serve one contender until the requests end.

    It starts on tiny data, so that what is imported by a first call counts neither as its time
    nor as its memory.
    """
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever a library prints is no reply
    one = cases_of(module)[case].contender(contender)
    one.prepare(Path(tiny))()
    call = one.prepare(Path(data))
    for request in sys.stdin:
        timed, result = _measured(call)
        if request.strip() == "warm up" and one.answer is not None:
            _save(Path(answer), one.answer(result))
        del result
        replies.write(json.dumps(timed) + "\n")


def _measured(call: Callable[[], Any]) -> tuple[dict[str, float], Any]:
    """Seconds on the clock and on all cores, and peak memory in bytes above what was loaded."""
    gc.collect()
    loaded = _reset_peak()
    cpu, wall = time.process_time(), time.perf_counter()
    result = call()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"seconds": wall, "cpu": cpu, "extra": max(0, _peak() - loaded)}, result


def _reset_peak() -> int:
    """Memory in use now, from here on the peak where the system can forget the old one."""
    if not _STATUS.exists():
        return _peak()
    try:
        _CLEAR.write_text("5")
    except OSError:  # not allowed: the peak is that of the process so far
        return _peak()
    return _status("VmRSS")


def _peak() -> int:
    # not ru_maxrss where there is a choice: it may remember the process this one was forked from
    if _STATUS.exists():
        return _status("VmHWM")
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _status(field: str) -> int:
    line = next(s for s in _STATUS.read_text().splitlines() if s.startswith(field + ":"))
    return int(line.split()[1]) * 1024


def _save(file: Path, answer: Any) -> None:
    import numpy as np

    file.mkdir(parents=True)
    for name, values in answer.items():
        np.save(file / f"{name}.npy", np.asarray(values, dtype=np.float64))


if __name__ == "__main__":
    main(*sys.argv[1:])
