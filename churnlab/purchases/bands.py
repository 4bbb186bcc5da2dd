"""How many customers are silent for how many of their own usual gaps."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from churnlab import checks, engine
from churnlab.checks import InputError, entries
from churnlab.spells import rows

_STAGE = "silence_bands"
_COLUMNS = ("multiple_from", "multiple_to", "n", "share")


def silence_bands(
    silences: Any,
    *,
    by: str | Sequence[str] | None = None,
    multiples: Sequence[float] = (1, 2, 3, 5),
) -> pd.DataFrame:
    """How many customers are silent for up to one, two, three of their own usual gaps, or longer.

    The trap: leaving out those who came once or twice makes the others' shares look surer than they
    are. They have no rhythm yet, and a row of their own.

    Parameters
    ----------
    silences : Table, table or path
        One row per customer, from :func:`silences`.
    by : str or list, optional
        Columns of groups, which :func:`silences` has to keep.
    multiples : sequence of float
        Edges of the bands, rising from above 0.

    Returns
    -------
    DataFrame
        Groups, then ``multiple_from`` (not part of the band, except 0), ``multiple_to`` (part of
        it; infinite in the last band), ``n, share``. Every band is there, and in the last row of a
        group both ends are missing: no rhythm yet.

    Raises
    ------
    InputError
        For missing columns, or edges that do not rise.

    Notes
    -----
    A customer at exactly 2 times the median gap is in the band up to 2. share = n / customers of the
    group; the shares of a group add up to 1.

    Examples
    --------
    >>> four = pd.DataFrame({"multiple": [0.5, 1.0, 7.0, None]})
    >>> silence_bands(four, multiples=(1, 3))
       multiple_from  multiple_to  n  share
    0            0.0          1.0  2   0.50
    1            1.0          3.0  0   0.00
    2            3.0          inf  1   0.25
    3            NaN          NaN  1   0.25
    """
    edges = _edges(multiples)
    groups = checks.group_columns(by, _COLUMNS)
    roles = {f"by{i}": name for i, name in enumerate(groups)}
    frame = engine.scan(
        silences,
        {"multiple": ("multiple", "number")} | {r: (name, "label") for r, name in roles.items()},
    )
    coded = frame.then(lambda lazy: lazy.select(*roles, band=_band(edges)))
    counted = engine.counts(coded, [*roles, "band"])
    n = int(counted["n"].sum())
    as_of, lines = checks.history(silences)
    lines = [*lines, *entries(_STAGE, "customers", {"read": n, "used": n})]
    rows.require_some(n, "customer", lines)
    result = _every_band(counted, list(roles), edges)[[*roles, *_COLUMNS]].rename(columns=roles)
    result.attrs = checks.attrs(as_of, lines)
    return result


def _edges(multiples: Any) -> list[float]:
    found = [float(edge) for edge in np.atleast_1d(checks.numbers("multiples", multiples))]
    if found[0] == 0 or not all(a < b for a, b in pairwise(found)):
        raise InputError(f"multiples={multiples!r} must rise from above 0, such as (1, 2, 3, 5).")
    return found


def _band(edges: Sequence[float]) -> nw.Expr:
    """The number of the band: 0 up to the first edge, and one more than the last without rhythm."""
    multiple = nw.col("multiple")
    band = nw.lit(len(edges))
    for number, edge in reversed(list(enumerate(edges))):
        band = nw.when(multiple <= edge).then(nw.lit(number)).otherwise(band)
    none = nw.lit(len(edges) + 1)
    return nw.when(multiple.is_null()).then(none).otherwise(band).cast(nw.Int64)


def _every_band(counted: pd.DataFrame, by: Sequence[str], edges: Sequence[float]) -> pd.DataFrame:
    """The rows of every group, in order: all bands, then those without a rhythm."""
    bands = {"multiple_from": [0.0, *edges, np.nan], "multiple_to": [*edges, np.inf, np.nan]}
    parts = []
    groups = counted.groupby(list(by), dropna=False, sort=False) if by else [((), counted)]
    for _, part in groups:
        n = np.zeros(len(edges) + 2, dtype=np.int64)
        n[part["band"].to_numpy(dtype=np.int64)] = part["n"].to_numpy()
        table = pd.DataFrame({**bands, "n": n, "share": n / n.sum()})
        for place, role in enumerate(by):
            table.insert(place, role, part[role].iloc[np.zeros(len(n), dtype=int)].array)
        parts.append(table)
    return pd.concat(parts, ignore_index=True)
