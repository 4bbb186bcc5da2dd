"""The table of numbers at risk beneath a curve: each number under its tick, a row per group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, MaxNLocator
from matplotlib.transforms import Bbox, blended_transform_factory

from churnlab.checks import InputError, choice
from churnlab.plot.look import groups_of, require_frame
from churnlab.plot.words import ink, wrapped

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes

    Floats = npt.NDArray[np.float64]

RiskTable = bool | Literal["events"]
SIZE = 8.5  # points
_LINE = 1.25 * SIZE / 72  # inches of a line of text
_ROW = 0.22  # inches of a row of one line
_WIDTH, _LINES = 24, 2  # letters and lines of a label


class Row(NamedTuple):
    """A group's label, the colour of its curve, and its numbers at any times (NaN: not known)."""

    label: str
    colour: str
    numbers: Callable[[Floats], tuple[Floats, Floats]]


class Plan(NamedTuple):
    """What a table shows: its rows, its times where they are given, and how numbers are written."""

    rows: Sequence[Row]
    times: Floats | None
    events: bool
    least: float | None

    def heights(self) -> list[float]:
        """Inches of every row."""
        lines = (row.label.count("\n") for row in self.rows)
        return [_ROW + _LINE * n for n in lines]

    def words(self, times: Floats) -> list[list[str]]:
        """The numbers as they are written, row by row; an empty list where one is not known."""
        found = [row.numbers(times) for row in self.rows]
        if any(np.isnan(at_risk).any() for at_risk, _ in found):
            return []
        return [[self._word(*pair) for pair in zip(*row, strict=True)] for row in found]

    def _word(self, at_risk: float, lost: float) -> str:
        if self.least is not None and at_risk < self.least:
            return f"<{self.least:g}"
        if not self.events:
            return _count(at_risk)
        few = self.least is not None and 0 < lost < self.least
        return f"{_count(at_risk)} ({f'<{self.least:g}' if few else _count(lost)})"


def _count(n: float) -> str:
    return f"{round(n):,}"


def planned(
    risk_table: RiskTable | pd.DataFrame,
    groups: Sequence[tuple[str, pd.DataFrame]],
    colours: Sequence[str],
    least: float | None,
) -> Plan | None:
    """The table as it was asked for; None for none."""
    if isinstance(risk_table, pd.DataFrame):
        return _from_frame(risk_table, groups, colours, least)
    choice("risk_table", risk_table, (True, False, "events"))
    if not risk_table:
        return None
    rows = [
        Row(wrapped(label, _WIDTH, _LINES), colour, _of_curve(curve))
        for (label, curve), colour in zip(groups, colours, strict=True)
    ]
    return Plan(rows, None, risk_table == "events", least)


def _of_curve(curve: pd.DataFrame) -> Callable[[Floats], tuple[Floats, Floats]]:
    durations = curve["duration"].to_numpy(float)
    n_risk, n_event, n_censor = (
        curve[c].to_numpy(float) for c in ("n_risk", "n_event", "n_censor")
    )
    lost_by = np.append(0.0, np.cumsum(n_event))
    # where more are at risk than were left over, some entered late: unknown since when
    unknown = np.append(False, n_risk[1:] > (n_risk - n_event - n_censor)[:-1] + 1e-9)

    def numbers(times: Floats) -> tuple[Floats, Floats]:
        following = np.searchsorted(durations, times)
        over = following == durations.size
        row = np.minimum(following, durations.size - 1)
        between = unknown[row] & (durations[row] != times)
        at_risk = np.where(between, np.nan, n_risk[row])
        # a curve of those still there at a duration says nothing of the times before it
        at_risk[times < durations[0]] = np.nan
        lost = lost_by[np.searchsorted(durations, times, side="right")]
        return np.where(over, 0.0, at_risk), lost

    return numbers


def _from_frame(
    frame: pd.DataFrame,
    groups: Sequence[tuple[str, pd.DataFrame]],
    colours: Sequence[str],
    least: float | None,
) -> Plan:
    require_frame(frame, ["duration", "n_risk"], "survival.at_risk")
    parts = dict(groups_of(frame, "duration"))
    if set(parts) != {label for label, _ in groups}:
        raise InputError(
            "the risk table and the curves have different groups: give survival.at_risk the same by="
        )
    events = "n_event_cum" in frame.columns
    wanted = ["n_risk", "n_event_cum" if events else "n_risk"]
    times = np.unique(frame["duration"].to_numpy(float))
    rows = []
    for (label, _), colour in zip(groups, colours, strict=True):
        part = parts[label]
        if not np.array_equal(np.sort(part["duration"].to_numpy(float)), times):
            raise InputError("the risk table does not have every time once in every group.")
        numbers = part.set_index("duration")[wanted].astype(float)
        rows.append(Row(wrapped(label, _WIDTH, _LINES), colour, _looked_up(numbers)))
    return Plan(rows, times, events, least)


