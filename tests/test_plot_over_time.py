"""Figures over time: what is drawn equals the frame, gaps stay gaps, no label lies on another."""

from __future__ import annotations

from itertools import pairwise

import matplotlib as mpl
import matplotlib.font_manager as fm
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.text import Text

import churnlab as cl

mpl.use("agg")

HOSTILE = [
    "$x^2$",
    "_hidden",
    "a very long name of a plan with many words in it, really very long",
    "基础套餐",
    None,
]
SHOWN = [r"\$x^2\$", "_hidden", "a very long name of a\n… it, really very long", "基础套餐"]
SHOWN.append("(missing)")


@pytest.fixture(autouse=True)
def close():
    before = dict(mpl.rcParams)
    yield
    plt.close("all")
    assert dict(mpl.rcParams) == before


def seen(n: int, freq: str = "MS", start: str = "2023-11-01") -> pd.DataFrame:
    """A table of ``cohorts.by_period``: 100 new ones each, the last period in progress."""
    whole = np.arange(n) < n - 1
    frame = pd.DataFrame({"period_start": pd.date_range(start, periods=n, freq=freq)})
    frame["new"] = pd.Series(100, index=frame.index, dtype="Int64").where(whole)
    frame["returning"] = pd.Series(20 * np.arange(n)).astype("Int64").where(whole)
    frame.insert(1, "active", frame["new"] + frame["returning"])
    return frame.assign(value=1.0, n_seen=37, whole=whole)


def rated(n: int, freq: str = "MS", start: str = "2023-11-01") -> pd.DataFrame:
    place = np.arange(n)
    rate = np.where(place > 0, 0.05 + 0.01 * np.sin(place), np.nan)
    frame = pd.DataFrame({"period_start": pd.date_range(start, periods=n, freq=freq)})
    frame = frame.assign(opening=40 * place, lost=2 * place, rate=rate)
    return frame.assign(conf_low=rate - 0.03, conf_high=rate + 0.04)


def ahead(n: int, start: str = "2025-01-01", *, stage: str = "forecast") -> pd.DataFrame:
    step = np.arange(1, n + 1)
    frame = pd.DataFrame({"period_start": pd.date_range(start, periods=n, freq="MS")})
    frame = frame.assign(ahead=step, estimate=100.0 + step, existing=100.0 - step)
    frame = frame.assign(conf_low=99.0 - step, conf_high=101.0 + 2 * step)
    frame.attrs = {"ledger": [{"stage": stage}]}
    return frame


def past(n: int, until: str = "2024-12-01", column: str = "customers") -> pd.DataFrame:
    starts = pd.date_range(end=until, periods=n, freq="MS")
    return pd.DataFrame({"period_start": starts, column: 101 - n + np.arange(n)})


def bands(n=(50, 30, 0, 9, 11)) -> pd.DataFrame:
    low, high = [0, 1, 2, 5, np.nan], [1, 2, 5, np.inf, np.nan]
    frame = pd.DataFrame({"multiple_from": low, "multiple_to": high, "n": n})
    return frame.assign(share=frame["n"] / frame["n"].sum())


def grouped(frame: pd.DataFrame, groups=HOSTILE, name: str = "estimate $") -> pd.DataFrame:
    parts = []
    for group in groups:
        part = frame.copy()
        part.insert(0, name, group)
        parts.append(part)
    found = pd.concat(parts, ignore_index=True)
    found.attrs = frame.attrs
    return found


def drawn(ax):
    ax.figure.figure.draw_without_rendering()
    return ax


def boxes(texts):
    return [Text.get_window_extent(t) for t in texts if t.get_text().strip()]


def overlapping(found) -> int:
    return sum(a.overlaps(b) for i, a in enumerate(found) for b in found[:i])


def words(ax) -> list[str]:
    return [t.get_text() for t in ax.findobj(Text) if t.get_text().strip()]


def ticks(ax) -> list[str]:
    return [t.get_text() for t in ax.get_xticklabels()]


