"""The questions of the course, by notebook: ``exercise("01.2")`` is the second of notebook 01."""

from __future__ import annotations

from collections.abc import Mapping

from churnlab.checks import InputError
from churnlab.learn.cohorts import COHORTS
from churnlab.learn.concepts import CONCEPTS
from churnlab.learn.curves import CURVES
from churnlab.learn.exercise import Exercise
from churnlab.learn.methods import METHODS
from churnlab.learn.money import MONEY
from churnlab.learn.populations import POPULATIONS
from churnlab.learn.ratings import RATINGS
from churnlab.learn.reasons import REASONS
from churnlab.learn.renewals import RENEWALS
from churnlab.learn.revenue import REVENUE
from churnlab.learn.sureness import SURENESS

QUESTIONS: Mapping[str, Exercise] = {
    # ------------------------------------------------------------------ 00 start here
    "00.1": Exercise(
        "CDNOW, with 180 days of silence: which share of the customers was never seen again "
        "within 180 days of the first purchase day (a share)?",
        0.6258,
        "They are the churns at duration 0: 1 − estimate in the first row of the curve, 0.626.",
        (
            "Look at the first row of the Kaplan–Meier frame: duration 0.",
            "1 − estimate at duration 0, or n_event / n_risk there.",
        ),
        (
            (0.3742, "That is the share still there. The question asks for those who left."),
            (0.9253, "That is every churn that was seen, at any duration: look at duration 0."),
            (14751, "That is how many. As a share of all 23,570, please."),
        ),
        tolerance=1e-3,
    ),
    "00.2": Exercise(
        "Of the customers who first bought in February 1997, which share bought again in March "
        "1997 (a share)?",
        0.1548,
        "In the triangle: cohort 1997-02-01, age 1, retention 0.1548: 1,312 of 8,476.",
        ("March is one period after February: which age is that?",),
        (
            (0.1475, "That is the January cohort at age 1: read the February row."),
            (0.1424, "That is the March cohort at age 1: read the February row."),
            (1312, "That is how many. As a share of the cohort, please."),
            (1.0, "Age 0 is February itself: everyone of the cohort bought in it."),
        ),
        tolerance=1e-3,
    ),
    "00.3": Exercise(
        "How many times did the ledger meet a CDNOW customer who came back after being counted as "
        "churned, with 180 days of silence?",
        5193,
        "The ledger of to_spells, unit spells, rule later_spell: 5,193. Lost is not for ever.",
        (
            "A return after a long silence begins a new spell. What does the ledger call it?",
            "Look for the rule later_spell.",
        ),
        (
            (23570, "That is the number of customers whose first spell is used."),
            (28763, "That is the number of all spells; the first spells are not returns."),
            (255, "Those are identical rows: two equal purchases of one day, and both are used."),
            (11504, "That is with 90 days of silence; the notebook uses 180."),
        ),
    ),
    "00.4": Exercise(
        "Take 90 days of silence instead of 180. Which share of the customers is now counted as "
        "churned on the day of the first purchase, at duration 0 (a share)?",
        0.7087,
        "to_spells with inactivity=90, then 1 − estimate at duration 0: 0.709 instead of 0.626.",
        ("Only one argument of to_spells changes.", "inactivity=90, then the first row again."),
        (
            (0.2913, "That is the share still there: the question asks for those who left."),
            (0.6258, "That is still the answer for 180 days."),
            (0.7505, "That is the answer for 60 days."),
        ),
        tolerance=1e-3,
    ),
    # ------------------------------------------------------------------ 01 churn rate
    "01.1": Exercise(
        "1,000 customers open the quarter and 150 of them leave; 300 come, 15 of whom leave too. "
        "What is the churn rate of the quarter by the opening cohort (a share)?",
        0.15,
        "150 / 1000 = 0.15: only those who were there at the opening can be lost from it.",
        ("Which customers could have left at the start of the quarter?",),
        (
            (0.165, "You counted the 15 newcomers who left: they were not among the 1,000."),
            (165 / 1300, "The 300 newcomers are in your denominator: that is the pooled rate."),
            (165 / 1067.5, "That divides by the average of opening and closing."),
            (-0.135, "That is the net change: 1,000 became 1,135, and the losses cannot be seen."),
            (0.85, "That is the retention rate: 1 − churn."),
            (15.0, "As a share, please: 15 % is 0.15."),
        ),
        tolerance=1e-4,
    ),
    "01.2": Exercise(
        "A shop opens the quarter with 400 customers and closes it with 380, of whom 30 are new. "
        "No newcomer left. What is the churn rate by the opening cohort (a share)?",
        0.125,
        "380 − 30 = 350 of the 400 are left, so 50 / 400 = 0.125 were lost.",
        (
            "How many of the 380 were already there at the opening?",
            "400 − 350 = 50 were lost.",
        ),
        (
            (0.05, "That is the net change: the 30 newcomers hide 30 of the losses."),
            (50 / 430, "The newcomers are in your denominator: that is the pooled rate."),
            (50 / 390, "That divides by the average of opening and closing."),
            (30 / 400, "That is what came, not what left."),
            (50, "That is how many. As a share of the opening customers, please."),
        ),
        tolerance=1e-4,
    ),
    "01.3": Exercise(
        "In the table of six customers let Chen's contract end on 2026-07-01. What is the churn "
        "rate of the second quarter by the opening cohort now (a share)?",
        0.5,
        "An end on 1 July means that 30 June was Chen's last day: lost in the second quarter, "
        "2 of 4.",
        (
            "Contracts are half-open, [start, end): on which day was Chen a customer last?",
            "The end belongs to the period that closes on it.",
        ),
        (
            (0.25, "You put the end of 1 July into the third quarter; the last day was 30 June."),
            (0.75, "Emma came and left within the quarter: she is not in the opening cohort."),
            (2 / 6, "The newcomers are in your denominator: only four opened the quarter."),
        ),
        tolerance=1e-4,
    ),
    "01.4": Exercise(
        "20 of 400 customers were lost. What is the lower 95 % Wilson limit of the churn rate "
        "(a share)?",
        0.0326,
        "churn_rate_from_counts(400, 20), column conf_low of the opening cohort: 0.0326.",
        ("One call gives it: which column?", "churn_rate_from_counts(400, 20), conf_low."),
        (
            (0.0286, "That is rate − 1.96 standard errors: symmetric, and too low for a share."),
            (0.0760, "That is the upper limit."),
            (0.0308, "That is the exact Poisson limit of the person-time rate."),
            (0.05, "That is the rate itself."),
        ),
        tolerance=2e-4,
    ),
    "01.5": Exercise(
        "300 newcomers arrived in the quarter and 15 of them left; together they were customers "
        "for 146.25 quarters. What is their churn rate per whole quarter by person-time (a share)?",
        0.0975,
        "15 / 146.25 = 0.1026 departures per quarter; 1 − exp(−0.1026) = 0.0975.",
        (
            "Departures divided by exposure give a rate per quarter …",
            "… and 1 − exp(−rate) turns it into a share.",
        ),
        (
            (0.05, "15 / 300 takes a whole quarter for each, but on average they had half of one."),
            (15 / 146.25, "That is the rate per quarter; as a share it is 1 − exp(−rate)."),
            (0.1428, "That is old and new customers together."),
        ),
        tolerance=2e-4,
    ),
    "01.6": Exercise(
        "generate_subscriptions(10_000, seed=7, as_of='2025-01-01'): what is the churn rate by the "
        "opening cohort in the quarter that began on 2024-04-01 (a share)?",
        0.1239,
        "churn_rate(…, period='quarter'), the row of 2024-04-01: 547 / 4,415 = 0.1239.",
        (
            "churn_rate with period='quarter' and the same as_of.",
            "The row whose period_start is 2024-04-01, column rate.",
        ),
        (
            (0.1418, "That is method='naive': newcomers lost are in it, and not in the base."),
            (0.1107, "That is method='pooled': the newcomers are in the base."),
            (0.1326, "That is method='average'."),
            (547, "That is how many were lost. As a share of the opening, please."),
        ),
        tolerance=2e-4,
    ),
    # ------------------------------------------------------------------ 11 survival curves
    **CURVES,
    # ------------------------------------------------------------------ 02 cohort retention
    **COHORTS,
    # ------------------------------------------------------------------ 03 projecting retention
    **RENEWALS,
    # ------------------------------------------------------------------ 04 revenue retention
    **REVENUE,
    # ------------------------------------------------------------------ 12 why they leave
    **REASONS,
    # ------------------------------------------------------------------ 21 the Customer Churn Index
    **RATINGS,
    # ------------------------------------------------------------------ 22 one table, ten methods
    **METHODS,
    # ------------------------------------------------------------------ 23 from one to a million
    **POPULATIONS,
    # ------------------------------------------------------------------ 24 how sure is the ranking
    **SURENESS,
    # ------------------------------------------------------------------ 36 concept review
    **CONCEPTS,
    # ------------------------------------------------------------------ 31 costs, 91 casebook
    **MONEY,
}


def exercise(name: str) -> Exercise:
    """The question of that number, such as "01.2" for the second of notebook 01.

    Raises
    ------
    InputError
        If there is none of that number.
    """
    if name not in QUESTIONS:
        last = {each.split(".")[0]: each for each in QUESTIONS}
        known = ", ".join(f"{lesson}.1 to {name}" for lesson, name in last.items())
        raise InputError(f"there is no exercise {name!r}: there are {known}.")
    return QUESTIONS[name]
