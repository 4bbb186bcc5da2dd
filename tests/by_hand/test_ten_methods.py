"""One table under the methods of the field, each written out from its definition.

Ratings (S, I, M) on 1 to 10, in the order price, call quality, coverage, service, image, new
technology. Table 2: 10 3 1 · 10 6 3 · 1 8 7 · 10 4 9 · 10 1 4 · 10 7 3. Variant A gives new
technology S = 2; variant B gives coverage S = 10 as well. Each test names what goes in:

* raw columns: 11 − S, I, M (act) or 11 − S, I, 11 − M (danger);
* shares: d = (10 − S)/9, i = (I − 1)/9, m = (M − 1)/9.
"""

from fractions import Fraction as F
from itertools import combinations, permutations, product
from math import log, prod, sqrt

import numpy as np
import pytest
from scipy.stats import chi2

import churnlab as cl

FACTORS = ["price", "call_quality", "coverage", "customer_service", "image", "new_technology"]
TABLE_2 = [(10, 3, 1), (10, 6, 3), (1, 8, 7), (10, 4, 9), (10, 1, 4), (10, 7, 3)]
A = [*TABLE_2[:5], (2, 7, 3)]
B = [*TABLE_2[:2], (10, 8, 7), *TABLE_2[3:5], (2, 7, 3)]
CASES = {"cci_table_2": TABLE_2, "cci_variant_a": A, "cci_variant_b": B}
TRIPLES = list(product(range(1, 11), repeat=3))


def raw(table):
    return [(11 - s, i, m) for s, i, m in table]


def shares(table):
    return [(F(10 - s, 9), F(i - 1, 9), F(m - 1, 9)) for s, i, m in table]


def by_column(rows):
    return list(zip(*rows, strict=True))


def rounded(values, digits=3):
    return [round(float(x), digits) for x in values]


def share_ranks(values):
    """Ranks from the highest; equal values share the mean of their places."""
    return [sum(y > x for y in values) + F(1 + sum(y == x for y in values), 2) for x in values]


@pytest.mark.parametrize("name", CASES)
def test_the_ratings_are_those_that_churnlab_ships(name):
    table = cl.datasets.load(name).set_index("factor").loc[FACTORS]
    assert [tuple(row) for row in table.to_numpy()] == CASES[name]


# ------------------------------------------------------------------ two columns


def test_the_gap_is_importance_less_satisfaction():
    assert [i - s for s, i, _ in TABLE_2] == [-7, -4, 7, -6, -9, -3]
    assert [i - s for s, i, _ in A] == [-7, -4, 7, -6, -9, 5]


def test_the_opportunity_score_adds_the_gap_where_it_is_positive():
    assert [i + max(i - s, 0) for s, i, _ in TABLE_2] == [3, 6, 15, 4, 1, 7]
    assert [i + max(i - s, 0) for s, i, _ in A] == [3, 6, 15, 4, 1, 12]


def quadrants(table, cross_s, cross_i):
    words = {(True, True): "concentrate", (False, True): "keep up",
             (True, False): "low", (False, False): "overkill"}  # fmt: skip
    return [words[s < cross_s, i >= cross_i] for s, i, _ in table]


@pytest.mark.parametrize("cross", ["means", "middle of the scale"])
def test_the_quadrants(cross):
    for table, tech in ((TABLE_2, "keep up"), (A, "concentrate")):
        s, i, _ = by_column(table)
        at = (F(sum(s), 6), F(sum(i), 6)) if cross == "means" else (5.5, 5.5)
        expected = ["overkill", "keep up", "concentrate", "overkill", "overkill", tech]
        assert quadrants(table, *at) == expected


def test_the_cross_of_table_2():
    s, i, _ = by_column(TABLE_2)
    assert (F(sum(s), 6), round(sum(i) / 6, 2)) == (F(17, 2), 4.83)
    assert sorted(s)[2:4] == [10, 10] == [max(s)] * 2  # nobody is above the median


# ------------------------------------------------------------------ raw products


