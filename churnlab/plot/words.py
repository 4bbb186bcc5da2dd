"""Words on a figure: lines of labels, colours of text, and places that cover no curve."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import matplotlib as mpl
import numpy as np
from matplotlib.transforms import Bbox

from churnlab.plot.look import literal
from churnlab.plot.steps import Steps

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.legend import Legend

    Floats = npt.NDArray[np.float64]

Corner = Literal["upper right", "lower left", "lower right", "upper left"]
_GAP = 6.0  # points between words and the frame or the curves


def wrapped(label: str, width: int, lines: int) -> str:
    """A label in lines of ``width`` letters, a Chinese one counting as two; its middle left out if
    it needs more of them than ``lines``."""
    text = " ".join(label.replace(r"\$", "$").split())
    pieces = _folded(text, width)
    if len(pieces) > lines:  # the first and the last words tell labels apart best
        head = _folded(text, width)[: lines - 1]
        tail = _folded(text[::-1], width - 2)[0][::-1]
        pieces = [*head, f"… {tail}"]
    return literal("\n".join(pieces))


def _wide(text: str) -> int:
    """The width of a text in letters; Chinese ones count as two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _cut(text: str, width: int) -> str:
    """The beginning of a text that fits into a width."""
    end = len(text)
    while _wide(text[:end]) > width:
        end -= 1
    return text[:end]


def _folded(text: str, width: int) -> list[str]:
    lines = []
    while _wide(text) > width:
        piece = _cut(text, width)
        at = len(piece) if text[len(piece) :].startswith(" ") else piece.rfind(" ")
        # no blank in the second half of the line: break the word
        at = at if at > len(piece) // 2 else len(piece)
        lines.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return [*lines, text]


def ink(colour: str) -> str:
    """The colour of a curve, darkened where text in it could not be read on white."""
    red, green, blue = (c**2.2 for c in mpl.colors.to_rgb(colour))
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    if light <= 0.45:
        return colour
    share = (0.3 / light) ** (1 / 2.2)
    red, green, blue = (c * share for c in mpl.colors.to_rgb(colour))
    return str(mpl.colors.to_hex((red, green, blue)))


