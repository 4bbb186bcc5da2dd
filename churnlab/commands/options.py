"""The command line as argparse sees it, and which option answers which argument of the library."""

from __future__ import annotations

import argparse
import ast
import csv
import re
import shlex
import shutil
import textwrap
from collections.abc import Callable, Sequence
from functools import partial

import churnlab

_ABOUT = "Customer retention, counted right: a page about your own data, and the course."
_CODES = (
    "exit codes: 0 done, 1 the data or a file was refused, 2 wrong usage, 70 an error of "
    "churnlab's own, 130 interrupted"
)
_EXAMPLES = """\
examples:
  churnlab report orders.csv --customer client --time paid_on -o orders.html
  churnlab report contracts.csv --start begun --end ended --as-of 2026-04-01
  churnlab profile 'logs/*.csv' --customer client --time paid_on
  churnlab notebooks lessons
"""
# What a message of the library names, and what to type instead.
_ANSWERS = {
    **{"customer": "COLUMN", "time": "COLUMN", "start": "COLUMN", "end": "COLUMN"},
    **{"amount": "COLUMN", "reason": "COLUMN", "by": "COLUMN", "as_of": "2026-04-01"},
    **{"period": "week", "inactivity": "90", "min_cell": "10", "tz": "Europe/Berlin"},
    **{"ratings": "FILE", "title": "'Our customers'", "sep": "';'", "decimal": ", or --decimal ."},
    **{"encoding": "gb18030", "names": "customer,time,amount", "sheet": "Orders"},
}
_READING = ("sep", "decimal", "encoding", "names", "sheet", "tz")
_COLUMNS = ("customer", "time", "start", "end", "amount", "as_of")
_REPORT = ("reason", "by", "period", "inactivity", "min_cell", "ratings", "title")
_OF = {"profile": (*_COLUMNS, *_READING), "report": (*_COLUMNS, *_REPORT, *_READING)}


def hint(message: str, command: str) -> list[str]:
    """One line with the options that answer the arguments a message names; none if there are none."""
    named = [*re.findall(r"\b(\w+)=", message), *re.findall(r"\bas_of\b", message)]
    left_out = re.findall(r"[Ll]eave (\w+?)=? out", message)
    typed = []
    if "Period(" in message:  # it is the zone in it that is asked for
        named = [name for name in named if name != "period"]
    if {"time=None", "start=None"} <= set(re.findall(r"\w+=None", message)):
        named, typed = [], ["--time for a log of events, or --start and --end for contracts"]
    for name in dict.fromkeys(named):
        option = f"--{name.replace('_', '-')}"
        if name == "dayfirst" and command in _OF:
            typed.append("--dayfirst or --monthfirst")
        elif name in _OF.get(command, ()) and not (name == "sep" and "Mend the line" in message):
            out = name in left_out or "it" in left_out
            say = f"{option} {_answer(name, message)}"
            both = out and f"or say {name}=" in message
            typed.append(f"without {option}{f', or {say}' if both else ''}" if out else say)
    return [f"On the command line: {'; '.join(typed)}"] if typed and command in _OF else []


