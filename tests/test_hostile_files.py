"""Hostile files through the command line: refused with a remedy, or reported right."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import churnlab as cl
from churnlab.__main__ import main
from churnlab.report.numbers import write
from tests import hostile
from tests.conftest import ROOT, needs_module
from tests.hostile import Refused, Told

build_room = import_module("churnlab.report.build")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
LIGHT = ("found", "growth", "money")  # the others ask the same rows again


def named(cases: Iterable[Any], kind: type) -> list[Any]:
    """The cases of one kind; those of workbooks need a module of their own."""
    return [
        pytest.param(case, id=f"{case.group}: {case.name}", marks=marks)
        for case in cases if isinstance(case, kind)
        for marks in [needs_module("openpyxl") if case.group == "workbook" else ()]
    ]  # fmt: skip


ALL = [*hostile.REFUSED, *hostile.TOLD, *hostile.WORKBOOKS]


def written(case: Refused | Told, folder: Path) -> Path:
    path = folder / case.file
    if callable(case.content):
        case.content(path)
    elif case.content is not None:
        text = case.content
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The report of a run and every result behind it; pictures are drawn by other tests."""
    kept: dict[str, Any] = {}

    class Noted(build_room.Calls):  # type: ignore[misc, name-defined]
        def make(self, name: str, *given: Any, **arguments: Any) -> Any:
            kept[name] = super().make(name, *given, **arguments)
            return kept[name]

    real = cl.report.build

    def build(*given: Any, **arguments: Any) -> cl.report.Report:
        kept["report"] = real(*given, **arguments)
        return kept["report"]

    monkeypatch.setattr(build_room, "Calls", Noted)
    monkeypatch.setattr(cl.report, "build", build)
    monkeypatch.setattr(cl.plot, "picture", lambda draw: SVG)
    return kept


def only(monkeypatch: pytest.MonkeyPatch, names: Iterable[str]) -> None:
    rooms = {name: build_room._SECTIONS[name] for name in names}
    monkeypatch.setattr(build_room, "_SECTIONS", rooms)


def run(case: Refused | Told, folder: Path) -> tuple[int, Path]:
    page = folder / "page.html"
    path = written(case, folder)
    code = main(["report", str(path), *shlex.split(case.typed), "--min-cell", "0", "-o", str(page)])
    return code, page


# ------------------------------------------------------------------ the matrix


def test_every_kind_of_trap_is_met_twice():
    groups = Counter(case.group for case in ALL)
    assert len(ALL) >= 120 and min(groups.values()) >= 2
    assert len({(case.group, case.name) for case in ALL}) == len(ALL)
    assert all(len(case.says) >= 1 for case in ALL if isinstance(case, Refused))


@pytest.mark.parametrize("case", named(ALL, Refused))
def test_a_file_is_refused_with_a_remedy(case, tmp_path, capsys):
    code, page = run(case, tmp_path)
    said = capsys.readouterr()

    assert code == 1, said.err
    assert said.out == "" and not page.exists()
    for pattern in case.says:
        assert re.search(pattern, said.err), (pattern, said.err)
    assert said.err.startswith("churnlab: ") and "Traceback" not in said.err
    assert len(said.err.splitlines()) <= 2 and len(said.err) < 900


@pytest.mark.parametrize("case", named(ALL, Told))
def test_a_file_is_reported_right(case, tmp_path, capsys, monkeypatch, made):
    if not case.is_full:
        only(monkeypatch, LIGHT)
    code, page = run(case, tmp_path)
    said = capsys.readouterr()

    assert code == 0, said.err
    assert "Traceback" not in said.err
    report = made["report"]
    facts = made["found"].set_index("finding")["n"]
    assert (facts["rows"], facts["customers"]) == (case.rows, case.customers)
    assert {name: facts.get(name, 0) for name in case.found} == case.found
    assert months(made, case.months) == case.months
    counted = "churn" if "end" in report.told else "triangle"
    assert excluded(report.ledger, counted) == case.excluded
    adds_up(report.ledger)
    shows_its_frames(page.read_text("utf-8"), report)
    if case.is_full:
        comes_out_again(report, tmp_path, monkeypatch)