def style_of(number: int, n_colours: int) -> Any:
    """Solid lines while there are new colours, then dashed ones, then dotted."""
    return ("-", "--", ":", "-.")[(number // n_colours) % 4]


def settle(ax: Axes, *, outside: bool = False) -> None:
    """Lay the figure out, so that what is measured is final; make room for what hangs outside."""
    figure: Any = ax.figure.figure
    if outside and figure.get_layout_engine() is None and _can_make_room(figure):
        figure.set_layout_engine("constrained")
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)


def _can_make_room(figure: Any) -> bool:
    """Whether the layout can: not beside a colour bar that was set in a grid of its own."""
    grids = [ax.get_gridspec() for ax in figure.axes if ax.get_subplotspec() is not None]
    return figure.get_layout_engine() is not None or all(
        min([*grid.get_height_ratios(), *grid.get_width_ratios()]) > 0 for grid in grids
    )


def place_legend(
    ax: Axes, legend: Legend, drawn: Sequence[Steps], *, inside: bool = True
) -> list[Bbox]:
    """Move a legend into a corner where it covers nothing, else to the right of the axes.

    The box that it takes within the axes, or none.
    """
    size = legend.get_window_extent()
    for corner, box in _corners(ax, size.width, size.height):
        if inside and not _covers(ax, box, drawn):
            legend.set_loc(corner)
            return [box]
    if _can_make_room(ax.figure.figure):
        legend.set_loc("upper left")
        legend.set_bbox_to_anchor((1.01, 1.0), transform=ax.transAxes)
        settle(ax, outside=True)
    else:
        legend.set_loc("best")
    return []


def write_at_ends(ax: Axes, ends: Sequence[float], labels: Sequence[tuple[str, str]]) -> bool:
    """Labels, with their colours, to the right of the axes at the heights where curves end.

    False, and nothing written, where they would stand far from their ends or take much width.
    """
    look: Any = {"fontsize": 9, "family": mpl.rcParams["font.family"]}
    probes = [ax.text(0, 0, label, **look).get_window_extent() for label, _ in labels]
    for text in ax.texts[-len(labels) :]:
        text.remove()
    frame = ax.get_window_extent()
    at = ax.transData.transform([(0.0, end) for end in ends])[:, 1]
    heights = np.array([box.height for box in probes])
    places = apart(at, heights + 3)
    fit = np.abs(places - at).max() <= 0.9 * heights.min()
    fit &= places.min() > frame.y0 - heights.max() and places.max() < frame.y1 + heights.max()
    if not fit or max(box.width for box in probes) > 0.35 * frame.width:
        return False
    for (label, colour), place in zip(labels, places, strict=True):
        ax.annotate(label, (1.0, (place - frame.y0) / frame.height), xytext=(5, 0),
                    xycoords="axes fraction", textcoords="offset points", va="center",
                    color=ink(colour), annotation_clip=False, **look)  # fmt: skip
    settle(ax, outside=True)
    return True


def apart(at: Floats, heights: Floats) -> Floats:
    """Heights moved so far apart that texts centred on them do not overlap, evenly up and down."""
    order = np.argsort(at, kind="stable")
    gaps = (heights[order][1:] + heights[order][:-1]) / 2
    up, down = at[order].copy(), at[order].copy()
    for i, gap in enumerate(gaps):
        up[i + 1] = max(up[i + 1], up[i] + gap)
    for i, gap in reversed(list(enumerate(gaps))):
        down[i] = min(down[i], down[i + 1] - gap)
    places = np.empty_like(up)
    places[order] = (up + down) / 2
    return places


def place_text(ax: Axes, text: str, drawn: Sequence[Steps], taken: Sequence[Bbox]) -> None:
    """A line of text in a free corner of the axes, else above them."""
    look: Any = {"fontsize": 9.5, "family": mpl.rcParams["font.family"]}
    note = ax.annotate(text, (0, 0), xycoords="axes fraction", **look)
    size = note.get_window_extent()
    note.remove()
    at, shift, ha, va = (1.0, 1.0), (0.0, 4.0), "right", "bottom"
    for corner, box in sorted(_corners(ax, size.width, size.height), key=_right_last):
        if not _covers(ax, box, drawn) and not any(box.overlaps(other) for other in taken):
            va, ha = "top" if "upper" in corner else "bottom", corner.split()[1]
            at = (float(ha == "right"), float(va == "top"))
            shift = (_GAP * (1 - 2 * at[0]), _GAP * (1 - 2 * at[1]))
            break
    ax.annotate(text, at, xytext=shift, xycoords="axes fraction", textcoords="offset points",
                ha=ha, va=va, **look)  # fmt: skip


def _right_last(corner: tuple[Corner, Bbox]) -> bool:
    return "right" in corner[0]


def _corners(ax: Axes, width: float, height: float) -> Iterator[tuple[Corner, Bbox]]:
    """The boxes of a size in the corners of the axes, in pixels."""
    frame = ax.get_window_extent()
    figure: Any = ax.figure
    gap = _GAP * figure.dpi / 72
    for corner in get_args(Corner):
        x = frame.x1 - gap - width if "right" in corner else frame.x0 + gap
        y = frame.y1 - gap - height if "upper" in corner else frame.y0 + gap
        yield corner, Bbox.from_bounds(x, y, width, height)


def _covers(ax: Axes, box: Bbox, drawn: Sequence[Steps]) -> bool:
    """True where a box lies on a curve or its band, or outside the axes."""
    frame = ax.get_window_extent()
    if box.x0 < frame.x0 or box.x1 > frame.x1 or box.y0 < frame.y0 or box.y1 > frame.y1:
        return True
    figure: Any = ax.figure
    margin = 4 * figure.dpi / 72
    within = ax.transData.inverted().transform_bbox(box.padded(margin))
    return any(_meets(within, steps) for steps in drawn)


def _meets(box: Bbox, steps: Steps) -> bool:
    x = steps.x
    if not x.size or box.x0 > x[-1] or box.x1 < x[0]:
        return False
    # the value at the left edge began before it
    first = max(int(np.searchsorted(x, box.x0, side="right")) - 1, 0)
    last = int(np.searchsorted(x, box.x1, side="right"))
    part = np.concatenate([values[first:last] for values in (steps.low, steps.y, steps.high)])
    part = part[~np.isnan(part)]
    return bool(part.size and part.min() <= box.y1 and part.max() >= box.y0)
