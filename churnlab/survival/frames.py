"""One frame from what was estimated for every group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnlab import checks
from churnlab.survival.tally import Cells

if TYPE_CHECKING:
    import numpy.typing as npt


def assemble(
    spells: Any,
    cells: Cells,
    by: tuple[str, ...],
    columns: tuple[str, ...],
    parts: Iterable[Mapping[str, Any]],
) -> pd.DataFrame:
    """The groups' columns one below the other, with ``as_of`` and the ledger in its attrs.

    ``parts`` hold, per group in order, an array or a list for each of ``columns``; counts become
    whole numbers unless the spells have weights in fractions.
    """
    frames = [
        pd.DataFrame({c: _column(c, part[c], cells) for c in columns}, copy=False) for part in parts
    ]
    frame = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    # groups keep the type their column has: one row each, repeated over the curve
    of_row = np.repeat(np.arange(len(frames)), [len(f) for f in frames]) if by else None
    for place, (key, name) in enumerate(zip(cells.groups.columns, by, strict=True)):
        frame.insert(place, name, cells.groups[key].iloc[of_row].array)
    as_of, before = checks.history(spells)
    frame.attrs = checks.attrs(as_of, [*before, *cells.lines])
    return frame


def _column(name: str, values: Any, cells: Cells) -> npt.NDArray[Any]:
    counts = name.startswith("n_")
    if counts and not cells.fractional:
        values = np.asarray(values).astype(np.int64, copy=False)
    if cells.shared is None or not counts | (name == "duration"):
        return np.asarray(values)
    # what several results share is not copied for each, and cannot be written to
    shared = np.asarray(values).view()
    shared.flags.writeable = False
    return shared
