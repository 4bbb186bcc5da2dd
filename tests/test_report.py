"""Reports: every number of the page is a number of the library, and silence is explained."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from churnlab.checks import InputError

DAY = "datetime64[s]"
RATINGS = {"n_customers": 60, "waves": 1}


@cache
def log() -> pd.DataFrame:
    """A year and a half of purchases, with refunds, a blank customer and rows after as_of."""
    made = cl.datasets.generate_events(600, seed=5, window_days=540)
    odd = pd.DataFrame({
        "customer": ["", made["customer"].iloc[0], made["customer"].iloc[1]],
        "time": pd.to_datetime(["2024-01-05", "2024-02-05", "2024-08-01"]),
        "amount": [5.0, -20.0, 7.0],
    })  # fmt: skip
    both = pd.concat([made, odd], ignore_index=True)
    return both.astype({"time": DAY}).rename(
        columns={"customer": "客户 id", "time": "when <b>", "amount": "sum"}
    )


@cache
def contracts() -> pd.DataFrame:
    return cl.datasets.generate_leavers(700, seed=2)


@cache
def of_events() -> cl.report.Report:
    named = {"customer": "客户 id", "time": "when <b>", "amount": "sum"}
    by = next(c for c in log().columns if c not in named.values())
    return cl.report.build(log(), **named, by=by, as_of="2024-06-01", ahead=6)


@cache
def of_contracts() -> cl.report.Report:
    return cl.report.build(
        contracts(), by="segment", as_of="2024-12-01", ratings=cl.datasets.generate_ratings(**RATINGS)
    )  # fmt: skip


def tables(report: cl.report.Report) -> list[tuple[str, cl.report.Shown]]:
    return [(section.name, table) for section in report.sections for table in section.tables]


@pytest.mark.parametrize("kind", ["events", "contracts"])
def test_the_numbers_of_the_page_are_those_of_its_code(kind):
    """The code beneath a section, run by itself, makes the very frames that are shown."""
    report = of_events() if kind == "events" else of_contracts()
    data = log() if kind == "events" else contracts()
    ratings = cl.datasets.generate_ratings(**RATINGS)
    checked = 0
    for section in report.sections:
        space = {"cl": cl, "data": data, "ratings": ratings}
        exec(section.calls, space)
        for shown in section.tables:
            made = space[shown.name]
            columns = [c for c in shown.headings if c in made.columns]
            assert len(columns) >= 2, shown.name
            part = made.loc[shown.frame.index] if shown.name not in ("read", "kept") else None
            if part is None:  # joined to what it rests on
                part = made.tail(len(shown.frame))
            pd.testing.assert_frame_equal(
                part[columns].reset_index(drop=True), shown.frame[columns].reset_index(drop=True)
            )
            checked += 1
    assert checked >= 7


@pytest.mark.parametrize("report", [of_events, of_contracts], ids=["events", "contracts"])
def test_every_ledger_adds_up(report):
    lines = report().ledger
    for (result, stage, unit), part in lines.groupby(["result", "stage", "unit"]):
        n = part.groupby("fate")["n"].sum()
        rules = part.set_index("rule")["n"]
        assert rules["read"] == rules["used"] + n.get("excluded", 0), (result, stage, unit)
        assert rules.index.is_unique


def test_what_was_left_out_is_in_the_ledger():
    lines = of_events().ledger.query("result == 'visits' and unit == 'rows'").set_index("rule")["n"]

    assert lines["missing_customer"] == 1
    assert lines["refund"] == 1
    after = (log()["when <b>"] >= "2024-06-01").sum()
    assert lines["after_as_of"] == after > 1
    assert lines["read"] == len(log())


def test_all_sections_of_events_are_answered():
    report = of_events()
    answered = [s.name for s in report.sections if not s.missing]

    assert answered == [
        "found", "growth", "churn", "triangle", "curves", "ahead", "money", "silent",
    ]  # fmt: skip
    assert "Reasons belong to contracts" in report["reasons"].missing
    assert "ratings=" in report["opinions"].missing
    assert report.as_of == "2024-06-01"


def test_all_sections_of_contracts_are_answered():
    answered = [s.name for s in of_contracts().sections if not s.missing]

    assert answered == [
        "found", "growth", "churn", "curves", "ahead", "money", "reasons", "opinions",
    ]  # fmt: skip


def test_the_sentences_say_what_the_tables_hold():
    report = of_events()
    growth = report["growth"].tables[0].frame
    last = growth[growth["whole"]].iloc[-1]
    assert f"{last['active']:,} customers were active" in report["growth"].says[0]
    churn = report["churn"].tables[0].frame.tail(12)
    rate = churn["lost"].sum() / churn["opening"].sum()
    assert f"{100 * rate:.1f} %" in report["churn"].says[0]
    ahead = report["ahead"].tables[0].frame.iloc[-1]
    assert f"{round(ahead['estimate']):,} are expected" in report["ahead"].says[0]


def test_a_limit_of_silence_is_asked_for_or_explained():
    told = cl.report.build(log(), customer="客户 id", time="when <b>", amount=None,
                           as_of="2024-06-01", inactivity=60, ahead=3)  # fmt: skip
    assert "60 days without an event count as lost (as was asked for)" in told["churn"].notes[1]
    gaps = cl.purchases.gap_quantiles(
        log(), customer="客户 id", time="when <b>", amount="sum", as_of="2024-06-01", q=[0.95]
    )
    weeks = int(np.ceil(gaps["gap"].iloc[0] / 7) * 7)
    assert f"{weeks} days without an event" in of_events()["churn"].notes[1]
    assert told["money"].missing.startswith("There is no column of amounts")


def test_few_customers_are_withheld():
    few = cl.datasets.load("six_customers")
    kept, told = (
        cl.report.build(few, as_of="2026-06-01", inactivity=30, min_cell=n).html() for n in (10, 0)
    )
    page, open_page = kept.split("</head>")[1], told.split("</head>")[1]  # the styles speak of it

    assert "&lt; 10" in page and "withheld" in page
    assert "&lt; 10" not in open_page and "withheld" not in open_page
    assert "fewer than 10 customers were active" in page


def test_the_same_table_gives_the_same_bytes():
    again = cl.report.build(
        contracts(), by="segment", as_of="2024-12-01", ratings=cl.datasets.generate_ratings(**RATINGS)
    )  # fmt: skip
    assert again.html() == of_contracts().html()


def test_the_notebook_makes_the_tables(tmp_path):
    path = of_contracts().save_notebook(tmp_path / "report.ipynb")
    book = json.loads(path.read_text("utf-8"))
    code = ["".join(c["source"]) for c in book["cells"] if c["cell_type"] == "code"]
    assert book["nbformat"] == 4 and len({c["id"] for c in book["cells"]}) == len(book["cells"])
    assert "data = ...  # your table" in code[0]
    space = {"cl": cl, "data": contracts(), "ratings": cl.datasets.generate_ratings(**RATINGS)}
    for cell in code[1:]:
        exec(cell, space)
    shown = of_contracts()["money"].tables[0].frame
    assert space["kept"]["net_retention"].tail(len(shown)).tolist() == pytest.approx(
        shown["net_retention"].tolist()
    )
    statements = "\n".join(code)
    assert statements.count("churn = cl.") == 1, "what two sections share is run once"


def test_saving_replaces_the_page_or_leaves_it(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("before")
    assert of_contracts().save(path) == path
    assert path.read_text("utf-8") == of_contracts().html()
    with pytest.raises(InputError, match="cannot write"):
        of_contracts().save(tmp_path / "nowhere" / "page.html")
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"customer": "nobody"}, "has no column 'nobody'"),
        ({"time": None}, "Name the time of events in time="),
        ({"start": "when <b>"}, "say start=None for a log of events, or time=None"),
        ({"inactivity": 1}, "inactivity=1 must be at least 2"),
        ({"period": "day"}, "goes by calendar weeks, months, quarters or years"),
        ({"by": "nowhere"}, "has no column 'nowhere'"),
        ({"as_of": "soon"}, "as_of='soon' must be a date"),
        ({"ahead": 0}, "ahead=0 must be at least 1"),
        ({"min_cell": -1}, "min_cell=-1 must be at least 0"),
        ({"level": 95}, "Did you mean 0.95"),
        ({"amount": "客户 id"}, "cannot be read|amounts must be numbers|holds text"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(arguments, words):
    named = {"customer": "客户 id", "time": "when <b>", "amount": "sum"}
    with pytest.raises(InputError, match=words):
        cl.report.build(log(), **{**named, **arguments})


def test_contracts_need_a_date():
    with pytest.raises(InputError, match="contracts need as_of="):
        cl.report.build(contracts())
    with pytest.raises(InputError, match="it is for events"):
        cl.report.build(contracts(), as_of="2024-06-01", inactivity=30)


def test_an_unknown_section_is_named():
    with pytest.raises(InputError, match="no section 'sales': its sections are 'found', 'growth'"):
        of_contracts()["sales"]


def test_too_many_groups_leave_the_rest_of_the_page():
    many = contracts().assign(shop=[f"shop {k % 40}" for k in range(len(contracts()))])
    report = cl.report.build(many, by="shop", as_of="2024-12-01", ahead=2)

    assert "'shop' makes 40 groups" in report["curves"].says[1]
    assert report["curves"].tables[0].headings["duration"] == "days"
    assert "shop" not in report["curves"].tables[0].headings


def test_a_file_of_text_is_read_once_and_gives_the_same_page(tmp_path):
    """German numbers and days in a CSV: the page of the file is that of the table."""
    frame = log().assign(**{"when <b>": log()["when <b>"].dt.strftime("%d.%m.%Y")})
    frame["sum"] = frame["sum"].map(lambda x: f"{x:.2f}".replace(".", ","))
    path = tmp_path / "Käufe, «neu».csv"
    path.write_bytes(frame.to_csv(index=False, sep=";").encode("gb18030"))
    named = {"customer": "客户 id", "time": "when <b>", "amount": "sum"}
    told = cl.File(path, encoding="gb18030", sep=";", decimal=",", dayfirst=True)

    report = cl.report.build(told, **named, as_of="2024-06-01", ahead=6)

    for name in ("growth", "churn", "pooled", "spend"):
        ours = next(t for _, t in tables(report) if t.name == name).frame
        same = next(t for _, t in tables(of_events()) if t.name == name).frame
        pd.testing.assert_frame_equal(ours, same, check_dtype=False)
    again: dict = {}
    exec(f"import churnlab as cl\n{report.opened}\n{report['churn'].calls}", again)
    shown = report["churn"].tables[0].frame
    assert again["churn"]["rate"].tail(len(shown)).tolist() == shown["rate"].tolist()


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_zoned_times_are_read_on_the_wall_clock_of_the_zone(zone):
    """UTC plus an hour or two: 23:30 of a month's last day is in the next month in Berlin."""
    named = {"customer": "客户 id", "time": "when <b>", "amount": "sum"}
    wall = (
        log()
        .dropna()
        .assign(**{"when <b>": log()["when <b>"] + pd.Timedelta(minutes=23 * 60 + 30)})
    )
    as_utc = wall.assign(**{"when <b>": wall["when <b>"].dt.tz_localize("UTC")})
    local = as_utc["when <b>"].dt.tz_convert(zone or "UTC").dt.tz_localize(None)
    period = cl.Period("month", tz=zone or "UTC")

    zoned = cl.report.build(as_utc, **named, period=period, as_of="2024-06-01", ahead=3)
    plain = cl.report.build(
        wall.assign(**{"when <b>": local}), **named, as_of="2024-06-01", ahead=3
    )

    assert [s.missing for s in zoned.sections] == [s.missing for s in plain.sections]
    assert [s.says for s in zoned.sections] == [s.says for s in plain.sections]
    assert not zoned["churn"].missing and not zoned["ahead"].missing


