"""The explorer without a browser: what follows from ratings, and what the sliders show of it."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import churnlab as cl
from tests.conftest import needs_module

RATED = ("satisfaction", "importance", "improvability")
WORSE = {("new_technology", "satisfaction"): 2}
ONLY_WORSE = WORSE | {("coverage", "satisfaction"): 10}
widgets = needs_module("ipywidgets")


@pytest.fixture(autouse=True)
def no_figures_left():
    """Nothing of the explorer stays on pyplot's list: a notebook would show it again."""
    import matplotlib.pyplot as plt

    plt.close("all")
    yield
    assert plt.get_fignums() == []


def points(matrix: pd.DataFrame) -> list[float]:
    return [round(100 * matrix[part].sum(), 4) for part in ("pressure", "fixable", "stuck")]


def one(matrix: pd.DataFrame, factor: str) -> Any:
    return matrix.set_index("factor").loc[factor]


# ------------------------------------------------------------------ without sliders


@pytest.mark.parametrize(
    ("changes", "table", "cci", "fixable", "stuck"),
    [  # by hand, with weights 2, 5, 7, 3, 0, 6 over 23 and deficits 1 and 8/9
        (None, "cci_table_2", 100 * 7 / 23, 100 * 14 / 69, 100 * 7 / 69),
        (WORSE, "cci_variant_a", 53.6232, 25.4428, 28.1804),
        (ONLY_WORSE, "cci_variant_b", 100 * 16 / 69, 100 * 32 / 621, 100 * 112 / 621),
    ],
)
def test_the_published_tables(changes, table, cci, fixable, stuck):
    by_changes = cl.explorer.ranked_matrix(changes=changes)

    assert points(by_changes) == [round(cci, 4), round(fixable, 4), round(stuck, 4)]
    assert_frame_equal(by_changes, cl.explorer.ranked_matrix(cl.datasets.load(table)))


def test_verdicts_and_places_by_hand():
    base, a, b = (cl.explorer.ranked_matrix(changes=c) for c in (None, WORSE, ONLY_WORSE))
    places = ["rank_pressure", "rank_fixable", "rank_stuck"]

    assert one(base, "coverage")["verdict"] == "fix now"
    assert [one(m, "new_technology")["verdict"] for m in (base, a, b)] == ["guard", *["danger"] * 2]
    assert one(a, "coverage")[places].tolist() == [1, 1, 2]
    assert one(a, "new_technology")[places].tolist() == [2, 2, 1]
    assert sorted(base["rank_pressure"]) == [1, 2, 2, 2, 2, 2]
    assert one(b, "new_technology")[places].tolist() == [1, 1, 1]


def test_the_matrix_and_the_ranks_are_those_of_the_library():
    rng = random.Random(7)
    factors = ["a", "b", "c", "d"]
    for _ in range(12):
        ratings = pd.DataFrame(
            {"factor": factors} | {c: [rng.choice([1, 2, 9, 10]) for _ in factors] for c in RATED}
        )
        ratings.loc[0, "importance"] = 10
        found = cl.explorer.ranked_matrix(ratings)
        matrix = cl.cci.matrix(ratings, scale=(1, 10))
        assert_frame_equal(found[matrix.columns], matrix)
        index = cl.cci.index(ratings, scale=(1, 10))[["cci", "fixable", "stuck"]]
        assert points(found) == index.iloc[0].round(4).tolist()
        ranked = cl.cci.rank(ratings, scale=(1, 10), draws=1000)
        for criterion, part in ranked.groupby("criterion"):
            places = found.set_index("factor")[f"rank_{criterion}"]
            assert part.set_index("factor")["rank"].to_dict() == places.to_dict()


def test_the_table_given_does_not_change_and_keeps_its_ledger():
    table = cl.datasets.load("cci_table_2")
    before = table.copy()
    found = cl.explorer.ranked_matrix(table, WORSE)

    assert_frame_equal(table, before)
    assert found.attrs["ledger"] == cl.cci.matrix(table).attrs["ledger"]


@pytest.mark.parametrize("kind", ["Int64", "float64", "category"])
def test_tables_of_other_types(kind):
    table = cl.datasets.load("cci_table_2")
    if kind == "category":
        table["factor"] = table["factor"].astype("category")
    else:
        table = table.astype(dict.fromkeys(RATED, kind))

    assert points(cl.explorer.ranked_matrix(table, WORSE)) == [53.6232, 25.4428, 28.1804]


