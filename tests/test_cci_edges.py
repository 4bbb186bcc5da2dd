"""The index where something is missing, all alike, or known of one cluster only."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from churnlab import InputError

FACTORS = ("price", "coverage", "service")
EASE = {"price": 2, "coverage": 7, "service": 9}


def survey(n: int = 60, seed: int = 1, **columns: object) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    size = n * len(FACTORS)
    frame = pd.DataFrame(
        {
            "customer": np.repeat(np.arange(n), len(FACTORS)),
            "factor": np.tile(FACTORS, n),
            "satisfaction": rng.integers(1, 11, size),
            "importance": rng.integers(1, 11, size),
        }
    )
    return frame.assign(**columns)


def test_imputing_leaves_a_factor_out_where_a_whole_group_was_not_asked():
    frame = survey(wave=lambda f: f["customer"] % 2 + 1)
    frame = frame[(frame["wave"] == 1) | (frame["factor"] != "service")]
    found = cl.cci.index(frame, by="wave", improvability=EASE, missing="impute")
    alone = cl.cci.index(frame[frame["wave"] == 2], improvability=EASE)
    assert found.loc[1, "cci"] == pytest.approx(alone.loc[0, "cci"])
    assert found["std_error"].isna().all()
    table = cl.cci.matrix(frame, by="wave", improvability=EASE, missing="impute")
    sums = table.groupby("wave")["importance_share"].sum()
    assert sums.tolist() == pytest.approx([1, 1])


@pytest.mark.parametrize("n", [3, 300])
def test_an_index_that_is_the_same_for_all_has_no_error(n):
    found = cl.cci.index(survey(n, satisfaction=1), improvability=EASE, scale=(1, 10))
    assert found.loc[0, ["cci", "std_error"]].tolist() == pytest.approx([100, 0])
    assert found.loc[0, "std_error"] == 0
    owner = pd.DataFrame({"factor": list(EASE), "improvability": 5, "owner": "us"})
    desks = cl.cci.owners(survey(n, satisfaction=1), improvability=owner, scale=(1, 10))
    assert desks.loc[0, "std_error"] == 0


def test_of_customers_in_one_cluster_any_order_is_possible():
    found = cl.cci.rank(survey(300, firm="x"), improvability=EASE, cluster="firm")
    assert (found["rank_low"] == 1).all() and (found["rank_high"] == 3).all()
    assert found["best"].all() and found[["std_error", "p_top"]].isna().all(axis=None)


def test_concordance_counts_no_half_answers():
    frame = survey()
    frame.loc[::7, "satisfaction"] = np.nan
    counted = cl.cci.answers(frame, improvability=EASE, missing="impute")
    found = cl.cci.concordance(counted)
    pd.testing.assert_frame_equal(found, cl.cci.concordance(frame))


def test_the_weight_of_answers_may_not_take_a_results_name():
    counted = cl.cci.answers(survey(n=30).assign(n=1.0), weight="n", improvability=EASE)
    with pytest.raises(InputError, match="rename the column"):
        cl.cci.per_customer(counted)


@pytest.mark.parametrize("role", ["weight", "cluster"])
def test_a_wave_without_weights_is_left_out_and_no_contradiction(role):
    frame = pd.concat([survey().assign(wave=w) for w in (1, 2)])
    known = frame["customer"].add(1.0) if role == "weight" else frame["customer"].astype(str)
    frame = frame.assign(own=known.where(frame["wave"] == 1))
    found = cl.cci.index(frame, by="wave", improvability=EASE, **{role: "own"})
    assert found["wave"].tolist() == [1]
    lines = cl.ledger(found).set_index(["unit", "rule"])["n"]
    assert lines["rows", f"missing_{role}"] == len(frame) // 2


def test_five_stars_beside_ten_points_are_not_taken_for_ten():
    stars = survey(satisfaction=lambda f: (f["satisfaction"] + 1) // 2)
    with pytest.raises(InputError, match=r"highest satisfaction of 180 is 5.*say scale=\(1, 5\)"):
        cl.cci.matrix(stars, improvability=EASE)
    said = {"scale": (1, 5), "importance_scale": (1, 10), "improvability_scale": (1, 10)}
    assert len(cl.cci.matrix(stars, improvability=EASE, **said)) == 3


def test_improvability_of_a_factor_that_a_group_did_not_rate():
    frame = survey().query("factor != 'service'")
    other = survey(10).query("factor == 'service'").assign(customer=lambda f: f["customer"] + 900)
    both = pd.concat([frame.assign(part="a"), other.assign(part="b")])
    found = cl.cci.rank(both, by="part", improvability={"service": 9})
    assert found.groupby("criterion")["part"].unique().map(list).to_dict() == {
        "pressure": ["a", "b"], "fixable": ["b"], "stuck": ["b"],
    }  # fmt: skip


def test_a_tolerance_is_met_by_a_difference_that_equals_it():
    frame = pd.DataFrame(
        {"customer": 1, "factor": ["a", "b"], "satisfaction": [5.5, 4.6], "importance": 10}
    )
    found = cl.cci.rank(frame, improvability=None, tolerance=0.05, scale=(1, 10))
    assert found["rank"].tolist() == [1, 1] and found["tied"].all()


def test_a_group_of_one_among_others_is_a_sample_of_one():
    frame = survey(30, part=lambda f: np.where(f["customer"] == 0, "one", "many"))
    found = cl.cci.rank(frame, by="part", improvability=EASE).set_index("part")
    assert found.loc["one", "rank_low"].tolist() == [1] * 9
    assert found.loc["one", "rank_high"].tolist() == [3] * 9
    assert found.loc["one", "p_top"].isna().all() and found.loc["many", "p_top"].notna().all()


def test_rivals_are_written_as_factors_are():
    frame = survey(30).assign(
        factor=lambda f: f["factor"].map({x: i for i, x in enumerate(FACTORS)})
    )
    found = cl.cci.stability(frame, improvability={0: 2, 1: 7, 2: 9})
    assert set(found["rival"].dropna()) <= {0, 1, 2} and str(found["rival"].dtype) == "Int64"


def test_a_group_that_did_not_rate_a_factor_is_drawn_with_its_ranks():
    frame = survey(40, part=lambda f: np.where(f["customer"] < 20, "a", "b"))
    frame = frame[(frame["part"] == "a") | (frame["factor"] != "service")]
    options = {"by": "part", "improvability": EASE}
    matrix, ranks = cl.cci.matrix(frame, **options), cl.cci.rank(frame, **options)
    own = [f[f["part"] == "b"].drop(columns="part") for f in (matrix, ranks)]
    axes = cl.plot.cci_map(own[0], ranks=own[1])
    written = {text.get_text() for text in axes.texts}
    assert sum("(" in text for text in written) == 2


def test_agreement_is_over_the_factors_that_both_groups_rated():
    frame = survey(90, part=lambda f: f["customer"] % 3)
    frame = frame[(frame["part"] != 2) | (frame["factor"] != "service")]
    found = cl.cci.agreement(frame, by="part", improvability=EASE)
    assert found["n_factors"].tolist() == [3, 2, 2] * 3
    two = cl.cci.agreement(frame[frame["factor"] != "service"], by="part", improvability=None)
    pressure = found[found["criterion"] == "pressure"]
    assert abs(pressure["tau"].iloc[1]) == 1 and two["n_factors"].eq(2).all()
