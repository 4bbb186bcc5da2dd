"""The index on random answers: properties, a brute force in plain Python, every engine, refusals."""

from __future__ import annotations

import math
from functools import cache

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import churnlab as cl
from churnlab import InputError
from tests.engines import PARAMS, maker

RATING = st.integers(1, 10)
ROWS = st.lists(st.tuples(RATING, RATING, RATING), min_size=1, max_size=7)
PARTS = ["pressure", "fixable", "stuck", "secure", "importance_share", "deficit", "improvability"]


def one_customer(rows, scale=lambda x: x) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["satisfaction", "importance", "improvability"])
    return frame.map(scale).assign(factor=[f"f{i}" for i in range(len(rows))])


def of_one(rows, **arguments) -> pd.DataFrame | None:
    """The matrix of one customer, None where nothing matters to them."""
    if all(importance == 1 for _, importance, _ in rows):
        return None
    table = cl.cci.matrix(one_customer(rows), scale=(1, 10), **arguments)
    return table.set_index("factor").sort_index()


# --- properties of one customer's table ---------------------------------------------------------
@settings(max_examples=15, deadline=None)
@given(ROWS)
def test_the_parts_make_up_the_whole(rows):
    table = of_one(rows)
    if table is None:
        return
    parts = table[["secure", "fixable", "stuck"]]

    np.testing.assert_allclose(parts.sum(axis=1), table["importance_share"], atol=1e-15)
    assert table["importance_share"].sum() == pytest.approx(1, abs=1e-14)
    assert (parts.to_numpy() >= -1e-16).all()
    whole = cl.cci.index(one_customer(rows), scale=(1, 10)).loc[0]
    assert whole["cci"] == pytest.approx(100 * table["pressure"].sum(), abs=1e-12)
    assert whole["cci"] == pytest.approx(whole["fixable"] + whole["stuck"], abs=1e-12)
    assert 0 <= whole["cci"] <= 100 + 1e-9


@settings(max_examples=15, deadline=None)
@given(ROWS, st.data())
def test_each_rating_moves_its_factor_the_right_way(rows, data):
    at = data.draw(st.integers(0, len(rows) - 1))
    s, i, m = rows[at]
    lower = [*rows[:at], (max(s - 1, 1), i, m), *rows[at + 1 :]]
    wanted = [*rows[:at], (s, min(i + 1, 10), m), *rows[at + 1 :]]
    easier = [*rows[:at], (s, i, min(m + 1, 10)), *rows[at + 1 :]]
    base = of_one(rows)
    if base is None:
        return
    now = base.loc[f"f{at}"]
    assert of_one(lower).loc[f"f{at}", "pressure"] >= now["pressure"] - 1e-15
    assert of_one(lower)["pressure"].sum() >= base["pressure"].sum() - 1e-15
    assert of_one(wanted).loc[f"f{at}", "pressure"] >= now["pressure"] - 1e-15
    after = of_one(easier).loc[f"f{at}"]
    assert after["fixable"] >= now["fixable"] and after["stuck"] <= now["stuck"]
    assert after["pressure"] == now["pressure"]


@settings(max_examples=15, deadline=None)
@given(ROWS, st.sampled_from([(0, 9), (0, 100), (-2, 1), (2, 20)]))
def test_recoding_the_scale_changes_nothing(rows, ends):
    table = of_one(rows)
    if table is None:
        return
    low, high = ends
    recoded = one_customer(rows, lambda x: low + (x - 1) / 9 * (high - low))
    again = cl.cci.matrix(recoded, scale=ends).set_index("factor").sort_index()

    np.testing.assert_allclose(again[PARTS], table[PARTS], atol=1e-13)
    assert again["verdict"].tolist() == table["verdict"].tolist()


