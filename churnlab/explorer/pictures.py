"""The map and the bars as PNG, each drawn over and over in one figure."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pandas as pd

from churnlab import plot
from churnlab.plot.picture import figure_of

_WIDTH = 5.2  # inches: the text stays readable at half the width of a notebook
_DPI = 144
_QUICK = {"compress_level": 1}
# nothing beside the map depends on the names, and a layout made anew takes as long as the map
_MARGINS = {"left": 0.11, "right": 0.97, "bottom": 0.12, "top": 0.93}


class Pictures:
    """Draws the same two figures again for every matrix; pyplot never keeps either of them."""

    def __init__(self, names: Mapping[Any, str] | None) -> None:
        self._names = names
        self._figures: dict[Any, Any] = {}

    def map(self, matrix: pd.DataFrame) -> bytes:
        return self._png(plot.cci_map, matrix, 4.2, _MARGINS)

    def bars(self, matrix: pd.DataFrame) -> bytes:
        return self._png(plot.cci_bars, matrix, max(1.3 + 0.48 * len(matrix), 2.5), None)

    def _png(self, draw: Any, matrix: pd.DataFrame, height: float, margins: Any) -> bytes:
        figure = self._figures.get(draw)
        if figure is None:
            figure = self._figures[draw] = figure_of(draw(matrix))
            figure.set_size_inches(_WIDTH, height)
            figure.set_layout_engine("none" if margins else "constrained")
        figure.clear()
        with plot.style():
            draw(matrix, names=self._names, ax=figure.subplots(gridspec_kw=margins))
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=_DPI, facecolor="white", pil_kwargs=_QUICK)
        return file.getvalue()
