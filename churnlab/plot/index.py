"""The matrix of the Customer Churn Index as a map and as bars."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.transforms import Bbox

from churnlab.checks import InputError, ends
from churnlab.plot.look import (
    GREY,
    colours_of,
    groups_of,
    literal,
    names_of,
    require_frame,
    styled,
)
from churnlab.plot.ranks import one_ranking, set_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MAKER = "cci.matrix"
_LINE = 26  # characters of a name on one line
_UNKNOWN = "#bdbdbd"  # improvability not known


@styled
def cci_map(
    matrix: pd.DataFrame,
    *,
    names: Mapping[Any, str] | None = None,
    scale: Sequence[float] | None = None,
    ranks: pd.DataFrame | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Every factor by how much it matters and how much it lacks: top right is what drives churn.

    Parameters
    ----------
    matrix : DataFrame
        From ``cci.matrix``, of one group.
    names : mapping, optional
        What to write for a factor, for example its name in another language.
    scale : (lowest, highest), optional
        Of the importance ratings; the frame knows it, unless pandas lost it on the way.
    ranks : DataFrame, optional
        From ``cci.rank`` of the same ratings: after each name stands its set of ranks by pressure.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the frame is not one matrix, or ``ranks`` are of other ratings.

    Notes
    -----
    Mean importance across, deficit of the mean satisfaction upwards; the dashed lines are the
    middles of both scales, where verdicts change. Where importance came as ranks or shares, the
    mean importance share is across, cut at an equal part, 1 / number of factors. The area of a
    disc is the factor's pressure (a dot has none), its colour the improvability: dark is hard to
    mend.
    """
    need = ["factor", "importance", "deficit", "improvability", "pressure"]
    table = _one_group(matrix, need)
    sets = _sets(table, ranks)
    across = _importance(matrix, table, scale)
    if ax is None:
        ax = plt.subplots(figsize=(7.4, 4.8), layout="constrained")[1]
    x, y = table[across.column].to_numpy(float), table["deficit"].to_numpy(float)
    sizes = 60 + 3000 * table["pressure"].to_numpy(float)
    colours = sns.color_palette("viridis", as_cmap=True)
    ease = table["improvability"].to_numpy(float)
    faces = np.where(np.isnan(ease)[:, None], mpl.colors.to_rgba(_UNKNOWN), colours(ease))
    ax.axhline(0.5, color=GREY, linestyle="--", linewidth=0.9, zorder=1)
    ax.axvline(across.middle, color=GREY, linestyle="--", linewidth=0.9, zorder=1)
    ax.scatter(x, y, s=sizes, c=faces, edgecolors="white", linewidths=1.2, zorder=3,
               alpha=0.92, clip_on=False)  # fmt: skip
    pad = (across.high - across.low) * 0.06
    ax.set_xlim(across.low - pad, across.high + pad)
    if across.column == "importance" and across.high - across.low <= 12:
        ax.set_xticks(np.arange(np.ceil(across.low), across.high + 1e-9))
    ax.set_ylim(-0.19, 1.16)
    family = mpl.rcParams["font.family"]
    ax.set_xlabel(across.title, family=family)
    ax.set_ylabel("deficit (0 satisfied, 1 not at all)", family=family)
    shades = mpl.cm.ScalarMappable(mpl.colors.Normalize(0, 1), colours)
    bar = ax.figure.colorbar(shades, ax=ax, pad=0.02)
    bar.set_label("improvability (share of the deficit)", family=family)
    _write_corners(ax, family)
    labels = [label + known for label, known in zip(_labels(table, names), sets, strict=True)]
    _write_beside(ax, x, y, sizes, labels)
    return ax