def key(ax) -> list[str]:
    return [] if ax.get_legend() is None else [t.get_text() for t in ax.get_legend().get_texts()]


def contrast(colour: str, ground: str) -> float:
    """As WCAG 2 defines it."""

    def light(c):
        parts = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in to_rgb(c)]
        return float(np.dot([0.2126, 0.7152, 0.0722], parts))

    low, high = sorted([light(colour), light(ground)])
    return (high + 0.05) / (low + 0.05)


def bars_of(ax) -> list[tuple[float, float, float]]:
    """(middle, foot, height) of every bar."""
    return [
        (round(b.get_x() + b.get_width() / 2, 9), b.get_y(), b.get_height()) for b in ax.patches
    ]


DRAWN = {
    "activity": lambda frame, **how: cl.plot.activity(frame, **how),
    "churn_rate": lambda frame, **how: cl.plot.churn_rate(frame, **how),
    "forecast": lambda frame, **how: cl.plot.forecast(frame, **how),
    "silence": lambda frame, **how: cl.plot.silence(frame, **how),
}
FRAMES = {"activity": seen(6), "churn_rate": rated(6), "forecast": ahead(6), "silence": bands()}
EVERY = pytest.mark.parametrize("name", list(DRAWN))


# --- activity -------------------------------------------------------------------------------------
def test_new_customers_stand_on_the_returning_ones_and_the_last_bar_is_hatched():
    ax = cl.plot.activity(seen(4))

    assert bars_of(ax) == [
        *[(i, 0, 20 * i) for i in range(3)],
        *[(i, 20 * i, 100) for i in range(3)],
        (3, 0, 37),
    ]
    assert [b.get_hatch() for b in ax.patches] == [*[None] * 6, "////"]
    assert key(ax) == ["new", "returning", "so far: period not over"]
    shades = [to_hex(h.get_facecolor()) for h in ax.get_legend().get_patches()]
    assert shades == [to_hex(ax.patches[i].get_facecolor()) for i in (3, 0, 6)]
    assert ax.get_ylabel() == "active customers" and ax.get_ylim()[0] == 0
    assert ax.get_ylim()[1] > 140


def test_the_table_of_the_room_is_drawn():
    log = cl.datasets.generate_events(400, seed=2)
    table = cl.cohorts.by_period(cl.cohorts.retention(log))

    ax = drawn(cl.plot.activity(table))

    whole = table[table["whole"]]
    tops = {x: foot + height for x, foot, height in bars_of(ax)}
    assert [tops[i] for i in range(len(whole))] == whole["active"].tolist()
    assert len(tops) == len(table) and overlapping(boxes(ax.get_xticklabels())) == 0


def test_a_missing_period_or_number_is_a_gap_and_no_bar_of_height_0():
    table = seen(8).drop(index=[2, 3])
    table.loc[5, ["active", "new", "returning"]] = pd.NA

    ax = cl.plot.activity(table)

    assert {x for x, _, _ in bars_of(ax)} == {0, 1, 4, 6, 7}
    nothing = seen(3).assign(active=pd.NA, new=pd.NA, returning=pd.NA, n_seen=pd.NA)
    empty = cl.plot.activity(nothing.astype({"active": "Int64", "n_seen": "Int64"}))
    assert not empty.patches and "no period has a number" in words(empty)


def test_small_cells_have_a_mark_and_bars_with_small_parts_are_not_divided():
    table = seen(6)
    new, back = [3, 8, 40, 30, 0, pd.NA], [4, 20, 9, 30, 40, pd.NA]
    for name, values in (("new", new), ("returning", back)):
        table[name] = pd.array(values, dtype="Int64")
    table["active"] = table["new"] + table["returning"]
    table["n_seen"] = [7, 28, 49, 60, 40, 9]

    ax = cl.plot.activity(table, suppress_below=10)

    expected = [(3, 0, 30), (4, 0, 40), (3, 30, 30), (4, 40, 0), (1, 0, 28), (2, 0, 49)]
    assert bars_of(ax) == expected
    (marks,) = ax.lines
    assert marks.get_xdata().tolist() == [0, 5]
    assert key(ax) == ["new", "returning", "active, not divided", "fewer than 10"]
    assert not cl.plot.activity(table.head(5)).lines  # nothing is small unless said
    ten = table[3:4].assign(active=10, new=10, returning=0, n_seen=10)
    assert len(cl.plot.activity(ten, suppress_below=10).patches) == 2


