"""Shipped data sets: the registry tells the truth, and every story's figures are computed here."""

from __future__ import annotations

import hashlib
import json
import math
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

import churnlab as cl
from churnlab import datasets
from churnlab.checks import InputError
from churnlab.datasets import shipped
from tests import reference

REGISTRY = json.loads((files("churnlab.data") / "registry.json").read_text(encoding="utf-8"))
NAMES = [entry["name"] for entry in REGISTRY]
STORY = {entry["name"]: entry["story"] for entry in REGISTRY}
KINDS = {"text", "date", "integer", "number"}
KINDS |= {"text or missing", "date or missing", "number or missing"}
FACTORS = ["price", "call_quality", "coverage", "customer_service", "image", "new_technology"]


def tells(name: str, *figures: str) -> None:
    """The story of a set holds these figures, which a test has just computed."""
    assert [figure for figure in figures if figure not in STORY[name]] == []


def log_beta(a: float, b: float) -> float:
    """Logarithm of the beta function."""
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def median(curve: pd.DataFrame, column: str = "estimate") -> int:
    """First duration at which half or fewer are left."""
    return int(curve.loc[curve[column] <= 0.5, "duration"].iloc[0])


# --- the registry -------------------------------------------------------------------------------
def test_the_catalogue_lists_every_file_with_every_field() -> None:
    catalogue = datasets.catalogue()
    assert list(catalogue.columns) == [
        "name", "rows", "unit", "origin", "source", "licence", "story", "sha256",
    ]  # fmt: skip
    assert list(catalogue["name"]) == NAMES
    assert catalogue["name"].is_unique
    assert set(catalogue["origin"]) <= {"real", "sample", "generated"}
    for column in catalogue.columns.drop("rows"):
        assert catalogue[column].str.strip().str.len().gt(2).all(), column
    shipped_files = {
        f.name for f in files("churnlab.data").iterdir() if f.name.endswith(("csv", "parquet"))
    }
    assert shipped_files == {entry["file"] for entry in REGISTRY}
    assert [name for name in NAMES if "Traps: " not in STORY[name]] == []


@pytest.mark.parametrize("entry", REGISTRY, ids=NAMES)
def test_a_shipped_set_is_what_the_registry_says(entry: dict) -> None:
    content = (files("churnlab.data") / entry["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    frame = datasets.load(entry["name"])
    assert len(frame) == entry["rows"]
    assert list(frame.columns) == list(entry["columns"])
    assert set(entry["columns"].values()) <= KINDS
    for column, kind in entry["columns"].items():
        word = kind.removesuffix(" or missing")
        assert frame[column].isna().any() == (word != kind), column
        if word == "text":
            assert pd.api.types.is_string_dtype(frame[column].dropna())
            assert frame[column].dropna().map(type).eq(str).all()
        else:
            wanted = {"date": "datetime64[ns]", "integer": "int64", "number": "float64"}[word]
            assert str(frame[column].dtype) == wanted
        if word == "date":
            assert frame[column].dt.normalize().equals(frame[column])


@pytest.mark.parametrize("entry", REGISTRY, ids=NAMES)
def test_the_readme_beside_the_data_repeats_the_registry(entry: dict) -> None:
    readme = (files("churnlab.data") / "README.md").read_text(encoding="utf-8")
    section = readme.split(f"## {entry['name']}\n")[1].split("\n## ")[0]
    for field in ("file", "unit", "origin", "source", "licence", "story", "sha256"):
        assert entry[field] in section, field
    assert f"| rows | {entry['rows']:,} |" in section
    columns = ", ".join(f"`{column}` ({kind})" for column, kind in entry["columns"].items())
    assert f"| columns | {columns} |" in section


def test_the_data_stay_small() -> None:
    folder = files("churnlab.data")
    assert sum(len((folder / entry["file"]).read_bytes()) for entry in REGISTRY) < 1_000_000


# --- loading ------------------------------------------------------------------------------------
def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match="'cdnov'") as error:
        datasets.load("cdnov")
    assert all(name in str(error.value) for name in NAMES)


def test_a_loaded_frame_is_the_callers_own() -> None:
    frame = datasets.load("four_customers")
    frame.loc[0, "customer"] = "changed"
    assert datasets.load("four_customers").loc[0, "customer"] == "1"


def test_an_empty_cell_is_missing_only_where_the_registry_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "odd.csv").write_text("id,note,plan,end,x\n007,,,,\nNA,nan,b,2026-01-02,1.5\n")
    kinds = {"id": "text", "note": "text", "plan": "text or missing"}
    kinds |= {"end": "date or missing", "x": "number or missing"}
    entry = {"file": "odd.csv", "columns": kinds}
    monkeypatch.setattr(shipped, "_registry", lambda: {"odd": entry})
    monkeypatch.setattr(shipped, "files", lambda _: tmp_path)
    frame = datasets.load("odd")
    assert frame[["id", "note"]].to_numpy().tolist() == [["007", ""], ["NA", "nan"]]
    assert frame.isna().to_numpy().tolist() == [[False, False, True, True, True], [False] * 5]
    assert list(frame.loc[1, ["plan", "end", "x"]]) == ["b", pd.Timestamp("2026-01-02"), 1.5]
    kinds["plan"] = "text"
    assert datasets.load("odd").loc[0, "plan"] == ""
    kinds["x"] = "number"
    with pytest.raises(ValueError, match="could not convert"):
        datasets.load("odd")


