"""The repository around the library: locks, environments, versions, and what the wheel holds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT, needs, needs_module

LOCKS = {
    "requirements.lock": ("notebooks", "models"),
    "requirements-dev.lock": ("notebooks", "models", "dev"),
    "requirements-engines.lock": ("notebooks", "models", "dev", "spark", "warehouses", "polars"),
    "requirements-pandas3.lock": ("dev", "polars"),
    "requirements-peers.lock": ("models",),
}
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;]+)( ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
# Written so that the pattern does not match itself.
MACHINE = re.compile(
    r"(?<![\w.])/(?:work|opt|root|home|Users)/|\.\./sh[a]red|[A-Z]:\\Users"
    r"|p[y]pi\.org|pytho[n]hosted|npm[j]s\.org"
)


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """The [project] table."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def pins(lock: str) -> dict[str, set[str]]:
    """The versions a lock names for each distribution (more than one where a marker divides)."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / lock).read_text("utf-8").splitlines():
        if pin := PIN.match(line):
            found.setdefault(canonicalize_name(pin[1]), set()).add(pin[2])
    return found


# ------------------------------------------------------------------ locks and environments


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_versions_and_hashes_and_nothing_else(lock: str) -> None:
    lines = (ROOT / lock).read_text("utf-8").splitlines()
    assert [line for line in lines if not PIN.match(line) and not HASH.match(line)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_satisfies_the_project(lock: str, project: dict[str, Any]) -> None:
    asked = list(project["dependencies"])
    for extra in LOCKS[lock]:
        asked += project["optional-dependencies"][extra]
    locked = pins(lock)
    for requirement in map(Requirement, asked):
        versions = locked.get(canonicalize_name(requirement.name), set())
        assert versions, f"{requirement} is not in {lock}: make lock"
        wrong = [v for v in versions if not requirement.specifier.contains(v, prereleases=True)]
        assert wrong == [], f"{requirement} and {lock} disagree: make lock"


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [
        ("requirements.lock", "requirements-dev.lock"),
        ("requirements-dev.lock", "requirements-engines.lock"),
    ],
)
def test_a_larger_lock_contains_the_smaller_one(smaller: str, larger: str) -> None:
    inner, outer = pins(smaller), pins(larger)
    assert {name: outer.get(name) for name in inner} == inner


def test_the_pandas_3_lock_is_one() -> None:
    assert all(int(v.split(".")[0]) >= 3 for v in pins("requirements-pandas3.lock")["pandas"])
    assert all(int(v.split(".")[0]) == 2 for v in pins("requirements.lock")["pandas"])


@needs_module("yaml")
def test_the_conda_environment_leaves_the_requirements_to_pyproject(
    project: dict[str, Any],
) -> None:
    import yaml

    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    assert environment["channels"] == ["conda-forge"]
    python, pip, through_pip = environment["dependencies"]
    assert python == f"python{project['requires-python']}"
    assert pip == "pip"
    (editable,) = through_pip["pip"]
    extras = re.fullmatch(r"-e \.\[(.+)\]", editable)
    assert extras is not None
    assert tuple(extras[1].split(",")) == LOCKS["requirements.lock"]
    assert set(extras[1].split(",")) <= set(project["optional-dependencies"])


@needs_module("yaml")
def test_commit_hooks_fetch_nothing() -> None:
    import yaml

    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert {repo["repo"] for repo in config["repos"]} == {"local"}
    assert {h["language"] for repo in config["repos"] for h in repo["hooks"]} == {"system"}


# ------------------------------------------------------------------ what is committed


def committed_files() -> list[Path]:
    """The files of the repository: those git knows, and those it would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("this is not a git checkout")
    return [path for name in done.stdout.split("\0") if name and (path := ROOT / name).is_file()]


@needs("git")
def test_no_file_names_a_machine() -> None:
    found = []
    for path in committed_files():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for match in MACHINE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{path.relative_to(ROOT)}:{line}: {match[0]}")
    assert found == []


@pytest.mark.parametrize("parts", [("/ho", "me/x"), ("/wo", "rk/x"), ("../sha", "red")])
def test_the_search_for_machines_finds_them(parts: tuple[str, str]) -> None:
    assert MACHINE.search(f"open('{''.join(parts)}')")


def test_the_versions_agree(project: dict[str, Any]) -> None:
    import churnlab

    version = project["version"]
    citation = re.search(
        r"^version: *[\"']?([\w.]+)", (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE
    )
    released = re.search(
        r"^## \[?v?(\d[\w.]*)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    assert citation is not None and released is not None
    assert (churnlab.__version__, citation[1], released[1]) == (version,) * 3


# ------------------------------------------------------------------ building


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make as from a terminal, even when these tests were started by make."""
    own = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    command = ["make", *arguments]
    return subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True)


@needs("make")
def test_an_old_python_is_refused_with_a_word_about_what_to_do(tmp_path: Path) -> None:
    old = tmp_path / "python-old"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
    old.chmod(0o755)
    done = make("course", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}")
    assert done.returncode != 0
    assert "needs Python 3.11 or newer" in done.stdout and "Python 3.9.2" in done.stdout
    assert not (tmp_path / "venv").exists()


@needs("make")
def test_make_alone_lists_every_target() -> None:
    done = make()
    makefile = (ROOT / "Makefile").read_text("utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony is not None
    listed = {line.split()[0] for line in done.stdout.splitlines()[1:]}
    assert listed == set(phony[1].split())


@pytest.mark.slow
@needs("git")
def test_the_wheel_holds_the_library_its_data_and_its_font(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for path in committed_files():
        target = source / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--wheel-dir", str(tmp_path), str(source)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    (wheel,) = tmp_path.glob("churnlab-*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    data = {"parquet", "csv", "json", "ttf", "otf", "typed"}
    wanted = {p for p in committed_files() if p.suffix[1:] in data or p.name.startswith("LICENSE-")}
    for path in wanted:
        top, *rest = path.relative_to(ROOT).parts
        if top in ("churnlab", "datasets"):
            inside = ["churnlab", "data", *rest] if top == "datasets" else [top, *rest]
            assert "/".join(inside) in held
    modules = {p.relative_to(ROOT).as_posix() for p in (ROOT / "churnlab").rglob("*.py")}
    assert modules <= held
    assert not [name for name in held if name.startswith(("tests/", "tools/", "benchmarks/"))]
