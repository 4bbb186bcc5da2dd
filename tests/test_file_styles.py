"""Times and numbers in text: one rule per column, found from all values, or told."""

from __future__ import annotations

import datetime as dt
import random

import pandas as pd
import pytest

import churnlab as cl
from tests.conftest import needs_module
from tests.test_files import refused, rows, written


def column(folder, values, kind, **told) -> list:
    quoted = "".join('{},"{}"\n'.format(n, str(v).replace('"', '""')) for n, v in enumerate(values))
    path = written(folder, f"id,x\n{quoted}", "column.csv")
    found = {int(i): v for i, v in rows(cl.File(path, **told), id="id", x=kind)}
    return [found[n] for n in range(len(values))]


def times(folder, *values, **told) -> list[str]:
    return [None if t is None else str(t) for t in column(folder, values, "time", **told)]


def numbers(folder, *values, **told) -> list:
    return column(folder, values, "number", **told)


def no_times(folder, message, *values, **told):
    with pytest.raises(cl.InputError, match=message) as found:
        times(folder, *values, **told)
    return str(found.value)


def no_numbers(folder, message, *values, **told):
    with pytest.raises(cl.InputError, match=message):
        numbers(folder, *values, **told)


# -------------------------------------------------------------------------------------- times
MIDNIGHT, SEVEN = "2026-03-05 00:00:00", "2026-03-05 07:05:00"


@pytest.mark.parametrize(
    ("values", "read"),
    [
        (["2026-03-05", "2026-03-05T07:05"], [MIDNIGHT, SEVEN]),
        (["2026-03-05 7:05", "2026-03-05 07:05:00"], [SEVEN, SEVEN]),
        (["2026/03/05", "2026/3/5 7:05"], [MIDNIGHT, SEVEN]),
        (["2026.3.5"], [MIDNIGHT]),
        (["20260305", "", "19991231"], [MIDNIGHT, None, "1999-12-31 00:00:00"]),
        (["2026年3月5日", "2026年03月05日 07:05"], [MIDNIGHT, SEVEN]),
        (["5/3/2026 7:05", "13/3/2026"], [SEVEN, "2026-03-13 00:00:00"]),
        (["3/5/2026 7:05 AM", "3/13/2026 12:00 am"], [SEVEN, "2026-03-13 00:00:00"]),
        (["3/13/2026 12:30 PM", "3/5/2026 1:00pm"], ["2026-03-13 12:30:00", "2026-03-05 13:00:00"]),
        (["05.03.2026", "31.03.2026 23:59:59"], [MIDNIGHT, "2026-03-31 23:59:59"]),
        (["05-03-2026", "31-03-2026"], [MIDNIGHT, "2026-03-31 00:00:00"]),
        (["05/05/2026", "6/6/2026"], ["2026-05-05 00:00:00", "2026-06-06 00:00:00"]),
        (["5-Mar-2026", "05-mar-2026 7:05"], [MIDNIGHT, SEVEN]),
        (["5 March 2026", "5 Mar 2026"], [MIDNIGHT, MIDNIGHT]),
        (["\u00a05/3/2026 ", "13/3/2026\u3000"], [MIDNIGHT, "2026-03-13 00:00:00"]),
        (["13/3/2026 7:05:09.25"], ["2026-03-13 07:05:09.250000"]),
        (["", " "], [None, None]),
    ],
)
def test_one_style_fits_every_value(tmp_path, values, read):
    assert times(tmp_path, *values) == read


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_by_name(tmp_path, month):
    day = dt.date(2026, month, 7)

    assert times(tmp_path, f"{day:%d-%b-%Y}", f"{day:%d-%B-%Y}") == [f"{day} 00:00:00"] * 2


@pytest.mark.parametrize("mark", "/.-")
def test_day_first_or_month_first_must_be_told(tmp_path, mark):
    value = f"03{mark}04{mark}2026"

    message = no_times(
        tmp_path, "may be day first or month first", value, value, "", f"5{mark}5{mark}2026"
    )

    assert message == (
        f"column 'x' holds dates that may be day first or month first (for example '{value}' in 2 "
        "rows). Say dayfirst=True or dayfirst=False."
    )
    assert times(tmp_path, value, dayfirst=True) == ["2026-04-03 00:00:00"]
    assert times(tmp_path, value, dayfirst=False) == ["2026-03-04 00:00:00"]
    assert times(tmp_path, "2026-04-03", dayfirst=True) == ["2026-04-03 00:00:00"]


