"""What a stranger gets: the wheel, installed where the repository cannot be seen, every command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, skip_or_fail
from tests.test_repository import committed_files

pytestmark = [pytest.mark.slow, pytest.mark.needs("git")]

# customers who come every week, some until May only
LOG = "who;when;paid\n" + "".join(
    f"c{c};{1 + 7 * week % 28:02d}/{1 + week // 4:02d}/2025;{c},50\n"
    for c in range(1, 31)
    for week in range(48 if c % 3 else 16)
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the installed wheel and nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    source, target = folder / "source", folder / "installed"
    for path in committed_files():
        copy = source / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = [*pip, "wheel", "--no-deps", "--wheel-dir", str(folder), str(source)]
    done = subprocess.run(build, capture_output=True, text=True)
    if done.returncode:
        skip_or_fail(f"no wheel can be built here: {done.stderr.strip().splitlines()[-1:]}")
    (wheel,) = folder.glob("churnlab-*.whl")
    subprocess.run(
        [*pip, "install", "--no-deps", "--no-index", "--target", str(target), str(wheel)],
        check=True, capture_output=True,
    )  # fmt: skip
    return target


def run(installed: Path, cwd: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command that sees the wheel and the environment, in a folder of its own."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    own |= {"PYTHONPATH": str(installed), "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        command, cwd=cwd, env=own, capture_output=True, text=True, encoding="utf-8"
    )


def churnlab(installed: Path, cwd: Path, *typed: str) -> subprocess.CompletedProcess[str]:
    return run(installed, cwd, sys.executable, str(installed / "bin" / "churnlab"), *typed)


def test_the_wheel_is_what_is_imported_and_its_course_is_a_package(installed, tmp_path):
    code = (
        "import churnlab, churnlab.course, churnlab.data\n"
        "print(*(m.__file__ for m in (churnlab, churnlab.course, churnlab.data)), sep='\\n')\n"
        "print(len(churnlab.datasets.load('cdnow_transactions')))"
    )
    done = run(installed, tmp_path, sys.executable, "-c", code)
    *places, rows = done.stdout.split("\n")[:-1]
    assert [Path(p).relative_to(installed).as_posix() for p in places] == [
        "churnlab/__init__.py", "churnlab/course/__init__.py", "churnlab/data/__init__.py",
    ]  # fmt: skip
    assert rows == "69659"


def test_help_version_and_versions(installed, tmp_path):
    assert churnlab(installed, tmp_path).returncode == 2
    for command in ([], ["report"], ["profile"], ["notebooks"], ["casebook"], ["versions"]):
        done = churnlab(installed, tmp_path, *command, "--help")
        assert done.returncode == 0 and done.stderr == "" and "usage: churnlab" in done.stdout
    done = churnlab(installed, tmp_path, "versions")
    assert done.returncode == 0 and "\n  pandas " in done.stdout
    assert "extra 'notebooks'" in done.stdout and str(installed) not in done.stdout
    module = run(installed, tmp_path, sys.executable, "-m", "churnlab", "--version")
    assert module.stdout == churnlab(installed, tmp_path, "--version").stdout != ""


def test_the_casebook_comes_out_again(installed, tmp_path):
    done = churnlab(installed, tmp_path, "casebook")
    assert done.returncode == 0, done.stderr
    assert "worked figures reproduced: " in done.stdout.splitlines()[-1]


def test_the_course_is_whole(installed, tmp_path):
    done = churnlab(installed, tmp_path, "notebooks", "course")
    assert done.returncode == 0, done.stderr
    wanted = {p.name: p.read_bytes() for p in (ROOT / "notebooks").glob("*.ipynb")}
    assert {p.name: p.read_bytes() for p in (tmp_path / "course").iterdir()} == wanted != {}
    (tmp_path / "course" / min(wanted)).write_text("mine")
    assert churnlab(installed, tmp_path, "notebooks", "course").returncode == 1


def test_a_page_from_a_file_of_one_s_own(installed, tmp_path):
    (tmp_path / "log.csv").write_text(LOG)
    columns = ["--customer", "who", "--time", "when", "--amount", "paid"]
    refused = churnlab(installed, tmp_path, "report", "log.csv", *columns)
    assert refused.returncode == 1 and "Traceback" not in refused.stderr
    assert "On the command line: --d" in refused.stderr and not list(tmp_path.glob("*.html"))

    told = [*columns, "--dayfirst", "--decimal", ","]
    profile = churnlab(installed, tmp_path, "profile", "log.csv", *told)
    assert profile.returncode == 0, profile.stderr
    assert "1,120 rows" in profile.stdout and "30 customers" in profile.stdout

    done = churnlab(installed, tmp_path, "report", "log.csv", *told, "--save-notebook")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("log_report.html\nlog_report.ipynb\n")
    page = (tmp_path / "log_report.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>") and "<script" not in page
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "log.csv", "log_report.html", "log_report.ipynb",
    ]  # fmt: skip
