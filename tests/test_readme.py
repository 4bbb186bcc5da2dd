"""The two READMEs run, name what exists, link to what is there, and quote what was measured."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import ModuleType

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from PIL import Image

import churnlab as cl
from tests.conftest import ROOT
from tools import first_figure

PAGES = {name: (ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh.md")}
ENGLISH, CHINESE = PAGES.values()
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
CALL = re.compile(r"([a-z_]+)\.([A-Za-z_]\w*)")
LINK = re.compile(r"\]\(([^)\s]+)\)")
DEFINED = re.compile(r"^\[(\d\d)\]: (\S+)$", re.MULTILINE)
EXPONENTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
SOURCES = {p.stem[:2]: p.read_text("utf-8") for p in (ROOT / "notebooks" / "src").glob("*.py")}
# How the table of ratios names a workload and case; the Chinese table has the same rows in order.
MEASURED = {
    "survival curves, whole days, in memory": ("curves", "whole days, in memory"),
    "survival curves, continuous, in memory": ("curves", "continuous, in memory"),
    "log-rank test, whole days, from Parquet": ("logrank", "whole days, from Parquet"),
    "retention triangle, even activity, from Parquet": ("triangle", "even"),
}

both = pytest.mark.parametrize("page", PAGES.values(), ids=list(PAGES))


def prose(page: str) -> str:
    """The page without its blocks of code."""
    return FENCE.sub("", page)


def code(page: str, language: str) -> list[str]:
    return [text for name, text in FENCE.findall(page) if name == language]


def without_comments(text: str) -> list[str]:
    return [re.sub(r"\s+# .*$", "", line) for line in text.splitlines()]


def tables(page: str) -> list[list[list[str]]]:
    """The tables of the page as rows of cells, without heads and rules."""
    found = re.findall(r"(?:^\|.*\n)+", prose(page), re.MULTILINE)
    split = [
        [[c.strip() for c in row.strip("|").split("|")] for row in t.split("\n")] for t in found
    ]
    return [[row for row in table[2:] if len(row) > 1] for table in split]


def named(cell: str) -> list[str]:
    """The names in a cell that could be churnlab's, with their room if they have one."""
    spans = [span for span in SPAN.findall(cell) if not span.startswith("churnlab ")]
    return [span for span in spans if CALL.fullmatch(span) or span in cl.__all__]


def exists(name: str) -> bool:
    room, _, thing = name.partition(".")
    if not thing:
        return room in cl.__all__
    return room in cl.__all__ and thing in getattr(
        getattr(cl, room), "__all__", dir(getattr(cl, room))
    )


# ------------------------------------------------------------------ what runs


@both
def test_the_eight_lines_run(page: str) -> None:
    (text,) = code(page, "python")
    assert len([line for line in text.splitlines() if line]) == 8
    names: dict[str, object] = {}
    try:
        exec(compile(text, "README", "exec"), names)
        drawn = [axes for n in plt.get_fignums() for axes in plt.figure(n).axes]
        assert len(drawn) >= 2
        ledger = cl.ledger(names["curve"])
        assert {"read", "used"} <= set(ledger["fate"])
    finally:
        plt.close("all")


