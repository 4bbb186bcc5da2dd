"""Notebook 21: one customer's matrix, what-ifs about it, and the index of a survey."""

from __future__ import annotations

from collections.abc import Mapping

from churnlab.learn.exercise import Exercise

RATINGS: Mapping[str, Exercise] = {
    "21.1": Exercise(
        "A low-end customer rates (satisfaction, importance): price 4, 9; new technology 3, 1; "
        "coverage 6, 6; all on 1 to 10. What is the pressure of price (a share)?",
        16 / 39,
        "Points of importance above the floor: 8, 0 and 5, so w = 8/13. d = 1 − 3/9 = 6/9. "
        "w·d = 16/39 = 0.4103.",
        (
            "Importance share times deficit: what is each of them for price?",
            "Points above the floor are 8, 0 and 5; the deficit is 6 of 9.",
        ),
        (
            (9 / 16 * 6 / 9, "You shared out the raw ratings 9, 1, 6: take 1 off each first."),
            (8 / 13 * 0.6, "The deficit is not 1 − 4/10: nine steps, 6 of them missing."),
            (8 / 13 * 3 / 9, "You took the satisfaction, 3/9, for the deficit."),
            (8 / 13, "That is the importance share alone: how much is lacking?"),
            (6 / 9, "That is the deficit alone: how much does price matter?"),
            (1600 / 39, "That is in points. As a share, please."),
        ),
        tolerance=1e-4,
    ),
    "21.2": Exercise(
        "In Table 2 let the satisfaction with customer service be 4 instead of 10. What is the "
        "Customer Churn Index (points of 100)?",
        900 / 23,
        "Service adds 3/23 · 6/9 = 2/23 to the 7/23 of coverage: 900/23 = 39.1304.",
        ("Change a copy of table_2 and ask cl.cci.index.", "7/23 of coverage and 2/23 of service."),
        (
            (700 / 23, "That is Table 2 unchanged. Did you change the copy that you passed on?"),
            (200 / 23, "That is what service adds: coverage still presses too."),
            (9 / 23, "That is a share. In points of 100, please."),
            (
                1000 / 23,
                "You forgot the deficit of service: at 4, six ninths of its 3/23 press. All of "
                "it would press at the floor, 1.",
            ),
            (5800 / 207, "That is the fixable part; the index is fixable and stuck together."),
        ),
        tolerance=1e-3,
    ),
    "21.3": Exercise(
        "Variant A says 3 for the improvability of new technology. Up to which improvability (a "
        "whole number) would it still be the factor with the most stuck pressure?",
        6,
        "Coverage has 7/69 = 0.1014 stuck. New technology has 6/23 · 8/9 · (10 − M)/9: 0.1031 at "
        "M = 6, and 0.0773 at M = 7. The opinion may be wrong by three steps.",
        (
            "Only the stuck part of new technology moves: try the ratings one after another.",
            "Compare 6/23 · 8/9 · (10 − M)/9 with 7/69.",
        ),
        (
            (7, "There coverage has overtaken it: 0.0773 against 0.1014."),
            (3, "That is variant A itself: how far can the rating rise?"),
            (
                5,
                "That is where the verdict 'danger' ends: which factor is most stuck is another "
                "question.",
            ),
            (8, "Up to there coverage has the most that is fixable: look at stuck."),
            (9, "Up to there something is stuck, but less than in coverage."),
        ),
    ),
    "21.4": Exercise(
        "In Table 2 let the customer care for price with 10 instead of 3 (and be as content with "
        "it as before). What is the Customer Churn Index (points of 100)?",
        70 / 3,
        "Price now has 9 of 30 points of importance, coverage still 7: 700/30 = 23.33. What is "
        "fine takes a larger share of the cake.",
        (
            "How many points of importance are there now in all?",
            "Coverage has 7 of them, and it alone presses.",
        ),
        (
            (700 / 23, "That is Table 2 unchanged: the shares have to add up to 1 again."),
            (1600 / 30, "You let price press as well, but nothing is lacking there."),
            (700 / 31, "You took all 10 for the points of price: one of them is the floor."),
            (700 / 32, "You left the old 2 points of price in, beside the new 9."),
            (7 / 30, "That is a share. In points of 100, please."),
        ),
        tolerance=1e-2,
    ),
    "21.5": Exercise(
        "Ann rates (satisfaction, importance) A 1, 10 and B 10, 10; Bo rates A 10, 10 and B 2, "
        "10. Pressures: A 1/4, B 2/9. Now both also rate C: Ann 10, 10; Bo 10, 1. What is the "
        "pressure of A (a share, the mean of the two customers)?",
        1 / 6,
        "Ann now shares among three: (1/3 + 0)/2 = 1/6. Bo's shares are as before, so B keeps "
        "2/9 and takes the lead, although nobody changed an answer about A or B.",
        (
            "Whose importance shares change when C comes in?",
            "Ann's share of A is 1/3 now; then the mean of the two customers.",
        ),
        (
            (1 / 4, "That is without C: Ann cares for C as well, so her shares change."),
            (1 / 3, "That is Ann alone: take the mean over both customers."),
            (2 / 9, "That is B, which is now on top."),
            (1 / 5, "You averaged the ratings first: customers come before means."),
        ),
        tolerance=1e-4,
    ),
    "21.6": Exercise(
        "generate_ratings(5_000, seed=7), with its weights: by how many points did the index fall "
        "from wave 1 to wave 2 among the customers who are in both?",
        8.6249,
        "Keep the customers of wave 2, then index(…, by='wave', weight='weight'): 31.096 − 22.471 "
        "= 8.625 (8.6249 before rounding).",
        (
            "First drop the customers who are not in wave 2.",
            "cl.cci.index(…, by='wave', weight='weight'), and subtract.",
        ),
        (
            (11.0945, "That is with those who had left in between, and they were the unhappiest."),
            (10.026, "That is without the weights: businesses are asked four times as densely."),
            (12.4596, "That is everybody, and without the weights."),
            (-8.6249, "It fell: the fall is wave 1 less wave 2."),
        ),
        tolerance=2e-3,
    ),
}
