"""Every customer's shares of the index, and the sums from which all is estimated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import pandas as pd

from churnlab import engine
from churnlab.cci import importances

if TYPE_CHECKING:
    from churnlab.cci.answers import Answers


def customers(answers: Answers) -> nw.LazyFrame[Any]:
    """One row per (group, customer): rows, weight, cluster and, per factor, the answers.

    ``importance_0`` counts points above the floor and ``missed_0`` points below the top, so that
    shares of whole ratings are exact.
    """
    asked, frame, names = answers.asked, answers.frame, answers.factors
    long, asks = answers.counted, [] if asked.importance_given else ["importance"]
    if asked.importance_as == "rank" and asks:
        long = long.with_columns(importance=importances.of_row(asked, len(names)))
    parts: dict[str, nw.Expr] = {"n_rows": nw.len()}
    for k, name in enumerate(names):
        here = nw.col("factor") == name
        for ask in ("satisfaction", *asks):
            parts[f"{ask}_{k}"] = nw.when(here).then(nw.col(ask)).max()
    if frame.has("weight"):
        parts |= {"weight": nw.col("weight").max(), "least_weight": nw.col("weight").min()}
    if frame.has("cluster"):
        parts |= {"cluster": nw.col("cluster").max(), "first_cluster": nw.col("cluster").min()}
    wide = long.group_by(*asked.roles, "customer").agg(**parts)
    own = [name for name in ("cluster", "first_cluster") if frame.has("cluster")]
    wide = wide.select(*asked.roles, "customer", "n_rows", *own, **_points(answers))
    return _imputed(wide, answers) if asked.missing == "impute" else wide


def _points(answers: Answers) -> dict[str, nw.Expr]:
    """Points below the top of satisfaction, and above the floor of importance; numbers as doubles.

    A rating is turned into points once per customer, not once per row: rows are many.
    """
    asked, frame = answers.asked, answers.frame
    top, floor = asked.scales.satisfaction[1], asked.floor
    weights = ("weight", "least_weight") if frame.has("weight") else ()
    found: dict[str, nw.Expr] = {name: nw.col(name).cast(nw.Float64) for name in weights}
    if not weights:
        found["weight"] = nw.lit(1.0)
    for k in range(len(answers.factors)):
        found[f"missed_{k}"] = top - nw.col(f"satisfaction_{k}").cast(nw.Float64)
        if answers.given is not None:
            rated = ~nw.col(f"satisfaction_{k}").is_null()
            found[f"importance_{k}"] = nw.when(rated).then(nw.lit(answers.given[k]))
        else:
            found[f"importance_{k}"] = nw.col(f"importance_{k}").cast(nw.Float64) - floor
    return found


def _imputed(wide: nw.LazyFrame[Any], answers: Answers) -> nw.LazyFrame[Any]:
    """Cells without an answer get the weighted mean of their group's answers.

    ``answered_0`` keeps who answered both questions on a factor, ``present_0`` who has a row.
    """
    names = range(len(answers.factors))
    cells = [f"{part}_{k}" for part in ("importance", "missed") for k in names]
    answered = {f"answered_{k}": _both(k) for k in names}
    present = {f"present_{k}": ~_neither(k) for k in names}
    wide = wide.with_columns(whole=nw.lit(1), **answered, **present)
    keys = [*answers.asked.roles, "whole"]
    filled: dict[str, nw.Expr] = {}
    for cell in cells:
        known = nw.when(~nw.col(cell).is_null()).then(nw.col("weight"))
        weight = known.sum().over(*keys)  # 0 where nobody of the group answered
        mean = (nw.col(cell) * nw.col("weight")).sum().over(*keys) / nw.when(weight > 0).then(
            weight
        )
        filled[cell] = nw.when(nw.col(cell).is_null()).then(mean).otherwise(nw.col(cell))
    wide = wide.with_columns(**filled)
    # a group that nobody told both of a factor does not have the factor
    both = {f"{part}_{k}": nw.when(_both(k)).then(nw.col(f"{part}_{k}"))
            for part in ("importance", "missed") for k in names}  # fmt: skip
    return wide.with_columns(**both)


def _both(k: int) -> nw.Expr:
    return ~nw.col(f"importance_{k}").is_null() & ~nw.col(f"missed_{k}").is_null()


def _neither(k: int) -> nw.Expr:
    return nw.col(f"importance_{k}").is_null() & nw.col(f"missed_{k}").is_null()


def of_customers(answers: Answers) -> nw.LazyFrame[Any]:
    """Every customer with ``share_k`` and ``pressure_k`` per factor (0 where not answered), their
    sum ``pressure``, and whether they are counted (``valid``), ``complete`` and ``straight``."""
    low, high = answers.asked.scales.satisfaction
    names = range(len(answers.factors))
    one = customers(answers)
    if answers.asked.missing != "impute":
        answered = {f"{word}_{k}": _both(k) for k in names for word in ("answered", "present")}
        one = one.with_columns(**answered)
    n = added([nw.col(f"answered_{k}").cast(nw.Int64) for k in names])
    points = [nw.col(f"importance_{k}") for k in names]
    one = one.with_columns(
        n=n,
        total=added([value.fill_null(0.0) for value in points]),
        most=nw.max_horizontal(*points) if len(points) > 1 else points[0],
        least=nw.min_horizontal(*points) if len(points) > 1 else points[0],
    )
    complete = nw.col("n") == len(names)
    counted = complete if answers.asked.missing == "complete" else nw.lit(True)
    valid = (nw.col("total") > 0) & counted
    straight = valid & (nw.col("n") > 1) & (nw.col("most") == nw.col("least"))
    total = nw.when(nw.col("total") > 0).then(nw.col("total"))
    share = {f"share_{k}": (points[k] / total).fill_null(0.0) for k in names}
    pressure = {
        f"pressure_{k}": nw.col(f"share_{k}") * (nw.col(f"missed_{k}") / (high - low)).fill_null(0)
        for k in names
    }
    one = one.with_columns(
        valid=valid,
        complete=complete,
        left=~counted,
        straight=straight if answers.given is None else nw.lit(False),
        **share,
    )
    one = one.with_columns(**pressure)
    return one.with_columns(pressure=added([nw.col(f"pressure_{k}") for k in names]))


def sums(answers: Answers) -> pd.DataFrame:
    """One row per group: counts, sums of weights and of every factor, and products of pairs.

    The products are those of what each customer, or each cluster, adds: ``total_f = Σ ω pressure``
    (``cross_j_k = Σ total_j total_k``, ``cross_k = Σ total_k · omega``, ``omega2 = Σ omega²``).
    """
    frame, by = answers.frame, answers.by
    p = len(answers.factors)
    terms = _terms(answers)
    one = answers.customers.with_columns(
        omega=nw.when(nw.col("valid")).then(nw.col("weight")).otherwise(0.0)
    )
    own = [*by, "omega", "n_rows", *(["cluster"] if frame.has("cluster") else [])]
    one = one.select(*own, **terms)  # no column that is not added up: products are many
    added_up = list(terms)
    if frame.has("cluster"):
        parts = {name: nw.col(name).sum() for name in [*added_up, "omega", "n_rows"]}
        some = (nw.col("omega") > 0).any().cast(nw.Int64)
        one = one.group_by(*by, "cluster").agg(n_seen=nw.len(), n_clusters=some, **parts)
    else:
        one = one.with_columns(n_seen=nw.lit(1), n_clusters=(nw.col("omega") > 0).cast(nw.Int64))
    products = {"omega2": nw.col("omega") * nw.col("omega")}
    for j in range(p):
        products[f"cross_{j}"] = nw.col(f"p_{j}") * nw.col("omega")
        products |= {f"cross_{j}_{k}": nw.col(f"p_{j}") * nw.col(f"p_{k}") for k in range(j, p)}
    names = ["n_seen", "n_clusters", "n_rows", "omega", *added_up]
    parts = {name: nw.col(name).sum() for name in names}
    parts |= {name: product.sum() for name, product in products.items()}
    found = engine.collect(one.group_by(*by).agg(**parts) if by else one.select(**parts))
    numbers = [name for name in found.columns if name not in by]
    # laid out anew: pandas warns of frames whose many columns were set one by one
    found = pd.concat([found[by], found[numbers].fillna(0).astype("float64")], axis=1)
    return engine.sort_missing_last(found, by)


def _terms(answers: Answers) -> dict[str, nw.Expr]:
    """What a customer adds to the sums: counts, and products with the weight ``omega``."""
    frame = answers.frame
    valid, omega = nw.col("valid"), nw.col("omega")
    counted = nw.Int64
    terms: dict[str, nw.Expr] = {
        "n_customers": valid.cast(counted),
        "n_partial": (valid & ~nw.col("complete")).cast(counted),
        "n_straight": nw.col("straight").cast(counted),
        "n_incomplete": nw.col("left").cast(counted),
        "weight2": omega * omega,
    }
    if frame.has("weight"):
        weight = nw.col("weight")
        terms["weight_differs"] = (weight - nw.col("least_weight") > 1e-9 * weight).cast(counted)
    if frame.has("cluster"):
        differs = nw.col("cluster") != nw.col("first_cluster")
        terms["cluster_differs"] = differs.cast(counted)
    for k in range(len(answers.factors)):
        answered = nw.col(f"answered_{k}")
        terms |= {
            f"rows_{k}": nw.col(f"present_{k}").cast(counted),
            f"n_{k}": (answered & valid).cast(counted),
            f"omega_{k}": nw.when(_both(k)).then(omega).otherwise(0.0),
            f"points_{k}": (omega * nw.col(f"importance_{k}")).fill_null(0.0),
            f"lost_{k}": (omega * nw.col(f"missed_{k}")).fill_null(0.0),
            f"w_{k}": omega * nw.col(f"share_{k}"),
            f"p_{k}": omega * nw.col(f"pressure_{k}"),
        }
    return terms


def in_several_groups(answers: Answers) -> int:
    """How many customers are in more than one group (two waves, two segments)."""
    own = answers.counted.group_by(*answers.by, "customer").agg(n=nw.len())
    groups = own.group_by("customer").agg(n=nw.len()).filter(nw.col("n") > 1)
    return int(engine.collect(groups.select(n=nw.len()))["n"].iloc[0])


def added(values: Sequence[nw.Expr]) -> nw.Expr:
    """The sum of values that are not missing, in their order: the same on every engine."""
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total