@settings(max_examples=15, deadline=None)
@given(ROWS, st.tuples(RATING, RATING, RATING))
def test_a_new_factor_reverses_no_pair_of_one_customer(rows, new):
    table = of_one(rows)
    if table is None:
        return
    more = of_one([*rows, new]).loc[table.index]

    for column in ("pressure", "fixable", "stuck"):
        before = np.subtract.outer(table[column].to_numpy(), table[column].to_numpy())
        after = np.subtract.outer(more[column].to_numpy(), more[column].to_numpy())
        assert not ((before > 1e-12) & (after < -1e-12)).any()
        assert not ((before > 1e-12) & (after <= 1e-15)).any()
    assert more["verdict"].tolist() == table["verdict"].tolist()


def test_no_deficit_or_no_importance_is_no_pressure():
    rows = [(10, 10, 5), (1, 1, 5), (5, 5, 5)]
    table = of_one(rows)

    assert table["pressure"].tolist()[:2] == [0.0, 0.0] and table.loc["f2", "share"] == 1.0


def test_share_is_missing_where_nobody_is_dissatisfied():
    table = of_one([(10, 5, 5), (10, 8, 5)])

    assert table["share"].isna().all() and (table["pressure"] == 0).all()


# --- a survey, by brute force -------------------------------------------------------------------
def survey(seed: int = 1, n: int = 80, weighted: bool = True) -> pd.DataFrame:
    """Answers with gaps, two segments, weights, and customers to whom nothing matters."""
    rng = np.random.default_rng(seed)
    factors = ["price", "coverage", "service", "image"]
    rows = []
    for i in range(n):
        segment = ["low", "high", None][rng.integers(3)]
        weight = round(float(rng.uniform(0.5, 2)), 2) if weighted else 1.0
        careless = rng.random() < 0.1
        for factor in factors:
            s, w = (float(v) for v in rng.integers(1, 11, 2))
            gap = rng.random(2) < 0.1
            rows.append(
                (f"c{i:03}", segment, factor, None if gap[0] else s,
                 None if gap[1] else (1.0 if careless else w), weight)
            )  # fmt: skip
    names = ["customer", "segment", "factor", "satisfaction", "importance", "weight"]
    return pd.DataFrame(rows, columns=names)


EASE = pd.DataFrame(
    {
        "factor": ["price", "price", "coverage", "service", "weather"],
        "improvability": [1, 3, 7, 9, 2],
        "rater": ["a", "b", "a", "a", "a"],
    }
)


def brute(ratings: pd.DataFrame) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """Everything customer by customer, as the definition says."""
    ease = {"price": 1 / 9, "coverage": 6 / 9, "service": 8 / 9, "image": math.nan}
    pressure = dict.fromkeys(ease, 0.0)
    share, omega, indices = dict.fromkeys(ease, 0.0), 0.0, []
    rated: dict[str, list[tuple[float, float, float]]] = {f: [] for f in ease}
    for _, rows in ratings.dropna(subset=["satisfaction", "importance"]).groupby("customer"):
        total = sum((r.importance - 1) / 9 for r in rows.itertuples())
        if total == 0:
            continue
        weight, own = rows["weight"].iloc[0], 0.0
        omega += weight
        for r in rows.itertuples():
            w, d = (r.importance - 1) / 9 / total, 1 - (r.satisfaction - 1) / 9
            share[r.factor] += weight * w
            pressure[r.factor] += weight * w * d
            rated[r.factor].append((weight, r.satisfaction, r.importance))
            own += w * d
        indices.append((weight, own))
    table = {}
    for f in ease:
        w, s, i = (np.array(v) for v in zip(*rated[f], strict=True))
        p = pressure[f] / omega
        table[f] = {
            "n": len(w), "satisfaction": (w * s).sum() / w.sum(),
            "importance": (w * i).sum() / w.sum(), "importance_share": share[f] / omega,
            "pressure": p, "fixable": p * ease[f], "stuck": p * (1 - ease[f]),
        }  # fmt: skip
    w, c = (np.array(v) for v in zip(*indices, strict=True))
    mean = (w * c).sum() / w.sum()
    n = len(w)
    error = math.sqrt(n / (n - 1) * (w**2 * (c - mean) ** 2).sum()) / w.sum()
    return table, {"n": n, "cci": 100 * mean, "std_error": 100 * error}


