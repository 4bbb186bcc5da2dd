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
            (0.0, "You dropped the running customers: then all that remain have left by 5."),
            (0.4, "You called the running customers survived: one was last seen at month 3."),
            (11 / 15, "That is 1 − S(5), the share lost; S is the share still there."),
            (0.2, "You counted the customer last seen at 3 as lost then."),
            (1 / 3, "That is the last factor alone: multiply with what was left after 2."),
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
        "average within the first 20 weeks?",
        7.688,
        "compare.restricted_mean(…, by='treatment', until=20, reference='placebo'): "
        "16.12 − 8.43 = 7.69 weeks.",
        (
            "A mean stay needs a horizon: the restricted mean of either group, until 20.",
            "compare.restricted_mean takes the difference, with its limits.",
        ),
        (
            (-7.688, "That is the placebo against 6-MP: turn the reference round."),
            (14.62, "That is within 35 weeks: another horizon is another question."),
            (15, "That is the difference of the medians."),
            (8.429, "That is the difference of the plain means, as if the running had relapsed."),
            (3.444, "That is the difference between those who relapsed: the others were dropped."),
            (1.912, "That is the ratio of the means; the difference is asked for."),
            (16.117, "That is the mean under 6-MP alone."),
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
        "In telco_churn a churn of 'Yes' means: left within the last month, and earlier leavers "
        "are not in the table. So everyone was watched for one month only, from tenure − 1 to "
        "tenure (leave out tenure 0). Which share of newcomers is left after 3 months?",
        0.0973,
        "entry = tenure − 1, then kaplan_meier(…, duration='tenure', event='churn', "
        "event_value='Yes'): 233/613 × 115/238 × 106/200 = 0.097. Without the entry 91 % would "
        "be left, from months in which no loss could have been seen. The operator is fictional, "
        "and neither number is anyone's churn.",
        (
            "In which month could the loss of a customer with tenure 30 have been seen?",
            "Add a column entry = tenure − 1; the curve's row of duration 3.",
        ),
        (
            (0.9137, "That is without the entries: months in which no loss could be seen."),
            (0.9027, "That is 1 − S, the share lost."),
            (0.7346, "That is the share of the table that stayed, whatever the tenure."),
            (0.53, "That is month 3 alone: multiply with what was left after 1 and 2."),
        ),
        tolerance=2e-4,
    ),
}
