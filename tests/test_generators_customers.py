"""Generated leavers, ratings and complaint calls: each figure its docstring states is met."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnlab import datasets
from churnlab.checks import InputError
from churnlab.datasets import calls, leavers as leaving, population, ratings, uniforms
from tests import measured
from tests.test_datasets import MEASURED, days, digest, read_parquet, within

FACTORS = list(datasets.FACTORS)
QUESTIONS = ["satisfaction", "importance"]
MAKERS = {
    "leavers": (datasets.generate_leavers, datasets.leavers_to_parquet),
    "ratings": (datasets.generate_ratings, datasets.ratings_to_parquet),
    "calls": (datasets.generate_calls, datasets.calls_to_parquet),
}


def near(flags: pd.Series | np.ndarray, share: float, errors: float = 4.0) -> bool:
    """The share of True lies within four standard errors of what is stated."""
    return abs(np.mean(flags) - share) <= errors * math.sqrt(share * (1 - share) / len(flags))


# --- what is drawn from uniforms ----------------------------------------------------------------
def test_a_choice_is_the_number_of_running_sums_at_or_below() -> None:
    shares = np.array([0.25, 0.0, 0.5, 0.25])
    u = np.array([2.0**-33, 0.2499, 0.25, 0.7499, 0.75, 1 - 2.0**-33])
    assert uniforms.choose(u, shares).tolist() == [0, 0, 2, 2, 3, 3]
    assert uniforms.choose(u, np.array([0.0, 1.0])).tolist() == [1] * 6
    assert uniforms.choose(u, np.array([1.0, 0.0])).tolist() == [0] * 6


def test_a_choice_takes_the_shares_of_its_row() -> None:
    shares = np.array([[0.1, 0.9], [0.9, 0.1]])
    u = np.array([0.05, 0.5, 0.5, 0.95])
    assert uniforms.choose(u, shares, np.array([0, 0, 1, 1])).tolist() == [0, 1, 0, 1]
    # Two factors of two customers, each with its own table.
    tables = np.array([[[0.1, 0.9], [0.9, 0.1]], [[0.9, 0.1], [0.1, 0.9]]])
    chosen = uniforms.choose(np.full((2, 2), 0.5), tables, np.array([0, 1]))
    assert chosen.tolist() == [[1, 0], [0, 1]]


def test_rounded_shares_never_choose_beyond_the_last() -> None:
    tenths = np.full(10, 0.1)
    assert np.cumsum(tenths)[-1] < 1
    assert uniforms.choose(np.array([1 - 2.0**-33]), tenths).tolist() == [9]


@pytest.mark.parametrize("weight", [0.2, 0.4, 0.5])
def test_blends_are_uniform_and_alike(weight: float) -> None:
    grid = (np.arange(1000) + 0.5) / 1000
    blended = uniforms.blend(grid[:, None], grid[None, :], weight).ravel()
    assert blended.min() > 0 and blended.max() < 1
    for q in np.arange(0.05, 1, 0.05):
        assert np.mean(blended <= q) == pytest.approx(q, abs=1e-3)
    # By hand: v = .4 * .5 + .6 * .25 = .35 is below .4, so F = .35^2 / (2 * .4 * .6).
    by_hand = {(0.5, 0.25): 0.35**2 / 0.48, (0.5, 0.5): 0.5, (0.75, 0.75): 1 - 0.25**2 / 0.48}
    for (shared, own), expected in by_hand.items():
        got = uniforms.blend(np.array([shared]), np.array([own]), 0.4)
        assert got[0] == pytest.approx(expected, abs=1e-15)
    low, high = (uniforms.blend(np.array([m]), grid, weight).mean() for m in (0.1, 0.9))
    assert high > low + 0.1


def test_shares_are_checked() -> None:
    assert population.share("x", np.float64(0.5)) == 0.5
    for wrong in (-0.1, 1.1, True, "0.5", float("nan"), None):
        with pytest.raises(InputError, match="x="):
            population.share("x", wrong)
    population.shares("x", {"a": 0.1, "b": 0.2, "c": 0.7})
    for short in ({}, {"a": 0.5}, {"a": 0.5, "b": 0.50001}):
        with pytest.raises(InputError, match="x add up to"):
            population.shares("x", short)


def test_a_rating_of_nought_is_unknown() -> None:
    np.testing.assert_array_equal(population.known(np.array([0, 1, 10])), [np.nan, 1, 10])


# --- what all three promise ---------------------------------------------------------------------
@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("n", [0, 1, 2, 7, 8, 60])
def test_a_history_hangs_on_neither_size_nor_chunks(
    n: int, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate = MAKERS[name][0]
    whole = generate(60)
    monkeypatch.setattr(population, "CHUNK", 7)
    first = whole[whole["customer"].str[1:].astype(int) <= n]
    pd.testing.assert_frame_equal(generate(n), first)


@pytest.mark.parametrize("name", MAKERS)
def test_another_seed_is_another_history(name: str) -> None:
    a, b = (MAKERS[name][0](500, seed=seed) for seed in (1, 2))
    assert digest(a) != digest(b)


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("n", [0, 1, 100])
def test_parquet_holds_the_same_table(
    n: int, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(population, "CHUNK", 37)
    generate, to_parquet = MAKERS[name]
    frame = generate(n, seed=3)
    path = tmp_path / "it's.parquet"
    assert to_parquet(path, n, seed=3) == path
    pd.testing.assert_frame_equal(read_parquet(path, frame), frame)
    assert [file.name for file in tmp_path.iterdir()] == ["it's.parquet"]


def test_parquet_takes_every_argument(tmp_path: Path) -> None:
    arguments: dict[str, dict] = {
        "leavers": {
            "first_day": "2020-02-28", "window_days": 100, "as_of": "2022-03-01",
            "yearly_churn": 0.5, "not_asked": 0.5, "segments": ODD_SEGMENTS,
        },
        "ratings": {"waves": 1, "gone": 0.1, "missing": 0.5},
        "calls": {
            "reached": 0.5, "dissatisfied": dict.fromkeys(FACTORS, 0.1),
            "calling": dict.fromkeys(FACTORS, 0.9),
        },
    }  # fmt: skip
    for name, (generate, to_parquet) in MAKERS.items():
        frame = generate(200, **arguments[name])
        assert digest(frame) != digest(generate(200))
        path = to_parquet(tmp_path / name, 200, **arguments[name])
        pd.testing.assert_frame_equal(read_parquet(path, frame), frame)


@pytest.mark.parametrize("name", MAKERS)
def test_tables_are_frozen(name: str) -> None:
    frame = MAKERS[name][0](FROZEN[name][0], seed=7)
    if name == "leavers":
        cents = (frame["amount"] * 100).round().astype("int64")
        frame = frame.assign(start=days(frame["start"]), end=days(frame["end"]), amount=cents)
        frame["reason"] = frame["reason"].fillna("none")
    else:
        asked = [column for column in QUESTIONS if column in frame]
        frame[asked] = frame[asked].fillna(0).astype("int64")
    if "weight" in frame:
        frame["weight"] = (frame["weight"] * 10).astype("int64")
    assert (len(frame), digest(frame)) == FROZEN[name][1:]


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"n_customers": -1}, "n_customers"),
        ({"n_customers": 10**8}, "n_customers"),
        ({"n_customers": 1.5}, "n_customers"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**64}, "seed"),
    ],
)
def test_all_refuse_impossible_sizes_and_seeds(name: str, arguments: dict, word: str) -> None:
    with pytest.raises(InputError, match=word):
        MAKERS[name][0](**arguments)


# --- leavers ------------------------------------------------------------------------------------
ODD_SEGMENTS = {
    "it's": datasets.LeaverSegment(0.5, 10.0, {"dear": 0.5, "moved": 0.5}),
    "other": datasets.LeaverSegment(0.5, 20.0, {"moved": 0.2, "bored": 0.8}),
}


@pytest.fixture(scope="module")
def leavers() -> pd.DataFrame:
    """Contracts with three years after the last start, so that most ends are seen."""
    return datasets.generate_leavers(60_000, window_days=730, as_of="2028-01-01")


def left_within_a_year(contracts: pd.DataFrame, day: str) -> pd.Series:
    """Of the customers present on a day, whether they have left 365 days later."""
    date = pd.Timestamp(day)
    present = contracts[(contracts["start"] <= date) & ~(contracts["end"] <= date)]
    return present["end"] <= date + pd.Timedelta(days=365)


def test_leavers_have_the_stated_form(leavers: pd.DataFrame) -> None:
    columns = ["customer", "start", "end", "amount", "segment", "reason"]
    assert list(leavers.columns) == columns
    assert leavers["customer"].is_unique and len(leavers) == 60_000
    assert leavers["customer"].is_monotonic_increasing
    assert leavers["start"].between("2023-01-01", "2024-12-30").all()
    assert (leavers["end"] - leavers["start"]).dropna().dt.days.min() == 1
    assert leavers["end"].max() == pd.Timestamp("2028-01-01")
    assert leavers.loc[leavers["end"].isna(), "reason"].isna().all()
    assert leavers["end"].isna().any()
    rates = dict(zip(leavers["segment"], leavers["amount"], strict=True))
    assert rates == {"private": 24.99, "business": 59.99}
    assert set(leavers["reason"].dropna()) == set(datasets.REASONS)


@pytest.mark.parametrize("day", ["2023-06-01", "2024-06-01", "2026-06-01"])
def test_a_quarter_of_those_present_have_left_a_year_later(leavers: pd.DataFrame, day: str) -> None:
    left = left_within_a_year(leavers, day)
    assert len(left) > 10_000
    assert near(left, 0.25)


def test_churn_is_the_same_in_both_segments_and_at_every_tenure(leavers: pd.DataFrame) -> None:
    for _, rows in leavers.groupby("segment"):
        assert near(left_within_a_year(rows, "2024-06-01"), 0.25)
    old = leavers["start"] < pd.Timestamp("2023-06-01")
    for rows in (leavers[old], leavers[~old]):
        assert near(left_within_a_year(rows, "2024-12-31"), 0.25)


def test_churn_is_what_was_asked_for() -> None:
    frame = datasets.generate_leavers(20_000, yearly_churn=0.6, as_of="2026-01-01")
    assert near(left_within_a_year(frame, "2024-06-01"), 0.6)
    for yearly in (0.01, 0.25, 0.999):
        stay = math.exp(-365 * leaving._hazard(yearly))
        assert stay == pytest.approx(1 - yearly, rel=1e-13)


def test_reasons_have_their_shares_in_each_segment(leavers: pd.DataFrame) -> None:
    known = leavers.dropna(subset="reason")
    for reason, share in datasets.REASONS.items():
        assert near(known["reason"] == reason, share), reason
    for name, part in datasets.LEAVER_SEGMENTS.items():
        assert near(leavers["segment"] == name, part.share)
        rows = known[known["segment"] == name]
        for reason, share in part.reasons.items():
            assert near(rows["reason"] == reason, share), (name, reason)


def test_price_drives_private_customers_out_and_service_and_rivals_businesses() -> None:
    private, business = (datasets.LEAVER_SEGMENTS[name].reasons for name in ("private", "business"))
    assert max(private, key=private.__getitem__) == "high_price"
    top = sorted(business, key=business.__getitem__)[-2:]
    assert set(top) == {"poor_service", "competitor_offer"}
    assert set(datasets.REASONS) > datasets.CONTROLLABLE
    for reason, share in datasets.REASONS.items():
        mixed = sum(p.share * p.reasons[reason] for p in datasets.LEAVER_SEGMENTS.values())
        assert share == pytest.approx(mixed, abs=1e-12)
    assert sum(datasets.REASONS.values()) == pytest.approx(1)


def test_reasons_compete_with_constant_hazards(leavers: pd.DataFrame) -> None:
    # Then the reason says nothing about the tenure, and being asked says nothing about either.
    known = leavers.dropna(subset="reason")
    tenure = (known["end"] - known["start"]).dt.days
    for early in (tenure <= 200, tenure > 200):
        assert near(known.loc[early, "reason"] == "high_price", datasets.REASONS["high_price"])
    gone = leavers.dropna(subset="end")
    lives = (gone["end"] - gone["start"]).dt.days
    asked = gone["reason"].notna()
    pooled = lives.std() * math.sqrt(1 / asked.sum() + 1 / (~asked).sum())
    assert abs(lives[asked].mean() - lives[~asked].mean()) < 4 * pooled


def test_one_leaver_in_ten_was_not_asked(leavers: pd.DataFrame) -> None:
    gone = leavers.dropna(subset="end")
    for name in datasets.LEAVER_SEGMENTS:
        assert near(gone.loc[gone["segment"] == name, "reason"].isna(), 0.10)
    for share in (0.0, 1.0):
        frame = datasets.generate_leavers(500, not_asked=share)
        assert frame.loc[frame["end"].notna(), "reason"].isna().eq(share == 1.0).all()


def test_a_later_cut_only_adds_ends_with_their_reasons() -> None:
    cut = pd.Timestamp("2024-01-01")
    early, late = (
        datasets.generate_leavers(3000, as_of=day) for day in ("2024-01-01", "2026-01-01")
    )
    assert early["start"].max() < cut
    same = late[late["customer"].isin(early["customer"])].reset_index(drop=True)
    assert len(same) == len(early) < len(late)
    seen = same["end"] <= cut
    assert 0 < seen.sum() < same["end"].notna().sum()
    pd.testing.assert_series_equal(early["end"], same["end"].where(seen))
    pd.testing.assert_series_equal(early["reason"][seen], same["reason"][seen])
    assert early.loc[~seen, "reason"].isna().all()


def test_segments_may_name_reasons_of_their_own() -> None:
    frame = datasets.generate_leavers(3000, segments=ODD_SEGMENTS, not_asked=0)
    seen = frame.dropna().groupby("segment")["reason"].agg(set).to_dict()
    assert seen == {"it's": {"dear", "moved"}, "other": {"moved", "bored"}}


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"first_day": "01/02/2023"}, "first_day"),
        ({"window_days": 0}, "window_days"),
        ({"as_of": "2022-12-31"}, "as_of"),
        ({"as_of": "2023-01-01"}, "as_of"),
        ({"as_of": "9999-01-01"}, "as_of"),
        ({"as_of": "soon"}, "as_of"),
        ({"yearly_churn": 0}, "yearly_churn"),
        ({"yearly_churn": 1}, "yearly_churn"),
        ({"yearly_churn": 25}, "yearly_churn"),
        ({"not_asked": -0.1}, "not_asked"),
        ({"segments": {}}, "segments"),
        ({"segments": "private"}, "segments"),
        ({"segments": {"a": (1.0, 1.0, {"x": 1.0})}}, "segments"),
        ({"segments": {"a": datasets.LeaverSegment(1.0, 1.0, "x")}}, "reasons of segment 'a'"),
        ({"segments": {"a": datasets.LeaverSegment(0.9, 1.0, {"x": 1.0})}}, "shares of segments"),
        ({"segments": {"a": datasets.LeaverSegment(1.0, 0.0, {"x": 1.0})}}, "amount of segment"),
        ({"segments": {"a": datasets.LeaverSegment(1.0, 1.0, {})}}, "reasons of segment 'a'"),
        ({"segments": {"a": datasets.LeaverSegment(1.0, 1.0, {"x": 1.2})}}, "'x'"),
    ],
)
def test_leavers_refuse_what_makes_no_sense(arguments: dict, word: str) -> None:
    with pytest.raises(InputError, match=word):
        datasets.generate_leavers(**arguments)


# --- ratings ------------------------------------------------------------------------------------
PUBLISHED = {
    "price": (10, 3), "call_quality": (10, 6), "coverage": (1, 8),
    "customer_service": (10, 4), "image": (10, 1), "new_technology": (10, 7),
}  # fmt: skip


@pytest.fixture(scope="module")
def survey() -> pd.DataFrame:
    return datasets.generate_ratings(40_000, seed=2)


@pytest.fixture(scope="module")
def both() -> pd.DataFrame:
    """Everybody answers everything twice."""
    return datasets.generate_ratings(30_000, seed=3, gone=0, missing=0)


def median(rows: pd.DataFrame, question: str, weight: str | None = "weight") -> float:
    """The least rating that half of the weight does not exceed."""
    rows = rows.dropna(subset=question).sort_values(question)
    so_far = (rows[weight] if weight else pd.Series(1.0, rows.index)).cumsum()
    return rows[question][so_far >= so_far.iloc[-1] / 2].iloc[0]


def medians(rows: pd.DataFrame, weight: str | None = "weight") -> dict[str, tuple]:
    return {
        factor: tuple(median(part, question, weight) for question in QUESTIONS)
        for factor, part in rows.groupby("factor")
    }


def wide(frame: pd.DataFrame, question: str) -> pd.DataFrame:
    """One row per customer, columns (wave, factor)."""
    return frame.pivot(index="customer", columns=["wave", "factor"], values=question)


def test_ratings_have_the_stated_form(survey: pd.DataFrame) -> None:
    assert list(survey.columns) == [
        "customer", "segment", "wave", "factor", "satisfaction", "importance", "weight",
    ]  # fmt: skip
    assert survey["customer"].nunique() == 40_000
    for question in QUESTIONS:
        assert set(survey[question].dropna()) == set(range(1, 11))
    assert list(survey["factor"]) == FACTORS * (len(survey) // 6)
    for k in range(1, 6):
        same = survey[["customer", "segment", "wave", "weight"]].iloc[k::6].reset_index(drop=True)
        turns = survey[same.columns].iloc[::6].reset_index(drop=True)
        pd.testing.assert_frame_equal(same, turns)
    assert pd.MultiIndex.from_frame(turns[["customer", "wave"]]).is_monotonic_increasing
    assert not turns.duplicated().any()
    assert survey["wave"].value_counts()[1] == 6 * 40_000
    assert survey.groupby("customer")["segment"].nunique().eq(1).all()


def test_the_tables_are_percents_of_all_ten_answers() -> None:
    for table in (ratings.SATISFACTION, ratings.IMPORTANCE):
        assert set(table) == set(datasets.QUOTAS)
        assert all(len(row) == 10 and sum(row) == 100 for rows in table.values() for row in rows)
        assert all(len(rows) == len(FACTORS) for rows in table.values())
    assert all(len(row) == 10 and sum(row) == 100 for row in ratings.COVERAGE_AFTER.values())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_weighted_medians_before_are_the_published_table(seed: int) -> None:
    frame = datasets.generate_ratings(6000, seed=seed, waves=1)
    assert set(frame["wave"]) == {1}
    assert medians(frame) == PUBLISHED
    # Businesses are asked too often: without weights, what they care about looks like all.
    unweighted = PUBLISHED | {"coverage": (1, 9), "new_technology": (10, 9)}
    assert medians(frame, weight=None) == unweighted


def test_weights_put_the_segments_right(survey: pd.DataFrame) -> None:
    people = survey.drop_duplicates("customer")
    for segment, quota in datasets.QUOTAS.items():
        rows = people["segment"] == segment
        assert near(rows, quota.sampled)
        assert people.loc[rows, "weight"].eq(quota.population / quota.sampled).all()
        share = people.loc[rows, "weight"].sum() / people["weight"].sum()
        assert share == pytest.approx(quota.population, abs=0.01)
    assert dict(zip(people["segment"], people["weight"], strict=True)) == {
        "low_end": 2.0, "business": 0.5,
    }  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_answers_follow_the_tables(both: pd.DataFrame, question: str) -> None:
    table = {"satisfaction": ratings.SATISFACTION, "importance": ratings.IMPORTANCE}[question]
    for (segment, wave, factor), rows in both.groupby(["segment", "wave", "factor"]):
        stated = table[segment][FACTORS.index(factor)]
        if (question, wave, factor) == ("satisfaction", 2, "coverage"):
            stated = ratings.COVERAGE_AFTER[segment]
        for answer, percent in enumerate(stated, start=1):
            here = rows[question] == answer
            assert near(here, percent / 100, errors=4.5), (segment, wave, factor, answer)


def test_segments_care_about_different_things(survey: pd.DataFrame) -> None:
    for wave in (1, 2):
        rows = survey[survey["wave"] == wave]
        means = rows.groupby(["segment", "factor"])["importance"].mean()
        assert means["low_end"].idxmax() == "price"
        assert set(means["business"].nlargest(2).index) == {"new_technology", "coverage"}
        assert means["business"].nlargest(3).iloc[2] < means["business"].nlargest(2).iloc[1] - 2


@pytest.mark.parametrize("gone", [0.0, 0.25])
def test_only_satisfaction_with_coverage_moves(gone: float) -> None:
    frame = datasets.generate_ratings(20_000, seed=5, gone=gone)
    assert medians(frame[frame["wave"] == 1]) == PUBLISHED
    assert medians(frame[frame["wave"] == 2]) == PUBLISHED | {"coverage": (6, 8)}
    for question in QUESTIONS:
        answers = wide(frame, question)
        moved = answers[2] - answers[1]
        for factor in FACTORS:
            change = moved[factor].dropna()
            if (question, factor) == ("satisfaction", "coverage"):
                assert change.mean() > 3
            else:
                assert within(change, 0), (question, factor)


def test_the_unhappy_do_not_answer_again() -> None:
    n, seed = 40_000, 6
    frame = datasets.generate_ratings(n, seed=seed)
    answers = wide(frame, "satisfaction")
    gone = ~answers.index.isin(frame.loc[frame["wave"] == 2, "customer"])
    assert near(gone, 0.25)
    customers = np.arange(1, n + 1, dtype=np.uint64)
    mood = uniforms.uniform(uniforms.hash_bits(seed, customers, ratings._MOOD))
    for low, high in ((0, 0.2), (0.4, 0.6), (0.8, 1)):
        # Gone with probability 0.5 * (1 - mood): at the middle of the class, 0.5 * (1 - middle).
        assert near(gone[(low <= mood) & (mood < high)], 0.5 * (1 - (low + high) / 2))
    for factor in FACTORS:
        first = answers[1][factor]
        assert first[gone].mean() < first[~gone].mean() - 0.1, factor
    # So two snapshots side by side show a rise that no customer made.
    calm = [factor for factor in FACTORS if factor != "coverage"]
    snapshots = answers[2][calm].mean() - answers[1][calm].mean()
    paired = (answers[2] - answers[1])[calm].mean()
    assert (snapshots > 0.08).all() and (paired.abs() < 0.08).all()


def test_leaving_changes_who_answers_and_not_what_they_say() -> None:
    full, thin = (datasets.generate_ratings(500, gone=gone) for gone in (0, 0.5))
    keys = ["customer", "wave", "factor"]
    same = thin.merge(full, on=keys, suffixes=("", "_full"))
    assert len(same) == len(thin) < len(full) == 500 * 12
    pd.testing.assert_series_equal(
        same["satisfaction"], same["satisfaction_full"], check_names=False
    )
    assert thin["wave"].eq(1).sum() == 500 * 6


def test_the_answers_of_one_customer_are_alike(both: pd.DataFrame) -> None:
    for question in QUESTIONS:
        for segment, rows in both.groupby("segment"):
            r = wide(rows, question)[1].corr().to_numpy()
            apart = r[~np.eye(6, dtype=bool)]
            # Latent sums correlate by .16 / .52 = .31; coarse answers by .2 to .3.
            assert apart.min() > 0.15 and apart.max() < 0.34, (question, segment)


def test_satisfaction_and_importance_are_independent_within_a_segment(both: pd.DataFrame) -> None:
    for (_, factor), rows in both[both["wave"] == 1].groupby(["segment", "factor"]):
        r = rows["satisfaction"].corr(rows["importance"])
        assert abs(r) < 4 / math.sqrt(len(rows)), factor


def test_six_answers_in_ten_are_kept_and_the_others_given_anew(both: pd.DataFrame) -> None:
    # In the low end call_quality and new_technology have one table: their r is that of new answers.
    answers = wide(both[both["segment"] == "low_end"], "satisfaction")
    anew = answers[1]["call_quality"].corr(answers[1]["new_technology"])
    again = answers[1]["call_quality"].corr(answers[2]["call_quality"])
    assert again == pytest.approx(0.6 + 0.4 * anew, abs=0.03)


def test_few_answers_are_missing_at_random(survey: pd.DataFrame) -> None:
    for question in QUESTIONS:
        for _, rows in survey.groupby(["wave", "factor"]):
            assert near(rows[question].isna(), 0.03)
    assert near(survey[QUESTIONS].isna().all(axis=1), 0.03**2)
    for question in QUESTIONS:
        told = wide(survey, question)
        again = told[told.index.isin(survey.loc[survey["wave"] == 2, "customer"])].isna()
        assert near((again[1] & again[2]).to_numpy().ravel(), 0.03**2)
    everything, nothing = (datasets.generate_ratings(50, missing=share) for share in (0, 1))
    assert everything[QUESTIONS].notna().all(axis=None)
    assert nothing[QUESTIONS].isna().all(axis=None)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"waves": 0}, "waves"),
        ({"waves": 3}, "waves"),
        ({"waves": "both"}, "waves"),
        ({"gone": 0.6}, "gone"),
        ({"gone": -0.1}, "gone"),
        ({"missing": 3}, "missing"),
        ({"missing": float("nan")}, "missing"),
    ],
)
def test_ratings_refuse_what_makes_no_sense(arguments: dict, word: str) -> None:
    with pytest.raises(InputError, match=word):
        datasets.generate_ratings(**arguments)


# --- calls --------------------------------------------------------------------------------------
N_ASKED = 100_000


@pytest.fixture(scope="module")
def census() -> pd.DataFrame:
    """Everybody is surveyed: the truth beside the calls."""
    return datasets.generate_calls(N_ASKED, seed=4, reached=1)


def sorry(frame: pd.DataFrame) -> pd.DataFrame:
    """The survey's answers of the dissatisfied about what dissatisfied them."""
    return frame[(frame["source"] == "survey") & (frame["satisfaction"] <= 4)]


