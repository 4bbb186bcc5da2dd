"""A figure as an SVG image for a page: the same bytes whenever it is drawn."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

from churnlab.checks import InputError
from churnlab.plot.look import style

_SVG: Any = {"svg.fonttype": "path", "svg.hashsalt": "churnlab", "path.simplify": True}
_PLAIN = dict.fromkeys(("Date", "Creator", "Format", "Type"))
_CELLS = 500  # of a mesh, above which one image of it is smaller than its cells
_DPI = 150
_COMMENT = re.compile(rb"<!--.*?-->\s*", re.DOTALL)


def picture(
    draw: Callable[[], Axes | Figure], *, width: float | None = None, height: float | None = None
) -> bytes:
    """A figure as an SVG image, with its text as shapes, so that it looks the same everywhere.

    Parameters
    ----------
    draw : callable
        Draws the figure, and returns it or one of its Axes: ``lambda: plot.survival(curves)``.
    width, height : float, optional
        Size in inches; left out, as the figure was made.

    Returns
    -------
    bytes
        The SVG. The figure itself is closed.

    Raises
    ------
    InputError
        If ``draw`` returns neither Axes nor a figure.

    Notes
    -----
    Options of matplotlib that are set elsewhere have no effect on it, and none is changed. The
    cells of a large mesh are one image inside the SVG. Letters that no font has are drawn as boxes.

    Examples
    --------
    >>> import churnlab as cl
    >>> triangle = cl.cohorts.retention(cl.datasets.load("six_customers"))
    >>> cl.plot.picture(lambda: cl.plot.retention(triangle))[:5]
    b'<?xml'
    """
    file = io.BytesIO()
    with _nothing_left(), style(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        mpl.rcdefaults()  # undone with the style
        with style():
            mpl.rcParams.update(_SVG)
            figure = figure_of(draw())
            _merge_cells(figure)
            if width or height:
                was = figure.get_size_inches()
                figure.set_size_inches(width or was[0], height or was[1])
            figure.savefig(file, format="svg", dpi=_DPI, facecolor="white", metadata=_PLAIN)
    # comments repeat the text, and may hold letters that no XML can
    return _COMMENT.sub(b"", file.getvalue())


def figure_of(drawn: Any) -> Figure:
    """The figure that was drawn, taken off pyplot's list, where a notebook would show it again."""
    if not isinstance(drawn, Axes | Figure):
        raise InputError(
            f"what draws a figure returns it or one of its Axes, not a {type(drawn).__name__}."
        )
    figure: Any = drawn.figure
    whole: Figure = figure.figure  # of a part of a figure; a figure's own is itself
    plt.close(whole)
    return whole


@contextmanager
def _nothing_left() -> Iterator[None]:
    """pyplot's list of figures as it was, also where drawing fails."""
    before = set(plt.get_fignums())
    try:
        yield
    finally:
        for number in set(plt.get_fignums()) - before:
            plt.close(number)


def _merge_cells(figure: Figure) -> None:
    for mesh in figure.findobj(QuadMesh):
        values = mesh.get_array()
        if values is not None and values.size > _CELLS:
            mesh.set_rasterized(True)
