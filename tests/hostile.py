"""Hostile files: what each holds, what is typed, and what must come out, worked out by hand."""

from __future__ import annotations

import gzip
import io
import pickle
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Content = str | bytes | Callable[[Path], None] | None  # None: there is no such file

LOG = "customer,time,amount\n"
DEEDS = "customer,start,end,amount\n"
APRIL = "--as-of 2026-04-01"
OPTION = r"On the command line: .*"


@dataclass(frozen=True)
class Refused:
    """``says``: patterns the message must match: the column, an example, the number, the remedy."""

    group: str
    name: str
    content: Content
    says: tuple[str, ...]
    typed: str = APRIL
    file: str = "data.csv"


@dataclass(frozen=True)
class Told:
    """``months``: by the month's label, of a log the customers active and the new ones and what they
    spent; of contracts those there when it began, who came, who left, who came and left within it.
    """

    group: str
    name: str
    content: Content
    rows: int
    customers: int
    months: Mapping[str, tuple[float, ...]]
    typed: str = APRIL
    excluded: Mapping[str, int] = field(default_factory=dict)
    found: Mapping[str, int] = field(default_factory=dict)
    file: str = "data.csv"
    is_full: bool = False  # every section, and its code run


# ------------------------------------------------------------------ makers


def times(*values: str) -> str:
    """A log of one row per value, each of a customer of its own."""
    return "customer,time\n" + "".join(f"c{i},{v}\n" for i, v in enumerate(values))


def amounts(*values: str) -> str:
    """A log of January 2026, a day and a customer for each amount."""
    rows = (f'c{i},2026-01-{i:02d},"{v}"\n' for i, v in enumerate(values, 1))
    return LOG + "".join(rows)


def ids(*values: str) -> str:
    return LOG + "".join(f"{v},2026-01-05,1\n" for v in values)


def book(*sheets: list[list[object]]) -> Callable[[Path], None]:
    """A workbook with these sheets."""

    def write(path: Path) -> None:
        import openpyxl

        made = openpyxl.Workbook()
        made.remove(made.active)
        for number, rows in enumerate(sheets, 1):
            page = made.create_sheet(f"Orders {number}")
            for row in rows:
                page.append(row)
        with path.open("wb") as out:  # by any name
            made.save(out)

    return write


