"""The questions of notebook 03, how many will still be there in five years."""

from __future__ import annotations

from collections.abc import Mapping

from churnlab.learn.exercise import Choice, Exercise

RENEWALS: Mapping[str, Exercise] = {
    "03.1": Exercise(
        "A cohort follows the shifted beta-geometric model with α = 1 and β = 3. Which share of "
        "it is still there after two renewals (a share)?",
        0.6,
        "r(1) = 3/4 and r(2) = 4/5, so S(2) = 3/4 × 4/5 = 0.6.",
        (
            "How many of four voices say 'stays' at first, and of how many after one renewal?",
            "r(t) = (β + t − 1) / (α + β + t − 1); multiply r(1) and r(2).",
        ),
        (
            (0.5625, "You took the same retention rate twice; the first renewal has sorted."),
            (0.4, "That is the share lost: 1 − S."),
            (0.8, "That is the second retention rate: of those still there after the first."),
            (0.5, "That is with β = 2, as in the text."),
        ),
        tolerance=1e-4,
    ),
    "03.2": Exercise(
        "Fit the shifted beta-geometric model to years 0 to 7 of the Regular cohort. Of 1,000 of "
        "its customers who are there in year 7, how many does it expect in year 12?",
        711.2,
        "project(12) of the fit: 1,000 × S(12) / S(7) = 1,000 × 0.1700 / 0.2390 = 711.",
        (
            "Those of year 7 have already been sorted: divide by the share that reached it.",
            "1,000 × S(12) / S(7), from the column estimate of project(12).",
        ),
        (
            (170.0, "That is of 1,000 who begin; these have reached year 7."),
            (773.2, "That is for the High End cohort."),
            (717.8, "That is what happened, 17.3 / 24.1; the question asks for the projection."),
            (96.7, "You took the churn rate of those who begin, 37.3 %, five times."),
            (626.5, "You repeated the retention rate of year 7, but it goes on rising."),
        ),
        tolerance=0.5,
    ),
    "03.3": Exercise(
        "A High End customer (the fit of the notebook) has just paid for the fourth renewal. Each "
        "renewal brings 20 dollars of profit, the discount rate is 15 %. What is the customer "
        "worth, today's payment counted too (dollars)?",
        111.57,
        "derl(4, discount=0.15), with_current: 5.578 renewals × 20 = 111.57 dollars.",
        (
            "derl gives three conventions: which one counts the current payment?",
            "derl(4, discount=0.15), row with_current, times 20.",
        ),
        (
            (105.30, "That is next_now: just before the next renewal, without today's payment."),
            (91.57, "That is next_discounted: today's payment is missing."),
            (145.40, "That is at a discount rate of 10 %."),
            (118.77, "That is after seven renewals."),
            (93.80, "That is a customer who has not renewed yet."),
            (5.578, "That is in renewals. In dollars, please."),
        ),
        tolerance=0.05,
    ),
    "03.4": Exercise(
        "Fit the four staggered cohorts of case 2. Which retention rate does the model expect at "
        "the fifth renewal (a share)?",
        0.9846,
        "project(5) of the fit, column retention at age 5: 0.9846.",
        (
            "project has a column for it: which one, and at which age?",
            "project(5), column retention, last row.",
        ),
        (
            (0.8348, "That is case 1."),
            (0.7124, "That is S(5): the share of all who began. Of those still there, please."),
            (0.98, "That is the fourth renewal."),
            (0.8, "That is the first renewal; since then the cohort has been sorted."),
            (0.0154, "That is the churn rate: 1 − retention."),
        ),
        tolerance=1e-3,
    ),
    "03.5": Choice(
        "A report says: 'At the first renewal 63 % of this cohort stayed, at the twelfth 95 % of "
        "those left.' What follows?",
        "acf",
        "Sorting alone makes the rate rise: those left leave less often than those who began, a "
        "newcomer does not, and what a programme did cannot be seen.",
        ("Which of these would also be true if no customer ever changed?",),
        (
            ("b", "Not needed: the rate rises even if every customer keeps the same chance."),
            ("d", "Newcomers have not been sorted: they begin where this cohort began."),
            ("e", "Without any programme the rate would have risen too."),
        ),
        options=(
            "Those still there leave less easily, on average, than those who began.",
            "Customers become more loyal with the years.",
            "Projected with the churn rate of the first year, those still there seem to leave too fast.",
            "Of next year's new customers 95 % will renew.",
            "The programme for faithful customers works.",
            "A mean retention rate over cohorts of all ages depends on how old they are.",
        ),
    ),
}
