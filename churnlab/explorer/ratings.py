"""The ratings of one customer, and the matrix after some of them changed: no sliders here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from churnlab import cci, checks, datasets
from churnlab.checks import InputError

SCALE = (1, 10)
RATED = ("satisfaction", "importance", "improvability")
RANKED = ("pressure", "fixable", "stuck")
_TABLE_2 = "cci_table_2"


def ranked_matrix(table: Any = None, changes: Any = None) -> pd.DataFrame:
    """The matrix of one customer after some ratings changed, with the places of every factor.

    The trap: factors that lack nothing share a place by each criterion; equal ranks are ties.

    Parameters
    ----------
    table : DataFrame, optional
        ``factor, satisfaction, importance, improvability`` of one customer, whole ratings from
        1 to 10; Table 2 of the articles if left out.
    changes : dict, optional
        The new ratings: ``{("price", "satisfaction"): 4, …}``.

    Returns
    -------
    DataFrame
        The columns of :func:`churnlab.cci.matrix`, then ``rank_pressure, rank_fixable,
        rank_stuck``; most pressure first.

    Raises
    ------
    InputError
        For ratings that are not whole numbers from 1 to 10, for an unknown factor, and where
        every importance is 1: nothing matters then, and the index is undefined.

    Notes
    -----
    rank = 1 + the number of factors above, as in :func:`churnlab.cci.rank`. CCI = 100 · Σ pressure.
    The explorer shows what this function gives.

    Examples
    --------
    >>> matrix = ranked_matrix(changes={("new_technology", "satisfaction"): 2})
    >>> matrix[["factor", "verdict", "rank_pressure", "rank_stuck"]].head(2)
               factor  verdict  rank_pressure  rank_stuck
    0        coverage  fix now              1           2
    1  new_technology   danger              2           1
    """
    ratings = _changed(read(table), changes)
    if (ratings["importance"] == SCALE[0]).all():
        raise InputError(
            "the index is undefined: every importance is 1, so nothing matters to this customer. "
            "Raise the importance of a factor."
        )
    matrix = cci.matrix(ratings, customer=None, scale=SCALE)
    for part in RANKED:
        # rounded, or the last digits of a double would part what is equal
        places = (-matrix[part].round(12)).rank(method="min")
        matrix[f"rank_{part}"] = places.astype("int64")
    return matrix


def read(table: Any) -> pd.DataFrame:
    """A table of one customer as ``factor`` and three whole ratings, in the order it came."""
    given = datasets.load(_TABLE_2) if table is None else table
    try:
        frame: Any = nw.from_native(given, eager_only=True)
    except TypeError:
        raise InputError(
            f"the explorer shows a DataFrame of one customer, not a {type(given).__name__}."
        ) from None
    checks.require_columns(
        ["factor", *RATED], list(frame.columns), remedy="Rename your own columns to these."
    )
    columns = {name: frame[name].to_list() for name in ("factor", *RATED)}
    _refuse_factors(columns["factor"])
    whole = {name: _whole(name, columns[name]) for name in RATED}
    return pd.DataFrame({"factor": columns["factor"], **whole})


def _refuse_factors(names: list[Any]) -> None:
    if not names:
        raise InputError("the table has no rows: the explorer needs the ratings of one customer.")
    blank = [name for name in names if pd.isna(name) or not str(name).strip()]
    if blank:
        raise checks.reject(
            "is missing or blank", column="factor", n=len(blank), example=blank[0],
            remedy="Name every factor.",
        )  # fmt: skip
    for name in names:
        if names.count(name) > 1:
            raise InputError(
                f"factor {checks.plain(name)} is rated {names.count(name)} times: the explorer "
                "shows one customer. Choose one, e.g. table[table['customer'] == 'anna'], or a "
                "table of rounded means."
            )


def _whole(column: str, values: list[Any]) -> list[int]:
    bad = [value for value in values if not _is_rating(value)]
    if bad:
        raise checks.reject(
            "does not hold a whole number from 1 to 10", column=column, n=len(bad), example=bad[0],
            remedy="The explorer moves in whole ratings: give every factor one.",
        )  # fmt: skip
    return [int(value) for value in values]


def _is_rating(value: Any) -> bool:
    is_number = hasattr(value, "__float__") and not isinstance(value, bool | str)
    return is_number and not pd.isna(value) and value in range(SCALE[0], SCALE[1] + 1)


def _changed(ratings: pd.DataFrame, changes: Any) -> pd.DataFrame:
    if changes is not None and not isinstance(changes, Mapping):
        raise InputError(
            "changes is a dict from (factor, column) to the new rating, such as "
            f"{{('price', 'satisfaction'): 4}}, not a {type(changes).__name__}."
        )
    factors = ratings["factor"].tolist()
    for key, value in (changes or {}).items():
        factor, column = key if isinstance(key, tuple) and len(key) == 2 else (None, None)
        if factor not in factors or column not in RATED:
            known = ", ".join(checks.plain(name) for name in factors)
            raise InputError(
                f"changes names {key!r}, and a key is (factor, column): a factor out of {known}, "
                f"and a column out of {', '.join(RATED)}."
            )
        if not _is_rating(value):
            raise InputError(
                f"changes[{key!r}]={value!r} must be a whole number from {SCALE[0]} to {SCALE[1]}."
            )
        ratings.loc[factors.index(factor), column] = int(value)
    return ratings