# --- purchases and activity ---------------------------------------------------------------------
def test_cdnow_has_the_traps_its_story_tells() -> None:
    cdnow = datasets.load("cdnow_transactions")
    assert len(cdnow) == 69659
    assert cdnow["customer"].nunique() == 23570
    assert cdnow.duplicated().sum() == 255
    assert (cdnow["amount"] == 0).sum() == 80
    first = cdnow.groupby("customer")["time"].min()
    assert first.between("1997-01-01", "1997-03-31").all()
    assert cdnow["time"].max() == pd.Timestamp("1998-06-30")
    cents = (cdnow["amount"] * 100).round()
    assert (cents / 100 == cdnow["amount"]).all()


def test_the_cdnow_sample_uses_the_words_of_purchase_models() -> None:
    rfm = datasets.load("cdnow_rfm_39_weeks")
    assert list(rfm.columns) == ["customer", "frequency", "recency", "T", "monetary"]
    assert (rfm["recency"] <= rfm["T"]).all()
    assert ((rfm["frequency"] == 0) == (rfm["recency"] == 0)).all()
    assert rfm["T"].max() < 39
    # The article's count of customers without a repeat purchase.
    assert (rfm["frequency"] == 0).sum() == 1411


def test_six_customers_have_the_spells_their_story_tells() -> None:
    # By hand, inactivity 30 days, as_of 2026-05-05, so the cut c is 2026-04-05.
    cut = pd.Timestamp("2026-05-05") - pd.Timedelta(days=30)
    spells = {}
    for customer, rows in datasets.load("six_customers").groupby("customer"):
        times = list(rows["time"])
        last = next((a for a, b in pairwise(times) if (b - a).days >= 30), times[-1])
        if times[0] <= cut:
            end = min(last, cut)
            spells[customer] = ((end - times[0]).days, last <= cut)
    assert spells == {
        "C1": (11, False), "C2": (54, False), "C3": (14, True), "C4": (0, True), "C6": (5, True),
    }  # fmt: skip


def test_four_customers_are_the_stated_log() -> None:
    log = datasets.load("four_customers")
    log = log.assign(time=log["time"].dt.strftime("%m-%d"))
    assert log.to_numpy().tolist() == [
        ["1", "01-05"], ["1", "02-10"], ["1", "03-02"],
        ["2", "01-20"], ["2", "02-03"], ["3", "02-07"], ["4", "03-04"],
    ]  # fmt: skip


def test_donations_are_cells_of_donors() -> None:
    cells = datasets.load("donations")
    assert cells["count"].sum() == 11_104
    assert (cells["count"] * cells["frequency"]).sum() == 24_615
    assert cells["T"].eq(6).all()
    # Every history that six opportunities allow, once: 1 + (1 + 2 + ... + 6).
    assert list(zip(cells["frequency"], cells["recency"], strict=True)) == [(0, 0)] + [
        (frequency, recency) for frequency in range(1, 7) for recency in range(frequency, 7)
    ]
    by_cell = cells.set_index(["frequency", "recency"])["count"]
    assert (by_cell[0, 0], by_cell[1, 4], by_cell[6, 6]) == (3464, 78, 1203)
    tells("donations", "11,104", "24,615", "22 rows", "3,464", "the 78 who", "6 opportunities")


