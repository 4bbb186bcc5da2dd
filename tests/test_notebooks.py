"""The course's notebooks keep their budgets, and the pipeline that builds them catches mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import require_at_import

require_at_import("nbclient")

import nbformat

from tools.lab_copy import refresh
from tools.notebooks import NOTEBOOKS, __main__ as cli
from tools.notebooks.budgets import check_budgets
from tools.notebooks.compare import compare, same_text
from tools.notebooks.execute import join_streams
from tools.notebooks.source import read_source, to_text

SOURCES = cli.find_sources()


# ------------------------------------------------------------------ the course


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_a_notebook_keeps_the_budgets(source: Path) -> None:
    assert check_budgets(source.stem, read_source(source)) == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_the_committed_notebook_was_built_from_its_source(source: Path) -> None:
    """Quick; that the outputs are fresh too is proven by ``make check``, which executes."""
    committed = nbformat.read(NOTEBOOKS / f"{source.stem}.ipynb", as_version=4)
    for cell in committed.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    assert to_text(committed) == to_text(read_source(source))


def test_no_notebook_is_without_a_source() -> None:
    assert cli.find_orphans(NOTEBOOKS, SOURCES) == []


# ------------------------------------------------------------------ the budgets

GOOD = """\
# %% [markdown]
# # A title
#
# {words}

# %%
import math

# %%
math.sqrt(2)
"""


def notebook(tmp_path: Path, text: str, name: str = "01_tiny") -> nbformat.NotebookNode:
    path = tmp_path / f"{name}.py"
    path.write_text(text.replace("{words}", "word " * 30), "utf-8")
    return read_source(path)


def test_a_good_notebook_breaks_no_rule(tmp_path: Path) -> None:
    assert check_budgets("01_tiny", notebook(tmp_path, GOOD)) == []


BREAKS = {
    "'# …'": "# %% [markdown]\n# # Another title",
    "first cell": None,
    "cells before the exercises": "# %%\n1\n" * 60,
    "lines in the median": "# %%\na = 1\nb = 2\nc = 3\nd = 4\n" * 5,
    "a cell of 13 lines": "# %%\n" + "a = 1\n" * 13,
    "definitions": "# %%\ndef f(): pass\n# %%\nclass G: pass",
    "imports in 2 cells": "# %%\nfrom math import pi",
    "goes to the network (https:)": "# %%\nread('https://example.org')",
    "goes to the network (!pip)": "# %%\n!pip install x",
    "goes to the network (![a](https:)": "# %% [markdown]\n# ![a](https://example.org/a.png)",
    "an absolute path": "# %%\nopen('/tmp/x')",
    "an absolute path ('C:\\": "# %%\nopen('C:\\\\x')",
    "outside the notebook's folder": "# %%\nopen('../x')",
    "silences warnings": "# %%\nwarnings.simplefilter('ignore')",
    "words of prose per line": "# %% [markdown]\n# " + "word " * 30,
    "not folded": '# %% tags=["solution"]\n1',
    "2 cells tagged solution": "# %% [markdown]\n# ## Exercises\n"
    + '# %% jupyter={"source_hidden": true} tags=["solution", "hide-cell"]\n1\n' * 2,
}


@pytest.mark.parametrize("expected", BREAKS)
def test_a_notebook_that_breaks_a_rule_is_told(tmp_path: Path, expected: str) -> None:
    addition = BREAKS[expected]
    text = GOOD + "\n" + addition if addition else "# %%\n1\n\n" + GOOD
    found = check_budgets("01_tiny", notebook(tmp_path, text))
    assert any(expected in line for line in found), found


def test_a_name_outside_the_course_is_told(tmp_path: Path) -> None:
    assert "name" in check_budgets("Tiny", notebook(tmp_path, GOOD))[0]


def test_the_casebook_is_free_of_the_prose_budget(tmp_path: Path) -> None:
    text = GOOD + "# %% [markdown]\n# " + "word " * 300
    assert check_budgets("91_casebook", notebook(tmp_path, text)) == []


# ------------------------------------------------------------------ the pipeline

TINY = """\
# %% [markdown]
# # A tiny notebook

# %%
1 / 3

# %%
1 / 3

# %% jupyter={"source_hidden": true} tags=["solution"] editable=false
print("流失率")
"""


class Course:
    """A course of tiny notebooks in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.src, self.built = folder, folder / "src", folder / "notebooks"
        self.src.mkdir()
        self.built.mkdir()

    def write(self, text: str, name: str = "01_tiny") -> None:
        (self.src / f"{name}.py").write_text(text, "utf-8")

    def run(self, command: str, executed: str = "executed") -> int:
        places = {"--sources": self.src, "--output": self.built}
        places["--executed"] = self.folder / executed
        return cli.main([command, *(str(x) for pair in places.items() for x in pair)])

    def product(self, name: str = "01_tiny") -> Path:
        return self.built / f"{name}.ipynb"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path)


def test_twin_cells_have_ids_of_their_own_and_an_edit_renames_one(tmp_path: Path) -> None:
    before = [c.id for c in notebook(tmp_path, TINY).cells]
    after = [c.id for c in notebook(tmp_path, TINY.replace("流失率", "churn")).cells]
    assert len(set(before)) == 4
    assert before[2] == before[1] + "-2"
    assert before[:3] == after[:3] and before[3] != after[3]


def test_only_tags_and_folding_are_kept_of_the_metadata(tmp_path: Path) -> None:
    cell = notebook(tmp_path, TINY).cells[3]
    assert cell.metadata == {"jupyter": {"source_hidden": True}, "tags": ["solution"]}


