"""``churnlab notebooks DIR``: the lessons of the course, for someone who installed a wheel."""

from __future__ import annotations

import shlex
import sys
from argparse import Namespace
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import churnlab
from churnlab.checks import InputError
from churnlab.commands.files import replace
from churnlab.commands.printing import visible


def run(options: Namespace) -> int:
    """Copy the lessons; 1 if one that is there differs and was kept."""
    folder = Path(options.folder)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{options.folder!r} is a file: name a folder.")
    every = lessons()
    folder.mkdir(parents=True, exist_ok=True)
    copied, kept = 0, []
    for lesson in every:
        path, content = folder / lesson.name, lesson.read_bytes()
        there = path.read_bytes() if path.exists() else None
        if there == content:
            continue
        if there is not None and not options.force:
            kept.append(lesson.name)
            continue
        replace(path, partial(_write, content=content))
        copied += 1
    _tell(options.folder, len(every), copied, kept)
    return 1 if kept else 0


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def lessons() -> list[Any]:
    """The executed notebooks, in the order of the course."""
    try:
        folder: Any = files("churnlab.course")
    except ModuleNotFoundError:  # not installed: the folder of the repository
        folder = Path(churnlab.__file__).parents[1] / "notebooks"
    found = [p for p in folder.iterdir() if p.name.endswith(".ipynb")] if folder.is_dir() else []
    if not found:
        raise InputError("this installation holds no lessons: install churnlab again.")
    return sorted(found, key=lambda lesson: str(lesson.name))


def _tell(folder: str, n: int, copied: int, kept: list[str]) -> None:
    same = n - copied - len(kept)
    also = f"; {same} were there already" if same else ""
    print(visible(f"{copied} of {n} notebooks copied to {folder}{also}"))
    for name in kept:
        print(f"churnlab: kept {name}: it differs from the lesson (--force replaces it)",
              file=sys.stderr)  # fmt: skip
    print("next:")
    print('  pip install "churnlab[notebooks]"')
    print(f"  jupyter lab {shlex.quote(visible(folder))}")
