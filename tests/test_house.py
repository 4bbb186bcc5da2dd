"""The house: who may import whom, one word one meaning, docstrings, budgets, a quick import."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import FunctionType

import pandas as pd
import pytest

import churnlab as cl

PACKAGE = Path(cl.__file__).parent

# a row may import itself and what its line names; this table is the architecture
MAY_IMPORT = {
    "__init__": {"*"},
    "__main__": {"checks", "commands"},
    "commands": {"checks", "engine", "periods"},  # the rest by its public name, cl.spells.profile
    "checks": set(),
    "periods": {"checks"},
    "engine": {"checks", "periods"},
    "intervals": {"checks"},
    "fonts": set(),
    "datasets": {"checks"},
    "learn": {"checks"},
    "explorer": {"checks", "cci", "datasets", "plot"},
    "plot": {"checks", "fonts"},
    "spells": {"checks", "periods", "engine"},
    "cohorts": {"checks", "periods", "engine", "intervals", "spells"},
    "rates": {"checks", "periods", "engine", "intervals", "spells", "revenue"},
    "survival": {"checks", "engine", "intervals"},
    "compare": {"checks", "intervals", "survival"},
    "reasons": {"checks"},
    "renewals": {"checks", "engine", "intervals", "periods", "spells"},
    "forecast": {"checks", "engine", "periods", "spells", "renewals", "revenue"},
    "revenue": {"checks", "engine", "periods", "spells"},
    "cci": {"checks", "engine", "spells"},
    "purchases": {"checks", "engine", "periods", "spells"},
    "surveys": {"checks", "intervals"},
    "value": {"checks"},
    "winback": {"checks", "intervals"},
    "report": {
        *("checks", "engine", "periods", "spells", "cohorts", "rates", "revenue", "renewals"),
        *("survival", "compare", "forecast", "purchases", "cci", "reasons", "plot", "datasets"),
    },
    "casebook": {
        *("checks", "datasets", "intervals", "rates", "cci"),
        *("value", "winback", "surveys", "purchases"),
    },
}
# third parties that one room alone may import, at any level
ONLY_IN = {
    "duckdb": {"engine", "datasets"},
    "ibis": {"engine"},
    "pyspark": {"engine"},
    "matplotlib": {"plot"},
    "seaborn": {"plot"},
    "ipywidgets": {"explorer"},
    "lifelines": set(),
    "polars": set(),
    "pyarrow": {"engine"},
    "openpyxl": {"engine"},
}
ROOMS = (
    "casebook",
    "cci",
    "cohorts",
    "compare",
    "datasets",
    "engine",
    "explorer",
    "forecast",
    "intervals",
    "learn",
    "periods",
    "plot",
    "purchases",
    "rates",
    "reasons",
    "renewals",
    "report",
    "revenue",
    "spells",
    "surveys",
    "survival",
    "value",
    "winback",
)


@cache
def sources() -> dict[Path, ast.Module]:
    return {p: ast.parse(p.read_text("utf-8")) for p in sorted(PACKAGE.rglob("*.py"))}


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_every_room_is_in_the_table():
    assert {room_of(p) for p in sources()} == set(MAY_IMPORT)


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_rooms_import_only_from_above(path):
    room, tree = room_of(path), sources()[path]
    for name in imports(tree):
        parts = name.split(".")
        if parts[0] == "churnlab" and len(parts) > 1:
            allowed = MAY_IMPORT[room] | {room}
            assert "*" in allowed or parts[1] in allowed, f"{room} may not import {name}"
        elif parts[0] in ONLY_IN:
            assert room in ONLY_IN[parts[0]], f"{room} may not import {parts[0]}"


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_and_functions_stay_small(path):
    """A file outgrows about 300 lines into a folder; a function's code fits on a screen."""
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 400, f"{path.name} outgrew its room"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert lines <= 50, f"{path.name}: {node.name} has {lines} lines"


