"""The questions of notebook 04, recurring revenue and its movements."""

from __future__ import annotations

from collections.abc import Mapping

from churnlab.learn.exercise import Exercise

REVENUE: Mapping[str, Exercise] = {
    "04.1": Exercise(
        "A month opens with a recurring revenue of 50,000. New customers bring 8,000, expansion "
        "4,000 and reactivation 1,000; contraction takes 1,500 and churn 3,500. What is the net "
        "revenue retention (a share)?",
        0.98,
        "(50,000 + 4,000 − 1,500 − 3,500) / 50,000 = 49,000 / 50,000 = 0.98.",
        (
            "Which of the movements belong to customers of the opening?",
            "Expansion, contraction and churned: three of the five.",
        ),
        (
            (1.16, "That is closing over opening: new and reactivated revenue was not there."),
            (1.14, "You counted the new customers: they were not there at the opening."),
            (1.0, "You counted the reactivated customers: they were not there at the opening."),
            (0.90, "That is the gross revenue retention: expansion counts in the net one."),
            (2.6, "That is the quick ratio: won over lost."),
            (0.02, "That is 1 − net retention."),
        ),
        tolerance=1e-4,
    ),
    "04.2": Exercise(
        "200 customers pay 100 a month each. In one month 20 of them leave, 30 change to a "
        "contract of 80 and 10 to one of 150. What is the gross revenue retention (a share)?",
        0.87,
        "(20,000 − 20 × 100 − 30 × 20) / 20,000 = 17,400 / 20,000 = 0.87.",
        (
            "The leak is churned and contraction together; expansion does not count.",
            "20 × 100 has churned, and 30 × 20 is contraction.",
        ),
        (
            (0.895, "That is the net revenue retention, with the 500 of expansion."),
            (0.90, "That is the logo retention: those who pay less are a leak as well."),
            (0.97, "You left out the customers who have gone."),
            (0.13, "That is what leaked: 1 − gross retention."),
            (17_400, "That is money. As a share of the opening, please."),
        ),
        tolerance=1e-4,
    ),
    "04.3": Exercise(
        "In the table of seven contracts let Ada's second contract begin on 2026-03-02 instead of "
        "2026-03-01. What is the churned revenue of February now (per month, with its sign)?",
        -150,
        "No contract of Ada's runs on 1 March, so at that turn she has churned with her 100, "
        "beside Chen's 50; in March she is reactivated. A gap of a day makes a lost customer.",
        (
            "Which contract of Ada's runs at the turn from February to March?",
            "None. So she is churned at that turn, like Chen.",
        ),
        (
            (-50, "That is Chen alone: a day's gap at the turn makes Ada churned too."),
            (-100, "That is Ada alone: Chen left in February as well."),
            (150, "Look at the sign: what is lost is written below zero."),
            (0, "Two customers have nothing running when February turns into March."),
            (-180, "Ada paid 100 before the turn: the 130 is what she comes back with."),
        ),
        tolerance=1e-6,
    ),
    "04.4": Exercise(
        "What is the quick ratio of the seven contracts over the four months from February to "
        "May together (a ratio)?",
        2.0,
        "Won: 60 new + 70 expansion + 50 reactivation = 180. Lost: 40 + 50 = 90. 180 / 90 = 2.",
        (
            "Add the four months first, and divide then.",
            "Won is new, expansion and reactivation; lost is contraction and churned.",
        ),
        (
            (1.025, "That is the mean of the monthly ratios, and steps over two good months."),
            (410 / 90, "You began with January, when everyone was new."),
            (130 / 90, "Reactivation is won as well."),
            (4.5, "Churned revenue is lost as well: you divided by the contraction alone."),
            (3.6, "Contraction is lost as well: you divided by the churned revenue alone."),
            (0.5, "You divided the wrong way round: won over lost."),
        ),
        tolerance=1e-3,
    ),
    "04.5": Exercise(
        "Make 10,000 contracts with generate_subscriptions(10_000, seed=7, as_of='2025-01-01'). "
        "What is the gross revenue retention of June 2024, all plans together (a share)?",
        0.9567,
        "retention(movements(contracts, as_of='2025-01-01')), row 2024-06-01: 0.9567. One contract "
        "each means no expansion, so that net retention is the same.",
        (
            "Two calls: movements and then retention. Which row is June?",
            "period_start 2024-06-01, column gross_retention, without by.",
        ),
        (
            (0.9532, "That is the logo retention: the small plan loses more, and brings less."),
            (0.9413, "That is the plan basic alone."),
            (0.9633, "That is the plan plus alone."),
            (0.0433, "That is the share lost: 1 − gross retention."),
            (1.9443, "That is the quick ratio."),
        ),
        tolerance=1e-4,
    ),
    "04.6": Exercise(
        "A firm began with 1,000 customers; 700 renewed the first time, and 560 of these the "
        "second time. Nobody new comes. How many does the shifted beta-geometric model expect "
        "after the next two renewals (customers)?",
        418.88,
        "Retention 0.7 and 0.8 give α = 0.6 and β = 1.4; next come 3.4 / 4 = 0.85 and 4.4 / 5 = "
        "0.88. 560 × 0.85 × 0.88 = 418.9.",
        (
            "Retention rises with age: after 0.7 and 0.8, what comes next is neither.",
            "β / (α + β) = 0.7 and (β + 1) / (α + β + 1) = 0.8; then the next two of the row.",
        ),
        (
            (476, "That is after one renewal; the question asks for two."),
            (358.4, "You lost a fifth each time: the last churn rate for all, the naive rule."),
            (307.6, "That is the pooled churn: customers left more easily when they were young."),
            (274.4, "You took the retention of the first renewal; who is left has passed two."),
            (588.88, "That is with 100 newcomers per period; here nobody comes."),
            (141.12, "That is how many are lost of the 560."),
        ),
        tolerance=0.05,
    ),
}
