"""Notebook 22: the same ratings under the methods of the field."""

from __future__ import annotations

from collections.abc import Mapping

from churnlab.learn.exercise import Choice, Exercise

METHODS: Mapping[str, Exercise] = {
    "22.1": Exercise(
        "Billing is rated satisfaction 9, importance 4, improvability 10, on 1 to 10. What is its "
        "mean of shares for act, (d + i + m)/3 (a share)?",
        13 / 27,
        "1, 3 and 9 steps of nine: 13/27 = 0.4815. In Table 2 that is the second place, for a "
        "factor with one step of complaint, and in variant A the third, because it is easy.",
        (
            "How many of the nine steps are lacking, matter, and can be mended?",
            "1 + 3 + 9 steps, of 27.",
        ),
        (
            (20 / 27, "You took the satisfaction, 8/9, for the deficit: 1/9 is lacking."),
            (16 / 30, "Nine steps, not ten points: take 1 off the importance and improvability."),
            (4 / 27, "That is for danger: for act a factor that is easy to mend counts as high."),
            (27 / 729, "That is the product of the three shares, 1 · 3 · 9 / 729."),
            (13 / 9, "That is the sum of the shares: divide by the three columns."),
            (23 / 3, "That is the mean of the raw ratings: turn each into a share first."),
        ),
        tolerance=1e-4,
    ),
    "22.2": Exercise(
        "Of 200 customers 150 give the importance of coverage one of the two top marks, and 60 "
        "give their satisfaction with it one of the two top marks. What is the opportunity score, "
        "with both shares put on a scale from 0 to 10?",
        12.0,
        "Importance 10 · 150/200 = 7.5, satisfaction 10 · 60/200 = 3. 7.5 + (7.5 − 3) = 12.",
        (
            "Put both shares on 0 to 10 first: 150 of 200 is 7.5.",
            "Importance, plus the gap where it is positive.",
        ),
        (
            (4.5, "That is the gap alone: the score adds it to the importance."),
            (7.5, "That is the importance alone: what about the gap?"),
            (3.0, "You changed importance and satisfaction round: then there is no gap to add."),
            (10.5, "You added the satisfaction: it is the gap that is added."),
            (120.0, "That is in per cent. On the scale from 0 to 10, please."),
        ),
        tolerance=1e-6,
    ),
    "22.3": Exercise(
        "In variant A, how many of the 720 orders share the fewest disagreements with the three "
        "columns for act?",
        5,
        "Five orders with 6 disagreements each. All of them begin with coverage and new "
        "technology; the columns leave the rest open.",
        (
            "The two cells on Kemeny, with column A in place of Table 2.",
            "Count the costs that equal the smallest one.",
        ),
        (
            (9, "That is Table 2: take the ballots from column A."),
            (6, "That is how many disagreements they have. How many orders have so few?"),
            (720, "That is how many orders there are."),
            (1, "One of them is what a program prints. How many are as good?"),
        ),
    ),
    "22.4": Exercise(
        "Variant A, the weighted mean of d, i and 1 − m (danger). Let d and i have the same weight "
        "and 1 − m the weight c; all three add up to 1. Above which c does new technology lead "
        "coverage (a share)?",
        0.2,
        "New technology is behind by 1/9 in d and in i, and ahead by 4/9 in 1 − m. It leads when "
        "4/9 · c > 1/9 · (1 − c), that is above c = 1/5.",
        (
            "By how much is new technology behind or ahead of coverage in each column?",
            "Behind by 1/9 on the weight 1 − c, ahead by 4/9 on the weight c.",
        ),
        (
            (0.25, "That is c over the other weights together, 1/4: of all three it is less."),
            (0.8, "That is the weight of d and i together, 1 − c."),
            (1 / 3, "With equal weights it leads already: how far down may c go?"),
            (1 / 9, "You took one of the columns d and i: coverage is ahead in both."),
        ),
        tolerance=1e-4,
    ),
    "22.5": Choice(
        "The form runs from 0 to 9 instead of 1 to 10: every answer is one lower, and so is the "
        "dissatisfaction, which was 11 − S with the old answers and is 9 − S with the new ones. "
        "Which of these rank the factors as before, whatever the answers?",
        "acd",
        "Gap, min–max and places rank as before when the same number is subtracted from a whole "
        "column. A raw product need not, nor need entropy weights, which divide by its sum.",
        ("Which results stay the same when the same number is subtracted from a whole column?",),
        (
            ("b", "A product changes: 90 against 8 became 0 against 1."),
            ("e", "The parts of a column's sum change when every rating is one lower."),
        ),
        options=(
            "The gap between importance and satisfaction.",
            "The raw product for act.",
            "TOPSIS with min–max and equal weights.",
            "The Borda count.",
            "TOPSIS with min–max and entropy weights.",
        ),
    ),
}