def phoned(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["source"] == "calls"]


def test_calls_have_the_stated_form() -> None:
    frame = datasets.generate_calls(50_000)
    columns = ["customer", "source", "factor", "satisfaction", "importance"]
    assert list(frame.columns) == columns
    called, asked = phoned(frame), frame[frame["source"] == "survey"]
    assert len(called) + len(asked) == len(frame)
    assert called["customer"].is_unique
    assert called["importance"].isna().all() and asked["importance"].notna().all()
    assert set(asked["importance"]) == set(asked["satisfaction"]) == set(range(1, 11))
    assert asked.groupby("customer", sort=False)["factor"].agg(list).map(FACTORS.__eq__).all()
    # One sort by customer and source leaves every row where it is.
    assert frame.sort_values(["customer", "source"], kind="stable").index.equals(frame.index)
    assert set(called["customer"]) & set(asked["customer"])


def test_one_purchase_in_four_dissatisfies_and_one_in_twenty_of_them_calls(
    census: pd.DataFrame,
) -> None:
    wrong, called = sorry(census), phoned(census)
    assert wrong["customer"].is_unique
    numbers = pd.Series(census["customer"].unique())
    assert len(numbers) == N_ASKED
    assert near(numbers.isin(wrong["customer"]), 0.25)
    assert near(wrong["customer"].isin(called["customer"]), 0.05)
    assert near(numbers.isin(called["customer"]), 0.0125)
    # The stated shares give the three figures to the last digit: a call stands for twenty.
    shares, calling = datasets.DISSATISFIED, datasets.CALLING
    assert math.fsum(shares.values()) == pytest.approx(0.25, abs=1e-15)
    product = math.fsum(shares[factor] * calling[factor] for factor in FACTORS)
    assert product == pytest.approx(0.0125, abs=1e-15)
    assert len(wrong) / len(called) == pytest.approx(20, abs=2.5)


