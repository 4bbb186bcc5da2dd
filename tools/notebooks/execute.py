"""Run a notebook in a fresh kernel, judge what came out, and keep it until its inputs change."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from traitlets.config import Config

from tools.notebooks import EXECUTED, ROOT
from tools.notebooks.environment import fingerprint
from tools.notebooks.source import code_cells, has_tag, read_source, strip_metadata, to_text

LIMIT_BYTES = 300_000
TIMEOUT_SECONDS = 600
MATPLOTLIB = ROOT / "build" / "matplotlib"
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
IMAGES = ("image/png", "image/svg+xml", "image/jpeg")
WIDGET = "application/vnd.jupyter.widget"
# What the outputs depend on beside the notebook's own source.
INGREDIENTS = ("churnlab", "datasets", "tools/notebooks", "requirements.lock")

# One thread each: sums of doubles depend on the order of their parts.
DETERMINISTIC = {
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "CHURNLAB_THREADS": "1",
    "TQDM_DISABLE": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
# The name and version of the drawing software would change the bytes of every figure.
INLINE = (
    "--InlineBackend.print_figure_kwargs={'bbox_inches': 'tight', 'metadata': {'Software': None}}"
)


@dataclass(frozen=True)
class Executed:
    """One execution of a notebook: the numbers to print, and what was wrong with it."""

    name: str
    path: Path
    seconds: float
    cells: int
    figures: int
    worked: int
    reproduced: int
    problems: tuple[str, ...]
    reused: bool = False

    @property
    def ok(self) -> bool:
        """Whether the notebook ran to its end and its outputs can be committed."""
        return not self.problems

    def read(self) -> NotebookNode:
        """The executed notebook."""
        return nbformat.read(self.path, as_version=4)


# ------------------------------------------------------------------ running


def run_all(
    sources: Sequence[Path],
    folder: Path = EXECUTED,
    jobs: int | None = None,
    each: Callable[[Executed], None] = lambda result: None,
) -> list[Executed]:
    """Execute notebooks side by side, or take them from ``folder`` where nothing changed."""
    prepare_fonts()
    return asyncio.run(_run_all(sources, folder, jobs or os.cpu_count() or 1, each))


async def _run_all(
    sources: Sequence[Path], folder: Path, jobs: int, each: Callable[[Executed], None]
) -> list[Executed]:
    places = asyncio.Semaphore(jobs)

    async def one(source: Path) -> Executed:
        async with places:
            result = load(source, folder) or await run(source, folder)
        each(result)
        return result

    return list(await asyncio.gather(*map(one, sources)))


async def run(source: Path, folder: Path) -> Executed:
    """Execute one notebook and keep the result in ``folder`` as .ipynb and .json."""
    notebook = read_source(source)
    started = time.monotonic()
    error = await execute(notebook)
    seconds = round(time.monotonic() - started, 1)
    clean(notebook)
    problems = ([error] if error else []) + find_problems(notebook)
    path = folder / f"{source.stem}.ipynb"
    result = Executed(
        source.stem,
        path,
        seconds,
        len(notebook.cells),
        count_figures(notebook),
        *count_worked(notebook),
        tuple(problems),
    )
    write(path, to_text(notebook))
    write(path.with_suffix(".json"), json.dumps({"key": key(source), "result": _plain(result)}))
    return result


def load(source: Path, folder: Path) -> Executed | None:
    """An earlier execution that went well and whose inputs are the same today."""
    path = folder / f"{source.stem}.ipynb"
    try:
        kept = json.loads(path.with_suffix(".json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if kept["key"] != key(source) or kept["result"]["problems"] or not path.exists():
        return None
    return Executed(**kept["result"] | {"path": path, "problems": (), "reused": True})


async def execute(notebook: NotebookNode) -> str | None:
    """Fill in the outputs; the message of the error that stopped it, if one did.

    The kernel works in an empty folder: a notebook may depend on nothing that lies beside it.
    """
    with tempfile.TemporaryDirectory(prefix="nb-") as scratch:
        work = Path(scratch, "work")
        work.mkdir()
        # Sockets in a folder: no port is taken, whatever else runs on the machine.
        sockets = {"transport": "ipc", "ip": str(Path(scratch, "kernel"))}
        client = NotebookClient(
            notebook,
            config=Config(ConnectionFileMixin=sockets),
            kernel_name="python3",
            timeout=TIMEOUT_SECONDS,
            record_timing=False,
            resources={"metadata": {"path": str(work)}},
            extra_arguments=[INLINE],
        )
        try:
            await client.async_execute(env=kernel_environment(Path(scratch)))
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            return without_colour(str(error)).strip()
    return None


def kernel_environment(scratch: Path) -> dict[str, str]:
    """The environment of a kernel: deterministic, and without anyone's own settings."""
    own = {"IPYTHONDIR": str(scratch / "ipython"), "MPLCONFIGDIR": str(MATPLOTLIB)}
    return dict(os.environ) | DETERMINISTIC | own


