"""Customer retention, counted right: cohorts, survival curves, churn rates.

Every estimate is made in three steps: count where the data lives, estimate on a small frame,
draw from column names. ``import churnlab as cl`` is quick and changes nothing; each room is
imported when it is first named (``cl.survival.kaplan_meier``).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_ROOMS = (
    "casebook",
    "cci",
    "cohorts",
    "compare",
    "datasets",
    "engine",
    "explorer",
    "forecast",
    "intervals",
    "learn",
    "periods",
    "plot",
    "purchases",
    "rates",
    "reasons",
    "renewals",
    "report",
    "revenue",
    "spells",
    "surveys",
    "survival",
    "value",
    "winback",
)
_NAMES = {
    "EngineError": "checks",
    "File": "engine",
    "InputError": "checks",
    "Table": "checks",
    "ledger": "checks",
    "vocabulary": "checks",
    "limits": "engine",
    "Period": "periods",
}

__all__ = ["__version__", *sorted(_NAMES), *_ROOMS]

if TYPE_CHECKING:
    from churnlab import (
        casebook as casebook,
        cci as cci,
        cohorts as cohorts,
        compare as compare,
        datasets as datasets,
        engine as engine,
        explorer as explorer,
        forecast as forecast,
        intervals as intervals,
        learn as learn,
        periods as periods,
        plot as plot,
        purchases as purchases,
        rates as rates,
        reasons as reasons,
        renewals as renewals,
        report as report,
        revenue as revenue,
        spells as spells,
        surveys as surveys,
        survival as survival,
        value as value,
        winback as winback,
    )
    from churnlab.checks import (
        EngineError as EngineError,
        InputError as InputError,
        Table as Table,
        ledger as ledger,
        vocabulary as vocabulary,
    )
    from churnlab.engine import File as File, limits as limits
    from churnlab.periods import Period as Period


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"churnlab.{name}")
    if name in _NAMES:
        return getattr(importlib.import_module(f"churnlab.{_NAMES[name]}"), name)
    raise AttributeError(f"module 'churnlab' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
