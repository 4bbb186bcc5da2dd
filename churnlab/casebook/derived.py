"""Figures that follow from the articles' and are printed in none of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from churnlab import cci, intervals, purchases, rates, surveys, value, winback
from churnlab.casebook.inputs import FACTORS, Inputs, ratings, written


def _rate(method: str, opening: int, lost: int, new: int = 0, new_lost: int = 0) -> float:
    table = rates.churn_rate_from_counts(opening, lost, new, new_lost)
    return float(table.set_index("method").loc[method, "rate"])


def _iceberg(complaining: float, term: str, dissatisfied: float | None = None) -> float:
    table = surveys.iceberg(complaining=complaining, dissatisfied=dissatisfied)
    return float(table.set_index("term").loc[term, "estimate"])


def _odds(x: Inputs, term: str) -> float:
    lost, prospect = Fraction(x["lost"]), Fraction(x["prospect"])
    table = winback.odds(
        lost.numerator, lost.denominator,
        prospects_won=prospect.numerator, prospects_tried=prospect.denominator,
    )  # fmt: skip
    return float(table.set_index("term").loc[term, "estimate"])


def _cumulative(x: Inputs) -> float:
    gone = [1 - (1 - x["churn_rate"]) ** year for year in range(1, int(x["horizon"]) + 1)]
    money = {"revenue": x["revenue_per_customer"], "margin": x["profit_margin"]}
    return math.fsum(
        float(value.churn_cost(x["customers"], share, **money).loc[0, "profit"]) for share in gone
    )


def _lift(x: Inputs) -> float:
    table = value.retention_lift(1 - x["churn"], points=x["cut"], discount=0)
    return float(table.loc[table["timing"] == "start", "lift"].iloc[0])


def _implied(x: Inputs) -> float:
    return float(value.implied_churn(x["uplift"], points=x["cut"], discount=0).loc[0, "churn"])


def _silent(x: Inputs) -> float:
    table = purchases.silence(x["months"], rate=x["rate_per_year"] / 12)
    return float(table.loc[0, "silent"])


def _multiples(x: Inputs) -> str:
    months = [x["at_risk_months"], x["lost_months"]]
    table = purchases.silence(months, rate=1 / x["interval_months"])
    return "; ".join(written(round(m, 9)) for m in table["multiple"])


def _mean_satisfaction(x: Inputs) -> float:
    return float(cci.matrix(ratings([(f, x[f], 5, 5) for f in FACTORS]))["satisfaction"].mean())


def _half_width(x: Inputs) -> float:
    return float(intervals.normal_quantile(0.95) * math.sqrt(x["p"] * (1 - x["p"]) / x["n"]))


def _hazard(x: Inputs) -> float:
    counts = (x["start"], x["lost_start"], x["new_deals"], x["lost_new"])
    return -math.log1p(-_rate("person_time", *counts))


DERIVED: Mapping[str, Callable[[Inputs], Any]] = MappingProxyType(
    {
        "kfc-scores-mean": lambda x: math.fsum(x.values()) / len(x),
        "cci-mean-satisfaction": _mean_satisfaction,
        "cellular-lifetime": lambda x: 1 / x["annual_churn"],
        "cellular-monthly-equivalent": lambda x: 1 - (1 - x["annual_churn"]) ** (1 / 12),
        "complaints-per-purchase": lambda x: (
            1 / _iceberg(x["complaining_share"], "purchases", x["dissatisfied_per_purchase"])
        ),
        "complaint-iceberg": lambda x: _iceberg(x["complaining_share"], "dissatisfied"),
        "carrier-profit-per-lost": lambda x: float(
            value.churn_cost(
                1, 1, revenue=x["revenue_per_lost_customer"], margin=x["profit_margin"]
            ).loc[0, "profit"]
        ),
        "carrier-cumulative-lost-profit": _cumulative,
        "carrier-wom-reach": lambda x: x["lost_customers"] * x["people_influenced"],
        "uplift-lifetime-at-25pct-churn": _lift,
        "uplift-base-churn-for-85": _implied,
        "uplift-base-churn-for-95": _implied,
        "starbucks-growth-10y": lambda x: (1 + x["growth"]) ** x["years"],
        "starbucks-stock-cagr": lambda x: (1 + x["rise"]) ** (1 / x["years"]) - 1,
        "starbucks-revenue": lambda x: x["ad_spend"] / x["share"],
        "fedex-sample5-moe": _half_width,
        "fedex-callcentre-percentage": lambda x: x["agents"] / x["employees"],
        "fedex-training-total": lambda x: x["classroom_months"] + x["practice_months"],
        "amway-labs-percentage": lambda x: x["in_china"] / x["labs"],
        "win-back-ratio": lambda x: _odds(x, "risk_ratio"),
        "win-back-odds-ratio": lambda x: _odds(x, "odds_ratio"),
        "win-back-breakeven": lambda x: _odds(x, "risk_ratio"),
        "churn-naive-bias": lambda x: x["naive"] - x["cohort"],
        "churn-new-deals": lambda x: _rate("opening_cohort", x["new_deals"], x["lost_new"]),
        "churn-ending-count": lambda x: x["survivors"] + x["new_deals"] - x["lost_new"],
        "churn-netchange-trap": lambda x: (x["start"] - x["end"]) / x["start"],
        "churn-pooled": lambda x: _rate("pooled", x["start"], x["lost"], x["new_deals"]),
        "churn-average-base": lambda x: _rate(
            "average", x["start"], x["lost"], x["end"] - x["start"] + x["lost"]
        ),
        "churn-annualise-5pct": lambda x: 1 - (1 - x["quarterly"]) ** 4,
        "churn-annualise-15pct": lambda x: 1 - (1 - x["quarterly"]) ** 4,
        "retention-1000-850": lambda x: (
            1 - _rate("opening_cohort", x["start"], x["start"] - x["kept"])
        ),
        "churn-person-time": _hazard,
        "happy-conversion": lambda x: x["closed"] / x["leads"],
        "unhappy-vs-happy": lambda x: x["unhappy_reach"] / x["happy_leads"],
        "cadence-rate-from-4p5": lambda x: 12 / x["interval_months"],
        "dormancy-multiples": _multiples,
        "dormancy-false-atrisk": _silent,
        "dormancy-false-lost": _silent,
    }
)