def public() -> list[tuple[str, FunctionType]]:
    found = []
    for room in ROOMS:
        module = getattr(cl, room)
        for name in getattr(module, "__all__", None) or vars(module):
            value = getattr(module, name)
            home = getattr(value, "__module__", "")
            if isinstance(value, FunctionType) and f"{home}.".startswith(f"churnlab.{room}."):
                found += [] if name.startswith("_") else [(f"{room}.{name}", value)]
    return found


@pytest.mark.parametrize(("name", "function"), public(), ids=[n for n, _ in public()])
def test_docstrings(name, function):
    doc = inspect.getdoc(function) or ""
    assert doc, f"{name} has no docstring"
    assert len(doc.splitlines()) <= 50, "too long to be read"
    assert re.match(r"[A-Z0-9].*[.:]$", doc.split("\n\n")[0].replace("\n", " ")), doc.splitlines()[
        0
    ]


ANALYSES = [
    cl.spells.to_spells,
    cl.spells.subscriptions_to_spells,
    cl.spells.durations_to_spells,
    cl.spells.add_covariates,
    cl.spells.to_snapshot,
    cl.spells.profile,
    cl.spells.suspend,
    cl.spells.to_subscriptions,
    cl.survival.at,
    cl.survival.life_table,
    cl.survival.kaplan_meier,
    cl.survival.nelson_aalen,
    cl.compare.gray,
    cl.compare.logrank,
    cl.compare.observed_expected,
    cl.compare.trend,
    cl.compare.pairwise,
    cl.compare.milestone,
    cl.compare.restricted_mean,
    cl.survival.incidence,
    cl.survival.eliminate,
    cl.survival.reason_bounds,
    cl.survival.at_risk,
    cl.survival.quantiles,
    cl.survival.restricted_mean,
    cl.survival.residual,
    cl.survival.bands,
    cl.cohorts.retention,
    cl.cohorts.customers,
    cl.cohorts.by_period,
    cl.rates.churn_rate,
    cl.rates.churn_by_age,
    cl.rates.retention_rate,
    cl.rates.referral_rate,
    cl.rates.stickiness,
    cl.rates.kpis,
    cl.rates.compare,
    cl.purchases.gap_quantiles,
    cl.purchases.silences,
    cl.purchases.silence_bands,
    cl.cci.matrix,
    cl.cci.index,
    cl.cci.owners,
    cl.cci.per_customer,
    cl.cci.answers,
    cl.cci.rank,
    cl.cci.stability,
    cl.cci.whatif,
    cl.cci.agreement,
    cl.cci.concordance,
    cl.renewals.fit,
    cl.renewals.holdout,
    cl.revenue.movements,
    cl.renewals.cohort_counts,
    cl.forecast.customers,
    cl.forecast.revenue,
    cl.forecast.backtest,
]
SHARED = {"by", "period", "as_of", "level", "customer", "time", "amount", "start", "end", "keep"}
SHARED |= {"duration", "event", "entry", "weight", "count", "event_value"}
SHARED |= {"reason", "timefix"}
SHARED |= {"cohort", "age", "customers", "kind", "cluster", "spell"}
SHARED |= {"ahead", "inflow", "inflow_sd", "model", "draws", "seed"}  # of every forecast
SHARED |= {"factor", "satisfaction", "importance", "improvability"}
SHARED |= {"scale", "importance_scale", "improvability_scale"}  # of every index
SHARED |= {"importance_as", "missing"}


@pytest.mark.parametrize("function", ANALYSES, ids=lambda f: f.__name__)
def test_signatures(function):
    """Data first, the rest by name, at most six arguments of the method's own, no kwargs."""
    parameters = list(inspect.signature(function).parameters.values())

    assert parameters[0].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    assert {p.kind for p in parameters[1:]} == {inspect.Parameter.KEYWORD_ONLY}
    assert len({p.name for p in parameters[1:]} - SHARED) <= 6
    doc = inspect.getdoc(function)
    for section in ("Parameters", "Returns", "Raises", "Notes", "Examples"):
        assert f"{section}\n---" in doc
    for parameter in parameters:
        assert re.search(rf"\b{parameter.name}\b", doc), f"{parameter.name} is not documented"


