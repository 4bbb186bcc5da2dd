"""Does this environment hold exactly what the lock file says?"""

from __future__ import annotations

import platform
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tools.notebooks import ROOT

LOCK = ROOT / "requirements.lock"


def read_lock(path: Path = LOCK) -> list[Requirement]:
    """The pins of a lock file that apply to this machine, without their hashes."""
    lines = path.read_text("utf-8").splitlines()
    pins = [
        Requirement(line.rstrip("\\ "))
        for line in lines
        if line and not line.startswith((" ", "#", "-"))
    ]
    return [pin for pin in pins if pin.marker is None or pin.marker.evaluate()]


def installed(name: str) -> str | None:
    """The installed version of a distribution."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


@cache
def differences(path: Path = LOCK) -> tuple[str, ...]:
    """Where this environment departs from the lock, the Python it was made for included."""
    wrong = []
    if minor() != locked_minor():
        wrong.append(f"Python {minor()} instead of {locked_minor()}")
    for pin in read_lock(path):
        found = installed(pin.name)
        if found is None or not pin.specifier.contains(found, prereleases=True):
            wrong.append(f"{pin.name} {found or 'missing'} instead of {pin.specifier}")
    return tuple(wrong)


def under_lock() -> bool:
    """Whether bytes can be expected to agree with the committed ones."""
    return not differences()


def minor() -> str:
    """The running Python as ``3.11``."""
    return ".".join(platform.python_version_tuple()[:2])


def locked_minor() -> str:
    """The Python the locks are compiled for: the oldest one the project supports."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lowest = [s.version for s in SpecifierSet(project["requires-python"]) if s.operator == ">="]
    return lowest[0]


@cache
def fingerprint() -> str:
    """The running Python and the installed versions of everything in the lock."""
    packages = [f"{pin.name} {installed(pin.name)}" for pin in read_lock()]
    return "\n".join([platform.python_version(), platform.machine(), *sorted(packages)])
