"""Figures drawn from the columns of an estimate: a frame in, Axes out, nothing global changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, wraps
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

import matplotlib as mpl
import matplotlib.font_manager
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from cycler import cycler
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import PercentFormatter

from churnlab.checks import InputError, choice, require_columns

if TYPE_CHECKING:
    from matplotlib.axes import Axes

P = ParamSpec("P")
T = TypeVar("T")

_GREY = "#8c8c8c"
_ANNOTATED = 400  # cells of a triangle above which numbers no longer fit


@cache
def _font() -> str:
    """The family of the shipped CJK font, registered with matplotlib once."""
    folder = resources.files("churnlab.fonts")
    file = next(f for f in folder.iterdir() if f.name.endswith((".ttf", ".otf")))
    with resources.as_file(file) as path:
        mpl.font_manager.fontManager.addfont(str(path))
        return mpl.font_manager.FontProperties(fname=str(path)).get_name()


@contextmanager
def style() -> Iterator[None]:
    """The look of churnlab for figures of your own, inside a ``with`` block and nowhere else.

    Latin text is set in DejaVu Sans, which comes with matplotlib, and Chinese in a font that
    comes with churnlab, so that figures look the same on every machine.

    Examples
    --------
    >>> import churnlab as cl
    >>> with cl.plot.style():
    ...     pass
    """
    look: Any = {
        "font.family": ["DejaVu Sans", _font()],
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlelocation": "left",
        "axes.prop_cycle": cycler(color=sns.color_palette("colorblind")),
        "figure.figsize": (7.0, 4.3),
        "legend.frameon": False,
    }
    interactive = mpl.is_interactive()
    try:
        with mpl.rc_context(look):
            yield
            # Jupyter switches this on at the first figure; undoing it would hide the next ones
            interactive = mpl.is_interactive()
    finally:
        mpl.interactive(interactive)


def _styled(draw: Callable[P, T]) -> Callable[P, T]:
    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> T:
        with style():
            return draw(*args, **kwargs)

    return drawn


@_styled
def survival(
    curves: pd.DataFrame,
    *,
    ax: Axes | None = None,
    risk_table: bool = True,
    xlabel: str = "duration",
    ylabel: str | None = None,
) -> Axes:
    """Curves with their confidence bands and, beneath, how many were still at risk.

    Parameters
    ----------
    curves : DataFrame
        From ``survival.kaplan_meier`` or ``survival.nelson_aalen``; the columns before
        ``duration`` are the groups.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    risk_table : bool
        Draw the table of numbers at risk.
    xlabel, ylabel : str, optional
        Axis titles; name the unit of the durations in ``xlabel``.

    Returns
    -------
    Axes
        Of the curves.

    Raises
    ------
    InputError
        If the frame is not one of curves.

    Notes
    -----
    Ticks on a curve are censored spells. The table counts spells under observation just before
    each time; with late entries these are not known between the rows, and the table is left out.
    """
    need = ["duration", "n_risk", "n_event", "n_censor", "estimate", "conf_low", "conf_high"]
    _require_frame(curves, need, "survival.kaplan_meier or survival.nelson_aalen")
    groups = list(_groups(curves, "duration"))
    if ax is not None and risk_table:
        figure: Any = ax.figure
        if figure.get_layout_engine() is None:
            figure.set_layout_engine("constrained")  # makes room for the table
    if ax is None:
        extra = 0.22 * len(groups) + 0.6 if risk_table else 0.0
        ax = plt.subplots(figsize=(7.0, 4.0 + extra), layout="constrained")[1]
    # a hazard that stays at 0 falls nowhere either, but begins where no share of customers does
    falling = all(part["estimate"].is_monotonic_decreasing for _, part in groups)
    is_share = falling and any(part["estimate"].iloc[0] > 0 for _, part in groups)
    is_share |= falling and any(part["n_event"].iloc[0] > 0 for _, part in groups)
    origin = 1.0 if is_share else 0.0
    colours = _colours(len(groups))
    for (label, curve), colour in zip(groups, colours, strict=True):
        _draw_curve(ax, curve, label, colour, origin)
    ax.set_xlim(left=0)
    ax.set_ylim(bottom=0)
    if is_share:
        ax.set_ylim(0, 1.02)
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    # the labels of given axes are older than the style: their font is set here
    family = mpl.rcParams["font.family"]
    ax.set_ylabel(ylabel or ("still customers" if is_share else "cumulative hazard"), family=family)
    ax.set_xlabel(xlabel, family=family)
    if len(groups) > 1:
        names = list(curves.columns[: curves.columns.get_loc("duration")])
        ax.legend(title=_literal(", ".join(names)))
    if risk_table and not any(_enters_late(part) for _, part in groups):
        _draw_risk_table(ax, groups, colours)
    return ax


def _enters_late(curve: pd.DataFrame) -> bool:
    """True where more are at risk than were left over: numbers between rows are not known then."""
    n = curve[["n_risk", "n_event", "n_censor"]].to_numpy(float)
    left_over = n[:-1, 0] - n[:-1, 1] - n[:-1, 2]
    return bool((n[1:, 0] > left_over + 1e-9).any())


def _colours(n: int) -> list[str]:
    """Colours as values: names such as C0 would be looked up when the figure is shown."""
    cycle = mpl.rcParams["axes.prop_cycle"].by_key()["color"]
    return [mpl.colors.to_hex(cycle[i % len(cycle)]) for i in range(n)]


def _require_frame(frame: Any, need: Sequence[str], maker: str) -> None:
    if not isinstance(frame, pd.DataFrame):
        raise InputError(
            f"a figure is drawn from a frame of {maker}, not from a {type(frame).__name__}."
        )
    names = [str(name) for name in frame.columns]
    require_columns(need, names, what="the frame", remedy=f"Pass the result of {maker} as it came.")
    if frame.empty:
        raise InputError("the frame is empty: there is nothing to draw.")


def _groups(frame: pd.DataFrame, first: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """(label, part) of every group; the group columns are those before column ``first``."""
    names = list(frame.columns[: frame.columns.get_loc(first)])
    if not names:
        yield "all", frame
        return
    for group, part in frame.groupby(names, dropna=False, sort=False):
        words = ["(missing)" if pd.isna(value) else str(value) for value in group]
        yield _literal(", ".join(words)), part


def _literal(text: str) -> str:
    # a dollar sign in data must not open a formula
    return text.replace("$", r"\$")


def _draw_curve(ax: Axes, curve: pd.DataFrame, label: str, colour: str, origin: float) -> None:
    x, y = curve["duration"].to_numpy(float), curve["estimate"].to_numpy(float)
    # from the origin, so that losses at duration 0 are seen as the drop they are
    ax.step(np.append(0.0, x), np.append(origin, y), where="post", color=colour, label=label)
    low, high = (curve[c].to_numpy(float) for c in ("conf_low", "conf_high"))
    ax.fill_between(x, low, high, step="post", color=colour, alpha=0.18, linewidth=0)
    censored = curve["n_censor"].to_numpy() > 0
    if censored.sum() <= 120:  # more ticks than that are a second line, not information
        ax.plot(x[censored], y[censored], "|", color=colour, markersize=6, markeredgewidth=0.9)


def _draw_risk_table(
    ax: Axes, groups: Sequence[tuple[str, pd.DataFrame]], colours: Sequence[str]
) -> None:
    """Numbers at risk under the curve's own ticks, one line per group."""
    figure: Any = ax.figure
    figure.draw_without_rendering()
    tall = ax.get_window_extent().height / figure.dpi  # inches
    height = 0.22 * len(groups)
    table = ax.inset_axes((0.0, -(height + 0.75) / tall, 1.0, height / tall))
    table.set_xlim(ax.get_xlim())
    right = ax.get_xlim()[1]
    times = [t for t in ax.get_xticks() if 0 <= t <= right]
    for row, (_, curve) in enumerate(groups):
        durations, at_risk = curve["duration"].to_numpy(float), curve["n_risk"].to_numpy(float)
        for time in times:
            following = int(np.searchsorted(durations, time))
            n = at_risk[following] if following < len(durations) else 0
            table.text(
                time, row, f"{n:,.0f}", ha="center", va="center", fontsize=8.5, clip_on=False
            )
    table.set_ylim(len(groups) - 0.5, -0.5)
    table.set_yticks(range(len(groups)), [label for label, _ in groups], fontsize=8.5)
    for place, label in enumerate(table.get_yticklabels()):
        label.set_color(colours[place] if len(groups) > 1 else "black")
    table.set_title("at risk", fontsize=8.5, loc="left", pad=4, x=-0.02, ha="right")
    table.set_xticks([])
    widest = max(len(f"{curve['n_risk'].max():,.0f}") for _, curve in groups)
    table.tick_params(length=0, pad=8 + 3 * widest)
    for spine in table.spines.values():
        spine.set_visible(False)