def _answer(name: str, message: str) -> str:
    """What to type: the very sheet or encoding that the message proposes, else an example."""
    if name == "encoding" and "(Western Europe)" in message:
        return "cp1252, or --encoding gb18030, …"
    text = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
    told = re.search(rf"\bsay {name}=({text})", message) if name in ("sheet", "encoding") else None
    return shlex.quote(ast.literal_eval(told[1])) if told else _ANSWERS[name]


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of one command; SystemExit after help, the version, or wrong usage."""
    width = max(min(shutil.get_terminal_size().columns, 80), 40)
    look = partial(argparse.RawDescriptionHelpFormatter, width=width - 1)
    parser = argparse.ArgumentParser(
        prog="churnlab", description=_ABOUT, epilog=_fill(_CODES, width) + "\n\n" + _EXAMPLES,
        formatter_class=look, allow_abbrev=False,
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"churnlab {churnlab.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")

    def add(name: str, says: str, more: str = "") -> argparse.ArgumentParser:
        told = _fill(f"{says[0].upper()}{says[1:]}. {more}".strip(), width)
        return commands.add_parser(
            name, help=says, description=told, formatter_class=look, allow_abbrev=False
        )

    _report(add("report", "make one page about your customers, as HTML", _REPORT_MORE))
    _profile(add("profile", "say what is in a file before any analysis", _PROFILE_MORE))
    _notebooks(add("notebooks", "copy the lessons of the course to a folder", _COURSE_MORE))
    _casebook(add("casebook", "compute the figures of the articles again", _CASEBOOK_MORE))
    add("versions", "print the versions of churnlab and of what it uses", _VERSIONS_MORE)
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        raise SystemExit(2)
    return options


_REPORT_MORE = (
    "The page is one file, works offline and runs nothing. It says how customers come, stay and "
    "leave, with every table's rows read, used and excluded. Name --time for a log of events, or "
    "--start and --end for contracts."
)
_PROFILE_MORE = (
    "One finding each: how many rows, customers or days, an example, and what it means. Nothing is "
    "changed. Name --time for a log of events, or --start and --end for contracts."
)
_COURSE_MORE = (
    "A notebook that is there and differs is kept, and the exit code is 1, unless --force is said."
)
_CASEBOOK_MORE = (
    "Every figure of the five articles: what is stated, what churnlab computes from the same "
    "inputs, and whether they agree. The exit code is 1 if a figure does not come out again."
)
_VERSIONS_MORE = "Nothing is imported and no folder is named, so it can go into a public report."


def _fill(text: str, width: int) -> str:
    return textwrap.fill(text, width - 1)


def _report(to: argparse.ArgumentParser) -> None:
    _files(to)
    page = to.add_argument_group("the page")
    page.add_argument("-o", "--output", metavar="PAGE", help="the page to write; an earlier one is "
                      "replaced (default: FILE's name and _report.html, in this folder)")  # fmt: skip
    page.add_argument("--title", help="heading of the page")
    page.add_argument("--min-cell", type=_whole(0), metavar="N", help="figures that rest on "
                      "fewer than N customers are withheld (default: 10)")  # fmt: skip
    page.add_argument("--save-notebook", action="store_true", help="write the notebook that makes "
                      "the same tables beside the page")  # fmt: skip
    columns = _columns(to)
    columns.add_argument("--reason", metavar="COL", help="why a contract ended")
    columns.add_argument("--without", action="append", choices=("amount", "reason"), metavar="ROLE",
                         help="do not read the column of this name: amount, or reason")  # fmt: skip
    columns.add_argument("--by", action="append", metavar="COL", help="groups to compare; may be "
                         "repeated")  # fmt: skip
    how = _how(to)
    how.add_argument("--period", choices=("week", "month", "quarter", "year"), default="month",
                     help="the step in which time is counted (default: month)")  # fmt: skip
    how.add_argument("--inactivity", type=_whole(2), metavar="DAYS", help="of a log: days without "
                     "any event after which a customer counts as lost")  # fmt: skip
    how.add_argument("--ratings", metavar="FILE", help="what customers say: one row per customer "
                     "and factor, with satisfaction and importance")  # fmt: skip
    _reading(to)


def _profile(to: argparse.ArgumentParser) -> None:
    _files(to)
    to.add_argument("--csv", metavar="TABLE", help="write the findings to this CSV file too")
    _columns(to)
    _how(to)
    _reading(to)


def _notebooks(to: argparse.ArgumentParser) -> None:
    to.add_argument("folder", metavar="DIR", help="where to; it is made if it is not there")
    to.add_argument("--force", action="store_true", help="replace notebooks that differ")


def _casebook(to: argparse.ArgumentParser) -> None:
    to.add_argument("--csv", metavar="TABLE", help="write the whole table, with the notes, to this "
                    "CSV file too")  # fmt: skip


def _files(to: argparse.ArgumentParser) -> None:
    to.add_argument("files", nargs="+", metavar="FILE", help="the table: a file, a folder, a quoted "
                    "pattern ('logs/*.csv'), or several files of the same columns")  # fmt: skip


def _columns(to: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    group = to.add_argument_group("which column is what")
    group.add_argument("--customer", default="customer", metavar="COL", help="the customer's id "
                       "(default: customer)")  # fmt: skip
    group.add_argument("--time", metavar="COL", help="of a log: when it happened (default: time)")
    group.add_argument(
        "--start", metavar="COL", help="of contracts: the first day (default: start)"
    )
    group.add_argument("--end", metavar="COL", help="of contracts: the day after the last; empty "
                       "while the contract runs (default: end)")  # fmt: skip
    group.add_argument("--amount", metavar="COL", help="money: of the event, or per month of the "
                       "contract (default: amount)")  # fmt: skip
    return group


def _how(to: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    group = to.add_argument_group("how it is counted")
    group.add_argument("--as-of", type=_day, metavar="DATE", help="data before this date; the day "
                       "itself is not read")  # fmt: skip
    group.add_argument("--tz", type=_zone, metavar="ZONE", help="for times with a zone: on whose "
                       "clock days begin, such as Europe/Berlin")  # fmt: skip
    return group


def _reading(to: argparse.ArgumentParser) -> None:
    group = to.add_argument_group("how the file is read (only where it cannot say so itself)")
    group.add_argument("--sep", metavar="S", help="what stands between fields: ',' ';' '|' tab "
                       "space")  # fmt: skip
    group.add_argument(
        "--decimal", choices=(",", "."), metavar="C", help="the decimal mark of numbers: , or ."
    )
    order = group.add_mutually_exclusive_group()
    order.add_argument("--dayfirst", action="store_true", help="3/4/2026 is the 3rd of April")
    order.add_argument("--monthfirst", action="store_true", help="3/4/2026 is the 4th of March")
    group.add_argument("--encoding", metavar="E", help="of text, such as cp1252 or gb18030")
    group.add_argument("--names", type=_names, metavar="A,B,C", help="the columns of a file without "
                       "a header")  # fmt: skip
    group.add_argument("--sheet", metavar="S", help="of a workbook (XLSX)")


# ------------------------------------------------------------------ what an option may say


def _whole(least: int) -> Callable[[str], int]:
    """A whole number of at least so much."""

    def number(text: str) -> int:
        if not re.fullmatch(r"\s*[0-9]{1,9}\s*", text) or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
        return int(text)

    return number


def _names(text: str) -> list[str]:
    """As in a file: a name with a comma in it stands in quotes."""
    return [name.strip() for name in next(csv.reader([text], skipinitialspace=True), [""])]


def _zone(text: str) -> str:
    from churnlab.checks import InputError
    from churnlab.periods import zone

    try:
        zone(text)
    except InputError as error:
        raise argparse.ArgumentTypeError(str(error).removeprefix("tz=")) from error
    return text


def _day(text: str) -> str:
    from datetime import datetime

    try:
        datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a date such as 2026-04-01, or a time such as 2026-04-01T06:00"
        ) from error
    return text.strip()
