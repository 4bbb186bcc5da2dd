"""What the index would be after a change of satisfaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from scipy.special import stdtrit

from churnlab import checks, engine
from churnlab.cci.answers import Answers, read
from churnlab.cci.asked import IN_CUSTOMER, IN_IMPROVABILITY, Asked, ImportanceAs, Missing
from churnlab.cci.means import means
from churnlab.checks import InputError

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

ChangeKind = Literal["close", "add", "at_least", "set"]
_COLUMNS = (
    *("step", "factor", "change", "value", "pressure", "pressure_after"),
    *("cci", "fixable", "stuck", "fall", "std_error", "conf_low", "conf_high"),
)
_FORM = (
    "Give changes= a dict {factor: (change, value)} or a table with the columns 'factor', 'change' "
    "and 'value'; a change is 'close' (a share of the deficit), 'add' (points of satisfaction), "
    "'at_least' or 'set' (a rating)."
)


def whatif(
    ratings: Any,
    *,
    changes: Any,
    improvability: Any = IN_IMPROVABILITY,
    customer: str | None = IN_CUSTOMER,
    factor: str = "factor",
    satisfaction: str = "satisfaction",
    importance: Any = "importance",
    weight: str | None = None,
    cluster: str | None = None,
    by: str | Sequence[str] | None = None,
    scale: Sequence[float] | None = None,
    importance_scale: Sequence[float] | None = None,
    improvability_scale: Sequence[float] | None = None,
    importance_as: ImportanceAs = "rating",
    missing: Missing = "renormalise",
    level: float = 0.95,
) -> pd.DataFrame:
    """The index after each step of a plan: what is won if satisfaction with a factor changes.

    The trap: it says what the index would be, not that customers would stay, nor that the measure
    works as planned.

    Parameters
    ----------
    ratings, improvability, customer, factor, satisfaction, importance, weight, cluster, by
        As for :func:`matrix`.
    changes : dict or table
        Steps in their order, {factor: (change, value)}: ("close", 0.5) half of every customer's
        deficit, ("add", 2) two points for everyone, up to the end of the scale, ("at_least", 7)
        nobody below 7, ("set", 2) everybody at 2. A factor has one.
    scale, importance_scale, improvability_scale, importance_as, missing
        As for :func:`matrix`.
    level : float
        Of the confidence limits.

    Returns
    -------
    DataFrame
        Groups, then ``step`` (0 is today), ``factor, change, value, pressure, pressure_after`` of
        the step, and after it and those before: ``cci, fixable, stuck`` and ``fall`` (of the index
        since today) with ``std_error, conf_low, conf_high``, in points.

    Raises
    ------
    InputError
        As for :func:`matrix`, and for a change that is none.

    Notes
    -----
    The same customers are compared with themselves: the error is that of the mean of their own
    falls. What could be removed (m times the deficit) and has been is not fixable any more:
    fixable = max(m·d − (d − after), 0), or m·after where satisfaction falls; stuck is the rest.

    Examples
    --------
    >>> import churnlab as cl
    >>> table = cl.datasets.load("cci_table_2")
    >>> plan = {"new_technology": ("set", 2), "coverage": ("close", 1)}
    >>> found = whatif(table, changes=plan)
    >>> found[["step", "factor", "cci", "fixable", "stuck"]].round(4)
       step          factor      cci  fixable    stuck
    0     0            None  30.4348  20.2899  10.1449
    1     1  new_technology  53.6232  25.4428  28.1804
    2     2        coverage  23.1884   5.1530  18.0354
    """
    asked = Asked(
        improvability, customer, factor, satisfaction, importance, weight, cluster, by,
        scale, importance_scale, improvability_scale, importance_as, missing,
    )  # fmt: skip
    level = checks.confidence(level)
    answers = read(ratings, asked, _COLUMNS, "cci.whatif")
    answers.refuse_imputed("the error of a change")
    steps = _steps(changes, answers)
    sums = _sums(answers, steps)
    parts = [_after(answers, sums, steps, s, level) for s in range(len(steps) + 1)]
    table = pd.concat(parts).sort_index(kind="stable")
    groups = answers.sums[answers.by].iloc[table.index].reset_index(drop=True)
    result = pd.concat([groups, table[list(_COLUMNS)].reset_index(drop=True)], axis=1)
    result = result.rename(columns=answers.asked.roles)
    result.attrs = answers.carried("cci.whatif") | {"level": level}
    return result


@dataclass(frozen=True)
class _Step:
    """One change: of which factor (by its place), how, and by how much."""

    at: int
    change: str
    value: float

    def missed(self, low: float, high: float) -> nw.Expr:
        """Points below the top after the change."""
        now = nw.col(f"missed_{self.at}")
        if self.change == "close":
            return now * (1 - self.value)
        if self.change == "add":
            after = now - self.value
            after = nw.when(after < 0).then(0.0).otherwise(after)
            return nw.when(after > high - low).then(high - low).otherwise(after)
        left = high - self.value
        if self.change == "set":
            return nw.when(~now.is_null()).then(nw.lit(left))
        return nw.when(now > left).then(left).otherwise(now)


def _steps(changes: Any, answers: Answers) -> list[_Step]:
    if isinstance(changes, Mapping):
        rows = [(name, *_pair(name, value)) for name, value in changes.items()]
    else:
        rows = _rows(changes)
    if not rows:
        raise InputError(f"changes= holds no change. {_FORM}")
    names = [name for name, _, _ in rows]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise InputError(f"changes= names factor {checks.plain(twice[0])} twice: a factor has one.")
    return [_step(name, change, value, answers) for name, change, value in rows]


def _rows(changes: Any) -> list[tuple[Any, Any, Any]]:
    try:
        table: Any = nw.from_native(changes, eager_only=True)
    except TypeError:
        raise InputError(f"changes= is a {type(changes).__name__}, and no plan. {_FORM}") from None
    need = ["factor", "change", "value"]
    checks.require_columns(need, list(table.columns), what="changes", remedy=_FORM)
    return list(zip(*(table[name].to_list() for name in need), strict=True))


def _pair(name: Any, value: Any) -> tuple[Any, Any]:
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) != 2:
        raise InputError(f"changes[{name!r}]={checks.plain(value)} is no change. {_FORM}")
    return value[0], value[1]


def _step(name: Any, change: Any, value: Any, answers: Answers) -> _Step:
    if name not in answers.factors:
        known = ", ".join(checks.plain(f) for f in answers.factors[:12])
        raise InputError(
            f"changes= names factor {checks.plain(name)}, which nobody rated: {known}."
        )
    checks.choice(f"changes[{name!r}]", change, ChangeKind)
    low, high = answers.asked.scales.satisfaction
    least, most = {"close": (0.0, 1.0), "add": (low - high, high - low)}.get(change, (low, high))
    wrong = isinstance(value, bool) or not isinstance(value, int | float | np.number)
    if wrong or not least <= float(value) <= most:
        raise InputError(
            f"changes[{name!r}]=({change!r}, {checks.plain(value)}): the value of {change!r} is a "
            f"number from {least:g} to {most:g}."
        )
    return _Step(answers.factors.index(name), str(change), float(value))


def _sums(answers: Answers, steps: Sequence[_Step]) -> pd.DataFrame:
    """Per group: sums of pressures and fixable parts after each step, and of the falls so far."""
    low, high = answers.asked.scales.satisfaction
    ease = answers.ease_of_all()
    one = answers.customers.filter(nw.col("valid"))
    fall: nw.Expr = nw.lit(0.0)
    terms: dict[str, nw.Expr] = {"omega": nw.col("weight")}
    for s, step in enumerate(steps, start=1):
        unit = nw.col(f"share_{step.at}") / (high - low)
        now, after = nw.col(f"missed_{step.at}").fill_null(0.0), nw.col(f"after_{s}")
        one = one.with_columns(**{f"after_{s}": step.missed(low, high).fill_null(0.0)})
        m = 0.0 if np.isnan(ease[step.at]) else ease[step.at]
        left = m * now - (now - after)
        mended = nw.when(left > 0).then(left).otherwise(0.0)
        part = nw.when(after > now).then(m * after).otherwise(mended)
        fall = fall + 100 * unit * (now - after)
        terms |= {
            f"after_{s}": nw.col("weight") * unit * after,
            f"fixable_{s}": nw.col("weight") * unit * part,
            f"fall_{s}": nw.col("weight") * fall,
        }
    one = one.with_columns(**{f"term_{name}": term for name, term in terms.items()})
    names = [f"term_{name}" for name in terms]
    if answers.frame.has("cluster"):
        own = one.group_by(*answers.by, "cluster").agg(**{n: nw.col(n).sum() for n in names})
    else:
        own = one
    products = {
        f"{kind}_{s}": nw.col(f"term_fall_{s}") * nw.col(f"term_{other}")
        for s in range(1, len(steps) + 1)
        for kind, other in (("square", f"fall_{s}"), ("cross", "omega"))
    }
    own = own.with_columns(**products)
    parts = {name: nw.col(name).sum() for name in [*names, *products]}
    by = answers.by
    found = engine.collect(own.group_by(*by).agg(**parts) if by else own.select(**parts))
    answers.refuse_changed(float(found["term_omega"].sum()))
    return engine.sort_missing_last(found, by)


def _after(
    answers: Answers, sums: pd.DataFrame, steps: Sequence[_Step], s: int, level: float
) -> pd.DataFrame:
    """The row of step s of every group, indexed by the place of the group."""
    found, ease = means(answers), np.array(answers.ease_of_all())
    omega = sums["term_omega"].to_numpy("float64")
    pressure = found.pressure.copy()
    fixable = np.where(pressure == 0, 0.0, pressure * ease)
    for t, step in enumerate(steps[:s], start=1):
        pressure[:, step.at] = sums[f"term_after_{t}"].to_numpy("float64") / omega
        fixable[:, step.at] = sums[f"term_fixable_{t}"].to_numpy("float64") / omega
        if np.isnan(ease[step.at]):  # nothing is fixable where nothing presses
            fixable[:, step.at] = np.where(pressure[:, step.at] == 0, 0.0, np.nan)
    cci, mended = 100 * pressure.sum(axis=1), 100 * fixable.sum(axis=1)
    table = pd.DataFrame(
        {"step": s, "cci": cci, "fixable": mended, "stuck": cci - mended}, index=found.at
    )
    if s == 0:
        nothing = dict.fromkeys(_COLUMNS[3:6], np.nan) | dict.fromkeys(_COLUMNS[-3:], np.nan)
        return table.assign(factor=None, change=None, fall=0.0, **nothing)
    step = steps[s - 1]
    fall = sums[f"term_fall_{s}"].to_numpy("float64") / omega
    variance = _variance(sums, s, fall, found.df, answers)
    half = stdtrit(np.where(found.df > 0, found.df, np.nan), 0.5 + level / 2) * np.sqrt(variance)
    return table.assign(
        factor=answers.factors[step.at],
        change=step.change,
        value=step.value,
        pressure=found.pressure[:, step.at],
        pressure_after=pressure[:, step.at],
        fall=fall,
        std_error=np.sqrt(variance),
        conf_low=fall - half,
        conf_high=fall + half,
    )


def _variance(sums: pd.DataFrame, s: int, fall: Floats, df: Floats, answers: Answers) -> Floats:
    """Σ (ω (fall − mean))² / (Σω)² · G / (G − 1), over customers or clusters."""
    rows = answers.sums[answers.sums["n_customers"] > 0]
    omega, omega2 = rows["omega"].to_numpy(), rows["omega2"].to_numpy()
    square = sums[f"square_{s}"].to_numpy("float64")
    spread = square - 2 * fall * sums[f"cross_{s}"].to_numpy("float64") + fall**2 * omega2
    spread = np.where(spread <= 1e-14 * square, 0.0, spread)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(df > 0, spread * (df + 1) / df / omega**2, np.nan))
