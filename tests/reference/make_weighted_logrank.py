"""Frozen weighted log-rank tests of lifelines 0.30.3, and its waltons data.

python tests/reference/make_weighted_logrank.py
"""

from __future__ import annotations

import csv
from pathlib import Path

import lifelines
import numpy as np
import pandas as pd
from lifelines.datasets import load_waltons
from lifelines.statistics import multivariate_logrank_test

FOLDER = Path(__file__).parent
# Name in lifelines, and the two powers of Fleming and Harrington's weights.
TESTS = [
    (None, "", ""),
    ("wilcoxon", "", ""),
    ("tarone-ware", "", ""),
    ("peto", "", ""),
    ("fleming-harrington", 1, 0),
    ("fleming-harrington", 0, 1),
    ("fleming-harrington", 1, 1),
    ("fleming-harrington", 0.5, 0.5),
]


def answerable(duration: np.ndarray, event: np.ndarray, group: np.ndarray, late: bool) -> bool:
    """No group may be out of every comparison: the variance would be singular.

    Weights that grow with 1 - S are 0 up to the first event, which then compares nobody.
    """
    times = np.unique(duration[event == 1])[1 if late else 0 :]
    names = np.unique(group)
    variance = np.zeros((len(names), len(names)))
    for time in times:
        at_risk = np.array([np.sum((duration >= time) & (group == name)) for name in names])
        n, d = at_risk.sum(), np.sum((duration == time) & (event == 1))
        if n > 1:
            share = at_risk / n
            variance += d * (n - d) / (n - 1) * (np.diag(share) - np.outer(share, share))
    return bool(np.linalg.matrix_rank(variance) == len(names) - 1)


def tests(duration: np.ndarray, event: np.ndarray, group: np.ndarray) -> list[dict[str, object]]:
    # Its Fleming-Harrington weights cannot bear a duration of 0; ranks do not mind a shift.
    duration = duration + 1 if duration.min() == 0 else duration
    rows = []
    for weighting, p, q in TESTS:
        if not answerable(duration, event, group, late=q not in ("", 0)):
            continue
        powers = {} if p == "" else {"p": p, "q": q}
        got = multivariate_logrank_test(duration, group, event, weightings=weighting, **powers)
        rows.append({
            "weighting": weighting or "logrank", "p": p, "q": q,
            "statistic": f"{got.test_statistic:.17g}", "df": got.degrees_of_freedom,
            "p_value": f"{got.p_value:.17g}",
        })  # fmt: skip
    return rows


def write(name: str, rows: list[dict[str, object]]) -> None:
    with (FOLDER / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def random_sets() -> list[dict[str, object]]:
    spells = pd.read_csv(FOLDER / "random_spells.csv", float_precision="round_trip")
    rows = []
    for number, d in spells.groupby("set"):
        if d["entry"].notna().any() or d["customer"].notna().any():
            continue
        weight = d["weight"].fillna(1)
        if (weight % 1 != 0).any():
            continue
        d = d.loc[d.index.repeat(weight.astype(int))]  # a whole weight is a count
        columns = (d[c].to_numpy() for c in ("duration", "event", "plan"))
        rows += [{"set": number, **row} for row in tests(*columns)]
    return rows


def named() -> list[dict[str, object]]:
    leukaemia = pd.read_csv(FOLDER / "leukaemia.csv")
    lung = pd.read_csv(FOLDER / "lung.csv")
    data = {
        "leukaemia": (leukaemia["weeks"], leukaemia["event"], leukaemia["treatment"]),
        "lung": (lung["time"], lung["status"] - 1, lung["sex"]),
    }
    return [
        {"data": name, **row}
        for name, columns in data.items()
        for row in tests(*(c.to_numpy() for c in columns))
    ]


def waltons() -> list[dict[str, object]]:
    columns = load_waltons()[["T", "E", "group"]].itertuples(index=False)
    return [{"time": f"{t:g}", "event": e, "group": g} for t, e, g in columns]


if __name__ == "__main__":
    assert lifelines.__version__ == "0.30.3"
    write("waltons", waltons())
    write("random_weighted_logrank", random_sets())
    write("named_weighted_logrank", named())