def test_groups_are_lines_and_a_period_that_is_not_over_is_a_hollow_dot():
    table = grouped(seen(5), ["a", "b"])
    for column in ("active", "new"):
        table[column] = table[column] + 200 * (table["estimate $"] == "b").astype("Int64")
    table.loc[6, ["active", "new", "returning"]] = [9, 9, 0]

    ax = cl.plot.activity(table, suppress_below=10)

    lines = [li for li in ax.lines if li.get_linestyle() == "-"]
    assert lines[0].get_ydata()[:4].tolist() == [100, 120, 140, 160]
    np.testing.assert_array_equal(lines[1].get_ydata(), [300, np.nan, 340, 360, np.nan])
    dots = [li for li in ax.lines if li.get_markerfacecolor() == "white"]
    assert [(d.get_xdata().tolist(), d.get_ydata().tolist()) for d in dots] == [([4], [37])] * 2
    assert {"so far: period not over", "gap: fewer than 10", "a", "b"} <= set(words(ax))


def test_sums_that_do_not_add_up_are_refused():
    with pytest.raises(cl.InputError, match=r"do not add up \(for example 100 \+ 20 is not 7\)"):
        cl.plot.activity(seen(4).assign(active=[100, 7, 140, pd.NA]))


# --- churn rates ----------------------------------------------------------------------------------
def test_the_line_and_its_band_are_the_columns():
    table = rated(6)

    ax = cl.plot.churn_rate(table)

    np.testing.assert_allclose(ax.lines[0].get_ydata(), table["rate"])
    assert ax.lines[0].get_xdata().tolist() == list(range(6))
    edges = np.concatenate([path.vertices for path in ax.collections[0].get_paths()])
    for place in range(1, 6):
        at = edges[edges[:, 0] == place, 1]
        low, high = table.loc[place, ["conf_low", "conf_high"]]
        assert (at.min(), at.max()) == (pytest.approx(low), pytest.approx(high))
    assert not (edges[:, 0] == 0).any()
    assert ax.get_ylim()[0] == 0 and ax.get_ylim()[1] > table["conf_high"].max()
    assert ax.get_ylabel() == "churn rate, with limits" and ax.get_title() == ""
    assert all(label.endswith("%") for label in (t.get_text() for t in ax.get_yticklabels()))


def test_gaps_are_not_bridged_and_a_rate_alone_is_a_dot_with_its_limits():
    table = rated(12).drop(index=[8, 9])
    table.loc[[4, 6], ["rate", "conf_low", "conf_high"]] = np.nan
    table.loc[2, "opening"] = 0

    ax = cl.plot.churn_rate(table)

    line, dots = ax.lines
    known = line.get_xdata()[~np.isnan(line.get_ydata())].tolist()
    assert known == dots.get_xdata().tolist() == [1, 3, 5, 7, 10, 11]
    between = [x for x, y in zip(*line.get_data(), strict=True) if np.isnan(y)]
    assert between == [0, 2, 4, 6, 9]  # a missing value breaks the line
    (whiskers,) = [c for c in ax.collections if isinstance(c, mpl.collections.LineCollection)]
    found = np.array(whiskers.get_segments())
    assert found[:, 0, 0].tolist() == [1, 3, 5, 7]
    np.testing.assert_allclose(found[:, :, 1], table.loc[[1, 3, 5, 7], ["conf_low", "conf_high"]])


