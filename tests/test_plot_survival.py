"""Survival curves and incidences as figures: what stands where, what is shown and what is not."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.font_manager as fm
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.transforms import Bbox

import churnlab as cl
from churnlab.plot import steps as steps_, words

mpl.use("agg")

LONG = [
    "the premium family plan with unlimited data and a discount for the second year",
    "基础套餐（含国际漫游和家庭共享流量的年度合约客户）",
    r"a$b$c_^{x}\frac",
    "line\nbreak",
    None,
]


@pytest.fixture(autouse=True)
def close():
    before = dict(mpl.rcParams)
    yield
    plt.close("all")
    assert dict(mpl.rcParams) == before


def spells(groups, n=80, seed=1, whole=False):
    random = np.random.default_rng(seed)
    parts = []
    for i, group in enumerate(groups):
        gone, seen = random.exponential(20 * (1 + 0.3 * i), n), random.uniform(5, 60, n)
        length = np.minimum(gone, seen)
        length = np.ceil(length).astype(int) if whole else length
        parts.append(pd.DataFrame({"duration": length, "event": gone <= seen, "plan": group}))
    return pd.concat(parts, ignore_index=True)


def curves_of(groups, **how):
    return cl.survival.kaplan_meier(spells(groups, **how), by="plan" if len(groups) > 1 else None)


def table_of(ax):
    (table,) = ax.child_axes
    return table


def numbers(ax) -> list[list[str]]:
    """The texts of the table, row by row."""
    texts = table_of(ax).texts
    rows = sorted({t.get_position()[1] for t in texts})
    return [[t.get_text() for t in texts if t.get_position()[1] == row] for row in rows]


def boxes(artists) -> list[Bbox]:
    return [a.get_window_extent() for a in artists if a.get_text()]


def overlapping(found: list[Bbox]) -> int:
    return sum(a.overlaps(b) for i, a in enumerate(found) for b in found[:i])


def drawn(ax):
    ax.figure.figure.draw_without_rendering()
    return ax


# --- the table of numbers at risk -----------------------------------------------------------------
@pytest.mark.parametrize("groups", [["a"], ["a", "b"], LONG, [f"plan {i}" for i in range(12)]])
@pytest.mark.parametrize("risk_table", [True, "events"])
def test_every_number_stands_under_its_tick_and_clear_of_the_others(groups, risk_table):
    frame = spells(groups)
    curves = cl.survival.kaplan_meier(frame, by="plan" if len(groups) > 1 else None)

    ax = drawn(cl.plot.survival(curves, risk_table=risk_table))

    table, ticks = table_of(ax), ax.get_xticks()
    assert len(table.texts) == len(ticks) * len(groups) and len(ticks) >= 3
    under = np.array([(b.x0 + b.x1) / 2 for b in boxes(table.texts)]).reshape(len(groups), -1)
    labels = [t for t in ax.get_xticklabels() if t.get_text()]
    above = [(b.x0 + b.x1) / 2 for b in boxes(labels)]
    np.testing.assert_allclose(under, np.broadcast_to(above, under.shape), atol=1.0)

    parts = boxes([*table.texts, *table.get_yticklabels(), table._left_title, ax.xaxis.label])
    assert overlapping(parts + boxes(labels)) == 0
    page = ax.figure.bbox.padded(1)
    assert all(page.contains(b.x0, b.y0) and page.contains(b.x1, b.y1) for b in parts)

    present = list(dict.fromkeys(curves["plan"])) if len(groups) > 1 else ["a"]
    for group, row in zip(present, numbers(ax), strict=True):
        own = frame[frame["plan"].isna() if pd.isna(group) else frame["plan"] == group]
        for time, word in zip(ticks, row, strict=True):
            lost = int((own["event"] & (own["duration"] <= time)).sum())
            more = f" ({lost})" if risk_table == "events" else ""
            assert word == f"{(own['duration'] >= time).sum()}{more}"


def test_a_new_figure_grows_with_its_groups():
    few, many = (
        cl.plot.survival(curves_of([f"plan {i}" for i in range(n)])).figure.get_size_inches()
        for n in (2, 12)
    )

    assert many[1] - few[1] == pytest.approx(10 * 0.22)


def test_the_table_keeps_to_ticks_that_were_set():
    _, ax = plt.subplots()
    ax.set_xticks([0, 6, 12, 36])

    cl.plot.survival(curves_of(["a"]), ax=ax)

    assert [t.get_position()[0] for t in table_of(ax).texts] == [0, 6, 12, 36]


def test_numbers_that_have_no_room_are_left_out_with_their_ticks():
    frame = spells(["a"]).assign(w=123_456)
    times = cl.survival.at_risk(frame, times=np.arange(61), weight="w")

    ax = drawn(cl.plot.survival(cl.survival.kaplan_meier(frame, weight="w"), risk_table=times))

    found = boxes(table_of(ax).texts)
    assert 2 < len(found) < 61 and overlapping(found) == 0
    assert ax.get_xticks().tolist() == [t.get_position()[0] for t in table_of(ax).texts]


def test_tables_in_a_grid_of_axes_stay_clear_of_their_neighbours():
    _, grid = plt.subplots(2, 2, figsize=(11, 9))
    for ax, groups in zip(grid.ravel(), (["a"], ["a", "b"], ["x", "y", "z"], LONG), strict=True):
        assert cl.plot.survival(curves_of(groups), ax=ax) is ax

    drawn(grid[0, 0])

    assert overlapping([ax.get_tightbbox().padded(-1) for ax in grid.ravel()]) == 0
    for ax in grid.ravel():
        rows = boxes(table_of(ax).get_yticklabels())
        assert overlapping(rows) == 0


def test_late_entries_show_numbers_where_they_are_known():
    """Whole periods with a row each are known; times between the rows of this frame are not."""
    frame = pd.DataFrame(
        {
            "duration": [1, 2, 3, 4, 5, 6],
            "event": [1, 0, 1, 1, 0, 1],
            "entry": [None, 0, 1, 3, 1, 2],
        }
    )
    ax = cl.plot.survival(cl.survival.kaplan_meier(frame))

    at = {t.get_position()[0]: int(t.get_text()) for t in table_of(ax).texts}
    for time, n in at.items():
        entry = frame["entry"].fillna(-1)
        assert n == ((entry < time) & (frame["duration"] >= time)).sum()
    assert len(at) == 7

    sparse = frame.assign(duration=frame["duration"] * 10, entry=frame["entry"] * 10)
    curves = cl.survival.kaplan_meier(sparse)
    _, ax = plt.subplots()
    ax.set_xticks([0, 10, 12])
    assert not cl.plot.survival(curves, ax=ax).child_axes  # entered before or after 12?
    assert ax.get_xticks().tolist() == [0, 10, 12]

    told = cl.survival.at_risk(sparse, times=[0, 12, 31])
    assert numbers(cl.plot.survival(curves, risk_table=told)) == [["1 (0)", "3 (1)", "3 (2)"]]
    plain = told.drop(columns="n_event_cum")
    assert numbers(cl.plot.survival(curves, risk_table=plain)) == [["1", "3", "3"]]


def test_a_curve_of_those_still_there_begins_where_they_were():
    curves = cl.survival.kaplan_meier(spells(["a"]), given=12)

    ax = cl.plot.survival(curves, median=True)

    assert ax.get_xlim()[0] == 12 and ax.lines[0].get_xdata()[0] == 12
    assert min(ax.get_xticks()) >= 12


def test_frames_that_do_not_belong_are_refused():
    frame = spells(["a", "b"])
    curves = cl.survival.kaplan_meier(frame, by="plan")
    table = cl.survival.at_risk(frame, times=[0, 12], by="plan")

    with pytest.raises(cl.InputError, match="different groups: give survival.at_risk the same by="):
        cl.plot.survival(curves, risk_table=cl.survival.at_risk(frame))
    with pytest.raises(cl.InputError, match="every time once in every group"):
        cl.plot.survival(curves, risk_table=table[:-1])
    with pytest.raises(cl.InputError, match="Pass the result of survival.at_risk"):
        cl.plot.survival(curves, risk_table=curves.drop(columns="n_risk"))
    with pytest.raises(cl.InputError, match="risk_table='numbers' is not one of"):
        cl.plot.survival(curves, risk_table="numbers")
    with pytest.raises(cl.InputError, match="a cumulative hazard has no median"):
        cl.plot.survival(cl.survival.nelson_aalen(frame), median=True)
    with pytest.raises(cl.InputError, match="suppress_below"):
        cl.plot.survival(curves, suppress_below="ten")


# --- frames that are not quite as they came -------------------------------------------------------
SIX = pd.DataFrame({"duration": [1, 2, 2, 3, 5, 5], "event": [1, 1, 0, 1, 0, 0]}).assign(
    plan=list("aaabbb"), region=list("xyzxyz"), reason=["p", "p", None, "q", None, None]
)


def stepped(ax):
    return [line for line in ax.lines if line.get_drawstyle() == "steps-post"]


def test_rows_in_any_order_draw_the_same_curves():
    curves = cl.survival.kaplan_meier(SIX, by="plan")
    mixed = curves.iloc[[4, 2, 0, 5, 1, 3]]

    ax, wanted = cl.plot.survival(mixed), cl.plot.survival(curves)

    assert ax.get_ylabel() == "still customers"
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["b", "a"]
    assert numbers(ax) == numbers(wanted)[::-1]
    for line, other in zip(stepped(ax)[::-1], stepped(wanted), strict=True):
        np.testing.assert_array_equal(line.get_xydata(), other.get_xydata())

    shares = cl.survival.incidence(SIX, by="plan")
    backwards = cl.plot.incidence(shares[::-1], names={"p": "price"}).figure.axes
    for panel, plan in zip(backwards, "ba", strict=True):
        part = shares[shares["plan"] == plan]
        for line, reason in zip(panel.lines, "qp", strict=True):
            own = part[part["reason"] == reason]
            np.testing.assert_array_equal(line.get_xydata(), own[["duration", "estimate"]])


def test_several_curves_in_one_are_refused():
    one = cl.survival.kaplan_meier(SIX)
    shares = cl.survival.incidence(SIX)
    n = len(one)

    with pytest.raises(cl.InputError, match=f"{n} of its {2 * n} rows repeat the duration of"):
        cl.plot.survival(pd.concat([one, one]))
    with pytest.raises(cl.InputError, match="repeat the reason and duration of"):
        cl.plot.incidence(pd.concat([shares, shares]))

    named = []
    for name, curve in (("old", one), ("new", one.copy())):
        curve.insert(0, "table", name)
        named.append(curve)
    assert len(stepped(cl.plot.survival(pd.concat(named)))) == 2  # as the message says


def test_estimates_in_percent_are_refused_and_hazards_may_exceed_one():
    curves, shares = cl.survival.kaplan_meier(SIX), cl.survival.incidence(SIX)

    with pytest.raises(cl.InputError, match=r"shares from 0 to 1, .*for example 100\)"):
        cl.plot.survival(curves.assign(estimate=100 * curves["estimate"]))
    with pytest.raises(cl.InputError, match="shares from 0 to 1"):
        cl.plot.incidence(shares.assign(estimate=100 * shares["estimate"]))

    cl.plot.incidence(shares.assign(estimate=shares["estimate"] / shares["estimate"].max()))
    everyone = cl.survival.nelson_aalen(pd.DataFrame({"duration": [1, 2, 3], "event": 1}))
    ax = cl.plot.survival(everyone)
    assert ax.get_ylabel() == "cumulative hazard"
    assert max(ax.lines[0].get_ydata()) == pytest.approx(1 / 3 + 1 / 2 + 1)


def test_a_test_of_other_spells_or_groups_is_refused():
    curves = cl.survival.kaplan_meier(SIX, by="plan")

    with pytest.raises(cl.InputError, match="counts 6 churns, and the curves 3"):
        twice = pd.concat([SIX, SIX])
        cl.plot.survival(curves, test=cl.compare.logrank(twice, by="plan"))
    with pytest.raises(cl.InputError, match="compares 3, and the curves have 2"):
        cl.plot.survival(curves, test=cl.compare.logrank(SIX, by="region"))
    with pytest.raises(cl.InputError, match="'weighting'"):
        cl.plot.survival(curves, test=cl.compare.pairwise(SIX, by="plan"))

    weighted = SIX.assign(w=[0.1, 0.2, 0.3, 0.7, 0.1, 0.2])
    ax = cl.plot.survival(
        cl.survival.kaplan_meier(weighted, by="plan", weight="w"),
        test=cl.compare.logrank(weighted, by="plan", weight="w"),
    )
    assert "log-rank p = " in ax.texts[-1].get_text()


def test_a_test_is_called_by_its_name():
    def said(spells, test):
        ax = cl.plot.survival(cl.survival.kaplan_meier(spells, by="plan"), test=test)
        return ax.texts[-1].get_text()

    assert said(SIX, cl.compare.logrank(SIX, by="plan")) == "log-rank p = 0.12"
    assert said(SIX, cl.compare.trend(SIX, by="plan")) == "trend p = 0.12"
    assert said(SIX, cl.compare.logrank(SIX, by="plan", weighting="gehan")) == "Gehan p = 0.12"

    # b is over before a loses anybody
    apart = pd.DataFrame({"duration": [5, 6, 1], "event": [1, 1, 0], "plan": ["a", "a", "b"]})
    assert said(apart, cl.compare.logrank(apart, by="plan")) == "log-rank: nothing to compare"


def test_arguments_of_another_kind_are_refused():
    curves, shares = cl.survival.kaplan_meier(SIX), cl.survival.incidence(SIX)

    with pytest.raises(cl.InputError, match="names is a mapping .* not a list"):
        cl.plot.incidence(shares, names=["a"])
    for draw, frame in ((cl.plot.survival, curves), (cl.plot.incidence, shares)):
        with pytest.raises(cl.InputError, match="one Axes of matplotlib, not a Figure"):
            draw(frame, ax=plt.figure())
        with pytest.raises(cl.InputError, match="one Axes of matplotlib, not a ndarray"):
            draw(frame, ax=plt.subplots(2)[1])
    named = cl.plot.incidence(shares, names=pd.Series({"p": "price"}))
    assert "price" in [t.get_text() for t in named.texts]


@pytest.mark.parametrize(
    ("starts", "said"),
    [
        (["2024-01-01", "2024-07-01"], ["2024-01-01", "2024-07-01"]),
        (["2024-01-01", None], ["2024-01-01", "(missing)"]),
        (["2024-01-01", "2024-07-01T12:00"], ["2024-01-01 00:00:00", "2024-07-01 12:00:00"]),
    ],
)
def test_groups_that_are_dates_are_written_as_dates(starts, said):
    start = pd.to_datetime(SIX["plan"].map(dict(zip("ab", starts, strict=True))), format="ISO8601")
    frame = SIX.assign(start=start)
    table = cl.survival.at_risk(frame, by="start", times=[0, 2])

    ax = cl.plot.survival(cl.survival.kaplan_meier(frame, by="start"), risk_table=table)

    assert [t.get_text() for t in ax.get_legend().get_texts()] == said
    assert [t.get_text() for t in table_of(ax).get_yticklabels()] == said


def test_more_groups_than_a_figure_holds_are_refused_before_it_is_made():
    many = pd.DataFrame({"duration": range(1, 42), "event": 1, "plan": range(41), "reason": "p"})

    with pytest.raises(cl.InputError, match="41 groups, and a figure shows 40 at most: choose few"):
        cl.plot.survival(cl.survival.kaplan_meier(many, by="plan"))
    with pytest.raises(cl.InputError, match="13 groups, and a figure shows 12 at most"):
        cl.plot.incidence(cl.survival.incidence(many[:13], by="plan"))
    assert not plt.get_fignums()

    most = cl.plot.survival(cl.survival.kaplan_meier(many[:40], by="plan"), risk_table=False)
    assert most.get_window_extent().width > 300  # the legend leaves room for the curves
    looks = {(line.get_color(), line.get_linestyle()) for line in stepped(most)}
    assert len(stepped(most)) == 40 == len(looks)
    panels = cl.plot.incidence(cl.survival.incidence(many[:12], by="plan")).figure.axes
    assert len(panels) == 12


# --- legends, medians, tests ----------------------------------------------------------------------
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("estimate", ["kaplan_meier", "nelson_aalen"])
def test_neither_legend_nor_p_value_covers_a_curve(seed, estimate):
    test = pd.DataFrame({"weighting": ["logrank"], "p_value": [0.2]})
    curves = getattr(cl.survival, estimate)(spells(LONG[seed - 1 :], seed=seed), by="plan")

    ax = drawn(cl.plot.survival(curves, test=test, risk_table=seed == 1))

    (note,) = (t for t in ax.texts if "log-rank" in t.get_text())
    legend = ax.get_legend().get_window_extent()
    for line in ax.lines:
        if line.get_drawstyle() == "steps-post":
            at = np.repeat(line.get_xydata(), 2, axis=0)
            corners = np.column_stack([at[1:, 0], at[:-1, 1]])
            path = mpl.path.Path(ax.transData.transform(corners))
            assert not path.intersects_bbox(legend, filled=False)
            assert not path.intersects_bbox(note.get_window_extent(), filled=False)
    assert not legend.overlaps(note.get_window_extent())


def test_lines_lead_to_the_medians():
    frame = pd.DataFrame(
        {
            "duration": [1, 2, 3, 1, 2, 4, 5, 1, 9],
            "event": [1, 1, 1, 1, 1, 1, 1, 1, 0],
            "plan": ["a"] * 3 + ["b"] * 4 + ["c"] * 2,
        }
    )
    # a: 2/3, 1/3 at 2; b: 3/4, 1/2 from 2 to 4: the middle; c: 1/2 from 1 to the end at 9
    ax = cl.plot.survival(cl.survival.kaplan_meier(frame, by="plan"), median=True)

    dashed = [line.get_xydata().tolist() for line in ax.lines if line.get_linestyle() == "--"]
    assert dashed == [
        [[2, 0], [2, 0.5]],
        [[3, 0], [3, 0.5]],
        [[5, 0], [5, 0.5]],
        [[0, 0.5], [5, 0.5]],
    ]
    medians = cl.survival.quantiles(frame, q=0.5, by="plan")["estimate"]
    assert medians.tolist() == [line[0][0] for line in dashed[:3]]

    stays = cl.plot.survival(cl.survival.kaplan_meier(frame[:1].assign(event=0)), median=True)
    assert not [line for line in stays.lines if line.get_linestyle() == "--"]


@pytest.mark.parametrize(
    ("weighting", "p", "said"),
    [
        ("logrank", 0.00134, "log-rank p = 0.0013"),
        ("logrank", 0.0004, "log-rank p < 0.001"),
        ("gehan", 0.0, "Gehan p < 0.001"),
        ("peto", 0.25, "Peto p = 0.25"),
        ("tarone-ware", 0.9999, "Tarone–Ware p > 0.99"),
        ("a$b$", float("nan"), r"a\$b\$: no p value"),
    ],
)
def test_p_values_in_words(weighting, p, said):
    test = pd.DataFrame({"weighting": [weighting], "p_value": [p]})
    curves = curves_of(["a", "b"], n=9)

    assert said in [t.get_text() for t in cl.plot.survival(curves, test=test).texts]
    with pytest.raises(cl.InputError, match="one row of compare.logrank, not 2 rows"):
        cl.plot.survival(curves, test=pd.concat([test, test]))


def test_a_dozen_groups_differ_in_colour_or_dashes():
    ax = cl.plot.survival(curves_of([f"plan {i}" for i in range(12)], n=9), risk_table=False)

    looks = {
        (line.get_color(), line.get_linestyle())
        for line in ax.lines
        if line.get_drawstyle() == "steps-post"
    }
    assert len(looks) == 12


def test_ticks_mark_censored_spells():
    frame = pd.DataFrame({"duration": [1, 2, 3, 4], "event": [1, 0, 1, 0]})

    ax = cl.plot.survival(cl.survival.kaplan_meier(frame))

    (marks,) = (line for line in ax.lines if line.get_marker() == "|")
    assert marks.get_xydata().tolist() == [[2, 0.75], [4, 0.375]]


# --- small counts ---------------------------------------------------------------------------------
def test_small_counts_are_not_shown():
    frame = pd.DataFrame({"duration": np.arange(1, 31), "event": 1})
    frame.loc[4, "event"] = 0

    ax = cl.plot.survival(
        cl.survival.kaplan_meier(frame), suppress_below=10, risk_table="events", median=True
    )

    line = ax.lines[0]
    assert line.get_xdata()[-1] == 21  # 10 were at risk just before it, fewer after it
    assert not [other for other in ax.lines if other.get_marker() == "|"]
    shown = dict(zip(ax.get_xticks(), numbers(ax)[0], strict=True))
    for time, word in shown.items():
        n, lost = (frame["duration"] >= time).sum(), frame.query("duration <= @time")["event"].sum()
        few = "<10" if 0 < lost < 10 else str(lost)
        assert word == ("<10" if n < 10 else f"{n} ({few})")
    assert "0 (" not in " ".join(w for t, w in shown.items() if t > 0)


def test_a_group_that_is_small_throughout_is_only_named():
    frame = pd.concat([spells(["a"]), spells(["b"], n=4)])

    ax = cl.plot.survival(cl.survival.kaplan_meier(frame, by="plan"), suppress_below=10)

    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["a", "b"]
    _, small = (line for line in ax.lines if line.get_drawstyle() == "steps-post")
    assert not len(small.get_xdata())
    assert set(numbers(ax)[1]) == {"<10"}


def test_gaps_where_late_entries_leave_few_at_risk():
    steps = steps_.Steps(*(np.arange(6.0) for _ in range(4)))

    kept = steps_.shown(steps, np.array([2.0, 12, 3, 11, 10, 9]), 10)

    assert kept.x.tolist() == [1, 2, 3, 4]
    assert np.isnan(kept.y).tolist() == [False, True, False, False]


# --- large curves ---------------------------------------------------------------------------------
def test_a_thinned_curve_looks_the_same():
    n = 100_000
    random = np.random.default_rng(3)
    x = np.sort(random.exponential(10, n))
    y = np.cumprod(1 - (random.random(n) < 0.6) / np.arange(n, 0, -1))
    at = steps_.thinned(x)

    assert at.size <= 2 * steps_.CELLS and at[0] == 0 and at[-1] == n - 1
    # every point left out lies within a cell of the line drawn: on a step up or down beside it
    place = np.searchsorted(at, np.arange(n), side="right") - 1
    before, after = at[place], at[np.minimum(place + 1, at.size - 1)]
    width = (x[-1] - x[0]) / steps_.CELLS
    left_out = np.setdiff1d(np.arange(n), at)
    assert ((x[after] - x[before])[left_out] <= width).all()
    assert ((y[before] >= y) & (y >= y[after]))[left_out].all()


def test_a_thinned_figure_has_the_same_pixels():
    n = 20_000
    random = np.random.default_rng(4)
    x = np.sort(random.exponential(10, n))
    y = np.cumprod(1 - (random.random(n) < 0.6) / np.arange(n, 0, -1))

    def pixels(at):
        figure, ax = plt.subplots(dpi=100)
        ax.step(x[at], y[at], where="post", antialiased=False, color="black")
        figure.canvas.draw()
        return np.asarray(figure.canvas.buffer_rgba())[..., 0] < 128

    def near(lit):
        grown = lit.copy()
        grown[1:] |= lit[:-1]
        grown[:-1] |= lit[1:]
        grown[:, 1:] |= lit[:, :-1]
        grown[:, :-1] |= lit[:, 1:]
        return grown

    full, thin = pixels(np.arange(n)), pixels(steps_.thinned(x))
    assert full.sum() > 1000
    assert not (thin & ~near(full)).any() and not (full & ~near(thin)).any()
    coarse = pixels(steps_.thinned(x, cells=60))
    assert (coarse & ~near(full)).any() or (full & ~near(coarse)).any()


def test_a_million_rows_are_drawn_as_a_few_thousand_points():
    n = 1_000_000
    curves = pd.DataFrame({"duration": np.arange(n)})
    curves["n_risk"] = np.arange(n, 0, -1)
    curves = curves.assign(n_event=1, n_censor=0)
    curves["estimate"] = (curves["n_risk"] - 1) / n
    curves = curves.assign(conf_low=curves["estimate"], conf_high=curves["estimate"])

    ax = cl.plot.survival(curves)

    assert len(ax.lines[0].get_xdata()) <= 2 * steps_.CELLS
    at = {t.get_position()[0]: t.get_text() for t in table_of(ax).texts}
    assert at[0] == "1,000,000" and at[400_000] == "600,000"


# --- words ----------------------------------------------------------------------------------------
def test_labels_are_wrapped_to_their_width():
    assert words.wrapped("short", 24, 2) == "short"
    assert words.wrapped("two words", 5, 2) == "two\nwords"
    assert words.wrapped("价格太高价格太高", 8, 2) == "价格太高\n价格太高"
    assert words.wrapped(r"cost \$5 or \$6", 30, 2) == r"cost \$5 or \$6"
    assert words.wrapped("abcdefgh" * 9, 10, 2) == "abcdefghab\n… abcdefgh"
    assert words.wrapped("a\nb\tc", 24, 2) == "a b c"
    for label in LONG[:3]:
        lines = words.wrapped(label, 24, 2).split("\n")
        assert len(lines) <= 2 and all(len(line) <= 24 for line in lines)


def test_words_in_pale_colours_are_darkened():
    assert words.ink("#0173b2") == "#0173b2"
    for pale in ("#ece133", "#fbafe4", "#ffffff"):
        light = np.mean(mpl.colors.to_rgb(pale)) - np.mean(mpl.colors.to_rgb(words.ink(pale)))
        assert light > 0.15


# --- incidence by reason --------------------------------------------------------------------------
def incidences(reasons, groups=("all",), n=200):
    frame = spells(groups, n=n, whole=True)
    random = np.random.default_rng(5)
    frame["reason"] = [reasons[i] for i in random.integers(0, len(reasons), len(frame))]
    return cl.survival.incidence(frame, by="plan" if len(groups) > 1 else None)


def test_a_curve_per_reason_named_at_its_end():
    found = incidences(["price", "service", None])

    ax = drawn(cl.plot.incidence(found))

    for line, (_, part) in zip(ax.lines, found.groupby("reason", sort=False), strict=True):
        np.testing.assert_allclose(line.get_xydata(), part[["duration", "estimate"]])
    named = {t.get_text(): t for t in ax.texts}
    assert list(named) == ["price", "service", "unknown"]
    assert ax.lines[2].get_color() == cl.plot.look.GREY
    assert ax.get_legend() is None
    frame = ax.get_window_extent()
    for line, text in zip(ax.lines, named.values(), strict=True):
        box = text.get_window_extent()
        end = ax.transData.transform(line.get_xydata()[-1])
        assert box.x0 > frame.x1 and abs((box.y0 + box.y1) / 2 - end[1]) < box.height + 2
    assert overlapping(boxes(ax.texts)) == 0


def test_naive_curves_lie_above_and_are_told_apart():
    found = incidences(["price", "service"])

    ax = cl.plot.incidence(found, naive=True)

    for true, naive in zip(ax.lines[::2], ax.lines[1::2], strict=True):
        assert true.get_color() == naive.get_color()
        assert true.get_linestyle() == "-" and naive.get_linestyle() == "--"
        assert (naive.get_ydata() >= true.get_ydata() - 1e-12).all()
        assert naive.get_ydata()[-1] > true.get_ydata()[-1] + 0.05
    said = [t.get_text() for t in ax.get_legend().get_texts()]
    assert said == ["price", "service", "1 − Kaplan–Meier"]
    with pytest.raises(cl.InputError, match="kind='curves'"):
        cl.plot.incidence(found, naive=True, kind="stacked")


def test_areas_add_up_to_everyone():
    found = incidences(["price", "service", None])
    total = 1 - cl.survival.kaplan_meier(spells(["all"], n=200, whole=True))["estimate"]

    ax = cl.plot.incidence(found, kind="stacked")

    *areas, stayed = ax.collections
    assert len(areas) == 3
    below, above = (
        [getattr(a.get_paths()[0].get_extents(), side) for a in areas] for side in ("y0", "y1")
    )
    assert below == [0, 0, 0] and above == sorted(above)
    assert above[-1] == pytest.approx(total[:-1].max(), abs=1e-9)
    assert stayed.get_paths()[0].get_extents().y1 == 1
    assert [t.get_text() for t in ax.texts][-1] == "still customers"


@pytest.mark.parametrize("kind", ["curves", "stacked"])
def test_groups_are_panels_with_one_scale_and_one_legend(kind):
    found = incidences(["price", "a$b$", "价格"], groups=["x", "y", "a$", "z"])

    ax = drawn(cl.plot.incidence(found, kind=kind))

    panels = ax.figure.axes
    assert panels[0] is ax
    assert [p._left_title.get_text() for p in panels] == [r"a\$", "x", "y", "z"]
    assert len({p.get_ylim() for p in panels}) == len({p.get_xlim() for p in panels}) == 1
    (legend,) = (p.get_legend() for p in panels if p.get_legend())
    said = [t.get_text() for t in legend.get_texts()]
    assert {"price", r"a\$b\$", "价格"} <= set(said)
    assert not any(legend.get_window_extent().overlaps(p.get_window_extent()) for p in panels)
    with pytest.raises(cl.InputError, match="this frame has 4"):
        cl.plot.incidence(found, ax=plt.subplots()[1])


def test_eight_reasons_in_small_axes_go_to_a_legend(monkeypatch, tmp_path):
    keep = [
        f for f in fm.fontManager.ttflist if f.name.startswith(("DejaVu", "STIX", "cm", "Churnlab"))
    ]
    monkeypatch.setattr(fm.fontManager, "ttflist", keep)
    found = incidences([f"reason {i}" for i in range(7)] + [None], n=600)
    figure, grid = plt.subplots(2, 2, figsize=(9, 5))

    for ax, kind in zip(grid[0], ("curves", "stacked"), strict=True):
        assert cl.plot.incidence(found, ax=ax, kind=kind, names={"reason 0": "价格"}) is ax
        said = ax.get_legend().get_texts() if ax.get_legend() else ax.texts
        assert "价格" in [t.get_text() for t in said]

    drawn(grid[0, 0])
    assert grid[0, 0].get_legend() is not None
    colours = [line.get_color() for line in grid[0, 0].lines]
    assert len(set(colours)) == 8 and "#949494" not in colours
    assert overlapping([ax.get_tightbbox().padded(-1) for ax in grid.ravel()]) == 0
    figure.savefig(tmp_path / "figure.png")  # a missing glyph warns, and a warning fails


def test_other_frames_and_kinds_are_refused():
    found = incidences(["price", "service"])

    with pytest.raises(cl.InputError, match="Pass the result of survival.incidence"):
        cl.plot.incidence(curves_of(["a"]))
    with pytest.raises(cl.InputError, match="kind='pie' is not one of"):
        cl.plot.incidence(found, kind="pie")
    uneven = found.drop(index=found.index[-1])
    with pytest.raises(cl.InputError, match="same durations"):
        cl.plot.incidence(uneven, kind="stacked")
