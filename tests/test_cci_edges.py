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


def test_a_factor_whose_importance_alone_is_told_is_no_satisfied_one():
    rows = [(1, "a", 1, 10), (1, "b", None, 10), (2, "a", 1, 1), (2, "b", None, 10)]
    frame = pd.DataFrame(rows, columns=["customer", "factor", "satisfaction", "importance"])
    found = cl.cci.matrix(frame, improvability=None, missing="impute", scale=(1, 10))
    table = found.set_index("factor")
    assert table.loc["a", "pressure"] == 1 and table["pressure"].sum() == 1
    index = cl.cci.index(frame, improvability=None, missing="impute", scale=(1, 10))
    assert index.loc[0, ["n", "cci"]].tolist() == [1, 100]  # to customer 2 nothing told matters


def test_a_scale_that_was_said_is_not_doubted():
    frame = survey(importance=lambda f: f["importance"] * 4)
    found = cl.cci.index(frame, improvability=EASE, importance_scale=(0, 100))
    assert len(found) == 1
    stars = survey(importance=lambda f: (f["importance"] + 1) // 2)
    with pytest.raises(InputError, match=r"highest importance .* say importance_scale=\(1, 5\)"):
        cl.cci.index(stars, improvability=EASE)


def test_codes_for_no_answer_are_no_ranks():
    frame = survey(importance=lambda f: f.groupby("customer").cumcount() + 1.0)
    frame.loc[4, "importance"] = 99
    with pytest.raises(InputError, match="holds a rank that is none.*3 least"):
        cl.cci.index(frame, improvability=EASE, importance_as="rank")


def test_one_customer_left_of_eight_is_still_a_sample():
    frame = survey(8)
    frame.loc[frame["customer"] > 0, "importance"] = 1
    found = cl.cci.rank(frame, improvability=EASE, scale=(1, 10))
    assert (found["n"] == 1).all() and found["p_top"].isna().all()
    assert (found["rank_high"] - found["rank_low"] == 2).all()
    axes = cl.plot.ranks(found)
    assert "places that a tie takes" not in "".join(c.get_xlabel() for c in axes.figure.axes)


def test_concordance_of_one_customer_and_of_none_who_told_all():
    one = cl.cci.concordance(survey(1), scale=(1, 10))
    assert one["concordance"].isna().all() and (one["n"] == 1).all()
    with pytest.raises(InputError, match="no customer rated every factor"):
        cl.cci.concordance(survey(30).iloc[[i for i in range(90) if i % 3 != i // 3 % 3]])


def test_concordance_does_not_hang_on_the_unit_of_a_scale():
    frame = survey()
    small = frame.assign(**{c: frame[c] * 1e-9 for c in ("satisfaction", "importance")})
    found = cl.cci.concordance(small, scale=(1e-9, 1e-8))
    pd.testing.assert_frame_equal(found, cl.cci.concordance(frame))


@pytest.mark.parametrize("again", ["stability", "whatif"])
def test_a_file_that_changed_after_it_was_counted_is_refused(again, tmp_path):
    path = tmp_path / "ratings.csv"
    survey().to_csv(path, index=False)
    counted = cl.cci.answers(path, improvability=EASE)
    cl.cci.index(counted)
    survey(40).to_csv(path, index=False)
    options = {"changes": {"price": ("close", 1)}} if again == "whatif" else {}
    with pytest.raises(InputError, match="changed after they were counted"):
        getattr(cl.cci, again)(counted, **options)


@pytest.mark.parametrize("plan", [{"price": ("add", -2)}, {"price": ("at_least", 6)}])
def test_what_is_left_to_mend_is_worked_out_for_every_customer(plan):
    frame = survey()
    found = cl.cci.whatif(frame, improvability=EASE, changes=plan).iloc[-1]
    change, value = plan["price"]
    fixable = stuck = 0.0
    for _, own in frame.groupby("customer"):
        points = own["importance"] - 1
        for _, row in own.iterrows():
            w = (row["importance"] - 1) / points.sum()
            m, d = (EASE[row["factor"]] - 1) / 9, (10 - row["satisfaction"]) / 9
            after = d
            if row["factor"] == "price":
                s = (
                    row["satisfaction"] + value
                    if change == "add"
                    else max(row["satisfaction"], value)
                )
                after = (10 - min(max(s, 1), 10)) / 9
            part = m * after if after > d else max(m * d - (d - after), 0)
            fixable, stuck = fixable + w * part, stuck + w * (after - part)
    assert [found["fixable"], found["stuck"]] == pytest.approx([fixable / 0.6, stuck / 0.6])


def test_a_plan_may_be_a_table_of_any_kind():
    pl = pytest.importorskip("polars")
    plan = {"factor": ["price"], "change": ["close"], "value": [0.5]}
    one = cl.cci.whatif(survey(), improvability=EASE, changes=pl.DataFrame(plan))
    pd.testing.assert_frame_equal(
        one, cl.cci.whatif(survey(), improvability=EASE, changes={"price": ("close", 0.5)})
    )