@needs_module("polars")
def test_a_table_of_polars():
    import polars as pl

    table = pl.DataFrame(cl.datasets.load("cci_table_2").to_dict("list"))

    assert points(cl.explorer.ranked_matrix(table)) == [30.4348, 20.2899, 10.1449]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: t.drop(columns="importance"), "no column 'importance'"),
        (lambda t: t.assign(satisfaction=11), "'satisfaction' does not hold .* in 6 rows .*11"),
        (lambda t: t.assign(importance=2.5), "'importance' does not hold .* in 6 rows .*2.5"),
        (lambda t: t.assign(improvability=None), "'improvability' does not hold"),
        (lambda t: t.assign(importance=True), "'importance' does not hold .*True"),
        (lambda t: t.assign(importance="7"), "'importance' does not hold .*'7'"),
        (lambda t: pd.concat([t, t]), "'price' is rated 2 times.* one customer"),
        (lambda t: t.assign(factor=" "), "'factor' is missing or blank in 6 rows"),
        (lambda t: t.iloc[:0], "no rows"),
        (lambda t: "table.csv", "not a str"),
        (lambda t: t.assign(importance=1), "undefined: every importance is 1"),
    ],
)
def test_tables_that_are_not_one_customer(spoil, message):
    with pytest.raises(cl.InputError, match=message):
        cl.explorer.ranked_matrix(spoil(cl.datasets.load("cci_table_2")))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({("prize", "satisfaction"): 2}, "names \\('prize', 'satisfaction'\\).*'price'"),
        ({("price", "fixable"): 2}, "a column out of satisfaction, importance, improvability"),
        ({"price": 2}, "names 'price', and a key is \\(factor, column\\)"),
        ({("price", "satisfaction"): 0}, "=0 must be a whole number from 1 to 10"),
        ({("price", "satisfaction"): 4.5}, "=4.5 must be"),
        ([("price", "satisfaction", 4)], "changes is a dict .* not a list"),
    ],
)
def test_changes_that_cannot_be_made(changes, message):
    with pytest.raises(cl.InputError, match=message):
        cl.explorer.ranked_matrix(changes=changes)


def test_a_page_that_cannot_move_shows_the_same():
    import matplotlib as mpl

    mpl.use("agg")
    matrix = cl.explorer.ranked_matrix(changes=WORSE)
    axes = cl.plot.cci_map(matrix), cl.plot.cci_bars(matrix)
    words = {text.get_text() for text in axes[1].texts}
    mpl.pyplot.close("all")

    assert {"18.0", "5.2", "10.1", "20.3"} <= words


# ------------------------------------------------------------------ the sliders


@pytest.fixture
def board() -> Any:
    import matplotlib as mpl

    mpl.use("agg")
    return cl.explorer.cci()


