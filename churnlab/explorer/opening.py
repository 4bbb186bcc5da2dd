"""Open the explorer where ipywidgets is installed, and say what to install where it is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from churnlab.checks import InputError

if TYPE_CHECKING:
    from churnlab.explorer.board import Board


def cci(table: Any = None, *, names: Mapping[Any, str] | None = None) -> Board:
    """Sliders for every rating of one customer, with map, bars, verdicts and the three rankings.

    The trap: it is one customer's table; of a survey, ratings averaged first can rank the factors
    wrongly, so use ``cci.matrix`` for many customers.

    Parameters
    ----------
    table : DataFrame, optional
        ``factor, satisfaction, importance, improvability`` of one customer, whole ratings from
        1 to 10; Table 2 of the articles if left out.
    names : mapping, optional
        What to write for a factor, for example its name in another language.

    Returns
    -------
    Board
        A widget, to be shown as the last line of a cell in a notebook; ``matrix`` is what it
        shows, and ``changes`` are the ratings that were moved.

    Raises
    ------
    InputError
        If ipywidgets is not installed, or the table is not the ratings of one customer.

    Notes
    -----
    Shows what :func:`ranked_matrix` gives for the ratings set. The figures are those of
    ``plot.cci_map`` and ``plot.cci_bars``, which say the same on a page that cannot move.

    Examples
    --------
    >>> board = cci()
    >>> board.sliders["new_technology", "satisfaction"].value = 2
    >>> board.changes
    {('new_technology', 'satisfaction'): 2}
    """
    try:
        from churnlab.explorer.board import Board
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "ipywidgets":
            raise
        raise InputError(
            "explorer.cci needs ipywidgets, which is not installed: pip install "
            "'churnlab[notebooks]' (or ipywidgets alone), then restart the notebook. Without it, "
            "explorer.ranked_matrix gives the same numbers, and plot.cci_map and plot.cci_bars "
            "draw them."
        ) from error
    return Board(table, names)
