"""R beside the others: a process of R that loads the arrays once and answers one call per line."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

# arrays are numpy's own files: a head of 128 bytes, then the values as they lie in memory
_HEAD = """
suppressPackageStartupMessages(library(survival))
load <- function(name, what, size) {
  path <- file.path(folder, paste0(name, ".npy"))
  if (!file.exists(path)) return(NULL)
  file <- file(path, "rb"); on.exit(close(file))
  invisible(readBin(file, "raw", 128))
  readBin(file, what, n = (file.size(path) - 128) / size, size = size)
}
save <- function(name, values) {
  file <- file(file.path(answer, paste0(name, ".f8")), "wb"); on.exit(close(file))
  writeBin(as.double(values), file)
}
"""
_LOOP = """
cat("ready\\n"); flush(stdout())
lines <- file("stdin", "r")
while (length(line <- readLines(lines, n = 1)) > 0) {
  if (startsWith(line, "answer ")) {
    answer <- substring(line, 8); keep(result)
  } else {
    result <- NULL; invisible(gc()); result <- call()
  }
  cat("done\\n"); flush(stdout())
}
"""


class R:
    """A call made in R; ``pid`` is the process whose memory and time count."""

    def __init__(self, folder: Path, script: str) -> None:
        text = f"folder <- {str(folder)!r}\n{_HEAD}\n{script}\n{_LOOP}"
        self._process = subprocess.Popen(
            ["Rscript", "--vanilla", "-e", text],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid
        self._until("ready")

    def __call__(self) -> R:
        self._ask("call")
        return self

    def arrays(self, folder: Path) -> dict[str, Any]:
        """What the script keeps of its last result."""
        folder.mkdir(parents=True, exist_ok=True)
        self._ask(f"answer {folder}")
        return {f.stem: np.fromfile(f, dtype=np.float64) for f in folder.glob("*.f8")}

    def _ask(self, request: str) -> None:
        assert self._process.stdin
        print(request, file=self._process.stdin, flush=True)
        self._until("done")

    def _until(self, word: str) -> None:
        assert self._process.stdout
        while (line := self._process.stdout.readline()) != word + "\n":
            if not line:
                raise RuntimeError(f"R stopped with exit code {self._process.wait()}")


@cache
def version(package: str) -> str | None:
    """The version of R or of one of its packages, None where it is missing."""
    if shutil.which("Rscript") is None:
        return None
    asked = "cat(as.character(getRversion()))"
    if package != "R":
        asked = f"cat(as.character(packageVersion({package!r})))"
    found = subprocess.run(["Rscript", "--vanilla", "-e", asked], capture_output=True, text=True)
    return found.stdout.strip() if found.returncode == 0 else None
