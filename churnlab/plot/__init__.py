"""Figures drawn from the columns of an estimate: a frame in, Axes out, nothing global changed."""

from churnlab.plot.breakeven import breakeven
from churnlab.plot.curves import survival
from churnlab.plot.incidence import incidence
from churnlab.plot.index import cci_bars, cci_map
from churnlab.plot.look import style
from churnlab.plot.outlook import forecast
from churnlab.plot.over_time import activity, churn_rate
from churnlab.plot.picture import picture
from churnlab.plot.ranks import ranks
from churnlab.plot.silences import silence
from churnlab.plot.triangle import retention
from churnlab.plot.waves import waves

__all__ = [
    "activity",
    "breakeven",
    "cci_bars",
    "cci_map",
    "churn_rate",
    "forecast",
    "incidence",
    "picture",
    "ranks",
    "retention",
    "silence",
    "style",
    "survival",
    "waves",
]
