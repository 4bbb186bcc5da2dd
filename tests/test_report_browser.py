"""The page of a report in a real Chromium: hostile data stays text, on paper, phones and at night."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from tests.conftest import require_at_import

require_at_import("playwright")

from churnlab.__main__ import main  # noqa: E402
from churnlab.report import page as pages  # noqa: E402
from churnlab.report.parts import Picture, Section, Shown  # noqa: E402
from tools import browser as browsing  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.needs("chromium")]

RUN = "window.ran=1;document.title='ran';alert(1);fetch('https://example.org/a')"
HOSTILE = (
    f"<script>{RUN}</script>",
    f'<img src=x onerror="{RUN}">',
    f"</title><script>{RUN}</script>",
    f"</style><script>{RUN}</script>",
    f"--></textarea></template><svg onload=\"{RUN}\"><a href=\"javascript:{RUN}\">a</a></svg>",
    f'" onmouseover="{RUN}" autofocus onfocus="{RUN}',
    f"javascript:{RUN}",
    '<link rel="stylesheet" href="https://example.org/a.css"><base href="https://example.org/">',
    '<meta http-equiv="refresh" content="0;url=https://example.org/">',
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
    "=HYPERLINK(\"https://example.org\")",
    "\x00\x01\ud800 \u202eesrever\u2066",
    "x" * 300,
    "价格 " * 60,
)  # fmt: skip
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="300"><script>parent.ran=1;'
    'fetch("https://example.org/svg")</script><image href="https://example.org/a.png" width="9" '
    'height="9"/><rect width="900" height="300" fill="teal" onclick="alert(1)"/></svg>'
)
WIDER = "document.documentElement.scrollWidth - innerWidth"
# The boxes that reach beyond the screen, but for what scrolls within a box of its own.
OUTSIDE = """[...document.querySelectorAll('body *')].filter(e => !e.closest('table, pre, .skip')
    && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))"""
GROUND = "getComputedStyle(document.body).backgroundColor"


def hostile_page() -> str:
    """Every hostile text in every place, and a picture that tries what an SVG can."""
    sections = []
    for place, text in enumerate(HOSTILE):
        groups = list(HOSTILE) if place < 2 else [text]  # twice is enough
        frame = pd.DataFrame({"group": groups, "n": range(len(groups)), text: 0.5})
        headings = {"group": text, "n": "customers", text: text, **{f"c{i}": "n" for i in range(6)}}
        frame = frame.assign(**{f"c{i}": 123456.0 for i in range(6)})
        formats = {"n": "whole", text: "percent", **{f"c{i}": "money" for i in range(6)}}
        shown = Shown(f"t{place}", frame, headings, formats, {"n": (text,)}, text)  # type: ignore[arg-type]
        picture = Picture(SVG.encode(), text, text)
        missing = text if place == 1 else ""
        sections.append(
            Section(text, text, (text,), (shown,), (picture,), (text,), text * 3, missing)
        )
    lines = [{"stage": text, "unit": text, "rule": text, "n": 12} for text in HOSTILE]
    told = dict(zip(HOSTILE, HOSTILE, strict=True))
    return pages.html(HOSTILE[2], HOSTILE[0], sections, lines, min_cell=10, told=told)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with browsing.chromium(chromium) as opened:
        yield opened


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(hostile_page(), "utf-8")
    return path.as_uri()


def watch(page: Page) -> tuple[list[str], list[str]]:
    """What the page asks for, and what it says or opens."""
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url[:60]))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.on("popup", lambda popup: said.append(popup.url))
    return asked, said


def test_nothing_runs_and_nothing_is_asked_for(address: str, browser: Browser) -> None:
    with browsing.watched_page(browser) as watched:
        page = watched.page
        asked, said = watch(page)
        page.goto(address, wait_until="networkidle")
        for fold in page.locator("summary").all():
            fold.click()
        page.mouse.move(300, 300)
        page.locator("h1").hover()
        page.locator("img").first.click()
        page.keyboard.press("Tab")
        ran, title = page.evaluate("[window.ran === undefined, document.title]")
        images = page.locator("img").evaluate_all("found => found.map(i => i.naturalWidth)")
        found = page.evaluate(
            "document.querySelectorAll('script, iframe, link, base, svg, form, [onload]').length"
        )
        shown = page.locator("h2 bdi").all_text_contents()

        assert [
            url for url in asked if url != address and not url.startswith("data:image/svg")
        ] == []
        assert said == [] and watched.problems() == []
        assert ran and title == HOSTILE[2] and found == 0
        assert images == [900] * len(HOSTILE)
        assert shown[: len(HOSTILE)] == [pages.visible(text) for text in HOSTILE]


def test_the_policy_is_a_second_wall(tmp_path: Path, browser: Browser) -> None:
    """The control: even markup that should never be there neither runs nor is fetched."""
    text = pages.html("t", "2026-01-01", [], [], min_cell=10, told={})
    bad = f"<main><script>{RUN}</script><img src='https://example.org/a.png' onerror='{RUN}'>"
    (tmp_path / "spoilt.html").write_text(text.replace('<main id="main">', bad), "utf-8")
    with browsing.watched_page(browser) as watched:
        _, said = watch(watched.page)
        watched.page.goto((tmp_path / "spoilt.html").as_uri(), wait_until="networkidle")

        assert watched.page.evaluate("window.ran === undefined")
        assert watched.outside == []  # refused before it left the page
        assert len(said) >= 2 and all("Content Security Policy" in line for line in said)


def test_the_page_never_scrolls_sideways(address: str, browser: Browser) -> None:
    with browsing.watched_page(browser) as watched:
        page = watched.page
        page.goto(address)
        for width in (320, 360, 480, 800):
            page.set_viewport_size({"width": width, "height": 780})
            assert page.evaluate(WIDER) <= 0, width
            assert page.evaluate(OUTSIDE) == [], width
            box = page.locator(".scroll").first
            assert box.evaluate("box => box.scrollWidth > box.clientWidth"), width


def test_night_and_day(address: str, browser: Browser) -> None:
    with browsing.watched_page(browser) as watched:
        page = watched.page
        page.goto(address)
        grounds = []
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            grounds.append(page.evaluate(GROUND))
            card = page.locator("img").first.evaluate("i => getComputedStyle(i).backgroundColor")
            assert card == "rgb(255, 255, 255)"

        assert grounds == ["rgb(255, 255, 255)", "rgb(20, 24, 27)"]


def test_on_paper(address: str, browser: Browser, tmp_path: Path) -> None:
    with browsing.watched_page(browser) as watched:
        page = watched.page
        page.emulate_media(media="print", color_scheme="dark")
        page.goto(address)
        assert page.evaluate(GROUND) == "rgb(255, 255, 255)"
        assert not page.locator("nav").is_visible()
        assert not page.locator("details").first.is_visible()
        heads = page.locator("thead").first.evaluate("e => getComputedStyle(e).display")
        assert heads == "table-header-group"
        printed = page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)

        assert printed.startswith(b"%PDF") and b"/MediaBox [0 0 594.9" in printed  # A4


def test_tables_are_scrolled_with_the_keyboard(address: str, browser: Browser) -> None:
    with browsing.watched_page(browser) as watched:
        page = watched.page
        page.set_viewport_size({"width": 360, "height": 780})
        page.goto(address)
        box = page.locator(".scroll").first
        page.locator("nav a").last.focus()
        page.keyboard.press("Tab")
        assert box.evaluate("box => box === document.activeElement")
        assert box.evaluate("box => getComputedStyle(box).outlineStyle") == "solid"
        for _ in range(5):
            page.keyboard.press("ArrowRight")
            page.wait_for_timeout(100)
        assert box.evaluate("box => box.scrollLeft") > 0 == page.evaluate("scrollX")


def test_a_section_in_a_notebook_runs_nothing(tmp_path: Path, browser: Browser) -> None:
    picture = Picture(SVG.encode(), HOSTILE[1])
    part = pages.section_html(Section(HOSTILE[0], HOSTILE[1], HOSTILE, pictures=(picture,)), 10)
    path = tmp_path / "part.html"
    path.write_text(f'<!DOCTYPE html><meta charset="utf-8"><body>{part}', "utf-8")
    with browsing.watched_page(browser) as watched:
        asked, said = watch(watched.page)
        watched.page.goto(path.as_uri(), wait_until="networkidle")

        assert watched.page.evaluate("window.ran === undefined") and said == []
        assert [url for url in asked[1:] if not url.startswith("data:")] == []
        assert watched.page.locator("img").evaluate("image => image.naturalWidth") == 900


def test_a_hostile_file_from_the_command_line_to_the_screen(
    tmp_path: Path, browser: Browser
) -> None:
    """Headers, ids, segments, reasons, the title and the file's own name, all of them markup."""
    run = RUN.replace("https://example.org/a", "a")  # no slash in a file's name
    heads = {
        "customer": f"<img src=x onerror={run}>", "start": "=cmd|'calc'!A1", "end": f"</th><script>{run}</script>",
        "by": HOSTILE[5], "reason": HOSTILE[3],
    }  # fmt: skip
    texts = [HOSTILE[0], HOSTILE[1], HOSTILE[4], HOSTILE[10]]
    rows = [
        [f"{texts[i % 4]}{i}", f"2026-0{1 + i % 3}-0{1 + i % 7}", "" if i % 3 else "2026-05-09"]
        + [texts[i % 4], "" if i % 3 else texts[(i // 3) % 4]]
        for i in range(48)
    ]
    file = tmp_path / f"<script>{run.split('//')[0]}<b>.csv"
    pd.DataFrame(rows, columns=list(heads.values())).to_csv(file, index=False)
    typed = [part for role, head in heads.items() for part in (f"--{role}", head)]
    page_path = tmp_path / "page.html"
    ended = main(["report", str(file), *typed, "--as-of", "2026-07-01", "--min-cell", "0",
                  "--title", HOSTILE[2], "-o", str(page_path)])  # fmt: skip
    assert ended == 0
    text = page_path.read_text("utf-8")
    assert text.count("&lt;script&gt;") > 5 and "<script" not in text
    with browsing.watched_page(browser) as watched:
        page = watched.page
        asked, said = watch(page)
        page.goto(page_path.as_uri(), wait_until="networkidle")
        for fold in page.locator("summary").all():
            fold.click()
        page.mouse.move(300, 300)
        found = page.evaluate(
            "document.querySelectorAll('script, iframe, link, svg, [onerror]').length"
        )

        assert page.evaluate("window.ran === undefined") and found == 0
        assert page.title() == HOSTILE[2]
        assert [url for url in asked[1:] if not url.startswith("data:image/svg")] == []
        assert said == [] and watched.problems() == []
        assert page.locator("th bdi", has_text="autofocus").count() >= 1  # the segment's name