def text_of(markup: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", markup)).strip()


def rows_of(markup: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", markup)[1:]
    return [[text_of(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)] for row in rows]


def everything(widget: Any) -> list[Any]:
    return [widget, *(w for child in getattr(widget, "children", ()) for w in everything(child))]


def button(board: Any, words: str) -> Any:
    return next(w for w in everything(board) if getattr(w, "description", None) == words)


@widgets
def test_a_slider_moves_verdict_places_index_and_figures(board):
    assert rows_of(board.rankings.value)[1][:3] == ["call_quality", "guard", "2= (0.0)"]
    drawn = board.map.value, board.bars.value
    board.sliders["new_technology", "satisfaction"].value = 2

    assert text_of(board.index_line.value) == "CCI 53.6 of 100 = 25.4 fixable + 28.2 stuck"
    assert rows_of(board.rankings.value)[:3] == [
        ["coverage", "fix now", "1 (30.4)", "1 (20.3)", "2 (10.1)"],
        ["new_technology", "danger", "2 (23.2)", "2 (5.2)", "1 (18.0)"],
        ["call_quality", "guard", "3= (0.0)", "3= (0.0)", "3= (0.0)"],
    ]
    assert board.map.value != drawn[0] and board.bars.value != drawn[1]
    assert board.map.value[:4] == b"\x89PNG" == board.bars.value[:4]
    board.sliders["new_technology", "satisfaction"].value = 10
    assert (board.map.value, board.bars.value) == drawn


@widgets
def test_what_is_shown_is_the_headless_frame(board):
    for key, value in {**ONLY_WORSE, ("price", "importance"): 9}.items():
        board.sliders[key].value = value
        assert_frame_equal(board.matrix, cl.explorer.ranked_matrix(changes=board.changes))
    assert board.changes == {**ONLY_WORSE, ("price", "importance"): 9}


@widgets
def test_buttons_move_all_sliders_and_redraw_once(board, monkeypatch):
    seen = []
    draw = board._pictures.map
    monkeypatch.setattr(board._pictures, "map", lambda m: seen.append(points(m)) or draw(m))
    for words, cci in (("variant A", 53.6232), ("variant B", 23.1884), ("Table 2", 30.4348)):
        button(board, words).click()
        assert points(board.matrix)[0] == cci
        assert_frame_equal(board.matrix, cl.explorer.ranked_matrix(changes=board.changes))
    board.sliders["price", "satisfaction"].value = 1
    button(board, "Reset").click()

    assert board.changes == {} and len(seen) == 5


@widgets
def test_a_table_of_ones_own_has_no_buttons_of_other_factors():
    table = pd.DataFrame({"factor": ["x", "y"]} | {c: [3, 4] for c in RATED})
    board = cl.explorer.cci(table)
    buttons = [w.description for w in everything(board) if type(w).__name__ == "Button"]

    assert buttons == ["Reset"]
    assert list(board.sliders) == [(f, c) for f in "xy" for c in RATED]
    with pytest.raises(cl.InputError, match="other factors"):
        board.show(cl.datasets.load("cci_table_2"))


@widgets
def test_nothing_matters_is_said_in_words_and_mended(board):
    for factor in cl.datasets.load("cci_table_2")["factor"]:
        board.sliders[factor, "importance"].value = 1

    assert text_of(board.index_line.value).startswith("The index is undefined: every importance is")
    assert board.rankings.value == "" and board.matrix is None
    assert board.map.layout.visibility == board.bars.layout.visibility == "hidden"
    board.sliders["price", "importance"].value = 2
    assert text_of(board.index_line.value).startswith("CCI 0.0 of 100")
    assert board.map.layout.visibility == board.bars.layout.visibility == "visible"


@widgets
def test_it_can_begin_where_nothing_matters():
    board = cl.explorer.cci(cl.datasets.load("cci_table_2").assign(importance=1))
    assert "undefined" in board.index_line.value
    board.sliders["coverage", "importance"].value = 8
    assert text_of(board.index_line.value).startswith("CCI 100.0")


HOSTILE = '<script>alert("x")</script> & <b>co</b> ' + "long " * 60


@widgets
@pytest.mark.parametrize("through_names", [False, True])
def test_hostile_names_are_text(through_names):
    table = cl.datasets.load("cci_table_2")
    if through_names:
        board = cl.explorer.cci(table, names={"coverage": HOSTILE})
    else:
        board = cl.explorer.cci(table.replace({"factor": {"coverage": HOSTILE}}))
    pages = [w.value for w in everything(board) if type(w).__name__ == "HTML"]
    shown = [page for page in pages if "alert" in page]

    assert len(shown) == 2  # beside the sliders, and in the table
    for page in shown:
        assert "<script" not in page and "<b>co" not in page
        assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &lt;b&gt;co" in page


@widgets
def test_names_in_another_language():
    words = cl.datasets.load("cci_factors").set_index("factor")["chinese"]
    board = cl.explorer.cci(names=words)

    assert rows_of(board.rankings.value)[0][0] == "网络覆盖"
    assert board.sliders["price", "importance"].description == "价格: importance"
    with pytest.raises(cl.InputError, match="names is a mapping .* not a list"):
        cl.explorer.cci(names=["价格"])


@widgets
def test_every_rating_says_which_it_is_and_tab_goes_row_by_row(board):
    found = [w for w in everything(board) if type(w).__name__ in ("IntSlider", "BoundedIntText")]
    said = [(type(w).__name__, w.description) for w in found]
    factors = cl.datasets.load("cci_table_2")["factor"]

    assert said == [
        (kind, f"{factor}: {column}")
        for factor in factors
        for column in RATED
        for kind in ("IntSlider", "BoundedIntText")
    ]
    assert {(w.min, w.max) for w in found} == {(1, 10)} and not any(
        w.description_allow_html for w in found
    )


@widgets
def test_nothing_is_printed_and_the_users_figure_stays(capsys):
    import matplotlib as mpl

    mpl.use("agg")
    mine = mpl.pyplot.figure()
    board = cl.explorer.cci()
    board.sliders["price", "satisfaction"].value = 1
    kept, current = mpl.pyplot.get_fignums(), mpl.pyplot.gcf()
    mpl.pyplot.close("all")

    assert kept == [mine.number] and current is mine
    assert capsys.readouterr() == ("", "")


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_room_imports_neither_widgets_nor_figures():
    heavy = ["ipywidgets", "matplotlib", "seaborn", "IPython"]
    code = (
        "import sys, churnlab.explorer as e; e.ranked_matrix()\n"
        f"print([m for m in {heavy!r} if m in sys.modules])"
    )

    assert run(code) == "[]"


def test_without_ipywidgets_it_says_what_to_install():
    code = (
        "import sys; sys.modules['ipywidgets'] = None\n"
        "import churnlab as cl\n"
        "try: cl.explorer.cci()\n"
        "except cl.InputError as error: print(error)"
    )

    said = run(code)
    assert "explorer.cci needs ipywidgets" in said and "pip install 'churnlab[notebooks]'" in said
    assert "ranked_matrix" in said
