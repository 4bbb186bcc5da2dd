"""``python -m benchmarks [workload ...] [--rows N ...] [--repeat K] [--out FILE] [--long]``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.cases import ROOT, THREADS, WORKLOADS, cases_of
from benchmarks.harness import Disagreement, Failure, run


def main(argv: Sequence[str] | None = None) -> int:
    """Run workloads, print a table for each case, write the results; 1 if any case failed."""
    chosen = _arguments(argv)
    wrong = 0
    for workload in chosen.workloads or WORKLOADS:
        module, results = f"benchmarks.{workload}", []
        for case in cases_of(module).values():
            for rows in chosen.rows or case.rows:
                if case.long_from and rows >= case.long_from and not chosen.long:
                    print(f"\n{case.name}, {rows:,} rows: takes long, run with --long")
                    continue
                try:
                    results.append(run(module, case, rows, repeat=chosen.repeat))
                except (Disagreement, Failure) as error:
                    wrong += 1
                    print(f"\n{error}", file=sys.stderr)
                else:
                    print("\n" + table(results[-1]), flush=True)
        if not wrong:
            _write(results, chosen.out or _default(workload, chosen))
    return 1 if wrong else 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument("workloads", nargs="*", metavar="workload", help=", ".join(WORKLOADS))
    parser.add_argument("--rows", nargs="+", type=int, help="sizes, instead of each case's own")
    parser.add_argument("--repeat", type=int, default=5, help="rounds (5 unless said)")
    parser.add_argument("--out", type=Path, help="results file, for one workload")
    parser.add_argument("--long", action="store_true", help="also what takes many minutes")
    chosen = parser.parse_args(argv)
    unknown = sorted(set(chosen.workloads) - set(WORKLOADS))
    if unknown:
        parser.error(f"there is no workload {unknown[0]!r}; there are {', '.join(WORKLOADS)}")
    if chosen.out and len(chosen.workloads) != 1:
        parser.error("--out names the results of one workload: name it too")
    if chosen.repeat < 1 or min(chosen.rows or [1]) < 1:
        parser.error("--rows and --repeat are whole numbers from 1 up")
    return chosen


def _default(workload: str, chosen: argparse.Namespace) -> Path:
    # sizes of one's own are an experiment, not the project's results
    own = ROOT / "build" / "benchmarks"
    return (own if chosen.rows else Path(__file__).parent / "results") / f"{workload}.json"


def _write(results: Sequence[Mapping[str, Any]], file: Path) -> None:
    machine = {
        "system": platform.system(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "duckdb_threads": THREADS,
        "blas_threads": 1,
        "python": platform.python_version(),
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"machine": machine, "cases": list(results)}, indent=1)
    file.write_text(text + "\n", encoding="utf-8")


_HEAD = ("contender", "median s", "least", "most", "CPU s", "× churnlab", "CPU ×", "extra MB")


def table(result: Mapping[str, Any]) -> str:
    """One case as text: seconds, the ratio to the first contender, memory, versions."""
    rows = [(*_HEAD, "versions"), *(_row(one) for one in result["contenders"])]
    # a contender without times has a reason, which runs over the columns of numbers
    full = [row for row in rows if len(row) > 2]
    widths = [max(len(row[c]) for row in full) for c in range(len(_HEAD))]
    widths[0] = max(len(row[0]) for row in rows)
    lines = []
    for name, *cells in rows:
        numbers = zip(cells[:-1], widths[1:], strict=len(cells) > 1)
        lines.append(
            "  ".join([name.ljust(widths[0]), *(v.rjust(w) for v, w in numbers), cells[-1]])
        )
    gap = max(one.get("difference") or 0.0 for one in result["contenders"])
    head = "{workload}: {case}, {rows:,} rows, {repeat} rounds".format(**result)
    return "\n".join([head, *lines, f"all answers agree: greatest difference {gap:.1g}"])


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    if one["status"] != "timed":
        missing = [package for package, version in one["versions"].items() if version is None]
        why = (
            f"absent: {', '.join(missing)} is not installed" if missing else "not run at this size"
        )
        return one["contender"], why
    return (
        one["contender"] + (" (floor)" if one["floor"] else ""),
        *(f"{one[k]:.3f}" for k in ("seconds", "least", "most", "cpu_seconds")),
        *(f"{one[k]:.2f}" for k in ("ratio", "cpu_ratio")),
        f"{one['extra_mb']:.0f}",
        " ".join(f"{package} {version}" for package, version in one["versions"].items()),
    )


if __name__ == "__main__":
    sys.exit(main())