def test_a_date_long_after_the_last_row_is_spoken_of():
    late = cl.report.build(contracts(), as_of="2027-01-01", ahead=2)
    assert "days before the date of this page, 2027-01-01" in late["found"].says[1]
    assert "days before" not in " ".join(of_contracts()["found"].says)


def test_nothing_small_is_told_beside_what_is_withheld():
    """Twelve customers, three of whom have a habit; a group of two; a factor rated by two."""
    days = [
        ("a", 0),
        ("a", 5),
        ("a", 9),
        ("b", 1),
        ("b", 8),
        ("b", 20),
        ("c", 2),
        ("c", 4),
        ("c", 9),
    ]
    days += [(f"x{k}", k) for k in range(9)]
    few = pd.DataFrame(days, columns=["customer", "day"])
    few["time"] = (pd.Timestamp("2025-01-01") + pd.to_timedelta(few["day"], unit="D")).astype(DAY)
    few["plan"] = np.where(few["customer"].isin(["a", "b"]), "rare", "common")
    ratings = cl.datasets.generate_ratings(30, waves=1, missing=0.0)
    rare = ratings["factor"] == "image"
    ratings = ratings[~rare | (ratings["customer"].isin(ratings["customer"].unique()[:2]))]

    report = cl.report.build(few, by="plan", as_of="2025-04-01", inactivity=30, ratings=ratings)

    assert "with a habit" not in " ".join(report["silent"].says)
    assert "log-rank" not in " ".join(report["curves"].says)
    assert "image" not in " ".join(report["opinions"].says)
    assert report["ahead"].missing
    open_page = cl.report.build(few, by="plan", as_of="2025-04-01", inactivity=30, min_cell=0)
    assert "of the 3 customers with a habit" in " ".join(open_page["silent"].says)
    assert "log-rank" in " ".join(open_page["curves"].says)
