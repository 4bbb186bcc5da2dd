"""A progress bar while a query of churnlab's own DuckDB takes long; none for a quick one.

It is drawn by tqdm, in a notebook as a widget and in a terminal on stderr, and leaves nothing
behind. In a batch job, in a pipe and where tqdm is missing there is none.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

_AFTER = 1.5  # seconds after which a query counts as long
_EVERY = 0.2  # seconds from one look to the next
_LOOK = "{desc} {percentage:3.0f}% |{bar}| {elapsed}"  # no time left: DuckDB's steps are uneven

_asked: bool | None = None  # by limits(progress=...); None where nobody said anything
_drawing = threading.Lock()  # one bar at a time, however many threads count


@contextmanager
def asked(progress: bool | None) -> Iterator[None]:
    """Show bars (True), none (False), or as before (None), inside the ``with`` block."""
    global _asked
    before = _asked
    _asked = before if progress is None else progress
    try:
        yield
    finally:
        _asked = before


def wanted() -> bool:
    """Whether a long query would be shown, here and now."""
    if _asked is False or (_asked is None and _turned_off()):
        return False
    here = _asked or _in_notebook() or sys.stderr.isatty()
    return here and find_spec("tqdm") is not None


def _turned_off() -> bool:
    """By the environment; what a user told tqdm holds too (its notebook bars do not look)."""
    told_tqdm = os.environ.get("TQDM_DISABLE", "0")
    return os.environ.get("CHURNLAB_PROGRESS") == "0" or told_tqdm not in ("", "0")


def _in_notebook() -> bool:
    """In a Jupyter kernel that has widgets, whoever reads it; a console is a terminal."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return hasattr(shell, "kernel") and find_spec("ipywidgets") is not None


@contextmanager
def shown(percent: Callable[[], float]) -> Iterator[None]:
    """Draw a bar while the block runs long; ``percent`` tells how far it is, below 0 if unknown.

    The block keeps its thread, so that Ctrl-C reaches the query; a helper thread draws, and has
    ended when the block is over, however it ends.
    """
    if not wanted():
        yield
        return
    over = threading.Event()
    bar = _bar(_in_notebook())
    watcher = threading.Thread(target=_watch, args=(percent, over, bar), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _watch(percent: Callable[[], float], over: threading.Event, bar: Callable[..., Any]) -> None:
    began = time.time()
    if over.wait(_AFTER) or not _drawing.acquire(blocking=False):
        return
    try:
        while percent() < 0:  # not every query can say
            if over.wait(_EVERY):
                return
        with bar(total=100, desc="counting", bar_format=_LOOK, leave=False) as drawn:
            drawn.start_t = began
            while not over.wait(_EVERY):
                drawn.n = max(drawn.n, min(percent(), 100.0))
                drawn.refresh()
    finally:
        _drawing.release()


@cache
def _bar(in_notebook: bool) -> Any:
    """The bar of tqdm for this place, without the thread that tqdm keeps to watch its bars."""
    tqdm = import_module("tqdm.notebook" if in_notebook else "tqdm.std").tqdm
    return type("Bar", (tqdm,), {"monitor_interval": 0})