def prepare_fonts() -> None:
    """List the machine's fonts once; matplotlib complains on stderr when that takes long."""
    MATPLOTLIB.mkdir(parents=True, exist_ok=True)
    if not any(MATPLOTLIB.glob("fontlist*.json")):
        command = [sys.executable, "-c", "import matplotlib.font_manager"]
        environment = os.environ | {"MPLCONFIGDIR": str(MATPLOTLIB)}
        subprocess.run(command, env=environment, check=True, capture_output=True)


# ------------------------------------------------------------------ judging


def clean(notebook: NotebookNode) -> None:
    """Drop what is dead without its kernel (widgets) and what is not content (metadata)."""
    strip_metadata(notebook)
    for cell in code_cells(notebook):
        cell.outputs = join_streams([o for o in cell.outputs if not is_widget(o)])
        for output in cell.outputs:
            if "metadata" in output:
                output.metadata = nbformat.from_dict({})


def join_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """One output for what was printed in a row: where a stream is cut is a matter of timing."""
    joined: list[NotebookNode] = []
    for output in outputs:
        name = output.get("name")
        if name and joined and joined[-1].get("name") == name:
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def is_widget(output: NotebookNode) -> bool:
    """Whether an output shows a widget."""
    return any(kind.startswith(WIDGET) for kind in output.get("data", {}))


def find_problems(notebook: NotebookNode) -> list[str]:
    """Everything in the outputs that must not be committed, a line each."""
    problems = []
    for number, cell in enumerate(notebook.cells, 1):
        for output in cell.get("outputs", []):
            problems += [f"cell {number}: {what}" for what in judge_output(output)]
    size = len(to_text(notebook).encode())
    if size > LIMIT_BYTES:
        problems.append(f"{size:,} bytes, and the limit is {LIMIT_BYTES:,}: fewer figures or rows")
    return problems


def judge_output(output: NotebookNode) -> list[str]:
    """What is wrong with one output."""
    text, problems = output_text(output), []
    if output.get("name") == "stderr":
        problems.append(f"printed on stderr: {text.strip()[:300]}")
    if address := ADDRESS.search(text):
        problems.append(f"a memory address changes with every run: {address[0]}")
    if place := machine_path(text):
        problems.append(f"a path of this machine: {place}")
    return problems


def output_text(output: NotebookNode) -> str:
    """All text of an output: what was printed, shown or raised."""
    shown = [str(v) for k, v in output.get("data", {}).items() if k not in IMAGES]
    raised = [*output.get("traceback", []), str(output.get("evalue", ""))]
    return without_colour("\n".join([output.get("text", ""), *shown, *raised]))


def machine_path(text: str) -> str | None:
    """A path that exists on this machine only, if the text names one."""
    places = (str(ROOT), str(Path.home()), sys.prefix, tempfile.gettempdir() + "/")
    for place in filter(lambda p: p not in ("/", "/root"), places):
        if place in text:
            return place
    return None


def without_colour(text: str) -> str:
    """Text without the codes that colour a terminal."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def count_figures(notebook: NotebookNode) -> int:
    """How many pictures the outputs hold."""
    outputs = [o for cell in code_cells(notebook) for o in cell.outputs]
    return sum(any(kind in o.get("data", {}) for kind in IMAGES) for o in outputs)


def count_worked(notebook: NotebookNode) -> tuple[int, int]:
    """Cells tagged ``figure`` (a worked figure of the articles), and those that ran without error."""
    worked = [c for c in code_cells(notebook) if has_tag(c, "figure")]
    ran = [c for c in worked if c.execution_count is not None]
    good = [c for c in ran if not any(o.output_type == "error" for o in c.outputs)]
    return len(worked), len(good)


# ------------------------------------------------------------------ keeping


def key(source: Path) -> str:
    """A hash of everything the outputs depend on."""
    return hashlib.sha256(source.read_bytes() + ingredients().encode()).hexdigest()


@cache
def ingredients() -> str:
    """A hash of the library, its data, this tool and the installed versions."""
    digest = hashlib.sha256(fingerprint().encode())
    for name in INGREDIENTS:
        top = ROOT / name
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(ROOT).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def write(path: Path, text: str) -> None:
    """Write a file in one step: a reader sees the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(text, "utf-8")
    draft.replace(path)


def _plain(result: Executed) -> dict[str, object]:
    return {k: v for k, v in asdict(result).items() if k not in ("path", "reused")}
