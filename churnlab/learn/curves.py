"""The questions of notebook 11, how long customers stay."""

from __future__ import annotations

from collections.abc import Mapping

from churnlab.learn.exercise import Exercise

CURVES: Mapping[str, Exercise] = {
    "11.1": Exercise(
        "Five customers: lost after 2, 5 and 5 months; still customers after 3 and 8 months. "
        "What is the Kaplan–Meier estimate of S(5) (a share)?",
        4 / 15,
        "At 2: 5 at risk, 1 lost, 4/5. At 5: 3 at risk, 2 lost, 1/3. S(5) = 4/5 × 1/3 = 4/15.",
        (
            "Who is still at risk just before month 5?",
            "Three are: one left at 2, and one was last seen at 3. Two of the three are lost.",
        ),
        (
            (0.0, "You dropped the running customers: then everyone has left by 5."),
            (0.4, "You called the running customers survived: one was last seen at month 3."),
            (11 / 15, "That is 1 − S(5), the share lost; S is the share still there."),
            (0.2, "You counted the customer last seen at 3 as lost then."),
            (1 / 3, "That is the last factor alone: multiply with those still here after 2."),
        ),
        tolerance=1e-3,
    ),
    "11.2": Exercise(
        "In six_customers let 31 days of silence end a spell instead of 30 (as_of 2026-05-05). "
        "What is the estimate after 14 days (a share)?",
        0.8 * 2 / 3,
        "The 30-day gap of C6 no longer ends a spell. At 0: 4/5. At 14: 3 at risk, 1 lost. "
        "4/5 × 2/3 = 0.533.",
        ("Whose longest gap is exactly 30 days?", "C6 is now censored, at the new cut, at 36."),
        (
            (0.3, "That is the estimate with 30 days."),
            (0.6, "C6 was silent for 30 days only: with 31 it is no longer lost at day 5."),
            (1 - 0.8 * 2 / 3, "That is 1 − S, the share lost."),
            (0.4, "Who is at risk at 14? C6 is too: seen on after day 5, up to day 36."),
            (2 / 3, "That is day 14 alone: multiply with those still here after day 0."),
        ),
        tolerance=1e-3,
    ),
    "11.3": Exercise(
        "What is the lower 95 % limit of the median time in remission under 6-MP on the scale "
        "that R uses by default, the log scale (weeks)?",
        16,
        "quantiles(…, q=0.5, conf='log'): 16, the first week at which the curve's lower limit on "
        "that scale is 0.5 or less.",
        (
            "quantiles has an argument for the scale of the limits.",
            "conf='log', column conf_low, the row of quantile 0.5.",
        ),
        (
            (13, "That is the log-log limit, churnlab's default."),
            (23, "That is the median itself."),
            (6, "That is the lower limit of the first quartile."),
            (4, "That is the placebo group."),
        ),
    ),
    "11.4": Exercise(
        "By how many weeks longer does remission last under 6-MP than under the placebo, on "
        "average within the first 15 weeks?",
        5.0594,
        "compare.restricted_mean(…, by='treatment', until=15, reference='placebo'): "
        "12.92 − 7.86 = 5.06 weeks.",
        (
            "A mean stay needs a horizon: the restricted mean of either group, until 15.",
            "compare.restricted_mean takes the difference, with its limits.",
        ),
        (
            (-5.0594, "That is the placebo against 6-MP: turn the reference round."),
            (14.62, "That is within 35 weeks: another horizon is another question."),
            (15, "That is the difference of the medians."),
            (8.429, "That is the difference of the plain means, as if the running had relapsed."),
            (3.444, "That is the difference between those who relapsed: the others were dropped."),
            (1.6439, "That is the ratio of the means; the difference is asked for."),
            (12.9165, "That is the mean under 6-MP alone."),
        ),
        tolerance=1e-2,
    ),
    "11.5": Exercise(
        "Plan A: lost after 1, 2 and 4 months. Plan B: lost after 3 months, still customers after "
        "2 and 5. If the plans made no difference, how many losses would be expected in A?",
        1.7333,
        "At 1: 3 of 6 at risk are in A, at 2: 2 of 5, at 3: 1 of 3, at 4: 1 of 2; one is lost "
        "each time. 1/2 + 2/5 + 1/3 + 1/2 = 1.733, and three were seen.",
        (
            "At each loss: which share of those at risk just before it are in A?",
            "Add the four shares. Who was last seen at 2 is still at risk at 2.",
        ),
        (
            (2.2667, "That is what is expected in B."),
            (2.0, "Half of four: but the halves do not stay halves, for A loses sooner."),
            (3, "That is what was seen in A."),
            (1.8333, "Who was last seen at month 2 is still at risk at 2: losses come first."),
            (2.9167, "You dropped the running customers; they are at risk while they are seen."),
        ),
        tolerance=1e-3,
    ),
    "11.6": Exercise(
        "The records begin on 1 January, today is 1 May. Five contracts began since then: lost "
        "after 1 and 3 months, still running after 2, 4 and 4. Four were older: from 2 months on "
        "seen, lost after 4; from 3, lost after 6; from 4, still running after 8; from 5, still "
        "running after 9. What is the Kaplan–Meier estimate of S(6) (a share)?",
        0.3,
        "At 1: 1 of 5 leaves. At 3: 1 of 4 (who entered at 3 is at risk only after it). At 4: 1 "
        "of 4. At 6: 1 of 3. S(6) = 4/5 × 3/4 × 3/4 × 2/3 = 0.3.",
        (
            "Which of the nine could have been seen to leave in the first month?",
            "At risk at 1, 3, 4 and 6 months: 5, 4, 4 and 3. One of them leaves each time.",
        ),
        (
            (0.4233, "That is without the entries: months in which no loss could be seen."),
            (0.5333, "You dropped the late entries; they are at risk once they are seen."),
            (0.5185, "You began the older contracts at 0 on 1 January: they keep their age."),
            (0.3413, "Who enters at 3 or 4 months is at risk only after that, not yet at it."),
            (0.7, "That is 1 − S(6), the share lost by then."),
            (2 / 3, "That is month 6 alone: multiply with those still here before it."),
        ),
        tolerance=2e-4,
    ),
}
