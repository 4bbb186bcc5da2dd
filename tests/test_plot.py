"""Figures: what is drawn equals the frame, nothing is global, hostile labels stay labels."""

from __future__ import annotations

from importlib import resources

import matplotlib as mpl
import matplotlib.font_manager as fm
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import churnlab as cl

mpl.use("agg")


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


@pytest.fixture
def curves():
    frame = pd.DataFrame(
        {
            "duration": [1, 2, 2, 3, 5, 5, 6],
            "event": [1, 1, 0, 1, 0, 0, 1],
            "plan": ["价格", "价格", "a$b$c", "a$b$c", None, None, "价格"],
        }
    )
    return cl.survival.kaplan_meier(frame, by="plan")


@pytest.fixture
def triangle():
    return cl.cohorts.retention(cl.datasets.load("four_customers"), as_of="2026-03-15")


def texts(ax) -> list[str]:
    return [t.get_text() for t in ax.findobj(mpl.text.Text) if t.get_text()]


def test_curves_are_the_estimates(curves):
    ax = cl.plot.survival(curves)

    for line, (_, part) in zip(
        [li for li in ax.lines if li.get_linestyle() == "-"],
        curves.groupby("plan", dropna=False, sort=False),
        strict=True,
    ):
        np.testing.assert_allclose(line.get_xdata(), [0, *part["duration"]])
        np.testing.assert_allclose(line.get_ydata(), [1, *part["estimate"]])
        assert line.get_drawstyle() == "steps-post"


def test_the_risk_table_counts_those_at_risk(curves):
    one = curves[curves["plan"] == "价格"].drop(columns="plan")

    ax = cl.plot.survival(one)

    (table,) = ax.child_axes
    shown = {round(t.get_position()[0], 6): t.get_text() for t in table.texts}
    at_risk = {0: "3", 1: "3", 2: "2", 3: "1", 4: "1", 5: "1", 6: "1"}
    for time, n in shown.items():
        if time in at_risk:
            assert n == at_risk[time]
    assert len(shown) >= 3


def test_a_figure_renders_with_every_system_cjk_font_removed(
    curves, triangle, monkeypatch, tmp_path
):
    keep = [
        f for f in fm.fontManager.ttflist if f.name.startswith(("DejaVu", "STIX", "cm", "Churnlab"))
    ]
    monkeypatch.setattr(fm.fontManager, "ttflist", keep)

    ax = cl.plot.survival(curves)

    assert "价格" in texts(ax)
    ax.figure.savefig(tmp_path / "figure.png")  # a missing glyph warns, and a warning fails


def test_dollars_and_missing_groups_are_words(curves):
    words = texts(cl.plot.survival(curves))

    assert r"a\$b\$c" in words
    assert "(missing)" in words


def test_cells_in_progress_are_hatched_and_carry_no_rate(triangle):
    ax = cl.plot.retention(triangle)

    hatched = [p for p in ax.patches if p.get_hatch()]
    assert len(hatched) == 3
    colours = ax.collections[0].get_array()
    assert int((~np.ma.getmaskarray(colours)).sum()) == 3
    assert any("in progress" in t for t in texts(ax))


def test_a_cell_that_is_over_for_some_keeps_its_colour():
    """On the elapsed clock: one of two customers has had the whole of day 1, nobody that of day 2."""
    log = pd.DataFrame(
        {"customer": ["a", "b"], "time": pd.to_datetime(["2026-01-05 23:00", "2026-01-05 10:00"])}
    )
    triangle = cl.cohorts.retention(
        log, period=cl.Period("day", clock="elapsed"), as_of="2026-01-07 12:00"
    )

    ax = cl.plot.retention(triangle)

    assert [p.get_hatch() for p in ax.patches] == ["////", "////"]
    coloured = ~np.ma.getmaskarray(ax.collections[0].get_array()).ravel()
    assert coloured.tolist() == [True, True, False]
    assert {"over for some of its customers only"} <= set(texts(ax))


def test_curves_show_mature_cells_and_the_curve_over_all():
    triangle = cl.cohorts.retention(cl.datasets.generate_events(400, seed=2))
    pooled = cl.cohorts.pooled(triangle)

    ax = cl.plot.retention(triangle, kind="curves", pooled=pooled)

    *cohorts, whole = ax.lines
    mature = triangle[triangle["mature"]]
    assert len(cohorts) == mature["cohort"].nunique()
    assert sum(len(line.get_xdata()) for line in cohorts) == len(mature)
    assert whole.get_ydata().tolist() == pooled["retention"].tolist()
    assert "all cohorts" in texts(ax)
    with pytest.raises(cl.InputError, match="kind='curves'"):
        cl.plot.retention(triangle, pooled=pooled)