def test_small_openings_are_gaps():
    table = rated(6)

    ax = cl.plot.churn_rate(table, suppress_below=100)

    expected = table["rate"].where(table["opening"] >= 100)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), expected)
    assert key(ax) == ["gap: opened with fewer than 100"]
    assert key(cl.plot.churn_rate(table, suppress_below=40)) == []
    nothing = cl.plot.churn_rate(table, suppress_below=1e6)
    assert "no period has a rate to show" in words(nothing)
    with pytest.raises(cl.InputError, match="suppress_below"):
        cl.plot.churn_rate(table, suppress_below="ten")


def test_the_frames_of_the_room_and_their_complement():
    contracts = cl.datasets.generate_subscriptions(300)
    rates = cl.rates.churn_rate(contracts, as_of="2024-01-01", by="plan")
    kept = cl.rates.retention_rate(contracts, as_of="2024-01-01")

    ax, other = cl.plot.churn_rate(rates), cl.plot.churn_rate(kept)

    lines = [li for li in ax.lines if li.get_linestyle() == "-"]
    for line, (_, part) in zip(lines, rates.groupby("plan", sort=False), strict=True):
        np.testing.assert_allclose(line.get_ydata(), part["rate"].where(part["opening"] > 0))
    np.testing.assert_allclose(other.lines[0].get_ydata(), kept["retention"])
    assert other.get_ylabel() == "retention rate, with limits"


# --- forecasts ------------------------------------------------------------------------------------
def test_what_was_seen_is_solid_and_what_is_to_come_dashed_with_its_limits():
    table, before = ahead(3), past(4)

    ax = cl.plot.forecast(table, before=before)

    looks = {li.get_linestyle(): li for li in ax.lines if li.get_linestyle() != "None"}
    assert looks["-"].get_xdata().tolist() == [0, 1, 2, 3]
    assert looks["-"].get_ydata().tolist() == before["customers"].tolist()
    for style, column in (("--", "estimate"), (":", "existing")):
        assert looks[style].get_xdata().tolist() == [3, 4, 5, 6]
        assert looks[style].get_ydata().tolist() == [100, *table[column]]
    (edges,) = (path.vertices for path in ax.collections[0].get_paths())
    for place, low, high in zip((4, 5, 6), table["conf_low"], table["conf_high"], strict=True):
        at = edges[edges[:, 0] == place, 1]
        assert (at.min(), at.max()) == (low, high)
    assert key(ax) == ["seen", "forecast", "limits", "without newcomers"]
    assert ax.get_ylim()[0] == 0 and ax.get_ylim()[1] > 107 and ax.get_ylabel() == "customers"


def test_a_forecast_is_joined_only_to_the_period_just_before_it():
    ax = cl.plot.forecast(ahead(2), before=past(3, until="2024-11-01"))

    (dashed,) = [li for li in ax.lines if li.get_linestyle() == "--"]
    assert dashed.get_xdata().tolist() == [4, 5]
    same = cl.plot.forecast(ahead(2).assign(existing=lambda t: t["estimate"]))
    assert key(same) == ["forecast", "limits"]


def test_a_period_that_is_not_over_is_no_end_of_the_solid_line():
    before = seen(4, start="2024-10-01")

    ax = cl.plot.forecast(ahead(2), before=before)

    (solid,) = [li for li in ax.lines if li.get_linestyle() == "-"]
    np.testing.assert_array_equal(solid.get_ydata(), [100, 120, 140, np.nan])
    (dot,) = [li for li in ax.lines if li.get_markerfacecolor() == "white"]
    assert (dot.get_xdata().tolist(), dot.get_ydata().tolist()) == ([3], [37])
    assert "so far: period not over" in key(ax)
    (dashed,) = [li for li in ax.lines if li.get_linestyle() == "--"]
    assert dashed.get_ydata().tolist() == [140, 101, 102]


def test_without_dates_periods_are_counted_from_the_last_one_known():
    undated = ahead(3).assign(period_start=pd.NaT)

    ax = cl.plot.forecast(undated, before=past(4)[["customers"]])

    looks = {li.get_linestyle(): li for li in ax.lines if li.get_linestyle() != "None"}
    assert looks["-"].get_xdata().tolist() == [-3, -2, -1, 0]
    assert looks["--"].get_xdata().tolist() == [0, 1, 2, 3]
    assert ax.get_xlabel() == "periods ahead"


