"""Notebook 24: errors of differences, sets of ranks, break-evens, and how many to ask."""

from __future__ import annotations

from collections.abc import Mapping

from churnlab.learn.exercise import Exercise

SURENESS: Mapping[str, Exercise] = {
    "24.1": Exercise(
        "Three customers have pressures (points of 100) of price 5, 20, 35 and of coverage 8, 27, "
        "37. What is the standard error of the mean difference (points)?",
        (7 / 3) ** 0.5,
        "The differences are 3, 7 and 2: mean 4, variance (1 + 9 + 4)/2 = 7, and √(7/3) = 1.5275. "
        "Or 225 + 217 − 2 · 217.5 = 7.",
        (
            "Take the difference of each customer first.",
            "The differences are 3, 7 and 2; their variance is 7.",
        ),
        (
            (
                (442 / 3) ** 0.5,
                "You added the variances, 225 and 217, and left out the covariance.",
            ),
            ((877 / 3) ** 0.5, "Twice the covariance is to be taken off, not added."),
            (7**0.5, "That is the standard deviation: divide the variance by 3 customers."),
            (7 / 3, "That is the variance of the mean: take its root."),
            ((14 / 9) ** 0.5, "The variance of a sample divides by n − 1, here by 2."),
            (4 / (7 / 3) ** 0.5, "That is t, the mean difference over its standard error."),
            (
                4.303 * (7 / 3) ** 0.5,
                "That is half the width of the 95 % limits: one standard error only, please.",
            ),
        ),
        tolerance=1e-3,
    ),
    "24.2": Exercise(
        "Of six factors, two are surely above customer service and one is surely below it. Which "
        "is its set of ranks, as [least, greatest]?",
        [3, 5],
        "Two surely above leave the third place at best, 1 + 2. One surely below leaves the fifth "
        "at worst, 6 − 1.",
        (
            "With two surely above it, which is the best place it can have?",
            "1 + the number surely above, and 6 − the number surely below.",
        ),
        (
            ([2, 5], "Two are above it, so it cannot be second itself: 1 + 2."),
            ([3, 6], "One is surely below it, so it cannot be last."),
            ([2, 1], "Those are the counts: which places do they leave?"),
            ([2, 4], "You looked from the other end: two are above it and one is below."),
            ([5, 3], "The least rank first, please."),
            ([3, 3], "Third is the best of its places: three factors are neither above nor below."),
        ),
    ),
    "24.3": Exercise(
        "generate_ratings(400, seed=7, waves=1), with its weights: how many of the six factors may "
        "be among the first three by pressure?",
        5,
        "cl.cci.rank(…, weight='weight', top=3): best is true for all but image. Three places, and "
        "five factors that may fill them.",
        (
            "Which argument says how many places best is about?",
            "cl.cci.rank(…, weight='weight', top=3), and count best.",
        ),
        (
            (4, "That is without the weights: businesses are asked four times as densely."),
            (3, "As many are ranked first, second and third; others may be among them as well."),
            (2, "So many are among the first three for sure. The question is who may be."),
            (1, "That is top=1: which factors may be first?"),
            (12, "You counted three rankings; the question is about pressure alone."),
            (6, "Image is surely below: look at its rank_low."),
        ),
    ),
    "24.4": Exercise(
        "Variant A: to which rating would satisfaction with coverage have to rise for new "
        "technology to draw level by pressure?",
        22 / 7,
        "7/23 · (10 − S)/9 = 16/69, so 10 − S = 48/7 and S = 22/7 = 3.143.",
        (
            "stability has the answer: criterion pressure, the factor that is first.",
            "Solve 7/23 · (10 − S)/9 = 16/69 for S.",
        ),
        (
            (48 / 7, "That is how many points are still lacking: 10 − S."),
            (19 / 3, "That is for importance: it would have to fall from 8 so far."),
            (54 / 7, "That is by fixable: look at pressure."),
            (2, "That is the satisfaction with new technology. Do the two matter alike?"),
            (1, "That is what it is today."),
            (15 / 7, "That is by how much. To which rating, please?"),
        ),
        tolerance=1e-3,
    ),
    "24.5": Exercise(
        "Among 200 customers the standard error of a difference is 0.6 points, and a t beyond 2.9 "
        "counts as sure. How many do you need (to the nearest customer) to find a true difference "
        "of one point in 80 of 100 surveys, for which it takes 0.84 standard errors more?",
        200 * (3.74 * 0.6) ** 2,
        "One point has to be 3.74 standard errors, so the error has to fall from 0.6 to 0.267: by "
        "2.244, which takes 2.244² as many customers. 200 · 5.036 = 1,007.",
        (
            "How small must the standard error be, and what does n do to it?",
            "The point has to be 2.9 + 0.84 standard errors, and n goes with the square.",
        ),
        (
            (
                200 * (2.9 * 0.6) ** 2,
                "With so many, a true difference of one point is found in only half of the surveys.",
            ),
            (200 * (2.8 * 0.6) ** 2, "1.96 is for a single pair: here 15 are compared at once."),
            (200 * 3.74 * 0.6, "The error falls with the root of n: square the ratio."),
            (200 * 3.74**2, "You took the standard error for 1 point, and it is 0.6."),
            (200 * (2.06 * 0.6) ** 2, "The 0.84 come on top of the 2.9."),
            (1 / (3.74 * 0.6) ** 2 * 200, "A smaller error takes more customers, not fewer."),
        ),
        tolerance=1.0,
    ),
}