def two_cohorts() -> pd.DataFrame:
    """12 customers came in January, 3 in February; nobody's March is over."""
    month = pd.to_datetime(["2026-01-01", "2026-01-01", "2026-01-01", "2026-02-01", "2026-02-01"])
    frame = pd.DataFrame({"cohort": month, "age": [0, 1, 2, 0, 1]})
    frame = frame.assign(n_start=[12, 12, 12, 3, 3], n_eligible=[12, 12, 0, 3, 0])
    frame = frame.assign(n_seen=[12, 6, 4, 3, 2], retention=[1, 0.5, np.nan, 1, np.nan])
    return frame.assign(mature=[True, True, False, True, False])


def test_cohorts_that_are_small_cells_are_blank_grey():
    ax = cl.plot.retention(two_cohorts(), suppress_below=10)

    blank = [p for p in ax.patches if p.get_hatch() is None]
    assert [(p.get_x(), p.get_y()) for p in blank] == [(0, 1), (1, 1)]
    (shade,) = {p.get_facecolor() for p in blank}
    coloured = ~np.ma.getmaskarray(ax.collections[0].get_array())
    assert coloured.reshape(2, 3).tolist() == [[True, True, False], [False] * 3]
    assert [t.get_text() for t in ax.texts] == ["100", "50", "<10"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["2026-01  (12)", "2026-02  (<10)"]
    shown = {t.get_text(): p for t, p in zip(
        ax.get_legend().get_texts(), ax.get_legend().get_patches(), strict=True)}  # fmt: skip
    assert shown["fewer than 10 customers"].get_facecolor() == shade
    whole = cl.plot.retention(two_cohorts())
    assert [t.get_text() for t in whole.texts] == ["100", "50", "4", "100", "2"]
    assert "fewer than 10 customers" not in texts(whole)
    nothing = cl.plot.retention(two_cohorts(), suppress_below=100)
    assert np.ma.getmaskarray(nothing.collections[0].get_array()).all() and not nothing.texts


def test_curves_of_small_cohorts_are_not_drawn():
    pooled = pd.DataFrame({"age": [0, 1, 2], "n_cohorts": [2, 1, 1], "n_eligible": [15, 12, 9]})
    pooled = pooled.assign(retention=[1, 0.5, 0.4], conf_low=0.1, conf_high=1.0)

    ax = cl.plot.retention(two_cohorts(), kind="curves", pooled=pooled, suppress_below=10)

    cohort, whole = ax.lines
    assert cohort.get_ydata().tolist() == [1, 0.5]
    np.testing.assert_array_equal(whole.get_ydata(), [1, 0.5, np.nan])
    assert len(cl.plot.retention(two_cohorts(), kind="curves").lines) == 2
    alone = cl.plot.retention(pooled, kind="curves", suppress_below=13)
    np.testing.assert_array_equal(alone.lines[0].get_ydata(), [1, np.nan, np.nan])
    with pytest.raises(cl.InputError, match="suppress_below"):
        cl.plot.retention(two_cohorts(), suppress_below="ten")


def test_pooled_curves_of_groups_and_cohorts_of_labels():
    log = cl.datasets.generate_events(400, seed=2).assign(plan="a$b$c")
    by_segment = cl.cohorts.pooled(cl.cohorts.retention(log, by="segment"))
    labelled = cl.cohorts.retention(log, cohort="plan")

    lines = cl.plot.retention(by_segment, kind="curves")

    assert len(lines.lines) == log["segment"].nunique()
    assert set(log["segment"]) <= set(texts(lines))
    assert any(r"a\$b\$c" in t for t in texts(cl.plot.retention(labelled)))


def test_a_triangle_draws_one_group(triangle):
    with pytest.raises(cl.InputError, match="several groups"):
        cl.plot.retention(pd.concat([triangle.assign(plan="a"), triangle.assign(plan="b")]))


def test_other_frames_are_refused(triangle, curves):
    with pytest.raises(
        cl.InputError, match="no columns .duration.*Pass the result of survival.kaplan_meier"
    ):
        cl.plot.survival(triangle)
    with pytest.raises(
        cl.InputError, match="no columns .cohort.*Pass the result of cohorts.retention"
    ):
        cl.plot.retention(curves)


def test_given_axes_are_used(triangle, curves):
    figure, (left, right) = plt.subplots(1, 2)

    assert cl.plot.retention(triangle, ax=left) is left
    assert cl.plot.survival(curves, ax=right, risk_table=False) is right
    assert not right.child_axes


def test_a_cumulative_hazard_is_no_share():
    frame = pd.DataFrame({"duration": [1, 2, 3], "event": [1, 1, 1]})

    ax = cl.plot.survival(cl.survival.nelson_aalen(frame))

    assert ax.get_ylabel() == "cumulative hazard"


def test_losses_at_duration_0_are_seen_as_a_drop_of_shares():
    frame = pd.DataFrame({"duration": [0, 0, 2], "event": [1, 0, 1]})

    ax = cl.plot.survival(cl.survival.kaplan_meier(frame))

    assert ax.get_ylabel() == "still customers"
    assert ax.lines[0].get_ydata()[:2].tolist() == [1.0, pytest.approx(2 / 3)]


def test_lines_bands_and_risk_table_share_their_colours(curves):
    ax = cl.plot.survival(curves)
    plt.rcdefaults()

    lines = [mpl.colors.to_hex(li.get_color()) for li in ax.lines if li.get_linestyle() == "-"]
    bands = [mpl.colors.to_hex(c.get_facecolor()[0][:3]) for c in ax.collections]
    labels = [mpl.colors.to_hex(t.get_color()) for t in ax.child_axes[0].get_yticklabels()]
    assert lines == bands == labels
    assert len(set(lines)) == 3


def test_what_jupyter_switches_on_inside_stays_on():
    """The inline backend makes pyplot interactive at the first figure; undone, figures vanish."""
    try:
        with cl.plot.style():
            mpl.interactive(True)
        assert mpl.is_interactive()
    finally:
        mpl.interactive(False)


def test_style_is_a_context():
    before = dict(mpl.rcParams)
    with cl.plot.style():
        assert "Churnlab Sans CJK" in mpl.rcParams["font.family"]
    assert dict(mpl.rcParams) == before


# --- the Customer Churn Index ---------------------------------------------------------------------
CHINESE = dict(
    zip(
        cl.datasets.load("cci_factors")["factor"],
        cl.datasets.load("cci_factors")["chinese"],
        strict=True,
    )
)


@pytest.fixture
def matrix():
    return cl.cci.matrix(cl.datasets.load("cci_variant_a"))


def test_the_map_puts_every_factor_where_its_columns_say(matrix):
    ax = cl.plot.cci_map(matrix)
    (discs,) = ax.collections
    places = matrix[["importance", "deficit"]].to_numpy(float)

    np.testing.assert_allclose(discs.get_offsets(), places)
    sizes = discs.get_sizes()
    assert sizes.argmax() == 0 and matrix["factor"][0] == "coverage"
    np.testing.assert_allclose(np.diff(sizes), 3000 * np.diff(matrix["pressure"]))
    assert set(matrix["factor"]) <= set(texts(ax))
    # the middles of both scales, where verdicts change
    lines = {tuple(np.ravel(line.get_xdata())) for line in ax.lines}
    assert (5.5, 5.5) in lines


def test_the_bars_are_the_parts_of_the_shares(matrix):
    ax = cl.plot.cci_bars(matrix)
    widths = np.array([bar.get_width() for bar in ax.patches]).reshape(3, -1)

    np.testing.assert_allclose(widths, 100 * matrix[["stuck", "fixable", "secure"]].to_numpy().T)
    np.testing.assert_allclose(widths.sum(axis=0), 100 * matrix["importance_share"])
    assert [t.get_text() for t in ax.get_yticklabels()] == matrix["factor"].tolist()


def test_chinese_factors_render_with_every_system_cjk_font_removed(matrix, monkeypatch, tmp_path):
    keep = [
        f for f in fm.fontManager.ttflist if f.name.startswith(("DejaVu", "STIX", "cm", "Churnlab"))
    ]
    monkeypatch.setattr(fm.fontManager, "ttflist", keep)
    chinese = matrix.assign(factor=matrix["factor"].map(CHINESE))

    for number, (draw, names) in enumerate(
        [(cl.plot.cci_map, None), (cl.plot.cci_bars, None)]
        + [(cl.plot.cci_map, CHINESE), (cl.plot.cci_bars, CHINESE)]
    ):
        ax = draw(chinese if names is None else matrix, names=names)
        words = texts(ax) + [t.get_text() for t in ax.get_yticklabels()]
        assert set(CHINESE.values()) <= set(words)
        ax.figure.savefig(tmp_path / f"{number}.png")  # a missing glyph warns, and a warning fails


def test_the_glyphs_of_every_term_are_in_the_shipped_font():
    from fontTools.ttLib import TTFont

    folder = resources.files("churnlab.fonts")
    with resources.as_file(next(f for f in folder.iterdir() if f.name.endswith(".otf"))) as path:
        held = set(TTFont(path).getBestCmap())
    book = pd.concat([cl.casebook.table(), cl.datasets.load("casebook_extensions")])
    terms = "".join([*CHINESE.values(), *book["chinese"], *cl.reasons.taxonomy()["chinese"]])
    assert {c for c in terms if ord(c) > 0x3000} <= {chr(code) for code in held}


def test_a_map_without_improvability_is_grey_and_bars_are_refused(matrix):
    blind = cl.cci.matrix(cl.datasets.load("cci_variant_a"), improvability=None)
    (discs,) = cl.plot.cci_map(blind).collections

    assert len({tuple(c) for c in discs.get_facecolors()}) == 1
    with pytest.raises(cl.InputError, match="improvability"):
        cl.plot.cci_bars(blind)


def test_the_map_keeps_to_the_scale_of_the_ratings(matrix):
    stars = cl.datasets.load("cci_table_2").assign(
        satisfaction=[5, 5, 1, 5, 5, 5], importance=[2, 3, 4, 2, 1, 4]
    )
    ax = cl.plot.cci_map(cl.cci.matrix(stars, improvability=None, scale=(1, 5)))

    assert ax.get_xlim()[1] < 6 and any(
        tuple(np.ravel(line.get_xdata())) == (3, 3) for line in ax.lines
    )


def test_the_map_finds_the_scale_of_a_frame_that_lost_it():
    stars = cl.datasets.load("cci_table_2").assign(
        satisfaction=[5, 4, 1, 5, 3, 5], importance=[2, 3, 4, 2, 1, 4]
    )
    matrix = cl.cci.matrix(stars, improvability=None, scale=(1, 5))
    lost = matrix.copy()
    lost.attrs = {}
    for ax in (cl.plot.cci_map(lost), cl.plot.cci_map(lost, scale=(1, 5))):
        assert any(np.allclose(np.ravel(line.get_xdata()), 3) for line in ax.lines)


def test_names_on_the_map_stand_clear_of_each_other():
    close = pd.DataFrame(
        {
            "factor": ["call quality", "new technology", "coverage", "price"],
            "satisfaction": [8, 8, 8, 3],
            "importance": [6, 6.2, 6.4, 9],
            "improvability": [3, 4, 5, 6],
        }
    )
    ax = cl.plot.cci_map(cl.cci.matrix(close))
    names = [t for t in ax.texts if t.get_text() in set(close["factor"])]
    boxes = [t.get_window_extent() for t in names]

    assert len(names) == 4
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_long_names_are_shortened_and_a_series_names_too(matrix):
    names = pd.Series(dict.fromkeys(matrix["factor"], "a very long name of a factor " * 4))
    ax = cl.plot.cci_bars(matrix, names=names)

    for label in ax.get_yticklabels():
        first, second = label.get_text().split("\n")
        assert len(first) <= 26 and second.endswith("…")


@pytest.mark.parametrize("draw", [cl.plot.cci_map, cl.plot.cci_bars])
def test_one_matrix_at_a_time_and_nothing_else(draw, matrix, triangle):
    two = pd.concat([matrix.assign(wave=1), matrix.assign(wave=2)], ignore_index=True)
    with pytest.raises(cl.InputError, match="several groups"):
        draw(two[["wave", *matrix.columns]])
    with pytest.raises(cl.InputError, match="cci.matrix"):
        draw(triangle)
    dollars = matrix.assign(factor=[f"a${i}$" for i in range(6)])
    ax = draw(dollars)
    assert any(r"a\$0\$" in t for t in [*texts(ax), *(t.get_text() for t in ax.get_yticklabels())])