@pytest.mark.parametrize(
    ("values", "told", "message"),
    [
        (["13/25/2026"], {"dayfirst": True}, r"in 1 row \(for example '13/25/2026'\).*day first"),
        (["25/13/2026"], {"dayfirst": False}, "month first"),
        (
            ["13/04/2026", "04/13/2026"],
            {},
            "1 row cannot be day first .*'04/13/2026'.* 1 row cannot be",
        ),
        (["31.02.2026", "01.02.2026"], {}, "1 row cannot be day first"),
        (["31.02.2026", "01.02.2026"], {"dayfirst": True}, "in 1 row .*31.02.2026"),
        (["2026-02-30", "2026-02-01"], {}, "cannot be read in 1 row .*2026-02-30"),
        (["2026/02/30", "2026/02/01"], {}, "cannot be read in 1 row .*2026/02/30"),
        (["20260230"], {}, "cannot be read in 1 row"),
        (["18991231"], {}, "cannot be read in 1 row"),
        (["30-Feb-2026"], {}, "cannot be read in 1 row"),
        (["13/3/2026 13:05 PM"], {}, "1 row cannot be day first"),
        (["13/3/2026 25:05"], {}, "cannot be day first"),
        (["5/3/26", "13/3/26"], {}, "holds years of two digits in 2 rows"),
        (["5-Mar-26"], {}, "holds years of two digits in 1 row"),
        (["1767225600", "1767225601"], {}, "holds seconds since 1970 in 2 rows.*unit='s'"),
        (["1767225600000"], {}, "holds milliseconds since 1970.*unit='ms'"),
        (["45292"], {}, "day numbers of a spreadsheet"),
        (["45292.25"], {}, "day numbers of a spreadsheet"),
        (["2026-03-05", "yesterday"], {}, r"cannot be read in 1 row \(for example 'yesterday'\)"),
        (
            ["2026-03-05", "N/A", "N/A"],
            {},
            "in 2 rows .*If 'N/A' means missing, leave those fields",
        ),
        (
            ["2026-03-05", "5/3/2026"],
            {},
            "several styles .*'2026-03-05' in 1 row, '5/3/2026' in 1 row",
        ),
        (["20260305", "2026-03-05"], {}, "in several styles"),
        (["5/3/2026", "5.3.2026"], {}, "in several styles"),
        (["2026-03-05", "2026-03-05T10:00:00Z"], {}, "mixes times with a zone"),
        (["5-Foo-2026"], {}, "cannot be read"),
        (["5/3-2026"], {}, "cannot be read"),
    ],
)
def test_times_that_are_refused(tmp_path, values, told, message):
    no_times(tmp_path, message, *values, **told)


def test_days_of_every_kind_against_python(tmp_path):
    """A thousand random moments, written in each style, read back."""
    draw = random.Random(3)
    start = dt.datetime(1950, 1, 1)
    moments = [start + dt.timedelta(minutes=draw.randrange(60_000_000)) for _ in range(1000)]
    for style in (
        *("%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M %p"),
        *("%d.%m.%Y %H:%M:%S", "%d-%b-%Y %H:%M", "%d %B %Y %I:%M%p", "%Y年%m月%d日 %H:%M"),
    ):
        assert times(tmp_path, *[f"{m:{style}}" for m in moments]) == [str(m) for m in moments]
    days = [m.replace(hour=0, minute=0) for m in moments]
    assert times(tmp_path, *[f"{m:%Y%m%d}" for m in days]) == [str(m) for m in days]


