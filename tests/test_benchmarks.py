"""Benchmarks: the harness runs end to end and refuses to time different answers. No time is asserted."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

import churnlab as cl
from benchmarks import cases, data, figure
from benchmarks.__main__ import _machine, _write, main, table
from benchmarks.harness import Disagreement, Failure, run

THIS = "tests.test_benchmarks"  # the processes of the contenders import this module
ROWS = 1000


# --- a workload small enough to be wrong on purpose -------------------------------------------------
def numbers(rows: int, folder: Path) -> None:
    np.save(folder / "numbers.npy", np.arange(rows))


def adding(plus: float, folder: Path) -> Callable[[], float]:
    values = np.load(folder / "numbers.npy")
    return lambda: float(values.sum()) + plus


def using_memory(folder: Path) -> Callable[[], float]:
    return lambda: float(np.ones(8_000_000).sum()) * 0 + ROWS * (ROWS - 1) / 2


def raising(folder: Path) -> Callable[[], float]:
    def call() -> float:
        raise ValueError("no answer today")

    return call


def talking(folder: Path) -> Callable[[], float]:
    def call() -> float:
        print("progress: 100%")
        return adding(0, folder)()

    return call


def as_total(result: float) -> dict[str, Any]:
    return {"total": np.array([result])}


def as_pair(result: float) -> dict[str, Any]:
    return {"total": np.array([result, result])}


def as_missing(result: float) -> dict[str, Any]:
    return {"total": np.array([np.nan])}


def as_other(result: float) -> dict[str, Any]:
    return {"mean": np.array([result])}


def contender(name: str, prepare: Any, answer: Any = as_total, **more: Any) -> cases.Contender:
    return cases.Contender(name, prepare, answer, more.pop("needs", ("numpy",)), **more)


TRUE = contender("first", partial(adding, 0.0))


def case(name: str, *others: cases.Contender, tolerance: float = 0.25) -> cases.Case:
    return cases.Case(name, numbers, (TRUE, *others), rows=(ROWS,), tolerance=tolerance)


CASES = (
    case("near enough", contender("near", partial(adding, 0.25))),
    case("off", contender("right", partial(adding, 0)), contender("wrong", partial(adding, 0.5))),
    case("other shape", contender("wrong", partial(adding, 0), as_pair)),
    case("missing", contender("wrong", partial(adding, 0), as_missing)),
    case("nothing in common", contender("wrong", partial(adding, 0), as_other)),
    case("raises", contender("broken", raising)),
    case(
        "incomplete",
        contender("elsewhere", raising, needs=("numpy", "no-such-package")),
        contender("small only", raising, most_rows=ROWS - 1),
        contender("floor", partial(adding, 7.0), None),
    ),
    case("memory", contender("greedy", using_memory), contender("talks", talking)),
)
BY_NAME = {one.name: one for one in CASES}


def result_of(name: str, folder: Path, repeat: int = 1) -> dict[str, Any]:
    return run(THIS, BY_NAME[name], ROWS, repeat=repeat, folder=folder)


def entries_of(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {entry["contender"]: entry for entry in result["contenders"]}


# --- the harness ------------------------------------------------------------------------------------
def test_answers_within_the_tolerance_are_timed(tmp_path: Path) -> None:
    result = result_of("near enough", tmp_path, repeat=3)
    first, near = result["contenders"]
    assert (first["status"], near["status"]) == ("timed", "timed")
    assert near["difference"] == 0.25
    assert first["ratio"] == 1.0
    for entry in (first, near):
        assert 0 < entry["least"] <= entry["seconds"] <= entry["most"]
    json.dumps(result, allow_nan=False)


@pytest.mark.parametrize("name", ["off", "other shape", "missing", "nothing in common"])
def test_a_wrong_contender_is_caught_by_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(Disagreement, match=r"wrong by (0\.5|inf)") as caught:
        result_of(name, tmp_path)
    assert "right" not in str(caught.value)


def test_a_contender_that_raises_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"(?s)broken stopped.*no answer today"):
        result_of("raises", tmp_path)


def test_what_is_not_run_is_listed_with_its_reason(tmp_path: Path) -> None:
    result = result_of("incomplete", tmp_path)
    entries = entries_of(result)
    assert entries["elsewhere"]["status"] == "absent"
    assert entries["small only"]["status"] == "not run"
    assert entries["floor"]["status"] == "timed" and entries["floor"]["difference"] is None
    shown = table(result)
    assert "absent: no-such-package is not installed" in shown
    assert re.search(r"small only +not run at this size", shown)
    assert "floor (floor)" in shown


def test_memory_is_what_the_call_adds_to_the_loaded_data(tmp_path: Path) -> None:
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("this system does not tell the peak memory of one call")
    entries = entries_of(result_of("memory", tmp_path))
    assert 60 < entries["greedy"]["extra_mb"] < 100  # 8 million doubles are 64 MB
    assert entries["talks"]["extra_mb"] < 20  # and what it prints is no reply


# --- the data ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["even", "decaying"])
def test_events_are_exactly_as_many_and_always_the_same(name: str, tmp_path: Path) -> None:
    seen = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        getattr(data, name)(5000, folder)
        with duckdb.connect() as con:
            events = con.read_parquet(str(folder / "events.parquet")).df()
        seen.append(events)
    events, again = seen
    assert events.equals(again)
    assert len(events) == 5000 and events["customer"].nunique() <= 500
    assert events["time"].dt.day.max() <= 28
    assert events["time"].dt.to_period("M").nunique() == data.MONTHS


def test_events_of_every_block_lie_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made block by block, each with customers of its own, and shuffled as one."""
    monkeypatch.setattr(data, "_BLOCK", 2000)
    data.even(5000, tmp_path)
    with duckdb.connect() as con:
        events = con.read_parquet(str(tmp_path / "events.parquet")).df()
    block = events["customer"] // 200
    assert block.value_counts().to_dict() == {0: 2000, 1: 2000, 2: 1000}
    first_half = block.head(2500).value_counts()
    # 1000 of a block's 2000 events are expected in either half: 6 standard errors is 95
    assert abs(first_half[0] - 1000) < 95 and abs(first_half[1] - 1000) < 95
    assert events["paid"].between(0.01, 100).all()
    assert [f.name for f in tmp_path.iterdir()] == ["events.parquet"]


