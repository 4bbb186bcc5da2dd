"""Pauses: times in which nobody could act, told to the clocks of silence and of exposure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from churnlab import engine, periods
from churnlab.checks import IfPresent, InputError, reject
from churnlab.engine import Frame
from churnlab.periods import Period
from churnlab.spells import rows

MOST = 100_000  # pauses are held in memory
_OPEN = periods.micros_of(datetime(2250, 1, 1))  # the end of a pause that has none
_EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True)
class Pauses:
    """Pauses that do not overlap, [from_us, to_us) per ``key``, in order.

    ``key`` is the customer, or 0 throughout where the pauses hold for everyone.
    """

    table: pd.DataFrame
    of_customers: bool

    def key(self, frame: Frame) -> nw.Expr:
        """The key of a row of ``frame``."""
        if not self.of_customers:
            return nw.lit(0).cast(nw.Int64)
        customer = nw.col("customer")
        return customer.cast(nw.Int64) if frame.schema["customer"].is_integer() else customer

    def carried(self, frame: Frame, table: pd.DataFrame) -> nw.LazyFrame[Any]:
        """A small table with a column ``key`` in the engine of ``frame``, ready to be joined."""
        kinds = {name: (name, "id" if name == "key" else "number") for name in table.columns}
        return engine.beside(frame, engine.scan(table, kinds))

    def on_axis(self, unit: Period) -> pd.DataFrame:
        """Pauses [from_x, to_x) in what silence is measured in.

        On the calendar clock a period is paused where it lies wholly inside a pause.
        """
        begin, end = self.table["from_us"], self.table["to_us"]
        if unit.clock == "calendar":
            begin, end = indices(unit, begin - 1) + 1, indices(unit, end)
        found = pd.DataFrame({"key": self.table["key"], "from_x": begin, "to_x": end})
        return found[found["from_x"] < found["to_x"]].reset_index(drop=True)


def read(pauses: Any, customer: str, frame: Frame, tz: str | None) -> Pauses | None:
    """The pauses of a table of any kind, joined where they overlap or touch; None without any.

    ``frame`` is the table they belong to, and ``tz`` the zone whose wall clock it is on.
    """
    scanned = _scan(pauses, customer, tz)
    if scanned.tz is not None and tz is None:
        raise InputError(
            f"column {scanned.column('start')!r} of the pauses has a time zone, but the other table "
            "is on no stated clock: give the pauses without a zone, or name one in the Period (tz=)."
        )
    role = next((r for r in ("customer", "named") if scanned.has(r)), None)
    if role is not None:
        rows.refuse_unlike_ids(scanned, "the pauses", frame, "the other table", role=role)
    return _joined(_checked(scanned, role), of_customers=role is not None)


def _scan(pauses: Any, customer: str, tz: str | None) -> Frame:
    """The pauses at the door; dates without a zone are on the clock of the other table."""
    wanted: dict[str, tuple[str | None, str]] = {
        "customer": (IfPresent(customer), "id"),
        "named": (IfPresent("customer") if customer != "customer" else None, "id"),
        "start": ("start", "time"),
        "end": ("end", "time"),
    }
    if tz is not None:
        try:
            return engine.scan(pauses, wanted, tz=tz)
        except InputError:  # no zone in them, or something that the scan below will name
            pass
    return engine.scan(pauses, wanted)


def _checked(scanned: Frame, role: str | None) -> pd.DataFrame:
    """key, from_us, to_us of every pause; an end that is missing is not known yet."""
    start, end = (
        periods.micros(nw.col(r), is_date=scanned.is_date(r)).alias(f"{name}_us")
        for r, name in (("start", "from"), ("end", "to"))
    )
    keys = [nw.col(role).alias("key")] if role else []
    found = engine.collect(scanned.lazy.select(*keys, start, end).head(MOST + 1))
    if len(found) > MOST:
        raise InputError(f"there are more than {MOST:,} pauses: give those that matter.")
    if role and found["key"].isna().any():
        raise _wrong(scanned, role, "is missing", found["key"].isna(), None)
    if found["from_us"].isna().any():
        raise _wrong(scanned, "start", "is missing", found["from_us"].isna(), None)
    from_us = found["from_us"].astype("int64")
    to_us = found["to_us"].fillna(_OPEN).astype("int64").clip(upper=_OPEN)
    if (late := to_us < from_us).any():
        example = _EPOCH + timedelta(microseconds=int(to_us[late].iloc[0]))
        raise _wrong(scanned, "end", "lies before the start of the pause", late, example)
    key = found["key"] if role else 0
    return pd.DataFrame({"key": key, "from_us": from_us, "to_us": to_us})


def _wrong(scanned: Frame, role: str, what: str, bad: Any, example: Any) -> InputError:
    remedy = "A pause is [start, end); an end that is not known yet is missing."
    return reject(
        f"of the pauses {what}",
        column=scanned.column(role),
        n=int(bad.sum()),
        example=example,
        remedy=remedy,
    )


def _joined(found: pd.DataFrame, *, of_customers: bool) -> Pauses | None:
    """Pauses that overlap or touch are one; those without any length are none."""
    found = found[found["from_us"] < found["to_us"]].sort_values(["key", "from_us"])
    if found.empty:
        return None
    reach = found.groupby("key", sort=False)["to_us"].cummax()
    past = reach.groupby(found["key"], sort=False).shift(1)
    number = (past.isna() | (found["from_us"] > past)).cumsum().rename("number")
    table = found.groupby(number).agg(
        key=("key", "first"), from_us=("from_us", "min"), to_us=("to_us", "max")
    )
    return Pauses(table.reset_index(drop=True), of_customers)


def indices(unit: Period, micros: pd.Series[int]) -> pd.Series[int]:
    """Period indices of instants in microseconds."""
    found = [unit.index_of(_EPOCH + timedelta(microseconds=int(us))) for us in micros]
    return pd.Series(found, index=micros.index, dtype="int64")


def steady(
    blocks: nw.LazyFrame[Any], frame: Frame, pauses: Pauses | None, unit: Period
) -> nw.LazyFrame[Any]:
    """Blocks of activity with ``enter`` and ``leave``: first and last, less the time paused before.

    On this clock, which stands still in a pause, a silence is long or short as on any other.
    """
    if pauses is None:
        return blocks.with_columns(enter=nw.col("first"), leave=nw.col("last"))
    keyed = blocks.with_columns(key=pauses.key(frame))
    met = keyed.join(pauses.carried(frame, pauses.on_axis(unit)), on="key", how="inner")
    paused = met.with_columns(
        enter_paused=_paused_before(nw.col("first")), leave_paused=_paused_before(nw.col("last"))
    )
    total = paused.group_by("customer", "block").agg(
        nw.col("enter_paused").sum(), nw.col("leave_paused").sum()
    )
    joined = blocks.join(total, on=["customer", "block"], how="left")
    enter, leave = (
        nw.col(name).cast(nw.Int64).fill_null(0) for name in ("enter_paused", "leave_paused")
    )
    return joined.with_columns(enter=nw.col("first") - enter, leave=nw.col("last") - leave)


def _paused_before(x: nw.Expr) -> nw.Expr:
    """How much of one pause lies before x."""
    begin, end = nw.col("from_x"), nw.col("to_x")
    inside = nw.when(x > begin).then(x - begin).otherwise(nw.lit(0))
    return nw.when(x >= end).then(end - begin).otherwise(inside)


def cuts(
    runs: nw.LazyFrame[Any],
    frame: Frame,
    pauses: Pauses | None,
    unit: Period,
    now: int,
    gap: int,
) -> nw.LazyFrame[Any]:
    """Runs with the cut: the latest moment before which ``gap`` of unpaused time lies before now.

    ``cut`` is that moment, ``steady_cut`` what the steady clock shows then.
    """
    plain = nw.lit(now - gap).cast(nw.Int64)
    if pauses is None:
        return runs.with_columns(cut=plain, steady_cut=plain)
    limits = pauses.carried(frame, _limits(pauses.on_axis(unit), now, gap))
    joined = runs.with_columns(key=pauses.key(frame)).join(limits, on="key", how="left")
    own = {name: nw.col(name).cast(nw.Int64) for name in ("cut", "steady_cut")}
    return joined.with_columns(
        **{name: nw.when(c.is_null()).then(plain).otherwise(c) for name, c in own.items()}
    )


def _limits(table: pd.DataFrame, now: int, gap: int) -> pd.DataFrame:
    """The cut of every key that has pauses."""
    by_key = table["key"]
    length = table["to_x"] - table["from_x"]
    paused = np.clip(now - table["from_x"], 0, length).groupby(by_key).sum()
    steady_cut = now - paused - gap
    shown = table["from_x"] - (length.groupby(by_key).cumsum() - length)
    behind = length.where(shown <= by_key.map(steady_cut), 0)
    cut = steady_cut + behind.groupby(by_key).sum()
    found = pd.DataFrame({"cut": cut, "steady_cut": steady_cut}).astype("int64")
    return found.rename_axis("key").reset_index()
