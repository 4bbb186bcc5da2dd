"""How far a rating may move before another factor takes the lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from pandas.api.types import is_integer_dtype
from scipy.optimize import brentq

from churnlab import engine
from churnlab.cci.answers import Answers, read
from churnlab.cci.asked import IN_CUSTOMER, IN_IMPROVABILITY, Asked, ImportanceAs, Missing
from churnlab.cci.means import Means, means
from churnlab.cci.rank import CRITERIA, criteria
from churnlab.cci.ranking import ranks

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_COLUMNS = ("criterion", "factor", "rank", "moved", "value", "break_even", "rival")
_MOVED = ("satisfaction", "importance", "improvability")
_EQUAL = 1e-12


def stability(
    ratings: Any,
    *,
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
) -> pd.DataFrame:
    """How wrong a rating may be before another factor comes first: its break-even.

    The trap: one rating moves and all others stay; two that are wrong together need less.

    Parameters
    ----------
    ratings, improvability, customer, factor, satisfaction, importance, weight, cluster, by
        As for :func:`matrix`.
    scale, importance_scale, improvability_scale, importance_as, missing
        As for :func:`matrix`.

    Returns
    -------
    DataFrame
        Groups, then ``criterion, factor, rank, moved`` (which of the three ratings moves),
        ``value`` (its mean now), ``break_even`` (its mean when the lead changes) and ``rival``
        (with whom the factor is level then); best rank first.

    Raises
    ------
    InputError
        As for :func:`matrix`.

    Notes
    -----
    The first factor loses its place at the break-even, any other takes the first place there. A
    mean moves because every customer moves the same share of the way to the top of the scale, or
    to its floor: then pressure = (1 − s)·pressure, or pressure + s·secure, if satisfaction moves;
    of importance every customer's shares are formed anew (those to whom nothing matters now stay
    left out, and who cares for this factor alone does so to the end). Of one customer these are
    the ratings themselves. ``break_even`` is missing where no rating on the scale changes the
    lead. Ranks and shares of importance do not move.

    Examples
    --------
    >>> import churnlab as cl
    >>> found = stability(cl.datasets.load("cci_variant_a")).query("criterion == 'stuck'")
    >>> found[["factor", "moved", "value", "break_even", "rival"]].head(3).round(3)
                factor          moved  value  break_even     rival
    30  new_technology   satisfaction    2.0       5.500  coverage
    31  new_technology     importance    7.0       4.375  coverage
    32  new_technology  improvability    3.0       6.062  coverage
    """
    asked = Asked(
        improvability, customer, factor, satisfaction, importance, weight, cluster, by,
        scale, importance_scale, improvability_scale, importance_as, missing,
    )  # fmt: skip
    answers = read(ratings, asked, _COLUMNS, "cci.stability")
    found = means(answers)
    cells = _cells(answers, found) if answers.asked.importance_as == "rating" else None
    parts, every = [], criteria(answers, found)
    for criterion, counted in every.items():
        for g in range(len(found.at)):
            group = _Group.of(answers, found, every, counted, g)
            own = cells[g] if cells else []
            parts += [{"group": g, "criterion": criterion, **r} for r in group.rows(own, criterion)]
    table = pd.DataFrame(parts)
    if is_integer_dtype(table["factor"]):  # missing rivals would make decimals of numbers
        table["rival"] = table["rival"].astype("Int64")
    order = table["criterion"].map({name: i for i, name in enumerate(CRITERIA)})
    table = table.assign(
        order=order, name=table["factor"].astype("str"),
        move=table["moved"].map({name: i for i, name in enumerate(_MOVED)}),
    ).sort_values(["group", "order", "rank", "name", "move"], ignore_index=True)  # fmt: skip
    groups = answers.sums[answers.by].iloc[found.at[table["group"].to_numpy()]]
    result = pd.concat([groups.reset_index(drop=True), table[list(_COLUMNS)]], axis=1)
    result = result.rename(columns=answers.asked.roles)
    result.attrs = answers.carried("cci.stability")
    scales = answers.asked.scales
    result.attrs["scales"] = {name: list(getattr(scales, name)) for name in _MOVED}
    return result


@dataclass(frozen=True, eq=False)
class _Cells:
    """Customers of a group summed over equal points of one factor and equal points of the rest.

    ``mine`` are the points of the factor (missing where not rated), ``rest`` those of all others,
    ``own`` the deficits of the factor, ``others`` points times deficits of each factor.
    """

    mine: Floats
    rest: Floats
    own: Floats
    others: Floats

    def pressures(self, k: int, step: float, most: float) -> Floats:
        """The sums of pressures if everyone's points moved a share of the way up, or down."""
        up = self.mine + step * (most - self.mine)
        points = np.where(np.isnan(self.mine), 0.0, up if step > 0 else self.mine * (1 + step))
        total = self.rest + points
        sums = (self.others / np.where(total > 0, total, np.inf)[:, None]).sum(axis=0)
        share = np.where(total > 0, points / np.where(total > 0, total, 1.0), 1.0)
        sums[k] = (self.own * np.where(np.isnan(self.mine), 0.0, share)).sum()
        return np.asarray(sums)