def test_customers_and_money_are_told_apart():
    both = past(3).rename(columns={"customers": "closing"}).assign(closing_mrr=[7.0, 8.0, 9.0])

    people = cl.plot.forecast(ahead(2), before=both)
    money = cl.plot.forecast(ahead(2, stage="forecast.revenue"), before=both, ylabel="€ a month")

    assert (
        people.lines[0].get_ydata().tolist() == [98 + 1, 100, 101][:0]
        or [*people.lines[0].get_ydata()] == both["closing"].tolist()
    )
    assert money.lines[0].get_ydata().tolist() == [7, 8, 9]
    assert (people.get_ylabel(), money.get_ylabel()) == ("customers", "€ a month")
    lost = ahead(2)
    lost.attrs = {}
    with pytest.raises(cl.InputError, match=r"customers \(closing\) and money \(closing_mrr\)"):
        cl.plot.forecast(lost, before=both)
    with pytest.raises(cl.InputError, match="none of the columns customers, active, closing"):
        cl.plot.forecast(ahead(2), before=past(3, column="n"))


def test_each_group_goes_on_from_its_own_past():
    before = grouped(past(3), HOSTILE[::-1])
    before["customers"] += 10 * pd.factorize(before["estimate $"], use_na_sentinel=False)[0]

    ax = cl.plot.forecast(grouped(ahead(2)), before=before)

    dashed = [li for li in ax.lines if li.get_linestyle() == "--"]
    solid = [li for li in ax.lines if li.get_linestyle() == "-"]
    assert [li.get_ydata()[0] for li in dashed] == [140, 130, 120, 110, 100]
    assert [li.get_ydata()[-1] for li in solid] == [140, 130, 120, 110, 100]
    assert [li.get_color() for li in solid] == [li.get_color() for li in dashed]
    with pytest.raises(cl.InputError, match="before= has no such column"):
        cl.plot.forecast(grouped(ahead(2)), before=past(3))
    with pytest.raises(cl.InputError, match="1 groups that the forecast has not, for example z"):
        cl.plot.forecast(grouped(ahead(2)), before=grouped(past(3), ["基础套餐", "z"]))


# --- silences -------------------------------------------------------------------------------------
def test_bars_are_shares_and_say_how_many_stand_behind_them():
    table = bands()

    ax = drawn(cl.plot.silence(table.sample(frac=1, random_state=1)))

    assert [b.get_width() for b in ax.patches] == pytest.approx([0.5, 0.3, 0, 0.09, 0.11])
    assert [b.get_y() + b.get_height() / 2 for b in ax.patches] == pytest.approx([0, 1, 2, 3, 4])
    names = ["up to 1 × own gap", "1–2 ×", "2–5 ×", "over 5 ×", "no rhythm yet"]
    assert [t.get_text() for t in ax.get_yticklabels()] == names
    ends = ["50 (50 %)", "30 (30 %)", "0 (0 %)", "9 (9 %)", "11 (11 %)"]
    assert [t.get_text() for t in ax.texts] == ends
    assert [t.xy for t in ax.texts] == [
        (b.get_width(), pytest.approx(i)) for i, b in enumerate(ax.patches)
    ]
    top, bottom = ax.transData.transform([(0, 0), (0, 4)])[:, 1]
    assert top > bottom and ax.get_xlim()[0] == 0
    page = ax.figure.bbox
    assert all(box.x1 < page.x1 for box in boxes(ax.texts))


def test_a_small_band_has_no_bar_and_a_missing_number_no_words():
    table = bands().astype({"n": "Int64"})
    table.loc[1, ["n", "share"]] = pd.NA

    ax = cl.plot.silence(table, suppress_below=10)

    assert [round(b.get_y() + b.get_height() / 2, 9) for b in ax.patches] == [0, 2, 4]
    assert [t.get_text() for t in ax.texts] == ["50 (50 %)", "0 (0 %)", "< 10", "11 (11 %)"]
    with pytest.raises(cl.InputError, match="a band twice"):
        cl.plot.silence(pd.concat([bands(), bands()]))
    with pytest.raises(cl.InputError, match="5 groups, and bars of 4"):
        cl.plot.silence(grouped(bands()))