@pytest.mark.parametrize("seed", range(4))
def test_a_survey_equals_the_brute_force(seed):
    ratings = survey(seed, weighted=seed % 2 == 0)
    expected, whole = brute(ratings)
    table = cl.cci.matrix(ratings, improvability=EASE, weight="weight").set_index("factor")

    for factor, row in expected.items():
        for column, value in row.items():
            assert table.loc[factor, column] == pytest.approx(value, rel=1e-12, nan_ok=True)
    index = cl.cci.index(ratings, improvability=EASE, weight="weight").loc[0]
    for column, value in whole.items():
        assert index[column] == pytest.approx(value, rel=1e-10)
    assert math.isnan(index["fixable"])  # nobody said how far image can be improved
    assert index["cci"] == pytest.approx(100 * table["pressure"].sum(), rel=1e-13)


def test_groups_are_the_surveys_of_their_own_customers():
    ratings = survey(5)
    table = cl.cci.matrix(ratings, improvability=EASE, weight="weight", by="segment")
    index = cl.cci.index(ratings, improvability=EASE, weight="weight", by=["segment"])

    assert table["segment"].drop_duplicates().isna().tolist() == [False, False, True]
    for segment in ("low", "high", None):
        mine = ratings["segment"].isna() if segment is None else ratings["segment"] == segment
        alone = cl.cci.matrix(ratings[mine], improvability=EASE, weight="weight")
        part = table["segment"].isna() if segment is None else table["segment"] == segment
        got = table[part].drop(columns="segment").reset_index(drop=True)
        pd.testing.assert_frame_equal(got, alone, check_exact=False, rtol=1e-12)
        whole = cl.cci.index(ratings[mine], improvability=EASE, weight="weight")
        row = index["segment"].isna() if segment is None else index["segment"] == segment
        np.testing.assert_allclose(
            index[row].drop(columns="segment").astype(float), whole.astype(float), rtol=1e-10
        )


def test_groups_by_two_columns_keep_their_own_parts():
    """The first group lacks a value of the second column that a later one has."""
    ratings = survey(6)
    ratings = ratings.assign(
        region=ratings["customer"].map(lambda c: "xyy"[int(c[1:]) % 3]),
        shop=ratings["customer"].map(lambda c: "bab"[int(c[1:]) % 3]),
    )
    by, ease = ["region", "shop"], EASE.replace("weather", "image")
    index = cl.cci.index(ratings, improvability=ease, by=by)
    table = cl.cci.matrix(ratings, improvability=ease, by=by)

    assert index[by].to_numpy().tolist() == [["x", "b"], ["y", "a"], ["y", "b"]]
    assert table[by].drop_duplicates().to_numpy().tolist() == index[by].to_numpy().tolist()
    for row in index.itertuples():
        mine = ratings[(ratings["region"] == row.region) & (ratings["shop"] == row.shop)]
        alone = cl.cci.index(mine, improvability=ease).loc[0]
        for part in ("cci", "fixable", "stuck"):
            assert getattr(row, part) == pytest.approx(alone[part], rel=1e-12)


def test_customers_indices_average_to_the_index():
    ratings = survey(7)
    table = cl.cci.per_customer(ratings, improvability=EASE, weight="weight")
    whole = cl.cci.index(ratings, improvability=EASE, weight="weight").loc[0]
    frame = table.frame

    assert list(frame.columns) == ["customer", "n", "cci", "fixable", "stuck", "weight"]
    assert np.average(frame["cci"], weights=frame["weight"]) == pytest.approx(whole["cci"])
    assert len(frame) == whole["n"] and frame["customer"].is_unique
    image = ratings[(ratings["factor"] == "image") & (ratings["satisfaction"] < 10)]
    presses = image[image["importance"] > 1]["customer"]
    assert frame.set_index("customer").loc[presses, "fixable"].isna().all()
    others = frame[~frame["customer"].isin(presses)]
    np.testing.assert_allclose(others["fixable"] + others["stuck"], others["cci"], atol=1e-12)
    lines = table.ledger().query("unit == 'customers'").set_index("rule")["n"]
    assert lines["read"] == lines["used"] + lines["no_importance"] and lines["used"] == len(frame)


