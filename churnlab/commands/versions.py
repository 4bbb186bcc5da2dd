"""``churnlab versions``: what a report of an error needs to say."""

from __future__ import annotations

import platform
import re
from argparse import Namespace
from importlib import metadata

import churnlab

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")


def run(options: Namespace) -> int:
    """Print the versions; 0."""
    print(f"churnlab {churnlab.__version__}")
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} "
          f"{platform.machine()}")  # fmt: skip
    for extra, names in _wanted().items():
        print(f"\n{f'extra {extra!r}' if extra else 'needed'}")
        for name in names:
            print(f"  {name:<22} {_version(name, extra)}")
    return 0


def _wanted() -> dict[str, list[str]]:
    """The names of what churnlab uses, by extra; those of the core under the empty name."""
    try:
        lines = metadata.requires("churnlab") or []
    except metadata.PackageNotFoundError:
        return {"": []}
    found: dict[str, list[str]] = {}
    for line in lines:
        name, extra = _NAME.match(line), _EXTRA.search(line)
        if name is not None:
            found.setdefault(extra[1] if extra else "", []).append(name[0])
    return found


def _version(name: str, extra: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        what = f'"churnlab[{extra}]"' if extra else "churnlab"
        return f"not installed (pip install {what})"
