"""``churnlab casebook``: what the articles state, beside what is computed from the same inputs."""

from __future__ import annotations

from argparse import Namespace

import churnlab as cl
from churnlab.commands.files import save_csv, target
from churnlab.commands.printing import table, terminal_width

_ODD = "at odds with itself"
# Computed, and printed otherwise: the articles contradict themselves or are cut off there.
_AT_ODDS = frozenset(
    {
        "cadence-interval",
        "profit-uplift-5pct-churn-cut",
        "profit-uplift-5pct-retention",
        "staff-eight-safeguards",
        "ten-weapons-fragments",
    }
)


def run(options: Namespace) -> int:
    """Print the table; 1 if a figure does not come out again."""
    path = None if options.csv is None else target(options.csv, [])
    book = cl.casebook.reproduce()
    computed = book[book["computed"].notna()]
    if path is not None:
        save_csv(book, path)
    verdicts = [
        _ODD if known in _AT_ODDS and status == "disagrees" else status
        for known, status in zip(computed["id"], computed["status"], strict=True)
    ]
    rows = zip(computed["id"], computed["stated"], computed["computed"], verdicts, strict=True)
    print(*table(("figure", "stated", "computed", "verdict"), rows, terminal_width()), sep="\n")
    status, n_odds = book["status"].value_counts(), verdicts.count(_ODD)
    print(
        f"\nNot in the table: {status.get('quoted', 0)} statements with nothing to compute, "
        f"{status.get('pending', 0)} not built yet,\nand {status['disagrees'] - n_odds} on which two "
        f"articles disagree. {_ODD.capitalize()}: {n_odds} figures that\ndo not follow from their "
        "article's own inputs, or whose text is cut off."
    )
    n, agreed = len(verdicts) - n_odds, verdicts.count("agrees")
    print(f"worked figures reproduced: {agreed} of {n}")
    return 0 if agreed == n else 1