def test_owners_add_up_to_the_matrix():
    ratings = survey(8)
    ease = EASE.assign(owner=["sales", "sales", "network", "network", "sky"])
    full = pd.concat(
        [ease, pd.DataFrame({"factor": ["image"], "improvability": [4]})], ignore_index=True
    )
    table = cl.cci.matrix(ratings, improvability=full, by="segment")
    sums = cl.cci.owners(ratings, improvability=full, by="segment")

    assert set(sums["owner"].dropna()) == {"sales", "network"}
    assert sums.groupby("segment", dropna=False)["n_factors"].sum().eq(4).all()
    for column in ("importance_share", "pressure", "fixable", "stuck", "secure", "share"):
        for segment in ("low", "high"):
            a, b = (t[t["segment"] == segment][column].sum() for t in (table, sums))
            assert a == pytest.approx(b, rel=1e-12), column
    unknown = cl.cci.owners(ratings, improvability=ease)
    assert unknown.set_index("owner").loc[[np.nan], "fixable"].isna().all()
    assert unknown["pressure"].is_monotonic_decreasing


def test_two_waves_need_their_column_and_are_told_apart():
    first, second = survey(1), survey(2)
    both = pd.concat([first.assign(wave=1), second.assign(wave=2)], ignore_index=True)

    with pytest.raises(InputError, match="by='wave'"):
        cl.cci.matrix(both)
    table = cl.cci.index(both, by="wave")
    assert table["cci"].tolist() == pytest.approx(
        [cl.cci.index(wave)["cci"].item() for wave in (first, second)]
    )
    lines = cl.ledger(table).set_index("rule")["n"]
    assert lines["several_groups"] > 50


def test_a_column_of_improvability_is_averaged_per_factor_and_group():
    table = pd.DataFrame(
        {
            "customer": ["1", "1", "2", "2"],
            "region": ["n", "n", "s", "s"],
            "factor": ["price", "service"] * 2,
            "satisfaction": [4, 4, 4, 4],
            "importance": [5, 5, 5, 5],
            "improvability": [1, 10, 10, None],
        }
    )
    table["importance"] = 10
    ease = cl.cci.matrix(table).set_index("factor")["improvability"]
    assert ease.to_dict() == {"price": 0.5, "service": 1.0}
    by = cl.cci.matrix(table, by="region").set_index(["region", "factor"])["improvability"]
    assert by["n", "price"] == 0 and by["s", "price"] == 1 and math.isnan(by["s", "service"])
    with pytest.raises(InputError, match="another improvability in another group"):
        cl.cci.per_customer(table, by="region")
    fractions = EASE.assign(improvability=[0.1, 0.3, 0.7, 0.9, 0.2])
    shares = cl.cci.matrix(survey(), improvability=fractions, improvability_scale=(0, 1))
    assert shares.set_index("factor").loc["price", "improvability"] == pytest.approx(0.2)


def test_without_improvability_only_the_pressure_is_known():
    table = cl.cci.matrix(survey(), improvability=None).set_index("factor")

    assert table["pressure"].gt(0).all() and table[["fixable", "stuck"]].isna().all(axis=None)
    assert set(table["verdict"].dropna()) <= {"minor", "low"}


def test_verdicts_at_the_middle_of_the_scale_count_as_high():
    table = of_one([(5.5, 5.5, 5.5), (5.6, 5.5, 5.5), (5.5, 5.5, 5.4), (5.6, 5.5, 5.4)])

    assert table["verdict"].tolist() == ["fix now", "keep", "danger", "guard"]


