"""The indicators by which churn is recognised, in one long table per period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from churnlab import checks, engine, revenue
from churnlab.checks import Entry, IfPresent, InputError, entries, reject
from churnlab.periods import Period
from churnlab.rates.churn import churn_rate
from churnlab.rates.referrals import referral_rate

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

MarketUnit = Literal["customers", "money"]

_STAGE = "kpis"
_INDICATORS = (
    *(("customer", name) for name in ("churn", "retention", "referral")),
    *(("market", name) for name in ("share", "growth", "size")),
    *(("revenue_profit", name) for name in ("revenue", "profit", "return_on_investment")),
)
_COLUMNS = ("family", "indicator", "period_start", "estimate", "conf_low", "conf_high")


def kpis(
    subscriptions: Any,
    *,
    as_of: Any,
    customer: str = "customer",
    start: str = "start",
    end: str | None = "end",
    amount: str | None = IfPresent("amount"),
    period: str | Period = "month",
    customers: Any = None,
    market: Any = None,
    market_unit: MarketUnit = "customers",
    accounts: Any = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """The customer, market and revenue indicators of every period, side by side.

    The trap: they are said to move against churn. Retention does, by definition; a growing market
    or a price rise lifts the others while customers leave. Nothing here is a cause.

    Parameters
    ----------
    subscriptions : table or path
        One row per contract, [start, end); a missing end is a running contract.
    as_of : date
        Exclusive instant up to which the records are complete.
    customer, start, end, amount : str
        Columns; ``amount`` is the contract's rate per period, in money.
    period : str or Period
        Calendar period, a month unless said.
    customers : table or path, optional
        For the referral rate: one row per customer with ``customer, referrer, start``.
    market, accounts : table or path, optional
        One row per period: ``period_start, size`` in ``market_unit``; ``period_start, profit,
        investment``, in money.
    market_unit : {"customers", "money"}
        What the market's size counts.
    level : float
        Of the Wilson limits.

    Returns
    -------
    DataFrame
        ``family, indicator, period_start, estimate, conf_low, conf_high``: nine indicators × every
        whole period. What is not given is missing, never 0.

    Raises
    ------
    InputError
        For missing or mistyped columns, or a period given twice or beginning on another day.

    Notes
    -----
    customer: churn (opening cohort), retention = 1 − churn, referral (:func:`referral_rate`).
    market: share = own customers (or revenue) when the period closes / size; growth = size / that
    of the period before − 1. revenue_profit: revenue = recurring revenue when the period closes;
    profit as given; return_on_investment = profit / investment. A fourth family, competitiveness,
    has no measure.

    Examples
    --------
    >>> import churnlab as cl
    >>> table = kpis(cl.datasets.generate_subscriptions(500), as_of="2024-01-01")
    >>> table.dropna(subset="estimate")["indicator"].drop_duplicates().tolist()
    ['churn', 'retention', 'revenue']
    """
    unit = Period.of(period)
    checks.choice("market_unit", market_unit, MarketUnit)
    roles = {"as_of": as_of, "customer": customer, "start": start, "end": end, "period": unit}
    lost = churn_rate(subscriptions, level=level, **roles)
    lines = _lines(lost)
    firsts = lost["period_start"]
    found = _of_customers(lost)
    if customers is not None:
        brought = referral_rate(customers, as_of=as_of, period=unit, level=level)
        lines += _lines(brought)
        columns = brought.set_index("period_start").reindex(firsts)
        found["referral"] = [columns[c].to_numpy() for c in ("estimate", "conf_low", "conf_high")]
    closing = (lost["opening"] + lost["new"] - lost["lost"] - lost["new_lost"]).to_numpy(float)
    paid = _revenue(subscriptions, amount, roles, firsts)
    if paid is not None:
        found["revenue"] = [paid]
    size = _given(market, ("size",), unit, firsts, "market", lines)["size"]
    own = closing if market_unit == "customers" else paid
    found["size"], found["growth"] = [size], [_over(size, np.r_[np.nan, size[:-1]]) - 1]
    found["share"] = [] if own is None else [_over(own, size)]
    books = _given(accounts, ("profit", "investment"), unit, firsts, "accounts", lines)
    found["profit"] = [books["profit"]]
    found["return_on_investment"] = [_over(books["profit"], books["investment"])]
    result = _long(found, firsts)
    result.attrs = checks.attrs(lost.attrs["as_of"], lines)
    return result


def _of_customers(lost: pd.DataFrame) -> dict[str, list[Floats]]:
    rate, low, high = (lost[name].to_numpy() for name in ("rate", "conf_low", "conf_high"))
    return {"churn": [rate, low, high], "retention": [1 - rate, 1 - high, 1 - low]}


def _lines(result: pd.DataFrame) -> list[Entry]:
    return [Entry(**line) for line in result.attrs["ledger"]]


def _revenue(
    subscriptions: Any, amount: str | None, roles: dict[str, Any], firsts: pd.Series[Any]
) -> Floats | None:
    """Recurring revenue at the turn that closes each period; None where no amount is known."""
    wanted = {"customer": (roles["customer"], "id"), "amount": (amount, "amount")}
    if not engine.scan(subscriptions, wanted).has("amount"):
        return None
    moved = revenue.movements(subscriptions, amount=str(amount), **roles)
    closing = moved.set_index("period_start")["closing_mrr"].reindex(firsts)
    found: Floats = closing.to_numpy(dtype="float64")
    return found


def _given(
    table: Any, columns: tuple[str, ...], unit: Period, firsts: pd.Series[Any], what: str,
    lines: list[Entry],
) -> dict[str, Floats]:  # fmt: skip
    """Columns of a small table by period; missing where it has no row, or is not given."""
    if table is None:
        return {name: np.full(len(firsts), np.nan) for name in columns}
    wanted = {"start": ("period_start", "time")} | {name: (name, "amount") for name in columns}
    frame = engine.scan(table, wanted, tz=unit.tz)
    rows = engine.fetch(frame, ["start", *columns]).rename(columns={"start": "period_start"})
    rows["period_start"] = pd.to_datetime(rows["period_start"]).astype("datetime64[s]")
    known = rows[rows["period_start"].notna()]
    counted = {"read": len(rows), "used": len(known), "missing_start": len(rows) - len(known)}
    lines += entries(f"{_STAGE}: {what}", "rows", counted)
    at = [unit.index_of(day.to_pydatetime()) for day in known["period_start"]]
    off = (unit.starts(at) != known["period_start"].to_numpy()).astype(bool)
    again = known["period_start"].duplicated().to_numpy()
    for bad, wrong in ((off, f"is not the first day of a {unit.unit}"), (again, "comes twice")):
        if bad.any():
            raise reject(
                f"of {what} {wrong}", column="period_start", n=int(bad.sum()),
                example=known.loc[bad, "period_start"].iloc[0].date(),
                remedy="Give one row per period, by its first day.",
            )  # fmt: skip
    series = known.set_index("period_start").reindex(firsts)
    values = {name: series[name].to_numpy(dtype="float64", na_value=np.nan) for name in columns}
    for name in {"size", "investment"} & set(columns):
        if (values[name] < 0).any():
            raise InputError(f"column {name!r} of {what} is below 0: a size is at least 0.")
    return values


def _over(above: Floats, below: Floats) -> Floats:
    share: Floats = np.full(above.shape, np.nan)
    np.divide(above, below, out=share, where=below > 0)
    return share


def _long(found: dict[str, list[Floats]], firsts: pd.Series[Any]) -> pd.DataFrame:
    parts = []
    none = np.full(len(firsts), np.nan)
    for family, indicator in _INDICATORS:
        estimate, low, high = (*found.get(indicator, []), none, none, none)[:3]
        values = {"estimate": estimate, "conf_low": low, "conf_high": high}
        names = {"family": family, "indicator": indicator, "period_start": firsts.to_numpy()}
        parts.append(pd.DataFrame(names | values))
    return pd.concat(parts, ignore_index=True)[list(_COLUMNS)]
