"""A section of a report in a notebook: the page's own, small cells withheld."""

from __future__ import annotations

import pandas as pd
import pytest

from churnlab.report import Picture, Report, Section, Shown

PICTURE = Picture(b"<svg/>", alt="a line")


@pytest.fixture
def report() -> Report:
    frame = pd.DataFrame({"plan": ["a", "b"], "n": [9, 10], "rate": [0.7531, 0.25]})
    table = Shown("rates", frame, {c: c for c in frame}, {"rate": "percent"}, {"n": ("rate",)})
    answered = Section("rates", "Rates", ("<b>Ten</b> & more.",), (table,), (PICTURE,))
    unanswered = Section("money", "Money", missing="There is no column of amounts.")
    ledger = pd.DataFrame(columns=["stage", "unit", "rule", "n"])
    return Report("Shop", "2026-01-01", (answered, unanswered), ledger, {}, 10, "data = ...")


def test_a_section_shows_what_the_page_shows_and_withholds_what_it_withholds(
    report: Report,
) -> None:
    shown = report.show("rates")._repr_html_()
    assert "25.0 %" in shown and "75.3" not in shown and "&lt; 10" in shown
    assert "&lt;b&gt;Ten&lt;/b&gt; &amp; more." in shown and "<img" in shown


def test_pictures_may_be_left_out(report: Report) -> None:
    shown = report.show("rates", pictures=False)._repr_html_()
    assert "<img" not in shown and "25.0 %" in shown
    assert report["rates"].pictures == (PICTURE,)


def test_without_html_the_words_are_shown_and_no_number_of_a_table(report: Report) -> None:
    assert repr(report.show("rates")) == "Rates\n<b>Ten</b> & more."
    assert repr(report.show("money")) == "Money\nThere is no column of amounts."
