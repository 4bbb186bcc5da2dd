"""How long customers have been silent, in their own mean gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.patches import Patch

from churnlab.checks import InputError, number
from churnlab.plot.lines import dark_colours, floats, key_above
from churnlab.plot.look import groups_of, require_frame, styled
from churnlab.plot.over_time import is_few, percent_axis
from churnlab.plot.words import settle, wrapped

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes

    Floats = npt.NDArray[np.float64]

_NEED = ["multiple_from", "multiple_to", "n", "share"]
_MOST = 4  # groups whose bars still stand side by side in a band


@styled
def silence(
    bands: pd.DataFrame, *, suppress_below: float | None = None, ax: Axes | None = None
) -> Axes:
    """How many customers have been silent for how many of their own usual gaps.

    The trap: ninety days of silence are nothing to a yearly buyer and the end of a weekly one; a
    gap is the customer's own.

    Parameters
    ----------
    bands : DataFrame
        From ``purchases.silence_bands``: ``multiple_from, multiple_to, n, share``, one row per band
        and one, with both multiples missing, of the customers who have no rhythm yet. At most 4
        groups (columns in front) stand side by side.
    suppress_below : float, optional
        Hide small cells: a band of fewer customers than this has no bar, but "< 10" (for 10).
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the frame is empty or another one, a band is there twice in a group, or the groups are
        too many.

    Notes
    -----
    A bar is as long as the share; behind it stand the customers and their share. A missing number
    is a band without a bar.

    Examples
    --------
    >>> import churnlab as cl
    >>> table = pd.DataFrame({"multiple_from": [0, 1, None], "multiple_to": [1, None, None]})
    >>> ax = cl.plot.silence(table.assign(n=[60, 30, 10], share=[0.6, 0.3, 0.1]))
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['up to 1 × own gap', 'over 1 ×', 'no rhythm yet']
    >>> [text.get_text() for text in ax.texts]
    ['60 (60 %)', '30 (30 %)', '10 (10 %)']
    """
    require_frame(bands, _NEED, "purchases.silence_bands")
    least = None if suppress_below is None else number("suppress_below", suppress_below)
    groups = _groups(bands)
    edges = bands[_NEED[:2]].drop_duplicates().astype(float)
    edges = edges.sort_values(_NEED[:2], na_position="last")
    if ax is None:
        tall = 0.42 * len(edges) * (1 + 0.35 * (len(groups) - 1))
        ax = plt.subplots(figsize=(7.0, min(1.5 + tall, 12.0)), layout="constrained")[1]
    colours, height = dark_colours(len(groups)), 0.7 / len(groups)
    ends: list[tuple[float, float, str]] = []
    for i, ((_, part), colour) in enumerate(zip(groups, colours, strict=True)):
        own = edges.merge(part.astype(dict.fromkeys(_NEED, float)), how="left", on=_NEED[:2])
        n, share = floats(own, "n"), floats(own, "share")
        rows = np.arange(len(own)) + (i - (len(groups) - 1) / 2) * height
        drawn = ~is_few(n, least) & np.isfinite(n) & np.isfinite(share)
        ax.barh(rows[drawn], share[drawn], height=0.92 * height, color=colour)
        tips = np.where(drawn, share, 0.0)
        ends += zip(rows, tips, _words(n, share, least), strict=True)
    _frame(ax, edges, max(tip for _, tip, _ in ends))
    _write_ends(ax, ends)
    if len(groups) > 1:
        names = [wrapped(label, 24, 2) for label, _ in groups]
        key_above(ax, [(Patch(facecolor=c), s) for c, s in zip(colours, names, strict=True)])
    return ax


def _groups(bands: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    names = list(bands.columns[: bands.columns.get_loc("multiple_from")])
    n = len(bands[names].drop_duplicates()) if names else 1
    if n > _MOST:
        raise InputError(
            f"the frame holds {n:,} groups, and bars of {_MOST} at most can be told apart: draw "
            "some of them at a time."
        )
    if bands.duplicated([*names, "multiple_from", "multiple_to"]).any():
        raise InputError("this frame holds a band twice: draw one group at a time.")
    return list(groups_of(bands, "multiple_from"))


def _words(n: Floats, share: Floats, least: float | None) -> list[str]:
    """What stands at the end of a bar."""
    few = is_few(n, least)
    words = []
    for number_of, part, is_small in zip(n, share, few, strict=True):
        if is_small:
            words.append(f"< {least:g}")
        elif np.isnan(number_of):
            words.append("")
        else:
            words.append(f"{number_of:,.0f}" + ("" if np.isnan(part) else f" ({_percent(part)})"))
    return words


def _percent(share: float) -> str:
    digits = 0 if share == 0 or share >= 0.01 else 1
    return f"{100 * share:.{digits}f} %" if share == 0 or share >= 0.001 else "< 0.1 %"


def _names(edges: pd.DataFrame) -> list[str]:
    """Bands in words; the first one says what a multiple is of."""
    names = []
    for low, high in edges.to_numpy(float):
        if np.isnan(low) and np.isnan(high):
            names.append("no rhythm yet")
            continue
        own = "" if names else " own gap"
        if np.isnan(high) or np.isinf(high):
            names.append(f"over {low:g} ×{own}")
        elif np.isnan(low) or low <= 0:
            names.append(f"up to {high:g} ×{own}")
        else:
            names.append(f"{low:g}–{high:g} ×{own}")
    return names


def _frame(ax: Axes, edges: pd.DataFrame, top: float) -> None:
    family = mpl.rcParams["font.family"]
    ax.set_yticks(range(len(edges)), _names(edges), family=family)
    ax.tick_params(axis="y", length=0, pad=6)
    ax.spines["left"].set_visible(False)
    ax.set_ylim(len(edges) - 0.4, -0.6)
    ax.set_xlim(0, top or 1.0)
    percent_axis(ax.xaxis)
    ax.set_xlabel("share of customers, by the length of their silence", family=family)


def _write_ends(ax: Axes, ends: list[tuple[float, float, str]]) -> None:
    """Customers and share behind every bar, with room for them within the axes."""
    look: Any = {"va": "center", "fontsize": 9, "color": "#303030", "textcoords": "offset points"}
    look["family"] = mpl.rcParams["font.family"]
    texts = [ax.annotate(words, (tip, row), xytext=(5, 0), **look)
             for row, tip, words in ends if words]  # fmt: skip
    settle(ax)
    if not texts:
        return
    # the longest bar and the widest words fit one after the other
    figure: Any = ax.figure
    wide = max(text.get_window_extent().width for text in texts) + 8 * figure.figure.dpi / 72
    free = max(1 - wide / ax.get_window_extent().width, 0.3)
    ax.set_xlim(0, ax.get_xlim()[1] / free)