# --- the ledger ---------------------------------------------------------------------------------
def test_the_ledger_adds_up_and_names_what_is_left_out():
    ratings = survey(3)
    ratings.loc[0, "customer"] = " "
    ratings.loc[1, "factor"] = None
    ratings.loc[ratings["customer"] == "c001", "weight"] = np.nan
    ratings.loc[ratings["customer"] == "c004", "weight"] = 0
    ratings.loc[ratings["factor"] == "image", "factor"] = "Price"
    table = cl.cci.matrix(ratings, improvability=EASE, weight="weight")
    lines = cl.ledger(table)

    rows = lines[lines["unit"] == "rows"].set_index("rule")["n"]
    assert rows["read"] == len(ratings)
    out = rows.drop("read").sum()
    assert rows["read"] == out
    assert {"missing_customer", "missing_factor", "missing_rating", "missing_weight"} <= set(
        rows.index
    )
    assert rows["zero_weight"] > 0
    factors = lines[lines["unit"] == "factors"].set_index("rule")["n"].to_dict()
    # Price and price look alike, nobody gave Price an improvability, nobody rated the weather
    assert factors == {
        "read": 4, "used": 4, "look_alike": 2, "no_improvability": 1, "not_rated": 1,
    }  # fmt: skip


# --- any table ----------------------------------------------------------------------------------
@pytest.fixture(params=PARAMS)
def make(request, tmp_path):
    return maker(request, tmp_path)


@cache
def of_pandas() -> tuple[pd.DataFrame, ...]:
    """What every engine must give, counted once."""
    kept = {"improvability": EASE, "weight": "weight"}
    return (
        cl.cci.matrix(survey(11), by="segment", **kept),
        cl.cci.index(survey(11), by="segment", **kept),
        cl.cci.per_customer(survey(11), **kept).frame,
    )


def test_every_engine_gives_the_same(make):
    table = make(survey(11))
    expected, whole, each = of_pandas()
    got = cl.cci.matrix(table, improvability=EASE, weight="weight", by="segment")

    pd.testing.assert_frame_equal(got, expected, check_exact=False, rtol=1e-12, check_dtype=False)
    assert got.attrs == expected.attrs
    index = cl.cci.index(table, improvability=EASE, weight="weight", by="segment")
    pd.testing.assert_frame_equal(index, whole, check_exact=False, rtol=1e-10, check_dtype=False)
    own = cl.cci.per_customer(table, improvability=EASE, weight="weight").frame
    own = nw.from_native(own).lazy().collect("pandas").to_native()
    own = own.sort_values("customer", ignore_index=True)
    for column in each.columns[1:]:
        np.testing.assert_allclose(own[column].astype(float), each[column], rtol=1e-12)
    assert own["customer"].astype(str).tolist() == each["customer"].tolist()


def test_numbers_as_factors_and_hostile_names():
    ratings = survey(2).rename(
        columns={"customer": "order", "factor": 'a"b', "satisfaction": "区域", "importance": "i n"}
    )
    ratings['a"b'] = ratings['a"b'].map({"price": 1, "coverage": 2, "service": 3, "image": 4})
    names = {"customer": "order", "factor": 'a"b', "satisfaction": "区域", "importance": "i n"}
    plain = cl.cci.matrix(survey(2), improvability=None)
    odd = cl.cci.matrix(ratings, improvability=None, **names)

    np.testing.assert_allclose(odd["pressure"], plain["pressure"], rtol=1e-13)
    assert odd["factor"].dtype.kind == "i"


# --- refusals -----------------------------------------------------------------------------------
def spoiled(**values) -> pd.DataFrame:
    frame = survey(4)
    frame.loc[7, list(values)] = list(values.values())
    return frame


@pytest.mark.parametrize(
    ("frame", "arguments", "words"),
    [
        (spoiled(satisfaction=99.0, importance=5.0), {}, "'satisfaction' holds ratings outside"),
        (spoiled(importance=0.0, satisfaction=5.0), {}, "'importance' holds ratings outside"),
        (survey(), {"scale": (10, 1)}, "scale="),
        (survey(), {"scale": 10}, "scale="),
        (survey(), {"improvability": "ease"}, "no column 'ease'"),
        (survey(), {"improvability": EASE.assign(improvability=11)}, "improvability_scale"),
        (survey(), {"improvability": EASE.assign(factor="x")}, "same way in both"),
        (survey(), {"by": "pressure"}, "also the name of a column"),
        (survey(), {"weight": "wait"}, "'weight'"),
        (survey().drop(columns="customer"), {}, "names no customer"),
        (survey().assign(weight=-1.0), {"weight": "weight"}, "a weight that is none"),
        (survey().assign(weight=range(320)), {"weight": "weight"}, "changes within"),
        (survey().assign(factor=[f"f{i}" for i in range(320)]), {}, "266 different factors"),
        (survey().iloc[:0], {}, "nothing to count"),
        (survey().rename(columns={"factor": "Factor"}), {}, "did you mean 'Factor'"),
    ],
)
def test_what_cannot_be_an_index_is_refused(frame, arguments, words):
    with pytest.raises(InputError, match=words):
        cl.cci.matrix(frame, **arguments)


