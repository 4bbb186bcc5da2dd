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
                long = case.long_from is not None and rows >= case.long_from
                if long and not chosen.long:
                    print(f"\n{case.name}, {rows:,} rows: takes long, run with --long")
                    continue
                try:
                    results.append(run(module, case, rows, repeat=_rounds(chosen, long)))
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
    parser.add_argument("--repeat", type=int, help="rounds (5 unless said, 3 of what takes long)")
    parser.add_argument("--out", type=Path, help="results file, for one workload")
    parser.add_argument("--long", action="store_true", help="also what takes many minutes")
    chosen = parser.parse_args(argv)
    unknown = sorted(set(chosen.workloads) - set(WORKLOADS))
    if unknown:
        parser.error(f"there is no workload {unknown[0]!r}; there are {', '.join(WORKLOADS)}")
    if chosen.out and len(chosen.workloads) != 1:
        parser.error("--out names the results of one workload: name it too")
    if (chosen.repeat is not None and chosen.repeat < 1) or min(chosen.rows or [1]) < 1:
        parser.error("--rows and --repeat are whole numbers from 1 up")
    return chosen


def _default(workload: str, chosen: argparse.Namespace) -> Path:
    # sizes of one's own are an experiment, not the project's results
    own = ROOT / "build" / "benchmarks"
    return (own if chosen.rows else Path(__file__).parent / "results") / f"{workload}.json"


def _rounds(chosen: argparse.Namespace, long: bool) -> int:
    return int(chosen.repeat or (3 if long else 5))


def _write(results: Sequence[Mapping[str, Any]], file: Path) -> None:
    machine = _machine()
    text = json.dumps({"machine": machine, "cases": _kept(results, file, machine)}, indent=1)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text + "\n", encoding="utf-8")


def _kept(
    results: Sequence[Mapping[str, Any]], file: Path, machine: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    """The results with those of other sizes that an earlier, longer run left on such a machine."""
    before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    fresh = {result["case"]: result["contenders"] for result in results}
    sizes = {(result["case"], result["rows"]) for result in results}
    kept = list(results)
    for old in before.get("cases", ()) if before.get("machine") == machine else ():
        names = [one["contender"] for one in old["contenders"]]
        today = [one["contender"] for one in fresh.get(old["case"], ())]
        if names == today and (old["case"], old["rows"]) not in sizes:
            kept.append(old)
    order = list(fresh)
    return sorted(kept, key=lambda result: (order.index(result["case"]), result["rows"]))


def _machine() -> dict[str, Any]:
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "duckdb_threads": THREADS,
        "blas_threads": 1,
        "python": platform.python_version(),
    }


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
