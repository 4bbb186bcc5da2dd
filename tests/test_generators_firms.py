"""A workshop, business accounts and a petrol station: the tables keep what their makers promise."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from churnlab import datasets
from churnlab.checks import InputError
from churnlab.datasets import accounts, population, station, uniforms, workshop
from tests import measured
from tests.test_datasets import MEASURED, days, digest, read_parquet, within

TABLES = {
    "visits": (datasets.generate_visits, datasets.visits_to_parquet, "2015-01-01"),
    "accounts": (datasets.generate_accounts, datasets.accounts_to_parquet, "2022-01-01"),
    "fuel": (datasets.generate_fuel, datasets.fuel_to_parquet, "2024-01-01"),
}


def number(frame: pd.DataFrame) -> pd.Series:
    return frame["customer"].str[1:].astype("int64")


def near(share: float, expected: float, n: int) -> bool:
    """A share of n lies within four standard errors of what was promised."""
    return abs(share - expected) < 4 * math.sqrt(expected * (1 - expected) / n)


# --- what is drawn ------------------------------------------------------------------------------
BITS = uniforms.stream(3, np.arange(1, 40_001, dtype=np.uint64))


def test_an_erlang_is_the_mean_of_its_exponentials() -> None:
    parts = [uniforms.exponential(uniforms.draw_bits(BITS, 5 + j)) for j in range(3)]
    np.testing.assert_allclose(uniforms.erlang(BITS, 5, 3), np.mean(parts, axis=0), rtol=1e-14)
    assert stats.kstest(uniforms.erlang(BITS, 0, 4), stats.gamma(4, scale=1 / 4).cdf).pvalue > 0.01


def test_a_wait_is_what_remains_of_a_gap_under_way() -> None:
    # The equilibrium of a renewal process: density S(x) over the mean gap, which is 1.
    shape = 4
    gap = stats.gamma(shape, scale=1 / shape)
    wait = uniforms.erlang_wait(BITS, 0, shape)
    for x in (0.2, 0.7, 1.5):
        expected, _ = integrate.quad(gap.sf, x, np.inf)
        assert near((wait > x).mean(), expected, len(wait))
    assert within(wait, (shape + 1) / (2 * shape))


def test_the_exponential_function_is_its_series() -> None:
    x = np.linspace(-10, 10, 2001)
    np.testing.assert_allclose(uniforms.exp(x), [math.exp(v) for v in x], rtol=3e-15)
    assert uniforms.exp(np.zeros(1)).tolist() == [1.0]


@pytest.mark.parametrize(("alpha", "largest"), [(0.9, 1000.0), (2.5, 30.0)])
def test_paretos_end_where_they_should(alpha: float, largest: float) -> None:
    sizes = uniforms.pareto(BITS, alpha, math.log(largest))
    assert sizes.min() >= 1 and sizes.max() < largest
    cut = largest**-alpha
    truth = stats.kstest(sizes, lambda x: (1 - x**-alpha) / (1 - cut))
    assert truth.pvalue > 0.01


def test_turns_are_sorted_by_customer_and_stay_in_their_order() -> None:
    turns = [
        {"row": np.array([0, 1, 2]), "day": np.array([5, 6, 7])},
        {"row": np.array([0, 2]), "day": np.array([3, 4])},
    ]
    drawn = population.by_customer(turns)
    assert drawn["row"].tolist() == [0, 0, 1, 2, 2]
    assert drawn["day"].tolist() == [5, 3, 6, 7, 4]


# --- all three ----------------------------------------------------------------------------------
def whole(frame: pd.DataFrame, first_day: str) -> pd.DataFrame:
    """The frame in whole numbers and text."""
    cents = (frame["amount"] * 100).round().astype("int64")
    dates = {name: days(frame[name], first_day) for name in {"time", "rep_left"} & set(frame)}
    return frame.assign(amount=cents, **dates)


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_frozen(name: str) -> None:
    make, _, first_day = TABLES[name]
    frame = whole(make(100, seed=7), first_day)
    assert (len(frame), digest(frame)) == FROZEN[name]


@pytest.mark.parametrize("name", TABLES)
def test_tables_have_the_stated_form(name: str) -> None:
    make, _, first_day = TABLES[name]
    frame = make(300)
    last = {"visits": "2024-12-31", "accounts": "2024-12-31", "fuel": "2025-12-31"}[name]
    kinds = {
        "visits": {"kind": {"maintenance", "repair"}},
        "accounts": {"rep": {f"r{r:07d}{x}" for r in range(1, 9) for x in "ab"}, "rep_left": None},
        "fuel": {"station": {"ours", "sister"}},
    }[name]
    assert list(frame.columns) == ["customer", "time", "amount", *kinds]
    assert str(frame["time"].dtype) == "datetime64[ns]"
    assert frame["time"].between(first_day, last).all()
    assert frame["time"].max() > pd.Timestamp(last) - pd.Timedelta(days=3)
    assert frame["customer"].nunique() > 290 and frame["customer"].iloc[0] == "c00000001"
    assert frame.sort_values(["customer", "time"], kind="stable").index.equals(frame.index)
    assert (frame["amount"] >= 0.01).all()
    assert (frame["amount"] * 100).round().div(100).eq(frame["amount"]).all()
    for column, values in kinds.items():
        assert values is None or (set(frame[column]) <= values and frame[column].nunique() > 1)


def small(n: int) -> list[pd.DataFrame]:
    """Blocks of three accounts, so that they lie across chunks of seven."""
    return [
        datasets.generate_visits(n),
        datasets.generate_accounts(n, accounts_per_rep=3, mean_stay=600),
        datasets.generate_fuel(n),
    ]


@pytest.mark.parametrize("n", [0, 1, 2, 7, 8, 20])
def test_a_history_hangs_on_neither_size_nor_chunks(
    n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    twenty = small(20)
    assert twenty[1]["rep_left"].notna().any()
    monkeypatch.setattr(population, "CHUNK", 7)
    for frame, all_of_them in zip(small(n), twenty, strict=True):
        pd.testing.assert_frame_equal(frame, all_of_them[number(all_of_them) <= n])
        assert frame["customer"].nunique() == n


@pytest.mark.parametrize("name", TABLES)
def test_no_draw_is_used_twice(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # One customer; their number is also their representative's, so those draws differ as well.
    drawn: list[int] = []
    original = uniforms.draw_bits

    def draw_bits(bits: uniforms.Bits, draw: int) -> uniforms.Bits:
        drawn.append(draw)
        return original(bits, draw)

    for module in (uniforms, workshop, accounts, station):
        monkeypatch.setattr(module, "draw_bits", draw_bits)
    assert len(TABLES[name][0](1)) > 0
    assert len(drawn) == len(set(drawn)) > 10


@pytest.mark.parametrize("name", TABLES)
def test_another_seed_is_another_history(name: str) -> None:
    a, b = (TABLES[name][0](50, seed=seed) for seed in (1, 2))
    assert not a["time"].head(200).equals(b["time"].head(200))
    assert not a["amount"].head(200).equals(b["amount"].head(200))


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("n", [0, 1, 100])
def test_parquet_holds_the_same_table(
    name: str, n: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(population, "CHUNK", 37)
    make, write, _ = TABLES[name]
    frame = make(n)
    path = tmp_path / "it's.parquet"
    assert write(path, n) == path
    pd.testing.assert_frame_equal(read_parquet(path, frame), frame)
    assert [file.name for file in tmp_path.iterdir()] == ["it's.parquet"]


def test_parquet_takes_the_same_arguments(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    other = {
        "visits": {"seed": 3, "first_day": "2020-02-01", "window_days": 900, "regularity": 2,
                   "visits_per_year": 4, "mean_life": 300, "repair_share": 0.9},
        "accounts": {"seed": 3, "first_day": "2020-02-01", "months": 9, "accounts_per_rep": 7,
                     "mean_stay": 200, "goes_along": 0.6, "mean_life": 300, "mean_amount": 9},
        "fuel": {"seed": 3, "first_day": "2020-02-01", "window_days": 200, "to_sister": 0.3,
                 "closed_from": "2020-03-01", "closed_until": "2020-04-01", "mean_delay": 5,
                 "back_from_sister": 0.1, "stay_at_sister": 0.8, "back_from_elsewhere": 0.2,
                 "mean_gap": 4, "regularity": 2, "mean_amount": 9},
    }  # fmt: skip
    for name, arguments in other.items():
        make, write, _ = TABLES[name]
        frame = make(90, **arguments)
        write(path, 90, **arguments)
        pd.testing.assert_frame_equal(read_parquet(path, frame), frame)


# --- the workshop -------------------------------------------------------------------------------
WINDOW = 3653


def silent(x: float, regularity: int, mean_gap: float = 146.0) -> float:
    """Equilibrium: the share of the living whose last visit is more than x days ago."""
    rate = regularity * x / mean_gap
    below = [stats.poisson.cdf(j - 1, rate) for j in range(1, regularity + 1)]
    return float(np.mean(below))


def test_the_formula_of_silence_gives_the_known_shares() -> None:
    assert silent(182.5, 4) == pytest.approx(0.109, abs=5e-4)
    assert silent(365, 4) == pytest.approx(0.0034, abs=5e-5)
    assert silent(182.5, 1) == pytest.approx(0.2865, abs=5e-5)
    assert silent(365, 1) == pytest.approx(0.082, abs=5e-4)
    for x in (30, 182.5, 365):
        # The age of a renewal process at a late date has density S(x) over the mean gap.
        gap = stats.gamma(4, scale=146 / 4)
        expected, _ = integrate.quad(lambda t, gap=gap: gap.sf(t) / 146, x, 5000)
        assert silent(x, 4) == pytest.approx(expected, rel=1e-6)


def starts_and_ends(n: int, seed: int, mean_life: float) -> tuple[np.ndarray, np.ndarray]:
    """The truth that the table does not show, from the same draws."""
    bits = uniforms.stream(seed, np.arange(1, n + 1, dtype=np.uint64))
    start = uniforms.uniform(uniforms.draw_bits(bits, workshop._START)) * WINDOW
    life = uniforms.exponential(uniforms.draw_bits(bits, workshop._LIFE)) * mean_life
    return start, start + life


@pytest.mark.parametrize("regularity", [1, 4])
def test_of_the_living_the_promised_share_is_silent(regularity: int) -> None:
    n = 80_000
    frame = datasets.generate_visits(n, seed=2, regularity=regularity)
    start, end = starts_and_ends(n, 2, 2190.0)
    last = days(frame["time"], "2015-01-01").groupby(number(frame)).max().to_numpy()
    # Four years, ten gaps, after the first visit nothing of it is left: the date is a random one.
    living = (start < WINDOW - 4 * 365) & (end > WINDOW)
    silence = WINDOW - last[living]
    assert len(silence) > 14_000
    for whole_days in (183, 365):
        # A visit is dated to the day before: 183 whole days are more than 182.
        expected = silent(whole_days - 1, regularity)
        assert near((silence >= whole_days).mean(), expected, len(silence))
    # The same for all, dead or alive, is another number: the test can tell them apart.
    assert (WINDOW - last >= 183).mean() > 0.4


def test_a_year_of_life_has_two_and_a_half_visits() -> None:
    n = 40_000
    frame = datasets.generate_visits(n, seed=5)
    start, end = starts_and_ends(n, 5, 2190.0)
    warm = 4 * 365
    late = days(frame["time"], "2015-01-01") >= 2 * warm
    visits = np.bincount(number(frame)[late], minlength=n + 1)[1:]
    exposure = np.clip(np.minimum(end, WINDOW) - 2 * warm, 0, None)
    early = (start < warm) & (exposure > 0)
    assert within((visits - exposure * 2.5 / 365)[early], 0)
    assert visits[early].sum() / exposure[early].sum() * 365 == pytest.approx(2.5, abs=0.03)


@pytest.mark.parametrize("regularity", [1, 4, 9])
def test_gaps_are_as_regular_as_stated(regularity: int) -> None:
    # Who starts in the first half has eighteen thousand days; twenty gaps take three thousand.
    frame = datasets.generate_visits(1500, mean_life=1e6, window_days=36_525, regularity=regularity)
    day = days(frame["time"], "2015-01-01")
    early = day.groupby(frame["customer"]).transform("min") < 36_525 / 2
    kept = early & (frame.groupby("customer").cumcount() <= 20)
    gaps = day[kept].groupby(frame["customer"][kept]).diff().dropna()
    assert len(gaps) > 10_000
    assert within(gaps, 146)
    # Flooring both ends adds a sixth of a squared day.
    variation = math.sqrt(gaps.var() - 1 / 6) / gaps.mean()
    assert variation == pytest.approx(1 / math.sqrt(regularity), rel=0.03)


def test_visits_begin_anywhere_in_the_window_and_their_bills_follow_their_kind() -> None:
    frame = datasets.generate_visits(20_000)
    first = days(frame.groupby("customer")["time"].first(), "2015-01-01")
    assert len(first) == 20_000
    assert within(first, (WINDOW - 1) / 2)
    assert near((frame["kind"] == "repair").mean(), 0.4, len(frame))
    for kind, mean in {"maintenance": 180.0, "repair": 420.0}.items():
        bills = frame["amount"][frame["kind"] == kind] - 0.005
        assert within(bills, mean)
        assert bills.std() / bills.mean() == pytest.approx(0.5, rel=0.02)


# --- the accounts -------------------------------------------------------------------------------
def quantile(u: float) -> float:
    """Sizes of accounts by rank, the smallest being 1: the inverse of the stated Pareto."""
    cut = accounts.LARGEST_ACCOUNT**-accounts.SIZE_EXPONENT
    return (1 - u * (1 - cut)) ** (-1 / accounts.SIZE_EXPONENT)


def top_fifth(values: np.ndarray) -> float:
    ranked = np.sort(values)[::-1]
    return float(ranked[: len(ranked) // 5].sum() / ranked.sum())


def test_the_largest_fifth_brings_four_fifths() -> None:
    assert quantile(0) == 1 and quantile(1) == pytest.approx(accounts.LARGEST_ACCOUNT)
    low, _ = integrate.quad(quantile, 0, 0.8)
    high, _ = integrate.quad(quantile, 0.8, 1, points=[0.99, 0.999], epsabs=1e-12)
    assert high / (low + high) == pytest.approx(0.8, abs=1e-9)
    mean = accounts._mean_size(accounts.SIZE_EXPONENT, accounts.LARGEST_ACCOUNT)
    assert mean == pytest.approx(low + high, rel=1e-9)
    # Without a largest account the exponent would be log 5 / log 4.
    assert 0.2 ** (1 - math.log(4) / math.log(5)) == pytest.approx(0.8)


def test_a_year_of_orders_shows_the_largest_fifth() -> None:
    n = 60_000
    frame = datasets.generate_accounts(n, mean_life=1e6, mean_stay=1e6, months=12)
    sales = frame.groupby("customer")["amount"].sum().to_numpy()
    # Twelve Erlang orders make the year's sales a little wider than the sizes are.
    ranks = (np.arange(4000) + 0.5) / 4000
    noise = stats.gamma(48, scale=1 / 48).ppf((np.arange(100) + 0.5) / 100)
    sizes = np.array([quantile(u) for u in ranks])
    expected = top_fifth(np.outer(sizes, noise).ravel())
    assert expected == pytest.approx(0.80, abs=0.005)
    # Heavy tails converge slowly: twenty parts of the table tell how far off the whole may be.
    error = np.std([top_fifth(part) for part in np.array_split(sales, 20)], ddof=1) / math.sqrt(20)
    assert error < 0.005
    assert abs(top_fifth(sales) - expected) < 4 * error
    assert within(sales / 12, 1000.0)


def test_a_block_of_accounts_has_one_representative_and_then_another() -> None:
    frame = datasets.generate_accounts(4000, mean_stay=700)
    block = (number(frame) - 1) // 40 + 1
    assert frame["rep"].str[1:-1].astype("int64").eq(block).all()
    left = frame.groupby(block)["rep_left"]
    assert left.nunique().le(1).all()
    assert left.apply(lambda dates: dates.isna().nunique()).eq(1).all()
    succeeded = frame["time"] >= frame["rep_left"]
    assert frame["rep"].str[-1].eq(np.where(succeeded, "b", "a")).all()
    assert succeeded.any()


def test_representatives_leave_at_the_stated_rate() -> None:
    frame = datasets.generate_accounts(
        4000, accounts_per_rep=1, mean_stay=800, mean_life=1e6, months=24
    )
    left = days(frame.groupby("customer")["rep_left"].first(), "2022-01-01")
    # Days are rounded up, so a representative leaves within the window of 730 days before 729.
    assert near((left >= 0).mean(), 1 - math.exp(-729 / 800), 4000)
    early = left[left >= 0] <= 365
    expected = (1 - math.exp(-365 / 800)) / (1 - math.exp(-729 / 800))
    assert near(early.mean(), expected, len(early))
    # Five are expected to leave on the first day after the first.
    assert left[left >= 0].min() == 1 and left.max() in (728, 729)


def test_an_account_that_goes_along_goes_within_ninety_days() -> None:
    process = accounts._serving(1, "2022-01-01", 36, 40, 1825.0, 0.175, 2920.0, 1000.0)
    after = accounts._goes_after(BITS, process)
    gone = after[np.isfinite(after)]
    assert near(len(gone) / len(after), 0.175, len(after))
    assert gone.min() > 0 and 85 < gone.max() < 90
    # A constant hazard: of those who go, so many go in the first half of the ninety days.
    assert near((gone < 45).mean(), (1 - math.sqrt(0.825)) / 0.175, len(gone))


def test_the_year_after_a_departure_loses_what_was_published() -> None:
    share = 0.175
    hazard = -math.log(1 - share) / 90
    lost, _ = integrate.quad(lambda t: hazard * math.exp(-hazard * t) * (1 - t / 365), 0, 90)
    assert lost == pytest.approx(share - (share / hazard - 90 * (1 - share)) / 365, rel=1e-12)
    assert lost == pytest.approx(0.154, abs=5e-4)
    # The same draws without going along are what would have been.
    common = {"n_customers": 40_000, "mean_stay": 600, "mean_life": 1e6}
    real = datasets.generate_accounts(**common)
    without = datasets.generate_accounts(**common, goes_along=0)
    year = {}
    for name, frame in {"real": real, "without": without}.items():
        since = (frame["time"] - frame["rep_left"]).dt.days
        full = frame["rep_left"] <= pd.Timestamp("2024-01-01")
        year[name] = frame[full & since.between(0, 364)]
        before = frame[~(since >= 0)].reset_index(drop=True)
        assert len(before) == (~((without["time"] - without["rep_left"]).dt.days >= 0)).sum()
    orders = year["without"].groupby("customer").size()
    kept = year["real"].groupby("customer").size().reindex(orders.index, fill_value=0)
    assert len(orders) > 25_000
    assert within(1 - kept / orders, lost)
    money = 1 - year["real"]["amount"].sum() / year["without"]["amount"].sum()
    assert 0.132 < money < 0.176


def test_accounts_with_a_departure_lose_more_than_accounts_without() -> None:
    # Lives have no memory: any day serves as the beginning of the year of those without one.
    frame = datasets.generate_accounts(40_000, mean_stay=1000)
    left = days(frame["rep_left"], "2022-01-01")
    years = {}
    for name, chosen, since in (
        ("with", left.between(62, 730), left),
        ("without", (left < 0) | (left > 730), 62 + 7 * number(frame) % 600),
    ):
        age = days(frame["time"], "2022-01-01") - since
        # Sixty-two days hold a whole month, and so an order of every account still there.
        there = frame["customer"][chosen & age.between(-62, -1)].unique()
        orders = frame["customer"][chosen & age.between(0, 364)].value_counts()
        years[name] = orders.reindex(there, fill_value=0)
    assert min(map(len, years.values())) > 10_000
    hazard = -math.log(0.825) / 90
    stays, _ = integrate.quad(
        lambda t: math.exp(-t / 2920 - hazard * min(t, 90)), 0, 365, points=[90]
    )
    own, _ = integrate.quad(lambda t: math.exp(-t / 2920), 0, 365)
    ratio = years["with"].mean() / years["without"].mean()
    error = math.hypot(*(year.sem() / year.mean() for year in years.values()))
    assert error < 0.006
    assert abs(ratio - stays / own) < 4 * error
    assert 0.132 < 1 - ratio < 0.176


def test_accounts_end_for_reasons_of_their_own_too() -> None:
    frame = datasets.generate_accounts(20_000, goes_along=0, mean_life=730, months=24)
    orders = frame.groupby(number(frame)).size().reindex(range(1, 20_001), fill_value=0)
    firsts = pd.date_range("2022-01-01", periods=25, freq="MS")
    edges = (firsts - firsts[0]).days.to_numpy()
    there = [
        integrate.quad(lambda t: math.exp(-t / 730), a, b)[0] / (b - a) for a, b in pairwise(edges)
    ]
    assert within(orders, sum(there))


# --- the petrol station -------------------------------------------------------------------------
CLOSES, REOPENS, LAST = 244, 335, 731


@pytest.fixture(scope="module")
def fuel() -> pd.DataFrame:
    frame = datasets.generate_fuel(20_000, seed=4)
    return frame.assign(customer=number(frame), day=days(frame["time"], "2024-01-01"))


def groups(fuel: pd.DataFrame) -> tuple[set[int], set[int], set[int]]:
    """Customers seen at the sister meanwhile, all others, and those who came back to ours."""
    closed = fuel["day"].between(CLOSES, REOPENS - 1)
    sister = set(fuel["customer"][closed])
    back = set(fuel["customer"][(fuel["day"] >= REOPENS) & (fuel["station"] == "ours")])
    return sister, set(fuel["customer"]) - sister, back


def test_nobody_fills_at_a_closed_station(fuel: pd.DataFrame) -> None:
    assert pd.Timestamp("2024-01-01") + pd.Timedelta(days=CLOSES) == pd.Timestamp("2024-09-01")
    by_station = {name: rows["day"] for name, rows in fuel.groupby("station")}
    assert not by_station["ours"].between(CLOSES, REOPENS - 1).any()
    assert by_station["ours"].isin([CLOSES - 1, REOPENS]).any()
    assert by_station["sister"].min() == CLOSES


def test_who_goes_to_the_sister_and_who_comes_back_is_as_stated(fuel: pd.DataFrame) -> None:
    sister, elsewhere, back = groups(fuel)
    assert len(sister) + len(elsewhere) == 20_000
    assert near(len(sister) / 20_000, 0.6, 20_000)
    assert near(len(sister & back) / len(sister), 0.7, len(sister))
    assert near(len(elsewhere & back) / len(elsewhere), 0.5, len(elsewhere))


def test_the_chain_keeps_more_than_the_station(fuel: pd.DataFrame) -> None:
    sister, elsewhere, back = groups(fuel)
    late = fuel[fuel["day"] >= LAST - 60]
    seen = {name: set(rows["customer"]) for name, rows in late.groupby("station")}
    assert near(len(seen["ours"]) / 20_000, 0.6 * 0.7 + 0.4 * 0.5, 20_000)
    assert near(len(seen["sister"]) / 20_000, 0.6 * 0.2, 20_000)
    assert not seen["ours"] & seen["sister"]
    assert seen["sister"] <= sister
    assert near(len(seen["ours"] | seen["sister"]) / 20_000, 0.74, 20_000)


def test_the_cadence_before_and_after_is_the_same(fuel: pd.DataFrame) -> None:
    back = pd.Index(sorted(groups(fuel)[2]))
    ours = fuel[fuel["station"] == "ours"]
    counts = {}
    for name, (a, b) in {"before": (0, 200), "after": (LAST - 200, LAST)}.items():
        rows = ours[ours["day"].between(a, b - 1)]
        counts[name] = rows.groupby("customer").size().reindex(back, fill_value=0)
        # Stationary from the first day on: 200 days hold 20 fills, and Erlang gaps of shape 4
        # make the count's variance nearly a quarter of its mean, plus (1 - 1 / 16) / 6.
        assert within(counts[name], 20)
        assert counts[name].var() == pytest.approx(20 / 4 + 15 / 96, rel=0.06)
    assert within(counts["after"] - counts["before"], 0)


def test_customers_change_after_the_stated_delay(fuel: pd.DataFrame) -> None:
    sister, elsewhere, back = groups(fuel)
    # A change falls midway between fills: five eighths of a gap from either, Erlang of shape 4.
    midway = 10 * 5 / 8
    after = fuel[(fuel["day"] >= REOPENS) & (fuel["station"] == "ours")]
    first = after.groupby("customer")["day"].min()
    for group in (sister, elsewhere):
        assert within(first[first.index.isin(group)] + 0.5 - REOPENS, 21 + midway)
    at_sister = fuel[fuel["station"] == "sister"].groupby("customer")["day"].max()
    lost = at_sister[~at_sister.index.isin(back) & (at_sister < LAST - 60)]
    assert near(len(lost) / len(sister), 0.1, len(sister))
    assert within(lost + 0.5 - REOPENS, 21 - midway)


def test_amounts_of_fuel_have_their_mean(fuel: pd.DataFrame) -> None:
    amount = fuel["amount"] - 0.005
    assert within(amount, 60.0)
    assert amount.std() == pytest.approx(30.0, rel=0.01)


def test_shares_of_one_and_none_are_taken_at_their_word() -> None:
    kept = datasets.generate_fuel(200, to_sister=1, back_from_sister=0, stay_at_sister=1)
    day = days(kept["time"], "2024-01-01")
    assert ((kept["station"] == "ours") == (day < CLOSES)).all()
    gone = datasets.generate_fuel(200, to_sister=0, back_from_elsewhere=0)
    assert days(gone["time"], "2024-01-01").max() == CLOSES - 1
    assert set(datasets.generate_visits(50, repair_share=1)["kind"]) == {"repair"}
    assert set(datasets.generate_visits(50, repair_share=0)["kind"]) == {"maintenance"}


# --- arguments, size ----------------------------------------------------------------------------
@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"n_customers": -1}, "n_customers"),
        ({"n_customers": 10**8}, "n_customers"),
        ({"seed": 2**64}, "seed"),
        ({"first_day": "01/02/2023"}, "first_day"),
    ],
)
def test_every_table_refuses_what_makes_no_sense(name: str, arguments: dict, word: str) -> None:
    with pytest.raises(InputError, match=word):
        TABLES[name][0](**arguments)


@pytest.mark.parametrize(
    ("make", "arguments", "word"),
    [
        (datasets.generate_visits, {"window_days": 0}, "window_days"),
        (datasets.generate_visits, {"visits_per_year": 0}, "visits_per_year"),
        (datasets.generate_visits, {"visits_per_year": "often"}, "visits_per_year"),
        (datasets.generate_visits, {"regularity": 0}, "regularity"),
        (datasets.generate_visits, {"regularity": 2.5}, "regularity"),
        (datasets.generate_visits, {"regularity": 101}, "at most 100"),
        (datasets.generate_visits, {"mean_life": -1}, "mean_life"),
        (datasets.generate_visits, {"repair_share": 1.1}, "repair_share"),
        (datasets.generate_accounts, {"first_day": "2022-01-02"}, "first day of a month"),
        (datasets.generate_accounts, {"months": 0}, "months"),
        (datasets.generate_accounts, {"months": 121}, "at most 120"),
        (datasets.generate_accounts, {"accounts_per_rep": 0}, "accounts_per_rep"),
        (datasets.generate_accounts, {"mean_stay": 0}, "mean_stay"),
        (datasets.generate_accounts, {"mean_life": float("nan")}, "mean_life"),
        (datasets.generate_accounts, {"mean_amount": 0}, "mean_amount"),
        (datasets.generate_accounts, {"goes_along": -0.1}, "goes_along"),
        (datasets.generate_accounts, {"goes_along": 1}, "below 1"),
        (datasets.generate_fuel, {"window_days": 335}, "window_days=335"),
        (datasets.generate_fuel, {"closed_from": "2024-01-01"}, "closed_from"),
        (datasets.generate_fuel, {"closed_until": "2024-09-01"}, "closed_until"),
        (datasets.generate_fuel, {"closed_until": "soon"}, "closed_until"),
        (datasets.generate_fuel, {"to_sister": 60}, "to_sister"),
        (datasets.generate_fuel, {"back_from_elsewhere": None}, "back_from_elsewhere"),
        (datasets.generate_fuel, {"stay_at_sister": 0.4}, "exceed 1 together"),
        (datasets.generate_fuel, {"mean_delay": 0}, "mean_delay"),
        (datasets.generate_fuel, {"mean_gap": 0}, "mean_gap"),
        (datasets.generate_fuel, {"regularity": 0}, "regularity"),
        (datasets.generate_fuel, {"mean_amount": True}, "mean_amount"),
    ],
)
def test_tables_refuse_what_makes_no_sense(
    make: Callable[..., pd.DataFrame], arguments: dict, word: str
) -> None:
    with pytest.raises(InputError, match=word):
        make(**arguments)


@pytest.mark.slow
@pytest.mark.parametrize(
    "call",
    [
        "d.visits_to_parquet(path, 1_250_000)",
        "d.accounts_to_parquet(path, 350_000)",
        "d.fuel_to_parquet(path, 180_000)",
    ],
)
def test_ten_million_rows_need_two_minutes_and_a_gigabyte(call: str, tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    (_, seconds), peak = measured.run(MEASURED.format(call=f"{call}; rows = 0"), path)
    rows = measured.rows_of(path)
    print(f"{call}: {rows:,} rows, {seconds:.1f} s, {peak / 1e6:.0f} MB")
    assert rows >= 10**7
    assert peak < 10**9
    assert seconds < 120


# The first 100 customers under seed 7: rows, and their fingerprint.
FROZEN = {
    "visits": (853, "5952fa9264598867093297cf03206ae5f1483243749b4208a873bd3190c61267"),
    "accounts": (2875, "52f1aedbd79080cfc54bbc34c857571c81c4b062522cf76512498ca1e54702af"),
    "fuel": (5854, "719dcd0d3708719b565b615f3024b7014b3f55d82ee098460ca9d1edeb5c2a82"),
}