def test_each_factor_dissatisfies_and_is_called_about_as_stated(census: pd.DataFrame) -> None:
    wrong = sorry(census)
    callers = set(phoned(census)["customer"])
    for factor in FACTORS:
        here = wrong[wrong["factor"] == factor]
        flags = np.zeros(N_ASKED, dtype=bool)
        flags[: len(here)] = True
        assert near(flags, datasets.DISSATISFIED[factor]), factor
        assert near(here["customer"].isin(callers), datasets.CALLING[factor]), factor


def test_callers_are_dissatisfied_and_say_the_same_in_the_survey(census: pd.DataFrame) -> None:
    called = phoned(census)
    both = called.merge(sorry(census), on=["customer", "factor"])
    assert len(both) == len(called) > 1000
    assert both["satisfaction_x"].equals(both["satisfaction_y"])
    assert set(called["satisfaction"]) == {1, 2, 3, 4}


def test_answers_in_the_survey_follow_their_tables(census: pd.DataFrame) -> None:
    asked = census[census["source"] == "survey"]
    angry = asked["satisfaction"] <= 4
    for table, rows in ((calls.SORRY, asked[angry]), (calls.CONTENT, asked[~angry])):
        assert sum(table) == 100
        for answer, percent in enumerate(table, start=1):
            assert near(rows["satisfaction"] == answer, percent / 100)
    mixed = ratings.shares_of(ratings.IMPORTANCE)
    for k, factor in enumerate(FACTORS):
        rows = asked[asked["factor"] == factor]
        for answer in range(1, 11):
            # Two thirds of all customers are low-end, one third are businesses.
            share = mixed[0, k, answer - 1] * 2 / 3 + mixed[1, k, answer - 1] / 3
            assert near(rows["importance"] == answer, share, errors=4.5), (factor, answer)
        assert rows["importance"].median() == PUBLISHED[factor][1]
        assert abs(rows["importance"].corr(rows["satisfaction"])) < 4 / math.sqrt(len(rows))