def months(made: Mapping[str, Any], wanted: Mapping[str, tuple[float, ...]]) -> dict[str, Any]:
    """Of the wanted months what the report has, as a case states it."""
    contracts = "end" in made["report"].told
    table = made["churn"] if contracts else made["growth"]
    columns = ["opening", "new", "lost", "new_lost"] if contracts else ["active", "new"]
    found: dict[str, Any] = {}
    for row in table.to_dict("records"):
        label = f"{row['period_start']:%Y-%m}"
        if label in wanted:
            found[label] = tuple(int(row[name]) for name in columns)
    if not contracts and "turnover" in made:
        spent = made["turnover"].set_index("period_start")["value"]
        assert made["turnover"]["active"].tolist() == made["growth"]["active"].tolist()
        found = {k: (*v, round(float(spent[pd.Timestamp(k + "-01")]), 4)) for k, v in found.items()}
    return found


def excluded(ledger: pd.DataFrame, result: str) -> dict[str, int]:
    lines = ledger[(ledger["result"] == result) & (ledger["unit"] == "rows")]
    lines = lines[(lines["fate"] == "excluded") & (lines["n"] > 0)]
    return dict(zip(lines["rule"], map(int, lines["n"]), strict=True))


def adds_up(ledger: pd.DataFrame) -> None:
    for where, lines in ledger.groupby(["result", "stage", "unit"]):
        n = lines.set_index("rule")["n"]
        out = lines.loc[lines["fate"] == "excluded", "n"].sum()
        assert n.index.is_unique, where
        if "read" in n.index:  # notes stand alone where another result told the rest
            assert n["read"] == n["used"] + out, where
        else:
            assert set(lines["fate"]) == {"noted"}, where


