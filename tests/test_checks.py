"""The contract's own pieces: messages, ledgers, tables, argument checks."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

import churnlab as cl
from churnlab import checks


def test_a_message_says_what_where_how_many_an_example_and_what_to_do():
    error = checks.reject(
        "is negative", column='a"b', n=1200, example=np.float64(-2.5), remedy="Mend it."
    )

    assert str(error) == "column 'a\"b' is negative in 1,200 rows (for example -2.5). Mend it."


def test_long_examples_are_cut():
    error = checks.reject("is odd", column="a", n=1, example="x" * 500, remedy="Mend it.")

    assert len(str(error)) < 130


def test_missing_columns_name_the_likely_one():
    with pytest.raises(
        cl.InputError, match=r"no columns 'time', 'custmer' \(did you mean 'customer'\?\)"
    ):
        checks.require_columns(["time", "custmer"], ["customer", "when"])
    with pytest.raises(cl.InputError, match="did you mean ' Time'"):
        checks.require_columns(["time"], [" Time"])
    with pytest.raises(cl.InputError, match="Its columns: none"):
        checks.require_columns(["time"], [])


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, "0.95", True, None])
def test_levels_outside_are_refused(level):
    with pytest.raises(cl.InputError, match="strictly between 0 and 1"):
        checks.confidence(level)


def test_ninety_five_is_taken_for_a_slip():
    with pytest.raises(cl.InputError, match=r"Did you mean 0\.95"):
        checks.confidence(95)


@pytest.mark.parametrize("value", [2, 2.0, np.int64(2), np.float64(2)])
def test_whole_numbers_of_any_kind(value):
    assert checks.whole("k", value, least=1) == 2


@pytest.mark.parametrize("value", [True, "2", 2.5, float("nan"), float("inf"), None])
def test_what_is_no_whole_number(value):
    with pytest.raises(cl.InputError, match=r"k=.* must be a whole number"):
        checks.whole("k", value, least=1)


def test_groups():
    assert checks.group_columns(None, ()) == ()
    assert checks.group_columns("a", ()) == ("a",)
    assert checks.group_columns(["a", "b"], ()) == ("a", "b")
    with pytest.raises(cl.InputError, match="names a column twice"):
        checks.group_columns(["a", "a"], ())
    with pytest.raises(cl.InputError, match="must be a column name"):
        checks.group_columns([1], ())


def test_a_ledger_needs_a_result():
    with pytest.raises(cl.InputError, match="carries no ledger"):
        cl.ledger(pd.DataFrame({"a": [1]}))


def test_a_table_is_frozen_and_counts_once():
    counted = []

    def count():
        counted.append(1)
        return checks.entries("here", "rows", {"read": 2, "used": 2, "refund": 0})

    table = cl.Table(pd.DataFrame(), "2026-01-01T00:00:00", count)

    assert not counted
    assert table.ledger()["rule"].tolist() == ["read", "used"]
    assert len(table.ledger()) == 2
    assert len(counted) == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        table.as_of = None
    assert "2026-01-01" in repr(table)


def test_rules_have_one_fate_and_a_meaning():
    assert {rule.fate for rule in checks.RULES.values()} == {"read", "used", "excluded", "noted"}
    assert all(rule.meaning for rule in checks.RULES.values())


def test_an_optional_name_is_a_plain_name_to_read():
    assert repr(checks.IfPresent("amount")) == "'amount'"
