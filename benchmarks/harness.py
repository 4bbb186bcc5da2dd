"""Runs a case: one process per contender, answers compared, then rounds in which all take turns."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import r
from benchmarks.cases import ROOT, THREADS, Case, Contender, data_of

_ONE_THREAD = ("OPENBLAS", "OMP", "MKL", "BLIS", "NUMEXPR")
_FOLDER = ROOT / "build" / "benchmarks"
_TINY = 1000  # rows on which every contender starts


class Disagreement(Exception):
    """Two contenders answer differently: there is nothing to compare."""


class Failure(Exception):
    """A contender stopped before it answered."""


def run(
    module: str, case: Case, rows: int, *, repeat: int, folder: Path = _FOLDER
) -> dict[str, Any]:
    """Time all contenders of a case on the same data.

    Parameters
    ----------
    module : str
        The module whose ``CASES`` hold the case; every process imports it anew.
    case : Case
    rows : int
        Size of the data.
    repeat : int
        Rounds. In each of them every contender makes one timed call, in turn, so that a busy
        moment of the machine hits all alike.
    folder : Path
        Where data is kept.

    Returns
    -------
    dict
        Of plain JSON values: the case and one entry per contender, with ``status`` "timed",
        "absent" (not installed) or "not run" (above its largest size).

    Raises
    ------
    Disagreement
        If two answers differ by more than the case's tolerance. Nothing is timed then.
    Failure
        If a contender raises.
    """
    data = [data_of(case, n, folder) for n in (_TINY, rows)]
    status = {c.name: _status(c, rows) for c in case.contenders}
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=folder)))
        workers = {
            c.name: stack.enter_context(_Worker(module, case, c, data, scratch))
            for c in case.contenders
            if status[c.name] == "timed"
        }
        first = {name: worker.ask("warm up") for name, worker in workers.items()}
        compared = _compare(case, {c.name: scratch / c.name for c in case.contenders})
        timed: dict[str, list[dict[str, float]]] = {name: [] for name in workers}
        for _ in range(repeat):
            for name, worker in workers.items():
                timed[name].append(worker.ask("again"))
    base = timed.get(case.contenders[0].name, [])
    entries = []
    for c in case.contenders:
        entry: dict[str, Any] = {
            "contender": c.name,
            "status": status[c.name],
            "versions": _versions(c),
        }
        if c.name in timed:
            entry |= _summary(timed[c.name], base, first[c.name])
            entry |= {"floor": c.answer is None, "difference": compared.get(c.name)}
        entries.append(entry)
    return {
        "workload": module.rpartition(".")[2],
        "case": case.name,
        "rows": rows,
        "repeat": repeat,
        "tolerance": case.tolerance,
        "contenders": entries,
    }


def _status(contender: Contender, rows: int) -> str:
    if None in _versions(contender).values():
        return "absent"
    return "not run" if contender.most_rows is not None and rows > contender.most_rows else "timed"


def _versions(contender: Contender) -> dict[str, str | None]:
    return {package: _version(package) for package in contender.needs}


def _version(package: str) -> str | None:
    if package == "churnlab":  # the checkout beside this folder, installed or not
        import churnlab

        return churnlab.__version__
    if package == "R" or package.startswith("R "):
        return r.version(package.removeprefix("R "))
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


class _Worker:
    """The process of one contender."""

    def __init__(
        self, module: str, case: Case, contender: Contender, data: Sequence[Path], scratch: Path
    ) -> None:
        self.name = contender.name
        self._errors = (scratch / f"{contender.name}.log").open("w+")
        arguments = [module, case.name, contender.name, *data, scratch / contender.name]
        environment = {f"{library}_NUM_THREADS": "1" for library in _ONE_THREAD}
        environment |= {"CHURNLAB_THREADS": str(THREADS), "MPLBACKEND": "agg"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            cwd=ROOT,
            env=os.environ | environment,
        )

    def ask(self, request: str) -> dict[str, float]:
        """Have one call made, and wait for what it took."""
        assert self._process.stdin and self._process.stdout
        try:
            print(request, file=self._process.stdin, flush=True)
            reply = self._process.stdout.readline()
        except BrokenPipeError:
            reply = ""
        if not reply:
            self._process.wait()
            self._errors.seek(0)
            said = self._errors.read().strip()
            raise Failure(f"{self.name} stopped with exit code {self._process.returncode}.\n{said}")
        return dict(json.loads(reply))

    def __enter__(self) -> _Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
        self._errors.close()


def _compare(case: Case, answers: Mapping[str, Path]) -> dict[str, float]:
    """Greatest difference of each answer from the first contender's; refused above the tolerance."""
    here = {name: folder for name, folder in answers.items() if folder.exists()}
    found: dict[str, float] = {}
    for name, folder in list(here.items())[1:]:
        found[name] = _difference(next(iter(here.values())), folder)
    wrong = {name: gap for name, gap in found.items() if not gap <= case.tolerance}
    if wrong:
        told = ", ".join(f"{name} by {gap:.3g}" for name, gap in wrong.items())
        raise Disagreement(
            f"{case.name}: not the answer of {next(iter(here))}: {told} (at most {case.tolerance:g} "
            "is allowed). Nothing was timed."
        )
    return found


def _difference(one: Path, other: Path) -> float:
    """Greatest absolute difference over the arrays that both name; missing equals missing only."""
    names = {f.name for f in one.iterdir()} & {f.name for f in other.iterdir()}
    gaps = [np.inf] if not names else []
    for name in names:
        a, b = (np.load(folder / name, mmap_mode="r") for folder in (one, other))
        if a.shape != b.shape or not np.array_equal(np.isnan(a), np.isnan(b)):
            return float("inf")
        gaps.append(np.nanmax(np.abs(a - b), initial=0.0))
    return float(max(gaps))


def _summary(
    calls: Sequence[Mapping[str, float]],
    base: Sequence[Mapping[str, float]],
    first: Mapping[str, float],
) -> dict[str, float]:
    """Medians over the rounds; ratios are taken within a round, then their median."""
    seconds, cpu = [c["seconds"] for c in calls], [c["cpu"] for c in calls]
    return {
        "seconds": statistics.median(seconds),
        "least": min(seconds),
        "most": max(seconds),
        "cpu_seconds": statistics.median(cpu),
        "ratio": statistics.median(
            c["seconds"] / b["seconds"] for c, b in zip(calls, base, strict=True)
        ),
        "ratio_of_least": min(seconds) / min(b["seconds"] for b in base),
        "cpu_ratio": statistics.median(cpu) / statistics.median(b["cpu"] for b in base),
        # of the first call in a fresh process: later ones find memory that was kept
        "extra_mb": first["extra"] / 1e6,
    }
