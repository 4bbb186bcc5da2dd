"""Step curves as a figure can show them: thinned to its pixels, cut where too few are at risk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes

    Floats = npt.NDArray[np.float64]

CELLS = 2000  # columns of a figure: finer than its pixels, so that thinning is not seen


class Steps(NamedTuple):
    """A step curve with its band: each value holds from its ``x`` to the next."""

    x: Floats
    y: Floats
    low: Floats
    high: Floats


def thinned(x: Floats, cells: int = CELLS) -> npt.NDArray[np.intp]:
    """Which of many sorted points to draw: the first and the last within each column of pixels."""
    if x.size <= 2 * cells:
        return np.arange(x.size)
    width = (x[-1] - x[0]) / cells or 1.0
    column = np.minimum(((x - x[0]) / width).astype(np.int64), cells - 1)
    is_first = np.append(True, column[1:] != column[:-1])
    return np.flatnonzero(is_first | np.append(is_first[1:], True))


def shown(steps: Steps, n_risk: Floats, least: float | None) -> Steps:
    """Without the stretches where fewer than ``least`` are at risk: gaps, and an earlier end."""
    if least is None:
        return steps
    kept = np.flatnonzero(n_risk >= least)
    if not kept.size:
        return Steps(*(values[:0] for values in steps))
    part = slice(kept[0], kept[-1] + 1)
    gap = n_risk[part] < least
    x, *rest = (values[part] for values in steps)
    return Steps(x, *(np.where(gap, np.nan, values) for values in rest))


def draw_steps(ax: Axes, steps: Steps, colour: str, *, alpha: float, **look: Any) -> Steps:
    """The line and its band; what was drawn comes back, so that words can keep clear of it."""
    kept = thinned(steps.x)
    drawn = Steps(*(values[kept] for values in steps))
    ax.step(drawn.x, drawn.y, where="post", color=colour, **look)
    ax.fill_between(
        drawn.x, drawn.low, drawn.high, step="post", color=colour, alpha=alpha, linewidth=0
    )
    return drawn
