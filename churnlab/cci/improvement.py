"""Improvability: what the firm's own people say of each factor, in a table of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from churnlab import checks, engine
from churnlab.cci.ratings import Scale
from churnlab.checks import EngineError, InputError

_FORM = (
    "Give improvability= a table with the columns 'factor' and 'improvability' (and 'owner' for "
    "cci.owners), a dict {factor: rating}, or the name of its column in the ratings."
)


def table(given: Any, factor: str, scale: Scale, owners: bool) -> pd.DataFrame:
    """One row per factor: ``factor, improvability`` (a share, the mean over raters), ``owner``."""
    if isinstance(given, Mapping | pd.Series):
        given = pd.DataFrame(
            {factor: list(dict(given)), "improvability": list(dict(given).values())}
        )
    if isinstance(given, int | float | list | tuple | set):
        raise InputError(f"improvability={given!r} is no table. {_FORM}")
    wanted: dict[str, tuple[str | None, str]] = {
        "factor": (factor, "id"), "improvability": ("improvability", "number"),
    }  # fmt: skip
    if owners:
        wanted["owner"] = ("owner", "label")
    try:
        frame = engine.scan(given, wanted)
    except (InputError, EngineError) as error:
        said = str(error).replace(checks.OWN_NAMES, "").rstrip()
        raise InputError(f"the improvability table: {said} {_FORM}") from error
    rows = engine.fetch(frame, list(frame.roles)).dropna(subset="factor")
    if frame.schema["factor"] == nw.String:
        rows = rows[rows["factor"].str.strip() != ""]
    if rows.empty:
        raise InputError(f"the improvability table has no rows with a factor. {_FORM}")
    return _means(rows.assign(improvability=rows["improvability"].astype("float64")), scale)


def _means(rows: pd.DataFrame, scale: Scale) -> pd.DataFrame:
    low, high = scale
    off = rows[~rows["improvability"].between(low, high) & rows["improvability"].notna()]
    if len(off):
        raise checks.reject(
            f"of the improvability table holds ratings outside the scale from {low:g} to {high:g}",
            column="improvability", n=len(off), example=float(off["improvability"].iloc[0]),
            remedy="Say its scale with improvability_scale=(lowest, highest); shares are (0, 1).",
        )  # fmt: skip
    mean = rows.groupby("factor", sort=True)["improvability"].mean()
    found = pd.DataFrame({"improvability": (mean - low) / (high - low)})
    if "owner" in rows:
        found["owner"] = _owners(rows)
    return found.reset_index()


def _owners(rows: pd.DataFrame) -> pd.Series[Any]:
    named = rows.dropna(subset="owner").drop_duplicates(["factor", "owner"])
    twice = named.loc[named["factor"].duplicated(), "factor"]
    if len(twice):
        raise InputError(
            f"factor {checks.plain(twice.iloc[0])} has more than one owner in the improvability "
            "table: a factor belongs to one, so that the owners' sums add up."
        )
    return named.set_index("factor")["owner"]


def refuse_strangers(ease: pd.DataFrame, rated: Iterable[Any]) -> None:
    """Two tables without a factor in common were not meant for each other."""
    names = sorted(rated, key=str)
    if set(ease["factor"]) & set(names):
        return
    known = list(ease["factor"])
    hint = ""
    if set(map(str, known)) & set(map(str, names)):
        hint = " One table has numbers and the other text: make both the same type."
    elif {str(f).strip().casefold() for f in known} & {str(f).strip().casefold() for f in names}:
        hint = " They differ in case or blanks only."
    raise InputError(
        f"no factor of the improvability table ({_some(known)}) is rated by anyone "
        f"({_some(names)}): write the factors the same way in both tables.{hint}"
    )


def _some(names: Sequence[Any]) -> str:
    shown = ", ".join(checks.plain(name) for name in names[:6])
    return shown + (", …" if len(names) > 6 else "")
