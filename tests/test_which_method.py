"""Every call that ``docs/which_method.md`` and notebook 92 name exists, and what they miss does not."""

from __future__ import annotations

import importlib.util
import re

import pytest

import churnlab as cl
from tests.conftest import ROOT, needs_module

PAGE = (ROOT / "docs" / "which_method.md").read_text("utf-8")
TOOLS = (ROOT / "notebooks" / "src" / "92_other_tools.py").read_text("utf-8")
SOURCES = {p.stem[:2]: p.read_text("utf-8") for p in (ROOT / "notebooks" / "src").glob("*.py")}
NOT_BUILT = "*not yet built*"
SPAN = re.compile(r"`([^`\n]+)`")
CALL = re.compile(r"(?:cl\.)?([a-z_]+)\.([A-Za-z_]\w*)")
BUILT, MISSING = PAGE.split("\n## Not yet built\n")


def spans(text: str) -> list[str]:
    return SPAN.findall(text)


def calls(text: str) -> list[tuple[str, str]]:
    """Spans such as `cohorts.retention`, with or without ``cl.`` before them."""
    found = [CALL.fullmatch(span.removeprefix("cl.")) for span in spans(text)]
    return [(m[1], m[2]) for m in found if m]


def rows(text: str) -> list[list[str]]:
    """The cells of the tables' rows."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


METHODS = [
    [row[0], *row[1].rsplit(" · ", 1), row[2]]
    for row in rows(BUILT.split("\n## An event log\n")[1])
    if row[0] != "question"
]


def exists(room: str, name: str) -> bool:
    return name in getattr(getattr(cl, room), "__all__", dir(getattr(cl, room)))


@pytest.mark.parametrize("call", sorted(set(calls(BUILT))), ids=".".join)
def test_a_call_of_the_page_exists(call: tuple[str, str]) -> None:
    assert exists(*call)


def test_the_page_names_most_of_what_there_is() -> None:
    assert len(set(calls(BUILT))) > 50
    assert len(METHODS) > 40


@pytest.mark.parametrize("row", METHODS, ids=lambda row: row[0])
def test_a_row_has_a_call_or_says_that_it_is_not_built(row: list[str]) -> None:
    assert calls(row[1]) or NOT_BUILT in row[1]
    needs, trap = row[3].split(" *Trap:* ")
    assert needs and trap and row[2], "what it needs, the trap, the notebook"


@pytest.mark.parametrize("row", METHODS, ids=lambda row: row[0])
def test_the_notebook_of_a_row_uses_a_call_of_the_row(row: list[str]) -> None:
    numbers = re.findall(r"\d\d", row[2])
    if NOT_BUILT in row[2]:
        assert numbers and not SOURCES.keys() & set(numbers)
        return
    for number in numbers:
        assert any(".".join(call) in SOURCES[number] for call in calls(row[1])), number


def test_what_is_not_yet_built_is_not_there() -> None:
    rooms = [span for span in spans(MISSING) if span != "purchases"]
    assert rooms == ["hazards", "parametric", "states", "tiers", "drivers", "scoring"]
    for room in rooms:
        assert not hasattr(cl, room)
        assert importlib.util.find_spec(f"churnlab.{room}") is None
    models = [name for name in dir(cl.purchases) if re.search("nbd|gamma_gamma|lifetime", name)]
    assert models == []


def test_lessons_that_are_not_yet_built_have_no_source() -> None:
    listed = set(re.findall(r"\b\d\d\b", MISSING.split("Lessons")[1].split("Until")[0]))
    assert listed == {"13", "14", "25", "26", "27", "32", "33", "34", "35"}
    assert not listed & SOURCES.keys()
    marked = {n for row in METHODS if NOT_BUILT in row[2] for n in re.findall(r"\d\d", row[2])}
    assert marked <= listed


def test_a_link_within_the_page_leads_to_a_heading() -> None:
    headings = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= anchors


def test_the_calls_in_the_words_of_notebook_92_exist() -> None:
    found = {call for call in calls(TOOLS) if call[0] in cl.__all__}
    assert len(found) > 15
    assert [call for call in sorted(found) if not exists(*call)] == []


@needs_module("lifelines")
def test_the_names_of_lifelines_in_notebook_92_exist() -> None:
    import lifelines
    from lifelines import statistics, utils

    names = set(re.findall(r"`([A-Za-z]+Fitter)\b", TOOLS))
    assert {"KaplanMeierFitter", "CoxPHFitter"} <= names - {"BetaGeoFitter"}
    assert all(hasattr(lifelines, name) for name in names - {"BetaGeoFitter"})
    assert all(
        hasattr(statistics, f"{kind}logrank_test") for kind in ("", "multivariate_", "pairwise_")
    )
    for name in ("restricted_mean_survival_time", "add_covariate_to_timeline"):
        assert f"`{name}`" in TOOLS and hasattr(utils, name)
    assert hasattr(lifelines.KaplanMeierFitter, "fit_interval_censoring")
