"""Which rows count: the rules that every room applies to raw rows, and their ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from churnlab import engine, periods
from churnlab.checks import RULES, Entry, IfPresent, InputError, entries, plain, reject
from churnlab.engine import Frame

_GAP_DAYS = 92  # a last day further than this from the day before it is taken for a slip
_KINDS_SHOWN = 10  # kinds of events that a message lists
USED = 0
_MOST = 10.0**12  # money, above which ten-thousandths no longer add up in a double


def missing_customer(frame: Frame) -> nw.Expr:
    """True where the customer is null, empty or blank."""
    customer = nw.col("customer")
    is_text = frame.schema["customer"] == nw.String
    return engine.is_blank(customer) if is_text else customer.is_null()


def before(frame: Frame, role: str, moment: datetime) -> nw.Expr:
    """True where the time is before an instant, without any help from a session's zone."""
    time = nw.col(role)
    if frame.lazy.implementation.is_spark_like():
        return periods.micros(time, is_date=frame.is_date(role)) < periods.micros_of(moment)
    if frame.is_date(role):
        day = (
            moment.date() if moment.time() == datetime.min.time() else moment.date() + timedelta(1)
        )
        return time < nw.lit(day)
    return time < nw.lit(moment)


def first_rule(rules: Mapping[str, nw.Expr]) -> nw.Expr:
    """The number of the first rule that excludes a row (1, 2, …), or 0 where it is used."""
    code = nw.lit(USED)
    for number, condition in reversed(list(enumerate(rules.values(), start=1))):
        code = nw.when(condition).then(nw.lit(number)).otherwise(code)
    return code.cast(nw.Int64)


def event_rules(frame: Frame, as_of: datetime) -> dict[str, nw.Expr]:
    """Rules that exclude a row of an event log, in order of precedence."""
    rules = {
        "missing_customer": missing_customer(frame),
        "missing_time": nw.col("time").is_null(),
        "after_as_of": ~before(frame, "time", as_of),
    }
    if frame.has("amount"):
        rules["refund"] = nw.col("amount").fill_null(0) < 0
    return rules


def used(frame: Frame, rules: Mapping[str, nw.Expr]) -> Frame:
    """The rows that no rule excludes."""
    return frame.then(lambda rows: rows.filter(*[~condition for condition in rules.values()]))


def count_all(frame: Frame) -> int:
    """How many rows the table has; files know it without being read."""
    return int(engine.collect(frame.lazy.select(n=nw.len()))["n"].iloc[0])


def count_rows(frame: Frame, rules: Mapping[str, nw.Expr], stage: str) -> list[Entry]:
    """The ledger of rows: everything read is used or excluded under one rule."""
    ruled = frame.then(lambda rows: rows.select(rule=first_rule(rules)))
    n = engine.counts(ruled, ["rule"]).set_index("rule")["n"]
    counted = {"read": int(n.sum()), "used": int(n.get(USED, 0))}
    counted |= {rule: int(n.get(i, 0)) for i, rule in enumerate(rules, start=1)}
    return entries(stage, "rows", counted)


def count_identical(frame: Frame, rules: Mapping[str, nw.Expr], stage: str) -> list[Entry]:
    """How many used rows repeat another one in every column that is read."""
    rows = used(frame, rules)
    seen = rows.lazy.group_by(*frame.roles).agg(n=nw.len()).with_columns(extra=nw.col("n") - 1)
    total = engine.collect(seen.select(nw.col("extra").sum()))["extra"].iloc[0]
    return entries(stage, "rows", {"identical_rows": 0 if pd.isna(total) else int(total)})