def ratings_results() -> dict[str, pd.DataFrame]:
    table = cl.datasets.load("cci_table_2").assign(customer="1")
    ease = table[["factor", "improvability"]].assign(owner="network")
    return {
        "matrix": cl.cci.matrix(table),
        "ranked_matrix": cl.explorer.ranked_matrix(),
        "index": cl.cci.index(table),
        "owners": cl.cci.owners(table, improvability=ease),
        "per_customer": cl.cci.per_customer(table).frame,
        "rank": cl.cci.rank(table),
        "stability": cl.cci.stability(table),
        "whatif": cl.cci.whatif(table, changes={"coverage": ("close", 0.5)}),
        "agreement": cl.cci.agreement(
            table.loc[table.index.repeat(2)].assign(wave=[1, 2] * len(table)), by="wave"
        ),
        "concordance": cl.cci.concordance(table),
    }


def contracts_of_fifty() -> pd.DataFrame:
    return cl.datasets.generate_subscriptions(50)


def renewals_results() -> dict[str, pd.DataFrame]:
    cohort = cl.datasets.load("contract_cohorts").query("case == 1").rename(columns={"year": "age"})
    found = cl.renewals.fit(cohort)
    return {
        "fit": found.coefficients,
        "project": found.project(6),
        "derl": found.derl(1, discount=0.1),
        "naive_curves": cl.renewals.naive_curves(cohort, until=6),
        "holdout": cl.renewals.holdout(cohort, fit_until=3),
    }


def forecast_results() -> dict[str, pd.DataFrame]:
    counts = cl.renewals.cohort_counts(contracts_of_fifty(), as_of="2024-06-01")
    return {
        "cohort_counts": counts,
        "forecast.customers": cl.forecast.customers(counts, ahead=2),
        "forecast.revenue": cl.forecast.revenue(contracts_of_fifty(), as_of="2024-06-01", ahead=2),
        "backtest": cl.forecast.backtest(counts, ahead=2, origins=1),
    }


def calculators() -> dict[str, pd.DataFrame]:
    return {
        "churn_cost": cl.value.churn_cost(10, 0.1, revenue=1, margin=1, retention=0.9, discount=0),
        "retention_lift": cl.value.retention_lift(0.8, discount=0),
        "implied_churn": cl.value.implied_churn(0.8, discount=0),
        "word_of_mouth": cl.value.word_of_mouth(5, 0.1),
        "iceberg": cl.surveys.iceberg(complaining=0.05),
        "silence": cl.purchases.silence(6, rate=0.2),
        "false_alarm": cl.purchases.false_alarm(6, 12, rate=0.2),
        "odds": cl.winback.odds(1, 4, prospects_won=1, prospects_tried=16),
        **renewals_results(),
        "movements": cl.revenue.movements(contracts_of_fifty(), as_of="2024-06-01"),
        "revenue_retention": cl.revenue.retention(
            cl.revenue.movements(contracts_of_fifty(), as_of="2024-06-01")
        ),
        "taxonomy": cl.reasons.taxonomy(),
        "crosswalk": cl.reasons.crosswalk(),
        "table": cl.casebook.table(),
        "reproduce": cl.casebook.reproduce(),
        "extensions": cl.casebook.extensions(),
    }


