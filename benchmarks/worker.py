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

_SELF = Path("/proc/self")


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
    """Seconds on the clock and on all cores, and peak memory in bytes above what was loaded.

    A call made in another process (``call.pid``) is measured there.
    """
    gc.collect()
    process = Path("/proc") / str(getattr(call, "pid", "self"))
    loaded = _reset_peak(process)
    cpu, wall = _cpu(process), time.perf_counter()
    result = call()
    wall, cpu = time.perf_counter() - wall, _cpu(process) - cpu
    return {"seconds": wall, "cpu": cpu, "extra": max(0, _peak(process) - loaded)}, result


def _cpu(process: Path) -> float:
    if process == _SELF or not process.exists():
        return time.process_time()
    ticks = (process / "stat").read_text().rpartition(")")[2].split()[11:13]  # user and system
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _reset_peak(process: Path) -> int:
    """Memory in use now, from here on the peak where the system can forget the old one."""
    if not (process / "status").exists():
        return _peak(process)
    try:
        (process / "clear_refs").write_text("5")
    except OSError:  # not allowed: the peak is that of the process so far
        return _peak(process)
    return _status(process, "VmRSS")


def _peak(process: Path) -> int:
    # not ru_maxrss where there is a choice: it may remember the process this one was forked from
    if (process / "status").exists():
        return _status(process, "VmHWM")
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _status(process: Path, field: str) -> int:
    lines = (process / "status").read_text().splitlines()
    line = next(s for s in lines if s.startswith(field + ":"))
    return int(line.split()[1]) * 1024


def _save(file: Path, answer: Any) -> None:
    import numpy as np

    file.mkdir(parents=True)
    for name, values in answer.items():
        np.save(file / f"{name}.npy", np.asarray(values, dtype=np.float64))


if __name__ == "__main__":
    main(*sys.argv[1:])
