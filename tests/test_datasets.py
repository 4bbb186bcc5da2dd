"""Generated data sets: a history hangs on (seed, customer) alone; test_shipped.py has the others."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnlab import datasets
from churnlab.checks import InputError
from churnlab.datasets import population, uniforms
from tests import measured

M64 = 2**64 - 1


def digest(frame: pd.DataFrame) -> str:
    """A fingerprint of a frame of whole numbers and text, the same under every pandas."""
    rows = "\n".join(",".join(map(str, row)) for row in frame.itertuples(index=False))
    return hashlib.sha256(rows.encode()).hexdigest()


def days(dates: pd.Series, first_day: str = "2023-01-01") -> pd.Series:
    """Days since the first day; -1 for missing."""
    return (dates - pd.Timestamp(first_day)).dt.days.fillna(-1).astype("int64")


# --- the hash and what is drawn from it ---------------------------------------------------------
def mix(z: int) -> int:
    """One step of splitmix64 in plain Python whole numbers."""
    z = (z + 0x9E3779B97F4A7C15) & M64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M64
    return z ^ (z >> 31)


def test_the_step_is_splitmix64() -> None:
    # The first value of the published generator started at 0.
    assert mix(0) == 0xE220A8397B1DCDAF


@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
def test_the_hash_equals_plain_python(seed: int) -> None:
    customers = [1, 2, 10**7, 99_999_999]
    for draw in (0, 1, 250):
        bits = uniforms.hash_bits(seed, np.array(customers, dtype=np.uint64), draw)
        assert bits.tolist() == [mix(mix(mix(seed) ^ c) ^ draw) for c in customers]


def test_exponentials_are_minus_log_of_the_uniform() -> None:
    bits = np.array([0, 1 << 11, 2**63, 2**64 - 1, *range(3, 2**64, 2**56 + 1)], dtype=np.uint64)
    expected = [-math.log(((int(b) >> 11) | 1) / 2**53) for b in bits]
    np.testing.assert_allclose(uniforms.exponential(bits), expected, rtol=1e-14, atol=2e-15)


def test_uniforms_and_picks_stay_inside() -> None:
    ends = np.array([0, 2**64 - 1], dtype=np.uint64)
    low, high = uniforms.uniform(ends)
    assert low == 2.0**-33 and high == 1 - 2.0**-33
    assert uniforms.pick(ends, 3).tolist() == [0, 2]


# --- events -------------------------------------------------------------------------------------
def whole_events(frame: pd.DataFrame) -> pd.DataFrame:
    cents = (frame["amount"] * 100).round().astype("int64")
    return frame.assign(time=days(frame["time"]), amount=cents)


def test_events_are_frozen() -> None:
    frame = whole_events(datasets.generate_events(300, seed=7))
    assert len(frame) == FROZEN_EVENTS[0]
    assert digest(frame) == FROZEN_EVENTS[1]


def test_events_have_the_stated_form() -> None:
    frame = datasets.generate_events(500)
    assert list(frame.columns) == ["customer", "time", "amount", "segment"]
    assert str(frame["time"].dtype) == "datetime64[ns]"
    assert frame["customer"].nunique() == 500
    assert frame["customer"].iloc[0] == "c00000001"
    assert set(frame["segment"]) == set(datasets.SEGMENT_LIFE)
    assert frame.groupby("customer")["segment"].nunique().eq(1).all()
    assert frame.sort_values(["customer", "time"], kind="stable").index.equals(frame.index)
    assert days(frame["time"]).between(0, 729).all()
    assert (frame["amount"] >= 0.01).all()


@pytest.mark.parametrize("n", [0, 1, 2, 7, 8, 20])
def test_a_history_hangs_on_neither_size_nor_chunks(
    n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, contracts = datasets.generate_events(20), datasets.generate_subscriptions(20)
    monkeypatch.setattr(population, "CHUNK", 7)
    first = events["customer"].str[1:].astype(int) <= n
    pd.testing.assert_frame_equal(datasets.generate_events(n), events[first])
    pd.testing.assert_frame_equal(datasets.generate_subscriptions(n), contracts[:n])


def test_another_seed_is_another_history() -> None:
    a, b = (datasets.generate_events(200, seed=seed) for seed in (1, 2))
    assert not a["time"].head(200).equals(b["time"].head(200))


def within(values: pd.Series | np.ndarray, mean: float, errors: float = 4.0) -> bool:
    """The mean lies within four standard errors: a fixed seed decides once and for all."""
    return abs(np.mean(values) - mean) < errors * np.std(values, ddof=1) / math.sqrt(len(values))


def test_events_follow_the_stated_process() -> None:
    n = 20_000
    frame = datasets.generate_events(n, mean_gap=30, mean_life=365, window_days=730)
    first = days(frame.groupby("customer")["time"].first())
    # Floored uniforms on (0, 730) have mean 364.5.
    assert within(first, 364.5)
    assert within(frame["amount"] - 0.005, 35.0)
    # A customer observed for w more days is expected to buy again life/gap * (1 - exp(-w/life)).
    observed = 730 - (first + 0.5)
    repeats = frame.groupby("customer").size() - 1
    assert within(repeats - 365 / 30 * (1 - np.exp(-observed / 365)), 0)
    shares = frame.groupby("customer")["segment"].first().value_counts(normalize=True)
    assert shares.sub(1 / 3).abs().lt(4 * math.sqrt(2 / 9 / n)).all()


def test_gaps_are_exponential_where_nothing_cuts_them() -> None:
    # Fifty gaps take about 2,000 days; who starts in the first half has 18,000 and a long life.
    frame = datasets.generate_events(600, mean_life=1e6, window_days=36_525, mean_gap=40)
    day = days(frame["time"])
    early = day.groupby(frame["customer"]).transform("min") < 36_525 / 2
    kept = early & (frame.groupby("customer").cumcount() <= 50)
    gaps = day[kept].groupby(frame["customer"][kept]).diff().dropna()
    assert len(gaps) > 10_000
    assert within(gaps, 40)
    # Both ends are floored, so with U uniform on (0, 1): P(gap > 40) = P(U + 40 E >= 41).
    share = (gaps > 40).mean()
    expected = 40 * (math.exp(-40 / 40) - math.exp(-41 / 40))
    assert abs(share - expected) < 4 * math.sqrt(expected * (1 - expected) / len(gaps))


def test_segments_differ_by_their_lives_only() -> None:
    frame = datasets.generate_events(12_000, mean_life={"short": 60.0, "long": 600.0})
    size = frame.groupby(["segment", "customer"]).size()
    first = days(frame.groupby(["segment", "customer"])["time"].first())
    for segment, life in {"short": 60.0, "long": 600.0}.items():
        observed = 730 - (first[segment] + 0.5)
        expected = life / 30 * (1 - np.exp(-observed / life))
        assert within(size[segment] - 1 - expected, 0)


def test_the_tempting_rule_is_biased_as_the_course_says() -> None:
    # Acceptance: true S(365) = exp(-1); censoring the others at the end gives about .514.
    frame = datasets.generate_events(40_000, mean_gap=30, mean_life=365, window_days=730)
    times = days(frame["time"]).groupby(frame["customer"])
    start, last = times.min(), times.max()
    churned = last <= 730 - 180
    duration = np.where(churned, last - start, 730 - start)
    s = 1.0
    for t in range(366):
        s *= 1 - (churned & (duration == t)).sum() / (duration >= t).sum()
    assert s == pytest.approx(0.514, abs=0.01)


# --- subscriptions ------------------------------------------------------------------------------
def whole_contracts(frame: pd.DataFrame) -> pd.DataFrame:
    cents = (frame["amount"] * 100).round().astype("int64")
    return frame.assign(start=days(frame["start"]), end=days(frame["end"]), amount=cents)


def test_subscriptions_are_frozen() -> None:
    frame = whole_contracts(datasets.generate_subscriptions(1000, seed=7))
    assert len(frame) == FROZEN_CONTRACTS[0]
    assert digest(frame) == FROZEN_CONTRACTS[1]


def test_subscriptions_have_the_stated_form() -> None:
    frame = datasets.generate_subscriptions(2000)
    assert list(frame.columns) == ["customer", "start", "end", "amount", "plan"]
    assert frame["customer"].is_unique and len(frame) == 2000
    assert frame["end"].isna().any() and frame["end"].max() <= pd.Timestamp("2024-12-31")
    months = (frame["end"] - frame["start"]).dropna().dt.days / 30
    assert (months >= 1).all() and (months % 1 == 0).all()
    assert dict(zip(frame["plan"], frame["amount"], strict=True)) == {"basic": 19.99, "plus": 39.99}


def test_a_later_cut_only_adds_ends_and_an_earlier_one_hides_starts() -> None:
    early, late = (
        datasets.generate_subscriptions(3000, as_of=day) for day in ("2024-01-01", "2026-01-01")
    )
    assert early["start"].max() < pd.Timestamp("2024-01-01")
    same = late[late["customer"].isin(early["customer"])].reset_index(drop=True)
    assert len(same) == len(early) < len(late)
    hidden = same["end"].where(same["end"] <= pd.Timestamp("2024-01-01"))
    pd.testing.assert_series_equal(early["end"], hidden, check_names=False)


def test_churn_falls_with_tenure_as_stated() -> None:
    plan = datasets.Plan(10.0, 0.8, 7.2)
    frame = datasets.generate_subscriptions(
        40_000, window_days=1, as_of="2024-06-01", plans={"only": plan}
    )
    months = (frame["end"] - frame["start"]).dt.days / 30
    for t in range(1, 13):
        at_risk = (~(months < t)).sum()
        rate = plan.alpha / (plan.alpha + plan.beta + t - 1)
        error = math.sqrt(rate * (1 - rate) / at_risk)
        assert abs((months == t).sum() / at_risk - rate) < 4 * error, t


# --- Parquet, arguments, size -------------------------------------------------------------------
def read_parquet(path: Path, like: pd.DataFrame) -> pd.DataFrame:
    import duckdb

    with duckdb.connect() as connection:
        return connection.read_parquet(str(path)).df().astype(like.dtypes.to_dict())


@pytest.mark.parametrize("n", [0, 1, 100])
def test_parquet_holds_the_same_tables(
    n: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(population, "CHUNK", 37)
    events, contracts = datasets.generate_events(n), datasets.generate_subscriptions(n)
    path = tmp_path / "it's.parquet"
    assert datasets.events_to_parquet(path, n) == path
    pd.testing.assert_frame_equal(read_parquet(path, events), events)
    datasets.subscriptions_to_parquet(path, n)
    pd.testing.assert_frame_equal(read_parquet(path, contracts), contracts)
    assert [file.name for file in tmp_path.iterdir()] == ["it's.parquet"]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"n_customers": -1}, "n_customers"),
        ({"n_customers": 10**8}, "n_customers"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**64}, "seed"),
        ({"first_day": "01/02/2023"}, "first_day"),
        ({"window_days": 0}, "window_days"),
        ({"window_days": 40_000}, "window_days"),
        ({"mean_gap": 0}, "mean_gap"),
        ({"mean_gap": "30"}, "mean_gap"),
        ({"mean_life": {"web": -1.0}}, "web"),
        ({"mean_life": {}}, "mean_life"),
        ({"mean_amount": float("nan")}, "mean_amount"),
    ],
)
def test_events_refuse_what_makes_no_sense(arguments: dict, word: str) -> None:
    with pytest.raises(InputError, match=word):
        datasets.generate_events(**arguments)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"as_of": "2022-12-31"}, "as_of"),
        ({"as_of": "soon"}, "as_of"),
        ({"plans": {}}, "plans"),
        ({"plans": {"odd": datasets.Plan(10.0, 0.0, 1.0)}}, "alpha of plan 'odd'"),
    ],
)
def test_subscriptions_refuse_what_makes_no_sense(arguments: dict, word: str) -> None:
    with pytest.raises(InputError, match=word):
        datasets.generate_subscriptions(**arguments)


MEASURED = """
import sys, time, churnlab.datasets as d
path, began = sys.argv[1], time.perf_counter()
{call}
print(rows, time.perf_counter() - began)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "call",
    [
        "rows = len(d.generate_events(1_280_000))",
        "d.events_to_parquet(path, 1_280_000); rows = 0",
        "d.subscriptions_to_parquet(path, 10**7); rows = 0",
    ],
    ids=["events", "events_to_parquet", "subscriptions_to_parquet"],
)
def test_ten_million_rows_need_two_minutes_and_less_than_a_gigabyte(
    call: str, tmp_path: Path
) -> None:
    path = tmp_path / "table.parquet"
    (rows, seconds), peak = measured.run(MEASURED.format(call=call), path)
    print(f"{seconds:.1f} s, {peak / 1e6:.0f} MB")
    assert (measured.rows_of(path) if path.exists() else rows) >= 10**7
    assert seconds < 120
    assert peak < 10**9


# The first 300 customers' purchases and 1000 contracts under seed 7: rows, and their fingerprint.
FROZEN_EVENTS = (2366, "2b5f59ef32d40bc93abc92554c3d098c5dd07c45ba5f8a720d8a824e22ebc1d8")
FROZEN_CONTRACTS = (1000, "53dc118fd81c76fe0b8fb585933c4784385ecb42aaf84542228b0e021f988aa0")