def test_the_bands_of_the_room_are_drawn_and_groups_stand_side_by_side():
    table = cl.purchases.silence_bands(pd.DataFrame({"multiple": [0.5, 1.0, 7.0, None]}))

    assert cl.plot.silence(table).texts[0].get_text() == "2 (50 %)"
    ax = drawn(cl.plot.silence(grouped(bands(), HOSTILE[1:])))
    assert len(ax.patches) == 20 and key(ax) == SHOWN[1:]
    spans = sorted((b.get_y(), b.get_y() + b.get_height()) for b in ax.patches)
    assert all(a[1] < b[0] for a, b in pairwise(spans))
    assert overlapping(boxes(ax.texts)) == 0


# --- the axis of dates ----------------------------------------------------------------------------
@pytest.mark.parametrize("n", [3, 24, 120])
@pytest.mark.parametrize(
    ("freq", "start", "form"),
    [
        ("MS", "2023-11-01", r"\d{4}-\d\d"),
        ("QS-FEB", "2003-02-01", r"\d{4}-\d\d"),
        ("YS", "1905-01-01", r"\d{4}-01"),
        ("W-WED", "2024-01-03", r"\d{4}-\d\d-\d\d"),
        ("D", "2024-02-28", r"\d{4}-\d\d-\d\d"),
    ],
)
def test_labels_of_3_to_120_periods_stand_clear_and_name_their_period(n, freq, start, form):
    table = seen(n, freq, start)
    figure, grid = plt.subplots(1, 2, figsize=(9, 3), width_ratios=[3, 1])

    for axes in grid:
        ax = drawn(cl.plot.activity(table, ax=axes))
        labels = [t for t in ax.get_xticklabels() if t.get_text()]
        assert pd.Series(ticks(ax)).str.fullmatch(form).all()
        assert overlapping([box.padded(1) for box in boxes(labels)]) == 0
        for place, label in zip(ax.get_xticks(), labels, strict=True):
            day = table["period_start"][int(place)].strftime("%Y-%m-%d")
            assert day.startswith(label.get_text()), (place, label)
        assert len(labels) >= (2 if axes is grid[0] else 1)
    assert len(figure.axes) == 2


def test_years_begin_in_january_and_one_period_alone_is_a_day():
    ax = drawn(cl.plot.churn_rate(rated(120)))

    assert {label[-2:] for label in ticks(ax)} == {"01"} and ax.get_xlabel() == "month"
    one = drawn(cl.plot.activity(seen(2).head(1)))
    assert ticks(one) == ["2023-11-01"] and one.get_xlabel() == "first day of the period"
    weeks = cl.plot.activity(seen(9, "W-MON"))
    assert weeks.get_xlabel() == "first day of the period"
    years = cl.plot.activity(seen(9, "YS"))
    assert years.get_xlabel() == "first month of the period"


def test_dates_of_other_kinds_stand_where_they_should():
    table = seen(6)
    plain = bars_of(cl.plot.activity(table))
    day = table["period_start"]

    for other in (day.dt.date, day.dt.tz_localize("Asia/Shanghai"), day.astype("datetime64[s]")):
        assert bars_of(cl.plot.activity(table.assign(period_start=other))) == plain
    shuffled = table.sample(frac=1, random_state=2)
    assert sorted(bars_of(cl.plot.activity(shuffled))) == sorted(plain)
    for bad in (day.where(day.index > 0), pd.Series(range(6)), pd.Series(list("abcdef"))):
        with pytest.raises(cl.InputError, match="period_start.*first day of each period"):
            cl.plot.activity(table.assign(period_start=bad))