def test_donations_have_the_published_likelihood() -> None:
    a, b, c, d = 1.204, 0.750, 0.657, 2.783
    total = 0.0
    for x, last, n, donors in datasets.load("donations").itertuples(index=False):
        # BG/BB: alive to the end, or gone right after opportunity i.
        ways = [log_beta(a + x, b + n - x) + log_beta(c, d + n)]
        ways += [log_beta(a + x, b + i - x) + log_beta(c + 1, d + i) for i in range(last, n)]
        constant = log_beta(a, b) + log_beta(c, d)
        total += donors * math.log(sum(math.exp(way - constant) for way in ways))
    assert round(total, 1) == -33225.6


# --- customers of telephone companies -----------------------------------------------------------
def test_telco_has_the_traps_its_story_tells() -> None:
    telco = datasets.load("telco_churn")
    left = telco["churn"].eq("Yes")
    assert (len(telco), left.sum(), telco["tenure"].max()) == (7043, 1869, 72)
    assert "customer" not in telco
    assert telco.duplicated().sum() == 22
    missing = telco["total_charges"].isna()
    assert missing.sum() == 11 and (missing == telco["tenure"].eq(0)).all()
    shares = left.groupby(telco["contract"]).mean().round(4).to_dict()
    assert shares == {"Month-to-month": 0.4271, "One year": 0.1127, "Two year": 0.0283}
    tells("telco_churn", "7,043", "1,869", f"({left.mean():.1%})", "11 customers", "22 rows")


def test_the_usual_curve_on_telco_tenure_says_whatever_you_like() -> None:
    telco = datasets.load("telco_churn")
    rows = pd.DataFrame({"duration": telco["tenure"], "event": telco["churn"].eq("Yes")})
    rows = rows[rows["duration"] > 0]
    usual = cl.survival.kaplan_meier(rows)
    monthly = cl.survival.kaplan_meier(rows.assign(entry=rows["duration"] - 1))
    shares = [
        f"{curve.loc[curve['duration'] == 12, 'estimate'].item():.1%}" for curve in (usual, monthly)
    ]
    assert shares == ["84.3%", "0.1%"]
    tells("telco_churn", *shares)


def test_phone_plan_has_the_traps_its_story_tells() -> None:
    phone = datasets.load("phone_plan_churn")
    left = phone["churn"].eq("yes")
    assert (len(phone), left.sum()) == (5000, 707)
    plans = left.groupby(phone["international_plan"]).mean()
    calls = left.groupby(phone["number_customer_service_calls"].ge(4)).mean()
    length = phone["account_length"].groupby(left).mean()
    tells("phone_plan_churn", "5,000", "707", *(f"{s:.1%}" for s in [left.mean(), *plans, *calls]))
    tells(
        "phone_plan_churn", f"mean {length[True]:.0f} among", f"{length[False]:.0f} among stayers"
    )
    assert round(phone["account_length"].corr(left.astype(float)), 2) == 0.02
    for time, price in {"day": 0.17, "eve": 0.085, "night": 0.045, "intl": 0.27}.items():
        charge = phone[f"total_{time}_minutes"] * price
        # Charges are rounded to cents.
        assert (phone[f"total_{time}_charge"] - charge).abs().max() < 0.00501
        tells("phone_plan_churn", str(price))
    assert len(phone[["state", "area_code"]].drop_duplicates()) == 51 * 3


# --- the Customer Churn Index -------------------------------------------------------------------
def test_the_tables_of_the_index_are_exact() -> None:
    table = datasets.load("cci_table_2")
    assert table.to_numpy().tolist() == [
        ["price", 10, 3, 1], ["call_quality", 10, 6, 3], ["coverage", 1, 8, 7],
        ["customer_service", 10, 4, 9], ["image", 10, 1, 4], ["new_technology", 10, 7, 3],
    ]  # fmt: skip
    first = datasets.load("cci_table_1")
    pd.testing.assert_frame_equal(first, table[["factor", "satisfaction"]])
    tells("cci_table_1", f"mean of {first['satisfaction'].mean()}")
    tells("cci_table_2", ", ".join(map(str, table["importance"])), "importance 8", "(9)", "(7)")
    names = datasets.load("cci_factors").set_index("factor")
    assert list(names.index) == FACTORS
    assert list(names["english"]) == [factor.replace("_", " ") for factor in FACTORS]
    assert list(names["chinese"]) == ["价格", "通话质量", "网络覆盖", "客户服务", "形象", "新技术"]


