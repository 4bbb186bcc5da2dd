"""The stated figures that can be computed: one small function each, from the row's inputs alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from churnlab import cci, purchases, rates, surveys, value, winback
from churnlab.casebook.inputs import FACTORS, Inputs, percent, ratings, written

# words of the articles, on the scale of ratings
_WORDS = {"low": 1.0, "high": 10.0}
_OTHER = ("other", 10.0, 10.0, 10.0)  # something must matter to the customer


def _row_of_matrix(x: Inputs) -> str:
    own = ("own", x["satisfaction"], x["importance"], x["improvability"])
    row = cci.matrix(ratings([own, _OTHER])).set_index("factor").loc["own"]
    ease = 1 + 9 * row["improvability"]
    return "; ".join(written(round(v, 9)) for v in (row["satisfaction"], row["importance"], ease))


def _lowest(x: Inputs) -> str:
    table = cci.matrix(ratings([(f, x[f], 5, 5) for f in FACTORS])).set_index("factor")
    score, name = table["satisfaction"].min(), table["satisfaction"].idxmin()
    others = set(table["satisfaction"].drop(name).round(9))
    rest = f"all others {written(others.pop())}" if len(others) == 1 else "others differ"
    return f"{name} {written(score)}, {rest}"


def _ranked(x: Inputs, column: str) -> str:
    given = {"importance": (10, "own", 5), "improvability": (10, 5, "own")}[column]
    rows = [(f, *(float(x[f]) if v == "own" else v for v in given)) for f in FACTORS]
    table = cci.matrix(ratings(rows)).sort_values([column, "factor"], ascending=[False, True])
    return ", ".join(table["factor"])


def _verdict(x: Inputs) -> str:
    """The verdict on a factor; where the article leaves improvability open, both."""
    satisfaction, importance = (_rating(x, key) for key in ("satisfaction", "importance"))
    eases = [_rating(x, "improvability")] if "improvability" in x else [1.0, 10.0]
    words = []
    for ease in eases:
        own = ("own", satisfaction, importance, ease)
        table = cci.matrix(ratings([own, _OTHER])).set_index("factor")
        words.append(str(table.loc["own", "verdict"]))
    return " or ".join(dict.fromkeys(words))


def _rating(x: Inputs, key: str) -> float:
    # a complaint is about something that matters, where the article does not say it
    given = x.get(key, "high")
    return _WORDS[given] if isinstance(given, str) else float(given)


def _churn(x: Inputs, method: str) -> float:
    lost = x["lost_start"] if "lost_start" in x else x["start"] - x.get("end", x.get("survivors"))
    table = rates.churn_rate_from_counts(
        x["start"], lost, x.get("new_deals", 0), x.get("lost_new", 0)
    )
    return 100 * float(table.set_index("method").loc[method, "rate"])


def _without_newcomers(x: Inputs) -> str:
    right, naive = (_churn(x, method) for method in ("opening_cohort", "naive"))
    return f"{written(round(right, 9))} instead of {written(round(naive, 9))}"


def _year(x: Inputs, column: str) -> float:
    full = {"customers": 1, "churn_rate": 1, "profit_margin": 1, "revenue": 0} | x
    customers = full.get("lost_customers", full["customers"])
    revenue = full.get("revenue_per_lost_customer", full.get("lost_revenue", full["revenue"]))
    cost = value.churn_cost(
        customers, full["churn_rate"], revenue=float(revenue), margin=full["profit_margin"]
    )
    return float(cost.loc[0, column])


def _base_churn(x: Inputs) -> str:
    points = next(float(v) for key, v in x.items() if key.endswith("_points")) / 100
    ends = [x["uplift_low"], x["uplift_high"]]
    high, low = value.implied_churn(ends, points=points, discount=0)["churn"]
    return f"only where churn is between {percent(low)} and {percent(high)} % to begin with"


def _silent_share(complaining: float, term: str) -> float:
    table = surveys.iceberg(complaining=complaining).set_index("term")["estimate"]
    return 100 * float(table[term] / table["dissatisfied"])


def _won(x: Inputs) -> float:
    table = winback.odds(x["successes"], x["attempts"], prospects_won=0, prospects_tried=1)
    return float(table.set_index("term").loc["lost", "estimate"])


def _total(x: Inputs) -> float:
    return math.fsum(float(v) for v in x.values())


_UPLIFTS = ("profit-uplift-5pct-churn-cut", "profit-uplift-5pct-retention")
_TABLE_2 = [f"cci-table2-{factor.replace('_', '-')}" for factor in FACTORS]

FIGURES: Mapping[str, Callable[[Inputs], Any]] = MappingProxyType(
    {
        **dict.fromkeys(_TABLE_2, _row_of_matrix),
        "cci-table1-coverage-lowest": _lowest,
        "cci-importance-ranking": lambda x: _ranked(x, "importance"),
        "cci-improvability-ranking": lambda x: _ranked(x, "improvability"),
        "cci-rule-critical": _verdict,
        "cci-rule-fixable": _verdict,
        "cci-rule-danger-newtech": _verdict,
        "cci-rule-tolerated": _verdict,
        "carrier-lost-customers": lambda x: _year(x, "lost"),
        "carrier-lost-revenue": lambda x: _year(x, "revenue"),
        "carrier-lost-profit": lambda x: _year(x, "profit"),
        "churn-400-380": lambda x: _churn(x, "opening_cohort"),
        "churn-cohort-1000-850": lambda x: _churn(x, "opening_cohort"),
        "churn-naive-165-1000": lambda x: _churn(x, "naive"),
        "churn-exclude-new-rule": _without_newcomers,
        "dissatisfied-not-complaining": lambda x: _silent_share(x["complaining_share"], "silent"),
        "dissatisfied-complaining": lambda x: _silent_share(1 - x["silent_share"], "complaints"),
        "win-back-odds-lost": _won,
        "win-back-odds-prospect": _won,
        **dict.fromkeys(_UPLIFTS, _base_churn),
        "cadence-interval": lambda x: float(
            purchases.silence(0, rate=x["visits_per_year"] / 12).loc[0, "mean_gap"]
        ),
        "small-customer-sales": lambda x: x["annual_sales"] * x["small_share"],
        "seven-measures": _total,
        "survey-haima-items": _total,
        "carrefour-donation": _total,
    }
)

# what a computed text must say for the stated words to hold
SAYS: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        "cci-importance-ranking": lambda text: text.startswith("coverage"),
        "cci-improvability-ranking": lambda text: text.startswith("customer_service, coverage"),
        "cci-rule-critical": lambda text: set(text.split(" or ")) == {"fix now", "danger"},
        "cci-rule-fixable": lambda text: text == "fix now",
        "cci-rule-danger-newtech": lambda text: text == "danger",
        "cci-rule-tolerated": lambda text: text == "minor",
        "carrier-lost-revenue": lambda text: text == "128000000",
    }
)

# stated figures for which the room is not built yet
PENDING: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(["dormancy-at-risk", "dormancy-lost", "dormancy-3y-3m"], "purchases"),
        **dict.fromkeys(
            ["pareto-003-profit", "pareto-003-revenue", "pareto-003-volume", "pareto-004",
             "pyramid-key-profit", "value-spread"], "tiers",
        ),
        "oriental-guests": "states",
        "follow-up-80": "hazards",
        "satisfaction-gap-model": "surveys",
        "perceived-value-formula": "surveys",
    }
)  # fmt: skip

# stated twice, and differently: in two articles, or in two places of one
CONFLICTS = frozenset(
    {
        "indicator-inverse",
        "loyalty-indicators-short",
        "profit-uplift-003",
        "unhappy-influences-5",
        "unhappy-influences-25",
    }
)
