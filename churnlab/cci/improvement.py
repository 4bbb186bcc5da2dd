"""What the firm's own people say of each factor, in a table of its own: mostly improvability."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from churnlab import checks, engine
from churnlab.cci.asked import Scale
from churnlab.checks import EngineError, InputError

_MORE = {"improvability": " (and 'owner' for cci.owners)", "importance": ""}


def table(
    given: Any, factor: str, column: str, scale: Scale, *, owners: bool = False
) -> pd.DataFrame:
    """One row per factor: ``factor``, the column as a share (the mean over raters), ``owner``."""
    rows = read(given, factor, column, owners=owners)
    rows = rows.assign(**{column: rows[column].astype("float64")})
    low, high = scale
    off = rows[~rows[column].between(low, high) & rows[column].notna()]
    if len(off):
        raise checks.reject(
            f"of the {column} table holds ratings outside the scale from {low:g} to {high:g}",
            column=column, n=len(off), example=float(off[column].iloc[0]),
            remedy=f"Say its scale with {column}_scale=(lowest, highest); shares are (0, 1).",
        )  # fmt: skip
    mean = rows.groupby("factor", sort=True)[column].mean()
    found = pd.DataFrame({column: (mean - low) / (high - low)})
    if "owner" in rows:
        found["owner"] = _owners(rows)
    return found.reset_index()


def read(given: Any, factor: str, column: str, *, owners: bool = False) -> pd.DataFrame:
    """The rows of a table of the firm's own: ``factor``, the column, ``owner`` where there is one."""
    form = (
        f"Give {column}= a table with the columns 'factor' and {column!r}{_MORE[column]}, a dict "
        "{factor: rating}, or the name of its column in the ratings."
    )
    if isinstance(given, Mapping | pd.Series):
        given = pd.DataFrame({factor: list(dict(given)), column: list(dict(given).values())})
    if given is None or isinstance(given, int | float | list | tuple | set):
        raise InputError(f"{column}={given!r} is no table. {form}")
    wanted: dict[str, tuple[str | None, str]] = {
        "factor": (factor, "id"), column: (column, "number"),
    }  # fmt: skip
    if owners:
        wanted["owner"] = ("owner", "label")
    try:
        frame = engine.scan(given, wanted)
    except (InputError, EngineError) as error:
        said = str(error).replace(checks.OWN_NAMES, "").rstrip()
        raise InputError(f"the {column} table: {said} {form}") from error
    rows = engine.fetch(frame, list(frame.roles)).dropna(subset="factor")
    if frame.schema["factor"] == nw.String:
        rows = rows[rows["factor"].str.strip() != ""]
    if rows.empty:
        raise InputError(f"the {column} table has no rows with a factor. {form}")
    return rows


def _owners(rows: pd.DataFrame) -> pd.Series[Any]:
    named = rows.dropna(subset="owner").drop_duplicates(["factor", "owner"])
    twice = named.loc[named["factor"].duplicated(), "factor"]
    if len(twice):
        raise InputError(
            f"factor {checks.plain(twice.iloc[0])} has more than one owner in the improvability "
            "table: a factor belongs to one, so that the owners' sums add up."
        )
    return named.set_index("factor")["owner"]


def refuse_strangers(table: pd.DataFrame, rated: Iterable[Any], column: str) -> None:
    """Two tables without a factor in common were not meant for each other."""
    names = sorted(rated, key=str)
    if set(table["factor"]) & set(names):
        return
    known = list(table["factor"])
    hint = ""
    if set(map(str, known)) & set(map(str, names)):
        hint = " One table has numbers and the other text: make both the same type."
    elif {str(f).strip().casefold() for f in known} & {str(f).strip().casefold() for f in names}:
        hint = " They differ in case or blanks only."
    raise InputError(
        f"no factor of the {column} table ({_some(known)}) is rated by anyone "
        f"({_some(names)}): write the factors the same way in both tables.{hint}"
    )


def _some(names: Sequence[Any]) -> str:
    shown = ", ".join(checks.plain(name) for name in names[:6])
    return shown + (", …" if len(names) > 6 else "")