def test_an_off_scale_message_counts_and_gives_an_example():
    ratings = survey(4)
    ratings.loc[[3, 8, 9], ["satisfaction", "importance"]] = [99.0, 5.0]

    with pytest.raises(InputError, match=r"in 3 rows \(for example 99.0\)"):
        cl.cci.index(ratings)


# --- what an analyst's files brought to light -----------------------------------------------------
def small(**columns) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "customer": list("aabbcc"),
            "factor": ["price", "service"] * 3,
            "satisfaction": [7, 2, 10, 1, 5, 5],
            "importance": [4, 8, 1, 10, 3, 7],
        }
    )
    return frame.assign(**columns)


def test_equal_improvability_in_groups_is_equal_despite_rounding():
    ratings = small(segment=["A"] * 2 + ["B"] * 4, improvability=0.1)
    own = cl.cci.per_customer(ratings, by="segment", improvability_scale=(0, 1)).frame

    np.testing.assert_allclose(own["fixable"], 0.1 * own["cci"])


def test_a_group_without_improvability_does_not_borrow_anothers():
    ratings = small(segment=["A"] * 2 + ["B"] * 4, improvability=[5, 5] + [None] * 4)

    with pytest.raises(InputError, match="another improvability in another group"):
        cl.cci.per_customer(ratings, by="segment")
    fixable = cl.cci.index(ratings, by="segment").set_index("segment")["fixable"]
    assert fixable.isna().to_dict() == {"A": False, "B": True}


@pytest.mark.parametrize("weights", [[0, 1, 1, 1, 2, 2], [None, 1, 1, 1, 2, 2]])
def test_a_weight_that_is_there_on_some_ratings_only_is_refused(weights):
    with pytest.raises(InputError, match="changes within 1 customer"):
        cl.cci.index(small(w=weights), weight="w")
    none = [0 if w in (0, None) else w for w in weights]
    none[1] = none[0]  # the whole customer has none: left out
    assert cl.cci.index(small(w=none), weight="w")["n"].item() == 2


def test_five_stars_are_not_taken_for_ten_points():
    stars = small(satisfaction=[4, 2, 5, 1, 3, 3], importance=[4, 5, 1, 5, 3, 4])

    with pytest.raises(InputError, match=r"say scale=\(1, 5\)"):
        cl.cci.matrix(stars)
    said = cl.cci.index(stars, scale=(1, 5))["cci"].item()
    assert said == pytest.approx(
        cl.cci.index(stars.assign(**{c: (stars[c] - 1) * 9 / 4 + 1 for c in
                                     ("satisfaction", "importance")}))["cci"].item()
    )  # fmt: skip
    seven = survey().assign(
        satisfaction=survey()["satisfaction"].clip(upper=7),
        importance=survey()["importance"].clip(upper=7),
    )
    with pytest.raises(InputError, match="the highest of .* ratings is 7"):
        cl.cci.matrix(seven)


def test_each_rating_may_have_a_scale_of_its_own():
    mixed = small(satisfaction=[4, 2, 5, 1, 3, 3])
    recoded = small(satisfaction=[(s - 1) * 9 / 4 + 1 for s in mixed["satisfaction"]])
    a = cl.cci.matrix(mixed, scale=(1, 5), importance_scale=(1, 10)).set_index("factor")
    b = cl.cci.matrix(recoded).set_index("factor")

    np.testing.assert_allclose(a["pressure"], b["pressure"])
    assert a["verdict"].tolist() == b["verdict"].tolist()
    assert a.loc["price", "satisfaction"] == 4


