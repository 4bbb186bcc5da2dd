"""Open notebooks in the real JupyterLab in a real Chromium, Run All from the menu, and judge.

``python -m tools.run_in_lab notebooks/01_churn_rate.ipynb [--shots folder]`` ends with status 0 when
every notebook ran to its last cell without an error and nothing was fetched from elsewhere. It works
on a copy: the notebooks themselves are not touched.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from playwright.sync_api import Browser, Page

from tools.browser import chromium, watched_page
from tools.lab_copy import lab_command
from tools.notebooks.execute import DETERMINISTIC
from tools.notebooks.source import code_cells, has_tag

START_SECONDS = 90
NOTEBOOK_SECONDS = 300
NEWS_OFF = '{"fetchNews": "false", "checkForUpdates": false}'

# The page says "idle" while no kernel is connected, and Run All then does nothing: ask the session.
CONNECTED = """() => {
    const widget = window.jupyterapp?.shell.currentWidget;
    const context = widget?.sessionContext;
    const kernel = context?.session?.kernel;
    return widget?.context?.isReady && context.isReady && kernel
        && kernel.connectionStatus === 'connected' && kernel.status === 'idle';
}"""
# Every cell has a count, or one of them failed and the rest will never run.
FINISHED = """() => {
    const widget = window.jupyterapp.shell.currentWidget;
    const cells = widget.content.widgets.filter(
        c => c.model.type === 'code' && c.model.sharedModel.getSource().trim());
    const failed = c => c.model.outputs.toJSON().some(o => o.output_type === 'error');
    return widget.sessionContext.session?.kernel.status === 'idle'
        && !cells.some(c => c.model.executionState === 'running')
        && (cells.every(c => c.model.executionCount !== null) || cells.some(failed));
}"""
SAVED = "() => !window.jupyterapp.shell.currentWidget.context.model.dirty"
CLEARED = """() => window.jupyterapp.shell.currentWidget.content.widgets.every(
    c => c.model.type !== 'code' || c.model.executionCount === null)"""
HEIGHT = """() => {
    const last = window.jupyterapp.shell.currentWidget.content.widgets.at(-1).node;
    return last.offsetTop + last.offsetHeight;
}"""


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: where it listens, its token, and the folder it shows."""

    url: str
    token: str
    folder: Path


def run_in_lab(
    notebooks: Sequence[Path], browser: Browser, shots: Path | None = None
) -> dict[str, list[str]]:
    """What went wrong in each notebook; an empty list for one that ran as it should."""
    with tempfile.TemporaryDirectory(prefix="lab-") as scratch:
        folder = Path(scratch, "notebooks")
        folder.mkdir()
        for path in notebooks:
            shutil.copy(path, folder / path.name)
        with lab(folder, Path(scratch, "home")) as server:
            return {path.name: run_one(path.name, server, browser, shots) for path in notebooks}


def run_one(name: str, server: Lab, browser: Browser, shots: Path | None) -> list[str]:
    """Open one notebook, run all its cells, save it, and list what is wrong."""
    with watched_page(browser) as watched:
        page = watched.page
        open_notebook(page, server, name)
        clear_outputs(page)
        run_all_cells(page)
        save(page)
        problems = judge_saved(server.folder / name) + watched.problems()
        problems += [f"dialog: {text}" for text in page.locator(".jp-Dialog").all_inner_texts()]
        if page.get_by_text("Error displaying widget").count():
            problems.append("a widget failed to load")
        if shots:
            take_shot(page, shots / f"{Path(name).stem}.png")
        return problems


# ------------------------------------------------------------------ the server


@contextmanager
def lab(folder: Path, home: Path) -> Iterator[Lab]:
    """A JupyterLab on a free port, with settings of its own: nothing of the user's is read."""
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(NEWS_OFF)
    port, token = free_port(), secrets.token_hex(16)
    command = lab_command(
        folder,
        "--no-browser",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={token}",
        "--LabApp.expose_app_in_browser=True",
    )
    server = Lab(f"http://127.0.0.1:{port}", token, folder)
    log = home / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=lab_environment(home), stdout=output, stderr=subprocess.STDOUT
        )
        try:
            wait_for(server, process, log)
            yield server
        finally:
            stop(process)


def lab_environment(home: Path) -> dict[str, str]:
    """Folders of its own for everything JupyterLab keeps, and deterministic kernels."""
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    own = {name: str(home / folder) for name, folder in folders.items()}
    return dict(os.environ) | DETERMINISTIC | own


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(server: Lab, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers, or show what it said before it died."""
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{server.url}/api/status?token={server.token}", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("JupyterLab did not start:\n" + log.read_text("utf-8")[-3000:])


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the server, kernels included."""
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


# ------------------------------------------------------------------ the page


def open_notebook(page: Page, server: Lab, name: str) -> None:
    """Open a notebook and wait for its kernel."""
    page.goto(f"{server.url}/lab/tree/{name}?reset&token={server.token}")
    page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook", timeout=60_000)
    page.wait_for_function(CONNECTED, timeout=60_000)


def clear_outputs(page: Page) -> None:
    """Forget the committed outputs, or a cell that never ran would look as if it had."""
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    page.wait_for_function(CLEARED, timeout=15_000)


def run_all_cells(page: Page, seconds: int = NOTEBOOK_SECONDS) -> None:
    """Run > Run All Cells with the mouse, as a reader does; back when the kernel is idle."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.locator(".lm-Menu-item[data-command='runmenu:run-all']").click()
    page.wait_for_function(FINISHED, timeout=seconds * 1000, polling=100)
    page.wait_for_timeout(300)


def save(page: Page) -> None:
    """Save with the keyboard, and wait until the file is written."""
    page.keyboard.press("Escape")
    page.keyboard.press("Control+s")
    page.wait_for_function(SAVED, timeout=15_000)


def take_shot(page: Page, path: Path) -> None:
    """One picture of the whole notebook: the window is made as tall as its cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    height = min(max(1000, page.evaluate(HEIGHT) + 200), 16_000)
    page.set_viewport_size({"width": 1400, "height": height})
    page.wait_for_timeout(800)
    page.screenshot(path=path)


# ------------------------------------------------------------------ the verdict


def judge_saved(path: Path) -> list[str]:
    """What a reader would see that is wrong, from the file JupyterLab saved.

    The page itself holds only the cells in view.
    """
    problems, last = [], 0
    for cell in code_cells(nbformat.read(path, as_version=4)):
        where, count = f"cell {cell.source.strip().splitlines()[0][:50]!r}", cell.execution_count
        if count is None:
            problems.append(f"{where}: not executed")
            continue
        if count != last + 1:
            problems.append(f"{where}: count {count} after {last}")
        last = count
        for output in cell.outputs:
            if output.output_type == "error" and not has_tag(cell, "raises-exception"):
                problems.append(f"{where}: {output.ename}: {output.evalue}")
            if output.get("name") == "stderr":
                problems.append(f"{where}: printed on stderr: {output.text[:200]}")
    return problems


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when every notebook ran as it should."""
    parser = argparse.ArgumentParser(prog="python -m tools.run_in_lab", description=__doc__)
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--shots", type=Path, help="a folder for a picture of each notebook")
    options = parser.parse_args(arguments)
    with chromium() as browser:
        verdicts = run_in_lab(options.notebooks, browser, options.shots)
    for name, problems in verdicts.items():
        print("\n      ".join([f"{'WRONG' if problems else 'ok   '} {name}", *problems]))
    return int(any(verdicts.values()))


if __name__ == "__main__":
    sys.exit(main())
