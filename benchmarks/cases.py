"""What a benchmark is made of: cases, their contenders, and the data they share."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Answer = Mapping[str, npt.NDArray[np.float64]]

ROOT = Path(__file__).resolve().parent.parent
WORKLOADS = ("cci", "curves", "logrank", "triangle")
THREADS = 2  # of DuckDB, for every contender


@dataclass(frozen=True)
class Contender:
    """One way to the answer.

    ``prepare`` gets the folder of the data, imports and loads what is needed and returns the call
    to be timed; ``answer`` turns what the call returns into named arrays, outside the clock. A
    contender without ``answer`` is a floor: the least that anyone has to do.
    """

    name: str
    prepare: Callable[[Path], Callable[[], Any]]
    answer: Callable[[Any], Answer] | None
    needs: tuple[str, ...]  # installed packages, whose versions are shown
    most_rows: int | None = None  # not run above this size


@dataclass(frozen=True)
class Case:
    """One question on one kind of data. The first contender is the one others are compared with."""

    name: str
    make: Callable[[int, Path], None]  # writes the data of so many rows into a folder
    contenders: tuple[Contender, ...]
    rows: tuple[int, ...] = (10**6, 10**7)
    tolerance: float = 0.0  # greatest difference at which two answers are the same
    long_from: int | None = None  # sizes from here on are run with --long only

    def contender(self, name: str) -> Contender:
        return next(c for c in self.contenders if c.name == name)


def cases_of(module: str) -> dict[str, Case]:
    """The cases of a workload's module, by name."""
    return {case.name: case for case in importlib.import_module(module).CASES}


def data_of(case: Case, rows: int, folder: Path) -> Path:
    """The folder with the data of a case, made once.

    Its name holds a digest of the file that makes the data, so that stale data is never read.
    """
    source = Path(inspect.getfile(case.make)).read_text(encoding="utf-8")
    digest = hashlib.sha256(source.encode()).hexdigest()[:8]
    ready = folder / f"{case.make.__name__}-{rows}-{digest}"
    if not ready.exists():
        folder.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix="unfinished-", dir=folder))
        case.make(rows, fresh)
        try:
            fresh.rename(ready)
        except OSError:  # another run was quicker
            shutil.rmtree(fresh)
    return ready