def test_factors_not_asked_of_everybody_are_noted():
    part = small().drop(index=0)
    lines = cl.ledger(cl.cci.matrix(part)).set_index("rule")["n"]

    assert lines["not_all_factors"] == 1


def test_names_of_columns_do_not_collide():
    with pytest.raises(InputError, match="weight='n' is also the name"):
        cl.cci.per_customer(small(n=2.0), weight="n")
    with pytest.raises(InputError, match="weight='w' is also a column of groups"):
        cl.cci.per_customer(small(w=1), weight="w", by="w")
    with pytest.raises(InputError, match="also the name of a column"):
        cl.cci.matrix(small(item=["x"] * 6), factor="item", by="item")
    with pytest.raises(InputError, match="customer=None"):
        cl.cci.per_customer(small(), customer=None)


def test_nothing_matters_to_anyone():
    for call in (cl.cci.matrix, cl.cci.index, cl.cci.per_customer):
        with pytest.raises(InputError, match="nothing matters to any of the 3 customers"):
            call(small(importance=1))


@pytest.mark.parametrize(
    ("improvability", "words"),
    [
        (EASE.rename(columns={"factor": "item"}), "improvability table: .*'factor'"),
        (EASE.rename(columns={"improvability": "ease"}), "no column 'improvability'"),
        (EASE.iloc[:0], "no rows with a factor"),
        (5, "improvability=5 is no table"),
        (EASE.assign(factor=["Price ", "Price ", "COVERAGE", "Service", "x"]), "case or blanks"),
        (pd.DataFrame({"factor": [1, 2], "improvability": [3, 4]}), "same way in both"),
    ],
)
def test_the_improvability_table_is_named_in_its_refusals(improvability, words):
    with pytest.raises(InputError, match=words):
        cl.cci.matrix(survey(), improvability=improvability)


def test_improvability_may_be_a_dict_or_a_series():
    plain = EASE.groupby("factor")["improvability"].mean()
    expected = cl.cci.matrix(survey(), improvability=EASE)

    for ease in (plain, plain.to_dict()):
        pd.testing.assert_frame_equal(cl.cci.matrix(survey(), improvability=ease), expected)


def test_an_unowned_matrix_does_not_ask_who_owns():
    assert len(cl.cci.matrix(survey(), improvability=EASE.assign(Owner="x"))) == 4


def test_text_ratings_are_refused_with_the_value_that_is_none():
    text = small(satisfaction=["7", "8 ", "n/a", "10/10", "5", "7,5"])

    with pytest.raises(InputError, match=r"3 of its different values .*\(for example '10/10'\)"):
        cl.cci.matrix(text)
    with pytest.raises(InputError, match="numbers written as text"):
        cl.cci.matrix(small(satisfaction=["7", "8 ", "1", "10", "5", "7.5"]))


def test_a_refusal_says_where_the_rows_went():
    with pytest.raises(InputError, match="missing_rating 6"):
        cl.cci.matrix(small(satisfaction=np.nan))


def test_a_wide_table_is_told_how_to_become_long():
    wide = pd.DataFrame({"customer": ["a"], "price": [3], "service": [4]})
    with pytest.raises(InputError, match="pandas.melt"):
        cl.cci.matrix(wide)


def test_groups_by_a_moment_with_a_zone_are_refused():
    zoned = pd.to_datetime(["2024-01-01"] * 6).tz_localize("Asia/Shanghai")
    with pytest.raises(InputError, match="depends on the zone"):
        cl.cci.matrix(small(day=zoned), by="day")


def test_repeats_within_a_wave_name_the_wave():
    twice = pd.concat([small(wave=1)] * 2, ignore_index=True)
    with pytest.raises(InputError, match="customer 'a', wave 1 rated factor 'price' 2 times"):
        cl.cci.matrix(twice, by="wave")


def test_owners_must_be_named_once():
    ratings = survey()
    with pytest.raises(InputError, match="'owner'"):
        cl.cci.owners(ratings, improvability=EASE)
    with pytest.raises(InputError, match="more than one owner"):
        cl.cci.owners(ratings, improvability=EASE.assign(owner=list("abcde")))
