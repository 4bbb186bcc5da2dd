"""The look of churnlab's figures, and what every figure asks of its frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache, wraps
from importlib import resources
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
import matplotlib.font_manager
import pandas as pd
import seaborn as sns
from cycler import cycler
from matplotlib.axes import Axes

from churnlab.checks import InputError, require_columns

P = ParamSpec("P")
T = TypeVar("T")

GREY = "#8c8c8c"


@cache
def _font() -> str:
    """The family of the shipped CJK font, registered with matplotlib once."""
    folder = resources.files("churnlab.fonts")
    file = next(f for f in folder.iterdir() if f.name.endswith((".ttf", ".otf")))
    with resources.as_file(file) as path:
        mpl.font_manager.fontManager.addfont(str(path))
        return mpl.font_manager.FontProperties(fname=str(path)).get_name()


@contextmanager
def style() -> Iterator[None]:
    """The look of churnlab for figures of your own, inside a ``with`` block and nowhere else.

    Latin text is set in DejaVu Sans, which comes with matplotlib, and Chinese in a font that
    comes with churnlab, so that figures look the same on every machine.

    Examples
    --------
    >>> import churnlab as cl
    >>> with cl.plot.style():
    ...     pass
    """
    look: Any = {
        "font.family": ["DejaVu Sans", _font()],
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlelocation": "left",
        "axes.prop_cycle": cycler(color=sns.color_palette("colorblind")),
        "figure.figsize": (7.0, 4.3),
        "legend.frameon": False,
    }
    interactive = mpl.is_interactive()
    try:
        with mpl.rc_context(look):
            yield
            # Jupyter switches this on at the first figure; undoing it would hide the next ones
            interactive = mpl.is_interactive()
    finally:
        mpl.interactive(interactive)


def styled(draw: Callable[P, T]) -> Callable[P, T]:
    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> T:
        _require_axes(kwargs.get("ax"))
        with style():
            return draw(*args, **kwargs)

    return drawn


def _require_axes(ax: Any) -> None:
    if ax is not None and not isinstance(ax, Axes):
        raise InputError(
            f"ax is one Axes of matplotlib, not a {type(ax).__name__}: "
            "figure, ax = plt.subplots() gives one, and ax[0, 1] is one of a grid."
        )


def colours_of(n: int) -> list[str]:
    """Colours as values: names such as C0 would be looked up when the figure is shown."""
    cycle = mpl.rcParams["axes.prop_cycle"].by_key()["color"]
    return [mpl.colors.to_hex(cycle[i % len(cycle)]) for i in range(n)]


def require_frame(frame: Any, need: Sequence[str], maker: str) -> None:
    if not isinstance(frame, pd.DataFrame):
        raise InputError(
            f"a figure is drawn from a frame of {maker}, not from a {type(frame).__name__}."
        )
    names = [str(name) for name in frame.columns]
    require_columns(need, names, what="the frame", remedy=f"Pass the result of {maker} as it came.")
    if frame.empty:
        raise InputError("the frame is empty: there is nothing to draw.")


def names_of(names: Any) -> dict[Any, str]:
    """What to write instead of a value, as the user said it; nothing where nothing was said."""
    if names is None:
        return {}
    if not isinstance(names, Mapping | pd.Series):
        raise InputError(
            "names is a mapping from a value to what is written for it, such as "
            f"{{'price': 'too dear'}}, not a {type(names).__name__}."
        )
    return dict(names)


def groups_of(frame: pd.DataFrame, first: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """(label, part) of every group; the group columns are those before column ``first``."""
    names = list(frame.columns[: frame.columns.get_loc(first)])
    if not names:
        yield "all", frame
        return
    grouped = frame.groupby(names, dropna=False, sort=False)
    found = list(iter(grouped))  # not list(grouped): its length fails where a group is missing
    columns = [_written(values) for values in zip(*(group for group, _ in found), strict=True)]
    for words, (_, part) in zip(zip(*columns, strict=True), found, strict=True):
        yield literal(", ".join(words)), part


def _written(values: Sequence[Any]) -> list[str]:
    """The values of a group column; dates without their time where it is midnight for all."""
    known = [value for value in values if not pd.isna(value)]
    if all(isinstance(v, datetime) and pd.Timestamp(v).normalize() == v for v in known):
        return ["(missing)" if pd.isna(v) else v.date().isoformat() for v in values]
    return ["(missing)" if pd.isna(value) else str(value) for value in values]


def sorted_groups(
    frame: pd.DataFrame, first: str, *, most: int, row: Sequence[str] = ("duration",)
) -> list[tuple[str, pd.DataFrame]]:
    """The groups as they first appear, each by duration; at most so many, each ``row`` once."""
    names = list(frame.columns[: frame.columns.get_loc(first)])
    n = len(frame[names].drop_duplicates()) if names else 1
    if n > most:
        raise InputError(
            f"the frame holds {n:,} groups, and a figure shows {most} at most: choose fewer groups, "
            "for example the largest, or draw some of them at a time."
        )
    repeats = int(frame.duplicated([*names, *row]).sum())
    if repeats:
        raise InputError(
            f"the frame holds rows of several curves as if they were one: {repeats:,} of its "
            f"{len(frame):,} rows repeat the {' and '.join(row)} of a row before them. Give each "
            "curve a column of its own, in front: frame.insert(0, 'plan', 'basic') before pd.concat."
        )
    found = groups_of(frame, first)
    return [(label, part.sort_values("duration", kind="stable")) for label, part in found]


def require_shares(estimate: pd.Series[Any]) -> None:
    values = estimate.to_numpy(float)
    outside = values[(values > 1 + 1e-9) | (values < -1e-9)]
    if outside.size:
        raise InputError(
            f"estimates are shares from 0 to 1, and {outside.size:,} of this frame are not (for "
            f"example {outside[0]:g}): pass them as they came, the axis is written in per cent."
        )


def literal(text: str) -> str:
    # a dollar sign in data must not open a formula
    return text.replace("$", r"\$")