@styled
def cci_bars(
    matrix: pd.DataFrame, *, names: Mapping[Any, str] | None = None, ax: Axes | None = None
) -> Axes:
    """What matters to customers, factor by factor: what of it is safe, can be mended, is stuck.

    Parameters
    ----------
    matrix : DataFrame
        From ``cci.matrix``, of one group.
    names : mapping, optional
        What to write for a factor, for example its name in another language.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the frame is not one matrix, or has no improvability.

    Notes
    -----
    The whole bar is the factor's importance share, in points of 100: stuck + fixable (together the
    pressure) + secure. Most pressure is on top.
    """
    table = _one_group(matrix, ["factor", "stuck", "fixable", "secure", "pressure"])
    if table[["stuck", "fixable"]].isna().any(axis=None):
        raise InputError(
            "bars need the improvability of every factor that presses: give cci.matrix an "
            "improvability table for all of them, or draw cci_map."
        )
    if ax is None:
        size = (7.4, 1.5 + 0.42 * len(table))
        ax = plt.subplots(figsize=size, layout="constrained")[1]
    places = np.arange(len(table))
    palette = colours_of(4)
    looks = {"stuck": palette[3], "fixable": palette[1], "secure": "#d5dde5"}
    left = np.zeros(len(table))
    for part, colour in looks.items():
        width = 100 * table[part].to_numpy(float)
        label = {"secure": "secure (satisfied)"}.get(part, part)
        ax.barh(places, width, left=left, color=colour, label=label, height=0.68)
        for place, start, size in zip(places, left, width, strict=True):
            if size >= 2:
                ink = "#303030" if part != "stuck" else "white"
                ax.text(start + size / 2, float(place), f"{size:.1f}", ha="center", va="center",
                        fontsize=8.5, color=ink)  # fmt: skip
        left = left + width
    family = mpl.rcParams["font.family"]
    labels = _labels(table, names)
    ax.set_yticks(places, labels, family=family)
    ax.invert_yaxis()
    right = max(float(left.max()) * 1.06, 1.0)
    ax.set_xlim(0, max(right, ax.get_xlim()[1] if _is_shared(ax) else 0.0))
    ax.set_xlabel("importance share, in points of 100", family=family)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, borderaxespad=0.2)
    return ax


def _one_group(matrix: pd.DataFrame, need: list[str]) -> pd.DataFrame:
    require_frame(matrix, need, _MAKER)
    if len(list(groups_of(matrix, "factor"))) > 1 or matrix["factor"].duplicated().any():
        raise InputError("this frame holds several groups: draw one of them at a time.")
    return matrix.dropna(subset=["pressure"])


class _Across(NamedTuple):
    """What stands across the map: the column, its ends, where it is cut, and in words."""

    column: str
    low: float
    high: float
    middle: float
    title: str


def _importance(matrix: pd.DataFrame, table: pd.DataFrame, said: Sequence[float] | None) -> _Across:
    how = str(matrix.attrs.get("importance_as", "rating"))
    if how not in ("rank", "share"):
        low, high = _scale(matrix, said)
        title = f"importance (mean rating, {low:g} to {high:g})"
        return _Across("importance", low, high, (low + high) / 2, title)
    if said is not None:
        raise InputError(
            f"scale= is of ratings, and the importance of this matrix comes from {how}s: leave it "
            "out."
        )
    require_frame(matrix, ["importance_share"], _MAKER)
    if abs(float(matrix["importance_share"].sum()) - 1) > 1e-6:
        raise InputError(
            "factors are missing from this matrix: their shares do not add up to 1, so an equal "
            "part is not known. Draw the matrix as it came from cci.matrix."
        )
    middle = 1 / len(matrix)
    high = max(1.1 * float(table["importance_share"].max()), 1.5 * middle)
    title = f"importance share (mean, from {how}s; dashed: an equal part, 1/{len(matrix)})"
    return _Across("importance_share", 0.0, high, middle, title)


def _sets(table: pd.DataFrame, ranks: pd.DataFrame | None) -> list[str]:
    """What is written after each name: the set of its ranks by pressure, or nothing."""
    if ranks is None:
        return [""] * len(table)
    found = one_ranking(ranks, "pressure").set_index("factor").reindex(list(table["factor"]))
    theirs, ours = (f.to_numpy(float) for f in (found["estimate"], table["pressure"]))
    nobody = table["deficit"].isna().to_numpy()  # not rated by this group, and so not ranked
    if not np.allclose(theirs[~nobody], ours[~nobody], rtol=0, atol=1e-9):
        raise InputError(
            "ranks= are of other ratings: their pressures or factors are not those of the matrix. "
            "Give cci.rank what cci.matrix had, and take the same group of both."
        )
    sets = zip(found["rank_low"], found["rank_high"], strict=True)
    known = found["rank_low"].notna()
    return [f" ({set_of(*each)})" if k else "" for each, k in zip(sets, known, strict=True)]


def _scale(matrix: pd.DataFrame, said: Sequence[float] | None) -> tuple[float, float]:
    """The importance scale: as said, as the frame carries it, or as satisfaction and deficit give
    it; a frame that tells nothing is taken to be on 1 to 10."""
    if said is not None:
        return ends("scale", said)
    if "scale" in matrix.attrs:
        return ends("scale", matrix.attrs["scale"])
    if {"satisfaction", "deficit"} <= set(matrix.columns):
        known = matrix[["satisfaction", "deficit"]].dropna().astype("float64")
        width = known["deficit"].max() - known["deficit"].min()
        if width > 1e-6:  # deficit = (highest − satisfaction) / (highest − lowest)
            span = (known["satisfaction"].max() - known["satisfaction"].min()) / width
            high = known["satisfaction"].iloc[0] + known["deficit"].iloc[0] * span
            return round(float(high - span), 6), round(float(high), 6)
    return 1.0, 10.0


