"""The command line: what it accepts, prints and refuses, and with which exit code."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import warnings
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import churnlab as cl
from churnlab.__main__ import main
from churnlab.commands import casebook, files, notebooks, options, printing, report
from churnlab.engine import progress
from tests.conftest import ROOT

COMMANDS = ("report", "profile", "notebooks", "casebook", "versions")
LOG = "customer,time,amount\na1,2026-01-05,3\n A1,2026-01-06,2\n区域,2026-03-01,-4\n,2026-03-02,5\n"


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small log of events, in the folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "log.csv"
    path.write_text(LOG, "utf-8")
    return path


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A stand-in for the report, which notes how it is called."""
    calls: list[dict[str, Any]] = []

    def build(data: Any, **given: Any) -> Any:
        calls.append({"data": data, **given})
        answered, not_so = (SimpleNamespace(name=n, missing=m) for n, m in [("a", ""), ("b", "no")])
        ledger = pd.DataFrame(
            [("x", "s", "rows", "excluded", "refund", 2), ("y", "s", "rows", "excluded", "refund", 3),
             ("x", "s", "rows", "excluded", "missing_time", 1000),
             ("x", "s", "rows", "used", "used", 9),
             ("x", "s", "customers", "excluded", "after_cut", 7)],
            columns=["result", "stage", "unit", "fate", "rule", "n"],
        )  # fmt: skip
        return SimpleNamespace(
            as_of="2026-04-01", sections=(answered, not_so), ledger=ledger, min_cell=10,
            save=lambda path: Path(path).write_text("<page>"),
            save_notebook=lambda path: Path(path).write_text("{}"),
        )  # fmt: skip

    monkeypatch.setattr(cl.report, "build", build)
    monkeypatch.setattr("churnlab.commands.report._look", lambda *_: None)  # with the file
    return calls


# ------------------------------------------------------------------ usage


def test_without_a_command_the_help_is_shown_and_the_code_is_that_of_wrong_usage(capsys):
    assert main([]) == 2
    shown = capsys.readouterr().out
    assert all(f"\n    {command}" in shown for command in COMMANDS)


@pytest.mark.parametrize("arguments", [["--help"], *([c, "--help"] for c in COMMANDS)])
@pytest.mark.parametrize("columns", ["80", "200"])
def test_help_fits_eighty_columns(arguments, columns, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    assert main(arguments) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert max(map(len, shown.out.splitlines())) < 80


def test_the_version_is_the_library_s(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"churnlab {cl.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["reports", "f.csv"], "invalid choice"),
        (["report"], "FILE"),
        (["report", "f.csv", "--cust", "c"], "--cust"),  # no abbreviations: they would end one day
        (["report", "f.csv", "--dayfirst", "--monthfirst"], "not allowed with"),
        (["report", "f.csv", "--min-cell", "-1"], "whole number of at least 0"),
        (["report", "f.csv", "--inactivity", "1"], "whole number of at least 2"),
        (["report", "f.csv", "--inactivity", "9.5"], "'9.5' is not a whole number"),
        (["report", "f.csv", "--period", "day"], "invalid choice: 'day'"),
        (["report", "f.csv", "--as-of", "1/4/2026"], "'1/4/2026' is not a date such as"),
        (["profile", "f.csv", "--as-of", "2026-02-30"], "is not a date"),
        (["profile", "f.csv", "--tz", "Berlin"], "'Berlin' is not a known time zone"),
        (["profile", "f.csv", "--decimal", ";"], "--decimal"),
        (["profile", "f.csv", "--reason", "why"], "--reason"),
        (["notebooks"], "DIR"),
    ],
)
def test_wrong_usage_is_said_and_ends_with_two(arguments, says, capsys):
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert says in shown.err and "Traceback" not in shown.err


# ------------------------------------------------------------------ messages and exit codes


def raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int:
    def run(*_: object) -> int:
        raise error

    monkeypatch.setattr("churnlab.commands.versions.run", run)
    return main(["versions"])


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (cl.InputError("no such column 'a\x1b[2Jb'."), 1, "churnlab: no such column 'a\\x1b[2Jb'."),
        (cl.EngineError("out of memory"), 1, "churnlab: out of memory"),
        (
            FileNotFoundError(errno.ENOENT, "No such file", "a b.csv"),
            1,
            "churnlab: 'a b.csv': No such file",
        ),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "churnlab: No space left on device"),
        (KeyboardInterrupt(), 130, "churnlab: interrupted"),
        (BrokenPipeError(), 141, ""),
        (ZeroDivisionError("x\ny"), 70, "(ZeroDivisionError: x). Please report it with what 'churnlab"),
    ],
)  # fmt: skip
def test_each_kind_of_end_has_its_code_and_no_traceback(error, code, says, monkeypatch, capsys):
    monkeypatch.setattr(os, "dup2", lambda *_: None)  # the stdout of the tests stays
    monkeypatch.delenv("CHURNLAB_TRACEBACK", raising=False)
    assert raising(monkeypatch, error) == code
    shown = capsys.readouterr()
    assert shown.out == "" and says in shown.err and "Traceback" not in shown.err
    assert bool(shown.err) is bool(says)


def test_a_traceback_is_shown_on_request(monkeypatch, capsys):
    monkeypatch.setenv("CHURNLAB_TRACEBACK", "1")
    assert raising(monkeypatch, ZeroDivisionError("x")) == 70
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_doubts_about_a_model_are_notes_and_programmers_warnings_are_not(monkeypatch, capsys):
    def run(_: object) -> int:
        for _ in range(2):
            warnings.warn("few customers", UserWarning, stacklevel=1)
        warnings.warn("old name", DeprecationWarning, stacklevel=1)
        return 0

    monkeypatch.setattr("churnlab.commands.versions.run", run)
    before = list(warnings.filters)
    assert main(["versions"]) == 0
    assert capsys.readouterr().err == "churnlab: note: few customers\n"
    assert warnings.filters == before


@pytest.mark.parametrize(
    ("message", "typed"),
    [
        ("Say dayfirst=True or dayfirst=False.", "--dayfirst or --monthfirst"),
        ("say decimal='.' or decimal=','.", "--decimal , or --decimal ."),
        ("encoding='gb18030', or sep=';'", "--encoding gb18030; --sep ';'"),
        ("names=[...], one name per column", "--names customer,time,amount"),
        ("say sheet='Orders' or another", "--sheet Orders"),
        ("contracts need as_of=, the date", "--as-of 2026-04-01"),
        ("functions ask for as_of then", "--as-of 2026-04-01"),
        ("period=cl.Period('month', tz='Europe/Berlin')", "--tz Europe/Berlin"),
        ("a Period( of days", None),
        ("e.g. customer='my_column'", "--customer COLUMN"),
        (
            "say start=None for a log of events, or time=None for contracts.",
            "--time for a log of events, or --start and --end for contracts",
        ),
        ("tz='UTC' was asked for, but: leave tz out, or give", "without --tz"),
        (
            "'a' begins with a mark, and encoding='x' is told: leave encoding= out",
            "without --encoding",
        ),
        ("is a workbook, for which sep= says nothing: leave it out.", "without --sep"),
        ("min_cell=-1 must", "--min-cell 10"),
        ("nothing to say", None),
        ("level=5 must lie between 0 and 1", None),  # no option of the command line
    ],
)
def test_messages_of_the_library_come_with_the_option_to_type(message, typed):
    wanted = [] if typed is None else [f"On the command line: {typed}"]
    assert options.hint(message, "report") == wanted
    assert options.hint(message, "versions") == []


@pytest.mark.parametrize("command", ["report", "profile"])
def test_every_option_with_a_value_has_a_hint_and_every_hint_an_option(command, capsys):
    assert main([command, "--help"]) == 0
    listed = set(re.findall(r"^  (?:-o PAGE, )?--([a-z-]+) ", capsys.readouterr().out, re.M))
    answered = {name.replace("_", "-") for name in options._OF[command]}
    assert (
        listed - {"output", "csv", "save-notebook", "dayfirst", "monthfirst", "without"} == answered
    )