def count_spells(
    frame: Frame,
    judged: nw.LazyFrame[Any],
    *,
    out: str | Sequence[str],
    stage: str,
    no_start: int = 0,
    every: bool = False,
) -> list[Entry]:
    """The ledgers of customers and of spells.

    ``judged`` has one row per customer with ``n_spells``, or with ``every`` one row per spell, and
    flags ``out``: the names of the rules that exclude a spell, in order of precedence. A customer
    is used if a spell is. ``no_start`` customers were left out before there were spells.
    """
    rules = [out] if isinstance(out, str) else list(out)
    coded = judged.with_columns(ruled=first_rule({rule: nw.col(rule) for rule in rules}))
    n_named = _n_customers(frame.lazy.filter(~missing_customer(frame)))
    if every:
        spells = _by_rule(coded)
        customers = _by_rule(coded.group_by("customer").agg(nw.col("ruled").min()))
    else:
        counted = engine.collect(
            coded.group_by("ruled").agg(n=nw.len(), n_spells=nw.col("n_spells").sum())
        ).set_index("ruled")
        spells, customers = dict(counted["n_spells"]), dict(counted["n"])
    inside, begun = int(customers.get(USED, 0)), sum(int(n) for n in customers.values())
    named = {rule: int(customers.get(i, 0)) for i, rule in enumerate(rules, start=1)}
    lines = {"read": n_named, "used": inside, "no_activity": n_named - begun - no_start}
    lines |= {"no_start": no_start} | named
    used_spells = int(spells.get(USED, 0)) if every else inside
    parts = {"read": sum(int(n) for n in spells.values()), "used": used_spells}
    parts |= {rule: int(spells.get(i, 0)) for i, rule in enumerate(rules, start=1)}
    parts["later_spell"] = int(spells.get(USED, 0)) - used_spells
    return entries(stage, "customers", lines) + entries(stage, "spells", parts)


def _n_customers(lazy: nw.LazyFrame[Any]) -> int:
    named = lazy.group_by("customer").agg(n=nw.len())
    return int(engine.collect(named.select(n=nw.len()))["n"].iloc[0])


def _by_rule(coded: nw.LazyFrame[Any]) -> dict[int, int]:
    counted = engine.collect(coded.group_by("ruled").agg(n=nw.len()))
    return {int(k): int(n) for k, n in zip(counted["ruled"], counted["n"], strict=True)}


def kind_names(argument: str, given: Any) -> tuple[str | int, ...]:
    """``start_kind`` or ``return_kind`` as a tuple of kinds; none given is an empty one."""
    names = () if given is None else (given,) if isinstance(given, str | int) else given
    if not isinstance(names, list | tuple) or not all(
        isinstance(n, str | int) and not isinstance(n, bool) for n in names
    ):
        raise InputError(f"{argument}={given!r} must be a kind of event or a list of kinds.")
    if given is not None and not names:
        raise InputError(f"{argument}={given!r} names no kind: name one, or leave it out.")
    return tuple(names)


def kind_column(kind: str | None, *names: tuple[str | int, ...]) -> str | None:
    """The column of kinds to read: none where no kind is named, and no default where one is."""
    if not any(names):
        if kind is not None and not isinstance(kind, IfPresent):
            raise InputError(f"kind={kind!r} is of no use alone: name start_kind or return_kind.")
        return None
    if kind is None:
        raise InputError("kind=None: name the column that holds the kinds of events.")
    return str(kind)


def kind_rules(
    frame: Frame,
    rules: Mapping[str, nw.Expr],
    starts: tuple[str | int, ...],
    returns: tuple[str | int, ...],
) -> tuple[Frame, dict[str, nw.Expr]]:
    """Further rules for where a customer's history begins and for what counts as activity.

    ``rules`` are those of :func:`event_rules`. With ``starts`` the frame gains ``origin``, the
    customer's first time of such a kind; the start itself always counts as activity.
    """
    found = dict(rules)
    for argument, names in (("start_kind", starts), ("return_kind", returns)):
        require_kinds(frame, argument, names)
    is_start = nw.lit(False)
    if starts:
        begun = used(frame, rules).lazy.filter(is_kind(starts))
        origins = begun.group_by("customer").agg(origin=nw.col("time").min())
        frame = frame.then(lambda rows: rows.join(origins, on="customer", how="left"))
        time, origin = nw.col("time"), nw.col("origin")
        found["no_start"] = origin.is_null()
        found["before_start"] = (time < origin).fill_null(False)
        is_start = is_kind(starts) & (time == origin).fill_null(False)
    if returns:
        found["other_kind"] = ~(is_kind(returns) | is_start)
    return frame, found