def _looked_up(numbers: pd.DataFrame) -> Callable[[Floats], tuple[Floats, Floats]]:
    def at(times: Floats) -> tuple[Floats, Floats]:
        found = numbers.reindex(times).to_numpy()
        return found[:, 0], found[:, 1]

    return at


def room_for(plan: Plan | None) -> tuple[float, float]:
    """Inches that a new figure grows by for the table: in width for the labels, and in height."""
    if plan is None:
        return 0.0, 0.0
    widest = max(len(line) for row in plan.rows for line in row.label.split("\n"))
    return max(0.0, 0.075 * (widest - 8)), sum(plan.heights()) + 0.4


def add_risk_table(ax: Axes, plan: Plan) -> Axes:
    """The table without its numbers: they are chosen when it is known how wide the axes are."""
    table = ax.inset_axes((0.0, -0.5, 1.0, 0.3))
    heights = plan.heights()
    table.set_ylim(sum(heights), 0.0)
    middles = np.cumsum(heights) - np.array(heights) / 2
    table.set_yticks(middles, [row.label for row in plan.rows], fontsize=SIZE)
    table.set_xticks([])
    family = mpl.rcParams["font.family"]
    for row, label in zip(plan.rows, table.get_yticklabels(), strict=True):
        label.set(color=ink(row.colour) if len(plan.rows) > 1 else "black", family=family)
    title = "at risk (lost so far)" if plan.events else "at risk"
    table.set_title(title, fontsize=SIZE, loc="left", pad=3)
    table.patch.set_visible(False)
    for spine in table.spines.values():
        spine.set_visible(False)
    table.set_axes_locator(_under(ax, sum(heights)))
    times = plan.times if plan.times is not None else np.maximum(ax.get_xlim()[:1], 0.0)
    # the first number stands astride the left end of the axes
    table.tick_params(length=0, pad=8 + _points(ax, plan.words(times[:1])) / 2)
    return table


def write_numbers(ax: Axes, table: Axes, plan: Plan, *, whole: bool) -> None:
    """Numbers under the curve's ticks, which are fixed where the numbers have room."""
    times = _fitting(ax, plan, whole=whole)
    words = plan.words(times)
    if not words:
        table.remove()
        return
    ax.set_xticks(times)
    # in the coordinates of the curve, so that a number stays under its time
    place = blended_transform_factory(ax.transData, table.transData)
    for middle, row in zip(table.get_yticks(), words, strict=True):
        for time, word in zip(times, row, strict=True):
            table.text(time, middle, word, ha="center", va="center", fontsize=SIZE,
                       transform=place, clip_on=False)  # fmt: skip
    table.set_xlim(ax.get_xlim())


def _under(ax: Axes, height: float) -> Callable[[Any, Any], Bbox]:
    """Where the table lies: below whatever is written at the axis, with rows that do not shrink."""

    def place(table: Any, renderer: Any) -> Bbox:
        figure: Any = ax.figure
        frame = ax.get_window_extent()
        written = ax.xaxis.get_tightbbox(renderer)
        top = min(frame.y0, written.y0 if written else frame.y0) - 0.25 * figure.dpi
        box = Bbox.from_extents(frame.x0, top - height * figure.dpi, frame.x1, top)
        return box.transformed(figure.transSubfigure.inverted())

    return place


def _fitting(ax: Axes, plan: Plan, *, whole: bool) -> Floats:
    """Times whose numbers stand clear of each other."""
    given = plan.times
    if given is None and isinstance(ax.xaxis.get_major_locator(), FixedLocator):
        given = np.asarray(ax.get_xticks(), dtype=float)  # ticks that the user has set
    limits = ax.get_xlim()
    if given is not None:
        times = _within(given, limits)
        return times[_clear(ax, times, plan.words(times))]
    for most in range(9, 0, -1):
        locator = MaxNLocator(most, integer=whole, steps=[1, 2, 5, 10])
        times = _within(np.asarray(locator.tick_values(*limits)), limits)
        if _clear(ax, times, plan.words(times)).all():
            break
    return times


def _within(times: Floats, limits: tuple[float, float]) -> Floats:
    slack = 1e-9 * (limits[1] - limits[0])
    return times[(times >= limits[0] - slack) & (times <= limits[1] + slack)]


def _points(ax: Axes, words: list[list[str]]) -> float:
    """The width of the longest of some numbers, in points."""
    longest = max((word for row in words for word in row), key=len, default="0")
    probe = ax.text(0, 0, longest, fontsize=SIZE)
    width = probe.get_window_extent().width
    probe.remove()
    figure: Any = ax.figure
    return float(width * 72 / figure.dpi)


def _clear(ax: Axes, times: Floats, words: list[list[str]]) -> npt.NDArray[np.bool_]:
    """Which times, from the left, leave room for a number at each."""
    figure: Any = ax.figure
    need = (_points(ax, words) + 6) * figure.dpi / 72
    at = ax.transData.transform(np.column_stack([times, np.zeros_like(times)]))[:, 0]
    clear, last = np.zeros(times.size, dtype=bool), -np.inf
    for i, x in enumerate(at):
        if x - last >= need:
            clear[i], last = True, x
    return clear