def _write_corners(ax: Axes, family: Any) -> None:
    """What a quarter means: above the frame and at its foot, where no disc can be."""
    figure: Any = ax.figure
    figure.draw_without_rendering()
    wide = ax.get_window_extent().width / figure.dpi > 4.5  # inches
    matters = ("matters and is lacking: ", "matters and is fine: ") if wide else ("", "")
    corners = {
        (1.0, 1.015, "right"): matters[0] + "fix now or danger",
        (0.0, 1.015, "left"): "lacking, but minor" if wide else "minor",
        (1.0, 0.01, "right"): matters[1] + "keep or guard",
        (0.005, 0.01, "left"): "low",
    }
    for (x, y, ha), text in corners.items():
        ax.text(x, y, text, transform=ax.transAxes, ha=ha, va="bottom", fontsize=8.5,
                color="#6b6b6b", family=family, zorder=2)  # fmt: skip


def _labels(table: pd.DataFrame, names: Mapping[Any, str] | None) -> list[str]:
    known = names_of(names)
    return [literal(_short(str(known.get(name, name)))) for name in table["factor"]]


def _short(name: str) -> str:
    """At most two lines of a name that a figure has room for."""
    lines = textwrap.wrap(name, _LINE) or [name]
    return "\n".join(lines[:1] + [textwrap.shorten(" ".join(lines[1:]), _LINE, placeholder=" …")]
                     if len(lines) > 1 else lines)  # fmt: skip


def _is_shared(ax: Axes) -> bool:
    return len(ax.get_shared_x_axes().get_siblings(ax)) > 1


def _write_beside(ax: Axes, x: Any, y: Any, sizes: Any, labels: list[str]) -> None:
    """Names beside their discs, where they cover least of the discs and of each other."""
    figure: Any = ax.figure
    figure.draw_without_rendering()  # settles the layout, so that widths of texts are final
    family = mpl.rcParams["font.family"]
    points = ax.transData.transform(np.column_stack([x, y]))
    scale = figure.dpi / 72
    radii = np.sqrt(sizes) / 2 * scale
    frame = ax.get_window_extent()
    taken = [
        Bbox.from_extents(px - r, py - r, px + r, py + r)
        for (px, py), r in zip(points, radii, strict=True)
    ]
    for at in np.argsort(-sizes, kind="stable"):
        best: tuple[float, Any, Bbox] | None = None
        for shift, ha, va in _places(radii[at] / scale):
            text = ax.annotate(
                labels[at], (x[at], y[at]), xytext=shift, textcoords="offset points",
                ha=ha, va=va, fontsize=9, family=family, zorder=4,
            )  # fmt: skip
            box = text.get_window_extent()
            cost = _covered(box, taken[:at] + taken[at + 1 :]) + _outside(box, frame)
            if best is None or cost < best[0] - 1e-6:
                if best is not None:
                    best[1].remove()
                best = (cost, text, box)
            else:
                text.remove()
            if cost == 0:
                break
        assert best is not None
        taken.append(best[2])


def _places(radius: float) -> list[tuple[tuple[float, float], str, str]]:
    """Offsets in points around a disc, the pleasant ones first."""
    near, far = radius + 4, radius + 17
    return [
        ((0, near), "center", "bottom"),
        ((0, -near), "center", "top"),
        ((near, 0), "left", "center"),
        ((-near, 0), "right", "center"),
        ((0, far), "center", "bottom"),
        ((0, -far), "center", "top"),
        ((near, near), "left", "bottom"),
        ((-near, near), "right", "bottom"),
        ((near, -near), "left", "top"),
        ((-near, -near), "right", "top"),
    ]


def _covered(box: Bbox, others: list[Bbox]) -> float:
    """How much of the other boxes a box lies on, in square dots."""
    return float(sum(_area(Bbox.intersection(box, other)) for other in others))


def _area(box: Bbox | None) -> float:
    return 0.0 if box is None else float(box.width * box.height)


def _outside(box: Bbox, frame: Bbox) -> float:
    """How much of a box lies outside the frame."""
    return _area(box) - _area(Bbox.intersection(box, frame))