def comes_out_again(
    report: cl.report.Report, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The code of the page, with the file opened as it says, makes the tables of the page."""
    monkeypatch.chdir(folder)
    for section in report.sections:
        space: dict[str, Any] = {"cl": cl}
        exec(f"{report.opened}\n{section.calls}", space)
        for shown in section.tables:
            own = space[shown.name]
            columns = [c for c in shown.headings if c in own.columns]
            part = own.tail(len(shown.frame)) if shown.name in ("read", "kept") else None
            part = own.loc[shown.frame.index] if part is None else part
            pd.testing.assert_frame_equal(
                part[columns].reset_index(drop=True), shown.frame[columns].reset_index(drop=True)
            )


# ------------------------------------------------------------------ the page


class Parsed(HTMLParser):
    """Tables of a page by section, and proof that it is one tree of plain elements."""

    VOID = frozenset({"meta", "img", "br", "wbr"})
    PLAIN = re.compile(
        "html|head|title|style|body|div|a|header|h1|h2|p|nav|ol|li|main|section|figure|figcaption|"
        "table|caption|thead|tbody|tr|th|td|span|bdi|details|summary|pre|code|footer|dl|dt|dd"
    )

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.section = ""
        self.tables: dict[str, list[list[str]]] = {}
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.VOID or self.PLAIN.fullmatch(tag), tag
        for name, value in attrs:
            assert not name.startswith("on"), name
            assert name != "href" or str(value).startswith("#"), value
            assert name != "src" or str(value).startswith("data:image/svg+xml;base64,"), value
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "section":
            self.section = str(dict(attrs).get("id", "")).removeprefix("section-")
        if tag == "tr":
            self.tables.setdefault(self.section, []).append([])
        if tag in ("th", "td"):
            self.tables[self.section][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"th", "td"} & set(self.open):
            self.tables[self.section][-1][-1] += data


def shows_its_frames(page: str, report: cl.report.Report) -> None:
    """Every number of every table as the page prints it, and the ledger."""
    printed = Parsed(page).tables
    for section in report.sections:
        for shown in section.tables:
            body = printed[section.name][1:]
            assert len(body) == len(shown.frame)
            for place, name in enumerate(shown.headings):
                how = shown.formats.get(name, "text")
                if how != "text":
                    wanted = [write(v, how) for v in shown.frame[name].tolist()]
                    assert [row[place] for row in body] == wanted, (section.name, name)
    numbers = [row[-2:] for row in printed["ledger"][1:]]
    lines = zip(numbers, report.ledger["n"], strict=True)
    assert all(f"{n:,}" in row for row, n in lines)


# ------------------------------------------------------------------ ratings


LONG_LOG = hostile.LOG + "".join(
    f"c{i},2026-0{m}-0{d},1\n" for i in range(4) for m in (1, 2, 3) for d in (1, 9)
)
RATED = "customer,factor,satisfaction,importance\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (RATED + "a,price,11,5\nb,price,3,4\n", "'satisfaction'.*11"),
        (RATED + "a,price,good,5\n", "'satisfaction'.*'good'"),
        ("customer,factor,satisfaction\na,price,5\n", "no column 'importance'"),
        (RATED + "a,,5,5\n,price,5,5\n", "missing_|nothing"),
        (RATED, "nothing"),
    ],
    ids=["outside the scale", "words", "no importance", "nobody's", "a header alone"],
)
def test_hostile_ratings_leave_the_rest_of_the_page(
    text, says, tmp_path, capsys, monkeypatch, made
):
    (tmp_path / "log.csv").write_text(LONG_LOG)
    (tmp_path / "ratings.csv").write_text(text)
    only(monkeypatch, ["found", "growth", "opinions"])
    typed = ["report", str(tmp_path / "log.csv"), "--min-cell", "0", *hostile.APRIL.split(),
             "--ratings", str(tmp_path / "ratings.csv"), "-o", str(tmp_path / "page.html")]  # fmt: skip
    code = main(typed)
    said = capsys.readouterr().err
    assert "Traceback" not in said and code in (0, 1)
    told = said if code else made["report"]["opinions"].missing
    assert re.search(says, told), told


# ------------------------------------------------------------------ as a program

MACHINES = [
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "CHURNLAB_THREADS": "1", "PYTHONHASHSEED": "1"},
    {"TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "CHURNLAB_THREADS": "2", "PYTHONHASHSEED": "2"},
    {"TZ": "", "PYTHONUTF8": "0", "LANG": "tr_TR.ISO-8859-9", "COLUMNS": "200", "HOME": "/"},
]  # fmt: skip


def test_the_page_does_not_depend_on_the_machine(tmp_path):
    """Zone, locale, threads, hash seed and home: the same bytes."""
    kept = {k: v for k, v in os.environ.items() if k not in {n for way in MACHINES for n in way}}
    kept |= {"PYTHONPATH": str(ROOT), "MPLCONFIGDIR": str(tmp_path)}
    text = "".join(
        f"ü{i % 7},2026-0{1 + i % 3}-{1 + i % 27:02d}T22:30:00Z,{i}.1\n" for i in range(60)
    )
    (tmp_path / "日志.csv").write_text(hostile.LOG + text, "utf-8")
    pages = []
    for number, way in enumerate(MACHINES):
        typed = f"report 日志.csv --tz Asia/Shanghai --min-cell 0 --inactivity 30 -o {number}.html"
        command = [sys.executable, "-m", "churnlab", *typed.split()]
        done = subprocess.run(command, cwd=tmp_path, env=kept | way, capture_output=True)
        assert done.returncode == 0 and b"Traceback" not in done.stderr, done.stderr
        pages.append((tmp_path / f"{number}.html").read_bytes())
    assert pages[0] == pages[1] == pages[2]
    assert "日志.csv" in pages[0].decode("utf-8")


# ------------------------------------------------------------------ pictures


def test_one_date_of_the_year_1_does_not_make_a_page_nobody_can_open(tmp_path, monkeypatch):
    """24,000 months lie behind it; the pictures show the latest."""
    only(monkeypatch, ["found", "growth", "triangle"])
    text = hostile.LOG + "a,0001-01-01,1\nb,2026-01-05,1\nb,2026-03-01,2\n"
    (tmp_path / "log.csv").write_text(text)
    page = tmp_path / "page.html"
    assert main(["report", str(tmp_path / "log.csv"), *hostile.APRIL.split(), "-o", str(page)]) == 0
    assert page.read_bytes().count(b"data:image/svg+xml") == 2
    assert page.stat().st_size < 500_000