# ------------------------------------------------------------------------------------ numbers
@pytest.mark.parametrize(
    ("values", "told", "read"),
    [
        (["1234.50", "-1", ""], {}, [1234.5, -1, None]),
        (["1e5", "2.5"], {}, [1e5, 2.5]),
        (["1.234", "0.5"], {}, [1.234, 0.5]),
        (["1.234", "12.50"], {}, [1.234, 12.5]),
        (["0.125", "0.250"], {}, [0.125, 0.25]),
        (["1234.500"], {}, [1234.5]),
        (["1.234", "12.500"], {"decimal": "."}, [1.234, 12.5]),
        (["1.234", "12.500"], {"decimal": ","}, [1234, 12500]),
        (
            ["1.234,50", "1234,5", "-1 234,5", "7", "0,5"],
            {"decimal": ","},
            [1234.5, 1234.5, -1234.5, 7, 0.5],
        ),
        (["1\u00a0234,5", "1\u202f234\u202f567"], {"decimal": ","}, [1234.5, 1234567]),
        (["1.234.567", "5"], {"decimal": ","}, [1234567, 5]),
        (["1,234.50", "1,234,567", "12.5"], {"decimal": "."}, [1234.5, 1234567, 12.5]),
        ([" 5 ", "\u00a06"], {}, [5, 6]),
    ],
)
def test_numbers_that_are_read(tmp_path, values, told, read):
    assert numbers(tmp_path, *values, **told) == read


@pytest.mark.parametrize(
    ("values", "told", "message"),
    [
        (
            ["1,5", "2"],
            {},
            r"with a comma .*in 1 row \(for example '1,5'\).*say decimal=',' or decimal='.'",
        ),
        (["1.234,50"], {}, "say decimal=',' or decimal='.'"),
        (["1,234.50"], {}, "say decimal="),
        (["1.234.567"], {}, "say decimal="),
        (["1 234"], {}, "say decimal="),
        (["1.234", "12.500", "7"], {}, "may group thousands .*in 2 rows.*decimal='.'.*decimal=','"),
        (["12.50"], {"decimal": ","}, "decimal=',' is told, and the other mark"),
        (["0.125"], {"decimal": ","}, "decimal=',' is told"),
        (["1.2345,5"], {"decimal": ","}, "decimal=',' is told"),
        (["1,5"], {"decimal": "."}, "decimal='.' is told"),
        (["12,34,567"], {"decimal": "."}, "decimal='.' is told"),
        (["5%"], {}, "cannot be read in 1 row .*percent signs"),
        (["€ 5"], {}, "signs and names of currencies"),
        (["5 EUR"], {}, "signs and names of currencies"),
        (["(5.00)"], {}, "not in parentheses"),
        (["5-"], {}, "the minus in front"),
        (["−5"], {}, "the minus as a hyphen"),
        (["5", "NaN"], {}, "in 1 row .*If 'NaN' means missing"),
        (["5", "NULL", "NULL"], {}, "in 2 rows .*If 'NULL' means missing"),
        (["inf"], {}, "cannot be read in 1 row"),
        (["５"], {}, "cannot be read in 1 row"),
        (["1_000"], {}, "cannot be read in 1 row"),
    ],
)
def test_numbers_that_are_refused(tmp_path, values, told, message):
    no_numbers(tmp_path, message, *values, **told)


def test_money_in_a_european_export(tmp_path):
    text = "Kunde;Datum;Betrag\n007;31.01.2026;1.234,50\n007;05.02.2026;-34,5\n8;05.02.2026;\n"
    told = cl.File(written(tmp_path, text), decimal=",")

    found = rows(told, Kunde="id", Datum="time", Betrag="amount")

    assert [row[2] for row in found] == [1234.5, -34.5, None] or found
    assert {row[0] for row in found} == {"007", "8"}
    assert sum(row[2] or 0 for row in found) == 1200.0


def test_rows_of_separators_are_counted_in_the_ledger(tmp_path):
    path = written(tmp_path, "customer,time\na,2026-01-05\n,,\n".replace(",,", ","))

    ledger = cl.ledger(cl.cohorts.retention(path, as_of="2026-03-01"))

    assert ledger.set_index("rule")["n"]["missing_customer"] == 1


def test_json_follows_the_same_rules(tmp_path):
    path = written(tmp_path, '[{"id": "007", "x": "03/04/2026", "y": "1,5"}]')

    refused(path, "day first or month first", x="time")
    found = rows(cl.File(path, dayfirst=True, decimal=","), id="id", x="time", y="number")
    assert found == [("007", pd.Timestamp("2026-04-03"), 1.5)]


