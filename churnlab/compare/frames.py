"""Results: which groups a row is about, and what was read on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from churnlab import checks
from churnlab.checks import InputError
from churnlab.checks.messages import brief
from churnlab.compare.counts import called
from churnlab.survival.risk import weight_of
from churnlab.survival.tally import Cells


def result(spells: Any, cells: Cells, columns: Mapping[str, Any]) -> pd.DataFrame:
    """A frame that carries ``as_of`` and the ledger; counts are whole unless weights are not."""
    found = dict(columns)
    for name in ("n", "n_event"):
        if name in found and not cells.fractional:
            found[name] = np.asarray(found[name]).astype(np.int64)
    frame = pd.DataFrame(found)
    as_of, before = checks.history(spells)
    frame.attrs = checks.attrs(as_of, [*before, *cells.lines])
    return frame


def tested(
    spells: Any, cells: Cells, weighting: str, variance: str, test: tuple[float, int, float]
) -> pd.DataFrame:
    """One row: what was compared, and statistic, degrees of freedom and p value."""
    weight = weight_of(cells.frame)
    columns = {
        "weighting": [weighting],
        "n": [weight.sum()],
        "n_event": [weight[cells.frame["event"].to_numpy(dtype=bool)].sum()],
        "statistic": [test[0]],
        "df": [test[1]],
        "p_value": [test[2]],
        "variance": [variance],
    }
    return result(spells, cells, columns)


def paired(cells: Cells, pairs: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """The columns ``group`` and ``reference`` of (group, reference), as the data have them."""
    single = len(cells.groups.columns) == 1
    values = cells.groups.iloc[:, 0] if single else pd.Series(called(cells), dtype="str")
    return {
        name: values.iloc[[pair[side] for pair in pairs]].array
        for side, name in enumerate(("group", "reference"))
    }


def same(value: Any, wanted: Any) -> bool:
    """True where a group is the one meant; 2 is written "2" in a text file, None is missing."""
    if pd.isna(value):
        return bool(pd.api.types.is_scalar(wanted) and pd.isna(wanted))
    return bool(value == wanted) or str(value) == str(wanted)


def found(cells: Cells, reference: Any, by: Sequence[str]) -> int:
    """The number of the group meant: its value, or the values of several columns; else the first."""
    if reference is None:
        return 0
    if len(by) == 1 and not pd.api.types.is_scalar(reference):
        raise InputError(
            f"reference={brief(reference)} must be one value of the column {by[0]!r}, the group that "
            "the others are compared with."
        )
    if len(by) > 1 and not isinstance(reference, tuple | list):
        raise InputError(
            f"reference={brief(reference)} must be a tuple with a value of each column of "
            f"by={list(by)!r}."
        )
    wanted = [reference] if len(by) == 1 else list(reference)
    rows = list(cells.groups.itertuples(index=False))
    for number, row in enumerate(rows):
        if len(row) == len(wanted) and all(map(same, row, wanted)):
            return number
    shown = "; ".join(called(cells)[:6])
    raise InputError(f"reference={brief(reference)} does not occur in {', '.join(by)!r}: {shown}.")