# ------------------------------------------------------------------ report


@pytest.mark.parametrize(
    ("typed", "given"),
    [
        ("", {"customer": "customer", "period": "month"}),
        ("--customer c --time t", {"customer": "c", "time": "t", "start": None, "end": None}),
        ("--start s --end e --as-of 2026-04-01 --reason why",
         {"start": "s", "end": "e", "time": None, "as_of": "2026-04-01", "reason": "why"}),
        ("--time t --start s", {"time": "t", "start": "s"}),  # the library says which to leave out
        ("--without amount --without reason", {"amount": None, "reason": None}),
        ("--by plan", {"by": "plan"}),
        ("--by plan --by region", {"by": ["plan", "region"]}),
        ("--amount paid --inactivity 90 --min-cell 0", {"amount": "paid", "inactivity": 90, "min_cell": 0}),
        ("--title Ours --ratings r.csv", {"title": "Ours", "ratings": "r.csv"}),
        ("--period week --tz Europe/Berlin", {"period": cl.Period("week", tz="Europe/Berlin")}),
        ("--dayfirst", {"data": cl.File("log.csv", dayfirst=True)}),
        ("--monthfirst --decimal ,", {"data": cl.File("log.csv", dayfirst=False, decimal=",")}),
        ("--sep tab --encoding cp1252 --sheet One",
         {"data": cl.File("log.csv", sep="tab", encoding="cp1252", sheet="One")}),
        ("other.csv --sep ;", {"data": cl.File(["log.csv", "other.csv"], sep=";")}),
        ("other.csv", {"data": ["log.csv", "other.csv"]}),
    ],
)  # fmt: skip
def test_options_become_the_arguments_of_the_library(typed, given, log, built, capsys):
    assert main(["report", "log.csv", *typed.split()]) == 0
    (call,) = built
    assert call["_step"] is None
    assert {name: call[name] for name in given} == given
    extra = set(call) - set(given) - {"data", "customer", "period", "_step"}
    assert {call[name] for name in extra} <= {None}  # the other kind of table, left out


def test_names_may_hold_commas_and_blanks(log, built):
    assert main(["report", "log.csv", "--names", 'customer, "sum, paid",区域']) == 0
    assert built[0]["data"].names == ("customer", "sum, paid", "区域")


def test_a_report_says_where_it_is_and_what_it_holds(log, built, capsys):
    assert main(["report", "log.csv", "--save-notebook"]) == 0
    assert capsys.readouterr() == (
        "log_report.html\nlog_report.ipynb\n"
        "  data before 2026-04-01; sections: a\n"
        "  without an answer, the page says why: b\n"
        "  rows excluded: 1,000 missing_time; 3 refund\n"
        "  figures that rest on fewer than 10 customers are withheld\n",
        "",
    )
    assert Path("log_report.html").read_text() == "<page>"
    assert Path("log_report.ipynb").read_text() == "{}"


@pytest.mark.parametrize(
    ("file", "page"),
    [("a/b.csv", "b_report.html"), ("b.csv.gz", "b_report.html"), ("b.1.tsv", "b.1_report.html"),
     ("logs/*.csv", "churnlab_report.html"), ("区域.xlsx", "区域_report.html")],
)  # fmt: skip
def test_the_page_is_named_after_the_file(file, page):
    assert report._name(file) == page


def test_an_earlier_page_is_replaced_and_the_input_never(log, built, capsys):
    Path("page.html").write_text("old")
    assert main(["report", "log.csv", "-o", "page.html"]) == 0
    assert Path("page.html").read_text() == "<page>"
    assert main(["report", "log.csv", "-o", "./log.csv"]) == 1
    assert "'./log.csv' is a file that is read" in capsys.readouterr().err
    assert main(["report", "page.html", "--ratings", "log.csv", "-o", "log.csv"]) == 1
    assert log.read_text("utf-8") == LOG and len(built) == 1