def test_the_variants_of_the_index_change_the_stated_cells_only() -> None:
    table = datasets.load("cci_table_2").set_index("factor")
    changes = {}
    for name in ("cci_variant_a", "cci_variant_b"):
        variant = datasets.load(name).set_index("factor")
        assert list(variant.index) == FACTORS
        differs = (variant != table).stack()
        changes[name] = {cell: int(variant.loc[cell]) for cell in differs[differs].index}
    new = ("new_technology", "satisfaction")
    assert changes["cci_variant_a"] == {new: 2}
    assert changes["cci_variant_b"] == {new: 2, ("coverage", "satisfaction"): 10}


# --- published subscription tables --------------------------------------------------------------
def loyalty(alpha: float, beta: float, left: list[float]) -> float:
    """Log-likelihood of the shifted beta-geometric: S(t) = B(alpha, beta + t) / B(alpha, beta)."""
    log_s = [log_beta(alpha, beta + t) - log_beta(alpha, beta) for t in range(len(left))]
    gone = [math.log(math.exp(a) - math.exp(b)) for a, b in pairwise(log_s)]
    lost = [a - b for a, b in pairwise(left)]
    return sum(n * p for n, p in zip(lost, gone, strict=True)) + left[-1] * log_s[-1]


@pytest.mark.parametrize(
    ("segment", "alpha", "beta", "ends", "log_likelihood"),
    [
        ("Regular", 0.7041, 1.1820, [100, 63.1, 18.3, 17.3], -1680.265),
        ("High End", 0.6681, 3.8061, [100, 86.9, 40.9, 39.4], -1611.158),
    ],
)
def test_the_two_segments_are_as_printed_and_fit_as_published(
    segment: str, alpha: float, beta: float, ends: list[float], log_likelihood: float
) -> None:
    table = datasets.load("shifted_beta_geometric")
    percent = table.loc[table["segment"] == segment].set_index("year")["percent"]
    assert list(percent.index) == list(range(13))
    assert percent.loc[[0, 1, 11, 12]].to_list() == ends
    assert percent.diff().dropna().lt(0).all()
    # Retention rises with tenure: the last year keeps more than the first.
    assert percent[12] / percent[11] > 0.94 > percent[1] / percent[0]
    # Seven years of 1000 customers, at the published parameters.
    found = loyalty(alpha, beta, (percent[:8] * 10).to_list())
    assert found == pytest.approx(log_likelihood, abs=6e-4)


def test_the_cohorts_of_two_cases_part_after_the_first_year() -> None:
    cohorts = datasets.load("contract_cohorts")
    assert list(cohorts["year"]) == [*range(5), *range(5)]
    left = {case: rows["customers"].to_list() for case, rows in cohorts.groupby("case")}
    assert left == {1: [10000, 8000, 6480, 5307, 4391], 2: [10000, 8000, 7600, 7383, 7235]}
    kept = {case: [b / a for a, b in pairwise(numbers)] for case, numbers in left.items()}
    assert kept[1][0] == kept[2][0] == 0.8
    # Five cohorts, one started each year, at the best parameters of each case.
    five = {
        case: sum(loyalty(a, b, left[case][:years]) for years in range(1, 6))
        for case, a, b in ((1, 3.798, 15.192), (2, 0.0667, 0.2667))
    }
    assert five == pytest.approx({1: -40255.837, 2: -27476.660}, abs=2e-3)
    tells("contract_cohorts", f"{kept[1][3]:.1%}", f"{kept[2][1]:.0%}", f"{kept[2][3]:.1%}")