def test_risk_priority_numbers():
    assert [prod(row) for row in raw(TABLE_2)] == [3, 18, 560, 36, 4, 21]
    assert [prod(row) for row in raw(A)] == [3, 18, 560, 36, 4, 189]
    danger = {k: [(11 - s) * i * (11 - m) for s, i, m in t] for k, t in CASES.items()}
    assert danger["cci_table_2"] == [30, 48, 320, 8, 7, 56]
    assert danger["cci_variant_a"] == [30, 48, 320, 8, 7, 504]
    # satisfaction and improvability from 10 instead of 11, importance as it stands
    assert [(10 - s) * i * (10 - m) for s, i, m in A] == [0, 0, 216, 0, 0, 392]


def test_a_thousand_triples_make_120_products():
    old = [prod(t) for t in TRIPLES]
    ways = {value: old.count(value) for value in set(old)}
    assert len(ways) == 120 and max(ways.values()) == 24
    assert sorted(v for v, n in ways.items() if n == 24) == [60, 72, 120]
    assert sum(x >= 500 for x in old) == 63


def test_a_form_from_0_to_9_turns_pairs_round():
    """Of the 499,500 pairs of distinct triples: 3.0 % reversed, 7.5 % newly tied, 0.7 % untied."""
    old, new = (np.array([prod(x - k for x in t) for t in TRIPLES]) for k in (0, 1))
    one, two = np.triu_indices(1000, 1)
    before, after = np.sign(old[one] - old[two]), np.sign(new[one] - new[two])
    assert len(one) == 499_500
    counts = [(before * after < 0).sum(), ((before != 0) & (after == 0)).sum(),
              ((before == 0) & (after != 0)).sum(), (before != after).sum()]  # fmt: skip
    assert counts == [14_865, 37_683, 3_348, 55_896]
    assert rounded([c / 499_500 for c in counts]) == [0.030, 0.075, 0.007, 0.112]
    assert [10 * 9 * 1, 2 * 2 * 2, 9 * 8 * 0, 1 * 1 * 1] == [90, 8, 0, 1]


# ------------------------------------------------------------------ sums


def test_the_mean_of_the_shares():
    act = [sum(row) / 3 for row in shares(TABLE_2)]
    assert act == [F(2, 27), F(7, 27), F(22, 27), F(11, 27), F(3, 27), F(8, 27)]
    assert rounded(act) == [0.074, 0.259, 0.815, 0.407, 0.111, 0.296]
    assert round(float(sum(shares(A)[5]) / 3), 3) == 0.593
    danger = [[(d + i + 1 - m) / 3 for d, i, m in shares(t)] for t in (TABLE_2, A)]
    assert rounded(danger[0]) == [0.407, 0.444, 0.704, 0.148, 0.222, 0.481]
    assert rounded(danger[1]) == [0.407, 0.444, 0.704, 0.148, 0.222, 0.778]


def min_max(columns):
    return [[(x - min(c)) / (max(c) - min(c)) for x in c] for c in columns]


def by_length(columns):
    return [[float(x) / sqrt(sum(y * y for y in c)) for x in c] for c in columns]


def topsis(columns, weights=(1, 1, 1)):
    """Distance to the worst values of all, over the distances to the worst and to the best."""
    columns = [[w * x for x in c] for w, c in zip(weights, columns, strict=True)]
    best, worst = (
        [sqrt(sum((x - end(c)) ** 2 for x, c in zip(row, columns, strict=True)))
         for row in zip(*columns, strict=True)]
        for end in (max, min)
    )  # fmt: skip
    return [w / (w + b) for b, w in zip(best, worst, strict=True)]


def test_topsis_min_max_is_the_same_for_shares_and_raw_ratings():
    for of in (raw, shares):
        assert rounded(topsis(min_max(by_column(of(TABLE_2))))) == [
            0.153, 0.371, 0.865, 0.486, 0.195, 0.415
        ]  # fmt: skip
        assert round(topsis(min_max(by_column(of(A))))[5], 3) == 0.620


