"""The look of churnlab's figures, and what every figure asks of its frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, wraps
from importlib import resources
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
import matplotlib.font_manager
import pandas as pd
import seaborn as sns
from cycler import cycler

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
        with style():
            return draw(*args, **kwargs)

    return drawn


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


def groups_of(frame: pd.DataFrame, first: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """(label, part) of every group; the group columns are those before column ``first``."""
    names = list(frame.columns[: frame.columns.get_loc(first)])
    if not names:
        yield "all", frame
        return
    for group, part in frame.groupby(names, dropna=False, sort=False):
        words = ["(missing)" if pd.isna(value) else str(value) for value in group]
        yield literal(", ".join(words)), part


def literal(text: str) -> str:
    # a dollar sign in data must not open a formula
    return text.replace("$", r"\$")
