"""The rules of three product-analytics tools, on examples from their own documentation and tests.

PostHog: the events and counts of ``test_retention_query_runner.py`` in its public repository
(posthog/hogql_queries/insights/retention/test); texts from contents/docs/product-analytics/
retention.mdx of PostHog/posthog.com. Amplitude: the pages retention-analysis-time and
retention-analysis-calculation of amplitude/amplitude-docs. Mixpanel: pages/docs/reports/
retention.mdx of mixpanel/docs. Their incomplete last period is shown as a number there; here it is
``n_seen`` of a cell without a rate.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from churnlab.cohorts import Rule
from tests import engines

POSTHOG = Rule.of("posthog")


def day(n: float) -> pd.Timestamp:
    """Day n of the examples: 10 June 2020, 05:00, and n days."""
    return pd.Timestamp("2020-06-10 05:00") + pd.Timedelta(days=n)


def log(kind: str = "$pageview", **visits: list[float]) -> pd.DataFrame:
    rows = [(customer, day(n), kind) for customer, days in visits.items() for n in days]
    return pd.DataFrame(rows, columns=["customer", "time", "kind"])


def counts(triangle: pd.DataFrame) -> dict[str, list[int]]:
    return {
        f"{cohort:%m-%d}": part["n_seen"].tolist() for cohort, part in triangle.groupby("cohort")
    }


@pytest.fixture(params=engines.PARAMS)
def make(request, tmp_path):
    return engines.maker(request, tmp_path)


def test_posthog_by_day(make):
    """test_day_interval: recurring, on; eleven days."""
    events = log(p1=[0, 1, 2, 5, 5 + 4 / 24, 6], p2=[1, 2, 3, 6])

    triangle = cl.cohorts.retention(make(events), rule="posthog", period="day", as_of="2020-06-21")

    assert counts(triangle) == {
        "06-10": [1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0],
        "06-11": [2, 2, 1, 0, 1, 2, 0, 0, 0, 0],
        "06-12": [2, 1, 0, 1, 2, 0, 0, 0, 0],
        "06-13": [1, 0, 0, 1, 0, 0, 0, 0],
        "06-15": [1, 1, 0, 0, 0, 0],
        "06-16": [2, 0, 0, 0, 0],
    }


def test_posthog_with_another_event_to_return():
    """test_retention_multiple_events: period 0 is everyone, whether or not they returned in it."""
    events = pd.concat(
        [
            log("$some_event", p1=[0, 1, 2, 3], p2=[0, 1, 2, 3], p3=[5]),
            log("$pageview", p1=[5, 6], p2=[5]),
        ]
    )
    rule = replace(POSTHOG, start_kind="$some_event", return_kind="$pageview")

    triangle = cl.cohorts.retention(events, rule=rule, period="day", as_of="2020-06-17")

    assert counts(triangle) == {
        "06-10": [2, 0, 0, 0, 0, 2, 1],
        "06-11": [2, 0, 0, 0, 2, 1],
        "06-12": [2, 0, 0, 2, 1],
        "06-13": [2, 0, 2, 1],
        "06-15": [1, 0],
    }


def test_posthog_on_or_after(make):
    """test_rolling_retention_doesnt_double_count_same_user."""
    events = log(p1=[0, 3, 4], p2=[0, 1], p3=[1, 2, 3], p4=[3, 4], p5=[4])
    rule = replace(POSTHOG, returned="on_or_after")

    triangle = cl.cohorts.retention(make(events), rule=rule, period="day", as_of="2020-06-16")

    assert counts(triangle) == {
        "06-10": [2, 2, 1, 1, 1, 0],
        "06-11": [2, 1, 1, 0, 0],
        "06-12": [1, 1, 0, 0],
        "06-13": [3, 2, 0],
        "06-14": [3, 0],
    }


def test_posthog_issue_13748_bounded_beside_unbounded():
    """Three users on day 0; one returns on day 1, one on day 5, one never."""
    events = log(p1=[0, 1], p2=[0, 5], p3=[0])
    asked = {"period": "day", "as_of": "2020-06-17"}

    on = cl.cohorts.retention(events, rule=replace(POSTHOG, starts="first"), **asked)
    rule = replace(POSTHOG, starts="first", returned="on_or_after")
    after = cl.cohorts.retention(events, rule=rule, **asked)

    assert (100 * on["retention"]).astype(int).tolist() == [100, 33, 0, 0, 0, 33, 0]
    assert (100 * after["retention"]).astype(int).tolist() == [100, 66, 33, 33, 33, 33, 0]


def test_posthog_first_time():
    """test_first_time_retention; x signed up before the six days that are looked at."""
    events = pd.concat(
        [
            log("sign-up", x=[-5, -1], p1=[-1, 1, 2, 3, 4], p2=[-1], p3=[0], p4=[2]),
            log("$pageview", p1=[0, 1, 2, 5, 5, 6], p2=[1, 2, 3, 6], p3=[1, 3, 4, 5], p4=[3, 5]),
        ]
    )
    rule = replace(POSTHOG, starts="first", start_kind="sign-up", return_kind="$pageview")

    triangle = cl.cohorts.retention(events, rule=rule, period="day", as_of="2020-06-16")

    shown = counts(triangle)
    assert shown.pop("06-05")[0] == 1, "x is a cohort of its own here"
    assert shown == {
        "06-09": [2, 1, 2, 2, 1, 0, 1],
        "06-10": [1, 1, 0, 1, 1, 1],
        "06-12": [1, 1, 0, 1],
    }


@pytest.mark.parametrize(
    ("sizes", "visits", "returned", "expected"),
    [
        ((4, 10, 3), {"p1": [0, 1, 5, 16], "p2": [0, 4, 10], "p3": [0]}, "on", [3, 2, 2, 1]),
        ((5, 5), {"p1": [0, 8], "p2": [0, 3]}, "on_or_after", [2, 2, 1]),
        ((3, 5, 4), {"p1": [0, 12]}, "on", [1, 0, 0, 1]),
    ],
)
def test_posthog_brackets(sizes, visits, returned, expected):
    """test_custom_brackets: its sizes count from period 1; here the edges are given."""
    edges = (0, *(1 + np.cumsum([0, *sizes])).tolist())
    rule = replace(POSTHOG, starts="first", brackets=edges, returned=returned)

    triangle = cl.cohorts.retention(log(**visits), rule=rule, period="day", as_of="2020-07-10")

    assert triangle["n_seen"].tolist() == expected
    assert triangle["age"].tolist() == list(edges[:-1])


def test_posthog_24_hour_windows():
    """test_retention_24h_window_with_person_breakdown: 23 hours later is day 0, 25 hours day 1."""
    events = pd.DataFrame(
        {
            "customer": ["usa", "usa", "canada", "canada"],
            "time": pd.to_datetime(
                ["2020-06-10 23:00", "2020-06-11 22:00", "2020-06-10 12:00", "2020-06-11 13:00"]
            ),
        }
    )
    windows = replace(POSTHOG, starts="first", clock="elapsed", round_to="hour")

    rolling = cl.cohorts.retention(events.assign(country=events["customer"]), rule=windows,
                                   period="day", by="country", as_of="2020-06-20")  # fmt: skip
    calendar = cl.cohorts.retention(
        events, rule=replace(POSTHOG, starts="first"), period="day", as_of="2020-06-20"
    )

    at_one = rolling[rolling["age"] == 1].set_index("country")["n_seen"].to_dict()
    assert at_one == {"canada": 1, "usa": 0}
    assert calendar.loc[1, "n_seen"] == 2


def test_posthog_weeks_begin_on_sunday():
    """test_week_interval, seven weeks from Sunday 7 June 2020."""
    events = log(p1=[0, 1, 7, 14, 24, 31], p2=[0, 1, 7, 24, 31, 45])

    triangle = cl.cohorts.retention(events, rule="posthog", period="week", as_of="2020-07-26")

    assert counts(triangle) == {
        "06-07": [2, 2, 1, 2, 2, 0, 1],
        "06-14": [2, 1, 2, 2, 0, 1],
        "06-21": [1, 1, 1, 0, 0],
        "06-28": [2, 2, 0, 1],
        "07-05": [2, 0, 1],
        "07-19": [1],
    }


def test_posthog_previous_period():
    """The documentation: 40 % on day 3 is 40 % of the number who returned on day 2."""
    events = log(
        **{f"p{i}": [0, *([2] if i < 5 else []), *([3] if i < 2 else [])] for i in range(8)}
    )
    rule = replace(POSTHOG, starts="first", reference="previous")

    triangle = cl.cohorts.retention(events, rule=rule, period="day", as_of="2020-07-01")

    assert triangle["retention"].tolist()[:4] == [1.0, 0.0, pytest.approx(np.nan, nan_ok=True), 0.4]


def test_the_mean_of_posthog_issue_25998():
    """10 users of whom 20 % came back, 100 of whom none did: 1.8 % of the users, 10 % of cohorts."""
    first = log(**{f"a{i}": [0, 1] if i < 2 else [0] for i in range(10)})
    second = log(**{f"b{i}": [1] for i in range(100)})
    triangle = cl.cohorts.retention(pd.concat([first, second]), period="day", as_of="2020-06-13")

    weighted, simple = (
        cl.cohorts.pooled(triangle, mean=mean).loc[1, "retention"]
        for mean in ("weighted", "simple")
    )

    assert round(100 * weighted, 1) == 1.8
    assert 100 * simple == 10


def test_amplitude_rounds_down_to_the_hour(make):
    """17:59 on 1 December and 17:00 the next day: 23 hours and a minute apart, and day 1."""
    events = pd.DataFrame(
        {"customer": ["u"] * 2, "time": pd.to_datetime(["2021-12-01 17:59", "2021-12-02 17:00"])}
    )
    on = replace(Rule.of("amplitude"), returned="on", denominator="start", starts="first")
    asked = {"period": "day", "as_of": "2021-12-10"}

    triangle = cl.cohorts.retention(make(events), rule=on, **asked)
    unrounded = cl.cohorts.retention(events, rule=replace(on, round_to=None), **asked)

    assert triangle["n_seen"].tolist()[:3] == [1, 1, 0]
    assert unrounded["n_seen"].tolist()[:3] == [1, 0, 0]


@pytest.mark.parametrize(
    ("unit", "clock", "first", "second", "age"),
    [
        ("week", "elapsed", "2021-12-01 20:00", "2021-12-06 08:00", 0),  # week 0 is days 1–7
        ("week", "elapsed", "2021-12-01 20:00", "2021-12-08 08:00", 1),  # days 8–14, by the date
        ("week", "calendar", "2021-12-01 20:00", "2021-12-06 08:00", 1),  # a Monday
        ("month", "elapsed", "2021-12-06 20:00", "2021-12-12 08:00", 0),
        ("month", "elapsed", "2021-12-01 20:00", "2021-12-31 08:00", 1),  # a month is 30 days
    ],
)
def test_amplitude_weeks_and_months(unit, clock, first, second, age):
    """Weeks of 7 and months of 30 days are counted by the date, strict ones by the calendar."""
    events = pd.DataFrame({"customer": ["u"] * 2, "time": pd.to_datetime([first, second])})
    round_to = "hour" if clock == "elapsed" else None
    rule = replace(Rule.of("amplitude"), returned="on", starts="first", clock=clock,
                   round_to=round_to)  # fmt: skip

    triangle = cl.cohorts.retention(events, rule=rule, period=unit, as_of="2022-03-01")

    seen = triangle[triangle["n_seen"] == 1]["age"].tolist()
    assert seen == sorted({0, age})


def test_amplitude_percentages_of_a_row():
    """June 7, day 3: 168 of 254 on or after (66.1 %), 72 of 254 on (28.3 %)."""
    start = pd.Timestamp("2020-06-07 12:00")
    later = [start + pd.Timedelta(days=3)] * 72 + [start + pd.Timedelta(days=5)] * (168 - 72)
    rows = [(f"u{i}", start) for i in range(254)]
    rows += [(f"u{i}", t) for i, t in enumerate(later)]
    events = pd.DataFrame(rows, columns=["customer", "time"])
    first = replace(Rule.of("amplitude"), starts="first")
    asked = {"period": "day", "as_of": "2020-07-01"}

    after = cl.cohorts.retention(events, rule=first, **asked)
    on = cl.cohorts.retention(events, rule=replace(first, returned="on"), **asked)

    assert round(100 * after.loc[3, "retention"], 1) == 66.1
    assert round(100 * on.loc[3, "retention"], 1) == 28.3


def test_amplitude_opens_several_buckets():
    """Started on two days: one return is day 1 of one bucket and day 2 of the other."""
    events = pd.DataFrame(
        {
            "customer": ["u"] * 3,
            "time": pd.to_datetime(["2021-12-01 10:00", "2021-12-02 10:00", "2021-12-03 11:00"]),
            "kind": ["open", "open", "buy"],
        }
    )
    rule = replace(Rule.of("amplitude"), returned="on", start_kind="open", return_kind="buy")

    triangle = cl.cohorts.retention(events, rule=rule, period="day", as_of="2021-12-10")

    cells = triangle[triangle["n_seen"] == 1][["cohort", "age"]]
    assert [(f"{c:%d}", a) for c, a in cells.itertuples(index=False)] == [("01", 2), ("02", 1)]
    assert triangle[triangle["age"] == 0]["n_seen"].tolist() == [0, 0], "day 0 needs a return too"


@pytest.mark.parametrize(
    ("unit", "first", "second"),
    [
        ("day", "2026-01-05 20:00", "2026-01-06 06:00"),  # Monday 8 pm, Tuesday 6 am
        ("week", "2026-01-09 12:00", "2026-01-12 12:00"),  # Friday, Monday
        ("month", "2026-02-25 12:00", "2026-03-03 12:00"),
    ],
)
def test_mixpanel_rolling_and_calendar(unit, first, second):
    """Its three cases that count on the calendar and not in a rolling interval."""
    events = pd.DataFrame({"customer": ["u"] * 2, "time": pd.to_datetime([first, second])})
    rolling = replace(Rule.of("mixpanel"), returned="on", starts="first")

    ages = {}
    for clock in ("elapsed", "calendar"):
        triangle = cl.cohorts.retention(
            events, rule=replace(rolling, clock=clock), period=unit, as_of="2026-06-01"
        )
        ages[clock] = int(triangle[triangle["n_seen"] == 1]["age"].max())

    assert ages == {"elapsed": 0, "calendar": 1}


def test_mixpanel_api_counts():
    """2 January 2012: of ten, 9 within a day, 7 of the second, 6 of the third; not nested."""
    start = pd.Timestamp("2012-01-02 08:00")
    back = {0: range(9), 1: range(3, 10), 2: range(6)}
    rows = [(f"u{i}", start, "integration") for i in range(10)]
    rows += [
        (f"u{i}", start + pd.Timedelta(hours=24 * age + 5), "report")
        for age, users in back.items()
        for i in users
    ]
    events = pd.DataFrame(rows, columns=["customer", "time", "kind"])
    rule = replace(Rule.of("mixpanel"), returned="on", starts="first",
                   start_kind="integration", return_kind="report")  # fmt: skip

    triangle = cl.cohorts.retention(events, rule=rule, period="day", as_of="2012-01-05 09:00")

    assert triangle["n_seen"].tolist()[:3] == [9, 7, 6]
    assert triangle["retention"].tolist()[:3] == [0.9, 0.7, 0.6]
    assert triangle.loc[3, "n_eligible"] == 0 and np.isnan(triangle.loc[3, "retention"])


@pytest.mark.parametrize("name", ["amplitude", "mixpanel", "posthog"])
def test_a_named_rule_is_the_documented_combination(name):
    rule = Rule.of(name)

    assert rule.starts == "every", "a start opens a bucket whenever it happens"
    assert rule.denominator == "start", "a row is divided by all who started"
    assert rule.returned == ("on" if name == "posthog" else "on_or_after")
    assert rule.clock == ("calendar" if name == "posthog" else "elapsed")
    assert rule.age_zero == ("all" if name == "posthog" else "returned")
    assert rule.round_to == ("hour" if name == "amplitude" else None)


MESSY = cl.datasets.generate_events(60, seed=8).assign(
    kind=lambda log: np.where(log.index % 3, "open", "buy"),
    amount=lambda log: (log.index % 9) - 1.5,
)
ASKED = {
    **{name: {"rule": name, "period": "week"} for name in ("amplitude", "mixpanel", "posthog")},
    "kinds": {"rule": Rule("on_or_after", start_kind="open", return_kind="buy"), "period": "month"},
    "money": {"rule": Rule(reference="previous"), "measure": "money", "period": "quarter"},
    "brackets": {"rule": Rule(brackets=(0, 1, 4, 12)), "period": "28D", "by": "segment"},
}


@pytest.mark.parametrize("name", ASKED)
def test_every_engine_and_order_and_name_gives_the_same(make, name):
    asked = {"as_of": "2024-08-20", **ASKED[name]}
    wanted = cl.cohorts.retention(MESSY, **asked)

    pd.testing.assert_frame_equal(cl.cohorts.retention(make(MESSY), **asked), wanted)
    shuffled = MESSY.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(cl.cohorts.retention(shuffled, **asked), wanted)
    renamed = MESSY.assign(customer="é 'x' " + MESSY["customer"].astype(str).str[::-1])
    pd.testing.assert_frame_equal(cl.cohorts.retention(renamed, **asked), wanted)
