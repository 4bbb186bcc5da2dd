"""The Customer Churn Index by hand: the article's table in exact fractions, and its conclusions.

Table 2 of the article, (satisfaction, importance, improvability) on 1 to 10: price 10 3 1 · call
quality 10 6 3 · coverage 1 8 7 · customer service 10 4 9 · image 10 1 4 · new technology 10 7 3.
With u(x) = (x − 1) / 9 the importances above the floor are 2 5 7 3 0 6 ninths, 23 in all.
"""

from fractions import Fraction as F

import pandas as pd
import pytest

import churnlab as cl

CASES = {"base": "cci_table_2", "a": "cci_variant_a", "b": "cci_variant_b"}
SHARE = {
    "price": F(2, 23), "call_quality": F(5, 23), "coverage": F(7, 23),
    "customer_service": F(3, 23), "image": F(0), "new_technology": F(6, 23),
}  # fmt: skip
EASE = {
    "price": F(0), "call_quality": F(2, 9), "coverage": F(6, 9),
    "customer_service": F(8, 9), "image": F(3, 9), "new_technology": F(2, 9),
}  # fmt: skip
DEFICIT = {
    "base": {"coverage": F(1)},
    "a": {"coverage": F(1), "new_technology": F(8, 9)},
    "b": {"new_technology": F(8, 9)},
}
# worked out on paper, not by the formula of the test
PRESSURE = {"coverage": F(7, 23), "new_technology": F(16, 69)}
FIXABLE = {"coverage": F(14, 69), "new_technology": F(32, 621)}
STUCK = {"coverage": F(7, 69), "new_technology": F(112, 621)}
TOTALS = {
    "base": (30.4348, 20.2899, 10.1449),
    "a": (53.6232, 25.4428, 28.1804),
    "b": (23.1884, 5.1530, 18.0354),
}


def matrix(case: str) -> pd.DataFrame:
    return cl.cci.matrix(cl.datasets.load(CASES[case])).set_index("factor")


@pytest.mark.parametrize("case", CASES)
def test_every_cell_is_the_exact_fraction(case):
    table = matrix(case)
    for factor, w in SHARE.items():
        d = DEFICIT[case].get(factor, F(0))
        row = table.loc[factor]
        expected = {
            "importance_share": w, "deficit": d, "improvability": EASE[factor],
            "pressure": w * d, "fixable": w * d * EASE[factor],
            "stuck": w * d * (1 - EASE[factor]), "secure": w * (1 - d),
        }  # fmt: skip
        for column, value in expected.items():
            assert row[column] == pytest.approx(float(value), rel=4e-16, abs=1e-16), column


@pytest.mark.parametrize("factor", ["coverage", "new_technology"])
def test_the_two_factors_as_worked_on_paper(factor):
    row = matrix("a").loc[factor]

    assert row["pressure"] == pytest.approx(float(PRESSURE[factor]), rel=1e-15)
    assert row["fixable"] == pytest.approx(float(FIXABLE[factor]), rel=1e-15)
    assert row["stuck"] == pytest.approx(float(STUCK[factor]), rel=1e-15)


@pytest.mark.parametrize("case", CASES)
def test_the_index_and_its_two_parts(case):
    table = cl.cci.index(cl.datasets.load(CASES[case]))

    assert table.loc[0, ["cci", "fixable", "stuck"]].astype(float).round(4).tolist() == list(
        TOTALS[case]
    )
    assert table.loc[0, "n"] == 1 and table[["std_error", "conf_low", "conf_high"]].isna().all(
        axis=None
    )


def test_the_first_conclusion_coverage_is_what_drives_this_customer_out_and_can_be_mended():
    table = matrix("base")

    assert table["satisfaction"].idxmin() == "coverage" and table["importance"].idxmax() == (
        "coverage"
    )
    assert table.loc["coverage", ["share", "verdict"]].tolist() == [1.0, "fix now"]
    assert table.loc["coverage", "fixable"] > table.loc["coverage", "stuck"]
    # easiest to improve is customer service, then coverage
    assert table["improvability"].nlargest(2).index.tolist() == ["customer_service", "coverage"]


@pytest.mark.parametrize("case", ["a", "b"])
def test_the_second_conclusion_new_technology_is_the_danger(case):
    table = matrix(case)

    assert table["stuck"].idxmax() == "new_technology"
    assert table.loc["new_technology", "verdict"] == "danger"


