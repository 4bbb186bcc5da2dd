"""The read-out of a trial: by hand, against R and published limits, on engines; sample sizes."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from churnlab.rates import contrasts
from tests import engines
from tests.reference import read

TESTS = list(read("power_tests").itertuples())
SAMPLES = [r for r in read("power_samples").itertuples() if 0 < r.retention + r.lift < 1]
KOOPMAN = list(read("winback_koopman").itertuples())


def trial() -> pd.DataFrame:
    """none: 40 of 50 stay; letter: 30 of 50, and 10 not yet observed; call: 45 of 60."""
    arms = [("none", 40, 10, 0), ("letter", 30, 20, 10), ("call", 45, 15, 0)]
    rows = []
    for arm, stayed, left, unknown in arms:
        outcomes = [1.0] * stayed + [0.0] * left + [np.nan] * unknown
        rows += [(f"{arm} {i}", arm, outcome) for i, outcome in enumerate(outcomes)]
    rows += [(None, "none", 1.0), ("lost", None, 1.0), ("blank", "", 0.0)]
    frame = pd.DataFrame(rows, columns=["customer", "arm", "retained"])
    return frame.sample(frac=1, random_state=1).reset_index(drop=True)


@pytest.fixture(params=engines.PARAMS)
def table_of(request, tmp_path):
    return engines.maker(request, tmp_path)


def cell(table: pd.DataFrame, arm: str, term: str) -> pd.Series:
    row = table[(table["arm"] == arm) & (table["term"] == term)]
    assert len(row) == 1
    return row.iloc[0]


def test_a_trial_by_hand_on_every_engine(table_of):
    table = cl.rates.compare(table_of(trial()), control="none")

    assert table["arm"].drop_duplicates().tolist() == ["none", "call", "letter"]
    assert table.loc[table["arm"] == "none", "term"].tolist() == ["split", "retention"]
    kept = [cell(table, arm, "retention")["estimate"] for arm in ("none", "call", "letter")]
    assert kept == [40 / 50, 45 / 60, 30 / 50]
    letter = cell(table, "letter", "difference")
    assert (letter["n"], letter["n_retained"]) == (50, 30)
    assert letter["estimate"] == pytest.approx(-0.2)
    # chi-squared of 40, 10 / 30, 20: 100 (40·20 − 10·30)² / (50·50·70·30)
    chi2 = 100 * (40 * 20 - 10 * 30) ** 2 / (50 * 50 * 70 * 30)
    assert letter["p_value"] == pytest.approx(math.erfc(math.sqrt(chi2 / 2)))
    assert letter["test"] == "score"
    assert cell(table, "letter", "risk_ratio")["estimate"] == pytest.approx(0.75)
    # who is not yet observed was assigned all the same: 50, 60 and 60 of 170
    split = table[table["term"] == "split"]
    assert split["n"].tolist() == [50, 60, 60]
    # chi-squared with 2 degrees of freedom: the chance above x is exp(−x / 2)
    expected = sum((n - 170 / 3) ** 2 / (170 / 3) for n in (50, 60, 60))
    assert split["p_value"].tolist() == pytest.approx([math.exp(-expected / 2)] * 3)
    ledger = cl.ledger(table).set_index("rule")["n"].to_dict()
    assert ledger == {
        "read": 173, "used": 160, "missing_customer": 1, "missing_arm": 2, "not_yet_observed": 10,
    }  # fmt: skip


def test_the_planned_split():
    table = cl.rates.compare(trial(), control="none", planned={"none": 5, "call": 6, "letter": 6})

    assert cell(table, "none", "split")["p_value"] == pytest.approx(1)
    with pytest.raises(cl.InputError, match="must give a share to each of the arms"):
        cl.rates.compare(trial(), control="none", planned={"none": 1, "call": 1})


def test_the_trap_of_the_latecomers():
    """Counted as lost, the ten who are not yet observed take 10 points off an arm."""
    honest = cell(cl.rates.compare(trial(), control="none"), "letter", "retention")["estimate"]
    filled = trial().assign(retained=lambda frame: frame["retained"].fillna(0))
    naive = cell(cl.rates.compare(filled, control="none"), "letter", "retention")["estimate"]

    assert (honest, naive) == (0.6, 0.5)


def test_counts_and_tables_agree():
    table = cl.rates.compare(trial().dropna(subset="retained"), control="none")
    counts = cl.rates.compare_from_counts(
        [40, 45, 30], [50, 60, 50], arms=["none", "call", "letter"]
    )

    pd.testing.assert_frame_equal(counts, table, check_dtype=False)


@pytest.mark.parametrize("arms", [[1, 2], [True, False], ["是", 'the "old" one']])
@pytest.mark.parametrize("kind", ["bool", "int8", "str", "object"])
def test_arms_and_outcomes_of_any_kind(arms, kind):
    frame = pd.DataFrame({"id": range(6), "a b": arms * 3, "?": [1, 0, 1, 1, 0, 1]})
    frame["?"] = frame["?"].astype(bool) if kind in ("bool", "object") else frame["?"]
    frame["?"] = frame["?"].astype(kind)

    table = cl.rates.compare(frame, control=arms[1], customer="id", arm="a b", retained="?")

    assert table["arm"].drop_duplicates().tolist() == [arms[1], arms[0]]
    assert table.loc[table["term"] == "retention", "n_retained"].tolist() == [2, 2]


@pytest.mark.parametrize("row", TESTS, ids=lambda r: f"{r.x}/{r.m} {r.y}/{r.n}")
def test_p_values_as_in_r(row):
    p, test = contrasts.p_value(row.x, row.m, row.y, row.n)
    expected = [c * t / (row.m + row.n) for t in (row.m, row.n)
                for c in (row.x + row.y, row.m + row.n - row.x - row.y)]  # fmt: skip

    assert test == ("fisher" if min(expected) < 5 else "score")
    assert p == pytest.approx(getattr(row, test), rel=1e-9)
    assert contrasts.split([row.n, row.m], [1, 3]) == pytest.approx(row.split, rel=1e-9)


@pytest.mark.parametrize(
    ("counts", "limits"),
    [
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.0582, 0.8062)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((10, 10, 0, 20), (0.6791, 1.0000)),
    ],
)
def test_limits_of_a_difference_as_published(counts, limits):
    """Newcombe 1998, Statistics in Medicine 17, 873–890, method 10."""
    assert cl.intervals.newcombe(*counts, level=0.95) == pytest.approx(limits, abs=5.1e-5)


@pytest.mark.parametrize("row", KOOPMAN, ids=lambda r: f"{r.won}/{r.tried} {r.level}")
def test_limits_of_a_ratio_as_in_statsmodels(row):
    found = cl.intervals.koopman(
        row.won, row.tried, row.prospects_won, row.prospects_tried, level=row.level
    )

    assert found == pytest.approx((row.low, row.high), rel=1e-9)


def test_limits_of_a_ratio_turn_over():
    for x, m, y, n in (
        (3, 9, 5, 11),
        (9, 9, 5, 11),
        (11, 11, 7, 7),
        (0, 9, 4, 8),
        (1, 10**6, 5, 9),
    ):
        low, high = cl.intervals.koopman(x, m, y, n, level=0.9)
        back = cl.intervals.koopman(y, n, x, m, level=0.9)
        turned = (1 / back[1], 1 / back[0] if back[0] else math.inf)
        assert (low, high) == pytest.approx(turned, rel=1e-9)
        assert low <= x * n / (y * m) <= high
    assert cl.intervals.koopman(0, 5, 0, 7, level=0.95) == (0.0, math.inf)


def test_coverage_of_the_difference():
    """Of a thousand trials without a difference, about 95 % have 0 within their limits."""
    rng = np.random.default_rng(3)
    inside = 0
    for x, y in zip(rng.binomial(120, 0.7, 1000), rng.binomial(90, 0.7, 1000), strict=True):
        low, high = cl.intervals.newcombe(int(x), 120, int(y), 90, level=0.95)
        inside += low <= 0 <= high
    assert 930 <= inside <= 970


def test_one_in_four_against_one_in_sixteen():
    table = cl.rates.sample_size(1 / 4, lift=1 / 16 - 1 / 4)

    assert table["variance"].tolist() == ["pooled", "unpooled", "corrected"]
    assert table["n_control"].tolist() == [58, 55, 68]
    assert table["n_arm"].tolist() == [58, 55, 68]
    assert table["n_total"].tolist() == [116, 110, 136]


@pytest.mark.parametrize("row", SAMPLES, ids=lambda r: f"{r.retention:.2f} {r.lift}")
def test_sample_sizes_as_in_r(row):
    table = cl.rates.sample_size(row.retention, lift=row.lift, power=row.power, level=row.level)

    assert table["n_control"][0] == math.ceil(row.n - 1e-6)


def test_power_by_simulation():
    """With the pooled size the score test finds the rise about four times in five."""
    n = cl.rates.sample_size(0.7, lift=0.1, ratio=2)["n_control"][0]
    rng = np.random.default_rng(11)
    found = [
        contrasts.p_value(int(x), 2 * n, int(y), n)[0] < 0.05
        for x, y in zip(rng.binomial(2 * n, 0.8, 3000), rng.binomial(n, 0.7, 3000), strict=True)
    ]
    assert 0.78 < np.mean(found) < 0.825


def test_several_arms_share_the_error():
    three = cl.rates.sample_size(0.7, lift=[0.1, 0.05], arms=3)
    alone = cl.rates.sample_size(0.7, lift=[0.1, 0.05], level=0.975)

    assert three["n_control"].tolist() == alone["n_control"].tolist()
    assert (three["n_total"] == 3 * three["n_control"]).all()
    assert (three["n_control"][3:].to_numpy() > 3 * three["n_control"][:3].to_numpy()).all()


def test_detectable_is_the_size_read_backwards():
    table = cl.rates.compare_from_counts([70, 80], [100, 150], power=0.9)
    least = cell(table, "arm 1", "detectable")["estimate"]
    size = cl.rates.sample_size(0.7, lift=least, power=0.9, ratio=1.5)

    assert size["n_control"][0] in (100, 101) and 0.1 < least < 0.2
    full = cl.rates.compare_from_counts([10, 8], [10, 10])
    assert np.isnan(cell(full, "arm 1", "detectable")["estimate"])


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        ({}, {"control": "nothing"}, "control='nothing' does not occur in column 'arm'"),
        ({"arm": "none"}, {}, "holds one arm, 'none'"),
        ({"retained": 2}, {}, "'retained' must be 0/1 or True/False"),
        ({"retained": np.nan}, {}, "nobody's outcome is observed yet in arm 'none'"),
        ({"customer": "a"}, {}, "names 1 customer in more than one row"),
        ({}, {"power": 1.0}, "strictly between 0 and 1"),
        ({}, {"level": 95}, "Did you mean 0.95"),
        ({}, {"planned": {"none": 1, "call": 0, "letter": 1}}, "must be above 0"),
    ],
)
def test_bad_trials_end_in_one_clear_message(change, arguments, message):
    with pytest.raises(cl.InputError, match=message):
        cl.rates.compare(trial().assign(**change), **({"control": "none"} | arguments))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cl.rates.compare_from_counts([1], [2]), "needs two arms"),
        (lambda: cl.rates.compare_from_counts([1, 2], [2]), "has 2 values and n has 1"),
        (lambda: cl.rates.compare_from_counts([1, 3], [2, 2]), "more than n=2 in arm 'arm 1'"),
        (lambda: cl.rates.compare_from_counts([1, 0], [2, 0]), "must be at least 1"),
        (lambda: cl.rates.compare_from_counts([1, 1], [2, 2], arms=["a", "a"]), "twice"),
        (lambda: cl.rates.sample_size(0.9, lift=0.2), "the rate must change, within 0 to 1"),
        (lambda: cl.rates.sample_size(0.9, lift=0.0), "the rate must change"),
        (lambda: cl.rates.sample_size(0.9, lift=5), "lift=5 must be a number"),
        (lambda: cl.rates.sample_size(0.9, lift=0.05, power=1), "strictly between"),
        (lambda: cl.rates.sample_size(0.9, lift=0.05, arms=1), "at least 2"),
    ],
)
def test_bad_counts_end_in_one_clear_message(call, message):
    with pytest.raises(cl.InputError, match=message):
        call()