def test_the_survey_reaches_a_random_share() -> None:
    frame = datasets.generate_calls(40_000, reached=0.2)
    asked = set(frame.loc[frame["source"] == "survey", "customer"])
    flags = np.zeros(40_000, dtype=bool)
    flags[: len(asked)] = True
    assert near(flags, 0.2)
    # Those who call are reached as often as all others, and are as truthful when it is few.
    assert near(phoned(frame)["customer"].isin(asked), 0.2)
    wrong = sorry(frame)
    flags = np.zeros(len(asked), dtype=bool)
    flags[: len(wrong)] = True
    assert near(flags, 0.25)


def test_calls_rank_the_factors_otherwise_than_the_survey() -> None:
    frame = datasets.generate_calls(400_000, reached=0.05)
    ranks = {
        "calls": list(phoned(frame)["factor"].value_counts().index),
        "survey": list(sorry(frame)["factor"].value_counts().index),
    }
    shares, calling = datasets.DISSATISFIED, datasets.CALLING
    stated = {
        "calls": sorted(FACTORS, key=lambda f: -shares[f] * calling[f]),
        "survey": sorted(FACTORS, key=lambda f: -shares[f]),
    }
    assert ranks == stated
    assert ranks["calls"][:3] == ["price", "customer_service", "coverage"]
    assert ranks["survey"][:3] == ["coverage", "call_quality", "price"]


