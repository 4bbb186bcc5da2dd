"""The reason of a spell is that of the contract that ends it."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from tests import engines

DAY = "datetime64[s]"


@pytest.fixture(params=engines.PARAMS)
def make(request, tmp_path):
    return engines.maker(request, tmp_path)


def contracts() -> pd.DataFrame:
    rows = [
        ("a", "2026-01-01", "2026-02-01", "renewed"),  # touches the next: one spell
        ("a", "2026-02-01", "2026-03-01", "price"),
        ("b", "2026-01-01", "2026-02-01", "moved"),
        ("b", "2026-03-01", None, "nonsense"),  # running: it has not ended for any reason
        ("c", "2026-01-01", "2026-02-01", ""),
        ("d", "2026-01-01", "2026-03-01", "service"),  # the longer one ends the spell
        ("d", "2026-01-15", "2026-02-01", "a cheaper plan"),
        ("e", "2026-01-01", "2026-02-01", "price"),  # two end it: the first in order of text
        ("e", "2026-01-10", "2026-02-01", "moved"),
        ("f", "2026-01-01", "2026-09-01", "later"),  # ends after as_of: running
    ]
    frame = pd.DataFrame(rows, columns=["customer", "start", "end", 'why "so"'])
    return frame.astype({"start": DAY, "end": DAY})


def test_a_spell_has_the_reason_of_the_contract_that_ends_it(make):
    table = cl.spells.subscriptions_to_spells(
        make(contracts()), as_of="2026-04-01", reason='why "so"', spells="all"
    )
    rows = nw.from_native(table.frame).lazy().collect(backend="pandas").to_native()
    frame = rows.sort_values(["customer", "spell"])
    found = [
        (r.customer, int(r.spell), None if pd.isna(r.reason) else r.reason)
        for r in frame.itertuples()
    ]

    assert found == [
        ("a", 1, "price"), ("b", 1, "moved"), ("b", 2, None), ("c", 1, None), ("d", 1, "service"),
        ("e", 1, "moved"), ("f", 1, None),
    ]  # fmt: skip


def test_the_reasons_equal_a_loop_over_random_contracts():
    rng = np.random.default_rng(3)
    n = 600
    start = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D")
    end = (start + pd.to_timedelta(rng.integers(0, 60, n), unit="D")).to_series(index=range(n))
    frame = pd.DataFrame({
        "customer": [f"c{k}" for k in rng.integers(0, 150, n)], "start": start,
        "end": end.where(rng.random(n) < 0.9), "reason": rng.choice(["x", "y", None], n),
    }).astype({"start": DAY, "end": DAY})  # fmt: skip
    as_of = pd.Timestamp("2026-10-01")
    expected = {}
    for who, rows in frame[frame["start"] < as_of].groupby("customer"):
        spell, reach = 0, None
        for row in rows.sort_values(["start", "end"]).itertuples():
            until = row.end if pd.notna(row.end) and row.end <= as_of else pd.Timestamp.max
            if reach is None or row.start > reach:
                spell, reach, why = spell + 1, until, [row.reason]
            elif until > reach:
                reach, why = until, [row.reason]
            elif until == reach:
                why.append(row.reason)
            told = [] if reach == pd.Timestamp.max else [w for w in why if isinstance(w, str)]
            expected[who, spell] = min(told, default=None)

    table = cl.spells.subscriptions_to_spells(frame, as_of=as_of, reason="reason", spells="all")
    found = {
        (r.customer, int(r.spell)): r.reason if isinstance(r.reason, str) else None
        for r in table.frame.itertuples()
    }

    assert found == expected
    assert {"x", "y", None} == set(expected.values())
    without = cl.spells.subscriptions_to_spells(frame, as_of=as_of, spells="all").frame
    pd.testing.assert_frame_equal(table.frame.drop(columns="reason"), without)
