"""Notebook 23: means of products, open cells, ranks, weights and shrinkage."""

from __future__ import annotations

from collections.abc import Mapping

from churnlab.learn.exercise import Exercise

POPULATIONS: Mapping[str, Exercise] = {
    "23.1": Exercise(
        "Three customers give coverage the importance shares 3/4, 1/2 and 1/4; their deficits are "
        "0, 1/3 and 2/3, in the same order. What is the covariance of share and deficit?",
        -1 / 18,
        "Mean pressure (0 + 1/6 + 1/6)/3 = 1/9, less the product of the means, 1/2 · 1/3 = 1/6: "
        "1/9 − 1/6 = −1/18. Those who care are content, so the two means alone say too much.",
        (
            "The mean of w·d, less the product of the two means.",
            "The pressures are 0, 1/6 and 1/6; the means 1/2 and 1/3.",
        ),
        (
            (1 / 18, "The sign: who cares more lacks less here, so the covariance is below zero."),
            (1 / 9, "That is the mean pressure: take the product of the means off."),
            (1 / 6, "That is the product of the means: take it off the mean pressure."),
            (-1 / 6, "You added up and did not divide by the three customers."),
            (-1 / 12, "You divided by n − 1. In the identity it is the plain mean, by n."),
        ),
        tolerance=1e-4,
    ),
    "23.2": Exercise(
        "In the table three let Bo's satisfaction with coverage be 10 (the price stays open). "
        "What is the Customer Churn Index of the three with missing='impute' (points of 100)?",
        1900 / 36,
        "Bo's price gets the mean of 1 and 4, a deficit of 5/6; half of it is 5/12. With Ann's 2/3 "
        "and Cai's 1/2: (2/3 + 1/2 + 5/12)/3 = 19/36, or 52.78 points.",
        (
            "Change a copy of three and ask cl.cci.index(…, missing='impute').",
            "Ann 2/3, Cai 1/2, and Bo half of the deficit 5/6 of a price of 2.5.",
        ),
        (
            (
                700 / 18,
                "Bo's price counts as excellent here: that is the top mark, or renormalise.",
            ),
            (700 / 12, "That leaves Bo out: missing='complete'."),
            (2300 / 36, "That is Bo's old 4 for coverage: did you pass the changed copy on?"),
            (500 / 12, "That is Bo alone: take the mean of the three."),
            (19 / 36, "That is a share. In points of 100, please."),
        ),
        tolerance=1e-2,
    ),
    "23.3": Exercise(
        "A customer ranks four factors. What importance share does the second place get as a "
        "rank-order centroid (a share)?",
        13 / 48,
        "A quarter of 1/2 + 1/3 + 1/4 = 13/12: 13/48 = 0.2708.",
        (
            "Add 1/i from the place to the number of factors, and divide by that number.",
            "(1/2 + 1/3 + 1/4)/4.",
        ),
        (
            (25 / 48, "That is the first place: for the second begin at 1/2."),
            (7 / 48, "That is the third place: for the second begin at 1/2."),
            (5 / 18, "That is the second of three: there are four factors."),
            (13 / 12, "Divide by the four factors, so that the shares add up to 1."),
            (3 / 10, "Those are weights 4, 3, 2, 1 over their sum: another way to read ranks."),
            (6 / 25, "Those are weights 1, 1/2, 1/3, 1/4 over their sum: add them up from below."),
        ),
        tolerance=1e-4,
    ),
    "23.4": Exercise(
        "Of 300 customers asked, 100 have the survey weight 4 and 200 the weight 1/2. How many "
        "customers with equal weights would tell as much (Kish; one decimal)?",
        5000 / 33,
        "Σω = 400 + 100 = 500 and Σω² = 1,600 + 50 = 1,650: 250,000/1,650 = 151.5, half of those "
        "who were asked.",
        (
            "The square of the sum of weights, over the sum of their squares.",
            "The sums are 500 and 1,650.",
        ),
        (
            (300, "That is how many were asked."),
            (500, "That is the sum of the weights: how many customers they stand for."),
            (1650 / 500, "That is Σω²/Σω: square the sum, and put it on top."),
            (1650 / 250_000, "You divided the wrong way round."),
            (90_000 / 1650, "You squared the number of customers: square the sum of weights."),
        ),
        tolerance=0.02,
    ),
    "23.5": Exercise(
        "Three towns have the raw pressures 0.12, 0.18 and 0.30, each with the error variance "
        "0.0021. To which value is the first one shrunk (a share)?",
        0.14,
        "Mean 0.20; variance of the three means (0.0064 + 0.0004 + 0.01)/2 = 0.0084; B = 0.0021/"
        "0.0084 = 1/4. A quarter of the way from 0.12 to 0.20 is 0.14.",
        (
            "B is the error variance over the variance of the three means, with divisor 2.",
            "B = 0.0021/0.0084: a quarter of the way from 0.12 to the mean.",
        ),
        (
            (0.12, "That is the raw value: how far does it give way to the mean?"),
            (0.20, "That is the mean of the three: only a part of the way, B, is gone."),
            (0.18, "You changed B and 1 − B round: it goes a quarter of the way only."),
            (0.15, "You divided the squares by 3: the variance of three means takes n − 1."),
            (
                0.136,
                "You took 0.0084 for the true variance. It is what is seen: the error variance "
                "is in it already.",
            ),
        ),
        tolerance=1e-4,
    ),
}