def test_the_command_makes_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from churnlab.__main__ import main

    (line,) = code(ENGLISH, "sh")
    program, *words = line.split()
    assert program == "churnlab"
    log = cl.datasets.load("six_customers")
    headers = {"customer": "client", "time": "paid_on", "amount": "total"}
    log.rename(columns=headers).to_csv(tmp_path / "orders.csv", index=False)
    monkeypatch.chdir(tmp_path)
    assert main(words) == 0
    assert (tmp_path / "report.html").read_text("utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("target", ["course", "test", "lab"])
def test_make_knows_the_targets_it_is_told(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert re.search(rf"^{target}: ", makefile, re.MULTILINE)
    assert all(f"make {target}" in page for page in PAGES.values())


# ------------------------------------------------------------------ what is named


@both
def test_every_call_that_is_named_exists(page: str) -> None:
    spans = [span.removeprefix("cl.") for span in SPAN.findall(prose(page))]
    calls = {s for s in spans if (m := CALL.fullmatch(s)) and m[1] in cl.__all__}
    rows = {name for row in tables(page)[0] for name in named(row[1])}
    assert len(calls) > 50 and rows >= calls
    assert [name for name in sorted(calls | rows) if not exists(name)] == []


def test_a_name_that_does_not_exist_is_found_out() -> None:
    assert exists("cohorts.retention") and exists("File")
    assert not exists("cohorts.retain") and not exists("hazards.cox") and not exists("Files")


@both
def test_every_row_names_a_call(page: str) -> None:
    assert [row for row in tables(page)[0] if not named(row[1])] == []


def test_every_room_has_a_row() -> None:
    rooms = {name for name in cl.__all__ if isinstance(getattr(cl, name), ModuleType)}
    shown = {name.partition(".")[0] for row in tables(ENGLISH)[0] for name in named(row[1])}
    assert rooms - shown == {"periods"}
    assert "Period" in shown, "of the room periods"


@pytest.mark.parametrize("row", tables(ENGLISH)[0], ids=lambda row: row[0])
def test_the_notebooks_of_a_row_use_a_call_of_it(row: list[str]) -> None:
    used = [
        number
        for number, text in SOURCES.items()
        if any(re.search(rf"\bcl\.{re.escape(name)}\b", text) for name in named(row[1]))
    ]
    numbers = re.findall(r"\d\d", row[2])
    assert row[2] == "–" or numbers
    assert set(numbers) <= set(used)


def test_what_is_not_yet_built_is_not_there() -> None:
    assert "**Not yet built:**" in ENGLISH
    for room in ("hazards", "parametric", "states", "tiers", "drivers", "scoring"):
        assert room not in cl.__all__
    assert not [name for name in dir(cl.purchases) if re.search("nbd|gamma", name)]


@both
def test_the_version_is_the_present_one(page: str) -> None:
    (version,) = set(re.findall(r"\b\d+\.\d+\.\d+\b", prose(page)))
    assert version == cl.__version__


# ------------------------------------------------------------------ links


@both
def test_every_link_leads_somewhere(page: str) -> None:
    targets = LINK.findall(page) + [path for _, path in DEFINED.findall(page)]
    assert len(targets) > 20
    assert [t for t in targets if t.startswith(("http:", "/"))] == []
    missing = [t for t in targets if not (ROOT / t.partition("#")[0]).exists()]
    assert missing == []


@both
def test_a_part_of_a_page_that_is_linked_is_a_heading(page: str) -> None:
    parts = [t.split("#") for t in LINK.findall(page) if "#" in t]
    assert parts
    for path, anchor in parts:
        headings = re.findall(r"^#+ (.+)$", (ROOT / path).read_text("utf-8"), re.MULTILINE)
        assert anchor in {heading.lower().replace(" ", "-") for heading in headings}


@both
def test_every_number_of_a_notebook_is_a_link(page: str) -> None:
    defined = dict(DEFINED.findall(page))
    shown = set(re.findall(r"\[(\d\d)\](?!:)", page))
    assert shown == set(defined)
    for number, path in defined.items():
        assert Path(path).name.startswith(f"{number}_")


@both
def test_the_figure_is_small_and_has_words(page: str) -> None:
    ((alt, path),) = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", page)
    assert len(alt) > 80
    picture = (ROOT / path).read_bytes()
    assert picture.startswith(b"\x89PNG") and len(picture) < 150_000


@pytest.fixture(scope="module")
def drawn_from() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The triangle and the curves behind the figure."""
    return first_figure.tables()


def test_the_caption_of_the_figure_is_true(drawn_from: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    triangle, curves = drawn_from
    assert triangle.groupby("cohort")["n_start"].first().sum() == 23_570
    assert all("23,570" in page for page in PAGES.values())
    last = triangle.groupby("cohort").tail(1)
    assert last["retention"].isna().all() and (last["n_seen"] > 0).all(), "hatched: no rate"
    over = triangle[triangle["mature"]]
    assert over.query("age == 1")["retention"].mul(100).round().isin([14, 15]).all()
    ends = over.groupby("cohort").tail(1)
    assert sorted(ends["age"]) == [14, 15, 16]
    assert (ends["retention"].mul(100).round() == 6).all()
    starts = curves.query("duration == 0").set_index("first order")["estimate"]
    assert (starts < 0.5).all(), "more than half of each group did not buy again in time"
    assert starts.index.tolist() == list(first_figure.ORDERS)
    assert starts.is_monotonic_increasing, "the larger the first order, the more stay"


def test_the_figure_is_the_one_the_script_draws(
    drawn_from: tuple[pd.DataFrame, pd.DataFrame],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(first_figure, "tables", lambda: drawn_from)
    first_figure.main(tmp_path / "figure.png")
    new, old = (
        np.asarray(Image.open(path).convert("L"), float)
        for path in (tmp_path / "figure.png", first_figure.FIGURE)
    )
    assert new.shape == old.shape
    # another matplotlib may move a letter by a pixel; another table moves more
    assert np.abs(new - old).mean() < 4


# ------------------------------------------------------------------ what was measured


def results(workload: str) -> list[dict]:
    path = ROOT / "benchmarks" / "results" / f"{workload}.json"
    return json.loads(path.read_text("utf-8"))["cases"]


def ratio(workload: str, case: str, rows: int, contender: str) -> float:
    (found,) = (
        one["ratio"]
        for result in results(workload)
        for one in result["contenders"]
        if (result["case"], result["rows"], one["contender"]) == (case, rows, contender)
    )
    return found


@both
def test_the_ratios_are_those_that_were_measured(page: str) -> None:
    quoted, english = tables(page)[-1], tables(ENGLISH)[-1]
    assert len(quoted) == len(english) == 8
    for row, (question, *_) in zip(quoted, english, strict=True):
        assert row[1].startswith("10")
        rows = 10 ** int(row[1][2:].translate(EXPONENTS))
        found = ratio(*MEASURED[question], rows, row[2])
        assert row[3] == (f"{found:.0f}" if found >= 10 else f"{found:.2g}"), (question, found)


def test_the_table_shows_where_others_are_faster() -> None:
    assert [row for row in tables(ENGLISH)[-1] if float(row[3]) < 1]


def test_a_hundred_million_events_took_less_than_2_gb() -> None:
    peaks = [
        one["extra_mb"]
        for result in results("triangle")
        for one in result["contenders"]
        if result["rows"] == 10**8 and one["contender"] == "churnlab"
    ]
    assert peaks and max(peaks) < 2_000


def test_with_a_hundred_thousand_events_every_way_took_less_than_half_a_second() -> None:
    seconds = [
        one["seconds"]
        for result in results("triangle")
        for one in result["contenders"]
        if result["rows"] == 10**5 and one["status"] == "timed"
    ]
    assert len(seconds) > 10 and max(seconds) < 0.5


# ------------------------------------------------------------------ two languages


def test_the_pages_have_the_same_parts() -> None:
    shape = [re.findall(r"^(#+) ", prose(page), re.MULTILINE) for page in PAGES.values()]
    assert shape[0] == shape[1] and len(shape[0]) > 4
    bullets = [len(re.findall(r"^- ", prose(page), re.MULTILINE)) for page in PAGES.values()]
    assert bullets[0] == bullets[1] > 0


def test_the_pages_have_the_same_code() -> None:
    blocks = [[(n, without_comments(t)) for n, t in FENCE.findall(page)] for page in PAGES.values()]
    assert blocks[0] == blocks[1] and len(blocks[0]) == 3


def test_the_pages_have_the_same_rows() -> None:
    first, second = tables(ENGLISH), tables(CHINESE)
    assert [len(table) for table in first] == [len(table) for table in second]
    for ours, theirs in zip(first[0], second[0], strict=True):
        assert (SPAN.findall(ours[1]), ours[2]) == (SPAN.findall(theirs[1]), theirs[2])
    for ours, theirs in zip(first[-1], second[-1], strict=True):
        assert ours[1:] == theirs[1:]


def test_the_pages_have_the_same_links() -> None:
    there = [sorted(set(LINK.findall(page))) for page in PAGES.values()]
    assert set(there[0]) - {"README.zh.md"} == set(there[1]) - {"README.md"}
    assert DEFINED.findall(ENGLISH) == DEFINED.findall(CHINESE)
    assert "](README.zh.md)" in ENGLISH[:100] and "](README.md)" in CHINESE[:100]


def test_the_chinese_page_is_set_as_chinese() -> None:
    text = re.sub(r"`[^`\n]*`|\]\([^)]*\)", "", prose(CHINESE))
    assert re.findall(r"[㐀-鿿][,;:?!()]", text) == []
