"""The cohort triangle as a heatmap or as curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import PercentFormatter

from churnlab.checks import InputError, choice, number
from churnlab.plot.ages import cohort_names, draw_curves
from churnlab.plot.look import GREY, require_frame, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Kind = Literal["heatmap", "curves"]
_EDGED = 60  # rows or columns above which white edges would cover the cells
_BLANK: dict[str, Any] = {"facecolor": "#d9d9d9", "edgecolor": "none"}
_ANNOTATED = 400  # cells of a triangle above which numbers no longer fit


@styled
def retention(
    triangle: pd.DataFrame,
    *,
    kind: Kind = "heatmap",
    pooled: pd.DataFrame | None = None,
    suppress_below: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The cohort triangle as a heatmap, or as curves over age; what is not over has no rate.

    Parameters
    ----------
    triangle : DataFrame
        From ``cohorts.retention``, of one group; for curves also from ``cohorts.pooled``, one
        line per group.
    kind : {"heatmap", "curves"}
        Cells, or one line per cohort.
    pooled : DataFrame, optional
        From ``cohorts.pooled``: the curve over all cohorts, drawn over theirs with its band.
    suppress_below : float, optional
        Hide small cells: cohorts of fewer customers than this are blank grey, and have no curve;
        fewer customers seen so far are written "<10" (for 10). A pooled curve is drawn only where
        so many are eligible.
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
    A grey hatched cell is a period that is not over: its number is how many customers were seen so
    far, and there is no rate to colour. A coloured hatched cell is over for some of its customers
    only. Curves show cells that are over for everyone.
    """
    choice("kind", kind, Kind)
    least = None if suppress_below is None else number("suppress_below", suppress_below)
    if kind == "curves" and "n_cohorts" in getattr(triangle, "columns", ()):
        need = ["age", "n_cohorts", "retention", "conf_low", "conf_high"]
        require_frame(triangle, need, "cohorts.pooled")
        return draw_curves(None, triangle, ax, least)
    need = ["cohort", "age", "n_start", "n_eligible", "n_seen", "retention", "mature"]
    require_frame(triangle, need, "cohorts.retention")
    if triangle.duplicated(["cohort", "age"]).any():
        raise InputError("this frame holds several groups: draw one of them at a time.")
    if kind == "curves":
        return draw_curves(triangle, pooled, ax, least)
    if pooled is not None:
        raise InputError("pooled= is a curve: draw it with kind='curves'.")
    return _heatmap(triangle, ax, least)


def _heatmap(triangle: pd.DataFrame, ax: Axes | None, least: float | None) -> Axes:
    cohorts = list(triangle["cohort"].drop_duplicates())  # in the order of the table
    ages = sorted(triangle["age"].unique())
    if ax is None:
        size = (min(2.6 + 0.55 * len(ages), 13), min(1.6 + 0.34 * len(cohorts), 11))
        ax = plt.subplots(figsize=size, layout="constrained")[1]
    row = pd.factorize(triangle["cohort"], use_na_sentinel=False)[0]
    cells = triangle.assign(row=row, place=np.searchsorted(ages, triangle["age"]))
    few = cells["n_start"].to_numpy(float) < (least or 0)
    withheld, cells = cells[few], cells[~few]
    shares = _fill(cells, len(cohorts), len(ages))
    later = shares[:, 1:]
    top = float(np.nanmax(later)) if np.isfinite(later).any() else 1.0
    mesh = ax.pcolormesh(
        np.ma.masked_invalid(shares), cmap=sns.color_palette("crest", as_cmap=True),
        vmin=0, vmax=top or 1.0, edgecolors="white",
        linewidth=1 if max(len(cohorts), len(ages)) <= _EDGED else 0,
    )  # fmt: skip
    for cell in withheld.itertuples():
        ax.add_patch(Rectangle((cell.place, cell.row), 1, 1, **_BLANK))
    _hatch_unfinished(ax, cells, [] if withheld.empty else [_blank(least)])
    if len(cells) <= _ANNOTATED:
        _annotate(ax, cells, top, least)
    ax.invert_yaxis()
    starts = triangle["n_start"].groupby(row).first()
    names = cohort_names(cohorts)
    labels = [f"{name}  ({_count(starts[i], least)})" for i, name in enumerate(names)]
    every = max(1, len(cohorts) // 40)
    ax.set_yticks(np.arange(0, len(cohorts), every) + 0.5, labels[::every])
    step = max(1, len(ages) // 24)
    ax.set_xticks(np.arange(0, len(ages), step) + 0.5, _age_names(ages)[::step])
    ax.set_xlabel("age (periods since the first)")
    ax.set_ylabel("cohort (customers)")
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    bar = ax.figure.colorbar(mesh, ax=ax, format=PercentFormatter(1.0), pad=0.01, extend="max")
    bar.set_label("retention")
    return ax


def _count(n: float, least: float | None) -> str:
    """A number of customers, unless it is small; nobody is no small cell."""
    return f"<{least:g}" if least is not None and 0 < n < least else f"{n:,}"


def _blank(least: float | None) -> Patch:
    return Patch(**_BLANK, label=f"fewer than {least:g} customers")


def _age_names(ages: list[int]) -> list[str]:
    """Ages, or brackets of ages by their first and last; that of the last bracket is not known."""
    following = [*ages[1:], ages[-1] + 1]
    return [str(a) if b == a + 1 else f"{a}–{b - 1}" for a, b in zip(ages, following, strict=True)]


def _fill(cells: pd.DataFrame, n_rows: int, n_ages: int) -> Any:
    shares = np.full((n_rows, n_ages), np.nan)
    shares[cells["row"], cells["place"]] = cells["retention"].to_numpy(float)
    return shares


def _hatch_unfinished(ax: Axes, cells: pd.DataFrame, shown: list[Patch]) -> None:
    """Grey where nobody's period is over; over the colour where only some are."""
    hatch: dict[str, Any] = {"hatch": "////", "linewidth": 0}
    grey = hatch | {"facecolor": "#ededed", "edgecolor": GREY}
    partly = hatch | {"facecolor": "none", "edgecolor": "white"}
    for look, wanted, words in (
        (grey, cells["n_eligible"] == 0, "in progress: customers seen so far, no rate yet"),
        (
            partly,
            (cells["n_eligible"] > 0) & ~cells["mature"],
            "over for some of its customers only",
        ),
    ):
        for cell in cells[wanted].itertuples():
            ax.add_patch(Rectangle((cell.place, cell.row), 1, 1, **look))
        if wanted.any():
            face = "#5b9a8b" if look is partly else look["facecolor"]
            shown.append(Patch(**(look | {"facecolor": face}), label=words))
    if shown:
        ax.legend(handles=shown, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=len(shown),
                  borderaxespad=0.3, fontsize=8.5)  # fmt: skip


def _annotate(ax: Axes, cells: pd.DataFrame, top: float, least: float | None) -> None:
    for cell in cells.itertuples():
        share = cell.retention
        text = _count(cell.n_seen, least) if np.isnan(share) else f"{100 * share:.0f}"
        colour, box = "white" if share > 0.45 * top else "#202020", None
        if not cell.mature:  # on hatching, text needs a ground of its own
            colour = "#404040" if np.isnan(share) else "#202020"
            box = {"facecolor": "#ededed", "edgecolor": "none", "pad": 1}
        ax.text(
            cell.place + 0.5, cell.row + 0.5, text,
            color=colour, ha="center", va="center", fontsize=8, bbox=box,
        )  # fmt: skip
