"""Figures drawn from the columns of an estimate: a frame in, Axes out, nothing global changed."""

from churnlab.plot.breakeven import breakeven
from churnlab.plot.curves import survival
from churnlab.plot.incidence import incidence
from churnlab.plot.index import cci_bars, cci_map
from churnlab.plot.look import style
from churnlab.plot.ranks import ranks
from churnlab.plot.triangle import retention
from churnlab.plot.waves import waves

__all__ = [
    "breakeven",
    "cci_bars",
    "cci_map",
    "incidence",
    "ranks",
    "retention",
    "style",
    "survival",
    "waves",
]
