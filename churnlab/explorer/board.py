"""The board of sliders; the only file that imports ipywidgets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import ipywidgets as widgets
import pandas as pd
from ipywidgets.widgets.widget_description import DescriptionStyle

from churnlab import datasets
from churnlab.checks import InputError
from churnlab.explorer import texts
from churnlab.explorer.pictures import Pictures
from churnlab.explorer.ratings import RATED, SCALE, ranked_matrix, read

_PRESETS = {"Table 2": "cci_table_2", "variant A": "cci_variant_a", "variant B": "cci_variant_b"}
_COLUMNS = "minmax(6em, 22%) repeat(3, minmax(8.5em, 1fr))"


class Board(widgets.VBox):  # type: ignore[misc]
    """Sliders and what follows from them.

    ``sliders`` are by (factor, column); ``matrix`` is what is shown, None where it is undefined.
    """

    def __init__(self, table: Any, names: Mapping[Any, str] | None) -> None:
        self._start = read(table)
        self._names = _names(names)
        self._pictures = Pictures(self._names)
        self._held = False
        self.matrix: pd.DataFrame | None = None
        make = _Ratings()
        self._ratings = {
            (row["factor"], column): make.rating(
                f"{self._name_of(row['factor'])}: {column}", row[column]
            )
            for row in self._start.to_dict("records")
            for column in RATED
        }
        self.sliders = {key: rating.slider for key, rating in self._ratings.items()}
        self.index_line, self.rankings = widgets.HTML(), widgets.HTML()
        self.map, self.bars = _image(), _image()
        for slider in self.sliders.values():
            slider.observe(self._follow, "value")
        figures = widgets.Box(
            [self.map, self.bars], layout=widgets.Layout(flex_flow="row wrap", width="100%")
        )
        parts = [self._buttons(), self._grid(), self.index_line, self.rankings, figures]
        super().__init__(parts, layout=widgets.Layout(width="100%", overflow="hidden"))
        self._follow()

    @property
    def changes(self) -> dict[tuple[Any, str], int]:
        """The ratings that differ from the table the explorer began with."""
        start = self._start.set_index("factor")
        return {
            (factor, column): slider.value
            for (factor, column), slider in self.sliders.items()
            if slider.value != start[column][factor]
        }

    def show(self, table: Any) -> None:
        """Move every slider to the ratings of a table with the same factors."""
        ratings = read(table).set_index("factor")
        if set(ratings.index) != set(self._start["factor"]):
            raise InputError("this table has other factors: open another explorer for it.")
        with self._one_redraw():
            for (factor, column), slider in self.sliders.items():
                slider.value = int(ratings[column][factor])

    # ------------------------------------------------------------------ what follows a move

    def _follow(self, _: object = None) -> None:
        if self._held:
            return
        try:
            self.matrix = ranked_matrix(self._start, self.changes)
        except InputError as error:  # every importance at 1; the sliders allow nothing else
            self.matrix = None
            self.index_line.value, self.rankings.value = texts.trouble(error), ""
            self._show_figures(False)
            return
        # words first: they are read while the figures are drawn
        self.index_line.value = texts.index_line(self.matrix)
        self.rankings.value = texts.rankings(self.matrix, self._name_of)
        drawn = self._pictures.map(self.matrix), self._pictures.bars(self.matrix)
        self.map.value, self.bars.value = drawn
        self._show_figures(True)

    def _show_figures(self, visible: bool) -> None:
        for image in (self.map, self.bars):
            image.layout.visibility = "visible" if visible else "hidden"

    @contextmanager
    def _one_redraw(self) -> Iterator[None]:
        self._held = True
        try:
            yield
        finally:
            self._held = False
        self._follow()

    def _name_of(self, factor: Any) -> str:
        return str((self._names or {}).get(factor, factor))

    # ------------------------------------------------------------------ what it is made of

    def _grid(self) -> widgets.GridBox:
        cells: list[Any] = [widgets.HTML(texts.head(column)) for column in ("", *RATED)]
        row = widgets.Layout(align_items="center")
        for factor in self._start["factor"]:
            cells.append(widgets.HTML(texts.label(self._name_of(factor))))
            cells += [self._ratings[factor, column].side_by_side(row) for column in RATED]
        layout = widgets.Layout(
            grid_template_columns=_COLUMNS, grid_gap="2px 10px", width="100%", align_items="center"
        )
        return widgets.GridBox(cells, layout=layout)

    def _buttons(self) -> widgets.HBox:
        found = []
        for words, name in _PRESETS.items():
            table = datasets.load(name)
            if set(table["factor"]) == set(self._start["factor"]):
                found.append(_button(words, partial(self.show, table)))
        found.append(_button("Reset", partial(self.show, self._start)))
        return widgets.HBox(found, layout=widgets.Layout(flex_flow="row wrap"))


def _names(given: Any) -> dict[Any, str] | None:
    if given is not None and not isinstance(given, Mapping | pd.Series):
        raise InputError(
            "names is a mapping from a factor to what is written for it, such as "
            f"{{'price': '价格'}}, not a {type(given).__name__}."
        )
    return None if given is None else dict(given)


@dataclass(frozen=True)
class _Rating:
    """A slider and its number, which can be typed.

    The handle of a slider has no name that a screen reader could say; the number has one.
    """

    slider: widgets.IntSlider
    number: widgets.BoundedIntText

    def side_by_side(self, layout: widgets.Layout) -> widgets.HBox:
        # linked in the page, so that the number never lags behind the handle
        widgets.jslink((self.slider, "value"), (self.number, "value"))
        return widgets.HBox([self.slider, self.number], layout=layout)


class _Ratings:
    """Makes the ratings of one board, which share their looks: fewer messages to the page."""

    def __init__(self) -> None:
        # the description is there for those who hear the page, and takes no room
        self._slider = {
            "layout": widgets.Layout(flex="1 1 4em", width="auto", min_width="4em"),
            "style": widgets.SliderStyle(description_width="0px"),
            "readout": False,
        }
        self._number = {
            "layout": widgets.Layout(flex="0 0 4.2em", width="4.2em"),
            "style": DescriptionStyle(description_width="0px"),
        }

    def rating(self, words: str, value: int) -> _Rating:
        said = {"description": words, "tooltip": words}
        same: dict[str, Any] = {"value": value, "min": SCALE[0], "max": SCALE[1], **said}
        return _Rating(
            widgets.IntSlider(**same, **self._slider),
            widgets.BoundedIntText(**same, **self._number),
        )


def _button(words: str, act: Any) -> widgets.Button:
    button = widgets.Button(description=words, layout=widgets.Layout(width="auto"))
    button.on_click(lambda _: act())
    return button


def _image() -> widgets.Image:
    layout = widgets.Layout(
        flex="1 1 380px", min_width="0", max_width="620px", object_fit="contain"
    )
    return widgets.Image(format="png", layout=layout)