def test_a_lower_index_can_be_the_more_dangerous_one():
    base, b = (cl.cci.index(cl.datasets.load(CASES[c])).loc[0] for c in ("base", "b"))

    assert b["cci"] < base["cci"] and b["stuck"] > base["stuck"]


def test_the_verdicts_of_the_table():
    words = {c: matrix(c)["verdict"].to_dict() for c in CASES}

    assert words["base"] == {
        "coverage": "fix now", "call_quality": "guard", "new_technology": "guard",
        "price": "low", "customer_service": "low", "image": "low",
    }  # fmt: skip
    assert words["b"]["coverage"] == "keep"
    # a low score on what does not matter is no reason to leave
    poor_image = cl.datasets.load("cci_table_2")
    poor_image.loc[poor_image["factor"] == "image", "satisfaction"] = 1
    assert cl.cci.matrix(poor_image).set_index("factor").loc["image", "verdict"] == "minor"


def test_averaging_first_reverses_the_ranking():
    """60 % low-end customers (price 4 9, tech 3 1, coverage 6 6) and 40 % business customers
    (price 8 2, tech 8 9, coverage 4 8).

    Low-end, u(I) = 8 0 5 of 13: pressure price 8/13·6/9 = 16/39, tech 0, coverage 5/13·4/9 =
    20/117. Business, u(I) = 1 8 7 of 16: price 1/16·2/9 = 1/72, tech 8/16·2/9 = 1/9, coverage
    7/16·6/9 = 7/24.
    """
    low = {"price": (4, 9), "new_technology": (3, 1), "coverage": (6, 6)}
    business = {"price": (8, 2), "new_technology": (8, 9), "coverage": (4, 8)}
    ratings = pd.DataFrame(
        [
            (str(i), factor, s, w)
            for i, kind in enumerate([low] * 3 + [business] * 2)
            for factor, (s, w) in kind.items()
        ],
        columns=["customer", "factor", "satisfaction", "importance"],
    )
    table = cl.cci.matrix(ratings).set_index("factor")["pressure"]
    exact = {
        "price": F(3, 5) * F(16, 39) + F(2, 5) * F(1, 72),
        "coverage": F(3, 5) * F(20, 117) + F(2, 5) * F(7, 24),
        "new_technology": F(2, 5) * F(1, 9),
    }

    assert table.index.tolist() == ["price", "coverage", "new_technology"]
    for factor, value in exact.items():
        assert table[factor] == pytest.approx(float(value), rel=1e-14)
    assert table.round(4).tolist() == [0.2517, 0.2192, 0.0444]
    means = ratings.groupby("factor", as_index=False)[["satisfaction", "importance"]].mean()
    first = cl.cci.matrix(means).set_index("factor")["pressure"]
    assert first.round(4).to_dict() == {
        "coverage": 0.2178, "price": 0.1790, "new_technology": 0.1252
    }  # fmt: skip


def test_a_new_factor_can_reverse_the_ranking_of_a_population():
    """Adding a factor dilutes only those who care for it.

    Two customers answer S=(1, 10), I=(10, 10) to A, and S=(10, 2),
    I=(10, 10) to B: pressures A = (1/2 + 0)/2 = 1/4, B = (0 + 1/2·8/9)/2 = 2/9. With C, S=(10, 10),
    I=(10, 1): the first now shares among three, A = (1/3)/2 = 1/6; the second is as before.
    """
    ratings = pd.DataFrame(
        {
            "customer": ["1", "2"] * 3,
            "factor": ["A", "A", "B", "B", "C", "C"],
            "satisfaction": [1, 10, 10, 2, 10, 10],
            "importance": [10, 10, 10, 10, 10, 1],
        }
    )
    two = cl.cci.matrix(ratings[ratings["factor"] != "C"]).set_index("factor")["pressure"]
    three = cl.cci.matrix(ratings).set_index("factor")["pressure"]

    assert two.to_dict() == pytest.approx({"A": 1 / 4, "B": 2 / 9}, rel=1e-15)
    assert three.to_dict() == pytest.approx({"A": 1 / 6, "B": 2 / 9, "C": 0.0}, rel=1e-15)


def test_caring_more_for_what_is_fine_lowers_the_index():
    table = cl.datasets.load("cci_table_2")
    table.loc[table["factor"] == "price", "importance"] = 10

    assert cl.cci.index(table)["cci"].round(2).item() == 23.33  # 7 of 30
