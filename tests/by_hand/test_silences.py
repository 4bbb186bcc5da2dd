"""Silences in own usual gaps, worked by hand on every engine and under hostile names."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from tests import engines

# as_of 1 March 2026; days of January and February are 1 … 59
DAYS = {
    "even": [1, 11, 31, 35, 41],  # gaps 10, 20, 4, 6: middle ones 6 and 10, median 8
    "odd": [1, 3, 33, 38],  # gaps 2, 30, 5: median 5
    "daily": [57, 58, 59, 59],  # gaps 1, 1: twice on the last day is once
    "two": [10, 30],  # one gap: no rhythm yet
    "once": [59],
    "refunded": [5, 9, 12, 50],  # the visit of day 50 is a refund: gaps 4, 3
}
ROWS = [(c, pd.Timestamp("2025-12-31") + pd.Timedelta(days=d), 1.0) for c in DAYS for d in DAYS[c]]
LOG = pd.DataFrame(ROWS, columns=["order", "time out", "区域"]).astype(
    {"time out": "datetime64[s]"}
)
LOG["by0"] = LOG["order"].map({"even": "x", "odd": "x", "daily": "y", "two": "y", "once": "y"})
LOG.loc[(LOG["order"] == "refunded") & (LOG["time out"] == "2026-02-19"), "区域"] = -1.0
ROLES = {"customer": "order", "time": "time out", "amount": "区域", "as_of": "2026-03-01"}


@pytest.fixture(params=engines.PARAMS)
def table_of(request, tmp_path):
    return engines.maker(request, tmp_path)


def test_six_customers_on_every_engine(table_of):
    """as_of is day 60: since_last is 60 − last; a multiple is that over the own median gap."""
    table = cl.purchases.silences(table_of(LOG), keep="by0", **ROLES)

    relation = cl.engine.scan(
        table, {"customer": ("customer", "id"), "last": ("last", "time")}
        | {n: (n, "number") for n in ("n_gaps", "since_last", "median_gap", "multiple")}
        | {"group": ("by0", "label")},
    )  # fmt: skip
    found = cl.engine.collect(relation.lazy).set_index("customer")
    expected = {  # n_gaps, last, since_last, median_gap, multiple
        "daily": (2, 59, 1, 1.0, 1.0),
        "even": (4, 41, 19, 8.0, 19 / 8),
        "odd": (3, 38, 22, 5.0, 22 / 5),
        "once": (0, 59, 1, None, None),
        "refunded": (2, 12, 48, 3.5, 48 / 3.5),
        "two": (1, 30, 30, None, None),
    }
    assert set(found.index) == set(expected)
    for customer, (n_gaps, last, since, median, multiple) in expected.items():
        row = found.loc[customer]
        assert (row["n_gaps"], row["since_last"]) == (n_gaps, since)
        assert pd.Timestamp(row["last"]) == pd.Timestamp("2025-12-31") + pd.Timedelta(days=last)
        if median is None:
            assert pd.isna(row["median_gap"]) and pd.isna(row["multiple"])
        else:
            assert (row["median_gap"], row["multiple"]) == (median, multiple)
    assert pd.isna(found.loc["refunded", "group"]) and found.loc["odd", "group"] == "x"

    bands = cl.purchases.silence_bands(table, by="by0", multiples=(1, 4))

    # x: 2.375 and 4.4; y: 1 and two without a rhythm; missing: 13.7
    assert bands["n"].tolist() == [0, 1, 1, 0] + [1, 0, 0, 2] + [0, 0, 1, 0]
    assert bands["by0"].isna().tolist() == [False] * 8 + [True] * 4
    assert bands["share"].tolist() == pytest.approx(
        [0, 0.5, 0.5, 0] + [1 / 3, 0, 0, 2 / 3] + [0, 0, 1, 0]
    )

    gaps = cl.purchases.gap_quantiles(table_of(LOG), by="by0", q=(0.5, 0.9, 1), **ROLES)

    # x: 2 4 5 6 10 20 30, the 4th is the first with half at or below; y: 1 1 20; missing: 3 4
    assert gaps["n"].tolist() == [7] * 3 + [3] * 3 + [2] * 3
    assert gaps["gap"].tolist() == [6, 30, 30] + [1, 20, 20] + [3, 4, 4]


def test_edges_of_a_silence():
    """In months: as_of lies in March, and who came in March has been silent for no month."""
    log = pd.DataFrame(
        [("now", "2026-03-02"), ("last", "2026-02-27"), ("before", "2026-01-31")],
        columns=["customer", "time"],
    ).astype({"time": "datetime64[s]"})

    found = cl.purchases.silences(log, period="month", as_of="2026-03-15").frame

    assert found["customer"].tolist() == ["before", "last", "now"]
    assert found["since_last"].tolist() == [2, 1, 0]
    april = cl.purchases.silences(log, period="month", as_of="2026-04-01").frame
    assert april["since_last"].tolist() == [3, 2, 1]


def test_a_share_is_reached_at_the_gap_itself():
    """20 gaps of 1 … 20 days: 0.05 is reached at 1, 0.95 at 19 and not at 20."""
    days = np.cumsum([0, *range(1, 21)])
    log = pd.DataFrame(
        {"customer": "a", "time": pd.Timestamp("2025-01-01") + pd.to_timedelta(days, "D")}
    )

    found = cl.purchases.gap_quantiles(log, q=[0.95, 0.05, 0.9501, 0.5])

    assert found["q"].tolist() == [0.05, 0.5, 0.95, 0.9501]
    assert found["gap"].tolist() == [1, 10, 19, 20]


def test_bands_hold_their_upper_edge():
    """Exactly 1 is in the first band; a hair more is not."""
    exact = pd.DataFrame({"multiple": [0.0, 1.0, np.nextafter(1, 2), 5.0, 5.1, None]})

    found = cl.purchases.silence_bands(exact)

    assert found["n"].tolist() == [2, 1, 0, 1, 1, 1]
    assert found["share"].sum() == pytest.approx(1)
    assert found["multiple_to"].tolist()[:5] == [1, 2, 3, 5, np.inf]
    assert found.iloc[-1][["multiple_from", "multiple_to"]].isna().all()