def test_two_builds_are_the_same_bytes(course: Course) -> None:
    course.write(TINY + "\n# %%\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    assert course.run("build") == 0
    first = course.product().read_bytes()
    assert b"image/png" in first and "流失率".encode() in first
    course.product().unlink()
    assert course.run("build", executed="executed again") == 0
    assert course.product().read_bytes() == first


def test_check_accepts_what_build_wrote_without_running_it_again(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    course.write(TINY)
    assert course.run("build") == 0
    assert course.run("check") == 0
    assert "ok    01_tiny (kept)" in capsys.readouterr().out


def test_a_stale_output_is_caught_with_a_short_diff(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    course.write(TINY)
    course.run("build")
    text = course.product().read_text("utf-8")
    course.product().write_text(text.replace("0.3333333333333333", "0.25", 1), "utf-8")
    assert course.run("check") == 1
    out = capsys.readouterr().out
    assert "stale" in out and "0.25" in out and len(out.splitlines()) < 20


def test_a_changed_source_is_caught(course: Course) -> None:
    course.write(TINY)
    course.run("build")
    course.write(TINY.replace("流失率", "churn"))
    assert course.run("check") == 1


def test_a_notebook_that_was_never_built_or_lost_its_source_is_caught(course: Course) -> None:
    course.write(TINY)
    assert course.run("check") == 1
    assert course.run("build") == 0
    course.write(TINY, name="02_other")
    course.run("build")
    (course.src / "02_other.py").unlink()
    assert course.run("check") == 1


BROKEN = {
    "stderr": "import sys; print('careful', file=sys.stderr)",
    "a memory address": "print(object())",
    "a path of this machine": "import sys; print(sys.prefix)",
    "the limit is": "print('churn\\n' * 60_000)",
    "ZeroDivisionError": "1 / 0",
}


@pytest.mark.parametrize("expected", BROKEN)
def test_an_output_that_must_not_be_committed_fails_the_build(
    course: Course, capsys: pytest.CaptureFixture[str], expected: str
) -> None:
    course.write(f"# %%\n{BROKEN[expected]}")
    for command in ("build", "run", "check"):
        assert course.run(command) == 1
    assert expected in capsys.readouterr().out
    assert not course.product().exists()


def test_an_error_that_is_shown_on_purpose_is_no_failure(course: Course) -> None:
    course.write('# %% tags=["raises-exception"]\nraise ValueError("as meant")')
    assert course.run("build") == 0


def test_widgets_are_dropped(course: Course) -> None:
    pytest.importorskip("ipywidgets")
    course.write("# %%\nimport ipywidgets\nipywidgets.IntSlider()")
    assert course.run("build") == 0
    built = json.loads(course.product().read_text("utf-8"))
    assert built["cells"][0]["outputs"] == [] and "widgets" not in built["metadata"]


def test_kernels_are_deterministic_and_work_in_an_empty_folder(course: Course) -> None:
    names = "'PYTHONHASHSEED', 'OMP_NUM_THREADS', 'CHURNLAB_THREADS', 'TQDM_DISABLE'"
    course.write(f"# %%\nimport os\nprint([os.environ[n] for n in [{names}]], os.listdir())")
    course.run("build")
    assert "['0', '1', '1', '1'] []" in course.product().read_text("utf-8")


def test_an_unknown_name_is_an_error(course: Course) -> None:
    with pytest.raises(SystemExit, match="07_missing"):
        cli.find_sources(course.src, ["07_missing"])


# ------------------------------------------------------------------ other environments


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("churn 0.1650000", "churn 0.16500000001", True),
        ("churn 0.165", "churn 0.150", False),
        ("1,000 left", "1000 left", True),
        ("a  b\n", "a b", True),
        ("left 3", "stayed 3", False),
        ("3 4", "3", False),
        ("estimate −0.5", "estimate -0.5", True),
    ],
)
def test_texts_are_compared_up_to_the_last_digits(a: str, b: str, same: bool) -> None:
    assert same_text(a, b) is same


def test_outside_the_lock_pictures_are_not_compared_but_everything_else_is(
    course: Course,
) -> None:
    course.write(TINY + "\n# %%\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    course.run("build")
    fresh = nbformat.read(course.product(), as_version=4)
    picture = fresh.cells[-1].outputs[0].data["image/png"]
    committed = to_text(fresh).replace(picture[:200], "A" * 200)
    assert compare(committed, fresh, exact=False) == []
    assert compare(committed, fresh, exact=True) != []
    assert compare(committed.replace("0.333", "0.334"), fresh, exact=False) != []
    assert compare(committed.replace("# A tiny", "# The tiny"), fresh, exact=False) != []
    assert compare(committed.replace('"solution"', '"other"'), fresh, exact=False) != []


# ------------------------------------------------------------------ the copy to play with


def test_the_copy_follows_the_course_but_keeps_what_a_reader_changed(course: Course) -> None:
    copy = course.folder / "lab"
    for name in ("01_one", "02_two"):
        course.product(name).write_text("as built", "utf-8")
    assert refresh(course.built, copy) == []
    (copy / "02_two.ipynb").write_text("my own notes", "utf-8")
    for name in ("01_one", "02_two"):
        course.product(name).write_text("built again", "utf-8")
    assert refresh(course.built, copy) == ["02_two.ipynb"]
    assert (copy / "01_one.ipynb").read_text("utf-8") == "built again"
    assert (copy / "02_two.ipynb").read_text("utf-8") == "my own notes"
    assert course.product("02_two").read_text("utf-8") == "built again"


def test_what_was_printed_in_a_row_is_one_output() -> None:
    out = [nbformat.v4.new_output("stream", name="stdout", text=t) for t in "ab"]
    other = nbformat.v4.new_output("display_data", data={"text/plain": "x"})
    joined = join_streams([*out, other, nbformat.v4.new_output("stream", name="stdout", text="c")])
    assert [o.get("text") for o in joined] == ["ab", None, "c"]
