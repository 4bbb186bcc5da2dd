"""Figures drawn from the columns of an estimate: a frame in, Axes out, nothing global changed."""

from churnlab.plot.curves import survival
from churnlab.plot.incidence import incidence
from churnlab.plot.index import cci_bars, cci_map
from churnlab.plot.look import style
from churnlab.plot.triangle import retention

__all__ = ["cci_bars", "cci_map", "incidence", "retention", "style", "survival"]