def test_data_is_made_once_and_anew_when_its_maker_changes(tmp_path: Path) -> None:
    one = BY_NAME["off"]
    folder = cases.data_of(one, 10, tmp_path)
    before = (folder / "numbers.npy").stat().st_mtime_ns
    assert cases.data_of(one, 10, tmp_path) == folder
    assert (folder / "numbers.npy").stat().st_mtime_ns == before
    assert [f.name for f in tmp_path.iterdir()] == [folder.name]
    assert cases.data_of(one, 11, tmp_path) != folder


# --- the workloads, end to end ------------------------------------------------------------------------
@pytest.fixture(scope="module", params=cases.WORKLOADS)
def results(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The results file of one workload, in text."""
    file = tmp_path_factory.mktemp("results") / "results.json"
    arguments = [request.param, "--rows", str(ROWS), "--repeat", "1", "--out", str(file)]
    assert main(arguments) == 0
    return file.read_text(encoding="utf-8")


def test_every_contender_here_gives_the_same_answer(results: str) -> None:
    for result in json.loads(results)["cases"]:
        entries = entries_of(result)
        assert entries["churnlab"]["status"] == "timed"
        assert "not run" not in {entry["status"] for entry in entries.values()}
        timed = [e for e in result["contenders"] if e["status"] == "timed" and not e["floor"]]
        assert all(e["difference"] <= result["tolerance"] for e in timed[1:])
        assert len(timed) > 1 or "absent" in {e["status"] for e in result["contenders"]}


def assert_anonymous(text: str) -> None:
    """Neither paths nor names of machines, and no part of the machine's description unasked."""
    assert not set("/\\") & set(text)
    machine = json.loads(text)["machine"]
    assert set(machine) == {
        "system", "architecture", "cores", "duckdb_threads", "blas_threads", "python",
    }  # fmt: skip
    assert socket.gethostname() not in map(str, machine.values())


def test_results_hold_no_path_and_no_host(results: str) -> None:
    assert_anonymous(results)


@pytest.mark.parametrize("workload", cases.WORKLOADS)
def test_committed_results_are_of_todays_cases(workload: str, root: Path) -> None:
    text = (root / "benchmarks" / "results" / f"{workload}.json").read_text(encoding="utf-8")
    assert_anonymous(text)
    today = cases.cases_of(f"benchmarks.{workload}")
    committed = json.loads(text)["cases"]
    assert {result["case"] for result in committed} == set(today)
    for result in committed:
        names = [contender.name for contender in today[result["case"]].contenders]
        assert list(entries_of(result)) == names


def timed(name: str, rows: int, seconds: float) -> dict[str, Any]:
    contenders = [
        {"contender": c.name, "status": "timed", "seconds": seconds, "ratio": 2.0, "extra_mb": 0.5}
        for c in cases.cases_of("benchmarks.triangle")[name].contenders
    ]
    return {"case": name, "rows": rows, "contenders": contenders}


def test_a_short_run_keeps_what_a_long_one_left(tmp_path: Path) -> None:
    file = tmp_path / "triangle.json"
    _write([timed("even", 10, 1.0), timed("even", 1000, 2.0)], file)
    _write([timed("even", 10, 3.0), timed("decaying", 10, 4.0)], file)
    kept = json.loads(file.read_text("utf-8"))["cases"]
    found = [(one["case"], one["rows"], one["contenders"][0]["seconds"]) for one in kept]
    assert found == [("even", 10, 3.0), ("even", 1000, 2.0), ("decaying", 10, 4.0)]

    other = kept[1] | {"contenders": kept[1]["contenders"][1:]}  # of contenders that are gone
    for stale in ({"machine": {}, "cases": kept}, {"machine": _machine(), "cases": [other]}):
        file.write_text(json.dumps(stale), "utf-8")
        _write([timed("even", 10, 3.0)], file)
        assert len(json.loads(file.read_text("utf-8"))["cases"]) == 1


# --- the page that shows them -------------------------------------------------------------------------
def test_the_page_and_the_figure_are_drawn_from_results(tmp_path: Path) -> None:
    page, source = tmp_path / "page.md", tmp_path / "results.json"
    page.write_text(f"before\n{figure.OPEN}old{figure.CLOSE}after\n", "utf-8")
    small, large = timed("even", 10**7, 4.0), timed("decaying", 10**8, 40.0)
    large["contenders"][1:] = [one | {"status": "not run"} for one in large["contenders"][1:]]
    source.write_text(json.dumps({"cases": [small, large]}), "utf-8")
    drawn = []
    for name in ("one.svg", "two.svg"):
        figure.main(source, tmp_path / name, page)
        drawn.append((tmp_path / name).read_bytes())
    assert drawn[0] == drawn[1]
    text = page.read_text("utf-8")
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text
    assert "| even | 10⁷ | 4.00 | 0.5 | 0.50 | 2.0 | 0 | 0 | 0 | 2.0 | 0 |" in text
    assert "| decaying | 10⁸ | 40.00 | – | – | – | 0 | – | – | – | – |" in text


def test_the_committed_page_shows_the_committed_results(root: Path) -> None:
    results = json.loads(figure.RESULTS.read_text("utf-8"))["cases"]
    page = (root / "docs" / "scale.md").read_text("utf-8")
    assert figure.fill(page, results) == page
    assert figure.FIGURE.stat().st_size < 200_000


def test_what_the_page_names_exists(root: Path) -> None:
    """Functions of churnlab, and what is said to be read in a call to them."""
    page = (root / "docs" / "scale.md").read_text("utf-8")
    named = set(re.findall(r"`(?:cl\.)?([a-z]+)\.([a-z_]+)`", page))
    named |= set(re.findall(r"cl\.([a-z]+)\.([a-z_]+)[(,]", page))
    for room, name in {pair for pair in named if pair[0] != "ibis"}:
        assert callable(getattr(getattr(cl, room), name)), f"{room}.{name}"
    asked = {"cohorts.retention", "spells.to_spells", "spells.subscriptions_to_spells"}
    asked |= {"survival.life_table", "rates.churn_rate", "revenue.movements", "cci.matrix"}
    assert asked <= {".".join(pair) for pair in named}


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing"],
        ["--out", "x.json"],
        ["curves", "triangle", "--out", "x.json"],
        ["--repeat", "0"],
    ],
)
def test_what_cannot_be_meant_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert "python -m benchmarks" in capsys.readouterr().err