def rates_results() -> dict[str, pd.DataFrame]:
    contracts, log = contracts_of_fifty(), cl.datasets.load("six_customers")
    ages = cl.rates.churn_by_age(contracts, as_of="2024-06-01", bands=(1, 6))
    people = contracts.drop_duplicates("customer").assign(referrer="")
    return {
        "convert": cl.rates.convert(0.05, period="month", to="year"),
        "churn_by_age": ages,
        "standardise": cl.rates.standardise(ages),
        "stickiness": cl.rates.stickiness(log),
        "retention_rate": cl.rates.retention_rate(contracts, as_of="2024-06-01"),
        "referral_rate": cl.rates.referral_rate(people, as_of="2024-06-01"),
        "kpis": cl.rates.kpis(contracts, as_of="2024-06-01"),
        "compare": cl.rates.compare_from_counts([8, 9], [10, 10]),
        "sample_size": cl.rates.sample_size(0.8, lift=0.05),
    }


def reasons_results() -> dict[str, pd.DataFrame]:
    four = pd.DataFrame({"duration": [1, 2, 3, 4], "event": [1, 1, 1, 0], "plan": list("abab")})
    four["reason"] = ["price", "moved", None, None]
    return {
        "incidence": cl.survival.incidence(four),
        "eliminate": cl.survival.eliminate(four, without="price"),
        "reason_bounds": cl.survival.reason_bounds(four),
        "gray": cl.compare.gray(four, by="plan"),
    }


def compare_results() -> dict[str, pd.DataFrame]:
    spells = cl.spells.subscriptions_to_spells(
        contracts_of_fifty(), as_of="2024-06-01", keep=["plan"]
    )
    return {
        "logrank": cl.compare.logrank(spells, by="plan"),
        "observed_expected": cl.compare.observed_expected(spells, by="plan").drop(columns="plan"),
        "trend": cl.compare.trend(spells, by="plan"),
        "pairwise": cl.compare.pairwise(spells, by="plan"),
        "milestone": cl.compare.milestone(spells, by="plan", at=60),
        "restricted_mean": cl.compare.restricted_mean(spells, by="plan", until=60),
        "compare.sample_size": cl.compare.sample_size(2),
    }


def lifetimes_results() -> dict[str, pd.DataFrame]:
    four = pd.DataFrame({"duration": [1, 2, 3, 4], "event": [1, 1, 0, 1]})
    return {
        "quantiles": cl.survival.quantiles(four),
        "survival.restricted_mean": cl.survival.restricted_mean(four, until=2),
        "residual": cl.survival.residual(four, given=[0, 1], ahead=1),
        "bands": cl.survival.bands(four),
    }


def files_and_rows() -> dict[str, pd.DataFrame]:
    log = cl.datasets.load("six_customers")
    plans = log.assign(plan="basic")[["customer", "time", "plan"]].drop_duplicates()
    windows = {"feature_window": 30, "label_window": 14, "as_of": "2026-05-05"}
    spells = cl.spells.to_spells(log, inactivity=30)
    return {
        "profile": cl.spells.profile(log),
        "to_subscriptions": cl.spells.to_subscriptions(spells, inactivity=30).frame,
        "by_period": cl.cohorts.by_period(cl.cohorts.retention(log)),
        "gap_quantiles": cl.purchases.gap_quantiles(log),
        "silences": cl.purchases.silences(log).frame,
        "silence_bands": cl.purchases.silence_bands(cl.purchases.silences(log)),
        "to_snapshot": cl.spells.to_snapshot(log, observed_at="2026-04-01", **windows).frame,
        "add_covariates": cl.spells.add_covariates(
            spells, changes=plans, covariates="plan"
        ).frame.drop(columns="plan"),
    }


