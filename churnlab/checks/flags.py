"""The column that says whether a churn was seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from churnlab.checks.messages import InputError, look_alikes, plain

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

_WORDS = {"0": False, "1": True, "false": False, "true": True}


def event_flags(event: pd.Series[Any], name: str, event_value: Any) -> npt.NDArray[np.bool_]:
    """True where the churn was seen; codes other than 0/1 and True/False need ``event_value``."""
    import numpy as np
    import pandas as pd

    values = list(pd.unique(event))
    texts = all(isinstance(v, str) for v in values)
    shown = ", ".join(plain(v) for v in values[:6]) + (", …" if len(values) > 6 else "")
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
    near = look_alikes(str(event_value), [v for v in values if isinstance(v, str)])
    if near and event_value in values:
        raise InputError(
            f"column {name!r} holds {event_value!r} and also {near[0]!r}: make them one, e.g. "
            "df[column].str.strip().str.lower()."
        )