def test_topsis_by_vector_length_is_not():
    expected = [0.120, 0.296, 0.876, 0.426, 0.179, 0.333]
    assert rounded(topsis(by_length(by_column(shares(TABLE_2))))) == expected
    assert round(topsis(by_length(by_column(shares(A))))[5], 3) == 0.607
    of_raw = rounded(topsis(by_length(by_column(raw(TABLE_2)))))
    assert of_raw == [0.117, 0.289, 0.879, 0.416, 0.176, 0.325]


def vikor(table):
    """min–max on the raw columns, equal weights, half the sum of regrets, half the largest."""
    regrets = [[F(1, 3) * (1 - F(u)) for u in row] for row in zip(
        *[[F(x - min(c), max(c) - min(c)) for x in c] for c in by_column(raw(table))], strict=True
    )]  # fmt: skip
    total, worst = [sum(r) for r in regrets], [max(r) for r in regrets]
    parts = [[(x - min(v)) / (max(v) - min(v)) for x in v] for v in (total, worst)]
    return [(a + b) / 2 for a, b in zip(*parts, strict=True)]  # lower is better


def test_vikor_and_promethee_put_service_second_too():
    q = vikor(TABLE_2)
    assert rounded([q[2], q[3], q[5], vikor(A)[5]]) == [0.0, 0.768, 0.833, 0.486]
    assert sorted(range(6), key=q.__getitem__)[:2] == [2, 3]
    flows = [promethee(t) for t in (TABLE_2, A)]
    assert rounded([flows[0][2], flows[0][3], flows[0][5], flows[1][5]]) == [
        0.867, 0.2, 0.0, 0.267
    ]  # fmt: skip
    assert sorted(range(6), key=flows[0].__getitem__)[-2:] == [3, 2]


# ------------------------------------------------------------------ votes


def promethee(table):
    """Net flow: factors beaten less those that beat it, column by column; yes-or-no preference."""
    rows = raw(table)
    return [F(sum((x > y) - (x < y) for other in rows for x, y in zip(row, other, strict=True)), 15)
            for row in rows]  # fmt: skip


def rank_sums(table):
    return [sum(r) for r in zip(*map(share_ranks, by_column(raw(table))), strict=True)]


def test_borda():
    assert rank_sums(TABLE_2) == [15, 11.5, 4, 9, 13, 10.5]
    assert rank_sums(A)[5] == 8.5


@pytest.mark.parametrize("table", CASES.values(), ids=CASES)
def test_promethee_with_yes_or_no_preferences_is_borda(table):
    """A rank r of 6 beats 6 − r and loses to r − 1: 7 − 2r a column, 21 − 2R in all, over 15."""
    assert promethee(table) == [(21 - 2 * total) / 15 for total in rank_sums(table)]


def kemeny(table):
    columns = by_column(raw(table))
    cost = {o: sum(c[a] < c[b] for a, b in combinations(o, 2) for c in columns)
            for o in permutations(range(6))}  # fmt: skip
    least = min(cost.values())
    return least, [o for o, c in cost.items() if c == least]


def test_kemeny_has_nine_best_orders_in_table_2():
    least, best = kemeny(TABLE_2)
    assert (least, len(best)) == (6, 9) and {o[0] for o in best} == {2}
    assert [sum(o[1] == f for o in best) for f in range(6)] == [0, 0, 0, 4, 0, 5]
    assert [(least, len(best)) for least, best in map(kemeny, (A, B))] == [(6, 5), (7, 5)]


