"""The questions of notebook 12, why customers leave."""

from __future__ import annotations

from collections.abc import Mapping

from churnlab.learn.exercise import Choice, Exercise

REASONS: Mapping[str, Exercise] = {
    "12.1": Exercise(
        "Six customers: the first left for the price after 1 month, the second moved away after "
        "2, the third is still here after 3, the fourth left for the price after 4, the fifth for "
        "the price after 5, the sixth is still here after 6. Which share is lost for the price by "
        "month 5, by Aalen–Johansen (a share)?",
        11 / 18,
        "1 × 1/6 + 4/6 × 1/3 + 4/9 × 1/2 = 11/18 = 0.611.",
        (
            "For each who left for the price: the share still there just before, times 1 / at risk.",
            "Before month 4, 4/6 are still there and 3 are at risk; before month 5, 4/9 and 2.",
        ),
        (
            (0.7222, "That is 1 − Kaplan–Meier: the one who moved away can leave no more."),
            (0.7778, "That is everyone who left, the one who moved away too."),
            (0.1667, "That is the share lost for moving away."),
            (0.75, "That is a share of those who left. All customers are asked for."),
            (0.5, "Three of six: the third was not watched for longer than 3 months."),
            (0.7333, "You left out the one who moved away, who was a customer until then."),
        ),
        tolerance=2e-4,
    ),
    "12.2": Exercise(
        "Poor service has a constant hazard of 0.20 a year (alone it would let a share e^(−0.20) "
        "stay each year), moving away one of 0.05. Which share of the customers is lost to "
        "service within three years (a share)?",
        0.4221,
        "0.20 / 0.25 × (1 − e^(−0.25 × 3)) = 0.8 × 0.5276 = 0.422.",
        (
            "How many are lost at all, and how do they divide between the two reasons?",
            "1 − e^(−0.25 × 3) are lost, and 0.20 / 0.25 of them to service.",
        ),
        (
            (0.4512, "That is 1 − e^(−0.20 × 3), as if nobody moved away."),
            (0.5276, "That is everyone who left."),
            (0.1055, "That is the share lost to moving away."),
            (0.6, "Three years of .20: the base shrinks while they pass."),
            (0.4625, "Who stays a year is e^(−0.25), not 1 − 0.25: a hazard acts all the time."),
        ),
        tolerance=2e-4,
    ),
    "12.3": Exercise(
        "The same two reasons, and they act independently. If service drove nobody out, by how "
        "much would churn within three years fall (as a share: 0.01 is one point)?",
        0.3883,
        "(1 − e^(−0.75)) − (1 − e^(−0.15)) = 0.5276 − 0.1393 = 0.388, less than the 0.422 lost to "
        "service.",
        (
            "Who is kept can still move away: what is churn with moving alone?",
            "1 − e^(−0.25 × 3) with both, 1 − e^(−0.05 × 3) with moving alone.",
        ),
        (
            (0.4221, "That is how many are lost to service; some of them would move away."),
            (0.1393, "That is the churn that remains. By how much does it fall?"),
            (0.4512, "That is churn if service were the only reason."),
            (0.4355, "Who stays a year is e^(−0.25), not 1 − 0.25: a hazard acts all the time."),
            (0.1055, "That is the share lost to moving away."),
        ),
        tolerance=2e-4,
    ),
    "12.4": Exercise(
        "Ten lost customers answered with these codes of the interview in article 004 (scheme "
        "'lost_customer_call'): 1, 3, 3, 4, 2, 6, 5, 1, 4, 3. Which share left for a reason that "
        "the taxonomy calls controllable for certain (a share)?",
        0.7,
        "Codes 4 (distance) and 6 (other) are open, the other seven controllable: 7 of 10.",
        (
            "crosswalk gives the reason of each code, taxonomy says whether it is controllable.",
            "Missing is not yes: distance and other are open.",
        ),
        (
            (0.9, "That is voluntary: did they choose to go? Asked is what a firm can help."),
            (1.0, "You dropped those for whom the words do not decide it. They left too."),
            (7, "That is how many. As a share of the ten, please."),
            (0.3, "That is the share for which it is open."),
        ),
        tolerance=1e-3,
    ),
    "12.5": Exercise(
        "Make contracts with generate_leavers(10_000, seed=7, as_of='2025-01-01'), and spells of "
        "them as of that date. At most which share of all customers was lost to high_price within "
        "365 days, if all the unknown had left for it (a share)?",
        0.0783,
        "reason_bounds, high_price, last row at or before day 365, estimate_high: 0.0783.",
        (
            "Carry the reason along: subscriptions_to_spells(…, keep='reason').",
            "reason_bounds, the last row of high_price at or before day 365, estimate_high.",
        ),
        (
            (0.0532, "That is the lower end: none of the unknown left for the price."),
            (0.0593, "You spread the unknown like those who answered. Here all of them count."),
            (0.0549, "You dropped the unknown. They have left all the same."),
            (0.0847, "That is the upper limit of the upper end: chance comes on top."),
            (0.0251, "That is the share of the unknown alone: add those known to leave for it."),
            (0.2452, "That is everyone who left, for whatever reason."),
        ),
        tolerance=2e-4,
    ),
    "12.6": Choice(
        "Of those on the new tariff fewer were lost to competitors than of those on the old one "
        "(Gray's test, p = 0.001). A log-rank test with all other reasons censored finds no "
        "difference for competitors (p = 0.6). What follows?",
        "ad",
        "Shares differ and the pace does not show a difference: another reason was quicker on the "
        "new tariff, which is the next thing to look at.",
        (
            "Gray asks how many were lost for it; log-rank how strongly it acts on who is there.",
            "Who is lost sooner for another reason can no longer be lost to competitors.",
        ),
        (
            ("b", "Their pace is what the log-rank test compares, and it found no difference."),
            ("c", "They ask different questions, and both answers can be right."),
            ("e", "Nothing was said of all reasons together; total churn may well be higher."),
        ),
        options=(
            "A smaller share of customers was lost to competitors on the new tariff.",
            "Competitors court customers of the new tariff less.",
            "One of the two tests must be wrong.",
            "Customers on the new tariff may have left sooner for other reasons.",
            "The new tariff keeps more customers.",
        ),
    ),
}