# --- clinical classics and simulated cases ------------------------------------------------------
def test_leukaemia_is_the_published_trial() -> None:
    children = datasets.load("leukaemia")
    groups = children.groupby("treatment")["event"].agg(["size", "sum"])
    assert groups.to_numpy().tolist() == [[21, 9], [21, 21]]
    assert (len(children), children["duration"].sum()) == (42, 541)
    assert children["sex"].value_counts().to_dict() == {"female": 22, "male": 20}
    assert children["log_wbc"].agg(["min", "max"]).to_list() == [1.45, 5.0]
    curves = cl.survival.kaplan_meier(children, by="treatment").groupby("treatment")
    assert {name: median(curve) for name, curve in curves} == {"6-MP": 23, "placebo": 8}
    tells("leukaemia", "42 children, 541 weeks, 30 relapses", "medians 23 and 8")
    # The same children as those R was given, in another order.
    frozen = reference.read("leukaemia").rename(columns={"weeks": "duration"})
    by = ["duration", "event", "treatment"]
    assert children.value_counts(by).to_dict() == frozen.value_counts(by).to_dict()


def test_lung_is_the_table_of_r() -> None:
    lung = datasets.load("lung")
    assert (len(lung), lung["event"].sum()) == (228, 165)
    missing = lung.isna().sum()
    assert missing[missing > 0].to_dict() == {
        "institution": 1, "ph_ecog": 1, "ph_karno": 1, "pat_karno": 3, "meal_cal": 47, "wt_loss": 14
    }  # fmt: skip
    tells("lung", "228", "165", "67 values", "six columns", f"{len(lung.dropna())} with all")
    frozen = reference.read("lung").rename(columns={"time": "duration", "inst": "institution"})
    frozen.columns = frozen.columns.str.replace(".", "_", regex=False)
    frozen["event"] = frozen["status"] - 1
    frozen["sex"] = frozen["sex"].map({1: "male", 2: "female"})
    numbers = lung.assign(institution=lung["institution"].astype("float64"))
    pd.testing.assert_frame_equal(numbers, frozen[list(lung.columns)], check_dtype=False)
    for conf, low, high in (("log", 285, 363), ("log-log", 284, 361)):
        curve = cl.survival.kaplan_meier(lung, conf=conf)
        assert [median(curve, x) for x in ("estimate", "conf_low", "conf_high")] == [310, low, high]
        tells("lung", "median 310", f"{low} to {high}")


def test_aml_gives_the_published_log_rank_test() -> None:
    aml = datasets.load("aml")
    groups = aml.groupby("treatment")["event"].agg(["size", "sum"])
    assert groups.to_numpy().tolist() == [[11, 7], [12, 11]]
    maintained = aml["treatment"].eq("maintained")
    assert aml.loc[maintained, "duration"].nlargest(2).to_list() == [161, 48]
    expected = variance = 0.0
    for time in aml.loc[aml["event"] == 1, "duration"].unique():
        at_risk = aml["duration"] >= time
        n, d = at_risk.sum(), (aml["duration"].eq(time) & aml["event"].eq(1)).sum()
        share = (at_risk & maintained).sum() / n
        expected += d * share
        variance += d * share * (1 - share) * (n - d) / max(n - 1, 1)
    assert round(expected, 2) == 10.69
    assert round((7 - expected) ** 2 / variance, 1) == 3.4
    tells("aml", "23 patients, 18 events", "7 of 11", "11 of 12", "chi-square 3.4", "161")


def test_gray_100_gives_the_incidence_that_cmprsk_prints() -> None:
    cases = datasets.load("gray_100").sort_values("duration", ignore_index=True)
    assert cases["duration"].is_unique
    assert cases["reason"].value_counts().to_dict() == {2: 36, 0: 32, 1: 32}
    assert cases["group"].value_counts().to_dict() == {"a": 36, "b": 34, "c": 30}
    assert cases["stratum"].value_counts().to_dict() == {1: 52, 2: 48}
    incidence = {1: [0.2352861, 0.3287068, 0.4247898, 0.4247898, 0.4247898]}
    incidence[2] = [0.2567862, 0.3931580, 0.4631781, 0.4911861, 0.4911861]
    # Aalen-Johansen by hand, without ties: what is left before, over those at risk.
    at_risk = pd.Series(range(len(cases), 0, -1))
    before = (1 - cases["reason"].gt(0) / at_risk).cumprod().shift(fill_value=1.0)
    for reason, printed in incidence.items():
        steps = before * cases["reason"].eq(reason) / at_risk
        found = [steps[cases["duration"] <= time].sum() for time in range(1, 6)]
        assert found == pytest.approx(printed, abs=5e-8)
        tells("gray_100", str(printed[0]))
