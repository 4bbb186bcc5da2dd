"""The explorer in the real JupyterLab, moved with the keyboard and the mouse of a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import require_at_import

require_at_import("playwright", "nbclient", "ipywidgets")

import nbformat  # noqa: E402

from tools import browser as browsing, run_in_lab as in_lab  # noqa: E402
from tools.notebooks.source import METADATA  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]

SLOW = 60_000  # milliseconds: a busy machine, never a wait
HOSTILE = '<img src=x onerror="console.error(7)"> & "cheap" '
NAMES = {"price": HOSTILE * 3, "coverage": "网络覆盖"}
PLAIN, NAMED = (f"import churnlab as cl\ncl.explorer.cci({n})" for n in ("", f"names={NAMES!r}"))
# What sticks out of the board, is cut off, or is too small for a mouse; a number needs room for its
# arrows beside it.
BROKEN = """board => {
    const edge = board.getBoundingClientRect();
    const seen = [...board.querySelectorAll('img, td, th, button, input, .noUi-handle, .widget-html')]
        .filter(e => e.getClientRects().length);
    const out = seen.filter(e => e.getBoundingClientRect().right > edge.right + 1
        || e.getBoundingClientRect().left < edge.left - 1
        || e.scrollWidth > e.clientWidth + 1 && e.matches('td, th, button, .widget-html'));
    const pen = document.createElement('canvas').getContext('2d');
    const cut = [...board.querySelectorAll('input')].filter(e => {
        const look = getComputedStyle(e);
        pen.font = look.font;
        const free = e.clientWidth - parseFloat(look.paddingLeft) - parseFloat(look.paddingRight);
        return pen.measureText(e.value).width + 15 > free;
    });
    const tiny = [...board.querySelectorAll('.noUi-base')].filter(
        e => e.getBoundingClientRect().width < 50);
    return [...out, ...cut, ...tiny].map(e => e.outerHTML.slice(0, 120));
}"""


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with browsing.chromium(chromium) as opened:
        yield opened


@contextmanager
def opened(folder: Path, browser: Browser, cell: str) -> Iterator[browsing.Watched]:
    """A notebook of one cell, run in JupyterLab, with the explorer in view."""
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)], metadata=METADATA)
    nbformat.write(notebook, notebooks / "explorer.ipynb")
    with (
        in_lab.lab(notebooks, folder / "home") as server,
        browsing.watched_page(browser) as watched,
    ):
        watched.page.set_viewport_size({"width": 1280, "height": 1100})
        in_lab.open_notebook(watched.page, server, "explorer.ipynb")
        in_lab.run_all_cells(watched.page)
        watched.page.locator("img.widget-image").first.wait_for(timeout=SLOW)
        yield watched


def handle(page: Page, words: str) -> Locator:
    return page.locator(f".widget-slider:has(label[title='{words}']) .noUi-handle")


def row_of(page: Page, factor: str) -> Locator:
    return page.locator("tbody tr").filter(has=page.get_by_text(factor, exact=True))


def wait_for_verdict(page: Page, factor: str, verdict: str) -> None:
    """The table follows the line above it in a message of its own."""
    row_of(page, factor).filter(has_text=verdict).wait_for(timeout=SLOW)


def pictures(page: Page) -> list[str]:
    images = page.locator("img.widget-image")
    images.first.wait_for(timeout=SLOW)
    return images.evaluate_all("found => found.map(i => i.src)")


def wait_for_new_pictures(page: Page, before: list[str]) -> None:
    changed = "old => [...document.querySelectorAll('img.widget-image')].every("
    changed += "(i, k) => i.src !== old[k] && i.complete && i.naturalWidth > 0)"
    page.wait_for_function(changed, arg=before, timeout=SLOW)


def broken(page: Page) -> list[str]:
    found: list[str] = page.locator(".widget-vbox").first.evaluate(BROKEN)
    return found


def test_keyboard_and_mouse_move_the_verdicts(tmp_path: Path, browser: Browser) -> None:
    with opened(tmp_path, browser, PLAIN) as watched:
        page = watched.page
        page.get_by_text("CCI 30.4", exact=True).wait_for(timeout=SLOW)
        wait_for_verdict(page, "new_technology", "guard")
        before = pictures(page)

        handle(page, "new_technology: satisfaction").focus()
        for _ in range(8):
            page.keyboard.press("ArrowLeft")
        page.get_by_text("CCI 53.6", exact=True).wait_for(timeout=SLOW)
        wait_for_verdict(page, "new_technology", "danger")
        page.get_by_text("25.4 fixable + 28.2 stuck").wait_for(timeout=SLOW)
        number = page.get_by_role("spinbutton", name="new_technology: satisfaction", exact=True)
        assert number.input_value() == "2"
        wait_for_new_pictures(page, before)

        drag_to_the_right_end(page, "coverage: satisfaction")
        page.get_by_text("CCI 23.2", exact=True).wait_for(timeout=SLOW)
        wait_for_verdict(page, "coverage", "keep")

        page.wait_for_function(in_lab.CONNECTED, timeout=SLOW)  # the kernel has drawn the last move
        assert broken(page) == []
        page.screenshot(path=tmp_path / "explorer.png")
        page.set_viewport_size({"width": 1000, "height": 1500})
        page.wait_for_timeout(500)
        assert broken(page) == []
        page.screenshot(path=tmp_path / "explorer_1000.png")
        assert page.locator(".jp-OutputArea-output[data-mime-type*=stderr]").count() == 0
        assert watched.problems() == []


def drag_to_the_right_end(page: Page, words: str) -> None:
    box = handle(page, words).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y, steps=4)
    page.mouse.move(x + 600, y, steps=4)
    page.mouse.up()


def test_typed_numbers_buttons_and_tab_order(tmp_path: Path, browser: Browser) -> None:
    with opened(tmp_path, browser, NAMED) as watched:
        page = watched.page
        page.get_by_role("button", name="variant A").click()
        page.get_by_text("CCI 53.6", exact=True).wait_for(timeout=SLOW)
        wait_for_verdict(page, "网络覆盖", "fix now")

        number = page.get_by_role("spinbutton", name="网络覆盖: satisfaction", exact=True)
        number.fill("10")
        number.press("Enter")
        page.get_by_text("CCI 23.2", exact=True).wait_for(timeout=SLOW)
        assert handle(page, "网络覆盖: satisfaction").get_attribute("aria-valuenow") == "10.0"

        number.focus()
        seen = []
        for _ in range(2):
            page.keyboard.press("Tab")
            seen.append(
                page.evaluate(
                    "document.activeElement.closest('.jupyter-widgets:has(> label)')"
                    ".querySelector('label').title + ' ' + document.activeElement.tagName"
                )
            )
        assert seen == ["网络覆盖: importance DIV", "网络覆盖: importance INPUT"]

        page.get_by_role("button", name="Reset").click()
        page.get_by_text("CCI 30.4", exact=True).wait_for(timeout=SLOW)
        # what would be markup is text: no broken image asks for x, and none complains
        assert page.locator("img[src=x]").count() == 0
        assert page.get_by_text(HOSTILE.strip()).count() > 0
        assert broken(page) == []
        page.screenshot(path=tmp_path / "named.png")
        assert watched.problems() == []