# --- all of them ----------------------------------------------------------------------------------
@EVERY
def test_other_frames_are_refused(name):
    draw, frame = DRAWN[name], FRAMES[name]

    with pytest.raises(cl.InputError, match="the frame is empty"):
        draw(frame.head(0))
    with pytest.raises(cl.InputError, match="not from a list"):
        draw([1])
    with pytest.raises(cl.InputError, match="no column.*Pass the result of"):
        draw(frame.drop(columns=frame.columns[-1]))
    with pytest.raises(cl.InputError, match="ax is one Axes"):
        draw(frame, ax=plt.subplots(1, 2)[1])
    if name != "silence":
        with pytest.raises(cl.InputError, match="rows of several groups as if they were one: 6 of"):
            draw(pd.concat([frame, frame]))
        with pytest.raises(cl.InputError, match="11 groups, and a figure shows 10"):
            draw(grouped(frame, list(range(11))))


@EVERY
def test_given_axes_are_used_and_the_frame_is_left_alone(name):
    axes = plt.subplots()[1]
    frame = FRAMES[name].copy()

    assert DRAWN[name](frame, ax=axes) is axes
    pd.testing.assert_frame_equal(frame, FRAMES[name])


@pytest.mark.parametrize("name", ["activity", "churn_rate", "forecast"])
def test_hostile_groups_keep_their_names_without_a_cjk_font_of_the_system(
    name, monkeypatch, tmp_path
):
    keep = [
        f for f in fm.fontManager.ttflist if f.name.startswith(("DejaVu", "STIX", "cm", "Churnlab"))
    ]
    monkeypatch.setattr(fm.fontManager, "ttflist", keep)
    frame = grouped(FRAMES[name])
    apart = frame.copy()
    values = [c for c in ("active", "new", "n_seen", "rate", "estimate") if c in frame]
    which = pd.factorize(frame["estimate $"], use_na_sentinel=False)[0]
    for column in values:  # ends far enough from each other for names beside the lines
        apart[column] = apart[column] + which * (1.0 if column == "rate" else 100)

    beside, listed = (drawn(DRAWN[name](table)) for table in (apart, frame))

    assert sorted(t.get_text() for t in beside.texts) == sorted(SHOWN)
    assert key(listed) == SHOWN and not listed.texts
    for number, ax in enumerate([beside, listed]):
        assert overlapping(boxes(ax.texts) + boxes(ax.get_xticklabels())) == 0
        page = ax.figure.bbox.padded(1)
        assert all(page.contains(*box.max) for box in boxes(ax.get_xticklabels()))
        names = [*ax.texts, *([] if ax.get_legend() is None else ax.get_legend().get_texts())]
        assert all(page.contains(*b.min) and page.contains(*b.max) for b in boxes(names))
        ax.figure.savefig(tmp_path / f"{number}.png")  # a missing glyph warns, and a warning fails


def test_colours_can_be_seen_and_told_apart():
    ax = cl.plot.churn_rate(grouped(rated(4), list("abcdefghij")))

    colours = [to_hex(li.get_color()) for li in ax.lines if li.get_linestyle() == "-"]
    assert len(set(colours)) == 10
    assert min(contrast(colour, "white") for colour in colours) >= 3
    shades = {to_hex(b.get_facecolor()) for b in cl.plot.activity(seen(3)).patches[:4]}
    assert len(shades) == 2 and min(contrast(shade, "white") for shade in shades) >= 3
    for text in cl.plot.silence(bands()).texts:
        assert contrast(text.get_color(), "white") >= 7


def test_the_key_stands_above_the_axes_and_within_the_page():
    table = seen(12)
    table.loc[0, ["active", "new", "returning"]] = [9, 9, 0]
    figure, grid = plt.subplots(1, 2, figsize=(8, 3.4), layout="constrained")

    for axes in grid:
        cl.plot.activity(table, suppress_below=30, ax=axes)
    drawn(grid[0])

    for axes in grid:
        box = axes.get_legend().get_window_extent()
        assert box.y0 >= axes.get_window_extent().y1 - 1 and box.x1 <= figure.bbox.x1
    left, right = (axes.get_tightbbox() for axes in grid)
    assert not left.padded(-2).overlaps(right)
