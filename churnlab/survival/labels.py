"""What the labels of cells mean: whether the churn was seen, groups, strata and reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from churnlab import checks, engine
from churnlab.checks import InputError

if TYPE_CHECKING:
    import numpy.typing as npt

    from churnlab.engine import Frame

UNKNOWN = "unknown"  # the reason of a churn whose reason is missing, as the taxonomy has it


class Names(NamedTuple):
    by: Sequence[str]
    strata: Sequence[str]
    event_value: Any


def decode(
    combos: pd.DataFrame, cells: pd.DataFrame, frame: Frame, names: Names
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, tuple[str, ...], dict[str, int]]:
    """Cells with event, group, stratum and reason as numbers; groups, strata, reasons; notes."""
    combo = cells["combo"].to_numpy()
    used = np.bincount(combo, minlength=len(combos)) > 0
    combos = combos[used].reset_index(drop=True)

    def of_cells(per_combo: npt.NDArray[Any]) -> npt.NDArray[Any]:
        table = np.zeros(used.size, dtype=per_combo.dtype)
        table[used] = per_combo
        if table.dtype == bool and combo.dtype == np.uint8 and table.tolist() == [False, True]:
            return np.asarray(combo.view(bool))  # nothing but the event: the number says it
        return np.asarray(table[combo])

    flags = event_flags(combos["event"], frame, names.event_value)
    columns: dict[str, Any] = {"event": of_cells(flags)}
    groups, number = _numbered(combos, names.by)
    if names.by:
        columns["group"] = of_cells(number)
    strata, number = _numbered(combos, names.strata)
    if names.strata:
        columns["stratum"] = of_cells(number)
    reasons: tuple[str, ...] = ()
    noted: dict[str, int] = {}
    if "reason" in combos:
        reasons, number = _reasons(combos["reason"], flags, frame)
        columns["reason"] = of_cells(number)
        named = combos["reason"].notna().to_numpy(dtype=bool)
        n_spells = np.bincount(combo, cells["n"], used.size)[used]
        noted = {
            "reason_unknown": int(n_spells[flags & ~named].sum()),
            "reason_of_running": int(n_spells[~flags & named].sum()),
        }
    kept = {c: cells[c] for c in cells.columns if c != "combo"}  # not drop: pandas would copy
    return pd.DataFrame(kept | columns, copy=False), groups, strata, reasons, noted


def _numbered(
    combos: pd.DataFrame, keys: Sequence[str]
) -> tuple[pd.DataFrame, npt.NDArray[np.intp]]:
    """The distinct values of keys in order, missing last, and which of them each row has."""
    if not keys:
        return combos[[]].iloc[:1], np.zeros(len(combos), dtype=np.intp)
    keys = list(keys)
    ordered = engine.sort_missing_last(combos[keys].drop_duplicates(), keys)
    first = combos.groupby(keys, dropna=False, sort=False).ngroup().to_numpy()
    again = pd.concat([combos[keys].drop_duplicates(), ordered])
    place = again.groupby(keys, dropna=False, sort=False).ngroup().to_numpy()[len(ordered) :]
    return ordered, np.argsort(place)[first]


def _reasons(
    reason: pd.Series[Any], flags: npt.NDArray[np.bool_], frame: Frame
) -> tuple[tuple[str, ...], npt.NDArray[np.intp]]:
    """The reasons of the churns seen, in order, ``unknown`` last; below 0 where none was seen."""
    lacking = reason.isna().to_numpy(dtype=bool)
    words = [UNKNOWN if gone else _word(value) for value, gone in zip(reason, lacking, strict=True)]
    seen = {word for word, churned in zip(words, flags, strict=True) if churned}
    if not seen:
        raise InputError(
            f"no churn was seen, so column {frame.column('reason')!r} has nothing to explain."
        )
    for word in seen:
        if near := checks.look_alikes(word, seen):
            raise InputError(
                f"column {frame.column('reason')!r} holds {word!r} and also {near[0]!r}: make them "
                "one, e.g. df[column].str.strip().str.lower()."
            )
    order = sorted(seen - {UNKNOWN}, key=_natural) + [UNKNOWN] * (UNKNOWN in seen)
    number = {word: i for i, word in enumerate(order)}
    codes = [number[w] if churned else -1 for w, churned in zip(words, flags, strict=True)]
    return tuple(order), np.array(codes, dtype=np.intp)


def _word(value: Any) -> str:
    """A reason as text: 1 and 1.0 are the same code."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _natural(word: str) -> tuple[int, float, str]:
    """Codes in the order of numbers, words in that of letters."""
    return (0, float(word), word) if word.isdecimal() else (1, 0.0, word)


_WORDS = {"0": False, "1": True, "false": False, "true": True}


def event_flags(event: pd.Series[Any], frame: Frame, event_value: Any) -> npt.NDArray[np.bool_]:
    """True where the churn was seen; codes other than 0/1 and True/False need ``event_value``."""
    name = frame.column("event")
    values = list(pd.unique(event))
    texts = all(isinstance(v, str) for v in values)
    shown = ", ".join(checks.plain(v) for v in values[:6]) + (", …" if len(values) > 6 else "")
    if event_value is not None:
        _refuse_spellings(values, event_value, name)
        # the columns of a text file are text: 2 is written "2" there
        wanted = str(event_value) if texts else event_value
        flags = (event == wanted).to_numpy(dtype=bool)
        if not flags.any():
            raise InputError(
                f"event_value={event_value!r} does not occur in column {name!r}, which holds {shown}."
            )
        return np.asarray(flags)
    if texts and all(v.lower() in _WORDS for v in values):
        return np.asarray(event.str.lower().map(_WORDS).to_numpy(dtype=bool))
    if not all(isinstance(v, bool | np.bool_) or v in (0, 1) for v in values):
        hint = "Say which of them means churn: event_value=…"
        slip = (
            "These look like durations or dates, not events: name the column that says whether "
            "the churn was seen."
        )
        raise InputError(
            f"column {name!r} must be 0/1 or True/False but holds {shown}. "
            f"{hint if len(values) <= 6 else slip}"
        )
    return np.asarray(event.astype(bool).to_numpy())


def _refuse_spellings(values: Sequence[Any], event_value: Any, name: str) -> None:
    """Values that are the event's but for case or blanks would pass for customers still there."""
    near = checks.look_alikes(str(event_value), [v for v in values if isinstance(v, str)])
    if near and event_value in values:
        raise InputError(
            f"column {name!r} holds {event_value!r} and also {near[0]!r}: make them one, e.g. "
            "df[column].str.strip().str.lower()."
        )
