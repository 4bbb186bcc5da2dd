"""Retention over age: the cohorts as fine lines, the curve over all of them with its band."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.ticker import MaxNLocator, PercentFormatter

from churnlab.plot.look import colours_of, groups_of, literal, require_frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAMED = 6  # cohorts above which only the first and last are named


def draw_curves(
    triangle: pd.DataFrame | None,
    pooled: pd.DataFrame | None,
    ax: Axes | None,
    least: float | None = None,
) -> Axes:
    """Lines of a triangle's cohorts, of pooled curves, or of both; none of fewer than ``least``."""
    if ax is None:
        ax = plt.subplots(layout="constrained")[1]
    top = 0.0
    if triangle is not None:
        triangle = triangle[triangle["n_start"].to_numpy(float) >= (least or 0)]
        top = max(top, _cohorts(ax, triangle))
    if pooled is not None:
        need = ["age", "n_cohorts", "retention", *(["n_eligible"] if least else [])]
        require_frame(pooled, need, "cohorts.pooled")
        if least:
            few = pooled["n_eligible"].to_numpy(float) < least
            lines = ["retention", "conf_low", "conf_high"]
            pooled = pooled.assign(**{name: pooled[name].mask(few) for name in lines})
        top = max(top, _pooled(ax, pooled, alone=triangle is None))
    ax.set_ylim(0, max(1.02, 1.05 * top))
    ax.set_xlim(left=0)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("age (periods since the first)")
    ax.set_ylabel("retention")
    if ax.get_legend_handles_labels()[0]:
        ax.legend(fontsize=8.5)
    return ax


def _cohorts(ax: Axes, triangle: pd.DataFrame) -> float:
    """One line per cohort, from light (the oldest) to dark; cells over for everyone only."""
    mature = triangle[triangle["mature"].astype(bool)]
    cohorts = list(mature["cohort"].drop_duplicates())
    colours = sns.color_palette("crest", max(len(cohorts), 2))
    names = cohort_names(cohorts)
    number = pd.factorize(mature["cohort"], use_na_sentinel=False)[0]
    for i, name in enumerate(names):
        part = mature[number == i]
        told = len(cohorts) <= _NAMED or i in (0, len(cohorts) - 1)
        look: dict[str, Any] = {"color": colours[i], "linewidth": 1.1, "marker": "o"}
        label = name if told else None
        ax.plot(part["age"], part["retention"], markersize=2.5, label=label, **look)
    return float(np.nanmax(mature["retention"])) if len(mature) else 0.0


def _pooled(ax: Axes, pooled: pd.DataFrame, *, alone: bool) -> float:
    """The curve over all cohorts; with groups, one of each."""
    groups = list(groups_of(pooled, "age"))
    colours = colours_of(len(groups)) if alone else ["black"] * len(groups)
    for (label, part), colour in zip(groups, colours, strict=True):
        name = "all cohorts" if len(groups) == 1 else literal(label)
        ax.plot(part["age"], part["retention"], color=colour, linewidth=2.2, label=name)
        ax.fill_between(
            part["age"], part["conf_low"], part["conf_high"], color=colour, alpha=0.18, linewidth=0
        )
    return float(np.nanmax(pooled["retention"].to_numpy(float), initial=0.0))


def cohort_names(cohorts: Sequence[Any]) -> list[str]:
    """Short labels: months, days, or the words of a column."""
    if not all(isinstance(c, pd.Timestamp | np.datetime64) for c in cohorts):
        return ["(missing)" if pd.isna(c) else literal(str(c)) for c in cohorts]
    dates = [pd.Timestamp(c) for c in cohorts]
    form = "%Y-%m" if all(d.day == 1 for d in dates) else "%Y-%m-%d"
    return [d.strftime(form) for d in dates]
