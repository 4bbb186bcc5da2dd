"""Frozen score limits of a ratio of two shares, by statsmodels: writes winback_koopman.csv here.

pip install statsmodels==0.15.0; cd tests/reference && python make_koopman.py
"""

import csv

from statsmodels.stats.proportion import confint_proportions_2indep

TABLES = [(1, 4, 1, 16), (25, 100, 25, 400), (3, 17, 9, 21), (12, 240, 31, 180), (60, 90, 2, 50)]

with open("winback_koopman.csv", "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["won", "tried", "prospects_won", "prospects_tried", "level", "low", "high"])
    for counts in TABLES:
        for level in (0.90, 0.95):
            low, high = confint_proportions_2indep(
                *counts, compare="ratio", method="score", alpha=1 - level, correction=False
            )
            out.writerow([*counts, level, f"{low:.12g}", f"{high:.12g}"])
