"""The Customer Churn Index with sliders: move a rating, and see what becomes of the verdicts.

What the sliders show can be had without them, for a page that cannot move::

    matrix = cl.explorer.ranked_matrix(changes={("new_technology", "satisfaction"): 2})
    cl.plot.cci_map(matrix)
    cl.plot.cci_bars(matrix)
"""

from churnlab.explorer.opening import cci
from churnlab.explorer.ratings import ranked_matrix

__all__ = ["cci", "ranked_matrix"]