@_styled
def retention(
    triangle: pd.DataFrame,
    *,
    kind: Literal["heatmap"] = "heatmap",
    ax: Axes | None = None,
) -> Axes:
    """The cohort triangle as a heatmap, with the cells still in progress hatched.

    Parameters
    ----------
    triangle : DataFrame
        From ``cohorts.retention``, of one group.
    kind : {"heatmap"}
        The kind of figure.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the frame is not one triangle.

    Notes
    -----
    A hatched cell is a period that is not over: its number is how many customers were seen so
    far, and there is no rate to colour.
    """
    choice("kind", kind, Literal["heatmap"])
    need = ["cohort", "age", "n_start", "n_eligible", "n_seen", "retention"]
    _require_frame(triangle, need, "cohorts.retention")
    if triangle.duplicated(["cohort", "age"]).any():
        raise InputError("this frame holds several groups: draw one of them at a time.")
    cohorts = sorted(triangle["cohort"].unique())
    n_ages = int(triangle["age"].max()) + 1
    if ax is None:
        size = (min(2.6 + 0.55 * n_ages, 13), min(1.6 + 0.34 * len(cohorts), 11))
        ax = plt.subplots(figsize=size, layout="constrained")[1]
    cells = triangle.assign(row=triangle["cohort"].map({c: i for i, c in enumerate(cohorts)}))
    shares = _fill(cells, len(cohorts), n_ages)
    later = shares[:, 1:]
    top = float(np.nanmax(later)) if np.isfinite(later).any() else 1.0
    mesh = ax.pcolormesh(
        np.ma.masked_invalid(shares), cmap=sns.color_palette("crest", as_cmap=True),
        vmin=0, vmax=top, edgecolors="white", linewidth=1,
    )  # fmt: skip
    _hatch_unfinished(ax, cells)
    if len(cells) <= _ANNOTATED:
        _annotate(ax, cells, top)
    ax.invert_yaxis()
    starts = cells.drop_duplicates("cohort").set_index("cohort")["n_start"]
    labels = [f"{_cohort_name(c, cohorts)}  ({starts[c]:,})" for c in cohorts]
    ax.set_yticks(np.arange(len(cohorts)) + 0.5, labels)
    step = max(1, n_ages // 24)
    ax.set_xticks(np.arange(0, n_ages, step) + 0.5, [str(a) for a in range(0, n_ages, step)])
    ax.set_xlabel("age (periods since the first)")
    ax.set_ylabel("cohort (customers)")
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    bar = ax.figure.colorbar(mesh, ax=ax, format=PercentFormatter(1.0), pad=0.01, extend="max")
    bar.set_label("active share")
    return ax


def _fill(cells: pd.DataFrame, n_rows: int, n_ages: int) -> Any:
    shares = np.full((n_rows, n_ages), np.nan)
    shares[cells["row"], cells["age"]] = cells["retention"].to_numpy(float)
    return shares


def _hatch_unfinished(ax: Axes, cells: pd.DataFrame) -> None:
    look: dict[str, Any] = {
        "facecolor": "#ededed",
        "edgecolor": _GREY,
        "hatch": "////",
        "linewidth": 0,
    }
    for cell in cells[cells["n_eligible"] < cells["n_start"]].itertuples():
        ax.add_patch(Rectangle((cell.age, cell.row), 1, 1, **look))
    if (cells["n_eligible"] < cells["n_start"]).any():
        ax.legend(
            handles=[Patch(**look, label="in progress: customers seen so far, no rate yet")],
            loc="lower right", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.3, fontsize=8.5,
        )  # fmt: skip


def _annotate(ax: Axes, cells: pd.DataFrame, top: float) -> None:
    for cell in cells.itertuples():
        share = cell.retention
        if np.isnan(share):
            text, colour = f"{cell.n_seen:,}", "#404040"
        else:
            text, colour = f"{100 * share:.0f}", "white" if share > 0.45 * top else "#202020"
        box = {"facecolor": "#ededed", "edgecolor": "none", "pad": 1} if np.isnan(share) else None
        ax.text(
            cell.age + 0.5,
            cell.row + 0.5,
            text,
            color=colour,
            ha="center",
            va="center",
            fontsize=8,
            bbox=box,
        )


def _cohort_name(cohort: Any, cohorts: Sequence[Any]) -> str:
    monthly = all(pd.Timestamp(c).day == 1 for c in cohorts)
    return f"{pd.Timestamp(cohort):{'%Y-%m' if monthly else '%Y-%m-%d'}}"
