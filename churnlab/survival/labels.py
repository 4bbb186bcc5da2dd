"""What the labels of cells mean: whether the churn was seen, groups, strata and reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from churnlab import checks
from churnlab.checks import InputError

if TYPE_CHECKING:
    import numpy.typing as npt

    from churnlab.engine import Frame

UNKNOWN = "unknown"  # the reason of a churn whose reason is missing, as the taxonomy has it


class Names(NamedTuple):
    by: Sequence[str]
    strata: Sequence[str]
    event_value: Any
    levels: Mapping[str, Sequence[str]]  # of labels whose order the table itself states, as text


def stated_orders(data: Any, columns: Mapping[str, str]) -> dict[str, list[str]]:
    """The order of the values of pandas' ordered categories, such as pd.cut makes, by label."""
    table = data.frame if isinstance(data, checks.Table) else data
    found: dict[str, list[str]] = {}
    if isinstance(table, pd.DataFrame):
        dtypes = {label: table.dtypes.get(name) for label, name in columns.items()}
        for label, dtype in dtypes.items():
            if isinstance(dtype, pd.CategoricalDtype) and dtype.ordered:
                found[label] = [str(value) for value in dtype.categories]
    return found


def _rank(labels: pd.DataFrame, levels: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Labels as what they are sorted by: the place in a stated order, or themselves."""
    ranked = {}
    for label in labels:
        place = {value: i for i, value in enumerate(levels.get(str(label), ()))}
        ranked[label] = labels[label].map(lambda v, p=place: p.get(str(v), np.nan) if p else v)
    return pd.DataFrame(ranked, index=labels.index) if levels else labels


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

    flags = checks.event_flags(combos["event"], frame.column("event"), names.event_value)
    columns: dict[str, Any] = {"event": of_cells(flags)}
    groups, number = _numbered(combos, names.by, names.levels)
    if names.by:
        columns["group"] = of_cells(number)
    strata, number = _numbered(combos, names.strata, {})
    if names.strata:
        columns["stratum"] = of_cells(number)
    reasons: tuple[str, ...] = ()
    noted: dict[str, int] = {}
    if "reason" in combos:
        reasons, number = _reasons(combos["reason"], flags, frame)
        columns["reason"] = of_cells(number)
        named = combos["reason"].notna().to_numpy(dtype=bool)
        n_spells = np.bincount(combo, cells["n"], used.size)[used]
        unknown = number == len(reasons) - 1 if reasons[-1] == UNKNOWN else np.zeros_like(flags)
        noted = {
            "reason_unknown": int(n_spells[flags & unknown].sum()),
            "reason_of_running": int(n_spells[~flags & named].sum()),
        }
    kept = {c: cells[c] for c in cells.columns if c != "combo"}  # not drop: pandas would copy
    return pd.DataFrame(kept | columns, copy=False), groups, strata, reasons, noted


def _numbered(
    combos: pd.DataFrame, keys: Sequence[str], levels: Mapping[str, Sequence[str]]
) -> tuple[pd.DataFrame, npt.NDArray[np.intp]]:
    """The distinct values of keys in order, missing last, and which of them each row has."""
    if not keys:
        return combos[[]].iloc[:1], np.zeros(len(combos), dtype=np.intp)
    keys = list(keys)
    if len(keys) == 1 and not levels:
        return _numbered_alone(combos[keys[0]])
    distinct = combos[keys].drop_duplicates(ignore_index=True)
    order = _rank(distinct, levels).sort_values(keys, na_position="last", kind="stable").index
    ordered = distinct.loc[order].reset_index(drop=True)
    first = combos.groupby(keys, dropna=False, sort=False).ngroup().to_numpy()
    again = pd.concat([distinct, ordered])
    place = again.groupby(keys, dropna=False, sort=False).ngroup().to_numpy()[len(ordered) :]
    return ordered, np.argsort(place)[first]


def _numbered_alone(column: pd.Series[Any]) -> tuple[pd.DataFrame, npt.NDArray[np.intp]]:
    """The same for one column, as curves of few customers spend their time here."""
    codes, distinct = pd.factorize(column, sort=True)
    codes = np.where(codes < 0, len(distinct), codes)
    first = np.unique(codes, return_index=True)[1]
    return column.to_frame().iloc[first].reset_index(drop=True), codes


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
    """A reason as text: 1 and 1.0 are the same code, and "Unknown " is no reason known."""
    if isinstance(value, str) and value.strip().casefold() == UNKNOWN:
        return UNKNOWN
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _natural(word: str) -> tuple[int, float, str]:
    """Codes in the order of numbers, words in that of letters."""
    return (0, float(word), word) if word.isdecimal() else (1, 0.0, word)