def is_kind(names: Sequence[str | int]) -> nw.Expr:
    """True where ``kind`` is one of these."""
    kind = nw.col("kind")
    return reduce(or_, [(kind == name).fill_null(False) for name in names])


def require_kinds(frame: Frame, argument: str, names: Sequence[str | int]) -> None:
    """Refuse a kind that does not occur, and say which do."""
    if not names:
        return
    kinds = frame.lazy.filter(~nw.col("kind").is_null()).select("kind").unique()
    is_text = frame.schema["kind"] == nw.String
    if not is_text and not frame.schema["kind"].is_integer():
        raise InputError(
            f"column {frame.column('kind')!r} holds {frame.schema['kind']}: kinds of events must be "
            "text or whole numbers."
        )
    fit = [name for name in names if isinstance(name, str) == is_text]
    if len(fit) == len(names):
        have = set(engine.collect(kinds.filter(is_kind(fit)))["kind"].tolist())
        if set(names) <= have:
            return
        fit = [name for name in names if name in have]
    lost = next(name for name in names if name not in fit)
    some = engine.collect(kinds.sort("kind").head(_KINDS_SHOWN + 1))["kind"].tolist()
    shown = ", ".join(plain(k) for k in some[:_KINDS_SHOWN])
    more = ", …" if len(some) > _KINDS_SHOWN else ""
    raise InputError(
        f"{argument}={lost!r} does not occur in column {frame.column('kind')!r}, which holds "
        f"{shown or 'nothing'}{more}."
    )


def count_no_start(frame: Frame, rules: Mapping[str, nw.Expr]) -> int:
    """How many customers were left out for want of a start."""
    if "no_start" not in rules:
        return 0
    number = list(rules).index("no_start") + 1
    return _n_customers(frame.lazy.filter(first_rule(rules) == number))


def refuse_unlike_ids(
    frame: Frame, what: str, other: Frame, other_what: str, *, role: str = "customer"
) -> None:
    """Customers as text in one table and as numbers in another never meet: say so."""
    pairs = ((frame, role, what), (other, "customer", other_what))
    whole = [each.schema[name].is_integer() for each, name, _ in pairs]
    if whole[0] == whole[1]:
        return
    told = [
        f"{'numbers' if w else 'text'} in {name}"
        for w, (_, _, name) in zip(whole, pairs, strict=True)
    ]
    columns = " and ".join(repr(each.column(name)) for each, name, _ in pairs)
    raise InputError(f"customers are {told[0]} and {told[1]} (columns {columns}): make both text.")


def refuse_elapsed_zones(frame: Frame, unit: periods.Period) -> None:
    """Elapsed time is that of a steady clock; a wall clock that goes back or forward is none."""
    if unit.clock == "elapsed" and frame.tz not in (None, "UTC"):
        raise InputError(
            f"clock='elapsed' needs a clock without summer time, and the times are on that of "
            f"{frame.tz!r}: give the Period tz='UTC', which leaves elapsed time as it is."
        )


