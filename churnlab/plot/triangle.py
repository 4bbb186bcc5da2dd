"""The cohort triangle as a heatmap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import PercentFormatter

from churnlab.checks import InputError, choice
from churnlab.plot.look import GREY, require_frame, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ANNOTATED = 400  # cells of a triangle above which numbers no longer fit


@styled
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
    require_frame(triangle, need, "cohorts.retention")
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
        "edgecolor": GREY,
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
