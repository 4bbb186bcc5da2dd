"""Files in and out: what was named on the command line, and writing that leaves no half file."""

from __future__ import annotations

import glob
import os
from argparse import Namespace
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import churnlab as cl
from churnlab.checks import InputError

_TOLD = ("encoding", "sep", "decimal", "names", "sheet")


def table(options: Namespace) -> Any:
    """What the functions of the library take: the path or paths, with what was said about them."""
    path = options.files[0] if len(options.files) == 1 else list(options.files)
    told = {name: getattr(options, name) for name in _TOLD if getattr(options, name) is not None}
    if options.dayfirst or options.monthfirst:
        told["dayfirst"] = options.dayfirst
    return cl.File(path, **told) if told else path


def columns(options: Namespace, names: Iterable[str]) -> dict[str, Any]:
    """The columns that were named. Events or contracts: naming one kind leaves the other alone."""
    named = {n: getattr(options, n) for n in names if getattr(options, n) is not None}
    if options.time is not None and options.start is None and options.end is None:
        named |= {"start": None, "end": None}
    elif options.time is None and (options.start is not None or options.end is not None):
        named |= {"time": None}
    return named | dict.fromkeys(getattr(options, "without", None) or ())


def target(text: str, read: Iterable[str]) -> Path:
    """The path to write to, refused before any work where it cannot be written or would be read."""
    path = Path(os.path.realpath(text))
    if not path.parent.is_dir():
        raise InputError(f"{text!r}: there is no folder {str(path.parent)!r}; make it first.")
    if path.exists() and not path.is_file():
        raise InputError(f"{text!r} is a folder or a device: name a file to write.")
    for given in read:
        for source in [given] if os.path.exists(given) else glob.glob(given, recursive=True):
            inside = os.path.isdir(source) and Path(os.path.realpath(source)) in path.parents
            if inside or (path.exists() and os.path.samefile(source, path)):
                raise InputError(
                    f"{text!r} is {'in a folder' if inside else 'a file'} that is read "
                    f"({source!r}): write to another place."
                )
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise InputError(f"{text!r} cannot be written: this user may not.")
    return path


def replace(path: Path, write: Callable[[Path], object]) -> None:
    """Have a file written beside its place and moved there when it is whole."""
    draft = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        write(draft)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def save_csv(frame: Any, path: Path) -> None:
    """A frame of the library as CSV in UTF-8, the same bytes on every machine."""
    replace(path, lambda p: frame.to_csv(p, index=False, encoding="utf-8", lineterminator="\n"))
