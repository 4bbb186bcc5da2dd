"""Rankings as figures: what is drawn equals the frame, and no word lies on another."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.font_manager as fm
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

import churnlab as cl

mpl.use("agg")

EASE = cl.datasets.load("cci_table_2")[["factor", "improvability"]]
CHINESE = cl.datasets.load("cci_factors").set_index("factor")["chinese"]
HOSTILE = [
    "$x$",
    "_a",
    "<b>",
    "a very long name of a factor with many words in it, really",
    "信号覆盖与室内网络质量以及国际漫游资费透明度与投诉处理",
    r"x^{2}_{3}\frac",
    "supercalifragilisticexpialidociousextraordinarily",
    "%s {0}",
    "new\nline",
    "“quoted”",
    "$5 a month, $6 later",
    "estimate",
    "coverage & calls",
    "criterion",
    "image",
]


@pytest.fixture(autouse=True)
def close():
    before = dict(mpl.rcParams)
    yield
    plt.close("all")
    assert dict(mpl.rcParams) == before


@pytest.fixture(scope="module")
def ratings():
    return cl.datasets.generate_ratings(300, seed=1)


@pytest.fixture(scope="module")
def survey(ratings):
    """One wave, ranked by all criteria; ``best`` are those that may be among the first two."""
    return ranked(ratings[ratings["wave"] == 1], improvability=EASE, top=2)


@pytest.fixture(scope="module")
def two(ratings):
    return ranked(ratings, improvability=EASE, by="wave")


def ranked(ratings, **how) -> pd.DataFrame:
    return cl.cci.rank(ratings, draws=1000, **how)


def made(factors, waves=1, n=60) -> pd.DataFrame:
    """Ratings whose means run through the scale, with a column of waves."""
    random, parts = np.random.default_rng(3), []
    for wave in range(waves):
        for i, factor in enumerate(factors):
            level = 3 + 6 * np.sin(i + 0.4 * wave) ** 2
            drawn = {
                "satisfaction": random.normal(level, 2, n),
                "importance": random.normal(10 - level, 2, n),
            }
            drawn = {name: np.clip(np.round(values), 1, 10) for name, values in drawn.items()}
            base = {"customer": np.arange(n), "factor": factor, "wave": wave + 1}
            parts.append(pd.DataFrame({**base, **drawn, "improvability": 1 + i % 10}))
    return pd.concat(parts, ignore_index=True)


def by(ranks, criterion):
    return ranks[ranks["criterion"] == criterion].reset_index(drop=True)


def row_labels(ax) -> list[str]:
    return [t.get_text() for t in ax.get_yticklabels()]


def boxes(texts):
    return [Text.get_window_extent(t) for t in texts if t.get_text().strip()]


def overlapping(found) -> int:
    return sum(a.overlaps(b) for i, a in enumerate(found) for b in found[:i])


def on_page(ax, texts) -> bool:
    page = ax.figure.figure.bbox.padded(1.5)
    return all(page.contains(*b.min) and page.contains(*b.max) for b in boxes(texts))


def drawn(ax):
    ax.figure.figure.draw_without_rendering()
    return ax


def without_cjk_of_the_system(monkeypatch):
    keep = [
        f for f in fm.fontManager.ttflist if f.name.startswith(("DejaVu", "STIX", "cm", "Churnlab"))
    ]
    monkeypatch.setattr(fm.fontManager, "ttflist", keep)


# --- one ranking ----------------------------------------------------------------------------------
@pytest.mark.parametrize("criterion", ["pressure", "fixable", "stuck"])
def test_every_factor_stands_where_its_columns_say(survey, criterion):
    part = by(survey, criterion)
    shuffled = survey.sample(frac=1, random_state=4)

    ax = cl.plot.ranks(shuffled, criterion=criterion)

    limits, dots = ax.collections
    segments = np.array(limits.get_segments())
    np.testing.assert_allclose(segments[:, :, 0], 100 * part[["conf_low", "conf_high"]])
    np.testing.assert_allclose(dots.get_offsets(), np.c_[100 * part["estimate"], part.index])
    assert row_labels(ax) == part["factor"].tolist()
    top, bottom = ax.transData.transform([(0, 0), (0, 5)])[:, 1]
    assert top > bottom
    assert ax.get_xlabel().startswith(f"{criterion}, in points of 100\nwith 95 % limits")


def test_the_strip_shows_rank_and_rank_set(survey):
    part = by(survey, "pressure")

    (strip,) = cl.plot.ranks(survey).child_axes

    bars = np.array([(b.get_x(), b.get_width(), b.get_y() + b.get_height() / 2)
                     for b in strip.patches])  # fmt: skip
    np.testing.assert_allclose(bars[:, 0], part["rank_low"] - 0.4)
    np.testing.assert_allclose(bars[:, 0] + bars[:, 1], part["rank_high"] + 0.4)
    np.testing.assert_allclose(bars[:, 2], part.index)
    np.testing.assert_allclose(strip.collections[0].get_offsets(), np.c_[part["rank"], part.index])
    assert (part["rank_high"] > part["rank_low"]).any()
    assert row_labels(strip) == [str(rank) for rank in part["rank"]]
    assert strip.get_xlabel() == "rank and rank set\n(95 %, all sets together)"


def test_the_best_are_filled_and_the_rest_are_not(survey):
    part = by(survey, "pressure")
    assert 0 < part["best"].sum() < len(part)

    ax = cl.plot.ranks(survey)

    for dots in (ax.collections[1], ax.child_axes[0].collections[0]):
        white = [to_hex(c) == "#ffffff" for c in dots.get_facecolors()]
        assert white == (~part["best"]).tolist()
    assert ax.get_xlabel().endswith("filled: may be among the first 2")
    survey = survey.copy()
    survey.attrs = {}
    assert "filled: may be among the top places" in cl.plot.ranks(survey).get_xlabel()


def test_five_ties_of_one_customer_are_second_and_have_no_limits():
    ax = cl.plot.ranks(ranked(cl.datasets.load("cci_table_2")))
    (strip,) = ax.child_axes

    assert row_labels(strip) == ["1", *["2="] * 5]
    widths = [round(b.get_width() - 0.8, 9) for b in strip.patches]
    assert widths == [0, 4, 4, 4, 4, 4]
    assert not any(len(limits) for limits in ax.collections[0].get_segments())
    assert ax.get_xlabel() == "pressure, in points of 100\nfilled: is first"
    assert strip.get_xlabel() == "rank, and the places\nthat a tie takes"


def test_nobody_under_pressure_still_has_an_axis():
    content = cl.datasets.load("cci_table_2").assign(satisfaction=10)

    ax = cl.plot.ranks(ranked(content))

    assert ax.get_xlim() == (0, 1)
    assert row_labels(ax.child_axes[0]) == ["1="] * 6


def test_hostile_and_long_names_are_literal_and_stand_clear(tmp_path):
    ax = drawn(cl.plot.ranks(ranked(made(HOSTILE))))

    labels = row_labels(ax)
    assert {r"\$x\$", "_a", "<b>", "new line", r"\$5 a month, \$6 later"} <= set(labels)
    assert "a very long name of a\n… many words in it, really" in labels
    (strip,) = ax.child_axes
    words = [*ax.get_yticklabels(), *strip.get_yticklabels(), ax.xaxis.label, strip.xaxis.label]
    assert overlapping(boxes(words)) == 0 and on_page(ax, words)
    assert overlapping(boxes(strip.get_xticklabels())) == 0
    ax.figure.savefig(tmp_path / "figure.png")


def test_rows_of_small_axes_have_small_letters_that_stand_clear():
    _, grid = plt.subplots(2, 2, figsize=(11, 5))

    ax = drawn(cl.plot.ranks(ranked(made(HOSTILE)), names={"_a": r"\$9"}, ax=grid[0, 0]))

    assert len(row_labels(ax)) == 15 and not any("\n" in label for label in row_labels(ax))
    assert r"\\$9" in row_labels(ax)  # a backslash before a dollar is part of the name
    for words in (ax.get_yticklabels(), ax.child_axes[0].get_yticklabels()):
        assert overlapping(boxes(words)) == 0


def test_fifty_factors_fit_into_sixteen_inches():
    place = np.arange(50)
    one = pd.DataFrame({"criterion": "pressure", "factor": [f"factor number {i}" for i in place]})
    one = one.assign(estimate=0.03 - place / 2000, conf_low=0.0, conf_high=0.04, rank=place + 1)
    one = one.assign(rank_low=1, rank_high=50, tied=False, best=place < 8)

    ax = drawn(cl.plot.ranks(one))

    few = cl.plot.ranks(one.head(6)).figure.get_size_inches()[1]
    assert few < 4 < ax.figure.get_size_inches()[1] <= 16
    (strip,) = ax.child_axes
    for words in (ax.get_yticklabels(), strip.get_yticklabels(), strip.get_xticklabels()):
        assert overlapping(boxes(words)) == 0
    assert on_page(ax, strip.get_xticklabels())


@pytest.mark.parametrize("draw", [cl.plot.ranks, cl.plot.waves])
def test_chinese_names_render_with_every_system_cjk_font_removed(two, draw, monkeypatch, tmp_path):
    without_cjk_of_the_system(monkeypatch)
    frame = two if draw is cl.plot.waves else two[two["wave"] == 1]
    for number, ax in enumerate(
        [
            draw(frame, names=CHINESE),
            draw(frame.assign(factor=frame["factor"].map(CHINESE))),
        ]
    ):
        found = row_labels(ax) if draw is cl.plot.ranks else [t.get_text() for t in ax.texts]
        assert set(found) == set(CHINESE)
        ax.figure.savefig(tmp_path / f"{number}.png")  # a missing glyph warns, and a warning fails


def test_frames_of_other_dtypes_are_drawn_too(survey):
    plain, other = (cl.plot.ranks(f).collections[1] for f in (survey, survey.convert_dtypes()))

    np.testing.assert_allclose(plain.get_offsets(), other.get_offsets())
    single = ranked(cl.datasets.load("cci_variant_a"))
    assert row_labels(cl.plot.ranks(single.convert_dtypes()).child_axes[0])[2] == "3="


# --- waves ----------------------------------------------------------------------------------------
def test_lines_and_limits_are_the_estimates_of_each_wave(two):
    ax = cl.plot.waves(two, criterion="stuck")

    part = by(two, "stuck")
    factors = part["factor"].drop_duplicates().tolist()
    bars = [np.array(c.get_segments()) for c in ax.collections]
    for factor, line, bar in zip(factors, ax.lines, bars, strict=True):
        own = part[part["factor"] == factor]
        np.testing.assert_allclose(line.get_ydata(), 100 * own["estimate"])
        assert np.abs(line.get_xdata() - [0, 1]).max() < 0.2
        np.testing.assert_allclose(bar[:, :, 1], 100 * own[["conf_low", "conf_high"]])
        np.testing.assert_allclose(bar[:, 0, 0], line.get_xdata())
    assert [t.get_text() for t in ax.get_xticklabels()] == ["1", "2"]
    assert ax.get_xlabel() == "wave" and "stuck, in points of 100" in ax.get_ylabel()
    assert len({to_hex(line.get_color()) for line in ax.lines}) == 6


def test_names_stand_at_their_lines_and_clear_of_each_other():
    ratings = made(HOSTILE[:10], waves=6)
    ratings.loc[ratings["factor"].isin(HOSTILE[2:8]), "satisfaction"] = 10  # six end at zero

    ax = drawn(cl.plot.waves(ranked(ratings, by="wave"), names={"_a": "first"}))

    labels = {t.get_text(): t for t in ax.texts}
    assert len(labels) == 10 and {"first", r"\$x\$", "<b>"} <= set(labels)
    found = boxes(ax.texts)
    assert overlapping(found) == 0 and on_page(ax, ax.texts)
    frame = ax.get_window_extent()
    assert min(b.x0 for b in found) > frame.x1
    ends = {line.get_color(): line.get_ydata()[-1] for line in ax.lines}
    for text in ax.texts:  # each has the colour of its line, and its line leads to the end
        assert text.xy[1] == ends[text.get_color()]
    places = [(ends[t.get_color()], Text.get_window_extent(t).y0) for t in ax.texts]
    above = [a for a in places for b in places if a[0] > b[0] + 1e-9 and a[1] <= b[1]]
    assert above == []


def test_a_line_stops_where_the_factor_was_not_rated():
    ratings = made(["a", "b", "c"], waves=3)
    ratings = ratings[(ratings["factor"] != "b") | (ratings["wave"] < 3)]

    ax = cl.plot.waves(ranked(ratings, by="wave"))

    lines = dict(zip([t.get_text() for t in ax.texts], ax.lines, strict=True))
    assert np.isnan(lines["b"].get_ydata()).tolist() == [False, False, True]
    (own,) = [t for t in ax.texts if t.get_text() == "b"]
    assert own.xy[1] == lines["b"].get_ydata()[1] and own.arrow_patch is None


def test_groups_that_are_dates_or_missing_have_their_names():
    ratings = made(["a", "b"], waves=3)
    day = ratings["wave"].map({1: "2026-01-05", 2: "2026-04-05", 3: None})

    ax = cl.plot.waves(ranked(ratings.assign(wave=pd.to_datetime(day)), by="wave"))

    found = [t.get_text() for t in ax.get_xticklabels()]
    assert found == ["2026-01-05", "2026-04-05", "(missing)"]


def test_waves_of_one_segment_are_compared_and_of_several_refused(ratings):
    ranks = ranked(ratings, improvability=EASE, by=["segment", "wave"])

    ax = cl.plot.waves(ranks[ranks["segment"] == "business"])

    assert ax.get_xlabel() == "wave" and len(ax.lines) == 6
    with pytest.raises(cl.InputError, match=r"2 columns \(segment, wave\)"):
        cl.plot.waves(ranks)
    with pytest.raises(cl.InputError, match="several rankings of a group"):
        cl.plot.waves(ranks.drop(columns="segment"))


def test_too_few_or_too_many_lines_and_groups_are_refused(two, survey):
    for frame in (survey, two[two["wave"] == 1]):
        with pytest.raises(cl.InputError, match="one group, and a comparison needs two"):
            cl.plot.waves(frame)
    eleven = ranked(made([f"f{i}" for i in range(11)], waves=2, n=20), by="wave")
    with pytest.raises(cl.InputError, match="11 factors, and lines of 10 at most"):
        cl.plot.waves(eleven)
    thirteen = ranked(made(["a", "b"], waves=13, n=20), by="wave")
    with pytest.raises(cl.InputError, match="13 groups, and a figure shows 12"):
        cl.plot.waves(thirteen)
    assert len(cl.plot.waves(thirteen[thirteen["wave"] < 13]).get_xticks()) == 12


# --- break-evens ----------------------------------------------------------------------------------
def moves(rows, scales=None) -> pd.DataFrame:
    columns = ["criterion", "factor", "rank", "moved", "value", "break_even", "rival"]
    frame = pd.DataFrame(rows, columns=columns)
    frame.attrs = {"scales": scales} if scales else {}
    return frame


VARIANT_A = [
    ("stuck", "new_technology", 1, "satisfaction", 2.0, 5.5, "coverage"),
    ("stuck", "new_technology", 1, "importance", 7.0, 4.375, "coverage"),
    ("stuck", "new_technology", 1, "improvability", 3.0, 6.0625, "coverage"),
    ("stuck", "coverage", 2, "improvability", 7.0, 4.6667, "new_technology"),
    ("stuck", "price", 3, "improvability", 1.0, np.nan, None),
    ("fixable", "new_technology", 2, "improvability", 3.0, 8.875, "coverage"),
]


def test_bars_lead_from_today_to_the_break_even_the_smallest_move_on_top():
    ax = cl.plot.breakeven(moves(VARIANT_A))

    spans = [(b.get_x(), b.get_x() + b.get_width()) for b in ax.patches]
    expected = [(7, 4.6667), (7, 4.375), (3, 6.0625), (2, 5.5)]
    np.testing.assert_allclose(spans, expected)
    marks, dots = ax.collections
    np.testing.assert_allclose(dots.get_offsets(), [(v, i) for i, (v, _) in enumerate(expected)])
    np.testing.assert_allclose([s[0, 0] for s in marks.get_segments()], [b for _, b in expected])
    assert row_labels(ax)[0] == "coverage: improvability"
    assert [t.get_text() for t in ax.texts] == [
        "4.67 ahead of new_technology",
        "4.38 behind coverage",
        "6.06 behind coverage",
        "5.5 behind coverage",
    ]
    assert ax.get_xlabel() == (
        "rating (1 to 10), from today's (dot) to where\nthe first place by stuck changes hands\n"
        "1 other move would not change it"
    )
    low, high = ax.get_xlim()
    assert low < 1 and high > 10 and ax.get_xticks().tolist() == list(range(1, 11))


def test_the_frame_of_the_room_is_drawn():
    found = cl.cci.stability(cl.datasets.load("cci_variant_a"))

    ax = drawn(cl.plot.breakeven(found, criterion="fixable", names=CHINESE))

    own = by(found, "fixable").dropna(subset=["break_even"])
    spans = sorted((b.get_x(), round(b.get_x() + b.get_width(), 9)) for b in ax.patches)
    assert spans == sorted(zip(own["value"], own["break_even"].round(9), strict=True))
    assert "8.88 ahead of 网络覆盖" in [t.get_text() for t in ax.texts]
    words = [*ax.texts, *ax.get_yticklabels(), ax.xaxis.label]
    assert overlapping(boxes(words)) == 0 and on_page(ax, words)


def test_different_scales_are_shown_as_shares_of_each():
    scales = {"satisfaction": [1, 5], "importance": [1, 10], "improvability": [0, 1]}
    rows = [
        ("stuck", "a", 1, "satisfaction", 2.0, 5.0, "b"),  # 0.25 to 1
        ("stuck", "a", 1, "importance", 10.0, 5.5, "b"),  # 1 to 0.5
        ("stuck", "a", 1, "improvability", 0.2, 0.3, "b"),
    ]

    ax = cl.plot.breakeven(moves(rows, scales))

    spans = [(b.get_x(), b.get_x() + b.get_width()) for b in ax.patches]
    np.testing.assert_allclose(spans, [(0.2, 0.3), (1, 0.5), (0.25, 1)])
    assert ax.texts[0].get_text() == "0.3 behind b"
    assert ax.get_xlabel().startswith("share of each rating's scale")
    stars = cl.plot.breakeven(moves(rows[:1], {"satisfaction": [1, 5]}))
    assert stars.get_xlim()[1] < 5.5 and "rating (1 to 5)" in stars.get_xlabel()


def test_thirty_bars_at_most_and_none_where_nothing_turns_it():
    many = [("stuck", f"f{i}", 2, "satisfaction", 9.0, 9 - i / 10, "f") for i in range(40)]

    ax = drawn(cl.plot.breakeven(moves(many)))

    assert len(ax.patches) == 30 and "10 longer moves are not shown" in ax.get_xlabel()
    assert overlapping(boxes(ax.get_yticklabels())) == 0
    nothing = cl.plot.breakeven(moves(VARIANT_A[4:5]))
    assert not nothing.patches
    assert [t.get_text() for t in nothing.texts] == ["no single rating changes the first place"]


def test_long_hostile_names_stay_on_the_page():
    rows = [("stuck", name, 2, "improvability", 5.0, 6.0, HOSTILE[0]) for name in HOSTILE]

    ax = drawn(cl.plot.breakeven(moves(rows), names={"_a": "second"}))

    words = [*ax.texts, *ax.get_yticklabels()]
    assert r"\$x\$: improvability" in row_labels(ax) and "second: improvability" in row_labels(ax)
    assert ax.texts[0].get_text() == r"6 ahead of \$x\$"
    assert overlapping(boxes(words)) == 0 and on_page(ax, words)


# --- the map --------------------------------------------------------------------------------------
@pytest.mark.parametrize("how", ["rank", "share"])
def test_the_map_of_ranks_or_shares_has_the_share_across(how):
    table = cl.datasets.load("cci_variant_a").assign(importance=[5, 3, 1, 4, 6, 2])
    matrix = cl.cci.matrix(table, importance_as=how)

    ax = cl.plot.cci_map(matrix)

    places = matrix[["importance_share", "deficit"]].to_numpy(float)
    np.testing.assert_allclose(ax.collections[0].get_offsets(), places)
    assert any(np.allclose(np.ravel(line.get_xdata()), 1 / 6) for line in ax.lines)
    largest = matrix["importance_share"].max()
    assert largest < ax.get_xlim()[1] < 1.3 * largest
    assert ax.get_xlabel() == f"importance share (mean, from {how}s; dashed: an equal part, 1/6)"
    with pytest.raises(cl.InputError, match=f"comes from {how}s"):
        cl.plot.cci_map(matrix, scale=(1, 10))
    with pytest.raises(cl.InputError, match="factors are missing"):
        cl.plot.cci_map(matrix.head(3))


def test_the_map_writes_the_rank_sets_after_the_names(ratings, survey):
    matrix = cl.cci.matrix(ratings[ratings["wave"] == 1], improvability=EASE)

    ax = cl.plot.cci_map(matrix, ranks=survey, names={"coverage": "a $ b"})

    part = by(survey, "pressure").set_index("factor")
    words = {t.get_text() for t in ax.texts}
    for factor, row in part.iterrows():
        low, high = row["rank_low"], row["rank_high"]
        name = r"a \$ b" if factor == "coverage" else factor
        assert f"{name} ({low})" in words if low == high else f"{name} ({low}–{high})" in words
    other = ranked(ratings[ratings["wave"] == 2], improvability=EASE)
    with pytest.raises(cl.InputError, match="of other ratings"):
        cl.plot.cci_map(matrix, ranks=other)
    with pytest.raises(cl.InputError, match="of other ratings"):
        cl.plot.cci_map(matrix, ranks=survey[survey["factor"] != "price"])


# --- what is refused, and what is left alone ------------------------------------------------------
@pytest.mark.parametrize("draw", [cl.plot.ranks, cl.plot.waves])
def test_other_frames_and_criteria_are_refused(two, draw):
    frame = two if draw is cl.plot.waves else two[two["wave"] == 1]
    with pytest.raises(cl.InputError, match="Pass the result of cci.rank"):
        draw(frame.drop(columns="rank_low"))
    with pytest.raises(cl.InputError, match="not from a list"):
        draw([1])
    with pytest.raises(cl.InputError, match="empty"):
        draw(frame.head(0))
    with pytest.raises(cl.InputError, match="'danger' is not in the frame.*pressure, fixable"):
        draw(frame, criterion="danger")
    with pytest.raises(cl.InputError, match="'stuck' is not in the frame, which has pressure;"):
        draw(by(frame, "pressure"), criterion="stuck")
    with pytest.raises(cl.InputError, match="names is a mapping"):
        draw(frame, names=["a"])
    with pytest.raises(cl.InputError, match="ax is one Axes"):
        draw(frame, ax=plt.subplots(1, 2)[1])


def test_several_groups_are_refused_where_one_is_drawn(two):
    with pytest.raises(cl.InputError, match="several groups.*plot.waves"):
        cl.plot.ranks(two)
    with pytest.raises(cl.InputError, match="several groups"):
        cl.plot.ranks(two.drop(columns="wave"))
    twice = moves(VARIANT_A[:2] * 2)
    for frame in (twice, twice.drop_duplicates().assign(wave=[1, 2])[["wave", *twice.columns]]):
        with pytest.raises(cl.InputError, match="several groups"):
            cl.plot.breakeven(frame)
    with pytest.raises(cl.InputError, match="Pass the result of cci.stability"):
        cl.plot.breakeven(two)
    with pytest.raises(cl.InputError, match="'pressure' is not in the frame, which has stuck, fix"):
        cl.plot.breakeven(moves(VARIANT_A), criterion="pressure")


def test_given_axes_are_used_and_neighbours_left_room(two, survey):
    _, grid = plt.subplots(2, 2, figsize=(12, 8))

    assert cl.plot.ranks(survey, ax=grid[0, 0]) is grid[0, 0]
    assert cl.plot.waves(two, ax=grid[0, 1]) is grid[0, 1]
    assert cl.plot.breakeven(moves(VARIANT_A), ax=grid[1, 0]) is grid[1, 0]
    cl.plot.ranks(survey, ax=grid[1, 1])

    drawn(grid[0, 0])
    found = [a.get_tightbbox() for a in grid.ravel()]
    assert not any(a.padded(-2).overlaps(b) for i, a in enumerate(found) for b in found[:i])