def test_a_place_that_cannot_be_written_is_refused_before_any_work(log, built, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.html").symlink_to(log)
    refused = {
        "nowhere/page.html": "there is no folder",
        "folder": "is a folder or a device",
        os.devnull: "is a folder or a device",
        "link.html": "is a file that is read",
        "log.csv": "is a file that is read",
    }
    for place, says in refused.items():
        for read in ("log.csv", "*.csv", str(log)):
            with pytest.raises(cl.InputError, match=says):
                files.target(place, [read])
    with pytest.raises(cl.InputError, match="is in a folder that is read"):
        files.target("folder/page.html", ["."])
    assert files.target("page.html", ["log.csv", "nothing.csv"]) == tmp_path.resolve() / "page.html"


def test_writing_that_fails_leaves_what_was_there(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("old")

    def write(path: Path) -> None:
        path.write_text("ha")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        files.replace(page, write)
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"] and page.read_text() == "old"


@pytest.mark.needs_module("tqdm")
def test_the_sections_are_shown_as_a_bar_where_someone_watches(monkeypatch, capsys):
    monkeypatch.setattr(progress, "wanted", lambda: True)
    with report._steps() as step:
        assert step is not None
        for place, name in enumerate(["growth", "churn"]):
            step(name, place, 2)
    shown = capsys.readouterr()
    assert shown.out == "" and "churn" in shown.err and "1/2" in shown.err
    monkeypatch.setattr(progress, "wanted", lambda: False)
    with report._steps() as step:
        assert step is None


def test_a_real_report_of_a_small_log(log, capsys):
    assert main(["report", "log.csv", "--min-cell", "0", "-o", "page.html"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "page.html" and out[1].startswith("  data before 2026-03-03; sections: found")
    page = Path("page.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>") and "missing_customer" in " ".join(out)


# ------------------------------------------------------------------ profile


def test_a_profile_prints_every_finding_with_its_meaning(log, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    assert main(["profile", "log.csv", "--csv", "found.csv", "--as-of", "2026-03-02"]) == 0
    found = cl.spells.profile("log.csv", as_of="2026-03-02")
    out = capsys.readouterr().out
    assert max(map(printing.width_of, out.splitlines())) <= 60
    flat = " ".join(out.split())
    for line in found.itertuples():
        assert line.finding in flat and " ".join(line.meaning.split()) in flat
        assert f"{line.n:,} {line.unit}" in flat or f"1 {line.unit[:-1]} " in flat
    assert flat.endswith("data before 2026-03-02; the day itself is not read")
    saved = pd.read_csv("found.csv")
    assert saved["finding"].tolist() == found["finding"].tolist()
    assert saved["n"].tolist() == found["n"].tolist()


def test_a_profile_of_contracts_leaves_a_column_called_time_alone(tmp_path, capsys):
    path = tmp_path / "contracts.csv"
    path.write_text("who,time,begun,over\nx,2026-01-09,2026-01-05,\ny,,2026-01-06,2026-01-05\n")
    typed = ["--customer", "who", "--start", "begun", "--end", "over"]
    assert main(["profile", str(path), *typed]) == 0
    assert "end_before_start" in capsys.readouterr().out


def test_refusals_of_a_file_name_the_option(tmp_path, capsys):
    path = tmp_path / "days.csv"
    path.write_text("customer,time\nx,03/04/2026\ny,05/06/2026\n")
    assert main(["profile", str(path)]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.endswith("\nOn the command line: --dayfirst or --monthfirst\n")
    assert main(["profile", str(path), "--dayfirst"]) == 0
    assert "2026-04-03" in capsys.readouterr().out
    assert main(["profile", str(path), "--monthfirst"]) == 0
    assert "2026-03-04" in capsys.readouterr().out
    assert main(["profile", str(tmp_path / "none.csv")]) == 1
    assert "no file found" in capsys.readouterr().err


# ------------------------------------------------------------------ notebooks


def test_the_lessons_are_copied_and_what_the_reader_changed_is_kept(tmp_path, capsys):
    folder = tmp_path / "new" / "my lessons"
    names = sorted(p.name for p in (ROOT / "notebooks").glob("*.ipynb"))
    assert main(["notebooks", str(folder)]) == 0
    first = capsys.readouterr().out
    assert first.startswith(f"{len(names)} of {len(names)} notebooks copied to {folder}\n")
    assert first.endswith(f"""  pip install "churnlab[notebooks]"\n  jupyter lab '{folder}'\n""")
    assert sorted(p.name for p in folder.iterdir()) == names
    for name in names:
        assert (folder / name).read_bytes() == (ROOT / "notebooks" / name).read_bytes()

    (folder / names[1]).write_text("mine")
    (folder / names[2]).unlink()
    assert main(["notebooks", str(folder)]) == 1
    shown = capsys.readouterr()
    assert shown.out.startswith(f"1 of {len(names)} notebooks copied")
    assert (
        shown.err
        == f"churnlab: kept {names[1]}: it differs from the lesson (--force replaces it)\n"
    )
    assert (folder / names[1]).read_text() == "mine" and (folder / names[2]).exists()

    assert main(["notebooks", str(folder), "--force"]) == 0
    assert (folder / names[1]).read_bytes() == (ROOT / "notebooks" / names[1]).read_bytes()
    assert sorted(p.name for p in folder.iterdir()) == names


def test_a_file_is_no_folder_for_lessons(log, capsys):
    assert main(["notebooks", "log.csv"]) == 1
    assert "'log.csv' is a file: name a folder." in capsys.readouterr().err


def test_lessons_that_are_not_there_are_missed(tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "files", lambda _: tmp_path)
    with pytest.raises(cl.InputError, match="holds no lessons"):
        notebooks.lessons()


def test_without_an_installation_the_lessons_of_the_repository_are_found(monkeypatch):
    def missing(_: str) -> None:
        raise ModuleNotFoundError

    monkeypatch.setattr(notebooks, "files", missing)
    assert {p.name for p in notebooks.lessons()} == {
        p.name for p in (ROOT / "notebooks").glob("*.ipynb")
    }


# ------------------------------------------------------------------ casebook and versions


@pytest.fixture(scope="module")
def book() -> pd.DataFrame:
    return cl.casebook.reproduce()


@pytest.mark.parametrize("columns", [20, 80, 100, 200])
def test_the_casebook_is_a_table_that_fits(columns, book, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(cl.casebook, "reproduce", lambda: book)
    path = tmp_path / "book.csv"
    assert main(["casebook", "--csv", str(path)]) == 0
    out = capsys.readouterr().out.splitlines()
    assert max(map(printing.width_of, out)) <= min(max(columns, 80), 120)
    agreed = int((book["status"] == "agrees").sum())
    assert agreed > 50
    assert out[-1] == f"worked figures reproduced: {agreed} of {agreed}"
    first = out[0].index("stated")  # ids go on in the next line where they are long
    rows = out[2 : out.index("")]
    assert "".join(line[:first].strip() for line in rows) == "".join(
        book.loc[book["computed"].notna(), "id"]
    )
    assert pd.read_csv(path, dtype=str)["stated"].tolist() == book["stated"].tolist()


def test_only_figures_at_odds_with_their_own_article_are_none_that_came_out_again(book):
    computed = book[book["computed"].notna()].set_index("id")
    assert set(computed.index[computed["status"] != "agrees"]) == casebook._AT_ODDS


def test_a_figure_that_does_not_come_out_again_fails(book, capsys, monkeypatch):
    agreed, book = int((book["status"] == "agrees").sum()), book.copy()
    book.loc[book["id"] == "carrier-lost-customers", ["computed", "status"]] = "3199", "disagrees"
    monkeypatch.setattr(cl.casebook, "reproduce", lambda: book)
    assert main(["casebook"]) == 1
    out = capsys.readouterr().out
    assert out.endswith(f"worked figures reproduced: {agreed - 1} of {agreed}\n")
    assert re.search(r"carrier-lost-\s+3200\s+3199\s+disagrees", out)


def test_versions_name_what_is_there_and_how_to_get_what_is_not(capsys, monkeypatch):
    found = metadata.version

    def version(name: str) -> str:
        if name in ("polars", "duckdb"):
            raise metadata.PackageNotFoundError(name)
        return found(name)

    monkeypatch.setattr(metadata, "version", version)
    assert main(["versions"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"churnlab {cl.__version__}\n")
    assert re.search(rf"^  pandas +{re.escape(pd.__version__)}$", out, re.M)
    assert re.search(r'^  polars +not installed \(pip install "churnlab\[polars\]"\)$', out, re.M)
    assert re.search(r"^  duckdb +not installed \(pip install churnlab\)$", out, re.M)
    assert "/" not in out and "\\" not in out


# ------------------------------------------------------------------ text in a terminal


def test_widths_are_those_of_a_terminal():
    assert printing.width_of("churn") == 5
    assert printing.width_of("客户流失") == 8
    assert printing.width_of("ｅ") == 2  # a letter of full width
    assert printing.width_of("e\u0301") == 1  # an accent of its own
    assert printing.padded("客户", 6) == "客户  "


@pytest.mark.parametrize("width", [2, 7, 20, 79])
@pytest.mark.parametrize(
    "text",
    ["", "   ", "one two  three", "深度沟通 and 客户流失率 mixed", "a" * 50, "well-known-id-of-a-row",
     "-" * 30, "x\x1b[31m\ny\u202e"],
)  # fmt: skip
def test_wrapping_keeps_every_letter_and_no_line_is_too_wide(text, width):
    lines = printing.wrapped(text, width)
    assert lines and all(printing.width_of(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(printing.visible(text).split())
    assert "\x1b" not in "".join(lines) and "\u202e" not in "".join(lines)


def test_a_table_stays_in_line_with_chinese_in_it():
    rows = [("价格", "10"), ("new technology", "3"), ("网络覆盖率客户服务", "1 2 3")]
    assert printing.table(("factor", "n"), rows, 16) == [
        "factor     n",
        "---------  -----",
        "价格       10",
        "new        3",
        "technolog",
        "y",
        "网络覆盖   1 2 3",
        "率客户服",
        "务",
    ]


# ------------------------------------------------------------------ as a program


def program(*typed: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    own = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    command = [sys.executable, "-m", "churnlab", *typed]
    return subprocess.run(command, cwd=cwd, env=own, capture_output=True)


def test_nothing_depends_on_locale_zone_or_hash_seed(log, tmp_path):
    ways = [
        {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "1"},
        {"LC_ALL": "C", "TZ": "Asia/Shanghai", "PYTHONHASHSEED": "2", "PYTHONIOENCODING": "utf-8"},
    ]
    done = [program("profile", "log.csv", cwd=tmp_path, COLUMNS="80", **way) for way in ways]
    assert [d.returncode for d in done] == [0, 0], done[0].stderr
    assert done[0].stdout == done[1].stdout and done[0].stderr == b""


def test_a_terminal_without_chinese_shows_numbers_and_a_closed_pipe_is_quiet(log, tmp_path):
    log.write_text(LOG.replace("customer", "客户"), "utf-8")
    typed = ["profile", "log.csv", "--customer", "客户"]
    done = program(*typed, cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert done.returncode == 0 and done.stderr == b""
    assert b"in column \\u5ba2\\u6237" in done.stdout

    command = [sys.executable, "-m", "churnlab", "versions"]
    reader, writer = os.pipe()
    os.close(reader)
    own = os.environ | {"PYTHONPATH": str(ROOT)}
    with open(writer, "wb") as closed:
        ended = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, env=own)
    assert (ended.returncode, ended.stderr) == (141, b"")


def test_help_imports_nothing_heavy():
    code = (
        "import sys\nfrom churnlab.__main__ import main\nmain(['report', '--help'])\n"
        "print([m for m in ('numpy', 'pandas', 'duckdb', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("\n[]\n")


def test_the_page_about_the_command_line_names_options_that_are_there(capsys):
    text = (ROOT / "docs" / "command_line.md").read_text("utf-8")
    listed = ""
    for command in COMMANDS:
        main([command, "--help"])
        listed += capsys.readouterr().out
    said = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) - {"--help"}
    there = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", listed)) - {"--help"}
    assert said == there