@cache
def results() -> dict[str, pd.DataFrame]:
    log = cl.datasets.load("six_customers")
    contracts = cl.datasets.generate_subscriptions(50)
    spells = cl.spells.to_spells(log, inactivity=30)
    curves = {
        n: getattr(cl.survival, n)(spells) for n in ("life_table", "kaplan_meier", "nelson_aalen")
    }
    return {
        **curves,
        "at_risk": cl.survival.at_risk(spells),
        "to_spells": spells.frame,
        "subscriptions_to_spells": cl.spells.subscriptions_to_spells(
            contracts, as_of="2024-06-01"
        ).frame,
        "suspend": cl.spells.suspend(spells, pauses=contracts[:0][["start", "end"]]).frame,
        "retention": cl.cohorts.retention(log),
        "pooled": cl.cohorts.pooled(cl.cohorts.retention(log)),
        "customers": cl.cohorts.customers(log, cell=cl.cohorts.retention(log).iloc[0]).frame,
        "churn_rate": cl.rates.churn_rate(contracts, as_of="2024-06-01"),
        "churn_rate_from_counts": cl.rates.churn_rate_from_counts(10, 1),
        **rates_results(),
        **compare_results(),
        **files_and_rows(),
        **reasons_results(),
        **lifetimes_results(),
        **ratings_results(),
        **calculators(),
        **forecast_results(),
        "ledger": cl.ledger(spells),
        "catalogue": cl.datasets.catalogue(),
        "vocabulary": cl.vocabulary(),
    }


def test_every_result_column_is_in_the_vocabulary():
    words = set(cl.vocabulary()["name"])
    for name, frame in results().items():
        assert set(frame.columns) <= words, f"{name}: {set(frame.columns) - words}"


def test_every_word_of_the_vocabulary_is_used():
    used = {column for frame in results().values() for column in frame.columns}
    roles = {"time", "amount", "end"}
    assert set(cl.vocabulary()["name"]) == used | roles


def test_every_ledger_rule_is_given_by_someone():
    code = " ".join(p.read_text("utf-8") for p in PACKAGE.rglob("*.py") if room_of(p) != "checks")
    for rule in set(cl.checks.RULES) - {"read", "used"}:
        assert f'"{rule}"' in code or f"{rule}=" in code, f"no room gives the rule {rule!r}"


def test_results_have_plain_indices_and_plain_numbers():
    for name, frame in results().items():
        assert isinstance(frame.index, pd.RangeIndex), name
        if name not in ("to_spells", "subscriptions_to_spells", "per_customer"):
            assert "np." not in repr(frame.attrs), name


def run(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout


def test_import_is_quick_and_changes_nothing():
    heavy = [
        "scipy",
        "duckdb",
        "matplotlib",
        "seaborn",
        "ipywidgets",
        "lifelines",
        "pandas",
        "narwhals",
    ]
    out = run(f"import sys, churnlab; print([m for m in {heavy!r} if m in sys.modules])")

    assert out.strip() == "[]"


def test_using_churnlab_changes_no_global_option():
    out = run(
        "import pandas as pd, matplotlib as mpl, churnlab as cl\n"
        "before = dict(mpl.rcParams), pd.get_option('display.width')\n"
        "log = cl.datasets.load('six_customers')\n"
        "mpl.use('agg'); before = dict(mpl.rcParams), pd.get_option('display.width')\n"
        "cl.plot.retention(cl.cohorts.retention(log))\n"
        "print(before == (dict(mpl.rcParams), pd.get_option('display.width')))"
    )

    assert out.strip() == "True"


def test_the_core_needs_no_extra(tmp_path):
    """Curves, triangles and figures without lifelines, polars, pyarrow, ibis or pyspark."""
    blocked = ["lifelines", "polars", "pyarrow", "ibis", "pyspark", "ipywidgets", "IPython"]
    out = run(
        "import sys\n"
        f"for name in {blocked!r}: sys.modules[name] = None\n"
        "import matplotlib; matplotlib.use('agg')\n"
        "import churnlab as cl\n"
        "log = cl.datasets.load('cdnow_transactions')\n"
        "cl.plot.survival(cl.survival.kaplan_meier(cl.spells.to_spells(log, inactivity=90)))\n"
        "print(len(cl.cohorts.retention(log)))"
    )

    assert out.strip() == "51"


def test_unknown_names_are_unknown():
    with pytest.raises(AttributeError, match="no attribute 'survivals'"):
        _ = cl.survivals
    assert set(ROOMS) <= set(dir(cl))