def kendall(table):
    """W with the correction for ties, χ² and its p, and p over all 720 × 720 shufflings."""
    ranks = [share_ranks(c) for c in by_column(raw(table))]
    ties = sum(r.count(x) ** 2 - 1 for r in ranks for x in r)  # t³ − t, each of t shares t² − 1
    totals = [sum(r) for r in zip(*ranks, strict=True)]
    spread = sum((t - F(21, 2)) ** 2 for t in totals)
    w = 12 * spread / (3**2 * (6**3 - 6) - 3 * ties)
    first, second, third = (np.array(r, float) for r in ranks)
    every = np.array(list(permutations(range(6))))
    shuffled = first + second[every][:, None] + third[every]
    found = ((shuffled - 10.5) ** 2).sum(axis=-1) >= float(spread)
    return float(w), float(15 * w), chi2.sf(float(15 * w), 5), int(found.sum())


def test_kendalls_w_of_the_three_columns():
    """Exact over the 518,400 shufflings: .1014, .0851 and .3167."""
    values = {k: kendall(t) for k, t in CASES.items()}
    assert rounded(values["cci_table_2"][:3]) == [0.571, 8.571, 0.127]
    assert rounded([values["cci_variant_a"][k] for k in (0, 2)]) == [0.592, 0.114]
    assert rounded([values["cci_variant_b"][k] for k in (0, 2)]) == [0.405, 0.299]
    assert [v[3] for v in values.values()] == [52_560, 44_112, 164_160]
    assert rounded([v[3] / 518_400 for v in values.values()], 4) == [0.1014, 0.0851, 0.3167]


# ------------------------------------------------------------------ weights


def entropy_weights(columns):
    uneven = []
    for c in columns:
        parts = [x / sum(c) for x in c]
        uneven.append(1 + sum(p * log(p) for p in parts if p) / log(len(c)))
    return [u / sum(uneven) for u in uneven]


def test_entropy_weights_of_the_raw_columns():
    weights = [rounded(entropy_weights(by_column(raw(t)))) for t in (TABLE_2, A, B)]
    assert weights[0] == [0.655, 0.152, 0.193] and weights[1] == [0.614, 0.170, 0.216]
    assert weights[2] == [0.634, 0.161, 0.205]
    assert rounded(entropy_weights([[1] * 6, [3, 6, 8, 4, 1, 7]])) == [0, 1]


def order_of(scores):
    return [(round(a - b, 12) > 0) - (round(a - b, 12) < 0) for a, b in combinations(scores[:6], 2)]


def reversals(score):
    """The added factors, of all 1000, with which two of the six change places."""
    before = order_of(score(TABLE_2))
    return [t for t in TRIPLES if any(
        x * y < 0 for x, y in zip(before, order_of(score([*TABLE_2, t])), strict=True)
    )]  # fmt: skip


def test_one_more_factor_reverses_topsis_with_entropy_weights():
    """20 of 1000, all of them with importance 1 and improvability 5 or 6."""
    found = reversals(
        lambda t: topsis(min_max(by_column(raw(t))), entropy_weights(by_column(raw(t))))
    )
    assert found == [(s, 1, m) for s in range(1, 11) for m in (5, 6)]


@pytest.mark.parametrize("part", ["pressure", "fixable", "stuck"])
def test_no_added_factor_reverses_the_cci_of_one_customer(part):
    """Every factor's number is its own ratings over a sum that all have in common."""
    of = {"pressure": lambda m: 1, "fixable": lambda m: m, "stuck": lambda m: 1 - m}[part]
    for base in (TABLE_2, A):
        start = [d * i * of(m) for d, i, m in shares(base)]
        for added in TRIPLES:
            total = sum(i for _, i, _ in shares([*base, added]))
            now = [d * i * of(m) / total for d, i, m in shares(base)]
            assert [n * total for n in now] == start


def test_ahp_weights_from_ratings_are_the_ratings():
    importance = [row[1] for row in TABLE_2]
    assert rounded(F(x, 29) for x in importance) == [0.103, 0.207, 0.276, 0.138, 0.034, 0.241]
    ratio = [[F(x, y) for y in importance] for x in importance]
    # the weights are an eigenvector, with eigenvalue 6 = the number of factors: CR = 0
    assert [sum(a * w for a, w in zip(row, importance, strict=True)) for row in ratio] == [
        6 * w for w in importance
    ]
    assert all(ratio[a][b] * ratio[b][c] == ratio[a][c] for a, b, c in product(range(6), repeat=3))
    raw_weights = [100 * sum(F(i, 29) * d for (_, i, _), (d, _, _) in zip(t, shares(t), strict=True))
                   for t in CASES.values()]  # fmt: skip
    assert rounded(raw_weights) == [27.586, 49.042, 21.456]