def resolve_as_of(frame: Frame, as_of: Any) -> datetime:
    """The exclusive instant given, or the end of the last day present in an event log."""
    if as_of is not None:
        return periods.instant(as_of, argument="as_of", tz=frame.tz)
    days = frame.then(lambda rows: rows.filter(~nw.col("time").is_null()))
    last = _latest(days)
    if last is None:
        raise InputError(f"column {frame.column('time')!r} holds no time at all: nothing to count.")
    midnight = datetime(last.year, last.month, last.day)
    earlier = _latest(days.then(lambda rows: rows.filter(before(frame, "time", midnight))))
    if earlier is not None and (midnight - earlier) >= timedelta(days=_GAP_DAYS + 1):
        raise InputError(
            f"column {frame.column('time')!r}: the last day, {last:%Y-%m-%d}, stands alone, "
            f"{(last.date() - earlier.date()).days} days after the one before it "
            f"({earlier:%Y-%m-%d}); it may be a slip. Say up to when the data is complete: as_of=… "
            "(exclusive; nothing of that day is read)."
        )
    return midnight + timedelta(days=1)


def _latest(frame: Frame) -> datetime | None:
    value = engine.collect(frame.lazy.select(last=nw.col("time").max()))["last"].iloc[0]
    return None if pd.isna(value) else as_datetime(value, frame, "time")


def as_datetime(value: Any, frame: Frame, role: str) -> datetime:
    """An instant of the column as Python's own; refused where the calendar has no such year."""
    try:
        moment: datetime = pd.Timestamp(value).to_pydatetime()
        return moment
    except ValueError:
        year = nw.col(role).dt.year()
        odd = frame.lazy.filter((year < 1) | (year > 9999)).select(n=nw.len())
        n = max(1, int(engine.collect(odd)["n"].iloc[0]))  # infinity has no year at all
        raise reject(
            "holds times outside the years 1 to 9999",
            column=frame.column(role),
            n=n,
            example=f"a day of the year {pd.Timestamp(value).year}",
            remedy="Mend them, or make them missing.",
        ) from None


def first_values(frame: Frame, columns: Sequence[str], order: str) -> nw.LazyFrame[Any]:
    """Per customer, the values of ``columns`` on the customer's first row by ``order``.

    Among rows at the same first instant the smallest values are taken, column by column, so that
    the answer does not depend on the order of rows. ``changed`` counts the customer's other
    combinations of values.
    """
    rows = (
        frame.lazy.group_by("customer", *columns)
        .agg(_at=nw.col(order).min())
        .with_columns(
            _first=nw.col("_at").min().over("customer"), changed=nw.len().over("customer") - 1
        )
        .filter(nw.col("_at") == nw.col("_first"))
    )
    for column in columns:
        least = nw.col(column).min().over("customer")
        rows = rows.with_columns(_least=least).filter(
            (nw.col(column) == nw.col("_least")).fill_null(False) | nw.col("_least").is_null()
        )
    return rows.select("customer", *columns, "changed")


def count_changed(frame: Frame, columns: Sequence[str], order: str, stage: str) -> list[Entry]:
    """How many customers carried another value later on."""
    if not columns:
        return []
    rows = first_values(frame, columns, order).filter(nw.col("changed") > 0)
    n = int(engine.collect(rows.select(n=nw.len()))["n"].iloc[0])
    return entries(stage, "customers", {"by_changed": n})


def refuse_amounts(frame: Frame, used_rows: Frame) -> None:
    """Refuse amounts that are infinite or too large to be added in whole ten-thousandths."""
    amount = nw.col("amount")
    large = used_rows.lazy.filter((amount > _MOST) | (amount < -_MOST))
    found = engine.collect(large.select(n=nw.len(), example=amount.max()))
    if (n := int(found["n"].iloc[0])) > 0:
        raise reject(
            f"holds amounts beyond ±{_MOST:,.0f} or infinite", column=frame.column("amount"), n=n,
            example=found["example"].iloc[0],
            remedy="Money is added exactly, up to that size: mend or leave out these rows.",
        )  # fmt: skip


def require_some(n: int, what: str, lines: Sequence[Entry]) -> None:
    """Refuse to estimate from nothing, and say where everything went."""
    if n:
        return
    lost = ", ".join(f"{e.rule} {e.n:,}" for e in lines if RULES[e.rule].fate == "excluded")
    raise InputError(f"there is nothing to count: no {what} left{f' ({lost})' if lost else ''}.")
