"""``python -m benchmarks.figure``: the figure and the table of docs/scale.md, from the results."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.cases import ROOT

RESULTS = Path(__file__).parent / "results" / "triangle.json"
FIGURE = ROOT / "docs" / "_static" / "triangle_cost.svg"
PAGE = ROOT / "docs" / "scale.md"
OPEN, CLOSE = "<!-- measured -->\n", "<!-- /measured -->\n"
CASES = ("even", "decaying")
# contender: label, colour, marker
LINES = {
    "churnlab": ("churnlab", "#d55e00", "o"),
    "churnlab, money": ("churnlab, money", "#e69f00", "D"),
    "SQL with bit_or": ("SQL by hand (bit_or)", "#0072b2", "s"),
    "pandas idiom": ("pandas idiom", "#009e73", "^"),
    "scan alone": ("reading the columns", "#7f7f7f", "v"),
}
COSTS = {"seconds": "seconds", "extra_mb": "extra memory, MB"}
_LEAST_MB = 1.0  # below it, memory is what any call moves about
_STYLE = {"svg.hashsalt": "churnlab", "font.size": 9.0, "font.family": "DejaVu Sans"}


def draw(results: Sequence[Mapping[str, Any]]) -> Figure:
    """Seconds and extra memory against events, a column for each generator of events."""
    figure = Figure(figsize=(8, 6), layout="constrained")
    grid = figure.subplots(len(COSTS), len(CASES), sharex=True, sharey="row")
    for row, (cost, label) in zip(grid, COSTS.items(), strict=True):
        for axes, case in zip(row, CASES, strict=True):
            _panel(axes, points(results, case, cost))
        row[0].set_ylabel(label)
    for axes, case in zip(grid[0], CASES, strict=True):
        axes.set_title(f"activity: {case}", fontsize=10)
    for axes in grid[-1]:
        axes.set_xlabel("events in the Parquet file")
    handles, labels = grid[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
    return figure


def points(
    results: Sequence[Mapping[str, Any]], case: str, cost: str
) -> dict[str, list[tuple[int, float]]]:
    """Per contender, (rows, cost) of every size at which it was timed."""
    least = _LEAST_MB if cost == "extra_mb" else 0.0
    return {
        name: [
            (result["rows"], max(one[cost], least))
            for result in results
            for one in result["contenders"]
            if (result["case"], one["contender"], one["status"]) == (case, name, "timed")
        ]
        for name in LINES
    }


def _panel(axes: Axes, lines: Mapping[str, Sequence[tuple[int, float]]]) -> None:
    for name, line in lines.items():
        label, colour, marker = LINES[name]
        axes.plot(*zip(*sorted(line), strict=True), label=label, color=colour, marker=marker)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.grid(color="#e0e0e0", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)


_HEAD = (
    *("generator", "events", "churnlab, s", "÷ scan", "÷ by hand", "pandas ÷ churnlab"),
    *("churnlab, MB", "by hand, MB", "pandas, MB", "money ÷ churnlab", "money, MB"),
)


def table(results: Sequence[Mapping[str, Any]]) -> str:
    """A line of ratios and memory for each generator and size, in Markdown."""
    lines = [_line(result) for result in results if result["case"] in CASES]
    rule = ["---", *["---:"] * (len(_HEAD) - 1)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (_HEAD, rule, *lines))


def _line(result: Mapping[str, Any]) -> list[str]:
    timed = {one["contender"]: one for one in result["contenders"] if one["status"] == "timed"}

    def told(name: str, cost: str, form: str, inverse: bool = False) -> str:
        if name not in timed:
            return "–"
        value = timed[name][cost]
        return format(1 / value if inverse else value, form)

    hand, pandas, money = "SQL with bit_or", "pandas idiom", "churnlab, money"
    return [
        result["case"],
        f"10{'⁰¹²³⁴⁵⁶⁷⁸⁹'[round(math.log10(result['rows']))]}",
        told("churnlab", "seconds", ".2f"),
        told("scan alone", "ratio", ".1f", inverse=True),
        told(hand, "ratio", ".2f", inverse=True),
        told(pandas, "ratio", ".1f"),
        told("churnlab", "extra_mb", ".0f"),
        *(told(name, "extra_mb", ".0f") for name in (hand, pandas)),
        told(money, "ratio", ".1f"),
        told(money, "extra_mb", ".0f"),
    ]


def fill(page: str, results: Sequence[Mapping[str, Any]]) -> str:
    """The page with the table of these results between its marks."""
    before, rest = page.split(OPEN)
    return before + OPEN + "\n" + table(results) + "\n" + CLOSE + rest.split(CLOSE)[1]


def main(source: Path = RESULTS, target: Path = FIGURE, page: Path = PAGE) -> None:
    """Write the results into the documentation; the same results give the same bytes."""
    results = json.loads(source.read_text(encoding="utf-8"))["cases"]
    target.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(_STYLE):
        draw(results).savefig(target, metadata={"Date": None, "Creator": None})
    page.write_text(fill(page.read_text(encoding="utf-8"), results), encoding="utf-8")


if __name__ == "__main__":
    main()
