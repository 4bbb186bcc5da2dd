"""``python -m tools.first_figure``: the figure at the head of the README, from the CDNOW purchases."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure
from PIL import Image

import churnlab as cl

FIGURE = Path(__file__).resolve().parent.parent / "docs" / "_static" / "first_page.png"
AS_OF = "1998-06-11"  # in the middle of a month, to show one that is not over
ORDERS = ("1 CD", "2 or 3 CDs", "4 CDs or more")
HALF_A_YEAR = 180
_DPI = 120


def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The triangle of all customers, and a survival curve for each size of the first order."""
    log = cl.datasets.load("cdnow_transactions")
    triangle = cl.cohorts.retention(log, as_of=AS_OF)
    first = log["time"] == log.groupby("customer")["time"].transform("min")
    discs = log[first].groupby("customer")["quantity"].sum()
    size = pd.cut(discs, [0, 1, 3, 99], labels=list(ORDERS)).astype(str)
    log["first order"] = log["customer"].map(size)
    spells = cl.spells.to_spells(log, inactivity=HALF_A_YEAR, as_of=AS_OF, keep="first order")
    return triangle, cl.survival.kaplan_meier(spells, by="first order")


def draw(triangle: pd.DataFrame, curves: pd.DataFrame) -> Figure:
    """The triangle above, the curves beneath."""
    with cl.plot.style():
        figure = Figure(figsize=(9.6, 5.8), layout="constrained", facecolor="white")
        above, beneath = figure.subfigures(2, 1, height_ratios=(2.6, 4.4), hspace=0.03)
        ax = cl.plot.retention(triangle, ax=above.subplots())
        ax.set_title("Who buys again, in % of each month's new customers", pad=24)
        ax.set_xlabel("months since the first purchase")
        ax = cl.plot.survival(curves, ax=beneath.subplots(), xlabel="days since the first purchase")
        ax.set_title("Who is still a customer, by the size of the first order")
        ax.set_ylim(0, 0.5)  # half of them and more are lost on the first day
    return figure


def main(target: Path = FIGURE) -> None:
    """Write the figure; the same data and the same matplotlib give the same bytes."""
    drawn = BytesIO()
    draw(*tables()).savefig(drawn, dpi=_DPI)
    Image.open(drawn).convert("RGB").save(target, optimize=True)


if __name__ == "__main__":
    main()
