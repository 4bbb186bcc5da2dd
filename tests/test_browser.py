"""What a reader sees: notebooks in the real JupyterLab, and the site, in a real Chromium.

Three notebooks are opened, not all: that every notebook runs is proven where they are executed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import require_at_import

require_at_import("playwright", "nbclient")

import nbformat

from tools import browser as browsing
from tools.notebooks.__main__ import find_sources
from tools.notebooks.execute import Executed, run_all
from tools.notebooks.source import METADATA
from tools.run_in_lab import judge_saved, run_in_lab
from tools.site import build_site, find_outside

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]

WIDTHS = "images => images.map(i => [i.getAttribute('src').slice(0, 60), i.naturalWidth])"


@pytest.fixture(scope="module")
def executed() -> list[Executed]:
    """The first, the middle and the last lesson, from the one execution of this run."""
    sources = find_sources()
    if not sources:
        pytest.fail("there are no notebooks in notebooks/src")
    chosen = sorted({0, len(sources) // 2, len(sources) - 1})
    results = run_all([sources[i] for i in chosen])
    assert [r.problems for r in results if not r.ok] == []
    return results


@pytest.fixture(scope="module")
def site(executed: list[Executed], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site, built as ``make course`` builds it."""
    folder = tmp_path_factory.mktemp("site")
    return build_site(run_all(find_sources()), folder / "src", folder / "site").parent


@pytest.fixture(scope="module")
def browser(chromium: str, site: Path) -> Iterator[Browser]:
    """One Chromium for the pages of this file.

    The site comes first: once playwright runs in this thread, no other event loop can.
    """
    with browsing.chromium(chromium) as opened:
        yield opened


def write_notebook(path: Path, *sources: str) -> Path:
    """A notebook of code cells that look as if they had run well before."""
    cells = [nbformat.v4.new_code_cell(s, execution_count=i + 1) for i, s in enumerate(sources)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), path)
    return path


# ------------------------------------------------------------------ JupyterLab


def test_notebooks_run_in_jupyterlab(executed: list[Executed], browser: Browser) -> None:
    verdicts = run_in_lab([result.path for result in executed], browser)
    assert verdicts == {result.path.name: [] for result in executed}


def test_a_broken_notebook_fails_in_jupyterlab(tmp_path: Path, browser: Browser) -> None:
    """The control: a check that a broken notebook passes would prove nothing."""
    fetch = "from IPython.display import HTML; HTML('<img src=\"https://example.org/a.png\">')"
    paths = [
        write_notebook(tmp_path / "raises.ipynb", "1", "1 / 0", "2"),
        write_notebook(tmp_path / "warns.ipynb", "import sys; print('careful', file=sys.stderr)"),
        write_notebook(tmp_path / "fetches.ipynb", fetch),
    ]
    verdicts = run_in_lab(paths, browser)
    assert "ZeroDivisionError" in verdicts["raises.ipynb"][0]
    assert "not executed" in verdicts["raises.ipynb"][1]
    assert "stderr" in verdicts["warns.ipynb"][0]
    assert "asked for https://example.org/a.png" in verdicts["fetches.ipynb"]


def test_a_notebook_whose_cells_ran_out_of_order_is_judged_wrong(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "twice.ipynb", "1", "2")
    assert judge_saved(path) == []
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].execution_count = 7
    nbformat.write(notebook, path)
    assert "count 7 after 1" in judge_saved(path)[0]


# ------------------------------------------------------------------ the site


def open_page(browser: Browser, address: str) -> tuple[list[str], list[tuple[str, int]]]:
    """What is wrong with a page, and its pictures with their natural widths."""
    with browsing.watched_page(browser) as watched:
        watched.page.goto(address, wait_until="networkidle")
        return watched.problems(), watched.page.locator("main img").evaluate_all(WIDTHS)


def test_the_first_page_links_to_every_lesson(site: Path, browser: Browser) -> None:
    with browsing.served(site) as address, browsing.watched_page(browser) as watched:
        watched.page.goto(f"{address}/index.html", wait_until="networkidle")
        links = watched.page.locator("main li a").evaluate_all(
            "links => links.map(link => link.getAttribute('href'))"
        )
        assert watched.problems() == []
    assert {f"course/{source.stem}.html" for source in find_sources()} <= set(links)


def test_lessons_show_their_figures_and_fetch_nothing(
    site: Path, executed: list[Executed], browser: Browser
) -> None:
    with browsing.served(site) as address:
        for result in executed:
            problems, pictures = open_page(browser, f"{address}/course/{result.name}.html")
            assert problems == []
            assert len(pictures) >= result.figures
            assert all(width > 0 for _, width in pictures), pictures


def test_formulas_are_drawn_without_a_network(site: Path, browser: Browser) -> None:
    """MathJax comes with the site; a lesson with a formula shows it drawn."""
    lessons = [
        p for p in sorted(site.glob("course/*.html")) if 'class="math' in p.read_text("utf-8")
    ]
    if not lessons:
        pytest.skip("no lesson has a formula yet")
    with browsing.served(site) as address, browsing.watched_page(browser) as watched:
        watched.page.goto(f"{address}/course/{lessons[0].name}")
        watched.page.wait_for_selector("mjx-container", timeout=20_000)
        assert watched.problems() == []


def test_a_page_that_fetches_something_is_caught(tmp_path: Path, browser: Browser) -> None:
    page = '<script src="https://example.org/x.js"></script><main><img src="missing.png"></main>'
    (tmp_path / "index.html").write_text(page, "utf-8")
    with browsing.served(tmp_path) as address:
        problems, pictures = open_page(browser, f"{address}/index.html")
    assert "asked for https://example.org/x.js" in problems
    assert any("404" in line for line in problems)
    assert pictures == [("missing.png", 0)] or pictures == [["missing.png", 0]]
    assert find_outside(tmp_path) == ['index.html: <script src="https://example.org/x.js']


def test_every_page_of_the_site_is_self_contained(site: Path) -> None:
    assert find_outside(site) == []
