"""What every test may use: skips with a printed reason, and one Spark session.

``@needs("java")`` and ``@needs_module("pyspark")`` skip a test on a machine that lacks something and
say why. With ``CHURNLAB_REQUIRE_ALL=1`` in the environment, as on CI, such a skip is a failure: a
machine that should have everything cannot go green by lacking it.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# small matrices: a second thread of BLAS costs more than it brings
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parent.parent

# What to call a program, and under which names it is installed.
PROGRAMS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "java": ("java",),
    "Rscript": ("Rscript",),
    "make": ("make",),
    "git": ("git",),
    "uv": ("uv",),
}

needs = pytest.mark.needs
needs_module = pytest.mark.needs_module


def find_program(name: str) -> str | None:
    """The path of a program under any of its names, or None."""
    return next(filter(None, map(shutil.which, PROGRAMS[name])), None)


def skip_or_fail(reason: str, whole_module: bool = False) -> None:
    """Skip the running test (or module), or fail it where everything is required."""
    if os.environ.get("CHURNLAB_REQUIRE_ALL") == "1":
        pytest.fail(f"{reason}, and CHURNLAB_REQUIRE_ALL=1 asks for everything", pytrace=False)
    pytest.skip(reason, allow_module_level=whole_module)


def require(*programs: str, modules: tuple[str, ...] = ()) -> None:
    """Skip (or fail) the running test unless these programs and Python modules are here."""
    for name in programs:
        if find_program(name) is None:
            skip_or_fail(f"this machine has no {name}")
    for name in modules:
        if importlib.util.find_spec(name) is None:
            skip_or_fail(f"the Python module {name} is not installed")


def require_at_import(*modules: str) -> None:
    """Skip (or fail) a whole test module, written above the imports it cannot do without."""
    for name in modules:
        if importlib.util.find_spec(name) is None:
            skip_or_fail(f"the Python module {name} is not installed", whole_module=True)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Honour the ``needs`` and ``needs_module`` marks before any fixture is made."""
    for mark in item.iter_markers("needs"):
        require(*mark.args)
    for mark in item.iter_markers("needs_module"):
        require(modules=mark.args)


def pytest_configure(config: pytest.Config) -> None:
    """The same examples on every machine, and no deadline on a busy one."""
    if importlib.util.find_spec("hypothesis"):
        from hypothesis import settings

        settings.register_profile("churnlab", deadline=None, derandomize=True, print_blob=True)
        settings.load_profile("churnlab")


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium that playwright can drive."""
    require("chromium", modules=("playwright",))
    path = find_program("chromium")
    assert path is not None
    return path


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One small Spark session for the whole run: one thread, UTC, no web page, no Hive."""
    require("java", modules=("pyspark",))
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("spark")
    os.environ.update(
        SPARK_LOCAL_IP="127.0.0.1", PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_DIRS=str(folder)
    )
    options = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "1",
        "spark.default.parallelism": "1",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.driver.host": "127.0.0.1",
        # tables of ten rows: compiling a plan takes longer than interpreting it
        "spark.driver.extraJavaOptions": "-Duser.timezone=UTC -XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.adaptive.enabled": "false",
    }
    builder = SparkSession.builder.master("local[1]").appName("churnlab-tests")
    for key, value in options.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