# ------------------------------------------------------------------ the index, and unequal columns


@pytest.mark.parametrize("name", CASES)
def test_the_index_is_the_product_of_shares(name):
    table = cl.cci.matrix(cl.datasets.load(name)).set_index("factor").loc[FACTORS]
    total = sum(i for _, i, _ in shares(CASES[name]))
    for column, value in {"pressure": lambda m: 1, "fixable": lambda m: m,
                          "stuck": lambda m: 1 - m}.items():  # fmt: skip
        own = [float(d * i / total * value(m)) for d, i, m in shares(CASES[name])]
        assert table[column].tolist() == pytest.approx(own, rel=1e-14, abs=1e-16)


def corner(at_c, at_a, at_b):
    """Where a linear function is positive at one corner of a triangle and negative at two.

    It cuts each of the two sides at the share f_c / (f_c − f) of its length from that corner.
    """
    assert at_c > 0 > max(at_a, at_b)
    return at_c / (at_c - at_a) * (at_c / (at_c - at_b))


def test_exponents_new_technology_is_most_stuck_in_three_quarters_of_the_triangle():
    """In d^a · i^b · (1 − m)^c the logs of new technology over coverage are linear in a, b, c."""
    (d1, i1, m1), (d2, i2, m2) = shares(A)[5], shares(A)[2]
    logs = [log(d1 / d2), log(i1 / i2), log((1 - m1) / (1 - m2))]
    assert rounded(logs, 4) == [-0.1178, -0.1542, 0.8473]
    assert corner(logs[2], logs[0], logs[1]) == pytest.approx(0.743, abs=5e-4)
    assert round((0.1178 + 0.1542) / 0.8473, 3) == 0.321  # the c at which they tie for a = b = 1


def test_weights_the_mean_of_shares_names_price_in_one_fifteenth():
    """Against coverage (4/5)² = 16/25; price wins where c > 4a + 2b: 1/5 · 1/3 of the triangle."""
    danger = [(d, i, 1 - m) for d, i, m in shares(A)]
    lead = [x - y for x, y in zip(danger[5], danger[2], strict=True)]
    assert lead == [F(-1, 9), F(-1, 9), F(4, 9)]
    assert corner(lead[2], lead[0], lead[1]) == F(16, 25)
    price = [x - y for x, y in zip(danger[0], danger[5], strict=True)]
    assert corner(price[2], price[0], price[1]) == F(1, 15)
    # where price leads new technology, so it does coverage: new technology loses no more than that
    assert [F(x) for x in price] == [F(-8, 9), F(-4, 9), F(2, 9)]
    assert round(float(F(16, 25) - F(1, 15)), 3) == 0.573


def test_the_areas_agree_with_a_fine_grid():
    """The middles of 400² small triangles; off by less than 1 / 400."""
    n = 400
    corners = [(a, b) for a in range(n) for b in range(n - a)]
    ab = np.concatenate([np.array(corners) + 1 / 3, [x for x in corners if sum(x) < n - 1]])
    ab[len(corners) :] += 2 / 3
    ab /= n
    weights = np.column_stack([ab, 1 - ab.sum(axis=1)])
    danger = np.array([[float(d), float(i), float(1 - m)] for d, i, m in shares(A)])
    first = np.bincount((weights @ danger.T).argmax(axis=1), minlength=6) / len(weights)
    assert first == pytest.approx([1 / 15, 0, 9 / 25, 0, 0, 43 / 75], abs=1 / n)
    ratio = np.log(danger[5] / danger[2])
    assert (weights @ ratio > 0).mean() == pytest.approx(0.7428, abs=1 / n)
