"""The questions of notebook 31, what a lost customer costs, and of notebook 91, the casebook."""

from __future__ import annotations

from collections.abc import Mapping

from churnlab.learn.exercise import Choice, Exercise

_COSTS: Mapping[str, Exercise] = {
    "31.1": Exercise(
        "A sports club of 8,000 members loses 12 % of them in a year. Each paid 600 yuan a year, "
        "and a quarter of that was profit. How much profit did the club lose in this year (yuan)?",
        144_000,
        "8,000 × 0.12 = 960 members × 600 yuan × 0.25 = 144,000 yuan.",
        ("How many left, what did they pay, and how much of that was profit?",),
        (
            (576_000, "That is the lost revenue: the club also saves what it spent on them."),
            (960, "That is how many left. In yuan, please."),
            (1_056_000, "That is the profit with those who stayed."),
            (1_200_000, "That is the profit with all members, before anyone left."),
        ),
        tolerance=0.5,
    ),
    "31.2": Exercise(
        "Such a member brings 150 yuan of profit a year. Each year 80 % stay, and the discount "
        "rate is 10 %. What is the member worth, with the first year's profit now (yuan)?",
        550,
        "150 × (1 + 0.10) / (1 + 0.10 − 0.80) = 150 × 1.1 / 0.3 = 550 yuan.",
        (
            "churn_cost with retention= and discount= gives it: which timing?",
            "m · (1 + d) / (1 + d − r).",
        ),
        (
            (400, "That is with the first profit in a year: 150 × 0.8 / 0.3, timing end."),
            (500, "150 / 0.3: you forgot the factor 1 + d above the line, here 1.1."),
            (750, "You did not discount: 150 / 0.2."),
            (600, "No discount, and the first profit in a year: neither was asked."),
            (2_200, "That is the revenue of a lifetime, 600 a year; 150 of it are profit."),
            (150, "That is the first year alone."),
        ),
        tolerance=0.5,
    ),
    "31.3": Exercise(
        "A consultant promises 50 % more lifetime value from five points of retention. The "
        "discount rate is 5 %, the first year's profit comes now. At which churn rate is that true "
        "(a share)?",
        0.10,
        "churn = 0.05 + 0.05 / 0.50 − 0.05 = 0.10: from 10 % to 5 %, with discounting.",
        (
            "implied_churn reads a promise backwards.",
            "points + points / lift − discount.",
        ),
        (
            (0.15, "That is without discounting."),
            (0.05, "That is the churn rate afterwards: add the five points again."),
            (0.90, "That is the retention rate there: 1 − churn."),
            (10.0, "As a share, please: 10 % is 0.10."),
        ),
        tolerance=1e-4,
    ),
    "31.4": Exercise(
        "In a bad week 100 customers leave. Each tells 25 others, 3 % of whom leave because of "
        "it and tell others in turn. How many are lost in all, the first 100 included?",
        400,
        "Reproduction 25 × 0.03 = 0.75; 100 / (1 − 0.75) = 400.",
        (
            "How many losses does one loss cause?",
            "The rounds add up: 100 × (1 + R + R² + …).",
        ),
        (
            (175, "That is one round: those who heard it tell others in turn."),
            (300, "These are those who followed; the first 100 are lost as well."),
            (75, "That is the second round alone."),
            (2_500, "That is how many hear it at first, not how many leave."),
        ),
        tolerance=0.5,
    ),
    "31.5": Exercise(
        "A dealer orders once a month and quite regularly (Erlang-4 gaps), and nothing has "
        "changed. You look on a random date: with what probability was the last order more than "
        "two months ago (a share)?",
        0.0149,
        "silence(2, rate=1, regularity=4): 0.0149. By pure chance it would be 0.135.",
        (
            "silence has an argument for how regular a customer is.",
            "rate=1 per month, duration 2, regularity=4, and the basis of dates.",
        ),
        (
            (0.1353, "That is for orders by pure chance, exp(−2); this dealer is regular."),
            (0.0424, "That is the share of gaps so long (basis='gap'); you look on a date."),
            (0.9851, "That is the probability that the last order is more recent."),
            (0.5, "One month in two is no probability: the gaps are Erlang-4."),
        ),
        tolerance=2e-4,
    ),
    "31.6": Exercise(
        "6 of 20 lost customers were won back, and 9 of 90 prospects won. What is the lower 95 % "
        "limit of the risk ratio, the share won of the lost over that of the prospects?",
        1.1948,
        "winback.odds(6, 20, prospects_won=9, prospects_tried=90), risk_ratio, conf_low: 1.1948. "
        "The estimate is 3.",
        (
            "winback.odds: which row compares the shares, and which column is the lower limit?",
            "The row risk_ratio, the column conf_low.",
        ),
        (
            (3.0, "That is the estimate: 30 % over 10 %. How low could it be?"),
            (27 / 7, "That is the odds ratio: 6 to 14 over 9 to 81."),
            (0.9564, "That is the lower limit of the odds ratio."),
            (0.1189, "That is the lower limit of the share of lost customers won back."),
            (7.0525, "That is the upper limit."),
        ),
        tolerance=1e-3,
    ),
}

_CASEBOOK: Mapping[str, Exercise] = {
    "91.1": Exercise(
        "How many rows of article 000 have the status 'disagrees' (a number)?",
        2,
        "reproduce(), article 000, status disagrees: the profit of 25 to 85 %, and the 5 people.",
        ("Keep the rows of article 000 in reproduce() and count by status.",),
        (
            (22, "These agree."),
            (18, "These are quoted: nothing to compute."),
            (10, "That is in all five articles."),
            (42, "These are all rows of article 000 that state something."),
        ),
    ),
    "91.2": Exercise(
        "The workshop of article 004 prints 4.5 months between two visits. How many visits a year "
        "would that be (visits per year)?",
        8 / 3,
        "12 / 4.5 = 2.67, row cadence-rate-from-4p5 of the extensions; the article prints 2.5.",
        ("Look among the extensions for the theme cadence, or divide.",),
        (
            (2.5, "That is what the article prints beside it, and the two do not fit."),
            (4.8, "That is the months between visits at 2.5 visits a year."),
            (0.375, "You divided the wrong way round: a year has 12 months."),
            (54, "12 × 4.5 is no number of visits: divide."),
        ),
        tolerance=5e-3,
    ),
    "91.3": Choice(
        "Which of these sentences may be quoted as what the articles say?",
        "adf",
        "The 12.8 million, the 95 % and the 15 instead of 16.5 % are printed. The others follow "
        "from printed figures, are ours, and stand in extensions().",
        ("table() holds what is printed, extensions() what is ours.",),
        (
            ("b", "5 % who complain are printed; the 20 behind one complaint are our division."),
            ("c", "The six months are printed; the chance of them is our model of visits."),
            ("e", "1 in 4 and 1 in 16 are printed; their ratio is ours."),
        ),
        options=(
            "In an example, a carrier loses 12.8 million dollars of profit with 5 % of its customers.",
            "Behind each complaint stand 20 dissatisfied customers.",
            "Of unchanged customers 28.65 % are silent for six months.",
            "It is said, without a source, that 95 % of dissatisfied customers do not complain.",
            "A lost customer is four times as easily won as a prospect.",
            "The churn rate is 15 % and not 16.5 %, since new deals do not count.",
        ),
    ),
}

MONEY: Mapping[str, Exercise] = {**_COSTS, **_CASEBOOK}