def _cells(answers: Answers, found: Means) -> list[list[_Cells]]:
    """For every group, the cells of every factor; one pass over the customers for each factor."""
    keys = answers.sums[answers.by].iloc[found.at].assign(place=range(len(found.at)))
    names = [f"pressing_{j}" for j in range(len(answers.factors))]
    every: list[list[_Cells]] = [[] for _ in found.at]
    for k in range(len(answers.factors)):
        cells = _collected(answers, k)
        place = cells.merge(keys, on=answers.by, how="left")["place"] if answers.by else 0
        columns = [cells[c].to_numpy("float64", na_value=np.nan) for c in ("mine", "rest", "own")]
        others, at = cells[names].to_numpy("float64"), np.broadcast_to(place, len(cells))
        answers.refuse_changed(float(cells["omega"].sum()))
        order = np.argsort(at, kind="stable")
        ends = np.searchsorted(at[order], np.arange(len(every) + 1))
        for g, own in enumerate(every):
            here = order[ends[g] : ends[g + 1]]
            mine, rest, deficits = (column[here] for column in columns)
            own.append(_Cells(mine, rest, deficits, others[here]))
    return every


def _collected(answers: Answers, k: int) -> pd.DataFrame:
    """One row per group and (points of factor k, points of all others), in one pass."""
    low, high = answers.asked.scales.satisfaction
    one = answers.customers.filter(nw.col("valid"))
    mine = nw.col(f"importance_{k}")
    missed = {j: (nw.col(f"missed_{j}") / (high - low)) for j in range(len(answers.factors))}
    terms = {
        f"pressing_{j}": (nw.col("weight") * nw.col(f"importance_{j}") * each).fill_null(0.0)
        for j, each in missed.items()
    }
    one = one.with_columns(
        mine=mine,
        rest=nw.col("total") - mine.fill_null(0.0),
        own=(nw.col("weight") * missed[k]).fill_null(0.0),
        omega=nw.col("weight"),
        **terms,
    )
    names = ["own", "omega", *terms]
    grouped = one.group_by(*answers.by, "mine", "rest")
    return engine.collect(grouped.agg(**{name: nw.col(name).sum() for name in names}))