def test_nobody_and_everybody_may_call() -> None:
    none, every = (
        datasets.generate_calls(
            2000, reached=1, calling=dict.fromkeys(FACTORS, share),
            dissatisfied=dict.fromkeys(FACTORS, 1 / 6),
        )
        for share in (0, 1)
    )  # fmt: skip
    assert phoned(none).empty
    assert len(sorry(none)) == len(phoned(every)) == 2000


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"reached": 1.5}, "reached"),
        ({"reached": "all"}, "reached"),
        ({"dissatisfied": {"price": 0.1}}, "dissatisfied must give"),
        ({"dissatisfied": 0.25}, "dissatisfied must give"),
        ({"dissatisfied": dict.fromkeys(FACTORS, 0.2)}, "dissatisfied adds up to 1.2"),
        ({"dissatisfied": dict.fromkeys(FACTORS, -0.1)}, "dissatisfied of 'price'"),
        ({"calling": {**datasets.CALLING, "weather": 0.1}}, "calling must give"),
        ({"calling": dict.fromkeys(FACTORS, 5)}, "calling of 'price'"),
    ],
)
def test_calls_refuse_what_makes_no_sense(arguments: dict, word: str) -> None:
    with pytest.raises(InputError, match=word):
        datasets.generate_calls(**arguments)


# --- size ---------------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "n"), [("leavers", 10**7), ("ratings", 960_000), ("calls", 16_500_000)]
)
def test_ten_million_rows_need_two_minutes_and_less_than_a_gigabyte(
    name: str, n: int, tmp_path: Path
) -> None:
    path = tmp_path / "table.parquet"
    call = f"d.{name}_to_parquet(path, {n}); rows = 0"
    (_, seconds), peak = measured.run(MEASURED.format(call=call), path)
    print(f"{name}: {seconds:.1f} s, {peak / 1e6:.0f} MB")
    assert measured.rows_of(path) >= 10**7
    assert seconds < 120
    assert peak < 10**9


# Customers asked for under seed 7: rows, and their fingerprint.
FROZEN = {
    "leavers": (1000, 1000, "18645d9e65f9e2856daa46bec2af4290eb372e63748339d3969a882127cbda62"),
    "ratings": (100, 1050, "b02cd77eb566b2ec835c7341896259446dee14031a3ecc58163800b580036019"),
    "calls": (2000, 1207, "5cc298789b9d1a8de75275b56499d69ce8077250ce26b55a447b8bbdfa5f7c5b"),
}