# ----------------------------------------------------------------------------------- workbooks
def workbook(path, **sheets):
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in sheets.items():
        page = book.create_sheet(name)
        for line in lines:
            page.append(line)
    book.save(path)
    return path


DAY = dt.datetime(2026, 3, 5, 7, 5)


@needs_module("openpyxl")
def test_a_workbook(tmp_path):
    lines = [
        ["id", "day", "text day", "amount", "plan", None],
        ["007", DAY, "13/04/2026", 1.5, "a"],
    ]
    lines += [
        [7, DAY, "05/04/2026", 2, 12],
        [None, None, None, None, None],
        [8.0, None, "", None, None],
    ]
    path = workbook(tmp_path / "data.csv", Empty=[], Orders=lines)

    found = rows(path, id="id", day="time", amount="amount", plan="label", **{"text day": "time"})

    assert [row[0] for row in found] == ["007", "7", "8"]
    assert found[0][1:] == (pd.Timestamp(DAY), 1.5, "a", pd.Timestamp("2026-04-13"))
    assert found[1][1:] == (pd.Timestamp(DAY), 2, "12", pd.Timestamp("2026-04-05"))
    assert found[2][1:] == (None, None, None, None)
    assert rows([path, path], id="id") == [(i,) for i in ("007", "007", "7", "7", "8", "8")]
    events = cl.cohorts.retention(path, customer="id", time="day", as_of="2026-05-01")
    assert events["n_start"].iloc[0] == 2


@needs_module("openpyxl")
@pytest.mark.parametrize(
    ("lines", "kind", "message"),
    [
        ([["x"], [10**15 + 1]], "id", "more than 15 digits, which Excel has rounded in 1 row"),
        (
            [["x"], [45292]],
            "time",
            "numbers where times belong in 1 row .*format the column as a date",
        ),
        ([["x"], [DAY], ["5/3/2026"]], "time", "mixes values of different kinds"),
        ([["x"], ["5/3/2026"]], "time", "day first or month first"),
        ([["x"], ["1,5"]], "number", "say decimal="),
        ([["x"], [5], ["N/A"]], "number", "mixes values of different kinds"),
        ([["x"], ["#N/A"]], "label", "holds errors of Excel in 1 row"),
        ([["x"], [DAY]], "id", "holds values of a kind"),
        ([["x", "y", "x"], [1, 2, 3]], "id", "two columns named 'x'"),
        ([["x", "y", "X"], [1, 2, 3]], "id", "differ only in case"),
        (
            [["Report 2026"], [], ["x", "y", "z"], [1, 2, 3]],
            "id",
            "alone: delete what stands above",
        ),
        ([[1, DAY], [2, DAY]], "id", "seems to have no header"),
    ],
)
def test_workbooks_that_are_refused(tmp_path, lines, kind, message):
    refused(workbook(tmp_path / "data.xlsx", Orders=lines), message, x=kind)


@needs_module("openpyxl")
def test_sheets_are_named(tmp_path):
    path = workbook(tmp_path / "data.xlsx", A=[["id", "x"], ["1", 2]], B=[["id", "x"], ["3", 4]])

    refused(path, r"several sheets with data \('A', 'B'\): say sheet='A' or another")
    assert rows(cl.File(path, sheet="B"), id="id") == [("3",)]
    refused(cl.File(path, sheet="C"), "has no sheet 'C'. Its sheets: 'A', 'B'")
    refused(cl.File(path, sep=","), "is a workbook, for which sep= says nothing")
    refused(workbook(tmp_path / "none.xlsx", A=[]), "is a workbook without data")


@needs_module("openpyxl")
def test_a_workbook_without_header(tmp_path):
    path = workbook(tmp_path / "data.xlsx", A=[["007", 2], ["8", 4]])

    assert rows(cl.File(path, names=["id", "x"]), id="id", x="number") == [("007", 2), ("8", 4)]
    refused(cl.File(path, names=["id"]), "names= gives 1 names, and the rows of .* have 2 cells")


@needs_module("openpyxl")
def test_formulas_without_values_are_refused(tmp_path):
    path = workbook(tmp_path / "data.xlsx", A=[["id", "x"], ["1", "=1+1"]])

    refused(path, "formulas without their values .*cell B2")