@dataclass(frozen=True, eq=False)
class _Group:
    """What a group's ranking by one criterion hangs on, factor by factor."""

    factors: Sequence[Any]
    counted: Floats  # share of the pressure that the criterion counts
    pressure: Floats
    secure: Floats
    ease: Floats
    means: dict[str, Floats]
    omega: float
    scales: Any

    @classmethod
    def of(
        cls, answers: Answers, found: Means, every: Mapping[str, Floats], counted: Floats, g: int
    ) -> _Group:
        row = answers.sums.iloc[found.at[g]]
        p, scales = len(answers.factors), answers.asked.scales
        omega, weight = float(row["omega"]), _take(row, "omega", p)
        ease = every.get("fixable", np.full_like(found.pressure, np.nan))[g]
        with np.errstate(invalid="ignore", divide="ignore"):
            rated = {
                "satisfaction": scales.satisfaction[1] - _take(row, "lost", p) / weight,
                "importance": answers.asked.floor + _take(row, "points", p) / weight,
                "improvability": scales.improvability[0] + ease * np.ptp(scales.improvability),
            }
        secure = _take(row, "w", p) / omega - found.pressure[g]
        unknown = np.where(_take(row, "n", p) > 0, 1.0, np.nan)
        pressure = found.pressure[g]
        return cls(
            answers.factors, counted[g] * unknown, pressure, secure, ease, rated, omega, scales
        )

    def rows(self, cells: Sequence[_Cells], criterion: str) -> list[dict[str, Any]]:
        """One row per known factor and rating that can move."""
        known = np.flatnonzero(~np.isnan(self.counted))
        score = self.counted * self.pressure
        places = dict(zip(known, ranks(score[known], _EQUAL)[0], strict=True))
        found = []
        for k in map(int, known):
            others = known[known != k]
            moves = {"satisfaction": self._satisfaction(k, others)}
            if cells:
                moves["importance"] = self._importance(k, others, cells[k])
            if criterion != "pressure":
                moves["improvability"] = self._improvability(k, others, criterion)
            for moved, (value, rival) in moves.items():
                rival = None if np.isnan(value) else rival
                found.append(
                    {"factor": self.factors[k], "rank": int(places[k]), "moved": moved,
                     "value": float(self.means[moved][k]), "break_even": value,
                     "rival": None if rival is None else self.factors[rival]}
                )  # fmt: skip
        return found

    def _rival(self, others: npt.NDArray[np.intp]) -> tuple[float, int | None]:
        """The pressure to be level with, as the criterion counts it; missing where none presses."""
        if not others.size:
            return float("nan"), None
        score = self.counted[others] * self.pressure[others]
        best = int(score.argmax())
        return (float(score[best]), int(others[best])) if score[best] > _EQUAL else (np.nan, None)

    def _satisfaction(self, k: int, others: npt.NDArray[np.intp]) -> tuple[float, int | None]:
        target, rival = self._rival(others)
        low, high = self.scales.satisfaction
        if np.isnan(target) or self.counted[k] <= 0:
            return float("nan"), None
        wanted, now = target / self.counted[k], self.pressure[k]
        deficit = (high - self.means["satisfaction"][k]) / (high - low)
        if wanted <= now:
            deficit *= wanted / now
        elif wanted - now <= self.secure[k] + _EQUAL and self.secure[k] > 0:
            deficit += min((wanted - now) / self.secure[k], 1.0) * (1 - deficit)
        else:
            return float("nan"), None
        return float(high - deficit * (high - low)), rival

    def _improvability(
        self, k: int, others: npt.NDArray[np.intp], criterion: str
    ) -> tuple[float, int | None]:
        target, rival = self._rival(others)
        low, high = self.scales.improvability
        now = self.pressure[k]
        if np.isnan(target) or now <= 0 or target > now + _EQUAL:
            return float("nan"), None
        part = min(target / now, 1.0)
        return float(low + (part if criterion == "fixable" else 1 - part) * (high - low)), rival

    def _importance(
        self, k: int, others: npt.NDArray[np.intp], cells: _Cells
    ) -> tuple[float, int | None]:
        target, _ = self._rival(others)
        low, high = self.scales.importance
        if np.isnan(target):
            return float("nan"), None

        def lead(step: float) -> float:
            score = self.counted * cells.pressures(k, step, high - low) / self.omega
            return float(score[k] - score[others].max())

        now = lead(0.0)
        end = -1.0 if now > 0 else 1.0
        last = lead(end)
        if abs(now) <= _EQUAL:
            step = 0.0
        elif abs(last) <= _EQUAL:
            step = end
        elif now * last > 0:
            return float("nan"), None
        else:
            step = brentq(lead, min(end, 0.0), max(end, 0.0), xtol=1e-14)
        score = self.counted[others] * cells.pressures(k, step, high - low)[others]
        mean = self.means["importance"][k] - low
        moved = mean + step * (high - low - mean) if step > 0 else mean * (1 + step)
        return float(low + moved), int(others[int(score.argmax())])


def _take(row: pd.Series[Any], name: str, p: int) -> Floats:
    return np.array([row[f"{name}_{k}"] for k in range(p)], dtype=float)
