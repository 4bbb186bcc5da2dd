"""The Customer Churn Index of a survey in one Parquet file: its matrix and how sure the ranking is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.cases import THREADS, Case, Contender
from benchmarks.data import SEED

if TYPE_CHECKING:
    import numpy.typing as npt

    from benchmarks.cases import Answer

    Floats = npt.NDArray[np.float64]

FACTORS = 6
DRAWS = 10_000  # normal draws, or resamples: the same error of what is read off them
_FILE = "ratings.parquet"


def ratings(rows: int, folder: Path) -> None:
    """One wave of the generated survey, six rows for each of so many customers."""
    import churnlab as cl

    cl.datasets.ratings_to_parquet(folder / _FILE, rows, seed=SEED, waves=1)


def _ease() -> dict[str, int]:
    import churnlab as cl

    table = cl.datasets.load("cci_table_2")
    return dict(zip(table["factor"], table["improvability"].tolist(), strict=True))


# --- churnlab -------------------------------------------------------------------------------------
def churnlab(folder: Path) -> Callable[[], Any]:
    import churnlab as cl

    path, ease = folder / _FILE, _ease()

    def both() -> Any:
        counted = cl.cci.answers(path, weight="weight", improvability=ease)
        return cl.cci.matrix(counted), cl.cci.rank(counted, draws=DRAWS)

    return both


def churnlab_twice(folder: Path) -> Callable[[], Any]:
    import churnlab as cl

    path, roles = folder / _FILE, {"weight": "weight", "improvability": _ease()}

    def both() -> Any:
        return cl.cci.matrix(path, **roles), cl.cci.rank(path, draws=DRAWS, **roles)

    return both


def _of_churnlab(result: Any) -> Answer:
    matrix, ranks = result
    table = matrix.set_index("factor").sort_index()
    own = ranks[ranks["criterion"] == "pressure"].set_index("factor").sort_index()
    errors = own["std_error"].to_numpy(float)
    return _answer(*(table[c].to_numpy(float) for c in ("pressure", "fixable", "stuck")), errors)


# --- pandas and a bootstrap -----------------------------------------------------------------------
def bootstrap(folder: Path) -> Callable[[], Any]:
    """As exact as the normal draws: as many resamples."""
    return _bootstrap(folder, DRAWS)


def bootstrap_tenth(folder: Path) -> Callable[[], Any]:
    """A tenth of the resamples: what can be waited for at a million customers."""
    return _bootstrap(folder, DRAWS // 10)


def _bootstrap(folder: Path, draws: int) -> Callable[[], Any]:
    """The matrix in pandas, and weighted means of resampled customers."""
    import duckdb

    path, ease = str(folder / _FILE), _ease()

    def run() -> Any:
        with duckdb.connect(config={"threads": THREADS}) as con:
            columns = "customer, factor, satisfaction, importance, weight"
            rows = con.sql(f"SELECT {columns} FROM read_parquet('{path}')").df()
        pressure, weight, names = _pressures(rows)
        del rows
        mean = weight @ pressure / weight.sum()
        resampled = _resampled(pressure, weight, draws)
        first = np.argsort(np.argsort(-resampled, axis=1), axis=1) + 1
        sets = np.percentile(first, [2.5, 97.5], axis=0)
        share = (np.array([ease[name] for name in names]) - 1) / 9
        return mean, mean * share, mean * (1 - share), resampled.std(axis=0, ddof=1), sets

    return run


def _pressures(rows: Any) -> tuple[Floats, Floats, list[str]]:
    rows = rows.dropna(subset=["satisfaction", "importance"])
    points = rows["importance"].astype(float) - 1
    total = points.groupby(rows["customer"], sort=False).transform("sum")
    rows = rows.assign(pressure=points / total * (10 - rows["satisfaction"].astype(float)) / 9)
    rows = rows[total > 0]
    wide = rows.pivot(index="customer", columns="factor", values="pressure").fillna(0.0)
    weight = rows.drop_duplicates("customer").set_index("customer")["weight"].reindex(wide.index)
    return wide.to_numpy(), weight.to_numpy(float), [str(name) for name in wide.columns]


def _resampled(pressure: Floats, weight: Floats, draws: int) -> Floats:
    """Weighted means of resamples; how often each customer is drawn is a count, not a copy."""
    rng, n = np.random.default_rng(SEED), len(weight)
    weighted = np.column_stack([weight[:, None] * pressure, weight])
    found = np.empty((draws, pressure.shape[1]))
    for i in range(draws):
        times = np.bincount(rng.integers(0, n, n, dtype=np.int32), minlength=n)
        sums = times.astype(float) @ weighted
        found[i] = sums[:-1] / sums[-1]
    return found


def _of_bootstrap(result: Any) -> Answer:
    mean, fixable, stuck, errors, _ = result
    return _answer(mean, fixable, stuck, errors)


def _answer(pressure: Any, fixable: Any, stuck: Any, errors: Any) -> Answer:
    # in units of which an eighth is little: ten-millionths, and the logarithm of an error, which
    # a thousand resamples know to within some 7 %
    parts = {"pressure": pressure, "fixable": fixable, "stuck": stuck}
    found = {name: 1e7 * np.asarray(values, float) for name, values in parts.items()}
    return found | {"errors": np.log(np.asarray(errors, float))}


# --- the floor ------------------------------------------------------------------------------------
def scan(folder: Path) -> Callable[[], Any]:
    """Read the five columns once and answer nothing."""
    import duckdb

    path = str(folder / _FILE)

    def run() -> Any:
        with duckdb.connect(config={"threads": THREADS}) as con:
            return con.sql(
                "SELECT max(customer), max(factor), sum(satisfaction), sum(importance), "
                f"sum(weight) FROM read_parquet('{path}')"
            ).fetchall()

    return run


CASES = (
    Case(
        "CCI matrix and rank sets, from Parquet",
        ratings,
        (
            Contender("churnlab", churnlab, _of_churnlab, ("churnlab", "duckdb")),
            Contender("churnlab, read twice", churnlab_twice, _of_churnlab, ("churnlab", "duckdb")),
            Contender(
                "pandas, 10,000 resamples", bootstrap, _of_bootstrap, ("pandas", "numpy"), 10**5
            ),
            Contender(
                "pandas, 1,000 resamples", bootstrap_tenth, _of_bootstrap, ("pandas", "numpy")
            ),
            Contender("scan alone", scan, None, ("duckdb",)),
        ),
        rows=(10**5, 10**6),
        tolerance=0.12,
        long_from=10**6,
    ),
)
