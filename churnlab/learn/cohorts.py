"""The questions of notebook 02, cohorts and what counts as coming back."""

from __future__ import annotations

from collections.abc import Mapping

from churnlab.learn.exercise import Choice, Exercise

COHORTS: Mapping[str, Exercise] = {
    "02.1": Exercise(
        "January brings 40 new customers, February 60, March 100. Of those of January 16 buy in "
        "February and 10 in March, of those of February 12 buy in March. Read as of 1 April: what "
        "is the retention at age 1 over all cohorts, every customer counting alike (a share)?",
        0.28,
        "Age 1 is over for January and February: (16 + 12) / (40 + 60) = 28 / 100 = 0.28.",
        (
            "For which cohorts is the month after their first one over?",
            "January's 16 of 40 and February's 12 of 60; March's age 1 is April.",
        ),
        (
            (0.30, "That is the simple mean of 40 and 20 %: every cohort counts alike."),
            (0.14, "You counted March's customers as lost, but their age 1 is April."),
            (0.20, "You filled March in with a zero: its age 1 is April, not yet observed."),
            (0.22, "You took those active in March: January's customers are of age 2 then."),
            (
                0.11,
                "You took the 22 who came back in March of all 200: two ages mixed, and newcomers.",
            ),
            (28, "That is how many. As a share, please."),
        ),
        tolerance=1e-4,
    ),
    "02.2": Exercise(
        "Somebody signs up on Monday at 17:40 and comes back on Tuesday at 17:10. At which age in "
        "days is that visit on the calendar clock, on the rolling clock, and on the rolling clock "
        "with times rounded down to the hour (a list of three ages)?",
        [1, 0, 1],
        "Calendar: Tuesday follows Monday, age 1. Rolling: 23 hours and 30 minutes, age 0. "
        "Rounded: from 17:00 to 17:00 are 24 hours, age 1.",
        (
            "One clock looks at dates, one at hours gone by, one at hours gone by of rounded times.",
            "How many whole days of 24 hours lie between the visits, before and after rounding?",
        ),
        (
            ([1, 1, 1], "On the rolling clock day 1 begins after 24 hours: on Tuesday at 17:40."),
            ([1, 0, 0], "Round both times down, then take the difference: 17:00 to 17:00."),
            ([0, 0, 1], "On the calendar clock the date alone counts, and the date is another."),
            ([0, 0, 0], "On the calendar clock the date alone counts, and rounding helps too."),
            ([1, 1, 0], "Rolling and rounded are swapped: 23:30 hours, rounded 24."),
            (
                [0, 1, 0],
                "Each the wrong way round: the calendar clock counts midnights, the rolling one "
                "whole days of 24 hours.",
            ),
            ([1, 23.5, 24], "Those are hours. An age in days is how many whole ones have passed."),
        ),
    ),
    "02.3": Exercise(
        "CDNOW on calendar months, as of 1998-07-01: which share of all customers bought at least "
        "once in the months 4 to 6 after their first one (a share)?",
        0.1946,
        "Rule(brackets=(0, 4, 7)) makes one cell of the ages 4 to 6; pooled, 0.195 at age 4.",
        (
            "Ages 4, 5 and 6 together make one bracket; who bought in two of them counts once.",
            "rule=cl.cohorts.Rule(brackets=(0, 4, 7)), then cl.cohorts.pooled.",
        ),
        (
            (0.2627, "You added the three months: who bought in two of them is counted twice."),
            (
                0.2404,
                "You multiplied as if the three months were independent; but it is largely "
                "the same customers who come in each.",
            ),
            (0.1898, "That is on the rolling clock; on calendar months, please."),
            (0.8054, "Those are the ones who did not buy in any of the three."),
            (0.0933, "That is month 4 alone."),
            (0.1520, "That is months 4 and 5: the last edge is the first age outside."),
            (0.2610, "That is months 1 to 3, from the lesson."),
            (0.3722, "That is on or after month 4: any later month counts there."),
            (0.0876, "That is the mean share of a month."),
        ),
        tolerance=1e-4,
    ),
    "02.4": Exercise(
        "CDNOW on calendar months, the customers of January 1997 and the share seen in month 6 or "
        "later: by how much does it rise from a reading as of 1998-01-01 to one as of 1998-07-01 "
        "(a share)?",
        0.0769,
        "0.3412 − 0.2643 = 0.0769. Those who came back in the half-year between were pausing.",
        (
            "The same call twice, with another as_of. Which rule?",
            "rule='on_or_after', cohort 1997-01-01, age 6; the later minus the earlier.",
        ),
        (
            (0.0, "That is 'on': month 6 was over at both dates, so it stays."),
            (0.2643, "That is the earlier reading itself."),
            (0.3412, "That is the later reading itself."),
            (0.0940, "That is over all cohorts; those of January, please."),
            (0.0816, "That is on the rolling clock; on calendar months, please."),
            (-0.0769, "The later minus the earlier: it rises."),
            (
                0.2907,
                "That is the rise in relation to the earlier reading; as a difference, please.",
            ),
        ),
        tolerance=1e-4,
    ),
    "02.5": Exercise(
        "CDNOW on calendar months, the customers of February 1997: how many of them were not seen "
        "any more in month 12 or later, as of 1998-07-01?",
        6719,
        "cl.cohorts.customers with the cell 1997-02-01, age 12 and rule='on_or_after': 6,719 of "
        "8,476 are eligible and not active.",
        (
            "The customers behind a cell: which cell, and which rule?",
            "cohort 1997-02-01, age 12, rule='on_or_after'; count those who are not active.",
        ),
        (
            (7908, "That is not seen in month 12 itself: some of them came in a later month."),
            (1757, "Those are the ones who were seen."),
            (6105, "That is January's cohort."),
            (4877, "That is the list of the lesson: March's cohort and month 6."),
            (6775, "That is on the rolling clock; on calendar months, please."),
            (8476, "That is the whole cohort."),
            (0.7927, "That is a share. How many, please."),
        ),
        tolerance=0.5,
    ),
    "02.6": Choice(
        "Two tools read the same log up to the same instant. Of the newcomers of one Monday the "
        "first reports 30 % on day 7, the second 45 % on day 7. Which of these could be the whole "
        "reason?",
        "acd",
        "On or after counts later days too; the clocks part visits near midnight; with another "
        "start event other people are divided by. A heatmap shows the numbers it is given, and "
        "limits do not move a share.",
        ("Which of these change who is counted above or below the line?",),
        (
            ("b", "A colour scale changes the picture, not the number."),
            ("e", "Limits say how sure a share is; the share stays where it is."),
        ),
        options=(
            "The second counts who came on day 7 or on any later day.",
            "The second draws a heatmap with another colour scale.",
            "The first counts days from midnight to midnight, the second 24 hours from each start.",
            "The first starts with a sign-up, the second with the first purchase.",
            "The second shows limits of 99 %.",
        ),
    ),
}
