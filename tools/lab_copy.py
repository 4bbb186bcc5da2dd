"""``make lab``: JupyterLab on a copy of the notebooks, so that playing makes nothing stale."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path

from tools.notebooks import NOTEBOOKS, ROOT

COPY = ROOT / "build" / "lab"


def refresh(notebooks: Path = NOTEBOOKS, copy: Path = COPY) -> list[str]:
    """Copy the notebooks, and return the names of those the reader changed: they are kept."""
    copy.mkdir(parents=True, exist_ok=True)
    record = copy / ".copied.json"
    copied = json.loads(record.read_text("utf-8")) if record.exists() else {}
    changed = []
    for original in sorted(notebooks.glob("*.ipynb")):
        target = copy / original.name
        if target.exists() and digest(target) != copied.get(original.name):
            changed.append(original.name)
            continue
        shutil.copyfile(original, target)
        copied[original.name] = digest(target)
    record.write_text(json.dumps(copied, indent=1), "utf-8")
    return changed


def digest(path: Path) -> str:
    """A hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def lab_command(folder: Path, *options: str) -> list[str]:
    """The command that starts JupyterLab on a folder, without asking the internet for news."""
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}"]
    command += ["--LabApp.news_url=", *options]
    command.append("--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return command


def main() -> None:
    """Refresh the copy and become JupyterLab."""
    for name in refresh():
        print(f"kept your changed build/lab/{name} (delete it to get the original back)")
    print("opening JupyterLab on build/lab; stop it with Ctrl-C", flush=True)
    first = next(iter(sorted(COPY.glob("*.ipynb"))), COPY)
    os.chdir(COPY)
    command = lab_command(COPY, f"--LabApp.default_url=/lab/tree/{first.name}")
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