def parquet(query: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        import duckdb

        duckdb.sql(query).write_parquet(str(path))

    return write


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("log.csv", LOG)
    return out.getvalue()


def folder(**files: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.mkdir()
        for name, text in files.items():
            (path / f"{name}.csv").write_text(text, "utf-8")

    return write


# ------------------------------------------------------------------ the files

# Of the plain log: January a and b, 15.10; February a again and c, 3.20; March a, 1.
PLAIN = (
    LOG + "a,2026-01-05,10.10\nb,2026-01-20,5\na,2026-02-03,0.20\nc,2026-02-11,3\na,2026-03-02,1\n"
)
MONTHS = {"2026-01": (2, 2, 15.1), "2026-02": (2, 1, 3.2), "2026-03": (1, 0, 1)}
UMLAUT = PLAIN.replace("b,", "Müller €,")
CHINESE = PLAIN.replace("b,", "北京,").replace("customer", "客户")
RUNNING = "a,2026-01-01,,10\n"  # new in January, there since

REFUSED = [
    # ---- one rule of reading per column
    Refused("times", "day first or month first", times("03/04/2026", "05/06/2026"),
            ("'time'", "'03/04/2026' in 2 rows", "dayfirst=True or dayfirst=False", "--dayfirst or --monthfirst")),
    Refused("times", "styles mixed", times("2026-01-05", "13/01/2026", "14/01/2026"),
            ("'time'", "'2026-01-05' in 1 row", "'13/01/2026' in 2 rows", "write all in one")),
    Refused("times", "day first above, month first below", times("13/01/2026", "01/13/2026"),
            ("'time'", "1 row cannot be day first", "'01/13/2026'", "--dayfirst or --monthfirst")),
    Refused("times", "years of two digits", times("05.01.26", "13.01.26"),
            ("'time'", "'05.01.26'", "in 2 rows", "four digits")),
    Refused("times", "31 February", times("31.02.2026", "13.01.2026"),
            ("'time'", r"'31\.02\.2026'", "in 1 row", "do not exist: mend"), f"--dayfirst {APRIL}"),
    Refused("times", "29 February of no leap year", times("2026-02-29", "2026-01-01"),
            ("'time'", "'2026-02-29'", "in 1 row", "no such day or hour exists: mend")),
    Refused("times", "seconds since 1970", times("1767571200", "1767571201"),
            ("'time'", "seconds since 1970 in 2 rows", "'1767571200'", "unit='s'")),
    Refused("times", "milliseconds since 1970", times("1767571200000"),
            ("'time'", "milliseconds since 1970 in 1 row", "unit='ms'")),
    Refused("times", "seconds and milliseconds", times("1767571200000", "1767571200"),
            ("'time'", "since 1970 in 1 row", "Turn them into timestamps")),
    Refused("times", "day numbers of a spreadsheet", times("46027", "46028.5"),
            ("'time'", "day numbers of a spreadsheet in 2 rows", "'46027'", "as a date")),
    Refused("times", "25:00", times("2026-01-05 25:00", "2026-01-05 10:00"),
            ("'time'", "'2026-01-05 25:00'", "in 1 row", "mend")),
    Refused("times", "a second of 61", times("2026-01-05 23:59:61", "2026-01-05 10:00:00"),
            ("'time'", "'2026-01-05 23:59:61'", "in 1 row", "mend")),
    Refused("times", "the year 0", times("0000-01-01", "2026-01-05"),
            ("'time'", "'0000-01-01'", "in 1 row", "mend")),
    Refused("times", "the year 0, day first", times("01.01.0000", "13.01.2026"),
            ("'time'", r"'01\.01\.0000'", "in 1 row", "mend"), f"--dayfirst {APRIL}"),
    Refused("times", "the year 10000", times("10000-01-01", "2026-01-05"),
            ("'time'", "'10000-01-01'", "in 1 row", "mend")),
    Refused("times", "13 o'clock in the afternoon", times("15.01.2026 13:05 PM"),
            ("'time'", "'15.01.2026 13:05 PM'", "1 row", "[Mm]end")),
    Refused("times", "months of a language", times("5. Januar 2026"),
            ("'time'", "'5. Januar 2026'", "in 1 row", "mend")),
    Refused("times", "Parquet before the calendar",
            parquet("SELECT 'a' customer, '0001-01-01 (BC)'::TIMESTAMP AS time"),
            ("'time'", "outside the years 1 to 9999 in 1 row", "for example", "Mend them")),
    Refused("times", "contracts with ends of two orders",
            DEEDS + "a,2026-01-01,02/03/2026,1\nb,2026-01-01,03/02/2026,1\n",
            ("'end'", "'02/03/2026' in 2 rows", "--dayfirst or --monthfirst")),
    # ---- missing is one concept, and no word is taken for it
    Refused("missing", "n/a for a time", times("n/a", "2026-01-05"),
            ("'time'", "'n/a'", "in 1 row", "leave those fields empty")),
    Refused("missing", "NULL for a running contract", DEEDS + "a,2026-01-01,NULL,1\n",
            ("'end'", "'NULL'", "in 1 row", "leave those fields empty")),
    Refused("missing", "nan for an amount", amounts("nan", "1"),
            ("'amount'", "'nan'", "in 1 row", "leave those fields empty")),
    Refused("missing", "no time at all", times("", " ", "\u00a0"),
            ("nothing to count", "missing_time 3")),
    # ---- the cut
    Refused("cut", "a last day years later", times("2062-12-31", "2026-01-05"),
            ("'time'", "2062-12-31, stands alone", "13509 days", "--as-of 2026-04-01"), ""),
    Refused("cut", "the last day of the calendar", times("9999-12-31", "2026-01-05"),
            ("'time'", "9999-12-31, stands alone", "as_of=", "--as-of"), ""),
    Refused("cut", "contracts without a date", DEEDS + RUNNING,
            ("contracts need as_of=", "--as-of 2026-04-01"), ""),
    Refused("cut", "everything after as_of", PLAIN, ("nothing to count", "after_as_of 5"),
            "--as-of 2020-01-01"),
    Refused("cut", "contracts after as_of", DEEDS + RUNNING, ("nothing to count", "after_as_of 1"),
            "--as-of 2025-01-01"),
    # ---- one clock
    Refused("clock", "with and without a zone", times("2026-01-05T10:00:00Z", "2026-01-05 10:00"),
            ("'time'", r"with a zone \(1 row\)", r"without one \(1 row\)", "one clock first")),
    Refused("clock", "a zone and nobody's day", times("2026-01-05T10:00Z", "2026-01-06T10:00+02:00"),
            ("'time'", "on which wall clock days begin", "--tz Europe/Berlin")),
    Refused("clock", "a zone for times without one", times("2026-01-05 10:00"),
            ("'time'", "times without a zone", "without --tz"), f"--tz Europe/Berlin {APRIL}"),
    Refused("clock", "contracts: starts zoned, ends not",
            DEEDS + "a,2026-01-01T00:00Z,2026-02-01,1\nb,2026-01-01T00:00Z,,1\n",
            ("'start' has a time zone and column 'end' has none", "one clock"),
            f"--tz Europe/Berlin {APRIL}"),
    # ---- the customer is the unit
    Refused("unit", "both a time and a start", "customer,time,start\na,2026-01-01,2026-01-01\n",
            ("'time' and 'start'", "start=None", "--time for a log of events, or --start and --end")),
    Refused("unit", "contracts without an end", "customer,start\na,2026-01-01\n",
            ("no column 'end'", "'customer', 'start'", "end=", "--end COLUMN")),
    Refused("unit", "silence and contracts", DEEDS + RUNNING,
            ("inactivity=30", "it is for events"), f"--inactivity 30 {APRIL}"),
    # ---- money
    Refused("money", "nothing but refunds", amounts("-5", "-5"), ("nothing to count", "refund 2")),
    Refused("money", "nothing but refunds and blanks", LOG + "a,2026-01-05,-1\n,2026-01-05,1\n",
            ("nothing to count", "missing_customer 1", "refund 1")),
    # ---- numbers
    Refused("numbers", "a decimal comma", amounts("1,5", "2,25"),
            ("'amount'", "'1,5'", "in 2 rows", "decimal=','", "--decimal , or --decimal .")),
    Refused("numbers", "three digits behind every point", amounts("1.234", "2.500"),
            ("'amount'", r"'1\.234' in 2 rows", r"decimal='\.'", "--decimal")),
    Refused("numbers", "thousands in lakhs", amounts("1,00,000.50", "2"),
            ("'amount'", r"'1,00,000\.50'", "in 1 row", "by three"), f"--decimal . {APRIL}"),
    Refused("numbers", "a currency sign", amounts("5 €", "6 €"),
            ("'amount'", "'5 €'", "in 2 rows", "one currency")),
    Refused("numbers", "a currency's name", amounts("5 EUR", "7"),
            ("'amount'", "'5 EUR'", "in 1 row", "one currency")),
    Refused("numbers", "per cent", amounts("5%", "7"), ("'amount'", "'5%'", "in 1 row", "divide by 100")),
    Refused("numbers", "parentheses", amounts("(5.00)", "3"),
            ("'amount'", r"'\(5\.00\)'", "in 1 row", "with a minus")),
    Refused("numbers", "infinity in words", amounts("inf", "1"),
            ("'amount'", "'inf'", "in 1 row", "decide what the others mean")),
    Refused("numbers", "a minus of print", amounts("−5", "1"), ("'amount'", "'−5'", "in 1 row", "hyphen")),
    Refused("numbers", "wide digits", amounts("１２", "1"), ("'amount'", "'１２'", "in 1 row", "decide")),
    # ---- what a file is
    Refused("kind", "no file", None, ("no file found at", "data.csv")),
    Refused("kind", "no byte", b"", ("is empty",)),
    Refused("kind", "a mark and nothing else", b"\xef\xbb\xbf\r\n", ("is empty",)),
    Refused("kind", "an empty folder", folder(), ("no file found",), file="logs"),
    Refused("kind", "a header alone", LOG, ("nothing to count: no row left",)),
    Refused("kind", "blank rows alone", LOG + ",,\n , ,\n\n", ("nothing to count", "missing_customer 2")),
    Refused("kind", "a pickle", pickle.dumps({"a": 1}), ("a pickle, which may run code", "Parquet or CSV")),
    Refused("kind", "a zip", archive(), ("zip archive", "unpack it")),
    Refused("kind", "a web page named .xls", "<html><table><tr><td>a</td></tr></table></html>",
            ("a web page", "save it as .xlsx or CSV"), file="data.xls"),
    Refused("kind", "an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            (r"\.xls\)", r"save it as \.xlsx")),
    Refused("kind", "gzip cut short", gzip.compress(PLAIN.encode())[:40], ("gzip", "cannot be unpacked")),
    Refused("kind", "Parquet cut short", b"PAR1xxxxPAR1", ("cannot be opened",)),
    Refused("kind", "JSON cut short", '[{"customer":"a","time":', ("cannot be opened", "JSON")),
    Refused("kind", "an option the kind does not have", PLAIN, ("sheet= says nothing", "without --sheet"),
            f"--sheet A {APRIL}"),
    # ---- encodings
    Refused("encoding", "GB18030, not told", CHINESE.encode("gb18030"),
            ("not UTF-8", "line 1", "--encoding gb18030")),
    Refused("encoding", "cp1252, not told", UMLAUT.encode("cp1252"),
            ("not UTF-8", "line 3", "'cp1252'", "--encoding")),
    Refused("encoding", "cp1252, told as UTF-8", UMLAUT.encode("cp1252"), ("not UTF-8", "line 3"),
            f"--encoding utf-8 {APRIL}"),
    Refused("encoding", "UTF-8, told as cp1252", UMLAUT, ("is valid UTF-8", "without --encoding"),
            f"--encoding cp1252 {APRIL}"),
    Refused("encoding", "UTF-16 without a mark", PLAIN.encode("utf-16-le"),
            ("zero bytes", "utf-16-le", "--encoding utf-16-le")),
    Refused("encoding", "an encoding nobody knows", PLAIN, ("'klingon' is not known", "'gb18030'"),
            f"--encoding klingon {APRIL}"),
    Refused("encoding", "a letter cut in two", PLAIN.encode() + "d,2026-03-05,1\n北".encode()[:-1],
            ("line 8 has 1 field ", "Mend the line")),
    Refused("encoding", "a letter that lost its last byte", PLAIN.encode() + "北".encode()[:-1] + b",2026-03-05,1\n",
            ("not UTF-8", "line 7", "--encoding")),
    Refused("encoding", "GB18030 cut in two", CHINESE.encode("gb18030") + b"\x81",
            ("not text in gb18030: line 7", "--encoding"), f"--encoding gb18030 {APRIL}"),
    # ---- how a file is divided
    Refused("division", "two separators fit", "customer;time,amount\na;2026-01-05,1\nb;2026-01-06,2\n",
            ("several ways", "sep=','", "sep=';'", "--sep")),
    Refused("division", "a row too short", LOG + "a,2026-01-05,1\nb,2026-01-06\n",
            ("line 3 has 2 fields", "first row 3", "Mend the line", "sep=")),
    Refused("division", "a row too long, far down", LOG + "a,2026-01-05,1\n" * 3000 + "a,2026-01-05,1,\n",
            ("line 3,002 has 4 fields", "Mend the line")),
    Refused("division", "a quote that is not closed", LOG + 'a,2026-01-05,1\n"b,2026-01-06,1\n',
            ("line 3", "[Mm]end")),
    Refused("division", "sep= says one thing, the option another", "sep=;\n" + PLAIN.replace(",", ";"),
            ("says sep=;", "without --sep"), f"--sep , {APRIL}"),
    # ---- headers
    Refused("header", "a name twice", "customer,time,time\na,2026-01-05,1\n", ("two columns named 'time'", "rename")),
    Refused("header", "names that differ in case", "customer,time,Time\na,2026-01-05,1\n",
            ("'time' and 'Time'", "rename")),
    Refused("header", "another case than asked for", "Customer,time\na,2026-01-05\n",
            ("no column 'customer'", "did you mean 'Customer'", "--customer COLUMN")),
    Refused("header", "none", "1,2026-01-05,1\n2,2026-01-06,2\n",
            ("no header", "'2026-01-05'", r"names=\[", "--names")),
    Refused("header", "a title above it", "Orders of 2026,,\n" + PLAIN,
            ("'Orders of 2026'", "delete what stands above")),
    Refused("header", "too few names told", "a,2026-01-05,1\n", ("2 names", "3 fields", "--names"),
            f"--names customer,time {APRIL}"),
    Refused("header", "markup instead of names", "<b>who</b>,=cmd|'/c calc'!A1\na,2026-01-05\n",
            ("no column", "<b>who</b>", "--time COLUMN")),
    # ---- ids
    Refused("ids", "zero bytes in an id", LOG + "a\x00b,2026-01-05,1\n", ("zero bytes",)),
    Refused("ids", "the column is not named", "client,time\n007,2026-01-05\n",
            ("no column 'customer'", "'client'", "--customer COLUMN")),
]  # fmt: skip

TOLD = [
    # ---- ids are text from the first byte, and look-alikes are reported
    Told("ids", "leading zeros, .0, exponents and digits beyond 15",
         ids("007", "7", "12", "12.0", "1e5", "100000", "12345678901234567890", "12345678901234567891"),
         8, 8, {"2026-01": (8, 8, 8)}, found={"look_alike_customers": 4}, is_full=True),
    Told("ids", "case and blanks", ids("A1", "a1", " a1", "x"), 4, 4, {"2026-01": (4, 4, 4)},
         found={"look_alike_customers": 3}),
    Told("ids", "quotes, separators, newlines", ids('"a, ""x""\ny"', '"a, ""x"" y"', "o'hara; --"), 3, 3,
         {"2026-01": (3, 3, 3)}),
    Told("ids", "formulas, markup, emoji, text that turns", ids("=cmd|'/c calc'!A1", "<script>alert(1)</script>",
         "👩‍👩‍👧", "\u202eabc", "abc"), 5, 5, {"2026-01": (5, 5, 5)}),
    Told("ids", "numbers and text in JSON", '[{"customer":7,"time":"2026-01-05"},{"customer":"007","time":'
         '"2026-01-05"},{"customer":12345678901234567890,"time":"2026-01-06"}]', 3, 3,
         {"2026-01": (3, 3)}, found={"look_alike_customers": 2}),
    Told("ids", "of contracts", DEEDS + "007,2026-01-01,,1\n7,2026-01-01,,1\n", 2, 2,
         {"2026-01": (0, 2, 0, 0), "2026-03": (2, 0, 0, 0)}, found={"look_alike_customers": 2}),
    # ---- missing is one concept
    Told("missing", "customers: empty, blank, hard space, and words that are ids",
         ids("", "  ", "\u00a0", "null", "NaN", "x"), 6, 3, {"2026-01": (3, 3, 3)},
         excluded={"missing_customer": 3}, found={"missing_customer": 3, "odd_customer": 2}),
    Told("missing", "times", times("2026-01-05", "", "  ", "\u00a0"), 4, 4, {"2026-01": (1, 1)},
         excluded={"missing_time": 3}, found={"missing_time": 3}),
    Told("missing", "amounts", amounts("5", "", " ", "\u00a0"), 4, 4, {"2026-01": (4, 4, 5)},
         found={"missing_amount": 3}),
    Told("missing", "customers and starts of contracts",
         DEEDS + RUNNING + ",2026-01-01,,1\nb,,2026-02-01,1\n \t,2026-01-01, ,1\n", 4, 2,
         {"2026-01": (0, 1, 0, 0), "2026-03": (1, 0, 0, 0)},
         excluded={"missing_customer": 2, "missing_start": 1}),
    # ---- one rule of reading
    Told("times", "one day above 12 decides: month first", times("1/13/2026", "2/3/2026"), 2, 2,
         {"2026-01": (1, 1), "2026-02": (1, 1), "2026-03": (0, 0)}),
    Told("times", "one day above 12 decides: day first", times("13/1/2026", "2/3/2026"), 2, 2,
         {"2026-01": (1, 1), "2026-02": (0, 0), "2026-03": (1, 1)}),
    Told("times", "told: month first", times("03/02/2026"), 1, 1, {"2026-03": (1, 1)},
         f"--monthfirst {APRIL}"),
    Told("times", "a leap day", times("2024-02-29", "2024-03-01"), 2, 2,
         {"2024-02": (1, 1), "2024-03": (1, 1)}, "--as-of 2024-04-01"),
    Told("times", "24:00 is the day after", times("2026-01-31 24:00", "2026-01-31 23:59"), 2, 2,
         {"2026-01": (1, 1), "2026-02": (1, 1)}),
    Told("times", "Chinese days", times("2026年1月5日", "2026年3月31日"), 2, 2,
         {"2026-01": (1, 1), "2026-03": (1, 1)}),
    Told("times", "12 am is midnight", times("31/01/2026 11:59 pm", "01/02/2026 12:00 AM"), 2, 2,
         {"2026-01": (1, 1), "2026-02": (1, 1)}),
    Told("times", "the year 1", times("0001-01-01", "2026-01-05"), 2, 2,
         {"2026-01": (1, 1), "2026-02": (0, 0)}, found={"default_date": 1}),
    # ---- the cut
    Told("cut", "the last day of the calendar is after as_of", times("9999-12-31", "2026-01-05"), 2, 2,
         {"2026-01": (1, 1), "2026-03": (0, 0)}, excluded={"after_as_of": 1}, found={"default_date": 1}),
    Told("cut", "at as_of and the second before", times("2026-04-01", "2026-03-31 23:59:59"), 2, 2,
         {"2026-03": (1, 1)}, excluded={"after_as_of": 1}),
    Told("cut", "contracts that start at as_of or after",
         DEEDS + RUNNING + "b,2026-04-01,,1\nc,2026-05-01,,1\n", 3, 3,
         {"2026-01": (0, 1, 0, 0), "2026-03": (1, 0, 0, 0)}, excluded={"after_as_of": 2}),
    Told("cut", "an end in the year 9999 runs", DEEDS + RUNNING + "b,2026-01-01,9999-12-31,1\n", 2, 2,
         {"2026-03": (2, 0, 0, 0)}, found={"far_end": 1}),
    # ---- one clock
    Told("clock", "midnight of the zone", times("2026-01-31T23:30:00Z", "2026-01-31T23:30:00+02:00"), 2, 2,
         {"2026-01": (1, 1), "2026-02": (1, 1)}, f"--tz Europe/Berlin {APRIL}"),
    Told("clock", "the hour that is skipped, with its zone",
         times("2026-03-31T21:59:59Z", "2026-03-29T01:00:00Z", "2026-03-31T22:00:00Z"), 3, 3,
         {"2026-03": (2, 2)}, f"--tz Europe/Berlin {APRIL}", excluded={"after_as_of": 1}),
    Told("clock", "the hour that is skipped, without a zone, is read as it stands",
         times("2026-03-29 02:30", "2026-03-01 00:00"), 2, 2, {"2026-03": (2, 2)}),
    # ---- the customer is the unit
    Told("unit", "overlaps and renewals", DEEDS + "a,2026-01-01,2026-02-15,10\na,2026-02-01,,5\n"
         "b,2026-01-01,2026-02-01,5\nb,2026-02-01,2026-03-01,5\n", 4, 2,
         {"2026-01": (0, 2, 0, 0), "2026-02": (2, 0, 1, 0), "2026-03": (1, 0, 0, 0)},
         found={"overlapping_contracts": 1}, is_full=True),
    Told("unit", "ends before and at the start", DEEDS + RUNNING + "b,2026-02-01,2026-01-15,5\n"
         "c,2026-02-01,2026-02-01,5\n", 3, 3,
         {"2026-01": (0, 1, 0, 0), "2026-02": (1, 1, 0, 1), "2026-03": (1, 0, 0, 0)},
         excluded={"end_before_start": 1}, found={"end_before_start": 1, "end_equals_start": 1}),
    Told("unit", "several visits a day are one customer", LOG + "a,2026-01-05 10:00,1\na,2026-01-05 11:00,1\n"
         "b,2026-01-06,1\n", 3, 2, {"2026-01": (2, 2, 3)}),
    # ---- money
    Told("money", "0.1 and 0.2", amounts("0.1", "0.2"), 2, 2, {"2026-01": (2, 2, 0.3)}),
    Told("money", "a refund nets, and is no visit", LOG + "a,2026-01-05,5\na,2026-02-01,-2\nb,2026-02-01,1\n",
         3, 2, {"2026-01": (1, 1, 5), "2026-02": (1, 1, -1)}, excluded={"refund": 1},
         found={"negative_amount": 1}, is_full=True),
    Told("money", "refunds of nobody's purchase", LOG + "a,2026-01-05,5\nb,2026-01-06,-3\nc,2026-01-07,-1\n"
         "c,2026-02-02,4\n", 4, 3, {"2026-01": (1, 1, 5), "2026-02": (1, 1, 4)}, excluded={"refund": 2}),
    Told("money", "zero amounts are activity", amounts("0", "-0", "0.00"), 3, 3, {"2026-01": (3, 3, 0)},
         found={"zero_amount": 3}),
    Told("money", "a sum of a million millions", amounts("400000000000", "400000000000.01", "400000000000"),
         3, 3, {"2026-01": (3, 3, 1200000000000.01)}),
    Told("money", "contracts that cost nothing or less", DEEDS + RUNNING + "b,2026-01-01,,0\nc,2026-01-01,,-1\n",
         3, 3, {"2026-01": (0, 3, 0, 0), "2026-03": (3, 0, 0, 0)}, found={"negative_amount": 1}),
    # ---- identical rows
    Told("rows", "identical rows are used and noted", LOG + "a,2026-01-05,1\n" * 3, 3, 1,
         {"2026-01": (1, 1, 3)}, found={"identical_rows": 2}),
    Told("rows", "identical contracts are one customer", DEEDS + RUNNING * 2, 2, 1,
         {"2026-01": (0, 1, 0, 0), "2026-03": (1, 0, 0, 0)}, found={"identical_rows": 1}),
    # ---- numbers
    Told("numbers", "a decimal comma, told", amounts("1,5", "1.000,25"), 2, 2, {"2026-01": (2, 2, 1001.75)},
         f"--decimal , {APRIL}"),
    Told("numbers", "three digits, told", amounts("1.234", "2.500"), 2, 2, {"2026-01": (2, 2, 3734)},
         f"--decimal , {APRIL}"),
    Told("numbers", "grouped by points and blanks", amounts("1,234.50", "1 000"), 2, 2,
         {"2026-01": (2, 2, 2234.5)}, f"--decimal . {APRIL}"),
    Told("numbers", "exponents", amounts("1e3", "1.5E-1"), 2, 2, {"2026-01": (2, 2, 1000.15)}),
    # ---- what a file is, its bytes decide
    Told("kind", "Parquet named .csv", parquet("SELECT * FROM (VALUES ('007', DATE '2026-01-05', 0.1), "
         "('7', DATE '2026-02-05', 0.2)) t(customer, time, amount)"), 2, 2,
         {"2026-01": (1, 1, 0.1), "2026-02": (1, 1, 0.2)}, found={"look_alike_customers": 2}),
    Told("kind", "CSV named .parquet", PLAIN, 5, 3, MONTHS, file="data.parquet", is_full=True),
    Told("kind", "gzip named .csv", gzip.compress(PLAIN.encode()), 5, 3, MONTHS),
    Told("kind", "a name that is a pattern", PLAIN, 5, 3, MONTHS, file="a[1]*?.csv"),
    Told("kind", "a folder of two", folder(a=PLAIN, b="time;amount;customer\n2026-03-03;0.5;b\n"), 6, 3,
         MONTHS | {"2026-03": (2, 0, 1.5)}, file="logs"),
    Told("kind", "lines of JSON", '{"customer":"a","time":"2026-01-05"}\n{"customer":"b","time":"2026-03-05"}\n',
         2, 2, {"2026-01": (1, 1), "2026-03": (1, 1)}),
    # ---- encodings
    Told("encoding", "UTF-8 with its mark", PLAIN.encode("utf-8-sig"), 5, 3, MONTHS),
    Told("encoding", "UTF-16 with its mark", CHINESE.encode("utf-16"), 5, 3, MONTHS, f"--customer 客户 {APRIL}"),
    Told("encoding", "UTF-16 of the other end", b"\xfe\xff" + PLAIN.encode("utf-16-be"), 5, 3, MONTHS),
    Told("encoding", "GB18030, told", CHINESE.encode("gb18030"), 5, 3, MONTHS,
         f"--customer 客户 --encoding gb18030 {APRIL}"),
    Told("encoding", "cp1252, told", UMLAUT.encode("cp1252"), 5, 3, MONTHS, f"--encoding cp1252 {APRIL}"),
    # ---- how a file is divided
    Told("division", "semicolons", PLAIN.replace(",", ";"), 5, 3, MONTHS),
    Told("division", "tabs and a decimal comma", PLAIN.replace(",", "\t").replace(".", ","), 5, 3, MONTHS,
         f"--decimal , {APRIL}"),
    Told("division", "Excel's first line", "sep=|\r\n" + PLAIN.replace(",", "|").replace("\n", "\r\n"), 5, 3, MONTHS),
    Told("division", "lines that end as on an old Macintosh", PLAIN.replace("\n", "\r"), 5, 3, MONTHS),
    Told("division", "separators at every end", PLAIN.replace("\n", ",\n"), 5, 3, MONTHS),
    Told("division", "both fit and one is told", "customer;time,x\na;2026-01-05\n", 1, 1,
         {"2026-01": (1, 1)}, f"--sep ; --time time,x {APRIL}"),
    # ---- headers
    Told("header", "told, where there is none", PLAIN.removeprefix(LOG), 5, 3, MONTHS,
         f"--names customer,time,amount {APRIL}"),
    Told("header", "hostile names", PLAIN.replace("customer", "\"'; DROP TABLE x; --\"").replace("time", "<b>when</b>")
         .replace("amount", "\"=1+1, 区域\n" + "x" * 300 + '"'), 5, 3, MONTHS,
         "--customer \"'; DROP TABLE x; --\" --time '<b>when</b>' --amount '=1+1, 区域\n" + "x" * 300 + f"' {APRIL}",
         is_full=True),
    Told("header", "names of results", PLAIN.replace("customer", "duration").replace("time", "age")
         .replace("amount", "event"), 5, 3, MONTHS, f"--customer duration --time age --amount event {APRIL}",
         is_full=True),
    Told("header", "an empty name", "customer,,time,amount\na,x,2026-01-05,1\nb,y,2026-02-05,2\n", 2, 2,
         {"2026-01": (1, 1, 1), "2026-02": (1, 1, 2)}),
    # ---- segments
    Told("segments", "names of results, a missing and a blank one", "customer,time,duration\na,2026-01-05,x\n"
         "b,2026-01-05,\nc,2026-01-05, \na,2026-02-05,x\nb,2026-02-05,\n", 5, 3,
         {"2026-01": (3, 3), "2026-02": (2, 0)}, f"--by duration --inactivity 30 {APRIL}", is_full=True),
    Told("segments", "more than can be told apart", "customer,time,shop\n"
         + "".join(f"c{i},2026-01-05,s{i}\nc{i},2026-02-05,s{i}\n" for i in range(40)), 80, 40,
         {"2026-01": (40, 40), "2026-02": (40, 0)}, f"--by shop --inactivity 30 {APRIL}", is_full=True),
    # ---- tiny
    Told("tiny", "one row", LOG + "a,2026-01-05,1\n", 1, 1, {"2026-01": (1, 1, 1), "2026-02": (0, 0, 0)},
         is_full=True),
    Told("tiny", "two customers on one day, no date told", LOG + "a,2026-01-05,1\nb,2026-01-05,2\n", 2, 2,
         {}, "", is_full=True),
    Told("tiny", "one contract", DEEDS + RUNNING, 1, 1, {"2026-01": (0, 1, 0, 0), "2026-03": (1, 0, 0, 0)},
         is_full=True),
]  # fmt: skip

ORDER = ["customer", "time", "amount"]
WORKBOOKS: list[Refused | Told] = [
    Refused("workbook", "two sheets", book([ORDER, ["a", "2026-01-05", 1]], [ORDER, ["b", "2026-01-05", 2]]),
            ("several sheets", "'Orders 1', 'Orders 2'", "--sheet 'Orders 1'")),
    Refused("workbook", "a title above the header", book([["All orders"], ORDER, ["a", "2026-01-05", 1]]),
            ("'All orders'", "delete what stands above")),
    Refused("workbook", "ids that Excel has rounded", book([ORDER, [1234567890123456789, "2026-01-05", 1]]),
            ("'customer'", "more than 15 digits", "as text")),
    Refused("workbook", "numbers where days belong", book([ORDER, ["a", 46027, 1], ["b", 46028, 1]]),
            ("'time'", "for example 46027", "2 rows", "format the column as a date")),
    Refused("workbook", "an error of Excel", book([ORDER, ["a", "2026-01-05", "#N/A"]]),
            ("'amount'", "'#N/A'", "in 1 row", "[Mm]end|empty")),
    Told("workbook", "named .csv, numbers as ids", book([ORDER, [7, "2026-01-05", 0.1], ["007", "2026-01-06", 0.2],
         [7.0, "2026-02-05", 1]]), 3, 2, {"2026-01": (2, 2, 0.3), "2026-02": (1, 0, 1)},
         found={"look_alike_customers": 2}),
    Told("workbook", "a sheet that is told", book([ORDER, ["a", "2026-01-05", 1]], [ORDER, ["b", "2026-02-05", 2]]),
         1, 1, {"2026-02": (1, 1, 2)}, f"--sheet 'Orders 2' {APRIL}", file="data.xlsx"),
]  # fmt: skip
